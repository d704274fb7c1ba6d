/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paint/empty-label.h"

#define WIDTH_CHARS_MAX 28
#define MARGIN_PX 12

GtkWidget *
atlas_empty_label_new (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), WIDTH_CHARS_MAX);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_widget_set_halign (label, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_start (label, MARGIN_PX);
  gtk_widget_set_margin_end (label, MARGIN_PX);
  gtk_widget_add_css_class (label, "dim-label");
  return label;
}
