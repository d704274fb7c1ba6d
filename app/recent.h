/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The files that were opened or saved lately, as a menu that keeps itself up to date. */

#include <gio/gio.h>

G_BEGIN_DECLS

/* Puts @file first in @settings' key "recent-files". */
void atlas_recent_add (GSettings *settings, GFile *file);
/* Forgets a file that is not there any more. */
void atlas_recent_remove (GSettings *settings, GFile *file);
/* Its items activate "win.open-uri". (transfer full) */
GMenuModel *atlas_recent_menu_new (GSettings *settings);

G_END_DECLS
