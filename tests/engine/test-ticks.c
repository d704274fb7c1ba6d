/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/ticks.h"

#include "../map-regions.h"

#define HALF_LAST_VA (ATLAS_BIT (47) - 1)

static void
test_levels (void)
{
  static const struct
  {
    AtlasVa va;
    guint level; /* with five levels */
  } cases[] = {
    { 0, 5 },
    { 1, 0 },
    { 0xfff, 0 },
    { 0x1000, 1 },
    { 0x10000, 1 },
    { ATLAS_MB (2), 2 },
    { ATLAS_MB (2) - 0x1000, 1 },
    { ATLAS_GB (1), 3 },
    { ATLAS_GB (1) + ATLAS_MB (2), 2 },
    { ATLAS_GB (512), 4 },
    { ATLAS_GB (513), 3 },
    { ATLAS_BIT (47), 4 },
    { ATLAS_BIT (48), 5 },
    { ATLAS_BIT (48) - ATLAS_GB (512), 4 },
    { ATLAS_BIT (48) + ATLAS_GB (1), 3 },
    { ATLAS_BIT (56), 5 },
    { G_GUINT64_CONSTANT (0xff00000000000000), 5 },
    { G_GUINT64_CONSTANT (0xffff000000000000), 5 },
    { G_GUINT64_CONSTANT (0xffff800000000000), 4 },
    { ~G_GUINT64_CONSTANT (0xfff), 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpuint (atlas_tick_get_level (cases[i].va, 5), ==, cases[i].level);
      g_assert_cmpuint (atlas_tick_get_level (cases[i].va, 4), ==, MIN (cases[i].level, 4u));
    }
}

static void
test_labels (void)
{
  static const struct
  {
    AtlasVa va;
    gboolean is_short;
    const char *label;
  } cases[] = {
    { 0, FALSE, "0" },
    { 0, TRUE, "0" },
    { 0x7ffe0000, FALSE, "7ffe0000" },
    { 0x7ffe0000, TRUE, "7ffe0000" },
    { G_GUINT64_CONSTANT (0x7ff90f600000), FALSE, "7ff9`0f600000" },
    { G_GUINT64_CONSTANT (0x7ff90f600000), TRUE, "`0f600000" },
    { ~G_GUINT64_CONSTANT (0), FALSE, "ffffffff`ffffffff" },
  };
  char label[ATLAS_TICK_LABEL_CHARS];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      atlas_tick_format (cases[i].va, cases[i].is_short, label);
      g_assert_cmpstr (label, ==, cases[i].label);
    }
}

/* At every zoom: ascending, inside, far enough apart, majors among them no less. */
static void
test_spacing (void)
{
  g_autoptr (AtlasRegionSet) set = map_regions_new_process ();
  g_autoptr (GArray) ticks = g_array_new (FALSE, FALSE, sizeof (AtlasTick));
  static const AtlasVa targets[] = {
    0, 0x7ffe0800, G_GUINT64_CONSTANT (0x7ff90f6f1234), HALF_LAST_VA
  };

  for (guint kind = ATLAS_AXIS_COLLAPSED; kind <= ATLAS_AXIS_LINEAR; kind++)
    for (guint half = 0; half < 2; half++)
      for (guint t = 0; t < G_N_ELEMENTS (targets); t++)
        {
          g_autoptr (AtlasAxis) axis = atlas_axis_new (
            (AtlasAxisKind) kind, set, 0, half == 0 ? HALF_LAST_VA : ~G_GUINT64_CONSTANT (0));
          AtlasView view = atlas_view_whole (axis, 1280);

          for (guint step = 0; step < 90; step++)
            {
              guint n_ticks = 0;

              for (guint s = 0; s < atlas_axis_get_n_segments (axis); s++)
                {
                  const AtlasAxisSegment *segment = atlas_axis_get_segment (axis, s);
                  double before_x = -1e9;
                  double before_major_x = -1e9;

                  atlas_ticks_make (ticks, axis, &view, s, 7.0, 90.0);
                  n_ticks += ticks->len;
                  for (guint i = 0; i < ticks->len; i++)
                    {
                      const AtlasTick *tick = &g_array_index (ticks, AtlasTick, i);

                      g_assert_cmphex (tick->va, >=, segment->first_va);
                      g_assert_cmphex (tick->va, <=, segment->last_va);
                      g_assert_cmpfloat (tick->x_px, >=, 0.0);
                      g_assert_cmpfloat (tick->x_px, <=, 1280.0);
                      g_assert_cmpfloat (tick->x_px - before_x, >=, 6.99);
                      g_assert_cmpuint (tick->level, ==, atlas_tick_get_level (tick->va, 4));
                      before_x = tick->x_px;
                      if (!tick->is_major)
                        continue;
                      g_assert_cmpfloat (tick->x_px - before_major_x, >=, 89.99);
                      before_major_x = tick->x_px;
                    }
                }
              g_assert_cmpuint (n_ticks, <, 400);
              view =
                atlas_view_zoom_at (&view, axis, 4, atlas_view_va_to_x (&view, axis, targets[t]));
            }
        }
}

