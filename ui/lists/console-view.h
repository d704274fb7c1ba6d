/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasConsoleView: the commands as text. What ran, whoever ran it; a line to type the next one,
 * with its usage, words to choose from, and what it would do.
 *
 *   [ readonly ] [ readwrite ] …   protect ADDRESS …  words that may stand here (Tab); how it is
 *   › reserve 64K                                  ┐   written, then what it would give: tried on
 *   reserved 0x1a2b0000…0x1a2bffff, 64 KB          ┘ what ran          a copy of the session
 *   protect $a 4K re█                                Enter runs it, ↑ ↓ bring back earlier ones
 */

#include "model/document.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_CONSOLE_VIEW (atlas_console_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasConsoleView, atlas_console_view, ATLAS, CONSOLE_VIEW, GtkWidget)

GtkWidget *atlas_console_view_new (AtlasDocument *document);

/* Puts @text into the line, ready to be finished. */
void atlas_console_view_begin (AtlasConsoleView *self, const char *text);
/* What has been written so far, line by line. (transfer full) */
char *atlas_console_view_dup_text (AtlasConsoleView *self);

G_END_DECLS
