/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging-fixture.h"
#include "windows/frames-private.h"

#include <string.h>

static char *
tell (AtlasProcess *process, AtlasVa va, AtlasAccess access, AtlasException *exception)
{
  static const char *const kept[] = {
    "slot-read",    "read-failed", "frame-repurposed", "page-written",
    "page-trimmed", "frame-taken", "frame-resumed",    "frame-shared",
    "page-read",    "dirty-noted", "demand-zero",      "pte-written",
    "retry",        "exception",   "no-frame",
  };
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  GString *text = g_string_new (NULL);

  atlas_process_access (process, va, access, FALSE, NULL, 1, trace, exception);
  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    {
      const AtlasTraceEvent *event = atlas_trace_get_event (trace, i);
      g_autofree char *detail = atlas_trace_event_dup_detail (event);
      g_autofree char *explain = atlas_trace_event_dup_explain (event);

      g_assert_true (detail == NULL || strpbrk (detail, "{}") == NULL);
      g_assert_true (explain == NULL || strpbrk (explain, "{}") == NULL);
      for (guint k = 0; k < G_N_ELEMENTS (kept); k++)
        {
          if (g_str_equal (event->kind->id, kept[k]))
            g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", event->kind->id);
        }
    }
  return g_string_free (text, FALSE);
}

static void
assert_story (AtlasProcess *process, AtlasVa va, AtlasAccess access, const char *expected)
{
  AtlasException exception = { 0 };
  g_autofree char *story = tell (process, va, access, &exception);

  g_assert_cmpstr (story, ==, expected);
}

/* One private page on its whole way: zeroed, modified, standby, paging file, and back. */
static void
test_a_page_goes_out_and_comes_back (void)
{
  Paging paging;
  AtlasProcess *process;
  AtlasPa entry_pa;
  AtlasPteInfo info;
  guint64 pte;

  paging_set_up (&paging, 4);
  process = paging.process;
  g_assert_cmphex (paging_write (process, BASE, 0x1122), ==, 0);
  g_assert_cmpuint (atlas_process_empty_working_set (process), ==, 1);
  pte = atlas_process_find_pte (process, BASE, &entry_pa);
  g_assert_cmpuint (atlas_pte_get_kind (pte), ==, ATLAS_PTE_KIND_TRANSITION);
  g_assert_cmpuint (atlas_pte_get_protection (pte), ==, ATLAS_PROTECTION_READWRITE);
  g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_MODIFIED), ==, 1);
  assert_story (process, BASE, ATLAS_ACCESS_READ, "frame-resumed pte-written retry");

  atlas_process_empty_working_set (process);
  atlas_system_tick (paging.system, SECOND);
  g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_MODIFIED), ==, 0);
  g_assert_cmpuint (
    atlas_frames_count_list (
      paging.frames, (AtlasFrameList) (ATLAS_FRAME_LIST_STANDBY + ATLAS_FRAME_PRIORITY_NORMAL)),
    ==,
    1);
  g_assert_cmpuint (atlas_system_get_n_pages_written (paging.system), ==, 1);
  assert_story (process, BASE, ATLAS_ACCESS_READ, "frame-resumed pte-written retry");
  /* Clean: it has a copy, and goes straight to standby. */
  atlas_process_empty_working_set (process);
  g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_STANDBY), ==, 1);

  paging_purge (&paging);
  pte = atlas_process_find_pte (process, BASE, &entry_pa);
  atlas_pte_decode (pte, &info);
  g_assert_cmpuint (info.kind, ==, ATLAS_PTE_KIND_PAGE_FILE);
  g_assert_cmpuint (info.protection, ==, ATLAS_PROTECTION_READWRITE);
  g_assert_cmpuint (info.page_file, ==, 0);
  g_assert_cmpuint (
    atlas_page_file_get_slot (atlas_system_get_page_file (paging.system, 0), info.page_file_page),
    ==,
    ATLAS_SLOT_USED);
  assert_story (process, BASE, ATLAS_ACCESS_READ, "frame-taken slot-read pte-written retry");
  g_assert_cmphex (paging_read (process, BASE), ==, 0x1122);
  g_assert_cmpuint (atlas_process_get_fault_counts (process)->n_hard, ==, 1);
  g_assert_cmpuint (atlas_process_get_fault_counts (process)->n_transition, ==, 2);

  /* The first write gives the copy up. */
  assert_story (process, BASE, ATLAS_ACCESS_WRITE, "dirty-noted retry");
  g_assert_cmpuint (
    atlas_page_file_get_n_used (atlas_system_get_page_file (paging.system, 0)), ==, 0);
  paging_tear_down (&paging);
}

