/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "lists/region-list-model.h"
#include "lists/region-totals.h"
#include "space/table-regions.h"

#include "../engine/table-mazes.h"

#define LAST_VA (~G_GUINT64_CONSTANT (0))

/* One "items-changed", and how many there were. */
typedef struct
{
  guint n_signals;
  guint position;
  guint n_removed;
  guint n_added;
} Change;

static void
on_items_changed (GListModel *model, guint position, guint n_removed, guint n_added, Change *change)
{
  change->n_signals++;
  change->position = position;
  change->n_removed = n_removed;
  change->n_added = n_added;
}

typedef struct
{
  AtlasVa base_va;
  guint64 size_bytes;
  AtlasRegionState state;
  AtlasRegionType type;
  AtlasRegionClass region_class;
  guint32 protect;
  const char *name;
} Row;

static const Row rows[] = {
  { 0, ATLAS_KB (64), ATLAS_STATE_FREE, 0, ATLAS_CLASS_NEVER, 0, "null-pointer guard" },
  { 0x7ffe0000,
    ATLAS_KB (4),
    ATLAS_STATE_COMMIT,
    ATLAS_TYPE_PRIVATE,
    ATLAS_CLASS_SYSTEM,
    ATLAS_PAGE_READONLY,
    "KUSER_SHARED_DATA" },
  { 0x7ffe1000, ATLAS_KB (60), ATLAS_STATE_FREE, 0, ATLAS_CLASS_UNUSABLE, 0, NULL },
  { 0xcbc8200000,
    ATLAS_MB (1),
    ATLAS_STATE_RESERVE,
    ATLAS_TYPE_PRIVATE,
    ATLAS_CLASS_STACK,
    0,
    "stack of thread 1468" },
  { 0xcbc8300000,
    ATLAS_KB (8),
    ATLAS_STATE_COMMIT,
    ATLAS_TYPE_PRIVATE,
    ATLAS_CLASS_STACK,
    ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD,
    "stack of thread 1468" },
  { 0x7ff90f6f0000,
    ATLAS_KB (756),
    ATLAS_STATE_COMMIT,
    ATLAS_TYPE_IMAGE,
    ATLAS_CLASS_IMAGE,
    ATLAS_PAGE_EXECUTE_READ,
    "KERNEL32.DLL" },
  { 0x7fffffff0000, ATLAS_KB (64), ATLAS_STATE_OUTSIDE, 0, ATLAS_CLASS_NEVER, 0, "no-man's land" },
};
#define N_ROWS ((guint) G_N_ELEMENTS (rows))
#define N_PLAIN_ROWS 6u /* without the unusable one */

static AtlasRegion
region_of (const Row *row)
{
  return (AtlasRegion){ .base_va = row->base_va,
                        .size_bytes = row->size_bytes,
                        .allocation_base_va = row->base_va,
                        .state = row->state,
                        .type = row->type,
                        .region_class = row->region_class,
                        .protect = row->protect,
                        .name = row->name };
}

/* The rows above, with row @changed given @protect; -1 changes none. */
static AtlasRegionSet *
make_set (gint changed, guint32 protect)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();

  for (guint i = 0; i < N_ROWS; i++)
    {
      AtlasRegion region = region_of (&rows[i]);

      if ((gint) i == changed)
        region.protect = protect;
      atlas_region_set_builder_add (builder, &region);
    }
  return atlas_region_set_builder_end (builder);
}

static AtlasVa
base_at (AtlasRegionListModel *model, guint position)
{
  return atlas_region_list_model_get_region (model, position)->base_va;
}

static guint
n_rows (AtlasRegionListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (model));
}

