/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/hilbert.h"

#include <math.h>
#include <string.h>

#include "map/fold.h"

#include "../map-regions.h"

#define HALF_LAST_VA (ATLAS_BIT (47) - 1)

/* The well-known loop over bits, from the least: slow, obvious, and nothing shared with the engine
 * (Wikipedia, "Hilbert curve", as of 2024). Its square of an odd order begins downwards, of an even
 * one to the right; ours always downwards. */
static void
model_d2xy (guint order, guint64 d, guint64 *x, guint64 *y)
{
  guint64 t = d;

  *x = *y = 0;
  for (guint64 s = 1; s < ATLAS_BIT (order); s *= 2)
    {
      guint64 rx = 1 & (t / 2);
      guint64 ry = 1 & (t ^ rx);

      if (ry == 0)
        {
          guint64 other = *x;

          if (rx == 1)
            {
              *x = s - 1 - *x;
              *y = s - 1 - *y;
              other = *x;
            }
          *x = *y;
          *y = other;
        }
      *x += s * rx;
      *y += s * ry;
      t /= 4;
    }
}

static void
test_small_planes_in_full (void)
{
  for (guint order = 1; order <= 5; order++)
    {
      AtlasHilbertPlane plane = { order, 2 };
      guint64 last_x = 0, last_y = 0;
      g_autofree guint8 *seen = g_malloc0 (ATLAS_BIT (2 * order + 1));

      for (AtlasVa va = 0; va <= atlas_hilbert_get_last_va (&plane); va++)
        {
          guint64 x, y, model_x, model_y;
          guint64 block = va >> (2 * order);

          atlas_hilbert_va_to_xy (&plane, va, &x, &y);
          g_assert_cmpuint (x, <, atlas_hilbert_get_width (&plane));
          g_assert_cmpuint (y, <, atlas_hilbert_get_height (&plane));
          g_assert_cmpuint (seen[y * atlas_hilbert_get_width (&plane) + x]++, ==, 0);
          g_assert_cmphex (atlas_hilbert_xy_to_va (&plane, x, y), ==, va);
          /* Never a jump, not even from block to block. */
          if (va > 0)
            g_assert_cmpuint (ABS ((gint64) (x - last_x)) + ABS ((gint64) (y - last_y)), ==, 1);
          model_d2xy (order, va & (ATLAS_BIT (2 * order) - 1), &model_x, &model_y);
          g_assert_cmpuint (x, ==, model_x + block * ATLAS_BIT (order));
          g_assert_cmpuint (y, ==, model_y);
          last_x = x;
          last_y = y;
        }
    }
}

