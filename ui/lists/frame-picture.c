/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/frame-picture.h"

#include <glib/gi18n.h>

#define MARGIN_PX 12.0
#define CELL_PX 8.0
#define RUN_FRAMES 16u
/* A picture looks at no more frames than this; the rest is sampled. */
#define MAX_LOOKS (G_GUINT64_CONSTANT (1) << 24)

static const AtlasFrameLookKind kinds[ATLAS_N_FRAME_LOOKS] = {
  [ATLAS_FRAME_LOOK_ZEROED] = { N_ ("zeroed"), ATLAS_COLOR_CELL },
  [ATLAS_FRAME_LOOK_FREE] = { N_ ("free"), ATLAS_COLOR_HAIRLINE },
  [ATLAS_FRAME_LOOK_STANDBY] = { N_ ("standby"), ATLAS_COLOR_SUCCESS },
  [ATLAS_FRAME_LOOK_MODIFIED] = { N_ ("modified"), ATLAS_COLOR_LEVEL_PT },
  [ATLAS_FRAME_LOOK_KERNEL] = { N_ ("kernel"), ATLAS_COLOR_DIM_TEXT },
  [ATLAS_FRAME_LOOK_SECTION] = { N_ ("section"), ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_IMAGE) },
  [ATLAS_FRAME_LOOK_PRIVATE] = { N_ ("private"), ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_PRIVATE) },
  [ATLAS_FRAME_LOOK_TABLE] = { N_ ("page table"), ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_MAPPED) },
  [ATLAS_FRAME_LOOK_BAD] = { N_ ("bad"), ATLAS_COLOR_ERROR },
};

const AtlasFrameLookKind *
atlas_frame_look_get_kind (AtlasFrameLook look)
{
  g_return_val_if_fail ((guint) look < ATLAS_N_FRAME_LOOKS, NULL);

  return &kinds[look];
}

AtlasFrameLook
atlas_frame_get_look (const AtlasFrame *frame)
{
  switch ((AtlasFrameState) frame->state)
    {
    case ATLAS_FRAME_ZEROED:
      return ATLAS_FRAME_LOOK_ZEROED;
    case ATLAS_FRAME_FREE:
      return ATLAS_FRAME_LOOK_FREE;
    case ATLAS_FRAME_STANDBY:
      return ATLAS_FRAME_LOOK_STANDBY;
    case ATLAS_FRAME_MODIFIED:
    case ATLAS_FRAME_MODIFIED_NO_WRITE:
      return ATLAS_FRAME_LOOK_MODIFIED;
    case ATLAS_FRAME_BAD:
      return ATLAS_FRAME_LOOK_BAD;
    case ATLAS_FRAME_ACTIVE:
    case ATLAS_N_FRAME_STATES:
      break;
    }
  switch ((AtlasFrameUse) frame->use)
    {
    case ATLAS_FRAME_USE_PRIVATE:
    case ATLAS_FRAME_USE_AWE:
      return ATLAS_FRAME_LOOK_PRIVATE;
    case ATLAS_FRAME_USE_TABLE:
      return ATLAS_FRAME_LOOK_TABLE;
    case ATLAS_FRAME_USE_SECTION:
      return ATLAS_FRAME_LOOK_SECTION;
    case ATLAS_FRAME_USE_NONE:
    case ATLAS_FRAME_USE_KERNEL:
      break;
    }
  return ATLAS_FRAME_LOOK_KERNEL;
}

static guint
get_n_columns (guint width_px)
{
  return (guint) MAX (((double) width_px - 2 * MARGIN_PX) / CELL_PX, 1.0);
}

static guint
get_n_rows (guint height_px)
{
  return (guint) MAX (((double) height_px - MARGIN_PX) / CELL_PX, 1.0);
}

guint64
atlas_frame_picture_get_n_seen (guint frames_a_cell, guint width_px, guint height_px)
{
  return (guint64) frames_a_cell * get_n_columns (width_px) * get_n_rows (height_px);
}

guint
atlas_frame_picture_get_fit (const AtlasFrames *frames, guint width_px, guint height_px)
{
  guint64 n_cells = atlas_frame_picture_get_n_seen (1, width_px, height_px);
  guint64 n_frames = atlas_frames_get_n_frames (frames);

  /* Whole runs of 64 KB, so that a cell's size is a round number. */
  return n_frames <= n_cells
           ? 1u
           : (guint) ((n_frames + n_cells * RUN_FRAMES - 1u) / (n_cells * RUN_FRAMES)) * RUN_FRAMES;
}

