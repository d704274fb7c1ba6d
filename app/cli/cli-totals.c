/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "session/history.h"
#include "space/totals.h"

#define CSV_HEADER "commands,command,committed,reserved,free,largest_free,fragmentation\r\n"

static void
print_types (const AtlasTypeTotals *totals)
{
  g_autofree char *largest = atlas_format_size (totals->largest_free_bytes);

  cli_print ("%-13s %8s %11s %11s\n", "type", "regions", "committed", "reserved");
  for (guint i = 0; i < ATLAS_TOTAL_FREE; i++)
    {
      const AtlasTypeTotal *total = &totals->types[i];
      g_autofree char *count = atlas_format_count (total->n_regions);
      g_autofree char *committed = atlas_format_size (total->committed_bytes);
      g_autofree char *reserved = atlas_format_size (total->reserved_bytes);

      cli_print ("%-13s %8s %11s %11s\n",
                 atlas_total_kind_get_name ((AtlasTotalKind) i),
                 count,
                 committed,
                 reserved);
    }
  {
    const AtlasTypeTotal *total = &totals->types[ATLAS_TOTAL_FREE];
    g_autofree char *count = atlas_format_count (total->n_regions);
    g_autofree char *size = atlas_format_size (total->reserved_bytes);

    cli_print ("%-13s %8s %23s\n", atlas_total_kind_get_name (ATLAS_TOTAL_FREE), count, size);
  }
  cli_print ("%-13s %32s\n", "largest free", largest);
  cli_print ("%-13s %30.3f %%\n", "fragmentation", totals->fragmentation * 100.0);
}

/* One object; sizes are hexadecimal strings, as everywhere. */
static void
begin_json (JsonBuilder *builder, const AtlasTypeTotals *totals)
{
  json_builder_begin_object (builder);
  atlas_json_add_hex (builder, "committed", totals->all.committed_bytes);
  atlas_json_add_hex (builder, "reserved", totals->all.reserved_bytes);
  atlas_json_add_hex (builder, "free", totals->types[ATLAS_TOTAL_FREE].reserved_bytes);
  atlas_json_add_hex (builder, "largest_free", totals->largest_free_bytes);
  json_builder_set_member_name (builder, "fragmentation");
  json_builder_add_double_value (builder, totals->fragmentation);
}

static void
print_types_json (const AtlasTypeTotals *totals)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  begin_json (builder, totals);
  json_builder_set_member_name (builder, "types");
  json_builder_begin_object (builder);
  for (guint i = 0; i < ATLAS_N_TOTALS; i++)
    {
      json_builder_set_member_name (builder, atlas_total_kind_get_name ((AtlasTotalKind) i));
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "regions");
      json_builder_add_int_value (builder, (gint64) totals->types[i].n_regions);
      atlas_json_add_hex (builder, "committed", totals->types[i].committed_bytes);
      atlas_json_add_hex (builder, "reserved", totals->types[i].reserved_bytes);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_types_csv (const AtlasTypeTotals *totals)
{
  cli_print ("type,regions,committed,reserved\r\n");
  for (guint i = 0; i < ATLAS_N_TOTALS; i++)
    cli_print ("%s,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "\r\n",
               atlas_total_kind_get_name ((AtlasTotalKind) i),
               totals->types[i].n_regions,
               totals->types[i].committed_bytes,
               totals->types[i].reserved_bytes);
}

static void
print_moment_text (guint position, const char *command, const AtlasTypeTotals *totals)
{
  g_autofree char *committed = atlas_format_size (totals->all.committed_bytes);
  g_autofree char *reserved = atlas_format_size (totals->all.reserved_bytes);
  g_autofree char *largest = atlas_format_size (totals->largest_free_bytes);

  cli_print ("%8u %11s %11s %12s %11.3f %%  %s\n",
             position,
             committed,
             reserved,
             largest,
             totals->fragmentation * 100.0,
             command);
}

