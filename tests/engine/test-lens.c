/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "map/lens.h"

#include "session/page-look.h"
#include "session/session.h"
#include "source/table-space.h"
#include "windows/pte.h"

#include "table-mazes.h"

#define A_VA G_GUINT64_CONSTANT (0x20000000)

static AtlasSession *
make_session (void)
{
  g_autoptr (GError) error = NULL;
  AtlasSession *session = atlas_session_new_from_text ("system memory=1G seed=7\n"
                                                       "process $p demo.exe bare\n"
                                                       "alloc $a = 0x20000000 64K reserve|commit "
                                                       "readwrite\n"
                                                       "write $a+0x2123 4 value=0x44332211\n",
                                                       "test",
                                                       &error);

  g_assert_no_error (error);
  return session;
}

static void
test_shows_the_way_of_an_address (void)
{
  g_autoptr (AtlasSession) session = make_session ();
  AtlasSpace *space = atlas_session_get_space (session);
  g_autofree AtlasLens *lens = g_new (AtlasLens, 1);
  const AtlasVa va = A_VA + 0x2123;

  atlas_lens_update (lens, space, va);
  g_assert_true (lens->has_tables);
  g_assert_cmpuint (lens->n_levels, ==, 4);
  g_assert_cmpint (lens->walk.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  for (guint i = 0; i < lens->n_levels; i++)
    {
      const AtlasLensTable *table = &lens->tables[i];

      g_assert_true (table->is_known);
      g_assert_cmpuint (table->level, ==, 4 - i);
      g_assert_cmpuint (table->selected, ==, atlas_va_index (va, table->level));
      g_assert_cmphex (table->selected_entry, ==, lens->walk.entries[i]);
      g_assert_cmphex (table->table_pa, ==, atlas_walk_result_get_step (&lens->walk, i).table_pa);
      g_assert_cmpint (
        table->cells[table->selected].kind, ==, i == 3 ? ATLAS_CELL_LEAF : ATLAS_CELL_TABLE);
    }
  g_assert_cmpuint (lens->tables[3].n_used, ==, 1);
  g_assert_true (lens->is_known[va - lens->bytes_va]);
  g_assert_cmphex (lens->bytes[va - lens->bytes_va], ==, 0x11);
}

static void
test_stops_where_a_table_is_missing (void)
{
  g_autoptr (AtlasSession) session = make_session ();
  g_autofree AtlasLens *lens = g_new (AtlasLens, 1);

  atlas_lens_update (lens, atlas_session_get_space (session), ATLAS_TB (64));
  g_assert_true (lens->tables[0].is_known);
  for (guint i = 1; i < 4; i++)
    g_assert_false (lens->tables[i].is_known);
  g_assert_false (lens->has_page);
}

/* Places at the edges: first and last page, table borders, the hole, the kernel half. */
static const AtlasVa edges[] = {
  0,
  0xffff,
  A_VA,
  A_VA + 0x2fff,
  0x7ffe0000,
  0x7fffffffffff,
  0x800000000000,
  0xffff7fffffffffff,
  0xffff800000000000,
  0xfffff78000000000,
  G_MAXUINT64,
};

static void
test_every_cell_is_where_it_is_drawn (void)
{
  static const guint widths_px[] = { 560, 700, 1000, 2200 };
  g_autoptr (AtlasSession) session = make_session ();
  AtlasSpace *space = atlas_session_get_space (session);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autofree AtlasLens *lens = g_new (AtlasLens, 1);

  for (guint e = 0; e < G_N_ELEMENTS (edges); e++)
    for (guint w = 0; w < G_N_ELEMENTS (widths_px); w++)
      {
        gboolean is_found[ATLAS_LEVELS_MAX][ATLAS_TABLE_ENTRIES] = { { FALSE } };
        AtlasLensInput input = { .width_px = widths_px[w],
                                 .n_levels_shown = 5,
                                 .hover_column = -1 };

        atlas_lens_update (lens, space, edges[e]);
        g_assert_cmphex (lens->bytes_va >> 12, ==, edges[e] >> 12);
        input.height_px = atlas_lens_get_height (lens, input.width_px);
        g_assert_cmpuint (input.height_px, >=, atlas_lens_get_min_height ());
        atlas_lens_draw (list, lens, &input);
        g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 2000);

        for (double y_px = 0.5; y_px < input.height_px; y_px++)
          for (double x_px = 0.5; x_px < input.width_px; x_px++)
            {
              AtlasLensHit hit;

              atlas_lens_pick (lens, &input, x_px, y_px, &hit);
              if (hit.kind != ATLAS_LENS_HIT_CELL)
                continue;
              g_assert_cmpuint (
                atlas_va_index (hit.va, lens->tables[hit.column].level), ==, hit.cell);
              is_found[hit.column][hit.cell] = TRUE;
            }
        for (guint i = 0; i < lens->n_levels; i++)
          for (guint cell = 0; cell < lens->tables[i].n_cells; cell++)
            g_assert_true (is_found[i][lens->tables[i].first_cell + cell] ==
                           lens->tables[i].is_known);
      }
}

