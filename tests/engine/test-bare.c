/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* A machine without an operating system: its commands, what is none of them, and tables that make
 * no sense. */

#include "session/session.h"
#include "space/why.h"

#include <string.h>

static AtlasCommandResult *
run (AtlasSession *session, const char *command)
{
  g_autoptr (GError) error = NULL;
  AtlasCommandResult *result = atlas_session_run (session, command, &error);

  g_assert_no_error (error);
  g_test_message ("%s: %s", command, result->result);
  return result;
}

static void
assert_gives (AtlasSession *session, const char *command, AtlasStatus status, const char *words)
{
  g_autoptr (AtlasCommandResult) result = run (session, command);

  g_assert_cmpstr (atlas_status_get_name (result->status), ==, atlas_status_get_name (status));
  if (strstr (result->result, words) == NULL)
    g_error ("%s says \"%s\", not \"%s\"", command, result->result, words);
}

static void
assert_means_nothing (AtlasSession *session, const char *command, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = atlas_session_run (session, command, &error);

  g_assert_null (result);
  g_assert_nonnull (error);
  g_test_message ("%s: %s", command, error->message);
  g_assert_nonnull (strstr (error->message, words));
}

/* Maps 0x400000 by entries 0, 0, 2, 0. */
static AtlasSession *
make (const char *machine)
{
  AtlasSession *session = atlas_session_new ();
  static const char *const commands[] = {
    "frame $pml4 = 0x1000",  "frame $pdpt = 0x2000",
    "frame $pd = 0x3000",    "frame $pt = 0x4000",
    "frame $page = 0x10000", "put $pml4 0 $pdpt+0x7",
    "put $pdpt 0 $pd+0x7",   "put $pd 2 $pt+0x7",
    "put $pt 0 $page+0x7",   "cr3 $pml4",
  };

  atlas_command_result_unref (run (session, machine));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    assert_gives (session, commands[i], ATLAS_STATUS_SUCCESS, "");
  return session;
}

static void
test_only_first (void)
{
  g_autoptr (AtlasSession) windows = atlas_session_new ();
  g_autoptr (AtlasSession) bare = atlas_session_new ();

  assert_gives (windows, "process a.exe bare", ATLAS_STATUS_SUCCESS, "");
  assert_means_nothing (windows, "machine", "already runs");
  assert_means_nothing (windows, "frame 0x1000", "runs Windows");
  assert_means_nothing (windows, "put 0x1000 0 0", "runs Windows");
  assert_gives (windows, "cr3 0x1000", ATLAS_STATUS_INVALID_PARAMETER, "CR3 is Windows'");

  assert_means_nothing (bare, "frame 0x1000", "machine as the first command");
  assert_means_nothing (bare, "machine 512K", "memory from 1M to 4T");
  assert_means_nothing (bare, "machine 5T", "memory from 1M to 4T");
  assert_means_nothing (bare, "machine 0x100001", "memory from 1M to 4T");
  assert_means_nothing (bare, "machine 1M levels=3", "levels=4 or levels=5");
  assert_gives (bare, "machine 1M", ATLAS_STATUS_SUCCESS, "1 MB, no operating system");
  assert_means_nothing (bare, "machine", "already runs");
  assert_means_nothing (bare, "system", "no operating system");
  assert_means_nothing (bare, "process a.exe", "no operating system");
  assert_means_nothing (bare, "alloc 64K commit readwrite", "no operating system");
  assert_means_nothing (bare, "why 0x1000", "no operating system");
  assert_means_nothing (bare, "tick 1s", "no operating system");
  g_assert_null (atlas_session_get_process (bare));
  g_assert_null (atlas_session_get_system (bare));
  g_assert_nonnull (atlas_session_get_mmu (bare));
}

