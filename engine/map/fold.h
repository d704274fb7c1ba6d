/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Folding: regions to pixel columns, so that nothing is ever too small to be seen.
 *
 *   regions   │ a              │b│c│d│      │e│  f            │
 *   pixels    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
 *   spans     [ a              ][ b c d ][  ][e][ f           ]
 *
 * A region of three pixels or more is a span of its own; smaller neighbours share one, which keeps
 * their number, their most telling class and whether any of them is writable and executable.
 */

#include "map/view.h"

G_BEGIN_DECLS

/* Narrower regions join their neighbours. */
#define ATLAS_FOLD_MIN_PX 3

typedef struct
{
  gint x_px; /* whole pixels; spans follow one another without gap or overlap */
  gint width_px;
  AtlasVa first_va;
  AtlasVa last_va;
  AtlasRegionSummary summary; /* n_regions > 1: folded */
} AtlasFoldSpan;

/* Nothing there: free, not canonical, or the unusable rest of a slot. */
ATLAS_AVAILABLE gboolean atlas_region_class_is_bare (AtlasRegionClass region_class);
ATLAS_AVAILABLE gboolean atlas_fold_span_is_bare (const AtlasFoldSpan *span);

/* Replaces what is in @spans (of AtlasFoldSpan) with what @view shows of the axis; at most one span
 * a pixel. Cost: O(log n) a span. */
ATLAS_AVAILABLE void atlas_fold (GArray *spans,
                                 const AtlasRegionSet *regions,
                                 const AtlasAxis *axis,
                                 const AtlasView *view);

G_END_DECLS
