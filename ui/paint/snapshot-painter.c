/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "paint/snapshot-painter.h"

#include <adwaita.h>
#include <math.h>

#include "paint/cairo-painter-private.h"

/* Labels of a few frames; when there are more, the oldest picture is long gone. */
#define LAYOUTS_MAX 600u
/* A curve's arrow head and the half width of a line reach out of the mark's own rectangle. */
#define STROKE_REACH_PX 6.0f
/* GTK's letters are as large as their name says at this resolution. */
#define USUAL_DPI 96.0
#define TEXT_SCALE_MAX 3.0
#define SCALE_EPSILON 1e-6

typedef struct
{
  AtlasFont font;
  guint length_px;
  char *text;
} LayoutKey;

struct _AtlasSnapshotPainter
{
  GtkWidget *widget; /* not owned */
  guint min_width_px;
  guint min_height_px;
  double scale;          /* 0: by itself */
  PangoContext *context; /* the widget's, but with letters of the usual size; NULL: not made yet */
  GHashTable *layouts;
  guint context_serial;
  GHashTable *tiles;
  AtlasPaletteKind tiles_palette;
  gint tiles_scale;
  GBytes *raster_cells; /* what the texture was made of */
  GdkTexture *raster;
};

static guint
layout_key_hash (gconstpointer data)
{
  const LayoutKey *key = data;

  return g_str_hash (key->text) ^ (guint) key->font << 28 ^ key->length_px << 12;
}

static gboolean
layout_key_equal (gconstpointer a, gconstpointer b)
{
  const LayoutKey *key_a = a;
  const LayoutKey *key_b = b;

  return key_a->font == key_b->font && key_a->length_px == key_b->length_px &&
         g_str_equal (key_a->text, key_b->text);
}

static void
layout_key_free (gpointer data)
{
  LayoutKey *key = data;

  g_free (key->text);
  g_free (key);
}

static const char *const style_changes[] = { "notify::dark", "notify::high-contrast" };

AtlasSnapshotPainter *
atlas_snapshot_painter_new (GtkWidget *widget)
{
  AtlasSnapshotPainter *painter = g_new0 (AtlasSnapshotPainter, 1);

  painter->widget = widget;
  painter->layouts =
    g_hash_table_new_full (layout_key_hash, layout_key_equal, layout_key_free, g_object_unref);
  painter->tiles = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  for (guint i = 0; i < G_N_ELEMENTS (style_changes); i++)
    g_signal_connect_object (adw_style_manager_get_default (),
                             style_changes[i],
                             G_CALLBACK (gtk_widget_queue_draw),
                             widget,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_widget_get_settings (widget),
                           "notify::gtk-xft-dpi",
                           G_CALLBACK (gtk_widget_queue_resize),
                           widget,
                           G_CONNECT_SWAPPED);
  return painter;
}

void
atlas_snapshot_painter_free (AtlasSnapshotPainter *painter)
{
  if (painter == NULL)
    return;
  g_clear_object (&painter->context);
  g_hash_table_unref (painter->layouts);
  g_hash_table_unref (painter->tiles);
  g_clear_pointer (&painter->raster_cells, g_bytes_unref);
  g_clear_object (&painter->raster);
  g_free (painter);
}

double
atlas_text_scale_get (GtkWidget *widget)
{
  double dpi;

  g_return_val_if_fail (GTK_IS_WIDGET (widget), 1.0);

  dpi = pango_cairo_context_get_resolution (gtk_widget_get_pango_context (widget));
  return dpi > 0.0 ? CLAMP (dpi / USUAL_DPI, 1.0, TEXT_SCALE_MAX) : 1.0;
}

void
atlas_snapshot_painter_set_min_size (AtlasSnapshotPainter *painter,
                                     guint min_width_px,
                                     guint min_height_px)
{
  g_return_if_fail (painter != NULL);

  painter->min_width_px = min_width_px;
  painter->min_height_px = min_height_px;
}

void
atlas_snapshot_painter_set_scale (AtlasSnapshotPainter *painter, double scale)
{
  g_return_if_fail (painter != NULL && scale >= 0.0);

  painter->scale = scale;
}

