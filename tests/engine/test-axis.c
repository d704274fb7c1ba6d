/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/axis.h"

#include "../map-regions.h"

#define LAST_VA (~G_GUINT64_CONSTANT (0))
#define HALF_LAST_VA (ATLAS_BIT (47) - 1)

/* Where address arithmetic likes to go wrong. */
static const AtlasVa edges[] = {
  0,
  1,
  0xffff,
  0x10000,
  ATLAS_KB (4) - 1,
  ATLAS_KB (4),
  ATLAS_MB (2) - 1,
  ATLAS_MB (2),
  ATLAS_GB (1) - 1,
  ATLAS_GB (1),
  ATLAS_GB (512) - 1,
  ATLAS_GB (512),
  0x7ffe0000,
  0x7ffeffff,
  0x7fff0000,
  G_GUINT64_CONSTANT (0x7ffffffeffff),
  G_GUINT64_CONSTANT (0x7fffffff0000),
  HALF_LAST_VA,
  HALF_LAST_VA + 1,
  G_GUINT64_CONSTANT (0xffff7fffffffffff),
  G_GUINT64_CONSTANT (0xffff800000000000),
  LAST_VA - 0xfff,
  LAST_VA,
};

static const struct
{
  AtlasAxisKind kind;
  AtlasVa first_va;
  AtlasVa last_va;
} spans[] = {
  { ATLAS_AXIS_COLLAPSED, 0, HALF_LAST_VA },
  { ATLAS_AXIS_COLLAPSED, 0, LAST_VA },
  { ATLAS_AXIS_COLLAPSED, 0x7ffe0123, 0x7ffe0123 },
  { ATLAS_AXIS_COLLAPSED,
    G_GUINT64_CONSTANT (0x7ff90e000001),
    G_GUINT64_CONSTANT (0x7ff911000003) },
  { ATLAS_AXIS_COLLAPSED, ATLAS_BIT (48), ATLAS_BIT (62) },
  { ATLAS_AXIS_LINEAR, 0, HALF_LAST_VA },
  { ATLAS_AXIS_LINEAR, 0, LAST_VA },
  { ATLAS_AXIS_LINEAR, HALF_LAST_VA, HALF_LAST_VA + 1 },
  { ATLAS_AXIS_LINEAR, ATLAS_BIT (48), ATLAS_BIT (62) },
  { ATLAS_AXIS_LINEAR, LAST_VA, LAST_VA },
};

static void
assert_sound (const AtlasAxis *axis, AtlasVa first_va, AtlasVa last_va)
{
  guint n_segments = atlas_axis_get_n_segments (axis);
  guint64 next_u = 0;
  AtlasVa next_va = first_va;

  g_assert_cmphex (atlas_axis_get_first_va (axis), ==, first_va);
  g_assert_cmphex (atlas_axis_get_last_va (axis), ==, last_va);
  g_assert_cmpuint (atlas_axis_get_length (axis), <, ATLAS_BIT (63));
  for (guint i = 0; i < n_segments; i++)
    {
      const AtlasAxisSegment *segment = atlas_axis_get_segment (axis, i);

      g_assert_cmphex (segment->first_va, ==, next_va);
      g_assert_cmpuint (segment->first_u, ==, next_u);
      g_assert_cmphex (segment->first_va, <=, segment->last_va);
      g_assert_cmpuint (segment->length_u, >, 0);
      if (segment->shift >= 0)
        g_assert_cmpuint (
          segment->length_u >> segment->shift, ==, segment->last_va - segment->first_va + 1);
      g_assert_cmpuint (atlas_axis_find_va (axis, segment->first_va), ==, i);
      g_assert_cmpuint (atlas_axis_find_va (axis, segment->last_va), ==, i);
      g_assert_cmpuint (atlas_axis_find_u (axis, segment->first_u), ==, i);
      g_assert_cmpuint (atlas_axis_find_u (axis, segment->first_u + segment->length_u - 1), ==, i);
      next_va = segment->last_va + 1;
      next_u += segment->length_u;
    }
  g_assert_cmphex (next_va, ==, last_va + 1);
  g_assert_cmpuint (next_u, ==, atlas_axis_get_length (axis));
}

