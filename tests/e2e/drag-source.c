/* SPDX-License-Identifier: GPL-3.0-or-later */

/* drag-source {NAME TYPE TEXT}…: a window to drag from, as a file manager is. Each row offers its
 * text as that MIME type, and the last line says how far the drag has come. */

#include <gtk/gtk.h>

typedef struct
{
  const char *name;
  const char *type;
  const char *text;
} Offer;

static GdkContentProvider *
prepare_cb (GtkDragSource *source, double x, double y, Offer *offer)
{
  g_autoptr (GBytes) bytes = g_bytes_new (offer->text, strlen (offer->text));

  return gdk_content_provider_new_for_bytes (offer->type, bytes);
}

/* Whatever lies under the pointer answers whether it would take it. */
static void
answered_cb (GtkLabel *said, GParamSpec *pspec, GdkDrag *drag)
{
  gtk_label_set_text (said, gdk_drag_get_selected_action (drag) != 0 ? "taken there" : "refused");
}

static void
begun_cb (GtkLabel *said, GdkDrag *drag)
{
  gtk_label_set_text (said, "begun");
  g_signal_connect_object (
    drag, "notify::selected-action", G_CALLBACK (answered_cb), said, G_CONNECT_SWAPPED);
}

static gboolean
cancelled_cb (GtkLabel *said, GdkDrag *drag, GdkDragCancelReason reason)
{
  gtk_label_set_text (said, "nobody took it");
  return FALSE;
}

static void
ended_cb (GtkLabel *said, GdkDrag *drag, gboolean is_moved)
{
  if (gdk_drag_get_selected_action (drag) != 0)
    gtk_label_set_text (said, "dropped");
}

static GtkWidget *
make_row (Offer *offer, GtkWidget *said)
{
  GtkWidget *row = gtk_label_new (offer->name);
  GtkDragSource *source = gtk_drag_source_new ();

  g_signal_connect_data (
    source, "prepare", G_CALLBACK (prepare_cb), offer, (GClosureNotify) (void *) g_free, 0);
  g_signal_connect_swapped (source, "drag-begin", G_CALLBACK (begun_cb), said);
  g_signal_connect_swapped (source, "drag-cancel", G_CALLBACK (cancelled_cb), said);
  g_signal_connect_swapped (source, "drag-end", G_CALLBACK (ended_cb), said);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (source));
  return row;
}

static int
command_line_cb (GApplication *application, GApplicationCommandLine *line, gpointer user_data)
{
  GtkWidget *window = gtk_application_window_new (GTK_APPLICATION (application));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *said = gtk_label_new ("nothing yet");
  char **words = user_data;

  for (guint i = 1; words[i] != NULL; i += 3)
    {
      Offer *offer = g_new (Offer, 1);

      *offer = (Offer){ words[i], words[i + 1], words[i + 2] };
      gtk_box_append (GTK_BOX (box), make_row (offer, said));
    }
  gtk_box_append (GTK_BOX (box), said);
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_set_default_size (GTK_WINDOW (window), 300, -1);
  gtk_window_present (GTK_WINDOW (window));
  return 0;
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application = gtk_application_new (
    "org.vmatlas.DragSource", G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_COMMAND_LINE);

  if (argc % 3 != 1)
    {
      g_printerr ("usage: %s {NAME TYPE TEXT}…\n", argv[0]);
      return 2;
    }
  g_signal_connect (application, "command-line", G_CALLBACK (command_line_cb), argv);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
