/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/fault.h"

#include <glib/gi18n-lib.h>

#include "paging/events.h"
#include "windows/fault-trace.h"
#include "windows/offer-private.h"
#include "windows/page-in-private.h"
#include "windows/pager-private.h"
#include "windows/section-private.h"
#include "windows/stack-private.h"
#include "windows/working-set-private.h"

/* Faults that one instruction can take on one page: table or page, guard, copy, dirty. More means
 * that an edited entry sends it round in circles. */
#define MAX_FAULTS 8u

/* Windows would stop with bug check 0x1A, MEMORY_MANAGEMENT. */
static const char nonsense_reason[] = N_ ("the entry makes no sense to Windows");

/* One fault on its way through the kernel. */
typedef struct
{
  AtlasProcess *process;
  AtlasVa va;
  AtlasAccess access;
  AtlasTrace *trace;
  AtlasException *exception;
  AtlasVad *vad;
  AtlasPa entry_pa; /* 0 as long as there is no table */
  guint64 pte;
  guint8 protection;
} Fault;

static gboolean
is_write (AtlasAccess access)
{
  return access == ATLAS_ACCESS_WRITE || access == ATLAS_ACCESS_SHADOW_STACK_WRITE;
}

static guint64
access_parameter (AtlasAccess access)
{
  if (access == ATLAS_ACCESS_EXECUTE)
    return 8;
  return is_write (access) ? 1 : 0;
}

/* Ends the fault with an exception: FALSE, for "do not retry". */
static gboolean
raise_exception (Fault *fault, AtlasStatus code, guint n_parameters, guint64 last_parameter)
{
  *fault->exception = (AtlasException){
    .code = code,
    .n_parameters = n_parameters,
    .parameters = { access_parameter (fault->access), fault->va, last_parameter },
  };
  ATLAS_TRACE (fault->trace,
               &atlas_event_exception,
               code,
               n_parameters,
               fault->exception->parameters[0],
               fault->exception->parameters[1],
               fault->exception->parameters[2]);
  return FALSE;
}

static gboolean
refuse (Fault *fault, const char *reason)
{
  ATLAS_TRACE (fault->trace,
               &atlas_event_refused,
               fault->access,
               fault->va,
               fault->protection,
               (guint64) (guintptr) reason);
  return raise_exception (fault, ATLAS_STATUS_ACCESS_VIOLATION, 2, 0);
}

/* All pages that could be written or trimmed have been. */
static gboolean
fail_without_frame (Fault *fault)
{
  ATLAS_TRACE (fault->trace, &atlas_event_no_frame, fault->va);
  return raise_exception (fault, ATLAS_STATUS_IN_PAGE_ERROR, 3, ATLAS_STATUS_NO_MEMORY);
}

/* The disk does not give the page back. */
static gboolean
fail_read (Fault *fault)
{
  ATLAS_TRACE (fault->trace, &atlas_event_read_failed, fault->va, ATLAS_STATUS_DEVICE_DATA_ERROR);
  return raise_exception (fault, ATLAS_STATUS_IN_PAGE_ERROR, 3, ATLAS_STATUS_DEVICE_DATA_ERROR);
}

static gboolean
take_frame (Fault *fault, AtlasPfn *pfn)
{
  return atlas_page_in_take (
    fault->process, ATLAS_FRAME_USE_PRIVATE, fault->va, fault->entry_pa, TRUE, fault->trace, pfn);
}

/* What becomes of a fault whose page did not come in. */
static gboolean
fail_page_in (Fault *fault, AtlasPageIn result)
{
  return result == ATLAS_PAGE_IN_UNREADABLE ? fail_read (fault) : fail_without_frame (fault);
}

static gboolean
write_pte (Fault *fault, guint64 pte, guint8 protection)
{
  ATLAS_TRACE (fault->trace,
               &atlas_event_pte_written,
               fault->va,
               fault->entry_pa,
               fault->pte,
               pte,
               protection);
  atlas_process_write_pte (fault->process, fault->va, fault->entry_pa, pte);
  return TRUE;
}

static gboolean
need_table (Fault *fault)
{
  return fault->entry_pa != 0 ||
         atlas_process_make_pte (fault->process, fault->va, fault->trace, &fault->entry_pa);
}

