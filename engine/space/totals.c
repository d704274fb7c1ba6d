/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "space/totals.h"

#include <glib/gi18n-lib.h>

static gboolean
get_kind (const AtlasRegion *region, AtlasTotalKind *kind)
{
  switch (region->type)
    {
    case ATLAS_TYPE_IMAGE:
      *kind = ATLAS_TOTAL_IMAGE;
      return TRUE;
    case ATLAS_TYPE_MAPPED:
      *kind = ATLAS_TOTAL_MAPPED;
      return TRUE;
    case ATLAS_TYPE_PRIVATE:
      *kind = ATLAS_TOTAL_PRIVATE;
      return TRUE;
    case ATLAS_TYPE_NONE:
      break;
    }
  *kind = ATLAS_TOTAL_FREE;
  return region->region_class == ATLAS_CLASS_FREE;
}

static void
add (AtlasTypeTotal *total, const AtlasRegion *region)
{
  total->n_regions++;
  if (region->state == ATLAS_STATE_COMMIT)
    total->committed_bytes += region->size_bytes;
  else
    total->reserved_bytes += region->size_bytes;
}

void
atlas_type_totals_make (const AtlasRegionSet *set, AtlasTypeTotals *totals)
{
  AtlasVa end_va;
  guint64 n_regions;

  g_return_if_fail (set != NULL && totals != NULL);

  end_va = atlas_region_set_get_user_end_va (set);
  n_regions = atlas_region_set_get_n_regions (set);
  *totals = (AtlasTypeTotals){ 0 };
  for (guint64 i = 0; i < n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);
      AtlasTotalKind kind;

      if (region->base_va >= end_va)
        break;
      if (!get_kind (region, &kind))
        continue;
      add (&totals->types[kind], region);
      if (atlas_region_is_writable_executable (region))
        add (&totals->writable_executable, region);
      if (kind == ATLAS_TOTAL_FREE)
        totals->largest_free_bytes = MAX (totals->largest_free_bytes, region->size_bytes);
      else
        add (&totals->all, region);
    }
  if (totals->types[ATLAS_TOTAL_FREE].reserved_bytes > 0)
    totals->fragmentation = 1.0 - (double) totals->largest_free_bytes /
                                    (double) totals->types[ATLAS_TOTAL_FREE].reserved_bytes;
}

const char *
atlas_total_kind_get_name (AtlasTotalKind kind)
{
  static const char *const names[ATLAS_N_TOTALS] = {
    N_ ("image"), N_ ("mapped"), N_ ("private"), N_ ("free")
  };

  g_return_val_if_fail ((guint) kind < ATLAS_N_TOTALS, "");

  return names[kind];
}
