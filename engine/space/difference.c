/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "space/difference.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "paging/address.h"
#include "paging/entry.h"

const char *
atlas_difference_kind_get_name (AtlasDifferenceKind kind)
{
  static const char *const names[] = { N_ ("added"), N_ ("removed"), N_ ("changed") };

  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (names), NULL);
  return names[kind];
}

/* ---- regions ----------------------------------------------------------------------------------
 */

/* Of sets that are no lists: page tables can map more than anybody can wait for. */
#define LOOK_AT_MAX 1000000u

static gboolean
is_alike (const AtlasRegion *a, const AtlasRegion *b)
{
  return a->state == b->state && a->type == b->type && a->protect == b->protect &&
         a->allocation_protect == b->allocation_protect && a->region_class == b->region_class &&
         g_strcmp0 (a->name, b->name) == 0;
}

static gboolean
is_nothing (const AtlasRegion *region)
{
  return region->state == ATLAS_STATE_FREE || region->state == ATLAS_STATE_OUTSIDE;
}

static AtlasDifferenceKind
get_kind (const AtlasRegion *before, const AtlasRegion *after)
{
  if (is_nothing (before) != is_nothing (after))
    return is_nothing (before) ? ATLAS_DIFFERENCE_ADDED : ATLAS_DIFFERENCE_REMOVED;
  return ATLAS_DIFFERENCE_CHANGED;
}

gboolean
atlas_regions_compare (const AtlasRegionSet *before,
                       const AtlasRegionSet *after,
                       AtlasVa first_va,
                       AtlasVa last_va,
                       guint n_max,
                       GArray *found)
{
  guint64 before_index, after_index;
  AtlasVa va = first_va;
  /* The last one, while it may still grow: what follows it is different in the same way. */
  AtlasDifference *open = NULL;
  guint n_before = found != NULL ? found->len : 0;
  guint64 n_left = G_MAXUINT64;

  g_return_val_if_fail (before != NULL, TRUE);
  g_return_val_if_fail (after != NULL, TRUE);
  g_return_val_if_fail (first_va <= last_va, TRUE);
  g_return_val_if_fail (found != NULL, TRUE);

  if (!atlas_region_set_is_listed (before) || !atlas_region_set_is_listed (after))
    n_left = LOOK_AT_MAX;
  before_index = atlas_region_set_find (before, first_va);
  after_index = atlas_region_set_find (after, first_va);
  for (;;)
    {
      const AtlasRegion *old = atlas_region_set_get_region (before, before_index);
      const AtlasRegion *new = atlas_region_set_get_region (after, after_index);
      AtlasVa old_last_va = atlas_region_get_last_va (old);
      AtlasVa new_last_va = atlas_region_get_last_va (new);
      AtlasVa end_va = MIN (MIN (old_last_va, new_last_va), last_va);

      if (n_left-- == 0)
        return FALSE;
      if (is_alike (old, new))
        {
          open = NULL;
        }
      else if (open != NULL && is_alike (old, &open->before) && is_alike (new, &open->after))
        {
          open->last_va = end_va;
        }
      else
        {
          const AtlasDifference difference = { .kind = get_kind (old, new),
                                               .first_va = va,
                                               .last_va = end_va,
                                               .before = *old,
                                               .after = *new };

          if (found->len - n_before == n_max)
            return FALSE;
          g_array_append_val (found, difference);
          open = &g_array_index (found, AtlasDifference, found->len - 1u);
        }
      if (end_va == last_va)
        return TRUE;
      before_index += old_last_va == end_va ? 1u : 0u;
      after_index += new_last_va == end_va ? 1u : 0u;
      va = end_va + 1u;
    }
}

/* ---- entries ----------------------------------------------------------------------------------
 */

typedef struct
{
  AtlasSpace *before;
  AtlasSpace *after;
  AtlasVa first_va;
  AtlasVa last_va;
  guint64 compared_bits;
  guint va_bits;
  guint n_left;
  GArray *found;
  /* Pairs of tables that turned out alike: shared tables and self-maps lead to them again and
   * again. */
  GHashTable *alike;
} Comparing;

typedef struct
{
  AtlasPa before_pa;
  AtlasPa after_pa;
  guint level;
} TablePair;

static guint
table_pair_hash (gconstpointer key)
{
  const TablePair *pair = key;
  guint64 mixed = (pair->before_pa >> 12) * 0x9e3779b97f4a7c15u + (pair->after_pa >> 12);

  return (guint) (mixed ^ mixed >> 32) + pair->level;
}

static gboolean
table_pair_equal (gconstpointer a, gconstpointer b)
{
  const TablePair *first = a, *second = b;

  return first->before_pa == second->before_pa && first->after_pa == second->after_pa &&
         first->level == second->level;
}

