/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lessons/exercise-view.h"

#include <glib/gi18n.h>

#include "paint/accessible-name.h"
#include "paint/dialog-size.h"

#define WIDTH_PX 520
#define HEIGHT_PX 560

struct _AtlasExerciseView
{
  AdwWindow parent_instance;

  /* owned */
  AtlasDocument *document;
  AtlasExercise *exercise;

  /* children */
  GtkWidget *stack;
  GtkLabel *question;
  GtkLabel *score;
  GtkBox *done; /* the parts answered so far */
  GtkLabel *prompt;
  GtkWidget *answers;
  GtkWidget *entry;
  GtkWidget *choices;
  GtkLabel *hint;
  GtkWidget *check;
  GtkWidget *show_answer;
  GtkWidget *next;

  /* state */
  AtlasExerciseKind kind;
  guint64 seed;
  guint step;
  gboolean has_erred; /* in this step */
  guint n_right;      /* at the first try */
  guint n_asked;
};

G_DEFINE_FINAL_TYPE (AtlasExerciseView, atlas_exercise_view, ADW_TYPE_WINDOW)

static GtkLabel *
make_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return GTK_LABEL (label);
}

static const AtlasExerciseStep *
get_step (AtlasExerciseView *self)
{
  return atlas_exercise_get_step (self->exercise, self->step);
}

static gboolean
is_finished (AtlasExerciseView *self)
{
  return self->step == atlas_exercise_get_n_steps (self->exercise);
}

static void
update_score (AtlasExerciseView *self)
{
  g_autofree char *score =
    g_strdup_printf (_ ("%u of %u right at once"), self->n_right, self->n_asked);

  gtk_label_set_label (self->score, self->n_asked > 0 ? score : "");
}

static void
show_step (AtlasExerciseView *self)
{
  gboolean finished = is_finished (self);
  const AtlasExerciseStep *step = finished ? NULL : get_step (self);
  gboolean has_choices = step != NULL && step->choices != NULL;

  self->has_erred = FALSE;
  gtk_widget_set_visible (self->answers, !finished);
  gtk_widget_set_visible (GTK_WIDGET (self->prompt), !finished);
  gtk_widget_set_visible (self->next, finished);
  gtk_widget_set_visible (self->show_answer, FALSE);
  gtk_widget_remove_css_class (self->entry, "error");
  gtk_label_set_label (self->hint, "");
  update_score (self);
  if (finished)
    {
      gtk_widget_grab_focus (self->next);
      return;
    }

  gtk_label_set_label (self->prompt, step->prompt);
  gtk_widget_set_visible (self->entry, !has_choices);
  gtk_widget_set_visible (self->choices, has_choices);
  if (has_choices)
    {
      g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

      for (guint i = 0; step->choices[i] != NULL; i++)
        gtk_string_list_append (list, _ (step->choices[i]));
      gtk_drop_down_set_model (GTK_DROP_DOWN (self->choices), G_LIST_MODEL (list));
      gtk_accessible_update_property (
        GTK_ACCESSIBLE (self->choices), GTK_ACCESSIBLE_PROPERTY_LABEL, step->prompt, -1);
    }
  else
    {
      gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
      gtk_accessible_update_property (
        GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, step->prompt, -1);
    }
  gtk_widget_grab_focus (has_choices ? self->choices : self->entry);
}

/* The part goes to those that are done, with its answer and the reason. */
static void
finish_step (AtlasExerciseView *self)
{
  const AtlasExerciseStep *step = get_step (self);
  g_autofree char *answer = atlas_exercise_step_format_answer (step);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *mark = gtk_image_new_from_icon_name (self->has_erred ? "dialog-information-symbolic"
                                                                  : "emblem-ok-symbolic");
  GtkLabel *prompt = make_label (NULL);
  GtkLabel *value = make_label ("atlas-address");
  GtkLabel *why = make_label ("dim-label");

  gtk_accessible_update_property (GTK_ACCESSIBLE (mark),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->has_erred ? _ ("Shown or tried again") : _ ("Right"),
                                  -1);
  gtk_widget_add_css_class (GTK_WIDGET (why), "caption");
  gtk_label_set_label (prompt, step->prompt);
  gtk_label_set_label (value, answer);
  gtk_label_set_label (why, step->explanation);
  gtk_widget_set_hexpand (GTK_WIDGET (prompt), TRUE);
  gtk_box_append (GTK_BOX (head), mark);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (prompt));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (value));
  gtk_box_append (GTK_BOX (line), head);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (why));
  gtk_box_append (self->done, line);

  self->n_asked++;
  self->n_right += self->has_erred ? 0u : 1u;
  self->step++;
  show_step (self);
}

static void
check_cb (AtlasExerciseView *self)
{
  const AtlasExerciseStep *step = get_step (self);
  g_autoptr (GError) error = NULL;
  g_autofree char *choice = NULL;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  gboolean is_right = FALSE;

  if (step->choices != NULL)
    {
      choice =
        g_strdup_printf ("%u", gtk_drop_down_get_selected (GTK_DROP_DOWN (self->choices)) + 1u);
      text = choice;
    }
  if (!atlas_exercise_step_check (step, text, &is_right, &error))
    {
      gtk_label_set_label (self->hint, error->message);
      return;
    }
  if (is_right)
    {
      finish_step (self);
      return;
    }
  self->has_erred = TRUE;
  gtk_widget_add_css_class (self->entry, "error");
  gtk_label_set_label (self->hint, _ ("Not so. Try again, or have the answer shown."));
  gtk_widget_set_visible (self->show_answer, TRUE);
}