/* A space of regions alone, as a dump is. */
typedef struct
{
  AtlasSpace space;
  AtlasRegionSet *regions;
} BareSpace;

static AtlasRegionSet *
bare_space_get_regions (AtlasSpace *space)
{
  return ((BareSpace *) space)->regions;
}

static const AtlasControl *
bare_space_get_control (AtlasSpace *space)
{
  return NULL;
}

static const AtlasMemory *
bare_space_get_memory (AtlasSpace *space)
{
  return NULL;
}

static gsize
bare_space_peek (AtlasSpace *space, AtlasVa va, guint8 *bytes, gboolean *is_known, gsize size_bytes)
{
  return 0;
}

static void
bare_space_free (AtlasSpace *space)
{
  atlas_region_set_unref (((BareSpace *) space)->regions);
  atlas_space_clear (space);
  g_free (space);
}

static const AtlasSpaceOps bare_space_ops = {
  .free = bare_space_free,
  .get_regions = bare_space_get_regions,
  .get_control = bare_space_get_control,
  .get_memory = bare_space_get_memory,
  .peek = bare_space_peek,
};

static void
test_regions_imply_entries_where_there_are_no_tables (void)
{
  g_autoptr (AtlasRegionSetBuilder) builder = atlas_region_set_builder_new ();
  const AtlasRegion region = { .base_va = A_VA,
                               .size_bytes = ATLAS_KB (12),
                               .allocation_base_va = A_VA,
                               .protect = ATLAS_PAGE_READWRITE,
                               .state = ATLAS_STATE_COMMIT,
                               .type = ATLAS_TYPE_PRIVATE,
                               .region_class = ATLAS_CLASS_PRIVATE };
  g_autofree AtlasLens *lens = g_new (AtlasLens, 1);
  BareSpace *bare = g_new0 (BareSpace, 1);
  g_autoptr (AtlasSpace) space = &bare->space;

  atlas_region_set_builder_add (builder, &region);
  bare->regions = atlas_region_set_builder_end (g_steal_pointer (&builder));
  atlas_space_init (space, &bare_space_ops, "bare");
  atlas_lens_update (lens, space, A_VA + 0x1000);
  g_assert_false (lens->has_tables);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_true (lens->tables[i].is_known);
      g_assert_false (lens->tables[i].has_entries);
      g_assert_cmpuint (lens->tables[i].n_used, ==, i == 3 ? 3 : 1);
      g_assert_cmpint (
        lens->tables[i].cells[lens->tables[i].selected].kind, ==, ATLAS_CELL_IMPLIED);
    }
}

static guint
count_curves (const AtlasDisplayList *list)
{
  guint n_curves = 0;

  for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
    n_curves += atlas_display_list_get_marks (list)[i].kind == ATLAS_MARK_CURVE;
  return n_curves;
}

