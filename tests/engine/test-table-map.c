/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The map of page tables with more leaves than any list could hold: the cost follows the pixels. */

#include "map/fold.h"
#include "map/strip.h"
#include "space/table-regions.h"

#include "table-mazes.h"

#define WIDTH_PX 1280u
/* Two for each pixel: every page a span, and every second one with the mark of W + X. */
#define MARKS_MAX (2 * WIDTH_PX)

static AtlasRegionSet *
make_maze_regions (guint n_levels, guint n_root_entries)
{
  AtlasControl control;
  g_autoptr (AtlasMemory) memory = maze_new (n_levels, n_root_entries, &control);
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);

  return atlas_region_set_new_of_tables (graph);
}

/* Nothing dropped: the spans' regions are all that is seen, each counted once or, at a border of
 * spans, twice. */
static void
check_spans (AtlasRegionSet *set, const GArray *spans)
{
  const AtlasFoldSpan *first = &g_array_index (spans, AtlasFoldSpan, 0);
  const AtlasFoldSpan *last = &g_array_index (spans, AtlasFoldSpan, spans->len - 1);
  AtlasRegionSummary seen;
  guint64 n_regions = 0;
  gint x_px = first->x_px;

  for (guint i = 0; i < spans->len; i++)
    {
      const AtlasFoldSpan *span = &g_array_index (spans, AtlasFoldSpan, i);

      g_assert_cmpint (span->x_px, ==, x_px);
      g_assert_cmpint (span->width_px, >, 0);
      x_px += span->width_px;
      n_regions += span->summary.n_regions;
    }
  g_assert_cmpint (x_px, <=, WIDTH_PX);
  atlas_region_set_summarize (set, first->first_va, last->last_va, &seen);
  g_assert_cmpuint (n_regions, >=, seen.n_regions);
  g_assert_cmpuint (n_regions, <=, seen.n_regions + spans->len);
}

static void
draw_every_second_octave (AtlasRegionSet *set,
                          AtlasAxisKind kind,
                          AtlasVa last_va,
                          AtlasVa target_va)
{
  g_autoptr (AtlasAxis) axis = atlas_axis_new (kind, set, 0, last_va);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (AtlasFoldSpan));
  AtlasView view = atlas_view_whole (axis, WIDTH_PX);
  guint n_views = 0;

  for (;; n_views++)
    {
      AtlasStripInput input = { .regions = set, .axis = axis, .view = view, .height_px = 160 };
      AtlasStripHit hit;
      AtlasView next;

      atlas_fold (spans, set, axis, &view);
      g_assert_cmpuint (spans->len, >, 0);
      g_assert_cmpuint (spans->len, <=, WIDTH_PX);
      check_spans (set, spans);

      atlas_strip_draw (list, &input);
      g_assert_cmpuint (atlas_display_list_get_n_marks (list), >, 0);
      g_assert_cmpuint (atlas_display_list_get_n_marks (list), <=, MARKS_MAX);

      atlas_strip_pick (&input, atlas_view_va_to_x (&view, axis, target_va), 80, &hit);
      g_assert_cmpuint (hit.n_regions, >=, 1);

      next = atlas_view_zoom_at (
        &view, axis, 2 * ATLAS_ZOOM_STEPS, atlas_view_va_to_x (&view, axis, target_va));
      if (next.zoom == view.zoom)
        break;
      view = next;
    }
  g_assert_cmpuint (n_views, >, 10);

  /* At the nearest, one page is one region again. */
  atlas_fold (spans, set, axis, &view);
  g_assert_cmpuint (g_array_index (spans, AtlasFoldSpan, 0).summary.n_regions, ==, 1);
}

static void
test_134_million_leaves (void)
{
  g_autoptr (AtlasRegionSet) set = make_maze_regions (4, 1);

  for (guint kind = ATLAS_AXIS_COLLAPSED; kind <= ATLAS_AXIS_LINEAR; kind++)
    {
      draw_every_second_octave (
        set, (AtlasAxisKind) kind, ATLAS_BIT (47) - 1, G_GUINT64_CONSTANT (0x4321234567));
      draw_every_second_octave (
        set, (AtlasAxisKind) kind, G_MAXUINT64, G_GUINT64_CONSTANT (0x7fffffffff));
    }
}

static void
test_every_page_of_both_halves (void)
{
  g_autoptr (AtlasRegionSet) four = make_maze_regions (4, 512);
  g_autoptr (AtlasRegionSet) five = make_maze_regions (5, 512);

  draw_every_second_octave (
    four, ATLAS_AXIS_COLLAPSED, G_MAXUINT64, G_GUINT64_CONSTANT (0xffff800000000000));
  draw_every_second_octave (five, ATLAS_AXIS_LINEAR, G_MAXUINT64, ATLAS_BIT (55));
}