double
atlas_snapshot_painter_get_scale_for (AtlasSnapshotPainter *painter, int width_px, int height_px)
{
  double scale;

  g_return_val_if_fail (painter != NULL, 1.0);

  if (painter->scale > 0.0)
    return painter->scale;
  scale = atlas_text_scale_get (painter->widget);
  if (width_px > 0 && painter->min_width_px > 0)
    scale = MIN (scale, (double) width_px / painter->min_width_px);
  if (height_px > 0 && painter->min_height_px > 0)
    scale = MIN (scale, (double) height_px / painter->min_height_px);
  return MAX (scale, 1.0);
}

double
atlas_snapshot_painter_get_scale (AtlasSnapshotPainter *painter)
{
  g_return_val_if_fail (painter != NULL, 1.0);

  return atlas_snapshot_painter_get_scale_for (
    painter, gtk_widget_get_width (painter->widget), gtk_widget_get_height (painter->widget));
}

AtlasPaletteKind
atlas_snapshot_painter_get_palette (void)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  if (adw_style_manager_get_high_contrast (style))
    return adw_style_manager_get_dark (style) ? ATLAS_PALETTE_DARK_CONTRAST
                                              : ATLAS_PALETTE_LIGHT_CONTRAST;
  return adw_style_manager_get_dark (style) ? ATLAS_PALETTE_DARK : ATLAS_PALETTE_LIGHT;
}

/* The surface's pixels, which the texture keeps. */
static GdkTexture *
make_texture (cairo_surface_t *surface)
{
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);
  g_autoptr (GBytes) bytes = NULL;

  cairo_surface_flush (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                      stride * (gsize) cairo_image_surface_get_height (surface),
                                      (GDestroyNotify) cairo_surface_destroy,
                                      cairo_surface_reference (surface));
  return gdk_memory_texture_new (cairo_image_surface_get_width (surface),
                                 cairo_image_surface_get_height (surface),
                                 GDK_MEMORY_DEFAULT,
                                 bytes,
                                 stride);
}

static GdkRGBA
get_rgba (AtlasPaletteKind palette, AtlasColor color, double alpha)
{
  AtlasRgba rgba = atlas_palette_get (palette, color);

  return (GdkRGBA){ rgba.red, rgba.green, rgba.blue, rgba.alpha * (float) alpha };
}

/* One period of a pattern's lines. */
static GdkTexture *
get_tile (AtlasSnapshotPainter *painter, AtlasPattern pattern, const GdkRGBA *rgba, gpointer key)
{
  GdkTexture *texture = g_hash_table_lookup (painter->tiles, key);
  gint size_px = ATLAS_HATCH_PERIOD_PX * painter->tiles_scale;
  cairo_surface_t *surface;
  cairo_t *cr;

  if (texture != NULL)
    return texture;
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size_px, size_px);
  cr = cairo_create (surface);
  cairo_scale (cr, painter->tiles_scale, painter->tiles_scale);
  gdk_cairo_set_source_rgba (cr, rgba);
  atlas_cairo_pattern_lines (cr, pattern, 0, 0, ATLAS_HATCH_PERIOD_PX, ATLAS_HATCH_PERIOD_PX);
  cairo_destroy (cr);
  texture = make_texture (surface);
  cairo_surface_destroy (surface);
  g_hash_table_insert (painter->tiles, key, texture);
  return texture;
}
_Static_assert(ATLAS_HATCH_PERIOD_PX == ATLAS_FOLD_PERIOD_PX, "one tile fits every pattern");

static void
append_lines (AtlasSnapshotPainter *painter,
              GtkSnapshot *snapshot,
              const AtlasMark *mark,
              const graphene_rect_t *bounds)
{
  AtlasColor color = mark->pattern == ATLAS_PATTERN_FOLD ? ATLAS_COLOR_VIEW : mark->color;
  double alpha = mark->pattern == ATLAS_PATTERN_FOLD ? 0.45 : (double) mark->alpha;
  guint alpha_key = (guint) lround (alpha * 255.0);
  gpointer key = GUINT_TO_POINTER (alpha_key << 16 | (guint) mark->pattern << 8 | (guint) color);
  GdkRGBA rgba = get_rgba (painter->tiles_palette, color, alpha);
  const float period = ATLAS_HATCH_PERIOD_PX;
  graphene_rect_t tile = GRAPHENE_RECT_INIT (
    floorf (mark->x_px / period) * period, floorf (mark->y_px / period) * period, period, period);

  gtk_snapshot_push_repeat (snapshot, bounds, &tile);
  gtk_snapshot_append_texture (snapshot, get_tile (painter, mark->pattern, &rgba, key), &tile);
  gtk_snapshot_pop (snapshot);
}

