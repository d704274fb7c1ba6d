/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include <math.h>

#include "base/format.h"
#include "map/fold.h"
#include "map/strip.h"

#define LABEL_HEIGHT_PX 15.0f
#define LABEL_ROOM_PX 100.0
#define MARK_MIN_PX 2.0f
#define BRACKET_MIN_PX 4.0f
/* A handle is drawn when both fit with room between; they can be taken from a little outside. */
#define HANDLE_WIDTH_PX 3.0f
#define HANDLES_MIN_PX 14.0f
#define HANDLE_REACH_PX 6.0

/* A float would do for the pixels, but not for the addresses. */
static double
get_px_per_byte (const AtlasMinimapInput *input)
{
  return (double) input->width_px / ((double) (input->last_va - input->first_va) + 1.0);
}

static double
va_to_x (const AtlasMinimapInput *input, AtlasVa va)
{
  va = CLAMP (va, input->first_va, input->last_va);
  return (double) (va - input->first_va) * get_px_per_byte (input);
}

AtlasVa
atlas_minimap_x_to_va (const AtlasMinimapInput *input, double x_px)
{
  double offset_bytes;

  g_return_val_if_fail (input != NULL && input->width_px > 0, 0);

  offset_bytes = floor (x_px / get_px_per_byte (input));
  if (!(offset_bytes > 0.0))
    return input->first_va;
  if (offset_bytes >= (double) (input->last_va - input->first_va))
    return input->last_va;
  return input->first_va + (guint64) offset_bytes;
}

static AtlasPattern
get_pattern (const AtlasRegionSummary *summary)
{
  if (summary->top_class == ATLAS_CLASS_NEVER)
    return ATLAS_PATTERN_NEVER;
  return summary->committed_bytes > 0 ? ATLAS_PATTERN_SOLID : ATLAS_PATTERN_HATCH;
}

/* One summary a pixel; equal neighbours become one mark. */
static void
draw_columns (AtlasDisplayList *list, const AtlasMinimapInput *input, float bar_height_px)
{
  AtlasRegionSummary open = { 0 };
  guint open_x = 0;

  for (guint x = 0; x <= input->width_px; x++)
    {
      AtlasRegionSummary summary = { .top_class = ATLAS_CLASS_FREE };

      if (x < input->width_px)
        {
          AtlasVa va = atlas_minimap_x_to_va (input, x);
          AtlasVa next_va = atlas_minimap_x_to_va (input, x + 1.0);
          AtlasVa last_va = next_va > va ? next_va - 1 : va;

          if (x + 1 == input->width_px)
            last_va = input->last_va;
          atlas_region_set_summarize (input->regions, va, last_va, &summary);
          if (open.n_regions > 0 && summary.top_class == open.top_class &&
              get_pattern (&summary) == get_pattern (&open))
            continue;
        }
      if (open.n_regions > 0 && !atlas_region_class_is_bare (open.top_class))
        atlas_display_list_add_rect (list,
                                     ATLAS_COLOR_OF_CLASS (open.top_class),
                                     1.0f,
                                     get_pattern (&open),
                                     (float) open_x,
                                     0.0f,
                                     MAX ((float) (x - open_x), MARK_MIN_PX),
                                     bar_height_px,
                                     0.0f);
      open = summary;
      open_x = x;
    }
}

static void
draw_scale (AtlasDisplayList *list, const AtlasMinimapInput *input, float y_px)
{
  double px_per_byte = get_px_per_byte (input);
  guint shift = 0;
  AtlasVa va;
  guint64 step_bytes;
  float before_px = -1000.0f;

  while (shift < 63 && ldexp (px_per_byte, (gint) shift) < LABEL_ROOM_PX)
    shift++;
  step_bytes = G_GUINT64_CONSTANT (1) << shift;
  va = input->first_va & ~(step_bytes - 1);
  for (;;)
    {
      if (va >= input->first_va)
        {
          g_autofree char *label = va == 0 ? g_strdup ("0") : atlas_format_size (va);
          float x_px = (float) floor (va_to_x (input, va));
          float width_px = (float) input->width_px;
          gboolean is_last = x_px > width_px - 60.0f;

          atlas_display_list_add_line (
            list, ATLAS_COLOR_DIM_TEXT, 0.6f, x_px, y_px, x_px, y_px + 4.0f);
          if (!is_last && x_px - before_px >= 60.0f)
            atlas_display_list_add_text (list,
                                         ATLAS_COLOR_DIM_TEXT,
                                         ATLAS_FONT_SMALL,
                                         x_px < 40.0f ? ATLAS_ALIGN_START : ATLAS_ALIGN_CENTER,
                                         x_px < 40.0f ? x_px + 2.0f : x_px - 40.0f,
                                         y_px + 3.0f,
                                         80.0f,
                                         LABEL_HEIGHT_PX - 2.0f,
                                         label);
          before_px = x_px;
        }
      if (input->last_va - va < step_bytes)
        break;
      va += step_bytes;
    }
  {
    /* Where it ends: one past the last address, which may be 2^64. */
    g_autofree char *label =
      input->last_va == G_MAXUINT64 ? g_strdup ("16 EB") : atlas_format_size (input->last_va + 1);

    atlas_display_list_add_text (list,
                                 ATLAS_COLOR_DIM_TEXT,
                                 ATLAS_FONT_SMALL,
                                 ATLAS_ALIGN_END,
                                 (float) input->width_px - 80.0f,
                                 y_px + 3.0f,
                                 79.0f,
                                 LABEL_HEIGHT_PX - 2.0f,
                                 label);
  }
}

