/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/mmu-private.h"

#include <glib/gi18n-lib.h>

#include "paging/events.h"
#include "paging/memory-private.h"
#include "paging/mmu-trace-private.h"

/* ---- Accessed and Dirty ---- */

/* Sets @flags in the entry of @step. Reads it again first: with a self-map the entry may be one
 * that an earlier step has just changed. */
static void
set_flags (AtlasMmu *mmu, const AtlasWalkStep *step, guint64 flags, AtlasTrace *trace)
{
  guint64 old_entry;

  if (!atlas_memory_load_entry (mmu->memory, step->entry_pa, &old_entry))
    return;

  guint64 added = flags & ~old_entry;

  if (added == 0 || !atlas_memory_write_u64 (mmu->memory, step->entry_pa, old_entry | added))
    return;

  const char *words = added == ATLAS_ENTRY_A   ? N_ ("Accessed set")
                      : added == ATLAS_ENTRY_D ? N_ ("Dirty set")
                                               : N_ ("Accessed and Dirty set");
  ATLAS_TRACE (trace,
               &atlas_event_accessed_dirty,
               step->level,
               step->index,
               step->entry_pa,
               old_entry,
               old_entry | added,
               (guint64) (guintptr) words);
}

/* Intel SDM vol. 3A §5.8: Accessed in every entry of a translation, Dirty in the leaf of a write;
 * the leaf of an access that faults stays as it is. */
static void
note_use (AtlasMmu *mmu,
          const AtlasWalkQuery *query,
          const AtlasWalkResult *result,
          AtlasTrace *trace)
{
  gboolean is_translated = result->outcome == ATLAS_OUTCOME_TRANSLATED;

  if (!is_translated && mmu->accessed_order == ATLAS_ACCESSED_ON_SUCCESS)
    return;

  /* The entry that a fault stopped at translates nothing; of rights, it is the leaf. */
  guint n_used = result->n_steps - (result->outcome == ATLAS_OUTCOME_PAGE_FAULT ? 1u : 0u);
  gboolean is_written = is_translated && atlas_access_is_write (query->access);

  for (guint i = 0; i < n_used; i++)
    {
      guint64 flags = ATLAS_ENTRY_A | (is_written && i + 1 == n_used ? ATLAS_ENTRY_D : 0);

      if ((result->entries[i] & flags) != flags)
        {
          AtlasWalkStep step = atlas_walk_result_get_step (result, i);

          set_flags (mmu, &step, flags, trace);
        }
    }
}

/* ---- One access ---- */

/* Intel SDM vol. 3A §5.10.4.1: a page fault drops what was cached for its address. The manual names
 * entries of the current PCID; dropping global ones too is allowed, and without it a stale global
 * entry would fault for ever. */
static void
invalidate_for_fault (AtlasMmu *mmu, AtlasVa va, AtlasTrace *trace)
{
  guint n_dropped = atlas_tlb_drop_page (mmu->tlb, va, mmu->pcid, TRUE) +
                    atlas_tlb_psc_drop_va (mmu->tlb, va, mmu->pcid);

  if (n_dropped > 0)
    ATLAS_TRACE (trace, &atlas_event_tlb_dropped, n_dropped, va);
}

static void
insert (AtlasMmu *mmu,
        guint cache_level,
        gboolean is_code,
        AtlasVa va,
        const AtlasTranslation *translation,
        AtlasTrace *trace)
{
  AtlasTlbPlace place;
  AtlasTlbEntry evicted;

  if (!atlas_tlb_insert (
        mmu->tlb, cache_level, is_code, va, translation, &place, trace != NULL ? &evicted : NULL) ||
      trace == NULL)
    return;
  if (!atlas_tlb_entry_is_empty (&evicted))
    atlas_mmu_trace_place (trace, &atlas_event_tlb_evicted, mmu->tlb, &place, &evicted);
  atlas_mmu_trace_place (trace, &atlas_event_tlb_filled, mmu->tlb, &place, place.entry);
}

/* Keeps what a successful walk from below @start_rights has found. An entry whose Accessed bit is
 * 0, as in memory that cannot be written, must not be cached (Intel SDM vol. 3A §5.10.2.3). */
