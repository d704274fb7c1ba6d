/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/fold.h"
#include "map/strip.h"
#include "paging/tables.h"
#include "source/open.h"
#include "source/root-scan.h"
#include "source/table-space.h"

#include "table-mazes.h"

#define SAMPLE_CR3 0x554c000
#define SAMPLE_PAGES_4KB 6688u
#define SAMPLE_PAGES_2MB 139u

/* NULL after skipping when the sample is not there. */
static GBytes *
load_sample (void)
{
  const char *folder = g_getenv ("ATLAS_SAMPLES");
  g_autofree char *path =
    g_build_filename (folder != NULL ? folder : ".", "linux61-qemu-pagetables.lime", NULL);
  char *data;
  gsize size_bytes;

  if (!g_file_get_contents (path, &data, &size_bytes, NULL))
    {
      g_test_skip ("ATLAS_SAMPLES holds no linux61-qemu-pagetables.lime");
      return NULL;
    }
  return g_bytes_new_take (data, size_bytes);
}

static AtlasSpace *
open_sample (GBytes *bytes)
{
  AtlasControl control = atlas_control_windows (SAMPLE_CR3);
  g_autoptr (GError) error = NULL;
  AtlasSpace *space = atlas_space_open_image (bytes, "sample", &control, &error);

  g_assert_no_error (error);
  return space;
}

static void
test_sample_regions_are_its_pages (void)
{
  g_autoptr (GBytes) bytes = load_sample ();

  if (bytes == NULL)
    return;

  g_autoptr (AtlasSpace) space = open_sample (bytes);
  AtlasRegionSet *set = atlas_space_get_regions (space);
  guint64 n_4kb = 0;
  guint64 n_2mb = 0;
  AtlasVa next_va = 0;

  g_assert_true (atlas_region_set_knows_kernel_half (set));
  for (guint64 i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      g_assert_cmphex (region->base_va, ==, next_va);
      next_va += region->size_bytes;
      g_assert_cmpint (region->state, !=, ATLAS_STATE_RESERVE);
      g_assert_cmpint (region->region_class, !=, ATLAS_CLASS_UNUSABLE);
      g_assert_cmpint (region->region_class, !=, ATLAS_CLASS_NEVER);
      if (region->state != ATLAS_STATE_COMMIT)
        continue;
      if (g_str_has_prefix (region->name, "4 KB"))
        n_4kb += region->size_bytes / ATLAS_KB (4);
      else
        n_2mb += region->size_bytes / ATLAS_MB (2);
      g_assert_cmpint (region->region_class == ATLAS_CLASS_KERNEL,
                       ==,
                       g_str_has_suffix (region->name, "supervisor"));
    }
  g_assert_cmphex (next_va, ==, 0);
  g_assert_cmpuint (n_4kb, ==, SAMPLE_PAGES_4KB);
  g_assert_cmpuint (n_2mb, ==, SAMPLE_PAGES_2MB);
}

/* A walk to the first and the last byte of every region tells what the region tells. */
static void
test_sample_walks_agree (void)
{
  g_autoptr (GBytes) bytes = load_sample ();

  if (bytes == NULL)
    return;

  g_autoptr (AtlasSpace) space = open_sample (bytes);
  AtlasRegionSet *set = atlas_space_get_regions (space);

  for (guint64 i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);
      const AtlasVa ends[] = { region->base_va, atlas_region_get_last_va (region) };

      for (guint k = 0; k < G_N_ELEMENTS (ends); k++)
        {
          AtlasWalkQuery query = { .va = ends[k],
                                   .is_supervisor = region->region_class == ATLAS_CLASS_KERNEL };
          AtlasWalkResult result;

          g_assert_true (atlas_space_walk (space, &query, &result));
          g_assert_cmpint (
            result.outcome == ATLAS_OUTCOME_TRANSLATED, ==, region->state == ATLAS_STATE_COMMIT);
          g_assert_cmpint (result.outcome == ATLAS_OUTCOME_GENERAL_PROTECTION,
                           ==,
                           region->region_class == ATLAS_CLASS_HOLE);
          if (result.outcome != ATLAS_OUTCOME_TRANSLATED)
            continue;
          g_assert_cmpint (
            result.is_writable,
            ==,
            (region->protect & (ATLAS_PAGE_READWRITE | ATLAS_PAGE_EXECUTE_READWRITE)) != 0);
          g_assert_cmpint (
            result.is_executable,
            ==,
            (region->protect & (ATLAS_PAGE_EXECUTE_READ | ATLAS_PAGE_EXECUTE_READWRITE)) != 0);
        }
    }
}

