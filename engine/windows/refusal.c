/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/refusal.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "base/translation.h"
#include "space/room.h"
#include "windows/allocate-private.h"

#define RESETS (ATLAS_MEM_RESET | ATLAS_MEM_RESET_UNDO)
#define PLACEHOLDERS (ATLAS_MEM_RESERVE_PLACEHOLDER | ATLAS_MEM_REPLACE_PLACEHOLDER)

/* The flags of an allocation, in the order in which they are checked. */
static const char *
explain_type (guint32 type)
{
  if ((type & (ATLAS_MEM_COMMIT | ATLAS_MEM_RESERVE | RESETS)) == 0)
    return N_ ("One of MEM_RESERVE, MEM_COMMIT, MEM_RESET and MEM_RESET_UNDO must be asked for.");
  if ((type & RESETS) != 0)
    return N_ ("MEM_RESET and MEM_RESET_UNDO each go with no other flag.");
  if ((type & ATLAS_MEM_64K_PAGES) == ATLAS_MEM_64K_PAGES)
    return N_ (
      "MEM_64K_PAGES is for a whole reservation: it needs MEM_RESERVE, and does not go with "
      "MEM_WRITE_WATCH.");
  if ((type & ATLAS_MEM_LARGE_PAGES) != 0)
    return N_ ("MEM_LARGE_PAGES needs MEM_COMMIT, for large pages are committed all at once, and "
               "goes with neither MEM_PHYSICAL nor MEM_WRITE_WATCH.");
  if ((type & ATLAS_MEM_PHYSICAL) != 0)
    return N_ ("MEM_PHYSICAL goes with MEM_RESERVE alone, and MEM_TOP_DOWN: pages are mapped into "
               "it, not committed.");
  if ((type & ATLAS_MEM_WRITE_WATCH) != 0)
    return N_ ("MEM_WRITE_WATCH is for a whole reservation: it needs MEM_RESERVE.");
  return N_ ("There is a flag among them that does not exist.");
}

/* Of pages that are no view. */
static const char *
explain_protection (guint32 protect)
{
  return (protect & (ATLAS_PAGE_WRITECOPY | ATLAS_PAGE_EXECUTE_WRITECOPY)) != 0
           ? N_ ("Copy-on-write is for views of sections: these pages are nobody else's.")
           : NULL;
}

static const char *
explain_requirements (const AtlasProcess *process, const AtlasAllocationRequest *request)
{
  const AtlasAddressRequirements *requirements =
    request->n_parameters > 0 && request->parameters[0].type == ATLAS_EXTENDED_ADDRESS_REQUIREMENTS
      ? request->parameters[0].requirements
      : NULL;

  if (requirements != NULL)
    {
      guint64 alignment_bytes = requirements->alignment_bytes;

      if ((requirements->lowest_va & (ATLAS_ALLOCATION_GRANULARITY - 1u)) != 0)
        return N_ ("The lowest address must be a multiple of 64 KB.");
      if (requirements->lowest_va > process->max_va || requirements->highest_va > process->max_va)
        return N_ ("A limit lies above the highest address that this program may use.");
      if (requirements->highest_va != 0 &&
          (requirements->highest_va & ATLAS_PAGE_MASK) != ATLAS_PAGE_MASK)
        return N_ ("The highest address must be the last byte of a page.");
      if (requirements->highest_va != 0 && requirements->highest_va <= requirements->lowest_va)
        return N_ ("The highest address lies below the lowest.");
      if ((alignment_bytes & (alignment_bytes - 1u)) != 0 ||
          (alignment_bytes != 0 && alignment_bytes < ATLAS_ALLOCATION_GRANULARITY))
        return N_ ("The alignment must be a power of two, and at least 64 KB.");
      if (request->base_va != 0)
        return N_ ("Limits and alignment are for a search: they do not go with an address.");
    }
  if ((request->type & PLACEHOLDERS) != 0)
    return N_ ("A placeholder is reserved with PAGE_NOACCESS and nothing but MEM_TOP_DOWN; it is "
               "replaced at its address, with MEM_RESERVE.");
  return NULL;
}