static void
test_standby_is_taken_from_the_lowest_priority (void)
{
  Paging paging;

  paging_set_up (&paging, 8);
  for (guint i = 0; i < 4; i++)
    paging_write (paging.process, BASE + i * PAGE, i + 1);
  atlas_process_empty_working_set (paging.process);
  atlas_system_tick (paging.system, SECOND);
  for (guint i = 0; i < 4; i++)
    {
      AtlasPa entry_pa;
      guint64 pte = atlas_process_find_pte (paging.process, BASE + i * PAGE, &entry_pa);

      atlas_frames_set_priority (paging.frames, atlas_pte_get_pfn (pte), 6 - i);
    }
  paging_hog (&paging, 0);
  for (guint i = 4; i < 7; i++)
    {
      assert_story (paging.process,
                    BASE + i * PAGE,
                    ATLAS_ACCESS_WRITE,
                    "demand-zero frame-repurposed frame-taken pte-written retry");
      /* Page 3 had the lowest, then page 2, … */
      g_assert_cmpuint (
        paging_get_kind (paging.process, BASE + (7 - i) * PAGE), ==, ATLAS_PTE_KIND_PAGE_FILE);
      g_assert_cmpuint (
        paging_get_kind (paging.process, BASE + (6 - i) * PAGE), ==, ATLAS_PTE_KIND_TRANSITION);
    }
  for (guint priority = 0; priority < ATLAS_FRAME_PRIORITIES; priority++)
    g_assert_cmpuint (atlas_frames_get_counters (paging.frames)->n_repurposed[priority],
                      ==,
                      priority >= 3 && priority <= 5);
  paging_tear_down (&paging);
}

static void
test_modified_pages_are_written_when_nothing_else_is_left (void)
{
  Paging paging;

  paging_set_up (&paging, 4);
  paging_write (paging.process, BASE, 7);
  atlas_process_empty_working_set (paging.process);
  paging_hog (&paging, 0);
  assert_story (paging.process,
                BASE + PAGE,
                ATLAS_ACCESS_WRITE,
                "demand-zero page-written frame-repurposed frame-taken pte-written retry");
  g_assert_cmpuint (paging_get_kind (paging.process, BASE), ==, ATLAS_PTE_KIND_PAGE_FILE);
  /* And now only a working set has pages: the one there is gives its own up. */
  assert_story (paging.process,
                BASE,
                ATLAS_ACCESS_READ,
                "page-trimmed page-written frame-repurposed frame-taken slot-read pte-written "
                "retry");
  g_assert_cmphex (paging_read (paging.process, BASE), ==, 7);
  paging_tear_down (&paging);
}

