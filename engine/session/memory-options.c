/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/memory-verbs.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/expression.h"
#include "session/expression-private.h"

/* The options, and for which verbs. */
typedef enum
{
  OPTION_LOWEST,
  OPTION_HIGHEST,
  OPTION_ALIGN,
  OPTION_ZERO_BITS,
  OPTION_NEAR,
  OPTION_FIRST,
  OPTION_FROM,
  OPTION_TO,
  OPTION_HUGE,
  OPTION_WRITE,
  OPTION_RESET,
  OPTION_USER_ROOT,
  OPTION_LEVELS,
  N_OPTIONS,
} Option;

#define BIT(option) (1u << (option))

/* With an equals sign a value follows. */
static const char *const option_words[N_OPTIONS] = {
  [OPTION_LOWEST] = "lowest=",       [OPTION_HIGHEST] = "highest=",
  [OPTION_ALIGN] = "align=",         [OPTION_NEAR] = "near=",
  [OPTION_ZERO_BITS] = "zero_bits=", [OPTION_FIRST] = "first=",
  [OPTION_FROM] = "from=",           [OPTION_TO] = "to=",
  [OPTION_HUGE] = "huge_pages",      [OPTION_WRITE] = "write",
  [OPTION_RESET] = "reset",          [OPTION_USER_ROOT] = "user_root",
  [OPTION_LEVELS] = "levels=",
};

#define LIMITS (BIT (OPTION_LOWEST) | BIT (OPTION_HIGHEST) | BIT (OPTION_ALIGN))

static const struct
{
  AtlasVerbId verb;
  guint options;
  const char *expectation;
} verb_options[] = {
  { ATLAS_VERB_ALLOC,
    LIMITS | BIT (OPTION_ZERO_BITS) | BIT (OPTION_HUGE),
    N_ ("lowest=NUMBER, highest=NUMBER, align=SIZE, zero_bits=NUMBER or huge_pages") },
  { ATLAS_VERB_PLACEHOLDER, LIMITS, N_ ("lowest=NUMBER, highest=NUMBER or align=SIZE") },
  { ATLAS_VERB_ROOM,
    LIMITS | BIT (OPTION_NEAR),
    N_ ("lowest=NUMBER, highest=NUMBER, align=SIZE or near=ADDRESS") },
  { ATLAS_VERB_PROBE, BIT (OPTION_WRITE) | BIT (OPTION_ALIGN), N_ ("write or align=SIZE") },
  { ATLAS_VERB_WATCH, BIT (OPTION_RESET), "reset" },
  { ATLAS_VERB_AWE_MAP, BIT (OPTION_FIRST), "first=NUMBER" },
  { ATLAS_VERB_COPY, BIT (OPTION_FROM) | BIT (OPTION_TO), N_ ("from=$NAME or to=$NAME") },
  { ATLAS_VERB_ENTRY, BIT (OPTION_USER_ROOT), "user_root" },
  { ATLAS_VERB_MACHINE, BIT (OPTION_LEVELS), N_ ("levels=4 or levels=5") },
};

static guint
find_verb (AtlasVerbId verb)
{
  guint i = 0;

  while (i + 1u < G_N_ELEMENTS (verb_options) && verb_options[i].verb != verb)
    i++;
  return i;
}

const char *const *
atlas_memory_options_get_words (AtlasVerbId verb)
{
  static const char *const lists[G_N_ELEMENTS (verb_options)][6] = {
    { "lowest=", "highest=", "align=", "zero_bits=", "huge_pages", NULL },
    { "lowest=", "highest=", "align=", NULL },
    { "lowest=", "highest=", "align=", "near=", NULL },
    { "write", "align=", NULL },
    { "reset", NULL },
    { "first=", NULL },
    { "from=$", "to=$", NULL },
    { "user_root", NULL },
    { "levels=4", "levels=5", NULL },
  };

  return lists[find_verb (verb)];
}

