/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "mmu-fixture.h"

#include "paging/events.h"
#include "paging/mmu-private.h"

enum
{
  PAGE_A = 0x5000,
  PAGE_B = 0x6000,
  PAGE_G = 0x7000, /* global */
};

/* Two address spaces with the same tables: PCID 1 and 2. All three pages are cached in both (the
 * global one needs it once). */
static void
two_contexts (Machine *machine)
{
  AtlasControl control;

  machine_init (machine, "skylake");
  map (machine, PAGE_A, 1, LEAF (0x8000));
  map (machine, PAGE_B, 1, LEAF (0x9000));
  map (machine, PAGE_G, 1, GLOBAL_LEAF (0xa000));
  control = *atlas_mmu_get_control (machine->mmu);
  control.cr4 |= ATLAS_CR4_PCIDE;
  control.cr3 = 0x1000 | 2;
  atlas_mmu_set_control (machine->mmu, &control);
  touch (machine, PAGE_A, ATLAS_ACCESS_READ);
  touch (machine, PAGE_B, ATLAS_ACCESS_READ);
  control.cr3 = 0x1000 | 1;
  atlas_mmu_set_control (machine->mmu, &control);
  touch (machine, PAGE_A, ATLAS_ACCESS_READ);
  touch (machine, PAGE_B, ATLAS_ACCESS_READ);
  touch (machine, PAGE_G, ATLAS_ACCESS_READ);
}

static void
do_nothing (AtlasMmu *mmu)
{
}

static void
do_invlpg (AtlasMmu *mmu)
{
  atlas_mmu_invalidate_va (mmu, PAGE_A);
}

static void
do_invlpg_global (AtlasMmu *mmu)
{
  atlas_mmu_invalidate_va (mmu, PAGE_G);
}

static void
do_invlpg_non_canonical (AtlasMmu *mmu)
{
  atlas_mmu_invalidate_va (mmu, ATLAS_BIT (47) | PAGE_A);
}

static void
do_cr3_same (AtlasMmu *mmu)
{
  g_assert_cmpint (atlas_mmu_load_cr3 (mmu, 0x1001), ==, ATLAS_RULE_NONE);
}

static void
do_cr3_keep (AtlasMmu *mmu)
{
  g_assert_cmpint (atlas_mmu_load_cr3 (mmu, 0x1001 | ATLAS_CR3_NO_INVALIDATE), ==, ATLAS_RULE_NONE);
  g_assert_cmphex (atlas_mmu_get_control (mmu)->cr3, ==, 0x1001);
}

static void
do_invpcid_address (AtlasMmu *mmu)
{
  g_assert_true (atlas_mmu_invpcid (mmu, ATLAS_INVPCID_ADDRESS, 2, PAGE_A));
}

static void
do_invpcid_address_of_global (AtlasMmu *mmu)
{
  g_assert_true (atlas_mmu_invpcid (mmu, ATLAS_INVPCID_ADDRESS, 1, PAGE_G));
}

static void
do_invpcid_context (AtlasMmu *mmu)
{
  g_assert_true (atlas_mmu_invpcid (mmu, ATLAS_INVPCID_CONTEXT, 2, 0));
}

static void
do_invpcid_all_and_global (AtlasMmu *mmu)
{
  g_assert_true (atlas_mmu_invpcid (mmu, ATLAS_INVPCID_ALL_AND_GLOBAL, 0, 0));
}

static void
do_invpcid_all (AtlasMmu *mmu)
{
  g_assert_true (atlas_mmu_invpcid (mmu, ATLAS_INVPCID_ALL, 0, 0));
}

static void
do_toggle_pge (AtlasMmu *mmu)
{
  guint64 cr4 = atlas_mmu_get_control (mmu)->cr4;

  g_assert_cmpint (atlas_mmu_load_cr4 (mmu, cr4 ^ ATLAS_CR4_PGE), ==, ATLAS_RULE_NONE);
  g_assert_cmpint (atlas_mmu_load_cr4 (mmu, cr4), ==, ATLAS_RULE_NONE);
}

static void
do_set_smep (AtlasMmu *mmu)
{
  guint64 cr4 = atlas_mmu_get_control (mmu)->cr4;

  g_assert_cmpint (atlas_mmu_load_cr4 (mmu, cr4 & ~ATLAS_CR4_SMEP), ==, ATLAS_RULE_NONE);
  g_assert_cmpint (atlas_mmu_load_cr4 (mmu, cr4), ==, ATLAS_RULE_NONE);
}

