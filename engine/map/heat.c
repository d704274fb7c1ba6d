/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/heat.h"

#include <glib/gi18n-lib.h>

#define SWATCH_PX 10.0f
#define SWATCH_GAP_PX 1.0f

/* The eye tells nine steps apart when each is about a sixth less than the one before. */
static const struct
{
  float alpha;
  const char *name;
} heats[ATLAS_N_HEATS] = {
  { 1.0f, N_ ("since last look") },      { 0.81f, N_ ("1 look ago") },
  { 0.67f, N_ ("2 looks ago") },         { 0.56f, N_ ("3 looks ago") },
  { 0.47f, N_ ("4 looks ago") },         { 0.39f, N_ ("5 looks ago") },
  { 0.32f, N_ ("6 looks ago") },         { 0.26f, N_ ("7 looks ago") },
  { 0.20f, N_ ("8 looks ago or more") },
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

static void
draw_word (AtlasDisplayList *list,
           AtlasAlign align,
           float x_px,
           float y_px,
           float width_px,
           const char *text)
{
  atlas_display_list_add_text (list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_SMALL,
                               align,
                               x_px,
                               y_px,
                               width_px,
                               (float) ATLAS_HEAT_SCALE_PX - SWATCH_PX,
                               text);
}

void
atlas_heat_draw_scale (AtlasDisplayList *list,
                       float x_px,
                       float y_px,
                       float width_px,
                       const char *first_text,
                       const char *last_text)
{
  float pitch_px = width_px / (float) ATLAS_N_HEATS;
  float words_px = width_px / 2.0f;

  g_return_if_fail (list != NULL && first_text != NULL && last_text != NULL);

  for (guint heat = 0; heat < ATLAS_N_HEATS; heat++)
    atlas_display_list_add_rect (list,
                                 ATLAS_COLOR_HEAT,
                                 heats[heat].alpha,
                                 ATLAS_PATTERN_SOLID,
                                 x_px + (float) heat * pitch_px,
                                 y_px,
                                 pitch_px - SWATCH_GAP_PX,
                                 SWATCH_PX,
                                 1.0f);
  draw_word (list, ATLAS_ALIGN_START, x_px, y_px + SWATCH_PX, words_px, first_text);
  draw_word (list, ATLAS_ALIGN_END, x_px + words_px, y_px + SWATCH_PX, words_px, last_text);
}
