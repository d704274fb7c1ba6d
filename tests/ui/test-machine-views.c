/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The VAD tree, the caches, the frames, the console: each follows the document, and what is chosen
 * in one is what the document has selected. */

#include <adwaita.h>

#include "lists/console-view.h"
#include "lists/event-view.h"
#include "lists/frame-picture.h"
#include "lists/frame-view.h"
#include "lists/tlb-picture.h"
#include "lists/tlb-view.h"
#include "lists/vad-picture.h"
#include "lists/vad-view.h"
#include "paint/picture-area.h"
#include "tables/lens-view.h"
#include "tables/stepper.h"
#include "windows/process.h"

#include "find-widget.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe\n"                                                                          \
  "alloc $a = 0x40000000 64K reserve|commit readwrite\n"                                           \
  "write $a\n"

static AtlasDocument *
make_document (void)
{
  AtlasDocument *document = atlas_document_new ();
  GError *error = NULL;

  g_assert_true (atlas_document_open_text (document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  atlas_document_select (document, 0x40000000);
  return document;
}

static AtlasCommandResult *
run (AtlasDocument *document, const char *command)
{
  g_autoptr (GError) error = NULL;
  AtlasCommandResult *result = atlas_document_run (document, command, &error);

  g_assert_no_error (error);
  return result;
}

/* ---- VAD tree ---------------------------------------------------------------------------------
 */

static void
test_every_node_of_a_small_tree_is_drawn_in_order (void)
{
  AtlasVadTree tree = { NULL, 0 };
  g_autoptr (AtlasVadPicture) picture = atlas_vad_picture_new ();
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasVadPictureInput input = { .width_px = 1000, .height_px = 400 };
  const AtlasVad *previous = NULL;
  guint n_found = 0;

  for (guint64 vpn = 0; vpn < 20; vpn++)
    g_assert_nonnull (atlas_vad_tree_insert (&tree, 16 * (vpn * 7 % 20), 16 * (vpn * 7 % 20) + 3));
  atlas_vad_picture_set_tree (picture, &tree);
  g_assert_cmpuint (atlas_vad_picture_get_n_slots (picture), ==, 20);
  input.slot_px = atlas_vad_picture_get_fit_px (picture, input.width_px);
  input.left_slot = -0.5;
  atlas_vad_picture_draw (picture, list, &input);

  /* A sweep over the picture meets each node; in one row they stand in address order. */
  for (guint y_px = 0; y_px < input.height_px; y_px += 4)
    {
      previous = NULL;
      for (guint x_px = 0; x_px < input.width_px; x_px++)
        {
          const AtlasVad *vad = atlas_vad_picture_pick (picture, x_px, y_px);

          if (vad == NULL || vad == previous)
            continue;
          if (previous != NULL)
            g_assert_cmpuint (vad->start_vpn, >, previous->start_vpn);
          previous = vad;
        }
    }
  for (const AtlasVad *vad = atlas_vad_tree_get_first (&tree); vad != NULL;
       vad = atlas_vad_get_next (vad))
    {
      gboolean is_met = FALSE;

      for (guint y_px = 0; y_px < input.height_px && !is_met; y_px += 2)
        for (guint x_px = 0; x_px < input.width_px && !is_met; x_px += 2)
          is_met = atlas_vad_picture_pick (picture, x_px, y_px) == vad;
      n_found += is_met;
    }
  g_assert_cmpuint (n_found, ==, 20);
  atlas_vad_tree_clear (&tree);
}

static void
test_a_large_tree_is_folded_to_the_pixels (void)
{
  AtlasVadTree tree = { NULL, 0 };
  g_autoptr (AtlasVadPicture) picture = atlas_vad_picture_new ();
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasVadPictureInput input = { .width_px = 1000, .height_px = 400 };

  for (guint64 vpn = 0; vpn < 100000; vpn++)
    g_assert_nonnull (atlas_vad_tree_insert (&tree, 16 * vpn, 16 * vpn + 7));
  atlas_vad_picture_set_tree (picture, &tree);
  input.slot_px = atlas_vad_picture_get_fit_px (picture, input.width_px);
  atlas_vad_picture_draw (picture, list, &input);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), >, 50);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 2000);

  /* Near by, the same. */
  input.slot_px = 60;
  input.left_slot = 50000;
  atlas_vad_picture_draw (picture, list, &input);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), >, 20);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 2000);
  atlas_vad_tree_clear (&tree);
}

