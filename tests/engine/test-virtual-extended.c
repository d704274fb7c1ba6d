/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* VirtualAlloc2 and its kin, row by row: G placeholders, H extended parameters, and the rows of the
 * plain call that are about its callers (A26, C11, F20). Sources as in test-virtual-rows.c. */

#include "virtual-rows.h"

#include "windows/layout.h"

#define P BASE
#define SIZE 0x10000u
#define HALF 0x8000u
#define QUARTER 0x4000u

static const Row rows[] = {
  /* clang-format off */
  { "G1", NULL, { ALLOC_EX_FAILS (0, SIZE, HOLD, RW, S (INVALID_PARAMETER)),
                  ALLOC_EX_FAILS (0, SIZE, HOLD | COMMIT, NONE, S (INVALID_PARAMETER)),
                  ALLOC_EX_FAILS (0, SIZE, HOLD | REPLACE, NONE, S (INVALID_PARAMETER)),
                  ALLOC_EX_FAILS (0, SIZE, ATLAS_MEM_RESERVE_PLACEHOLDER, NONE, S (INVALID_PARAMETER)) } },
  { "G2", NULL, { ALLOC_EX (P, SIZE, HOLD, NONE),
                  IS_RESERVE (P, P, SIZE, NONE),
                  READ (P, S (ACCESS_VIOLATION)),
                  CHARGE (0) } },
  { "G3", "G2", { ALLOC_EX (P, SIZE, BOTH | REPLACE, RW),
                  IS_COMMIT (P, P, SIZE, RW, RW),
                  WRITE (P, OK),
                  CHARGE (16) } },
  { "G4", "G3", { FREE_GIVES (P, SIZE, PRESERVE, P, SIZE),
                  IS_RESERVE (P, P, SIZE, NONE),
                  CHARGE (0) } },
  { "G5", "G4", { ALLOC_EX (P, SIZE, BOTH | REPLACE, RO),
                  IS_COMMIT (P, P, SIZE, RO, RO),
                  READS (P, 0) } },
  { "G6", "G2", { ALLOC_EX_FAILS (P, SIZE, HOLD, NONE, S (CONFLICTING_ADDRESSES)) } },
  { "G7", "G2", { ALLOC_EX_FAILS (P, SIZE, RESERVE, RW, S (CONFLICTING_ADDRESSES)),
                  ALLOC_EX_FAILS (P, SIZE, COMMIT, RW, S (CONFLICTING_ADDRESSES)),
                  ALLOC_FAILS (P, SIZE, COMMIT, RW, S (CONFLICTING_ADDRESSES)),
                  IS_RESERVE (P, P, SIZE, NONE) } },
  { "G8", "G2", { ALLOC_EX_FAILS (P, 0x1000, RESERVE | REPLACE, RW, S (CONFLICTING_ADDRESSES)),
                  ALLOC_EX_FAILS (P + 0x1000, SIZE - 0x1000, RESERVE | REPLACE, RW, S (CONFLICTING_ADDRESSES)),
                  ALLOC_EX_FAILS (P, SIZE + 0x1000, RESERVE | REPLACE, RW, S (CONFLICTING_ADDRESSES)),
                  ALLOC_EX_FAILS (P + SIZE, SIZE, RESERVE | REPLACE, RW, S (CONFLICTING_ADDRESSES)),
                  IS_RESERVE (P, P, SIZE, NONE) } },
  { "G9", "G2", { ALLOC_EX_FAILS (P, SIZE, REPLACE, RW, S (INVALID_PARAMETER)),
                  ALLOC_EX_FAILS (P, SIZE, COMMIT | REPLACE, RW, S (INVALID_PARAMETER)),
                  ALLOC_EX_FAILS (0, SIZE, RESERVE | REPLACE, RW, S (INVALID_PARAMETER)) } },
  { "G10", "G2", { ALLOC_EX (P, SIZE, WRITE_WATCH | RESERVE | REPLACE, RO),
                   IS_RESERVE (P, P, SIZE, RO),
                   ALLOC (P, SIZE, COMMIT, RW),
                   IS_COMMIT (P, P, SIZE, RW, RO) } },
  { "G11", NULL, { ALLOC (P, SIZE, RESERVE, RW),
                   FREE_FAILS (P, SIZE, PRESERVE, S (CONFLICTING_ADDRESSES)),
                   FREE_FAILS (P + QUARTER, QUARTER, PRESERVE, S (CONFLICTING_ADDRESSES)),
                   IS_RESERVE (P, P, SIZE, RW) } },
  { "G12", "G2", { FREE_FAILS (P, SIZE, PRESERVE, S (CONFLICTING_ADDRESSES)),
                   IS_RESERVE (P, P, SIZE, NONE) } },
  { "G13", "G2", { FREE_GIVES (P + HALF, QUARTER, PRESERVE, P + HALF, QUARTER),
                   IS_RESERVE (P, P, HALF, NONE),
                   IS_RESERVE (P + HALF, P + HALF, QUARTER, NONE),
                   IS_RESERVE (P + HALF + QUARTER, P + HALF + QUARTER, QUARTER, NONE) } },
  /* The halves: a front quarter, then what is behind the second one. */
  { "G14", "G2", { FREE_GIVES (P, QUARTER, PRESERVE, P, QUARTER),
                   FREE_GIVES (P + HALF, HALF, PRESERVE, P + HALF, HALF),
                   IS_RESERVE (P, P, QUARTER, NONE),
                   IS_RESERVE (P + QUARTER, P + QUARTER, QUARTER, NONE),
                   IS_RESERVE (P + HALF, P + HALF, HALF, NONE) } },
  { "G15", "G2", { FREE_FAILS (P, 0, PRESERVE, S (INVALID_PARAMETER_3)),
                   FREE_FAILS (P, 0, COALESCE, S (INVALID_PARAMETER_3)) } },
  { "G16", "G2", { FREE_FAILS (P, SIZE, COALESCE, S (CONFLICTING_ADDRESSES)) } },
  { "G17", "G13", { FREE_FAILS (P, SIZE, ATLAS_MEM_COALESCE_PLACEHOLDERS, S (INVALID_PARAMETER_4)),
                    FREE_FAILS (P, SIZE, ATLAS_MEM_PRESERVE_PLACEHOLDER, S (INVALID_PARAMETER_4)),
                    FREE_FAILS (P, SIZE, PRESERVE | COALESCE, S (INVALID_PARAMETER_4)),
                    FREE_FAILS (P, SIZE, DECOMMIT | ATLAS_MEM_PRESERVE_PLACEHOLDER, S (INVALID_PARAMETER_4)) } },
  { "G18", "G13", { FREE_FAILS (P, SIZE + 0x1000, COALESCE, S (CONFLICTING_ADDRESSES)),
                    FREE_FAILS (P, SIZE - 0x1000, COALESCE, S (CONFLICTING_ADDRESSES)),
                    FREE_FAILS (P + 0x1000, SIZE - 0x1000, COALESCE, S (CONFLICTING_ADDRESSES)),
                    IS_RESERVE (P, P, HALF, NONE) } },
  { "G19", "G13", { FREE_FAILS (P, SIZE, RELEASE, S (UNABLE_TO_FREE_VM)) } },
  { "G20", "G13", { FREE_GIVES (P, SIZE, COALESCE, P, SIZE),
                    IS_RESERVE (P, P, SIZE, NONE) } },
  { "G21", "G13", { ALLOC_EX (P + HALF, QUARTER, BOTH | REPLACE, RW),
                    FREE_FAILS (P, SIZE, COALESCE, S (CONFLICTING_ADDRESSES)),
                    FREE_GIVES (P + HALF, 0, RELEASE, P + HALF, QUARTER),
                    FREE_FAILS (P, SIZE, COALESCE, S (CONFLICTING_ADDRESSES)),
                    IS_FREE (P + HALF, QUARTER) } },
  { "G22", "G2", { FREE_GIVES (P, 0, RELEASE, P, SIZE),
                   FREE_FAILS (P, 0, RELEASE, S (MEMORY_NOT_ALLOCATED)),
                   IS_FREE (P, ANY) } },
  { "G-part-of-a-replacement-stays", "G3", { FREE_FAILS (P, HALF, PRESERVE, S (CONFLICTING_ADDRESSES)),
                                             READS (P, 0x5A),
                                             WIN32_FREE (P, 0, RELEASE, 0),
                                             IS_FREE (P, ANY) } },
  { "G-protect-needs-pages", "G2", { PROTECT_WIN32 (P, 0x1000, RW, 487) } },
  { "G-replacement-at-any-page", "G13", { ALLOC_EX (P + HALF, QUARTER, BOTH | REPLACE, RX),
                                          EXECUTE (P + HALF, OK),
                                          IS_COMMIT (P + HALF, P + HALF, QUARTER, RX, RX),
                                          CHARGE (4) } },
  /* clang-format on */
};

