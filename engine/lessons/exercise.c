/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "lessons/exercise.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "paging/address.h"
#include "paging/entry.h"
#include "windows/aslr.h"

/* Addresses tried before it is said that there is none to ask about. */
#define MAX_TRIES 4096u

static const char *const outcome_choices[] = { N_ ("It succeeds"),
                                               N_ ("#PF, page fault"),
                                               N_ ("#GP, general protection"),
                                               NULL };
static const char *const level_choices[] = { "PTE", "PDE", "PDPTE", "PML4E", "PML5E", NULL };

const char *
atlas_exercise_kind_get_name (AtlasExerciseKind kind)
{
  static const char *const names[] = { "split", "walk", "predict" };

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == ATLAS_N_EXERCISE_KINDS);
  g_return_val_if_fail ((guint) kind < ATLAS_N_EXERCISE_KINDS, NULL);
  return names[kind];
}

static void
step_free (gpointer data)
{
  AtlasExerciseStep *step = data;

  g_free (step->prompt);
  g_free (step->explanation);
  g_free (step);
}

void
atlas_exercise_free (AtlasExercise *exercise)
{
  g_return_if_fail (exercise != NULL);

  g_free (exercise->question);
  g_ptr_array_unref (exercise->steps);
  g_free (exercise);
}

/* Takes @prompt and @explanation. */
static void
add_step (AtlasExercise *exercise,
          char *prompt,
          const char *const *choices,
          guint64 answer,
          char *explanation)
{
  AtlasExerciseStep *step = g_new (AtlasExerciseStep, 1);

  *step = (AtlasExerciseStep){ prompt, choices, answer, explanation };
  g_ptr_array_add (exercise->steps, step);
}

/* ---- picking ----------------------------------------------------------------------------------
 */

/* Somewhere in a region of the space: each region is as likely as any other, whatever its size. */
static AtlasVa
pick_va (AtlasSpace *space, AtlasRandom *random)
{
  AtlasRegionSet *regions = atlas_space_get_regions (space);
  guint index = (guint) atlas_random_below (random, atlas_region_set_get_n_regions (regions));
  const AtlasRegion *region = atlas_region_set_get_region (regions, index);

  return region->base_va + atlas_random_below (random, region->size_bytes);
}

/* A page that is present, looked for from the first committed region on behind a random one. */
static gboolean
pick_present (AtlasSpace *space, AtlasRandom *random, AtlasWalkQuery *query)
{
  AtlasWalkResult result;

  for (guint i = 0; i < MAX_TRIES; i++)
    {
      query->va = pick_va (space, random);
      if (atlas_space_walk (space, query, &result) && result.outcome == ATLAS_OUTCOME_TRANSLATED)
        return TRUE;
    }
  return FALSE;
}

/* By chance alone nearly all would be not present, and hardly any non-canonical. */
static void
pick_any (AtlasSpace *space, AtlasRandom *random, AtlasWalkQuery *query)
{
  guint va_bits =
    atlas_levels_va_bits (atlas_control_get_n_levels (atlas_space_get_control (space)));
  guint64 chance = atlas_random_below (random, 8);

  if (chance == 0)
    query->va = ATLAS_BIT (va_bits - 1u) + atlas_random_below (random, -ATLAS_BIT (va_bits));
  else if (chance < 4 || !pick_present (space, random, query))
    query->va = pick_va (space, random);
}

/* ---- the three kinds --------------------------------------------------------------------------
 */

static void
ask_split (AtlasExercise *exercise, const AtlasControl *control)
{
  g_autofree char *va_text = atlas_format_va (exercise->query.va);
  AtlasVa va = exercise->query.va;

  exercise->question = g_strdup_printf (_ ("Split the address %s."), va_text);
  for (guint level = atlas_control_get_n_levels (control); level >= ATLAS_LEVEL_PT; level--)
    {
      guint low_bit = atlas_level_shift (level);
      guint index = atlas_va_index (va, level);

      add_step (exercise,
                g_strdup_printf (_ ("Index in the %s"), atlas_level_get_table_name (level)),
                NULL,
                index,
                g_strdup_printf (_ ("Bits %u to %u: (0x%llx >> %u) & 0x1ff = 0x%x = %u."),
                                 low_bit + ATLAS_INDEX_BITS - 1u,
                                 low_bit,
                                 (unsigned long long) va,
                                 low_bit,
                                 index,
                                 index));
    }
  add_step (exercise,
            g_strdup (_ ("Offset in a 4 KB page")),
            NULL,
            va & ATLAS_PAGE_MASK,
            g_strdup_printf (_ ("Bits 11 to 0: the last three hexadecimal digits, 0x%x."),
                             (guint) (va & ATLAS_PAGE_MASK)));
}

