/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Probing buffers, and the two reasons for the 64 KB around 2 GB. */

#include "windows-fixture.h"

#include "windows/alpha.h"
#include "windows/probe.h"
#include "windows/virtual.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define LIMIT ATLAS_USER_PROBE_VA
#define S(name) ATLAS_STATUS_##name
#define OK S (SUCCESS)

static void
test_probe_for_read (void)
{
  static const struct
  {
    AtlasVa va;
    guint64 size_bytes;
    guint64 alignment_bytes;
    AtlasStatus status;
  } cases[] = {
    { 0, 0, 1, OK },
    { G_MAXUINT64, 0, 8, OK },
    { 0x1001, 4, 1, OK },
    { 0x1001, 4, 2, S (DATATYPE_MISALIGNMENT) },
    { 0x1004, 4, 8, S (DATATYPE_MISALIGNMENT) },
    { 0x1008, 4, 8, OK },
    { LIMIT - 1, 1, 1, OK },
    { LIMIT - 1, 2, 1, S (ACCESS_VIOLATION) },
    { LIMIT, 1, 1, S (ACCESS_VIOLATION) },
    { LIMIT + 1, 1, 2, S (DATATYPE_MISALIGNMENT) }, /* alignment comes first */
    { 0x10000, G_MAXUINT64, 1, S (ACCESS_VIOLATION) },
    { G_MAXUINT64, 1, 1, S (ACCESS_VIOLATION) },
    { G_MAXUINT64 - 7, 16, 8, S (ACCESS_VIOLATION) },
    { G_GUINT64_CONSTANT (0xFFFF800000000000), 8, 8, S (ACCESS_VIOLATION) },
    { ATLAS_BIT (47), 8, 8, S (ACCESS_VIOLATION) },
    { 0, LIMIT, 1, OK },
    { 0, LIMIT + 1, 1, S (ACCESS_VIOLATION) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AtlasTrace) trace = atlas_trace_new ();

      g_test_message ("case %u", i);
      g_assert_cmphex (
        atlas_probe_for_read (cases[i].va, cases[i].size_bytes, cases[i].alignment_bytes, 4, trace),
        ==,
        cases[i].status);
      g_assert_cmpuint (atlas_trace_get_n_events (trace), ==, 2);
    }
}

/* A byte of every page is read and written back: contents stay, pages become present. */
static void
test_probe_for_write (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  const AtlasWalkQuery query = { .va = BASE + 0x2000, .access = ATLAS_ACCESS_WRITE };
  AtlasWalkResult result;
  AtlasVa base_va = BASE;
  AtlasVa page_va = BASE + 0x3000;
  guint64 size_bytes = 0x4000, page_bytes = 0x1000;
  guint32 old_protect;

  g_assert_cmphex (atlas_nt_allocate_virtual_memory (process,
                                                     &base_va,
                                                     0,
                                                     &size_bytes,
                                                     ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                                                     ATLAS_PAGE_READWRITE),
                   ==,
                   OK);
  g_assert_cmphex (atlas_nt_protect_virtual_memory (
                     process, &page_va, &page_bytes, ATLAS_PAGE_READONLY, &old_protect),
                   ==,
                   OK);
  g_assert_cmphex (atlas_probe_for_write (process, BASE + 0xFFF, 0x2001, 1, NULL), ==, OK);
  atlas_space_walk (atlas_process_get_space (process), &query, &result);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  g_assert_cmphex (
    atlas_probe_for_write (process, BASE + 0xFFF, 0x2002, 1, NULL), ==, S (ACCESS_VIOLATION));
  g_assert_cmphex (
    atlas_probe_for_write (process, BASE + 0x3FFC, 8, 4, NULL), ==, S (ACCESS_VIOLATION));
  g_assert_cmphex (
    atlas_probe_for_write (process, BASE + 1, 4, 4, NULL), ==, S (DATATYPE_MISALIGNMENT));
  g_assert_cmphex (atlas_probe_for_write (process, LIMIT, 4, 4, NULL), ==, S (ACCESS_VIOLATION));
  g_assert_cmphex (atlas_probe_for_write (NULL, BASE, 4, 4, NULL), ==, S (INVALID_HANDLE));
  atlas_process_terminate (process);
}

