/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/mmu.h"

#include "paging/events.h"
#include "paging/memory-private.h"
#include "paging/walk-private.h"

struct _AtlasMmu
{
  AtlasMemory *memory;
  AtlasControl control;
  AtlasAccessedOrder accessed_order;
};

AtlasMmu *
atlas_mmu_new (AtlasMemory *memory)
{
  g_return_val_if_fail (memory != NULL, NULL);

  AtlasMmu *mmu = g_atomic_rc_box_new0 (AtlasMmu);
  mmu->memory = atlas_memory_ref (memory);
  mmu->control = atlas_control_windows (0);
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
atlas_mmu_set_control (AtlasMmu *mmu, const AtlasControl *control)
{
  g_return_if_fail (mmu != NULL && control != NULL);

  mmu->control = *control;
  /* Bit 63 is a request and is not kept. */
  mmu->control.cr3 &= ~ATLAS_CR3_NO_INVALIDATE;
}

void
atlas_mmu_set_accessed_order (AtlasMmu *mmu, AtlasAccessedOrder order)
{
  g_return_if_fail (mmu != NULL);

  mmu->accessed_order = order;
}

void
atlas_mmu_invalidate_va (AtlasMmu *mmu, AtlasVa va)
{
  g_return_if_fail (mmu != NULL);
}

void
atlas_mmu_invalidate_all (AtlasMmu *mmu)
{
  g_return_if_fail (mmu != NULL);
}

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

  const char *words = added == ATLAS_ENTRY_A   ? "Accessed set"
                      : added == ATLAS_ENTRY_D ? "Dirty set"
                                               : "Accessed and Dirty set";
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
      const AtlasWalkStep *step = &result->steps[i];
      gboolean is_last = i + 1 == result->n_steps;

      if (!is_last)
        set_flags (mmu, step, ATLAS_ENTRY_A, trace);
      else if (is_translated)
        set_flags (mmu,
                   step,
                   ATLAS_ENTRY_A | (atlas_access_is_write (query->access) ? ATLAS_ENTRY_D : 0),
                   trace);
      else if (!step->is_leaf && step->cause == ATLAS_CAUSE_NONE)
        set_flags (mmu, step, ATLAS_ENTRY_A, trace); /* the table below it is missing */
    }
}

static void
trace_steps (AtlasTrace *trace, const AtlasWalkResult *result)
{
  for (guint i = 0; i < result->n_steps; i++)
    {
      const AtlasWalkStep *step = &result->steps[i];
      guint lo = atlas_level_shift (step->level);

      if (step->cause == ATLAS_CAUSE_NOT_PRESENT)
        ATLAS_TRACE (trace,
                     &atlas_event_entry_not_present,
                     step->level,
                     step->index,
                     step->entry_pa,
                     step->entry,
                     step->table_pa);
      else if (step->cause == ATLAS_CAUSE_RESERVED_BIT)
        ATLAS_TRACE (trace,
                     &atlas_event_entry_reserved,
                     step->level,
                     step->index,
                     step->entry_pa,
                     step->entry,
                     step->table_pa,
                     result->fault_bits);
      else
        ATLAS_TRACE (trace,
                     step->is_leaf ? &atlas_event_leaf_read : &atlas_event_entry_read,
                     step->level,
                     step->index,
                     step->entry_pa,
                     step->entry,
                     step->table_pa,
                     lo + ATLAS_INDEX_BITS - 1,
                     lo,
                     step->is_leaf ? atlas_entry_get_page_pa (step->entry, step->level)
                                   : atlas_entry_get_table_pa (step->entry));
    }
}

static void
trace_outcome (AtlasTrace *trace, const AtlasWalkQuery *query, const AtlasWalkResult *result)
{
  guint64 reason = (guint64) (guintptr) atlas_cause_get_text (result->cause);
  guint64 mode = (guint64) (guintptr) (atlas_query_is_supervisor (query) ? "supervisor" : "user");

  switch (result->outcome)
    {
    case ATLAS_OUTCOME_TRANSLATED:
      ATLAS_TRACE (trace,
                   &atlas_event_translated,
                   result->va,
                   result->pa,
                   result->page_bytes,
                   result->memory_type,
                   query->access);
      break;
    case ATLAS_OUTCOME_PAGE_FAULT:
      ATLAS_TRACE (trace,
                   &atlas_event_page_fault,
                   result->va,
                   result->error_code,
                   reason,
                   result->fault_level,
                   query->access,
                   mode);
      break;
    case ATLAS_OUTCOME_GENERAL_PROTECTION:
      ATLAS_TRACE (trace, &atlas_event_general_protection, result->va, reason, query->access, mode);
      break;
    case ATLAS_OUTCOME_STACK_FAULT:
      ATLAS_TRACE (trace, &atlas_event_stack_fault, result->va, reason, query->access, mode);
      break;
    case ATLAS_OUTCOME_MISSING_MEMORY:
      {
        const AtlasWalkStep *step = &result->steps[result->n_steps];

        ATLAS_TRACE (trace,
                     &atlas_event_table_missing,
                     step->level,
                     step->index,
                     step->entry_pa,
                     step->table_pa);
      }
      break;
    }
}

AtlasOutcome
atlas_mmu_access (AtlasMmu *mmu,
                  const AtlasWalkQuery *query,
                  AtlasTrace *trace,
                  AtlasWalkResult *result)
{
  g_return_val_if_fail (mmu != NULL && query != NULL && result != NULL,
                        ATLAS_OUTCOME_MISSING_MEMORY);

  atlas_walk (mmu->memory, &mmu->control, query, result);
  if (trace != NULL)
    trace_steps (trace, result);
  note_use (mmu, query, result, trace);
  if (trace != NULL)
    trace_outcome (trace, query, result);
  return result->outcome;
}

void
atlas_mmu_trace_walk (const AtlasWalkQuery *query,
                      const AtlasWalkResult *result,
                      AtlasTrace *trace)
{
  g_return_if_fail (query != NULL && result != NULL && trace != NULL);

  trace_steps (trace, result);
  trace_outcome (trace, query, result);
}
