/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A line on which texts stand side by side without touching. Who comes first has the place.
 *
 *   │ heap 1 │      │ KERNEL32.DLL │
 *   from_px  to_px
 */

#include "map/display-list.h"

G_BEGIN_DECLS

#define ATLAS_LANE_MAX 40u

/* { 0 } is an empty one. */
typedef struct
{
  guint n_taken;
  float from_px[ATLAS_LANE_MAX];
  float to_px[ATLAS_LANE_MAX];
} AtlasLane;

/* Takes [from_px, to_px] unless it is taken already or the lane is full. O(texts). */
gboolean atlas_lane_take (AtlasLane *lane, float from_px, float to_px);

/* About how wide a text of that font will be; the engine knows no fonts. A little too much is
 * right: what is thought to fit does fit. */
float atlas_text_estimate_px (AtlasFont font, const char *text);

G_END_DECLS