/* The dense part gets its share of a collapsed axis, the empty 127.5 TB become a break. */
static void
test_collapsed_axis_finds_the_dense_part (void)
{
  g_autoptr (AtlasRegionSet) set = make_maze_regions (4, 1);
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_COLLAPSED, set, 0, ATLAS_BIT (47) - 1);
  guint64 dense_u = atlas_axis_va_to_u (axis, ATLAS_GB (512) - 1);

  g_assert_cmpuint (dense_u, >, atlas_axis_get_length (axis) / 2);
  for (guint i = 0; i < atlas_axis_get_n_segments (axis); i++)
    {
      const AtlasAxisSegment *segment = atlas_axis_get_segment (axis, i);

      g_assert_true (!segment->is_break || segment->first_va >= ATLAS_GB (512));
    }
}

/* A break is drawn once, though it is made of two segments and no region of such a set has an
 * address of its own. */
static void
test_a_break_is_one (void)
{
  g_autoptr (AtlasRegionSet) set = make_maze_regions (4, 1);
  g_autoptr (AtlasAxis) axis = atlas_axis_new (ATLAS_AXIS_COLLAPSED, set, 0, ATLAS_BIT (47) - 1);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasStripInput input = {
    .regions = set,
    .axis = axis,
    .view = atlas_view_whole (axis, WIDTH_PX),
    .height_px = 160,
  };
  guint n_labels = 0;

  atlas_strip_draw (list, &input);
  for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
    {
      const AtlasMark *mark = &atlas_display_list_get_marks (list)[i];

      if (mark->kind == ATLAS_MARK_TEXT)
        n_labels +=
          (guint) (g_strcmp0 (atlas_display_list_get_text (list, mark), "127.5 TB free") == 0);
    }
  g_assert_cmpuint (n_labels, ==, 1);
}

static void
test_minimap (void)
{
  g_autoptr (AtlasRegionSet) set = make_maze_regions (4, 256);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  AtlasMinimapInput input = {
    .regions = set,
    .last_va = ATLAS_BIT (47) - 1,
    .width_px = WIDTH_PX,
    .height_px = 40,
    .seen_last_va = ATLAS_BIT (47) - 1,
  };

  atlas_minimap_draw (list, &input);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), >, 0);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 100);
}

/* Slots of 64 KB are Windows'. */
static void
test_no_slots_without_windows (void)
{
  AtlasControl control;
  g_autoptr (AtlasMemory) memory = maze_new (4, 1, &control);

  for (guint i = 64; i < ATLAS_TABLE_ENTRIES; i++)
    atlas_memory_write_u64 (memory, 4 * ATLAS_PAGE_BYTES + i * 8, 0);

  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  g_autoptr (AtlasRegionSet) of_tables = atlas_region_set_new_of_tables (graph);
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();

  atlas_region_set_builder_add (builder,
                                &(AtlasRegion){ .base_va = 0,
                                                .size_bytes = ATLAS_KB (256),
                                                .state = ATLAS_STATE_COMMIT,
                                                .protect = ATLAS_PAGE_READWRITE,
                                                .region_class = ATLAS_CLASS_PRIVATE });
  g_autoptr (AtlasRegionSet) of_windows = atlas_region_set_builder_end (builder);
  const AtlasRegionSet *sets[] = { of_tables, of_windows };
  guint n_lines[2] = { 0 };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (AtlasAxis) axis =
        atlas_axis_new (ATLAS_AXIS_LINEAR, sets[i], 0, ATLAS_MB (16) - 1);
      g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
      AtlasStripInput input = {
        .regions = sets[i],
        .axis = axis,
        .view = atlas_view_fit (axis, WIDTH_PX, ATLAS_KB (512), ATLAS_KB (1024), 0),
        .height_px = 160,
      };

      atlas_strip_draw (list, &input);
      n_lines[i] = atlas_display_list_get_n_marks (list);
    }
  g_assert_cmpuint (n_lines[1], >=, n_lines[0] + 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/table-map/134-million-leaves", test_134_million_leaves);
  g_test_add_func ("/table-map/every-page-of-both-halves", test_every_page_of_both_halves);
  g_test_add_func ("/table-map/dense-part", test_collapsed_axis_finds_the_dense_part);
  g_test_add_func ("/table-map/break", test_a_break_is_one);
  g_test_add_func ("/table-map/minimap", test_minimap);
  g_test_add_func ("/table-map/no-slots", test_no_slots_without_windows);

  return g_test_run ();
}
