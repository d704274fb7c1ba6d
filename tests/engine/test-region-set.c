/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "space/region-set.h"

#include <string.h>

#define LAST_VA (~G_GUINT64_CONSTANT (0))
#define USER_END_VA G_GUINT64_CONSTANT (0x7fffffff0000)

static const AtlasRegion *
region_at (const AtlasRegionSet *set, AtlasVa va)
{
  return atlas_region_set_get_region (set, atlas_region_set_find (set, va));
}

/* What the sums promise, the slow and obvious way. */
static void
scan (const AtlasRegionSet *set, AtlasVa first_va, AtlasVa last_va, AtlasRegionSummary *summary)
{
  memset (summary, 0, sizeof *summary);
  for (guint i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);
      AtlasVa region_last_va = atlas_region_get_last_va (region);
      guint64 size_bytes;

      if (region_last_va < first_va || region->base_va > last_va)
        continue;

      size_bytes = MIN (region_last_va, last_va) - MAX (region->base_va, first_va) + 1u;
      if (summary->n_regions++ == 0)
        {
          summary->first_index = i;
          summary->top_class = region->region_class;
          summary->top_index = i;
        }
      else if (region->region_class > summary->top_class)
        {
          summary->top_class = region->region_class;
          summary->top_index = i;
        }
      if (region->state == ATLAS_STATE_COMMIT)
        summary->committed_bytes += size_bytes;
      if (region->state == ATLAS_STATE_RESERVE)
        summary->reserved_bytes += size_bytes;
      if (region->state == ATLAS_STATE_FREE)
        summary->free_bytes += size_bytes;
      if (region->state == ATLAS_STATE_COMMIT && (region->protect == ATLAS_PAGE_EXECUTE_READWRITE ||
                                                  region->protect == ATLAS_PAGE_EXECUTE_WRITECOPY))
        summary->has_writable_executable = TRUE;
    }
}

static void
assert_covers_everything (const AtlasRegionSet *set)
{
  AtlasVa next_va = 0;
  guint n_regions = atlas_region_set_get_n_regions (set);

  for (guint i = 0; i < n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      g_assert_cmphex (region->base_va, ==, next_va);
      g_assert_cmpuint (region->size_bytes, >, 0);
      next_va += region->size_bytes;
      if (i + 1u < n_regions)
        g_assert_cmphex (next_va, >, region->base_va);
    }
  g_assert_cmphex (next_va, ==, 0);
}

static guint64
random_u64 (GRand *rand)
{
  return ((guint64) g_rand_int (rand) << 32) | g_rand_int (rand);
}

static AtlasRegionSet *
random_set (GRand *rand, guint n_regions)
{
  static const AtlasRegionState states[] = { ATLAS_STATE_COMMIT,
                                             ATLAS_STATE_RESERVE,
                                             ATLAS_STATE_FREE };
  static const guint32 protects[] = {
    ATLAS_PAGE_READWRITE, ATLAS_PAGE_READONLY, ATLAS_PAGE_EXECUTE_READ, ATLAS_PAGE_EXECUTE_READWRITE
  };
  g_autoptr (AtlasRegionSetBuilder) builder = atlas_region_set_builder_new ();
  AtlasVa va = 0;

  for (guint i = 0; i < n_regions; i++)
    {
      AtlasRegion region = {
        .size_bytes = (1u + random_u64 (rand) % 64u) * ATLAS_PAGE_BYTES,
        .state = states[g_rand_int_range (rand, 0, G_N_ELEMENTS (states))],
        .protect = protects[g_rand_int_range (rand, 0, 3 + (i % 97u == 0))],
        .region_class = (AtlasRegionClass) g_rand_int_range (rand, 0, ATLAS_CLASS_STACK),
      };

      if (g_rand_int_range (rand, 0, 3) == 0)
        va += (random_u64 (rand) % 1000u) * ATLAS_PAGE_BYTES;
      region.base_va = va;
      va += region.size_bytes;
      atlas_region_set_builder_add (builder, &region);
    }

  return atlas_region_set_builder_end (g_steal_pointer (&builder));
}

