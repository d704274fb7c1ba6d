/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/view.h"

#include <math.h>

#include "../map-regions.h"

#define HALF_LAST_VA (ATLAS_BIT (47) - 1)
#define KERNEL32_VA G_GUINT64_CONSTANT (0x7ff90f6f0000)

typedef struct
{
  AtlasRegionSet *set;
  AtlasAxis *axes[3];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->set = map_regions_new_process ();
  fixture->axes[0] = atlas_axis_new (ATLAS_AXIS_COLLAPSED, fixture->set, 0, HALF_LAST_VA);
  fixture->axes[1] = atlas_axis_new (ATLAS_AXIS_LINEAR, fixture->set, 0, HALF_LAST_VA);
  fixture->axes[2] =
    atlas_axis_new (ATLAS_AXIS_COLLAPSED, fixture->set, 0, ~G_GUINT64_CONSTANT (0));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (fixture->axes); i++)
    atlas_axis_unref (fixture->axes[i]);
  atlas_region_set_unref (fixture->set);
}

static void
assert_same (AtlasView a, AtlasView b)
{
  g_assert_cmpint (a.left_u, ==, b.left_u);
  g_assert_cmpfloat (a.zoom, ==, b.zoom);
  g_assert_cmpuint (a.width_px, ==, b.width_px);
}

static void
assert_at_rest (const AtlasView *view, const AtlasAxis *axis)
{
  AtlasView whole = atlas_view_whole (axis, view->width_px);
  double slack_u = view->width_px * atlas_view_get_units_per_px (view) / 15.0;

  g_assert_cmpfloat (view->zoom, ==, round (view->zoom));
  g_assert_cmpfloat (view->zoom, <=, whole.zoom);
  g_assert_cmpfloat ((double) view->left_u, >=, -slack_u);
  g_assert_cmpfloat ((double) view->left_u + view->width_px * atlas_view_get_units_per_px (view),
                     <=,
                     (double) atlas_axis_get_length (axis) + slack_u);
}

static void
test_whole_shows_all (Fixture *fixture, gconstpointer data)
{
  static const guint widths_px[] = { 1, 2, 320, 900, 1280, 2560, 7680 };

  for (guint a = 0; a < G_N_ELEMENTS (fixture->axes); a++)
    for (guint i = 0; i < G_N_ELEMENTS (widths_px); i++)
      {
        const AtlasAxis *axis = fixture->axes[a];
        AtlasView view = atlas_view_whole (axis, widths_px[i]);
        double length_px =
          (double) atlas_axis_get_length (axis) / atlas_view_get_units_per_px (&view);

        assert_same (view, atlas_view_whole (axis, widths_px[i]));
        g_assert_cmpfloat (view.zoom, ==, round (view.zoom));
        g_assert_cmpfloat (length_px, <=, widths_px[i] + 1e-6);
        g_assert_cmpfloat (length_px, >, widths_px[i] * 0.91);
        g_assert_cmpfloat (atlas_view_va_to_x (&view, axis, 0), >=, -1e-6);
        g_assert_cmphex (atlas_view_x_to_va (&view, axis, 0), ==, 0);
        g_assert_cmphex (
          atlas_view_x_to_va (&view, axis, widths_px[i]), ==, atlas_axis_get_last_va (axis));
      }
}

/* Wherever one starts inside, N steps in and N out at the same pixel end on the same value. */
static void
test_zoom_comes_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint a = 0; a < G_N_ELEMENTS (fixture->axes); a++)
    for (guint round = 0; round < 300; round++)
      {
        const AtlasAxis *axis = fixture->axes[a];
        AtlasView start = atlas_view_whole (axis, (guint) g_rand_int_range (rand, 600, 2600));
        double x_px = g_rand_double_range (rand, start.width_px * 0.1, start.width_px * 0.9);
        guint n_steps = (guint) g_rand_int_range (rand, 1, 120);
        AtlasView view;

        if (round % 2 == 1)
          start = atlas_view_zoom_at (
            &start, axis, g_rand_int_range (rand, 20, 90), start.width_px * 0.47);
        view = start;
        for (guint i = 0; i < n_steps; i++)
          {
            view = atlas_view_zoom_at (&view, axis, 1, x_px);
            assert_at_rest (&view, axis);
          }
        if (view.zoom == start.zoom - n_steps)
          {
            for (guint i = 0; i < n_steps / 2; i++)
              view = atlas_view_zoom_at (&view, axis, -1, x_px);
            view = atlas_view_zoom_at (&view, axis, -(gint) (n_steps - n_steps / 2), x_px);
            assert_same (view, start);
          }
        view = atlas_view_zoom_at (&view, axis, -10000, x_px);
        assert_same (view, atlas_view_whole (axis, start.width_px));
      }
}

