/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/virtual-lock.h"

#include "windows/offer-private.h"
#include "windows/page-in-private.h"
#include "windows/pager-private.h"
#include "windows/working-set-private.h"

/* Pages of the minimum that cannot be locked: documented as "a small overhead"; 8 is a choice. */
#define OVERHEAD_PAGES 8u
/* A choice: prefetching stops while this many frames are left to be had. */
#define PREFETCH_RESERVE 64u

/* Statuses from memory. */
static AtlasStatus
check_range (AtlasProcess *process, AtlasVa base_va, guint64 size_bytes, guint64 *last_vpn)
{
  if (base_va > process->max_va)
    return ATLAS_STATUS_INVALID_PARAMETER_1;
  if (size_bytes == 0 || size_bytes - 1u > process->max_va - base_va)
    return ATLAS_STATUS_INVALID_PARAMETER_2;

  *last_vpn = (base_va + size_bytes - 1u) >> ATLAS_PAGE_SHIFT;
  for (guint64 vpn = base_va >> ATLAS_PAGE_SHIFT; vpn <= *last_vpn;)
    {
      const AtlasVad *vad = atlas_vad_tree_find (&process->vads, vpn << ATLAS_PAGE_SHIFT, NULL);

      if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED)
        return ATLAS_STATUS_ACCESS_VIOLATION;
      vpn = vad->end_vpn + 1u;
    }
  return ATLAS_STATUS_SUCCESS;
}

/* AWE windows and large pages are in no working set: they cannot leave it. */
static gboolean
is_always_resident (AtlasProcess *process, guint64 vpn)
{
  const AtlasVad *vad = atlas_vad_tree_find (&process->vads, vpn << ATLAS_PAGE_SHIFT, NULL);

  return vad->kind == ATLAS_VAD_AWE || atlas_vad_has_large_pages (vad) || vad->is_permanent;
}

static AtlasStatus
check_quota (const AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  guint64 n_pages = last_vpn - first_vpn + 1u;
  guint64 n_allowed =
    process->working_set_min_pages - MIN (OVERHEAD_PAGES, process->working_set_min_pages);
  guint64 n_locked = atlas_process_count_locked (process);

  /* Before a long range is gone through. */
  if (n_pages > n_allowed)
    return ATLAS_STATUS_WORKING_SET_QUOTA;
  for (guint64 vpn = first_vpn; vpn <= last_vpn; vpn++)
    n_locked += !atlas_process_is_locked (process, vpn);
  return n_locked <= n_allowed ? ATLAS_STATUS_SUCCESS : ATLAS_STATUS_WORKING_SET_QUOTA;
}

static AtlasStatus
lock_pages (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn, GArray *locked)
{
  for (guint64 vpn = first_vpn; vpn <= last_vpn; vpn++)
    {
      AtlasPa pa;
      AtlasStatus status;

      if (is_always_resident (process, vpn) || atlas_process_is_locked (process, vpn))
        continue;
      status =
        atlas_process_make_present (process, vpn << ATLAS_PAGE_SHIFT, ATLAS_ACCESS_READ, &pa);
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
      if (pa >= atlas_memory_get_size (process->system->memory))
        return ATLAS_STATUS_ACCESS_VIOLATION; /* an entry written by hand */
      atlas_process_lock_page (process, vpn, pa >> ATLAS_PAGE_SHIFT);
      g_array_append_val (locked, vpn);
    }
  return ATLAS_STATUS_SUCCESS;
}

static void
unlock_page (AtlasProcess *process, guint64 vpn)
{
  AtlasPa entry_pa;
  guint64 pte = atlas_process_read_pte (process, vpn << ATLAS_PAGE_SHIFT, &entry_pa);

  atlas_process_unlock_page (process, vpn, atlas_pte_get_pfn (pte));
}

AtlasStatus
atlas_virtual_lock (AtlasProcess *process, AtlasVa base_va, guint64 size_bytes)
{
  g_autoptr (GArray) locked = NULL;
  guint64 last_vpn;
  AtlasStatus status;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);

  status = check_range (process, base_va, size_bytes, &last_vpn);
  if (status == ATLAS_STATUS_SUCCESS)
    status = check_quota (process, base_va >> ATLAS_PAGE_SHIFT, last_vpn);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  atlas_process_changed (process);
  locked = g_array_new (FALSE, FALSE, sizeof (guint64));
  status = lock_pages (process, base_va >> ATLAS_PAGE_SHIFT, last_vpn, locked);
  for (guint i = 0; status != ATLAS_STATUS_SUCCESS && i < locked->len; i++)
    unlock_page (process, g_array_index (locked, guint64, i));
  return status;
}

AtlasStatus
atlas_virtual_unlock (AtlasProcess *process, AtlasVa base_va, guint64 size_bytes)
{
  guint64 first_vpn = base_va >> ATLAS_PAGE_SHIFT;
  guint64 n_locked = 0;
  guint64 last_vpn;
  AtlasPteIter iter;
  AtlasStatus status;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);

  status = check_range (process, base_va, size_bytes, &last_vpn);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  atlas_process_changed (process);
  atlas_pte_iter_init (&iter, process, first_vpn, last_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      if (atlas_process_is_locked (process, iter.vpn))
        n_locked++;
      else if ((iter.pte & ATLAS_PTE_VALID) != 0)
        atlas_process_trim_page (process, iter.vpn << ATLAS_PAGE_SHIFT, iter.entry_pa, iter.pte);
    }
  if (n_locked != last_vpn - first_vpn + 1u)
    return ATLAS_STATUS_NOT_LOCKED;
  for (guint64 vpn = first_vpn; vpn <= last_vpn; vpn++)
    unlock_page (process, vpn);
  return ATLAS_STATUS_SUCCESS;
}

