/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Columns of a list that keep a width: as many letters fit into it however large text is. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @width_px: at the usual size of text. @view: the list that the column is in. */
void atlas_column_set_width (GtkColumnViewColumn *column, GtkWidget *view, int width_px);

G_END_DECLS
