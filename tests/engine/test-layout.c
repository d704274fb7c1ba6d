/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/address.h"
#include "windows/layout.h"

static void
test_regions_are_apart_and_told (void)
{
  guint n_regions;
  const AtlasLayoutRegion *regions = atlas_layout_get_regions (4, &n_regions);
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
      const AtlasLayoutRegion *region = atlas_layout_find (rows[i].va, 4);
      const AtlasLayoutRegion *reserved = atlas_layout_find_reserved (rows[i].va, 1, 4);

      g_assert_cmpint (region != NULL ? (int) region->kind : -1, ==, rows[i].kind);
      /* The hole is not reserved: nobody could have it anyway. */
      g_assert_true (reserved == (rows[i].kind == ATLAS_LAYOUT_HOLE ? NULL : region));
    }
  g_assert_null (atlas_layout_find_reserved (0x10000, 0x7ffd0000, 4));
  g_assert_cmphex (atlas_layout_find_reserved (0x10000, 0x7ffd0001, 4)->base_va, ==, 0x7ffe0000);
  g_assert_cmphex (
    atlas_layout_find_reserved (0x80000000 - 1, ATLAS_TB (1), 4)->base_va, ==, 0x7fff0000);
  g_assert_cmphex (atlas_layout_get_hypervisor_va (1), ==, 0x7ffe1000);
  g_assert_cmphex (atlas_layout_get_hypervisor_va (ATLAS_HYPERVISOR_SLOTS), ==, 0x7ffef000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/regions-are-apart-and-told", test_regions_are_apart_and_told);
  g_test_add_func ("/layout/edges", test_edges_are_where_windows_has_them);
  return g_test_run ();
}
