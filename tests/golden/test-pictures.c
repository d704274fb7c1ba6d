/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Pictures of the map against kept ones. What differs is written into the build folder as
 * NAME.out.png and NAME.diff.png; ATLAS_UPDATE_GOLDEN=1 takes the new pictures over instead. */

#include "map/strip.h"
#include "paint/cairo-painter.h"

#include <glib/gstdio.h>
#include <string.h>

#include "../map-regions.h"

#define HALF_LAST_VA (ATLAS_BIT (47) - 1)
#define KERNEL32_VA G_GUINT64_CONSTANT (0x7ff90f6f0000)

/* Font renderers differ by shades at the edges of letters, and by little else. */
#define CHANNEL_TOLERANCE 48
#define PIXELS_TOLERANCE 0.004

typedef struct
{
  const char *name;
  AtlasPaletteKind palette;
  AtlasAxisKind axis_kind;
  guint width_px;
  guint height_px;
  AtlasVa first_va; /* both 0: the whole view */
  AtlasVa last_va;
  AtlasVa selected_va; /* 0: none */
  gboolean is_minimap;
} Picture;

static const Picture pictures[] = {
  { .name = "whole", .width_px = 1280, .height_px = 160, .selected_va = KERNEL32_VA },
  { .name = "whole-dark", .palette = ATLAS_PALETTE_DARK, .width_px = 1280, .height_px = 160 },
  { .name = "whole-contrast",
    .palette = ATLAS_PALETTE_LIGHT_CONTRAST,
    .width_px = 900,
    .height_px = 130 },
  { .name = "modules-1gb",
    .axis_kind = ATLAS_AXIS_LINEAR,
    .width_px = 1000,
    .height_px = 150,
    .first_va = G_GUINT64_CONSTANT (0x7ff8e0000000),
    .last_va = G_GUINT64_CONSTANT (0x7ff91fffffff) },
  { .name = "slots-64kb",
    .width_px = 1000,
    .height_px = 150,
    .first_va = G_GUINT64_CONSTANT (0x2a658320000),
    .last_va = G_GUINT64_CONSTANT (0x2a65844ffff) },
  { .name = "pages-4kb",
    .palette = ATLAS_PALETTE_DARK,
    .width_px = 1000,
    .height_px = 150,
    .first_va = G_GUINT64_CONSTANT (0xcbc82f0000),
    .last_va = G_GUINT64_CONSTANT (0xcbc82fffff),
    .selected_va = G_GUINT64_CONSTANT (0xcbc82f6123) },
  { .name = "bytes",
    .width_px = 1000,
    .height_px = 150,
    .first_va = KERNEL32_VA,
    .last_va = KERNEL32_VA + 0x27,
    .selected_va = KERNEL32_VA + 0x12 },
  { .name = "minimap",
    .width_px = 1000,
    .height_px = 34,
    .selected_va = KERNEL32_VA,
    .is_minimap = TRUE },
};

static gsize
peek_header (gpointer data, AtlasVa va, guint8 *bytes, gboolean *is_known, gsize size_bytes)
{
  static const guint8 header[] = { 'M',  'Z',  0x90, 0x00, 0x03, 0x00, 0x00, 0x00, 0x04, 0x00,
                                   0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0xb8, 0x00, 0x00, 0x00,
                                   0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00 };
  gsize n_known = 0;

  for (gsize i = 0; i < size_bytes; i++)
    {
      AtlasVa offset_bytes = va + i - KERNEL32_VA;

      is_known[i] = offset_bytes < sizeof header;
      bytes[i] = is_known[i] ? header[offset_bytes] : 0;
      n_known += (gsize) is_known[i];
    }
  return n_known;
}

static AtlasDisplayList *
draw (const Picture *picture)
{
  g_autoptr (AtlasRegionSet) regions = map_regions_new_process ();
  g_autoptr (AtlasAxis) axis = atlas_axis_new (picture->axis_kind, regions, 0, HALF_LAST_VA);
  AtlasDisplayList *list = atlas_display_list_new ();
  AtlasStripInput input = {
    .regions = regions,
    .axis = axis,
    .view = atlas_view_whole (axis, picture->width_px),
    .height_px = picture->height_px,
    .has_selection = picture->selected_va != 0,
    .selected_va = picture->selected_va,
    .peek = peek_header,
  };

  if (picture->last_va != 0)
    input.view =
      atlas_view_fit (axis, picture->width_px, picture->first_va, picture->last_va, 0.02);
  if (picture->is_minimap)
    atlas_minimap_draw (list,
                        &(AtlasMinimapInput){ .regions = regions,
                                              .last_va = HALF_LAST_VA,
                                              .width_px = picture->width_px,
                                              .height_px = picture->height_px,
                                              .seen_first_va = ATLAS_TB (100),
                                              .seen_last_va = HALF_LAST_VA,
                                              .has_selection = picture->selected_va != 0,
                                              .selected_va = picture->selected_va });
  else
    atlas_strip_draw (list, &input);
  return list;
}

static cairo_surface_t *
read_png (const char *path)
{
  cairo_surface_t *surface = cairo_image_surface_create_from_png (path);

  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
    return surface;
  cairo_surface_destroy (surface);
  return NULL;
}

