/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Writes small program files for tests, byte by byte, without the reader's knowledge of them.
 *
 *   MZ 0x40 │ PE at 0x80 │ sections' bytes, each at a multiple of 0x200
 */

#include <glib.h>

#include <string.h>

#define PE_MAKER_HEADER 0x80u
#define PE_MAKER_COFF (PE_MAKER_HEADER + 4u)
#define PE_MAKER_OPTIONAL (PE_MAKER_COFF + 20u)
#define PE_MAKER_HEADER_BYTES 0x400u

#define PE_MAKER_TEXT 0x60000020u
#define PE_MAKER_RDATA 0x40000040u
#define PE_MAKER_DATA 0xc0000040u

typedef struct
{
  GByteArray *bytes;
  gboolean is_32;
  guint n_sections;
  guint32 next_rva;
} PeMaker;

static inline void
pe_set (PeMaker *maker, gsize offset, guint64 value, guint n_bytes)
{
  guint64 little = GUINT64_TO_LE (value);

  g_assert_cmpuint (offset + n_bytes, <=, maker->bytes->len);
  memcpy (maker->bytes->data + offset, &little, n_bytes);
}

/* Offset of a data directory. */
static inline gsize
pe_directory (const PeMaker *maker, guint index)
{
  return PE_MAKER_OPTIONAL + (maker->is_32 ? 96u : 112u) + 8u * index;
}

static inline void
pe_set_directory (PeMaker *maker, guint index, guint32 rva, guint32 n_bytes)
{
  pe_set (maker, pe_directory (maker, index), rva, 4);
  pe_set (maker, pe_directory (maker, index) + 4u, n_bytes, 4);
}

static inline PeMaker
pe_begin (gboolean is_32, guint16 machine, guint64 image_base)
{
  PeMaker maker = { .bytes = g_byte_array_new (), .is_32 = is_32, .next_rva = 0x1000 };

  g_byte_array_set_size (maker.bytes, PE_MAKER_HEADER_BYTES);
  memset (maker.bytes->data, 0, PE_MAKER_HEADER_BYTES);
  memcpy (maker.bytes->data, "MZ", 2);
  pe_set (&maker, 0x3c, PE_MAKER_HEADER, 4);
  memcpy (maker.bytes->data + PE_MAKER_HEADER, "PE\0", 4);
  pe_set (&maker, PE_MAKER_COFF, machine, 2);
  pe_set (&maker, PE_MAKER_COFF + 16, is_32 ? 0xe0 : 0xf0, 2);
  pe_set (&maker, PE_MAKER_COFF + 18, 0x2022, 2); /* executable, large addresses, DLL */
  pe_set (&maker, PE_MAKER_OPTIONAL, is_32 ? 0x10b : 0x20b, 2);
  pe_set (&maker, PE_MAKER_OPTIONAL + 16, 0x1000, 4);
  if (is_32)
    pe_set (&maker, PE_MAKER_OPTIONAL + 28, image_base, 4);
  else
    pe_set (&maker, PE_MAKER_OPTIONAL + 24, image_base, 8);
  pe_set (&maker, PE_MAKER_OPTIONAL + 32, 0x1000, 4);
  pe_set (&maker, PE_MAKER_OPTIONAL + 36, 0x200, 4);
  pe_set (&maker, PE_MAKER_OPTIONAL + 60, PE_MAKER_HEADER_BYTES, 4);
  pe_set (&maker, PE_MAKER_OPTIONAL + 68, 3, 2);
  pe_set (&maker, PE_MAKER_OPTIONAL + 70, 0x160, 2); /* high entropy, dynamic base, NX */
  pe_set (&maker, pe_directory (&maker, 0) - 4, 16, 4);
  return maker;
}

