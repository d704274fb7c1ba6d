/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a wheel, two fingers on a touchpad and a pinch ask of a picture:
 *
 *   up, down        zoom at the pointer; a notch is half an octave
 *   … with Ctrl     four times finer
 *   left, right     pan
 *   … with Shift    up and down too
 *   two fingers     the same in small parts, and a pan runs on when they are lifted
 *   a pinch         zoom at the middle between the fingers
 */

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Points and lengths are pixels of the widget. */
typedef struct
{
  /* @octaves > 0: nearer, by that power of two. FALSE when it is nothing to the picture. */
  gboolean (*zoom) (gpointer data, double octaves, double x_px, double y_px);
  /* @delta_px > 0: what is further right comes into sight. NULL: only a pinch is of interest. */
  gboolean (*pan) (gpointer data, double delta_px);
  /* The fingers of a pan were lifted at that speed; NULL where nothing runs on. */
  void (*fling) (gpointer data, double px_s);
  /* Fingers take hold of it; NULL where nothing runs on. */
  void (*hold) (gpointer data);
} AtlasWheelTarget;

/* @target: static. @data: outlives @widget's controllers, usually the widget itself. */
void atlas_wheel_attach (GtkWidget *widget, const AtlasWheelTarget *target, gpointer data);

/* One of both is 0. */
typedef struct
{
  double octaves;
  double pan_px;
} AtlasWheelTurn;

/* What a turn of a wheel or a move of fingers means, as GtkEventControllerScroll tells it. */
AtlasWheelTurn
atlas_wheel_read (double dx, double dy, GdkScrollUnit unit, GdkModifierType modifiers);

/* Whole steps of small parts: what is left stays in @rest, and is forgotten when the hand turns
 * round. @octaves may be any. */
gint atlas_wheel_take_steps (double *rest, double octaves, guint steps_per_octave);

G_END_DECLS