static void
test_empty_set_covers_every_address (void)
{
  static const struct
  {
    AtlasVa va;
    AtlasVa base_va;
    AtlasVa last_va;
    AtlasRegionState state;
    AtlasRegionClass region_class;
  } rows[] = {
    { 0, 0, USER_END_VA - 1u, ATLAS_STATE_FREE, ATLAS_CLASS_FREE },
    { 0xffff, 0, USER_END_VA - 1u, ATLAS_STATE_FREE, ATLAS_CLASS_FREE },
    { USER_END_VA - 1u, 0, USER_END_VA - 1u, ATLAS_STATE_FREE, ATLAS_CLASS_FREE },
    { USER_END_VA, USER_END_VA, 0x7fffffffffff, ATLAS_STATE_OUTSIDE, ATLAS_CLASS_NEVER },
    { 0x7fffffffffff, USER_END_VA, 0x7fffffffffff, ATLAS_STATE_OUTSIDE, ATLAS_CLASS_NEVER },
    { 0x800000000000, 0x800000000000, 0xffff7fffffffffff, ATLAS_STATE_OUTSIDE, ATLAS_CLASS_HOLE },
    { 0xffff7fffffffffff,
      0x800000000000,
      0xffff7fffffffffff,
      ATLAS_STATE_OUTSIDE,
      ATLAS_CLASS_HOLE },
    { 0xffff800000000000, 0xffff800000000000, LAST_VA, ATLAS_STATE_OUTSIDE, ATLAS_CLASS_KERNEL },
    { LAST_VA, 0xffff800000000000, LAST_VA, ATLAS_STATE_OUTSIDE, ATLAS_CLASS_KERNEL },
  };
  g_autoptr (AtlasRegionSet) set = atlas_region_set_builder_end (atlas_region_set_builder_new ());

  g_assert_cmpuint (atlas_region_set_get_n_regions (set), ==, 4);
  g_assert_cmphex (atlas_region_set_get_user_end_va (set), ==, USER_END_VA);
  assert_covers_everything (set);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const AtlasRegion *region = region_at (set, rows[i].va);

      g_assert_cmphex (region->base_va, ==, rows[i].base_va);
      g_assert_cmphex (atlas_region_get_last_va (region), ==, rows[i].last_va);
      g_assert_cmpint (region->state, ==, rows[i].state);
      g_assert_cmpint (region->region_class, ==, rows[i].region_class);
    }
}

static void
test_gaps_are_filled_with_what_lies_there (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = NULL;

  atlas_region_set_builder_set_user_end (builder, 0x7fff0000);
  /* One region that straddles the user end, one in the hole, one that ends at 2^64. */
  atlas_region_set_builder_add (builder,
                                &(AtlasRegion){ .base_va = 0x7ffef000,
                                                .size_bytes = 0x2000,
                                                .state = ATLAS_STATE_COMMIT,
                                                .region_class = ATLAS_CLASS_SYSTEM });
  atlas_region_set_builder_add (builder,
                                &(AtlasRegion){ .base_va = 0x900000000000,
                                                .size_bytes = 0x1000,
                                                .state = ATLAS_STATE_OUTSIDE,
                                                .region_class = ATLAS_CLASS_HOLE });
  atlas_region_set_builder_add (builder,
                                &(AtlasRegion){ .base_va = 0xfffffffffffff000,
                                                .size_bytes = 0x1000,
                                                .state = ATLAS_STATE_OUTSIDE,
                                                .region_class = ATLAS_CLASS_KERNEL,
                                                .name = "last page" });
  set = atlas_region_set_builder_end (builder);

  assert_covers_everything (set);
  g_assert_cmpuint (atlas_region_set_get_n_regions (set), ==, 8);
  g_assert_cmphex (atlas_region_set_get_user_end_va (set), ==, 0x7fff0000);
  g_assert_cmpint (region_at (set, 0x7ffeefff)->region_class, ==, ATLAS_CLASS_FREE);
  g_assert_cmpint (region_at (set, 0x7fff1000)->region_class, ==, ATLAS_CLASS_NEVER);
  g_assert_cmphex (region_at (set, 0x7fff1000)->base_va, ==, 0x7fff1000);
  g_assert_cmpint (region_at (set, 0x900000001000)->region_class, ==, ATLAS_CLASS_HOLE);
  g_assert_cmpint (region_at (set, 0xffff800000000000)->region_class, ==, ATLAS_CLASS_KERNEL);
  g_assert_cmpstr (region_at (set, LAST_VA)->name, ==, "last page");
}

