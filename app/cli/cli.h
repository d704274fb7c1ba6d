/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* vmatlas-cli: the engine without a screen, for scripts. One file a verb.
 *
 *   main.c ─► table of verbs ─► cli-VERB.c ─► cli-input.c  FILE, or - for standard input
 *                                         └─► cli-output.c standard output, and its troubles
 *
 * Whatever is printed is a contract; so are the exit statuses.
 */

#include "base/json.h"
#include "session/session.h"
#include "space/space.h"

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

extern const CliVerb cli_verb_aslr;
extern const CliVerb cli_verb_dump;
extern const CliVerb cli_verb_info;
extern const CliVerb cli_verb_regions;
extern const CliVerb cli_verb_render;
extern const CliVerb cli_verb_room;
extern const CliVerb cli_verb_run;
extern const CliVerb cli_verb_tables;
extern const CliVerb cli_verb_totals;
extern const CliVerb cli_verb_walk;
extern const CliVerb cli_verb_why;

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
/* The same of what was read already. */
gboolean cli_open_bytes (const char *path, GBytes *bytes, CliInput *input);
void cli_close (CliInput *input);
/* A session of scenario @path. NULL after saying why. */
AtlasSession *cli_run_scenario (const char *path);

/* Control state from the command line. NULL: as the file has it. */
typedef struct
{
  char *memory_path; /* a raw image, instead of FILE */
  char *cr0;
  char *cr3;
  char *cr4;
  char *efer;
  char *pkru;
  char *pkrs;
  char *pat;
  char *maxphyaddr;
  char *levels;
  char *vendor;
} CliRegisters;

#define CLI_REGISTER_ENTRY(name, variable, words)                                                  \
  {                                                                                                \
    name, 0, 0, G_OPTION_ARG_STRING, &(variable), words, "VALUE"                                   \
  }
#define CLI_REGISTER_ENTRIES(registers)                                                            \
  { "memory",                                                                                      \
    0,                                                                                             \
    0,                                                                                             \
    G_OPTION_ARG_FILENAME,                                                                         \
    &(registers).memory_path,                                                                      \
    "A raw image of physical memory, instead of FILE",                                             \
    "IMAGE" },                                                                                     \
    CLI_REGISTER_ENTRY ("cr3", (registers).cr3, "Another CR3 than the file has"),                  \
    CLI_REGISTER_ENTRY ("cr0", (registers).cr0, "Another CR0"),                                    \
    CLI_REGISTER_ENTRY ("cr4", (registers).cr4, "Another CR4"),                                    \
    CLI_REGISTER_ENTRY ("efer", (registers).efer, "Another EFER"),                                 \
    CLI_REGISTER_ENTRY ("pkru", (registers).pkru, "Another PKRU"),                                 \
    CLI_REGISTER_ENTRY ("pkrs", (registers).pkrs, "Another IA32_PKRS"),                            \
    CLI_REGISTER_ENTRY ("pat", (registers).pat, "Another IA32_PAT"),                               \
    CLI_REGISTER_ENTRY (                                                                           \
      "maxphyaddr", (registers).maxphyaddr, "Bits of a physical address, 36 to 52"),               \
    CLI_REGISTER_ENTRY ("levels", (registers).levels, "4 or 5: CR4.LA57, whatever --cr4 says"),    \
    CLI_REGISTER_ENTRY ("vendor", (registers).vendor, "intel or amd: which bits are reserved")

void cli_clear_registers (CliRegisters *registers);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliRegisters, cli_clear_registers)

/* "read", "shadow-stack-write". FALSE for any other word. */
gboolean cli_parse_access (const char *name, AtlasAccess *access);

/* Page tables and the registers that they are walked with, from a scenario or a memory image. */
typedef struct
{
  AtlasMemory *memory;
  AtlasControl control;
  const AtlasMtrrs *mtrrs; /* NULL where they are not known */
  CliInput input; /* empty for a memory image */
} CliTables;

/* Anything but CLI_DONE: it has said why. @path is not used with --memory. */
CliStatus cli_open_tables (const CliVerb *verb,
                           const char *path,
                           const CliRegisters *registers,
                           CliTables *tables);
void cli_close_tables (CliTables *tables);

/* Any address space: of a scenario, a minidump, or an image of physical memory, to which alone
 * @registers apply. Anything but CLI_DONE: it has said why. */
CliStatus cli_open_space (const CliVerb *verb,
                          const char *path,
                          const CliRegisters *registers,
                          CliInput *input);

/* Everything printed goes through these, which end the program when it cannot be written. */
void cli_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* One JSON object on a line of its own; takes @builder's root. */
void cli_print_json (JsonBuilder *builder);
/* Flushes; whether all of it was written. */
CliStatus cli_finish_output (void);

G_END_DECLS
