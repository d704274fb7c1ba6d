/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/strip-private.h"

#include <math.h>

#include "base/format.h"
#include "map/ticks.h"

#define LABEL_SPACE_PX 10.0f
#define TICK_MINOR_PX 7.0
#define TICK_Y_PX 4.0f
#define TICK_LABEL_Y_PX 14.0f
#define TICK_LABEL_HEIGHT_PX 16.0f

static AtlasColor
get_tick_color (guint level)
{
  return level == 0 ? ATLAS_COLOR_DIM_TEXT : atlas_color_of_level (level);
}

static gboolean
place_address (AtlasStrip *strip, double x_px, AtlasVa va, gboolean is_short)
{
  char label[ATLAS_TICK_LABEL_CHARS];
  float text_px, from_px;

  atlas_tick_format (va, is_short, label);
  text_px = atlas_text_estimate_px (ATLAS_FONT_MONO_SMALL, label);
  from_px = floorf ((float) x_px) - 1.0f;
  if (from_px < 0.0f || from_px + text_px > strip->width_px ||
      !atlas_lane_take (&strip->ruler, from_px, from_px + text_px + LABEL_SPACE_PX))
    return FALSE;
  atlas_display_list_add_text (strip->list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_MONO_SMALL,
                               ATLAS_ALIGN_START,
                               from_px,
                               strip->ruler_y_px + TICK_LABEL_Y_PX,
                               text_px,
                               TICK_LABEL_HEIGHT_PX,
                               label);
  return TRUE;
}

/* First and last address seen, in full. */
static void
draw_ends (AtlasStrip *strip)
{
  const AtlasStripInput *input = strip->input;
  AtlasVa first_va = atlas_view_x_to_va (&input->view, input->axis, 0);
  AtlasVa last_va = atlas_view_x_to_va (&input->view, input->axis, input->view.width_px);

  for (guint end = 0; end < 2; end++)
    {
      g_autofree char *label = atlas_format_va (end == 0 ? first_va : last_va);
      float text_px = atlas_text_estimate_px (ATLAS_FONT_MONO_SMALL, label);
      float from_px = end == 0 ? 2.0f : strip->width_px - text_px - 2.0f;

      if (text_px + 4.0f > strip->width_px || !atlas_lane_take (&strip->ruler,
                                                                from_px - LABEL_SPACE_PX,
                                                                from_px + text_px + LABEL_SPACE_PX))
        continue;
      atlas_display_list_add_text (strip->list,
                                   ATLAS_COLOR_TEXT,
                                   ATLAS_FONT_MONO_SMALL,
                                   end == 0 ? ATLAS_ALIGN_START : ATLAS_ALIGN_END,
                                   from_px,
                                   strip->ruler_y_px + TICK_LABEL_Y_PX,
                                   text_px,
                                   TICK_LABEL_HEIGHT_PX,
                                   label);
    }
}

/* Where clusters begin is what one looks for at the whole view. */
static void
draw_cluster_starts (AtlasStrip *strip)
{
  for (guint i = 1; i < strip->spans->len; i++)
    {
      const AtlasFoldSpan *span = atlas_strip_get_span (strip, i);
      const AtlasFoldSpan *before = atlas_strip_get_span (strip, i - 1);

      if (atlas_fold_span_is_bare (span) || !atlas_fold_span_is_bare (before) ||
          before->width_px < 16)
        continue;
      place_address (strip, span->x_px, span->first_va, FALSE);
    }
}

static void
draw_tick (AtlasStrip *strip, const AtlasTick *tick)
{
  float height_px = 3.0f + 2.0f * (float) tick->level;
  float x_px = floorf ((float) tick->x_px);

  atlas_display_list_add_line (strip->list,
                               get_tick_color (tick->level),
                               tick->is_major ? 1.0f : 0.7f,
                               x_px,
                               strip->ruler_y_px + TICK_Y_PX,
                               x_px,
                               strip->ruler_y_px + TICK_Y_PX + height_px);
}

void
atlas_strip_draw_ruler (AtlasStrip *strip)
{
  const AtlasStripInput *input = strip->input;
  g_autoptr (GArray) ticks = g_array_new (FALSE, FALSE, sizeof (AtlasTick));
  AtlasVa first_va = atlas_view_x_to_va (&input->view, input->axis, 0);
  AtlasVa last_va = atlas_view_x_to_va (&input->view, input->axis, input->view.width_px);
  guint last = atlas_axis_find_va (input->axis, last_va);
  double units_per_px = atlas_view_get_units_per_px (&input->view);

  draw_ends (strip);
  draw_cluster_starts (strip);
  for (guint s = atlas_axis_find_va (input->axis, first_va); s <= last; s++)
    {
      const AtlasAxisSegment *segment = atlas_axis_get_segment (input->axis, s);
      double length_px = (double) segment->length_u / units_per_px;

      /* A break has no scale to read, until one is inside. */
      if (length_px < TICK_MINOR_PX || (segment->is_break && length_px < strip->width_px / 3.0))
        continue;
      atlas_ticks_make (ticks, input->axis, &input->view, s, TICK_MINOR_PX, 100.0);
      for (guint i = 0; i < ticks->len; i++)
        {
          const AtlasTick *tick = &g_array_index (ticks, AtlasTick, i);

          draw_tick (strip, tick);
          if (tick->is_major)
            place_address (strip, tick->x_px, tick->va, tick->va >> 32 == first_va >> 32);
        }
    }
}
