/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "source/minidump.h"

#include "dump-maker.h"
#include "space/totals.h"

#define WINDOWS_SAMPLE "breakpad-win11-22000-x64-meminfolist.dmp"
#define LINUX_SAMPLE "breakpad-linux-x64-linuxmaps.dmp"
#define BROKEN_SAMPLE "rust-minidump-invalid-range.dmp"
#define REGIONS_SAMPLE "windows11-22000-regions.csv"

/* NULL, and the test is skipped, without the samples. */
static GBytes *
load_sample (const char *name)
{
  const char *folder = g_getenv ("ATLAS_SAMPLES");
  g_autofree char *path = g_build_filename (folder != NULL ? folder : ".", name, NULL);
  char *data;
  gsize size_bytes;

  if (!g_file_get_contents (path, &data, &size_bytes, NULL))
    {
      g_test_skip ("the folder of samples (ATLAS_SAMPLES) is not there");
      return NULL;
    }
  return g_bytes_new_take (data, size_bytes);
}

static void
assert_covers_everything (AtlasSpace *space)
{
  const AtlasRegionSet *set = atlas_space_get_regions (space);
  AtlasVa next_va = 0;

  for (guint i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      g_assert_cmphex (region->base_va, ==, next_va);
      g_assert_cmpuint (region->size_bytes, >, 0);
      next_va += region->size_bytes;
    }
  g_assert_cmphex (next_va, ==, 0);
}

/* Whatever the bytes are: a whole picture, or none and a reason. */
static gboolean
open_hostile (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) space = atlas_minidump_open (bytes, "hostile.dmp", &error);
  guint8 peeked[64];
  gboolean is_known[64];

  if (space == NULL)
    {
      g_assert_true (error->domain == ATLAS_ERROR);
      g_assert_true (error->code == ATLAS_ERROR_BAD_FILE || error->code == ATLAS_ERROR_UNSUPPORTED);
      g_assert_true (g_str_has_prefix (error->message, "hostile.dmp: "));
      return FALSE;
    }

  g_assert_no_error (error);
  assert_covers_everything (space);
  atlas_space_peek (space, 0xa000000ff0, peeked, is_known, sizeof peeked);
  atlas_space_peek (space, ~G_GUINT64_CONSTANT (0) - 8u, peeked, is_known, sizeof peeked);
  return TRUE;
}

