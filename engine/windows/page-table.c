/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pager-private.h"
#include "windows/working-set-private.h"
#include "windows/write-watch-private.h"

#include "windows/fault-trace.h"
#include "windows/frames-private.h"

/* What Windows writes into an entry that names a user table: present, writable, user, accessed,
 * dirty, and its own Write bit. The rights are the PTE's to restrict. */
#define USER_TABLE_FLAGS                                                                           \
  (ATLAS_PTE_VALID | ATLAS_PTE_DIRTY1 | ATLAS_PTE_OWNER | ATLAS_PTE_ACCESSED | ATLAS_PTE_DIRTY |   \
   ATLAS_PTE_WRITE)

static inline guint
vpn_index (guint64 vpn, guint level)
{
  return (guint) (vpn >> (ATLAS_INDEX_BITS * (level - 1u))) & (ATLAS_TABLE_ENTRIES - 1u);
}

/* The last page under the same entry of @level. */
static inline guint64
vpn_entry_last (guint64 vpn, guint level)
{
  return vpn | (ATLAS_BIT (ATLAS_INDEX_BITS * (level - 1u)) - 1u);
}

static inline AtlasPa
entry_address (AtlasPa table_pa, guint64 vpn, guint level)
{
  return table_pa + vpn_index (vpn, level) * ATLAS_ENTRY_BYTES;
}

static guint64
read_entry (const AtlasProcess *process, AtlasPa entry_pa)
{
  guint64 entry = 0;

  /* Outside memory only when someone has edited an entry above: then nothing is mapped there. */
  atlas_memory_read_u64 (process->system->memory, entry_pa, &entry);
  return entry;
}

static void
write_entry (AtlasProcess *process, AtlasPa entry_pa, guint64 entry)
{
  atlas_memory_write_u64 (process->system->memory, entry_pa, entry);
}

/* The record of a frame, which an entry written by hand may name; an empty one outside memory. */
static inline const AtlasFrame *
get_frame (const AtlasProcess *process, AtlasPfn pfn)
{
  static const AtlasFrame nothing = { 0 };
  const AtlasFrames *frames = process->system->frames;

  return pfn < frames->n_frames ? &frames->records[pfn] : &nothing;
}

gboolean
atlas_process_owns_table (const AtlasProcess *process, AtlasPa entry_pa, guint64 entry)
{
  const AtlasFrame *frame;

  if ((entry & ATLAS_PTE_VALID) == 0)
    return FALSE;
  frame = get_frame (process, (entry & ATLAS_PTE_PFN_MASK) >> ATLAS_PAGE_SHIFT);
  return frame->state == ATLAS_FRAME_ACTIVE && frame->use == ATLAS_FRAME_USE_TABLE &&
         frame->entry_pa == entry_pa;
}

guint
atlas_process_is_in_working_set (const AtlasProcess *process, guint64 pte)
{
  if ((pte & ATLAS_PTE_VALID) == 0)
    return 0;
  return process->awe_pages == NULL ||
         get_frame (process, atlas_pte_get_pfn (pte))->use != ATLAS_FRAME_USE_AWE;
}

gboolean
atlas_process_owns_page (const AtlasProcess *process, AtlasPa entry_pa, guint64 pte)
{
  const AtlasFrame *frame = get_frame (process, atlas_pte_get_pfn (pte));
  gboolean is_active = frame->state == ATLAS_FRAME_ACTIVE;

  return frame->use == ATLAS_FRAME_USE_PRIVATE && frame->entry_pa == entry_pa &&
         is_active == ((pte & ATLAS_PTE_VALID) != 0);
}

gboolean
atlas_process_counts_page (AtlasProcess *process, AtlasVa va, AtlasPfn pfn)
{
  const AtlasFrame *frame = get_frame (process, pfn);
  const AtlasVad *vad = atlas_vad_tree_find (&process->vads, va, NULL);
  AtlasPfn section_pfn;

  if (frame->share_count == 0 || vad == NULL)
    return FALSE;
  /* The kernel's own mapping keeps its pages from ever coming to 0. */
  if (vad->section == NULL)
    return frame->use == ATLAS_FRAME_USE_KERNEL && frame->share_count > 1u;
  return frame->use == ATLAS_FRAME_USE_SECTION &&
         atlas_section_get_frame (vad->section,
                                  vad->section_first_page +
                                    ((va >> ATLAS_PAGE_SHIFT) - vad->start_vpn),
                                  &section_pfn) &&
         section_pfn == pfn;
}

