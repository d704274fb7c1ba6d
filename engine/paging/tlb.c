/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/tlb-private.h"

#define PSC_EMPTY (~G_GUINT64_CONSTANT (0))

static void
add_structure (AtlasTlb *tlb, guint index)
{
  static const guint uses[ATLAS_TLB_KINDS] = { ATLAS_TLB_DATA, ATLAS_TLB_CODE };
  const AtlasTlbStructure *structure = &tlb->profile->structures[index];

  tlb->first_entry[index + 1] = tlb->first_entry[index] + structure->n_entries;
  tlb->set_masks[index] = atlas_tlb_structure_get_n_sets (structure) - 1;
  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVEL_PDPT; level++)
    {
      if ((structure->page_levels & ATLAS_TLB_SIZE (level)) == 0)
        continue;
      tlb->all_holders[level] |= 1u << index;
      for (guint kind = 0; kind < ATLAS_TLB_KINDS; kind++)
        if ((structure->uses & uses[kind]) != 0)
          tlb->holders[structure->cache_level - 1][kind][level] |= 1u << index;
    }
}

AtlasTlb *
atlas_tlb_new (const AtlasTlbProfile *profile)
{
  AtlasTlb *tlb = g_new0 (AtlasTlb, 1);

  tlb->profile = profile;
  for (guint i = 0; i < profile->n_structures; i++)
    add_structure (tlb, i);
  /* One more, always empty, for hints that point nowhere yet. */
  tlb->entries = g_new0 (AtlasTlbEntry, tlb->first_entry[profile->n_structures] + 1);
  for (guint i = 0; i <= tlb->first_entry[profile->n_structures]; i++)
    tlb->entries[i].key = 1;
  for (guint i = 0; i < ATLAS_TLB_HINTS; i++)
    tlb->hints[0][i].entry = tlb->hints[1][i].entry =
      &tlb->entries[tlb->first_entry[profile->n_structures]];
  for (guint level = ATLAS_LEVEL_PD; level <= ATLAS_LEVELS_MAX; level++)
    {
      tlb->psc[level] = g_new0 (AtlasPscEntry, profile->n_psc_entries[level]);
      for (guint i = 0; i < profile->n_psc_entries[level]; i++)
        tlb->psc[level][i].key = PSC_EMPTY;
    }
  return tlb;
}

void
atlas_tlb_free (AtlasTlb *tlb)
{
  for (guint level = ATLAS_LEVEL_PD; level <= ATLAS_LEVELS_MAX; level++)
    g_free (tlb->psc[level]);
  g_free (tlb->entries);
  g_free (tlb);
}

/* ---- Translations ---- */

static guint
set_of (const AtlasTlb *tlb, guint structure, AtlasVa va, guint page_level)
{
  return (guint) (va >> atlas_level_shift (page_level)) & tlb->set_masks[structure];
}

static AtlasTlbEntry *
entry_at (const AtlasTlb *tlb, guint structure, guint set, guint way)
{
  return &tlb->entries[tlb->first_entry[structure] +
                       set * tlb->profile->structures[structure].n_ways + way];
}

/* The structures of @cache_level, a bit each, that serve such accesses with entries of @level. */
static guint
get_holders (const AtlasTlb *tlb, guint cache_level, gboolean is_code, guint level)
{
  return tlb->holders[cache_level - 1][is_code != FALSE][level];
}

/* The structure of the lowest bit. */
static guint
first_of (guint structures)
{
  return (guint) __builtin_ctz (structures);
}

gboolean
atlas_tlb_find (const AtlasTlb *tlb,
                guint cache_level,
                gboolean is_code,
                AtlasVa va,
                guint pcid,
                AtlasTlbPlace *place)
{
  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVEL_PDPT; level++)
    {
      guint left = tlb->n_entries[level] > 0 ? get_holders (tlb, cache_level, is_code, level) : 0;

      for (; left != 0; left &= left - 1)
        {
          guint i = first_of (left);
          guint set = set_of (tlb, i, va, level);
          AtlasTlbEntry *ways = entry_at (tlb, i, set, 0);

          for (guint way = 0; way < tlb->profile->structures[i].n_ways; way++)
            if (atlas_tlb_entry_matches (&ways[way], va, pcid))
              {
                *place = (AtlasTlbPlace){ &ways[way], i, set, way };
                return TRUE;
              }
        }
    }
  return FALSE;
}

