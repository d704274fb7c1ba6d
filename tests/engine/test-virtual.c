/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "base/format.h"
#include "windows/fault.h"
#include "windows/layout.h"
#include "windows/virtual.h"

#define RC (ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT)
#define BASE G_GUINT64_CONSTANT (0x50000000)

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
} Fixture;

static const AtlasProcessOptions bare_options = { .name = "bare.exe",
                                                  .is_large_address_aware = TRUE,
                                                  .has_high_entropy = TRUE,
                                                  .has_dynamic_base = TRUE,
                                                  .is_bare = TRUE };

static void
set_up (Fixture *fixture, gconstpointer options)
{
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (GError) error = NULL;
  AtlasStatus status;

  system_options.memory_bytes = ATLAS_MB (64);
  fixture->system = atlas_system_new (&system_options, &error);
  g_assert_no_error (error);
  fixture->process =
    atlas_process_new (fixture->system, options != NULL ? options : &bare_options, &status);
  g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
}

static void
tear_down (Fixture *fixture, gconstpointer options)
{
  atlas_system_free (fixture->system);
}

static AtlasStatus
allocate (Fixture *fixture, AtlasVa *base_va, guint64 n_bytes, guint32 type, guint32 protect)
{
  return atlas_nt_allocate_virtual_memory (fixture->process, base_va, 0, &n_bytes, type, protect);
}

/* Every region as text: two states with the same text answer every query alike. */
static char *
describe (AtlasProcess *process)
{
  GString *text = g_string_new (NULL);
  AtlasRegion region;

  for (AtlasVa va = 0; atlas_nt_query_virtual_memory (process, va, &region) == ATLAS_STATUS_SUCCESS;
       va = region.base_va + region.size_bytes)
    g_string_append_printf (text,
                            "%" G_GINT64_MODIFIER "x+%" G_GINT64_MODIFIER "x %x %x %x\n",
                            region.base_va,
                            region.size_bytes,
                            region.state,
                            region.protect,
                            region.type);
  g_string_append_printf (
    text, "commit %" G_GUINT64_FORMAT "\n", atlas_process_get_commit_pages (process));
  return g_string_free (text, FALSE);
}

