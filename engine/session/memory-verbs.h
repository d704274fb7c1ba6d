/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What is special about memory: placeholders and limits of allocations, write watches, AWE, copies
 * between processes, probes; and questions: room, why, region, alpha.
 *
 *   command, its names resolved to addresses and processes ─► Windows' calls ─► status
 *                                                                          └──► words of what came
 */

#include "session/command.h"
#include "session/tokens.h"

G_BEGIN_DECLS

/* Reads the option at hand, of these verbs and of alloc, into @command. FALSE and @error, which
 * says what could stand there, for any other word. */
gboolean atlas_memory_option_parse (AtlasTokens *tokens, AtlasCommand *command, GError **error);
/* Appends those that @command has, as they are typed. */
void atlas_memory_options_format (const AtlasCommand *command, GString *text);
/* For completion; NULL-terminated. */
const char *const *atlas_memory_options_get_words (AtlasVerbId verb);

/* Does what alloc, reserve, commit, placeholder or replace asks for. @base_va, @size_bytes: as
 * asked; on success as given. */
AtlasStatus atlas_memory_allocate (AtlasProcess *process,
                                   const AtlasCommand *command,
                                   AtlasVa *base_va,
                                   guint64 *size_bytes);
/* What that would do, without doing it. */
void atlas_memory_preview (AtlasProcess *process,
                           const AtlasCommand *command,
                           AtlasVa va,
                           AtlasAllocationPreview *preview);

typedef struct
{
  const AtlasCommand *command;
  AtlasProcess *process;
  AtlasProcess *from; /* of copy */
  AtlasProcess *to;
  AtlasVa va;
  AtlasVa target_va;
  AtlasTrace *trace; /* what accesses tell */
} AtlasMemoryVerb;

/* Does the command. Writes into @text what was done or, with a status that is no success, the
 * reason beyond the status. */
AtlasStatus atlas_memory_verb_run (const AtlasMemoryVerb *verb, GString *text);

G_END_DECLS
