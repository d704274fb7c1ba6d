/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What only the machine does with frames; everybody else may look.
 *
 *   zeroed, free ─ take ─► active ─ park ─► standby, modified ─ resume ─► active
 *         ▲                  └───── give back ─────┴──► free, or bad
 *         └─ zero ─ free
 */

#include "windows/frames.h"

G_BEGIN_DECLS

/* Below 1 MB lie real-mode vectors, video memory and firmware, which no list ever holds. */
#define ATLAS_FIRMWARE_FRAMES 256u
/* Frames are handed out in runs of 64 KB; the runs are scattered. */
#define ATLAS_FRAME_RUN 16u

typedef struct
{
  guint32 first; /* 0: empty, for frame 0 is never on a list */
  guint32 last;
  guint32 n_frames;
} AtlasFrameQueue;

struct _AtlasFrames
{
  AtlasMemory *memory;
  AtlasFrame *records;
  gsize mapped_bytes;
  guint32 n_frames;
  guint32 n_runs;      /* whole runs above the firmware's frames */
  guint32 run_stride;  /* coprime to n_runs */
  guint32 n_untouched; /* frames of the runs that were never taken: zeroed, on no list */
  guint32 n_passed;    /* frames of the fixed order that lie behind */
  guint8 *early_runs;  /* a bit a run: taken before its turn; NULL while none was */
  AtlasFrameQueue lists[ATLAS_N_FRAME_LISTS];
  guint64 n_active;
  guint64 n_failing; /* frames that fail and are not on the bad list yet */
  AtlasFrameCounters counters;
};

/* Frames for all of @memory, which is borrowed and must be writable RAM of 4 KB × fewer than 2^32
 * frames. The first megabyte is the firmware's. NULL and @error when the host has no room. */
AtlasFrames *atlas_frames_new (AtlasMemory *memory, GError **error);
void atlas_frames_free (AtlasFrames *frames);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasFrames, atlas_frames_free)

/* Takes a zeroed frame (a free one, zeroed first, when there is none) and makes it active with a
 * share count of 1. FALSE when both lists are empty. */
gboolean
atlas_frames_take (AtlasFrames *frames, AtlasFrameUse use, AtlasPa entry_pa, AtlasPfn *pfn);
/* Likewise for a page that is filled at once: a free frame with its old bytes is preferred. */
gboolean atlas_frames_take_unzeroed (AtlasFrames *frames,
                                     AtlasFrameUse use,
                                     AtlasPa entry_pa,
                                     AtlasPfn *pfn);
/* Takes @n_frames, a power of two from 16, that lie side by side and start at a multiple of their
 * number: zeroed, free or never used ones, from the highest such place. FALSE, and
 * no change, when there is none. May look at the whole database. */
gboolean atlas_frames_take_contiguous (AtlasFrames *frames,
                                       guint32 n_frames,
                                       AtlasFrameUse use,
                                       AtlasPfn *first_pfn);
/* How many times in a row that would succeed if standby pages among them were repurposed; looks no
 * further than @n_enough. */
guint64
atlas_frames_count_contiguous (const AtlasFrames *frames, guint32 n_frames, guint64 n_enough);
/* Puts a frame in use at the end of the list that is right for @state, STANDBY, MODIFIED or
 * MODIFIED_NO_WRITE, from being active or from another of these; its bytes stay. */
void atlas_frames_park (AtlasFrames *frames, AtlasPfn pfn, AtlasFrameState state);
/* Back to being active, with a share count of 1. */
void atlas_frames_resume (AtlasFrames *frames, AtlasPfn pfn);
/* Puts an active or parked frame on the free list, one that fails on the bad one; its old bytes
 * stay until it is zeroed. */
void atlas_frames_give_back (AtlasFrames *frames, AtlasPfn pfn);
/* One more, one fewer entry counts for an active frame; returns the new count. */
guint atlas_frames_share (AtlasFrames *frames, AtlasPfn pfn);
guint atlas_frames_unshare (AtlasFrames *frames, AtlasPfn pfn);
/* The 5-bit code of the private page that it holds. */
void atlas_frames_set_protection (AtlasFrames *frames, AtlasPfn pfn, guint8 protection);
/* From here on, which standby list the frame goes to, or is on. @priority < 8. */
void atlas_frames_set_priority (AtlasFrames *frames, AtlasPfn pfn, guint priority);
/* The memory behind a frame shows errors: it is used no more once it is given back. */
void atlas_frames_set_failing (AtlasFrames *frames, AtlasPfn pfn);
/* The zero page thread: at most @n_frames free frames become zeroed ones. Returns how many. */
guint64 atlas_frames_zero_free (AtlasFrames *frames, guint64 n_frames);

/* The record of @pfn < n_frames, to be changed in everything but state, priority, use, is_file,
 * next and previous. */
AtlasFrame *atlas_frames_get_record (AtlasFrames *frames, AtlasPfn pfn);
/* The head of a list other than the zeroed one; 0 when it is empty. */
AtlasPfn atlas_frames_get_first (const AtlasFrames *frames, AtlasFrameList list);
/* The block of @n_frames, as for atlas_frames_take_contiguous(), that free frames and the fewest
 * standby pages make up, the highest of several; 0 when there is none. */
AtlasPfn atlas_frames_find_repurposable (const AtlasFrames *frames, guint32 n_frames);
/* Counts a frame of a standby list that is about to be given back for another use. */
void atlas_frames_count_repurposed (AtlasFrames *frames, AtlasPfn pfn);

/* Moves a frame from whatever it is to another state. */
void atlas_frames_move (AtlasFrames *frames, AtlasPfn pfn, AtlasFrameState state);
/* Whether run @run of the fixed order was taken before its turn. */
static inline gboolean
atlas_frames_is_early (const AtlasFrames *frames, guint32 run)
{
  return frames->early_runs != NULL && (frames->early_runs[run / 8u] >> run % 8u & 1u) != 0;
}

G_END_DECLS
