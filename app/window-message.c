/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include "message.h"

#define MESSAGE_MS 8000

/* The newest one is the only one: what its button undoes is what it tells. */
void
atlas_window_show_message (AtlasWindow *self, const char *message, gboolean can_undo)
{
  AtlasSession *session = atlas_document_get_session (self->document);

  self->message_position = session != NULL ? atlas_session_get_position (session) : 0;
  atlas_message_show (ATLAS_MESSAGE (self->message), message, can_undo);
}

static void
close_message_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  gboolean had_focus = focus != NULL && gtk_widget_is_ancestor (focus, self->message);

  atlas_message_close (ATLAS_MESSAGE (self->message));
  /* The button that had the keyboard goes with its message. */
  if (had_focus)
    gtk_widget_grab_focus (self->map_view);
}

/* What it told may be undone already, and what came before is not meant. */
static void
undo_told_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  AtlasSession *session = atlas_document_get_session (self->document);

  close_message_action (NULL, NULL, self);
  if (session != NULL && atlas_session_get_position (session) == self->message_position)
    atlas_document_undo (self->document);
}

void
atlas_window_add_message_actions (AtlasWindow *self)
{
  static const GActionEntry entries[] = {
    { "close-message", close_message_action },
    { "undo-told", undo_told_action },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

GtkWidget *
atlas_window_make_message_overlay (AtlasWindow *self, GtkWidget *child)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->message = atlas_message_new (MESSAGE_MS);
  gtk_widget_set_halign (self->message, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->message, GTK_ALIGN_END);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), child);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->message);
  return overlay;
}
