/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/heat.h"

#include "map/strip-private.h"

#define SWATCH_PX 12.0f
#define SWATCH_GAP_PX 2.0f
#define TEXT_GAP_PX 6.0f

/* The eye tells nine steps apart when each is about a fifth less than the one before. */
static const struct
{
  float alpha;
  const char *name;
} heats[ATLAS_N_HEATS] = {
  { 1.0f, "since the last look" }, { 0.78f, "1 look ago" },  { 0.64f, "2 looks ago" },
  { 0.52f, "3 looks ago" },        { 0.42f, "4 looks ago" }, { 0.33f, "5 looks ago" },
  { 0.25f, "6 looks ago" },        { 0.18f, "7 looks ago" }, { 0.12f, "8 looks ago or more" },
};

float
atlas_heat_get_alpha (guint heat)
{
  g_return_val_if_fail (heat < ATLAS_N_HEATS, 0.0f);

  return heats[heat].alpha;
}

const char *
atlas_heat_get_name (guint heat)
{
  g_return_val_if_fail (heat < ATLAS_N_HEATS, "");

  return heats[heat].name;
}

static float
draw_word (AtlasDisplayList *list, float x_px, float y_px, float height_px, const char *text)
{
  float width_px = atlas_text_estimate_px (ATLAS_FONT_SMALL, text) + TEXT_GAP_PX;

  atlas_display_list_add_text (list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_START,
                               x_px,
                               y_px,
                               width_px,
                               height_px,
                               text);
  return x_px + width_px + TEXT_GAP_PX;
}

float
atlas_heat_draw_legend (AtlasDisplayList *list,
                        float x_px,
                        float y_px,
                        float height_px,
                        const char *first_text,
                        const char *last_text)
{
  float top_px = y_px + (height_px - SWATCH_PX) / 2.0f;

  g_return_val_if_fail (list != NULL, x_px);

  x_px = draw_word (list, x_px, y_px, height_px, first_text);
  for (guint heat = 0; heat < ATLAS_N_HEATS; heat++)
    {
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_HEAT,
                                   heats[heat].alpha,
                                   ATLAS_PATTERN_SOLID,
                                   x_px,
                                   top_px,
                                   SWATCH_PX,
                                   SWATCH_PX,
                                   2.0f);
      x_px += SWATCH_PX + SWATCH_GAP_PX;
    }
  return draw_word (list, x_px + TEXT_GAP_PX, y_px, height_px, last_text);
}
