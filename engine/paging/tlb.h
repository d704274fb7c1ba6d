/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasTlb: what a processor remembers of earlier walks, in the geometry of a real one.
 *
 *   va ─► L1 (instructions or data) ─► L2 ─► paging-structure caches ─► walk
 *          one structure or several,           PDE: skips 3 reads of 4
 *          each with sets and ways             PDPTE: 2, PML4E: 1
 *
 *   structure        way 0   way 1   way 2   way 3
 *          set 0    [entry] [entry] [     ] [     ]     set = page number mod number of sets
 *          set 1    [     ] [entry] …                   fully associative = one set
 *
 * An entry belongs to a PCID or is global. It keeps the rights, Dirty and memory type that the walk
 * found; CR0.WP, SMEP, SMAP, AC and the key registers are applied when it is used. What is in here
 * and no longer in the tables is used all the same, as on hardware, until something drops it.
 * Intel SDM vol. 3A §5.10.
 */

#include "paging/address.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_TLB_CODE = 1 << 0, /* serves instruction fetches */
  ATLAS_TLB_DATA = 1 << 1, /* serves reads and writes */
} AtlasTlbUse;

#define ATLAS_TLB_STRUCTURES_MAX 8
#define ATLAS_TLB_SIZE(level) (1u << (level))

typedef struct
{
  const char *name;   /* "L1 DTLB 4 KB" */
  guint8 cache_level; /* 1 or 2 */
  guint8 uses;        /* of AtlasTlbUse */
  guint8 page_levels; /* of ATLAS_TLB_SIZE (1 = 4 KB, 2 = 2 MB, 3 = 1 GB) */
  guint16 n_entries;  /* n_sets · n_ways; n_sets is a power of two */
  guint16 n_ways;     /* n_entries: fully associative */
} AtlasTlbStructure;

/* A processor's translation caches. */
typedef struct
{
  const char *id;   /* for commands: "skylake" */
  const char *name; /* "Intel Skylake" */
  const char *note; /* where the figures come from, and which are assumed */
  guint n_structures;
  AtlasTlbStructure structures[ATLAS_TLB_STRUCTURES_MAX];
  guint16
    n_psc_entries[ATLAS_LEVELS_MAX + 1]; /* by level of the cached entry, 2 … 5; fully assoc. */
} AtlasTlbProfile;

/* All named profiles; the first is "none": every access walks. */
ATLAS_AVAILABLE guint atlas_tlb_get_n_profiles (void);
ATLAS_AVAILABLE const AtlasTlbProfile *atlas_tlb_get_profile (guint index);
/* NULL when there is none of that name. */
ATLAS_AVAILABLE const AtlasTlbProfile *atlas_tlb_find_profile (const char *id);

/* One cached translation, as a view lists it. */
typedef struct
{
  AtlasVa va; /* first address that the entry serves */
  AtlasPa pa;
  guint64 size_bytes; /* what the entry serves; a large page may be cached in fragments */
  guint64 page_bytes; /* the page that it is part of */
  guint16 pcid;
  gboolean is_global; /* serves every PCID */
  gboolean is_writable;
  gboolean is_user;
  gboolean is_executable;
  gboolean is_dirty;
  guint8 protection_key;
  guint8 memory_type; /* IA32_PAT encoding */
  guint64 age;        /* uses of the whole TLB since its last use; 0 = the last one */
} AtlasTlbEntryInfo;

/* One cached table address. */
typedef struct
{
  guint level;      /* of the entry that is cached: 2 = PDE … 5 = PML5E */
  AtlasVa va;       /* first address that it serves */
  AtlasPa table_pa; /* the table that it names */
  guint16 pcid;
  guint64 age;
} AtlasPscEntryInfo;

typedef struct
{
  guint64 n_l1_code_hits;
  guint64 n_l1_code_misses;
  guint64 n_l1_data_hits;
  guint64 n_l1_data_misses;
  guint64 n_l2_hits;
  guint64 n_l2_misses;
  guint64 n_psc_hits[ATLAS_LEVELS_MAX + 1]; /* by level */
  guint64 n_walks;
  guint64 n_entries_read;
  guint64 n_evictions;   /* valid entries that had to make room */
  guint64 n_invalidated; /* entries dropped by instructions, faults and dirty walks */
  guint64 n_dirty_walks; /* writes that hit an entry not yet dirty */
} AtlasTlbCounters;

typedef struct _AtlasTlb AtlasTlb;

ATLAS_AVAILABLE const AtlasTlbProfile *atlas_tlb_get_own_profile (const AtlasTlb *tlb);
ATLAS_AVAILABLE const AtlasTlbCounters *atlas_tlb_get_counters (const AtlasTlb *tlb);
/* What stands in one place; FALSE when it is empty. @structure < n_structures, @set and @way within
 * its geometry. */
ATLAS_AVAILABLE gboolean atlas_tlb_get_entry (const AtlasTlb *tlb,
                                              guint structure,
                                              guint set,
                                              guint way,
                                              AtlasTlbEntryInfo *info);
/* @level 2 … 5, @index < n_psc_entries[@level]. */
ATLAS_AVAILABLE gboolean atlas_tlb_get_psc_entry (const AtlasTlb *tlb,
                                                  guint level,
                                                  guint index,
                                                  AtlasPscEntryInfo *info);

/* The translation that an access of @va would hit, L1 before L2; FALSE when it would miss. Neither
 * counts nor ages. @is_code: of a fetch. */
ATLAS_AVAILABLE gboolean atlas_tlb_lookup (const AtlasTlb *tlb,
                                           AtlasVa va,
                                           guint pcid,
                                           gboolean is_code,
                                           AtlasTlbEntryInfo *info);

static inline guint
atlas_tlb_structure_get_n_sets (const AtlasTlbStructure *structure)
{
  return structure->n_entries / structure->n_ways;
}

G_END_DECLS