static gboolean
resolve_demand_zero (Fault *fault)
{
  AtlasPfn pfn;

  ATLAS_TRACE (fault->trace, &atlas_event_demand_zero, fault->va, fault->pte, fault->protection);
  if (!need_table (fault) || !take_frame (fault, &pfn))
    return fail_without_frame (fault);
  fault->process->fault_counts.n_demand_zero++;
  atlas_frames_set_protection (fault->process->system->frames, pfn, fault->protection);
  /* No file has it: it counts as modified even while it is only read. */
  atlas_pager_note_dirty (fault->process->system, pfn);
  return write_pte (
    fault,
    atlas_protection_make_pte (fault->protection, pfn, TRUE, is_write (fault->access)),
    fault->protection);
}

static gboolean
resolve_transition (Fault *fault)
{
  AtlasSystem *system = fault->process->system;
  AtlasPfn pfn = atlas_pte_get_pfn (fault->pte);
  AtlasFrame frame;

  if (!atlas_process_owns_page (fault->process, fault->entry_pa, fault->pte))
    return refuse (fault, nonsense_reason);
  atlas_frames_get (system->frames, pfn, &frame);
  fault->process->fault_counts.n_transition++;
  atlas_frames_resume (system->frames, pfn);
  atlas_frames_set_protection (system->frames, pfn, fault->protection);
  if (is_write (fault->access))
    atlas_pager_note_dirty (system, pfn);
  ATLAS_TRACE (fault->trace,
               &atlas_event_frame_resumed,
               pfn,
               (guint64) (guintptr) atlas_frame_state_get_name ((AtlasFrameState) frame.state));
  /* From the modified list it comes dirty still, unless the next write has to be seen. */
  return write_pte (
    fault,
    atlas_protection_make_pte (fault->protection,
                               pfn,
                               TRUE,
                               is_write (fault->access) ||
                                 (frame.is_modified && fault->vad->kind != ATLAS_VAD_WRITE_WATCH)),
    fault->protection);
}

static gboolean
resolve_page_file (Fault *fault)
{
  AtlasSystem *system = fault->process->system;
  AtlasPageIn result;
  AtlasPfn pfn;

  if (!atlas_pager_owns_slot (system, fault->entry_pa, fault->pte))
    return refuse (fault, nonsense_reason);
  result =
    atlas_page_in_slot (fault->process, fault->va, fault->entry_pa, fault->pte, fault->trace, &pfn);
  if (result != ATLAS_PAGE_IN_DONE)
    return fail_page_in (fault, result);
  if (is_write (fault->access))
    atlas_pager_note_dirty (system, pfn);
  return write_pte (
    fault,
    atlas_protection_make_pte (fault->protection, pfn, TRUE, is_write (fault->access)),
    fault->protection);
}

/* A page that the view's base or processor changes: read once more, for this process alone. */
static gboolean
resolve_own_page (Fault *fault, AtlasSection *section, guint64 page)
{
  AtlasSystem *system = fault->process->system;
  guint8 protection = fault->protection;
  guint8 bytes[ATLAS_PAGE_BYTES];
  AtlasPfn pfn;

  if (atlas_section_is_unreadable (section, page))
    return fail_read (fault);
  if (!atlas_page_in_take (fault->process,
                           ATLAS_FRAME_USE_PRIVATE,
                           fault->va,
                           fault->entry_pa,
                           FALSE,
                           fault->trace,
                           &pfn))
    return fail_without_frame (fault);
  if (atlas_protection_is_copy_on_write (protection))
    protection = atlas_protection_is_executable (protection) ? ATLAS_PROTECTION_EXECUTE_READWRITE
                                                             : ATLAS_PROTECTION_READWRITE;
  atlas_view_read_own_page (fault->process, fault->vad, fault->va >> ATLAS_PAGE_SHIFT, bytes);
  atlas_memory_write (system->memory, pfn << ATLAS_PAGE_SHIFT, bytes, sizeof bytes);
  atlas_frames_set_protection (system->frames, pfn, protection);
  /* No file has these bytes. */
  atlas_pager_note_dirty (system, pfn);
  fault->process->fault_counts.n_hard++;
  if (fault->trace != NULL)
    ATLAS_TRACE (fault->trace,
                 &atlas_event_page_fixed_up,
                 page,
                 g_quark_from_string (atlas_section_get_name (section)),
                 pfn);
  return write_pte (
    fault, atlas_protection_make_pte (protection, pfn, TRUE, is_write (fault->access)), protection);
}

