/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Differences against a model that asks both sides about every page and every entry. */

#include "space/difference.h"

#include "paging/address.h"
#include "session/session.h"

#define N_PAGES 64u
#define N_ROUNDS 300u
#define N_MAX 100000u

/* ---- regions ----------------------------------------------------------------------------------
 */

static AtlasRegionSet *
make_random_set (GRand *rand)
{
  static const guint32 protects[] = { ATLAS_PAGE_READONLY, ATLAS_PAGE_READWRITE };
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  guint page = 16;

  while (page < N_PAGES)
    {
      guint n_pages = MIN (1u + g_rand_int (rand) % 5u, N_PAGES - page);
      gboolean is_committed = g_rand_boolean (rand);

      if (g_rand_int (rand) % 3u != 0)
        {
          const AtlasRegion region = {
            .base_va = page * ATLAS_PAGE_BYTES,
            .size_bytes = n_pages * ATLAS_PAGE_BYTES,
            .allocation_base_va = page * ATLAS_PAGE_BYTES,
            .state = is_committed ? ATLAS_STATE_COMMIT : ATLAS_STATE_RESERVE,
            .type = ATLAS_TYPE_PRIVATE,
            .protect = is_committed ? protects[g_rand_boolean (rand)] : 0,
            .region_class = ATLAS_CLASS_PRIVATE,
            .name = g_rand_int (rand) % 4u == 0 ? "named" : NULL,
          };

          atlas_region_set_builder_add (builder, &region);
        }
      page += n_pages;
    }
  return atlas_region_set_builder_end (builder);
}

static const AtlasRegion *
get_region_at (const AtlasRegionSet *set, AtlasVa va)
{
  return atlas_region_set_get_region (set, atlas_region_set_find (set, va));
}

static gboolean
says_the_same (const AtlasRegion *a, const AtlasRegion *b)
{
  return a->state == b->state && a->type == b->type && a->protect == b->protect &&
         a->region_class == b->region_class && g_strcmp0 (a->name, b->name) == 0 &&
         a->allocation_protect == b->allocation_protect;
}

static void
test_every_page_is_told_once (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (AtlasRegionSet) before = make_random_set (rand);
      g_autoptr (AtlasRegionSet) after = make_random_set (rand);
      g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AtlasDifference));
      guint next = 0;

      g_assert_true (atlas_regions_compare (before, after, 0, G_MAXUINT64, N_MAX, found));
      for (guint page = 0; page < N_PAGES + 2u; page++)
        {
          AtlasVa va = page * ATLAS_PAGE_BYTES;
          const AtlasRegion *old = get_region_at (before, va);
          const AtlasRegion *new = get_region_at (after, va);
          const AtlasDifference *difference;

          while (next < found->len && g_array_index (found, AtlasDifference, next).last_va < va)
            next++;
          difference = next < found->len ? &g_array_index (found, AtlasDifference, next) : NULL;
          if (difference == NULL || difference->first_va > va)
            {
              g_assert_true (says_the_same (old, new));
              continue;
            }
          g_assert_false (says_the_same (old, new));
          g_assert_true (says_the_same (&difference->before, old));
          g_assert_true (says_the_same (&difference->after, new));
          g_assert_cmpint (difference->kind == ATLAS_DIFFERENCE_ADDED,
                           ==,
                           old->state == ATLAS_STATE_FREE && new->state != ATLAS_STATE_FREE);
          g_assert_cmpint (difference->kind == ATLAS_DIFFERENCE_REMOVED,
                           ==,
                           old->state != ATLAS_STATE_FREE && new->state == ATLAS_STATE_FREE);
        }
      for (guint i = 1; i < found->len; i++)
        {
          const AtlasDifference *difference = &g_array_index (found, AtlasDifference, i);

          g_assert_cmphex (difference[-1].last_va, <, difference->first_va);
          /* Two that touch are different ones. */
          g_assert_false (difference[-1].last_va + 1u == difference->first_va &&
                          says_the_same (&difference[-1].before, &difference->before) &&
                          says_the_same (&difference[-1].after, &difference->after));
        }
    }
}