static void
append_rect (AtlasSnapshotPainter *painter, GtkSnapshot *snapshot, const AtlasMark *mark)
{
  graphene_rect_t bounds =
    GRAPHENE_RECT_INIT (mark->x_px, mark->y_px, mark->width_px, mark->height_px);
  float radius_px = MIN (mark->radius_px, MIN (mark->width_px, mark->height_px) / 2.0f);
  GskRoundedRect rounded;
  GdkRGBA rgba;

  gsk_rounded_rect_init_from_rect (&rounded, &bounds, MAX (radius_px, 0.0f));
  if (mark->pattern == ATLAS_PATTERN_OUTLINE || mark->pattern == ATLAS_PATTERN_THICK_OUTLINE)
    {
      float line_px = mark->pattern == ATLAS_PATTERN_OUTLINE ? 1.0f : 2.0f;
      float widths[4] = { line_px, line_px, line_px, line_px };
      GdkRGBA colors[4];

      for (guint i = 0; i < G_N_ELEMENTS (colors); i++)
        colors[i] = get_rgba (painter->tiles_palette, mark->color, (double) mark->alpha);
      gtk_snapshot_append_border (snapshot, &rounded, widths, colors);
      return;
    }

  rgba = get_rgba (painter->tiles_palette,
                   mark->color,
                   (double) mark->alpha * atlas_pattern_get_wash (mark->pattern, mark->width_px));
  if (radius_px > 0.0f)
    gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, &rgba, &bounds);
  if (atlas_pattern_has_lines (mark->pattern, mark->width_px))
    append_lines (painter, snapshot, mark, &bounds);
  if (radius_px > 0.0f)
    gtk_snapshot_pop (snapshot);
}

static PangoLayout *
get_layout (AtlasSnapshotPainter *painter, const AtlasMark *mark, const char *text)
{
  float length_px = mark->is_vertical ? mark->height_px : mark->width_px;
  LayoutKey key = { mark->font, (guint) ceilf (length_px), (char *) text };
  PangoLayout *layout = g_hash_table_lookup (painter->layouts, &key);
  LayoutKey *kept;

  if (layout != NULL)
    return layout;
  if (g_hash_table_size (painter->layouts) >= LAYOUTS_MAX)
    g_hash_table_remove_all (painter->layouts);
  layout = atlas_text_layout_new (painter->context, mark, text);
  kept = g_new (LayoutKey, 1);
  *kept = key;
  kept->text = g_strdup (text);
  g_hash_table_insert (painter->layouts, kept, layout);
  return layout;
}

static void
append_text (AtlasSnapshotPainter *painter,
             GtkSnapshot *snapshot,
             const AtlasMark *mark,
             const char *text)
{
  PangoLayout *layout = get_layout (painter, mark, text);
  GdkRGBA rgba = get_rgba (painter->tiles_palette, mark->color, (double) mark->alpha);
  double x_px, y_px;

  atlas_text_get_offset (layout, mark, &x_px, &y_px);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (mark->x_px, mark->y_px));
  if (mark->is_vertical)
    {
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0.0f, mark->height_px));
      gtk_snapshot_rotate (snapshot, -90.0f);
    }
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x_px, (float) y_px));
  gtk_snapshot_append_layout (snapshot, layout, &rgba);
  gtk_snapshot_restore (snapshot);
}

/* Straight lines along an axis, most of all lines, need no cairo. */
static gboolean
append_hairline (AtlasSnapshotPainter *painter, GtkSnapshot *snapshot, const AtlasMark *mark)
{
  float x_px = MIN (mark->x_px, mark->x_px + mark->width_px);
  float y_px = MIN (mark->y_px, mark->y_px + mark->height_px);
  GdkRGBA rgba = get_rgba (painter->tiles_palette, mark->color, (double) mark->alpha);
  graphene_rect_t bounds;

  if (mark->width_px == 0.0f)
    bounds = GRAPHENE_RECT_INIT (floorf (x_px), y_px, 1.0f, fabsf (mark->height_px));
  else if (mark->height_px == 0.0f)
    bounds = GRAPHENE_RECT_INIT (x_px, floorf (y_px), fabsf (mark->width_px), 1.0f);
  else
    return FALSE;
  gtk_snapshot_append_color (snapshot, &rgba, &bounds);
  return TRUE;
}