static void
test_shows_what_is_there (void)
{
  g_autoptr (AtlasRegionSet) set = make_set (-1, 0);
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();
  static const guint shown[N_PLAIN_ROWS] = { 0, 1, 3, 4, 5, 6 };
  guint position;

  g_assert_cmpuint (n_rows (model), ==, 0);
  g_assert_false (atlas_region_list_model_find (model, 0, &position));

  atlas_region_list_model_set_regions (model, set);
  g_assert_cmpuint (n_rows (model), ==, N_PLAIN_ROWS);
  for (guint i = 0; i < N_PLAIN_ROWS; i++)
    {
      g_autoptr (AtlasRegionItem) item = g_list_model_get_item (G_LIST_MODEL (model), i);
      const Row *row = &rows[shown[i]];

      g_assert_cmphex (atlas_region_item_get_region (item)->base_va, ==, row->base_va);
      g_assert_true (
        atlas_region_list_model_find (model, row->base_va + row->size_bytes - 1, &position));
      g_assert_cmpuint (position, ==, i);
    }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (model), N_PLAIN_ROWS));
  g_assert_false (atlas_region_list_model_find (model, 0x10000, &position));
  g_assert_false (atlas_region_list_model_find (model, LAST_VA, &position));
}

static void
test_switches_show_the_rest (void)
{
  g_autoptr (AtlasRegionSet) set = make_set (-1, 0);
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();
  guint position;

  atlas_region_list_model_set_regions (model, set);
  atlas_region_list_model_set_show_free (model, TRUE);
  g_assert_true (atlas_region_list_model_find (model, 0x10000, &position));
  g_assert_true (atlas_region_list_model_find (model, 0x7ffe1000, &position));
  g_assert_false (atlas_region_list_model_find (model, LAST_VA, &position));

  atlas_region_list_model_set_show_kernel (model, TRUE);
  g_assert_cmpuint (n_rows (model), ==, atlas_region_set_get_n_regions (set));
  g_assert_true (atlas_region_list_model_find (model, LAST_VA, &position));
  g_assert_cmpuint (position, ==, n_rows (model) - 1);

  atlas_region_list_model_set_show_free (model, FALSE);
  atlas_region_list_model_set_show_kernel (model, FALSE);
  g_assert_cmpuint (n_rows (model), ==, N_PLAIN_ROWS);
}

static void
test_filters_by_text (void)
{
  /* What is typed, and which rows of those above are left, as a bit each. */
  static const struct
  {
    const char *text;
    guint rows;
  } cases[] = {
    { "", 0x7b },
    { "  ", 0x7b },
    { "kernel32", 0x20 },
    { "Kernel", 0x20 },
    { "STACK", 0x18 },
    { "reserve", 0x08 },
    { "commit", 0x32 },
    { "image", 0x20 },
    { "never", 0x41 },
    { "guard", 0x11 }, /* a name and a protection */
    { "page_execute_read", 0x20 },
    { "r-x", 0x20 }, /* as other tools write it */
    { "rx commit", 0x20 },
    { "rwx", 0x00 },
    { "0xcbc8200000", 0x08 },
    { "cb", 0x00 }, /* letters alone are a name */
    { "000000cb`c8300000", 0x10 },
    { "7ffe0123", 0x02 }, /* inside it */
    { "7ff", 0x62 },      /* how addresses begin */
    { "0x7ff90f718a3c", 0x20 },
    { "no such thing", 0x00 },
    { "image commit", 0x20 },
    { "commit  image page_execute_read kernel", 0x20 },
    { "image reserve", 0x00 },
    { "7ff image", 0x20 },
    { "0x123456789abcdef01", 0x00 },
  };
  g_autoptr (AtlasRegionSet) set = make_set (-1, 0);
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();

  atlas_region_list_model_set_regions (model, set);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint found = 0;

      atlas_region_list_model_set_text (model, cases[i].text);
      for (guint position = 0; position < n_rows (model); position++)
        for (guint row = 0; row < N_ROWS; row++)
          if (rows[row].base_va == base_at (model, position))
            found |= 1u << row;
      g_test_message ("\"%s\": %#x", cases[i].text, found);
      g_assert_cmphex (found, ==, cases[i].rows);
    }
  atlas_region_list_model_set_text (model, NULL);
  g_assert_cmpuint (n_rows (model), ==, N_PLAIN_ROWS);
}