/* Appends a section of @n_bytes in memory whose file part is @data; returns its RVA. */
static inline guint32
pe_add (PeMaker *maker,
        const char *name,
        guint32 characteristics,
        guint32 n_bytes,
        const void *data,
        guint32 n_data_bytes)
{
  gsize header = pe_directory (maker, 16) + 40u * maker->n_sections++;
  guint32 rva = maker->next_rva;
  guint32 offset = maker->bytes->len;
  guint32 n_file_bytes = (n_data_bytes + 0x1ffu) & ~0x1ffu;

  g_assert_cmpuint (header + 40u, <=, PE_MAKER_HEADER_BYTES);
  memcpy (maker->bytes->data + header, name, MIN (strlen (name), 8));
  pe_set (maker, header + 8, n_bytes, 4);
  pe_set (maker, header + 12, rva, 4);
  pe_set (maker, header + 16, n_file_bytes, 4);
  pe_set (maker, header + 20, n_file_bytes > 0 ? offset : 0, 4);
  pe_set (maker, header + 36, characteristics, 4);
  pe_set (maker, PE_MAKER_COFF + 2, maker->n_sections, 2);
  g_byte_array_set_size (maker->bytes, offset + n_file_bytes);
  memset (maker->bytes->data + offset, 0, n_file_bytes);
  if (n_data_bytes > 0)
    memcpy (maker->bytes->data + offset, data, n_data_bytes);
  maker->next_rva += (n_bytes + 0xfffu) & ~0xfffu;
  pe_set (maker, PE_MAKER_OPTIONAL + 56, maker->next_rva, 4);
  return rva;
}

static inline GBytes *
pe_end (PeMaker *maker)
{
  return g_byte_array_free_to_bytes (g_steal_pointer (&maker->bytes));
}

static inline void
pe_put (GByteArray *bytes, guint64 value, guint n_bytes)
{
  guint64 little = GUINT64_TO_LE (value);

  g_byte_array_append (bytes, (const guint8 *) &little, n_bytes);
}

#define PE_SAMPLE_BASE G_GUINT64_CONSTANT (0x180000000)
#define PE_SAMPLE_PAGES 8u
#define PE_SAMPLE_TEXT 0x1000u
#define PE_SAMPLE_DATA 0x4000u

/* A DLL of three pages of code, constants, a page of data and one of zeros behind it, with DIR64
 * relocations at .text+8, across the edge of its first page, and at .data+0x10. With @is_arm64x
 * also a table that changes machine, .data+0x20 and takes 16 from .rdata+8. */
