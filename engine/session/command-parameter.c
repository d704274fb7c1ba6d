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

/* A parameter about to be read from the next word, which exists. */
typedef struct
{
  AtlasParameterKind kind;
  AtlasTokens *tokens;
  const char *word;
  guint column;
  AtlasCommand *command;
  guint *error_column;
  GError **error;
} Reading;

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

gboolean
atlas_parameter_is_present (AtlasParameterKind kind, const AtlasTokens *tokens, AtlasVerbId verb)
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
      if (verb == ATLAS_VERB_CR3)
        return TRUE;
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
    case ATLAS_PARAMETER_INDEX:
    case ATLAS_PARAMETER_SUM:
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

/* Always FALSE, for return. */
static gboolean
fail (const Reading *reading)
{
  return atlas_tokens_fail (reading->tokens, atlas_expectations[reading->kind], reading->error);
}

static gboolean
fail_with (const Reading *reading, const char *expected)
{
  return atlas_tokens_fail (reading->tokens, expected, reading->error);
}

/* ---- names ------------------------------------------------------------------------------------
 */

static void
take_name (const Reading *reading)
{
  reading->command->name = g_strdup (reading->word);
  reading->command->name_column = reading->column;
}

static gboolean
skip_equals_sign (const Reading *reading)
{
  if (g_strcmp0 (atlas_tokens_peek (reading->tokens, 1), "=") == 0)
    reading->tokens->next++;
  return TRUE;
}

static gboolean
parse_binding (const Reading *reading)
{
  if (!atlas_token_is_name (reading->word))
    return fail_with (reading, N_ ("a name such as $a"));
  take_name (reading);
  return skip_equals_sign (reading);
}

static gboolean
parse_process (const Reading *reading)
{
  AtlasVerbId verb = reading->command->verb;

  if (!atlas_token_is_name (reading->word) && !is_process_id (reading->word, verb))
    return fail (reading);
  take_name (reading);
  return verb != ATLAS_VERB_PROCESS || skip_equals_sign (reading);
}

static gboolean
take_object (const Reading *reading)
{
  reading->command->object = g_strdup (reading->word);
  reading->command->object_column = reading->column;
  return TRUE;
}

static gboolean
parse_object (const Reading *reading)
{
  return atlas_token_is_name (reading->word) ? take_object (reading) : fail (reading);
}

static gboolean
parse_program (const Reading *reading)
{
  if (!is_program_name (reading->word))
    return fail (reading);
  reading->command->program = g_strdup (reading->word);
  return TRUE;
}

static gboolean
parse_path (const Reading *reading)
{
  if (reading->command->verb == ATLAS_VERB_LOAD && atlas_token_is_name (reading->word))
    return take_object (reading);
  reading->command->program = atlas_path_parse (reading->word);
  return reading->command->program != NULL || fail (reading);
}

/* ---- addresses and sizes ----------------------------------------------------------------------
 */

static gboolean
parse_expression (const Reading *reading, char **expression, guint *column)
{
  gsize error_index = 0;

  if (!atlas_expression_check (reading->word, &error_index, reading->error))
    {
      *reading->error_column = atlas_text_get_column (reading->word, error_index, reading->column);
      return FALSE;
    }
  *expression = g_strdup (reading->word);
  *column = reading->column;
  return TRUE;
}

static gboolean
parse_address (const Reading *reading)
{
  return parse_expression (reading, &reading->command->address, &reading->command->address_column);
}

static gboolean
parse_target (const Reading *reading)
{
  return parse_expression (reading, &reading->command->target, &reading->command->target_column);
}

static gboolean
parse_any_size (const Reading *reading, guint64 *size_bytes)
{
  return atlas_parse_size (reading->word, size_bytes, NULL) ||
         fail_with (reading, N_ ("a size such as 4096, 0x1000, 64K, 2M or 1G"));
}

static gboolean
parse_size (const Reading *reading)
{
  if (!parse_any_size (reading, &reading->command->size_bytes))
    return FALSE;
  /* What a size of 0 means to a call, the call answers; nothing can be looked for. */
  return reading->command->size_bytes != 0 || reading->command->verb != ATLAS_VERB_ROOM ||
         fail_with (reading, N_ ("a size such as 4096, 0x1000, 64K, 2M or 1G"));
}

static gboolean
parse_maximum (const Reading *reading)
{
  return parse_any_size (reading, &reading->command->maximum_bytes);
}

