/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/minimap-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "map/map-flags.h"
#include "map/strip.h"
#include "paint/snapshot-painter.h"

#define HEIGHT_PX 34
/* Large text makes the picture larger as long as so much of it stays. */
#define SCALED_WIDTH_MIN_PX 480
#define BRUSH_MIN_PX 4.0

struct _AtlasMinimapView
{
  GtkWidget parent_instance;

  /* owned */
  AtlasViewport *viewport;
  GSignalGroup *viewport_signals;
  GSignalGroup *document_signals;
  AtlasDisplayList *list;
  AtlasSnapshotPainter *painter;
  AtlasMapFlags *flags;

  /* state */
  AtlasMinimapPart drag_part;
  gboolean is_dragging; /* past the slop: no longer a click */
  double drag_x_px, drag_y_px;
  AtlasVa drag_first_va; /* what was seen when it began */
  AtlasVa drag_last_va;
};

G_DEFINE_FINAL_TYPE (AtlasMinimapView, atlas_minimap_view, GTK_TYPE_WIDGET)

static gboolean
get_input (AtlasMinimapView *self, AtlasMinimapInput *input)
{
  AtlasDocument *document = atlas_viewport_get_document (self->viewport);
  AtlasAxis *axis = atlas_viewport_get_axis (self->viewport);
  double scale = atlas_snapshot_painter_get_scale (self->painter);

  if (axis == NULL || atlas_document_get_regions (document) == NULL)
    return FALSE;
  *input = (AtlasMinimapInput){
    .regions = atlas_document_get_regions (document),
    .first_va = atlas_axis_get_first_va (axis),
    .last_va = atlas_axis_get_last_va (axis),
    .width_px = (guint) (gtk_widget_get_width (GTK_WIDGET (self)) / scale),
    .height_px = (guint) (gtk_widget_get_height (GTK_WIDGET (self)) / scale),
    .has_selection = atlas_document_has_selection (document),
    .selected_va = atlas_document_get_selected_va (document),
  };
  input->flags = atlas_map_flags_get (self->flags, &input->n_flags);
  atlas_viewport_get_seen (self->viewport, &input->seen_first_va, &input->seen_last_va);
  return TRUE;
}

static void
drag_begin_cb (AtlasMinimapView *self, double x_px, double y_px)
{
  AtlasMinimapInput input;
  double scale = atlas_snapshot_painter_get_scale (self->painter);

  x_px /= scale;
  y_px /= scale;
  self->is_dragging = FALSE;
  self->drag_part = ATLAS_MINIMAP_OUTSIDE;
  self->drag_x_px = x_px;
  self->drag_y_px = y_px;
  if (!get_input (self, &input))
    return;
  atlas_viewport_stop (self->viewport);
  self->drag_part = atlas_minimap_pick (&input, x_px);
  self->drag_first_va = input.seen_first_va;
  self->drag_last_va = input.seen_last_va;
}

/* The bracket where the pointer has taken it. */
static void
pull (AtlasMinimapView *self, const AtlasMinimapInput *input, double offset_x_px)
{
  AtlasVa from_va = atlas_minimap_x_to_va (input, self->drag_x_px);
  AtlasVa to_va = atlas_minimap_x_to_va (input, self->drag_x_px + offset_x_px);
  gboolean is_up = to_va > from_va;
  guint64 delta_bytes = is_up ? to_va - from_va : from_va - to_va;
  AtlasVa first_va = self->drag_first_va;
  AtlasVa last_va = self->drag_last_va;

  /* As far as there is room: a window that is moved keeps its size. */
  if (self->drag_part == ATLAS_MINIMAP_BODY)
    delta_bytes = MIN (delta_bytes, is_up ? input->last_va - last_va : first_va - input->first_va);
  if (self->drag_part != ATLAS_MINIMAP_LAST)
    first_va = is_up ? first_va + MIN (delta_bytes, input->last_va - first_va)
                     : first_va - MIN (delta_bytes, first_va - input->first_va);
  if (self->drag_part != ATLAS_MINIMAP_FIRST)
    last_va = is_up ? last_va + MIN (delta_bytes, input->last_va - last_va)
                    : last_va - MIN (delta_bytes, last_va - input->first_va);
  atlas_viewport_show (self->viewport, MIN (first_va, last_va), MAX (first_va, last_va));
}

static void
drag_update_cb (AtlasMinimapView *self, double offset_x_px, double offset_y_px)
{
  AtlasMinimapInput input;

  offset_x_px /= atlas_snapshot_painter_get_scale (self->painter);
  if (!self->is_dragging && fabs (offset_x_px) < BRUSH_MIN_PX)
    return;
  self->is_dragging = TRUE;
  if (self->drag_part != ATLAS_MINIMAP_OUTSIDE && get_input (self, &input))
    pull (self, &input, offset_x_px);
}

