/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/working-set-private.h"

#include "windows/fault-trace.h"
#include "windows/pager-private.h"

/* Limits on limits, in pages: Windows documentation, SetProcessWorkingSetSize. */
#define MIN_PAGES_MIN 20u
#define MAX_PAGES_MIN 13u
#define MAX_PAGES_LEFT 512u /* the maximum leaves as many frames to others */
/* The maximum is larger than the minimum by at least this; from memory (MM_FLUID_WORKING_SET). */
#define FLUID_PAGES 8u
#define ALL_FLAGS                                                                                  \
  (ATLAS_WORKING_SET_MIN_ENABLE | ATLAS_WORKING_SET_MIN_DISABLE | ATLAS_WORKING_SET_MAX_ENABLE |   \
   ATLAS_WORKING_SET_MAX_DISABLE)

/* Ages with those apart that have been used since the last look.
 *
 * A trim begins with the highest rank, and AtlasProcess.known_ranks has a bit for each that some
 * page may have: to count them for every few frames would cost more than all the rest of a fault
 * (bench-fault, paging). Between two looks a page changes its rank by being used, to 0, and by
 * entries that are written: these add their bit. So the bits may be too many, which costs one vain
 * search, but never too few. */
#define N_RANKS (ATLAS_WORKING_SET_AGES + 1u)
/* Every page may have been used by now. */
#define ALWAYS_POSSIBLE_RANKS 1u

static gboolean
is_pageable_vad (const AtlasVad *vad)
{
  return !vad->is_permanent && vad->kind != ATLAS_VAD_AWE && !atlas_vad_has_large_pages (vad) &&
         vad->kind != ATLAS_VAD_BLOCKED;
}

/* The record of a frame whose page can be trimmed; NULL for others. */
static const AtlasFrame *
find_pageable_frame (const AtlasSystem *system, AtlasPfn pfn)
{
  const AtlasFrame *frame;

  if (pfn >= system->frames->n_frames)
    return NULL;
  frame = &system->frames->records[pfn];
  return frame->state == ATLAS_FRAME_ACTIVE &&
             (frame->use == ATLAS_FRAME_USE_PRIVATE || frame->use == ATLAS_FRAME_USE_SECTION)
           ? frame
           : NULL;
}

gboolean
atlas_process_is_locked (const AtlasProcess *process, guint64 vpn)
{
  return process->locked_pages != NULL &&
         g_hash_table_contains (process->locked_pages, GSIZE_TO_POINTER (vpn));
}

void
atlas_process_lock_page (AtlasProcess *process, guint64 vpn, AtlasPfn pfn)
{
  if (process->locked_pages == NULL)
    process->locked_pages = g_hash_table_new (NULL, NULL);
  if (g_hash_table_add (process->locked_pages, GSIZE_TO_POINTER (vpn)))
    atlas_frames_get_record (process->system->frames, pfn)->n_locks++;
}

void
atlas_process_unlock_page (AtlasProcess *process, guint64 vpn, AtlasPfn pfn)
{
  if (process->locked_pages == NULL ||
      !g_hash_table_remove (process->locked_pages, GSIZE_TO_POINTER (vpn)))
    return;
  /* The page may be trimmed again, with whatever rank it has by now. */
  process->known_ranks = 0;
  if (pfn < atlas_frames_get_n_frames (process->system->frames))
    {
      AtlasFrame *record = atlas_frames_get_record (process->system->frames, pfn);

      /* An entry that was written by hand may name another frame than when it was locked. */
      if (record->n_locks > 0)
        record->n_locks--;
    }
}

guint64
atlas_process_count_locked (const AtlasProcess *process)
{
  return process->locked_pages != NULL ? g_hash_table_size (process->locked_pages) : 0;
}

