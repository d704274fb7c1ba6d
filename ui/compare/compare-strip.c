/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/compare-strip.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "compare/axis-wheel.h"
#include "map/strip.h"
#include "paint/snapshot-painter.h"

#define HEIGHT_PX 104
#define LANE_PX 8.0f
#define MARK_MIN_PX 2.0

struct _AtlasCompareStrip
{
  GtkWidget parent_instance;

  /* owned */
  AtlasViewport *viewport;
  AtlasComparison *comparison;
  GSignalGroup *viewport_signals;
  GSignalGroup *document_signals;
  AtlasDisplayList *list;
  AtlasDisplayList *lane;
  AtlasSnapshotPainter *painter;

  /* state */
  double drag_done_px;
};

G_DEFINE_FINAL_TYPE (AtlasCompareStrip, atlas_compare_strip, GTK_TYPE_WIDGET)

/* The colours of AtlasDifferenceKind. */
static const AtlasColor kind_colors[] = { ATLAS_COLOR_SUCCESS,
                                          ATLAS_COLOR_ERROR,
                                          ATLAS_COLOR_ACCENT };

static gboolean
get_input (AtlasCompareStrip *self, AtlasStripInput *input)
{
  AtlasDocument *document = atlas_viewport_get_document (self->viewport);
  AtlasAxis *axis = atlas_viewport_get_axis (self->viewport);
  double scale;

  if (!atlas_comparison_is_active (self->comparison) || axis == NULL)
    return FALSE;
  *input = (AtlasStripInput){
    .regions = atlas_space_get_regions (atlas_comparison_get_before (self->comparison)),
    .axis = axis,
    .view = atlas_viewport_get_view (self->viewport),
    .has_selection = atlas_document_has_selection (document),
    .selected_va = atlas_document_get_selected_va (document),
  };
  /* In step with the map, however large that is drawn. */
  scale = atlas_viewport_get_drawn_scale (self->viewport);
  atlas_snapshot_painter_set_scale (self->painter, scale);
  input->height_px =
    (guint) MAX (gtk_widget_get_height (GTK_WIDGET (self)) / scale - (double) LANE_PX, 1.0);
  return TRUE;
}

/* Neighbours of one kind that share pixels are one mark. */
static void
draw_lane (AtlasCompareStrip *self, const AtlasStripInput *input)
{
  guint n_differences = atlas_comparison_get_n_differences (self->comparison);
  double width_px = input->view.width_px;
  double end_px[G_N_ELEMENTS (kind_colors)] = { -1.0, -1.0, -1.0 };

  atlas_display_list_clear (self->lane);
  for (guint i = 0; i < n_differences; i++)
    {
      const AtlasDifference *difference = atlas_comparison_get_difference (self->comparison, i);
      double x_px = atlas_view_va_to_x (&input->view, input->axis, difference->first_va);
      double last_px = atlas_view_va_to_x (&input->view, input->axis, difference->last_va);

      last_px = MAX (last_px, x_px + MARK_MIN_PX);
      x_px = MAX (x_px, end_px[difference->kind]);
      if (last_px <= x_px || last_px < 0.0 || x_px > width_px)
        continue;
      end_px[difference->kind] = last_px;
      atlas_display_list_add_rect (self->lane,
                                   kind_colors[difference->kind],
                                   1.0f,
                                   ATLAS_PATTERN_SOLID,
                                   (float) MAX (x_px, 0.0),
                                   1.0f,
                                   (float) (MIN (last_px, width_px) - MAX (x_px, 0.0)),
                                   LANE_PX - 3.0f,
                                   0.0f);
    }
}

static void
atlas_compare_strip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasCompareStrip *self = ATLAS_COMPARE_STRIP (widget);
  AtlasStripInput input;

  if (!get_input (self, &input))
    return;
  draw_lane (self, &input);
  atlas_snapshot_painter_paint (self->painter, snapshot, self->lane);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
    snapshot,
    &GRAPHENE_POINT_INIT (0, LANE_PX * (float) atlas_snapshot_painter_get_scale (self->painter)));
  atlas_strip_draw (self->list, &input);
  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
  gtk_snapshot_restore (snapshot);
}