static void
test_arguments (void)
{
  g_autoptr (AtlasSession) session = make ("machine 1M");

  assert_gives (session, "frame 0x1001", ATLAS_STATUS_INVALID_PARAMETER, "0x1001 is not");
  assert_gives (session, "frame 0x100000", ATLAS_STATUS_INVALID_PARAMETER, "0x100000 is not");
  assert_gives (session, "frame 0xff000", ATLAS_STATUS_SUCCESS, "0xff000");
  assert_gives (session, "frame 0xfffffffffffff000", ATLAS_STATUS_INVALID_PARAMETER, "is not");
  assert_gives (session, "put 0x1008 0 0", ATLAS_STATUS_INVALID_PARAMETER, "0x1008 is not");
  assert_gives (session, "put 0x100000 0 0", ATLAS_STATUS_INVALID_PARAMETER, "is not");
  assert_means_nothing (session, "put $pml4 512 0", "an index from 0 to 511");
  assert_means_nothing (session, "put $pml4 0", "the entry's 64 bits");
  assert_means_nothing (session, "put $pml4 0 $nobody+1", "$nobody");
  assert_gives (session, "put $pml4 511 0xffffffffffffffff", ATLAS_STATUS_SUCCESS, "entry 511");
  assert_gives (session, "cr3 0x100000", ATLAS_STATUS_INVALID_PARAMETER, "is not");
  assert_gives (session, "cr3 0x8000000000001000", ATLAS_STATUS_INVALID_PARAMETER, "#GP(0)");
  assert_gives (session, "cr3 0xfffffffffffff000", ATLAS_STATUS_INVALID_PARAMETER, "#GP(0)");
  assert_gives (session, "cr3", ATLAS_STATUS_SUCCESS, "CR3 0x1000");
  assert_gives (session, "entry 0x400000 pml5e 0", ATLAS_STATUS_INVALID_ADDRESS, "PML5E");
  assert_gives (session, "entry 0x600000 pte 0", ATLAS_STATUS_INVALID_ADDRESS, "PTE");
  assert_gives (session, "entry 0x600000 pde 0", ATLAS_STATUS_SUCCESS, "PDE of 0x600000 is 0x0");
}

static void
test_accesses (void)
{
  g_autoptr (AtlasSession) session = make ("machine");

  assert_gives (session, "write 0x400ffc 4 value=0x1", ATLAS_STATUS_SUCCESS, "wrote 4 bytes");
  assert_gives (session,
                "write 0x400ffc 8 value=1",
                ATLAS_STATUS_ACCESS_VIOLATION,
                "#PF at 0x401000, error code 0x6");
  assert_gives (session, "read 0x400000 supervisor", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "control smap=yes", ATLAS_STATUS_SUCCESS, "SMAP 1");
  assert_gives (
    session, "read 0x400000 supervisor", ATLAS_STATUS_ACCESS_VIOLATION, "error code 0x1: ");
  assert_gives (session, "control pkru=1", ATLAS_STATUS_INVALID_PARAMETER, "PKE");
  assert_gives (session, "read 0x800000000000", ATLAS_STATUS_ACCESS_VIOLATION, "#GP");
  assert_gives (session, "put $pt 0 0x4000000007", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "invlpg 0x400000", ATLAS_STATUS_SUCCESS, "dropped");
  /* There is no memory at 256 GB. */
  assert_gives (session, "read 0x400000 2", ATLAS_STATUS_SUCCESS, "ff ff");
  assert_gives (session, "write 0x400000 2", ATLAS_STATUS_SUCCESS, "wrote");
  assert_gives (session, "put $pt 0 0x10000000000007", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "cr3", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "read 0x400000", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "put $pt 0 0x8000000000007", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "cr3", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "read 0x400000", ATLAS_STATUS_ACCESS_VIOLATION, "error code 0xd");
  assert_gives (session, "wrmsr 0x2ff 0xc04", ATLAS_STATUS_SUCCESS, "WT by default");
  assert_gives (session, "msr 0x2ff", ATLAS_STATUS_SUCCESS, "WT by default");
  assert_gives (session, "msr 0x40000020", ATLAS_STATUS_INVALID_PARAMETER, "no such register");
  assert_gives (session, "tlb none", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "counters", ATLAS_STATUS_SUCCESS, "0 L1 data hits");
  assert_gives (session, "cr3", ATLAS_STATUS_SUCCESS, "0 cached entries");
  assert_gives (session, "tlb zen4", ATLAS_STATUS_SUCCESS, "");
}

