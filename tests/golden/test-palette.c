/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/strip.h"
#include "paint/palette.h"

#include <math.h>

/* What text is written in, on the view and on the wash behind a selection. */
static const AtlasColor text_colors[] = {
  ATLAS_COLOR_TEXT,       ATLAS_COLOR_DIM_TEXT,   ATLAS_COLOR_ACCENT,     ATLAS_COLOR_ERROR,
  ATLAS_COLOR_SUCCESS,    ATLAS_COLOR_WARNING,    ATLAS_COLOR_HEAT,       ATLAS_COLOR_LEVEL_SIGN,
  ATLAS_COLOR_LEVEL_PML5, ATLAS_COLOR_LEVEL_PML4, ATLAS_COLOR_LEVEL_PDPT, ATLAS_COLOR_LEVEL_PD,
  ATLAS_COLOR_LEVEL_PT,   ATLAS_COLOR_LEVEL_PAGE,
};

static gboolean
is_contrast (AtlasPaletteKind kind)
{
  return kind == ATLAS_PALETTE_LIGHT_CONTRAST || kind == ATLAS_PALETTE_DARK_CONTRAST;
}

/* The classes that are drawn as bars. */
static gboolean
is_bar (AtlasRegionClass region_class)
{
  return region_class != ATLAS_CLASS_FREE && region_class != ATLAS_CLASS_HOLE &&
         region_class != ATLAS_CLASS_UNUSABLE;
}

/* The window's own ground: what libadwaita 1.2 paints it with. */
static AtlasRgba
get_window (AtlasPaletteKind kind)
{
  float value = kind == ATLAS_PALETTE_LIGHT || kind == ATLAS_PALETTE_LIGHT_CONTRAST ? 0xfa / 255.0f
                                                                                    : 0x24 / 255.0f;

  return (AtlasRgba){ value, value, value, 1.0f };
}

static AtlasRgba
lay_over (AtlasRgba top, float alpha, AtlasRgba ground)
{
  return (AtlasRgba){ top.red * alpha + ground.red * (1.0f - alpha),
                      top.green * alpha + ground.green * (1.0f - alpha),
                      top.blue * alpha + ground.blue * (1.0f - alpha),
                      1.0f };
}

static double
contrast (AtlasPaletteKind kind, AtlasColor a, AtlasColor b)
{
  return atlas_rgba_contrast (atlas_palette_get (kind, a), atlas_palette_get (kind, b));
}

static void
test_contrast_formula (void)
{
  AtlasRgba black = { 0, 0, 0, 1 };
  AtlasRgba white = { 1, 1, 1, 1 };
  AtlasRgba grey = { 0x77 / 255.0f, 0x77 / 255.0f, 0x77 / 255.0f, 1 };

  g_assert_cmpfloat_with_epsilon (atlas_rgba_contrast (black, white), 21.0, 1e-9);
  g_assert_cmpfloat_with_epsilon (atlas_rgba_contrast (grey, grey), 1.0, 1e-9);
  /* The well-known border case: #777 on white misses 4.5 by a hair. */
  g_assert_cmpfloat_with_epsilon (atlas_rgba_contrast (grey, white), 4.478, 0.001);
}

static void
test_classes_stand_out (void)
{
  for (guint kind = 0; kind < ATLAS_N_PALETTES; kind++)
    for (guint c = 0; c < ATLAS_N_CLASSES; c++)
      if (is_bar ((AtlasRegionClass) c))
        {
          double ratio =
            contrast ((AtlasPaletteKind) kind, ATLAS_COLOR_OF_CLASS (c), ATLAS_COLOR_VIEW);

          g_test_message ("palette %u class %u: %.2f", kind, c, ratio);
          g_assert_cmpfloat (ratio, >=, is_contrast ((AtlasPaletteKind) kind) ? 4.5 : 3.0);
        }
}

static void
test_text_is_readable (void)
{
  for (guint kind = 0; kind < ATLAS_N_PALETTES; kind++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (text_colors); i++)
        {
          double ratio = contrast ((AtlasPaletteKind) kind, text_colors[i], ATLAS_COLOR_VIEW);

          g_test_message ("palette %u text %u: %.2f", kind, text_colors[i], ratio);
          g_assert_cmpfloat (ratio, >=, is_contrast ((AtlasPaletteKind) kind) ? 7.0 : 4.5);
        }
      g_assert_cmpfloat (
        contrast ((AtlasPaletteKind) kind, ATLAS_COLOR_TEXT, ATLAS_COLOR_SELECTION), >=, 7.0);
      for (guint c = 0; c < ATLAS_N_CLASSES; c++)
        g_assert_cmpfloat (
          contrast ((AtlasPaletteKind) kind, ATLAS_COLOR_ON_CLASS (c), ATLAS_COLOR_OF_CLASS (c)),
          >=,
          4.5);
    }
}

/* Pictures stand on the view or on the window itself. */
static AtlasRgba
get_ground (AtlasPaletteKind kind, guint which)
{
  return which == 0 ? atlas_palette_get (kind, ATLAS_COLOR_VIEW) : get_window (kind);
}