void
atlas_working_set_iter_init (AtlasWorkingSetIter *iter, AtlasProcess *process)
{
  g_return_if_fail (process != NULL && process->system != NULL);

  *iter =
    (AtlasWorkingSetIter){ .process = process, .vad = atlas_vad_tree_get_first (&process->vads) };
  if (iter->vad != NULL)
    iter->next_vpn = iter->vad->start_vpn;
}

gboolean
atlas_working_set_iter_next (AtlasWorkingSetIter *iter, AtlasWorkingSetEntry *entry)
{
  AtlasProcess *process = iter->process;

  while (iter->vad != NULL)
    {
      AtlasPteIter ptes;

      atlas_pte_iter_init (&ptes, process, iter->next_vpn, iter->vad->end_vpn);
      ptes.table_pa = iter->table_pa;
      ptes.table_end_vpn = iter->table_end_vpn;
      while (is_pageable_vad (iter->vad) && atlas_pte_iter_next (&ptes))
        {
          AtlasPfn pfn = atlas_pte_get_pfn (ptes.pte);
          const AtlasFrame *frame;

          if ((ptes.pte & ATLAS_PTE_VALID) == 0)
            continue;
          frame = find_pageable_frame (process->system, pfn);
          if (frame == NULL)
            continue;
          iter->next_vpn = ptes.next_vpn;
          iter->table_pa = ptes.table_pa;
          iter->table_end_vpn = ptes.table_end_vpn;
          *entry = (AtlasWorkingSetEntry){
            .va = ptes.vpn << ATLAS_PAGE_SHIFT,
            .entry_pa = ptes.entry_pa,
            .pte = ptes.pte,
            .pfn = pfn,
            .share_count = frame->share_count,
            .protection = frame->use == ATLAS_FRAME_USE_PRIVATE
                            ? atlas_frame_get_protection (frame)
                            : atlas_protection_from_pte (ptes.pte),
            .age = (ptes.pte & ATLAS_PTE_AGE_MASK) >> ATLAS_PTE_AGE_SHIFT & 7u,
            .is_accessed = (ptes.pte & ATLAS_PTE_ACCESSED) != 0,
            .is_dirty = (ptes.pte & ATLAS_PTE_DIRTY) != 0,
            .is_shared = frame->use == ATLAS_FRAME_USE_SECTION,
            .is_locked = atlas_process_is_locked (process, ptes.vpn),
          };
          return TRUE;
        }
      iter->vad = atlas_vad_get_next (iter->vad);
      iter->table_end_vpn = 0;
      if (iter->vad != NULL)
        iter->next_vpn = iter->vad->start_vpn;
    }
  return FALSE;
}

void
atlas_process_get_working_set (AtlasProcess *process, AtlasWorkingSet *set)
{
  g_return_if_fail (process != NULL && set != NULL);

  *set = (AtlasWorkingSet){
    .n_pages = process->n_resident_pages,
    .n_peak_pages = process->n_peak_resident_pages,
    .n_locked_pages = atlas_process_count_locked (process),
    .n_trimmed_pages = process->n_trimmed_pages,
    .min_pages = process->working_set_min_pages,
    .max_pages = process->working_set_max_pages,
    .is_min_hard = process->is_working_set_min_hard,
    .is_max_hard = process->is_working_set_max_hard,
  };
}

gboolean
atlas_process_trim_page (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa, guint64 pte)
{
  AtlasSystem *system = process->system;
  AtlasPfn pfn = atlas_pte_get_pfn (pte);
  const AtlasFrame *frame = find_pageable_frame (system, pfn);

  if (atlas_process_is_locked (process, va >> ATLAS_PAGE_SHIFT) || frame == NULL)
    return FALSE;

  if (frame->use == ATLAS_FRAME_USE_SECTION)
    {
      if (!atlas_process_counts_page (process, va, pfn))
        return FALSE;
      atlas_process_write_pte (
        process,
        va,
        entry_pa,
        atlas_pte_make_prototype (atlas_section_get_prototype_va (frame->owner, frame->owner_page),
                                  atlas_protection_from_pte (pte)));
      atlas_pager_unshare (system, pfn, (pte & ATLAS_PTE_DIRTY) != 0);
      process->n_trimmed_pages++;
      return TRUE;
    }

  if (!atlas_process_owns_page (process, entry_pa, pte))
    return FALSE;
  if ((pte & ATLAS_PTE_DIRTY) != 0)
    atlas_pager_note_dirty (system, pfn);
  atlas_process_write_pte (
    process, va, entry_pa, atlas_pte_make_transition (pfn, atlas_frame_get_protection (frame)));
  atlas_pager_park (system, pfn);
  process->n_trimmed_pages++;
  return TRUE;
}

