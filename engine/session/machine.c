/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/run-private.h"

#include <glib/gi18n-lib.h>

#include "session/bare-verbs.h"
#include "session/memory-verbs.h"
#include "session/paging-verbs.h"
#include "session/section-verbs.h"
#include "session/processor-verbs.h"

AtlasMachine *
atlas_machine_new (AtlasFiles *files)
{
  AtlasMachine *machine = g_new0 (AtlasMachine, 1);

  machine->files = atlas_files_ref (files);
  machine->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return machine;
}

void
atlas_machine_free (AtlasMachine *machine)
{
  g_hash_table_unref (machine->names);
  atlas_files_unref (machine->files);
  g_clear_pointer (&machine->system, atlas_system_free);
  g_clear_pointer (&machine->bare, atlas_bare_free);
  g_free (machine);
}

/* What a kernel debugger does. */
static gboolean
run_debug (const AtlasRun *run, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  AtlasStatus status;
  AtlasVa va;

  if (!atlas_run_need_address (run, &va, error))
    return FALSE;

  status = atlas_processor_verb_run (run->machine->process, run->command, va, text);
  if (!atlas_status_is_success (status))
    {
      atlas_run_set_refused (run, status, text->str);
      return TRUE;
    }
  run->result->status = status;
  if (run->command->address != NULL)
    atlas_run_set_va (run, va);
  run->result->result = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

/* What is needed first: the machine, a process that may be named, or a process and an address. */
static gboolean
run_paging (const AtlasRun *run, GError **error)
{
  AtlasVerbId verb = run->command->verb;
  AtlasProcess *process = run->machine->process;
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean is_ready;
  AtlasStatus status;
  AtlasVa va = 0;

  if (verb == ATLAS_VERB_PAGEFILE || verb == ATLAS_VERB_MEMORY || verb == ATLAS_VERB_MEMLIST)
    is_ready = atlas_run_need_system (run, error);
  else if (verb == ATLAS_VERB_TRIM || verb == ATLAS_VERB_WORKINGSET || verb == ATLAS_VERB_PRIORITY)
    is_ready = atlas_run_need_named_process (run, &process, error);
  else
    is_ready = atlas_run_need_address (run, &va, error);
  if (!is_ready)
    return FALSE;

  status = atlas_paging_verb_run (run->machine->system, process, run->command, va, text);
  if (run->command->address != NULL)
    atlas_run_set_va (run, va);
  if (text->len == 0)
    {
      atlas_run_set_refused (run, status, NULL);
      return TRUE;
    }
  run->result->status = status;
  run->result->result = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

/* The file or section that the command names. */
static gboolean
run_need_object (const AtlasRun *run, AtlasSectionVerb *verb, GError **error)
{
  const AtlasCommand *command = run->command;
  gboolean is_file = command->verb == ATLAS_VERB_SECTION || command->verb == ATLAS_VERB_LOAD;
  const AtlasBinding *binding;

  if (command->object == NULL)
    return TRUE;
  binding = atlas_machine_find (run->machine, command->object);
  if (binding != NULL)
    {
      verb->file = binding->file;
      verb->section = binding->section;
    }
  if (is_file ? verb->file != NULL : verb->section != NULL)
    return TRUE;
  return atlas_run_fail (run,
                         command->object_column,
                         command->object,
                         is_file ? N_ ("the name of a file, such as: file $f = PATH")
                                 : N_ ("the name of a section, such as: section $s = 64K"),
                         error);
}

static gboolean
run_section (const AtlasRun *run, GError **error)
{
  AtlasMachine *machine = run->machine;
  AtlasVerbId kind = run->command->verb;
  AtlasSectionVerb verb = { .files = machine->files, .command = run->command };
  AtlasSectionProduct product = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean is_ready;
  AtlasStatus status;

  is_ready = kind == ATLAS_VERB_FILE || kind == ATLAS_VERB_SECTION || kind == ATLAS_VERB_EXTEND ||
                 kind == ATLAS_VERB_CLOSE
               ? atlas_run_need_system (run, error)
               : atlas_run_need_address (run, &verb.va, error);
  if (!is_ready || !run_need_object (run, &verb, error))
    return FALSE;

  verb.system = machine->system;
  verb.process = machine->process;
  status = atlas_section_verb_run (&verb, &product, text);
  if (!atlas_status_is_success (status))
    {
      atlas_run_set_refused (run, status, text->len > 0 ? text->str : NULL);
      return TRUE;
    }
  if (kind == ATLAS_VERB_CLOSE)
    atlas_machine_unbind (machine, verb.section);
  atlas_machine_bind (
    machine,
    run->command->name,
    (AtlasBinding){ .file = product.file, .section = product.section, .va = product.va });
  if (product.has_va || run->command->address != NULL)
    atlas_run_set_va (run, product.has_va ? product.va : verb.va);
  if (product.has_va)
    atlas_run_set_value (run, product.va);
  run->result->status = status;
  run->result->result = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

static gboolean
run_special (const AtlasRun *run, GError **error)
{
  const AtlasCommand *command = run->command;
  AtlasMemoryVerb verb = { .command = command };
  g_autoptr (GString) text = g_string_new (NULL);
  AtlasStatus status;

  if (!atlas_run_need_address (run, &verb.va, error) ||
      !atlas_run_evaluate (run, command->target, command->target_column, &verb.target_va, error) ||
      !atlas_run_find_process (run, command->name, command->name_column, &verb.from, error) ||
      !atlas_run_find_process (run, command->object, command->object_column, &verb.to, error))
    return FALSE;

  verb.process = run->machine->process;
  if (atlas_verb_get_effect (command->verb) == ATLAS_EFFECT_ACCESS)
    run->result->trace = atlas_trace_new ();
  verb.trace = run->result->trace;
  status = atlas_memory_verb_run (&verb, text);
  if (!atlas_status_is_success (status))
    {
      atlas_run_set_refused (run, status, text->len > 0 ? text->str : NULL);
      return TRUE;
    }
  if (command->address != NULL)
    atlas_run_set_va (run, verb.va);
  run->result->status = status;
  run->result->result = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

gboolean
atlas_machine_run (AtlasMachine *machine,
                   const AtlasCommand *command,
                   AtlasCommandResult *result,
                   guint *error_column,
                   GError **error)
{
  static gboolean (*const runners[ATLAS_N_VERBS]) (const AtlasRun *run, GError **error) = {
    [ATLAS_VERB_SYSTEM] = atlas_verb_run_system,
    [ATLAS_VERB_MACHINE] = atlas_bare_run,
    [ATLAS_VERB_FRAME] = atlas_bare_refuse,
    [ATLAS_VERB_PUT] = atlas_bare_refuse,
    [ATLAS_VERB_PROCESS] = atlas_verb_run_process,
    [ATLAS_VERB_SELECT] = atlas_verb_run_select,
    [ATLAS_VERB_TERMINATE] = atlas_verb_run_terminate,
    [ATLAS_VERB_ALLOC] = atlas_verb_run_allocate,
    [ATLAS_VERB_RESERVE] = atlas_verb_run_allocate,
    [ATLAS_VERB_COMMIT] = atlas_verb_run_allocate,
    [ATLAS_VERB_DECOMMIT] = atlas_verb_run_free,
    [ATLAS_VERB_RELEASE] = atlas_verb_run_free,
    [ATLAS_VERB_FREE] = atlas_verb_run_free,
    [ATLAS_VERB_PROTECT] = atlas_verb_run_protect,
    [ATLAS_VERB_QUERY] = atlas_verb_run_query,
    [ATLAS_VERB_READ] = atlas_verb_run_access,
    [ATLAS_VERB_WRITE] = atlas_verb_run_access,
    [ATLAS_VERB_EXECUTE] = atlas_verb_run_access,
    [ATLAS_VERB_TICK] = atlas_verb_run_tick,
    [ATLAS_VERB_MSR] = atlas_verb_run_msr,
    [ATLAS_VERB_WRMSR] = atlas_verb_run_wrmsr,
    [ATLAS_VERB_ENTRY] = run_debug,
    [ATLAS_VERB_INVLPG] = run_debug,
    [ATLAS_VERB_CR3] = run_debug,
    [ATLAS_VERB_CONTROL] = run_debug,
    [ATLAS_VERB_TLB] = run_debug,
    [ATLAS_VERB_COUNTERS] = run_debug,
    [ATLAS_VERB_RESET] = atlas_verb_run_allocate,
    [ATLAS_VERB_RESET_UNDO] = atlas_verb_run_allocate,
    [ATLAS_VERB_PAGEFILE] = run_paging,
    [ATLAS_VERB_WORKINGSET] = run_paging,
    [ATLAS_VERB_TRIM] = run_paging,
    [ATLAS_VERB_LOCK] = run_paging,
    [ATLAS_VERB_UNLOCK] = run_paging,
    [ATLAS_VERB_OFFER] = run_paging,
    [ATLAS_VERB_RECLAIM] = run_paging,
    [ATLAS_VERB_DISCARD] = run_paging,
    [ATLAS_VERB_PREFETCH] = run_paging,
    [ATLAS_VERB_FAIL] = run_paging,
    [ATLAS_VERB_REPAIR] = run_paging,
    [ATLAS_VERB_WHERE] = run_paging,
    [ATLAS_VERB_MEMORY] = run_paging,
    [ATLAS_VERB_PRIORITY] = run_paging,
    [ATLAS_VERB_HOLD] = run_paging,
    [ATLAS_VERB_UNHOLD] = run_paging,
    [ATLAS_VERB_MEMLIST] = run_paging,
    [ATLAS_VERB_FILE] = run_section,
    [ATLAS_VERB_SECTION] = run_section,
    [ATLAS_VERB_MAP] = run_section,
    [ATLAS_VERB_UNMAP] = run_section,
    [ATLAS_VERB_LOAD] = run_section,
    [ATLAS_VERB_EXTEND] = run_section,
    [ATLAS_VERB_CLOSE] = run_section,
    [ATLAS_VERB_VIEW] = run_section,
    [ATLAS_VERB_IMAGE] = run_section,
    [ATLAS_VERB_PLACEHOLDER] = atlas_verb_run_allocate,
    [ATLAS_VERB_REPLACE] = atlas_verb_run_allocate,
    [ATLAS_VERB_SPLIT] = atlas_verb_run_free,
    [ATLAS_VERB_COALESCE] = atlas_verb_run_free,
    [ATLAS_VERB_WATCH] = run_special,
    [ATLAS_VERB_RESET_WATCH] = run_special,
    [ATLAS_VERB_AWE] = run_special,
    [ATLAS_VERB_AWE_MAP] = run_special,
    [ATLAS_VERB_AWE_UNMAP] = run_special,
    [ATLAS_VERB_AWE_FREE] = run_special,
    [ATLAS_VERB_COPY] = run_special,
    [ATLAS_VERB_PROBE] = run_special,
    [ATLAS_VERB_REGION] = run_special,
    [ATLAS_VERB_ROOM] = run_special,
    [ATLAS_VERB_WHY] = run_special,
    [ATLAS_VERB_CHECK] = run_special,
    [ATLAS_VERB_ALPHA] = run_special,
  };
  const AtlasRun run = {
    .machine = machine,
    .command = command,
    .result = result,
    .error_column = error_column,
  };

  if (machine->bare != NULL ? !atlas_bare_run (&run, error) : !runners[command->verb](&run, error))
    return FALSE;
  if (atlas_verb_get_effect (command->verb) != ATLAS_EFFECT_LOOK)
    machine->is_in_use = TRUE;
  return TRUE;
}

gboolean
atlas_machine_run_again (AtlasMachine *machine,
                         const AtlasCommand *command,
                         guint *error_column,
                         GError **error)
{
  AtlasCommandResult result = { 0 };
  gboolean has_run;

  machine->is_silent = TRUE;
  has_run = atlas_machine_run (machine, command, &result, error_column, error);
  machine->is_silent = FALSE;
  g_free (result.result);
  return has_run;
}
