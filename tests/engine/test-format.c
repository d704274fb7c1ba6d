/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "base/format.h"

#include <string.h>

static const guint64 edge_values[] = {
  0,
  1,
  9,
  10,
  1023,
  1024,
  1025,
  4095,
  4096,
  0xffff,
  0x10000,
  0x12345,
  ATLAS_MB (1),
  ATLAS_MB (2),
  ATLAS_GB (1) - 1,
  ATLAS_GB (1),
  ATLAS_GB (512),
  ATLAS_TB (1),
  ATLAS_BIT (47) - 1,
  ATLAS_BIT (47),
  ATLAS_BIT (48) - 1,
  ATLAS_BIT (63),
  G_GUINT64_CONSTANT (0x00007ff90f718a3c),
  G_GUINT64_CONSTANT (0xffff800000000000),
  G_MAXUINT64 - 1023,
  G_MAXUINT64,
};

static void
test_sizes_read_as_windows_says_them (void)
{
  static const struct
  {
    guint64 size_bytes;
    const char *text;
  } cases[] = {
    { 0, "0 bytes" },
    { 1, "1 byte" },
    { 2, "2 bytes" },
    { 1023, "1023 bytes" },
    { 1024, "1 KB" },
    { 1025, "1 KB" },
    { 1536, "1.5 KB" },
    { 4096, "4 KB" },
    { 65536, "64 KB" },
    { ATLAS_MB (1) - 1, "1 MB" },
    { ATLAS_MB (1) - 52, "1023.9 KB" },
    { ATLAS_MB (1), "1 MB" },
    { 85668659, "81.7 MB" },
    { ATLAS_GB (1) - 1, "1 GB" },
    { ATLAS_TB (2), "2 TB" },
    { ATLAS_BIT (47), "128 TB" },
    { ATLAS_BIT (50), "1 PB" },
    { ATLAS_BIT (63), "8 EB" },
    { G_MAXUINT64 - ATLAS_BIT (59), "15.5 EB" },
    { G_MAXUINT64, "16 EB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = atlas_format_size (cases[i].size_bytes);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_size_text_is_near_its_size (void)
{
  static const char units[] = "KMGTPE";

  for (guint bit = 10; bit < 64; bit++)
    {
      for (guint step = 0; step < 64; step++)
        {
          guint64 size_bytes = ATLAS_BIT (bit) + (guint64) (((double) step / 64) * ATLAS_BIT (bit));
          g_autofree char *text = atlas_format_size (size_bytes);
          char *unit = NULL;
          double shown = g_ascii_strtod (text, &unit);
          double unit_bytes;

          g_assert_cmpint (*unit, ==, ' ');
          unit_bytes = (double) ATLAS_BIT (10 * (strchr (units, unit[1]) - units + 1));
          g_assert_cmpfloat (
            ABS (shown * unit_bytes - (double) size_bytes), <=, unit_bytes * 0.0501);
          g_assert_cmpfloat (shown, <, 1024);
        }
    }
}

static void
test_addresses_and_counts (void)
{
  g_autofree char *va = atlas_format_va (G_GUINT64_CONSTANT (0x7ff90f718a3c));
  g_autofree char *zero = atlas_format_va (0);
  g_autofree char *last = atlas_format_va (G_MAXUINT64);
  g_autofree char *hex = atlas_format_hex (0x1a2b);
  g_autofree char *count = atlas_format_count (134217728);
  g_autofree char *small = atlas_format_count (512);
  g_autofree char *thousand = atlas_format_count (1000);
  g_autofree char *most = atlas_format_count (G_MAXUINT64);

  g_assert_cmpstr (va, ==, "00007ff9`0f718a3c");
  g_assert_cmpstr (zero, ==, "00000000`00000000");
  g_assert_cmpstr (last, ==, "ffffffff`ffffffff");
  g_assert_cmpstr (hex, ==, "0x1a2b");
  g_assert_cmpstr (count, ==, "134,217,728");
  g_assert_cmpstr (small, ==, "512");
  g_assert_cmpstr (thousand, ==, "1,000");
  g_assert_cmpstr (most, ==, "18,446,744,073,709,551,615");
}

static void
test_what_is_written_reads_back (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (edge_values); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *va = atlas_format_va (edge_values[i]);
      g_autofree char *hex = atlas_format_hex (edge_values[i]);
      g_autofree char *size = atlas_format_size_exact (edge_values[i]);
      g_autofree char *decimal = g_strdup_printf ("%" G_GUINT64_FORMAT, edge_values[i]);
      guint64 value;

      value = ~edge_values[i];
      g_assert_true (atlas_parse_number (va, FALSE, &value, &error));
      g_assert_no_error (error);
      g_assert_cmphex (value, ==, edge_values[i]);

      value = ~edge_values[i];
      g_assert_true (atlas_parse_number (hex, FALSE, &value, NULL));
      g_assert_cmphex (value, ==, edge_values[i]);

      value = ~edge_values[i];
      g_assert_true (atlas_parse_number (decimal, FALSE, &value, NULL));
      g_assert_cmphex (value, ==, edge_values[i]);

      value = ~edge_values[i];
      g_assert_true (atlas_parse_size (size, &value, NULL));
      g_assert_cmphex (value, ==, edge_values[i]);
    }
}

static void
test_exact_sizes (void)
{
  static const struct
  {
    guint64 size_bytes;
    const char *text;
  } cases[] = {
    { 0, "0" },
    { 1023, "1023" },
    { 1024, "1K" },
    { 1025, "0x401" },
    { ATLAS_KB (64), "64K" },
    { ATLAS_KB (1536), "1536K" },
    { ATLAS_MB (2), "2M" },
    { ATLAS_GB (16), "16G" },
    { ATLAS_TB (128), "128T" },
    { G_MAXUINT64, "0xffffffffffffffff" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = atlas_format_size_exact (cases[i].size_bytes);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_numbers_in_every_spelling (void)
{
  static const struct
  {
    const char *text;
    gboolean assume_hex;
    guint64 value;
  } cases[] = {
    { "0", FALSE, 0 },
    { "10", FALSE, 10 },
    { "10", TRUE, 0x10 },
    { "007", FALSE, 7 },
    { "0x10", FALSE, 0x10 },
    { "0X10", TRUE, 0x10 },
    { "7FF9`0F718A3C", FALSE, G_GUINT64_CONSTANT (0x7ff90f718a3c) },
    { "7ff9_0f71_8a3c", FALSE, G_GUINT64_CONSTANT (0x7ff90f718a3c) },
    { "0x7ff9_0f718a3c", FALSE, G_GUINT64_CONSTANT (0x7ff90f718a3c) },
    { "0x00000000000000000000001", FALSE, 1 },
    { "18446744073709551615", FALSE, G_MAXUINT64 },
    { "ffffffffffffffff", TRUE, G_MAXUINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 value = 0xdead;

      g_assert_true (atlas_parse_number (cases[i].text, cases[i].assume_hex, &value, &error));
      g_assert_no_error (error);
      g_assert_cmphex (value, ==, cases[i].value);
    }
}

static void
test_bad_numbers_are_refused (void)
{
  static const char *const cases[] = {
    "",
    " ",
    "0x",
    "x",
    "-1",
    "+1",
    " 1",
    "1 ",
    "1.5",
    "12z",
    "abc",
    "0x12g",
    "1`",
    "`1",
    "1__2",
    "_",
    "0x_1",
    "0x1_",
    "64K",
    "0xx1",
    "\xff",
    "0x\xff",
    "1e3",
    "18446744073709551616",
    "0x1ffffffffffffffff",
    "99999999999999999999999999",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 value = 0xdead;

      g_assert_false (atlas_parse_number (cases[i], FALSE, &value, &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_nonnull (strstr (error->message, "expected"));
      g_assert_cmphex (value, ==, 0xdead);
    }
}

static void
test_sizes_in_every_spelling (void)
{
  static const struct
  {
    const char *text;
    gboolean is_good;
    guint64 size_bytes;
  } cases[] = {
    { "4096", TRUE, 4096 },
    { "4096b", TRUE, 4096 },
    { "64K", TRUE, 65536 },
    { "64k", TRUE, 65536 },
    { "64KB", TRUE, 65536 },
    { "2M", TRUE, ATLAS_MB (2) },
    { "1g", TRUE, ATLAS_GB (1) },
    { "128T", TRUE, ATLAS_TB (128) },
    { "0x1000", TRUE, 0x1000 },
    { "0x1b", TRUE, 0x1b },
    { "0xb", TRUE, 0xb },
    { "0xBB", TRUE, 0xbb },
    { "0x", FALSE, 0 },
    { "0xK", FALSE, 0 },
    { "0xKB", FALSE, 0 },
    { "0x10K", TRUE, 0x4000 },
    { "0x10KB", TRUE, 0x4000 },
    { "1_0000", TRUE, 0x10000 },
    { "16777215T", TRUE, G_GUINT64_CONSTANT (0xffffff0000000000) },
    { "16777216T", FALSE, 0 },
    { "18446744073709551616", FALSE, 0 },
    { "K", FALSE, 0 },
    { "B", FALSE, 0 },
    { "KB", FALSE, 0 },
    { "1KK", FALSE, 0 },
    { "1P", FALSE, 0 },
    { "1 K", FALSE, 0 },
    { "64Kx", FALSE, 0 },
    { "1.5K", FALSE, 0 },
    { "-1K", FALSE, 0 },
    { "", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 size_bytes = 0xdead;

      g_assert_cmpint (atlas_parse_size (cases[i].text, &size_bytes, &error), ==, cases[i].is_good);
      if (cases[i].is_good)
        g_assert_cmphex (size_bytes, ==, cases[i].size_bytes);
      else
        g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/sizes", test_sizes_read_as_windows_says_them);
  g_test_add_func ("/format/sizes-near", test_size_text_is_near_its_size);
  g_test_add_func ("/format/addresses-and-counts", test_addresses_and_counts);
  g_test_add_func ("/format/round-trip", test_what_is_written_reads_back);
  g_test_add_func ("/format/exact-sizes", test_exact_sizes);
  g_test_add_func ("/parse/numbers", test_numbers_in_every_spelling);
  g_test_add_func ("/parse/bad-numbers", test_bad_numbers_are_refused);
  g_test_add_func ("/parse/sizes", test_sizes_in_every_spelling);
  return g_test_run ();
}
