/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/virtual.h"

#include "windows/awe-private.h"
#include "windows/large-page.h"
#include "windows/offer-private.h"
#include "windows/placeholder.h"
#include "windows/write-watch-private.h"

static guint64
clear_pages (AtlasProcess *process, const AtlasVad *vad, guint64 first_vpn, guint64 last_vpn)
{
  guint64 n_committed =
    last_vpn - first_vpn + 1u - atlas_process_count_reserved (process, vad, first_vpn, last_vpn);
  AtlasPteIter iter;

  atlas_pte_iter_init (&iter, process, first_vpn, last_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      if (iter.pte != 0)
        atlas_process_clear_pte (process, iter.vpn << ATLAS_PAGE_SHIFT, iter.entry_pa, iter.pte);
    }
  atlas_process_forget_hints (process, first_vpn, last_vpn);
  return n_committed;
}

static void
release (AtlasProcess *process, AtlasVad *vad, guint64 first_vpn, guint64 last_vpn)
{
  AtlasVad *upper;

  if (vad->kind == ATLAS_VAD_AWE)
    atlas_awe_clear_window (process, vad);
  atlas_process_return_commit (process, vad, clear_pages (process, vad, first_vpn, last_vpn));
  if (vad->kind == ATLAS_VAD_LARGE_PAGES)
    atlas_large_pages_unmap (process, vad);
  atlas_write_watch_forget (process, first_vpn, last_vpn);
  atlas_process_collect_tables (process, first_vpn, last_vpn);
  if (first_vpn == vad->start_vpn && last_vpn == vad->end_vpn)
    {
      atlas_vad_tree_remove (&process->vads, vad);
      return;
    }
  upper = atlas_vad_tree_cut (&process->vads, vad, first_vpn, last_vpn);
  if (upper != NULL)
    {
      upper->commit_pages =
        atlas_vad_get_n_pages (upper) -
        atlas_process_count_reserved (process, upper, upper->start_vpn, upper->end_vpn);
      vad->commit_pages -= upper->commit_pages;
    }
}

static void
decommit (AtlasProcess *process, AtlasVad *vad, guint64 first_vpn, guint64 last_vpn)
{
  gboolean is_whole = first_vpn == vad->start_vpn && last_vpn == vad->end_vpn;

  atlas_process_return_commit (process, vad, clear_pages (process, vad, first_vpn, last_vpn));
  if (is_whole)
    vad->is_mem_commit = FALSE;
  for (guint64 vpn = first_vpn; vad->is_mem_commit && vpn <= last_vpn; vpn++)
    {
      AtlasVa va = vpn << ATLAS_PAGE_SHIFT;
      AtlasPa entry_pa;
      gboolean is_made = atlas_process_make_pte (process, va, NULL, &entry_pa);

      g_assert (is_made);
      atlas_process_write_pte (process, va, entry_pa, ATLAS_PTE_DECOMMITTED);
    }
  atlas_process_collect_tables (process, first_vpn, last_vpn);
}

#define PLACEHOLDER_TYPES (ATLAS_MEM_COALESCE_PLACEHOLDERS | ATLAS_MEM_PRESERVE_PLACEHOLDER)

static AtlasStatus
check_type (guint32 free_type, guint64 n_bytes)
{
  guint32 placeholders = free_type & PLACEHOLDER_TYPES;
  guint32 plain = free_type & ~PLACEHOLDER_TYPES;

  if (plain != ATLAS_MEM_RELEASE && plain != ATLAS_MEM_DECOMMIT)
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  if (placeholders == 0)
    return ATLAS_STATUS_SUCCESS;
  if (plain != ATLAS_MEM_RELEASE || placeholders == PLACEHOLDER_TYPES)
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  return n_bytes == 0 ? ATLAS_STATUS_INVALID_PARAMETER_3 : ATLAS_STATUS_SUCCESS;
}

/* RELEASE with PRESERVE: a part of a placeholder becomes one of its own, the whole of what replaced
 * one becomes one again. */
static AtlasStatus
preserve (AtlasProcess *process, AtlasVad *vad, guint64 first_vpn, guint64 last_vpn)
{
  gboolean is_whole = first_vpn == vad->start_vpn && last_vpn == vad->end_vpn;

  /* A view goes back by UnmapViewOfFile2. */
  if (vad->section != NULL)
    return ATLAS_STATUS_UNABLE_TO_DELETE_SECTION;
  if (last_vpn > vad->end_vpn || is_whole == vad->is_placeholder ||
      !(vad->is_placeholder || vad->is_from_placeholder))
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;

  atlas_process_changed (process);
  if (vad->is_placeholder)
    {
      atlas_placeholder_split (process, vad, first_vpn, last_vpn);
      return ATLAS_STATUS_SUCCESS;
    }
  atlas_process_return_commit (process, vad, clear_pages (process, vad, first_vpn, last_vpn));
  atlas_write_watch_forget (process, first_vpn, last_vpn);
  atlas_process_collect_tables (process, first_vpn, last_vpn);
  atlas_placeholder_restore (vad);
  return ATLAS_STATUS_SUCCESS;
}

