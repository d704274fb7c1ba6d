/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Whatever text comes: it is read or refused with a place, and what is read says the same when it
 * is written down; what runs can be undone. */

#include "fuzz/fuzz.h"

#include <string.h>

#include "engine/model-invariants.h"
#include "session/expression-private.h"
#include "session/scenario.h"
#include "session/session.h"
#include "windows/state-hash-private.h"

/* Longer scenarios only take longer. */
#define MAX_RUN_STEPS 40u
#define MAX_STEP_BYTES ATLAS_MB (256)

static void
check_command (const AtlasCommand *command)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = atlas_command_format (command);
  guint column = 0;
  g_autoptr (AtlasCommand) again = atlas_command_parse (text, &column, &error);
  g_autofree char *text_again = NULL;

  g_assert_no_error (error);
  text_again = atlas_command_format (again);
  g_assert_cmpstr (text, ==, text_again);
}

static void
check_address (const char *text)
{
  g_autoptr (GError) error = NULL;
  AtlasVa va, va_again;

  if (atlas_address_parse (text, NULL, NULL, &va, &error))
    {
      g_autofree char *canonical = atlas_expression_canonicalize (text);

      g_assert_true (atlas_expression_check (text, NULL, NULL));
      g_assert_true (atlas_address_parse (canonical, NULL, NULL, &va_again, NULL));
      g_assert_cmphex (va, ==, va_again);
    }
  else
    g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
}

/* 0 before there is a machine. */
static guint64
hash_session (AtlasSession *session)
{
  const AtlasSystem *system = atlas_session_get_system (session);

  return system != NULL ? atlas_system_hash_state (system) : 0;
}

static void
check_run (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (text, "fuzz", &error);
  g_autofree char *saved = NULL;
  guint n_commands;
  guint64 hash;

  if (session == NULL)
    {
      g_assert_nonnull (error);
      return;
    }
  saved = atlas_session_to_text (session);
  g_assert_cmpstr (saved, ==, text);

  n_commands = atlas_session_get_n_commands (session);
  hash = hash_session (session);
  atlas_session_seek (session, n_commands / 2);
  atlas_session_seek (session, n_commands);
  g_assert_cmphex (hash_session (session), ==, hash);
  if (atlas_session_get_space (session) != NULL)
    g_assert_cmpuint (
      atlas_region_set_get_n_regions (atlas_space_get_regions (atlas_session_get_space (session))),
      >,
      1);
}

/* The tables can be written by hand: then nothing more is promised of them. */
static gboolean
writes_by_hand (const AtlasCommand *command)
{
  return command->verb == ATLAS_VERB_ENTRY ||
         (command->verb == ATLAS_VERB_WRITE && command->is_supervisor);
}

/* One by one: what is refused leaves no trace, and what must always hold still does. */
static void
check_steps (const AtlasScenario *scenario)
{
  g_autoptr (AtlasSession) session = atlas_session_new ();
  gboolean is_sound = TRUE;

  for (guint i = 0; i < scenario->steps->len; i++)
    {
      const AtlasScenarioStep *step = g_ptr_array_index (scenario->steps, i);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = atlas_command_format (step->command);
      AtlasSystem *system;
      guint64 before = hash_session (session);
      AtlasCommandResult *result = atlas_session_run (session, text, &error);

      /* The machine itself comes with the first command, whatever becomes of that. */
      if (before != 0 &&
          (result == NULL || (!atlas_status_is_success (result->status) &&
                              atlas_verb_get_effect (step->command->verb) == ATLAS_EFFECT_CHANGE)))
        g_assert_cmphex (hash_session (session), ==, before);
      g_clear_pointer (&result, atlas_command_result_unref);
      is_sound &= !writes_by_hand (step->command);
      system = atlas_session_get_system (session);
      /* Larger ones only take longer. */
      if (system != NULL && atlas_system_get_options (system)->memory_bytes > MAX_STEP_BYTES)
        return;
      if (system != NULL && is_sound)
        g_assert_cmpstr (find_broken_invariant (system), ==, NULL);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const no_names[] = { NULL };
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasScenario) scenario = atlas_scenario_parse (text, "fuzz", &error);
  g_auto (GStrv) words = atlas_command_complete (text, no_names);
  g_autoptr (GString) kept = NULL;

  g_assert_nonnull (words);
  check_address (text);
  if (scenario == NULL)
    {
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
      g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  kept = g_string_new (scenario->preamble);
  for (guint i = 0; i < scenario->steps->len; i++)
    {
      const AtlasScenarioStep *step = g_ptr_array_index (scenario->steps, i);

      check_command (step->command);
      g_string_append (kept, step->text);
    }
  g_assert_cmpstr (kept->str, ==, text);
  if (scenario->steps->len <= MAX_RUN_STEPS)
    {
      check_run (text);
      check_steps (scenario);
    }
  return 0;
}
