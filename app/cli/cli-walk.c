/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

#include "paging/memory-type.h"

gboolean
cli_parse_access (const char *name, AtlasAccess *access)
{
  static const AtlasAccess accesses[] = {
    ATLAS_ACCESS_READ,
    ATLAS_ACCESS_WRITE,
    ATLAS_ACCESS_EXECUTE,
    ATLAS_ACCESS_SHADOW_STACK_READ,
    ATLAS_ACCESS_SHADOW_STACK_WRITE,
  };

  for (guint i = 0; i < G_N_ELEMENTS (accesses); i++)
    if (strcmp (name, atlas_access_get_name (accesses[i])) == 0)
      {
        *access = accesses[i];
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_address (const CliTables *tables, const char *text, AtlasVa *va, GError **error)
{
  if (tables->input.session != NULL)
    return atlas_session_parse_address (tables->input.session, text, va, error);
  return atlas_parse_number (text, FALSE, va, error);
}

static void
print_text (const CliTables *tables, const AtlasWalkQuery *query, const AtlasWalkResult *result)
{
  g_autofree char *va = atlas_format_va (query->va);
  g_autofree char *explanation =
    atlas_walk_result_explain (result, &tables->control, tables->mtrrs, query);

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
      AtlasWalkStep step = atlas_walk_result_get_step (result, i);

      cli_print ("  %-5s %3u  at 0x%-12" G_GINT64_MODIFIER "x  %016" G_GINT64_MODIFIER "x\n",
                 atlas_level_get_entry_name (step.level),
                 step.index,
                 step.entry_pa,
                 step.entry);
    }
  cli_print ("  %s\n", explanation);
}

static void
print_memory_type (const CliTables *tables, const AtlasWalkResult *result)
{
  AtlasMemoryType type;

  atlas_memory_type_find (tables->mtrrs, &tables->control, result, &type);
  cli_print (",\"memory_type\":{\"pat_index\":\"0x%x\",\"pat\":\"%s\"",
             type.pat_index,
             atlas_memory_type_get_name (type.pat_type));
  if (type.has_mtrrs)
    cli_print (",\"mtrr\":\"%s\",\"mtrr_rule\":\"%s\",\"effective\":\"%s\",\"is_mixed\":%s}",
               atlas_memory_type_get_name (type.mtrr.type),
               atlas_mtrr_reason_get_name (type.mtrr.reason),
               atlas_memory_type_get_name (type.effective_type),
               type.is_mixed ? "true" : "false");
  else
    cli_print (",\"mtrr\":null,\"mtrr_rule\":null,\"effective\":null,\"is_mixed\":null}");
}

/* Written out, not built: every value is a number or a word of ours, and a million lines shall cost
 * little more than their walks. */
static void
print_json (const CliTables *tables, const AtlasWalkQuery *query, const AtlasWalkResult *result)
{
  cli_print ("{\"va\":\"0x%" G_GINT64_MODIFIER
             "x\",\"access\":\"%s\",\"mode\":\"%s\",\"outcome\":\"%s\"",
             query->va,
             atlas_access_get_name (query->access),
             query->is_supervisor ? "supervisor" : "user",
             atlas_outcome_get_name (result->outcome));
  if (result->outcome == ATLAS_OUTCOME_TRANSLATED)
    {
      cli_print (",\"pa\":\"0x%" G_GINT64_MODIFIER "x\",\"page_bytes\":\"0x%" G_GINT64_MODIFIER
                 "x\"",
                 result->pa,
                 result->page_bytes);
      print_memory_type (tables, result);
    }
  else
    cli_print (",\"pa\":null,\"page_bytes\":null,\"memory_type\":null");
  if (result->outcome == ATLAS_OUTCOME_PAGE_FAULT)
    cli_print (",\"error_code\":\"0x%x\",\"steps\":[", result->error_code);
  else
    cli_print (",\"error_code\":null,\"steps\":[");
  for (guint i = 0; i < result->n_steps; i++)
    {
      AtlasWalkStep step = atlas_walk_result_get_step (result, i);

      cli_print ("%s{\"level\":\"0x%x\",\"table\":\"0x%" G_GINT64_MODIFIER
                 "x\",\"index\":\"0x%x\",\"entry_address\":\"0x%" G_GINT64_MODIFIER
                 "x\",\"entry\":\"0x%" G_GINT64_MODIFIER "x\"}",
                 i > 0 ? "," : "",
                 step.level,
                 step.table_pa,
                 step.index,
                 step.entry_pa,
                 step.entry);
    }
  cli_print ("]}\n");
}

static void
walk (const CliTables *tables, const AtlasWalkQuery *query, CliFormat format)
{
  AtlasWalkResult result;

  atlas_walk (tables->memory, &tables->control, query, &result);
  if (format == CLI_FORMAT_JSON)
    print_json (tables, query, &result);
  else
    print_text (tables, query, &result);
}

/* ADDRESS [access] [user|supervisor]; what is not said is as @query has it. */
static gboolean
parse_batch_line (const CliTables *tables,
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
          if (!parse_address (tables, words[i], &query->va, &error))
            {
              cli_wrong_input ("%s:%u: %s", name, line_number, error->message);
              return FALSE;
            }
          has_address = TRUE;
        }
      else if (strcmp (words[i], "user") == 0 || strcmp (words[i], "supervisor") == 0)
        query->is_supervisor = words[i][0] == 's';
      else if (!cli_parse_access (words[i], &query->access))
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
read_batch (const CliTables *tables,
            const char *path,
            const AtlasWalkQuery *preset,
            GArray *queries)
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
      if (!parse_batch_line (tables, name, i + 1u, lines[i], &query))
        return FALSE;
      g_array_append_val (queries, query);
    }
  return TRUE;
}

