/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "pool-fixture.h"

static guint64
random_u64 (void)
{
  return ((guint64) (guint32) g_test_rand_int () << 32) | (guint32) g_test_rand_int ();
}

/* The slow count: every way down, one by one. */
static void
count_slowly (const AtlasMemory *memory,
              const AtlasControl *control,
              AtlasPa table_pa,
              guint level,
              guint64 n_leaves[3])
{
  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    {
      guint64 entry;
      gboolean is_leaf;

      if (!atlas_memory_read_u64 (memory, table_pa + i * 8, &entry) || (entry & 1) == 0)
        continue;
      is_leaf = level == 1 || (level <= 3 && (entry & 0x80) != 0);
      if ((entry & atlas_entry_reserved_mask (level, is_leaf, control)) != 0)
        continue;
      if (is_leaf)
        n_leaves[level - 1]++;
      else
        count_slowly (memory, control, entry & ATLAS_ENTRY_FRAME, level - 1, n_leaves);
    }
}

/* A few tables with entries thrown in at random: shared, cyclic, self-mapped, broken. */
static void
fill_randomly (Pool *pool)
{
  guint n_entries = (guint) g_test_rand_int_range (1, 40);

  for (guint i = 0; i < n_entries; i++)
    {
      AtlasPa table_pa = (AtlasPa) g_test_rand_int_range (1, (gint) pool->n_frames + 2) << 12;
      guint index = (guint) g_test_rand_int_range (0, 4) * 170;
      /* One frame more than there is memory for. */
      guint64 entry = ((guint64) g_test_rand_int_range (1, (gint) pool->n_frames + 3) << 12) | 1;

      entry |= random_u64 () & (ATLAS_ENTRY_RW | ATLAS_ENTRY_US | ATLAS_ENTRY_A);
      if (g_test_rand_int_range (0, 8) == 0)
        entry = (entry & 0xfff) | ATLAS_ENTRY_PS | (random_u64 () & ATLAS_BITS (33, 20));
      if (g_test_rand_int_range (0, 10) == 0)
        entry |= ATLAS_BIT (51);
      if (g_test_rand_int_range (0, 6) == 0)
        entry |= ATLAS_ENTRY_XD;
      g_assert_true (atlas_memory_write_u64 (pool->memory, table_pa + index * 8, entry));
    }
}

static void
assert_range_walks (const Pool *pool, const AtlasMappedRange *range)
{
  AtlasControl control = pool->control;

  /* Only reading matters here. */
  control.cr4 &= ~ATLAS_CR4_SMAP;
  for (guint end = 0; end < 2; end++)
    {
      AtlasWalkQuery query = { .va = end == 0 ? range->first_va : range->last_va,
                               .is_supervisor = TRUE };
      AtlasWalkResult result;

      atlas_walk (pool->memory, &control, &query, &result);
      g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmphex (result.pa, ==, range->first_pa + (query.va - range->first_va));
      g_assert_cmphex (result.page_bytes, ==, range->page_bytes);
      g_assert_cmpint (result.is_writable, ==, range->is_writable);
      g_assert_cmpint (result.is_user, ==, range->is_user);
      g_assert_cmpint (result.is_executable, ==, range->is_executable);
      g_assert_cmpint (result.is_global, ==, range->is_global);
      g_assert_cmpint (result.memory_type, ==, range->memory_type);
      g_assert_cmpint (result.protection_key, ==, range->protection_key);
    }
}

