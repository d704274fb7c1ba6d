/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/viewport.h"

#include <math.h>

#include "model/glide.h"
#include "model/place-history.h"

#define FIT_MARGIN 0.1

struct _AtlasViewport
{
  GObject parent_instance;

  /* owned */
  AtlasDocument *document;
  AtlasAxis *axis;
  GSignalGroup *document_signals;
  AtlasPlaceHistory *history;

  /* state */
  AtlasLayout layout;
  gboolean is_whole_space;
  gboolean animate;
  guint width_px;
  double drawn_scale;
  AtlasView view;
  AtlasVa hover_va;
  gboolean has_hover;
  guint resized_id;

  /* animation */
  AtlasGlide glide;
  gboolean is_anchored; /* a zoom about a point, not a jump */
  AtlasView from;
  AtlasView target;
  gint64 anchor_u;
  double anchor_x_px;
};

G_DEFINE_FINAL_TYPE (AtlasViewport, atlas_viewport, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_STEPPED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
emit_changed (AtlasViewport *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
set_view (AtlasViewport *self, AtlasView view)
{
  self->glide.is_running = FALSE;
  self->view = view;
  self->target = view;
  emit_changed (self);
}

static void
go (AtlasViewport *self, AtlasView target, gint64 duration_us)
{
  if (!self->animate)
    {
      set_view (self, target);
      return;
    }
  self->from = self->view;
  self->target = target;
  self->is_anchored = FALSE;
  self->glide = atlas_glide_start (duration_us);
  emit_changed (self);
}

static AtlasPlace
get_place (AtlasViewport *self)
{
  return (AtlasPlace){ atlas_view_x_to_va (&self->target, self->axis, 0),
                       atlas_view_x_to_va (&self->target, self->axis, self->target.width_px) };
}

/* Remembers where we are before going somewhere else. */
static void
note_place (AtlasViewport *self, gboolean is_burst)
{
  atlas_place_history_leave (self->history, get_place (self), is_burst);
}

static AtlasAxis *
make_axis (AtlasViewport *self, AtlasRegionSet *regions)
{
  AtlasVa last_va = G_MAXUINT64;

  if (!self->is_whole_space)
    {
      AtlasVa user_end_va = atlas_region_set_get_user_end_va (regions);

      /* The user half, the 64 KB behind what Windows gives included; a 2 GB process up to where it
       * ends. */
      last_va = user_end_va + (atlas_region_set_has_slots (regions) ? ATLAS_KB (64) : 0) - 1;
    }
  return atlas_axis_new (self->layout == ATLAS_LAYOUT_LINEAR ? ATLAS_AXIS_LINEAR
                                                             : ATLAS_AXIS_COLLAPSED,
                         regions,
                         0,
                         last_va);
}

/* Builds the axis anew; @keep: the picture stays where it is, as far as it can. */
static void
update_axis (AtlasViewport *self, gboolean keep)
{
  AtlasRegionSet *regions = atlas_document_get_regions (self->document);
  g_autoptr (AtlasAxis) old = g_steal_pointer (&self->axis);

  if (regions == NULL)
    {
      emit_changed (self);
      return;
    }
  self->axis = make_axis (self, regions);
  if (old == NULL || !keep)
    {
      set_view (self, atlas_view_whole (self->axis, self->width_px));
    }
  else
    {
      AtlasView target = self->target;
      AtlasVa anchor_va = atlas_view_x_to_va (&target, old, target.width_px / 2.0);

      if (atlas_document_has_selection (self->document))
        {
          AtlasVa selected_va = atlas_document_get_selected_va (self->document);
          double x_px = atlas_view_va_to_x (&target, old, selected_va);

          if (x_px >= 0 && x_px < target.width_px)
            anchor_va = selected_va;
        }
      set_view (self, atlas_view_move_to_axis (&target, old, self->axis, anchor_va));
    }
}

static void
document_opened_cb (AtlasViewport *self)
{
  AtlasRegionSet *regions;

  g_clear_pointer (&self->axis, atlas_axis_unref);
  /* A jump under way was one of the other document's. */
  self->glide.is_running = FALSE;
  atlas_place_history_clear (self->history);
  self->has_hover = FALSE;
  regions = atlas_document_get_regions (self->document);
  self->is_whole_space = regions != NULL && atlas_region_set_knows_kernel_half (regions);
}

static void
document_changed_cb (AtlasViewport *self)
{
  update_axis (self, TRUE);
}

static void
atlas_viewport_dispose (GObject *object)
{
  AtlasViewport *self = ATLAS_VIEWPORT (object);

  g_clear_handle_id (&self->resized_id, g_source_remove);
  g_clear_object (&self->document_signals);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_viewport_parent_class)->dispose (object);
}

static void
atlas_viewport_finalize (GObject *object)
{
  AtlasViewport *self = ATLAS_VIEWPORT (object);

  g_clear_pointer (&self->axis, atlas_axis_unref);
  atlas_place_history_free (self->history);

  G_OBJECT_CLASS (atlas_viewport_parent_class)->finalize (object);
}

static void
atlas_viewport_class_init (AtlasViewportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = atlas_viewport_dispose;
  object_class->finalize = atlas_viewport_finalize;

  /* Something else is to be drawn: the view, the axis, the hover, or what may be gone back to. */
  signals[SIGNAL_CHANGED] = g_signal_new (
    "changed", ATLAS_TYPE_VIEWPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_STEPPED] = g_signal_new ("stepped",
                                          ATLAS_TYPE_VIEWPORT,
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          2,
                                          G_TYPE_INT,
                                          G_TYPE_DOUBLE);
}

static void
atlas_viewport_init (AtlasViewport *self)
{
  self->history = atlas_place_history_new ();
  self->width_px = 1;
  self->drawn_scale = 1;
}

AtlasViewport *
atlas_viewport_new (AtlasDocument *document)
{
  AtlasViewport *self = g_object_new (ATLAS_TYPE_VIEWPORT, NULL);

  self->document = g_object_ref (document);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "opened", G_CALLBACK (document_opened_cb), self);
  g_signal_group_connect_swapped (
    self->document_signals, "changed", G_CALLBACK (document_changed_cb), self);
  g_signal_group_set_target (self->document_signals, document);
  update_axis (self, FALSE);
  return self;
}

