/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What is different between two spaces: two moments of one process, two processes, a dump and a
 * simulation.
 *
 *   before   │ free         │ reserve │ commit RW      │
 *   after    │ free │ commit RW      │ commit R │ RW  │
 *   runs            ╰──┬──╯╰───┬────╯╰────┬───╯
 *                    added  changed    changed             nothing where both say the same
 *
 * Regions are compared by what VirtualQuery says of each address and by their names, not by where
 * one of them happens to begin. Entries are compared bit by bit, level by level.
 */

#include "space/space.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_DIFFERENCE_ADDED,   /* was free, or outside, and is not */
  ATLAS_DIFFERENCE_REMOVED, /* the other way round */
  ATLAS_DIFFERENCE_CHANGED, /* state, protection, type, kind or name */
} AtlasDifferenceKind;

/* A run of addresses on which the difference is the same. */
typedef struct
{
  AtlasDifferenceKind kind;
  AtlasVa first_va;
  AtlasVa last_va;
  AtlasRegion before; /* the region that holds first_va in each; their strings belong to the sets */
  AtlasRegion after;
} AtlasDifference;

/* Appends the differences on [first_va, last_va] to @found (of AtlasDifference) in ascending order,
 * at most @n_max of them. TRUE when those are all. Both sets must outlive what was found. O(regions
 * in the window of either), of which, where one set is no list, a million are looked at. */
ATLAS_AVAILABLE gboolean atlas_regions_compare (const AtlasRegionSet *before,
                                                const AtlasRegionSet *after,
                                                AtlasVa first_va,
                                                AtlasVa last_va,
                                                guint n_max,
                                                GArray *found);

/* One entry that is not the same in both. */
typedef struct
{
  AtlasVa va;     /* first address that the entry serves */
  guint level;    /* 1 = PTE … */
  guint64 before; /* 0 where there is no table */
  guint64 after;
} AtlasEntryDifference;

/* Appends the entries that serve addresses of [first_va, last_va] (canonical, ascending) and are
 * different to @found (of AtlasEntryDifference), higher levels first, at most @n_max of them. With
 * @ignores_frames entries are alike that differ only in where their table or page stands. TRUE when
 * those are all, or when a space has no tables or another number of levels (nothing is found then).
 * Cost: 512 comparisons for each table that either has there. */
ATLAS_AVAILABLE gboolean atlas_entries_compare (AtlasSpace *before,
                                                AtlasSpace *after,
                                                AtlasVa first_va,
                                                AtlasVa last_va,
                                                gboolean ignores_frames,
                                                guint n_max,
                                                GArray *found);

/* "added", "removed", "changed". */
ATLAS_AVAILABLE const char *atlas_difference_kind_get_name (AtlasDifferenceKind kind);

G_END_DECLS
