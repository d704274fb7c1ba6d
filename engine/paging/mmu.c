/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/mmu-private.h"

#include <glib/gi18n-lib.h>

#include "paging/events.h"
#include "paging/memory-private.h"

struct _AtlasMmu
{
  AtlasMemory *memory;
  AtlasControl control;
  AtlasAccessedOrder accessed_order;
  AtlasTlb *tlb; /* NULL: every access walks */

  /* Derived from control. */
  guint pcid;
  gboolean has_plain_addresses; /* no LAM, no LASS: an address that is cached may be used */
  AtlasNeed needs[ATLAS_ACCESS_EXECUTE + 1][2]; /* by access and supervisor mode */
};

/* ---- Control state ---- */

/* What a cached translation must have: for a write, Dirty as well. */
static AtlasNeed
need_of_cached (const AtlasControl *control, AtlasAccess access, gboolean is_supervisor)
{
  AtlasNeed need = atlas_walk_need (control, access, is_supervisor, FALSE);

  if (access == ATLAS_ACCESS_WRITE)
    {
      need.care |= ATLAS_ENTRY_D;
      need.value |= ATLAS_ENTRY_D;
    }
  return need;
}

static guint
pcid_of (const AtlasControl *control)
{
  return (control->cr4 & ATLAS_CR4_PCIDE) != 0 ? (guint) (control->cr3 & ATLAS_CR3_PCID_MASK) : 0;
}

static void
take_control (AtlasMmu *mmu, const AtlasControl *control)
{
  mmu->control = *control;
  mmu->control.cr3 &= ~ATLAS_CR3_NO_INVALIDATE;
  mmu->pcid = pcid_of (control);
  mmu->has_plain_addresses = atlas_control_has_plain_addresses (control);
  for (guint access = 0; access < G_N_ELEMENTS (mmu->needs); access++)
    for (guint mode = 0; mode < 2; mode++)
      mmu->needs[access][mode] = need_of_cached (control, (AtlasAccess) access, mode != 0);
}

static gboolean
is_equal (const AtlasControl *a, const AtlasControl *b)
{
  return a->cr0 == b->cr0 && a->cr3 == b->cr3 && a->cr4 == b->cr4 && a->efer == b->efer &&
         a->pat == b->pat && a->pkru == b->pkru && a->pkrs == b->pkrs &&
         a->maxphyaddr_bits == b->maxphyaddr_bits && a->has_page_1gb == b->has_page_1gb &&
         a->is_amd == b->is_amd && a->rflags_ac == b->rflags_ac;
}

static void
drop_context (AtlasMmu *mmu, guint pcid, gboolean with_global)
{
  atlas_tlb_drop_pcid (mmu->tlb, pcid, with_global);
  atlas_tlb_psc_drop_pcid (mmu->tlb, pcid);
}

/* Intel SDM vol. 3A §5.10.4.1, MOV to CR0 and MOV to CR4. */
static void
invalidate_for_change (AtlasMmu *mmu, const AtlasControl *before, const AtlasControl *after)
{
  guint64 cr4_changed = before->cr4 ^ after->cr4;
  guint64 cr4_set = after->cr4 & ~before->cr4;
  guint64 cr4_cleared = before->cr4 & ~after->cr4;

  if ((before->cr0 & ~after->cr0 & ATLAS_CR0_PG) != 0 ||
      (cr4_changed & (ATLAS_CR4_PGE | ATLAS_CR4_LA57)) != 0 || (cr4_cleared & ATLAS_CR4_PCIDE) != 0)
    atlas_mmu_invalidate_all (mmu);
  else if ((cr4_changed & ATLAS_CR4_PAE) != 0 || (cr4_set & ATLAS_CR4_SMEP) != 0)
    drop_context (mmu, pcid_of (before), TRUE);
}

static void
invalidate_for_cr3 (AtlasMmu *mmu, const AtlasControl *after, gboolean keeps)
{
  if (!keeps)
    drop_context (mmu, pcid_of (after), FALSE);
}

void
atlas_mmu_set_control (AtlasMmu *mmu, const AtlasControl *control)
{
  g_return_if_fail (mmu != NULL && control != NULL);

  if (is_equal (&mmu->control, control))
    return;
  if (mmu->tlb != NULL)
    {
      invalidate_for_change (mmu, &mmu->control, control);
      if (((control->cr3 ^ mmu->control.cr3) & ~ATLAS_CR3_NO_INVALIDATE) != 0)
        invalidate_for_cr3 (mmu,
                            control,
                            (control->cr4 & ATLAS_CR4_PCIDE) != 0 &&
                              (control->cr3 & ATLAS_CR3_NO_INVALIDATE) != 0);
    }
  take_control (mmu, control);
}

