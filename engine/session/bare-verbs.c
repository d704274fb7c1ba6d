/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/bare-verbs.h"

#include <glib/gi18n-lib.h>

#include "paging/msr.h"
#include "session/bare.h"
#include "session/processor-verbs.h"
#include "windows/fault-trace.h"

static guint64
count_invalidated (const AtlasBare *bare)
{
  const AtlasTlb *tlb = atlas_mmu_get_tlb (bare->mmu);

  return tlb != NULL ? atlas_tlb_get_counters (tlb)->n_invalidated : 0;
}

static gboolean
run_machine (const AtlasRun *run, GError **error)
{
  AtlasMachine *machine = run->machine;
  const AtlasCommand *command = run->command;
  guint64 memory_bytes =
    command->size_bytes != 0 ? command->size_bytes : (guint64) ATLAS_BARE_DEFAULT_BYTES;
  g_autofree char *size = atlas_format_size (memory_bytes);
  AtlasBare *bare;

  if (machine->is_in_use || machine->system != NULL)
    return atlas_run_fail (run,
                           command->column,
                           "machine",
                           N_ ("it before every other command: this machine already runs"),
                           error);
  if (memory_bytes < ATLAS_BARE_MIN_BYTES || memory_bytes > ATLAS_BARE_MAX_BYTES ||
      memory_bytes % ATLAS_PAGE_BYTES != 0)
    return atlas_run_fail (
      run, command->column, size, N_ ("memory from 1M to 4T, in whole pages of 4K"), error);
  *run->error_column = command->column;
  bare = atlas_bare_new (
    memory_bytes, command->value != 0 ? (guint) command->value : ATLAS_LEVEL_PML4, error);
  if (bare == NULL)
    return FALSE;

  g_clear_pointer (&machine->bare, atlas_bare_free);
  machine->bare = bare;
  run->result->result =
    g_strdup_printf (_ ("a machine with %s, no operating system, page tables of %u levels"),
                     size,
                     atlas_control_get_n_levels (atlas_mmu_get_control (bare->mmu)));
  return TRUE;
}

/* Refuses what is no page of this machine's memory. */
static gboolean
is_page (const AtlasRun *run, AtlasPa pa)
{
  g_autofree char *at = NULL;

  if ((pa & ATLAS_PAGE_MASK) == 0 && pa < atlas_memory_get_size (run->machine->bare->memory))
    return TRUE;
  at = atlas_format_hex (pa);
  run->result->status = ATLAS_STATUS_INVALID_PARAMETER;
  run->result->result = g_strdup_printf (
    _ ("refused: %s is not the first address of a page of this machine's memory"), at);
  return FALSE;
}

static void
run_frame (const AtlasRun *run, AtlasPa pa)
{
  AtlasBare *bare = run->machine->bare;
  g_autofree char *at = atlas_format_hex (pa);

  if (!is_page (run, pa))
    return;
  atlas_memory_zero_page (bare->memory, pa >> ATLAS_PAGE_SHIFT);
  atlas_machine_bind (run->machine, run->command->name, (AtlasBinding){ .va = pa });
  atlas_run_set_value (run, pa);
  run->result->result = g_strdup_printf (_ ("the page at physical %s is all zeros"), at);
}

static gboolean
run_put (const AtlasRun *run, AtlasPa table_pa, GError **error)
{
  AtlasBare *bare = run->machine->bare;
  AtlasPa entry_pa = table_pa + run->command->value * ATLAS_ENTRY_BYTES;
  guint64 entry, before = 0;
  g_autofree char *at = NULL, *is = NULL, *was = NULL;

  if (!atlas_run_evaluate (run, run->command->target, run->command->target_column, &entry, error))
    return FALSE;
  if (!is_page (run, table_pa))
    return TRUE;

  atlas_memory_read_u64 (bare->memory, entry_pa, &before);
  atlas_memory_write_u64 (bare->memory, entry_pa, entry);
  at = atlas_format_hex (table_pa);
  is = atlas_format_hex (entry);
  was = atlas_format_hex (before);
  run->result->result = g_strdup_printf (_ ("entry %u of the table at physical %s is %s, was %s"),
                                         (guint) run->command->value,
                                         at,
                                         is,
                                         was);
  return TRUE;
}

static void
run_cr3 (const AtlasRun *run, guint64 value, GString *text)
{
  AtlasBare *bare = run->machine->bare;
  AtlasControl wanted = *atlas_mmu_get_control (bare->mmu);
  guint64 n_before = count_invalidated (bare);
  AtlasControlRule rule;

  if (run->command->address == NULL)
    value = wanted.cr3;
  rule = atlas_control_set_cr3 (&wanted, value);
  if (rule != ATLAS_RULE_NONE)
    {
      run->result->status = ATLAS_STATUS_INVALID_PARAMETER;
      g_string_append_printf (text, "#GP(0): %s", _ (atlas_control_rule_get_text (rule)));
      return;
    }
  if (!is_page (run, atlas_control_get_root_pa (&wanted)))
    return;
  atlas_mmu_load_cr3 (bare->mmu, value);
  g_string_append_printf (text, "CR3 0x%" G_GINT64_MODIFIER "x; ", value);
  atlas_processor_append_dropped (text, count_invalidated (bare) - n_before);
}

