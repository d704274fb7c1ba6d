/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

/* From the command line, before a file is open. NULL: as the space has it. */
typedef struct
{
  char *cr0;
  char *cr3;
  char *cr4;
  char *efer;
  char *pkru;
  char *maxphyaddr;
} Registers;

static gboolean
parse_access (const char *name, AtlasAccess *access)
{
  static const AtlasAccess accesses[] = {
    ATLAS_ACCESS_READ,
    ATLAS_ACCESS_WRITE,
    ATLAS_ACCESS_EXECUTE,
  };

  for (guint i = 0; i < G_N_ELEMENTS (accesses); i++)
    if (strcmp (name, atlas_access_get_name (accesses[i])) == 0)
      {
        *access = accesses[i];
        return TRUE;
      }
  return FALSE;
}

/* TRUE as well when @text is NULL: the register stays. */
static gboolean
parse_register (const char *option,
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
      *status = cli_wrong_usage (cli_verb_walk.name, "--%s: %s", option, error->message);
      return FALSE;
    }
  if (*value < min || *value > max)
    {
      *status = cli_wrong_usage (cli_verb_walk.name,
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
apply_registers (const Registers *registers, AtlasControl *control, CliStatus *status)
{
  guint64 pkru = control->pkru;
  guint64 maxphyaddr_bits = control->maxphyaddr_bits;

  if (!parse_register ("cr0", registers->cr0, 0, G_MAXUINT64, &control->cr0, status) ||
      !parse_register ("cr3", registers->cr3, 0, G_MAXUINT64, &control->cr3, status) ||
      !parse_register ("cr4", registers->cr4, 0, G_MAXUINT64, &control->cr4, status) ||
      !parse_register ("efer", registers->efer, 0, G_MAXUINT64, &control->efer, status) ||
      !parse_register ("pkru", registers->pkru, 0, G_MAXUINT32, &pkru, status) ||
      !parse_register ("maxphyaddr", registers->maxphyaddr, 36, 52, &maxphyaddr_bits, status))
    return FALSE;

  control->pkru = (guint32) pkru;
  control->maxphyaddr_bits = (guint8) maxphyaddr_bits;
  return TRUE;
}

static gboolean
parse_address (const CliInput *input, const char *text, AtlasVa *va, GError **error)
{
  if (input->session != NULL)
    return atlas_session_parse_address (input->session, text, va, error);
  return atlas_parse_number (text, FALSE, va, error);
}

static void
print_text (const AtlasWalkQuery *query, const AtlasWalkResult *result, const AtlasControl *control)
{
  g_autofree char *va = atlas_format_va (query->va);
  g_autofree char *explanation = atlas_walk_result_explain (result, control, query);

  cli_print ("%s  %s, %s: %s",
             va,
             atlas_access_get_name (query->access),
             query->is_supervisor ? "supervisor" : "user",
             atlas_outcome_get_name (result->outcome));
  if (result->outcome == ATLAS_OUTCOME_TRANSLATED)
    {
      g_autofree char *page = atlas_format_size (result->page_bytes);

      cli_print (" to 0x%" G_GINT64_MODIFIER "x, page of %s", result->pa, page);
    }
  else if (result->outcome == ATLAS_OUTCOME_PAGE_FAULT)
    cli_print (", error code 0x%x", result->error_code);
  cli_print ("\n");

  for (guint i = 0; i < result->n_steps; i++)
    {
      const AtlasWalkStep *step = &result->steps[i];

      cli_print ("  %-5s %3u  at 0x%-12" G_GINT64_MODIFIER "x  %016" G_GINT64_MODIFIER "x\n",
                 atlas_level_get_entry_name (step->level),
                 step->index,
                 step->entry_pa,
                 step->entry);
    }
  cli_print ("  %s\n", explanation);
}

static void
add_step (JsonBuilder *builder, const AtlasWalkStep *step)
{
  json_builder_begin_object (builder);
  cli_json_add_hex (builder, "level", step->level);
  cli_json_add_hex (builder, "table", step->table_pa);
  cli_json_add_hex (builder, "index", step->index);
  cli_json_add_hex (builder, "entry_address", step->entry_pa);
  cli_json_add_hex (builder, "entry", step->entry);
  json_builder_end_object (builder);
}

static void
add_hex_or_null (JsonBuilder *builder, const char *name, gboolean has_value, guint64 value)
{
  if (has_value)
    cli_json_add_hex (builder, name, value);
  else
    cli_json_add_string (builder, name, NULL);
}

static void
print_json (const AtlasWalkQuery *query, const AtlasWalkResult *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gboolean is_translated = result->outcome == ATLAS_OUTCOME_TRANSLATED;

  json_builder_begin_object (builder);
  cli_json_add_hex (builder, "va", query->va);
  cli_json_add_string (builder, "access", atlas_access_get_name (query->access));
  cli_json_add_string (builder, "mode", query->is_supervisor ? "supervisor" : "user");
  cli_json_add_string (builder, "outcome", atlas_outcome_get_name (result->outcome));
  add_hex_or_null (builder, "pa", is_translated, result->pa);
  add_hex_or_null (builder, "page_bytes", is_translated, result->page_bytes);
  add_hex_or_null (
    builder, "error_code", result->outcome == ATLAS_OUTCOME_PAGE_FAULT, result->error_code);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < result->n_steps; i++)
    add_step (builder, &result->steps[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
walk (const AtlasMemory *memory,
      const AtlasControl *control,
      const AtlasWalkQuery *query,
      CliFormat format)
{
  AtlasWalkResult result;

  atlas_walk (memory, control, query, &result);
  if (format == CLI_FORMAT_JSON)
    print_json (query, &result);
  else
    print_text (query, &result, control);
}

/* ADDRESS [read|write|execute] [user|supervisor]; what is not said is as @query has it. */
static gboolean
parse_batch_line (const CliInput *input,
                  const char *name,
                  guint line_number,
                  const char *line,
                  AtlasWalkQuery *query)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t\r", -1);
  g_autoptr (GError) error = NULL;
  gboolean has_address = FALSE;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (words[i][0] == '\0')
        continue;
      if (!has_address)
        {
          if (!parse_address (input, words[i], &query->va, &error))
            {
              cli_wrong_input ("%s:%u: %s", name, line_number, error->message);
              return FALSE;
            }
          has_address = TRUE;
        }
      else if (strcmp (words[i], "user") == 0 || strcmp (words[i], "supervisor") == 0)
        query->is_supervisor = words[i][0] == 's';
      else if (!parse_access (words[i], &query->access))
        {
          cli_wrong_input ("%s:%u: expected read, write, execute, user or supervisor, found “%s”",
                           name,
                           line_number,
                           words[i]);
          return FALSE;
        }
    }
  return TRUE;
}

/* All of @path is understood before anything is walked. */
static gboolean
read_batch (const CliInput *input, const char *path, const AtlasWalkQuery *preset, GArray *queries)
{
  const char *name = cli_get_display_name (path);
  g_autoptr (GBytes) bytes = cli_read_file (path);
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;

  if (bytes == NULL)
    return FALSE;

  text = g_strndup (g_bytes_get_size (bytes) > 0 ? g_bytes_get_data (bytes, NULL) : "",
                    g_bytes_get_size (bytes));
  if (strlen (text) != g_bytes_get_size (bytes) || !g_utf8_validate (text, -1, NULL))
    {
      cli_wrong_input ("%s: expected a text of addresses", name);
      return FALSE;
    }

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      AtlasWalkQuery query = *preset;

      g_strstrip (lines[i]);
      if (lines[i][0] == '\0' || lines[i][0] == '#')
        continue;
      if (!parse_batch_line (input, name, i + 1u, lines[i], &query))
        return FALSE;
      g_array_append_val (queries, query);
    }
  return TRUE;
}

static gboolean
read_arguments (const CliInput *input, char **texts, const AtlasWalkQuery *preset, GArray *queries)
{
  for (; *texts != NULL; texts++)
    {
      AtlasWalkQuery query = *preset;
      g_autoptr (GError) error = NULL;

      if (!parse_address (input, *texts, &query.va, &error))
        {
          cli_wrong_input ("%s", error->message);
          return FALSE;
        }
      g_array_append_val (queries, query);
    }
  return TRUE;
}

static CliStatus
walk_all (CliInput *input,
          const char *path,
          char **addresses,
          const char *batch_path,
          const AtlasWalkQuery *preset,
          const Registers *registers,
          CliFormat format)
{
  g_autoptr (GArray) queries = g_array_new (FALSE, FALSE, sizeof (AtlasWalkQuery));
  AtlasControl control;
  CliStatus status = CLI_WRONG_INPUT;

  if (!atlas_space_has_tables (input->space))
    return cli_wrong_input ("%s: has no page tables to walk; a minidump holds virtual memory only",
                            cli_get_display_name (path));
  control = *atlas_space_get_control (input->space);
  if (!apply_registers (registers, &control, &status) ||
      !read_arguments (input, addresses, preset, queries) ||
      (batch_path != NULL && !read_batch (input, batch_path, preset, queries)))
    return status;

  for (guint i = 0; i < queries->len; i++)
    walk (atlas_space_get_memory (input->space),
          &control,
          &g_array_index (queries, AtlasWalkQuery, i),
          format);
  return cli_finish_output ();
}

static CliStatus
parse_and_walk (int argc,
                char **argv,
                const char *access_name,
                gboolean is_supervisor,
                const char *batch_path,
                const char *format_name,
                const Registers *registers)
{
  AtlasWalkQuery preset = { .is_supervisor = is_supervisor };
  CliFormat format;
  CliInput input;
  CliStatus status;

  if (!cli_parse_format (&cli_verb_walk, format_name, FALSE, &format))
    return CLI_WRONG_USAGE;
  if (access_name != NULL && !parse_access (access_name, &preset.access))
    return cli_wrong_usage (
      cli_verb_walk.name, "--access=%s: expected read, write or execute", access_name);
  if (argc == 2 && batch_path == NULL)
    return cli_wrong_usage (cli_verb_walk.name, "walk: expected an ADDRESS or --batch=LIST");
  if (batch_path != NULL && strcmp (batch_path, "-") == 0 && strcmp (argv[1], "-") == 0)
    return cli_wrong_usage (cli_verb_walk.name,
                            "walk: FILE and LIST cannot both be standard input");

  if (!cli_open (argv[1], &input))
    return CLI_WRONG_INPUT;
  status = walk_all (&input, argv[1], argv + 2, batch_path, &preset, registers, format);
  cli_close (&input);
  return status;
}

static CliStatus
run (int argc, char **argv)
{
  g_autofree char *access_name = NULL;
  g_autofree char *batch_path = NULL;
  g_autofree char *format_name = NULL;
  gboolean is_supervisor = FALSE;
  Registers registers = { .cr0 = NULL };
  const GOptionEntry entries[] = {
    { "access",
      0,
      0,
      G_OPTION_ARG_STRING,
      &access_name,
      "read (default), write or execute",
      "KIND" },
    { "supervisor",
      0,
      0,
      G_OPTION_ARG_NONE,
      &is_supervisor,
      "The kernel accesses, not the program",
      NULL },
    { "batch",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &batch_path,
      "Walk every address in LIST, “-” standard input",
      "LIST" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_name, "text or json", "FORMAT" },
    { "cr3",
      0,
      0,
      G_OPTION_ARG_STRING,
      &registers.cr3,
      "Another CR3 than the process has",
      "VALUE" },
    { "cr0", 0, 0, G_OPTION_ARG_STRING, &registers.cr0, "Another CR0", "VALUE" },
    { "cr4", 0, 0, G_OPTION_ARG_STRING, &registers.cr4, "Another CR4", "VALUE" },
    { "efer", 0, 0, G_OPTION_ARG_STRING, &registers.efer, "Another EFER", "VALUE" },
    { "pkru", 0, 0, G_OPTION_ARG_STRING, &registers.pkru, "Another PKRU", "VALUE" },
    { "maxphyaddr",
      0,
      0,
      G_OPTION_ARG_STRING,
      &registers.maxphyaddr,
      "Bits of a physical address, 36 to 52",
      "BITS" },
    G_OPTION_ENTRY_NULL,
  };
  CliStatus status = CLI_WRONG_USAGE;

  if (cli_parse_options (&cli_verb_walk, entries, 1, G_MAXINT - 1, &argc, &argv))
    status =
      parse_and_walk (argc, argv, access_name, is_supervisor, batch_path, format_name, &registers);

  g_free (registers.cr0);
  g_free (registers.cr3);
  g_free (registers.cr4);
  g_free (registers.efer);
  g_free (registers.pkru);
  g_free (registers.maxphyaddr);
  return status;
}

const CliVerb cli_verb_walk = {
  .name = "walk",
  .parameters = "FILE ADDRESS…",
  .summary = "Translate addresses through the page tables",
  .description =
    "An ADDRESS is what commands take: 0x…, a back-tick, $name, module+offset, pml4[255].pdpt[3].\n"
    "A line of LIST is “ADDRESS [read|write|execute] [user|supervisor]”, or a remark behind #.\n"
    "Nothing is written: a page that is not there stays so. A fault is an answer, not an error.",
  .run = run,
};