AtlasControlRule
atlas_mmu_load_cr3 (AtlasMmu *mmu, guint64 value)
{
  g_return_val_if_fail (mmu != NULL, ATLAS_RULE_NONE);

  AtlasControl after = mmu->control;
  AtlasControlRule rule = atlas_control_set_cr3 (&after, value);

  if (rule != ATLAS_RULE_NONE)
    return rule;
  if (mmu->tlb != NULL)
    invalidate_for_cr3 (mmu, &after, (value & ATLAS_CR3_NO_INVALIDATE) != 0);
  take_control (mmu, &after);
  return ATLAS_RULE_NONE;
}

static AtlasControlRule
load_register (AtlasMmu *mmu,
               AtlasControlRule (*set) (AtlasControl *control, guint64 value),
               guint64 value)
{
  AtlasControl after = mmu->control;
  AtlasControlRule rule = set (&after, value);

  if (rule != ATLAS_RULE_NONE)
    return rule;
  if (mmu->tlb != NULL)
    invalidate_for_change (mmu, &mmu->control, &after);
  take_control (mmu, &after);
  return ATLAS_RULE_NONE;
}

AtlasControlRule
atlas_mmu_load_cr4 (AtlasMmu *mmu, guint64 value)
{
  g_return_val_if_fail (mmu != NULL, ATLAS_RULE_NONE);

  return load_register (mmu, atlas_control_set_cr4, value);
}

AtlasControlRule
atlas_mmu_load_cr0 (AtlasMmu *mmu, guint64 value)
{
  g_return_val_if_fail (mmu != NULL, ATLAS_RULE_NONE);

  return load_register (mmu, atlas_control_set_cr0, value);
}

/* ---- Life ---- */

AtlasMmu *
atlas_mmu_new (AtlasMemory *memory)
{
  g_return_val_if_fail (memory != NULL, NULL);

  AtlasMmu *mmu = g_atomic_rc_box_new0 (AtlasMmu);
  AtlasControl control = atlas_control_windows (0);

  mmu->memory = atlas_memory_ref (memory);
  take_control (mmu, &control);
  return mmu;
}

AtlasMmu *
atlas_mmu_ref (AtlasMmu *mmu)
{
  g_return_val_if_fail (mmu != NULL, NULL);

  return g_atomic_rc_box_acquire (mmu);
}

static void
mmu_clear (AtlasMmu *mmu)
{
  g_clear_pointer (&mmu->tlb, atlas_tlb_free);
  atlas_memory_unref (mmu->memory);
}

void
atlas_mmu_unref (AtlasMmu *mmu)
{
  g_return_if_fail (mmu != NULL);

  g_atomic_rc_box_release_full (mmu, (GDestroyNotify) mmu_clear);
}

AtlasMemory *
atlas_mmu_get_memory (AtlasMmu *mmu)
{
  g_return_val_if_fail (mmu != NULL, NULL);

  return mmu->memory;
}

const AtlasControl *
atlas_mmu_get_control (const AtlasMmu *mmu)
{
  g_return_val_if_fail (mmu != NULL, NULL);

  return &mmu->control;
}

void
atlas_mmu_set_accessed_order (AtlasMmu *mmu, AtlasAccessedOrder order)
{
  g_return_if_fail (mmu != NULL);

  mmu->accessed_order = order;
}

void
atlas_mmu_set_tlb_profile (AtlasMmu *mmu, const AtlasTlbProfile *profile)
{
  g_return_if_fail (mmu != NULL && profile != NULL);

  g_clear_pointer (&mmu->tlb, atlas_tlb_free);
  if (profile->n_structures > 0)
    mmu->tlb = atlas_tlb_new (profile);
}

const AtlasTlb *
atlas_mmu_get_tlb (const AtlasMmu *mmu)
{
  g_return_val_if_fail (mmu != NULL, NULL);

  return mmu->tlb;
}

/* ---- Invalidation ---- */

static gboolean
is_canonical (const AtlasMmu *mmu, AtlasVa va)
{
  return atlas_va_is_canonical (va,
                                atlas_levels_va_bits (atlas_control_get_n_levels (&mmu->control)));
}

