/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/strip-private.h"

#include <math.h>

#include "base/format.h"

#define NAMES_HEIGHT_PX 16.0f
#define RULER_HEIGHT_PX 31.0f
#define EDGE_PX 4.0f
/* A narrower bar would be nothing but edge. */
#define EDGED_MIN_PX 5.0f
/* Less than this and a selection frame would hide what it frames. */
#define UNIT_MIN_PX 10.0

/* Darker with more rights: R, RW, X, and W with X. A veil in the text's colour, so that contrast
 * with the view only grows. */
static const float rights_veils[] = { 0.0f, 0.06f, 0.13f, ATLAS_STRIP_VEIL_MAX };

static float
get_veil (const AtlasStrip *strip, const AtlasFoldSpan *span)
{
  guint32 protect = atlas_strip_get_first_region (strip, span)->protect;

  if (atlas_strip_get_pattern (strip, span) != ATLAS_PATTERN_SOLID)
    return 0.0f;
  if (protect & (ATLAS_PAGE_EXECUTE_READWRITE | ATLAS_PAGE_EXECUTE_WRITECOPY))
    return rights_veils[3];
  if (protect & (ATLAS_PAGE_EXECUTE | ATLAS_PAGE_EXECUTE_READ))
    return rights_veils[2];
  if (protect & (ATLAS_PAGE_READWRITE | ATLAS_PAGE_WRITECOPY))
    return rights_veils[1];
  return rights_veils[0];
}

static gboolean
looks_like (const AtlasStrip *strip, const AtlasFoldSpan *a, const AtlasFoldSpan *b)
{
  return a->summary.n_regions > 1 && b->summary.n_regions > 1 &&
         a->summary.top_class == b->summary.top_class &&
         atlas_strip_get_pattern (strip, a) == atlas_strip_get_pattern (strip, b);
}

/* Seen in high contrast alone: where one bar ends and the next begins. */
static void
draw_edge (AtlasStrip *strip, float x_px, float width_px)
{
  if (width_px >= EDGED_MIN_PX)
    atlas_display_list_add_rect (strip->list,
                                 ATLAS_COLOR_EDGE,
                                 1.0f,
                                 ATLAS_PATTERN_OUTLINE,
                                 x_px,
                                 strip->bars_y_px,
                                 width_px,
                                 strip->bars_height_px,
                                 0.0f);
}

/* A pixel of view between what does not belong together. */
static gboolean
has_seam (const AtlasStrip *strip, const AtlasFoldSpan *span, const AtlasFoldSpan *next)
{
  if (next == NULL || atlas_fold_span_is_bare (next) || span->width_px < 5)
    return FALSE;
  return atlas_strip_get_last_region (strip, span)->allocation_base_va !=
         atlas_strip_get_first_region (strip, next)->allocation_base_va;
}

static void
draw_bars (AtlasStrip *strip)
{
  for (guint i = 0; i < strip->spans->len;)
    {
      const AtlasFoldSpan *span = atlas_strip_get_span (strip, i);
      const AtlasFoldSpan *last = span;
      guint next = i + 1;
      float width_px, veil;

      while (next < strip->spans->len &&
             looks_like (strip, span, atlas_strip_get_span (strip, next)))
        last = atlas_strip_get_span (strip, next++);
      i = next;
      /* What is free and yet not to be had shows as soon as there is room for it. */
      if ((atlas_fold_span_is_bare (span) && span->summary.top_class != ATLAS_CLASS_UNUSABLE) ||
          atlas_strip_shows_bytes (strip, span))
        continue;

      width_px = (float) (last->x_px + last->width_px - span->x_px);
      if (has_seam (
            strip, last, next < strip->spans->len ? atlas_strip_get_span (strip, next) : NULL))
        width_px -= 1.0f;
      atlas_display_list_add_rect (strip->list,
                                   ATLAS_COLOR_OF_CLASS (span->summary.top_class),
                                   1.0f,
                                   atlas_strip_get_pattern (strip, span),
                                   (float) span->x_px,
                                   strip->bars_y_px,
                                   width_px,
                                   strip->bars_height_px,
                                   0.0f);
      veil = span->summary.n_regions == 1 ? get_veil (strip, span) : 0.0f;
      if (veil > 0.0f)
        atlas_display_list_add_rect (strip->list,
                                     ATLAS_COLOR_TEXT,
                                     veil,
                                     ATLAS_PATTERN_SOLID,
                                     (float) span->x_px,
                                     strip->bars_y_px,
                                     width_px,
                                     strip->bars_height_px,
                                     0.0f);
      draw_edge (strip, (float) span->x_px, width_px);
    }
}

