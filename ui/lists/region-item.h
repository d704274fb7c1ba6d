/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasRegionItem: one row of the region list. Light: an index into a region set that it keeps
 * alive, so that a list of a million rows makes only those that are seen. */

#include <gio/gio.h>

#include "space/region-set.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_REGION_ITEM (atlas_region_item_get_type ())
G_DECLARE_FINAL_TYPE (AtlasRegionItem, atlas_region_item, ATLAS, REGION_ITEM, GObject)

/* @index < number of regions in @set. */
AtlasRegionItem *atlas_region_item_new (AtlasRegionSet *set, guint64 index);

/* What a row is in a list of allocations. */
typedef enum
{
  ATLAS_REGION_ALONE,  /* an allocation of one region, or no allocation */
  ATLAS_REGION_CLOSED, /* stands for all regions of its allocation */
  ATLAS_REGION_OPENED, /* its parts follow */
  ATLAS_REGION_PART,
} AtlasRegionGroup;

void atlas_region_item_set_group (AtlasRegionItem *self,
                                  AtlasRegionGroup group,
                                  guint n_parts,
                                  guint64 group_bytes);
/* @n_parts, @group_bytes: of the allocation; 0 for ALONE and PART. */
AtlasRegionGroup
atlas_region_item_get_group (AtlasRegionItem *self, guint *n_parts, guint64 *group_bytes);

/* Borrowed; lives as long as the item. */
const AtlasRegion *atlas_region_item_get_region (AtlasRegionItem *self);

/* The cells of the row, tab between them, as text for the clipboard. (transfer full) */
char *atlas_region_format_row (const AtlasRegion *region);
/* Text of one cell. "—" where there is nothing to say. (transfer full) */
char *atlas_region_format_state (const AtlasRegion *region);
char *atlas_region_format_type (const AtlasRegion *region);

G_END_DECLS
