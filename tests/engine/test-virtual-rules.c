/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Those rows of test-virtual-rows.c that are a rule over many values. */

#include "windows-fixture.h"

#include "windows/virtual.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define USER_END G_GUINT64_CONSTANT (0x7FFFFFFF0000)
#define SHARED_DATA G_GUINT64_CONSTANT (0x7FFE0000)

#define RESERVE ATLAS_MEM_RESERVE
#define BOTH (ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT)
#define TOP_DOWN ATLAS_MEM_TOP_DOWN

#define NONE ATLAS_PAGE_NOACCESS
#define RO ATLAS_PAGE_READONLY
#define RW ATLAS_PAGE_READWRITE
#define X ATLAS_PAGE_EXECUTE
#define RX ATLAS_PAGE_EXECUTE_READ
#define RWX ATLAS_PAGE_EXECUTE_READWRITE
#define GUARD ATLAS_PAGE_GUARD

#define OK ATLAS_STATUS_SUCCESS

static AtlasStatus
allocate (AtlasProcess *process,
          AtlasVa *base_va,
          guint64 zero_bits,
          guint32 allocation_type,
          guint32 protect)
{
  guint64 size_bytes = 0x1000;

  return atlas_nt_allocate_virtual_memory (
    process, base_va, zero_bits, &size_bytes, allocation_type, protect);
}

static void
test_chosen_bases_start_a_slot (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);

  for (guint i = 0; i < 100; i++)
    {
      AtlasVa va = 0;
      guint64 size_bytes = 1 + i * 0x1234;

      g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                         process, &va, 0, &size_bytes, i % 2 == 0 ? BOTH : BOTH | TOP_DOWN, RWX),
                       ==,
                       OK);
      g_assert_cmphex (va % ATLAS_ALLOCATION_GRANULARITY, ==, 0);
    }
}

static void
test_each_low_byte_protects_or_is_refused (void)
{
  static const guint32 legal[] = { NONE, RO, RW, X, RX, RWX };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  for (guint32 protect = 0; protect < 0x100; protect++)
    {
      gboolean is_legal = FALSE;
      AtlasVa va = BASE + protect * ATLAS_ALLOCATION_GRANULARITY;
      AtlasStatus status = allocate (process, &va, 0, BOTH, protect);
      AtlasRegion region;

      for (guint i = 0; i < G_N_ELEMENTS (legal); i++)
        is_legal = is_legal || protect == legal[i];
      g_assert_cmphex (atlas_nt_query_virtual_memory (process, va, &region), ==, OK);
      if (is_legal)
        {
          g_assert_cmphex (status, ==, OK);
          g_assert_cmphex (region.protect, ==, protect);
          g_assert_cmphex (region.allocation_protect, ==, protect);
        }
      else
        {
          g_assert_cmpuint (atlas_status_to_win32 (status), ==, 87);
          g_assert_cmphex (region.state, ==, ATLAS_STATE_FREE);
          g_assert_cmpuint (
            atlas_status_to_win32 (allocate (process, &va, 0, RESERVE, protect)), ==, 87);
        }
    }
}

static void
test_protecting_refuses_the_same_low_bytes (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasVa va = BASE;

  g_assert_cmphex (allocate (process, &va, 0, BOTH, RW), ==, OK);
  for (guint32 protect = 0; protect < 0x100; protect++)
    {
      guint64 size_bytes = 0x1000;
      guint32 old_protect = 0xABCD;
      AtlasRegion region;

      if (protect == NONE || protect == RO || protect == RW || protect == X || protect == RX ||
          protect == RWX)
        continue;
      g_assert_cmpuint (atlas_status_to_win32 (atlas_nt_protect_virtual_memory (
                          process, &va, &size_bytes, protect, &old_protect)),
                        ==,
                        87);
      g_assert_cmphex (atlas_nt_query_virtual_memory (process, BASE, &region), ==, OK);
      g_assert_cmphex (region.protect, ==, RW);
    }
}

static void
test_zero_bits_bound_the_address (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  for (guint64 zero_bits = 1; zero_bits <= 20; zero_bits++)
    {
      AtlasVa va = 0;
      AtlasStatus status = allocate (process, &va, zero_bits, RESERVE, RW);

      if (status == ATLAS_STATUS_SUCCESS)
        g_assert_cmphex (va >> (32 - zero_bits), ==, 0);
      else
        g_assert_cmphex (status, ==, ATLAS_STATUS_NO_MEMORY);
      /* There is nothing in the first 16 MB of an empty process. */
      if (zero_bits <= 8)
        g_assert_cmphex (status, ==, OK);
    }
}

static void
test_21_zero_bits_leave_no_room (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasVa va = 0;
  AtlasStatus status = allocate (make_process (system, TRUE), &va, 21, RESERVE, RW);

  g_assert_true (status == ATLAS_STATUS_NO_MEMORY || status == ATLAS_STATUS_INVALID_PARAMETER);
}

static void
test_22_to_31_zero_bits_are_refused (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  for (guint64 zero_bits = 22; zero_bits <= 31; zero_bits++)
    {
      AtlasVa va = 0;
      AtlasStatus status = allocate (process, &va, zero_bits, RESERVE, RW);

      g_assert_true (status == ATLAS_STATUS_INVALID_PARAMETER_3 ||
                     status == ATLAS_STATUS_INVALID_PARAMETER);
    }
}

