/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/strip-private.h"

#include <math.h>

#include "../map-regions.h"

#define HALF_LAST_VA (ATLAS_BIT (47) - 1)
#define KERNEL32_VA G_GUINT64_CONSTANT (0x7ff90f6f0000)
#define HEIGHT_PX 160

static gsize
peek_nothing (gpointer data, AtlasVa va, guint8 *bytes, gboolean *is_known, gsize size_bytes)
{
  g_assert_cmpuint (size_bytes, <=, 256);
  for (gsize i = 0; i < size_bytes; i++)
    is_known[i] = FALSE;
  return 0;
}

static AtlasStripInput
make_input (const AtlasRegionSet *regions, const AtlasAxis *axis, AtlasView view)
{
  return (AtlasStripInput){ .regions = regions,
                            .axis = axis,
                            .view = view,
                            .height_px = HEIGHT_PX,
                            .has_selection = TRUE,
                            .selected_va = KERNEL32_VA + 0x1a3c,
                            .has_hover = TRUE,
                            .hover_va = KERNEL32_VA + 0x12345,
                            .has_range = TRUE,
                            .range_first_va = KERNEL32_VA,
                            .range_last_va = KERNEL32_VA + 0xffff,
                            .peek = peek_nothing };
}

static gboolean
overlaps (const AtlasMark *a, const AtlasMark *b)
{
  return a->x_px < b->x_px + b->width_px && b->x_px < a->x_px + a->width_px &&
         a->y_px < b->y_px + b->height_px && b->y_px < a->y_px + a->height_px;
}

/* Names and addresses stand free of one another; plates may cover them, bars carry their own. */
static gboolean
is_in_a_lane (const AtlasMark *mark)
{
  return mark->kind == ATLAS_MARK_TEXT && !mark->is_vertical &&
         (mark->y_px < 20.0f || mark->y_px > HEIGHT_PX - 24.0f) &&
         mark->color == ATLAS_COLOR_DIM_TEXT;
}

static void
assert_tidy (const AtlasDisplayList *list, guint width_px)
{
  const AtlasMark *marks = atlas_display_list_get_marks (list);
  guint n_marks = atlas_display_list_get_n_marks (list);

  g_assert_cmpuint (n_marks, <=, 2000);
  for (guint i = 0; i < n_marks; i++)
    {
      const AtlasMark *mark = &marks[i];

      g_assert_true (isfinite ((double) mark->x_px) && isfinite ((double) mark->width_px));
      g_assert_cmpfloat ((double) mark->x_px, >, -2000.0);
      g_assert_cmpfloat ((double) (mark->x_px + mark->width_px), <, width_px + 2000.0);
      if (mark->kind == ATLAS_MARK_TEXT)
        g_assert_true (g_utf8_validate (atlas_display_list_get_text (list, mark), -1, NULL));
      if (!is_in_a_lane (mark))
        continue;
      g_assert_cmpfloat ((double) mark->x_px, >=, 0.0);
      g_assert_cmpfloat ((double) (mark->x_px + mark->width_px), <=, width_px + 1.0);
      for (guint k = i + 1; k < n_marks; k++)
        if (is_in_a_lane (&marks[k]) && overlaps (mark, &marks[k]))
          g_error ("\"%s\" and \"%s\" overlap",
                   atlas_display_list_get_text (list, mark),
                   atlas_display_list_get_text (list, &marks[k]));
    }
}

/* Every zoom from the whole to a byte, at every width. */
static void
test_tidy_at_every_zoom (void)
{
  static const guint widths_px[] = { 1, 90, 900, 1280, 2560 };
  static const AtlasVa targets[] = { 0x7ffe0123,
                                     KERNEL32_VA + 0x1a3c,
                                     G_GUINT64_CONSTANT (0x7e9000000000) };
  g_autoptr (AtlasRegionSet) regions = map_regions_new_process ();
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();

  for (guint kind = ATLAS_AXIS_COLLAPSED; kind <= ATLAS_AXIS_LINEAR; kind++)
    for (guint w = 0; w < G_N_ELEMENTS (widths_px); w++)
      for (guint t = 0; t < G_N_ELEMENTS (targets); t++)
        {
          g_autoptr (AtlasAxis) axis = atlas_axis_new (
            (AtlasAxisKind) kind, regions, 0, t == 0 ? ~G_GUINT64_CONSTANT (0) : HALF_LAST_VA);
          AtlasView view = atlas_view_whole (axis, widths_px[w]);

          for (guint step = 0; step < 80; step++)
            {
              AtlasStripInput input = make_input (regions, axis, view);

              atlas_strip_draw (list, &input);
              assert_tidy (list, widths_px[w]);
              view =
                atlas_view_zoom_at (&view, axis, 5, atlas_view_va_to_x (&view, axis, targets[t]));
            }
        }
}

