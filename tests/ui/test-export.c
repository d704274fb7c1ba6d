/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* What leaves the program as a file, as paper, and as an address in other words. */

#include "model/export.h"
#include "model/notation.h"

#include <gtk/gtk.h>
#include <glib/gstdio.h>
#include <string.h>

#include "session/expression.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe\n"                                                                          \
  "alloc $a = 0x20000000 64K reserve|commit readwrite\n"                                           \
  "write $a+0x1000 8\n"

typedef struct
{
  AtlasDocument *document;
  AtlasViewport *viewport;
  AtlasBookmarks *bookmarks; /* or NULL; not owned */
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->document = atlas_document_new ();
  fixture->viewport = atlas_viewport_new (fixture->document);
  fixture->folder = g_dir_make_tmp ("atlas-export-XXXXXX", &error);
  atlas_viewport_set_width (fixture->viewport, 1000);
  g_assert_true (atlas_document_open_text (fixture->document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  atlas_document_select (fixture->document, 0x20001000);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_clear_object (&fixture->viewport);
  g_clear_object (&fixture->document);
}

static char *export(Fixture *fixture, AtlasExportKind kind, const char *ending, gsize *length)
{
  g_autofree char *name = g_strconcat (atlas_export_get_info (kind)->id, ".", ending, NULL);
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  guint64 n_unknown;
  char *contents = NULL;

  g_assert_true (atlas_export_is_possible (kind, fixture->viewport));
  g_assert_true (atlas_export_write (
    kind, fixture->viewport, fixture->bookmarks, ATLAS_PALETTE_LIGHT, path, &n_unknown, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &contents, length, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_remove (path), ==, 0);
  return contents;
}

static void
test_every_kind_in_every_format (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *ending;
    const char *magic;
  } formats[] = { { "png", "\x89PNG" },
                  { "svg", "<?xml" },
                  { "pdf", "%PDF" },
                  { "csv", "" },
                  { "json", "" },
                  { "bin", "" },
                  { "dmp", "MDMP" },
                  { "elf",
                    "\x7f"
                    "ELF" },
                  { "lime", "EMiL" } };

  for (guint layout = ATLAS_LAYOUT_COLLAPSED; layout <= ATLAS_LAYOUT_AREA; layout++)
    {
      atlas_viewport_set_layout (fixture->viewport, (AtlasLayout) layout);
      for (guint kind = 0; kind < ATLAS_N_EXPORTS; kind++)
        {
          const AtlasExportInfo *info = atlas_export_get_info ((AtlasExportKind) kind);
          AtlasExportKind found;

          g_assert_true (atlas_export_find (info->id, &found));
          g_assert_cmpint (found, ==, kind);
          for (const char *const *ending = info->endings; *ending != NULL; ending++)
            for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
              {
                g_autofree char *contents = NULL;
                gsize length;

                if (!g_str_equal (*ending, formats[i].ending))
                  continue;
                contents = export(fixture, (AtlasExportKind) kind, *ending, &length);
                g_assert_cmpuint (length, >, 100);
                g_assert_true (g_str_has_prefix (contents, formats[i].magic));
              }
        }
    }
}

static void
test_tables_hold_every_row (Fixture *fixture, gconstpointer data)
{
  AtlasRegionSet *regions = atlas_document_get_regions (fixture->document);
  AtlasTrace *trace = atlas_document_get_trace (fixture->document);
  g_autofree char *csv = export(fixture, ATLAS_EXPORT_REGIONS, "csv", &(gsize){ 0 });
  g_autofree char *json = export(fixture, ATLAS_EXPORT_REGIONS, "json", &(gsize){ 0 });
  g_autofree char *steps = export(fixture, ATLAS_EXPORT_STEPS, "csv", &(gsize){ 0 });
  g_auto (GStrv) rows = g_strsplit (csv, "\r\n", -1);
  g_auto (GStrv) lines = g_strsplit (json, "\n", -1);
  g_auto (GStrv) events = g_strsplit (steps, "\r\n", -1);
  AtlasQueryIter iter;
  AtlasRegion region;
  guint n_regions = 0;

  atlas_query_iter_init (&iter, regions);
  while (atlas_query_iter_next (&iter, &region))
    {
      g_autofree char *base = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x,", region.base_va);

      n_regions++;
      g_assert_true (g_str_has_prefix (rows[n_regions], base));
    }
  /* A header, and nothing behind the last line end. */
  g_assert_cmpuint (g_strv_length (rows), ==, n_regions + 2);
  g_assert_cmpuint (g_strv_length (lines), ==, n_regions + 1);
  g_assert_cmpuint (g_strv_length (events), ==, atlas_trace_get_n_events (trace) + 2);
}

static void
test_bytes_are_the_space_s (Fixture *fixture, gconstpointer data)
{
  gsize length;
  g_autofree char *contents = export(fixture, ATLAS_EXPORT_BYTES, "bin", &length);
  guint8 bytes[64];
  gboolean is_known[64];

  g_assert_cmpuint (length, ==, 65536);
  atlas_space_peek (
    atlas_document_get_space (fixture->document), 0x20001000, bytes, is_known, sizeof bytes);
  for (guint i = 0; i < sizeof bytes; i++)
    g_assert_cmpuint ((guint8) contents[0x1000 + i], ==, is_known[i] ? bytes[i] : 0);
}

/* A bookmark is a flag on the strip and on the area, and on nothing else. */
static void
test_a_map_has_its_bookmarks (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    AtlasExportKind kind;
    AtlasLayout layout;
    gboolean is_other;
  } cases[] = {
    { ATLAS_EXPORT_MAP, ATLAS_LAYOUT_COLLAPSED, TRUE },
    { ATLAS_EXPORT_MAP, ATLAS_LAYOUT_LINEAR, TRUE },
    { ATLAS_EXPORT_MAP, ATLAS_LAYOUT_AREA, TRUE },
    { ATLAS_EXPORT_TABLES, ATLAS_LAYOUT_COLLAPSED, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AtlasBookmarks) bookmarks = atlas_bookmarks_new (fixture->document);
      g_autoptr (AtlasBookmark) bookmark = NULL;
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      gsize before_bytes, after_bytes;

      atlas_viewport_set_layout (fixture->viewport, cases[i].layout);
      fixture->bookmarks = bookmarks;
      before = export(fixture, cases[i].kind, "png", &before_bytes);
      g_assert_true (atlas_bookmarks_add (bookmarks, 0x20000000, 0x20000fff, "here", NULL));
      after = export(fixture, cases[i].kind, "png", &after_bytes);
      g_assert_cmpint (before_bytes != after_bytes || memcmp (before, after, before_bytes) != 0,
                       ==,
                       cases[i].is_other);
      bookmark = g_list_model_get_item (G_LIST_MODEL (bookmarks), 0);
      g_assert_true (atlas_bookmarks_remove (bookmarks, bookmark, NULL));
      fixture->bookmarks = NULL;
    }
}

static void
test_refusals_leave_nothing (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "map.gif", "no/such/folder/map.png", "map" };
  guint64 n_unknown;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);
      g_autoptr (GError) error = NULL;

      g_assert_false (atlas_export_write (
        ATLAS_EXPORT_MAP, fixture->viewport, NULL, ATLAS_PALETTE_DARK, path, &n_unknown, &error));
      g_assert_nonnull (error);
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    }
  /* What is free has no bytes, and an empty document has nothing at all. */
  atlas_document_select (fixture->document, 0x30000000);
  g_assert_false (atlas_export_is_possible (ATLAS_EXPORT_BYTES, fixture->viewport));
  {
    g_autoptr (AtlasDocument) empty = atlas_document_new ();
    g_autoptr (AtlasViewport) viewport = atlas_viewport_new (empty);

    for (guint kind = 0; kind < ATLAS_N_EXPORTS; kind++)
      g_assert_false (atlas_export_is_possible ((AtlasExportKind) kind, viewport));
  }
}

