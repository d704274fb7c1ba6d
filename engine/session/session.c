/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/session.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/command.h"
#include "session/expression-private.h"
#include "session/machine.h"
#include "session/scenario.h"

/* One step of the journal, and what became of it when it last ran. */
typedef struct
{
  AtlasScenarioStep *step;
  AtlasCommandResult *result;
  gboolean is_joined; /* with the one before: undo and redo take them together */
} Entry;

struct _AtlasSession
{
  char *preamble;
  GArray *entries; /* of Entry */
  guint position;  /* entries before it have run */
  guint undo_floor;
  AtlasFiles *files;
  AtlasMachine *machine;
};

static void
command_result_clear (gpointer data)
{
  AtlasCommandResult *result = data;

  g_free (result->command);
  g_free (result->result);
  g_clear_pointer (&result->trace, atlas_trace_unref);
}

AtlasCommandResult *
atlas_command_result_ref (AtlasCommandResult *result)
{
  g_return_val_if_fail (result != NULL, NULL);

  return g_atomic_rc_box_acquire (result);
}

void
atlas_command_result_unref (AtlasCommandResult *result)
{
  g_return_if_fail (result != NULL);

  g_atomic_rc_box_release_full (result, command_result_clear);
}

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  atlas_scenario_step_unref (entry->step);
  atlas_command_result_unref (entry->result);
}

/* Takes @files. */
static AtlasSession *
session_new (AtlasFiles *files, const char *preamble)
{
  AtlasSession *session = g_new0 (AtlasSession, 1);

  session->preamble = g_strdup (preamble);
  session->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (session->entries, entry_clear);
  session->files = files;
  session->machine = atlas_machine_new (files);
  return session;
}

AtlasSession *
atlas_session_new (void)
{
  return session_new (atlas_files_new (NULL), "");
}

void
atlas_session_free (AtlasSession *session)
{
  g_return_if_fail (session != NULL);

  g_free (session->preamble);
  g_array_unref (session->entries);
  atlas_machine_free (session->machine);
  atlas_files_unref (session->files);
  g_free (session);
}

static AtlasCommandResult *
run_command (AtlasMachine *machine,
             const AtlasCommand *command,
             guint *error_column,
             GError **error)
{
  g_autoptr (AtlasCommandResult) result = g_atomic_rc_box_new0 (AtlasCommandResult);

  result->line = command->line;
  result->command = atlas_command_format (command);
  if (!atlas_machine_run (machine, command, result, error_column, error))
    return NULL;
  return g_steal_pointer (&result);
}

/* Takes @step and @result. */
static void
session_append (AtlasSession *session, AtlasScenarioStep *step, AtlasCommandResult *result)
{
  Entry entry = { .step = step, .result = result };

  g_array_set_size (session->entries, session->position);
  g_array_append_val (session->entries, entry);
  session->position++;
}

/* Takes @files. */
static AtlasSession *
session_new_from_text (AtlasFiles *files, const char *text, const char *name, GError **error)
{
  g_autoptr (AtlasScenario) scenario = NULL;
  g_autoptr (AtlasSession) session = NULL;

  session = session_new (files, "");
  scenario = atlas_scenario_parse (text, name, error);
  if (scenario == NULL)
    return NULL;

  g_free (session->preamble);
  session->preamble = g_steal_pointer (&scenario->preamble);

  for (guint i = 0; i < scenario->steps->len; i++)
    {
      AtlasScenarioStep **step = (AtlasScenarioStep **) &scenario->steps->pdata[i];
      g_autoptr (GError) local_error = NULL;
      guint error_column = 1;
      AtlasCommandResult *result =
        run_command (session->machine, (*step)->command, &error_column, &local_error);

      if (result == NULL)
        {
          g_propagate_prefixed_error (error,
                                      g_steal_pointer (&local_error),
                                      "%s:%u:%u: ",
                                      name,
                                      (*step)->command->line,
                                      error_column);
          return NULL;
        }
      session_append (session, g_steal_pointer (step), result);
    }
  return g_steal_pointer (&session);
}

AtlasSession *
atlas_session_new_from_text (const char *text, const char *name, GError **error)
{
  return atlas_session_new_from_text_in (text, name, NULL, error);
}

