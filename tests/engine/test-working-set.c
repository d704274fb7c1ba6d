/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging-fixture.h"

#include <string.h>

#include "windows/frames-private.h"
#include "windows/page-ages.h"
#include "windows/state-hash-private.h"
#include "windows/virtual-lock.h"

static guint
get_age (AtlasProcess *process, AtlasVa va)
{
  AtlasWorkingSetIter iter;
  AtlasWorkingSetEntry entry;

  atlas_working_set_iter_init (&iter, process);
  while (atlas_working_set_iter_next (&iter, &entry))
    {
      if (entry.va == va)
        return entry.age;
    }
  g_assert_not_reached ();
}

static void
test_pages_age_until_they_are_used (void)
{
  Paging paging;
  AtlasPa entry_pa;

  paging_set_up (&paging, 2);
  paging_write (paging.process, BASE, 1);
  g_assert_cmpuint (get_age (paging.process, BASE), ==, 0);
  /* The first look finds it used; from then on it ages, up to 7. */
  for (guint look = 0; look < 12; look++)
    {
      atlas_system_tick (paging.system, SECOND);
      g_assert_cmpuint (get_age (paging.process, BASE), ==, MIN (look, 7));
    }
  g_assert_cmphex (
    atlas_process_find_pte (paging.process, BASE, &entry_pa) & ATLAS_PTE_ACCESSED, ==, 0);

  /* The processor had the translation cached, and sets Accessed all the same. */
  paging_read (paging.process, BASE);
  g_assert_cmphex (
    atlas_process_find_pte (paging.process, BASE, &entry_pa) & ATLAS_PTE_ACCESSED, !=, 0);
  atlas_system_tick (paging.system, SECOND);
  g_assert_cmpuint (get_age (paging.process, BASE), ==, 0);
  /* An aged entry still translates, and is told by its protection. */
  atlas_system_tick (paging.system, 3 * SECOND);
  g_assert_cmphex (paging_read (paging.process, BASE), ==, 1);
  paging_tear_down (&paging);
}

static void
test_the_oldest_pages_are_trimmed_first (void)
{
  Paging paging;

  paging_set_up (&paging, 64);
  for (guint i = 0; i < 64; i++)
    paging_write (paging.process, BASE + i * PAGE, i);
  atlas_system_tick (paging.system, 2 * SECOND);
  for (guint i = 0; i < 32; i++)
    paging_read (paging.process, BASE + i * PAGE);
  atlas_system_tick (paging.system, SECOND);
  /* The minimum of 50 keeps most; what goes has been used longest ago. */
  g_assert_cmpuint (atlas_working_sets_trim (paging.system, 10, NULL), ==, 10);
  for (guint i = 0; i < 32; i++)
    g_assert_cmpuint (
      paging_get_kind (paging.process, BASE + i * PAGE), ==, ATLAS_PTE_KIND_HARDWARE);
  g_assert_cmpuint (atlas_working_sets_trim (paging.system, 1000, NULL), ==, 54);
  paging_tear_down (&paging);
}

static void
test_a_hard_maximum_is_kept (void)
{
  Paging paging;
  AtlasWorkingSet set;
  gboolean has_exceeded_soft = FALSE;

  for (guint is_hard = 0; is_hard < 2; is_hard++)
    {
      paging_set_up (&paging, 100);
      g_assert_cmphex (atlas_process_set_working_set (paging.process,
                                                      20 * PAGE,
                                                      40 * PAGE,
                                                      is_hard ? ATLAS_WORKING_SET_MAX_ENABLE
                                                              : ATLAS_WORKING_SET_MAX_DISABLE),
                       ==,
                       0);
      for (guint i = 0; i < 100; i++)
        {
          g_assert_cmphex (paging_write (paging.process, BASE + i * PAGE, i), ==, 0);
          atlas_process_get_working_set (paging.process, &set);
          g_assert_true (!set.is_max_hard || set.n_pages <= 40);
          has_exceeded_soft |= !set.is_max_hard && set.n_pages > 40;
        }
      for (guint i = 0; i < 100; i++)
        g_assert_cmphex (paging_read (paging.process, BASE + i * PAGE), ==, i);
      g_assert_cmpuint (set.n_peak_pages, >=, set.n_pages);
      paging_tear_down (&paging);
    }
  g_assert_true (has_exceeded_soft);
}

