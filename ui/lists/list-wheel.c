/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/list-wheel.h"

#include <math.h>

#define NOTCHES_KEY "atlas-list-notches"

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
  double *n_notches = g_object_get_data (G_OBJECT (list), NOTCHES_KEY);

  gtk_adjustment_set_value (
    adjustment,
    round (gtk_adjustment_get_value (adjustment) + *n_notches * get_notch_px (adjustment)));
  g_object_set_data (G_OBJECT (list), NOTCHES_KEY, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, GtkWidget *list)
{
  GdkModifierType modifiers =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  double *n_notches = g_object_get_data (G_OBJECT (list), NOTCHES_KEY);

  /* Fingers move by pixels and are let go; shift goes sideways. */
  if (dy == 0 || (modifiers & GDK_SHIFT_MASK) != 0 ||
      gtk_event_controller_scroll_get_unit (controller) != GDK_SCROLL_UNIT_WHEEL)
    return GDK_EVENT_PROPAGATE;
  if (n_notches == NULL)
    {
      n_notches = g_new0 (double, 1);
      g_object_set_data_full (G_OBJECT (list), NOTCHES_KEY, n_notches, g_free);
      gtk_widget_add_tick_callback (list, tick_cb, NULL, NULL);
    }
  *n_notches += dy;
  return GDK_EVENT_STOP;
}

void
atlas_list_wheel_attach (GtkWidget *list)
{
  GtkEventController *controller =
    gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);

  g_return_if_fail (GTK_IS_COLUMN_VIEW (list) || GTK_IS_LIST_VIEW (list));

  g_signal_connect (controller, "scroll", G_CALLBACK (scroll_cb), list);
  gtk_widget_add_controller (list, controller);
}
