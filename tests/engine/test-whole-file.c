/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "base/whole-file.h"

#include <glib/gstdio.h>

typedef struct
{
  gsize n_bytes;
  gboolean is_failing;
} Writing;

static gboolean
write_bytes (GOutputStream *stream, gpointer data, GError **error)
{
  const Writing *writing = data;
  g_autofree guint8 *bytes = g_malloc0 (writing->n_bytes);

  if (!g_output_stream_write_all (stream, bytes, writing->n_bytes, NULL, NULL, error))
    return FALSE;
  if (writing->is_failing)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no more");
  return !writing->is_failing;
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n_files = 0;

  while (g_dir_read_name (dir) != NULL)
    n_files++;
  return n_files;
}

static void
test_a_file_is_whole_or_as_it_was (void)
{
  static const struct
  {
    gsize n_bytes;
    gboolean is_failing;
    gboolean is_there_before;
  } rows[] = {
    { 0, FALSE, FALSE },      { 0, FALSE, TRUE },       { 5, FALSE, TRUE },
    { 5 << 20, FALSE, TRUE }, { 0, TRUE, TRUE },        { 5, TRUE, TRUE },
    { 5, TRUE, FALSE },       { 5 << 20, TRUE, FALSE }, { 5 << 20, TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *folder = g_dir_make_tmp ("whole-file-XXXXXX", NULL);
      g_autofree char *path = g_build_filename (folder, "a", NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autoptr (GError) error = NULL;
      g_autofree char *contents = NULL;
      Writing writing = { rows[i].n_bytes, rows[i].is_failing };
      gsize n_bytes = 0;
      gboolean is_there;

      if (rows[i].is_there_before)
        g_assert_true (g_file_set_contents (path, "before", 6, NULL));
      g_assert_true (atlas_whole_file_write (file, write_bytes, &writing, &error) ==
                     !rows[i].is_failing);
      if (rows[i].is_failing)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
      is_there = g_file_get_contents (path, &contents, &n_bytes, NULL);
      g_assert_true (is_there == (rows[i].is_there_before || !rows[i].is_failing));
      if (rows[i].is_failing && is_there)
        g_assert_cmpmem (contents, n_bytes, "before", 6);
      else if (is_there)
        g_assert_cmpuint (n_bytes, ==, rows[i].n_bytes);
      g_assert_cmpuint (count_files (folder), ==, is_there ? 1 : 0);
      g_unlink (path);
      g_rmdir (folder);
    }
}

static void
test_where_nothing_can_be_written_nothing_is_tried (void)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/nonexistent/a");
  g_autoptr (GError) error = NULL;
  Writing writing = { 1, FALSE };

  g_assert_false (atlas_whole_file_write (file, write_bytes, &writing, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/whole-file/whole-or-before", test_a_file_is_whole_or_as_it_was);
  g_test_add_func ("/whole-file/nowhere", test_where_nothing_can_be_written_nothing_is_tried);
  return g_test_run ();
}