/* The structure that takes pages of @page_level, or else the next smaller size; the size taken
 * comes back in @entry_level. */
static guint
choose_structure (const AtlasTlb *tlb,
                  guint cache_level,
                  gboolean is_code,
                  guint page_level,
                  guint *entry_level)
{
  for (guint level = page_level; level >= ATLAS_LEVEL_PT; level--)
    {
      guint holders = get_holders (tlb, cache_level, is_code, level);

      if (holders != 0)
        {
          *entry_level = level;
          return first_of (holders);
        }
    }
  return tlb->profile->n_structures;
}

void
atlas_tlb_locate (const AtlasTlb *tlb,
                  guint cache_level,
                  gboolean is_code,
                  AtlasVa va,
                  AtlasTlbPlace *place)
{
  guint level;
  guint chosen = choose_structure (tlb, cache_level, is_code, ATLAS_LEVEL_PT, &level);

  *place = (AtlasTlbPlace){ .structure = chosen };
  if (chosen < tlb->profile->n_structures)
    place->set = set_of (tlb, chosen, va, ATLAS_LEVEL_PT);
}

static void
forget (AtlasTlb *tlb, AtlasTlbEntry *entry)
{
  if (atlas_tlb_entry_is_empty (entry))
    return;
  if (entry->level != entry->translation.page_level)
    tlb->n_fragments--;
  tlb->n_entries[entry->level]--;
  *entry = (AtlasTlbEntry){ .key = 1 };
}

gboolean
atlas_tlb_insert (AtlasTlb *tlb,
                  guint cache_level,
                  gboolean is_code,
                  AtlasVa va,
                  const AtlasTranslation *translation,
                  AtlasTlbPlace *place,
                  AtlasTlbEntry *evicted)
{
  guint level;
  guint chosen = choose_structure (tlb, cache_level, is_code, translation->page_level, &level);

  if (chosen == tlb->profile->n_structures)
    return FALSE;

  const AtlasTlbStructure *structure = &tlb->profile->structures[chosen];
  guint set = set_of (tlb, chosen, va, level);
  AtlasTlbEntry *ways = entry_at (tlb, chosen, set, 0);
  guint victim = 0;

  /* The entry that is there already, else an empty one, else the one used longest ago. */
  for (guint way = 0; way < structure->n_ways; way++)
    {
      if (atlas_tlb_entry_matches (&ways[way], va, translation->pcid))
        {
          victim = way;
          break;
        }
      if (ways[way].last_used < ways[victim].last_used)
        victim = way;
    }

  AtlasTlbEntry *entry = &ways[victim];
  gboolean is_same = atlas_tlb_entry_matches (entry, va, translation->pcid);
  guint64 offset_mask = atlas_level_span_bytes (level) - 1;
  guint64 page_offset = va & (atlas_level_span_bytes (translation->page_level) - 1);

  if (evicted != NULL)
    *evicted = is_same ? (AtlasTlbEntry){ .key = 1 } : *entry;
  if (!is_same && !atlas_tlb_entry_is_empty (entry))
    tlb->counters.n_evictions++;
  forget (tlb, entry);

  entry->translation = *translation;
  entry->offset_mask = offset_mask;
  entry->compare_mask =
    ~(offset_mask | ATLAS_PAGE_MASK) | (translation->is_global ? 0 : ATLAS_CR3_PCID_MASK);
  entry->key = (va & ~offset_mask) | (translation->is_global ? 0 : translation->pcid);
  entry->pa = translation->page_pa + (page_offset & ~offset_mask);
  entry->rights = translation->upper_rights & atlas_rights_of_entry (translation->leaf);
  entry->properties = atlas_walk_pack_properties (
    entry->rights, translation->leaf, translation->is_global, translation->memory_type);
  entry->rights |= translation->leaf & ATLAS_ENTRY_D;
  entry->page_bytes = atlas_level_span_bytes (translation->page_level);
  entry->last_used = ++tlb->clock;
  entry->level = level;
  tlb->n_entries[level]++;
  if (level != translation->page_level)
    tlb->n_fragments++;
  if (cache_level == 1)
    atlas_tlb_set_hint (tlb, va, is_code, entry);
  *place = (AtlasTlbPlace){ entry, chosen, set, victim };
  return TRUE;
}