/* Marks follow pixels: a hundred thousand regions make no more of them than a hundred. */
static void
test_marks_are_bounded (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
  g_autoptr (AtlasRegionSet) regions = map_regions_new_random (rand, 100000);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();

  for (guint kind = ATLAS_AXIS_COLLAPSED; kind <= ATLAS_AXIS_LINEAR; kind++)
    {
      g_autoptr (AtlasAxis) axis = atlas_axis_new ((AtlasAxisKind) kind, regions, 0, HALF_LAST_VA);
      AtlasView view = atlas_view_whole (axis, 2560);

      for (guint step = 0; step < 60; step++)
        {
          AtlasStripInput input = make_input (regions, axis, view);

          atlas_strip_draw (list, &input);
          assert_tidy (list, 2560);
          view = atlas_view_zoom_at (&view, axis, 6, g_rand_double_range (rand, 0, 2560));
        }
    }
}

/* What is pointed at is what is drawn there. */
static void
test_pick (void)
{
  g_autoptr (AtlasRegionSet) regions = map_regions_new_process ();
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_COLLAPSED, regions, 0, HALF_LAST_VA);
  AtlasStripInput input = make_input (regions, axis, atlas_view_whole (axis, 1280));
  static const AtlasVa wide[] = { 0x8000,
                                  0x7ffe0800,
                                  G_GUINT64_CONSTANT (0xcbc8250000),
                                  G_GUINT64_CONSTANT (0xf0ffff0000),
                                  G_GUINT64_CONSTANT (0x600000000000) };
  AtlasStripHit hit;

  for (guint i = 0; i < G_N_ELEMENTS (wide); i++)
    {
      double x_px = atlas_view_va_to_x (&input.view, axis, wide[i]);

      atlas_strip_pick (&input, x_px, 80, &hit);
      g_assert_cmpuint (hit.region_index, ==, atlas_region_set_find (regions, wide[i]));
      g_assert_cmpuint (hit.n_regions, ==, 1);
      g_assert_cmpint (hit.is_break, ==, i == 4);
    }
  for (gint x_px = -50; x_px < 1330; x_px++)
    {
      atlas_strip_pick (&input, x_px, 80, &hit);
      g_assert_cmpuint (hit.n_regions, >=, 1);
      g_assert_cmpuint (hit.region_index, <, atlas_region_set_get_n_regions (regions));
      g_assert_cmphex (hit.va, <=, HALF_LAST_VA);
    }
}

/* A page that may be written and executed is told at the whole view too. */
static void
test_warning_survives (void)
{
  g_autoptr (AtlasRegionSet) regions = map_regions_new_process ();
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();

  for (guint kind = ATLAS_AXIS_COLLAPSED; kind <= ATLAS_AXIS_LINEAR; kind++)
    {
      g_autoptr (AtlasAxis) axis = atlas_axis_new ((AtlasAxisKind) kind, regions, 0, HALF_LAST_VA);
      AtlasStripInput input = make_input (regions, axis, atlas_view_whole (axis, 900));
      double x_px = atlas_view_va_to_x (&input.view, axis, G_GUINT64_CONSTANT (0x2a6583e0000));
      guint n_near = 0;

      atlas_strip_draw (list, &input);
      for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
        {
          const AtlasMark *mark = &atlas_display_list_get_marks (list)[i];

          n_near += mark->color == ATLAS_COLOR_WARNING && mark->kind == ATLAS_MARK_RECT &&
                    fabs ((double) mark->x_px - x_px) < 8.0 && mark->width_px >= 3.0f;
        }
      g_assert_cmpuint (n_near, ==, 2);
    }
}

static void
test_minimap_is_linear (void)
{
  g_autoptr (AtlasRegionSet) regions = map_regions_new_process ();
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  static const AtlasVa lasts[] = { HALF_LAST_VA, ~G_GUINT64_CONSTANT (0), 0xfff, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (lasts); i++)
    {
      AtlasMinimapInput input = { .regions = regions,
                                  .last_va = lasts[i],
                                  .width_px = 1000,
                                  .height_px = 34,
                                  .seen_first_va = lasts[i] / 2,
                                  .seen_last_va = lasts[i] / 2 };

      g_assert_cmphex (atlas_minimap_x_to_va (&input, -5), ==, 0);
      g_assert_cmphex (atlas_minimap_x_to_va (&input, 0), ==, 0);
      g_assert_cmphex (atlas_minimap_x_to_va (&input, 1000), ==, lasts[i]);
      g_assert_cmphex (atlas_minimap_x_to_va (&input, 1e30), ==, lasts[i]);
      if (lasts[i] > 0xffff)
        g_assert_cmphex (atlas_minimap_x_to_va (&input, 500), ==, lasts[i] / 2 + 1);
      atlas_minimap_draw (list, &input);
      assert_tidy (list, 1000);
    }
}

/* From left to right the parts of the bracket come in their order, each at least a few pixels
 * wide, wherever the bracket is and however narrow. */
