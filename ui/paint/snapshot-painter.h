/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A display list on the screen: colour nodes, a few small cairo nodes, and cached text. The only
 * file of this room that knows GTK. */

#include <gtk/gtk.h>

#include "paint/palette.h"

G_BEGIN_DECLS

typedef struct _AtlasSnapshotPainter AtlasSnapshotPainter;

/* Keeps text layouts and pattern tiles between frames. One a widget. */
AtlasSnapshotPainter *atlas_snapshot_painter_new (GtkWidget *widget);
void atlas_snapshot_painter_free (AtlasSnapshotPainter *painter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasSnapshotPainter, atlas_snapshot_painter_free)

/* How large the desktop wants text, 1 … 3; smaller than usual it is not drawn. Pictures grow with
 * it as a whole: letters, cells and the room between them. */
double atlas_text_scale_get (GtkWidget *widget);

/* A picture that needs so many pixels of its own grows only as far as the widget has them; 0, the
 * default: as far as text does. */
void atlas_snapshot_painter_set_min_size (AtlasSnapshotPainter *painter,
                                          guint min_width_px,
                                          guint min_height_px);
/* Grows by exactly this much, to stay in step with another picture; 0, the default: by itself. */
void atlas_snapshot_painter_set_scale (AtlasSnapshotPainter *painter, double scale);
/* Pixels of the widget a pixel of the picture: sizes and places of the picture times this are the
 * widget's. */
double atlas_snapshot_painter_get_scale (AtlasSnapshotPainter *painter);
/* The same for a widget that will be of that size; -1: as much as it wants. */
double
atlas_snapshot_painter_get_scale_for (AtlasSnapshotPainter *painter, int width_px, int height_px);

/* The palette follows AdwStyleManager at each call. */
void atlas_snapshot_painter_paint (AtlasSnapshotPainter *painter,
                                   GtkSnapshot *snapshot,
                                   const AtlasDisplayList *list);
/* The palette that the screen has now. */
AtlasPaletteKind atlas_snapshot_painter_get_palette (void);

G_END_DECLS
