/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasCommandCard: the commands that a dialog would run, ready to be copied. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_COMMAND_CARD (atlas_command_card_get_type ())
G_DECLARE_FINAL_TYPE (AtlasCommandCard, atlas_command_card, ATLAS, COMMAND_CARD, GtkWidget)

GtkWidget *atlas_command_card_new (void);
/* A line each; NULL: there is none. */
void atlas_command_card_set_text (AtlasCommandCard *self, const char *commands);

G_END_DECLS
