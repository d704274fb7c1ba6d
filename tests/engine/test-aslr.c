/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/aslr.h"

/* Published outputs of the reference implementations of splitmix64 (seed 1234567) and xoshiro256**
 * (state 1, 2, 3, 4). */
static void
test_generator_gives_published_numbers (void)
{
  static const guint64 seeded[] = { G_GUINT64_CONSTANT (6457827717110365317),
                                    G_GUINT64_CONSTANT (3203168211198807973),
                                    G_GUINT64_CONSTANT (9817491932198370423),
                                    G_GUINT64_CONSTANT (4593380528125082431) };
  static const guint64 expected[] = {
    11520, 0, 1509978240, G_GUINT64_CONSTANT (1215971899390074240)
  };
  AtlasRandom random = atlas_random_seed (1234567);

  for (guint i = 0; i < G_N_ELEMENTS (seeded); i++)
    g_assert_cmpuint (random.state[i], ==, seeded[i]);

  random = (AtlasRandom){ { 1, 2, 3, 4 } };
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (atlas_random_next (&random), ==, expected[i]);
}

static void
test_forks_are_apart_and_repeat (void)
{
  AtlasRandom a = atlas_random_fork (7, "heap");
  AtlasRandom b = atlas_random_fork (7, "stack");
  AtlasRandom c = atlas_random_fork (8, "heap");
  AtlasRandom again = atlas_random_fork (7, "heap");
  guint64 first = atlas_random_next (&a);

  g_assert_cmpuint (first, ==, atlas_random_next (&again));
  g_assert_cmpuint (first, !=, atlas_random_next (&b));
  g_assert_cmpuint (first, !=, atlas_random_next (&c));
}

static void
test_draws_fill_their_range (void)
{
  static const guint64 bounds[] = { 1, 2, 3, 15, 96, 1000 };
  AtlasRandom random = atlas_random_seed (1);

  for (guint n_bits = 0; n_bits <= 64; n_bits++)
    {
      guint64 seen = 0;

      for (guint i = 0; i < 200; i++)
        seen |= atlas_random_bits (&random, n_bits);
      g_assert_cmphex (seen, ==, n_bits == 0 ? 0 : G_MAXUINT64 >> (64 - n_bits));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      guint64 last = 0;

      for (guint draw = 0; draw < 100 * bounds[i]; draw++)
        {
          guint64 drawn = atlas_random_below (&random, bounds[i]);

          g_assert_cmpuint (drawn, <, bounds[i]);
          last = MAX (last, drawn);
        }
      g_assert_cmpuint (last, ==, bounds[i] - 1);
    }
}

static void
test_drawing_nothing_still_draws (void)
{
  AtlasRandom with = atlas_random_seed (3);
  AtlasRandom without = atlas_random_seed (3);

  atlas_random_bits (&with, 17);
  g_assert_cmpuint (atlas_random_bits (&without, 0), ==, 0);
  g_assert_cmpuint (atlas_random_next (&with), ==, atlas_random_next (&without));
}

