/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/map-picture.h"

#include <math.h>

#include "map/map-area.h"
#include "session/page-look.h"

#define LINE_PX 18.0f

typedef struct
{
  double x_px, y_px;
} Point;

struct _AtlasMapPicture
{
  AtlasViewport *viewport; /* owned */
  AtlasMapArea *area;      /* owned */
  AtlasMapFlags *flags;    /* borrowed */
  AtlasPageLooker looker;  /* its space is borrowed for each picture */
  guint width_px, height_px;

  gboolean has_mark;
  Point mark_from, mark_to;
  AtlasVa mark_from_va; /* the strip may move under the pointer; the byte stays */
  AtlasVa mark_to_va;
};

static AtlasDocument *
get_document (const AtlasMapPicture *picture)
{
  return atlas_viewport_get_document (picture->viewport);
}

static gboolean
is_area (const AtlasMapPicture *picture)
{
  return atlas_viewport_get_layout (picture->viewport) == ATLAS_LAYOUT_AREA;
}

static gboolean
get_input (AtlasMapPicture *picture, AtlasStripInput *input)
{
  AtlasDocument *document = get_document (picture);
  AtlasSpace *space = atlas_document_get_space (document);
  AtlasAxis *axis = atlas_viewport_get_axis (picture->viewport);

  if (space == NULL || axis == NULL)
    return FALSE;
  *input = (AtlasStripInput){
    .regions = atlas_document_get_regions (document),
    .axis = axis,
    .view = atlas_viewport_get_view (picture->viewport),
    .height_px = picture->height_px,
    .has_selection = atlas_document_has_selection (document),
    .selected_va = atlas_document_get_selected_va (document),
    .peek = atlas_strip_peek_space,
    .peek_data = space,
    .get_page = atlas_page_look,
    .page_data = &picture->looker,
  };
  picture->looker = atlas_page_looker (space, atlas_document_get_process (document) != NULL);
  input->has_range =
    atlas_map_picture_get_range (picture, &input->range_first_va, &input->range_last_va);
  input->flags = atlas_map_flags_get (picture->flags, &input->n_flags);
  input->has_hover = atlas_viewport_get_hover (picture->viewport, &input->hover_va);
  return TRUE;
}

AtlasMapPicture *
atlas_map_picture_new (AtlasViewport *viewport, AtlasMapFlags *flags)
{
  AtlasMapPicture *picture = g_new0 (AtlasMapPicture, 1);

  picture->viewport = g_object_ref (viewport);
  picture->area = atlas_map_area_new (viewport);
  picture->flags = flags;
  return picture;
}

void
atlas_map_picture_free (AtlasMapPicture *picture)
{
  atlas_map_area_free (picture->area);
  g_object_unref (picture->viewport);
  g_free (picture);
}

void
atlas_map_picture_set_size (AtlasMapPicture *picture, guint width_px, guint height_px)
{
  picture->width_px = width_px;
  picture->height_px = height_px;
  atlas_viewport_set_width (picture->viewport, width_px);
  atlas_map_area_set_size (picture->area, width_px, height_px);
}

/* What to do where there are no addresses; FALSE where nothing is open. */
static gboolean
draw_nothing (AtlasMapPicture *picture, AtlasDisplayList *list)
{
  const char *text = atlas_document_explain_nothing (get_document (picture), NULL);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  float y_px = text != NULL
                 ? ((float) picture->height_px - LINE_PX * (float) g_strv_length (lines)) / 2.0f
                 : 0;

  atlas_display_list_clear (list);
  for (guint i = 0; text != NULL && lines[i] != NULL; i++)
    atlas_display_list_add_text (list,
                                 ATLAS_COLOR_DIM_TEXT,
                                 ATLAS_FONT_BODY,
                                 ATLAS_ALIGN_CENTER,
                                 0,
                                 y_px + (float) i * LINE_PX,
                                 (float) picture->width_px,
                                 LINE_PX,
                                 lines[i]);
  return text != NULL;
}

gboolean
atlas_map_picture_draw (AtlasMapPicture *picture, AtlasDisplayList *list, guint screen_scale)
{
  AtlasStripInput input;

  if (!get_input (picture, &input))
    return draw_nothing (picture, list);
  if (!is_area (picture))
    {
      atlas_strip_draw (list, &input);
      atlas_strip_mark_flags (&input, atlas_map_flags_get_marks (picture->flags));
      return TRUE;
    }
  atlas_map_area_draw (picture->area, list, picture->flags, screen_scale);
  if (picture->has_mark)
    atlas_display_list_add_rect (list,
                                 ATLAS_COLOR_ACCENT,
                                 0.25f,
                                 ATLAS_PATTERN_SOLID,
                                 (float) MIN (picture->mark_from.x_px, picture->mark_to.x_px),
                                 (float) MIN (picture->mark_from.y_px, picture->mark_to.y_px),
                                 (float) fabs (picture->mark_to.x_px - picture->mark_from.x_px),
                                 (float) fabs (picture->mark_to.y_px - picture->mark_from.y_px),
                                 2.0f);
  return TRUE;
}

