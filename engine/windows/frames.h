/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasFrames: the frame database, one record for every 4 KB of physical memory, as Windows' PFN
 * database keeps it.
 *
 *              take             give back
 *   Zeroed ──────────► Active ────────────► Free
 *     ▲                 │  ▲                  │
 *     │            park │  │ resume           │
 *     │                 ▼  │                  │
 *     │        Standby, Modified              │
 *     └────────── zero page thread ───────────┘
 *
 * The order in which frames are handed out is fixed, but scattered like that of a machine that has
 * run for a while. Records live in a sparse host mapping: one that was never used costs nothing.
 */

#include "paging/memory.h"

G_BEGIN_DECLS

/* The numbers are those of MMLISTS. */
typedef enum
{
  ATLAS_FRAME_ZEROED = 0,
  ATLAS_FRAME_FREE = 1,
  ATLAS_FRAME_STANDBY = 2,  /* unchanged copy of a section's page that nobody maps at present */
  ATLAS_FRAME_MODIFIED = 3, /* the only copy of a private page that cannot be touched at present */
  ATLAS_FRAME_ACTIVE = 6,
} AtlasFrameState;

/* Whom an active frame serves. */
typedef enum
{
  ATLAS_FRAME_USE_NONE,
  ATLAS_FRAME_USE_PRIVATE, /* one page of one process */
  ATLAS_FRAME_USE_TABLE,   /* a page table of any level */
  ATLAS_FRAME_USE_SECTION, /* belongs to a prototype entry; many processes may share it */
  ATLAS_FRAME_USE_KERNEL,  /* the machine's own pages, firmware included */
} AtlasFrameUse;

typedef struct
{
  AtlasPa entry_pa;    /* the entry that owns it: PTE, entry of the table above; 0 when none does */
  guint32 share_count; /* valid PTEs that map it; of a table: its entries in use, and 1 */
  guint32 next;        /* on a list: the frame behind it, 0 for none */
  guint8 state;        /* AtlasFrameState */
  guint8 use;          /* AtlasFrameUse */
  guint8 protection;   /* 5-bit code of a private page, which a valid PTE cannot tell in full */
} AtlasFrame;

/* A million frames take 24 MB. */
G_STATIC_ASSERT (sizeof (AtlasFrame) == 24);

typedef struct _AtlasFrames AtlasFrames;

/* Frames for all of @memory, which is borrowed and must be writable RAM of 4 KB × fewer than 2^32
 * frames. The first megabyte is the firmware's. NULL and @error when the host has no room. */
ATLAS_AVAILABLE AtlasFrames *atlas_frames_new (AtlasMemory *memory, GError **error);
ATLAS_AVAILABLE void atlas_frames_free (AtlasFrames *frames);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasFrames, atlas_frames_free)

/* Takes a zeroed frame (a free one, zeroed first, when there is none) and makes it active with a
 * share count of 1. FALSE when physical memory is exhausted. */
ATLAS_AVAILABLE gboolean atlas_frames_take (AtlasFrames *frames,
                                            AtlasFrameUse use,
                                            AtlasPa entry_pa,
                                            AtlasPfn *pfn);
/* Active to standby or modified (its bytes stay), and back with a share count of 1. */
ATLAS_AVAILABLE void atlas_frames_park (AtlasFrames *frames, AtlasPfn pfn, AtlasFrameState state);
ATLAS_AVAILABLE void atlas_frames_resume (AtlasFrames *frames, AtlasPfn pfn);
/* Puts an active or parked frame on the free list; its old bytes stay until it is zeroed. */
ATLAS_AVAILABLE void atlas_frames_give_back (AtlasFrames *frames, AtlasPfn pfn);
/* One more, one fewer entry counts for an active frame; returns the new count. */
ATLAS_AVAILABLE guint atlas_frames_share (AtlasFrames *frames, AtlasPfn pfn);
ATLAS_AVAILABLE guint atlas_frames_unshare (AtlasFrames *frames, AtlasPfn pfn);
ATLAS_AVAILABLE void
atlas_frames_set_protection (AtlasFrames *frames, AtlasPfn pfn, guint8 protection);
/* What the zero page thread does when nothing else runs: every free frame becomes a zeroed one. */
ATLAS_AVAILABLE void atlas_frames_zero_free (AtlasFrames *frames);

ATLAS_AVAILABLE guint64 atlas_frames_get_n_frames (const AtlasFrames *frames);
ATLAS_AVAILABLE guint64 atlas_frames_count (const AtlasFrames *frames, AtlasFrameState state);
/* Copies the record of @pfn < n_frames. */
ATLAS_AVAILABLE void atlas_frames_get (const AtlasFrames *frames, AtlasPfn pfn, AtlasFrame *frame);

/* "zeroed", "free", "active"; "private page", "page table", … */
ATLAS_AVAILABLE const char *atlas_frame_state_get_name (AtlasFrameState state);
ATLAS_AVAILABLE const char *atlas_frame_use_get_name (AtlasFrameUse use);

G_END_DECLS
