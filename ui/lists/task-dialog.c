/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/task-dialog.h"

#include <string.h>

#include <glib/gi18n.h>

#include "lists/command-card.h"
#include "lists/slot-picture.h"
#include "lists/status-text.h"
#include "lists/task-row.h"
#include "model/rehearsal.h"
#include "lists/dialog-header.h"
#include "paint/accessible-name.h"
#include "paint/dialog-size.h"

#define WIDTH_PX 520
/* Most answers have room in it: little moves while something is typed. */
#define ANSWER_HEIGHT_PX 64
/* Questions beyond it scroll; less where the window that the dialog belongs to is lower … */
#define QUESTIONS_HEIGHT_PX 460
#define QUESTIONS_HEIGHT_MIN_PX 220
/* … by what stands above and below them. */
#define OTHER_HEIGHT_PX 325

struct _AtlasTaskDialog
{
  AdwWindow parent_instance;

  /* children's children */
  GtkWidget *answer;
  GtkWidget *detail;
  GtkWidget *effects;
  GtkWidget *picture; /* NULL where slots do not matter */
  GtkWidget *command;
  GtkWidget *agree;
  GtkWidget *further; /* NULL without */
  GtkWidget *scroller;

  /* owned */
  AtlasDocument *document;
  GPtrArray *rows; /* of AtlasTaskRow */

  /* state */
  AtlasTask task;
  guint fit_id;
};

G_DEFINE_FINAL_TYPE (AtlasTaskDialog, atlas_task_dialog, ADW_TYPE_WINDOW)

/* ---- values -----------------------------------------------------------------------------------
 */

static AtlasTaskValues
get_values (AtlasTaskDialog *self)
{
  AtlasTaskValues values = { 0 };

  for (guint i = 0; i < self->rows->len; i++)
    {
      AtlasTaskRow *row = g_ptr_array_index (self->rows, i);

      values.texts[atlas_task_row_get_field (row)->id] = atlas_task_row_get_text (row);
    }
  return values;
}

static void
show_rows (AtlasTaskDialog *self, const AtlasTaskValues *values)
{
  gboolean has_further = FALSE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      AtlasTaskRow *row = g_ptr_array_index (self->rows, i);
      const AtlasField *field = atlas_task_row_get_field (row);
      gboolean is_shown = atlas_field_is_shown (field, values);

      gtk_widget_set_visible (atlas_task_row_get_widget (row), is_shown);
      has_further |= is_shown && field->is_further;
    }
  if (self->further != NULL)
    gtk_widget_set_visible (self->further, has_further);
}

static void
show_wrong (AtlasTaskDialog *self, AtlasFieldId wrong)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      AtlasTaskRow *row = g_ptr_array_index (self->rows, i);

      atlas_task_row_set_wrong (
        row, wrong != ATLAS_FIELD_NONE && atlas_task_row_get_field (row)->id == wrong);
    }
}

/* ---- what would come of it --------------------------------------------------------------------
 */

/* As high as what it holds: questions do not scroll because answers became longer, or because more
 * of them unfold. */
static void
fit (AtlasTaskDialog *self)
{
  GtkScrolledWindow *scroller = GTK_SCROLLED_WINDOW (self->scroller);
  int width_px = gtk_widget_get_width (self->scroller);
  int height_px;

  atlas_dialog_set_size (GTK_WINDOW (self), WIDTH_PX, -1);
  if (width_px == 0)
    return;
  /* What scrolls is asked for its height without a width: as if no line would break. */
  gtk_widget_measure (gtk_scrolled_window_get_child (scroller),
                      GTK_ORIENTATION_VERTICAL,
                      width_px,
                      NULL,
                      &height_px,
                      NULL,
                      NULL);
  gtk_scrolled_window_set_min_content_height (
    scroller, MIN (height_px, gtk_scrolled_window_get_max_content_height (scroller)));
}

static gboolean
fit_cb (gpointer user_data)
{
  AtlasTaskDialog *self = user_data;

  self->fit_id = 0;
  fit (self);
  return G_SOURCE_REMOVE;
}

/* Told while sizes are being given out: too early to ask for another one. */
static void
on_questions_resized (AtlasTaskDialog *self)
{
  if (self->fit_id == 0)
    self->fit_id = g_idle_add (fit_cb, self);
}