void
atlas_process_changed (AtlasProcess *process)
{
  g_clear_pointer (&process->regions, atlas_region_set_unref);
}

/* Descends to the table of @last_level of @vpn. FALSE when an entry names no table of the kernel's;
 * @level is then its. */
static gboolean
find_table (const AtlasProcess *process,
            guint64 vpn,
            guint last_level,
            AtlasPa *table_pa,
            guint *level)
{
  *table_pa = process->root_pfn << ATLAS_PAGE_SHIFT;
  for (*level = atlas_process_get_n_levels (process); *level > last_level; (*level)--)
    {
      AtlasPa entry_pa = entry_address (*table_pa, vpn, *level);
      guint64 entry = read_entry (process, entry_pa);

      if (!atlas_process_owns_table (process, entry_pa, entry))
        return FALSE;
      *table_pa = entry & ATLAS_PTE_PFN_MASK;
    }
  return TRUE;
}

guint64
atlas_process_read_pte (AtlasProcess *process, AtlasVa va, AtlasPa *entry_pa)
{
  AtlasPa table_pa;
  guint level;

  *entry_pa = 0;
  if (!find_table (process, va >> ATLAS_PAGE_SHIFT, ATLAS_LEVEL_PT, &table_pa, &level))
    return 0;
  *entry_pa = entry_address (table_pa, va >> ATLAS_PAGE_SHIFT, ATLAS_LEVEL_PT);
  return read_entry (process, *entry_pa);
}

gboolean
atlas_process_find_entry (AtlasProcess *process, AtlasVa va, guint entry_level, AtlasPa *entry_pa)
{
  AtlasPa table_pa;
  guint level;

  if (!find_table (process, va >> ATLAS_PAGE_SHIFT, entry_level, &table_pa, &level))
    return FALSE;
  *entry_pa = entry_address (table_pa, va >> ATLAS_PAGE_SHIFT, entry_level);
  return TRUE;
}

gboolean
atlas_process_make_entry (AtlasProcess *process,
                          AtlasVa va,
                          guint entry_level,
                          AtlasTrace *trace,
                          AtlasPa *entry_pa)
{
  guint64 vpn = va >> ATLAS_PAGE_SHIFT;
  AtlasFrames *frames = process->system->frames;
  AtlasPa table_pa = process->root_pfn << ATLAS_PAGE_SHIFT;

  for (guint level = atlas_process_get_n_levels (process); level > entry_level; level--)
    {
      AtlasPa upper_pa = entry_address (table_pa, vpn, level);
      guint64 entry = read_entry (process, upper_pa);

      if (!atlas_process_owns_table (process, upper_pa, entry))
        {
          gboolean was_empty = entry == 0;
          AtlasPa mirror_pa;
          gboolean is_charged;
          AtlasPfn pfn;

          /* Tables cannot be paged out while anything is in them, but count as commitment. */
          if (!atlas_system_has_commit_room (process->system, 1) ||
              !atlas_pager_take (
                process->system, ATLAS_FRAME_USE_TABLE, upper_pa, TRUE, trace, &pfn))
            return FALSE;
          is_charged = atlas_system_charge_commit (process->system, 1);
          g_assert (is_charged);

          AtlasFrame *record = atlas_frames_get_record (frames, pfn);

          record->owner = process;
          record->owner_page = vpn & ~(ATLAS_BIT (ATLAS_INDEX_BITS * (level - 1u)) - 1u);
          entry = pfn << ATLAS_PAGE_SHIFT | USER_TABLE_FLAGS;
          write_entry (process, upper_pa, entry);
          mirror_pa = atlas_process_mirror_top_entry (process, upper_pa, entry);
          if (was_empty)
            atlas_frames_share (frames, table_pa >> ATLAS_PAGE_SHIFT);
          process->n_tables++;
          ATLAS_TRACE (trace,
                       &atlas_event_table_made,
                       level,
                       vpn_index (vpn, level),
                       upper_pa,
                       entry,
                       pfn << ATLAS_PAGE_SHIFT);
          if (mirror_pa != 0)
            ATLAS_TRACE (
              trace, &atlas_event_root_mirrored, level, vpn_index (vpn, level), mirror_pa, entry);
        }
      table_pa = entry & ATLAS_PTE_PFN_MASK;
    }
  *entry_pa = entry_address (table_pa, vpn, entry_level);
  return TRUE;
}