typedef struct
{
  const char *name;
  AtlasAddressRequirements requirements;
  AtlasVa base_va;
  guint64 size_bytes;
  guint32 type;
  AtlasStatus status;
} RequirementRow;

#define MAX_VA ATLAS_MAX_APPLICATION_VA

static const RequirementRow requirement_rows[] = {
  { "H4", { 0, 0, 0 }, 0, 0x1000, RESERVE, OK },
  { "H5", { 0, 0x20001001, 0 }, 0, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H5", { 0, 0x20000FFE, 0 }, 0, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H5", { 0, 0x200007FF, 0 }, 0, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H6", { 0, MAX_VA + 0x1000, 0 }, 0, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H6", { 0, MAX_VA, 0 }, 0, 0x1000, RESERVE, OK },
  { "H7", { 0, 0x20000FFF, 0 }, 0, 0x40000, RESERVE, OK },
  { "H8", { 0, 0x6000FFFF, 0 }, BASE, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H8", { 0, 0x6000FFFF, 0 }, BASE, 0x1000, COMMIT, S (INVALID_PARAMETER) },
  { "H8", { 0, 0, 0x10000 }, BASE, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H8", { 0x10000, 0, 0 }, BASE, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H8", { 0, 0, 0 }, BASE, 0x1000, RESERVE, OK },
  { "H9", { 0, 0, 0x10000 }, 0, 0x1000, RESERVE, OK },
  { "H9", { 0, 0, 0x40000 }, 0, 0x1000, RESERVE, OK },
  { "H9", { 0, 0, ATLAS_GB (512) }, 0, 0x1000, RESERVE, OK },
  { "H10", { 0, 0, 0x8000 }, 0, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H10", { 0, 0, 0x30000 }, 0, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H11", { 0, 0x20000FFF, 0x20000000 }, 0, 0x2000, RESERVE, S (NO_MEMORY) },
  { "H11", { 0, 0x20001FFF, 0x20000000 }, 0, 0x2000, RESERVE, OK },
  { "H-lowest-is-not-a-slot", { 0x1000, 0, 0 }, 0, 0x1000, RESERVE, S (INVALID_PARAMETER) },
  { "H-lowest-above-highest",
    { 0x30000000, 0x20000FFF, 0 },
    0,
    0x1000,
    RESERVE,
    S (INVALID_PARAMETER) },
  { "H-exactly-one-place", { 0x20000000, 0x20000FFF, 0 }, 0, 0x1000, BOTH, OK },
  { "H-a-byte-more-than-fits", { 0x20000000, 0x20000FFF, 0 }, 0, 0x1001, BOTH, S (NO_MEMORY) },
  { "H-only-never-allocatable", { 0x7FFE0000, 0x8000FFFF, 0 }, 0, 0x1000, RESERVE, S (NO_MEMORY) },
  { "H-window-with-top-down",
    { 0x30000000, 0x3FFFFFFF, 0x100000 },
    0,
    0x1000,
    RESERVE | TOP_DOWN,
    OK },
};

static void
test_requirements (gconstpointer data)
{
  const RequirementRow *row = data;
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  const AtlasExtendedParameter parameter = { .type = ATLAS_EXTENDED_ADDRESS_REQUIREMENTS,
                                             .requirements = &row->requirements };
  AtlasVa base_va = row->base_va;
  guint64 size_bytes = row->size_bytes;
  AtlasStatus status = atlas_nt_allocate_virtual_memory_ex (
    process, &base_va, &size_bytes, row->type, RW, &parameter, 1);

  g_assert_cmpstr (atlas_status_get_name (status), ==, atlas_status_get_name (row->status));
  if (status == OK)
    {
      guint64 alignment_bytes = MAX (row->requirements.alignment_bytes, 0x10000);
      AtlasVa highest_va =
        row->requirements.highest_va != 0 ? row->requirements.highest_va : MAX_VA;

      g_assert_cmphex (base_va % alignment_bytes, ==, 0);
      g_assert_cmphex (base_va, >=, row->requirements.lowest_va);
      g_assert_cmphex (base_va + size_bytes - 1u, <=, highest_va);
      g_assert_cmphex (size_bytes, ==, atlas_page_ceil (row->size_bytes));
    }
  else
    {
      g_assert_cmphex (base_va, ==, row->base_va);
      g_assert_cmphex (size_bytes, ==, row->size_bytes);
    }
  atlas_process_terminate (process);
}

static const struct
{
  const char *name;
  AtlasExtendedParameter parameters[2];
  guint n_parameters;
  AtlasStatus status;
} parameter_rows[] = {
  { "H2", { { .type = ATLAS_EXTENDED_INVALID } }, 1, S (INVALID_PARAMETER) },
  { "H2", { { .type = ATLAS_N_EXTENDED } }, 1, S (INVALID_PARAMETER) },
  { "H2", { { .type = G_MAXUINT32 } }, 1, S (INVALID_PARAMETER) },
  { "H3",
    { { .type = ATLAS_EXTENDED_NUMA_NODE }, { .type = ATLAS_EXTENDED_NUMA_NODE } },
    2,
    S (INVALID_PARAMETER) },
  { "H13", { { .type = ATLAS_EXTENDED_IMAGE_MACHINE, .value = 0x1234 } }, 1, S (NOT_SUPPORTED) },
  { "H13",
    { { .type = ATLAS_EXTENDED_IMAGE_MACHINE, .value = 0x1234 },
      { .type = ATLAS_EXTENDED_NUMA_NODE } },
    2,
    S (INVALID_PARAMETER) },
  { "H14",
    { { .type = ATLAS_EXTENDED_ATTRIBUTE_FLAGS, .value = ATLAS_ATTRIBUTE_EC_CODE } },
    1,
    S (NOT_SUPPORTED) },
  { "H-unknown-attribute",
    { { .type = ATLAS_EXTENDED_ATTRIBUTE_FLAGS, .value = ATLAS_BIT (40) } },
    1,
    S (INVALID_PARAMETER) },
  { "H-any-node", { { .type = ATLAS_EXTENDED_NUMA_NODE, .value = G_MAXUINT32 } }, 1, OK },
  { "H-second-node",
    { { .type = ATLAS_EXTENDED_NUMA_NODE, .value = 1 } },
    1,
    S (INVALID_PARAMETER) },
  { "H-partition",
    { { .type = ATLAS_EXTENDED_PARTITION_HANDLE, .value = 4 } },
    1,
    S (INVALID_HANDLE) },
};

static void
test_parameters (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (parameter_rows); i++)
    {
      AtlasVa base_va = 0;
      guint64 size_bytes = 0x1000;

      g_test_message ("%s", parameter_rows[i].name);
      g_assert_cmphex (atlas_nt_allocate_virtual_memory_ex (process,
                                                            &base_va,
                                                            &size_bytes,
                                                            RESERVE,
                                                            RW,
                                                            parameter_rows[i].parameters,
                                                            parameter_rows[i].n_parameters),
                       ==,
                       parameter_rows[i].status);
    }
  atlas_process_terminate (process);
}

