/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A window that writes down what reaches it, so that the driver itself can be tested. */

#include <gtk/gtk.h>

static void
echo (GtkLabel *label, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  gtk_label_set_text (label, text);
}

static void
clicked (GtkButton *button, GtkLabel *label)
{
  echo (label, "clicked %s", gtk_button_get_label (button));
}

static void
pressed (GtkGestureClick *gesture, int n_press, double x, double y, GtkLabel *label)
{
  echo (label,
        "pressed %u %d at %.0f %.0f",
        gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)),
        n_press,
        x,
        y);
}

static void
drag_ended (GtkGestureDrag *gesture, double x, double y, GtkLabel *label)
{
  /* A click is a drag that went nowhere. */
  if (x != 0 || y != 0)
    echo (label, "dragged %.0f %.0f", x, y);
}

static gboolean
scrolled (GtkEventControllerScroll *controller, double dx, double dy, GtkLabel *label)
{
  GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean is_shifted = (state & GDK_SHIFT_MASK) != 0;
  int sum = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (label), "sum")) + (int) (dx + dy);
  g_object_set_data (G_OBJECT (label), "sum", GINT_TO_POINTER (sum));
  echo (label, "scrolled %d%s", sum, is_shifted ? " shifted" : "");
  return TRUE;
}

static gboolean
key_pressed (GtkEventControllerKey *controller,
             guint keyval,
             guint keycode,
             GdkModifierType state,
             GtkLabel *label)
{
  g_autofree char *name =
    gtk_accelerator_name (keyval, state & gtk_accelerator_get_default_mod_mask ());
  echo (label, "key %s", name);
  return FALSE;
}

static void
activated (GtkEntry *entry, GtkLabel *label)
{
  echo (label, "entered %s", gtk_editable_get_text (GTK_EDITABLE (entry)));
}

static void
set_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static GtkWidget *
make_area (GtkLabel *label)
{
  GtkWidget *area = g_object_new (
    GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, "focusable", TRUE, NULL);
  set_name (area, "Area");
  gtk_widget_set_size_request (area, 400, 200);
  gtk_widget_set_vexpand (area, TRUE);

  GtkGesture *click = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), label);
  gtk_widget_add_controller (area, GTK_EVENT_CONTROLLER (click));

  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_ended), label);
  gtk_widget_add_controller (area, GTK_EVENT_CONTROLLER (drag));

  GtkEventController *scroll =
    gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scrolled), label);
  gtk_widget_add_controller (area, scroll);
  return area;
}

static GtkWidget *
make_menu (GtkLabel *label)
{
  GtkWidget *inside = gtk_button_new_with_label ("Inside");
  g_signal_connect (inside, "clicked", G_CALLBACK (clicked), label);
  GtkWidget *popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (popover), inside);
  GtkWidget *button = gtk_menu_button_new ();
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), "Menu");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  return button;
}

static void
activate (GtkApplication *application, gpointer user_data)
{
  GtkWidget *window = gtk_application_window_new (application);
  gtk_window_set_default_size (GTK_WINDOW (window), 500, 400);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *label = gtk_label_new ("nothing yet");
  GtkWidget *button = gtk_button_new_with_label ("Count");
  g_signal_connect (button, "clicked", G_CALLBACK (clicked), label);
  GtkWidget *entry = gtk_entry_new ();
  gtk_editable_set_text (GTK_EDITABLE (entry), "before");
  set_name (entry, "Field");
  g_signal_connect (entry, "activate", G_CALLBACK (activated), label);

  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), label);
  gtk_widget_add_controller (window, keys);

  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), button);
  gtk_box_append (GTK_BOX (box), make_menu (GTK_LABEL (label)));
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), make_area (GTK_LABEL (label)));
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application =
    gtk_application_new ("org.vmatlas.Echo", G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (activate), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
