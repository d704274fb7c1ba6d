/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The scenarios that come with the program, and the manual of their language. A line
 * "# expect: STATUS_NAME" tells what the command before it gives; all others succeed. */

#include "session/session.h"

#include <string.h>

#define EXPECT "# expect: "

static char *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* What the lines behind a command's line expect of it. */
static const char *
get_expected_status (char **lines, guint line)
{
  return lines[line] != NULL && g_str_has_prefix (lines[line], EXPECT)
           ? lines[line] + strlen (EXPECT)
           : "STATUS_SUCCESS";
}

static void
run_scenario (gconstpointer path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = load (path);
  g_autofree char *name = g_path_get_basename (path);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (text, name, &error);
  g_autofree char *saved = NULL;
  guint n_expected = 0, n_seen = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (atlas_session_get_n_commands (session), >, 2);
  g_assert_nonnull (atlas_session_get_space (session));
  saved = atlas_session_to_text (session);
  g_assert_cmpstr (saved, ==, text);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      n_expected += g_str_has_prefix (lines[i], EXPECT) ? 1 : 0;
      g_assert_cmpint (g_utf8_strlen (lines[i], -1), <=, 100);
    }

  for (guint i = 0; i < atlas_session_get_n_commands (session); i++)
    {
      const AtlasCommandResult *result = atlas_session_get_result (session, i);
      const char *expected = get_expected_status (lines, result->line);

      g_test_message ("%u: %s: %s", result->line, result->command, result->result);
      g_assert_cmpstr (atlas_status_get_name (result->status), ==, expected);
      n_seen += strcmp (expected, "STATUS_SUCCESS") != 0 ? 1 : 0;
    }
  g_assert_cmpuint (n_seen, ==, n_expected);

  /* Back to the start and forth again: every step repeats. */
  for (guint i = atlas_session_get_n_commands (session); i > 0; i--)
    g_assert_true (atlas_session_undo (session));
  atlas_session_seek (session, atlas_session_get_n_commands (session));
  for (guint i = 0; i < atlas_session_get_n_commands (session); i++)
    {
      const AtlasCommandResult *result = atlas_session_get_result (session, i);

      g_assert_cmpstr (
        atlas_status_get_name (result->status), ==, get_expected_status (lines, result->line));
    }
}

/* The manual lists the usage of each verb, behind ".TP", in the order of the table. */
static void
test_manual_lists_every_verb (void)
{
  g_autofree char *text = load (g_getenv ("ATLAS_SCENARIO_MANUAL"));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) usages = g_ptr_array_new_with_free_func (g_free);
  gboolean is_inside = FALSE;
  guint n_verbs;
  const AtlasVerb *verbs = atlas_session_get_verbs (&n_verbs);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (g_str_has_prefix (lines[i], ".SH "))
        is_inside = strcmp (lines[i], ".SH COMMANDS") == 0;
      if (is_inside && strcmp (lines[i], ".TP") == 0)
        {
          g_autoptr (GString) usage = g_string_new (lines[i + 1]);

          g_string_replace (usage, "\\fB", "", 0);
          g_string_replace (usage, "\\fR", "", 0);
          g_ptr_array_add (usages, g_strdup (usage->str));
        }
    }

  g_assert_cmpuint (usages->len, ==, n_verbs);
  for (guint i = 0; i < n_verbs; i++)
    g_assert_cmpstr (g_ptr_array_index (usages, i), ==, verbs[i].usage);
}

static void
test_usage_begins_with_the_name (void)
{
  guint n_verbs;
  const AtlasVerb *verbs = atlas_session_get_verbs (&n_verbs);

  for (guint i = 0; i < n_verbs; i++)
    {
      g_autofree char *start = g_strconcat (verbs[i].name, " ", NULL);

      g_assert_true (g_str_has_prefix (verbs[i].usage, start) ||
                     g_str_equal (verbs[i].usage, verbs[i].name));
      g_assert_cmpuint (strlen (verbs[i].summary), >, 10);
    }
}

int
main (int argc, char **argv)
{
  const char *folder = g_getenv ("ATLAS_SCENARIOS");
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_test_init (&argc, &argv, NULL);
  dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *test_path = g_strconcat ("/scenarios/", name, NULL);

      g_assert_true (g_str_has_suffix (name, ".vmatlas"));
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
      g_test_add_data_func (test_path, g_ptr_array_index (paths, paths->len - 1), run_scenario);
    }
  g_assert_cmpuint (paths->len, >=, 5);
  g_test_add_func ("/manual/verbs", test_manual_lists_every_verb);
  g_test_add_func ("/verbs/usage", test_usage_begins_with_the_name);
  return g_test_run ();
}
