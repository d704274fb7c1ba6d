/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/display-list.h"

#include <string.h>

struct _AtlasDisplayList
{
  GArray *marks;
  GString *texts;     /* each with its terminator */
  GPtrArray *rasters; /* of GBytes */
};

AtlasDisplayList *
atlas_display_list_new (void)
{
  AtlasDisplayList *list = g_new0 (AtlasDisplayList, 1);

  list->marks = g_array_new (FALSE, TRUE, sizeof (AtlasMark));
  list->texts = g_string_new (NULL);
  list->rasters = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return list;
}

void
atlas_display_list_free (AtlasDisplayList *list)
{
  if (list == NULL)
    return;
  g_array_unref (list->marks);
  g_string_free (list->texts, TRUE);
  g_ptr_array_unref (list->rasters);
  g_free (list);
}

void
atlas_display_list_clear (AtlasDisplayList *list)
{
  g_return_if_fail (list != NULL);
  g_array_set_size (list->marks, 0);
  g_string_truncate (list->texts, 0);
  g_ptr_array_set_size (list->rasters, 0);
}

guint
atlas_display_list_get_n_marks (const AtlasDisplayList *list)
{
  g_return_val_if_fail (list != NULL, 0);
  return list->marks->len;
}

const AtlasMark *
atlas_display_list_get_marks (const AtlasDisplayList *list)
{
  g_return_val_if_fail (list != NULL, NULL);
  return (const AtlasMark *) (gpointer) list->marks->data;
}

const char *
atlas_display_list_get_text (const AtlasDisplayList *list, const AtlasMark *mark)
{
  g_return_val_if_fail (list != NULL && mark != NULL, NULL);
  g_return_val_if_fail (mark->kind == ATLAS_MARK_TEXT, NULL);
  return list->texts->str + mark->text_offset;
}

GBytes *
atlas_display_list_get_raster (const AtlasDisplayList *list, const AtlasMark *mark)
{
  g_return_val_if_fail (list != NULL && mark != NULL, NULL);
  g_return_val_if_fail (mark->kind == ATLAS_MARK_RASTER, NULL);
  return g_ptr_array_index (list->rasters, mark->raster_index);
}

void
atlas_display_list_add_rect (AtlasDisplayList *list,
                             AtlasColor color,
                             float alpha,
                             AtlasPattern pattern,
                             float x_px,
                             float y_px,
                             float width_px,
                             float height_px,
                             float radius_px)
{
  AtlasMark mark = {
    .kind = ATLAS_MARK_RECT,
    .color = color,
    .alpha = alpha,
    .pattern = pattern,
    .x_px = x_px,
    .y_px = y_px,
    .width_px = width_px,
    .height_px = height_px,
    .radius_px = radius_px,
  };

  g_return_if_fail (list != NULL);
  if (width_px > 0.0f && height_px > 0.0f)
    g_array_append_val (list->marks, mark);
}

static void
add_text (AtlasDisplayList *list, AtlasMark mark, const char *text)
{
  if (mark.width_px <= 0.0f || mark.height_px <= 0.0f || text[0] == '\0')
    return;
  mark.kind = ATLAS_MARK_TEXT;
  mark.alpha = 1.0f;
  mark.text_offset = (guint) list->texts->len;
  g_string_append_len (list->texts, text, (gssize) strlen (text) + 1);
  g_array_append_val (list->marks, mark);
}

void
atlas_display_list_add_text (AtlasDisplayList *list,
                             AtlasColor color,
                             AtlasFont font,
                             AtlasAlign align,
                             float x_px,
                             float y_px,
                             float width_px,
                             float height_px,
                             const char *text)
{
  g_return_if_fail (list != NULL && text != NULL);
  add_text (list,
            (AtlasMark){ .color = color,
                         .font = font,
                         .align = align,
                         .x_px = x_px,
                         .y_px = y_px,
                         .width_px = width_px,
                         .height_px = height_px },
            text);
}

void
atlas_display_list_add_vertical_text (AtlasDisplayList *list,
                                      AtlasColor color,
                                      AtlasFont font,
                                      AtlasAlign align,
                                      float x_px,
                                      float y_px,
                                      float width_px,
                                      float height_px,
                                      const char *text)
{
  g_return_if_fail (list != NULL && text != NULL);
  add_text (list,
            (AtlasMark){ .color = color,
                         .font = font,
                         .align = align,
                         .x_px = x_px,
                         .y_px = y_px,
                         .width_px = width_px,
                         .height_px = height_px,
                         .is_vertical = TRUE },
            text);
}

/* Lines and curves keep the signs of their extents. */
void
atlas_display_list_add_line (AtlasDisplayList *list,
                             AtlasColor color,
                             float alpha,
                             float x0_px,
                             float y0_px,
                             float x1_px,
                             float y1_px)
{
  AtlasMark mark = {
    .kind = ATLAS_MARK_LINE,
    .color = color,
    .alpha = alpha,
    .x_px = x0_px,
    .y_px = y0_px,
    .width_px = x1_px - x0_px,
    .height_px = y1_px - y0_px,
  };

  g_return_if_fail (list != NULL);
  g_array_append_val (list->marks, mark);
}

void
atlas_display_list_add_zigzag (AtlasDisplayList *list,
                               AtlasColor color,
                               float alpha,
                               float x_px,
                               float y_px,
                               float height_px)
{
  AtlasMark mark = {
    .kind = ATLAS_MARK_ZIGZAG,
    .color = color,
    .alpha = alpha,
    .x_px = x_px,
    .y_px = y_px,
    .width_px = ATLAS_ZIGZAG_WIDTH_PX,
    .height_px = height_px,
  };

  g_return_if_fail (list != NULL);
  g_array_append_val (list->marks, mark);
}

void
atlas_display_list_add_curve (AtlasDisplayList *list,
                              AtlasColor color,
                              float alpha,
                              float x0_px,
                              float y0_px,
                              float x1_px,
                              float y1_px,
                              float line_px,
                              float progress)
{
  AtlasMark mark = {
    .kind = ATLAS_MARK_CURVE,
    .color = color,
    .alpha = alpha,
    .x_px = x0_px,
    .y_px = y0_px,
    .width_px = x1_px - x0_px,
    .height_px = y1_px - y0_px,
    .radius_px = line_px,
    .progress = progress,
  };

  g_return_if_fail (list != NULL);
  g_array_append_val (list->marks, mark);
}

void
atlas_display_list_add_raster (AtlasDisplayList *list,
                               GBytes *cells,
                               guint columns,
                               guint rows,
                               float x_px,
                               float y_px,
                               float width_px,
                               float height_px)
{
  AtlasMark mark = {
    .kind = ATLAS_MARK_RASTER,
    .alpha = 1.0f,
    .x_px = x_px,
    .y_px = y_px,
    .width_px = width_px,
    .height_px = height_px,
    .columns = columns,
    .rows = rows,
  };

  g_return_if_fail (list != NULL && cells != NULL);
  g_return_if_fail (g_bytes_get_size (cells) == (gsize) columns * rows);

  mark.raster_index = list->rasters->len;
  g_ptr_array_add (list->rasters, g_bytes_ref (cells));
  g_array_append_val (list->marks, mark);
}
