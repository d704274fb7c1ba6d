/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/awe-private.h"

#include <string.h>

#include "windows/frames-private.h"
#include "windows/pager-private.h"

/* process->awe_pages: frame → page number where it is mapped, 0 for nowhere. */

static guint64
get_mapped_vpn (const AtlasProcess *process, AtlasPfn pfn)
{
  return GPOINTER_TO_SIZE (g_hash_table_lookup (process->awe_pages, GSIZE_TO_POINTER (pfn)));
}

static gboolean
holds (const AtlasProcess *process, AtlasPfn pfn)
{
  return process->awe_pages != NULL &&
         g_hash_table_contains (process->awe_pages, GSIZE_TO_POINTER (pfn));
}

static void
set_mapped_vpn (AtlasProcess *process, AtlasPfn pfn, guint64 vpn, AtlasPa entry_pa)
{
  AtlasFrame *record = atlas_frames_get_record (process->system->frames, pfn);

  record->owner_page = vpn;
  record->entry_pa = entry_pa;
  g_hash_table_insert (process->awe_pages, GSIZE_TO_POINTER (pfn), GSIZE_TO_POINTER (vpn));
}

/* Whatever an edited entry says: the frame knows where it belongs. */
static void
unmap_frame (AtlasProcess *process, AtlasPfn pfn)
{
  guint64 vpn = get_mapped_vpn (process, pfn);
  AtlasVa va = vpn << ATLAS_PAGE_SHIFT;
  AtlasPa entry_pa;

  if (vpn == 0)
    return;
  atlas_process_read_pte (process, va, &entry_pa);
  if (entry_pa != 0)
    {
      atlas_process_write_pte (process, va, entry_pa, 0);
      atlas_process_collect_tables (process, vpn, vpn);
    }
  set_mapped_vpn (process, pfn, 0, 0);
}

AtlasStatus
atlas_nt_allocate_user_physical_pages (AtlasProcess *process, guint64 *n_pages, AtlasPfn *pfns)
{
  guint64 n_taken = 0;

  if (n_pages == NULL || pfns == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  if (!process->options.has_lock_memory_privilege)
    return ATLAS_STATUS_PRIVILEGE_NOT_HELD;
  if (*n_pages == 0)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (!atlas_system_has_commit_room (process->system, 1))
    return ATLAS_STATUS_COMMITMENT_LIMIT;

  while (n_taken < *n_pages && atlas_system_has_commit_room (process->system, 1))
    {
      AtlasPfn pfn;

      if (!atlas_system_charge_resident (process->system, 1))
        break;
      if (!atlas_pager_take_available (process->system, ATLAS_FRAME_USE_AWE, &pfn))
        {
          atlas_system_return_resident (process->system, 1);
          break;
        }
      atlas_system_charge_commit (process->system, 1);
      if (process->awe_pages == NULL)
        process->awe_pages = g_hash_table_new (NULL, NULL);
      atlas_frames_get_record (process->system->frames, pfn)->owner = process;
      atlas_frames_set_protection (process->system->frames, pfn, ATLAS_PROTECTION_READWRITE);
      g_hash_table_insert (process->awe_pages, GSIZE_TO_POINTER (pfn), NULL);
      process->commit_pages++;
      pfns[n_taken++] = pfn;
    }
  if (n_taken == 0)
    return ATLAS_STATUS_INSUFFICIENT_RESOURCES;
  atlas_process_changed (process);
  *n_pages = n_taken;
  return ATLAS_STATUS_SUCCESS;
}

static void
free_frame (AtlasProcess *process, AtlasPfn pfn)
{
  unmap_frame (process, pfn);
  g_hash_table_remove (process->awe_pages, GSIZE_TO_POINTER (pfn));
  atlas_frames_give_back (process->system->frames, pfn);
  atlas_system_return_commit (process->system, 1);
  atlas_system_return_resident (process->system, 1);
  process->commit_pages--;
}

AtlasStatus
atlas_nt_free_user_physical_pages (AtlasProcess *process, guint64 *n_pages, const AtlasPfn *pfns)
{
  guint64 n_asked;

  if (n_pages == NULL || pfns == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  if (*n_pages == 0)
    return ATLAS_STATUS_INVALID_PARAMETER_2;

  n_asked = *n_pages;
  atlas_process_changed (process);
  for (*n_pages = 0; *n_pages < n_asked; (*n_pages)++)
    {
      if (!holds (process, pfns[*n_pages]))
        return ATLAS_STATUS_CONFLICTING_ADDRESSES;
      free_frame (process, pfns[*n_pages]);
    }
  return ATLAS_STATUS_SUCCESS;
}

static gboolean
is_in_window (AtlasProcess *process, AtlasVa va)
{
  const AtlasVad *vad = atlas_vad_tree_find (&process->vads, va, NULL);

  return vad != NULL && vad->kind == ATLAS_VAD_AWE;
}

/* Every frame is held, comes once, and is mapped nowhere but where it is about to be mapped over.
 * @targets: page numbers that get something new. */
static AtlasStatus
check_frames (AtlasProcess *process, const AtlasPfn *pfns, guint64 n_pages, GHashTable *targets)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint64 i = 0; i < n_pages; i++)
    {
      if (pfns[i] == 0)
        continue;
      if (!holds (process, pfns[i]))
        return ATLAS_STATUS_CONFLICTING_ADDRESSES;
      if (!g_hash_table_add (seen, GSIZE_TO_POINTER (pfns[i])))
        return ATLAS_STATUS_INVALID_PARAMETER_3;

      guint64 vpn = get_mapped_vpn (process, pfns[i]);

      if (vpn != 0 && !g_hash_table_contains (targets, GSIZE_TO_POINTER (vpn)))
        return ATLAS_STATUS_INVALID_PARAMETER_3;
    }
  return ATLAS_STATUS_SUCCESS;
}

