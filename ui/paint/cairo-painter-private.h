/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What both painters share: text attributes, the looks of patterns, and the marks that the screen
 * too draws with cairo. */

#include <pango/pangocairo.h>

#include "paint/cairo-painter.h"

G_BEGIN_DECLS

/* One tile of each hatch; patterns of neighbours join because tiles are counted from (0, 0). */
#define ATLAS_HATCH_PERIOD_PX 6
#define ATLAS_FOLD_PERIOD_PX 6
/* In less, a texture is a mess: the wash alone, stronger, says the same. */
#define ATLAS_HATCH_MIN_PX 4.0f

/* How opaque the wash under a pattern is. */
double atlas_pattern_get_wash (AtlasPattern pattern, float width_px);
/* Whether the pattern has lines over its wash in a rectangle so wide. */
gboolean atlas_pattern_has_lines (AtlasPattern pattern, float width_px);
/* The lines of a pattern over (x, y, width, height), in the source colour of @cr. */
void atlas_cairo_pattern_lines (
  cairo_t *cr, AtlasPattern pattern, double x_px, double y_px, double width_px, double height_px);
/* A mark that is neither a rectangle nor text. */
void atlas_cairo_paint_stroke (cairo_t *cr, const AtlasMark *mark);

/* The cells of a raster as an image, one pixel each. (transfer full) */
cairo_surface_t *
atlas_cairo_raster_surface (GBytes *cells, guint columns, guint rows, AtlasPaletteKind palette);

/* A layout with the font, features, width and ellipsis of @mark. (transfer full) */
PangoLayout *atlas_text_layout_new (PangoContext *context, const AtlasMark *mark, const char *text);
/* Where the layout's top left goes, before a vertical text is turned. */
void atlas_text_get_offset (PangoLayout *layout, const AtlasMark *mark, double *x_px, double *y_px);

G_END_DECLS
