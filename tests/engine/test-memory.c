/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/memory-private.h"

static AtlasMemory *
new_ram (guint64 size_bytes)
{
  g_autoptr (GError) error = NULL;
  AtlasMemory *memory = atlas_memory_new_ram (size_bytes, &error);

  g_assert_no_error (error);
  return memory;
}

static void
test_ram_ends_where_it_ends (void)
{
  g_autoptr (AtlasMemory) memory = new_ram (ATLAS_MB (1));
  guint8 bytes[16] = { 0 };
  guint64 value;

  g_assert_cmphex (atlas_memory_get_size (memory), ==, ATLAS_MB (1));
  g_assert_true (atlas_memory_is_writable (memory));
  g_assert_true (atlas_memory_write_u64 (memory, ATLAS_MB (1) - 8, 0x0123456789abcdef));
  g_assert_true (atlas_memory_read_u64 (memory, ATLAS_MB (1) - 8, &value));
  g_assert_cmphex (value, ==, 0x0123456789abcdef);
  g_assert_true (atlas_memory_read (memory, ATLAS_MB (1) - 8, bytes, 1));
  g_assert_cmphex (bytes[0], ==, 0xef);

  g_assert_false (atlas_memory_read_u64 (memory, ATLAS_MB (1), &value));
  g_assert_false (atlas_memory_read (memory, ATLAS_MB (1) - 8, bytes, 9));
  g_assert_false (atlas_memory_write (memory, ATLAS_MB (1) - 8, bytes, 9));
  g_assert_false (atlas_memory_read (memory, G_MAXUINT64 - 3, bytes, 8));
  g_assert_false (atlas_memory_write_u64 (memory, G_MAXUINT64 - 7, 0));
  g_assert_true (atlas_memory_read (memory, ATLAS_MB (1), bytes, 0));
}

static void
test_ram_is_sparse (void)
{
  /* Far more than any host has: only what is written costs. */
  g_autoptr (AtlasMemory) memory = new_ram (ATLAS_TB (4));
  guint64 value;

  g_assert_true (atlas_memory_write_u64 (memory, ATLAS_TB (3), 7));
  g_assert_true (atlas_memory_read_u64 (memory, ATLAS_TB (3), &value));
  g_assert_cmpuint (value, ==, 7);
  g_assert_true (atlas_memory_read_u64 (memory, ATLAS_TB (4) - 8, &value));
  g_assert_cmpuint (value, ==, 0);
}

static void
test_zeroed_page_leaves_neighbours (void)
{
  g_autoptr (AtlasMemory) memory = new_ram (ATLAS_KB (64));
  guint64 value;

  for (AtlasPa pa = 0; pa < ATLAS_KB (64); pa += 8)
    atlas_memory_write_u64 (memory, pa, pa + 1);
  atlas_memory_zero_page (memory, 3);
  for (AtlasPa pa = 0; pa < ATLAS_KB (64); pa += 8)
    {
      g_assert_true (atlas_memory_read_u64 (memory, pa, &value));
      g_assert_cmphex (value, ==, pa >> ATLAS_PAGE_SHIFT == 3 ? 0 : pa + 1);
    }
}

static void
test_preparing_changes_no_byte (void)
{
  g_autoptr (AtlasMemory) memory = new_ram (ATLAS_KB (64));
  guint64 value;

  g_assert_true (atlas_memory_write_u64 (memory, 0x3008, 7));
  atlas_memory_prepare (memory, 0, ATLAS_KB (64));
  for (AtlasPa pa = 0; pa < ATLAS_KB (64); pa += 8)
    {
      g_assert_true (atlas_memory_read_u64 (memory, pa, &value));
      g_assert_cmphex (value, ==, pa == 0x3008 ? 7 : 0);
    }
}

static void
test_host_may_refuse (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (atlas_memory_new_ram (ATLAS_BIT (62), &error));
  g_assert_nonnull (error);
}

/* An image of runs, and the same bytes as a map of pa → byte for comparison. */
static AtlasMemory *
new_image (const AtlasPa *bases, const gsize *sizes, guint n_runs)
{
  AtlasMemoryRun runs[8];

  for (guint i = 0; i < n_runs; i++)
    {
      guint8 *bytes = g_malloc (MAX (sizes[i], 1));

      for (gsize at = 0; at < sizes[i]; at++)
        bytes[at] = (guint8) ((bases[i] + at) * 7);
      runs[i] = (AtlasMemoryRun){ bases[i], g_bytes_new_take (bytes, sizes[i]) };
    }

  AtlasMemory *memory = atlas_memory_new_image (runs, n_runs);
  for (guint i = 0; i < n_runs; i++)
    g_bytes_unref (runs[i].bytes);
  return memory;
}

