/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasPlacePopover: points at a place of the map and offers to allocate there, with what Windows
 * would give shown before anything happens.
 *
 *   0x12345, 1 byte asked
 *   gets 0x10000 – 0x12fff, 3 pages; 13 pages of the slot unusable
 *   [Reserve] [Reserve and commit] [More…]
 */

#include <gtk/gtk.h>

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_PLACE_POPOVER (atlas_place_popover_get_type ())
G_DECLARE_FINAL_TYPE (AtlasPlacePopover, atlas_place_popover, ATLAS, PLACE_POPOVER, GtkPopover)

GtkWidget *atlas_place_popover_new (AtlasDocument *document);

/* @size_bytes: 0 proposes one 64 KB slot. */
void atlas_place_popover_set_place (AtlasPlacePopover *self, AtlasVa va, guint64 size_bytes);

G_END_DECLS
