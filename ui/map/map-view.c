/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/map-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "base/format.h"
#include "space/region-text.h"
#include "map/map-flags.h"
#include "map/map-picture.h"
#include "map/place-popover.h"
#include "paint/snapshot-painter.h"
#include "paint/wheel.h"

#define CLICK_SLOP_PX 4.0
/* Slower, a hand has come to rest. */
#define FLING_MIN_PX_S 100.0
#define HEIGHT_MIN_PX 114
#define HEIGHT_MAX_PX 300
/* Large text makes the picture larger as long as so much of it stays. */
#define SCALED_WIDTH_MIN_PX 480
/* A wide strip deserves to be taller. */
#define WIDTH_PER_HEIGHT 6

typedef enum
{
  DRAG_NONE,
  DRAG_PAN,
  DRAG_ZOOM_RANGE,
  DRAG_ALLOCATE_RANGE,
} DragMode;

struct _AtlasMapView
{
  GtkWidget parent_instance;

  /* owned */
  AtlasViewport *viewport;
  GSignalGroup *viewport_signals;
  GSignalGroup *document_signals;
  AtlasDisplayList *list;
  AtlasSnapshotPainter *painter;
  AtlasMapFlags *flags;
  AtlasMapPicture *picture;
  GtkWidget *popover; /* child; NULL until it is wanted */
  GtkGesture *drag;   /* the widget's, both */
  GtkGesture *click;

  /* state */
  gboolean has_pointer;
  double pointer_x_px, pointer_y_px;
  double zoom_rest; /* fractions of a step, from fingers */
  guint tick_id;

  DragMode drag_mode;
  gboolean is_dragging; /* past the slop: no longer a click */
  double drag_x_px, drag_y_px;
  double panned_x_px, panned_y_px;
};

G_DEFINE_FINAL_TYPE (AtlasMapView, atlas_map_view, GTK_TYPE_WIDGET)

static AtlasDocument *
get_document (AtlasMapView *self)
{
  return atlas_viewport_get_document (self->viewport);
}

/* The widget's pixels to one of the picture. */
static double
get_scale (AtlasMapView *self)
{
  return atlas_viewport_get_drawn_scale (self->viewport);
}

