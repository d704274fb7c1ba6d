/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a colour role looks like: light, dark, and high contrast of each. From the GNOME palette,
 * close to VMMap's habits. */

#include "map/display-list.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_PALETTE_LIGHT,
  ATLAS_PALETTE_DARK,
  ATLAS_PALETTE_LIGHT_CONTRAST,
  ATLAS_PALETTE_DARK_CONTRAST,
  ATLAS_N_PALETTES,
} AtlasPaletteKind;

typedef struct
{
  float red, green, blue, alpha; /* 0 … 1 */
} AtlasRgba;

AtlasRgba atlas_palette_get (AtlasPaletteKind kind, AtlasColor color);
/* WCAG 2 contrast ratio of two opaque colours, 1 … 21. */
double atlas_rgba_contrast (AtlasRgba a, AtlasRgba b);
/* Pango font description of a text role, "Cantarell 9" alike. */
const char *atlas_font_get_description (AtlasFont font);

G_END_DECLS