static void
do_clear_smep_and_wp (AtlasMmu *mmu)
{
  guint64 cr0 = atlas_mmu_get_control (mmu)->cr0;
  guint64 cr4 = atlas_mmu_get_control (mmu)->cr4;

  atlas_mmu_load_cr4 (mmu, cr4 & ~ATLAS_CR4_SMEP);
  atlas_mmu_load_cr4 (mmu, cr4 & ~ATLAS_CR4_SMEP & ~ATLAS_CR4_SMAP);
  atlas_mmu_load_cr0 (mmu, cr0 & ~ATLAS_CR0_WP);
}

static void
do_fault (AtlasMmu *mmu)
{
  AtlasWalkQuery query = { .va = PAGE_A,
                           .access = ATLAS_ACCESS_READ,
                           .is_supervisor = TRUE }; /* SMAP */
  AtlasWalkResult result;

  g_assert_cmpint (atlas_mmu_access (mmu, &query, NULL, &result), ==, ATLAS_OUTCOME_PAGE_FAULT);
}

/* Intel SDM vol. 3A §5.10.4.1. What stays cached: A1 = page A of PCID 1, … */
static const struct
{
  const char *what;
  void (*act) (AtlasMmu *mmu);
  gboolean keeps_a1, keeps_b1, keeps_g, keeps_a2, keeps_b2;
} droppers[] = {
  /* clang-format off */
  { "nothing", do_nothing, 1, 1, 1, 1, 1 },
  { "INVLPG", do_invlpg, 0, 1, 1, 1, 1 },
  { "INVLPG, global", do_invlpg_global, 1, 1, 0, 1, 1 },
  { "INVLPG, not canonical", do_invlpg_non_canonical, 1, 1, 1, 1, 1 },
  { "MOV CR3", do_cr3_same, 0, 0, 1, 1, 1 },
  { "MOV CR3, bit 63", do_cr3_keep, 1, 1, 1, 1, 1 },
  { "INVPCID 0", do_invpcid_address, 1, 1, 1, 0, 1 },
  { "INVPCID 0 on a global page", do_invpcid_address_of_global, 1, 1, 1, 1, 1 },
  { "INVPCID 1", do_invpcid_context, 1, 1, 1, 0, 0 },
  { "INVPCID 2", do_invpcid_all_and_global, 0, 0, 0, 0, 0 },
  { "INVPCID 3", do_invpcid_all, 0, 0, 1, 0, 0 },
  { "CR4.PGE", do_toggle_pge, 0, 0, 0, 0, 0 },
  { "CR4.SMEP set", do_set_smep, 0, 0, 0, 1, 1 },
  { "rights that are not cached", do_clear_smep_and_wp, 1, 1, 1, 1, 1 },
  { "#PF", do_fault, 0, 1, 1, 1, 1 },
  /* clang-format on */
};

static void
test_who_drops_what (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (droppers); i++)
    {
      Machine machine;

      g_test_message ("%s", droppers[i].what);
      two_contexts (&machine);
      droppers[i].act (machine.mmu);
      g_assert_cmpint (is_cached (&machine, PAGE_G), ==, droppers[i].keeps_g);
      g_assert_cmpint (is_cached (&machine, PAGE_A), ==, droppers[i].keeps_a1);
      g_assert_cmpint (is_cached (&machine, PAGE_B), ==, droppers[i].keeps_b1);
      atlas_mmu_load_cr3 (machine.mmu, 0x1002 | ATLAS_CR3_NO_INVALIDATE);
      g_assert_cmpint (is_cached (&machine, PAGE_A), ==, droppers[i].keeps_a2);
      g_assert_cmpint (is_cached (&machine, PAGE_B), ==, droppers[i].keeps_b2);
      machine_clear (&machine);
    }
}

static void
test_clearing_pcide_drops_all (void)
{
  Machine machine;

  two_contexts (&machine);
  atlas_mmu_load_cr4 (machine.mmu, atlas_mmu_get_control (machine.mmu)->cr4 & ~ATLAS_CR4_PCIDE);
  g_assert_false (is_cached (&machine, PAGE_G));
  machine_clear (&machine);
}

