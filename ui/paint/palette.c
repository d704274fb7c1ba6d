/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "paint/palette.h"

#include <math.h>

/* 0xRRGGBB for each palette. Every class, level and mark stands out from the view by 3:1, every
 * text by 4.5:1 (WCAG 2.1, 1.4.11 and 1.4.3); a test holds the table to that. */
typedef struct
{
  guint32 rgb[ATLAS_N_PALETTES];
} ColorRow;

#define ROW(light, dark, light_contrast, dark_contrast)                                            \
  {                                                                                                \
    {                                                                                              \
      light, dark, light_contrast, dark_contrast                                                   \
    }                                                                                              \
  }

static const ColorRow rows[ATLAS_COLOR_ON_CLASS_FIRST] = {
  [ATLAS_COLOR_NONE] = ROW (0x000000, 0x000000, 0x000000, 0x000000),
  [ATLAS_COLOR_VIEW] = ROW (0xffffff, 0x1e1e1e, 0xffffff, 0x000000),
  [ATLAS_COLOR_TEXT] = ROW (0x2e3436, 0xf6f5f4, 0x000000, 0xffffff),
  [ATLAS_COLOR_DIM_TEXT] = ROW (0x5c5b60, 0xb4b3b0, 0x3d3846, 0xdeddda),
  [ATLAS_COLOR_HAIRLINE] = ROW (0xdeddda, 0x3d3d3d, 0x77767b, 0x9a9996),
  [ATLAS_COLOR_CELL] = ROW (0xeeece9, 0x353535, 0xdeddda, 0x2b2b2b),
  [ATLAS_COLOR_ACCENT] = ROW (0x1c71d8, 0x78aeed, 0x1a4f96, 0x99c1f1),
  [ATLAS_COLOR_SELECTION] = ROW (0xd5e4f7, 0x2b3a4d, 0xcfe0f5, 0x1a3350),
  [ATLAS_COLOR_HOVER] = ROW (0x5e5c64, 0xc0bfbc, 0x000000, 0xffffff),
  [ATLAS_COLOR_WARNING] = ROW (0xe01b24, 0xff7b63, 0xa51d2d, 0xff938c),
  [ATLAS_COLOR_SUCCESS] = ROW (0x1c7c50, 0x57e389, 0x145c3a, 0x8ff0a4),
  [ATLAS_COLOR_ERROR] = ROW (0xc01c28, 0xff7b63, 0xa51d2d, 0xff938c),
  [ATLAS_COLOR_EDGE] = ROW (0x000000, 0x000000, 0x000000, 0xffffff),
  [ATLAS_COLOR_HEAT] = ROW (0xb8005c, 0xff7ab8, 0x8a0045, 0xff9ccb),
  [ATLAS_COLOR_LEVEL_SIGN] = ROW (0x5c5b60, 0x9a9996, 0x3d3846, 0xc0bfbc),
  [ATLAS_COLOR_LEVEL_PML5] = ROW (0x0b7b86, 0x4fd2d2, 0x075a63, 0x7ee6e6),
  [ATLAS_COLOR_LEVEL_PML4] = ROW (0x1c71d8, 0x78aeed, 0x1a4f96, 0x99c1f1),
  [ATLAS_COLOR_LEVEL_PDPT] = ROW (0x1b8051, 0x57e389, 0x145c3a, 0x8ff0a4),
  [ATLAS_COLOR_LEVEL_PD] = ROW (0x956800, 0xf5c211, 0x694a00, 0xf9f06b),
  [ATLAS_COLOR_LEVEL_PT] = ROW (0xc64600, 0xff9a3c, 0x8a2c00, 0xffbe6f),
  [ATLAS_COLOR_LEVEL_PAGE] = ROW (0x813d9c, 0xdc8add, 0x613583, 0xe5a5e6),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_FREE] = ROW (0xdeddda, 0x3d3d3d, 0xc0bfbc, 0x5e5c64),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_HOLE] = ROW (0xc0bfbc, 0x5e5c64, 0x9a9996, 0x77767b),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_KERNEL] = ROW (0x2f4a63, 0x6f8db0, 0x1c3550, 0x8a9cc9),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_UNUSABLE] = ROW (0x8f8e8b, 0x77767b, 0x77767b, 0x9a9996),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_CFG] = ROW (0x5e5c64, 0x9a9996, 0x5e5c64, 0xc0bfbc),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_MAPPED] = ROW (0x1c71d8, 0x62a0ea, 0x1a5fb4, 0xa6ccf7),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_IMAGE] = ROW (0x813d9c, 0xc061cb, 0x613583, 0xdc8add),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_PRIVATE] = ROW (0xb08000, 0xf5c211, 0x7d5a00, 0xf9f06b),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_HEAP] = ROW (0xb33a00, 0xed6b3c, 0x8a2c00, 0xff8a57),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_STACK] = ROW (0xe25f00, 0xff9a3c, 0xb84a00, 0xffbe6f),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_SYSTEM] = ROW (0x249863, 0x57e389, 0x1a7046, 0x8ff0a4),
  [ATLAS_COLOR_CLASS_FIRST + ATLAS_CLASS_NEVER] = ROW (0xc01c28, 0xff5468, 0xa51d2d, 0xff8095),
};

