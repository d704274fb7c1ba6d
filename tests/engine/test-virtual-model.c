/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Random calls on 4 MB of address space, compared after each with a model that keeps one plain
 * record a page. A sequence that goes wrong is cut down to the commands that matter and printed as
 * a scenario. */

#include "windows-fixture.h"

#include "model-invariants.h"
#include "virtual-model.h"
#include "session/session.h"
#include "session/words.h"
#include "windows/fault.h"
#include "windows/offer.h"
#include "windows/virtual-lock.h"
#include "windows/virtual.h"
#include "windows/working-set.h"

#include <string.h>

#define SEQUENCE_LENGTH 250u
#define N_SEQUENCES 120u
/* How many commands to try, instead of 30,000: a million by hand. */
#define ENV_N_COMMANDS "ATLAS_MODEL_COMMANDS"

/* ---- The process ---------------------------------------------------------------------------- */

static void
process_run (AtlasProcess *process, const Command *command, Answer *answer)
{
  static const guint32 types[N_COMMAND_KINDS] = {
    [COMMAND_RESERVE] = ATLAS_MEM_RESERVE,
    [COMMAND_RESERVE_COMMIT] = ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
    [COMMAND_COMMIT] = ATLAS_MEM_COMMIT,
    [COMMAND_DECOMMIT] = ATLAS_MEM_DECOMMIT,
    [COMMAND_RELEASE] = ATLAS_MEM_RELEASE,
  };
  static const AtlasAccess accesses[N_COMMAND_KINDS] = {
    [COMMAND_READ] = ATLAS_ACCESS_READ,
    [COMMAND_WRITE] = ATLAS_ACCESS_WRITE,
    [COMMAND_EXECUTE] = ATLAS_ACCESS_EXECUTE,
  };
  AtlasException exception = { 0 };

  *answer = (Answer){ .va = command->va, .size_bytes = command->size_bytes };
  switch (command->kind)
    {
    case COMMAND_RESERVE:
    case COMMAND_RESERVE_COMMIT:
    case COMMAND_COMMIT:
      answer->status = atlas_nt_allocate_virtual_memory (
        process, &answer->va, 0, &answer->size_bytes, types[command->kind], command->protect);
      break;
    case COMMAND_DECOMMIT:
    case COMMAND_RELEASE:
      answer->status = atlas_nt_free_virtual_memory (
        process, &answer->va, &answer->size_bytes, types[command->kind]);
      break;
    case COMMAND_PROTECT:
      answer->status = atlas_nt_protect_virtual_memory (
        process, &answer->va, &answer->size_bytes, command->protect, &answer->old_protect);
      break;
    case COMMAND_TRIM:
      atlas_process_empty_working_set (process);
      answer->status = ATLAS_STATUS_SUCCESS;
      break;
    case COMMAND_TICK:
      atlas_system_tick (atlas_process_get_system (process), 10000000);
      answer->status = ATLAS_STATUS_SUCCESS;
      break;
    case COMMAND_LOCK:
      /* Quotas, and whether it was locked, are the working set's matter. */
      atlas_virtual_lock (process, command->va, command->size_bytes);
      answer->status = ATLAS_STATUS_SUCCESS;
      break;
    case COMMAND_UNLOCK:
      atlas_virtual_unlock (process, command->va, command->size_bytes);
      answer->status = ATLAS_STATUS_SUCCESS;
      break;
    case COMMAND_RESET:
      {
        AtlasVa va = command->va;
        guint64 size_bytes = command->size_bytes;

        answer->status = atlas_nt_allocate_virtual_memory (
          process, &va, 0, &size_bytes, ATLAS_MEM_RESET, ATLAS_PAGE_READWRITE);
        break;
      }
    case COMMAND_DISCARD:
      answer->status = atlas_discard_virtual_memory (process, command->va, command->size_bytes);
      break;
    case COMMAND_READ:
    case COMMAND_WRITE:
    case COMMAND_EXECUTE:
    case N_COMMAND_KINDS:
      answer->byte = command->value;
      answer->status =
        atlas_process_access (process,
                              command->va,
                              accesses[command->kind],
                              FALSE,
                              command->kind == COMMAND_EXECUTE ? NULL : &answer->byte,
                              1,
                              NULL,
                              &exception);
      break;
    }
}

/* ---- Comparison ----------------------------------------------------------------------------- */

