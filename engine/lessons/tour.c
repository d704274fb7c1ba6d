/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "lessons/tour.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define TOUR_GROUP "Tour"

typedef struct
{
  const char *key;
  gboolean is_required;
  gboolean is_translated;
} Key;

static const Key tour_keys[] = {
  { "Title", TRUE, TRUE },
  { "Summary", TRUE, TRUE },
  { "Scenario", TRUE, FALSE },
  { NULL },
};

static const Key step_keys[] = {
  { "Text", TRUE, TRUE }, { "Select" }, { "Show" }, { "Page" }, { "Open" }, { "Run" },
  { "Expect" },           { NULL },
};

static void
tour_step_free (gpointer data)
{
  AtlasTourStep *step = data;

  g_free (step->text);
  g_free (step->select);
  g_free (step->show_first);
  g_free (step->show_last);
  g_free (step->page);
  g_free (step->window);
  g_free (step->command);
  g_free (step->expected_status);
  g_free (step);
}

void
atlas_tour_free (AtlasTour *tour)
{
  g_return_if_fail (tour != NULL);

  g_free (tour->title);
  g_free (tour->summary);
  g_free (tour->scenario);
  g_ptr_array_unref (tour->steps);
  g_free (tour);
}

static gboolean
fail (GError **error, const char *name, const char *group, const char *key, const char *message)
{
  g_set_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE, "%s: [%s] %s: %s", name, group, key, message);
  return FALSE;
}

/* "Text[de]" is a translation of "Text". */
static gboolean
is_key (const Key *known, const char *key)
{
  gsize length = strlen (known->key);

  if (strncmp (key, known->key, length) != 0)
    return FALSE;
  return key[length] == '\0' ||
         (known->is_translated && key[length] == '[' && g_str_has_suffix (key, "]"));
}

static gboolean
check_group (GKeyFile *file, const char *name, const char *group, const Key *known, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, group, NULL, NULL);

  if (keys == NULL)
    return fail (error, name, group, "", _ ("expected this group"));
  for (guint i = 0; keys[i] != NULL; i++)
    {
      guint j = 0;

      while (known[j].key != NULL && !is_key (&known[j], keys[i]))
        j++;
      if (known[j].key == NULL)
        return fail (error, name, group, keys[i], _ ("no such key"));
    }
  for (guint j = 0; known[j].key != NULL; j++)
    {
      g_autofree char *value = g_key_file_get_string (file, group, known[j].key, NULL);

      if (value != NULL ? *value == '\0' : known[j].is_required)
        return fail (error, name, group, known[j].key, _ ("expected a value"));
    }
  return TRUE;
}

static gboolean
read_show (AtlasTourStep *step,
           const char *show,
           const char *name,
           const char *group,
           GError **error)
{
  g_auto (GStrv) words = NULL;

  if (show == NULL)
    return TRUE;
  words = g_strsplit (show, " ", -1);
  if (g_str_equal (show, "whole"))
    step->show = ATLAS_TOUR_SHOW_WHOLE;
  else if (g_str_equal (show, "region"))
    step->show = ATLAS_TOUR_SHOW_REGION;
  else if (g_strv_length (words) == 2u)
    {
      step->show = ATLAS_TOUR_SHOW_RANGE;
      step->show_first = g_strdup (words[0]);
      step->show_last = g_strdup (words[1]);
    }
  else
    return fail (error, name, group, "Show", _ ("expected two addresses, “whole” or “region”"));
  return TRUE;
}

static gboolean
read_step (AtlasTour *tour, GKeyFile *file, const char *name, const char *group, GError **error)
{
  g_autofree char *show = NULL;
  AtlasTourStep *step;

  if (!check_group (file, name, group, step_keys, error))
    return FALSE;

  step = g_new0 (AtlasTourStep, 1);
  g_ptr_array_add (tour->steps, step);
  step->text = g_key_file_get_locale_string (file, group, "Text", NULL, NULL);
  step->select = g_key_file_get_string (file, group, "Select", NULL);
  step->page = g_key_file_get_string (file, group, "Page", NULL);
  step->window = g_key_file_get_string (file, group, "Open", NULL);
  step->command = g_key_file_get_string (file, group, "Run", NULL);
  step->expected_status = g_key_file_get_string (file, group, "Expect", NULL);
  if (step->expected_status != NULL && step->command == NULL)
    return fail (error, name, group, "Expect", _ ("there is no command to expect it of"));
  if (step->command != NULL && step->expected_status == NULL)
    step->expected_status = g_strdup ("STATUS_SUCCESS");
  show = g_key_file_get_string (file, group, "Show", NULL);
  return read_show (step, show, name, group, error);
}

static gboolean
read_steps (AtlasTour *tour, GKeyFile *file, const char *name, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *expected = i == 0 ? g_strdup (TOUR_GROUP) : g_strdup_printf ("Step %u", i);

      if (!g_str_equal (groups[i], expected))
        {
          g_autofree char *message = g_strdup_printf (_ ("expected [%s] here"), expected);

          return fail (error, name, groups[i], "", message);
        }
      if (i > 0 && !read_step (tour, file, name, groups[i], error))
        return FALSE;
    }
  return tour->steps->len > 0 || fail (error, name, "Step 1", "", _ ("expected this group"));
}

AtlasTour *
atlas_tour_new_from_text (const char *text, const char *name, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (AtlasTour) tour = NULL;
  g_autoptr (GError) key_file_error = NULL;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!g_key_file_load_from_data (
        file, text, strlen (text), G_KEY_FILE_KEEP_TRANSLATIONS, &key_file_error))
    {
      g_set_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE, "%s: %s", name, key_file_error->message);
      return NULL;
    }
  if (!check_group (file, name, TOUR_GROUP, tour_keys, error))
    return NULL;

  tour = g_new0 (AtlasTour, 1);
  tour->steps = g_ptr_array_new_with_free_func (tour_step_free);
  tour->title = g_key_file_get_locale_string (file, TOUR_GROUP, "Title", NULL, NULL);
  tour->summary = g_key_file_get_locale_string (file, TOUR_GROUP, "Summary", NULL, NULL);
  tour->scenario = g_key_file_get_string (file, TOUR_GROUP, "Scenario", NULL);
  return read_steps (tour, file, name, error) ? g_steal_pointer (&tour) : NULL;
}