AtlasSession *
atlas_session_new_from_text_in (const char *text,
                                const char *name,
                                const char *folder,
                                GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return session_new_from_text (atlas_files_new (folder), text, name, error);
}

static gboolean
is_kept (const AtlasCommand *command, const AtlasCommandResult *result)
{
  switch (atlas_verb_get_effect (command->verb))
    {
    case ATLAS_EFFECT_LOOK:
      return FALSE;
    case ATLAS_EFFECT_CHANGE:
      return atlas_status_is_success (result->status);
    case ATLAS_EFFECT_ACCESS:
      return TRUE;
    }
  g_assert_not_reached ();
}

AtlasCommandResult *
atlas_session_run (AtlasSession *session, const char *command_text, GError **error)
{
  g_autoptr (AtlasCommand) command = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  guint error_column = 1;

  g_return_val_if_fail (session != NULL, NULL);
  g_return_val_if_fail (command_text != NULL, NULL);

  command = atlas_command_parse (command_text, &error_column, error);
  if (command != NULL)
    result = run_command (session->machine, command, &error_column, error);
  if (result == NULL)
    {
      g_prefix_error (error, _ ("column %u: "), error_column);
      return NULL;
    }

  if (is_kept (command, result))
    {
      char *text = g_strconcat (result->command, "\n", NULL);

      session_append (session,
                      atlas_scenario_step_new (g_steal_pointer (&command), text),
                      atlas_command_result_ref (result));
      session->undo_floor = MIN (session->undo_floor, session->position);
    }
  return g_steal_pointer (&result);
}

AtlasCommandResult *
atlas_session_run_all (AtlasSession *session, const char *commands, GError **error)
{
  g_auto (GStrv) lines = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  guint begin;

  g_return_val_if_fail (session != NULL, NULL);
  g_return_val_if_fail (commands != NULL, NULL);

  begin = session->position;
  lines = g_strsplit (commands, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_clear_pointer (&result, atlas_command_result_unref);
      result = atlas_session_run (session, lines[i], error);
      if (result == NULL || !atlas_status_is_success (result->status))
        {
          atlas_session_seek (session, begin);
          g_array_set_size (session->entries, begin);
          return g_steal_pointer (&result);
        }
    }
  for (guint i = begin + 1; i < session->position; i++)
    g_array_index (session->entries, Entry, i).is_joined = TRUE;
  return g_steal_pointer (&result);
}

guint
atlas_session_get_n_commands (const AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, 0);

  return session->entries->len;
}

guint
atlas_session_get_position (const AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, 0);

  return session->position;
}

const AtlasCommandResult *
atlas_session_get_result (const AtlasSession *session, guint index)
{
  g_return_val_if_fail (session != NULL, NULL);
  g_return_val_if_fail (index < session->entries->len, NULL);

  return g_array_index (session->entries, Entry, index).result;
}

gboolean
atlas_session_can_undo (const AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, FALSE);

  return session->position > session->undo_floor;
}

gboolean
atlas_session_can_redo (const AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, FALSE);

  return session->position < session->entries->len;
}

/* Runs entries [@begin, @end) on @machine, which has run those before. They ran before, so they can
 * fail only where the host now lacks memory, and their results are what they were. */
static gboolean
session_replay (const AtlasSession *session,
                AtlasMachine *machine,
                guint begin,
                guint end,
                GError **error)
{
  for (guint i = begin; i < end; i++)
    {
      const Entry *entry = &g_array_index (session->entries, Entry, i);
      guint error_column = 1;

      if (!atlas_machine_run_again (machine, entry->step->command, &error_column, error))
        {
          g_prefix_error (error, "%s: ", entry->result->command);
          return FALSE;
        }
    }
  return TRUE;
}

void
atlas_session_seek (AtlasSession *session, guint position)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (session != NULL);
  g_return_if_fail (position <= session->entries->len);

  /* Back means from the start: ten thousand commands run again in less than 50 ms (bench-windows),
   * and to keep copies of machines would cost memory for each and one more thing that can be wrong.
   */
  if (position < session->position)
    {
      g_autoptr (AtlasMachine) machine = atlas_machine_new (session->files);

      if (session_replay (session, machine, 0, position, &error))
        {
          atlas_machine_free (session->machine);
          session->machine = g_steal_pointer (&machine);
          session->position = position;
        }
    }
  else if (session_replay (session, session->machine, session->position, position, &error))
    session->position = position;
  if (error != NULL)
    g_warning ("Cannot run again: %s", error->message);
}

