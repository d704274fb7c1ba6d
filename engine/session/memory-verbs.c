/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/memory-verbs.h"

#include <glib/gi18n-lib.h>

#include "space/room.h"
#include "space/why.h"
#include "windows/alpha.h"
#include "windows/awe.h"
#include "windows/page-64k.h"
#include "windows/probe.h"
#include "windows/reconcile.h"
#include "windows/virtual-copy.h"
#include "windows/virtual-information.h"
#include "windows/write-watch.h"

/* Answers that one line has room for. */
#define MAX_SHOWN 4u
/* Pages that a watch is asked for at once; a choice. */
#define MAX_WATCHED ATLAS_BIT (20)

static void
append_va (GString *text, const char *before, AtlasVa va)
{
  g_string_append_printf (text, "%s0x%" G_GINT64_MODIFIER "x", before, va);
}

static void
append_size (GString *text, const char *before, guint64 size_bytes)
{
  g_autofree char *size = atlas_format_size (size_bytes);

  g_string_append_printf (text, "%s%s", before, size);
}

/* "1 page", "2,048 pages". (transfer full) */
static char *
format_pages (guint64 n_pages)
{
  g_autofree char *count = atlas_format_count (n_pages);

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s page", "%s pages", (gulong) n_pages),
                          count);
}

static gboolean
has_limits (const AtlasCommand *command)
{
  return command->limits.lowest_va != 0 || command->limits.highest_va != 0 ||
         command->limits.alignment_bytes != 0;
}

static guint32
get_allocation_type (const AtlasCommand *command)
{
  return command->allocation_type |
         (command->verb == ATLAS_VERB_REPLACE ? ATLAS_MEM_REPLACE_PLACEHOLDER : 0u);
}

#define N_PARAMETERS 2u

/* What VirtualAlloc2 would be given. Returns how many. */
static guint
get_parameters (const AtlasCommand *command, AtlasExtendedParameter parameters[N_PARAMETERS])
{
  parameters[0] = (AtlasExtendedParameter){ .type = ATLAS_EXTENDED_ADDRESS_REQUIREMENTS,
                                            .requirements = &command->limits };
  parameters[1] = (AtlasExtendedParameter){ .type = ATLAS_EXTENDED_ATTRIBUTE_FLAGS,
                                            .value = ATLAS_ATTRIBUTE_NONPAGED_HUGE };
  return command->has_switch ? 2 : 1;
}

static gboolean
is_extended (const AtlasCommand *command)
{
  return command->verb == ATLAS_VERB_PLACEHOLDER || command->verb == ATLAS_VERB_REPLACE ||
         has_limits (command) || command->has_switch;
}

AtlasStatus
atlas_memory_allocate (AtlasProcess *process,
                       const AtlasCommand *command,
                       AtlasVa *base_va,
                       guint64 *size_bytes)
{
  AtlasExtendedParameter parameters[N_PARAMETERS];
  guint n_parameters = get_parameters (command, parameters);

  if (!is_extended (command))
    return atlas_nt_allocate_virtual_memory (
      process, base_va, command->zero_bits, size_bytes, command->allocation_type, command->protect);
  return atlas_nt_allocate_virtual_memory_ex (process,
                                              base_va,
                                              size_bytes,
                                              get_allocation_type (command),
                                              command->protect,
                                              parameters,
                                              n_parameters);
}

void
atlas_memory_preview (AtlasProcess *process,
                      const AtlasCommand *command,
                      AtlasVa va,
                      AtlasAllocationPreview *preview)
{
  AtlasExtendedParameter parameters[N_PARAMETERS];
  guint n_parameters = get_parameters (command, parameters);

  if (is_extended (command))
    atlas_virtual_alloc2_preview (process,
                                  va,
                                  command->size_bytes,
                                  get_allocation_type (command),
                                  command->protect,
                                  parameters,
                                  n_parameters,
                                  preview);
  else
    atlas_virtual_alloc_preview (
      process, va, command->size_bytes, command->allocation_type, command->protect, preview);
}

