/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasExerciseView: a question on an address of the space that is open, answered a part at a time.
 *
 *   Split the address 00007ff6`134d1234.
 *     Index in the PML4      [ 255      ]  ✓  Bits 47 to 39: …
 *     Index in the PDPT      [          ]
 *
 * A part is checked when it is entered; after a wrong answer it can be tried again or shown. The
 * next question comes from the next seed.
 */

#include <adwaita.h>

#include "lessons/exercise.h"
#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_EXERCISE_VIEW (atlas_exercise_view_get_type ())
G_DECLARE_FINAL_TYPE (AtlasExerciseView, atlas_exercise_view, ATLAS, EXERCISE_VIEW, AdwWindow)

/* The document must have a space with page tables. It selects the address that is asked about. */
AtlasExerciseView *atlas_exercise_view_new (GtkWindow *parent,
                                            AtlasDocument *document,
                                            AtlasExerciseKind kind,
                                            guint64 seed);

G_END_DECLS
