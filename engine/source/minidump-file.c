/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/minidump-file.h"

#include <stdarg.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "paging/address.h"

/* Microsoft Learn, minidumpapiset.h, for every number and layout below; Breakpad,
 * minidump_format.h, for the Linux stream. */
#define SIGNATURE 0x504d444du /* "MDMP" */
#define VERSION 0xa793u       /* low half; the high half is the writer's own */
#define HEADER_BYTES 32u
#define DIRECTORY_ENTRY_BYTES 12u
#define SYSTEM_INFO_BYTES 56u
#define MISC_INFO_BYTES 24u
#define MISC_INFO_HAS_PROCESS_ID 1u
#define MODULE_BYTES 108u
#define THREAD_BYTES 48u
#define RANGE_BYTES 16u
#define REGION_LIST_HEADER_BYTES 16u
#define REGION_BYTES 48u
#define PRODUCT_WORKSTATION 1u

/* Where the lower half ends, with four and with five levels of page tables; no user address is
 * above the second. */
#define USER_HALF_END_VA ATLAS_BIT (47)
#define LA57_USER_HALF_END_VA ATLAS_BIT (56)

typedef struct
{
  const char *file_name;
  const guint8 *data;
  guint64 size_bytes;
  guint64 names_bytes; /* of all names read; more than the file has means that it repeats one */
  AtlasMinidumpFile *file;
} Reader;

/* A piece of the file that is known to lie in it. */
typedef struct
{
  const char *name;
  guint64 offset;
  guint64 size_bytes;
} Stream;

typedef gboolean (*ReadStream) (Reader *reader, const Stream *stream, GError **error);

static guint16
get_u16 (const Reader *reader, guint64 offset)
{
  guint16 value;

  memcpy (&value, reader->data + offset, sizeof value);
  return GUINT16_FROM_LE (value);
}

static guint32
get_u32 (const Reader *reader, guint64 offset)
{
  guint32 value;

  memcpy (&value, reader->data + offset, sizeof value);
  return GUINT32_FROM_LE (value);
}

static guint64
get_u64 (const Reader *reader, guint64 offset)
{
  guint64 value;

  memcpy (&value, reader->data + offset, sizeof value);
  return GUINT64_FROM_LE (value);
}

static gboolean
is_in_file (const Reader *reader, guint64 offset, guint64 size_bytes)
{
  return offset <= reader->size_bytes && size_bytes <= reader->size_bytes - offset;
}

/* Always FALSE, for return. */
static gboolean G_GNUC_PRINTF (5, 6) fail (const Reader *reader,
                                           const char *stream_name,
                                           guint64 offset,
                                           GError **error,
                                           const char *format,
                                           ...)
{
  g_autofree char *why = NULL;
  va_list arguments;

  va_start (arguments, format);
  why = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_set_error (error,
               ATLAS_ERROR,
               ATLAS_ERROR_BAD_FILE,
               _ ("%s: %s at file offset 0x%llx: %s"),
               reader->file_name,
               _ (stream_name),
               (unsigned long long) offset,
               why);
  return FALSE;
}

static gboolean
check_in_file (const Reader *reader,
               const char *stream_name,
               guint64 offset,
               guint64 size_bytes,
               GError **error)
{
  if (is_in_file (reader, offset, size_bytes))
    return TRUE;
  return fail (reader,
               stream_name,
               offset,
               error,
               _ ("expected 0x%llx bytes, but the file has 0x%llx bytes in all"),
               (unsigned long long) size_bytes,
               (unsigned long long) reader->size_bytes);
}

/* Whether a list of @count entries fits into its stream behind @header_bytes. */
static gboolean
check_count (const Reader *reader,
             const Stream *stream,
             guint64 header_bytes,
             guint64 count,
             guint64 entry_bytes,
             GError **error)
{
  if (header_bytes <= stream->size_bytes &&
      count <= (stream->size_bytes - header_bytes) / entry_bytes)
    return TRUE;
  return fail (reader,
               stream->name,
               stream->offset,
               error,
               _ ("expected %llu entries of %llu bytes behind a header of %llu bytes, but it is "
                  "%llu bytes long"),
               (unsigned long long) count,
               (unsigned long long) entry_bytes,
               (unsigned long long) header_bytes,
               (unsigned long long) stream->size_bytes);
}