static void
test_zoom_keeps_the_point (Fixture *fixture, gconstpointer data)
{
  static const AtlasVa targets[] = { 0x7ffe0123,
                                     G_GUINT64_CONSTANT (0xcbc82f5000),
                                     KERNEL32_VA + 0x1a3c,
                                     G_GUINT64_CONSTANT (0x600000000000),
                                     G_GUINT64_CONSTANT (0x7e9000000000) };

  for (guint a = 0; a < G_N_ELEMENTS (fixture->axes); a++)
    for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
      {
        const AtlasAxis *axis = fixture->axes[a];
        AtlasView view = atlas_view_whole (axis, 1280);

        for (guint step = 0; step < 400; step++)
          {
            double x_px = atlas_view_va_to_x (&view, axis, targets[i]);
            AtlasView next = atlas_view_zoom_at (&view, axis, 1, x_px);

            g_assert_cmpfloat (fabs (atlas_view_va_to_x (&next, axis, targets[i]) - x_px), <, 1.0);
            view = next;
          }
        /* At the nearest a byte is 32 pixels wide, and each of its pixels is that byte. */
        g_assert_cmpfloat (atlas_view_get_bytes_per_px (&view, axis, targets[i]), ==, 1.0 / 32.0);
        g_assert_cmphex (
          atlas_view_x_to_va (&view, axis, atlas_view_va_to_x (&view, axis, targets[i])),
          ==,
          targets[i]);
      }
}

/* Beyond the ends of the axis there is nothing to hold on to but the end. */
static void
test_zoom_beside_the_axis_keeps_its_end (Fixture *fixture, gconstpointer data)
{
  const AtlasAxis *axis = fixture->axes[0];
  AtlasView whole = atlas_view_whole (axis, 1280);
  double end_x = atlas_view_va_to_x (&whole, axis, 0);
  AtlasView view = whole;

  for (guint i = 0; i < 100; i++)
    view = atlas_view_zoom_at (&view, axis, 1, end_x / 3.0);
  g_assert_cmpfloat (fabs (atlas_view_va_to_x (&view, axis, 0) - end_x), <, 0.5);
}

static void
test_pan_comes_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint a = 0; a < G_N_ELEMENTS (fixture->axes); a++)
    for (guint round = 0; round < 300; round++)
      {
        const AtlasAxis *axis = fixture->axes[a];
        AtlasView view = atlas_view_whole (axis, 1280);
        double delta_px = g_rand_double_range (rand, -600, 600);
        AtlasView there;

        view = atlas_view_zoom_at (&view, axis, g_rand_int_range (rand, 24, 100), 700.0);
        there = atlas_view_pan (&view, axis, delta_px);
        assert_at_rest (&there, axis);
        assert_same (atlas_view_pan (&there, axis, -delta_px), view);
      }
}

static void
test_pan_stops_at_the_ends (Fixture *fixture, gconstpointer data)
{
  for (guint a = 0; a < G_N_ELEMENTS (fixture->axes); a++)
    {
      const AtlasAxis *axis = fixture->axes[a];
      AtlasView whole = atlas_view_whole (axis, 1280);
      AtlasView view = atlas_view_zoom_at (&whole, axis, 40, 640);
      AtlasView low = atlas_view_pan (&view, axis, -1e12);
      AtlasView high = atlas_view_pan (&view, axis, 1e300);

      assert_same (atlas_view_pan (&whole, axis, 500), whole);
      assert_at_rest (&low, axis);
      assert_at_rest (&high, axis);
      g_assert_cmphex (atlas_view_x_to_va (&low, axis, 0), ==, 0);
      g_assert_cmphex (atlas_view_x_to_va (&high, axis, 1280), ==, atlas_axis_get_last_va (axis));
    }
}

