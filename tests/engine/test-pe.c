/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/pe-private.h"

#include "pe-maker.h"
#include "windows/protection.h"

static AtlasPe *
open_pe (GBytes *bytes)
{
  const char *reason = NULL;
  AtlasPe *pe;
  AtlasStatus status = atlas_pe_new (bytes, &pe, &reason);

  if (status != ATLAS_STATUS_SUCCESS)
    g_test_message ("%s: %s", atlas_status_get_name (status), reason);
  g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
  g_assert_null (reason);
  return pe;
}

static void
test_pages_match_an_image_laid_out_by_hand (void)
{
  static const guint64 bases[] = { 0x180000000, 0x7ff812340000, 0x10000, 0x7ffffffe0000 };

  for (guint face = 0; face < 3; face++)
    {
      g_autoptr (GBytes) file = pe_make_sample (face > 0);
      g_autoptr (AtlasPe) pe = open_pe (file);
      gboolean is_x64 = face == 2;

      g_assert_cmpuint (atlas_pe_get_n_pages (pe), ==, PE_SAMPLE_PAGES);
      for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
        {
          g_autofree guint8 *image = g_malloc (PE_SAMPLE_PAGES * 4096);

          pe_lay_out_sample (file, bases[i], is_x64, image);
          for (guint page = 0; page < PE_SAMPLE_PAGES; page++)
            {
              guint8 bytes[4096];

              atlas_pe_read_page (pe, page, bases[i], is_x64, bytes);
              g_assert_cmpmem (bytes, 4096, image + page * 4096, 4096);
            }
        }
    }
}

static void
test_dependence_is_told_page_by_page (void)
{
  /* Header (its ImageBase), both sides of the edge in .text, .data. */
  static const gboolean on_base[PE_SAMPLE_PAGES] = { TRUE, TRUE, TRUE, FALSE, TRUE };
  static const gboolean on_face[PE_SAMPLE_PAGES] = { TRUE, FALSE, FALSE, FALSE, TRUE, FALSE, TRUE };
  g_autoptr (GBytes) file = pe_make_sample (TRUE);
  g_autoptr (AtlasPe) pe = open_pe (file);

  g_assert_true (pe->is_arm64x);
  g_assert_cmphex (pe->native.machine, ==, ATLAS_MACHINE_ARM64);
  g_assert_cmphex (pe->x64.machine, ==, ATLAS_MACHINE_AMD64);
  for (guint page = 0; page < PE_SAMPLE_PAGES; page++)
    {
      g_assert_cmpint (atlas_pe_depends_on_base (pe, page, FALSE), ==, on_base[page]);
      g_assert_cmpint (atlas_pe_depends_on_base (pe, page, TRUE), ==, on_base[page]);
      g_assert_cmpint (atlas_pe_depends_on_face (pe, page), ==, on_face[page]);
    }
}

