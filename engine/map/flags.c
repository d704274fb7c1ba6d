/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/flags.h"

#include <math.h>

/* Two poles nearer than this are one; the flag of one would cover the other's. */
#define FOLD_PX 12.0f
/* More flags than this in a picture are on those that are there already. */
#define MARKS_MAX 200u
#define DIGIT_PX 7.0f
#define REACH_PX 2.0
#define NOT_SEEN G_MAXUINT

struct _AtlasFlagMarks
{
  GArray *marks;  /* of AtlasFlagMark */
  GArray *owners; /* of guint: the mark of each flag */
  float width_px;
};

AtlasFlagMarks *
atlas_flag_marks_new (void)
{
  AtlasFlagMarks *marks = g_new0 (AtlasFlagMarks, 1);

  marks->marks = g_array_new (FALSE, FALSE, sizeof (AtlasFlagMark));
  marks->owners = g_array_new (FALSE, FALSE, sizeof (guint));
  return marks;
}

void
atlas_flag_marks_free (AtlasFlagMarks *marks)
{
  if (marks == NULL)
    return;
  g_array_unref (marks->marks);
  g_array_unref (marks->owners);
  g_free (marks);
}

void
atlas_flag_marks_begin (AtlasFlagMarks *marks, guint width_px)
{
  g_return_if_fail (marks != NULL);

  marks->width_px = (float) width_px;
  g_array_set_size (marks->marks, 0);
  g_array_set_size (marks->owners, 0);
}

static float
get_distance (const AtlasFlagMark *mark, float x_px, float y_px)
{
  return MAX (fabsf (mark->x_px - x_px), fabsf (mark->y_px - y_px));
}

void
atlas_flag_marks_add (AtlasFlagMarks *marks, float x_px, float y_px)
{
  AtlasFlagMark mark = { x_px, y_px, 0, 1 };
  guint nearest = 0;
  float nearest_px = HUGE_VALF;

  g_return_if_fail (marks != NULL);

  for (guint i = marks->marks->len; i-- > 0;)
    {
      float distance_px =
        get_distance (&g_array_index (marks->marks, AtlasFlagMark, i), x_px, y_px);

      if (distance_px < nearest_px)
        {
          nearest = i;
          nearest_px = distance_px;
        }
    }
  if (nearest_px >= FOLD_PX && marks->marks->len < MARKS_MAX)
    {
      nearest = marks->marks->len;
      mark.first = marks->owners->len;
      g_array_append_val (marks->marks, mark);
    }
  else
    {
      g_array_index (marks->marks, AtlasFlagMark, nearest).n_flags++;
    }
  g_array_append_val (marks->owners, nearest);
}

void
atlas_flag_marks_skip (AtlasFlagMarks *marks)
{
  const guint owner = NOT_SEEN;

  g_return_if_fail (marks != NULL);

  g_array_append_val (marks->owners, owner);
}

guint
atlas_flag_marks_get_n_marks (const AtlasFlagMarks *marks)
{
  g_return_val_if_fail (marks != NULL, 0);

  return marks->marks->len;
}

const AtlasFlagMark *
atlas_flag_marks_get (const AtlasFlagMarks *marks, guint mark)
{
  g_return_val_if_fail (marks != NULL && mark < marks->marks->len, NULL);

  return &g_array_index (marks->marks, AtlasFlagMark, mark);
}

gboolean
atlas_flag_marks_holds (const AtlasFlagMarks *marks, guint mark, guint flag)
{
  g_return_val_if_fail (marks != NULL, FALSE);

  return flag < marks->owners->len && g_array_index (marks->owners, guint, flag) == mark &&
         mark != NOT_SEEN;
}

float
atlas_flag_mark_get_width (const AtlasFlagMark *mark)
{
  guint n_digits = 0;

  g_return_val_if_fail (mark != NULL, 0.0f);

  if (mark->n_flags == 1)
    return ATLAS_FLAG_WIDTH_PX;
  for (guint rest = mark->n_flags; rest > 0; rest /= 10u)
    n_digits++;
  return (float) n_digits * DIGIT_PX + 5.0f;
}

float
atlas_flag_marks_get_left (const AtlasFlagMarks *marks, guint mark)
{
  const AtlasFlagMark *flag = atlas_flag_marks_get (marks, mark);

  g_return_val_if_fail (flag != NULL, 0.0f);

  return MAX (MIN (flag->x_px, marks->width_px - atlas_flag_mark_get_width (flag)), 0.0f);
}

/* A number needs a higher flag than none. */
static float
get_height (const AtlasFlagMark *mark)
{
  return mark->n_flags > 1 ? ATLAS_FLAG_HEIGHT_PX + 4.0f : ATLAS_FLAG_HEIGHT_PX;
}

gboolean
atlas_flag_marks_pick (const AtlasFlagMarks *marks, double x_px, double y_px, guint *mark)
{
  g_return_val_if_fail (marks != NULL && mark != NULL, FALSE);

  /* The last one drawn is on top. */
  for (guint i = marks->marks->len; i-- > 0;)
    {
      const AtlasFlagMark *flag = atlas_flag_marks_get (marks, i);
      float left_px = atlas_flag_marks_get_left (marks, i);

      if (x_px >= (double) left_px - REACH_PX &&
          x_px < (double) (left_px + atlas_flag_mark_get_width (flag)) + REACH_PX &&
          y_px >= (double) flag->y_px - REACH_PX &&
          y_px < (double) (flag->y_px + get_height (flag)) + REACH_PX)
        {
          *mark = i;
          return TRUE;
        }
    }
  return FALSE;
}

void
atlas_flag_marks_draw (AtlasDisplayList *list,
                       const AtlasFlagMarks *marks,
                       guint index,
                       float pole_px)
{
  const AtlasFlagMark *mark = atlas_flag_marks_get (marks, index);
  float left_px, width_px, height_px;

  g_return_if_fail (list != NULL && mark != NULL);

  left_px = atlas_flag_marks_get_left (marks, index);
  width_px = atlas_flag_mark_get_width (mark);
  height_px = get_height (mark);
  /* A rim in the colour of the view keeps it apart from whatever lies under it. */
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_VIEW,
                               1.0f,
                               ATLAS_PATTERN_SOLID,
                               left_px - 1.0f,
                               mark->y_px - 1.0f,
                               width_px + 2.0f,
                               height_px + 2.0f,
                               2.0f);
  atlas_display_list_add_line (
    list, ATLAS_COLOR_TEXT, 1.0f, mark->x_px, mark->y_px, mark->x_px, mark->y_px + pole_px);
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_TEXT,
                               1.0f,
                               ATLAS_PATTERN_SOLID,
                               left_px,
                               mark->y_px,
                               width_px,
                               height_px,
                               1.0f);
  if (mark->n_flags > 1)
    {
      g_autofree char *count = g_strdup_printf ("%u", mark->n_flags);

      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_VIEW,
                                   ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_CENTER,
                                   left_px,
                                   mark->y_px,
                                   width_px,
                                   height_px,
                                   count);
    }
}
