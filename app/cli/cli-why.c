/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "space/why.h"

static void
print_text (const AtlasWhy *why)
{
  g_autofree char *va = atlas_format_va (why->va);

  cli_print ("%s  %s\n", va, why->what);
  cli_print ("%19s%s%s%s%s\n",
             "",
             why->reason,
             why->source != NULL ? " (" : "",
             why->source != NULL ? why->source : "",
             why->source != NULL ? ")" : "");
  cli_print ("%19sAllocate here? %s%s%s%s\n",
             "",
             why->verdict,
             why->rule_source != NULL ? " (" : "",
             why->rule_source != NULL ? why->rule_source : "",
             why->rule_source != NULL ? ")" : "");
}

static void
print_json (const AtlasWhy *why)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  atlas_json_add_hex (builder, "address", why->va);
  atlas_json_add_hex (builder, "base", why->region.base_va);
  atlas_json_add_hex (builder, "size", why->region.size_bytes);
  atlas_json_add_string (builder, "what", why->what);
  atlas_json_add_string (builder, "reason", why->reason);
  atlas_json_add_string (builder, "source", why->source);
  json_builder_set_member_name (builder, "may_allocate");
  json_builder_add_boolean_value (builder, why->may_allocate);
  atlas_json_add_hex (builder, "allocation_base", why->allocation_va);
  atlas_json_add_hex (builder, "room", why->room_bytes);
  atlas_json_add_string (builder, "verdict", why->verdict);
  atlas_json_add_string (builder, "rule", why->rule_source);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static CliStatus
run (int argc, char **argv)
{
  g_auto (CliRegisters) registers = { .memory_path = NULL };
  g_autofree char *format_name = NULL;
  g_autofree AtlasVa *vas = NULL;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_name, "text or json", "FORMAT" },
    CLI_REGISTER_ENTRIES (registers),
    G_OPTION_ENTRY_NULL,
  };
  CliFormat format;
  CliStatus status;
  CliInput input;

  if (!cli_parse_options (&cli_verb_why, entries, 2, G_MAXINT, &argc, &argv) ||
      !cli_parse_format (&cli_verb_why, format_name, FALSE, &format))
    return CLI_WRONG_USAGE;

  vas = g_new (AtlasVa, (gsize) argc);
  for (int i = 2; i < argc; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!atlas_parse_number (argv[i], TRUE, &vas[i], &error))
        return cli_wrong_usage (cli_verb_why.name, "%s", error->message);
    }
  status = cli_open_space (&cli_verb_why, argv[1], &registers, &input);
  if (status != CLI_DONE)
    return status;

  for (int i = 2; i < argc; i++)
    {
      g_auto (AtlasWhy) why = { 0 };

      atlas_why_init (&why, input.space, vas[i]);
      if (format == CLI_FORMAT_JSON)
        print_json (&why);
      else
        print_text (&why);
    }
  cli_close (&input);
  return cli_finish_output ();
}

const CliVerb cli_verb_why = {
  .name = "why",
  .parameters = "FILE ADDRESS…",
  .summary = "Tell what is at an address, why, and whether it could be allocated",
  .description = "Addresses are hexadecimal. JSON is one object a line.",
  .run = run,
};