static void
test_random_graphs (void)
{
  guint64 n_all_leaves = 0;

  for (guint round = 0; round < 300; round++)
    {
      Pool pool;
      guint64 n_leaves[3] = { 0 };
      guint64 n_listed[3] = { 0 };
      guint64 n_merged_bytes = 0;
      AtlasTableIter iter;
      AtlasMappedRange range, previous;
      gboolean has_previous = FALSE;

      pool_init (&pool, 5, 4 + round % 2);
      fill_randomly (&pool);
      g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (pool.memory, &pool.control);
      const AtlasTableNode *root = atlas_table_graph_get_node (graph, 0);

      count_slowly (pool.memory,
                    &pool.control,
                    ATLAS_PAGE_BYTES,
                    atlas_control_get_n_levels (&pool.control),
                    n_leaves);
      g_assert_cmphex (root->table_pa, ==, ATLAS_PAGE_BYTES);
      for (guint i = 0; i < 3; i++)
        g_assert_cmpuint (root->n_leaves[i], ==, n_leaves[i]);
      g_assert_cmpuint (
        root->mapped_bytes, ==, (n_leaves[0] << 12) + (n_leaves[1] << 21) + (n_leaves[2] << 30));
      g_assert_cmpuint (atlas_table_graph_get_n_nodes (graph), <=, 6 * 5);

      atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
      while (atlas_table_iter_next_leaf (&iter, &range))
        {
          n_listed[range.page_bytes == ATLAS_KB (4)   ? 0
                   : range.page_bytes == ATLAS_MB (2) ? 1
                                                      : 2]++;
          if (has_previous)
            g_assert_cmphex (range.first_va, >, previous.last_va);
          assert_range_walks (&pool, &range);
          previous = range;
          has_previous = TRUE;
        }
      for (guint i = 0; i < 3; i++)
        g_assert_cmpuint (n_listed[i], ==, n_leaves[i]);

      /* Merged ranges: the same bytes, and no two neighbours that could be one. */
      has_previous = FALSE;
      atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
      while (atlas_table_iter_next_range (&iter, &range))
        {
          n_merged_bytes += range.last_va - range.first_va + 1;
          assert_range_walks (&pool, &range);
          if (has_previous && previous.last_va + 1 == range.first_va)
            g_assert_false (
              previous.first_pa + (range.first_va - previous.first_va) == range.first_pa &&
              previous.page_bytes == range.page_bytes &&
              previous.is_writable == range.is_writable && previous.is_user == range.is_user &&
              previous.is_executable == range.is_executable &&
              previous.is_global == range.is_global &&
              previous.protection_key == range.protection_key &&
              previous.memory_type == range.memory_type);
          previous = range;
          has_previous = TRUE;
        }
      g_assert_cmpuint (n_merged_bytes, ==, root->mapped_bytes);
      n_all_leaves += n_leaves[0] + n_leaves[1] + n_leaves[2];
      pool_clear (&pool);
    }
  g_assert_cmpuint (n_all_leaves, >, 1000);
}

static void
test_windows_of_addresses (void)
{
  Pool pool;

  g_autoptr (AtlasTableGraph) graph = NULL;
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (AtlasMappedRange));
  AtlasTableIter iter;
  AtlasMappedRange leaf;

  /* Random tables may map next to nothing: change them until there is something to look at. */
  pool_init (&pool, 5, 4);
  while (all->len <= 50)
    {
      for (guint i = 0; i < 20; i++)
        fill_randomly (&pool);
      g_clear_pointer (&graph, atlas_table_graph_unref);
      graph = atlas_table_graph_new (pool.memory, &pool.control);
      g_array_set_size (all, 0);
      atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
      while (all->len < 5000 && atlas_table_iter_next_leaf (&iter, &leaf))
        g_array_append_val (all, leaf);
    }

  for (guint round = 0; round < 500; round++)
    {
      guint at = (guint) g_test_rand_int_range (0, (gint) all->len);
      guint n_more = (guint) g_test_rand_int_range (0, 20); /* MIN () would draw twice */
      guint to = MIN (all->len - 1, at + n_more);
      const AtlasMappedRange *first = &g_array_index (all, AtlasMappedRange, at);
      const AtlasMappedRange *last = &g_array_index (all, AtlasMappedRange, to);
      /* The bounds may stand in the middle of a page. */
      AtlasVa first_va = first->first_va + random_u64 () % first->page_bytes;
      AtlasVa last_va = last->first_va + random_u64 () % last->page_bytes;

      if (first_va > last_va)
        continue;
      atlas_table_iter_init (&iter, graph, first_va, last_va);
      for (guint i = at; i <= to; i++)
        {
          g_assert_true (atlas_table_iter_next_leaf (&iter, &leaf));
          g_assert_cmphex (leaf.first_va, ==, g_array_index (all, AtlasMappedRange, i).first_va);
        }
      g_assert_false (atlas_table_iter_next_leaf (&iter, &leaf));
      g_assert_false (atlas_table_iter_next_leaf (&iter, &leaf));
    }

  /* Bounds in the hole close onto the halves; an empty window is empty. */
  atlas_table_iter_init (&iter, graph, ATLAS_BIT (47), ATLAS_BIT (47) + 5);
  g_assert_false (atlas_table_iter_next_leaf (&iter, &leaf));
  atlas_table_iter_init (&iter, graph, 5, 4);
  g_assert_false (atlas_table_iter_next_range (&iter, &leaf));
  pool_clear (&pool);
}

