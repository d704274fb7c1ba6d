/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasView: the part of an axis that is seen, as a value.
 *
 *   axis  0 ├──────────────┬════════════════════┬─────────────────┤ length_u
 *                        left_u               left_u + width_px · units_per_px
 *
 * The scale is units_per_px = 2^(zoom / ATLAS_ZOOM_STEPS): zoom is an integer number of eighths of
 * an octave, and left_u an integer, so that going in and out again ends exactly where it started.
 * Larger zoom means farther away.
 */

#include "map/axis.h"

G_BEGIN_DECLS

/* Steps an octave: √2 is four of them. */
#define ATLAS_ZOOM_STEPS 8

typedef struct
{
  gint64 left_u;
  double zoom;    /* a whole number at rest; a fraction only while a jump is under way */
  guint width_px; /* > 0 */
} AtlasView;

/* 2^(zoom / ATLAS_ZOOM_STEPS). */
ATLAS_AVAILABLE double atlas_view_get_units_per_px (const AtlasView *view);
/* The whole axis in @width_px: an exact state, always the same. */
ATLAS_AVAILABLE AtlasView atlas_view_whole (const AtlasAxis *axis, guint width_px);
/* [first_va, last_va] in the middle and @margin (0 … 0.4) of the width on each side. */
ATLAS_AVAILABLE AtlasView atlas_view_fit (
  const AtlasAxis *axis, guint width_px, AtlasVa first_va, AtlasVa last_va, double margin);
/* @steps > 0 goes in. The point at @x_px stays. Clamped: never farther than the whole, never nearer
 * than 32 px a byte. */
ATLAS_AVAILABLE AtlasView
atlas_view_zoom_at (const AtlasView *view, const AtlasAxis *axis, gint steps, double x_px);
/* @delta_px > 0 moves towards higher addresses. Clamped. */
ATLAS_AVAILABLE AtlasView
atlas_view_pan (const AtlasView *view, const AtlasAxis *axis, double delta_px);
/* The same middle and scale for another width. */
ATLAS_AVAILABLE AtlasView
atlas_view_resize (const AtlasView *view, const AtlasAxis *axis, guint width_px);
/* The same picture on another axis: @anchor_va keeps its place and, as nearly as steps allow, its
 * scale in bytes a pixel. */
ATLAS_AVAILABLE AtlasView atlas_view_move_to_axis (const AtlasView *view,
                                                   const AtlasAxis *from,
                                                   const AtlasAxis *to,
                                                   AtlasVa anchor_va);
/* Part @t (0 … 1) of the way from @from to @to: out, across and in (van Wijk and Nuij, "Smooth and
 * efficient zooming and panning", 2003); exactly @from at 0 and @to at 1. */
ATLAS_AVAILABLE AtlasView
atlas_view_interpolate (const AtlasView *from, const AtlasView *to, double t);

/* Pixels from the left edge of the view; below 0 or beyond its width for what is not seen. */
ATLAS_AVAILABLE double
atlas_view_va_to_x (const AtlasView *view, const AtlasAxis *axis, AtlasVa va);
/* Clamped to the axis. */
ATLAS_AVAILABLE AtlasVa atlas_view_x_to_va (const AtlasView *view,
                                            const AtlasAxis *axis,
                                            double x_px);
/* Bytes a pixel at @va: the segment's scale. */
ATLAS_AVAILABLE double
atlas_view_get_bytes_per_px (const AtlasView *view, const AtlasAxis *axis, AtlasVa va);

G_END_DECLS
