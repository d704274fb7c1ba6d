/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/run-private.h"

#include <glib/gi18n-lib.h>

#include "session/processor-verbs.h"
#include "session/words.h"
#include "windows/processor.h"

gboolean
atlas_verb_run_system (const AtlasRun *run, GError **error)
{
  const AtlasSystemOptions *options = &run->command->system_options;
  g_autofree char *memory = atlas_format_size (options->memory_bytes);
  g_autofree char *seed = NULL;
  AtlasSystem *system;
  GString *text;

  if (run->machine->is_in_use)
    return atlas_run_fail (run,
                           run->command->column,
                           "system",
                           N_ ("it before every other command: this machine already runs"),
                           error);
  *run->error_column = run->command->column;
  system = atlas_system_new (options, error);
  if (system == NULL)
    return FALSE;

  g_clear_pointer (&run->machine->system, atlas_system_free);
  run->machine->system = system;
  seed = atlas_trace_format_decimal (options->seed);
  text = g_string_new (NULL);
  g_string_append_printf (text,
                          options->has_hypervisor
                            ? _ ("a machine with %s, Windows build %u, seed %s, under a hypervisor")
                            : _ ("a machine with %s, Windows build %u, seed %s"),
                          memory,
                          options->build,
                          seed);
  if (options->has_la57)
    g_string_append (text, _ (", page tables of five levels"));
  if (options->has_kva_shadow)
    g_string_append (text, _ (", KVA shadow"));
  run->result->result = g_string_free (text, FALSE);
  return TRUE;
}

gboolean
atlas_verb_run_process (const AtlasRun *run, GError **error)
{
  AtlasProcessOptions options = run->command->process_options;
  AtlasStatus status = ATLAS_STATUS_SUCCESS;
  AtlasProcess *process;
  const char *note;

  options.name = run->command->program;
  if (!atlas_run_need_system (run, error))
    return FALSE;
  if (run->command->object != NULL)
    {
      const AtlasBinding *binding = atlas_machine_find (run->machine, run->command->object);

      if (binding == NULL || binding->file == NULL)
        return atlas_run_fail (run,
                               run->command->object_column,
                               run->command->object,
                               N_ ("the name of a file, such as: file $f = PATH"),
                               error);
      options.image_file = binding->file;
    }
  process = atlas_process_new (run->machine->system, &options, &status);
  if (process == NULL)
    {
      atlas_run_set_refused (
        run,
        status,
        options.image_file != NULL ? atlas_file_get_image_reason (options.image_file) : NULL);
      return TRUE;
    }

  run->machine->process = process;
  atlas_machine_bind (run->machine, run->command->name, (AtlasBinding){ .process = process });
  atlas_run_set_value (run, atlas_process_get_id (process));
  note = atlas_process_get_machine_note (process);
  run->result->result = note != NULL ? g_strdup_printf (_ ("started %s, process %u: %s"),
                                                        atlas_process_get_name (process),
                                                        atlas_process_get_id (process),
                                                        _ (note))
                                     : g_strdup_printf (_ ("started %s, process %u"),
                                                        atlas_process_get_name (process),
                                                        atlas_process_get_id (process));
  return TRUE;
}

gboolean
atlas_verb_run_select (const AtlasRun *run, GError **error)
{
  AtlasProcess *process;
  guint64 n_dropped;
  g_autofree char *count = NULL;
  g_autoptr (GString) text = NULL;

  if (!atlas_run_need_named_process (run, &process, error))
    return FALSE;
  run->machine->process = process;
  n_dropped = atlas_process_switch_to (process);
  atlas_run_set_value (run, atlas_process_get_id (process));
  text = g_string_new (NULL);
  g_string_append_printf (text,
                          _ ("%s, process %u, is the current one"),
                          atlas_process_get_name (process),
                          atlas_process_get_id (process));
  count = atlas_format_count (n_dropped);
  if (n_dropped > 0)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE,
                                         "; loading its CR3 dropped %s cached entry",
                                         "; loading its CR3 dropped %s cached entries",
                                         (gulong) n_dropped),
                            count);
  run->result->result = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

gboolean
atlas_verb_run_terminate (const AtlasRun *run, GError **error)
{
  AtlasMachine *machine = run->machine;
  AtlasProcess *process;
  guint n_left;

  if (!atlas_run_need_named_process (run, &process, error))
    return FALSE;

  atlas_run_set_value (run, atlas_process_get_id (process));
  run->result->result = g_strdup_printf (
    _ ("ended %s, process %u"), atlas_process_get_name (process), atlas_process_get_id (process));
  atlas_machine_unbind (machine, process);
  atlas_process_terminate (process);

  n_left = atlas_system_get_n_processes (machine->system);
  if (machine->process == process)
    machine->process = n_left == 0 ? NULL : atlas_system_get_process (machine->system, n_left - 1);
  return TRUE;
}

