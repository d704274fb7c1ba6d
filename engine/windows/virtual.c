/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/virtual.h"

#include "windows/offer-private.h"

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

  atlas_process_return_commit (process, vad, clear_pages (process, vad, first_vpn, last_vpn));
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

/* In the order of ReactOS, ntoskrnl/mm/ARM3/virtual.c. */
AtlasStatus
atlas_nt_free_virtual_memory (AtlasProcess *process,
                              AtlasVa *base_va,
                              guint64 *n_bytes,
                              guint32 free_type)
{
  AtlasVad *vad;
  guint64 first_vpn;
  guint64 last_vpn;
  gboolean is_whole;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);
  g_return_val_if_fail (base_va != NULL && n_bytes != NULL, ATLAS_STATUS_ACCESS_VIOLATION);

  if (free_type != ATLAS_MEM_RELEASE && free_type != ATLAS_MEM_DECOMMIT)
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  if (*base_va > process->max_va)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (*n_bytes > process->max_va - *base_va + 1u)
    return ATLAS_STATUS_INVALID_PARAMETER_3;

  is_whole = *n_bytes == 0;
  first_vpn = *base_va >> ATLAS_PAGE_SHIFT;
  last_vpn = is_whole ? first_vpn : (*base_va + *n_bytes - 1u) >> ATLAS_PAGE_SHIFT;
  vad = atlas_vad_tree_find (&process->vads, *base_va, NULL);
  if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED)
    return ATLAS_STATUS_MEMORY_NOT_ALLOCATED;
  if (last_vpn > vad->end_vpn)
    return ATLAS_STATUS_UNABLE_TO_FREE_VM;
  if (vad->section != NULL)
    return ATLAS_STATUS_UNABLE_TO_DELETE_SECTION;
  /* The kernel has secured it against deletion; that this is the status is from memory. */
  if (vad->is_permanent)
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (is_whole)
    {
      if (first_vpn != vad->start_vpn)
        return ATLAS_STATUS_FREE_VM_NOT_AT_BASE;
      last_vpn = vad->end_vpn;
    }
  if (free_type == ATLAS_MEM_DECOMMIT && vad->is_mem_commit &&
      !(first_vpn == vad->start_vpn && last_vpn == vad->end_vpn) &&
      !atlas_process_has_table_room (process, first_vpn, last_vpn))
    return ATLAS_STATUS_INSUFFICIENT_RESOURCES;

  atlas_process_changed (process);
  *base_va = first_vpn << ATLAS_PAGE_SHIFT;
  /* Windows 10 1803 and later leave the size of a whole decommit at 0. */
  if (!is_whole || free_type == ATLAS_MEM_RELEASE)
    *n_bytes = (last_vpn - first_vpn + 1u) << ATLAS_PAGE_SHIFT;
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
  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);
  g_return_val_if_fail (region != NULL, ATLAS_STATUS_ACCESS_VIOLATION);

  return atlas_process_query (process, va, region);
}
