/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Every way to move about, as parameterless actions: keys, menus, buttons and assistive technology
 * use the same ones. Inserted under the prefix "map". */

#include "model/viewport.h"

G_BEGIN_DECLS

/* (transfer full) */
GActionGroup *atlas_navigation_new (AtlasViewport *viewport);

G_END_DECLS