static void
test_arrows_go_along_the_tree (void)
{
  AtlasDocument *document = make_document ();
  AtlasViewport *viewport = atlas_viewport_new (document);
  GtkWidget *view = g_object_ref_sink (atlas_vad_view_new (viewport));
  const AtlasVadTree *tree =
    atlas_process_get_vads (atlas_session_get_process (atlas_document_get_session (document)));
  const AtlasVad *vad = atlas_vad_tree_find (tree, 0x40000000, NULL);

  g_assert_true (says (view, "found after"));
  gtk_widget_activate_action (view, "vad.next", NULL);
  g_assert_cmphex (atlas_document_get_selected_va (document),
                   ==,
                   atlas_vad_get_base_va (atlas_vad_get_next (vad)));
  gtk_widget_activate_action (view, "vad.previous", NULL);
  g_assert_cmphex (atlas_document_get_selected_va (document), ==, 0x40000000);
  for (guint i = 0; i < 12; i++)
    gtk_widget_activate_action (view, "vad.parent", NULL);
  g_assert_cmphex (
    atlas_document_get_selected_va (document), ==, atlas_vad_get_base_va (tree->root));
  g_object_unref (view);
  g_object_unref (viewport);
  g_assert_finalize_object (document);
}

/* ---- caches -----------------------------------------------------------------------------------
 */

static void
test_caches_are_drawn_place_by_place (void)
{
  AtlasDocument *document = make_document ();
  g_autoptr (AtlasCommandResult) result = run (document, "read $a");
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasTlbPictureInput input = {
    .tlb = atlas_mmu_get_tlb (
      atlas_system_get_mmu (atlas_session_get_system (atlas_document_get_session (document)))),
    .width_px = 1000,
    .has_selection = TRUE,
    .selected_va = 0x40000000,
    .trace = result->trace,
    .step = atlas_trace_get_n_events (result->trace) - 1,
  };
  guint height_px = atlas_tlb_picture_draw (list, &input);
  guint n_serving = 0, n_places = 0;

  g_assert_cmpuint (height_px, >, 100);
  for (guint y_px = 0; y_px < height_px; y_px++)
    for (guint x_px = 0; x_px < input.width_px; x_px++)
      {
        AtlasTlbHit hit;

        if (!atlas_tlb_picture_pick (&input, x_px, y_px, &hit))
          continue;
        n_places++;
        if (!hit.is_empty && !hit.is_table && input.selected_va - hit.info.va < hit.info.size_bytes)
          n_serving++;
      }
  g_assert_cmpuint (n_places, >, 0);
  g_assert_cmpuint (n_serving, >, 0);
  g_assert_finalize_object (document);
}

static void
test_another_geometry_is_a_command (void)
{
  AtlasDocument *document = make_document ();
  GtkWidget *view = g_object_ref_sink (atlas_tlb_view_new (document));
  GtkDropDown *profile = GTK_DROP_DOWN (find_widget (view, GTK_TYPE_DROP_DOWN, NULL));
  g_autoptr (AtlasCommandResult) result = NULL;

  g_assert_true (says (view, "walks"));
  gtk_drop_down_set_selected (profile, 0);
  g_assert_true (says (view, "This processor has no translation caches"));
  atlas_document_undo (document);
  g_assert_cmpuint (gtk_drop_down_get_selected (profile), ==, 1);
  g_assert_true (says (view, "walks"));
  click_button (view, "Reload CR3");
  result = run (document, "tlb zen4");
  g_assert_cmpstr (atlas_tlb_get_profile (gtk_drop_down_get_selected (profile))->id, ==, "zen4");
  g_object_unref (view);
  g_assert_finalize_object (document);
}

/* ---- frames -----------------------------------------------------------------------------------
 */

static void
test_a_frame_leads_to_its_address_and_back (void)
{
  AtlasDocument *document = make_document ();
  GtkWidget *view = g_object_ref_sink (atlas_frame_view_new (document));
  AtlasPfn pfn = atlas_document_get_lens (document)->walk.pa >> ATLAS_PAGE_SHIFT;
  g_autofree char *words = g_strdup_printf ("frame %" G_GINT64_MODIFIER "x: active", pfn);
  AtlasVa va = 0;

  g_assert_true (says (view, words));
  g_assert_true (says (view, "active"));
  g_assert_true (atlas_frame_view_find_va (document, pfn, &va));
  g_assert_cmphex (va, ==, 0x40000000);
  /* The firmware's frames are mapped nowhere. */
  g_assert_false (atlas_frame_view_find_va (document, 5, &va));
  g_object_unref (view);
  g_assert_finalize_object (document);
}

