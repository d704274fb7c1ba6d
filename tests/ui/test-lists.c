/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The list of regions, the inspector, the entry bits and the journal: each follows the document,
 * and the document follows each. */

#include <adwaita.h>

#include "lists/event-view.h"
#include "lists/image-text.h"
#include "lists/inspector.h"
#include "lists/region-list-model.h"
#include "lists/region-view.h"
#include "lists/section-picture.h"
#include "lists/section-view.h"
#include "lists/vad-view.h"
#include "lists/working-set-view.h"
#include "tables/bits-view.h"

#include "find-widget.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe bare\n"                                                                     \
  "alloc $a = 0x40000000 64K reserve|commit readwrite\n"

typedef struct
{
  AtlasDocument *document;
  AtlasViewport *viewport;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  GError *error = NULL;

  fixture->document = atlas_document_new ();
  fixture->viewport = atlas_viewport_new (fixture->document);
  atlas_viewport_set_animate (fixture->viewport, FALSE);
  atlas_viewport_set_width (fixture->viewport, 1000);
  g_assert_true (atlas_document_open_text (fixture->document, SCENARIO, "test", &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->viewport);
  g_assert_finalize_object (g_steal_pointer (&fixture->document));
}

static void
run (Fixture *fixture, const char *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = atlas_document_run (fixture->document, command, &error);

  g_assert_no_error (error);
  g_assert_nonnull (result);
}

static GtkWidget *
show (GtkWidget *widget)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 260);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static GtkSelectionModel *
get_selection (GtkWidget *view)
{
  return atlas_region_view_get_selection (ATLAS_REGION_VIEW (view));
}

static guint
find_row (GtkWidget *view, AtlasVa va)
{
  guint position;
  GListModel *model = atlas_region_view_get_model (ATLAS_REGION_VIEW (view));

  g_assert_true (atlas_region_list_model_find (ATLAS_REGION_LIST_MODEL (model), va, &position));
  return position;
}

static gboolean
is_only_selected (GtkSelectionModel *selection, guint position)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (selection);

  return gtk_bitset_get_size (selected) == 1 && gtk_bitset_contains (selected, position);
}

