/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The address space as an area: neighbours on the line stay neighbours in the plane, so that a
 * cluster is a blob, and every aligned power of four bytes is a square.
 *
 *   ╭─╮ ╭─╮ ╭─╮ ╭─╮      one block is a Hilbert curve (D. Hilbert, Math. Ann. 38, 1891) of
 *   │ ╰─╯ │ │ ╰─╯ │      2^order × 2^order bytes, from its top left corner to its top right;
 *   ╰─╮ ╭─╯ ╰─╮ ╭─╯      blocks stand side by side, so that the line goes on from one to the next
 *   ──╯ ╰─────╯ ╰──
 *
 * The user half is 8 blocks of 16 TB, as wide as the strip it takes turns with; all 2^64 addresses
 * are 4 blocks. Places are exact: x and y count bytes.
 */

#include "map/strip.h"

G_BEGIN_DECLS

typedef struct
{
  guint order;    /* a block has 2^order bytes on a side, 1 … 31 */
  guint n_blocks; /* a power of two */
} AtlasHilbertPlane;

/* The plane that holds 0 … @last_va: the user half, or all addresses. */
ATLAS_AVAILABLE AtlasHilbertPlane atlas_hilbert_plane (AtlasVa last_va);
ATLAS_AVAILABLE AtlasVa atlas_hilbert_get_last_va (const AtlasHilbertPlane *plane);
ATLAS_AVAILABLE guint64 atlas_hilbert_get_width (const AtlasHilbertPlane *plane);
ATLAS_AVAILABLE guint64 atlas_hilbert_get_height (const AtlasHilbertPlane *plane);
/* @va beyond the plane is its last address; x and y likewise. Cost: a few steps a level of four. */
ATLAS_AVAILABLE void
atlas_hilbert_va_to_xy (const AtlasHilbertPlane *plane, AtlasVa va, guint64 *x, guint64 *y);
ATLAS_AVAILABLE AtlasVa atlas_hilbert_xy_to_va (const AtlasHilbertPlane *plane,
                                                guint64 x,
                                                guint64 y);

/* The part of a plane that is seen, as a value. 2^(zoom / ATLAS_ZOOM_STEPS) bytes' sides a pixel.
 */
typedef struct
{
  double left, top; /* in the plane */
  double zoom;
  guint width_px;  /* > 0 */
  guint height_px; /* > 0 */
} AtlasHilbertView;

/* 2^(zoom / ATLAS_ZOOM_STEPS). */
ATLAS_AVAILABLE double atlas_hilbert_view_get_units_per_px (const AtlasHilbertView *view);
/* All of it, in the middle. */
ATLAS_AVAILABLE AtlasHilbertView atlas_hilbert_view_whole (const AtlasHilbertPlane *plane,
                                                           guint width_px,
                                                           guint height_px);
/* The box around [first_va, last_va] in the middle, @margin (0 … 0.4) of the picture around it. */
ATLAS_AVAILABLE AtlasHilbertView atlas_hilbert_view_fit (const AtlasHilbertPlane *plane,
                                                         guint width_px,
                                                         guint height_px,
                                                         AtlasVa first_va,
                                                         AtlasVa last_va,
                                                         double margin);
/* @steps > 0 goes in; what is under the point stays. Never farther than the whole, never nearer
 * than four pixels a byte. */
ATLAS_AVAILABLE AtlasHilbertView atlas_hilbert_view_zoom_at (const AtlasHilbertView *view,
                                                             const AtlasHilbertPlane *plane,
                                                             gint steps,
                                                             double x_px,
                                                             double y_px);
/* By so many pixels to the right and down; clamped to the plane. */
ATLAS_AVAILABLE AtlasHilbertView atlas_hilbert_view_pan (const AtlasHilbertView *view,
                                                         const AtlasHilbertPlane *plane,
                                                         double delta_x_px,
                                                         double delta_y_px);
/* Part @t (0 … 1) of the way from @from to @to: out, across and in; exactly @from at 0 and @to
 * at 1. Both have the same size. */
ATLAS_AVAILABLE AtlasHilbertView atlas_hilbert_view_interpolate (const AtlasHilbertView *from,
                                                                 const AtlasHilbertView *to,
                                                                 double t);
/* FALSE beside the plane. */
ATLAS_AVAILABLE gboolean atlas_hilbert_view_pick (const AtlasHilbertView *view,
                                                  const AtlasHilbertPlane *plane,
                                                  double x_px,
                                                  double y_px,
                                                  AtlasVa *va);
/* The smallest aligned square that holds both ends of what the middle of the view shows: where the
 * strip would have to be to show the same. */
ATLAS_AVAILABLE void atlas_hilbert_view_get_seen (const AtlasHilbertView *view,
                                                  const AtlasHilbertPlane *plane,
                                                  AtlasVa *first_va,
                                                  AtlasVa *last_va);

typedef struct
{
  float x_px, y_px, size_px;
} AtlasHilbertAlarm;

/* Regions folded into @columns × @rows pixels over the whole view, each an AtlasColor, with
 * ATLAS_RASTER_WASH where nothing is committed. A cell of a few pixels shows the most telling class
 * in it, as a span of the strip does. @alarms (of AtlasHilbertAlarm, replaced) gets the cells with
 * writable and executable pages, at most ATLAS_HILBERT_ALARMS_MAX.
 * Cost: O(log n) a cell; what is alike is one step however large. (transfer full) */
#define ATLAS_HILBERT_ALARMS_MAX 200
ATLAS_AVAILABLE GBytes *atlas_hilbert_fold (const AtlasRegionSet *regions,
                                            const AtlasHilbertPlane *plane,
                                            const AtlasHilbertView *view,
                                            guint columns,
                                            guint rows,
                                            GArray *alarms);

/* What is drawn at that point, as atlas_strip_pick (): of a cell with several regions the one that
 * it shows, and a writable and executable page before all. FALSE beside the plane. */
ATLAS_AVAILABLE gboolean atlas_hilbert_pick (const AtlasRegionSet *regions,
                                             const AtlasHilbertPlane *plane,
                                             const AtlasHilbertView *view,
                                             double x_px,
                                             double y_px,
                                             AtlasStripHit *hit);

typedef struct
{
  const AtlasRegionSet *regions;
  AtlasHilbertPlane plane;
  AtlasHilbertView view;
  GBytes *raster; /* of atlas_hilbert_fold () for this view */
  guint columns;
  guint rows;
  const GArray *alarms;
  gboolean has_selection;
  AtlasVa selected_va;
  gboolean has_hover;
  AtlasVa hover_va;
  const AtlasFlag *flags; /* places with names */
  guint n_flags;
} AtlasHilbertInput;

/* Where the flags stand: above their places. Cost: a step a flag. */
ATLAS_AVAILABLE void
atlas_hilbert_mark_flags (const AtlasHilbertInput *input, AtlasFlagMarks *marks);

/* Replaces what is in @list. */
ATLAS_AVAILABLE void atlas_hilbert_draw (AtlasDisplayList *list, const AtlasHilbertInput *input);

G_END_DECLS