static void
test_typical_dump_becomes_a_picture (void)
{
  static const struct
  {
    AtlasVa va;
    AtlasVa base_va;
    AtlasRegionState state;
    AtlasRegionClass region_class;
    const char *name;
  } rows[] = {
    { 0, 0, ATLAS_STATE_FREE, ATLAS_CLASS_NEVER, "null-pointer guard" },
    { 0xffff, 0, ATLAS_STATE_FREE, ATLAS_CLASS_NEVER, "null-pointer guard" },
    { 0x10000, 0x10000, ATLAS_STATE_FREE, ATLAS_CLASS_FREE, NULL },
    { 0x7ffdffff, 0x10000, ATLAS_STATE_FREE, ATLAS_CLASS_FREE, NULL },
    { 0x7ffe0fff, 0x7ffe0000, ATLAS_STATE_COMMIT, ATLAS_CLASS_SYSTEM, "KUSER_SHARED_DATA" },
    { 0x7ffe1000, 0x7ffe1000, ATLAS_STATE_FREE, ATLAS_CLASS_UNUSABLE, "shared data block" },
    { 0x7ffe3000,
      0x7ffe3000,
      ATLAS_STATE_COMMIT,
      ATLAS_CLASS_SYSTEM,
      "hypervisor reference TSC page" },
    { 0x7ffeffff, 0x7ffe4000, ATLAS_STATE_FREE, ATLAS_CLASS_UNUSABLE, "shared data block" },
    { 0x7fff0000, 0x7fff0000, ATLAS_STATE_FREE, ATLAS_CLASS_NEVER, "no-man's land below 2 GB" },
    { 0x8000ffff, 0x80000000, ATLAS_STATE_FREE, ATLAS_CLASS_NEVER, "no-man's land above 2 GB" },
    { 0x80010000, 0x80010000, ATLAS_STATE_FREE, ATLAS_CLASS_FREE, NULL },
    { 0xa000000000, 0xa000000000, ATLAS_STATE_COMMIT, ATLAS_CLASS_SYSTEM, "PEB and TEBs" },
    { 0xa000003000, 0xa000003000, ATLAS_STATE_RESERVE, ATLAS_CLASS_SYSTEM, "PEB and TEBs" },
    { 0xa000100000, 0xa000100000, ATLAS_STATE_RESERVE, ATLAS_CLASS_STACK, "stack of thread 77" },
    { 0xa0001fc000, 0xa0001fc000, ATLAS_STATE_COMMIT, ATLAS_CLASS_STACK, "stack of thread 77" },
    { 0xa0001fffff, 0xa0001fe000, ATLAS_STATE_COMMIT, ATLAS_CLASS_STACK, "stack of thread 77" },
    { 0xa000200000, 0xa000200000, ATLAS_STATE_FREE, ATLAS_CLASS_FREE, NULL },
    { 0x10000200000, 0x10000200000, ATLAS_STATE_COMMIT, ATLAS_CLASS_HEAP, "process heap" },
    { 0x10000205000, 0x10000205000, ATLAS_STATE_FREE, ATLAS_CLASS_UNUSABLE, "slot tail" },
    { 0x1000020ffff, 0x10000205000, ATLAS_STATE_FREE, ATLAS_CLASS_UNUSABLE, "slot tail" },
    { 0x10000210000, 0x10000210000, ATLAS_STATE_FREE, ATLAS_CLASS_FREE, NULL },
    { 0x7d0100000000, 0x7d0100000000, ATLAS_STATE_COMMIT, ATLAS_CLASS_CFG, "CFG bitmap" },
    { 0x7f00ffffffff, 0x7d0100010000, ATLAS_STATE_RESERVE, ATLAS_CLASS_CFG, "CFG bitmap" },
    { 0x7ff600001fff, 0x7ff600001000, ATLAS_STATE_COMMIT, ATLAS_CLASS_IMAGE, "demo.exe" },
    { 0x7ff800000000, 0x7ff800000000, ATLAS_STATE_COMMIT, ATLAS_CLASS_IMAGE, "ntdll.dll" },
    { 0x7ff800001000, 0x7ff800001000, ATLAS_STATE_COMMIT, ATLAS_CLASS_PRIVATE, NULL },
    { 0x7ffffffeffff, 0x7ff800010000, ATLAS_STATE_FREE, ATLAS_CLASS_FREE, NULL },
    { 0x7fffffff0000,
      0x7fffffff0000,
      ATLAS_STATE_OUTSIDE,
      ATLAS_CLASS_NEVER,
      "no-man's land below the hole" },
    { 0x800000000000, 0x800000000000, ATLAS_STATE_OUTSIDE, ATLAS_CLASS_HOLE, "non-canonical hole" },
    { 0xffffffffffffffff,
      0xffff800000000000,
      ATLAS_STATE_OUTSIDE,
      ATLAS_CLASS_KERNEL,
      "kernel half" },
  };

  for (guint has_memory64 = FALSE; has_memory64 <= TRUE; has_memory64++)
    {
      g_autoptr (GBytes) bytes = dump_make_typical ((gboolean) has_memory64);
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasSpace) space = atlas_minidump_open (bytes, "typical.dmp", &error);
      const AtlasRegionSet *set;

      g_assert_no_error (error);
      assert_covers_everything (space);
      set = atlas_space_get_regions (space);
      g_assert_cmphex (atlas_region_set_get_user_end_va (set), ==, 0x7fffffff0000);
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          const AtlasRegion *region =
            atlas_region_set_get_region (set, atlas_region_set_find (set, rows[i].va));

          g_test_message ("0x%" G_GINT64_MODIFIER "x", rows[i].va);
          g_assert_cmphex (region->base_va, ==, rows[i].base_va);
          g_assert_cmpint (region->state, ==, rows[i].state);
          g_assert_cmpint (region->region_class, ==, rows[i].region_class);
          g_assert_cmpstr (region->name, ==, rows[i].name);
          if (region->name != NULL)
            g_assert_nonnull (region->reason);
        }
    }
}

