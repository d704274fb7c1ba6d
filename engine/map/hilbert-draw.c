/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include <math.h>

#include "base/format.h"
#include "map/fold.h"
#include "map/hilbert-private.h"
#include "map/lane.h"
#include "map/ticks.h"

/* A cell is not cut further when its quarters would be smaller than this. */
#define FLAG_POLE_PX 16.0f
#define FLAG_NAME_MAX_PX 140.0f
#define CELL_MIN_PX 3.0
/* A writable and executable page is framed, however small its cell. */
#define ALARM_FRAME_PX 9.0f
#define SELECTION_MIN_PX 9.0f
/* Squares get borders from the first size on, and their first address from the second. */
#define GRID_MIN_PX 70.0
#define GRID_LABEL_MIN_PX 118.0
#define LABEL_HEIGHT_PX 15.0f
/* Smaller squares are inside a page, where regions say nothing any more. */
#define GRID_MIN_ORDER (ATLAS_PAGE_SHIFT / 2)

typedef struct
{
  const AtlasRegionSet *regions;
  const AtlasHilbertView *view;
  double units_per_px;
  double column_px, row_px; /* pixels of the view a column and a row of the raster have */
  guint columns, rows;
  guint8 *cells;
  GArray *alarms;
} Folding;

static double
to_x_px (const AtlasHilbertView *view, double units_per_px, guint64 x)
{
  return ((double) x - view->left) / units_per_px;
}

static double
to_y_px (const AtlasHilbertView *view, double units_per_px, guint64 y)
{
  return ((double) y - view->top) / units_per_px;
}

static guint8
get_cell (const AtlasRegionSummary *summary)
{
  guint8 color;

  if (atlas_region_class_is_bare (summary->top_class))
    return ATLAS_COLOR_VIEW;
  color = (guint8) ATLAS_COLOR_OF_CLASS (summary->top_class);
  return summary->committed_bytes > 0 ? color : color | ATLAS_RASTER_WASH;
}

/* Rows and columns whose middle lies inside. */
static void
fill (Folding *folding, double x_px, double y_px, double side_px, guint8 cell)
{
  gint from_x = (gint) CLAMP (ceil (x_px / folding->column_px - 0.5), 0, folding->columns);
  gint from_y = (gint) CLAMP (ceil (y_px / folding->row_px - 0.5), 0, folding->rows);
  gint to_x =
    (gint) CLAMP (ceil ((x_px + side_px) / folding->column_px - 0.5), 0, folding->columns);
  gint to_y = (gint) CLAMP (ceil ((y_px + side_px) / folding->row_px - 0.5), 0, folding->rows);

  for (gint y = from_y; y < to_y; y++)
    for (gint x = from_x; x < to_x; x++)
      folding->cells[(guint) y * folding->columns + (guint) x] = cell;
}

static void
fold_square (Folding *folding, const AtlasHilbertSquare *square)
{
  double side_px = (double) ATLAS_BIT (square->order) / folding->units_per_px;
  double x_px = to_x_px (folding->view, folding->units_per_px, square->x);
  double y_px = to_y_px (folding->view, folding->units_per_px, square->y);
  AtlasRegionSummary summary;

  if (x_px >= folding->view->width_px || y_px >= folding->view->height_px ||
      x_px + side_px <= 0.0 || y_px + side_px <= 0.0)
    return;
  atlas_region_set_summarize (
    folding->regions, square->first_va, atlas_hilbert_square_get_last_va (square), &summary);
  if (summary.n_regions > 1 && square->order > 0 && side_px >= 2.0 * CELL_MIN_PX)
    {
      for (guint quarter = 0; quarter < 4; quarter++)
        {
          AtlasHilbertSquare part = atlas_hilbert_get_quarter (square, quarter);

          fold_square (folding, &part);
        }
      return;
    }
  fill (folding, x_px, y_px, side_px, get_cell (&summary));
  if (summary.has_writable_executable && folding->alarms->len < ATLAS_HILBERT_ALARMS_MAX)
    {
      AtlasHilbertAlarm alarm = { (float) x_px, (float) y_px, (float) side_px };

      g_array_append_val (folding->alarms, alarm);
    }
}