static AtlasStatus
run_watch (const AtlasMemoryVerb *verb, GString *text)
{
  guint64 n_pages = MAX_WATCHED;
  g_autofree AtlasVa *pages = g_new (AtlasVa, n_pages);
  g_autofree char *count = NULL;
  guint64 page_bytes;
  AtlasStatus status =
    atlas_nt_get_write_watch (verb->process,
                              verb->command->has_switch ? ATLAS_WRITE_WATCH_FLAG_RESET : 0,
                              verb->va,
                              verb->command->size_bytes,
                              pages,
                              &n_pages,
                              &page_bytes);

  if (!atlas_status_is_success (status))
    return status;
  count = format_pages (n_pages);
  g_string_append_printf (text, _ ("%s written"), count);
  for (guint64 i = 0; i < MIN (n_pages, MAX_SHOWN); i++)
    append_va (text, i == 0 ? ": " : ", ", pages[i]);
  g_string_append (text, n_pages > MAX_SHOWN ? ", …" : "");
  g_string_append (text, verb->command->has_switch ? _ ("; unwritten from here on") : "");
  return status;
}

static AtlasStatus
run_awe (const AtlasMemoryVerb *verb, GString *text)
{
  guint64 n_asked = atlas_page_ceil (verb->command->size_bytes) / ATLAS_PAGE_BYTES;
  guint64 n_held = atlas_process_count_user_physical_pages (verb->process);
  const AtlasFrames *frames = atlas_system_get_frames (atlas_process_get_system (verb->process));
  /* Windows gives fewer when there are fewer. */
  guint64 n_pages = MIN (n_asked, atlas_frames_get_n_frames (frames));
  g_autofree AtlasPfn *pfns = g_new (AtlasPfn, MAX (n_held, n_pages) + 1u);
  g_autofree char *count = NULL, *at = NULL, *frame = NULL;
  guint64 first = verb->command->value;
  AtlasStatus status;

  if (verb->command->verb == ATLAS_VERB_AWE)
    {
      status = atlas_nt_allocate_user_physical_pages (verb->process, &n_pages, pfns);
      if (!atlas_status_is_success (status))
        return status;
      count = format_pages (n_held + n_pages);
      g_string_append_printf (text, _ ("holds %s of physical memory"), count);
      return status;
    }

  atlas_process_list_user_physical_pages (verb->process, pfns, n_held);
  if (first > n_held || n_pages > n_held - first)
    {
      count = format_pages (n_held);
      g_string_append_printf (text, _ ("The program holds only %s of physical memory."), count);
      return ATLAS_STATUS_INVALID_PARAMETER_2;
    }
  if (verb->command->verb == ATLAS_VERB_AWE_FREE)
    {
      status = atlas_nt_free_user_physical_pages (verb->process, &n_pages, pfns + first);
      count = format_pages (n_pages);
      g_string_append_printf (text, _ ("gave back %s"), count);
      return status;
    }
  status = atlas_nt_map_user_physical_pages (verb->process, verb->va, n_pages, pfns + first);
  if (!atlas_status_is_success (status))
    return status;
  count = format_pages (n_pages);
  at = atlas_format_hex (verb->va & ~(AtlasVa) ATLAS_PAGE_MASK);
  frame = atlas_format_hex (pfns[first]);
  g_string_append_printf (text, _ ("mapped %s at %s, from frame %s on"), count, at, frame);
  return status;
}

static AtlasStatus
run_awe_unmap (const AtlasMemoryVerb *verb, GString *text)
{
  guint64 n_pages = atlas_page_ceil (verb->command->size_bytes) / ATLAS_PAGE_BYTES;
  AtlasStatus status = atlas_nt_map_user_physical_pages (verb->process, verb->va, n_pages, NULL);

  g_autofree char *count = format_pages (n_pages);
  g_autofree char *at = atlas_format_hex (verb->va & ~(AtlasVa) ATLAS_PAGE_MASK);

  if (!atlas_status_is_success (status))
    return status;
  g_string_append_printf (text, _ ("unmapped %s at %s"), count, at);
  return status;
}

static AtlasStatus
run_copy (const AtlasMemoryVerb *verb, GString *text)
{
  guint64 n_copied = 0;
  AtlasStatus status = atlas_copy_virtual_memory (verb->from,
                                                  verb->va,
                                                  verb->to,
                                                  verb->target_va,
                                                  verb->command->size_bytes,
                                                  &n_copied,
                                                  verb->trace);

  g_autofree char *size = atlas_format_size (n_copied);
  g_autofree char *from = atlas_format_hex (verb->va);
  g_autofree char *to = atlas_format_hex (verb->target_va);

  g_string_append_printf (text,
                          atlas_status_is_success (status) ? _ ("copied %s from %s to %s")
                                                           : _ ("Copied were %s from %s to %s."),
                          size,
                          from,
                          to);
  return status;
}

