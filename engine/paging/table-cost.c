/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/tables.h"

/* One count. */
typedef struct
{
  const AtlasMemory *memory;
  AtlasTableCost *cost;
} Count;

/* Counts the table at @table_pa and those below it that cover [@first_va, @last_va], whose bits
 * above the table's own are 0. */
static void
count_table (Count *count, AtlasPa table_pa, guint level, AtlasVa first_va, AtlasVa last_va)
{
  guint64 span = atlas_level_span_bytes (level);

  if (count->cost->n_tables >= ATLAS_TABLE_COST_MAX)
    {
      count->cost->is_partial = TRUE;
      return;
    }
  count->cost->n_tables++;
  count->cost->n_by_level[level]++;
  if (level == ATLAS_LEVEL_PT)
    return;
  for (guint64 index = first_va / span; index <= last_va / span; index++)
    {
      guint64 entry;

      if (!atlas_memory_read_u64 (count->memory, table_pa + index * ATLAS_ENTRY_BYTES, &entry) ||
          (entry & ATLAS_ENTRY_P) == 0 || atlas_entry_is_leaf (entry, level))
        continue;
      count_table (count,
                   atlas_entry_get_table_pa (entry),
                   level - 1u,
                   index == first_va / span ? first_va % span : 0,
                   index == last_va / span ? last_va % span : span - 1u);
    }
}

void
atlas_tables_get_cost (const AtlasMemory *memory,
                       const AtlasControl *control,
                       AtlasVa first_va,
                       AtlasVa last_va,
                       AtlasTableCost *cost)
{
  Count count = { .memory = memory, .cost = cost };
  guint n_levels;
  guint64 va_mask;

  g_return_if_fail (memory != NULL && control != NULL && cost != NULL);
  g_return_if_fail (first_va <= last_va);

  *cost = (AtlasTableCost){ 0 };
  n_levels = atlas_control_get_n_levels (control);
  va_mask = ATLAS_BITS (atlas_levels_va_bits (n_levels) - 1u, 0);
  count_table (
    &count, atlas_control_get_root_pa (control), n_levels, first_va & va_mask, last_va & va_mask);
}
