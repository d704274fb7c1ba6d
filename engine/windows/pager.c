/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pager-private.h"

#include "windows/fault-trace.h"
#include "windows/frames-private.h"
#include "windows/page-file-private.h"
#include "windows/section-private.h"
#include "windows/working-set-private.h"

/* A choice: room is made for more than one fault, so that the next ones need not search. */
#define ROOM_FRAMES 64u

static AtlasPageFile *
find_page_file (const AtlasSystem *system, guint64 pte, guint32 *slot)
{
  AtlasPteInfo info;

  atlas_pte_decode (pte, &info);
  if (info.kind != ATLAS_PTE_KIND_PAGE_FILE || info.page_file >= system->page_files->len)
    return NULL;
  *slot = info.page_file_page;
  return g_ptr_array_index (system->page_files, info.page_file);
}

gboolean
atlas_pager_owns_slot (const AtlasSystem *system, AtlasPa entry_pa, guint64 pte)
{
  guint32 slot;
  const AtlasPageFile *file = find_page_file (system, pte, &slot);
  AtlasSlotOwner owner;

  return file != NULL && atlas_page_file_get_owner (file, slot, &owner) &&
         owner.entry_pa == entry_pa && entry_pa != 0;
}

void
atlas_pager_free_slot (AtlasSystem *system, guint64 pte)
{
  guint32 slot;
  AtlasPageFile *file = find_page_file (system, pte, &slot);

  /* An entry that someone has edited may name anything. */
  if (file != NULL && slot < atlas_page_file_get_n_slots (file) &&
      (atlas_page_file_get_slot (file, slot) == ATLAS_SLOT_USED ||
       atlas_page_file_get_slot (file, slot) == ATLAS_SLOT_UNREADABLE))
    atlas_page_file_give_back (file, slot);
}

gboolean
atlas_pager_read_slot (const AtlasSystem *system,
                       guint64 pte,
                       gsize offset,
                       void *bytes,
                       gsize size_bytes)
{
  guint32 slot;
  const AtlasPageFile *file = find_page_file (system, pte, &slot);

  return file != NULL && atlas_page_file_read (file, slot, offset, bytes, size_bytes);
}

gboolean
atlas_pager_set_unreadable (AtlasSystem *system, guint64 pte, gboolean is_unreadable)
{
  guint32 slot;
  AtlasPageFile *file = find_page_file (system, pte, &slot);
  AtlasSlotOwner owner;

  if (file == NULL || !atlas_page_file_get_owner (file, slot, &owner))
    return FALSE;
  atlas_page_file_set_unreadable (file, slot, is_unreadable);
  return TRUE;
}

/* An original PTE that has protection and no slot. */
static guint64
without_slot (guint64 original_pte)
{
  return original_pte & ATLAS_PTE_PROTECTION_MASK;
}

void
atlas_pager_note_dirty (AtlasSystem *system, AtlasPfn pfn)
{
  AtlasFrame *record = atlas_frames_get_record (system->frames, pfn);

  record->is_modified = TRUE;
  if (record->original_pte != without_slot (record->original_pte))
    {
      atlas_pager_free_slot (system, record->original_pte);
      record->original_pte = without_slot (record->original_pte);
    }
}

void
atlas_pager_give_back (AtlasSystem *system, AtlasPfn pfn)
{
  AtlasFrame *record = atlas_frames_get_record (system->frames, pfn);

  if (record->original_pte != without_slot (record->original_pte))
    atlas_pager_free_slot (system, record->original_pte);
  atlas_frames_give_back (system->frames, pfn);
}

static AtlasFrameState
get_parking_state (const AtlasFrame *record)
{
  if (!record->is_modified)
    return ATLAS_FRAME_STANDBY;
  return record->is_file && atlas_section_is_held (record->owner) ? ATLAS_FRAME_MODIFIED_NO_WRITE
                                                                  : ATLAS_FRAME_MODIFIED;
}

void
atlas_pager_park (AtlasSystem *system, AtlasPfn pfn)
{
  const AtlasFrame *record = atlas_frames_get_record (system->frames, pfn);

  if (record->use == ATLAS_FRAME_USE_SECTION && record->owner != NULL)
    atlas_section_note_parked (record->owner, record->owner_page);
  atlas_frames_park (system->frames, pfn, get_parking_state (record));
}

void
atlas_pager_hold (AtlasSystem *system, AtlasSection *section, gboolean is_held)
{
  AtlasFrames *frames = system->frames;
  AtlasPfn next;

  section->is_held = is_held;
  for (AtlasPfn pfn = atlas_frames_get_first (
         frames, is_held ? ATLAS_FRAME_LIST_MODIFIED_MAPPED : ATLAS_FRAME_LIST_MODIFIED_NO_WRITE);
       pfn != 0;
       pfn = next)
    {
      const AtlasFrame *record = atlas_frames_get_record (frames, pfn);

      next = record->next;
      if (record->owner == section)
        atlas_pager_park (system, pfn);
    }
}

