/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* MEM_64K_PAGES: asked for, refused, and what becomes of it. */

#include "windows/page-64k-private.h"
#include "session/session.h"
#include "windows/fault.h"
#include "windows/frames-private.h"
#include "windows/reconcile.h"
#include "windows/virtual.h"
#include "windows/working-set.h"

#include <string.h>

#define BASE_VA G_GUINT64_CONSTANT (0x20000000)
#define TYPE (ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT | ATLAS_MEM_64K_PAGES)

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasProcessOptions process = ATLAS_PROCESS_OPTIONS_DEFAULT;
  g_autoptr (GError) error = NULL;

  options.memory_bytes = ATLAS_MB (64);
  fixture->system = atlas_system_new (&options, &error);
  g_assert_no_error (error);
  process.name = "wide.exe";
  process.is_bare = TRUE;
  fixture->process = atlas_process_new (fixture->system, &process, NULL);
  g_assert_nonnull (fixture->process);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  atlas_system_free (fixture->system);
}

static AtlasStatus
allocate (Fixture *fixture, AtlasVa va, guint64 n_bytes, guint32 type)
{
  return atlas_nt_allocate_virtual_memory (
    fixture->process, &va, 0, &n_bytes, type, ATLAS_PAGE_READWRITE);
}

static AtlasStatus
touch (Fixture *fixture, AtlasVa va, AtlasAccess access)
{
  return atlas_process_access (fixture->process, va, access, FALSE, NULL, 1, NULL, NULL);
}

static AtlasPage64k
find (Fixture *fixture, AtlasVa va)
{
  AtlasPage64k page;

  g_assert_true (atlas_process_find_page_64k (fixture->process, va, &page));
  return page;
}

static void
assert_books_agree (Fixture *fixture)
{
  g_autoptr (GArray) conflicts = atlas_process_find_conflicts (fixture->process);

  g_assert_cmpuint (conflicts->len, ==, 0);
}

static void
test_refusals (Fixture *fixture, gconstpointer unused)
{
  static const struct
  {
    AtlasVa va;
    guint64 n_bytes;
    guint32 type;
    AtlasStatus status;
    const char *reason;
  } cases[] = {
    { 0, ATLAS_KB (60), TYPE, ATLAS_STATUS_INVALID_PARAMETER_4, "multiple of 64 KB" },
    { 0, ATLAS_KB (64) + 1, TYPE, ATLAS_STATUS_INVALID_PARAMETER_4, "multiple of 64 KB" },
    { 0, 0, TYPE, ATLAS_STATUS_INVALID_PARAMETER_4, "size is 0" },
    { BASE_VA + 0x1000, ATLAS_KB (64), TYPE, ATLAS_STATUS_INVALID_PARAMETER_2, "begin at" },
    { BASE_VA,
      ATLAS_KB (64),
      TYPE & ~ATLAS_MEM_RESERVE,
      ATLAS_STATUS_INVALID_PARAMETER_5,
      "needs MEM_RESERVE" },
    { BASE_VA,
      ATLAS_KB (64),
      TYPE | ATLAS_MEM_WRITE_WATCH,
      ATLAS_STATUS_INVALID_PARAMETER_5,
      "MEM_WRITE_WATCH" },
    { BASE_VA, ATLAS_KB (64), ATLAS_MEM_64K_PAGES, ATLAS_STATUS_INVALID_PARAMETER_5, "asked for" },
    { BASE_VA,
      ATLAS_KB (64),
      ATLAS_MEM_RESET | ATLAS_MEM_64K_PAGES,
      ATLAS_STATUS_INVALID_PARAMETER_5,
      "no other flag" },
    { BASE_VA, ATLAS_KB (64), TYPE, ATLAS_STATUS_SUCCESS, NULL },
    { 0, ATLAS_KB (64), TYPE, ATLAS_STATUS_SUCCESS, NULL },
    { BASE_VA + ATLAS_MB (1),
      ATLAS_MB (1),
      ATLAS_MEM_RESERVE | ATLAS_MEM_64K_PAGES,
      ATLAS_STATUS_SUCCESS,
      NULL },
  };
  const AtlasExtendedParameter nonpaged = { .type = ATLAS_EXTENDED_ATTRIBUTE_FLAGS,
                                            .value = ATLAS_ATTRIBUTE_NONPAGED };
  AtlasVa va = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AtlasAllocationPreview preview;

      atlas_virtual_alloc_preview (fixture->process,
                                   cases[i].va,
                                   cases[i].n_bytes,
                                   cases[i].type,
                                   ATLAS_PAGE_READWRITE,
                                   &preview);
      g_test_message ("case %u: %s", i, preview.reason != NULL ? preview.reason : "");
      g_assert_cmphex (preview.status, ==, cases[i].status);
      if (cases[i].reason != NULL)
        g_assert_nonnull (strstr (preview.reason, cases[i].reason));
      g_assert_cmphex (
        allocate (fixture, cases[i].va, cases[i].n_bytes, cases[i].type), ==, cases[i].status);
    }
  g_assert_cmphex (
    atlas_virtual_alloc2 (
      fixture->process, &va, ATLAS_KB (64), TYPE, ATLAS_PAGE_READWRITE, &nonpaged, 1),
    ==,
    ATLAS_STATUS_NOT_SUPPORTED);
}

