/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The document: one selection, one story, undo; and what survives a file that cannot be opened. */

#include "model/document.h"
#include "model/viewport.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe bare\n"

static AtlasDocument *
make_document (void)
{
  g_autoptr (GError) error = NULL;
  AtlasDocument *document = atlas_document_new ();

  g_assert_true (atlas_document_open_text (document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  return document;
}

static AtlasStatus
run (AtlasDocument *document, const char *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = atlas_document_run (document, command, &error);

  g_assert_no_error (error);
  return result->status;
}

static void
count_cb (AtlasDocument *document, guint *n_calls)
{
  (*n_calls)++;
}

static void
test_a_command_changes_and_undo_restores (void)
{
  g_autoptr (AtlasDocument) document = make_document ();
  guint n_regions = atlas_region_set_get_n_regions (atlas_document_get_regions (document));
  guint n_changes = 0;

  g_signal_connect (document, "changed", G_CALLBACK (count_cb), &n_changes);
  g_assert_false (atlas_document_can_undo (document));
  g_assert_false (atlas_document_is_modified (document));

  g_assert_cmphex (run (document, "alloc 0x20000000 64K reserve|commit readwrite"), ==, 0);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_cmphex (atlas_document_get_selected_va (document), ==, 0x20000000);
  g_assert_true (atlas_document_is_modified (document));
  g_assert_cmpuint (
    atlas_region_set_get_n_regions (atlas_document_get_regions (document)), >, n_regions);

  atlas_document_undo (document);
  g_assert_cmpuint (
    atlas_region_set_get_n_regions (atlas_document_get_regions (document)), ==, n_regions);
  g_assert_false (atlas_document_is_modified (document));
  g_assert_true (atlas_document_can_redo (document));
  atlas_document_redo (document);
  g_assert_cmpuint (
    atlas_region_set_get_n_regions (atlas_document_get_regions (document)), >, n_regions);
}

static void
test_a_refused_call_changes_nothing (void)
{
  g_autoptr (AtlasDocument) document = make_document ();
  guint n_changes = 0;

  g_signal_connect (document, "changed", G_CALLBACK (count_cb), &n_changes);
  g_assert_cmphex (
    run (document, "reserve 0x7fff0000 64K"), ==, ATLAS_STATUS_CONFLICTING_ADDRESSES);
  g_assert_cmpuint (n_changes, ==, 0);
  g_assert_false (atlas_document_can_undo (document));
}

static void
test_what_does_not_parse_is_told (void)
{
  g_autoptr (AtlasDocument) document = make_document ();
  g_autoptr (GError) error = NULL;

  g_assert_null (atlas_document_run (document, "allocate 64K", &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
}

static void
test_an_access_becomes_the_story (void)
{
  g_autoptr (AtlasDocument) document = make_document ();
  AtlasTrace *trace;

  run (document, "alloc 0x20000000 64K reserve|commit readwrite");
  atlas_document_select (document, 0x20000123);
  g_assert_true (atlas_document_is_dry_walk (document));
  /* Looking at an address leaves no mark in the tables. */
  g_assert_cmpint (atlas_document_get_lens (document)->walk.outcome, ==, ATLAS_OUTCOME_PAGE_FAULT);

  run (document, "read 0x20000456 8");
  g_assert_cmphex (atlas_document_get_selected_va (document), ==, 0x20000456);
  run (document, "write 0x20000123 4");
  trace = atlas_document_get_trace (document);
  g_assert_false (atlas_document_is_dry_walk (document));
  g_assert_cmphex (atlas_document_get_selected_va (document), ==, 0x20000123);
  g_assert_cmpint (atlas_document_get_lens (document)->walk.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  g_assert_cmpuint (atlas_document_get_step (document), ==, atlas_trace_get_n_events (trace) - 1);
  for (guint step = atlas_trace_get_n_events (trace); step-- > 0;)
    {
      atlas_document_set_step (document, step);
      g_assert_cmpuint (atlas_document_get_step (document), ==, step);
      g_assert_cmpuint (atlas_document_get_step_level (document), <=, 4);
    }
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
open_bytes (AtlasDocument *document, const char *bytes, gsize size_bytes, GError **error)
{
  g_autoptr (GFileIOStream) stream = NULL;
  g_autoptr (GFile) file = g_file_new_tmp ("vmatlas-test-XXXXXX", &stream, NULL);
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_true (g_file_replace_contents (
    file, bytes, size_bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, NULL));
  atlas_document_open_async (document, file, NULL, opened_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_file_delete (file, NULL, NULL);
  return atlas_document_open_finish (document, result, error);
}

static void
test_a_file_that_cannot_be_opened_leaves_what_is_open (void)
{
  static const struct
  {
    const char *bytes;
    gsize size_bytes;
  } files[] = {
    { "MDMP", 4 },
    { "MDMP\x93\xa7\0\0\xff\xff\xff\xff\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32 },
    { "\x7f"
      "ELF\x02\x01\x01",
      7 },
    { "system memory=1G\nprocess $p demo.exe\nalloc nonsense\n", 52 },
  };
  g_autoptr (AtlasDocument) document = make_document ();
  AtlasSpace *space = atlas_document_get_space (document);
  AtlasVa selected_va = atlas_document_get_selected_va (document);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (open_bytes (document, files[i].bytes, files[i].size_bytes, &error));
      g_assert_nonnull (error);
      g_assert_true (atlas_document_get_space (document) == space);
      g_assert_cmphex (atlas_document_get_selected_va (document), ==, selected_va);
    }
}

/* Physical memory is opened with a CR3 and shown with its kernel half. */
static void
test_an_image_is_opened_with_a_root (void)
{
  g_autofree char *path =
    g_build_filename (g_getenv ("ATLAS_SAMPLES"), "linux61-qemu-pagetables.lime", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (AtlasDocument) document = make_document ();
  g_autoptr (AtlasViewport) viewport = atlas_viewport_new (document);
  AtlasSpace *before = atlas_document_get_space (document);
  AtlasControl control = atlas_control_windows (0x7000);
  g_autoptr (GAsyncResult) plain = NULL;
  g_autoptr (GAsyncResult) wrong = NULL;
  g_autoptr (GAsyncResult) right = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_query_exists (file, NULL))
    {
      g_test_skip ("ATLAS_SAMPLES holds no linux61-qemu-pagetables.lime");
      return;
    }

  atlas_document_open_async (document, file, NULL, opened_cb, &plain);
  while (plain == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (atlas_document_open_finish (document, plain, &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_NO_ROOT);
  g_clear_error (&error);

  atlas_document_open_image_async (document, file, &control, NULL, opened_cb, &wrong);
  while (wrong == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (atlas_document_open_finish (document, wrong, &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_NO_ROOT);
  g_clear_error (&error);
  g_assert_true (atlas_document_get_space (document) == before);
  g_assert_false (atlas_viewport_get_whole_space (viewport));

  control.cr3 = 0x554c000;
  atlas_document_open_image_async (document, file, &control, NULL, opened_cb, &right);
  while (right == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (atlas_document_open_finish (document, right, &error));
  g_assert_true (atlas_viewport_get_whole_space (viewport));
  g_assert_cmphex (atlas_document_get_selected_va (document), ==, 0x400000);
  g_assert_nonnull (atlas_document_get_trace (document));
  g_assert_true (atlas_document_get_lens (document)->has_tables);
  g_assert_false (atlas_document_is_simulation (document));

  /* And back: a simulation knows nothing of the kernel half. */
  g_assert_true (atlas_document_open_text (document, "process $p demo.exe bare\n", "x", &error));
  g_assert_false (atlas_viewport_get_whole_space (viewport));
}

static void
test_a_saved_session_is_the_same_session (void)
{
  g_autoptr (AtlasDocument) document = make_document ();
  g_autoptr (AtlasDocument) again = atlas_document_new ();
  g_autoptr (GFileIOStream) stream = NULL;
  g_autoptr (GFile) file = g_file_new_tmp ("vmatlas-test-XXXXXX.vmatlas", &stream, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  AtlasRegionSet *expected, *got;

  run (document, "alloc $a = 64K reserve|commit readwrite");
  run (document, "write $a 8");
  run (document, "protect $a 4K readonly");
  g_assert_true (atlas_document_save (document, file, &error));
  g_assert_false (atlas_document_is_modified (document));
  atlas_document_open_async (again, file, NULL, opened_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (atlas_document_open_finish (again, result, &error));
  g_file_delete (file, NULL, NULL);

  expected = atlas_document_get_regions (document);
  got = atlas_document_get_regions (again);
  g_assert_cmpuint (
    atlas_region_set_get_n_regions (got), ==, atlas_region_set_get_n_regions (expected));
  for (guint i = 0; i < atlas_region_set_get_n_regions (got); i++)
    {
      const AtlasRegion *a = atlas_region_set_get_region (expected, i);
      const AtlasRegion *b = atlas_region_set_get_region (got, i);

      g_assert_cmphex (a->base_va, ==, b->base_va);
      g_assert_cmphex (a->size_bytes, ==, b->size_bytes);
      g_assert_cmphex (a->protect, ==, b->protect);
      g_assert_cmpint (a->state, ==, b->state);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document/image", test_an_image_is_opened_with_a_root);
  g_test_add_func ("/document/command-and-undo", test_a_command_changes_and_undo_restores);
  g_test_add_func ("/document/refused-call", test_a_refused_call_changes_nothing);
  g_test_add_func ("/document/parse-error", test_what_does_not_parse_is_told);
  g_test_add_func ("/document/access-is-the-story", test_an_access_becomes_the_story);
  g_test_add_func ("/document/bad-file", test_a_file_that_cannot_be_opened_leaves_what_is_open);
  g_test_add_func ("/document/save-and-open", test_a_saved_session_is_the_same_session);
  return g_test_run ();
}
