/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "space/space.h"

#include <string.h>

static void
fact_free (gpointer data)
{
  AtlasSpaceFact *fact = data;

  g_free (fact->key);
  g_free (fact->value);
  g_free (fact);
}

void
atlas_space_init (AtlasSpace *space, const AtlasSpaceOps *ops, const char *name)
{
  g_return_if_fail (space != NULL);
  g_return_if_fail (ops != NULL && ops->free != NULL && ops->get_regions != NULL);
  g_return_if_fail (name != NULL);

  space->ops = ops;
  g_atomic_ref_count_init (&space->ref_count);
  space->name = g_strdup (name);
  space->subtitle = NULL;
  space->facts = g_ptr_array_new_with_free_func (fact_free);
}

void
atlas_space_clear (AtlasSpace *space)
{
  g_return_if_fail (space != NULL);

  g_clear_pointer (&space->name, g_free);
  g_clear_pointer (&space->subtitle, g_free);
  g_clear_pointer (&space->facts, g_ptr_array_unref);
}

void
atlas_space_set_subtitle (AtlasSpace *space, const char *subtitle)
{
  char *copy;

  g_return_if_fail (space != NULL);

  copy = g_strdup (subtitle);
  g_free (space->subtitle);
  space->subtitle = copy;
}

void
atlas_space_add_fact (AtlasSpace *space, const char *key, const char *value)
{
  AtlasSpaceFact *fact;

  g_return_if_fail (space != NULL);
  g_return_if_fail (key != NULL);
  g_return_if_fail (value != NULL);

  fact = g_new (AtlasSpaceFact, 1);
  fact->key = g_strdup (key);
  fact->value = g_strdup (value);
  g_ptr_array_add (space->facts, fact);
}

AtlasSpace *
atlas_space_ref (AtlasSpace *space)
{
  g_return_val_if_fail (space != NULL, NULL);

  g_atomic_ref_count_inc (&space->ref_count);
  return space;
}

void
atlas_space_unref (AtlasSpace *space)
{
  g_return_if_fail (space != NULL);

  if (g_atomic_ref_count_dec (&space->ref_count))
    space->ops->free (space);
}

const char *
atlas_space_get_name (const AtlasSpace *space)
{
  g_return_val_if_fail (space != NULL, NULL);

  return space->name;
}

const char *
atlas_space_get_subtitle (const AtlasSpace *space)
{
  g_return_val_if_fail (space != NULL, NULL);

  return space->subtitle;
}

guint
atlas_space_get_n_facts (const AtlasSpace *space)
{
  g_return_val_if_fail (space != NULL, 0);

  return space->facts->len;
}

const AtlasSpaceFact *
atlas_space_get_fact (const AtlasSpace *space, guint index)
{
  g_return_val_if_fail (space != NULL, NULL);
  g_return_val_if_fail (index < space->facts->len, NULL);

  return g_ptr_array_index (space->facts, index);
}

AtlasRegionSet *
atlas_space_get_regions (AtlasSpace *space)
{
  g_return_val_if_fail (space != NULL, NULL);

  return space->ops->get_regions (space);
}

gboolean
atlas_space_has_tables (AtlasSpace *space)
{
  return atlas_space_get_control (space) != NULL && atlas_space_get_memory (space) != NULL;
}

const AtlasControl *
atlas_space_get_control (AtlasSpace *space)
{
  g_return_val_if_fail (space != NULL, NULL);

  return space->ops->get_control != NULL ? space->ops->get_control (space) : NULL;
}

const AtlasMtrrs *
atlas_space_get_mtrrs (AtlasSpace *space)
{
  g_return_val_if_fail (space != NULL, NULL);

  return space->ops->get_mtrrs != NULL ? space->ops->get_mtrrs (space) : NULL;
}

const AtlasMemory *
atlas_space_get_memory (AtlasSpace *space)
{
  g_return_val_if_fail (space != NULL, NULL);

  return space->ops->get_memory != NULL ? space->ops->get_memory (space) : NULL;
}

