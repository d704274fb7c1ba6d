/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasFrameView: the frame database: how long the page lists are, and every frame drawn. The frame
 * of the selected address is marked; a click on a frame selects where it is mapped. */

#include "model/document.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_FRAME_VIEW (atlas_frame_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasFrameView, atlas_frame_view, ATLAS, FRAME_VIEW, GtkWidget)

GtkWidget *atlas_frame_view_new (AtlasDocument *document);
/* What stands there for a memory image, of whose frames only the page tables tell; once. */
void atlas_frame_view_set_mappings (AtlasFrameView *self, GtkWidget *mappings);

/* Where @pfn is mapped in the current process: the lowest such address, or the first address under
 * a page table. FALSE when it is not. */
gboolean atlas_frame_view_find_va (AtlasDocument *document, AtlasPfn pfn, AtlasVa *va);

G_END_DECLS
