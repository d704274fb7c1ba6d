/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void
print_error (const char *format, va_list arguments)
{
  g_autofree char *message = g_strdup_vprintf (format, arguments);

  fprintf (stderr, "vmatlas-cli: %s\n", message);
}

CliStatus
cli_wrong_usage (const char *verb_name, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  print_error (format, arguments);
  va_end (arguments);
  fprintf (stderr,
           "Try “vmatlas-cli %s%s--help”.\n",
           verb_name != NULL ? verb_name : "",
           verb_name != NULL ? " " : "");
  return CLI_WRONG_USAGE;
}

CliStatus
cli_wrong_input (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  print_error (format, arguments);
  va_end (arguments);
  return CLI_WRONG_INPUT;
}

static CliStatus
report_lost_output (int error_number)
{
  /* A reader that has seen enough is no trouble: “| head”. */
  if (error_number == EPIPE)
    return CLI_DONE;
  return cli_wrong_input ("cannot write to standard output: %s", g_strerror (error_number));
}

void
cli_print (const char *format, ...)
{
  va_list arguments;
  int n_printed;

  va_start (arguments, format);
  n_printed = vfprintf (stdout, format, arguments);
  va_end (arguments);
  /* Nobody is left to print the rest for. */
  if (n_printed < 0)
    exit (report_lost_output (errno));
}

void
cli_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);

  cli_print ("%s\n", text);
}

CliStatus
cli_finish_output (void)
{
  return fflush (stdout) == 0 ? CLI_DONE : report_lost_output (errno);
}
