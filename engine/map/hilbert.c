/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/hilbert.h"

#include <math.h>

#include "map/hilbert-private.h"

/* 8 × 2^44 = 2^47, 4 × 2^54 = 2^56, 4 × 2^62 = 2^64. */
#define USER_ORDER 22
#define USER_BLOCKS 8
#define LA57_USER_ORDER 27
#define LA57_USER_BLOCKS 4
#define ALL_ORDER 31
#define ALL_BLOCKS 4
_Static_assert(ATLAS_BIT (2 * USER_ORDER) * USER_BLOCKS == ATLAS_BIT (47), "the user half");
_Static_assert(ATLAS_BIT (2 * LA57_USER_ORDER) * LA57_USER_BLOCKS == ATLAS_BIT (56),
               "the user half of five levels");

/* Four pixels a byte. */
#define NEAREST_ZOOM (-2 * ATLAS_ZOOM_STEPS)

AtlasHilbertPlane
atlas_hilbert_plane (AtlasVa last_va)
{
  if (last_va < ATLAS_BIT (47))
    return (AtlasHilbertPlane){ USER_ORDER, USER_BLOCKS };
  if (last_va < ATLAS_BIT (56))
    return (AtlasHilbertPlane){ LA57_USER_ORDER, LA57_USER_BLOCKS };
  return (AtlasHilbertPlane){ ALL_ORDER, ALL_BLOCKS };
}

AtlasVa
atlas_hilbert_get_last_va (const AtlasHilbertPlane *plane)
{
  g_return_val_if_fail (plane != NULL && plane->n_blocks > 0, 0);

  /* Two halves, so that 2^64 need not be written. */
  return (ATLAS_BIT (2 * plane->order) * (plane->n_blocks - 1)) +
         (ATLAS_BIT (2 * plane->order) - 1);
}

guint64
atlas_hilbert_get_width (const AtlasHilbertPlane *plane)
{
  g_return_val_if_fail (plane != NULL, 1);
  return ATLAS_BIT (plane->order) * plane->n_blocks;
}

guint64
atlas_hilbert_get_height (const AtlasHilbertPlane *plane)
{
  g_return_val_if_fail (plane != NULL, 1);
  return ATLAS_BIT (plane->order);
}

AtlasHilbertSquare
atlas_hilbert_get_block (const AtlasHilbertPlane *plane, guint block)
{
  return (AtlasHilbertSquare){ .first_va = ATLAS_BIT (2 * plane->order) * block,
                               .x = ATLAS_BIT (plane->order) * block,
                               .order = plane->order };
}

AtlasHilbertSquare
atlas_hilbert_get_quarter (const AtlasHilbertSquare *square, guint quarter)
{
  guint order = square->order - 1;
  /* Down, right, up, in a square that is not turned. */
  gboolean is_right = quarter == 2 || quarter == 3;
  gboolean is_low = quarter == 1 || quarter == 2;
  AtlasHilbertSquare result = *square;

  if (square->is_flipped)
    {
      is_right = !is_right;
      is_low = !is_low;
    }
  if (square->is_swapped)
    {
      gboolean other = is_right;

      is_right = is_low;
      is_low = other;
    }
  result.order = order;
  result.first_va += ATLAS_BIT (2 * order) * quarter;
  result.x += is_right ? ATLAS_BIT (order) : 0;
  result.y += is_low ? ATLAS_BIT (order) : 0;
  /* The first and the last quarter lie on their sides, so that the ends meet. */
  if (quarter == 0 || quarter == 3)
    result.is_swapped = !result.is_swapped;
  if (quarter == 3)
    result.is_flipped = !result.is_flipped;
  return result;
}

void
atlas_hilbert_va_to_xy (const AtlasHilbertPlane *plane, AtlasVa va, guint64 *x, guint64 *y)
{
  AtlasHilbertSquare square;

  g_return_if_fail (plane != NULL && x != NULL && y != NULL);

  va = MIN (va, atlas_hilbert_get_last_va (plane));
  square = atlas_hilbert_get_block (plane, (guint) (va >> (2 * plane->order)));
  while (square.order > 0)
    square = atlas_hilbert_get_quarter (
      &square, (guint) ((va - square.first_va) >> (2 * (square.order - 1))));
  *x = square.x;
  *y = square.y;
}

