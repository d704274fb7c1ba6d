/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>

#include <glib/gi18n-lib.h>

#define MAX_FILE_BYTES ATLAS_MB (256)

struct _AtlasFiles
{
  gatomicrefcount ref_count;
  char *folder;
  GHashTable *contents; /* path as named → GBytes */
};

AtlasFiles *
atlas_files_new (const char *folder)
{
  AtlasFiles *files = g_new0 (AtlasFiles, 1);

  g_atomic_ref_count_init (&files->ref_count);
  files->folder = g_strdup (folder);
  files->contents =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  return files;
}

AtlasFiles *
atlas_files_ref (AtlasFiles *files)
{
  g_atomic_ref_count_inc (&files->ref_count);
  return files;
}

void
atlas_files_unref (AtlasFiles *files)
{
  if (!g_atomic_ref_count_dec (&files->ref_count))
    return;
  g_hash_table_unref (files->contents);
  g_free (files->folder);
  g_free (files);
}

static GBytes *
read_all (const char *path, GError **error)
{
  struct stat status;
  /* Not blocking: a pipe must not stop the program before it is known to be one. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autofree guint8 *bytes = NULL;
  gsize n_done = 0;

  if (fd < 0 || fstat (fd, &status) != 0)
    {
      int saved_errno = errno;

      g_set_error_literal (
        error, G_IO_ERROR, g_io_error_from_errno (saved_errno), g_strerror (saved_errno));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  if (!S_ISREG (status.st_mode) || (guint64) status.st_size > MAX_FILE_BYTES)
    {
      g_set_error_literal (error,
                           G_IO_ERROR,
                           G_IO_ERROR_NOT_REGULAR_FILE,
                           _ ("it is no ordinary file of at most 256 MB"));
      close (fd);
      return NULL;
    }
  bytes = g_malloc (MAX (status.st_size, 1));
  while (n_done < (gsize) status.st_size)
    {
      ssize_t n_read = read (fd, bytes + n_done, (gsize) status.st_size - n_done);

      if (n_read < 0 && errno == EINTR)
        continue;
      if (n_read <= 0)
        break; /* it shrank meanwhile */
      n_done += (gsize) n_read;
    }
  close (fd);
  return g_bytes_new_take (g_steal_pointer (&bytes), n_done);
}

GBytes *
atlas_files_read (AtlasFiles *files, const char *path, GError **error)
{
  GBytes *bytes = g_hash_table_lookup (files->contents, path);
  g_autofree char *full_path = NULL;

  if (bytes != NULL)
    return g_bytes_ref (bytes);
  full_path = files->folder != NULL && !g_path_is_absolute (path)
                ? g_build_filename (files->folder, path, NULL)
                : g_strdup (path);
  bytes = read_all (full_path, error);
  if (bytes != NULL)
    g_hash_table_insert (files->contents, g_strdup (path), g_bytes_ref (bytes));
  return bytes;
}
