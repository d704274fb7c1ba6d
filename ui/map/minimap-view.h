/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasMinimapView: the true, linear whole with a bracket around what the map shows. A click
 * brings that place to the middle, a drag zooms the map to the dragged range. */

#include <gtk/gtk.h>

#include "model/bookmarks.h"
#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_MINIMAP_VIEW (atlas_minimap_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasMinimapView, atlas_minimap_view, ATLAS, MINIMAP_VIEW, GtkWidget)

GtkWidget *atlas_minimap_view_new (AtlasViewport *viewport,
                                   AtlasBookmarks *bookmarks,
                                   GActionGroup *navigation);

G_END_DECLS
