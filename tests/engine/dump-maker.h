/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Writes small minidumps for tests, byte by byte, without the reader's knowledge of them.
 *
 *   header 32 B │ directory, 12 entries │ streams and what they point to, as they are added
 */

#include <glib.h>

#include <string.h>

#define DUMP_DIRECTORY_OFFSET 32u
#define DUMP_STREAMS_MAX 12u

typedef struct
{
  GByteArray *bytes;
  guint n_streams;
} DumpMaker;

static inline guint32
dump_put (DumpMaker *maker, guint64 value, guint n_bytes)
{
  guint64 little = GUINT64_TO_LE (value);
  guint32 offset = maker->bytes->len;

  g_byte_array_append (maker->bytes, (const guint8 *) &little, n_bytes);
  return offset;
}

static inline void
dump_set_u32 (GByteArray *bytes, guint32 offset, guint32 value)
{
  guint32 little = GUINT32_TO_LE (value);

  memcpy (bytes->data + offset, &little, sizeof little);
}

static inline guint32
dump_put_zeros (DumpMaker *maker, guint n_bytes)
{
  guint32 offset = maker->bytes->len;

  for (guint i = 0; i < n_bytes; i++)
    dump_put (maker, 0, 1);
  return offset;
}

static inline guint32
dump_put_string (DumpMaker *maker, const char *ascii)
{
  guint32 offset = dump_put (maker, 2u * strlen (ascii), 4);

  for (; *ascii != '\0'; ascii++)
    dump_put (maker, (guint8) *ascii, 2);
  return offset;
}

static inline DumpMaker
dump_begin (void)
{
  DumpMaker maker = { .bytes = g_byte_array_new () };

  dump_put (&maker, 0x504d444d, 4);
  dump_put (&maker, 0xa793, 4);
  dump_put (&maker, 0, 4); /* number of streams, set at the end */
  dump_put (&maker, DUMP_DIRECTORY_OFFSET, 4);
  dump_put (&maker, 0, 4);
  dump_put (&maker, 1600000000, 4);
  dump_put (&maker, 0, 8);
  dump_put_zeros (&maker, 12u * DUMP_STREAMS_MAX);
  return maker;
}

/* The stream began at @offset and ends here. */
static inline void
dump_end_stream (DumpMaker *maker, guint32 type, guint32 offset)
{
  guint32 entry = DUMP_DIRECTORY_OFFSET + 12u * maker->n_streams++;

  g_assert_cmpuint (maker->n_streams, <=, DUMP_STREAMS_MAX);
  dump_set_u32 (maker->bytes, entry, type);
  dump_set_u32 (maker->bytes, entry + 4u, maker->bytes->len - offset);
  dump_set_u32 (maker->bytes, entry + 8u, offset);
  dump_set_u32 (maker->bytes, 8, maker->n_streams);
}

static inline GBytes *
dump_end (DumpMaker *maker)
{
  return g_byte_array_free_to_bytes (maker->bytes);
}

static inline void
dump_put_system_info (DumpMaker *maker, guint architecture, guint build, guint platform)
{
  guint32 offset = dump_put (maker, architecture, 2);

  dump_put (maker, 6, 2);
  dump_put (maker, 0x8c01, 2); /* model 140, stepping 1 */
  dump_put (maker, 4, 1);
  dump_put (maker, 1, 1);
  dump_put (maker, 10, 4);
  dump_put (maker, 0, 4);
  dump_put (maker, build, 4);
  dump_put (maker, platform, 4);
  dump_put_zeros (maker, 32);
  dump_end_stream (maker, 7, offset);
}