gboolean
atlas_process_make_pte (AtlasProcess *process, AtlasVa va, AtlasTrace *trace, AtlasPa *entry_pa)
{
  return atlas_process_make_entry (process, va, ATLAS_LEVEL_PT, trace, entry_pa);
}

static void
invalidate (AtlasProcess *process, AtlasVa va)
{
  AtlasMmu *mmu = process->system->mmu;

  /* Another process's translations went when CR3 was loaded. */
  if (atlas_process_is_loaded (process))
    atlas_mmu_invalidate_va (mmu, va);
}

void
atlas_process_write_pte (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa, guint64 pte)
{
  AtlasFrames *frames = process->system->frames;
  AtlasPfn table_pfn = entry_pa >> ATLAS_PAGE_SHIFT;
  guint64 old_pte = read_entry (process, entry_pa);

  if (old_pte == pte)
    return;
  write_entry (process, entry_pa, pte);
  if (old_pte == 0)
    atlas_frames_share (frames, table_pfn);
  else if (pte == 0)
    atlas_frames_unshare (frames, table_pfn);

  process->n_resident_pages += atlas_process_is_in_working_set (process, pte);
  process->n_resident_pages -= atlas_process_is_in_working_set (process, old_pte);
  process->n_peak_resident_pages = MAX (process->n_peak_resident_pages, process->n_resident_pages);
  if ((pte & ATLAS_PTE_VALID) != 0)
    atlas_process_note_rank (process, pte);
  if ((old_pte & ATLAS_PTE_VALID) != 0)
    invalidate (process, va);
  if (process->written_pages != NULL)
    atlas_write_watch_note (process, va, old_pte, pte);
  if ((old_pte & ATLAS_PTE_VALID) != 0 && (pte & ATLAS_PTE_VALID) == 0)
    atlas_process_unlock_page (process, va >> ATLAS_PAGE_SHIFT, atlas_pte_get_pfn (old_pte));
}

void
atlas_process_write_large_entry (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa, guint64 entry)
{
  AtlasPfn table_pfn = entry_pa >> ATLAS_PAGE_SHIFT;
  guint64 old_entry = read_entry (process, entry_pa);

  write_entry (process, entry_pa, entry);
  if (old_entry == 0 && entry != 0)
    atlas_frames_share (process->system->frames, table_pfn);
  else if (old_entry != 0 && entry == 0)
    atlas_frames_unshare (process->system->frames, table_pfn);
  if ((old_entry & ATLAS_PTE_VALID) != 0)
    invalidate (process, va);
}

void
atlas_process_clear_large_entry (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa)
{
  if (!atlas_process_owns_table (process, entry_pa, read_entry (process, entry_pa)))
    atlas_process_write_large_entry (process, va, entry_pa, 0);
}

gboolean
atlas_process_is_private_pte (AtlasProcess *process, AtlasPa entry_pa, guint64 pte)
{
  switch (atlas_pte_get_kind (pte))
    {
    case ATLAS_PTE_KIND_HARDWARE:
    case ATLAS_PTE_KIND_TRANSITION:
      return atlas_process_owns_page (process, entry_pa, pte);
    case ATLAS_PTE_KIND_PAGE_FILE:
      return atlas_pager_owns_slot (process->system, entry_pa, pte);
    case ATLAS_PTE_KIND_ASK_VAD:
    case ATLAS_PTE_KIND_DEMAND_ZERO:
    case ATLAS_PTE_KIND_NOACCESS:
    case ATLAS_PTE_KIND_DECOMMITTED:
    case ATLAS_PTE_KIND_PROTOTYPE:
    case ATLAS_PTE_KIND_VAD_PROTOTYPE:
    case ATLAS_PTE_KIND_UNKNOWN:
    case ATLAS_N_PTE_KINDS:
      return FALSE;
    }
  g_return_val_if_reached (FALSE);
}