/* ---- Paging-structure caches ---- */

static guint64
psc_key (guint level, AtlasVa va, guint pcid)
{
  /* The shift is 21 or more, so bits from 43 up are free: the address keeps its own bits. */
  return (va >> atlas_level_shift (level) << ATLAS_PAGE_SHIFT) | pcid;
}

/* Looks no further than the last entry that is not empty. */
static AtlasPscEntry *
psc_match (const AtlasTlb *tlb, guint level, guint64 key)
{
  guint n_left = tlb->n_psc[level];

  for (AtlasPscEntry *entry = tlb->psc[level]; n_left > 0; entry++)
    {
      if (entry->key == key)
        return entry;
      n_left -= entry->key != PSC_EMPTY;
    }
  return NULL;
}

/* The first empty entry, else the one used longest ago. */
static AtlasPscEntry *
psc_choose_victim (const AtlasTlb *tlb, guint level)
{
  AtlasPscEntry *entries = tlb->psc[level];
  AtlasPscEntry *victim = entries;

  if (tlb->n_psc[level] < tlb->profile->n_psc_entries[level])
    {
      while (victim->key != PSC_EMPTY)
        victim++;
      return victim;
    }
  for (guint i = 1; i < tlb->profile->n_psc_entries[level]; i++)
    if (entries[i].last_used < victim->last_used)
      victim = &entries[i];
  return victim;
}

guint
atlas_tlb_psc_find (AtlasTlb *tlb,
                    guint n_levels,
                    AtlasVa va,
                    guint pcid,
                    AtlasPa *table_pa,
                    guint64 *rights)
{
  for (guint level = ATLAS_LEVEL_PD; level <= n_levels; level++)
    {
      AtlasPscEntry *entry = psc_match (tlb, level, psc_key (level, va, pcid));

      if (entry == NULL)
        continue;
      entry->last_used = ++tlb->clock;
      tlb->counters.n_psc_hits[level]++;
      *table_pa = entry->table_pa;
      *rights = entry->rights;
      return level;
    }
  return 0;
}

void
atlas_tlb_psc_insert (AtlasTlb *tlb,
                      guint level,
                      AtlasVa va,
                      guint pcid,
                      AtlasPa table_pa,
                      guint64 rights)
{
  guint64 key = psc_key (level, va, pcid);
  AtlasPscEntry *entry = psc_match (tlb, level, key);

  if (tlb->profile->n_psc_entries[level] == 0)
    return;
  if (entry == NULL)
    {
      entry = psc_choose_victim (tlb, level);
      tlb->n_psc[level] += entry->key == PSC_EMPTY;
    }
  *entry = (AtlasPscEntry){ key, table_pa, rights, ++tlb->clock };
}

/* ---- Dropping ---- */

/* Whether @entry is part of the cached page that holds @va, in whatever fragment, and of @pcid or
 * global. */
static gboolean
is_of_page (const AtlasTlbEntry *entry, AtlasVa va, guint pcid)
{
  guint64 page_mask = atlas_level_span_bytes (MAX (entry->translation.page_level, 1)) - 1;

  return !atlas_tlb_entry_is_empty (entry) && ((entry->translation.va ^ va) & ~page_mask) == 0 &&
         (entry->translation.is_global || entry->translation.pcid == pcid);
}

static guint
drop (AtlasTlb *tlb, AtlasTlbEntry *entry, gboolean with_global)
{
  if (entry->translation.is_global && !with_global)
    return 0;
  forget (tlb, entry);
  return 1;
}

