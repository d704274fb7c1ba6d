/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasMapView: the address strip. Wheel zooms at the pointer, drag pans, Shift-drag or middle-drag
 * zooms to a range, click selects, double click fits. A click on free space, or Ctrl-drag over it,
 * offers to allocate there. */

#include <gtk/gtk.h>

#include "model/bookmarks.h"
#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_MAP_VIEW (atlas_map_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasMapView, atlas_map_view, ATLAS, MAP_VIEW, GtkWidget)

/* @bookmarks are flags on it: a click on one selects its place, a double click shows it. */
GtkWidget *atlas_map_view_new (AtlasViewport *viewport,
                               AtlasBookmarks *bookmarks,
                               GActionGroup *navigation);

G_END_DECLS
