/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/root-scan.h"

#include <glib/gi18n-lib.h>

/* Pages whose whole graph is looked at. */
#define LIKELY_MAX 64u
/* So many tables that do not fit their level are enough to turn a page down, if fewer do fit. */
#define MISFITS_MAX 8u
/* A graph is believed when at most one entry in so many leads nowhere. */
#define WRONG_PART 16u
/* So many likely roots are named when none is given. */
#define N_TOLD 5u

/* A page that passed the first look. */
typedef struct
{
  AtlasPa root_pa;
  guint n_fitting; /* tables in the kernel half that fit */
  gboolean has_self_map;
} Likely;

static gboolean
fits_level (guint64 entry, guint level, const AtlasControl *control)
{
  gboolean is_leaf = atlas_entry_is_leaf (entry, level);

  return (entry & atlas_entry_reserved_mask (level, is_leaf, control)) == 0;
}

static gboolean
read_table (const AtlasMemory *memory, AtlasPa table_pa, guint64 entries[ATLAS_TABLE_ENTRIES])
{
  return atlas_memory_read (memory, table_pa, entries, ATLAS_PAGE_BYTES);
}

typedef enum
{
  FIT_NOT,   /* not there, or something that the level forbids */
  FIT_EMPTY, /* tells nothing: kernels keep tables in store */
  FIT_WELL,
} Fit;

static Fit
look_at_table (const AtlasMemory *memory,
               AtlasPa table_pa,
               guint level,
               const AtlasControl *control)
{
  guint64 entries[ATLAS_TABLE_ENTRIES];
  guint n_present = 0;

  if (!read_table (memory, table_pa, entries))
    return FIT_NOT;
  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    {
      guint64 entry = GUINT64_FROM_LE (entries[i]);

      if ((entry & ATLAS_ENTRY_P) == 0)
        continue;
      if (!fits_level (entry, level, control))
        return FIT_NOT;
      n_present++;
    }
  return n_present > 0 ? FIT_WELL : FIT_EMPTY;
}

static gboolean
is_likely (const AtlasMemory *memory, AtlasPa root_pa, const AtlasControl *control, Likely *likely)
{
  guint64 entries[ATLAS_TABLE_ENTRIES];
  guint n_levels = atlas_control_get_n_levels (control);
  guint n_fitting = 0;
  guint n_misfits = 0;

  *likely = (Likely){ .root_pa = root_pa };
  if (!read_table (memory, root_pa, entries))
    return FALSE;

  /* The cheap test first, over the whole page. */
  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    {
      guint64 entry = GUINT64_FROM_LE (entries[i]);

      if ((entry & ATLAS_ENTRY_P) != 0 && !fits_level (entry, n_levels, control))
        return FALSE;
    }
  /* The kernel half first: every process has it. */
  for (guint i = ATLAS_TABLE_ENTRIES; i-- > 0;)
    {
      guint64 entry = GUINT64_FROM_LE (entries[i]);
      gboolean is_kernel_half = i >= ATLAS_TABLE_ENTRIES / 2;

      if ((entry & ATLAS_ENTRY_P) == 0)
        continue;
      if (atlas_entry_get_table_pa (entry) == root_pa)
        {
          likely->has_self_map = likely->has_self_map || is_kernel_half;
          continue;
        }
      switch (look_at_table (memory, atlas_entry_get_table_pa (entry), n_levels - 1, control))
        {
        case FIT_NOT:
          n_misfits++;
          break;
        case FIT_EMPTY:
          break;
        case FIT_WELL:
          n_fitting++;
          likely->n_fitting += (guint) is_kernel_half;
          break;
        }
      if (n_misfits >= MISFITS_MAX && n_misfits > n_fitting)
        return FALSE;
    }
  return n_fitting > n_misfits && (likely->n_fitting > 0 || likely->has_self_map);
}

static gint
compare_likely (gconstpointer a, gconstpointer b)
{
  const Likely *likely_a = a;
  const Likely *likely_b = b;

  if (likely_a->has_self_map != likely_b->has_self_map)
    return likely_b->has_self_map - likely_a->has_self_map;
  if (likely_a->n_fitting != likely_b->n_fitting)
    return likely_a->n_fitting < likely_b->n_fitting ? 1 : -1;
  return (likely_a->root_pa > likely_b->root_pa) - (likely_a->root_pa < likely_b->root_pa);
}

/* Keeps the best LIKELY_MAX, now and then. */
static void
keep_best (GArray *likely, guint n_max)
{
  g_array_sort (likely, compare_likely);
  if (likely->len > n_max)
    g_array_set_size (likely, n_max);
}

