/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasComparison: a second space beside the document's, and how the document differs from it.
 *
 *   other space (a moment, a process, a file)   before ┐
 *                                                      ├─► differences ─► "changed"
 *   document                                    after  ┘
 *
 * It follows the document: each command shows at once what it made different. Opening something
 * else ends it.
 */

#include "model/document.h"
#include "space/difference.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_COMPARISON (atlas_comparison_get_type ())
G_DECLARE_FINAL_TYPE (AtlasComparison, atlas_comparison, ATLAS, COMPARISON, GObject)

AtlasComparison *atlas_comparison_new (AtlasDocument *document);
AtlasDocument *atlas_comparison_get_document (AtlasComparison *self);

/* Compares with @before. @owner: the session that it is a space of, if any. Both (transfer full).
 * @title: what it is, for people. */
void atlas_comparison_start (AtlasComparison *self,
                             AtlasSpace *before,
                             AtlasSession *owner,
                             const char *title);
/* With the document's session as it was after @position commands. */
gboolean atlas_comparison_start_at (AtlasComparison *self,
                                    guint position,
                                    const char *title,
                                    GError **error);
void atlas_comparison_stop (AtlasComparison *self);
gboolean atlas_comparison_is_active (AtlasComparison *self);

/* While it is active; borrowed until "changed". */
const char *atlas_comparison_get_title (AtlasComparison *self);
AtlasSpace *atlas_comparison_get_before (AtlasComparison *self);
guint atlas_comparison_get_n_differences (AtlasComparison *self);
const AtlasDifference *atlas_comparison_get_difference (AtlasComparison *self, guint index);
/* FALSE when there are more differences than are kept. */
gboolean atlas_comparison_is_complete (AtlasComparison *self);

G_END_DECLS