void
atlas_mmu_invalidate_va (AtlasMmu *mmu, AtlasVa va)
{
  g_return_if_fail (mmu != NULL);

  if (mmu->tlb == NULL || !is_canonical (mmu, va))
    return;
  atlas_tlb_drop_page (mmu->tlb, va, mmu->pcid, TRUE);
  atlas_tlb_psc_drop_pcid (mmu->tlb, mmu->pcid);
}

gboolean
atlas_mmu_invpcid (AtlasMmu *mmu, AtlasInvpcidType type, guint64 pcid, AtlasVa va)
{
  g_return_val_if_fail (mmu != NULL, FALSE);

  gboolean uses_pcid = type == ATLAS_INVPCID_ADDRESS || type == ATLAS_INVPCID_CONTEXT;

  if ((guint) type > ATLAS_INVPCID_ALL || pcid > ATLAS_CR3_PCID_MASK)
    return FALSE;
  if (uses_pcid && pcid != 0 && (mmu->control.cr4 & ATLAS_CR4_PCIDE) == 0)
    return FALSE;
  if (type == ATLAS_INVPCID_ADDRESS && !is_canonical (mmu, va))
    return FALSE;
  if (mmu->tlb == NULL)
    return TRUE;

  switch (type)
    {
    case ATLAS_INVPCID_ADDRESS:
      atlas_tlb_drop_page (mmu->tlb, va, (guint) pcid, FALSE);
      atlas_tlb_psc_drop_pcid (mmu->tlb, (guint) pcid);
      break;
    case ATLAS_INVPCID_CONTEXT:
      drop_context (mmu, (guint) pcid, FALSE);
      break;
    case ATLAS_INVPCID_ALL_AND_GLOBAL:
      atlas_mmu_invalidate_all (mmu);
      break;
    case ATLAS_INVPCID_ALL:
      atlas_tlb_drop_all (mmu->tlb, FALSE);
      atlas_tlb_psc_drop_all (mmu->tlb);
      break;
    }
  return TRUE;
}

void
atlas_mmu_invalidate_all (AtlasMmu *mmu)
{
  g_return_if_fail (mmu != NULL);

  if (mmu->tlb == NULL)
    return;
  atlas_tlb_drop_all (mmu->tlb, TRUE);
  atlas_tlb_psc_drop_all (mmu->tlb);
}

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

  for (guint i = 0; i < result->n_steps; i++)
    {
      AtlasWalkStep step = atlas_walk_result_get_step (result, i);
      gboolean is_last = i + 1 == result->n_steps;

      if (!is_last)
        set_flags (mmu, &step, ATLAS_ENTRY_A, trace);
      else if (is_translated)
        set_flags (mmu,
                   &step,
                   ATLAS_ENTRY_A | (atlas_access_is_write (query->access) ? ATLAS_ENTRY_D : 0),
                   trace);
      else if (!step.is_leaf && step.cause == ATLAS_CAUSE_NONE)
        set_flags (mmu, &step, ATLAS_ENTRY_A, trace); /* the table below it is missing */
    }
}

/* ---- One access ---- */

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
      AtlasWalkStep step = atlas_walk_result_get_step (result, i);

      if (((step.entry | noted) & ATLAS_ENTRY_A) == 0)
        return;
      if (!step.is_leaf)
        {
          rights &= atlas_rights_of_entry (step.entry);
          atlas_tlb_psc_insert (mmu->tlb,
                                step.level,
                                result->va,
                                mmu->pcid,
                                atlas_entry_get_table_pa (step.entry),
                                rights);
          continue;
        }

      AtlasTranslation translation = {
        .va = result->va,
        .page_pa = atlas_entry_get_page_pa (step.entry, step.level),
        .upper_rights = rights,
        .leaf = step.entry | noted,
        .pcid = (guint16) mmu->pcid,
        .is_global = result->is_global,
        .page_level = step.level,
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
    atlas_mmu_trace_outcome (trace, query, result);
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
atlas_mmu_trace_walk (const AtlasWalkQuery *query, const AtlasWalkResult *result, AtlasTrace *trace)
{
  g_return_if_fail (query != NULL && result != NULL && trace != NULL);

  atlas_mmu_trace_steps (trace, result);
  atlas_mmu_trace_outcome (trace, query, result);
}
