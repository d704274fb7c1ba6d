/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Tables of many rows: a GtkColumnView whose cells are texts of one line, one of them maybe with a
 * region's swatch, and whose heads sort. */

#include <gtk/gtk.h>

#include "paint/swatch.h"

G_BEGIN_DECLS

typedef struct
{
  const char *title;
  guint key;             /* by which whoever fills and sorts the table knows it */
  gint width_px;         /* at the usual size of text: as many letters fit when it is larger;
                          * -1: what is left */
  gint least_px;         /* as wide as its usual text has to be, where the table has no room for
                          * width_px of each; of the column of what is left, what that is at least */
  const char *css_class; /* of its texts, or NULL */
  gboolean has_swatch;
  gboolean is_sortable;
} AtlasTableColumn;

/* Fills the cell of @list_item in the column of that key. */
typedef void (*AtlasTableBindFunc) (GtkListItem *list_item, guint key, gpointer owner);

/* Without a model: see atlas_list_follow (). @name: for assistive technology. @columns has to live
 * as long as the table, @owner as long as it has rows. */
GtkWidget *atlas_table_new (const char *name,
                            const AtlasTableColumn *columns,
                            guint n_columns,
                            AtlasTableBindFunc bind_cb,
                            gpointer owner);

GtkLabel *atlas_table_cell_get_label (GtkListItem *list_item);
/* Of a column that has one. */
AtlasSwatch *atlas_table_cell_get_swatch (GtkListItem *list_item);

/* The key of the column that its head says it is sorted by, @unsorted where none does; whoever has
 * the rows sorts them. gtk_column_view_get_sorter () tells of changes. */
guint atlas_table_get_sort (GtkWidget *table, guint unsorted, gboolean *is_descending);

/* The list item of the row at a place in @table, or NULL. */
GtkListItem *atlas_table_pick (GtkWidget *table, double x_px, double y_px);

G_END_DECLS