static void
test_query_repeats_the_rows (void)
{
  g_autoptr (GBytes) bytes = dump_make_typical (FALSE);
  g_autoptr (AtlasSpace) space = atlas_minidump_open (bytes, "typical.dmp", NULL);
  AtlasQueryIter iter;
  AtlasRegion region;

  atlas_query_iter_init (&iter, atlas_space_get_regions (space));
  for (guint i = 0; i < G_N_ELEMENTS (dump_rows); i++)
    {
      g_assert_true (atlas_query_iter_next (&iter, &region));
      g_assert_cmphex (region.base_va, ==, dump_rows[i].base_va);
      g_assert_cmphex (region.allocation_base_va, ==, dump_rows[i].allocation_base_va);
      g_assert_cmphex (region.allocation_protect, ==, dump_rows[i].allocation_protect);
      g_assert_cmphex (region.size_bytes, ==, dump_rows[i].size_bytes);
      g_assert_cmphex (region.state, ==, dump_rows[i].state);
      g_assert_cmphex (region.protect, ==, dump_rows[i].protect);
      g_assert_cmphex (region.type, ==, dump_rows[i].type);
    }
  g_assert_false (atlas_query_iter_next (&iter, &region));
}

static const char *
get_fact (AtlasSpace *space, const char *key)
{
  for (guint i = 0; i < atlas_space_get_n_facts (space); i++)
    if (g_str_equal (atlas_space_get_fact (space, i)->key, key))
      return atlas_space_get_fact (space, i)->value;
  return NULL;
}

static void
test_tells_what_it_knows (void)
{
  g_autoptr (GBytes) bytes = dump_make_typical (FALSE);
  g_autoptr (AtlasSpace) space = atlas_minidump_open (bytes, "typical.dmp", NULL);
  AtlasTypeTotals totals;

  g_assert_cmpstr (atlas_space_get_name (space), ==, "demo.exe");
  /* 34 pages of the rows above are committed. */
  g_assert_cmpstr (atlas_space_get_subtitle (space),
                   ==,
                   "Windows 11 (22000) · 9 allocations · 136 KB committed · "
                   "STATUS_ACCESS_VIOLATION (0xc0000005) in thread 77");
  g_assert_cmpstr (get_fact (space, "exception"),
                   ==,
                   "STATUS_ACCESS_VIOLATION (0xc0000005) at 00007ff6`00001234 in thread 77, "
                   "writing 00000000`00000010");
  g_assert_cmpstr (
    get_fact (space, "operating system"), ==, "Windows 11, version 10.0, build 22000");
  g_assert_cmpstr (get_fact (space, "processor"), ==, "x64, family 6, model 140, stepping 1");
  g_assert_cmpstr (get_fact (space, "logical processors"), ==, "4");
  g_assert_cmpstr (get_fact (space, "process ID"), ==, "4242");
  g_assert_cmpstr (get_fact (space, "threads"), ==, "1");
  g_assert_cmpstr (get_fact (space, "modules"), ==, "2");
  g_assert_cmpstr (get_fact (space, "written"), ==, "2020-09-13 12:26:40 UTC");
  g_assert_false (atlas_space_has_tables (space));

  atlas_type_totals_make (atlas_space_get_regions (space), &totals);
  g_assert_cmpuint (totals.writable_executable.n_regions, ==, 1);
  g_assert_cmpuint (totals.writable_executable.committed_bytes, ==, 0x1000);
}

