/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/command.h"

#include "session/expression-private.h"
#include "session/machine-options.h"
#include "session/memory-verbs.h"
#include "session/path.h"
#include "session/section-verbs.h"
#include "session/verbs.h"
#include "session/words.h"

/* Appends a blank and the parameter, or nothing when it is what it would be without. */
static void
format_parameter (const AtlasCommand *command, const AtlasParameter *parameter, GString *text)
{
  const AtlasCommand *defaults = &atlas_grammars[command->verb].defaults;
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
    case ATLAS_PARAMETER_INDEX:
      word = g_strdup_printf ("%" G_GUINT64_FORMAT, command->value);
      break;
    case ATLAS_PARAMETER_TARGET:
    case ATLAS_PARAMETER_SUM:
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
    case ATLAS_PARAMETER_BITS:
      word = atlas_format_hex (command->value);
      break;
    case ATLAS_PARAMETER_SWITCHES:
      atlas_control_options_format (command, text);
      return;
    case ATLAS_PARAMETER_TLB_PROFILE:
      word = g_strdup (command->tlb_profile->id);
      break;
    case ATLAS_PARAMETER_SYSTEM_OPTIONS:
      atlas_system_options_format (&command->system_options, text);
      return;
    case ATLAS_PARAMETER_PROCESS_OPTIONS:
      atlas_process_options_format (command, text);
      return;
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
