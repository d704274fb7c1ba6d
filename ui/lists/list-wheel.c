/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/list-wheel.h"

#include <math.h>

typedef struct
{
  double n_notches; /* since the last frame */
  double rest_px;   /* less than a pixel that they did not come to */
  guint tick_id;
} ListWheel;

/* As many pixels as GTK 4.8 takes for a notch in a view of that height, but whole ones. */
static double
get_notch_px (GtkAdjustment *adjustment)
{
  return round (pow (gtk_adjustment_get_page_size (adjustment), 2.0 / 3.0));
}

static gboolean
tick_cb (GtkWidget *list, GdkFrameClock *clock, gpointer user_data)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  ListWheel *wheel = user_data;
  double by_px = wheel->n_notches * get_notch_px (adjustment) + wheel->rest_px;

  wheel->rest_px = by_px - round (by_px);
  wheel->n_notches = 0;
  wheel->tick_id = 0;
  gtk_adjustment_set_value (adjustment,
                            round (gtk_adjustment_get_value (adjustment)) + round (by_px));
  return G_SOURCE_REMOVE;
}

static gboolean
scroll_cb (ListWheel *wheel, double dx, double dy, GtkEventControllerScroll *controller)
{
  GtkWidget *list = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));
  GdkModifierType modifiers =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));

  /* Fingers move by pixels and are let go; shift goes sideways. */
  if (dy == 0 || (modifiers & GDK_SHIFT_MASK) != 0 ||
      gtk_event_controller_scroll_get_unit (controller) != GDK_SCROLL_UNIT_WHEEL)
    return GDK_EVENT_PROPAGATE;
  if (wheel->tick_id == 0)
    wheel->tick_id = gtk_widget_add_tick_callback (list, tick_cb, wheel, NULL);
  wheel->n_notches += dy;
  return GDK_EVENT_STOP;
}

void
atlas_list_wheel_attach (GtkWidget *list)
{
  GtkEventController *controller =
    gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  ListWheel *wheel;

  g_return_if_fail (GTK_IS_COLUMN_VIEW (list) || GTK_IS_LIST_VIEW (list));

  wheel = g_new0 (ListWheel, 1);
  g_object_set_data_full (G_OBJECT (list), "atlas-list-wheel", wheel, g_free);
  g_signal_connect_swapped (controller, "scroll", G_CALLBACK (scroll_cb), wheel);
  gtk_widget_add_controller (list, controller);
}
