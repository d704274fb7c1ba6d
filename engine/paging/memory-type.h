/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* How a page is cached in the end: its entry says one thing, the MTRRs say another.
 *
 *   PAT, PCD, PWT of the leaf ──► one of eight in IA32_PAT ──┐
 *                                                            ├─► table ─► effective type
 *   physical address ───────────► MTRRs ─────────────────────┘
 *                                                     CR0.CD = 1: UC
 *
 * Intel SDM vol. 3A §12.5.2.2, table 12-7.
 */

#include "paging/mtrr.h"
#include "paging/walk.h"

G_BEGIN_DECLS

#define ATLAS_N_MEMORY_TYPES 8u
#define ATLAS_PAT_INDEX_UNKNOWN 8u

/* @mtrr_type with @pat_type. A reserved type on either side gives UC, by choice: no processor lets
 * one be written. */
ATLAS_AVAILABLE guint atlas_memory_type_combine (guint mtrr_type, guint pat_type);

typedef struct
{
  guint pat_index; /* 0 … 7, or UNKNOWN where the TLB knew the page */
  guint pat_type;
  gboolean has_mtrrs;    /* those of a dump are not known: then mtrr and effective_type are not */
  gboolean is_cache_off; /* CR0.CD */
  gboolean is_mixed;     /* a page of 2 MB or 1 GB lies across ranges of different types */
  gboolean is_broken_up; /* … that the processor then maps in pieces of 4 KB */
  AtlasMtrrAnswer mtrr;  /* of the address itself */
  guint effective_type;
} AtlasMemoryType;

/* What @result, a translation, comes to. @mtrrs: NULL where they are not known. A page across
 * ranges of different types has the type of the address asked for, by choice: the manual calls the
 * result undefined, but for the first 4 MB under a page that conflicts with the fixed ranges, which
 * P6 processors and later map in pieces. Intel SDM vol. 3A §12.11.9. */
ATLAS_AVAILABLE void atlas_memory_type_find (const AtlasMtrrs *mtrrs,
                                             const AtlasControl *control,
                                             const AtlasWalkResult *result,
                                             AtlasMemoryType *type);
/* "PAT entry 1 says WT, the MTRRs say WB (a fixed range MTRR): together WT.", and whatever is odd
 * about it; several sentences. (transfer full) */
ATLAS_AVAILABLE char *atlas_memory_type_explain (const AtlasMemoryType *type);

/* As one value of an event, and back. */
guint64 atlas_memory_type_pack (const AtlasMemoryType *type);
void atlas_memory_type_unpack (guint64 packed, AtlasMemoryType *type);

G_END_DECLS
