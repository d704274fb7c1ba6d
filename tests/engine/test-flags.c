/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Flags on strip, minimap and area: every one in the picture is in exactly one mark, stands where
 * its address is, and is met there by the pointer. */

#include <math.h>
#include <stdlib.h>

#include "map/hilbert.h"
#include "map/strip.h"

#include "../map-regions.h"

#define HALF_LAST_VA (ATLAS_BIT (47) - 1)
#define N_FLAGS 400u
#define WIDTH_PX 1000u
#define HEIGHT_PX 160u

static gint
compare_va (gconstpointer a, gconstpointer b)
{
  AtlasVa va_a = *(const AtlasVa *) a, va_b = *(const AtlasVa *) b;

  return va_a < va_b ? -1 : va_a > va_b;
}

/* Near together, far apart, and at the edges. */
static void
make_flags (AtlasFlag *flags)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  AtlasVa places[N_FLAGS] = { 0, 0xffff, 0x10000, 0x20000000, 0x20000001, HALF_LAST_VA };

  for (guint i = 6; i < N_FLAGS; i++)
    places[i] =
      ((guint64) g_rand_int (rand) << 16 | g_rand_int (rand)) >> g_rand_int_range (rand, 1, 30);
  qsort (places, N_FLAGS, sizeof places[0], compare_va);
  for (guint i = 0; i < N_FLAGS; i++)
    flags[i] = (AtlasFlag){ places[i], places[i] + 0xfff, "a name" };
}

/* @is_seen, @x_px: what the picture should know of each flag. */
static void
assert_marks (const AtlasFlagMarks *marks, const gboolean *is_seen, const double *x_px)
{
  guint n_seen = 0, n_marked = 0;

  for (guint i = 0; i < N_FLAGS; i++)
    {
      guint n_holders = 0;

      for (guint mark = 0; mark < atlas_flag_marks_get_n_marks (marks); mark++)
        {
          if (!atlas_flag_marks_holds (marks, mark, i))
            continue;
          n_holders++;
          g_assert_cmpuint (atlas_flag_marks_get (marks, mark)->first, <=, i);
          g_assert_cmpfloat (
            ABS ((double) atlas_flag_marks_get (marks, mark)->x_px - x_px[i]), <=, 12.0);
        }
      g_assert_cmpuint (n_holders, ==, is_seen[i]);
      n_seen += (guint) is_seen[i];
    }
  for (guint mark = 0; mark < atlas_flag_marks_get_n_marks (marks); mark++)
    {
      const AtlasFlagMark *flag = atlas_flag_marks_get (marks, mark);
      guint picked;

      n_marked += flag->n_flags;
      g_assert_true (atlas_flag_marks_pick (marks,
                                            (double) atlas_flag_marks_get_left (marks, mark) + 1,
                                            (double) flag->y_px + 3,
                                            &picked));
      g_assert_cmpfloat (ABS (atlas_flag_marks_get (marks, picked)->x_px - flag->x_px), <, 40.0);
      g_assert_false (
        atlas_flag_marks_pick (marks, (double) flag->x_px, (double) flag->y_px + 40, &picked) &&
        picked == mark);
    }
  g_assert_cmpuint (n_seen, ==, n_marked);
}

static void
test_flags_of_a_strip (void)
{
  static const struct
  {
    AtlasVa first_va, last_va;
  } parts[] = {
    { 0, HALF_LAST_VA }, { 0, 0x1ffff }, { 0x1fff0000, 0x2000ffff }, { 0x20000000, 0x20000040 }
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (AtlasRegionSet) set = map_regions_new_random (rand, 1000);
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_COLLAPSED, set, 0, HALF_LAST_VA);
  g_autoptr (AtlasFlagMarks) marks = atlas_flag_marks_new ();
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasFlag flags[N_FLAGS];

  make_flags (flags);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      AtlasStripInput input = { .regions = set,
                                .axis = axis,
                                .view = atlas_view_fit (
                                  axis, WIDTH_PX, parts[i].first_va, parts[i].last_va, 0.1),
                                .height_px = HEIGHT_PX,
                                .flags = flags,
                                .n_flags = N_FLAGS };
      gboolean is_seen[N_FLAGS];
      double x_px[N_FLAGS];
      guint n_bare;

      for (guint flag = 0; flag < N_FLAGS; flag++)
        {
          x_px[flag] = atlas_view_va_to_x (&input.view, axis, flags[flag].first_va);
          is_seen[flag] = x_px[flag] >= 0 && x_px[flag] < WIDTH_PX;
        }
      atlas_strip_mark_flags (&input, marks);
      assert_marks (marks, is_seen, x_px);
      g_assert_cmpuint (atlas_flag_marks_get_n_marks (marks), <=, WIDTH_PX / 12 + 1);
      atlas_strip_draw (list, &input);
      g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 2000);
      n_bare = atlas_display_list_get_n_marks (list);
      input.n_flags = 0;
      atlas_strip_draw (list, &input);
      g_assert_true (atlas_display_list_get_n_marks (list) < n_bare ||
                     atlas_flag_marks_get_n_marks (marks) == 0);

      /* Nothing stands in a strip that has no line of names. */
      input.n_flags = N_FLAGS;
      input.height_px = 40;
      atlas_strip_mark_flags (&input, marks);
      g_assert_cmpuint (atlas_flag_marks_get_n_marks (marks), ==, 0);
    }
}

