/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Physical memory, frame by frame, in the order of their addresses; many frames to a cell where
 * they do not fit. A cell has the colour of what matters most in it: in use before standing by
 * before empty.
 *
 *   active 412 · standby 96 · modified 3 · free 0 · zeroed 4,193,793
 *   ▫▫▫▪▫▫▫▫▫▫▫▪▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫      1 cell = 256 frames = 1 MB
 */

#include "map/display-list.h"
#include "windows/frames.h"

G_BEGIN_DECLS

/* What a cell shows. In ascending order of what matters. */
typedef enum
{
  ATLAS_FRAME_LOOK_ZEROED,
  ATLAS_FRAME_LOOK_FREE,
  ATLAS_FRAME_LOOK_STANDBY,
  ATLAS_FRAME_LOOK_MODIFIED,
  ATLAS_FRAME_LOOK_KERNEL,
  ATLAS_FRAME_LOOK_SECTION,
  ATLAS_FRAME_LOOK_PRIVATE,
  ATLAS_FRAME_LOOK_TABLE,
  ATLAS_FRAME_LOOK_BAD,
  ATLAS_N_FRAME_LOOKS,
} AtlasFrameLook;

typedef struct
{
  const char *name; /* not translated yet */
  AtlasColor color;
} AtlasFrameLookKind;

const AtlasFrameLookKind *atlas_frame_look_get_kind (AtlasFrameLook look);
AtlasFrameLook atlas_frame_get_look (const AtlasFrame *frame);

typedef struct
{
  const AtlasFrames *frames;
  guint frames_a_cell;
  AtlasPfn first_pfn;  /* a multiple of it */
  guint width_px;
  guint height_px;
  gboolean has_selection;
  AtlasPfn selected_pfn;
} AtlasFramePictureInput;

/* How many frames of how many a cell must hold for all to be seen. */
guint atlas_frame_picture_get_fit (const AtlasFrames *frames, guint width_px, guint height_px);
/* How many frames a picture of this size shows. */
guint64 atlas_frame_picture_get_n_seen (guint frames_a_cell, guint width_px, guint height_px);

/* Cost: a look at each frame that is seen; above 16 million of them, at a part. */
void atlas_frame_picture_draw (AtlasDisplayList *list, const AtlasFramePictureInput *input);
/* The frame of the cell there that matters most; FALSE beyond the last. */
gboolean atlas_frame_picture_pick (const AtlasFramePictureInput *input,
                                   double x_px,
                                   double y_px,
                                   AtlasPfn *pfn);

G_END_DECLS
