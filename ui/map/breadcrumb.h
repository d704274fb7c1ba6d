/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasBreadcrumb: where the selected address stands, as buttons that zoom there.
 *
 *   (64 PB) › (PML5[255] · 256 TB) › …               with five levels
 *   (128 TB) › (PML4[255] · 512 GB) › (PDPT[484] · 1 GB) › (PD[123] · 2 MB) › (PT[280] · 4 KB)
 */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_BREADCRUMB (atlas_breadcrumb_get_type ())
G_DECLARE_FINAL_TYPE (AtlasBreadcrumb, atlas_breadcrumb, ATLAS, BREADCRUMB, GtkWidget)

GtkWidget *atlas_breadcrumb_new (AtlasViewport *viewport);

G_END_DECLS