static void
test_real_planes_at_their_edges (void)
{
  static const AtlasVa edges[] = { 0,
                                   1,
                                   0xffff,
                                   0x10000,
                                   ATLAS_BIT (21) - 1,
                                   ATLAS_BIT (30),
                                   ATLAS_BIT (39) - 1,
                                   ATLAS_BIT (44) - 1,
                                   ATLAS_BIT (44),
                                   G_GUINT64_CONSTANT (0x7fffffffefff),
                                   HALF_LAST_VA,
                                   ATLAS_BIT (47),
                                   ATLAS_BIT (54) - 1,
                                   ATLAS_BIT (54),
                                   ATLAS_BIT (56) - 1,
                                   ATLAS_BIT (63) - 1,
                                   ATLAS_BIT (63),
                                   G_GUINT64_CONSTANT (0xffff800000000000),
                                   G_MAXUINT64 };
  static const AtlasVa lasts_va[] = { HALF_LAST_VA, ATLAS_BIT (56) - 1, G_MAXUINT64 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (guint half = 0; half < G_N_ELEMENTS (lasts_va); half++)
    {
      AtlasHilbertPlane plane = atlas_hilbert_plane (lasts_va[half]);
      AtlasVa last_va = atlas_hilbert_get_last_va (&plane);

      g_assert_cmphex (last_va, ==, lasts_va[half]);
      for (guint i = 0; i < 5000; i++)
        {
          AtlasVa va = i < G_N_ELEMENTS (edges)
                         ? edges[i]
                         : ((guint64) g_rand_int (rand) << 32 | g_rand_int (rand));
          guint64 x, y, other_x, other_y;

          va = MIN (va, last_va);
          atlas_hilbert_va_to_xy (&plane, va, &x, &y);
          g_assert_cmphex (atlas_hilbert_xy_to_va (&plane, x, y), ==, va);
          if (va == last_va)
            continue;
          atlas_hilbert_va_to_xy (&plane, va + 1, &other_x, &other_y);
          g_assert_cmpuint (ABS ((gint64) (x - other_x)) + ABS ((gint64) (y - other_y)), ==, 1);
        }
    }
}

static void
test_beyond_the_plane_is_its_edge (void)
{
  AtlasHilbertPlane plane = atlas_hilbert_plane (HALF_LAST_VA);
  AtlasHilbertView view = atlas_hilbert_view_whole (&plane, 900, 90);
  guint64 x, y;
  AtlasVa va;

  atlas_hilbert_va_to_xy (&plane, G_MAXUINT64, &x, &y);
  g_assert_cmpuint (x, ==, atlas_hilbert_get_width (&plane) - 1);
  g_assert_cmpuint (y, ==, 0);
  g_assert_cmphex (atlas_hilbert_xy_to_va (&plane, G_MAXUINT64, 0), ==, HALF_LAST_VA);
  /* 8 : 1 does not fill 10 : 1. */
  g_assert_false (atlas_hilbert_view_pick (&view, &plane, 2, 45, &va));
  g_assert_true (atlas_hilbert_view_pick (&view, &plane, 450, 45, &va));
  g_assert_false (atlas_hilbert_view_pick (&view, &plane, 898, 45, &va));
}

static void
test_zoom_keeps_the_point_and_comes_back (void)
{
  AtlasHilbertPlane plane = atlas_hilbert_plane (HALF_LAST_VA);
  AtlasHilbertView whole = atlas_hilbert_view_whole (&plane, 1072, 179);
  AtlasHilbertView view = whole;
  AtlasVa before, after;

  g_assert_true (atlas_hilbert_view_pick (&view, &plane, 500, 80, &before));
  for (guint i = 0; i < 400; i++)
    view = atlas_hilbert_view_zoom_at (&view, &plane, ATLAS_ZOOM_STEPS / 2, 500, 80);
  g_assert_cmpfloat (atlas_hilbert_view_get_units_per_px (&view), ==, 0.25);
  g_assert_true (atlas_hilbert_view_pick (&view, &plane, 500, 80, &after));
  /* One cell of the first picture was 2^15 bytes wide: the point lies in that square still. */
  g_assert_cmphex (before >> 36, ==, after >> 36);
  for (guint i = 0; i < 400; i++)
    view = atlas_hilbert_view_zoom_at (&view, &plane, -ATLAS_ZOOM_STEPS / 2, 10, 170);
  g_assert_cmpmem (&view, sizeof view, &whole, sizeof whole);
}

static void
test_fit_shows_all_of_it (void)
{
  AtlasHilbertPlane plane = atlas_hilbert_plane (HALF_LAST_VA);
  static const struct
  {
    AtlasVa first_va, last_va;
  } ranges[] = { { 0, HALF_LAST_VA },
                 { 0x7ffe0000, 0x7ffe0fff },
                 { ATLAS_BIT (46) - 4096, ATLAS_BIT (46) + 4095 },
                 { G_GUINT64_CONSTANT (0x7ff90f6f0000), G_GUINT64_CONSTANT (0x7ff90f7affff) } };

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      AtlasHilbertView view =
        atlas_hilbert_view_fit (&plane, 1000, 160, ranges[i].first_va, ranges[i].last_va, 0.1);
      double units_per_px = atlas_hilbert_view_get_units_per_px (&view);

      for (guint k = 0; k <= 64; k++)
        {
          AtlasVa va = ranges[i].first_va + (ranges[i].last_va - ranges[i].first_va) / 64 * k;
          guint64 x, y;

          atlas_hilbert_va_to_xy (&plane, va, &x, &y);
          g_assert_cmpfloat (((double) x - view.left) / units_per_px, >=, -0.01);
          g_assert_cmpfloat (((double) x - view.left) / units_per_px, <=, 1000.01);
          g_assert_cmpfloat (((double) y - view.top) / units_per_px, >=, -0.01);
          g_assert_cmpfloat (((double) y - view.top) / units_per_px, <=, 160.01);
        }
    }
}