static void
get_bracket (const AtlasMinimapInput *input, float *from_px, float *to_px)
{
  float width_px = (float) input->width_px;

  *from_px = (float) floor (va_to_x (input, input->seen_first_va));
  *to_px = (float) ceil (va_to_x (input, input->seen_last_va));
  if (*to_px - *from_px < BRACKET_MIN_PX)
    {
      *from_px = CLAMP (floorf ((*from_px + *to_px - BRACKET_MIN_PX) / 2.0f),
                        0.0f,
                        MAX (width_px - BRACKET_MIN_PX, 0.0f));
      *to_px = *from_px + BRACKET_MIN_PX;
    }
}

AtlasMinimapPart
atlas_minimap_pick (const AtlasMinimapInput *input, double x_px)
{
  float from_px, to_px;
  double inside_px;

  g_return_val_if_fail (input != NULL && input->width_px > 0, ATLAS_MINIMAP_OUTSIDE);

  get_bracket (input, &from_px, &to_px);
  /* Of a wide bracket the handles reach inwards, of a narrow one only outwards. */
  inside_px = to_px - from_px >= 4.0 * HANDLE_REACH_PX ? HANDLE_REACH_PX : 0.0;
  if (x_px < (double) from_px - HANDLE_REACH_PX || x_px >= (double) to_px + HANDLE_REACH_PX)
    return ATLAS_MINIMAP_OUTSIDE;
  if (x_px < (double) from_px + inside_px)
    return ATLAS_MINIMAP_FIRST;
  return x_px >= (double) to_px - inside_px ? ATLAS_MINIMAP_LAST : ATLAS_MINIMAP_BODY;
}

static void
draw_handle (AtlasDisplayList *list, float x_px, float bar_height_px)
{
  float height_px = floorf (bar_height_px * 0.6f);

  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_ACCENT,
                               1.0f,
                               ATLAS_PATTERN_SOLID,
                               x_px,
                               floorf ((bar_height_px - height_px) / 2.0f),
                               HANDLE_WIDTH_PX,
                               height_px,
                               1.5f);
}

static void
draw_bracket (AtlasDisplayList *list, const AtlasMinimapInput *input, float bar_height_px)
{
  float from_px, to_px;

  get_bracket (input, &from_px, &to_px);
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_ACCENT,
                               0.12f,
                               ATLAS_PATTERN_SOLID,
                               from_px,
                               0.0f,
                               to_px - from_px,
                               bar_height_px,
                               2.0f);
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_ACCENT,
                               1.0f,
                               ATLAS_PATTERN_OUTLINE,
                               from_px,
                               0.0f,
                               to_px - from_px,
                               bar_height_px,
                               2.0f);
  if (to_px - from_px < HANDLES_MIN_PX)
    return;
  draw_handle (list, from_px + 2.0f, bar_height_px);
  draw_handle (list, to_px - 2.0f - HANDLE_WIDTH_PX, bar_height_px);
}

void
atlas_minimap_mark_flags (const AtlasMinimapInput *input, AtlasFlagMarks *marks)
{
  g_return_if_fail (input != NULL && marks != NULL);

  atlas_flag_marks_begin (marks, input->width_px);
  for (guint i = 0; i < input->n_flags; i++)
    {
      AtlasVa va = input->flags[i].first_va;

      if (va < input->first_va || va > input->last_va)
        atlas_flag_marks_skip (marks);
      else
        atlas_flag_marks_add (marks, (float) floor (va_to_x (input, va)), 1.0f);
    }
}

static void
draw_flags (AtlasDisplayList *list, const AtlasMinimapInput *input, float bar_height_px)
{
  g_autoptr (AtlasFlagMarks) marks = atlas_flag_marks_new ();

  atlas_minimap_mark_flags (input, marks);
  for (guint i = 0; i < atlas_flag_marks_get_n_marks (marks); i++)
    atlas_flag_marks_draw (list, marks, i, bar_height_px - 1.0f);
}

void
atlas_minimap_draw (AtlasDisplayList *list, const AtlasMinimapInput *input)
{
  gboolean has_scale;
  float bar_height_px;

  g_return_if_fail (list != NULL && input != NULL && input->regions != NULL);
  g_return_if_fail (input->first_va <= input->last_va);

  atlas_display_list_clear (list);
  if (input->width_px == 0 || input->height_px == 0)
    return;
  has_scale = input->height_px >= 26;
  bar_height_px = (float) input->height_px - (has_scale ? LABEL_HEIGHT_PX + 2.0f : 0.0f);
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_VIEW,
                               1.0f,
                               ATLAS_PATTERN_SOLID,
                               0.0f,
                               0.0f,
                               (float) input->width_px,
                               bar_height_px,
                               0.0f);
  draw_columns (list, input, bar_height_px);
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_EDGE,
                               1.0f,
                               ATLAS_PATTERN_OUTLINE,
                               0.0f,
                               0.0f,
                               (float) input->width_px,
                               bar_height_px,
                               0.0f);
  if (has_scale)
    draw_scale (list, input, bar_height_px + 1.0f);
  draw_bracket (list, input, bar_height_px);
  if (input->n_flags > 0)
    draw_flags (list, input, bar_height_px);
  if (input->has_selection && input->selected_va >= input->first_va &&
      input->selected_va <= input->last_va)
    {
      float x_px = (float) floor (va_to_x (input, input->selected_va));

      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_ACCENT,
                                   1.0f,
                                   ATLAS_PATTERN_SOLID,
                                   x_px,
                                   0.0f,
                                   1.0f,
                                   bar_height_px + 3.0f,
                                   0.0f);
    }
}
