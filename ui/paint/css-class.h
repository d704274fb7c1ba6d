/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A CSS class that stands for a state: on or off. */

#include <gtk/gtk.h>

static inline void
atlas_css_class_set (GtkWidget *widget, const char *css_class, gboolean is_set)
{
  if (is_set)
    gtk_widget_add_css_class (widget, css_class);
  else
    gtk_widget_remove_css_class (widget, css_class);
}
