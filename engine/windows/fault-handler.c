/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/fault-private.h"

#include <glib/gi18n-lib.h>

#include "windows/fault-trace.h"
#include "windows/frames-private.h"
#include "windows/offer-private.h"
#include "windows/page-64k-private.h"
#include "windows/page-in-private.h"
#include "windows/pager-private.h"
#include "windows/section-private.h"
#include "windows/stack-private.h"
#include "windows/working-set-private.h"

/* Windows would stop with bug check 0x1A, MEMORY_MANAGEMENT. */
static const char nonsense_reason[] =
  N_ ("nothing that the entry names exists. Windows would stop with bug check 0x1A");

static guint64
access_parameter (AtlasAccess access)
{
  if (access == ATLAS_ACCESS_EXECUTE)
    return 8;
  return atlas_access_is_write (access) ? 1 : 0;
}

gboolean
atlas_fault_raise (AtlasFault *fault, AtlasStatus code, guint n_parameters, guint64 last_parameter)
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

gboolean
atlas_fault_refuse (AtlasFault *fault, const char *reason)
{
  ATLAS_TRACE (fault->trace,
               &atlas_event_refused,
               fault->access,
               fault->va,
               fault->protection,
               (guint64) (guintptr) reason);
  return atlas_fault_raise (fault, ATLAS_STATUS_ACCESS_VIOLATION, 2, 0);
}

/* All pages that could be written or trimmed have been. */
static gboolean
fail_without_frame (AtlasFault *fault)
{
  ATLAS_TRACE (fault->trace, &atlas_event_no_frame, fault->va);
  return atlas_fault_raise (fault, ATLAS_STATUS_IN_PAGE_ERROR, 3, ATLAS_STATUS_NO_MEMORY);
}

/* The disk does not give the page back. */
static gboolean
fail_read (AtlasFault *fault)
{
  ATLAS_TRACE (fault->trace, &atlas_event_read_failed, fault->va, ATLAS_STATUS_DEVICE_DATA_ERROR);
  return atlas_fault_raise (fault, ATLAS_STATUS_IN_PAGE_ERROR, 3, ATLAS_STATUS_DEVICE_DATA_ERROR);
}

static gboolean
take_frame (AtlasFault *fault, AtlasPfn *pfn)
{
  return atlas_page_in_take (
    fault->process, ATLAS_FRAME_USE_PRIVATE, fault->va, fault->entry_pa, TRUE, fault->trace, pfn);
}

/* What becomes of a fault whose page did not come in. */
static gboolean
fail_page_in (AtlasFault *fault, AtlasPageIn result)
{
  return result == ATLAS_PAGE_IN_UNREADABLE ? fail_read (fault) : fail_without_frame (fault);
}

static gboolean
write_pte (AtlasFault *fault, guint64 pte, guint8 protection)
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
need_table (AtlasFault *fault)
{
  return fault->entry_pa != 0 ||
         atlas_process_make_pte (fault->process, fault->va, fault->trace, &fault->entry_pa);
}

static gboolean
resolve_demand_zero (AtlasFault *fault)
{
  AtlasPfn pfn;

  ATLAS_TRACE (fault->trace, &atlas_event_demand_zero, fault->va, fault->pte, fault->protection);
  if (!need_table (fault))
    return fail_without_frame (fault);
  if (fault->vad->has_64k_pages && atlas_page_64k_map (fault->process,
                                                       fault->vad,
                                                       fault->va,
                                                       fault->entry_pa,
                                                       fault->protection,
                                                       atlas_access_is_write (fault->access),
                                                       fault->trace))
    {
      fault->process->fault_counts.n_demand_zero++;
      return TRUE;
    }
  if (!take_frame (fault, &pfn))
    return fail_without_frame (fault);
  fault->process->fault_counts.n_demand_zero++;
  atlas_frames_set_protection (fault->process->system->frames, pfn, fault->protection);
  /* No file has it: it counts as modified even while it is only read. */
  atlas_pager_note_dirty (fault->process->system, pfn);
  return write_pte (
    fault,
    atlas_protection_make_pte (fault->protection, pfn, TRUE, atlas_access_is_write (fault->access)),
    fault->protection);
}

