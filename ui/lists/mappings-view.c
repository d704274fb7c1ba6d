/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/mappings-view.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "lists/caption.h"
#include "paging/tables.h"

/* More addresses than these of one frame are counted. */
#define ROWS_MAX 200u
#define VA_KEY "atlas-va"

struct _AtlasMappingsView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *entry;
  GtkWidget *told;
  GtkListBox *list;

  /* owned */
  AtlasDocument *document;

  /* state */
  gboolean is_filling; /* the entry, with what is selected */
};

G_DEFINE_FINAL_TYPE (AtlasMappingsView, atlas_mappings_view, GTK_TYPE_WIDGET)

static GtkWidget *
make_label (const char *text, const char *css_class, int width_chars)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_width_chars (GTK_LABEL (label), width_chars);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_row (const AtlasMappedRange *range, AtlasPa pa)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  AtlasVa *va = g_new (AtlasVa, 1);
  g_autofree char *address = NULL;
  g_autofree char *size = atlas_format_size (range->page_bytes);
  /* Translators: who may use a page, whether it can be written, whether it can be executed. */
  g_autofree char *rights =
    g_strdup_printf (_ ("%s, %s, %s"),
                     range->is_user ? _ ("user") : _ ("supervisor"),
                     range->is_writable ? _ ("writable") : _ ("read-only"),
                     range->is_executable ? _ ("executable") : _ ("not executable"));

  gtk_widget_set_margin_start (box, 4);
  *va = range->first_va + (pa - range->first_pa);
  address = atlas_format_va (*va);
  gtk_box_append (GTK_BOX (box), make_label (address, "atlas-address", 18));
  gtk_box_append (GTK_BOX (box), make_label (size, "numeric", 8));
  gtk_box_append (GTK_BOX (box), make_label (rights, "dim-label", -1));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data_full (G_OBJECT (row), VA_KEY, va, g_free);
  return row;
}

static void
search (AtlasMappingsView *self)
{
  AtlasSpace *space = atlas_document_get_space (self->document);
  const AtlasTableGraph *graph = space != NULL ? atlas_space_get_table_graph (space) : NULL;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autofree AtlasMappedRange *found = g_new (AtlasMappedRange, ROWS_MAX);
  g_autoptr (GError) error = NULL;
  g_autofree char *count = NULL;
  g_autofree char *told = NULL;
  GtkListBoxRow *row;
  AtlasPa pa;
  guint64 n_mappings;
  guint n_found;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  gtk_widget_remove_css_class (self->entry, "error");
  if (graph == NULL || *text == '\0')
    {
      gtk_label_set_text (GTK_LABEL (self->told), _ ("The selected address is in no frame"));
      return;
    }
  if (!atlas_parse_number (text, TRUE, &pa, &error))
    {
      gtk_widget_add_css_class (self->entry, "error");
      gtk_label_set_text (GTK_LABEL (self->told), error->message);
      return;
    }

  n_mappings = atlas_table_graph_count_mappings (graph, pa);
  n_found = atlas_table_graph_find_mappings (graph, pa, found, ROWS_MAX);
  for (guint i = 0; i < n_found; i++)
    gtk_list_box_append (self->list, make_row (&found[i], pa));
  count = atlas_format_count (n_mappings);
  told = g_strdup_printf (ngettext ("mapped at %s address",
                                    "mapped at %s addresses",
                                    (gulong) MIN (n_mappings, G_MAXLONG)),
                          count);
  gtk_label_set_text (GTK_LABEL (self->told),
                      n_mappings > 0 ? told : _ ("no page is mapped to this frame"));
}

static void
follow_selection (AtlasMappingsView *self)
{
  const AtlasLens *lens = atlas_document_get_lens (self->document);
  g_autofree char *pa = NULL;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (atlas_document_has_selection (self->document) && lens->has_tables &&
      lens->walk.page_bytes != 0)
    pa = atlas_format_hex (lens->walk.pa);
  self->is_filling = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), pa != NULL ? pa : "");
  self->is_filling = FALSE;
  search (self);
}

static void
typed_cb (AtlasMappingsView *self)
{
  if (!self->is_filling)
    search (self);
}

static void
row_activated_cb (AtlasMappingsView *self, GtkListBoxRow *row)
{
  const AtlasVa *va = g_object_get_data (G_OBJECT (row), VA_KEY);

  atlas_document_select (self->document, *va);
}

static void
atlas_mappings_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (atlas_mappings_view_parent_class)->map (widget);
  follow_selection (ATLAS_MAPPINGS_VIEW (widget));
}

static void
atlas_mappings_view_dispose (GObject *object)
{
  AtlasMappingsView *self = ATLAS_MAPPINGS_VIEW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_mappings_view_parent_class)->dispose (object);
}

static void
atlas_mappings_view_class_init (AtlasMappingsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_mappings_view_dispose;
  widget_class->map = atlas_mappings_view_map;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
atlas_mappings_view_init (AtlasMappingsView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *question = gtk_label_new (_ ("Who maps the physical address"));

  self->entry = gtk_entry_new ();
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), 18);
  gtk_widget_add_css_class (self->entry, "atlas-small");
  gtk_widget_add_css_class (self->entry, "atlas-address");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Physical address"), -1);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (typed_cb), self);
  self->told = atlas_caption_new (0);
  gtk_widget_set_margin_start (bar, 12);
  gtk_widget_set_margin_end (bar, 12);
  gtk_widget_set_margin_bottom (bar, 6);
  gtk_box_append (GTK_BOX (bar), question);
  gtk_box_append (GTK_BOX (bar), self->entry);
  gtk_box_append (GTK_BOX (bar), self->told);

  self->list = GTK_LIST_BOX (list);
  gtk_widget_add_css_class (list, "atlas-table");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Mappings"), -1);
  g_signal_connect_swapped (list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_widget_set_vexpand (scroller, TRUE);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), bar);
  gtk_box_append (GTK_BOX (self->box), scroller);
}

GtkWidget *
atlas_mappings_view_new (AtlasDocument *document)
{
  AtlasMappingsView *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_MAPPINGS_VIEW, NULL);
  self->document = g_object_ref (document);
  g_signal_connect_object (
    document, "changed", G_CALLBACK (follow_selection), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    document, "notify::selected-va", G_CALLBACK (follow_selection), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
