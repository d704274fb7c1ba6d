/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/fault-private.h"

#include <glib/gi18n-lib.h>

#include "windows/fault-trace.h"

/* Faults that one instruction can take on one page: table or page, guard, copy, dirty. More means
 * that an edited entry sends it round in circles. */
#define MAX_FAULTS 8u

/* What no page fault handler can mend: the entries allow nobody in this mode. */
static const char *
get_hopeless_reason (const AtlasWalkResult *result)
{
  switch (result->cause)
    {
    case ATLAS_CAUSE_RESERVED_BIT:
      return N_ ("the entry has bits set that must be 0");
    case ATLAS_CAUSE_SUPERVISOR_PAGE:
      return N_ ("the page belongs to the kernel");
    case ATLAS_CAUSE_SMEP:
      return N_ ("the kernel must not execute a user page (SMEP)");
    case ATLAS_CAUSE_SMAP:
      return N_ ("the kernel must not touch a user page unasked (SMAP)");
    case ATLAS_CAUSE_PROTECTION_KEY:
      return N_ ("the protection key of the page forbids it");
    case ATLAS_CAUSE_SHADOW_STACK:
      return N_ ("only shadow-stack instructions may touch shadow-stack pages");
    case ATLAS_CAUSE_LASS:
      return N_ ("the address is in the other mode's half (LASS)");
    case ATLAS_CAUSE_NONE:
    case ATLAS_CAUSE_NON_CANONICAL:
    case ATLAS_CAUSE_NOT_PRESENT:
    case ATLAS_CAUSE_NOT_WRITABLE:
    case ATLAS_CAUSE_NO_EXECUTE:
    case ATLAS_CAUSE_MISSING_MEMORY:
    case ATLAS_N_CAUSES:
      return NULL;
    }
  g_return_val_if_reached (NULL);
}

/* One page, until it is translated or the program is told. */
static AtlasStatus
access_page (AtlasFault *fault, gboolean is_supervisor, AtlasPa *pa)
{
  AtlasProcess *process = fault->process;
  AtlasWalkQuery query = { .va = fault->va,
                           .access = fault->access,
                           .is_supervisor = is_supervisor };
  AtlasWalkResult result;

  for (guint n_faults = 0;; n_faults++)
    {
      const char *reason;

      switch (atlas_mmu_access (process->system->mmu, &query, fault->trace, &result))
        {
        case ATLAS_OUTCOME_TRANSLATED:
          *pa = result.pa;
          return ATLAS_STATUS_SUCCESS;
        case ATLAS_OUTCOME_GENERAL_PROTECTION:
        case ATLAS_OUTCOME_STACK_FAULT:
          /* #GP has no address to tell; Windows reports a read of the last one. */
          fault->access = ATLAS_ACCESS_READ;
          fault->va = G_MAXUINT64;
          atlas_fault_raise (fault, ATLAS_STATUS_ACCESS_VIOLATION, 2, 0);
          return fault->exception->code;
        case ATLAS_OUTCOME_MISSING_MEMORY:
          atlas_fault_refuse (fault, N_ ("a page table lies outside physical memory"));
          return fault->exception->code;
        case ATLAS_OUTCOME_PAGE_FAULT:
          process->n_faults++;
          atlas_process_changed (process);
          fault->protection = 0;
          reason = get_hopeless_reason (&result);
          if (reason == NULL && n_faults == MAX_FAULTS)
            reason = atlas_process_has_different_roots (process, fault->va)
                       ? N_ ("the two roots of the process have different entries here: one was "
                             "written by hand, and only Windows' own writes go to both")
                       : N_ ("the same fault comes back again and again");
          if (reason != NULL)
            atlas_fault_refuse (fault, reason);
          if (reason != NULL || !atlas_fault_resolve (fault))
            return fault->exception->code;
          ATLAS_TRACE (fault->trace, &atlas_event_retry, fault->va);
          break;
        }
    }
}

AtlasStatus
atlas_process_access (AtlasProcess *process,
                      AtlasVa va,
                      AtlasAccess access,
                      gboolean is_supervisor,
                      void *data,
                      gsize size_bytes,
                      AtlasTrace *trace,
                      AtlasException *exception)
{
  static const guint8 zeros[ATLAS_PAGE_BYTES];
  AtlasException ignored;
  gsize n_done = 0;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);
  g_return_val_if_fail (size_bytes > 0 && size_bytes <= ATLAS_KB (64),
                        ATLAS_STATUS_INVALID_PARAMETER);

  AtlasMemory *memory = process->system->memory;

  ATLAS_TRACE (trace,
               &atlas_event_access_start,
               access,
               va,
               size_bytes,
               (guint64) (guintptr) (is_supervisor ? N_ ("supervisor") : N_ ("user")));
  atlas_mmu_set_control (process->system->mmu,
                         atlas_process_get_access_control (process, is_supervisor));

  while (n_done < size_bytes)
    {
      AtlasVa page_va = va + n_done;
      gsize n_bytes = MIN (size_bytes - n_done, ATLAS_PAGE_BYTES - (page_va & ATLAS_PAGE_MASK));
      AtlasFault fault = { .process = process,
                           .va = page_va,
                           .access = access,
                           .trace = trace,
                           .exception = exception != NULL ? exception : &ignored };
      AtlasPa pa = 0;
      AtlasStatus status = access_page (&fault, is_supervisor, &pa);

      if (status != ATLAS_STATUS_SUCCESS)
        return status;
      if (atlas_access_is_write (access))
        {
          atlas_memory_write (memory, pa, data != NULL ? (guint8 *) data + n_done : zeros, n_bytes);
          atlas_system_note_store (process->system, pa);
        }
      else if (data != NULL)
        atlas_memory_read (memory, pa, (guint8 *) data + n_done, n_bytes);
      n_done += n_bytes;
    }
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_process_make_present (AtlasProcess *process, AtlasVa va, AtlasAccess access, AtlasPa *pa)
{
  AtlasException exception = { .code = ATLAS_STATUS_ACCESS_VIOLATION };
  AtlasFault fault = { .process = process, .va = va, .access = access, .exception = &exception };
  AtlasPa entry_pa;
  guint64 pte = atlas_process_read_pte (process, va, &entry_pa);

  for (guint n_faults = 0; (pte & ATLAS_PTE_VALID) == 0 ||
                           (atlas_access_is_write (access) && (pte & ATLAS_PTE_DIRTY1) == 0);
       n_faults++)
    {
      if (n_faults == MAX_FAULTS || !atlas_fault_resolve (&fault))
        return exception.code;
      pte = atlas_process_read_pte (process, va, &entry_pa);
    }
  *pa = (pte & ATLAS_PTE_PFN_MASK) | (va & ATLAS_PAGE_MASK);
  return ATLAS_STATUS_SUCCESS;
}

gboolean
atlas_process_touch (AtlasProcess *process,
                     AtlasVa va,
                     AtlasAccess access,
                     const void *data,
                     gsize size_bytes)
{
  AtlasPa pa;

  if (atlas_process_make_present (process, va, access, &pa) != ATLAS_STATUS_SUCCESS)
    return FALSE;
  if (data != NULL && atlas_memory_write (process->system->memory, pa, data, size_bytes))
    atlas_system_note_store (process->system, pa);
  return TRUE;
}
