/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Pages that stay in the working set, and pages that are fetched before they are needed.
 *
 *   lock      touched, then kept: neither trimmed nor written out until unlocked
 *   unlock    one call undoes any number of locks
 *   prefetch  read from paging files and files onto the standby list: the touch is a soft fault
 * then
 */

#include "windows/process.h"

G_BEGIN_DECLS

/* VirtualLock. Pages are touched first, as by a read. STATUS_INVALID_PARAMETER_1, _2: a range out
 * of range or empty; STATUS_ACCESS_VIOLATION: a page that is not committed, or NOACCESS;
 * STATUS_GUARD_PAGE_VIOLATION: a guard page, whose guard is spent then; STATUS_WORKING_SET_QUOTA:
 * the minimum of the working set does not allow as many. On failure nothing more is locked. */
ATLAS_AVAILABLE AtlasStatus atlas_virtual_lock (AtlasProcess *process,
                                                AtlasVa base_va,
                                                guint64 size_bytes);
/* VirtualUnlock. STATUS_NOT_LOCKED when a page of the range is not locked: such pages leave the
 * working set, the others stay locked. */
ATLAS_AVAILABLE AtlasStatus atlas_virtual_unlock (AtlasProcess *process,
                                                  AtlasVa base_va,
                                                  guint64 size_bytes);

typedef struct
{
  AtlasVa va;
  guint64 size_bytes;
} AtlasMemoryRange;

/* VmPrefetchInformation; all other classes are refused. */
#define ATLAS_VM_PREFETCH_INFORMATION 0u

/* NtSetInformationVirtualMemory, on which PrefetchVirtualMemory stands. In this order:
 * STATUS_INVALID_PARAMETER_2: another class; _5: no @flags, or not 0; _6: @flags_bytes is not 4;
 * _3: no ranges; STATUS_ACCESS_VIOLATION: @ranges NULL; _4: an empty range. Pages that cannot be
 * read, or for which there is no room, are passed over: it is a hint. @n_pages (or NULL): how many
 * were read. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_set_information_virtual_memory (AtlasProcess *process,
                                                                     guint information_class,
                                                                     gsize n_ranges,
                                                                     const AtlasMemoryRange *ranges,
                                                                     const guint32 *flags,
                                                                     gsize flags_bytes,
                                                                     guint64 *n_pages);

G_END_DECLS
