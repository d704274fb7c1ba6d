/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasPlaceHistory: where one has been, for Back and Forward.
 *
 *   oldest … │ back │  ◀ here ▶  │ forward │ …      a new place forgets what was forward
 */

#include "base/types.h"

G_BEGIN_DECLS

/* A part of the space, kept as addresses so that it survives another axis. */
typedef struct
{
  AtlasVa first_va;
  AtlasVa last_va;
} AtlasPlace;

typedef struct _AtlasPlaceHistory AtlasPlaceHistory;

AtlasPlaceHistory *atlas_place_history_new (void);
void atlas_place_history_free (AtlasPlaceHistory *history);
void atlas_place_history_clear (AtlasPlaceHistory *history);

/* Remembers @here, which is about to be left. A burst of small moves is one place. */
void atlas_place_history_leave (AtlasPlaceHistory *history, AtlasPlace here, gboolean is_burst);

gboolean atlas_place_history_can_go_back (AtlasPlaceHistory *history);
gboolean atlas_place_history_can_go_forward (AtlasPlaceHistory *history);
/* Takes @here for the place to return to. Only when it can. */
AtlasPlace atlas_place_history_go_back (AtlasPlaceHistory *history, AtlasPlace here);
AtlasPlace atlas_place_history_go_forward (AtlasPlaceHistory *history, AtlasPlace here);

G_END_DECLS
