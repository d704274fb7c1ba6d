/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Questions on the addresses of a real space, with answers that the engine works out.
 *
 *   split     00007ff6`134d1234  →  255, 493, 154, 209, 0x234
 *   walk      from CR3, entry by entry, to the byte
 *   predict   does this access succeed? If not, which entry stops it, and with what error code?
 *
 * With the same space and seed each exercise is the same again.
 */

#include "space/space.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_EXERCISE_SPLIT,
  ATLAS_EXERCISE_WALK,
  ATLAS_EXERCISE_PREDICT,
  ATLAS_N_EXERCISE_KINDS,
} AtlasExerciseKind;

/* One thing to answer. */
typedef struct
{
  char *prompt;
  const char *const *choices; /* constant, NULL-terminated; NULL where a number is asked for */
  guint64 answer;             /* the number, or the index of the choice */
  char *explanation;          /* why that is so; to be shown afterwards */
} AtlasExerciseStep;

typedef struct
{
  AtlasExerciseKind kind;
  char *question;
  AtlasWalkQuery query; /* the access it is about */
  GPtrArray *steps;     /* of AtlasExerciseStep */
} AtlasExercise;

/* "split", "walk", "predict". */
ATLAS_AVAILABLE const char *atlas_exercise_kind_get_name (AtlasExerciseKind kind);

/* NULL when @space has no page tables to ask about; a walk needs a page that is present too. */
ATLAS_AVAILABLE AtlasExercise *
atlas_exercise_new (AtlasSpace *space, AtlasExerciseKind kind, guint64 seed);
ATLAS_AVAILABLE void atlas_exercise_free (AtlasExercise *exercise);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasExercise, atlas_exercise_free)

static inline guint
atlas_exercise_get_n_steps (const AtlasExercise *exercise)
{
  return exercise->steps->len;
}

static inline const AtlasExerciseStep *
atlas_exercise_get_step (const AtlasExercise *exercise, guint index)
{
  return (const AtlasExerciseStep *) g_ptr_array_index (exercise->steps, index);
}

/* Whether @text answers @step. A number may be written as anywhere in the program, and plain digits
 * may be decimal or hexadecimal; a choice by its number from 1 or by its words. FALSE and @error
 * when @text is no answer at all. */
ATLAS_AVAILABLE gboolean atlas_exercise_step_check (const AtlasExerciseStep *step,
                                                    const char *text,
                                                    gboolean *is_right,
                                                    GError **error);
/* The answer as it would be written. (transfer full) */
ATLAS_AVAILABLE char *atlas_exercise_step_format_answer (const AtlasExerciseStep *step);

G_END_DECLS
