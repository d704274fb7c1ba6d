/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What stands in the middle of a view that has nothing to show: why, and on a line of its own what
 * to do about it. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A GtkLabel; @text may be NULL and follow later. */
GtkWidget *atlas_empty_label_new (const char *text);

G_END_DECLS
