/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasAllocateDialog: asks what to allocate, shows before agreeing what Windows would give, and
 * runs the command that it shows.
 *
 *   asked   0x12345 + 1 byte
 *   gets    0x10000–0x12fff, 3 pages; 13 pages of the slot unusable
 *           |████████▓▓▓░░░░░░░░░░░░|
 *   alloc 0x12345 1 reserve|commit readwrite
 */

#include <adwaita.h>

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_ALLOCATE_DIALOG (atlas_allocate_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AtlasAllocateDialog, atlas_allocate_dialog, ATLAS, ALLOCATE_DIALOG, AdwWindow)

/* Show it with gtk_window_present(), transient for the window it belongs to. */
AtlasAllocateDialog *atlas_allocate_dialog_new (AtlasDocument *document);

/* Proposes a place. @size_bytes: 0 leaves the size as it is. */
void
atlas_allocate_dialog_set_range (AtlasAllocateDialog *self, AtlasVa base_va, guint64 size_bytes);

G_END_DECLS
