/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasMapHeader: the line over the map: what the pointer is on (or what the map shows), and the
 * legend of the classes. */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_MAP_HEADER (atlas_map_header_get_type ())
G_DECLARE_FINAL_TYPE (AtlasMapHeader, atlas_map_header, ATLAS, MAP_HEADER, GtkWidget)

GtkWidget *atlas_map_header_new (AtlasViewport *viewport);

/* "1 px = 47.3 KB": scale of the map at the selection or in its middle. (transfer full) */
char *atlas_map_header_format_scale (AtlasViewport *viewport);

G_END_DECLS
