/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasEntryEditor: one entry of a simulation as a number that can be written, what writing it did
 * to the address, and whether the processor still goes by what it had cached.
 *
 *   00000002`78e5a867                      Enter writes it; a bit's switch does too
 *   user read-write → supervisor read-write
 *   (!) The TLB still holds the old translation   [INVLPG]
 */

#include "model/document.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_ENTRY_EDITOR (atlas_entry_editor_get_type ())
G_DECLARE_FINAL_TYPE (AtlasEntryEditor, atlas_entry_editor, ATLAS, ENTRY_EDITOR, GtkWidget)

GtkWidget *atlas_entry_editor_new (AtlasDocument *document);

/* Shows the entry of the selected address at @level. */
void atlas_entry_editor_set_entry (AtlasEntryEditor *self, guint level, guint64 entry);
/* Runs the command that writes @entry in its place. Simulations only. */
void atlas_entry_editor_write (AtlasEntryEditor *self, guint64 entry);

G_END_DECLS
