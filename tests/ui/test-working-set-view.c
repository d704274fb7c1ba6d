/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The working set as a list: every page of it once, with the words of QueryWorkingSetEx; by age, in
 * any order, and linked with the document's selection. */

#include <adwaita.h>

#include "lists/age-picture.h"
#include "lists/working-set-model.h"
#include "lists/working-set-view.h"
#include "windows/fault.h"
#include "windows/process.h"

#include "find-widget.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe\n"                                                                          \
  "alloc $a = 0x40000000 64K reserve|commit readwrite\n"                                           \
  "write $a 3\n"                                                                                   \
  "read $a+0x1000\n"                                                                               \
  "lock $a 4K\n"

static AtlasDocument *
make_document (const char *text)
{
  AtlasDocument *document = atlas_document_new ();
  GError *error = NULL;

  atlas_document_open_text (document, text, "test", &error);
  g_assert_no_error (error);
  return document;
}

static void
run (AtlasDocument *document, const char *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = atlas_document_run (document, command, &error);

  g_assert_no_error (error);
}

static AtlasProcess *
get_process (AtlasDocument *document)
{
  return atlas_session_get_process (atlas_document_get_session (document));
}

static guint
count_rows (AtlasWorkingSetModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (model));
}

/* ---- model ------------------------------------------------------------------------------------
 */

static void
test_every_row_is_what_windows_would_answer (void)
{
  AtlasDocument *document = make_document (SCENARIO);
  AtlasProcess *process = get_process (document);
  g_autoptr (AtlasWorkingSetModel) model = atlas_working_set_model_new ();
  AtlasWorkingSetTotals totals;
  AtlasWorkingSet set;
  AtlasVa before_va = 0;
  guint64 n_shareable = 0, n_shared = 0, n_locked = 0;

  atlas_working_set_model_set_process (model, process);
  atlas_process_get_working_set (process, &set);
  /* KUSER_SHARED_DATA and the hypervisor's page are resident, but never trimmed: in no list. */
  g_assert_cmpuint (count_rows (model), ==, set.n_pages - 2u);
  for (guint i = 0; i < count_rows (model); i++)
    {
      const AtlasWorkingSetEntry *entry = atlas_working_set_model_get_entry (model, i);
      guint64 block = atlas_process_query_working_set_ex (process, entry->va);

      g_assert_cmphex (entry->va, >, before_va);
      before_va = entry->va;
      g_assert_cmpuint (block & 1u, ==, 1);
      g_assert_cmpuint (block >> 1 & 7u, ==, MIN (entry->share_count, 7u));
      g_assert_cmphex (block >> 4 & 0x7ffu, ==, atlas_protection_to_win32 (entry->protection));
      g_assert_cmpuint (block >> 15 & 1u, ==, entry->is_shared);
      g_assert_cmpuint (block >> 22 & 1u, ==, entry->is_locked);
      n_shareable += block >> 15 & 1u;
      n_shared += (block >> 15 & 1u) != 0 && (block >> 1 & 7u) > 1;
      n_locked += block >> 22 & 1u;
    }
  atlas_working_set_model_get_totals (model, &totals);
  g_assert_cmpuint (totals.n_shareable_pages, ==, n_shareable);
  g_assert_cmpuint (totals.n_shared_pages, ==, n_shared);
  g_assert_cmpuint (totals.n_private_pages, ==, count_rows (model) - n_shareable);
  g_assert_cmpuint (set.n_locked_pages, ==, n_locked);
  g_assert_cmpuint (n_locked, ==, 1);
  g_assert_cmpuint (n_shareable, >, 0);
  g_assert_finalize_object (document);
}

static void
test_pages_grow_older_until_they_are_used (void)
{
  AtlasDocument *document = make_document (SCENARIO);
  g_autoptr (AtlasWorkingSetModel) model = atlas_working_set_model_new ();
  AtlasWorkingSetTotals totals;
  guint position;

  atlas_working_set_model_set_process (model, get_process (document));
  g_assert_true (atlas_working_set_model_find (model, 0x40000123, &position));
  g_assert_cmpuint (
    atlas_working_set_entry_get_heat (atlas_working_set_model_get_entry (model, position)), ==, 0);
  for (guint look = 1; look <= 10; look++)
    {
      run (document, "tick 1s");
      run (document, "read 0x40001000");
      atlas_working_set_model_set_process (model, get_process (document));
      g_assert_true (atlas_working_set_model_find (model, 0x40000000, &position));
      g_assert_cmpuint (
        atlas_working_set_entry_get_heat (atlas_working_set_model_get_entry (model, position)),
        ==,
        MIN (look, ATLAS_N_HEATS - 1u));
      atlas_working_set_model_set_heat (model, 0);
      g_assert_true (atlas_working_set_model_find (model, 0x40001fff, &position));
      g_assert_false (atlas_working_set_model_find (model, 0x40000000, &position));
      atlas_working_set_model_get_totals (model, &totals);
      g_assert_cmpuint (count_rows (model), ==, totals.n_of_heat[0]);
      atlas_working_set_model_set_heat (model, ATLAS_HEAT_NONE);
    }
  g_assert_finalize_object (document);
}

