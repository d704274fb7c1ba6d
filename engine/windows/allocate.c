/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/virtual.h"

#include "base/format.h"
#include "windows/offer-private.h"

#define ALL_TYPES                                                                                  \
  (ATLAS_MEM_COMMIT | ATLAS_MEM_RESERVE | ATLAS_MEM_RESET | ATLAS_MEM_TOP_DOWN |                   \
   ATLAS_MEM_WRITE_WATCH | ATLAS_MEM_PHYSICAL | ATLAS_MEM_RESET_UNDO | ATLAS_MEM_LARGE_PAGES)

#define SLOT_PAGES (ATLAS_ALLOCATION_GRANULARITY / ATLAS_PAGE_BYTES)

/* What an allocation comes to, found out before anything changes. */
typedef struct
{
  AtlasStatus status;
  guint64 first_vpn;
  guint64 last_vpn;
  guint64 n_new_pages;   /* to be charged */
  AtlasVad *vad;         /* of a commit or reset: the reservation */
  const AtlasVad *taken; /* CONFLICTING_ADDRESSES: by whom */
  guint8 protection;
} Allocation;

static AtlasVa
first_va (const Allocation *allocation)
{
  return allocation->first_vpn << ATLAS_PAGE_SHIFT;
}

static guint64
size_bytes (const Allocation *allocation)
{
  return (allocation->last_vpn - allocation->first_vpn + 1u) << ATLAS_PAGE_SHIFT;
}

/* Rules on the flags alone, in the order in which Server 2003 checks them (ReactOS,
 * ntoskrnl/mm/ARM3/virtual.c); newer Windows says STATUS_INVALID_PARAMETER for some. */
