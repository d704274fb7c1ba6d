/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The verbs about where pages are: pagefile, workingset, trim, lock, offer and their kin.
 *
 *   working set ─ trim ─► standby, modified ─ write ─► paging file
 *        ▲ lock: stays         └──── next access ────────┘
 */

#include "session/command.h"

G_BEGIN_DECLS

/* Does @command, which is one of these, to @process at @va; pagefile and memory need neither.
 * Writes into @text what came of it; nothing when the status says all. */
AtlasStatus atlas_paging_verb_run (AtlasSystem *system,
                                   AtlasProcess *process,
                                   const AtlasCommand *command,
                                   AtlasVa va,
                                   GString *text);

G_END_DECLS
