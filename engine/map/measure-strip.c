/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/measure-strip.h"

#include "map/lane.h"

#include <math.h>

#define GAP_PX 16.0
#define TEXT_PX 15.0
#define VALUE_GAP_PX 4.0f
#define LINE_PX 1.5
#define AREA_ALPHA 0.18f

typedef struct
{
  double x_px;
  double y_px;
  double width_px;
  double height_px;
} Box;

/* Of the picture below the words of measure @index. */
static Box
get_box (const AtlasMeasureStripInput *input, guint index)
{
  double pitch_px = (input->width_px + GAP_PX) / input->n_measures;

  return (Box){ .x_px = index * pitch_px,
                .y_px = 2.0 * TEXT_PX,
                .width_px = MAX (pitch_px - GAP_PX, 1.0),
                .height_px = MAX (input->height_px - 2.0 * TEXT_PX, 1.0) };
}

static void
draw_words (AtlasDisplayList *list, const AtlasMeasure *measure, const Box *box)
{
  /* The number is never cut; the name gets what it leaves. */
  float value_px = atlas_text_estimate_px (ATLAS_FONT_SMALL, measure->value_text) + VALUE_GAP_PX;
  float name_px = MAX ((float) box->width_px - value_px, 0.0f);

  atlas_display_list_add_text (list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_START,
                               (float) box->x_px,
                               0.0f,
                               name_px,
                               (float) TEXT_PX,
                               measure->name);
  atlas_display_list_add_text (list,
                               ATLAS_COLOR_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_END,
                               (float) box->x_px + name_px,
                               0.0f,
                               (float) box->width_px - name_px,
                               (float) TEXT_PX,
                               measure->value_text);
  atlas_display_list_add_text (list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_END,
                               (float) box->x_px,
                               (float) TEXT_PX,
                               (float) box->width_px,
                               (float) TEXT_PX,
                               measure->scale_text);
}

/* How high above the ground, 0 … 1; in the middle when it never changes. */
static double
get_share (double value, double least, double most)
{
  return most > least ? (value - least) / (most - least) : 0.5;
}

static void
draw_values (AtlasDisplayList *list,
             const AtlasMeasureStripInput *input,
             const double *values,
             const Box *box)
{
  double step_px = box->width_px / input->n_moments;
  double least = INFINITY, most = -INFINITY;
  guint end;

  for (guint i = 0; i < input->n_moments; i++)
    if (!isnan (values[i]))
      {
        least = MIN (least, values[i]);
        most = MAX (most, values[i]);
      }
  for (guint i = 0; i < input->n_moments; i = end)
    {
      double top_px, x_px = box->x_px + i * step_px;

      for (end = i + 1u; end < input->n_moments && values[end] == values[i]; end++)
        ;
      if (isnan (values[i]))
        continue;
      top_px = box->y_px + (1.0 - get_share (values[i], least, most)) * (box->height_px - LINE_PX);
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_TEXT,
                                   AREA_ALPHA,
                                   ATLAS_PATTERN_SOLID,
                                   (float) x_px,
                                   (float) (top_px + LINE_PX),
                                   (float) ((end - i) * step_px),
                                   (float) (box->y_px + box->height_px - top_px - LINE_PX),
                                   0.0f);
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_TEXT,
                                   1.0f,
                                   ATLAS_PATTERN_SOLID,
                                   (float) x_px,
                                   (float) top_px,
                                   (float) ((end - i) * step_px),
                                   (float) LINE_PX,
                                   0.0f);
    }
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_ACCENT,
                               1.0f,
                               ATLAS_PATTERN_SOLID,
                               (float) (box->x_px + input->now * step_px),
                               (float) box->y_px,
                               (float) CLAMP (step_px, 2.0, 4.0),
                               (float) box->height_px,
                               0.0f);
}

void
atlas_measure_strip_draw (AtlasDisplayList *list, const AtlasMeasureStripInput *input)
{
  g_return_if_fail (list != NULL && input != NULL);
  g_return_if_fail (input->now < input->n_moments || input->n_moments == 0);

  atlas_display_list_clear (list);
  if (input->n_moments == 0 || input->height_px < ATLAS_MEASURE_STRIP_MIN_HEIGHT_PX)
    return;
  for (guint i = 0; i < input->n_measures; i++)
    {
      Box box = get_box (input, i);

      draw_words (list, &input->measures[i], &box);
      draw_values (list, input, input->measures[i].values, &box);
    }
}

guint
atlas_measure_strip_pick (const AtlasMeasureStripInput *input, double x_px, guint *measure)
{
  guint index = 0;
  double moment;
  Box box;

  g_return_val_if_fail (input != NULL && measure != NULL, 0);
  g_return_val_if_fail (input->n_moments > 0 && input->n_measures > 0, 0);

  while (index + 1u < input->n_measures && x_px >= get_box (input, index + 1u).x_px)
    index++;
  box = get_box (input, index);
  moment = (x_px - box.x_px) * input->n_moments / box.width_px;
  *measure = index;
  return moment > 0 ? (guint) MIN (moment, input->n_moments - 1.0) : 0;
}