/* NULL, or what differs. */
static char *
compare_answers (const Command *command, const Answer *expected, const Answer *found)
{
  if (command->kind == COMMAND_PROTECT && expected->status != ATLAS_STATUS_SUCCESS)
    {
      /* Windows tells several kinds of "not all committed"; programs see one. */
      if (atlas_status_to_win32 (expected->status) != atlas_status_to_win32 (found->status))
        return g_strdup_printf ("%s instead of an error like %s",
                                atlas_status_get_name (found->status),
                                atlas_status_get_name (expected->status));
      return NULL;
    }
  if (expected->status != found->status)
    return g_strdup_printf ("%s instead of %s",
                            atlas_status_get_name (found->status),
                            atlas_status_get_name (expected->status));
  if (expected->va != found->va || expected->size_bytes != found->size_bytes)
    return g_strdup_printf ("gives 0x%" G_GINT64_MODIFIER "x, 0x%" G_GINT64_MODIFIER
                            "x instead of 0x%" G_GINT64_MODIFIER "x, 0x%" G_GINT64_MODIFIER "x",
                            found->va,
                            found->size_bytes,
                            expected->va,
                            expected->size_bytes);
  if (expected->status != ATLAS_STATUS_SUCCESS)
    return NULL;
  if (command->kind == COMMAND_PROTECT && expected->old_protect != found->old_protect)
    return g_strdup_printf (
      "old protection 0x%x instead of 0x%x", found->old_protect, expected->old_protect);
  if (command->kind == COMMAND_READ && !expected->is_open && expected->byte != found->byte)
    return g_strdup_printf ("reads 0x%02x instead of 0x%02x", found->byte, expected->byte);
  return NULL;
}

static char *
compare_region (const AtlasRegion *expected, const AtlasRegion *found)
{
  AtlasVa expected_end_va = expected->base_va + expected->size_bytes;
  AtlasVa found_end_va = MIN (found->base_va + found->size_bytes, END);

  if (expected->base_va == found->base_va && expected_end_va == found_end_va &&
      expected->allocation_base_va == found->allocation_base_va &&
      expected->allocation_protect == found->allocation_protect &&
      expected->protect == found->protect && expected->state == found->state &&
      expected->type == found->type)
    return NULL;
  return g_strdup_printf (
    "query of 0x%" G_GINT64_MODIFIER "x: end 0x%" G_GINT64_MODIFIER "x, state 0x%x, protect 0x%x, "
    "allocation 0x%" G_GINT64_MODIFIER "x 0x%x instead of end 0x%" G_GINT64_MODIFIER
    "x, state 0x%x, protect 0x%x, allocation 0x%" G_GINT64_MODIFIER "x 0x%x",
    expected->base_va,
    found_end_va,
    found->state,
    found->protect,
    found->allocation_base_va,
    found->allocation_protect,
    expected_end_va,
    expected->state,
    expected->protect,
    expected->allocation_base_va,
    expected->allocation_protect);
}

/* The regions from @first_page to @last_page, as a query tells them. */
static char *
compare_queries (AtlasProcess *process, const Model *model, guint first_page, guint last_page)
{
  guint page = first_page;

  while (page <= last_page)
    {
      AtlasRegion expected;
      AtlasRegion found = { 0 };
      char *difference;

      model_query (model, page, &expected);
      if (atlas_nt_query_virtual_memory (process, va_of (page), &found) != ATLAS_STATUS_SUCCESS)
        return g_strdup ("a query fails");
      difference = compare_region (&expected, &found);
      if (difference != NULL)
        return difference;
      page = page_of (expected.base_va + expected.size_bytes);
    }
  return NULL;
}

/* The views' picture of the window against the model. */
static char *
compare_region_set (AtlasProcess *process, const Model *model)
{
  AtlasRegionSet *set = atlas_space_get_regions (atlas_process_get_space (process));
  AtlasQueryIter iter;
  AtlasRegion found;

  atlas_query_iter_init (&iter, set);
  while (atlas_query_iter_next (&iter, &found))
    {
      AtlasVa start_va = MAX (found.base_va, BASE);
      AtlasRegion expected;
      char *difference;

      if (atlas_region_get_last_va (&found) < BASE || found.base_va >= END)
        continue;
      found.size_bytes -= start_va - found.base_va;
      found.base_va = start_va;
      model_query (model, page_of (start_va), &expected);
      difference = compare_region (&expected, &found);
      if (difference != NULL)
        {
          char *text = g_strconcat ("region set, ", difference, NULL);

          g_free (difference);
          return text;
        }
    }
  return NULL;
}