guint64
atlas_process_empty_working_set (AtlasProcess *process)
{
  AtlasWorkingSetIter iter;
  AtlasWorkingSetEntry entry;
  guint64 n_trimmed = 0;

  g_return_val_if_fail (process != NULL && process->system != NULL, 0);

  atlas_process_changed (process);
  atlas_working_set_iter_init (&iter, process);
  while (atlas_working_set_iter_next (&iter, &entry))
    {
      if (atlas_process_trim_page (process, entry.va, entry.entry_pa, entry.pte))
        n_trimmed++;
    }
  return n_trimmed;
}

AtlasStatus
atlas_process_set_working_set (AtlasProcess *process,
                               guint64 min_bytes,
                               guint64 max_bytes,
                               guint32 flags)
{
  guint64 min_pages = min_bytes / ATLAS_PAGE_BYTES;
  guint64 max_pages = max_bytes / ATLAS_PAGE_BYTES;
  guint64 n_available;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);

  if ((flags & ~ALL_FLAGS) != 0 ||
      (flags & (ATLAS_WORKING_SET_MIN_ENABLE | ATLAS_WORKING_SET_MIN_DISABLE)) ==
        (ATLAS_WORKING_SET_MIN_ENABLE | ATLAS_WORKING_SET_MIN_DISABLE) ||
      (flags & (ATLAS_WORKING_SET_MAX_ENABLE | ATLAS_WORKING_SET_MAX_DISABLE)) ==
        (ATLAS_WORKING_SET_MAX_ENABLE | ATLAS_WORKING_SET_MAX_DISABLE))
    return ATLAS_STATUS_INVALID_PARAMETER;
  if (min_bytes == G_MAXUINT64 && max_bytes == G_MAXUINT64)
    {
      atlas_process_empty_working_set (process);
      return ATLAS_STATUS_SUCCESS;
    }
  if (min_pages == 0 || max_pages == 0)
    return ATLAS_STATUS_INVALID_PARAMETER;
  min_pages = MAX (min_pages, MIN_PAGES_MIN);
  max_pages = MAX (max_pages, MAX_PAGES_MIN);
  n_available = atlas_frames_count_available (process->system->frames);
  if (max_pages < min_pages + FLUID_PAGES)
    return ATLAS_STATUS_BAD_WORKING_SET_LIMIT;
  if (max_pages + MAX_PAGES_LEFT > n_available + process->n_resident_pages)
    return ATLAS_STATUS_BAD_WORKING_SET_LIMIT;

  if (min_pages > process->working_set_min_pages &&
      !atlas_system_charge_resident (process->system, min_pages - process->working_set_min_pages))
    return ATLAS_STATUS_INSUFFICIENT_RESOURCES;
  if (min_pages < process->working_set_min_pages)
    atlas_system_return_resident (process->system, process->working_set_min_pages - min_pages);

  atlas_process_changed (process);
  process->working_set_min_pages = min_pages;
  process->working_set_max_pages = max_pages;
  if ((flags & (ATLAS_WORKING_SET_MIN_ENABLE | ATLAS_WORKING_SET_MIN_DISABLE)) != 0)
    process->is_working_set_min_hard = (flags & ATLAS_WORKING_SET_MIN_ENABLE) != 0;
  if ((flags & (ATLAS_WORKING_SET_MAX_ENABLE | ATLAS_WORKING_SET_MAX_DISABLE)) != 0)
    process->is_working_set_max_hard = (flags & ATLAS_WORKING_SET_MAX_ENABLE) != 0;
  return ATLAS_STATUS_SUCCESS;
}

