/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/command-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/expression-private.h"
#include "session/machine-options.h"
#include "session/memory-verbs.h"
#include "session/path.h"
#include "session/section-verbs.h"
#include "session/verbs.h"
#include "session/words.h"

static gboolean
starts_with_digit (const char *word)
{
  return word != NULL && g_ascii_isdigit (word[0]);
}

/* Where no number could be meant, the number of a process stands for one without a name. */
static gboolean
is_process_id (const char *word, AtlasVerbId verb)
{
  guint64 id;

  return (verb == ATLAS_VERB_SELECT || verb == ATLAS_VERB_TERMINATE || verb == ATLAS_VERB_TRIM) &&
         starts_with_digit (word) && atlas_parse_number (word, FALSE, &id, NULL);
}

/* Whether an optional parameter is there. Where it may be the last, the answer is yes whatever
 * stands there: then the message names what was expected. */
static gboolean
is_present (const AtlasTokens *tokens, AtlasParameterKind kind, AtlasVerbId verb)
{
  const char *word = atlas_tokens_peek (tokens, 0);
  const char *after = atlas_tokens_peek (tokens, 1);

  if (word == NULL)
    return FALSE;

  switch (kind)
    {
    case ATLAS_PARAMETER_BINDING:
      return word[0] == '$' && g_strcmp0 (after, "=") == 0;
    case ATLAS_PARAMETER_PROCESS:
      return word[0] == '$' || is_process_id (word, verb) || verb == ATLAS_VERB_TERMINATE;
    case ATLAS_PARAMETER_ADDRESS:
      if (verb == ATLAS_VERB_MAP)
        return starts_with_digit (word) || word[0] == '$';
      return starts_with_digit (after);
    case ATLAS_PARAMETER_OBJECT:
      return word[0] == '$';
    case ATLAS_PARAMETER_SECTION_OPTIONS:
    case ATLAS_PARAMETER_MEMORY_OPTIONS:
      return TRUE;
    case ATLAS_PARAMETER_SIZE:
      return starts_with_digit (word) || verb == ATLAS_VERB_DECOMMIT;
    case ATLAS_PARAMETER_BYTES:
      return starts_with_digit (word);
    case ATLAS_PARAMETER_MAXIMUM:
    case ATLAS_PARAMETER_PRIORITY:
    case ATLAS_PARAMETER_HARD:
    case ATLAS_PARAMETER_LIST_COMMAND:
    case ATLAS_PARAMETER_PAGE_PRIORITY:
      return TRUE;
    case ATLAS_PARAMETER_VALUE:
      return g_str_has_prefix (word, "value=");
    case ATLAS_PARAMETER_SUPERVISOR:
      return strcmp (word, "supervisor") == 0;
    case ATLAS_PARAMETER_PROTECTION:
    case ATLAS_PARAMETER_SYSTEM_OPTIONS:
    case ATLAS_PARAMETER_PROCESS_OPTIONS:
    case ATLAS_PARAMETER_SWITCHES:
      return TRUE;
    case ATLAS_PARAMETER_TARGET:
    case ATLAS_PARAMETER_CONSTANT:
    case ATLAS_PARAMETER_LEVEL:
    case ATLAS_PARAMETER_ENTRY:
    case ATLAS_PARAMETER_BITS:
    case ATLAS_PARAMETER_TLB_PROFILE:
    case ATLAS_PARAMETER_PATH:
    case ATLAS_PARAMETER_PROGRAM:
    case ATLAS_PARAMETER_ALLOCATION_TYPE:
    case ATLAS_PARAMETER_FREE_TYPE:
    case ATLAS_PARAMETER_DURATION:
    case ATLAS_PARAMETER_MSR:
    case ATLAS_PARAMETER_NONE:
    case ATLAS_N_PARAMETERS:
      break;
    }
  g_assert_not_reached ();
}