static void
test_invpcid_refuses (void)
{
  Machine machine;

  machine_init (&machine, "skylake");
  g_assert_false (atlas_mmu_invpcid (machine.mmu, (AtlasInvpcidType) 4, 0, 0));
  g_assert_false (atlas_mmu_invpcid (machine.mmu, ATLAS_INVPCID_ALL, 0x1000, 0));
  g_assert_false (atlas_mmu_invpcid (machine.mmu, ATLAS_INVPCID_CONTEXT, 1, 0));
  g_assert_false (atlas_mmu_invpcid (machine.mmu, ATLAS_INVPCID_ADDRESS, 0, ATLAS_BIT (47)));
  g_assert_true (atlas_mmu_invpcid (machine.mmu, ATLAS_INVPCID_CONTEXT, 0, ATLAS_BIT (47)));
  machine_clear (&machine);
}

/* ---- Staleness, Dirty, Accessed ---- */

static void
test_stale_until_dropped (void)
{
  Machine machine;

  machine_init (&machine, "golden-cove");
  map (&machine, PAGE_A, 1, LEAF (0x8000));
  touch (&machine, PAGE_A, ATLAS_ACCESS_WRITE);
  set_leaf (&machine, PAGE_A, 1, LEAF (0x9000));
  g_assert_cmphex (touch (&machine, PAGE_A, ATLAS_ACCESS_READ).pa, ==, 0x8000);
  set_leaf (&machine, PAGE_A, 1, 0);
  g_assert_cmphex (touch (&machine, PAGE_A, ATLAS_ACCESS_WRITE).pa, ==, 0x8000);
  atlas_mmu_invalidate_va (machine.mmu, PAGE_A);
  g_assert_cmpint (
    touch (&machine, PAGE_A, ATLAS_ACCESS_WRITE).outcome, ==, ATLAS_OUTCOME_PAGE_FAULT);

  /* A fault is not cached: a page that becomes present needs no invalidation. */
  set_leaf (&machine, PAGE_A, 1, LEAF (0x9000));
  g_assert_cmphex (touch (&machine, PAGE_A, ATLAS_ACCESS_READ).pa, ==, 0x9000);
  machine_clear (&machine);
}

static void
test_right_given_later_faults_at_most_once (void)
{
  Machine machine;

  machine_init (&machine, "zen");
  map (&machine, PAGE_A, 1, LEAF (0x8000) & ~ATLAS_ENTRY_RW);
  touch (&machine, PAGE_A, ATLAS_ACCESS_READ);
  set_leaf (&machine, PAGE_A, 1, LEAF (0x8000));
  AtlasWalkResult result = touch (&machine, PAGE_A, ATLAS_ACCESS_WRITE);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_PAGE_FAULT);
  g_assert_cmpint (result.cause, ==, ATLAS_CAUSE_NOT_WRITABLE);
  g_assert_cmphex (result.error_code, ==, 7);
  g_assert_cmpuint (result.n_steps, ==, 0);
  g_assert_cmpint (
    touch (&machine, PAGE_A, ATLAS_ACCESS_WRITE).outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  machine_clear (&machine);
}

static void
test_freed_table_is_used_until_dropped (void)
{
  Machine machine;
  AtlasPa pde_pa;

  machine_init (&machine, "skylake");
  map (&machine, PAGE_A, 1, LEAF (0x8000));
  map (&machine, PAGE_B, 1, LEAF (0x9000));
  touch (&machine, PAGE_A, ATLAS_ACCESS_READ);
  atlas_tables_find (
    machine.memory, atlas_mmu_get_control (machine.mmu), PAGE_A, 2, NULL, &pde_pa, NULL);
  atlas_memory_write_u64 (machine.memory, pde_pa, 0);

  /* B was never translated, but its page table is remembered. */
  AtlasWalkResult result = touch (&machine, PAGE_B, ATLAS_ACCESS_READ);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  g_assert_cmpuint (result.n_steps, ==, 1);

  /* INVLPG on whatever address drops all table addresses of this PCID. */
  atlas_mmu_invalidate_va (machine.mmu, ATLAS_GB (77));
  atlas_mmu_invalidate_va (machine.mmu, PAGE_B);
  g_assert_cmpint (
    touch (&machine, PAGE_B, ATLAS_ACCESS_READ).outcome, ==, ATLAS_OUTCOME_PAGE_FAULT);
  machine_clear (&machine);
}