AtlasDocument *
atlas_viewport_get_document (AtlasViewport *self)
{
  return self->document;
}

AtlasAxis *
atlas_viewport_get_axis (AtlasViewport *self)
{
  return self->axis;
}

AtlasView
atlas_viewport_get_view (AtlasViewport *self)
{
  return self->view;
}

AtlasView
atlas_viewport_get_target (AtlasViewport *self)
{
  return self->target;
}

void
atlas_viewport_get_seen (AtlasViewport *self, AtlasVa *first_va, AtlasVa *last_va)
{
  g_return_if_fail (self->axis != NULL);

  *first_va = atlas_view_x_to_va (&self->view, self->axis, 0);
  *last_va = atlas_view_x_to_va (&self->view, self->axis, self->view.width_px);
}

double
atlas_viewport_get_scale_bytes (AtlasViewport *self)
{
  const AtlasView *view = &self->target;
  AtlasVa middle_va;

  g_return_val_if_fail (self->axis != NULL, 0);

  middle_va = atlas_view_x_to_va (view, self->axis, view->width_px / 2.0);
  return atlas_view_get_bytes_per_px (view, self->axis, middle_va) * view->width_px;
}

double
atlas_viewport_get_bytes_per_px (AtlasViewport *self)
{
  AtlasVa va = atlas_document_get_selected_va (self->document);
  double x_px;

  g_return_val_if_fail (self->axis != NULL, 1);

  x_px = atlas_view_va_to_x (&self->target, self->axis, va);
  if (x_px < 0 || x_px >= self->target.width_px)
    va = atlas_view_x_to_va (&self->target, self->axis, self->target.width_px / 2.0);
  return atlas_view_get_bytes_per_px (&self->target, self->axis, va);
}

AtlasLayout
atlas_viewport_get_layout (AtlasViewport *self)
{
  return self->layout;
}

void
atlas_viewport_set_layout (AtlasViewport *self, AtlasLayout layout)
{
  if (self->layout == layout)
    return;
  self->layout = layout;
  update_axis (self, TRUE);
}

gboolean
atlas_viewport_get_whole_space (AtlasViewport *self)
{
  return self->is_whole_space;
}

void
atlas_viewport_set_whole_space (AtlasViewport *self, gboolean whole_space)
{
  if (self->is_whole_space == !!whole_space)
    return;
  self->is_whole_space = !!whole_space;
  update_axis (self, TRUE);
}

static gboolean
resized_cb (gpointer user_data)
{
  AtlasViewport *self = user_data;

  self->resized_id = 0;
  emit_changed (self);
  return G_SOURCE_REMOVE;
}