/* 134 million leaves in four tables: each is one column, and every entry that names it is told. */
static void
test_a_shared_table_is_drawn_once_with_all_its_parents (void)
{
  AtlasControl control;
  g_autoptr (AtlasMemory) memory = maze_new (4, 1, &control);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) space = NULL;
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autofree AtlasLens *lens = g_new (AtlasLens, 1);
  AtlasLensInput input = {
    .width_px = 1000, .n_levels_shown = 5, .arrow_progress = 1, .hover_column = -1
  };

  /* One more parent of the PT, in another table than the others. */
  atlas_memory_write_u64 (
    memory, 1 * ATLAS_PAGE_BYTES + 7 * ATLAS_ENTRY_BYTES, 3 * ATLAS_PAGE_BYTES | MAZE_TABLE_FLAGS);
  control.cr3 = ATLAS_PAGE_BYTES;
  space = atlas_table_space_new (memory, &control, "maze", &error);
  g_assert_no_error (error);
  atlas_lens_update (lens, space, 0);
  g_assert_cmpuint (lens->tables[0].n_parents_shown, ==, 0);
  g_assert_cmpuint (lens->tables[1].n_parents_shown, ==, 1);
  g_assert_cmpuint (lens->tables[2].n_parents_shown, ==, 512);
  g_assert_cmpuint (lens->tables[3].n_parents_shown, ==, 512);
  for (guint i = 0; i < 4; i++)
    {
      const AtlasTableNode *node = atlas_table_graph_find (
        atlas_space_get_table_graph (space), lens->tables[i].table_pa, lens->tables[i].level);

      g_assert_cmpuint (lens->tables[i].n_parents, ==, node->n_parents);
      g_assert_cmpuint (lens->tables[i].n_parents, >=, lens->tables[i].n_parents_shown);
      g_assert_cmpint (lens->tables[i].same_as, ==, -1);
    }
  input.height_px = atlas_lens_get_height (lens, input.width_px);
  atlas_lens_draw (list, lens, &input);
  /* A line from every row of parents, and the five arrows of the way. */
  g_assert_cmpuint (count_curves (list), ==, 2 * 32 + 5);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), <, 2000);
}

/* Windows maps its tables so: the columns are one frame. */
static void
test_a_table_that_names_itself_is_told_to_be_the_same (void)
{
  AtlasControl control;
  g_autoptr (AtlasMemory) memory = maze_new (4, 1, &control);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) space = NULL;
  g_autofree AtlasLens *lens = g_new (AtlasLens, 1);

  control.cr3 = ATLAS_PAGE_BYTES;
  atlas_memory_write_u64 (
    memory, ATLAS_PAGE_BYTES + 100 * ATLAS_ENTRY_BYTES, ATLAS_PAGE_BYTES | MAZE_TABLE_FLAGS);
  space = atlas_table_space_new (memory, &control, "self", &error);
  g_assert_no_error (error);
  atlas_lens_update (
    lens, space, 100 * atlas_level_span_bytes (4) + 100 * atlas_level_span_bytes (3));
  g_assert_cmpint (lens->tables[0].same_as, ==, -1);
  g_assert_cmpint (lens->tables[1].same_as, ==, 0);
  g_assert_cmpint (lens->tables[2].same_as, ==, 0);
  g_assert_cmpint (lens->tables[3].same_as, ==, -1);
}

/* Pages of an image of memory: what their entries say, and Windows' notes only where the tables are
 * its own. */
