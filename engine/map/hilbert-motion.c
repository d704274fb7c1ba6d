/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/hilbert.h"

#include <math.h>

/* As on the strip: van Wijk and Nuij found about 1.42 to be liked best. */
#define JUMP_RHO 1.42

static double
get_units_per_px (double zoom)
{
  return exp2 (zoom / ATLAS_ZOOM_STEPS);
}

static gboolean
contains (const AtlasHilbertView *outer, const AtlasHilbertView *inner)
{
  double outer_scale = atlas_hilbert_view_get_units_per_px (outer);
  double inner_scale = atlas_hilbert_view_get_units_per_px (inner);

  return outer->left <= inner->left && outer->top <= inner->top &&
         inner->left + inner->width_px * inner_scale <=
           outer->left + outer->width_px * outer_scale &&
         inner->top + inner->height_px * inner_scale <= outer->top + outer->height_px * outer_scale;
}

/* How much of the way between the corners, at which zoom: what both pictures have in common stays
 * at its place. */
static double
straight_path (const AtlasHilbertView *near, const AtlasHilbertView *far, double t, double *zoom)
{
  double near_scale = get_units_per_px (near->zoom);
  double far_scale = get_units_per_px (far->zoom);

  *zoom = near->zoom + (far->zoom - near->zoom) * t;
  return near->zoom == far->zoom
           ? t
           : (get_units_per_px (*zoom) - near_scale) / (far_scale - near_scale);
}

/* How much of the way between the middles, at which zoom: van Wijk and Nuij, "Smooth and efficient
 * zooming and panning", 2003, equation 9, along the line from one middle to the other. */
static double
jump_path (const AtlasHilbertView *near,
           const AtlasHilbertView *far,
           double length,
           double t,
           double *zoom)
{
  const double rho = JUMP_RHO;
  double near_width = near->width_px * get_units_per_px (near->zoom);
  double far_width = near->width_px * get_units_per_px (far->zoom);
  double rise = far_width * far_width - near_width * near_width;
  double reach = rho * rho * rho * rho * length * length;
  double near_r = -asinh ((rise + reach) / (2.0 * near_width * rho * rho * length));
  double far_r = -asinh ((rise - reach) / (2.0 * far_width * rho * rho * length));
  double way = t * (far_r - near_r);
  double width = near_width * cosh (near_r) / cosh (way + near_r);

  *zoom = ATLAS_ZOOM_STEPS * log2 (width / near->width_px);
  return near_width / (rho * rho) * sinh (way) / cosh (way + near_r) / length;
}

AtlasHilbertView
atlas_hilbert_view_interpolate (const AtlasHilbertView *from, const AtlasHilbertView *to, double t)
{
  AtlasHilbertView result;
  const AtlasHilbertView *near, *far;
  double half_width, half_height, near_scale, far_scale, scale, share;

  g_return_val_if_fail (from != NULL && to != NULL, (AtlasHilbertView){ 0 });

  if (t <= 0.0)
    return *from;
  if (t >= 1.0)
    return *to;
  /* From the nearer end, so that both ends are reached without a rounding error to be seen. */
  near = t <= 0.5 ? from : to;
  far = t <= 0.5 ? to : from;
  t = t <= 0.5 ? t : 1.0 - t;
  result = *to;
  near_scale = get_units_per_px (near->zoom);
  far_scale = get_units_per_px (far->zoom);
  if (contains (from, to) || contains (to, from))
    {
      share = straight_path (near, far, t, &result.zoom);
      result.left = near->left + (far->left - near->left) * share;
      result.top = near->top + (far->top - near->top) * share;
      return result;
    }
  half_width = to->width_px / 2.0;
  half_height = to->height_px / 2.0;
  {
    double near_x = near->left + half_width * near_scale;
    double near_y = near->top + half_height * near_scale;
    double distance_x = far->left + half_width * far_scale - near_x;
    double distance_y = far->top + half_height * far_scale - near_y;

    share = jump_path (near, far, hypot (distance_x, distance_y), t, &result.zoom);
    scale = get_units_per_px (result.zoom);
    result.left = near_x + distance_x * share - half_width * scale;
    result.top = near_y + distance_y * share - half_height * scale;
  }
  return result;
}
