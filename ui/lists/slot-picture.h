/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasSlotPicture: the pages of the 64 KB slots at both ends of an allocation.
 *
 *   00000000`00010000   [█][█][▓][░][░][░][░][░][░][░][░][░][░][░][░][░]    █ given, frame: asked
 *                                                                          ░ unusable afterwards
 */

#include <gtk/gtk.h>

#include "base/types.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean has_asked; /* FALSE: any address will do */
  AtlasVa asked_va;
  guint64 asked_bytes;
  gboolean is_given; /* FALSE: refused, or not known yet */
  AtlasVa given_va;
  guint64 given_bytes;
  gboolean is_committed;  /* FALSE: given, and only reserved */
  guint n_unusable_pages; /* after the last page given */
} AtlasSlotPlan;

#define ATLAS_TYPE_SLOT_PICTURE (atlas_slot_picture_get_type ())
G_DECLARE_FINAL_TYPE (AtlasSlotPicture, atlas_slot_picture, ATLAS, SLOT_PICTURE, GtkWidget)

GtkWidget *atlas_slot_picture_new (void);
void atlas_slot_picture_set_plan (AtlasSlotPicture *self, const AtlasSlotPlan *plan);

G_END_DECLS
