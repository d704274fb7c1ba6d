/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "space/space.h"

#include <string.h>

#define USER_END_VA G_GUINT64_CONSTANT (0x7fffffff0000)

/* A space that a test stands behind. */
typedef struct
{
  AtlasSpace space;
  AtlasRegionSet *regions;
  AtlasMemory *memory;
  AtlasControl control;
  guint *n_freed;
} TestSpace;

static void
test_space_free (AtlasSpace *space)
{
  TestSpace *self = (TestSpace *) space;

  (*self->n_freed)++;
  atlas_region_set_unref (self->regions);
  g_clear_pointer (&self->memory, atlas_memory_unref);
  atlas_space_clear (space);
  g_free (self);
}

static AtlasRegionSet *
test_space_get_regions (AtlasSpace *space)
{
  return ((TestSpace *) space)->regions;
}

static const AtlasControl *
test_space_get_control (AtlasSpace *space)
{
  return &((TestSpace *) space)->control;
}

static const AtlasMemory *
test_space_get_memory (AtlasSpace *space)
{
  return ((TestSpace *) space)->memory;
}

/* Knows every other byte: its own address. */
static gsize
test_space_peek (AtlasSpace *space, AtlasVa va, guint8 *bytes, gboolean *is_known, gsize size_bytes)
{
  gsize n_known = 0;

  for (gsize i = 0; i < size_bytes; i++)
    if (((va + i) & 1u) == 0)
      {
        bytes[i] = (guint8) (va + i);
        is_known[i] = TRUE;
        n_known++;
      }
  return n_known;
}

static const AtlasSpaceOps bare_ops = {
  .free = test_space_free,
  .get_regions = test_space_get_regions,
};

static const AtlasSpaceOps full_ops = {
  .free = test_space_free,
  .get_regions = test_space_get_regions,
  .get_control = test_space_get_control,
  .get_memory = test_space_get_memory,
  .peek = test_space_peek,
};

static TestSpace *
test_space_new (const AtlasSpaceOps *ops, guint *n_freed)
{
  TestSpace *self = g_new0 (TestSpace, 1);

  atlas_space_init (&self->space, ops, "tiny.exe");
  self->regions = atlas_region_set_builder_end (atlas_region_set_builder_new ());
  self->n_freed = n_freed;
  return self;
}

static void
test_is_freed_with_its_last_reference (void)
{
  guint n_freed = 0;
  AtlasSpace *space = &test_space_new (&bare_ops, &n_freed)->space;

  g_assert_true (atlas_space_ref (space) == space);
  atlas_space_unref (space);
  g_assert_cmpuint (n_freed, ==, 0);
  atlas_space_unref (space);
  g_assert_cmpuint (n_freed, ==, 1);
}

static void
test_tells_its_name_and_facts (void)
{
  guint n_freed = 0;
  g_autoptr (AtlasSpace) space = &test_space_new (&bare_ops, &n_freed)->space;

  g_assert_cmpstr (atlas_space_get_name (space), ==, "tiny.exe");
  g_assert_null (atlas_space_get_subtitle (space));
  atlas_space_set_subtitle (space, "Windows 11");
  atlas_space_set_subtitle (space, atlas_space_get_subtitle (space));
  g_assert_cmpstr (atlas_space_get_subtitle (space), ==, "Windows 11");

  g_assert_cmpuint (atlas_space_get_n_facts (space), ==, 0);
  atlas_space_add_fact (space, "process ID", "1468");
  atlas_space_add_fact (space, "modules", "25");
  g_assert_cmpuint (atlas_space_get_n_facts (space), ==, 2);
  g_assert_cmpstr (atlas_space_get_fact (space, 1)->key, ==, "modules");
  g_assert_cmpstr (atlas_space_get_fact (space, 1)->value, ==, "25");
}

