/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "mmu-fixture.h"

#include "paging/mmu-private.h"

static void
test_profiles_are_sound (void)
{
  g_assert_cmpuint (atlas_tlb_get_n_profiles (), >=, 2);
  g_assert_cmpuint (atlas_tlb_get_profile (0)->n_structures, ==, 0);
  g_assert_null (atlas_tlb_find_profile ("abacus"));
  for (guint i = 0; i < atlas_tlb_get_n_profiles (); i++)
    {
      const AtlasTlbProfile *profile = atlas_tlb_get_profile (i);

      g_assert_true (atlas_tlb_find_profile (profile->id) == profile);
      for (guint j = 0; j < profile->n_structures; j++)
        {
          const AtlasTlbStructure *structure = &profile->structures[j];
          guint n_sets = atlas_tlb_structure_get_n_sets (structure);

          g_assert_cmpuint (n_sets * structure->n_ways, ==, structure->n_entries);
          g_assert_cmpuint (n_sets & (n_sets - 1), ==, 0);
          g_assert_cmpuint (structure->page_levels, !=, 0);
        }
    }
}

static void
test_sets_fill_and_evict_the_oldest (void)
{
  Machine machine;
  const guint n_sets = 16, n_ways = 4; /* Skylake's L1 DTLB for 4 KB */

  machine_init (&machine, "skylake");
  /* One more page than ways, all in set 3. */
  for (guint i = 0; i <= n_ways; i++)
    map (&machine, (i * n_sets + 3) * ATLAS_PAGE_BYTES, 1, LEAF (0x8000));
  for (guint i = 0; i < n_ways; i++)
    touch (&machine, (i * n_sets + 3) * ATLAS_PAGE_BYTES, ATLAS_ACCESS_READ);

  const AtlasTlb *tlb = atlas_mmu_get_tlb (machine.mmu);
  const AtlasTlbCounters *counters = atlas_tlb_get_counters (tlb);
  AtlasTlbEntryInfo info;

  for (guint i = 0; i < n_ways; i++)
    {
      g_assert_true (atlas_tlb_get_entry (tlb, 2, 3, i, &info));
      g_assert_cmphex (info.va, ==, (i * n_sets + 3) * ATLAS_PAGE_BYTES);
      g_assert_cmphex (info.pa, ==, 0x8000);
    }
  g_assert_false (atlas_tlb_get_entry (tlb, 2, 4, 0, &info));
  g_assert_cmpuint (counters->n_evictions, ==, 0);
  g_assert_cmpuint (counters->n_l1_data_misses, ==, n_ways);
  g_assert_cmpuint (counters->n_walks, ==, n_ways);
  /* The first walk reads four entries, the others find the PDE cached. */
  g_assert_cmpuint (counters->n_entries_read, ==, 4 + (n_ways - 1));
  g_assert_cmpuint (counters->n_psc_hits[2], ==, n_ways - 1);

  /* Use way 0 again: now way 1 is the oldest, and the fifth page takes its place. */
  touch (&machine, 3 * ATLAS_PAGE_BYTES, ATLAS_ACCESS_READ);
  g_assert_cmpuint (counters->n_l1_data_hits, ==, 1);
  touch (&machine, (n_ways * n_sets + 3) * ATLAS_PAGE_BYTES, ATLAS_ACCESS_READ);
  g_assert_cmpuint (counters->n_evictions, ==, 1);
  g_assert_true (atlas_tlb_get_entry (tlb, 2, 3, 1, &info));
  g_assert_cmphex (info.va, ==, (n_ways * n_sets + 3) * ATLAS_PAGE_BYTES);

  /* The evicted one is still in L2 and comes back from there without a walk. */
  guint64 n_walks = counters->n_walks;
  g_assert_true (is_cached (&machine, (1 * n_sets + 3) * ATLAS_PAGE_BYTES));
  g_assert_cmpuint (counters->n_l2_hits, ==, 1);
  g_assert_cmpuint (counters->n_walks, ==, n_walks);
  machine_clear (&machine);
}

