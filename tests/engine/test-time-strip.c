/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The picture of addresses over time against a picture made row by row, pixel by pixel. */

#include "map/time-strip.h"

#include "map/fold.h"

#define WIDTH_PX 200u
#define N_MOMENTS 12u

static AtlasRegionSet *
make_moment (guint moment)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();

  for (guint slot = 1; slot < 30; slot++)
    {
      const AtlasRegion region = {
        .base_va = slot * 0x10000u,
        .size_bytes = 0x8000,
        .allocation_base_va = slot * 0x10000u,
        .state = slot % 3u == 0 ? ATLAS_STATE_RESERVE : ATLAS_STATE_COMMIT,
        .type = ATLAS_TYPE_PRIVATE,
        .protect = slot % 3u == 0 ? 0 : ATLAS_PAGE_READWRITE,
        .region_class = slot % 2u == 0 ? ATLAS_CLASS_HEAP : ATLAS_CLASS_PRIVATE,
      };

      /* Each lives from one moment to another. */
      if (moment >= slot % 7u && moment < 7u + slot % 5u)
        atlas_region_set_builder_add (builder, &region);
    }
  return atlas_region_set_builder_end (builder);
}

static void
test_every_pixel_of_every_row_has_its_colour (void)
{
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (AtlasFoldSpan));
  AtlasRegionSet *moments[N_MOMENTS] = { NULL };
  g_autoptr (AtlasRegionSet) widest = make_moment (6);
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_LINEAR, widest, 0, 0x1fffff);
  AtlasTimeStripInput input = {
    .moments = (const AtlasRegionSet *const *) moments,
    .n_moments = N_MOMENTS,
    .now = 3,
    .axis = axis,
    .view = atlas_view_whole (axis, WIDTH_PX),
    .height_px = N_MOMENTS * 4u,
  };
  const AtlasMark *marks;
  guint n_marks;

  /* No process yet at the first two. */
  for (guint i = 2; i < N_MOMENTS; i++)
    moments[i] = make_moment (i);
  atlas_time_strip_draw (list, &input);
  marks = atlas_display_list_get_marks (list);
  n_marks = atlas_display_list_get_n_marks (list);
  g_assert_cmpuint (n_marks, >, 10);

  for (guint row = 0; row < N_MOMENTS; row++)
    {
      AtlasColor expected[WIDTH_PX] = { ATLAS_COLOR_NONE };

      g_assert_cmpuint (atlas_time_strip_pick (&input, row * 4.0 + 2.0), ==, row);
      g_array_set_size (spans, 0);
      if (moments[row] != NULL)
        atlas_fold (spans, moments[row], axis, &input.view);
      for (guint i = 0; i < spans->len; i++)
        {
          const AtlasFoldSpan *span = &g_array_index (spans, AtlasFoldSpan, i);

          for (gint x = span->x_px; x < span->x_px + span->width_px; x++)
            if (!atlas_fold_span_is_bare (span))
              expected[x] = ATLAS_COLOR_OF_CLASS (span->summary.top_class);
        }
      for (guint x = 0; x < WIDTH_PX; x++)
        {
          AtlasColor found = ATLAS_COLOR_NONE;
          float x_px = (float) x + 0.5f, y_px = (float) row * 4.0f + 2.0f;

          /* The last mark is the frame of the present moment. */
          for (guint i = 0; i + 1u < n_marks; i++)
            if (x_px > marks[i].x_px && x_px < marks[i].x_px + marks[i].width_px &&
                y_px > marks[i].y_px && y_px < marks[i].y_px + marks[i].height_px)
              found = marks[i].color;
          g_assert_cmpint (found, ==, expected[x]);
        }
    }
  g_assert_cmpint (marks[n_marks - 1u].color, ==, ATLAS_COLOR_ACCENT);
  g_assert_cmpfloat (marks[n_marks - 1u].y_px, ==, 12.0f);

  for (guint i = 0; i < N_MOMENTS; i++)
    g_clear_pointer (&moments[i], atlas_region_set_unref);
}

static void
test_a_wild_session_stays_affordable (void)
{
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasRegionSet *moments[400];
  g_autoptr (AtlasRegionSet) widest = make_moment (6);
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_LINEAR, widest, 0, 0x1fffff);
  AtlasTimeStripInput input = {
    .moments = (const AtlasRegionSet *const *) moments,
    .n_moments = G_N_ELEMENTS (moments),
    .axis = axis,
    .view = atlas_view_whole (axis, WIDTH_PX),
    .height_px = 800,
  };

  for (guint i = 0; i < G_N_ELEMENTS (moments); i++)
    moments[i] = make_moment (i * 5u % 11u);
  atlas_time_strip_draw (list, &input);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), <=, 2001);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), >, 100);
  for (guint i = 0; i < G_N_ELEMENTS (moments); i++)
    atlas_region_set_unref (moments[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/time-strip/every-pixel-of-every-row-has-its-colour",
                   test_every_pixel_of_every_row_has_its_colour);
  g_test_add_func ("/time-strip/a-wild-session-stays-affordable",
                   test_a_wild_session_stays_affordable);
  return g_test_run ();
}