static char *
compare_vads (AtlasProcess *process, const Model *model)
{
  const AtlasVadTree *tree = atlas_process_get_vads (process);
  AtlasVad *vad = atlas_vad_tree_lower_bound (tree, BASE);
  guint page = 0;

  while (page < N_PAGES)
    {
      guint last_page;
      guint n_committed = 0;

      if (model->pages[page].owner == 0)
        {
          page++;
          continue;
        }
      last_page = last_of_allocation (model, page);
      for (guint i = page; i <= last_page; i++)
        n_committed += model->pages[i].is_committed;
      if (vad == NULL || atlas_vad_get_base_va (vad) != va_of (page) ||
          atlas_vad_get_last_va (vad) != va_of (last_page + 1) - 1)
        return g_strdup_printf ("no VAD for 0x%" G_GINT64_MODIFIER "x alone", va_of (page));
      if (vad->commit_pages != n_committed)
        return g_strdup_printf ("VAD 0x%" G_GINT64_MODIFIER "x charges %u pages instead of %u",
                                va_of (page),
                                (guint) vad->commit_pages,
                                n_committed);
      if (ABS (atlas_vad_get_balance (vad)) > 1)
        return g_strdup ("the VAD tree is out of balance");
      vad = atlas_vad_get_next (vad);
      page = last_page + 1;
    }
  if (vad != NULL && atlas_vad_get_base_va (vad) < END)
    return g_strdup ("a VAD too many");
  return NULL;
}

static char *
compare_charge (AtlasProcess *process, const Model *model, guint64 first_charge_pages)
{
  guint64 found = atlas_process_get_commit_pages (process) - first_charge_pages;
  guint64 expected = 0;

  for (guint i = 0; i < N_PAGES; i++)
    expected += model->pages[i].is_committed;
  if (expected == found)
    return NULL;
  return g_strdup_printf ("%u pages charged instead of %u", (guint) found, (guint) expected);
}

/* Gives back all that is left in the window; no frame or table may remain. */
static char *
release_all (AtlasProcess *process, guint64 first_active_frames)
{
  const AtlasVadTree *tree = atlas_process_get_vads (process);
  const AtlasFrames *frames = atlas_system_get_frames (atlas_process_get_system (process));
  AtlasVad *vad;
  guint64 n_frames;

  while ((vad = atlas_vad_tree_find_overlap (tree, BASE, END - 1)) != NULL)
    {
      AtlasStatus status =
        atlas_virtual_free (process, atlas_vad_get_base_va (vad), 0, ATLAS_MEM_RELEASE);

      if (status != ATLAS_STATUS_SUCCESS)
        return g_strdup_printf ("%s instead of a release", atlas_status_get_name (status));
    }
  n_frames = atlas_frames_count (frames, ATLAS_FRAME_ACTIVE);
  if (n_frames == first_active_frames)
    return NULL;
  return g_strdup_printf ("%u frames in use, not %u, once all is released",
                          (guint) n_frames,
                          (guint) first_active_frames);
}

/* ---- Sequences ------------------------------------------------------------------------------ */

static guint
random_below (guint limit)
{
  return (guint) g_test_rand_int_range (0, (gint32) limit);
}

