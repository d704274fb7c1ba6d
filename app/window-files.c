/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

#include "lists/root-dialog.h"
#include "recent.h"

AtlasWindow *
atlas_window_open_beside (AtlasWindow *self)
{
  AtlasWindow *window =
    atlas_window_new (gtk_window_get_application (GTK_WINDOW (self)), self->settings);

  gtk_window_present (GTK_WINDOW (window));
  return window;
}

AtlasWindow *
atlas_window_get_free (AtlasWindow *self)
{
  return atlas_document_is_modified (self->document) ? atlas_window_open_beside (self) : self;
}

/* ---- opening ----------------------------------------------------------------------------------
 */

void
atlas_window_open_begun (AtlasWindow *self, AtlasDefaultScenario *scenario)
{
  g_autoptr (GError) error = NULL;
  AtlasOpened *opened = atlas_default_scenario_end (scenario, &error);

  if (opened != NULL)
    atlas_document_take_opened (self->document, opened);
  else
    atlas_window_show_error (self, _ ("The default scenario cannot be opened"), error->message);
}

void
atlas_window_open_default (AtlasWindow *self)
{
  atlas_window_open_begun (self, atlas_default_scenario_begin (self->settings));
}

void
atlas_window_note_file (AtlasWindow *self, GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);

  gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
  atlas_recent_add (self->settings, file);
}

void
atlas_window_recover (AtlasWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;

  if (atlas_autosave_recover (self->document, path, &error))
    {
      atlas_window_show_message (self, _ ("Work that was not saved is here again"), FALSE);
      return;
    }
  atlas_window_show_error (self, _ ("Unsaved work cannot be read"), error->message);
  atlas_window_open_default (self);
}

static void
root_opened_cb (AtlasWindow *self, const char *cr3)
{
  g_settings_set_string (self->settings, "last-cr3", cr3);
}

/* Nothing is without anything to show. */
static void
root_dialog_destroyed_cb (AtlasWindow *self)
{
  if (atlas_document_get_space (self->document) == NULL)
    atlas_window_open_default (self);
}