static void
show_answer (AtlasTaskDialog *self,
             const char *answer,
             const char *detail,
             const char *effects,
             const char *commands,
             gboolean is_possible)
{
  gtk_label_set_text (GTK_LABEL (self->answer), answer);
  gtk_label_set_text (GTK_LABEL (self->detail), detail != NULL ? detail : "");
  gtk_widget_set_visible (self->detail, detail != NULL && *detail != '\0');
  gtk_label_set_text (GTK_LABEL (self->effects), effects != NULL ? effects : "");
  gtk_widget_set_visible (self->effects, effects != NULL && *effects != '\0');
  atlas_command_card_set_text (ATLAS_COMMAND_CARD (self->command), commands);
  gtk_widget_set_sensitive (self->agree, is_possible);
  /* A short answer is bold; a refusal is sentences. */
  gtk_widget_remove_css_class (self->answer, is_possible ? "error" : "heading");
  gtk_widget_add_css_class (self->answer, is_possible ? "heading" : "error");
  fit (self);
}

/* The words of a refusal without the names and numbers before them: those stand below. Borrowed. */
static const char *
get_reason (const AtlasCommandResult *result)
{
  const char *description = _ (atlas_status_get_description (result->status));
  const char *reason = strstr (result->result, description);

  return reason != NULL ? reason : result->result;
}

/* What was asked, where the fields tell it; 0 for what Windows chooses. */
static void
read_asked (AtlasTaskDialog *self, const AtlasTaskValues *values, AtlasSlotPlan *plan)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  const char *address = values->texts[ATLAS_FIELD_ADDRESS];
  const char *size = values->texts[ATLAS_FIELD_VIEW_SIZE];

  if (size == NULL || *size == '\0')
    size = values->texts[ATLAS_FIELD_SECTION_SIZE];
  if (size == NULL || !atlas_parse_size (size, &plan->asked_bytes, NULL))
    plan->asked_bytes = 0;
  plan->has_asked = address != NULL && *address != '\0' &&
                    atlas_session_parse_address (session, address, &plan->asked_va, NULL);
}

static char *
format_given (const AtlasSlotPlan *plan)
{
  g_autofree char *first = atlas_format_hex (plan->given_va);
  g_autofree char *last = atlas_format_hex (plan->given_va + (plan->given_bytes - 1u));
  g_autofree char *size = atlas_format_size (plan->given_bytes);
  guint64 n_pages = plan->given_bytes / ATLAS_PAGE_BYTES;
  g_autofree char *pages = atlas_format_count (n_pages);

  return g_strdup_printf (
    ngettext ("Gets %s–%s, %s page (%s)", "Gets %s–%s, %s pages (%s)", (gulong) n_pages),
    first,
    last,
    pages,
    size);
}

/* How the answer differs from the question. */
static char *
format_rounding (const AtlasSlotPlan *plan)
{
  GString *text = g_string_new (NULL);

  if (plan->asked_bytes != 0 && plan->asked_bytes != plan->given_bytes)
    {
      g_autofree char *asked = atlas_format_count (plan->asked_bytes);

      g_string_append_printf (text,
                              ngettext ("Asked for %s byte: whole pages are given. ",
                                        "Asked for %s bytes: whole pages are given. ",
                                        (gulong) plan->asked_bytes),
                              asked);
    }
  if (plan->n_unusable_pages > 0)
    g_string_append_printf (
      text,
      ngettext ("%u page of its last 64 KB slot cannot be allocated by anyone afterwards.",
                "%u pages of its last 64 KB slot cannot be allocated by anyone afterwards.",
                plan->n_unusable_pages),
      plan->n_unusable_pages);
  return g_strchomp (g_string_free (text, FALSE));
}

static void
show_possible (AtlasTaskDialog *self,
               const AtlasRehearsal *rehearsal,
               AtlasSlotPlan *plan,
               const char *commands)
{
  const AtlasCommandResult *result = atlas_rehearsal_get_result (rehearsal);
  const char *effects = atlas_rehearsal_get_effects (rehearsal);
  g_autofree char *answer = NULL;
  g_autofree char *detail = NULL;

  plan->is_given = !atlas_task_get_info (self->task)->keeps_place &&
                   atlas_rehearsal_get_range (rehearsal, &plan->given_va, &plan->given_bytes);
  if (!plan->is_given)
    {
      answer = g_strdup_printf (_ ("Would give: %s"), result->result);
      show_answer (self, answer, NULL, effects, commands, TRUE);
      return;
    }
  plan->n_unusable_pages = (guint) (-(plan->given_va + plan->given_bytes) %
                                    ATLAS_ALLOCATION_GRANULARITY / ATLAS_PAGE_BYTES);
  answer = format_given (plan);
  detail = self->picture != NULL ? format_rounding (plan) : g_strdup (result->result);
  show_answer (self, answer, detail, effects, commands, TRUE);
}

