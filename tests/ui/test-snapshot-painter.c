/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* One display list, two painters: the screen's picture is the file's picture. */

#include "paint/snapshot-painter.h"

#include <adwaita.h>

#include "paint/cairo-painter.h"

#define WIDTH_PX 360
#define HEIGHT_PX 220
#define CHANNEL_TOLERANCE 64
/* Of what is drawn. Curves are the same; letters are hinted and lines are as high as the screen
 * wants them, which moves a text by a pixel at most. */
#define SHAPE_TOLERANCE_PERCENT 3u
#define SHAPE_REACH_PX 0
#define TEXT_TOLERANCE_PERCENT 20u
#define TEXT_REACH_PX 1

static void
add_rects (AtlasDisplayList *list, guint which)
{
  for (guint pattern = ATLAS_PATTERN_SOLID; pattern <= ATLAS_PATTERN_THICK_OUTLINE; pattern++)
    for (guint row = 0; row < 3; row++)
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_MAPPED + pattern),
                                   row == 2 ? 0.5f : 1.0f,
                                   (AtlasPattern) pattern,
                                   7.0f + 50.0f * (float) pattern,
                                   5.0f + 40.0f * (float) row,
                                   row == 1 ? 3.0f : 41.0f,
                                   31.0f,
                                   row == 2 ? 8.0f : 0.0f);
}

static void
add_strokes (AtlasDisplayList *list, guint which)
{
  atlas_display_list_add_line (list, ATLAS_COLOR_TEXT, 1.0f, 10, 130, 60, 130);
  atlas_display_list_add_line (list, ATLAS_COLOR_TEXT, 1.0f, 70, 130, 70, 170);
  atlas_display_list_add_line (list, ATLAS_COLOR_TEXT, 1.0f, 80, 130, 120, 170);
  atlas_display_list_add_zigzag (list, ATLAS_COLOR_DIM_TEXT, 0.8f, 130, 130, 45);
  atlas_display_list_add_curve (list, ATLAS_COLOR_LEVEL_PML4, 1.0f, 150, 135, 220, 170, 1.5f, 1.0f);
  atlas_display_list_add_curve (list, ATLAS_COLOR_LEVEL_PT, 1.0f, 230, 170, 300, 135, 2.0f, 0.6f);
}

static void
add_text (AtlasDisplayList *list, guint font)
{
  atlas_display_list_add_text (list,
                               ATLAS_COLOR_TEXT,
                               (AtlasFont) font,
                               (AtlasAlign) (font % 3),
                               5.0f + 64.0f * (float) font,
                               180,
                               60,
                               18,
                               font == 1 ? "far too long to fit" : "7ff9 KB");
}

static void
add_vertical_text (AtlasDisplayList *list, guint font)
{
  atlas_display_list_add_vertical_text (list,
                                        ATLAS_COLOR_DIM_TEXT,
                                        (AtlasFont) font,
                                        ATLAS_ALIGN_CENTER,
                                        335,
                                        120,
                                        14,
                                        90,
                                        "118 TB free");
}

static cairo_surface_t *
paint_for_file (const AtlasDisplayList *list, AtlasPaletteKind palette)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH_PX, HEIGHT_PX);
  cairo_t *cr = cairo_create (surface);

  atlas_cairo_paint (cr, list, palette);
  cairo_destroy (cr);
  return surface;
}

static cairo_surface_t *
paint_for_screen (const AtlasDisplayList *list)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH_PX, HEIGHT_PX);
  GtkWidget *widget = g_object_ref_sink (gtk_label_new (NULL));
  g_autoptr (AtlasSnapshotPainter) painter = atlas_snapshot_painter_new (widget);
  g_autoptr (GskRenderer) renderer = gsk_cairo_renderer_new ();
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GError) error = NULL;
  GskRenderNode *node = NULL;

  gsk_renderer_realize (renderer, NULL, &error);
  g_assert_no_error (error);
  /* Twice: what is kept between frames must paint the same. */
  for (guint frame = 0; frame < 2; frame++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();

      g_clear_pointer (&node, gsk_render_node_unref);
      atlas_snapshot_painter_paint (painter, snapshot, list);
      node = gtk_snapshot_free_to_node (snapshot);
    }
  texture =
    gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, WIDTH_PX, HEIGHT_PX));
  gdk_texture_download (texture,
                        cairo_image_surface_get_data (surface),
                        (gsize) cairo_image_surface_get_stride (surface));
  cairo_surface_mark_dirty (surface);
  gsk_render_node_unref (node);
  gsk_renderer_unrealize (renderer);
  g_object_unref (widget);
  return surface;
}

