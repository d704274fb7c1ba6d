/* SPDX-License-Identifier: LGPL-3.0-or-later */

/* Where the axis is shortened: a zigzag with the size beside it. */

#include "map/strip-private.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"

/* Where there is no bar, a zigzag and its text reach beyond the height of one. */
#define BREAK_REACH_PX 8.0f

/* A stretch that the axis shortens; neighbouring break segments of one region are one break. */
typedef struct
{
  AtlasVa first_va;
  float from_px;
  float to_px;
} Break;

/* The longest that @room_px has room for, or NULL. (transfer full) */
static char *
format_break (const AtlasRegion *region, float room_px)
{
  g_autofree char *size = atlas_format_size (region->size_bytes);
  g_autofree char *text = NULL;

  if (region->region_class == ATLAS_CLASS_HOLE)
    text = g_strdup (_ ("not canonical"));
  else if (region->region_class == ATLAS_CLASS_FREE)
    text = g_strdup_printf (_ ("%s free"), size);
  else
    text = g_strdup_printf ("%s %s", size, _ (atlas_region_state_get_name (region->state)));
  if (atlas_text_estimate_px (ATLAS_FONT_SMALL, text) <= room_px)
    return g_steal_pointer (&text);
  if (atlas_text_estimate_px (ATLAS_FONT_SMALL, size) <= room_px)
    return g_steal_pointer (&size);
  return NULL;
}

static void
add_zigzag (AtlasStrip *strip, float x_px, gboolean is_bare)
{
  float reach_px = is_bare ? BREAK_REACH_PX : 0.0f;

  if (x_px < -10.0f || x_px > strip->width_px + 10.0f)
    return;
  atlas_display_list_add_zigzag (strip->list,
                                 ATLAS_COLOR_DIM_TEXT,
                                 0.8f,
                                 x_px,
                                 strip->bars_y_px - reach_px,
                                 strip->bars_height_px + 2.0f * reach_px);
}

static void
clear_behind (AtlasStrip *strip, float from_px, float to_px)
{
  atlas_display_list_add_rect (strip->list,
                               ATLAS_COLOR_VIEW,
                               1.0f,
                               ATLAS_PATTERN_SOLID,
                               from_px,
                               strip->bars_y_px,
                               to_px - from_px,
                               strip->bars_height_px,
                               0.0f);
}

/* Seen from near, a break is as linear as anything else: its ends are marked, and its size written
 * where there is room. */
static void
draw_wide_break (AtlasStrip *strip, const Break *one, const AtlasRegion *region, gboolean is_bare)
{
  float from_px = MAX (one->from_px, 0.0f);
  float to_px = MIN (one->to_px, strip->width_px);
  float room_px = to_px - from_px - 40.0f;
  g_autofree char *label = is_bare ? format_break (region, room_px) : NULL;

  if (!is_bare)
    {
      clear_behind (strip, one->from_px - 2.0f, one->from_px + ATLAS_ZIGZAG_WIDTH_PX + 2.0f);
      clear_behind (strip, one->to_px - ATLAS_ZIGZAG_WIDTH_PX - 2.0f, one->to_px + 2.0f);
    }
  add_zigzag (strip, one->from_px, is_bare);
  add_zigzag (strip, one->to_px - ATLAS_ZIGZAG_WIDTH_PX, is_bare);
  if (label == NULL)
    return;
  atlas_display_list_add_text (strip->list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_CENTER,
                               from_px + 20.0f,
                               strip->bars_y_px + strip->bars_height_px / 2.0f - 9.0f,
                               room_px,
                               18.0f,
                               label);
}

#define BREAK_TEXT_PX 12.0f
#define BREAK_SPACE_PX 2.0f