static void
draw_command (Command *command)
{
  static const guint32 protects[] = {
    ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_READONLY,
    ATLAS_PAGE_NOACCESS,
    ATLAS_PAGE_EXECUTE,
    ATLAS_PAGE_EXECUTE_READ,
    ATLAS_PAGE_EXECUTE_READWRITE,
    ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD,
    ATLAS_PAGE_READONLY | ATLAS_PAGE_GUARD,
    /* Not to be had from here on; WRITECOPY comes last, as it is a case apart for PROTECT. */
    0,
    ATLAS_PAGE_NOACCESS | ATLAS_PAGE_GUARD,
    ATLAS_PAGE_READONLY | ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_WRITECOPY,
  };
  static const guint8 kinds[] = {
    COMMAND_RESERVE, COMMAND_RESERVE_COMMIT, COMMAND_RESERVE_COMMIT, COMMAND_COMMIT,
    COMMAND_COMMIT,  COMMAND_COMMIT,         COMMAND_DECOMMIT,       COMMAND_RELEASE,
    COMMAND_PROTECT, COMMAND_PROTECT,        COMMAND_READ,           COMMAND_READ,
    COMMAND_WRITE,   COMMAND_WRITE,          COMMAND_WRITE,          COMMAND_EXECUTE,
    COMMAND_TRIM,    COMMAND_TICK,           COMMAND_LOCK,           COMMAND_UNLOCK,
    COMMAND_RESET,   COMMAND_DISCARD,
  };
  /* A part of the window only, so that calls meet. */
  guint page = random_below (random_below (4) == 0 ? N_PAGES : 160);
  guint n_pages = 1 + random_below (random_below (8) == 0 ? 200 : 20);
  guint64 size_bytes = n_pages * ATLAS_PAGE_BYTES;

  command->kind = kinds[random_below (G_N_ELEMENTS (kinds))];
  command->va = va_of (page);
  command->protect =
    protects[random_below (G_N_ELEMENTS (protects) - (command->kind == COMMAND_PROTECT ? 1 : 0))];
  command->value = (guint8) (1 + random_below (255));

  switch (command->kind)
    {
    case COMMAND_RESERVE:
    case COMMAND_RESERVE_COMMIT:
      if (random_below (2) == 0)
        command->va = va_of (page & ~(SLOT_PAGES - 1));
      break;
    case COMMAND_DECOMMIT:
    case COMMAND_RELEASE:
      if (random_below (4) == 0)
        size_bytes = 0;
      break;
    case COMMAND_COMMIT:
    case COMMAND_PROTECT:
      break;
    case COMMAND_LOCK:
    case COMMAND_UNLOCK:
    case COMMAND_RESET:
    case COMMAND_DISCARD:
      command->size_bytes = MIN ((1 + random_below (4)) * ATLAS_PAGE_BYTES, END - command->va);
      return;
    case COMMAND_READ:
    case COMMAND_WRITE:
    case COMMAND_EXECUTE:
    case COMMAND_TRIM:
    case COMMAND_TICK:
    case N_COMMAND_KINDS:
      command->va += spot_offsets[random_below (N_SPOTS)];
      command->size_bytes = 1;
      return;
    }

  /* Neither address nor size need be round. */
  if (random_below (3) == 0)
    command->va += random_below (0x1000);
  if (size_bytes != 0 && random_below (3) == 0)
    size_bytes -= random_below (0x1000);
  if (command->kind <= COMMAND_COMMIT && random_below (50) == 0)
    size_bytes = 0;
  command->size_bytes = MIN (size_bytes, END - command->va);
}

/* One line of a scenario. What a scenario cannot say, as a comment: Windows refuses it. */
static char *
format_command (const Command *command)
{
  static const char *const verbs[N_COMMAND_KINDS] = {
    [COMMAND_RESERVE] = "alloc",   [COMMAND_RESERVE_COMMIT] = "alloc",
    [COMMAND_COMMIT] = "alloc",    [COMMAND_DECOMMIT] = "free",
    [COMMAND_RELEASE] = "free",    [COMMAND_PROTECT] = "protect",
    [COMMAND_READ] = "read",       [COMMAND_WRITE] = "write",
    [COMMAND_EXECUTE] = "execute", [COMMAND_LOCK] = "lock",
    [COMMAND_UNLOCK] = "unlock",   [COMMAND_RESET] = "reset",
    [COMMAND_DISCARD] = "discard", [COMMAND_TRIM] = "trim",
    [COMMAND_TICK] = "tick 1s",
  };
  static const char *const types[N_COMMAND_KINDS] = {
    [COMMAND_RESERVE] = "reserve", [COMMAND_RESERVE_COMMIT] = "reserve|commit",
    [COMMAND_COMMIT] = "commit",   [COMMAND_DECOMMIT] = "decommit",
    [COMMAND_RELEASE] = "release",
  };
  g_autofree char *protect = atlas_words_format (atlas_protection_words, command->protect);
  GString *line = g_string_new (verbs[command->kind]);
  gboolean is_sayable = TRUE;

  if (command->kind == COMMAND_TRIM || command->kind == COMMAND_TICK)
    return g_string_free (line, FALSE);
  g_string_append_printf (line, " 0x%" G_GINT64_MODIFIER "x", command->va);
  if (command->kind == COMMAND_WRITE)
    g_string_append_printf (line, " 1 value=0x%x", command->value);
  else if (command->kind != COMMAND_EXECUTE && command->size_bytes != 0)
    g_string_append_printf (line, " %" G_GUINT64_FORMAT, command->size_bytes);
  if (types[command->kind] != NULL)
    g_string_append_printf (line, " %s", types[command->kind]);
  if (command->kind <= COMMAND_COMMIT || command->kind == COMMAND_PROTECT)
    {
      is_sayable = protect[0] != '\0' && command->size_bytes != 0;
      g_string_append_printf (line, " %s", protect);
    }
  /* VirtualFree takes no size with MEM_RELEASE; the call here is NtFreeVirtualMemory. */
  if (command->kind == COMMAND_RELEASE && command->size_bytes != 0)
    is_sayable = FALSE;
  if (!is_sayable)
    g_string_prepend (line, "# ");
  return g_string_free (line, FALSE);
}

