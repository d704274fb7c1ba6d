/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Address Windowing Extensions: windows on frames that the program holds. */

#include "locked-memory-fixture.h"

#include "windows/state-hash-private.h"

#define WINDOW (BASE + ATLAS_GB (2))

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
  AtlasPfn pfns[4];
} Window;

static void
open_window (Window *window, gconstpointer unused)
{
  AtlasVa base_va = WINDOW;
  guint64 n_pages = 4;

  window->system = make_large_system (ATLAS_MB (128));
  window->process = make_privileged (window->system);
  g_assert_cmphex (
    allocate (window->process, &base_va, 0x10000, ATLAS_MEM_RESERVE | ATLAS_MEM_PHYSICAL, RW),
    ==,
    OK);
  g_assert_cmphex (
    atlas_nt_allocate_user_physical_pages (window->process, &n_pages, window->pfns), ==, OK);
  g_assert_cmpuint (n_pages, ==, 4);
}

static void
close_window (Window *window, gconstpointer unused)
{
  atlas_process_terminate (window->process);
  atlas_system_free (window->system);
}

static AtlasStatus
map (Window *window, guint page, guint n_pages, const AtlasPfn *pfns)
{
  return atlas_nt_map_user_physical_pages (window->process, WINDOW + page * 0x1000, n_pages, pfns);
}

static void
put (Window *window, guint page, guint8 byte)
{
  g_assert_cmphex (
    atlas_process_access (
      window->process, WINDOW + page * 0x1000, ATLAS_ACCESS_WRITE, FALSE, &byte, 1, NULL, NULL),
    ==,
    OK);
}

/* -1 where nothing is mapped. */
static gint
get (Window *window, guint page)
{
  guint8 byte = 0;

  return atlas_process_access (window->process,
                               WINDOW + page * 0x1000,
                               ATLAS_ACCESS_READ,
                               FALSE,
                               &byte,
                               1,
                               NULL,
                               NULL) == OK
           ? byte
           : -1;
}

static void
test_pages_move_with_their_contents (Window *window, gconstpointer unused)
{
  const AtlasPfn swapped[] = { window->pfns[1], window->pfns[0] };
  AtlasRegion region;

  g_assert_cmpint (get (window, 0), ==, -1);
  g_assert_cmphex (map (window, 0, 2, window->pfns), ==, OK);
  put (window, 0, 10);
  put (window, 1, 11);
  g_assert_cmphex (map (window, 0, 2, NULL), ==, OK);
  g_assert_cmpint (get (window, 0), ==, -1);
  g_assert_cmphex (map (window, 8, 2, window->pfns), ==, OK);
  g_assert_cmpint (get (window, 8), ==, 10);
  g_assert_cmpint (get (window, 9), ==, 11);
  /* What is mapped over may be one of the same. */
  g_assert_cmphex (map (window, 8, 2, swapped), ==, OK);
  g_assert_cmpint (get (window, 8), ==, 11);
  g_assert_cmpint (get (window, 9), ==, 10);
  g_assert_cmphex (atlas_nt_query_virtual_memory (window->process, WINDOW, &region), ==, OK);
  g_assert_cmphex (region.state, ==, ATLAS_STATE_RESERVE);
  g_assert_cmphex (region.size_bytes, ==, 0x8000);
  g_assert_cmphex (walk (window->process, WINDOW + 0x8000).pa, ==, window->pfns[1] * 0x1000);
}

static void
test_scatter (Window *window, gconstpointer unused)
{
  const AtlasVa vas[] = { WINDOW + 0xF000, WINDOW + 0x3000, WINDOW };
  const AtlasVa twice[] = { WINDOW, WINDOW + 0x3000, WINDOW + 8 };
  AtlasPfn with_hole[] = { 0, window->pfns[2], 0 };

  g_assert_cmphex (
    atlas_nt_map_user_physical_pages_scatter (window->process, vas, 3, window->pfns), ==, OK);
  put (window, 15, 1);
  put (window, 3, 2);
  put (window, 0, 3);
  g_assert_cmphex (
    atlas_nt_map_user_physical_pages_scatter (window->process, twice, 3, window->pfns),
    ==,
    S (INVALID_PARAMETER_1));
  g_assert_cmphex (
    atlas_nt_map_user_physical_pages_scatter (window->process, vas, 3, with_hole), ==, OK);
  g_assert_cmpint (get (window, 15), ==, -1);
  g_assert_cmpint (get (window, 3), ==, 3);
  g_assert_cmpint (get (window, 0), ==, -1);
}

