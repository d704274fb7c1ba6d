/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/minidump-writer.h"

#include <string.h>

#include "source/minidump-file.h"

/* Microsoft Learn, minidumpapiset.h, for every number and layout below. */
#define SIGNATURE 0x504d444du /* "MDMP" */
#define VERSION 0xa793u
#define HEADER_BYTES 32u
#define DIRECTORY_ENTRY_BYTES 12u
#define WITH_FULL_MEMORY 0x2u
#define WITH_FULL_MEMORY_INFO 0x800u
#define MISC_INFO_BYTES 24u
#define MISC_INFO_HAS_PROCESS_ID 1u
#define REGION_LIST_HEADER_BYTES 16u
#define REGION_BYTES 48u
#define PRODUCT_WORKSTATION 1u
#define PROCESSOR_FAMILY 6u
#define NORMAL_PRIORITY_CLASS 0x20u
#define FIXED_FILE_INFO_BYTES 52u

/* CONTEXT of winnt.h for x64; only the stack pointer is known. */
#define CONTEXT_BYTES 1232u
#define CONTEXT_FLAGS_OFFSET 0x30u
#define CONTEXT_RSP_OFFSET 0x98u
#define CONTEXT_AMD64_CONTROL 0x100001u

/* How much is looked at once. */
#define CHUNK_PAGES 64u

typedef struct
{
  AtlasProcess *process;
  AtlasSpace *space;
  GByteArray *head; /* all but the pages */
  GArray *ranges;   /* of AtlasMinidumpRange */
  guint32 end;      /* of the stream; what it points to may follow */
} Writer;

static void
put (Writer *writer, guint64 value, guint n_bytes)
{
  guint64 little = GUINT64_TO_LE (value);

  g_byte_array_append (writer->head, (const guint8 *) &little, n_bytes);
}

static guint32
get_offset (const Writer *writer)
{
  return writer->head->len;
}

static void
put_zeros (Writer *writer, guint n_bytes)
{
  guint offset = writer->head->len;

  g_byte_array_set_size (writer->head, offset + n_bytes);
  memset (writer->head->data + offset, 0, n_bytes);
}

static void
set (Writer *writer, guint32 offset, guint64 value, guint n_bytes)
{
  guint64 little = GUINT64_TO_LE (value);

  memcpy (writer->head->data + offset, &little, n_bytes);
}

/* What the stream points to is no part of it: readers tell by its size how its list is laid out. */
static void
end_stream (Writer *writer)
{
  writer->end = get_offset (writer);
}

/* MINIDUMP_STRING: its length in bytes without the end, UTF-16, the end. */
static guint32
put_string (Writer *writer, const char *text)
{
  guint32 offset = get_offset (writer);
  glong n_units;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (text, -1, NULL, &n_units, NULL);

  put (writer, 2u * (guint64) n_units, 4);
  for (glong i = 0; i <= n_units; i++)
    put (writer, units[i], 2);
  return offset;
}

/* ---- streams ----------------------------------------------------------------------------------
 */

static void
put_system_info (Writer *writer)
{
  const AtlasSystemOptions *options =
    atlas_system_get_options (atlas_process_get_system (writer->process));
  guint32 service_pack_at;

  put (writer, ATLAS_MINIDUMP_CPU_AMD64, 2);
  put (writer, PROCESSOR_FAMILY, 2);
  put (writer, 0, 2);
  put (writer, 1, 1); /* processors */
  put (writer, PRODUCT_WORKSTATION, 1);
  put (writer, 10, 4);
  put (writer, 0, 4);
  put (writer, options->build, 4);
  put (writer, ATLAS_MINIDUMP_PLATFORM_WINDOWS, 4);
  service_pack_at = get_offset (writer);
  put (writer, 0, 4);
  put_zeros (writer, 28); /* suite mask, features */
  end_stream (writer);
  set (writer, service_pack_at, put_string (writer, ""), 4);
}

static void
put_misc_info (Writer *writer)
{
  put (writer, MISC_INFO_BYTES, 4);
  put (writer, MISC_INFO_HAS_PROCESS_ID, 4);
  put (writer, atlas_process_get_id (writer->process), 4);
  put_zeros (writer, 12);
  end_stream (writer);
}