static gboolean
parse_bytes (const Reading *reading)
{
  guint64 n_bytes;

  if (!atlas_parse_size (reading->word, &n_bytes, NULL) || n_bytes == 0 ||
      n_bytes > ATLAS_ACCESS_BYTES_MAX)
    return fail (reading);
  reading->command->size_bytes = n_bytes;
  return TRUE;
}

/* ---- words ------------------------------------------------------------------------------------
 */

static gboolean
parse_flags (const Reading *reading, const AtlasWord *words, const char *noun, guint32 *bits)
{
  g_autofree char *list = NULL;
  g_autofree char *expected = NULL;

  if (atlas_words_parse (words, reading->word, bits))
    return TRUE;
  list = atlas_words_list (words);
  expected = g_strdup_printf (_ ("%s, joined by |: %s"), _ (noun), list);
  return fail_with (reading, expected);
}

static gboolean
parse_allocation_type (const Reading *reading)
{
  return parse_flags (
    reading, atlas_allocation_words, N_ ("allocation flags"), &reading->command->allocation_type);
}

static gboolean
parse_free_type (const Reading *reading)
{
  return parse_flags (
    reading, atlas_free_words, N_ ("what to do"), &reading->command->allocation_type);
}

static gboolean
parse_protection (const Reading *reading)
{
  return parse_flags (reading, atlas_protection_words, "a protection", &reading->command->protect);
}

static gboolean
parse_priority (const Reading *reading)
{
  return atlas_words_find (atlas_offer_words, reading->word, &reading->command->offer_priority) ||
         fail (reading);
}

static gboolean
parse_list_command (const Reading *reading)
{
  return atlas_words_find (
           atlas_memory_list_words, reading->word, &reading->command->list_command) ||
         fail (reading);
}

static gboolean
parse_level (const Reading *reading)
{
  return atlas_words_find (atlas_level_words, reading->word, &reading->command->level) ||
         fail (reading);
}

static gboolean
parse_hard (const Reading *reading)
{
  if (strcmp (reading->word, "hard") != 0)
    return fail_with (reading, N_ ("hard or the end of the command"));
  reading->command->is_hard = TRUE;
  return TRUE;
}

static gboolean
parse_supervisor (const Reading *reading)
{
  reading->command->is_supervisor = TRUE;
  return TRUE;
}

static gboolean
parse_tlb_profile (const Reading *reading)
{
  reading->command->tlb_profile = atlas_tlb_find_profile (reading->word);
  return reading->command->tlb_profile != NULL || fail (reading);
}

/* ---- numbers ----------------------------------------------------------------------------------
 */

static gboolean
parse_number (const Reading *reading, guint64 max, guint64 *number)
{
  return (atlas_parse_number (reading->word, FALSE, number, NULL) && *number <= max) ||
         fail (reading);
}

static gboolean
parse_entry (const Reading *reading)
{
  return parse_number (reading, G_MAXUINT64, &reading->command->value);
}

static gboolean
parse_constant (const Reading *reading)
{
  return parse_number (reading, G_MAXUINT32, &reading->command->value);
}

static gboolean
parse_index (const Reading *reading)
{
  return parse_number (reading, ATLAS_TABLE_ENTRIES - 1u, &reading->command->value);
}

static gboolean
parse_page_priority (const Reading *reading)
{
  guint64 number;

  if (!parse_number (reading, 5, &number))
    return FALSE;
  reading->command->page_priority = (guint32) number;
  return TRUE;
}

static gboolean
parse_msr (const Reading *reading)
{
  guint64 number;

  if (!parse_number (reading, G_MAXUINT32, &number))
    return FALSE;
  reading->command->msr = (guint32) number;
  return TRUE;
}

static gboolean
parse_value (const Reading *reading)
{
  AtlasCommand *command = reading->command;

  if (!atlas_parse_number (reading->word + strlen ("value="), FALSE, &command->value, NULL))
    return fail_with (reading, N_ ("value= and a number such as 0x1234"));
  if (command->size_bytes == 0)
    command->size_bytes = value_get_bytes (command->value);
  else if (command->size_bytes < 8 && command->value >> (8 * command->size_bytes) != 0)
    return fail_with (reading, N_ ("a value that fits in the bytes written"));
  command->has_value = TRUE;
  return TRUE;
}

