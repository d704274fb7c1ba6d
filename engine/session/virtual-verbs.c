/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/run-private.h"

#include <glib/gi18n-lib.h>

#include "session/memory-verbs.h"
#include "windows/refusal.h"

/* What was done to @range, in the words of a row of a table. */
static char *
fill_in (const char *done, const char *range, const char *asked)
{
  g_auto (GStrv) parts = g_strsplit (_ (done), "%s%s", 2);
  g_autofree char *what = g_strconcat (range, asked, NULL);

  return g_strjoinv (what, parts);
}

/* With MEM_COMMIT and no address Windows reserves too. */
static const char *
describe_allocation (guint32 allocation_type, gboolean has_address)
{
  if ((allocation_type & ATLAS_MEM_RESET) != 0)
    return N_ ("reset %s%s");
  if ((allocation_type & ATLAS_MEM_RESET_UNDO) != 0)
    return N_ ("undid the reset of %s%s");
  if ((allocation_type & ATLAS_MEM_RESERVE_PLACEHOLDER) != 0)
    return N_ ("held %s%s");
  if ((allocation_type & ATLAS_MEM_COMMIT) == 0)
    return N_ ("reserved %s%s");
  return (allocation_type & ATLAS_MEM_RESERVE) != 0 || !has_address
           ? N_ ("reserved and committed %s%s")
           : N_ ("committed %s%s");
}

gboolean
atlas_verb_run_allocate (const AtlasRun *run, GError **error)
{
  AtlasMachine *machine = run->machine;
  const AtlasCommand *command = run->command;
  guint64 size_bytes = command->size_bytes;
  AtlasVa asked_va, base_va;
  AtlasStatus status;
  g_autofree char *range = NULL, *asked = NULL;

  if (!atlas_run_need_address (run, &asked_va, error))
    return FALSE;

  base_va = asked_va;
  status = atlas_memory_allocate (machine->process, command, &base_va, &size_bytes);
  if (!atlas_status_is_success (status))
    {
      AtlasAllocationPreview preview;

      atlas_memory_preview (machine->process, command, asked_va, &preview);
      atlas_run_set_refused (run, status, preview.status == status ? preview.reason : NULL);
      return TRUE;
    }

  atlas_machine_bind (machine, command->name, (AtlasBinding){ .va = base_va });
  if (machine->is_silent)
    return TRUE;
  range = atlas_range_format (base_va, size_bytes);
  asked = atlas_run_format_asked (run, asked_va, base_va, size_bytes);
  run->result->status = status;
  atlas_run_set_va (run, base_va);
  atlas_run_set_value (run, base_va);
  run->result->result =
    fill_in (describe_allocation (command->allocation_type, asked_va != 0), range, asked);
  return TRUE;
}

static const char *
describe_free (guint32 free_type)
{
  if ((free_type & ATLAS_MEM_PRESERVE_PLACEHOLDER) != 0)
    return N_ ("made a placeholder of %s%s");
  if ((free_type & ATLAS_MEM_COALESCE_PLACEHOLDERS) != 0)
    return N_ ("made one placeholder of %s%s");
  return (free_type & ATLAS_MEM_RELEASE) != 0 ? N_ ("released %s%s") : N_ ("decommitted %s%s");
}