/* ---- Accesses ---- */

/* One page's part; FALSE when the processor refuses it. */
static gboolean
access_page (AtlasBare *bare,
             const AtlasWalkQuery *query,
             guint8 *bytes,
             gsize n_bytes,
             AtlasTrace *trace,
             AtlasWalkResult *result)
{
  if (atlas_mmu_access (bare->mmu, query, trace, result) != ATLAS_OUTCOME_TRANSLATED)
    return FALSE;
  if (query->access == ATLAS_ACCESS_WRITE)
    atlas_memory_write (bare->memory, result->pa, bytes, n_bytes);
  /* Where no memory answers a bus reads ones. A choice: so PCs do. */
  else if (!atlas_memory_read (bare->memory, result->pa, bytes, n_bytes))
    memset (bytes, 0xff, n_bytes);
  return TRUE;
}

static void
tell_fault (const AtlasWalkResult *result, GString *text)
{
  static const char *const names[] = {
    [ATLAS_OUTCOME_TRANSLATED] = NULL,          [ATLAS_OUTCOME_PAGE_FAULT] = "#PF",
    [ATLAS_OUTCOME_GENERAL_PROTECTION] = "#GP", [ATLAS_OUTCOME_STACK_FAULT] = "#SS",
    [ATLAS_OUTCOME_MISSING_MEMORY] = NULL,
  };
  g_autofree char *at = atlas_format_hex (result->va);

  if (result->outcome == ATLAS_OUTCOME_PAGE_FAULT)
    /* Translators: an address, a number, why. */
    g_string_append_printf (text,
                            _ ("#PF at %s, error code 0x%x: %s"),
                            at,
                            result->error_code,
                            _ (atlas_cause_get_text (result->cause)));
  else if (names[result->outcome] != NULL)
    g_string_append_printf (
      text, "%s, %s: %s", names[result->outcome], at, _ (atlas_cause_get_text (result->cause)));
  else
    g_string_append_printf (text, "%s: %s", at, _ (atlas_cause_get_text (result->cause)));
}

/* A fault has the status that Windows would give it first, so that whoever asks for success or
 * failure finds it where it always is. */
static void
run_access (const AtlasRun *run, AtlasVa va, GString *text)
{
  const AtlasCommand *command = run->command;
  AtlasBare *bare = run->machine->bare;
  AtlasAccess access = atlas_verb_get_access (command->verb);
  gsize size_bytes = (gsize) command->size_bytes;
  g_autofree guint8 *bytes = g_malloc0 (size_bytes);
  AtlasWalkResult result = { 0 };

  for (gsize i = 0; i < MIN (size_bytes, sizeof command->value); i++)
    bytes[i] = (guint8) (command->value >> (8 * i));
  if (!run->machine->is_silent)
    run->result->trace = atlas_trace_new ();
  ATLAS_TRACE (run->result->trace,
               &atlas_event_access_start,
               access,
               va,
               size_bytes,
               (guint64) (guintptr) (command->is_supervisor ? N_ ("supervisor") : N_ ("user")));

  for (gsize n_done = 0; n_done < size_bytes;)
    {
      const AtlasWalkQuery query = { .va = va + n_done,
                                     .access = access,
                                     .is_supervisor = command->is_supervisor };
      gsize n_bytes = MIN (size_bytes - n_done, ATLAS_PAGE_BYTES - (query.va & ATLAS_PAGE_MASK));

      if (!access_page (bare, &query, bytes + n_done, n_bytes, run->result->trace, &result))
        {
          run->result->status = ATLAS_STATUS_ACCESS_VIOLATION;
          tell_fault (&result, text);
          return;
        }
      n_done += n_bytes;
    }
  atlas_access_append_done (run, access, va, bytes, size_bytes, text);
}

/* ---- The processor ---- */

/* A look that no mode, key or flag can forbid. */
static void
look (AtlasBare *bare, AtlasVa va, AtlasWalkResult *result)
{
  const AtlasWalkQuery query = { .va = va, .is_supervisor = TRUE, .is_implicit = TRUE };
  AtlasControl control = *atlas_mmu_get_control (bare->mmu);

  control.cr4 &= ~(ATLAS_CR4_SMAP | ATLAS_CR4_PKE | ATLAS_CR4_PKS | ATLAS_CR4_LASS);
  atlas_walk (bare->memory, &control, &query, result);
}

static void
run_entry (const AtlasRun *run, AtlasVa va, GString *text)
{
  const AtlasCommand *command = run->command;
  AtlasBare *bare = run->machine->bare;
  AtlasEntryEdit edit = { 0 };
  guint index;

  look (bare, va, &edit.before);
  index = edit.before.first_level - command->level;
  if (command->level > edit.before.first_level || index >= edit.before.n_steps)
    {
      run->result->status = ATLAS_STATUS_INVALID_ADDRESS;
      atlas_processor_append_no_entry (text, command->level);
      return;
    }
  edit.entry_pa = atlas_walk_result_get_step (&edit.before, index).entry_pa;
  edit.old_entry = edit.before.entries[index];
  atlas_memory_write_u64 (bare->memory, edit.entry_pa, command->value);
  look (bare, va, &edit.after);
  edit.stale_level = atlas_mmu_get_stale_level (bare->mmu, va);
  atlas_processor_append_edit (text, command, va, &edit);
}