gboolean
atlas_map_picture_pick (AtlasMapPicture *picture, double x_px, double y_px, AtlasStripHit *hit)
{
  AtlasStripInput input;

  if (is_area (picture))
    return atlas_map_area_pick (picture->area, x_px, y_px, hit);
  if (!get_input (picture, &input))
    return FALSE;
  atlas_strip_pick (&input, x_px, y_px, hit);
  return TRUE;
}

/* ---- movement ----------------------------------------------------------------------------------
 */

void
atlas_map_picture_pan (AtlasMapPicture *picture, double delta_x_px, double delta_y_px)
{
  if (is_area (picture))
    atlas_map_area_pan (picture->area, delta_x_px, delta_y_px);
  else
    atlas_viewport_pan (picture->viewport, delta_x_px);
}

void
atlas_map_picture_zoom_at (AtlasMapPicture *picture, gint steps, double x_px, double y_px)
{
  if (is_area (picture))
    atlas_map_area_zoom_at (picture->area, steps, x_px, y_px);
  else
    atlas_viewport_zoom_at (picture->viewport, steps, x_px);
}

void
atlas_map_picture_follow (AtlasMapPicture *picture)
{
  if (is_area (picture))
    atlas_map_area_follow (picture->area);
}

void
atlas_map_picture_step (AtlasMapPicture *picture, gint zoom_steps, double pan_share)
{
  if (is_area (picture))
    atlas_map_area_step (picture->area, zoom_steps, pan_share);
}

void
atlas_map_picture_set_animate (AtlasMapPicture *picture, gboolean is_animated)
{
  atlas_viewport_set_animate (picture->viewport, is_animated);
  atlas_map_area_set_animate (picture->area, is_animated);
}

gboolean
atlas_map_picture_is_moving (AtlasMapPicture *picture)
{
  return atlas_viewport_is_animating (picture->viewport) ||
         atlas_map_area_is_animating (picture->area);
}

gboolean
atlas_map_picture_advance (AtlasMapPicture *picture, gint64 frame_time_us, gboolean *needs_drawing)
{
  gboolean goes_on;

  *needs_drawing = atlas_map_area_is_animating (picture->area);
  goes_on = atlas_map_area_advance (picture->area, frame_time_us);
  goes_on |= atlas_viewport_advance (picture->viewport, frame_time_us);
  return goes_on;
}

void
atlas_map_picture_stop (AtlasMapPicture *picture)
{
  atlas_viewport_stop (picture->viewport);
  atlas_map_area_stop (picture->area);
}

/* ---- mark --------------------------------------------------------------------------------------
 */

static AtlasVa
get_va_at (const AtlasMapPicture *picture, double x_px)
{
  AtlasView view = atlas_viewport_get_view (picture->viewport);

  return atlas_view_x_to_va (&view, atlas_viewport_get_axis (picture->viewport), x_px);
}

void
atlas_map_picture_begin_mark (AtlasMapPicture *picture, double x_px, double y_px)
{
  picture->mark_from = (Point){ x_px, y_px };
  picture->mark_from_va = get_va_at (picture, x_px);
}

void
atlas_map_picture_move_mark (AtlasMapPicture *picture, double x_px, double y_px)
{
  picture->has_mark = TRUE;
  picture->mark_to = (Point){ x_px, y_px };
  picture->mark_to_va = get_va_at (picture, x_px);
}

void
atlas_map_picture_clear_mark (AtlasMapPicture *picture)
{
  picture->has_mark = FALSE;
}

void
atlas_map_picture_fit_mark (AtlasMapPicture *picture)
{
  AtlasVa first_va;
  AtlasVa last_va;

  if (!picture->has_mark)
    return;
  if (atlas_map_picture_get_range (picture, &first_va, &last_va))
    atlas_viewport_fit (picture->viewport, first_va, last_va);
  else
    atlas_map_area_fit_box (picture->area,
                            picture->mark_from.x_px,
                            picture->mark_from.y_px,
                            picture->mark_to.x_px,
                            picture->mark_to.y_px);
  picture->has_mark = FALSE;
}

gboolean
atlas_map_picture_marks_ranges (AtlasMapPicture *picture)
{
  return !is_area (picture);
}

gboolean
atlas_map_picture_get_range (AtlasMapPicture *picture, AtlasVa *first_va, AtlasVa *last_va)
{
  if (!picture->has_mark || is_area (picture))
    return FALSE;
  *first_va = MIN (picture->mark_from_va, picture->mark_to_va);
  *last_va = MAX (picture->mark_from_va, picture->mark_to_va);
  return TRUE;
}