static AtlasStatus
run_probe (const AtlasMemoryVerb *verb, GString *text)
{
  const AtlasCommand *command = verb->command;
  guint64 alignment_bytes = MAX (command->limits.alignment_bytes, 1u);
  g_autofree char *size = NULL, *at = NULL;
  AtlasStatus status =
    command->has_switch
      ? atlas_probe_for_write (
          verb->process, verb->va, command->size_bytes, alignment_bytes, verb->trace)
      : atlas_probe_for_read (
          verb->va,
          command->size_bytes,
          alignment_bytes,
          atlas_control_get_n_levels (atlas_process_get_control (verb->process)),
          verb->trace);

  if (!atlas_status_is_success (status))
    return status;
  size = atlas_format_size (command->size_bytes);
  at = atlas_format_hex (verb->va);
  g_string_append_printf (text,
                          command->has_switch ? _ ("the kernel may write %s at %s")
                                              : _ ("the kernel may read %s at %s"),
                          size,
                          at);
  return status;
}

static void
run_room (const AtlasMemoryVerb *verb, GString *text)
{
  const AtlasCommand *command = verb->command;
  g_autoptr (AtlasRoom) room =
    atlas_room_new (atlas_space_get_regions (atlas_process_get_space (verb->process)));
  AtlasRoomQuery query = { .size_bytes = command->size_bytes,
                           .alignment_bytes = command->limits.alignment_bytes,
                           .first_va = command->limits.lowest_va,
                           .last_va = command->limits.highest_va != 0
                                        ? command->limits.highest_va
                                        : atlas_process_get_max_va (verb->process) };
  g_autofree char *reason = NULL;
  AtlasRoomIter iter;
  AtlasRoomPlaces places;
  AtlasVa chosen_vas[ATLAS_ROOM_N_STRATEGIES];
  guint n_shown = 0;

  if (command->address != NULL)
    {
      AtlasVa first_va, last_va;

      atlas_room_get_reach (verb->va, &first_va, &last_va);
      query.first_va = MAX (query.first_va, first_va);
      query.last_va = MIN (query.last_va, last_va);
    }
  reason = query.first_va <= query.last_va ? atlas_room_explain (room, &query)
                                           : g_strdup (_ ("The limits exclude each other."));
  if (reason != NULL)
    {
      g_string_append_printf (text, _ ("no room: %s"), reason);
      return;
    }
  atlas_room_iter_init (&iter, room, &query);
  while (atlas_room_iter_next (&iter, &places))
    {
      g_autofree char *count = atlas_format_count (places.n_places);

      if (n_shown++ == MAX_SHOWN)
        {
          g_string_append (text, ", …");
          break;
        }
      append_va (text, n_shown == 1 ? _ ("room at ") : ", ", places.base_va);
      if (places.n_places > 1)
        {
          append_va (text, "…", places.last_base_va);
          g_string_append_printf (text, _ (" (%s places)"), count);
        }
    }
  atlas_room_choose (room, &query, chosen_vas);
  for (guint i = 0; i < ATLAS_ROOM_N_STRATEGIES; i++)
    {
      g_string_append_printf (text,
                              "%s%s ",
                              i == 0 ? "; " : ", ",
                              _ (atlas_room_strategy_get_name ((AtlasRoomStrategy) i)));
      append_va (text, "", chosen_vas[i]);
    }
}

static void
run_why (const AtlasMemoryVerb *verb, GString *text)
{
  g_auto (AtlasWhy) why = { 0 };

  atlas_why_init (&why, atlas_process_get_space (verb->process), verb->va);
  append_va (text, "", verb->va);
  g_string_append_printf (text, ": %s. %s", why.what, why.reason);
  if (why.source != NULL)
    g_string_append_printf (text, " (%s)", why.source);
  g_string_append_printf (text, _ (" Allocate here? %s"), why.verdict);
  if (why.rule_source != NULL)
    g_string_append_printf (text, " (%s)", why.rule_source);
}

static void
run_check (const AtlasMemoryVerb *verb, GString *text)
{
  g_autoptr (GArray) conflicts = atlas_process_find_conflicts (verb->process);

  if (conflicts->len == 0)
    {
      g_string_append (text, "VADs, frames and page tables agree");
      return;
    }
  g_string_append_printf (
    text, "%u %s", conflicts->len, conflicts->len == 1 ? "conflict" : "conflicts");
  for (guint i = 0; i < MIN (conflicts->len, MAX_SHOWN); i++)
    {
      g_autofree char *line = atlas_conflict_format (&g_array_index (conflicts, AtlasConflict, i));

      g_string_append_printf (text, "%s%s", i == 0 ? ": " : "; ", line);
    }
  if (conflicts->len > MAX_SHOWN)
    g_string_append (text, "; …");
}

