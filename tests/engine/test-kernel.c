/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/address.h"
#include "windows/fault.h"
#include "windows/layout.h"
#include "windows/machine-private.h"
#include "windows/virtual.h"

#include <string.h>

/* Worked by hand from PTE_BASE = 0xffff000000000000 | index << 39. */
static void
test_self_map_addresses (void)
{
  static const struct
  {
    guint index;
    AtlasVa va;
    AtlasVa entry_va[4]; /* PTE, PDE, PDPTE, PML4E */
  } rows[] = {
    { 0x1ed,
      0x10000,
      { 0xfffff68000000080, 0xfffff6fb40000000, 0xfffff6fb7da00000, 0xfffff6fb7dbed000 } },
    { 0x1ed,
      0x7ffe0000,
      { 0xfffff680003fff00, 0xfffff6fb40001ff8, 0xfffff6fb7da00008, 0xfffff6fb7dbed000 } },
    { 0x1ed,
      0x7ff700001000,
      { 0xfffff6bffb800008, 0xfffff6fb5ffdc000, 0xfffff6fb7daffee0, 0xfffff6fb7dbed7f8 } },
    { 0x1ed,
      0x7ffffffef000,
      { 0xfffff6bfffffff78, 0xfffff6fb5ffffff8, 0xfffff6fb7daffff8, 0xfffff6fb7dbed7f8 } },
    { 0x1ed,
      0xfffff78000000000,
      { 0xfffff6fbc0000000, 0xfffff6fb7de00000, 0xfffff6fb7dbef000, 0xfffff6fb7dbedf78 } },
    { 0x1ed,
      0xfffffffffffff000,
      { 0xfffff6fffffffff8, 0xfffff6fb7ffffff8, 0xfffff6fb7dbffff8, 0xfffff6fb7dbedff8 } },
    { 0x12a,
      0,
      { 0xffff950000000000, 0xffff954a80000000, 0xffff954aa5400000, 0xffff954aa552a000 } },
    { 0x100,
      0,
      { 0xffff800000000000, 0xffff804000000000, 0xffff804020000000, 0xffff804020100000 } },
    { 0x1ff,
      0,
      { 0xffffff8000000000, 0xffffffffc0000000, 0xffffffffffe00000, 0xfffffffffffff000 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVEL_PML4; level++)
        g_assert_cmphex (atlas_self_map_get_entry_va (rows[i].index, rows[i].va, level, 4),
                         ==,
                         rows[i].entry_va[level - 1]);
    }
}

static AtlasSystem *
make_kernel (gboolean is_classic, gboolean has_kva_shadow, guint64 seed)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (GError) error = NULL;
  AtlasSystem *system;

  options.memory_bytes = ATLAS_MB (256);
  options.seed = seed;
  options.has_classic_layout = is_classic;
  options.has_kva_shadow = has_kva_shadow;
  system = atlas_system_new (&options, &error);
  g_assert_no_error (error);
  return system;
}

static void
assert_covers_the_half (const AtlasKernelLayout *layout)
{
  AtlasVa end_va = ATLAS_KERNEL_START_VA;

  for (guint i = 0; i < layout->n_regions; i++)
    {
      const AtlasKernelRegion *region = &layout->regions[i];

      g_assert_cmphex (region->base_va, ==, end_va);
      g_assert_cmpuint (region->size_bytes, >, 0);
      g_assert_cmpuint (region->use, <, ATLAS_N_KERNEL_USES);
      g_assert_true (atlas_kernel_layout_find (layout, region->base_va) == region);
      end_va = region->base_va + region->size_bytes;
      g_assert_true (atlas_kernel_layout_find (layout, end_va - 1) == region);
    }
  g_assert_cmphex (end_va, ==, 0);
}