static void
test_resize_keeps_the_middle (Fixture *fixture, gconstpointer data)
{
  for (guint a = 0; a < G_N_ELEMENTS (fixture->axes); a++)
    {
      const AtlasAxis *axis = fixture->axes[a];
      AtlasView whole = atlas_view_whole (axis, 1280);
      AtlasView view = atlas_view_zoom_at (&whole, axis, 50, 700);
      AtlasView wide = atlas_view_resize (&view, axis, 1931);

      assert_same (atlas_view_resize (&whole, axis, 901), atlas_view_whole (axis, 901));
      g_assert_cmpfloat (wide.zoom, ==, view.zoom);
      g_assert_cmphex (atlas_view_x_to_va (&wide, axis, 1931 / 2.0),
                       ==,
                       atlas_view_x_to_va (&view, axis, 1280 / 2.0));
      assert_same (atlas_view_resize (&wide, axis, 1280), view);
      g_assert_cmpuint (atlas_view_resize (&view, axis, 0).width_px, ==, 1);
    }
}

static void
test_fit_shows_the_range (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    AtlasVa first_va;
    AtlasVa last_va;
    gboolean is_inner; /* not pushed aside by an end of the axis */
  } ranges[] = {
    { 0x7ffe0000, 0x7ffe0fff, FALSE },
    { KERNEL32_VA, KERNEL32_VA + 0xbffff, TRUE },
    { KERNEL32_VA + 0x1234, KERNEL32_VA + 0x1234, FALSE },
    { G_GUINT64_CONSTANT (0x2a658330000), G_GUINT64_CONSTANT (0x2a65846ffff), TRUE },
    { 0, HALF_LAST_VA, FALSE },
    { 0x10000, 0x7ffdffff, FALSE },
  };
  static const double margins[] = { 0.0, 0.1, 0.4 };

  for (guint a = 0; a < G_N_ELEMENTS (fixture->axes); a++)
    for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
      for (guint m = 0; m < G_N_ELEMENTS (margins); m++)
        {
          const AtlasAxis *axis = fixture->axes[a];
          AtlasView view =
            atlas_view_fit (axis, 1000, ranges[i].first_va, ranges[i].last_va, margins[m]);
          AtlasView whole = atlas_view_whole (axis, 1000);
          double first_x = atlas_view_va_to_x (&view, axis, ranges[i].first_va);
          double last_x = atlas_view_va_to_x (&view, axis, ranges[i].last_va);

          assert_at_rest (&view, axis);
          g_assert_cmpfloat (first_x, >=, -0.5);
          g_assert_cmpfloat (last_x, <=, 1000.5);
          if (view.zoom < whole.zoom && ranges[i].is_inner)
            {
              g_assert_cmpfloat (first_x, >=, margins[m] * 1000 - 1);
              g_assert_cmpfloat (last_x - first_x, >, (1 - 2 * margins[m]) * 1000 * 0.9);
            }
        }
}

