/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasFrames: the frame database, one record for every 4 KB of physical memory, as Windows' PFN
 * database keeps it. A frame is in one state, and in every state but Active on one list.
 *
 *               take                  trimmed, clean
 *   Zeroed ────────────────► Active ─────────────────► Standby 0 … 7 ──► Free
 *     ▲                      │ │  ▲                     │    ▲   repurposed, lowest priority first
 *     │           given back │ │  └──── soft fault ─────┤    │
 *     │                      ▼ └──────────────► Modified ────┘
 *     └─ zero page thread ─ Free   trimmed, dirty      page writers
 *
 * Bad: never used again. Modified, no write: dirty pages of a file that may not be written yet.
 * All moves are O(1). The order in which frames are handed out is fixed, but scattered like that of
 * a machine that has run for a while. Records live in a sparse host mapping: one that was never
 * used costs nothing, and the zeroed list starts with the frames that were never used.
 *
 * States, fields: types MMPFN, MMLISTS and MMPFNUSE of the Windows 11 kernel's PDB.
 */

#include "paging/memory.h"
#include "windows/pte.h"

G_BEGIN_DECLS

/* The numbers are those of MMLISTS. */
typedef enum
{
  ATLAS_FRAME_ZEROED = 0,
  ATLAS_FRAME_FREE = 1,
  ATLAS_FRAME_STANDBY = 2,           /* a copy of what a paging file or a file holds as well */
  ATLAS_FRAME_MODIFIED = 3,          /* in no working set, to be written first */
  ATLAS_FRAME_MODIFIED_NO_WRITE = 4, /* likewise, but a file system holds the write back */
  ATLAS_FRAME_BAD = 5,
  ATLAS_FRAME_ACTIVE = 6,
  ATLAS_N_FRAME_STATES = 7,
} AtlasFrameState;

#define ATLAS_FRAME_PRIORITIES 8u
/* Of pages of a program that asks for nothing else: MEMORY_PRIORITY_NORMAL. */
#define ATLAS_FRAME_PRIORITY_NORMAL 5u

/* What frames queue in. */
typedef enum
{
  ATLAS_FRAME_LIST_ZEROED,
  ATLAS_FRAME_LIST_FREE,
  ATLAS_FRAME_LIST_STANDBY, /* priority 0; the others follow */
  ATLAS_FRAME_LIST_MODIFIED =
    ATLAS_FRAME_LIST_STANDBY + ATLAS_FRAME_PRIORITIES, /* to a paging file */
  ATLAS_FRAME_LIST_MODIFIED_MAPPED,                    /* to a file */
  ATLAS_FRAME_LIST_MODIFIED_NO_WRITE,
  ATLAS_FRAME_LIST_BAD,
  ATLAS_N_FRAME_LISTS,
} AtlasFrameList;

/* Whom an active frame serves. */
typedef enum
{
  ATLAS_FRAME_USE_NONE,
  ATLAS_FRAME_USE_PRIVATE, /* one page of one process */
  ATLAS_FRAME_USE_TABLE,   /* a page table of any level */
  ATLAS_FRAME_USE_SECTION, /* belongs to a prototype entry; many processes may share it */
  ATLAS_FRAME_USE_KERNEL,  /* the machine's own pages, firmware included */
  ATLAS_FRAME_USE_AWE,     /* held by a program, which maps it where it likes */
} AtlasFrameUse;

typedef struct
{
  AtlasPa entry_pa; /* the entry that owns it: PTE, entry of the table above; 0 when none does */
  guint64 original_pte; /* of a private page: what its PTE becomes when the frame is taken away;
                         * protection, and the page of the paging file that holds a copy */
  gpointer owner;       /* PRIVATE, TABLE: AtlasProcess; SECTION: AtlasSection; NULL when unknown */
  guint64 owner_page;   /* PRIVATE: address / 4096; TABLE: of the first page under it; SECTION: page
                         * of the section */
  guint32 next;         /* on a list: the frame behind it, 0 for none */
  guint32 previous;     /* … and before it */
  guint32 share_count;  /* valid PTEs that map it; of a table: its entries in use, and 1 */
  guint16 n_locks;      /* working sets that have it locked */
  guint8 state : 3;     /* AtlasFrameState */
  guint8 priority : 3;  /* of the standby list it goes to */
  guint8 is_modified : 1; /* no other place has these contents, whatever Dirty says */
  guint8 is_failing : 1;  /* goes to the bad list when it is given back */
  guint8 use : 3;         /* AtlasFrameUse */
  guint8 is_reset : 1;    /* MEM_RESET: what it holds may be dropped */
  guint8 is_file : 1;     /* SECTION: written to its file, not to a paging file */
} AtlasFrame;

/* As large as an MMPFN; a million frames take 48 MB. */
G_STATIC_ASSERT (sizeof (AtlasFrame) == 48);

/* What has happened since the start; SYSTEM_MEMORY_LIST_INFORMATION has the second. */
typedef struct
{
  guint64 n_moves[ATLAS_N_FRAME_STATES][ATLAS_N_FRAME_STATES]; /* from, to */
  guint64 n_repurposed[ATLAS_FRAME_PRIORITIES];
} AtlasFrameCounters;

typedef struct _AtlasFrames AtlasFrames;

ATLAS_AVAILABLE guint64 atlas_frames_get_n_frames (const AtlasFrames *frames);
ATLAS_AVAILABLE guint64 atlas_frames_count (const AtlasFrames *frames, AtlasFrameState state);
/* Zeroed, free and standby, less any frame that fails: what can be had without writing anything. */
ATLAS_AVAILABLE guint64 atlas_frames_count_available (const AtlasFrames *frames);
ATLAS_AVAILABLE guint64 atlas_frames_count_list (const AtlasFrames *frames, AtlasFrameList list);
/* Borrowed. */
ATLAS_AVAILABLE const AtlasFrameCounters *atlas_frames_get_counters (const AtlasFrames *frames);
/* Copies the record of @pfn < n_frames. */
ATLAS_AVAILABLE void atlas_frames_get (const AtlasFrames *frames, AtlasPfn pfn, AtlasFrame *frame);

/* Walks a list from its head, which is what is taken next; the list must not change meanwhile.
 *
 *   AtlasFrameIter iter;
 *   AtlasPfn pfn;
 *
 *   atlas_frame_iter_init (&iter, frames, ATLAS_FRAME_LIST_STANDBY + 5);
 *   while (atlas_frame_iter_next (&iter, &pfn))
 *     …
 */
typedef struct
{
  const AtlasFrames *frames;
  AtlasFrameList list;
  guint32 n_taken; /* frames of the fixed order that lie behind */
  guint32 next;
} AtlasFrameIter;

ATLAS_AVAILABLE void
atlas_frame_iter_init (AtlasFrameIter *iter, const AtlasFrames *frames, AtlasFrameList list);
ATLAS_AVAILABLE gboolean atlas_frame_iter_next (AtlasFrameIter *iter, AtlasPfn *pfn);

/* The 5-bit code of a private page, which a valid PTE cannot tell in full. */
static inline guint8
atlas_frame_get_protection (const AtlasFrame *frame)
{
  return atlas_pte_get_protection (frame->original_pte);
}

/* "zeroed", "standby 5", "modified, mapped". */
ATLAS_AVAILABLE const char *atlas_frame_list_get_name (AtlasFrameList list);
/* "zeroed", "free", "active"; "private page", "page table", … */
ATLAS_AVAILABLE const char *atlas_frame_state_get_name (AtlasFrameState state);
ATLAS_AVAILABLE const char *atlas_frame_use_get_name (AtlasFrameUse use);

G_END_DECLS