GBytes *
atlas_hilbert_fold (const AtlasRegionSet *regions,
                    const AtlasHilbertPlane *plane,
                    const AtlasHilbertView *view,
                    guint columns,
                    guint rows,
                    GArray *alarms)
{
  Folding folding = { .regions = regions, .view = view, .columns = columns, .rows = rows };

  g_return_val_if_fail (regions != NULL && plane != NULL && view != NULL && alarms != NULL, NULL);
  g_return_val_if_fail (columns > 0 && rows > 0, NULL);

  g_array_set_size (alarms, 0);
  folding.alarms = alarms;
  folding.units_per_px = atlas_hilbert_view_get_units_per_px (view);
  folding.column_px = (double) view->width_px / columns;
  folding.row_px = (double) view->height_px / rows;
  /* Beside the plane there is nothing. */
  folding.cells = g_malloc0_n (columns, rows);
  for (guint block = 0; block < plane->n_blocks; block++)
    {
      AtlasHilbertSquare square = atlas_hilbert_get_block (plane, block);

      fold_square (&folding, &square);
    }
  return g_bytes_new_take (folding.cells, (gsize) columns * rows);
}
_Static_assert(ATLAS_COLOR_NONE == 0, "a cleared raster shows nothing");
_Static_assert(ATLAS_N_COLORS <= ATLAS_RASTER_WASH, "colour and wash fit into a byte");

/* ---- picking ---- */

/* The first writable and executable byte of a square that has one. */
static AtlasVa
find_alarm (const AtlasRegionSet *regions, AtlasHilbertSquare square)
{
  while (square.order > 0)
    {
      for (guint quarter = 0; quarter < 4; quarter++)
        {
          AtlasHilbertSquare part = atlas_hilbert_get_quarter (&square, quarter);
          AtlasRegionSummary summary;

          atlas_region_set_summarize (
            regions, part.first_va, atlas_hilbert_square_get_last_va (&part), &summary);
          if (!summary.has_writable_executable)
            continue;
          square = part;
          break;
        }
    }
  return square.first_va;
}

gboolean
atlas_hilbert_pick (const AtlasRegionSet *regions,
                    const AtlasHilbertPlane *plane,
                    const AtlasHilbertView *view,
                    double x_px,
                    double y_px,
                    AtlasStripHit *hit)
{
  AtlasHilbertSquare square;
  AtlasRegionSummary summary;
  double units_per_px;

  g_return_val_if_fail (regions != NULL && plane != NULL && view != NULL && hit != NULL, FALSE);

  if (!atlas_hilbert_view_pick (view, plane, x_px, y_px, &hit->va))
    return FALSE;
  units_per_px = atlas_hilbert_view_get_units_per_px (view);
  square = atlas_hilbert_get_block (plane, (guint) (hit->va >> (2 * plane->order)));
  for (;;)
    {
      atlas_region_set_summarize (
        regions, square.first_va, atlas_hilbert_square_get_last_va (&square), &summary);
      if (summary.n_regions == 1 || square.order == 0 ||
          (double) ATLAS_BIT (square.order) / units_per_px < 2.0 * CELL_MIN_PX)
        break;
      square = atlas_hilbert_get_quarter (
        &square, (guint) ((hit->va - square.first_va) >> (2 * (square.order - 1))));
    }
  hit->n_regions = summary.n_regions;
  hit->is_break = FALSE;
  hit->region_index = summary.n_regions == 1 ? summary.first_index : summary.top_index;
  if (summary.n_regions > 1 && summary.has_writable_executable)
    {
      hit->va = find_alarm (regions, square);
      hit->region_index = atlas_region_set_find (regions, hit->va);
    }
  return TRUE;
}

/* ---- drawing ---- */

typedef struct
{
  AtlasDisplayList *list;
  const AtlasHilbertInput *input;
  double units_per_px;
} Drawing;