/* Runs the commands in a new process. NULL, or what differs after command @n_run. */
static char *
run_sequence (AtlasSystem *system,
              const Command *commands,
              guint n_commands,
              gboolean is_wrong,
              guint *n_run)
{
  g_autofree Model *model = g_new0 (Model, 1);
  AtlasProcess *process = make_process (system, TRUE);
  const AtlasFrames *frames = atlas_system_get_frames (system);
  guint64 first_charge_pages = atlas_process_get_commit_pages (process);
  guint64 first_active_frames = atlas_frames_count (frames, ATLAS_FRAME_ACTIVE);
  char *difference = NULL;

  model->is_wrong = is_wrong;
  for (guint i = 0; i < n_commands && difference == NULL; i++)
    {
      guint page = page_of (commands[i].va);
      guint last_page = page_of (MIN (commands[i].va + commands[i].size_bytes, END - 1));
      Answer expected;
      Answer found;

      *n_run = i + 1;
      if (!model_knows (model, &commands[i]))
        continue;
      model_run (model, &commands[i], &expected);
      process_run (process, &commands[i], &found);
      difference = compare_answers (&commands[i], &expected, &found);
      /* Around the command each time, everything now and then. */
      if (difference == NULL)
        difference = compare_queries (
          process, model, page - MIN (page, SLOT_PAGES), MIN (last_page + SLOT_PAGES, N_PAGES - 1));
      if (difference == NULL)
        difference = compare_charge (process, model, first_charge_pages);
      if (difference == NULL)
        difference = compare_vads (process, model);
      if (difference == NULL && (i % 32 == 31 || i + 1 == n_commands))
        {
          difference = compare_queries (process, model, 0, N_PAGES - 1);
          if (difference == NULL)
            difference = compare_region_set (process, model);
          if (difference == NULL)
            difference = find_broken_invariant (system);
        }
    }
  if (difference == NULL)
    difference = release_all (process, first_active_frames);
  atlas_process_terminate (process);
  return difference;
}

/* Leaves out every command without which the sequence still goes wrong, and tells what is left as a
 * scenario that "vmatlas-cli run" takes. */
static char *
shrink (AtlasSystem *system,
        const Command *commands,
        guint n_commands,
        gboolean is_wrong,
        guint *n_left)
{
  g_autofree Command *kept = g_memdup2 (commands, n_commands * sizeof *commands);
  g_autofree Command *trial = g_new (Command, n_commands);
  g_autofree char *difference = NULL;
  GString *scenario = g_string_new ("system memory=256M seed=7 build=22000 hypervisor=yes");
  guint n_kept = n_commands;
  guint n_run;

  if (atlas_system_get_options (system)->has_la57)
    g_string_append (scenario, " levels=5");
  g_string_append (scenario, "\npagefile 64M\nprocess $p demo.exe bare\n");
  for (guint i = n_kept; i-- > 0;)
    {
      g_autofree char *still = NULL;

      memcpy (trial, kept, i * sizeof *kept);
      memcpy (trial + i, kept + i + 1, (n_kept - i - 1) * sizeof *kept);
      still = run_sequence (system, trial, n_kept - 1, is_wrong, &n_run);
      if (still == NULL)
        continue;
      n_kept = n_run;
      memcpy (kept, trial, n_kept * sizeof *kept);
      i = MIN (i, n_kept);
    }

  difference = run_sequence (system, kept, n_kept, is_wrong, &n_run);
  for (guint i = 0; i < n_kept; i++)
    {
      g_autofree char *line = format_command (&kept[i]);

      g_string_append_printf (scenario, "%s\n", line);
    }
  g_string_append_printf (scenario, "# %s\n", difference);
  *n_left = n_kept;
  return g_string_free (scenario, FALSE);
}

