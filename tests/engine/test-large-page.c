/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Large pages and huge pages. */

#include "locked-memory-fixture.h"

#include "windows/frames-private.h"
#include "windows/state-hash-private.h"

#define LARGE_TYPE (ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT | ATLAS_MEM_LARGE_PAGES)
#define MB2 ATLAS_LARGE_PAGE_BYTES

static void
test_one_entry_maps_2mb (void)
{
  g_autoptr (AtlasSystem) system = make_large_system (ATLAS_MB (256));
  AtlasProcess *process = make_privileged (system);
  guint64 n_free = count_free (system);
  AtlasVa base_va = BASE;
  guint64 size_bytes = 0;
  AtlasRegion region;
  guint32 value = 0x12345678, read = 0;

  g_assert_cmphex (allocate (process, &base_va, 2 * MB2, LARGE_TYPE, RW), ==, OK);
  /* The tables above were there for the shared data page. */
  g_assert_cmpuint (n_free - count_free (system), ==, 1024);
  for (guint i = 0; i < 2; i++)
    {
      AtlasWalkResult first = walk (process, BASE + i * MB2);
      AtlasWalkResult last = walk (process, BASE + (i + 1) * MB2 - 1);

      g_assert_cmpint (first.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmphex (first.pa % MB2, ==, 0);
      g_assert_cmphex (last.pa, ==, first.pa + MB2 - 1);
      g_assert_cmphex (first.page_bytes, ==, MB2);
    }
  g_assert_cmphex (atlas_process_access (
                     process, BASE + MB2 - 2, ATLAS_ACCESS_WRITE, FALSE, &value, 4, NULL, NULL),
                   ==,
                   OK);
  g_assert_cmphex (
    atlas_process_access (process, BASE + MB2 - 2, ATLAS_ACCESS_READ, FALSE, &read, 4, NULL, NULL),
    ==,
    OK);
  g_assert_cmphex (read, ==, value);
  g_assert_cmphex (
    atlas_process_access (process, BASE, ATLAS_ACCESS_EXECUTE, FALSE, NULL, 1, NULL, NULL),
    ==,
    S (ACCESS_VIOLATION));
  g_assert_cmphex (atlas_nt_query_virtual_memory (process, BASE + 0x1000, &region), ==, OK);
  g_assert_cmphex (region.size_bytes, ==, 2 * MB2 - 0x1000);
  g_assert_cmphex (region.protect, ==, RW);
  g_assert_cmphex (region.state, ==, ATLAS_STATE_COMMIT);
  g_assert_cmpuint (atlas_process_get_commit_pages (process) >= 1024, ==, TRUE);

  g_assert_cmphex (
    atlas_nt_free_virtual_memory (process, &base_va, &size_bytes, ATLAS_MEM_RELEASE), ==, OK);
  g_assert_cmpuint (count_free (system), ==, n_free);
  g_assert_cmpint (walk (process, BASE).outcome, ==, ATLAS_OUTCOME_PAGE_FAULT);
  atlas_process_terminate (process);
}

static void
test_frames_come_zeroed (void)
{
  g_autoptr (AtlasSystem) system = make_large_system (ATLAS_MB (64));
  AtlasProcess *process = make_privileged (system);
  guint8 byte = 0xA5;

  for (guint round = 0; round < 2; round++)
    {
      AtlasVa base_va = 0;
      guint64 size_bytes = 0;

      /* All that can be had, so that the second round gets the same frames. */
      for (guint64 n = 30; n > 0; n--)
        {
          if (allocate (process, &base_va, n * MB2, LARGE_TYPE, RW) == OK)
            break;
        }
      g_assert_cmphex (base_va, !=, 0);
      for (AtlasVa va = base_va; va < base_va + 4 * MB2; va += MB2 / 2)
        {
          g_assert_cmphex (
            atlas_process_access (process, va, ATLAS_ACCESS_READ, FALSE, &byte, 1, NULL, NULL),
            ==,
            OK);
          g_assert_cmphex (byte, ==, 0);
          byte = 0xA5;
          g_assert_cmphex (
            atlas_process_access (process, va, ATLAS_ACCESS_WRITE, FALSE, &byte, 1, NULL, NULL),
            ==,
            OK);
        }
      g_assert_cmphex (
        atlas_nt_free_virtual_memory (process, &base_va, &size_bytes, ATLAS_MEM_RELEASE), ==, OK);
    }
  atlas_process_terminate (process);
}

static void
test_what_large_pages_refuse (void)
{
  g_autoptr (AtlasSystem) system = make_large_system (ATLAS_MB (128));
  AtlasProcess *process = make_privileged (system);
  AtlasProcess *plain = make_process (system, TRUE);
  AtlasVa base_va = BASE;
  AtlasVa va;
  guint64 size_bytes;
  guint64 n_free;
  guint32 old_protect;
  AtlasPfn scattered[768];
  guint64 n_scattered = G_N_ELEMENTS (scattered);
  static const struct
  {
    AtlasVa va;
    guint64 size_bytes;
    guint32 type;
    guint32 protect;
    AtlasStatus status;
  } cases[] = {
    { BASE + 0x10000, MB2, LARGE_TYPE, RW, S (INVALID_PARAMETER_2) },
    { BASE, MB2 + 0x1000, LARGE_TYPE, RW, S (INVALID_PARAMETER_4) },
    { BASE, MB2, LARGE_TYPE, ATLAS_PAGE_NOACCESS, S (INVALID_PAGE_PROTECTION) },
    { BASE, MB2, LARGE_TYPE, RW | ATLAS_PAGE_GUARD, S (INVALID_PAGE_PROTECTION) },
    { BASE, MB2, ATLAS_MEM_RESERVE | ATLAS_MEM_LARGE_PAGES, RW, S (INVALID_PARAMETER_5) },
    { BASE, ATLAS_MB (126), LARGE_TYPE, RW, S (COMMITMENT_LIMIT) },
    { BASE, ATLAS_MB (64), LARGE_TYPE, RW, S (INSUFFICIENT_RESOURCES) },
  };

  /* Frames are handed out scattered: these few break up most of memory. */
  g_assert_cmphex (
    atlas_nt_allocate_user_physical_pages (process, &n_scattered, scattered), ==, OK);
  va = BASE;
  g_assert_cmphex (allocate (plain, &va, MB2, LARGE_TYPE, RW), ==, S (PRIVILEGE_NOT_HELD));
  n_free = count_free (system);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 hash = atlas_system_hash_state (system);

      va = cases[i].va;
      g_assert_cmpstr (atlas_status_get_name (allocate (
                         process, &va, cases[i].size_bytes, cases[i].type, cases[i].protect)),
                       ==,
                       atlas_status_get_name (cases[i].status));
      g_assert_cmpuint (count_free (system), ==, n_free);
      g_assert_cmphex (atlas_system_hash_state (system), ==, hash);
    }

  g_assert_cmphex (allocate (process, &base_va, 2 * MB2, LARGE_TYPE, RW), ==, OK);
  va = BASE;
  size_bytes = MB2;
  g_assert_cmphex (atlas_nt_free_virtual_memory (process, &va, &size_bytes, ATLAS_MEM_DECOMMIT),
                   ==,
                   S (MEMORY_NOT_ALLOCATED));
  g_assert_cmphex (atlas_nt_free_virtual_memory (process, &va, &size_bytes, ATLAS_MEM_RELEASE),
                   ==,
                   S (FREE_VM_NOT_AT_BASE));
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (process, &va, &size_bytes, ATLAS_PAGE_READONLY, &old_protect),
    ==,
    S (INVALID_PAGE_PROTECTION));
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (process, &va, &size_bytes, RW, &old_protect), ==, OK);
  g_assert_cmphex (old_protect, ==, RW);
  g_assert_cmphex (allocate (process, &va, 0x1000, ATLAS_MEM_COMMIT, ATLAS_PAGE_READONLY),
                   ==,
                   S (CONFLICTING_ADDRESSES));
  g_assert_cmpint (walk (process, BASE).outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  atlas_process_terminate (plain);
  atlas_process_terminate (process);
}

