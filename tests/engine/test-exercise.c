/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The answers of the exercises, worked out a second time the slow way: digits of the address, and
 * entries read one by one from physical memory. */

#include "lessons/exercise.h"

#include <string.h>

#include "base/format.h"
#include "windows-fixture.h"

#define N_SEEDS 300u

static const char *const level_names[] = { "PTE", "PDE", "PDPTE", "PML4E" };

static void
assert_answer (const AtlasExercise *exercise, guint index, const char *prompt_end, guint64 answer)
{
  const AtlasExerciseStep *step = atlas_exercise_get_step (exercise, index);

  g_assert_true (g_str_has_suffix (step->prompt, prompt_end));
  g_assert_cmphex (step->answer, ==, answer);
  g_assert_nonnull (step->explanation);
}

static void
test_split_is_the_digits_of_the_address (void)
{
  static const char *const prompts[] = { "PML4", "PDPT", "PD", "PT" };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasSpace *space = atlas_process_get_space (make_process (system, FALSE));

  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (AtlasExercise) exercise = atlas_exercise_new (space, ATLAS_EXERCISE_SPLIT, seed);
      guint64 rest = exercise->query.va % (1ull << 48);

      g_assert_cmpuint (atlas_exercise_get_n_steps (exercise), ==, 5);
      assert_answer (exercise, 4, "page", rest % 4096u);
      rest /= 4096u;
      for (guint i = 4; i-- > 0; rest /= 512u)
        assert_answer (exercise, i, prompts[i], rest % 512u);
    }
}

static guint64
read_entry (const AtlasMemory *memory, AtlasPa pa)
{
  guint64 entry;

  g_assert_true (atlas_memory_read (memory, pa, &entry, sizeof entry));
  return GUINT64_FROM_LE (entry);
}

static void
test_walk_is_what_memory_holds (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasSpace *space = atlas_process_get_space (make_process (system, FALSE));
  const AtlasMemory *memory = atlas_space_get_memory (space);

  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (AtlasExercise) exercise = atlas_exercise_new (space, ATLAS_EXERCISE_WALK, seed);
      AtlasPa table_pa = atlas_space_get_control (space)->cr3 & 0xffffffffff000;
      guint index = 0;

      for (guint level = 4; level >= 1; level--)
        {
          guint shift = 12u + 9u * (level - 1u);
          AtlasPa entry_pa = table_pa + (exercise->query.va >> shift) % 512u * 8u;
          guint64 entry = read_entry (memory, entry_pa);

          assert_answer (exercise, index++, level_names[level - 1u], entry_pa);
          g_assert_cmphex (entry & 1u, ==, 1);
          table_pa = entry & 0xffffffffff000;
          if (level == 1)
            assert_answer (exercise, index++, "of the byte", table_pa + exercise->query.va % 4096u);
          else
            {
              g_assert_cmphex (entry & 0x80u, ==, 0);
              assert_answer (exercise, index++, "next table", table_pa);
            }
        }
      g_assert_cmpuint (atlas_exercise_get_n_steps (exercise), ==, index);
    }
}

/* By hand, from the entries alone: the first that is not present, or the right that any level
 * denies. */
static void
test_predict_is_what_the_entries_say (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasSpace *space = atlas_process_get_space (make_process (system, FALSE));
  const AtlasMemory *memory = atlas_space_get_memory (space);
  guint n_outcomes[3] = { 0 };

  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (AtlasExercise) exercise = atlas_exercise_new (space, ATLAS_EXERCISE_PREDICT, seed);
      const AtlasWalkQuery *query = &exercise->query;
      AtlasPa table_pa = atlas_space_get_control (space)->cr3 & 0xffffffffff000;
      guint64 error_code = (query->access == ATLAS_ACCESS_WRITE ? 2u : 0u) |
                           (query->is_supervisor ? 0u : 4u) |
                           (query->access == ATLAS_ACCESS_EXECUTE ? 16u : 0u);
      gint64 high_bits = (gint64) query->va >> 47;
      gboolean is_denied = FALSE;
      guint level = 4;

      n_outcomes[atlas_exercise_get_step (exercise, 0)->answer]++;
      if (high_bits != 0 && high_bits != -1)
        {
          assert_answer (exercise, 0, "?", 2);
          g_assert_cmpuint (atlas_exercise_get_n_steps (exercise), ==, 1);
          continue;
        }
      for (; level >= 1; level--)
        {
          guint64 entry =
            read_entry (memory, table_pa + (query->va >> (12u + 9u * (level - 1u))) % 512u * 8u);

          if ((entry & 1u) == 0)
            break;
          is_denied |= !query->is_supervisor && (entry & 4u) == 0;
          is_denied |= query->access == ATLAS_ACCESS_WRITE && (entry & 2u) == 0;
          is_denied |= query->access == ATLAS_ACCESS_EXECUTE && entry >> 63 != 0;
          /* SMEP and SMAP: the kernel keeps off what belongs to the program. */
          is_denied |= query->is_supervisor && (gint64) query->va >= 0;
          table_pa = entry & 0xffffffffff000;
        }
      if (level >= 1)
        {
          assert_answer (exercise, 0, "?", 1);
          assert_answer (exercise, 1, "?", level - 1u);
          assert_answer (exercise, 2, "code", error_code);
        }
      else if (is_denied)
        {
          assert_answer (exercise, 0, "?", 1);
          assert_answer (
            exercise, atlas_exercise_get_n_steps (exercise) - 1u, "code", error_code | 1u);
        }
      else
        {
          assert_answer (exercise, 0, "?", 0);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (n_outcomes); i++)
    g_assert_cmpuint (n_outcomes[i], >, 0);
}

