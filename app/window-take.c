/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

#include "source/open.h"

/* Files that somebody brings, whatever they are: scenarios, dumps and images of memory are opened,
 * what a process would load or map is asked about, one after the other. */

typedef struct
{
  GFile *file;
  AtlasContent content;
  char *complaint; /* it cannot be read, and why; or NULL */
} Brought;

typedef struct
{
  AtlasWindow *window;
  GArray *files;  /* of Brought */
  guint position; /* the file that is looked at, then the one that is asked about */
} Taking;

static void
clear_brought (gpointer data)
{
  Brought *brought = data;

  g_object_unref (brought->file);
  g_free (brought->complaint);
}

static void
taking_free (Taking *taking)
{
  g_object_unref (taking->window);
  g_array_unref (taking->files);
  g_free (taking);
}

static Brought *
get_file (Taking *taking, guint i)
{
  return &g_array_index (taking->files, Brought, i);
}

static gboolean
is_asked_about (const Brought *brought)
{
  if (brought->complaint != NULL)
    return FALSE;
  return brought->content == ATLAS_CONTENT_PROGRAM || brought->content == ATLAS_CONTENT_UNKNOWN;
}

/* ---- asking -----------------------------------------------------------------------------------
 */

/* Whose process may load or map: a simulation's. */
static AtlasWindow *
get_asking_window (Taking *taking)
{
  AtlasDocument *document = taking->window->document;

  if (atlas_document_get_space (document) != NULL && !atlas_document_is_simulation (document))
    {
      g_autoptr (AtlasWindow) dump = taking->window;

      taking->window = g_object_ref (atlas_window_open_beside (dump));
      document = taking->window->document;
    }
  if (atlas_document_get_space (document) == NULL)
    atlas_window_open_default (taking->window);
  return taking->window;
}

static GtkWindow *
complain (AtlasWindow *self, const Brought *brought)
{
  GtkWindow *dialog =
    atlas_window_show_error (self, _ ("This file cannot be opened"), brought->complaint);

  /* Nothing is without anything to show. */
  if (atlas_document_get_space (self->document) == NULL)
    atlas_window_open_default (self);
  return dialog;
}

static void ask_about_next (Taking *taking);

static gboolean
answered_cb (gpointer user_data)
{
  ask_about_next (user_data);
  return G_SOURCE_REMOVE;
}

/* The dialog is still on its way out. */
static void
dialog_gone_cb (GtkWindow *dialog, Taking *taking)
{
  g_idle_add (answered_cb, taking);
}

/* Takes @taking. */
static void
ask_about_next (Taking *taking)
{
  /* A window that was closed belongs to nobody. */
  while (taking->position < taking->files->len &&
         gtk_window_get_application (GTK_WINDOW (taking->window)) != NULL)
    {
      const Brought *brought = get_file (taking, taking->position++);
      GtkWindow *dialog = NULL;

      if (brought->complaint != NULL)
        dialog = complain (taking->window, brought);
      else if (is_asked_about (brought))
        dialog = atlas_window_offer_file (
          get_asking_window (taking), brought->file, brought->content == ATLAS_CONTENT_PROGRAM);
      if (dialog != NULL)
        {
          g_signal_connect (dialog, "destroy", G_CALLBACK (dialog_gone_cb), taking);
          return;
        }
    }
  taking_free (taking);
}

/* ---- opening ----------------------------------------------------------------------------------
 */

/* The first one here, unless others are for the process that is here; the others in windows of
 * their own. */
static void
open_all (Taking *taking)
{
  gboolean is_here = TRUE;

  for (guint i = 0; i < taking->files->len; i++)
    is_here = is_here && !is_asked_about (get_file (taking, i));
  for (guint i = 0; i < taking->files->len; i++)
    {
      const Brought *brought = get_file (taking, i);

      if (brought->complaint != NULL || is_asked_about (brought))
        continue;
      atlas_window_open_file (is_here ? atlas_window_get_free (taking->window)
                                      : atlas_window_open_beside (taking->window),
                              brought->file);
      is_here = FALSE;
    }
}

/* ---- looking ----------------------------------------------------------------------------------
 */

static void look_at_next (Taking *taking);

/* Takes @error. */
static void
seen (Taking *taking, AtlasContent content, GError *error)
{
  Brought *brought = get_file (taking, taking->position++);

  brought->content = content;
  if (error != NULL)
    brought->complaint = g_strdup (error->message);
  g_clear_error (&error);
  look_at_next (taking);
}

static void
began_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Taking *taking = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes =
    g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  g_autofree char *name = g_file_get_basename (get_file (taking, taking->position)->file);

  /* An empty file cannot be mapped; as a scenario it tells what it lacks. */
  seen (taking,
        bytes == NULL || g_bytes_get_size (bytes) == 0 ? ATLAS_CONTENT_SCENARIO
                                                       : atlas_content_guess (bytes, name),
        error);
}

static void
reading_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read_finish (G_FILE (source), result, &error);

  if (stream == NULL)
    seen (user_data, ATLAS_CONTENT_SCENARIO, error);
  else
    g_input_stream_read_bytes_async (G_INPUT_STREAM (stream),
                                     ATLAS_CONTENT_GUESS_BYTES,
                                     G_PRIORITY_DEFAULT,
                                     NULL,
                                     began_cb,
                                     user_data);
}

/* Takes @taking. */
static void
look_at_next (Taking *taking)
{
  if (taking->position < taking->files->len)
    {
      g_file_read_async (
        get_file (taking, taking->position)->file, G_PRIORITY_DEFAULT, NULL, reading_cb, taking);
      return;
    }
  open_all (taking);
  taking->position = 0;
  ask_about_next (taking);
}

static void
take (AtlasWindow *self, GSList *files)
{
  Taking *taking = g_new0 (Taking, 1);

  taking->window = g_object_ref (self);
  taking->files = g_array_new (FALSE, TRUE, sizeof (Brought));
  g_array_set_clear_func (taking->files, clear_brought);
  for (GSList *l = files; l != NULL; l = l->next)
    {
      const Brought brought = { .file = g_object_ref (l->data) };

      g_array_append_val (taking->files, brought);
    }
  look_at_next (taking);
}

void
atlas_window_take_file (AtlasWindow *self, GFile *file)
{
  GSList files = { .data = file };

  g_return_if_fail (ATLAS_IS_WINDOW (self));

  take (self, &files);
}

gboolean
atlas_window_drop (AtlasWindow *self, const GValue *value)
{
  GSList *files = gdk_file_list_get_files (g_value_get_boxed (value));
  gboolean has_file = files != NULL;

  if (has_file)
    take (self, files);
  g_slist_free (files);
  return has_file;
}
