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

/* The palette follows AdwStyleManager at each call. */
void atlas_snapshot_painter_paint (AtlasSnapshotPainter *painter,
                                   GtkSnapshot *snapshot,
                                   const AtlasDisplayList *list);
/* The palette that the screen has now. */
AtlasPaletteKind atlas_snapshot_painter_get_palette (void);

G_END_DECLS