static void
test_shared_pages_go_to_their_file_and_to_the_paging_file (void)
{
  Paging paging;
  AtlasProcess *other;
  AtlasSection *file;
  AtlasSection *anonymous;
  guint8 bytes[PAGE];
  const AtlasVa anonymous_va = BASE + ATLAS_MB (1);

  paging_set_up (&paging, 0);
  other = make_process (paging.system, TRUE);
  file =
    paging_map (&paging, paging.process, ATLAS_SECTION_FILE, BASE, 4, ATLAS_PROTECTION_READWRITE);
  anonymous = paging_map (
    &paging, paging.process, ATLAS_SECTION_PAGE_FILE, anonymous_va, 4, ATLAS_PROTECTION_READWRITE);
  paging_map_again (other, file, BASE, ATLAS_PROTECTION_READWRITE);
  paging_map_again (other, anonymous, anonymous_va, ATLAS_PROTECTION_READWRITE);

  paging_write (paging.process, BASE, 0x1111);
  paging_write (paging.process, anonymous_va, 0x2222);
  g_assert_cmphex (paging_read (other, anonymous_va), ==, 0x2222);
  atlas_process_empty_working_set (paging.process);
  /* The file's page left its last working set, the other is in one still. */
  g_assert_cmpuint (
    atlas_frames_count_list (paging.frames, ATLAS_FRAME_LIST_MODIFIED_MAPPED), ==, 1);
  g_assert_cmpuint (atlas_frames_count_list (paging.frames, ATLAS_FRAME_LIST_MODIFIED), ==, 0);
  atlas_process_empty_working_set (other);
  g_assert_cmpuint (atlas_frames_count_list (paging.frames, ATLAS_FRAME_LIST_MODIFIED), ==, 1);

  atlas_system_tick (paging.system, SECOND);
  atlas_section_read_page (file, 0, bytes);
  g_assert_cmpuint (bytes[0], ==, 0x11);
  paging_purge (&paging);
  g_assert_cmphex (atlas_section_get_prototype (file, 0), ==, 0);
  g_assert_cmpuint (
    atlas_pte_get_kind (atlas_section_get_prototype (anonymous, 0)), ==, ATLAS_PTE_KIND_PAGE_FILE);
  assert_story (other, BASE, ATLAS_ACCESS_READ, "frame-taken page-read pte-written retry");
  g_assert_cmphex (paging_read (other, BASE), ==, 0x1111);
  assert_story (other, anonymous_va, ATLAS_ACCESS_READ, "frame-taken slot-read pte-written retry");
  g_assert_cmphex (paging_read (paging.process, anonymous_va), ==, 0x2222);
  paging_tear_down (&paging);
}

static void
test_a_file_that_is_held_is_not_written (void)
{
  Paging paging;
  AtlasSection *section;
  guint8 before[PAGE], bytes[PAGE];

  paging_set_up (&paging, 1);
  section = paging_map (&paging,
                        paging.process,
                        ATLAS_SECTION_FILE,
                        BASE + ATLAS_MB (1),
                        2,
                        ATLAS_PROTECTION_READWRITE);
  atlas_section_read_page (section, 0, before);
  g_assert_false (atlas_process_hold_file (paging.process, BASE, TRUE));
  g_assert_false (atlas_process_hold_file (paging.process, 0, TRUE));
  for (guint i = 0; i < 2; i++)
    {
      /* Held before its page is modified, or after. */
      if (i == 0)
        g_assert_true (atlas_process_hold_file (paging.process, BASE + ATLAS_MB (1), TRUE));
      paging_write (paging.process, BASE + ATLAS_MB (1), 0x4711 + i);
      atlas_process_empty_working_set (paging.process);
      if (i == 1)
        g_assert_true (atlas_process_hold_file (paging.process, BASE + ATLAS_MB (1), TRUE));
      g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_MODIFIED_NO_WRITE), ==, 1);
      atlas_system_tick (paging.system, 5 * SECOND);
      atlas_section_read_page (section, 0, bytes);
      g_assert_cmpmem (bytes, sizeof bytes, before, sizeof before);
      g_assert_cmphex (paging_read (paging.process, BASE + ATLAS_MB (1)), ==, 0x4711 + i);
      atlas_process_empty_working_set (paging.process);

      g_assert_true (atlas_process_hold_file (paging.process, BASE + ATLAS_MB (1), FALSE));
      g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_MODIFIED_NO_WRITE), ==, 0);
      atlas_system_tick (paging.system, SECOND);
      atlas_section_read_page (section, 0, bytes);
      g_assert_cmpuint (bytes[0], ==, 0x11 + i);
      memcpy (before, bytes, sizeof before);
    }
  paging_tear_down (&paging);
}