guint
atlas_tlb_drop_page (AtlasTlb *tlb, AtlasVa va, guint pcid, gboolean with_global)
{
  guint n_all = tlb->first_entry[tlb->profile->n_structures];
  guint n_dropped = 0;

  if (tlb->n_fragments > 0)
    {
      /* Fragments of the page may stand in any set. */
      for (guint i = 0; i < n_all; i++)
        if (is_of_page (&tlb->entries[i], va, pcid))
          n_dropped += drop (tlb, &tlb->entries[i], with_global);
    }
  else
    for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVEL_PDPT; level++)
      {
        guint left = tlb->n_entries[level] > 0 ? tlb->all_holders[level] : 0;

        for (; left != 0; left &= left - 1)
          {
            guint i = first_of (left);
            AtlasTlbEntry *ways = entry_at (tlb, i, set_of (tlb, i, va, level), 0);

            for (guint way = 0; way < tlb->profile->structures[i].n_ways; way++)
              if (atlas_tlb_entry_matches (&ways[way], va, pcid))
                n_dropped += drop (tlb, &ways[way], with_global);
          }
      }
  tlb->counters.n_invalidated += n_dropped;
  return n_dropped;
}

guint
atlas_tlb_drop_pcid (AtlasTlb *tlb, guint pcid, gboolean with_global)
{
  guint n_all = tlb->first_entry[tlb->profile->n_structures];
  guint n_dropped = 0;

  for (guint i = 0; i < n_all; i++)
    {
      AtlasTlbEntry *entry = &tlb->entries[i];

      if (atlas_tlb_entry_is_empty (entry))
        continue;
      if (entry->translation.is_global ? with_global : entry->translation.pcid == pcid)
        {
          forget (tlb, entry);
          n_dropped++;
        }
    }
  tlb->counters.n_invalidated += n_dropped;
  return n_dropped;
}

guint
atlas_tlb_drop_all (AtlasTlb *tlb, gboolean with_global)
{
  guint n_all = tlb->first_entry[tlb->profile->n_structures];
  guint n_dropped = 0;

  for (guint i = 0; i < n_all; i++)
    {
      AtlasTlbEntry *entry = &tlb->entries[i];

      if (!atlas_tlb_entry_is_empty (entry) && (with_global || !entry->translation.is_global))
        {
          forget (tlb, entry);
          n_dropped++;
        }
    }
  tlb->counters.n_invalidated += n_dropped;
  return n_dropped;
}

static guint
psc_drop (AtlasTlb *tlb, guint level, AtlasPscEntry *entry)
{
  *entry = (AtlasPscEntry){ .key = PSC_EMPTY };
  tlb->n_psc[level]--;
  tlb->counters.n_invalidated++;
  return 1;
}

guint
atlas_tlb_psc_drop_va (AtlasTlb *tlb, AtlasVa va, guint pcid)
{
  guint n_dropped = 0;

  for (guint level = ATLAS_LEVEL_PD; level <= ATLAS_LEVELS_MAX; level++)
    {
      AtlasPscEntry *entry = psc_match (tlb, level, psc_key (level, va, pcid));

      if (entry != NULL)
        n_dropped += psc_drop (tlb, level, entry);
    }
  return n_dropped;
}

guint
atlas_tlb_psc_drop_pcid (AtlasTlb *tlb, guint pcid)
{
  guint n_dropped = 0;

  for (guint level = ATLAS_LEVEL_PD; level <= ATLAS_LEVELS_MAX; level++)
    for (guint i = 0; i < tlb->profile->n_psc_entries[level]; i++)
      {
        AtlasPscEntry *entry = &tlb->psc[level][i];

        if (entry->key != PSC_EMPTY && (entry->key & ATLAS_CR3_PCID_MASK) == pcid)
          n_dropped += psc_drop (tlb, level, entry);
      }
  return n_dropped;
}

guint
atlas_tlb_psc_drop_all (AtlasTlb *tlb)
{
  guint n_dropped = 0;

  for (guint level = ATLAS_LEVEL_PD; level <= ATLAS_LEVELS_MAX; level++)
    for (guint i = 0; i < tlb->profile->n_psc_entries[level]; i++)
      if (tlb->psc[level][i].key != PSC_EMPTY)
        n_dropped += psc_drop (tlb, level, &tlb->psc[level][i]);
  return n_dropped;
}

