/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/opened.h"

#include "source/open.h"

void
atlas_opened_free (AtlasOpened *opened)
{
  g_clear_pointer (&opened->space, atlas_space_unref);
  g_clear_pointer (&opened->session, atlas_session_free);
  g_free (opened->title);
  g_free (opened);
}

/* Takes one of the two, or neither after an error. */
static AtlasOpened *
opened_new (AtlasSpace *space, AtlasSession *session, const char *title)
{
  AtlasOpened *opened;

  if (space == NULL && session == NULL)
    return NULL;
  opened = g_new (AtlasOpened, 1);
  *opened = (AtlasOpened){ .space = space, .session = session, .title = g_strdup (title) };
  return opened;
}

AtlasOpened *
atlas_opened_parse (const char *text,
                    const char *name,
                    const char *folder,
                    guint undo_floor,
                    GError **error)
{
  AtlasSession *session = atlas_session_new_from_text_in (text, name, folder, error);

  if (session != NULL)
    atlas_session_set_undo_floor (session,
                                  MIN (undo_floor, atlas_session_get_n_commands (session)));
  return opened_new (NULL, session, name);
}

AtlasOpened *
atlas_opened_read (GFile *file,
                   const AtlasControl *control,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autoptr (GBytes) bytes = g_file_load_bytes (file, cancellable, NULL, error);

  if (bytes == NULL)
    return NULL;
  if (control != NULL)
    return opened_new (atlas_space_open_image (bytes, name, control, error), NULL, name);
  if (atlas_content_guess (bytes, name) == ATLAS_CONTENT_SCENARIO)
    {
      gsize size_bytes;
      const char *data = g_bytes_get_data (bytes, &size_bytes);
      g_autofree char *text = g_strndup (data, size_bytes);
      g_autoptr (GFile) folder = g_file_get_parent (file);

      return atlas_opened_parse (
        text, name, folder != NULL ? g_file_peek_path (folder) : NULL, G_MAXUINT, error);
    }
  return opened_new (atlas_space_open_bytes (bytes, name, error), NULL, name);
}
