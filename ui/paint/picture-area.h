/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasPictureArea: a place on the screen for a display list, with the pointer's ways of moving
 * over it. What is drawn, and what a place in it means, the owner knows.
 *
 *   owner ──draw (list, width, height)──► area ──► screen
 *         ◄──"clicked", "zoomed", "panned", "hovered"── pointer
 */

#include <gtk/gtk.h>

#include "map/display-list.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_PICTURE_AREA (atlas_picture_area_get_type ())
G_DECLARE_FINAL_TYPE (AtlasPictureArea, atlas_picture_area, ATLAS, PICTURE_AREA, GtkWidget)

/* Fills @list, which is empty, for this size. */
typedef void (*AtlasPictureDraw) (AtlasDisplayList *list,
                                  guint width_px,
                                  guint height_px,
                                  gpointer data);
/* What to say about a place; NULL for nothing. (transfer full) */
typedef char *(*AtlasPictureTell) (double x_px, double y_px, gpointer data);

/* @label: its name for assistive technology. @data belongs to the owner, which holds the area.
 * Signals: "clicked" (x, y, n_press), "zoomed" (x, factor), "panned" (dx, dy), "hovered" (x, y;
 * -1, -1 when the pointer leaves). */
GtkWidget *atlas_picture_area_new (const char *label,
                                   int min_width_px,
                                   int min_height_px,
                                   AtlasPictureDraw draw,
                                   AtlasPictureTell tell,
                                   gpointer data);
/* The size of the picture: the area's, less what it grows by where text is large. All places and
 * sizes that the owner sees are in these pixels. */
guint atlas_picture_area_get_width (AtlasPictureArea *self);
guint atlas_picture_area_get_height (AtlasPictureArea *self);
/* The owner goes: nothing is asked of it any more. */
void atlas_picture_area_detach (AtlasPictureArea *self);
/* How high it wants to be, where a scrolled window gives it room; -1: as high as there is. */
void atlas_picture_area_set_height (AtlasPictureArea *self, int height_px);
/* What it shows now, for assistive technology. */
void atlas_picture_area_describe (AtlasPictureArea *self, const char *description);

G_END_DECLS
