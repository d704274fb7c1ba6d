/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasBare: a processor and memory, and nobody who runs them. Page tables are what commands write,
 * entry by entry; a page fault is the end of an access, for no handler mends it.
 *
 *   machine 64M                    RAM from physical 0, CR3 = 0, paging on
 *   frame $pml4 = 0x1000           a page of zeros, by name
 *   put $pml4 0 $pdpt+0x7          its entry 0
 *   cr3 $pml4                      from here on the processor walks it
 *   read 0x400000                  four entries and a byte, or #PF
 *
 * The processor is as one is in 64-bit mode after a boot loader: WP, NXE and PGE are on, SMEP and
 * SMAP off, the PAT as after reset, MTRRs as firmware leaves them. That is a choice.
 */

#include "paging/mmu.h"
#include "space/space.h"

G_BEGIN_DECLS

#define ATLAS_BARE_DEFAULT_BYTES ATLAS_MB (64)
#define ATLAS_BARE_MIN_BYTES ATLAS_MB (1)
#define ATLAS_BARE_MAX_BYTES ATLAS_TB (4)

typedef struct
{
  AtlasMemory *memory;
  AtlasMmu *mmu;
  AtlasSpace *space; /* as the tables were when somebody last asked; NULL since they changed */
} AtlasBare;

/* @memory_bytes: a multiple of 4 KB; @n_levels: 4 or 5. NULL and @error when the host has no room.
 */
AtlasBare *atlas_bare_new (guint64 memory_bytes, guint n_levels, GError **error);
void atlas_bare_free (AtlasBare *bare);
/* After a table, an entry's Accessed bit or a register has changed. */
void atlas_bare_changed (AtlasBare *bare);
/* What the tables make of the address space. Borrowed, until they change. */
AtlasSpace *atlas_bare_get_space (AtlasBare *bare);

G_END_DECLS
