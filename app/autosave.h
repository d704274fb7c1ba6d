/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasAutosave: keeps a copy of a document's unsaved journal in the user's state folder, so that a
 * crash costs at most a second of work.
 *
 *   $XDG_STATE_HOME/vmatlas/unsaved/1234-1.vmatlas    one a window, only while there is unsaved
 * work # vmatlas-recovery 5 file:///home/…/demo.vmatlas   undo floor, and where it belongs system …
 *
 * What lies there when the program starts belongs to one that did not come to its end.
 */

#include "model/document.h"

G_BEGIN_DECLS

typedef struct _AtlasAutosave AtlasAutosave;

/* Follows @document while @settings' key "autosave" is set. */
AtlasAutosave *atlas_autosave_new (AtlasDocument *document, GSettings *settings);
/* Removes the copy: the work was saved, or is not wanted. */
void atlas_autosave_free (AtlasAutosave *autosave);

/* Opens in @document what the file of another run holds, as unsaved work, and removes it. */
gboolean atlas_autosave_recover (AtlasDocument *document, const char *path, GError **error);
/* Paths of what other runs left behind; of char*. (transfer full) */
GPtrArray *atlas_autosave_find_left (void);

G_END_DECLS