static void
test_pages_have_the_priority_of_their_process (void)
{
  Paging paging;

  paging_set_up (&paging, 6);
  g_assert_cmpuint (atlas_process_get_page_priority (paging.process), ==, 5);
  g_assert_cmphex (
    atlas_process_set_page_priority (paging.process, 6), ==, ATLAS_STATUS_INVALID_PARAMETER);
  for (guint i = 0; i < 6; i++)
    {
      g_assert_cmphex (atlas_process_set_page_priority (paging.process, i), ==, 0);
      paging_write (paging.process, BASE + i * PAGE, i);
    }
  atlas_process_empty_working_set (paging.process);
  atlas_system_tick (paging.system, SECOND);
  for (guint i = 0; i < ATLAS_FRAME_PRIORITIES; i++)
    g_assert_cmpuint (
      atlas_frames_count_list (paging.frames, (AtlasFrameList) (ATLAS_FRAME_LIST_STANDBY + i)),
      ==,
      i < 6);
  paging_tear_down (&paging);
}

static void
test_lists_are_emptied_on_command (void)
{
  Paging paging;

  paging_set_up (&paging, 8);
  for (guint i = 0; i < 8; i++)
    {
      atlas_process_set_page_priority (paging.process, i % 2);
      paging_write (paging.process, BASE + i * PAGE, i);
    }
#define COMMAND(name) atlas_system_command_memory_list (paging.system, ATLAS_MEMORY_LIST_##name)
  g_assert_cmpuint (COMMAND (FLUSH_MODIFIED), ==, 0);
  g_assert_cmpuint (COMMAND (EMPTY_WORKING_SETS), ==, 8);
  g_assert_cmpuint (COMMAND (PURGE_STANDBY), ==, 0);
  g_assert_cmpuint (COMMAND (FLUSH_MODIFIED), ==, 8);
  g_assert_cmpuint (COMMAND (PURGE_LOW_PRIORITY), ==, 4);
  g_assert_cmpuint (COMMAND (PURGE_STANDBY), ==, 4);
  g_assert_cmpuint (atlas_frames_count (paging.frames, ATLAS_FRAME_FREE), ==, 8);
  for (guint i = 0; i < 8; i++)
    g_assert_cmphex (paging_read (paging.process, BASE + i * PAGE), ==, i);
  paging_tear_down (&paging);
}

static guint64
count_resident (AtlasProcess *process)
{
  AtlasWorkingSet set;

  atlas_process_get_working_set (process, &set);
  return set.n_pages;
}

/* Paging files full, every frame in use: the fault fails, and nothing has changed. */
static void
test_nothing_is_left (void)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  Paging paging;
  AtlasException exception = { 0 };
  AtlasCommit before, after;
  guint64 n_pages = 700;
  guint64 n_done = 0;
  guint64 n_resident;

  options.memory_bytes = ATLAS_MB (64);
  paging.system = atlas_system_new (&options, NULL);
  paging.frames = atlas_system_get_frames (paging.system);
  g_assert_cmphex (atlas_system_add_page_file (paging.system, ATLAS_MB (1), ATLAS_MB (1)), ==, 0);
  paging.process = make_process (paging.system, TRUE);
  paging_allocate (paging.process, BASE, n_pages, ATLAS_PAGE_READWRITE);
  paging_write (paging.process, BASE, 0);
  paging_hog (&paging, 300);
  while (n_done < n_pages && paging_write (paging.process, BASE + n_done * PAGE, n_done) == 0)
    n_done++;
  /* 300 frames less one for a second page table, 255 slots, and the frame of before. */
  g_assert_cmpuint (n_done, ==, 555);
  g_assert_cmpuint (
    atlas_page_file_count_free (atlas_system_get_page_file (paging.system, 0)), ==, 0);

  n_resident = count_resident (paging.process);
  atlas_system_get_commit (paging.system, &before);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmphex (atlas_process_access (paging.process,
                                             BASE + n_done * PAGE,
                                             ATLAS_ACCESS_WRITE,
                                             FALSE,
                                             NULL,
                                             1,
                                             NULL,
                                             &exception),
                       ==,
                       ATLAS_STATUS_IN_PAGE_ERROR);
      g_assert_cmphex (exception.parameters[2], ==, ATLAS_STATUS_NO_MEMORY);
    }
  atlas_system_get_commit (paging.system, &after);
  g_assert_cmpmem (&after, sizeof after, &before, sizeof before);
  g_assert_cmpuint (count_resident (paging.process), ==, n_resident);
  g_assert_cmpuint (
    paging_get_kind (paging.process, BASE + n_done * PAGE), ==, ATLAS_PTE_KIND_ASK_VAD);

  /* One page fewer, and there is room to move again. */
  atlas_virtual_free (paging.process, BASE + PAGE, PAGE, ATLAS_MEM_DECOMMIT);
  g_assert_cmphex (paging_write (paging.process, BASE + n_done * PAGE, n_done), ==, 0);
  atlas_virtual_free (paging.process, BASE + 2 * PAGE, 2 * PAGE, ATLAS_MEM_DECOMMIT);
  for (guint64 i = 4; i <= n_done; i++)
    g_assert_cmphex (paging_read (paging.process, BASE + i * PAGE), ==, i);
  paging_tear_down (&paging);
}

