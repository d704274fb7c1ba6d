/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paint/swatch.h"

#include "paint/snapshot-painter.h"

#define SWATCH_PX 9
#define RADIUS_PX 2
#define STRIPE_PX 1.5f
#define WASH_ALPHA 0.3f

struct _AtlasSwatch
{
  GtkWidget parent_instance;

  AtlasRegionClass region_class;
  AtlasRegionState state;
};

G_DEFINE_FINAL_TYPE (AtlasSwatch, atlas_swatch, GTK_TYPE_WIDGET)

static void
append_stripes (GtkSnapshot *snapshot, const GdkRGBA *color)
{
  GdkRGBA wash = *color;

  wash.alpha = WASH_ALPHA;
  gtk_snapshot_append_repeating_linear_gradient (
    snapshot,
    &GRAPHENE_RECT_INIT (0, 0, SWATCH_PX, SWATCH_PX),
    &GRAPHENE_POINT_INIT (0, 0),
    &GRAPHENE_POINT_INIT (STRIPE_PX * 1.4f, STRIPE_PX * 1.4f),
    /* Hard edges: both colours at the same offset. */
    (GskColorStop[]){ { 0.0f, *color }, { 0.5f, *color }, { 0.5f, wash }, { 1.0f, wash } },
    4);
}

static gboolean
is_bare (AtlasRegionClass region_class)
{
  return region_class == ATLAS_CLASS_FREE || region_class == ATLAS_CLASS_HOLE ||
         region_class == ATLAS_CLASS_UNUSABLE;
}

static void
atlas_swatch_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasSwatch *self = ATLAS_SWATCH (widget);
  AtlasRgba rgba = atlas_palette_get (atlas_snapshot_painter_get_palette (),
                                      ATLAS_COLOR_OF_CLASS (self->region_class));
  GdkRGBA color = { rgba.red, rgba.green, rgba.blue, 1.0f };
  GskRoundedRect frame;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
    snapshot,
    &GRAPHENE_POINT_INIT ((float) ((gtk_widget_get_width (widget) - SWATCH_PX) / 2),
                          (float) ((gtk_widget_get_height (widget) - SWATCH_PX) / 2)));
  gsk_rounded_rect_init_from_rect (
    &frame, &GRAPHENE_RECT_INIT (0, 0, SWATCH_PX, SWATCH_PX), RADIUS_PX);

  if (is_bare (self->region_class))
    {
      GdkRGBA line;

      gtk_style_context_get_color (gtk_widget_get_style_context (widget), &line);
      line.alpha *= 0.4f;
      gtk_snapshot_append_border (
        snapshot, &frame, (float[4]){ 1, 1, 1, 1 }, (GdkRGBA[4]){ line, line, line, line });
    }
  else
    {
      gtk_snapshot_push_rounded_clip (snapshot, &frame);
      if (self->state == ATLAS_STATE_RESERVE)
        append_stripes (snapshot, &color);
      else
        gtk_snapshot_append_color (snapshot, &color, &frame.bounds);
      gtk_snapshot_pop (snapshot);
    }
  gtk_snapshot_restore (snapshot);
}

static void
atlas_swatch_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  *minimum = *natural = SWATCH_PX;
}

static void
atlas_swatch_class_init (AtlasSwatchClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = atlas_swatch_snapshot;
  widget_class->measure = atlas_swatch_measure;
  gtk_widget_class_set_css_name (widget_class, "atlasswatch");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
atlas_swatch_init (AtlasSwatch *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

GtkWidget *
atlas_swatch_new (void)
{
  return g_object_new (ATLAS_TYPE_SWATCH, NULL);
}

void
atlas_swatch_set (AtlasSwatch *self, AtlasRegionClass region_class, AtlasRegionState state)
{
  g_return_if_fail (ATLAS_IS_SWATCH (self));

  if (self->region_class == region_class && self->state == state)
    return;

  self->region_class = region_class;
  self->state = state;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
