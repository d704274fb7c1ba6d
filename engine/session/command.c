/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/command.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/expression-private.h"
#include "session/memory-verbs.h"
#include "session/path.h"
#include "session/section-verbs.h"
#include "session/tokens.h"
#include "session/verbs.h"
#include "session/words.h"

/* Limits of AtlasSystemOptions.memory_bytes. */
#define MIN_MEMORY_BYTES ATLAS_MB (64)
#define MAX_MEMORY_BYTES ATLAS_TB (4)
/* First and last build whose name is Windows 10 or 11; the upper end leaves room. */
#define MIN_BUILD 10240u
#define MAX_BUILD 99999u

static gboolean
is_bound_name (const char *word)
{
  if (word[0] != '$' || (!g_ascii_isalpha (word[1]) && word[1] != '_'))
    return FALSE;
  for (const char *c = word + 1; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && *c != '_')
        return FALSE;
    }
  return TRUE;
}

static gboolean
starts_with_digit (const char *word)
{
  return word != NULL && g_ascii_isdigit (word[0]);
}

/* Whether an optional parameter is there. Where it may be the last, the answer is yes whatever
 * stands there: then the message names what was expected. */
/* Where no number could be meant, the number of a process stands for one without a name. */
static gboolean
is_process_id (const char *word, AtlasVerbId verb)
{
  guint64 id;

  return (verb == ATLAS_VERB_SELECT || verb == ATLAS_VERB_TERMINATE || verb == ATLAS_VERB_TRIM) &&
         starts_with_digit (word) && atlas_parse_number (word, FALSE, &id, NULL);
}

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
parse_choice (const char *text, const char *yes, const char *no, gboolean *value)
{
  *value = strcmp (text, yes) == 0;
  return *value || strcmp (text, no) == 0;
}

static gboolean
parse_yes_no (const char *text, gboolean *value)
{
  return parse_choice (text, "yes", "no", value);
}

/* The text behind "KEY=" in @word, or NULL. */
static const char *
get_option (const char *word, const char *key)
{
  gsize n_chars = strlen (key);

  return strncmp (word, key, n_chars) == 0 && word[n_chars] == '=' ? word + n_chars + 1 : NULL;
}

static gboolean
parse_system_option (AtlasTokens *tokens, AtlasSystemOptions *options, GError **error)
{
  const char *word = atlas_tokens_peek (tokens, 0);
  const char *text;
  guint64 number;

  if ((text = get_option (word, "memory")) != NULL)
    {
      if (!atlas_parse_size (text, &number, NULL) || number < MIN_MEMORY_BYTES ||
          number > MAX_MEMORY_BYTES || (number & ATLAS_PAGE_MASK) != 0)
        return atlas_tokens_fail (
          tokens, N_ ("memory from 64M to 4T, in whole pages of 4K"), error);
      options->memory_bytes = number;
    }
  else if ((text = get_option (word, "seed")) != NULL)
    {
      if (!atlas_parse_number (text, FALSE, &options->seed, NULL))
        return atlas_tokens_fail (tokens, N_ ("seed= and a number"), error);
    }
  else if ((text = get_option (word, "build")) != NULL)
    {
      if (!atlas_parse_number (text, FALSE, &number, NULL) || number < MIN_BUILD ||
          number > MAX_BUILD)
        return atlas_tokens_fail (
          tokens, N_ ("a build number from 10240, such as build=22000"), error);
      options->build = (guint) number;
    }
  else if ((text = get_option (word, "hypervisor")) != NULL)
    {
      if (!parse_yes_no (text, &options->has_hypervisor))
        return atlas_tokens_fail (tokens, N_ ("hypervisor=yes or hypervisor=no"), error);
    }
  else if ((text = get_option (word, "layout")) != NULL)
    {
      if (!parse_choice (text, "classic", "random", &options->has_classic_layout))
        return atlas_tokens_fail (tokens, N_ ("layout=classic or layout=random"), error);
    }
  else if ((text = get_option (word, "levels")) != NULL)
    {
      if (!parse_choice (text, "5", "4", &options->has_la57))
        return atlas_tokens_fail (tokens, N_ ("levels=4 or levels=5"), error);
    }
  else if ((text = get_option (word, "kvashadow")) != NULL)
    {
      if (!parse_choice (text, "on", "off", &options->has_kva_shadow))
        return atlas_tokens_fail (tokens, N_ ("kvashadow=on or kvashadow=off"), error);
    }
  else
    return atlas_tokens_fail (tokens, atlas_expectations[ATLAS_PARAMETER_SYSTEM_OPTIONS], error);
  return TRUE;
}