static void
test_without_tables_nothing_is_walked (void)
{
  guint n_freed = 0;
  g_autoptr (AtlasSpace) space = &test_space_new (&bare_ops, &n_freed)->space;
  AtlasWalkQuery query = { .va = 0x1000 };
  AtlasWalkResult result;
  guint64 entries[ATLAS_TABLE_ENTRIES];
  guint8 bytes[4] = { 1, 2, 3, 4 };
  gboolean is_known[4] = { TRUE, TRUE, TRUE, TRUE };

  g_assert_false (atlas_space_has_tables (space));
  g_assert_null (atlas_space_get_control (space));
  g_assert_null (atlas_space_get_memory (space));
  g_assert_false (atlas_space_walk (space, &query, &result));
  g_assert_false (atlas_space_read_table (space, 0, entries));
  g_assert_cmpuint (atlas_space_peek (space, 0x1000, bytes, is_known, 4), ==, 0);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpuint (bytes[i], ==, 0);
      g_assert_false (is_known[i]);
    }
}

static void
test_walks_and_reads_its_tables (void)
{
  guint n_freed = 0;
  TestSpace *self = test_space_new (&full_ops, &n_freed);
  g_autoptr (AtlasSpace) space = &self->space;
  AtlasWalkQuery query = { .va = 0x123 };
  AtlasWalkResult result;
  guint64 entries[ATLAS_TABLE_ENTRIES];

  self->memory = atlas_memory_new_ram (ATLAS_MB (1), NULL);
  self->control = atlas_control_windows (0x1000);
  g_assert_nonnull (self->memory);
  /* One chain of tables: 0x1000 → 0x2000 → 0x3000 → 0x4000 → page 0x5000. */
  for (AtlasPa table_pa = 0x1000; table_pa <= 0x4000; table_pa += 0x1000)
    g_assert_true (atlas_memory_write_u64 (self->memory, table_pa, (table_pa + 0x1000) | 0x7));
  g_assert_true (atlas_memory_write_u64 (self->memory, 0x1ff8, 0x1122334455667788));

  g_assert_true (atlas_space_has_tables (space));
  g_assert_true (atlas_space_walk (space, &query, &result));
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  g_assert_cmphex (result.pa, ==, 0x5123);

  g_assert_true (atlas_space_read_table (space, 0x1000, entries));
  g_assert_cmphex (entries[0], ==, 0x2007);
  g_assert_cmphex (entries[1], ==, 0);
  g_assert_cmphex (entries[511], ==, 0x1122334455667788);
  g_assert_false (atlas_space_read_table (space, ATLAS_MB (1), entries));
}

static void
test_peek_tells_which_bytes_are_known (void)
{
  guint n_freed = 0;
  g_autoptr (AtlasSpace) space = &test_space_new (&full_ops, &n_freed)->space;
  guint8 bytes[5];
  gboolean is_known[5];

  memset (bytes, 0xee, sizeof bytes);
  memset (is_known, 0xee, sizeof is_known);
  g_assert_cmpuint (atlas_space_peek (space, 0x1001, bytes, is_known, 5), ==, 2);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpint (is_known[i], ==, i % 2 == 1);
      g_assert_cmpuint (bytes[i], ==, i % 2 == 1 ? 1 + i : 0);
    }
  g_assert_cmpuint (atlas_space_peek (space, 0x1001, NULL, NULL, 0), ==, 0);
}

static void
add (AtlasRegionSetBuilder *builder,
     AtlasVa base_va,
     guint64 size_bytes,
     AtlasRegionState state,
     AtlasRegionClass region_class)
{
  AtlasRegion region = {
    .base_va = base_va,
    .size_bytes = size_bytes,
    .allocation_base_va = state == ATLAS_STATE_FREE ? 0 : base_va,
    .protect = state == ATLAS_STATE_FREE ? ATLAS_PAGE_NOACCESS : ATLAS_PAGE_READWRITE,
    .state = state,
    .type = state == ATLAS_STATE_FREE ? ATLAS_TYPE_NONE : ATLAS_TYPE_PRIVATE,
    .region_class = region_class,
    .name = "told",
    .reason = "because",
  };

  atlas_region_set_builder_add (builder, &region);
}