static void
test_sample_is_drawn_at_every_zoom (void)
{
  g_autoptr (GBytes) bytes = load_sample ();

  if (bytes == NULL)
    return;

  g_autoptr (AtlasSpace) space = open_sample (bytes);
  AtlasRegionSet *set = atlas_space_get_regions (space);
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_COLLAPSED, set, 0, G_MAXUINT64);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasView view = atlas_view_whole (axis, 1200);
  AtlasVa target_va = G_GUINT64_CONSTANT (0xffffffff81000000);

  for (;;)
    {
      AtlasStripInput input = { .regions = set, .axis = axis, .view = view, .height_px = 200 };
      AtlasStripHit hit;
      AtlasView next;
      double x_px = atlas_view_va_to_x (&view, axis, target_va);

      atlas_strip_draw (list, &input);
      g_assert_cmpuint (atlas_display_list_get_n_marks (list), >, 0);
      g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 2400);
      atlas_strip_pick (&input, x_px, 100, &hit);
      g_assert_cmpint (
        atlas_region_set_get_region (set, hit.region_index)->region_class, ==, ATLAS_CLASS_KERNEL);
      next = atlas_view_zoom_at (&view, axis, ATLAS_ZOOM_STEPS, x_px);
      if (next.zoom == view.zoom)
        break;
      view = next;
    }
}

static void
test_sample_root_is_found (void)
{
  g_autoptr (GBytes) bytes = load_sample ();

  if (bytes == NULL)
    return;

  g_autoptr (AtlasSpace) space = open_sample (bytes);
  AtlasControl control = atlas_control_windows (0);
  g_autoptr (GArray) candidates =
    atlas_root_scan ((AtlasMemory *) atlas_space_get_memory (space), &control, 8);
  const AtlasRootCandidate *best = &g_array_index (candidates, AtlasRootCandidate, 0);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (candidates->len, >, 0);
  g_assert_cmphex (best->root_pa, ==, SAMPLE_CR3);
  g_assert_cmpuint (best->n_levels, ==, 4);
  g_assert_cmpuint (best->n_leaves, ==, SAMPLE_PAGES_4KB + SAMPLE_PAGES_2MB);
  g_assert_cmpuint (best->n_tables, ==, 106);
  g_assert_cmpuint (best->n_wrong, ==, 0);

  g_assert_null (atlas_space_open_bytes (bytes, "sample", &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_NO_ROOT);
  g_assert_nonnull (strstr (error->message, "0x554c000"));
}

/* ---- Made up ---- */

/* A root at 4 KB with a self-map, tables for one page in each half, among pages of noise. */
static AtlasMemory *
make_noisy_memory (GRand *rand)
{
  static const struct
  {
    AtlasPa pa;
    guint64 entry;
  } entries[] = {
    { 0x1000, 0x2067 }, { 0x1ff8, 0x2063 }, { 0x1800 + 8 * 237, 0x1063 }, { 0x2000, 0x3067 },
    { 0x2ff8, 0x3063 }, { 0x3000, 0x4067 }, { 0x4000 + 8 * 5, 0x67 },     { 0x4000 + 8 * 6, 0x67 },
  };
  AtlasMemory *memory = atlas_memory_new_ram (256 * ATLAS_PAGE_BYTES, NULL);

  for (AtlasPa pa = 0x6000; pa < 256 * ATLAS_PAGE_BYTES; pa += 8)
    atlas_memory_write_u64 (
      memory, pa, (guint64) g_rand_int (rand) << 32 | (guint64) g_rand_int (rand));
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    atlas_memory_write_u64 (memory, entries[i].pa, entries[i].entry);
  return memory;
}

static void
test_root_is_found_in_noise (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (AtlasMemory) memory = make_noisy_memory (rand);
  AtlasControl control = atlas_control_windows (0);
  g_autoptr (GArray) candidates = atlas_root_scan (memory, &control, 8);
  gboolean has_root = FALSE;

  for (guint i = 0; i < candidates->len; i++)
    {
      const AtlasRootCandidate *candidate = &g_array_index (candidates, AtlasRootCandidate, i);

      /* None of the noise. */
      g_assert_cmphex (candidate->root_pa, <, 0x6000);
      has_root |=
        candidate->root_pa == 0x1000 && candidate->n_levels == 4 && candidate->has_self_map;
    }
  g_assert_true (has_root);
}

static void
test_nothing_is_found_in_nothing (void)
{
  g_autoptr (AtlasMemory) zeros = atlas_memory_new_ram (ATLAS_MB (1), NULL);
  g_autoptr (AtlasMemory) ones = atlas_memory_new_ram (ATLAS_MB (1), NULL);
  AtlasControl control = atlas_control_windows (0);
  g_autoptr (GError) error = NULL;

  for (AtlasPa pa = 0; pa < ATLAS_MB (1); pa += 8)
    atlas_memory_write_u64 (ones, pa, G_MAXUINT64);

  g_autoptr (GArray) in_zeros = atlas_root_scan (zeros, &control, 8);
  g_autoptr (GArray) in_ones = atlas_root_scan (ones, &control, 8);

  g_assert_cmpuint (in_zeros->len, ==, 0);
  g_assert_cmpuint (in_ones->len, ==, 0);
  atlas_root_scan_set_error (zeros, &control, "zeros", &error);
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_NO_ROOT);
  g_assert_nonnull (strstr (error->message, "nothing in it"));
}