static void
begin_print_cb (GtkPrintOperation *operation, GtkPrintContext *context, Fixture *fixture)
{
  gtk_print_operation_set_n_pages (operation, (int) atlas_export_get_n_pages (fixture->viewport));
}

static void
draw_page_cb (GtkPrintOperation *operation, GtkPrintContext *context, int page, Fixture *fixture)
{
  atlas_export_draw_page (fixture->viewport,
                          fixture->bookmarks,
                          (guint) page,
                          gtk_print_context_get_cairo_context (context),
                          gtk_print_context_get_width (context),
                          gtk_print_context_get_height (context));
}

static void
test_paper_has_two_pages (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "paper.pdf", NULL);
  g_autoptr (GtkPrintOperation) operation = gtk_print_operation_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize length;

  gtk_print_operation_set_export_filename (operation, path);
  g_signal_connect (operation, "begin-print", G_CALLBACK (begin_print_cb), fixture);
  g_signal_connect (operation, "draw-page", G_CALLBACK (draw_page_cb), fixture);
  g_assert_cmpint (
    gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_EXPORT, NULL, &error),
    ==,
    GTK_PRINT_OPERATION_RESULT_APPLY);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  g_assert_true (g_str_has_prefix (contents, "%PDF"));
  g_assert_nonnull (memmem (contents, length, "/Count 2", strlen ("/Count 2")));
  g_remove (path);
}

