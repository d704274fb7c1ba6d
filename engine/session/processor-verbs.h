/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The verbs of a kernel debugger: entry, invlpg, cr3, control, tlb and counters.
 *
 *   entry ─► page tables ·· not seen by ··► TLB ◄─ invlpg, cr3: forget
 *   control ─► CR0, CR4, EFER, …
 */

#include "session/command.h"

G_BEGIN_DECLS

/* Does @command, which is one of these, at @va (those without an address ignore it). Writes into
 * @text what was done or, with a status that is no success, the reason beyond the status. */
AtlasStatus atlas_processor_verb_run (AtlasProcess *process,
                                      const AtlasCommand *command,
                                      AtlasVa va,
                                      GString *text);

G_END_DECLS