/* Writable and executable at once: a triangle above the bar and a cap on it, at least as wide as
 * can be seen, whatever the bar's own width. */
static void
draw_warnings (AtlasStrip *strip)
{
  float before_px = -100.0f;

  for (guint i = 0; i < strip->spans->len; i++)
    {
      const AtlasFoldSpan *span = atlas_strip_get_span (strip, i);
      float width_px = (float) MAX (span->width_px, 3);
      float middle_px = (float) span->x_px + (float) span->width_px / 2.0f;

      if (!span->summary.has_writable_executable)
        continue;
      for (guint end = 0; end < 2; end++)
        atlas_display_list_add_rect (strip->list,
                                     ATLAS_COLOR_WARNING,
                                     1.0f,
                                     ATLAS_PATTERN_SOLID,
                                     floorf (middle_px - width_px / 2.0f),
                                     end == 0 ? strip->bars_y_px - 3.0f
                                              : strip->bars_y_px + strip->bars_height_px,
                                     width_px,
                                     3.0f,
                                     0.0f);
      if (middle_px - before_px < 14.0f ||
          !atlas_lane_take (&strip->names, middle_px - 8.0f, middle_px + 8.0f))
        continue;
      atlas_display_list_add_text (strip->list,
                                   ATLAS_COLOR_WARNING,
                                   ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_CENTER,
                                   middle_px - 8.0f,
                                   strip->names_y_px,
                                   16.0f,
                                   NAMES_HEIGHT_PX,
                                   "⚠");
      before_px = middle_px;
    }
}

/* ---- what the user points at ---- */

static float
clip_x (const AtlasStrip *strip, double x_px)
{
  return (float) CLAMP (x_px, -8.0, (double) strip->width_px + 8.0);
}

static float
get_x (const AtlasStrip *strip, AtlasVa va)
{
  return clip_x (strip, atlas_view_va_to_x (&strip->input->view, strip->input->axis, va));
}

/* Where the byte @last_va ends. */
static float
get_end_x (const AtlasStrip *strip, AtlasVa last_va)
{
  const AtlasStripInput *input = strip->input;
  double byte_px = 1.0 / atlas_view_get_bytes_per_px (&input->view, input->axis, last_va);

  return clip_x (strip, atlas_view_va_to_x (&input->view, input->axis, last_va) + byte_px);
}

/* A text on a plate of its own, near @x_px but inside the strip. */
static void
draw_plate (AtlasStrip *strip, float x_px, float y_px, AtlasFont font, const char *text)
{
  float width_px = atlas_text_estimate_px (font, text) + 10.0f;
  float left_px =
    CLAMP (floorf (x_px - width_px / 2.0f), 0.0f, MAX (strip->width_px - width_px, 0.0f));

  atlas_display_list_add_rect (
    strip->list, ATLAS_COLOR_VIEW, 1.0f, ATLAS_PATTERN_SOLID, left_px, y_px, width_px, 18.0f, 4.0f);
  atlas_display_list_add_rect (strip->list,
                               ATLAS_COLOR_HAIRLINE,
                               1.0f,
                               ATLAS_PATTERN_OUTLINE,
                               left_px,
                               y_px,
                               width_px,
                               18.0f,
                               4.0f);
  atlas_display_list_add_text (
    strip->list, ATLAS_COLOR_TEXT, font, ATLAS_ALIGN_CENTER, left_px, y_px, width_px, 18.0f, text);
}

