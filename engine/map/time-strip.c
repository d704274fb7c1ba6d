/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/time-strip.h"

#include "map/fold.h"

#define N_MARKS_MAX 2000u

/* A stretch of a row, and how many rows it has lasted. */
typedef struct
{
  gint x_px;
  gint width_px;
  AtlasRegionClass region_class;
  AtlasPattern pattern;
  guint first_row;
} Run;

typedef struct
{
  AtlasDisplayList *list;
  const AtlasTimeStripInput *input;
  guint n_rows;
  GArray *spans; /* of AtlasFoldSpan */
  GArray *runs;  /* of Run: the row before, ascending */
  GArray *next;  /* … and the present one */
} Drawing;

static double
get_y (const Drawing *drawing, guint row)
{
  return (double) row * drawing->input->height_px / drawing->n_rows;
}

static void
end_run (const Drawing *drawing, const Run *run, guint row)
{
  double y_px = get_y (drawing, run->first_row);

  atlas_display_list_add_rect (drawing->list,
                               ATLAS_COLOR_OF_CLASS (run->region_class),
                               1.0f,
                               run->pattern,
                               (float) run->x_px,
                               (float) y_px,
                               (float) run->width_px,
                               (float) (get_y (drawing, row) - y_px),
                               0.0f);
}

static gboolean
is_same (const Run *a, const Run *b)
{
  return a->x_px == b->x_px && a->width_px == b->width_px && a->region_class == b->region_class &&
         a->pattern == b->pattern;
}

/* Neighbours that look alike are one run. */
static void
make_runs (Drawing *drawing, const AtlasRegionSet *regions, guint row)
{
  g_array_set_size (drawing->next, 0);
  g_array_set_size (drawing->spans, 0);
  if (regions != NULL)
    atlas_fold (drawing->spans, regions, drawing->input->axis, &drawing->input->view);
  for (guint i = 0; i < drawing->spans->len; i++)
    {
      const AtlasFoldSpan *span = &g_array_index (drawing->spans, AtlasFoldSpan, i);
      Run run = { span->x_px,
                  span->width_px,
                  span->summary.top_class,
                  span->summary.top_class == ATLAS_CLASS_NEVER ? ATLAS_PATTERN_NEVER
                  : span->summary.committed_bytes > 0          ? ATLAS_PATTERN_SOLID
                                                               : ATLAS_PATTERN_HATCH,
                  row };
      Run *last = drawing->next->len > 0
                    ? &g_array_index (drawing->next, Run, drawing->next->len - 1u)
                    : NULL;

      if (atlas_fold_span_is_bare (span))
        continue;
      if (last != NULL && last->x_px + last->width_px == run.x_px &&
          last->region_class == run.region_class && last->pattern == run.pattern)
        last->width_px += run.width_px;
      else
        g_array_append_val (drawing->next, run);
    }
}

/* What goes on keeps its beginning; what is over is drawn. */
static void
continue_runs (Drawing *drawing, guint row)
{
  GArray *runs = drawing->runs;
  guint j = 0;

  for (guint i = 0; i < runs->len; i++)
    {
      const Run *run = &g_array_index (runs, Run, i);

      while (j < drawing->next->len && g_array_index (drawing->next, Run, j).x_px < run->x_px)
        j++;
      if (j < drawing->next->len && is_same (run, &g_array_index (drawing->next, Run, j)))
        g_array_index (drawing->next, Run, j).first_row = run->first_row;
      else
        end_run (drawing, run, row);
    }
  drawing->runs = drawing->next;
  drawing->next = runs;
}

static guint
get_moment (const AtlasTimeStripInput *input, guint row, guint n_rows)
{
  return n_rows > 1u ? (guint) ((guint64) row * (input->n_moments - 1u) / (n_rows - 1u)) : 0;
}

/* FALSE when it has become too much. */
static gboolean
draw_rows (Drawing *drawing)
{
  g_array_set_size (drawing->runs, 0);
  for (guint row = 0; row < drawing->n_rows; row++)
    {
      make_runs (
        drawing, drawing->input->moments[get_moment (drawing->input, row, drawing->n_rows)], row);
      continue_runs (drawing, row);
      if (atlas_display_list_get_n_marks (drawing->list) + drawing->runs->len > N_MARKS_MAX)
        return FALSE;
    }
  for (guint i = 0; i < drawing->runs->len; i++)
    end_run (drawing, &g_array_index (drawing->runs, Run, i), drawing->n_rows);
  return TRUE;
}

static void
draw_now (AtlasDisplayList *list, const AtlasTimeStripInput *input)
{
  double row_px = (double) input->height_px / input->n_moments;
  double y_px = input->now * row_px;

  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_ACCENT,
                               1.0f,
                               ATLAS_PATTERN_OUTLINE,
                               0.0f,
                               (float) MIN (y_px, input->height_px - 3.0),
                               (float) input->view.width_px,
                               (float) MAX (row_px, 3.0),
                               0.0f);
}

void
atlas_time_strip_draw (AtlasDisplayList *list, const AtlasTimeStripInput *input)
{
  g_autoptr (GArray) spans = NULL;
  Drawing drawing;

  g_return_if_fail (list != NULL);
  g_return_if_fail (input != NULL && input->axis != NULL);
  g_return_if_fail (input->now < input->n_moments || input->n_moments == 0);

  atlas_display_list_clear (list);
  if (input->n_moments == 0 || input->height_px == 0)
    return;

  spans = g_array_new (FALSE, FALSE, sizeof (AtlasFoldSpan));
  drawing = (Drawing){
    .list = list,
    .input = input,
    .n_rows = MIN (input->n_moments, input->height_px),
    .spans = spans,
    .runs = g_array_new (FALSE, FALSE, sizeof (Run)),
    .next = g_array_new (FALSE, FALSE, sizeof (Run)),
  };
  while (!draw_rows (&drawing) && drawing.n_rows > 1u)
    {
      drawing.n_rows /= 2u;
      atlas_display_list_clear (list);
    }
  draw_now (list, input);
  g_array_unref (drawing.runs);
  g_array_unref (drawing.next);
}

guint
atlas_time_strip_pick (const AtlasTimeStripInput *input, double y_px)
{
  g_return_val_if_fail (input != NULL && input->n_moments > 0 && input->height_px > 0, 0);

  if (!(y_px > 0))
    return 0;
  return MIN ((guint) (y_px * input->n_moments / input->height_px), input->n_moments - 1u);
}