static inline GBytes *
pe_make_sample (gboolean is_arm64x)
{
  guint64 base = PE_SAMPLE_BASE;
  PeMaker maker = pe_begin (FALSE, is_arm64x ? 0xaa64 : 0x8664, base);
  guint8 text[0x2200];
  guint8 data[0x400] = { 0 };
  g_autoptr (GByteArray) rdata = g_byte_array_new ();
  g_autoptr (GByteArray) reloc = g_byte_array_new ();
  guint64 pointer = GUINT64_TO_LE (base + PE_SAMPLE_DATA + 0x10);

  for (guint i = 0; i < sizeof text; i++)
    text[i] = (guint8) (i * 7u + (i >> 8));
  memcpy (text + 8, &pointer, sizeof pointer);
  memcpy (text + 0xffd, &pointer, sizeof pointer);
  memcpy (data + 0x10, &pointer, sizeof pointer);
  pe_add (&maker, ".text", PE_MAKER_TEXT, 0x2200, text, sizeof text);

  /* Up to 4,096 bytes: a load configuration, and the value that a record takes 16 from. */
  pe_put (rdata, 0x140, 4);
  pe_put (rdata, 0, 4);
  pe_put (rdata, 0x1234, 8);
  g_byte_array_set_size (rdata, 0x140);
  memset (rdata->data + 16, 0, 0x140 - 16);
  if (is_arm64x)
    {
      guint16 section = GUINT16_TO_LE (4);
      guint32 offset = GUINT32_TO_LE (0x40);

      memcpy (rdata->data + 0xe0, &offset, 4);
      memcpy (rdata->data + 0xe4, &section, 2);
    }
  pe_add (&maker, ".data", PE_MAKER_DATA, 0x1400, data, sizeof data);
  pe_add (&maker, ".rdata", PE_MAKER_RDATA, rdata->len, rdata->data, rdata->len);
  pe_set_directory (&maker, 10, 0x6000, 0x140);

  pe_put (reloc, 0x1000, 4);
  pe_put (reloc, 12, 4);
  pe_put (reloc, 0xa008, 2);
  pe_put (reloc, 0xaffd, 2);
  pe_put (reloc, PE_SAMPLE_DATA, 4);
  pe_put (reloc, 12, 4);
  pe_put (reloc, 0xa010, 2);
  pe_put (reloc, 0, 2);
  pe_set_directory (&maker, 5, 0x7000, reloc->len);
  g_byte_array_set_size (reloc, 0x40);
  memset (reloc->data + 24, 0, 0x40 - 24);
  if (is_arm64x)
    {
      pe_put (reloc, 1, 4); /* version */
      pe_put (reloc, 12 + 12 + 16 + 12, 4);
      pe_put (reloc, 6, 8); /* ARM64X */
      pe_put (reloc, 12 + 16 + 12, 4);
      pe_put (reloc, 0, 4); /* the header */
      pe_put (reloc, 12, 4);
      pe_put (reloc, 0x5084, 2); /* 2 bytes at 0x84: the machine … */
      pe_put (reloc, 0x8664, 2);
      pe_put (reloc, PE_SAMPLE_DATA, 4);
      pe_put (reloc, 16, 4);
      pe_put (reloc, 0x9020, 2); /* 4 bytes at 0x20 */
      pe_put (reloc, 0xfeedbeef, 4);
      pe_put (reloc, 0, 2); /* filled up */
      pe_put (reloc, 0x6000, 4);
      pe_put (reloc, 12, 4);
      pe_put (reloc, 0xe008, 2); /* eight times 2 taken from 0x6008 */
      pe_put (reloc, 2, 2);
    }
  pe_add (&maker, ".reloc", 0x42000040, reloc->len, reloc->data, reloc->len);
  return pe_end (&maker);
}

static inline guint64
pe_load (const guint8 *bytes, guint n_bytes)
{
  guint64 value = 0;

  for (guint i = n_bytes; i-- > 0;)
    value = value << 8 | bytes[i];
  return value;
}

static inline void
pe_store (guint8 *bytes, guint64 value, guint n_bytes)
{
  for (guint i = 0; i < n_bytes; i++)
    bytes[i] = (guint8) (value >> 8 * i);
}

/* The sample laid out by hand: each section's bytes copied to where its header says, then every
 * change made in turn. */
static inline void
pe_lay_out_sample (GBytes *file,
                   guint64 base,
                   gboolean is_x64,
                   guint8 image[PE_SAMPLE_PAGES * 4096])
{
  static const guint relocated[] = { 0x1008, 0x1ffd, 0x4010 };
  const guint8 *bytes = g_bytes_get_data (file, NULL);

  memset (image, 0, PE_SAMPLE_PAGES * 4096);
  memcpy (image, bytes, 0x400);
  memcpy (image + 0x1000, bytes + 0x400, 0x2200);
  memcpy (image + 0x4000, bytes + 0x2600, 0x400);
  memcpy (image + 0x6000, bytes + 0x2a00, 0x200);
  memcpy (image + 0x7000, bytes + 0x2c00, g_bytes_get_size (file) - 0x2c00);
  if (is_x64)
    {
      pe_store (image + 0x84, 0x8664, 2);
      pe_store (image + 0x4020, 0xfeedbeef, 4);
      pe_store (image + 0x6008, pe_load (image + 0x6008, 4) - 16, 4);
    }
  for (guint i = 0; i < G_N_ELEMENTS (relocated); i++)
    pe_store (image + relocated[i], pe_load (image + relocated[i], 8) + base - PE_SAMPLE_BASE, 8);
  pe_store (image + 0xb0, base, 8);
}