/* All or nothing. */
static void
test_what_a_window_refuses (Window *window, gconstpointer unused)
{
  const AtlasPfn foreign[] = { window->pfns[2], 0x100 };
  const AtlasPfn twice[] = { window->pfns[2], window->pfns[2] };
  const AtlasPfn mapped[] = { window->pfns[2], window->pfns[0] };
  AtlasVa va = WINDOW;
  guint64 size_bytes = 0x1000;
  guint32 old_protect;
  guint64 hash;

  g_assert_cmphex (map (window, 0, 1, window->pfns), ==, OK);
  put (window, 0, 7);
  hash = atlas_system_hash_state (window->system);
  g_assert_cmphex (map (window, 4, 2, foreign), ==, S (CONFLICTING_ADDRESSES));
  g_assert_cmphex (map (window, 4, 2, twice), ==, S (INVALID_PARAMETER_3));
  g_assert_cmphex (map (window, 4, 2, mapped), ==, S (INVALID_PARAMETER_3));
  g_assert_cmphex (map (window, 15, 2, window->pfns), ==, S (INVALID_PARAMETER_2));
  g_assert_cmphex (map (window, 16, 1, window->pfns), ==, S (INVALID_PARAMETER_1));
  g_assert_cmphex (map (window, 0, 0, window->pfns), ==, S (INVALID_PARAMETER_2));
  g_assert_cmphex (atlas_nt_protect_virtual_memory (
                     window->process, &va, &size_bytes, ATLAS_PAGE_READONLY, &old_protect),
                   ==,
                   S (CONFLICTING_ADDRESSES));
  g_assert_cmphex (
    allocate (window->process, &va, 0x1000, ATLAS_MEM_COMMIT, RW), ==, S (CONFLICTING_ADDRESSES));
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (window->process, &va, &size_bytes, ATLAS_MEM_RELEASE),
    ==,
    S (FREE_VM_NOT_AT_BASE));
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (window->process, &va, &size_bytes, ATLAS_MEM_DECOMMIT),
    ==,
    S (MEMORY_NOT_ALLOCATED));
  g_assert_cmphex (atlas_system_hash_state (window->system), ==, hash);
  g_assert_cmpint (get (window, 4), ==, -1);
  g_assert_cmpint (get (window, 0), ==, 7);
}

/* Pages outlive their window, and end when they are freed. */
static void
test_pages_survive_their_window (Window *window, gconstpointer unused)
{
  AtlasVa va = WINDOW;
  guint64 size_bytes = 0;
  guint64 n_pages = 4;
  AtlasPfn listed[8];

  g_assert_cmphex (map (window, 0, 4, window->pfns), ==, OK);
  put (window, 2, 42);
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (window->process, &va, &size_bytes, ATLAS_MEM_RELEASE), ==, OK);
  g_assert_cmpuint (atlas_process_count_user_physical_pages (window->process), ==, 4);
  g_assert_cmpuint (atlas_process_list_user_physical_pages (window->process, listed, 8), ==, 4);
  g_assert_cmphex (
    allocate (window->process, &va, 0x10000, ATLAS_MEM_RESERVE | ATLAS_MEM_PHYSICAL, RW), ==, OK);
  g_assert_cmphex (map (window, 0, 4, window->pfns), ==, OK);
  g_assert_cmpint (get (window, 2), ==, 42);
  g_assert_cmphex (
    atlas_nt_free_user_physical_pages (window->process, &n_pages, window->pfns), ==, OK);
  g_assert_cmpint (get (window, 2), ==, -1);
  n_pages = 1;
  g_assert_cmphex (atlas_nt_free_user_physical_pages (window->process, &n_pages, window->pfns),
                   ==,
                   S (CONFLICTING_ADDRESSES));
  g_assert_cmpuint (n_pages, ==, 0);
}

static void
test_privilege (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  guint64 n_pages = 1;
  AtlasPfn pfn;
  AtlasVa base_va = 0;

  g_assert_cmphex (
    atlas_nt_allocate_user_physical_pages (process, &n_pages, &pfn), ==, S (PRIVILEGE_NOT_HELD));
  /* B6: the window alone needs none. */
  g_assert_cmphex (
    allocate (process, &base_va, 0x1000, ATLAS_MEM_RESERVE | ATLAS_MEM_PHYSICAL, RW), ==, OK);
  atlas_process_terminate (process);
}

static void
test_awe_takes_what_is_available (FullMemory *full, gconstpointer unused)
{
  guint64 n_free = count_free (full->system);
  guint64 n_available, n_pages;
  g_autofree AtlasPfn *pfns = g_new (AtlasPfn, 70000);
  guint64 n_repurposed = count_repurposed (full->frames);

  /* Of the modified pages none. */
  n_pages = 70000;
  g_assert_cmphex (atlas_nt_allocate_user_physical_pages (full->process, &n_pages, pfns), ==, OK);
  g_assert_cmpuint (n_pages, ==, n_free);
  g_assert_cmphex (atlas_nt_free_user_physical_pages (full->process, &n_pages, pfns), ==, OK);

  atlas_system_command_memory_list (full->system, ATLAS_MEMORY_LIST_FLUSH_MODIFIED);
  n_available = atlas_frames_count_available (full->frames);
  g_assert_cmpuint (n_available, >, n_free + full->n_pages - 10);
  n_pages = n_available - 100;
  g_assert_cmphex (atlas_nt_allocate_user_physical_pages (full->process, &n_pages, pfns), ==, OK);
  g_assert_cmpuint (n_pages, ==, n_available - 100);
  g_assert_cmpuint (count_repurposed (full->frames) - n_repurposed, ==, n_pages - n_free);
  g_assert_cmphex (atlas_nt_free_user_physical_pages (full->process, &n_pages, pfns), ==, OK);
  assert_sleeper_has_its_pages (full);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Window *window, gconstpointer data);
  } windows[] = {
    { "/windows/awe/pages-move-with-their-contents", test_pages_move_with_their_contents },
    { "/windows/awe/scatter", test_scatter },
    { "/windows/awe/what-a-window-refuses", test_what_a_window_refuses },
    { "/windows/awe/pages-survive-their-window", test_pages_survive_their_window },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/windows/awe/takes-what-is-available",
              FullMemory,
              NULL,
              fill_memory,
              test_awe_takes_what_is_available,
              empty_memory);
  g_test_add_func ("/windows/rows/B6", test_privilege);
  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    g_test_add (windows[i].path, Window, NULL, open_window, windows[i].test, close_window);
  return g_test_run ();
}
