/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasSectionView: the machine's sections, and the selected one as a picture of its objects. It
 * follows the selection: an address in a view selects its section. */

#include <gtk/gtk.h>

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_SECTION_VIEW (atlas_section_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasSectionView, atlas_section_view, ATLAS, SECTION_VIEW, GtkWidget)

GtkWidget *atlas_section_view_new (AtlasDocument *document);

G_END_DECLS