gboolean
atlas_process_is_view_copy (AtlasProcess *process, AtlasPa entry_pa, guint64 pte)
{
  AtlasPteKind kind = atlas_pte_get_kind (pte);

  /* What is still the section's has an entry of the prototype format. */
  return kind == ATLAS_PTE_KIND_DEMAND_ZERO || kind == ATLAS_PTE_KIND_NOACCESS ||
         atlas_process_is_private_pte (process, entry_pa, pte);
}

void
atlas_process_clear_pte (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa, guint64 pte)
{
  AtlasSystem *system = process->system;
  AtlasPfn pfn = atlas_pte_get_pfn (pte);
  gboolean is_private = atlas_process_is_private_pte (process, entry_pa, pte);

  atlas_process_write_pte (process, va, entry_pa, 0);
  if (is_private && atlas_pte_get_kind (pte) == ATLAS_PTE_KIND_PAGE_FILE)
    atlas_pager_free_slot (system, pte);
  else if (is_private)
    atlas_pager_give_back (system, pfn);
  else if ((pte & ATLAS_PTE_VALID) != 0 && atlas_process_counts_page (process, va, pfn))
    atlas_pager_unshare (system, pfn, (pte & ATLAS_PTE_DIRTY) != 0);
}

void
atlas_process_protect_pte (AtlasProcess *process,
                           AtlasVa va,
                           AtlasPa entry_pa,
                           gboolean is_view,
                           guint8 code)
{
  AtlasFrames *frames = process->system->frames;
  guint64 pte = read_entry (process, entry_pa);
  AtlasPfn pfn = atlas_pte_get_pfn (pte);
  gboolean is_mappable = atlas_protection_is_mappable (code);
  gboolean is_copy = is_view && atlas_process_is_view_copy (process, entry_pa, pte);

  /* A copy is written in place. */
  if (is_copy && atlas_protection_is_copy_on_write (code))
    code = (code & ATLAS_PROTECTION_MODIFIER_MASK) |
           (atlas_protection_is_executable (code) ? ATLAS_PROTECTION_EXECUTE_READWRITE
                                                  : ATLAS_PROTECTION_READWRITE);
  if (!atlas_process_is_private_pte (process, entry_pa, pte))
    {
      if ((pte & ATLAS_PTE_VALID) != 0 && is_mappable)
        pte = atlas_protection_make_pte (code, pfn, TRUE, (pte & ATLAS_PTE_DIRTY) != 0);
      else if (is_view && !is_copy)
        {
          atlas_process_clear_pte (process, va, entry_pa, pte);
          pte = atlas_pte_make_vad_prototype (code);
        }
      else
        pte = atlas_pte_make_demand_zero (code);
    }
  else
    {
      gboolean is_dirty = (pte & ATLAS_PTE_DIRTY) != 0;

      if (atlas_pte_get_kind (pte) == ATLAS_PTE_KIND_PAGE_FILE)
        {
          pte = atlas_pte_with_protection (pte, code);
        }
      else if ((pte & ATLAS_PTE_VALID) != 0 && is_mappable)
        {
          pte = atlas_protection_make_pte (code, pfn, TRUE, is_dirty);
          atlas_frames_set_protection (frames, pfn, code);
        }
      else
        {
          /* A page that cannot be touched leaves the working set; its bytes stay. */
          if ((pte & ATLAS_PTE_VALID) != 0)
            {
              if (is_dirty)
                atlas_pager_note_dirty (process->system, pfn);
              atlas_pager_park (process->system, pfn);
            }
          atlas_frames_set_protection (frames, pfn, code);
          pte = atlas_pte_make_transition (pfn, code);
        }
    }
  atlas_process_write_pte (process, va, entry_pa, pte);
}

