/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What a history adds up to, as a picture of numbers over time: committed and reserved bytes, the
 * largest free block, and fragmentation.
 *
 *   committed  ▁▁▂▃▃▅▅▂▂        a strip a measure, a moment a column
 *   reserved   ▁▂▂▂▅▅▇▇▃
 *   ⋮                   ╵ now
 */

#include "map/measure-strip.h"
#include "session/history.h"

G_BEGIN_DECLS

#define ATLAS_N_HISTORY_MEASURES 4u

/* Replaces what is in @list. @now: index of the present moment. Cost: that of the totals when they
 * are first asked for, then a step a moment. */
ATLAS_AVAILABLE void atlas_history_measures_draw (AtlasDisplayList *list,
                                                  AtlasHistory *history,
                                                  guint now,
                                                  guint width_px,
                                                  guint height_px);
/* The moment at that place of the picture; clamped. */
ATLAS_AVAILABLE guint atlas_history_measures_pick (AtlasHistory *history,
                                                   guint width_px,
                                                   double x_px);
/* "5 commands · largest free 125 TB" of that place; NULL where there was no process. (transfer
 * full) */
ATLAS_AVAILABLE char *
atlas_history_measures_tell (AtlasHistory *history, guint width_px, double x_px);
/* All numbers of a moment in a line; NULL where there was no process. (transfer full) */
ATLAS_AVAILABLE char *atlas_history_measures_describe (AtlasHistory *history, guint moment);

G_END_DECLS
