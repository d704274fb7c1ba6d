/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/view.h"

#include <math.h>

/* Nearest: 32 pixels a byte. */
#define BYTE_PX_LOG2 5
/* How much empty room may be seen beyond an end of the axis, as a part of the width. More than the
 * whole view leaves (half a step), so that going in from there never has to be corrected. */
#define OVERSCROLL (1.0 / 16.0)
/* How strongly a jump prefers going out over going across; sqrt (2) is what van Wijk and Nuij found
 * their test persons to like best. */
#define JUMP_RHO 1.41421356237309505

/* Farther than any axis is long, and far from overflowing when added to a place on it. */
#define MAX_UNITS 0x1p62L

/* Distances are rounded halves away from zero, the same both ways, and in long double, whose 64-bit
 * mantissa holds every u. */
static gint64
to_units (double x_px, double units_per_px)
{
  long double units = (long double) x_px * (long double) units_per_px;

  return (gint64) llroundl (CLAMP (units, -MAX_UNITS, MAX_UNITS));
}

static double
units_per_px_at (double zoom)
{
  return exp2 (zoom / ATLAS_ZOOM_STEPS);
}

double
atlas_view_get_units_per_px (const AtlasView *view)
{
  g_return_val_if_fail (view != NULL, 1.0);
  return units_per_px_at (view->zoom);
}

AtlasView
atlas_view_whole (const AtlasAxis *axis, guint width_px)
{
  AtlasView view = { 0, 0.0, MAX (width_px, 1u) };
  gint64 length_u;

  g_return_val_if_fail (axis != NULL, view);

  length_u = (gint64) atlas_axis_get_length (axis);
  view.zoom = ceil (ATLAS_ZOOM_STEPS * log2 ((double) length_u / view.width_px));
  view.left_u = -(to_units (view.width_px, atlas_view_get_units_per_px (&view)) - length_u) / 2;
  return view;
}

static double
nearest_zoom (gint shift)
{
  return (double) ATLAS_ZOOM_STEPS * (shift - BYTE_PX_LOG2);
}

/* Of all segments seen, the one whose bytes may be brought nearest decides. */
static double
nearest_zoom_seen (const AtlasView *view, const AtlasAxis *axis)
{
  gint64 right_u = view->left_u + to_units (view->width_px, atlas_view_get_units_per_px (view));
  guint last = atlas_axis_find_u (axis, (guint64) MAX (right_u, 0));
  double zoom = G_MAXDOUBLE;

  for (guint i = atlas_axis_find_u (axis, (guint64) MAX (view->left_u, 0)); i <= last; i++)
    zoom = MIN (zoom, nearest_zoom (atlas_axis_get_segment (axis, i)->shift));
  return zoom;
}

/* Sets the zoom; what is at @x_px stays, and comes back exactly with the old zoom. */
static void
set_zoom_at (AtlasView *view, double zoom, double x_px)
{
  view->left_u += to_units (x_px, units_per_px_at (view->zoom));
  view->left_u -= to_units (x_px, units_per_px_at (zoom));
  view->zoom = zoom;
}

static AtlasView
clamp_view (AtlasView view, const AtlasAxis *axis)
{
  AtlasView whole = atlas_view_whole (axis, view.width_px);
  double nearest;
  gint64 width_u, overscroll_u;

  if (view.zoom >= whole.zoom)
    return whole;
  nearest = nearest_zoom_seen (&view, axis);
  if (view.zoom < nearest)
    set_zoom_at (&view, MIN (nearest, whole.zoom), view.width_px / 2.0);
  width_u = to_units (view.width_px, atlas_view_get_units_per_px (&view));
  overscroll_u = to_units (view.width_px * OVERSCROLL, atlas_view_get_units_per_px (&view));
  view.left_u = CLAMP (
    view.left_u, -overscroll_u, (gint64) atlas_axis_get_length (axis) - width_u + overscroll_u);
  return view;
}

static gboolean
is_same (const AtlasView *a, const AtlasView *b)
{
  return a->left_u == b->left_u && a->zoom == b->zoom && a->width_px == b->width_px;
}

static gboolean
is_whole (const AtlasView *view, const AtlasAxis *axis)
{
  AtlasView whole = atlas_view_whole (axis, view->width_px);

  return is_same (view, &whole);
}