static AtlasStatus
run_region (const AtlasMemoryVerb *verb, GString *text)
{
  AtlasMemoryRegionInformation region;
  AtlasStatus status = atlas_nt_query_virtual_memory_class (
    verb->process, verb->va, ATLAS_MEMORY_REGION_INFORMATION, &region, sizeof region, NULL);
  guint64 n_64k[ATLAS_N_PAGE_64K_STATES];
  g_autofree char *words = NULL;
  g_autofree char *protect = NULL;

  if (!atlas_status_is_success (status))
    return status;
  words = atlas_region_type_bits_format (region.region_type);
  protect = atlas_protect_format (region.allocation_protect);
  append_va (text, "", region.allocation_base_va);
  append_size (text, ", ", region.region_bytes);
  append_size (text, _ (", of which committed "), region.commit_bytes);
  g_string_append_printf (text, _ (": %s; allocated with %s"), words, protect);
  if (atlas_process_count_pages_64k (verb->process, verb->va, n_64k))
    {
      AtlasPage64k page;
      g_autofree char *there = NULL;

      atlas_process_find_page_64k (verb->process, verb->va, &page);
      there = atlas_page_64k_describe (&page);
      g_string_append_printf (
        text,
        _ ("; pages of 64 KB in one piece %llu, in small pages %llu, absent %llu. "
           "%s"),
        (unsigned long long) n_64k[ATLAS_PAGE_64K_WHOLE],
        (unsigned long long) n_64k[ATLAS_PAGE_64K_SMALL],
        (unsigned long long) n_64k[ATLAS_PAGE_64K_ABSENT],
        there);
    }
  return status;
}

static void
run_alpha (const AtlasMemoryVerb *verb, GString *text)
{
  AtlasAlphaInstruction instructions[ATLAS_ALPHA_INSTRUCTIONS_MAX];
  guint n = atlas_alpha_load ((guint32) verb->command->value, instructions);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *words = atlas_alpha_format (&instructions[i]);

      g_string_append_printf (text, "%s%s", i == 0 ? "" : "; ", words);
    }
  g_string_append_printf (
    text, " → 0x%" G_GINT64_MODIFIER "x", (guint64) atlas_alpha_run (instructions, n));
  if (n == ATLAS_ALPHA_INSTRUCTIONS_MAX)
    g_string_append (text, _ (": three instructions, for 0x8000 as a signed half is negative"));
}

AtlasStatus
atlas_memory_verb_run (const AtlasMemoryVerb *verb, GString *text)
{
  AtlasStatus status;

  switch ((guint) verb->command->verb)
    {
    case ATLAS_VERB_WATCH:
      return run_watch (verb, text);
    case ATLAS_VERB_RESET_WATCH:
      status = atlas_nt_reset_write_watch (verb->process, verb->va, verb->command->size_bytes);
      if (atlas_status_is_success (status))
        append_va (text, _ ("unwritten from here on, from "), verb->va);
      return status;
    case ATLAS_VERB_AWE:
    case ATLAS_VERB_AWE_MAP:
    case ATLAS_VERB_AWE_FREE:
      return run_awe (verb, text);
    case ATLAS_VERB_AWE_UNMAP:
      return run_awe_unmap (verb, text);
    case ATLAS_VERB_COPY:
      return run_copy (verb, text);
    case ATLAS_VERB_PROBE:
      return run_probe (verb, text);
    case ATLAS_VERB_REGION:
      return run_region (verb, text);
    case ATLAS_VERB_ROOM:
      run_room (verb, text);
      return ATLAS_STATUS_SUCCESS;
    case ATLAS_VERB_WHY:
      run_why (verb, text);
      return ATLAS_STATUS_SUCCESS;
    case ATLAS_VERB_CHECK:
      run_check (verb, text);
      return ATLAS_STATUS_SUCCESS;
    case ATLAS_VERB_ALPHA:
      run_alpha (verb, text);
      return ATLAS_STATUS_SUCCESS;
    default:
      break;
    }
  g_return_val_if_reached (ATLAS_STATUS_INVALID_PARAMETER);
}
