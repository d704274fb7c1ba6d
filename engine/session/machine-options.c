/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/machine-options.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/verbs.h"
#include "session/words.h"

/* Limits of AtlasSystemOptions.memory_bytes. */
#define MIN_MEMORY_BYTES ATLAS_MB (64)
#define MAX_MEMORY_BYTES ATLAS_TB (4)
/* First and last build whose name is Windows 10 or 11; the upper end leaves room. */
#define MIN_BUILD 10240u
#define MAX_BUILD 99999u

/* One gboolean of a struct of options, and the two words for it. */
typedef struct
{
  const char *key;
  const char *when_true;
  const char *when_false;
  const char *expectation;
  gsize offset;
  gboolean is_always_told;
} Choice;

#define YES_OR_NO N_ ("yes or no behind the equals sign")
#define SYSTEM(member) G_STRUCT_OFFSET (AtlasSystemOptions, member)
#define PROCESS(member) G_STRUCT_OFFSET (AtlasProcessOptions, member)

/* In the order in which they are written. */
static const Choice system_choices[] = {
  { "hypervisor",
    "yes",
    "no",
    N_ ("hypervisor=yes or hypervisor=no"),
    SYSTEM (has_hypervisor),
    TRUE },
  { "layout",
    "classic",
    "random",
    N_ ("layout=classic or layout=random"),
    SYSTEM (has_classic_layout),
    FALSE },
  { "kvashadow",
    "on",
    "off",
    N_ ("kvashadow=on or kvashadow=off"),
    SYSTEM (has_kva_shadow),
    FALSE },
  { "levels", "5", "4", N_ ("levels=4 or levels=5"), SYSTEM (has_la57), FALSE },
};

static const Choice process_choices[] = {
  { "large_address_aware", "yes", "no", YES_OR_NO, PROCESS (is_large_address_aware), FALSE },
  { "high_entropy", "yes", "no", YES_OR_NO, PROCESS (has_high_entropy), FALSE },
  { "dynamic_base", "yes", "no", YES_OR_NO, PROCESS (has_dynamic_base), FALSE },
  { "mandatory", "yes", "no", YES_OR_NO, PROCESS (is_forced), FALSE },
  { "bottom_up", "no", "yes", YES_OR_NO, PROCESS (has_no_bottom_up), FALSE },
  { "bits", "32", "64", N_ ("bits=32 or bits=64"), PROCESS (is_32bit), FALSE },
  { "lock_memory", "yes", "no", YES_OR_NO, PROCESS (has_lock_memory_privilege), FALSE },
};

const char *const atlas_system_option_words[] = {
  "memory=",       "seed=",          "build=",        "hypervisor=yes",
  "hypervisor=no", "layout=classic", "layout=random", "kvashadow=on",
  "kvashadow=off", "levels=4",       "levels=5",      NULL,
};

const char *const atlas_process_option_words[] = {
  "large_address_aware=no",
  "high_entropy=no",
  "dynamic_base=no",
  "mandatory=yes",
  "bottom_up=no",
  "bits=32",
  "machine=arm64",
  "image=",
  "lock_memory=yes",
  "bare",
  NULL,
};

static gboolean
parse_choice (const char *text, const char *when_true, const char *when_false, gboolean *value)
{
  *value = strcmp (text, when_true) == 0;
  return *value || strcmp (text, when_false) == 0;
}

/* @expectation: for a word that is none of @choices. */
static gboolean
parse_choices (AtlasTokens *tokens,
               const Choice *choices,
               guint n_choices,
               gpointer options,
               const char *expectation,
               GError **error)
{
  const char *word = atlas_tokens_peek (tokens, 0);

  for (guint i = 0; i < n_choices; i++)
    {
      const Choice *choice = &choices[i];
      const char *text = atlas_token_get_value (word, choice->key);

      if (text != NULL)
        return parse_choice (text,
                             choice->when_true,
                             choice->when_false,
                             &G_STRUCT_MEMBER (gboolean, options, choice->offset)) ||
               atlas_tokens_fail (tokens, choice->expectation, error);
    }
  return atlas_tokens_fail (tokens, expectation, error);
}

static void
format_choices (const Choice *choices,
                guint n_choices,
                gconstpointer options,
                gconstpointer defaults,
                GString *text)
{
  for (guint i = 0; i < n_choices; i++)
    {
      const Choice *choice = &choices[i];
      gboolean value = *(const gboolean *) ((const guint8 *) options + choice->offset);

      if (choice->is_always_told ||
          value != *(const gboolean *) ((const guint8 *) defaults + choice->offset))
        g_string_append_printf (
          text, " %s=%s", choice->key, value ? choice->when_true : choice->when_false);
    }
}

