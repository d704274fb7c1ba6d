/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/paging-verbs.h"

#include "windows/fault.h"
#include "windows/offer.h"
#include "windows/resident.h"
#include "windows/virtual-lock.h"
#include "windows/working-set.h"

/* "1 page", "2,048 pages". */
static void
append_pages (GString *text, guint64 n_pages)
{
  g_autofree char *count = atlas_format_count (n_pages);

  g_string_append_printf (text, "%s %s", count, n_pages == 1 ? "page" : "pages");
}

static void
append_size (GString *text, const char *format, guint64 n_pages)
{
  g_autofree char *size = atlas_format_size (n_pages * ATLAS_PAGE_BYTES);

  g_string_append_printf (text, "%s%s", format, size);
}

/* "…, 64 KB at 0x20000000". */
static void
append_range (GString *text, const char *done, const AtlasCommand *command, AtlasVa va)
{
  g_autofree char *size = atlas_format_size (command->size_bytes);

  g_string_append_printf (text, "%s %s at 0x%" G_GINT64_MODIFIER "x", done, size, va);
}

static AtlasStatus
run_page_file (AtlasSystem *system, const AtlasCommand *command, GString *text)
{
  guint64 maximum_bytes = MAX (command->size_bytes, command->maximum_bytes);
  AtlasStatus status;
  AtlasCommit commit;

  /* A maximum below the size is for the call to refuse. */
  if (command->maximum_bytes != 0)
    maximum_bytes = command->maximum_bytes;
  status = atlas_system_add_page_file (system, command->size_bytes, maximum_bytes);
  if (!atlas_status_is_success (status))
    return status;
  atlas_system_get_commit (system, &commit);
  g_string_append_printf (
    text, "paging file %u is there", atlas_system_get_n_page_files (system) - 1u);
  append_size (text, "; up to ", commit.limit);
  append_size (text, " can be committed, ", commit.n_charged);
  g_string_append (text, " are");
  return status;
}

static AtlasStatus
run_working_set (AtlasProcess *process, const AtlasCommand *command, GString *text)
{
  AtlasWorkingSet set;
  AtlasStatus status = atlas_process_set_working_set (
    process,
    command->size_bytes,
    command->maximum_bytes,
    command->is_hard ? ATLAS_WORKING_SET_MAX_ENABLE : ATLAS_WORKING_SET_MAX_DISABLE);

  if (!atlas_status_is_success (status))
    return status;
  atlas_process_get_working_set (process, &set);
  g_string_append (text, "working set of ");
  append_pages (text, set.n_pages);
  append_size (text, "; minimum ", set.min_pages);
  append_size (text, ", maximum ", set.max_pages);
  g_string_append (text, set.is_max_hard ? ", hard" : "");
  return status;
}

static void
run_trim (AtlasProcess *process, GString *text)
{
  const AtlasFrames *frames = atlas_system_get_frames (atlas_process_get_system (process));
  guint64 n_standby = atlas_frames_count (frames, ATLAS_FRAME_STANDBY);
  guint64 n_modified = atlas_frames_count (frames, ATLAS_FRAME_MODIFIED);

  g_string_append (text, "trimmed ");
  append_pages (text, atlas_process_empty_working_set (process));
  g_string_append_printf (text,
                          ": %" G_GUINT64_FORMAT " to standby, %" G_GUINT64_FORMAT " to modified",
                          atlas_frames_count (frames, ATLAS_FRAME_STANDBY) - n_standby,
                          atlas_frames_count (frames, ATLAS_FRAME_MODIFIED) - n_modified);
}

static AtlasStatus
run_prefetch (AtlasProcess *process, const AtlasCommand *command, AtlasVa va, GString *text)
{
  const AtlasMemoryRange range = { va, command->size_bytes };
  const guint32 flags = 0;
  guint64 n_pages = 0;
  AtlasStatus status = atlas_nt_set_information_virtual_memory (
    process, ATLAS_VM_PREFETCH_INFORMATION, 1, &range, &flags, sizeof flags, &n_pages);

  if (!atlas_status_is_success (status))
    return status;
  g_string_append (text, "read ");
  append_pages (text, n_pages);
  g_string_append (text, " onto the standby list");
  return status;
}