/* Both questions against a list of all leaves. */
static void
test_questions_equal_the_list (void)
{
  guint n_found_anywhere = 0;

  for (guint round = 0; round < 60; round++)
    {
      Pool pool;
      AtlasTableIter iter;
      AtlasMappedRange leaf;

      pool_init (&pool, 5, 4 + round % 2);
      for (guint i = 0; i < 4; i++)
        fill_randomly (&pool);
      g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (pool.memory, &pool.control);
      g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (AtlasMappedRange));

      atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
      while (atlas_table_iter_next_leaf (&iter, &leaf))
        g_array_append_val (all, leaf);

      for (guint i = 0; i < 12; i++)
        {
          AtlasPa pa = i < 9 ? i * ATLAS_PAGE_BYTES + 0x123 : random_u64 () & ATLAS_BITS (33, 0);
          AtlasMappedRange found[20];
          guint64 n_expected = 0;
          guint n_found = atlas_table_graph_find_mappings (graph, pa, found, 20);

          for (guint j = 0; j < all->len; j++)
            {
              const AtlasMappedRange *page = &g_array_index (all, AtlasMappedRange, j);

              if (pa < page->first_pa || pa - page->first_pa >= page->page_bytes)
                continue;
              if (n_expected < 20)
                g_assert_cmphex (found[n_expected].first_va, ==, page->first_va);
              n_expected++;
            }
          g_assert_cmpuint (atlas_table_graph_count_mappings (graph, pa), ==, n_expected);
          g_assert_cmpuint (n_found, ==, MIN (n_expected, 20));
          n_found_anywhere += n_found;
        }

      for (guint i = 0; i < 40 && all->len > 0; i++)
        {
          const AtlasMappedRange *near_page = &g_array_index (
            all, AtlasMappedRange, (guint) g_test_rand_int_range (0, (gint) all->len));
          guint va_bits = atlas_levels_va_bits (atlas_control_get_n_levels (&pool.control));
          AtlasVa first_va = near_page->first_va + random_u64 () % near_page->page_bytes;
          AtlasVa last_va =
            i == 0 ? G_MAXUINT64
                   : atlas_va_sign_extend (
                       first_va + (random_u64 () >> g_test_rand_int_range (16, 60)), va_bits);
          AtlasRangeRights rights,
            expected = { .all_writable = TRUE, .all_user = TRUE, .all_executable = TRUE };

          if (last_va < first_va)
            continue;
          for (guint j = 0; j < all->len; j++)
            {
              const AtlasMappedRange *page = &g_array_index (all, AtlasMappedRange, j);

              if (page->last_va < first_va || page->first_va > last_va)
                continue;
              expected.mapped_bytes +=
                MIN (page->last_va, last_va) - MAX (page->first_va, first_va) + 1;
              expected.any_writable |= page->is_writable;
              expected.any_user |= page->is_user;
              expected.any_executable |= page->is_executable;
              expected.all_writable &= page->is_writable;
              expected.all_user &= page->is_user;
              expected.all_executable &= page->is_executable;
            }
          atlas_table_graph_get_rights (graph, first_va, last_va, &rights);
          g_assert_cmphex (rights.mapped_bytes, ==, expected.mapped_bytes);
          g_assert_cmpint (rights.any_writable, ==, expected.any_writable);
          g_assert_cmpint (rights.any_user, ==, expected.any_user);
          g_assert_cmpint (rights.any_executable, ==, expected.any_executable);
          g_assert_cmpint (rights.all_writable, ==, expected.all_writable);
          g_assert_cmpint (rights.all_user, ==, expected.all_user);
          g_assert_cmpint (rights.all_executable, ==, expected.all_executable);
        }

      /* Where nothing is mapped, nothing holds of all of it. */
      AtlasRangeRights none;
      atlas_table_graph_get_rights (graph, ATLAS_BIT (60), ATLAS_BIT (60) + 1, &none);
      g_assert_cmphex (none.mapped_bytes, ==, 0);
      g_assert_false (none.all_writable || none.all_user || none.all_executable);
      pool_clear (&pool);
    }
  g_assert_cmpuint (n_found_anywhere, >, 100);
}

