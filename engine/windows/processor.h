/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What a kernel debugger does to a running machine: it writes entries into the page tables and
 * changes the processor's registers, and Windows is not asked.
 *
 *   entry written by hand ──► physical memory        the TLB keeps what it has, until INVLPG
 *                                  │
 *                   next fault, VirtualFree …         Windows takes an entry for its own only where
 *                                  │                  the frame database says so
 *                                  ▼
 *                     counts and lists stay right
 *
 * With KVA shadow a process has two roots, and so two entries of the top level for every address.
 * They are separate tables, as MSRC describes them ("KVA Shadow", 2018): nothing but the kernel,
 * which writes its user half twice, keeps them in step. Whoever writes one of them by hand has
 * changed that one. All tables below are shared. What the kernel does about roots that differ is
 * not published; by choice it does nothing, until it writes that entry again itself: then both have
 * the new value. A fault that only the other root would not have had is not resolved.
 */

#include "windows/process.h"

G_BEGIN_DECLS

/* What became of an entry that was written by hand. */
typedef struct
{
  AtlasPa entry_pa;
  guint64 old_entry;
  AtlasPa other_pa; /* where the other root has its entry of the top level, which stays; or 0 */
  guint64 other_entry;    /* … and what it is */
  AtlasWalkResult before; /* a look at the address, whoever asks: outcome and rights */
  AtlasWalkResult after;
  guint stale_level; /* as atlas_mmu_get_stale_level(); 0 when nothing cached is out of date */
} AtlasEntryEdit;

/* Writes @value as the entry of @va at @level (1 = PTE … 4 = PML4E, 5 = PML5E), whatever it means;
 * nothing is invalidated. ATLAS_STATUS_INVALID_ADDRESS, and no change, when an entry above names no
 * table: it is not present, maps a large page, or points outside memory; @edit->after then tells
 * where the walk ends. @is_user_root: below the root that programs run on, which is another with
 * KVA shadow only. Cost: the tables of all processes are counted anew. */
ATLAS_AVAILABLE AtlasStatus atlas_process_edit_entry (AtlasProcess *process,
                                                      AtlasVa va,
                                                      guint level,
                                                      gboolean is_user_root,
                                                      guint64 value,
                                                      AtlasEntryEdit *edit);

/* INVLPG while the process runs. Returns how many cached translations and table addresses went. */
ATLAS_AVAILABLE guint64 atlas_process_invalidate_page (AtlasProcess *process, AtlasVa va);
/* The processor goes over to the process: what is cached of another goes. Returns how much; 0 when
 * it runs already. */
ATLAS_AVAILABLE guint64 atlas_process_switch_to (AtlasProcess *process);
/* MOV to CR3 with its own value: all that is cached goes but global translations. */
ATLAS_AVAILABLE guint64 atlas_process_reload_cr3 (AtlasProcess *process);

/* WRMSR of IA32_PAT, IA32_PKRS, IA32_EFER or an MTRR: ATLAS_RULE_NONE, or the rule that forbids it
 * (#GP), and no change. Nothing that is cached is dropped. */
ATLAS_AVAILABLE AtlasControlRule atlas_system_write_msr (AtlasSystem *system,
                                                         guint32 msr,
                                                         guint64 value);
/* The registers of the machine's processor; its CR3 is 0, for each process has its own. */
ATLAS_AVAILABLE const AtlasControl *atlas_system_get_control (const AtlasSystem *system);
/* Gives every process, those to come included, the CR0, CR4, EFER, PAT, PKRS, PKRU and RFLAGS.AC of
 * @control
 * by the instructions that load them. ATLAS_RULE_NONE, or what forbids it, and no change. */
ATLAS_AVAILABLE AtlasControlRule atlas_system_set_control (AtlasSystem *system,
                                                           const AtlasControl *control);

G_END_DECLS