static gboolean
has_room (const AtlasProcess *process)
{
  return atlas_frames_count_available (process->system->frames) >= PREFETCH_RESERVE;
}

static gboolean
prefetch_private (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa, guint64 pte)
{
  AtlasSystem *system = process->system;
  AtlasPfn pfn;

  if (!atlas_pager_owns_slot (system, entry_pa, pte) ||
      atlas_page_in_slot (process, va, entry_pa, pte, NULL, &pfn) != ATLAS_PAGE_IN_DONE)
    return FALSE;
  atlas_process_write_pte (
    process, va, entry_pa, atlas_pte_make_transition (pfn, atlas_pte_get_protection (pte)));
  atlas_pager_park (system, pfn);
  return TRUE;
}

static gboolean
prefetch_shared (AtlasProcess *process, const AtlasVad *vad, guint64 vpn)
{
  guint64 page = vad->section_first_page + (vpn - vad->start_vpn);
  guint64 last_page;
  AtlasPfn pfn;

  /* What comes from no disk need not be fetched. */
  if (!atlas_section_is_committed (vad->section, page, &last_page) ||
      atlas_section_get_frame (vad->section, page, &pfn) ||
      (atlas_section_get_kind (vad->section) == ATLAS_SECTION_PAGE_FILE &&
       atlas_section_get_prototype (vad->section, page) == 0))
    return FALSE;
  if (atlas_page_in_section (process, vad->section, page, NULL, &pfn) != ATLAS_PAGE_IN_DONE)
    return FALSE;
  atlas_pager_park (process->system, pfn);
  return TRUE;
}

/* Pages of a view from @vpn on for which there is no page table; runs that are not committed are
 * passed over as one. */
static guint64
prefetch_untouched (AtlasProcess *process, const AtlasVad *vad, guint64 vpn, guint64 n_pages)
{
  guint64 end_vpn = vpn + n_pages;
  guint64 n_fetched = 0;

  while (vad->section != NULL && vpn < end_vpn && has_room (process))
    {
      guint64 page = vad->section_first_page + (vpn - vad->start_vpn);
      guint64 last_page;

      if (atlas_section_is_committed (vad->section, page, &last_page))
        {
          n_fetched += prefetch_shared (process, vad, vpn);
          last_page = page;
        }
      vpn += last_page - page + 1u;
    }
  return n_fetched;
}

static guint64
prefetch_pages (AtlasProcess *process, const AtlasVad *vad, guint64 first_vpn, guint64 last_vpn)
{
  AtlasPteIter iter;
  guint64 n_fetched = 0;

  atlas_pte_iter_init (&iter, process, first_vpn, last_vpn);
  while (has_room (process) && atlas_pte_iter_next (&iter))
    {
      AtlasPteKind kind = atlas_pte_get_kind (iter.pte);

      if (kind == ATLAS_PTE_KIND_PAGE_FILE)
        n_fetched +=
          prefetch_private (process, iter.vpn << ATLAS_PAGE_SHIFT, iter.entry_pa, iter.pte);
      else if (kind != ATLAS_PTE_KIND_HARDWARE && kind != ATLAS_PTE_KIND_TRANSITION)
        n_fetched += prefetch_untouched (process, vad, iter.vpn, iter.n_pages);
    }
  return n_fetched;
}

static guint64
prefetch_range (AtlasProcess *process, AtlasVa va, guint64 size_bytes)
{
  AtlasVa last_va = va + MIN (size_bytes - 1u, G_MAXUINT64 - va);
  guint64 n_fetched = 0;

  for (const AtlasVad *vad = atlas_vad_tree_find_overlap (&process->vads, va, last_va);
       vad != NULL && vad->start_vpn <= last_va >> ATLAS_PAGE_SHIFT;
       vad = atlas_vad_get_next (vad))
    {
      if (vad->kind != ATLAS_VAD_BLOCKED && !atlas_vad_has_large_pages (vad))
        n_fetched += prefetch_pages (process,
                                     vad,
                                     MAX (vad->start_vpn, va >> ATLAS_PAGE_SHIFT),
                                     MIN (vad->end_vpn, last_va >> ATLAS_PAGE_SHIFT));
    }
  return n_fetched;
}

AtlasStatus
atlas_nt_set_information_virtual_memory (AtlasProcess *process,
                                         guint information_class,
                                         gsize n_ranges,
                                         const AtlasMemoryRange *ranges,
                                         const guint32 *flags,
                                         gsize flags_bytes,
                                         guint64 *n_pages)
{
  guint64 n_fetched = 0;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);

  if (information_class != ATLAS_VM_PREFETCH_INFORMATION)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (flags == NULL)
    return ATLAS_STATUS_INVALID_PARAMETER_5;
  if (flags_bytes != sizeof *flags)
    return ATLAS_STATUS_INVALID_PARAMETER_6;
  if (*flags != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_5;
  if (n_ranges == 0)
    return ATLAS_STATUS_INVALID_PARAMETER_3;
  if (ranges == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  for (gsize i = 0; i < n_ranges; i++)
    {
      if (ranges[i].size_bytes == 0)
        return ATLAS_STATUS_INVALID_PARAMETER_4;
    }

  atlas_process_changed (process);
  for (gsize i = 0; i < n_ranges; i++)
    n_fetched += prefetch_range (process, ranges[i].va, ranges[i].size_bytes);
  if (n_pages != NULL)
    *n_pages = n_fetched;
  return ATLAS_STATUS_SUCCESS;
}