static void
test_regions_row_and_document_select_each_other (Fixture *fixture, gconstpointer data)
{
  GtkWidget *window = show (atlas_region_view_new (fixture->viewport));
  GtkWidget *view = gtk_window_get_child (GTK_WINDOW (window));
  GtkSelectionModel *selection = get_selection (view);
  guint shared_data = find_row (view, 0x7ffe0000);
  guint buffer = find_row (view, 0x40000000);

  atlas_document_select (fixture->document, 0x40000123);
  g_assert_true (is_only_selected (selection, buffer));

  /* An address inside the row that is chosen stays as it is. */
  gtk_selection_model_unselect_all (selection);
  gtk_selection_model_select_item (selection, buffer, TRUE);
  g_assert_cmphex (atlas_document_get_selected_va (fixture->document), ==, 0x40000123);

  gtk_selection_model_select_item (selection, shared_data, TRUE);
  g_assert_cmphex (atlas_document_get_selected_va (fixture->document), ==, 0x7ffe0000);

  /* Free addresses have no row until they are shown. */
  atlas_document_select (fixture->document, 0x30000000);
  g_assert_false (gtk_selection_model_is_selected (selection, shared_data));
  gtk_toggle_button_set_active (
    GTK_TOGGLE_BUTTON (find_widget (view, GTK_TYPE_TOGGLE_BUTTON, "F_ree")), TRUE);
  g_assert_true (is_only_selected (selection, find_row (view, 0x30000000)));

  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_regions_activating_a_row_fits_it (Fixture *fixture, gconstpointer data)
{
  GtkWidget *view = g_object_ref_sink (atlas_region_view_new (fixture->viewport));
  AtlasVa first_va;
  AtlasVa last_va;

  g_signal_emit_by_name (
    find_widget (view, GTK_TYPE_COLUMN_VIEW, NULL), "activate", find_row (view, 0x40000000));
  atlas_viewport_advance (fixture->viewport, g_get_monotonic_time ());
  atlas_viewport_get_seen (fixture->viewport, &first_va, &last_va);
  g_assert_cmphex (first_va, <=, 0x40000000);
  g_assert_cmphex (last_va, >=, 0x4000ffff);
  /* The margin may reach into a collapsed gap. */
  g_assert_cmphex (last_va - first_va, <, ATLAS_GB (1));
  g_object_unref (view);
}

static void
test_regions_actions_run_commands (Fixture *fixture, gconstpointer data)
{
  GtkWidget *view = g_object_ref_sink (atlas_region_view_new (fixture->viewport));

  atlas_document_select (fixture->document, 0x40000000);
  gtk_widget_activate_action (view, "region.protect", "u", 1u);
  g_assert_cmphex (
    atlas_document_get_selected_region (fixture->document)->protect, ==, ATLAS_PAGE_READONLY);
  gtk_widget_activate_action (view, "region.decommit", NULL);
  g_assert_cmpint (
    atlas_document_get_selected_region (fixture->document)->state, ==, ATLAS_STATE_RESERVE);
  gtk_widget_activate_action (view, "region.commit", NULL);
  g_assert_cmphex (
    atlas_document_get_selected_region (fixture->document)->protect, ==, ATLAS_PAGE_READWRITE);
  gtk_widget_activate_action (view, "region.release", NULL);
  g_assert_cmpint (
    atlas_document_get_selected_region (fixture->document)->state, ==, ATLAS_STATE_FREE);
  g_object_unref (view);
}

typedef struct
{
  GtkAdjustment *adjustment;
  double least;
} Scrolled;

static gboolean
has_scrolled (gpointer user_data)
{
  const Scrolled *scrolled = user_data;

  return gtk_adjustment_get_value (scrolled->adjustment) >= scrolled->least;
}

static gboolean
has_drawn (gpointer user_data)
{
  guint *n_frames = user_data;

  return (*n_frames)++ > 50;
}

static void
test_regions_keep_their_place (Fixture *fixture, gconstpointer data)
{
  GtkWidget *window;
  GtkWidget *view;
  GtkAdjustment *adjustment;
  double value_px;
  guint n_frames = 0;

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *command = g_strdup_printf ("reserve 0x%x 64K", 0x41000000 + i * 0x20000);

      run (fixture, command);
    }
  window = show (atlas_region_view_new (fixture->viewport));
  view = gtk_window_get_child (GTK_WINDOW (window));
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (gtk_widget_get_ancestor (
    find_widget (view, GTK_TYPE_COLUMN_VIEW, NULL), GTK_TYPE_SCROLLED_WINDOW)));

  /* Somebody else selects: the row comes into view. */
  atlas_document_select (fixture->document, 0x41000000 + 40 * 0x20000);
  g_assert_true (wait_until (has_scrolled, &(Scrolled){ adjustment, 300 }));

  /* A region changes: nothing moves, and what was selected stays selected. */
  wait_until (has_drawn, &n_frames);
  value_px = gtk_adjustment_get_value (adjustment);
  run (fixture, "commit 0x41500000 4K");
  n_frames = 0;
  wait_until (has_drawn, &n_frames);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (adjustment), value_px, 0.5);
  g_assert_true (
    is_only_selected (get_selection (view), find_row (view, 0x41000000 + 40 * 0x20000)));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_regions_sum_up (Fixture *fixture, gconstpointer data)
{
  GtkWidget *view = g_object_ref_sink (atlas_region_view_new (fixture->viewport));
  GtkSelectionModel *selection = get_selection (view);

  atlas_document_select (fixture->document, 0x40000000);
  g_assert_true (says (view, "largest"));
  gtk_selection_model_select_item (selection, find_row (view, 0x7ffe0000), FALSE);
  g_assert_true (says (view, "2 regions selected · 68 KB"));
  g_object_unref (view);
}

/* Each region of a made-up DLL is named after its sections; what is no image has none. */
static void
test_parts_of_an_image_are_its_sections (Fixture *fixture, gconstpointer data)
{
  static const char *const sections[] = { "headers", ".text", ".rdata" };
  AtlasRegionSet *regions;
  const AtlasRegion *buffer;
  guint64 index;
  AtlasVa va;

  run (fixture, "file $f = hybrid.dll made=arm64x");
  run (fixture, "load $l = $f");
  g_assert_true (
    atlas_session_parse_address (atlas_document_get_session (fixture->document), "$l", &va, NULL));
  regions = atlas_document_get_regions (fixture->document);
  index = atlas_region_set_find (regions, va);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *text = atlas_image_format_sections (
        fixture->document, atlas_region_set_get_region (regions, index + i));

      g_assert_nonnull (text);
      g_assert_true (g_str_has_prefix (text, sections[i]));
    }
  buffer = atlas_region_set_get_region (regions, atlas_region_set_find (regions, 0x40000000));
  g_assert_null (atlas_image_format_sections (fixture->document, buffer));
}