static const char *
explain_size (const AtlasAllocationRequest *request, const AtlasAllocation *allocation)
{
  if (request->size_bytes == 0)
    return N_ ("Nothing is asked for: the size is 0.");
  if (allocation->has_64k_pages && (request->size_bytes & (ATLAS_ALLOCATION_GRANULARITY - 1u)) != 0)
    return N_ ("The size of pages of 64 KB must be a multiple of 64 KB.");
  if (allocation->large_page_bytes != 0)
    return allocation->large_page_bytes == ATLAS_HUGE_PAGE_BYTES
             ? N_ ("The size of huge pages must be a multiple of 1 GB.")
             : N_ ("The size of large pages must be a multiple of 2 MB.");
  return request->base_va == 0
           ? N_ ("The program has fewer addresses than that.")
           : N_ ("From this address on the program has fewer addresses than that.");
}

/* (transfer full), as below. */
static char *
explain_no_room (AtlasProcess *process, const AtlasAllocationRequest *request)
{
  const AtlasAddressRequirements *requirements =
    request->n_parameters > 0 && request->parameters[0].type == ATLAS_EXTENDED_ADDRESS_REQUIREMENTS
      ? request->parameters[0].requirements
      : NULL;
  AtlasRoomQuery query = { .size_bytes = request->size_bytes, .last_va = process->max_va };
  g_autoptr (AtlasRoom) room = NULL;

  if (requirements != NULL)
    {
      query.first_va = requirements->lowest_va;
      query.last_va = requirements->highest_va != 0 ? requirements->highest_va : query.last_va;
      query.alignment_bytes = requirements->alignment_bytes;
    }
  room = atlas_room_new (atlas_space_get_regions (atlas_process_get_space (process)));
  return room != NULL ? atlas_room_explain (room, &query) : NULL;
}

static char *
explain_commitment (const AtlasProcess *process, const AtlasAllocationRequest *request)
{
  AtlasCommit commit;
  g_autofree char *asked = NULL, *charged = NULL, *limit = NULL;

  atlas_system_get_commit (process->system, &commit);
  asked = atlas_format_size (atlas_page_ceil (request->size_bytes));
  charged = atlas_format_size (commit.n_charged * ATLAS_PAGE_BYTES);
  limit = atlas_format_size (commit.limit * ATLAS_PAGE_BYTES);
  return g_strdup_printf (
    _ ("Of %s that memory and paging files can back, %s are promised already, and this is %s."),
    limit,
    charged,
    asked);
}

char *
atlas_allocation_explain_arguments (AtlasProcess *process,
                                    const AtlasAllocationRequest *request,
                                    const AtlasAllocation *allocation)
{
  const char *reason = NULL;

  switch ((guint32) allocation->status)
    {
    case ATLAS_STATUS_INVALID_PARAMETER:
      reason = explain_requirements (process, request);
      break;
    case ATLAS_STATUS_INVALID_PARAMETER_2:
      if (allocation->has_64k_pages &&
          (request->base_va & (ATLAS_ALLOCATION_GRANULARITY - 1u)) != 0 &&
          request->base_va <= process->max_va)
        reason = N_ ("Pages of 64 KB begin at a multiple of 64 KB.");
      else if (allocation->large_page_bytes != 0 && request->base_va <= process->max_va)
        reason = allocation->large_page_bytes == ATLAS_HUGE_PAGE_BYTES
                   ? N_ ("Huge pages begin at a multiple of 1 GB.")
                   : N_ ("Large pages begin at a multiple of 2 MB.");
      break;
    case ATLAS_STATUS_INVALID_PARAMETER_4:
      reason = explain_size (request, allocation);
      break;
    case ATLAS_STATUS_INVALID_PARAMETER_5:
      reason = explain_type (request->type);
      break;
    case ATLAS_STATUS_INVALID_PARAMETER_6:
      reason = N_ ("A window on physical pages can only be PAGE_READWRITE.");
      break;
    case ATLAS_STATUS_INVALID_PAGE_PROTECTION:
      reason = explain_protection (request->protect);
      break;
    case ATLAS_STATUS_PRIVILEGE_NOT_HELD:
      reason = N_ ("Large pages are never paged out, which takes SeLockMemoryPrivilege.");
      break;
    case ATLAS_STATUS_NO_MEMORY:
      return explain_no_room (process, request);
    case ATLAS_STATUS_COMMITMENT_LIMIT:
      return explain_commitment (process, request);
    default:
      break;
    }
  return reason != NULL ? g_strdup (_ (reason)) : NULL;
}