/* ---- For views ---- */

const AtlasTlbProfile *
atlas_tlb_get_own_profile (const AtlasTlb *tlb)
{
  g_return_val_if_fail (tlb != NULL, NULL);

  return tlb->profile;
}

const AtlasTlbCounters *
atlas_tlb_get_counters (const AtlasTlb *tlb)
{
  g_return_val_if_fail (tlb != NULL, NULL);

  return &tlb->counters;
}

static void
describe_entry (const AtlasTlb *tlb, const AtlasTlbEntry *entry, AtlasTlbEntryInfo *info)
{
  *info = (AtlasTlbEntryInfo){
    .va = entry->key & ~ATLAS_PAGE_MASK,
    .pa = entry->pa,
    .size_bytes = entry->offset_mask + 1,
    .page_bytes = atlas_level_span_bytes (entry->translation.page_level),
    .pcid = entry->translation.pcid,
    .is_global = entry->translation.is_global,
    .is_writable = (entry->rights & ATLAS_RIGHTS_WRITE) != 0,
    .is_user = (entry->rights & ATLAS_RIGHTS_USER) != 0,
    .is_executable = (entry->rights & ATLAS_RIGHTS_EXECUTE) != 0,
    .is_dirty = (entry->rights & ATLAS_ENTRY_D) != 0,
    .protection_key = (guint8) atlas_entry_get_key (entry->translation.leaf),
    .memory_type = entry->translation.memory_type,
    .age = tlb->clock - entry->last_used,
  };
}

gboolean
atlas_tlb_get_entry (const AtlasTlb *tlb,
                     guint structure,
                     guint set,
                     guint way,
                     AtlasTlbEntryInfo *info)
{
  g_return_val_if_fail (tlb != NULL && info != NULL, FALSE);
  g_return_val_if_fail (structure < tlb->profile->n_structures, FALSE);
  g_return_val_if_fail (set < atlas_tlb_structure_get_n_sets (&tlb->profile->structures[structure]),
                        FALSE);
  g_return_val_if_fail (way < tlb->profile->structures[structure].n_ways, FALSE);

  const AtlasTlbEntry *entry = entry_at (tlb, structure, set, way);

  if (atlas_tlb_entry_is_empty (entry))
    return FALSE;
  describe_entry (tlb, entry, info);
  return TRUE;
}

gboolean
atlas_tlb_lookup (const AtlasTlb *tlb,
                  AtlasVa va,
                  guint pcid,
                  gboolean is_code,
                  AtlasTlbEntryInfo *info)
{
  AtlasTlbPlace place;

  g_return_val_if_fail (tlb != NULL && info != NULL, FALSE);

  for (guint cache_level = 1; cache_level <= 2; cache_level++)
    {
      if (atlas_tlb_find (tlb, cache_level, is_code, va, pcid, &place))
        {
          describe_entry (tlb, place.entry, info);
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
atlas_tlb_get_psc_entry (const AtlasTlb *tlb, guint level, guint index, AtlasPscEntryInfo *info)
{
  g_return_val_if_fail (tlb != NULL && info != NULL, FALSE);
  g_return_val_if_fail (level >= ATLAS_LEVEL_PD && level <= ATLAS_LEVELS_MAX, FALSE);
  g_return_val_if_fail (index < tlb->profile->n_psc_entries[level], FALSE);

  const AtlasPscEntry *entry = &tlb->psc[level][index];

  if (entry->key == PSC_EMPTY)
    return FALSE;
  *info = (AtlasPscEntryInfo){
    .level = level,
    .va = atlas_page_floor (entry->key) >> ATLAS_PAGE_SHIFT << atlas_level_shift (level),
    .table_pa = entry->table_pa,
    .pcid = (guint16) (entry->key & ATLAS_CR3_PCID_MASK),
    .age = tlb->clock - entry->last_used,
  };
  return TRUE;
}
