/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/run-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/expression-private.h"
#include "session/tokens.h"

gboolean
atlas_run_fail (const AtlasRun *run,
                guint column,
                const char *found,
                const char *expected,
                GError **error)
{
  *run->error_column = column;
  g_set_error (
    error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("found '%s', expected %s"), found, _ (expected));
  return FALSE;
}

gboolean
atlas_run_need_system (const AtlasRun *run, GError **error)
{
  AtlasMachine *machine = run->machine;
  const AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;

  *run->error_column = run->command->column;
  g_assert (machine->bare == NULL);
  if (machine->system == NULL)
    machine->system = atlas_system_new (&options, error);
  return machine->system != NULL;
}

gboolean
atlas_run_need_process (const AtlasRun *run, GError **error)
{
  if (run->machine->process != NULL)
    return TRUE;
  return atlas_run_fail (run,
                         run->command->column,
                         atlas_verb_get_name (run->command->verb),
                         N_ ("a running process first, such as: process demo.exe"),
                         error);
}

gboolean
atlas_run_evaluate (const AtlasRun *run,
                    const char *text,
                    guint column,
                    AtlasVa *va,
                    GError **error)
{
  gsize error_index = 0;

  *va = 0;
  if (text == NULL || atlas_expression_evaluate (
                        text, atlas_machine_resolve, run->machine, va, &error_index, error))
    return TRUE;
  *run->error_column = atlas_text_get_column (text, error_index, column);
  return FALSE;
}

gboolean
atlas_run_need_address (const AtlasRun *run, AtlasVa *va, GError **error)
{
  return atlas_run_need_process (run, error) &&
         atlas_run_evaluate (run, run->command->address, run->command->address_column, va, error);
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

gboolean
atlas_run_find_process (const AtlasRun *run,
                        const char *name,
                        guint column,
                        AtlasProcess **process,
                        GError **error)
{
  const AtlasBinding *binding;

  if (name == NULL)
    {
      *process = run->machine->process;
      return atlas_run_need_process (run, error);
    }
  binding = atlas_machine_find (run->machine, name);
  *process = binding != NULL ? binding->process : find_process_by_id (run->machine, name);
  return *process != NULL ||
         atlas_run_fail (
           run, column, name, N_ ("the name or the number of a running process"), error);
}

gboolean
atlas_run_need_named_process (const AtlasRun *run, AtlasProcess **process, GError **error)
{
  return atlas_run_find_process (
    run, run->command->name, run->command->name_column, process, error);
}

void
atlas_run_set_value (const AtlasRun *run, guint64 value)
{
  run->result->has_value = TRUE;
  run->result->value = value;
}

void
atlas_run_set_va (const AtlasRun *run, AtlasVa va)
{
  run->result->has_va = TRUE;
  run->result->va = va;
}

void
atlas_run_set_refused (const AtlasRun *run, AtlasStatus status, const char *reason)
{
  guint32 win32_error = atlas_status_to_win32 (status);
  const char *description = _ (atlas_status_get_description (status));
  gboolean has_reason = reason != NULL && strcmp (reason, description) != 0;

  run->result->status = status;
  run->result->result = g_strdup_printf (_ ("refused: %s, %s (%u): %s%s%s"),
                                         atlas_status_get_name (status),
                                         atlas_win32_error_get_name (win32_error),
                                         win32_error,
                                         description,
                                         has_reason ? " " : "",
                                         has_reason ? reason : "");
}

char *
atlas_range_format (AtlasVa base_va, guint64 size_bytes)
{
  g_autofree char *size = atlas_format_size (size_bytes);

  if (size_bytes == 0)
    return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x, %s", base_va, size);
  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x…0x%" G_GINT64_MODIFIER "x, %s",
                          base_va,
                          base_va + (size_bytes - 1),
                          size);
}

char *
atlas_asked_size_format (guint64 size_bytes)
{
  g_autofree char *count = NULL;

  if (size_bytes < ATLAS_KB (1) || size_bytes % ATLAS_KB (1) == 0)
    return atlas_format_size (size_bytes);
  count = atlas_format_count (size_bytes);
  return g_strdup_printf (_ ("%s bytes"), count);
}

char *
atlas_run_format_asked (const AtlasRun *run, AtlasVa asked_va, AtlasVa base_va, guint64 size_bytes)
{
  guint64 asked_bytes = run->command->size_bytes;
  g_autofree char *asked_size = atlas_asked_size_format (asked_bytes);

  if (asked_va != 0 && (asked_va != base_va || asked_bytes != size_bytes))
    {
      g_autofree char *asked = atlas_format_hex (asked_va);

      return g_strdup_printf (_ (" (asked %s + %s)"), asked, asked_size);
    }
  if (asked_va == 0 && asked_bytes != size_bytes)
    return g_strdup_printf (_ (" (asked %s)"), asked_size);
  return g_strdup ("");
}
