/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "source/open.h"

const char *
cli_get_display_name (const char *path)
{
  return strcmp (path, "-") == 0 ? "standard input" : path;
}

static GBytes *
read_standard_input (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 block[65536];
  gsize n_read;

  while ((n_read = fread (block, 1, sizeof block, stdin)) > 0)
    {
      if (n_read > G_MAXUINT - bytes->len)
        {
          cli_wrong_input ("standard input is longer than 4 GB; give a file instead");
          return NULL;
        }
      g_byte_array_append (bytes, block, (guint) n_read);
    }
  if (ferror (stdin))
    {
      cli_wrong_input ("cannot read standard input: %s", g_strerror (errno));
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

GBytes *
cli_read_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *data;
  gsize size_bytes;

  if (strcmp (path, "-") == 0)
    return read_standard_input ();

  if (!g_file_get_contents (path, &data, &size_bytes, &error))
    {
      cli_wrong_input ("%s", error->message);
      return NULL;
    }
  return g_bytes_new_take (data, size_bytes);
}

static AtlasSession *
run_scenario (GBytes *bytes, const char *path)
{
  g_autoptr (GError) error = NULL;
  gsize size_bytes;
  const char *data = g_bytes_get_data (bytes, &size_bytes);
  g_autofree char *text = NULL;
  g_autofree char *folder = strcmp (path, "-") == 0 ? NULL : g_path_get_dirname (path);
  AtlasSession *session;

  if (atlas_content_guess (bytes, path) != ATLAS_CONTENT_SCENARIO && size_bytes > 0)
    {
      cli_wrong_input ("%s: expected a scenario, a text of commands", cli_get_display_name (path));
      return NULL;
    }
  text = g_strndup (data != NULL ? data : "", size_bytes);
  session = atlas_session_new_from_text_in (text, cli_get_display_name (path), folder, &error);
  if (session == NULL)
    cli_wrong_input ("%s", error->message);
  return session;
}

AtlasSession *
cli_run_scenario (const char *path)
{
  g_autoptr (GBytes) bytes = cli_read_file (path);

  return bytes != NULL ? run_scenario (bytes, path) : NULL;
}

gboolean
cli_open_bytes (const char *path, GBytes *bytes, CliInput *input)
{
  g_autoptr (GError) error = NULL;
  AtlasSpace *space;

  *input = (CliInput){ .space = NULL };
  if (atlas_content_guess (bytes, path) != ATLAS_CONTENT_SCENARIO)
    {
      input->space = atlas_space_open_bytes (bytes, cli_get_display_name (path), &error);
      if (input->space == NULL)
        cli_wrong_input ("%s", error->message);
      return input->space != NULL;
    }

  input->session = run_scenario (bytes, path);
  if (input->session == NULL)
    return FALSE;
  space = atlas_session_get_space (input->session);
  if (space == NULL)
    {
      cli_wrong_input ("%s: the scenario leaves no process to look at",
                       cli_get_display_name (path));
      cli_close (input);
      return FALSE;
    }
  input->space = atlas_space_ref (space);
  return TRUE;
}

void
cli_close (CliInput *input)
{
  g_clear_pointer (&input->space, atlas_space_unref);
  g_clear_pointer (&input->session, atlas_session_free);
}