static void
remember_walk (AtlasMmu *mmu,
               const AtlasWalkQuery *query,
               guint64 start_rights,
               const AtlasWalkResult *result,
               AtlasTrace *trace)
{
  gboolean is_code = query->access == ATLAS_ACCESS_EXECUTE;
  guint64 noted = 0;
  guint64 rights = start_rights;

  if (atlas_memory_is_writable (mmu->memory))
    noted = ATLAS_ENTRY_A | (atlas_access_is_write (query->access) ? ATLAS_ENTRY_D : 0);

  for (guint i = 0; i < result->n_steps; i++)
    {
      const guint level = result->first_level - i;
      const guint64 entry = result->entries[i];

      if (((entry | noted) & ATLAS_ENTRY_A) == 0)
        return;
      if (!atlas_entry_is_leaf (entry, level))
        {
          rights &= atlas_rights_of_entry (entry);
          atlas_tlb_psc_insert (
            mmu->tlb, level, result->va, mmu->pcid, atlas_entry_get_table_pa (entry), rights);
          continue;
        }

      AtlasTranslation translation = {
        .va = result->va,
        .page_pa = atlas_entry_get_page_pa (entry, level),
        .upper_rights = rights,
        .leaf = entry | noted,
        .pcid = (guint16) mmu->pcid,
        .is_global = result->is_global,
        .page_level = (guint8) level,
        .memory_type = result->memory_type,
      };
      insert (mmu, 2, is_code, result->va, &translation, trace);
      insert (mmu, 1, is_code, result->va, &translation, trace);
    }
}

static void
walk_and_remember (AtlasMmu *mmu,
                   const AtlasWalkQuery *query,
                   AtlasTrace *trace,
                   AtlasWalkResult *result)
{
  guint n_levels = atlas_control_get_n_levels (&mmu->control);
  guint level = n_levels;
  AtlasPa table_pa = atlas_control_get_root_pa (&mmu->control);
  guint64 rights = ATLAS_RIGHTS_ALL;

  if (mmu->tlb != NULL)
    {
      guint cached =
        atlas_tlb_psc_find (mmu->tlb, n_levels, result->va, mmu->pcid, &table_pa, &rights);

      if (cached != 0)
        {
          AtlasVa first_va = result->va & ~(atlas_level_span_bytes (cached) - 1);

          ATLAS_TRACE (
            trace, &atlas_event_psc_hit, cached, first_va, table_pa, n_levels - cached + 1);
          if (trace != NULL)
            atlas_mmu_trace_staleness (
              trace, mmu->memory, &mmu->control, query, first_va, cached, table_pa, rights);
          level = cached - 1;
        }
    }

  atlas_walk_from (mmu->memory, &mmu->control, query, level, table_pa, rights, result);
  if (trace != NULL)
    atlas_mmu_trace_steps (trace, result);
  note_use (mmu, query, result, trace);

  if (mmu->tlb != NULL)
    {
      mmu->tlb->counters.n_walks++;
      mmu->tlb->counters.n_entries_read += result->n_steps;
      if (result->outcome == ATLAS_OUTCOME_TRANSLATED)
        remember_walk (mmu, query, rights, result, trace);
    }
}

static void
count_l1 (AtlasTlb *tlb, gboolean is_code, gboolean is_hit)
{
  if (is_hit)
    *(is_code ? &tlb->counters.n_l1_code_hits : &tlb->counters.n_l1_data_hits) += 1;
  else
    *(is_code ? &tlb->counters.n_l1_code_misses : &tlb->counters.n_l1_data_misses) += 1;
}

/* Looks the address up in both cache levels; what L2 has goes into L1. */
static gboolean
find_cached (AtlasMmu *mmu,
             const AtlasWalkQuery *query,
             AtlasVa va,
             AtlasTrace *trace,
             AtlasTranslation *translation)
{
  AtlasTlb *tlb = mmu->tlb;
  gboolean is_code = query->access == ATLAS_ACCESS_EXECUTE;
  AtlasTlbPlace place;
  gboolean is_hit = atlas_tlb_find (tlb, 1, is_code, va, mmu->pcid, &place);

  count_l1 (tlb, is_code, is_hit);
  if (is_hit)
    atlas_tlb_set_hint (tlb, va, is_code, place.entry);
  else
    {
      if (trace != NULL)
        atlas_mmu_trace_miss (trace, tlb, 1, is_code, va);
      is_hit = atlas_tlb_find (tlb, 2, is_code, va, mmu->pcid, &place);
      *(is_hit ? &tlb->counters.n_l2_hits : &tlb->counters.n_l2_misses) += 1;
      if (!is_hit)
        {
          if (trace != NULL)
            atlas_mmu_trace_miss (trace, tlb, 2, is_code, va);
          return FALSE;
        }
    }

  place.entry->last_used = ++tlb->clock;
  *translation = place.entry->translation;
  if (trace != NULL)
    {
      atlas_mmu_trace_place (trace, &atlas_event_tlb_hit, tlb, &place, place.entry);
      atlas_mmu_trace_staleness (trace,
                                 mmu->memory,
                                 &mmu->control,
                                 query,
                                 place.entry->key & ~ATLAS_PAGE_MASK,
                                 translation->page_level,
                                 translation->page_pa,
                                 translation->upper_rights &
                                   atlas_rights_of_entry (translation->leaf));
    }
  if (tlb->profile->structures[place.structure].cache_level == 2)
    insert (mmu, 1, is_code, va, translation, trace);
  return TRUE;
}