static void
test_a_shared_frame_is_told_with_all_its_mappings (void)
{
  AtlasDocument *document = make_document ();
  AtlasProcess *process;
  GtkWidget *view;
  AtlasVa va = 0;

  atlas_command_result_unref (run (document, "read ntdll"));
  atlas_command_result_unref (run (document, "process $q other.exe"));
  atlas_command_result_unref (run (document, "read ntdll"));
  process = atlas_session_get_process (atlas_document_get_session (document));
  g_assert_true (atlas_process_find_module (process, "ntdll", &va));
  atlas_document_select (document, va);
  view = g_object_ref_sink (atlas_frame_view_new (document));
  g_assert_true (says (view, "mapped at demo.exe "));
  g_assert_true (says (view, ", other.exe "));
  g_object_unref (view);
  g_assert_finalize_object (document);
}

static void
test_all_frames_fit_into_a_picture (void)
{
  AtlasDocument *document = make_document ();
  const AtlasFrames *frames =
    atlas_system_get_frames (atlas_session_get_system (atlas_document_get_session (document)));
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  static const guint sizes_px[][2] = { { 1000, 400 }, { 320, 60 }, { 40, 20 }, { 1, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes_px); i++)
    {
      AtlasFramePictureInput input = { .frames = frames,
                                       .width_px = sizes_px[i][0],
                                       .height_px = sizes_px[i][1] };
      AtlasPfn pfn;

      input.frames_a_cell = atlas_frame_picture_get_fit (frames, input.width_px, input.height_px);
      g_assert_cmpuint (
        atlas_frame_picture_get_n_seen (input.frames_a_cell, input.width_px, input.height_px),
        >=,
        atlas_frames_get_n_frames (frames));
      atlas_display_list_clear (list);
      atlas_frame_picture_draw (list, &input);
      g_assert_cmpuint (atlas_display_list_get_n_marks (list), >, 0);
      g_assert_true (atlas_frame_picture_pick (&input, 13, 1, &pfn));
      g_assert_cmpuint (pfn, <, input.frames_a_cell);
    }
  g_assert_finalize_object (document);
}

/* ---- console and events -----------------------------------------------------------------------
 */

static void
type_and_run (GtkWidget *view, const char *command)
{
  GtkWidget *entry = find_widget (view, GTK_TYPE_ENTRY, NULL);

  atlas_console_view_begin (ATLAS_CONSOLE_VIEW (view), command);
  g_signal_emit_by_name (entry, "activate");
}

static void
test_the_console_tells_what_ran (void)
{
  AtlasDocument *document = make_document ();
  GtkWidget *view = g_object_ref_sink (atlas_console_view_new (document));
  g_autofree char *text = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;

  type_and_run (view, "reserve 0x50000000 64K");
  type_and_run (view, "nonsense");
  result = run (document, "release 0x50000000"); /* a click elsewhere */
  text = atlas_console_view_dup_text (ATLAS_CONSOLE_VIEW (view));
  g_assert_nonnull (strstr (text, "› reserve 0x50000000 64K\nreserved 0x50000000"));
  g_assert_nonnull (strstr (text, "found 'nonsense'"));
  g_assert_nonnull (strstr (text, "› release 0x50000000\nreleased"));
  atlas_console_view_begin (ATLAS_CONSOLE_VIEW (view), "prot");
  g_assert_nonnull (find_widget (view, GTK_TYPE_BUTTON, "protect"));
  g_object_unref (view);
  g_assert_finalize_object (document);
}

static void
test_a_preview_changes_nothing (void)
{
  AtlasDocument *document = make_document ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = atlas_document_preview (document, "release $a", &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (result->result, "released 0x40000000"));
  g_assert_false (atlas_document_is_modified (document));
  g_assert_cmpint (atlas_document_get_selected_region (document)->state, ==, ATLAS_STATE_COMMIT);
  g_assert_finalize_object (document);
}

