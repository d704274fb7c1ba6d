/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/lane.h"

#include <math.h>
#include <string.h>

gboolean
atlas_lane_take (AtlasLane *lane, float from_px, float to_px)
{
  if (lane->n_taken == ATLAS_LANE_MAX)
    return FALSE;
  for (guint i = 0; i < lane->n_taken; i++)
    if (from_px < lane->to_px[i] && lane->from_px[i] < to_px)
      return FALSE;
  lane->from_px[lane->n_taken] = from_px;
  lane->to_px[lane->n_taken] = to_px;
  lane->n_taken++;
  return TRUE;
}

/* Of Cantarell at 9 points, rounded up; other faces are scaled. */
static float
estimate_char_px (gunichar c)
{
  static const char narrow[] = "ijlftr.,:;'`|!()[] I";
  static const char wide[] = "mwMW@%";

  if (c < 0x80 && strchr (narrow, (int) c) != NULL)
    return 4.6f;
  if (c < 0x80 && strchr (wide, (int) c) != NULL)
    return 11.0f;
  if (g_unichar_isupper (c))
    return 8.4f;
  return 6.9f;
}

float
atlas_text_estimate_px (AtlasFont font, const char *text)
{
  static const struct
  {
    float mono_char_px; /* 0: as estimated for each */
    float scale;
  } faces[] = {
    [ATLAS_FONT_SMALL] = { 0.0f, 1.0f },      [ATLAS_FONT_BODY] = { 0.0f, 1.11f },
    [ATLAS_FONT_BOLD] = { 0.0f, 1.18f },      [ATLAS_FONT_MONO] = { 8.1f, 1.0f },
    [ATLAS_FONT_MONO_SMALL] = { 7.3f, 1.0f },
  };
  float width_px = 3.0f;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    width_px += faces[font].mono_char_px > 0.0f
                  ? faces[font].mono_char_px
                  : estimate_char_px (g_utf8_get_char (at)) * faces[font].scale;
  return ceilf (width_px);
}