static gboolean
resolve_prototype (Fault *fault)
{
  AtlasFrames *frames = fault->process->system->frames;
  AtlasSection *section = fault->vad->section;
  guint64 page =
    fault->vad->section_first_page + ((fault->va >> ATLAS_PAGE_SHIFT) - fault->vad->start_vpn);
  AtlasPfn pfn;

  if (fault->trace != NULL)
    ATLAS_TRACE (fault->trace,
                 &atlas_event_prototype,
                 page,
                 g_quark_from_string (atlas_section_get_name (section)),
                 g_quark_from_string (atlas_section_find_subsection (section, page)->name),
                 fault->protection);
  if (!need_table (fault))
    return fail_without_frame (fault);
  if (atlas_view_has_own_page (fault->process, fault->vad, fault->va >> ATLAS_PAGE_SHIFT))
    return resolve_own_page (fault, section, page);

  if (!atlas_section_get_frame (section, page, &pfn))
    {
      AtlasPageIn result =
        atlas_page_in_section (fault->process, section, page, fault->trace, &pfn);

      if (result != ATLAS_PAGE_IN_DONE)
        return fail_page_in (fault, result);
    }
  else
    {
      AtlasFrame frame;
      guint share_count = 1;

      atlas_frames_get (frames, pfn, &frame);
      if (frame.state != ATLAS_FRAME_ACTIVE)
        {
          atlas_frames_resume (frames, pfn);
          atlas_section_set_frame (section, page, pfn);
        }
      else
        share_count = atlas_frames_share (frames, pfn);
      fault->process->fault_counts.n_shared++;
      ATLAS_TRACE (fault->trace,
                   &atlas_event_frame_shared,
                   pfn,
                   (guint64) (guintptr) atlas_frame_state_get_name ((AtlasFrameState) frame.state),
                   share_count);
    }
  return write_pte (
    fault, atlas_protection_make_pte (fault->protection, pfn, TRUE, FALSE), fault->protection);
}

static gboolean
resolve_copy_on_write (Fault *fault)
{
  AtlasSystem *system = fault->process->system;
  AtlasPfn old_pfn = atlas_pte_get_pfn (fault->pte);
  guint8 protection = atlas_protection_is_executable (fault->protection)
                        ? ATLAS_PROTECTION_EXECUTE_READWRITE
                        : ATLAS_PROTECTION_READWRITE;
  gboolean is_locked = atlas_process_is_locked (fault->process, fault->va >> ATLAS_PAGE_SHIFT);
  guint8 bytes[ATLAS_PAGE_BYTES];
  AtlasPfn pfn;

  if (!take_frame (fault, &pfn))
    return fail_without_frame (fault);
  if (atlas_memory_read (system->memory, old_pfn << ATLAS_PAGE_SHIFT, bytes, sizeof bytes))
    atlas_memory_write (system->memory, pfn << ATLAS_PAGE_SHIFT, bytes, sizeof bytes);
  atlas_frames_set_protection (system->frames, pfn, protection);
  atlas_pager_note_dirty (system, pfn);
  fault->process->fault_counts.n_copies++;
  ATLAS_TRACE (fault->trace, &atlas_event_page_copied, old_pfn, pfn);

  atlas_process_clear_pte (fault->process, fault->va, fault->entry_pa, fault->pte);
  if (is_locked)
    atlas_process_lock_page (fault->process, fault->va >> ATLAS_PAGE_SHIFT, pfn);
  return write_pte (fault, atlas_protection_make_pte (protection, pfn, TRUE, TRUE), protection);
}