/* What lies under a pointer that rests is something else when the map moves under it. */
static void
update_hover (AtlasMapView *self)
{
  AtlasStripHit hit;

  if (self->has_pointer &&
      atlas_map_picture_pick (self->picture, self->pointer_x_px, self->pointer_y_px, &hit))
    atlas_viewport_set_hover (self->viewport, TRUE, hit.va);
  else
    atlas_viewport_set_hover (self->viewport, FALSE, 0);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  AtlasMapView *self = ATLAS_MAP_VIEW (widget);
  gboolean needs_drawing;
  gboolean goes_on = atlas_map_picture_advance (
    self->picture, gdk_frame_clock_get_frame_time (clock), &needs_drawing);

  if (needs_drawing)
    {
      update_hover (self);
      gtk_widget_queue_draw (widget);
    }
  if (goes_on)
    return G_SOURCE_CONTINUE;
  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

static void
update_description (AtlasMapView *self)
{
  const AtlasRegion *region = atlas_document_get_selected_region (get_document (self));
  g_autofree char *address = NULL;
  g_autofree char *size = NULL;
  g_autofree char *protect = NULL;
  g_autofree char *title = NULL;
  g_autofree char *text = NULL;

  if (region == NULL)
    return;
  address = atlas_format_va (region->base_va);
  size = atlas_format_size (region->size_bytes);
  protect = atlas_protect_format_short (region->protect);
  title = atlas_region_dup_title (region);
  /* Translators: name or kind of a region, state, protection, address, size */
  text = g_strdup_printf (_ ("%s, %s, %s, at %s, %s"),
                          title,
                          _ (atlas_region_state_get_name (region->state)),
                          protect,
                          address,
                          size);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

/* Draws what is seen now, and what is on its way frame by frame. */
static void
draw_and_go_on (AtlasMapView *self)
{
  if (atlas_map_picture_is_moving (self->picture) && self->tick_id == 0 &&
      gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
viewport_changed_cb (AtlasMapView *self)
{
  atlas_map_picture_follow (self->picture);
  /* A pointer elsewhere may have meant a place too. */
  if (self->has_pointer)
    update_hover (self);
  draw_and_go_on (self);
}

static void
stepped_cb (AtlasMapView *self, gint zoom_steps, double pan_share)
{
  atlas_map_picture_step (self->picture, zoom_steps, pan_share);
  draw_and_go_on (self);
}

static void
selection_changed_cb (AtlasMapView *self)
{
  update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- wheel ------------------------------------------------------------------------------------
 */

static gboolean
wheel_zoom_cb (gpointer data, double octaves, double x_px, double y_px)
{
  AtlasMapView *self = data;

  atlas_map_picture_zoom_at (self->picture,
                             atlas_wheel_take_steps (&self->zoom_rest, octaves, ATLAS_ZOOM_STEPS),
                             x_px / get_scale (self),
                             y_px / get_scale (self));
  draw_and_go_on (self);
  return GDK_EVENT_STOP;
}

static gboolean
wheel_pan_cb (gpointer data, double delta_px)
{
  AtlasMapView *self = data;

  atlas_map_picture_pan (self->picture, delta_px / get_scale (self), 0);
  return GDK_EVENT_STOP;
}

static void
fling (gpointer data, double velocity_px_s)
{
  AtlasMapView *self = data;

  if (atlas_map_picture_marks_ranges (self->picture) && fabs (velocity_px_s) > FLING_MIN_PX_S)
    atlas_viewport_fling (self->viewport, velocity_px_s / get_scale (self));
}

static void
hold (gpointer data)
{
  atlas_map_picture_stop (ATLAS_MAP_VIEW (data)->picture);
}

static const AtlasWheelTarget wheel_target = { wheel_zoom_cb, wheel_pan_cb, fling, hold };

/* ---- pointer ----------------------------------------------------------------------------------
 */

static void
motion_cb (AtlasMapView *self, double x_px, double y_px)
{
  self->has_pointer = TRUE;
  self->pointer_x_px = x_px / get_scale (self);
  self->pointer_y_px = y_px / get_scale (self);
  update_hover (self);
}

static void
leave_cb (AtlasMapView *self)
{
  self->has_pointer = FALSE;
  update_hover (self);
}

static void
clear_mark (AtlasMapView *self)
{
  atlas_map_picture_clear_mark (self->picture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
offer_place (AtlasMapView *self, AtlasVa va, guint64 size_bytes, double x_px)
{
  const GdkRectangle pointed = {
    (int) (x_px * get_scale (self)), gtk_widget_get_height (GTK_WIDGET (self)) / 2, 1, 1
  };

  if (!atlas_document_is_simulation (get_document (self)))
    {
      clear_mark (self);
      return;
    }
  if (self->popover == NULL)
    {
      self->popover = atlas_place_popover_new (get_document (self));
      gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
      g_signal_connect_swapped (self->popover, "closed", G_CALLBACK (clear_mark), self);
    }
  atlas_place_popover_set_place (ATLAS_PLACE_POPOVER (self->popover), va, size_bytes);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover), &pointed);
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static void
drag_begin_cb (AtlasMapView *self, double x_px, double y_px, GtkGestureDrag *gesture)
{
  GdkModifierType modifiers =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  if (atlas_viewport_get_axis (self->viewport) == NULL)
    return;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  atlas_map_picture_stop (self->picture);
  self->is_dragging = FALSE;
  self->drag_x_px = x_px / get_scale (self);
  self->drag_y_px = y_px / get_scale (self);
  self->panned_x_px = self->panned_y_px = 0;
  atlas_map_picture_begin_mark (self->picture, self->drag_x_px, self->drag_y_px);
  if (button == GDK_BUTTON_MIDDLE || (modifiers & GDK_SHIFT_MASK) != 0)
    self->drag_mode = DRAG_ZOOM_RANGE;
  else if ((modifiers & GDK_CONTROL_MASK) != 0 && atlas_map_picture_marks_ranges (self->picture))
    self->drag_mode = DRAG_ALLOCATE_RANGE;
  else
    self->drag_mode = DRAG_PAN;
}

/* Moving across a strip is not moving along it. */
static gboolean
is_past_slop (AtlasMapView *self, double offset_x_px, double offset_y_px)
{
  return fabs (offset_x_px) >= CLICK_SLOP_PX ||
         (fabs (offset_y_px) >= CLICK_SLOP_PX && !atlas_map_picture_marks_ranges (self->picture));
}

static void
drag_update_cb (AtlasMapView *self, double offset_x_px, double offset_y_px, GtkGestureDrag *gesture)
{
  if (self->drag_mode == DRAG_NONE)
    return;
  offset_x_px /= get_scale (self);
  offset_y_px /= get_scale (self);
  if (!self->is_dragging)
    {
      if (!is_past_slop (self, offset_x_px, offset_y_px))
        return;
      self->is_dragging = TRUE;
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      if (self->drag_mode == DRAG_PAN)
        gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
    }
  if (self->drag_mode == DRAG_PAN)
    {
      atlas_map_picture_pan (
        self->picture, self->panned_x_px - offset_x_px, self->panned_y_px - offset_y_px);
      self->panned_x_px = offset_x_px;
      self->panned_y_px = offset_y_px;
      return;
    }
  atlas_map_picture_move_mark (
    self->picture, self->drag_x_px + offset_x_px, self->drag_y_px + offset_y_px);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end_cb (AtlasMapView *self, double offset_x_px, double offset_y_px, GtkGestureDrag *gesture)
{
  DragMode mode = self->drag_mode;
  AtlasVa first_va;
  AtlasVa last_va;

  offset_x_px /= get_scale (self);
  offset_y_px /= get_scale (self);
  self->drag_mode = DRAG_NONE;
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
  if (!self->is_dragging)
    return;
  if (mode == DRAG_ZOOM_RANGE)
    {
      atlas_map_picture_fit_mark (self->picture);
      draw_and_go_on (self);
    }
  else if (mode == DRAG_ALLOCATE_RANGE &&
           atlas_map_picture_get_range (self->picture, &first_va, &last_va))
    {
      offer_place (self, first_va, last_va - first_va + 1, self->drag_x_px + offset_x_px);
    }
}

static void
swipe_cb (AtlasMapView *self, double velocity_x_px_s, double velocity_y_px_s)
{
  if (self->is_dragging)
    fling (self, -velocity_x_px_s);
}

static void
drag_cancel_cb (AtlasMapView *self)
{
  self->drag_mode = DRAG_NONE;
  self->is_dragging = FALSE;
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
  clear_mark (self);
}

/* Escape lets go of what is being dragged, or stops a jump. */
static gboolean
escape_cb (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  AtlasMapView *self = ATLAS_MAP_VIEW (widget);

  if (self->drag_mode == DRAG_NONE && !atlas_map_picture_is_moving (self->picture))
    return GDK_EVENT_PROPAGATE;
  atlas_map_picture_stop (self->picture);
  if (self->drag_mode != DRAG_NONE)
    {
      gtk_event_controller_reset (GTK_EVENT_CONTROLLER (self->drag));
      /* The button that is let go now clicks on nothing. */
      gtk_event_controller_reset (GTK_EVENT_CONTROLLER (self->click));
    }
  return GDK_EVENT_STOP;
}

static void
released_cb (AtlasMapView *self, gint n_press, double x_px, double y_px, GtkGestureClick *gesture)
{
  AtlasStripHit hit;
  const AtlasRegion *region;

  x_px /= get_scale (self);
  y_px /= get_scale (self);
  if (self->is_dragging || atlas_map_flags_click (self->flags, x_px, y_px, n_press) ||
      !atlas_map_picture_pick (self->picture, x_px, y_px, &hit))
    return;
  region = atlas_region_set_get_region (atlas_document_get_regions (get_document (self)),
                                        hit.region_index);
  if (n_press == 2)
    {
      atlas_viewport_fit (self->viewport, region->base_va, atlas_region_get_last_va (region));
      return;
    }
  if (n_press != 1)
    return;
  /* A folded or 1 px region cannot be hit to the byte: take its beginning. */
  atlas_document_select (get_document (self),
                         atlas_region_contains (region, hit.va) ? hit.va : region->base_va);
  if (region->state == ATLAS_STATE_FREE)
    offer_place (self, hit.va, 0, x_px);
}

/* ---- widget -----------------------------------------------------------------------------------
 */

static void
atlas_map_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasMapView *self = ATLAS_MAP_VIEW (widget);
  double screen_scale = gtk_widget_get_scale_factor (widget) * get_scale (self);

  if (!atlas_map_picture_draw (self->picture, self->list, (guint) ceil (screen_scale)))
    return;
  gtk_snapshot_push_clip (
    snapshot,
    &GRAPHENE_RECT_INIT (
      0, 0, (float) gtk_widget_get_width (widget), (float) gtk_widget_get_height (widget)));
  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
  gtk_snapshot_pop (snapshot);
}

static void
atlas_map_view_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  double scale =
    atlas_snapshot_painter_get_scale_for (ATLAS_MAP_VIEW (widget)->painter, for_size, -1);

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : (int) (HEIGHT_MIN_PX * scale);
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 960
                                                       : CLAMP (for_size / WIDTH_PER_HEIGHT,
                                                                (int) (HEIGHT_MIN_PX * scale),
                                                                (int) (HEIGHT_MAX_PX * scale));
}

static GtkSizeRequestMode
atlas_map_view_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
atlas_map_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  AtlasMapView *self = ATLAS_MAP_VIEW (widget);

  double scale = atlas_snapshot_painter_get_scale_for (self->painter, width, height);

  atlas_viewport_set_drawn_scale (self->viewport, scale);
  atlas_map_picture_set_size (self->picture, (guint) (width / scale), (guint) (height / scale));
  if (self->popover != NULL)
    gtk_popover_present (GTK_POPOVER (self->popover));
}

static void
update_animate (AtlasMapView *self)
{
  atlas_map_picture_set_animate (self->picture, adw_get_enable_animations (GTK_WIDGET (self)));
}

static void
atlas_map_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (atlas_map_view_parent_class)->map (widget);
  update_animate (ATLAS_MAP_VIEW (widget));
  viewport_changed_cb (ATLAS_MAP_VIEW (widget));
}

static void
atlas_map_view_unmap (GtkWidget *widget)
{
  AtlasMapView *self = ATLAS_MAP_VIEW (widget);

  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (widget, self->tick_id);
  self->tick_id = 0;
  GTK_WIDGET_CLASS (atlas_map_view_parent_class)->unmap (widget);
}

static gboolean
atlas_map_view_query_tooltip (GtkWidget *widget,
                              int x_px,
                              int y_px,
                              gboolean by_keyboard,
                              GtkTooltip *tooltip)
{
  AtlasMapView *self = ATLAS_MAP_VIEW (widget);
  g_autofree char *text =
    by_keyboard
      ? NULL
      : atlas_map_flags_tell (self->flags, x_px / get_scale (self), y_px / get_scale (self));

  gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

static void
atlas_map_view_dispose (GObject *object)
{
  AtlasMapView *self = ATLAS_MAP_VIEW (object);

  g_clear_object (&self->viewport_signals);
  g_clear_object (&self->document_signals);
  g_clear_pointer (&self->picture, atlas_map_picture_free);
  g_clear_pointer (&self->flags, atlas_map_flags_free);
  g_clear_object (&self->viewport);
  g_clear_pointer (&self->popover, gtk_widget_unparent);

  G_OBJECT_CLASS (atlas_map_view_parent_class)->dispose (object);
}

static void
atlas_map_view_finalize (GObject *object)
{
  AtlasMapView *self = ATLAS_MAP_VIEW (object);

  g_clear_pointer (&self->list, atlas_display_list_free);
  g_clear_pointer (&self->painter, atlas_snapshot_painter_free);

  G_OBJECT_CLASS (atlas_map_view_parent_class)->finalize (object);
}

static const struct
{
  guint keyval;
  GdkModifierType modifiers;
  const char *action;
} bindings[] = {
  { GDK_KEY_w, 0, "map.zoom-in" },
  { GDK_KEY_s, 0, "map.zoom-out" },
  { GDK_KEY_a, 0, "map.pan-left" },
  { GDK_KEY_d, 0, "map.pan-right" },
  { GDK_KEY_plus, 0, "map.zoom-in" },
  { GDK_KEY_KP_Add, 0, "map.zoom-in" },
  { GDK_KEY_minus, 0, "map.zoom-out" },
  { GDK_KEY_KP_Subtract, 0, "map.zoom-out" },
  { GDK_KEY_Left, 0, "map.previous-region" },
  { GDK_KEY_Right, 0, "map.next-region" },
  { GDK_KEY_comma, 0, "map.previous-mapped" },
  { GDK_KEY_period, 0, "map.next-mapped" },
  { GDK_KEY_Page_Up, 0, "map.level-out" },
  { GDK_KEY_Page_Down, 0, "map.level-in" },
  { GDK_KEY_Home, 0, "map.first-address" },
  { GDK_KEY_End, 0, "map.last-address" },
  { GDK_KEY_f, 0, "map.fit" },
  { GDK_KEY_Return, 0, "map.fit" },
  { GDK_KEY_KP_Enter, 0, "map.fit" },
  { GDK_KEY_c, 0, "map.centre" },
  { GDK_KEY_0, 0, "map.whole" },
  { GDK_KEY_BackSpace, 0, "map.level-out" },
};

static const GdkModifierType drag_modifiers[] = { 0, GDK_SHIFT_MASK, GDK_CONTROL_MASK };

static void
atlas_map_view_class_init (AtlasMapViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = atlas_map_view_dispose;
  object_class->finalize = atlas_map_view_finalize;
  widget_class->snapshot = atlas_map_view_snapshot;
  widget_class->get_request_mode = atlas_map_view_get_request_mode;
  widget_class->measure = atlas_map_view_measure;
  widget_class->size_allocate = atlas_map_view_size_allocate;
  widget_class->map = atlas_map_view_map;
  widget_class->unmap = atlas_map_view_unmap;
  widget_class->query_tooltip = atlas_map_view_query_tooltip;

  for (guint i = 0; i < G_N_ELEMENTS (bindings); i++)
    {
      gtk_widget_class_add_binding_action (
        widget_class, bindings[i].keyval, bindings[i].modifiers, bindings[i].action, NULL);
    }
  /* The key that chose what the drag does may still be held. */
  for (guint i = 0; i < G_N_ELEMENTS (drag_modifiers); i++)
    gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, drag_modifiers[i], escape_cb, NULL);
  gtk_widget_class_set_css_name (widget_class, "mapview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
add_controllers (AtlasMapView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *swipe = gtk_gesture_swipe_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  atlas_wheel_attach (widget, &wheel_target, self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, motion);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect_swapped (drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_swapped (swipe, "swipe", G_CALLBACK (swipe_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (swipe));
  gtk_gesture_group (drag, swipe);
  g_signal_connect_swapped (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_gesture_group (drag, click);
  self->drag = drag;
  self->click = click;
}

static void
atlas_map_view_init (AtlasMapView *self)
{
  self->list = atlas_display_list_new ();
  self->painter = atlas_snapshot_painter_new (GTK_WIDGET (self));
  atlas_snapshot_painter_set_min_size (self->painter, SCALED_WIDTH_MIN_PX, HEIGHT_MIN_PX);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  /* Addresses grow to the right in every language. */
  gtk_widget_set_direction (GTK_WIDGET (self), GTK_TEXT_DIR_LTR);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Address space map"), -1);
  add_controllers (self);
  g_signal_connect_object (gtk_widget_get_settings (GTK_WIDGET (self)),
                           "notify::gtk-enable-animations",
                           G_CALLBACK (update_animate),
                           self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
atlas_map_view_new (AtlasViewport *viewport, AtlasBookmarks *bookmarks, GActionGroup *navigation)
{
  AtlasMapView *self = g_object_new (ATLAS_TYPE_MAP_VIEW, NULL);

  self->viewport = g_object_ref (viewport);
  self->flags = atlas_map_flags_new (viewport, bookmarks, GTK_WIDGET (self));
  self->picture = atlas_map_picture_new (viewport, self->flags);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "map", navigation);

  self->viewport_signals = g_signal_group_new (ATLAS_TYPE_VIEWPORT);
  g_signal_group_connect_swapped (
    self->viewport_signals, "changed", G_CALLBACK (viewport_changed_cb), self);
  g_signal_group_connect_swapped (self->viewport_signals, "stepped", G_CALLBACK (stepped_cb), self);
  g_signal_group_set_target (self->viewport_signals, viewport);

  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::selected-va", G_CALLBACK (selection_changed_cb), self);
  g_signal_group_connect_swapped (
    self->document_signals, "changed", G_CALLBACK (selection_changed_cb), self);
  g_signal_group_set_target (self->document_signals, get_document (self));

  return GTK_WIDGET (self);
}
