/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/events.h"
#include "windows-fixture.h"
#include "windows/fault-trace.h"
#include "windows/fault.h"
#include "windows/layout.h"
#include "windows/machine-private.h"
#include "windows/pte.h"
#include "windows/virtual.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define RC (ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT)

static void
allocate (AtlasProcess *process, AtlasVa base_va, guint64 n_bytes, guint32 type, guint32 protect)
{
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (process, &base_va, 0, &n_bytes, type, protect),
                   ==,
                   ATLAS_STATUS_SUCCESS);
}

static guint32
get_protect (AtlasProcess *process, AtlasVa va)
{
  AtlasRegion region;

  g_assert_cmphex (atlas_nt_query_virtual_memory (process, va, &region), ==, ATLAS_STATUS_SUCCESS);
  return region.protect;
}

static AtlasStatus
access_byte (AtlasProcess *process, AtlasVa va, AtlasAccess access)
{
  AtlasException exception = { 0 };
  guint8 byte = 0x5a;
  AtlasStatus status =
    atlas_process_access (process, va, access, FALSE, &byte, 1, NULL, &exception);

  if (status != ATLAS_STATUS_SUCCESS)
    {
      g_assert_cmphex (exception.code, ==, status);
      g_assert_cmpuint (exception.parameters[0],
                        ==,
                        access == ATLAS_ACCESS_EXECUTE ? 8
                        : access == ATLAS_ACCESS_WRITE ? 1
                                                       : 0);
      g_assert_cmphex (exception.parameters[1], ==, va);
    }
  return status;
}

/* The PTE of @va, or 0. */
static guint64
read_pte (AtlasProcess *process, AtlasVa va)
{
  AtlasWalkQuery query = { .va = va };
  AtlasWalkResult result;

  atlas_walk (atlas_system_get_memory (atlas_process_get_system (process)),
              atlas_process_get_control (process),
              &query,
              &result);
  if (result.n_steps < 4)
    return 0;
  return result.entries[3];
}

static AtlasFrame
get_frame (AtlasProcess *process, AtlasVa va)
{
  AtlasFrame frame;
  guint64 pte = read_pte (process, va);

  g_assert_true ((pte & ATLAS_PTE_VALID) != 0);
  atlas_frames_get (
    atlas_system_get_frames (atlas_process_get_system (process)), atlas_pte_get_pfn (pte), &frame);
  return frame;
}

/* The ids of what Windows did, with the processor's own events left out but for how it ended each
 * time; runs of the same id once. */
static char *
tell (const AtlasTrace *trace)
{
  static const char *const kept[] = {
    "page-fault",      "general-protection",
    "translated",      "access-start",
    "vad-found",       "vad-missing",
    "demand-zero",     "prototype",
    "frame-taken",     "frame-shared",
    "page-read",       "frame-resumed",
    "page-copied",     "table-made",
    "pte-written",     "dirty-noted",
    "guard-cleared",   "stack-grown",
    "stack-exhausted", "refused",
    "no-frame",        "retry",
    "exception",
  };
  GString *text = g_string_new (NULL);
  const char *last = "";

  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    {
      const AtlasTraceEvent *event = atlas_trace_get_event (trace, i);
      const char *id = event->kind->id;
      g_autofree char *title = atlas_trace_event_dup_title (event);
      g_autofree char *detail = atlas_trace_event_dup_detail (event);
      g_autofree char *explain = atlas_trace_event_dup_explain (event);

      /* Every brace of every template found its value. */
      g_assert_null (strpbrk (title, "{}"));
      g_assert_true (detail == NULL || strpbrk (detail, "{}") == NULL);
      g_assert_true (explain == NULL || strpbrk (explain, "{}") == NULL);
      for (guint k = 0; k < G_N_ELEMENTS (kept); k++)
        {
          if (g_str_equal (id, kept[k]) && !g_str_equal (id, last))
            {
              g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", id);
              last = id;
            }
        }
    }
  return g_string_free (text, FALSE);
}