static void
test_sorts_by_every_column (void)
{
  /* Rows of those above, in ascending order. Ties stay in address order. */
  static const guint orders[ATLAS_N_REGION_KEYS][N_PLAIN_ROWS] = {
    [ATLAS_REGION_KEY_ADDRESS] = { 0, 1, 3, 4, 5, 6 },
    [ATLAS_REGION_KEY_SIZE] = { 1, 4, 0, 6, 5, 3 },
    [ATLAS_REGION_KEY_STATE] = { 6, 1, 4, 5, 3, 0 },
    [ATLAS_REGION_KEY_PROTECTION] = { 0, 3, 6, 1, 5, 4 },
    [ATLAS_REGION_KEY_TYPE] = { 0, 6, 1, 3, 4, 5 },
    [ATLAS_REGION_KEY_NAME] = { 5, 1, 6, 0, 3, 4 },
    [ATLAS_REGION_KEY_REASON] = { 0, 1, 3, 4, 5, 6 },
  };
  g_autoptr (AtlasRegionSet) set = make_set (-1, 0);
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();

  atlas_region_list_model_set_regions (model, set);
  for (guint key = 0; key < ATLAS_N_REGION_KEYS; key++)
    {
      atlas_region_list_model_set_sort (model, (AtlasRegionKey) key, FALSE);
      for (guint i = 0; i < N_PLAIN_ROWS; i++)
        g_assert_cmphex (base_at (model, i), ==, rows[orders[key][i]].base_va);
    }

  /* Ties stay in address order the other way round too. */
  atlas_region_list_model_set_sort (model, ATLAS_REGION_KEY_SIZE, TRUE);
  for (guint i = 0; i < N_PLAIN_ROWS; i++)
    {
      static const guint descending[N_PLAIN_ROWS] = { 3, 5, 0, 6, 4, 1 };

      g_assert_cmphex (base_at (model, i), ==, rows[descending[i]].base_va);
    }
}

static void
test_tells_only_what_changed (void)
{
  g_autoptr (AtlasRegionSet) set = make_set (-1, 0);
  g_autoptr (AtlasRegionSet) same = make_set (-1, 0);
  g_autoptr (AtlasRegionSet) other = make_set (4, ATLAS_PAGE_READWRITE);
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();
  Change change = { 0 };

  atlas_region_list_model_set_regions (model, set);
  g_signal_connect (model, "items-changed", G_CALLBACK (on_items_changed), &change);

  atlas_region_list_model_set_regions (model, same);
  g_assert_cmpuint (change.n_signals, ==, 0);

  atlas_region_list_model_set_regions (model, other);
  g_assert_cmpuint (change.n_signals, ==, 1);
  g_assert_cmpuint (change.position, ==, 3);
  g_assert_cmpuint (change.n_removed, ==, 1);
  g_assert_cmpuint (change.n_added, ==, 1);

  atlas_region_list_model_set_text (model, "kernel32");
  g_assert_cmpuint (change.n_signals, ==, 2);
  g_assert_cmpuint (change.position, ==, 0);
  g_assert_cmpuint (change.n_removed, ==, 6);
  g_assert_cmpuint (change.n_added, ==, 1);

  atlas_region_list_model_set_regions (model, NULL);
  g_assert_cmpuint (change.n_removed, ==, 1);
  g_assert_cmpuint (n_rows (model), ==, 0);
}

static void
test_an_item_outlives_the_set_it_was_made_from (void)
{
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();
  AtlasRegionSet *set = make_set (-1, 0);
  g_autoptr (AtlasRegionItem) item = NULL;
  g_autofree char *text = NULL;

  atlas_region_list_model_set_regions (model, set);
  atlas_region_set_unref (set);
  item = g_list_model_get_item (G_LIST_MODEL (model), 4);
  atlas_region_list_model_set_regions (model, NULL);

  text = atlas_region_format_row (atlas_region_item_get_region (item));
  g_assert_cmpstr (text, ==, "00007ff9`0f6f0000\t756 KB\tcommit\tX·R\timage\tKERNEL32.DLL\t");
}

