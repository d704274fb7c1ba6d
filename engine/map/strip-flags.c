/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/strip-private.h"

#include <math.h>

#define NAME_HEIGHT_PX 16.0f
#define NAME_WIDTH_MAX_PX 140.0f
#define NAME_GAP_PX 4.0f

void
atlas_strip_mark_flags (const AtlasStripInput *input, AtlasFlagMarks *marks)
{
  g_return_if_fail (input != NULL && marks != NULL);

  atlas_flag_marks_begin (marks, input->view.width_px);
  for (guint i = 0; i < input->n_flags; i++)
    {
      double x_px =
        floor (atlas_view_va_to_x (&input->view, input->axis, input->flags[i].first_va));

      if (input->height_px < ATLAS_STRIP_LABELLED_MIN_HEIGHT_PX || !(x_px >= 0.0) ||
          x_px >= (double) input->view.width_px)
        atlas_flag_marks_skip (marks);
      else
        atlas_flag_marks_add (marks, (float) x_px, ATLAS_STRIP_NAMES_Y_PX);
    }
}

/* The name beside a flag, where nothing else stands. */
static void
draw_name (AtlasStrip *strip, const AtlasFlagMark *mark)
{
  const char *name = strip->input->flags[mark->first].name;
  float from_px = mark->x_px + atlas_flag_mark_get_width (mark) + NAME_GAP_PX;
  float width_px = MIN (atlas_text_estimate_px (ATLAS_FONT_SMALL, name), NAME_WIDTH_MAX_PX);

  if (mark->n_flags > 1 || from_px + width_px > strip->width_px ||
      !atlas_lane_take (&strip->names, from_px, from_px + width_px + NAME_GAP_PX))
    return;
  atlas_display_list_add_text (strip->list,
                               ATLAS_COLOR_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_START,
                               from_px,
                               strip->names_y_px,
                               width_px,
                               NAME_HEIGHT_PX,
                               name);
}

void
atlas_strip_draw_flags (AtlasStrip *strip)
{
  g_autoptr (AtlasFlagMarks) marks = NULL;

  if (strip->input->n_flags == 0)
    return;
  marks = atlas_flag_marks_new ();
  atlas_strip_mark_flags (strip->input, marks);
  /* The flags first: a name may not stand where the next flag does. */
  for (guint i = 0; i < atlas_flag_marks_get_n_marks (marks); i++)
    {
      const AtlasFlagMark *mark = atlas_flag_marks_get (marks, i);

      atlas_lane_take (&strip->names,
                       mark->x_px - NAME_GAP_PX,
                       mark->x_px + atlas_flag_mark_get_width (mark) + NAME_GAP_PX);
      atlas_flag_marks_draw (
        strip->list, marks, i, strip->bars_y_px + strip->bars_height_px - mark->y_px);
    }
  for (guint i = 0; i < atlas_flag_marks_get_n_marks (marks); i++)
    draw_name (strip, atlas_flag_marks_get (marks, i));
}
