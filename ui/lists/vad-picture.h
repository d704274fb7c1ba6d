/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The VAD tree as the AVL tree it is: every node stands above its own place in address order, so
 * the picture reads like the address space.
 *
 *                     ┌───────────┐                    row 0: the root
 *             ┌───────┴──┐     ┌──┴────────┐
 *          ┌──┴───┐   ┌──┴─┐ ┌─┴──┐     ┌──┴───┐
 *          └──────┘   └────┘ └────┘     ▼ 12           what is too narrow is folded and counted
 *   slots  0   1   2   3   4   5   6 …                 in address order
 */

#include "map/display-list.h"
#include "windows/vad.h"

G_BEGIN_DECLS

typedef struct _AtlasVadPicture AtlasVadPicture;

AtlasVadPicture *atlas_vad_picture_new (void);
void atlas_vad_picture_free (AtlasVadPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasVadPicture, atlas_vad_picture_free)

/* Reads the shape of @tree, which is borrowed until the next call; NULL for none. O(n). */
void atlas_vad_picture_set_tree (AtlasVadPicture *picture, const AtlasVadTree *tree);

typedef struct
{
  double slot_px;   /* width of one slot */
  double left_slot; /* the slot, and part of it, at the left edge */
  guint width_px;
  guint height_px;
  gboolean has_selection;
  AtlasVa selected_va;
} AtlasVadPictureInput;

/* Slot width at which the whole tree fits. */
double atlas_vad_picture_get_fit_px (const AtlasVadPicture *picture, guint width_px);
/* Slot of @vad, its place in address order. O(log n). */
guint atlas_vad_picture_get_slot (const AtlasVadPicture *picture, const AtlasVad *vad);
guint atlas_vad_picture_get_n_slots (const AtlasVadPicture *picture);

/* Draws what is seen. Cost follows the pixels, not the nodes. */
void atlas_vad_picture_draw (AtlasVadPicture *picture,
                             AtlasDisplayList *list,
                             const AtlasVadPictureInput *input);
/* The node there, of a folded subtree its top; NULL for none. As it was last drawn. */
const AtlasVad *atlas_vad_picture_pick (const AtlasVadPicture *picture, double x_px, double y_px);

G_END_DECLS