static gboolean
check_size (const Reader *reader, const Stream *stream, guint64 min_bytes, GError **error)
{
  if (stream->size_bytes >= min_bytes)
    return TRUE;
  return fail (reader,
               stream->name,
               stream->offset,
               error,
               _ ("expected at least %llu bytes, found %llu"),
               (unsigned long long) min_bytes,
               (unsigned long long) stream->size_bytes);
}

/* MINIDUMP_STRING: byte length, then UTF-16. */
static char *
read_string (Reader *reader, const Stream *stream, guint64 offset, GError **error)
{
  g_autofree gunichar2 *units = NULL;
  char *text;
  guint32 size_bytes;

  if (!check_in_file (reader, stream->name, offset, 4, error))
    return NULL;
  size_bytes = get_u32 (reader, offset);
  if (!check_in_file (reader, stream->name, offset + 4u, size_bytes, error))
    return NULL;
  reader->names_bytes += size_bytes;
  if (reader->names_bytes > reader->size_bytes)
    {
      fail (reader, stream->name, offset, error, _ ("the names are longer than the file"));
      return NULL;
    }

  units = g_new (gunichar2, size_bytes / 2u + 1u);
  for (guint32 i = 0; i < size_bytes / 2u; i++)
    units[i] = get_u16 (reader, offset + 4u + 2u * (guint64) i);
  text = g_utf16_to_utf8 (units, (glong) (size_bytes / 2u), NULL, NULL, NULL);
  if (text == NULL || size_bytes % 2u != 0)
    {
      g_free (text);
      fail (reader, stream->name, offset, error, _ ("expected a name in UTF-16"));
      return NULL;
    }
  return text;
}

static gboolean
read_system_info (Reader *reader, const Stream *stream, GError **error)
{
  AtlasMinidumpSystem *system = &reader->file->system;

  if (!check_size (reader, stream, SYSTEM_INFO_BYTES, error))
    return FALSE;

  system->cpu_architecture = get_u16 (reader, stream->offset);
  system->cpu_family = get_u16 (reader, stream->offset + 2u);
  system->cpu_model = reader->data[stream->offset + 5u];
  system->cpu_stepping = reader->data[stream->offset + 4u];
  system->n_cpus = reader->data[stream->offset + 6u];
  system->is_server = reader->data[stream->offset + 7u] > PRODUCT_WORKSTATION;
  system->major_version = get_u32 (reader, stream->offset + 8u);
  system->minor_version = get_u32 (reader, stream->offset + 12u);
  system->build = get_u32 (reader, stream->offset + 16u);
  system->platform = get_u32 (reader, stream->offset + 20u);
  return TRUE;
}

static gboolean
read_misc_info (Reader *reader, const Stream *stream, GError **error)
{
  if (!check_size (reader, stream, MISC_INFO_BYTES, error))
    return FALSE;

  reader->file->has_process_id =
    (get_u32 (reader, stream->offset + 4u) & MISC_INFO_HAS_PROCESS_ID) != 0;
  reader->file->process_id = get_u32 (reader, stream->offset + 8u);
  return TRUE;
}

/* Some writers align the first entry of a list to 8 bytes. */
static gboolean
begin_list (const Reader *reader,
            const Stream *stream,
            guint64 entry_bytes,
            guint32 *count,
            guint64 *first_offset,
            GError **error)
{
  guint64 header_bytes = 4;

  if (!check_size (reader, stream, header_bytes, error))
    return FALSE;

  *count = get_u32 (reader, stream->offset);
  if (stream->size_bytes == 8u + *count * entry_bytes)
    header_bytes = 8;
  *first_offset = stream->offset + header_bytes;
  return check_count (reader, stream, header_bytes, *count, entry_bytes, error);
}

static gboolean
read_modules (Reader *reader, const Stream *stream, GError **error)
{
  guint32 count;
  guint64 offset;

  if (!begin_list (reader, stream, MODULE_BYTES, &count, &offset, error))
    return FALSE;

  for (guint32 i = 0; i < count; i++, offset += MODULE_BYTES)
    {
      AtlasMinidumpModule module = { .base_va = get_u64 (reader, offset) };

      module.path = read_string (reader, stream, get_u32 (reader, offset + 20u), error);
      if (module.path == NULL)
        return FALSE;
      g_array_append_val (reader->file->modules, module);
    }
  return TRUE;
}