static void
append_stroke (AtlasSnapshotPainter *painter, GtkSnapshot *snapshot, const AtlasMark *mark)
{
  GdkRGBA rgba = get_rgba (painter->tiles_palette, mark->color, (double) mark->alpha);
  graphene_rect_t bounds =
    GRAPHENE_RECT_INIT (mark->x_px, mark->y_px, mark->width_px, mark->height_px);
  cairo_t *cr;

  graphene_rect_normalize (&bounds);
  graphene_rect_inset (&bounds, -STROKE_REACH_PX, -STROKE_REACH_PX);
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  gdk_cairo_set_source_rgba (cr, &rgba);
  atlas_cairo_paint_stroke (cr, mark);
  cairo_destroy (cr);
}

/* A raster that has not changed is not made again: one texture for as long as the cells stay. */
static void
append_raster (AtlasSnapshotPainter *painter,
               GtkSnapshot *snapshot,
               const AtlasDisplayList *list,
               const AtlasMark *mark)
{
  GBytes *cells = atlas_display_list_get_raster (list, mark);

  if (painter->raster == NULL || painter->raster_cells != cells)
    {
      cairo_surface_t *surface =
        atlas_cairo_raster_surface (cells, mark->columns, mark->rows, painter->tiles_palette);

      g_clear_object (&painter->raster);
      g_clear_pointer (&painter->raster_cells, g_bytes_unref);
      painter->raster = make_texture (surface);
      painter->raster_cells = g_bytes_ref (cells);
      cairo_surface_destroy (surface);
    }
  gtk_snapshot_append_texture (
    snapshot,
    painter->raster,
    &GRAPHENE_RECT_INIT (mark->x_px, mark->y_px, mark->width_px, mark->height_px));
}

/* What was made for another palette, scale or font is of no use any more. */
static void
forget_what_changed (AtlasSnapshotPainter *painter, double picture_scale)
{
  AtlasPaletteKind palette = atlas_snapshot_painter_get_palette ();
  gint scale =
    (gint) ceil (gtk_widget_get_scale_factor (painter->widget) * picture_scale - SCALE_EPSILON);
  guint serial = pango_context_get_serial (gtk_widget_get_pango_context (painter->widget));

  if (palette != painter->tiles_palette || scale != painter->tiles_scale)
    g_hash_table_remove_all (painter->tiles);
  if (palette != painter->tiles_palette)
    g_clear_object (&painter->raster);
  if (serial != painter->context_serial || painter->context == NULL)
    {
      g_hash_table_remove_all (painter->layouts);
      g_clear_object (&painter->context);
      painter->context = gtk_widget_create_pango_context (painter->widget);
      pango_cairo_context_set_resolution (painter->context, USUAL_DPI);
    }
  painter->tiles_palette = palette;
  painter->tiles_scale = scale;
  painter->context_serial = serial;
}

void
atlas_snapshot_painter_paint (AtlasSnapshotPainter *painter,
                              GtkSnapshot *snapshot,
                              const AtlasDisplayList *list)
{
  const AtlasMark *marks;
  double scale;
  guint n_marks;

  g_return_if_fail (painter != NULL && snapshot != NULL && list != NULL);

  scale = atlas_snapshot_painter_get_scale (painter);
  forget_what_changed (painter, scale);
  gtk_snapshot_save (snapshot);
  if (scale != 1.0)
    gtk_snapshot_scale (snapshot, (float) scale, (float) scale);
  marks = atlas_display_list_get_marks (list);
  n_marks = atlas_display_list_get_n_marks (list);
  for (guint i = 0; i < n_marks; i++)
    {
      const AtlasMark *mark = &marks[i];

      if (atlas_palette_get (painter->tiles_palette, mark->color).alpha == 0.0f &&
          mark->kind != ATLAS_MARK_RASTER)
        continue;
      switch (mark->kind)
        {
        case ATLAS_MARK_RECT:
          append_rect (painter, snapshot, mark);
          break;
        case ATLAS_MARK_TEXT:
          append_text (painter, snapshot, mark, atlas_display_list_get_text (list, mark));
          break;
        case ATLAS_MARK_LINE:
          if (!append_hairline (painter, snapshot, mark))
            append_stroke (painter, snapshot, mark);
          break;
        case ATLAS_MARK_ZIGZAG:
        case ATLAS_MARK_CURVE:
          append_stroke (painter, snapshot, mark);
          break;
        case ATLAS_MARK_RASTER:
          append_raster (painter, snapshot, list, mark);
          break;
        }
    }
  gtk_snapshot_restore (snapshot);
}
