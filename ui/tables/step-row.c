/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/step-row.h"

GtkWidget *
atlas_step_row_new (const AtlasTraceEvent *event)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *mark = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  g_autofree char *title_text = atlas_trace_event_dup_title (event);
  g_autofree char *detail_text = atlas_trace_event_dup_detail (event);
  GtkWidget *title = gtk_label_new (title_text);
  g_autofree char *role_class =
    g_strdup_printf ("role-%s", atlas_trace_role_get_name (event->kind->role));
  g_autofree char *label = NULL;

  gtk_widget_add_css_class (mark, "step-mark");
  gtk_widget_add_css_class (mark, role_class);
  gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), mark);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (title, "step-title");
  gtk_box_append (GTK_BOX (texts), title);
  if (detail_text != NULL)
    {
      GtkWidget *detail = gtk_label_new (detail_text);

      gtk_label_set_xalign (GTK_LABEL (detail), 0);
      gtk_label_set_wrap (GTK_LABEL (detail), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (detail), PANGO_WRAP_WORD_CHAR);
      gtk_widget_add_css_class (detail, "dim-label");
      gtk_widget_add_css_class (detail, "caption");
      gtk_widget_add_css_class (detail, "numeric");
      gtk_box_append (GTK_BOX (texts), detail);
    }
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  label = g_strjoin (": ", title_text, detail_text, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return row;
}