static void
ask_walk (AtlasExercise *exercise, const AtlasControl *control, const AtlasWalkResult *result)
{
  g_autofree char *va_text = atlas_format_va (result->va);

  exercise->question = g_strdup_printf (
    _ ("Walk the tables for %s. CR3 holds 0x%llx."), va_text, (unsigned long long) control->cr3);
  for (guint i = 0; i < result->n_steps; i++)
    {
      AtlasWalkStep step = atlas_walk_result_get_step (result, i);
      const char *name = atlas_level_get_entry_name (step.level);

      add_step (
        exercise,
        g_strdup_printf (_ ("Physical address of the %s"), name),
        NULL,
        step.entry_pa,
        g_strdup_printf (_ ("The table is at 0x%llx, the index is %u, an entry has 8 bytes: "
                            "0x%llx + %u × 8."),
                         (unsigned long long) step.table_pa,
                         step.index,
                         (unsigned long long) step.table_pa,
                         step.index));
      if (step.is_leaf)
        add_step (exercise,
                  g_strdup_printf (_ ("The %s is %016llx and maps a page. Physical address of the "
                                      "byte"),
                                   name,
                                   (unsigned long long) step.entry),
                  NULL,
                  result->pa,
                  g_strdup_printf (_ ("The page starts at 0x%llx, the offset is 0x%llx."),
                                   (unsigned long long) (result->pa & ~(result->page_bytes - 1u)),
                                   (unsigned long long) (result->pa & (result->page_bytes - 1u))));
      else
        add_step (
          exercise,
          g_strdup_printf (_ ("The %s is %016llx. Physical address of the next table"),
                           name,
                           (unsigned long long) step.entry),
          NULL,
          atlas_entry_get_table_pa (step.entry),
          g_strdup (_ ("Bits 51 to 12 of the entry; the other bits are rights and marks.")));
    }
}

static void
ask_predict (AtlasExercise *exercise,
             const AtlasControl *control,
             const AtlasMtrrs *mtrrs,
             const AtlasWalkResult *result)
{
  g_autofree char *va_text = atlas_format_va (exercise->query.va);
  const char *mode = exercise->query.is_supervisor ? _ ("supervisor") : _ ("user");
  GString *question = g_string_new (NULL);

  if (exercise->query.access == ATLAS_ACCESS_READ)
    g_string_printf (question, _ ("The processor reads at %s in %s mode."), va_text, mode);
  else if (exercise->query.access == ATLAS_ACCESS_WRITE)
    g_string_printf (question, _ ("The processor writes at %s in %s mode."), va_text, mode);
  else
    g_string_printf (question, _ ("The processor executes at %s in %s mode."), va_text, mode);
  if (exercise->query.is_supervisor)
    g_string_append_printf (question,
                            " CR0.WP = %u, CR4.SMEP = %u, CR4.SMAP = %u, RFLAGS.AC = %u.",
                            (control->cr0 & ATLAS_CR0_WP) != 0,
                            (control->cr4 & ATLAS_CR4_SMEP) != 0,
                            (control->cr4 & ATLAS_CR4_SMAP) != 0,
                            control->rflags_ac);
  for (guint i = 0; i < result->n_steps; i++)
    g_string_append_printf (question,
                            "\n%-5s %016" G_GINT64_MODIFIER "x",
                            atlas_level_get_entry_name (result->first_level - i),
                            result->entries[i]);
  exercise->question = g_string_free (question, FALSE);

  add_step (exercise,
            g_strdup (_ ("What does it say?")),
            outcome_choices,
            result->outcome,
            atlas_walk_result_explain (result, control, mtrrs, &exercise->query));
  if (result->outcome != ATLAS_OUTCOME_PAGE_FAULT)
    return;
  if (result->fault_level > 0)
    add_step (exercise,
              g_strdup (_ ("Which entry stops it?")),
              level_choices,
              result->fault_level - 1u,
              g_strdup_printf ("%s.", _ (atlas_cause_get_text (result->cause))));
  add_step (exercise,
            g_strdup (_ ("The error code")),
            NULL,
            result->error_code,
            g_strdup (_ ("Bit 0: the page is present. Bit 1: a write. Bit 2: user mode. Bit 3: a "
                         "reserved bit is set. Bit 4: an instruction fetch.")));
}