/* No privilege is asked for, and each bit alone means what it did. */
static void
test_each_bit_alone_is_itself (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmphex (
    allocate (
      fixture, 0, ATLAS_MB (2), ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT | ATLAS_MEM_LARGE_PAGES),
    ==,
    ATLAS_STATUS_PRIVILEGE_NOT_HELD);
  g_assert_cmphex (
    allocate (fixture, BASE_VA, ATLAS_KB (64), ATLAS_MEM_RESERVE | ATLAS_MEM_PHYSICAL),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_false (atlas_process_find_page_64k (fixture->process, BASE_VA, &(AtlasPage64k){ 0 }));
  g_assert_false (atlas_process_find_page_64k (fixture->process, 0, &(AtlasPage64k){ 0 }));
  g_assert_false (
    atlas_process_find_page_64k (fixture->process, G_MAXUINT64, &(AtlasPage64k){ 0 }));
}

static void
test_first_touch_brings_sixteen_pages (Fixture *fixture, gconstpointer unused)
{
  AtlasWorkingSet before, after;
  guint64 n_faults = fixture->process->n_faults;
  AtlasPage64k page;
  guint64 n_available;
  guint64 counts[ATLAS_N_PAGE_64K_STATES];

  g_assert_cmphex (allocate (fixture, BASE_VA, ATLAS_KB (128), TYPE), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpint (find (fixture, BASE_VA).state, ==, ATLAS_PAGE_64K_ABSENT);
  n_available = atlas_frames_count_available (fixture->system->frames);
  atlas_process_get_working_set (fixture->process, &before);
  g_assert_cmphex (touch (fixture, BASE_VA + 0x5123, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_SUCCESS);
  atlas_process_get_working_set (fixture->process, &after);
  g_assert_cmpuint (after.n_pages, ==, before.n_pages + 16);
  g_assert_cmpuint (fixture->process->n_faults, ==, n_faults + 1);

  page = find (fixture, BASE_VA + 0xffff);
  g_assert_cmphex (page.base_va, ==, BASE_VA);
  g_assert_cmpint (page.state, ==, ATLAS_PAGE_64K_WHOLE);
  g_assert_cmpuint (page.n_present, ==, 16);
  g_assert_cmpuint (page.first_pfn % 16, ==, 0);
  for (guint i = 0; i < 16; i++)
    {
      AtlasPa entry_pa;
      guint64 pte =
        atlas_process_find_pte (fixture->process, BASE_VA + i * ATLAS_PAGE_BYTES, &entry_pa);

      g_assert_cmphex (atlas_pte_get_pfn (pte), ==, page.first_pfn + i);
      g_assert_cmpint ((pte & ATLAS_PTE_ACCESSED) != 0, ==, i == 5);
      g_assert_cmpint ((pte & ATLAS_PTE_DIRTY) != 0, ==, i == 5);
    }

  /* The rest of it faults no more, but for the first write that has to be seen. */
  g_assert_cmphex (touch (fixture, BASE_VA, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (touch (fixture, BASE_VA + 0xf000, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpuint (fixture->process->n_faults, ==, n_faults + 1);
  g_assert_cmphex (touch (fixture, BASE_VA + 0xf000, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_SUCCESS);

  g_assert_true (atlas_process_count_pages_64k (fixture->process, BASE_VA, counts));
  g_assert_cmpuint (counts[ATLAS_PAGE_64K_WHOLE], ==, 1);
  g_assert_cmpuint (counts[ATLAS_PAGE_64K_ABSENT], ==, 1);
  assert_books_agree (fixture);

  g_assert_cmphex (
    atlas_virtual_free (fixture->process, BASE_VA, 0, ATLAS_MEM_RELEASE), ==, ATLAS_STATUS_SUCCESS);
  /* Tables that were made stay. */
  g_assert_cmpuint (n_available - atlas_frames_count_available (fixture->system->frames), <=, 3);
}

static void
test_what_is_not_alike_comes_in_small_pages (Fixture *fixture, gconstpointer unused)
{
  AtlasVa va = BASE_VA + 0x3000;
  guint64 n_bytes = ATLAS_PAGE_BYTES;
  guint32 old;

  g_assert_cmphex (allocate (fixture, BASE_VA, ATLAS_KB (192), TYPE), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (fixture->process, &va, &n_bytes, ATLAS_PAGE_READONLY, &old),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (touch (fixture, BASE_VA, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpint (find (fixture, BASE_VA).state, ==, ATLAS_PAGE_64K_SMALL);
  g_assert_cmpuint (find (fixture, BASE_VA).n_present, ==, 1);

  /* One page of the next block gone: the last one. */
  g_assert_cmphex (
    atlas_virtual_free (fixture->process, BASE_VA + 0x1f000, ATLAS_PAGE_BYTES, ATLAS_MEM_DECOMMIT),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (
    touch (fixture, BASE_VA + 0x10000, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpuint (find (fixture, BASE_VA + 0x10000).n_present, ==, 1);

  /* The third is whole. */
  g_assert_cmphex (touch (fixture, BASE_VA + 0x2ffff, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpint (find (fixture, BASE_VA + 0x20000).state, ==, ATLAS_PAGE_64K_WHOLE);
  assert_books_agree (fixture);
}

/* Reserved with the flag, committed page by page. */
static void
test_commit_later (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmphex (
    allocate (fixture, BASE_VA, ATLAS_KB (64), ATLAS_MEM_RESERVE | ATLAS_MEM_64K_PAGES),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (touch (fixture, BASE_VA, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (
    allocate (fixture, BASE_VA, ATLAS_KB (64), ATLAS_MEM_COMMIT), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (touch (fixture, BASE_VA, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpint (find (fixture, BASE_VA).state, ==, ATLAS_PAGE_64K_WHOLE);
  assert_books_agree (fixture);
}

/* Every other frame is somebody's: half of memory, and no two side by side. */
static void
test_fragmented_memory_gives_small_pages (Fixture *fixture, gconstpointer unused)
{
  AtlasFrames *frames = fixture->system->frames;
  g_autofree char *text = NULL;
  AtlasPage64k page;
  AtlasPfn pfn;

  g_assert_cmphex (allocate (fixture, BASE_VA, ATLAS_KB (64), TYPE), ==, ATLAS_STATUS_SUCCESS);
  while (atlas_frames_take (frames, ATLAS_FRAME_USE_KERNEL, 0, &pfn))
    ;
  for (pfn = 257; pfn < atlas_frames_get_n_frames (frames); pfn += 2)
    {
      AtlasFrame frame;

      atlas_frames_get (frames, pfn, &frame);
      if (frame.state == ATLAS_FRAME_ACTIVE && frame.use == ATLAS_FRAME_USE_KERNEL &&
          frame.entry_pa == 0 && frame.share_count == 1 && pfn % 4 == 1)
        atlas_frames_give_back (frames, pfn);
    }
  g_assert_cmpuint (atlas_frames_count_contiguous (frames, 16, 1), ==, 0);
  g_assert_cmpuint (atlas_frames_count_available (frames), >, 1000);

  for (guint i = 0; i < 16; i++)
    g_assert_cmphex (touch (fixture, BASE_VA + i * ATLAS_PAGE_BYTES, ATLAS_ACCESS_WRITE),
                     ==,
                     ATLAS_STATUS_SUCCESS);
  page = find (fixture, BASE_VA);
  g_assert_cmpint (page.state, ==, ATLAS_PAGE_64K_SMALL);
  g_assert_cmpuint (page.n_present, ==, 16);
  text = atlas_page_64k_describe (&page);
  g_assert_nonnull (strstr (text, "16 of 16 are present"));
}

/* They are pageable: trimmed like any others, and back one by one, in their old frames here. */
static void
test_trimmed_pages_come_back (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmphex (allocate (fixture, BASE_VA, ATLAS_KB (64), TYPE), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (touch (fixture, BASE_VA, ATLAS_ACCESS_WRITE), ==, ATLAS_STATUS_SUCCESS);
  atlas_process_empty_working_set (fixture->process);
  g_assert_cmpint (find (fixture, BASE_VA).state, ==, ATLAS_PAGE_64K_ABSENT);
  g_assert_cmphex (touch (fixture, BASE_VA + 0x1000, ATLAS_ACCESS_READ), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpuint (find (fixture, BASE_VA).n_present, ==, 1);
  for (guint i = 0; i < 16; i++)
    touch (fixture, BASE_VA + i * ATLAS_PAGE_BYTES, ATLAS_ACCESS_READ);
  g_assert_cmpint (find (fixture, BASE_VA).state, ==, ATLAS_PAGE_64K_WHOLE);
  assert_books_agree (fixture);
}

static void
assert_says (AtlasSession *session, const char *command, AtlasStatus status, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = atlas_session_run (session, command, &error);

  g_assert_no_error (error);
  g_test_message ("%s: %s", command, result->result);
  g_assert_cmphex (result->status, ==, status);
  g_assert_nonnull (strstr (result->result, words));
}

static void
test_words (void)
{
  g_autoptr (AtlasSession) session = atlas_session_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) alias = NULL;
  g_autofree char *text = NULL;

  assert_says (session, "process $p wide.exe bare", ATLAS_STATUS_SUCCESS, "");
  assert_says (
    session, "alloc $a = 128K reserve|commit|64k_pages readwrite", ATLAS_STATUS_SUCCESS, "");
  assert_says (session, "write $a+0x12345 1", ATLAS_STATUS_SUCCESS, "");
  assert_says (session, "region $a+0x12345", ATLAS_STATUS_SUCCESS, "private, 64 KB pages");
  assert_says (session,
               "region $a+0x12345",
               ATLAS_STATUS_SUCCESS,
               "pages of 64 KB in one piece 1, in small pages 0, absent 1. ");
  assert_says (session, "region $a+0x12345", ATLAS_STATUS_SUCCESS, "sixteen entries of 4 KB");
  assert_says (session, "why $a", ATLAS_STATUS_SUCCESS, "x64 has no entry of that size");
  assert_says (session,
               "section $s = 64K 64k_pages",
               ATLAS_STATUS_INVALID_PARAMETER_6,
               "SEC_64K_PAGES is in winnt.h");
  /* Both bits by their own names are the same flag. */
  alias =
    atlas_session_run (session, "alloc 64K reserve|commit|large_pages|physical readwrite", &error);
  g_assert_no_error (error);
  g_assert_cmphex (alias->status, ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpstr (alias->command, ==, "alloc 64K reserve|commit|64k_pages readwrite");
  text = atlas_session_to_text (session);
  g_assert_nonnull (strstr (text, "reserve|commit|64k_pages"));
}

int
main (int argc, char **argv)
{
#define ADD(name, function)                                                                        \
  g_test_add ("/page-64k/" name, Fixture, NULL, set_up, function, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("refusals", test_refusals);
  ADD ("each-bit-alone-is-itself", test_each_bit_alone_is_itself);
  ADD ("first-touch-brings-sixteen-pages", test_first_touch_brings_sixteen_pages);
  ADD ("what-is-not-alike-comes-in-small-pages", test_what_is_not_alike_comes_in_small_pages);
  ADD ("commit-later", test_commit_later);
  ADD ("fragmented-memory-gives-small-pages", test_fragmented_memory_gives_small_pages);
  ADD ("trimmed-pages-come-back", test_trimmed_pages_come_back);
  g_test_add_func ("/page-64k/words", test_words);
  return g_test_run ();
#undef ADD
}
