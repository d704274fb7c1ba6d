/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "windows/machine-private.h"
#include "windows/working-set.h"

G_BEGIN_DECLS

/* A choice: as Windows starts programs, 200 KB and 1,380 KB. */
#define ATLAS_WORKING_SET_MIN_PAGES 50u
#define ATLAS_WORKING_SET_MAX_PAGES 345u
#define ATLAS_PTE_AGE_SHIFT 56u
#define ATLAS_PTE_AGE_MASK ATLAS_BITS (59, 56)

/* How long a page has not been used, for trimming: 0 when it has been since the last look, else 1
 * more than its age. */
static inline guint
atlas_pte_get_rank (guint64 pte)
{
  return (pte & ATLAS_PTE_ACCESSED) != 0
           ? 0
           : 1u + (guint) ((pte & ATLAS_PTE_AGE_MASK) >> ATLAS_PTE_AGE_SHIFT & 7u);
}

/* Of an entry that was just written. */
static inline void
atlas_process_note_rank (AtlasProcess *process, guint64 pte)
{
  if (process->known_ranks != 0)
    process->known_ranks |= 1u << atlas_pte_get_rank (pte);
}

/* Takes a page out of the working set: its PTE goes into transition, or back to its prototype.
 * FALSE when it is locked, or not pageable at all. */
gboolean atlas_process_trim_page (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa, guint64 pte);
/* One look at all Accessed bits. Returns how many entries changed. */
guint64 atlas_working_sets_age (AtlasSystem *system);
/* Trims the oldest pages of all processes, @n_pages if there are as many; none that would only wait
 * for room in a paging file. */
guint64 atlas_working_sets_trim (AtlasSystem *system, guint64 n_pages, AtlasTrace *trace);
/* Before a page is added: a working set with a hard maximum first gives up its oldest page. Returns
 * whether it did. */
gboolean atlas_working_set_replace (AtlasProcess *process, AtlasTrace *trace);

/* Locks are kept by page of the process; frames count them. */
gboolean atlas_process_is_locked (const AtlasProcess *process, guint64 vpn);
void atlas_process_lock_page (AtlasProcess *process, guint64 vpn, AtlasPfn pfn);
void atlas_process_unlock_page (AtlasProcess *process, guint64 vpn, AtlasPfn pfn);
guint64 atlas_process_count_locked (const AtlasProcess *process);

G_END_DECLS
