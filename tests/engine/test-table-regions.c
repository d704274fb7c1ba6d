/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "space/table-regions.h"

#include "table-mazes.h"

/* ---- Against a list ---- */

static guint64
random_u64 (GRand *rand)
{
  return (guint64) g_rand_int (rand) << 32 | g_rand_int (rand);
}

/* Few entries a table, but every table may be named by several, at several levels, itself included:
 * what the tables map is still small enough to be listed. */
static AtlasMemory *
random_tables (GRand *rand, guint n_levels, AtlasControl *control)
{
  static const guint64 flags[] = { 0,
                                   ATLAS_ENTRY_RW,
                                   ATLAS_ENTRY_US,
                                   ATLAS_ENTRY_RW | ATLAS_ENTRY_US,
                                   ATLAS_ENTRY_XD,
                                   ATLAS_ENTRY_RW | ATLAS_ENTRY_US | ATLAS_ENTRY_XD,
                                   ATLAS_ENTRY_PCD | ATLAS_ENTRY_PWT,
                                   ATLAS_ENTRY_RW | ATLAS_ENTRY_US };
  const guint n_frames = 10;
  AtlasMemory *memory = atlas_memory_new_ram (n_frames * ATLAS_PAGE_BYTES, NULL);

  for (guint frame = 1; frame < n_frames; frame++)
    for (guint n = g_rand_int_range (rand, 1, 7); n > 0; n--)
      {
        guint index = (guint) g_rand_int_range (rand, 0, 512);
        guint length = g_rand_boolean (rand) ? 1 : (guint) g_rand_int_range (rand, 1, 4);
        guint64 entry = flags[g_rand_int_range (rand, 0, G_N_ELEMENTS (flags))] | ATLAS_ENTRY_P |
                        (guint64) g_rand_int_range (rand, 0, 12) * ATLAS_PAGE_BYTES;

        if (g_rand_int_range (rand, 0, 5) == 0)
          entry = (entry & ~ATLAS_BITS (51, 12)) | ATLAS_ENTRY_PS;
        if (g_rand_int_range (rand, 0, 20) == 0)
          entry |= ATLAS_BIT (51); /* reserved */
        for (guint i = index; i < MIN (index + length, 512u); i++)
          atlas_memory_write_u64 (memory, frame * ATLAS_PAGE_BYTES + i * 8, entry);
      }
  *control = atlas_control_windows (ATLAS_PAGE_BYTES);
  if (n_levels == 5)
    control->cr4 |= ATLAS_CR4_LA57;
  return memory;
}

/* What a leaf should be as a region, the slow way. */
static AtlasRegion
region_of_leaf (const AtlasMappedRange *leaf)
{
  static const guint32 protections[] = {
    ATLAS_PAGE_READONLY, ATLAS_PAGE_READWRITE, ATLAS_PAGE_EXECUTE_READ, ATLAS_PAGE_EXECUTE_READWRITE
  };
  guint32 protect = protections[leaf->is_writable + 2 * leaf->is_executable];

  if (leaf->memory_type == 0 || leaf->memory_type == 7)
    protect |= ATLAS_PAGE_NOCACHE;
  if (leaf->memory_type == 1)
    protect |= ATLAS_PAGE_WRITECOMBINE;
  return (AtlasRegion){ .base_va = leaf->first_va,
                        .size_bytes = leaf->page_bytes,
                        .allocation_base_va = leaf->page_bytes, /* only to tell sizes apart */
                        .protect = protect,
                        .state = ATLAS_STATE_COMMIT,
                        .region_class = leaf->is_user ? ATLAS_CLASS_PRIVATE : ATLAS_CLASS_KERNEL };
}

static void
append_gap (GArray *regions, AtlasVa base_va, guint64 size_bytes, gboolean is_hole)
{
  AtlasRegion gap = { .base_va = base_va,
                      .size_bytes = size_bytes,
                      .protect = is_hole ? 0 : ATLAS_PAGE_NOACCESS,
                      .state = is_hole ? ATLAS_STATE_OUTSIDE : ATLAS_STATE_FREE,
                      .region_class = is_hole ? ATLAS_CLASS_HOLE : ATLAS_CLASS_FREE };

  if (size_bytes > 0)
    g_array_append_val (regions, gap);
}

