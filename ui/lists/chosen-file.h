/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a file chooser answers. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The file of @chooser in its "response"; NULL when none was chosen, which GTK 4.8 also says with
 * GTK_RESPONSE_ACCEPT where a name was left empty. (transfer full) */
GFile *atlas_chosen_file_take (GtkNativeDialog *chooser, int response);

G_END_DECLS
