/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* How long ago each page of a working set was used, and so, for every table entry above it, how
 * long ago anything below that entry was: the youngest page decides.
 *
 *   looks     0 used since the last look, 1 … 8 looks ago (working-set.h: age + 1)
 *
 *   PDPTE     0 ─────────── youngest of ──────────┐
 *   PDE       0                       4           │
 *   PTE       3 0 5 5                 4 4 6       7
 *
 * A picture of one moment: made anew after the process changes.
 */

#include "windows/process.h"

G_BEGIN_DECLS

/* Nothing below is in the working set. */
#define ATLAS_PAGE_AGES_NONE 0xffu

typedef struct _AtlasPageAges AtlasPageAges;

/* Cost: one look at each page of the working set. */
ATLAS_AVAILABLE AtlasPageAges *atlas_page_ages_new (AtlasProcess *process);
ATLAS_AVAILABLE void atlas_page_ages_free (AtlasPageAges *ages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasPageAges, atlas_page_ages_free)

/* The looks of the 512 entries of the table at @level whose first address is @base_va, or that
 * would be there. Cost: O(log n) and one step an entry in use. */
ATLAS_AVAILABLE void atlas_page_ages_get_table (const AtlasPageAges *ages,
                                                guint level,
                                                AtlasVa base_va,
                                                guint8 looks[ATLAS_TABLE_ENTRIES]);

G_END_DECLS
