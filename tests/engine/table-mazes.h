/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Page tables that name one another: few frames, more leaves than any list could hold. */

#include "paging/tables.h"

#define MAZE_LEAF_FLAGS (ATLAS_ENTRY_P | ATLAS_ENTRY_US | ATLAS_ENTRY_A | ATLAS_ENTRY_D)
#define MAZE_TABLE_FLAGS (ATLAS_ENTRY_P | ATLAS_ENTRY_RW | ATLAS_ENTRY_US | ATLAS_ENTRY_A)

/* Tables of @n_levels levels in as many frames, from the root in frame 1 down. The root has
 * @n_root_entries entries, every other table 512, all naming the next; the leaves map frame 0 and
 * every second of them may be written: no two neighbours are alike. */
static inline AtlasMemory *
maze_new (guint n_levels, guint n_root_entries, AtlasControl *control)
{
  AtlasMemory *memory = atlas_memory_new_ram ((n_levels + 1) * ATLAS_PAGE_BYTES, NULL);

  for (guint level = n_levels; level >= ATLAS_LEVEL_PT; level--)
    {
      AtlasPa table_pa = (n_levels - level + 1) * ATLAS_PAGE_BYTES;
      guint n_entries = level == n_levels ? n_root_entries : ATLAS_TABLE_ENTRIES;

      for (guint i = 0; i < n_entries; i++)
        atlas_memory_write_u64 (memory,
                                table_pa + i * ATLAS_ENTRY_BYTES,
                                level == ATLAS_LEVEL_PT
                                  ? MAZE_LEAF_FLAGS | (i % 2 != 0 ? ATLAS_ENTRY_RW : 0)
                                  : (table_pa + ATLAS_PAGE_BYTES) | MAZE_TABLE_FLAGS);
    }
  *control = atlas_control_windows (ATLAS_PAGE_BYTES);
  if (n_levels == 5)
    control->cr4 |= ATLAS_CR4_LA57;
  return memory;
}