static void
test_query_sees_only_what_windows_tells (void)
{
  static const struct
  {
    AtlasVa base_va;
    AtlasVa end_va;
    AtlasRegionState state;
  } expected[] = {
    { 0, 0x20000, ATLAS_STATE_FREE }, /* never + free are one */
    { 0x20000, 0x21000, ATLAS_STATE_COMMIT },
    { 0x21000, 0x22000, ATLAS_STATE_COMMIT },  /* two that touch stay two */
    { 0x22000, 0x7fff0000, ATLAS_STATE_FREE }, /* slot tail + free */
    { 0x7fff0000, 0x80010000, ATLAS_STATE_COMMIT },
    { 0x80010000, USER_END_VA, ATLAS_STATE_FREE },
  };
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = NULL;
  AtlasQueryIter iter;
  AtlasRegion region;

  add (builder, 0, 0x10000, ATLAS_STATE_FREE, ATLAS_CLASS_NEVER);
  add (builder, 0x20000, 0x1000, ATLAS_STATE_COMMIT, ATLAS_CLASS_PRIVATE);
  add (builder, 0x21000, 0x1000, ATLAS_STATE_COMMIT, ATLAS_CLASS_PRIVATE);
  add (builder, 0x22000, 0xe000, ATLAS_STATE_FREE, ATLAS_CLASS_UNUSABLE);
  add (builder, 0x7fff0000, 0x20000, ATLAS_STATE_COMMIT, ATLAS_CLASS_PRIVATE);
  set = atlas_region_set_builder_end (builder);

  atlas_query_iter_init (&iter, set);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_true (atlas_query_iter_next (&iter, &region));
      g_assert_cmphex (region.base_va, ==, expected[i].base_va);
      g_assert_cmphex (region.base_va + region.size_bytes, ==, expected[i].end_va);
      g_assert_cmpint (region.state, ==, expected[i].state);
      if (region.state == ATLAS_STATE_FREE)
        {
          g_assert_cmphex (region.allocation_base_va, ==, 0);
          g_assert_cmphex (region.protect, ==, ATLAS_PAGE_NOACCESS);
          g_assert_cmpint (region.type, ==, ATLAS_TYPE_NONE);
          g_assert_cmpint (region.region_class, ==, ATLAS_CLASS_FREE);
          g_assert_null (region.name);
          g_assert_null (region.reason);
        }
      else
        g_assert_cmpstr (region.name, ==, "told");
    }
  g_assert_false (atlas_query_iter_next (&iter, &region));
  g_assert_false (atlas_query_iter_next (&iter, &region));
}

static void
test_query_ends_at_the_user_end (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = NULL;
  AtlasQueryIter iter;
  AtlasRegion region;

  atlas_region_set_builder_set_user_end (builder, 0x7fff0000);
  add (builder, 0x7ffee000, 0x1000, ATLAS_STATE_COMMIT, ATLAS_CLASS_SYSTEM);
  set = atlas_region_set_builder_end (builder);

  atlas_query_iter_init (&iter, set);
  g_assert_true (atlas_query_iter_next (&iter, &region));
  g_assert_true (atlas_query_iter_next (&iter, &region));
  g_assert_cmphex (region.base_va, ==, 0x7ffee000);
  g_assert_true (atlas_query_iter_next (&iter, &region));
  g_assert_cmphex (region.base_va + region.size_bytes, ==, 0x7fff0000);
  g_assert_false (atlas_query_iter_next (&iter, &region));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/space/is-freed-with-its-last-reference",
                   test_is_freed_with_its_last_reference);
  g_test_add_func ("/space/tells-its-name-and-facts", test_tells_its_name_and_facts);
  g_test_add_func ("/space/without-tables-nothing-is-walked",
                   test_without_tables_nothing_is_walked);
  g_test_add_func ("/space/walks-and-reads-its-tables", test_walks_and_reads_its_tables);
  g_test_add_func ("/space/peek-tells-which-bytes-are-known",
                   test_peek_tells_which_bytes_are_known);
  g_test_add_func ("/space/query-sees-only-what-windows-tells",
                   test_query_sees_only_what_windows_tells);
  g_test_add_func ("/space/query-ends-at-the-user-end", test_query_ends_at_the_user_end);
  return g_test_run ();
}