static gboolean
parse_duration (const Reading *reading)
{
  return atlas_duration_parse (reading->word, &reading->command->duration_100ns) ||
         fail_with (reading, N_ ("a duration such as 100ns, 10ms, 1s or 2h, up to 3650 days"));
}

/* ---- options ----------------------------------------------------------------------------------
 */

static gboolean
parse_memory_option (const Reading *reading)
{
  return atlas_memory_option_parse (reading->tokens, reading->command, reading->error);
}

static gboolean
parse_section_option (const Reading *reading)
{
  return atlas_section_option_parse (reading->tokens, reading->command, reading->error);
}

static gboolean
parse_switch (const Reading *reading)
{
  return atlas_control_option_parse (reading->tokens, reading->command, reading->error);
}

static gboolean
parse_system_option (const Reading *reading)
{
  return atlas_system_option_parse (
    reading->tokens, &reading->command->system_options, reading->error);
}

static gboolean
parse_process_option (const Reading *reading)
{
  return atlas_process_option_parse (reading->tokens, reading->command, reading->error);
}

gboolean
atlas_parameter_parse (AtlasParameterKind kind,
                       AtlasTokens *tokens,
                       AtlasCommand *command,
                       guint *error_column,
                       GError **error)
{
  static gboolean (*const parsers[ATLAS_N_PARAMETERS]) (const Reading *reading) = {
    [ATLAS_PARAMETER_BINDING] = parse_binding,
    [ATLAS_PARAMETER_PROCESS] = parse_process,
    [ATLAS_PARAMETER_PROGRAM] = parse_program,
    [ATLAS_PARAMETER_ADDRESS] = parse_address,
    [ATLAS_PARAMETER_SIZE] = parse_size,
    [ATLAS_PARAMETER_ALLOCATION_TYPE] = parse_allocation_type,
    [ATLAS_PARAMETER_FREE_TYPE] = parse_free_type,
    [ATLAS_PARAMETER_PROTECTION] = parse_protection,
    [ATLAS_PARAMETER_BYTES] = parse_bytes,
    [ATLAS_PARAMETER_VALUE] = parse_value,
    [ATLAS_PARAMETER_SUPERVISOR] = parse_supervisor,
    [ATLAS_PARAMETER_DURATION] = parse_duration,
    [ATLAS_PARAMETER_MSR] = parse_msr,
    [ATLAS_PARAMETER_LEVEL] = parse_level,
    [ATLAS_PARAMETER_ENTRY] = parse_entry,
    [ATLAS_PARAMETER_BITS] = parse_entry,
    [ATLAS_PARAMETER_INDEX] = parse_index,
    [ATLAS_PARAMETER_SUM] = parse_target,
    [ATLAS_PARAMETER_SWITCHES] = parse_switch,
    [ATLAS_PARAMETER_TLB_PROFILE] = parse_tlb_profile,
    [ATLAS_PARAMETER_MAXIMUM] = parse_maximum,
    [ATLAS_PARAMETER_PRIORITY] = parse_priority,
    [ATLAS_PARAMETER_HARD] = parse_hard,
    [ATLAS_PARAMETER_LIST_COMMAND] = parse_list_command,
    [ATLAS_PARAMETER_PAGE_PRIORITY] = parse_page_priority,
    [ATLAS_PARAMETER_OBJECT] = parse_object,
    [ATLAS_PARAMETER_PATH] = parse_path,
    [ATLAS_PARAMETER_SECTION_OPTIONS] = parse_section_option,
    [ATLAS_PARAMETER_TARGET] = parse_target,
    [ATLAS_PARAMETER_CONSTANT] = parse_constant,
    [ATLAS_PARAMETER_MEMORY_OPTIONS] = parse_memory_option,
    [ATLAS_PARAMETER_SYSTEM_OPTIONS] = parse_system_option,
    [ATLAS_PARAMETER_PROCESS_OPTIONS] = parse_process_option,
  };
  const Reading reading = {
    .kind = kind,
    .tokens = tokens,
    .word = atlas_tokens_peek (tokens, 0),
    .column = atlas_tokens_get_column (tokens),
    .command = command,
    .error_column = error_column,
    .error = error,
  };

  g_assert (parsers[kind] != NULL && reading.word != NULL);

  *error_column = reading.column;
  if (!parsers[kind](&reading))
    return FALSE;
  tokens->next++;
  return TRUE;
}
