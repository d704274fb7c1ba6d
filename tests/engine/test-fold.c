/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/fold.h"

#include <math.h>

#include "../map-regions.h"

#define HALF_LAST_VA (ATLAS_BIT (47) - 1)

static const AtlasFoldSpan *
span_at (const GArray *spans, guint i)
{
  return &g_array_index (spans, AtlasFoldSpan, i);
}

/* Width of the part of a region that segment @s holds. */
static double
part_px (const AtlasAxis *axis, const AtlasView *view, const AtlasRegion *region, guint s)
{
  const AtlasAxisSegment *segment = atlas_axis_get_segment (axis, s);
  AtlasVa first_va = MAX (region->base_va, segment->first_va);
  AtlasVa last_va = MIN (atlas_region_get_last_va (region), segment->last_va);

  if (first_va > last_va)
    return 0.0;
  return ldexp ((double) (last_va - first_va) + 1.0, segment->shift) /
         atlas_view_get_units_per_px (view);
}

/* Everything that a fold promises, by going through all regions one by one. */
static void
assert_honest (const AtlasRegionSet *set, const AtlasAxis *axis, AtlasView view)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (AtlasFoldSpan));
  AtlasVa first_va = atlas_view_x_to_va (&view, axis, 0);
  AtlasVa last_va = atlas_view_x_to_va (&view, axis, view.width_px);
  guint span = 0;
  guint n_tiny = 0;

  for (guint s = 0; s < atlas_axis_get_n_segments (axis); s++)
    n_tiny += (double) atlas_axis_get_segment (axis, s)->length_u <
              2.0 * atlas_view_get_units_per_px (&view);
  atlas_fold (spans, set, axis, &view);
  g_assert_cmpuint (spans->len, >, 0);
  g_assert_cmpuint (spans->len, <=, view.width_px);
  g_assert_cmphex (span_at (spans, 0)->first_va, ==, first_va);
  g_assert_cmphex (span_at (spans, spans->len - 1)->last_va, ==, last_va);

  for (guint i = 0; i < spans->len; i++)
    {
      const AtlasFoldSpan *one = span_at (spans, i);
      double true_x_px = atlas_view_va_to_x (&view, axis, one->first_va);

      g_assert_cmpint (one->width_px, >=, 1);
      g_assert_cmpint (one->x_px, >=, 0);
      g_assert_cmpint (one->x_px + one->width_px, <=, (gint) view.width_px);
      g_assert_cmphex (one->first_va, <=, one->last_va);
      /* What is pushed aside to stay visible is pushed by little: a pixel for each segment too
       * small to have one. */
      if (true_x_px >= 0.0)
        g_assert_cmpfloat (fabs (one->x_px - true_x_px), <, 4.0 + n_tiny);
      if (i > 0)
        {
          const AtlasFoldSpan *before = span_at (spans, i - 1);

          g_assert_cmpint (one->x_px, ==, before->x_px + before->width_px);
          g_assert_cmphex (one->first_va, ==, before->last_va + 1);
        }
    }

  for (guint i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);
      AtlasVa region_last_va = atlas_region_get_last_va (region);
      gboolean is_shown = FALSE;

      if (region_last_va < first_va || region->base_va > last_va)
        continue;
      while (span_at (spans, span)->last_va < region->base_va)
        span++;
      for (guint k = span; k < spans->len && span_at (spans, k)->first_va <= region_last_va; k++)
        {
          const AtlasRegionSummary *summary = &span_at (spans, k)->summary;

          is_shown = TRUE;
          g_assert_cmpint (summary->top_class, >=, region->region_class);
          g_assert_cmpuint (i - summary->first_index, <, summary->n_regions);
          if (atlas_region_is_writable_executable (region))
            g_assert_true (summary->has_writable_executable);
          if (summary->n_regions == 1)
            {
              g_assert_cmpuint (summary->first_index, ==, i);
              g_assert_cmpint (summary->top_class, ==, region->region_class);
            }
        }
      g_assert_true (is_shown);
      /* Three pixels in one segment, well inside the view: a span of its own. */
      for (guint s = 0; s < atlas_axis_get_n_segments (axis); s++)
        if (part_px (axis, &view, region, s) >= ATLAS_FOLD_MIN_PX + 0.01)
          {
            const AtlasAxisSegment *segment = atlas_axis_get_segment (axis, s);
            AtlasVa middle_va = MAX (region->base_va, segment->first_va);
            guint k = span;

            if (middle_va < first_va || middle_va > last_va ||
                atlas_view_va_to_x (&view, axis, middle_va) > view.width_px - 12.0 - n_tiny)
              continue;
            while (span_at (spans, k)->last_va < middle_va)
              k++;
            g_assert_cmpuint (span_at (spans, k)->summary.n_regions, ==, 1);
          }
    }
}

