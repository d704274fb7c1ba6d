/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasBitBoxes: 64 bits as boxes in two rows of 32, bit 63 first, coloured by the field that each
 * belongs to. Set bits are full, clear ones pale.
 *
 *   63       55       47       39
 *   |0|0|0|0 |0|0|0|0 …
 *   31       23       15        7
 *   |0|1|0|0 …
 */

#include <gtk/gtk.h>

#include "map/display-list.h"
#include "tables/entry-fields.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_BIT_BOXES (atlas_bit_boxes_get_type ())
G_DECLARE_FINAL_TYPE (AtlasBitBoxes, atlas_bit_boxes, ATLAS, BIT_BOXES, GtkWidget)

/* Emits "field-clicked" (guint: index into the names). */
GtkWidget *atlas_bit_boxes_new (void);

/* @names are copied. @wrong_bits: outlined as the reason of a fault. */
void atlas_bit_boxes_set_entry (AtlasBitBoxes *self,
                                guint64 entry,
                                guint level,
                                const AtlasEntryName *names,
                                guint n_names,
                                guint64 wrong_bits);
/* Outlines one field; -1: none. */
void atlas_bit_boxes_set_selected (AtlasBitBoxes *self, gint index);
/* The hue of a field in an entry of @level. */
AtlasColor atlas_bit_boxes_get_color (const AtlasEntryName *name, guint level);

G_END_DECLS
