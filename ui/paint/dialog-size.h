/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How large a window beside the main one opens. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @width_px and @height_px, each -1 for what it needs, hold for text of the usual size. Larger text
 * makes the window larger, so that lines break where they did, but not larger than the window that
 * it belongs to. */
void atlas_dialog_set_size (GtkWindow *dialog, int width_px, int height_px);
/* What @length_px at the usual size of text becomes. */
int atlas_dialog_get_length (GtkWindow *dialog, int length_px);

G_END_DECLS