/* The table's entries; zeros where there is no table. */
static void
read_table (AtlasSpace *space,
            gboolean exists,
            AtlasPa table_pa,
            guint64 entries[ATLAS_TABLE_ENTRIES])
{
  if (!exists || !atlas_space_read_table (space, table_pa, entries))
    memset (entries, 0, ATLAS_TABLE_ENTRIES * sizeof *entries);
}

static gboolean
names_table (guint64 entry, guint level)
{
  if ((entry & ATLAS_ENTRY_P) == 0 || level == ATLAS_LEVEL_PT)
    return FALSE;
  return level > ATLAS_LEVEL_PDPT || (entry & ATLAS_ENTRY_PS) == 0;
}

/* Whether all that a table of @level from @base on serves is asked about. */
static gboolean
is_inside (const Comparing *comparing, guint64 base, guint level)
{
  guint64 size_bytes = atlas_level_span_bytes (level) * ATLAS_TABLE_ENTRIES;
  AtlasVa first_va = atlas_va_sign_extend (base, comparing->va_bits);
  AtlasVa last_va = atlas_va_sign_extend (base + (size_bytes - 1u), comparing->va_bits);

  return first_va <= last_va && first_va >= comparing->first_va && last_va <= comparing->last_va;
}

/* One pair of tables that serve addresses from @base (without its sign extension) on. FALSE when
 * there is no room for what is found. */
static gboolean
compare_tables (Comparing *comparing,
                guint level,
                guint64 base,
                gboolean has_before,
                AtlasPa before_pa,
                gboolean has_after,
                AtlasPa after_pa)
{
  guint64 before[ATLAS_TABLE_ENTRIES], after[ATLAS_TABLE_ENTRIES];
  guint64 span_bytes = atlas_level_span_bytes (level);
  const TablePair pair = { before_pa, after_pa, level };
  gboolean is_whole = is_inside (comparing, base, level);
  guint n_left = comparing->n_left;

  if (has_before && has_after && g_hash_table_contains (comparing->alike, &pair))
    return TRUE;
  read_table (comparing->before, has_before, before_pa, before);
  read_table (comparing->after, has_after, after_pa, after);
  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    {
      guint64 start = base + i * span_bytes;
      AtlasVa va = atlas_va_sign_extend (start, comparing->va_bits);

      if (va > comparing->last_va || va + (span_bytes - 1u) < comparing->first_va)
        continue;
      if (((before[i] ^ after[i]) & comparing->compared_bits) != 0)
        {
          const AtlasEntryDifference difference = { va, level, before[i], after[i] };

          if (comparing->n_left == 0)
            return FALSE;
          comparing->n_left--;
          g_array_append_val (comparing->found, difference);
        }
      if ((names_table (before[i], level) || names_table (after[i], level)) &&
          !compare_tables (comparing,
                           level - 1u,
                           start,
                           names_table (before[i], level),
                           before[i] & ATLAS_BITS (51, 12),
                           names_table (after[i], level),
                           after[i] & ATLAS_BITS (51, 12)))
        return FALSE;
    }
  if (has_before && has_after && is_whole && comparing->n_left == n_left)
    g_hash_table_add (comparing->alike, g_memdup2 (&pair, sizeof pair));
  return TRUE;
}

gboolean
atlas_entries_compare (AtlasSpace *before,
                       AtlasSpace *after,
                       AtlasVa first_va,
                       AtlasVa last_va,
                       gboolean ignores_frames,
                       guint n_max,
                       GArray *found)
{
  const AtlasControl *old, *new;
  g_autoptr (GHashTable) alike = NULL;
  Comparing comparing;
  guint n_levels;

  g_return_val_if_fail (before != NULL, TRUE);
  g_return_val_if_fail (after != NULL, TRUE);
  g_return_val_if_fail (first_va <= last_va, TRUE);
  g_return_val_if_fail (found != NULL, TRUE);

  old = atlas_space_get_control (before);
  new = atlas_space_get_control (after);
  if (old == NULL || new == NULL)
    return TRUE;
  n_levels = atlas_control_get_n_levels (old);
  if (n_levels != atlas_control_get_n_levels (new))
    return TRUE;

  alike = g_hash_table_new_full (table_pair_hash, table_pair_equal, g_free, NULL);
  comparing = (Comparing){
    .before = before,
    .after = after,
    .first_va = first_va,
    .last_va = last_va,
    .compared_bits = ignores_frames ? ~ATLAS_BITS (51, 12) : ~G_GUINT64_CONSTANT (0),
    .va_bits = atlas_levels_va_bits (n_levels),
    .n_left = n_max,
    .found = found,
    .alike = alike,
  };
  return compare_tables (&comparing,
                         n_levels,
                         0,
                         TRUE,
                         atlas_control_get_root_pa (old),
                         TRUE,
                         atlas_control_get_root_pa (new));
}
