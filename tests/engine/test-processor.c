/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Entries and registers changed by hand: the processor obeys at once, its caches do not, and
 * Windows' books stay right whatever was written. */

#include <string.h>

#include "paging/entry.h"
#include "session/session.h"
#include "windows/fault.h"
#include "windows/machine-private.h"
#include "windows/processor.h"

#include "windows-fixture.h"

#define BASE_VA G_GUINT64_CONSTANT (0x20000000)

static void
allocate (AtlasProcess *process, AtlasVa va, guint64 size_bytes)
{
  AtlasVa base_va = va;

  g_assert_cmphex (atlas_nt_allocate_virtual_memory (process,
                                                     &base_va,
                                                     0,
                                                     &size_bytes,
                                                     ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                                                     ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
}

static AtlasStatus
try_access (AtlasProcess *process, AtlasVa va, AtlasAccess access)
{
  guint8 byte = 0;

  return atlas_process_access (process, va, access, FALSE, &byte, 1, NULL, NULL);
}

static guint64
read_entry (AtlasProcess *process, AtlasVa va, guint level)
{
  AtlasWalkResult result;
  const AtlasWalkQuery query = { .va = va };

  atlas_space_walk (atlas_process_get_space (process), &query, &result);
  g_assert_cmpuint (result.n_steps, >, ATLAS_LEVEL_PML4 - level);
  return result.entries[ATLAS_LEVEL_PML4 - level];
}

static AtlasEntryEdit
edit (AtlasProcess *process, AtlasVa va, guint level, guint64 value)
{
  AtlasEntryEdit done;

  g_assert_cmphex (
    atlas_process_edit_entry (process, va, level, FALSE, value, &done), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (read_entry (process, va, level), ==, value);
  return done;
}

static void
test_the_tlb_keeps_what_it_has_until_invlpg (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  guint64 entry;
  AtlasEntryEdit done;

  allocate (process, BASE_VA, ATLAS_KB (64));
  g_assert_cmphex (try_access (process, BASE_VA, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_SUCCESS);
  entry = read_entry (process, BASE_VA, ATLAS_LEVEL_PT);
  g_assert_cmpuint (atlas_mmu_get_stale_level (atlas_system_get_mmu (system), BASE_VA), ==, 0);

  done = edit (process, BASE_VA, ATLAS_LEVEL_PT, entry & ~ATLAS_ENTRY_US);
  g_assert_cmphex (done.old_entry, ==, entry);
  g_assert_true (done.before.is_user);
  g_assert_false (done.after.is_user);
  g_assert_cmpuint (done.stale_level, ==, ATLAS_LEVEL_PT);
  /* The tables forbid it, the TLB does not ask them. */
  g_assert_cmphex (try_access (process, BASE_VA, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_SUCCESS);

  g_assert_cmpuint (atlas_process_invalidate_page (process, BASE_VA), >, 0);
  g_assert_cmpuint (atlas_mmu_get_stale_level (atlas_system_get_mmu (system), BASE_VA), ==, 0);
  g_assert_cmphex (
    try_access (process, BASE_VA, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_ACCESS_VIOLATION);

  edit (process, BASE_VA, ATLAS_LEVEL_PT, entry);
  g_assert_cmphex (try_access (process, BASE_VA, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_SUCCESS);
}

static void
test_a_cached_table_address_is_stale_too (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasVa second_va = BASE_VA + ATLAS_KB (4);
  guint64 entry;
  AtlasEntryEdit done;

  allocate (process, BASE_VA, ATLAS_KB (64));
  g_assert_cmphex (try_access (process, BASE_VA, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_SUCCESS);
  entry = read_entry (process, second_va, ATLAS_LEVEL_PD);

  /* Nothing is cached of the second page itself, but its PDE is. */
  done = edit (process, second_va, ATLAS_LEVEL_PD, entry + ATLAS_PAGE_BYTES);
  g_assert_cmpuint (done.stale_level, ==, ATLAS_LEVEL_PD);
  g_assert_cmpuint (atlas_process_reload_cr3 (process), >, 0);
  g_assert_cmpuint (atlas_mmu_get_stale_level (atlas_system_get_mmu (system), second_va), ==, 0);
}

static void
test_an_entry_that_cannot_be_reached_is_not_written (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasEntryEdit done;

  g_assert_cmphex (
    atlas_process_edit_entry (process, ATLAS_TB (60), ATLAS_LEVEL_PT, FALSE, 7, &done),
    ==,
    ATLAS_STATUS_INVALID_ADDRESS);
  g_assert_cmphex (
    atlas_process_edit_entry (process, ATLAS_TB (60), ATLAS_LEVEL_PML4, FALSE, 0, &done),
    ==,
    ATLAS_STATUS_SUCCESS);
}

static void
test_switches_change_the_verdict (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasControl control = *atlas_system_get_control (system);

  allocate (process, BASE_VA, ATLAS_KB (64));
  g_assert_cmphex (try_access (process, BASE_VA, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (
    try_access (process, BASE_VA, ATLAS_ACCESS_EXECUTE), ==, ATLAS_STATUS_ACCESS_VIOLATION);

  /* Without NXE bit 63 is reserved: a data page cannot be touched at all. */
  control.efer &= ~ATLAS_EFER_NXE;
  g_assert_cmpuint (atlas_system_set_control (system, &control), ==, ATLAS_RULE_NONE);
  atlas_process_reload_cr3 (process);
  g_assert_cmphex (
    try_access (process, BASE_VA, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_ACCESS_VIOLATION);
  control.efer |= ATLAS_EFER_NXE;
  g_assert_cmpuint (atlas_system_set_control (system, &control), ==, ATLAS_RULE_NONE);
  g_assert_cmphex (try_access (process, BASE_VA, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_SUCCESS);

  /* A process that starts later has them too, and what is illegal changes nothing. */
  control.cr4 |= ATLAS_CR4_PKE;
  g_assert_cmpuint (atlas_system_set_control (system, &control), ==, ATLAS_RULE_NONE);
  g_assert_true ((atlas_process_get_control (make_process (system, TRUE))->cr4 & ATLAS_CR4_PKE) !=
                 0);
  control.cr4 &= ~ATLAS_CR4_PAE;
  g_assert_cmpuint (atlas_system_set_control (system, &control), ==, ATLAS_RULE_PAE_IN_LONG_MODE);
  g_assert_true ((atlas_system_get_control (system)->cr4 & ATLAS_CR4_PAE) != 0);
}

/* Entries in use and resident pages, counted the slow way over what is reached from the root. */
static void
check_books (AtlasSystem *system)
{
  for (guint i = 0; i < system->processes->len; i++)
    {
      AtlasProcess *process = g_ptr_array_index (system->processes, i);
      guint64 n_resident_pages = process->n_resident_pages;
      guint64 n_tables = process->n_tables;

      atlas_system_recount_tables (system);
      g_assert_cmpuint (process->n_resident_pages, ==, n_resident_pages);
      g_assert_cmpuint (process->n_tables, ==, n_tables);
    }
}

static guint64
draw_entry (GRand *rand, AtlasSystem *system, guint64 old_entry)
{
  guint64 n_frames = atlas_frames_get_n_frames (atlas_system_get_frames (system));
  guint64 pfn = (guint64) g_rand_int_range (rand, 0, (gint32) n_frames);

  switch (g_rand_int_range (rand, 0, 6))
    {
    case 0:
      return 0;
    case 1: /* one bit turned */
      return old_entry ^ ATLAS_BIT ((guint) g_rand_int_range (rand, 0, 64));
    case 2: /* some other frame */
      return (old_entry & ~ATLAS_ENTRY_FRAME) | pfn << ATLAS_PAGE_SHIFT;
    case 3: /* a neighbour's frame */
      return old_entry + (guint64) g_rand_int_range (rand, 0, 8) * ATLAS_PAGE_BYTES;
    case 4:
      return (guint64) g_rand_int (rand) << 32 | g_rand_int (rand);
    default: /* present, for everybody */
      return pfn << ATLAS_PAGE_SHIFT | 0x867;
    }
}

/* The entry of some other address: a frame or table that somebody else uses. */
static guint64
steal_entry (AtlasProcess *process, AtlasVa va, guint level)
{
  AtlasWalkResult result;
  const AtlasWalkQuery query = { .va = va };
  guint n_levels = atlas_process_get_n_levels (process);

  atlas_space_walk (atlas_process_get_space (process), &query, &result);
  return result.n_steps > n_levels - level
           ? result.entries[n_levels - level]
           : atlas_walk_result_get_step (&result, 0).table_pa | 0x867;
}

static AtlasVa
draw_va (GRand *rand, AtlasProcess *process)
{
  AtlasRegionSet *regions = atlas_space_get_regions (atlas_process_get_space (process));
  guint n_regions = atlas_region_set_get_n_regions (regions);
  const AtlasRegion *region =
    atlas_region_set_get_region (regions, (guint) g_rand_int_range (rand, 0, (gint32) n_regions));
  guint64 n_pages = MIN (region->size_bytes / ATLAS_PAGE_BYTES, 64u);

  return region->base_va +
         (guint64) g_rand_int_range (rand, 0, (gint32) MAX (n_pages, 1u)) * ATLAS_PAGE_BYTES;
}

static void
run_random_command (AtlasSession *session, GRand *rand, AtlasVa va)
{
  static const char *const commands[] = {
    "read 0x%lx 8",
    "write 0x%lx 16 value=0x1234567",
    "write 0x%lx supervisor",
    "execute 0x%lx",
    "alloc 0x%lx 64K reserve|commit readwrite",
    "commit 0x%lx 8K",
    "decommit 0x%lx 4K",
    "release 0x%lx",
    "protect 0x%lx 8K readonly",
    "protect 0x%lx 4K noaccess",
    "protect 0x%lx 12K readwrite",
    "query 0x%lx",
    "invlpg 0x%lx",
    "tick 10ms",
    "cr3",
    "trim",
    "tick 10s",
    "lock 0x%lx 8K",
    "unlock 0x%lx 8K",
    "reset 0x%lx 8K",
    "reset_undo 0x%lx 8K",
    "where 0x%lx",
    "prefetch 0x%lx 16K",
    "view 0x%lx",
  };
  const char *format = commands[g_rand_int_range (rand, 0, G_N_ELEMENTS (commands))];
  g_autofree char *address = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", va);
  g_autoptr (GString) command = g_string_new (format);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;

  g_string_replace (command, "0x%lx", address, 0);
  result = atlas_session_run (session, command->str, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result);
}

static void
test_random_edits_leave_the_books_right (gconstpointer data)
{
  static const char *const machines[] = {
    "", " kvashadow=on", " levels=5", " levels=5 kvashadow=on"
  };
  guint seed = GPOINTER_TO_UINT (data);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;
  g_autofree char *text =
    g_strdup_printf ("system memory=64M seed=3%s\npagefile 16M\nprocess $q other.exe\n"
                     "process $p demo.exe\n"
                     "alloc $a = 0x20000000 256K reserve|commit readwrite\nwrite $a 64K\n",
                     machines[seed % G_N_ELEMENTS (machines)]);
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (text, "fuzz", &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 120; i++)
    {
      AtlasProcess *process = atlas_session_get_process (session);
      AtlasVa va = draw_va (rand, process);
      gint end_level = (gint) atlas_process_get_n_levels (process) + 1;
      guint level = (guint) g_rand_int_range (rand, 1, end_level);
      AtlasEntryEdit done;
      guint64 old_entry = steal_entry (process, va, level);

      atlas_process_edit_entry (
        process,
        va,
        level,
        g_rand_boolean (rand),
        g_rand_int_range (rand, 0, 3) == 0
          ? steal_entry (
              process, draw_va (rand, process), (guint) g_rand_int_range (rand, 1, end_level))
          : draw_entry (rand, atlas_session_get_system (session), old_entry),
        &done);
      for (guint j = 0; j < 6; j++)
        run_random_command (session, rand, g_rand_boolean (rand) ? va : draw_va (rand, process));
      check_books (atlas_session_get_system (session));
    }
  while (atlas_session_get_process (session) != NULL)
    {
      g_autoptr (AtlasCommandResult) result = atlas_session_run (session, "terminate", &error);

      g_assert_no_error (error);
    }
}

/* What the caches did can be read: a miss walks, a hit does not. */
static void
test_counters_are_told (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (
    "process $p a.exe bare\nalloc $a = 0x20000000 64K reserve|commit readwrite\n"
    "write $a\ninvlpg $a\n",
    "test",
    &error);
  AtlasMmu *mmu;
  AtlasTlbCounters before, missed, hit;

  g_assert_no_error (error);
  mmu = atlas_system_get_mmu (atlas_process_get_system (atlas_session_get_process (session)));
  before = *atlas_tlb_get_counters (atlas_mmu_get_tlb (mmu));
  atlas_command_result_unref (atlas_session_run (session, "read $a", &error));
  missed = *atlas_tlb_get_counters (atlas_mmu_get_tlb (mmu));
  atlas_command_result_unref (atlas_session_run (session, "read $a", &error));
  hit = *atlas_tlb_get_counters (atlas_mmu_get_tlb (mmu));

  g_assert_cmpuint (missed.n_l1_data_misses, ==, before.n_l1_data_misses + 1);
  g_assert_cmpuint (missed.n_walks, ==, before.n_walks + 1);
  g_assert_cmpuint (missed.n_entries_read, >, before.n_entries_read);
  g_assert_cmpuint (hit.n_l1_data_hits, ==, missed.n_l1_data_hits + 1);
  g_assert_cmpuint (hit.n_walks, ==, missed.n_walks);

  g_autoptr (AtlasCommandResult) result = atlas_session_run (session, "counters", &error);
  g_autofree char *walks = g_strdup_printf ("%" G_GUINT64_FORMAT " walks", hit.n_walks);
  g_autofree char *hits =
    g_strdup_printf ("%" G_GUINT64_FORMAT " L1 data hits, %" G_GUINT64_FORMAT " misses",
                     hit.n_l1_data_hits,
                     hit.n_l1_data_misses);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (result->result, walks));
  g_assert_nonnull (strstr (result->result, hits));
}

static void
test_verbs_can_be_undone (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (
    "process $p a.exe bare\nalloc $a = 0x20000000 64K reserve|commit readwrite\nwrite $a\n",
    "test",
    &error);
  static const struct
  {
    const char *command;
    AtlasStatus status;
    const char *said;
  } rows[] = {
    { "entry $a pte 0x0", ATLAS_STATUS_SUCCESS, "the TLB still holds" },
    { "read $a", ATLAS_STATUS_SUCCESS, "read" },
    { "invlpg $a", ATLAS_STATUS_SUCCESS, "dropped" },
    { "read $a", ATLAS_STATUS_SUCCESS, "read" }, /* a new page: zeros */
    { "entry $a pdpte 0", ATLAS_STATUS_SUCCESS, "not translated" },
    { "entry $a pte 0", ATLAS_STATUS_INVALID_ADDRESS, "does not come to a PTE" },
    { "control wp=no ac=yes", ATLAS_STATUS_SUCCESS, "CR0.WP 0" },
    { "control pkru=1", ATLAS_STATUS_INVALID_PARAMETER, "PKE" },
    { "control pke=yes pkru=1", ATLAS_STATUS_SUCCESS, "PKRU 0x1" },
    { "counters", ATLAS_STATUS_SUCCESS, "L1 data hits" },
    { "tlb none", ATLAS_STATUS_SUCCESS, "caches" },
    { "cr3", ATLAS_STATUS_SUCCESS, "0 cached entries" },
  };
  g_autofree char *before = NULL, *after = NULL;

  g_assert_no_error (error);
  atlas_session_set_undo_floor (session, 3);
  before = atlas_session_to_text (session);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (AtlasCommandResult) result = atlas_session_run (session, rows[i].command, &error);

      g_assert_no_error (error);
      g_test_message ("%s: %s", rows[i].command, result->result);
      g_assert_cmphex (result->status, ==, rows[i].status);
      g_assert_nonnull (strstr (result->result, rows[i].said));
    }
  while (atlas_session_undo (session))
    continue;
  after = atlas_session_to_text (session);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmphex (
    read_entry (atlas_session_get_process (session), BASE_VA, ATLAS_LEVEL_PT) & 1u, ==, 1u);
}

static guint64
read_top_entry (AtlasProcess *process, guint64 cr3, AtlasVa va)
{
  AtlasPa pa =
    (cr3 & ATLAS_PTE_PFN_MASK) + atlas_va_index (va, atlas_process_get_n_levels (process)) * 8;
  guint64 entry = 0;

  g_assert_true (atlas_memory_read_u64 (process->system->memory, pa, &entry));
  return entry & ~ATLAS_PTE_ACCESSED;
}

static gboolean
tells (AtlasTrace *trace, const char *words)
{
  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    {
      g_autofree char *detail = atlas_trace_event_dup_detail (atlas_trace_get_event (trace, i));

      if (detail != NULL && strstr (detail, words) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* Two roots, of which a hand reaches one: what is written there is not in the other, and what lies
 * below is common. Windows' own write goes to both. */
static void
test_roots_of_kva_shadow_are_edited_one_by_one (gconstpointer data)
{
  gboolean has_la57 = GPOINTER_TO_UINT (data) == ATLAS_LEVEL_PML5;
  /* Nothing else lies below that entry of the top level. */
  AtlasVa va = has_la57 ? 0x70000000000000 : 0x700000000000;
  const char *top = has_la57 ? "pml5e" : "pml4e";
  g_autofree char *text =
    g_strdup_printf ("system memory=64M kvashadow=on levels=%u\nprocess $p a.exe bare\n"
                     "alloc $a = 0x%" G_GINT64_MODIFIER "x 64K reserve|commit readwrite\n"
                     "pagefile 16M\n",
                     GPOINTER_TO_UINT (data),
                     va);

  for (guint side = 0; side < 2; side++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasSession) session = atlas_session_new_from_text (text, "roots", &error);
      g_autofree char *command =
        g_strdup_printf ("entry $a %s 0x0%s", top, side ? " user_root" : "");
      g_autoptr (AtlasCommandResult) result = NULL;
      g_autoptr (AtlasCommandResult) read_result = NULL;
      g_autofree char *expected = NULL;
      g_autoptr (AtlasCommandResult) written =
        atlas_session_run (session, "write $a 8 value=0x77", &error);
      AtlasProcess *process = atlas_session_get_process (session);
      guint64 cr3s[2] = { process->control.cr3, atlas_process_get_user_cr3 (process) };
      guint64 entry = read_top_entry (process, cr3s[0], va);
      guint64 value = 0;
      AtlasFrame frame;

      g_assert_no_error (error);
      g_assert_true (tells (written->trace, ": the user root"));
      g_assert_cmphex (entry, !=, 0);
      g_assert_cmphex (read_top_entry (process, cr3s[1], va), ==, entry);
      atlas_frames_get (process->system->frames, cr3s[1] >> ATLAS_PAGE_SHIFT, &frame);

      guint n_shares = frame.share_count;

      result = atlas_session_run (session, command, &error);
      g_assert_no_error (error);
      g_assert_cmphex (result->status, ==, ATLAS_STATUS_SUCCESS);
      g_assert_cmpstr (result->command, ==, command);
      expected = g_strdup_printf ("; the %s root is another table, where it stays 0x",
                                  side ? "kernel's" : "user");
      g_assert_nonnull (strstr (result->result, expected));
      g_assert_nonnull (strstr (result->result, ": only Windows writes both"));
      g_assert_cmphex (read_top_entry (process, cr3s[side], va), ==, 0);
      g_assert_cmphex (read_top_entry (process, cr3s[1 - side], va), ==, entry);
      atlas_frames_get (process->system->frames, cr3s[1] >> ATLAS_PAGE_SHIFT, &frame);
      g_assert_cmpuint (frame.share_count, ==, n_shares - side);
      g_assert_true (atlas_process_has_different_roots (process, va));

      /* The program runs on its own root, the kernel on the other; each finds what is there. */
      atlas_process_reload_cr3 (process);
      if (side == 0)
        {
          g_assert_cmphex (
            atlas_process_access (process, va, ATLAS_ACCESS_READ, FALSE, &value, 8, NULL, NULL),
            ==,
            ATLAS_STATUS_SUCCESS);
          g_assert_cmphex (GUINT64_FROM_LE (value), ==, 0x77);
          /* A new page of Windows' own: it finds no table, makes one, and writes both entries. */
          g_assert_cmphex (
            atlas_process_access (
              process, va + 0x1000, ATLAS_ACCESS_WRITE, FALSE, &value, 8, NULL, NULL),
            ==,
            ATLAS_STATUS_SUCCESS);
          g_assert_false (atlas_process_has_different_roots (process, va));
          g_assert_cmphex (read_top_entry (process, cr3s[0], va), !=, entry);
          g_assert_cmphex (
            read_top_entry (process, cr3s[0], va), ==, read_top_entry (process, cr3s[1], va));
        }
      else
        {
          /* Windows looks at the kernel's tables, sees a valid PTE and has nothing to mend. */
          read_result = atlas_session_run (session, "read $a 8", &error);
          g_assert_no_error (error);
          g_assert_cmphex (read_result->status, ==, ATLAS_STATUS_ACCESS_VIOLATION);
          g_assert_true (tells (read_result->trace, "the two roots of the process"));
        }
    }
}

/* Below the top the tables are one: there is no other entry to tell of. */
static void
test_lower_entries_are_common_to_both_roots (void)
{
  static const char text[] = "system memory=64M kvashadow=on\nprocess $p a.exe bare\n"
                             "alloc $a = 0x700000000000 64K reserve|commit readwrite\n"
                             "write $a 8\nentry $a pte 0x0 user_root\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (text, "lower", &error);
  AtlasProcess *process = atlas_session_get_process (session);

  g_assert_no_error (error);
  g_assert_null (strstr (atlas_session_get_result (session, 4)->result, "root"));
  g_assert_cmphex (read_entry (process, 0x700000000000, ATLAS_LEVEL_PT), ==, 0);
  g_assert_false (atlas_process_has_different_roots (process, 0x700000000000));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/processor/stale-translation", test_the_tlb_keeps_what_it_has_until_invlpg);
  g_test_add_data_func (
    "/processor/roots/4", GUINT_TO_POINTER (4), test_roots_of_kva_shadow_are_edited_one_by_one);
  g_test_add_data_func (
    "/processor/roots/5", GUINT_TO_POINTER (5), test_roots_of_kva_shadow_are_edited_one_by_one);
  g_test_add_func ("/processor/roots/lower", test_lower_entries_are_common_to_both_roots);
  g_test_add_func ("/processor/stale-table", test_a_cached_table_address_is_stale_too);
  g_test_add_func ("/processor/unreachable", test_an_entry_that_cannot_be_reached_is_not_written);
  g_test_add_func ("/processor/switches", test_switches_change_the_verdict);
  g_test_add_func ("/processor/counters", test_counters_are_told);
  g_test_add_func ("/processor/verbs", test_verbs_can_be_undone);
  for (guint seed = 1; seed <= 12; seed++)
    {
      g_autofree char *path = g_strdup_printf ("/processor/random-edits/%u", seed);

      g_test_add_data_func (path, GUINT_TO_POINTER (seed), test_random_edits_leave_the_books_right);
    }
  return g_test_run ();
}