void
atlas_pager_unshare (AtlasSystem *system, AtlasPfn pfn, gboolean is_dirty)
{
  if (is_dirty)
    atlas_pager_note_dirty (system, pfn);
  /* The kernel's own mapping keeps its pages from ever coming to 0. */
  if (atlas_frames_get_record (system->frames, pfn)->share_count > 0 &&
      atlas_frames_unshare (system->frames, pfn) == 0)
    atlas_pager_park (system, pfn);
}

/* The entry of a page that loses its frame says from now on where the contents are. */
static void
rewrite_owner (AtlasSystem *system, AtlasPfn pfn, const AtlasFrame *record)
{
  guint64 pte = 0;
  AtlasFrame table;

  if (record->use == ATLAS_FRAME_USE_SECTION)
    {
      gboolean has_slot = record->original_pte != without_slot (record->original_pte);

      if (record->owner != NULL)
        atlas_section_set_prototype (
          record->owner, record->owner_page, has_slot ? record->original_pte : 0);
      return;
    }
  /* Entries can be written by hand: this one must still be an entry, and name this frame. */
  atlas_frames_get (system->frames, record->entry_pa >> ATLAS_PAGE_SHIFT, &table);
  if (table.state != ATLAS_FRAME_ACTIVE || table.use != ATLAS_FRAME_USE_TABLE ||
      !atlas_memory_read_u64 (system->memory, record->entry_pa, &pte) ||
      atlas_pte_get_kind (pte) != ATLAS_PTE_KIND_TRANSITION || atlas_pte_get_pfn (pte) != pfn)
    return;
  atlas_memory_write_u64 (
    system->memory,
    record->entry_pa,
    atlas_pte_with_protection (record->original_pte, atlas_pte_get_protection (pte)));
}

static void
repurpose_frame (AtlasSystem *system, AtlasPfn pfn, AtlasTrace *trace)
{
  AtlasFrame *record = atlas_frames_get_record (system->frames, pfn);

  ATLAS_TRACE (trace, &atlas_event_frame_repurposed, pfn, record->priority, record->use);
  rewrite_owner (system, pfn, record);
  atlas_frames_count_repurposed (system->frames, pfn);
  atlas_frames_give_back (system->frames, pfn);
}

/* The standby page of the lowest priority that has waited longest makes room. */
static gboolean
repurpose (AtlasSystem *system, guint n_priorities, AtlasTrace *trace)
{
  AtlasFrames *frames = system->frames;

  for (guint priority = 0; priority < n_priorities; priority++)
    {
      AtlasPfn pfn =
        atlas_frames_get_first (frames, (AtlasFrameList) (ATLAS_FRAME_LIST_STANDBY + priority));

      if (pfn == 0)
        continue;
      repurpose_frame (system, pfn, trace);
      return TRUE;
    }
  return FALSE;
}

guint64
atlas_pager_purge (AtlasSystem *system, guint n_priorities)
{
  guint64 n_purged = 0;

  while (repurpose (system, n_priorities, NULL))
    n_purged++;
  return n_purged;
}

static gboolean
take_slot (AtlasSystem *system, const AtlasFrame *record, guint *page_file, guint32 *slot)
{
  const AtlasSlotOwner owner = { record->entry_pa, record->owner, record->owner_page };

  for (guint i = 0; i < system->page_files->len; i++)
    {
      if (atlas_page_file_take (g_ptr_array_index (system->page_files, i), &owner, slot))
        {
          *page_file = i;
          return TRUE;
        }
    }
  return FALSE;
}

/* A code that an entry can carry: that of a page whose protection is not known is READWRITE. */
static guint8
get_code (const AtlasFrame *record)
{
  guint8 code = atlas_frame_get_protection (record);

  return code != 0 ? code : ATLAS_PROTECTION_READWRITE;
}

