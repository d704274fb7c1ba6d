/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasRegionSet: all regions of a space at one moment, immutable, covering every address from 0
 * to 2^64 - 1 without a gap or an overlap. Mostly a sorted array with sums over it:
 *
 *   regions   [free][image][image][free][private][free]…        found by bisection
 *   sums       ╰──────┬──────╯     ╰──────┬─────╯               so that any range is summed up
 *                     ╰────────┬──────────╯                     in O(log n): a view asks for one
 *                                                               summary a pixel, never for a list
 *
 * A set may also stand for more regions than any list could hold (space/table-regions.h): who would
 * go over all of them asks atlas_region_set_is_listed() first.
 */

#include "space/region.h"

G_BEGIN_DECLS

typedef struct _AtlasRegionSet AtlasRegionSet;

/* What lies in a range. Byte counts are clipped to the range; a region counts in n_regions when
 * any byte of it lies inside. */
typedef struct
{
  guint64 n_regions;
  guint64 first_index;
  gboolean has_writable_executable;
  AtlasRegionClass top_class; /* the class that a folded mark must show */
  guint64 top_index;          /* the lowest region of that class */
  guint64 committed_bytes;
  guint64 reserved_bytes;
  guint64 free_bytes; /* state FREE, allocatable or not */
} AtlasRegionSummary;

typedef struct _AtlasRegionSetBuilder AtlasRegionSetBuilder;

/* Regions are added in ascending order and must not overlap; what is left out between them becomes
 * free (or hole or kernel above the user half). Strings are copied. */
ATLAS_AVAILABLE AtlasRegionSetBuilder *atlas_region_set_builder_new (void);
/* Where what is left out stops being free: a multiple of 4 KB, at most 2^47, or 2^56
 * with five levels. Before the first region is added. Default 0x7fff`ffff0000. */
ATLAS_AVAILABLE void atlas_region_set_builder_set_user_end (AtlasRegionSetBuilder *builder,
                                                            AtlasVa user_end_va);
/* Whether allocations begin on multiples of 64 KB, as Windows has it. Default TRUE. */
ATLAS_AVAILABLE void atlas_region_set_builder_set_has_slots (AtlasRegionSetBuilder *builder,
                                                             gboolean has_slots);
ATLAS_AVAILABLE void atlas_region_set_builder_add (AtlasRegionSetBuilder *builder,
                                                   const AtlasRegion *region);
/* Frees the builder. (transfer full) */
ATLAS_AVAILABLE AtlasRegionSet *atlas_region_set_builder_end (AtlasRegionSetBuilder *builder);
ATLAS_AVAILABLE void atlas_region_set_builder_free (AtlasRegionSetBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasRegionSetBuilder, atlas_region_set_builder_free)

ATLAS_AVAILABLE AtlasRegionSet *atlas_region_set_ref (AtlasRegionSet *set);
ATLAS_AVAILABLE void atlas_region_set_unref (AtlasRegionSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasRegionSet, atlas_region_set_unref)

/* Regions of one set that are valid at the same time, at least. */
#define ATLAS_REGIONS_VALID_TOGETHER 1024u

ATLAS_AVAILABLE guint64 atlas_region_set_get_n_regions (const AtlasRegionSet *set);
/* Borrowed until the set goes, or until ATLAS_REGIONS_VALID_TOGETHER others have been got. */
ATLAS_AVAILABLE const AtlasRegion *atlas_region_set_get_region (const AtlasRegionSet *set,
                                                                guint64 index);
/* Index of the region that holds @va; there always is one. O(log n). */
ATLAS_AVAILABLE guint64 atlas_region_set_find (const AtlasRegionSet *set, AtlasVa va);
/* Sums up [first_va, last_va], first_va ≤ last_va. O(log n). */
ATLAS_AVAILABLE void atlas_region_set_summarize (const AtlasRegionSet *set,
                                                 AtlasVa first_va,
                                                 AtlasVa last_va,
                                                 AtlasRegionSummary *summary);

/* First address that VirtualQuery no longer answers: 0x7fff`ffff0000 (2 GB less 64 KB in a process
 * that is not large-address aware). */
ATLAS_AVAILABLE AtlasVa atlas_region_set_get_user_end_va (const AtlasRegionSet *set);
/* Of the page tables that these addresses are made for: 5 when the lower half goes on where the
 * hole of four levels begins, else 4. O(log n). */
ATLAS_AVAILABLE guint atlas_region_set_get_n_levels (const AtlasRegionSet *set);
/* Whether all regions stand in a list that can be gone over. Others are described one by one, and
 * there may be far more of them than anybody can wait for. */
ATLAS_AVAILABLE gboolean atlas_region_set_is_listed (const AtlasRegionSet *set);
/* Whether allocations begin on multiples of 64 KB. */
ATLAS_AVAILABLE gboolean atlas_region_set_has_slots (const AtlasRegionSet *set);
/* Whether anything is known to be committed from 2^63 on: page tables tell, a process does not. */
ATLAS_AVAILABLE gboolean atlas_region_set_knows_kernel_half (const AtlasRegionSet *set);

G_END_DECLS
