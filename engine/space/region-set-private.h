/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What stands behind a region set: an array of regions, or a graph of page tables that is asked.
 *
 *   get_region · find · summarize ──┬── array   region-set.c
 *                                   └── tables  table-regions.c
 */

#include "space/region-set.h"

G_BEGIN_DECLS

/* As the public functions, which have checked their arguments. */
typedef struct
{
  void (*clear) (AtlasRegionSet *set);
  const AtlasRegion *(*get_region) (const AtlasRegionSet *set, guint64 index);
  guint64 (*find) (const AtlasRegionSet *set, AtlasVa va);
  void (*summarize) (const AtlasRegionSet *set,
                     AtlasVa first_va,
                     AtlasVa last_va,
                     AtlasRegionSummary *summary);
} AtlasRegionSetOps;

/* The first member of what stands behind; made with g_atomic_rc_box_new0(). */
struct _AtlasRegionSet
{
  const AtlasRegionSetOps *ops;
  guint64 n_regions;
  AtlasVa user_end_va;
  gboolean has_slots;
  gboolean is_listed;
};

G_END_DECLS