/* With 4 KB 40 px apart, the ticks are the page borders and nothing else. */
static void
test_pages (void)
{
  g_autoptr (AtlasRegionSet) set = map_regions_new_process ();
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_LINEAR, set, 0, HALF_LAST_VA);
  g_autoptr (GArray) ticks = g_array_new (FALSE, FALSE, sizeof (AtlasTick));
  AtlasVa base_va = G_GUINT64_CONSTANT (0x7ff90f600000);
  AtlasView view = atlas_view_fit (axis, 1280, base_va, base_va + 32 * ATLAS_PAGE_BYTES - 1, 0);

  atlas_ticks_make (ticks, axis, &view, 0, 36.0, 90.0);
  g_assert_cmpuint (ticks->len, >=, 32);
  for (guint i = 0; i < ticks->len; i++)
    {
      const AtlasTick *tick = &g_array_index (ticks, AtlasTick, i);

      g_assert_cmphex (tick->va & ATLAS_PAGE_MASK, ==, 0);
      g_assert_cmpint (tick->is_major, ==, (tick->va & 0x3fff) == 0);
      if (tick->va == base_va)
        g_assert_cmpuint (tick->level, ==, 2);
    }
}

/* The user half of five levels, whole: a border every 256 TB, and nothing says 4 there. */
static void
test_five_levels (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = NULL;
  g_autoptr (AtlasAxis) axis = NULL;
  g_autoptr (GArray) ticks = g_array_new (FALSE, FALSE, sizeof (AtlasTick));
  AtlasView view;

  atlas_region_set_builder_set_user_end (builder, ATLAS_BIT (56));
  set = atlas_region_set_builder_end (builder);
  g_assert_cmpuint (atlas_region_set_get_n_levels (set), ==, 5);
  axis = atlas_axis_new (ATLAS_AXIS_LINEAR, set, 0, ATLAS_BIT (56) - 1);
  g_assert_cmpuint (atlas_axis_get_n_levels (axis), ==, 5);
  view = atlas_view_whole (axis, 2560);
  atlas_ticks_make (ticks, axis, &view, 0, 7.0, 90.0);
  g_assert_cmpuint (ticks->len, ==, 256);
  for (guint i = 0; i < ticks->len; i++)
    {
      const AtlasTick *tick = &g_array_index (ticks, AtlasTick, i);

      g_assert_cmphex (tick->va, ==, (AtlasVa) i << 48);
      g_assert_cmpuint (tick->level, ==, 5);
      /* 2 PB have 80 px, which is too few; 16 PB have 640. */
      g_assert_cmpint (tick->is_major, ==, i % 64 == 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ticks/levels", test_levels);
  g_test_add_func ("/ticks/labels", test_labels);
  g_test_add_func ("/ticks/spacing", test_spacing);
  g_test_add_func ("/ticks/pages", test_pages);
  g_test_add_func ("/ticks/five-levels", test_five_levels);
  return g_test_run ();
}
