/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The regions that page tables alone tell of: what is mapped is committed, the rest is free. There
 * is no reserved memory, no allocation and no Windows in it.
 *
 *   table graph ─► runs that are alike ─┬─ few: copied into a list
 *                                       └─ many: described one by one when they are asked for
 */

#include "paging/table-runs.h"
#include "space/region-set.h"

G_BEGIN_DECLS

/* More regions than that are not copied. */
#define ATLAS_TABLE_REGIONS_COPIED_MAX 1000000u

/* Takes a reference on @graph, whose tables must not change afterwards. */
ATLAS_AVAILABLE AtlasRegionSet *atlas_region_set_new_of_tables (AtlasTableGraph *graph);
/* The same, never copied. For tests: both must tell the same. */
AtlasRegionSet *atlas_region_set_new_of_tables_uncopied (AtlasTableGraph *graph);

G_END_DECLS