static gboolean
read_arguments (const CliTables *tables,
                char **texts,
                const AtlasWalkQuery *preset,
                GArray *queries)
{
  for (; *texts != NULL; texts++)
    {
      AtlasWalkQuery query = *preset;
      g_autoptr (GError) error = NULL;

      if (!parse_address (tables, *texts, &query.va, &error))
        {
          cli_wrong_input ("%s", error->message);
          return FALSE;
        }
      g_array_append_val (queries, query);
    }
  return TRUE;
}

static CliStatus
walk_all (CliTables *tables,
          char **addresses,
          const char *batch_path,
          const AtlasWalkQuery *preset,
          CliFormat format)
{
  g_autoptr (GArray) queries = g_array_new (FALSE, FALSE, sizeof (AtlasWalkQuery));

  if (!read_arguments (tables, addresses, preset, queries) ||
      (batch_path != NULL && !read_batch (tables, batch_path, preset, queries)))
    return CLI_WRONG_INPUT;

  for (guint i = 0; i < queries->len; i++)
    walk (tables, &g_array_index (queries, AtlasWalkQuery, i), format);
  return cli_finish_output ();
}

typedef struct
{
  char *access_name;
  char *batch_path;
  char *format_name;
  gboolean is_supervisor;
  gboolean is_implicit;
  gboolean is_stack;
  gboolean has_ac;
  CliRegisters registers;
} Options;

static CliStatus
parse_and_walk (int argc, char **argv, const Options *options)
{
  AtlasWalkQuery preset = { .is_supervisor = options->is_supervisor || options->is_implicit,
                            .is_implicit = options->is_implicit,
                            .is_stack = options->is_stack };
  /* With --memory the image is named there, and every argument is an address. */
  const char *path = options->registers.memory_path == NULL ? argv[1] : NULL;
  char **addresses = path != NULL ? argv + 2 : argv + 1;
  CliFormat format;
  CliTables tables;
  CliStatus status;

  if (!cli_parse_format (&cli_verb_walk, options->format_name, FALSE, &format))
    return CLI_WRONG_USAGE;
  if (options->access_name != NULL && !cli_parse_access (options->access_name, &preset.access))
    return cli_wrong_usage (cli_verb_walk.name,
                            "--access=%s: expected read, write, execute, shadow-stack-read or "
                            "shadow-stack-write",
                            options->access_name);
  if (*addresses == NULL && options->batch_path == NULL)
    return cli_wrong_usage (cli_verb_walk.name, "walk: expected an ADDRESS or --batch=LIST");
  if (options->batch_path != NULL && strcmp (options->batch_path, "-") == 0 && path != NULL &&
      strcmp (path, "-") == 0)
    return cli_wrong_usage (cli_verb_walk.name,
                            "walk: FILE and LIST cannot both be standard input");

  status = cli_open_tables (&cli_verb_walk, path, &options->registers, &tables);
  if (status != CLI_DONE)
    return status;
  tables.control.rflags_ac = options->has_ac;
  status = walk_all (&tables, addresses, options->batch_path, &preset, format);
  cli_close_tables (&tables);
  return status;
}

static CliStatus
run (int argc, char **argv)
{
  Options options = { .access_name = NULL };
  const GOptionEntry entries[] = {
    { "access",
      0,
      0,
      G_OPTION_ARG_STRING,
      &options.access_name,
      "read (default), write, execute, shadow-stack-read or shadow-stack-write",
      "KIND" },
    { "supervisor",
      0,
      0,
      G_OPTION_ARG_NONE,
      &options.is_supervisor,
      "The kernel accesses, not the program",
      NULL },
    { "implicit",
      0,
      0,
      G_OPTION_ARG_NONE,
      &options.is_implicit,
      "The processor itself accesses, as it reads descriptors: a supervisor's, with no regard to "
      "AC",
      NULL },
    { "stack",
      0,
      0,
      G_OPTION_ARG_NONE,
      &options.is_stack,
      "Through SS: a non-canonical address is #SS, not #GP",
      NULL },
    { "ac", 0, 0, G_OPTION_ARG_NONE, &options.has_ac, "RFLAGS.AC is 1, which suspends SMAP", NULL },
    { "batch",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &options.batch_path,
      "Walk every address in LIST, “-” standard input",
      "LIST" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &options.format_name, "text or json", "FORMAT" },
    CLI_REGISTER_ENTRIES (options.registers),
    G_OPTION_ENTRY_NULL,
  };
  CliStatus status = CLI_WRONG_USAGE;

  if (cli_parse_options (&cli_verb_walk, entries, 0, G_MAXINT - 1, &argc, &argv))
    status = argc == 1 && options.registers.memory_path == NULL
               ? cli_wrong_usage (cli_verb_walk.name, "walk: expected FILE ADDRESS…")
               : parse_and_walk (argc, argv, &options);

  g_free (options.access_name);
  g_free (options.batch_path);
  g_free (options.format_name);
  cli_clear_registers (&options.registers);
  return status;
}

const CliVerb cli_verb_walk = {
  .name = "walk",
  .parameters = "FILE ADDRESS…",
  .summary = "Translate addresses through the page tables",
  .description =
    "An ADDRESS is what commands take: 0x…, a back-tick, $name, module+offset, pml4[255].pdpt[3].\n"
    "A line of LIST is “ADDRESS [read|write|execute] [user|supervisor]”, or a remark behind #.\n"
    "FILE may be an image of physical memory (LiME, ELF core) with --cr3, or --memory=FILE a raw "
    "one.\n"
    "Nothing is written: a page that is not there stays so. A fault is an answer, not an error.",
  .run = run,
};
