/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasWorkingSetView: the working set of the current process: its totals and limits, how it
 * divides by age, and every page of it. The page of the selected address is marked; a row selects
 * its address. A part of the bar lists the pages of that age alone. */

#include "model/viewport.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_WORKING_SET_VIEW (atlas_working_set_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasWorkingSetView,
                      atlas_working_set_view,
                      ATLAS,
                      WORKING_SET_VIEW,
                      GtkWidget)

GtkWidget *atlas_working_set_view_new (AtlasViewport *viewport);

/* The rows, for tests. Borrowed. */
GListModel *atlas_working_set_view_get_model (AtlasWorkingSetView *self);

G_END_DECLS