static void
test_first_write_goes_to_memory (void)
{
  Machine machine;
  guint64 entry;

  machine_init (&machine, "skylake");
  map (&machine, PAGE_A, 1, LEAF (0x8000));
  touch (&machine, PAGE_A, ATLAS_ACCESS_READ);
  atlas_tables_get_entry (machine.memory, atlas_mmu_get_control (machine.mmu), PAGE_A, 1, &entry);
  g_assert_cmphex (entry & (ATLAS_ENTRY_A | ATLAS_ENTRY_D), ==, ATLAS_ENTRY_A);
  g_assert_cmpuint (touch (&machine, PAGE_A, ATLAS_ACCESS_WRITE).n_steps, ==, 1);
  atlas_tables_get_entry (machine.memory, atlas_mmu_get_control (machine.mmu), PAGE_A, 1, &entry);
  g_assert_cmphex (entry & (ATLAS_ENTRY_A | ATLAS_ENTRY_D), ==, ATLAS_ENTRY_A | ATLAS_ENTRY_D);
  g_assert_cmpuint (touch (&machine, PAGE_A, ATLAS_ACCESS_WRITE).n_steps, ==, 0);
  g_assert_cmpuint (atlas_tlb_get_counters (atlas_mmu_get_tlb (machine.mmu))->n_dirty_walks, ==, 1);

  /* Cleared without INVLPG, Dirty stays clear: the processor believes that it is set. */
  set_leaf (&machine, PAGE_A, 1, LEAF (0x8000));
  touch (&machine, PAGE_A, ATLAS_ACCESS_WRITE);
  atlas_tables_get_entry (machine.memory, atlas_mmu_get_control (machine.mmu), PAGE_A, 1, &entry);
  g_assert_cmphex (entry, ==, LEAF (0x8000));
  machine_clear (&machine);
}

static void
test_read_only_memory_caches_only_accessed_entries (void)
{
  static guint64 tables[4][512];
  AtlasControl control = atlas_control_windows (0x1000);

  for (guint i = 0; i < 4; i++)
    tables[i][0] = GUINT64_TO_LE ((i + 2) * 0x1000 | 7 | ATLAS_ENTRY_A);
  tables[3][1] = GUINT64_TO_LE (0x8000 | 7); /* never accessed */

  g_autoptr (GBytes) bytes = g_bytes_new_static (tables, sizeof tables);
  AtlasMemoryRun run = { 0x1000, bytes };
  g_autoptr (AtlasMemory) memory = atlas_memory_new_image (&run, 1);
  g_autoptr (AtlasMmu) mmu = atlas_mmu_new (memory);
  AtlasWalkResult result;

  atlas_mmu_set_control (mmu, &control);
  atlas_mmu_set_tlb_profile (mmu, atlas_tlb_find_profile ("zen2"));
  for (guint page = 0; page < 2; page++)
    for (guint i = 0; i < 2; i++)
      {
        AtlasWalkQuery query = { .va = page * ATLAS_PAGE_BYTES };

        atlas_mmu_access (mmu, &query, NULL, &result);
        g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
        g_assert_cmpint (result.n_steps == 0, ==, page == 0 && i == 1);
      }
}

static void
test_lam_and_lass_are_not_bypassed (void)
{
  Machine machine;
  AtlasControl control;
  AtlasWalkQuery query = { .va = ATLAS_BIT (60) | PAGE_A };
  AtlasWalkResult result;

  machine_init (&machine, "skylake");
  map (&machine, PAGE_A, 1, LEAF (0x8000));
  touch (&machine, PAGE_A, ATLAS_ACCESS_READ);
  atlas_mmu_access (machine.mmu, &query, NULL, &result);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_GENERAL_PROTECTION);

  control = *atlas_mmu_get_control (machine.mmu);
  control.cr3 |= ATLAS_CR3_LAM_U57;
  atlas_mmu_set_control (machine.mmu, &control);
  touch (&machine, PAGE_A, ATLAS_ACCESS_READ);
  atlas_mmu_access (machine.mmu, &query, NULL, &result);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  g_assert_cmphex (result.va, ==, PAGE_A);
  g_assert_cmpuint (result.n_steps, ==, 0);

  control.cr4 |= ATLAS_CR4_LASS;
  control.rflags_ac = FALSE;
  atlas_mmu_set_control (machine.mmu, &control);
  query = (AtlasWalkQuery){ .va = PAGE_A, .is_supervisor = TRUE };
  atlas_mmu_access (machine.mmu, &query, NULL, &result);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_GENERAL_PROTECTION);
  g_assert_cmpint (result.cause, ==, ATLAS_CAUSE_LASS);
  machine_clear (&machine);
}

/* ---- The story ---- */