static void
test_a_failing_disk_raises_an_in_page_error (void)
{
  Paging paging;
  AtlasException exception = { 0 };
  g_autofree char *story = NULL;
  guint64 n_available;

  paging_set_up (&paging, 2);
  paging_map (&paging, paging.process, ATLAS_SECTION_FILE, BASE + ATLAS_MB (1), 2, 1);
  g_assert_false (atlas_process_set_unreadable (paging.process, BASE, TRUE));
  g_assert_false (atlas_process_set_unreadable (paging.process, 0x1000, TRUE));
  paging_write (paging.process, BASE, 5);
  atlas_process_empty_working_set (paging.process);
  atlas_system_tick (paging.system, SECOND);
  g_assert_true (atlas_process_set_unreadable (paging.process, BASE, TRUE));
  /* As long as the bytes are in a frame nobody notices. */
  g_assert_cmphex (paging_read (paging.process, BASE), ==, 5);
  atlas_process_empty_working_set (paging.process);
  paging_purge (&paging);

  n_available = atlas_frames_count_available (paging.frames);
  story = tell (paging.process, BASE + 0x123, ATLAS_ACCESS_READ, &exception);
  g_assert_cmpstr (story, ==, "read-failed exception");
  g_assert_cmphex (exception.code, ==, ATLAS_STATUS_IN_PAGE_ERROR);
  g_assert_cmpuint (exception.n_parameters, ==, 3);
  g_assert_cmphex (exception.parameters[0], ==, 0);
  g_assert_cmphex (exception.parameters[1], ==, BASE + 0x123);
  g_assert_cmphex (exception.parameters[2], ==, ATLAS_STATUS_DEVICE_DATA_ERROR);
  g_assert_cmpuint (atlas_frames_count_available (paging.frames), ==, n_available);
  g_assert_true (atlas_process_set_unreadable (paging.process, BASE, FALSE));
  g_assert_cmphex (paging_read (paging.process, BASE), ==, 5);

  g_assert_true (atlas_process_set_unreadable (paging.process, BASE + ATLAS_MB (1), TRUE));
  assert_story (paging.process, BASE + ATLAS_MB (1), ATLAS_ACCESS_READ, "read-failed exception");
  paging_read (paging.process, BASE + ATLAS_MB (1) + PAGE);
  paging_tear_down (&paging);
}