static void
test_code_and_data_are_apart (void)
{
  Machine machine;

  machine_init (&machine, "zen2");
  map (&machine, 0x5000, 1, LEAF (0x8000));
  touch (&machine, 0x5000, ATLAS_ACCESS_READ);
  g_assert_cmpuint (touch (&machine, 0x5000, ATLAS_ACCESS_EXECUTE).n_steps, ==, 1);
  g_assert_cmpuint (touch (&machine, 0x5000, ATLAS_ACCESS_EXECUTE).n_steps, ==, 0);
  machine_clear (&machine);

  /* Intel's L2 serves both. */
  machine_init (&machine, "skylake");
  map (&machine, 0x5000, 1, LEAF (0x8000));
  touch (&machine, 0x5000, ATLAS_ACCESS_READ);
  g_assert_cmpuint (touch (&machine, 0x5000, ATLAS_ACCESS_EXECUTE).n_steps, ==, 0);
  machine_clear (&machine);
}

static void
test_large_pages_in_fragments (void)
{
  for (guint i = 1; i < atlas_tlb_get_n_profiles (); i++)
    {
      Machine machine;

      machine_init (&machine, atlas_tlb_get_profile (i)->id);
      map (&machine, ATLAS_GB (5), 3, LEAF (ATLAS_GB (2)));
      /* Here and there in the page, as code and as data. */
      for (guint j = 0; j < 64; j++)
        for (guint access = 0; access < 2; access++)
          {
            AtlasVa va = ATLAS_GB (5) + j * 0xf34567;
            AtlasAccess kind = access == 0 ? ATLAS_ACCESS_READ : ATLAS_ACCESS_EXECUTE;
            AtlasWalkResult first = touch (&machine, va, kind);
            AtlasWalkResult second = touch (&machine, va, kind);

            g_assert_cmphex (first.pa, ==, va - ATLAS_GB (3));
            g_assert_cmphex (second.pa, ==, first.pa);
            g_assert_cmphex (second.page_bytes, ==, ATLAS_GB (1));
            g_assert_cmpuint (second.n_steps, ==, 0);
          }

      /* INVLPG anywhere in the page drops every fragment of it. */
      atlas_mmu_invalidate_va (machine.mmu, ATLAS_GB (5) + ATLAS_MB (777));
      for (guint j = 0; j < 64; j++)
        {
          AtlasWalkResult result =
            touch (&machine, ATLAS_GB (5) + j * 0xf34567, ATLAS_ACCESS_EXECUTE);

          g_assert_cmphex (result.pa, ==, ATLAS_GB (2) + j * 0xf34567);
          if (j == 0)
            g_assert_cmpuint (result.n_steps, ==, 2);
        }
      machine_clear (&machine);
    }
}

/* ---- Who drops what ---- */

/* Whatever the caches did, each event says as much as its kind has fields. */
static void
test_an_eviction_is_told (void)
{
  Machine machine;
  const guint n_sets = 16, n_ways = 4; /* Skylake's L1 DTLB for 4 KB */
  AtlasVa last_va = (n_ways * n_sets + 3) * ATLAS_PAGE_BYTES;
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  AtlasWalkQuery query = { .va = last_va, .access = ATLAS_ACCESS_READ };
  AtlasWalkResult result;
  guint n_evicted = 0;

  machine_init (&machine, "skylake");
  for (guint i = 0; i <= n_ways; i++)
    map (&machine, (i * n_sets + 3) * ATLAS_PAGE_BYTES, 1, LEAF (0x8000));
  for (guint i = 0; i < n_ways; i++)
    touch (&machine, (i * n_sets + 3) * ATLAS_PAGE_BYTES, ATLAS_ACCESS_READ);
  atlas_mmu_access (machine.mmu, &query, trace, &result);
  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    {
      const AtlasTraceEvent *event = atlas_trace_get_event (trace, i);
      g_autofree char *explain = atlas_trace_event_dup_explain (event);

      g_assert_null (strchr (explain, '{'));
      if (strcmp (event->kind->id, "tlb-evicted") == 0)
        {
          n_evicted++;
          g_assert_nonnull (strstr (explain, "8000"));
        }
    }
  g_assert_cmpuint (n_evicted, ==, 1);
  machine_clear (&machine);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tlb/profiles-are-sound", test_profiles_are_sound);
  g_test_add_func ("/tlb/sets-fill-and-evict-the-oldest", test_sets_fill_and_evict_the_oldest);
  g_test_add_func ("/tlb/code-and-data-are-apart", test_code_and_data_are_apart);
  g_test_add_func ("/tlb/large-pages-in-fragments", test_large_pages_in_fragments);
  g_test_add_func ("/tlb/an-eviction-is-told", test_an_eviction_is_told);
  return g_test_run ();
}
