/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/command-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/verbs.h"

/* "A, B or C": what could have stood at the next word. */
static gboolean
fail_with_choices (const AtlasTokens *tokens, GArray *choices, gboolean can_end, GError **error)
{
  GString *expected = g_string_new (NULL);
  guint n_choices = choices->len + (can_end ? 1 : 0);

  for (guint i = 0; i < n_choices; i++)
    {
      if (i > 0)
        g_string_append (expected, i + 1 == n_choices ? _ (" or ") : ", ");
      g_string_append (expected,
                       i == choices->len
                         ? _ ("the end of the command")
                         : _ (atlas_expectations[g_array_index (choices, AtlasParameterKind, i)]));
    }
  atlas_tokens_fail (tokens, expected->str, error);
  g_string_free (expected, TRUE);
  return FALSE;
}

static gboolean
is_repeated (AtlasParameterKind kind)
{
  return kind == ATLAS_PARAMETER_SYSTEM_OPTIONS || kind == ATLAS_PARAMETER_PROCESS_OPTIONS ||
         kind == ATLAS_PARAMETER_SWITCHES || kind == ATLAS_PARAMETER_SECTION_OPTIONS ||
         kind == ATLAS_PARAMETER_MEMORY_OPTIONS;
}

/* @choices as for atlas_command_parse_tokens(). */
static gboolean
parse_parameters (AtlasTokens *tokens,
                  AtlasCommand *command,
                  GArray *choices,
                  guint *error_column,
                  GError **error)
{
  const AtlasGrammar *grammar = &atlas_grammars[command->verb];

  for (guint i = 0; i < ATLAS_PARAMETERS_MAX && grammar->parameters[i].kind != ATLAS_PARAMETER_NONE;
       i++)
    {
      const AtlasParameter *parameter = &grammar->parameters[i];

      g_array_append_val (choices, parameter->kind);
      if (parameter->is_optional)
        {
          while (atlas_parameter_is_present (parameter->kind, tokens, command->verb))
            {
              g_array_set_size (choices, 0);
              if (!atlas_parameter_parse (parameter->kind, tokens, command, error_column, error))
                return FALSE;
              if (!is_repeated (parameter->kind))
                break;
              g_array_append_val (choices, parameter->kind);
            }
          continue;
        }

      if (atlas_tokens_peek (tokens, 0) == NULL)
        {
          *error_column = atlas_tokens_get_column (tokens);
          return fail_with_choices (tokens, choices, FALSE, error);
        }
      g_array_set_size (choices, 0);
      if (!atlas_parameter_parse (parameter->kind, tokens, command, error_column, error))
        return FALSE;
    }

  if (atlas_tokens_peek (tokens, 0) != NULL)
    {
      *error_column = atlas_tokens_get_column (tokens);
      return fail_with_choices (tokens, choices, TRUE, error);
    }
  return TRUE;
}

gboolean
atlas_verb_find (const char *word, AtlasVerbId *verb)
{
  for (guint i = 0; i < ATLAS_N_VERBS; i++)
    {
      if (strcmp (word, atlas_verbs[i].name) == 0)
        {
          *verb = (AtlasVerbId) i;
          return TRUE;
        }
    }
  return FALSE;
}

AtlasCommand *
atlas_command_parse_tokens (AtlasTokens *tokens,
                            GArray *choices,
                            guint *error_column,
                            GError **error)
{
  g_autoptr (AtlasCommand) command = NULL;
  const char *word = atlas_tokens_peek (tokens, 0);
  AtlasVerbId verb;

  *error_column = atlas_tokens_get_column (tokens);
  if (word == NULL || !atlas_verb_find (word, &verb))
    {
      GString *expected = g_string_new (_ ("a command: "));

      for (guint i = 0; i < ATLAS_N_VERBS; i++)
        g_string_append_printf (expected, "%s%s", i == 0 ? "" : ", ", atlas_verbs[i].name);
      atlas_tokens_fail (tokens, expected->str, error);
      g_string_free (expected, TRUE);
      return NULL;
    }

  command = g_new (AtlasCommand, 1);
  *command = atlas_grammars[verb].defaults;
  command->verb = verb;
  command->column = atlas_tokens_get_column (tokens);
  command->system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  command->process_options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  command->process_options.name = NULL;
  tokens->next++;

  if (!parse_parameters (tokens, command, choices, error_column, error))
    return NULL;
  if (command->size_bytes == 0 && (verb == ATLAS_VERB_READ || verb == ATLAS_VERB_WRITE))
    command->size_bytes = 1;
  return g_steal_pointer (&command);
}

AtlasCommand *
atlas_command_parse (const char *line, guint *error_column, GError **error)
{
  g_auto (AtlasTokens) tokens = { 0 };
  g_autoptr (GArray) choices = g_array_new (FALSE, FALSE, sizeof (AtlasParameterKind));

  atlas_tokens_init (&tokens, line);
  return atlas_command_parse_tokens (&tokens, choices, error_column, error);
}

void
atlas_command_free (AtlasCommand *command)
{
  g_free (command->name);
  g_free (command->address);
  g_free (command->program);
  g_free (command->object);
  g_free (command->target);
  g_free (command);
}