/* What a call did when it succeeded, and when it failed but has done something. */
static AtlasStatus
tell (AtlasStatus status, AtlasStatus known, const char *done, const char *half_done, GString *text)
{
  if (atlas_status_is_success (status))
    g_string_append (text, done);
  else if (status == known)
    g_string_append (text, half_done);
  return status;
}

static AtlasStatus
run_disk (AtlasProcess *process, const AtlasCommand *command, AtlasVa va, GString *text)
{
  gboolean is_failing = command->verb == ATLAS_VERB_FAIL;

  if (!atlas_process_set_unreadable (process, va, is_failing))
    {
      g_string_append (text, "refused: the page is on no disk.");
      return ATLAS_STATUS_INVALID_PARAMETER;
    }
  g_string_append_printf (text,
                          "the disk %s read the page at 0x%" G_GINT64_MODIFIER "x%s",
                          is_failing ? "can no longer" : "can",
                          va,
                          is_failing ? "" : " again");
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
run_hold (AtlasProcess *process, const AtlasCommand *command, AtlasVa va, GString *text)
{
  gboolean is_held = command->verb == ATLAS_VERB_HOLD;

  if (!atlas_process_hold_file (process, va, is_held))
    {
      g_string_append (text, "refused: no view of a data file is there.");
      return ATLAS_STATUS_INVALID_PARAMETER;
    }
  g_string_append_printf (text,
                          "the file at 0x%" G_GINT64_MODIFIER "x is %s",
                          va,
                          is_held ? "not written until its log is" : "written again");
  return ATLAS_STATUS_SUCCESS;
}

static void
append_frame (AtlasProcess *process, guint64 pte, GString *text)
{
  const AtlasFrames *frames = atlas_system_get_frames (atlas_process_get_system (process));
  AtlasPfn pfn = atlas_pte_get_pfn (pte);
  AtlasFrame frame;

  g_string_append_printf (text, "frame 0x%" G_GINT64_MODIFIER "x", pfn);
  if (pfn >= atlas_frames_get_n_frames (frames))
    return;
  atlas_frames_get (frames, pfn, &frame);
  g_string_append_printf (text, ", %s", atlas_frame_state_get_name ((AtlasFrameState) frame.state));
  if (frame.state == ATLAS_FRAME_STANDBY)
    g_string_append_printf (text, " %u", frame.priority);
  if (frame.share_count > 1)
    g_string_append_printf (text, ", shared by %u", frame.share_count);
}

static void
run_where (AtlasProcess *process, AtlasVa va, GString *text)
{
  guint64 block = atlas_process_query_working_set_ex (process, va);
  AtlasPa entry_pa;
  guint64 pte = atlas_process_find_pte (process, va, &entry_pa);
  g_autofree char *words = atlas_trace_format_pte (pte);

  g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x: ", va & ~ATLAS_PAGE_MASK);
  if ((block & 1u) != 0)
    {
      g_string_append (text, "in the working set, ");
      append_frame (process, pte, text);
    }
  else if (atlas_pte_get_kind (pte) == ATLAS_PTE_KIND_TRANSITION)
    {
      g_string_append (text, "in transition, ");
      append_frame (process, pte, text);
    }
  else
    {
      g_string_append_printf (text, "not in the working set: %s", words);
    }
  if (atlas_process_is_offered_va (process, va))
    g_string_append (text, "; offered");
  g_string_append_printf (text, " (PSAPI_WORKING_SET_EX_BLOCK 0x%" G_GINT64_MODIFIER "x)", block);
}

static void
run_memory (AtlasSystem *system, GString *text)
{
  const AtlasFrames *frames = atlas_system_get_frames (system);
  AtlasCommit commit;

  append_size (text, "active ", atlas_frames_count (frames, ATLAS_FRAME_ACTIVE));
  for (AtlasFrameList list = ATLAS_FRAME_LIST_ZEROED; list < ATLAS_N_FRAME_LISTS; list++)
    {
      guint64 n_frames = atlas_frames_count_list (frames, list);

      if (n_frames > 0)
        {
          g_string_append_printf (text, ", %s", atlas_frame_list_get_name (list));
          append_size (text, " ", n_frames);
        }
    }
  atlas_system_get_commit (system, &commit);
  append_size (text, "; committed ", commit.n_charged);
  append_size (text, " of ", commit.limit);
  append_size (text, "; resident available ", atlas_system_get_resident_available (system));
  for (guint i = 0; i < atlas_system_get_n_page_files (system); i++)
    {
      const AtlasPageFile *file = atlas_system_get_page_file (system, i);

      g_string_append_printf (text, "; paging file %u", i);
      append_size (text, " holds ", atlas_page_file_get_n_used (file));
      append_size (text, " of ", atlas_page_file_get_n_slots (file));
    }
}

AtlasStatus
atlas_paging_verb_run (AtlasSystem *system,
                       AtlasProcess *process,
                       const AtlasCommand *command,
                       AtlasVa va,
                       GString *text)
{
  g_autoptr (GString) range = g_string_new (NULL);
  guint64 n_bytes = command->size_bytes;

  switch ((guint) command->verb)
    {
    case ATLAS_VERB_PAGEFILE:
      return run_page_file (system, command, text);
    case ATLAS_VERB_WORKINGSET:
      return run_working_set (process, command, text);
    case ATLAS_VERB_LOCK:
      append_range (range, "locked", command, va);
      return tell (atlas_virtual_lock (process, va, n_bytes),
                   ATLAS_STATUS_GUARD_PAGE_VIOLATION,
                   range->str,
                   "nothing was locked, and the guard is spent",
                   text);
    case ATLAS_VERB_UNLOCK:
      append_range (range, "unlocked", command, va);
      return tell (atlas_virtual_unlock (process, va, n_bytes),
                   ATLAS_STATUS_NOT_LOCKED,
                   range->str,
                   "pages that were not locked have left the working set",
                   text);
    case ATLAS_VERB_OFFER:
      append_range (range, "offered", command, va);
      return tell (atlas_offer_virtual_memory (
                     process, va, n_bytes, (AtlasOfferPriority) command->offer_priority),
                   ATLAS_STATUS_SUCCESS,
                   range->str,
                   "",
                   text);
    case ATLAS_VERB_RECLAIM:
      append_range (range, "contents intact: reclaimed", command, va);
      return tell (atlas_reclaim_virtual_memory (process, va, n_bytes),
                   ATLAS_STATUS_DEVICE_BUSY,
                   range->str,
                   "reclaimed, but contents are gone",
                   text);
    case ATLAS_VERB_DISCARD:
      append_range (range, "discarded", command, va);
      return tell (atlas_discard_virtual_memory (process, va, n_bytes),
                   ATLAS_STATUS_SUCCESS,
                   range->str,
                   "",
                   text);
    case ATLAS_VERB_PREFETCH:
      return run_prefetch (process, command, va, text);
    case ATLAS_VERB_PRIORITY:
      g_string_append_printf (
        range, "pages that come in go to standby list %u later", command->page_priority);
      return tell (atlas_process_set_page_priority (process, command->page_priority),
                   ATLAS_STATUS_SUCCESS,
                   range->str,
                   "",
                   text);
    case ATLAS_VERB_HOLD:
    case ATLAS_VERB_UNHOLD:
      return run_hold (process, command, va, text);
    case ATLAS_VERB_FAIL:
    case ATLAS_VERB_REPAIR:
      return run_disk (process, command, va, text);
    case ATLAS_VERB_TRIM:
      run_trim (process, text);
      return ATLAS_STATUS_SUCCESS;
    case ATLAS_VERB_WHERE:
      run_where (process, va, text);
      return ATLAS_STATUS_SUCCESS;
    case ATLAS_VERB_MEMLIST:
      append_pages (
        text,
        atlas_system_command_memory_list (system, (AtlasMemoryListCommand) command->list_command));
      g_string_append (text, " changed lists; ");
      run_memory (system, text);
      return ATLAS_STATUS_SUCCESS;
    case ATLAS_VERB_MEMORY:
      run_memory (system, text);
      return ATLAS_STATUS_SUCCESS;
    default:
      g_return_val_if_reached (ATLAS_STATUS_INVALID_PARAMETER);
    }
}