/* Free from @next_va to @base_va, with the hole told apart. */
static void
append_gaps (GArray *regions, AtlasVa next_va, AtlasVa base_va, AtlasVa half_bytes)
{
  if (next_va <= half_bytes && (base_va == 0 || base_va >= -half_bytes))
    {
      append_gap (regions, next_va, half_bytes - next_va, FALSE);
      append_gap (regions, half_bytes, -half_bytes - half_bytes, TRUE);
      append_gap (regions, -half_bytes, base_va + half_bytes, FALSE);
    }
  else
    append_gap (regions, next_va, base_va - next_va, FALSE);
}

static GArray *
list_regions (const AtlasTableGraph *graph, const AtlasControl *control)
{
  GArray *regions = g_array_new (FALSE, FALSE, sizeof (AtlasRegion));
  AtlasVa half_bytes = ATLAS_BIT (atlas_control_get_n_levels (control) == 5 ? 56 : 47);
  AtlasVa next_va = 0;
  AtlasTableIter iter;
  AtlasMappedRange leaf;

  atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
  while (atlas_table_iter_next_leaf (&iter, &leaf))
    {
      AtlasRegion region = region_of_leaf (&leaf);
      AtlasRegion *before;

      append_gaps (regions, next_va, leaf.first_va, half_bytes);
      before = regions->len > 0 ? &g_array_index (regions, AtlasRegion, regions->len - 1) : NULL;
      if (before != NULL && leaf.first_va == next_va && leaf.first_va != -half_bytes &&
          before->state == ATLAS_STATE_COMMIT && before->protect == region.protect &&
          before->region_class == region.region_class &&
          before->allocation_base_va == region.allocation_base_va)
        before->size_bytes += region.size_bytes;
      else
        g_array_append_val (regions, region);
      next_va = leaf.last_va + 1;
      if (next_va == 0)
        return regions;
    }
  append_gaps (regions, next_va, 0, half_bytes);
  return regions;
}

static void
summarize_slowly (const GArray *regions, AtlasVa first_va, AtlasVa last_va, AtlasRegionSummary *sum)
{
  *sum = (AtlasRegionSummary){ 0 };
  for (guint i = 0; i < regions->len; i++)
    {
      const AtlasRegion *region = &g_array_index (regions, AtlasRegion, i);
      AtlasVa from_va = MAX (first_va, region->base_va);
      AtlasVa to_va = MIN (last_va, atlas_region_get_last_va (region));

      if (from_va > to_va)
        continue;
      if (sum->n_regions++ == 0)
        {
          sum->first_index = i;
          sum->top_index = i;
          sum->top_class = region->region_class;
        }
      if (region->region_class > sum->top_class)
        {
          sum->top_class = region->region_class;
          sum->top_index = i;
        }
      if (region->state == ATLAS_STATE_COMMIT)
        sum->committed_bytes += to_va - from_va + 1;
      if (region->state == ATLAS_STATE_FREE)
        sum->free_bytes += to_va - from_va + 1;
      sum->has_writable_executable |= atlas_region_is_writable_executable (region);
    }
}

static AtlasVa
random_va (GRand *rand, const GArray *regions)
{
  const AtlasRegion *region =
    &g_array_index (regions, AtlasRegion, g_rand_int_range (rand, 0, (gint) regions->len));

  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      return region->base_va;
    case 1:
      return atlas_region_get_last_va (region);
    case 2:
      return region->base_va + random_u64 (rand) % region->size_bytes;
    default:
      return random_u64 (rand) >> g_rand_int_range (rand, 0, 64);
    }
}