static void
assert_comes_back (const AtlasAxis *axis, AtlasVa va)
{
  const AtlasAxisSegment *segment = atlas_axis_get_segment (axis, atlas_axis_find_va (axis, va));
  guint64 u = atlas_axis_va_to_u (axis, va);
  AtlasVa inside_va = CLAMP (va, atlas_axis_get_first_va (axis), atlas_axis_get_last_va (axis));

  g_assert_cmpuint (u, <, atlas_axis_get_length (axis));
  if (segment->shift >= 0)
    {
      g_assert_cmphex (atlas_axis_u_to_va (axis, u), ==, inside_va);
      g_assert_cmphex (
        atlas_axis_u_to_va (axis, u + (G_GUINT64_CONSTANT (1) << segment->shift) - 1),
        ==,
        inside_va);
    }
  else
    {
      AtlasVa back_va = atlas_axis_u_to_va (axis, u);

      g_assert_cmphex (back_va, <=, inside_va);
      g_assert_cmphex (inside_va - back_va, <, G_GUINT64_CONSTANT (1) << -segment->shift);
    }
  if (inside_va > atlas_axis_get_first_va (axis))
    g_assert_cmpuint (atlas_axis_va_to_u (axis, inside_va - 1), <=, u);
}

static void
assert_all (const AtlasRegionSet *set, guint span, GRand *rand)
{
  g_autoptr (AtlasAxis) axis =
    atlas_axis_new (spans[span].kind, set, spans[span].first_va, spans[span].last_va);

  assert_sound (axis, spans[span].first_va, spans[span].last_va);
  for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
    assert_comes_back (axis, edges[i]);
  for (guint i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      assert_comes_back (axis, region->base_va);
      assert_comes_back (axis, atlas_region_get_last_va (region));
    }
  for (guint i = 0; i < atlas_axis_get_n_segments (axis); i++)
    {
      assert_comes_back (axis, atlas_axis_get_segment (axis, i)->first_va);
      assert_comes_back (axis, atlas_axis_get_segment (axis, i)->last_va);
    }
  for (guint i = 0; i < 200; i++)
    assert_comes_back (axis,
                       ((guint64) g_rand_int (rand) << 32 | g_rand_int (rand)) >>
                         g_rand_int_range (rand, 0, 60));
}

static void
test_process_inverse (void)
{
  g_autoptr (AtlasRegionSet) set = map_regions_new_process ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint span = 0; span < G_N_ELEMENTS (spans); span++)
    assert_all (set, span, rand);
}

static void
test_random_inverse (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint round = 0; round < 30; round++)
    {
      g_autoptr (AtlasRegionSet) set = map_regions_new_random (rand, 1u << (round % 10));

      for (guint span = 0; span < G_N_ELEMENTS (spans); span++)
        assert_all (set, span, rand);
    }
}

static void
test_empty_space (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = atlas_region_set_builder_end (builder);
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);

  for (guint span = 0; span < G_N_ELEMENTS (spans); span++)
    assert_all (set, span, rand);
}

/* Linear: every address of the user half is as wide as any other. */
static void
test_linear_is_one_segment (void)
{
  g_autoptr (AtlasRegionSet) set = map_regions_new_process ();
  g_autoptr (AtlasAxis) user = atlas_axis_new (ATLAS_AXIS_LINEAR, set, 0, HALF_LAST_VA);
  g_autoptr (AtlasAxis) both = atlas_axis_new (ATLAS_AXIS_LINEAR, set, 0, LAST_VA);

  g_assert_cmpuint (atlas_axis_get_n_segments (user), ==, 1);
  g_assert_cmpint (atlas_axis_get_segment (user, 0)->is_break, ==, FALSE);
  g_assert_cmpuint (atlas_axis_get_n_segments (both), ==, 3);
  g_assert_cmpint (atlas_axis_get_segment (both, 0)->is_break, ==, FALSE);
  g_assert_cmpint (atlas_axis_get_segment (both, 1)->is_break, ==, TRUE);
  g_assert_cmphex (atlas_axis_get_segment (both, 1)->first_va, ==, HALF_LAST_VA + 1);
  g_assert_cmpint (atlas_axis_get_segment (both, 2)->is_break, ==, FALSE);
  g_assert_cmpint (
    atlas_axis_get_segment (both, 2)->shift, ==, atlas_axis_get_segment (both, 0)->shift);
}

