/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A processor's translation caches, place by place.
 *
 *   L1 DTLB 4 KB   16 sets × 4 ways, 12 used        PDE cache   32, 3 used
 *   ▪▪▫▪▫▫▫▪▫▫▫▫▪▫▫▫  way 0                          ▪▪▪▫▫▫▫▫▫▫▫
 *   ▪▫▫▪▫▫▫▫▫▫▫▫▫▫▫▫  way 1
 *      ▲ the set of the selected address
 */

#include "base/trace.h"
#include "map/display-list.h"
#include "paging/tlb.h"

G_BEGIN_DECLS

typedef struct
{
  const AtlasTlb *tlb;
  guint width_px;
  gboolean has_selection;
  AtlasVa selected_va;
  AtlasTrace *trace; /* what the last access did, up to and with … */
  guint step;        /* … this event; NULL: nothing is marked */
} AtlasTlbPictureInput;

/* Returns the height of what was drawn. */
guint atlas_tlb_picture_draw (AtlasDisplayList *list, const AtlasTlbPictureInput *input);

typedef struct
{
  gboolean is_table; /* an entry of a paging-structure cache: psc, else info */
  const char *name;  /* of the structure, or of the cached entries; borrowed */
  guint set, way;
  gboolean is_empty;
  AtlasTlbEntryInfo info;
  AtlasPscEntryInfo psc;
} AtlasTlbHit;

/* What stands at a place of the same picture; FALSE where nothing does. */
gboolean atlas_tlb_picture_pick (const AtlasTlbPictureInput *input,
                                 double x_px,
                                 double y_px,
                                 AtlasTlbHit *hit);

G_END_DECLS
