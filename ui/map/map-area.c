/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/map-area.h"

#include <math.h>

#include "model/glide.h"

/* Around a place that the viewport went to. */
#define FOLLOW_MARGIN 0.1
#define BOX_MIN_PX 4.0

struct _AtlasMapArea
{
  AtlasViewport *viewport; /* not owned */
  AtlasHilbertView view;   /* what is seen now, … */
  AtlasHilbertView from;   /* … on its way from here … */
  AtlasHilbertView target; /* … to here */
  gboolean is_animated;
  AtlasGlide glide;

  /* Where the viewport was headed when we last looked. */
  AtlasView followed;
  AtlasAxis *followed_axis; /* owned; compared, not read */
  gboolean is_telling;

  /* The raster and what it was made of. */
  AtlasRegionSet *regions; /* owned */
  AtlasHilbertPlane raster_plane;
  AtlasHilbertView raster_view;
  guint columns, rows;
  GBytes *raster;
  GArray *alarms; /* of AtlasHilbertAlarm */
};

AtlasMapArea *
atlas_map_area_new (AtlasViewport *viewport)
{
  AtlasMapArea *area = g_new0 (AtlasMapArea, 1);

  area->viewport = viewport;
  area->alarms = g_array_new (FALSE, FALSE, sizeof (AtlasHilbertAlarm));
  area->view.width_px = area->view.height_px = 1;
  area->target = area->view;
  return area;
}

void
atlas_map_area_free (AtlasMapArea *area)
{
  if (area == NULL)
    return;
  g_clear_pointer (&area->followed_axis, atlas_axis_unref);
  g_clear_pointer (&area->regions, atlas_region_set_unref);
  g_clear_pointer (&area->raster, g_bytes_unref);
  g_array_unref (area->alarms);
  g_free (area);
}

static gboolean
get_plane (AtlasMapArea *area, AtlasHilbertPlane *plane)
{
  AtlasAxis *axis = atlas_viewport_get_axis (area->viewport);

  if (axis == NULL)
    return FALSE;
  *plane = atlas_hilbert_plane (atlas_axis_get_last_va (axis));
  return TRUE;
}

static gboolean
is_same (const AtlasHilbertView *a, const AtlasHilbertView *b)
{
  return a->left == b->left && a->top == b->top && a->zoom == b->zoom &&
         a->width_px == b->width_px && a->height_px == b->height_px;
}

static void
note_target (AtlasMapArea *area)
{
  AtlasAxis *axis = atlas_viewport_get_axis (area->viewport);

  area->followed = atlas_viewport_get_target (area->viewport);
  if (area->followed_axis == axis)
    return;
  g_clear_pointer (&area->followed_axis, atlas_axis_unref);
  area->followed_axis = atlas_axis_ref (axis);
}

static void
set_at_once (AtlasMapArea *area, AtlasHilbertView view)
{
  area->view = area->target = view;
  area->glide.is_running = FALSE;
}

static void
move (AtlasMapArea *area, AtlasHilbertView target, gint64 duration_us)
{
  if (!area->is_animated || is_same (&area->view, &target))
    {
      set_at_once (area, target);
      return;
    }
  area->from = area->view;
  area->target = target;
  area->glide = atlas_glide_start (duration_us);
}

/* What the viewport shows, or is on its way to. */
static gboolean
get_viewport_target (AtlasMapArea *area, AtlasHilbertView *view)
{
  AtlasAxis *axis = atlas_viewport_get_axis (area->viewport);
  AtlasView target = atlas_viewport_get_target (area->viewport);
  AtlasHilbertPlane plane;

  if (!get_plane (area, &plane))
    return FALSE;
  if (atlas_viewport_is_whole (area->viewport))
    *view = atlas_hilbert_view_whole (&plane, area->view.width_px, area->view.height_px);
  else
    *view = atlas_hilbert_view_fit (&plane,
                                    area->view.width_px,
                                    area->view.height_px,
                                    atlas_view_x_to_va (&target, axis, 0),
                                    atlas_view_x_to_va (&target, axis, target.width_px),
                                    FOLLOW_MARGIN);
  return TRUE;
}

void
atlas_map_area_set_size (AtlasMapArea *area, guint width_px, guint height_px)
{
  AtlasHilbertView view;

  if (area->view.width_px == width_px && area->view.height_px == height_px)
    return;
  area->view.width_px = MAX (width_px, 1u);
  area->view.height_px = MAX (height_px, 1u);
  if (!get_viewport_target (area, &view))
    return;
  note_target (area);
  set_at_once (area, view);
}