/* The faintest that a text on a wash of @fill is, on either ground. */
static double
get_least_contrast (AtlasPaletteKind kind, AtlasColor text, AtlasColor fill, float alpha)
{
  double least = INFINITY;

  for (guint which = 0; which < 2; which++)
    least = MIN (least,
                 atlas_rgba_contrast (
                   atlas_palette_get (kind, text),
                   lay_over (atlas_palette_get (kind, fill), alpha, get_ground (kind, which))));
  return least;
}

/* What text is written on besides the ground: [first, last] in the order of the roles, painted that
 * strongly at most. */
static void
test_text_on_fills_is_readable (void)
{
  static const struct
  {
    AtlasColor text;
    AtlasColor first_fill, last_fill;
    float alpha;
  } pairs[] = {
    /* Bytes of a page; zeroes among an entry's bits. */
    { ATLAS_COLOR_TEXT, ATLAS_COLOR_CELL, ATLAS_COLOR_CELL, 1.0f },
    { ATLAS_COLOR_DIM_TEXT, ATLAS_COLOR_CELL, ATLAS_COLOR_CELL, 1.0f },
    /* The current process among a section's views. */
    { ATLAS_COLOR_TEXT, ATLAS_COLOR_SELECTION, ATLAS_COLOR_SELECTION, 1.0f },
    { ATLAS_COLOR_DIM_TEXT, ATLAS_COLOR_SELECTION, ATLAS_COLOR_SELECTION, 1.0f },
    /* Ribbon, the selected byte, an entry's bits that are 1, and that are 0. */
    { ATLAS_COLOR_TEXT, ATLAS_COLOR_LEVEL_SIGN, ATLAS_COLOR_LEVEL_PAGE, 0.4f },
    { ATLAS_COLOR_TEXT, ATLAS_COLOR_ACCENT, ATLAS_COLOR_ACCENT, 0.4f },
    { ATLAS_COLOR_TEXT, ATLAS_COLOR_ERROR, ATLAS_COLOR_ERROR, 0.4f },
    { ATLAS_COLOR_TEXT, ATLAS_COLOR_DIM_TEXT, ATLAS_COLOR_DIM_TEXT, 0.4f },
    { ATLAS_COLOR_DIM_TEXT, ATLAS_COLOR_LEVEL_SIGN, ATLAS_COLOR_LEVEL_PAGE, 0.14f },
    { ATLAS_COLOR_DIM_TEXT, ATLAS_COLOR_ACCENT, ATLAS_COLOR_ACCENT, 0.14f },
    { ATLAS_COLOR_DIM_TEXT, ATLAS_COLOR_ERROR, ATLAS_COLOR_ERROR, 0.14f },
    /* A node of the VAD tree. */
    { ATLAS_COLOR_TEXT,
      ATLAS_COLOR_OF_CLASS (0),
      ATLAS_COLOR_OF_CLASS (ATLAS_N_CLASSES - 1),
      0.16f },
    { ATLAS_COLOR_DIM_TEXT,
      ATLAS_COLOR_OF_CLASS (0),
      ATLAS_COLOR_OF_CLASS (ATLAS_N_CLASSES - 1),
      0.16f },
  };

  for (guint kind = 0; kind < ATLAS_N_PALETTES; kind++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (text_colors); i++)
        g_assert_cmpfloat (
          get_least_contrast ((AtlasPaletteKind) kind, text_colors[i], ATLAS_COLOR_VIEW, 0.0f),
          >=,
          4.5);
      for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
        for (guint fill = pairs[i].first_fill; fill <= pairs[i].last_fill; fill++)
          {
            double ratio = get_least_contrast (
              (AtlasPaletteKind) kind, pairs[i].text, (AtlasColor) fill, pairs[i].alpha);

            g_test_message (
              "palette %u text %u on %u: %.2f", kind, (guint) pairs[i].text, fill, ratio);
            g_assert_cmpfloat (ratio, >=, 4.5);
          }
    }
}

/* The veil of a bar's rights, at its darkest, under the label of the bar. */
static void
test_labels_of_bars_are_readable (void)
{
  for (guint kind = 0; kind < ATLAS_N_PALETTES; kind++)
    for (guint c = 0; c < ATLAS_N_CLASSES; c++)
      if (is_bar ((AtlasRegionClass) c))
        {
          AtlasRgba bar = atlas_palette_get ((AtlasPaletteKind) kind, ATLAS_COLOR_OF_CLASS (c));
          AtlasRgba veil = atlas_palette_get ((AtlasPaletteKind) kind, ATLAS_COLOR_TEXT);
          AtlasRgba label = atlas_palette_get ((AtlasPaletteKind) kind, ATLAS_COLOR_ON_CLASS (c));

          g_assert_cmpfloat (
            atlas_rgba_contrast (label, lay_over (veil, ATLAS_STRIP_VEIL_MAX, bar)), >=, 4.5);
        }
}