/* Clears Accessed and notes the age in its place. */
static guint64
get_aged_pte (const AtlasWorkingSetEntry *entry)
{
  guint64 age =
    entry->is_accessed ? 0 : MIN ((guint64) entry->age + 1u, ATLAS_WORKING_SET_AGES - 1u);

  return (entry->pte & ~(ATLAS_PTE_ACCESSED | ATLAS_PTE_AGE_MASK)) | age << ATLAS_PTE_AGE_SHIFT;
}

guint64
atlas_working_sets_age (AtlasSystem *system)
{
  guint64 n_changed = 0;

  for (guint i = 0; i < system->processes->len; i++)
    {
      AtlasProcess *process = g_ptr_array_index (system->processes, i);
      AtlasWorkingSetIter iter;
      AtlasWorkingSetEntry entry;

      process->known_ranks = 0;
      atlas_working_set_iter_init (&iter, process);
      while (atlas_working_set_iter_next (&iter, &entry))
        {
          guint64 pte = get_aged_pte (&entry);

          if (pte == entry.pte)
            continue;
          atlas_memory_write_u64 (system->memory, entry.entry_pa, pte);
          n_changed++;
        }
    }
  /* A cached translation would not set Accessed again. */
  if (n_changed > 0)
    atlas_mmu_invalidate_all (system->mmu);
  system->n_ages_changed += n_changed;
  return n_changed;
}

/* Pages that @process may lose: in the first round it keeps its minimum, in the second only a hard
 * one. */
static guint64
count_spare (const AtlasProcess *process, guint round)
{
  guint64 kept =
    round == 0 || process->is_working_set_min_hard ? process->working_set_min_pages : 0;

  return process->n_resident_pages > kept ? process->n_resident_pages - kept : 0;
}

/* Whether the frame cannot be used for anything else before it is written to a paging file. */
static gboolean
needs_slot (const AtlasSystem *system, const AtlasWorkingSetEntry *entry)
{
  const AtlasFrame *frame = &system->frames->records[entry->pfn];

  return !frame->is_file && (frame->is_modified || entry->is_dirty);
}

/* Trims at most @n_pages of a process whose rank is @rank or more; @n_slots: in and out, how many
 * of them may need one. A search to the end also tells which ranks are left. */
static guint64
trim_process (AtlasProcess *process,
              guint rank,
              guint64 n_pages,
              guint64 *n_slots,
              AtlasTrace *trace)
{
  AtlasWorkingSetIter iter;
  AtlasWorkingSetEntry entry;
  guint ranks_left = ALWAYS_POSSIBLE_RANKS;
  guint64 n_trimmed = 0;

  if (n_pages == 0)
    return 0;
  atlas_working_set_iter_init (&iter, process);
  while (n_trimmed < n_pages && atlas_working_set_iter_next (&iter, &entry))
    {
      guint entry_rank = atlas_pte_get_rank (entry.pte);
      gboolean is_slot_needed = needs_slot (process->system, &entry);

      if (entry.is_locked)
        continue;
      if (entry_rank < rank || (is_slot_needed && *n_slots == 0) ||
          !atlas_process_trim_page (process, entry.va, entry.entry_pa, entry.pte))
        {
          ranks_left |= 1u << entry_rank;
          continue;
        }
      ATLAS_TRACE (trace, &atlas_event_page_trimmed, entry.va, entry.pfn, entry.age);
      *n_slots -= is_slot_needed ? 1 : 0;
      n_trimmed++;
    }
  if (n_trimmed < n_pages)
    process->known_ranks = ranks_left;
  if (n_trimmed > 0)
    atlas_process_changed (process);
  return n_trimmed;
}