static void
assert_story (AtlasProcess *process, AtlasVa va, AtlasAccess access, const char *expected)
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  g_autofree char *story = NULL;
  AtlasException exception;

  atlas_process_access (process, va, access, FALSE, NULL, 1, trace, &exception);
  story = tell (trace);
  g_assert_cmpstr (story, ==, expected);
}

static void
test_first_touch_is_told_event_by_event (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  guint64 pte;

  allocate (process, BASE, 0x2000, RC, ATLAS_PAGE_READWRITE);
  assert_story (process,
                BASE + 0x123,
                ATLAS_ACCESS_WRITE,
                "access-start page-fault vad-found demand-zero table-made frame-taken pte-written "
                "retry translated");
  pte = read_pte (process, BASE);
  g_assert_cmphex (pte & ~ATLAS_PTE_PFN_MASK, ==, G_GUINT64_CONSTANT (0x8000000000000867));
  g_assert_cmpuint (get_frame (process, BASE).use, ==, ATLAS_FRAME_USE_PRIVATE);

  /* The table is there now; a read makes the page, clean; the first write is seen. */
  assert_story (process,
                BASE + 0x1000,
                ATLAS_ACCESS_READ,
                "access-start page-fault vad-found demand-zero frame-taken pte-written retry "
                "translated");
  g_assert_cmphex (read_pte (process, BASE + 0x1000) & ~ATLAS_PTE_PFN_MASK,
                   ==,
                   G_GUINT64_CONSTANT (0x8000000000000825));
  assert_story (process,
                BASE + 0x1000,
                ATLAS_ACCESS_WRITE,
                "access-start page-fault vad-found dirty-noted retry translated");
  g_assert_cmphex (read_pte (process, BASE + 0x1000) & ~ATLAS_PTE_PFN_MASK,
                   ==,
                   G_GUINT64_CONSTANT (0x8000000000000867));
  assert_story (process, BASE + 0x1fff, ATLAS_ACCESS_WRITE, "access-start translated");
}

/* The trace's frame, entry and table are the ones that memory has. */
static void
test_trace_tells_the_truth (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  AtlasException exception;
  guint64 taken = 0;
  guint n_tables = 0;

  allocate (process, BASE, 0x1000, RC, ATLAS_PAGE_READWRITE);
  atlas_process_access (process, BASE, ATLAS_ACCESS_WRITE, FALSE, NULL, 1, trace, &exception);
  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    {
      const AtlasTraceEvent *event = atlas_trace_get_event (trace, i);
      guint64 value;
      guint64 pa;
      guint64 entry;

      if (event->kind == &atlas_event_frame_taken)
        g_assert_true (atlas_trace_event_get (event, "pfn", &taken));
      if (event->kind == &atlas_event_table_made)
        {
          g_assert_true (atlas_trace_event_get (event, "pa", &pa));
          g_assert_true (atlas_trace_event_get (event, "entry", &value));
          g_assert_true (atlas_memory_read_u64 (atlas_system_get_memory (system), pa, &entry));
          g_assert_cmphex (entry, ==, value);
          g_assert_cmphex (entry & 0xfff, ==, 0x867);
          n_tables++;
        }
      if (event->kind == &atlas_event_pte_written)
        {
          g_assert_true (atlas_trace_event_get (event, "new", &value));
          g_assert_cmphex (value, ==, read_pte (process, BASE));
        }
    }
  g_assert_cmpuint (taken, ==, atlas_pte_get_pfn (read_pte (process, BASE)));
  g_assert_cmpuint (n_tables, ==, 1); /* KUSER_SHARED_DATA is in the same GB */
}

