/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The window of preferences: each row is a key of @settings. */
GtkWidget *atlas_preferences_new (GtkWindow *parent, GSettings *settings);

G_END_DECLS