AtlasVa
atlas_hilbert_xy_to_va (const AtlasHilbertPlane *plane, guint64 x, guint64 y)
{
  AtlasHilbertSquare square;

  g_return_val_if_fail (plane != NULL, 0);

  x = MIN (x, atlas_hilbert_get_width (plane) - 1);
  y = MIN (y, atlas_hilbert_get_height (plane) - 1);
  square = atlas_hilbert_get_block (plane, (guint) (x >> plane->order));
  while (square.order > 0)
    {
      guint64 side = ATLAS_BIT (square.order - 1);

      for (guint quarter = 0; quarter < 4; quarter++)
        {
          AtlasHilbertSquare part = atlas_hilbert_get_quarter (&square, quarter);

          if (x - part.x < side && y - part.y < side)
            {
              square = part;
              break;
            }
        }
    }
  return square.first_va;
}

/* ---- what is seen ---- */

double
atlas_hilbert_view_get_units_per_px (const AtlasHilbertView *view)
{
  g_return_val_if_fail (view != NULL, 1.0);
  return exp2 (view->zoom / ATLAS_ZOOM_STEPS);
}

AtlasHilbertView
atlas_hilbert_view_whole (const AtlasHilbertPlane *plane, guint width_px, guint height_px)
{
  AtlasHilbertView view = { .width_px = MAX (width_px, 1u), .height_px = MAX (height_px, 1u) };
  double width, height, units_per_px;

  g_return_val_if_fail (plane != NULL, view);

  width = (double) atlas_hilbert_get_width (plane);
  height = (double) atlas_hilbert_get_height (plane);
  units_per_px = MAX (width / view.width_px, height / view.height_px);
  view.zoom = ATLAS_ZOOM_STEPS * log2 (units_per_px);
  view.left = (width - view.width_px * units_per_px) / 2.0;
  view.top = (height - view.height_px * units_per_px) / 2.0;
  return view;
}

/* In a direction in which everything fits, everything is in the middle. */
static double
clamp_origin (double origin, double seen, double length)
{
  return seen >= length ? (length - seen) / 2.0 : CLAMP (origin, 0.0, length - seen);
}

static AtlasHilbertView
clamp_view (AtlasHilbertView view, const AtlasHilbertPlane *plane)
{
  AtlasHilbertView whole = atlas_hilbert_view_whole (plane, view.width_px, view.height_px);
  double units_per_px;

  if (view.zoom >= whole.zoom)
    return whole;
  units_per_px = atlas_hilbert_view_get_units_per_px (&view);
  view.left = clamp_origin (
    view.left, view.width_px * units_per_px, (double) atlas_hilbert_get_width (plane));
  view.top = clamp_origin (
    view.top, view.height_px * units_per_px, (double) atlas_hilbert_get_height (plane));
  return view;
}

typedef struct
{
  AtlasVa first_va, last_va;
  guint64 left, top, right, bottom; /* inclusive */
} Box;

static void
widen (Box *box, const AtlasHilbertSquare *square)
{
  AtlasVa last_va = atlas_hilbert_square_get_last_va (square);
  guint64 reach = ATLAS_BIT (square->order) - 1;

  if (square->first_va > box->last_va || last_va < box->first_va)
    return;
  if (square->first_va >= box->first_va && last_va <= box->last_va)
    {
      box->left = MIN (box->left, square->x);
      box->top = MIN (box->top, square->y);
      box->right = MAX (box->right, square->x + reach);
      box->bottom = MAX (box->bottom, square->y + reach);
      return;
    }
  /* Only the squares that hold an end of the range are cut: at most two on each level. */
  for (guint quarter = 0; quarter < 4; quarter++)
    {
      AtlasHilbertSquare part = atlas_hilbert_get_quarter (square, quarter);

      widen (box, &part);
    }
}

