/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A picture that stands on the map's axis: the wheel and fingers over it move the map. */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

void atlas_axis_wheel_attach (GtkWidget *picture, AtlasViewport *viewport);

G_END_DECLS
