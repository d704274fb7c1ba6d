/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "source/memory-image.h"
#include "source/open.h"

/* TRUE as well when @text is NULL: the register stays. */
static gboolean
parse_register (const CliVerb *verb,
                const char *option,
                const char *text,
                guint64 min,
                guint64 max,
                guint64 *value,
                CliStatus *status)
{
  g_autoptr (GError) error = NULL;

  if (text == NULL)
    return TRUE;
  if (!atlas_parse_number (text, FALSE, value, &error))
    {
      *status = cli_wrong_usage (verb->name, "--%s: %s", option, error->message);
      return FALSE;
    }
  if (*value < min || *value > max)
    {
      *status = cli_wrong_usage (verb->name,
                                 "--%s=%s: expected %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                                 option,
                                 text,
                                 min,
                                 max);
      return FALSE;
    }
  return TRUE;
}

static gboolean
apply_registers (const CliVerb *verb,
                 const CliRegisters *registers,
                 AtlasControl *control,
                 CliStatus *status)
{
  guint64 pkru = control->pkru;
  guint64 maxphyaddr_bits = control->maxphyaddr_bits;

  if (!parse_register (verb, "cr0", registers->cr0, 0, G_MAXUINT64, &control->cr0, status) ||
      !parse_register (verb, "cr3", registers->cr3, 0, G_MAXUINT64, &control->cr3, status) ||
      !parse_register (verb, "cr4", registers->cr4, 0, G_MAXUINT64, &control->cr4, status) ||
      !parse_register (verb, "efer", registers->efer, 0, G_MAXUINT64, &control->efer, status) ||
      !parse_register (verb, "pkru", registers->pkru, 0, G_MAXUINT32, &pkru, status) ||
      !parse_register (verb, "maxphyaddr", registers->maxphyaddr, 36, 52, &maxphyaddr_bits, status))
    return FALSE;

  control->pkru = (guint32) pkru;
  control->maxphyaddr_bits = (guint8) maxphyaddr_bits;
  return TRUE;
}

void
cli_clear_registers (CliRegisters *registers)
{
  g_free (registers->memory_path);
  g_free (registers->cr0);
  g_free (registers->cr3);
  g_free (registers->cr4);
  g_free (registers->efer);
  g_free (registers->pkru);
  g_free (registers->maxphyaddr);
}

static gboolean
open_image (const char *path, GBytes *bytes, gboolean is_raw, CliTables *tables)
{
  g_autoptr (GError) error = NULL;

  /* Until told otherwise: a 64-bit kernel, four levels, no table yet. */
  tables->control = atlas_control_windows (0);
  tables->memory =
    is_raw ? atlas_memory_image_open_raw (bytes)
           : atlas_memory_image_open (bytes, cli_get_display_name (path), &tables->control, &error);
  if (tables->memory == NULL)
    cli_wrong_input ("%s", error->message);
  return tables->memory != NULL;
}

static gboolean
open_space_bytes (const char *path, GBytes *bytes, CliTables *tables)
{
  if (!cli_open_bytes (path, bytes, &tables->input))
    return FALSE;
  if (!atlas_space_has_tables (tables->input.space))
    {
      cli_wrong_input ("%s: has no page tables to walk; a minidump holds virtual memory only",
                       cli_get_display_name (path));
      cli_close (&tables->input);
      return FALSE;
    }
  tables->control = *atlas_space_get_control (tables->input.space);
  tables->memory = atlas_memory_ref ((AtlasMemory *) atlas_space_get_memory (tables->input.space));
  return TRUE;
}

CliStatus
cli_open_tables (const CliVerb *verb,
                 const char *path,
                 const CliRegisters *registers,
                 CliTables *tables)
{
  gboolean is_raw = registers->memory_path != NULL;
  CliStatus status = CLI_WRONG_INPUT;
  g_autoptr (GBytes) bytes = NULL;
  gboolean is_image;

  *tables = (CliTables){ .memory = NULL };
  if (is_raw)
    path = registers->memory_path;
  bytes = cli_read_file (path);
  if (bytes == NULL)
    return CLI_WRONG_INPUT;
  is_image = is_raw || atlas_memory_image_is_known (bytes);
  if (is_image ? !open_image (path, bytes, is_raw, tables)
               : !open_space_bytes (path, bytes, tables))
    return CLI_WRONG_INPUT;
  if (!apply_registers (verb, registers, &tables->control, &status))
    {
      cli_close_tables (tables);
      return status;
    }
  if (is_image && registers->cr3 == NULL && tables->control.cr3 == 0)
    {
      cli_close_tables (tables);
      return cli_wrong_usage (
        verb->name, "%s does not tell CR3; give it with --cr3=…", cli_get_display_name (path));
    }
  return CLI_DONE;
}

void
cli_close_tables (CliTables *tables)
{
  g_clear_pointer (&tables->memory, atlas_memory_unref);
  cli_close (&tables->input);
}
