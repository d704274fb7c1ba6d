/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/map-header.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "space/region-text.h"
#include "paint/fitting.h"
#include "paint/swatch.h"

#define HOVER_CHARS_MIN 16
#define HOVER_CHARS 46
#define N_SHORT_LEGEND 5

struct _AtlasMapHeader
{
  GtkWidget parent_instance;

  /* owned */
  AtlasViewport *viewport;
  GSignalGroup *viewport_signals;

  /* children's children */
  GtkInscription *hover_text;
};

G_DEFINE_FINAL_TYPE (AtlasMapHeader, atlas_map_header, GTK_TYPE_WIDGET)

static const struct
{
  AtlasRegionClass region_class;
  AtlasRegionState state;
  const char *name;
} legend[] = {
  { ATLAS_CLASS_IMAGE, ATLAS_STATE_COMMIT, N_ ("image") },
  { ATLAS_CLASS_MAPPED, ATLAS_STATE_COMMIT, N_ ("mapped") },
  { ATLAS_CLASS_PRIVATE, ATLAS_STATE_COMMIT, N_ ("private") },
  { ATLAS_CLASS_HEAP, ATLAS_STATE_COMMIT, N_ ("heap") },
  { ATLAS_CLASS_STACK, ATLAS_STATE_COMMIT, N_ ("stack") },
  { ATLAS_CLASS_SYSTEM, ATLAS_STATE_COMMIT, N_ ("system") },
  { ATLAS_CLASS_CFG, ATLAS_STATE_COMMIT, N_ ("CFG") },
  { ATLAS_CLASS_NEVER, ATLAS_STATE_FREE, N_ ("never") },
  { ATLAS_CLASS_PRIVATE, ATLAS_STATE_RESERVE, N_ ("reserved") },
};

static char *
format_seen (AtlasMapHeader *self)
{
  AtlasVa first_va, last_va;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  atlas_viewport_get_seen (self->viewport, &first_va, &last_va);
  first = atlas_format_va (first_va);
  last = atlas_format_va (last_va);
  return g_strdup_printf ("%s … %s", first, last);
}

static char *
format_hover (AtlasMapHeader *self, AtlasVa va)
{
  AtlasRegionSet *regions =
    atlas_document_get_regions (atlas_viewport_get_document (self->viewport));
  const AtlasRegion *region =
    atlas_region_set_get_region (regions, atlas_region_set_find (regions, va));
  g_autofree char *address = atlas_format_va (va);
  g_autofree char *size = atlas_format_size (region->size_bytes);
  g_autofree char *protect = atlas_protect_format_short (region->protect);
  g_autofree char *name = atlas_region_dup_title (region);

  if (region->state == ATLAS_STATE_COMMIT)
    return g_strdup_printf ("%s  %s · %s · %s", address, name, protect, size);
  return g_strdup_printf (
    "%s  %s · %s · %s", address, name, _ (atlas_region_state_get_name (region->state)), size);
}

static void
update (AtlasMapHeader *self)
{
  g_autofree char *text = NULL;
  AtlasVa va;

  if (atlas_viewport_get_axis (self->viewport) == NULL)
    return;
  text =
    atlas_viewport_get_hover (self->viewport, &va) ? format_hover (self, va) : format_seen (self);
  gtk_inscription_set_text (self->hover_text, text);
}

char *
atlas_map_header_format_scale (AtlasViewport *viewport)
{
  double bytes_per_px;
  g_autofree char *size = NULL;

  if (atlas_viewport_get_axis (viewport) == NULL)
    return g_strdup ("");
  if (atlas_viewport_get_layout (viewport) == ATLAS_LAYOUT_AREA)
    {
      AtlasVa first_va, last_va;

      atlas_viewport_get_seen (viewport, &first_va, &last_va);
      size = atlas_format_size (MAX (last_va - first_va + 1, 1));
      /* Translators: about so many bytes are to be seen */
      return g_strdup_printf (_ ("%s seen"), size);
    }
  bytes_per_px =
    atlas_viewport_get_bytes_per_px (viewport) / atlas_viewport_get_drawn_scale (viewport);
  if (bytes_per_px < 1)
    /* Translators: so many pixels of the map stand for one byte */
    return g_strdup_printf (_ ("%.3g px = 1 byte"), 1 / bytes_per_px);
  size = atlas_format_size ((guint64) bytes_per_px);
  /* Translators: one pixel of the map stands for so many bytes */
  return g_strdup_printf (_ ("1 px = %s"), size);
}

static void
atlas_map_header_dispose (GObject *object)
{
  AtlasMapHeader *self = ATLAS_MAP_HEADER (object);
  GtkWidget *child;

  g_clear_object (&self->viewport_signals);
  g_clear_object (&self->viewport);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (atlas_map_header_parent_class)->dispose (object);
}

static void
atlas_map_header_class_init (AtlasMapHeaderClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_map_header_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "mapheader");
}

/* The first @n_entries of the legend: where there is less room there are fewer. */
static GtkWidget *
make_legend (guint n_entries)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  for (guint i = 0; i < n_entries; i++)
    {
      GtkWidget *entry = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);
      GtkWidget *label = gtk_label_new (_ (legend[i].name));
      GtkWidget *swatch = atlas_swatch_new ();

      gtk_widget_add_css_class (label, "caption");
      atlas_swatch_set (ATLAS_SWATCH (swatch), legend[i].region_class, legend[i].state);
      gtk_box_append (GTK_BOX (entry), swatch);
      gtk_box_append (GTK_BOX (entry), label);
      gtk_box_append (GTK_BOX (box), entry);
    }
  return box;
}

static void
atlas_map_header_init (AtlasMapHeader *self)
{
  GtkWidget *title = gtk_label_new (_ ("Address map"));
  GtkWidget *hover = gtk_inscription_new (NULL);
  GtkWidget *legends = atlas_fitting_new (FALSE);

  gtk_widget_add_css_class (title, "heading");
  gtk_widget_set_parent (title, GTK_WIDGET (self));

  gtk_widget_add_css_class (hover, "dim-label");
  gtk_widget_add_css_class (hover, "atlas-address");
  gtk_widget_set_margin_start (hover, 12);
  gtk_widget_set_hexpand (hover, TRUE);
  /* Its size never follows its text: nothing beside it may move while the pointer does. */
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (hover), HOVER_CHARS_MIN);
  gtk_inscription_set_nat_chars (GTK_INSCRIPTION (hover), HOVER_CHARS);
  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (hover),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_widget_set_parent (hover, GTK_WIDGET (self));
  self->hover_text = GTK_INSCRIPTION (hover);

  atlas_fitting_append (ATLAS_FITTING (legends), make_legend (G_N_ELEMENTS (legend)));
  atlas_fitting_append (ATLAS_FITTING (legends), make_legend (N_SHORT_LEGEND));
  atlas_fitting_append (ATLAS_FITTING (legends), make_legend (0));
  gtk_widget_set_parent (legends, GTK_WIDGET (self));
}

GtkWidget *
atlas_map_header_new (AtlasViewport *viewport)
{
  AtlasMapHeader *self = g_object_new (ATLAS_TYPE_MAP_HEADER, NULL);

  self->viewport = g_object_ref (viewport);
  self->viewport_signals = g_signal_group_new (ATLAS_TYPE_VIEWPORT);
  g_signal_group_connect_swapped (self->viewport_signals, "changed", G_CALLBACK (update), self);
  g_signal_group_set_target (self->viewport_signals, viewport);
  update (self);
  return GTK_WIDGET (self);
}