static void
forget_ranks (AtlasSystem *system)
{
  for (guint i = 0; i < atlas_system_get_n_processes (system); i++)
    atlas_system_get_process (system, i)->known_ranks = 0;
}

/* What could change a rank, and what asks for them. */
static void
do_anything (Paging *paging, AtlasProcess *other, GRand *rand)
{
  AtlasProcess *process = g_rand_int_range (rand, 0, 3) == 0 ? other : paging->process;
  AtlasVa va = BASE + (guint64) g_rand_int_range (rand, 0, 300) * PAGE;
  guint64 n_bytes = PAGE;
  AtlasVa range_va = va;
  AtlasPa entry_pa;
  guint32 old_protect;
  guint kind = (guint) g_rand_int_range (rand, 0, 16);

  switch (kind)
    {
    case 0:
      atlas_system_tick (paging->system, SECOND);
      break;
    case 1:
      atlas_virtual_lock (process, va, PAGE);
      break;
    case 2:
      atlas_virtual_unlock (process, va, PAGE);
      break;
    case 3:
      atlas_nt_protect_virtual_memory (process,
                                       &range_va,
                                       &n_bytes,
                                       g_rand_boolean (rand) ? ATLAS_PAGE_READONLY
                                                             : ATLAS_PAGE_READWRITE,
                                       &old_protect);
      break;
    case 4:
      /* By hand: an age, and a page that looks unused. */
      if ((atlas_process_find_pte (process, va, &entry_pa) & ATLAS_PTE_VALID) != 0)
        {
          guint64 pte = atlas_process_read_pte (process, va, &entry_pa);
          guint64 age = (guint64) g_rand_int_range (rand, 0, 8);

          pte &= ~(ATLAS_PTE_ACCESSED | ATLAS_PTE_AGE_MASK);
          atlas_memory_write_u64 (
            atlas_system_get_memory (paging->system), entry_pa, pte | age << ATLAS_PTE_AGE_SHIFT);
          atlas_system_note_store (paging->system, entry_pa);
        }
      break;
    case 5:
    case 6:
      atlas_working_sets_trim (paging->system, (guint64) g_rand_int_range (rand, 1, 80), NULL);
      break;
    default:
      for (guint i = 0; i < 8; i++)
        atlas_process_access (process,
                              BASE + (guint64) g_rand_int_range (rand, 0, 300) * PAGE,
                              kind < 12 ? ATLAS_ACCESS_READ : ATLAS_ACCESS_WRITE,
                              FALSE,
                              NULL,
                              1,
                              NULL,
                              NULL);
    }
}

/* What is known of ranks saves work and changes nothing: a machine that forgets it before every
 * step does the same. */
static void
test_ranks_that_are_known_are_those_counted (void)
{
  for (guint seed = 0; seed < 12; seed++)
    {
      Paging paging[2];
      AtlasProcess *others[2];
      g_autoptr (GRand) first = g_rand_new_with_seed (seed);
      g_autoptr (GRand) second = g_rand_copy (first);

      for (guint i = 0; i < 2; i++)
        {
          paging_set_up (&paging[i], 300);
          others[i] = make_process (paging[i].system, TRUE);
          paging_allocate (others[i], BASE, 300, ATLAS_PAGE_READWRITE);
          atlas_process_set_working_set (
            others[i], 20 * PAGE, 60 * PAGE, seed % 2 == 0 ? ATLAS_WORKING_SET_MAX_ENABLE : 0);
        }
      for (guint step = 0; step < 300; step++)
        {
          do_anything (&paging[0], others[0], first);
          forget_ranks (paging[1].system);
          do_anything (&paging[1], others[1], second);
          for (guint i = 0; i < atlas_system_get_n_processes (paging[0].system); i++)
            {
              AtlasWorkingSet sets[2];

              for (guint k = 0; k < 2; k++)
                atlas_process_get_working_set (atlas_system_get_process (paging[k].system, i),
                                               &sets[k]);
              g_assert_cmpmem (&sets[0], sizeof sets[0], &sets[1], sizeof sets[1]);
            }
          if (step % 10u == 0)
            g_assert_cmphex (atlas_system_hash_state (paging[0].system),
                             ==,
                             atlas_system_hash_state (paging[1].system));
        }
      for (guint i = 0; i < 2; i++)
        paging_tear_down (&paging[i]);
    }
}