static void
test_h1 (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasVa base_va = 0;
  guint64 size_bytes = 0x1000;

  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory_ex (process, &base_va, &size_bytes, RESERVE, RW, NULL, 1),
    ==,
    S (INVALID_PARAMETER));
  g_assert_cmphex (base_va, ==, 0);
  atlas_process_terminate (process);
}

static void
test_alloc2_takes_what_is_rounded (void)
{
  static const struct
  {
    AtlasVa base_va;
    guint64 size_bytes;
    AtlasStatus status;
  } cases[] = {
    { BASE + 0x1000, 0x1000, S (INVALID_PARAMETER) },
    { BASE, 0x1001, S (INVALID_PARAMETER) },
    { BASE, 0, S (INVALID_PARAMETER_4) },
    { BASE, 0x1000, OK },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AtlasVa base_va = cases[i].base_va;

      g_assert_cmphex (
        atlas_virtual_alloc2 (process, &base_va, cases[i].size_bytes, RESERVE, RW, NULL, 0),
        ==,
        cases[i].status);
    }
  atlas_process_terminate (process);
}

static void
test_c11 (void)
{
  static const guint32 protections[] = { X, RX, RWX, ATLAS_PAGE_EXECUTE_WRITECOPY };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  guint64 size_bytes = 0x1000;
  AtlasVa base_va = 0;

  for (guint i = 0; i < G_N_ELEMENTS (protections); i++)
    g_assert_cmphex (
      atlas_virtual_alloc_from_app (process, &base_va, &size_bytes, BOTH, protections[i]),
      ==,
      S (INVALID_PARAMETER));
  g_assert_cmphex (atlas_virtual_alloc_from_app (process, &base_va, &size_bytes, BOTH, RW), ==, OK);
  atlas_process_terminate (process);
}

