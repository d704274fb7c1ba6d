/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/age-picture.h"

#include "base/format.h"

#define EDGE_PX 12.0f
#define TOP_PX 3.0f
/* What is there at all can be seen and hit. */
#define PART_MIN_PX 6.0f
#define GAP_PX 1.0f
/* Above this share of the colour, text on it is drawn in the colour of the view. */
#define DARK_ALPHA 0.5f
#define DIGIT_PX 7.0f

typedef struct
{
  float x_px[ATLAS_N_HEATS + 1u]; /* where each begins; the last: where the bar ends */
} Layout;

static Layout
lay_out (const AtlasAgePictureInput *input)
{
  float bar_px = MAX ((float) input->width_px - 2.0f * EDGE_PX, 0.0f);
  guint64 n_pages = 0;
  guint n_parts = 0;
  float rest_px;
  Layout layout;

  for (guint heat = 0; heat < ATLAS_N_HEATS; heat++)
    {
      n_pages += input->n_of_heat[heat];
      n_parts += input->n_of_heat[heat] > 0;
    }
  rest_px = MAX (bar_px - (float) n_parts * PART_MIN_PX, 0.0f);
  layout.x_px[0] = EDGE_PX;
  for (guint heat = 0; heat < ATLAS_N_HEATS; heat++)
    {
      float part_px = 0.0f;

      if (input->n_of_heat[heat] > 0)
        part_px = PART_MIN_PX +
                  (float) ((double) rest_px * (double) input->n_of_heat[heat] / (double) n_pages);
      layout.x_px[heat + 1u] = layout.x_px[heat] + part_px;
    }
  return layout;
}

void
atlas_age_picture_draw (AtlasDisplayList *list, const AtlasAgePictureInput *input)
{
  Layout layout;
  float height_px;

  g_return_if_fail (list != NULL && input != NULL);

  layout = lay_out (input);
  height_px = MAX ((float) input->height_px - 2.0f * TOP_PX, 1.0f);
  for (guint heat = 0; heat < ATLAS_N_HEATS; heat++)
    {
      float x_px = layout.x_px[heat];
      float width_px = layout.x_px[heat + 1u] - x_px - GAP_PX;
      float alpha = atlas_heat_get_alpha (heat);
      g_autofree char *count = atlas_format_count (input->n_of_heat[heat]);

      if (input->n_of_heat[heat] == 0)
        continue;
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_HEAT,
                                   alpha,
                                   ATLAS_PATTERN_SOLID,
                                   x_px,
                                   TOP_PX,
                                   width_px,
                                   height_px,
                                   2.0f);
      if (heat == input->chosen)
        atlas_display_list_add_rect (list,
                                     ATLAS_COLOR_TEXT,
                                     1.0f,
                                     ATLAS_PATTERN_THICK_OUTLINE,
                                     x_px,
                                     TOP_PX,
                                     width_px,
                                     height_px,
                                     2.0f);
      if ((float) g_utf8_strlen (count, -1) * DIGIT_PX + 4.0f <= width_px)
        atlas_display_list_add_text (list,
                                     alpha > DARK_ALPHA ? ATLAS_COLOR_VIEW : ATLAS_COLOR_TEXT,
                                     ATLAS_FONT_SMALL,
                                     ATLAS_ALIGN_CENTER,
                                     x_px,
                                     TOP_PX,
                                     width_px,
                                     height_px,
                                     count);
    }
}

guint
atlas_age_picture_pick (const AtlasAgePictureInput *input, double x_px)
{
  Layout layout;

  g_return_val_if_fail (input != NULL, ATLAS_HEAT_NONE);

  layout = lay_out (input);
  for (guint heat = 0; heat < ATLAS_N_HEATS; heat++)
    if (x_px >= (double) layout.x_px[heat] && x_px < (double) layout.x_px[heat + 1u])
      return heat;
  return ATLAS_HEAT_NONE;
}