static void
test_the_window_and_the_number_are_kept (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (AtlasRegionSet) before = make_random_set (rand);
  g_autoptr (AtlasRegionSet) after = make_random_set (rand);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (AtlasDifference));
  g_autoptr (GArray) some = g_array_new (FALSE, FALSE, sizeof (AtlasDifference));
  g_autoptr (GArray) inside = g_array_new (FALSE, FALSE, sizeof (AtlasDifference));

  g_assert_true (atlas_regions_compare (before, after, 0, G_MAXUINT64, N_MAX, all));
  g_assert_cmpuint (all->len, >, 3);
  g_assert_false (atlas_regions_compare (before, after, 0, G_MAXUINT64, 3, some));
  g_assert_cmpuint (some->len, ==, 3);
  g_assert_true (atlas_regions_compare (before, after, 0x20123, 0x20456, N_MAX, inside));
  for (guint i = 0; i < inside->len; i++)
    {
      const AtlasDifference *difference = &g_array_index (inside, AtlasDifference, i);

      g_assert_cmphex (difference->first_va, >=, 0x20123);
      g_assert_cmphex (difference->last_va, <=, 0x20456);
    }
}

static void
test_nothing_differs_from_itself (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (AtlasRegionSet) set = make_random_set (rand);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AtlasDifference));

  g_assert_true (atlas_regions_compare (set, set, 0, G_MAXUINT64, 0, found));
  g_assert_cmpuint (found->len, ==, 0);
}

/* ---- entries ----------------------------------------------------------------------------------
 */

static const char scenario[] = "system memory=128M\nprocess $p demo.exe bare\n"
                               "alloc $a = 0x20000000 64K reserve|commit readwrite\n"
                               "write $a 8\nwrite $a+0x3000 8\n";

static AtlasSession *
make_session (const char *more)
{
  g_autofree char *text = g_strconcat (scenario, more, NULL);
  g_autoptr (GError) error = NULL;
  AtlasSession *session = atlas_session_new_from_text (text, "test", &error);

  g_assert_no_error (error);
  return session;
}

static guint64
get_entry (AtlasSession *session, AtlasVa va, guint level)
{
  const AtlasWalkQuery query = { .va = va, .is_supervisor = TRUE };
  AtlasWalkResult result;

  g_assert_true (atlas_space_walk (atlas_session_get_space (session), &query, &result));
  for (guint i = 0; i < result.n_steps; i++)
    if (atlas_walk_result_get_step (&result, i).level == level)
      return result.entries[i];
  return 0;
}

/* One more write in the same table, one in another one, and a protection. */
static void
test_entries_are_what_walks_find (void)
{
  g_autoptr (AtlasSession) before = make_session ("");
  g_autoptr (AtlasSession) after = make_session ("write $a+0x5000 8\nprotect $a 4K readonly\nalloc "
                                                 "$b = 0x40000000 64K reserve|commit readwrite\n"
                                                 "write $b 8\n");
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AtlasEntryDifference));
  guint n_expected = 0;

  g_assert_true (atlas_entries_compare (atlas_session_get_space (before),
                                        atlas_session_get_space (after),
                                        0,
                                        0x7fffffff,
                                        FALSE,
                                        N_MAX,
                                        found));
  for (guint i = 0; i < found->len; i++)
    {
      const AtlasEntryDifference *difference = &g_array_index (found, AtlasEntryDifference, i);

      g_test_message ("level %u at %" G_GINT64_MODIFIER "x: %" G_GINT64_MODIFIER
                      "x → %" G_GINT64_MODIFIER "x",
                      difference->level,
                      difference->va,
                      difference->before,
                      difference->after);
      g_assert_cmphex (
        difference->before, ==, get_entry (before, difference->va, difference->level));
      g_assert_cmphex (difference->after, ==, get_entry (after, difference->va, difference->level));
      g_assert_cmphex (difference->before, !=, difference->after);
    }
  for (AtlasVa va = 0x20000000; va < 0x20010000; va += ATLAS_PAGE_BYTES)
    n_expected += get_entry (before, va, 1) != get_entry (after, va, 1) ? 1u : 0u;
  g_assert_cmpuint (n_expected, ==, 2);
  /* These two; and for $b its PTE and its PDE: its PDPTE leads to the shared data page as well. */
  g_assert_cmpuint (found->len, ==, n_expected + 2u);
}