/* A26, F20: a call on no process, or on one that has ended. */
static void
test_no_process (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasProcess *processes[] = { NULL, process };
  AtlasSpace *space = atlas_space_ref (atlas_process_get_space (process));
  AtlasVa base_va = BASE;
  guint64 size_bytes = 0x1000;
  guint32 old_protect = 0;
  AtlasRegion region;

  atlas_process_terminate (process);
  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    {
      AtlasProcess *none = processes[i];

      g_assert_cmphex (
        atlas_nt_allocate_virtual_memory (none, &base_va, 0, &size_bytes, RESERVE, RW),
        ==,
        S (INVALID_HANDLE));
      g_assert_cmphex (
        atlas_nt_allocate_virtual_memory_ex (none, &base_va, &size_bytes, RESERVE, RW, NULL, 0),
        ==,
        S (INVALID_HANDLE));
      g_assert_cmphex (atlas_nt_free_virtual_memory (none, &base_va, &size_bytes, RELEASE),
                       ==,
                       S (INVALID_HANDLE));
      g_assert_cmphex (
        atlas_nt_protect_virtual_memory (none, &base_va, &size_bytes, RW, &old_protect),
        ==,
        S (INVALID_HANDLE));
      g_assert_cmphex (
        atlas_nt_query_virtual_memory (none, base_va, &region), ==, S (INVALID_HANDLE));
    }
  g_assert_cmphex (base_va, ==, BASE);
  g_assert_cmphex (size_bytes, ==, 0x1000);
  atlas_space_unref (space);
}

