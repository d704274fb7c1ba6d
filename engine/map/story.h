/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The story of an access as a picture: a mark and two lines a step, from the top down.
 *
 *   ● PML4E 255    read 001aa7f8 → 0000000003c11867
 *   │
 *   ● PDPTE 484    …
 */

#include "base/trace.h"
#include "map/display-list.h"

G_BEGIN_DECLS

/* In pixels, heading included. */
ATLAS_AVAILABLE guint atlas_story_get_height (const AtlasTrace *trace);
/* Replaces what is in @list. @heading: what was accessed; may be NULL. */
ATLAS_AVAILABLE void atlas_story_draw (AtlasDisplayList *list,
                                       const AtlasTrace *trace,
                                       const char *heading,
                                       guint width_px);

G_END_DECLS
