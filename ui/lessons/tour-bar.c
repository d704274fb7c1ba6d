/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lessons/tour-bar.h"

#include <glib/gi18n.h>

#include "paint/accessible-name.h"

struct _AtlasTourBar
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *card;
  GtkLabel *title;
  GtkLabel *count;
  GtkLabel *text;
  GtkLabel *command;
  GtkWidget *back;
  GtkWidget *forward;

  /* owned */
  AtlasViewport *viewport;
  GSignalGroup *document_signals;
  AtlasTour *tour;   /* NULL between tours */
  GArray *positions; /* guint: where the journal stood when each step was entered */

  /* state */
  guint step;
  gboolean has_run; /* the step's command */
};

G_DEFINE_FINAL_TYPE (AtlasTourBar, atlas_tour_bar, GTK_TYPE_WIDGET)

static AtlasDocument *
get_document (AtlasTourBar *self)
{
  return atlas_viewport_get_document (self->viewport);
}

static const AtlasTourStep *
get_step (AtlasTourBar *self)
{
  return atlas_tour_get_step (self->tour, self->step);
}

/* Where a step's address is now; FALSE when the user has taken it away. */
static gboolean
resolve (AtlasTourBar *self, const char *text, AtlasVa *va)
{
  AtlasSession *session = atlas_document_get_session (get_document (self));

  return text != NULL && session != NULL && atlas_session_parse_address (session, text, va, NULL);
}

static void
point (AtlasTourBar *self)
{
  const AtlasTourStep *step = get_step (self);
  AtlasVa first_va, last_va, va;

  if (resolve (self, step->select, &va))
    atlas_document_select (get_document (self), va);
  switch (step->show)
    {
    case ATLAS_TOUR_SHOW_NOTHING:
      break;
    case ATLAS_TOUR_SHOW_WHOLE:
      atlas_viewport_whole (self->viewport);
      break;
    case ATLAS_TOUR_SHOW_REGION:
      atlas_viewport_fit_selection (self->viewport);
      break;
    case ATLAS_TOUR_SHOW_RANGE:
      if (resolve (self, step->show_first, &first_va) && resolve (self, step->show_last, &last_va))
        atlas_viewport_fit (self->viewport, first_va, last_va);
      break;
    }
  if (step->page != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "s", step->page);
  if (step->window != NULL)
    {
      g_autofree char *action = g_strconcat ("win.", step->window, NULL);

      gtk_widget_activate_action (GTK_WIDGET (self), action, NULL);
    }
}

static void
update (AtlasTourBar *self)
{
  const AtlasTourStep *step = get_step (self);
  guint n_steps = atlas_tour_get_n_steps (self->tour);
  gboolean is_last = self->step + 1u == n_steps;
  gboolean does = step->command != NULL && !self->has_run;
  g_autofree char *count = g_strdup_printf (_ ("%u of %u"), self->step + 1u, n_steps);

  gtk_label_set_label (self->title, self->tour->title);
  gtk_label_set_label (self->count, count);
  gtk_label_set_label (self->text, step->text);
  gtk_label_set_label (self->command, step->command != NULL ? step->command : "");
  gtk_widget_set_opacity (GTK_WIDGET (self->command), self->has_run ? 0.55 : 1.0);
  gtk_widget_set_sensitive (self->back, self->step > 0);
  gtk_button_set_label (GTK_BUTTON (self->forward),
                        does      ? _ ("_Do It")
                        : is_last ? _ ("_Finish")
                                  : _ ("_Next"));
  atlas_name_after_label (self->forward);
}

static void
stop (AtlasTourBar *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_clear_pointer (&self->tour, atlas_tour_free);
  g_array_set_size (self->positions, 0);
}

static void
enter (AtlasTourBar *self, guint index)
{
  guint position = atlas_session_get_position (atlas_document_get_session (get_document (self)));

  self->step = index;
  self->has_run = FALSE;
  if (index < self->positions->len)
    {
      /* Come back: as it was when the step began. */
      guint entered = g_array_index (self->positions, guint, index);

      g_array_set_size (self->positions, index + 1u);
      if (entered < position)
        atlas_document_seek (get_document (self), entered);
    }
  else
    {
      g_array_append_val (self->positions, position);
    }
  update (self);
  if (get_step (self)->command == NULL || get_step (self)->select != NULL)
    point (self);
}

