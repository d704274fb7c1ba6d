/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasInspector: everything about the selected address and its region: what it is, why it is
 * there, who says so, whether it could be allocated, and what can be done with it. */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_INSPECTOR (atlas_inspector_get_type ())
G_DECLARE_FINAL_TYPE (AtlasInspector, atlas_inspector, ATLAS, INSPECTOR, GtkWidget)

GtkWidget *atlas_inspector_new (AtlasViewport *viewport);

G_END_DECLS