/* The largest square that begins at @va and holds no more than @last_va. */
static guint
get_order_at (const AtlasHilbertPlane *plane, AtlasVa va, AtlasVa last_va)
{
  guint order = 0;

  while (order < plane->order && (va & (ATLAS_BIT (2 * (order + 1)) - 1)) == 0 &&
         last_va - va >= ATLAS_BIT (2 * (order + 1)) - 1)
    order++;
  return order;
}

static void
draw_frame (Drawing *drawing, AtlasVa va, guint order, AtlasColor color, float min_px)
{
  const AtlasHilbertInput *input = drawing->input;
  guint64 x, y;
  float x_px, y_px, side_px;

  atlas_hilbert_va_to_xy (&input->plane, va, &x, &y);
  x &= ~(ATLAS_BIT (order) - 1);
  y &= ~(ATLAS_BIT (order) - 1);
  side_px = (float) ((double) ATLAS_BIT (order) / drawing->units_per_px);
  x_px = (float) to_x_px (&input->view, drawing->units_per_px, x);
  y_px = (float) to_y_px (&input->view, drawing->units_per_px, y);
  if (side_px < min_px)
    {
      x_px -= (min_px - side_px) / 2.0f;
      y_px -= (min_px - side_px) / 2.0f;
      side_px = min_px;
    }
  if (x_px > (float) input->view.width_px || y_px > (float) input->view.height_px ||
      x_px + side_px < 0.0f || y_px + side_px < 0.0f)
    return;
  atlas_display_list_add_rect (drawing->list,
                               color,
                               1.0f,
                               ATLAS_PATTERN_THICK_OUTLINE,
                               floorf (x_px),
                               floorf (y_px),
                               ceilf (side_px),
                               ceilf (side_px),
                               2.0f);
}

/* Below, in the middle of the range: its two ends are above, and full of what matters. */
static void
draw_square_label (Drawing *drawing, AtlasVa va, float x_px, float y_px, float side_px)
{
  char label[ATLAS_TICK_LABEL_CHARS];
  float width_px, left_px, top_px;

  atlas_tick_format (va, FALSE, label);
  width_px = 8.0f + 7.3f * (float) g_utf8_strlen (label, -1);
  left_px = floorf (x_px + (side_px - width_px) / 2.0f);
  top_px = floorf (y_px + side_px) - LABEL_HEIGHT_PX - 3.0f;
  atlas_display_list_add_rect (drawing->list,
                               ATLAS_COLOR_VIEW,
                               0.85f,
                               ATLAS_PATTERN_SOLID,
                               left_px,
                               top_px,
                               width_px,
                               LABEL_HEIGHT_PX,
                               3.0f);
  atlas_display_list_add_text (drawing->list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_MONO_SMALL,
                               ATLAS_ALIGN_CENTER,
                               left_px,
                               top_px,
                               width_px,
                               LABEL_HEIGHT_PX,
                               label);
}

/* Borders of the smallest squares that are large enough, one size for the whole picture. */
static void
draw_grid (Drawing *drawing, const AtlasHilbertSquare *square)
{
  const AtlasHilbertInput *input = drawing->input;
  double side_px = (double) ATLAS_BIT (square->order) / drawing->units_per_px;
  float x_px = (float) to_x_px (&input->view, drawing->units_per_px, square->x);
  float y_px = (float) to_y_px (&input->view, drawing->units_per_px, square->y);

  if (x_px >= (float) input->view.width_px || y_px >= (float) input->view.height_px ||
      x_px + (float) side_px <= 0.0f || y_px + (float) side_px <= 0.0f)
    return;
  if (square->order > GRID_MIN_ORDER && side_px >= 2.0 * GRID_MIN_PX)
    {
      for (guint quarter = 0; quarter < 4; quarter++)
        {
          AtlasHilbertSquare part = atlas_hilbert_get_quarter (square, quarter);

          draw_grid (drawing, &part);
        }
      return;
    }
  /* Left and above: what lies right and below is the next square's, or the plane's. */
  atlas_display_list_add_line (
    drawing->list, ATLAS_COLOR_HAIRLINE, 1.0f, x_px, y_px, x_px, y_px + (float) side_px);
  atlas_display_list_add_line (
    drawing->list, ATLAS_COLOR_HAIRLINE, 1.0f, x_px, y_px, x_px + (float) side_px, y_px);
  if (side_px >= GRID_LABEL_MIN_PX)
    draw_square_label (drawing, square->first_va, x_px, y_px, (float) side_px);
}