static AtlasSystem *
make_paging_system (void)
{
  AtlasSystem *system = make_system ();

  g_assert_cmphex (
    atlas_system_add_page_file (system, ATLAS_MB (64), ATLAS_MB (64)), ==, ATLAS_STATUS_SUCCESS);
  return system;
}

static AtlasSystem *
make_la57_system (void)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasSystem *system;

  options.memory_bytes = ATLAS_MB (256);
  options.has_la57 = TRUE;
  system = atlas_system_new (&options, NULL);
  g_assert_nonnull (system);
  g_assert_cmphex (
    atlas_system_add_page_file (system, ATLAS_MB (64), ATLAS_MB (64)), ==, ATLAS_STATUS_SUCCESS);
  return system;
}

/* Of the calls with four levels, a quarter once more with five. */
#define LA57_SHARE 4u

static void
test_random_calls_agree_with_a_page_map (gconstpointer data)
{
  gboolean has_la57 = GPOINTER_TO_INT (data);
  g_autofree Command *commands = g_new0 (Command, SEQUENCE_LENGTH);
  g_autoptr (AtlasSystem) system = has_la57 ? make_la57_system () : make_paging_system ();
  const AtlasFrames *frames = atlas_system_get_frames (system);
  guint64 first_active_frames = atlas_frames_count (frames, ATLAS_FRAME_ACTIVE);
  const char *n_commands_text = g_getenv (ENV_N_COMMANDS);
  guint n_sequences = N_SEQUENCES;

  if (n_commands_text != NULL)
    n_sequences = (guint) (g_ascii_strtoull (n_commands_text, NULL, 10) / SEQUENCE_LENGTH);
  if (has_la57)
    n_sequences /= LA57_SHARE;
  for (guint sequence = 0; sequence < n_sequences; sequence++)
    {
      guint n_run = 0;
      g_autofree char *difference = NULL;

      for (guint i = 0; i < SEQUENCE_LENGTH; i++)
        draw_command (&commands[i]);
      difference = run_sequence (system, commands, SEQUENCE_LENGTH, FALSE, &n_run);
      if (difference != NULL)
        {
          guint n_left;
          g_autofree char *scenario = shrink (system, commands, n_run, FALSE, &n_left);

          g_printerr ("%s", scenario);
          g_test_fail_printf ("%s", difference);
          return;
        }
      g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_ACTIVE), ==, first_active_frames);
    }
}

/* A model that is wrong about guard pages: what comes out is a few lines that say so, and that run.
 */
static void
test_a_wrong_model_is_caught_in_a_few_commands (void)
{
  g_autofree Command *commands = g_new0 (Command, SEQUENCE_LENGTH);
  g_autoptr (AtlasSystem) system = make_paging_system ();
  g_autofree char *difference = NULL;
  g_autofree char *scenario = NULL;
  g_autoptr (AtlasSession) session = NULL;
  g_autoptr (GError) error = NULL;
  guint n_run = 0;
  guint n_left;

  for (guint sequence = 0; sequence < 200 && difference == NULL; sequence++)
    {
      for (guint i = 0; i < SEQUENCE_LENGTH; i++)
        draw_command (&commands[i]);
      difference = run_sequence (system, commands, SEQUENCE_LENGTH, TRUE, &n_run);
    }
  g_assert_nonnull (difference);
  scenario = shrink (system, commands, n_run, TRUE, &n_left);
  g_test_message ("%s", scenario);
  /* Reserve and commit with guard, and touch; at most the two in one step less. */
  g_assert_cmpuint (n_left, <=, 4);
  g_assert_nonnull (strstr (scenario, "guard"));
  session = atlas_session_new_from_text (scenario, "shrunk", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 3 + n_left);
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
  g_test_add_func ("/windows/model/a-wrong-model-is-caught-in-a-few-commands",
                   test_a_wrong_model_is_caught_in_a_few_commands);
  return g_test_run ();
}