AtlasExercise *
atlas_exercise_new (AtlasSpace *space, AtlasExerciseKind kind, guint64 seed)
{
  static const AtlasAccess accesses[] = { ATLAS_ACCESS_READ,
                                          ATLAS_ACCESS_WRITE,
                                          ATLAS_ACCESS_EXECUTE };
  AtlasRandom random = atlas_random_fork (seed, "exercise");
  g_autoptr (AtlasExercise) exercise = NULL;
  const AtlasControl *control;
  AtlasWalkResult result;

  g_return_val_if_fail (space != NULL, NULL);
  g_return_val_if_fail ((guint) kind < ATLAS_N_EXERCISE_KINDS, NULL);

  control = atlas_space_get_control (space);
  if (control == NULL)
    return NULL;

  exercise = g_new0 (AtlasExercise, 1);
  exercise->kind = kind;
  exercise->steps = g_ptr_array_new_with_free_func (step_free);
  exercise->query = (AtlasWalkQuery){ .access = ATLAS_ACCESS_READ };
  switch (kind)
    {
    case ATLAS_EXERCISE_SPLIT:
      exercise->query.va = pick_va (space, &random);
      ask_split (exercise, control);
      break;
    case ATLAS_EXERCISE_WALK:
      exercise->query.is_supervisor = TRUE;
      if (!pick_present (space, &random, &exercise->query) ||
          !atlas_space_walk (space, &exercise->query, &result))
        return NULL;
      ask_walk (exercise, control, &result);
      break;
    case ATLAS_EXERCISE_PREDICT:
      pick_any (space, &random, &exercise->query);
      exercise->query.access = accesses[atlas_random_below (&random, G_N_ELEMENTS (accesses))];
      exercise->query.is_supervisor = atlas_random_bits (&random, 2) == 0;
      if (!atlas_space_walk (space, &exercise->query, &result) ||
          result.outcome > ATLAS_OUTCOME_GENERAL_PROTECTION)
        return NULL;
      ask_predict (exercise, control, atlas_space_get_mtrrs (space), &result);
      break;
    case ATLAS_N_EXERCISE_KINDS:
      g_assert_not_reached ();
    }
  return g_steal_pointer (&exercise);
}

/* ---- answers ----------------------------------------------------------------------------------
 */

static gboolean
check_choice (const AtlasExerciseStep *step, const char *text, gboolean *is_right, GError **error)
{
  guint n_choices = g_strv_length ((char **) step->choices);
  g_autofree char *folded = g_utf8_casefold (text, -1);
  g_autofree char *shown = NULL;
  guint64 number;

  for (guint i = 0; i < n_choices; i++)
    {
      g_autofree char *choice = g_utf8_casefold (_ (step->choices[i]), -1);

      if (*folded != '\0' && g_str_has_prefix (choice, folded))
        {
          *is_right = i == step->answer;
          return TRUE;
        }
    }
  if (atlas_parse_number (text, FALSE, &number, NULL) && number - 1u < n_choices)
    {
      *is_right = number - 1u == step->answer;
      return TRUE;
    }
  shown = atlas_quote_found (text);
  g_set_error (error,
               ATLAS_ERROR,
               ATLAS_ERROR_PARSE,
               _ ("found “%s”, expected a number from 1 to %u"),
               shown,
               n_choices);
  return FALSE;
}

gboolean
atlas_exercise_step_check (const AtlasExerciseStep *step,
                           const char *text,
                           gboolean *is_right,
                           GError **error)
{
  g_autofree char *trimmed = NULL;
  guint64 decimal, hexadecimal;
  gboolean is_decimal, is_hexadecimal;

  g_return_val_if_fail (step != NULL, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (is_right != NULL, FALSE);

  trimmed = g_strstrip (g_strdup (text));
  if (step->choices != NULL)
    return check_choice (step, trimmed, is_right, error);

  is_hexadecimal = atlas_parse_number (trimmed, TRUE, &hexadecimal, NULL);
  is_decimal = atlas_parse_number (trimmed, FALSE, &decimal, is_hexadecimal ? NULL : error);
  if (!is_decimal && !is_hexadecimal)
    return FALSE;
  *is_right =
    (is_decimal && decimal == step->answer) || (is_hexadecimal && hexadecimal == step->answer);
  return TRUE;
}

char *
atlas_exercise_step_format_answer (const AtlasExerciseStep *step)
{
  g_return_val_if_fail (step != NULL, NULL);

  if (step->choices != NULL)
    return g_strdup (_ (step->choices[step->answer]));
  return step->answer < 512u
           ? g_strdup_printf (
               "%" G_GINT64_MODIFIER "u (0x%" G_GINT64_MODIFIER "x)", step->answer, step->answer)
           : atlas_format_hex (step->answer);
}