static void
unmap_page (AtlasProcess *process, AtlasVa va)
{
  AtlasPa entry_pa;
  guint64 pte = atlas_process_read_pte (process, va, &entry_pa);

  if ((pte & ATLAS_PTE_VALID) != 0 && holds (process, atlas_pte_get_pfn (pte)))
    unmap_frame (process, atlas_pte_get_pfn (pte));
  else if (entry_pa != 0)
    atlas_process_write_pte (process, va, entry_pa, 0);
}

AtlasStatus
atlas_nt_map_user_physical_pages_scatter (AtlasProcess *process,
                                          const AtlasVa *vas,
                                          guint64 n_pages,
                                          const AtlasPfn *pfns)
{
  g_autoptr (GHashTable) targets = g_hash_table_new (NULL, NULL);
  AtlasStatus status;

  if (vas == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  if (n_pages == 0)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  for (guint64 i = 0; i < n_pages; i++)
    {
      if (!is_in_window (process, vas[i]))
        return ATLAS_STATUS_INVALID_PARAMETER_1;
      if (!g_hash_table_add (targets, GSIZE_TO_POINTER (vas[i] >> ATLAS_PAGE_SHIFT)))
        return ATLAS_STATUS_INVALID_PARAMETER_1;
    }
  if (pfns != NULL)
    {
      guint64 n_tables = 0;

      status = check_frames (process, pfns, n_pages, targets);
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
      for (guint64 i = 0; i < n_pages; i++)
        n_tables += atlas_process_count_missing_tables (
          process, vas[i] >> ATLAS_PAGE_SHIFT, vas[i] >> ATLAS_PAGE_SHIFT);
      if (n_tables > atlas_pager_count_obtainable (process->system) ||
          !atlas_system_has_commit_room (process->system, n_tables))
        return ATLAS_STATUS_INSUFFICIENT_RESOURCES;
    }

  atlas_process_changed (process);
  for (guint64 i = 0; i < n_pages; i++)
    unmap_page (process, vas[i]);
  for (guint64 i = 0; pfns != NULL && i < n_pages; i++)
    {
      AtlasVa va = atlas_page_floor (vas[i]);
      AtlasPa entry_pa;
      gboolean is_made;

      if (pfns[i] == 0)
        continue;
      unmap_frame (process, pfns[i]);
      is_made = atlas_process_make_pte (process, va, NULL, &entry_pa);
      g_assert (is_made);
      atlas_process_write_pte (
        process,
        va,
        entry_pa,
        atlas_protection_make_pte (ATLAS_PROTECTION_READWRITE, pfns[i], TRUE, TRUE));
      set_mapped_vpn (process, pfns[i], va >> ATLAS_PAGE_SHIFT, entry_pa);
    }
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_map_user_physical_pages (AtlasProcess *process,
                                  AtlasVa va,
                                  guint64 n_pages,
                                  const AtlasPfn *pfns)
{
  g_autofree AtlasVa *vas = NULL;
  const AtlasVad *vad;

  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  if (n_pages == 0)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  vad = atlas_vad_tree_find (&process->vads, va, NULL);
  if (vad == NULL || vad->kind != ATLAS_VAD_AWE)
    return ATLAS_STATUS_INVALID_PARAMETER_1;
  if (n_pages - 1u > vad->end_vpn - (va >> ATLAS_PAGE_SHIFT))
    return ATLAS_STATUS_INVALID_PARAMETER_2;

  vas = g_new (AtlasVa, n_pages);
  for (guint64 i = 0; i < n_pages; i++)
    vas[i] = atlas_page_floor (va) + i * ATLAS_PAGE_BYTES;
  return atlas_nt_map_user_physical_pages_scatter (process, vas, n_pages, pfns);
}

guint64
atlas_process_count_user_physical_pages (const AtlasProcess *process)
{
  g_return_val_if_fail (process != NULL, 0);

  return process->awe_pages != NULL ? g_hash_table_size (process->awe_pages) : 0;
}

static gint
compare_frames (gconstpointer a, gconstpointer b)
{
  AtlasPfn pfn_a = *(const AtlasPfn *) a;
  AtlasPfn pfn_b = *(const AtlasPfn *) b;

  return pfn_a < pfn_b ? -1 : pfn_a > pfn_b;
}

guint64
atlas_process_list_user_physical_pages (const AtlasProcess *process, AtlasPfn *pfns, guint64 n_max)
{
  guint64 n_held = atlas_process_count_user_physical_pages (process);
  g_autofree AtlasPfn *held = g_new (AtlasPfn, n_held);
  GHashTableIter iter;
  gpointer key;
  guint64 n_listed = 0;

  g_return_val_if_fail (pfns != NULL, 0);

  if (n_held == 0)
    return 0;
  g_hash_table_iter_init (&iter, process->awe_pages);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    held[n_listed++] = GPOINTER_TO_SIZE (key);
  qsort (held, n_held, sizeof *held, compare_frames);
  n_listed = MIN (n_held, n_max);
  memcpy (pfns, held, n_listed * sizeof *pfns);
  return n_listed;
}

void
atlas_awe_clear_window (AtlasProcess *process, const AtlasVad *vad)
{
  AtlasPteIter iter;

  atlas_pte_iter_init (&iter, process, vad->start_vpn, vad->end_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      if (iter.pte != 0)
        atlas_process_write_pte (process, iter.vpn << ATLAS_PAGE_SHIFT, iter.entry_pa, 0);
    }
  if (process->awe_pages != NULL)
    {
      GHashTableIter held;
      gpointer key, value;

      g_hash_table_iter_init (&held, process->awe_pages);
      while (g_hash_table_iter_next (&held, &key, &value))
        {
          guint64 vpn = GPOINTER_TO_SIZE (value);
          AtlasFrame *record;

          if (vpn < vad->start_vpn || vpn > vad->end_vpn)
            continue;
          record = atlas_frames_get_record (process->system->frames, GPOINTER_TO_SIZE (key));
          record->owner_page = 0;
          record->entry_pa = 0;
          g_hash_table_iter_replace (&held, NULL);
        }
    }
}

void
atlas_awe_free_all (AtlasProcess *process)
{
  GHashTableIter held;
  gpointer key;

  if (process->awe_pages == NULL)
    return;
  g_hash_table_iter_init (&held, process->awe_pages);
  while (g_hash_table_iter_next (&held, &key, NULL))
    {
      atlas_frames_give_back (process->system->frames, GPOINTER_TO_SIZE (key));
      atlas_system_return_commit (process->system, 1);
      atlas_system_return_resident (process->system, 1);
      process->commit_pages--;
    }
  g_clear_pointer (&process->awe_pages, g_hash_table_unref);
}