static guint
get_ranks (AtlasProcess *process)
{
  if (process->known_ranks == 0)
    {
      AtlasWorkingSetIter iter;
      AtlasWorkingSetEntry entry;

      process->known_ranks = ALWAYS_POSSIBLE_RANKS;
      atlas_working_set_iter_init (&iter, process);
      while (atlas_working_set_iter_next (&iter, &entry))
        {
          if (!entry.is_locked)
            process->known_ranks |= 1u << atlas_pte_get_rank (entry.pte);
        }
    }
  return process->known_ranks;
}

static guint
get_highest_rank (AtlasProcess *process)
{
  return (guint) g_bit_nth_msf (get_ranks (process), -1);
}

/* Trims those of one rank in all processes; returns how many. */
static guint64
trim_rank (AtlasSystem *system,
           guint rank,
           guint round,
           guint64 n_pages,
           guint64 *n_slots,
           AtlasTrace *trace)
{
  guint64 n_trimmed = 0;

  for (guint i = 0; i < system->processes->len && n_trimmed < n_pages; i++)
    {
      AtlasProcess *process = g_ptr_array_index (system->processes, i);

      if ((get_ranks (process) >> rank & 1u) != 0)
        n_trimmed += trim_process (
          process, rank, MIN (n_pages - n_trimmed, count_spare (process, round)), n_slots, trace);
    }
  return n_trimmed;
}

guint64
atlas_working_sets_trim (AtlasSystem *system, guint64 n_pages, AtlasTrace *trace)
{
  guint64 n_trimmed = 0;
  guint64 n_slots = atlas_pager_count_spare_slots (system);

  for (guint round = 0; round < 2 && n_trimmed < n_pages; round++)
    {
      for (guint rank = N_RANKS; rank-- > 0 && n_trimmed < n_pages;)
        n_trimmed += trim_rank (system, rank, round, n_pages - n_trimmed, &n_slots, trace);
    }
  return n_trimmed;
}

gboolean
atlas_working_set_replace (AtlasProcess *process, AtlasTrace *trace)
{
  guint64 n_slots = G_MAXUINT64;
  guint64 n_trimmed;
  guint rank;

  if (!process->is_working_set_max_hard ||
      process->n_resident_pages < process->working_set_max_pages)
    return FALSE;
  do
    {
      rank = get_highest_rank (process);
      n_trimmed = trim_process (process,
                                rank,
                                process->n_resident_pages - process->working_set_max_pages + 1u,
                                &n_slots,
                                trace);
    }
  /* Nothing: either no page had that rank any more, or none of them can be trimmed. */
  while (n_trimmed == 0 && get_highest_rank (process) < rank);
  return n_trimmed > 0;
}

/* Positions in PSAPI_WORKING_SET_EX_BLOCK. */
enum
{
  BLOCK_VALID = 0,
  BLOCK_SHARE_COUNT = 1,
  BLOCK_PROTECTION = 4,
  BLOCK_SHARED = 15,
  BLOCK_LOCKED = 22,
  BLOCK_LARGE_PAGE = 23,
  BLOCK_LOCATION = 22,
  BLOCK_PRIORITY = 24,
  BLOCK_MODIFIED_LIST = 27,
  BLOCK_SHARED_ORIGINAL = 30,
  BLOCK_BAD = 31,
};
#define BLOCK_SHARE_COUNT_MAX 7u

