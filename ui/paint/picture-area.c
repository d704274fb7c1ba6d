/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paint/picture-area.h"

#include <adwaita.h>
#include <math.h>

#include "paint/snapshot-painter.h"
#include "paint/wheel.h"

#define CLICK_SLACK_PX 4.0

struct _AtlasPictureArea
{
  GtkWidget parent_instance;

  AtlasDisplayList *list;
  AtlasSnapshotPainter *painter;
  AtlasPictureDraw draw;
  AtlasPictureTell tell;
  gpointer data;

  int min_width_px;
  int min_height_px;
  int height_px;
  double drag_x_px; /* how far a drag has come */
  double drag_y_px;
};

G_DEFINE_FINAL_TYPE (AtlasPictureArea, atlas_picture_area, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_CLICKED,
  SIGNAL_ZOOMED,
  SIGNAL_PANNED,
  SIGNAL_HOVERED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static double
get_scale (AtlasPictureArea *self)
{
  return atlas_snapshot_painter_get_scale (self->painter);
}

guint
atlas_picture_area_get_width (AtlasPictureArea *self)
{
  g_return_val_if_fail (ATLAS_IS_PICTURE_AREA (self), 0);

  return (guint) (gtk_widget_get_width (GTK_WIDGET (self)) / get_scale (self));
}

guint
atlas_picture_area_get_height (AtlasPictureArea *self)
{
  g_return_val_if_fail (ATLAS_IS_PICTURE_AREA (self), 0);

  return (guint) (gtk_widget_get_height (GTK_WIDGET (self)) / get_scale (self));
}

static void
atlas_picture_area_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasPictureArea *self = ATLAS_PICTURE_AREA (widget);
  guint width_px = atlas_picture_area_get_width (self);
  guint height_px = atlas_picture_area_get_height (self);

  if (self->draw == NULL || width_px == 0 || height_px == 0)
    return;
  atlas_display_list_clear (self->list);
  self->draw (self->list, width_px, height_px, self->data);
  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
}

static void
atlas_picture_area_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  AtlasPictureArea *self = ATLAS_PICTURE_AREA (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = self->min_width_px;
  else
    *minimum = *natural =
      (int) ceil (MAX (self->min_height_px, self->height_px) * atlas_text_scale_get (widget));
}