static void
test_another_axis_keeps_the_anchor (Fixture *fixture, gconstpointer data)
{
  static const AtlasVa anchors[] = { 0x7ffe0800,
                                     KERNEL32_VA + 0x12345,
                                     G_GUINT64_CONSTANT (0x7ff778bd0000) };

  for (guint i = 0; i < G_N_ELEMENTS (anchors); i++)
    for (guint64 span_bytes = 64; span_bytes <= ATLAS_KB (64); span_bytes *= 4)
      {
        AtlasView view = atlas_view_fit (
          fixture->axes[0], 1200, anchors[i] - span_bytes / 8, anchors[i] + span_bytes, 0.1);
        AtlasView moved =
          atlas_view_move_to_axis (&view, fixture->axes[0], fixture->axes[1], anchors[i]);
        AtlasView back =
          atlas_view_move_to_axis (&moved, fixture->axes[1], fixture->axes[0], anchors[i]);

        assert_at_rest (&moved, fixture->axes[1]);
        g_assert_cmpfloat (fabs (atlas_view_va_to_x (&moved, fixture->axes[1], anchors[i]) -
                                 atlas_view_va_to_x (&view, fixture->axes[0], anchors[i])),
                           <,
                           0.6);
        g_assert_cmpfloat (atlas_view_get_bytes_per_px (&moved, fixture->axes[1], anchors[i]),
                           ==,
                           atlas_view_get_bytes_per_px (&view, fixture->axes[0], anchors[i]));
        g_assert_cmpfloat (fabs (atlas_view_va_to_x (&back, fixture->axes[0], anchors[i]) -
                                 atlas_view_va_to_x (&view, fixture->axes[0], anchors[i])),
                           <,
                           1.2);
      }
  {
    AtlasView whole = atlas_view_whole (fixture->axes[0], 1200);

    assert_same (atlas_view_move_to_axis (&whole, fixture->axes[0], fixture->axes[1], KERNEL32_VA),
                 atlas_view_whole (fixture->axes[1], 1200));
  }
}

/* A jump starts and ends exactly, and has no step that is not seen as a movement. */
static void
test_interpolation_hits_both_ends (Fixture *fixture, gconstpointer data)
{
  const AtlasAxis *axis = fixture->axes[0];
  AtlasView views[] = {
    atlas_view_whole (axis, 1280),
    atlas_view_fit (axis, 1280, 0x7ffe0000, 0x7ffe0fff, 0.1),
    atlas_view_fit (axis, 1280, 0x7ffe0020, 0x7ffe0040, 0.1),
    atlas_view_fit (axis, 1280, KERNEL32_VA, KERNEL32_VA + 0x3f, 0.1),
    atlas_view_fit (axis, 1280, KERNEL32_VA, KERNEL32_VA + 0xbffff, 0.1),
    atlas_view_fit (axis, 1280, KERNEL32_VA + 0xc0000, KERNEL32_VA + 0x17ffff, 0.1),
  };

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    for (guint k = 0; k < G_N_ELEMENTS (views); k++)
      {
        AtlasView before = views[i];

        assert_same (atlas_view_interpolate (&views[i], &views[k], 0.0), views[i]);
        assert_same (atlas_view_interpolate (&views[i], &views[k], 1.0), views[k]);
        assert_same (atlas_view_interpolate (&views[i], &views[k], -3.0), views[i]);
        assert_same (atlas_view_interpolate (&views[i], &views[k], 7.0), views[k]);
        for (guint step = 1; step <= 1000; step++)
          {
            AtlasView view = atlas_view_interpolate (&views[i], &views[k], step / 1000.0);
            double units_per_px =
              MAX (atlas_view_get_units_per_px (&before), atlas_view_get_units_per_px (&view));

            g_assert_cmpfloat (fabs (view.zoom - before.zoom), <, 4.0);
            g_assert_cmpfloat (
              fabs ((double) (view.left_u - before.left_u)) / units_per_px, <, 1280 * 0.5);
            before = view;
          }
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/view/whole-shows-all", test_whole_shows_all);
  ADD ("/view/zoom/comes-back", test_zoom_comes_back);
  ADD ("/view/zoom/keeps-the-point", test_zoom_keeps_the_point);
  ADD ("/view/zoom/beside-the-axis", test_zoom_beside_the_axis_keeps_its_end);
  ADD ("/view/pan/comes-back", test_pan_comes_back);
  ADD ("/view/pan/stops-at-the-ends", test_pan_stops_at_the_ends);
  ADD ("/view/resize-keeps-the-middle", test_resize_keeps_the_middle);
  ADD ("/view/fit-shows-the-range", test_fit_shows_the_range);
  ADD ("/view/another-axis-keeps-the-anchor", test_another_axis_keeps_the_anchor);
  ADD ("/view/interpolation-hits-both-ends", test_interpolation_hits_both_ends);
  return g_test_run ();
}
