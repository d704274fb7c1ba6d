/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Write watches: sub-table K and rows J5 and J6, each from a fresh 64 KB at BASE. Sources as in
 * test-virtual-rows.c. */

#include "windows-fixture.h"

#include "windows/fault.h"
#include "windows/virtual.h"
#include "windows/working-set.h"
#include "windows/write-watch.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define PG 0x1000u
#define SIZE 0x10000u
#define RESET ATLAS_WRITE_WATCH_FLAG_RESET
#define S(name) ATLAS_STATUS_##name
#define OK S (SUCCESS)

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer protect)
{
  AtlasVa base_va = BASE;
  guint64 size_bytes = SIZE;

  fixture->system = make_system ();
  fixture->process = make_process (fixture->system, TRUE);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     fixture->process,
                     &base_va,
                     0,
                     &size_bytes,
                     ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT | ATLAS_MEM_WRITE_WATCH,
                     protect != NULL ? GPOINTER_TO_UINT (protect) : ATLAS_PAGE_READWRITE),
                   ==,
                   OK);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  atlas_process_terminate (fixture->process);
  atlas_system_free (fixture->system);
}

static AtlasStatus
touch (Fixture *fixture, AtlasVa va, AtlasAccess access, gsize size_bytes)
{
  guint8 bytes[64] = { 1, 2, 3, 4 };

  return atlas_process_access (fixture->process, va, access, FALSE, bytes, size_bytes, NULL, NULL);
}

static void
store (Fixture *fixture, AtlasVa va, gsize size_bytes)
{
  g_assert_cmphex (touch (fixture, va, ATLAS_ACCESS_WRITE, size_bytes), ==, OK);
}

static void
protect (Fixture *fixture, AtlasVa va, guint64 size_bytes, guint32 new_protect)
{
  guint32 old_protect;

  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (fixture->process, &va, &size_bytes, new_protect, &old_protect),
    ==,
    OK);
}

static void
decommit (Fixture *fixture, AtlasVa va, guint64 size_bytes)
{
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (fixture->process, &va, &size_bytes, ATLAS_MEM_DECOMMIT), ==, OK);
}

/* What a query of a range tells, as a bit for each of the sixteen pages. */
static guint
get_written (Fixture *fixture, guint32 flags, AtlasVa va, guint64 size_bytes, guint64 n_max)
{
  AtlasVa pages[32];
  guint64 n_pages = n_max;
  guint64 page_bytes = 0;
  guint bits = 0;

  g_assert_cmphex (atlas_nt_get_write_watch (
                     fixture->process, flags, va, size_bytes, pages, &n_pages, &page_bytes),
                   ==,
                   OK);
  g_assert_cmpuint (page_bytes, ==, PG);
  g_assert_cmpuint (n_pages, <=, n_max);
  for (guint64 i = 0; i < n_pages; i++)
    {
      g_assert_cmphex (pages[i] & 0xFFF, ==, 0);
      g_assert_true (i == 0 || pages[i] > pages[i - 1]);
      bits |= 1u << (pages[i] - BASE) / PG;
    }
  return bits;
}

static guint
get_all (Fixture *fixture)
{
  return get_written (fixture, 0, BASE, SIZE, 32);
}

static void
test_k1 (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmphex (get_all (fixture), ==, 0);
  g_assert_cmphex (touch (fixture, BASE, ATLAS_ACCESS_READ, 8), ==, OK);
  g_assert_cmphex (get_all (fixture), ==, 0);
}

static void
test_k2 (Fixture *fixture, gconstpointer unused)
{
  store (fixture, BASE + PG + 1, 1);
  g_assert_cmphex (get_all (fixture), ==, 1 << 1);
  g_assert_cmphex (get_all (fixture), ==, 1 << 1);
}