static void
test_any_order_keeps_every_page (void)
{
  AtlasDocument *document = make_document (SCENARIO "tick 1s\nread $a+0x1000\n");
  g_autoptr (AtlasWorkingSetModel) model = atlas_working_set_model_new ();
  guint n_rows;

  atlas_working_set_model_set_process (model, get_process (document));
  n_rows = count_rows (model);
  for (guint key = 0; key < ATLAS_N_WORKING_SET_KEYS; key++)
    for (gboolean is_descending = FALSE; is_descending <= TRUE; is_descending++)
      {
        g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

        atlas_working_set_model_set_sort (model, (AtlasWorkingSetKey) key, is_descending);
        g_assert_cmpuint (count_rows (model), ==, n_rows);
        for (guint i = 0; i < n_rows; i++)
          {
            const AtlasWorkingSetEntry *entry = atlas_working_set_model_get_entry (model, i);
            const AtlasWorkingSetEntry *previous =
              i > 0 ? atlas_working_set_model_get_entry (model, i - 1u) : NULL;

            g_assert_true (g_hash_table_add (seen, GSIZE_TO_POINTER (entry->va)));
            if (previous == NULL)
              continue;
            if (key == ATLAS_WORKING_SET_KEY_FRAME)
              g_assert_true (is_descending ? entry->pfn < previous->pfn
                                           : entry->pfn > previous->pfn);
            if (key == ATLAS_WORKING_SET_KEY_FLAGS && !is_descending)
              g_assert_cmpuint (entry->is_locked, <=, previous->is_locked);
          }
      }
  g_assert_finalize_object (document);
}

typedef struct
{
  guint n_changes;
  guint n_removed, n_added;
} Changes;

static void
changed_cb (GListModel *model, guint position, guint n_removed, guint n_added, Changes *changes)
{
  changes->n_changes++;
  changes->n_removed += n_removed;
  changes->n_added += n_added;
}

static void
test_only_rows_that_differ_change (void)
{
  AtlasDocument *document = make_document (SCENARIO);
  g_autoptr (AtlasWorkingSetModel) model = atlas_working_set_model_new ();
  Changes changes = { 0 };

  atlas_working_set_model_set_process (model, get_process (document));
  g_signal_connect (model, "items-changed", G_CALLBACK (changed_cb), &changes);
  atlas_working_set_model_set_process (model, get_process (document));
  g_assert_cmpuint (changes.n_changes, ==, 0);
  run (document, "read 0x40003000");
  atlas_working_set_model_set_process (model, get_process (document));
  g_assert_cmpuint (changes.n_changes, ==, 1);
  g_assert_cmpuint (changes.n_added, ==, changes.n_removed + 1u);
  g_assert_cmpuint (changes.n_added, <, 20);
  atlas_working_set_model_set_process (model, NULL);
  g_assert_cmpuint (count_rows (model), ==, 0);
  g_assert_finalize_object (document);
}

/* A list of any length makes the rows that are asked for and no other. */
static void
test_only_the_rows_asked_for_are_made (void)
{
  AtlasDocument *document = make_document ("system memory=4G seed=7\nprocess $p demo.exe\n"
                                           "alloc $a = 0x40000000 400M reserve|commit readwrite\n");
  g_autoptr (AtlasWorkingSetModel) model = atlas_working_set_model_new ();
  g_autoptr (AtlasWorkingSetItem) item = NULL;
  guint position;

  for (guint64 offset = 0; offset < 400u << 20; offset += ATLAS_KB (64))
    {
      g_autofree guint8 *bytes = g_malloc (ATLAS_KB (64));

      g_assert_cmphex (atlas_process_access (get_process (document),
                                             0x40000000 + offset,
                                             ATLAS_ACCESS_READ,
                                             FALSE,
                                             bytes,
                                             ATLAS_KB (64),
                                             NULL,
                                             NULL),
                       ==,
                       ATLAS_STATUS_SUCCESS);
    }
  atlas_working_set_model_set_process (model, get_process (document));
  g_assert_cmpuint (count_rows (model), >, 100000);
  atlas_working_set_model_set_sort (model, ATLAS_WORKING_SET_KEY_FRAME, TRUE);
  g_assert_true (atlas_working_set_model_find (model, 0x40000000 + (400u << 20) - 1u, &position));
  item = g_list_model_get_item (G_LIST_MODEL (model), position);
  g_assert_cmphex (
    atlas_working_set_item_get_entry (item)->va, ==, 0x40000000 + (400u << 20) - 4096u);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (model), count_rows (model)));
  g_assert_finalize_object (document);
}

/* ---- picture ----------------------------------------------------------------------------------
 */

