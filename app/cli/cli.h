/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* vmatlas-cli: the engine without a screen, for scripts. One file a verb.
 *
 *   main.c ─► table of verbs ─► cli-VERB.c ─► cli-input.c  FILE, or - for standard input
 *                                         └─► cli-output.c standard output, and its troubles
 *
 * Whatever is printed is a contract; so are the exit statuses.
 */

#include "session/session.h"
#include "space/space.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  CLI_DONE = 0,
  CLI_WRONG_INPUT = 1, /* what was given is wrong; standard error names it */
  CLI_WRONG_USAGE = 2, /* the command line itself */
} CliStatus;

typedef struct
{
  const char *name;
  const char *parameters; /* "FILE [ADDRESS…]" */
  const char *summary;
  const char *description;
  CliStatus (*run) (int argc, char **argv);
} CliVerb;

extern const CliVerb cli_verb_info;
extern const CliVerb cli_verb_regions;
extern const CliVerb cli_verb_render;
extern const CliVerb cli_verb_run;
extern const CliVerb cli_verb_walk;

/* Takes the options out of @argv. What remains are min…max arguments, argv[1] first. FALSE when
 * that is not so: the caller returns CLI_WRONG_USAGE. */
gboolean cli_parse_options (const CliVerb *verb,
                            const GOptionEntry *entries,
                            int min_arguments,
                            int max_arguments,
                            int *argc,
                            char ***argv);
/* Says on standard error what is wrong with the command line, and how to learn more. */
CliStatus cli_wrong_usage (const char *verb_name, const char *format, ...) G_GNUC_PRINTF (2, 3);
CliStatus cli_wrong_input (const char *format, ...) G_GNUC_PRINTF (1, 2);

typedef enum
{
  CLI_FORMAT_TEXT,
  CLI_FORMAT_CSV,
  CLI_FORMAT_JSON,
} CliFormat;

/* --format=NAME; NULL is text. FALSE after saying why. */
gboolean
cli_parse_format (const CliVerb *verb, const char *name, gboolean has_csv, CliFormat *format);

/* What stands behind FILE: either a space that was read, or a session that was run. */
typedef struct
{
  AtlasSpace *space;
  AtlasSession *session; /* NULL for a space from a file */
} CliInput;

/* The bytes of @path, or of standard input for "-". NULL after saying why. */
GBytes *cli_read_file (const char *path);
/* How messages call @path. */
const char *cli_get_display_name (const char *path);
/* FALSE after saying why. */
gboolean cli_open (const char *path, CliInput *input);
void cli_close (CliInput *input);
/* A session of scenario @path. NULL after saying why. */
AtlasSession *cli_run_scenario (const char *path);

/* Everything printed goes through these, which end the program when it cannot be written. */
void cli_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* One JSON object on a line of its own; takes @builder's root. */
void cli_print_json (JsonBuilder *builder);
void cli_json_add_hex (JsonBuilder *builder, const char *name, guint64 value);
/* A NULL @value becomes null. */
void cli_json_add_string (JsonBuilder *builder, const char *name, const char *value);
/* Flushes; whether all of it was written. */
CliStatus cli_finish_output (void);

G_END_DECLS
