/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasScaleBar: a line as long on the map as the power of two written over it.
 *
 *     16 KB
 *   ├────────┤
 */

#include "model/viewport.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_SCALE_BAR (atlas_scale_bar_get_type ())
G_DECLARE_FINAL_TYPE (AtlasScaleBar, atlas_scale_bar, ATLAS, SCALE_BAR, GtkWidget)

GtkWidget *atlas_scale_bar_new (AtlasViewport *viewport);
/* The power of two bytes whose line is more than half of @room_px and no more than that long. */
guint64 atlas_scale_bar_get_size (double bytes_per_px, double room_px, double *length_px);

G_END_DECLS