static void
check_against_list (AtlasRegionSet *set, const GArray *regions, GRand *rand)
{
  g_assert_cmpuint (atlas_region_set_get_n_regions (set), ==, regions->len);
  g_assert_false (atlas_region_set_has_slots (set));
  for (guint i = 0; i < regions->len; i++)
    {
      const AtlasRegion *expected = &g_array_index (regions, AtlasRegion, i);
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      g_assert_cmphex (region->base_va, ==, expected->base_va);
      g_assert_cmphex (region->size_bytes, ==, expected->size_bytes);
      g_assert_cmphex (region->protect, ==, expected->protect);
      g_assert_cmpint (region->state, ==, expected->state);
      g_assert_cmpint (region->region_class, ==, expected->region_class);
      g_assert_cmpint (region->state == ATLAS_STATE_COMMIT,
                       ==,
                       region->source != NULL && region->region_class != ATLAS_CLASS_HOLE);
    }
  for (guint i = 0; i < 300; i++)
    {
      AtlasVa a_va = random_va (rand, regions);
      AtlasVa b_va = random_va (rand, regions);
      AtlasRegionSummary fast, slow;

      atlas_region_set_summarize (set, MIN (a_va, b_va), MAX (a_va, b_va), &fast);
      summarize_slowly (regions, MIN (a_va, b_va), MAX (a_va, b_va), &slow);
      g_assert_cmpuint (fast.n_regions, ==, slow.n_regions);
      g_assert_cmpuint (fast.first_index, ==, slow.first_index);
      g_assert_cmpint (fast.top_class, ==, slow.top_class);
      g_assert_cmpuint (fast.top_index, ==, slow.top_index);
      g_assert_cmpuint (fast.committed_bytes, ==, slow.committed_bytes);
      g_assert_cmpuint (fast.reserved_bytes, ==, 0);
      g_assert_cmpuint (fast.free_bytes, ==, slow.free_bytes);
      g_assert_cmpint (fast.has_writable_executable, ==, slow.has_writable_executable);
      g_assert_cmpuint (atlas_region_set_find (set, MIN (a_va, b_va)), ==, slow.first_index);
    }
}

static void
test_same_as_a_list (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint n_listed = 0;

  for (guint round = 0; round < 120; round++)
    {
      AtlasControl control;
      g_autoptr (AtlasMemory) memory = random_tables (rand, 4 + round % 2, &control);
      g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
      const AtlasTableNode *root = atlas_table_graph_get_node (graph, 0);

      if (root->n_leaves[0] + root->n_leaves[1] + root->n_leaves[2] > 20000)
        continue;
      n_listed++;

      g_autoptr (GArray) regions = list_regions (graph, &control);
      g_autoptr (AtlasRegionSet) asked = atlas_region_set_new_of_tables_uncopied (graph);
      g_autoptr (AtlasRegionSet) copied = atlas_region_set_new_of_tables (graph);

      check_against_list (asked, regions, rand);
      check_against_list (copied, regions, rand);
    }
  g_assert_cmpuint (n_listed, >, 60);
}

/* ---- More than a list could hold ---- */

