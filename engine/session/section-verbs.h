/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The verbs about files, sections and views: file, section, map, unmap, load, extend, close, view,
 * image.
 *
 *   file    $f = data.bin size=64K        section $s = $f readonly
 *   map     $a = $s                       load    $x = program.dll
 */

#include "session/command.h"
#include "session/files.h"
#include "session/tokens.h"
#include "windows/view.h"

G_BEGIN_DECLS

/* What such a verb acts on; what it does not need is NULL. */
typedef struct
{
  AtlasFiles *files;
  AtlasSystem *system;
  AtlasProcess *process;
  AtlasFile *file;
  AtlasSectionObject *section;
  const AtlasCommand *command;
  AtlasVa va;
} AtlasSectionVerb;

/* What it made, to be bound to the command's name. */
typedef struct
{
  AtlasFile *file;
  AtlasSectionObject *section;
  gboolean has_va;
  AtlasVa va;
} AtlasSectionProduct;

/* Does it. Of success @text tells what came of it; otherwise why, beyond the status, or nothing. */
AtlasStatus
atlas_section_verb_run (const AtlasSectionVerb *verb, AtlasSectionProduct *product, GString *text);

/* The next word of file, section or map, which is one of its last, optional ones; FALSE and @error
 * when it is none. */
gboolean atlas_section_option_parse (AtlasTokens *tokens, AtlasCommand *command, GError **error);
/* Appends those words, each behind a blank. */
void atlas_section_options_format (const AtlasCommand *command, GString *text);
/* NULL-terminated: what could stand there. */
const char *const *atlas_section_options_get_words (AtlasVerbId verb);

G_END_DECLS