static void
test_commit_limit_grows_with_paging_files (void)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (AtlasSystem) system = NULL;
  AtlasProcess *process;
  AtlasCommit commit, before;
  AtlasVa va = 0;
  guint64 n_bytes = ATLAS_MB (70);

  options.memory_bytes = ATLAS_MB (64);
  system = atlas_system_new (&options, NULL);
  process = make_process (system, TRUE);
  atlas_system_get_commit (system, &before);
  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (
      process, &va, 0, &n_bytes, ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE),
    ==,
    ATLAS_STATUS_COMMITMENT_LIMIT);
  atlas_system_get_commit (system, &commit);
  g_assert_cmpmem (&commit, sizeof commit, &before, sizeof before);

  g_assert_cmphex (
    atlas_system_add_page_file (system, ATLAS_KB (512), ATLAS_MB (1)), ==, 0xC00000F0u);
  g_assert_cmphex (
    atlas_system_add_page_file (system, ATLAS_MB (2), ATLAS_MB (1)), ==, 0xC00000F1u);
  g_assert_cmphex (atlas_system_add_page_file (system, ATLAS_MB (2), ATLAS_MB (64)), ==, 0);
  atlas_system_get_commit (system, &commit);
  g_assert_cmpuint (commit.limit, ==, before.limit + 512);
  g_assert_cmpuint (commit.maximum_limit, ==, before.limit + 16384);
  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (
      process, &va, 0, &n_bytes, ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE),
    ==,
    0);
  atlas_system_get_commit (system, &commit);
  g_assert_cmpuint (commit.limit, >=, commit.n_charged);
  g_assert_cmpuint (commit.n_peak, ==, commit.n_charged);
  for (guint i = 1; i < ATLAS_PAGE_FILES_MAX; i++)
    g_assert_cmphex (atlas_system_add_page_file (system, ATLAS_MB (1), ATLAS_MB (1)), ==, 0);
  g_assert_cmphex (atlas_system_add_page_file (system, ATLAS_MB (1), ATLAS_MB (1)),
                   ==,
                   ATLAS_STATUS_TOO_MANY_PAGING_FILES);

  /* All of it can be used: more than there are frames. */
  for (guint64 offset = 0; offset < n_bytes; offset += PAGE)
    g_assert_cmphex (paging_write (process, va + offset, offset + 1), ==, 0);
  for (guint64 offset = 0; offset < n_bytes; offset += PAGE)
    g_assert_cmphex (paging_read (process, va + offset), ==, offset + 1);
}

static void
test_time_may_be_cut_anywhere (void)
{
  static const guint64 cuts[] = { 1, 3, 8, 24 };
  guint first = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      GString *text = g_string_new (NULL);
      Paging paging;

      paging_set_up (&paging, 600);
      for (guint page = 0; page < 600; page++)
        paging_write (paging.process, BASE + page * PAGE, page);
      atlas_process_empty_working_set (paging.process);
      for (guint page = 0; page < 300; page += 3)
        paging_read (paging.process, BASE + page * PAGE);
      atlas_virtual_free (paging.process, BASE + 500 * PAGE, 50 * PAGE, ATLAS_MEM_DECOMMIT);
      for (guint64 n = 0; n < 24; n += cuts[i])
        atlas_system_tick (paging.system, cuts[i] * SECOND / 8);

      for (AtlasFrameList list = 0; list < ATLAS_N_FRAME_LISTS; list++)
        g_string_append_printf (
          text, "%" G_GUINT64_FORMAT " ", atlas_frames_count_list (paging.frames, list));
      for (guint page = 0; page < 600; page++)
        {
          AtlasPa entry_pa;

          g_string_append_printf (
            text,
            "%" G_GINT64_MODIFIER "x ",
            atlas_process_find_pte (paging.process, BASE + page * PAGE, &entry_pa));
        }
      if (i == 0)
        first = g_str_hash (text->str);
      g_assert_cmphex (g_str_hash (text->str), ==, first);
      g_string_free (text, TRUE);
      paging_tear_down (&paging);
    }
}

