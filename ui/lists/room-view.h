/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasRoomView: every place where something fits.
 *
 *   Size [64K]  Alignment [64 KB ▾]  Where [Below 2 GB ▾]        32,734 places in 3 gaps
 *   ├────▮▮▮▮▮▮▮▮▮──────────────────▮▮▮────────────────────────────┤   on the map's axis
 *   00000000`00010000 … 00000000`7ffd0000     32,766 places
 *
 * Where there is none it says why. Works on every space whose regions can be listed.
 */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_ROOM_VIEW (atlas_room_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasRoomView, atlas_room_view, ATLAS, ROOM_VIEW, GtkWidget)

GtkWidget *atlas_room_view_new (AtlasViewport *viewport);

G_END_DECLS