/* Each view of a section is drawn, two of one process as well; the copies and the selection are
 * those of the view that is looked at. */
static void
test_every_view_of_a_section_is_drawn (Fixture *fixture, gconstpointer data)
{
  AtlasSession *session = atlas_document_get_session (fixture->document);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasSectionPictureInput input = { .width_px = 1000 };
  guint n_copies[2] = { 0 };

  run (fixture, "section $s = 64K readwrite");
  run (fixture, "map $in = $s");
  run (fixture, "write $in+8K 1");
  run (fixture, "map $mine = $s writecopy");
  run (fixture, "write $mine+4K 1");
  for (guint view = 0; view < 2; view++)
    {
      const AtlasMark *marks;
      guint n_views = 0;
      AtlasVa va;

      session = atlas_document_get_session (fixture->document);
      g_assert_true (atlas_session_parse_address (session, view == 0 ? "$in" : "$mine", &va, NULL));
      input.process = atlas_session_get_process (session);
      input.system = atlas_process_get_system (input.process);
      input.section =
        atlas_vad_tree_find (atlas_process_get_vads (input.process), va, NULL)->section;
      input.has_selection = TRUE;
      input.selected_va = va;
      atlas_display_list_clear (list);
      atlas_section_picture_draw (list, &input);
      marks = atlas_display_list_get_marks (list);
      for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
        {
          if (marks[i].kind == ATLAS_MARK_TEXT)
            n_views +=
              g_str_has_prefix (atlas_display_list_get_text (list, &marks[i]), "demo.exe ·");
          n_copies[view] += marks[i].kind == ATLAS_MARK_RECT &&
                            marks[i].color == ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_PRIVATE);
        }
      g_assert_cmpuint (n_views, ==, 2);
    }
  g_assert_cmpuint (n_copies[0], ==, 0);
  g_assert_cmpuint (n_copies[1], ==, 1);
}

/* Where there is no room beside the cells the views are below the objects: nothing reaches beyond
 * the width, and every view is found where it is drawn. */
static void
test_a_section_fits_a_narrow_view (Fixture *fixture, gconstpointer data)
{
  static const guint widths_px[] = { 350, 400, 595, 596, 597, 700, 1000 };
  AtlasProcess *process;

  run (fixture, "section $s = 64K readwrite");
  run (fixture, "map $in = $s");
  run (fixture, "map $again = $s");
  process = atlas_session_get_process (atlas_document_get_session (fixture->document));
  for (guint i = 0; i < G_N_ELEMENTS (widths_px); i++)
    {
      g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
      AtlasSystem *system = atlas_process_get_system (process);
      AtlasSectionPictureInput input = {
        .system = system,
        .process = process,
        .section = atlas_system_get_section (system, atlas_system_get_n_sections (system) - 1u),
        .width_px = widths_px[i],
      };
      guint height_px = atlas_section_picture_draw (list, &input);
      const AtlasMark *marks = atlas_display_list_get_marks (list);
      guint n_views = 0;

      for (guint j = 0; j < atlas_display_list_get_n_marks (list); j++)
        {
          AtlasSectionHit hit;

          g_assert_cmpfloat (marks[j].x_px + marks[j].width_px, <=, (float) widths_px[i]);
          g_assert_cmpfloat (marks[j].y_px + marks[j].height_px, <=, (float) height_px);
          if (marks[j].kind != ATLAS_MARK_TEXT ||
              !g_str_has_prefix (atlas_display_list_get_text (list, &marks[j]), "demo.exe ·"))
            continue;
          n_views++;
          g_assert_true (atlas_section_picture_pick (
            &input, (double) marks[j].x_px + 1, (double) marks[j].y_px + 1, &hit));
          g_assert_false (hit.is_page);
          g_assert_true (hit.process == process);
        }
      g_assert_cmpuint (n_views, ==, 2);
    }
}

