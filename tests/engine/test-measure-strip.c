/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Numbers over time: each moment is drawn as high as its share of the scale, and found again where
 * it is drawn. */

#include "map/measure-strip.h"

#include <math.h>

#define WIDTH_PX 640u
#define HEIGHT_PX 130u
#define TEXT_PX 30.0
#define N_MOMENTS 8u

static const double rising[N_MOMENTS] = { NAN, NAN, 0, 10, 10, 20, 40, 30 };
static const double constant[N_MOMENTS] = { 7, 7, 7, 7, 7, 7, 7, 7 };

static AtlasMeasureStripInput
make_input (const AtlasMeasure *measures, guint n_measures)
{
  return (AtlasMeasureStripInput){ .measures = measures,
                                   .n_measures = n_measures,
                                   .n_moments = N_MOMENTS,
                                   .now = 3,
                                   .width_px = WIDTH_PX,
                                   .height_px = HEIGHT_PX };
}

/* The top of what is filled at @x_px; NAN when nothing is. */
static double
find_top (const AtlasDisplayList *list, double x_px)
{
  const AtlasMark *marks = atlas_display_list_get_marks (list);
  double top_px = NAN;

  for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
    if (marks[i].kind == ATLAS_MARK_RECT && marks[i].color == ATLAS_COLOR_TEXT &&
        marks[i].alpha == 1.0f && x_px >= marks[i].x_px && x_px < marks[i].x_px + marks[i].width_px)
      {
        g_assert_true (isnan (top_px));
        top_px = marks[i].y_px;
      }
  return top_px;
}

static void
test_every_moment_is_as_high_as_its_share (void)
{
  const AtlasMeasure measures[] = {
    { "rising", "10", "0 – 40", rising },
    { "constant", "7", "", constant },
  };
  AtlasMeasureStripInput input = make_input (measures, G_N_ELEMENTS (measures));
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  gboolean is_found[2][N_MOMENTS] = { { FALSE } };

  atlas_measure_strip_draw (list, &input);
  for (double x_px = 0.5; x_px < WIDTH_PX; x_px += 1.0)
    {
      guint measure;
      guint moment = atlas_measure_strip_pick (&input, x_px, &measure);
      double top_px = find_top (list, x_px);
      double value = measures[measure].values[moment];

      g_assert_cmpuint (measure, <, G_N_ELEMENTS (measures));
      /* Between two measures there is nothing. */
      if (isnan (top_px) || isnan (value))
        continue;
      is_found[measure][moment] = TRUE;
      if (measure == 0)
        g_assert_cmpfloat_with_epsilon (
          top_px, TEXT_PX + (1.0 - value / 40.0) * (HEIGHT_PX - TEXT_PX - 1.5), 0.01);
      else
        g_assert_cmpfloat_with_epsilon (top_px, TEXT_PX + 0.5 * (HEIGHT_PX - TEXT_PX - 1.5), 0.01);
    }
  for (guint i = 0; i < N_MOMENTS; i++)
    {
      g_assert_cmpint (is_found[0][i], ==, !isnan (rising[i]));
      g_assert_true (is_found[1][i]);
    }
}

static void
test_what_does_not_change_is_one_mark (void)
{
  const AtlasMeasure measure = { "constant", "7", "", constant };
  AtlasMeasureStripInput input = make_input (&measure, 1);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();

  atlas_measure_strip_draw (list, &input);
  /* Two words, the area, its line and now. */
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), ==, 5);
}

static void
test_nothing_fits_is_drawn_as_nothing (void)
{
  static const double never[N_MOMENTS] = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
  const AtlasMeasure measure = { "never", "—", "", never };
  AtlasMeasureStripInput input = make_input (&measure, 1);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  guint found;

  atlas_measure_strip_draw (list, &input);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), ==, 3);
  g_assert_true (isnan (find_top (list, 10.0)));

  input.height_px = ATLAS_MEASURE_STRIP_MIN_HEIGHT_PX - 1u;
  atlas_measure_strip_draw (list, &input);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), ==, 0);

  input = make_input (&measure, 1);
  input.width_px = 0;
  atlas_measure_strip_draw (list, &input);
  g_assert_cmpuint (atlas_measure_strip_pick (&input, -5.0, &found), ==, 0);
  g_assert_cmpuint (atlas_measure_strip_pick (&input, 1e9, &found), ==, N_MOMENTS - 1u);
  g_assert_cmpuint (found, ==, 0);
}

/* Four figures in a narrow strip: at 6 px a letter each name and each value has room. */
static void
test_a_long_name_has_room (void)
{
  const AtlasMeasure measures[] = {
    { "committed", "24.6 MB", "", constant },
    { "reserved", "2 TB", "", constant },
    { "largest free", "124.7 TB", "", constant },
    { "fragmentation", "1.0 %", "", constant },
  };
  AtlasMeasureStripInput input = make_input (measures, G_N_ELEMENTS (measures));
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  const AtlasMark *marks;

  atlas_measure_strip_draw (list, &input);
  marks = atlas_display_list_get_marks (list);
  for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
    if (marks[i].kind == ATLAS_MARK_TEXT)
      g_assert_cmpfloat (
        marks[i].width_px,
        >=,
        6.0f * (float) g_utf8_strlen (atlas_display_list_get_text (list, &marks[i]), -1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/measure-strip/shares", test_every_moment_is_as_high_as_its_share);
  g_test_add_func ("/measure-strip/one-mark", test_what_does_not_change_is_one_mark);
  g_test_add_func ("/measure-strip/long-name", test_a_long_name_has_room);
  g_test_add_func ("/measure-strip/nothing", test_nothing_fits_is_drawn_as_nothing);
  return g_test_run ();
}
