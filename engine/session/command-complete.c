/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/command-private.h"

#include <string.h>

#include "session/machine-options.h"
#include "session/memory-verbs.h"
#include "session/section-verbs.h"
#include "session/words.h"

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
add_one_of (GStrvBuilder *builder, const char *begun, const AtlasWord *words)
{
  for (const AtlasWord *word = words; word->word != NULL; word++)
    add_word (builder, begun, "", word->word);
}

static void
add_choice (GStrvBuilder *builder,
            AtlasParameterKind kind,
            AtlasVerbId verb,
            const char *begun,
            const char *const *names)
{
  const char *const *words = NULL;

  switch (kind)
    {
    case ATLAS_PARAMETER_PROCESS:
    case ATLAS_PARAMETER_TARGET:
    case ATLAS_PARAMETER_SUM:
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
      add_one_of (builder, begun, atlas_offer_words);
      break;
    case ATLAS_PARAMETER_LIST_COMMAND:
      add_one_of (builder, begun, atlas_memory_list_words);
      break;
    case ATLAS_PARAMETER_HARD:
      add_word (builder, begun, "", "hard");
      break;
    case ATLAS_PARAMETER_LEVEL:
      add_one_of (builder, begun, atlas_level_words);
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
      words = atlas_system_option_words;
      break;
    case ATLAS_PARAMETER_PROCESS_OPTIONS:
      words = atlas_process_option_words;
      break;
    case ATLAS_PARAMETER_BINDING:
    case ATLAS_PARAMETER_PROGRAM:
    case ATLAS_PARAMETER_SIZE:
    case ATLAS_PARAMETER_BYTES:
    case ATLAS_PARAMETER_DURATION:
    case ATLAS_PARAMETER_MSR:
    case ATLAS_PARAMETER_ENTRY:
    case ATLAS_PARAMETER_BITS:
    case ATLAS_PARAMETER_INDEX:
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
      gboolean is_verb = atlas_verb_find (atlas_tokens_peek (&tokens, 0), &verb);
      AtlasCommand *command =
        is_verb ? atlas_command_parse_tokens (&tokens, choices, &error_column, NULL) : NULL;

      /* Words that were not understood leave nothing to say about the next one. */
      for (guint i = 0; i < choices->len && atlas_tokens_peek (&tokens, 0) == NULL; i++)
        add_choice (
          builder, g_array_index (choices, AtlasParameterKind, i), verb, line + begun_index, names);
      g_clear_pointer (&command, atlas_command_free);
    }
  return g_strv_builder_end (builder);
}
