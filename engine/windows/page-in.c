/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/page-in-private.h"

#include <glib/gi18n-lib.h>

#include "windows/fault-trace.h"
#include "windows/fault.h"
#include "windows/pager-private.h"
#include "windows/section-private.h"

gboolean
atlas_page_in_take (AtlasProcess *process,
                    AtlasFrameUse use,
                    AtlasVa va,
                    AtlasPa entry_pa,
                    gboolean is_zero_needed,
                    AtlasTrace *trace,
                    AtlasPfn *pfn)
{
  AtlasFrames *frames = process->system->frames;
  guint64 n_zeroed = atlas_frames_count (frames, ATLAS_FRAME_ZEROED);
  AtlasFrame *record;

  if (!atlas_pager_take (process->system, use, entry_pa, is_zero_needed, trace, pfn))
    return FALSE;
  record = atlas_frames_get_record (frames, *pfn);
  record->priority = process->page_priority & 7u;
  if (entry_pa != 0)
    {
      record->owner = process;
      record->owner_page = va >> ATLAS_PAGE_SHIFT;
    }
  if (trace != NULL)
    {
      guint64 n_left = atlas_frames_count (frames, ATLAS_FRAME_ZEROED);

      ATLAS_TRACE (trace,
                   &atlas_event_frame_taken,
                   *pfn,
                   (guint64) (guintptr) (n_left < n_zeroed ? N_ ("zeroed") : N_ ("free")),
                   n_left);
    }
  return TRUE;
}

static void
tell_slot_read (AtlasTrace *trace, guint64 pte, AtlasPfn pfn)
{
  AtlasPteInfo info;

  atlas_pte_decode (pte, &info);
  ATLAS_TRACE (trace, &atlas_event_slot_read, info.page_file_page, info.page_file, pfn);
}

AtlasPageIn
atlas_page_in_slot (AtlasProcess *process,
                    AtlasVa va,
                    AtlasPa entry_pa,
                    guint64 pte,
                    AtlasTrace *trace,
                    AtlasPfn *pfn)
{
  AtlasSystem *system = process->system;
  guint8 bytes[ATLAS_PAGE_BYTES];

  if (!atlas_pager_read_slot (system, pte, 0, bytes, sizeof bytes))
    return ATLAS_PAGE_IN_UNREADABLE;
  if (!atlas_page_in_take (process, ATLAS_FRAME_USE_PRIVATE, va, entry_pa, FALSE, trace, pfn))
    return ATLAS_PAGE_IN_NO_FRAME;

  atlas_memory_write (system->memory, *pfn << ATLAS_PAGE_SHIFT, bytes, sizeof bytes);
  atlas_frames_get_record (system->frames, *pfn)->original_pte = pte;
  process->fault_counts.n_hard++;
  tell_slot_read (trace, pte, *pfn);
  return ATLAS_PAGE_IN_DONE;
}

static void
read_file_page (AtlasProcess *process,
                const AtlasSection *section,
                guint64 page,
                AtlasTrace *trace,
                AtlasPfn pfn,
                guint8 bytes[ATLAS_PAGE_BYTES])
{
  atlas_section_read_page (section, page, bytes);
  process->fault_counts.n_hard++;
  if (trace != NULL && atlas_section_get_kind (section) != ATLAS_SECTION_PAGE_FILE)
    ATLAS_TRACE (trace,
                 &atlas_event_page_read,
                 page,
                 g_quark_from_string (atlas_section_get_name (section)),
                 pfn);
}

