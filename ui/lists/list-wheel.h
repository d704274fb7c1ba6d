/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The wheel over a long list. At every notch GTK 4.8 drops the fraction of a pixel, so that the way
 * back is longer than the way there; and where several notches come in one frame, rows that were
 * made and are not measured yet count as of no height, and the list leaps to its end. Here all
 * notches of a frame are one movement of whole pixels. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @list: a GtkListView or GtkColumnView that is or will be in a GtkScrolledWindow. */
void atlas_list_wheel_attach (GtkWidget *list);

G_END_DECLS
