/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasSwatch: a small square in the colour and texture of a region, as the map draws it:
 * committed full, reserved hatched, free bare. Text beside it always says the same in words. */

#include <gtk/gtk.h>

#include "space/region.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_SWATCH (atlas_swatch_get_type ())
G_DECLARE_FINAL_TYPE (AtlasSwatch, atlas_swatch, ATLAS, SWATCH, GtkWidget)

GtkWidget *atlas_swatch_new (void);
void atlas_swatch_set (AtlasSwatch *self, AtlasRegionClass region_class, AtlasRegionState state);

G_END_DECLS
