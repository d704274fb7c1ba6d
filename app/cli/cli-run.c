/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "base/trace-text.h"
#include "windows/status.h"

static void
print_json (const AtlasCommandResult *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "line");
  json_builder_add_int_value (builder, result->line);
  atlas_json_add_string (builder, "command", result->command);
  atlas_json_add_string (builder, "status", atlas_status_get_name (result->status));
  json_builder_set_member_name (builder, "win32");
  json_builder_add_int_value (builder, atlas_status_to_win32 (result->status));
  atlas_json_add_string (builder, "result", result->result);
  if (result->has_value)
    atlas_json_add_hex (builder, "value", result->value);
  if (result->trace != NULL)
    {
      json_builder_set_member_name (builder, "trace");
      json_builder_begin_array (builder);
      for (guint i = 0; i < atlas_trace_get_n_events (result->trace); i++)
        atlas_trace_event_to_json (atlas_trace_get_event (result->trace, i), builder);
      json_builder_end_array (builder);
    }
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_text (const AtlasCommandResult *result, gboolean is_windows)
{
  guint n_events = result->trace != NULL ? atlas_trace_get_n_events (result->trace) : 0;

  cli_print ("%4u  %s\n", result->line, result->command);
  for (guint i = 0; i < n_events; i++)
    {
      const AtlasTraceEvent *event = atlas_trace_get_event (result->trace, i);
      g_autofree char *title = atlas_trace_event_dup_title (event);
      g_autofree char *detail = atlas_trace_event_dup_detail (event);

      cli_print (
        "      · %s%s%s\n", title, detail != NULL ? ": " : "", detail != NULL ? detail : "");
    }
  cli_print ("      %s", result->result);
  if (is_windows && !atlas_status_is_success (result->status))
    cli_print (" (%s)", atlas_status_get_name (result->status));
  cli_print ("\n");
}

static CliStatus
run (int argc, char **argv)
{
  g_autofree char *format_name = NULL;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_name, "text or json", "FORMAT" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (AtlasSession) session = NULL;
  CliFormat format;

  if (!cli_parse_options (&cli_verb_run, entries, 1, 1, &argc, &argv) ||
      !cli_parse_format (&cli_verb_run, format_name, FALSE, &format))
    return CLI_WRONG_USAGE;
  session = cli_run_scenario (argv[1]);
  if (session == NULL)
    return CLI_WRONG_INPUT;

  for (guint i = 0; i < atlas_session_get_n_commands (session); i++)
    {
      if (format == CLI_FORMAT_JSON)
        print_json (atlas_session_get_result (session, i));
      else
        print_text (atlas_session_get_result (session, i),
                    atlas_session_get_system (session) != NULL);
    }
  return cli_finish_output ();
}

const CliVerb cli_verb_run = {
  .name = "run",
  .parameters = "SCENARIO",
  .summary = "Run a scenario and tell what became of each command",
  .description =
    "JSON is one object a line: line, command, status, win32, result and, for an access, its "
    "trace.\n"
    "A command that Windows refuses is an answer; only a scenario that does not parse is an error.",
  .run = run,
};