/* The page is there, and its protection allows what the processor refused. */
static gboolean
resolve_present (Fault *fault)
{
  guint64 pte = fault->pte | ATLAS_PTE_DIRTY1 | ATLAS_PTE_DIRTY;

  if (!is_write (fault->access) || (fault->pte & ATLAS_PTE_DIRTY1) != 0)
    return TRUE;
  if ((fault->pte & ATLAS_PTE_COPY_ON_WRITE) != 0)
    return resolve_copy_on_write (fault);

  ATLAS_TRACE (fault->trace, &atlas_event_dirty_noted, fault->va, fault->entry_pa, fault->pte, pte);
  if (atlas_pte_get_pfn (pte) < atlas_frames_get_n_frames (fault->process->system->frames))
    atlas_pager_note_dirty (fault->process->system, atlas_pte_get_pfn (pte));
  atlas_process_write_pte (fault->process, fault->va, fault->entry_pa, pte);
  return TRUE;
}

static gboolean
resolve_guard (Fault *fault)
{
  guint8 protection = atlas_protection_without_guard (fault->protection);
  guint64 old_pte = fault->pte;

  gboolean is_stack = fault->vad->region_class == ATLAS_CLASS_STACK && fault->process->teb_va != 0;

  if (!need_table (fault) ||
      (is_stack &&
       !atlas_stack_prepare (fault->process, fault->vad, fault->va >> ATLAS_PAGE_SHIFT)))
    return fail_without_frame (fault);
  atlas_process_protect_pte (
    fault->process, fault->va, fault->entry_pa, fault->vad->section != NULL, protection);
  atlas_memory_read_u64 (fault->process->system->memory, fault->entry_pa, &fault->pte);
  ATLAS_TRACE (fault->trace,
               &atlas_event_guard_cleared,
               fault->va,
               fault->entry_pa,
               old_pte,
               fault->pte,
               protection);
  if (!is_stack)
    return raise_exception (fault, ATLAS_STATUS_GUARD_PAGE_VIOLATION, 2, 0);
  if (!atlas_stack_grow (fault->process, fault->vad, fault->va, fault->trace))
    return raise_exception (fault, ATLAS_STATUS_STACK_OVERFLOW, 2, 0);
  return TRUE;
}

/* Frames that the fault may take: tables, and one for the page. */
static guint
count_needed_frames (const Fault *fault)
{
  guint n_levels = atlas_process_get_n_levels (fault->process);
  gboolean is_valid = (fault->pte & ATLAS_PTE_VALID) != 0;

  if (is_valid)
    return (fault->pte & ATLAS_PTE_COPY_ON_WRITE) != 0 ? 1 : 0;
  if (atlas_pte_get_kind (fault->pte) == ATLAS_PTE_KIND_TRANSITION)
    return 0;
  return fault->entry_pa != 0 ? 1 : 1 + n_levels - ATLAS_LEVEL_PT;
}

/* Reads the PTE, and sees to frames for what it asks for. Entries that were valid may lose their
 * pages for it: then it is read again. */
static void
read_pte (Fault *fault)
{
  gboolean has_trimmed;

  fault->pte = atlas_process_read_pte (fault->process, fault->va, &fault->entry_pa);
  has_trimmed =
    atlas_pager_make_room (fault->process->system, count_needed_frames (fault), fault->trace);
  if ((fault->pte & ATLAS_PTE_VALID) == 0)
    has_trimmed |= atlas_working_set_replace (fault->process, fault->trace);
  if (has_trimmed)
    fault->pte = atlas_process_read_pte (fault->process, fault->va, &fault->entry_pa);
}