static gboolean
parse_process_option (AtlasTokens *tokens, AtlasCommand *command, GError **error)
{
  AtlasProcessOptions *options = &command->process_options;
  const struct
  {
    const char *key;
    gboolean *value;
  } switches[] = {
    { "large_address_aware", &options->is_large_address_aware },
    { "high_entropy", &options->has_high_entropy },
    { "dynamic_base", &options->has_dynamic_base },
    { "mandatory", &options->is_forced },
    { "lock_memory", &options->has_lock_memory_privilege },
  };
  const char *word = atlas_tokens_peek (tokens, 0);
  const char *text;

  if ((text = get_option (word, "image")) != NULL)
    {
      if (!is_bound_name (text))
        return atlas_tokens_fail (tokens, N_ ("image= and a file's name such as $f"), error);
      g_free (command->object);
      command->object = g_strdup (text);
      command->object_column = atlas_tokens_get_column (tokens);
      return TRUE;
    }
  if (strcmp (word, "bare") == 0)
    {
      options->is_bare = TRUE;
      return TRUE;
    }
  if ((text = get_option (word, "bits")) != NULL)
    return parse_choice (text, "32", "64", &options->is_32bit) ||
           atlas_tokens_fail (tokens, N_ ("bits=32 or bits=64"), error);
  if ((text = get_option (word, "machine")) != NULL)
    {
      gboolean is_arm64;

      if (!parse_choice (text, "arm64", "x64", &is_arm64))
        return atlas_tokens_fail (tokens, N_ ("machine=x64 or machine=arm64"), error);
      options->machine = is_arm64 ? ATLAS_MACHINE_ARM64 : ATLAS_MACHINE_UNKNOWN;
      return TRUE;
    }
  if ((text = get_option (word, "bottom_up")) != NULL)
    return parse_choice (text, "no", "yes", &options->has_no_bottom_up) ||
           atlas_tokens_fail (tokens, N_ ("yes or no behind the equals sign"), error);
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    {

      if ((text = get_option (word, switches[i].key)) == NULL)
        continue;
      if (parse_yes_no (text, switches[i].value))
        return TRUE;
      return atlas_tokens_fail (tokens, N_ ("yes or no behind the equals sign"), error);
    }
  return atlas_tokens_fail (tokens, atlas_expectations[ATLAS_PARAMETER_PROCESS_OPTIONS], error);
}