/* RO-ALLOC rows of the rounding rules. */
static void
test_reservations_round_out (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    AtlasVa base_va;
    guint64 n_bytes;
    AtlasVa expected_va;
    guint64 expected_bytes;
  } rows[] = {
    { BASE, 1, BASE, 0x1000 },
    { BASE + 0x8000, 1, BASE, 0x9000 },
    { BASE + 0x10, 0x1000, BASE, 0x2000 },
    { BASE + 0x10000, 0x2000, BASE + 0x10000, 0x2000 },
    { BASE + 0xffff, 0x3000, BASE, 0x13000 },
    { BASE + 0x1010, 0x7000, BASE, 0x9000 },
    { BASE + 0x1010, 0xc000, BASE, 0xe000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasVa base_va = rows[i].base_va;
      guint64 n_bytes = rows[i].n_bytes;

      g_assert_cmphex (
        atlas_nt_allocate_virtual_memory (
          fixture->process, &base_va, 0, &n_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE),
        ==,
        ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (base_va, ==, rows[i].expected_va);
      g_assert_cmphex (n_bytes, ==, rows[i].expected_bytes);
      g_assert_cmphex (atlas_virtual_free (fixture->process, base_va, 0, ATLAS_MEM_RELEASE),
                       ==,
                       ATLAS_STATUS_SUCCESS);
    }
}

static void
test_refusals_change_nothing (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    AtlasVa base_va;
    guint64 n_bytes;
    guint32 type;
    guint32 protect;
    AtlasStatus status;
    const char *reason_part;
  } rows[] = {
    { 0, 0, RC, 4, ATLAS_STATUS_INVALID_PARAMETER_4, "" },
    { 0, G_MAXUINT64, RC, 4, ATLAS_STATUS_INVALID_PARAMETER_4, "" },
    { 0xf000, 0x1000, ATLAS_MEM_RESERVE, 4, ATLAS_STATUS_INVALID_PARAMETER_2, "null pointer" },
    { 0xffff800000000000, 0x1000, RC, 4, ATLAS_STATUS_INVALID_PARAMETER_2, "kernel" },
    { 0x7fffffff0000, 0x1000, RC, 4, ATLAS_STATUS_INVALID_PARAMETER_2, "last 64 KB" },
    { 0x800000000000, 0x1000, RC, 4, ATLAS_STATUS_INVALID_PARAMETER_2, "bit 47" },
    { 0x7ffffffe0000, 0x10001, RC, 4, ATLAS_STATUS_INVALID_PARAMETER_4, "" },
    { 0x7fff0000, 0x1000, RC, 4, ATLAS_STATUS_CONFLICTING_ADDRESSES, "Alpha" },
    { 0x80000000, 0x1000, RC, 4, ATLAS_STATUS_CONFLICTING_ADDRESSES, "far side" },
    { 0x8000ffff, 1, RC, 4, ATLAS_STATUS_CONFLICTING_ADDRESSES, "far side" },
    { 0x7ffe0000, 0x1000, RC, 4, ATLAS_STATUS_CONFLICTING_ADDRESSES, "KUSER_SHARED_DATA" },
    { 0x7ffe5000, 0x1000, RC, 4, ATLAS_STATUS_CONFLICTING_ADDRESSES, "VirtualQuery calls it free" },
    { 0x7ffd0000, 0x10001, RC, 4, ATLAS_STATUS_CONFLICTING_ADDRESSES, "taken by KUSER" },
    { BASE + 0x8000, 0x1000, RC, 4, ATLAS_STATUS_CONFLICTING_ADDRESSES, "64 KB slot at" },
    { BASE + 0x3000, 0x1000, ATLAS_MEM_COMMIT, 4, ATLAS_STATUS_CONFLICTING_ADDRESSES, "to commit" },
    { BASE, 0x4000, ATLAS_MEM_COMMIT, 4, ATLAS_STATUS_CONFLICTING_ADDRESSES, "past the end" },
    { 0, 0x1000, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_5, "" },
    { 0, 0x1000, G_MAXUINT32, 4, ATLAS_STATUS_INVALID_PARAMETER_5, "" },
    { 0, 0x1000, RC, 0, ATLAS_STATUS_INVALID_PAGE_PROTECTION, "" },
    { 0, 0x1000, RC, 8, ATLAS_STATUS_INVALID_PAGE_PROTECTION, "" },
    { 0, 0x200000, RC | ATLAS_MEM_LARGE_PAGES, 4, ATLAS_STATUS_PRIVILEGE_NOT_HELD, "" },
    { 0, ATLAS_MB (65), RC, 4, ATLAS_STATUS_COMMITMENT_LIMIT, "" },
    { 0, 0x7fffffff0000, ATLAS_MEM_RESERVE, 4, ATLAS_STATUS_NO_MEMORY, "" },
  };
  AtlasVa base_va = BASE;
  guint64 n_free;
  g_autofree char *before = NULL;

  g_assert_cmphex (
    allocate (fixture, &base_va, 0x3000, ATLAS_MEM_RESERVE, 4), ==, ATLAS_STATUS_SUCCESS);
  before = describe (fixture->process);
  n_free = atlas_frames_count (atlas_system_get_frames (fixture->system), ATLAS_FRAME_ZEROED);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasVa va = rows[i].base_va;
      guint64 n_bytes = rows[i].n_bytes;
      AtlasAllocationPreview preview;
      g_autofree char *after = NULL;

      atlas_virtual_alloc_preview (
        fixture->process, va, n_bytes, rows[i].type, rows[i].protect, &preview);
      g_assert_cmphex (preview.status, ==, rows[i].status);
      g_assert_nonnull (preview.reason);
      if (strstr (preview.reason, rows[i].reason_part) == NULL)
        g_error ("row %u: “%s” lacks “%s”", i, preview.reason, rows[i].reason_part);

      g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                         fixture->process, &va, 0, &n_bytes, rows[i].type, rows[i].protect),
                       ==,
                       rows[i].status);
      g_assert_cmphex (va, ==, rows[i].base_va);
      g_assert_cmphex (n_bytes, ==, rows[i].n_bytes);
      after = describe (fixture->process);
      g_assert_cmpstr (after, ==, before);
    }
  g_assert_cmpuint (
    atlas_frames_count (atlas_system_get_frames (fixture->system), ATLAS_FRAME_ZEROED), ==, n_free);
}