static void
test_flags_of_a_minimap (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (AtlasRegionSet) set = map_regions_new_random (rand, 1000);
  g_autoptr (AtlasFlagMarks) marks = atlas_flag_marks_new ();
  AtlasFlag flags[N_FLAGS];
  AtlasMinimapInput input = { .regions = set,
                              .first_va = 0x10000,
                              .last_va = HALF_LAST_VA - 1,
                              .width_px = WIDTH_PX,
                              .height_px = 34,
                              .flags = flags,
                              .n_flags = N_FLAGS };
  gboolean is_seen[N_FLAGS];
  double x_px[N_FLAGS];

  make_flags (flags);
  for (guint i = 0; i < N_FLAGS; i++)
    {
      x_px[i] = (double) flags[i].first_va / (double) HALF_LAST_VA * WIDTH_PX;
      is_seen[i] = flags[i].first_va >= input.first_va && flags[i].first_va <= input.last_va;
    }
  atlas_minimap_mark_flags (&input, marks);
  assert_marks (marks, is_seen, x_px);
}

static void
test_flags_of_an_area (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (AtlasRegionSet) set = map_regions_new_random (rand, 1000);
  g_autoptr (GArray) alarms = g_array_new (FALSE, FALSE, sizeof (AtlasHilbertAlarm));
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autoptr (AtlasFlagMarks) marks = atlas_flag_marks_new ();
  AtlasFlag flags[N_FLAGS];
  AtlasHilbertInput input = { .regions = set,
                              .plane = atlas_hilbert_plane (HALF_LAST_VA),
                              .columns = WIDTH_PX,
                              .rows = HEIGHT_PX,
                              .alarms = alarms,
                              .flags = flags,
                              .n_flags = N_FLAGS };

  make_flags (flags);
  input.view = atlas_hilbert_view_whole (&input.plane, WIDTH_PX, HEIGHT_PX);
  for (guint depth = 0; depth < 12; depth++)
    {
      double units_per_px = atlas_hilbert_view_get_units_per_px (&input.view);
      gboolean is_seen[N_FLAGS];
      double x_px[N_FLAGS];

      for (guint i = 0; i < N_FLAGS; i++)
        {
          guint64 x, y;
          double y_px;

          atlas_hilbert_va_to_xy (&input.plane, flags[i].first_va, &x, &y);
          x_px[i] = floor (((double) x - input.view.left) / units_per_px);
          y_px = floor (((double) y - input.view.top) / units_per_px);
          is_seen[i] = x_px[i] >= 0 && y_px >= 0 && x_px[i] < WIDTH_PX && y_px < HEIGHT_PX;
        }
      atlas_hilbert_mark_flags (&input, marks);
      assert_marks (marks, is_seen, x_px);
      input.raster =
        atlas_hilbert_fold (set, &input.plane, &input.view, input.columns, input.rows, alarms);
      atlas_hilbert_draw (list, &input);
      g_bytes_unref (input.raster);
      g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 2000);
      input.view = atlas_hilbert_view_zoom_at (&input.view, &input.plane, 5, 500, 70);
    }
}

static void
test_many_flags_at_one_place_are_counted (void)
{
  g_autoptr (AtlasFlagMarks) marks = atlas_flag_marks_new ();

  atlas_flag_marks_begin (marks, WIDTH_PX);
  for (guint i = 0; i < 1000; i++)
    atlas_flag_marks_add (marks, 50, 2);
  atlas_flag_marks_skip (marks);
  atlas_flag_marks_add (marks, 90, 2);
  g_assert_cmpuint (atlas_flag_marks_get_n_marks (marks), ==, 2);
  g_assert_cmpuint (atlas_flag_marks_get (marks, 0)->n_flags, ==, 1000);
  g_assert_cmpuint (atlas_flag_marks_get (marks, 1)->first, ==, 1001);
  g_assert_cmpfloat (atlas_flag_mark_get_width (atlas_flag_marks_get (marks, 0)),
                     >,
                     atlas_flag_mark_get_width (atlas_flag_marks_get (marks, 1)));
  /* At the right edge a flag hangs to the left of its pole, all of it in the picture. */
  atlas_flag_marks_begin (marks, WIDTH_PX);
  atlas_flag_marks_add (marks, WIDTH_PX - 1, 2);
  g_assert_cmpfloat (
    atlas_flag_marks_get_left (marks, 0), ==, (float) WIDTH_PX - ATLAS_FLAG_WIDTH_PX);
  atlas_flag_marks_begin (marks, WIDTH_PX);
  g_assert_cmpuint (atlas_flag_marks_get_n_marks (marks), ==, 0);
  g_assert_false (atlas_flag_marks_holds (marks, 0, 0));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flags/strip", test_flags_of_a_strip);
  g_test_add_func ("/flags/minimap", test_flags_of_a_minimap);
  g_test_add_func ("/flags/area", test_flags_of_an_area);
  g_test_add_func ("/flags/count", test_many_flags_at_one_place_are_counted);
  return g_test_run ();
}
