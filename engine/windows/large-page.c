/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/large-page.h"

#include "windows/frames-private.h"
#include "windows/pager-private.h"

typedef struct
{
  AtlasPfn pfn;
  guint level; /* of the entry that maps it */
} LargePage;

static guint
get_level (guint64 page_bytes)
{
  return page_bytes == atlas_level_span_bytes (ATLAS_LEVEL_PD) ? ATLAS_LEVEL_PD : ATLAS_LEVEL_PDPT;
}

gboolean
atlas_large_pages_have_room (AtlasProcess *process,
                             AtlasVa base_va,
                             guint64 n_bytes,
                             guint64 page_bytes)
{
  AtlasSystem *system = process->system;
  guint64 n_large_pages = n_bytes / page_bytes;
  guint64 n_tables = atlas_process_count_missing_tables (
    process, base_va >> ATLAS_PAGE_SHIFT, (base_va + n_bytes - 1u) >> ATLAS_PAGE_SHIFT);
  guint64 n_frames = n_bytes >> ATLAS_PAGE_SHIFT;

  return n_frames <= system->resident_available_pages &&
         n_frames + n_tables <= atlas_frames_count_available (system->frames) &&
         atlas_system_has_commit_room (system, n_frames + n_tables) &&
         atlas_frames_count_contiguous (system->frames,
                                        (guint32) (page_bytes >> ATLAS_PAGE_SHIFT),
                                        n_large_pages) == n_large_pages;
}

static void
map_one (AtlasProcess *process, const AtlasVad *vad, AtlasVa va, AtlasPfn pfn, guint64 page_bytes)
{
  AtlasFrames *frames = process->system->frames;
  guint level = get_level (page_bytes);
  LargePage *page = g_new (LargePage, 1);
  AtlasPa entry_pa;
  gboolean is_made = atlas_process_make_entry (process, va, level, NULL, &entry_pa);

  g_assert (is_made);
  *page = (LargePage){ .pfn = pfn, .level = level };
  if (process->large_pages == NULL)
    process->large_pages = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (process->large_pages, GSIZE_TO_POINTER (va >> ATLAS_PAGE_SHIFT), page);
  for (guint64 i = 0; i < page_bytes >> ATLAS_PAGE_SHIFT; i++)
    {
      AtlasFrame *record = atlas_frames_get_record (frames, pfn + i);

      record->entry_pa = entry_pa;
      record->owner = process;
      record->owner_page = (va >> ATLAS_PAGE_SHIFT) + i;
      record->original_pte = atlas_pte_make_demand_zero (vad->protection);
    }
  atlas_process_write_large_entry (process,
                                   va,
                                   entry_pa,
                                   atlas_protection_make_pte (vad->protection, pfn, TRUE, TRUE) |
                                     ATLAS_PTE_LARGE_PAGE);
}

void
atlas_large_pages_map (AtlasProcess *process, AtlasVad *vad, guint64 page_bytes)
{
  guint64 n_large_pages = (atlas_vad_get_n_pages (vad) << ATLAS_PAGE_SHIFT) / page_bytes;
  g_autofree AtlasPfn *pfns = g_new (AtlasPfn, n_large_pages);
  gboolean is_charged = atlas_system_charge_resident (process->system, atlas_vad_get_n_pages (vad));

  g_assert (is_charged);

  /* Frames first: a table's would break a run. */
  for (guint64 i = 0; i < n_large_pages; i++)
    {
      gboolean is_taken = atlas_pager_take_contiguous (process->system,
                                                       (guint32) (page_bytes >> ATLAS_PAGE_SHIFT),
                                                       ATLAS_FRAME_USE_PRIVATE,
                                                       &pfns[i]);

      g_assert (is_taken);
    }
  for (guint64 i = 0; i < n_large_pages; i++)
    map_one (process, vad, atlas_vad_get_base_va (vad) + i * page_bytes, pfns[i], page_bytes);
}

/* Entries may have been edited by hand: which frames these were is remembered. */
void
atlas_large_pages_unmap (AtlasProcess *process, AtlasVad *vad)
{
  AtlasFrames *frames = process->system->frames;

  for (AtlasVa va = atlas_vad_get_base_va (vad); va < atlas_vad_get_last_va (vad);)
    {
      gpointer key = GSIZE_TO_POINTER (va >> ATLAS_PAGE_SHIFT);
      const LargePage *page = g_hash_table_lookup (process->large_pages, key);
      AtlasPa entry_pa;

      g_assert (page != NULL);
      if (atlas_process_find_entry (process, va, page->level, &entry_pa))
        atlas_process_clear_large_entry (process, va, entry_pa);
      for (guint64 i = 0; i < atlas_level_span_bytes (page->level) >> ATLAS_PAGE_SHIFT; i++)
        atlas_frames_give_back (frames, page->pfn + i);
      atlas_system_return_resident (process->system,
                                    atlas_level_span_bytes (page->level) >> ATLAS_PAGE_SHIFT);
      va += atlas_level_span_bytes (page->level);
      g_hash_table_remove (process->large_pages, key);
    }
}

guint64
atlas_large_pages_get_bytes (const AtlasProcess *process, const AtlasVad *vad)
{
  const LargePage *page =
    g_hash_table_lookup (process->large_pages, GSIZE_TO_POINTER (vad->start_vpn));

  return atlas_level_span_bytes (page->level);
}
