/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/table.h"

#include <glib/gi18n.h>

#include "lists/list-wheel.h"
#include "paint/snapshot-painter.h"

/* On the child of every cell: the GtkListItem that it shows. */
#define LIST_ITEM_KEY "atlas-list-item"
/* On an object that is asked how it is sorted: the column. */
#define SORT_KEY "atlas-sort-column"
/* On a column: what is known of it. */
#define COLUMN_KEY "atlas-table-column"
/* On a table whose columns will be as wide as they can be, before the next frame. */
#define FIT_KEY "atlas-table-fit"

typedef struct
{
  GtkColumnViewColumn *view_column; /* borrowed: it owns this */
  const AtlasTableColumn *kind;
  gint set_px; /* how wide this file made it */
  AtlasTableBindFunc bind_cb;
  gpointer owner;
} Column;

GtkLabel *
atlas_table_cell_get_label (GtkListItem *list_item)
{
  GtkWidget *child = gtk_list_item_get_child (list_item);

  return GTK_LABEL (GTK_IS_LABEL (child) ? child : gtk_widget_get_last_child (child));
}

AtlasSwatch *
atlas_table_cell_get_swatch (GtkListItem *list_item)
{
  return ATLAS_SWATCH (gtk_widget_get_first_child (gtk_list_item_get_child (list_item)));
}

static void
setup_cell_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, const Column *column)
{
  GtkWidget *text = gtk_label_new (NULL);
  GtkWidget *child = text;

  /* Rows of one height are what keeps a long list from jumping. */
  gtk_label_set_single_line_mode (GTK_LABEL (text), TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (text), 0.0f);
  gtk_widget_set_hexpand (text, TRUE);
  if (column->kind->css_class != NULL)
    gtk_widget_add_css_class (text, column->kind->css_class);

  if (column->kind->has_swatch)
    {
      child = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
      gtk_box_append (GTK_BOX (child), atlas_swatch_new ());
      gtk_box_append (GTK_BOX (child), text);
    }
  g_object_set_data (G_OBJECT (child), LIST_ITEM_KEY, list_item);
  gtk_list_item_set_child (list_item, child);
  /* In 4.8 the row and its cell both turn the selection when Control is held, which is no turn. */
  gtk_list_item_set_selectable (list_item, FALSE);
}

static void
bind_cell_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, const Column *column)
{
  column->bind_cb (list_item, column->kind->key, column->owner);
}

static Column *
get_column (GListModel *view_columns, guint index)
{
  g_autoptr (GObject) view_column = g_list_model_get_item (view_columns, index);

  return g_object_get_data (view_column, COLUMN_KEY);
}

/* Between the least and the most that a column wants, all in the same proportion, so that the row
 * is no wider than what is seen of the table. A width that was chosen by hand stays. */
static void
fit_columns (GtkWidget *table)
{
  GListModel *view_columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (table));
  GtkAdjustment *adjustment = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (table));
  double text_scale = atlas_text_scale_get (table);
  double room_px = adjustment != NULL ? gtk_adjustment_get_page_size (adjustment) : 0;
  double least_px = 0, more_px = 0, share = 1;

  for (guint i = 0; i < g_list_model_get_n_items (view_columns); i++)
    {
      const AtlasTableColumn *kind = get_column (view_columns, i)->kind;

      least_px += kind->least_px * text_scale;
      if (kind->width_px > 0)
        more_px += (kind->width_px - kind->least_px) * text_scale;
    }
  if (room_px > 0 && more_px > 0)
    share = CLAMP ((room_px - least_px) / more_px, 0.0, 1.0);
  for (guint i = 0; i < g_list_model_get_n_items (view_columns); i++)
    {
      Column *column = get_column (view_columns, i);
      const AtlasTableColumn *kind = column->kind;

      if (kind->width_px < 0 || (column->set_px > 0 && gtk_column_view_column_get_fixed_width (
                                                         column->view_column) != column->set_px))
        continue;
      column->set_px =
        (gint) ((kind->least_px + share * (kind->width_px - kind->least_px)) * text_scale);
      gtk_column_view_column_set_fixed_width (column->view_column, column->set_px);
    }
}

static gboolean
fit_cb (GtkWidget *table, GdkFrameClock *clock, gpointer user_data)
{
  g_object_set_data (G_OBJECT (table), FIT_KEY, NULL);
  fit_columns (table);
  return G_SOURCE_REMOVE;
}