static gboolean
is_narrow (gpointer user_data)
{
  return gtk_widget_get_width (user_data) == 660;
}

static GtkWidget *
get_table (GtkWidget *view)
{
  return find_widget (view, GTK_TYPE_COLUMN_VIEW, NULL);
}

static gboolean
is_without_sideways_scrolling (gpointer user_data)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_hadjustment (user_data);

  return gtk_adjustment_get_page_size (adjustment) > 0 &&
         gtk_adjustment_get_upper (adjustment) <= gtk_adjustment_get_page_size (adjustment);
}

static int
get_column_width (GtkWidget *table, guint index)
{
  g_autoptr (GtkColumnViewColumn) column =
    g_list_model_get_item (gtk_column_view_get_columns (GTK_COLUMN_VIEW (table)), index);

  return gtk_column_view_column_get_fixed_width (column);
}

static gboolean
has_wide_addresses (gpointer user_data)
{
  return get_column_width (user_data, 0) > 180;
}

/* In a narrow window every column is narrower, so that none is out of sight; one that was made wide
 * by hand stays that wide. */
static void
test_columns_share_a_narrow_table (Fixture *fixture, gconstpointer data)
{
  GtkWidget *window = show (atlas_region_view_new (fixture->viewport));
  GtkWidget *table = get_table (gtk_window_get_child (GTK_WINDOW (window)));
  g_autoptr (GtkColumnViewColumn) size =
    g_list_model_get_item (gtk_column_view_get_columns (GTK_COLUMN_VIEW (table)), 1);
  int wide_px, narrow_px;

  g_assert_true (wait_until (is_without_sideways_scrolling, table));
  wide_px = get_column_width (table, 0);
  gtk_window_set_default_size (GTK_WINDOW (window), 660, 260);
  g_assert_true (wait_until (is_narrow, window));
  g_assert_true (wait_until (is_without_sideways_scrolling, table));
  narrow_px = get_column_width (table, 0);
  g_assert_cmpint (narrow_px, <, wide_px);

  gtk_column_view_column_set_fixed_width (size, 120);
  gtk_window_set_default_size (GTK_WINDOW (window), 900, 260);
  g_assert_true (wait_until (has_wide_addresses, table));
  g_assert_cmpint (get_column_width (table, 0), ==, wide_px);
  g_assert_cmpint (get_column_width (table, 1), ==, 120);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_inspector_tells_and_does (Fixture *fixture, gconstpointer data)
{
  GtkWidget *inspector = g_object_ref_sink (atlas_inspector_new (fixture->viewport));

  atlas_document_select (fixture->document, 0x40000123);
  g_assert_true (says (inspector, "00000000`40000123"));
  g_assert_true (says (inspector, "0x123"));
  g_assert_true (says (inspector, "PAGE_READWRITE"));
  g_assert_true (says (inspector, "64 KB · 16 pages"));
  g_assert_true (says (inspector, "STATUS_CONFLICTING_ADDRESSES"));

  click_button (inspector, "_Decommit");
  g_assert_cmpint (
    atlas_document_get_selected_region (fixture->document)->state, ==, ATLAS_STATE_RESERVE);
  click_button (inspector, "_Write");
  g_assert_true (says (inspector, "STATUS_ACCESS_VIOLATION (0xc0000005)"));
  g_assert_false (atlas_document_is_dry_walk (fixture->document));
  click_button (inspector, "_Commit");
  click_button (inspector, "_Write");
  g_assert_false (says (inspector, "STATUS_ACCESS_VIOLATION"));
  click_button (inspector, "Re_lease");
  g_assert_cmpint (
    atlas_document_get_selected_region (fixture->document)->state, ==, ATLAS_STATE_FREE);
  g_assert_true (says (inspector, "Yes."));

  /* Committing what was reserved without access proposes something that can be used. */
  run (fixture, "reserve 0x50000000 64K noaccess");
  atlas_document_select (fixture->document, 0x50000000);
  click_button (inspector, "_Commit");
  g_assert_cmphex (
    atlas_document_get_selected_region (fixture->document)->protect, ==, ATLAS_PAGE_READWRITE);

  atlas_document_select (fixture->document, 0x7ffe0000);
  g_assert_true (says (inspector, "KUSER_SHARED_DATA"));
  g_assert_true (says (inspector, "Source: "));
  g_object_unref (inspector);
}

static void
test_nothing_open_is_nothing_shown (void)
{
  g_autoptr (AtlasDocument) document = atlas_document_new ();
  g_autoptr (AtlasViewport) viewport = atlas_viewport_new (document);
  GtkWidget *box = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));

  gtk_box_append (GTK_BOX (box), atlas_region_view_new (viewport));
  gtk_box_append (GTK_BOX (box), atlas_inspector_new (viewport));
  gtk_box_append (GTK_BOX (box), atlas_bits_view_new (document));
  gtk_box_append (GTK_BOX (box), atlas_event_view_new (document));
  g_assert_true (says (box, "Nothing is selected"));
  g_object_unref (box);
}

