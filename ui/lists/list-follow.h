/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A list that brings one of its rows into sight: the one that stands for what is selected. GTK 4.8
 * has no scroll_to for lists, and what it has instead loses rows before they have a size. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where the row is now; GTK_INVALID_LIST_POSITION: none is to be seen. */
typedef guint (*AtlasListFindFunc) (gpointer owner);

/* @list: a GtkColumnView without a model, which it gets once it is shown and has a size; or, with
 * @model NULL, it or a GtkListView with one. @find_cb is called while @list is mapped; @owner has
 * to live as long. */
void atlas_list_follow (GtkWidget *list,
                        GtkSelectionModel *model,
                        AtlasListFindFunc find_cb,
                        gpointer owner);

/* Scrolls to the row in the next frame; while @list is not shown, once it is. */
void atlas_list_reveal (GtkWidget *list);

G_END_DECLS