static void
test_preview_tells_what_is_lost (Fixture *fixture, gconstpointer data)
{
  AtlasAllocationPreview preview;

  atlas_virtual_alloc_preview (fixture->process, 0x12345, 1, ATLAS_MEM_RESERVE, 4, &preview);
  g_assert_cmphex (preview.status, ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (preview.base_va, ==, 0x10000);
  g_assert_cmpuint (preview.n_pages, ==, 3);
  g_assert_cmpuint (preview.n_unusable_pages, ==, 13);
  g_assert_null (preview.reason);
}

static void
test_pages_give_everything_back (Fixture *fixture, gconstpointer data)
{
  AtlasFrames *frames = atlas_system_get_frames (fixture->system);
  guint64 n_active = atlas_frames_count (frames, ATLAS_FRAME_ACTIVE);
  guint64 n_commit = atlas_process_get_commit_pages (fixture->process);
  AtlasVa base_va = 0;
  AtlasException exception;

  g_assert_cmphex (
    allocate (fixture, &base_va, ATLAS_MB (4), RC, ATLAS_PAGE_READWRITE), ==, ATLAS_STATUS_SUCCESS);
  for (AtlasVa va = base_va; va < base_va + ATLAS_MB (4); va += ATLAS_KB (256))
    g_assert_cmphex (atlas_process_access (
                       fixture->process, va, ATLAS_ACCESS_WRITE, FALSE, NULL, 8, NULL, &exception),
                     ==,
                     ATLAS_STATUS_SUCCESS);
  /* 16 pages; two to three page tables, a directory or two, and what lies above. */
  g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_ACTIVE), >=, n_active + 16 + 4);

  g_assert_cmphex (
    atlas_virtual_free (fixture->process, base_va, 0, ATLAS_MEM_RELEASE), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_ACTIVE), ==, n_active);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit);
}

static void
test_decommit_refunds_and_recommit_is_zero (Fixture *fixture, gconstpointer data)
{
  AtlasVa base_va = BASE;
  AtlasVa va;
  guint64 n_bytes;
  guint8 byte = 0x5a;
  AtlasException exception;
  AtlasRegion region;
  guint64 n_commit = atlas_process_get_commit_pages (fixture->process);

  g_assert_cmphex (allocate (fixture, &base_va, 0x5000, RC, 4), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (
    atlas_process_access (
      fixture->process, BASE + 0x1000, ATLAS_ACCESS_WRITE, FALSE, &byte, 1, NULL, &exception),
    ==,
    ATLAS_STATUS_SUCCESS);

  va = BASE + 0x1fff;
  n_bytes = 2;
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (fixture->process, &va, &n_bytes, ATLAS_MEM_DECOMMIT),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (va, ==, BASE + 0x1000);
  g_assert_cmphex (n_bytes, ==, 0x2000);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit + 3);

  atlas_nt_query_virtual_memory (fixture->process, BASE + 0x1000, &region);
  g_assert_cmpuint (region.state, ==, ATLAS_STATE_RESERVE);
  g_assert_cmphex (region.size_bytes, ==, 0x2000);
  g_assert_cmphex (region.allocation_base_va, ==, BASE);
  g_assert_cmphex (
    atlas_process_access (
      fixture->process, BASE + 0x1000, ATLAS_ACCESS_READ, FALSE, &byte, 1, NULL, &exception),
    ==,
    ATLAS_STATUS_ACCESS_VIOLATION);

  va = BASE + 0x1000;
  g_assert_cmphex (allocate (fixture, &va, 0x2000, ATLAS_MEM_COMMIT, ATLAS_PAGE_READONLY), ==, 0);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit + 5);
  g_assert_cmphex (
    atlas_process_access (
      fixture->process, BASE + 0x1000, ATLAS_ACCESS_READ, FALSE, &byte, 1, NULL, &exception),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmpuint (byte, ==, 0);
}