gboolean
atlas_system_option_parse (AtlasTokens *tokens, AtlasSystemOptions *options, GError **error)
{
  const char *word = atlas_tokens_peek (tokens, 0);
  const char *text;
  guint64 number;

  if ((text = atlas_token_get_value (word, "memory")) != NULL)
    {
      if (!atlas_parse_size (text, &number, NULL) || number < MIN_MEMORY_BYTES ||
          number > MAX_MEMORY_BYTES || (number & ATLAS_PAGE_MASK) != 0)
        return atlas_tokens_fail (
          tokens, N_ ("memory from 64M to 4T, in whole pages of 4K"), error);
      options->memory_bytes = number;
      return TRUE;
    }
  if ((text = atlas_token_get_value (word, "seed")) != NULL)
    return atlas_parse_number (text, FALSE, &options->seed, NULL) ||
           atlas_tokens_fail (tokens, N_ ("seed= and a number"), error);
  if ((text = atlas_token_get_value (word, "build")) != NULL)
    {
      if (!atlas_parse_number (text, FALSE, &number, NULL) || number < MIN_BUILD ||
          number > MAX_BUILD)
        return atlas_tokens_fail (
          tokens, N_ ("a build number from 10240, such as build=22000"), error);
      options->build = (guint) number;
      return TRUE;
    }
  return parse_choices (tokens,
                        system_choices,
                        G_N_ELEMENTS (system_choices),
                        options,
                        atlas_expectations[ATLAS_PARAMETER_SYSTEM_OPTIONS],
                        error);
}

void
atlas_system_options_format (const AtlasSystemOptions *options, GString *text)
{
  const AtlasSystemOptions defaults = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autofree char *memory = atlas_format_size_exact (options->memory_bytes);

  g_string_append_printf (
    text, " memory=%s seed=%" G_GUINT64_FORMAT " build=%u", memory, options->seed, options->build);
  format_choices (system_choices, G_N_ELEMENTS (system_choices), options, &defaults, text);
}

gboolean
atlas_process_option_parse (AtlasTokens *tokens, AtlasCommand *command, GError **error)
{
  AtlasProcessOptions *options = &command->process_options;
  const char *word = atlas_tokens_peek (tokens, 0);
  const char *text;

  if ((text = atlas_token_get_value (word, "image")) != NULL)
    {
      if (!atlas_token_is_name (text))
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
  if ((text = atlas_token_get_value (word, "machine")) != NULL)
    {
      gboolean is_arm64;

      if (!parse_choice (text, "arm64", "x64", &is_arm64))
        return atlas_tokens_fail (tokens, N_ ("machine=x64 or machine=arm64"), error);
      options->machine = is_arm64 ? ATLAS_MACHINE_ARM64 : ATLAS_MACHINE_UNKNOWN;
      return TRUE;
    }
  return parse_choices (tokens,
                        process_choices,
                        G_N_ELEMENTS (process_choices),
                        options,
                        atlas_expectations[ATLAS_PARAMETER_PROCESS_OPTIONS],
                        error);
}

void
atlas_process_options_format (const AtlasCommand *command, GString *text)
{
  const AtlasProcessOptions *options = &command->process_options;
  const AtlasProcessOptions defaults = ATLAS_PROCESS_OPTIONS_DEFAULT;

  format_choices (process_choices, G_N_ELEMENTS (process_choices), options, &defaults, text);
  if (options->machine == ATLAS_MACHINE_ARM64)
    g_string_append (text, " machine=arm64");
  if (command->object != NULL)
    g_string_append_printf (text, " image=%s", command->object);
  if (options->is_bare)
    g_string_append (text, " bare");
}

gboolean
atlas_control_option_parse (AtlasTokens *tokens, AtlasCommand *command, GError **error)
{
  const char *word = atlas_tokens_peek (tokens, 0);
  const char *text = atlas_token_get_value (word, "pkru");
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

      text = atlas_token_get_value (word, known->word);
      if (text == NULL)
        continue;
      if (!parse_choice (text, "yes", "no", &value))
        return atlas_tokens_fail (tokens, YES_OR_NO, error);
      command->control_mask |= known->bits;
      command->control_values =
        (command->control_values & ~known->bits) | (value ? known->bits : 0);
      return TRUE;
    }
  return atlas_tokens_fail (tokens, atlas_expectations[ATLAS_PARAMETER_SWITCHES], error);
}

void
atlas_control_options_format (const AtlasCommand *command, GString *text)
{
  for (const AtlasWord *known = atlas_control_words; known->word != NULL; known++)
    {
      if ((command->control_mask & known->bits) != 0)
        g_string_append_printf (
          text, " %s=%s", known->word, (command->control_values & known->bits) != 0 ? "yes" : "no");
    }
  if (command->has_pkru)
    g_string_append_printf (text, " pkru=0x%x", command->pkru);
}
