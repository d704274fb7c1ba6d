/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasLensView: the page tables of the selected address. A click on a cell selects what the entry
 * covers, a double click shows it on the map; arrow keys move from entry to entry, Ctrl with left
 * and right from table to table. While a walk is stepped the arrows grow along it. */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_LENS_VIEW (atlas_lens_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasLensView, atlas_lens_view, ATLAS, LENS_VIEW, GtkWidget)

/* Its property "show-heat" colours the cells by when anything below them was last used. */
GtkWidget *atlas_lens_view_new (AtlasViewport *viewport);

/* What a tooltip says of a cell; @column and @cell as in AtlasLens. (transfer full) */
char *atlas_lens_view_tell_cell (AtlasLensView *self, guint column, guint cell);

G_END_DECLS