static void
put_threads (Writer *writer)
{
  AtlasThread thread;
  guint32 context_at, context;

  if (!atlas_process_get_thread (writer->process, &thread))
    {
      put (writer, 0, 4);
      end_stream (writer);
      return;
    }
  put (writer, 1, 4);
  put (writer, thread.id, 4);
  put (writer, 0, 4); /* suspend count */
  put (writer, NORMAL_PRIORITY_CLASS, 4);
  put (writer, 0, 4);
  put (writer, thread.teb_va, 8);
  /* The bytes of the stack are those of Memory64List. */
  put (writer, thread.stack_pointer_va, 8);
  put (writer, 0, 8);
  put (writer, CONTEXT_BYTES, 4);
  context_at = get_offset (writer);
  put (writer, 0, 4);
  end_stream (writer);
  context = get_offset (writer);
  put_zeros (writer, CONTEXT_BYTES);
  set (writer, context + CONTEXT_FLAGS_OFFSET, CONTEXT_AMD64_CONTROL, 4);
  set (writer, context + CONTEXT_RSP_OFFSET, thread.stack_pointer_va, 8);
  set (writer, context_at, context, 4);
}

/* One allocation of images is one module; sub-regions of it follow each other. */
static void
put_modules (Writer *writer)
{
  guint32 count_at = get_offset (writer);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GArray) name_offsets = g_array_new (FALSE, FALSE, sizeof (guint32));
  AtlasRegionSet *regions = atlas_space_get_regions (writer->space);
  AtlasVa module_va = G_MAXUINT64;
  guint32 size_at = 0;
  guint64 size_bytes = 0;
  AtlasQueryIter iter;
  AtlasRegion region;

  put (writer, 0, 4);
  atlas_query_iter_init (&iter, regions);
  while (atlas_query_iter_next (&iter, &region))
    {
      guint32 name_at;

      if (region.type != ATLAS_TYPE_IMAGE)
        continue;
      if (region.allocation_base_va != module_va)
        {
          module_va = region.allocation_base_va;
          size_bytes = 0;
          put (writer, module_va, 8);
          size_at = get_offset (writer);
          put_zeros (writer, 12); /* size; checksum and time, which only the file knows */
          name_at = get_offset (writer);
          put (writer, 0, 4);
          put_zeros (writer, FIXED_FILE_INFO_BYTES + 32u);
          g_ptr_array_add (names, (gpointer) (region.name != NULL ? region.name : ""));
          g_array_append_val (name_offsets, name_at);
        }
      size_bytes += region.size_bytes;
      set (writer, size_at, MIN (size_bytes, G_MAXUINT32), 4);
    }
  set (writer, count_at, names->len, 4);
  end_stream (writer);
  for (guint i = 0; i < names->len; i++)
    set (writer, g_array_index (name_offsets, guint32, i), put_string (writer, names->pdata[i]), 4);
}

static void
put_regions (Writer *writer)
{
  guint32 count_at;
  guint64 count = 0;
  AtlasQueryIter iter;
  AtlasRegion region;

  put (writer, REGION_LIST_HEADER_BYTES, 4);
  put (writer, REGION_BYTES, 4);
  count_at = get_offset (writer);
  put (writer, 0, 8);
  atlas_query_iter_init (&iter, atlas_space_get_regions (writer->space));
  for (; atlas_query_iter_next (&iter, &region); count++)
    {
      gboolean is_free = region.state == ATLAS_STATE_FREE;

      put (writer, region.base_va, 8);
      put (writer, is_free ? 0 : region.allocation_base_va, 8);
      put (writer, region.allocation_protect, 8);
      put (writer, region.size_bytes, 8);
      put (writer, region.state, 4);
      put (writer, is_free ? ATLAS_PAGE_NOACCESS : region.protect, 4);
      put (writer, region.type, 8);
    }
  set (writer, count_at, count, 8);
  end_stream (writer);
}

/* ---- pages ------------------------------------------------------------------------------------
 */

typedef gboolean (
  *PageFunc) (Writer *writer, AtlasVa va, const guint8 *bytes, gpointer user_data, GError **error);

