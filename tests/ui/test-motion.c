/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Reduced motion, of the whole window: whatever is done, what is seen after a few frames is what is
 * seen later. With motion a jump is on its way then, so that the test would see it. */

#include "find-widget.h"
#include "whole-window.h"

/* Rows of a list come some frames after its size. */
#define N_FEW_FRAMES 8u
#define LATER_MS 500

static AtlasApplication *application;
static GtkWindow *window;

static void
count_frame (guint *n_frames)
{
  (*n_frames)++;
}

static void
pass_frames (guint n_wanted)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));
  guint n_frames = 0;
  gulong id = g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (count_frame), &n_frames);

  while (n_frames < n_wanted)
    {
      gtk_widget_queue_draw (GTK_WIDGET (window));
      g_main_context_iteration (NULL, TRUE);
    }
  g_signal_handler_disconnect (clock, id);
}

/* (transfer full) */
static GBytes *
dup_picture (void)
{
  g_autoptr (GskRenderNode) node = paint (GTK_WIDGET (window));

  return gsk_render_node_serialize (node);
}

/* One thing that is done to the window. */
typedef struct
{
  const char *name;
  const char *action; /* of the window, or of the map where it begins with "map." */
  const char *parameter;
} Deed;

static const Deed deeds[] = {
  { "a jump", "map.fit", NULL },
  { "a zoom", "map.zoom-in", NULL },
  { "a level out", "map.level-out", NULL },
  { "another layout", "map.layout", "hilbert" },
  { "a jump of the area", "map.whole", NULL },
  { "the layout of before", "map.layout", "collapsed" },
  { "a step back", "step-back", NULL },
  { "a step", "step-forward", NULL },
  { "a message", "run", "free 0x1234" },
  { "another message", "run", "alloc 64K commit readwrite" },
  { "the message goes", "close-message", NULL },
  { "the panel goes", "toggle-panel", NULL },
  { "the panel comes", "toggle-panel", NULL },
  { "the timeline comes", "timeline", NULL },
  { "the timeline goes", "timeline", NULL },
  { "the find bar comes", "find", NULL },
  { "another view", "show-page", "vads" },
  { "another page", "show-page", "entry" },
  { "ages", "show-heat", NULL },
};

static void
act (const Deed *deed)
{
  GVariant *parameter = deed->parameter != NULL ? g_variant_new_string (deed->parameter) : NULL;

  if (g_str_has_prefix (deed->action, "map."))
    {
      GtkWidget *map = find_widget (GTK_WIDGET (window), g_type_from_name ("AtlasMapView"), NULL);

      g_assert_true (gtk_widget_activate_action_variant (map, deed->action, parameter));
    }
  else
    {
      g_action_group_activate_action (G_ACTION_GROUP (window), deed->action, parameter);
    }
}

/* Whether what @deed does is over after so many frames. */
static gboolean
is_over_after (const Deed *deed, guint n_frames)
{
  g_autoptr (GBytes) soon = NULL, later = NULL;

  act (deed);
  pass_frames (n_frames);
  soon = dup_picture ();
  pass_time (LATER_MS);
  later = dup_picture ();
  return g_bytes_equal (soon, later);
}

static void
test_nothing_moves_where_motion_is_reduced (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  g_autoptr (GString) moved = g_string_new (NULL);

  g_object_set (settings, "gtk-enable-animations", TRUE, NULL);
  pass_time (LATER_MS);
  g_assert_false (is_over_after (&deeds[0], 1));
  g_assert_false (is_over_after (&(Deed){ "all of it", "map.whole", NULL }, 1));

  g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
  pass_time (LATER_MS);
  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    if (!is_over_after (&deeds[i], N_FEW_FRAMES))
      g_string_append_printf (moved, "\n  %s", deeds[i].name);
  if (moved->len > 0)
    {
      g_test_message ("What still moves:%s", moved->str);
      g_test_fail ();
    }
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  application = open_application ();
  g_object_set (gtk_settings_get_default (), "gtk-cursor-blink", FALSE, NULL);
  window = open_window (application);

  g_test_add_func ("/motion/reduced", test_nothing_moves_where_motion_is_reduced);
  status = g_test_run ();
  gtk_window_destroy (window);
  g_object_unref (application);
  return status;
}
