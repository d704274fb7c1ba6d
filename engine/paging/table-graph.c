/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/table-graph-private.h"

/* ---- Nodes by table and level ---- */

/* Frames end in 12 zero bits, so the level fits below them. */
static guint64
node_key (AtlasPa table_pa, guint level)
{
  return table_pa | level;
}

/* Multiplicative hashing with 2^64 / golden ratio (Knuth, TAOCP vol. 3 §6.4). */
static guint
home_slot (const AtlasTableGraph *graph, guint64 key)
{
  return (guint) ((key * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> (64 - graph->n_slots_log2));
}

/* The slot that holds @key, or the free one where it belongs. */
static guint
find_slot (const AtlasTableGraph *graph, guint64 key)
{
  guint mask = (1u << graph->n_slots_log2) - 1;
  guint slot = home_slot (graph, key);

  while (graph->slots[slot] != 0)
    {
      const AtlasTableNode *node = atlas_table_graph_peek (graph, graph->slots[slot] - 1);

      if (node_key (node->table_pa, node->level) == key)
        break;
      slot = (slot + 1) & mask;
    }
  return slot;
}

static void
grow_slots (AtlasTableGraph *graph)
{
  g_free (graph->slots);
  graph->n_slots_log2++;
  graph->slots = g_new0 (guint, (gsize) 1 << graph->n_slots_log2);
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const AtlasTableNode *node = atlas_table_graph_peek (graph, i);

      graph->slots[find_slot (graph, node_key (node->table_pa, node->level))] = i + 1;
    }
}

guint
atlas_table_graph_find_index (const AtlasTableGraph *graph, AtlasPa table_pa, guint level)
{
  guint node_plus_1 = graph->slots[find_slot (graph, node_key (table_pa, level))];

  return node_plus_1 != 0 ? node_plus_1 - 1 : ATLAS_TABLE_NO_NODE;
}

static guint
add_node (AtlasTableGraph *graph, AtlasPa table_pa, guint level)
{
  AtlasTableNode node = { .table_pa = table_pa, .level = level, .all_rights = ATLAS_RIGHTS_ALL };
  guint index = graph->nodes->len;

  if ((index + 1) * 2 > 1u << graph->n_slots_log2)
    grow_slots (graph);
  g_array_append_val (graph->nodes, node);
  graph->slots[find_slot (graph, node_key (table_pa, level))] = index + 1;
  return index;
}

/* ---- Visiting ---- */

static gboolean
has_memory (const AtlasMemory *memory, AtlasPa table_pa)
{
  guint8 page[ATLAS_PAGE_BYTES];

  return atlas_memory_read (memory, table_pa, page, sizeof page);
}

static void
add_child (AtlasTableNode *node, guint64 rights, const AtlasTableNode *child)
{
  for (guint i = 0; i < G_N_ELEMENTS (node->n_leaves); i++)
    node->n_leaves[i] += child->n_leaves[i];
  node->mapped_bytes += child->mapped_bytes;
  if (child->mapped_bytes == 0)
    return;
  node->any_rights |= rights & child->any_rights;
  node->all_rights &= rights & child->all_rights;
}

/* Returns the node of the table, visiting it and what is below it if that has not been done. A node
 * is complete when this returns: what is below it lies at lower levels, never at its own. */
static guint
visit_table (AtlasTableGraph *graph, AtlasPa table_pa, guint level)
{
  guint node_index = atlas_table_graph_find_index (graph, table_pa, level);

  if (node_index != ATLAS_TABLE_NO_NODE)
    return node_index;

  const guint8 *bytes = atlas_memory_peek_table (graph->memory, table_pa);
  if (bytes == NULL && !has_memory (graph->memory, table_pa))
    return ATLAS_TABLE_NO_NODE;
  node_index = add_node (graph, table_pa, level);

  AtlasTableNode node = *atlas_table_graph_peek (graph, node_index);
  AtlasPa last_child_pa = ATLAS_PA_NONE;
  guint last_child = ATLAS_TABLE_NO_NODE;

  for (guint i = atlas_table_skip_absent (bytes, 0); i < ATLAS_TABLE_ENTRIES;
       i = atlas_table_skip_absent (bytes, i + 1u))
    {
      guint64 entry = atlas_table_read_entry (graph->memory, bytes, table_pa, i);

      if ((entry & ATLAS_ENTRY_P) == 0)
        continue;
      node.n_present++;

      gboolean is_leaf = atlas_entry_is_leaf (entry, level);
      if ((entry & graph->reserved[level][is_leaf]) != 0)
        node.n_reserved++;
      else if (is_leaf)
        {
          node.n_leaves[level - 1]++;
          node.mapped_bytes += atlas_level_span_bytes (level);
          node.any_rights |= atlas_rights_of_entry (entry);
          node.all_rights &= atlas_rights_of_entry (entry);
        }
      else
        {
          AtlasPa child_pa = atlas_entry_get_table_pa (entry);

          if (child_pa != last_child_pa)
            {
              last_child_pa = child_pa;
              last_child = visit_table (graph, child_pa, level - 1);
            }
          if (last_child == ATLAS_TABLE_NO_NODE)
            {
              node.n_missing++;
              continue;
            }

          AtlasTableNode *child = &g_array_index (graph->nodes, AtlasTableNode, last_child);
          child->n_parents++;
          add_child (&node, atlas_rights_of_entry (entry), child);
        }
    }
  g_array_index (graph->nodes, AtlasTableNode, node_index) = node;
  return node_index;
}

