/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasMapView: the address strip. Wheel zooms at the pointer, drag pans, Shift-drag or middle-drag
 * zooms to a range, click selects, double click fits, Ctrl-drag marks a range to allocate. */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_MAP_VIEW (atlas_map_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasMapView, atlas_map_view, ATLAS, MAP_VIEW, GtkWidget)

/* "allocate-here" (base_va, size_bytes, x_px): a click on free space (size 0) or a marked range. */
GtkWidget *atlas_map_view_new (AtlasViewport *viewport, GActionGroup *navigation);

/* Shows a range as being considered, or none. */
void atlas_map_view_set_range (AtlasMapView *self, gboolean has_range, AtlasVa first_va, AtlasVa last_va);

G_END_DECLS