static void
test_pages_of_an_image_are_told_by_their_entries (void)
{
  const struct
  {
    guint64 entry;
    AtlasPagePlace place[2]; /* without and with a root that names itself */
  } rows[] = {
    { 0x5067, { ATLAS_PAGE_PRESENT, ATLAS_PAGE_PRESENT } },
    { 0, { ATLAS_PAGE_ABSENT, ATLAS_PAGE_ABSENT } },
    /* Transition: bit 11, not bit 10. */
    { 0x5880, { ATLAS_PAGE_ABSENT, ATLAS_PAGE_TRANSITION } },
    { atlas_pte_make_prototype (G_GUINT64_CONSTANT (0xffffe00012340000), 4),
      { ATLAS_PAGE_ABSENT, ATLAS_PAGE_SHARED } },
  };

  for (guint is_windows = 0; is_windows < 2; is_windows++)
    {
      AtlasControl control;
      g_autoptr (AtlasMemory) memory = maze_new (4, 1, &control);
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasSpace) space = NULL;
      AtlasPageLooker looker;

      control.cr3 = ATLAS_PAGE_BYTES;
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        atlas_memory_write_u64 (
          memory, 4 * ATLAS_PAGE_BYTES + i * ATLAS_ENTRY_BYTES, rows[i].entry);
      if (is_windows)
        atlas_memory_write_u64 (memory,
                                ATLAS_PAGE_BYTES + 0x1ed * ATLAS_ENTRY_BYTES,
                                ATLAS_PAGE_BYTES | MAZE_TABLE_FLAGS);
      space = atlas_table_space_new (memory, &control, "image", &error);
      g_assert_no_error (error);
      looker = atlas_page_looker (space, FALSE);
      g_assert_cmpint (looker.is_windows, ==, (gint) is_windows);
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          AtlasPageLook look;

          g_assert_true (atlas_page_look (&looker, i * ATLAS_PAGE_BYTES, &look));
          g_assert_cmphex (look.entry, ==, rows[i].entry);
          g_assert_cmpint (look.place, ==, rows[i].place[is_windows]);
        }
    }
}

static void
test_heat_is_what_the_working_set_says (void)
{
  g_autoptr (AtlasSession) session = make_session ();
  g_autoptr (AtlasPageAges) ages = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autofree AtlasLens *lens = g_new (AtlasLens, 1);
  g_autofree AtlasLensHeat *heat = g_new0 (AtlasLensHeat, 1);
  AtlasLensInput input = {
    .width_px = 1000, .n_levels_shown = 5, .hover_column = -1, .heat = heat
  };
  guint n_hot = 0;

  atlas_lens_update (lens, atlas_session_get_space (session), A_VA);
  atlas_lens_get_accessed (lens, heat);
  g_assert_false (heat->has_ages);
  g_assert_cmpuint (heat->cells[3][2], ==, 0);
  g_assert_cmpuint (heat->cells[3][3], ==, ATLAS_HEAT_NONE);

  result = atlas_session_run (session, "tick 3s", &error);
  g_assert_no_error (error);
  atlas_lens_update (lens, atlas_session_get_space (session), A_VA);
  ages = atlas_page_ages_new (atlas_session_get_process (session));
  atlas_page_ages_look (ages, lens, heat);
  g_assert_true (heat->has_ages);
  /* The processor's own bit in the entries above is never cleared; the page below is what counts.
   */
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (heat->cells[i][i == 3 ? 2 : lens->tables[i].selected], ==, 3);
  input.height_px = atlas_lens_get_min_height ();
  atlas_lens_draw (list, lens, &input);
  for (guint i = 0; i < atlas_display_list_get_n_marks (list); i++)
    {
      const AtlasMark *mark = &atlas_display_list_get_marks (list)[i];

      n_hot += mark->color == ATLAS_COLOR_HEAT;
      g_assert_cmpfloat (mark->y_px + mark->height_px, <=, (float) input.height_px + 2);
    }
  g_assert_cmpuint (n_hot, >=, ATLAS_N_HEATS + 4);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lens/shows-the-way-of-an-address", test_shows_the_way_of_an_address);
  g_test_add_func ("/lens/stops-where-a-table-is-missing", test_stops_where_a_table_is_missing);
  g_test_add_func ("/lens/every-cell-is-where-it-is-drawn", test_every_cell_is_where_it_is_drawn);
  g_test_add_func ("/lens/regions-imply-entries",
                   test_regions_imply_entries_where_there_are_no_tables);
  g_test_add_func ("/lens/shared-tables", test_a_shared_table_is_drawn_once_with_all_its_parents);
  g_test_add_func ("/lens/same-table", test_a_table_that_names_itself_is_told_to_be_the_same);
  g_test_add_func ("/lens/pages-of-an-image", test_pages_of_an_image_are_told_by_their_entries);
  g_test_add_func ("/lens/heat", test_heat_is_what_the_working_set_says);
  return g_test_run ();
}