static void
test_the_same_seed_asks_the_same (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasSpace *space = atlas_process_get_space (make_process (system, FALSE));
  guint n_different = 0;

  for (guint kind = 0; kind < ATLAS_N_EXERCISE_KINDS; kind++)
    for (guint seed = 0; seed < 20; seed++)
      {
        g_autoptr (AtlasExercise) first = atlas_exercise_new (space, kind, seed);
        g_autoptr (AtlasExercise) again = atlas_exercise_new (space, kind, seed);
        g_autoptr (AtlasExercise) next = atlas_exercise_new (space, kind, seed + 1u);

        g_assert_cmpstr (first->question, ==, again->question);
        n_different += first->query.va != next->query.va ? 1 : 0;
      }
  g_assert_cmpuint (n_different, >, 50);
}

static void
test_answers_are_read_as_people_write_them (void)
{
  static const char *const choices[] = { "It succeeds", "#PF, page fault", NULL };
  static const struct
  {
    guint64 answer;
    gboolean has_choices;
    const char *text;
    int is_right; /* -1: no answer */
  } rows[] = {
    { 0x234, FALSE, "0x234", TRUE },
    { 0x234, FALSE, "234", TRUE },
    { 0x234, FALSE, " 564 ", TRUE },
    { 0x234, FALSE, "565", FALSE },
    { 0xabc, FALSE, "abc", TRUE },
    { 0x278e55010, FALSE, "2`78e55010", TRUE },
    { 0, FALSE, "0", TRUE },
    { 0, FALSE, "", -1 },
    { 0, FALSE, "xyz", -1 },
    { 0, FALSE, "99999999999999999999999", -1 },
    { 1, TRUE, "2", TRUE },
    { 1, TRUE, "1", FALSE },
    { 1, TRUE, "#pf", TRUE },
    { 0, TRUE, "it", TRUE },
    { 0, TRUE, "", -1 },
    { 0, TRUE, "0", -1 },
    { 0, TRUE, "3", -1 },
    { 0, TRUE, "no", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasExerciseStep step = { .answer = rows[i].answer,
                                 .choices = rows[i].has_choices ? choices : NULL };
      g_autoptr (GError) error = NULL;
      gboolean is_right = FALSE;

      g_test_message ("%s", rows[i].text);
      if (atlas_exercise_step_check (&step, rows[i].text, &is_right, &error))
        g_assert_cmpint (is_right, ==, rows[i].is_right);
      else
        {
          g_assert_cmpint (rows[i].is_right, ==, -1);
          g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
        }
    }
}

/* Whoever writes the answer as the program does is right. */
static void
test_every_answer_answers_itself (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasSpace *space = atlas_process_get_space (make_process (system, FALSE));

  for (guint kind = 0; kind < ATLAS_N_EXERCISE_KINDS; kind++)
    for (guint seed = 0; seed < 20; seed++)
      {
        g_autoptr (AtlasExercise) exercise = atlas_exercise_new (space, kind, seed);

        for (guint i = 0; i < atlas_exercise_get_n_steps (exercise); i++)
          {
            const AtlasExerciseStep *step = atlas_exercise_get_step (exercise, i);
            g_autofree char *answer = atlas_exercise_step_format_answer (step);
            g_autoptr (GError) error = NULL;
            gboolean is_right = FALSE;

            /* "564 (0x234)" */
            if (step->choices == NULL && strchr (answer, ' ') != NULL)
              *strchr (answer, ' ') = '\0';
            atlas_exercise_step_check (step, answer, &is_right, &error);
            g_assert_no_error (error);
            g_assert_true (is_right);
          }
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exercise/split-is-the-digits-of-the-address",
                   test_split_is_the_digits_of_the_address);
  g_test_add_func ("/exercise/walk-is-what-memory-holds", test_walk_is_what_memory_holds);
  g_test_add_func ("/exercise/predict-is-what-the-entries-say",
                   test_predict_is_what_the_entries_say);
  g_test_add_func ("/exercise/the-same-seed-asks-the-same", test_the_same_seed_asks_the_same);
  g_test_add_func ("/exercise/answers-are-read-as-people-write-them",
                   test_answers_are_read_as_people_write_them);
  g_test_add_func ("/exercise/every-answer-answers-itself", test_every_answer_answers_itself);
  return g_test_run ();
}
