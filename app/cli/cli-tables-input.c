/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

#include "source/memory-image.h"
#include "source/root-scan.h"
#include "source/table-space.h"

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
apply_vendor (const CliVerb *verb, const char *vendor, AtlasControl *control, CliStatus *status)
{
  if (vendor == NULL)
    return TRUE;
  if (strcmp (vendor, "intel") != 0 && strcmp (vendor, "amd") != 0)
    {
      *status = cli_wrong_usage (verb->name, "--vendor=%s: expected intel or amd", vendor);
      return FALSE;
    }
  control->is_amd = strcmp (vendor, "amd") == 0;
  return TRUE;
}

static gboolean
apply_registers (const CliVerb *verb,
                 const CliRegisters *registers,
                 AtlasControl *control,
                 CliStatus *status)
{
  guint64 pkru = control->pkru;
  guint64 pkrs = control->pkrs;
  guint64 maxphyaddr_bits = control->maxphyaddr_bits;
  guint64 n_levels = 0;

  if (!parse_register (verb, "cr0", registers->cr0, 0, G_MAXUINT64, &control->cr0, status) ||
      !parse_register (verb, "cr3", registers->cr3, 0, G_MAXUINT64, &control->cr3, status) ||
      !parse_register (verb, "cr4", registers->cr4, 0, G_MAXUINT64, &control->cr4, status) ||
      !parse_register (verb, "efer", registers->efer, 0, G_MAXUINT64, &control->efer, status) ||
      !parse_register (verb, "pkru", registers->pkru, 0, G_MAXUINT32, &pkru, status) ||
      !parse_register (verb, "pkrs", registers->pkrs, 0, G_MAXUINT32, &pkrs, status) ||
      !parse_register (verb, "pat", registers->pat, 0, G_MAXUINT64, &control->pat, status) ||
      !parse_register (
        verb, "maxphyaddr", registers->maxphyaddr, 36, 52, &maxphyaddr_bits, status) ||
      !parse_register (verb, "levels", registers->levels, 4, 5, &n_levels, status) ||
      !apply_vendor (verb, registers->vendor, control, status))
    return FALSE;

  if (n_levels == 4)
    control->cr4 &= ~ATLAS_CR4_LA57;
  if (n_levels == 5)
    control->cr4 |= ATLAS_CR4_LA57;
  control->pkru = (guint32) pkru;
  control->pkrs = (guint32) pkrs;
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
  g_free (registers->pkrs);
  g_free (registers->pat);
  g_free (registers->maxphyaddr);
  g_free (registers->levels);
  g_free (registers->vendor);
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
  tables->mtrrs = atlas_space_get_mtrrs (tables->input.space);
  tables->memory = atlas_memory_ref ((AtlasMemory *) atlas_space_get_memory (tables->input.space));
  return TRUE;
}

/* An image that does not tell CR3, with none on the command line. */
static CliStatus
refuse_without_root (const CliVerb *verb, const char *path, CliTables *tables)
{
  g_autoptr (GError) error = NULL;

  atlas_root_scan_set_error (tables->memory, &tables->control, cli_get_display_name (path), &error);
  cli_close_tables (tables);
  return cli_wrong_usage (verb->name, "%s\nGive one with --cr3=…", error->message);
}

static CliStatus
open_table_bytes (const CliVerb *verb,
                  const char *path,
                  GBytes *bytes,
                  const CliRegisters *registers,
                  CliTables *tables)
{
  gboolean is_raw = registers->memory_path != NULL;
  gboolean is_image = is_raw || atlas_memory_image_is_known (bytes);
  CliStatus status = CLI_WRONG_INPUT;

  *tables = (CliTables){ .memory = NULL };
  if (is_image ? !open_image (path, bytes, is_raw, tables)
               : !open_space_bytes (path, bytes, tables))
    return CLI_WRONG_INPUT;
  if (!apply_registers (verb, registers, &tables->control, &status))
    {
      cli_close_tables (tables);
      return status;
    }
  if (is_image && registers->cr3 == NULL && tables->control.cr3 == 0)
    return refuse_without_root (verb, path, tables);
  return CLI_DONE;
}

CliStatus
cli_open_tables (const CliVerb *verb,
                 const char *path,
                 const CliRegisters *registers,
                 CliTables *tables)
{
  const char *image_path = registers->memory_path != NULL ? registers->memory_path : path;
  g_autoptr (GBytes) bytes = cli_read_file (image_path);

  return bytes != NULL ? open_table_bytes (verb, image_path, bytes, registers, tables)
                       : CLI_WRONG_INPUT;
}

static gboolean
has_registers (const CliRegisters *registers)
{
  return registers->cr0 != NULL || registers->cr3 != NULL || registers->cr4 != NULL ||
         registers->efer != NULL || registers->pkru != NULL || registers->pkrs != NULL ||
         registers->pat != NULL || registers->maxphyaddr != NULL || registers->levels != NULL ||
         registers->vendor != NULL;
}

CliStatus
cli_open_space (const CliVerb *verb,
                const char *path,
                const CliRegisters *registers,
                CliInput *input)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  CliTables tables;
  CliStatus status;

  *input = (CliInput){ .space = NULL };
  if ((path != NULL) == (registers->memory_path != NULL))
    return cli_wrong_usage (verb->name, "%s: expected FILE or --memory=IMAGE", verb->name);
  if (path == NULL)
    path = registers->memory_path;
  bytes = cli_read_file (path);
  if (bytes == NULL)
    return CLI_WRONG_INPUT;
  if (registers->memory_path == NULL && !atlas_memory_image_is_known (bytes))
    {
      if (has_registers (registers))
        return cli_wrong_usage (verb->name,
                                "%s is no image of physical memory: --cr3 and its like mean "
                                "nothing to it",
                                cli_get_display_name (path));
      return cli_open_bytes (path, bytes, input) ? CLI_DONE : CLI_WRONG_INPUT;
    }

  status = open_table_bytes (verb, path, bytes, registers, &tables);
  if (status != CLI_DONE)
    return status;
  input->space =
    atlas_table_space_new (tables.memory, &tables.control, cli_get_display_name (path), &error);
  cli_close_tables (&tables);
  return input->space != NULL ? CLI_DONE : cli_wrong_input ("%s", error->message);
}

void
cli_close_tables (CliTables *tables)
{
  g_clear_pointer (&tables->memory, atlas_memory_unref);
  cli_close (&tables->input);
}