/* The frame of [first, first + n) that matters most, and its look. */
static AtlasFrameLook
look_at_cell (const AtlasFramePictureInput *input, AtlasPfn first, guint stride, AtlasPfn *best_pfn)
{
  AtlasPfn end = MIN (first + input->frames_a_cell, atlas_frames_get_n_frames (input->frames));
  AtlasFrameLook best = ATLAS_FRAME_LOOK_ZEROED;

  *best_pfn = first;
  for (AtlasPfn pfn = first; pfn < end; pfn += stride)
    {
      AtlasFrame frame;
      AtlasFrameLook look;

      atlas_frames_get (input->frames, pfn, &frame);
      look = atlas_frame_get_look (&frame);
      if (look > best)
        {
          best = look;
          *best_pfn = pfn;
        }
    }
  return best;
}

static guint
get_stride (const AtlasFramePictureInput *input)
{
  guint64 n_seen =
    MIN (atlas_frame_picture_get_n_seen (input->frames_a_cell, input->width_px, input->height_px),
         atlas_frames_get_n_frames (input->frames));

  return (guint) MAX (n_seen / MAX_LOOKS, 1u);
}

static void
add_run (AtlasDisplayList *list, AtlasFrameLook look, guint first_column, guint column, guint row)
{
  float x_px = (float) (MARGIN_PX + first_column * CELL_PX);
  float y_px = (float) (row * CELL_PX);
  float width_px = (float) ((column - first_column) * CELL_PX - 1);
  float height_px = (float) CELL_PX - 1;

  atlas_display_list_add_rect (
    list, kinds[look].color, 1, ATLAS_PATTERN_SOLID, x_px, y_px, width_px, height_px, 1);
  if (look > ATLAS_FRAME_LOOK_FREE)
    atlas_display_list_add_rect (
      list, ATLAS_COLOR_EDGE, 1, ATLAS_PATTERN_OUTLINE, x_px, y_px, width_px, height_px, 1);
}

void
atlas_frame_picture_draw (AtlasDisplayList *list, const AtlasFramePictureInput *input)
{
  guint n_columns = get_n_columns (input->width_px);
  guint n_rows = get_n_rows (input->height_px);
  guint64 n_frames = atlas_frames_get_n_frames (input->frames);
  guint stride = get_stride (input);

  for (guint row = 0; row < n_rows; row++)
    {
      AtlasFrameLook run_look = ATLAS_N_FRAME_LOOKS;
      guint run_column = 0;

      /* Neighbours alike are one mark, but where each cell is a frame. */
      for (guint column = 0; column <= n_columns; column++)
        {
          AtlasPfn pfn =
            input->first_pfn + ((guint64) row * n_columns + column) * input->frames_a_cell;
          AtlasPfn best_pfn;
          AtlasFrameLook look = column == n_columns || pfn >= n_frames
                                  ? ATLAS_N_FRAME_LOOKS
                                  : look_at_cell (input, pfn, stride, &best_pfn);

          if (look == run_look && look == ATLAS_FRAME_LOOK_ZEROED)
            continue;
          if (run_look != ATLAS_N_FRAME_LOOKS)
            add_run (list, run_look, run_column, column, row);
          run_look = look;
          run_column = column;
        }
    }

  if (input->has_selection && input->selected_pfn >= input->first_pfn)
    {
      guint64 cell = (input->selected_pfn - input->first_pfn) / input->frames_a_cell;
      double x_px = MARGIN_PX + (double) (cell % n_columns) * CELL_PX;
      double y_px = (double) (cell / n_columns) * CELL_PX;

      if (cell / n_columns < n_rows)
        atlas_display_list_add_rect (list,
                                     ATLAS_COLOR_TEXT,
                                     1,
                                     ATLAS_PATTERN_THICK_OUTLINE,
                                     (float) x_px - 3,
                                     (float) y_px - 3,
                                     (float) CELL_PX + 5,
                                     (float) CELL_PX + 5,
                                     3);
    }
}

gboolean
atlas_frame_picture_pick (const AtlasFramePictureInput *input,
                          double x_px,
                          double y_px,
                          AtlasPfn *pfn)
{
  guint n_columns = get_n_columns (input->width_px);
  double column = (x_px - MARGIN_PX) / CELL_PX;
  AtlasPfn first;

  if (column < 0 || column >= n_columns || y_px < 0)
    return FALSE;
  first = input->first_pfn +
          ((guint64) (y_px / CELL_PX) * n_columns + (guint64) column) * input->frames_a_cell;
  if (first >= atlas_frames_get_n_frames (input->frames))
    return FALSE;
  look_at_cell (input, first, get_stride (input), pfn);
  return TRUE;
}
