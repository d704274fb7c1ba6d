/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

/* The pictures and, beside them or where there is no room for both over them, the side panel. */

#define PANEL_WIDTH_PX 340
#define PANEL_WIDTH_MAX_PX 720
#define GRIP_WIDTH_PX 6

/* In a small window, or with large text, what does not fit is scrolled to. */
static GtkWidget *
make_scroller (GtkWidget *child)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), child);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  return scroller;
}

/* As wide as that with any page in it, whatever the pictures would like to have. */
static void
set_panel_width (AtlasWindow *self, int width_px)
{
  gtk_widget_set_size_request (GTK_WIDGET (self->panel_clamp), width_px, -1);
  adw_clamp_set_maximum_size (self->panel_clamp, width_px);
  adw_clamp_set_tightening_threshold (self->panel_clamp, width_px);
}

/* Over the pictures it comes when it is called. */
static gboolean
fold_cb (gpointer user_data)
{
  AtlasWindow *self = user_data;

  self->fold_id = 0;
  adw_flap_set_reveal_flap (self->flap, !adw_flap_get_folded (self->flap) && self->wants_panel);
  return G_SOURCE_REMOVE;
}

/* It comes while sizes are given out: what follows must wait until that is done. */
static void
folded_cb (AtlasWindow *self)
{
  if (self->fold_id == 0)
    self->fold_id = g_idle_add (fold_cb, self);
}

/* The menu tells by a check mark. */
static void
tell_menu (AtlasWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "toggle-panel");

  if (action != NULL)
    g_simple_action_set_state (G_SIMPLE_ACTION (action),
                               g_variant_new_boolean (adw_flap_get_reveal_flap (self->flap)));
}

/* What cannot be seen is not there, for those who listen either; but it goes on to need the room
 * that it needs, or it would come back as soon as it went. */
static void
revealed_cb (AtlasWindow *self)
{
  gboolean is_seen =
    adw_flap_get_reveal_flap (self->flap) || adw_flap_get_reveal_progress (self->flap) > 0;
  int needed_px, wanted_px;

  tell_menu (self);
  if (is_seen == gtk_widget_get_visible (self->panel))
    return;
  if (!is_seen)
    {
      gtk_widget_get_size_request (GTK_WIDGET (self->panel_clamp), &wanted_px, NULL);
      gtk_widget_measure (
        self->panel, GTK_ORIENTATION_HORIZONTAL, -1, &needed_px, NULL, NULL, NULL);
      set_panel_width (self, MAX (wanted_px, needed_px));
    }
  gtk_widget_set_visible (self->panel, is_seen);
}

/* The grip goes with the edge that it moves: each move is told from where the edge is now. */
static void
grip_moved_cb (AtlasWindow *self, double x_px)
{
  gboolean is_mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int width_px = gtk_widget_get_width (self->panel) + (int) (is_mirrored ? x_px : -x_px);

  width_px = CLAMP (width_px, PANEL_WIDTH_PX, PANEL_WIDTH_MAX_PX);
  set_panel_width (self, width_px);
}

static GtkWidget *
make_grip (AtlasWindow *self)
{
  GtkWidget *grip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_set_size_request (grip, GRIP_WIDTH_PX, -1);
  gtk_widget_set_halign (grip, GTK_ALIGN_START);
  gtk_widget_set_cursor_from_name (grip, "col-resize");
  g_signal_connect_object (
    drag, "drag-update", G_CALLBACK (grip_moved_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (grip, GTK_EVENT_CONTROLLER (drag));
  return grip;
}

GtkWidget *
atlas_window_make_pane (AtlasWindow *self, GtkWidget *views, GtkWidget *panel)
{
  GtkWidget *flap = adw_flap_new ();
  GtkWidget *side = gtk_overlay_new ();
  GtkWidget *clamp = adw_clamp_new ();

  self->flap = ADW_FLAP (flap);
  self->panel_clamp = ADW_CLAMP (clamp);
  set_panel_width (self, PANEL_WIDTH_PX);
  adw_clamp_set_child (self->panel_clamp, make_scroller (panel));
  gtk_overlay_set_child (GTK_OVERLAY (side), clamp);
  gtk_overlay_add_overlay (GTK_OVERLAY (side), make_grip (self));
  /* Whatever is in it would: the room beside it is the pictures'. */
  gtk_widget_set_hexpand (side, FALSE);
  gtk_widget_add_css_class (side, "background");
  gtk_widget_add_css_class (side, "side");

  adw_flap_set_flap_position (self->flap, GTK_PACK_END);
  adw_flap_set_content (self->flap, make_scroller (views));
  adw_flap_set_flap (self->flap, side);
  /* What is under it can still be worked with; a swipe there belongs to the map. */
  adw_flap_set_modal (self->flap, FALSE);
  adw_flap_set_swipe_to_open (self->flap, FALSE);
  adw_flap_set_swipe_to_close (self->flap, FALSE);
  adw_flap_set_locked (self->flap, TRUE);
  g_signal_connect_object (flap, "notify::folded", G_CALLBACK (folded_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    flap, "notify::reveal-progress", G_CALLBACK (revealed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    flap, "notify::reveal-flap", G_CALLBACK (revealed_cb), self, G_CONNECT_SWAPPED);
  return flap;
}

void
atlas_window_show_panel (AtlasWindow *self, gboolean is_shown)
{
  if (!adw_flap_get_folded (self->flap))
    self->wants_panel = is_shown;
  adw_flap_set_reveal_flap (self->flap, is_shown);
}