static void
assert_story (Machine *machine, AtlasVa va, AtlasAccess access, const char *expected)
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  g_autoptr (GString) story = g_string_new (NULL);
  AtlasWalkQuery query = { .va = va, .access = access };
  AtlasWalkResult result;

  atlas_mmu_access (machine->mmu, &query, trace, &result);
  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    {
      const AtlasTraceEvent *event = atlas_trace_get_event (trace, i);
      g_autofree char *title = atlas_trace_event_dup_title (event);
      g_autofree char *detail = atlas_trace_event_dup_detail (event);
      g_autofree char *explain = atlas_trace_event_dup_explain (event);

      /* Every template is filled in. */
      g_assert_null (strchr (title, '{'));
      g_assert_null (strchr (detail, '{'));
      g_assert_null (strchr (explain, '{'));
      g_string_append_printf (story, "%s%s", i > 0 ? " " : "", event->kind->id);
    }
  g_assert_cmpstr (story->str, ==, expected);
}

static void
test_stories (void)
{
  Machine machine;

  machine_init (&machine, "skylake");
  map (&machine, PAGE_A, 1, LEAF (0x8000));
  map (&machine, PAGE_B, 1, LEAF (0x9000) & ~ATLAS_ENTRY_RW);
  assert_story (&machine,
                PAGE_A,
                ATLAS_ACCESS_READ,
                "tlb-miss tlb-miss entry-read entry-read entry-read leaf-read accessed-dirty "
                "accessed-dirty accessed-dirty accessed-dirty tlb-filled tlb-filled translated");
  assert_story (&machine, PAGE_A, ATLAS_ACCESS_READ, "tlb-hit translated");
  assert_story (&machine, PAGE_A, ATLAS_ACCESS_EXECUTE, "tlb-miss tlb-hit tlb-filled translated");
  assert_story (&machine,
                PAGE_A,
                ATLAS_ACCESS_WRITE,
                "tlb-hit tlb-not-dirty psc-hit leaf-read accessed-dirty tlb-filled tlb-filled "
                "translated");
  assert_story (&machine,
                PAGE_B,
                ATLAS_ACCESS_READ,
                "tlb-miss tlb-miss psc-hit leaf-read accessed-dirty tlb-filled tlb-filled "
                "translated");
  assert_story (&machine, PAGE_B, ATLAS_ACCESS_WRITE, "tlb-hit page-fault tlb-dropped");
  assert_story (&machine,
                PAGE_B,
                ATLAS_ACCESS_WRITE,
                "tlb-miss tlb-miss entry-read entry-read entry-read leaf-read page-fault");
  assert_story (&machine,
                PAGE_G,
                ATLAS_ACCESS_WRITE,
                "tlb-miss tlb-miss entry-read entry-read entry-read entry-not-present page-fault");
  assert_story (&machine, ATLAS_BIT (47), ATLAS_ACCESS_WRITE, "general-protection");
  set_leaf (&machine, PAGE_A, 1, LEAF (0x9000));
  assert_story (&machine, PAGE_A, ATLAS_ACCESS_READ, "tlb-hit stale-translation translated");
  set_leaf (&machine, PAGE_A, 1, LEAF (0x8000) & ~ATLAS_ENTRY_RW);
  assert_story (&machine, PAGE_A, ATLAS_ACCESS_READ, "tlb-hit stale-translation translated");
  set_leaf (&machine, PAGE_A, 1, LEAF (0x8000));
  assert_story (&machine, PAGE_A, ATLAS_ACCESS_READ, "tlb-hit translated");
  machine_clear (&machine);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mmu/who-drops-what", test_who_drops_what);
  g_test_add_func ("/mmu/clearing-pcide-drops-all", test_clearing_pcide_drops_all);
  g_test_add_func ("/mmu/invpcid-refuses", test_invpcid_refuses);
  g_test_add_func ("/mmu/stale-until-dropped", test_stale_until_dropped);
  g_test_add_func ("/mmu/right-given-later-faults-at-most-once",
                   test_right_given_later_faults_at_most_once);
  g_test_add_func ("/mmu/freed-table-is-used-until-dropped",
                   test_freed_table_is_used_until_dropped);
  g_test_add_func ("/mmu/first-write-goes-to-memory", test_first_write_goes_to_memory);
  g_test_add_func ("/mmu/read-only-memory-caches-only-accessed-entries",
                   test_read_only_memory_caches_only_accessed_entries);
  g_test_add_func ("/mmu/lam-and-lass-are-not-bypassed", test_lam_and_lass_are_not_bypassed);
  g_test_add_func ("/mmu/stories", test_stories);
  return g_test_run ();
}
