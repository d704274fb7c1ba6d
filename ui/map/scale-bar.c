/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/scale-bar.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "base/format.h"
#include "paint/snapshot-painter.h"

#define WIDTH_PX 104
#define HEIGHT_PX 26
#define END_HEIGHT_PX 5.0f

struct _AtlasScaleBar
{
  GtkWidget parent_instance;

  /* owned */
  AtlasViewport *viewport;
  GSignalGroup *viewport_signals;
  GSignalGroup *document_signals;
  AtlasDisplayList *list;
  AtlasSnapshotPainter *painter;
};

G_DEFINE_FINAL_TYPE (AtlasScaleBar, atlas_scale_bar, GTK_TYPE_WIDGET)

guint64
atlas_scale_bar_get_size (double bytes_per_px, double room_px, double *length_px)
{
  guint shift = 0;

  while (shift < 63 && ldexp (1, (int) shift + 1) / bytes_per_px <= room_px)
    shift++;
  *length_px = MIN (ldexp (1, (int) shift) / bytes_per_px, room_px);
  return ATLAS_BIT (shift);
}

static gboolean
has_one_scale (AtlasScaleBar *self)
{
  return atlas_viewport_get_axis (self->viewport) != NULL &&
         atlas_viewport_get_layout (self->viewport) != ATLAS_LAYOUT_AREA;
}

static void
update (AtlasScaleBar *self)
{
  double length_px;
  g_autofree char *size = NULL;
  g_autofree char *text = NULL;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (!has_one_scale (self))
    return;
  size = atlas_format_size (atlas_scale_bar_get_size (
    atlas_viewport_get_bytes_per_px (self->viewport), WIDTH_PX, &length_px));
  text = g_strdup_printf (_ ("%.0f pixels are %s"), length_px, size);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
atlas_scale_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasScaleBar *self = ATLAS_SCALE_BAR (widget);
  double scale = atlas_viewport_get_drawn_scale (self->viewport);
  float right_px = (float) (gtk_widget_get_width (widget) / scale);
  float bottom_px = floorf ((float) (gtk_widget_get_height (widget) / scale) * 0.75f);
  float left_px;
  double length_px;
  g_autofree char *size = NULL;

  if (!has_one_scale (self))
    return;
  atlas_snapshot_painter_set_scale (self->painter, scale);
  atlas_snapshot_painter_set_scale (self->painter, scale);
  size = atlas_format_size (atlas_scale_bar_get_size (
    atlas_viewport_get_bytes_per_px (self->viewport), right_px, &length_px));
  left_px = right_px - floorf ((float) length_px);
  atlas_display_list_clear (self->list);
  atlas_display_list_add_line (
    self->list, ATLAS_COLOR_DIM_TEXT, 1.0f, left_px, bottom_px, right_px, bottom_px);
  for (guint end = 0; end < 2; end++)
    {
      float x_px = end == 0 ? left_px : right_px - 1.0f;

      atlas_display_list_add_line (self->list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   1.0f,
                                   x_px,
                                   bottom_px - END_HEIGHT_PX,
                                   x_px,
                                   bottom_px + 1.0f);
    }
  atlas_display_list_add_text (self->list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_CENTER,
                               left_px,
                               0.0f,
                               right_px - left_px,
                               bottom_px - 1.0f,
                               size);
  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
}

static void
atlas_scale_bar_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  *minimum = *natural =
    (int) ceil ((orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH_PX : HEIGHT_PX) *
                atlas_text_scale_get (widget));
}

static void
atlas_scale_bar_dispose (GObject *object)
{
  AtlasScaleBar *self = ATLAS_SCALE_BAR (object);

  g_clear_object (&self->viewport_signals);
  g_clear_object (&self->document_signals);
  g_clear_object (&self->viewport);

  G_OBJECT_CLASS (atlas_scale_bar_parent_class)->dispose (object);
}

static void
atlas_scale_bar_finalize (GObject *object)
{
  AtlasScaleBar *self = ATLAS_SCALE_BAR (object);

  g_clear_pointer (&self->list, atlas_display_list_free);
  g_clear_pointer (&self->painter, atlas_snapshot_painter_free);

  G_OBJECT_CLASS (atlas_scale_bar_parent_class)->finalize (object);
}

static void
atlas_scale_bar_class_init (AtlasScaleBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = atlas_scale_bar_dispose;
  object_class->finalize = atlas_scale_bar_finalize;
  widget_class->snapshot = atlas_scale_bar_snapshot;
  widget_class->measure = atlas_scale_bar_measure;
  gtk_widget_class_set_css_name (widget_class, "scalebar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
atlas_scale_bar_init (AtlasScaleBar *self)
{
  self->list = atlas_display_list_new ();
  self->painter = atlas_snapshot_painter_new (GTK_WIDGET (self));
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Scale bar"), -1);
}

GtkWidget *
atlas_scale_bar_new (AtlasViewport *viewport)
{
  AtlasScaleBar *self = g_object_new (ATLAS_TYPE_SCALE_BAR, NULL);

  self->viewport = g_object_ref (viewport);
  self->viewport_signals = g_signal_group_new (ATLAS_TYPE_VIEWPORT);
  g_signal_group_connect_swapped (self->viewport_signals, "changed", G_CALLBACK (update), self);
  g_signal_group_set_target (self->viewport_signals, viewport);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::selected-va", G_CALLBACK (update), self);
  g_signal_group_set_target (self->document_signals, atlas_viewport_get_document (viewport));
  update (self);
  return GTK_WIDGET (self);
}
