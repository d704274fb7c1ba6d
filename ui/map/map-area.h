/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasMapArea: what the map view shows in the area layout. Keeps the part of the plane that is
 * seen and its raster; follows the viewport, and tells it where it went itself.
 *
 *   wheel, drag ─► area ─► atlas_viewport_show ()     minimap, breadcrumb and keys go on working
 *   keys, jumps ─► viewport ─► atlas_map_area_follow ()
 */

#include "map/hilbert.h"
#include "map/map-flags.h"
#include "model/viewport.h"

G_BEGIN_DECLS

typedef struct _AtlasMapArea AtlasMapArea;

AtlasMapArea *atlas_map_area_new (AtlasViewport *viewport);
void atlas_map_area_free (AtlasMapArea *area);

void atlas_map_area_set_size (AtlasMapArea *area, guint width_px, guint height_px);
/* The viewport changed, perhaps to somewhere else. */
void atlas_map_area_follow (AtlasMapArea *area);
/* Whether it goes to another place step by step; default FALSE. */
void atlas_map_area_set_animate (AtlasMapArea *area, gboolean is_animated);
/* As atlas_viewport_advance(). */
gboolean atlas_map_area_advance (AtlasMapArea *area, gint64 frame_time_us);
gboolean atlas_map_area_is_animating (AtlasMapArea *area);
void atlas_map_area_stop (AtlasMapArea *area);
/* @scale: pixels of the screen a pixel. */
void
atlas_map_area_draw (AtlasMapArea *area, AtlasDisplayList *list, AtlasMapFlags *flags, guint scale);
/* What is seen now. */
AtlasHilbertView atlas_map_area_get_view (AtlasMapArea *area);
gboolean atlas_map_area_pick (AtlasMapArea *area, double x_px, double y_px, AtlasStripHit *hit);
void atlas_map_area_zoom_at (AtlasMapArea *area, gint steps, double x_px, double y_px);
void atlas_map_area_pan (AtlasMapArea *area, double delta_x_px, double delta_y_px);
/* What a key does: @zoom_steps in at the selection, or in the middle; @pan_share of the width to
 * the right. */
void atlas_map_area_step (AtlasMapArea *area, gint zoom_steps, double pan_share);
/* Zooms to the box between two points. */
void
atlas_map_area_fit_box (AtlasMapArea *area, double x0_px, double y0_px, double x1_px, double y1_px);

G_END_DECLS