/* The Windows half of a page fault. TRUE: try again. FALSE: @exception goes to the program. */
static gboolean
resolve_fault (Fault *fault)
{
  AtlasProcess *process = fault->process;
  guint n_compared = 0;
  guint64 n_pages = 1;
  AtlasPageState state;

  if (fault->va > process->max_va)
    return refuse (fault,
                   N_ ("the address is not the program's: it lies above its part of the space"));

  fault->vad =
    atlas_vad_tree_find (&process->vads, fault->va, fault->trace != NULL ? &n_compared : NULL);
  if (fault->vad == NULL || fault->vad->kind == ATLAS_VAD_BLOCKED)
    {
      ATLAS_TRACE (
        fault->trace, &atlas_event_vad_missing, fault->va, n_compared, process->vads.n_vads);
      return refuse (fault, N_ ("nobody has reserved the address"));
    }
  if (fault->trace != NULL)
    {
      const char *name = fault->vad->name;

      if (name == NULL)
        name = atlas_vad_kind_get_name ((AtlasVadKind) fault->vad->kind);
      ATLAS_TRACE (fault->trace,
                   &atlas_event_vad_found,
                   fault->va,
                   n_compared,
                   atlas_vad_get_base_va (fault->vad),
                   atlas_vad_get_last_va (fault->vad),
                   fault->vad->kind,
                   fault->vad->protection,
                   g_quark_from_string (name),
                   process->vads.n_vads);
    }

  if (atlas_process_is_offered (process, fault->va >> ATLAS_PAGE_SHIFT))
    return refuse (fault, N_ ("the page has been offered, and not been reclaimed"));

  read_pte (fault);
  state = atlas_process_get_page_state (
    process, fault->vad, fault->va >> ATLAS_PAGE_SHIFT, fault->pte, &n_pages);
  if (state.state != ATLAS_STATE_COMMIT)
    return refuse (fault, N_ ("the page is reserved but not committed"));

  fault->protection = state.protection;
  if (fault->protection == ATLAS_PROTECTION_NOACCESS)
    return refuse (fault, N_ ("the page is committed, but its protection is NOACCESS"));
  if (atlas_protection_is_guard (fault->protection))
    return resolve_guard (fault);
  if (!atlas_protection_allows (fault->protection, fault->access))
    return refuse (fault,
                   fault->access == ATLAS_ACCESS_EXECUTE
                     ? N_ ("the page holds data, and data must not be executed (DEP)")
                     : N_ ("the page's protection does not allow writing"));

  switch (atlas_pte_get_kind (fault->pte))
    {
    case ATLAS_PTE_KIND_HARDWARE:
      return resolve_present (fault);
    case ATLAS_PTE_KIND_TRANSITION:
      return resolve_transition (fault);
    case ATLAS_PTE_KIND_PAGE_FILE:
      return resolve_page_file (fault);
    case ATLAS_PTE_KIND_DEMAND_ZERO:
      return resolve_demand_zero (fault);
    case ATLAS_PTE_KIND_ASK_VAD:
    case ATLAS_PTE_KIND_PROTOTYPE:
    case ATLAS_PTE_KIND_VAD_PROTOTYPE:
      return fault->vad->section != NULL ? resolve_prototype (fault) : resolve_demand_zero (fault);
    case ATLAS_PTE_KIND_NOACCESS:
    case ATLAS_PTE_KIND_DECOMMITTED:
    case ATLAS_PTE_KIND_UNKNOWN:
    case ATLAS_N_PTE_KINDS:
      break;
    }
  return refuse (fault, nonsense_reason);
}

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
access_page (Fault *fault, gboolean is_supervisor, AtlasPa *pa)
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
          raise_exception (fault, ATLAS_STATUS_ACCESS_VIOLATION, 2, 0);
          return fault->exception->code;
        case ATLAS_OUTCOME_MISSING_MEMORY:
          refuse (fault, N_ ("a page table lies outside physical memory"));
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
            refuse (fault, reason);
          if (reason != NULL || !resolve_fault (fault))
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
      Fault fault = { .process = process,
                      .va = page_va,
                      .access = access,
                      .trace = trace,
                      .exception = exception != NULL ? exception : &ignored };
      AtlasPa pa = 0;
      AtlasStatus status = access_page (&fault, is_supervisor, &pa);

      if (status != ATLAS_STATUS_SUCCESS)
        return status;
      if (is_write (access))
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
  Fault fault = { .process = process, .va = va, .access = access, .exception = &exception };
  AtlasPa entry_pa;
  guint64 pte = atlas_process_read_pte (process, va, &entry_pa);

  for (guint n_faults = 0;
       (pte & ATLAS_PTE_VALID) == 0 || (is_write (access) && (pte & ATLAS_PTE_DIRTY1) == 0);
       n_faults++)
    {
      if (n_faults == MAX_FAULTS || !resolve_fault (&fault))
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