/* The published map of Windows 7. */
static void
test_classic_layout_is_fixed (void)
{
  static const struct
  {
    AtlasKernelUse use;
    AtlasVa base_va;
  } rows[] = {
    { ATLAS_KERNEL_PAGE_TABLES, 0xfffff68000000000 },
    { ATLAS_KERNEL_PROCESS_SPACE, 0xfffff70000000000 },
    { ATLAS_KERNEL_SHARED_DATA, 0xfffff78000000000 },
    { ATLAS_KERNEL_CACHE_WORKING_SET, 0xfffff78000001000 },
    { ATLAS_KERNEL_BOOT_LOADED, 0xfffff80000000000 },
    { ATLAS_KERNEL_SYSTEM_PTES, 0xfffff88000000000 },
    { ATLAS_KERNEL_PAGED_POOL, 0xfffff8a000000000 },
    { ATLAS_KERNEL_SESSION, 0xfffff90000000000 },
    { ATLAS_KERNEL_SYSTEM_CACHE, 0xfffff98000000000 },
    { ATLAS_KERNEL_PFN_DATABASE, 0xfffffa8000000000 },
    /* 4 M frames × 48 bytes = 192 MB of database. */
    { ATLAS_KERNEL_NONPAGED_POOL, 0xfffffa800c000000 },
    { ATLAS_KERNEL_HAL, 0xffffffffffc00000 },
  };
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;

  options.has_classic_layout = TRUE;
  for (options.seed = 0; options.seed < 5; options.seed++)
    {
      AtlasKernelLayout layout;

      atlas_kernel_layout_draw (&layout, &options);
      assert_covers_the_half (&layout);
      g_assert_cmphex (layout.self_map_index, ==, 0x1ed);
      g_assert_cmpuint (layout.uses[0x1ed - 256], ==, ATLAS_KERNEL_PAGE_TABLES);
      g_assert_cmpuint (layout.uses[0x1f2 - 256], ==, ATLAS_KERNEL_SESSION);
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        g_assert_cmphex (
          atlas_kernel_layout_get_base_va (&layout, rows[i].use), ==, rows[i].base_va);
    }
}

static void
test_every_boot_assigns_all_uses (void)
{
  static const guint8 n_slots[ATLAS_N_KERNEL_USES] = {
    [ATLAS_KERNEL_PAGE_TABLES] = 1,
    [ATLAS_KERNEL_PROCESS_SPACE] = 1,
    [ATLAS_KERNEL_SHARED_DATA] = 1,
    [ATLAS_KERNEL_BOOT_LOADED] = 1,
    [ATLAS_KERNEL_PFN_DATABASE] = 1,
    [ATLAS_KERNEL_NONPAGED_POOL] = 32,
    [ATLAS_KERNEL_PAGED_POOL] = 31,
    [ATLAS_KERNEL_SYSTEM_CACHE] = 32,
    [ATLAS_KERNEL_SYSTEM_PTES] = 32,
    [ATLAS_KERNEL_DRIVER_IMAGES] = 1,
    [ATLAS_KERNEL_STACKS] = 1,
    [ATLAS_KERNEL_CFG] = 4,
    [ATLAS_KERNEL_SHADOW_STACKS] = 1,
    [ATLAS_KERNEL_SECURE_NONPAGED_POOL] = 1,
    [ATLAS_KERNEL_SOFT_WSLES] = 1,
    [ATLAS_KERNEL_NONCACHED_MAPPINGS] = 1,
    [ATLAS_KERNEL_SYSTEM_DATA_VIEWS] = 1,
  };
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  guint n_seen[512] = { 0 };
  guint n_self_maps = 0;

  for (options.seed = 0; options.seed < 1000; options.seed++)
    {
      AtlasKernelLayout layout;
      guint count[ATLAS_N_KERNEL_USES] = { 0 };
      guint n_runs[ATLAS_N_KERNEL_USES] = { 0 };

      atlas_kernel_layout_draw (&layout, &options);
      assert_covers_the_half (&layout);
      for (guint slot = 0; slot < G_N_ELEMENTS (layout.uses); slot++)
        {
          AtlasVa va = ATLAS_KERNEL_START_VA + slot * ATLAS_GB (512);

          count[layout.uses[slot]]++;
          n_runs[layout.uses[slot]] += slot == 0 || layout.uses[slot] != layout.uses[slot - 1];
          g_assert_cmpuint (atlas_kernel_layout_find (&layout, va)->use, ==, layout.uses[slot]);
        }
      for (guint use = ATLAS_KERNEL_UNUSED + 1; use < ATLAS_N_KERNEL_USES; use++)
        {
          g_assert_cmpuint (count[use], ==, n_slots[use]);
          g_assert_cmpuint (n_runs[use], ==, n_slots[use] > 0 ? 1 : 0);
        }
      g_assert_cmpuint (layout.uses[0x1ef - 256], ==, ATLAS_KERNEL_SHARED_DATA);
      g_assert_cmpuint (layout.uses[0x1f0 - 256], ==, ATLAS_KERNEL_BOOT_LOADED);
      g_assert_cmpuint (layout.uses[layout.self_map_index - 256], ==, ATLAS_KERNEL_PAGE_TABLES);
      g_assert_cmphex (layout.kernel_image_va % ATLAS_MB (2), ==, 0);
      g_assert_cmphex (layout.kernel_image_va >> 39, ==, 0xfffff80000000000 >> 39);
      n_self_maps += n_seen[layout.self_map_index]++ == 0;
    }
  /* 254 slots, 1000 boots: none is much likelier than another. */
  g_assert_cmpuint (n_self_maps, >, 230);
  for (guint i = 0; i < G_N_ELEMENTS (n_seen); i++)
    g_assert_cmpuint (n_seen[i], <, 20);
}