/* Decides the access by a cached translation. FALSE when there is none, or when it is a write and
 * Dirty must first be set in memory. */
static gboolean
use_cached (AtlasMmu *mmu, const AtlasWalkQuery *query, AtlasTrace *trace, AtlasWalkResult *result)
{
  AtlasTranslation translation;

  if (!find_cached (mmu, query, result->va, trace, &translation))
    return FALSE;

  gboolean is_allowed = atlas_walk_judge (&mmu->control,
                                          query,
                                          translation.upper_rights,
                                          translation.leaf,
                                          translation.page_level,
                                          result);
  result->is_global = translation.is_global;
  result->memory_type = translation.memory_type;
  if (is_allowed && atlas_access_is_write (query->access) &&
      (translation.leaf & ATLAS_ENTRY_D) == 0)
    {
      ATLAS_TRACE (trace, &atlas_event_tlb_not_dirty, result->va);
      mmu->tlb->counters.n_dirty_walks++;
      atlas_tlb_drop_page (mmu->tlb, result->va, mmu->pcid, TRUE);
      atlas_walk_clear (result);
      return FALSE;
    }
  return TRUE;
}

/* The way of nearly all accesses: the hint leads to an L1 entry that fits and allows the access. */
static inline gboolean
use_hint (AtlasMmu *mmu, const AtlasWalkQuery *query, AtlasWalkResult *result)
{
  gboolean is_code = query->access == ATLAS_ACCESS_EXECUTE;

  if (!mmu->has_plain_addresses || query->access > ATLAS_ACCESS_EXECUTE || query->is_implicit)
    return FALSE;

  const AtlasVa va = query->va;
  const AtlasTlbHint *hint = atlas_tlb_get_hint (mmu->tlb, va, is_code);
  const AtlasPa pa = hint->page_pa | (va & ATLAS_PAGE_MASK);
  AtlasTlbEntry *entry = hint->entry;
  const AtlasNeed *need = &mmu->needs[query->access][query->is_supervisor != FALSE];

  if (!atlas_tlb_entry_matches (entry, va, mmu->pcid) ||
      atlas_tlb_entry_translate (entry, va) != pa || (entry->rights & need->care) != need->value)
    return FALSE;

  entry->last_used = ++mmu->tlb->clock;
  count_l1 (mmu->tlb, is_code, TRUE);
  result->va = va;
  result->outcome = ATLAS_OUTCOME_TRANSLATED;
  result->cause = ATLAS_CAUSE_NONE;
  result->fault_level = 0;
  result->n_steps = 0;
  result->first_level = 0;
  result->error_code = 0;
  result->fault_bits = 0;
  result->pa = pa;
  result->page_bytes = entry->page_bytes;
  atlas_walk_set_properties (result, entry->properties);
  return TRUE;
}

/* Kept out of line, so that a hint's hit saves no registers for it. */
static G_GNUC_NO_INLINE AtlasOutcome
access_at_length (AtlasMmu *mmu,
                  const AtlasWalkQuery *query,
                  AtlasTrace *trace,
                  AtlasWalkResult *result)
{
  atlas_walk_clear (result);
  if (atlas_walk_admit_address (&mmu->control, query, result) &&
      (mmu->tlb == NULL || !use_cached (mmu, query, trace, result)))
    walk_and_remember (mmu, query, trace, result);

  if (trace != NULL)
    atlas_mmu_trace_outcome (trace, query, result, &mmu->control, atlas_mmu_get_mtrrs (mmu));
  if (mmu->tlb != NULL && result->outcome == ATLAS_OUTCOME_PAGE_FAULT)
    invalidate_for_fault (mmu, result->va, trace);
  return result->outcome;
}

AtlasOutcome
atlas_mmu_access (AtlasMmu *mmu,
                  const AtlasWalkQuery *query,
                  AtlasTrace *trace,
                  AtlasWalkResult *result)
{
  g_return_val_if_fail (mmu != NULL && query != NULL && result != NULL,
                        ATLAS_OUTCOME_MISSING_MEMORY);

  if (mmu->tlb != NULL && trace == NULL && use_hint (mmu, query, result))
    return ATLAS_OUTCOME_TRANSLATED;
  return access_at_length (mmu, query, trace, result);
}

void
atlas_mmu_trace_walk (const AtlasWalkQuery *query,
                      const AtlasWalkResult *result,
                      const AtlasControl *control,
                      const AtlasMtrrs *mtrrs,
                      AtlasTrace *trace)
{
  g_return_if_fail (query != NULL && result != NULL && control != NULL && trace != NULL);

  atlas_mmu_trace_steps (trace, result);
  atlas_mmu_trace_outcome (trace, query, result, control, mtrrs);
}