static void
test_totals_are_of_the_user_half (void)
{
  g_autoptr (AtlasRegionSet) set = make_set (-1, 0);
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();
  AtlasRegionTotals totals;

  atlas_region_list_model_set_regions (model, set);
  atlas_region_list_model_set_text (model, "kernel32");
  atlas_region_list_model_get_totals (model, &totals);
  g_assert_cmpuint (totals.committed_bytes, ==, ATLAS_KB (4 + 8 + 756));
  g_assert_cmpuint (totals.reserved_bytes, ==, ATLAS_MB (1));
  g_assert_cmpuint (totals.free_bytes,
                    ==,
                    atlas_region_set_get_user_end_va (set) - ATLAS_KB (4 + 8 + 756) - ATLAS_MB (1));
  g_assert_cmpuint (
    totals.largest_free_bytes, ==, rows[5].base_va - rows[4].base_va - rows[4].size_bytes);

  atlas_region_list_model_set_regions (model, NULL);
  atlas_region_list_model_get_totals (model, &totals);
  g_assert_cmpuint (totals.free_bytes, ==, 0);
}

static void
test_a_million_rows (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (AtlasRegionSet) set = NULL;
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();
  const guint n_regions = 1000000;
  guint position;

  for (guint i = 0; i < n_regions; i++)
    atlas_region_set_builder_add (builder,
                                  &(AtlasRegion){ .base_va = 0x10000 + i * ATLAS_KB (128),
                                                  .size_bytes = ATLAS_KB (64),
                                                  .state = ATLAS_STATE_COMMIT,
                                                  .type = ATLAS_TYPE_PRIVATE,
                                                  .region_class = ATLAS_CLASS_PRIVATE,
                                                  .protect = ATLAS_PAGE_READWRITE });
  set = atlas_region_set_builder_end (builder);

  atlas_region_list_model_set_regions (model, set);
  /* And what nobody can have at the end of the user half. */
  g_assert_cmpuint (n_rows (model), ==, n_regions + 1);
  g_assert_true (atlas_region_list_model_find (
    model, 0x10000 + (guint64) (n_regions - 1) * ATLAS_KB (128), &position));
  g_assert_cmpuint (position, ==, n_regions - 1);
  atlas_region_list_model_set_text (model, "0x10000");
  g_assert_cmpuint (n_rows (model), <, n_regions / 1000);
}

/* 134,217,728 pages in four tables, no two neighbours alike: only those about an address are rows,
 * and the number of all is told. */
static void
test_more_than_can_be_listed (void)
{
  AtlasControl control;
  g_autoptr (AtlasMemory) memory = maze_new (4, 1, &control);
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  g_autoptr (AtlasRegionSet) set = atlas_region_set_new_of_tables (graph);
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();
  const AtlasVa places[] = { 0, ATLAS_GB (300), ATLAS_GB (512) - 1 };
  AtlasRegionTotals totals;
  guint position;

  atlas_region_list_model_set_regions (model, set);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      atlas_region_list_model_set_around (model, places[i]);
      g_assert_cmpuint (n_rows (model), >=, 4999);
      g_assert_cmpuint (n_rows (model), <=, 10000);
      g_assert_true (atlas_region_list_model_find (model, places[i], &position));
      g_assert_cmphex (atlas_region_list_model_get_region (model, position)->base_va,
                       ==,
                       places[i] & ~ATLAS_PAGE_MASK);
    }
  atlas_region_list_model_set_sort (model, ATLAS_REGION_KEY_ADDRESS, TRUE);
  g_assert_cmphex (
    atlas_region_list_model_get_region (model, 0)->base_va, ==, ATLAS_GB (512) - ATLAS_PAGE_BYTES);
  atlas_region_list_model_get_totals (model, &totals);
  g_assert_true (totals.is_partial);
  g_assert_cmpuint (totals.n_regions, ==, 134217731);
  g_assert_cmpuint (totals.committed_bytes, ==, ATLAS_GB (512));
}

