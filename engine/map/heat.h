/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Heat: how long ago a page was used, in looks at its Accessed bit. Windows looks once a second,
 * notes an age in the entry and clears the bit; so a page is
 *
 *   0   used since the last look: Accessed is set now
 *   1   last used 1 look ago    (age 0: the last look found it set)
 *   ⋮
 *   8   8 looks ago or more     (age 7)
 *
 * The hotter, the more of one colour.
 */

#include "map/display-list.h"

G_BEGIN_DECLS

#define ATLAS_N_HEATS 9u
/* Nothing keeps an age of it: not present, or in no working set. */
#define ATLAS_HEAT_NONE 0xffu

/* How much of ATLAS_COLOR_HEAT to show, 0 … 1. @heat: < ATLAS_N_HEATS. */
ATLAS_AVAILABLE float atlas_heat_get_alpha (guint heat);
/* When it was last used: "since last look", "3 looks ago". @heat: < ATLAS_N_HEATS. */
ATLAS_AVAILABLE const char *atlas_heat_get_name (guint heat);

/* All heats side by side, the hottest first, with a word below either end; ATLAS_HEAT_SCALE_PX
 * high. */
#define ATLAS_HEAT_SCALE_PX 26
ATLAS_AVAILABLE void atlas_heat_draw_scale (AtlasDisplayList *list,
                                            float x_px,
                                            float y_px,
                                            float width_px,
                                            const char *first_text,
                                            const char *last_text);

G_END_DECLS
