/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/allocate-private.h"

#include <glib/gi18n-lib.h>

#include "windows/large-page.h"
#include "windows/offer-private.h"
#include "windows/page-64k-private.h"
#include "windows/placeholder.h"
#include "windows/section-private.h"
#include "windows/write-watch-private.h"

#define PLAIN_TYPES                                                                                \
  (ATLAS_MEM_COMMIT | ATLAS_MEM_RESERVE | ATLAS_MEM_RESET | ATLAS_MEM_TOP_DOWN |                   \
   ATLAS_MEM_WRITE_WATCH | ATLAS_MEM_PHYSICAL | ATLAS_MEM_RESET_UNDO | ATLAS_MEM_LARGE_PAGES)
#define PLACEHOLDER_TYPES (ATLAS_MEM_RESERVE_PLACEHOLDER | ATLAS_MEM_REPLACE_PLACEHOLDER)

/* Rules on the flags alone, in the order in which Server 2003 checks them (ReactOS,
 * ntoskrnl/mm/ARM3/virtual.c); newer Windows says STATUS_INVALID_PARAMETER for some. */
static AtlasStatus
check_type (guint32 type, guint32 protect)
{
  guint32 resets = type & (ATLAS_MEM_RESET | ATLAS_MEM_RESET_UNDO);

  if ((type & ~PLAIN_TYPES) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_5;
  if ((type & (ATLAS_MEM_COMMIT | ATLAS_MEM_RESERVE)) == 0 && resets == 0)
    return ATLAS_STATUS_INVALID_PARAMETER_5;
  if (resets != 0 && type != ATLAS_MEM_RESET && type != ATLAS_MEM_RESET_UNDO)
    return ATLAS_STATUS_INVALID_PARAMETER_5;
  if ((type & ATLAS_MEM_LARGE_PAGES) != 0 &&
      ((type & ATLAS_MEM_COMMIT) == 0 ||
       (type & (ATLAS_MEM_PHYSICAL | ATLAS_MEM_WRITE_WATCH)) != 0))
    return ATLAS_STATUS_INVALID_PARAMETER_5;
  if ((type & ATLAS_MEM_WRITE_WATCH) != 0 && (type & ATLAS_MEM_RESERVE) == 0)
    return ATLAS_STATUS_INVALID_PARAMETER_5;
  if ((type & ATLAS_MEM_PHYSICAL) != 0)
    {
      if ((type & ~ATLAS_MEM_TOP_DOWN) != (ATLAS_MEM_PHYSICAL | ATLAS_MEM_RESERVE))
        return ATLAS_STATUS_INVALID_PARAMETER_5;
      if (protect != ATLAS_PAGE_READWRITE)
        return ATLAS_STATUS_INVALID_PARAMETER_6;
    }
  return ATLAS_STATUS_SUCCESS;
}

/* Rules on MEM_64K_PAGES, which takes a reservation with ordinary pages: windows/page-64k.h. */
static AtlasStatus
check_64k_pages (const AtlasAllocationRequest *request,
                 const AtlasExtendedArguments *extended,
                 gboolean is_reserve)
{
  if (!is_reserve || (request->type & ATLAS_MEM_WRITE_WATCH) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_5;
  if ((extended->attributes & ATLAS_ATTRIBUTE_NONPAGED) != 0)
    return ATLAS_STATUS_NOT_SUPPORTED;
  if ((request->size_bytes & (ATLAS_PAGE_64K_BYTES - 1u)) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  if ((request->base_va & (ATLAS_PAGE_64K_BYTES - 1u)) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  return ATLAS_STATUS_SUCCESS;
}

/* Wine, dlls/ntdll/tests/virtual.c, run on Windows 10 1803 and later. */
static AtlasStatus
check_placeholder_type (const AtlasAllocationRequest *request)
{
  guint32 others = request->type & ~PLACEHOLDER_TYPES;

  if ((request->type & ATLAS_MEM_RESERVE) == 0)
    return ATLAS_STATUS_INVALID_PARAMETER;
  if ((request->type & ATLAS_MEM_RESERVE_PLACEHOLDER) != 0)
    return (request->type & ATLAS_MEM_REPLACE_PLACEHOLDER) == 0 &&
               (others & ~ATLAS_MEM_TOP_DOWN) == ATLAS_MEM_RESERVE &&
               request->protect == ATLAS_PAGE_NOACCESS
             ? ATLAS_STATUS_SUCCESS
             : ATLAS_STATUS_INVALID_PARAMETER;
  return request->base_va != 0 &&
             (others & ~(ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT | ATLAS_MEM_WRITE_WATCH)) == 0
           ? ATLAS_STATUS_SUCCESS
           : ATLAS_STATUS_INVALID_PARAMETER;
}

gboolean
atlas_zero_bits_apply (guint64 zero_bits, AtlasVa *last_va)
{
  guint n_zeros;

  if (zero_bits == 0)
    return TRUE;
  if (zero_bits >= 22 && zero_bits < 32)
    return FALSE;
  n_zeros = zero_bits < 32 ? 32u + (guint) zero_bits : 63u - g_bit_nth_msf (zero_bits, -1);
  *last_va = MIN (*last_va, G_MAXUINT64 >> n_zeros);
  return TRUE;
}

/* Base and size are multiples of the page: Microsoft Learn, "Large-Page Support". Which status
 * says so, and that a large page cannot be guarded, uncached or without access, are choices. */
static AtlasStatus
check_large_pages (const AtlasProcess *process,
                   const AtlasAllocationRequest *request,
                   AtlasAllocation *allocation)
{
  guint64 mask = allocation->large_page_bytes - 1u;

  if (!process->options.has_lock_memory_privilege)
    return ATLAS_STATUS_PRIVILEGE_NOT_HELD;
  if ((request->size_bytes & mask) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  if ((request->base_va & mask) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if ((allocation->protection & ATLAS_PROTECTION_MODIFIER_MASK) != 0)
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  return ATLAS_STATUS_SUCCESS;
}

/* Looks for room inside what @requirements allow and at or below @last_va. */
static AtlasStatus
place (AtlasProcess *process,
       guint64 n_bytes,
       gboolean is_top_down,
       const AtlasAddressRequirements *requirements,
       guint64 alignment_bytes,
       AtlasVa last_va,
       AtlasVa *base)
{
  const AtlasVadTree *vads = &process->vads;
  AtlasVa lowest_va = MAX (requirements->lowest_va, ATLAS_MIN_APPLICATION_VA);
  AtlasVa low_va = is_top_down ? lowest_va : MAX (process->bottom_up_va, lowest_va);
  AtlasVa high_va;

  if (requirements->highest_va != 0)
    last_va = MIN (last_va, requirements->highest_va);
  high_va = is_top_down ? MIN (process->top_down_va, last_va) : last_va;

  /* What randomization leaves aside is used when nothing else is left. */
  if ((low_va <= high_va &&
       atlas_vad_tree_find_gap (
         vads, n_bytes, alignment_bytes, low_va, high_va, is_top_down, base)) ||
      (lowest_va <= last_va &&
       atlas_vad_tree_find_gap (
         vads, n_bytes, alignment_bytes, lowest_va, last_va, is_top_down, base)))
    return ATLAS_STATUS_SUCCESS;
  return ATLAS_STATUS_NO_MEMORY;
}

static AtlasStatus
plan_reserve (AtlasProcess *process, guint32 type, AtlasAllocation *allocation)
{
  AtlasVa base_va = atlas_allocation_get_base_va (allocation);
  AtlasVa last_va = (allocation->last_vpn << ATLAS_PAGE_SHIFT) | ATLAS_PAGE_MASK;

  if (atlas_protection_is_copy_on_write (allocation->protection))
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;

  allocation->taken = atlas_vad_tree_find_overlap (&process->vads, base_va, last_va);
  if (allocation->is_replacement)
    {
      allocation->vad =
        atlas_placeholder_find (process, allocation->first_vpn, allocation->last_vpn);
      if (allocation->vad == NULL)
        return ATLAS_STATUS_CONFLICTING_ADDRESSES;
    }
  else if (allocation->taken != NULL)
    {
      return ATLAS_STATUS_CONFLICTING_ADDRESSES;
    }

  if ((type & ATLAS_MEM_COMMIT) != 0)
    allocation->n_new_pages = allocation->last_vpn - allocation->first_vpn + 1u;
  if (!atlas_system_has_commit_room (process->system, allocation->n_new_pages))
    return ATLAS_STATUS_COMMITMENT_LIMIT;
  if (allocation->large_page_bytes != 0 &&
      !atlas_large_pages_have_room (
        process, base_va, atlas_allocation_get_size (allocation), allocation->large_page_bytes))
    return ATLAS_STATUS_INSUFFICIENT_RESOURCES;
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
plan_commit (AtlasProcess *process, guint32 type, AtlasAllocation *allocation)
{
  AtlasVad *vad =
    atlas_vad_tree_find (&process->vads, atlas_allocation_get_base_va (allocation), NULL);

  if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED || allocation->last_vpn > vad->end_vpn)
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;
  allocation->vad = vad;
  if (vad->is_placeholder || vad->kind == ATLAS_VAD_AWE || atlas_vad_has_large_pages (vad))
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if ((type & ATLAS_MEM_COMMIT) == 0)
    {
      /* A reset of what a file can give back makes no sense: Microsoft Learn, VirtualAlloc. */
      if (vad->section != NULL && atlas_section_get_kind (vad->section) != ATLAS_SECTION_PAGE_FILE)
        return ATLAS_STATUS_CONFLICTING_ADDRESSES;
      return ATLAS_STATUS_SUCCESS;
    }
  if (vad->section != NULL)
    return atlas_view_plan_commit (
      process, vad, allocation->first_vpn, allocation->last_vpn, &allocation->protection);
  if (vad->is_permanent || atlas_protection_is_copy_on_write (allocation->protection))
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;

  allocation->n_new_pages =
    atlas_process_count_reserved (process, vad, allocation->first_vpn, allocation->last_vpn);
  return atlas_process_check_table_room (
    process, allocation->first_vpn, allocation->last_vpn, allocation->n_new_pages);
}

static AtlasStatus
plan (AtlasProcess *process, const AtlasAllocationRequest *request, AtlasAllocation *allocation)
{
  AtlasExtendedArguments extended;
  guint32 type = request->type;
  AtlasVa base_va = request->base_va;
  guint64 n_bytes = request->size_bytes;
  AtlasVa last_va = process->max_va;
  AtlasStatus status =
    atlas_extended_parameters_read (process, request->parameters, request->n_parameters, &extended);
  const AtlasAddressRequirements *requirements = &extended.requirements;
  gboolean is_reserve =
    (type & ATLAS_MEM_RESERVE) != 0 || ((type & ATLAS_MEM_COMMIT) != 0 && base_va == 0);

  if (status == ATLAS_STATUS_SUCCESS &&
      (extended.image_machine != 0 ||
       (base_va != 0 && (requirements->lowest_va != 0 || requirements->highest_va != 0 ||
                         requirements->alignment_bytes != 0))))
    status = ATLAS_STATUS_INVALID_PARAMETER;
  if (status == ATLAS_STATUS_SUCCESS && request->is_extended && (type & PLACEHOLDER_TYPES) != 0)
    {
      status = check_placeholder_type (request);
      allocation->is_replacement = (type & ATLAS_MEM_REPLACE_PLACEHOLDER) != 0;
      type &= ~PLACEHOLDER_TYPES;
    }
  if (status == ATLAS_STATUS_SUCCESS)
    status = atlas_zero_bits_apply (request->zero_bits, &last_va)
               ? ATLAS_STATUS_SUCCESS
               : ATLAS_STATUS_INVALID_PARAMETER_3;
  if ((type & ATLAS_MEM_64K_PAGES) == ATLAS_MEM_64K_PAGES)
    {
      allocation->has_64k_pages = TRUE;
      type &= ~ATLAS_MEM_64K_PAGES;
    }
  if (status == ATLAS_STATUS_SUCCESS)
    status = check_type (type, request->protect);
  if (status == ATLAS_STATUS_SUCCESS)
    status = atlas_protection_from_win32 (request->protect, &allocation->protection);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  if (base_va > process->max_va)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (is_reserve && base_va != 0 && base_va < ATLAS_MIN_APPLICATION_VA)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (n_bytes == 0 || n_bytes - 1u > process->max_va - base_va)
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  if (allocation->has_64k_pages)
    {
      status = check_64k_pages (request, &extended, is_reserve);
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
    }
  if ((type & ATLAS_MEM_LARGE_PAGES) != 0)
    {
      allocation->large_page_bytes = (extended.attributes & ATLAS_ATTRIBUTE_NONPAGED_HUGE) != 0
                                       ? ATLAS_HUGE_PAGE_BYTES
                                       : ATLAS_LARGE_PAGE_BYTES;
      status = check_large_pages (process, request, allocation);
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
    }

  if (is_reserve && base_va == 0)
    {
      guint64 alignment_bytes =
        MAX (requirements->alignment_bytes,
             MAX (allocation->large_page_bytes, ATLAS_ALLOCATION_GRANULARITY));

      status = place (process,
                      atlas_page_ceil (n_bytes),
                      (type & ATLAS_MEM_TOP_DOWN) != 0,
                      requirements,
                      alignment_bytes,
                      last_va,
                      &base_va);
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
    }
  allocation->last_vpn = (base_va + n_bytes - 1u) >> ATLAS_PAGE_SHIFT;
  /* A placeholder may begin at any page. */
  if (is_reserve && !allocation->is_replacement)
    base_va &= ~(ATLAS_ALLOCATION_GRANULARITY - 1u);
  allocation->first_vpn = base_va >> ATLAS_PAGE_SHIFT;
  return is_reserve ? plan_reserve (process, type, allocation)
                    : plan_commit (process, type, allocation);
}

void
atlas_allocation_plan (AtlasProcess *process,
                       const AtlasAllocationRequest *request,
                       AtlasAllocation *allocation)
{
  *allocation = (AtlasAllocation){ 0 };
  allocation->status = plan (process, request, allocation);
}

static void
commit_pages (AtlasProcess *process, AtlasVad *vad, const AtlasAllocation *allocation)
{
  /* What the VAD says of an untouched page need not be said again in an entry. */
  gboolean is_said = vad->is_mem_commit && vad->protection == allocation->protection;

  for (guint64 vpn = allocation->first_vpn; vpn <= allocation->last_vpn; vpn++)
    {
      AtlasVa va = vpn << ATLAS_PAGE_SHIFT;
      AtlasPa entry_pa;
      guint64 pte = atlas_process_read_pte (process, va, &entry_pa);
      gboolean is_made;

      if (pte == 0 && is_said)
        continue;
      is_made = entry_pa != 0 || atlas_process_make_pte (process, va, NULL, &entry_pa);
      g_assert (is_made);
      atlas_process_protect_pte (process, va, entry_pa, FALSE, allocation->protection);
    }
}

static AtlasVadKind
get_kind (guint32 type)
{
  if ((type & ATLAS_MEM_WRITE_WATCH) != 0)
    return ATLAS_VAD_WRITE_WATCH;
  if ((type & ATLAS_MEM_PHYSICAL) != 0)
    return ATLAS_VAD_AWE;
  return (type & ATLAS_MEM_LARGE_PAGES) != 0 ? ATLAS_VAD_LARGE_PAGES : ATLAS_VAD_PRIVATE;
}

/* What a map calls memory of a special kind. */
static const char *
get_name (guint32 type)
{
  if ((type & ATLAS_MEM_RESERVE_PLACEHOLDER) != 0)
    return N_ ("placeholder");
  if ((type & ATLAS_MEM_PHYSICAL) != 0)
    return N_ ("window on physical pages");
  return (type & ATLAS_MEM_LARGE_PAGES) != 0 ? N_ ("large pages") : NULL;
}

/* Makes the VAD of a new reservation, or of what replaces a placeholder. */
static AtlasVad *
make_vad (AtlasProcess *process, guint32 type, const AtlasAllocation *allocation)
{
  AtlasVad *vad = allocation->vad;

  if (vad == NULL)
    vad = atlas_vad_tree_insert (&process->vads, allocation->first_vpn, allocation->last_vpn);
  if (allocation->has_64k_pages)
    {
      type &= ~ATLAS_MEM_64K_PAGES;
      vad->has_64k_pages = TRUE;
      vad->reason = atlas_page_64k_reason;
      vad->source = atlas_page_64k_source;
    }
  vad->kind = get_kind (type);
  vad->region_class = ATLAS_CLASS_PRIVATE;
  vad->protection = allocation->protection;
  vad->is_mem_commit = (type & ATLAS_MEM_COMMIT) != 0;
  vad->is_placeholder = (type & ATLAS_MEM_RESERVE_PLACEHOLDER) != 0;
  vad->is_from_placeholder = allocation->is_replacement;
  atlas_vad_set_name (vad, allocation->has_64k_pages ? N_ ("pages of 64 KB") : get_name (type));
  if (vad->kind == ATLAS_VAD_WRITE_WATCH)
    atlas_write_watch_start (process);
  if (vad->kind == ATLAS_VAD_LARGE_PAGES)
    atlas_large_pages_map (process, vad, allocation->large_page_bytes);
  return vad;
}

static AtlasStatus
allocate (AtlasProcess *process,
          const AtlasAllocationRequest *request,
          AtlasVa *base_va,
          guint64 *n_bytes)
{
  AtlasAllocation allocation;
  AtlasVad *vad;

  atlas_allocation_plan (process, request, &allocation);
  if (allocation.status != ATLAS_STATUS_SUCCESS)
    return allocation.status;

  atlas_process_changed (process);
  vad = allocation.vad;
  if (vad == NULL || allocation.is_replacement)
    vad = make_vad (process, request->type, &allocation);
  else if ((request->type & ATLAS_MEM_COMMIT) != 0 && vad->section != NULL)
    atlas_view_commit (
      process, vad, allocation.first_vpn, allocation.last_vpn, allocation.protection);
  else if ((request->type & ATLAS_MEM_COMMIT) != 0)
    commit_pages (process, vad, &allocation);
  else if ((request->type & ATLAS_MEM_RESET) != 0)
    atlas_process_reset (process, allocation.first_vpn, allocation.last_vpn);
  else
    allocation.status =
      atlas_process_undo_reset (process, allocation.first_vpn, allocation.last_vpn);
  if (allocation.status != ATLAS_STATUS_SUCCESS)
    return allocation.status;
  if (allocation.n_new_pages > 0)
    atlas_process_charge_commit (process, vad, allocation.n_new_pages);

  *base_va = atlas_allocation_get_base_va (&allocation);
  *n_bytes = atlas_allocation_get_size (&allocation);
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_allocate_virtual_memory (AtlasProcess *process,
                                  AtlasVa *base_va,
                                  guint64 zero_bits,
                                  guint64 *n_bytes,
                                  guint32 allocation_type,
                                  guint32 protect)
{
  if (base_va == NULL || n_bytes == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;

  const AtlasAllocationRequest request = { .base_va = *base_va,
                                           .zero_bits = zero_bits,
                                           .size_bytes = *n_bytes,
                                           .type = allocation_type,
                                           .protect = protect };

  return allocate (process, &request, base_va, n_bytes);
}

AtlasStatus
atlas_nt_allocate_virtual_memory_ex (AtlasProcess *process,
                                     AtlasVa *base_va,
                                     guint64 *n_bytes,
                                     guint32 allocation_type,
                                     guint32 protect,
                                     const AtlasExtendedParameter *parameters,
                                     guint n_parameters)
{
  if (base_va == NULL || n_bytes == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;

  const AtlasAllocationRequest request = { .base_va = *base_va,
                                           .size_bytes = *n_bytes,
                                           .type = allocation_type,
                                           .protect = protect,
                                           .is_extended = TRUE,
                                           .parameters = parameters,
                                           .n_parameters = n_parameters };

  return allocate (process, &request, base_va, n_bytes);
}

/* Base and size come rounded already: Microsoft Learn, VirtualAlloc2. What replaces a placeholder,
 * and what commits, begins at any page. */
AtlasStatus
atlas_virtual_alloc2 (AtlasProcess *process,
                      AtlasVa *base_va,
                      guint64 n_bytes,
                      guint32 allocation_type,
                      guint32 protect,
                      const AtlasExtendedParameter *parameters,
                      guint n_parameters)
{
  gboolean is_paged = (allocation_type & ATLAS_MEM_REPLACE_PLACEHOLDER) != 0 ||
                      (allocation_type & ATLAS_MEM_RESERVE) == 0;
  guint64 base_mask = is_paged ? ATLAS_PAGE_MASK : ATLAS_ALLOCATION_GRANULARITY - 1u;

  if (base_va == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if ((*base_va & base_mask) != 0 || (n_bytes & ATLAS_PAGE_MASK) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER;
  return atlas_nt_allocate_virtual_memory_ex (
    process, base_va, &n_bytes, allocation_type, protect, parameters, n_parameters);
}

AtlasStatus
atlas_virtual_alloc_from_app (AtlasProcess *process,
                              AtlasVa *base_va,
                              guint64 *n_bytes,
                              guint32 allocation_type,
                              guint32 protect)
{
  if ((protect & (ATLAS_PAGE_EXECUTE | ATLAS_PAGE_EXECUTE_READ | ATLAS_PAGE_EXECUTE_READWRITE |
                  ATLAS_PAGE_EXECUTE_WRITECOPY)) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER;
  return atlas_nt_allocate_virtual_memory (process, base_va, 0, n_bytes, allocation_type, protect);
}