/* Not while the table is being given its width. */
static void
queue_fit (GtkWidget *table)
{
  if (g_object_get_data (G_OBJECT (table), FIT_KEY) != NULL)
    return;
  g_object_set_data (G_OBJECT (table), FIT_KEY, GINT_TO_POINTER (TRUE));
  gtk_widget_add_tick_callback (table, fit_cb, NULL, NULL);
}

static void
hadjustment_changed_cb (GtkWidget *table)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (table));

  if (adjustment != NULL)
    g_signal_connect_object (
      adjustment, "notify::page-size", G_CALLBACK (queue_fit), table, G_CONNECT_SWAPPED);
}

/* GTK 4.8 does not tell by which column a view is sorted. The view's sorter asks the columns'
 * sorters in order, so the first one that is asked says which it is, and the sign of the answer
 * tells the direction. */
static int
probe_sort_cb (gconstpointer first, gconstpointer second, gpointer column)
{
  g_object_set_data ((GObject *) first, SORT_KEY, column);
  return GTK_ORDERING_SMALLER;
}

guint
atlas_table_get_sort (GtkWidget *table, guint unsorted, gboolean *is_descending)
{
  g_autoptr (GObject) first = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GObject) second = g_object_new (G_TYPE_OBJECT, NULL);
  GtkSorter *sorter = gtk_column_view_get_sorter (GTK_COLUMN_VIEW (table));
  const Column *column;

  *is_descending = gtk_sorter_compare (sorter, first, second) == GTK_ORDERING_LARGER;
  column = g_object_get_data (first, SORT_KEY);
  return column != NULL ? column->kind->key : unsorted;
}

static void
append_column (GtkWidget *table, const Column *values)
{
  Column *column = g_memdup2 (values, sizeof *values);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) view_column =
    gtk_column_view_column_new (_ (column->kind->title), factory);

  column->view_column = view_column;
  g_object_set_data_full (G_OBJECT (view_column), COLUMN_KEY, column, g_free);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cell_cb), column);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cell_cb), column);
  if (column->kind->is_sortable)
    {
      g_autoptr (GtkSorter) sorter =
        GTK_SORTER (gtk_custom_sorter_new (probe_sort_cb, column, NULL));

      gtk_column_view_column_set_sorter (view_column, sorter);
    }
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_column_set_expand (view_column, column->kind->width_px < 0);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (table), view_column);
}

GtkWidget *
atlas_table_new (const char *name,
                 const AtlasTableColumn *columns,
                 guint n_columns,
                 AtlasTableBindFunc bind_cb,
                 gpointer owner)
{
  GtkWidget *table = gtk_column_view_new (NULL);
  /* The rows are in a list of its own inside. */
  GtkWidget *rows = gtk_widget_get_last_child (table);

  gtk_widget_add_css_class (table, "atlas-table");
  gtk_column_view_set_reorderable (GTK_COLUMN_VIEW (table), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (table), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (rows), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  atlas_list_wheel_attach (table);
  for (guint i = 0; i < n_columns; i++)
    append_column (table, &(Column){ .kind = &columns[i], .bind_cb = bind_cb, .owner = owner });
  fit_columns (table);
  g_signal_connect (table, "notify::hadjustment", G_CALLBACK (hadjustment_changed_cb), NULL);
  g_signal_connect_object (gtk_widget_get_settings (table),
                           "notify::gtk-xft-dpi",
                           G_CALLBACK (queue_fit),
                           table,
                           G_CONNECT_SWAPPED);
  return table;
}

GtkListItem *
atlas_table_pick (GtkWidget *table, double x_px, double y_px)
{
  GtkWidget *widget = gtk_widget_pick (table, x_px, y_px, GTK_PICK_DEFAULT);

  /* Up to the row, then down to a cell that knows its item: a place between two cells counts. */
  while (widget != NULL && !g_str_equal (gtk_widget_get_css_name (widget), "row"))
    widget = widget == table ? NULL : gtk_widget_get_parent (widget);
  while (widget != NULL && g_object_get_data (G_OBJECT (widget), LIST_ITEM_KEY) == NULL)
    widget = gtk_widget_get_first_child (widget);

  return widget != NULL ? g_object_get_data (G_OBJECT (widget), LIST_ITEM_KEY) : NULL;
}