static void
test_each_age_has_a_part_of_the_bar (void)
{
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasAgePictureInput input = {
    .n_of_heat = { 1000000, 0, 1, 0, 0, 0, 0, 0, 30 }, .width_px = 900, .height_px = 26, .chosen = 2
  };
  guint n_px[ATLAS_N_HEATS] = { 0 };

  atlas_age_picture_draw (list, &input);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), >=, 4);
  for (guint x_px = 0; x_px < input.width_px; x_px++)
    {
      guint heat = atlas_age_picture_pick (&input, x_px);

      if (heat != ATLAS_HEAT_NONE)
        n_px[heat]++;
    }
  for (guint heat = 0; heat < ATLAS_N_HEATS; heat++)
    g_assert_true ((n_px[heat] > 0) == (input.n_of_heat[heat] > 0));
  g_assert_cmpuint (n_px[2], >=, 5);
  g_assert_cmpuint (n_px[0], >, 700);

  /* Nothing at all, and no room at all. */
  input = (AtlasAgePictureInput){ .width_px = 1, .height_px = 1, .chosen = ATLAS_HEAT_NONE };
  atlas_age_picture_draw (list, &input);
  g_assert_cmpuint (atlas_age_picture_pick (&input, 0), ==, ATLAS_HEAT_NONE);
}

/* ---- view -------------------------------------------------------------------------------------
 */

typedef struct
{
  AtlasDocument *document;
  AtlasViewport *viewport;
  GtkWidget *window;
  GtkWidget *view;
} Shown;

/* It has them once it has a size. */
static gboolean
has_rows (gpointer view)
{
  GtkWidget *list = find_widget (view, GTK_TYPE_COLUMN_VIEW, NULL);

  return gtk_column_view_get_model (GTK_COLUMN_VIEW (list)) != NULL;
}

static Shown
show (AtlasDocument *document)
{
  Shown shown = { .document = document, .viewport = atlas_viewport_new (document) };

  shown.window = gtk_window_new ();
  shown.view = atlas_working_set_view_new (shown.viewport);
  gtk_window_set_default_size (GTK_WINDOW (shown.window), 900, 400);
  gtk_window_set_child (GTK_WINDOW (shown.window), shown.view);
  gtk_window_present (GTK_WINDOW (shown.window));
  g_assert_true (wait_until (has_rows, shown.view));
  return shown;
}

static void
close_shown (Shown *shown)
{
  gtk_window_destroy (GTK_WINDOW (shown->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (shown->viewport);
  g_assert_finalize_object (shown->document);
}

static GtkSingleSelection *
get_selection (Shown *shown)
{
  GtkWidget *list = find_widget (shown->view, GTK_TYPE_COLUMN_VIEW, NULL);

  return GTK_SINGLE_SELECTION (gtk_column_view_get_model (GTK_COLUMN_VIEW (list)));
}

static void
test_a_row_selects_its_address_and_the_other_way_round (void)
{
  Shown shown = show (make_document (SCENARIO));
  AtlasWorkingSetModel *model = ATLAS_WORKING_SET_MODEL (
    atlas_working_set_view_get_model (ATLAS_WORKING_SET_VIEW (shown.view)));
  guint position;

  atlas_document_select (shown.document, 0x40001abc);
  position = gtk_single_selection_get_selected (get_selection (&shown));
  g_assert_cmphex (atlas_working_set_model_get_entry (model, position)->va, ==, 0x40001000);

  gtk_single_selection_set_selected (get_selection (&shown), position - 1u);
  g_assert_cmphex (atlas_document_get_selected_va (shown.document), ==, 0x40000000);

  /* An address that is in no frame is no row. */
  atlas_document_select (shown.document, 0x40008000);
  g_assert_cmpuint (
    gtk_single_selection_get_selected (get_selection (&shown)), ==, GTK_INVALID_LIST_POSITION);
  g_assert_true (says (shown.view, "locked 1"));
  close_shown (&shown);
}

static void
test_a_trim_empties_it_and_is_counted (void)
{
  Shown shown = show (make_document (SCENARIO));
  GListModel *model = atlas_working_set_view_get_model (ATLAS_WORKING_SET_VIEW (shown.view));
  guint n_rows = g_list_model_get_n_items (model);
  g_autofree char *trimmed = g_strdup_printf ("trimmed %u", n_rows - 1u);

  g_assert_true (says (shown.view, "trimmed 0"));
  click_button (shown.view, "_Age");
  click_button (shown.view, "_Trim");
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 1); /* the locked one */
  g_assert_true (says (shown.view, trimmed));
  atlas_document_undo (shown.document);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, n_rows);
  g_assert_true (says (shown.view, "trimmed 0"));
  close_shown (&shown);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/working-set/truth", test_every_row_is_what_windows_would_answer);
  g_test_add_func ("/working-set/ages", test_pages_grow_older_until_they_are_used);
  g_test_add_func ("/working-set/order", test_any_order_keeps_every_page);
  g_test_add_func ("/working-set/changes", test_only_rows_that_differ_change);
  g_test_add_func ("/working-set/many", test_only_the_rows_asked_for_are_made);
  g_test_add_func ("/working-set/bar", test_each_age_has_a_part_of_the_bar);
  g_test_add_func ("/working-set/selection",
                   test_a_row_selects_its_address_and_the_other_way_round);
  g_test_add_func ("/working-set/trim", test_a_trim_empties_it_and_is_counted);
  return g_test_run ();
}