/* The same commands with another seed: all frames stand elsewhere, and nothing else is different.
 */
static void
test_frames_can_be_left_out (void)
{
  g_autoptr (AtlasSession) before = make_session ("");
  g_autoptr (AtlasSession) after = atlas_session_new_from_text (
    "system memory=256M\nprocess $q other.exe bare\nprocess $p demo.exe bare\n"
    "alloc $a = 0x20000000 64K reserve|commit readwrite\nwrite $a 8\nwrite $a+0x3000 8\n",
    "test",
    NULL);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AtlasEntryDifference));
  AtlasSpace *old = atlas_session_get_space (before);
  AtlasSpace *new = atlas_session_get_space (after);

  g_assert_true (atlas_entries_compare (old, new, 0, 0x3fffffff, TRUE, N_MAX, found));
  g_assert_cmpuint (found->len, ==, 0);
  g_assert_true (atlas_entries_compare (old, new, 0, 0x3fffffff, FALSE, N_MAX, found));
  g_assert_cmpuint (found->len, >=, 2);
}

/* Tables and nothing else. */
typedef struct
{
  AtlasSpace space;
  AtlasMemory *memory;
  AtlasControl control;
} TableSpace;

static void
table_space_free (AtlasSpace *space)
{
  atlas_memory_unref (((TableSpace *) space)->memory);
  atlas_space_clear (space);
  g_free (space);
}

static AtlasRegionSet *
table_space_get_regions (AtlasSpace *space)
{
  g_assert_not_reached ();
}

static const AtlasControl *
table_space_get_control (AtlasSpace *space)
{
  return &((TableSpace *) space)->control;
}

static const AtlasMemory *
table_space_get_memory (AtlasSpace *space)
{
  return ((TableSpace *) space)->memory;
}

static const AtlasSpaceOps table_space_ops = {
  .free = table_space_free,
  .get_regions = table_space_get_regions,
  .get_control = table_space_get_control,
  .get_memory = table_space_get_memory,
};

static AtlasSpace *
table_space_new (void)
{
  g_autoptr (GError) error = NULL;
  TableSpace *self = g_new0 (TableSpace, 1);

  atlas_space_init (&self->space, &table_space_ops, "tables");
  self->control = atlas_control_windows (ATLAS_PAGE_BYTES);
  self->memory = atlas_memory_new_ram (ATLAS_MB (1), &error);
  g_assert_no_error (error);
  for (guint table = 1; table <= 4; table++)
    for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
      g_assert_true (atlas_memory_write_u64 (self->memory,
                                             table * ATLAS_PAGE_BYTES + i * ATLAS_ENTRY_BYTES,
                                             (table + 1u) * ATLAS_PAGE_BYTES | 7u));
  return &self->space;
}

/* Four tables, 512 ways from each to the next: compared once, not 134 million times. */
static void
test_shared_tables_are_compared_once (void)
{
  g_autoptr (AtlasSpace) before = table_space_new ();
  g_autoptr (AtlasSpace) after = table_space_new ();
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AtlasEntryDifference));

  g_assert_true (atlas_entries_compare (before, after, 0, G_MAXUINT64, FALSE, N_MAX, found));
  g_assert_cmpuint (found->len, ==, 0);

  g_assert_true (atlas_memory_write_u64 (((TableSpace *) after)->memory, 4u * ATLAS_PAGE_BYTES, 0));
  g_assert_false (atlas_entries_compare (before, after, 0, G_MAXUINT64, FALSE, 10, found));
  g_assert_cmpuint (found->len, ==, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/difference/every-page-is-told-once", test_every_page_is_told_once);
  g_test_add_func ("/difference/the-window-and-the-number-are-kept",
                   test_the_window_and_the_number_are_kept);
  g_test_add_func ("/difference/nothing-differs-from-itself", test_nothing_differs_from_itself);
  g_test_add_func ("/difference/entries-are-what-walks-find", test_entries_are_what_walks_find);
  g_test_add_func ("/difference/frames-can-be-left-out", test_frames_can_be_left_out);
  g_test_add_func ("/difference/shared-tables-are-compared-once",
                   test_shared_tables_are_compared_once);
  return g_test_run ();
}
