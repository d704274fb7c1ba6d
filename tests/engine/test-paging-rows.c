/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Rows of observed behaviour that are about where pages are:
 *
 *   E reset   J lock of a guard page   P prefetch   L lock, working set   T offer, reclaim, discard
 *
 * E, J and P are those of Wine's conformance tests; L and T what the documentation says. */

#include "paging-fixture.h"

#include "windows/offer.h"
#include "windows/virtual-lock.h"

#define GUARD (ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD)

static AtlasStatus
reset (AtlasProcess *process, AtlasVa va, guint64 n_bytes, guint32 type)
{
  return atlas_nt_allocate_virtual_memory (process, &va, 0, &n_bytes, type, ATLAS_PAGE_NOACCESS);
}

static void
test_reset (void)
{
  static const struct
  {
    guint64 offset;
    guint64 n_bytes;
    AtlasStatus status;
  } rows[] = {
    { 0, PAGE, 0 },                                       /* E1 */
    { 8 * PAGE, PAGE, 0 },                                /* E2: reserved */
    { 0, 17 * PAGE, ATLAS_STATUS_CONFLICTING_ADDRESSES }, /* E3: past the end */
  };
  Paging paging;
  AtlasVa base_va = BASE;
  guint64 n_bytes = 8 * PAGE;
  guint64 pte;
  AtlasPa entry_pa;

  paging_set_up (&paging, 0);
  n_bytes = 16 * PAGE;
  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (
      paging.process, &base_va, 0, &n_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE),
    ==,
    0);
  n_bytes = 8 * PAGE;
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     paging.process, &base_va, 0, &n_bytes, ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE),
                   ==,
                   0);
  paging_write (paging.process, BASE, 0x5a);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmphex (
      reset (paging.process, BASE + rows[i].offset, rows[i].n_bytes, ATLAS_MEM_RESET),
      ==,
      rows[i].status);

  /* Still committed, and intact as long as the frame is not needed. */
  g_assert_cmphex (paging_read (paging.process, BASE), ==, 0x5a);
  pte = atlas_process_find_pte (paging.process, BASE, &entry_pa);
  g_assert_cmphex (pte & (ATLAS_PTE_DIRTY | ATLAS_PTE_DIRTY1), ==, 0);
  g_assert_cmphex (reset (paging.process, BASE, PAGE, ATLAS_MEM_RESET_UNDO), ==, 0);

  /* Trimmed, it needs no writing; taken away, it is zeros. */
  g_assert_cmphex (reset (paging.process, BASE, PAGE, ATLAS_MEM_RESET), ==, 0);
  atlas_process_empty_working_set (paging.process);
  g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_MODIFIED), ==, 0);
  paging_purge (&paging);
  g_assert_cmpuint (paging_get_kind (paging.process, BASE), ==, ATLAS_PTE_KIND_DEMAND_ZERO);
  g_assert_cmphex (paging_read (paging.process, BASE), ==, 0);
  g_assert_cmphex (
    reset (paging.process, BASE, PAGE, ATLAS_MEM_RESET_UNDO), ==, ATLAS_STATUS_DEVICE_BUSY);
  /* It has been told; there is nothing left to undo. */
  g_assert_cmphex (reset (paging.process, BASE, PAGE, ATLAS_MEM_RESET_UNDO), ==, 0);
  paging_tear_down (&paging);
}

static void
test_reset_undone_in_time_is_saved_again (void)
{
  Paging paging;

  paging_set_up (&paging, 1);
  paging_write (paging.process, BASE, 0x77);
  g_assert_cmphex (reset (paging.process, BASE, PAGE, ATLAS_MEM_RESET), ==, 0);
  g_assert_cmphex (reset (paging.process, BASE, PAGE, ATLAS_MEM_RESET_UNDO), ==, 0);
  atlas_process_empty_working_set (paging.process);
  atlas_system_tick (paging.system, SECOND);
  paging_purge (&paging);
  g_assert_cmpuint (paging_get_kind (paging.process, BASE), ==, ATLAS_PTE_KIND_PAGE_FILE);
  g_assert_cmphex (paging_read (paging.process, BASE), ==, 0x77);
  paging_tear_down (&paging);
}

