/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Certificates and the marks for Control Flow Guard of program files that are written byte by byte,
 * whole and damaged. */

#include "windows/pe-certificates.h"
#include "windows/pe-guard.h"

#include <string.h>

#include "pe-maker.h"

#define BASE G_GUINT64_CONSTANT (0x180000000)
#define TEXT 0x1000u
#define CONFIG 0x2000u
#define TABLE 0x2200u

/* Of the table, ascending: what a call target is at, and what is known of it. */
static const struct
{
  guint32 rva;
  guint8 flags;
} functions[] = {
  { TEXT, 0 },        { TEXT + 0x20, 1 }, { TEXT + 0x40, 2 }, { TEXT + 0x64, 0 },
  { TEXT + 0x80, 0 }, { TEXT + 0x8c, 0 }, { TEXT + 0xa4, 1 }, { TEXT + 0xff0, 0 },
};

typedef struct
{
  gboolean is_32;
  guint32 flags; /* GuardFlags, stride included */
  guint32 config_bytes;
  guint64 table_va;    /* 0: where it is */
  guint64 n_functions; /* 0: as many as there are */
  guint dll_bits;
} Shape;

static const Shape sound = { FALSE, 0x10000500, 0x140, 0, 0, 0x4000 };

/* One page of code, and constants with a load configuration and its table. */
static AtlasPe *
make (const Shape *shape, const guint8 *appended, gsize n_appended, guint32 directory_bytes)
{
  guint64 base = shape->is_32 ? 0x10000000 : BASE;
  guint stride = 4u + (shape->flags >> 28);
  PeMaker maker = pe_begin (shape->is_32, shape->is_32 ? 0x14c : 0x8664, base);
  guint8 text[0x1000] = { 0xc3 };
  guint8 rdata[0x400] = { 0 };
  guint64 table_va = shape->table_va != 0 ? shape->table_va : base + TABLE;
  guint64 count = shape->n_functions != 0 ? shape->n_functions : G_N_ELEMENTS (functions);
  g_autoptr (GBytes) bytes = NULL;
  const char *reason = NULL;
  AtlasPe *pe = NULL;
  guint32 offset;

  pe_store (rdata, shape->config_bytes, 4);
  pe_store (rdata + (shape->is_32 ? 0x50 : 0x80), table_va, shape->is_32 ? 4 : 8);
  pe_store (rdata + (shape->is_32 ? 0x54 : 0x88), count, shape->is_32 ? 4 : 8);
  pe_store (rdata + (shape->is_32 ? 0x58 : 0x90), shape->flags, 4);
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      pe_store (rdata + 0x200 + i * stride, functions[i].rva, 4);
      if (stride > 4)
        rdata[0x200 + i * stride + 4] = functions[i].flags;
    }
  pe_add (&maker, ".text", PE_MAKER_TEXT, sizeof text, text, sizeof text);
  pe_add (&maker, ".rdata", PE_MAKER_RDATA, sizeof rdata, rdata, sizeof rdata);
  pe_set_directory (&maker, 10, CONFIG, 0x140);
  pe_set (&maker, PE_MAKER_OPTIONAL + 70, 0x140 | shape->dll_bits, 2);
  offset = maker.bytes->len;
  if (n_appended > 0)
    {
      g_byte_array_append (maker.bytes, appended, (guint) n_appended);
      pe_set_directory (&maker, 4, offset, directory_bytes);
    }
  bytes = pe_end (&maker);
  g_assert_cmphex (atlas_pe_new (bytes, &pe, &reason), ==, ATLAS_STATUS_SUCCESS);
  return pe;
}

/* By the table alone, address by address: what the two bits of its 16 bytes come to. */
static AtlasCallTarget
judge_slowly (guint32 rva, gboolean has_flags)
{
  gboolean is_other_set = FALSE;

  if (rva < TEXT || rva >= TEXT + 0x1000)
    return ATLAS_CALL_TARGET_NOT_CODE;
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      guint8 flags = has_flags ? functions[i].flags : 0;

      if (functions[i].rva == rva)
        return (flags & 1) != 0   ? ATLAS_CALL_TARGET_SUPPRESSED
               : (flags & 2) != 0 ? ATLAS_CALL_TARGET_EXPORT
                                  : ATLAS_CALL_TARGET_LISTED;
      if (functions[i].rva / 16 == rva / 16 && functions[i].rva % 16 != 0 && flags == 0)
        is_other_set = TRUE;
    }
  return is_other_set && rva % 16 != 0 ? ATLAS_CALL_TARGET_NEIGHBOUR : ATLAS_CALL_TARGET_NONE;
}