static void
test_huge_page (void)
{
  const AtlasExtendedParameter parameter = { .type = ATLAS_EXTENDED_ATTRIBUTE_FLAGS,
                                             .value = ATLAS_ATTRIBUTE_NONPAGED_HUGE };
  g_autoptr (AtlasSystem) system = make_large_system (ATLAS_GB (3));
  AtlasProcess *process = make_privileged (system);
  guint64 n_free = count_free (system);
  guint64 size_bytes = ATLAS_GB (1);
  AtlasVa base_va = 0;
  AtlasWalkResult result;

  g_assert_cmphex (atlas_nt_allocate_virtual_memory_ex (
                     process, &base_va, &size_bytes, LARGE_TYPE, RW, &parameter, 1),
                   ==,
                   OK);
  g_assert_cmphex (base_va % ATLAS_GB (1), ==, 0);
  result = walk (process, base_va + 0x12345678);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  g_assert_cmphex (result.page_bytes, ==, ATLAS_GB (1));
  g_assert_cmphex (result.pa % ATLAS_GB (1), ==, 0x12345678);
  /* A PDPT, and nothing below it. */
  g_assert_cmpuint (n_free - count_free (system), ==, 262144 + 1);
  atlas_process_terminate (process);
}

/* A process that ends gives back everything that it held in special ways. */
static void
test_the_end_gives_all_back (void)
{
  g_autoptr (AtlasSystem) system = make_large_system (ATLAS_MB (128));
  guint64 n_free = count_free (system);
  AtlasCommit before, after;
  AtlasProcess *process;
  AtlasVa base_va = BASE;
  AtlasPfn pfns[8];
  guint64 n_pages = 8;

  atlas_system_get_commit (system, &before);
  process = make_privileged (system);
  g_assert_cmphex (allocate (process, &base_va, MB2, LARGE_TYPE, RW), ==, OK);
  base_va = BASE + ATLAS_GB (2);
  g_assert_cmphex (
    allocate (process, &base_va, 0x10000, ATLAS_MEM_RESERVE | ATLAS_MEM_PHYSICAL, RW), ==, OK);
  g_assert_cmphex (atlas_nt_allocate_user_physical_pages (process, &n_pages, pfns), ==, OK);
  g_assert_cmphex (atlas_nt_map_user_physical_pages (process, base_va, 8, pfns), ==, OK);
  atlas_process_terminate (process);
  atlas_system_get_commit (system, &after);
  g_assert_cmpuint (count_free (system), ==, n_free);
  g_assert_cmpuint (after.n_charged, ==, before.n_charged);
}

