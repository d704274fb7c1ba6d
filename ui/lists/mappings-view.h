/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasMappingsView: who maps a frame, in a space of which only page tables are known.
 *
 *   [ 0x32ae000 ]    mapped at 2 addresses
 *   00000000`00400000   4 KB   user, read-only, not executable
 *   ffff8880`032ae000   2 MB   supervisor, writable, not executable
 *
 * It asks about the selected address' frame until a physical address is typed. A click on a row
 * selects its address.
 */

#include <gtk/gtk.h>

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_MAPPINGS_VIEW (atlas_mappings_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasMappingsView, atlas_mappings_view, ATLAS, MAPPINGS_VIEW, GtkWidget)

GtkWidget *atlas_mappings_view_new (AtlasDocument *document);

G_END_DECLS