static AtlasStatus
check_type (guint32 type, guint32 protect)
{
  guint32 resets = type & (ATLAS_MEM_RESET | ATLAS_MEM_RESET_UNDO);

  if ((type & ~ALL_TYPES) != 0)
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

/* The last address that @zero_bits leave: up to 31 that many leading zeros of a 32-bit address,
 * from 32 on a mask whose leading zeros count. */
static AtlasStatus
check_zero_bits (guint64 zero_bits, AtlasVa *last_va)
{
  if (zero_bits == 0)
    return ATLAS_STATUS_SUCCESS;
  if (zero_bits >= 22 && zero_bits < 32)
    return ATLAS_STATUS_INVALID_PARAMETER_3;

  guint n_zeros = zero_bits < 32 ? 32u + (guint) zero_bits : 63u - g_bit_nth_msf (zero_bits, -1);

  *last_va = MIN (*last_va, G_MAXUINT64 >> n_zeros);
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
place (AtlasProcess *process, guint64 n_bytes, gboolean is_top_down, AtlasVa last_va, AtlasVa *base)
{
  const AtlasVadTree *vads = &process->vads;
  AtlasVa low_va = is_top_down ? ATLAS_MIN_APPLICATION_VA : process->bottom_up_va;
  AtlasVa high_va = is_top_down ? MIN (process->top_down_va, last_va) : last_va;

  /* What randomization leaves aside is used when nothing else is left. */
  if ((low_va <= high_va &&
       atlas_vad_tree_find_gap (
         vads, n_bytes, ATLAS_ALLOCATION_GRANULARITY, low_va, high_va, is_top_down, base)) ||
      (last_va >= ATLAS_MIN_APPLICATION_VA && atlas_vad_tree_find_gap (vads,
                                                                       n_bytes,
                                                                       ATLAS_ALLOCATION_GRANULARITY,
                                                                       ATLAS_MIN_APPLICATION_VA,
                                                                       last_va,
                                                                       is_top_down,
                                                                       base)))
    return ATLAS_STATUS_SUCCESS;
  return ATLAS_STATUS_NO_MEMORY;
}

static AtlasStatus
plan_reserve (AtlasProcess *process, guint32 type, Allocation *allocation)
{
  if (atlas_protection_is_copy_on_write (allocation->protection))
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if ((type & ATLAS_MEM_PHYSICAL) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER; /* this machine does not offer AWE */

  allocation->taken =
    atlas_vad_tree_find_overlap (&process->vads,
                                 first_va (allocation),
                                 (allocation->last_vpn << ATLAS_PAGE_SHIFT) | ATLAS_PAGE_MASK);
  if (allocation->taken != NULL)
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;

  if ((type & ATLAS_MEM_COMMIT) != 0)
    allocation->n_new_pages = allocation->last_vpn - allocation->first_vpn + 1u;
  return atlas_system_has_commit_room (process->system, allocation->n_new_pages)
           ? ATLAS_STATUS_SUCCESS
           : ATLAS_STATUS_COMMITMENT_LIMIT;
}

static AtlasStatus
plan_commit (AtlasProcess *process, guint32 type, Allocation *allocation)
{
  AtlasVad *vad = atlas_vad_tree_find (&process->vads, first_va (allocation), NULL);

  if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED || allocation->last_vpn > vad->end_vpn)
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;
  allocation->vad = vad;
  if ((type & ATLAS_MEM_COMMIT) == 0)
    {
      /* A reset of what a file can give back makes no sense: Microsoft Learn, VirtualAlloc. */
      if (vad->section != NULL && atlas_section_get_kind (vad->section) != ATLAS_SECTION_PAGE_FILE)
        return ATLAS_STATUS_CONFLICTING_ADDRESSES;
      return ATLAS_STATUS_SUCCESS;
    }
  if (vad->section != NULL)
    return ATLAS_STATUS_ALREADY_COMMITTED;
  if (vad->is_permanent || atlas_protection_is_copy_on_write (allocation->protection))
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;

  allocation->n_new_pages =
    atlas_process_count_reserved (process, vad, allocation->first_vpn, allocation->last_vpn);
  if (!atlas_system_has_commit_room (process->system,
                                     allocation->n_new_pages +
                                       atlas_process_count_missing_tables (
                                         process, allocation->first_vpn, allocation->last_vpn)))
    return ATLAS_STATUS_COMMITMENT_LIMIT;
  return atlas_process_has_table_room (process, allocation->first_vpn, allocation->last_vpn)
           ? ATLAS_STATUS_SUCCESS
           : ATLAS_STATUS_INSUFFICIENT_RESOURCES;
}

static AtlasStatus
plan (AtlasProcess *process,
      AtlasVa base_va,
      guint64 zero_bits,
      guint64 n_bytes,
      guint32 type,
      guint32 protect,
      Allocation *allocation)
{
  AtlasVa last_va = process->max_va;
  AtlasStatus status = check_zero_bits (zero_bits, &last_va);
  gboolean is_reserve =
    (type & ATLAS_MEM_RESERVE) != 0 || ((type & ATLAS_MEM_COMMIT) != 0 && base_va == 0);

  if (status == ATLAS_STATUS_SUCCESS)
    status = check_type (type, protect);
  if (status == ATLAS_STATUS_SUCCESS)
    status = atlas_protection_from_win32 (protect, &allocation->protection);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  if (base_va > process->max_va)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (is_reserve && base_va != 0 && base_va < ATLAS_MIN_APPLICATION_VA)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (n_bytes == 0 || n_bytes - 1u > process->max_va - base_va)
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  if ((type & ATLAS_MEM_LARGE_PAGES) != 0)
    return ATLAS_STATUS_PRIVILEGE_NOT_HELD;

  if (is_reserve && base_va == 0)
    {
      status = place (
        process, atlas_page_ceil (n_bytes), (type & ATLAS_MEM_TOP_DOWN) != 0, last_va, &base_va);
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
    }
  allocation->last_vpn = (base_va + n_bytes - 1u) >> ATLAS_PAGE_SHIFT;
  if (is_reserve)
    base_va &= ~(ATLAS_ALLOCATION_GRANULARITY - 1u);
  allocation->first_vpn = base_va >> ATLAS_PAGE_SHIFT;
  return is_reserve ? plan_reserve (process, type, allocation)
                    : plan_commit (process, type, allocation);
}

static void
commit_pages (AtlasProcess *process, AtlasVad *vad, const Allocation *allocation)
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

AtlasStatus
atlas_nt_allocate_virtual_memory (AtlasProcess *process,
                                  AtlasVa *base_va,
                                  guint64 zero_bits,
                                  guint64 *n_bytes,
                                  guint32 allocation_type,
                                  guint32 protect)
{
  Allocation allocation = { 0 };
  AtlasStatus status;
  AtlasVad *vad;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);
  g_return_val_if_fail (base_va != NULL && n_bytes != NULL, ATLAS_STATUS_ACCESS_VIOLATION);

  status = plan (process, *base_va, zero_bits, *n_bytes, allocation_type, protect, &allocation);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  atlas_process_changed (process);
  vad = allocation.vad;
  if (vad == NULL)
    {
      vad = atlas_vad_tree_insert (&process->vads, allocation.first_vpn, allocation.last_vpn);
      /* Which pages were written cannot be asked for, but the flag is taken, and seen in the VAD.
       */
      vad->kind =
        (allocation_type & ATLAS_MEM_WRITE_WATCH) != 0 ? ATLAS_VAD_WRITE_WATCH : ATLAS_VAD_PRIVATE;
      vad->region_class = ATLAS_CLASS_PRIVATE;
      vad->protection = allocation.protection;
      vad->is_mem_commit = (allocation_type & ATLAS_MEM_COMMIT) != 0;
    }
  else if ((allocation_type & ATLAS_MEM_COMMIT) != 0)
    {
      commit_pages (process, vad, &allocation);
    }
  else if ((allocation_type & ATLAS_MEM_RESET) != 0)
    {
      atlas_process_reset (process, allocation.first_vpn, allocation.last_vpn);
    }
  else
    {
      status = atlas_process_undo_reset (process, allocation.first_vpn, allocation.last_vpn);
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
    }
  if (allocation.n_new_pages > 0)
    atlas_process_charge_commit (process, vad, allocation.n_new_pages);

  *base_va = first_va (&allocation);
  *n_bytes = size_bytes (&allocation);
  return ATLAS_STATUS_SUCCESS;
}

static char *
explain_conflict (AtlasProcess *process, AtlasVa asked_va, const Allocation *allocation)
{
  const AtlasVad *taken = allocation->taken;
  g_autofree char *taken_va = NULL;
  g_autofree char *slot_va = NULL;
  const char *name;
  const AtlasLayoutRegion *block = atlas_layout_find (asked_va);

  if (taken == NULL)
    {
      const AtlasVad *vad = allocation->vad != NULL
                              ? allocation->vad
                              : atlas_vad_tree_find (&process->vads, first_va (allocation), NULL);

      if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED)
        return g_strdup ("Nothing is reserved at this address, so there is nothing to commit.");
      if (vad->section != NULL)
        return g_strdup (
          "The pages belong to a view of a file, whose contents cannot be given up.");
      return g_strdup ("The range runs past the end of the reservation it starts in.");
    }
  if (taken->kind == ATLAS_VAD_BLOCKED)
    return g_strdup_printf ("The range touches %s. %s", taken->name, taken->reason);
  if (block != NULL && block->kind == ATLAS_LAYOUT_BLOCK)
    return g_strdup_printf ("The address lies in the %s. %s", block->name, block->reason);

  taken_va = atlas_format_va (atlas_vad_get_base_va (taken));
  name = taken->name != NULL ? taken->name : "an allocation";
  if (atlas_vad_get_last_va (taken) < asked_va)
    {
      slot_va = atlas_format_va (first_va (allocation));
      return g_strdup_printf ("A reservation starts at a multiple of 64 KB, and the 64 KB slot at "
                              "%s is taken by %s at %s.",
                              slot_va,
                              name,
                              taken_va);
    }
  return g_strdup_printf ("The range is taken by %s at %s.", name, taken_va);
}

