/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "default-scenario.h"

#include <glib/gi18n.h>

#include "config.h"
#include "paging/tlb.h"

#define RESOURCE RESOURCE_PATH "/scenarios/default.vmatlas"

struct _AtlasDefaultScenario
{
  GThread *thread;
  char *text;
  GError *error;
};

static gboolean
is_default (GSettings *settings, const char *key, const char *value)
{
  g_autoptr (GVariant) variant = g_settings_get_default_value (settings, key);

  return g_str_equal (g_variant_get_string (variant, NULL), value);
}

static char *
read_text (GSettings *settings)
{
  g_autoptr (GBytes) bytes = g_resources_lookup_data (RESOURCE, 0, NULL);
  g_autofree char *profile = g_settings_get_string (settings, "tlb-profile");
  GString *text;

  g_assert (bytes != NULL);
  text = g_string_new_len (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
  /* The choice is part of the session, so that it repeats. */
  if (atlas_tlb_find_profile (profile) != NULL && !is_default (settings, "tlb-profile", profile))
    g_string_append_printf (text, "\ntlb %s\n", profile);
  return g_string_free (text, FALSE);
}

static gpointer
run (gpointer user_data)
{
  AtlasDefaultScenario *scenario = user_data;

  return atlas_opened_parse (
    scenario->text, _ ("Default scenario"), NULL, G_MAXUINT, &scenario->error);
}

AtlasDefaultScenario *
atlas_default_scenario_begin (GSettings *settings)
{
  AtlasDefaultScenario *scenario;

  g_return_val_if_fail (G_IS_SETTINGS (settings), NULL);

  scenario = g_new0 (AtlasDefaultScenario, 1);
  scenario->text = read_text (settings);
  scenario->thread = g_thread_new ("default-scenario", run, scenario);
  return scenario;
}

AtlasOpened *
atlas_default_scenario_end (AtlasDefaultScenario *scenario, GError **error)
{
  AtlasOpened *opened;

  g_return_val_if_fail (scenario != NULL, NULL);

  opened = g_thread_join (scenario->thread);
  if (opened == NULL)
    g_propagate_error (error, scenario->error);
  g_free (scenario->text);
  g_free (scenario);
  return opened;
}