const AtlasTableGraph *
atlas_space_get_table_graph (AtlasSpace *space)
{
  g_return_val_if_fail (space != NULL, NULL);

  return space->ops->get_table_graph != NULL ? space->ops->get_table_graph (space) : NULL;
}

gboolean
atlas_space_walk (AtlasSpace *space, const AtlasWalkQuery *query, AtlasWalkResult *result)
{
  g_return_val_if_fail (space != NULL, FALSE);
  g_return_val_if_fail (query != NULL, FALSE);
  g_return_val_if_fail (result != NULL, FALSE);

  if (!atlas_space_has_tables (space))
    return FALSE;

  atlas_walk (atlas_space_get_memory (space), atlas_space_get_control (space), query, result);
  return TRUE;
}

gboolean
atlas_space_read_table (AtlasSpace *space, AtlasPa table_pa, guint64 entries[ATLAS_TABLE_ENTRIES])
{
  const AtlasMemory *memory;

  g_return_val_if_fail (space != NULL, FALSE);
  g_return_val_if_fail (entries != NULL, FALSE);
  g_return_val_if_fail ((table_pa & ATLAS_PAGE_MASK) == 0, FALSE);

  memory = atlas_space_get_memory (space);
  if (memory == NULL)
    return FALSE;
  if (!atlas_memory_read (memory, table_pa, entries, ATLAS_PAGE_BYTES))
    return FALSE;

  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    entries[i] = GUINT64_FROM_LE (entries[i]);
  return TRUE;
}

gsize
atlas_space_peek (AtlasSpace *space,
                  AtlasVa va,
                  guint8 *bytes,
                  gboolean *is_known,
                  gsize size_bytes)
{
  g_return_val_if_fail (space != NULL, 0);
  g_return_val_if_fail (bytes != NULL || size_bytes == 0, 0);
  g_return_val_if_fail (is_known != NULL || size_bytes == 0, 0);

  if (size_bytes == 0)
    return 0;

  memset (bytes, 0, size_bytes);
  memset (is_known, 0, size_bytes * sizeof *is_known);
  if (space->ops->peek == NULL)
    return 0;

  return space->ops->peek (space, va, bytes, is_known, size_bytes);
}

void
atlas_query_iter_init (AtlasQueryIter *iter, const AtlasRegionSet *set)
{
  g_return_if_fail (iter != NULL);
  g_return_if_fail (set != NULL);

  iter->set = set;
  iter->index = 0;
}

gboolean
atlas_query_iter_next (AtlasQueryIter *iter, AtlasRegion *region)
{
  guint64 n_regions;
  AtlasVa user_end_va;

  g_return_val_if_fail (iter != NULL, FALSE);
  g_return_val_if_fail (region != NULL, FALSE);

  n_regions = atlas_region_set_get_n_regions (iter->set);
  user_end_va = atlas_region_set_get_user_end_va (iter->set);
  if (iter->index >= n_regions)
    return FALSE;

  *region = *atlas_region_set_get_region (iter->set, iter->index);
  if (region->base_va >= user_end_va || region->state == ATLAS_STATE_OUTSIDE)
    {
      iter->index = n_regions;
      return FALSE;
    }

  iter->index++;
  if (region->state != ATLAS_STATE_FREE)
    return TRUE;

  for (; iter->index < n_regions; iter->index++)
    {
      const AtlasRegion *next = atlas_region_set_get_region (iter->set, iter->index);

      if (next->state != ATLAS_STATE_FREE || next->base_va >= user_end_va)
        break;
      region->size_bytes += next->size_bytes;
    }
  *region = (AtlasRegion){
    .base_va = region->base_va,
    .size_bytes = region->size_bytes,
    .protect = ATLAS_PAGE_NOACCESS,
    .state = ATLAS_STATE_FREE,
    .region_class = ATLAS_CLASS_FREE,
  };
  return TRUE;
}