static void
test_peek_reads_the_stored_bytes (void)
{
  /* From the thread: 8 bytes at …fe000. From the list: the same 8 at …fe004, of which the
   * last 4 are news. */
  static const guint8 expected[] = { 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
                                     0x22, 0x11, 0x44, 0x33, 0x22, 0x11 };
  g_autoptr (GBytes) dump = dump_make_typical (FALSE);
  g_autoptr (AtlasSpace) space = atlas_minidump_open (dump, "typical.dmp", NULL);
  guint8 bytes[32];
  gboolean is_known[32];

  g_assert_cmpuint (atlas_space_peek (space, 0xa0001fdffc, bytes, is_known, 32), ==, 12);
  for (guint i = 0; i < 32; i++)
    {
      gboolean is_expected = i >= 4 && i < 4 + sizeof expected;

      g_assert_cmpint (is_known[i], ==, is_expected);
      g_assert_cmphex (bytes[i], ==, is_expected ? expected[i - 4] : 0);
    }

  g_assert_cmpuint (atlas_space_peek (space, 0xa0001fe003, bytes, is_known, 1), ==, 1);
  g_assert_cmphex (bytes[0], ==, 0x55);
  g_assert_cmpuint (atlas_space_peek (space, 0xa0001fe00c, bytes, is_known, 32), ==, 0);
  g_assert_cmpuint (atlas_space_peek (space, 0, bytes, is_known, 32), ==, 0);
  g_assert_cmpuint (atlas_space_peek (space, 0xfffffffffffffff8, bytes, is_known, 32), ==, 0);
}

static void
test_reads_what_other_writers_write (void)
{
  static const DumpRow rows[] = {
    { 0x20000, 0x20000, 4, 0x1000, 0x1000, 4, 0x20000 },
    { 0x7ffe0000, 0x7ffe0000, 2, 0x1000, 0x1000, 2, 0x20000 },
    { 0x7ffe1000, 0, 0, 0xf000, 0x10000, 1, 0 },
  };
  DumpMaker maker = dump_begin ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) space = NULL;
  const AtlasRegionSet *set;

  /* A padded list, longer entries, no free rows between, a process of 2 GB, an unused stream. */
  dump_put_system_info (&maker, 9, 19045, 2);
  dump_put_module_list (&maker, TRUE);
  dump_end_stream (&maker, 0, maker.bytes->len);
  dump_put_memory_info_list (&maker, rows, G_N_ELEMENTS (rows), 56);
  bytes = dump_end (&maker);
  space = atlas_minidump_open (bytes, "other.dmp", &error);

  g_assert_no_error (error);
  assert_covers_everything (space);
  g_assert_cmpstr (atlas_space_get_name (space), ==, "demo.exe");
  g_assert_true (g_str_has_prefix (atlas_space_get_subtitle (space), "Windows 10 (19045)"));
  set = atlas_space_get_regions (space);
  g_assert_cmphex (atlas_region_set_get_user_end_va (set), ==, 0x7fff0000);
  g_assert_cmpint (
    atlas_region_set_get_region (set, atlas_region_set_find (set, 0x21000))->region_class,
    ==,
    ATLAS_CLASS_UNUSABLE);
  g_assert_cmpint (
    atlas_region_set_get_region (set, atlas_region_set_find (set, 0x7fff0000))->state,
    ==,
    ATLAS_STATE_OUTSIDE);
  g_assert_cmpint (
    atlas_region_set_get_region (set, atlas_region_set_find (set, 0x100000000))->region_class,
    ==,
    ATLAS_CLASS_NEVER);
}