/* Blocks of frames against what the lists say, with single frames taken in between. */
static void
test_contiguous_frames (void)
{
  g_autoptr (AtlasSystem) system = make_large_system (ATLAS_MB (64));
  AtlasFrames *frames = atlas_system_get_frames (system);
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  guint64 n_free = count_free (system);
  guint64 n_blocks = atlas_frames_count_contiguous (frames, 512, 100);
  AtlasPfn pfn;

  g_assert_cmpuint (n_blocks, >, 10);
  g_assert_cmpuint (atlas_frames_count_contiguous (frames, 512, 3), ==, 3);
  for (guint64 i = 0; i < n_blocks; i++)
    {
      g_assert_true (atlas_frames_take_contiguous (frames, 512, ATLAS_FRAME_USE_PRIVATE, &pfn));
      g_assert_cmphex (pfn % 512, ==, 0);
      for (guint j = 0; j < 512; j++)
        g_assert_true (g_hash_table_add (taken, GSIZE_TO_POINTER (pfn + j)));
    }
  g_assert_false (atlas_frames_take_contiguous (frames, 512, ATLAS_FRAME_USE_PRIVATE, &pfn));
  g_assert_cmpuint (n_free - count_free (system), ==, n_blocks * 512);
  while (atlas_frames_take (frames, ATLAS_FRAME_USE_PRIVATE, 0, &pfn))
    g_assert_true (g_hash_table_add (taken, GSIZE_TO_POINTER (pfn)));
  g_assert_cmpuint (g_hash_table_size (taken), ==, n_free);
  g_assert_cmpuint (count_free (system), ==, 0);
}

/* The slow way: how many aligned blocks have only zeroed, free and standby frames, and the fewest
 * standby pages that one of them has. Frames of a run that has just been begun are left out by the
 * caller, who leaves none. */
