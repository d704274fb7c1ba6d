/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasBookmarks: named places of what is open, in the order of their addresses, with a word about
 * each. Kept in the user's data folder under the document's own file name, so that they are there
 * again when it is. As a list model it holds AtlasBookmark.
 */

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_BOOKMARK (atlas_bookmark_get_type ())
G_DECLARE_FINAL_TYPE (AtlasBookmark, atlas_bookmark, ATLAS, BOOKMARK, GObject)

AtlasVa atlas_bookmark_get_first_va (AtlasBookmark *self);
AtlasVa atlas_bookmark_get_last_va (AtlasBookmark *self);
const char *atlas_bookmark_get_comment (AtlasBookmark *self);

#define ATLAS_TYPE_BOOKMARKS (atlas_bookmarks_get_type ())
G_DECLARE_FINAL_TYPE (AtlasBookmarks, atlas_bookmarks, ATLAS, BOOKMARKS, GObject)

/* Those of what is open in @document, now and whenever that changes. */
AtlasBookmarks *atlas_bookmarks_new (AtlasDocument *document);
/* Adds a range, or gives the one with these ends another comment; written at once. FALSE and @error
 * when it could not be written: it is there until the program ends. */
gboolean atlas_bookmarks_add (AtlasBookmarks *self,
                              AtlasVa first_va,
                              AtlasVa last_va,
                              const char *comment,
                              GError **error);
/* Of AtlasFlag, ascending; their names are the bookmarks' own. (transfer full) */
GArray *atlas_bookmarks_make_flags (AtlasBookmarks *self);
gboolean atlas_bookmarks_remove (AtlasBookmarks *self, AtlasBookmark *bookmark, GError **error);

G_END_DECLS
