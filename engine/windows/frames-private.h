/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the pager and the writers do with records. */

#include "windows/frames.h"

G_BEGIN_DECLS

/* The record of @pfn < n_frames, to be changed in everything but state, priority, use, is_file,
 * next and previous. */
AtlasFrame *atlas_frames_get_record (AtlasFrames *frames, AtlasPfn pfn);
/* The head of a list other than the zeroed one; 0 when it is empty. */
AtlasPfn atlas_frames_get_first (const AtlasFrames *frames, AtlasFrameList list);
/* Counts a frame of a standby list that is about to be given back for another use. */
void atlas_frames_count_repurposed (AtlasFrames *frames, AtlasPfn pfn);

G_END_DECLS