AtlasView
atlas_view_fit (const AtlasAxis *axis,
                guint width_px,
                AtlasVa first_va,
                AtlasVa last_va,
                double margin)
{
  AtlasView view = { 0, 0.0, MAX (width_px, 1u) };
  guint64 first_u, last_u;
  guint last_segment;
  double seen_px, length_u, zoom;

  g_return_val_if_fail (axis != NULL && first_va <= last_va, view);

  first_u = atlas_axis_va_to_u (axis, first_va);
  last_u = atlas_axis_va_to_u (axis, last_va);
  last_segment = atlas_axis_find_va (axis, last_va);
  /* To the end of the last byte. */
  last_u +=
    (G_GUINT64_CONSTANT (1) << MAX (atlas_axis_get_segment (axis, last_segment)->shift, 0)) - 1;
  length_u = (double) (last_u - first_u) + 1.0;
  seen_px = view.width_px * (1.0 - 2.0 * CLAMP (margin, 0.0, 0.4));
  zoom = ceil (ATLAS_ZOOM_STEPS * log2 (length_u / seen_px));
  view.zoom = MAX (zoom, nearest_zoom (atlas_axis_get_segment (axis, last_segment)->shift));
  view.left_u = (gint64) (first_u + (last_u - first_u) / 2) -
                to_units (view.width_px / 2.0, atlas_view_get_units_per_px (&view));
  return clamp_view (view, axis);
}

AtlasView
atlas_view_zoom_at (const AtlasView *view, const AtlasAxis *axis, gint steps, double x_px)
{
  AtlasView result;
  gint64 anchor_u, length_u;
  const AtlasAxisSegment *segment;
  double zoom, whole_zoom;

  g_return_val_if_fail (view != NULL && axis != NULL, (AtlasView){ 0 });

  result = *view;
  length_u = (gint64) atlas_axis_get_length (axis);
  anchor_u = view->left_u + to_units (x_px, atlas_view_get_units_per_px (view));
  /* Beyond an end of the axis, the end is what stays. */
  if (anchor_u < 0 || anchor_u > length_u)
    {
      anchor_u = CLAMP (anchor_u, 0, length_u);
      x_px = (double) (anchor_u - view->left_u) / atlas_view_get_units_per_px (view);
    }
  segment = atlas_axis_get_segment (axis, atlas_axis_find_u (axis, (guint64) anchor_u));
  whole_zoom = atlas_view_whole (axis, view->width_px).zoom;
  zoom = round (view->zoom) - steps;
  if (zoom >= whole_zoom)
    return atlas_view_whole (axis, view->width_px);
  /* A view that is nearer already (its bytes belong to a neighbour) is not thrown out. */
  zoom = MAX (zoom, MIN (nearest_zoom (segment->shift), MAX (round (view->zoom), zoom)));
  set_zoom_at (&result, zoom, x_px);
  return clamp_view (result, axis);
}

AtlasView
atlas_view_pan (const AtlasView *view, const AtlasAxis *axis, double delta_px)
{
  AtlasView result;

  g_return_val_if_fail (view != NULL && axis != NULL, (AtlasView){ 0 });

  result = *view;
  result.left_u += to_units (delta_px, atlas_view_get_units_per_px (view));
  return clamp_view (result, axis);
}

AtlasView
atlas_view_resize (const AtlasView *view, const AtlasAxis *axis, guint width_px)
{
  AtlasView result;

  g_return_val_if_fail (view != NULL && axis != NULL, (AtlasView){ 0 });

  width_px = MAX (width_px, 1u);
  if (is_whole (view, axis))
    return atlas_view_whole (axis, width_px);
  result = *view;
  result.left_u +=
    to_units (((double) view->width_px - width_px) / 2.0, atlas_view_get_units_per_px (view));
  result.width_px = width_px;
  return clamp_view (result, axis);
}

AtlasView
atlas_view_move_to_axis (const AtlasView *view,
                         const AtlasAxis *from,
                         const AtlasAxis *to,
                         AtlasVa anchor_va)
{
  AtlasView result;
  gint from_shift, to_shift;
  gint64 offset_u;
  double x_px;

  g_return_val_if_fail (view != NULL && from != NULL && to != NULL, (AtlasView){ 0 });

  if (is_whole (view, from))
    return atlas_view_whole (to, view->width_px);
  from_shift = atlas_axis_get_segment (from, atlas_axis_find_va (from, anchor_va))->shift;
  to_shift = atlas_axis_get_segment (to, atlas_axis_find_va (to, anchor_va))->shift;
  offset_u = (gint64) atlas_axis_va_to_u (from, anchor_va) - view->left_u;
  x_px = (double) offset_u / atlas_view_get_units_per_px (view);
  result = *view;
  result.zoom = round (view->zoom) + (double) ATLAS_ZOOM_STEPS * (to_shift - from_shift);
  result.left_u = (gint64) atlas_axis_va_to_u (to, anchor_va) -
                  to_units (x_px, atlas_view_get_units_per_px (&result));
  return clamp_view (result, to);
}

/* Centre and width of a view at part @t of a straight zoom: the one point that both views show at
 * the same pixel stays there. @t ≤ 0.5, measured from @near. */
