/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/mmu-trace-private.h"

#include <glib/gi18n-lib.h>

#include "paging/events.h"
#include "paging/memory-type.h"

void
atlas_mmu_trace_steps (AtlasTrace *trace, const AtlasWalkResult *result)
{
  for (guint i = 0; i < result->n_steps; i++)
    {
      AtlasWalkStep step = atlas_walk_result_get_step (result, i);
      guint lo = atlas_level_shift (step.level);

      if (step.cause == ATLAS_CAUSE_NOT_PRESENT)
        ATLAS_TRACE (trace,
                     &atlas_event_entry_not_present,
                     step.level,
                     step.index,
                     step.entry_pa,
                     step.entry,
                     step.table_pa);
      else if (step.cause == ATLAS_CAUSE_RESERVED_BIT)
        ATLAS_TRACE (trace,
                     &atlas_event_entry_reserved,
                     step.level,
                     step.index,
                     step.entry_pa,
                     step.entry,
                     step.table_pa,
                     result->fault_bits);
      else
        ATLAS_TRACE (trace,
                     step.is_leaf ? &atlas_event_leaf_read : &atlas_event_entry_read,
                     step.level,
                     step.index,
                     step.entry_pa,
                     step.entry,
                     step.table_pa,
                     lo + ATLAS_INDEX_BITS - 1,
                     lo,
                     step.is_leaf ? atlas_entry_get_page_pa (step.entry, step.level)
                                  : atlas_entry_get_table_pa (step.entry));
    }
}

static void
trace_translated (AtlasTrace *trace,
                  const AtlasWalkQuery *query,
                  const AtlasWalkResult *result,
                  const AtlasControl *control,
                  const AtlasMtrrs *mtrrs)
{
  AtlasMemoryType type;

  atlas_memory_type_find (mtrrs, control, result, &type);
  ATLAS_TRACE (trace,
               &atlas_event_translated,
               result->va,
               result->pa,
               result->page_bytes,
               mtrrs != NULL ? type.effective_type : result->memory_type,
               query->access,
               atlas_memory_type_pack (&type),
               (result->is_user ? ATLAS_TRACE_RIGHT_USER : 0) |
                 (result->is_writable ? ATLAS_TRACE_RIGHT_WRITE : 0) |
                 (result->is_executable ? ATLAS_TRACE_RIGHT_EXECUTE : 0));
}

void
atlas_mmu_trace_outcome (AtlasTrace *trace,
                         const AtlasWalkQuery *query,
                         const AtlasWalkResult *result,
                         const AtlasControl *control,
                         const AtlasMtrrs *mtrrs)
{
  guint64 reason = (guint64) (guintptr) atlas_cause_get_text (result->cause);
  guint64 mode =
    (guint64) (guintptr) (atlas_query_is_supervisor (query) ? N_ ("supervisor") : N_ ("user"));

  switch (result->outcome)
    {
    case ATLAS_OUTCOME_TRANSLATED:
      trace_translated (trace, query, result, control, mtrrs);
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
        AtlasWalkStep step = atlas_walk_result_get_step (result, result->n_steps);

        ATLAS_TRACE (
          trace, &atlas_event_table_missing, step.level, step.index, step.entry_pa, step.table_pa);
      }
      break;
    }
}

void
atlas_mmu_trace_place (AtlasTrace *trace,
                       const AtlasTraceKind *kind,
                       const AtlasTlb *tlb,
                       const AtlasTlbPlace *place,
                       const AtlasTlbEntry *entry)
{
  ATLAS_TRACE (trace,
               kind,
               (guint64) (guintptr) tlb->profile->structures[place->structure].name,
               place->set,
               place->way,
               entry->key & ~ATLAS_PAGE_MASK,
               entry->offset_mask + 1,
               kind == &atlas_event_tlb_filled
                 ? atlas_level_span_bytes (entry->translation.page_level)
                 : entry->pa);
}

void
atlas_mmu_trace_miss (AtlasTrace *trace,
                      const AtlasTlb *tlb,
                      guint cache_level,
                      gboolean is_code,
                      AtlasVa va)
{
  AtlasTlbPlace place;

  atlas_tlb_locate (tlb, cache_level, is_code, va, &place);
  if (place.structure < tlb->profile->n_structures)
    ATLAS_TRACE (trace,
                 &atlas_event_tlb_miss,
                 (guint64) (guintptr) tlb->profile->structures[place.structure].name,
                 place.set,
                 va);
}

/* Why what is cached of the entry of @level is not what @fresh, a walk, has found; or NULL. */
static const char *
find_disagreement (const AtlasWalkResult *fresh, guint level, AtlasPa pa, guint64 rights)
{
  guint64 fresh_rights = ATLAS_RIGHTS_ALL;
  guint i = 0;

  while (i < fresh->n_steps && fresh->first_level - i > level &&
         !atlas_entry_is_leaf (fresh->entries[i], fresh->first_level - i))
    fresh_rights &= atlas_rights_of_entry (fresh->entries[i++]);
  if (i == fresh->n_steps)
    return N_ ("the entry is no longer present");

  AtlasWalkStep step = atlas_walk_result_get_step (fresh, i);

  if (step.cause == ATLAS_CAUSE_NOT_PRESENT)
    return N_ ("the entry is no longer present");
  if (step.cause == ATLAS_CAUSE_RESERVED_BIT)
    return N_ ("a reserved bit is set by now");
  if (step.level != level || pa != atlas_entry_get_page_pa (step.entry, step.is_leaf ? level : 1))
    return N_ ("the address now leads elsewhere");
  if ((fresh_rights & atlas_rights_of_entry (step.entry)) != rights)
    return N_ ("the rights have changed");
  return NULL;
}

void
atlas_mmu_trace_staleness (AtlasTrace *trace,
                           const AtlasMemory *memory,
                           const AtlasControl *control,
                           const AtlasWalkQuery *query,
                           AtlasVa va,
                           guint level,
                           AtlasPa pa,
                           guint64 rights)
{
  AtlasWalkResult fresh;

  atlas_walk (memory, control, query, &fresh);

  const char *reason = find_disagreement (&fresh, level, pa, rights);

  if (reason != NULL)
    ATLAS_TRACE (trace,
                 &atlas_event_stale_translation,
                 va,
                 atlas_level_span_bytes (level),
                 (guint64) (guintptr) reason);
}