static void
test_uses_follow_the_build (void)
{
  static const struct
  {
    AtlasKernelUse use;
    guint first_build, last_build; /* of those tried */
  } rows[] = {
    { ATLAS_KERNEL_SESSION, 14393, 20348 },
    { ATLAS_KERNEL_ULTRA_ZERO, 14393, 20348 },
    { ATLAS_KERNEL_SPECIAL_POOL_PAGED, 14393, 18362 },
    { ATLAS_KERNEL_SECURE_NONPAGED_POOL, 19042, 26100 },
    { ATLAS_KERNEL_SHADOW_STACKS, 20348, 26100 },
    { ATLAS_KERNEL_SYSTEM_DATA_VIEWS, 22000, 26100 },
  };
  static const guint builds[] = { 14393, 18362, 19042, 20348, 22000, 26100 };

  for (guint i = 0; i < G_N_ELEMENTS (builds); i++)
    {
      AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
      AtlasKernelLayout layout;

      options.build = builds[i];
      atlas_kernel_layout_draw (&layout, &options);
      assert_covers_the_half (&layout);
      for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
        g_assert_cmpint (atlas_kernel_layout_get_base_va (&layout, rows[row].use) != 0,
                         ==,
                         builds[i] >= rows[row].first_build && builds[i] <= rows[row].last_build);
    }
  for (guint use = 0; use < ATLAS_N_KERNEL_USES; use++)
    {
      const AtlasKernelUseInfo *info = atlas_kernel_use_get_info ((AtlasKernelUse) use);

      g_assert_nonnull (info->name);
      g_assert_true (g_str_has_suffix (info->reason, "."));
      g_assert_nonnull (info->source);
    }
}

/* A program cannot, but the kernel reads every entry of every level where the self-map shows it. */
static void
test_every_entry_is_read_through_the_self_map (void)
{
  for (guint variant = 0; variant < 4; variant++)
    {
      g_autoptr (AtlasSystem) system = make_kernel ((variant & 1) != 0, (variant & 2) != 0, 7);
      AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
      AtlasProcess *process = atlas_process_new (system, &options, NULL);
      guint self_map_index = atlas_system_get_kernel_layout (system)->self_map_index;
      const AtlasVa vas[] = {
        ATLAS_KUSER_VA,
        process->peb_va,
        process->image_va + 0x1000,
        process->stack_pointer_va,
        process->cfg_va,
        ATLAS_KUSER_KERNEL_VA,
      };

      for (guint i = 0; i < G_N_ELEMENTS (vas); i++)
        {
          AtlasWalkQuery query = { .va = vas[i], .is_supervisor = TRUE, .is_implicit = TRUE };
          AtlasWalkResult walk;

          atlas_walk (system->memory, &process->control, &query, &walk);
          for (guint step = 0; step < walk.n_steps; step++)
            {
              AtlasVa entry_va = atlas_self_map_get_entry_va (
                self_map_index, vas[i], atlas_walk_result_get_step (&walk, step).level, 4);
              AtlasException exception;
              guint64 entry = 0;

              g_assert_cmphex (
                atlas_process_access (
                  process, entry_va, ATLAS_ACCESS_READ, TRUE, &entry, 8, NULL, &exception),
                ==,
                ATLAS_STATUS_SUCCESS);
              g_assert_cmphex (GUINT64_FROM_LE (entry), ==, walk.entries[step]);
              g_assert_cmphex (
                atlas_process_access (
                  process, entry_va, ATLAS_ACCESS_READ, FALSE, &entry, 8, NULL, &exception),
                ==,
                ATLAS_STATUS_ACCESS_VIOLATION);
            }
        }
    }
}

