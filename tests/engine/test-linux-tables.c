/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The page tables of a real kernel against what QEMU says of them. */

#include "../lime-image.h"

#include "paging/tables.h"
#include "paging/walk.h"

#include <stdio.h>

static void
test_linux_image (void)
{
  const char *folder = g_getenv ("ATLAS_SAMPLES");
  g_autofree char *image_path =
    g_build_filename (folder != NULL ? folder : ".", "linux61-qemu-pagetables.lime", NULL);
  g_autofree char *list_path =
    g_build_filename (folder != NULL ? folder : ".", "linux61-qemu-infotlb.txt", NULL);

  if (!g_file_test (image_path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("ATLAS_SAMPLES holds no linux61-qemu-pagetables.lime");
      return;
    }

  g_autoptr (AtlasMemory) memory = load_lime (image_path);
  AtlasControl control = {
    .cr0 = 0x80050033,
    .cr3 = 0x554c000,
    .cr4 = 0x1506b0,
    .efer = 0xd01,
    .maxphyaddr_bits = 40,
    .has_page_1gb = TRUE,
  };
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  const AtlasTableNode *root = atlas_table_graph_get_node (graph, 0);
  guint n_tables[5] = { 0 };

  g_assert_cmpuint (root->n_leaves[0], ==, 6688);
  g_assert_cmpuint (root->n_leaves[1], ==, 139);
  g_assert_cmpuint (root->n_leaves[2], ==, 0);
  g_assert_cmpuint (atlas_table_graph_get_n_nodes (graph), ==, 106);
  for (guint i = 0; i < 106; i++)
    n_tables[atlas_table_graph_get_node (graph, i)->level]++;
  g_assert_cmpuint (n_tables[4], ==, 1);
  g_assert_cmpuint (n_tables[3], ==, 70);
  g_assert_cmpuint (n_tables[2], ==, 9);
  g_assert_cmpuint (n_tables[1], ==, 26);

  /* QEMU's "info tlb": VA, PA, XGPDACTUW of the leaf. */
  FILE *list = fopen (list_path, "r");
  AtlasTableIter iter;
  AtlasMappedRange leaf;
  guint64 va, pa;
  char flags[16];
  guint n_lines = 0;

  g_assert_nonnull (list);
  atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
  while (fscanf (list, "%" G_GINT64_MODIFIER "x %" G_GINT64_MODIFIER "x %15s", &va, &pa, flags) ==
         3)
    {
      AtlasWalkQuery query = { .va = va + 0x123, .is_supervisor = TRUE };
      AtlasWalkResult result;

      n_lines++;
      g_assert_true (atlas_table_iter_next_leaf (&iter, &leaf));
      g_assert_cmphex (leaf.first_va, ==, va);
      g_assert_cmphex (leaf.first_pa, ==, pa);
      g_assert_cmphex (leaf.page_bytes, ==, flags[2] == 'P' ? ATLAS_MB (2) : ATLAS_KB (4));
      g_assert_cmpint (leaf.is_global, ==, flags[1] == 'G');

      atlas_walk (memory, &control, &query, &result);
      g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmphex (result.pa, ==, pa + 0x123);

      guint64 entry = result.entries[result.n_steps - 1];
      g_assert_cmpint (flags[0] == 'X', ==, (entry & ATLAS_ENTRY_XD) != 0);
      g_assert_cmpint (flags[3] == 'D', ==, (entry & ATLAS_ENTRY_D) != 0);
      g_assert_cmpint (flags[4] == 'A', ==, (entry & ATLAS_ENTRY_A) != 0);
      g_assert_cmpint (flags[7] == 'U', ==, (entry & ATLAS_ENTRY_US) != 0);
      g_assert_cmpint (flags[8] == 'W', ==, (entry & ATLAS_ENTRY_RW) != 0);
      if (result.is_writable)
        g_assert_cmpint (flags[8], ==, 'W');
    }
  fclose (list);
  g_assert_cmpuint (n_lines, ==, 6827);
  g_assert_false (atlas_table_iter_next_leaf (&iter, &leaf));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tables/linux-image", test_linux_image);
  return g_test_run ();
}
