/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "paint/cairo-painter-private.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <gio/gio.h>
#include <math.h>
#include <string.h>

#include "base/format.h"

#define ZIGZAG_PERIOD_PX 8.0
#define ARROW_LENGTH_PX 7.0
#define ARROW_HALF_PX 4.0

typedef struct
{
  double wash;
  double line_px;
  gboolean has_rising;  /* ╱ */
  gboolean has_falling; /* ╲ */
} PatternLook;

static const PatternLook looks[] = {
  [ATLAS_PATTERN_SOLID] = { 1.0, 0.0, FALSE, FALSE },
  [ATLAS_PATTERN_HATCH] = { 0.20, 1.1, TRUE, FALSE },
  [ATLAS_PATTERN_CROSS_HATCH] = { 0.30, 1.0, TRUE, TRUE },
  [ATLAS_PATTERN_NEVER] = { 0.14, 1.4, FALSE, TRUE },
  [ATLAS_PATTERN_FOLD] = { 1.0, 1.0, FALSE, FALSE },
  [ATLAS_PATTERN_OUTLINE] = { 0.0, 1.0, FALSE, FALSE },
  [ATLAS_PATTERN_THICK_OUTLINE] = { 0.0, 2.0, FALSE, FALSE },
};

double
atlas_pattern_get_wash (AtlasPattern pattern, float width_px)
{
  const PatternLook *look = &looks[pattern];

  if ((look->has_rising || look->has_falling) && width_px < ATLAS_HATCH_MIN_PX)
    return 0.55;
  return look->wash;
}

gboolean
atlas_pattern_has_lines (AtlasPattern pattern, float width_px)
{
  switch (pattern)
    {
    case ATLAS_PATTERN_SOLID:
    case ATLAS_PATTERN_OUTLINE:
    case ATLAS_PATTERN_THICK_OUTLINE:
      return FALSE;
    case ATLAS_PATTERN_HATCH:
    case ATLAS_PATTERN_CROSS_HATCH:
    case ATLAS_PATTERN_NEVER:
    case ATLAS_PATTERN_FOLD:
      return width_px >= ATLAS_HATCH_MIN_PX;
    }
  g_assert_not_reached ();
}

void
atlas_cairo_pattern_lines (cairo_t *cr,
                           AtlasPattern pattern,
                           double x_px,
                           double y_px,
                           double width_px,
                           double height_px)
{
  const PatternLook *look = &looks[pattern];
  const double period = ATLAS_HATCH_PERIOD_PX;
  double right_px = x_px + width_px;
  double bottom_px = y_px + height_px;

  cairo_save (cr);
  cairo_rectangle (cr, x_px, y_px, width_px, height_px);
  cairo_clip (cr);
  cairo_set_line_width (cr, look->line_px);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_SQUARE);
  if (look->has_rising)
    for (double at = floor ((x_px + y_px) / period) * period; at <= right_px + bottom_px;
         at += period)
      {
        cairo_move_to (cr, at - bottom_px, bottom_px);
        cairo_line_to (cr, at - y_px, y_px);
      }
  if (look->has_falling)
    for (double at = floor ((x_px - bottom_px) / period) * period; at <= right_px - y_px;
         at += period)
      {
        cairo_move_to (cr, at + y_px, y_px);
        cairo_line_to (cr, at + bottom_px, bottom_px);
      }
  if (pattern == ATLAS_PATTERN_FOLD)
    for (double at = ceil (y_px / ATLAS_FOLD_PERIOD_PX) * ATLAS_FOLD_PERIOD_PX; at < bottom_px;
         at += ATLAS_FOLD_PERIOD_PX)
      {
        cairo_move_to (cr, x_px, at + 0.5);
        cairo_line_to (cr, right_px, at + 0.5);
      }
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
set_color (cairo_t *cr, AtlasPaletteKind palette, AtlasColor color, double alpha)
{
  AtlasRgba rgba = atlas_palette_get (palette, color);

  cairo_set_source_rgba (
    cr, (double) rgba.red, (double) rgba.green, (double) rgba.blue, (double) rgba.alpha * alpha);
}