/* Figures as wide as one another, so that a changing number does not shake. */
static const char *const font_descriptions[] = {
  [ATLAS_FONT_SMALL] = "Cantarell, sans 9",
  [ATLAS_FONT_BODY] = "Cantarell, sans 10",
  [ATLAS_FONT_BOLD] = "Cantarell, sans Bold 10",
  [ATLAS_FONT_MONO] = "monospace 10",
  [ATLAS_FONT_MONO_SMALL] = "monospace 9",
};
_Static_assert(G_N_ELEMENTS (font_descriptions) == ATLAS_N_FONTS, "every role has a font");

static AtlasRgba
rgba_from_row (const ColorRow *row, AtlasPaletteKind kind)
{
  guint32 rgb = row->rgb[kind];

  return (AtlasRgba){ .red = (float) (rgb >> 16 & 0xff) / 255.0f,
                      .green = (float) (rgb >> 8 & 0xff) / 255.0f,
                      .blue = (float) (rgb & 0xff) / 255.0f,
                      .alpha = 1.0f };
}

AtlasRgba
atlas_palette_get (AtlasPaletteKind kind, AtlasColor color)
{
  static const AtlasRgba black = { 0.0f, 0.0f, 0.0f, 1.0f };
  static const AtlasRgba white = { 1.0f, 1.0f, 1.0f, 1.0f };
  AtlasRgba rgba;

  g_return_val_if_fail ((guint) kind < ATLAS_N_PALETTES, black);
  g_return_val_if_fail ((guint) color < ATLAS_N_COLORS, black);

  if (color >= ATLAS_COLOR_ON_CLASS_FIRST)
    {
      rgba =
        rgba_from_row (&rows[ATLAS_COLOR_CLASS_FIRST + (color - ATLAS_COLOR_ON_CLASS_FIRST)], kind);
      return atlas_rgba_contrast (rgba, white) >= 4.5 ? white : black;
    }
  rgba = rgba_from_row (&rows[color], kind);
  if (color == ATLAS_COLOR_NONE ||
      (color == ATLAS_COLOR_EDGE && kind != ATLAS_PALETTE_LIGHT_CONTRAST &&
       kind != ATLAS_PALETTE_DARK_CONTRAST))
    rgba.alpha = 0.0f;
  return rgba;
}

/* WCAG 2.1, "relative luminance". */
static double
linear_channel (double value)
{
  return value <= 0.04045 ? value / 12.92 : pow ((value + 0.055) / 1.055, 2.4);
}

static double
relative_luminance (AtlasRgba rgba)
{
  return 0.2126 * linear_channel ((double) rgba.red) +
         0.7152 * linear_channel ((double) rgba.green) +
         0.0722 * linear_channel ((double) rgba.blue);
}

double
atlas_rgba_contrast (AtlasRgba a, AtlasRgba b)
{
  double luminance_a = relative_luminance (a);
  double luminance_b = relative_luminance (b);

  return (MAX (luminance_a, luminance_b) + 0.05) / (MIN (luminance_a, luminance_b) + 0.05);
}

const char *
atlas_font_get_description (AtlasFont font)
{
  g_return_val_if_fail ((guint) font < ATLAS_N_FONTS, font_descriptions[ATLAS_FONT_BODY]);
  return font_descriptions[font];
}