static void
print_moment_csv (guint position, const char *command, const AtlasTypeTotals *totals)
{
  char fragmentation[G_ASCII_DTOSTR_BUF_SIZE];
  g_auto (GStrv) parts = g_strsplit (command, "\"", -1);
  g_autofree char *escaped = g_strjoinv ("\"\"", parts);

  cli_print ("%u,\"%s\",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT
             ",%" G_GUINT64_FORMAT ",%s\r\n",
             position,
             escaped,
             totals->all.committed_bytes,
             totals->all.reserved_bytes,
             totals->types[ATLAS_TOTAL_FREE].reserved_bytes,
             totals->largest_free_bytes,
             g_ascii_dtostr (fragmentation, sizeof fragmentation, totals->fragmentation));
}

static void
print_moment_json (guint position, const char *command, const AtlasTypeTotals *totals)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  begin_json (builder, totals);
  json_builder_set_member_name (builder, "commands");
  json_builder_add_int_value (builder, position);
  atlas_json_add_string (builder, "command", command);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static const struct
{
  void (*print_types) (const AtlasTypeTotals *totals);
  void (*print_moment) (guint position, const char *command, const AtlasTypeTotals *totals);
} writers[] = {
  [CLI_FORMAT_TEXT] = { print_types, print_moment_text },
  [CLI_FORMAT_CSV] = { print_types_csv, print_moment_csv },
  [CLI_FORMAT_JSON] = { print_types_json, print_moment_json },
};

static CliStatus
print_history (AtlasSession *session, CliFormat format)
{
  guint n_commands = atlas_session_get_n_commands (session);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasHistory) history = atlas_history_new (session, n_commands + 2u, &error);

  if (history == NULL)
    return cli_wrong_input ("%s", error->message);
  if (format == CLI_FORMAT_TEXT)
    cli_print ("%8s %11s %11s %12s %13s  %s\n",
               "commands",
               "committed",
               "reserved",
               "largest free",
               "fragmentation",
               "command");
  else if (format == CLI_FORMAT_CSV)
    cli_print ("%s", CSV_HEADER);
  for (guint i = 0; i < atlas_history_get_n_moments (history); i++)
    {
      guint position = atlas_history_get_position (history, i);
      const AtlasTypeTotals *totals = atlas_history_get_totals (history, i);

      if (totals != NULL && position > 0)
        writers[format].print_moment (
          position, atlas_session_get_result (session, position - 1u)->command, totals);
    }
  return cli_finish_output ();
}

static CliStatus
print_now (AtlasSpace *space, CliFormat format)
{
  AtlasRegionSet *set = atlas_space_get_regions (space);
  AtlasTypeTotals totals;

  if (!atlas_region_set_is_listed (set))
    return cli_wrong_input ("page tables map more here than can be listed");
  atlas_type_totals_make (set, &totals);
  writers[format].print_types (&totals);
  return cli_finish_output ();
}

static CliStatus
run (int argc, char **argv)
{
  g_auto (CliRegisters) registers = { .memory_path = NULL };
  g_autofree char *format_name = NULL;
  gboolean is_history = FALSE;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_name, "text, csv or json", "FORMAT" },
    { "history",
      0,
      0,
      G_OPTION_ARG_NONE,
      &is_history,
      "A line for each command of a scenario, as it was then",
      NULL },
    CLI_REGISTER_ENTRIES (registers),
    G_OPTION_ENTRY_NULL,
  };
  CliFormat format;
  CliStatus status;
  CliInput input;

  if (!cli_parse_options (&cli_verb_totals, entries, 0, 1, &argc, &argv) ||
      !cli_parse_format (&cli_verb_totals, format_name, TRUE, &format))
    return CLI_WRONG_USAGE;
  status = cli_open_space (&cli_verb_totals, argv[1], &registers, &input);
  if (status != CLI_DONE)
    return status;

  if (!is_history)
    status = print_now (input.space, format);
  else if (input.session != NULL)
    status = print_history (input.session, format);
  else
    status = cli_wrong_input ("%s: only a scenario has a history", cli_get_display_name (argv[1]));
  cli_close (&input);
  return status;
}

const CliVerb cli_verb_totals = {
  .name = "totals",
  .parameters = "FILE",
  .summary = "Add up regions by type and state, with the largest free block and fragmentation",
  .description =
    "Of the user half. Free is what could be allocated: the 64 KB at both ends and what a slot has "
    "left over are not. Fragmentation is 1 - largest / all free.",
  .run = run,
};
