/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Rows of the behaviour table where the memory calls meet views and images: A27, A28, D5, D6, F30,
 * G23, H12, L10; and what does not apply: M18, the NO_MEMORY of D6. Sources as in
 * test-virtual-rows.c. */

#include "windows-fixture.h"

#include "windows/fault.h"
#include "windows/view.h"
#include "windows/virtual.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define RW ATLAS_PAGE_READWRITE
/* Not in the engine. */
#define SEC_BASED 0x00200000u
#define BOTH (ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT)
#define S(name) ATLAS_STATUS_##name
#define OK S (SUCCESS)

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process; /* with ntdll */
  AtlasVa ntdll_va;
  AtlasSectionObject *section; /* 0x20000 bytes of the paging file */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->system = make_system ();
  fixture->process = make_process (fixture->system, FALSE);
  g_assert_true (atlas_process_find_module (fixture->process, "ntdll", &fixture->ntdll_va));
  g_assert_cmphex (atlas_nt_create_section (fixture->system,
                                            ATLAS_SECTION_ALL_ACCESS,
                                            0x20000,
                                            RW,
                                            ATLAS_SEC_COMMIT,
                                            NULL,
                                            &fixture->section),
                   ==,
                   OK);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  atlas_process_terminate (fixture->process);
  atlas_section_object_close (fixture->section);
  atlas_system_free (fixture->system);
}

static AtlasStatus
map (Fixture *fixture, AtlasVa *base_va, guint64 zero_bits, guint64 view_bytes, guint32 type)
{
  guint64 offset = 0;

  return atlas_nt_map_view_of_section (fixture->section,
                                       fixture->process,
                                       base_va,
                                       zero_bits,
                                       0,
                                       &offset,
                                       &view_bytes,
                                       ATLAS_VIEW_UNMAP,
                                       type,
                                       RW);
}

static AtlasStatus
allocate (Fixture *fixture, AtlasVa va, guint64 size_bytes, guint32 type)
{
  return atlas_nt_allocate_virtual_memory (fixture->process, &va, 0, &size_bytes, type, RW);
}

static AtlasRegion
query (Fixture *fixture, AtlasVa va)
{
  AtlasRegion region;

  g_assert_cmphex (atlas_nt_query_virtual_memory (fixture->process, va, &region), ==, OK);
  return region;
}

static void
test_a27_a28 (Fixture *fixture, gconstpointer unused)
{
  AtlasVa base_va = BASE;

  g_assert_cmphex (allocate (fixture, fixture->ntdll_va + 0x10000, 0x1000, ATLAS_MEM_RESERVE),
                   ==,
                   S (CONFLICTING_ADDRESSES));
  g_assert_cmphex (map (fixture, &base_va, 0, 0x2000, 0), ==, OK);
  g_assert_cmphex (allocate (fixture, BASE + 0x2000, 0x1000, BOTH), ==, S (CONFLICTING_ADDRESSES));
  g_assert_cmphex (allocate (fixture, BASE + 0x10000, 0x1000, BOTH), ==, OK);
}

static void
test_d5_d6 (Fixture *fixture, gconstpointer unused)
{
  AtlasVa base_va = 0x30000000;

  g_assert_cmphex (map (fixture, &base_va, 3, 0x2000, 0), ==, S (INVALID_PARAMETER_4));
  g_assert_cmphex (map (fixture, &base_va, 2, 0x2000, 0), ==, OK);
  /* With 10 leading zeros 4 MB are left, which a view fits into; Server 2003 had no room with 11.
   */
  base_va = 0;
  g_assert_cmphex (map (fixture, &base_va, 10, 0x2000, 0), ==, OK);
  g_assert_cmphex (base_va, <, 0x400000);
  base_va = 0;
  g_assert_cmphex (map (fixture, &base_va, 11, 0x2000, 0), ==, OK);
  g_assert_cmphex (base_va, <, 0x200000);
}

static void
test_f30_l10 (Fixture *fixture, gconstpointer unused)
{
  AtlasVa base_va = BASE;
  guint64 size_bytes = 0;

  g_assert_cmphex (map (fixture, &base_va, 0, 0x20000, 0), ==, OK);
  for (guint i = 0; i < 2; i++)
    {
      guint32 type = i == 0 ? ATLAS_MEM_RELEASE : ATLAS_MEM_DECOMMIT;
      AtlasStatus status =
        atlas_nt_free_virtual_memory (fixture->process, &base_va, &size_bytes, type);

      g_assert_cmphex (status, ==, S (UNABLE_TO_DELETE_SECTION));
      g_assert_cmpuint (atlas_status_to_win32 (status), ==, 87);
    }
  g_assert_cmphex (query (fixture, BASE).size_bytes, ==, 0x20000);
}

static AtlasStatus
reserve_placeholder (Fixture *fixture, AtlasVa va, guint64 size_bytes)
{
  return atlas_nt_allocate_virtual_memory_ex (fixture->process,
                                              &va,
                                              &size_bytes,
                                              ATLAS_MEM_RESERVE | ATLAS_MEM_RESERVE_PLACEHOLDER,
                                              ATLAS_PAGE_NOACCESS,
                                              NULL,
                                              0);
}

static AtlasStatus
map_into (Fixture *fixture, AtlasVa va, guint64 view_bytes)
{
  guint64 offset = 0;

  return atlas_nt_map_view_of_section_ex (fixture->section,
                                          fixture->process,
                                          &va,
                                          &offset,
                                          &view_bytes,
                                          ATLAS_MEM_REPLACE_PLACEHOLDER,
                                          RW,
                                          NULL,
                                          0);
}

