/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The table of regions: what stands in each cell of it. Its columns are AtlasRegionKey, its rows
 * AtlasRegionItem. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Without rows yet; see table.h. */
GtkWidget *atlas_region_table_new (void);

G_END_DECLS
