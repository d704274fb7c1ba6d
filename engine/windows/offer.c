/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/offer-private.h"

#include "windows/frames-private.h"
#include "windows/pager-private.h"
#include "windows/working-set-private.h"

/* What is remembered of a page that had contents, by its number, in AtlasProcess.hints. */
enum
{
  HINT_OFFERED = 1,
  HINT_RESET = 2,
};

static guint
get_hint (const AtlasProcess *process, guint64 vpn)
{
  return process->hints == NULL
           ? 0
           : GPOINTER_TO_UINT (g_hash_table_lookup (process->hints, GSIZE_TO_POINTER (vpn)));
}

static void
set_hint (AtlasProcess *process, guint64 vpn, guint hint)
{
  if (process->hints == NULL)
    process->hints = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (process->hints, GSIZE_TO_POINTER (vpn), GUINT_TO_POINTER (hint));
}

static void
clear_hint (AtlasProcess *process, guint64 vpn)
{
  if (process->hints != NULL)
    g_hash_table_remove (process->hints, GSIZE_TO_POINTER (vpn));
}

gboolean
atlas_process_is_offered (const AtlasProcess *process, guint64 vpn)
{
  return (get_hint (process, vpn) & HINT_OFFERED) != 0;
}

gboolean
atlas_process_is_offered_va (const AtlasProcess *process, AtlasVa va)
{
  g_return_val_if_fail (process != NULL, FALSE);

  return atlas_process_is_offered (process, va >> ATLAS_PAGE_SHIFT);
}

void
atlas_process_forget_hints (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  GHashTableIter iter;
  gpointer key;

  if (process->hints == NULL)
    return;
  g_hash_table_iter_init (&iter, process->hints);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      if (GPOINTER_TO_SIZE (key) >= first_vpn && GPOINTER_TO_SIZE (key) <= last_vpn)
        g_hash_table_iter_remove (&iter);
    }
}

/* The process's own frame behind a PTE; 0 when there is none. */
static AtlasPfn
get_own_frame (AtlasProcess *process, AtlasPa entry_pa, guint64 pte)
{
  AtlasPteKind kind = atlas_pte_get_kind (pte);

  if ((kind != ATLAS_PTE_KIND_HARDWARE && kind != ATLAS_PTE_KIND_TRANSITION) ||
      !atlas_process_owns_page (process, entry_pa, pte))
    return 0;
  return atlas_pte_get_pfn (pte);
}

/* Nothing need be saved of the frame: when it is taken, its page starts as zeros again. */
static void
give_up_contents (AtlasSystem *system, AtlasPfn pfn)
{
  atlas_pager_note_dirty (system, pfn);
  atlas_frames_get_record (system->frames, pfn)->is_modified = FALSE;
}

/* A slot of a paging file is given back at once. */
static void
drop_slot (AtlasProcess *process, guint64 vpn, AtlasPa entry_pa, guint64 pte)
{
  atlas_pager_free_slot (process->system, pte);
  atlas_process_write_pte (process,
                           vpn << ATLAS_PAGE_SHIFT,
                           entry_pa,
                           atlas_pte_make_demand_zero (atlas_pte_get_protection (pte)));
}

static void
reset_page (AtlasProcess *process, guint64 vpn, AtlasPa entry_pa, guint64 pte)
{
  AtlasSystem *system = process->system;
  AtlasPfn pfn = get_own_frame (process, entry_pa, pte);
  guint64 clean_pte = pte & ~(ATLAS_PTE_DIRTY | ATLAS_PTE_DIRTY1);

  if (pfn != 0)
    {
      give_up_contents (system, pfn);
      atlas_frames_get_record (system->frames, pfn)->is_reset = TRUE;
      if ((pte & ATLAS_PTE_VALID) != 0)
        atlas_process_write_pte (process, vpn << ATLAS_PAGE_SHIFT, entry_pa, clean_pte);
      else
        atlas_pager_park (system, pfn);
    }
  else if (atlas_process_is_private_pte (process, entry_pa, pte))
    {
      drop_slot (process, vpn, entry_pa, pte);
    }
  else if ((pte & ATLAS_PTE_VALID) != 0 &&
           atlas_process_counts_page (process, vpn << ATLAS_PAGE_SHIFT, atlas_pte_get_pfn (pte)))
    {
      /* Of a section without a file; who else writes to it makes it dirty again. */
      give_up_contents (system, atlas_pte_get_pfn (pte));
      atlas_process_write_pte (process, vpn << ATLAS_PAGE_SHIFT, entry_pa, clean_pte);
      return;
    }
  else
    {
      return;
    }
  set_hint (process, vpn, HINT_RESET);
}

