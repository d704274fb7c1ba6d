/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasVadView: the VAD tree of the current process, with the path of a search for the selected
 * address. The wheel zooms, a drag pans, a click selects, arrow keys go along the tree. */

#include "model/viewport.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_VAD_VIEW (atlas_vad_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasVadView, atlas_vad_view, ATLAS, VAD_VIEW, GtkWidget)

GtkWidget *atlas_vad_view_new (AtlasViewport *viewport);

G_END_DECLS