static void
test_release_splits (Fixture *fixture, gconstpointer data)
{
  AtlasVa base_va = BASE;
  AtlasVa va = BASE + 0x1001;
  guint64 n_bytes = 0xfff;
  AtlasRegion region;
  guint64 n_commit = atlas_process_get_commit_pages (fixture->process);

  g_assert_cmphex (allocate (fixture, &base_va, 0x10000, RC, 4), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (fixture->process, &va, &n_bytes, ATLAS_MEM_RELEASE),
    ==,
    ATLAS_STATUS_SUCCESS);
  atlas_nt_query_virtual_memory (fixture->process, BASE + 0x2000, &region);
  g_assert_cmphex (region.allocation_base_va, ==, BASE + 0x2000);
  g_assert_cmphex (region.size_bytes, ==, 0xe000);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit + 15);

  g_assert_cmphex (
    atlas_virtual_free (fixture->process, BASE + 0x2000, 0, ATLAS_MEM_RELEASE), ==, 0);
  g_assert_cmphex (atlas_virtual_free (fixture->process, BASE, 0, ATLAS_MEM_RELEASE), ==, 0);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit);
}

static void
test_protect_keeps_contents (Fixture *fixture, gconstpointer data)
{
  static const guint32 protections[] = { 0x01, 0x02, 0x104, 0x20, 0x10, 0x40, 0x04 };
  AtlasVa base_va = BASE;
  guint32 expected = 4;
  guint64 value = G_GUINT64_CONSTANT (0x0123456789abcdef);
  guint64 read = 0;
  AtlasException exception;

  g_assert_cmphex (allocate (fixture, &base_va, 0x3000, RC, 4), ==, ATLAS_STATUS_SUCCESS);
  /* Across two pages, one of which then changes without ever having been read. */
  g_assert_cmphex (
    atlas_process_access (
      fixture->process, BASE + 0xffc, ATLAS_ACCESS_WRITE, FALSE, &value, 8, NULL, &exception),
    ==,
    ATLAS_STATUS_SUCCESS);
  for (guint i = 0; i < G_N_ELEMENTS (protections); i++)
    {
      AtlasVa va = BASE + 1;
      guint64 n_bytes = 0x1000;
      guint32 old = 0;
      AtlasRegion region;

      g_assert_cmphex (
        atlas_nt_protect_virtual_memory (fixture->process, &va, &n_bytes, protections[i], &old),
        ==,
        ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (va, ==, BASE);
      g_assert_cmphex (n_bytes, ==, 0x2000);
      g_assert_cmphex (old, ==, expected);
      atlas_nt_query_virtual_memory (fixture->process, BASE, &region);
      g_assert_cmphex (region.protect, ==, protections[i]);
      g_assert_cmphex (region.allocation_protect, ==, 4);
      expected = protections[i];
    }
  g_assert_cmphex (
    atlas_process_access (
      fixture->process, BASE + 0xffc, ATLAS_ACCESS_READ, FALSE, &read, 8, NULL, &exception),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (read, ==, value);
}

static void
test_protect_refuses (Fixture *fixture, gconstpointer data)
{
  AtlasVa base_va = BASE;
  AtlasVa va = BASE;
  guint64 n_bytes = 0x2000;
  guint32 old;

  g_assert_cmphex (allocate (fixture, &base_va, 0x3000, ATLAS_MEM_RESERVE, 4), ==, 0);
  va = BASE;
  g_assert_cmphex (allocate (fixture, &va, 0x1000, ATLAS_MEM_COMMIT, 4), ==, 0);

  va = BASE;
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (fixture->process, &va, &n_bytes, ATLAS_PAGE_READONLY, &old),
    ==,
    ATLAS_STATUS_NOT_COMMITTED);
  n_bytes = 0x1000;
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (fixture->process, &va, &n_bytes, ATLAS_PAGE_READONLY, NULL),
    ==,
    ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (fixture->process, &va, &n_bytes, ATLAS_PAGE_WRITECOPY, &old),
    ==,
    ATLAS_STATUS_INVALID_PAGE_PROTECTION);
  va = ATLAS_KUSER_VA;
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (fixture->process, &va, &n_bytes, ATLAS_PAGE_READWRITE, &old),
    ==,
    ATLAS_STATUS_INVALID_PAGE_PROTECTION);
}

