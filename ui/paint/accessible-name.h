/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* GTK 4.8 names a button with a mnemonic twice, underscore included ("_Open Open"). This names it
 * once, as its label reads. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

static inline void
atlas_name_after_label (GtkWidget *button)
{
  GtkWidget *label = gtk_button_get_child (GTK_BUTTON (button));

  /* What labels it counts as well, with the underscore. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (GTK_LABEL (label)),
                                  -1);
}

G_END_DECLS