/* No stream tells how many levels the page tables had: addresses do. */
static void
test_five_levels_show_in_the_addresses (void)
{
#define COMMIT 0x1000, 4, 0x20000
#define FREE 0x10000, 1, 0
#define RESERVED_VIEW 0x2000, 0, 0x40000
  static const struct
  {
    DumpRow rows[4];
    guint n_rows;
    guint n_levels;
    AtlasVa user_end_va;
    AtlasVa cfg_va; /* 0: none */
  } cases[] = {
    { { { 0, 0, 0, 0x20000, FREE }, { 0x20000, 0x20000, 4, 0x1000, COMMIT } },
      2,
      4,
      0x7fffffff0000,
      0 },
    /* Up to the last byte of four levels; one page more. */
    { { { 0x7fffffffe000, 0x7fffffffe000, 4, 0x2000, COMMIT } }, 1, 4, 0x800000000000, 0 },
    { { { 0x7fffffffe000, 0x7fffffffe000, 4, 0x3000, COMMIT } }, 1, 5, 0xffffffffff0000, 0 },
    { { { 0x20000, 0x20000, 4, 0x1000, COMMIT },
        { 0x123456789a0000, 0x123456789a0000, 4, 0x1000, COMMIT },
        { 0x123456789a1000, 0, 0, 0xffffffffff0000 - 0x123456789a1000, FREE } },
      3,
      5,
      0xffffffffff0000,
      0 },
    /* A bitmap of control flow guard is as large as there are addresses: 1 PB, not 2 TB. */
    { { { 0x20000000000000, 0x20000000000000, 1, 0x4000000000000, RESERVED_VIEW },
        { 0x24000000000000, 0x24000000000000, 1, 0x20000000000, RESERVED_VIEW } },
      2,
      5,
      0xffffffffff0000,
      0x20000000000000 },
    { { { 0x200000000000, 0x200000000000, 1, 0x20000000000, RESERVED_VIEW } },
      1,
      4,
      0x7fffffff0000,
      0x200000000000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DumpMaker maker = dump_begin ();
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasSpace) space = NULL;
      AtlasRegionSet *set;
      guint n_bitmaps = 0;

      dump_put_system_info (&maker, 9, 26100, 2);
      dump_put_memory_info_list (&maker, cases[i].rows, cases[i].n_rows, 48);
      bytes = dump_end (&maker);
      space = atlas_minidump_open (bytes, "five.dmp", &error);
      g_assert_no_error (error);
      assert_covers_everything (space);
      set = atlas_space_get_regions (space);
      g_assert_cmpuint (atlas_region_set_get_n_levels (set), ==, cases[i].n_levels);
      g_assert_cmphex (atlas_region_set_get_user_end_va (set), ==, cases[i].user_end_va);
      for (guint64 index = 0; index < atlas_region_set_get_n_regions (set); index++)
        {
          const AtlasRegion *region = atlas_region_set_get_region (set, index);

          if (region->region_class != ATLAS_CLASS_CFG)
            continue;
          n_bitmaps++;
          g_assert_cmphex (region->base_va, ==, cases[i].cfg_va);
        }
      g_assert_cmpuint (n_bitmaps, ==, cases[i].cfg_va != 0);
    }

  /* No user address is above 2^56. */
  {
    static const DumpRow beyond = {
      ATLAS_BIT (56) - 0x1000, ATLAS_BIT (56) - 0x1000, 4, 0x2000, COMMIT
    };
    DumpMaker maker = dump_begin ();
    g_autoptr (GBytes) bytes = NULL;
    g_autoptr (GError) error = NULL;

    dump_put_system_info (&maker, 9, 26100, 2);
    dump_put_memory_info_list (&maker, &beyond, 1, 48);
    bytes = dump_end (&maker);
    g_assert_null (atlas_minidump_open (bytes, "beyond.dmp", &error));
    g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE);
    g_assert_nonnull (strstr (error->message, "not a run of whole pages in the user half"));
  }
}