static void
atlas_compare_strip_measure (GtkWidget *widget,
                             GtkOrientation orientation,
                             int for_size,
                             int *minimum,
                             int *natural,
                             int *minimum_baseline,
                             int *natural_baseline)
{
  int height_px = (int) (HEIGHT_PX * atlas_text_scale_get (widget));

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : height_px;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 960 : height_px;
}

static void
released_cb (AtlasCompareStrip *self, gint n_press, double x_px, double y_px)
{
  AtlasStripInput input;
  AtlasStripHit hit;
  double scale;

  if (!get_input (self, &input))
    return;
  scale = atlas_snapshot_painter_get_scale (self->painter);
  atlas_strip_pick (&input, x_px / scale, y_px / scale, &hit);
  atlas_document_select (atlas_viewport_get_document (self->viewport), hit.va);
}

static void
drag_begin_cb (AtlasCompareStrip *self)
{
  self->drag_done_px = 0;
}

static void
drag_update_cb (AtlasCompareStrip *self, double offset_x_px, double offset_y_px)
{
  offset_x_px /= atlas_snapshot_painter_get_scale (self->painter);
  atlas_viewport_pan (self->viewport, self->drag_done_px - offset_x_px);
  self->drag_done_px = offset_x_px;
}

static void
comparison_changed_cb (AtlasCompareStrip *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), atlas_comparison_is_active (self->comparison));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
atlas_compare_strip_dispose (GObject *object)
{
  AtlasCompareStrip *self = ATLAS_COMPARE_STRIP (object);

  g_clear_object (&self->viewport_signals);
  g_clear_object (&self->document_signals);
  g_clear_object (&self->comparison);
  g_clear_object (&self->viewport);

  G_OBJECT_CLASS (atlas_compare_strip_parent_class)->dispose (object);
}

static void
atlas_compare_strip_finalize (GObject *object)
{
  AtlasCompareStrip *self = ATLAS_COMPARE_STRIP (object);

  atlas_display_list_free (self->list);
  atlas_display_list_free (self->lane);
  atlas_snapshot_painter_free (self->painter);

  G_OBJECT_CLASS (atlas_compare_strip_parent_class)->finalize (object);
}

static void
atlas_compare_strip_class_init (AtlasCompareStripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_compare_strip_dispose;
  G_OBJECT_CLASS (klass)->finalize = atlas_compare_strip_finalize;
  widget_class->snapshot = atlas_compare_strip_snapshot;
  widget_class->measure = atlas_compare_strip_measure;
  gtk_widget_class_set_css_name (widget_class, "mapview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
atlas_compare_strip_init (AtlasCompareStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->list = atlas_display_list_new ();
  self->lane = atlas_display_list_new ();
  self->painter = atlas_snapshot_painter_new (widget);
  gtk_widget_set_direction (widget, GTK_TEXT_DIR_LTR);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Map of the other space"), -1);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
atlas_compare_strip_new (AtlasViewport *viewport, AtlasComparison *comparison)
{
  AtlasCompareStrip *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);
  g_return_val_if_fail (ATLAS_IS_COMPARISON (comparison), NULL);

  self = g_object_new (ATLAS_TYPE_COMPARE_STRIP, NULL);
  self->viewport = g_object_ref (viewport);
  self->comparison = g_object_ref (comparison);
  atlas_axis_wheel_attach (GTK_WIDGET (self), viewport);
  self->viewport_signals = g_signal_group_new (ATLAS_TYPE_VIEWPORT);
  g_signal_group_connect_swapped (
    self->viewport_signals, "changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_group_set_target (self->viewport_signals, viewport);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::selected-va", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_group_set_target (self->document_signals, atlas_viewport_get_document (viewport));
  g_signal_connect_object (
    comparison, "changed", G_CALLBACK (comparison_changed_cb), self, G_CONNECT_SWAPPED);
  comparison_changed_cb (self);
  return GTK_WIDGET (self);
}