static void
test_image_tells_holes (void)
{
  /* Adjacent runs, an empty one, one that starts at an odd address. */
  static const AtlasPa bases[] = { 0x10, 0x40, 0x80, 0xa0, 0xa0, 0x103 };
  static const gsize sizes[] = { 0x30, 0x20, 0x20, 0, 0x21, 0x40 };
  g_autoptr (AtlasMemory) memory = new_image (bases, sizes, G_N_ELEMENTS (bases));

  g_assert_false (atlas_memory_is_writable (memory));
  g_assert_false (atlas_memory_write_u64 (memory, 0x10, 1));
  g_assert_cmphex (atlas_memory_get_size (memory), ==, 0x143);

  for (AtlasPa pa = 0; pa < 0x160; pa++)
    for (gsize size_bytes = 1; size_bytes <= 0x90; size_bytes++)
      {
        guint8 bytes[0x90];
        gboolean expected = TRUE;

        for (AtlasPa at = pa; at < pa + size_bytes; at++)
          {
            gboolean is_there = FALSE;

            for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
              is_there |= at >= bases[i] && at < bases[i] + sizes[i];
            expected &= is_there;
          }
        g_assert_cmpint (atlas_memory_read (memory, pa, bytes, size_bytes), ==, expected);
        for (gsize i = 0; expected && i < size_bytes; i++)
          g_assert_cmphex (bytes[i], ==, (guint8) ((pa + i) * 7));
      }
}

static void
test_image_without_runs (void)
{
  g_autoptr (AtlasMemory) memory = atlas_memory_new_image (NULL, 0);
  guint64 value;

  g_assert_false (atlas_memory_read_u64 (memory, 0, &value));
  g_assert_cmpuint (atlas_memory_get_size (memory), ==, 0);
}

static void
test_image_reaches_the_top (void)
{
  static const AtlasPa bases[] = { G_MAXUINT64 - 0xf };
  static const gsize sizes[] = { 0xf };
  g_autoptr (AtlasMemory) memory = new_image (bases, sizes, 1);
  guint8 bytes[32];

  g_assert_true (atlas_memory_read (memory, G_MAXUINT64 - 0xf, bytes, 0xf));
  g_assert_false (atlas_memory_read (memory, G_MAXUINT64 - 0xf, bytes, 0x10));
  g_assert_false (atlas_memory_read (memory, G_MAXUINT64 - 0xf, bytes, 0x20));
}

static void
test_table_in_one_piece (void)
{
  static const AtlasPa bases[] = { 0x1000, 0x3000, 0x3800 };
  static const gsize sizes[] = { 0x1000, 0x800, 0x800 };
  g_autoptr (AtlasMemory) memory = new_image (bases, sizes, G_N_ELEMENTS (bases));
  guint64 value;

  const guint8 *bytes = atlas_memory_peek_table (memory, 0x1000);
  g_assert_nonnull (bytes);
  g_assert_true (atlas_memory_read_u64 (memory, 0x1ff8, &value));
  g_assert_cmphex (atlas_table_bytes_get (bytes, 511), ==, value);
  g_assert_null (atlas_memory_peek_table (memory, 0x2000));
  g_assert_null (atlas_memory_peek_table (memory, 0x3000));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory/ram-ends-where-it-ends", test_ram_ends_where_it_ends);
  g_test_add_func ("/memory/ram-is-sparse", test_ram_is_sparse);
  g_test_add_func ("/memory/zeroed-page-leaves-neighbours", test_zeroed_page_leaves_neighbours);
  g_test_add_func ("/memory/preparing-changes-no-byte", test_preparing_changes_no_byte);
  g_test_add_func ("/memory/host-may-refuse", test_host_may_refuse);
  g_test_add_func ("/memory/image-tells-holes", test_image_tells_holes);
  g_test_add_func ("/memory/image-without-runs", test_image_without_runs);
  g_test_add_func ("/memory/image-reaches-the-top", test_image_reaches_the_top);
  g_test_add_func ("/memory/table-in-one-piece", test_table_in_one_piece);
  return g_test_run ();
}
