/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The graph from inside, for the questions asked of it. */

#include "paging/memory-private.h"
#include "paging/tables.h"
#include "paging/walk-private.h"

G_BEGIN_DECLS

#define ATLAS_TABLE_NO_NODE G_MAXUINT

struct _AtlasTableGraph
{
  AtlasMemory *memory;
  AtlasControl control;
  GArray *nodes;                              /* of AtlasTableNode */
  guint *slots;                               /* open addressing: node index + 1, or 0 */
  guint n_slots_log2;                         /* kept at most half full */
  guint64 reserved[ATLAS_LEVELS_MAX + 1u][2]; /* bits of entries that name a table, of leaves */
};

static inline const AtlasTableNode *
atlas_table_graph_peek (const AtlasTableGraph *graph, guint index)
{
  return &g_array_index (graph->nodes, AtlasTableNode, index);
}

/* ATLAS_TABLE_NO_NODE when no table at @table_pa is reached at @level. */
guint atlas_table_graph_find_index (const AtlasTableGraph *graph, AtlasPa table_pa, guint level);

/* Entry @index of the table at @table_pa; @bytes is what atlas_memory_peek_table() says of it, and
 * where that is NULL the entry is read by itself. 0 where there is none. */
static inline guint64
atlas_table_read_entry (const AtlasMemory *memory,
                        const guint8 *bytes,
                        AtlasPa table_pa,
                        guint index)
{
  guint64 entry;

  if (G_LIKELY (bytes != NULL))
    return atlas_table_bytes_get (bytes, index);
  return atlas_memory_load_entry (memory, table_pa + index * ATLAS_ENTRY_BYTES, &entry) ? entry : 0;
}

/* Where to look next after @index: entries that are surely not present are left out, four at a
 * time, for tables are mostly empty. 512 when none is left; @bytes may be NULL. */
static inline guint
atlas_table_skip_absent (const guint8 *bytes, guint index)
{
  while (bytes != NULL && index % 4u == 0 && index < ATLAS_TABLE_ENTRIES)
    {
      guint64 any =
        atlas_table_bytes_get (bytes, index) | atlas_table_bytes_get (bytes, index + 1u) |
        atlas_table_bytes_get (bytes, index + 2u) | atlas_table_bytes_get (bytes, index + 3u);

      if ((any & ATLAS_ENTRY_P) != 0)
        break;
      index += 4u;
    }
  return index;
}

/* @address without sign extension; @rights folded over all levels. */
void atlas_table_describe_leaf (const AtlasControl *control,
                                guint64 address,
                                guint64 entry,
                                guint level,
                                guint64 rights,
                                AtlasMappedRange *leaf);

G_END_DECLS
