/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The tours that come with the program keep what they say: every place exists, every command gives
 * the status that the tour names; and what is no tour is refused with the place of the slip. */

#include "lessons/tour.h"

#include <string.h>

#include "session/session.h"

#define HEAD "[Tour]\nTitle=T\nSummary=S\nScenario=default\n"

static char *
load (const char *folder_variable, const char *name, const char *suffix)
{
  g_autofree char *file = g_strconcat (name, suffix, NULL);
  g_autofree char *path = g_build_filename (g_getenv (folder_variable), file, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
assert_address (AtlasSession *session, const char *text)
{
  g_autoptr (GError) error = NULL;
  AtlasVa va;

  if (text == NULL)
    return;
  atlas_session_parse_address (session, text, &va, &error);
  g_assert_no_error (error);
}

static void
run_tour (gconstpointer name)
{
  g_autofree char *text = load ("ATLAS_TOURS", name, "");
  g_autofree char *scenario = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasTour) tour = atlas_tour_new_from_text (text, name, &error);
  g_autoptr (AtlasSession) session = NULL;

  g_assert_no_error (error);
  scenario = load ("ATLAS_SCENARIOS", tour->scenario, ".vmatlas");
  session = atlas_session_new_from_text (scenario, tour->scenario, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < atlas_tour_get_n_steps (tour); i++)
    {
      const AtlasTourStep *step = atlas_tour_get_step (tour, i);

      if (step->command != NULL)
        {
          g_autoptr (AtlasCommandResult) result = NULL;

          result = atlas_session_run (session, step->command, &error);
          g_assert_no_error (error);
          g_test_message ("step %u: %s: %s", i + 1u, step->command, result->result);
          g_assert_cmpstr (atlas_status_get_name (result->status), ==, step->expected_status);
        }
      assert_address (session, step->select);
      assert_address (session, step->show_first);
      assert_address (session, step->show_last);
      g_assert_true (step->page == NULL || g_str_equal (step->page, "walk") ||
                     g_str_equal (step->page, "entry") || g_str_equal (step->page, "region") ||
                     g_str_equal (step->page, "events") || g_str_equal (step->page, "sections"));
      g_assert_true (step->window == NULL || g_str_equal (step->window, "laboratory"));
      /* Without a selection there is no region to show. */
      g_assert_true (step->show != ATLAS_TOUR_SHOW_REGION || step->select != NULL);
    }
}

/* Every text has its German. */
static void
check_german (gconstpointer name)
{
  g_autofree char *text = load ("ATLAS_TOURS", name, "");
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;
  g_autoptr (GError) error = NULL;

  g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_KEEP_TRANSLATIONS, &error);
  g_assert_no_error (error);
  groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      static const char *const keys[] = { "Title", "Summary", "Text" };

      for (guint j = 0; j < G_N_ELEMENTS (keys); j++)
        {
          g_autofree char *german_key = g_strconcat (keys[j], "[de]", NULL);

          g_assert_cmpint (g_key_file_has_key (file, groups[i], keys[j], NULL),
                           ==,
                           g_key_file_has_key (file, groups[i], german_key, NULL));
        }
    }
}

static void
test_refuses_what_is_no_tour (void)
{
  static const struct
  {
    const char *text;
    const char *error;
  } rows[] = {
    { "", "t: [Tour] : expected this group" },
    { "no key file", "t: Key file contains line “no key file” which is not a key-value pair*" },
    { HEAD, "t: [Step 1] : expected this group" },
    { "[Tour]\nTitle=T\nSummary=S\n", "t: [Tour] Scenario: expected a value" },
    { HEAD "Titel=x\n[Step 1]\nText=x\n", "t: [Tour] Titel: no such key" },
    { HEAD "[Step 2]\nText=x\n", "t: [Step 2] : expected [Step 1] here" },
    { "[Step 1]\nText=x\n" HEAD, "t: [Step 1] : expected [Tour] here" },
    { HEAD "[Step 1]\nSelect=0\n", "t: [Step 1] Text: expected a value" },
    { HEAD "[Step 1]\nText=x\nRun=\n", "t: [Step 1] Run: expected a value" },
    { HEAD "[Step 1]\nText=x\nRun[de]=x\n", "t: [Step 1] Run[de]: no such key" },
    { HEAD "[Step 1]\nText=x\nExpect=STATUS_SUCCESS\n",
      "t: [Step 1] Expect: there is no command to expect it of" },
    { HEAD "[Step 1]\nText=x\nShow=0\n",
      "t: [Step 1] Show: expected two addresses, “whole” or “region”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (atlas_tour_new_from_text (rows[i].text, "t", &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
      if (!g_pattern_match_simple (rows[i].error, error->message))
        g_assert_cmpstr (error->message, ==, rows[i].error);
    }
}

static void
test_reads_every_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasTour) tour = atlas_tour_new_from_text (
    HEAD "[Step 1]\nText=x\nText[xx]=y\nSelect=ntdll\nShow=0x10 0x20\nPage=walk\nRun=reserve 4K\n"
         "[Step 2]\nText=z\nShow=whole\n",
    "t",
    &error);
  const AtlasTourStep *step;

  g_assert_no_error (error);
  g_assert_cmpstr (tour->title, ==, "T");
  g_assert_cmpuint (atlas_tour_get_n_steps (tour), ==, 2);
  step = atlas_tour_get_step (tour, 0);
  g_assert_cmpstr (step->text, ==, "x");
  g_assert_cmpstr (step->select, ==, "ntdll");
  g_assert_cmpint (step->show, ==, ATLAS_TOUR_SHOW_RANGE);
  g_assert_cmpstr (step->show_first, ==, "0x10");
  g_assert_cmpstr (step->show_last, ==, "0x20");
  g_assert_cmpstr (step->page, ==, "walk");
  g_assert_cmpstr (step->command, ==, "reserve 4K");
  g_assert_cmpstr (step->expected_status, ==, "STATUS_SUCCESS");
  g_assert_cmpint (atlas_tour_get_step (tour, 1)->show, ==, ATLAS_TOUR_SHOW_WHOLE);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_test_init (&argc, &argv, NULL);
  dir = g_dir_open (g_getenv ("ATLAS_TOURS"), 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *run_path = g_strconcat ("/tour/runs/", name, NULL);
      g_autofree char *german_path = g_strconcat ("/tour/german/", name, NULL);

      g_ptr_array_add (names, g_strdup (name));
      g_test_add_data_func (run_path, g_ptr_array_index (names, names->len - 1u), run_tour);
      g_test_add_data_func (german_path, g_ptr_array_index (names, names->len - 1u), check_german);
    }
  g_assert_cmpuint (names->len, >, 0);
  g_test_add_func ("/tour/refuses-what-is-no-tour", test_refuses_what_is_no_tour);
  g_test_add_func ("/tour/reads-every-key", test_reads_every_key);
  return g_test_run ();
}