static void
draw_border (Drawing *drawing)
{
  const AtlasHilbertInput *input = drawing->input;
  float right_px =
    (float) to_x_px (&input->view, drawing->units_per_px, atlas_hilbert_get_width (&input->plane));
  float bottom_px =
    (float) to_y_px (&input->view, drawing->units_per_px, atlas_hilbert_get_height (&input->plane));
  float left_px = (float) MAX (to_x_px (&input->view, drawing->units_per_px, 0), 0.0);
  float top_px = (float) MAX (to_y_px (&input->view, drawing->units_per_px, 0), 0.0);

  right_px = MIN (right_px, (float) input->view.width_px);
  bottom_px = MIN (bottom_px, (float) input->view.height_px);
  atlas_display_list_add_line (
    drawing->list, ATLAS_COLOR_HAIRLINE, 1.0f, right_px - 1.0f, top_px, right_px - 1.0f, bottom_px);
  atlas_display_list_add_line (drawing->list,
                               ATLAS_COLOR_HAIRLINE,
                               1.0f,
                               left_px,
                               bottom_px - 1.0f,
                               right_px,
                               bottom_px - 1.0f);
}

static void
draw_alarms (Drawing *drawing)
{
  const GArray *alarms = drawing->input->alarms;
  float before_x_px = -100.0f, before_y_px = -100.0f;

  for (guint i = 0; i < alarms->len; i++)
    {
      const AtlasHilbertAlarm *alarm = &g_array_index (alarms, AtlasHilbertAlarm, i);
      float side_px = MAX (alarm->size_px + 4.0f, ALARM_FRAME_PX);
      float x_px = alarm->x_px + (alarm->size_px - side_px) / 2.0f;
      float y_px = alarm->y_px + (alarm->size_px - side_px) / 2.0f;

      /* One frame for what lies under it anyway. */
      if (fabsf (x_px - before_x_px) < 4.0f && fabsf (y_px - before_y_px) < 4.0f)
        continue;
      atlas_display_list_add_rect (drawing->list,
                                   ATLAS_COLOR_WARNING,
                                   1.0f,
                                   ATLAS_PATTERN_THICK_OUTLINE,
                                   roundf (x_px),
                                   roundf (y_px),
                                   ceilf (side_px),
                                   ceilf (side_px),
                                   0.0f);
      before_x_px = x_px;
      before_y_px = y_px;
    }
}

static void
draw_selection (Drawing *drawing)
{
  const AtlasHilbertInput *input = drawing->input;
  const AtlasRegion *region = atlas_region_set_get_region (
    input->regions, atlas_region_set_find (input->regions, input->selected_va));
  AtlasVa base_va = atlas_page_floor (input->selected_va);
  guint order = GRID_MIN_ORDER;

  /* The page, or the region where that is one square. */
  if (!atlas_region_class_is_bare (region->region_class) &&
      get_order_at (&input->plane, region->base_va, atlas_region_get_last_va (region)) >= order)
    {
      guint whole_order =
        get_order_at (&input->plane, region->base_va, atlas_region_get_last_va (region));

      if (input->selected_va - region->base_va < ATLAS_BIT (2 * whole_order))
        {
          order = whole_order;
          base_va = region->base_va;
        }
    }
  draw_frame (drawing, base_va, order, ATLAS_COLOR_ACCENT, SELECTION_MIN_PX + 2.0f);
}