static gboolean
add_range (const Reader *reader,
           const Stream *stream,
           guint64 entry_offset,
           const AtlasMinidumpRange *range,
           GError **error)
{
  if (range->size_bytes == 0)
    return TRUE;
  if (range->size_bytes - 1u > ~range->base_va)
    return fail (reader,
                 stream->name,
                 entry_offset,
                 error,
                 _ ("memory range 0x%llx + 0x%llx goes beyond the last address"),
                 (unsigned long long) range->base_va,
                 (unsigned long long) range->size_bytes);
  if (!check_in_file (reader, stream->name, range->file_offset, range->size_bytes, error))
    return FALSE;

  g_array_append_vals (reader->file->ranges, range, 1);
  return TRUE;
}

static gboolean
read_threads (Reader *reader, const Stream *stream, GError **error)
{
  guint32 count;
  guint64 offset;

  if (!begin_list (reader, stream, THREAD_BYTES, &count, &offset, error))
    return FALSE;

  for (guint32 i = 0; i < count; i++, offset += THREAD_BYTES)
    {
      AtlasMinidumpThread thread = {
        .id = get_u32 (reader, offset),
        .teb_va = get_u64 (reader, offset + 16u),
        .stack_va = get_u64 (reader, offset + 24u),
      };
      AtlasMinidumpRange stack = {
        .base_va = thread.stack_va,
        .size_bytes = get_u32 (reader, offset + 32u),
        .file_offset = get_u32 (reader, offset + 36u),
      };

      /* With full memory the stack's bytes are in Memory64List, and no offset stands here. */
      if (stack.file_offset != 0 && !add_range (reader, stream, offset, &stack, error))
        return FALSE;
      g_array_append_val (reader->file->threads, thread);
    }
  return TRUE;
}

