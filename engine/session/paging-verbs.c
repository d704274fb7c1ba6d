/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/paging-verbs.h"

#include <glib/gi18n-lib.h>

#include "base/trace.h"
#include "windows/fault.h"
#include "windows/offer.h"
#include "windows/resident.h"
#include "windows/virtual-lock.h"
#include "windows/working-set.h"

/* "1 page", "2,048 pages". (transfer full) */
static char *
format_pages (guint64 n_pages)
{
  g_autofree char *count = atlas_format_count (n_pages);

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s page", "%s pages", (gulong) n_pages),
                          count);
}

static void
append_size (GString *text, const char *format, guint64 n_pages)
{
  g_autofree char *size = atlas_format_size (n_pages * ATLAS_PAGE_BYTES);

  g_string_append_printf (text, "%s%s", format, size);
}

static AtlasStatus
run_page_file (AtlasSystem *system, const AtlasCommand *command, GString *text)
{
  guint64 maximum_bytes = MAX (command->size_bytes, command->maximum_bytes);
  g_autofree char *limit = NULL, *charged = NULL;
  AtlasStatus status;
  AtlasCommit commit;

  /* A maximum below the size is for the call to refuse. */
  if (command->maximum_bytes != 0)
    maximum_bytes = command->maximum_bytes;
  status = atlas_system_add_page_file (system, command->size_bytes, maximum_bytes);
  if (!atlas_status_is_success (status))
    return status;
  atlas_system_get_commit (system, &commit);
  limit = atlas_format_size (commit.limit * ATLAS_PAGE_BYTES);
  charged = atlas_format_size (commit.n_charged * ATLAS_PAGE_BYTES);
  g_string_append_printf (text,
                          _ ("paging file %u is there; up to %s can be committed, %s are"),
                          atlas_system_get_n_page_files (system) - 1u,
                          limit,
                          charged);
  return status;
}

static AtlasStatus
run_working_set (AtlasProcess *process, const AtlasCommand *command, GString *text)
{
  g_autofree char *pages = NULL;
  AtlasWorkingSet set;
  AtlasStatus status = atlas_process_set_working_set (
    process,
    command->size_bytes,
    command->maximum_bytes,
    command->is_hard ? ATLAS_WORKING_SET_MAX_ENABLE : ATLAS_WORKING_SET_MAX_DISABLE);

  if (!atlas_status_is_success (status))
    return status;
  atlas_process_get_working_set (process, &set);
  pages = format_pages (set.n_pages);
  g_string_append_printf (text, _ ("working set of %s"), pages);
  append_size (text, _ ("; minimum "), set.min_pages);
  append_size (text, _ (", maximum "), set.max_pages);
  g_string_append (text, set.is_max_hard ? _ (", hard") : "");
  return status;
}

static void
run_trim (AtlasProcess *process, GString *text)
{
  const AtlasFrames *frames = atlas_system_get_frames (atlas_process_get_system (process));
  guint64 n_standby = atlas_frames_count (frames, ATLAS_FRAME_STANDBY);
  guint64 n_modified = atlas_frames_count (frames, ATLAS_FRAME_MODIFIED);

  g_autofree char *pages = format_pages (atlas_process_empty_working_set (process));
  g_autofree char *standby =
    atlas_trace_format_decimal (atlas_frames_count (frames, ATLAS_FRAME_STANDBY) - n_standby);
  g_autofree char *modified =
    atlas_trace_format_decimal (atlas_frames_count (frames, ATLAS_FRAME_MODIFIED) - n_modified);

  g_string_append_printf (
    text, _ ("trimmed %s: %s to standby, %s to modified"), pages, standby, modified);
}

static AtlasStatus
run_prefetch (AtlasProcess *process, const AtlasCommand *command, AtlasVa va, GString *text)
{
  const AtlasMemoryRange range = { va, command->size_bytes };
  const guint32 flags = 0;
  guint64 n_pages = 0;
  g_autofree char *pages = NULL;
  AtlasStatus status = atlas_nt_set_information_virtual_memory (
    process, ATLAS_VM_PREFETCH_INFORMATION, 1, &range, &flags, sizeof flags, &n_pages);

  if (!atlas_status_is_success (status))
    return status;
  pages = format_pages (n_pages);
  g_string_append_printf (text, _ ("read %s onto the standby list"), pages);
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
  g_autofree char *at = atlas_format_hex (va);

  if (!atlas_process_set_unreadable (process, va, is_failing))
    {
      g_string_append (text, _ ("refused: the page is on no disk."));
      return ATLAS_STATUS_INVALID_PARAMETER;
    }
  g_string_append_printf (text,
                          is_failing ? _ ("the disk can no longer read the page at %s")
                                     : _ ("the disk can read the page at %s again"),
                          at);
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
run_hold (AtlasProcess *process, const AtlasCommand *command, AtlasVa va, GString *text)
{
  gboolean is_held = command->verb == ATLAS_VERB_HOLD;
  g_autofree char *at = atlas_format_hex (va);

  if (!atlas_process_hold_file (process, va, is_held))
    {
      g_string_append (text, _ ("refused: no view of a data file is there."));
      return ATLAS_STATUS_INVALID_PARAMETER;
    }
  g_string_append_printf (text,
                          is_held ? _ ("the file at %s is not written until its log is")
                                  : _ ("the file at %s is written again"),
                          at);
  return ATLAS_STATUS_SUCCESS;
}

static void
append_frame (AtlasProcess *process, guint64 pte, GString *text)
{
  const AtlasFrames *frames = atlas_system_get_frames (atlas_process_get_system (process));
  AtlasPfn pfn = atlas_pte_get_pfn (pte);
  g_autofree char *number = NULL;
  AtlasFrame frame;

  number = atlas_format_hex (pfn);
  g_string_append_printf (text, _ ("frame %s"), number);
  if (pfn >= atlas_frames_get_n_frames (frames))
    return;
  atlas_frames_get (frames, pfn, &frame);
  g_string_append_printf (
    text, ", %s", _ (atlas_frame_state_get_name ((AtlasFrameState) frame.state)));
  if (frame.state == ATLAS_FRAME_STANDBY)
    g_string_append_printf (text, " %u", frame.priority);
  if (frame.share_count > 1)
    g_string_append_printf (text, _ (", shared by %u"), frame.share_count);
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
      g_string_append (text, _ ("in the working set, "));
      append_frame (process, pte, text);
    }
  else if (atlas_pte_get_kind (pte) == ATLAS_PTE_KIND_TRANSITION)
    {
      g_string_append (text, _ ("in transition, "));
      append_frame (process, pte, text);
    }
  else
    {
      g_string_append_printf (text, _ ("not in the working set: %s"), words);
    }
  if (atlas_process_is_offered_va (process, va))
    g_string_append (text, _ ("; offered"));
  g_string_append_printf (text, " (PSAPI_WORKING_SET_EX_BLOCK 0x%" G_GINT64_MODIFIER "x)", block);
}