AtlasTableGraph *
atlas_table_graph_new (AtlasMemory *memory, const AtlasControl *control)
{
  g_return_val_if_fail (memory != NULL && control != NULL, NULL);

  AtlasTableGraph *graph = g_atomic_rc_box_new0 (AtlasTableGraph);

  graph->memory = atlas_memory_ref (memory);
  graph->control = *control;
  graph->nodes = g_array_new (FALSE, FALSE, sizeof (AtlasTableNode));
  graph->n_slots_log2 = 5;
  graph->slots = g_new0 (guint, (gsize) 1 << graph->n_slots_log2);
  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVELS_MAX; level++)
    for (guint is_leaf = 0; is_leaf < 2; is_leaf++)
      graph->reserved[level][is_leaf] =
        atlas_entry_reserved_mask (level, is_leaf != 0, &graph->control);
  visit_table (graph, atlas_control_get_root_pa (control), atlas_control_get_n_levels (control));
  return graph;
}

AtlasTableGraph *
atlas_table_graph_ref (AtlasTableGraph *graph)
{
  g_return_val_if_fail (graph != NULL, NULL);

  return g_atomic_rc_box_acquire (graph);
}

static void
graph_clear (AtlasTableGraph *graph)
{
  atlas_memory_unref (graph->memory);
  g_array_unref (graph->nodes);
  g_free (graph->slots);
}

void
atlas_table_graph_unref (AtlasTableGraph *graph)
{
  g_return_if_fail (graph != NULL);

  g_atomic_rc_box_release_full (graph, (GDestroyNotify) graph_clear);
}

guint
atlas_table_graph_get_n_nodes (const AtlasTableGraph *graph)
{
  g_return_val_if_fail (graph != NULL, 0);

  return graph->nodes->len;
}

const AtlasTableNode *
atlas_table_graph_get_node (const AtlasTableGraph *graph, guint index)
{
  g_return_val_if_fail (graph != NULL && index < graph->nodes->len, NULL);

  return atlas_table_graph_peek (graph, index);
}

const AtlasTableNode *
atlas_table_graph_find (const AtlasTableGraph *graph, AtlasPa table_pa, guint level)
{
  g_return_val_if_fail (graph != NULL, NULL);
  g_return_val_if_fail ((table_pa & ATLAS_PAGE_MASK) == 0, NULL);

  guint index = atlas_table_graph_find_index (graph, table_pa, level);

  return index != ATLAS_TABLE_NO_NODE ? atlas_table_graph_peek (graph, index) : NULL;
}

/* ---- Leaves in address order ---- */

/* Enters a table whose reach overlaps the window, and positions on the first entry inside it. */
static void
enter_table (AtlasTableIter *iter, guint level, AtlasPa table_pa, guint64 base, guint64 rights)
{
  guint64 reach_last = base + (atlas_level_span_bytes (level) * ATLAS_TABLE_ENTRIES - 1);

  iter->level = level;
  iter->tables[level].table_pa = table_pa;
  iter->tables[level].bytes = atlas_memory_peek_table (iter->graph->memory, table_pa);
  iter->tables[level].base = base;
  iter->tables[level].rights = rights;
  iter->tables[level].next_index = iter->first > base ? atlas_va_index (iter->first, level) : 0;
  iter->tables[level].last_index =
    iter->last < reach_last ? atlas_va_index (iter->last, level) : ATLAS_TABLE_ENTRIES - 1;
}

void
atlas_table_iter_init (AtlasTableIter *iter,
                       const AtlasTableGraph *graph,
                       AtlasVa first_va,
                       AtlasVa last_va)
{
  g_return_if_fail (iter != NULL && graph != NULL);

  guint n_levels = atlas_control_get_n_levels (&graph->control);
  guint va_bits = atlas_levels_va_bits (n_levels);
  guint64 address_mask = ATLAS_BIT (va_bits) - 1;
  AtlasVa lower_half_last = ATLAS_BIT (va_bits - 1) - 1;

  if (!atlas_va_is_canonical (first_va, va_bits))
    first_va = ~lower_half_last;
  if (!atlas_va_is_canonical (last_va, va_bits))
    last_va = lower_half_last;

  iter->graph = graph;
  iter->first = first_va & address_mask;
  iter->last = last_va & address_mask;
  iter->level = 0;
  iter->has_pending = FALSE;
  if (first_va <= last_va && graph->nodes->len > 0)
    enter_table (iter, n_levels, atlas_control_get_root_pa (&graph->control), 0, ATLAS_RIGHTS_ALL);
}