static inline void
dump_put_module_list (DumpMaker *maker, gboolean is_padded)
{
  static const struct
  {
    guint64 base_va;
    const char *path;
  } modules[] = {
    { 0x7ff600000000, "C:\\demo\\demo.exe" },
    { 0x7ff800000000, "C:\\Windows\\System32\\ntdll.dll" },
  };
  guint32 names[G_N_ELEMENTS (modules)];
  guint32 offset;

  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    names[i] = dump_put_string (maker, modules[i].path);
  offset = dump_put (maker, G_N_ELEMENTS (modules), 4);
  if (is_padded)
    dump_put_zeros (maker, 4);
  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      dump_put (maker, modules[i].base_va, 8);
      dump_put (maker, 0x2000, 4);
      dump_put_zeros (maker, 8);
      dump_put (maker, names[i], 4);
      dump_put_zeros (maker, 84);
    }
  dump_end_stream (maker, 4, offset);
}

static inline void
dump_put_thread_list (DumpMaker *maker, guint32 stack_data_offset, guint32 stack_bytes)
{
  guint32 offset = dump_put (maker, 1, 4);

  dump_put (maker, 77, 4);
  dump_put_zeros (maker, 12);
  dump_put (maker, 0xa000001000, 8);
  dump_put (maker, 0xa0001fe000, 8);
  dump_put (maker, stack_bytes, 4);
  dump_put (maker, stack_data_offset, 4);
  dump_put_zeros (maker, 8);
  dump_end_stream (maker, 3, offset);
}

/* A write to address 0x10 by the thread above. */
static inline void
dump_put_exception (DumpMaker *maker)
{
  guint32 offset = dump_put (maker, 77, 4);

  dump_put_zeros (maker, 4);
  dump_put (maker, 0xc0000005, 4);
  dump_put_zeros (maker, 12);
  dump_put (maker, 0x7ff600001234, 8);
  dump_put (maker, 2, 4);
  dump_put_zeros (maker, 4);
  dump_put (maker, 1, 8);
  dump_put (maker, 0x10, 8);
  dump_put_zeros (maker, 168 - 56);
  dump_end_stream (maker, 6, offset);
}

typedef struct
{
  guint64 base_va;
  guint64 allocation_base_va;
  guint32 allocation_protect;
  guint64 size_bytes;
  guint32 state;
  guint32 protect;
  guint32 type;
} DumpRow;

static inline guint32
dump_put_memory_info_list (DumpMaker *maker, const DumpRow *rows, guint n_rows, guint entry_bytes)
{
  guint32 offset = dump_put (maker, 16, 4);

  dump_put (maker, entry_bytes, 4);
  dump_put (maker, n_rows, 8);
  for (guint i = 0; i < n_rows; i++)
    {
      dump_put (maker, rows[i].base_va, 8);
      dump_put (maker, rows[i].allocation_base_va, 8);
      dump_put (maker, rows[i].allocation_protect, 8);
      dump_put (maker, rows[i].size_bytes, 8);
      dump_put (maker, rows[i].state, 4);
      dump_put (maker, rows[i].protect, 4);
      dump_put (maker, rows[i].type, 8);
      dump_put_zeros (maker, entry_bytes - 48u);
    }
  dump_end_stream (maker, 16, offset);
  return offset;
}