/* A page that nobody may trim has no rank; unlocked, it has the one that it got meanwhile. */
static void
test_an_unlocked_page_is_as_old_as_it_is (void)
{
  Paging paging;
  AtlasVa locked_va = BASE + 63 * PAGE;

  paging_set_up (&paging, 64);
  for (guint i = 0; i < 64; i++)
    paging_write (paging.process, BASE + i * PAGE, i);
  g_assert_cmphex (atlas_virtual_lock (paging.process, locked_va, PAGE), ==, 0);
  atlas_system_tick (paging.system, 4 * SECOND);
  for (guint i = 0; i < 63; i++)
    paging_read (paging.process, BASE + i * PAGE);
  g_assert_cmpuint (atlas_working_sets_trim (paging.system, 2, NULL), ==, 2);
  g_assert_cmpuint (paging_get_kind (paging.process, locked_va), ==, ATLAS_PTE_KIND_HARDWARE);

  g_assert_cmphex (atlas_virtual_unlock (paging.process, locked_va, PAGE), ==, 0);
  g_assert_cmpuint (atlas_working_sets_trim (paging.system, 1, NULL), ==, 1);
  g_assert_cmpuint (paging_get_kind (paging.process, locked_va), ==, ATLAS_PTE_KIND_TRANSITION);
  paging_tear_down (&paging);
}

static void
test_limits_are_checked (void)
{
  static const struct
  {
    guint64 min_bytes;
    guint64 max_bytes;
    guint32 flags;
    AtlasStatus status;
    guint min_pages;
    guint max_pages;
  } rows[] = {
    { 0, ATLAS_MB (1), 0, ATLAS_STATUS_INVALID_PARAMETER, 50, 345 },
    { ATLAS_MB (1), 0, 0, ATLAS_STATUS_INVALID_PARAMETER, 50, 345 },
    { ATLAS_MB (1), ATLAS_MB (2), 3, ATLAS_STATUS_INVALID_PARAMETER, 50, 345 },
    { ATLAS_MB (1), ATLAS_MB (2), 12, ATLAS_STATUS_INVALID_PARAMETER, 50, 345 },
    { ATLAS_MB (1), ATLAS_MB (2), 16, ATLAS_STATUS_INVALID_PARAMETER, 50, 345 },
    { ATLAS_MB (2), ATLAS_MB (1), 0, ATLAS_STATUS_BAD_WORKING_SET_LIMIT, 50, 345 },
    { 100 * PAGE, 107 * PAGE, 0, ATLAS_STATUS_BAD_WORKING_SET_LIMIT, 50, 345 },
    { 100 * PAGE, 108 * PAGE, 0, ATLAS_STATUS_SUCCESS, 100, 108 },
    { PAGE, 108 * PAGE, 0, ATLAS_STATUS_SUCCESS, 20, 108 },
    { PAGE, ATLAS_GB (1), 0, ATLAS_STATUS_BAD_WORKING_SET_LIMIT, 20, 108 },
    { G_MAXUINT64, G_MAXUINT64, 0, ATLAS_STATUS_SUCCESS, 20, 108 },
  };
  Paging paging;

  paging_set_up (&paging, 4);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasWorkingSet set;

      g_test_message ("row %u", i);
      paging_write (paging.process, BASE, 1);
      g_assert_cmphex (atlas_process_set_working_set (
                         paging.process, rows[i].min_bytes, rows[i].max_bytes, rows[i].flags),
                       ==,
                       rows[i].status);
      atlas_process_get_working_set (paging.process, &set);
      g_assert_cmpuint (set.min_pages, ==, rows[i].min_pages);
      g_assert_cmpuint (set.max_pages, ==, rows[i].max_pages);
    }
  /* The last row emptied it. */
  g_assert_cmpuint (paging_get_kind (paging.process, BASE), ==, ATLAS_PTE_KIND_TRANSITION);
  paging_tear_down (&paging);
}