static void
test_strings_are_copied_and_shared (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = NULL;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup ("ntdll.dll");

      atlas_region_set_builder_add (builder,
                                    &(AtlasRegion){ .base_va = 0x10000u + i * 0x1000u,
                                                    .size_bytes = 0x1000,
                                                    .state = ATLAS_STATE_COMMIT,
                                                    .name = name,
                                                    .reason = i == 1 ? name : NULL });
      memset (name, 'x', strlen (name));
    }
  set = atlas_region_set_builder_end (builder);

  g_assert_cmpstr (region_at (set, 0x10000)->name, ==, "ntdll.dll");
  g_assert_true (region_at (set, 0x10000)->name == region_at (set, 0x12000)->name);
  g_assert_true (region_at (set, 0x11000)->reason == region_at (set, 0x12000)->name);
  g_assert_null (region_at (set, 0x12000)->reason);
}

static void
test_find_agrees_with_a_scan (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint n_regions = 1; n_regions < 200; n_regions += 7)
    {
      g_autoptr (AtlasRegionSet) set = random_set (rand, n_regions);

      assert_covers_everything (set);
      for (guint i = 0; i < atlas_region_set_get_n_regions (set); i++)
        {
          const AtlasRegion *region = atlas_region_set_get_region (set, i);

          g_assert_cmpuint (atlas_region_set_find (set, region->base_va), ==, i);
          g_assert_cmpuint (atlas_region_set_find (set, atlas_region_get_last_va (region)), ==, i);
          g_assert_cmpuint (
            atlas_region_set_find (set, region->base_va + random_u64 (rand) % region->size_bytes),
            ==,
            i);
        }
    }
}

static void
test_summary_agrees_with_a_scan (void)
{
  /* Around the size of one block of sums, and of a tree with an odd number of leaves. */
  static const guint sizes[] = { 1, 2, 26, 27, 28, 29, 59, 60, 61, 62, 63, 64, 92, 500, 1333 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (AtlasRegionSet) set = random_set (rand, sizes[s]);
      guint n_regions = atlas_region_set_get_n_regions (set);

      for (guint i = 0; i < 300; i++)
        {
          AtlasVa vas[2];
          AtlasRegionSummary fast;
          AtlasRegionSummary slow;

          for (guint end = 0; end < 2; end++)
            {
              const AtlasRegion *region = atlas_region_set_get_region (
                set, (guint) g_rand_int_range (rand, 0, (gint) n_regions));

              switch (g_rand_int_range (rand, 0, 4))
                {
                case 0:
                  vas[end] = region->base_va;
                  break;
                case 1:
                  vas[end] = atlas_region_get_last_va (region);
                  break;
                default:
                  vas[end] = region->base_va + random_u64 (rand) % region->size_bytes;
                }
            }
          atlas_region_set_summarize (set, MIN (vas[0], vas[1]), MAX (vas[0], vas[1]), &fast);
          scan (set, MIN (vas[0], vas[1]), MAX (vas[0], vas[1]), &slow);

          g_assert_cmpuint (fast.n_regions, ==, slow.n_regions);
          g_assert_cmpuint (fast.first_index, ==, slow.first_index);
          g_assert_cmpint (fast.has_writable_executable, ==, slow.has_writable_executable);
          g_assert_cmpint (fast.top_class, ==, slow.top_class);
          g_assert_cmpuint (fast.top_index, ==, slow.top_index);
          g_assert_cmphex (fast.committed_bytes, ==, slow.committed_bytes);
          g_assert_cmphex (fast.reserved_bytes, ==, slow.reserved_bytes);
          g_assert_cmphex (fast.free_bytes, ==, slow.free_bytes);
        }
    }
}

static void
test_summary_of_everything (void)
{
  g_autoptr (AtlasRegionSet) set = atlas_region_set_builder_end (atlas_region_set_builder_new ());
  AtlasRegionSummary summary;

  atlas_region_set_summarize (set, 0, LAST_VA, &summary);
  g_assert_cmpuint (summary.n_regions, ==, 4);
  g_assert_cmpuint (summary.first_index, ==, 0);
  g_assert_cmphex (summary.free_bytes, ==, USER_END_VA);
  g_assert_cmphex (summary.committed_bytes, ==, 0);
  g_assert_cmpint (summary.top_class, ==, ATLAS_CLASS_NEVER);
  g_assert_cmpuint (summary.top_index, ==, 1);

  atlas_region_set_summarize (set, LAST_VA, LAST_VA, &summary);
  g_assert_cmpuint (summary.n_regions, ==, 1);
  g_assert_cmpint (summary.top_class, ==, ATLAS_CLASS_KERNEL);
  g_assert_cmphex (summary.free_bytes, ==, 0);
}

