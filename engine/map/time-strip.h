/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Addresses over time: one row of the address strip for each moment, the first on top.
 *
 *   ├──────── addresses, as the strip above has them ────────┤
 *   │        ██      ▓▓▓▓▓▓              ██                  │  moment 0
 *   │   ▒▒   ██      ▓▓▓▓▓▓              ██                  │
 *   │   ▒▒   ██      ▓▓▓▓▓▓      ░░░░    ██                  │ ◄ now
 *   │   ▒▒   ██                  ░░░░    ██                  │  the last moment
 */

#include "map/display-list.h"
#include "map/view.h"

G_BEGIN_DECLS

typedef struct
{
  const AtlasRegionSet *const *moments; /* NULL where there is no process yet */
  guint n_moments;
  guint now; /* index of the present moment */
  const AtlasAxis *axis;
  AtlasView view;
  guint height_px;
} AtlasTimeStripInput;

/* Replaces what is in @list. What stays the same from row to row is one mark; where the picture
 * would need more than about 2,000, rows are left out evenly. */
ATLAS_AVAILABLE void atlas_time_strip_draw (AtlasDisplayList *list,
                                            const AtlasTimeStripInput *input);
/* The moment drawn at @y_px; clamped. */
ATLAS_AVAILABLE guint atlas_time_strip_pick (const AtlasTimeStripInput *input, double y_px);

G_END_DECLS
