/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/axis-wheel.h"

#include "paint/wheel.h"

typedef struct
{
  AtlasViewport *viewport; /* owned */
  double zoom_rest;
} AxisWheel;

static gboolean
zoom_cb (gpointer data, double octaves, double x_px, double y_px)
{
  AxisWheel *wheel = data;

  atlas_viewport_zoom_at (wheel->viewport,
                          atlas_wheel_take_steps (&wheel->zoom_rest, octaves, ATLAS_ZOOM_STEPS),
                          x_px / atlas_viewport_get_drawn_scale (wheel->viewport));
  return GDK_EVENT_STOP;
}

static gboolean
pan_cb (gpointer data, double delta_px)
{
  AxisWheel *wheel = data;

  atlas_viewport_pan (wheel->viewport, delta_px / atlas_viewport_get_drawn_scale (wheel->viewport));
  return GDK_EVENT_STOP;
}

static void
fling_cb (gpointer data, double velocity_px_s)
{
  AxisWheel *wheel = data;

  atlas_viewport_fling (wheel->viewport,
                        velocity_px_s / atlas_viewport_get_drawn_scale (wheel->viewport));
}

static void
hold_cb (gpointer data)
{
  atlas_viewport_stop (((AxisWheel *) data)->viewport);
}

static void
axis_wheel_free (gpointer data)
{
  g_object_unref (((AxisWheel *) data)->viewport);
  g_free (data);
}

void
atlas_axis_wheel_attach (GtkWidget *picture, AtlasViewport *viewport)
{
  static const AtlasWheelTarget target = { zoom_cb, pan_cb, fling_cb, hold_cb };
  AxisWheel *wheel = g_new0 (AxisWheel, 1);

  wheel->viewport = g_object_ref (viewport);
  g_object_set_data_full (G_OBJECT (picture), "atlas-axis-wheel", wheel, axis_wheel_free);
  atlas_wheel_attach (picture, &target, wheel);
}
