/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Names of controls for assistive technology, where GTK 4.8 and libadwaita 1.2 leave them without
 * or with two. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* GTK names a button with a mnemonic twice, underscore included ("_Open Open"). This names it once,
 * as its label reads. */
void atlas_name_after_label (GtkWidget *button);

/* A text that has no mnemonic, as a label that may have one wants it: an underscore is doubled.
 * (transfer full) */
char *atlas_name_as_label (const char *name);

/* Names what the libraries make in a widget and leave nameless: buttons after what they say, their
 * picture or their tooltip; menus, lists, texts and pictures are all of @name. */
void atlas_name_parts (GtkWidget *widget, const char *name);

/* The same in a window, after its title. */
void atlas_name_window_parts (GtkWindow *window);

G_END_DECLS