static void
drag_end_cb (AtlasMinimapView *self, double offset_x_px, double offset_y_px)
{
  AtlasMinimapInput input;
  AtlasVa from_va, to_va;

  if (!get_input (self, &input))
    return;
  offset_x_px /= atlas_snapshot_painter_get_scale (self->painter);
  from_va = atlas_minimap_x_to_va (&input, self->drag_x_px);
  to_va = atlas_minimap_x_to_va (&input, self->drag_x_px + offset_x_px);
  if (!self->is_dragging)
    {
      /* A flag is a place: the map goes there and not to where the pointer happens to be. */
      if (atlas_map_flags_click (self->flags, self->drag_x_px, self->drag_y_px, 1))
        from_va = atlas_document_get_selected_va (atlas_viewport_get_document (self->viewport));
      atlas_viewport_centre (self->viewport, from_va);
    }
  else if (self->drag_part == ATLAS_MINIMAP_OUTSIDE)
    atlas_viewport_fit (self->viewport, MIN (from_va, to_va), MAX (from_va, to_va));
}

static void
motion_cb (AtlasMinimapView *self, double x_px, double y_px)
{
  static const char *const cursors[] = {
    [ATLAS_MINIMAP_OUTSIDE] = NULL,
    [ATLAS_MINIMAP_BODY] = "grab",
    [ATLAS_MINIMAP_FIRST] = "ew-resize",
    [ATLAS_MINIMAP_LAST] = "ew-resize",
  };
  AtlasMinimapInput input;

  if (!get_input (self, &input))
    return;
  x_px /= atlas_snapshot_painter_get_scale (self->painter);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), cursors[atlas_minimap_pick (&input, x_px)]);
}

static void
atlas_minimap_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasMinimapView *self = ATLAS_MINIMAP_VIEW (widget);
  AtlasMinimapInput input;

  if (!get_input (self, &input))
    return;
  atlas_minimap_draw (self->list, &input);
  atlas_minimap_mark_flags (&input, atlas_map_flags_get_marks (self->flags));
  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
}

static gboolean
atlas_minimap_view_query_tooltip (GtkWidget *widget,
                                  int x_px,
                                  int y_px,
                                  gboolean by_keyboard,
                                  GtkTooltip *tooltip)
{
  AtlasMinimapView *self = ATLAS_MINIMAP_VIEW (widget);
  double scale = atlas_snapshot_painter_get_scale (self->painter);
  g_autofree char *text =
    by_keyboard ? NULL : atlas_map_flags_tell (self->flags, x_px / scale, y_px / scale);

  gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

static void
atlas_minimap_view_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  int height_px = (int) ceil (HEIGHT_PX * atlas_text_scale_get (widget));

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : height_px;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 960 : height_px;
}

static void
atlas_minimap_view_dispose (GObject *object)
{
  AtlasMinimapView *self = ATLAS_MINIMAP_VIEW (object);

  g_clear_object (&self->viewport_signals);
  g_clear_object (&self->document_signals);
  g_clear_pointer (&self->flags, atlas_map_flags_free);
  g_clear_object (&self->viewport);

  G_OBJECT_CLASS (atlas_minimap_view_parent_class)->dispose (object);
}

static void
atlas_minimap_view_finalize (GObject *object)
{
  AtlasMinimapView *self = ATLAS_MINIMAP_VIEW (object);

  g_clear_pointer (&self->list, atlas_display_list_free);
  g_clear_pointer (&self->painter, atlas_snapshot_painter_free);

  G_OBJECT_CLASS (atlas_minimap_view_parent_class)->finalize (object);
}

static void
atlas_minimap_view_class_init (AtlasMinimapViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = atlas_minimap_view_dispose;
  object_class->finalize = atlas_minimap_view_finalize;
  widget_class->snapshot = atlas_minimap_view_snapshot;
  widget_class->measure = atlas_minimap_view_measure;
  widget_class->query_tooltip = atlas_minimap_view_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "minimap");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
atlas_minimap_view_init (AtlasMinimapView *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->list = atlas_display_list_new ();
  self->painter = atlas_snapshot_painter_new (GTK_WIDGET (self));
  atlas_snapshot_painter_set_min_size (self->painter, SCALED_WIDTH_MIN_PX, HEIGHT_PX);
  gtk_widget_set_direction (GTK_WIDGET (self), GTK_TEXT_DIR_LTR);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Overview of the whole address space"),
                                  -1);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
}

GtkWidget *
atlas_minimap_view_new (AtlasViewport *viewport,
                        AtlasBookmarks *bookmarks,
                        GActionGroup *navigation)
{
  AtlasMinimapView *self = g_object_new (ATLAS_TYPE_MINIMAP_VIEW, NULL);

  self->viewport = g_object_ref (viewport);
  self->flags = atlas_map_flags_new (viewport, bookmarks, GTK_WIDGET (self));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "map", navigation);
  self->viewport_signals = g_signal_group_new (ATLAS_TYPE_VIEWPORT);
  g_signal_group_connect_swapped (
    self->viewport_signals, "changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_group_set_target (self->viewport_signals, viewport);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::selected-va", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_group_set_target (self->document_signals, atlas_viewport_get_document (viewport));
  return GTK_WIDGET (self);
}
