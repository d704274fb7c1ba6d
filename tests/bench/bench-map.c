/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What one frame of the map costs with a million regions, and with 134 million pages: fold alone,
 * and the whole strip, at every second octave from the whole view to a byte. By hand: no machine
 * but yours can say what is slow.
 */

#include "map/fold.h"
#include "map/strip.h"
#include "space/table-regions.h"

#include "../engine/table-mazes.h"

#define N_REGIONS 1000000u
#define WIDTH_PX 2560u
#define ROUNDS 50u

/* Heap-like: pages and holes, now and then a jump of up to 64 GB. */
static AtlasRegionSet *
make_regions (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  AtlasVa va = ATLAS_GB (1);

  for (guint i = 0; i < N_REGIONS; i++)
    {
      guint64 size_bytes = (guint64) g_rand_int_range (rand, 1, 9) * ATLAS_PAGE_BYTES;

      atlas_region_set_builder_add (
        builder,
        &(AtlasRegion){ .base_va = va,
                        .size_bytes = size_bytes,
                        .allocation_base_va = va,
                        .protect = ATLAS_PAGE_READWRITE,
                        .state = i % 5 == 0 ? ATLAS_STATE_RESERVE : ATLAS_STATE_COMMIT,
                        .type = ATLAS_TYPE_PRIVATE,
                        .region_class = (AtlasRegionClass) (ATLAS_CLASS_CFG + i / 100 % 6) });
      va += size_bytes + (guint64) g_rand_int_range (rand, 0, 3) * ATLAS_PAGE_BYTES;
      if (i % 20000 == 0)
        va += (guint64) g_rand_int_range (rand, 1, 64) * ATLAS_GB (1);
    }
  return atlas_region_set_builder_end (builder);
}

/* 134,217,728 pages in four tables, no two neighbours alike: no list holds them. */
static AtlasRegionSet *
make_maze_regions (void)
{
  AtlasControl control;
  g_autoptr (AtlasMemory) memory = maze_new (4, 1, &control);
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);

  return atlas_region_set_new_of_tables (graph);
}

static double
get_frame_us (gint64 start_us)
{
  return (double) (g_get_monotonic_time () - start_us) / ROUNDS;
}

static void
measure (const AtlasRegionSet *regions, AtlasAxisKind kind)
{
  gint64 start_us = g_get_monotonic_time ();
  g_autoptr (AtlasAxis) axis = atlas_axis_new (kind, regions, 0, ATLAS_BIT (47) - 1);
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (AtlasFoldSpan));
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasView view = atlas_view_whole (axis, WIDTH_PX);
  AtlasVa target_va =
    atlas_region_set_get_region (regions, atlas_region_set_get_n_regions (regions) / 2)->base_va;

  g_print ("%s axis: %.1f ms, %u segments\n",
           kind == ATLAS_AXIS_LINEAR ? "linear" : "collapsed",
           (double) (g_get_monotonic_time () - start_us) / 1000.0,
           atlas_axis_get_n_segments (axis));
  g_print ("%8s %12s %8s %12s %8s\n", "zoom", "fold µs", "spans", "strip µs", "marks");
  for (;;)
    {
      AtlasStripInput input = { .regions = regions, .axis = axis, .view = view, .height_px = 200 };
      double fold_us, strip_us;
      AtlasView next;

      start_us = g_get_monotonic_time ();
      for (guint i = 0; i < ROUNDS; i++)
        atlas_fold (spans, regions, axis, &view);
      fold_us = get_frame_us (start_us);
      start_us = g_get_monotonic_time ();
      for (guint i = 0; i < ROUNDS; i++)
        atlas_strip_draw (list, &input);
      strip_us = get_frame_us (start_us);
      g_print ("%8.0f %12.1f %8u %12.1f %8u\n",
               view.zoom,
               fold_us,
               spans->len,
               strip_us,
               atlas_display_list_get_n_marks (list));
      next = atlas_view_zoom_at (
        &view, axis, 2 * ATLAS_ZOOM_STEPS, atlas_view_va_to_x (&view, axis, target_va));
      if (next.zoom == view.zoom)
        break;
      view = next;
    }
}

static void
measure_all (AtlasRegionSet *(*make) (void) )
{
  gint64 start_us = g_get_monotonic_time ();
  g_autoptr (AtlasRegionSet) regions = make ();

  g_print ("%" G_GUINT64_FORMAT " regions: %.1f ms\n",
           atlas_region_set_get_n_regions (regions),
           (double) (g_get_monotonic_time () - start_us) / 1000.0);
  measure (regions, ATLAS_AXIS_COLLAPSED);
  measure (regions, ATLAS_AXIS_LINEAR);
}

int
main (void)
{
  measure_all (make_regions);
  measure_all (make_maze_regions);
  return 0;
}