static void
test_events_are_filtered_and_counted (void)
{
  AtlasDocument *document = make_document ();
  GtkWidget *view = g_object_ref_sink (atlas_event_view_new (document));
  GtkDropDown *shown = GTK_DROP_DOWN (find_widget (view, GTK_TYPE_DROP_DOWN, NULL));
  GtkWidget *list = find_styled (view, "atlas-table");
  GListModel *rows = G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (list)));
  g_autoptr (AtlasCommandResult) bad = run (document, "write 0x123");
  guint n_all = g_list_model_get_n_items (rows);

  g_assert_true (says (view, "demand zero"));
  g_assert_true (says (view, "entries read"));
  g_assert_cmpuint (n_all, ==, 6); /* the start, and five commands */
  gtk_drop_down_set_selected (shown, 1);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 2);
  gtk_drop_down_set_selected (shown, 2);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 2);
  gtk_drop_down_set_selected (shown, 3);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 1);
  /* The row that is left stands for its own place in the journal. */
  atlas_document_seek (document, 2);
  g_signal_emit_by_name (list, "activate", 0u);
  g_assert_cmpuint (atlas_session_get_position (atlas_document_get_session (document)), ==, 5);
  g_object_unref (view);
  g_assert_finalize_object (document);
}

static void
test_a_fault_says_what_would_help (void)
{
  AtlasDocument *document = make_document ();
  GtkWidget *view = g_object_ref_sink (atlas_stepper_new (document));
  g_autoptr (AtlasCommandResult) result = run (document, "execute $a");

  for (guint i = 0; i < atlas_trace_get_n_events (result->trace); i++)
    {
      atlas_document_set_step (document, i);
      if (atlas_trace_get_event (result->trace, i)->kind->role == ATLAS_TRACE_ROLE_FAULT)
        break;
    }
  g_assert_true (says (view, "bit 63") || says (view, "XD"));
  g_object_unref (view);
  g_assert_finalize_object (document);
}

/* ---- page tables ------------------------------------------------------------------------------
 */

static gboolean
tells (GtkWidget *lens, guint column, const char *words)
{
  AtlasLensView *view = ATLAS_LENS_VIEW (lens);
  g_autofree char *text = atlas_lens_view_tell_cell (view, column, 0);

  return strstr (text, words) != NULL;
}

static void
test_the_lens_follows_the_ages (void)
{
  AtlasDocument *document = make_document ();
  AtlasViewport *viewport = atlas_viewport_new (document);
  GtkWidget *lens = g_object_ref_sink (atlas_lens_view_new (viewport));
  gboolean is_shown = FALSE;

  g_assert_true (tells (lens, 3, "PTE 0"));
  g_assert_false (tells (lens, 3, "last used"));
  g_object_set (lens, "show-heat", TRUE, NULL);
  g_assert_true (tells (lens, 3, "last used since last look"));
  for (guint i = 0; i < 2; i++)
    atlas_command_result_unref (run (document, "tick 1s"));
  g_assert_true (tells (lens, 3, "last used 2 looks ago"));
  g_assert_true (tells (lens, 0, "last used 2 looks ago"));
  atlas_document_undo (document);
  g_assert_true (tells (lens, 3, "last used 1 look ago"));
  /* Another table: the ages follow the selection. */
  atlas_document_select (document, 0x7ffe0000);
  g_assert_false (tells (lens, 3, "last used"));
  g_object_get (lens, "show-heat", &is_shown, NULL);
  g_assert_true (is_shown);
  g_object_set (lens, "show-heat", FALSE, NULL);
  atlas_document_select (document, 0x40000000);
  g_assert_false (tells (lens, 3, "last used"));
  g_object_unref (lens);
  g_object_unref (viewport);
  g_assert_finalize_object (document);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/vads/small", test_every_node_of_a_small_tree_is_drawn_in_order);
  g_test_add_func ("/vads/large", test_a_large_tree_is_folded_to_the_pixels);
  g_test_add_func ("/vads/arrows", test_arrows_go_along_the_tree);
  g_test_add_func ("/tlb/places", test_caches_are_drawn_place_by_place);
  g_test_add_func ("/tlb/geometry", test_another_geometry_is_a_command);
  g_test_add_func ("/frames/there-and-back", test_a_frame_leads_to_its_address_and_back);
  g_test_add_func ("/frames/shared", test_a_shared_frame_is_told_with_all_its_mappings);
  g_test_add_func ("/frames/fit", test_all_frames_fit_into_a_picture);
  g_test_add_func ("/console/output", test_the_console_tells_what_ran);
  g_test_add_func ("/console/preview", test_a_preview_changes_nothing);
  g_test_add_func ("/events/filter", test_events_are_filtered_and_counted);
  g_test_add_func ("/stepper/fault", test_a_fault_says_what_would_help);
  g_test_add_func ("/lens/ages", test_the_lens_follows_the_ages);
  return g_test_run ();
}
