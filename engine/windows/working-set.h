/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The working set of a process: its pages that are in frames and mapped. A page leaves it when it
 * is trimmed; its bytes stay in the frame, on the standby or modified list, and the next touch
 * takes them from there.
 *
 *   age   0   page was used since the last look (Accessed is cleared then)
 *         1   not used for one look
 *         ⋮
 *         7   not used for seven looks or more: trimmed first
 *
 * The age stands in the PTE itself, bits 59…56 (WsleAge), which the processor ignores. Large pages
 * and pages of AWE windows are in no working set: Windows documentation, "Working Set".
 */

#include "windows/process.h"

G_BEGIN_DECLS

#define ATLAS_WORKING_SET_AGES 8u

#define ATLAS_WORKING_SET_MIN_ENABLE 0x1u /* QUOTA_LIMITS_HARDWS_…: the limit is hard */
#define ATLAS_WORKING_SET_MIN_DISABLE 0x2u
#define ATLAS_WORKING_SET_MAX_ENABLE 0x4u
#define ATLAS_WORKING_SET_MAX_DISABLE 0x8u

typedef struct
{
  guint64 n_pages;
  guint64 n_peak_pages;
  guint64 n_locked_pages;
  guint64 n_trimmed_pages; /* that have left it since the process started, each time counted */
  guint64 min_pages;
  guint64 max_pages; /* soft unless is_max_hard: more pages are allowed while memory lasts */
  gboolean is_min_hard;
  gboolean is_max_hard;
} AtlasWorkingSet;

typedef struct
{
  AtlasVa va;
  AtlasPa entry_pa; /* of the PTE */
  guint64 pte;
  AtlasPfn pfn;
  guint32 share_count;
  guint8 protection; /* 5-bit code */
  guint8 age;        /* 0 … 7; an accessed page has age 0 */
  guint8 is_accessed : 1;
  guint8 is_dirty : 1;
  guint8 is_shared : 1; /* of a section: share_count processes may map it */
  guint8 is_locked : 1;
} AtlasWorkingSetEntry;

/* Ascending addresses; the process must not change meanwhile. */
typedef struct
{
  AtlasProcess *process;
  AtlasVad *vad;
  guint64 next_vpn;
  AtlasPa table_pa;      /* of the page table that next_vpn … */
  guint64 table_end_vpn; /* … up to here are in; 0 when it is not known */
} AtlasWorkingSetIter;

ATLAS_AVAILABLE void atlas_process_get_working_set (AtlasProcess *process, AtlasWorkingSet *set);
ATLAS_AVAILABLE void atlas_working_set_iter_init (AtlasWorkingSetIter *iter, AtlasProcess *process);
ATLAS_AVAILABLE gboolean atlas_working_set_iter_next (AtlasWorkingSetIter *iter,
                                                      AtlasWorkingSetEntry *entry);

/* EmptyWorkingSet: every page that is not locked leaves. Returns how many did. */
ATLAS_AVAILABLE guint64 atlas_process_empty_working_set (AtlasProcess *process);
/* SetProcessWorkingSetSizeEx. Both G_MAXUINT64: as atlas_process_empty_working_set(). @flags:
 * ATLAS_WORKING_SET_*; 0 leaves limits as hard or soft as they were.
 * STATUS_INSUFFICIENT_RESOURCES: the minimum cannot be promised, see windows/resident.h. */
ATLAS_AVAILABLE AtlasStatus atlas_process_set_working_set (AtlasProcess *process,
                                                           guint64 min_bytes,
                                                           guint64 max_bytes,
                                                           guint32 flags);

/* Where a page is that is not valid. */
typedef enum
{
  ATLAS_PAGE_LOCATION_NONE, /* nowhere, or in a file */
  ATLAS_PAGE_LOCATION_RESIDENT,
  ATLAS_PAGE_LOCATION_PAGE_FILE,
} AtlasPageLocation;

/* QueryWorkingSetEx for one page: PSAPI_WORKING_SET_EX_BLOCK, bit by bit.
 *
 *   valid       0 Valid  3…1 ShareCount  14…4 Win32Protection  15 Shared  21…16 Node  22 Locked
 *               23 LargePage  26…24 Priority  30 SharedOriginal  31 Bad
 *   not valid   15 Shared  21 PageTable  23…22 Location  26…24 Priority  27 ModifiedList
 *               30 SharedOriginal  31 Bad
 * System Informer, phnt, ntmmapi.h. */
ATLAS_AVAILABLE guint64 atlas_process_query_working_set_ex (AtlasProcess *process, AtlasVa va);

G_END_DECLS
