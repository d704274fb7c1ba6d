/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The bar above a dialog that asks before it does something: [Cancel] — title — [do it]. */

#include <adwaita.h>

G_BEGIN_DECLS

/* @agree_label: with a mnemonic. Cancel closes @dialog; the other button, which is @agree (out,
 * borrowed), calls @agreed with the dialog. */
GtkWidget *atlas_dialog_header_new (GtkWindow *dialog,
                                    const char *title,
                                    const char *agree_label,
                                    GCallback agreed,
                                    GtkWidget **agree);

G_END_DECLS
