/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/machine-private.h"
#include "windows/frames-private.h"

static void
set_share_count (AtlasFrames *frames, AtlasPfn pfn, guint share_count)
{
  AtlasFrame frame;

  atlas_frames_get (frames, pfn, &frame);
  for (guint n = frame.share_count; n < share_count; n++)
    atlas_frames_share (frames, pfn);
  for (guint n = frame.share_count; n > share_count; n--)
    atlas_frames_unshare (frames, pfn);
}

/* The entries of the user half that are not 0; what lies below them is counted in @process. */
static guint
count_entries (AtlasProcess *process, AtlasPfn table_pfn, guint level)
{
  AtlasSystem *system = process->system;
  guint n_entries = table_pfn == process->root_pfn ? ATLAS_TABLE_ENTRIES / 2u : ATLAS_TABLE_ENTRIES;
  guint n_used = 0;

  for (guint i = 0; i < n_entries; i++)
    {
      AtlasPa entry_pa = (table_pfn << ATLAS_PAGE_SHIFT) + i * ATLAS_ENTRY_BYTES;
      guint64 entry = 0;

      atlas_memory_read_u64 (system->memory, entry_pa, &entry);
      if (entry == 0)
        continue;
      n_used++;
      if (level == ATLAS_LEVEL_PT)
        process->n_resident_pages += atlas_process_is_in_working_set (process, entry);
      else if (atlas_process_owns_table (process, entry_pa, entry))
        {
          AtlasPfn pfn = atlas_pte_get_pfn (entry);

          process->n_tables++;
          set_share_count (system->frames, pfn, 1u + count_entries (process, pfn, level - 1u));
        }
    }
  return n_used;
}

/* Entries of the user half in the root that programs run on; what they name belongs to the other.
 */
static guint
count_used (const AtlasProcess *process)
{
  AtlasPa root_pa = process->user_root_pfn << ATLAS_PAGE_SHIFT;
  guint n_used = 0;

  for (guint i = 0; i < ATLAS_TABLE_ENTRIES / 2u; i++)
    {
      guint64 entry = 0;

      atlas_memory_read_u64 (process->system->memory, root_pa + i * ATLAS_ENTRY_BYTES, &entry);
      n_used += entry != 0;
    }
  return n_used;
}

void
atlas_system_recount_tables (AtlasSystem *system)
{
  for (guint i = 0; i < system->processes->len; i++)
    {
      AtlasProcess *process = g_ptr_array_index (system->processes, i);

      atlas_process_changed (process);
      process->n_resident_pages = 0;
      process->known_ranks = 0;
      process->n_tables = 1;
      if (process->user_root_pfn != 0)
        set_share_count (system->frames, process->user_root_pfn, 1u + count_used (process));
      set_share_count (
        system->frames,
        process->root_pfn,
        1u + count_entries (process, process->root_pfn, atlas_process_get_n_levels (process)));
    }
}

void
atlas_system_note_store (AtlasSystem *system, AtlasPa pa)
{
  AtlasPfn pfn = pa >> ATLAS_PAGE_SHIFT;
  AtlasFrame frame;

  if (pfn >= atlas_frames_get_n_frames (system->frames))
    return;
  atlas_frames_get (system->frames, pfn, &frame);
  if (frame.use == ATLAS_FRAME_USE_TABLE)
    atlas_system_recount_tables (system);
}