/* What a preview says is what the call does. */
static void
test_previews (void)
{
  static const struct
  {
    AtlasVa base_va;
    guint64 size_bytes;
    guint32 type;
    const char *word; /* of the reason */
  } cases[] = {
    { BASE, 0x1000, RESERVE | REPLACE, "split it first" },
    { BASE + 0x100000, 0x1000, RESERVE | REPLACE, "no placeholder" },
    { BASE, 0x1000, RESERVE, "placeholder" },
    { BASE, 0x1000, COMMIT, "placeholder" },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasAllocationPreview preview;
  AtlasVa base_va = BASE;
  guint64 size_bytes = SIZE;

  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory_ex (process, &base_va, &size_bytes, HOLD, NONE, NULL, 0),
    ==,
    OK);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      atlas_virtual_alloc2_preview (
        process, cases[i].base_va, cases[i].size_bytes, cases[i].type, RW, NULL, 0, &preview);
      g_assert_cmphex (preview.status, ==, S (CONFLICTING_ADDRESSES));
      g_assert_nonnull (strstr (preview.reason, cases[i].word));
    }
  atlas_virtual_alloc2_preview (process, BASE, SIZE, RESERVE | REPLACE, RW, NULL, 0, &preview);
  g_assert_cmphex (preview.status, ==, OK);
  g_assert_null (preview.reason);
  g_assert_cmpuint (preview.n_pages, ==, 16);
  atlas_process_terminate (process);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_rows (rows, G_N_ELEMENTS (rows));
  for (guint i = 0; i < G_N_ELEMENTS (requirement_rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/windows/rows/%s/%u", requirement_rows[i].name, i);

      g_test_add_data_func (path, &requirement_rows[i], test_requirements);
    }
  g_test_add_func ("/windows/rows/H1", test_h1);
  g_test_add_func ("/windows/rows/H2-H3-H13-H14", test_parameters);
  g_test_add_func ("/windows/rows/C11", test_c11);
  g_test_add_func ("/windows/rows/A26-F20", test_no_process);
  g_test_add_func ("/windows/extended/alloc2-takes-what-is-rounded",
                   test_alloc2_takes_what_is_rounded);
  g_test_add_func ("/windows/extended/previews", test_previews);
  return g_test_run ();
}
