/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/breadcrumb.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "paint/css-class.h"

/* The whole, and one crumb a level. */
#define N_CRUMBS (1 + ATLAS_LEVELS_MAX)

struct _AtlasBreadcrumb
{
  GtkWidget parent_instance;

  /* owned */
  AtlasViewport *viewport;
  GSignalGroup *viewport_signals;
  GSignalGroup *document_signals;
  GtkWidget *buttons[N_CRUMBS];    /* children */
  GtkWidget *separators[N_CRUMBS]; /* likewise: before each button but the first */
};

G_DEFINE_FINAL_TYPE (AtlasBreadcrumb, atlas_breadcrumb, GTK_TYPE_WIDGET)

/* Crumb 0 is the whole, 1 the PML5 entry, which four levels have not … 5 the PT entry. */
static guint
crumb_get_level (guint crumb)
{
  return ATLAS_LEVELS_MAX + 1 - crumb;
}

static guint
get_first_crumb (AtlasBreadcrumb *self)
{
  const AtlasAxis *axis = atlas_viewport_get_axis (self->viewport);

  return ATLAS_LEVELS_MAX + 1 - (axis != NULL ? atlas_axis_get_n_levels (axis) : ATLAS_LEVEL_PML4);
}

static void
clicked_cb (AtlasBreadcrumb *self, GtkButton *button)
{
  guint crumb = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "crumb"));
  AtlasVa va = atlas_document_get_selected_va (atlas_viewport_get_document (self->viewport));
  guint64 span_bytes;

  if (crumb == 0)
    {
      atlas_viewport_whole (self->viewport);
      return;
    }
  span_bytes = atlas_level_span_bytes (crumb_get_level (crumb));
  va &= ~(span_bytes - 1);
  atlas_viewport_fit (self->viewport, va, va + (span_bytes - 1));
}

static void
update_labels (AtlasBreadcrumb *self)
{
  AtlasDocument *document = atlas_viewport_get_document (self->viewport);
  AtlasAxis *axis = atlas_viewport_get_axis (self->viewport);
  AtlasVa va = atlas_document_get_selected_va (document);

  for (guint crumb = 1; crumb < N_CRUMBS; crumb++)
    {
      gtk_widget_set_visible (self->buttons[crumb], crumb >= get_first_crumb (self));
      gtk_widget_set_visible (self->separators[crumb], crumb >= get_first_crumb (self));
    }
  for (guint crumb = 0; crumb < N_CRUMBS; crumb++)
    {
      g_autofree char *text = NULL;
      g_autofree char *label = NULL;

      if (crumb == 0)
        {
          AtlasVa last_va = axis != NULL ? atlas_axis_get_last_va (axis) : ATLAS_TB (128) - 1;

          text = last_va == G_MAXUINT64 ? g_strdup ("2⁶⁴") : atlas_format_size (last_va + 1);
          label = g_strdup (_ ("Zoom to the whole space"));
        }
      else
        {
          guint level = crumb_get_level (crumb);
          g_autofree char *size = atlas_format_size (atlas_level_span_bytes (level));

          text = g_strdup_printf (
            "%s[%u] · %s", atlas_level_get_table_name (level), atlas_va_index (va, level), size);
          /* Translators: name of a page-table entry, e.g. PML4[255], and the bytes it covers */
          label = g_strdup_printf (_ ("Zoom to %s"), text);
        }
      gtk_button_set_label (GTK_BUTTON (self->buttons[crumb]), text);
      gtk_accessible_update_property (
        GTK_ACCESSIBLE (self->buttons[crumb]), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
    }
}

/* Lights up the crumb whose span is nearest to what is seen. */
static void
update_current (AtlasBreadcrumb *self)
{
  double scale_bytes;
  guint current = 0;

  if (atlas_viewport_get_axis (self->viewport) == NULL)
    return;
  scale_bytes = atlas_viewport_get_scale_bytes (self->viewport);
  if (!atlas_viewport_is_whole (self->viewport))
    {
      for (guint next = get_first_crumb (self);
           next < N_CRUMBS &&
           scale_bytes <= 2.0 * (double) atlas_level_span_bytes (crumb_get_level (next));
           next++)
        current = next;
    }
  for (guint crumb = 0; crumb < N_CRUMBS; crumb++)
    {
      atlas_css_class_set (self->buttons[crumb], "current", crumb == current);
    }
}

static void
atlas_breadcrumb_dispose (GObject *object)
{
  AtlasBreadcrumb *self = ATLAS_BREADCRUMB (object);
  GtkWidget *child;

  g_clear_object (&self->viewport_signals);
  g_clear_object (&self->document_signals);
  g_clear_object (&self->viewport);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (atlas_breadcrumb_parent_class)->dispose (object);
}

static void
atlas_breadcrumb_class_init (AtlasBreadcrumbClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_breadcrumb_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "breadcrumb");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
atlas_breadcrumb_init (AtlasBreadcrumb *self)
{
  gtk_widget_set_direction (GTK_WIDGET (self), GTK_TEXT_DIR_LTR);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Place in the page tables"), -1);
  for (guint crumb = 0; crumb < N_CRUMBS; crumb++)
    {
      GtkWidget *button = gtk_button_new_with_label ("");

      if (crumb > 0)
        {
          GtkWidget *separator = gtk_label_new ("›");

          /* It points down the tables, which grow to the right in every language. */
          gtk_widget_set_direction (separator, GTK_TEXT_DIR_LTR);
          gtk_widget_add_css_class (separator, "dim-label");
          gtk_widget_set_parent (separator, GTK_WIDGET (self));
          self->separators[crumb] = separator;
        }
      gtk_widget_add_css_class (button, "crumb");
      if (crumb > 0)
        {
          g_autofree char *hue = g_strdup_printf ("level-%u", crumb_get_level (crumb));

          gtk_widget_add_css_class (button, hue);
        }
      g_object_set_data (G_OBJECT (button), "crumb", GUINT_TO_POINTER (crumb));
      g_signal_connect_swapped (button, "clicked", G_CALLBACK (clicked_cb), self);
      gtk_widget_set_parent (button, GTK_WIDGET (self));
      self->buttons[crumb] = button;
    }
}

GtkWidget *
atlas_breadcrumb_new (AtlasViewport *viewport)
{
  AtlasBreadcrumb *self = g_object_new (ATLAS_TYPE_BREADCRUMB, NULL);

  self->viewport = g_object_ref (viewport);
  self->viewport_signals = g_signal_group_new (ATLAS_TYPE_VIEWPORT);
  g_signal_group_connect_swapped (
    self->viewport_signals, "changed", G_CALLBACK (update_current), self);
  g_signal_group_set_target (self->viewport_signals, viewport);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::selected-va", G_CALLBACK (update_labels), self);
  g_signal_group_connect_swapped (
    self->document_signals, "changed", G_CALLBACK (update_labels), self);
  g_signal_group_set_target (self->document_signals, atlas_viewport_get_document (viewport));
  update_labels (self);
  update_current (self);
  return GTK_WIDGET (self);
}
