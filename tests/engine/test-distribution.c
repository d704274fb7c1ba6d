/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/distribution.h"

#define TB (G_GUINT64_CONSTANT (1) << 40)
#define WIDTH_PX 100u

/* Every sample has a mark over its place, and no mark stands where there is none. */
static void
test_every_sample_is_seen (void)
{
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  AtlasVa samples[50];
  gboolean is_hit[WIDTH_PX] = { FALSE };
  const AtlasScatter scatter = { .samples = samples,
                                 .n_samples = G_N_ELEMENTS (samples),
                                 .first_va = 0,
                                 .last_va = 128u * TB - 1u,
                                 .color = ATLAS_COLOR_ACCENT };
  const AtlasMark *marks;

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    samples[i] = (guint64) (g_rand_double (rand) * 127.0 * (double) TB);
  samples[0] = 0;
  samples[1] = 128u * TB - 1u;
  samples[2] = 128u * TB; /* beyond the line */
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    if (samples[i] < 128u * TB)
      is_hit[samples[i] / (128u * TB / WIDTH_PX + 1u)] = TRUE;

  atlas_scatter_draw (list, &scatter, 10.0f, 0.0f, WIDTH_PX, 8.0f);
  marks = atlas_display_list_get_marks (list);
  for (guint x = 0; x < WIDTH_PX; x++)
    {
      gboolean is_marked = FALSE;

      for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
        is_marked |= marks[i].x_px <= 10.0f + (float) x &&
                     marks[i].x_px + marks[i].width_px >= 11.0f + (float) x;
      g_assert_cmpint (is_marked, ==, is_hit[x]);
    }
}

static void
test_the_limit_is_a_target (void)
{
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasScatter scatter = {
    .last_va = 128u * TB - 1u, .has_limit = TRUE, .limit_va = 64u * TB, .color = ATLAS_COLOR_ACCENT
  };
  const AtlasMark *mark;

  atlas_scatter_draw (list, &scatter, 0.0f, 0.0f, WIDTH_PX, 8.0f);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), ==, 1);
  mark = &atlas_display_list_get_marks (list)[0];
  g_assert_cmpint (mark->color, ==, ATLAS_COLOR_ERROR);
  g_assert_cmpfloat (mark->x_px, ==, 50.0f);
}

static void
test_bars_are_as_high_as_their_counts (void)
{
  static const guint counts[] = { 0, 1, 50, 100, 0, 200 };
  static const float heights_px[] = { 0, 1, 10, 20, 0, 40 };
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  const AtlasMark *marks;
  guint n_bars = 0;

  atlas_histogram_draw (
    list, ATLAS_COLOR_ACCENT, counts, G_N_ELEMENTS (counts), 0.0f, 5.0f, 60.0f, 40.0f);
  marks = atlas_display_list_get_marks (list);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    if (counts[i] > 0)
      {
        g_assert_cmpfloat (marks[n_bars].x_px, ==, (float) i * 10.0f);
        g_assert_cmpfloat (marks[n_bars].height_px, ==, heights_px[i]);
        g_assert_cmpfloat (marks[n_bars].y_px + marks[n_bars].height_px, ==, 45.0f);
        n_bars++;
      }
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), ==, n_bars);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/distribution/every-sample-is-seen", test_every_sample_is_seen);
  g_test_add_func ("/distribution/the-limit-is-a-target", test_the_limit_is_a_target);
  g_test_add_func ("/distribution/bars-are-as-high-as-their-counts",
                   test_bars_are_as_high_as_their_counts);
  return g_test_run ();
}
