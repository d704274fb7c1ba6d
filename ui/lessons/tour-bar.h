/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasTourBar: the tour that is being taken, a step at a time.
 *
 *   ┌──────────────────────────────────────────────────────────────────┐
 *   │ One page costs 64 KB                                  1 of 6   × │
 *   │ Ask for one byte at 0x30003123.                                  │
 *   │ reserve 0x30003123 1                      [ Previous ] [ Do It ] │
 *   └──────────────────────────────────────────────────────────────────┘
 *
 * Hidden while there is no tour. What a step points at is shown in the views that follow the
 * document and the viewport; the page of the side panel it asks for by the action "win.show-page".
 */

#include "lessons/tour.h"
#include "model/viewport.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_TOUR_BAR (atlas_tour_bar_get_type ())
G_DECLARE_FINAL_TYPE (AtlasTourBar, atlas_tour_bar, ATLAS, TOUR_BAR, GtkWidget)

GtkWidget *atlas_tour_bar_new (AtlasViewport *viewport);
/* Begins @tour, whose scenario is open in the document. Opening anything else ends it.
 * (transfer full) of @tour */
void atlas_tour_bar_start (AtlasTourBar *self, AtlasTour *tour);

G_END_DECLS