void
atlas_process_reset (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  AtlasPteIter iter;

  atlas_pte_iter_init (&iter, process, first_vpn, last_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      if (iter.pte != 0 && !atlas_process_is_offered (process, iter.vpn))
        reset_page (process, iter.vpn, iter.entry_pa, iter.pte);
    }
}

/* Whether the frame still holds what it held: then it counts as modified again. */
static gboolean
keep_contents (AtlasProcess *process, AtlasPa entry_pa, guint64 pte)
{
  AtlasSystem *system = process->system;
  AtlasPfn pfn = get_own_frame (process, entry_pa, pte);

  if (pfn == 0)
    return FALSE;
  atlas_pager_note_dirty (system, pfn);
  if ((pte & ATLAS_PTE_VALID) == 0)
    {
      atlas_frames_set_priority (system->frames, pfn, ATLAS_FRAME_PRIORITY_NORMAL);
      atlas_pager_park (system, pfn);
    }
  return TRUE;
}

AtlasStatus
atlas_process_undo_reset (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  AtlasStatus status = ATLAS_STATUS_SUCCESS;
  AtlasPteIter iter;

  atlas_pte_iter_init (&iter, process, first_vpn, last_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      AtlasPfn pfn;

      if (iter.n_pages > 1 || (get_hint (process, iter.vpn) & HINT_RESET) == 0)
        continue;
      clear_hint (process, iter.vpn);
      pfn = get_own_frame (process, iter.entry_pa, iter.pte);
      if (pfn == 0 || !atlas_frames_get_record (process->system->frames, pfn)->is_reset)
        {
          status = ATLAS_STATUS_DEVICE_BUSY;
          continue;
        }
      atlas_frames_get_record (process->system->frames, pfn)->is_reset = FALSE;
      keep_contents (process, iter.entry_pa, iter.pte);
    }
  return status;
}

/* The rules that the three calls share. */
static AtlasStatus
check_range (AtlasProcess *process, AtlasVa base_va, guint64 size_bytes, guint64 *last_vpn)
{
  AtlasVad *vad;
  AtlasPteIter iter;

  if ((base_va & ATLAS_PAGE_MASK) != 0 || (size_bytes & ATLAS_PAGE_MASK) != 0 || size_bytes == 0 ||
      base_va > process->max_va || size_bytes - 1u > process->max_va - base_va)
    return ATLAS_STATUS_INVALID_PARAMETER;

  vad = atlas_vad_tree_find (&process->vads, base_va, NULL);
  *last_vpn = (base_va + size_bytes - 1u) >> ATLAS_PAGE_SHIFT;
  if (vad == NULL || vad->section != NULL || vad->is_permanent || *last_vpn > vad->end_vpn ||
      (vad->kind != ATLAS_VAD_PRIVATE && vad->kind != ATLAS_VAD_WRITE_WATCH))
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if (atlas_process_count_reserved (process, vad, base_va >> ATLAS_PAGE_SHIFT, *last_vpn) > 0)
    return ATLAS_STATUS_NOT_COMMITTED;

  atlas_pte_iter_init (&iter, process, base_va >> ATLAS_PAGE_SHIFT, *last_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      guint64 n_pages = iter.n_pages;
      AtlasPageState state =
        atlas_process_get_page_state (process, vad, iter.vpn, iter.pte, &n_pages);

      if ((state.protection & ATLAS_PROTECTION_BASE_MASK) != ATLAS_PROTECTION_READWRITE ||
          atlas_protection_is_guard (state.protection))
        return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
    }
  return ATLAS_STATUS_SUCCESS;
}