static gboolean
parse_value (AtlasCommand *command, Option option, const char *text)
{
  guint64 *value = NULL;
  gsize error_index;

  switch (option)
    {
    case OPTION_LOWEST:
      value = &command->limits.lowest_va;
      break;
    case OPTION_HIGHEST:
      value = &command->limits.highest_va;
      break;
    case OPTION_ALIGN:
      return atlas_parse_size (text, &command->limits.alignment_bytes, NULL) &&
             command->limits.alignment_bytes != 0 &&
             (command->limits.alignment_bytes & (command->limits.alignment_bytes - 1u)) == 0;
    case OPTION_ZERO_BITS:
      value = &command->zero_bits;
      break;
    case OPTION_FIRST:
      value = &command->value;
      break;
    case OPTION_NEAR:
      g_free (command->address);
      command->address = g_strdup (text);
      return atlas_expression_check (text, &error_index, NULL);
    case OPTION_FROM:
      g_free (command->name);
      command->name = g_strdup (text);
      return text[0] == '$' && text[1] != '\0';
    case OPTION_TO:
      g_free (command->object);
      command->object = g_strdup (text);
      return text[0] == '$' && text[1] != '\0';
    case OPTION_LEVELS:
      return atlas_parse_number (text, FALSE, &command->value, NULL) &&
             (command->value == ATLAS_LEVEL_PML4 || command->value == ATLAS_LEVEL_PML5);
    case OPTION_HUGE:
    case OPTION_WRITE:
    case OPTION_RESET:
    case OPTION_USER_ROOT:
      command->has_switch = TRUE;
      return TRUE;
    case N_OPTIONS:
      break;
    }
  return value != NULL && atlas_parse_number (text, FALSE, value, NULL);
}

gboolean
atlas_memory_option_parse (AtlasTokens *tokens, AtlasCommand *command, GError **error)
{
  const char *word = atlas_tokens_peek (tokens, 0);
  guint index = find_verb (command->verb);
  guint column = atlas_tokens_get_column (tokens);

  for (guint option = 0; option < N_OPTIONS; option++)
    {
      gsize n_chars = strlen (option_words[option]);
      gboolean has_value = option_words[option][n_chars - 1u] == '=';

      if ((verb_options[index].options & BIT (option)) == 0 ||
          strncmp (word, option_words[option], n_chars) != 0 ||
          (!has_value && word[n_chars] != '\0'))
        continue;
      if (!parse_value (command, (Option) option, word + n_chars))
        break;
      command->address_column =
        option == OPTION_NEAR ? column + (guint) n_chars : command->address_column;
      command->name_column = option == OPTION_FROM ? column : command->name_column;
      command->object_column = option == OPTION_TO ? column : command->object_column;
      if (command->zero_bits != 0 && (command->limits.lowest_va | command->limits.highest_va |
                                      command->limits.alignment_bytes) != 0)
        return atlas_tokens_fail (
          tokens, N_ ("either zero_bits or limits: they belong to two calls"), error);
      return TRUE;
    }
  return atlas_tokens_fail (tokens, verb_options[index].expectation, error);
}

static void
append_hex (GString *text, const char *key, guint64 value)
{
  if (value != 0)
    g_string_append_printf (text, " %s0x%" G_GINT64_MODIFIER "x", key, value);
}

void
atlas_memory_options_format (const AtlasCommand *command, GString *text)
{
  guint options = verb_options[find_verb (command->verb)].options;
  guint switches = options & (BIT (OPTION_HUGE) | BIT (OPTION_WRITE) | BIT (OPTION_RESET) |
                              BIT (OPTION_USER_ROOT));

  append_hex (text, option_words[OPTION_LOWEST], command->limits.lowest_va);
  append_hex (text, option_words[OPTION_HIGHEST], command->limits.highest_va);
  if (command->limits.alignment_bytes != 0)
    {
      g_autofree char *size = atlas_format_size_exact (command->limits.alignment_bytes);

      g_string_append_printf (text, " align=%s", size);
    }
  append_hex (text, option_words[OPTION_ZERO_BITS], command->zero_bits);
  if ((options & BIT (OPTION_NEAR)) != 0 && command->address != NULL)
    {
      g_autofree char *address = atlas_expression_canonicalize (command->address);

      g_string_append_printf (text, " near=%s", address);
    }
  if ((options & BIT (OPTION_FIRST)) != 0)
    append_hex (text, option_words[OPTION_FIRST], command->value);
  if ((options & BIT (OPTION_LEVELS)) != 0 && command->value == ATLAS_LEVEL_PML5)
    g_string_append (text, " levels=5");
  if ((options & BIT (OPTION_FROM)) != 0 && command->name != NULL)
    g_string_append_printf (text, " from=%s", command->name);
  if ((options & BIT (OPTION_TO)) != 0 && command->object != NULL)
    g_string_append_printf (text, " to=%s", command->object);
  if (command->has_switch)
    g_string_append_printf (text, " %s", option_words[g_bit_nth_lsf (switches, -1)]);
}