static void
test_bits_follow_the_step (Fixture *fixture, gconstpointer data)
{
  GtkWidget *view = g_object_ref_sink (atlas_bits_view_new (fixture->document));
  AtlasTrace *trace;
  guint n_levels = 0;

  run (fixture, "write 0x40000123 1");
  trace = atlas_document_get_trace (fixture->document);
  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    {
      guint level;

      atlas_document_set_step (fixture->document, i);
      level = atlas_document_get_step_level (fixture->document);
      if (level != 0)
        {
          g_assert_cmpuint (atlas_bits_view_get_level (ATLAS_BITS_VIEW (view)), ==, level);
          n_levels++;
        }
    }
  g_assert_cmpuint (n_levels, >=, 4);

  atlas_bits_view_set_level (ATLAS_BITS_VIEW (view), ATLAS_LEVEL_PT);
  g_assert_true (says (view, "PTE 0"));
  g_assert_true (says (view, "Present: maps a page of 4 KB"));
  g_assert_true (says (view, "CopyOnWrite"));
  atlas_bits_view_set_level (ATLAS_BITS_VIEW (view), ATLAS_LEVEL_PML4);
  g_assert_true (says (view, "leads to the PDPT"));

  /* Another terabyte: the walk ends at once. */
  atlas_document_select (fixture->document, G_GUINT64_CONSTANT (0x600000000000));
  atlas_bits_view_set_level (ATLAS_BITS_VIEW (view), ATLAS_LEVEL_PML4);
  g_assert_true (says (view, "Not present: no table yet for these 512 GB."));
  atlas_bits_view_set_level (ATLAS_BITS_VIEW (view), ATLAS_LEVEL_PT);
  g_assert_true (says (view, "does not get this far"));
  g_object_unref (view);
}

static void
test_journal_goes_back_and_forth (Fixture *fixture, gconstpointer data)
{
  GtkWidget *view = g_object_ref_sink (atlas_event_view_new (fixture->document));
  GListModel *model = atlas_event_view_get_model (ATLAS_EVENT_VIEW (view));
  GtkWidget *list_view = find_styled (view, "atlas-table");
  guint n_before = g_list_model_get_n_items (model);

  g_assert_cmpuint (n_before, ==, 4);
  run (fixture, "reserve 0x50000000 64K");
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, n_before + 1);

  g_signal_emit_by_name (list_view, "activate", n_before - 1);
  g_assert_cmpuint (
    atlas_session_get_position (atlas_document_get_session (fixture->document)), ==, n_before - 1);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, n_before + 1);
  atlas_document_select (fixture->document, 0x50000000);
  g_assert_cmpint (
    atlas_document_get_selected_region (fixture->document)->state, ==, ATLAS_STATE_FREE);

  g_signal_emit_by_name (list_view, "activate", n_before);
  g_assert_cmpint (
    atlas_document_get_selected_region (fixture->document)->state, ==, ATLAS_STATE_RESERVE);
  g_object_unref (view);
}

/* A new account of what was undone: rows after the place where it differs go. */
static void
test_journal_forgets_what_was_undone (Fixture *fixture, gconstpointer data)
{
  GtkWidget *view = g_object_ref_sink (atlas_event_view_new (fixture->document));
  GListModel *model = atlas_event_view_get_model (ATLAS_EVENT_VIEW (view));

  run (fixture, "reserve 0x50000000 64K");
  run (fixture, "reserve 0x60000000 64K");
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 6);
  atlas_document_undo (fixture->document);
  atlas_document_undo (fixture->document);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 6);
  run (fixture, "reserve 0x70000000 64K");
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 5);
  g_object_unref (view);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  g_assert_true (atlas_document_open_finish (ATLAS_DOCUMENT (source), result, &error));
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static gboolean
is_set (gpointer user_data)
{
  return *(gboolean *) user_data;
}