/* Each pixel of a small raster against a summary of what a pixel's point lies in. */
static void
test_folding_shows_the_most_telling (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (GArray) alarms = g_array_new (FALSE, FALSE, sizeof (AtlasHilbertAlarm));
  AtlasHilbertPlane plane = atlas_hilbert_plane (HALF_LAST_VA);

  for (guint round = 0; round < 6; round++)
    {
      g_autoptr (AtlasRegionSet) set = map_regions_new_random (rand, 400);
      AtlasHilbertView view = atlas_hilbert_view_whole (&plane, 512, 64);

      for (guint depth = 0; depth < 5; depth++)
        {
          g_autoptr (GBytes) raster = atlas_hilbert_fold (set, &plane, &view, 512, 64, alarms);
          const guint8 *cells = g_bytes_get_data (raster, NULL);

          for (guint y = 0; y < 64; y++)
            for (guint x = 0; x < 512; x++)
              {
                AtlasStripHit hit;
                const AtlasRegion *region;
                guint8 color = cells[y * 512 + x] & (guint8) ~ATLAS_RASTER_WASH;

                g_assert_true (atlas_hilbert_pick (set, &plane, &view, x + 0.5, y + 0.5, &hit));
                region = atlas_region_set_get_region (set, hit.region_index);
                if (hit.n_regions == 1 && atlas_region_class_is_bare (region->region_class))
                  g_assert_cmpuint (color, ==, ATLAS_COLOR_VIEW);
                else if (hit.n_regions == 1 || !atlas_region_is_writable_executable (region))
                  g_assert_cmpuint (color, ==, ATLAS_COLOR_OF_CLASS (region->region_class));
                else
                  g_assert_cmpuint (color, >=, ATLAS_COLOR_OF_CLASS (region->region_class));
              }
          view = atlas_hilbert_view_zoom_at (&view, &plane, 2 * ATLAS_ZOOM_STEPS, 3, 3);
        }
    }
}

static void
add_page (AtlasRegionSetBuilder *builder, AtlasVa va, guint32 protect)
{
  atlas_region_set_builder_add (builder,
                                &(AtlasRegion){ .base_va = va,
                                                .size_bytes = ATLAS_PAGE_BYTES,
                                                .allocation_base_va = va,
                                                .protect = protect,
                                                .state = ATLAS_STATE_COMMIT,
                                                .type = ATLAS_TYPE_PRIVATE,
                                                .region_class = ATLAS_CLASS_PRIVATE });
}

/* How often a warning is in the list: as a mark of that colour at least 3 px wide. */
static guint
count_warnings (const AtlasDisplayList *list)
{
  guint n_warnings = 0;

  for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
    {
      const AtlasMark *mark = &atlas_display_list_get_marks (list)[i];

      n_warnings += mark->color == ATLAS_COLOR_WARNING && mark->kind == ATLAS_MARK_RECT &&
                    mark->width_px >= 3.0f;
    }
  return n_warnings;
}

/* One writable and executable page among 128 TB, beside others and alone, at any place, in any
 * layout and width. */
static void
test_a_lone_alarming_page_is_seen_in_every_layout (void)
{
  static const AtlasVa places[] = { 0x10000,
                                    0x7ffd0000,
                                    G_GUINT64_CONSTANT (0x123456789000),
                                    G_GUINT64_CONSTANT (0x3ffffffff000),
                                    G_GUINT64_CONSTANT (0x7ffffffee000) };
  static const guint widths_px[] = { 320, 640, 1072, 2560 };

  for (guint p = 0; p < G_N_ELEMENTS (places); p++)
    for (guint w = 0; w < G_N_ELEMENTS (widths_px); w++)
      for (guint32 is_alarming = 0; is_alarming < 2; is_alarming++)
        {
          AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
          g_autoptr (AtlasRegionSet) set = NULL;
          g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
          g_autoptr (GArray) alarms = g_array_new (FALSE, FALSE, sizeof (AtlasHilbertAlarm));
          AtlasHilbertInput area = { .plane = atlas_hilbert_plane (HALF_LAST_VA),
                                     .columns = widths_px[w],
                                     .rows = 160,
                                     .alarms = alarms };
          AtlasStripHit hit;
          gboolean is_found = FALSE;

          add_page (builder, places[p] - ATLAS_PAGE_BYTES, ATLAS_PAGE_READONLY);
          add_page (
            builder, places[p], is_alarming ? ATLAS_PAGE_EXECUTE_READWRITE : ATLAS_PAGE_READWRITE);
          set = atlas_region_set_builder_end (builder);
          for (guint kind = ATLAS_AXIS_COLLAPSED; kind <= ATLAS_AXIS_LINEAR; kind++)
            {
              g_autoptr (AtlasAxis) axis =
                atlas_axis_new ((AtlasAxisKind) kind, set, 0, HALF_LAST_VA);

              atlas_strip_draw (list,
                                &(AtlasStripInput){ .regions = set,
                                                    .axis = axis,
                                                    .view = atlas_view_whole (axis, widths_px[w]),
                                                    .height_px = 160 });
              g_assert_cmpuint (count_warnings (list) > 0, ==, is_alarming);
            }
          area.regions = set;
          area.view = atlas_hilbert_view_whole (&area.plane, widths_px[w], 160);
          area.raster =
            atlas_hilbert_fold (set, &area.plane, &area.view, area.columns, area.rows, alarms);
          atlas_hilbert_draw (list, &area);
          g_assert_cmpuint (count_warnings (list), ==, is_alarming);
          g_bytes_unref (area.raster);
          /* Pointing at its mark finds that very page. */
          for (guint i = 0; i < alarms->len; i++)
            {
              const AtlasHilbertAlarm *alarm = &g_array_index (alarms, AtlasHilbertAlarm, i);

              g_assert_true (atlas_hilbert_pick (set,
                                                 &area.plane,
                                                 &area.view,
                                                 (double) (alarm->x_px + alarm->size_px / 2),
                                                 (double) (alarm->y_px + alarm->size_px / 2),
                                                 &hit));
              is_found |= hit.va == places[p];
            }
          g_assert_cmpuint (is_found, ==, is_alarming);
        }
}