static void
run_control (const AtlasRun *run, GString *text)
{
  AtlasMmu *mmu = run->machine->bare->mmu;
  AtlasControl loaded = *atlas_mmu_get_control (mmu);
  AtlasControl wanted = loaded;
  AtlasControlRule rule;

  atlas_processor_switch (run->command, &wanted);
  rule = atlas_control_load (&loaded, &wanted);
  if (rule != ATLAS_RULE_NONE)
    {
      run->result->status = ATLAS_STATUS_INVALID_PARAMETER;
      g_string_append (text, _ (atlas_control_rule_get_text (rule)));
      return;
    }
  atlas_mmu_set_control (mmu, &loaded);
  atlas_processor_append_control (text, &loaded);
}

static void
run_msr (const AtlasRun *run, GString *text)
{
  AtlasMmu *mmu = run->machine->bare->mmu;
  AtlasControl control = *atlas_mmu_get_control (mmu);
  AtlasMtrrs mtrrs = *atlas_mmu_get_mtrrs (mmu);
  AtlasControlRule rule = ATLAS_RULE_NONE;
  guint64 value = run->command->value;

  if (run->command->verb == ATLAS_VERB_WRMSR)
    rule = atlas_msr_write (&control, &mtrrs, run->command->msr, value);
  else if (!atlas_msr_read (&control, &mtrrs, run->command->msr, &value))
    rule = ATLAS_RULE_NO_REGISTER;
  if (rule != ATLAS_RULE_NONE)
    {
      run->result->status = ATLAS_STATUS_INVALID_PARAMETER;
      g_string_append_printf (text, "#GP(0): %s", _ (atlas_control_rule_get_text (rule)));
      return;
    }
  atlas_mmu_set_control (mmu, &control);
  atlas_mmu_set_mtrrs (mmu, &mtrrs);
  atlas_run_set_value (run, value);
  atlas_processor_append_msr (text, &mtrrs, control.maxphyaddr_bits, run->command->msr, value);
}

static void
run_invlpg (const AtlasRun *run, AtlasVa va, GString *text)
{
  AtlasBare *bare = run->machine->bare;
  guint64 n_before = count_invalidated (bare);

  atlas_mmu_invalidate_va (bare->mmu, va);
  atlas_processor_append_dropped (text, count_invalidated (bare) - n_before);
}

gboolean
atlas_bare_refuse (const AtlasRun *run, GError **error)
{
  return atlas_run_fail (run,
                         run->command->column,
                         atlas_verb_get_name (run->command->verb),
                         N_ ("machine as the first command: this one runs Windows"),
                         error);
}

gboolean
atlas_bare_run (const AtlasRun *run, GError **error)
{
  const AtlasCommand *command = run->command;
  g_autoptr (GString) text = g_string_new (NULL);
  AtlasVa va;

  if (command->verb == ATLAS_VERB_MACHINE)
    return run_machine (run, error);
  if (!atlas_run_evaluate (run, command->address, command->address_column, &va, error))
    return FALSE;

  switch ((guint) command->verb)
    {
    case ATLAS_VERB_FRAME:
      run_frame (run, va);
      break;
    case ATLAS_VERB_PUT:
      if (!run_put (run, va, error))
        return FALSE;
      break;
    case ATLAS_VERB_CR3:
      run_cr3 (run, va, text);
      break;
    case ATLAS_VERB_READ:
    case ATLAS_VERB_WRITE:
    case ATLAS_VERB_EXECUTE:
      atlas_run_set_va (run, va);
      run_access (run, va, text);
      break;
    case ATLAS_VERB_ENTRY:
      atlas_run_set_va (run, va);
      run_entry (run, va, text);
      break;
    case ATLAS_VERB_INVLPG:
      atlas_run_set_va (run, va);
      run_invlpg (run, va, text);
      break;
    case ATLAS_VERB_CONTROL:
      run_control (run, text);
      break;
    case ATLAS_VERB_MSR:
    case ATLAS_VERB_WRMSR:
      run_msr (run, text);
      break;
    case ATLAS_VERB_TLB:
      atlas_processor_change_tlb (run->machine->bare->mmu, command->tlb_profile, text);
      break;
    case ATLAS_VERB_COUNTERS:
      atlas_processor_append_counters (text, run->machine->bare->mmu);
      break;
    default:
      return atlas_run_fail (
        run,
        command->column,
        atlas_verb_get_name (command->verb),
        N_ ("a command that needs no Windows, such as frame, put, cr3 or read: "
            "this machine has no operating system"),
        error);
    }
  atlas_bare_changed (run->machine->bare);
  if (run->result->result == NULL)
    run->result->result = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}