static void
ask_for_root (AtlasWindow *self, GFile *file)
{
  g_autofree char *last_cr3 = g_settings_get_string (self->settings, "last-cr3");
  AtlasRootDialog *dialog = atlas_root_dialog_new (self->document, file, last_cr3);

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  g_signal_connect_object (dialog, "opened", G_CALLBACK (root_opened_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    dialog, "destroy", G_CALLBACK (root_dialog_destroyed_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* A file on its way into the document. */
typedef struct
{
  AtlasWindow *window;
  GFile *file;
  gboolean has_root; /* CR3 was given: no question about it */
  AtlasVa first_va;  /* to be seen then; 0 and 0 are the whole */
  AtlasVa last_va;
} Opening;

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->window);
  g_object_unref (opening->file);
  g_free (opening);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static Opening *
opening_new (AtlasWindow *window, GFile *file, gboolean has_root)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->window = g_object_ref (window);
  opening->file = g_object_ref (file);
  opening->has_root = has_root;
  return opening;
}

/* A scale means nothing to a map that has no width yet. */
static gboolean
show_once_wide (GtkWidget *map_view, GdkFrameClock *clock, gpointer user_data)
{
  Opening *opening = user_data;

  if (gtk_widget_get_width (map_view) == 0)
    return G_SOURCE_CONTINUE;
  atlas_viewport_show (opening->window->viewport, opening->first_va, opening->last_va);
  return G_SOURCE_REMOVE;
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Opening) opening = user_data;
  AtlasWindow *self = opening->window;
  g_autoptr (GError) error = NULL;

  if (atlas_document_open_finish (ATLAS_DOCUMENT (source), result, &error))
    {
      GFile *file = atlas_document_get_file (self->document);

      if (file != NULL)
        atlas_window_note_file (self, file);
      if (opening->last_va > opening->first_va)
        gtk_widget_add_tick_callback (self->map_view,
                                      show_once_wide,
                                      g_steal_pointer (&opening),
                                      (GDestroyNotify) opening_free);
      return;
    }
  if (!opening->has_root && g_error_matches (error, ATLAS_ERROR, ATLAS_ERROR_NO_ROOT))
    {
      ask_for_root (self, opening->file);
      return;
    }
  atlas_window_show_error (self, _ ("This file cannot be opened"), error->message);
  if (atlas_document_get_space (self->document) == NULL)
    atlas_window_open_default (self);
}

void
atlas_window_open_file (AtlasWindow *self, GFile *file)
{
  atlas_window_open_file_at (self, file, 0, 0);
}

void
atlas_window_open_file_at (AtlasWindow *self, GFile *file, AtlasVa first_va, AtlasVa last_va)
{
  Opening *opening;

  g_return_if_fail (ATLAS_IS_WINDOW (self));

  opening = opening_new (self, file, FALSE);
  opening->first_va = first_va;
  opening->last_va = last_va;
  atlas_document_open_async (self->document, file, NULL, opened_cb, opening);
}

void
atlas_window_get_seen (AtlasWindow *self, AtlasVa *first_va, AtlasVa *last_va)
{
  g_return_if_fail (ATLAS_IS_WINDOW (self));

  if (atlas_viewport_is_whole (self->viewport))
    *first_va = *last_va = 0;
  else
    atlas_viewport_get_seen (self->viewport, first_va, last_va);
}

void
atlas_window_open_image (AtlasWindow *self, GFile *file, const AtlasControl *control)
{
  g_return_if_fail (ATLAS_IS_WINDOW (self));

  atlas_document_open_image_async (
    self->document, file, control, NULL, opened_cb, opening_new (self, file, TRUE));
}

/* ---- closing -----------------------------------------------------------------------------------
 */

static gboolean
close_cb (gpointer user_data)
{
  gtk_window_close (user_data);
  return G_SOURCE_REMOVE;
}

static void
unsaved_response_cb (AtlasWindow *self, const char *response, GtkWindow *dialog)
{
  if (g_str_equal (response, "discard"))
    {
      /* Which outlives the window by the rest of the click. */
      gtk_window_set_transient_for (dialog, NULL);
      self->is_closing = TRUE;
      /* Not before the dialog: it looks for its window when it goes. */
      g_idle_add_full (G_PRIORITY_DEFAULT, close_cb, g_object_ref (self), g_object_unref);
    }
  else if (g_str_equal (response, "save"))
    {
      g_action_group_activate_action (G_ACTION_GROUP (self), "save", NULL);
    }
}

static void
ask_about_unsaved (AtlasWindow *self)
{
  GtkWidget *dialog = adw_message_dialog_new (
    GTK_WINDOW (self),
    _ ("Save the session?"),
    _ ("The commands since it was opened or last saved will be lost if they are not saved."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog),
                                    "cancel",
                                    _ ("_Cancel"),
                                    "discard",
                                    _ ("_Discard"),
                                    "save",
                                    _ ("_Save"),
                                    NULL);
  adw_message_dialog_set_response_appearance (
    ADW_MESSAGE_DIALOG (dialog), "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (
    ADW_MESSAGE_DIALOG (dialog), "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (
    dialog, "response", G_CALLBACK (unsaved_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

gboolean
atlas_window_close_request (GtkWindow *window)
{
  AtlasWindow *self = ATLAS_WINDOW (window);

  if (!self->is_closing && atlas_document_is_modified (self->document))
    {
      ask_about_unsaved (self);
      return GDK_EVENT_STOP;
    }
  g_settings_set_boolean (self->settings, "is-maximized", gtk_window_is_maximized (window));
  if (!gtk_window_is_maximized (window))
    {
      int width, height;

      /* What it is made with: the widget itself may be smaller by a border each time. */
      gtk_window_get_default_size (window, &width, &height);
      g_settings_set_int (self->settings, "window-width", width);
      g_settings_set_int (self->settings, "window-height", height);
    }
  return GDK_EVENT_PROPAGATE;
}