static void
unlock (AtlasProcess *process, guint64 vpn, guint64 pte)
{
  if ((pte & ATLAS_PTE_VALID) != 0)
    atlas_process_unlock_page (process, vpn, atlas_pte_get_pfn (pte));
}

AtlasStatus
atlas_offer_virtual_memory (AtlasProcess *process,
                            AtlasVa base_va,
                            guint64 size_bytes,
                            AtlasOfferPriority priority)
{
  AtlasSystem *system;
  AtlasStatus status;
  AtlasPteIter iter;
  guint64 last_vpn;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);

  system = process->system;
  status = check_range (process, base_va, size_bytes, &last_vpn);
  if (status == ATLAS_STATUS_SUCCESS &&
      (priority < ATLAS_OFFER_VERY_LOW || priority > ATLAS_OFFER_NORMAL))
    status = ATLAS_STATUS_INVALID_PARAMETER;
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  atlas_process_changed (process);
  atlas_pte_iter_init (&iter, process, base_va >> ATLAS_PAGE_SHIFT, last_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      AtlasPfn pfn = get_own_frame (process, iter.entry_pa, iter.pte);

      if (!atlas_process_is_private_pte (process, iter.entry_pa, iter.pte) &&
          !atlas_process_is_offered (process, iter.vpn))
        continue;
      set_hint (process, iter.vpn, HINT_OFFERED);
      if (pfn == 0)
        continue;

      unlock (process, iter.vpn, iter.pte);
      if ((iter.pte & ATLAS_PTE_VALID) != 0)
        atlas_process_trim_page (process, iter.vpn << ATLAS_PAGE_SHIFT, iter.entry_pa, iter.pte);
      give_up_contents (system, pfn);
      atlas_frames_set_priority (system->frames, pfn, priority);
      atlas_pager_park (system, pfn);
    }
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_reclaim_virtual_memory (AtlasProcess *process, AtlasVa base_va, guint64 size_bytes)
{
  AtlasStatus status;
  AtlasPteIter iter;
  guint64 last_vpn;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);

  status = check_range (process, base_va, size_bytes, &last_vpn);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  atlas_process_changed (process);
  atlas_pte_iter_init (&iter, process, base_va >> ATLAS_PAGE_SHIFT, last_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      if (!atlas_process_is_offered (process, iter.vpn))
        continue;
      clear_hint (process, iter.vpn);
      if (!keep_contents (process, iter.entry_pa, iter.pte) &&
          atlas_pte_get_kind (iter.pte) != ATLAS_PTE_KIND_PAGE_FILE)
        status = ATLAS_STATUS_DEVICE_BUSY;
    }
  return status;
}

AtlasStatus
atlas_discard_virtual_memory (AtlasProcess *process, AtlasVa base_va, guint64 size_bytes)
{
  AtlasStatus status;
  AtlasPteIter iter;
  guint64 last_vpn;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);

  status = check_range (process, base_va, size_bytes, &last_vpn);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  atlas_process_changed (process);
  atlas_pte_iter_init (&iter, process, base_va >> ATLAS_PAGE_SHIFT, last_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      AtlasPfn pfn = get_own_frame (process, iter.entry_pa, iter.pte);
      AtlasVa va = iter.vpn << ATLAS_PAGE_SHIFT;
      AtlasFrame frame;

      clear_hint (process, iter.vpn);
      if (pfn != 0)
        {
          atlas_frames_get (process->system->frames, pfn, &frame);
          atlas_process_write_pte (
            process,
            va,
            iter.entry_pa,
            atlas_pte_make_demand_zero (atlas_frame_get_protection (&frame)));
          atlas_pager_give_back (process->system, pfn);
        }
      else if (atlas_process_is_private_pte (process, iter.entry_pa, iter.pte))
        {
          drop_slot (process, iter.vpn, iter.entry_pa, iter.pte);
        }
    }
  return ATLAS_STATUS_SUCCESS;
}