static char *
explain (AtlasProcess *process, AtlasVa base_va, const Allocation *allocation)
{
  const AtlasLayoutRegion *layout = atlas_layout_find (base_va);

  switch (allocation->status)
    {
    case ATLAS_STATUS_SUCCESS:
      return NULL;
    case ATLAS_STATUS_CONFLICTING_ADDRESSES:
      return explain_conflict (process, base_va, allocation);
    case ATLAS_STATUS_INVALID_PARAMETER_2:
      if (layout != NULL &&
          (base_va < ATLAS_MIN_APPLICATION_VA || process->options.is_large_address_aware))
        return g_strdup (layout->reason);
      if (base_va >= ATLAS_KERNEL_START_VA)
        return g_strdup ("The address belongs to the kernel.");
      return g_strdup ("The address lies above the highest one that this program may use.");
    default:
      return g_strdup (atlas_status_get_description (allocation->status));
    }
}

void
atlas_virtual_alloc_preview (AtlasProcess *process,
                             AtlasVa base_va,
                             guint64 n_bytes,
                             guint32 allocation_type,
                             guint32 protect,
                             AtlasAllocationPreview *preview)
{
  Allocation allocation = { 0 };

  g_return_if_fail (process != NULL && process->system != NULL);
  g_return_if_fail (preview != NULL);

  allocation.status = plan (process, base_va, 0, n_bytes, allocation_type, protect, &allocation);
  g_free (process->preview_reason);
  process->preview_reason = explain (process, base_va, &allocation);
  *preview = (AtlasAllocationPreview){ .status = allocation.status,
                                       .base_va = base_va,
                                       .size_bytes = n_bytes,
                                       .reason = process->preview_reason };
  if (allocation.last_vpn != 0)
    {
      guint64 n_pages = allocation.last_vpn - allocation.first_vpn + 1u;

      preview->base_va = first_va (&allocation);
      preview->size_bytes = size_bytes (&allocation);
      preview->n_pages = n_pages;
      if (allocation.status == ATLAS_STATUS_SUCCESS && allocation.vad == NULL)
        {
          const AtlasVad *next = atlas_vad_tree_lower_bound (
            &process->vads, (allocation.last_vpn + 1u) << ATLAS_PAGE_SHIFT);
          guint64 slot_end_vpn = (allocation.last_vpn | (SLOT_PAGES - 1u)) + 1u;

          if (next != NULL)
            slot_end_vpn = MIN (slot_end_vpn, next->start_vpn);
          preview->n_unusable_pages = (guint) (slot_end_vpn - allocation.last_vpn - 1u);
        }
    }
}