void
atlas_hilbert_mark_flags (const AtlasHilbertInput *input, AtlasFlagMarks *marks)
{
  double units_per_px;

  g_return_if_fail (input != NULL && marks != NULL);

  units_per_px = atlas_hilbert_view_get_units_per_px (&input->view);
  atlas_flag_marks_begin (marks, input->view.width_px);
  for (guint i = 0; i < input->n_flags; i++)
    {
      guint64 x, y;
      double x_px, y_px;

      atlas_hilbert_va_to_xy (&input->plane, input->flags[i].first_va, &x, &y);
      x_px = floor (to_x_px (&input->view, units_per_px, x));
      y_px = floor (to_y_px (&input->view, units_per_px, y));
      if (x_px < 0.0 || y_px < 0.0 || x_px >= (double) input->view.width_px ||
          y_px >= (double) input->view.height_px ||
          input->flags[i].first_va > atlas_hilbert_get_last_va (&input->plane))
        atlas_flag_marks_skip (marks);
      else
        /* At the upper edge it hangs instead, so that it can be seen. */
        atlas_flag_marks_add (marks, (float) x_px, (float) MAX (y_px - FLAG_POLE_PX, 1.0));
    }
}

/* A name on a plate, where no other stands. */
static void
draw_flag_name (Drawing *drawing, const AtlasFlagMark *mark, AtlasLane *lane)
{
  const char *name = drawing->input->flags[mark->first].name;
  float from_px = mark->x_px + atlas_flag_mark_get_width (mark) + 3.0f;
  float width_px = MIN (atlas_text_estimate_px (ATLAS_FONT_SMALL, name), FLAG_NAME_MAX_PX);

  if (mark->n_flags > 1 || from_px + width_px > (float) drawing->input->view.width_px ||
      !atlas_lane_take (lane, mark->x_px, from_px + width_px))
    return;
  atlas_display_list_add_rect (drawing->list,
                               ATLAS_COLOR_VIEW,
                               0.85f,
                               ATLAS_PATTERN_SOLID,
                               from_px - 2.0f,
                               mark->y_px - 3.0f,
                               width_px + 2.0f,
                               LABEL_HEIGHT_PX,
                               3.0f);
  atlas_display_list_add_text (drawing->list,
                               ATLAS_COLOR_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_START,
                               from_px,
                               mark->y_px - 3.0f,
                               width_px,
                               LABEL_HEIGHT_PX,
                               name);
}

static void
draw_flags (Drawing *drawing)
{
  g_autoptr (AtlasFlagMarks) marks = atlas_flag_marks_new ();
  /* One lane for the whole height: rather a name too few than two across one another. */
  AtlasLane lane = { 0 };

  atlas_hilbert_mark_flags (drawing->input, marks);
  for (guint i = 0; i < atlas_flag_marks_get_n_marks (marks); i++)
    {
      const AtlasFlagMark *mark = atlas_flag_marks_get (marks, i);

      atlas_flag_marks_draw (drawing->list, marks, i, FLAG_POLE_PX);
      draw_flag_name (drawing, mark, &lane);
    }
}

void
atlas_hilbert_draw (AtlasDisplayList *list, const AtlasHilbertInput *input)
{
  Drawing drawing = { list, input, 1.0 };

  g_return_if_fail (list != NULL && input != NULL);
  g_return_if_fail (input->regions != NULL && input->raster != NULL && input->alarms != NULL);

  drawing.units_per_px = atlas_hilbert_view_get_units_per_px (&input->view);
  atlas_display_list_clear (list);
  atlas_display_list_add_raster (list,
                                 input->raster,
                                 input->columns,
                                 input->rows,
                                 0.0f,
                                 0.0f,
                                 (float) input->view.width_px,
                                 (float) input->view.height_px);
  for (guint block = 0; block < input->plane.n_blocks; block++)
    {
      AtlasHilbertSquare square = atlas_hilbert_get_block (&input->plane, block);

      draw_grid (&drawing, &square);
    }
  draw_border (&drawing);
  draw_alarms (&drawing);
  if (input->n_flags > 0)
    draw_flags (&drawing);
  if (input->has_selection)
    draw_selection (&drawing);
  if (input->has_hover)
    draw_frame (&drawing, input->hover_va, 0, ATLAS_COLOR_HOVER, 5.0f);
}
