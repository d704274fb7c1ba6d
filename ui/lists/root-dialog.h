/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasRootDialog: asks for the CR3 of an image of physical memory, which alone is no address
 * space, and opens it in the document.
 *
 *   CR3                 0x554c000
 *   Page-table levels   4
 *   Found in the image
 *     0x554c000         4 levels · 6,827 pages · 106 tables      a click fills in the two above
 *     …
 *
 * While the image is searched, a CR3 can be typed. "opened" (the CR3 as text) when it is done.
 */

#include <adwaita.h>

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_ROOT_DIALOG (atlas_root_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AtlasRootDialog, atlas_root_dialog, ATLAS, ROOT_DIALOG, AdwWindow)

/* @last_cr3: proposed when it is found again; may be "". Show the dialog with gtk_window_present(),
 * transient for the window it belongs to. */
AtlasRootDialog *
atlas_root_dialog_new (AtlasDocument *document, GFile *file, const char *last_cr3);

G_END_DECLS