/* An entry that is there among those that are not, a frame in use among those that are free. */
static void
test_cells_stand_out (void)
{
  for (guint kind = 0; kind < ATLAS_N_PALETTES; kind++)
    {
      for (guint level = ATLAS_COLOR_LEVEL_PML5; level <= ATLAS_COLOR_LEVEL_PAGE; level++)
        g_assert_cmpfloat (
          contrast ((AtlasPaletteKind) kind, (AtlasColor) level, ATLAS_COLOR_CELL), >=, 3.0);
      for (guint c = 0; c < ATLAS_N_CLASSES; c++)
        if (is_bar ((AtlasRegionClass) c))
          g_assert_cmpfloat (
            contrast ((AtlasPaletteKind) kind, ATLAS_COLOR_OF_CLASS (c), ATLAS_COLOR_CELL),
            >=,
            3.0);
      g_assert_cmpfloat (
        contrast ((AtlasPaletteKind) kind, ATLAS_COLOR_ACCENT, ATLAS_COLOR_CELL), >=, 3.0);
      g_assert_cmpfloat (
        contrast ((AtlasPaletteKind) kind, ATLAS_COLOR_HEAT, ATLAS_COLOR_CELL), >=, 3.0);
    }
}

static double
lab_curve (double value)
{
  return value > 216.0 / 24389.0 ? cbrt (value) : (24389.0 / 27.0 * value + 16.0) / 116.0;
}

static double
linear (float value)
{
  return value <= 0.04045f ? (double) value / 12.92 : pow (((double) value + 0.055) / 1.055, 2.4);
}

/* CIE 1976 L*a*b*, D65. */
static void
to_lab (AtlasRgba rgba, double lab[3])
{
  double r = linear (rgba.red);
  double g = linear (rgba.green);
  double b = linear (rgba.blue);
  double x = lab_curve ((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  double y = lab_curve (0.2126 * r + 0.7152 * g + 0.0722 * b);
  double z = lab_curve ((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);

  lab[0] = 116.0 * y - 16.0;
  lab[1] = 500.0 * (x - y);
  lab[2] = 200.0 * (y - z);
}

/* A difference of 2.3 is just noticed side by side; bars are small and far apart. */
static void
test_classes_differ (void)
{
  for (guint kind = 0; kind < ATLAS_N_PALETTES; kind++)
    for (guint a = 0; a < ATLAS_N_CLASSES; a++)
      for (guint b = a + 1; b < ATLAS_N_CLASSES; b++)
        if (is_bar ((AtlasRegionClass) a) && is_bar ((AtlasRegionClass) b))
          {
            double lab_a[3], lab_b[3], distance;

            to_lab (atlas_palette_get ((AtlasPaletteKind) kind, ATLAS_COLOR_OF_CLASS (a)), lab_a);
            to_lab (atlas_palette_get ((AtlasPaletteKind) kind, ATLAS_COLOR_OF_CLASS (b)), lab_b);
            distance = sqrt (pow (lab_a[0] - lab_b[0], 2) + pow (lab_a[1] - lab_b[1], 2) +
                             pow (lab_a[2] - lab_b[2], 2));
            g_test_message ("palette %u: %u and %u: %.1f", kind, a, b, distance);
            g_assert_cmpfloat (distance, >=, 15.0);
          }
}

static void
test_none_is_clear (void)
{
  for (guint kind = 0; kind < ATLAS_N_PALETTES; kind++)
    for (guint color = 0; color < ATLAS_N_COLORS; color++)
      g_assert_cmpfloat (
        (double) atlas_palette_get ((AtlasPaletteKind) kind, (AtlasColor) color).alpha,
        ==,
        color == ATLAS_COLOR_NONE ||
            (color == ATLAS_COLOR_EDGE && !is_contrast ((AtlasPaletteKind) kind))
          ? 0.0
          : 1.0);
}

/* What only high contrast shows stands out there as text does. */
static void
test_edges_stand_out_in_high_contrast (void)
{
  for (guint kind = 0; kind < ATLAS_N_PALETTES; kind++)
    if (is_contrast ((AtlasPaletteKind) kind))
      g_assert_cmpfloat (
        contrast ((AtlasPaletteKind) kind, ATLAS_COLOR_EDGE, ATLAS_COLOR_VIEW), >=, 7.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/palette/contrast-formula", test_contrast_formula);
  g_test_add_func ("/palette/classes-stand-out", test_classes_stand_out);
  g_test_add_func ("/palette/text-is-readable", test_text_is_readable);
  g_test_add_func ("/palette/text-on-fills", test_text_on_fills_is_readable);
  g_test_add_func ("/palette/labels-of-bars", test_labels_of_bars_are_readable);
  g_test_add_func ("/palette/cells-stand-out", test_cells_stand_out);
  g_test_add_func ("/palette/classes-differ", test_classes_differ);
  g_test_add_func ("/palette/none-is-clear", test_none_is_clear);
  g_test_add_func ("/palette/edges", test_edges_stand_out_in_high_contrast);
  return g_test_run ();
}