static gboolean
resolve_cb (const char *name, AtlasVa *va, gpointer data)
{
  AtlasRegionSet *regions = atlas_document_get_regions (data);

  for (guint i = 0; i < atlas_region_set_get_n_regions (regions); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (regions, i);

      if (region->name == NULL || strcmp (region->name, name) != 0)
        continue;
      *va = region->allocation_base_va;
      return TRUE;
    }
  return FALSE;
}

static void
test_notations_are_read_back (Fixture *fixture, gconstpointer data)
{
  AtlasRegionSet *regions = atlas_document_get_regions (fixture->document);
  AtlasVa module_va = 0;
  guint n_modules = 0;

  for (guint i = 0; i < atlas_region_set_get_n_regions (regions); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (regions, i);

      if (region->type == ATLAS_TYPE_IMAGE && region->base_va != region->allocation_base_va)
        {
          module_va = region->base_va + 0x123;
          n_modules++;
        }
    }
  g_assert_cmpuint (n_modules, >, 0);
  {
    const AtlasVa addresses[] = { 0x10000,
                                  0x20001000,
                                  0x7ffe0abc,
                                  ATLAS_BIT (47) - 1,
                                  G_GUINT64_CONSTANT (0xffff800000000000),
                                  G_MAXUINT64,
                                  module_va };

    for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
      for (guint notation = 0; notation < ATLAS_N_NOTATIONS; notation++)
        {
          g_autofree char *text =
            atlas_notation_format ((AtlasNotation) notation, fixture->document, addresses[i]);
          g_autoptr (GError) error = NULL;
          AtlasVa va;

          if (notation == ATLAS_NOTATION_DECIMAL)
            {
              g_assert_cmphex (g_ascii_strtoull (text, NULL, 10), ==, addresses[i]);
              continue;
            }
          g_assert_true (atlas_address_parse (text, resolve_cb, fixture->document, &va, &error));
          g_assert_no_error (error);
          g_assert_cmphex (va, ==, addresses[i]);
        }
  }
  {
    g_autofree char *text =
      atlas_notation_format (ATLAS_NOTATION_MODULE, fixture->document, module_va);

    g_assert_nonnull (strchr (text, '+'));
  }
}

#define TEST(name, function)                                                                       \
  g_test_add ("/export/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  gtk_init ();
  TEST ("every-kind", test_every_kind_in_every_format);
  TEST ("tables", test_tables_hold_every_row);
  TEST ("bytes", test_bytes_are_the_space_s);
  TEST ("bookmarks", test_a_map_has_its_bookmarks);
  TEST ("refusals", test_refusals_leave_nothing);
  TEST ("paper", test_paper_has_two_pages);
  TEST ("notations", test_notations_are_read_back);
  return g_test_run ();
}