static void
straight_path (const AtlasView *near,
               const AtlasView *far,
               double t,
               double *offset_u,
               double *zoom)
{
  double near_scale = units_per_px_at (near->zoom);
  double far_scale = units_per_px_at (far->zoom);
  double distance_u = (double) (far->left_u - near->left_u);

  *zoom = near->zoom + (far->zoom - near->zoom) * t;
  if (near->zoom == far->zoom)
    *offset_u = distance_u * t;
  else
    *offset_u = distance_u * ((units_per_px_at (*zoom) - near_scale) / (far_scale - near_scale));
}

/* Out, across and in, measured from @near: van Wijk and Nuij, equation 9, in one dimension. Their
 * cosh r0 · tanh (ρs + r0) − sinh r0 is written as sinh ρs / cosh (ρs + r0), which loses no digits.
 */
static void
jump_path (const AtlasView *near, const AtlasView *far, double t, double *offset_u, double *zoom)
{
  const double rho = JUMP_RHO;
  double near_u = near->width_px * units_per_px_at (near->zoom);
  double far_u = near->width_px * units_per_px_at (far->zoom);
  double distance_u = (double) (far->left_u - near->left_u) + (far_u - near_u) / 2.0;
  double length_u = fabs (distance_u);
  double rise = far_u * far_u - near_u * near_u;
  double reach = rho * rho * rho * rho * length_u * length_u;
  double near_r = -asinh ((rise + reach) / (2.0 * near_u * rho * rho * length_u));
  double far_r = -asinh ((rise - reach) / (2.0 * far_u * rho * rho * length_u));
  double way = t * (far_r - near_r);
  double width_u = near_u * cosh (near_r) / cosh (way + near_r);
  double centre_u = near_u / (rho * rho) * sinh (way) / cosh (way + near_r);

  *zoom = ATLAS_ZOOM_STEPS * log2 (width_u / near->width_px);
  *offset_u = copysign (centre_u, distance_u) + (near_u - width_u) / 2.0;
}

static gboolean
contains (const AtlasView *outer, const AtlasView *inner)
{
  gint64 outer_u = to_units (outer->width_px, atlas_view_get_units_per_px (outer));
  gint64 inner_u = to_units (inner->width_px, atlas_view_get_units_per_px (inner));

  return outer->left_u <= inner->left_u && inner->left_u + inner_u <= outer->left_u + outer_u;
}

AtlasView
atlas_view_interpolate (const AtlasView *from, const AtlasView *to, double t)
{
  AtlasView result;
  const AtlasView *near, *far;
  double offset_u = 0.0;

  g_return_val_if_fail (from != NULL && to != NULL, (AtlasView){ 0 });

  if (t <= 0.0 || is_same (from, to))
    return *from;
  if (t >= 1.0)
    return *to;

  /* From the nearer end, so that both ends are reached without a rounding error to be seen. */
  near = t <= 0.5 ? from : to;
  far = t <= 0.5 ? to : from;
  t = t <= 0.5 ? t : 1.0 - t;
  result = *near;
  result.width_px = to->width_px;
  if (contains (from, to) || contains (to, from))
    straight_path (near, far, t, &offset_u, &result.zoom);
  else
    jump_path (near, far, t, &offset_u, &result.zoom);
  result.left_u = near->left_u + (gint64) llround (offset_u);
  return result;
}

double
atlas_view_va_to_x (const AtlasView *view, const AtlasAxis *axis, AtlasVa va)
{
  g_return_val_if_fail (view != NULL && axis != NULL, 0.0);
  return (double) ((gint64) atlas_axis_va_to_u (axis, va) - view->left_u) /
         atlas_view_get_units_per_px (view);
}

AtlasVa
atlas_view_x_to_va (const AtlasView *view, const AtlasAxis *axis, double x_px)
{
  long double u;

  g_return_val_if_fail (view != NULL && axis != NULL, 0);

  u = (long double) view->left_u +
      floorl ((long double) x_px * (long double) atlas_view_get_units_per_px (view));
  if (u <= 0.0L)
    return atlas_axis_get_first_va (axis);
  if (u >= (long double) atlas_axis_get_length (axis))
    return atlas_axis_get_last_va (axis);
  return atlas_axis_u_to_va (axis, (guint64) u);
}

double
atlas_view_get_bytes_per_px (const AtlasView *view, const AtlasAxis *axis, AtlasVa va)
{
  const AtlasAxisSegment *segment;

  g_return_val_if_fail (view != NULL && axis != NULL, 1.0);

  segment = atlas_axis_get_segment (axis, atlas_axis_find_va (axis, va));
  return ldexp (atlas_view_get_units_per_px (view), -segment->shift);
}