AtlasHilbertView
atlas_hilbert_view_fit (const AtlasHilbertPlane *plane,
                        guint width_px,
                        guint height_px,
                        AtlasVa first_va,
                        AtlasVa last_va,
                        double margin)
{
  AtlasHilbertView view = { .width_px = MAX (width_px, 1u), .height_px = MAX (height_px, 1u) };
  Box box = { .left = G_MAXUINT64, .top = G_MAXUINT64 };
  double part, width, height, units_per_px;

  g_return_val_if_fail (plane != NULL && first_va <= last_va, view);

  box.last_va = MIN (last_va, atlas_hilbert_get_last_va (plane));
  box.first_va = MIN (first_va, box.last_va);
  for (guint block = 0; block < plane->n_blocks; block++)
    {
      AtlasHilbertSquare square = atlas_hilbert_get_block (plane, block);

      widen (&box, &square);
    }
  width = (double) (box.right - box.left) + 1.0;
  height = (double) (box.bottom - box.top) + 1.0;
  part = 1.0 - 2.0 * CLAMP (margin, 0.0, 0.4);
  units_per_px = MAX (width / (view.width_px * part), height / (view.height_px * part));
  view.zoom = MAX (ceil (ATLAS_ZOOM_STEPS * log2 (units_per_px)), NEAREST_ZOOM);
  units_per_px = atlas_hilbert_view_get_units_per_px (&view);
  view.left = (double) box.left + (width - view.width_px * units_per_px) / 2.0;
  view.top = (double) box.top + (height - view.height_px * units_per_px) / 2.0;
  return clamp_view (view, plane);
}

AtlasHilbertView
atlas_hilbert_view_zoom_at (const AtlasHilbertView *view,
                            const AtlasHilbertPlane *plane,
                            gint steps,
                            double x_px,
                            double y_px)
{
  AtlasHilbertView result;
  double before, after;

  g_return_val_if_fail (view != NULL && plane != NULL, (AtlasHilbertView){ 0 });

  result = *view;
  before = atlas_hilbert_view_get_units_per_px (view);
  result.zoom = MAX (round (view->zoom) - steps, NEAREST_ZOOM);
  after = atlas_hilbert_view_get_units_per_px (&result);
  result.left += x_px * (before - after);
  result.top += y_px * (before - after);
  return clamp_view (result, plane);
}

AtlasHilbertView
atlas_hilbert_view_pan (const AtlasHilbertView *view,
                        const AtlasHilbertPlane *plane,
                        double delta_x_px,
                        double delta_y_px)
{
  AtlasHilbertView result;

  g_return_val_if_fail (view != NULL && plane != NULL, (AtlasHilbertView){ 0 });

  result = *view;
  result.left += delta_x_px * atlas_hilbert_view_get_units_per_px (view);
  result.top += delta_y_px * atlas_hilbert_view_get_units_per_px (view);
  return clamp_view (result, plane);
}

gboolean
atlas_hilbert_view_pick (const AtlasHilbertView *view,
                         const AtlasHilbertPlane *plane,
                         double x_px,
                         double y_px,
                         AtlasVa *va)
{
  double x, y;

  g_return_val_if_fail (view != NULL && plane != NULL && va != NULL, FALSE);

  x = view->left + x_px * atlas_hilbert_view_get_units_per_px (view);
  y = view->top + y_px * atlas_hilbert_view_get_units_per_px (view);
  if (!(x >= 0.0 && y >= 0.0 && x < (double) atlas_hilbert_get_width (plane) &&
        y < (double) atlas_hilbert_get_height (plane)))
    return FALSE;
  *va = atlas_hilbert_xy_to_va (plane, (guint64) x, (guint64) y);
  return TRUE;
}

void
atlas_hilbert_view_get_seen (const AtlasHilbertView *view,
                             const AtlasHilbertPlane *plane,
                             AtlasVa *first_va,
                             AtlasVa *last_va)
{
  AtlasHilbertView whole;
  double side;
  guint order = 0;

  g_return_if_fail (view != NULL && plane != NULL && first_va != NULL && last_va != NULL);

  *first_va = 0;
  *last_va = atlas_hilbert_get_last_va (plane);
  whole = atlas_hilbert_view_whole (plane, view->width_px, view->height_px);
  if (view->zoom >= whole.zoom ||
      !atlas_hilbert_view_pick (view, plane, view->width_px / 2.0, view->height_px / 2.0, first_va))
    return;
  side = MIN (view->width_px, view->height_px) * atlas_hilbert_view_get_units_per_px (view);
  while (order < plane->order && exp2 (order) < side)
    order++;
  *first_va &= ~(ATLAS_BIT (2 * order) - 1);
  *last_va = *first_va + (ATLAS_BIT (2 * order) - 1);
}