static void
test_k3 (Fixture *fixture, gconstpointer unused)
{
  store (fixture, BASE + PG, 1);
  g_assert_cmphex (get_written (fixture, RESET, BASE, SIZE, 32), ==, 1 << 1);
  g_assert_cmphex (get_all (fixture), ==, 0);
  store (fixture, BASE + PG, 1);
  g_assert_cmphex (get_all (fixture), ==, 1 << 1);
}

static void
test_k4_k5 (Fixture *fixture, gconstpointer unused)
{
  store (fixture, BASE + 2 * PG, 1);
  store (fixture, BASE + 4 * PG, 1);
  g_assert_cmphex (get_written (fixture, 0, BASE + 3 * PG, 2 * PG, 32), ==, 1 << 4);
  g_assert_cmphex (atlas_nt_reset_write_watch (fixture->process, BASE, 3 * PG), ==, OK);
  g_assert_cmphex (get_all (fixture), ==, 1 << 4);
}

static void
test_k6 (Fixture *fixture, gconstpointer unused)
{
  store (fixture, BASE + 2 * PG - 2, 4);
  g_assert_cmphex (get_all (fixture), ==, 1 << 1 | 1 << 2);
}

static void
test_k7 (Fixture *fixture, gconstpointer unused)
{
  store (fixture, BASE + 9 * PG, 1);
  store (fixture, BASE + 3 * PG, 1);
  store (fixture, BASE + 5 * PG, 1);
  g_assert_cmphex (get_written (fixture, RESET, BASE, SIZE, 1), ==, 1 << 3);
  g_assert_cmphex (get_all (fixture), ==, 1 << 5 | 1 << 9);
}

