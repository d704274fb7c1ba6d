/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <locale.h>
#include <string.h>

static const CliVerb *const verbs[] = {
  &cli_verb_info, &cli_verb_regions, &cli_verb_walk,   &cli_verb_tables,
  &cli_verb_run,  &cli_verb_render,  &cli_verb_aslr,   &cli_verb_why,
  &cli_verb_room, &cli_verb_dump,    &cli_verb_totals,
};

gboolean
cli_parse_options (const CliVerb *verb,
                   const GOptionEntry *entries,
                   int min_arguments,
                   int max_arguments,
                   int *argc,
                   char ***argv)
{
  g_autofree char *parameters = g_strdup_printf ("%s %s", verb->name, verb->parameters);
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, verb->summary);
  g_option_context_set_description (context, verb->description);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      cli_wrong_usage (verb->name, "%s", error->message);
      return FALSE;
    }

  /* What follows “--” is an argument; the mark itself stays in front of it. */
  if (*argc > 1 && strcmp ((*argv)[1], "--") == 0)
    {
      for (int i = 1; i < *argc - 1; i++)
        (*argv)[i] = (*argv)[i + 1];
      (*argc)--;
    }
  if (*argc - 1 < min_arguments)
    {
      cli_wrong_usage (verb->name, "%s: expected %s", verb->name, verb->parameters);
      return FALSE;
    }
  if (*argc - 1 > max_arguments)
    {
      cli_wrong_usage (
        verb->name, "%s: one argument too many: “%s”", verb->name, (*argv)[max_arguments + 1]);
      return FALSE;
    }
  return TRUE;
}

gboolean
cli_parse_format (const CliVerb *verb, const char *name, gboolean has_csv, CliFormat *format)
{
  static const struct
  {
    const char *name;
    CliFormat format;
  } formats[] = {
    { "text", CLI_FORMAT_TEXT },
    { "csv", CLI_FORMAT_CSV },
    { "json", CLI_FORMAT_JSON },
  };

  *format = CLI_FORMAT_TEXT;
  if (name == NULL)
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (strcmp (name, formats[i].name) == 0 && (has_csv || formats[i].format != CLI_FORMAT_CSV))
      {
        *format = formats[i].format;
        return TRUE;
      }
  cli_wrong_usage (
    verb->name, "--format=%s: expected text%s or json", name, has_csv ? ", csv" : "");
  return FALSE;
}

static void
print_help (void)
{
  cli_print ("Usage:\n"
             "  vmatlas-cli VERB [OPTION…] ARGUMENT…\n"
             "\n"
             "Maps of a 64-bit Windows address space, without a screen.\n"
             "\n"
             "Verbs:\n");
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    cli_print ("  %-8s  %s\n", verbs[i]->name, verbs[i]->summary);
  cli_print (
    "\n"
    "FILE is a scenario, a minidump or an image of memory, “-” standard input.\n"
    "“vmatlas-cli VERB --help” tells more about a verb, “vmatlas-cli --version” the version.\n"
    "Exit status: 0 done, 1 what was given is wrong, 2 the command line is wrong.\n");
}

int
main (int argc, char *argv[])
{
  /* What it says is read by programs too: the same bytes everywhere, whatever the language. */
  setlocale (LC_CTYPE, "");
  g_set_prgname ("vmatlas-cli");

  if (argc < 2)
    return cli_wrong_usage (NULL, "expected a verb");
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    {
      print_help ();
      return cli_finish_output ();
    }
  for (int i = 1; i < MIN (argc, 3); i++)
    if (strcmp (argv[i], "--version") == 0)
      {
        cli_print ("vmatlas-cli %s\n", ATLAS_VERSION);
        return cli_finish_output ();
      }

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (argv[1], verbs[i]->name) == 0)
      return verbs[i]->run (argc - 1, argv + 1);
  return cli_wrong_usage (NULL, "“%s” is no verb", argv[1]);
}