static void
test_a_dump_cannot_be_changed (Fixture *fixture, gconstpointer data)
{
  const char *folder = g_getenv ("ATLAS_SAMPLES");
  g_autofree char *path = g_build_filename (
    folder != NULL ? folder : "", "breakpad-win11-22000-x64-meminfolist.dmp", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GtkWidget *box;
  gboolean is_open = FALSE;

  if (!g_file_query_exists (file, NULL))
    {
      g_test_skip ("the sample dump is not here");
      return;
    }
  box = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  gtk_box_append (GTK_BOX (box), atlas_region_view_new (fixture->viewport));
  gtk_box_append (GTK_BOX (box), atlas_inspector_new (fixture->viewport));
  gtk_box_append (GTK_BOX (box), atlas_bits_view_new (fixture->document));
  gtk_box_append (GTK_BOX (box), atlas_event_view_new (fixture->document));

  atlas_document_open_async (fixture->document, file, NULL, on_opened, &is_open);
  g_assert_true (wait_until (is_set, &is_open));
  g_assert_true (says (box, "81.7 MB committed"));
  g_assert_true (says (box, "A dump is a picture of one moment"));
  g_assert_true (says (box, "no page tables"));
  g_assert_true (says (box, "no commands ran"));
  g_assert_false (gtk_widget_get_sensitive (find_widget (box, GTK_TYPE_BUTTON, "_Write")));
  g_assert_nonnull (gtk_widget_get_tooltip_text (find_widget (box, GTK_TYPE_BUTTON, "_Write")));
  g_object_unref (box);
}

/* A machine on which nothing runs yet: every view says so, and how to go on. */
static void
test_before_a_process_views_say_what_to_do (Fixture *fixture, gconstpointer data)
{
  GtkWidget *views[] = {
    atlas_region_view_new (fixture->viewport),      atlas_inspector_new (fixture->viewport),
    atlas_bits_view_new (fixture->document),        atlas_vad_view_new (fixture->viewport),
    atlas_working_set_view_new (fixture->viewport), atlas_section_view_new (fixture->document),
  };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *window;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    gtk_box_append (GTK_BOX (box), views[i]);
  window = show (box);
  g_assert_true (
    atlas_document_open_text (fixture->document, "system memory=256M", "bare", &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    g_assert_true (says (views[i], "No process has been started yet"));
  run (fixture, "process $p demo.exe bare");
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    g_assert_false (says (views[i], "No process has been started yet"));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/region-view/row-and-document-select-each-other",
       test_regions_row_and_document_select_each_other);
  ADD ("/region-view/activating-a-row-fits-it", test_regions_activating_a_row_fits_it);
  ADD ("/region-view/actions-run-commands", test_regions_actions_run_commands);
  ADD ("/region-view/keeps-its-place", test_regions_keep_their_place);
  ADD ("/region-view/sums-up", test_regions_sum_up);
  ADD ("/region-view/sections", test_parts_of_an_image_are_its_sections);
  ADD ("/region-view/columns-share-a-narrow-table", test_columns_share_a_narrow_table);
  ADD ("/section-picture/views", test_every_view_of_a_section_is_drawn);
  ADD ("/section-picture/narrow", test_a_section_fits_a_narrow_view);
  ADD ("/inspector/tells-and-does", test_inspector_tells_and_does);
  ADD ("/bits-view/follows-the-step", test_bits_follow_the_step);
  ADD ("/event-view/goes-back-and-forth", test_journal_goes_back_and_forth);
  ADD ("/event-view/forgets-what-was-undone", test_journal_forgets_what_was_undone);
  ADD ("/lists/a-dump-cannot-be-changed", test_a_dump_cannot_be_changed);
  ADD ("/lists/before-a-process", test_before_a_process_views_say_what_to_do);
  g_test_add_func ("/lists/nothing-open-is-nothing-shown", test_nothing_open_is_nothing_shown);

  return g_test_run ();
}
