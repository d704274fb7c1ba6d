/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasHistory: the regions of a session's process at each moment of its journal.
 *
 *   position   0     1     2     3     4
 *   regions    -     ▒     ▒▓    ▒▓█   ▒ █        of the process that was the current one then
 *
 * A picture of addresses over time is made of it. It stands for itself: the session may go on.
 */

#include "session/session.h"
#include "space/totals.h"

G_BEGIN_DECLS

typedef struct _AtlasHistory AtlasHistory;

/* Runs a copy of the whole journal, what is undone at present too, and keeps at most @n_moments_max
 * (≥ 2) moments, evenly spread, the first and the last among them. NULL and @error when the host
 * lacks the memory. Cost: that of running it. */
ATLAS_AVAILABLE AtlasHistory *
atlas_history_new (const AtlasSession *session, guint n_moments_max, GError **error);
ATLAS_AVAILABLE void atlas_history_free (AtlasHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasHistory, atlas_history_free)

/* 1 … @n_moments_max. */
ATLAS_AVAILABLE guint atlas_history_get_n_moments (const AtlasHistory *history);
/* Commands that had run. */
ATLAS_AVAILABLE guint atlas_history_get_position (const AtlasHistory *history, guint moment);
/* NULL before there is a process. Borrowed. */
ATLAS_AVAILABLE const AtlasRegionSet *atlas_history_get_regions (const AtlasHistory *history,
                                                                 guint moment);
/* What they add up to; NULL before there is a process. Borrowed. Cost: O(regions) when it is first
 * asked for. */
ATLAS_AVAILABLE const AtlasTypeTotals *atlas_history_get_totals (AtlasHistory *history,
                                                                 guint moment);
/* All of them, as many as there are moments. Borrowed. */
ATLAS_AVAILABLE const AtlasRegionSet *const *
atlas_history_peek_regions (const AtlasHistory *history);
/* The last moment at or before @position. */
ATLAS_AVAILABLE guint atlas_history_find (const AtlasHistory *history, guint position);

G_END_DECLS