static void
update_preview (AtlasTaskDialog *self)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  AtlasTaskValues values = get_values (self);
  AtlasSlotPlan plan = { 0 };
  AtlasFieldId wrong = ATLAS_FIELD_NONE;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasRehearsal) rehearsal = NULL;
  g_autofree char *commands = NULL;
  const char *refusal = atlas_task_refuse (self->task, self->document);

  show_rows (self, &values);
  if (refusal != NULL)
    {
      show_answer (self, refusal, NULL, NULL, NULL, FALSE);
      return;
    }
  read_asked (self, &values, &plan);
  commands = atlas_task_compose (self->task, &values, session, &wrong, &error);
  if (commands != NULL)
    rehearsal = atlas_rehearsal_new (self->document, commands, &error);
  show_wrong (self, wrong);
  if (rehearsal == NULL)
    {
      show_answer (self, error->message, NULL, NULL, commands, FALSE);
      /* Nothing is wrong as long as nothing was typed. */
      if (commands == NULL && wrong == ATLAS_FIELD_NONE)
        gtk_widget_remove_css_class (self->answer, "error");
    }
  else if (!atlas_status_is_success (atlas_rehearsal_get_result (rehearsal)->status))
    {
      const AtlasCommandResult *result = atlas_rehearsal_get_result (rehearsal);
      g_autofree char *detail = atlas_status_format (result->status);

      show_answer (self, get_reason (result), detail, NULL, commands, FALSE);
    }
  else
    {
      show_possible (self, rehearsal, &plan, commands);
    }
  if (self->picture != NULL)
    atlas_slot_picture_set_plan (ATLAS_SLOT_PICTURE (self->picture), &plan);
}

static void
on_agreed (AtlasTaskDialog *self)
{
  AtlasTaskValues values = get_values (self);
  AtlasFieldId wrong;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autofree char *commands = atlas_task_compose (
    self->task, &values, atlas_document_get_session (self->document), &wrong, &error);

  if (commands != NULL)
    result = atlas_document_run_all (self->document, commands, &error);
  if (result == NULL)
    {
      show_answer (self, error->message, NULL, NULL, commands, FALSE);
      return;
    }
  /* A refusal has been shown by the preview, which follows the document. */
  if (atlas_status_is_success (result->status))
    gtk_window_close (GTK_WINDOW (self));
}

/* All of the dialog is seen beside its window. */
static void
on_parent_changed (AtlasTaskDialog *self)
{
  GtkWindow *dialog = GTK_WINDOW (self);
  GtkWindow *parent = gtk_window_get_transient_for (dialog);
  int height_px = parent != NULL ? gtk_widget_get_height (GTK_WIDGET (parent)) : 0;

  if (height_px > 0)
    gtk_scrolled_window_set_max_content_height (
      GTK_SCROLLED_WINDOW (self->scroller),
      CLAMP (height_px - atlas_dialog_get_length (dialog, OTHER_HEIGHT_PX),
             QUESTIONS_HEIGHT_MIN_PX,
             atlas_dialog_get_length (dialog, QUESTIONS_HEIGHT_PX)));
}

/* ---- building ---------------------------------------------------------------------------------
 */

static GtkWidget *
make_text (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0.0f);
  gtk_label_set_yalign (GTK_LABEL (label), 0.0f);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_questions (AtlasTaskDialog *self, const AtlasTaskInfo *info)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *group = adw_preferences_group_new ();

  if (info->further != NULL)
    {
      self->further = adw_expander_row_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->further), _ (info->further));
    }
  for (const AtlasField *field = info->fields; field->id != ATLAS_FIELD_NONE; field++)
    {
      g_autofree char *suggestion = atlas_task_suggest (self->task, field, self->document);
      AtlasTaskRow *row =
        atlas_task_row_new (field, suggestion, self->document, G_CALLBACK (update_preview), self);

      g_ptr_array_add (self->rows, row);
      if (field->is_further)
        adw_expander_row_add_row (ADW_EXPANDER_ROW (self->further),
                                  atlas_task_row_get_widget (row));
      else
        adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), atlas_task_row_get_widget (row));
    }
  if (self->further != NULL)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->further);

  gtk_widget_add_css_class (group, "atlas-questions");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), group);
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)),
                           "changed",
                           G_CALLBACK (on_questions_resized),
                           self,
                           G_CONNECT_SWAPPED);
  self->scroller = scroller;
  return scroller;
}

