/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "pool-fixture.h"

static void
test_map_walk_unmap (void)
{
  static const AtlasVa edges[] = {
    0,          0x1000,       0x10000,      0x1fffff,       0x200000,           0x3fffffff,
    0x40000000, 0x7fffffffff, 0x8000000000, 0x7fffffffffff, 0xffff800000000000, 0xffffffffffffffff,
  };

  for (guint n_levels = 4; n_levels <= 5; n_levels++)
    for (guint level = 1; level <= 3; level++)
      for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
        {
          Pool pool;
          guint64 span = atlas_level_span_bytes (level);
          AtlasPa page_pa = 5 * span;
          guint64 leaf = page_pa | 0x67 | (level > 1 ? ATLAS_ENTRY_PS : 0);
          AtlasWalkQuery query = { .va = edges[i], .access = ATLAS_ACCESS_WRITE };
          AtlasWalkResult result;
          guint64 entry;

          pool_init (&pool, 8, n_levels);
          g_assert_cmpint (
            atlas_tables_get_entry (pool.memory, &pool.control, edges[i], level, &entry),
            ==,
            ATLAS_TABLES_NO_TABLE);
          g_assert_cmpint (
            atlas_tables_map (pool.memory, &pool.control, edges[i], level, leaf, &pool.allocator),
            ==,
            ATLAS_TABLES_DONE);
          g_assert_cmpuint (pool.n_used, ==, n_levels - level);
          g_assert_cmpint (
            atlas_tables_map (pool.memory, &pool.control, edges[i], level, leaf, &pool.allocator),
            ==,
            ATLAS_TABLES_OCCUPIED);

          atlas_walk (pool.memory, &pool.control, &query, &result);
          g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
          g_assert_cmphex (result.pa, ==, page_pa | (edges[i] & (span - 1)));
          g_assert_cmphex (result.page_bytes, ==, span);
          g_assert_cmpint (
            atlas_tables_get_entry (pool.memory, &pool.control, edges[i], level, &entry),
            ==,
            ATLAS_TABLES_DONE);
          g_assert_cmphex (entry, ==, leaf);
          if (level > 1)
            g_assert_cmpint (
              atlas_tables_get_entry (pool.memory, &pool.control, edges[i], level - 1, &entry),
              ==,
              ATLAS_TABLES_LARGE_PAGE);

          g_assert_cmpint (
            atlas_tables_unmap (pool.memory, &pool.control, edges[i], level, &pool.allocator),
            ==,
            ATLAS_TABLES_DONE);
          g_assert_cmpuint (pool.n_used, ==, 0);
          g_assert_cmpint (
            atlas_tables_unmap (pool.memory, &pool.control, edges[i], level, &pool.allocator),
            ==,
            ATLAS_TABLES_NO_TABLE);
          pool_clear (&pool);
        }
}

static void
test_tables_stay_while_used (void)
{
  Pool pool;
  guint64 entry;

  pool_init (&pool, 8, 4);
  for (guint i = 0; i < 2; i++)
    atlas_tables_map (pool.memory, &pool.control, i * ATLAS_PAGE_BYTES, 1, 0x67, &pool.allocator);
  g_assert_cmpuint (pool.n_used, ==, 3);
  atlas_tables_unmap (pool.memory, &pool.control, 0, 1, &pool.allocator);
  g_assert_cmpuint (pool.n_used, ==, 3);

  /* An entry that is not present but not 0 belongs to the operating system: its table stays. */
  g_assert_cmpint (
    atlas_tables_set_entry (pool.memory, &pool.control, 0, 1, 0x80), ==, ATLAS_TABLES_DONE);
  atlas_tables_unmap (pool.memory, &pool.control, ATLAS_PAGE_BYTES, 1, &pool.allocator);
  g_assert_cmpuint (pool.n_used, ==, 3);
  atlas_tables_get_entry (pool.memory, &pool.control, 0, 1, &entry);
  g_assert_cmphex (entry, ==, 0x80);
  pool_clear (&pool);
}

static void
test_no_frames (void)
{
  Pool pool;
  AtlasPa entry_pa;
  guint level;

  pool_init (&pool, 2, 4);
  g_assert_cmpint (atlas_tables_map (pool.memory, &pool.control, 0, 1, 0x67, &pool.allocator),
                   ==,
                   ATLAS_TABLES_NO_FRAME);
  g_assert_cmpint (atlas_tables_find (pool.memory, &pool.control, 0, 1, NULL, &entry_pa, &level),
                   ==,
                   ATLAS_TABLES_NO_TABLE);
  g_assert_cmpuint (level, ==, 2);

  pool.control.cr3 = ATLAS_GB (1);
  g_assert_cmpint (atlas_tables_find (pool.memory, &pool.control, 0, 1, NULL, &entry_pa, &level),
                   ==,
                   ATLAS_TABLES_NO_MEMORY);
  pool_clear (&pool);
}

static void
test_cost_counts_the_tables_on_the_way (void)
{
  static const struct
  {
    AtlasVa first_va, last_va;
    guint64 n_tables; /* with the root */
  } rows[] = {
    { 0x1000, 0x1fff, 4 },     /* its own page */
    { 0x3000, 0x3fff, 4 },     /* a neighbour's table serves it too */
    { 0x200000, 0x200fff, 3 }, /* no page table there */
    { 0, 0x3fffffff, 4 },      /* one page table in all of the first GB */
    { 0, 0x7fffffffff, 6 },    /* and one more directory with its table */
    { 0, 0x7fffffffffff, 6 },  { 0x8000000000, 0x7fffffffffff, 1 }, /* nothing: the root alone */
  };
  Pool pool;

  pool_init (&pool, 16, 4);
  g_assert_cmpint (
    atlas_tables_map (pool.memory, &pool.control, 0x1000, 1, 0x5067, &pool.allocator),
    ==,
    ATLAS_TABLES_DONE);
  g_assert_cmpint (
    atlas_tables_map (pool.memory, &pool.control, 0x7fc0000000, 1, 0x6067, &pool.allocator),
    ==,
    ATLAS_TABLES_DONE);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasTableCost cost;

      atlas_tables_get_cost (pool.memory, &pool.control, rows[i].first_va, rows[i].last_va, &cost);
      g_assert_cmpuint (cost.n_tables, ==, rows[i].n_tables);
      g_assert_false (cost.is_partial);
    }
  pool_clear (&pool);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tables/map-walk-unmap", test_map_walk_unmap);
  g_test_add_func ("/tables/stay-while-used", test_tables_stay_while_used);
  g_test_add_func ("/tables/no-frames", test_no_frames);
  g_test_add_func ("/tables/cost", test_cost_counts_the_tables_on_the_way);
  return g_test_run ();
}
