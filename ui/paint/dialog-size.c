/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paint/dialog-size.h"

#include "paint/snapshot-painter.h"

/* Beyond this a dialog would be wider than small screens are. */
#define WINDOW_GROWTH_MAX 1.6

int
atlas_dialog_get_length (GtkWindow *dialog, int length_px)
{
  g_return_val_if_fail (GTK_IS_WINDOW (dialog), length_px);

  return (int) (length_px * atlas_text_scale_get (GTK_WIDGET (dialog)));
}

/* A parent that has not been laid out yet sets no limit. */
static int
grow (GtkWindow *dialog, int length_px, int parent_px)
{
  double growth = MIN (atlas_text_scale_get (GTK_WIDGET (dialog)), WINDOW_GROWTH_MAX);
  int grown_px = (int) (length_px * growth);

  if (length_px < 0)
    return -1;
  return parent_px > 0 ? MAX (MIN (grown_px, parent_px), length_px) : grown_px;
}

void
atlas_dialog_set_size (GtkWindow *dialog, int width_px, int height_px)
{
  GtkWindow *parent;

  g_return_if_fail (GTK_IS_WINDOW (dialog));

  parent = gtk_window_get_transient_for (dialog);
  gtk_window_set_default_size (
    dialog,
    grow (dialog, width_px, parent != NULL ? gtk_widget_get_width (GTK_WIDGET (parent)) : 0),
    grow (dialog, height_px, parent != NULL ? gtk_widget_get_height (GTK_WIDGET (parent)) : 0));
}
