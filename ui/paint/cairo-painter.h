/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A display list on a cairo surface: PNG, SVG and PDF. Links pango and cairo, no GTK. */

#include <cairo.h>

#include "paint/palette.h"

G_BEGIN_DECLS

void atlas_cairo_paint (cairo_t *cr, const AtlasDisplayList *list, AtlasPaletteKind palette);

/* Writes @list, @width_px × @height_px, to @path; the ending decides: .png, .svg or .pdf.
 * Atomic: a failure leaves no file. */
gboolean atlas_cairo_write_file (const AtlasDisplayList *list,
                                 guint width_px,
                                 guint height_px,
                                 AtlasPaletteKind palette,
                                 const char *path,
                                 GError **error);

G_END_DECLS
