/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasBitsView: the entry that the current step of the walk concerns, or that of the level which
 * was picked, bit by bit: names, values and what they mean in this entry. */

#include <gtk/gtk.h>

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_BITS_VIEW (atlas_bits_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasBitsView, atlas_bits_view, ATLAS, BITS_VIEW, GtkWidget)

GtkWidget *atlas_bits_view_new (AtlasDocument *document);

/* 1 = PTE … 5 = PML5E; the next step that concerns another level changes it again. */
guint atlas_bits_view_get_level (AtlasBitsView *self);
void atlas_bits_view_set_level (AtlasBitsView *self, guint level);

G_END_DECLS
