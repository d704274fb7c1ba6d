/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/document-private.h"

#include <string.h>

/* Documents and files: opening in a thread, opening texts, saving. */

/* What is to be opened. */
typedef struct
{
  GFile *file;
  gboolean is_image;
  AtlasControl control; /* of an image of physical memory */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_object_unref (request->file);
  g_free (request);
}

static void
open_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Request *request = task_data;
  GError *error = NULL;
  AtlasOpened *opened = atlas_opened_read (
    request->file, request->is_image ? &request->control : NULL, cancellable, &error);

  if (opened != NULL)
    g_task_return_pointer (task, opened, (GDestroyNotify) atlas_opened_free);
  else
    g_task_return_error (task, error);
}

/* @control: NULL when the file tells all by itself. */
static void
start_opening (AtlasDocument *self,
               GFile *file,
               const AtlasControl *control,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->file = g_object_ref (file);
  request->is_image = control != NULL;
  if (control != NULL)
    request->control = *control;
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, open_in_thread);
}

void
atlas_document_open_async (AtlasDocument *self,
                           GFile *file,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (ATLAS_IS_DOCUMENT (self));
  g_return_if_fail (G_IS_FILE (file));

  start_opening (self, file, NULL, cancellable, callback, user_data);
}

void
atlas_document_open_image_async (AtlasDocument *self,
                                 GFile *file,
                                 const AtlasControl *control,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail (ATLAS_IS_DOCUMENT (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (control != NULL);

  start_opening (self, file, control, cancellable, callback, user_data);
}

gboolean
atlas_document_open_finish (AtlasDocument *self, GAsyncResult *result, GError **error)
{
  g_autoptr (AtlasOpened) opened = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  opened = g_task_propagate_pointer (G_TASK (result), error);
  if (opened == NULL)
    return FALSE;
  atlas_document_adopt (self, opened, ((Request *) g_task_get_task_data (G_TASK (result)))->file);
  return TRUE;
}

void
atlas_document_take_opened (AtlasDocument *self, AtlasOpened *opened)
{
  g_return_if_fail (ATLAS_IS_DOCUMENT (self));
  g_return_if_fail (opened != NULL);

  atlas_document_adopt (self, opened, NULL);
  atlas_opened_free (opened);
}

gboolean
atlas_document_open_text (AtlasDocument *self, const char *text, const char *name, GError **error)
{
  AtlasOpened *opened;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);

  opened = atlas_opened_parse (text, name, NULL, G_MAXUINT, error);
  if (opened == NULL)
    return FALSE;
  atlas_document_take_opened (self, opened);
  return TRUE;
}

gboolean
atlas_document_open_unsaved (AtlasDocument *self,
                             const char *text,
                             const char *name,
                             GFile *file,
                             guint undo_floor,
                             GError **error)
{
  g_autoptr (AtlasOpened) opened = NULL;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);

  opened = atlas_opened_parse (text, name, NULL, undo_floor, error);
  if (opened == NULL)
    return FALSE;
  atlas_document_adopt (self, opened, file);
  /* No position is the saved one. */
  self->saved_position = G_MAXUINT;
  atlas_document_notify_state (self);
  return TRUE;
}

gboolean
atlas_document_save (AtlasDocument *self, GFile *file, GError **error)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);
  g_return_val_if_fail (self->session != NULL, FALSE);

  text = atlas_session_to_text (self->session);
  if (!g_file_replace_contents (
        file, text, strlen (text), NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, error))
    return FALSE;
  g_set_object (&self->file, file);
  g_free (self->title);
  self->title = g_file_get_basename (file);
  self->saved_position = atlas_session_get_position (self->session);
  atlas_document_notify_state (self);
  return TRUE;
}

GFile *
atlas_document_get_file (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  return self->file;
}
