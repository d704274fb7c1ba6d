/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/root-dialog.h"

#include <glib/gi18n.h>

#include "lists/dialog-header.h"
#include "paint/accessible-name.h"
#include "paint/css-class.h"
#include "paint/dialog-size.h"
#include "source/memory-image.h"
#include "source/root-scan.h"

#define CANDIDATES_MAX 12u

struct _AtlasRootDialog
{
  AdwWindow parent_instance;

  /* children */
  GtkWidget *cr3;
  GtkWidget *levels;
  GtkWidget *found;
  GtkWidget *spinner;
  GtkWidget *problem;
  GtkWidget *agree;

  /* owned */
  AtlasDocument *document;
  GFile *file;
  char *last_cr3;
  GCancellable *cancellable; /* of the search and of the opening: both end with the dialog */

  /* state */
  gboolean is_typed; /* by a person: the search fills nothing in */
  gboolean is_filling;
  gboolean is_opening;
};

G_DEFINE_FINAL_TYPE (AtlasRootDialog, atlas_root_dialog, ADW_TYPE_WINDOW)

static guint opened_signal;

/* ---- opening ----------------------------------------------------------------------------------
 */

static void
show_problem (AtlasRootDialog *self, const char *problem)
{
  gtk_label_set_text (GTK_LABEL (self->problem), problem != NULL ? problem : "");
  atlas_css_class_set (self->cr3, "error", problem != NULL);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->cr3),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               problem != NULL ? GTK_ACCESSIBLE_INVALID_TRUE
                                               : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static gboolean
read_control (AtlasRootDialog *self, AtlasControl *control, GError **error)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->cr3))));

  *control = atlas_control_windows (0);
  if (adw_combo_row_get_selected (ADW_COMBO_ROW (self->levels)) == 1)
    control->cr4 |= ATLAS_CR4_LA57;
  return atlas_parse_number (text, TRUE, &control->cr3, error);
}

static void
update_agree (AtlasRootDialog *self)
{
  AtlasControl control;

  gtk_widget_set_sensitive (self->agree, !self->is_opening && read_control (self, &control, NULL));
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AtlasRootDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  self->is_opening = FALSE;
  if (atlas_document_open_finish (ATLAS_DOCUMENT (source), result, &error))
    {
      g_signal_emit (self, opened_signal, 0, gtk_editable_get_text (GTK_EDITABLE (self->cr3)));
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  show_problem (self, error->message);
  update_agree (self);
}

static void
on_agreed (AtlasRootDialog *self)
{
  g_autoptr (GError) error = NULL;
  AtlasControl control;

  if (!read_control (self, &control, &error))
    {
      show_problem (self, error->message);
      return;
    }
  self->is_opening = TRUE;
  update_agree (self);
  atlas_document_open_image_async (
    self->document, self->file, &control, self->cancellable, opened_cb, g_object_ref (self));
}

/* ---- searching --------------------------------------------------------------------------------
 */

static void
search_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GFile *file = task_data;
  g_autofree char *name = g_file_get_basename (file);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AtlasMemory) memory = NULL;
  AtlasControl control = atlas_control_windows (0);
  GError *error = NULL;

  bytes = g_file_load_bytes (file, cancellable, NULL, &error);
  if (bytes != NULL)
    memory = atlas_memory_image_is_known (bytes)
               ? atlas_memory_image_open (bytes, name, &control, &error)
               : atlas_memory_image_open_raw (bytes);
  if (memory != NULL)
    g_task_return_pointer (
      task, atlas_root_scan (memory, &control, CANDIDATES_MAX), (GDestroyNotify) g_array_unref);
  else
    g_task_return_error (task, error);
}

static void
fill_in (AtlasRootDialog *self, const AtlasRootCandidate *candidate)
{
  g_autofree char *cr3 = atlas_format_hex (candidate->root_pa);

  self->is_filling = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->cr3), cr3);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->levels), candidate->n_levels == 5 ? 1 : 0);
  self->is_filling = FALSE;
}

#define CANDIDATE_KEY "atlas-candidate"

static void
on_candidate_activated (AtlasRootDialog *self, GtkWidget *row)
{
  fill_in (self, g_object_get_data (G_OBJECT (row), CANDIDATE_KEY));
  self->is_typed = TRUE;
  gtk_widget_grab_focus (self->agree);
}

static GtkWidget *
make_candidate_row (AtlasRootDialog *self, const AtlasRootCandidate *candidate)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *cr3 = atlas_format_hex (candidate->root_pa);
  g_autofree char *n_pages = atlas_format_count (candidate->n_leaves);
  g_autofree char *n_tables = atlas_format_count (candidate->n_tables);
  g_autofree char *what = NULL;
  g_autofree char *subtitle = NULL;

  /* Translators: numbers of page-table levels, of pages and of page tables. */
  what = g_strdup_printf (
    _ ("%u levels · %s pages · %s tables"), candidate->n_levels, n_pages, n_tables);
  subtitle = candidate->has_self_map ? g_strdup_printf (_ ("%s · maps itself"), what)
                                     : g_steal_pointer (&what);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), cr3);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (
    G_OBJECT (row), CANDIDATE_KEY, g_memdup2 (candidate, sizeof *candidate), g_free);
  g_signal_connect_swapped (row, "activated", G_CALLBACK (on_candidate_activated), self);
  return row;
}

/* The one used last when it is found again, for the next image of the same machine; else the best.
 */
