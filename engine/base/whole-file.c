/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "base/whole-file.h"

/* Dumps are written a page or less at a time. */
#define BUFFER_BYTES (1u << 20)

gboolean
atlas_whole_file_write (GFile *file, AtlasFileWriter writer, gpointer data, GError **error)
{
  g_autoptr (GFileOutputStream) stream = NULL;
  g_autoptr (GOutputStream) buffered = NULL;
  g_autoptr (GCancellable) cancelled = NULL;
  gboolean is_new;

  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (writer != NULL, FALSE);

  is_new = !g_file_query_exists (file, NULL);
  stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, error);
  if (stream == NULL)
    return FALSE;
  buffered = g_buffered_output_stream_new_sized (G_OUTPUT_STREAM (stream), BUFFER_BYTES);
  if (writer (buffered, data, error) && g_output_stream_close (buffered, NULL, error))
    return TRUE;
  /* Only a close that is cancelled leaves an older file alone; a new one has its name already. */
  cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  g_output_stream_close (buffered, cancelled, NULL);
  if (is_new)
    g_file_delete (file, NULL, NULL);
  return FALSE;
}