void
atlas_map_area_set_animate (AtlasMapArea *area, gboolean is_animated)
{
  area->is_animated = is_animated;
}

gboolean
atlas_map_area_is_animating (AtlasMapArea *area)
{
  return area->glide.is_running;
}

void
atlas_map_area_stop (AtlasMapArea *area)
{
  set_at_once (area, area->view);
}

gboolean
atlas_map_area_advance (AtlasMapArea *area, gint64 frame_time_us)
{
  double done;

  if (!area->glide.is_running)
    return FALSE;
  done = atlas_glide_advance (&area->glide, frame_time_us);
  if (done >= 1)
    set_at_once (area, area->target);
  else
    area->view = atlas_hilbert_view_interpolate (&area->from, &area->target, done);
  return area->glide.is_running;
}

void
atlas_map_area_follow (AtlasMapArea *area)
{
  AtlasAxis *axis = atlas_viewport_get_axis (area->viewport);
  AtlasView target = atlas_viewport_get_target (area->viewport);
  AtlasHilbertView view;

  if (axis == NULL || area->is_telling)
    return;
  if (target.left_u == area->followed.left_u && target.zoom == area->followed.zoom &&
      target.width_px == area->followed.width_px && axis == area->followed_axis)
    return;
  if (!get_viewport_target (area, &view))
    return;
  /* On another axis the picture is another one: there is no way to it. */
  if (axis == area->followed_axis)
    move (area, view, ATLAS_GLIDE_JUMP_US);
  else
    set_at_once (area, view);
  note_target (area);
}

static void
update_raster (AtlasMapArea *area, const AtlasHilbertPlane *plane, guint scale)
{
  AtlasRegionSet *regions =
    atlas_document_get_regions (atlas_viewport_get_document (area->viewport));
  guint columns = area->view.width_px * scale;
  guint rows = area->view.height_px * scale;

  if (area->raster != NULL && area->regions == regions && area->columns == columns &&
      area->rows == rows && area->raster_plane.order == plane->order &&
      is_same (&area->raster_view, &area->view))
    return;
  g_clear_pointer (&area->raster, g_bytes_unref);
  area->raster = atlas_hilbert_fold (regions, plane, &area->view, columns, rows, area->alarms);
  if (area->regions != regions)
    {
      g_clear_pointer (&area->regions, atlas_region_set_unref);
      area->regions = atlas_region_set_ref (regions);
    }
  area->raster_plane = *plane;
  area->raster_view = area->view;
  area->columns = columns;
  area->rows = rows;
}

void
atlas_map_area_draw (AtlasMapArea *area, AtlasDisplayList *list, AtlasMapFlags *flags, guint scale)
{
  AtlasDocument *document = atlas_viewport_get_document (area->viewport);
  AtlasHilbertInput input = { .alarms = area->alarms };

  if (!get_plane (area, &input.plane))
    return;
  update_raster (area, &input.plane, scale);
  input.regions = area->regions;
  input.view = area->view;
  input.raster = area->raster;
  input.columns = area->columns;
  input.rows = area->rows;
  input.has_selection = atlas_document_has_selection (document);
  input.selected_va = atlas_document_get_selected_va (document);
  input.has_hover = atlas_viewport_get_hover (area->viewport, &input.hover_va);
  input.flags = atlas_map_flags_get (flags, &input.n_flags);
  atlas_hilbert_mark_flags (&input, atlas_map_flags_get_marks (flags));
  atlas_hilbert_draw (list, &input);
}

AtlasHilbertView
atlas_map_area_get_view (AtlasMapArea *area)
{
  return area->view;
}

gboolean
atlas_map_area_pick (AtlasMapArea *area, double x_px, double y_px, AtlasStripHit *hit)
{
  AtlasHilbertPlane plane;

  return get_plane (area, &plane) &&
         atlas_hilbert_pick (
           atlas_document_get_regions (atlas_viewport_get_document (area->viewport)),
           &plane,
           &area->view,
           x_px,
           y_px,
           hit);
}

