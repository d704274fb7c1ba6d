/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Named places on a picture: a small flag at each, with its name where there is room. Flags that
 * stand too near to one another are one, with their number on it.
 *
 *     ▛▀ loader        ▛3▜
 *     │                │
 *   ▓▓│▓▓▓▓▓▓░░░░▓▓▓▓▓▓│▓▓▓
 */

#include "map/display-list.h"

G_BEGIN_DECLS

/* Borrowed strings; an array of them ascends by first_va. */
typedef struct
{
  AtlasVa first_va;
  AtlasVa last_va;
  const char *name;
} AtlasFlag;

#define ATLAS_FLAG_WIDTH_PX 9.0f
#define ATLAS_FLAG_HEIGHT_PX 8.0f

/* Where flags stand, as the picture draws them and the pointer meets them. */
typedef struct
{
  float x_px; /* of the pole */
  float y_px; /* top of the flag */
  guint first; /* the lowest of its flags */
  guint n_flags;
} AtlasFlagMark;

typedef struct _AtlasFlagMarks AtlasFlagMarks;

ATLAS_AVAILABLE AtlasFlagMarks *atlas_flag_marks_new (void);
ATLAS_AVAILABLE void atlas_flag_marks_free (AtlasFlagMarks *marks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasFlagMarks, atlas_flag_marks_free)
/* Forgets all; those that follow are for a picture of that width. */
ATLAS_AVAILABLE void atlas_flag_marks_begin (AtlasFlagMarks *marks, guint width_px);
/* Places the next flag: there, or on one that is there already. */
ATLAS_AVAILABLE void atlas_flag_marks_add (AtlasFlagMarks *marks, float x_px, float y_px);
/* The next flag is not in the picture. */
ATLAS_AVAILABLE void atlas_flag_marks_skip (AtlasFlagMarks *marks);

ATLAS_AVAILABLE guint atlas_flag_marks_get_n_marks (const AtlasFlagMarks *marks);
/* Borrowed until the marks change. */
ATLAS_AVAILABLE const AtlasFlagMark *atlas_flag_marks_get (const AtlasFlagMarks *marks, guint mark);
/* Whether flag @flag is one of those that @mark stands for. */
ATLAS_AVAILABLE gboolean atlas_flag_marks_holds (const AtlasFlagMarks *marks,
                                                 guint mark,
                                                 guint flag);
/* FALSE when there is none at that point. */
ATLAS_AVAILABLE gboolean
atlas_flag_marks_pick (const AtlasFlagMarks *marks, double x_px, double y_px, guint *mark);
/* How wide the flag itself is: a number needs room. */
ATLAS_AVAILABLE float atlas_flag_mark_get_width (const AtlasFlagMark *mark);
/* Where it begins: at its pole, or near the right edge of the picture as far left as it must. */
ATLAS_AVAILABLE float atlas_flag_marks_get_left (const AtlasFlagMarks *marks, guint mark);

/* A flag with a pole of @pole_px down from its top. */
ATLAS_AVAILABLE void atlas_flag_marks_draw (AtlasDisplayList *list,
                                            const AtlasFlagMarks *marks,
                                            guint mark,
                                            float pole_px);

G_END_DECLS
