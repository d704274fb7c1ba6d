/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "autosave.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define DELAY_MS 500
#define HEADER "# vmatlas-recovery "

struct _AtlasAutosave
{
  AtlasDocument *document;
  GSettings *settings;
  char *path;
  gulong changed_id;
  gulong saved_id;
  guint write_id;
};

static char *
get_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "vmatlas", "unsaved", NULL);
}

static char *
make_path (void)
{
  static gint n_windows; /* counts within the process, for the name alone */
  g_autofree char *folder = get_folder ();
  g_autofree char *name =
    g_strdup_printf ("%d-%d.vmatlas", (int) getpid (), g_atomic_int_add (&n_windows, 1));

  return g_build_filename (folder, name, NULL);
}

static void
write_copy (AtlasAutosave *autosave)
{
  AtlasSession *session = atlas_document_get_session (autosave->document);
  GFile *file = atlas_document_get_file (autosave->document);
  g_autofree char *uri = file != NULL ? g_file_get_uri (file) : g_strdup ("-");
  g_autofree char *folder = get_folder ();
  g_autofree char *journal = atlas_session_to_text (session);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  text = g_strdup_printf (HEADER "%u %s\n%s", atlas_session_get_undo_floor (session), uri, journal);
  g_mkdir_with_parents (folder, 0700);
  if (!g_file_set_contents_full (
        autosave->path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_message ("Unsaved work is not kept: %s", error->message);
}

static gboolean
write_cb (gpointer user_data)
{
  AtlasAutosave *autosave = user_data;

  autosave->write_id = 0;
  if (atlas_document_is_modified (autosave->document) &&
      g_settings_get_boolean (autosave->settings, "autosave"))
    write_copy (autosave);
  else
    g_unlink (autosave->path);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (AtlasAutosave *autosave)
{
  if (autosave->write_id == 0)
    autosave->write_id = g_timeout_add (DELAY_MS, write_cb, autosave);
}

AtlasAutosave *
atlas_autosave_new (AtlasDocument *document, GSettings *settings)
{
  AtlasAutosave *autosave = g_new0 (AtlasAutosave, 1);

  autosave->document = g_object_ref (document);
  autosave->settings = g_object_ref (settings);
  autosave->path = make_path ();
  autosave->changed_id =
    g_signal_connect_swapped (document, "changed", G_CALLBACK (changed_cb), autosave);
  autosave->saved_id =
    g_signal_connect_swapped (document, "notify::is-modified", G_CALLBACK (changed_cb), autosave);
  return autosave;
}

void
atlas_autosave_free (AtlasAutosave *autosave)
{
  g_signal_handler_disconnect (autosave->document, autosave->changed_id);
  g_signal_handler_disconnect (autosave->document, autosave->saved_id);
  g_clear_handle_id (&autosave->write_id, g_source_remove);
  g_unlink (autosave->path);
  g_object_unref (autosave->document);
  g_object_unref (autosave->settings);
  g_free (autosave->path);
  g_free (autosave);
}

gboolean
atlas_autosave_recover (AtlasDocument *document, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  g_autofree char *name = NULL;
  g_auto (GStrv) words = NULL;
  g_autoptr (GFile) file = NULL;
  const char *journal;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  journal = strchr (text, '\n');
  if (!g_str_has_prefix (text, HEADER) || journal == NULL)
    {
      g_set_error (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE, "%s is not a kept journal", path);
      return FALSE;
    }
  line = g_strndup (text + strlen (HEADER), (gsize) (journal - text) - strlen (HEADER));
  words = g_strsplit (line, " ", 2);
  if (words[0] != NULL && words[1] != NULL && !g_str_equal (words[1], "-"))
    file = g_file_new_for_uri (words[1]);
  name = file != NULL ? g_file_get_basename (file) : g_strdup ("unsaved");
  if (!atlas_document_open_unsaved (document,
                                    journal + 1,
                                    name,
                                    file,
                                    words[0] != NULL ? (guint) g_ascii_strtoull (words[0], NULL, 10)
                                                     : 0,
                                    error))
    return FALSE;
  g_unlink (path);
  return TRUE;
}

/* Whether the program whose number begins @name still runs. */
static gboolean
is_alive (const char *name)
{
  guint64 pid = g_ascii_strtoull (name, NULL, 10);

  return pid > 1 && pid < G_MAXINT && (kill ((pid_t) pid, 0) == 0 || errno == EPERM);
}

GPtrArray *
atlas_autosave_find_left (void)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = get_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".vmatlas") && !is_alive (name))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  return paths;
}