static void
run_step (AtlasTourBar *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result =
    atlas_document_run (get_document (self), get_step (self)->command, &error);

  /* What the step names may have been undone or freed by hand. */
  if (result == NULL)
    gtk_label_set_label (self->command, error->message);
  self->has_run = TRUE;
  update (self);
  point (self);
}

static void
forward_cb (AtlasTourBar *self)
{
  if (self->tour == NULL)
    return;
  if (get_step (self)->command != NULL && !self->has_run)
    run_step (self);
  else if (self->step + 1u < atlas_tour_get_n_steps (self->tour))
    enter (self, self->step + 1u);
  else
    stop (self);
}

static void
back_cb (AtlasTourBar *self)
{
  if (self->tour != NULL && self->step > 0)
    enter (self, self->step - 1u);
}

void
atlas_tour_bar_start (AtlasTourBar *self, AtlasTour *tour)
{
  g_return_if_fail (ATLAS_IS_TOUR_BAR (self));
  g_return_if_fail (tour != NULL);
  g_return_if_fail (atlas_document_is_simulation (get_document (self)));

  stop (self);
  self->tour = tour;
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  enter (self, 0);
  gtk_widget_grab_focus (self->forward);
}

static GtkLabel *
make_label (const char *css_class, float xalign)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), FALSE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return GTK_LABEL (label);
}

static GtkWidget *
make_button (AtlasTourBar *self, const char *label, GCallback clicked_cb)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  atlas_name_after_label (button);
  gtk_widget_set_valign (button, GTK_ALIGN_END);
  g_signal_connect_swapped (button, "clicked", clicked_cb, self);
  return button;
}

static void
build (AtlasTourBar *self)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->title = make_label ("heading", 0);
  self->count = make_label ("dim-label", 1);
  self->text = make_label (NULL, 0);
  self->command = make_label ("atlas-address", 0);
  self->back = make_button (self, _ ("_Previous"), G_CALLBACK (back_cb));
  self->forward = make_button (self, _ ("_Next"), G_CALLBACK (forward_cb));
  gtk_widget_add_css_class (self->forward, "suggested-action");
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "numeric");
  gtk_label_set_wrap (self->count, FALSE);
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "circular");
  gtk_widget_set_tooltip_text (close, _ ("End the tour"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("End the tour"), -1);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (stop), self);

  gtk_widget_set_hexpand (GTK_WIDGET (self->title), TRUE);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (head), close);
  gtk_widget_set_hexpand (GTK_WIDGET (self->command), TRUE);
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->command));
  gtk_box_append (GTK_BOX (foot), self->back);
  gtk_box_append (GTK_BOX (foot), self->forward);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "atlas-tour");
  gtk_box_append (GTK_BOX (card), head);
  gtk_box_append (GTK_BOX (card), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (card), foot);

  gtk_widget_set_parent (card, GTK_WIDGET (self));
  self->card = card;
}

static void
atlas_tour_bar_dispose (GObject *object)
{
  AtlasTourBar *self = ATLAS_TOUR_BAR (object);

  g_clear_object (&self->document_signals);
  g_clear_object (&self->viewport);
  g_clear_pointer (&self->tour, atlas_tour_free);
  g_clear_pointer (&self->positions, g_array_unref);
  g_clear_pointer (&self->card, gtk_widget_unparent);

  G_OBJECT_CLASS (atlas_tour_bar_parent_class)->dispose (object);
}

static void
atlas_tour_bar_class_init (AtlasTourBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_tour_bar_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "atlas-tour-bar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
atlas_tour_bar_init (AtlasTourBar *self)
{
  self->positions = g_array_new (FALSE, FALSE, sizeof (guint));
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->document_signals, "opened", G_CALLBACK (stop), self);
  build (self);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
atlas_tour_bar_new (AtlasViewport *viewport)
{
  AtlasTourBar *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);

  self = g_object_new (ATLAS_TYPE_TOUR_BAR, NULL);
  self->viewport = g_object_ref (viewport);
  g_signal_group_set_target (self->document_signals, atlas_viewport_get_document (viewport));
  return GTK_WIDGET (self);
}
