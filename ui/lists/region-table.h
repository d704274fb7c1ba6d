/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The table of regions: what stands in each cell of it. Its columns are AtlasRegionKey, its rows
 * AtlasRegionItem. */

#include "model/document.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Without rows yet; see table.h. @document, which outlives it: what its rows are of. */
GtkWidget *atlas_region_table_new (AtlasDocument *document);

G_END_DECLS