void
atlas_viewport_set_width (AtlasViewport *self, guint width_px)
{
  width_px = MAX (width_px, 1);
  if (self->width_px == width_px)
    return;
  self->width_px = width_px;
  if (self->axis == NULL)
    return;
  self->glide.is_running = FALSE;
  self->view = atlas_view_resize (&self->target, self->axis, width_px);
  self->target = self->view;
  /* This is called while widgets are being laid out, when none may ask for another size. */
  if (self->resized_id == 0)
    self->resized_id = g_idle_add (resized_cb, self);
}

void
atlas_viewport_set_drawn_scale (AtlasViewport *self, double scale)
{
  g_return_if_fail (scale > 0);

  self->drawn_scale = scale;
}

double
atlas_viewport_get_drawn_scale (AtlasViewport *self)
{
  return self->drawn_scale;
}

void
atlas_viewport_set_animate (AtlasViewport *self, gboolean animate)
{
  self->animate = animate;
}

void
atlas_viewport_zoom_at (AtlasViewport *self, gint steps, double x_px)
{
  AtlasView base;
  AtlasView target;

  if (self->axis == NULL || steps == 0)
    return;
  note_place (self, TRUE);
  /* Notches during an animation add to where it is heading, so a fast wheel loses none. */
  base = self->glide.is_running && !self->is_anchored ? self->view : self->target;
  base.zoom = round (base.zoom);
  target = atlas_view_zoom_at (&base, self->axis, steps, x_px);
  if (!self->animate)
    {
      set_view (self, target);
      return;
    }
  self->from = self->view;
  self->target = target;
  self->is_anchored = TRUE;
  self->glide = atlas_glide_start (ATLAS_GLIDE_NOTCH_US);
  self->anchor_x_px = x_px;
  self->anchor_u =
    self->view.left_u + (gint64) llround (x_px * atlas_view_get_units_per_px (&self->view));
  emit_changed (self);
}

/* Where keys zoom: at the selection when it is seen, else in the middle. */
static double
get_step_x (AtlasViewport *self)
{
  if (atlas_document_has_selection (self->document))
    {
      double x_px = atlas_view_va_to_x (
        &self->target, self->axis, atlas_document_get_selected_va (self->document));

      if (x_px >= 0 && x_px < self->target.width_px)
        return x_px;
    }
  return self->target.width_px / 2.0;
}

void
atlas_viewport_step (AtlasViewport *self, gint zoom_steps, double pan_share)
{
  g_return_if_fail (ATLAS_IS_VIEWPORT (self));

  if (self->axis == NULL)
    return;
  if (self->layout == ATLAS_LAYOUT_AREA)
    {
      g_signal_emit (self, signals[SIGNAL_STEPPED], 0, zoom_steps, pan_share);
      return;
    }
  atlas_viewport_zoom_at (self, zoom_steps, get_step_x (self));
  if (pan_share != 0)
    atlas_viewport_pan (self, pan_share * self->target.width_px);
}

void
atlas_viewport_pan (AtlasViewport *self, double delta_px)
{
  if (self->axis == NULL)
    return;
  note_place (self, TRUE);
  self->view.zoom = round (self->view.zoom);
  set_view (self, atlas_view_pan (&self->view, self->axis, delta_px));
}

void
atlas_viewport_fling (AtlasViewport *self, double velocity_px_s)
{
  double duration_s = (double) ATLAS_GLIDE_JUMP_US / G_USEC_PER_SEC;
  double distance_px = velocity_px_s * duration_s / ATLAS_GLIDE_START_SPEED;

  if (self->axis == NULL || !self->animate)
    return;
  go (self, atlas_view_pan (&self->view, self->axis, distance_px), ATLAS_GLIDE_JUMP_US);
}

void
atlas_viewport_centre (AtlasViewport *self, AtlasVa va)
{
  double x_px;

  if (self->axis == NULL)
    return;
  note_place (self, TRUE);
  x_px = atlas_view_va_to_x (&self->target, self->axis, va);
  set_view (self, atlas_view_pan (&self->target, self->axis, x_px - self->width_px / 2.0));
}

void
atlas_viewport_fit (AtlasViewport *self, AtlasVa first_va, AtlasVa last_va)
{
  if (self->axis != NULL)
    atlas_viewport_go_to (
      self, atlas_view_fit (self->axis, self->width_px, first_va, last_va, FIT_MARGIN));
}