/* A process that has one of everything. */
static const DumpRow dump_rows[] = {
  { 0, 0, 0, 0x7ffe0000, 0x10000, 1, 0 },
  { 0x7ffe0000, 0x7ffe0000, 2, 0x1000, 0x1000, 2, 0x20000 },
  { 0x7ffe1000, 0, 0, 0x2000, 0x10000, 1, 0 },
  { 0x7ffe3000, 0x7ffe3000, 2, 0x1000, 0x1000, 2, 0x20000 },
  { 0x7ffe4000, 0, 0, 0x9f8001c000, 0x10000, 1, 0 },
  { 0xa000000000, 0xa000000000, 4, 0x3000, 0x1000, 4, 0x20000 }, /* PEB, TEB */
  { 0xa000003000, 0xa000000000, 4, 0xfd000, 0x2000, 0, 0x20000 },
  { 0xa000100000, 0xa000100000, 4, 0xfc000, 0x2000, 0, 0x20000 }, /* stack */
  { 0xa0001fc000, 0xa000100000, 4, 0x2000, 0x1000, 0x104, 0x20000 },
  { 0xa0001fe000, 0xa000100000, 4, 0x2000, 0x1000, 4, 0x20000 },
  { 0xa000200000, 0, 0, 0x6000000000, 0x10000, 1, 0 },
  { 0x10000200000, 0x10000200000, 4, 0x5000, 0x1000, 4, 0x20000 }, /* heap */
  { 0x10000205000, 0, 0, 0x7c00ffdfb000, 0x10000, 1, 0 },
  { 0x7d0100000000, 0x7d0100000000, 1, 0x10000, 0x1000, 2, 0x40000 }, /* CFG bitmap */
  { 0x7d0100010000, 0x7d0100000000, 1, 0x1ffffff0000, 0x2000, 0, 0x40000 },
  { 0x7f0100000000, 0, 0, 0xf500000000, 0x10000, 1, 0 },
  { 0x7ff600000000, 0x7ff600000000, 0x80, 0x1000, 0x1000, 2, 0x1000000 }, /* demo.exe */
  { 0x7ff600001000, 0x7ff600000000, 0x80, 0x1000, 0x1000, 0x20, 0x1000000 },
  { 0x7ff600002000, 0, 0, 0x1ffffe000, 0x10000, 1, 0 },
  { 0x7ff800000000, 0x7ff800000000, 0x80, 0x1000, 0x1000, 2, 0x1000000 },  /* ntdll.dll */
  { 0x7ff800001000, 0x7ff800001000, 0x40, 0x1000, 0x1000, 0x40, 0x20000 }, /* touches it, RWX */
  { 0x7ff800002000, 0, 0, 0x7fffee000, 0x10000, 1, 0 },
};

/* The last stream is the list of regions, which reaches to the end of the file. */
static inline GBytes *
dump_make_typical (gboolean has_memory64)
{
  DumpMaker maker = dump_begin ();
  guint32 stack = dump_put (&maker, 0x1122334455667788, 8);
  guint32 peb;
  guint32 teb;
  guint32 offset;

  dump_put_system_info (&maker, 9, 22000, 2);

  offset = dump_put (&maker, 24, 4);
  dump_put (&maker, 1, 4);
  dump_put (&maker, 4242, 4);
  dump_put_zeros (&maker, 12);
  dump_end_stream (&maker, 15, offset);

  dump_put_module_list (&maker, FALSE);
  dump_put_exception (&maker);

  /* PEB and TEB lie one behind the other here, but not in memory. */
  peb = dump_put_zeros (&maker, 0x30);
  dump_put (&maker, 0x10000200000, 8); /* default heap */
  teb = dump_put_zeros (&maker, 0x60);
  dump_put (&maker, 0xa000000000, 8);

  if (has_memory64)
    {
      dump_put_thread_list (&maker, 0, 8);
      offset = dump_put (&maker, 2, 8);
      dump_put (&maker, peb, 8);
      dump_put (&maker, 0xa000000000, 8);
      dump_put (&maker, 0x38, 8);
      dump_put (&maker, 0xa000001000, 8);
      dump_put (&maker, 0x68, 8);
      dump_end_stream (&maker, 9, offset);
    }
  else
    {
      dump_put_thread_list (&maker, stack, 8);
      offset = dump_put (&maker, 3, 4);
      dump_put (&maker, 0xa000001000, 8);
      dump_put (&maker, 0x68, 4);
      dump_put (&maker, teb, 4);
      dump_put (&maker, 0xa0001fe004, 8); /* overlaps the stack's upper half */
      dump_put (&maker, 8, 4);
      dump_put (&maker, stack, 4);
      dump_put (&maker, 0xa000000000, 8);
      dump_put (&maker, 0x38, 4);
      dump_put (&maker, peb, 4);
      dump_end_stream (&maker, 5, offset);
    }

  dump_put_memory_info_list (&maker, dump_rows, G_N_ELEMENTS (dump_rows), 48);
  return dump_end (&maker);
}