static void
rounded_rectangle (cairo_t *cr,
                   double x_px,
                   double y_px,
                   double width_px,
                   double height_px,
                   double radius_px)
{
  radius_px = MIN (radius_px, MIN (width_px, height_px) / 2.0);
  if (radius_px <= 0.0)
    {
      cairo_rectangle (cr, x_px, y_px, width_px, height_px);
      return;
    }
  cairo_new_sub_path (cr);
  cairo_arc (cr, x_px + width_px - radius_px, y_px + radius_px, radius_px, -G_PI_2, 0.0);
  cairo_arc (cr, x_px + width_px - radius_px, y_px + height_px - radius_px, radius_px, 0.0, G_PI_2);
  cairo_arc (cr, x_px + radius_px, y_px + height_px - radius_px, radius_px, G_PI_2, G_PI);
  cairo_arc (cr, x_px + radius_px, y_px + radius_px, radius_px, G_PI, 3.0 * G_PI_2);
  cairo_close_path (cr);
}

static void
paint_rect (cairo_t *cr, const AtlasMark *mark, AtlasPaletteKind palette)
{
  double x_px = (double) mark->x_px;
  double y_px = (double) mark->y_px;
  double width_px = (double) mark->width_px;
  double height_px = (double) mark->height_px;
  double radius_px = (double) mark->radius_px;
  double alpha = (double) mark->alpha;

  if (mark->pattern == ATLAS_PATTERN_OUTLINE || mark->pattern == ATLAS_PATTERN_THICK_OUTLINE)
    {
      double line_px = looks[mark->pattern].line_px;

      set_color (cr, palette, mark->color, alpha);
      cairo_set_line_width (cr, line_px);
      rounded_rectangle (cr,
                         x_px + line_px / 2.0,
                         y_px + line_px / 2.0,
                         MAX (width_px - line_px, 0.0),
                         MAX (height_px - line_px, 0.0),
                         radius_px);
      cairo_stroke (cr);
      return;
    }

  rounded_rectangle (cr, x_px, y_px, width_px, height_px, radius_px);
  set_color (
    cr, palette, mark->color, alpha * atlas_pattern_get_wash (mark->pattern, mark->width_px));
  if (!atlas_pattern_has_lines (mark->pattern, mark->width_px))
    {
      cairo_fill (cr);
      return;
    }
  cairo_save (cr);
  cairo_fill_preserve (cr);
  cairo_clip (cr);
  if (mark->pattern == ATLAS_PATTERN_FOLD)
    set_color (cr, palette, ATLAS_COLOR_VIEW, 0.45);
  else
    set_color (cr, palette, mark->color, alpha);
  atlas_cairo_pattern_lines (cr, mark->pattern, x_px, y_px, width_px, height_px);
  cairo_restore (cr);
}

PangoLayout *
atlas_text_layout_new (PangoContext *context, const AtlasMark *mark, const char *text)
{
  PangoLayout *layout = pango_layout_new (context);
  g_autoptr (PangoFontDescription) description =
    pango_font_description_from_string (atlas_font_get_description (mark->font));
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  float length_px = mark->is_vertical ? mark->height_px : mark->width_px;

  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_font_description (layout, description);
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width (layout, (gint) ceilf (length_px) * PANGO_SCALE);
  return layout;
}