/* Calls @func for every committed page whose bytes are all known. */
static gboolean
for_each_page (Writer *writer, PageFunc func, gpointer user_data, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (CHUNK_PAGES * ATLAS_PAGE_BYTES);
  g_autofree gboolean *is_known = g_new (gboolean, CHUNK_PAGES * ATLAS_PAGE_BYTES);
  AtlasQueryIter iter;
  AtlasRegion region;

  atlas_query_iter_init (&iter, atlas_space_get_regions (writer->space));
  while (atlas_query_iter_next (&iter, &region))
    {
      guint64 n_chunk_bytes;

      if (region.state != ATLAS_STATE_COMMIT)
        continue;
      for (guint64 done = 0; done < region.size_bytes; done += n_chunk_bytes)
        {
          AtlasVa va = region.base_va + done;

          n_chunk_bytes = MIN (region.size_bytes - done, CHUNK_PAGES * ATLAS_PAGE_BYTES);
          if (atlas_space_peek (writer->space, va, bytes, is_known, n_chunk_bytes) == 0)
            continue;
          for (gsize at = 0; at < n_chunk_bytes; at += ATLAS_PAGE_BYTES)
            if (is_known[at] && is_known[at + ATLAS_PAGE_BYTES - 1u] &&
                !func (writer, va + at, bytes + at, user_data, error))
              return FALSE;
        }
    }
  return TRUE;
}

static gboolean
add_page (Writer *writer, AtlasVa va, const guint8 *bytes, gpointer user_data, GError **error)
{
  GArray *ranges = writer->ranges;
  AtlasMinidumpRange range = { .base_va = va, .size_bytes = ATLAS_PAGE_BYTES };

  if (ranges->len > 0)
    {
      AtlasMinidumpRange *last = &g_array_index (ranges, AtlasMinidumpRange, ranges->len - 1u);

      if (last->base_va + last->size_bytes == va)
        {
          last->size_bytes += ATLAS_PAGE_BYTES;
          return TRUE;
        }
    }
  g_array_append_val (ranges, range);
  return TRUE;
}

static void
put_memory (Writer *writer)
{
  guint64 list_bytes;

  for_each_page (writer, add_page, NULL, NULL);
  list_bytes = 16u + 16u * (guint64) writer->ranges->len;
  put (writer, writer->ranges->len, 8);
  put (writer, get_offset (writer) - 8u + list_bytes, 8); /* the pages follow at once */
  for (guint i = 0; i < writer->ranges->len; i++)
    {
      const AtlasMinidumpRange *range = &g_array_index (writer->ranges, AtlasMinidumpRange, i);

      put (writer, range->base_va, 8);
      put (writer, range->size_bytes, 8);
    }
  end_stream (writer);
}

static gboolean
write_page (Writer *writer, AtlasVa va, const guint8 *bytes, gpointer user_data, GError **error)
{
  return g_output_stream_write_all (user_data, bytes, ATLAS_PAGE_BYTES, NULL, NULL, error);
}

/* ---- all --------------------------------------------------------------------------------------
 */

gboolean
atlas_minidump_write (AtlasProcess *process,
                      guint32 written_time,
                      GOutputStream *stream,
                      GError **error)
{
  /* Memory64List comes last: what it lists follows it. */
  static const struct
  {
    guint32 type;
    void (*put) (Writer *writer);
  } streams[] = {
    { 7, put_system_info }, { 15, put_misc_info }, { 3, put_threads },
    { 4, put_modules },     { 16, put_regions },   { 9, put_memory },
  };
  g_autoptr (GByteArray) head = g_byte_array_new ();
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (AtlasMinidumpRange));
  Writer writer = { .process = process, .head = head, .ranges = ranges };

  g_return_val_if_fail (process != NULL, FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  writer.space = atlas_process_get_space (process);
  put (&writer, SIGNATURE, 4);
  put (&writer, VERSION, 4);
  put (&writer, G_N_ELEMENTS (streams), 4);
  put (&writer, HEADER_BYTES, 4);
  put (&writer, 0, 4);
  put (&writer, written_time, 4);
  put (&writer, WITH_FULL_MEMORY | WITH_FULL_MEMORY_INFO, 8);
  put_zeros (&writer, G_N_ELEMENTS (streams) * DIRECTORY_ENTRY_BYTES);
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      guint32 entry = HEADER_BYTES + i * DIRECTORY_ENTRY_BYTES;
      guint32 offset = get_offset (&writer);

      streams[i].put (&writer);
      set (&writer, entry, streams[i].type, 4);
      set (&writer, entry + 4u, writer.end - offset, 4);
      set (&writer, entry + 8u, offset, 4);
    }
  return g_output_stream_write_all (stream, head->data, head->len, NULL, NULL, error) &&
         for_each_page (&writer, write_page, stream, error);
}