void
atlas_table_describe_leaf (const AtlasControl *control,
                           guint64 address,
                           guint64 entry,
                           guint level,
                           guint64 rights,
                           AtlasMappedRange *leaf)
{
  guint va_bits = atlas_levels_va_bits (atlas_control_get_n_levels (control));

  leaf->first_va = atlas_va_sign_extend (address, va_bits);
  leaf->page_bytes = atlas_level_span_bytes (level);
  leaf->last_va = leaf->first_va + (leaf->page_bytes - 1);
  leaf->first_pa = atlas_entry_get_page_pa (entry, level);
  leaf->is_writable = (rights & ATLAS_RIGHTS_WRITE) != 0;
  leaf->is_user = (rights & ATLAS_RIGHTS_USER) != 0;
  leaf->is_executable = (rights & ATLAS_RIGHTS_EXECUTE) != 0;
  leaf->is_global = (entry & ATLAS_ENTRY_G) != 0 && (control->cr4 & ATLAS_CR4_PGE) != 0;
  leaf->protection_key = (guint8) atlas_entry_get_key (entry);
  leaf->memory_type = (guint8) atlas_walk_memory_type (control, entry, level);
}

gboolean
atlas_table_iter_next_leaf (AtlasTableIter *iter, AtlasMappedRange *leaf)
{
  g_return_val_if_fail (iter != NULL && leaf != NULL, FALSE);

  const AtlasControl *control = &iter->graph->control;

  while (iter->level != 0)
    {
      guint level = iter->level;

      if (iter->tables[level].next_index > iter->tables[level].last_index)
        {
          iter->level = level < atlas_control_get_n_levels (control) ? level + 1 : 0;
          continue;
        }

      guint index = iter->tables[level].next_index++;
      guint64 entry = atlas_table_read_entry (
        iter->graph->memory, iter->tables[level].bytes, iter->tables[level].table_pa, index);
      if ((entry & ATLAS_ENTRY_P) == 0)
        {
          iter->tables[level].next_index =
            atlas_table_skip_absent (iter->tables[level].bytes, iter->tables[level].next_index);
          continue;
        }

      gboolean is_leaf = atlas_entry_is_leaf (entry, level);
      if ((entry & iter->graph->reserved[level][is_leaf]) != 0)
        continue;

      guint64 address = iter->tables[level].base + ((guint64) index << atlas_level_shift (level));
      guint64 rights = iter->tables[level].rights & atlas_rights_of_entry (entry);
      if (is_leaf)
        {
          atlas_table_describe_leaf (control, address, entry, level, rights, leaf);
          return TRUE;
        }

      AtlasPa child_pa = atlas_entry_get_table_pa (entry);
      guint child = atlas_table_graph_find_index (iter->graph, child_pa, level - 1);
      if (child != ATLAS_TABLE_NO_NODE &&
          atlas_table_graph_peek (iter->graph, child)->mapped_bytes != 0)
        enter_table (iter, level - 1, child_pa, address, rights);
    }
  return FALSE;
}

static gboolean
continues (const AtlasMappedRange *range, const AtlasMappedRange *leaf)
{
  return range->last_va + 1 == leaf->first_va &&
         range->first_pa + (leaf->first_va - range->first_va) == leaf->first_pa &&
         range->page_bytes == leaf->page_bytes && range->is_writable == leaf->is_writable &&
         range->is_user == leaf->is_user && range->is_executable == leaf->is_executable &&
         range->is_global == leaf->is_global && range->protection_key == leaf->protection_key &&
         range->memory_type == leaf->memory_type;
}

gboolean
atlas_table_iter_next_range (AtlasTableIter *iter, AtlasMappedRange *range)
{
  AtlasMappedRange leaf;

  g_return_val_if_fail (iter != NULL && range != NULL, FALSE);

  if (iter->has_pending)
    *range = iter->pending;
  else if (!atlas_table_iter_next_leaf (iter, range))
    return FALSE;

  iter->has_pending = FALSE;
  while (atlas_table_iter_next_leaf (iter, &leaf))
    {
      if (!continues (range, &leaf))
        {
          iter->pending = leaf;
          iter->has_pending = TRUE;
          break;
        }
      range->last_va = leaf.last_va;
    }
  return TRUE;
}