/* An image of three regions, a reservation of two, and one alone. */
static AtlasRegionSet *
make_allocations (void)
{
  static const struct
  {
    AtlasVa base_va, allocation_base_va;
    AtlasRegionState state;
    AtlasRegionType type;
  } allocations[] = {
    { 0x10000, 0x10000, ATLAS_STATE_COMMIT, ATLAS_TYPE_IMAGE },
    { 0x11000, 0x10000, ATLAS_STATE_COMMIT, ATLAS_TYPE_IMAGE },
    { 0x12000, 0x10000, ATLAS_STATE_COMMIT, ATLAS_TYPE_IMAGE },
    { 0x40000, 0x40000, ATLAS_STATE_COMMIT, ATLAS_TYPE_PRIVATE },
    { 0x41000, 0x40000, ATLAS_STATE_RESERVE, ATLAS_TYPE_PRIVATE },
    { 0x80000, 0x80000, ATLAS_STATE_COMMIT, ATLAS_TYPE_MAPPED },
  };
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (allocations); i++)
    {
      AtlasRegion region = { .base_va = allocations[i].base_va,
                             .size_bytes = 0x1000,
                             .allocation_base_va = allocations[i].allocation_base_va,
                             .state = allocations[i].state,
                             .type = allocations[i].type,
                             .protect = ATLAS_PAGE_READONLY,
                             .region_class = ATLAS_CLASS_PRIVATE };

      atlas_region_set_builder_add (builder, &region);
    }
  return atlas_region_set_builder_end (builder);
}

static void
test_an_allocation_is_a_row_until_it_is_opened (void)
{
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();
  g_autoptr (AtlasRegionSet) set = make_allocations ();
  GListModel *list = G_LIST_MODEL (model);
  g_autoptr (AtlasRegionItem) item = NULL;
  guint64 group_bytes;
  guint n_parts, n_all, first, position;

  atlas_region_list_model_set_regions (model, set);
  n_all = g_list_model_get_n_items (list);
  atlas_region_list_model_set_grouped (model, TRUE);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, n_all - 3);
  g_assert_true (atlas_region_list_model_find (model, 0x10000, &first));
  item = g_list_model_get_item (list, first);
  g_assert_cmpint (
    atlas_region_item_get_group (item, &n_parts, &group_bytes), ==, ATLAS_REGION_CLOSED);
  g_assert_cmpuint (n_parts, ==, 3);
  g_assert_cmpuint (group_bytes, ==, 0x3000);
  /* An address inside a closed allocation is found in its row. */
  g_assert_true (atlas_region_list_model_find (model, 0x12345, &position));
  g_assert_cmpuint (position, ==, first);

  g_assert_true (atlas_region_list_model_toggle_group (model, first));
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, n_all - 1);
  g_assert_true (atlas_region_list_model_find (model, 0x12345, &position));
  g_assert_cmpuint (position, ==, first + 2);
  g_assert_false (atlas_region_list_model_toggle_group (model, first + 2)); /* a part */
  g_assert_true (atlas_region_list_model_find (model, 0x80000, &position));
  g_assert_false (atlas_region_list_model_toggle_group (model, position)); /* alone */
  g_assert_true (atlas_region_list_model_toggle_group (model, first));
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, n_all - 3);
  /* Who looks for something sees all of it. */
  atlas_region_list_model_set_text (model, "12000");
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 1);
}

