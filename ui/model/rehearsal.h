/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasRehearsal: what commands would do, found by doing them on a copy of the session.
 *
 *   session ──copy──► commands ──► result · the addresses it would give
 *      └──────────── difference ──► "New: 0x20000000–0x2000ffff, 64 KB, Commit, READWRITE"
 *                                   "Commit charge +64 KB · active +3 pages"
 */

#include "model/document.h"

G_BEGIN_DECLS

typedef struct _AtlasRehearsal AtlasRehearsal;

/* @commands: a line each. NULL and @error when one does not parse or the document is a dump. Cost:
 * as one undo. */
AtlasRehearsal *atlas_rehearsal_new (AtlasDocument *document, const char *commands, GError **error);
void atlas_rehearsal_free (AtlasRehearsal *rehearsal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasRehearsal, atlas_rehearsal_free)

/* Of the last command, or of the first one that Windows would refuse. Borrowed. */
const AtlasCommandResult *atlas_rehearsal_get_result (const AtlasRehearsal *rehearsal);
/* The whole allocation that the last command would make; FALSE when it makes none. */
gboolean
atlas_rehearsal_get_range (const AtlasRehearsal *rehearsal, AtlasVa *base_va, guint64 *size_bytes);
/* What else would be different, in translated lines; "" for nothing. Borrowed. */
const char *atlas_rehearsal_get_effects (const AtlasRehearsal *rehearsal);

G_END_DECLS