/* The layout itself is aligned to its start, so that one layout serves every alignment. */
void
atlas_text_get_offset (PangoLayout *layout, const AtlasMark *mark, double *x_px, double *y_px)
{
  double length_px = (double) (mark->is_vertical ? mark->height_px : mark->width_px);
  double across_px = (double) (mark->is_vertical ? mark->width_px : mark->height_px);
  double along_px = 0.0;
  gint text_width_px, text_height_px;

  pango_layout_get_pixel_size (layout, &text_width_px, &text_height_px);
  switch (mark->align)
    {
    case ATLAS_ALIGN_START:
      break;
    case ATLAS_ALIGN_CENTER:
      along_px = floor ((length_px - text_width_px) / 2.0);
      break;
    case ATLAS_ALIGN_END:
      along_px = length_px - text_width_px;
      break;
    }
  *x_px = MAX (along_px, 0.0);
  *y_px = floor ((across_px - text_height_px) / 2.0);
}

static void
paint_text (cairo_t *cr,
            PangoContext *context,
            const AtlasMark *mark,
            const char *text,
            AtlasPaletteKind palette)
{
  g_autoptr (PangoLayout) layout = atlas_text_layout_new (context, mark, text);
  double x_px, y_px;

  atlas_text_get_offset (layout, mark, &x_px, &y_px);
  set_color (cr, palette, mark->color, (double) mark->alpha);
  cairo_save (cr);
  cairo_translate (cr, (double) mark->x_px, (double) mark->y_px);
  if (mark->is_vertical)
    {
      cairo_translate (cr, 0.0, (double) mark->height_px);
      cairo_rotate (cr, -G_PI_2);
    }
  cairo_move_to (cr, x_px, y_px);
  pango_cairo_show_layout (cr, layout);
  cairo_restore (cr);
}

static void
stroke_line (cairo_t *cr, const AtlasMark *mark)
{
  double x0_px = (double) mark->x_px;
  double y0_px = (double) mark->y_px;
  double x1_px = x0_px + (double) mark->width_px;
  double y1_px = y0_px + (double) mark->height_px;

  /* A hairline fills one row or column of pixels, not halves of two. */
  if (x0_px == x1_px)
    x0_px = x1_px = floor (x0_px) + 0.5;
  if (y0_px == y1_px)
    y0_px = y1_px = floor (y0_px) + 0.5;
  cairo_move_to (cr, x0_px, y0_px);
  cairo_line_to (cr, x1_px, y1_px);
  cairo_set_line_width (cr, 1.0);
  cairo_stroke (cr);
}

