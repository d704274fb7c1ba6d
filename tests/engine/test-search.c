/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "space/search.h"

#include <string.h>

#include "base/format.h"

/* A space of three committed islands, two of them side by side. */
#define N_BYTES 0x3000u
#define LOW_VA G_GUINT64_CONSTANT (0x10000)
#define HIGH_VA G_GUINT64_CONSTANT (0x7ff000000000)

typedef struct
{
  AtlasSpace space;
  AtlasRegionSet *regions;
  guint8 low[N_BYTES]; /* two regions: 0x1000 and 0x2000 */
  guint8 high[N_BYTES];
} Islands;

static void
free_islands (AtlasSpace *space)
{
  Islands *islands = (Islands *) space;

  atlas_region_set_unref (islands->regions);
  atlas_space_clear (space);
  g_free (islands);
}

static AtlasRegionSet *
get_regions (AtlasSpace *space)
{
  return ((Islands *) space)->regions;
}

static gsize
peek (AtlasSpace *space, AtlasVa va, guint8 *bytes, gboolean *is_known, gsize size_bytes)
{
  Islands *islands = (Islands *) space;
  gsize n_known = 0;

  for (gsize i = 0; i < size_bytes; i++)
    {
      AtlasVa low = va + i - LOW_VA;
      AtlasVa high = va + i - HIGH_VA;

      is_known[i] = low < N_BYTES || high < N_BYTES;
      if (!is_known[i])
        continue;
      bytes[i] = low < N_BYTES ? islands->low[low] : islands->high[high];
      n_known++;
    }
  return n_known;
}

static const AtlasSpaceOps ops = { .free = free_islands, .get_regions = get_regions, .peek = peek };

static Islands *
make_islands (void)
{
  static const struct
  {
    AtlasVa base_va;
    guint64 size_bytes;
    const char *name;
  } regions[] = { { LOW_VA, 0x1000, "first" },
                  { LOW_VA + 0x1000, 0x2000, "second" },
                  { HIGH_VA, N_BYTES, "KERNEL32.DLL" } };
  Islands *islands = g_new0 (Islands, 1);
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();

  atlas_space_init (&islands->space, &ops, "islands");
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    atlas_region_set_builder_add (builder,
                                  &(AtlasRegion){ .base_va = regions[i].base_va,
                                                  .size_bytes = regions[i].size_bytes,
                                                  .allocation_base_va = regions[i].base_va,
                                                  .state = ATLAS_STATE_COMMIT,
                                                  .type = ATLAS_TYPE_PRIVATE,
                                                  .protect = ATLAS_PAGE_READWRITE,
                                                  .region_class = ATLAS_CLASS_PRIVATE,
                                                  .name = regions[i].name });
  islands->regions = atlas_region_set_builder_end (builder);
  return islands;
}

/* The first match after at most a thousand slices of @budget_bytes. */
static gboolean
find (AtlasSearch *search, guint64 budget_bytes, AtlasVa *va)
{
  for (guint i = 0; i < 1000; i++)
    {
      switch (atlas_search_step (search, budget_bytes, va))
        {
        case ATLAS_SEARCH_FOUND:
          return TRUE;
        case ATLAS_SEARCH_NOTHING:
          return FALSE;
        case ATLAS_SEARCH_GOES_ON:
          break;
        }
    }
  g_assert_not_reached ();
}