static void
test_reset_of_views (void)
{
  Paging paging;

  paging_set_up (&paging, 0);
  paging_map (
    &paging, paging.process, ATLAS_SECTION_PAGE_FILE, BASE, 4, ATLAS_PROTECTION_READWRITE);
  paging_map (&paging,
              paging.process,
              ATLAS_SECTION_FILE,
              BASE + ATLAS_MB (1),
              4,
              ATLAS_PROTECTION_READWRITE);
  paging_write (paging.process, BASE, 1);
  /* E4, E5 */
  g_assert_cmphex (reset (paging.process, BASE, 4 * PAGE, ATLAS_MEM_RESET), ==, 0);
  g_assert_false (atlas_status_is_success (
    reset (paging.process, BASE + ATLAS_MB (1), 4 * PAGE, ATLAS_MEM_RESET)));
  paging_tear_down (&paging);
}

static void
test_lock (void)
{
  Paging paging;
  AtlasWorkingSet set;
  AtlasVa va;
  guint64 n_bytes = PAGE;
  const guint64 n_lockable = 42; /* 50 pages less the overhead */

  paging_set_up (&paging, 64);
  paging_allocate (paging.process, BASE + ATLAS_MB (1), 2, GUARD);
  paging_allocate (paging.process, BASE + ATLAS_MB (2), 2, ATLAS_PAGE_NOACCESS);
  va = BASE + ATLAS_MB (3);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     paging.process, &va, 0, &n_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE),
                   ==,
                   0);

  static const struct
  {
    AtlasVa va;
    guint64 n_bytes;
    AtlasStatus status;
  } rows[] = {
    { BASE, 0, ATLAS_STATUS_INVALID_PARAMETER_2 },
    { BASE, G_MAXUINT64, ATLAS_STATUS_INVALID_PARAMETER_2 },
    { G_GUINT64_CONSTANT (0x800000000000), 1, ATLAS_STATUS_INVALID_PARAMETER_1 },
    { BASE + ATLAS_MB (8), 1, ATLAS_STATUS_ACCESS_VIOLATION },     /* free */
    { BASE + ATLAS_MB (3), 1, ATLAS_STATUS_ACCESS_VIOLATION },     /* reserved */
    { BASE + ATLAS_MB (2), 1, ATLAS_STATUS_ACCESS_VIOLATION },     /* NOACCESS */
    { BASE + ATLAS_MB (1), 1, ATLAS_STATUS_GUARD_PAGE_VIOLATION }, /* J4 … */
    { BASE + ATLAS_MB (1), 1, ATLAS_STATUS_SUCCESS },              /* … the second time */
    { BASE, 43 * PAGE, ATLAS_STATUS_WORKING_SET_QUOTA },           /* too many at once */
    { BASE, (n_lockable - 1) * PAGE, ATLAS_STATUS_SUCCESS },       /* with the guard page, all */
    { BASE, (n_lockable - 1) * PAGE, ATLAS_STATUS_SUCCESS },       /* locked already */
    { BASE + 50 * PAGE, 1, ATLAS_STATUS_WORKING_SET_QUOTA },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("row %u", i);
      g_assert_cmpstr (
        atlas_status_get_name (atlas_virtual_lock (paging.process, rows[i].va, rows[i].n_bytes)),
        ==,
        atlas_status_get_name (rows[i].status));
    }
  atlas_process_get_working_set (paging.process, &set);
  g_assert_cmpuint (set.n_locked_pages, ==, n_lockable);

  /* Locked pages stay, whatever happens; a straddling byte locks two pages. */
  paging_read (paging.process, BASE + 60 * PAGE);
  g_assert_cmpuint (atlas_process_empty_working_set (paging.process), ==, 1);
  g_assert_cmphex (atlas_process_query_working_set_ex (paging.process, BASE) >> 22 & 3u, ==, 1);
  atlas_system_tick (paging.system, 20 * SECOND);
  g_assert_cmpuint (paging_get_kind (paging.process, BASE), ==, ATLAS_PTE_KIND_HARDWARE);

  /* One unlock undoes two locks. */
  g_assert_cmphex (atlas_virtual_unlock (paging.process, BASE + PAGE - 1, 2), ==, 0);
  g_assert_cmphex (atlas_virtual_unlock (paging.process, BASE, PAGE), ==, ATLAS_STATUS_NOT_LOCKED);
  g_assert_cmpuint (paging_get_kind (paging.process, BASE), ==, ATLAS_PTE_KIND_TRANSITION);
  g_assert_cmpuint (paging_get_kind (paging.process, BASE + 2 * PAGE), ==, ATLAS_PTE_KIND_HARDWARE);

  /* Freed memory is not locked any more. */
  atlas_virtual_free (paging.process, BASE, 0, ATLAS_MEM_RELEASE);
  atlas_process_get_working_set (paging.process, &set);
  g_assert_cmpuint (set.n_locked_pages, ==, 1);
  paging_tear_down (&paging);
}