static guint64
count_missing (AtlasProcess *process, AtlasPa table_pa, guint level, guint64 first, guint64 last)
{
  guint64 n_missing = 0;

  for (guint64 vpn = first; vpn <= last; vpn = vpn_entry_last (vpn, level) + 1u)
    {
      guint64 entry_last = MIN (vpn_entry_last (vpn, level), last);
      AtlasPa entry_pa = entry_address (table_pa, vpn, level);
      guint64 entry = read_entry (process, entry_pa);

      if (!atlas_process_owns_table (process, entry_pa, entry))
        {
          for (guint below = level - 1u; below >= ATLAS_LEVEL_PT; below--)
            n_missing +=
              (entry_last >> (ATLAS_INDEX_BITS * below)) - (vpn >> (ATLAS_INDEX_BITS * below)) + 1u;
        }
      else if (level > ATLAS_LEVEL_PD)
        {
          n_missing +=
            count_missing (process, entry & ATLAS_PTE_PFN_MASK, level - 1u, vpn, entry_last);
        }
    }
  return n_missing;
}

guint64
atlas_process_count_missing_tables (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  return count_missing (process,
                        process->root_pfn << ATLAS_PAGE_SHIFT,
                        atlas_process_get_n_levels (process),
                        first_vpn,
                        last_vpn);
}

static void
collect (AtlasProcess *process, AtlasPa table_pa, guint level, guint64 first, guint64 last)
{
  AtlasFrames *frames = process->system->frames;

  for (guint64 vpn = first; vpn <= last; vpn = vpn_entry_last (vpn, level) + 1u)
    {
      AtlasPa entry_pa = entry_address (table_pa, vpn, level);
      guint64 entry = read_entry (process, entry_pa);

      if (!atlas_process_owns_table (process, entry_pa, entry))
        continue;
      if (level > ATLAS_LEVEL_PD)
        collect (process,
                 entry & ATLAS_PTE_PFN_MASK,
                 level - 1u,
                 vpn,
                 MIN (vpn_entry_last (vpn, level), last));

      if (get_frame (process, atlas_pte_get_pfn (entry))->share_count != 1)
        continue;
      write_entry (process, entry_pa, 0);
      atlas_process_mirror_top_entry (process, entry_pa, 0);
      invalidate (process, vpn << ATLAS_PAGE_SHIFT);
      atlas_frames_give_back (frames, atlas_pte_get_pfn (entry));
      atlas_frames_unshare (frames, table_pa >> ATLAS_PAGE_SHIFT);
      atlas_system_return_commit (process->system, 1);
      process->n_tables--;
    }
}

void
atlas_process_collect_tables (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  collect (process,
           process->root_pfn << ATLAS_PAGE_SHIFT,
           atlas_process_get_n_levels (process),
           first_vpn,
           last_vpn);
}

void
atlas_pte_iter_init (AtlasPteIter *iter, AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  *iter = (AtlasPteIter){ .process = process, .next_vpn = first_vpn, .last_vpn = last_vpn };
}

gboolean
atlas_pte_iter_next (AtlasPteIter *iter)
{
  if (iter->next_vpn > iter->last_vpn)
    return FALSE;

  iter->vpn = iter->next_vpn;
  iter->n_pages = 1;
  if (iter->vpn >= iter->table_end_vpn)
    {
      guint level;

      if (find_table (iter->process, iter->vpn, ATLAS_LEVEL_PT, &iter->table_pa, &level))
        {
          iter->table_end_vpn = vpn_entry_last (iter->vpn, ATLAS_LEVEL_PD) + 1u;
        }
      else
        {
          iter->pte = 0;
          iter->entry_pa = 0;
          iter->n_pages = MIN (vpn_entry_last (iter->vpn, level), iter->last_vpn) - iter->vpn + 1u;
          iter->next_vpn += iter->n_pages;
          return TRUE;
        }
    }
  iter->entry_pa = entry_address (iter->table_pa, iter->vpn, ATLAS_LEVEL_PT);
  iter->pte = read_entry (iter->process, iter->entry_pa);
  iter->next_vpn++;
  return TRUE;
}