static gboolean
atlas_picture_area_query_tooltip (GtkWidget *widget,
                                  int x_px,
                                  int y_px,
                                  gboolean by_keyboard,
                                  GtkTooltip *tooltip)
{
  AtlasPictureArea *self = ATLAS_PICTURE_AREA (widget);
  g_autofree char *text = NULL;

  if (self->tell != NULL && !by_keyboard)
    text = self->tell (x_px / get_scale (self), y_px / get_scale (self), self->data);
  if (text == NULL)
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
released_cb (AtlasPictureArea *self, int n_press, double x_px, double y_px)
{
  if (fabs (self->drag_x_px) + fabs (self->drag_y_px) > CLICK_SLACK_PX)
    return;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  g_signal_emit (
    self, signals[SIGNAL_CLICKED], 0, x_px / get_scale (self), y_px / get_scale (self), n_press);
}

static void
motion_cb (AtlasPictureArea *self, double x_px, double y_px)
{
  g_signal_emit (
    self, signals[SIGNAL_HOVERED], 0, x_px / get_scale (self), y_px / get_scale (self));
}

static void
leave_cb (AtlasPictureArea *self)
{
  g_signal_emit (self, signals[SIGNAL_HOVERED], 0, -1.0, -1.0);
}

static gboolean
wheel_zoom_cb (gpointer data, double octaves, double x_px, double y_px)
{
  AtlasPictureArea *self = data;

  if (!g_signal_has_handler_pending (self, signals[SIGNAL_ZOOMED], 0, FALSE))
    return GDK_EVENT_PROPAGATE;
  g_signal_emit (self, signals[SIGNAL_ZOOMED], 0, x_px / get_scale (self), exp2 (octaves));
  return GDK_EVENT_STOP;
}

static gboolean
wheel_pan_cb (gpointer data, double delta_px)
{
  AtlasPictureArea *self = data;

  if (!g_signal_has_handler_pending (self, signals[SIGNAL_ZOOMED], 0, FALSE))
    return GDK_EVENT_PROPAGATE;
  g_signal_emit (self, signals[SIGNAL_PANNED], 0, -delta_px / get_scale (self), 0.0);
  return GDK_EVENT_STOP;
}

static const AtlasWheelTarget wheel_target = { .zoom = wheel_zoom_cb, .pan = wheel_pan_cb };

static void
drag_begin_cb (AtlasPictureArea *self)
{
  self->drag_x_px = self->drag_y_px = 0;
}

static void
drag_update_cb (AtlasPictureArea *self, double x_px, double y_px)
{
  g_signal_emit (self,
                 signals[SIGNAL_PANNED],
                 0,
                 (x_px - self->drag_x_px) / get_scale (self),
                 (y_px - self->drag_y_px) / get_scale (self));
  self->drag_x_px = x_px;
  self->drag_y_px = y_px;
}

static void
atlas_picture_area_finalize (GObject *object)
{
  AtlasPictureArea *self = ATLAS_PICTURE_AREA (object);

  g_clear_pointer (&self->list, atlas_display_list_free);
  g_clear_pointer (&self->painter, atlas_snapshot_painter_free);

  G_OBJECT_CLASS (atlas_picture_area_parent_class)->finalize (object);
}

static void
atlas_picture_area_class_init (AtlasPictureAreaClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = atlas_picture_area_finalize;
  widget_class->snapshot = atlas_picture_area_snapshot;
  widget_class->measure = atlas_picture_area_measure;
  widget_class->query_tooltip = atlas_picture_area_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "picturearea");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  signals[SIGNAL_CLICKED] = g_signal_new ("clicked",
                                          ATLAS_TYPE_PICTURE_AREA,
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          3,
                                          G_TYPE_DOUBLE,
                                          G_TYPE_DOUBLE,
                                          G_TYPE_INT);
  signals[SIGNAL_ZOOMED] = g_signal_new ("zoomed",
                                         ATLAS_TYPE_PICTURE_AREA,
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         2,
                                         G_TYPE_DOUBLE,
                                         G_TYPE_DOUBLE);
  signals[SIGNAL_PANNED] = g_signal_new ("panned",
                                         ATLAS_TYPE_PICTURE_AREA,
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         2,
                                         G_TYPE_DOUBLE,
                                         G_TYPE_DOUBLE);
  signals[SIGNAL_HOVERED] = g_signal_new ("hovered",
                                          ATLAS_TYPE_PICTURE_AREA,
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          2,
                                          G_TYPE_DOUBLE,
                                          G_TYPE_DOUBLE);
}

static void
atlas_picture_area_init (AtlasPictureArea *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->list = atlas_display_list_new ();
  self->painter = atlas_snapshot_painter_new (GTK_WIDGET (self));
  /* Addresses go to the right in every language. */
  gtk_widget_set_direction (GTK_WIDGET (self), GTK_TEXT_DIR_LTR);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);

  g_signal_connect_swapped (click, "released", G_CALLBACK (released_cb), self);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  atlas_wheel_attach (GTK_WIDGET (self), &wheel_target, self);
}

GtkWidget *
atlas_picture_area_new (const char *label,
                        int min_width_px,
                        int min_height_px,
                        AtlasPictureDraw draw,
                        AtlasPictureTell tell,
                        gpointer data)
{
  AtlasPictureArea *self = g_object_new (ATLAS_TYPE_PICTURE_AREA, NULL);

  self->min_width_px = min_width_px;
  atlas_snapshot_painter_set_min_size (self->painter, (guint) min_width_px, 0);
  self->min_height_px = min_height_px;
  self->height_px = -1;
  self->draw = draw;
  self->tell = tell;
  self->data = data;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return GTK_WIDGET (self);
}

void
atlas_picture_area_detach (AtlasPictureArea *self)
{
  g_return_if_fail (ATLAS_IS_PICTURE_AREA (self));

  self->draw = NULL;
  self->tell = NULL;
}

void
atlas_picture_area_set_height (AtlasPictureArea *self, int height_px)
{
  g_return_if_fail (ATLAS_IS_PICTURE_AREA (self));

  if (self->height_px == height_px)
    return;
  self->height_px = height_px;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
atlas_picture_area_describe (AtlasPictureArea *self, const char *description)
{
  g_return_if_fail (ATLAS_IS_PICTURE_AREA (self));

  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