static void
test_k8 (Fixture *fixture, gconstpointer unused)
{
  store (fixture, BASE + 3 * PG, 1);
  protect (fixture, BASE, SIZE, ATLAS_PAGE_READONLY);
  g_assert_cmphex (get_all (fixture), ==, 1 << 3);
  protect (fixture, BASE, SIZE, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (get_all (fixture), ==, 1 << 3);
  g_assert_cmphex (get_written (fixture, RESET, BASE, SIZE, 32), ==, 1 << 3);
  protect (fixture, BASE, SIZE, ATLAS_PAGE_READONLY);
  protect (fixture, BASE, SIZE, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (get_all (fixture), ==, 0);
}

static void
test_k9 (Fixture *fixture, gconstpointer unused)
{
  static const struct
  {
    AtlasVa va;
    guint64 size_bytes;
    guint64 n_max;
    guint32 flags;
  } cases[] = {
    { 0, SIZE, 16, 0 },
    { BASE + SIZE, SIZE, 16, 0 },     /* free */
    { BASE + 0x100000, SIZE, 16, 0 }, /* allocated, not watched */
    { BASE, 2 * SIZE, 16, 0 },
    { BASE, SIZE + 1, 16, 0 },
    { BASE, 0, 16, 0 },
    { BASE, SIZE, 0, 0 },
    { BASE, SIZE, 16, 2 },
    { BASE, SIZE, 16, 0xDEADBEEF },
    { BASE, G_MAXUINT64, 16, 0 },
    { G_MAXUINT64, 1, 16, 0 },
  };
  AtlasVa other_va = BASE + 0x100000;
  guint64 other_bytes = SIZE;

  g_assert_cmphex (atlas_nt_allocate_virtual_memory (fixture->process,
                                                     &other_va,
                                                     0,
                                                     &other_bytes,
                                                     ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                                                     ATLAS_PAGE_READWRITE),
                   ==,
                   OK);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AtlasVa pages[16] = { 77 };
      guint64 n_pages = cases[i].n_max;
      guint64 page_bytes = 33;
      AtlasStatus status = atlas_nt_get_write_watch (fixture->process,
                                                     cases[i].flags,
                                                     cases[i].va,
                                                     cases[i].size_bytes,
                                                     pages,
                                                     &n_pages,
                                                     &page_bytes);

      g_assert_cmpuint (atlas_status_to_win32 (status), ==, 87);
      g_assert_cmpuint (n_pages, ==, cases[i].n_max);
      g_assert_cmpuint (page_bytes, ==, 33);
      g_assert_cmphex (pages[0], ==, 77);
    }
}

static void
test_k10 (Fixture *fixture, gconstpointer unused)
{
  AtlasVa page;
  guint64 n_pages = 1;
  guint64 page_bytes;

  g_assert_cmphex (
    atlas_nt_get_write_watch (fixture->process, 0, BASE, SIZE, NULL, &n_pages, &page_bytes),
    ==,
    S (ACCESS_VIOLATION));
  g_assert_cmphex (
    atlas_nt_get_write_watch (fixture->process, 0, BASE, SIZE, &page, NULL, &page_bytes),
    ==,
    S (ACCESS_VIOLATION));
  g_assert_cmphex (
    atlas_nt_get_write_watch (fixture->process, 0, BASE, SIZE, &page, &n_pages, NULL),
    ==,
    S (ACCESS_VIOLATION));
}

static void
test_k11 (Fixture *fixture, gconstpointer unused)
{
  const AtlasStatus statuses[] = {
    atlas_nt_reset_write_watch (fixture->process, BASE, 0),
    atlas_nt_reset_write_watch (fixture->process, BASE + SIZE, SIZE),
    atlas_nt_reset_write_watch (fixture->process, 0, SIZE),
    atlas_nt_reset_write_watch (fixture->process, BASE, SIZE + 1),
  };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    g_assert_cmpuint (atlas_status_to_win32 (statuses[i]), ==, 87);
}

static void
test_k12 (Fixture *fixture, gconstpointer unused)
{
  store (fixture, BASE + 3 * PG, 1);
  store (fixture, BASE + 5 * PG, 1);
  decommit (fixture, BASE + 3 * PG, PG);
  g_assert_cmphex (get_all (fixture), ==, 1 << 5);
  protect (fixture, BASE + 5 * PG, PG, ATLAS_PAGE_READONLY);
  decommit (fixture, BASE + 5 * PG, PG);
  g_assert_cmphex (get_all (fixture), ==, 1 << 5);
}

static void
test_j5_j6 (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmphex (touch (fixture, BASE, ATLAS_ACCESS_WRITE, 1), ==, S (GUARD_PAGE_VIOLATION));
  g_assert_cmphex (get_all (fixture), ==, 0);
  store (fixture, BASE, 1);
  g_assert_cmphex (get_all (fixture), ==, 1);
  g_assert_cmphex (touch (fixture, BASE + PG, ATLAS_ACCESS_READ, 1), ==, S (GUARD_PAGE_VIOLATION));
  g_assert_cmphex (touch (fixture, BASE + PG, ATLAS_ACCESS_READ, 1), ==, OK);
  g_assert_cmphex (get_all (fixture), ==, 1);
}

/* A reservation can be asked too. */
static void
test_reserved_pages_are_unwritten (Fixture *fixture, gconstpointer unused)
{
  decommit (fixture, BASE, SIZE);
  g_assert_cmphex (get_all (fixture), ==, 0);
}

/* The base goes away and comes back: nothing of the old writes is left. */
static void
test_release_forgets (Fixture *fixture, gconstpointer unused)
{
  AtlasVa base_va = BASE;
  guint64 size_bytes = 0;

  store (fixture, BASE + PG, 1);
  protect (fixture, BASE, SIZE, ATLAS_PAGE_READONLY);
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (fixture->process, &base_va, &size_bytes, ATLAS_MEM_RELEASE),
    ==,
    OK);
  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (fixture->process,
                                      &base_va,
                                      0,
                                      &size_bytes,
                                      ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT | ATLAS_MEM_WRITE_WATCH,
                                      ATLAS_PAGE_READWRITE),
    ==,
    OK);
  g_assert_cmphex (get_all (fixture), ==, 0);
}

/* The contents of a page that counts as unwritten again are not lost when it leaves the working
 * set, and coming back is no write. */