/* The columns of the table, each reached by switches in more than one way. */
static void
test_entropy_follows_the_switches (void)
{
  static const struct
  {
    AtlasAslrKind kind;
    guint n_static, n_32bit, n_64bit, n_high, n_2gb;
  } rows[] = {
    { ATLAS_ASLR_BOTTOM_UP, 0, 8, 8, 24, 8 }, { ATLAS_ASLR_STACK, 14, 17, 17, 33, 17 },
    { ATLAS_ASLR_HEAP, 5, 8, 8, 24, 8 },      { ATLAS_ASLR_TOP_DOWN, 0, 8, 17, 17, 8 },
    { ATLAS_ASLR_PEB, 4, 8, 17, 17, 17 },
  };
  const AtlasAslrPolicy high = { .has_dynamic_base = TRUE, .has_high_entropy = TRUE };
  const AtlasAslrPolicy low = { .has_dynamic_base = TRUE };
  const AtlasAslrPolicy fixed = { .has_high_entropy = TRUE };
  const AtlasAslrPolicy off = { .has_dynamic_base = TRUE,
                                .has_high_entropy = TRUE,
                                .has_no_bottom_up = TRUE };
  const AtlasAslrPolicy forced = { .has_high_entropy = TRUE, .is_forced = TRUE };
  const AtlasAslrPolicy forced_off = { .is_forced = TRUE, .has_no_bottom_up = TRUE };
  const AtlasAslrPolicy narrow = { .is_32bit = TRUE,
                                   .has_dynamic_base = TRUE,
                                   .has_high_entropy = TRUE };
  const AtlasAslrPolicy below = { .is_below_2gb = TRUE,
                                  .has_dynamic_base = TRUE,
                                  .has_high_entropy = TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasAslrKind kind = rows[i].kind;

      g_assert_cmpuint (atlas_aslr_get_entropy_bits (kind, &high), ==, rows[i].n_high);
      g_assert_cmpuint (atlas_aslr_get_entropy_bits (kind, &forced), ==, rows[i].n_high);
      g_assert_cmpuint (atlas_aslr_get_entropy_bits (kind, &low), ==, rows[i].n_64bit);
      g_assert_cmpuint (atlas_aslr_get_entropy_bits (kind, &fixed), ==, rows[i].n_static);
      g_assert_cmpuint (atlas_aslr_get_entropy_bits (kind, &off), ==, rows[i].n_static);
      g_assert_cmpuint (atlas_aslr_get_entropy_bits (kind, &forced_off), ==, rows[i].n_static);
      g_assert_cmpuint (atlas_aslr_get_entropy_bits (kind, &narrow), ==, rows[i].n_32bit);
      g_assert_cmpuint (atlas_aslr_get_entropy_bits (kind, &below), ==, rows[i].n_2gb);
    }
  g_assert_cmpuint (atlas_aslr_get_entropy_bits (ATLAS_ASLR_EXE, &high), ==, 17);
  g_assert_cmpuint (atlas_aslr_get_entropy_bits (ATLAS_ASLR_EXE, &off), ==, 17);
  g_assert_cmpuint (atlas_aslr_get_entropy_bits (ATLAS_ASLR_EXE, &fixed), ==, 0);
  g_assert_cmpuint (atlas_aslr_get_entropy_bits (ATLAS_ASLR_EXE, &below), ==, 8);
  g_assert_cmpuint (atlas_aslr_get_entropy_bits (ATLAS_ASLR_DLL, &fixed), ==, 19);
  g_assert_cmpuint (atlas_aslr_get_entropy_bits (ATLAS_ASLR_DLL, &below), ==, 14);
  g_assert_cmpuint (atlas_aslr_get_entropy_bits (ATLAS_ASLR_DLL, &narrow), ==, 8);
  g_assert_cmpuint (atlas_aslr_get_entropy_bits (ATLAS_ASLR_FORCED_EXE, &forced), ==, 24);
  g_assert_cmpuint (atlas_aslr_get_entropy_bits (ATLAS_ASLR_FORCED_EXE, &forced_off), ==, 0);
  for (guint kind = 0; kind < ATLAS_N_ASLR_KINDS; kind++)
    g_assert_cmpstr (atlas_aslr_kind_get_name ((AtlasAslrKind) kind), !=, "");
  /* The documented terabyte. */
  g_assert_cmpuint (ATLAS_BIT (atlas_aslr_get_entropy_bits (ATLAS_ASLR_BOTTOM_UP, &high)) *
                      ATLAS_KB (64),
                    ==,
                    ATLAS_TB (1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aslr/generator-gives-published-numbers",
                   test_generator_gives_published_numbers);
  g_test_add_func ("/aslr/forks-are-apart-and-repeat", test_forks_are_apart_and_repeat);
  g_test_add_func ("/aslr/draws-fill-their-range", test_draws_fill_their_range);
  g_test_add_func ("/aslr/drawing-nothing-still-draws", test_drawing_nothing_still_draws);
  g_test_add_func ("/aslr/entropy-follows-the-switches", test_entropy_follows_the_switches);
  return g_test_run ();
}
