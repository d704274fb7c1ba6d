/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What can be done with the selected region: the actions "region.…" of a widget that lists regions,
 * and the menu of them. */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

void atlas_region_actions_install (GtkWidgetClass *widget_class);

/* To be called once for each widget of that class. @selection: of AtlasRegionItem, its rows. */
void atlas_region_actions_bind (GtkWidget *widget,
                                AtlasViewport *viewport,
                                GtkSelectionModel *selection);

/* Enables what is possible now. */
void atlas_region_actions_update (GtkWidget *widget);

/* (transfer full) */
GMenuModel *atlas_region_actions_make_menu (void);

G_END_DECLS
