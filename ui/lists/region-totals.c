/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-totals.h"

#include <glib/gi18n.h>

#include "base/format.h"

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

void
atlas_type_totals_make (const AtlasRegionSet *set, AtlasTypeTotals *totals)
{
  AtlasVa end_va = atlas_region_set_get_user_end_va (set);
  guint64 n_regions = atlas_region_set_get_n_regions (set);

  *totals = (AtlasTypeTotals){ 0 };
  for (guint64 i = 0; i < n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);
      AtlasTotalKind kind;

      if (region->base_va >= end_va)
        break;
      if (!get_kind (region, &kind))
        continue;
      totals->types[kind].n_regions++;
      if (region->state == ATLAS_STATE_COMMIT)
        totals->types[kind].committed_bytes += region->size_bytes;
      else
        totals->types[kind].reserved_bytes += region->size_bytes;
      if (kind == ATLAS_TOTAL_FREE)
        totals->largest_free_bytes = MAX (totals->largest_free_bytes, region->size_bytes);
    }
  if (totals->types[ATLAS_TOTAL_FREE].reserved_bytes > 0)
    totals->fragmentation = 1.0 - (double) totals->largest_free_bytes /
                                    (double) totals->types[ATLAS_TOTAL_FREE].reserved_bytes;
}

char *
atlas_type_totals_format (const AtlasTypeTotals *totals)
{
  static const char *const names[ATLAS_N_TOTALS] = {
    N_ ("image"), N_ ("mapped"), N_ ("private"), N_ ("free")
  };
  GString *text = g_string_new (NULL);
  g_autofree char *largest = atlas_format_size (totals->largest_free_bytes);

  for (guint i = 0; i < ATLAS_N_TOTALS; i++)
    {
      g_autofree char *committed = atlas_format_size (totals->types[i].committed_bytes);
      g_autofree char *reserved = atlas_format_size (totals->types[i].reserved_bytes);
      g_autofree char *count = atlas_format_count (totals->types[i].n_regions);

      if (i == ATLAS_TOTAL_FREE)
        g_string_append_printf (text, _ ("%s\t%s\t%s"), _ (names[i]), count, reserved);
      else
        g_string_append_printf (text,
                                _ ("%s\t%s\t%s committed\t%s reserved\n"),
                                _ (names[i]),
                                count,
                                committed,
                                reserved);
    }
  g_string_append_printf (
    text, _ ("\tlargest %s\tfragmentation %.1f %%"), largest, totals->fragmentation * 100.0);
  return g_string_free (text, FALSE);
}
