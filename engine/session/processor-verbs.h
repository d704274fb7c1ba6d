/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The verbs of a kernel debugger: entry, invlpg, cr3, control, tlb and counters.
 *
 *   entry ─► page tables ·· not seen by ··► TLB ◄─ invlpg, cr3: forget
 *   control ─► CR0, CR4, EFER, …
 */

#include "session/command.h"
#include "windows/processor.h"

G_BEGIN_DECLS

/* Does @command, which is one of these, at @va (those without an address ignore it). Writes into
 * @text what was done or, with a status that is no success, the reason beyond the status. */
AtlasStatus atlas_processor_verb_run (AtlasProcess *process,
                                      const AtlasCommand *command,
                                      AtlasVa va,
                                      GString *text);

/* ---- The same on a processor that no Windows runs on ---- */

/* Sets the switches that @command names. */
void atlas_processor_switch (const AtlasCommand *command, AtlasControl *control);
void atlas_processor_change_tlb (AtlasMmu *mmu, const AtlasTlbProfile *profile, GString *text);
/* What each of them tells. */
void atlas_processor_append_no_entry (GString *text, guint level);
void atlas_processor_append_edit (GString *text,
                                  const AtlasCommand *command,
                                  AtlasVa va,
                                  const AtlasEntryEdit *edit);
void atlas_processor_append_control (GString *text, const AtlasControl *control);
void atlas_processor_append_dropped (GString *text, guint64 n_dropped);
void atlas_processor_append_counters (GString *text, const AtlasMmu *mmu);
/* "register 0x200 holds 0xc0000000: UC, 0xc0000000…0xffffffff, 1 GB" */
void atlas_processor_append_msr (GString *text,
                                 const AtlasMtrrs *mtrrs,
                                 guint maxphyaddr_bits,
                                 guint32 msr,
                                 guint64 value);

G_END_DECLS