static void
test_every_kind_is_found (void)
{
  Islands *islands = make_islands ();
  static const struct
  {
    AtlasSearchKind kind;
    const char *pattern;
    AtlasVa from_va;
    gboolean is_backwards;
    AtlasVa found_va; /* 0: nowhere */
  } cases[] = {
    { ATLAS_SEARCH_TEXT, "needle", 0, FALSE, LOW_VA + 0xffd }, /* across two regions */
    { ATLAS_SEARCH_TEXT, "needle", LOW_VA + 0xffd, FALSE, LOW_VA + 0xffd },
    { ATLAS_SEARCH_TEXT, "needle", LOW_VA + 0xffe, FALSE, HIGH_VA + N_BYTES - 6 },
    { ATLAS_SEARCH_TEXT, "needle", HIGH_VA + N_BYTES, FALSE, LOW_VA + 0xffd }, /* around */
    { ATLAS_SEARCH_TEXT, "needle", G_MAXUINT64, TRUE, HIGH_VA + N_BYTES - 6 },
    { ATLAS_SEARCH_TEXT, "needle", HIGH_VA, TRUE, LOW_VA + 0xffd },
    { ATLAS_SEARCH_TEXT, "needle", 0, TRUE, HIGH_VA + N_BYTES - 6 }, /* around */
    { ATLAS_SEARCH_TEXT, "Needle", 0, FALSE, 0 },
    { ATLAS_SEARCH_TEXT, "needles", 0, FALSE, 0 }, /* the last byte is not there */
    { ATLAS_SEARCH_UTF16, "wide", 0, FALSE, HIGH_VA + 0x100 },
    { ATLAS_SEARCH_BYTES, "4d 5a ?? 00", 0, FALSE, HIGH_VA },
    { ATLAS_SEARCH_BYTES, "4d5a9001", 0, FALSE, 0 },
    { ATLAS_SEARCH_NAME, "kernel32", 0, FALSE, HIGH_VA },
    { ATLAS_SEARCH_NAME, "SECOND", HIGH_VA, FALSE, LOW_VA + 0x1000 },
    { ATLAS_SEARCH_NAME, "private", LOW_VA + 0x1000, TRUE, LOW_VA + 0x1000 },
    { ATLAS_SEARCH_NAME, "nobody", 0, FALSE, 0 },
  };

  memcpy (islands->low + 0xffd, "needle", 6);
  memcpy (islands->high + N_BYTES - 6, "needle", 6);
  memcpy (islands->high, "MZ\x90\0", 4);
  memcpy (islands->high + 0x100, "w\0i\0d\0e\0", 8);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint64 budget_bytes = 1; budget_bytes < ATLAS_MB (64); budget_bytes <<= 12)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (AtlasSearch) search = atlas_search_new (&islands->space,
                                                           cases[i].kind,
                                                           cases[i].pattern,
                                                           cases[i].from_va,
                                                           cases[i].is_backwards,
                                                           &error);
        AtlasVa va = 0;

        g_assert_no_error (error);
        g_assert_cmpint (find (search, budget_bytes, &va), ==, cases[i].found_va != 0);
        if (cases[i].found_va != 0)
          g_assert_cmphex (va, ==, cases[i].found_va);
      }
  atlas_space_unref (&islands->space);
}

/* Every place of random bytes, up and down, against trying each byte. */
static void
test_all_places_each_once (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  Islands *islands = make_islands ();

  for (guint i = 0; i < N_BYTES; i++)
    {
      islands->low[i] = (guint8) g_rand_int_range (rand, 0, 3);
      islands->high[i] = (guint8) g_rand_int_range (rand, 0, 3);
    }
  for (guint is_backwards = 0; is_backwards < 2; is_backwards++)
    {
      AtlasVa from_va = LOW_VA + 0x1800;
      g_autoptr (AtlasSearch) search = atlas_search_new (&islands->space,
                                                         ATLAS_SEARCH_BYTES,
                                                         "00 01 ?? 02 00",
                                                         from_va,
                                                         (gboolean) is_backwards,
                                                         NULL);
      guint n_found = 0, n_expected = 0;
      AtlasVa va = 0, before_va = from_va;
      gboolean has_wrapped = FALSE;

      for (guint island = 0; island < 2; island++)
        for (guint i = 0; i + 5 <= N_BYTES; i++)
          {
            const guint8 *at = (island == 0 ? islands->low : islands->high) + i;

            n_expected += at[0] == 0 && at[1] == 1 && at[3] == 2 && at[4] == 0;
          }
      while (find (search, ATLAS_KB (4), &va))
        {
          gboolean is_in_order = is_backwards ? va <= before_va : va >= before_va;

          g_assert_true (is_in_order || !has_wrapped);
          has_wrapped |= !is_in_order;
          before_va = va;
          n_found++;
        }
      g_assert_cmpuint (n_found, ==, n_expected);
      g_assert_cmpuint (n_found, >, 20);
    }
  atlas_space_unref (&islands->space);
}

static void
test_nonsense_is_refused (void)
{
  Islands *islands = make_islands ();
  g_autofree char *too_long = g_strnfill (257, 'a');
  const struct
  {
    AtlasSearchKind kind;
    const char *pattern;
  } cases[] = { { ATLAS_SEARCH_TEXT, "" },      { ATLAS_SEARCH_UTF16, "" },
                { ATLAS_SEARCH_BYTES, "  " },   { ATLAS_SEARCH_NAME, "" },
                { ATLAS_SEARCH_BYTES, "4" },    { ATLAS_SEARCH_BYTES, "4d 5" },
                { ATLAS_SEARCH_BYTES, "xx" },   { ATLAS_SEARCH_BYTES, "?a" },
                { ATLAS_SEARCH_TEXT, too_long } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
        atlas_search_new (&islands->space, cases[i].kind, cases[i].pattern, 0, FALSE, &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
    }
  atlas_space_unref (&islands->space);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/search/kinds", test_every_kind_is_found);
  g_test_add_func ("/search/all-places", test_all_places_each_once);
  g_test_add_func ("/search/nonsense", test_nonsense_is_refused);
  return g_test_run ();
}
