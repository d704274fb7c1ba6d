/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasFitting: one place for several children, in which the first is seen that has room there as
 * it would like to be. AdwSqueezer of libadwaita 1.2 asks for another size while it is given one,
 * and GTK draws the window before that is granted. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_FITTING (atlas_fitting_get_type ())
G_DECLARE_FINAL_TYPE (AtlasFitting, atlas_fitting, ATLAS, FITTING, GtkWidget)

/* With @can_be_empty nothing is seen where no child has room; else the last one is. */
GtkWidget *atlas_fitting_new (gboolean can_be_empty);

/* Appends @child: what is to be seen rather comes first. */
void atlas_fitting_append (AtlasFitting *self, GtkWidget *child);

G_END_DECLS