static void
test_trimming_is_no_write (Fixture *fixture, gconstpointer unused)
{
  guint8 byte = 0;

  store (fixture, BASE + PG, 4);
  g_assert_cmphex (get_written (fixture, RESET, BASE, SIZE, 32), ==, 1 << 1);
  atlas_process_empty_working_set (fixture->process);
  g_assert_cmphex (get_all (fixture), ==, 0);
  g_assert_cmphex (
    atlas_process_access (
      fixture->process, BASE + PG + 1, ATLAS_ACCESS_READ, FALSE, &byte, 1, NULL, NULL),
    ==,
    OK);
  g_assert_cmpuint (byte, ==, 2);
  g_assert_cmphex (get_all (fixture), ==, 0);
  store (fixture, BASE + PG, 1);
  atlas_process_empty_working_set (fixture->process);
  g_assert_cmphex (get_all (fixture), ==, 1 << 1);
}

/* Random writes, protections, decommits and resets against a set of bits. A page that was protected
 * since it was written keeps its mark when it is decommitted. */
static void
test_model (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  guint hot = 0, kept = 0, committed = 0xFFFF, readonly = 0;

  for (guint i = 0; i < 4000; i++)
    {
      guint page = (guint) g_rand_int_range (rand, 0, 16);
      guint bit = 1u << page;
      AtlasVa va = BASE + page * PG;
      AtlasStatus status;

      switch (g_rand_int_range (rand, 0, 6))
        {
        case 0:
        case 1:
          status = touch (fixture, va, ATLAS_ACCESS_WRITE, 1);
          g_assert_true ((status == OK) == ((committed & ~readonly & bit) != 0));
          if (status == OK)
            hot |= bit;
          break;
        case 2:
          if ((committed & bit) == 0)
            break;
          readonly ^= bit;
          if ((readonly & bit) != 0)
            {
              kept |= hot & bit;
              hot &= ~bit;
            }
          protect (
            fixture, va, PG, (readonly & bit) != 0 ? ATLAS_PAGE_READONLY : ATLAS_PAGE_READWRITE);
          break;
        case 3:
          decommit (fixture, va, PG);
          committed &= ~bit;
          readonly &= ~bit;
          hot &= ~bit;
          break;
        case 4:
          {
            AtlasVa page_va = va;
            guint64 size_bytes = PG;

            if ((committed & bit) != 0)
              break;
            g_assert_cmphex (
              atlas_nt_allocate_virtual_memory (
                fixture->process, &page_va, 0, &size_bytes, ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE),
              ==,
              OK);
            committed |= bit;
            break;
          }
        default:
          g_assert_cmphex (atlas_nt_reset_write_watch (fixture->process, va, PG), ==, OK);
          hot &= ~bit;
          kept &= ~bit;
          break;
        }
      g_assert_cmphex (get_all (fixture), ==, hot | kept);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/windows/rows/K1", test_k1 },
    { "/windows/rows/K2", test_k2 },
    { "/windows/rows/K3", test_k3 },
    { "/windows/rows/K4-K5", test_k4_k5 },
    { "/windows/rows/K6", test_k6 },
    { "/windows/rows/K7", test_k7 },
    { "/windows/rows/K8", test_k8 },
    { "/windows/rows/K9", test_k9 },
    { "/windows/rows/K10", test_k10 },
    { "/windows/rows/K11", test_k11 },
    { "/windows/rows/K12", test_k12 },
    { "/windows/write-watch/reserved-pages-are-unwritten", test_reserved_pages_are_unwritten },
    { "/windows/write-watch/release-forgets", test_release_forgets },
    { "/windows/write-watch/trimming-is-no-write", test_trimming_is_no_write },
    { "/windows/write-watch/model", test_model },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  g_test_add ("/windows/rows/J5-J6",
              Fixture,
              GUINT_TO_POINTER (ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD),
              set_up,
              test_j5_j6,
              tear_down);
  return g_test_run ();
}