static void
test_sections_get_their_protection (void)
{
  static const struct
  {
    guint32 characteristics;
    guint8 protection;
  } rows[] = {
    { 0x00000020, ATLAS_PROTECTION_NOACCESS },
    { 0x20000020, ATLAS_PROTECTION_EXECUTE },
    { 0x40000040, ATLAS_PROTECTION_READONLY },
    { 0x60000020, ATLAS_PROTECTION_EXECUTE_READ },
    { 0x80000040, ATLAS_PROTECTION_WRITECOPY },
    { 0xc0000040, ATLAS_PROTECTION_WRITECOPY },
    { 0xa0000020, ATLAS_PROTECTION_EXECUTE_WRITECOPY },
    { 0xe0000020, ATLAS_PROTECTION_EXECUTE_WRITECOPY },
    { 0xd0000040, ATLAS_PROTECTION_READWRITE },
    { 0xf0000020, ATLAS_PROTECTION_EXECUTE_READWRITE },
    { 0x50000040, ATLAS_PROTECTION_READONLY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PeMaker maker = pe_begin (FALSE, 0x8664, PE_SAMPLE_BASE);
      g_autoptr (GBytes) file = NULL;
      g_autoptr (AtlasPe) pe = NULL;

      pe_add (&maker, "a", rows[i].characteristics, 0x1000, NULL, 0);
      file = pe_end (&maker);
      pe = open_pe (file);
      g_assert_cmpuint (pe->n_sections, ==, 1);
      g_assert_cmphex (pe->sections[0].protection, ==, rows[i].protection);
      g_assert_cmpint (pe->sections[0].is_shared, ==, (rows[i].characteristics & 0x10000000) != 0);
    }
}

/* One 32-bit relocation of each kind, against numbers worked out by hand: from 0x400000 to
 * 0x12349000's 64 KB neighbour 0x12340000 are 0x11f40000. */
static void
test_old_relocations_move_their_numbers (void)
{
  PeMaker maker = pe_begin (TRUE, 0x14c, 0x400000);
  g_autoptr (GByteArray) reloc = g_byte_array_new ();
  guint8 data[0x20] = { 0 };
  g_autoptr (GBytes) file = NULL;
  g_autoptr (AtlasPe) pe = NULL;
  guint8 bytes[4096];

  pe_store (data + 0, 0x00401234, 4);
  pe_store (data + 4, 0x0040, 2);
  pe_store (data + 6, 0x1234, 2);
  pe_store (data + 8, 0x0041, 2); /* with the low half 0x9000: 0x00409000 */
  pe_add (&maker, ".data", PE_MAKER_DATA, 0x1000, data, sizeof data);
  pe_put (reloc, 0x1000, 4);
  pe_put (reloc, 20, 4);
  pe_put (reloc, 0x3000, 2);
  pe_put (reloc, 0x1004, 2);
  pe_put (reloc, 0x2006, 2);
  pe_put (reloc, 0x4008, 2);
  pe_put (reloc, 0x9000, 2);
  pe_put (reloc, 0x0000, 2);
  pe_add (&maker, ".reloc", PE_MAKER_RDATA, reloc->len, reloc->data, reloc->len);
  pe_set_directory (&maker, 5, 0x2000, reloc->len);
  file = pe_end (&maker);
  pe = open_pe (file);

  g_assert_false (pe->is_pe32_plus);
  atlas_pe_read_page (pe, 1, 0x12340000, FALSE, bytes);
  g_assert_cmphex (pe_load (bytes, 4), ==, 0x12341234);
  g_assert_cmphex (pe_load (bytes + 4, 2), ==, 0x1234);
  g_assert_cmphex (pe_load (bytes + 6, 2), ==, 0x1234);
  g_assert_cmphex (pe_load (bytes + 8, 2), ==, 0x1235);
  atlas_pe_read_page (pe, 0, 0x12340000, FALSE, bytes);
  g_assert_cmphex (pe_load (bytes + PE_MAKER_OPTIONAL + 28, 4), ==, 0x12340000);
}

/* The sections' bytes beyond VirtualSize up to the page's end are there, those of further pages
 * are not; fine alignment lays the file out as it is. */
static void
test_fine_alignment_keeps_the_file_as_it_is (void)
{
  PeMaker maker = pe_begin (FALSE, 0x8664, PE_SAMPLE_BASE);
  guint8 data[0x200];
  g_autoptr (GBytes) file = NULL;
  g_autoptr (AtlasPe) pe = NULL;
  guint8 bytes[4096];

  memset (data, 0x5a, sizeof data);
  pe_add (&maker, ".text", PE_MAKER_TEXT, 0x200, data, sizeof data);
  pe_set (&maker, pe_directory (&maker, 16) + 12, 0x400, 4);
  pe_set (&maker, PE_MAKER_OPTIONAL + 32, 0x200, 4);
  pe_set (&maker, PE_MAKER_OPTIONAL + 56, 0x600, 4);
  file = pe_end (&maker);
  pe = open_pe (file);
  g_assert_cmpuint (atlas_pe_get_n_pages (pe), ==, 1);
  atlas_pe_read_page (pe, 0, PE_SAMPLE_BASE, FALSE, bytes);
  g_assert_cmpmem (bytes, 0x600, g_bytes_get_data (file, NULL), 0x600);
  g_assert_cmphex (bytes[0x600], ==, 0);
}

static void
test_malformed_files_are_refused_with_a_reason (void)
{
  /* Fields of the first section, .text; its header's offset. */
  enum
  {
    S = PE_MAKER_OPTIONAL + 0xf0,
    O = PE_MAKER_OPTIONAL,
    C = PE_MAKER_COFF,
    D = PE_MAKER_OPTIONAL + 112,
    R = 0x2c00, /* .reloc in the file */
  };
  static const struct
  {
    guint offset;
    guint n_bytes;
    guint64 value;
    AtlasStatus status;
  } rows[] = {
    { 0, 2, 0x4d5b, ATLAS_STATUS_INVALID_IMAGE_NOT_MZ },
    { 0x3c, 4, 0x82, ATLAS_STATUS_INVALID_IMAGE_PROTECT },
    { 0x3c, 4, 0xfffffffc, ATLAS_STATUS_INVALID_IMAGE_PROTECT },
    { PE_MAKER_HEADER, 2, 0x454e, ATLAS_STATUS_INVALID_IMAGE_NE_FORMAT },
    { PE_MAKER_HEADER, 2, 0x454c, ATLAS_STATUS_INVALID_IMAGE_LE_FORMAT },
    { PE_MAKER_HEADER, 4, 0, ATLAS_STATUS_INVALID_IMAGE_PROTECT },
    { C, 2, 0, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { C, 2, 0x14c, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { C + 2, 2, 97, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { C + 2, 2, 96, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { C + 16, 2, 0, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { C + 16, 2, 0x6f, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { C + 16, 2, 0xffff, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { C + 18, 2, 0x2020, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O, 2, 0x107, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O, 2, 0x10b, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 24, 8, 0x180001000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 32, 4, 0, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 32, 4, 0x1800, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 32, 4, 0x100, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 32, 4, 0x80000000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 36, 4, 0, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 36, 4, 0x100, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 36, 4, 0x2000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 56, 4, 0, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 56, 4, 0x7000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 56, 4, 0x19000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 56, 4, 0x77000001, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 56, 4, 0xffffffff, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 60, 4, 0, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 60, 4, 0x1001, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { O + 60, 4, 0xffffffff, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { S + 8, 4, 0x3001, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { S + 8, 4, 0xffffffff, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { S + 12, 4, 0x2000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { S + 12, 4, 0xfffff000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { S + 16, 4, 0xffffffff, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { S + 20, 4, 0xfffffe00, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { S + 20, 4, 0x401, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { D + 40, 4, 0x7ff0, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { D + 44, 4, 0xffffffff, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R, 4, 0xfffff000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R, 4, 0x7000, ATLAS_STATUS_INVALID_IMAGE_FORMAT }, /* 0x7ffd + 8 is beyond the end */
    { R + 4, 4, 7, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 4, 4, 25, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 8, 2, 0x5008, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 10, 2, 0x4008, ATLAS_STATUS_INVALID_IMAGE_FORMAT }, /* HIGHADJ without its half */
    /* The dynamic value relocation table, at +0x40. */
    { 0x2ae4, 2, 5, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { 0x2ae0, 4, 0xfff9, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 0x44, 4, 0x10000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 0x44, 4, 0xffffffff, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 0x50, 4, 41, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 0x50, 4, 0xffffffff, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 0x54, 4, 0x8000, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 0x58, 4, 7, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 0x58, 4, 0xffffffff, ATLAS_STATUS_INVALID_IMAGE_FORMAT },
    { R + 0x5c, 2, 0xd084, ATLAS_STATUS_INVALID_IMAGE_FORMAT }, /* 8 bytes, of which 2 are there */
    { R + 0x5c, 2, 0x7084, ATLAS_STATUS_INVALID_IMAGE_FORMAT }, /* type 3 */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) file = pe_make_sample (TRUE);
      g_autoptr (GByteArray) bytes = g_bytes_unref_to_array (g_steal_pointer (&file));
      g_autoptr (GBytes) damaged = NULL;
      const char *reason = NULL;
      AtlasPe *pe = NULL;
      AtlasStatus status;

      pe_store (bytes->data + rows[i].offset, rows[i].value, rows[i].n_bytes);
      damaged = g_bytes_new (bytes->data, bytes->len);
      status = atlas_pe_new (damaged, &pe, &reason);
      g_test_message ("0x%x ← 0x%" G_GINT64_MODIFIER "x: %s %s",
                      rows[i].offset,
                      rows[i].value,
                      atlas_status_get_name (status),
                      reason);
      g_assert_cmphex (status, ==, rows[i].status);
      g_assert_null (pe);
      g_assert_nonnull (reason);
    }
}

static void
test_every_truncation_is_refused_or_whole (void)
{
  g_autoptr (GBytes) file = pe_make_sample (TRUE);
  gsize n_bytes = g_bytes_get_size (file);

  for (gsize n = 0; n < n_bytes; n++)
    {
      g_autofree guint8 *exact = g_memdup2 (g_bytes_get_data (file, NULL), n);
      g_autoptr (GBytes) cut = g_bytes_new_static (exact, n);
      g_autoptr (AtlasPe) pe = NULL;

      g_assert_cmphex (atlas_pe_new (cut, &pe, NULL), !=, ATLAS_STATUS_SUCCESS);
    }
}

/* Facts read from the file by a program of a few lines in another language. */
static void
test_a_real_arm64x_file_becomes_x64 (void)
{
  static const struct
  {
    guint32 rva;
    guint n_bytes;
    guint64 value;
  } rows[] = {
    { 0x84, 2, 0x8664 },       { 0x6020, 2, 0x3412 },
    { 0x6024, 4, 0x89674523 }, { 0x6028, 8, 0x8877665544332211 },
    { 0x6000, 2, 0x0 },        { 0x6004, 4, 0x0 },
    { 0x6010, 8, 0x0 },        { 0x6040, 4, 0x10111c94 },
    { 0x6044, 4, 0x20223928 }, { 0x6048, 4, 0x30303020 },
    { 0x604c, 4, 0x40404020 },
  };
  g_autofree char *path = g_build_filename (g_getenv ("ATLAS_SAMPLES"), "arm64x-dvrt-v1.dll", NULL);
  g_autofree char *contents = NULL;
  gsize n_bytes;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (AtlasPe) pe = NULL;
  guint n_private = 0;

  if (!g_file_get_contents (path, &contents, &n_bytes, NULL))
    {
      g_test_skip ("the sample is not here");
      return;
    }
  file = g_bytes_new_take (g_steal_pointer (&contents), n_bytes);
  pe = open_pe (file);
  g_assert_true (pe->is_arm64x);
  g_assert_cmpuint (pe->dynamic_values->len, ==, 11);
  g_assert_cmphex (atlas_pe_read_u16 (pe, FALSE, 0x84), ==, ATLAS_MACHINE_ARM64);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8 bytes[4096];

      atlas_pe_read_page (pe, rows[i].rva / 4096, pe->preferred_va, TRUE, bytes);
      g_assert_cmphex (pe_load (bytes + rows[i].rva % 4096, rows[i].n_bytes), ==, rows[i].value);
    }
  for (guint page = 0; page < atlas_pe_get_n_pages (pe); page++)
    n_private += atlas_pe_depends_on_face (pe, page) ? 1 : 0;
  g_assert_cmpuint (n_private, ==, 2);
  g_assert_cmpuint (atlas_pe_get_n_pages (pe), ==, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pe/pages", test_pages_match_an_image_laid_out_by_hand);
  g_test_add_func ("/pe/dependence", test_dependence_is_told_page_by_page);
  g_test_add_func ("/pe/protection", test_sections_get_their_protection);
  g_test_add_func ("/pe/relocations", test_old_relocations_move_their_numbers);
  g_test_add_func ("/pe/fine-alignment", test_fine_alignment_keeps_the_file_as_it_is);
  g_test_add_func ("/pe/malformed", test_malformed_files_are_refused_with_a_reason);
  g_test_add_func ("/pe/truncated", test_every_truncation_is_refused_or_whole);
  g_test_add_func ("/pe/arm64x-sample", test_a_real_arm64x_file_becomes_x64);
  return g_test_run ();
}