/* What @free_type comes to for pages of @vad; in the order of ReactOS,
 * ntoskrnl/mm/ARM3/virtual.c. */
static AtlasStatus
check_pages (AtlasProcess *process,
             const AtlasVad *vad,
             gboolean is_all,
             guint32 free_type,
             guint64 first_vpn,
             guint64 last_vpn)
{
  gboolean is_whole = first_vpn == vad->start_vpn && (is_all || last_vpn == vad->end_vpn);

  if (last_vpn > vad->end_vpn)
    return ATLAS_STATUS_UNABLE_TO_FREE_VM;
  if (vad->section != NULL)
    return ATLAS_STATUS_UNABLE_TO_DELETE_SECTION;
  /* The kernel has secured it against deletion; that this is the status is from memory. */
  if (vad->is_permanent)
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (is_all && first_vpn != vad->start_vpn)
    return ATLAS_STATUS_FREE_VM_NOT_AT_BASE;
  /* All or nothing, and never decommitted; the statuses are from memory. */
  if (vad->kind == ATLAS_VAD_AWE || vad->kind == ATLAS_VAD_LARGE_PAGES)
    {
      if (free_type == ATLAS_MEM_DECOMMIT)
        return ATLAS_STATUS_MEMORY_NOT_ALLOCATED;
      return is_whole ? ATLAS_STATUS_SUCCESS : ATLAS_STATUS_FREE_VM_NOT_AT_BASE;
    }
  if (free_type == ATLAS_MEM_DECOMMIT && vad->is_mem_commit && !is_whole)
    return atlas_process_check_table_room (process, first_vpn, last_vpn, 0);
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_free_virtual_memory (AtlasProcess *process,
                              AtlasVa *base_va,
                              guint64 *n_bytes,
                              guint32 free_type)
{
  AtlasStatus status;
  AtlasVad *vad;
  guint64 first_vpn;
  guint64 last_vpn;
  gboolean is_all;

  if (base_va == NULL || n_bytes == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  status = check_type (free_type, *n_bytes);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  if (*base_va > process->max_va)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (*n_bytes > process->max_va - *base_va + 1u)
    return ATLAS_STATUS_INVALID_PARAMETER_3;

  is_all = *n_bytes == 0;
  first_vpn = *base_va >> ATLAS_PAGE_SHIFT;
  last_vpn = is_all ? first_vpn : (*base_va + *n_bytes - 1u) >> ATLAS_PAGE_SHIFT;
  vad = atlas_vad_tree_find (&process->vads, *base_va, NULL);
  if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED)
    return ATLAS_STATUS_MEMORY_NOT_ALLOCATED;

  if ((free_type & ATLAS_MEM_COALESCE_PLACEHOLDERS) != 0)
    status = atlas_placeholder_coalesce (process, first_vpn, last_vpn)
               ? ATLAS_STATUS_SUCCESS
               : ATLAS_STATUS_CONFLICTING_ADDRESSES;
  else if ((free_type & ATLAS_MEM_PRESERVE_PLACEHOLDER) != 0)
    status = preserve (process, vad, first_vpn, last_vpn);
  else
    status = check_pages (process, vad, is_all, free_type, first_vpn, last_vpn);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  *base_va = first_vpn << ATLAS_PAGE_SHIFT;
  if (is_all)
    last_vpn = vad->end_vpn;
  /* Windows 10 1803 and later leave the size of a whole decommit at 0. */
  if (!is_all || free_type == ATLAS_MEM_RELEASE)
    *n_bytes = (last_vpn - first_vpn + 1u) << ATLAS_PAGE_SHIFT;
  if ((free_type & PLACEHOLDER_TYPES) != 0)
    return ATLAS_STATUS_SUCCESS;

  atlas_process_changed (process);
  if (free_type == ATLAS_MEM_RELEASE)
    release (process, vad, first_vpn, last_vpn);
  else
    decommit (process, vad, first_vpn, last_vpn);
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_virtual_free (AtlasProcess *process, AtlasVa base_va, guint64 n_bytes, guint32 free_type)
{
  if (free_type == ATLAS_MEM_RELEASE && n_bytes != 0)
    return ATLAS_STATUS_INVALID_PARAMETER;
  return atlas_nt_free_virtual_memory (process, &base_va, &n_bytes, free_type);
}

AtlasStatus
atlas_nt_query_virtual_memory (AtlasProcess *process, AtlasVa va, AtlasRegion *region)
{
  if (region == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;

  return atlas_process_query (process, va, region);
}