static void
test_mazes_are_counted (void)
{
  static const struct
  {
    guint n_levels;
    guint n_root_entries;
    guint64 n_pages;
    guint64 n_regions;
  } mazes[] = {
    { 4, 1, G_GUINT64_CONSTANT (1) << 27, (G_GUINT64_CONSTANT (1) << 27) + 3 },
    { 4, 256, G_GUINT64_CONSTANT (1) << 35, (G_GUINT64_CONSTANT (1) << 35) + 2 },
    { 4, 512, G_GUINT64_CONSTANT (1) << 36, (G_GUINT64_CONSTANT (1) << 36) + 1 },
    { 5, 512, G_GUINT64_CONSTANT (1) << 45, (G_GUINT64_CONSTANT (1) << 45) + 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (mazes); i++)
    {
      AtlasControl control;
      g_autoptr (AtlasMemory) memory =
        maze_new (mazes[i].n_levels, mazes[i].n_root_entries, &control);
      g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
      g_autoptr (AtlasRegionSet) set = atlas_region_set_new_of_tables (graph);
      guint64 n_lower =
        MIN (mazes[i].n_pages, (guint64) (ATLAS_BIT (mazes[i].n_levels == 5 ? 56 : 47) >> 12));
      AtlasRegionSummary all;

      g_assert_cmpuint (atlas_region_set_get_n_regions (set), ==, mazes[i].n_regions);
      atlas_region_set_summarize (set, 0, G_MAXUINT64, &all);
      g_assert_cmpuint (all.n_regions, ==, mazes[i].n_regions);
      g_assert_cmpuint (all.committed_bytes, ==, mazes[i].n_pages * ATLAS_PAGE_BYTES);
      g_assert_cmpint (
        atlas_region_set_knows_kernel_half (set), ==, mazes[i].n_root_entries == 512);
      for (guint64 index = 0; index < n_lower; index = index * 3 + 1)
        {
          const AtlasRegion *region = atlas_region_set_get_region (set, index);

          g_assert_cmphex (region->base_va, ==, index * ATLAS_PAGE_BYTES);
          g_assert_cmphex (region->size_bytes, ==, ATLAS_PAGE_BYTES);
          /* The maze is executable throughout. */
          g_assert_cmphex (region->protect,
                           ==,
                           index % 2 != 0 ? ATLAS_PAGE_EXECUTE_READWRITE : ATLAS_PAGE_EXECUTE_READ);
          g_assert_cmpuint (atlas_region_set_find (set, region->base_va + 0xfff), ==, index);
        }
    }
}

/* As many as the header promises stay as they were told. */
static void
test_regions_stay_valid_together (void)
{
  AtlasControl control;
  g_autoptr (AtlasMemory) memory = maze_new (4, 1, &control);
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  g_autoptr (AtlasRegionSet) set = atlas_region_set_new_of_tables (graph);
  const AtlasRegion *regions[ATLAS_REGIONS_VALID_TOGETHER];

  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    regions[i] = atlas_region_set_get_region (set, i);
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    g_assert_cmphex (regions[i]->base_va, ==, i * ATLAS_PAGE_BYTES);
}

/* ---- Hostile ---- */

static void
test_root_beyond_memory (void)
{
  g_autoptr (AtlasMemory) memory = atlas_memory_new_ram (ATLAS_PAGE_BYTES, NULL);
  AtlasControl control = atlas_control_windows (ATLAS_GB (7));
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  g_autoptr (AtlasRegionSet) set = atlas_region_set_new_of_tables_uncopied (graph);

  g_assert_cmpuint (atlas_region_set_get_n_regions (set), ==, 3);
  g_assert_cmphex (atlas_region_set_get_region (set, 1)->base_va, ==, ATLAS_BIT (47));
  g_assert_cmphex (atlas_region_set_get_region (set, 2)->base_va, ==, -ATLAS_BIT (47));
  g_assert_cmphex (
    atlas_region_get_last_va (atlas_region_set_get_region (set, 2)), ==, G_MAXUINT64);
}

static void
test_all_ones_map_nothing (void)
{
  g_autoptr (AtlasMemory) memory = atlas_memory_new_ram (2 * ATLAS_PAGE_BYTES, NULL);
  AtlasControl control = atlas_control_windows (ATLAS_PAGE_BYTES);

  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    atlas_memory_write_u64 (memory, ATLAS_PAGE_BYTES + i * 8, G_MAXUINT64);

  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  g_autoptr (AtlasRegionSet) set = atlas_region_set_new_of_tables (graph);

  g_assert_cmpuint (atlas_region_set_get_n_regions (set), ==, 3);
}

/* All 512 entries of the only table name it: 512⁴ ways, all ending in the same page. */
static void
test_self_map_everywhere (void)
{
  g_autoptr (AtlasMemory) memory = atlas_memory_new_ram (2 * ATLAS_PAGE_BYTES, NULL);
  AtlasControl control = atlas_control_windows (ATLAS_PAGE_BYTES);

  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    atlas_memory_write_u64 (
      memory, ATLAS_PAGE_BYTES + i * 8, ATLAS_PAGE_BYTES | ATLAS_ENTRY_P | ATLAS_ENTRY_RW);

  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  g_autoptr (AtlasRegionSet) set = atlas_region_set_new_of_tables (graph);

  g_assert_cmpuint (atlas_region_set_get_n_regions (set), ==, 3);
  g_assert_cmphex (atlas_region_set_get_region (set, 0)->size_bytes, ==, ATLAS_BIT (47));
  g_assert_cmpint (atlas_region_set_get_region (set, 0)->region_class, ==, ATLAS_CLASS_KERNEL);
  g_assert_cmpstr (
    atlas_region_set_get_region (set, 2)->reason, ==, "supervisor, writable and executable");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/table-regions/same-as-a-list", test_same_as_a_list);
  g_test_add_func ("/table-regions/mazes-are-counted", test_mazes_are_counted);
  g_test_add_func ("/table-regions/valid-together", test_regions_stay_valid_together);
  g_test_add_func ("/table-regions/root-beyond-memory", test_root_beyond_memory);
  g_test_add_func ("/table-regions/all-ones", test_all_ones_map_nothing);
  g_test_add_func ("/table-regions/self-map-everywhere", test_self_map_everywhere);

  return g_test_run ();
}