guint
atlas_session_get_undo_position (const AtlasSession *session)
{
  guint position;

  g_return_val_if_fail (session != NULL, 0);

  if (!atlas_session_can_undo (session))
    return session->position;
  position = session->position - 1;
  while (position > session->undo_floor &&
         g_array_index (session->entries, Entry, position).is_joined)
    position--;
  return position;
}

gboolean
atlas_session_undo (AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, FALSE);

  if (!atlas_session_can_undo (session))
    return FALSE;
  atlas_session_seek (session, atlas_session_get_undo_position (session));
  return TRUE;
}

gboolean
atlas_session_redo (AtlasSession *session)
{
  guint position;

  g_return_val_if_fail (session != NULL, FALSE);

  if (!atlas_session_can_redo (session))
    return FALSE;
  position = session->position + 1;
  while (position < session->entries->len &&
         g_array_index (session->entries, Entry, position).is_joined)
    position++;
  atlas_session_seek (session, position);
  return TRUE;
}

void
atlas_session_set_undo_floor (AtlasSession *session, guint position)
{
  g_return_if_fail (session != NULL);
  g_return_if_fail (position <= session->entries->len);

  session->undo_floor = position;
}

guint
atlas_session_get_undo_floor (const AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, 0);

  return session->undo_floor;
}

AtlasProcess *
atlas_session_get_process (AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, NULL);

  return session->machine->process;
}

AtlasSystem *
atlas_session_get_system (AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, NULL);

  return session->machine->system;
}

AtlasSpace *
atlas_session_get_space (AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, NULL);

  if (session->machine->bare != NULL)
    return atlas_bare_get_space (session->machine->bare);
  return session->machine->process == NULL ? NULL
                                           : atlas_process_get_space (session->machine->process);
}

AtlasMmu *
atlas_session_get_mmu (AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, NULL);

  if (session->machine->bare != NULL)
    return session->machine->bare->mmu;
  return session->machine->system != NULL ? atlas_system_get_mmu (session->machine->system) : NULL;
}

gboolean
atlas_session_parse_address (AtlasSession *session, const char *text, AtlasVa *va, GError **error)
{
  g_return_val_if_fail (session != NULL, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (va != NULL, FALSE);

  return atlas_address_parse (text, atlas_machine_resolve, session->machine, va, error);
}

char **
atlas_session_complete (AtlasSession *session, const char *text_before_cursor)
{
  g_autofree const char **names = NULL;

  g_return_val_if_fail (session != NULL, NULL);
  g_return_val_if_fail (text_before_cursor != NULL, NULL);

  names = atlas_machine_list_names (session->machine);
  return atlas_command_complete (text_before_cursor, names);
}

GArray *
atlas_session_list_names (AtlasSession *session)
{
  g_return_val_if_fail (session != NULL, NULL);

  return atlas_machine_describe_names (session->machine);
}

char *
atlas_session_to_text (const AtlasSession *session)
{
  GString *text;

  g_return_val_if_fail (session != NULL, NULL);

  text = g_string_new (session->preamble);
  for (guint i = 0; i < session->position; i++)
    {
      /* A file may lack its last line end. */
      if (text->len > 0 && text->str[text->len - 1] != '\n')
        g_string_append_c (text, '\n');
      g_string_append (text, g_array_index (session->entries, Entry, i).step->text);
    }
  return g_string_free (text, FALSE);
}

AtlasSession *
atlas_session_copy (const AtlasSession *session, guint position, GError **error)
{
  g_autoptr (AtlasSession) copy = NULL;

  g_return_val_if_fail (session != NULL, NULL);
  g_return_val_if_fail (position <= session->entries->len, NULL);

  copy = session_new (atlas_files_ref (session->files), session->preamble);
  for (guint i = 0; i < position; i++)
    {
      Entry entry = g_array_index (session->entries, Entry, i);

      atlas_scenario_step_ref (entry.step);
      atlas_command_result_ref (entry.result);
      g_array_append_val (copy->entries, entry);
    }
  if (!session_replay (copy, copy->machine, 0, position, error))
    return NULL;
  copy->position = position;
  return g_steal_pointer (&copy);
}
