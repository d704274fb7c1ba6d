/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/tables.h"

#include "paging/memory-private.h"

AtlasTablesStatus
atlas_tables_find (AtlasMemory *memory,
                   const AtlasControl *control,
                   AtlasVa va,
                   guint level,
                   const AtlasTableAllocator *allocator,
                   AtlasPa *entry_pa,
                   guint *level_reached)
{
  guint current = atlas_control_get_n_levels (control);
  AtlasPa table_pa = atlas_control_get_root_pa (control);

  g_return_val_if_fail (level >= ATLAS_LEVEL_PT && level <= current, ATLAS_TABLES_NO_TABLE);
  g_return_val_if_fail (entry_pa != NULL, ATLAS_TABLES_NO_TABLE);

  for (;; current--)
    {
      guint64 entry;

      *entry_pa = table_pa + atlas_va_index (va, current) * ATLAS_ENTRY_BYTES;
      if (level_reached != NULL)
        *level_reached = current;
      if (!atlas_memory_load_entry (memory, *entry_pa, &entry))
        return ATLAS_TABLES_NO_MEMORY;
      if (current == level)
        return ATLAS_TABLES_DONE;

      if ((entry & ATLAS_ENTRY_P) != 0)
        {
          if (atlas_entry_is_leaf (entry, current))
            return ATLAS_TABLES_LARGE_PAGE;
          table_pa = atlas_entry_get_table_pa (entry);
          continue;
        }

      if (allocator == NULL)
        return ATLAS_TABLES_NO_TABLE;
      if (!atlas_memory_is_writable (memory))
        return ATLAS_TABLES_NO_MEMORY;
      table_pa = allocator->allocate (current - 1, allocator->user_data);
      if (table_pa == ATLAS_PA_NONE)
        return ATLAS_TABLES_NO_FRAME;
      atlas_memory_write_u64 (memory, *entry_pa, table_pa | allocator->table_flags);
    }
}

AtlasTablesStatus
atlas_tables_get_entry (const AtlasMemory *memory,
                        const AtlasControl *control,
                        AtlasVa va,
                        guint level,
                        guint64 *entry)
{
  AtlasPa entry_pa;
  /* Without an allocator nothing is written. */
  AtlasTablesStatus status =
    atlas_tables_find ((AtlasMemory *) memory, control, va, level, NULL, &entry_pa, NULL);

  if (status == ATLAS_TABLES_DONE && !atlas_memory_load_entry (memory, entry_pa, entry))
    return ATLAS_TABLES_NO_MEMORY;
  return status;
}

AtlasTablesStatus
atlas_tables_set_entry (AtlasMemory *memory,
                        const AtlasControl *control,
                        AtlasVa va,
                        guint level,
                        guint64 entry)
{
  AtlasPa entry_pa;
  AtlasTablesStatus status = atlas_tables_find (memory, control, va, level, NULL, &entry_pa, NULL);

  if (status == ATLAS_TABLES_DONE && !atlas_memory_write_u64 (memory, entry_pa, entry))
    return ATLAS_TABLES_NO_MEMORY;
  return status;
}

AtlasTablesStatus
atlas_tables_map (AtlasMemory *memory,
                  const AtlasControl *control,
                  AtlasVa va,
                  guint level,
                  guint64 leaf,
                  const AtlasTableAllocator *allocator)
{
  AtlasPa entry_pa;
  guint64 entry;

  g_return_val_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVEL_PDPT,
                        ATLAS_TABLES_NO_TABLE);
  g_return_val_if_fail (atlas_entry_is_leaf (leaf, level), ATLAS_TABLES_NO_TABLE);

  AtlasTablesStatus status =
    atlas_tables_find (memory, control, va, level, allocator, &entry_pa, NULL);

  if (status != ATLAS_TABLES_DONE)
    return status;
  if (atlas_memory_load_entry (memory, entry_pa, &entry) && (entry & ATLAS_ENTRY_P) != 0)
    return ATLAS_TABLES_OCCUPIED;
  return atlas_memory_write_u64 (memory, entry_pa, leaf) ? ATLAS_TABLES_DONE
                                                         : ATLAS_TABLES_NO_MEMORY;
}

static gboolean
table_is_empty (const AtlasMemory *memory, AtlasPa table_pa)
{
  const guint8 *bytes = atlas_memory_peek_table (memory, table_pa);

  if (bytes == NULL)
    return FALSE;
  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    if (atlas_table_bytes_get (bytes, i) != 0)
      return FALSE;
  return TRUE;
}

AtlasTablesStatus
atlas_tables_unmap (AtlasMemory *memory,
                    const AtlasControl *control,
                    AtlasVa va,
                    guint level,
                    const AtlasTableAllocator *allocator)
{
  guint n_levels = atlas_control_get_n_levels (control);
  AtlasPa entry_pa;
  AtlasTablesStatus status = atlas_tables_find (memory, control, va, level, NULL, &entry_pa, NULL);

  if (status != ATLAS_TABLES_DONE)
    return status;
  if (!atlas_memory_write_u64 (memory, entry_pa, 0))
    return ATLAS_TABLES_NO_MEMORY;
  if (allocator == NULL || allocator->release == NULL)
    return ATLAS_TABLES_DONE;

  for (guint current = level; current < n_levels; current++)
    {
      AtlasPa table_pa = atlas_page_floor (entry_pa);

      if (!table_is_empty (memory, table_pa))
        break;
      status = atlas_tables_find (memory, control, va, current + 1, NULL, &entry_pa, NULL);
      if (status != ATLAS_TABLES_DONE)
        break;
      atlas_memory_write_u64 (memory, entry_pa, 0);
      allocator->release (table_pa, current, allocator->user_data);
    }
  return ATLAS_TABLES_DONE;
}
