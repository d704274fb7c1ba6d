/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/table-space.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "space/table-regions.h"

typedef struct
{
  AtlasSpace space;
  AtlasMemory *memory;
  AtlasControl control;
  AtlasMtrrs mtrrs;
  gboolean has_mtrrs;
  AtlasControl peek_control; /* the same without what keeps a kernel from reading */
  AtlasTableGraph *graph;
  AtlasRegionSet *regions;
} TableSpace;

static void
table_space_free (AtlasSpace *space)
{
  TableSpace *self = (TableSpace *) space;

  atlas_memory_unref (self->memory);
  atlas_table_graph_unref (self->graph);
  atlas_region_set_unref (self->regions);
  atlas_space_clear (space);
  g_free (self);
}

static AtlasRegionSet *
table_space_get_regions (AtlasSpace *space)
{
  return ((TableSpace *) space)->regions;
}

static const AtlasControl *
table_space_get_control (AtlasSpace *space)
{
  return &((TableSpace *) space)->control;
}

static const AtlasMtrrs *
table_space_get_mtrrs (AtlasSpace *space)
{
  const TableSpace *self = (TableSpace *) space;

  return self->has_mtrrs ? &self->mtrrs : NULL;
}

static const AtlasMemory *
table_space_get_memory (AtlasSpace *space)
{
  return ((TableSpace *) space)->memory;
}

static const AtlasTableGraph *
table_space_get_table_graph (AtlasSpace *space)
{
  return ((TableSpace *) space)->graph;
}

/* An image may end inside a page. */
static gsize
read_bytes (const AtlasMemory *memory, AtlasPa pa, guint8 *bytes, gboolean *is_known, gsize n_bytes)
{
  gsize n_known = 0;

  if (atlas_memory_read (memory, pa, bytes, n_bytes))
    {
      for (gsize i = 0; i < n_bytes; i++)
        is_known[i] = TRUE;
      return n_bytes;
    }
  for (gsize i = 0; i < n_bytes; i++)
    {
      is_known[i] = atlas_memory_read (memory, pa + i, &bytes[i], 1);
      n_known += (gsize) is_known[i];
    }
  return n_known;
}

static gsize
table_space_peek (AtlasSpace *space,
                  AtlasVa va,
                  guint8 *bytes,
                  gboolean *is_known,
                  gsize size_bytes)
{
  TableSpace *self = (TableSpace *) space;
  gsize n_known = 0;

  memset (is_known, 0, size_bytes * sizeof *is_known);
  for (gsize done = 0; done < size_bytes;)
    {
      AtlasWalkQuery query = { .va = va + done, .is_supervisor = TRUE };
      AtlasWalkResult result;
      gsize n_bytes =
        MIN (size_bytes - done, (gsize) (ATLAS_PAGE_BYTES - (query.va & ATLAS_PAGE_MASK)));

      atlas_walk (self->memory, &self->peek_control, &query, &result);
      if (result.outcome == ATLAS_OUTCOME_TRANSLATED)
        n_known += read_bytes (self->memory, result.pa, bytes + done, is_known + done, n_bytes);
      done += n_bytes;
    }
  return n_known;
}

static const AtlasSpaceOps table_space_ops = {
  .free = table_space_free,
  .get_regions = table_space_get_regions,
  .get_control = table_space_get_control,
  .get_mtrrs = table_space_get_mtrrs,
  .get_memory = table_space_get_memory,
  .peek = table_space_peek,
  .get_table_graph = table_space_get_table_graph,
};

static void
add_count (AtlasSpace *space, const char *key, guint64 count)
{
  g_autofree char *value = atlas_format_count (count);

  atlas_space_add_fact (space, key, value);
}

static void
tell_facts (AtlasSpace *space, const AtlasTableGraph *graph, const AtlasControl *control)
{
  static const char *const page_names[] = { N_ ("4 KB pages"),
                                            N_ ("2 MB pages"),
                                            N_ ("1 GB pages") };
  const AtlasTableNode *root = atlas_table_graph_get_node (graph, 0);
  g_autofree char *cr3 = atlas_format_hex (control->cr3);
  g_autofree char *mapped = atlas_format_size (root->mapped_bytes);
  g_autofree char *n_pages =
    atlas_format_count (root->n_leaves[0] + root->n_leaves[1] + root->n_leaves[2]);
  g_autofree char *n_tables = atlas_format_count (atlas_table_graph_get_n_nodes (graph));
  g_autofree char *subtitle = NULL;
  guint64 n_missing = 0;
  guint64 n_reserved = 0;

  for (guint i = 0; i < atlas_table_graph_get_n_nodes (graph); i++)
    {
      n_missing += atlas_table_graph_get_node (graph, i)->n_missing;
      n_reserved += atlas_table_graph_get_node (graph, i)->n_reserved;
    }

  atlas_space_add_fact (space, "CR3", cr3);
  add_count (space, N_ ("levels"), atlas_control_get_n_levels (control));
  add_count (space, N_ ("tables"), atlas_table_graph_get_n_nodes (graph));
  for (guint i = 0; i < G_N_ELEMENTS (page_names); i++)
    add_count (space, page_names[i], root->n_leaves[i]);
  atlas_space_add_fact (space, N_ ("mapped"), mapped);
  add_count (space, N_ ("missing tables"), n_missing);
  add_count (space, N_ ("reserved-bit entries"), n_reserved);

  subtitle = g_strdup_printf (
    _ ("CR3 %s · %s tables · %s pages · %s mapped"), cr3, n_tables, n_pages, mapped);
  atlas_space_set_subtitle (space, subtitle);
}

AtlasSpace *
atlas_table_space_new (AtlasMemory *memory,
                       const AtlasControl *control,
                       const char *name,
                       GError **error)
{
  g_autoptr (AtlasTableGraph) graph = NULL;
  TableSpace *self;

  g_return_val_if_fail (memory != NULL && control != NULL && name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  graph = atlas_table_graph_new (memory, control);
  if (atlas_table_graph_get_n_nodes (graph) == 0)
    {
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_NO_ROOT,
                   _ ("%s: holds no table at 0x%llx, which CR3 names"),
                   name,
                   (unsigned long long) atlas_control_get_root_pa (control));
      return NULL;
    }

  self = g_new0 (TableSpace, 1);
  atlas_space_init (&self->space, &table_space_ops, name);
  self->memory = atlas_memory_ref (memory);
  self->control = *control;
  self->peek_control = *control;
  self->peek_control.cr4 &= ~(ATLAS_CR4_SMAP | ATLAS_CR4_PKE | ATLAS_CR4_PKS | ATLAS_CR4_LASS);
  self->graph = atlas_table_graph_ref (graph);
  self->regions = atlas_region_set_new_of_tables (graph);
  tell_facts (&self->space, graph, control);
  return &self->space;
}

void
atlas_table_space_set_mtrrs (AtlasSpace *space, const AtlasMtrrs *mtrrs)
{
  TableSpace *self = (TableSpace *) space;

  g_return_if_fail (space != NULL && space->ops == &table_space_ops);
  g_return_if_fail (mtrrs != NULL);

  self->mtrrs = *mtrrs;
  self->has_mtrrs = TRUE;
}