/* A page that is not valid: in a frame, in a paging file, or nowhere. */
static guint64
make_invalid_block (const AtlasSystem *system, AtlasPteKind kind, AtlasPfn pfn)
{
  AtlasFrame frame;

  if (kind == ATLAS_PTE_KIND_PAGE_FILE)
    return (guint64) ATLAS_PAGE_LOCATION_PAGE_FILE << BLOCK_LOCATION;
  if (kind != ATLAS_PTE_KIND_TRANSITION || pfn >= atlas_frames_get_n_frames (system->frames))
    return 0;

  atlas_frames_get (system->frames, pfn, &frame);
  return (guint64) ATLAS_PAGE_LOCATION_RESIDENT << BLOCK_LOCATION |
         (guint64) frame.priority << BLOCK_PRIORITY |
         (guint64) (frame.state == ATLAS_FRAME_MODIFIED) << BLOCK_MODIFIED_LIST |
         (guint64) frame.is_failing << BLOCK_BAD;
}

guint64
atlas_process_query_working_set_ex (AtlasProcess *process, AtlasVa va)
{
  const AtlasVad *vad;
  AtlasPa entry_pa;
  guint64 pte;
  guint64 shared_original;
  AtlasFrame frame;
  AtlasPfn pfn;
  guint8 code;

  g_return_val_if_fail (process != NULL && process->system != NULL, 0);

  vad = atlas_vad_tree_find (&process->vads, va, NULL);
  if (va > process->max_va || vad == NULL || vad->kind == ATLAS_VAD_BLOCKED)
    return 0;
  shared_original = (guint64) (vad->section != NULL) << BLOCK_SHARED_ORIGINAL;
  /* The share count, and that the program has them locked, are a choice: nobody else tells. */
  if (atlas_vad_has_large_pages (vad))
    return ATLAS_BIT (BLOCK_VALID) | ATLAS_BIT (BLOCK_LARGE_PAGE) | ATLAS_BIT (BLOCK_LOCKED) |
           shared_original | ATLAS_BIT (BLOCK_SHARE_COUNT) |
           (guint64) atlas_protection_to_win32 (vad->protection) << BLOCK_PROTECTION |
           (guint64) (vad->section != NULL) << BLOCK_SHARED |
           (guint64) ATLAS_FRAME_PRIORITY_NORMAL << BLOCK_PRIORITY;
  pte = atlas_process_read_pte (process, va, &entry_pa);
  pfn = atlas_pte_get_pfn (pte);
  if ((pte & ATLAS_PTE_VALID) == 0)
    {
      AtlasPteKind kind = atlas_pte_get_kind (pte);

      if (vad->section == NULL || kind == ATLAS_PTE_KIND_TRANSITION ||
          kind == ATLAS_PTE_KIND_PAGE_FILE)
        return shared_original | make_invalid_block (process->system, kind, pfn);

      pte = atlas_section_get_prototype (
        vad->section, vad->section_first_page + (va >> ATLAS_PAGE_SHIFT) - vad->start_vpn);
      return shared_original | ATLAS_BIT (BLOCK_SHARED) |
             make_invalid_block (
               process->system, atlas_pte_get_kind (pte), atlas_pte_get_pfn (pte));
    }

  if (pfn >= atlas_frames_get_n_frames (process->system->frames))
    return 0;
  atlas_frames_get (process->system->frames, pfn, &frame);
  code = frame.use == ATLAS_FRAME_USE_PRIVATE ? atlas_frame_get_protection (&frame)
                                              : atlas_protection_from_pte (pte);
  return ATLAS_BIT (BLOCK_VALID) | shared_original |
         (guint64) MIN (frame.share_count, BLOCK_SHARE_COUNT_MAX) << BLOCK_SHARE_COUNT |
         (guint64) atlas_protection_to_win32 (code) << BLOCK_PROTECTION |
         (guint64) (frame.use == ATLAS_FRAME_USE_SECTION) << BLOCK_SHARED |
         (guint64) atlas_process_is_locked (process, va >> ATLAS_PAGE_SHIFT) << BLOCK_LOCKED |
         (guint64) frame.priority << BLOCK_PRIORITY | (guint64) frame.is_failing << BLOCK_BAD;
}