/* FALSE when there is no slot for it. */
static gboolean
write_page (AtlasSystem *system, AtlasPfn pfn, AtlasTrace *trace)
{
  AtlasFrame *record = atlas_frames_get_record (system->frames, pfn);
  guint8 bytes[ATLAS_PAGE_BYTES];
  guint page_file = 0;
  guint32 slot = 0;

  if (!record->is_file && !take_slot (system, record, &page_file, &slot))
    return FALSE;
  atlas_memory_read (system->memory, pfn << ATLAS_PAGE_SHIFT, bytes, sizeof bytes);
  if (record->is_file)
    {
      atlas_section_write_page (record->owner, record->owner_page, bytes);
    }
  else
    {
      atlas_page_file_write (g_ptr_array_index (system->page_files, page_file), slot, bytes);
      record->original_pte = atlas_pte_make_page_file (page_file, slot, get_code (record));
      ATLAS_TRACE (trace, &atlas_event_page_written, pfn, slot, page_file);
    }
  record->is_modified = FALSE;
  system->n_pages_written++;
  atlas_frames_park (system->frames, pfn, ATLAS_FRAME_STANDBY);
  return TRUE;
}

static guint64
write_pages (AtlasSystem *system, AtlasFrameList list, guint64 n_pages, AtlasTrace *trace)
{
  guint64 n_written = 0;

  while (n_written < n_pages)
    {
      AtlasPfn pfn = atlas_frames_get_first (system->frames, list);

      if (pfn == 0 || !write_page (system, pfn, trace))
        break;
      n_written++;
    }
  return n_written;
}

guint64
atlas_pager_write (AtlasSystem *system, AtlasFrameList list, guint64 n_pages)
{
  return write_pages (system, list, n_pages, NULL);
}

gboolean
atlas_pager_take (AtlasSystem *system,
                  AtlasFrameUse use,
                  AtlasPa entry_pa,
                  gboolean is_zero_needed,
                  AtlasTrace *trace,
                  AtlasPfn *pfn)
{
  AtlasFrames *frames = system->frames;

  while (!(is_zero_needed ? atlas_frames_take (frames, use, entry_pa, pfn)
                          : atlas_frames_take_unzeroed (frames, use, entry_pa, pfn)))
    {
      /* Windows lets the thread wait for the writer; here the writer is called. */
      if (!repurpose (system, ATLAS_FRAME_PRIORITIES, trace) &&
          write_pages (system, ATLAS_FRAME_LIST_MODIFIED_MAPPED, 1, trace) == 0 &&
          write_pages (system, ATLAS_FRAME_LIST_MODIFIED, 1, trace) == 0)
        return FALSE;
    }
  return TRUE;
}

gboolean
atlas_pager_take_available (AtlasSystem *system, AtlasFrameUse use, AtlasPfn *pfn)
{
  while (!atlas_frames_take (system->frames, use, 0, pfn))
    {
      if (!repurpose (system, ATLAS_FRAME_PRIORITIES, NULL))
        return FALSE;
    }
  return TRUE;
}

gboolean
atlas_pager_take_contiguous (AtlasSystem *system,
                             guint32 n_frames,
                             AtlasFrameUse use,
                             AtlasPfn *first_pfn)
{
  AtlasFrames *frames = system->frames;
  AtlasPfn first;

  if (atlas_frames_take_contiguous (frames, n_frames, use, first_pfn))
    return TRUE;
  first = atlas_frames_find_repurposable (frames, n_frames);
  if (first == 0)
    return FALSE;
  for (AtlasPfn pfn = first; pfn < first + n_frames; pfn++)
    {
      if (atlas_frames_get_record (frames, pfn)->state == ATLAS_FRAME_STANDBY)
        repurpose_frame (system, pfn, NULL);
    }
  return atlas_frames_take_contiguous (frames, n_frames, use, first_pfn);
}

static guint64
count_free_slots (const AtlasSystem *system)
{
  guint64 n_slots = 0;

  for (guint i = 0; i < system->page_files->len; i++)
    n_slots += atlas_page_file_count_free (g_ptr_array_index (system->page_files, i));
  return n_slots;
}

guint64
atlas_pager_count_spare_slots (const AtlasSystem *system)
{
  guint64 n_slots = count_free_slots (system);

  return n_slots -
         MIN (n_slots, atlas_frames_count_list (system->frames, ATLAS_FRAME_LIST_MODIFIED));
}

guint64
atlas_pager_count_obtainable (const AtlasSystem *system)
{
  return atlas_frames_count_available (system->frames) +
         atlas_frames_count_list (system->frames, ATLAS_FRAME_LIST_MODIFIED_MAPPED) +
         MIN (count_free_slots (system),
              atlas_frames_count_list (system->frames, ATLAS_FRAME_LIST_MODIFIED));
}

gboolean
atlas_pager_make_room (AtlasSystem *system, guint n_frames, AtlasTrace *trace)
{
  return atlas_frames_count (system->frames, ATLAS_FRAME_ZEROED) < n_frames &&
         atlas_pager_count_obtainable (system) < n_frames &&
         atlas_working_sets_trim (system, ROOM_FRAMES, trace) > 0;
}
