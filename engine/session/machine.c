/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/machine.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/expression-private.h"
#include "session/memory-verbs.h"
#include "session/paging-verbs.h"
#include "session/section-verbs.h"
#include "session/processor-verbs.h"
#include "session/tokens.h"
#include "session/words.h"
#include "windows/fault.h"

/* What a name is bound to: the one that is not NULL, or the address. */
typedef struct
{
  AtlasProcess *process;
  AtlasFile *file;
  AtlasSectionObject *section;
  AtlasVa va;
} Binding;

/* One command being run. */
typedef struct
{
  AtlasMachine *machine;
  const AtlasCommand *command;
  AtlasCommandResult *result;
  guint *error_column;
} Run;

/* How many bytes a line of text shows. */
#define MAX_SHOWN_BYTES 16u

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
  g_free (machine);
}

gboolean
atlas_machine_resolve (const char *name, AtlasVa *va, gpointer data)
{
  AtlasMachine *machine = data;
  const Binding *binding;

  if (name[0] != '$')
    return machine->process != NULL && atlas_process_find_module (machine->process, name, va);

  binding = g_hash_table_lookup (machine->names, name);
  if (binding == NULL || binding->process != NULL || binding->file != NULL ||
      binding->section != NULL)
    return FALSE;
  *va = binding->va;
  return TRUE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

const char **
atlas_machine_list_names (AtlasMachine *machine)
{
  guint n_names;
  const char **names = (const char **) g_hash_table_get_keys_as_array (machine->names, &n_names);

  qsort (names, n_names, sizeof *names, compare_names);
  return names;
}

static void
name_clear (gpointer data)
{
  AtlasName *name = data;

  g_free (name->name);
  g_free (name->of);
}

static AtlasName
describe_binding (const char *name, const Binding *binding)
{
  AtlasName described = { .name = g_strdup (name), .process = binding->process };
  const char *of = NULL;

  if (binding->process != NULL)
    {
      described.kind = ATLAS_NAME_PROCESS;
      of = atlas_process_get_name (binding->process);
    }
  else if (binding->file != NULL)
    {
      described.kind = ATLAS_NAME_FILE;
      of = atlas_file_get_name (binding->file);
    }
  else if (binding->section != NULL)
    {
      described.kind = ATLAS_NAME_SECTION;
      of = atlas_section_get_name (atlas_section_object_get_section (binding->section));
    }
  described.of = g_strdup (of);
  return described;
}

GArray *
atlas_machine_describe_names (AtlasMachine *machine)
{
  g_autofree const char **names = atlas_machine_list_names (machine);
  GArray *described = g_array_new (FALSE, FALSE, sizeof (AtlasName));

  g_array_set_clear_func (described, name_clear);
  for (guint i = 0; names[i] != NULL; i++)
    {
      AtlasName name = describe_binding (names[i], g_hash_table_lookup (machine->names, names[i]));

      g_array_append_val (described, name);
    }
  return described;
}

static void
bind_name (AtlasMachine *machine, const char *name, AtlasProcess *process, AtlasVa va)
{
  Binding *binding;

  if (name == NULL)
    return;
  binding = g_new (Binding, 1);
  *binding = (Binding){ .process = process, .va = va };
  g_hash_table_insert (machine->names, g_strdup (name), binding);
}

static gboolean
fail_run (const Run *run, guint column, const char *found, const char *expected, GError **error)
{
  *run->error_column = column;
  g_set_error (
    error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("found '%s', expected %s"), found, _ (expected));
  return FALSE;
}

static gboolean
run_need_system (const Run *run, GError **error)
{
  AtlasMachine *machine = run->machine;
  const AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;

  *run->error_column = run->command->column;
  if (machine->system == NULL)
    machine->system = atlas_system_new (&options, error);
  return machine->system != NULL;
}

static gboolean
run_need_process (const Run *run, GError **error)
{
  if (run->machine->process != NULL)
    return TRUE;
  return fail_run (run,
                   run->command->column,
                   atlas_verb_get_name (run->command->verb),
                   N_ ("a running process first, such as: process demo.exe"),
                   error);
}

static gboolean
run_evaluate (const Run *run, const char *text, guint column, AtlasVa *va, GError **error)
{
  gsize error_index = 0;

  *va = 0;
  if (text == NULL || atlas_expression_evaluate (
                        text, atlas_machine_resolve, run->machine, va, &error_index, error))
    return TRUE;
  *run->error_column = atlas_text_get_column (text, error_index, column);
  return FALSE;
}

/* The current process and the address of the command; 0 when it names none. */
static gboolean
run_need_address (const Run *run, AtlasVa *va, GError **error)
{
  return run_need_process (run, error) &&
         run_evaluate (run, run->command->address, run->command->address_column, va, error);
}

static AtlasProcess *
find_process_by_id (AtlasMachine *machine, const char *text)
{
  guint64 id;

  if (machine->system == NULL || !atlas_parse_number (text, FALSE, &id, NULL))
    return NULL;
  for (guint i = 0; i < atlas_system_get_n_processes (machine->system); i++)
    {
      AtlasProcess *process = atlas_system_get_process (machine->system, i);

      if (atlas_process_get_id (process) == id)
        return process;
    }
  return NULL;
}

/* The process of this name or number, or the current one. */
static gboolean
run_find_process (const Run *run,
                  const char *name,
                  guint column,
                  AtlasProcess **process,
                  GError **error)
{
  const Binding *binding;

  if (name == NULL)
    {
      *process = run->machine->process;
      return run_need_process (run, error);
    }
  binding = g_hash_table_lookup (run->machine->names, name);
  *process = binding != NULL ? binding->process : find_process_by_id (run->machine, name);
  return *process != NULL ||
         fail_run (run, column, name, N_ ("the name or the number of a running process"), error);
}

static gboolean
run_need_named_process (const Run *run, AtlasProcess **process, GError **error)
{
  return run_find_process (run, run->command->name, run->command->name_column, process, error);
}

static void
set_value (AtlasCommandResult *result, guint64 value)
{
  result->has_value = TRUE;
  result->value = value;
}

static void
set_va (AtlasCommandResult *result, AtlasVa va)
{
  result->has_va = TRUE;
  result->va = va;
}

/* @reason: what is known beyond the status; NULL, or the status's own words, when nothing is. */
static void
set_refused (AtlasCommandResult *result, AtlasStatus status, const char *reason)
{
  guint32 win32_error = atlas_status_to_win32 (status);
  const char *description = _ (atlas_status_get_description (status));
  gboolean has_reason = reason != NULL && strcmp (reason, description) != 0;

  result->status = status;
  result->result = g_strdup_printf (_ ("refused: %s, %s (%u): %s%s%s"),
                                    atlas_status_get_name (status),
                                    atlas_win32_error_get_name (win32_error),
                                    win32_error,
                                    description,
                                    has_reason ? " " : "",
                                    has_reason ? reason : "");
}

/* "0x20000000…0x2000ffff, 64 KB"; an empty range is its address. */
static char *
format_range (AtlasVa base_va, guint64 size_bytes)
{
  g_autofree char *size = atlas_format_size (size_bytes);

  if (size_bytes == 0)
    return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x, %s", base_va, size);
  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x…0x%" G_GINT64_MODIFIER "x, %s",
                          base_va,
                          base_va + (size_bytes - 1),
                          size);
}