/* Group of a hundred thousand, shown again and again, and one that has changed since. */
static void
test_a_large_allocation_is_counted_for_its_set (void)
{
  g_autoptr (AtlasRegionListModel) model = atlas_region_list_model_new ();

  atlas_region_list_model_set_grouped (model, TRUE);
  for (guint n_regions = 100000; n_regions <= 100001; n_regions++)
    {
      AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
      g_autoptr (AtlasRegionSet) set = NULL;
      guint position;

      for (guint i = 0; i < n_regions; i++)
        atlas_region_set_builder_add (
          builder,
          &(AtlasRegion){ .base_va = 0x10000 + (guint64) i * ATLAS_PAGE_BYTES,
                          .size_bytes = ATLAS_PAGE_BYTES,
                          .allocation_base_va = 0x10000,
                          .state = ATLAS_STATE_COMMIT,
                          .type = ATLAS_TYPE_PRIVATE,
                          .protect = i % 2 != 0 ? ATLAS_PAGE_READONLY : ATLAS_PAGE_READWRITE,
                          .region_class = ATLAS_CLASS_PRIVATE });
      set = atlas_region_set_builder_end (builder);
      atlas_region_list_model_set_regions (model, set);
      g_assert_true (atlas_region_list_model_find (model, 0x10000, &position));
      for (guint round = 0; round < 1000; round++)
        {
          g_autoptr (AtlasRegionItem) item = g_list_model_get_item (G_LIST_MODEL (model), position);
          guint64 group_bytes;
          guint n_parts;

          atlas_region_item_get_group (item, &n_parts, &group_bytes);
          g_assert_cmpuint (n_parts, ==, n_regions);
          g_assert_cmpuint (group_bytes, ==, (guint64) n_regions * ATLAS_PAGE_BYTES);
        }
    }
}

static void
test_totals_are_by_type_and_state (void)
{
  g_autoptr (AtlasRegionSet) set = make_allocations ();
  AtlasTypeTotals totals;
  g_autofree char *text = NULL;

  atlas_type_totals_make (set, &totals);
  g_assert_cmpuint (totals.types[ATLAS_TOTAL_IMAGE].n_regions, ==, 3);
  g_assert_cmpuint (totals.types[ATLAS_TOTAL_IMAGE].committed_bytes, ==, 0x3000);
  g_assert_cmpuint (totals.types[ATLAS_TOTAL_PRIVATE].committed_bytes, ==, 0x1000);
  g_assert_cmpuint (totals.types[ATLAS_TOTAL_PRIVATE].reserved_bytes, ==, 0x1000);
  g_assert_cmpuint (totals.types[ATLAS_TOTAL_MAPPED].n_regions, ==, 1);
  g_assert_cmpuint (totals.largest_free_bytes, <, totals.types[ATLAS_TOTAL_FREE].reserved_bytes);
  g_assert_cmpfloat (totals.fragmentation, >, 0);
  g_assert_cmpfloat (totals.fragmentation, <, 0.001);
  text = atlas_type_totals_format (&totals);
  g_assert_nonnull (strstr (text, "12 KB committed"));
  g_assert_nonnull (strstr (text, "W+X\t0\t0 bytes committed"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/region-list/shows-what-is-there", test_shows_what_is_there);
  g_test_add_func ("/region-list/switches-show-the-rest", test_switches_show_the_rest);
  g_test_add_func ("/region-list/filters-by-text", test_filters_by_text);
  g_test_add_func ("/region-list/more-than-can-be-listed", test_more_than_can_be_listed);
  g_test_add_func ("/region-list/sorts-by-every-column", test_sorts_by_every_column);
  g_test_add_func ("/region-list/tells-only-what-changed", test_tells_only_what_changed);
  g_test_add_func ("/region-list/an-item-outlives-its-set",
                   test_an_item_outlives_the_set_it_was_made_from);
  g_test_add_func ("/region-list/totals-are-of-the-user-half", test_totals_are_of_the_user_half);
  g_test_add_func ("/region-list/a-million-rows", test_a_million_rows);

  g_test_add_func ("/region-list/a-large-allocation",
                   test_a_large_allocation_is_counted_for_its_set);
  g_test_add_func ("/region-list/groups", test_an_allocation_is_a_row_until_it_is_opened);
  g_test_add_func ("/region-list/type-totals", test_totals_are_by_type_and_state);
  return g_test_run ();
}
