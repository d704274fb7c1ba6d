/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Random calls on 4 MB of address space in two processes, compared after each with a model that
 * keeps one plain record a page. A sequence that goes wrong is cut down to the commands that matter
 * and printed as a scenario. */

#include "windows-fixture.h"

#include "model-invariants.h"
#include "session/session.h"
#include "windows-model-machine.h"

#include <string.h>

#define SEQUENCE_LENGTH 250u
#define N_SEQUENCES 120u
/* How many commands to try, instead of 30,000: a million by hand. */
#define ENV_N_COMMANDS "ATLAS_MODEL_COMMANDS"
/* After so many commands everything is compared, not only what the command was about; of a sequence
 * that is known to go wrong, after each. */
#define WHOLE_INTERVAL 32u

static char *
compare_around (Machine *machine, const Model *model, const Command *command)
{
  guint page = page_of (command->va);
  guint last_page = page_of (MIN (command->va + command->size_bytes, END - 1));
  char *difference;

  difference = compare_queries (machine,
                                model,
                                command->process,
                                page - MIN (page, SLOT_PAGES),
                                MIN (last_page + SLOT_PAGES, N_PAGES - 1));
  if (difference == NULL)
    difference = compare_charges (machine, model);
  for (guint process = 0; process < N_PROCESSES && difference == NULL; process++)
    difference = compare_vads (machine, model, process);
  return difference;
}

static char *
compare_whole (Machine *machine, const Model *model)
{
  char *difference = NULL;

  for (guint process = 0; process < N_PROCESSES && difference == NULL; process++)
    {
      difference = compare_queries (machine, model, process, 0, N_PAGES - 1);
      if (difference == NULL)
        difference = compare_region_set (machine, model, process);
      if (difference == NULL)
        difference = compare_contents (machine, model, process);
    }
  return difference != NULL ? difference : find_broken_invariant (machine->system);
}

typedef struct
{
  gboolean has_la57;
  Wrong wrong;
  guint whole_interval;
  guint *n_succeeded; /* by kind of command; NULL when nobody counts */
} Run;

/* Runs the commands on a new machine, drawing them first when @is_drawing. NULL, or what differs
 * after command @n_run. */
static char *
run_sequence (const Run *run,
              Command *commands,
              guint n_commands,
              gboolean is_drawing,
              guint *n_run)
{
  g_autofree Model *model = g_new (Model, 1);
  Machine machine;
  char *difference = NULL;
  char *left;

  model_start (model, run->wrong);
  machine_start (&machine, run->has_la57);
  for (guint i = 0; i < n_commands && difference == NULL; i++)
    {
      Command *command = &commands[i];
      Answer expected;
      Answer found;

      *n_run = i + 1;
      if (is_drawing)
        model_draw_command (model, command);
      if (model_knows (model, command))
        {
          model_run (model, command, &expected);
          machine_run (&machine, command, &found);
          difference = compare_answers (command, &expected, &found);
          if (run->n_succeeded != NULL)
            run->n_succeeded[command->kind] += expected.status == ATLAS_STATUS_SUCCESS;
          if (difference == NULL)
            difference = compare_around (&machine, model, command);
        }
      if (difference == NULL &&
          (i % run->whole_interval == run->whole_interval - 1 || i + 1 == n_commands))
        difference = compare_whole (&machine, model);
    }
  left = machine_stop (&machine);
  if (difference == NULL)
    return left;
  g_free (left);
  return difference;
}

/* The lines before the commands that make the same machine. */
static char *
format_machine (gboolean has_la57, const Command *commands, guint n_commands)
{
  GString *text = g_string_new ("system memory=256M seed=7 build=22000 hypervisor=yes");
  gboolean is_file_needed = FALSE;

  for (guint i = 0; i < n_commands; i++)
    is_file_needed |= commands[i].kind == COMMAND_SECTION && commands[i].handle == FILE_HANDLE;
  if (has_la57)
    g_string_append (text, " levels=5");
  g_string_append (text, "\npagefile 64M\n");
  if (is_file_needed)
    g_string_append_printf (text, "file $f = model.bin size=%uK\n", FILE_PAGES * 4);
  g_string_append (text, "process $p1 other.exe bare\nprocess $p0 demo.exe bare\n");
  return g_string_free (text, FALSE);
}