static const guint8 *
get_pixel (cairo_surface_t *surface, gint x, gint y)
{
  return cairo_image_surface_get_data (surface) + y * cairo_image_surface_get_stride (surface) +
         x * 4;
}

static gboolean
has_pixel (cairo_surface_t *surface, const guint8 *pixel, gint x, gint y)
{
  const guint8 *other;

  if (x < 0 || x >= WIDTH_PX || y < 0 || y >= HEIGHT_PX)
    return FALSE;
  other = get_pixel (surface, x, y);
  for (guint c = 0; c < 4; c++)
    if (ABS (pixel[c] - other[c]) > CHANNEL_TOLERANCE)
      return FALSE;
  return TRUE;
}

/* Pixels of @a that @b does not have there, nor as near as @reach_px. */
static guint
count_differences (cairo_surface_t *a, cairo_surface_t *b, gint reach_px)
{
  guint n_different = 0;

  for (gint y = 0; y < HEIGHT_PX; y++)
    for (gint x = 0; x < WIDTH_PX; x++)
      {
        gboolean is_found = FALSE;

        for (gint dy = -reach_px; dy <= reach_px && !is_found; dy++)
          for (gint dx = -reach_px; dx <= reach_px && !is_found; dx++)
            is_found = has_pixel (b, get_pixel (a, x, y), x + dx, y + dy);
        n_different += is_found ? 0 : 1;
      }
  return n_different;
}

/* @which: of several. */
typedef void (*AddFunc) (AtlasDisplayList *list, guint which);

static void
assert_same_picture (AddFunc add, guint which, gint reach_px, guint tolerance_percent)
{
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasPaletteKind palette = atlas_snapshot_painter_get_palette ();
  cairo_surface_t *file, *screen, *empty;
  guint n_different, n_drawn;

  add (list, which);
  file = paint_for_file (list, palette);
  screen = paint_for_screen (list);
  atlas_display_list_clear (list);
  empty = paint_for_file (list, palette);
  n_different = count_differences (file, screen, reach_px);
  n_drawn = count_differences (file, empty, 0);
  g_test_message ("%u of %u pixels differ", n_different, n_drawn);
  g_assert_cmpuint (n_drawn, >, 50);
  g_assert_cmpuint (n_different * 100, <=, n_drawn * tolerance_percent);
  cairo_surface_destroy (file);
  cairo_surface_destroy (screen);
  cairo_surface_destroy (empty);
}

static void
test_rects (void)
{
  assert_same_picture (add_rects, 0, SHAPE_REACH_PX, SHAPE_TOLERANCE_PERCENT);
}

static void
test_strokes (void)
{
  assert_same_picture (add_strokes, 0, SHAPE_REACH_PX, SHAPE_TOLERANCE_PERCENT);
}

static void
test_texts (void)
{
  for (guint font = 0; font < ATLAS_N_FONTS; font++)
    assert_same_picture (add_text, font, TEXT_REACH_PX, TEXT_TOLERANCE_PERCENT);
  assert_same_picture (add_vertical_text, ATLAS_FONT_SMALL, TEXT_REACH_PX, TEXT_TOLERANCE_PERCENT);
}

static void
test_dark (void)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  g_assert_cmpint (atlas_snapshot_painter_get_palette (), ==, ATLAS_PALETTE_DARK);
  assert_same_picture (add_rects, 0, SHAPE_REACH_PX, SHAPE_TOLERANCE_PERCENT);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_LIGHT);
  g_assert_cmpint (atlas_snapshot_painter_get_palette (), ==, ATLAS_PALETTE_LIGHT);
  assert_same_picture (add_rects, 0, SHAPE_REACH_PX, SHAPE_TOLERANCE_PERCENT);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/snapshot-painter/rects", test_rects);
  g_test_add_func ("/snapshot-painter/strokes", test_strokes);
  g_test_add_func ("/snapshot-painter/texts", test_texts);
  g_test_add_func ("/snapshot-painter/dark", test_dark);
  return g_test_run ();
}