/* The ring buffer: one section twice, side by side. */
static void
test_g23 (Fixture *fixture, gconstpointer unused)
{
  AtlasVa half_va = BASE + 0x20000;
  guint64 size_bytes = 0x20000;
  guint8 byte = 0x5A;

  g_assert_cmphex (reserve_placeholder (fixture, BASE, 0x40000), ==, OK);
  g_assert_cmphex (map_into (fixture, BASE, 0x20000), ==, S (CONFLICTING_ADDRESSES));
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (
      fixture->process, &half_va, &size_bytes, ATLAS_MEM_RELEASE | ATLAS_MEM_PRESERVE_PLACEHOLDER),
    ==,
    OK);
  g_assert_cmphex (map_into (fixture, BASE, 0x20000), ==, OK);
  g_assert_cmphex (map_into (fixture, BASE, 0x20000), ==, S (CONFLICTING_ADDRESSES));
  g_assert_cmphex (map_into (fixture, BASE + 0x20000, 0x20000), ==, OK);
  g_assert_cmphex (
    atlas_process_access (
      fixture->process, BASE + 0x20003, ATLAS_ACCESS_WRITE, FALSE, &byte, 1, NULL, NULL),
    ==,
    OK);
  byte = 0;
  g_assert_cmphex (atlas_process_access (
                     fixture->process, BASE + 3, ATLAS_ACCESS_READ, FALSE, &byte, 1, NULL, NULL),
                   ==,
                   OK);
  g_assert_cmphex (byte, ==, 0x5A);

  /* One goes back to what it was, the other away. */
  g_assert_cmphex (atlas_nt_unmap_view_preserving (fixture->process, BASE + 0x1234), ==, OK);
  g_assert_cmphex (query (fixture, BASE).state, ==, ATLAS_STATE_RESERVE);
  g_assert_cmphex (query (fixture, BASE).allocation_protect, ==, ATLAS_PAGE_NOACCESS);
  g_assert_cmphex (map_into (fixture, BASE, 0x20000), ==, OK);
  g_assert_cmphex (atlas_nt_unmap_view_of_section (fixture->process, BASE + 0x20000), ==, OK);
  g_assert_cmphex (query (fixture, BASE + 0x20000).state, ==, ATLAS_STATE_FREE);
}

static void
test_unmapping_other_views_preserves_nothing (Fixture *fixture, gconstpointer unused)
{
  AtlasVa base_va = BASE;

  g_assert_cmphex (map (fixture, &base_va, 0, 0x20000, 0), ==, OK);
  g_assert_cmphex (
    atlas_nt_unmap_view_preserving (fixture->process, BASE), ==, S (CONFLICTING_ADDRESSES));
  g_assert_cmphex (
    atlas_nt_unmap_view_preserving (fixture->process, BASE + 0x100000), ==, S (NOT_MAPPED_VIEW));
  g_assert_cmphex (query (fixture, BASE).state, ==, ATLAS_STATE_COMMIT);
}

static void
test_h12 (Fixture *fixture, gconstpointer unused)
{
  static const struct
  {
    AtlasAddressRequirements requirements;
    AtlasVa base_va;
    AtlasStatus status;
  } cases[] = {
    { { 0, 0, 0x10000 }, 0, S (INVALID_PARAMETER) },
    { { 0, 0, 0x200000 }, 0, S (INVALID_PARAMETER) },
    { { 0x20000000, 0x2003FFFF, 0 }, 0, OK },
    { { 0x20000000, 0x2001FFFF, 0 }, 0, S (NO_MEMORY) }, /* the one before is there */
    { { 0, 0x2003FFFF, 0 }, BASE, S (INVALID_PARAMETER) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const AtlasExtendedParameter parameter = { .type = ATLAS_EXTENDED_ADDRESS_REQUIREMENTS,
                                                 .requirements = &cases[i].requirements };
      AtlasVa base_va = cases[i].base_va;
      guint64 offset = 0, view_bytes = 0x20000;

      g_test_message ("case %u", i);
      g_assert_cmphex (
        atlas_nt_map_view_of_section_ex (
          fixture->section, fixture->process, &base_va, &offset, &view_bytes, 0, RW, &parameter, 1),
        ==,
        cases[i].status);
      if (cases[i].status == OK)
        g_assert_cmphex (base_va, ==, cases[i].requirements.lowest_va);
    }
}

/* Rows that do not apply are named in the output, with the reason. */

static void
test_m18 (Fixture *fixture, gconstpointer unused)
{
  AtlasSectionObject *section;

  g_assert_cmphex (
    atlas_nt_create_section (
      fixture->system, ATLAS_SECTION_ALL_ACCESS, 0x10000, RW, SEC_BASED, NULL, &section),
    ==,
    S (INVALID_PARAMETER_6));
  g_test_skip ("M18 tells where 32-bit Windows puts two SEC_BASED sections, each 64 KB below the "
               "last; this machine runs 64-bit Windows and has no such sections");
}

static void
test_d6_without_memory (Fixture *fixture, gconstpointer unused)
{
  g_test_skip ("D6 says NO_MEMORY for 11 zero bits on Server 2003, where all of the low 2 MB was "
               "taken; here they are free, and a view fits");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/windows/rows/A27-A28", test_a27_a28 },
    { "/windows/rows/D5-D6", test_d5_d6 },
    { "/windows/rows/F30-L10", test_f30_l10 },
    { "/windows/rows/G23", test_g23 },
    { "/windows/rows/M18", test_m18 },
    { "/windows/rows/D6-NO_MEMORY", test_d6_without_memory },
    { "/windows/rows/H12", test_h12 },
    { "/windows/views/preserving", test_unmapping_other_views_preserves_nothing },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
