/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasBookmarkButton: opens the list of bookmarks. Above it the selected region can be added with
 * a comment; a row goes to its place, and can be taken off. */

#include "model/bookmarks.h"
#include "model/viewport.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_BOOKMARK_BUTTON (atlas_bookmark_button_get_type ())
G_DECLARE_FINAL_TYPE (AtlasBookmarkButton, atlas_bookmark_button, ATLAS, BOOKMARK_BUTTON, GtkWidget)

GtkWidget *atlas_bookmark_button_new (AtlasViewport *viewport, AtlasBookmarks *bookmarks);
void atlas_bookmark_button_open (AtlasBookmarkButton *self);

G_END_DECLS