static guint64
count_blocks (AtlasFrames *frames, guint n_frames, guint *fewest)
{
  guint64 n_blocks = 0;

  *fewest = G_MAXUINT;
  /* The first megabyte is the firmware's. */
  for (AtlasPfn first = n_frames; first + n_frames <= atlas_frames_get_n_frames (frames);
       first += n_frames)
    {
      guint n_standby = 0;
      guint i;

      for (i = 0; i < n_frames; i++)
        {
          AtlasFrame frame;

          atlas_frames_get (frames, first + i, &frame);
          if (frame.state > ATLAS_FRAME_STANDBY)
            break;
          n_standby += frame.state == ATLAS_FRAME_STANDBY;
        }
      if (i < n_frames)
        continue;
      n_blocks++;
      *fewest = MIN (*fewest, n_standby);
    }
  return n_blocks;
}

static void
test_standby_pages_make_room_for_large_ones (FullMemory *full, gconstpointer unused)
{
  AtlasVa base_va = BASE + ATLAS_GB (2);
  guint64 size_bytes = 0;
  guint64 n_repurposed = count_repurposed (full->frames);
  guint64 n_standby, n_blocks;
  guint fewest;
  AtlasPa large_pa;

  /* Modified pages stay where they are. */
  g_assert_cmpuint (count_blocks (full->frames, 512, &fewest), ==, 0);
  g_assert_cmpuint (atlas_frames_count_contiguous (full->frames, 512, 100), ==, 0);
  g_assert_cmphex (
    allocate (full->process, &base_va, MB2, LARGE_TYPE, RW), ==, S (INSUFFICIENT_RESOURCES));
  g_assert_cmpuint (count_repurposed (full->frames), ==, n_repurposed);

  /* Written, they are standby pages. */
  atlas_system_command_memory_list (full->system, ATLAS_MEMORY_LIST_FLUSH_MODIFIED);
  n_standby = atlas_frames_count (full->frames, ATLAS_FRAME_STANDBY);
  g_assert_cmpuint (n_standby, >, full->n_pages - 10);
  n_blocks = count_blocks (full->frames, 512, &fewest);
  g_assert_cmpuint (n_blocks, >, 20);
  g_assert_cmpuint (fewest, >, 0);
  g_assert_cmpuint (atlas_frames_count_contiguous (full->frames, 512, 100), ==, n_blocks);
  g_assert_cmphex (allocate (full->process, &base_va, MB2, LARGE_TYPE, RW), ==, OK);
  g_assert_cmpuint (count_repurposed (full->frames) - n_repurposed, ==, fewest);
  g_assert_cmpuint (n_standby - atlas_frames_count (full->frames, ATLAS_FRAME_STANDBY), ==, fewest);
  g_assert_cmphex (walk (full->process, base_va).page_bytes, ==, MB2);
  large_pa = walk (full->process, base_va).pa;
  /* What stood there is gone from memory, not from the page: all of it is zero. */
  for (guint64 i = 0; i < MB2; i += 8)
    {
      guint64 value = 1;

      g_assert_true (
        atlas_memory_read_u64 (atlas_system_get_memory (full->system), large_pa + i, &value));
      g_assert_cmphex (value, ==, 0);
    }

  /* One more block than there is. */
  n_blocks = count_blocks (full->frames, 512, &fewest);
  base_va = BASE + ATLAS_GB (3);
  g_assert_cmphex (allocate (full->process, &base_va, (n_blocks + 1) * MB2, LARGE_TYPE, RW),
                   ==,
                   S (INSUFFICIENT_RESOURCES));
  g_assert_cmphex (
    allocate (full->process, &base_va, (n_blocks - 2) * MB2, LARGE_TYPE, RW), ==, OK);
  g_assert_cmpuint (count_blocks (full->frames, 512, &fewest), ==, 2);
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (full->process, &base_va, &size_bytes, ATLAS_MEM_RELEASE), ==, OK);
  assert_sleeper_has_its_pages (full);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/windows/large-page/one-entry-maps-2mb", test_one_entry_maps_2mb);
  g_test_add_func ("/windows/large-page/frames-come-zeroed", test_frames_come_zeroed);
  g_test_add_func ("/windows/large-page/what-they-refuse", test_what_large_pages_refuse);
  g_test_add_func ("/windows/large-page/huge", test_huge_page);
  g_test_add_func ("/windows/large-page/the-end-gives-all-back", test_the_end_gives_all_back);
  g_test_add_func ("/windows/large-page/contiguous-frames", test_contiguous_frames);
  g_test_add ("/windows/large-page/standby-pages-make-room",
              FullMemory,
              NULL,
              fill_memory,
              test_standby_pages_make_room_for_large_ones,
              empty_memory);
  return g_test_run ();
}
