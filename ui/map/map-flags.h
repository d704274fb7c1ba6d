/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasMapFlags: bookmarks as flags on a map: what a picture draws, what the pointer meets on it,
 * and what a click there does. One for each picture. */

#include "map/flags.h"
#include "model/bookmarks.h"
#include "model/viewport.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _AtlasMapFlags AtlasMapFlags;

/* @widget holds the flags, and is drawn again when there are others. */
AtlasMapFlags *
atlas_map_flags_new (AtlasViewport *viewport, AtlasBookmarks *bookmarks, GtkWidget *widget);
void atlas_map_flags_free (AtlasMapFlags *flags);

/* Ascending addresses; borrowed until the bookmarks change. */
const AtlasFlag *atlas_map_flags_get (AtlasMapFlags *flags, guint *n_flags);
/* To be filled in by the picture before it asks what follows. */
AtlasFlagMarks *atlas_map_flags_get_marks (AtlasMapFlags *flags);

/* The first click selects the place of a flag, the second shows all that stand there. FALSE when
 * there is no flag at that point. */
gboolean atlas_map_flags_click (AtlasMapFlags *flags, double x_px, double y_px, gint n_press);
/* Names and addresses; NULL when there is no flag. (transfer full) */
char *atlas_map_flags_tell (AtlasMapFlags *flags, double x_px, double y_px);

G_END_DECLS
