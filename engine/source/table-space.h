/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* An address space out of physical memory and the registers that it is looked at with.
 *
 *   memory image ─► AtlasMemory ─┐
 *   CR3, CR4, …  ─► AtlasControl ┴─► table graph ─► regions, walks, bytes
 *
 * Nothing is known but what the tables say: no allocations, no names of modules.
 */

#include "base/format.h"
#include "space/space.h"

G_BEGIN_DECLS

/* Takes a reference on @memory, whose tables must not change afterwards. NULL and ATLAS_ERROR_NO_ROOT when
 * the memory does not hold the table that CR3 names. Cost: 512 entries a table. */
ATLAS_AVAILABLE AtlasSpace *atlas_table_space_new (AtlasMemory *memory,
                                                   const AtlasControl *control,
                                                   const char *name,
                                                   GError **error);

/* The MTRRs of whoever ran on it, where they are known. */
ATLAS_AVAILABLE void atlas_table_space_set_mtrrs (AtlasSpace *space, const AtlasMtrrs *mtrrs);

G_END_DECLS
