/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/table-graph-private.h"

static gboolean
is_usable (const AtlasTableGraph *graph, guint64 entry, guint level)
{
  return (entry & ATLAS_ENTRY_P) != 0 &&
         (entry & graph->reserved[level][atlas_entry_is_leaf (entry, level)]) == 0;
}

/* ---- Where a frame is mapped ---- */

static gboolean
leaf_holds (guint64 entry, guint level, AtlasPa pa)
{
  return pa - atlas_entry_get_page_pa (entry, level) < atlas_level_span_bytes (level);
}

/* For every node the number of ways from it to @pa. Lower levels first: each needs only those. */
static guint64 *
count_ways (const AtlasTableGraph *graph, AtlasPa pa)
{
  guint n_levels = atlas_control_get_n_levels (&graph->control);
  guint64 *n_ways = g_new0 (guint64, graph->nodes->len);

  for (guint level = ATLAS_LEVEL_PT; level <= n_levels; level++)
    for (guint i = 0; i < graph->nodes->len; i++)
      {
        const AtlasTableNode *node = atlas_table_graph_peek (graph, i);

        if (node->level != level || node->mapped_bytes == 0)
          continue;

        const guint8 *bytes = atlas_memory_peek_table (graph->memory, node->table_pa);
        for (guint index = 0; index < ATLAS_TABLE_ENTRIES; index++)
          {
            guint64 entry = atlas_table_read_entry (graph->memory, bytes, node->table_pa, index);

            if (!is_usable (graph, entry, level))
              continue;
            if (atlas_entry_is_leaf (entry, level))
              n_ways[i] += leaf_holds (entry, level, pa);
            else
              {
                guint child =
                  atlas_table_graph_find_index (graph, atlas_entry_get_table_pa (entry), level - 1);

                n_ways[i] += child != ATLAS_TABLE_NO_NODE ? n_ways[child] : 0;
              }
          }
      }
  return n_ways;
}

guint64
atlas_table_graph_count_mappings (const AtlasTableGraph *graph, AtlasPa pa)
{
  g_return_val_if_fail (graph != NULL, 0);

  if (graph->nodes->len == 0)
    return 0;

  g_autofree guint64 *n_ways = count_ways (graph, pa);
  return n_ways[0];
}

typedef struct
{
  const AtlasTableGraph *graph;
  AtlasPa pa;
  const guint64 *n_ways;
  AtlasMappedRange *found;
  guint n_found;
  guint n_max;
} MappingSearch;

static void
search_mappings (MappingSearch *search, guint node_index, guint64 base, guint64 rights)
{
  const AtlasTableGraph *graph = search->graph;
  const AtlasTableNode *node = atlas_table_graph_peek (graph, node_index);
  const guint8 *bytes = atlas_memory_peek_table (graph->memory, node->table_pa);

  for (guint i = 0; i < ATLAS_TABLE_ENTRIES && search->n_found < search->n_max; i++)
    {
      guint64 entry = atlas_table_read_entry (graph->memory, bytes, node->table_pa, i);

      if (!is_usable (graph, entry, node->level))
        continue;

      guint64 address = base + ((guint64) i << atlas_level_shift (node->level));
      guint64 entry_rights = rights & atlas_rights_of_entry (entry);
      if (!atlas_entry_is_leaf (entry, node->level))
        {
          guint child =
            atlas_table_graph_find_index (graph, atlas_entry_get_table_pa (entry), node->level - 1);

          if (child != ATLAS_TABLE_NO_NODE && search->n_ways[child] != 0)
            search_mappings (search, child, address, entry_rights);
        }
      else if (leaf_holds (entry, node->level, search->pa))
        atlas_table_describe_leaf (&graph->control,
                                   address,
                                   entry,
                                   node->level,
                                   entry_rights,
                                   &search->found[search->n_found++]);
    }
}

