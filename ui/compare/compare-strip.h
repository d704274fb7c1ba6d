/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasCompareStrip: the other space on the same axis and at the same zoom as the map, with a lane
 * that marks where the two differ.
 *
 *   Compared with: the start · 12 differences          ▮ added ▮ removed ▮ changed    × 
 *   ├──────▮▮──────────────▮──────────────────────────────────────────▮─────────────┤
 *   │▒▒▒▒▒▒│ ⋯ │▓▓▓▓░░▓▓▓▓│ ⋯ │▓▓▓▓▓▓▓▓▓▓│
 *
 * Hidden while nothing is compared. Click, wheel and drag do what they do on the map.
 */

#include <gtk/gtk.h>

#include "model/comparison.h"
#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_COMPARE_STRIP (atlas_compare_strip_get_type ())
G_DECLARE_FINAL_TYPE (AtlasCompareStrip, atlas_compare_strip, ATLAS, COMPARE_STRIP, GtkWidget)

GtkWidget *atlas_compare_strip_new (AtlasViewport *viewport, AtlasComparison *comparison);

G_END_DECLS