static void
test_every_address_is_judged_as_the_bitmap_would (void)
{
  static const Shape shapes[] = {
    { FALSE, 0x10000500, 0x140, 0, 0, 0x4000 }, { FALSE, 0x00000500, 0x140, 0, 0, 0x4000 },
    { FALSE, 0xf0000500, 0x140, 0, 0, 0x4000 }, { TRUE, 0x10000500, 0x5c, 0, 0, 0x4000 },
    { TRUE, 0x00000500, 0xa0, 0, 0, 0x4000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (AtlasPe) pe = make (&shapes[i], NULL, 0, 0);
      AtlasPeGuard guard;

      atlas_pe_get_guard (pe, FALSE, &guard);
      g_assert_true (guard.is_marked && guard.has_table && !guard.is_damaged);
      g_assert_cmphex (guard.flags, ==, shapes[i].flags);
      g_assert_cmpuint (guard.n_functions, ==, G_N_ELEMENTS (functions));
      g_assert_cmphex (guard.table_rva, ==, TABLE);
      for (guint32 rva = 0; rva < pe->image_bytes + 32u; rva++)
        g_assert_cmpint (atlas_pe_find_call_target (pe, FALSE, &guard, rva),
                         ==,
                         judge_slowly (rva, guard.entry_bytes > 4));
    }
}

static void
test_what_is_not_there_is_not_made_up (void)
{
  static const struct
  {
    Shape shape;
    gboolean is_damaged;
    gboolean has_table;
  } cases[] = {
    /* Ends before the fields, or just behind them. */
    { { FALSE, 0x500, 0x70, 0, 0, 0 }, FALSE, FALSE },
    { { FALSE, 0x500, 0x93, 0, 0, 0 }, FALSE, FALSE },
    { { FALSE, 0x500, 0x94, 0, 0, 0 }, FALSE, TRUE },
    { { FALSE, 0x500, 0, 0, 0, 0 }, FALSE, FALSE },
    /* No flag, no table. */
    { { FALSE, 0x100, 0x140, 0, 0, 0x4000 }, FALSE, FALSE },
    /* Longer than the image. */
    { { FALSE, 0x500, 0xffffffff, 0, 0, 0 }, TRUE, FALSE },
    { { FALSE, 0x500, 0x1001, 0, 0, 0 }, TRUE, FALSE },
    /* A table below, beyond, and across the end of the image. */
    { { FALSE, 0x500, 0x140, 0x1000, 0, 0 }, TRUE, FALSE },
    { { FALSE, 0x500, 0x140, BASE - 1, 0, 0 }, TRUE, FALSE },
    { { FALSE, 0x500, 0x140, BASE + 0x3000, 0, 0 }, TRUE, FALSE },
    { { FALSE, 0x500, 0x140, BASE + 0x2ffc, 1, 0 }, FALSE, TRUE },
    { { FALSE, 0x500, 0x140, BASE + 0x2ffd, 1, 0 }, TRUE, FALSE },
    { { FALSE, 0x500, 0x140, G_MAXUINT64, 0, 0 }, TRUE, FALSE },
    { { FALSE, 0x500, 0x140, 0, G_MAXUINT64, 0 }, TRUE, FALSE },
    { { FALSE, 0x500, 0x140, 0, G_MAXUINT64 / 4 + 2, 0 }, TRUE, FALSE },
    { { FALSE, 0x500, 0x140, 0, 0x40000000, 0 }, TRUE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AtlasPe) pe = make (&cases[i].shape, NULL, 0, 0);
      g_autofree char *text = NULL;
      AtlasPeGuard guard;

      atlas_pe_get_guard (pe, FALSE, &guard);
      g_assert_cmpint (guard.is_damaged, ==, cases[i].is_damaged);
      g_assert_cmpint (guard.has_table, ==, cases[i].has_table);
      g_assert_cmpint (guard.is_marked, ==, cases[i].shape.dll_bits != 0);
      if (!guard.has_table)
        g_assert_cmpint (atlas_pe_find_call_target (pe, FALSE, &guard, TEXT + 0x123),
                         ==,
                         ATLAS_CALL_TARGET_UNCHECKED);
      text = atlas_pe_guard_format (&guard);
      g_assert_cmpint (strstr (text, "damaged") != NULL, ==, cases[i].is_damaged);
    }
}

/* All entries alike, or from high to low: some answer, soon. */
static void
test_a_table_out_of_order_is_not_searched_for_ever (void)
{
  static const Shape shape = { FALSE, 0x500, 0x140, BASE, 0x3000 / 4, 0 };
  g_autoptr (AtlasPe) pe = make (&shape, NULL, 0, 0);
  AtlasPeGuard guard;

  atlas_pe_get_guard (pe, FALSE, &guard);
  g_assert_true (guard.has_table);
  for (guint32 rva = TEXT; rva < TEXT + 0x1000; rva += 5)
    g_assert_cmpint (
      atlas_pe_find_call_target (pe, FALSE, &guard, rva), !=, ATLAS_CALL_TARGET_UNCHECKED);
}

static void
test_a_mark_is_told_in_words (void)
{
  g_autoptr (AtlasPe) pe = make (&sound, NULL, 0, 0);
  g_autofree char *text = NULL;
  g_autofree char *certificates = atlas_pe_certificates_format (pe);
  AtlasPeGuard guard;

  atlas_pe_get_guard (pe, FALSE, &guard);
  text = atlas_pe_guard_format (&guard);
  g_assert_cmpstr (text, ==, "yes, calls checked, function table (0x10000500) · 8 call targets");
  g_assert_cmpstr (certificates, ==, "none in the file (a catalog may sign it)");
}

static void
test_certificates_are_listed_as_far_as_they_are_whole (void)
{
  static const struct
  {
    guint32 bytes[16]; /* what is appended, as numbers of 32 bits */
    gsize n_bytes;
    guint32 directory_bytes;
    guint n_certificates;
    gboolean is_damaged;
    const char *text;
  } cases[] = {
    { { 16, 0x00020200, 1, 2 },
      16,
      16,
      1,
      FALSE,
      "PKCS #7 signed data, 16 bytes; not verified here" },
    { { 9, 0x00020200, 1, 0, 8, 0x00010100 },
      24,
      24,
      2,
      FALSE,
      "PKCS #7 signed data, 9 bytes, X.509, 8 bytes; not verified here" },
    { { 8, 0x00040100 }, 8, 8, 1, FALSE, "Terminal Services stack, 8 bytes; not verified here" },
    { { 8, 0x77770100 }, 8, 8, 1, FALSE, "unknown certificate, 8 bytes; not verified here" },
    /* Lengths that lie: none, too little, too much, and with the last at the end of its range. */
    { { 0, 0x00020200 }, 8, 8, 0, TRUE, "damaged table of certificates" },
    { { 7, 0x00020200 }, 8, 8, 0, TRUE, "damaged table of certificates" },
    { { 9, 0x00020200 }, 8, 8, 0, TRUE, "damaged table of certificates" },
    { { 0xffffffff, 0x00020200 }, 8, 8, 0, TRUE, "damaged table of certificates" },
    { { 8, 0x00020200, 8, 0x00020200 },
      16,
      12,
      1,
      TRUE,
      "PKCS #7 signed data, 8 bytes, the rest damaged; not verified here" },
    { { 8, 0x00020200, 0x7fffffff, 0x00020200 },
      16,
      16,
      1,
      TRUE,
      "PKCS #7 signed data, 8 bytes, the rest damaged; not verified here" },
    /* A table that reaches beyond the file, or has less than a header. */
    { { 8, 0x00020200 }, 8, 16, 0, TRUE, "damaged table of certificates" },
    { { 8, 0x00020200 }, 8, 0xffffffff, 0, TRUE, "damaged table of certificates" },
    { { 8, 0x00020200 }, 8, 4, 0, TRUE, "damaged table of certificates" },
    { { 8, 0x00020200 }, 8, 0, 0, FALSE, "none in the file (a catalog may sign it)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 bytes[64];
      g_autoptr (AtlasPe) pe = NULL;
      g_autoptr (GArray) certificates = NULL;
      g_autofree char *text = NULL;
      gboolean is_damaged;

      for (guint j = 0; j < 16; j++)
        pe_store (bytes + 4 * j, cases[i].bytes[j], 4);
      pe = make (&sound, bytes, cases[i].n_bytes, cases[i].directory_bytes);
      certificates = atlas_pe_list_certificates (pe, &is_damaged);
      g_assert_cmpuint (certificates->len, ==, cases[i].n_certificates);
      g_assert_cmpint (is_damaged, ==, cases[i].is_damaged);
      text = atlas_pe_certificates_format (pe);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pe-marks/bitmap", test_every_address_is_judged_as_the_bitmap_would);
  g_test_add_func ("/pe-marks/not-there", test_what_is_not_there_is_not_made_up);
  g_test_add_func ("/pe-marks/out-of-order", test_a_table_out_of_order_is_not_searched_for_ever);
  g_test_add_func ("/pe-marks/words", test_a_mark_is_told_in_words);
  g_test_add_func ("/pe-marks/certificates", test_certificates_are_listed_as_far_as_they_are_whole);
  return g_test_run ();
}
