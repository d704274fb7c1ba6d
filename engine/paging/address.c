/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/address.h"

static const struct
{
  const char *table;
  const char *entry;
} level_names[ATLAS_LEVELS_MAX] = {
  { "PT", "PTE" }, { "PD", "PDE" }, { "PDPT", "PDPTE" }, { "PML4", "PML4E" }, { "PML5", "PML5E" },
};

const char *
atlas_level_get_table_name (guint level)
{
  g_return_val_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVELS_MAX, NULL);

  return level_names[level - 1].table;
}

const char *
atlas_level_get_entry_name (guint level)
{
  g_return_val_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVELS_MAX, NULL);

  return level_names[level - 1].entry;
}