static void
test_more_zero_bits_are_a_mask (void)
{
  static const struct
  {
    guint64 zero_bits;
    AtlasVa end_va;
  } cases[] = {
    { 0x1AAAAAAA, 0x20000000 },
    { 0x000FFFFF, 0x00100000 },
    { 0x00020000, 0x00040000 },
    { 0x7FFFFFFF, 0x80000000 },
    { G_GUINT64_CONSTANT (0x123456789A), G_GUINT64_CONSTANT (0x2000000000) },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AtlasVa va = 0;

      g_assert_cmphex (allocate (process, &va, cases[i].zero_bits, RESERVE, RW), ==, OK);
      g_assert_cmphex (va, <, cases[i].end_va);
    }
}

static void
test_stack_is_readwrite (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasRegionSet *regions = atlas_space_get_regions (atlas_process_get_space (process));
  guint n_found = 0;

  for (guint i = 0; i < atlas_region_set_get_n_regions (regions); i++)
    {
      const AtlasRegion *stack = atlas_region_set_get_region (regions, i);
      AtlasRegion region;

      if (stack->region_class != ATLAS_CLASS_STACK || stack->state != ATLAS_STATE_COMMIT)
        continue;
      g_assert_cmphex (atlas_nt_query_virtual_memory (process, stack->base_va, &region), ==, OK);
      g_assert_cmphex (region.allocation_protect, ==, RW);
      g_assert_cmphex (region.protect & ~GUARD, ==, RW);
      n_found += region.protect == RW;
    }
  g_assert_cmpuint (n_found, >, 0);
}

/* Whatever lies below the shared data page, a query of 0 reaches just up to it. */
static void
test_query_of_nothing_reaches_the_first_allocation (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasRegion first;
  AtlasRegion next;

  g_assert_cmphex (atlas_nt_query_virtual_memory (process, 0, &first), ==, OK);
  g_assert_cmphex (first.base_va, ==, 0);
  g_assert_cmphex (first.state, ==, ATLAS_STATE_FREE);
  g_assert_cmphex (first.size_bytes, <=, SHARED_DATA);
  g_assert_cmphex (atlas_nt_query_virtual_memory (process, first.size_bytes, &next), ==, OK);
  g_assert_cmphex (next.state, !=, ATLAS_STATE_FREE);
}

static void
test_last_free_region_ends_below_the_last_slot (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasRegion region;

  g_assert_cmphex (
    atlas_nt_query_virtual_memory (make_process (system, TRUE), USER_END - 1, &region), ==, OK);
  g_assert_cmphex (region.state, ==, ATLAS_STATE_FREE);
  g_assert_cmphex (region.base_va + region.size_bytes, ==, USER_END);
}

/* The regions of the whole user half follow each other without a gap. */
static void
test_queries_cover_the_user_half (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasVa va = 0;
  guint n_regions = 0;

  while (va < USER_END)
    {
      AtlasRegion region;

      g_assert_cmphex (atlas_nt_query_virtual_memory (process, va, &region), ==, OK);
      g_assert_cmphex (region.base_va, ==, va);
      g_assert_cmpuint (region.size_bytes, >, 0);
      va += region.size_bytes;
      n_regions++;
    }
  g_assert_cmphex (va, ==, USER_END);
  g_assert_cmpuint (n_regions, >, 3);
}

/* As the documents have it: the first allocation at 7ffe0000, free space asked at 0x20000. */
static void
test_free_space_is_told_from_the_page_asked (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasRegion first;
  AtlasRegion region;

  g_assert_cmphex (atlas_nt_query_virtual_memory (process, 0, &first), ==, OK);
  if (first.size_bytes != SHARED_DATA)
    {
      g_test_skip ("something lies below the shared data page");
      return;
    }
  g_assert_cmphex (atlas_nt_query_virtual_memory (process, 0x20000, &region), ==, OK);
  g_assert_cmphex (region.base_va, ==, 0x20000);
  g_assert_cmphex (region.size_bytes, ==, 0x7FFC0000);
  g_assert_cmphex (region.protect, ==, NONE);
  g_assert_cmphex (region.type, ==, ATLAS_TYPE_NONE);
}

static const struct
{
  const char *name;
  GTestFunc function;
} rules[] = {
  { "A23", test_chosen_bases_start_a_slot },
  { "C1", test_each_low_byte_protects_or_is_refused },
  { "C4", test_each_low_byte_protects_or_is_refused },
  { "D1", test_zero_bits_bound_the_address },
  { "D2", test_21_zero_bits_leave_no_room },
  { "D3", test_22_to_31_zero_bits_are_refused },
  { "D4", test_more_zero_bits_are_a_mask },
  { "I5", test_protecting_refuses_the_same_low_bytes },
  { "O8", test_stack_is_readwrite },
  { "R-query-of-0", test_query_of_nothing_reaches_the_first_allocation },
  { "R-last-free-region", test_last_free_region_ends_below_the_last_slot },
  { "R-cover", test_queries_cover_the_user_half },
  { "V4", test_free_space_is_told_from_the_page_asked },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autofree char *path = g_strconcat ("/windows/rows/", rules[i].name, NULL);

      g_test_add_func (path, rules[i].function);
    }
  return g_test_run ();
}
