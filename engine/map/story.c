/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/story.h"

#define MARGIN_PX 18.0f
#define HEADING_HEIGHT_PX 30.0f
#define STEP_HEIGHT_PX 44.0f
#define LINE_HEIGHT_PX 18.0f
#define MARK_PX 12.0f
#define TEXT_LEFT_PX (MARGIN_PX + MARK_PX + 14.0f)

static AtlasColor
get_color (AtlasTraceRole role)
{
  switch (role)
    {
    case ATLAS_TRACE_ROLE_START:
    case ATLAS_TRACE_ROLE_CACHE:
    case ATLAS_TRACE_ROLE_RETRY:
      return ATLAS_COLOR_ACCENT;
    case ATLAS_TRACE_ROLE_ENTRY:
    case ATLAS_TRACE_ROLE_DONE:
      return ATLAS_COLOR_SUCCESS;
    case ATLAS_TRACE_ROLE_FAULT:
    case ATLAS_TRACE_ROLE_EXCEPTION:
      return ATLAS_COLOR_ERROR;
    case ATLAS_TRACE_ROLE_WRITE:
    case ATLAS_TRACE_ROLE_VAD:
    case ATLAS_TRACE_ROLE_FRAME:
      return ATLAS_COLOR_LEVEL_PAGE;
    }
  g_assert_not_reached ();
}

guint
atlas_story_get_height (const AtlasTrace *trace)
{
  g_return_val_if_fail (trace != NULL, 1);
  return (guint) (2.0f * MARGIN_PX + HEADING_HEIGHT_PX +
                  STEP_HEIGHT_PX * (float) MAX (atlas_trace_get_n_events (trace), 1));
}

static void
draw_step (AtlasDisplayList *list, const AtlasTraceEvent *event, float y_px, float width_px)
{
  g_autofree char *title = atlas_trace_event_dup_title (event);
  g_autofree char *detail = atlas_trace_event_dup_detail (event);
  float text_px = width_px - TEXT_LEFT_PX - MARGIN_PX;

  atlas_display_list_add_rect (list,
                               get_color (event->kind->role),
                               1.0f,
                               ATLAS_PATTERN_SOLID,
                               MARGIN_PX,
                               y_px + (LINE_HEIGHT_PX - MARK_PX) / 2.0f,
                               MARK_PX,
                               MARK_PX,
                               MARK_PX / 2.0f);
  atlas_display_list_add_text (list,
                               ATLAS_COLOR_TEXT,
                               ATLAS_FONT_BOLD,
                               ATLAS_ALIGN_START,
                               TEXT_LEFT_PX,
                               y_px,
                               text_px,
                               LINE_HEIGHT_PX,
                               title);
  if (detail != NULL)
    atlas_display_list_add_text (list,
                                 ATLAS_COLOR_DIM_TEXT,
                                 ATLAS_FONT_BODY,
                                 ATLAS_ALIGN_START,
                                 TEXT_LEFT_PX,
                                 y_px + LINE_HEIGHT_PX,
                                 text_px,
                                 LINE_HEIGHT_PX,
                                 detail);
}

void
atlas_story_draw (AtlasDisplayList *list,
                  const AtlasTrace *trace,
                  const char *heading,
                  guint width_px)
{
  float top_px = MARGIN_PX + HEADING_HEIGHT_PX;
  float middle_px = MARGIN_PX + MARK_PX / 2.0f;
  guint n_events;

  g_return_if_fail (list != NULL && trace != NULL);

  atlas_display_list_clear (list);
  n_events = atlas_trace_get_n_events (trace);
  if (heading != NULL)
    atlas_display_list_add_text (list,
                                 ATLAS_COLOR_TEXT,
                                 ATLAS_FONT_BOLD,
                                 ATLAS_ALIGN_START,
                                 MARGIN_PX,
                                 MARGIN_PX,
                                 (float) width_px - 2.0f * MARGIN_PX,
                                 LINE_HEIGHT_PX,
                                 heading);
  if (n_events > 1)
    atlas_display_list_add_line (list,
                                 ATLAS_COLOR_HAIRLINE,
                                 1.0f,
                                 middle_px,
                                 top_px + LINE_HEIGHT_PX / 2.0f,
                                 middle_px,
                                 top_px + STEP_HEIGHT_PX * (float) (n_events - 1) +
                                   LINE_HEIGHT_PX / 2.0f);
  for (guint i = 0; i < n_events; i++)
    draw_step (list,
               atlas_trace_get_event (trace, i),
               top_px + STEP_HEIGHT_PX * (float) i,
               (float) width_px);
}
