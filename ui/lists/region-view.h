/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasRegionView: the list of regions, with a filter above and totals beside it. Selecting a row
 * selects its first address in the document, and the row of the document's selection is the one
 * that is selected here. */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_REGION_VIEW (atlas_region_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasRegionView, atlas_region_view, ATLAS, REGION_VIEW, GtkWidget)

GtkWidget *atlas_region_view_new (AtlasViewport *viewport);

/* Puts the cursor into the filter. */
void atlas_region_view_focus_filter (AtlasRegionView *self);
/* The rows as they are filtered and sorted: AtlasRegionListModel. Borrowed. */
GListModel *atlas_region_view_get_model (AtlasRegionView *self);
/* Which of them are selected. Borrowed. */
GtkSelectionModel *atlas_region_view_get_selection (AtlasRegionView *self);

G_END_DECLS
