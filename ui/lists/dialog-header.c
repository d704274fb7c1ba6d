/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/dialog-header.h"

#include <glib/gi18n.h>

#include "paint/accessible-name.h"

GtkWidget *
atlas_dialog_header_new (GtkWindow *dialog,
                         const char *title,
                         const char *agree_label,
                         GCallback agreed,
                         GtkWidget **agree)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));

  atlas_name_after_label (cancel);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), adw_window_title_new (title, NULL));
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_window_close), dialog);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);

  *agree = gtk_button_new_with_mnemonic (agree_label);
  atlas_name_after_label (*agree);
  gtk_widget_add_css_class (*agree, "suggested-action");
  g_signal_connect_swapped (*agree, "clicked", agreed, dialog);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), *agree);
  return header;
}