guint
atlas_table_graph_find_mappings (const AtlasTableGraph *graph,
                                 AtlasPa pa,
                                 AtlasMappedRange *found,
                                 guint n_max)
{
  g_return_val_if_fail (graph != NULL, 0);
  g_return_val_if_fail (found != NULL || n_max == 0, 0);

  if (graph->nodes->len == 0)
    return 0;

  g_autofree guint64 *n_ways = count_ways (graph, pa);
  MappingSearch search = { graph, pa, n_ways, found, 0, n_max };
  search_mappings (&search, 0, 0, ATLAS_RIGHTS_ALL);
  return search.n_found;
}

/* ---- What holds of a range ---- */

typedef struct
{
  const AtlasTableGraph *graph;
  guint64 first; /* without sign extension, inclusive */
  guint64 last;
  guint64 mapped_bytes;
  guint64 any;
  guint64 all;
} RightsSum;

static void
add_rights (RightsSum *sum, guint64 mapped_bytes, guint64 any, guint64 all)
{
  if (mapped_bytes == 0)
    return;
  sum->mapped_bytes += mapped_bytes;
  sum->any |= any;
  sum->all &= all;
}

static void
sum_rights (RightsSum *sum, guint node_index, guint64 base, guint64 rights)
{
  const AtlasTableGraph *graph = sum->graph;
  const AtlasTableNode *node = atlas_table_graph_peek (graph, node_index);
  const guint8 *bytes = atlas_memory_peek_table (graph->memory, node->table_pa);
  guint64 span_bytes = atlas_level_span_bytes (node->level);

  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    {
      guint64 entry = atlas_table_read_entry (graph->memory, bytes, node->table_pa, i);
      guint64 entry_first = base + i * span_bytes;
      guint64 entry_last = entry_first + (span_bytes - 1);

      if (entry_last < sum->first || entry_first > sum->last ||
          !is_usable (graph, entry, node->level))
        continue;

      guint64 entry_rights = rights & atlas_rights_of_entry (entry);
      if (atlas_entry_is_leaf (entry, node->level))
        {
          guint64 covered = MIN (entry_last, sum->last) - MAX (entry_first, sum->first) + 1;

          add_rights (sum, covered, entry_rights, entry_rights);
          continue;
        }

      guint child =
        atlas_table_graph_find_index (graph, atlas_entry_get_table_pa (entry), node->level - 1);
      if (child == ATLAS_TABLE_NO_NODE)
        continue;
      if (entry_first >= sum->first && entry_last <= sum->last)
        {
          const AtlasTableNode *below = atlas_table_graph_peek (graph, child);

          add_rights (sum,
                      below->mapped_bytes,
                      entry_rights & below->any_rights,
                      entry_rights & below->all_rights);
        }
      else
        sum_rights (sum, child, entry_first, entry_rights);
    }
}

void
atlas_table_graph_get_rights (const AtlasTableGraph *graph,
                              AtlasVa first_va,
                              AtlasVa last_va,
                              AtlasRangeRights *rights)
{
  g_return_if_fail (graph != NULL && rights != NULL);

  AtlasTableIter window;
  RightsSum sum = { .graph = graph, .all = ATLAS_RIGHTS_ALL };

  /* The iterator already knows how to bring the bounds into canonical form. */
  atlas_table_iter_init (&window, graph, first_va, last_va);
  sum.first = window.first;
  sum.last = window.last;
  if (window.level != 0)
    sum_rights (&sum, 0, 0, ATLAS_RIGHTS_ALL);

  gboolean has_any = sum.mapped_bytes != 0;
  *rights = (AtlasRangeRights){
    .mapped_bytes = sum.mapped_bytes,
    .any_writable = (sum.any & ATLAS_RIGHTS_WRITE) != 0,
    .any_user = (sum.any & ATLAS_RIGHTS_USER) != 0,
    .any_executable = (sum.any & ATLAS_RIGHTS_EXECUTE) != 0,
    .all_writable = has_any && (sum.all & ATLAS_RIGHTS_WRITE) != 0,
    .all_user = has_any && (sum.all & ATLAS_RIGHTS_USER) != 0,
    .all_executable = has_any && (sum.all & ATLAS_RIGHTS_EXECUTE) != 0,
  };
}