static void
run_memory (AtlasSystem *system, GString *text)
{
  const AtlasFrames *frames = atlas_system_get_frames (system);
  AtlasCommit commit;

  append_size (text, _ ("active "), atlas_frames_count (frames, ATLAS_FRAME_ACTIVE));
  for (AtlasFrameList list = ATLAS_FRAME_LIST_ZEROED; list < ATLAS_N_FRAME_LISTS; list++)
    {
      guint64 n_frames = atlas_frames_count_list (frames, list);

      if (n_frames > 0)
        {
          g_string_append_printf (text, ", %s", _ (atlas_frame_list_get_name (list)));
          append_size (text, " ", n_frames);
        }
    }
  atlas_system_get_commit (system, &commit);
  append_size (text, _ ("; committed "), commit.n_charged);
  append_size (text, _ (" of "), commit.limit);
  append_size (text, _ ("; resident available "), atlas_system_get_resident_available (system));
  for (guint i = 0; i < atlas_system_get_n_page_files (system); i++)
    {
      const AtlasPageFile *file = atlas_system_get_page_file (system, i);

      g_string_append_printf (text, _ ("; paging file %u"), i);
      append_size (text, _ (" holds "), atlas_page_file_get_n_used (file));
      append_size (text, _ (" of "), atlas_page_file_get_n_slots (file));
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
  g_autofree char *size = atlas_format_size (command->size_bytes);
  g_autofree char *at = atlas_format_hex (va);
  g_autofree char *count = NULL;
  guint64 n_bytes = command->size_bytes;

  switch ((guint) command->verb)
    {
    case ATLAS_VERB_PAGEFILE:
      return run_page_file (system, command, text);
    case ATLAS_VERB_WORKINGSET:
      return run_working_set (process, command, text);
    case ATLAS_VERB_LOCK:
      g_string_append_printf (range, _ ("locked %s at %s"), size, at);
      return tell (atlas_virtual_lock (process, va, n_bytes),
                   ATLAS_STATUS_GUARD_PAGE_VIOLATION,
                   range->str,
                   _ ("nothing was locked, and the guard is spent"),
                   text);
    case ATLAS_VERB_UNLOCK:
      g_string_append_printf (range, _ ("unlocked %s at %s"), size, at);
      return tell (atlas_virtual_unlock (process, va, n_bytes),
                   ATLAS_STATUS_NOT_LOCKED,
                   range->str,
                   _ ("pages that were not locked have left the working set"),
                   text);
    case ATLAS_VERB_OFFER:
      g_string_append_printf (range, _ ("offered %s at %s"), size, at);
      return tell (atlas_offer_virtual_memory (
                     process, va, n_bytes, (AtlasOfferPriority) command->offer_priority),
                   ATLAS_STATUS_SUCCESS,
                   range->str,
                   "",
                   text);
    case ATLAS_VERB_RECLAIM:
      g_string_append_printf (range, _ ("contents intact: reclaimed %s at %s"), size, at);
      return tell (atlas_reclaim_virtual_memory (process, va, n_bytes),
                   ATLAS_STATUS_DEVICE_BUSY,
                   range->str,
                   _ ("reclaimed, but contents are gone"),
                   text);
    case ATLAS_VERB_DISCARD:
      g_string_append_printf (range, _ ("discarded %s at %s"), size, at);
      return tell (atlas_discard_virtual_memory (process, va, n_bytes),
                   ATLAS_STATUS_SUCCESS,
                   range->str,
                   "",
                   text);
    case ATLAS_VERB_PREFETCH:
      return run_prefetch (process, command, va, text);
    case ATLAS_VERB_PRIORITY:
      g_string_append_printf (
        range, _ ("pages that come in go to standby list %u later"), command->page_priority);
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
      count = format_pages (
        atlas_system_command_memory_list (system, (AtlasMemoryListCommand) command->list_command));
      g_string_append_printf (text, _ ("%s changed lists; "), count);
      run_memory (system, text);
      return ATLAS_STATUS_SUCCESS;
    case ATLAS_VERB_MEMORY:
      run_memory (system, text);
      return ATLAS_STATUS_SUCCESS;
    default:
      g_return_val_if_reached (ATLAS_STATUS_INVALID_PARAMETER);
    }
}
