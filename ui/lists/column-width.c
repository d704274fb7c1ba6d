/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/column-width.h"

#include "paint/snapshot-painter.h"

#define WIDTH_KEY "atlas-column-width"

static void
text_changed_cb (GtkColumnViewColumn *column, GParamSpec *pspec, GtkSettings *settings)
{
  GtkColumnView *view = gtk_column_view_column_get_column_view (column);
  int width_px = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (column), WIDTH_KEY));

  if (view != NULL)
    gtk_column_view_column_set_fixed_width (
      column, (int) (width_px * atlas_text_scale_get (GTK_WIDGET (view))));
}

void
atlas_column_set_width (GtkColumnViewColumn *column, GtkWidget *view, int width_px)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW_COLUMN (column) && GTK_IS_WIDGET (view) && width_px > 0);

  g_object_set_data (G_OBJECT (column), WIDTH_KEY, GINT_TO_POINTER (width_px));
  gtk_column_view_column_set_fixed_width (column, (int) (width_px * atlas_text_scale_get (view)));
  g_signal_connect_object (gtk_widget_get_settings (view),
                           "notify::gtk-xft-dpi",
                           G_CALLBACK (text_changed_cb),
                           column,
                           G_CONNECT_SWAPPED);
}