static void
draw_narrow_break (AtlasStrip *strip, const Break *one, const AtlasRegion *region, gboolean is_bare)
{
  float room_px = one->to_px - one->from_px - (is_bare ? 0.0f : 16.0f);
  float length_px = strip->bars_height_px + (is_bare ? 2.0f * BREAK_REACH_PX : 0.0f);
  float group_px = ATLAS_ZIGZAG_WIDTH_PX + BREAK_SPACE_PX + BREAK_TEXT_PX;
  g_autofree char *label = room_px >= group_px ? format_break (region, length_px) : NULL;
  float used_px = label != NULL ? group_px : ATLAS_ZIGZAG_WIDTH_PX;
  float x_px = floorf ((one->from_px + one->to_px - used_px) / 2.0f);

  if (one->to_px - one->from_px < (is_bare ? ATLAS_ZIGZAG_WIDTH_PX : 14.0f))
    return;
  if (!is_bare)
    clear_behind (strip, x_px - 2.0f, x_px + used_px + 2.0f);
  if (label != NULL)
    atlas_display_list_add_vertical_text (strip->list,
                                          ATLAS_COLOR_DIM_TEXT,
                                          ATLAS_FONT_SMALL,
                                          ATLAS_ALIGN_CENTER,
                                          x_px,
                                          strip->bars_y_px -
                                            (length_px - strip->bars_height_px) / 2.0f,
                                          BREAK_TEXT_PX,
                                          length_px,
                                          label);
  add_zigzag (strip, x_px + used_px - ATLAS_ZIGZAG_WIDTH_PX, is_bare);
}

static void
draw_break (AtlasStrip *strip, const Break *one)
{
  const AtlasRegion *region = atlas_strip_get_region_at (strip, one->first_va);
  gboolean is_bare = atlas_region_class_is_bare (region->region_class);

  if (one->to_px - one->from_px > strip->width_px / 3.0f)
    draw_wide_break (strip, one, region, is_bare);
  else
    draw_narrow_break (strip, one, region, is_bare);
}

/* An end out of sight stays out of sight, but near: painters know floats only. */
static float
clip_break_x (const AtlasStrip *strip, guint64 u)
{
  const AtlasView *view = &strip->input->view;
  double x_px = (double) ((gint64) u - view->left_u) / atlas_view_get_units_per_px (view);

  return (float) CLAMP (x_px, -100.0 - view->width_px / 2.0, 100.0 + view->width_px * 1.5);
}

static gboolean
is_same_stretch (const AtlasStrip *strip, AtlasVa a, AtlasVa b)
{
  const AtlasRegionSet *regions = strip->input->regions;

  return atlas_region_set_find (regions, a) == atlas_region_set_find (regions, b);
}

void
atlas_strip_draw_breaks (AtlasStrip *strip)
{
  const AtlasStripInput *input = strip->input;
  AtlasVa last_va = atlas_view_x_to_va (&input->view, input->axis, input->view.width_px);
  guint last = atlas_axis_find_va (input->axis, last_va);
  guint i = atlas_axis_find_va (input->axis, atlas_view_x_to_va (&input->view, input->axis, 0));

  while (i > 0 && atlas_axis_get_segment (input->axis, i - 1)->is_break &&
         atlas_axis_get_segment (input->axis, i)->is_break)
    i--;
  while (i <= last)
    {
      const AtlasAxisSegment *segment = atlas_axis_get_segment (input->axis, i);
      Break one = { .first_va = segment->first_va };

      i++;
      if (!segment->is_break)
        continue;
      while (
        i < atlas_axis_get_n_segments (input->axis) &&
        atlas_axis_get_segment (input->axis, i)->is_break &&
        is_same_stretch (strip, one.first_va, atlas_axis_get_segment (input->axis, i)->first_va))
        i++;
      one.from_px = clip_break_x (strip, segment->first_u);
      one.to_px = clip_break_x (strip,
                                atlas_axis_get_segment (input->axis, i - 1)->first_u +
                                  atlas_axis_get_segment (input->axis, i - 1)->length_u);
      draw_break (strip, &one);
    }
}