static gboolean
parse_words (AtlasTokens *tokens,
             const AtlasWord *words,
             const char *noun,
             guint32 *bits,
             GError **error)
{
  g_autofree char *list = NULL;
  g_autofree char *expected = NULL;

  if (atlas_words_parse (words, atlas_tokens_peek (tokens, 0), bits))
    return TRUE;

  list = atlas_words_list (words);
  expected = g_strdup_printf (_ ("%s, joined by |: %s"), _ (noun), list);
  return atlas_tokens_fail (tokens, expected, error);
}

static gboolean
is_program_name (const char *word)
{
  if (!g_ascii_isalnum (word[0]))
    return FALSE;
  for (const char *c = word; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && strchr ("_.-", *c) == NULL)
        return FALSE;
    }
  /* MAX_PATH, the longest name that a loader's path can end in. */
  return strlen (word) < 260;
}

static guint
value_get_bytes (guint64 value)
{
  guint n_bytes = 1;

  while (n_bytes < 8 && value >> (8 * n_bytes) != 0)
    n_bytes *= 2;
  return n_bytes;
}

/* Reads one parameter from the next word, which exists. */
static gboolean
parse_parameter (AtlasTokens *tokens,
                 AtlasParameterKind kind,
                 AtlasCommand *command,
                 guint *error_column,
                 GError **error)
{
  const char *word = atlas_tokens_peek (tokens, 0);
  guint column = atlas_tokens_get_column (tokens);
  gsize error_index = 0;
  guint64 number;

  *error_column = column;
  switch (kind)
    {
    case ATLAS_PARAMETER_BINDING:
    case ATLAS_PARAMETER_PROCESS:
      if (!atlas_token_is_name (word) &&
          (kind != ATLAS_PARAMETER_PROCESS || !is_process_id (word, command->verb)))
        return atlas_tokens_fail (tokens,
                                  kind == ATLAS_PARAMETER_BINDING ? N_ ("a name such as $a")
                                                                  : atlas_expectations[kind],
                                  error);
      command->name = g_strdup (word);
      command->name_column = column;
      if (g_strcmp0 (atlas_tokens_peek (tokens, 1), "=") == 0 &&
          (kind == ATLAS_PARAMETER_BINDING || command->verb == ATLAS_VERB_PROCESS))
        tokens->next++;
      break;

    case ATLAS_PARAMETER_PROGRAM:
      if (!is_program_name (word))
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      command->program = g_strdup (word);
      break;

    case ATLAS_PARAMETER_ADDRESS:
      if (!atlas_expression_check (word, &error_index, error))
        {
          *error_column = atlas_text_get_column (word, error_index, column);
          return FALSE;
        }
      command->address = g_strdup (word);
      command->address_column = column;
      break;

    case ATLAS_PARAMETER_SIZE:
      /* What a size of 0 means to a call, the call answers; nothing can be looked for. */
      if (!atlas_parse_size (word, &command->size_bytes, NULL) ||
          (command->size_bytes == 0 && command->verb == ATLAS_VERB_ROOM))
        return atlas_tokens_fail (tokens, N_ ("a size such as 4096, 0x1000, 64K, 2M or 1G"), error);
      break;

    case ATLAS_PARAMETER_MAXIMUM:
      if (!atlas_parse_size (word, &command->maximum_bytes, NULL))
        return atlas_tokens_fail (tokens, N_ ("a size such as 4096, 0x1000, 64K, 2M or 1G"), error);
      break;

    case ATLAS_PARAMETER_PRIORITY:
      if (!atlas_words_find (atlas_offer_words, word, &command->offer_priority))
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      break;

    case ATLAS_PARAMETER_LIST_COMMAND:
      if (!atlas_words_find (atlas_memory_list_words, word, &command->list_command))
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      break;

    case ATLAS_PARAMETER_PAGE_PRIORITY:
      if (!atlas_parse_number (word, FALSE, &number, NULL) || number > 5)
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      command->page_priority = (guint32) number;
      break;

    case ATLAS_PARAMETER_HARD:
      if (strcmp (word, "hard") != 0)
        return atlas_tokens_fail (tokens, N_ ("hard or the end of the command"), error);
      command->is_hard = TRUE;
      break;

    case ATLAS_PARAMETER_ALLOCATION_TYPE:
      if (!parse_words (tokens,
                        atlas_allocation_words,
                        N_ ("allocation flags"),
                        &command->allocation_type,
                        error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_FREE_TYPE:
      if (!parse_words (
            tokens, atlas_free_words, N_ ("what to do"), &command->allocation_type, error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_PROTECTION:
      if (!parse_words (tokens, atlas_protection_words, "a protection", &command->protect, error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_BYTES:
      if (!atlas_parse_size (word, &number, NULL) || number == 0 || number > ATLAS_ACCESS_BYTES_MAX)
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      command->size_bytes = number;
      break;

    case ATLAS_PARAMETER_VALUE:
      if (!atlas_parse_number (word + strlen ("value="), FALSE, &command->value, NULL))
        return atlas_tokens_fail (tokens, N_ ("value= and a number such as 0x1234"), error);
      if (command->size_bytes == 0)
        command->size_bytes = value_get_bytes (command->value);
      else if (command->size_bytes < 8 && command->value >> (8 * command->size_bytes) != 0)
        return atlas_tokens_fail (tokens, N_ ("a value that fits in the bytes written"), error);
      command->has_value = TRUE;
      break;

    case ATLAS_PARAMETER_SUPERVISOR:
      command->is_supervisor = TRUE;
      break;

    case ATLAS_PARAMETER_DURATION:
      if (!atlas_duration_parse (word, &command->duration_100ns))
        return atlas_tokens_fail (
          tokens, N_ ("a duration such as 100ns, 10ms, 1s or 2h, up to 3650 days"), error);
      break;

    case ATLAS_PARAMETER_MSR:
      if (!atlas_parse_number (word, FALSE, &number, NULL) || number > G_MAXUINT32)
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      command->msr = (guint32) number;
      break;

    case ATLAS_PARAMETER_OBJECT:
      if (!atlas_token_is_name (word))
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      command->object = g_strdup (word);
      command->object_column = column;
      break;

    case ATLAS_PARAMETER_PATH:
      if (command->verb == ATLAS_VERB_LOAD && atlas_token_is_name (word))
        {
          command->object = g_strdup (word);
          command->object_column = column;
        }
      else if ((command->program = atlas_path_parse (word)) == NULL)
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      break;

    case ATLAS_PARAMETER_TARGET:
      if (!atlas_expression_check (word, &error_index, error))
        {
          *error_column = atlas_text_get_column (word, error_index, column);
          return FALSE;
        }
      command->target = g_strdup (word);
      command->target_column = column;
      break;

    case ATLAS_PARAMETER_CONSTANT:
      if (!atlas_parse_number (word, FALSE, &command->value, NULL) || command->value > G_MAXUINT32)
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      break;

    case ATLAS_PARAMETER_MEMORY_OPTIONS:
      if (!atlas_memory_option_parse (tokens, command, error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_SECTION_OPTIONS:
      if (!atlas_section_option_parse (tokens, command, error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_LEVEL:
      if (!atlas_words_find (atlas_level_words, word, &command->level))
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      break;

    case ATLAS_PARAMETER_ENTRY:
    case ATLAS_PARAMETER_BITS:
      if (!atlas_parse_number (word, FALSE, &command->value, NULL))
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      break;

    case ATLAS_PARAMETER_SWITCHES:
      if (!atlas_control_option_parse (tokens, command, error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_TLB_PROFILE:
      command->tlb_profile = atlas_tlb_find_profile (word);
      if (command->tlb_profile == NULL)
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      break;

    case ATLAS_PARAMETER_SYSTEM_OPTIONS:
      if (!atlas_system_option_parse (tokens, &command->system_options, error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_PROCESS_OPTIONS:
      if (!atlas_process_option_parse (tokens, command, error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_NONE:
    case ATLAS_N_PARAMETERS:
      g_assert_not_reached ();
    }

  tokens->next++;
  return TRUE;
}

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
          while (is_present (tokens, parameter->kind, command->verb))
            {
              g_array_set_size (choices, 0);
              if (!parse_parameter (tokens, parameter->kind, command, error_column, error))
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
      if (!parse_parameter (tokens, parameter->kind, command, error_column, error))
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
