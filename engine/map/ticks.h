/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Ticks of a ruler. They stand on the borders that page tables have: a tick of level 4 is where an
 * entry of the PML4 begins, of level 3 of the PDPT, 2 of a PD, 1 of a PT; 0 lies inside a page.
 * With five levels those of level 5 stand every 256 TB.
 *
 *   512 GB │          │          │    level 4
 *   1 GB   │ ╷ ╷ ╷ ╷ ╷│           level 3
 */

#include "map/view.h"

G_BEGIN_DECLS

#define ATLAS_TICK_LABEL_CHARS 20

typedef struct
{
  AtlasVa va;
  double x_px;
  guint level;          /* 5 … 0 */
  gboolean is_major;    /* far enough from the next for a label */
} AtlasTick;

/* The level whose tables have a border at @va: the highest of @n_levels with an entry from there. */
ATLAS_AVAILABLE guint atlas_tick_get_level (AtlasVa va, guint n_levels);
/* Hexadecimal without leading zeros: "7ff9`0f600000", "7ffe0000", "0"; with @is_short only what
 * follows the back-tick: "`0f600000". */
ATLAS_AVAILABLE void
atlas_tick_format (AtlasVa va, gboolean is_short, char label[ATLAS_TICK_LABEL_CHARS]);

/* Replaces what is in @ticks (of AtlasTick) with the ticks that @view shows of segment @segment,
 * minor ones at least @minor_px and major ones at least @major_px apart. */
ATLAS_AVAILABLE void atlas_ticks_make (GArray *ticks,
                                       const AtlasAxis *axis,
                                       const AtlasView *view,
                                       guint segment,
                                       double minor_px,
                                       double major_px);

G_END_DECLS
