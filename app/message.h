/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasMessage: one short message over what the window shows. It goes by itself after a while, but
 * not under a pointer or while it has the keyboard. It looks like a toast of libadwaita, whose own
 * does not survive in 1.2 when it goes while it still comes.
 *
 * Its buttons and Escape activate "win.undo-told" and "win.close-message".
 */

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_MESSAGE (atlas_message_get_type ())
G_DECLARE_FINAL_TYPE (AtlasMessage, atlas_message, ATLAS, MESSAGE, GtkWidget)

/* @shown_ms: how long each is shown while nobody is at it. */
GtkWidget *atlas_message_new (guint shown_ms);
/* Takes the place of the one before; with @can_undo it offers to undo. */
void atlas_message_show (AtlasMessage *self, const char *text, gboolean can_undo);
void atlas_message_close (AtlasMessage *self);

G_END_DECLS
