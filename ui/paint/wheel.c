/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paint/wheel.h"

#include <math.h>

#define NOTCHES_PER_OCTAVE 2.0
#define FINER 4.0
/* A touchpad's surface units. */
#define SURFACE_PX_PER_NOTCH 30.0
#define NOTCH_PAN_PX 80.0
/* A tenth has no exact double: ten of them are a whole one all the same. */
#define STEP_SLACK 1e-6

typedef struct
{
  const AtlasWheelTarget *target;
  gpointer data;
  GtkWidget *widget; /* owns this */

  double x_px, y_px;    /* the pointer */
  gboolean is_panning;  /* as far as the last turn tells */
  gboolean is_vertical; /* and which way the fingers move for it */
  gboolean is_flung;
  double pinched; /* how far a pinch has been told */
} Wheel;

AtlasWheelTurn
atlas_wheel_read (double dx, double dy, GdkScrollUnit unit, GdkModifierType modifiers)
{
  gboolean is_surface = unit == GDK_SCROLL_UNIT_SURFACE;
  gboolean is_sideways = fabs (dx) > fabs (dy);
  double n_notches = -dy / (is_surface ? SURFACE_PX_PER_NOTCH : 1.0);

  if (is_sideways || (modifiers & GDK_SHIFT_MASK) != 0)
    return (AtlasWheelTurn){ .pan_px =
                               (is_sideways ? dx : dy) * (is_surface ? 1.0 : NOTCH_PAN_PX) };
  if ((modifiers & GDK_CONTROL_MASK) != 0)
    n_notches /= FINER;
  return (AtlasWheelTurn){ .octaves = n_notches / NOTCHES_PER_OCTAVE };
}

gint
atlas_wheel_take_steps (double *rest, double octaves, guint steps_per_octave)
{
  double steps = octaves * steps_per_octave;
  double whole;

  g_return_val_if_fail (rest != NULL, 0);

  if (*rest * steps < 0)
    *rest = 0;
  steps += *rest;
  whole = trunc (steps + copysign (STEP_SLACK, steps));
  *rest = steps - whole;
  return (gint) CLAMP (whole, -G_MAXINT16, G_MAXINT16);
}

static gboolean
scroll_cb (Wheel *wheel, double dx, double dy, GtkEventControllerScroll *controller)
{
  const AtlasWheelTurn turn = atlas_wheel_read (
    dx,
    dy,
    gtk_event_controller_scroll_get_unit (controller),
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller)));

  wheel->is_panning = turn.pan_px != 0;
  wheel->is_vertical = fabs (dy) >= fabs (dx);
  if (wheel->is_panning)
    return wheel->target->pan (wheel->data, turn.pan_px);
  return wheel->target->zoom (wheel->data, turn.octaves, wheel->x_px, wheel->y_px);
}

static void
hold (Wheel *wheel)
{
  wheel->is_panning = FALSE;
  wheel->is_flung = FALSE;
  if (wheel->target->hold != NULL)
    wheel->target->hold (wheel->data);
}

/* A wheel that turns on is no hand on the picture. */
static void
scroll_begin_cb (Wheel *wheel)
{
  if (wheel->is_flung)
    hold (wheel);
}

static void
decelerate_cb (Wheel *wheel, double velocity_x, double velocity_y, GtkEventControllerScroll *scroll)
{
  double velocity = wheel->is_vertical ? velocity_y : velocity_x;

  if (gtk_event_controller_scroll_get_unit (scroll) != GDK_SCROLL_UNIT_SURFACE)
    velocity *= NOTCH_PAN_PX;
  if (!wheel->is_panning || wheel->target->fling == NULL)
    return;
  wheel->is_flung = TRUE;
  wheel->target->fling (wheel->data, velocity);
}

static void
motion_cb (Wheel *wheel, double x_px, double y_px)
{
  wheel->x_px = x_px;
  wheel->y_px = y_px;
}

static void
pinch_begin_cb (Wheel *wheel, GdkEventSequence *sequence, GtkGesture *gesture)
{
  wheel->pinched = 1;
  /* Neither of the two fingers drags. */
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  hold (wheel);
}

static void
pinch_cb (Wheel *wheel, double scale, GtkGesture *gesture)
{
  double x_px = wheel->x_px, y_px = wheel->y_px;

  if (scale <= 0)
    return;
  if (gtk_gesture_is_recognized (gesture))
    gtk_gesture_get_bounding_box_center (gesture, &x_px, &y_px);
  wheel->target->zoom (wheel->data, log2 (scale / wheel->pinched), x_px, y_px);
  wheel->pinched = scale;
}

static void
attach_scroll (Wheel *wheel)
{
  GtkEventController *scroll = gtk_event_controller_scroll_new (
    GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES |
    (wheel->target->fling != NULL ? GTK_EVENT_CONTROLLER_SCROLL_KINETIC : 0));

  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), wheel);
  g_signal_connect_swapped (scroll, "scroll-begin", G_CALLBACK (scroll_begin_cb), wheel);
  g_signal_connect_swapped (scroll, "decelerate", G_CALLBACK (decelerate_cb), wheel);
  gtk_widget_add_controller (wheel->widget, scroll);
}

void
atlas_wheel_attach (GtkWidget *widget, const AtlasWheelTarget *target, gpointer data)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();
  Wheel *wheel = g_new0 (Wheel, 1);

  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (target != NULL && target->zoom != NULL);

  *wheel = (Wheel){ .target = target, .data = data, .widget = widget, .pinched = 1 };
  g_object_set_data_full (G_OBJECT (widget), "atlas-wheel", wheel, g_free);
  if (target->pan != NULL)
    attach_scroll (wheel);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), wheel);
  gtk_widget_add_controller (widget, motion);
  g_signal_connect_swapped (pinch, "begin", G_CALLBACK (pinch_begin_cb), wheel);
  g_signal_connect_swapped (pinch, "scale-changed", G_CALLBACK (pinch_cb), wheel);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
}
