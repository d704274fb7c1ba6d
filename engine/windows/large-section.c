/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/large-section.h"

#include "windows/frames-private.h"
#include "windows/pager-private.h"
#include "windows/section-private.h"
#include "windows/virtual.h"

#define PAGES_OF_LARGE ((guint32) (ATLAS_LARGE_PAGE_BYTES / ATLAS_PAGE_BYTES))
/* Of the kernel half above a page of prototype entries: a PT, a PD and a PDPT, and one of each more
 * where the array crosses a border. */
#define POOL_TABLES 6u

gboolean
atlas_large_section_has_room (AtlasSystem *system, guint64 size_bytes)
{
  guint64 n_large_pages = size_bytes / ATLAS_LARGE_PAGE_BYTES;
  guint64 n_frames = size_bytes / ATLAS_PAGE_BYTES;
  /* A page of 512 prototype entries for each, and a page table for 512 of those. */
  guint64 n_pool_frames = n_large_pages + n_large_pages / ATLAS_TABLE_ENTRIES + POOL_TABLES;

  return n_frames <= system->resident_available_pages &&
         n_frames + n_pool_frames <= atlas_frames_count_available (system->frames) &&
         atlas_frames_count_contiguous (system->frames, PAGES_OF_LARGE, n_large_pages) ==
           n_large_pages;
}

static void
give_prototypes (AtlasSection *section, guint64 first_page, AtlasPfn first_pfn)
{
  AtlasFrames *frames = section->system->frames;

  for (guint i = 0; i < PAGES_OF_LARGE; i++)
    {
      AtlasFrame *record = atlas_frames_get_record (frames, first_pfn + i);
      gboolean is_made = atlas_section_need_prototype (section, first_page + i);

      g_assert (is_made);
      record->entry_pa = atlas_section_find_prototype_pa (section, first_page + i);
      record->owner = section;
      record->owner_page = first_page + i;
      /* Its share count is the section's own: no view's end makes it 0. */
      atlas_section_set_frame (section, first_page + i, first_pfn + i);
    }
}

void
atlas_large_section_take_frames (AtlasSection *section)
{
  guint n_large_pages = (guint) (section->size_bytes / ATLAS_LARGE_PAGE_BYTES);
  gboolean is_charged =
    atlas_system_charge_resident (section->system, section->size_bytes / ATLAS_PAGE_BYTES);

  g_assert (is_charged);
  section->large_pfns = g_new (AtlasPfn, n_large_pages);
  /* All runs first: a frame of the pool's would break one. */
  for (guint i = 0; i < n_large_pages; i++)
    {
      gboolean is_taken = atlas_pager_take_contiguous (
        section->system, PAGES_OF_LARGE, ATLAS_FRAME_USE_SECTION, &section->large_pfns[i]);

      g_assert (is_taken);
    }
  for (guint i = 0; i < n_large_pages; i++)
    give_prototypes (section, (guint64) i * PAGES_OF_LARGE, section->large_pfns[i]);
}

void
atlas_large_section_return_frames (AtlasSection *section)
{
  AtlasFrames *frames = section->system->frames;
  guint64 n_pages = section->size_bytes / ATLAS_PAGE_BYTES;

  for (guint64 page = 0; page < n_pages; page++)
    {
      AtlasPfn pfn = section->large_pfns[page / PAGES_OF_LARGE] + page % PAGES_OF_LARGE;
      const AtlasFrame *record = atlas_frames_get_record (frames, pfn);

      /* Entries can be written by hand until a frame is lost: it must still be this page's. */
      if (record->use == ATLAS_FRAME_USE_SECTION && record->owner == section &&
          record->owner_page == page)
        atlas_pager_give_back (section->system, pfn);
    }
  g_clear_pointer (&section->large_pfns, g_free);
  atlas_system_return_resident (section->system, n_pages);
}

gboolean
atlas_large_section_has_view_room (AtlasProcess *process, AtlasVa base_va, guint64 size_bytes)
{
  guint64 n_tables = atlas_process_count_missing_tables (
    process, base_va >> ATLAS_PAGE_SHIFT, (base_va + size_bytes - 1u) >> ATLAS_PAGE_SHIFT);

  /* More than needed: there will be no page tables. */
  return n_tables <= atlas_pager_count_obtainable (process->system) &&
         atlas_system_has_commit_room (process->system, n_tables);
}

void
atlas_large_section_map_view (AtlasProcess *process, const AtlasVad *vad)
{
  const AtlasSection *section = vad->section;
  const AtlasPfn *pfns = &section->large_pfns[vad->section_first_page / PAGES_OF_LARGE];

  for (AtlasVa va = atlas_vad_get_base_va (vad); va < atlas_vad_get_last_va (vad);
       va += ATLAS_LARGE_PAGE_BYTES, pfns++)
    {
      AtlasPa entry_pa;
      gboolean is_made = atlas_process_make_entry (process, va, ATLAS_LEVEL_PD, NULL, &entry_pa);

      g_assert (is_made);
      atlas_process_write_large_entry (
        process,
        va,
        entry_pa,
        atlas_protection_make_pte (vad->protection, *pfns, TRUE, TRUE) | ATLAS_PTE_LARGE_PAGE);
    }
}

void
atlas_large_section_unmap_view (AtlasProcess *process, const AtlasVad *vad)
{
  for (AtlasVa va = atlas_vad_get_base_va (vad); va < atlas_vad_get_last_va (vad);
       va += ATLAS_LARGE_PAGE_BYTES)
    {
      AtlasPa entry_pa;

      if (atlas_process_find_entry (process, va, ATLAS_LEVEL_PD, &entry_pa))
        atlas_process_clear_large_entry (process, va, entry_pa);
    }
}