static AtlasPageState
get_view_state (const AtlasVad *vad, guint64 vpn, guint64 *n_pages)
{
  const AtlasSection *section = vad->section;
  guint64 page = vad->section_first_page + (vpn - vad->start_vpn);
  guint64 last_page;
  gboolean is_committed = atlas_section_is_committed (section, page, &last_page);
  guint8 protection = vad->protection;

  if (is_committed && vad->kind == ATLAS_VAD_IMAGE)
    {
      const AtlasSubsection *subsection = atlas_section_find_subsection (section, page);

      protection = subsection->protection;
      last_page = MIN (last_page, subsection->first_page + subsection->n_pages - 1u);
      is_committed = protection != 0;
    }
  *n_pages = MIN (*n_pages - 1u, last_page - page) + 1u;
  return is_committed ? (AtlasPageState){ ATLAS_STATE_COMMIT, protection }
                      : (AtlasPageState){ ATLAS_STATE_RESERVE, 0 };
}

AtlasPageState
atlas_process_get_page_state (AtlasProcess *process,
                              const AtlasVad *vad,
                              guint64 vpn,
                              guint64 pte,
                              guint64 *n_pages)
{
  const AtlasFrame *frame;

  switch (atlas_pte_get_kind (pte))
    {
    case ATLAS_PTE_KIND_ASK_VAD:
      if (vad->section != NULL)
        return get_view_state (vad, vpn, n_pages);
      return vad->is_mem_commit ? (AtlasPageState){ ATLAS_STATE_COMMIT, vad->protection }
                                : (AtlasPageState){ ATLAS_STATE_RESERVE, 0 };
    case ATLAS_PTE_KIND_HARDWARE:
      frame = get_frame (process, atlas_pte_get_pfn (pte));
      if (frame->use == ATLAS_FRAME_USE_PRIVATE)
        return (AtlasPageState){ ATLAS_STATE_COMMIT, atlas_frame_get_protection (frame) };
      return (AtlasPageState){ ATLAS_STATE_COMMIT, atlas_protection_from_pte (pte) };
    case ATLAS_PTE_KIND_DECOMMITTED:
      return (AtlasPageState){ ATLAS_STATE_RESERVE, 0 };
    case ATLAS_PTE_KIND_DEMAND_ZERO:
    case ATLAS_PTE_KIND_NOACCESS:
    case ATLAS_PTE_KIND_TRANSITION:
    case ATLAS_PTE_KIND_PAGE_FILE:
    case ATLAS_PTE_KIND_PROTOTYPE:
    case ATLAS_PTE_KIND_VAD_PROTOTYPE:
      return (AtlasPageState){ ATLAS_STATE_COMMIT, atlas_pte_get_protection (pte) };
    case ATLAS_PTE_KIND_UNKNOWN:
    case ATLAS_N_PTE_KINDS:
      break;
    }
  /* Someone has edited the entry into what the kernel never writes: no access. */
  return (AtlasPageState){ ATLAS_STATE_COMMIT, ATLAS_PROTECTION_NOACCESS };
}

guint64
atlas_process_count_reserved (AtlasProcess *process,
                              const AtlasVad *vad,
                              guint64 first_vpn,
                              guint64 last_vpn)
{
  AtlasPteIter iter;
  guint64 n_reserved = 0;

  atlas_pte_iter_init (&iter, process, first_vpn, last_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      guint64 n_done = 0;

      while (n_done < iter.n_pages)
        {
          guint64 n_alike = iter.n_pages - n_done;
          AtlasPageState state =
            atlas_process_get_page_state (process, vad, iter.vpn + n_done, iter.pte, &n_alike);

          if (state.state == ATLAS_STATE_RESERVE)
            n_reserved += n_alike;
          n_done += n_alike;
        }
    }
  return n_reserved;
}

AtlasStatus
atlas_process_check_table_room (AtlasProcess *process,
                                guint64 first_vpn,
                                guint64 last_vpn,
                                guint64 n_charged_pages)
{
  guint64 n_tables = atlas_process_count_missing_tables (process, first_vpn, last_vpn);

  if (!atlas_system_has_commit_room (process->system, n_tables + n_charged_pages))
    return ATLAS_STATUS_COMMITMENT_LIMIT;
  return n_tables <= atlas_pager_count_obtainable (process->system)
           ? ATLAS_STATUS_SUCCESS
           : ATLAS_STATUS_INSUFFICIENT_RESOURCES;
}
