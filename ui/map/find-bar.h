/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasFindBar: looks for text, bytes, names and kinds in the whole space, from the selected
 * address on, a slice between two frames. What it finds is selected.
 *
 *   [Text ▾] [ hello            ] [▲] [▼]   found at 00007ff9`0f718a3c
 */

#include "model/viewport.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_FIND_BAR (atlas_find_bar_get_type ())
G_DECLARE_FINAL_TYPE (AtlasFindBar, atlas_find_bar, ATLAS, FIND_BAR, GtkWidget)

GtkWidget *atlas_find_bar_new (AtlasViewport *viewport);
/* Shows it, with the cursor in its entry. */
void atlas_find_bar_open (AtlasFindBar *self);

G_END_DECLS