static gboolean
read_memory (Reader *reader, const Stream *stream, GError **error)
{
  guint32 count;
  guint64 offset;

  if (!begin_list (reader, stream, RANGE_BYTES, &count, &offset, error))
    return FALSE;

  for (guint32 i = 0; i < count; i++, offset += RANGE_BYTES)
    {
      AtlasMinidumpRange range = {
        .base_va = get_u64 (reader, offset),
        .size_bytes = get_u32 (reader, offset + 8u),
        .file_offset = get_u32 (reader, offset + 12u),
      };

      if (!add_range (reader, stream, offset, &range, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_memory64 (Reader *reader, const Stream *stream, GError **error)
{
  guint64 count;
  guint64 offset = stream->offset + 16u;
  guint64 file_offset;

  if (!check_size (reader, stream, 16, error))
    return FALSE;
  count = get_u64 (reader, stream->offset);
  file_offset = get_u64 (reader, stream->offset + 8u);
  if (!check_count (reader, stream, 16, count, RANGE_BYTES, error))
    return FALSE;

  for (guint64 i = 0; i < count; i++, offset += RANGE_BYTES)
    {
      AtlasMinidumpRange range = {
        .base_va = get_u64 (reader, offset),
        .size_bytes = get_u64 (reader, offset + 8u),
        .file_offset = file_offset,
      };

      if (!add_range (reader, stream, offset, &range, error))
        return FALSE;
      file_offset += range.size_bytes;
    }
  return TRUE;
}

static gboolean
is_state (guint32 state)
{
  return state == ATLAS_STATE_COMMIT || state == ATLAS_STATE_RESERVE || state == ATLAS_STATE_FREE;
}

static gboolean
is_type (guint32 type)
{
  return type == ATLAS_TYPE_PRIVATE || type == ATLAS_TYPE_MAPPED || type == ATLAS_TYPE_IMAGE;
}

static gboolean
read_region (Reader *reader, const Stream *stream, guint64 offset, AtlasVa *next_va, GError **error)
{
  AtlasVa base_va = get_u64 (reader, offset);
  AtlasVa allocation_base_va = get_u64 (reader, offset + 8u);
  guint64 size_bytes = get_u64 (reader, offset + 24u);
  guint32 state = get_u32 (reader, offset + 32u);
  guint32 type = get_u32 (reader, offset + 40u);
  AtlasRegion region = {
    .base_va = base_va,
    .size_bytes = size_bytes,
    .allocation_base_va = allocation_base_va,
    .allocation_protect = get_u32 (reader, offset + 16u),
    .protect = get_u32 (reader, offset + 36u),
  };

  if (base_va < *next_va)
    return fail (reader,
                 stream->name,
                 offset,
                 error,
                 _ ("region 0x%llx starts inside or before the one before it, which ends at "
                    "0x%llx"),
                 (unsigned long long) base_va,
                 (unsigned long long) *next_va);
  if (size_bytes == 0 || ((base_va | size_bytes) & ATLAS_PAGE_MASK) != 0 ||
      base_va >= LA57_USER_HALF_END_VA || size_bytes > LA57_USER_HALF_END_VA - base_va)
    return fail (reader,
                 stream->name,
                 offset,
                 error,
                 _ ("region 0x%llx + 0x%llx is not a run of whole pages in the user half"),
                 (unsigned long long) base_va,
                 (unsigned long long) size_bytes);
  if (!is_state (state))
    return fail (reader,
                 stream->name,
                 offset,
                 error,
                 _ ("region state 0x%x is none of commit, reserve and free"),
                 state);
  if (state != ATLAS_STATE_FREE && !is_type (type))
    return fail (reader,
                 stream->name,
                 offset,
                 error,
                 _ ("region type 0x%x is none of private, mapped and image"),
                 type);
  if (state != ATLAS_STATE_FREE && allocation_base_va > base_va)
    return fail (reader,
                 stream->name,
                 offset,
                 error,
                 _ ("allocation base 0x%llx is above its region 0x%llx"),
                 (unsigned long long) allocation_base_va,
                 (unsigned long long) base_va);

  region.state = (AtlasRegionState) state;
  region.type = state == ATLAS_STATE_FREE ? ATLAS_TYPE_NONE : (AtlasRegionType) type;
  g_array_append_val (reader->file->regions, region);
  *next_va = base_va + size_bytes;
  return TRUE;
}

static gboolean
read_regions (Reader *reader, const Stream *stream, GError **error)
{
  guint32 header_bytes;
  guint32 entry_bytes;
  guint64 count;
  AtlasVa next_va = 0;

  if (!check_size (reader, stream, REGION_LIST_HEADER_BYTES, error))
    return FALSE;

  /* The writer's sizes, which a later version may make longer. */
  header_bytes = get_u32 (reader, stream->offset);
  entry_bytes = get_u32 (reader, stream->offset + 4u);
  count = get_u64 (reader, stream->offset + 8u);
  if (header_bytes < REGION_LIST_HEADER_BYTES || entry_bytes < REGION_BYTES)
    return fail (
      reader,
      stream->name,
      stream->offset,
      error,
      _ ("expected a header of at least %u bytes and entries of at least %u, found %u and %u"),
      REGION_LIST_HEADER_BYTES,
      REGION_BYTES,
      header_bytes,
      entry_bytes);
  if (!check_count (reader, stream, header_bytes, count, entry_bytes, error))
    return FALSE;

  reader->file->has_regions = TRUE;
  for (guint64 i = 0; i < count; i++)
    if (!read_region (
          reader, stream, stream->offset + header_bytes + i * entry_bytes, &next_va, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_linux_maps (Reader *reader, const Stream *stream, GError **error)
{
  reader->file->linux_maps =
    g_bytes_new_from_bytes (reader->file->bytes, stream->offset, stream->size_bytes);
  return TRUE;
}

static const struct
{
  guint32 type;
  const char *name;
  ReadStream read;
} stream_kinds[] = {
  { 3, N_ ("ThreadList stream"), read_threads },
  { 4, N_ ("ModuleList stream"), read_modules },
  { 5, N_ ("MemoryList stream"), read_memory },
  { 7, N_ ("SystemInfo stream"), read_system_info },
  { 9, N_ ("Memory64List stream"), read_memory64 },
  { 15, N_ ("MiscInfo stream"), read_misc_info },
  { 16, N_ ("MemoryInfoList stream"), read_regions },
  { 0x47670009, N_ ("LinuxMaps stream"), read_linux_maps },
};

static gboolean
read_directory (Reader *reader, GError **error)
{
  gboolean is_seen[G_N_ELEMENTS (stream_kinds)] = { FALSE };
  guint32 n_streams;
  guint64 offset;

  if (!check_in_file (reader, N_ ("header"), 0, HEADER_BYTES, error))
    return FALSE;
  if (get_u32 (reader, 0) != SIGNATURE)
    return fail (reader, N_ ("header"), 0, error, _ ("expected the signature MDMP"));
  if ((get_u32 (reader, 4) & 0xffffu) != VERSION)
    return fail (reader,
                 "header",
                 4,
                 error,
                 _ ("expected version 0x%x, found 0x%x"),
                 VERSION,
                 get_u32 (reader, 4) & 0xffffu);

  n_streams = get_u32 (reader, 8);
  offset = get_u32 (reader, 12);
  reader->file->written_time = get_u32 (reader, 20);
  if (!check_in_file (reader,
                      N_ ("stream directory"),
                      offset,
                      (guint64) n_streams * DIRECTORY_ENTRY_BYTES,
                      error))
    return FALSE;

  for (guint32 i = 0; i < n_streams; i++, offset += DIRECTORY_ENTRY_BYTES)
    {
      guint32 type = get_u32 (reader, offset);
      Stream stream = {
        .name = N_ ("stream of a kind not read here"),
        .size_bytes = get_u32 (reader, offset + 4u),
        .offset = get_u32 (reader, offset + 8u),
      };
      guint kind = 0;

      while (kind < G_N_ELEMENTS (stream_kinds) && stream_kinds[kind].type != type)
        kind++;
      if (kind < G_N_ELEMENTS (stream_kinds))
        stream.name = stream_kinds[kind].name;
      if (stream.size_bytes > 0 &&
          !check_in_file (reader, stream.name, stream.offset, stream.size_bytes, error))
        return FALSE;
      if (kind == G_N_ELEMENTS (stream_kinds))
        continue;

      if (is_seen[kind])
        return fail (reader, stream.name, stream.offset, error, _ ("the file has two of them"));
      is_seen[kind] = TRUE;
      if (!stream_kinds[kind].read (reader, &stream, error))
        return FALSE;
    }
  return TRUE;
}

static gint
compare_ranges (gconstpointer a, gconstpointer b)
{
  const AtlasMinidumpRange *range_a = a;
  const AtlasMinidumpRange *range_b = b;

  return (range_a->base_va > range_b->base_va) - (range_a->base_va < range_b->base_va);
}

/* Writers store a thread's stack twice, and ranges that overlap; the lower one keeps the bytes. */
static void
make_ranges_disjoint (GArray *ranges)
{
  guint n_kept = 0;

  g_array_sort (ranges, compare_ranges);
  for (guint i = 0; i < ranges->len; i++)
    {
      AtlasMinidumpRange range = g_array_index (ranges, AtlasMinidumpRange, i);

      if (n_kept > 0)
        {
          const AtlasMinidumpRange *before =
            &g_array_index (ranges, AtlasMinidumpRange, n_kept - 1u);
          guint64 distance_bytes = range.base_va - before->base_va;

          if (distance_bytes < before->size_bytes)
            {
              guint64 overlap_bytes = before->size_bytes - distance_bytes;

              if (overlap_bytes >= range.size_bytes)
                continue;
              range.base_va += overlap_bytes;
              range.size_bytes -= overlap_bytes;
              range.file_offset += overlap_bytes;
            }
        }
      g_array_index (ranges, AtlasMinidumpRange, n_kept++) = range;
    }
  g_array_set_size (ranges, n_kept);
}

/* No stream tells; an address of the user half that four levels do not reach does. */
static guint
find_n_levels (const AtlasMinidumpFile *file)
{
  AtlasVa highest_va = 0;

  /* Regions ascend. */
  if (file->regions->len > 0)
    highest_va = atlas_region_get_last_va (
      &g_array_index (file->regions, AtlasRegion, file->regions->len - 1u));
  for (guint i = 0; i < file->ranges->len; i++)
    {
      AtlasVa base_va = g_array_index (file->ranges, AtlasMinidumpRange, i).base_va;

      if (base_va < LA57_USER_HALF_END_VA)
        highest_va = MAX (highest_va, base_va);
    }
  for (guint i = 0; i < file->modules->len; i++)
    {
      AtlasVa base_va = g_array_index (file->modules, AtlasMinidumpModule, i).base_va;

      if (base_va < LA57_USER_HALF_END_VA)
        highest_va = MAX (highest_va, base_va);
    }
  return highest_va >= USER_HALF_END_VA ? ATLAS_LEVEL_PML5 : ATLAS_LEVEL_PML4;
}

static void
module_clear (gpointer data)
{
  g_free (((AtlasMinidumpModule *) data)->path);
}

AtlasMinidumpFile *
atlas_minidump_file_new (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (AtlasMinidumpFile) file = g_new0 (AtlasMinidumpFile, 1);
  Reader reader = { .file_name = name, .file = file };
  gsize size_bytes;

  file->bytes = g_bytes_ref (bytes);
  file->regions = g_array_new (FALSE, FALSE, sizeof (AtlasRegion));
  file->modules = g_array_new (FALSE, FALSE, sizeof (AtlasMinidumpModule));
  g_array_set_clear_func (file->modules, module_clear);
  file->threads = g_array_new (FALSE, FALSE, sizeof (AtlasMinidumpThread));
  file->ranges = g_array_new (FALSE, FALSE, sizeof (AtlasMinidumpRange));

  reader.data = g_bytes_get_data (bytes, &size_bytes);
  reader.size_bytes = size_bytes;
  if (!read_directory (&reader, error))
    return NULL;

  make_ranges_disjoint (file->ranges);
  file->n_levels = find_n_levels (file);
  return g_steal_pointer (&file);
}

void
atlas_minidump_file_free (AtlasMinidumpFile *file)
{
  if (file == NULL)
    return;

  g_bytes_unref (file->bytes);
  g_array_unref (file->regions);
  g_array_unref (file->modules);
  g_array_unref (file->threads);
  g_array_unref (file->ranges);
  g_clear_pointer (&file->linux_maps, g_bytes_unref);
  g_free (file);
}

/* Index of the first range that ends above @va. */
static guint
find_range (const GArray *ranges, AtlasVa va)
{
  guint first = 0;
  guint count = ranges->len;

  while (count > 0)
    {
      guint half = count / 2u;
      const AtlasMinidumpRange *range = &g_array_index (ranges, AtlasMinidumpRange, first + half);

      if (range->base_va + (range->size_bytes - 1u) < va)
        {
          first += half + 1u;
          count -= half + 1u;
        }
      else
        count = half;
    }
  return first;
}

gsize
atlas_minidump_file_peek (const AtlasMinidumpFile *file,
                          AtlasVa va,
                          guint8 *bytes,
                          gboolean *is_known,
                          gsize size_bytes)
{
  const guint8 *data = g_bytes_get_data (file->bytes, NULL);
  AtlasVa last_va;
  gsize n_known = 0;

  if (size_bytes == 0)
    return 0;
  last_va = size_bytes - 1u <= ~va ? va + (size_bytes - 1u) : ~G_GUINT64_CONSTANT (0);

  for (guint i = find_range (file->ranges, va); i < file->ranges->len; i++)
    {
      const AtlasMinidumpRange *range = &g_array_index (file->ranges, AtlasMinidumpRange, i);
      AtlasVa first_va = MAX (va, range->base_va);
      AtlasVa end_va = MIN (last_va, range->base_va + (range->size_bytes - 1u));
      gsize n_bytes;

      if (range->base_va > last_va)
        break;

      n_bytes = (gsize) (end_va - first_va) + 1u;
      memcpy (
        bytes + (first_va - va), data + range->file_offset + (first_va - range->base_va), n_bytes);
      for (gsize k = 0; k < n_bytes; k++)
        is_known[first_va - va + k] = TRUE;
      n_known += n_bytes;
    }
  return n_known;
}

gboolean
atlas_minidump_file_peek_u64 (const AtlasMinidumpFile *file, AtlasVa va, guint64 *value)
{
  guint8 bytes[8];
  gboolean is_known[8];

  if (atlas_minidump_file_peek (file, va, bytes, is_known, sizeof bytes) != sizeof bytes)
    return FALSE;

  memcpy (value, bytes, sizeof bytes);
  *value = GUINT64_FROM_LE (*value);
  return TRUE;
}