/* Share of pixels that differ; they are painted red over @b, which is what the diff shows. */
static double
compare (cairo_surface_t *a, cairo_surface_t *b)
{
  gint width_px = cairo_image_surface_get_width (a);
  gint height_px = cairo_image_surface_get_height (a);
  guint n_different = 0;

  if (width_px != cairo_image_surface_get_width (b) ||
      height_px != cairo_image_surface_get_height (b))
    return 1.0;
  cairo_surface_flush (a);
  cairo_surface_flush (b);
  for (gint y = 0; y < height_px; y++)
    {
      const guint8 *row_a =
        cairo_image_surface_get_data (a) + y * cairo_image_surface_get_stride (a);
      guint8 *row_b = cairo_image_surface_get_data (b) + y * cairo_image_surface_get_stride (b);

      for (gint x = 0; x < width_px; x++)
        {
          gint most = 0;

          for (gint c = 0; c < 3; c++)
            most = MAX (most, ABS (row_a[x * 4 + c] - row_b[x * 4 + c]));
          if (most <= CHANNEL_TOLERANCE)
            continue;
          n_different++;
          memcpy (row_b + x * 4, &(guint32){ 0xffff0000u }, 4);
        }
    }
  cairo_surface_mark_dirty (b);
  return (double) n_different / ((double) width_px * height_px);
}

static void
test_picture (gconstpointer data)
{
  const Picture *picture = data;
  g_autoptr (AtlasDisplayList) list = draw (picture);
  g_autoptr (GError) error = NULL;
  g_autofree char *kept_name = g_strconcat (picture->name, ".png", NULL);
  g_autofree char *out_name = g_strconcat (picture->name, ".out.png", NULL);
  g_autofree char *diff_name = g_strconcat (picture->name, ".diff.png", NULL);
  g_autofree char *kept_path = g_build_filename (g_getenv ("ATLAS_GOLDEN"), kept_name, NULL);
  g_autofree char *out_path = g_build_filename (g_getenv ("ATLAS_GOLDEN_OUT"), out_name, NULL);
  g_autofree char *diff_path = g_build_filename (g_getenv ("ATLAS_GOLDEN_OUT"), diff_name, NULL);
  cairo_surface_t *kept, *drawn;
  double difference;

  if (g_getenv ("ATLAS_UPDATE_GOLDEN") != NULL)
    {
      atlas_cairo_write_file (
        list, picture->width_px, picture->height_px, picture->palette, kept_path, &error);
      g_assert_no_error (error);
      g_test_skip ("picture taken over");
      return;
    }
  atlas_cairo_write_file (
    list, picture->width_px, picture->height_px, picture->palette, out_path, &error);
  g_assert_no_error (error);
  kept = read_png (kept_path);
  drawn = read_png (out_path);
  g_assert_nonnull (kept);
  g_assert_nonnull (drawn);
  difference = compare (kept, drawn);
  if (difference > PIXELS_TOLERANCE)
    {
      cairo_surface_write_to_png (drawn, diff_path);
      g_test_message ("%.2f %% of the pixels differ: see %s", difference * 100.0, diff_path);
      g_test_fail ();
    }
  else
    {
      g_unlink (out_path);
      g_unlink (diff_path);
    }
  cairo_surface_destroy (kept);
  cairo_surface_destroy (drawn);
}

/* A comparison that finds nothing would find nothing: one moved bar must be seen. */
static void
test_comparison_sees_a_moved_bar (void)
{
  cairo_surface_t *surfaces[2];

  for (guint i = 0; i < G_N_ELEMENTS (surfaces); i++)
    {
      cairo_t *cr;

      surfaces[i] = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1000, 150);
      cr = cairo_create (surfaces[i]);
      cairo_rectangle (cr, i * 10.0, 20, 40, 100);
      cairo_set_source_rgb (cr, 0, 0, 1);
      cairo_fill (cr);
      cairo_destroy (cr);
    }
  g_assert_cmpfloat (compare (surfaces[0], surfaces[0]), ==, 0.0);
  g_assert_cmpfloat (compare (surfaces[0], surfaces[1]), >, PIXELS_TOLERANCE);
  for (guint i = 0; i < G_N_ELEMENTS (surfaces); i++)
    cairo_surface_destroy (surfaces[i]);
}

static void
test_files (void)
{
  static const struct
  {
    const char *name;
    const char *magic;
  } cases[] = { { "files.out.png", "\x89PNG" },
                { "files.out.svg", "<?xml" },
                { "files.out.pdf", "%PDF" } };
  g_autoptr (AtlasDisplayList) list = draw (&pictures[0]);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_build_filename (g_getenv ("ATLAS_GOLDEN_OUT"), cases[i].name, NULL);
      g_autofree char *contents = NULL;
      gsize length;

      g_assert_true (atlas_cairo_write_file (list, 1280, 160, ATLAS_PALETTE_LIGHT, path, &error));
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
      g_assert_cmpuint (length, >, 1000);
      g_assert_cmpint (memcmp (contents, cases[i].magic, strlen (cases[i].magic)), ==, 0);
      g_unlink (path);
    }
  g_assert_false (
    atlas_cairo_write_file (list, 10, 10, ATLAS_PALETTE_LIGHT, "picture.gif", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (
    atlas_cairo_write_file (list, 10, 10, ATLAS_PALETTE_LIGHT, "/nowhere/at/all.png", &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (g_getenv ("ATLAS_GOLDEN"));
  g_assert_nonnull (g_getenv ("ATLAS_GOLDEN_OUT"));
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      g_autofree char *path = g_strconcat ("/pictures/", pictures[i].name, NULL);

      g_test_add_data_func (path, &pictures[i], test_picture);
    }
  g_test_add_func ("/pictures/comparison", test_comparison_sees_a_moved_bar);
  g_test_add_func ("/pictures/files", test_files);
  return g_test_run ();
}
