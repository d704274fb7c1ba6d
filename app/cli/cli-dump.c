/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

#include "base/whole-file.h"
#include "source/memory-image-writer.h"
#include "source/minidump-writer.h"

/* What can be written, by the end of its name. */
typedef struct
{
  const char *ending;
  const char *name; /* for --format */
  gboolean (*write) (AtlasProcess *process, GOutputStream *stream, GError **error);
} DumpFormat;

static gboolean
write_minidump (AtlasProcess *process, GOutputStream *stream, GError **error)
{
  return atlas_minidump_write (
    process, (guint32) (g_get_real_time () / G_USEC_PER_SEC), stream, error);
}

static gboolean
write_elf (AtlasProcess *process, GOutputStream *stream, GError **error)
{
  return atlas_memory_image_write (process, ATLAS_IMAGE_ELF, stream, error);
}

static gboolean
write_lime (AtlasProcess *process, GOutputStream *stream, GError **error)
{
  return atlas_memory_image_write (process, ATLAS_IMAGE_LIME, stream, error);
}

static const DumpFormat formats[] = {
  { ".dmp", "minidump", write_minidump },
  { ".elf", "elf", write_elf },
  { ".lime", "lime", write_lime },
};

/* NULL after saying why. */
static const DumpFormat *
find_format (const char *path, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (name != NULL ? strcmp (formats[i].name, name) == 0
                     : g_str_has_suffix (path, formats[i].ending))
      return &formats[i];
  if (name != NULL)
    cli_wrong_usage (cli_verb_dump.name, "--format=%s: expected minidump, elf or lime", name);
  else
    cli_wrong_usage (
      cli_verb_dump.name, "%s: expected a name ending in .dmp, .elf or .lime, or --format", path);
  return NULL;
}

typedef struct
{
  const DumpFormat *format;
  AtlasProcess *process;
} Dump;

static gboolean
write_dump (GOutputStream *stream, gpointer data, GError **error)
{
  const Dump *dump = data;

  return dump->format->write (dump->process, stream, error);
}

static CliStatus
write_file (const DumpFormat *format, AtlasProcess *process, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GError) error = NULL;
  Dump dump = { format, process };

  return atlas_whole_file_write (file, write_dump, &dump, &error)
           ? CLI_DONE
           : cli_wrong_input ("%s: %s", path, error->message);
}

static CliStatus
run (int argc, char **argv)
{
  g_autofree char *format_name = NULL;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_name, "minidump, elf or lime", "NAME" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  const DumpFormat *format;
  AtlasSession *session;
  AtlasProcess *process;
  CliStatus status;

  if (!cli_parse_options (&cli_verb_dump, entries, 2, 2, &argc, &argv))
    return CLI_WRONG_USAGE;
  format = find_format (argv[2], format_name);
  if (format == NULL)
    return CLI_WRONG_USAGE;
  session = cli_run_scenario (argv[1]);
  if (session == NULL)
    return CLI_WRONG_INPUT;
  process = atlas_session_get_process (session);
  status = process != NULL ? write_file (format, process, argv[2])
                           : cli_wrong_input ("%s: the scenario leaves no process to look at",
                                              cli_get_display_name (argv[1]));
  atlas_session_free (session);
  return status;
}

const CliVerb cli_verb_dump = {
  .name = "dump",
  .parameters = "SCENARIO DUMP",
  .summary = "Write a simulated process, or its machine's memory, for other tools to read",
  .description = "The end of DUMP's name chooses: .dmp is a minidump with full memory of the "
                 "process; .elf (an ELF core file with CR3, as QEMU writes them) and .lime are "
                 "the machine's physical memory without its zeroed and free frames.",
  .run = run,
};
