/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the pager does with a paging file; everybody else may look.
 *
 *   frame ─ write ─► slot n ─ read ─► frame        taken, used, given back
 */

#include "windows/page-file.h"

G_BEGIN_DECLS

/* Sizes are multiples of a page, MIN ≤ @size_bytes ≤ @maximum_bytes ≤ MAX. NULL and @error when the
 * host has no room. */
AtlasPageFile *atlas_page_file_new (guint64 size_bytes, guint64 maximum_bytes, GError **error);
void atlas_page_file_free (AtlasPageFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasPageFile, atlas_page_file_free)

/* Grows the file by @n_slots, which must fit under its maximum. */
void atlas_page_file_extend (AtlasPageFile *file, guint32 n_slots);
/* Takes the first free slot behind the last one taken. FALSE when all are in use. */
gboolean atlas_page_file_take (AtlasPageFile *file, const AtlasSlotOwner *owner, guint32 *slot);
/* Gives a used slot back; one that could not be read is written anew by its next owner. */
void atlas_page_file_give_back (AtlasPageFile *file, guint32 slot);
void
atlas_page_file_write (AtlasPageFile *file, guint32 slot, const guint8 bytes[ATLAS_PAGE_BYTES]);
/* Reads @size_bytes from @offset of a used slot. FALSE when the disk fails. */
gboolean atlas_page_file_read (const AtlasPageFile *file,
                               guint32 slot,
                               gsize offset,
                               void *bytes,
                               gsize size_bytes);
/* Makes the disk fail at a used slot, or work again. */
void atlas_page_file_set_unreadable (AtlasPageFile *file, guint32 slot, gboolean is_unreadable);

G_END_DECLS