static void
draw_range (AtlasStrip *strip)
{
  const AtlasStripInput *input = strip->input;
  float from_px = floorf (get_x (strip, MIN (input->range_first_va, input->range_last_va)));
  float to_px = ceilf (get_end_x (strip, MAX (input->range_first_va, input->range_last_va)));

  to_px = MAX (to_px, from_px + 1.0f);
  atlas_display_list_add_rect (strip->list,
                               ATLAS_COLOR_ACCENT,
                               0.18f,
                               ATLAS_PATTERN_SOLID,
                               from_px,
                               0.0f,
                               to_px - from_px,
                               (float) input->height_px,
                               0.0f);
  atlas_display_list_add_line (
    strip->list, ATLAS_COLOR_ACCENT, 1.0f, from_px, 0.0f, from_px, (float) input->height_px);
  atlas_display_list_add_line (strip->list,
                               ATLAS_COLOR_ACCENT,
                               1.0f,
                               to_px - 1.0f,
                               0.0f,
                               to_px - 1.0f,
                               (float) input->height_px);
  if (input->height_px >= ATLAS_STRIP_LABELLED_MIN_HEIGHT_PX && from_px < strip->width_px &&
      to_px > 0.0f)
    {
      AtlasVa first_va = MIN (input->range_first_va, input->range_last_va);
      AtlasVa last_va = MAX (input->range_first_va, input->range_last_va);
      g_autofree char *size = atlas_format_size (MAX (last_va - first_va + 1, 1));

      draw_plate (strip, (from_px + to_px) / 2.0f, strip->names_y_px, ATLAS_FONT_SMALL, size);
    }
}

/* The smallest thing around @va that can be told apart: its byte, its page, or its region. */
static void
find_unit (const AtlasStrip *strip, AtlasVa va, AtlasVa *first_va, AtlasVa *last_va)
{
  const AtlasRegion *region = atlas_strip_get_region_at (strip, va);
  double byte_px = 1.0 / atlas_view_get_bytes_per_px (&strip->input->view, strip->input->axis, va);

  *first_va = *last_va = va;
  if (byte_px >= UNIT_MIN_PX)
    return;
  if (byte_px * (double) ATLAS_PAGE_BYTES >= UNIT_MIN_PX)
    {
      *first_va = atlas_page_floor (va);
      *last_va = *first_va + ATLAS_PAGE_MASK;
    }
  else if (!atlas_region_class_is_bare (region->region_class))
    {
      *first_va = region->base_va;
      *last_va = atlas_region_get_last_va (region);
    }
}

static void
draw_selection (AtlasStrip *strip)
{
  AtlasVa va = strip->input->selected_va;
  AtlasVa first_va, last_va;
  float x_px = get_x (strip, va);
  float from_px, to_px;

  find_unit (strip, va, &first_va, &last_va);
  from_px = get_x (strip, first_va);
  to_px = get_end_x (strip, last_va);
  if (to_px < 0.0f || from_px > strip->width_px)
    return;
  if (to_px - from_px < 6.0f)
    {
      from_px = (from_px + to_px) / 2.0f - 3.0f;
      to_px = from_px + 6.0f;
    }
  from_px = floorf (from_px) - 3.0f;
  to_px = ceilf (to_px) + 3.0f;
  atlas_display_list_add_rect (strip->list,
                               ATLAS_COLOR_ACCENT,
                               1.0f,
                               ATLAS_PATTERN_THICK_OUTLINE,
                               from_px,
                               strip->bars_y_px - 4.0f,
                               to_px - from_px,
                               strip->bars_height_px + 8.0f,
                               3.0f);
  /* In a wide frame, where in it the address is. */
  if (last_va > first_va && to_px - from_px > 20.0f && x_px >= 0.0f && x_px <= strip->width_px)
    atlas_display_list_add_rect (strip->list,
                                 ATLAS_COLOR_ACCENT,
                                 1.0f,
                                 ATLAS_PATTERN_SOLID,
                                 floorf (x_px) - 1.0f,
                                 strip->bars_y_px + strip->bars_height_px - 2.0f,
                                 3.0f,
                                 8.0f,
                                 1.5f);
}