static AtlasOutcome
walk_from (AtlasProcess *process, guint64 cr3, AtlasVa va, AtlasPa *pa)
{
  AtlasWalkQuery query = { .va = va, .is_supervisor = TRUE, .is_implicit = TRUE };
  AtlasControl control = process->control;
  AtlasWalkResult result;

  control.cr3 = cr3;
  control.cr4 &= ~ATLAS_CR4_SMAP;
  atlas_walk (process->system->memory, &control, &query, &result);
  *pa = result.pa;
  return result.outcome;
}

static void
test_programs_run_without_the_kernel_half (void)
{
  g_autoptr (AtlasSystem) system = make_kernel (FALSE, TRUE, 3);
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasProcess *process = atlas_process_new (system, &options, NULL);
  const AtlasKernelLayout *layout = atlas_system_get_kernel_layout (system);
  guint64 cr3 = process->control.cr3;
  guint64 user_cr3 = atlas_process_get_user_cr3 (process);
  AtlasPa pa, user_pa;
  guint8 byte = 1;

  g_assert_cmphex (user_cr3, !=, 0);
  g_assert_cmphex (user_cr3, !=, cr3);
  /* The kernel half: only the two entry pages, the same frames. */
  g_assert_cmpint (
    walk_from (process, cr3, ATLAS_KUSER_KERNEL_VA, &pa), ==, ATLAS_OUTCOME_TRANSLATED);
  g_assert_cmpint (
    walk_from (process, user_cr3, ATLAS_KUSER_KERNEL_VA, &pa), !=, ATLAS_OUTCOME_TRANSLATED);
  g_assert_cmpint (
    walk_from (process,
               user_cr3,
               atlas_self_map_get_entry_va (layout->self_map_index, ATLAS_KUSER_VA, 1, 4),
               &pa),
    !=,
    ATLAS_OUTCOME_TRANSLATED);
  g_assert_cmpuint (
    atlas_kernel_layout_find (layout, layout->kernel_image_va)->use, ==, ATLAS_KERNEL_ENTRY);
  for (guint i = 0; i < 3; i++)
    {
      AtlasVa va = layout->kernel_image_va + i * ATLAS_PAGE_BYTES;

      g_assert_cmpint (
        walk_from (process, cr3, va, &pa), ==, walk_from (process, user_cr3, va, &user_pa));
      g_assert_cmphex (pa, ==, user_pa);
      g_assert_cmpint (walk_from (process, cr3, va, &pa) == ATLAS_OUTCOME_TRANSLATED, ==, i < 2);
    }

  /* The user half is one: what appears and goes, does so below both roots. */
  for (guint round = 0; round < 2; round++)
    {
      AtlasVa base_va = 0x6660000000;
      guint64 size_bytes = 0x1000;

      g_assert_cmphex (atlas_nt_allocate_virtual_memory (process,
                                                         &base_va,
                                                         0,
                                                         &size_bytes,
                                                         ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                                                         ATLAS_PAGE_READWRITE),
                       ==,
                       ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (
        atlas_process_access (process, base_va, ATLAS_ACCESS_WRITE, FALSE, &byte, 1, NULL, NULL),
        ==,
        ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (atlas_mmu_get_control (system->mmu)->cr3, ==, user_cr3);
      g_assert_cmpint (walk_from (process, cr3, base_va, &pa), ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmpint (
        walk_from (process, user_cr3, base_va, &user_pa), ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmphex (pa, ==, user_pa);
      size_bytes = 0;
      atlas_nt_free_virtual_memory (process, &base_va, &size_bytes, ATLAS_MEM_RELEASE);
      g_assert_cmpint (
        walk_from (process, user_cr3, base_va, &user_pa), !=, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmphex (
        atlas_process_access (process, base_va, ATLAS_ACCESS_WRITE, FALSE, &byte, 1, NULL, NULL),
        ==,
        ATLAS_STATUS_ACCESS_VIOLATION);
    }
  g_assert_cmphex (atlas_process_access (
                     process, ATLAS_KUSER_KERNEL_VA, ATLAS_ACCESS_READ, TRUE, &byte, 1, NULL, NULL),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_mmu_get_control (system->mmu)->cr3, ==, cr3);
}

static void
test_roots_come_and_go_with_processes (void)
{
  for (guint variant = 0; variant < 2; variant++)
    {
      g_autoptr (AtlasSystem) system = make_kernel (FALSE, variant == 1, 3);
      guint64 n_active = atlas_frames_count (system->frames, ATLAS_FRAME_ACTIVE);
      guint64 commit_pages = system->commit_pages;
      AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;

      options.is_bare = TRUE;
      for (guint round = 0; round < 3; round++)
        {
          AtlasProcess *process = atlas_process_new (system, &options, NULL);

          g_assert_cmpint (atlas_process_get_user_cr3 (process) != 0, ==, variant == 1);
          atlas_process_terminate (process);
          g_assert_cmpuint (atlas_frames_count (system->frames, ATLAS_FRAME_ACTIVE), ==, n_active);
          g_assert_cmpuint (system->commit_pages, ==, commit_pages);
        }
    }
}

static void
test_regions_tell_the_kernel_half (void)
{
  for (guint variant = 0; variant < 4; variant++)
    {
      g_autoptr (AtlasSystem) system = make_kernel ((variant & 1) != 0, (variant & 2) != 0, 11);
      AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
      AtlasProcess *process = atlas_process_new (system, &options, NULL);
      const AtlasKernelLayout *layout = atlas_system_get_kernel_layout (system);
      AtlasRegionSet *set = atlas_space_get_regions (atlas_process_get_space (process));
      AtlasVa va = ATLAS_KERNEL_START_VA;

      while (va != 0)
        {
          const AtlasRegion *region =
            atlas_region_set_get_region (set, atlas_region_set_find (set, va));
          AtlasKernelUse use = atlas_kernel_layout_find (layout, va)->use;

          g_assert_nonnull (region);
          g_assert_cmphex (region->base_va, ==, va);
          g_assert_nonnull (region->reason);
          if (use != ATLAS_KERNEL_SHARED_DATA)
            g_assert_cmpstr (region->name, ==, atlas_kernel_use_get_info (use)->name);
          va = region->base_va + region->size_bytes;
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernel/self-map-addresses", test_self_map_addresses);
  g_test_add_func ("/kernel/classic-layout-is-fixed", test_classic_layout_is_fixed);
  g_test_add_func ("/kernel/every-boot-assigns-all-uses", test_every_boot_assigns_all_uses);
  g_test_add_func ("/kernel/uses-follow-the-build", test_uses_follow_the_build);
  g_test_add_func ("/kernel/every-entry-is-read-through-the-self-map",
                   test_every_entry_is_read_through_the_self_map);
  g_test_add_func ("/kernel/programs-run-without-the-kernel-half",
                   test_programs_run_without_the_kernel_half);
  g_test_add_func ("/kernel/roots-come-and-go-with-processes",
                   test_roots_come_and_go_with_processes);
  g_test_add_func ("/kernel/regions-tell-the-kernel-half", test_regions_tell_the_kernel_half);
  return g_test_run ();
}