static void
stroke_zigzag (cairo_t *cr, const AtlasMark *mark)
{
  double left_px = (double) mark->x_px + 0.5;
  double right_px = left_px + (double) mark->width_px - 1.0;
  double bottom_px = (double) (mark->y_px + mark->height_px);
  double y_px = (double) mark->y_px;
  gboolean is_left = TRUE;

  cairo_move_to (cr, left_px, y_px);
  while (y_px < bottom_px)
    {
      double step_px = MIN (ZIGZAG_PERIOD_PX / 2.0, bottom_px - y_px);
      double part = step_px / (ZIGZAG_PERIOD_PX / 2.0);

      y_px += step_px;
      cairo_line_to (cr,
                     is_left ? left_px + (right_px - left_px) * part
                             : right_px - (right_px - left_px) * part,
                     y_px);
      is_left = !is_left;
    }
  cairo_set_line_width (cr, 1.0);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

typedef struct
{
  double x, y;
} Point;

static Point
mix (Point a, Point b, double t)
{
  return (Point){ a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t };
}

/* Leaves and arrives level; drawn up to @progress (de Casteljau). */
static void
stroke_curve (cairo_t *cr, const AtlasMark *mark)
{
  double t = CLAMP ((double) mark->progress, 0.0, 1.0);
  Point from = { (double) mark->x_px, (double) mark->y_px };
  Point to = { from.x + (double) mark->width_px, from.y + (double) mark->height_px };
  double reach = (to.x - from.x) / 2.0;
  Point c1 = { from.x + reach, from.y };
  Point c2 = { to.x - reach, to.y };
  Point ab = mix (from, c1, t);
  Point bc = mix (c1, c2, t);
  Point cd = mix (c2, to, t);
  Point abc = mix (ab, bc, t);
  Point bcd = mix (bc, cd, t);
  Point tip = mix (abc, bcd, t);
  double angle = t < 1.0 ? atan2 (tip.y - abc.y, tip.x - abc.x) : atan2 (0.0, reach);

  if (t <= 0.0)
    return;
  cairo_set_line_width (cr, (double) mark->radius_px);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_move_to (cr, from.x, from.y);
  cairo_curve_to (cr,
                  ab.x,
                  ab.y,
                  abc.x,
                  abc.y,
                  tip.x - cos (angle) * (ARROW_LENGTH_PX - 1.0),
                  tip.y - sin (angle) * (ARROW_LENGTH_PX - 1.0));
  cairo_stroke (cr);

  cairo_save (cr);
  cairo_translate (cr, tip.x, tip.y);
  cairo_rotate (cr, angle);
  cairo_move_to (cr, 0.0, 0.0);
  cairo_line_to (cr, -ARROW_LENGTH_PX, -ARROW_HALF_PX);
  cairo_line_to (cr, -ARROW_LENGTH_PX, ARROW_HALF_PX);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_restore (cr);
}

void
atlas_cairo_paint_stroke (cairo_t *cr, const AtlasMark *mark)
{
  switch (mark->kind)
    {
    case ATLAS_MARK_LINE:
      stroke_line (cr, mark);
      return;
    case ATLAS_MARK_ZIGZAG:
      stroke_zigzag (cr, mark);
      return;
    case ATLAS_MARK_CURVE:
      stroke_curve (cr, mark);
      return;
    case ATLAS_MARK_RECT:
    case ATLAS_MARK_TEXT:
    case ATLAS_MARK_RASTER:
      break;
    }
  g_assert_not_reached ();
}

/* Premultiplied, as cairo and GTK's default memory format have it. */
static guint32
get_argb (AtlasPaletteKind palette, guint8 cell)
{
  AtlasRgba rgba = atlas_palette_get (palette, (AtlasColor) (cell & ~ATLAS_RASTER_WASH));
  float alpha = rgba.alpha * ((cell & ATLAS_RASTER_WASH) != 0 ? ATLAS_RASTER_WASH_ALPHA : 1.0f);

  if ((cell & ~ATLAS_RASTER_WASH) == ATLAS_COLOR_NONE)
    return 0;
  return (guint32) lroundf (alpha * 255.0f) << 24 |
         (guint32) lroundf (rgba.red * alpha * 255.0f) << 16 |
         (guint32) lroundf (rgba.green * alpha * 255.0f) << 8 |
         (guint32) lroundf (rgba.blue * alpha * 255.0f);
}

cairo_surface_t *
atlas_cairo_raster_surface (GBytes *cells, guint columns, guint rows, AtlasPaletteKind palette)
{
  cairo_surface_t *surface =
    cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (gint) columns, (gint) rows);
  const guint8 *cell = g_bytes_get_data (cells, NULL);
  guint32 argb[G_MAXUINT8 + 1] = { 0 };

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;
  for (guint color = 0; color < ATLAS_N_COLORS; color++)
    {
      argb[color] = get_argb (palette, (guint8) color);
      argb[color | ATLAS_RASTER_WASH] = get_argb (palette, (guint8) (color | ATLAS_RASTER_WASH));
    }
  for (guint y = 0; y < rows; y++)
    {
      guint32 *row =
        (guint32 *) (gpointer) (cairo_image_surface_get_data (surface) +
                                (gsize) y * (gsize) cairo_image_surface_get_stride (surface));

      for (guint x = 0; x < columns; x++)
        row[x] = argb[*cell++];
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* Cells keep their edges, however large they become. */
static void
paint_raster (cairo_t *cr,
              const AtlasDisplayList *list,
              const AtlasMark *mark,
              AtlasPaletteKind palette)
{
  cairo_surface_t *surface = atlas_cairo_raster_surface (
    atlas_display_list_get_raster (list, mark), mark->columns, mark->rows, palette);

  cairo_save (cr);
  cairo_translate (cr, (double) mark->x_px, (double) mark->y_px);
  cairo_scale (cr, (double) mark->width_px / mark->columns, (double) mark->height_px / mark->rows);
  cairo_set_source_surface (cr, surface, 0.0, 0.0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

void
atlas_cairo_paint (cairo_t *cr, const AtlasDisplayList *list, AtlasPaletteKind palette)
{
  const AtlasMark *marks;
  guint n_marks;
  PangoContext *context;

  g_return_if_fail (cr != NULL && list != NULL);

  marks = atlas_display_list_get_marks (list);
  n_marks = atlas_display_list_get_n_marks (list);
  context = pango_cairo_create_context (cr);
  cairo_save (cr);
  for (guint i = 0; i < n_marks; i++)
    {
      const AtlasMark *mark = &marks[i];

      switch (mark->kind)
        {
        case ATLAS_MARK_RECT:
          paint_rect (cr, mark, palette);
          break;
        case ATLAS_MARK_TEXT:
          paint_text (cr, context, mark, atlas_display_list_get_text (list, mark), palette);
          break;
        case ATLAS_MARK_LINE:
        case ATLAS_MARK_ZIGZAG:
        case ATLAS_MARK_CURVE:
          set_color (cr, palette, mark->color, (double) mark->alpha);
          atlas_cairo_paint_stroke (cr, mark);
          break;
        case ATLAS_MARK_RASTER:
          paint_raster (cr, list, mark, palette);
          break;
        }
    }
  g_object_unref (context);
  cairo_restore (cr);
}

static cairo_status_t
append_bytes (gpointer closure, const guchar *data, guint length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

/* Pixels at 96 to the inch, so that type keeps its size in points. */
#define PT_PER_PX (72.0 / 96.0)

static cairo_surface_t *
create_surface (const char *path, guint width_px, guint height_px, GByteArray *bytes, double *scale)
{
  *scale = 1.0;
  if (g_str_has_suffix (path, ".png"))
    return cairo_image_surface_create (CAIRO_FORMAT_RGB24, (gint) width_px, (gint) height_px);
  if (g_str_has_suffix (path, ".svg"))
    {
      cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream (append_bytes, bytes, width_px, height_px);

      cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
      return surface;
    }
  if (g_str_has_suffix (path, ".pdf"))
    {
      *scale = PT_PER_PX;
      return cairo_pdf_surface_create_for_stream (
        append_bytes, bytes, width_px * PT_PER_PX, height_px * PT_PER_PX);
    }
  return NULL;
}

gboolean
atlas_cairo_write_file (const AtlasDisplayList *list,
                        guint width_px,
                        guint height_px,
                        AtlasPaletteKind palette,
                        const char *path,
                        GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *surface;
  cairo_status_t status;
  double scale;
  cairo_t *cr;

  g_return_val_if_fail (list != NULL && path != NULL, FALSE);
  g_return_val_if_fail (width_px > 0 && height_px > 0, FALSE);

  surface = create_surface (path, width_px, height_px, bytes, &scale);
  if (surface == NULL)
    {
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   "%s: a picture ends in .png, .svg or .pdf",
                   path);
      return FALSE;
    }
  cr = cairo_create (surface);
  cairo_scale (cr, scale, scale);
  set_color (cr, palette, ATLAS_COLOR_VIEW, 1.0);
  cairo_paint (cr);
  atlas_cairo_paint (cr, list, palette);
  status = cairo_status (cr);
  cairo_destroy (cr);
  if (status == CAIRO_STATUS_SUCCESS &&
      cairo_surface_get_type (surface) == CAIRO_SURFACE_TYPE_IMAGE)
    status = cairo_surface_write_to_png_stream (surface, append_bytes, bytes);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (
        error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", path, cairo_status_to_string (status));
      return FALSE;
    }
  return g_file_set_contents (path, (const char *) bytes->data, (gssize) bytes->len, error);
}