static gboolean
resolve_transition (AtlasFault *fault)
{
  AtlasSystem *system = fault->process->system;
  AtlasPfn pfn = atlas_pte_get_pfn (fault->pte);
  AtlasFrame frame;

  if (!atlas_process_owns_page (fault->process, fault->entry_pa, fault->pte))
    return atlas_fault_refuse (fault, nonsense_reason);
  atlas_frames_get (system->frames, pfn, &frame);
  fault->process->fault_counts.n_transition++;
  atlas_frames_resume (system->frames, pfn);
  atlas_frames_set_protection (system->frames, pfn, fault->protection);
  if (atlas_access_is_write (fault->access))
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
                               atlas_access_is_write (fault->access) ||
                                 (frame.is_modified && fault->vad->kind != ATLAS_VAD_WRITE_WATCH)),
    fault->protection);
}

static gboolean
resolve_page_file (AtlasFault *fault)
{
  AtlasSystem *system = fault->process->system;
  AtlasPageIn result;
  AtlasPfn pfn;

  if (!atlas_pager_owns_slot (system, fault->entry_pa, fault->pte))
    return atlas_fault_refuse (fault, nonsense_reason);
  result =
    atlas_page_in_slot (fault->process, fault->va, fault->entry_pa, fault->pte, fault->trace, &pfn);
  if (result != ATLAS_PAGE_IN_DONE)
    return fail_page_in (fault, result);
  if (atlas_access_is_write (fault->access))
    atlas_pager_note_dirty (system, pfn);
  return write_pte (
    fault,
    atlas_protection_make_pte (fault->protection, pfn, TRUE, atlas_access_is_write (fault->access)),
    fault->protection);
}

/* A page that the view's base or processor changes: read once more, for this process alone. */
static gboolean
resolve_own_page (AtlasFault *fault, AtlasSection *section, guint64 page)
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
    fault,
    atlas_protection_make_pte (protection, pfn, TRUE, atlas_access_is_write (fault->access)),
    protection);
}

static gboolean
resolve_prototype (AtlasFault *fault)
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
resolve_copy_on_write (AtlasFault *fault)
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
resolve_present (AtlasFault *fault)
{
  guint64 pte = fault->pte | ATLAS_PTE_DIRTY1 | ATLAS_PTE_DIRTY;

  if (!atlas_access_is_write (fault->access) || (fault->pte & ATLAS_PTE_DIRTY1) != 0)
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
resolve_guard (AtlasFault *fault)
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
    return atlas_fault_raise (fault, ATLAS_STATUS_GUARD_PAGE_VIOLATION, 2, 0);
  if (!atlas_stack_grow (fault->process, fault->vad, fault->va, fault->trace))
    return atlas_fault_raise (fault, ATLAS_STATUS_STACK_OVERFLOW, 2, 0);
  return TRUE;
}

/* Frames that the fault may take: tables, and one for the page. */
static guint
count_needed_frames (const AtlasFault *fault)
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
read_pte (AtlasFault *fault)
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

gboolean
atlas_fault_resolve (AtlasFault *fault)
{
  AtlasProcess *process = fault->process;
  guint n_compared = 0;
  guint64 n_pages = 1;
  AtlasPageState state;

  if (fault->va > process->max_va)
    return atlas_fault_refuse (
      fault, N_ ("the address is not the program's: it lies above its part of the space"));

  fault->vad =
    atlas_vad_tree_find (&process->vads, fault->va, fault->trace != NULL ? &n_compared : NULL);
  if (fault->vad == NULL || fault->vad->kind == ATLAS_VAD_BLOCKED)
    {
      ATLAS_TRACE (
        fault->trace, &atlas_event_vad_missing, fault->va, n_compared, process->vads.n_vads);
      return atlas_fault_refuse (fault, N_ ("nobody has reserved the address"));
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
    return atlas_fault_refuse (fault, N_ ("the page has been offered, and not been reclaimed"));

  read_pte (fault);
  state = atlas_process_get_page_state (
    process, fault->vad, fault->va >> ATLAS_PAGE_SHIFT, fault->pte, &n_pages);
  if (state.state != ATLAS_STATE_COMMIT)
    return atlas_fault_refuse (fault, N_ ("the page is reserved but not committed"));

  fault->protection = state.protection;
  if (fault->protection == ATLAS_PROTECTION_NOACCESS)
    return atlas_fault_refuse (fault, N_ ("the page is committed, but its protection is NOACCESS"));
  if (atlas_protection_is_guard (fault->protection))
    return resolve_guard (fault);
  if (!atlas_protection_allows (fault->protection, fault->access))
    return atlas_fault_refuse (fault,
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
  return atlas_fault_refuse (fault, nonsense_reason);
}