/* Out, across and in: both ends exactly, the nearest point on the way no nearer than the nearer
 * end, and from within a square to all of it the square stays where it is seen. */
static void
test_motion_ends_where_it_should (void)
{
  const AtlasHilbertPlane plane = atlas_hilbert_plane (HALF_LAST_VA);
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (guint round = 0; round < 300; round++)
    {
      AtlasHilbertView ends[2];
      double nearest;
      AtlasHilbertView at, before;

      for (guint i = 0; i < 2; i++)
        {
          AtlasVa va = ((guint64) g_rand_int (rand) << 15) % HALF_LAST_VA;
          guint64 size_bytes = ATLAS_BIT (g_rand_int_range (rand, 4, 47));

          ends[i] =
            atlas_hilbert_view_fit (&plane, 900, 200, va, MIN (va + size_bytes, HALF_LAST_VA), 0.1);
        }
      at = atlas_hilbert_view_interpolate (&ends[0], &ends[1], 0);
      g_assert_cmpmem (&at, sizeof at, &ends[0], sizeof at);
      at = atlas_hilbert_view_interpolate (&ends[0], &ends[1], 1);
      g_assert_cmpmem (&at, sizeof at, &ends[1], sizeof at);
      nearest = MIN (ends[0].zoom, ends[1].zoom);
      before = ends[0];
      for (guint step = 1; step <= 200; step++)
        {
          double moved_px, scale;

          at = atlas_hilbert_view_interpolate (&ends[0], &ends[1], step / 200.0);
          g_assert_true (isfinite (at.left) && isfinite (at.top) && isfinite (at.zoom));
          g_assert_cmpfloat (at.zoom, >=, nearest - 1e-6);
          g_assert_cmpuint (at.width_px, ==, 900);
          /* No leap: the middle moves less than the picture, as the farther of two frames sees it.
           */
          scale = MAX (atlas_hilbert_view_get_units_per_px (&at),
                       atlas_hilbert_view_get_units_per_px (&before));
          moved_px = hypot (at.left + 450 * atlas_hilbert_view_get_units_per_px (&at) -
                              before.left - 450 * atlas_hilbert_view_get_units_per_px (&before),
                            at.top + 100 * atlas_hilbert_view_get_units_per_px (&at) - before.top -
                              100 * atlas_hilbert_view_get_units_per_px (&before)) /
                     scale;
          g_assert_cmpfloat (moved_px, <, 900);
          before = at;
        }
    }
}

static void
test_marks_stay_few (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  g_autoptr (AtlasRegionSet) set = map_regions_new_random (rand, 20000);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autoptr (GArray) alarms = g_array_new (FALSE, FALSE, sizeof (AtlasHilbertAlarm));
  AtlasHilbertInput input = { .regions = set,
                              .plane = atlas_hilbert_plane (HALF_LAST_VA),
                              .alarms = alarms };

  input.view = atlas_hilbert_view_whole (&input.plane, 2560, 1440);
  for (guint depth = 0; depth < 80; depth++)
    {
      input.columns = 2560;
      input.rows = 1440;
      input.raster = atlas_hilbert_fold (set, &input.plane, &input.view, 2560, 1440, alarms);
      atlas_hilbert_draw (list, &input);
      g_bytes_unref (input.raster);
      g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 2000);
      input.view = atlas_hilbert_view_zoom_at (&input.view, &input.plane, 3, 1000, 700);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hilbert/small-planes", test_small_planes_in_full);
  g_test_add_func ("/hilbert/edges", test_real_planes_at_their_edges);
  g_test_add_func ("/hilbert/beyond", test_beyond_the_plane_is_its_edge);
  g_test_add_func ("/hilbert/zoom", test_zoom_keeps_the_point_and_comes_back);
  g_test_add_func ("/hilbert/fit", test_fit_shows_all_of_it);
  g_test_add_func ("/hilbert/fold", test_folding_shows_the_most_telling);
  g_test_add_func ("/hilbert/alarm", test_a_lone_alarming_page_is_seen_in_every_layout);
  g_test_add_func ("/hilbert/motion", test_motion_ends_where_it_should);
  g_test_add_func ("/hilbert/few-marks", test_marks_stay_few);
  return g_test_run ();
}