static void
propose (AtlasRootDialog *self, const GArray *candidates)
{
  guint64 last_cr3;
  guint chosen = 0;

  if (self->is_typed || candidates->len == 0)
    return;
  if (atlas_parse_number (self->last_cr3, TRUE, &last_cr3, NULL))
    for (guint i = 0; i < candidates->len; i++)
      if (g_array_index (candidates, AtlasRootCandidate, i).root_pa ==
          (last_cr3 & ~ATLAS_PAGE_MASK))
        chosen = i;
  fill_in (self, &g_array_index (candidates, AtlasRootCandidate, chosen));
}

static void
searched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AtlasRootDialog *self = ATLAS_ROOT_DIALOG (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) candidates = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  gtk_spinner_stop (GTK_SPINNER (self->spinner));
  if (candidates == NULL)
    {
      show_problem (self, error->message);
      return;
    }
  for (guint i = 0; i < candidates->len; i++)
    adw_preferences_group_add (
      ADW_PREFERENCES_GROUP (self->found),
      make_candidate_row (self, &g_array_index (candidates, AtlasRootCandidate, i)));
  if (candidates->len == 0)
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->found),
                                           _ ("Nothing in it looks like a root table."));
  propose (self, candidates);
}

static void
search (AtlasRootDialog *self)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, searched_cb, NULL);

  gtk_spinner_start (GTK_SPINNER (self->spinner));
  g_task_set_task_data (task, g_object_ref (self->file), g_object_unref);
  g_task_run_in_thread (task, search_in_thread);
}

/* ---- building ---------------------------------------------------------------------------------
 */

static void
on_changed (AtlasRootDialog *self)
{
  self->is_typed = self->is_typed || !self->is_filling;
  show_problem (self, NULL);
  update_agree (self);
}

static GtkWidget *
make_question (AtlasRootDialog *self)
{
  const char *const levels[] = { _ ("4 (48-bit addresses)"), _ ("5 (57-bit addresses)"), NULL };
  g_autoptr (GtkStringList) model = gtk_string_list_new (levels);
  GtkWidget *ask = adw_preferences_group_new ();

  adw_preferences_group_set_description (
    ADW_PREFERENCES_GROUP (ask),
    _ ("Physical memory alone is no address space: CR3 tells where its page tables begin."));
  self->cr3 = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->cr3), _ ("CR3"));
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (self->cr3), TRUE);
  g_signal_connect_swapped (self->cr3, "changed", G_CALLBACK (on_changed), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (ask), self->cr3);

  self->levels = adw_combo_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->levels), _ ("Page-table levels"));
  adw_combo_row_set_model (ADW_COMBO_ROW (self->levels), G_LIST_MODEL (model));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (ask), self->levels);
  return ask;
}

static GtkWidget *
make_body (AtlasRootDialog *self)
{
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_widget_add_css_class (body, "atlas-dialog");
  gtk_box_append (GTK_BOX (body), make_question (self));

  self->problem = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->problem, "error");
  gtk_label_set_wrap (GTK_LABEL (self->problem), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->problem), 0.0f);
  gtk_box_append (GTK_BOX (body), self->problem);

  self->found = adw_preferences_group_new ();
  self->spinner = gtk_spinner_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->found), _ ("Found in the image"));
  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (self->found), self->spinner);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->found);
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 180);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (body), scroller);
  return body;
}

static gboolean
atlas_root_dialog_close_request (GtkWindow *window)
{
  g_cancellable_cancel (ATLAS_ROOT_DIALOG (window)->cancellable);

  return GTK_WINDOW_CLASS (atlas_root_dialog_parent_class)->close_request (window);
}

static void
atlas_root_dialog_dispose (GObject *object)
{
  AtlasRootDialog *self = ATLAS_ROOT_DIALOG (object);

  g_clear_object (&self->document);
  g_clear_object (&self->file);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->last_cr3, g_free);

  G_OBJECT_CLASS (atlas_root_dialog_parent_class)->dispose (object);
}

static void
atlas_root_dialog_class_init (AtlasRootDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_root_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = atlas_root_dialog_close_request;

  opened_signal = g_signal_new ("opened",
                                ATLAS_TYPE_ROOT_DIALOG,
                                G_SIGNAL_RUN_LAST,
                                0,
                                NULL,
                                NULL,
                                NULL,
                                G_TYPE_NONE,
                                1,
                                G_TYPE_STRING);
  gtk_widget_class_add_binding_action (
    GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
atlas_root_dialog_init (AtlasRootDialog *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->cancellable = g_cancellable_new ();
  gtk_box_append (GTK_BOX (content),
                  atlas_dialog_header_new (GTK_WINDOW (self),
                                           _ ("Open Memory Image"),
                                           _ ("_Open"),
                                           G_CALLBACK (on_agreed),
                                           &self->agree));
  gtk_box_append (GTK_BOX (content), make_body (self));
  adw_window_set_content (ADW_WINDOW (self), content);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Open Memory Image"));
  atlas_name_window_parts (GTK_WINDOW (self));
  atlas_dialog_set_size (GTK_WINDOW (self), 480, 520);
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->agree);
  /* Return opens; the first button is Cancel. */
  gtk_widget_grab_focus (self->cr3);
  update_agree (self);
}

AtlasRootDialog *
atlas_root_dialog_new (AtlasDocument *document, GFile *file, const char *last_cr3)
{
  AtlasRootDialog *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  self = g_object_new (ATLAS_TYPE_ROOT_DIALOG, NULL);
  self->document = g_object_ref (document);
  self->file = g_object_ref (file);
  self->last_cr3 = g_strdup (last_cr3 != NULL ? last_cr3 : "");
  search (self);
  return self;
}
