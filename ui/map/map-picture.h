/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasMapPicture: what the map view shows, in whichever layout the viewport has: drawn, picked,
 * moved and marked in pixels of the picture. The widget round it knows of no layout.
 *
 *   strip  │▓▓│░░░░│  a range [first, last]        moved by the viewport
 *   area   ┌▓▓┬──┐    a box of the plane           moved by AtlasMapArea
 *          └──┴▓▓┘
 */

#include "map/map-flags.h"
#include "map/strip.h"
#include "model/viewport.h"

G_BEGIN_DECLS

typedef struct _AtlasMapPicture AtlasMapPicture;

/* @flags: borrowed. */
AtlasMapPicture *atlas_map_picture_new (AtlasViewport *viewport, AtlasMapFlags *flags);
void atlas_map_picture_free (AtlasMapPicture *picture);

void atlas_map_picture_set_size (AtlasMapPicture *picture, guint width_px, guint height_px);
/* FALSE, and @list as it was, while nothing is open. @screen_scale: pixels of the screen a pixel.
 */
gboolean
atlas_map_picture_draw (AtlasMapPicture *picture, AtlasDisplayList *list, guint screen_scale);
/* FALSE when there is nothing at that point. */
gboolean
atlas_map_picture_pick (AtlasMapPicture *picture, double x_px, double y_px, AtlasStripHit *hit);

void atlas_map_picture_pan (AtlasMapPicture *picture, double delta_x_px, double delta_y_px);
void atlas_map_picture_zoom_at (AtlasMapPicture *picture, gint steps, double x_px, double y_px);
/* Follow atlas_viewport::changed and ::stepped. */
void atlas_map_picture_follow (AtlasMapPicture *picture);
void atlas_map_picture_step (AtlasMapPicture *picture, gint zoom_steps, double pan_share);

/* Whether it goes to another place step by step; default FALSE. */
void atlas_map_picture_set_animate (AtlasMapPicture *picture, gboolean is_animated);
gboolean atlas_map_picture_is_moving (AtlasMapPicture *picture);
/* As atlas_viewport_advance(). @needs_drawing: it moved, and the viewport does not say so. */
gboolean
atlas_map_picture_advance (AtlasMapPicture *picture, gint64 frame_time_us, gboolean *needs_drawing);
void atlas_map_picture_stop (AtlasMapPicture *picture);

/* A mark is what a drag chooses, from the point where it began. It is drawn from the first move. */
void atlas_map_picture_begin_mark (AtlasMapPicture *picture, double x_px, double y_px);
void atlas_map_picture_move_mark (AtlasMapPicture *picture, double x_px, double y_px);
void atlas_map_picture_clear_mark (AtlasMapPicture *picture);
/* Zooms to the mark, and clears it. */
void atlas_map_picture_fit_mark (AtlasMapPicture *picture);
/* Only a strip marks a range of addresses. */
gboolean atlas_map_picture_marks_ranges (AtlasMapPicture *picture);
/* FALSE when there is no range. */
gboolean
atlas_map_picture_get_range (AtlasMapPicture *picture, AtlasVa *first_va, AtlasVa *last_va);

G_END_DECLS