/* Goes there by hand, in so much time, and tells the viewport. */
static void
go (AtlasMapArea *area, const AtlasHilbertPlane *plane, AtlasHilbertView view, gint64 duration_us)
{
  AtlasVa first_va, last_va;

  if (is_same (&view, &area->target))
    return;
  if (duration_us > 0)
    move (area, view, duration_us);
  else
    set_at_once (area, view);
  area->is_telling = TRUE;
  atlas_hilbert_view_get_seen (&view, plane, &first_va, &last_va);
  atlas_viewport_show (area->viewport, first_va, last_va);
  area->is_telling = FALSE;
  note_target (area);
}

void
atlas_map_area_zoom_at (AtlasMapArea *area, gint steps, double x_px, double y_px)
{
  AtlasHilbertPlane plane;

  if (steps != 0 && get_plane (area, &plane))
    {
      /* Notches on the way add to where it is heading, so a fast wheel loses none. What is under
       * the pointer now is what stays there. */
      AtlasHilbertView base = area->target;
      double view_scale = atlas_hilbert_view_get_units_per_px (&area->view);
      double base_scale = atlas_hilbert_view_get_units_per_px (&base);

      base.left = area->view.left + x_px * (view_scale - base_scale);
      base.top = area->view.top + y_px * (view_scale - base_scale);
      go (area,
          &plane,
          atlas_hilbert_view_zoom_at (&base, &plane, steps, x_px, y_px),
          ATLAS_GLIDE_NOTCH_US);
    }
}

/* Where keys zoom: at the selection when it is seen, else in the middle. */
void
atlas_map_area_step (AtlasMapArea *area, gint zoom_steps, double pan_share)
{
  AtlasDocument *document = atlas_viewport_get_document (area->viewport);
  double x_px = area->target.width_px / 2.0;
  double y_px = area->target.height_px / 2.0;
  AtlasHilbertPlane plane;

  if (!get_plane (area, &plane))
    return;
  if (atlas_document_has_selection (document))
    {
      double scale = atlas_hilbert_view_get_units_per_px (&area->view);
      double selected_x_px, selected_y_px;
      guint64 x, y;

      atlas_hilbert_va_to_xy (&plane, atlas_document_get_selected_va (document), &x, &y);
      selected_x_px = ((double) x - area->view.left) / scale;
      selected_y_px = ((double) y - area->view.top) / scale;
      if (selected_x_px >= 0 && selected_x_px < area->view.width_px && selected_y_px >= 0 &&
          selected_y_px < area->view.height_px)
        {
          x_px = selected_x_px;
          y_px = selected_y_px;
        }
    }
  atlas_map_area_zoom_at (area, zoom_steps, x_px, y_px);
  if (pan_share != 0)
    go (area,
        &plane,
        atlas_hilbert_view_pan (&area->target, &plane, pan_share * area->target.width_px, 0),
        ATLAS_GLIDE_NOTCH_US);
}

void
atlas_map_area_pan (AtlasMapArea *area, double delta_x_px, double delta_y_px)
{
  AtlasHilbertPlane plane;

  if (get_plane (area, &plane))
    go (area, &plane, atlas_hilbert_view_pan (&area->view, &plane, delta_x_px, delta_y_px), 0);
}

void
atlas_map_area_fit_box (AtlasMapArea *area, double x0_px, double y0_px, double x1_px, double y1_px)
{
  double width_px = MAX (fabs (x1_px - x0_px), BOX_MIN_PX);
  double height_px = MAX (fabs (y1_px - y0_px), BOX_MIN_PX);
  double octaves = log2 (MIN (area->view.width_px / width_px, area->view.height_px / height_px));
  AtlasHilbertPlane plane;
  AtlasHilbertView view;

  if (!get_plane (area, &plane))
    return;
  view = area->view;
  view.left += ((x0_px + x1_px) / 2.0) * atlas_hilbert_view_get_units_per_px (&area->view);
  view.top += ((y0_px + y1_px) / 2.0) * atlas_hilbert_view_get_units_per_px (&area->view);
  view.zoom = floor (view.zoom - ATLAS_ZOOM_STEPS * octaves) + 1;
  view.left -= view.width_px / 2.0 * atlas_hilbert_view_get_units_per_px (&view);
  view.top -= view.height_px / 2.0 * atlas_hilbert_view_get_units_per_px (&view);
  go (area, &plane, atlas_hilbert_view_zoom_at (&view, &plane, 0, 0, 0), ATLAS_GLIDE_JUMP_US);
}