static void
test_top_down_comes_from_above (Fixture *fixture, gconstpointer data)
{
  AtlasVa low_va = 0;
  AtlasVa high_va = 0;
  AtlasVa again_va = 0;

  g_assert_cmphex (allocate (fixture, &low_va, 0x1000, RC, 4), ==, 0);
  g_assert_cmphex (allocate (fixture, &high_va, 0x1000, RC | ATLAS_MEM_TOP_DOWN, 4), ==, 0);
  g_assert_cmphex (low_va, <, ATLAS_TB (2));
  g_assert_cmphex (high_va, >, G_GUINT64_CONSTANT (0x7ffdffff0000));
  g_assert_cmphex (low_va & 0xffff, ==, 0);
  g_assert_cmphex (high_va & 0xffff, ==, 0);

  /* What was just released is the first room there is. */
  g_assert_cmphex (atlas_virtual_free (fixture->process, low_va, 0, ATLAS_MEM_RELEASE), ==, 0);
  g_assert_cmphex (allocate (fixture, &again_va, 0x1000, RC, 4), ==, 0);
  g_assert_cmphex (again_va, ==, low_va);
}

static void
test_zero_bits_limit_the_address (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint64 zero_bits;
    AtlasStatus status;
    AtlasVa last_va;
  } rows[] = {
    { 1, ATLAS_STATUS_SUCCESS, 0x7fffffff },
    { 14, ATLAS_STATUS_SUCCESS, 0x3ffff },
    { 21, ATLAS_STATUS_NO_MEMORY, 0 },
    { 22, ATLAS_STATUS_INVALID_PARAMETER_3, 0 },
    { 31, ATLAS_STATUS_INVALID_PARAMETER_3, 0 },
    { 0x1aaaaaaa, ATLAS_STATUS_SUCCESS, 0x1fffffff },
    { 0x7fffffffffff, ATLAS_STATUS_SUCCESS, 0x7fffffffffff },
    { G_MAXUINT64, ATLAS_STATUS_SUCCESS, G_MAXUINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasVa va = 0;
      guint64 n_bytes = 0x1000;

      g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                         fixture->process, &va, rows[i].zero_bits, &n_bytes, RC, 4),
                       ==,
                       rows[i].status);
      if (rows[i].status == ATLAS_STATUS_SUCCESS)
        g_assert_cmphex (va + n_bytes - 1u, <=, rows[i].last_va);
    }
}

static const AtlasProcessOptions small_options = { .name = "small.exe", .is_bare = TRUE };

static void
test_two_gigabytes_end_at_the_shared_page (Fixture *fixture, gconstpointer data)
{
  AtlasVa va = 0x7fff0000;
  AtlasRegion region;

  g_assert_cmphex (atlas_process_get_max_va (fixture->process), ==, 0x7ffeffff);
  g_assert_cmphex (allocate (fixture, &va, 0x1000, RC, 4), ==, ATLAS_STATUS_INVALID_PARAMETER_2);
  va = 0x7ffd0000;
  g_assert_cmphex (allocate (fixture, &va, 0x10000, RC, 4), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_nt_query_virtual_memory (fixture->process, 0x7fff0000, &region),
                   ==,
                   ATLAS_STATUS_INVALID_PARAMETER);
}

#define ADD(path, options, function)                                                               \
  g_test_add ("/virtual/" path, Fixture, options, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("reservations-round-out", NULL, test_reservations_round_out);
  ADD ("refusals-change-nothing", NULL, test_refusals_change_nothing);
  ADD ("preview-tells-what-is-lost", NULL, test_preview_tells_what_is_lost);
  ADD ("pages-give-everything-back", NULL, test_pages_give_everything_back);
  ADD ("decommit-refunds", NULL, test_decommit_refunds_and_recommit_is_zero);
  ADD ("release-splits", NULL, test_release_splits);
  ADD ("protect-keeps-contents", NULL, test_protect_keeps_contents);
  ADD ("protect-refuses", NULL, test_protect_refuses);
  ADD ("top-down-comes-from-above", NULL, test_top_down_comes_from_above);
  ADD ("zero-bits-limit-the-address", NULL, test_zero_bits_limit_the_address);
  ADD ("two-gigabytes", &small_options, test_two_gigabytes_end_at_the_shared_page);
  return g_test_run ();
}