/* What the system's own threads have done since the start, in pages. */
typedef struct
{
  guint64 n_zeroed;
  guint64 n_aged; /* each time that a page was found used, or older */
  guint64 n_trimmed;
  guint64 n_written;
} AtlasTickCounts;

static AtlasTickCounts
count_ticked (AtlasSystem *system)
{
  const AtlasFrameCounters *counters = atlas_frames_get_counters (atlas_system_get_frames (system));

  return (AtlasTickCounts){
    .n_zeroed = counters->n_moves[ATLAS_FRAME_FREE][ATLAS_FRAME_ZEROED],
    .n_aged = atlas_system_get_n_ages_changed (system),
    .n_trimmed = counters->n_moves[ATLAS_FRAME_ACTIVE][ATLAS_FRAME_STANDBY] +
                 counters->n_moves[ATLAS_FRAME_ACTIVE][ATLAS_FRAME_MODIFIED],
    .n_written = atlas_system_get_n_pages_written (system),
  };
}

/* @words take the number, and are said when there is any. */
static void
append_ticked (GString *text, guint64 n, const char *words)
{
  g_autofree char *count = atlas_format_count (n);
  g_auto (GStrv) parts = g_strsplit (words, "%s", 2);
  g_autofree char *told = g_strjoinv (count, parts);

  if (n > 0)
    g_string_append (text, told);
}

gboolean
atlas_verb_run_tick (const AtlasRun *run, GError **error)
{
  g_autofree char *passed = NULL, *now = NULL;
  AtlasTickCounts before, after;
  GString *text;
  guint64 n;

  if (!atlas_run_need_system (run, error))
    return FALSE;
  before = count_ticked (run->machine->system);
  atlas_system_tick (run->machine->system, run->command->duration_100ns);
  if (run->machine->is_silent)
    return TRUE;
  after = count_ticked (run->machine->system);
  passed = atlas_duration_format (run->command->duration_100ns);
  now = atlas_duration_format (atlas_system_get_time (run->machine->system));
  atlas_run_set_value (run, atlas_system_get_time (run->machine->system));
  text = g_string_new (NULL);
  g_string_append_printf (text, _ ("%s passed; it is %s after the start"), passed, now);
  n = after.n_zeroed - before.n_zeroed;
  append_ticked (
    text, n, g_dngettext (GETTEXT_PACKAGE, "; %s page zeroed", "; %s pages zeroed", (gulong) n));
  n = after.n_aged - before.n_aged;
  append_ticked (
    text, n, g_dngettext (GETTEXT_PACKAGE, "; %s age updated", "; %s ages updated", (gulong) n));
  n = after.n_trimmed - before.n_trimmed;
  append_ticked (
    text, n, g_dngettext (GETTEXT_PACKAGE, "; %s page trimmed", "; %s pages trimmed", (gulong) n));
  n = after.n_written - before.n_written;
  append_ticked (
    text, n, g_dngettext (GETTEXT_PACKAGE, "; %s page written", "; %s pages written", (gulong) n));
  run->result->result = g_string_free (text, FALSE);
  return TRUE;
}

static char *
describe_msr (AtlasSystem *system, guint32 msr, guint64 value)
{
  GString *text = g_string_new (NULL);

  atlas_processor_append_msr (text,
                              atlas_mmu_get_mtrrs (atlas_system_get_mmu (system)),
                              atlas_system_get_control (system)->maxphyaddr_bits,
                              msr,
                              value);
  return g_string_free (text, FALSE);
}

gboolean
atlas_verb_run_msr (const AtlasRun *run, GError **error)
{
  guint64 value;

  if (!atlas_run_need_system (run, error))
    return FALSE;
  if (atlas_system_read_msr (run->machine->system, run->command->msr, &value))
    {
      atlas_run_set_value (run, value);
      run->result->result = describe_msr (run->machine->system, run->command->msr, value);
      return TRUE;
    }

  run->result->status = ATLAS_STATUS_INVALID_PARAMETER;
  run->result->result =
    g_strdup_printf (_ ("#GP(0): this machine has no register 0x%x"), run->command->msr);
  return TRUE;
}

gboolean
atlas_verb_run_wrmsr (const AtlasRun *run, GError **error)
{
  AtlasControlRule rule;

  if (!atlas_run_need_system (run, error))
    return FALSE;

  rule = atlas_system_write_msr (run->machine->system, run->command->msr, run->command->value);
  if (rule == ATLAS_RULE_NONE)
    {
      run->result->result =
        describe_msr (run->machine->system, run->command->msr, run->command->value);
      return TRUE;
    }
  run->result->status = ATLAS_STATUS_INVALID_PARAMETER;
  run->result->result = g_strdup_printf ("#GP(0): %s", _ (atlas_control_rule_get_text (rule)));
  return TRUE;
}
