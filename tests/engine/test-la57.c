/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "base/format.h"
#include "paging/address.h"
#include "session/session.h"
#include "windows/fault.h"
#include "windows/layout.h"
#include "windows/machine-private.h"
#include "windows/probe.h"
#include "windows/virtual.h"

/* Windows with page tables of five levels. */

#define MAX_VA G_GUINT64_CONSTANT (0x00fffffffffeffff)
#define KERNEL_VA G_GUINT64_CONSTANT (0xff00000000000000)

static AtlasSystem *
make_system (guint64 seed)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  GError *error = NULL;
  AtlasSystem *system;

  options.memory_bytes = ATLAS_MB (256);
  options.seed = seed;
  options.has_la57 = TRUE;
  system = atlas_system_new (&options, &error);
  g_assert_no_error (error);
  return system;
}

static AtlasProcess *
make_process (AtlasSystem *system, gboolean is_bare)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasStatus status;
  AtlasProcess *process;

  options.name = "demo.exe";
  options.is_bare = is_bare;
  process = atlas_process_new (system, &options, &status);
  g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
  return process;
}

static void
test_key_addresses (void)
{
  static const struct
  {
    AtlasVa va;
    int kind; /* -1: ordinary */
  } rows[] = {
    { 0, ATLAS_LAYOUT_NEVER },
    { 0xffff, ATLAS_LAYOUT_NEVER },
    { 0x10000, -1 },
    { 0x7ffe0000, ATLAS_LAYOUT_BLOCK },
    { 0x7fff0000, ATLAS_LAYOUT_NEVER },
    { 0x8000ffff, ATLAS_LAYOUT_NEVER },
    { 0x7fffffff0000, -1 },
    { 0x7fffffffffff, -1 },
    { 0x800000000000, -1 },
    { 0xffffffffffff, -1 },
    { 0x1000000000000, -1 },
    { MAX_VA, -1 },
    { MAX_VA + 1u, ATLAS_LAYOUT_NEVER },
    { 0x00ffffffffffffff, ATLAS_LAYOUT_NEVER },
    { 0x0100000000000000, ATLAS_LAYOUT_HOLE },
    { 0xfeffffffffffffff, ATLAS_LAYOUT_HOLE },
    { KERNEL_VA, -1 },
    { G_MAXUINT64, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const AtlasLayoutRegion *region = atlas_layout_find (rows[i].va, 5);

      g_assert_cmpint (region != NULL ? (int) region->kind : -1, ==, rows[i].kind);
    }
  g_assert_cmphex (atlas_probe_for_read (MAX_VA, 1, 1, 5, NULL), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_probe_for_read (MAX_VA, 2, 1, 5, NULL), ==, ATLAS_STATUS_ACCESS_VIOLATION);
}

static void
test_kernel_half (void)
{
  guint n_indices = 0;
  gboolean is_seen[512] = { FALSE };

  for (guint64 seed = 0; seed < 200; seed++)
    {
      AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
      AtlasKernelLayout layout;
      AtlasVa end_va = KERNEL_VA;

      options.seed = seed;
      options.has_la57 = TRUE;
      atlas_kernel_layout_draw (&layout, &options);
      g_assert_cmpuint (layout.n_levels, ==, 5);
      for (guint i = 0; i < layout.n_regions; i++)
        {
          g_assert_cmphex (layout.regions[i].base_va, ==, end_va);
          end_va += layout.regions[i].size_bytes;
        }
      g_assert_cmphex (end_va, ==, 0);
      g_assert_cmpuint (layout.self_map_index, >=, 256);
      g_assert_cmpuint (layout.self_map_index, <, 511);
      n_indices += !is_seen[layout.self_map_index];
      is_seen[layout.self_map_index] = TRUE;
      g_assert_cmphex (atlas_kernel_layout_get_base_va (&layout, ATLAS_KERNEL_PAGE_TABLES),
                       ==,
                       ATLAS_BITS (63, 57) | (guint64) layout.self_map_index << 48);
      g_assert_cmphex (atlas_kernel_layout_get_base_va (&layout, ATLAS_KERNEL_SHARED_DATA),
                       ==,
                       0xfffff78000000000);
      g_assert_cmpuint (
        atlas_kernel_layout_find (&layout, 0xffff7fffffffffff)->use, ==, ATLAS_KERNEL_UNUSED);
    }
  g_assert_cmpuint (n_indices, >, 100);
}

/* The oracle reads five entries by hand. */
static AtlasPa
translate_by_hand (const AtlasMemory *memory, AtlasPa root_pa, AtlasVa va, AtlasPa *entries_pa)
{
  AtlasPa table_pa = root_pa;

  for (guint i = 0; i < 5u; i++)
    {
      guint64 entry = 0;

      entries_pa[i] = table_pa + ((va >> (48u - 9u * i)) & 511u) * 8u;
      g_assert_true (atlas_memory_read_u64 (memory, entries_pa[i], &entry));
      g_assert_true ((entry & 1u) != 0);
      table_pa = entry & G_GUINT64_CONSTANT (0x000ffffffffff000);
    }
  return table_pa | (va & 0xfffu);
}

static void
test_walks_have_five_steps_and_show_in_the_self_map (void)
{
  static const AtlasVa bases_va[] = {
    0x10000,         0x7fffffff0000,     0x800000000000,  0xffffffff0000,
    0x1000000000000, 0x00fedcba98760000, MAX_VA - 0xffff,
  };
  g_autoptr (AtlasSystem) system = make_system (3);
  AtlasProcess *process = make_process (system, TRUE);
  const AtlasKernelLayout *layout = atlas_system_get_kernel_layout (system);
  AtlasMemory *memory = atlas_system_get_memory (system);
  const AtlasControl *control = atlas_process_get_control (process);
  guint64 n_commit = system->commit_pages;
  guint64 n_tables = process->n_tables;

  g_assert_cmpuint (atlas_control_get_n_levels (control), ==, 5);
  for (guint i = 0; i < G_N_ELEMENTS (bases_va); i++)
    {
      AtlasVa va = bases_va[i];
      guint64 size_bytes = ATLAS_KB (64);
      AtlasVa last_va = va + size_bytes - 8u;
      AtlasWalkQuery query = { .va = last_va };
      AtlasWalkResult walk;
      AtlasPa entries_pa[5];
      AtlasPa pa;
      guint64 value = 0x5157 + i;

      g_assert_cmphex (
        atlas_nt_allocate_virtual_memory (
          process, &va, 0, &size_bytes, ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE),
        ==,
        ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (va, ==, bases_va[i]);
      g_assert_cmphex (
        atlas_process_access (process, last_va, ATLAS_ACCESS_WRITE, FALSE, &value, 8, NULL, NULL),
        ==,
        ATLAS_STATUS_SUCCESS);
      atlas_walk (memory, control, &query, &walk);
      pa = translate_by_hand (memory, control->cr3, last_va, entries_pa);
      g_assert_cmpint (walk.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmpuint (walk.n_steps, ==, 5);
      g_assert_cmphex (walk.pa, ==, pa);
      for (guint step = 0; step < 5; step++)
        {
          AtlasWalkQuery mapped = { .va = atlas_self_map_get_entry_va (
                                      layout->self_map_index, last_va, 5 - step, 5),
                                    .is_supervisor = TRUE,
                                    .is_implicit = TRUE };
          AtlasControl no_smap = *control;
          AtlasWalkResult result;

          g_assert_cmphex (walk.steps[step].entry_pa, ==, entries_pa[step]);
          g_assert_cmpuint (walk.steps[step].level, ==, 5 - step);
          no_smap.cr4 &= ~ATLAS_CR4_SMAP;
          atlas_walk (memory, &no_smap, &mapped, &result);
          g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
          g_assert_cmphex (result.pa, ==, entries_pa[step]);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (bases_va); i++)
    {
      AtlasVa va = bases_va[i];
      guint64 size_bytes = 0;

      g_assert_cmphex (atlas_nt_free_virtual_memory (process, &va, &size_bytes, ATLAS_MEM_RELEASE),
                       ==,
                       ATLAS_STATUS_SUCCESS);
    }
  g_assert_cmpuint (system->commit_pages, ==, n_commit);
  g_assert_cmpuint (process->n_tables, ==, n_tables);
}

static void
test_both_ends_and_beyond (void)
{
  g_autoptr (AtlasSystem) system = make_system (5);
  AtlasProcess *process = make_process (system, TRUE);
  static const AtlasVa refused_va[] = { MAX_VA + 1u, 0x0100000000000000, KERNEL_VA };
  guint64 size_bytes = ATLAS_TB (1024);
  AtlasVa low_va = 0;
  AtlasVa high_va = 0;
  AtlasRegion region;

  g_assert_cmphex (atlas_process_get_max_va (process), ==, MAX_VA);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     process, &low_va, 0, &size_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (process,
                                                     &high_va,
                                                     0,
                                                     &size_bytes,
                                                     ATLAS_MEM_RESERVE | ATLAS_MEM_TOP_DOWN,
                                                     ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (low_va, <, ATLAS_TB (3));
  g_assert_cmphex (high_va + size_bytes, >, MAX_VA - ATLAS_GB (8));
  g_assert_cmphex (atlas_process_query (process, high_va, &region), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpuint (region.size_bytes, ==, size_bytes);
  g_assert_cmphex (
    atlas_process_query (process, MAX_VA + 1u, &region), ==, ATLAS_STATUS_INVALID_PARAMETER);
  for (guint i = 0; i < G_N_ELEMENTS (refused_va); i++)
    {
      AtlasVa va = refused_va[i];

      size_bytes = ATLAS_PAGE_BYTES;
      g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                         process, &va, 0, &size_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE),
                       ==,
                       ATLAS_STATUS_INVALID_PARAMETER_2);
    }
}

static void
test_a_whole_process_tells_all_addresses (void)
{
  g_autoptr (AtlasSystem) system = make_system (7);
  guint64 n_commit = system->commit_pages;
  AtlasProcess *process = make_process (system, FALSE);
  AtlasRegionSet *set = atlas_space_get_regions (&process->space);
  guint64 n_regions = atlas_region_set_get_n_regions (set);
  AtlasVa end_va = 0;
  AtlasRegionSummary free;

  g_assert_cmphex (atlas_region_set_get_user_end_va (set), ==, MAX_VA + 1u);
  for (guint64 i = 0; i < n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      g_assert_cmphex (region->base_va, ==, end_va);
      end_va += region->size_bytes;
    }
  g_assert_cmphex (end_va, ==, 0);
  g_assert_cmpint (
    atlas_region_set_get_region (set, atlas_region_set_find (set, ATLAS_BIT (56)))->region_class,
    ==,
    ATLAS_CLASS_HOLE);
  /* All but the CFG bitmap, of 1 PB: two bits for every 16 bytes. */
  atlas_region_set_summarize (set, 0, MAX_VA, &free);
  g_assert_cmpuint (free.free_bytes, >, ATLAS_TB (62 * 1024));
  g_assert_cmphex (process->image_va, >, ATLAS_BIT (56) - ATLAS_GB (40) - 1u);
  atlas_process_terminate (process);
  g_assert_cmpuint (system->commit_pages, >=, n_commit);
}

static void
test_what_it_does_not_go_with_is_refused (void)
{
  AtlasSystemOptions rows[] = { ATLAS_SYSTEM_OPTIONS_DEFAULT, ATLAS_SYSTEM_OPTIONS_DEFAULT };

  rows[0].has_classic_layout = TRUE;
  rows[1].has_kva_shadow = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      rows[i].has_la57 = TRUE;
      g_assert_null (atlas_system_new (&rows[i], &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_UNSUPPORTED);
    }
}

static void
test_a_scenario_runs (void)
{
  static const char text[] = "system memory=256M levels=5\n"
                             "process $p demo.exe\n"
                             "alloc $t = 0x00123456789a0000 64K reserve|commit readwrite\n"
                             "write $t 4\n"
                             "read $t 4\n"
                             "protect $t 4K readonly\n"
                             "entry $t pml5e 0\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (text, "la57", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/la57/key-addresses", test_key_addresses);
  g_test_add_func ("/la57/kernel-half", test_kernel_half);
  g_test_add_func ("/la57/five-steps", test_walks_have_five_steps_and_show_in_the_self_map);
  g_test_add_func ("/la57/both-ends", test_both_ends_and_beyond);
  g_test_add_func ("/la57/whole-process", test_a_whole_process_tells_all_addresses);
  g_test_add_func ("/la57/refused", test_what_it_does_not_go_with_is_refused);

  g_test_add_func ("/la57/scenario", test_a_scenario_runs);

  return g_test_run ();
}
