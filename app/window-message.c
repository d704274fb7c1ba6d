/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

/* One message over the lower edge of the window. It looks like a toast of libadwaita, whose own
 * does not survive in 1.2 when it goes while it still comes. */

#define MESSAGE_SECONDS 8
#define MESSAGE_LINES 3
#define MESSAGE_WIDTH_CHARS 60

void
atlas_window_close_message (AtlasWindow *self)
{
  g_clear_handle_id (&self->message_id, g_source_remove);
  gtk_revealer_set_reveal_child (self->message_revealer, FALSE);
}

static gboolean
timeout_cb (gpointer user_data)
{
  AtlasWindow *self = user_data;

  self->message_id = 0;
  atlas_window_close_message (self);
  return G_SOURCE_REMOVE;
}

/* The newest one is the only one: what its button undoes is what it tells. */
void
atlas_window_show_message (AtlasWindow *self, const char *message, gboolean can_undo)
{
  AtlasSession *session = atlas_document_get_session (self->document);

  self->message_position = session != NULL ? atlas_session_get_position (session) : 0;
  gtk_label_set_text (self->message_label, message);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->message_label), message);
  gtk_widget_set_visible (self->message_undo, can_undo);
  gtk_revealer_set_reveal_child (self->message_revealer, TRUE);
  g_clear_handle_id (&self->message_id, g_source_remove);
  self->message_id = g_timeout_add_seconds (MESSAGE_SECONDS, timeout_cb, self);
}

static GtkWidget *
make_message (AtlasWindow *self)
{
  GtkWidget *box = g_object_new (
    GTK_TYPE_BOX, "css-name", "toast", "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT, NULL);
  GtkWidget *label = gtk_label_new ("");
  GtkWidget *undo = gtk_button_new_with_label (_ ("Undo"));
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_lines (GTK_LABEL (label), MESSAGE_LINES);
  gtk_label_set_max_width_chars (GTK_LABEL (label), MESSAGE_WIDTH_CHARS);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "heading");
  gtk_widget_set_margin_start (label, 6);
  gtk_widget_set_margin_end (label, 6);
  self->message_label = GTK_LABEL (label);
  /* There is another one in the header bar. */
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (undo), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Undo This"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (undo), "win.undo-told");
  self->message_undo = undo;
  gtk_widget_add_css_class (close, "circular");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_tooltip_text (close, _ ("Close"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Close"), -1);
  g_signal_connect_object (
    close, "clicked", G_CALLBACK (atlas_window_close_message), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), undo);
  gtk_box_append (GTK_BOX (box), close);
  return box;
}

GtkWidget *
atlas_window_make_message_overlay (AtlasWindow *self, GtkWidget *child)
{
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *revealer = gtk_revealer_new ();

  self->message_revealer = GTK_REVEALER (revealer);
  gtk_revealer_set_transition_type (self->message_revealer, GTK_REVEALER_TRANSITION_TYPE_SLIDE_UP);
  gtk_revealer_set_child (self->message_revealer, make_message (self));
  gtk_widget_set_halign (revealer, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (revealer, GTK_ALIGN_END);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), child);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), revealer);
  return overlay;
}