static void
show_answer_cb (AtlasExerciseView *self)
{
  finish_step (self);
}

static void
ask (AtlasExerciseView *self)
{
  AtlasSpace *space = atlas_document_get_space (self->document);
  GtkWidget *child;

  g_clear_pointer (&self->exercise, atlas_exercise_free);
  if (space != NULL)
    self->exercise = atlas_exercise_new (space, self->kind, self->seed);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    self->exercise != NULL ? "question" : "none");
  if (self->exercise == NULL)
    return;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->done))) != NULL)
    gtk_box_remove (self->done, child);
  gtk_label_set_label (self->question, self->exercise->question);
  self->step = 0;
  show_step (self);
  atlas_document_select (self->document, self->exercise->query.va);
}

static void
next_cb (AtlasExerciseView *self)
{
  self->seed++;
  ask (self);
}

static GtkWidget *
make_button (AtlasExerciseView *self, const char *label, GCallback clicked_cb)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  atlas_name_after_label (button);
  g_signal_connect_swapped (button, "clicked", clicked_cb, self);
  return button;
}

static GtkWidget *
make_question (AtlasExerciseView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->question = make_label ("atlas-address");
  self->done = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  self->prompt = make_label ("heading");
  self->answers = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->entry = gtk_entry_new ();
  self->choices = gtk_drop_down_new (NULL, NULL);
  self->hint = make_label ("dim-label");
  self->check = make_button (self, _ ("_Check"), G_CALLBACK (check_cb));
  self->show_answer = make_button (self, _ ("_Show the Answer"), G_CALLBACK (show_answer_cb));
  self->next = make_button (self, _ ("_Next Question"), G_CALLBACK (next_cb));
  self->score = make_label ("dim-label");
  gtk_widget_add_css_class (self->check, "suggested-action");
  gtk_widget_add_css_class (self->next, "suggested-action");
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (check_cb), self);

  gtk_widget_set_hexpand (self->entry, TRUE);
  gtk_widget_set_hexpand (self->choices, TRUE);
  gtk_widget_add_css_class (self->entry, "atlas-address");
  gtk_box_append (GTK_BOX (self->answers), self->entry);
  gtk_box_append (GTK_BOX (self->answers), self->choices);
  gtk_box_append (GTK_BOX (self->answers), self->show_answer);
  gtk_box_append (GTK_BOX (self->answers), self->check);
  gtk_widget_set_hexpand (GTK_WIDGET (self->score), TRUE);
  gtk_box_append (GTK_BOX (buttons), GTK_WIDGET (self->score));
  gtk_box_append (GTK_BOX (buttons), self->next);

  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->done));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_add_css_class (box, "atlas-dialog");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->question));
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->prompt));
  gtk_box_append (GTK_BOX (box), self->answers);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->hint));
  gtk_box_append (GTK_BOX (box), buttons);
  return box;
}

static void
atlas_exercise_view_dispose (GObject *object)
{
  AtlasExerciseView *self = ATLAS_EXERCISE_VIEW (object);

  g_clear_object (&self->document);
  g_clear_pointer (&self->exercise, atlas_exercise_free);

  G_OBJECT_CLASS (atlas_exercise_view_parent_class)->dispose (object);
}

static void
atlas_exercise_view_class_init (AtlasExerciseViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_exercise_view_dispose;
  gtk_widget_class_add_binding_action (
    GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
atlas_exercise_view_init (AtlasExerciseView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *none = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (none), "edit-find-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (none), _ ("Nothing to Ask About"));
  adw_status_page_set_description (ADW_STATUS_PAGE (none),
                                   _ ("Open a space with page tables and a page that is present."));
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), make_question (self), "question");
  gtk_stack_add_named (GTK_STACK (self->stack), none, "none");
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), self->stack);
  adw_window_set_content (ADW_WINDOW (self), box);
}

AtlasExerciseView *
atlas_exercise_view_new (GtkWindow *parent,
                         AtlasDocument *document,
                         AtlasExerciseKind kind,
                         guint64 seed)
{
  static const char *const titles[] = { N_ ("Split an Address"),
                                        N_ ("Walk the Tables"),
                                        N_ ("Predict the Fault") };
  AtlasExerciseView *self;

  G_STATIC_ASSERT (G_N_ELEMENTS (titles) == ATLAS_N_EXERCISE_KINDS);
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);
  g_return_val_if_fail ((guint) kind < ATLAS_N_EXERCISE_KINDS, NULL);

  self = g_object_new (
    ATLAS_TYPE_EXERCISE_VIEW, "title", _ (titles[kind]), "transient-for", parent, NULL);
  atlas_dialog_set_size (GTK_WINDOW (self), WIDTH_PX, HEIGHT_PX);
  self->document = g_object_ref (document);
  self->kind = kind;
  self->seed = seed;
  ask (self);
  return self;
}