static void
test_refuses_regions_that_overlap (void)
{
  g_autoptr (AtlasRegionSetBuilder) builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = NULL;
  static const AtlasRegion wrong[] = {
    { .base_va = 0x1fff, .size_bytes = 1 },       /* overlaps the one before */
    { .base_va = 0, .size_bytes = 0x1000 },       /* goes back */
    { .base_va = 0x5000, .size_bytes = 0 },       /* nothing */
    { .base_va = 0x5000, .size_bytes = LAST_VA }, /* beyond 2^64 */
  };

  atlas_region_set_builder_add (builder, &(AtlasRegion){ .base_va = 0x1000, .size_bytes = 0x1000 });
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_test_expect_message ("vmatlas", G_LOG_LEVEL_CRITICAL, "*assertion*failed*");
      atlas_region_set_builder_add (builder, &wrong[i]);
      g_test_assert_expected_messages ();
    }

  set = atlas_region_set_builder_end (g_steal_pointer (&builder));
  assert_covers_everything (set);
  g_assert_cmpuint (atlas_region_set_get_n_regions (set), ==, 6);
}

static void
test_protection_texts (void)
{
  static const struct
  {
    guint32 protect;
    const char *short_text;
    const char *text;
  } rows[] = {
    { 0, "—", "0" },
    { 0x01, "—", "PAGE_NOACCESS" },
    { 0x02, "R", "PAGE_READONLY" },
    { 0x04, "RW", "PAGE_READWRITE" },
    { 0x20, "X·R", "PAGE_EXECUTE_READ" },
    { 0x40, "X·RW", "PAGE_EXECUTE_READWRITE" },
    { 0x104, "RW +guard", "PAGE_READWRITE | PAGE_GUARD" },
    { 0x602, "R +nocache +writecombine", "PAGE_READONLY | PAGE_NOCACHE | PAGE_WRITECOMBINE" },
    { 0x40000004, "RW +0x40000000", "PAGE_READWRITE | 0x40000000" },
    { 0x80000000, "+0x80000000", "0x80000000" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *short_text = atlas_protect_format_short (rows[i].protect);
      g_autofree char *text = atlas_protect_format (rows[i].protect);

      g_assert_cmpstr (short_text, ==, rows[i].short_text);
      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_names_exist_for_every_value (void)
{
  for (guint i = 0; i < ATLAS_N_CLASSES; i++)
    g_assert_cmpstr (atlas_region_class_get_name ((AtlasRegionClass) i), !=, "");
  g_assert_cmpstr (atlas_region_state_get_name (ATLAS_STATE_COMMIT), ==, "commit");
  g_assert_cmpstr (atlas_region_state_get_name (ATLAS_STATE_RESERVE), ==, "reserve");
  g_assert_cmpstr (atlas_region_state_get_name (ATLAS_STATE_FREE), ==, "free");
  g_assert_cmpstr (atlas_region_state_get_name (ATLAS_STATE_OUTSIDE), ==, "outside");
  g_assert_cmpstr (atlas_region_type_get_name (ATLAS_TYPE_NONE), ==, "");
  g_assert_cmpstr (atlas_region_type_get_name (ATLAS_TYPE_PRIVATE), ==, "private");
  g_assert_cmpstr (atlas_region_type_get_name (ATLAS_TYPE_MAPPED), ==, "mapped");
  g_assert_cmpstr (atlas_region_type_get_name (ATLAS_TYPE_IMAGE), ==, "image");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/region-set/empty-set-covers-every-address",
                   test_empty_set_covers_every_address);
  g_test_add_func ("/region-set/gaps-are-filled-with-what-lies-there",
                   test_gaps_are_filled_with_what_lies_there);
  g_test_add_func ("/region-set/strings-are-copied-and-shared", test_strings_are_copied_and_shared);
  g_test_add_func ("/region-set/find-agrees-with-a-scan", test_find_agrees_with_a_scan);
  g_test_add_func ("/region-set/summary-agrees-with-a-scan", test_summary_agrees_with_a_scan);
  g_test_add_func ("/region-set/summary-of-everything", test_summary_of_everything);
  g_test_add_func ("/region-set/refuses-regions-that-overlap", test_refuses_regions_that_overlap);
  g_test_add_func ("/region-set/protection-texts", test_protection_texts);
  g_test_add_func ("/region-set/names-exist-for-every-value", test_names_exist_for_every_value);
  return g_test_run ();
}