/* Bits of PSAPI_WORKING_SET_EX_BLOCK. */
#define VALID 1u
#define SHARE(n) ((n) << 1)
#define PROTECT(p) ((p) << 4)
#define SHARED (1u << 15)
#define RESIDENT (1u << 22)
#define IN_PAGE_FILE (2u << 22)
#define PRIORITY (5u << 24)
#define MODIFIED (1u << 27)
#define ORIGINAL (1u << 30)
#define BAD (1u << 31)

static void
test_query_tells_where_a_page_is (void)
{
  Paging paging;
  AtlasProcess *other;
  AtlasSection *section;
  const AtlasVa view_va = BASE + ATLAS_MB (1);
  AtlasPa entry_pa;

#define ASSERT_BLOCK(process, va, bits)                                                            \
  g_assert_cmphex (atlas_process_query_working_set_ex (process, va), ==, bits)

  paging_set_up (&paging, 2);
  ASSERT_BLOCK (paging.process, 0, 0);
  ASSERT_BLOCK (paging.process, G_MAXUINT64, 0);
  ASSERT_BLOCK (paging.process, BASE, 0);
  paging_write (paging.process, BASE, 1);
  ASSERT_BLOCK (
    paging.process, BASE + 0xfff, VALID | SHARE (1u) | PROTECT (ATLAS_PAGE_READWRITE) | PRIORITY);
  atlas_frames_set_failing (
    paging.frames, atlas_pte_get_pfn (atlas_process_find_pte (paging.process, BASE, &entry_pa)));
  ASSERT_BLOCK (
    paging.process, BASE, VALID | SHARE (1u) | PROTECT (ATLAS_PAGE_READWRITE) | PRIORITY | BAD);
  atlas_process_empty_working_set (paging.process);
  ASSERT_BLOCK (paging.process, BASE, RESIDENT | PRIORITY | MODIFIED | BAD);
  atlas_system_tick (paging.system, SECOND);
  ASSERT_BLOCK (paging.process, BASE, RESIDENT | PRIORITY | BAD);
  paging_purge (&paging);
  ASSERT_BLOCK (paging.process, BASE, IN_PAGE_FILE);
  g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_BAD), ==, 1);

  section = paging_map (
    &paging, paging.process, ATLAS_SECTION_PAGE_FILE, view_va, 2, ATLAS_PROTECTION_READWRITE);
  other = make_process (paging.system, TRUE);
  paging_map_again (other, section, view_va, ATLAS_PROTECTION_WRITECOPY);
  ASSERT_BLOCK (paging.process, view_va, SHARED | ORIGINAL);
  paging_write (paging.process, view_va, 1);
  paging_read (other, view_va);
  ASSERT_BLOCK (paging.process,
                view_va,
                VALID | SHARE (2u) | PROTECT (ATLAS_PAGE_READWRITE) | SHARED | PRIORITY | ORIGINAL);
  ASSERT_BLOCK (other,
                view_va,
                VALID | SHARE (2u) | PROTECT (ATLAS_PAGE_WRITECOPY) | SHARED | PRIORITY | ORIGINAL);
  /* A private copy: no longer shared, but it was. */
  paging_write (other, view_va, 2);
  ASSERT_BLOCK (
    other, view_va, VALID | SHARE (1u) | PROTECT (ATLAS_PAGE_READWRITE) | PRIORITY | ORIGINAL);
  atlas_process_empty_working_set (paging.process);
  ASSERT_BLOCK (paging.process, view_va, RESIDENT | SHARED | PRIORITY | MODIFIED | ORIGINAL);
  paging_tear_down (&paging);
}