static char *
explain_bounds (const AtlasVad *vad)
{
  g_autofree char *first = atlas_format_va (atlas_vad_get_base_va (vad));
  g_autofree char *last = atlas_format_va (atlas_vad_get_last_va (vad));

  return g_strdup_printf (_ ("The allocation here goes from %s to %s."), first, last);
}

static char *
explain_uncommitted (AtlasProcess *process, AtlasVa base_va, guint64 size_bytes)
{
  AtlasRegionSet *regions = atlas_space_get_regions (atlas_process_get_space (process));
  guint64 index = atlas_region_set_find (regions, base_va);
  const AtlasRegion *region = atlas_region_set_get_region (regions, index);
  g_autofree char *va = NULL;

  while (region->state == ATLAS_STATE_COMMIT &&
         atlas_region_get_last_va (region) - base_va < size_bytes - 1u)
    region = atlas_region_set_get_region (regions, ++index);
  if (region->state == ATLAS_STATE_COMMIT)
    return NULL;
  va = atlas_format_va (MAX (region->base_va, base_va));
  return g_strdup_printf (_ ("The page at %s is reserved only."), va);
}

char *
atlas_call_explain_refusal (AtlasProcess *process,
                            AtlasCall call,
                            AtlasVa base_va,
                            guint64 size_bytes,
                            guint32 flags,
                            AtlasStatus status)
{
  const AtlasVad *vad;
  const char *reason;

  g_return_val_if_fail (process != NULL, NULL);

  vad = atlas_vad_tree_find (&process->vads, base_va, NULL);
  if (vad != NULL && vad->kind == ATLAS_VAD_BLOCKED)
    vad = NULL;
  if (vad == NULL)
    return status == ATLAS_STATUS_CONFLICTING_ADDRESSES
             ? g_strdup (_ ("Nothing is allocated at the address."))
             : NULL;

  switch ((guint32) status)
    {
    case ATLAS_STATUS_INVALID_PAGE_PROTECTION:
      if (vad->is_permanent)
        return g_strdup (_ ("The kernel keeps this page for every process: it is neither freed nor "
                            "protected anew."));
      if (call == ATLAS_CALL_PROTECT && atlas_vad_has_large_pages (vad))
        return g_strdup (_ ("Large pages keep the protection that they were committed with."));
      reason =
        call == ATLAS_CALL_PROTECT && vad->section == NULL ? explain_protection (flags) : NULL;
      return reason != NULL ? g_strdup (_ (reason)) : NULL;
    case ATLAS_STATUS_NOT_COMMITTED:
      return size_bytes > 0 ? explain_uncommitted (process, base_va, size_bytes) : NULL;
    case ATLAS_STATUS_FREE_VM_NOT_AT_BASE:
    case ATLAS_STATUS_UNABLE_TO_FREE_VM:
      return explain_bounds (vad);
    case ATLAS_STATUS_CONFLICTING_ADDRESSES:
      if (vad->kind == ATLAS_VAD_AWE)
        return g_strdup (_ ("A window on physical pages keeps its protection."));
      if (call == ATLAS_CALL_FREE && (flags & ATLAS_MEM_COALESCE_PLACEHOLDERS) != 0)
        return g_strdup (_ ("The range must be two or more whole placeholders, side by side and "
                            "nothing else."));
      if (call == ATLAS_CALL_FREE && !vad->is_placeholder && !vad->is_from_placeholder)
        return g_strdup (_ ("Here is no placeholder, nor anything that has replaced one."));
      return explain_bounds (vad);
    default:
      return NULL;
    }
}
