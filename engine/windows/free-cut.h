/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What VirtualQuery calls free, cut by what can be done with it.
 *
 *   one free run       0x22000                    0x30000                 0x7fff0000
 *                      |▓▓▓ unusable slot tail ▓▓▓|░░░ free ░░░░░░░░░░░░░░|▒▒▒ never ▒▒▒ …
 *
 * For whoever builds the region set of a Windows process, simulated or read from a file.
 */

#include "space/region-set.h"

G_BEGIN_DECLS

/* Adds [base_va, base_va + size_bytes), a free run between two allocations, as one or more regions
 * with reasons and sources. A multiple of 4 KB, below the user end.
 * @below_name, @below_va: the allocation that ends at @base_va, for the reason of a slot's tail;
 * the name may be NULL. @n_levels: of the page tables, 4 or 5. */
void atlas_free_cut_add (AtlasRegionSetBuilder *builder,
                         AtlasVa base_va,
                         guint64 size_bytes,
                         const char *below_name,
                         AtlasVa below_va,
                         guint n_levels);

/* Adds what lies above @user_end_va: the last 64 KB or, in a smaller process, the addresses that it
 * never gets; and the hole. What follows is left to whoever builds the set. */
void
atlas_free_cut_add_outside (AtlasRegionSetBuilder *builder, AtlasVa user_end_va, guint n_levels);

G_END_DECLS
