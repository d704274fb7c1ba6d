/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/run-private.h"

#include <glib/gi18n-lib.h>

#include "windows/fault.h"

/* How many bytes a line of text shows. */
#define MAX_SHOWN_BYTES 16u

AtlasAccess
atlas_verb_get_access (AtlasVerbId verb)
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

void
atlas_access_append_done (const AtlasRun *run,
                          AtlasAccess access,
                          AtlasVa va,
                          const guint8 *bytes,
                          gsize size_bytes,
                          GString *text)
{
  g_autofree char *size = atlas_asked_size_format (size_bytes);
  g_autofree char *at = atlas_format_hex (va);

  if (access == ATLAS_ACCESS_EXECUTE)
    g_string_append_printf (text, _ ("executed at %s"), at);
  else if (access == ATLAS_ACCESS_READ)
    g_string_append_printf (text, _ ("read %s at %s"), size, at);
  else
    g_string_append_printf (text, _ ("wrote %s at %s"), size, at);
  if (access != ATLAS_ACCESS_EXECUTE)
    append_bytes (text, bytes, size_bytes);
  if (access == ATLAS_ACCESS_READ && size_bytes <= sizeof (guint64))
    atlas_run_set_value (run, load_little_endian (bytes, size_bytes));
}

/* What became of an access of @size_bytes at @va, which the result has the status of. */
static void
tell_access (const AtlasRun *run,
             AtlasAccess access,
             AtlasVa va,
             const guint8 *bytes,
             gsize size_bytes,
             const AtlasException *exception)
{
  AtlasCommandResult *result = run->result;
  g_autofree char *at = atlas_format_hex (va);
  g_autoptr (GString) text = g_string_new (NULL);

  atlas_run_set_va (run, va);
  if (result->status == ATLAS_STATUS_SUCCESS)
    atlas_access_append_done (run, access, va, bytes, size_bytes, text);
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

gboolean
atlas_verb_run_access (const AtlasRun *run, GError **error)
{
  const AtlasCommand *command = run->command;
  AtlasCommandResult *result = run->result;
  AtlasAccess access = atlas_verb_get_access (command->verb);
  AtlasException exception = { 0 };
  gsize size_bytes = (gsize) command->size_bytes;
  g_autofree guint8 *bytes = NULL;
  AtlasVa va;

  if (!atlas_run_need_address (run, &va, error))
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
    tell_access (run, access, va, bytes, size_bytes, &exception);
  return TRUE;
}