AtlasPageIn
atlas_page_in_section (AtlasProcess *process,
                       AtlasSection *section,
                       guint64 page,
                       AtlasTrace *trace,
                       AtlasPfn *pfn)
{
  AtlasSystem *system = process->system;
  guint64 prototype = atlas_section_get_prototype (section, page);
  gboolean has_slot = atlas_pte_get_kind (prototype) == ATLAS_PTE_KIND_PAGE_FILE;
  gboolean is_zero = !has_slot && atlas_section_get_kind (section) == ATLAS_SECTION_PAGE_FILE &&
                     atlas_section_find_subsection (section, page)->fill == ATLAS_FILL_ZERO;
  guint8 bytes[ATLAS_PAGE_BYTES];
  AtlasFrame *record;

  if (has_slot ? !atlas_pager_read_slot (system, prototype, 0, bytes, sizeof bytes)
               : atlas_section_is_unreadable (section, page))
    return ATLAS_PAGE_IN_UNREADABLE;
  if (!atlas_section_need_prototype (section, page) ||
      !atlas_page_in_take (process, ATLAS_FRAME_USE_SECTION, 0, 0, is_zero, trace, pfn))
    return ATLAS_PAGE_IN_NO_FRAME;

  record = atlas_frames_get_record (system->frames, *pfn);
  record->entry_pa = atlas_section_find_prototype_pa (section, page);
  record->owner = section;
  record->owner_page = page;
  record->is_file = atlas_section_get_kind (section) == ATLAS_SECTION_FILE;
  record->original_pte = has_slot ? prototype : 0;
  record->is_modified = is_zero;
  atlas_section_set_frame (section, page, *pfn);
  if (is_zero)
    {
      process->fault_counts.n_demand_zero++;
      return ATLAS_PAGE_IN_DONE;
    }
  if (has_slot)
    {
      process->fault_counts.n_hard++;
      tell_slot_read (trace, prototype, *pfn);
    }
  else
    {
      read_file_page (process, section, page, trace, *pfn, bytes);
    }
  atlas_memory_write (system->memory, *pfn << ATLAS_PAGE_SHIFT, bytes, sizeof bytes);
  return ATLAS_PAGE_IN_DONE;
}

/* The entry that tells where on disk a page is whose entry @pte says where it is now. */
static guint64
get_disk_entry (AtlasSystem *system, guint64 pte)
{
  AtlasPteKind kind = atlas_pte_get_kind (pte);
  AtlasFrame frame;

  if ((kind != ATLAS_PTE_KIND_HARDWARE && kind != ATLAS_PTE_KIND_TRANSITION) ||
      atlas_pte_get_pfn (pte) >= atlas_frames_get_n_frames (system->frames))
    return pte;
  atlas_frames_get (system->frames, atlas_pte_get_pfn (pte), &frame);
  return frame.original_pte;
}

gboolean
atlas_process_set_unreadable (AtlasProcess *process, AtlasVa va, gboolean is_unreadable)
{
  AtlasSystem *system;
  const AtlasVad *vad;
  AtlasPa entry_pa;
  guint64 pte;
  guint64 page;

  g_return_val_if_fail (process != NULL && process->system != NULL, FALSE);

  system = process->system;
  vad = atlas_vad_tree_find (&process->vads, va, NULL);
  if (va > process->max_va || vad == NULL || vad->kind == ATLAS_VAD_BLOCKED)
    return FALSE;
  pte = atlas_process_read_pte (process, va, &entry_pa);
  if (vad->section == NULL || atlas_process_is_private_pte (process, entry_pa, pte))
    return atlas_pager_set_unreadable (system, get_disk_entry (system, pte), is_unreadable);

  page = vad->section_first_page + (va >> ATLAS_PAGE_SHIFT) - vad->start_vpn;
  if (atlas_section_get_kind (vad->section) == ATLAS_SECTION_PAGE_FILE)
    return atlas_pager_set_unreadable (
      system,
      get_disk_entry (system, atlas_section_get_prototype (vad->section, page)),
      is_unreadable);
  atlas_section_set_unreadable (vad->section, page, is_unreadable);
  return TRUE;
}

gboolean
atlas_process_hold_file (AtlasProcess *process, AtlasVa va, gboolean is_held)
{
  const AtlasVad *vad;

  g_return_val_if_fail (process != NULL && process->system != NULL, FALSE);

  vad = atlas_vad_tree_find (&process->vads, va, NULL);
  if (va > process->max_va || vad == NULL || vad->section == NULL ||
      atlas_section_get_kind (vad->section) != ATLAS_SECTION_FILE)
    return FALSE;
  atlas_pager_hold (process->system, vad->section, is_held);
  return TRUE;
}
