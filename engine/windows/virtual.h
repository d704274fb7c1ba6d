/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The memory API: Nt forms with exact rounding, validation order and status, and the Win32 forms
 * where those differ (VirtualFree wants size 0 with MEM_RELEASE).
 *
 *   asked   0x12345 + 1 byte, reserve                slot 0x10000…0x1ffff
 *   given   |████████▓▓▓░░░░░░░░░░░░░░░░░░░░░░░|
 *           0x10000 ──► 0x12fff, 3 pages     └ 13 pages of the slot are unusable
 */

#include "windows/process.h"

G_BEGIN_DECLS

#define ATLAS_MEM_COMMIT 0x00001000u
#define ATLAS_MEM_RESERVE 0x00002000u
#define ATLAS_MEM_DECOMMIT 0x00004000u
#define ATLAS_MEM_RELEASE 0x00008000u
#define ATLAS_MEM_FREE 0x00010000u
#define ATLAS_MEM_RESET 0x00080000u
#define ATLAS_MEM_TOP_DOWN 0x00100000u
#define ATLAS_MEM_WRITE_WATCH 0x00200000u
#define ATLAS_MEM_PHYSICAL 0x00400000u
#define ATLAS_MEM_RESET_UNDO 0x01000000u
#define ATLAS_MEM_LARGE_PAGES 0x20000000u

#define ATLAS_ALLOCATION_GRANULARITY ATLAS_KB (64)

/* NtAllocateVirtualMemory. @base_va: 0 lets the system choose; both are rewritten on success only.
 */
ATLAS_AVAILABLE AtlasStatus atlas_nt_allocate_virtual_memory (AtlasProcess *process,
                                                              AtlasVa *base_va,
                                                              guint64 zero_bits,
                                                              guint64 *size_bytes,
                                                              guint32 allocation_type,
                                                              guint32 protect);
/* NtFreeVirtualMemory. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_free_virtual_memory (AtlasProcess *process,
                                                          AtlasVa *base_va,
                                                          guint64 *size_bytes,
                                                          guint32 free_type);
/* NtProtectVirtualMemory. @old_protect: of the first page; NULL gives STATUS_ACCESS_VIOLATION and
 * no change. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_protect_virtual_memory (AtlasProcess *process,
                                                             AtlasVa *base_va,
                                                             guint64 *size_bytes,
                                                             guint32 new_protect,
                                                             guint32 *old_protect);
/* NtQueryVirtualMemory (MemoryBasicInformation); the region starts at the page of @va.
 * Above the highest user address: STATUS_INVALID_PARAMETER. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_query_virtual_memory (AtlasProcess *process,
                                                           AtlasVa va,
                                                           AtlasRegion *region);

/* VirtualFree: as the Nt form, but MEM_RELEASE wants size 0. */
ATLAS_AVAILABLE AtlasStatus atlas_virtual_free (AtlasProcess *process,
                                                AtlasVa base_va,
                                                guint64 size_bytes,
                                                guint32 free_type);

/* What a call would do, without doing it. */
typedef struct
{
  AtlasStatus status; /* what the call would return */
  AtlasVa base_va;    /* after rounding */
  guint64 size_bytes;
  guint64 n_pages;
  guint n_unusable_pages; /* left over in the last 64 KB slot */
  const char *reason;     /* why it cannot be had, in sentences; NULL when it can. Valid until the
                           * next preview of this process */
} AtlasAllocationPreview;

ATLAS_AVAILABLE void atlas_virtual_alloc_preview (AtlasProcess *process,
                                                  AtlasVa base_va,
                                                  guint64 size_bytes,
                                                  guint32 allocation_type,
                                                  guint32 protect,
                                                  AtlasAllocationPreview *preview);

G_END_DECLS