void
atlas_viewport_show (AtlasViewport *self, AtlasVa first_va, AtlasVa last_va)
{
  if (self->axis == NULL)
    return;
  note_place (self, TRUE);
  set_view (self, atlas_view_fit (self->axis, self->width_px, first_va, last_va, 0));
}

void
atlas_viewport_go_to (AtlasViewport *self, AtlasView view)
{
  if (self->axis == NULL)
    return;
  note_place (self, FALSE);
  go (self, view, ATLAS_GLIDE_JUMP_US);
}

void
atlas_viewport_stop (AtlasViewport *self)
{
  AtlasView view = self->view;

  if (!self->glide.is_running)
    return;
  if (self->axis == NULL)
    {
      self->glide.is_running = FALSE;
      return;
    }
  view.zoom = round (view.zoom);
  /* A view at rest is one that the axis allows. */
  set_view (self, atlas_view_pan (&view, self->axis, 0));
}

void
atlas_viewport_fit_selection (AtlasViewport *self)
{
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);

  if (region != NULL)
    atlas_viewport_fit (self, region->base_va, atlas_region_get_last_va (region));
}

void
atlas_viewport_whole (AtlasViewport *self)
{
  if (self->axis != NULL)
    atlas_viewport_go_to (self, atlas_view_whole (self->axis, self->width_px));
}

gboolean
atlas_viewport_is_whole (AtlasViewport *self)
{
  AtlasView whole;

  g_return_val_if_fail (self->axis != NULL, FALSE);

  whole = atlas_view_whole (self->axis, self->width_px);
  return self->target.left_u == whole.left_u && self->target.zoom == whole.zoom;
}

void
atlas_viewport_reveal (AtlasViewport *self, AtlasVa va)
{
  double x_px;
  double margin_px;

  if (self->axis == NULL)
    return;
  x_px = atlas_view_va_to_x (&self->target, self->axis, va);
  margin_px = self->width_px * FIT_MARGIN;
  if (x_px >= 0 && x_px < self->width_px)
    return;
  note_place (self, FALSE);
  x_px += x_px < 0 ? -margin_px : margin_px - self->width_px;
  go (self, atlas_view_pan (&self->target, self->axis, x_px), ATLAS_GLIDE_JUMP_US);
}

static void
travel_to (AtlasViewport *self, AtlasPlace there)
{
  go (self,
      atlas_view_fit (self->axis, self->width_px, there.first_va, there.last_va, 0),
      ATLAS_GLIDE_JUMP_US);
}

gboolean
atlas_viewport_can_go_back (AtlasViewport *self)
{
  return self->axis != NULL && atlas_place_history_can_go_back (self->history);
}

gboolean
atlas_viewport_can_go_forward (AtlasViewport *self)
{
  return self->axis != NULL && atlas_place_history_can_go_forward (self->history);
}

void
atlas_viewport_go_back (AtlasViewport *self)
{
  if (atlas_viewport_can_go_back (self))
    travel_to (self, atlas_place_history_go_back (self->history, get_place (self)));
}

void
atlas_viewport_go_forward (AtlasViewport *self)
{
  if (atlas_viewport_can_go_forward (self))
    travel_to (self, atlas_place_history_go_forward (self->history, get_place (self)));
}

gboolean
atlas_viewport_advance (AtlasViewport *self, gint64 frame_time_us)
{
  double done;

  if (!self->glide.is_running)
    return FALSE;
  done = atlas_glide_advance (&self->glide, frame_time_us);
  if (done <= 0)
    return TRUE;
  if (done >= 1)
    {
      set_view (self, self->target);
      return FALSE;
    }
  if (self->is_anchored)
    {
      self->view.zoom = self->from.zoom + (self->target.zoom - self->from.zoom) * done;
      self->view.left_u =
        self->anchor_u -
        (gint64) llround (self->anchor_x_px * atlas_view_get_units_per_px (&self->view));
    }
  else
    {
      self->view = atlas_view_interpolate (&self->from, &self->target, done);
    }
  emit_changed (self);
  return TRUE;
}

gboolean
atlas_viewport_is_animating (AtlasViewport *self)
{
  return self->glide.is_running;
}

void
atlas_viewport_set_hover (AtlasViewport *self, gboolean has_hover, AtlasVa va)
{
  if (self->has_hover == has_hover && (!has_hover || self->hover_va == va))
    return;
  self->has_hover = has_hover;
  self->hover_va = va;
  emit_changed (self);
}

gboolean
atlas_viewport_get_hover (AtlasViewport *self, AtlasVa *va)
{
  *va = self->hover_va;
  return self->has_hover;
}