static char *
format_commands (gboolean has_la57, const Command *commands, guint n_commands)
{
  g_autofree char *start = format_machine (has_la57, commands, n_commands);
  GString *text = g_string_new (start);
  guint process = 0;

  for (guint i = 0; i < n_commands; i++)
    {
      g_autofree char *line = model_format_command (&commands[i]);

      if (commands[i].process != process)
        g_string_append_printf (text, "select $p%u\n", commands[i].process);
      process = commands[i].process;
      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

/* Leaves out every run of commands without which the sequence still goes wrong, long ones first,
 * and tells what is left as a scenario that "vmatlas-cli run" takes. */
static char *
shrink (Run run, const Command *commands, guint n_commands, guint *n_left)
{
  g_autofree Command *kept = g_memdup2 (commands, n_commands * sizeof *commands);
  g_autofree Command *trial = g_new (Command, n_commands);
  g_autofree char *difference = NULL;
  g_autofree char *scenario = NULL;
  guint n_kept = n_commands;
  guint n_run;

  run.whole_interval = 1;
  run.n_succeeded = NULL;
  difference = run_sequence (&run, kept, n_kept, FALSE, &n_run);
  /* To look is to touch, which may hide what is wrong. */
  if (difference == NULL)
    run.whole_interval = WHOLE_INTERVAL;
  else
    n_kept = n_run;

  for (guint n_out = MAX (n_kept / 2, 1); n_out > 0; n_out /= 2)
    for (guint i = n_kept - MIN (n_kept, n_out) + 1; i-- > 0;)
      {
        g_autofree char *still = NULL;

        if (i + n_out > n_kept)
          continue;
        memcpy (trial, kept, i * sizeof *kept);
        memcpy (trial + i, kept + i + n_out, (n_kept - i - n_out) * sizeof *kept);
        still = run_sequence (&run, trial, n_kept - n_out, FALSE, &n_run);
        if (still == NULL)
          continue;
        n_kept = n_run;
        memcpy (kept, trial, n_kept * sizeof *kept);
      }

  g_free (difference);
  difference = run_sequence (&run, kept, n_kept, FALSE, &n_run);
  scenario = format_commands (run.has_la57, kept, n_kept);
  *n_left = n_kept;
  return g_strdup_printf ("%s# %s\n", scenario, difference);
}

/* Of the calls with four levels, a quarter once more with five. */
#define LA57_SHARE 4u

static void
test_random_calls_agree_with_a_page_map (gconstpointer data)
{
  guint n_succeeded[N_COMMAND_KINDS] = { 0 };
  const Run run = { .has_la57 = GPOINTER_TO_INT (data),
                    .whole_interval = WHOLE_INTERVAL,
                    .n_succeeded = n_succeeded };
  g_autofree Command *commands = g_new0 (Command, SEQUENCE_LENGTH);
  const char *n_commands_text = g_getenv (ENV_N_COMMANDS);
  guint n_sequences = N_SEQUENCES;

  if (n_commands_text != NULL)
    n_sequences = (guint) (g_ascii_strtoull (n_commands_text, NULL, 10) / SEQUENCE_LENGTH);
  if (run.has_la57)
    n_sequences /= LA57_SHARE;
  for (guint sequence = 0; sequence < n_sequences; sequence++)
    {
      guint n_run = 0;
      guint n_left;
      g_autofree char *difference = run_sequence (&run, commands, SEQUENCE_LENGTH, TRUE, &n_run);
      g_autofree char *scenario = NULL;

      if (difference == NULL)
        continue;
      scenario = shrink (run, commands, n_run, &n_left);
      g_printerr ("%s", scenario);
      g_test_fail_printf ("%s", difference);
      return;
    }
  g_test_message ("%u commands", n_sequences * SEQUENCE_LENGTH);
  /* What is always refused tests little. */
  for (guint kind = 0; kind < N_COMMAND_KINDS; kind++)
    {
      g_test_message ("kind %u: %u succeeded", kind, n_succeeded[kind]);
      g_assert_cmpuint (n_succeeded[kind], >, 0);
    }
}

#define PAGE_AT(page) .va = BASE + (page) *ATLAS_PAGE_BYTES, .size_bytes = ATLAS_PAGE_BYTES
#define BYTE_AT(page) .va = BASE + (page) *ATLAS_PAGE_BYTES, .size_bytes = 1

/* What comes together too seldom by chance: a copy that has lost its contents stays a copy. */
static void
test_a_reset_copy_stays_a_copy (void)
{
  static const Command commands[] = {
    { COMMAND_SECTION },
    { COMMAND_MAP, PAGE_AT (0), .protect = ATLAS_PAGE_WRITECOPY },
    { COMMAND_MAP, 1, PAGE_AT (0), .protect = ATLAS_PAGE_READWRITE },
    { COMMAND_WRITE, 1, BYTE_AT (0), .value = 7 },
    { COMMAND_WRITE, BYTE_AT (0), .value = 8 },
    { COMMAND_RESET, PAGE_AT (0) },
    { COMMAND_TRIM },
    { COMMAND_FLUSH },
    { COMMAND_PURGE },
    { COMMAND_PROTECT, PAGE_AT (0), .protect = ATLAS_PAGE_NOACCESS },
    { COMMAND_PROTECT, PAGE_AT (0), .protect = ATLAS_PAGE_WRITECOPY },
    { COMMAND_PROTECT, PAGE_AT (0), .protect = ATLAS_PAGE_READONLY },
    { COMMAND_PROTECT, PAGE_AT (0), .protect = ATLAS_PAGE_WRITECOPY },
    { COMMAND_WRITE, BYTE_AT (0), .value = 9 },
    { COMMAND_READ, 1, BYTE_AT (0) },
  };
  const Run run = { .whole_interval = WHOLE_INTERVAL };
  g_autofree Command *copy = g_memdup2 (commands, sizeof commands);
  guint n_run = 0;

  g_assert_cmpstr (run_sequence (&run, copy, G_N_ELEMENTS (commands), FALSE, &n_run), ==, NULL);
}

typedef struct
{
  const char *path;
  Wrong wrong;
  guint n_commands; /* that are enough to show it */
  const char *word; /* that the scenario must contain */
} WrongCase;

static const WrongCase wrong_cases[] = {
  /* Reserve and commit with guard, and touch; at most the two in one step less. */
  { "/windows/model/a-wrong-guard-is-caught-in-a-few-commands", WRONG_GUARD, 5, "guard" },
  /* A section, a view, a write; at most a placeholder for the view before, and a protection with a
   * guard that a read spends. */
  { "/windows/model/a-wrong-copy-is-caught-in-a-few-commands", WRONG_COPY, 6, "writecopy" },
  { "/windows/model/a-wrong-placeholder-is-caught-in-a-few-commands",
    WRONG_PLACEHOLDER,
    2,
    "split" },
};

static guint
count_command_lines (const char *scenario)
{
  g_auto (GStrv) lines = g_strsplit (scenario, "\n", 0);
  guint n_lines = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    n_lines += lines[i][0] != '\0' && lines[i][0] != '#';
  return n_lines;
}

/* A model that is wrong: what comes out is a few lines that say so, and that run. */
static void
test_a_wrong_model_is_caught_in_a_few_commands (gconstpointer data)
{
  const WrongCase *wrong = data;
  const Run run = { .wrong = wrong->wrong, .whole_interval = WHOLE_INTERVAL };
  g_autofree Command *commands = g_new0 (Command, SEQUENCE_LENGTH);
  g_autofree char *difference = NULL;
  g_autofree char *scenario = NULL;
  g_autoptr (AtlasSession) session = NULL;
  g_autoptr (GError) error = NULL;
  guint n_run = 0;
  guint n_left;

  for (guint sequence = 0; sequence < 200 && difference == NULL; sequence++)
    difference = run_sequence (&run, commands, SEQUENCE_LENGTH, TRUE, &n_run);
  g_assert_nonnull (difference);
  scenario = shrink (run, commands, n_run, &n_left);
  g_test_message ("%s", scenario);
  g_assert_cmpuint (n_left, <=, wrong->n_commands);
  g_assert_nonnull (strstr (scenario, wrong->word));
  session = atlas_session_new_from_text (scenario, "shrunk", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, count_command_lines (scenario));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/windows/model/random-calls-agree-with-a-page-map",
                        GINT_TO_POINTER (FALSE),
                        test_random_calls_agree_with_a_page_map);
  g_test_add_data_func ("/windows/model/random-calls-agree-with-five-levels",
                        GINT_TO_POINTER (TRUE),
                        test_random_calls_agree_with_a_page_map);
  g_test_add_func ("/windows/model/a-reset-copy-stays-a-copy", test_a_reset_copy_stays_a_copy);
  for (guint i = 0; i < G_N_ELEMENTS (wrong_cases); i++)
    g_test_add_data_func (
      wrong_cases[i].path, &wrong_cases[i], test_a_wrong_model_is_caught_in_a_few_commands);
  return g_test_run ();
}