static void
test_no_mans_land_stops_the_touches (void)
{
  static const struct
  {
    AtlasVa start_va;
    guint64 size_bytes;
    guint64 gap_bytes;
    guint64 step_bytes;
    AtlasProbeOutcome outcome;
    AtlasVa stop_va;
  } cases[] = {
    { 0x7FFE0000, 0x1000, 0x10000, 0x1000, ATLAS_PROBE_PASSED, 0x7FFE1000 },
    { 0x7FFEF000, 0x1000, 0x10000, 0x1000, ATLAS_PROBE_PASSED, 0x7FFF0000 },
    { 0x7FFEF000, 0x100000, 0x10000, 0x1000, ATLAS_PROBE_STOPPED, 0x7FFF0000 },
    { 0x7FFEFFFF, 2, 0x10000, 1, ATLAS_PROBE_STOPPED, 0x7FFF0000 },
    { 0x7FFF0000, 1, 0x10000, 0x1000, ATLAS_PROBE_REFUSED, 0x7FFF0000 },
    { 0x80000000, 1, 0x10000, 0x1000, ATLAS_PROBE_REFUSED, 0x80000000 },
    { 0x7FFFF000, 0x100000, 0, 0x1000, ATLAS_PROBE_BREACHED, 0x80000000 },
    { 0x7FFFF000, 0x1000, 0, 0x1000, ATLAS_PROBE_PASSED, 0x80000000 },
    /* A step that is longer than the gap gets across it. */
    { 0x7FFE8000, 0x100000, 0x10000, 0x18000, ATLAS_PROBE_BREACHED, 0x80000000 },
    { 0x10000, G_MAXUINT64, 0x10000, 0x10000, ATLAS_PROBE_STOPPED, 0x7FFF0000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AtlasTrace) trace = atlas_trace_new ();
      AtlasVa stop_va = 0;

      g_test_message ("case %u", i);
      g_assert_cmpint (atlas_probe_start_and_touch (cases[i].start_va,
                                                    cases[i].size_bytes,
                                                    0x80000000,
                                                    cases[i].gap_bytes,
                                                    cases[i].step_bytes,
                                                    trace,
                                                    &stop_va),
                       ==,
                       cases[i].outcome);
      g_assert_cmphex (stop_va, ==, cases[i].stop_va);
      g_assert_cmpuint (atlas_trace_get_n_events (trace), <=, 3);
    }
}

/* Any step up to the gap, any start, any length: the kernel is never reached. */
static void
test_no_mans_land_is_enough (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (guint i = 0; i < 2000; i++)
    {
      guint64 step_bytes = (guint64) g_rand_int_range (rand, 0x800, 0x10001);
      AtlasVa start_va = 0x7F000000 + (guint64) g_rand_int_range (rand, 0, 0x1000000);
      guint64 size_bytes = g_rand_int (rand);

      g_assert_cmpint (atlas_probe_start_and_touch (
                         start_va, size_bytes, 0x80000000, 0x10000, step_bytes, NULL, NULL),
                       !=,
                       ATLAS_PROBE_BREACHED);
    }
}

static void
test_alpha_table (void)
{
  static const struct
  {
    guint32 constant;
    guint n_instructions;
    gint high;
    gint low;
  } cases[] = {
    { 0x12345678, 2, 0x1234, 0x5678 }, { 0x1234ABCD, 2, 0x1235, -0x5433 },
    { 0x7FFF7FFF, 2, 0x7FFF, 0x7FFF }, { 0x7FFE8000, 2, 0x7FFF, -0x8000 },
    { 0x7FFF8000, 3, 0x4000, 0x4000 }, { 0x7FFFFFFF, 3, 0x4000, 0x4000 },
    { 0x80000000, 1, -0x8000, 0 },     { 0, 1, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AtlasAlphaInstruction instructions[ATLAS_ALPHA_INSTRUCTIONS_MAX];
      guint n = atlas_alpha_load (cases[i].constant, instructions);

      g_assert_cmpuint (n, ==, cases[i].n_instructions);
      g_assert_cmpint (instructions[0].displacement, ==, cases[i].high);
      if (n > 1)
        g_assert_cmpint (instructions[1].displacement, ==, cases[i].low);
    }
}

/* Every constant whose halves are special, and many that are not, comes out right; three
 * instructions are needed in the problem range and nowhere else. */
static void
test_alpha_is_right (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  static const guint32 halves[] = { 0, 1, 0x7FFE, 0x7FFF, 0x8000, 0x8001, 0xFFFE, 0xFFFF };

  for (guint i = 0; i < 64 + 20000; i++)
    {
      guint32 constant = i < 64 ? halves[i / 8] << 16 | halves[i % 8] : g_rand_int (rand);
      AtlasAlphaInstruction instructions[ATLAS_ALPHA_INSTRUCTIONS_MAX];
      guint n = atlas_alpha_load (constant, instructions);

      g_assert_cmpint (atlas_alpha_run (instructions, n), ==, (gint64) (gint32) constant);
      g_assert_true ((n == 3) == (constant >= 0x7FFF8000 && constant <= 0x7FFFFFFF));
    }
}

static void
test_alpha_encoding (void)
{
  AtlasAlphaInstruction instructions[ATLAS_ALPHA_INSTRUCTIONS_MAX];
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_assert_cmpuint (atlas_alpha_load (0x1234ABCD, instructions), ==, 2);
  first = atlas_alpha_format (&instructions[0]);
  second = atlas_alpha_format (&instructions[1]);
  g_assert_cmpstr (first, ==, "ldah r0, 0x1235(r31)");
  g_assert_cmpstr (second, ==, "lda r0, -0x5433(r0)");
  g_assert_cmphex (instructions[0].word, ==, 0x241F1235);
  g_assert_cmphex (instructions[1].word, ==, 0x2000ABCD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/windows/probe/for-read", test_probe_for_read);
  g_test_add_func ("/windows/probe/for-write", test_probe_for_write);
  g_test_add_func ("/windows/probe/no-mans-land-stops", test_no_mans_land_stops_the_touches);
  g_test_add_func ("/windows/probe/no-mans-land-is-enough", test_no_mans_land_is_enough);
  g_test_add_func ("/windows/alpha/table", test_alpha_table);
  g_test_add_func ("/windows/alpha/is-right", test_alpha_is_right);
  g_test_add_func ("/windows/alpha/encoding", test_alpha_encoding);
  return g_test_run ();
}