static void
assert_honest_everywhere (const AtlasRegionSet *set, GRand *rand)
{
  for (guint kind = ATLAS_AXIS_COLLAPSED; kind <= ATLAS_AXIS_LINEAR; kind++)
    for (guint half = 0; half < 2; half++)
      {
        g_autoptr (AtlasAxis) axis = atlas_axis_new (
          (AtlasAxisKind) kind, set, 0, half == 0 ? HALF_LAST_VA : ~G_GUINT64_CONSTANT (0));
        AtlasView view = atlas_view_whole (axis, (guint) g_rand_int_range (rand, 1, 2000));

        while (view.zoom > 0)
          {
            AtlasView next;

            assert_honest (set, axis, view);
            next = atlas_view_zoom_at (&view,
                                       axis,
                                       g_rand_int_range (rand, 1, 60),
                                       g_rand_double_range (rand, 0, view.width_px));
            if (next.zoom == view.zoom && next.left_u == view.left_u)
              break;
            view = next;
          }
      }
}

static void
test_process (void)
{
  g_autoptr (AtlasRegionSet) set = map_regions_new_process ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint i = 0; i < 20; i++)
    assert_honest_everywhere (set, rand);
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint i = 0; i < 12; i++)
    {
      g_autoptr (AtlasRegionSet) set = map_regions_new_random (rand, 8u << (i % 8));

      assert_honest_everywhere (set, rand);
    }
}

/* One page that may be written and executed, among ten thousand in a few pixels. */
static void
test_one_bad_page_survives (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = NULL;
  g_autoptr (AtlasAxis) axis = NULL;
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (AtlasFoldSpan));
  AtlasView view;
  guint n_bad = 0;

  for (guint i = 0; i < 10000; i++)
    map_regions_add (
      builder,
      &(MapRegion){ .base_va = ATLAS_GB (4) + i * ATLAS_KB (64),
                    .size_bytes = ATLAS_PAGE_BYTES,
                    .allocation_base_va = ATLAS_GB (4) + i * ATLAS_KB (64),
                    .state = ATLAS_STATE_COMMIT,
                    .type = ATLAS_TYPE_PRIVATE,
                    .protect = i == 4321 ? ATLAS_PAGE_EXECUTE_READWRITE : ATLAS_PAGE_READWRITE,
                    .region_class = ATLAS_CLASS_PRIVATE });
  set = atlas_region_set_builder_end (builder);
  axis = atlas_axis_new (ATLAS_AXIS_LINEAR, set, 0, HALF_LAST_VA);
  view = atlas_view_whole (axis, 900);
  atlas_fold (spans, set, axis, &view);
  for (guint i = 0; i < spans->len; i++)
    n_bad += (guint) span_at (spans, i)->summary.has_writable_executable;
  g_assert_cmpuint (n_bad, ==, 1);
  g_assert_cmpuint (spans->len, <, 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fold/process", test_process);
  g_test_add_func ("/fold/random", test_random);
  g_test_add_func ("/fold/one-bad-page-survives", test_one_bad_page_survives);
  return g_test_run ();
}