/* What the drawing promises: at a whole view of 1,000 pixels even one page can be seen. */
static void
test_everything_is_seen_in_a_collapsed_process (void)
{
  static const struct
  {
    AtlasVa first_va;
    AtlasVa last_va;
    double min_px;
  } cases[] = {
    { 0, 0xffff, 4 },
    { 0x7ffe0000, 0x7ffe0fff, 3 },
    { 0x7ffef000, 0x7ffeffff, 3 },
    { G_GUINT64_CONSTANT (0xcbc8200000), G_GUINT64_CONSTANT (0xcbc82fffff), 5 },
    { G_GUINT64_CONSTANT (0x2a658330000), G_GUINT64_CONSTANT (0x2a65a262fff), 40 },
    { G_GUINT64_CONSTANT (0x7df52ba90000), G_GUINT64_CONSTANT (0x7ff52ba8ffff), 40 },
    { G_GUINT64_CONSTANT (0x7ff778bd0000), G_GUINT64_CONSTANT (0x7ff778cbffff), 12 },
    { G_GUINT64_CONSTANT (0x7ff90dea0000), G_GUINT64_CONSTANT (0x7ff91137ffff), 60 },
  };
  g_autoptr (AtlasRegionSet) set = map_regions_new_process ();
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_COLLAPSED, set, 0, HALF_LAST_VA);
  double units_per_px = (double) atlas_axis_get_length (axis) / 1000.0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double length_u = (double) (atlas_axis_va_to_u (axis, cases[i].last_va) -
                                  atlas_axis_va_to_u (axis, cases[i].first_va));

      g_test_message (
        "%" G_GINT64_MODIFIER "x: %.1f px", cases[i].first_va, length_u / units_per_px);
      g_assert_cmpfloat (length_u / units_per_px, >=, cases[i].min_px);
    }
}

/* Gaps are breaks; the 64 KB beside a module are at the module's scale. */
static void
test_breaks_leave_room_beside_modules (void)
{
  g_autoptr (AtlasRegionSet) set = map_regions_new_process ();
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_COLLAPSED, set, 0, HALF_LAST_VA);
  AtlasVa base_va = G_GUINT64_CONSTANT (0x7ff778bd0000);
  AtlasVa end_va = base_va + 0xf0000;
  guint module = atlas_axis_find_va (axis, base_va);
  const AtlasAxisSegment *gap =
    atlas_axis_get_segment (axis, atlas_axis_find_va (axis, G_GUINT64_CONSTANT (0x600000000000)));

  g_assert_true (gap->is_break);
  g_assert_cmpuint (atlas_axis_find_va (axis, end_va - 1), ==, module);
  g_assert_false (atlas_axis_get_segment (axis, module)->is_break);
  g_assert_cmpuint (atlas_axis_find_va (axis, base_va - 1), ==, module);
  g_assert_cmpuint (atlas_axis_find_va (axis, end_va + 0xffff - 0xf000), ==, module);
  g_assert_true (atlas_axis_get_segment (axis, module + 1)->is_break);
  g_assert_cmpint (atlas_axis_get_segment (axis, module)->shift,
                   >,
                   atlas_axis_get_segment (axis, module + 1)->shift);
}

/* A process cut into a thousand pieces still has an axis of a few dozen. */
static void
test_fragmentation_is_bounded (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = NULL;
  g_autoptr (AtlasAxis) axis = NULL;

  for (guint i = 0; i < 1000; i++)
    map_regions_add (builder,
                     &(MapRegion){ .base_va = (i + 1) * ATLAS_GB (64),
                                   .size_bytes = ATLAS_PAGE_BYTES,
                                   .state = ATLAS_STATE_COMMIT,
                                   .protect = ATLAS_PAGE_READWRITE,
                                   .region_class = ATLAS_CLASS_PRIVATE });
  set = atlas_region_set_builder_end (builder);
  axis = atlas_axis_new (ATLAS_AXIS_COLLAPSED, set, 0, HALF_LAST_VA);
  assert_sound (axis, 0, HALF_LAST_VA);
  g_assert_cmpuint (atlas_axis_get_n_segments (axis), <, 150);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/axis/inverse/process", test_process_inverse);
  g_test_add_func ("/axis/inverse/random", test_random_inverse);
  g_test_add_func ("/axis/inverse/empty", test_empty_space);
  g_test_add_func ("/axis/linear-is-one-segment", test_linear_is_one_segment);
  g_test_add_func ("/axis/everything-is-seen", test_everything_is_seen_in_a_collapsed_process);
  g_test_add_func ("/axis/room-beside-modules", test_breaks_leave_room_beside_modules);
  g_test_add_func ("/axis/fragmentation-is-bounded", test_fragmentation_is_bounded);
  return g_test_run ();
}
