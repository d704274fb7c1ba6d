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
/* @scale: pixels of the screen a pixel. */
void atlas_map_area_draw (AtlasMapArea *area,
                          AtlasDisplayList *list,
                          AtlasMapFlags *flags,
                          guint scale);
gboolean atlas_map_area_pick (AtlasMapArea *area, double x_px, double y_px, AtlasStripHit *hit);
void atlas_map_area_zoom_at (AtlasMapArea *area, gint steps, double x_px, double y_px);
void atlas_map_area_pan (AtlasMapArea *area, double delta_x_px, double delta_y_px);
/* Zooms to the box between two points. */
void
atlas_map_area_fit_box (AtlasMapArea *area, double x0_px, double y0_px, double x1_px, double y1_px);

G_END_DECLS