/* The map says what the tables say, at once. */
static void
test_space_follows_the_tables (void)
{
  g_autoptr (AtlasSession) session = make ("machine");
  AtlasRegionSet *regions = atlas_space_get_regions (atlas_session_get_space (session));
  const AtlasRegion *region =
    atlas_region_set_get_region (regions, atlas_region_set_find (regions, 0x400000));
  g_autofree char *before = NULL, *after = NULL;
  AtlasWalkQuery query = { .va = 0x400000 };
  AtlasWalkResult result;
  g_auto (AtlasWhy) why = { 0 };

  g_assert_cmphex (region->base_va, ==, 0x400000);
  g_assert_cmphex (region->size_bytes, ==, ATLAS_PAGE_BYTES);
  g_assert_cmpint (region->state, ==, ATLAS_STATE_COMMIT);
  g_assert_nonnull (atlas_space_get_mtrrs (atlas_session_get_space (session)));
  /* Nobody gives addresses out here. */
  atlas_why_init (&why, atlas_session_get_space (session), 0x10000000);
  g_assert_false (why.may_allocate);
  g_assert_nonnull (strstr (why.verdict, "Not known"));

  assert_gives (session, "put $pt 1 0x11005", ATLAS_STATUS_SUCCESS, "");
  regions = atlas_space_get_regions (atlas_session_get_space (session));
  region = atlas_region_set_get_region (regions, atlas_region_set_find (regions, 0x401fff));
  g_assert_cmphex (region->base_va, ==, 0x401000);
  g_assert_cmpuint (region->protect, ==, ATLAS_PAGE_EXECUTE_READ);

  assert_gives (session, "write 0x400000 1", ATLAS_STATUS_SUCCESS, "");
  atlas_space_walk (atlas_session_get_space (session), &query, &result);
  g_assert_cmphex (result.entries[3], ==, 0x10067);

  /* All of it is the journal's. */
  before = atlas_session_to_text (session);
  g_assert_true (atlas_session_undo (session));
  atlas_space_walk (atlas_session_get_space (session), &query, &result);
  g_assert_cmphex (result.entries[3], ==, 0x10007);
  g_assert_true (atlas_session_redo (session));
  atlas_space_walk (atlas_session_get_space (session), &query, &result);
  g_assert_cmphex (result.entries[3], ==, 0x10067);
  after = atlas_session_to_text (session);
  g_assert_cmpstr (after, ==, before);
  atlas_session_seek (session, 0);
  g_assert_null (atlas_session_get_space (session));
}

static void
test_five_levels (void)
{
  g_autoptr (AtlasSession) session = make ("machine 16M levels=5");
  g_autofree char *text = atlas_session_to_text (session);

  g_assert_true (g_str_has_prefix (text, "machine 16M levels=5\n"));
  /* The same tables are one level lower now: 0x400000 was 0, 0, 2, 0. */
  assert_gives (session, "read 0x400000", ATLAS_STATUS_ACCESS_VIOLATION, "not present");
  assert_gives (session, "frame $pml5 = 0x5000", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "put $pml5 0 $pml4+0x7", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "cr3 $pml5", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "read 0x400000", ATLAS_STATUS_SUCCESS, "");
  assert_gives (session, "entry 0x400000 pml5e 0", ATLAS_STATUS_SUCCESS, "PML5E of 0x400000");
}

/* Tables full of anything: the map, walks and accesses take it. */
static void
test_hostile_tables (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autoptr (AtlasSession) session = make ("machine 1M");

  for (guint i = 0; i < 300; i++)
    {
      guint64 entry = (guint64) g_rand_int (random) << 32 | g_rand_int (random);
      g_autofree char *put = NULL;
      g_autofree char *read = NULL;
      g_autoptr (AtlasCommandResult) result = NULL;
      g_autoptr (AtlasCommandResult) done = NULL;
      AtlasRegionSet *regions;

      /* Mostly such as lead to one of the tables, themselves included. */
      if (i % 4 != 0)
        entry = (entry & G_GUINT64_CONSTANT (0x80000000000001ff)) |
                (guint64) g_rand_int_range (random, 1, 5) << 12 | ATLAS_ENTRY_P;
      put = g_strdup_printf ("put 0x%x %d 0x%" G_GINT64_MODIFIER "x",
                             (guint) g_rand_int_range (random, 1, 5) << 12,
                             g_rand_int_range (random, 0, 4),
                             entry);
      done = run (session, put);
      regions = atlas_space_get_regions (atlas_session_get_space (session));
      g_assert_cmpuint (atlas_region_set_get_n_regions (regions), >, 0);
      read = g_strdup_printf ("write pml4[%d].pdpt[%d].pd[%d].pt[%d] 8 value=%u%s",
                              g_rand_int_range (random, 0, 4),
                              g_rand_int_range (random, 0, 4),
                              g_rand_int_range (random, 0, 4),
                              g_rand_int_range (random, 0, 4),
                              g_rand_int (random),
                              i % 2 == 0 ? " supervisor" : "");
      result = run (session, read);
      g_assert_nonnull (result->trace);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bare/only-first", test_only_first);
  g_test_add_func ("/bare/arguments", test_arguments);
  g_test_add_func ("/bare/accesses", test_accesses);
  g_test_add_func ("/bare/space-follows-the-tables", test_space_follows_the_tables);
  g_test_add_func ("/bare/five-levels", test_five_levels);
  g_test_add_func ("/bare/hostile-tables", test_hostile_tables);
  return g_test_run ();
}
