/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Where the contents of a page are, told from its page-table entry: what the map shows between
 * regions and bytes.
 *
 *   va ─► walk ─► P = 1                 present
 *             └─► P = 0, not Windows    absent
 *                 P = 0, Windows ─► software entry: demand zero, transition, in a file, shared
 */

#include "map/lens.h"
#include "map/strip.h"
#include "space/space.h"
#include "windows/page-ages.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasSpace *space;   /* borrowed */
  gboolean is_windows; /* entries that are not present are the memory manager's notes */
} AtlasPageLooker;

/* How the entries of @space are to be read. A simulation is Windows. So is, as far as tables can
 * tell, a space whose root names itself in its upper half: that is how Windows maps its tables, and
 * Linux does not. Cost: one table read. */
ATLAS_AVAILABLE AtlasPageLooker atlas_page_looker (AtlasSpace *space, gboolean is_simulation);

/* For AtlasStripInput.get_page; @looker is an AtlasPageLooker. Changes nothing. FALSE when the
 * space has no tables. Cost: one walk. */
ATLAS_AVAILABLE gboolean atlas_page_look (gpointer looker, AtlasVa va, AtlasPageLook *look);

/* How long ago the cells of @lens were used, by the ages of a simulated process. */
ATLAS_AVAILABLE void
atlas_page_ages_look (const AtlasPageAges *ages, const AtlasLens *lens, AtlasLensHeat *heat);

G_END_DECLS