/* Never rounded: what a person asked for must be told as they asked it. */
static char *
format_asked_size (guint64 size_bytes)
{
  g_autofree char *count = NULL;

  if (size_bytes < ATLAS_KB (1) || size_bytes % ATLAS_KB (1) == 0)
    return atlas_format_size (size_bytes);
  count = atlas_format_count (size_bytes);
  return g_strdup_printf (_ ("%s bytes"), count);
}

/* " (asked 0x20000123 + 1 byte)" when what was given is something else; else "". */
static char *
format_asked (const Run *run, AtlasVa asked_va, AtlasVa base_va, guint64 size_bytes)
{
  guint64 asked_bytes = run->command->size_bytes;
  g_autofree char *asked_size = format_asked_size (asked_bytes);

  if (asked_va != 0 && (asked_va != base_va || asked_bytes != size_bytes))
    {
      g_autofree char *asked = atlas_format_hex (asked_va);

      return g_strdup_printf (_ (" (asked %s + %s)"), asked, asked_size);
    }
  if (asked_va == 0 && asked_bytes != size_bytes)
    return g_strdup_printf (_ (" (asked %s)"), asked_size);
  return g_strdup ("");
}

static gboolean
run_system (const Run *run, GError **error)
{
  const AtlasSystemOptions *options = &run->command->system_options;
  g_autofree char *memory = atlas_format_size (options->memory_bytes);
  g_autofree char *seed = NULL;
  AtlasSystem *system;
  GString *text;

  if (run->machine->is_in_use)
    return fail_run (run,
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

static gboolean
run_process (const Run *run, GError **error)
{
  AtlasProcessOptions options = run->command->process_options;
  AtlasStatus status = ATLAS_STATUS_SUCCESS;
  AtlasProcess *process;
  const char *note;

  options.name = run->command->program;
  if (!run_need_system (run, error))
    return FALSE;
  if (run->command->object != NULL)
    {
      const Binding *binding = g_hash_table_lookup (run->machine->names, run->command->object);

      if (binding == NULL || binding->file == NULL)
        return fail_run (run,
                         run->command->object_column,
                         run->command->object,
                         N_ ("the name of a file, such as: file $f = PATH"),
                         error);
      options.image_file = binding->file;
    }
  process = atlas_process_new (run->machine->system, &options, &status);
  if (process == NULL)
    {
      set_refused (run->result,
                   status,
                   options.image_file != NULL ? atlas_file_get_image_reason (options.image_file)
                                              : NULL);
      return TRUE;
    }

  run->machine->process = process;
  bind_name (run->machine, run->command->name, process, 0);
  set_value (run->result, atlas_process_get_id (process));
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

static gboolean
run_select (const Run *run, GError **error)
{
  AtlasProcess *process;

  if (!run_need_named_process (run, &process, error))
    return FALSE;
  run->machine->process = process;
  set_value (run->result, atlas_process_get_id (process));
  run->result->result = g_strdup_printf (_ ("%s, process %u, is the current one"),
                                         atlas_process_get_name (process),
                                         atlas_process_get_id (process));
  return TRUE;
}

static gboolean
is_binding_of (gpointer name, gpointer binding, gpointer process)
{
  return ((const Binding *) binding)->process == process;
}

static gboolean
run_terminate (const Run *run, GError **error)
{
  AtlasMachine *machine = run->machine;
  AtlasProcess *process;
  guint n_left;

  if (!run_need_named_process (run, &process, error))
    return FALSE;

  set_value (run->result, atlas_process_get_id (process));
  run->result->result = g_strdup_printf (
    _ ("ended %s, process %u"), atlas_process_get_name (process), atlas_process_get_id (process));
  g_hash_table_foreach_remove (machine->names, is_binding_of, process);
  atlas_process_terminate (process);

  n_left = atlas_system_get_n_processes (machine->system);
  if (machine->process == process)
    machine->process = n_left == 0 ? NULL : atlas_system_get_process (machine->system, n_left - 1);
  return TRUE;
}

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

static gboolean
run_allocate (const Run *run, GError **error)
{
  AtlasMachine *machine = run->machine;
  const AtlasCommand *command = run->command;
  guint64 size_bytes = command->size_bytes;
  AtlasVa asked_va, base_va;
  AtlasStatus status;
  g_autofree char *range = NULL, *asked = NULL;

  if (!run_need_address (run, &asked_va, error))
    return FALSE;

  base_va = asked_va;
  status = atlas_memory_allocate (machine->process, command, &base_va, &size_bytes);
  if (!atlas_status_is_success (status))
    {
      AtlasAllocationPreview preview;

      atlas_memory_preview (machine->process, command, asked_va, &preview);
      set_refused (run->result, status, preview.status == status ? preview.reason : NULL);
      return TRUE;
    }

  bind_name (machine, command->name, NULL, base_va);
  if (machine->is_silent)
    return TRUE;
  range = format_range (base_va, size_bytes);
  asked = format_asked (run, asked_va, base_va, size_bytes);
  run->result->status = status;
  set_va (run->result, base_va);
  set_value (run->result, base_va);
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

static gboolean
run_free (const Run *run, GError **error)
{
  const AtlasCommand *command = run->command;
  AtlasProcess *process = run->machine->process;
  guint64 size_bytes = command->size_bytes;
  const AtlasVad *vad;
  AtlasVa base_va;
  AtlasStatus status;
  g_autofree char *range = NULL;

  if (!run_need_address (run, &base_va, error))
    return FALSE;

  /* VirtualFree refuses a size with MEM_RELEASE, which the Nt form takes; for the rest the Nt form
   * does the same and tells what was freed. */
  status =
    command->allocation_type == ATLAS_MEM_RELEASE && size_bytes != 0
      ? atlas_virtual_free (process, base_va, size_bytes, command->allocation_type)
      : atlas_nt_free_virtual_memory (process, &base_va, &size_bytes, command->allocation_type);
  if (!atlas_status_is_success (status))
    {
      set_refused (run->result, status, NULL);
      return TRUE;
    }

  if (run->machine->is_silent)
    return TRUE;
  /* Windows gives a size of 0 back where it has decommitted all of an allocation. */
  vad =
    size_bytes == 0 ? atlas_vad_tree_find (atlas_process_get_vads (process), base_va, NULL) : NULL;
  if (vad != NULL)
    size_bytes = atlas_vad_get_last_va (vad) - base_va + 1u;
  range = format_range (base_va, size_bytes);
  run->result->status = status;
  set_va (run->result, base_va);
  set_value (run->result, base_va);
  run->result->result = fill_in (describe_free (command->allocation_type), range, "");
  return TRUE;
}

static gboolean
run_protect (const Run *run, GError **error)
{
  guint64 size_bytes = run->command->size_bytes;
  guint32 old_protect = 0;
  AtlasVa asked_va, base_va;
  AtlasStatus status;
  g_autofree char *range = NULL, *asked = NULL, *before = NULL, *now = NULL;

  if (!run_need_address (run, &asked_va, error))
    return FALSE;

  base_va = asked_va;
  status = atlas_nt_protect_virtual_memory (
    run->machine->process, &base_va, &size_bytes, run->command->protect, &old_protect);
  if (!atlas_status_is_success (status))
    {
      set_refused (run->result, status, NULL);
      return TRUE;
    }

  if (run->machine->is_silent)
    return TRUE;
  range = format_range (base_va, size_bytes);
  asked = format_asked (run, asked_va, base_va, size_bytes);
  before = atlas_protect_format (old_protect);
  now = atlas_protect_format (run->command->protect);
  run->result->status = status;
  set_va (run->result, base_va);
  set_value (run->result, base_va);
  run->result->result =
    g_strdup_printf (_ ("protected %s%s: %s, was %s"), range, asked, now, before);
  return TRUE;
}

static gboolean
run_query (const Run *run, GError **error)
{
  AtlasRegion region;
  AtlasVa va;
  AtlasStatus status;
  GString *text;
  g_autofree char *range = NULL;

  if (!run_need_address (run, &va, error))
    return FALSE;

  status = atlas_nt_query_virtual_memory (run->machine->process, va, &region);
  if (!atlas_status_is_success (status))
    {
      set_refused (run->result, status, NULL);
      return TRUE;
    }

  range = format_range (region.base_va, region.size_bytes);
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
  set_value (run->result, region.base_va);
  run->result->result = g_string_free (text, FALSE);
  return TRUE;
}

static AtlasAccess
verb_get_access (AtlasVerbId verb)
{
  if (verb == ATLAS_VERB_READ)
    return ATLAS_ACCESS_READ;
  return verb == ATLAS_VERB_WRITE ? ATLAS_ACCESS_WRITE : ATLAS_ACCESS_EXECUTE;
}

/* ": 4d 5a 90 …" for what was read. */
static void
append_bytes (GString *text, const guint8 *bytes, gsize size_bytes)
{
  g_string_append_c (text, ':');
  for (gsize i = 0; i < MIN (size_bytes, MAX_SHOWN_BYTES); i++)
    g_string_append_printf (text, " %02x", bytes[i]);
  if (size_bytes > MAX_SHOWN_BYTES)
    g_string_append (text, " …");
}

/* The processor stores the lowest byte first. */
static guint64
load_little_endian (const guint8 *bytes, gsize size_bytes)
{
  guint64 value = 0;

  for (gsize i = size_bytes; i-- > 0;)
    value = value << 8 | bytes[i];
  return value;
}

/* What became of an access of @size_bytes at @va, which @result has the status of. */
static void
tell_access (AtlasCommandResult *result,
             AtlasAccess access,
             AtlasVa va,
             const guint8 *bytes,
             gsize size_bytes,
             const AtlasException *exception)
{
  g_autofree char *size = format_asked_size (size_bytes);
  g_autofree char *at = atlas_format_hex (va);
  g_autoptr (GString) text = g_string_new (NULL);

  set_va (result, va);
  if (result->status == ATLAS_STATUS_SUCCESS)
    {
      if (access == ATLAS_ACCESS_EXECUTE)
        g_string_append_printf (text, _ ("executed at %s"), at);
      else if (access == ATLAS_ACCESS_READ)
        g_string_append_printf (text, _ ("read %s at %s"), size, at);
      else
        g_string_append_printf (text, _ ("wrote %s at %s"), size, at);
      if (access != ATLAS_ACCESS_EXECUTE)
        append_bytes (text, bytes, size_bytes);
      if (access == ATLAS_ACCESS_READ && size_bytes <= sizeof (guint64))
        set_value (result, load_little_endian (bytes, size_bytes));
    }
  else
    {
      AtlasVa told_va = exception->n_parameters > 1 ? exception->parameters[1] : va;
      /* For #GP the processor gives no address, and the program is told -1. */
      gboolean is_inside = told_va - va < size_bytes;

      g_autofree char *told = atlas_format_hex (told_va);
      const char *name = atlas_status_get_name (result->status);
      const char *where = is_inside ? told : at;

      if (access == ATLAS_ACCESS_READ)
        g_string_append_printf (text, _ ("%s while reading %s"), name, where);
      else if (access == ATLAS_ACCESS_WRITE)
        g_string_append_printf (text, _ ("%s while writing %s"), name, where);
      else
        g_string_append_printf (text, _ ("%s while executing %s"), name, where);
      if (!is_inside)
        g_string_append_printf (text, _ (" (the program is told %s)"), told);
      g_string_append_printf (text, ": %s", _ (atlas_status_get_description (result->status)));
    }
  result->result = g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
run_access (const Run *run, GError **error)
{
  const AtlasCommand *command = run->command;
  AtlasCommandResult *result = run->result;
  AtlasAccess access = verb_get_access (command->verb);
  AtlasException exception = { 0 };
  gsize size_bytes = (gsize) command->size_bytes;
  g_autofree guint8 *bytes = NULL;
  AtlasVa va;

  if (!run_need_address (run, &va, error))
    return FALSE;

  bytes = g_malloc0 (size_bytes);
  for (gsize i = 0; i < MIN (size_bytes, sizeof command->value); i++)
    bytes[i] = (guint8) (command->value >> (8 * i));

  if (!run->machine->is_silent)
    result->trace = atlas_trace_new ();
  result->status = atlas_process_access (run->machine->process,
                                         va,
                                         access,
                                         command->is_supervisor,
                                         bytes,
                                         size_bytes,
                                         result->trace,
                                         &exception);
  if (!run->machine->is_silent)
    tell_access (result, access, va, bytes, size_bytes, &exception);
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

static gboolean
run_tick (const Run *run, GError **error)
{
  g_autofree char *passed = NULL, *now = NULL;
  AtlasTickCounts before, after;
  GString *text;
  guint64 n;

  if (!run_need_system (run, error))
    return FALSE;
  before = count_ticked (run->machine->system);
  atlas_system_tick (run->machine->system, run->command->duration_100ns);
  if (run->machine->is_silent)
    return TRUE;
  after = count_ticked (run->machine->system);
  passed = atlas_duration_format (run->command->duration_100ns);
  now = atlas_duration_format (atlas_system_get_time (run->machine->system));
  set_value (run->result, atlas_system_get_time (run->machine->system));
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

static gboolean
run_msr (const Run *run, GError **error)
{
  guint64 value;

  if (!run_need_system (run, error))
    return FALSE;
  if (atlas_system_read_msr (run->machine->system, run->command->msr, &value))
    {
      g_autofree char *held = atlas_format_hex (value);

      set_value (run->result, value);
      run->result->result = g_strdup_printf (_ ("register 0x%x holds %s"), run->command->msr, held);
      return TRUE;
    }

  run->result->status = ATLAS_STATUS_INVALID_PARAMETER;
  run->result->result =
    g_strdup_printf (_ ("#GP(0): this machine has no register 0x%x"), run->command->msr);
  return TRUE;
}

/* What a kernel debugger does. */
static gboolean
run_debug (const Run *run, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  AtlasStatus status;
  AtlasVa va;

  if (!run_need_address (run, &va, error))
    return FALSE;

  status = atlas_processor_verb_run (run->machine->process, run->command, va, text);
  if (!atlas_status_is_success (status))
    {
      set_refused (run->result, status, text->str);
      return TRUE;
    }
  run->result->status = status;
  if (run->command->address != NULL)
    set_va (run->result, va);
  run->result->result = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

/* What is needed first: the machine, a process that may be named, or a process and an address. */
static gboolean
run_paging (const Run *run, GError **error)
{
  AtlasVerbId verb = run->command->verb;
  AtlasProcess *process = run->machine->process;
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean is_ready;
  AtlasStatus status;
  AtlasVa va = 0;

  if (verb == ATLAS_VERB_PAGEFILE || verb == ATLAS_VERB_MEMORY || verb == ATLAS_VERB_MEMLIST)
    is_ready = run_need_system (run, error);
  else if (verb == ATLAS_VERB_TRIM || verb == ATLAS_VERB_WORKINGSET || verb == ATLAS_VERB_PRIORITY)
    is_ready = run_need_named_process (run, &process, error);
  else
    is_ready = run_need_address (run, &va, error);
  if (!is_ready)
    return FALSE;

  status = atlas_paging_verb_run (run->machine->system, process, run->command, va, text);
  if (run->command->address != NULL)
    set_va (run->result, va);
  if (text->len == 0)
    {
      set_refused (run->result, status, NULL);
      return TRUE;
    }
  run->result->status = status;
  run->result->result = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

static gboolean
is_binding_of_section (gpointer name, gpointer binding, gpointer section)
{
  return ((const Binding *) binding)->section == section;
}

/* The file or section that the command names. */
static gboolean
run_need_object (const Run *run, AtlasSectionVerb *verb, GError **error)
{
  const AtlasCommand *command = run->command;
  gboolean is_file = command->verb == ATLAS_VERB_SECTION || command->verb == ATLAS_VERB_LOAD;
  const Binding *binding;

  if (command->object == NULL)
    return TRUE;
  binding = g_hash_table_lookup (run->machine->names, command->object);
  if (binding != NULL)
    {
      verb->file = binding->file;
      verb->section = binding->section;
    }
  if (is_file ? verb->file != NULL : verb->section != NULL)
    return TRUE;
  return fail_run (run,
                   command->object_column,
                   command->object,
                   is_file ? N_ ("the name of a file, such as: file $f = PATH")
                           : N_ ("the name of a section, such as: section $s = 64K"),
                   error);
}

static gboolean
run_section (const Run *run, GError **error)
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
               ? run_need_system (run, error)
               : run_need_address (run, &verb.va, error);
  if (!is_ready || !run_need_object (run, &verb, error))
    return FALSE;

  verb.system = machine->system;
  verb.process = machine->process;
  status = atlas_section_verb_run (&verb, &product, text);
  if (!atlas_status_is_success (status))
    {
      set_refused (run->result, status, text->len > 0 ? text->str : NULL);
      return TRUE;
    }
  if (kind == ATLAS_VERB_CLOSE)
    g_hash_table_foreach_remove (machine->names, is_binding_of_section, verb.section);
  if (run->command->name != NULL)
    {
      Binding *binding = g_new0 (Binding, 1);

      *binding = (Binding){ .file = product.file, .section = product.section, .va = product.va };
      g_hash_table_insert (machine->names, g_strdup (run->command->name), binding);
    }
  if (product.has_va || run->command->address != NULL)
    set_va (run->result, product.has_va ? product.va : verb.va);
  if (product.has_va)
    set_value (run->result, product.va);
  run->result->status = status;
  run->result->result = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

static gboolean
run_special (const Run *run, GError **error)
{
  const AtlasCommand *command = run->command;
  AtlasMemoryVerb verb = { .command = command };
  g_autoptr (GString) text = g_string_new (NULL);
  AtlasStatus status;

  if (!run_need_address (run, &verb.va, error) ||
      !run_evaluate (run, command->target, command->target_column, &verb.target_va, error) ||
      !run_find_process (run, command->name, command->name_column, &verb.from, error) ||
      !run_find_process (run, command->object, command->object_column, &verb.to, error))
    return FALSE;

  verb.process = run->machine->process;
  if (atlas_verb_get_effect (command->verb) == ATLAS_EFFECT_ACCESS)
    run->result->trace = atlas_trace_new ();
  verb.trace = run->result->trace;
  status = atlas_memory_verb_run (&verb, text);
  if (!atlas_status_is_success (status))
    {
      set_refused (run->result, status, text->len > 0 ? text->str : NULL);
      return TRUE;
    }
  if (command->address != NULL)
    set_va (run->result, verb.va);
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
  static gboolean (*const runners[ATLAS_N_VERBS]) (const Run *run, GError **error) = {
    [ATLAS_VERB_SYSTEM] = run_system,
    [ATLAS_VERB_PROCESS] = run_process,
    [ATLAS_VERB_SELECT] = run_select,
    [ATLAS_VERB_TERMINATE] = run_terminate,
    [ATLAS_VERB_ALLOC] = run_allocate,
    [ATLAS_VERB_RESERVE] = run_allocate,
    [ATLAS_VERB_COMMIT] = run_allocate,
    [ATLAS_VERB_DECOMMIT] = run_free,
    [ATLAS_VERB_RELEASE] = run_free,
    [ATLAS_VERB_FREE] = run_free,
    [ATLAS_VERB_PROTECT] = run_protect,
    [ATLAS_VERB_QUERY] = run_query,
    [ATLAS_VERB_READ] = run_access,
    [ATLAS_VERB_WRITE] = run_access,
    [ATLAS_VERB_EXECUTE] = run_access,
    [ATLAS_VERB_TICK] = run_tick,
    [ATLAS_VERB_MSR] = run_msr,
    [ATLAS_VERB_ENTRY] = run_debug,
    [ATLAS_VERB_INVLPG] = run_debug,
    [ATLAS_VERB_CR3] = run_debug,
    [ATLAS_VERB_CONTROL] = run_debug,
    [ATLAS_VERB_TLB] = run_debug,
    [ATLAS_VERB_COUNTERS] = run_debug,
    [ATLAS_VERB_RESET] = run_allocate,
    [ATLAS_VERB_RESET_UNDO] = run_allocate,
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
    [ATLAS_VERB_PLACEHOLDER] = run_allocate,
    [ATLAS_VERB_REPLACE] = run_allocate,
    [ATLAS_VERB_SPLIT] = run_free,
    [ATLAS_VERB_COALESCE] = run_free,
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
  const Run run = {
    .machine = machine,
    .command = command,
    .result = result,
    .error_column = error_column,
  };

  if (!runners[command->verb](&run, error))
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

gboolean
atlas_machine_preview (AtlasMachine *machine,
                       const AtlasCommand *command,
                       AtlasAllocationPreview *preview,
                       guint *error_column,
                       GError **error)
{
  const Run run = { .machine = machine, .command = command, .error_column = error_column };
  AtlasVa va;

  if (!atlas_verb_is_allocation (command->verb))
    return fail_run (&run,
                     command->column,
                     atlas_verb_get_name (command->verb),
                     N_ ("alloc, reserve, commit, placeholder or replace"),
                     error);
  if (!run_need_address (&run, &va, error))
    return FALSE;

  atlas_memory_preview (machine->process, command, va, preview);
  return TRUE;
}
