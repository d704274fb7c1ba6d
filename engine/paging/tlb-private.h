/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The TLB as the MMU uses it. Inside, all addresses are canonical and after LAM. */

#include "paging/tlb.h"
#include "paging/walk-private.h"

G_BEGIN_DECLS

/* What a walk leaves behind, whatever structures it goes into. */
typedef struct
{
  AtlasVa va; /* any address in the page */
  AtlasPa page_pa;
  guint64 upper_rights; /* folded over the entries above the leaf */
  guint64 leaf;         /* with its Dirty bit as it then stood in memory */
  guint16 pcid;
  guint8 is_global;
  guint8 page_level;
  guint8 memory_type;
} AtlasTranslation;

/* Matches when ((va & ~4095) | pcid) & compare_mask == key: page addresses leave room for the 12
 * bits of a PCID. An empty entry has compare_mask 0 and key 1. */
typedef struct
{
  guint64 key;
  guint64 compare_mask;
  guint64 rights; /* ATLAS_RIGHTS_* over all levels, and ATLAS_ENTRY_D of the leaf */
  guint64 last_used;
  guint64 offset_mask; /* of the part of the page that this entry serves */
  AtlasPa pa;          /* of its first byte */
  guint64 properties;  /* what a hit writes into its record: atlas_walk_pack_properties() */
  guint64 page_bytes;
  AtlasTranslation translation;
  guint level; /* of the part that this entry serves; below the page's in a fragment */
} AtlasTlbEntry;

typedef struct
{
  guint64 key; /* (va >> shift of level << 12) | pcid; all ones when empty */
  AtlasPa table_pa;
  guint64 rights; /* folded down to the cached entry */
  guint64 last_used;
} AtlasPscEntry;

/* Direct-mapped hints from page number to entry, so that a hit costs the same in every geometry.
 * A hint is checked like any entry; a wrong one costs a search and nothing else. It holds the
 * page's address as well: who waits for the physical address need not wait for the entry. */
#define ATLAS_TLB_HINTS 1024u
#define ATLAS_TLB_CACHE_LEVELS 2u
#define ATLAS_TLB_KINDS 2u /* of accesses: to data, to code */

typedef struct
{
  AtlasTlbEntry *entry;
  AtlasPa page_pa; /* of the 4096 bytes */
} AtlasTlbHint;

struct _AtlasTlb
{
  const AtlasTlbProfile *profile;
  guint64 clock; /* counts uses */
  guint n_fragments;
  guint n_entries[ATLAS_LEVEL_PDPT + 1]; /* by level: sizes that are not there are not looked for */
  AtlasTlbCounters counters;
  AtlasTlbEntry *entries; /* of all structures, one after the other */
  guint first_entry[ATLAS_TLB_STRUCTURES_MAX + 1];
  guint set_masks[ATLAS_TLB_STRUCTURES_MAX];
  /* A bit a structure: those that hold entries of a level for an access of a kind. */
  guint holders[ATLAS_TLB_CACHE_LEVELS][ATLAS_TLB_KINDS][ATLAS_LEVEL_PDPT + 1];
  guint all_holders[ATLAS_LEVEL_PDPT + 1]; /* for accesses of any kind */
  AtlasPscEntry *psc[ATLAS_LEVELS_MAX + 1];
  guint n_psc[ATLAS_LEVELS_MAX + 1];      /* entries that are not empty */
  AtlasTlbHint hints[2][ATLAS_TLB_HINTS]; /* for code, for data: L1 only */
};

typedef struct
{
  AtlasTlbEntry *entry;
  guint structure;
  guint set;
  guint way;
} AtlasTlbPlace;

AtlasTlb *atlas_tlb_new (const AtlasTlbProfile *profile);
void atlas_tlb_free (AtlasTlb *tlb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasTlb, atlas_tlb_free)

static inline gboolean
atlas_tlb_entry_matches (const AtlasTlbEntry *entry, AtlasVa va, guint pcid)
{
  return (((va & ~ATLAS_PAGE_MASK) | pcid) & entry->compare_mask) == entry->key;
}

static inline AtlasTlbHint *
atlas_tlb_get_hint (AtlasTlb *tlb, AtlasVa va, gboolean is_code)
{
  return &tlb->hints[is_code ? 0 : 1][(va >> ATLAS_PAGE_SHIFT) % ATLAS_TLB_HINTS];
}

static inline AtlasPa
atlas_tlb_entry_translate (const AtlasTlbEntry *entry, AtlasVa va)
{
  return entry->pa | (va & entry->offset_mask);
}

static inline void
atlas_tlb_set_hint (AtlasTlb *tlb, AtlasVa va, gboolean is_code, AtlasTlbEntry *entry)
{
  *atlas_tlb_get_hint (tlb, va, is_code) =
    (AtlasTlbHint){ entry, atlas_tlb_entry_translate (entry, va & ~ATLAS_PAGE_MASK) };
}

/* Searches the structures of one cache level. Does not count and does not age. */
gboolean atlas_tlb_find (const AtlasTlb *tlb,
                         guint cache_level,
                         gboolean is_code,
                         AtlasVa va,
                         guint pcid,
                         AtlasTlbPlace *place);

/* The set that @va would stand in, in the first structure of a cache level, for the trace. */
void atlas_tlb_locate (const AtlasTlb *tlb,
                       guint cache_level,
                       gboolean is_code,
                       AtlasVa va,
                       AtlasTlbPlace *place);

/* Puts @translation into one cache level, at the place that serves @va, in a fragment when no
 * structure there holds pages of its size. FALSE when this level has nothing for such accesses.
 * @evicted (may be NULL): the entry that had to go, or one that is empty. */
gboolean atlas_tlb_insert (AtlasTlb *tlb,
                           guint cache_level,
                           gboolean is_code,
                           AtlasVa va,
                           const AtlasTranslation *translation,
                           AtlasTlbPlace *place,
                           AtlasTlbEntry *evicted);

static inline gboolean
atlas_tlb_entry_is_empty (const AtlasTlbEntry *entry)
{
  return entry->compare_mask == 0;
}

/* The deepest cached table address for @va; 0 when there is none. */
guint atlas_tlb_psc_find (AtlasTlb *tlb,
                          guint n_levels,
                          AtlasVa va,
                          guint pcid,
                          AtlasPa *table_pa,
                          guint64 *rights);
void atlas_tlb_psc_insert (AtlasTlb *tlb,
                           guint level,
                           AtlasVa va,
                           guint pcid,
                           AtlasPa table_pa,
                           guint64 rights);

/* Every one returns the number of entries dropped. */
/* The page at @va: entries of @pcid, and with @with_global the global ones. Nothing of the PSC. */
guint atlas_tlb_drop_page (AtlasTlb *tlb, AtlasVa va, guint pcid, gboolean with_global);
/* All entries of @pcid, and with @with_global the global ones. */
guint atlas_tlb_drop_pcid (AtlasTlb *tlb, guint pcid, gboolean with_global);
/* All, global ones only when asked. */
guint atlas_tlb_drop_all (AtlasTlb *tlb, gboolean with_global);
guint atlas_tlb_psc_drop_va (AtlasTlb *tlb, AtlasVa va, guint pcid);
guint atlas_tlb_psc_drop_pcid (AtlasTlb *tlb, guint pcid);
guint atlas_tlb_psc_drop_all (AtlasTlb *tlb);

G_END_DECLS