gboolean
atlas_verb_run_free (const AtlasRun *run, GError **error)
{
  const AtlasCommand *command = run->command;
  AtlasProcess *process = run->machine->process;
  guint64 size_bytes = command->size_bytes;
  const AtlasVad *vad;
  AtlasVa base_va;
  AtlasStatus status;
  g_autofree char *range = NULL, *reason = NULL;

  if (!atlas_run_need_address (run, &base_va, error))
    return FALSE;

  /* VirtualFree refuses a size with MEM_RELEASE, which the Nt form takes; for the rest the Nt form
   * does the same and tells what was freed. */
  status =
    command->allocation_type == ATLAS_MEM_RELEASE && size_bytes != 0
      ? atlas_virtual_free (process, base_va, size_bytes, command->allocation_type)
      : atlas_nt_free_virtual_memory (process, &base_va, &size_bytes, command->allocation_type);
  if (!atlas_status_is_success (status))
    {
      reason = atlas_call_explain_refusal (
        process, ATLAS_CALL_FREE, base_va, size_bytes, command->allocation_type, status);
      atlas_run_set_refused (run, status, reason);
      return TRUE;
    }

  if (run->machine->is_silent)
    return TRUE;
  /* Windows gives a size of 0 back where it has decommitted all of an allocation. */
  vad =
    size_bytes == 0 ? atlas_vad_tree_find (atlas_process_get_vads (process), base_va, NULL) : NULL;
  if (vad != NULL)
    size_bytes = atlas_vad_get_last_va (vad) - base_va + 1u;
  range = atlas_range_format (base_va, size_bytes);
  run->result->status = status;
  atlas_run_set_va (run, base_va);
  atlas_run_set_value (run, base_va);
  run->result->result = fill_in (describe_free (command->allocation_type), range, "");
  return TRUE;
}

gboolean
atlas_verb_run_protect (const AtlasRun *run, GError **error)
{
  guint64 size_bytes = run->command->size_bytes;
  guint32 old_protect = 0;
  AtlasVa asked_va, base_va;
  AtlasStatus status;
  g_autofree char *range = NULL, *asked = NULL, *before = NULL, *now = NULL, *reason = NULL;

  if (!atlas_run_need_address (run, &asked_va, error))
    return FALSE;

  base_va = asked_va;
  status = atlas_nt_protect_virtual_memory (
    run->machine->process, &base_va, &size_bytes, run->command->protect, &old_protect);
  if (!atlas_status_is_success (status))
    {
      reason = atlas_call_explain_refusal (run->machine->process,
                                           ATLAS_CALL_PROTECT,
                                           asked_va,
                                           run->command->size_bytes,
                                           run->command->protect,
                                           status);
      atlas_run_set_refused (run, status, reason);
      return TRUE;
    }

  if (run->machine->is_silent)
    return TRUE;
  range = atlas_range_format (base_va, size_bytes);
  asked = atlas_run_format_asked (run, asked_va, base_va, size_bytes);
  before = atlas_protect_format (old_protect);
  now = atlas_protect_format (run->command->protect);
  run->result->status = status;
  atlas_run_set_va (run, base_va);
  atlas_run_set_value (run, base_va);
  run->result->result =
    g_strdup_printf (_ ("protected %s%s: %s, was %s"), range, asked, now, before);
  return TRUE;
}

gboolean
atlas_verb_run_query (const AtlasRun *run, GError **error)
{
  AtlasRegion region;
  AtlasVa va;
  AtlasStatus status;
  GString *text;
  g_autofree char *range = NULL;

  if (!atlas_run_need_address (run, &va, error))
    return FALSE;

  status = atlas_nt_query_virtual_memory (run->machine->process, va, &region);
  if (!atlas_status_is_success (status))
    {
      atlas_run_set_refused (run, status, NULL);
      return TRUE;
    }

  range = atlas_range_format (region.base_va, region.size_bytes);
  text = g_string_new (range);
  g_string_append_printf (text, ": %s", _ (atlas_region_state_get_name (region.state)));
  if (region.type != ATLAS_TYPE_NONE)
    g_string_append_printf (text, ", %s", _ (atlas_region_type_get_name (region.type)));
  if (region.state == ATLAS_STATE_COMMIT)
    {
      g_autofree char *protect = atlas_protect_format (region.protect);

      g_string_append_printf (text, ", %s", protect);
    }
  if (region.type != ATLAS_TYPE_NONE)
    {
      g_autofree char *protect = atlas_protect_format (region.allocation_protect);
      g_autofree char *base = atlas_format_hex (region.allocation_base_va);

      g_string_append_printf (text, _ ("; allocated at %s with %s"), base, protect);
    }

  run->result->status = status;
  atlas_run_set_value (run, region.base_va);
  run->result->result = g_string_free (text, FALSE);
  return TRUE;
}