static void
test_prefetch (void)
{
  Paging paging;
  const AtlasMemoryRange ranges[] = { { BASE, 16 * PAGE }, { 0, PAGE }, { BASE + 1, 2 } };
  const AtlasMemoryRange empty[] = { { BASE, 0 } };
  const guint32 flags = 0;
  guint64 n_pages = 99;

  paging_set_up (&paging, 16);

  const struct
  {
    guint information_class;
    gsize n_ranges;
    const AtlasMemoryRange *ranges;
    const guint32 *flags;
    gsize flags_bytes;
    AtlasStatus status;
  } rows[] = {
    { 1, 1, ranges, &flags, 4, ATLAS_STATUS_INVALID_PARAMETER_2 }, /* P1 */
    { 0, 1, ranges, NULL, 4, ATLAS_STATUS_INVALID_PARAMETER_5 },   /* P2 */
    { 0, 1, ranges, &flags, 8, ATLAS_STATUS_INVALID_PARAMETER_6 }, /* P3 */
    { 0, 0, ranges, &flags, 4, ATLAS_STATUS_INVALID_PARAMETER_3 }, /* P4 */
    { 0, 1, NULL, &flags, 4, ATLAS_STATUS_ACCESS_VIOLATION },      /* P5 */
    { 0, 1, empty, &flags, 4, ATLAS_STATUS_INVALID_PARAMETER_4 },  /* P6 */
    { 0, 3, ranges, &flags, 4, ATLAS_STATUS_SUCCESS },             /* P7 */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (
      atlas_status_get_name (atlas_nt_set_information_virtual_memory (paging.process,
                                                                      rows[i].information_class,
                                                                      rows[i].n_ranges,
                                                                      rows[i].ranges,
                                                                      rows[i].flags,
                                                                      rows[i].flags_bytes,
                                                                      &n_pages)),
      ==,
      atlas_status_get_name (rows[i].status));
  g_assert_cmpuint (n_pages, ==, 0);

  for (guint i = 0; i < 8; i++)
    paging_write (paging.process, BASE + i * PAGE, i + 1);
  atlas_process_empty_working_set (paging.process);
  atlas_system_tick (paging.system, SECOND);
  paging_purge (&paging);
  g_assert_cmphex (atlas_nt_set_information_virtual_memory (
                     paging.process, 0, 1, ranges, &flags, sizeof flags, &n_pages),
                   ==,
                   0);
  g_assert_cmpuint (n_pages, ==, 8);
  /* Read, but in no working set: the touch is a soft fault. */
  for (guint i = 0; i < 8; i++)
    {
      g_assert_cmpuint (
        paging_get_kind (paging.process, BASE + i * PAGE), ==, ATLAS_PTE_KIND_TRANSITION);
      g_assert_cmphex (paging_read (paging.process, BASE + i * PAGE), ==, i + 1);
    }
  g_assert_cmpuint (atlas_process_get_fault_counts (paging.process)->n_transition, ==, 8);
  paging_tear_down (&paging);
}

static void
test_prefetch_of_a_file_and_of_everything (void)
{
  Paging paging;
  const AtlasMemoryRange all = { 0, G_MAXUINT64 };
  const guint32 flags = 0;
  guint64 n_pages = 0;

  paging_set_up (&paging, 4);
  paging_map (
    &paging, paging.process, ATLAS_SECTION_FILE, BASE + ATLAS_MB (1), 9, ATLAS_PROTECTION_READONLY);
  g_assert_cmphex (atlas_nt_set_information_virtual_memory (
                     paging.process, 0, 1, &all, &flags, sizeof flags, &n_pages),
                   ==,
                   0);
  g_assert_cmpuint (n_pages, ==, 9);
  paging_read (paging.process, BASE + ATLAS_MB (1));
  g_assert_cmpuint (atlas_process_get_fault_counts (paging.process)->n_shared, ==, 1);
  paging_tear_down (&paging);
}

static void
test_offer_checks_its_range (void)
{
  Paging paging;
  AtlasVa va = BASE + ATLAS_MB (2);
  guint64 n_bytes = 4 * PAGE;
  const struct
  {
    AtlasVa va;
    guint64 n_bytes;
    AtlasStatus status;
  } rows[] = {
    { BASE + 1, PAGE, ATLAS_STATUS_INVALID_PARAMETER },
    { BASE, PAGE + 1, ATLAS_STATUS_INVALID_PARAMETER },
    { BASE, 0, ATLAS_STATUS_INVALID_PARAMETER },
    { BASE, ATLAS_TB (128), ATLAS_STATUS_INVALID_PARAMETER },
    { BASE + ATLAS_MB (9), PAGE, ATLAS_STATUS_CONFLICTING_ADDRESSES },
    { BASE, 5 * PAGE, ATLAS_STATUS_CONFLICTING_ADDRESSES },
    { BASE + ATLAS_MB (2), PAGE, ATLAS_STATUS_NOT_COMMITTED },
    { BASE + ATLAS_MB (1), PAGE, ATLAS_STATUS_INVALID_PAGE_PROTECTION },
    { ATLAS_KUSER_VA, PAGE, ATLAS_STATUS_CONFLICTING_ADDRESSES },
  };

  paging_set_up (&paging, 4);
  paging_allocate (paging.process, BASE + ATLAS_MB (1), 4, ATLAS_PAGE_READONLY);
  atlas_nt_allocate_virtual_memory (
    paging.process, &va, 0, &n_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("row %u", i);
      g_assert_cmphex (atlas_offer_virtual_memory (
                         paging.process, rows[i].va, rows[i].n_bytes, ATLAS_OFFER_NORMAL),
                       ==,
                       rows[i].status);
      g_assert_cmphex (atlas_reclaim_virtual_memory (paging.process, rows[i].va, rows[i].n_bytes),
                       ==,
                       rows[i].status);
      g_assert_cmphex (atlas_discard_virtual_memory (paging.process, rows[i].va, rows[i].n_bytes),
                       ==,
                       rows[i].status);
    }
  g_assert_cmphex (atlas_offer_virtual_memory (paging.process, BASE, PAGE, (AtlasOfferPriority) 5),
                   ==,
                   ATLAS_STATUS_INVALID_PARAMETER);
  g_assert_false (atlas_process_is_offered_va (paging.process, BASE));
  paging_tear_down (&paging);
}

static void
test_offered_pages (void)
{
  Paging paging;
  AtlasFrame frame;
  AtlasPa entry_pa;
  guint64 pte;

  paging_set_up (&paging, 8);
  for (guint i = 0; i < 4; i++)
    paging_write (paging.process, BASE + i * PAGE, i + 1);
  g_assert_cmphex (atlas_virtual_lock (paging.process, BASE, PAGE), ==, 0);
  g_assert_cmphex (
    atlas_offer_virtual_memory (paging.process, BASE, 6 * PAGE, ATLAS_OFFER_VERY_LOW), ==, 0);
  g_assert_true (atlas_process_is_offered_va (paging.process, BASE + 3 * PAGE + 0xfff));
  /* Never touched: nothing to lose. */
  g_assert_false (atlas_process_is_offered_va (paging.process, BASE + 4 * PAGE));
  g_assert_cmphex (paging_write (paging.process, BASE, 9), ==, ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (
    paging_write (paging.process, BASE + 3 * PAGE, 9), ==, ATLAS_STATUS_ACCESS_VIOLATION);
  pte = atlas_process_find_pte (paging.process, BASE, &entry_pa);
  atlas_frames_get (paging.frames, atlas_pte_get_pfn (pte), &frame);
  g_assert_cmpuint (frame.state, ==, ATLAS_FRAME_STANDBY);
  g_assert_cmpuint (frame.priority, ==, ATLAS_OFFER_VERY_LOW);
  g_assert_cmpuint (frame.n_locks, ==, 0);
  /* Never written out. */
  atlas_system_tick (paging.system, 2 * SECOND);
  g_assert_cmpuint (
    atlas_page_file_get_n_used (atlas_system_get_page_file (paging.system, 0)), ==, 0);

  /* In time: all is there, and counts as modified again. */
  g_assert_cmphex (atlas_reclaim_virtual_memory (paging.process, BASE, 2 * PAGE), ==, 0);
  g_assert_cmphex (paging_read (paging.process, BASE + PAGE), ==, 2);
  g_assert_cmpuint (paging_get_kind (paging.process, BASE), ==, ATLAS_PTE_KIND_TRANSITION);
  g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_MODIFIED), ==, 1);

  /* Too late: BUSY, but the memory can be used; what was never touched was never lost. */
  paging_purge (&paging);
  g_assert_cmphex (atlas_reclaim_virtual_memory (paging.process, BASE + 4 * PAGE, 2 * PAGE), ==, 0);
  g_assert_cmpuint (
    atlas_status_to_win32 (atlas_reclaim_virtual_memory (paging.process, BASE, 4 * PAGE)), ==, 170);
  g_assert_cmphex (atlas_reclaim_virtual_memory (paging.process, BASE, 4 * PAGE), ==, 0);
  g_assert_cmphex (paging_read (paging.process, BASE + 2 * PAGE), ==, 0);
  g_assert_cmphex (paging_read (paging.process, BASE), ==, 1);

  /* Freed and reserved anew, the addresses are not on offer. */
  g_assert_cmphex (
    atlas_offer_virtual_memory (paging.process, BASE, 8 * PAGE, ATLAS_OFFER_LOW), ==, 0);
  atlas_virtual_free (paging.process, BASE, 0, ATLAS_MEM_RELEASE);
  paging_allocate (paging.process, BASE, 8, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (paging_read (paging.process, BASE + 7 * PAGE), ==, 0);
  paging_tear_down (&paging);
}

static void
test_discard (void)
{
  Paging paging;
  guint64 n_active;

  paging_set_up (&paging, 3);
  paging_write (paging.process, BASE, 1);
  paging_write (paging.process, BASE + PAGE, 2);
  atlas_process_empty_working_set (paging.process);
  atlas_system_tick (paging.system, SECOND);
  paging_purge (&paging);
  paging_read (paging.process, BASE);
  n_active = atlas_frames_count (paging.frames, ATLAS_FRAME_ACTIVE);
  /* One in a frame with a copy on disk, one on disk alone, one that never was. */
  g_assert_cmphex (atlas_discard_virtual_memory (paging.process, BASE, 3 * PAGE), ==, 0);
  g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_ACTIVE), ==, n_active - 1);
  g_assert_cmpuint (
    atlas_page_file_get_n_used (atlas_system_get_page_file (paging.system, 0)), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmphex (paging_read (paging.process, BASE + i * PAGE), ==, 0);
      g_assert_cmphex (paging_write (paging.process, BASE + i * PAGE, 3), ==, 0);
    }
  paging_tear_down (&paging);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paging-rows/reset/E1-E3", test_reset);
  g_test_add_func ("/paging-rows/reset/undone", test_reset_undone_in_time_is_saved_again);
  g_test_add_func ("/paging-rows/reset/E4-E5", test_reset_of_views);
  g_test_add_func ("/paging-rows/lock/J4", test_lock);
  g_test_add_func ("/paging-rows/prefetch/P1-P7", test_prefetch);
  g_test_add_func ("/paging-rows/prefetch/everything", test_prefetch_of_a_file_and_of_everything);
  g_test_add_func ("/paging-rows/offer/ranges", test_offer_checks_its_range);
  g_test_add_func ("/paging-rows/offer/pages", test_offered_pages);
  g_test_add_func ("/paging-rows/discard", test_discard);
  return g_test_run ();
}
