/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The message over the window: it comes and goes, waits for whoever is at it, and is not there for
 * anybody when it is gone. */

#include <adwaita.h>

#include "find-widget.h"
#include "message.h"

/* Well beyond the slide of 250 ms, on a slow machine too. */
#define SHOWN_MS 1000u

typedef struct
{
  GtkWidget *window;
  GtkWidget *message;
  GtkWidget *revealer;
  GtkWidget *elsewhere;
} Fixture;

static gboolean
is_active (gpointer user_data)
{
  return gtk_window_is_active (user_data);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const GActionEntry entries[] = { { "undo-told", NULL }, { "close-message", NULL } };
  GtkWidget *overlay = gtk_overlay_new ();
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();

  fixture->window = gtk_window_new ();
  fixture->elsewhere = gtk_button_new_with_label ("elsewhere");
  fixture->message = atlas_message_new (SHOWN_MS);
  fixture->revealer = gtk_widget_get_first_child (fixture->message);
  gtk_widget_set_halign (fixture->message, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (fixture->message, GTK_ALIGN_END);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), fixture->elsewhere);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), fixture->message);
  g_action_map_add_action_entries (
    G_ACTION_MAP (actions), entries, G_N_ELEMENTS (entries), fixture->window);
  gtk_widget_insert_action_group (fixture->window, "win", G_ACTION_GROUP (actions));
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 600, 300);
  gtk_window_set_child (GTK_WINDOW (fixture->window), overlay);
  gtk_window_present (GTK_WINDOW (fixture->window));
  gtk_test_widget_wait_for_draw (fixture->window);
  /* Without a window manager nobody gives it the keyboard the first time. */
  gtk_window_present (GTK_WINDOW (fixture->window));
  g_assert_true (wait_until (is_active, fixture->window));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
pass_time (guint ms)
{
  gint64 end_us = g_get_monotonic_time () + ms * (gint64) 1000;

  while (g_get_monotonic_time () < end_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

static gboolean
is_open (gpointer user_data)
{
  return gtk_revealer_get_child_revealed (GTK_REVEALER (((Fixture *) user_data)->revealer));
}

static gboolean
is_gone (gpointer user_data)
{
  return !gtk_widget_get_visible (((Fixture *) user_data)->message);
}

static gboolean
is_asked_to_stay (Fixture *fixture)
{
  return gtk_revealer_get_reveal_child (GTK_REVEALER (fixture->revealer));
}

static void
test_it_comes_and_goes (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < 2; round++)
    {
      g_assert_false (gtk_widget_get_visible (fixture->message));
      atlas_message_show (ATLAS_MESSAGE (fixture->message), "reserved it", round == 0);
      g_assert_true (wait_until (is_open, fixture));
      g_assert_true (says (fixture->message, "reserved it"));
      g_assert_cmpint (says (fixture->message, "Undo"), ==, round == 0);
      g_assert_true (wait_until (is_gone, fixture));
    }
}

/* The window has the keyboard in the message's button: it is about to be pressed. */
static void
test_it_waits_while_it_has_the_keyboard (Fixture *fixture, gconstpointer data)
{
  atlas_message_show (ATLAS_MESSAGE (fixture->message), "reserved it", TRUE);
  gtk_widget_grab_focus (find_widget (fixture->message, GTK_TYPE_BUTTON, "Undo"));
  pass_time (SHOWN_MS + SHOWN_MS / 2);
  g_assert_true (is_asked_to_stay (fixture));
  /* Another message in its place waits too. */
  atlas_message_show (ATLAS_MESSAGE (fixture->message), "committed it", TRUE);
  pass_time (SHOWN_MS + SHOWN_MS / 2);
  g_assert_true (is_asked_to_stay (fixture));
  gtk_widget_grab_focus (fixture->elsewhere);
  g_assert_true (is_asked_to_stay (fixture));
  g_assert_true (wait_until (is_gone, fixture));
}

static void
test_it_is_closed_at_once (Fixture *fixture, gconstpointer data)
{
  atlas_message_close (ATLAS_MESSAGE (fixture->message));
  g_assert_false (gtk_widget_get_visible (fixture->message));
  atlas_message_show (ATLAS_MESSAGE (fixture->message), "reserved it", TRUE);
  g_assert_true (wait_until (is_open, fixture));
  gtk_widget_grab_focus (find_widget (fixture->message, GTK_TYPE_BUTTON, "Undo"));
  atlas_message_close (ATLAS_MESSAGE (fixture->message));
  g_assert_true (wait_until (is_gone, fixture));
  /* The window goes while one is there. */
  atlas_message_show (ATLAS_MESSAGE (fixture->message), "reserved it", TRUE);
  pass_time (50);
}

/* One that comes while the last one goes takes over where that is: it jumps neither up nor down. */
static void
test_it_turns_round_on_its_way (Fixture *fixture, gconstpointer data)
{
  int full_px, previous_px;
  gint64 end_us;

  atlas_message_show (ATLAS_MESSAGE (fixture->message), "reserved it", TRUE);
  g_assert_true (wait_until (is_open, fixture));
  pass_time (50);
  full_px = gtk_widget_get_height (fixture->message);
  g_assert_cmpint (full_px, >, 20);
  atlas_message_close (ATLAS_MESSAGE (fixture->message));
  end_us = g_get_monotonic_time () + G_USEC_PER_SEC;
  while (gtk_widget_get_height (fixture->message) > full_px / 2 && g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, FALSE);
  previous_px = gtk_widget_get_height (fixture->message);
  g_assert_cmpint (previous_px, <=, full_px / 2);
  atlas_message_show (ATLAS_MESSAGE (fixture->message), "committed it", TRUE);
  end_us = g_get_monotonic_time () + G_USEC_PER_SEC;
  while (!is_open (fixture) && g_get_monotonic_time () < end_us)
    {
      int height_px;

      g_main_context_iteration (NULL, FALSE);
      height_px = gtk_widget_get_height (fixture->message);
      g_test_message ("%d of %d", height_px, full_px);
      g_assert_cmpint (height_px, >=, previous_px - 2);
      previous_px = height_px;
    }
  g_assert_true (is_open (fixture));
}

static void
test_it_needs_no_motion (Fixture *fixture, gconstpointer data)
{
  GtkSettings *settings = gtk_widget_get_settings (fixture->message);

  g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
  atlas_message_show (ATLAS_MESSAGE (fixture->message), "reserved it", FALSE);
  g_assert_true (is_open (fixture));
  atlas_message_close (ATLAS_MESSAGE (fixture->message));
  g_assert_true (is_gone (fixture));
  g_object_set (settings, "gtk-enable-animations", TRUE, NULL);
}

#define TEST(name, function)                                                                       \
  g_test_add ("/message/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv);
  adw_init ();
  TEST ("time", test_it_comes_and_goes);
  TEST ("keyboard", test_it_waits_while_it_has_the_keyboard);
  TEST ("close", test_it_is_closed_at_once);
  TEST ("turn", test_it_turns_round_on_its_way);
  TEST ("no-motion", test_it_needs_no_motion);
  return g_test_run ();
}
