/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasTlbView: the caches of the simulated processor with their counters, what the last access did
 * to them, and which entries serve the selected address. A click on an entry selects its address.
 */

#include "model/document.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_TLB_VIEW (atlas_tlb_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasTlbView, atlas_tlb_view, ATLAS, TLB_VIEW, GtkWidget)

GtkWidget *atlas_tlb_view_new (AtlasDocument *document);

G_END_DECLS