static void
test_an_age_of_rest_ends_quickly (void)
{
  Paging paging;

  paging_set_up (&paging, 16);
  paging_write (paging.process, BASE, 1);
  /* Ten years: nothing is left to do after a few seconds. */
  atlas_system_tick (paging.system, G_GUINT64_CONSTANT (3153600000000000));
  g_assert_cmphex (paging_read (paging.process, BASE), ==, 1);
  paging_tear_down (&paging);
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
/* What GLib's allocator stands on, counted. */
extern void *__libc_malloc (gsize n_bytes);
extern void *__libc_calloc (gsize n_items, gsize n_bytes);
extern void *__libc_realloc (void *old, gsize n_bytes);

static guint n_allocations;

void *
malloc (gsize n_bytes)
{
  n_allocations++;
  return __libc_malloc (n_bytes);
}

void *
calloc (gsize n_items, gsize n_bytes)
{
  n_allocations++;
  return __libc_calloc (n_items, n_bytes);
}

void *
realloc (void *old, gsize n_bytes)
{
  n_allocations++;
  return __libc_realloc (old, n_bytes);
}

static void
test_faults_allocate_nothing_when_nobody_listens (void)
{
  Paging paging;
  guint n_before;

  paging_set_up (&paging, 3000);
  n_before = n_allocations;
  for (guint i = 0; i < 3000; i++)
    atlas_process_access (
      paging.process, BASE + i * PAGE, ATLAS_ACCESS_WRITE, FALSE, NULL, 1, NULL, NULL);
  atlas_process_empty_working_set (paging.process);
  for (guint i = 0; i < 3000; i++)
    atlas_process_access (
      paging.process, BASE + i * PAGE, ATLAS_ACCESS_READ, FALSE, NULL, 1, NULL, NULL);
  g_assert_cmpuint (n_allocations, ==, n_before);
  /* And the counter counts. */
  g_free (g_malloc (100));
  g_assert_cmpuint (n_allocations, >, n_before);
  paging_tear_down (&paging);
}
#endif

/* More pages than the processor's caches hold: each event has all its values. */
static void
test_evictions_are_told (void)
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  guint n_evicted = 0;
  Paging paging;

  paging_set_up (&paging, 3000);
  for (guint i = 0; i < 3000; i++)
    {
      atlas_trace_clear (trace);
      atlas_process_access (
        paging.process, BASE + i * PAGE, ATLAS_ACCESS_WRITE, FALSE, NULL, 1, trace, NULL);
      for (guint k = 0; k < atlas_trace_get_n_events (trace); k++)
        n_evicted += g_str_equal (atlas_trace_get_event (trace, k)->kind->id, "tlb-evicted");
    }
  g_assert_cmpuint (n_evicted, >, 1000);
  paging_tear_down (&paging);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paging/out-and-back", test_a_page_goes_out_and_comes_back);
  g_test_add_func ("/paging/lowest-priority-first", test_standby_is_taken_from_the_lowest_priority);
  g_test_add_func ("/paging/modified-written",
                   test_modified_pages_are_written_when_nothing_else_is_left);
  g_test_add_func ("/paging/shared", test_shared_pages_go_to_their_file_and_to_the_paging_file);
  g_test_add_func ("/paging/held-file", test_a_file_that_is_held_is_not_written);
  g_test_add_func ("/paging/priority", test_pages_have_the_priority_of_their_process);
  g_test_add_func ("/paging/memory-lists", test_lists_are_emptied_on_command);
  g_test_add_func ("/paging/nothing-left", test_nothing_is_left);
  g_test_add_func ("/paging/failing-disk", test_a_failing_disk_raises_an_in_page_error);
  g_test_add_func ("/paging/commit-limit", test_commit_limit_grows_with_paging_files);
  g_test_add_func ("/paging/cuts-of-time", test_time_may_be_cut_anywhere);
  g_test_add_func ("/paging/rest", test_an_age_of_rest_ends_quickly);
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
  g_test_add_func ("/paging/no-allocation", test_faults_allocate_nothing_when_nobody_listens);
#endif
  g_test_add_func ("/paging/evictions", test_evictions_are_told);
  return g_test_run ();
}