static void
test_unsupported_kinds_are_named (void)
{
  static const struct
  {
    guint architecture;
    guint platform;
    gboolean has_regions;
    const char *words;
  } rows[] = {
    { 0, 2, TRUE, "processor architecture 0" }, { 12, 2, TRUE, "processor architecture 12" },
    { 9, 0x8101, TRUE, "platform 0x8101" },     { 9, 0x8201, TRUE, "LinuxMaps" },
    { 9, 2, FALSE, "MemoryInfoList" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      DumpMaker maker = dump_begin ();
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      dump_put_system_info (&maker, rows[i].architecture, 22000, rows[i].platform);
      if (rows[i].has_regions)
        dump_put_memory_info_list (&maker, dump_rows, 5, 48);
      bytes = dump_end (&maker);
      g_assert_null (atlas_minidump_open (bytes, "strange.dmp", &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, rows[i].words));
    }
}

static void
test_lies_are_named (void)
{
  /* One field of the first or second region, or of the list itself. */
  static const struct
  {
    guint32 offset; /* in the stream */
    guint64 value;
    guint n_bytes;
    const char *words;
  } lies[] = {
    { 0, 15, 4, "header of at least 16" },
    { 0, 0xffffffff, 4, "4294967295" },
    { 4, 47, 4, "entries of at least 48" },
    { 4, 0xffffffff, 4, "entries" },
    { 8, 23, 8, "23 entries of 48" },
    { 8, 0x0aaaaaaaaaaaaaab, 8, "entries" }, /* × 48 wraps to 16 */
    { 8, ~G_GUINT64_CONSTANT (0), 8, "entries" },
    { 16 + 24, 0, 8, "whole pages" },
    { 16 + 24, 0x7ffe0001, 8, "whole pages" },
    { 16 + 24, 0x7ffe1000, 8, "starts inside or before" },
    { 16 + 24, 0x100000000001000, 8, "whole pages" },
    { 16 + 24, 0xfffffffffffff000, 8, "whole pages" },
    { 16 + 32, 0, 4, "state 0x0" },
    { 16 + 32, 0x3000, 4, "state 0x3000" },
    { 64 + 0, 0x1000, 8, "starts inside or before" },
    { 64 + 0, 0x100000000000000, 8, "whole pages" },
    { 64 + 8, 0x7ffe1000, 8, "allocation base" },
    { 64 + 40, 0, 4, "type 0x0" },
    { 64 + 40, 0x60000, 4, "type 0x60000" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      DumpMaker maker = dump_begin ();
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      guint32 offset;
      guint64 little = GUINT64_TO_LE (lies[i].value);

      dump_put_system_info (&maker, 9, 22000, 2);
      offset = dump_put_memory_info_list (&maker, dump_rows, G_N_ELEMENTS (dump_rows), 48);
      memcpy (maker.bytes->data + offset + lies[i].offset, &little, lies[i].n_bytes);
      bytes = dump_end (&maker);

      g_test_message ("%s", lies[i].words);
      g_assert_null (atlas_minidump_open (bytes, "liar.dmp", &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE);
      g_test_message ("%s", error->message);
      g_assert_true (g_str_has_prefix (error->message, "liar.dmp: MemoryInfoList stream at file"));
      g_assert_nonnull (strstr (error->message, lies[i].words));
    }
}

static void
test_repeated_names_cannot_fill_memory (void)
{
  DumpMaker maker = dump_begin ();
  g_autofree char *long_name = g_strnfill (10000, 'x');
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  guint32 name;
  guint32 offset;

  dump_put_system_info (&maker, 9, 22000, 2);
  name = dump_put_string (&maker, long_name);
  offset = dump_put (&maker, 1000, 4);
  for (guint i = 0; i < 1000; i++)
    {
      dump_put_zeros (&maker, 20);
      dump_put (&maker, name, 4);
      dump_put_zeros (&maker, 84);
    }
  dump_end_stream (&maker, 4, offset);
  bytes = dump_end (&maker);

  g_assert_null (atlas_minidump_open (bytes, "names.dmp", &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE);
}

static void
test_a_stream_may_not_come_twice (void)
{
  DumpMaker maker = dump_begin ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  dump_put_system_info (&maker, 9, 22000, 2);
  dump_put_memory_info_list (&maker, dump_rows, 5, 48);
  dump_put_memory_info_list (&maker, dump_rows, 5, 48);
  bytes = dump_end (&maker);

  g_assert_null (atlas_minidump_open (bytes, "twice.dmp", &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, "two of them"));
}

static void
test_every_cut_is_noticed (void)
{
  for (guint has_memory64 = FALSE; has_memory64 <= TRUE; has_memory64++)
    {
      g_autoptr (GBytes) whole = dump_make_typical ((gboolean) has_memory64);

      for (gsize size_bytes = 0; size_bytes < g_bytes_get_size (whole); size_bytes++)
        {
          /* A copy of its own, so that a read beyond its end is seen by the sanitizer. */
          g_autoptr (GBytes) cut = g_bytes_new (g_bytes_get_data (whole, NULL), size_bytes);

          g_assert_false (open_hostile (cut));
        }
      g_assert_true (open_hostile (whole));
    }
}

static void
test_any_changed_byte_does_no_harm (void)
{
  static const guint8 masks[] = { 0x01, 0x80, 0xff };
  guint n_opened = 0;
  guint n_refused = 0;

  for (guint has_memory64 = FALSE; has_memory64 <= TRUE; has_memory64++)
    {
      g_autoptr (GBytes) whole = dump_make_typical ((gboolean) has_memory64);
      gsize size_bytes;
      const guint8 *data = g_bytes_get_data (whole, &size_bytes);

      for (gsize i = 0; i < size_bytes; i++)
        for (guint m = 0; m < G_N_ELEMENTS (masks); m++)
          {
            guint8 *copy = g_memdup2 (data, size_bytes);
            g_autoptr (GBytes) changed = NULL;

            copy[i] ^= masks[m];
            changed = g_bytes_new_take (copy, size_bytes);
            if (open_hostile (changed))
              n_opened++;
            else
              n_refused++;
          }
    }
  g_assert_cmpuint (n_opened, >, 0);
  g_assert_cmpuint (n_refused, >, 0);
}

static void
test_sample_tells_what_virtual_query_told (void)
{
  g_autoptr (GBytes) bytes = load_sample (WINDOWS_SAMPLE);
  g_autoptr (GBytes) csv = bytes != NULL ? load_sample (REGIONS_SAMPLE) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) space = NULL;
  g_autoptr (GString) text =
    g_string_new ("base,allocation_base,allocation_protect,size,state,protect,type,module\r\n");
  AtlasQueryIter iter;
  AtlasRegion region;
  AtlasRegionSummary summary;

  if (csv == NULL)
    return;
  space = atlas_minidump_open (bytes, WINDOWS_SAMPLE, &error);
  g_assert_no_error (error);

  atlas_query_iter_init (&iter, atlas_space_get_regions (space));
  while (atlas_query_iter_next (&iter, &region))
    g_string_append_printf (text,
                            "0x%" G_GINT64_MODIFIER "x,0x%" G_GINT64_MODIFIER
                            "x,0x%x,0x%" G_GINT64_MODIFIER "x,%s,0x%x,%s,%s\r\n",
                            region.base_va,
                            region.allocation_base_va,
                            region.allocation_protect,
                            region.size_bytes,
                            atlas_region_state_get_name (region.state),
                            region.protect,
                            atlas_region_type_get_name (region.type),
                            region.type == ATLAS_TYPE_IMAGE ? region.name : "");
  g_assert_cmpmem (text->str, text->len, g_bytes_get_data (csv, NULL), g_bytes_get_size (csv));

  g_assert_cmpstr (atlas_space_get_name (space), ==, "tiny.exe");
  g_assert_cmpstr (atlas_space_get_subtitle (space),
                   ==,
                   "Windows 11 (22000) · 137 allocations · 81.7 MB committed");
  atlas_region_set_summarize (atlas_space_get_regions (space), 0, 0x7ffffffeffff, &summary);
  g_assert_cmpuint (summary.committed_bytes, ==, 85684224);
  g_assert_cmpuint (summary.reserved_bytes, ==, G_GUINT64_CONSTANT (2220513320960));
}

static void
test_sample_survives_cuts_and_changes (void)
{
  g_autoptr (GBytes) whole = load_sample (WINDOWS_SAMPLE);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  gsize size_bytes;
  const guint8 *data;

  if (whole == NULL)
    return;
  data = g_bytes_get_data (whole, &size_bytes);

  for (gsize cut = 0; cut < size_bytes; cut += 1u + (gsize) g_rand_int_range (rand, 0, 400))
    {
      g_autoptr (GBytes) prefix = g_bytes_new (data, cut);

      g_assert_false (open_hostile (prefix));
    }
  for (guint i = 0; i < 300; i++)
    {
      guint8 *copy = g_memdup2 (data, size_bytes);
      g_autoptr (GBytes) changed = NULL;

      /* Most changes where the structures are: the header, the directory, the first streams. */
      for (guint k = 0; k < 4; k++)
        copy[g_rand_int_range (rand, 0, i % 3 == 0 ? (gint) size_bytes : 0x2200)] ^=
          (guint8) g_rand_int_range (rand, 1, 256);
      changed = g_bytes_new_take (copy, size_bytes);
      open_hostile (changed);
    }
}

static void
test_linux_sample_shows_its_maps (void)
{
  g_autoptr (GBytes) bytes = load_sample (LINUX_SAMPLE);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) space = NULL;
  const AtlasRegionSet *set;
  const AtlasRegion *region;

  if (bytes == NULL)
    return;
  space = atlas_minidump_open (bytes, LINUX_SAMPLE, &error);
  g_assert_no_error (error);
  assert_covers_everything (space);
  g_assert_cmpstr (atlas_space_get_name (space), ==, "driver");

  set = atlas_space_get_regions (space);
  region = atlas_region_set_get_region (set, atlas_region_set_find (set, 0x7f692ed96000));
  g_assert_cmphex (region->base_va, ==, 0x7f692ed96000);
  g_assert_cmphex (region->size_bytes, ==, 0x1bb000);
  g_assert_cmpstr (region->name, ==, "libc-2.19.so");
  g_assert_cmpint (region->type, ==, ATLAS_TYPE_IMAGE);
  g_assert_cmphex (region->protect, ==, ATLAS_PAGE_EXECUTE_READ);
}

static void
test_broken_sample_is_refused (void)
{
  g_autoptr (GBytes) bytes = load_sample (BROKEN_SAMPLE);
  g_autoptr (GError) error = NULL;

  if (bytes == NULL)
    return;
  g_assert_null (atlas_minidump_open (bytes, BROKEN_SAMPLE, &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/minidump/typical-dump-becomes-a-picture", test_typical_dump_becomes_a_picture);
  g_test_add_func ("/minidump/query-repeats-the-rows", test_query_repeats_the_rows);
  g_test_add_func ("/minidump/tells-what-it-knows", test_tells_what_it_knows);
  g_test_add_func ("/minidump/peek-reads-the-stored-bytes", test_peek_reads_the_stored_bytes);
  g_test_add_func ("/minidump/reads-what-other-writers-write", test_reads_what_other_writers_write);
  g_test_add_func ("/minidump/five-levels", test_five_levels_show_in_the_addresses);
  g_test_add_func ("/minidump/unsupported-kinds-are-named", test_unsupported_kinds_are_named);
  g_test_add_func ("/minidump/lies-are-named", test_lies_are_named);
  g_test_add_func ("/minidump/repeated-names-cannot-fill-memory",
                   test_repeated_names_cannot_fill_memory);
  g_test_add_func ("/minidump/a-stream-may-not-come-twice", test_a_stream_may_not_come_twice);
  g_test_add_func ("/minidump/every-cut-is-noticed", test_every_cut_is_noticed);
  g_test_add_func ("/minidump/any-changed-byte-does-no-harm", test_any_changed_byte_does_no_harm);
  g_test_add_func ("/minidump/sample-tells-what-virtual-query-told",
                   test_sample_tells_what_virtual_query_told);
  g_test_add_func ("/minidump/sample-survives-cuts-and-changes",
                   test_sample_survives_cuts_and_changes);
  g_test_add_func ("/minidump/linux-sample-shows-its-maps", test_linux_sample_shows_its_maps);
  g_test_add_func ("/minidump/broken-sample-is-refused", test_broken_sample_is_refused);
  return g_test_run ();
}
