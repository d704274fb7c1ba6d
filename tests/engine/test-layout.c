/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/address.h"
#include "windows/layout.h"

static void
test_regions_are_apart_and_told (void)
{
  guint n_regions;
  const AtlasLayoutRegion *regions = atlas_layout_get_regions (&n_regions);
  AtlasVa end_va = 0;

  for (guint i = 0; i < n_regions; i++)
    {
      g_assert_cmphex (regions[i].base_va, >=, end_va);
      g_assert_cmpuint (regions[i].size_bytes, >, 0);
      g_assert_cmpuint (regions[i].base_va % ATLAS_PAGE_BYTES, ==, 0);
      g_assert_nonnull (regions[i].name);
      g_assert_nonnull (regions[i].source);
      g_assert_true (g_str_has_suffix (regions[i].reason, "."));
      end_va = regions[i].base_va + regions[i].size_bytes;
    }
  g_assert_cmphex (end_va, ==, ATLAS_KERNEL_START_VA);
}

static void
test_edges_are_where_windows_has_them (void)
{
  static const struct
  {
    AtlasVa va;
    int kind; /* -1: ordinary */
  } rows[] = {
    { 0, ATLAS_LAYOUT_NEVER },
    { 0xffff, ATLAS_LAYOUT_NEVER },
    { 0x10000, -1 },
    { 0x7ffdffff, -1 },
    { 0x7ffe0000, ATLAS_LAYOUT_BLOCK },
    { 0x7ffeffff, ATLAS_LAYOUT_BLOCK },
    { 0x7fff0000, ATLAS_LAYOUT_NEVER },
    { 0x7fffffff, ATLAS_LAYOUT_NEVER },
    { 0x80000000, ATLAS_LAYOUT_NEVER },
    { 0x8000ffff, ATLAS_LAYOUT_NEVER },
    { 0x80010000, -1 },
    { ATLAS_MAX_APPLICATION_VA, -1 },
    { ATLAS_MAX_APPLICATION_VA + 1, ATLAS_LAYOUT_NEVER },
    { 0x7fffffffffff, ATLAS_LAYOUT_NEVER },
    { 0x800000000000, ATLAS_LAYOUT_HOLE },
    { 0xffff7fffffffffff, ATLAS_LAYOUT_HOLE },
    { 0xffff800000000000, -1 },
    { G_MAXUINT64, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const AtlasLayoutRegion *region = atlas_layout_find (rows[i].va);
      const AtlasLayoutRegion *reserved = atlas_layout_find_reserved (rows[i].va, 1);

      g_assert_cmpint (region != NULL ? (int) region->kind : -1, ==, rows[i].kind);
      /* The hole is not reserved: nobody could have it anyway. */
      g_assert_true (reserved == (rows[i].kind == ATLAS_LAYOUT_HOLE ? NULL : region));
    }
  g_assert_null (atlas_layout_find_reserved (0x10000, 0x7ffd0000));
  g_assert_cmphex (atlas_layout_find_reserved (0x10000, 0x7ffd0001)->base_va, ==, 0x7ffe0000);
  g_assert_cmphex (
    atlas_layout_find_reserved (0x80000000 - 1, ATLAS_TB (1))->base_va, ==, 0x7fff0000);
  g_assert_cmphex (atlas_layout_get_hypervisor_va (1), ==, 0x7ffe1000);
  g_assert_cmphex (atlas_layout_get_hypervisor_va (ATLAS_HYPERVISOR_SLOTS), ==, 0x7ffef000);
}

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
        g_assert_cmphex (atlas_self_map_get_entry_va (rows[i].index, rows[i].va, level),
                         ==,
                         rows[i].entry_va[level - 1]);
    }
}

static void
test_every_boot_assigns_all_uses (void)
{
  static const guint8 n_slots[ATLAS_N_KERNEL_USES] = {
    [ATLAS_KERNEL_PAGE_TABLES] = 1,  [ATLAS_KERNEL_PROCESS_SPACE] = 1,
    [ATLAS_KERNEL_SHARED_DATA] = 1,  [ATLAS_KERNEL_BOOT_LOADED] = 1,
    [ATLAS_KERNEL_PFN_DATABASE] = 1, [ATLAS_KERNEL_NONPAGED_POOL] = 32,
    [ATLAS_KERNEL_PAGED_POOL] = 31,  [ATLAS_KERNEL_SYSTEM_CACHE] = 32,
    [ATLAS_KERNEL_SYSTEM_PTES] = 32, [ATLAS_KERNEL_DRIVER_IMAGES] = 1,
    [ATLAS_KERNEL_STACKS] = 1,       [ATLAS_KERNEL_CFG] = 4,
  };
  gboolean is_self_map_seen[512] = { FALSE };
  guint n_self_maps = 0;

  for (guint64 seed = 0; seed < 300; seed++)
    {
      AtlasKernelLayout layout;
      guint count[ATLAS_N_KERNEL_USES] = { 0 };
      guint n_runs[ATLAS_N_KERNEL_USES] = { 0 };

      atlas_kernel_layout_draw (&layout, seed);
      for (guint slot = 0; slot < G_N_ELEMENTS (layout.uses); slot++)
        {
          count[layout.uses[slot]]++;
          n_runs[layout.uses[slot]] += slot == 0 || layout.uses[slot] != layout.uses[slot - 1];
        }
      for (guint use = ATLAS_KERNEL_UNUSED + 1; use < ATLAS_N_KERNEL_USES; use++)
        {
          g_assert_cmpuint (count[use], ==, n_slots[use]);
          g_assert_cmpuint (n_runs[use], ==, 1);
        }
      g_assert_cmpuint (layout.uses[0x1ef - 256], ==, ATLAS_KERNEL_SHARED_DATA);
      g_assert_cmpuint (layout.uses[0x1f0 - 256], ==, ATLAS_KERNEL_BOOT_LOADED);
      g_assert_cmpuint (layout.uses[layout.self_map_index - 256], ==, ATLAS_KERNEL_PAGE_TABLES);
      n_self_maps += !is_self_map_seen[layout.self_map_index];
      is_self_map_seen[layout.self_map_index] = TRUE;
    }
  g_assert_cmpuint (n_self_maps, >, 50);
  for (guint use = 0; use < ATLAS_N_KERNEL_USES; use++)
    g_assert_nonnull (atlas_kernel_use_get_info ((AtlasKernelUse) use)->reason);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/regions-are-apart-and-told", test_regions_are_apart_and_told);
  g_test_add_func ("/layout/edges", test_edges_are_where_windows_has_them);
  g_test_add_func ("/layout/self-map-addresses", test_self_map_addresses);
  g_test_add_func ("/layout/every-boot-assigns-all-uses", test_every_boot_assigns_all_uses);
  return g_test_run ();
}