/* The maze's root names one table 512 times; the scan and the space both end. */
static void
test_a_maze_is_opened (void)
{
  AtlasControl control;
  g_autoptr (AtlasMemory) memory = maze_new (4, 512, &control);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) space = atlas_table_space_new (memory, &control, "maze", &error);
  g_autoptr (GArray) candidates = atlas_root_scan (memory, &control, 4);
  guint8 byte;
  gboolean is_known;

  g_assert_no_error (error);
  g_assert_cmpuint (candidates->len, >, 0);
  g_assert_nonnull (strstr (atlas_space_get_subtitle (space), "68,719,476,736 pages"));
  g_assert_cmpuint (
    atlas_space_peek (space, G_GUINT64_CONSTANT (0xffff812345678900), &byte, &is_known, 1), ==, 1);
  g_assert_true (is_known);
}

static void
test_a_root_outside_is_refused (void)
{
  g_autoptr (AtlasMemory) memory = atlas_memory_new_ram (ATLAS_PAGE_BYTES, NULL);
  AtlasControl control = atlas_control_windows (ATLAS_GB (3));
  g_autoptr (GError) error = NULL;

  g_assert_null (atlas_table_space_new (memory, &control, "small", &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_NO_ROOT);
  g_assert_nonnull (strstr (error->message, "0xc0000000"));
}

/* Bytes over a page border: known where a page is, unknown where none is or the image ends. */
static void
test_bytes_are_read_through_the_tables (void)
{
  static const guint64 entries[][2] = {
    { 0x1000, 0x2067 }, { 0x2000, 0x3067 }, { 0x3000, 0x4067 },
    { 0x4000, 0x5067 }, { 0x4008, 0x6067 },
  };
  g_autoptr (AtlasMemory) memory = atlas_memory_new_ram (0x6000, NULL);
  AtlasControl control = atlas_control_windows (0x1000);
  g_autoptr (GError) error = NULL;
  guint8 bytes[8];
  gboolean is_known[8];

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    atlas_memory_write_u64 (memory, entries[i][0], entries[i][1]);
  atlas_memory_write_u64 (memory, 0x5ff8, G_GUINT64_CONSTANT (0x8877665544332211));

  g_autoptr (AtlasSpace) space = atlas_table_space_new (memory, &control, "x", &error);
  g_assert_cmpuint (atlas_space_peek (space, 0xffc, bytes, is_known, 8), ==, 4);
  g_assert_cmphex (bytes[0], ==, 0x55);
  g_assert_cmphex (bytes[3], ==, 0x88);
  for (guint i = 0; i < 8; i++)
    g_assert_cmpint (is_known[i], ==, i < 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/table-space/sample-pages", test_sample_regions_are_its_pages);
  g_test_add_func ("/table-space/sample-walks", test_sample_walks_agree);
  g_test_add_func ("/table-space/sample-zooms", test_sample_is_drawn_at_every_zoom);
  g_test_add_func ("/table-space/maze", test_a_maze_is_opened);
  g_test_add_func ("/table-space/no-root", test_a_root_outside_is_refused);
  g_test_add_func ("/table-space/bytes", test_bytes_are_read_through_the_tables);
  g_test_add_func ("/root-scan/sample", test_sample_root_is_found);
  g_test_add_func ("/root-scan/noise", test_root_is_found_in_noise);
  g_test_add_func ("/root-scan/nothing", test_nothing_is_found_in_nothing);

  return g_test_run ();
}
