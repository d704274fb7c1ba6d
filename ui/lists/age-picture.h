/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How a working set divides by age: a bar, the hottest pages first.
 *
 *   ██████████ 412 ██████▓▓▓▓ 96 ▓▓▒▒ 17 ▒▒░░░░░░░░░░ 230 ░░░░░░░░░
 *   used now          last look    1 look      7 looks or more
 */

#include "map/heat.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 n_of_heat[ATLAS_N_HEATS];
  guint width_px;
  guint height_px;
  guint chosen; /* heat that is outlined, or ATLAS_HEAT_NONE */
} AtlasAgePictureInput;

void atlas_age_picture_draw (AtlasDisplayList *list, const AtlasAgePictureInput *input);
/* The heat whose part of the bar is there; ATLAS_HEAT_NONE beyond the bar. */
guint atlas_age_picture_pick (const AtlasAgePictureInput *input, double x_px);

G_END_DECLS