static gboolean
parse_control_switch (AtlasTokens *tokens, AtlasCommand *command, GError **error)
{
  const char *word = atlas_tokens_peek (tokens, 0);
  const char *text = get_option (word, "pkru");
  guint64 number;

  if (text != NULL)
    {
      if (!atlas_parse_number (text, FALSE, &number, NULL) || number > G_MAXUINT32)
        return atlas_tokens_fail (tokens, N_ ("pkru= and a number of 32 bits"), error);
      command->has_pkru = TRUE;
      command->pkru = (guint32) number;
      return TRUE;
    }
  for (const AtlasWord *known = atlas_control_words; known->word != NULL; known++)
    {
      gboolean value;

      text = get_option (word, known->word);
      if (text == NULL)
        continue;
      if (!parse_yes_no (text, &value))
        return atlas_tokens_fail (tokens, N_ ("yes or no behind the equals sign"), error);
      command->control_mask |= known->bits;
      command->control_values =
        (command->control_values & ~known->bits) | (value ? known->bits : 0);
      return TRUE;
    }
  return atlas_tokens_fail (tokens, atlas_expectations[ATLAS_PARAMETER_SWITCHES], error);
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
      if (!is_bound_name (word) &&
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
      if (!is_bound_name (word))
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      command->object = g_strdup (word);
      command->object_column = column;
      break;

    case ATLAS_PARAMETER_PATH:
      if (command->verb == ATLAS_VERB_LOAD && is_bound_name (word))
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
      if (!atlas_parse_number (word, FALSE, &command->value, NULL))
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      break;

    case ATLAS_PARAMETER_SWITCHES:
      if (!parse_control_switch (tokens, command, error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_TLB_PROFILE:
      command->tlb_profile = atlas_tlb_find_profile (word);
      if (command->tlb_profile == NULL)
        return atlas_tokens_fail (tokens, atlas_expectations[kind], error);
      break;

    case ATLAS_PARAMETER_SYSTEM_OPTIONS:
      if (!parse_system_option (tokens, &command->system_options, error))
        return FALSE;
      break;

    case ATLAS_PARAMETER_PROCESS_OPTIONS:
      if (!parse_process_option (tokens, command, error))
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

/* @choices: of AtlasParameterKind; when the words are used up, what else could stand behind them.
 */
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

static gboolean
find_verb (const char *word, AtlasVerbId *verb)
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

/* Reads the words of @tokens; @choices as for parse_parameters(). */
static AtlasCommand *
parse_tokens (AtlasTokens *tokens, GArray *choices, guint *error_column, GError **error)
{
  g_autoptr (AtlasCommand) command = NULL;
  const char *word = atlas_tokens_peek (tokens, 0);
  AtlasVerbId verb;

  *error_column = atlas_tokens_get_column (tokens);
  if (word == NULL || !find_verb (word, &verb))
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
  return parse_tokens (&tokens, choices, error_column, error);
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

static void
append_switch (GString *text, const char *key, gboolean value, gboolean default_value)
{
  if (value != default_value)
    g_string_append_printf (text, " %s=%s", key, value ? "yes" : "no");
}

/* Appends a blank and the parameter, or nothing when it is what it would be without. */
static void
format_parameter (const AtlasCommand *command, const AtlasParameter *parameter, GString *text)
{
  const AtlasCommand *defaults = &atlas_grammars[command->verb].defaults;
  const AtlasProcessOptions process_defaults = ATLAS_PROCESS_OPTIONS_DEFAULT;
  g_autofree char *word = NULL;

  switch (parameter->kind)
    {
    case ATLAS_PARAMETER_BINDING:
      if (command->name != NULL)
        g_string_append_printf (text, " %s =", command->name);
      return;
    case ATLAS_PARAMETER_PROCESS:
      word = g_strdup (command->name);
      break;
    case ATLAS_PARAMETER_PROGRAM:
      word = g_strdup (command->program);
      break;
    case ATLAS_PARAMETER_ADDRESS:
      word = command->address == NULL ? NULL : atlas_expression_canonicalize (command->address);
      break;
    case ATLAS_PARAMETER_SIZE:
      if (!parameter->is_optional || command->size_bytes != 0)
        word = atlas_format_size_exact (command->size_bytes);
      break;
    case ATLAS_PARAMETER_MAXIMUM:
      if (!parameter->is_optional || command->maximum_bytes != 0)
        word = atlas_format_size_exact (command->maximum_bytes);
      break;
    case ATLAS_PARAMETER_PRIORITY:
      if (command->offer_priority != defaults->offer_priority)
        word = g_strdup (atlas_words_get (atlas_offer_words, command->offer_priority));
      break;
    case ATLAS_PARAMETER_LIST_COMMAND:
      word = g_strdup (atlas_words_get (atlas_memory_list_words, command->list_command));
      break;
    case ATLAS_PARAMETER_PAGE_PRIORITY:
      word = g_strdup_printf ("%u", command->page_priority);
      break;
    case ATLAS_PARAMETER_HARD:
      word = command->is_hard ? g_strdup ("hard") : NULL;
      break;
    case ATLAS_PARAMETER_ALLOCATION_TYPE:
      word = atlas_words_format (atlas_allocation_words, command->allocation_type);
      break;
    case ATLAS_PARAMETER_FREE_TYPE:
      word = atlas_words_format (atlas_free_words, command->allocation_type);
      break;
    case ATLAS_PARAMETER_PROTECTION:
      if (!parameter->is_optional || command->protect != defaults->protect)
        word = atlas_words_format (atlas_protection_words, command->protect);
      break;
    case ATLAS_PARAMETER_BYTES:
      word = atlas_format_size_exact (command->size_bytes);
      break;
    case ATLAS_PARAMETER_VALUE:
      if (command->has_value)
        g_string_append_printf (text, " value=0x%" G_GINT64_MODIFIER "x", command->value);
      return;
    case ATLAS_PARAMETER_SUPERVISOR:
      word = command->is_supervisor ? g_strdup ("supervisor") : NULL;
      break;
    case ATLAS_PARAMETER_DURATION:
      word = atlas_duration_format (command->duration_100ns);
      break;
    case ATLAS_PARAMETER_MSR:
      word = atlas_format_hex (command->msr);
      break;
    case ATLAS_PARAMETER_OBJECT:
      word = g_strdup (command->object);
      break;
    case ATLAS_PARAMETER_PATH:
      word =
        command->object != NULL ? g_strdup (command->object) : atlas_path_format (command->program);
      break;
    case ATLAS_PARAMETER_TARGET:
      word = atlas_expression_canonicalize (command->target);
      break;
    case ATLAS_PARAMETER_CONSTANT:
      word = atlas_format_hex (command->value);
      break;
    case ATLAS_PARAMETER_MEMORY_OPTIONS:
      atlas_memory_options_format (command, text);
      return;
    case ATLAS_PARAMETER_SECTION_OPTIONS:
      atlas_section_options_format (command, text);
      return;
    case ATLAS_PARAMETER_LEVEL:
      word = g_strdup (atlas_words_get (atlas_level_words, command->level));
      break;
    case ATLAS_PARAMETER_ENTRY:
      word = atlas_format_hex (command->value);
      break;
    case ATLAS_PARAMETER_SWITCHES:
      for (const AtlasWord *known = atlas_control_words; known->word != NULL; known++)
        {
          if ((command->control_mask & known->bits) != 0)
            g_string_append_printf (text,
                                    " %s=%s",
                                    known->word,
                                    (command->control_values & known->bits) != 0 ? "yes" : "no");
        }
      if (command->has_pkru)
        g_string_append_printf (text, " pkru=0x%x", command->pkru);
      return;
    case ATLAS_PARAMETER_TLB_PROFILE:
      word = g_strdup (command->tlb_profile->id);
      break;
    case ATLAS_PARAMETER_SYSTEM_OPTIONS:
      /* In full, so that a file still means the same when a default changes. */
      word = atlas_format_size_exact (command->system_options.memory_bytes);
      g_string_append_printf (text,
                              " memory=%s seed=%" G_GUINT64_FORMAT " build=%u hypervisor=%s",
                              word,
                              command->system_options.seed,
                              command->system_options.build,
                              command->system_options.has_hypervisor ? "yes" : "no");
      if (command->system_options.has_classic_layout)
        g_string_append (text, " layout=classic");
      if (command->system_options.has_kva_shadow)
        g_string_append (text, " kvashadow=on");
      if (command->system_options.has_la57)
        g_string_append (text, " levels=5");
      return;
    case ATLAS_PARAMETER_PROCESS_OPTIONS:
      append_switch (text,
                     "large_address_aware",
                     command->process_options.is_large_address_aware,
                     process_defaults.is_large_address_aware);
      append_switch (text,
                     "high_entropy",
                     command->process_options.has_high_entropy,
                     process_defaults.has_high_entropy);
      append_switch (text,
                     "dynamic_base",
                     command->process_options.has_dynamic_base,
                     process_defaults.has_dynamic_base);
      append_switch (text, "mandatory", command->process_options.is_forced, FALSE);
      append_switch (text, "bottom_up", !command->process_options.has_no_bottom_up, TRUE);
      if (command->process_options.is_32bit)
        g_string_append (text, " bits=32");
      append_switch (text,
                     "lock_memory",
                     command->process_options.has_lock_memory_privilege,
                     process_defaults.has_lock_memory_privilege);
      if (command->process_options.machine == ATLAS_MACHINE_ARM64)
        g_string_append (text, " machine=arm64");
      if (command->object != NULL)
        g_string_append_printf (text, " image=%s", command->object);
      word = command->process_options.is_bare ? g_strdup ("bare") : NULL;
      break;
    case ATLAS_PARAMETER_NONE:
    case ATLAS_N_PARAMETERS:
      g_assert_not_reached ();
    }

  if (word != NULL)
    g_string_append_printf (text, " %s", word);
}

char *
atlas_command_format (const AtlasCommand *command)
{
  const AtlasGrammar *grammar = &atlas_grammars[command->verb];
  GString *text = g_string_new (atlas_verbs[command->verb].name);

  for (guint i = 0; i < ATLAS_PARAMETERS_MAX && grammar->parameters[i].kind != ATLAS_PARAMETER_NONE;
       i++)
    format_parameter (command, &grammar->parameters[i], text);
  return g_string_free (text, FALSE);
}

static void
add_word (GStrvBuilder *builder, const char *begun, const char *before, const char *word)
{
  g_autofree char *whole = g_strconcat (before, word, NULL);

  if (g_str_has_prefix (word, begun))
    g_strv_builder_add (builder, whole);
}

/* The words that may follow the last bar of @begun. */
static void
add_flags (GStrvBuilder *builder, const char *begun, const AtlasWord *words)
{
  const char *bar = strrchr (begun, '|');
  const char *last = bar == NULL ? begun : bar + 1;
  g_autofree char *before = g_strndup (begun, (gsize) (last - begun));

  for (const AtlasWord *word = words; word->word != NULL; word++)
    add_word (builder, last, before, word->word);
}

static void
add_choice (GStrvBuilder *builder,
            AtlasParameterKind kind,
            AtlasVerbId verb,
            const char *begun,
            const char *const *names)
{
  static const char *const system_words[] = { "memory=",        "seed=",         "build=",
                                              "hypervisor=yes", "hypervisor=no", "layout=classic",
                                              "layout=random",  "kvashadow=on",  "kvashadow=off",
                                              "levels=4",       "levels=5",      NULL };
  static const char *const process_words[] = { "large_address_aware=no",
                                               "high_entropy=no",
                                               "dynamic_base=no",
                                               "mandatory=yes",
                                               "bottom_up=no",
                                               "bits=32",
                                               "machine=arm64",
                                               "image=",
                                               "lock_memory=yes",
                                               "bare",
                                               NULL };
  const char *const *words = NULL;

  switch (kind)
    {
    case ATLAS_PARAMETER_PROCESS:
    case ATLAS_PARAMETER_TARGET:
    case ATLAS_PARAMETER_ADDRESS:
    case ATLAS_PARAMETER_OBJECT:
    case ATLAS_PARAMETER_PATH:
      words = names;
      break;
    case ATLAS_PARAMETER_ALLOCATION_TYPE:
      add_flags (builder, begun, atlas_allocation_words);
      break;
    case ATLAS_PARAMETER_FREE_TYPE:
      add_flags (builder, begun, atlas_free_words);
      break;
    case ATLAS_PARAMETER_PROTECTION:
      add_flags (builder, begun, atlas_protection_words);
      break;
    case ATLAS_PARAMETER_VALUE:
      add_word (builder, begun, "", "value=");
      break;
    case ATLAS_PARAMETER_SUPERVISOR:
      add_word (builder, begun, "", "supervisor");
      break;
    case ATLAS_PARAMETER_PRIORITY:
      for (const AtlasWord *priority = atlas_offer_words; priority->word != NULL; priority++)
        add_word (builder, begun, "", priority->word);
      break;
    case ATLAS_PARAMETER_LIST_COMMAND:
      for (const AtlasWord *list = atlas_memory_list_words; list->word != NULL; list++)
        add_word (builder, begun, "", list->word);
      break;
    case ATLAS_PARAMETER_HARD:
      add_word (builder, begun, "", "hard");
      break;
    case ATLAS_PARAMETER_LEVEL:
      for (const AtlasWord *level = atlas_level_words; level->word != NULL; level++)
        add_word (builder, begun, "", level->word);
      break;
    case ATLAS_PARAMETER_SWITCHES:
      for (const AtlasWord *known = atlas_control_words; known->word != NULL; known++)
        {
          g_autofree char *yes = g_strconcat (known->word, "=yes", NULL);
          g_autofree char *no = g_strconcat (known->word, "=no", NULL);

          add_word (builder, begun, "", yes);
          add_word (builder, begun, "", no);
        }
      add_word (builder, begun, "", "pkru=");
      break;
    case ATLAS_PARAMETER_TLB_PROFILE:
      for (guint i = 0; i < atlas_tlb_get_n_profiles (); i++)
        add_word (builder, begun, "", atlas_tlb_get_profile (i)->id);
      break;
    case ATLAS_PARAMETER_MEMORY_OPTIONS:
      words = atlas_memory_options_get_words (verb);
      break;
    case ATLAS_PARAMETER_SECTION_OPTIONS:
      words = atlas_section_options_get_words (verb);
      break;
    case ATLAS_PARAMETER_SYSTEM_OPTIONS:
      words = system_words;
      break;
    case ATLAS_PARAMETER_PROCESS_OPTIONS:
      words = process_words;
      break;
    case ATLAS_PARAMETER_BINDING:
    case ATLAS_PARAMETER_PROGRAM:
    case ATLAS_PARAMETER_SIZE:
    case ATLAS_PARAMETER_BYTES:
    case ATLAS_PARAMETER_DURATION:
    case ATLAS_PARAMETER_MSR:
    case ATLAS_PARAMETER_ENTRY:
    case ATLAS_PARAMETER_CONSTANT:
    case ATLAS_PARAMETER_MAXIMUM:
    case ATLAS_PARAMETER_PAGE_PRIORITY:
      break;
    case ATLAS_PARAMETER_NONE:
    case ATLAS_N_PARAMETERS:
      g_assert_not_reached ();
    }

  for (; words != NULL && *words != NULL; words++)
    add_word (builder, begun, "", *words);
}

char **
atlas_command_complete (const char *line, const char *const *names)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GArray) choices = g_array_new (FALSE, FALSE, sizeof (AtlasParameterKind));
  gsize begun_index = strlen (line);
  g_autofree char *head = NULL;
  g_auto (AtlasTokens) tokens = { 0 };
  guint error_column;

  while (begun_index > 0 && line[begun_index - 1] != ' ' && line[begun_index - 1] != '\t')
    begun_index--;
  head = g_strndup (line, begun_index);
  atlas_tokens_init (&tokens, head);

  if (atlas_tokens_peek (&tokens, 0) == NULL)
    {
      for (guint i = 0; i < ATLAS_N_VERBS; i++)
        add_word (builder, line + begun_index, "", atlas_verbs[i].name);
    }
  else
    {
      AtlasVerbId verb = ATLAS_VERB_SYSTEM;
      gboolean is_verb = find_verb (atlas_tokens_peek (&tokens, 0), &verb);
      AtlasCommand *command = is_verb ? parse_tokens (&tokens, choices, &error_column, NULL) : NULL;

      /* Words that were not understood leave nothing to say about the next one. */
      for (guint i = 0; i < choices->len && atlas_tokens_peek (&tokens, 0) == NULL; i++)
        add_choice (
          builder, g_array_index (choices, AtlasParameterKind, i), verb, line + begun_index, names);
      g_clear_pointer (&command, atlas_command_free);
    }
  return g_strv_builder_end (builder);
}
