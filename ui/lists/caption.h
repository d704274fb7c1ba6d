/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A small, dim line of numbers above a list: what it holds in all. Shortened where it has no room.
 *
 *   512 pages · 2 MB                                3 locked
 *   ╰ xalign 0                             xalign 1 ╯
 */

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *atlas_caption_new (float xalign);

G_END_DECLS
