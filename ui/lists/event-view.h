/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasEventView: the journal, a line a command, with what became of it. The line that stands for
 * now is marked; clicking a line goes to the moment after it.
 *
 *      0  Start
 *      1  system memory=16G …            success
 *   ▶  2  alloc $a = 64K reserve …       success          ◄ now
 *      3  write $a 1                     (undone, dim)
 */

#include <gtk/gtk.h>

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_EVENT_VIEW (atlas_event_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasEventView, atlas_event_view, ATLAS, EVENT_VIEW, GtkWidget)

GtkWidget *atlas_event_view_new (AtlasDocument *document);

/* Lines: the start, then one a command. Borrowed. */
GListModel *atlas_event_view_get_model (AtlasEventView *self);

G_END_DECLS