static void
test_the_minimaps_handles_can_be_taken (void)
{
  static const struct
  {
    AtlasVa first_va, last_va;
  } windows[] = { { 0, ATLAS_BIT (47) - 1 },
                  { ATLAS_TB (20), ATLAS_TB (90) },
                  { ATLAS_TB (64), ATLAS_TB (64) + 63 },
                  { 0, 63 },
                  { ATLAS_BIT (47) - 64, ATLAS_BIT (47) - 1 } };
  g_autoptr (AtlasRegionSet) regions = map_regions_new_process ();

  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    {
      AtlasMinimapInput input = { .regions = regions,
                                  .last_va = ATLAS_BIT (47) - 1,
                                  .width_px = 1000,
                                  .height_px = 34,
                                  .seen_first_va = windows[i].first_va,
                                  .seen_last_va = windows[i].last_va };
      static const AtlasMinimapPart order[] = { ATLAS_MINIMAP_OUTSIDE,
                                                ATLAS_MINIMAP_FIRST,
                                                ATLAS_MINIMAP_BODY,
                                                ATLAS_MINIMAP_LAST,
                                                ATLAS_MINIMAP_OUTSIDE };
      guint widths_px[G_N_ELEMENTS (order)] = { 0 };
      guint at = 0;

      for (double x_px = -20; x_px < 1020; x_px++)
        {
          AtlasMinimapPart part = atlas_minimap_pick (&input, x_px);

          while (part != order[at])
            g_assert_cmpuint (++at, <, G_N_ELEMENTS (order));
          widths_px[at]++;
        }
      for (guint part = 0; part < G_N_ELEMENTS (order); part++)
        g_assert_cmpuint (widths_px[part], >=, 4);
    }
}

static gboolean
look_by_number (gpointer data, AtlasVa va, AtlasPageLook *look)
{
  *look = (AtlasPageLook){ (AtlasPagePlace) ((va >> ATLAS_PAGE_SHIFT) % ATLAS_N_PAGE_PLACES),
                           0xabc0000000000000 + va };
  return TRUE;
}

static gboolean
has_text (const AtlasDisplayList *list, const char *wanted)
{
  for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
    {
      const AtlasMark *mark = &atlas_display_list_get_marks (list)[i];

      if (mark->kind == ATLAS_MARK_TEXT &&
          g_str_equal (atlas_display_list_get_text (list, mark), wanted))
        return TRUE;
    }
  return FALSE;
}

/* From far regions, then pages, then where each is, then its entry, then bytes. */
static void
test_nearer_tells_more (void)
{
  g_autoptr (AtlasRegionSet) regions = map_regions_new_process ();
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_LINEAR, regions, 0, ATLAS_BIT (47) - 1);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  const AtlasVa va = G_GUINT64_CONSTANT (0x2a658530000); /* a heap of 51 pages */
  static const struct
  {
    guint64 size_bytes;
    gboolean has_page, has_place, has_entry;
  } cases[] = { { ATLAS_MB (16), FALSE, FALSE, FALSE },
                { ATLAS_KB (96), TRUE, FALSE, FALSE },
                { ATLAS_KB (40), TRUE, TRUE, FALSE },
                { ATLAS_KB (16), TRUE, TRUE, TRUE },
                { 40, FALSE, FALSE, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AtlasStripInput input = { .regions = regions,
                                .axis = axis,
                                .view =
                                  atlas_view_fit (axis, 1000, va, va + cases[i].size_bytes - 1, 0),
                                .height_px = 180,
                                .get_page = look_by_number };
      g_autofree char *page = g_strdup_printf ("PT %u", (guint) (va >> ATLAS_PAGE_SHIFT & 511) + 1);
      g_autofree char *bare = g_strdup_printf ("%u", (guint) (va >> ATLAS_PAGE_SHIFT & 511) + 1);
      AtlasPagePlace place =
        (AtlasPagePlace) (((va >> ATLAS_PAGE_SHIFT) + 1) % ATLAS_N_PAGE_PLACES);
      g_autofree char *entry =
        g_strdup_printf ("%" G_GINT64_MODIFIER "x", 0xabc0000000000000 + va + ATLAS_PAGE_BYTES);

      atlas_strip_draw (list, &input);
      g_assert_cmpint (has_text (list, page) || has_text (list, bare), ==, cases[i].has_page);
      g_assert_cmpint (has_text (list, atlas_page_place_get_name (place)), ==, cases[i].has_place);
      g_assert_cmpint (has_text (list, entry), ==, cases[i].has_entry);
      g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 2000);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/strip/tidy-at-every-zoom", test_tidy_at_every_zoom);
  g_test_add_func ("/strip/marks-are-bounded", test_marks_are_bounded);
  g_test_add_func ("/strip/pick", test_pick);
  g_test_add_func ("/strip/warning-survives", test_warning_survives);
  g_test_add_func ("/minimap/linear", test_minimap_is_linear);
  g_test_add_func ("/strip/minimap-handles", test_the_minimaps_handles_can_be_taken);
  g_test_add_func ("/strip/nearer", test_nearer_tells_more);
  return g_test_run ();
}
