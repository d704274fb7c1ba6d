/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasPalette: every command of the program and every verb of the session by its words. Typed text
 * that is a whole command of the session stands first, with what it would do.
 *
 *   ┌ protect $a 4K readonly ─────────────────────────────┐
 *   │ protect $a 4K readonly     would give: protected …  │
 *   │ protect ADDRESS SIZE PROTECTION     VirtualProtect… │
 *   └─────────────────────────────────────────────────────┘
 */

#include <adwaita.h>

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_PALETTE (atlas_palette_get_type ())
G_DECLARE_FINAL_TYPE (AtlasPalette, atlas_palette, ATLAS, PALETTE, AdwWindow)

/* Actions are those of @parent; a verb that needs more words goes to "win.type-command". */
GtkWidget *atlas_palette_new (GtkWindow *parent, AtlasDocument *document);

G_END_DECLS