static void
test_refusals (void)
{
  static const struct
  {
    AtlasVa va;
    AtlasAccess access;
    AtlasStatus status;
    const char *story;
  } rows[] = {
    { 0,
      ATLAS_ACCESS_READ,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault vad-missing refused exception" },
    { 0xffff,
      ATLAS_ACCESS_WRITE,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault vad-missing refused exception" },
    { BASE - 1,
      ATLAS_ACCESS_EXECUTE,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault vad-missing refused exception" },
    { BASE,
      ATLAS_ACCESS_EXECUTE,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault vad-found refused exception" },
    { BASE + 0x1000,
      ATLAS_ACCESS_WRITE,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault vad-found refused exception" },
    { BASE + 0x2000,
      ATLAS_ACCESS_READ,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault vad-found refused exception" },
    { BASE + 0x3000,
      ATLAS_ACCESS_READ,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault vad-found refused exception" },
    { ATLAS_KUSER_VA,
      ATLAS_ACCESS_WRITE,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault vad-found refused exception" },
    { ATLAS_KUSER_VA, ATLAS_ACCESS_READ, ATLAS_STATUS_SUCCESS, "access-start translated" },
    { 0x7fff0000,
      ATLAS_ACCESS_READ,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault vad-missing refused exception" },
    { 0x7fffffff0000,
      ATLAS_ACCESS_READ,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault refused exception" },
    { ATLAS_KUSER_KERNEL_VA,
      ATLAS_ACCESS_READ,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault refused exception" },
    { ATLAS_KERNEL_START_VA,
      ATLAS_ACCESS_WRITE,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault refused exception" },
    { G_MAXUINT64,
      ATLAS_ACCESS_READ,
      ATLAS_STATUS_ACCESS_VIOLATION,
      "access-start page-fault refused exception" },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  /* READWRITE, READONLY, NOACCESS, reserved. */
  allocate (process, BASE, 0x4000, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE);
  allocate (process, BASE, 0x1000, ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE);
  allocate (process, BASE + 0x1000, 0x1000, ATLAS_MEM_COMMIT, ATLAS_PAGE_READONLY);
  allocate (process, BASE + 0x2000, 0x1000, ATLAS_MEM_COMMIT, ATLAS_PAGE_NOACCESS);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmphex (access_byte (process, rows[i].va, rows[i].access), ==, rows[i].status);
      assert_story (process, rows[i].va, rows[i].access, rows[i].story);
    }
}

static void
test_non_canonical_has_no_address (void)
{
  static const AtlasVa addresses[] = { 0x800000000000, 0xffff7fffffffffff, 0x1234567800000000 };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      AtlasException exception;

      g_assert_cmphex (
        atlas_process_access (
          process, addresses[i], ATLAS_ACCESS_WRITE, FALSE, NULL, 1, NULL, &exception),
        ==,
        ATLAS_STATUS_ACCESS_VIOLATION);
      g_assert_cmpuint (exception.n_parameters, ==, 2);
      g_assert_cmpuint (exception.parameters[0], ==, 0);
      g_assert_cmphex (exception.parameters[1], ==, G_MAXUINT64);
    }
  assert_story (
    process, addresses[0], ATLAS_ACCESS_READ, "access-start general-protection exception");
}

static void
test_guard_fires_once_a_page (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  allocate (process, BASE, 0x3000, RC, ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD);
  assert_story (process,
                BASE + 8,
                ATLAS_ACCESS_READ,
                "access-start page-fault vad-found table-made guard-cleared exception");
  g_assert_cmphex (get_protect (process, BASE), ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (access_byte (process, BASE + 8, ATLAS_ACCESS_READ), ==, 0);

  g_assert_cmphex (access_byte (process, BASE + 0x1000, ATLAS_ACCESS_WRITE),
                   ==,
                   ATLAS_STATUS_GUARD_PAGE_VIOLATION);
  g_assert_cmphex (access_byte (process, BASE + 0x1000, ATLAS_ACCESS_WRITE), ==, 0);

  /* DEP comes second. */
  g_assert_cmphex (access_byte (process, BASE + 0x2000, ATLAS_ACCESS_EXECUTE),
                   ==,
                   ATLAS_STATUS_GUARD_PAGE_VIOLATION);
  g_assert_cmphex (
    access_byte (process, BASE + 0x2000, ATLAS_ACCESS_EXECUTE), ==, ATLAS_STATUS_ACCESS_VIOLATION);
}

static const AtlasVad *
find_vad (AtlasProcess *process, const char *name)
{
  for (const AtlasVad *vad = atlas_vad_tree_get_first (atlas_process_get_vads (process));
       vad != NULL;
       vad = atlas_vad_get_next (vad))
    {
      if (vad->name != NULL && strstr (vad->name, name) != NULL)
        return vad;
    }
  g_error ("there is no %s", name);
}

static guint64
read_u64 (AtlasProcess *process, AtlasVa va)
{
  guint64 value = 0;

  g_assert_cmphex (
    atlas_process_access (process, va, ATLAS_ACCESS_READ, FALSE, &value, 8, NULL, NULL), ==, 0);
  return GUINT64_FROM_LE (value);
}

/* StackLimit in the TEB, found as the program finds it: through TEB.Self. */
static AtlasVa
read_stack_limit (AtlasProcess *process)
{
  const AtlasVad *peb = find_vad (process, "PEB");

  for (AtlasVa va = atlas_vad_get_base_va (peb); va < atlas_vad_get_last_va (peb);
       va += ATLAS_PAGE_BYTES)
    {
      if (get_protect (process, va) == ATLAS_PAGE_READWRITE && read_u64 (process, va + 0x30) == va)
        return read_u64 (process, va + 0x10);
    }
  g_error ("there is no TEB");
}

static void
test_stack_grows_to_its_end (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  const AtlasVad *stack = find_vad (process, "stack");
  AtlasVa base_va = atlas_vad_get_base_va (stack);
  AtlasVa limit_va = read_stack_limit (process);
  guint64 n_commit = atlas_process_get_commit_pages (process);
  AtlasRegion region;
  guint n_steps = 0;

  g_assert_cmphex (get_protect (process, limit_va), ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (get_protect (process, limit_va - 1), ==, 0x104);
  assert_story (process,
                limit_va - 8,
                ATLAS_ACCESS_WRITE,
                "access-start page-fault vad-found guard-cleared stack-grown retry page-fault "
                "vad-found demand-zero frame-taken pte-written retry translated");
  g_assert_cmphex (read_stack_limit (process), ==, limit_va - 0x1000);
  g_assert_cmpuint (atlas_process_get_commit_pages (process), ==, n_commit + 1);

  /* Page by page, as a compiler's stack probes go. */
  for (AtlasVa va = limit_va - 0x2000;; va -= 0x1000)
    {
      AtlasStatus status = access_byte (process, va, ATLAS_ACCESS_WRITE);

      n_steps++;
      if (status == ATLAS_STATUS_STACK_OVERFLOW)
        break;
      g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (read_stack_limit (process), ==, va);
      g_assert_cmphex (get_protect (process, va - 1), ==, 0x104);
      g_assert_cmphex (va, >, base_va);
    }
  g_assert_cmpuint (n_steps, >, 200);

  /* The handler can run; the very last page never opens. */
  g_assert_cmphex (read_stack_limit (process), ==, base_va + 0x1000);
  g_assert_cmphex (access_byte (process, base_va + 0x1000, ATLAS_ACCESS_WRITE), ==, 0);
  g_assert_cmphex (
    access_byte (process, base_va + 0xfff, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (atlas_nt_query_virtual_memory (process, base_va, &region), ==, 0);
  g_assert_cmpuint (region.state, ==, ATLAS_STATE_RESERVE);
  g_assert_cmphex (region.size_bytes, ==, 0x1000);
  g_assert_cmpuint (stack->commit_pages, ==, 255);
}

static void
test_jump_into_the_guard_zone_opens_what_lies_above (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasVa limit_va = read_stack_limit (process);

  g_assert_cmphex (access_byte (process, limit_va - 0x3000, ATLAS_ACCESS_WRITE), ==, 0);
  g_assert_cmphex (read_stack_limit (process), ==, limit_va - 0x3000);
  g_assert_cmphex (get_protect (process, limit_va - 0x1000), ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (get_protect (process, limit_va - 0x6000), ==, 0x104);
  /* Beyond the zone there is nothing to catch the fall. */
  g_assert_cmphex (access_byte (process, limit_va - 0x8000, ATLAS_ACCESS_WRITE),
                   ==,
                   ATLAS_STATUS_ACCESS_VIOLATION);
}

/* The first page of ntdll's .data that has not been written yet. */
static AtlasVa
find_write_copy (AtlasProcess *process)
{
  const AtlasVad *image = find_vad (process, "ntdll.dll");

  for (AtlasVa va = atlas_vad_get_base_va (image); va < atlas_vad_get_last_va (image);
       va += ATLAS_PAGE_BYTES)
    {
      if (get_protect (process, va) == ATLAS_PAGE_WRITECOPY)
        return va;
    }
  g_error ("there is no page to copy");
}

static void
test_copy_on_write_is_private (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *first = make_process (system, FALSE);
  AtlasProcess *second = make_process (system, FALSE);
  AtlasVa va = find_write_copy (first);
  guint64 n_commit = atlas_process_get_commit_pages (first);
  guint64 old_value = read_u64 (first, va);
  guint64 new_value = ~old_value;
  AtlasPfn shared_pfn = atlas_pte_get_pfn (read_pte (first, va));
  AtlasRegion region;

  g_assert_cmphex (get_protect (second, va), ==, ATLAS_PAGE_WRITECOPY);
  g_assert_cmphex (read_u64 (second, va), ==, old_value);
  g_assert_cmpuint (atlas_pte_get_pfn (read_pte (second, va)), ==, shared_pfn);
  g_assert_cmpuint (get_frame (second, va).share_count, ==, 2);
  g_assert_true ((read_pte (first, va) & ATLAS_PTE_COPY_ON_WRITE) != 0);

  assert_story (first,
                va,
                ATLAS_ACCESS_WRITE,
                "access-start page-fault vad-found frame-taken page-copied pte-written retry "
                "translated");
  atlas_process_access (first, va, ATLAS_ACCESS_WRITE, FALSE, &new_value, 8, NULL, NULL);
  g_assert_cmphex (read_u64 (first, va), ==, new_value);
  g_assert_cmphex (read_u64 (second, va), ==, old_value);
  g_assert_cmpuint (get_frame (second, va).share_count, ==, 1);
  g_assert_cmpuint (get_frame (first, va).use, ==, ATLAS_FRAME_USE_PRIVATE);
  g_assert_cmphex (get_protect (first, va), ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (get_protect (second, va), ==, ATLAS_PAGE_WRITECOPY);
  atlas_nt_query_virtual_memory (first, va, &region);
  g_assert_cmpuint (region.type, ==, ATLAS_TYPE_IMAGE);
  g_assert_cmphex (region.allocation_protect, ==, ATLAS_PAGE_EXECUTE_WRITECOPY);
  /* It was paid for when the image was mapped. */
  g_assert_cmpuint (atlas_process_get_commit_pages (first), ==, n_commit);
}

static void
test_protecting_an_image_page (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasVa text_va = 0;
  AtlasVa va;
  guint64 n_bytes = 0x1000;
  guint32 old;
  guint64 before;

  g_assert_true (atlas_process_find_module (process, "KERNEL32", &text_va));
  text_va += 0x1000;
  before = read_u64 (process, text_va);

  va = text_va;
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (process, &va, &n_bytes, ATLAS_PAGE_EXECUTE_READWRITE, &old),
    ==,
    0);
  g_assert_cmphex (old, ==, ATLAS_PAGE_EXECUTE_READ);
  g_assert_cmphex (get_protect (process, text_va), ==, ATLAS_PAGE_EXECUTE_WRITECOPY);
  g_assert_cmphex (access_byte (process, text_va, ATLAS_ACCESS_WRITE), ==, 0);
  g_assert_cmphex (get_protect (process, text_va), ==, ATLAS_PAGE_EXECUTE_READWRITE);
  g_assert_cmphex (read_u64 (process, text_va), ==, (before & ~G_GUINT64_CONSTANT (0xff)) | 0x5a);

  va = text_va;
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (process, &va, &n_bytes, ATLAS_PAGE_NOACCESS, &old), ==, 0);
  g_assert_cmphex (
    access_byte (process, text_va, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_ACCESS_VIOLATION);
  va = text_va;
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (process, &va, &n_bytes, ATLAS_PAGE_WRITECOPY, &old), ==, 0);
  g_assert_cmphex (old, ==, ATLAS_PAGE_NOACCESS);
  /* It is private already, so it is written in place. */
  g_assert_cmphex (get_protect (process, text_va), ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (read_u64 (process, text_va) & 0xff, ==, 0x5a);
}

static void
test_hard_faults_come_once_for_all (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *first = make_process (system, FALSE);
  AtlasProcess *second = make_process (system, FALSE);
  AtlasVa va = atlas_vad_get_last_va (find_vad (first, "combase.dll"));

  while ((read_pte (first, va) & ATLAS_PTE_VALID) != 0)
    va -= ATLAS_PAGE_BYTES;
  assert_story (first,
                va,
                ATLAS_ACCESS_READ,
                "access-start page-fault vad-found prototype frame-taken page-read pte-written "
                "retry translated");
  assert_story (second,
                va,
                ATLAS_ACCESS_READ,
                "access-start page-fault vad-found prototype frame-shared pte-written retry "
                "translated");
  g_assert_cmpuint (get_frame (second, va).share_count, ==, 2);
}

static void
test_access_across_pages_stops_at_the_fault (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  guint8 data[ATLAS_PAGE_BYTES + 32];
  guint8 byte = 0;
  AtlasException exception;

  memset (data, 0x77, sizeof data);
  allocate (process, BASE, 0x2000, RC, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (
    atlas_process_access (
      process, BASE + 0xff0, ATLAS_ACCESS_WRITE, FALSE, data, sizeof data, NULL, &exception),
    ==,
    ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (exception.parameters[1], ==, BASE + 0x2000);
  g_assert_cmphex (
    atlas_process_access (process, BASE + 0x1fff, ATLAS_ACCESS_READ, FALSE, &byte, 1, NULL, NULL),
    ==,
    0);
  g_assert_cmphex (byte, ==, 0x77);
}

static void
test_looking_changes_nothing (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasSpace *space = atlas_process_get_space (process);
  guint8 bytes[0x3000];
  gboolean is_known[0x3000];
  guint64 n_active = atlas_frames_count (atlas_system_get_frames (system), ATLAS_FRAME_ACTIVE);

  allocate (process, BASE, 0x4000, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE);
  allocate (process, BASE + 0x1000, 0x1000, ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE);
  n_active = atlas_frames_count (atlas_system_get_frames (system), ATLAS_FRAME_ACTIVE);

  memset (bytes, 0xee, sizeof bytes);
  g_assert_cmpuint (atlas_space_peek (space, BASE + 0x800, bytes, is_known, 0x1000), ==, 0x800);
  g_assert_false (is_known[0x7ff]);
  g_assert_true (is_known[0x800]);
  g_assert_cmpuint (bytes[0x800], ==, 0);
  g_assert_cmpuint (
    atlas_frames_count (atlas_system_get_frames (system), ATLAS_FRAME_ACTIVE), ==, n_active);

  g_assert_cmphex (access_byte (process, BASE + 0x1001, ATLAS_ACCESS_WRITE), ==, 0);
  g_assert_cmpuint (atlas_space_peek (space, BASE + 0x1001, bytes, is_known, 1), ==, 1);
  g_assert_cmphex (bytes[0], ==, 0x5a);
  g_assert_cmpuint (
    atlas_space_peek (space, ATLAS_KUSER_KERNEL_VA + 0x26c, bytes, is_known, 4), ==, 4);
  g_assert_cmpuint (bytes[0], ==, 10);
  g_assert_cmpuint (atlas_space_peek (space, 0x800000000000, bytes, is_known, 16), ==, 0);
}

static void
test_a_page_whose_entry_was_broken_has_no_bytes (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasPa entry_pa;
  guint64 pte;
  guint8 byte;
  gboolean is_known;

  allocate (process, BASE, 0x1000, RC, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (access_byte (process, BASE, ATLAS_ACCESS_WRITE), ==, 0);
  pte = atlas_process_read_pte (process, BASE, &entry_pa);
  /* Not present, and neither a page file's page nor a frame in transition: nobody knows it. */
  atlas_memory_write_u64 (atlas_system_get_memory (system), entry_pa, pte & ~ATLAS_ENTRY_P);

  g_assert_cmpuint (
    atlas_space_peek (atlas_process_get_space (process), BASE, &byte, &is_known, 1), ==, 0);
  g_assert_false (is_known);
}

static void
test_full_memory_is_told (void)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (AtlasSystem) system = NULL;
  AtlasProcess *process;
  AtlasStatus status = ATLAS_STATUS_SUCCESS;
  AtlasException exception = { 0 };
  AtlasCommit commit;
  guint64 n_pages;

  options.memory_bytes = ATLAS_MB (64);
  system = atlas_system_new (&options, NULL);
  process = make_process (system, TRUE);
  /* All that can be promised but the page tables, one for 512 pages. */
  atlas_system_get_commit (system, &commit);
  n_pages = (commit.limit - commit.n_charged) * 512 / 513 - 1;
  allocate (process, BASE, n_pages * ATLAS_PAGE_BYTES, RC, ATLAS_PAGE_READWRITE);
  for (guint64 i = 0; i < n_pages && status == ATLAS_STATUS_SUCCESS; i++)
    status = atlas_process_access (
      process, BASE + i * ATLAS_PAGE_BYTES, ATLAS_ACCESS_WRITE, FALSE, NULL, 1, NULL, &exception);
  g_assert_cmphex (status, ==, ATLAS_STATUS_IN_PAGE_ERROR);
  g_assert_cmpuint (exception.n_parameters, ==, 3);
  g_assert_cmphex (exception.parameters[2], ==, ATLAS_STATUS_NO_MEMORY);

  /* Room makes it work again. */
  g_assert_cmphex (atlas_virtual_free (process, BASE, ATLAS_MB (1), ATLAS_MEM_DECOMMIT), ==, 0);
  g_assert_cmphex (access_byte (process, exception.parameters[1], ATLAS_ACCESS_WRITE), ==, 0);
}

static void
test_supervisor_keeps_off_user_pages (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  guint32 build = 0;
  AtlasException exception;

  allocate (process, BASE, 0x1000, RC, ATLAS_PAGE_EXECUTE_READWRITE);
  g_assert_cmphex (access_byte (process, BASE, ATLAS_ACCESS_WRITE), ==, 0);
  g_assert_cmphex (
    atlas_process_access (process, BASE, ATLAS_ACCESS_READ, TRUE, NULL, 1, NULL, &exception),
    ==,
    ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (
    atlas_process_access (process, BASE, ATLAS_ACCESS_EXECUTE, TRUE, NULL, 1, NULL, &exception),
    ==,
    ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (
    atlas_process_access (
      process, ATLAS_KUSER_KERNEL_VA + 0x260, ATLAS_ACCESS_READ, TRUE, &build, 4, NULL, &exception),
    ==,
    0);
  g_assert_cmpuint (GUINT32_FROM_LE (build), ==, 22000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fault/first-touch", test_first_touch_is_told_event_by_event);
  g_test_add_func ("/fault/trace-tells-the-truth", test_trace_tells_the_truth);
  g_test_add_func ("/fault/refusals", test_refusals);
  g_test_add_func ("/fault/non-canonical", test_non_canonical_has_no_address);
  g_test_add_func ("/fault/guard-fires-once", test_guard_fires_once_a_page);
  g_test_add_func ("/fault/stack-grows-to-its-end", test_stack_grows_to_its_end);
  g_test_add_func ("/fault/jump-into-the-guard-zone",
                   test_jump_into_the_guard_zone_opens_what_lies_above);
  g_test_add_func ("/fault/copy-on-write", test_copy_on_write_is_private);
  g_test_add_func ("/fault/protecting-an-image-page", test_protecting_an_image_page);
  g_test_add_func ("/fault/hard-faults-come-once", test_hard_faults_come_once_for_all);
  g_test_add_func ("/fault/across-pages", test_access_across_pages_stops_at_the_fault);
  g_test_add_func ("/fault/looking-changes-nothing", test_looking_changes_nothing);
  g_test_add_func ("/fault/a-page-whose-entry-was-broken-has-no-bytes",
                   test_a_page_whose_entry_was_broken_has_no_bytes);
  g_test_add_func ("/fault/full-memory", test_full_memory_is_told);
  g_test_add_func ("/fault/supervisor", test_supervisor_keeps_off_user_pages);
  return g_test_run ();
}