static GtkWidget *
make_answers (AtlasTaskDialog *self, const AtlasTaskInfo *info)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_widget_add_css_class (box, "atlas-answers");
  gtk_widget_set_size_request (
    words, -1, atlas_dialog_get_length (GTK_WINDOW (self), ANSWER_HEIGHT_PX));
  self->answer = make_text ("heading");
  self->detail = make_text ("dim-label");
  self->effects = make_text ("dim-label");
  gtk_box_append (GTK_BOX (words), self->answer);
  gtk_box_append (GTK_BOX (words), self->detail);
  gtk_box_append (GTK_BOX (words), self->effects);
  gtk_box_append (GTK_BOX (box), words);
  if (info->has_place)
    {
      self->picture = atlas_slot_picture_new ();
      gtk_box_append (GTK_BOX (box), self->picture);
    }
  self->command = atlas_command_card_new ();
  gtk_box_append (GTK_BOX (box), self->command);
  return box;
}

static void
atlas_task_dialog_dispose (GObject *object)
{
  AtlasTaskDialog *self = ATLAS_TASK_DIALOG (object);

  g_clear_handle_id (&self->fit_id, g_source_remove);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_task_dialog_parent_class)->dispose (object);
  /* Their widgets call them until they are gone. */
  g_clear_pointer (&self->rows, g_ptr_array_unref);
}

static void
atlas_task_dialog_class_init (AtlasTaskDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_task_dialog_dispose;

  gtk_widget_class_add_binding_action (
    GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
atlas_task_dialog_init (AtlasTaskDialog *self)
{
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) atlas_task_row_free);
}

AtlasTaskDialog *
atlas_task_dialog_new (AtlasDocument *document, AtlasTask task)
{
  const AtlasTaskInfo *info;
  AtlasTaskDialog *self;
  GtkWidget *content;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);
  g_return_val_if_fail (task < ATLAS_N_TASKS, NULL);

  info = atlas_task_get_info (task);
  self = g_object_new (ATLAS_TYPE_TASK_DIALOG, NULL);
  self->document = g_object_ref (document);
  self->task = task;
  content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (
    GTK_BOX (content),
    atlas_dialog_header_new (
      GTK_WINDOW (self), _ (info->title), _ (info->agree), G_CALLBACK (on_agreed), &self->agree));
  gtk_box_append (GTK_BOX (content), make_questions (self, info));
  gtk_box_append (GTK_BOX (content), make_answers (self, info));
  adw_window_set_content (ADW_WINDOW (self), content);
  gtk_window_set_title (GTK_WINDOW (self), _ (info->title));
  atlas_name_window_parts (GTK_WINDOW (self));
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->agree);
  gtk_widget_grab_focus (atlas_task_row_get_widget (g_ptr_array_index (self->rows, 0)));
  gtk_scrolled_window_set_max_content_height (
    GTK_SCROLLED_WINDOW (self->scroller),
    atlas_dialog_get_length (GTK_WINDOW (self), QUESTIONS_HEIGHT_PX));
  g_signal_connect (self, "notify::transient-for", G_CALLBACK (on_parent_changed), NULL);
  g_signal_connect_object (
    document, "changed", G_CALLBACK (update_preview), self, G_CONNECT_SWAPPED);
  update_preview (self);
  return self;
}

void
atlas_task_dialog_set_value (AtlasTaskDialog *self, AtlasFieldId id, const char *text)
{
  g_return_if_fail (ATLAS_IS_TASK_DIALOG (self));

  for (guint i = 0; i < self->rows->len; i++)
    {
      AtlasTaskRow *row = g_ptr_array_index (self->rows, i);

      if (atlas_task_row_get_field (row)->id == id)
        atlas_task_row_set_text (row, text);
    }
}