/* 512³ leaves of one frame (128 · 512³ with the whole PML4 used) in four tables. */
static void
test_shared_tables_are_counted_not_listed (void)
{
  Pool pool;

  pool_init (&pool, 4, 4);
  atlas_memory_write_u64 (pool.memory, 0x1000, 0x2067);
  for (guint level = 3; level >= 1; level--)
    for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
      atlas_memory_write_u64 (
        pool.memory, (5 - level) * 0x1000 + i * 8, ((6 - level) * 0x1000) | 0x67);

  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (pool.memory, &pool.control);
  const AtlasTableNode *root = atlas_table_graph_get_node (graph, 0);

  g_assert_cmpuint (atlas_table_graph_get_n_nodes (graph), ==, 4);
  g_assert_cmpuint (root->n_leaves[0], ==, 134217728);
  g_assert_cmpuint (root->mapped_bytes, ==, ATLAS_GB (512));
  g_assert_cmpuint (atlas_table_graph_find (graph, 0x4000, 1)->n_parents, ==, 512);
  g_assert_null (atlas_table_graph_find (graph, 0x4000, 2));

  /* Neither question goes over the leaves. */
  AtlasRangeRights rights;
  g_assert_cmpuint (atlas_table_graph_count_mappings (graph, 0x5fff), ==, 134217728);
  g_assert_cmpuint (atlas_table_graph_count_mappings (graph, 0x6000), ==, 0);
  atlas_table_graph_get_rights (graph, 0x1800, ATLAS_GB (512) - 0x1001, &rights);
  g_assert_cmphex (rights.mapped_bytes, ==, ATLAS_GB (512) - 0x2800);
  g_assert_true (rights.all_writable && rights.all_user && rights.all_executable);

  /* The first ranges come without going over the rest. */
  AtlasTableIter iter;
  AtlasMappedRange range;
  atlas_table_iter_init (&iter, graph, ATLAS_GB (300) + 5, G_MAXUINT64);
  for (guint i = 0; i < 100; i++)
    {
      g_assert_true (atlas_table_iter_next_range (&iter, &range));
      g_assert_cmphex (range.first_va, ==, ATLAS_GB (300) + i * ATLAS_PAGE_BYTES);
      g_assert_cmphex (range.first_pa, ==, 0x5000);
    }
  pool_clear (&pool);
}

static void
test_self_map (void)
{
  Pool pool;
  AtlasTableIter iter;
  AtlasMappedRange leaf;

  pool_init (&pool, 8, 4);
  atlas_tables_map (pool.memory, &pool.control, 0x12345000, 1, 0x9000 | 0x67, &pool.allocator);
  /* As Windows does it: one entry of the root names the root. */
  atlas_memory_write_u64 (
    pool.memory, ATLAS_PAGE_BYTES + 0x1ed * 8, ATLAS_PAGE_BYTES | 0x63 | ATLAS_ENTRY_XD);
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (pool.memory, &pool.control);

  for (guint level = 1; level <= 4; level++)
    g_assert_nonnull (atlas_table_graph_find (graph, ATLAS_PAGE_BYTES, level));
  /* The page, and through the self-map its PT, PD, PDPT and the root. */
  g_assert_cmpuint (atlas_table_graph_get_node (graph, 0)->n_leaves[0], ==, 5);

  /* The PTE of an address, seen at PTE_BASE + va / 4096 * 8. */
  AtlasVa pte_va = 0xfffff68000000000 + (0x12345000 >> 12) * 8;
  atlas_table_iter_init (&iter, graph, pte_va, pte_va + 7);
  g_assert_true (atlas_table_iter_next_leaf (&iter, &leaf));
  g_assert_false (leaf.is_user);
  g_assert_false (leaf.is_executable);

  AtlasPa entry_pa;
  atlas_tables_find (pool.memory, &pool.control, 0x12345000, 1, NULL, &entry_pa, NULL);
  g_assert_cmphex (leaf.first_pa + (pte_va & ATLAS_PAGE_MASK), ==, entry_pa);
  pool_clear (&pool);
}

/* Paths without number to tables without a leaf must not be gone over. */
static void
test_empty_maze_ends (void)
{
  Pool pool;
  AtlasTableIter iter;
  AtlasMappedRange leaf;

  pool_init (&pool, 6, 5);
  for (guint level = 5; level >= 2; level--)
    for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
      atlas_memory_write_u64 (
        pool.memory, (6 - level) * 0x1000 + i * 8, ((7 - level) * 0x1000) | 0x67);
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (pool.memory, &pool.control);
  g_assert_cmpuint (atlas_table_graph_get_node (graph, 0)->mapped_bytes, ==, 0);
  atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
  g_assert_false (atlas_table_iter_next_leaf (&iter, &leaf));
  pool_clear (&pool);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/table-graph/random-graphs", test_random_graphs);
  g_test_add_func ("/table-graph/windows-of-addresses", test_windows_of_addresses);
  g_test_add_func ("/table-graph/questions-equal-the-list", test_questions_equal_the_list);
  g_test_add_func ("/table-graph/shared-tables-are-counted-not-listed",
                   test_shared_tables_are_counted_not_listed);
  g_test_add_func ("/table-graph/self-map", test_self_map);
  g_test_add_func ("/table-graph/empty-maze-ends", test_empty_maze_ends);
  return g_test_run ();
}