static void
test_trimming_is_not_seen_by_a_query (void)
{
  Paging paging;
  AtlasRegion before, after;

  paging_set_up (&paging, 16);
  for (guint i = 0; i < 16; i += 2)
    paging_write (paging.process, BASE + i * PAGE, 1);
  g_assert_cmphex (atlas_nt_query_virtual_memory (paging.process, BASE, &before), ==, 0);
  atlas_process_empty_working_set (paging.process);
  g_assert_cmphex (atlas_nt_query_virtual_memory (paging.process, BASE, &after), ==, 0);
  g_assert_cmpuint (after.size_bytes, ==, 16 * PAGE);
  g_assert_cmpuint (after.protect, ==, before.protect);
  atlas_system_tick (paging.system, SECOND);
  paging_purge (&paging);
  g_assert_cmphex (atlas_nt_query_virtual_memory (paging.process, BASE, &after), ==, 0);
  g_assert_cmpuint (after.size_bytes, ==, 16 * PAGE);
  g_assert_cmpuint (after.protect, ==, before.protect);
  paging_tear_down (&paging);
}

/* Of every entry above a page, the youngest page below decides: against a search through all. */
static void
test_an_entry_is_as_young_as_its_youngest_page (void)
{
  static const guint64 offsets[] = { 0, PAGE, 511 * PAGE, 512 * PAGE, 700 * PAGE, 1023 * PAGE };
  Paging paging;
  g_autoptr (AtlasPageAges) ages = NULL;
  AtlasWorkingSetIter iter;
  AtlasWorkingSetEntry entry;

  paging_set_up (&paging, 1024);
  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
    {
      paging_write (paging.process, BASE + offsets[i], 1);
      atlas_system_tick (paging.system, SECOND);
    }
  paging_read (paging.process, BASE + PAGE);

  ages = atlas_page_ages_new (paging.process);
  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVEL_PML4; level++)
    {
      guint64 span_bytes = atlas_level_span_bytes (level);
      AtlasVa base_va = BASE & ~(span_bytes * ATLAS_TABLE_ENTRIES - 1u);
      guint8 looks[ATLAS_TABLE_ENTRIES];
      guint8 expected[ATLAS_TABLE_ENTRIES];

      memset (expected, ATLAS_PAGE_AGES_NONE, sizeof expected);
      atlas_working_set_iter_init (&iter, paging.process);
      while (atlas_working_set_iter_next (&iter, &entry))
        if (entry.va >= base_va && entry.va - base_va < span_bytes * ATLAS_TABLE_ENTRIES)
          {
            guint8 *youngest = &expected[(entry.va - base_va) / span_bytes];

            *youngest = MIN (*youngest, entry.is_accessed ? 0 : entry.age + 1);
          }
      atlas_page_ages_get_table (ages, level, base_va, looks);
      g_assert_cmpmem (looks, sizeof looks, expected, sizeof expected);
      g_assert_cmpuint (looks[atlas_va_index (BASE, level)], ==, level == ATLAS_LEVEL_PT ? 6 : 0);
    }
  {
    guint8 looks[ATLAS_TABLE_ENTRIES];

    /* Nothing there, and the last table of all. */
    atlas_page_ages_get_table (ages, ATLAS_LEVEL_PT, G_MAXUINT64 - ATLAS_MB (2) + 1u, looks);
    for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
      g_assert_cmpuint (looks[i], ==, ATLAS_PAGE_AGES_NONE);
  }
  paging_tear_down (&paging);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/working-set/ages", test_pages_age_until_they_are_used);
  g_test_add_func ("/working-set/oldest-first", test_the_oldest_pages_are_trimmed_first);
  g_test_add_func ("/working-set/hard-maximum", test_a_hard_maximum_is_kept);
  g_test_add_func ("/working-set/known-ranks", test_ranks_that_are_known_are_those_counted);
  g_test_add_func ("/working-set/unlocked", test_an_unlocked_page_is_as_old_as_it_is);
  g_test_add_func ("/working-set/limits", test_limits_are_checked);
  g_test_add_func ("/working-set/query", test_query_tells_where_a_page_is);
  g_test_add_func ("/working-set/unseen", test_trimming_is_not_seen_by_a_query);
  g_test_add_func ("/working-set/entries", test_an_entry_is_as_young_as_its_youngest_page);
  return g_test_run ();
}
