/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the pager and the writers do with records. */

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
