/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message.h"

#include <glib/gi18n.h>

#define LINES_MAX 3
#define WIDTH_CHARS 60

struct _AtlasMessage
{
  GtkWidget parent_instance;

  GtkRevealer *revealer;
  GtkLabel *label;
  GtkWidget *undo;
  GtkEventControllerMotion *motion;
  GtkEventControllerFocus *focus;

  guint shown_ms;
  guint close_id;
};

G_DEFINE_FINAL_TYPE (AtlasMessage, atlas_message, GTK_TYPE_WIDGET)

static gboolean
timeout_cb (gpointer user_data)
{
  AtlasMessage *self = user_data;

  self->close_id = 0;
  atlas_message_close (self);
  return G_SOURCE_REMOVE;
}

/* It is read, or about to be answered: its time begins anew when that is over. */
static void
update_time (AtlasMessage *self)
{
  g_clear_handle_id (&self->close_id, g_source_remove);
  if (gtk_revealer_get_reveal_child (self->revealer) &&
      !gtk_event_controller_motion_contains_pointer (self->motion) &&
      !gtk_event_controller_focus_contains_focus (self->focus))
    self->close_id = g_timeout_add (self->shown_ms, timeout_cb, self);
}

/* What is gone is not there for those who listen either. */
static void
revealed_cb (AtlasMessage *self)
{
  if (!gtk_revealer_get_reveal_child (self->revealer) &&
      !gtk_revealer_get_child_revealed (self->revealer))
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
atlas_message_show (AtlasMessage *self, const char *text, gboolean can_undo)
{
  g_return_if_fail (ATLAS_IS_MESSAGE (self));
  g_return_if_fail (text != NULL);

  gtk_label_set_text (self->label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->label), text);
  gtk_widget_set_visible (self->undo, can_undo);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
  update_time (self);
}

void
atlas_message_close (AtlasMessage *self)
{
  g_return_if_fail (ATLAS_IS_MESSAGE (self));

  gtk_revealer_set_reveal_child (self->revealer, FALSE);
  update_time (self);
}

static GtkWidget *
make_content (AtlasMessage *self)
{
  GtkWidget *box = g_object_new (
    GTK_TYPE_BOX, "css-name", "toast", "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT, NULL);
  GtkWidget *label = gtk_label_new ("");
  GtkWidget *undo = gtk_button_new_with_label (_ ("Undo"));
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_lines (GTK_LABEL (label), LINES_MAX);
  gtk_label_set_max_width_chars (GTK_LABEL (label), WIDTH_CHARS);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "heading");
  gtk_widget_set_margin_start (label, 6);
  gtk_widget_set_margin_end (label, 6);
  self->label = GTK_LABEL (label);
  /* There is another one in the header bar. */
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (undo), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Undo This"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (undo), "win.undo-told");
  self->undo = undo;
  gtk_widget_add_css_class (close, "circular");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_tooltip_text (close, _ ("Close"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Close"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (close), "win.close-message");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), undo);
  gtk_box_append (GTK_BOX (box), close);
  return box;
}

static void
atlas_message_dispose (GObject *object)
{
  AtlasMessage *self = ATLAS_MESSAGE (object);
  GtkWidget *revealer = GTK_WIDGET (self->revealer);

  g_clear_handle_id (&self->close_id, g_source_remove);
  if (revealer != NULL)
    {
      /* They tell of what goes while it goes. */
      g_signal_handlers_disconnect_by_data (revealer, self);
      g_signal_handlers_disconnect_by_data (self->motion, self);
      g_signal_handlers_disconnect_by_data (self->focus, self);
      self->revealer = NULL;
      gtk_widget_unparent (revealer);
    }

  G_OBJECT_CLASS (atlas_message_parent_class)->dispose (object);
}

static void
atlas_message_class_init (AtlasMessageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_message_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.close-message", NULL);
}

static void
atlas_message_init (AtlasMessage *self)
{
  GtkWidget *revealer = gtk_revealer_new ();

  self->revealer = GTK_REVEALER (revealer);
  self->motion = GTK_EVENT_CONTROLLER_MOTION (gtk_event_controller_motion_new ());
  self->focus = GTK_EVENT_CONTROLLER_FOCUS (gtk_event_controller_focus_new ());
  gtk_revealer_set_transition_type (self->revealer, GTK_REVEALER_TRANSITION_TYPE_SLIDE_UP);
  gtk_revealer_set_child (self->revealer, make_content (self));
  gtk_widget_set_parent (revealer, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_swapped (revealer, "notify::child-revealed", G_CALLBACK (revealed_cb), self);
  g_signal_connect_swapped (
    self->motion, "notify::contains-pointer", G_CALLBACK (update_time), self);
  g_signal_connect_swapped (self->focus, "notify::contains-focus", G_CALLBACK (update_time), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (self->motion));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (self->focus));
}

GtkWidget *
atlas_message_new (guint shown_ms)
{
  AtlasMessage *self = g_object_new (ATLAS_TYPE_MESSAGE, NULL);

  self->shown_ms = shown_ms;
  return GTK_WIDGET (self);
}