static GArray *
find_likely (AtlasMemory *memory, const AtlasControl *control)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (Likely));
  AtlasPa from_pa = 0;
  AtlasPa base_pa;
  guint64 size_bytes;

  while (atlas_memory_find_range (memory, from_pa, &base_pa, &size_bytes))
    {
      AtlasPa end_pa = base_pa + size_bytes;
      AtlasPa pa = (base_pa + ATLAS_PAGE_MASK) & ~ATLAS_PAGE_MASK;

      for (; pa >= base_pa && pa < end_pa && end_pa - pa >= ATLAS_PAGE_BYTES;
           pa += ATLAS_PAGE_BYTES)
        {
          Likely likely;

          if (!is_likely (memory, pa, control, &likely))
            continue;
          g_array_append_val (found, likely);
          if (found->len >= 16 * LIKELY_MAX)
            keep_best (found, LIKELY_MAX);
        }
      from_pa = end_pa;
    }
  keep_best (found, LIKELY_MAX);
  return found;
}

static gboolean
judge (AtlasMemory *memory,
       const AtlasControl *control,
       const Likely *likely,
       AtlasRootCandidate *candidate)
{
  AtlasControl with_root = *control;
  g_autoptr (AtlasTableGraph) graph = NULL;
  guint64 n_present = 0;

  with_root.cr3 = likely->root_pa;
  graph = atlas_table_graph_new (memory, &with_root);
  *candidate = (AtlasRootCandidate){ .root_pa = likely->root_pa,
                                     .n_levels = atlas_control_get_n_levels (control),
                                     .n_tables = atlas_table_graph_get_n_nodes (graph),
                                     .has_self_map = likely->has_self_map };
  for (guint i = 0; i < candidate->n_tables; i++)
    {
      const AtlasTableNode *node = atlas_table_graph_get_node (graph, i);

      n_present += node->n_present;
      candidate->n_wrong += node->n_reserved + node->n_missing;
      if (i == 0)
        candidate->n_leaves = node->n_leaves[0] + node->n_leaves[1] + node->n_leaves[2];
    }
  return candidate->n_leaves > 0 && candidate->n_wrong <= n_present / WRONG_PART;
}

static gint
compare_candidates (gconstpointer a, gconstpointer b)
{
  const AtlasRootCandidate *candidate_a = a;
  const AtlasRootCandidate *candidate_b = b;
  gboolean is_clean_a = candidate_a->n_wrong == 0;
  gboolean is_clean_b = candidate_b->n_wrong == 0;

  if (is_clean_a != is_clean_b)
    return is_clean_b - is_clean_a;
  if (candidate_a->n_leaves != candidate_b->n_leaves)
    return candidate_a->n_leaves < candidate_b->n_leaves ? 1 : -1;
  return (candidate_a->root_pa > candidate_b->root_pa) -
         (candidate_a->root_pa < candidate_b->root_pa);
}

GArray *
atlas_root_scan (AtlasMemory *memory, const AtlasControl *control, guint n_max)
{
  GArray *candidates;

  g_return_val_if_fail (memory != NULL && control != NULL, NULL);

  candidates = g_array_new (FALSE, FALSE, sizeof (AtlasRootCandidate));
  for (guint n_levels = 4; n_levels <= ATLAS_LEVELS_MAX; n_levels++)
    {
      AtlasControl with_levels = *control;
      g_autoptr (GArray) likely = NULL;

      with_levels.cr4 &= ~ATLAS_CR4_LA57;
      if (n_levels == 5)
        with_levels.cr4 |= ATLAS_CR4_LA57;
      likely = find_likely (memory, &with_levels);
      for (guint i = 0; i < likely->len; i++)
        {
          AtlasRootCandidate candidate;

          if (judge (memory, &with_levels, &g_array_index (likely, Likely, i), &candidate))
            g_array_append_val (candidates, candidate);
        }
    }
  g_array_sort (candidates, compare_candidates);
  if (candidates->len > n_max)
    g_array_set_size (candidates, n_max);
  return candidates;
}

void
atlas_root_scan_set_error (AtlasMemory *memory,
                           const AtlasControl *control,
                           const char *name,
                           GError **error)
{
  g_autoptr (GArray) candidates = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_if_fail (memory != NULL && control != NULL && name != NULL);

  candidates = atlas_root_scan (memory, control, N_TOLD);
  for (guint i = 0; i < candidates->len; i++)
    {
      const AtlasRootCandidate *candidate = &g_array_index (candidates, AtlasRootCandidate, i);
      g_autofree char *n_leaves = atlas_format_count (candidate->n_leaves);

      g_string_append_printf (text,
                              _ ("\n  0x%llx  %u levels, %s pages in %llu tables%s"),
                              (unsigned long long) candidate->root_pa,
                              candidate->n_levels,
                              n_leaves,
                              (unsigned long long) candidate->n_tables,
                              candidate->has_self_map ? _ (", maps itself") : "");
    }
  g_set_error (error,
               ATLAS_ERROR,
               ATLAS_ERROR_NO_ROOT,
               _ ("%s: an image of physical memory that does not tell CR3; %s%s"),
               name,
               candidates->len > 0 ? _ ("it could be")
                                   : _ ("nothing in it looks like a root table"),
               text->str);
}