static void
draw_hover (AtlasStrip *strip)
{
  float x_px = floorf (get_x (strip, strip->input->hover_va));

  if (x_px < 0.0f || x_px >= strip->width_px)
    return;
  atlas_display_list_add_line (strip->list,
                               ATLAS_COLOR_HOVER,
                               0.8f,
                               x_px,
                               strip->bars_y_px - 6.0f,
                               x_px,
                               strip->ruler_y_px + 10.0f);
  if (strip->input->height_px >= ATLAS_STRIP_LABELLED_MIN_HEIGHT_PX)
    {
      g_autofree char *address = atlas_format_va (strip->input->hover_va);

      draw_plate (strip, x_px, strip->ruler_y_px + 12.0f, ATLAS_FONT_MONO_SMALL, address);
    }
}

/* ---- the whole ---- */

static void
lay_out (AtlasStrip *strip, AtlasDisplayList *list, const AtlasStripInput *input)
{
  float height_px = (float) input->height_px;
  gboolean is_labelled = input->height_px >= ATLAS_STRIP_LABELLED_MIN_HEIGHT_PX;

  *strip = (AtlasStrip){ .list = list, .input = input, .width_px = (float) input->view.width_px };
  strip->spans = g_array_new (FALSE, FALSE, sizeof (AtlasFoldSpan));
  strip->names_y_px = ATLAS_STRIP_NAMES_Y_PX;
  strip->bars_y_px = is_labelled ? strip->names_y_px + NAMES_HEIGHT_PX + 5.0f : EDGE_PX;
  strip->ruler_y_px = is_labelled ? height_px - RULER_HEIGHT_PX : height_px - EDGE_PX;
  strip->bars_height_px = MAX (strip->ruler_y_px - strip->bars_y_px, 1.0f);
  atlas_fold (strip->spans, input->regions, input->axis, &input->view);
}

void
atlas_strip_draw (AtlasDisplayList *list, const AtlasStripInput *input)
{
  AtlasStrip strip;

  g_return_if_fail (list != NULL && input != NULL);
  g_return_if_fail (input->regions != NULL && input->axis != NULL);

  atlas_display_list_clear (list);
  lay_out (&strip, list, input);
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_VIEW,
                               1.0f,
                               ATLAS_PATTERN_SOLID,
                               0.0f,
                               0.0f,
                               strip.width_px,
                               (float) input->height_px,
                               0.0f);
  atlas_strip_draw_slots (&strip);
  draw_bars (&strip);
  atlas_strip_draw_pages (&strip);
  atlas_strip_draw_bytes (&strip);
  atlas_strip_draw_breaks (&strip);
  if (input->height_px >= ATLAS_STRIP_LABELLED_MIN_HEIGHT_PX)
    {
      atlas_strip_draw_flags (&strip);
      draw_warnings (&strip);
      atlas_strip_draw_names (&strip);
      atlas_strip_draw_bar_labels (&strip);
      atlas_strip_draw_ruler (&strip);
    }
  if (input->has_range)
    draw_range (&strip);
  if (input->has_selection)
    draw_selection (&strip);
  if (input->has_hover)
    draw_hover (&strip);
  g_array_unref (strip.spans);
}

void
atlas_strip_pick (const AtlasStripInput *input, double x_px, double y_px, AtlasStripHit *hit)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (AtlasFoldSpan));
  const AtlasFoldSpan *span;
  guint low = 0;
  guint high;

  g_return_if_fail (input != NULL && hit != NULL);
  g_return_if_fail (input->regions != NULL && input->axis != NULL);

  atlas_fold (spans, input->regions, input->axis, &input->view);
  high = spans->len;
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (spans, AtlasFoldSpan, middle).x_px <= x_px)
        low = middle;
      else
        high = middle;
    }
  span = &g_array_index (spans, AtlasFoldSpan, low);
  /* What is drawn there, even where a small region was widened over its neighbour. */
  hit->va =
    CLAMP (atlas_view_x_to_va (&input->view, input->axis, x_px), span->first_va, span->last_va);
  hit->n_regions = span->summary.n_regions;
  hit->region_index = hit->n_regions == 1 ? span->summary.first_index : span->summary.top_index;
  hit->is_break =
    atlas_axis_get_segment (input->axis, atlas_axis_find_va (input->axis, hit->va))->is_break;
}
