/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/minidump-file.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "paging/address.h"
#include "source/minidump-reader.h"

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
#define EXCEPTION_BYTES 168u
#define REGION_LIST_HEADER_BYTES 16u
#define REGION_BYTES 48u
#define PRODUCT_WORKSTATION 1u

/* Where the lower half ends, with four and with five levels of page tables; no user address is
 * above the second. */
#define USER_HALF_END_VA ATLAS_BIT (47)
#define LA57_USER_HALF_END_VA ATLAS_BIT (56)

typedef gboolean (*ReadStream) (AtlasMinidumpReader *reader,
                                const AtlasMinidumpStream *stream,
                                AtlasMinidumpFile *file,
                                GError **error);

static gboolean
read_system_info (AtlasMinidumpReader *reader,
                  const AtlasMinidumpStream *stream,
                  AtlasMinidumpFile *file,
                  GError **error)
{
  AtlasMinidumpSystem *system = &file->system;

  if (!atlas_minidump_check_size (reader, stream, SYSTEM_INFO_BYTES, error))
    return FALSE;

  system->cpu_architecture = atlas_bytes_get_u16 (&reader->bytes, stream->offset);
  system->cpu_family = atlas_bytes_get_u16 (&reader->bytes, stream->offset + 2u);
  system->cpu_model = reader->bytes.data[stream->offset + 5u];
  system->cpu_stepping = reader->bytes.data[stream->offset + 4u];
  system->n_cpus = reader->bytes.data[stream->offset + 6u];
  system->is_server = reader->bytes.data[stream->offset + 7u] > PRODUCT_WORKSTATION;
  system->major_version = atlas_bytes_get_u32 (&reader->bytes, stream->offset + 8u);
  system->minor_version = atlas_bytes_get_u32 (&reader->bytes, stream->offset + 12u);
  system->build = atlas_bytes_get_u32 (&reader->bytes, stream->offset + 16u);
  system->platform = atlas_bytes_get_u32 (&reader->bytes, stream->offset + 20u);
  return TRUE;
}

static gboolean
read_misc_info (AtlasMinidumpReader *reader,
                const AtlasMinidumpStream *stream,
                AtlasMinidumpFile *file,
                GError **error)
{
  if (!atlas_minidump_check_size (reader, stream, MISC_INFO_BYTES, error))
    return FALSE;

  file->has_process_id =
    (atlas_bytes_get_u32 (&reader->bytes, stream->offset + 4u) & MISC_INFO_HAS_PROCESS_ID) != 0;
  file->process_id = atlas_bytes_get_u32 (&reader->bytes, stream->offset + 8u);
  return TRUE;
}

/* Some writers align the first entry of a list to 8 bytes. */
static gboolean
begin_list (const AtlasMinidumpReader *reader,
            const AtlasMinidumpStream *stream,
            guint64 entry_bytes,
            guint32 *count,
            guint64 *first_offset,
            GError **error)
{
  guint64 header_bytes = 4;

  if (!atlas_minidump_check_size (reader, stream, header_bytes, error))
    return FALSE;

  *count = atlas_bytes_get_u32 (&reader->bytes, stream->offset);
  if (stream->size_bytes == 8u + *count * entry_bytes)
    header_bytes = 8;
  *first_offset = stream->offset + header_bytes;
  return atlas_minidump_check_count (reader, stream, header_bytes, *count, entry_bytes, error);
}

static gboolean
read_modules (AtlasMinidumpReader *reader,
              const AtlasMinidumpStream *stream,
              AtlasMinidumpFile *file,
              GError **error)
{
  guint32 count;
  guint64 offset;

  if (!begin_list (reader, stream, MODULE_BYTES, &count, &offset, error))
    return FALSE;

  for (guint32 i = 0; i < count; i++, offset += MODULE_BYTES)
    {
      AtlasMinidumpModule module = { .base_va = atlas_bytes_get_u64 (&reader->bytes, offset) };

      module.path = atlas_minidump_read_string (
        reader, stream, atlas_bytes_get_u32 (&reader->bytes, offset + 20u), error);
      if (module.path == NULL)
        return FALSE;
      g_array_append_val (file->modules, module);
    }
  return TRUE;
}

static gboolean
add_range (const AtlasMinidumpReader *reader,
           const AtlasMinidumpStream *stream,
           AtlasMinidumpFile *file,
           guint64 entry_offset,
           const AtlasMinidumpRange *range,
           GError **error)
{
  if (range->size_bytes == 0)
    return TRUE;
  if (range->size_bytes - 1u > ~range->base_va)
    return atlas_minidump_fail (reader,
                                stream->name,
                                entry_offset,
                                error,
                                _ ("memory range 0x%llx + 0x%llx goes beyond the last address"),
                                (unsigned long long) range->base_va,
                                (unsigned long long) range->size_bytes);
  if (!atlas_minidump_check_in_file (
        reader, stream->name, range->file_offset, range->size_bytes, error))
    return FALSE;

  g_array_append_vals (file->ranges, range, 1);
  return TRUE;
}

static gboolean
read_threads (AtlasMinidumpReader *reader,
              const AtlasMinidumpStream *stream,
              AtlasMinidumpFile *file,
              GError **error)
{
  guint32 count;
  guint64 offset;

  if (!begin_list (reader, stream, THREAD_BYTES, &count, &offset, error))
    return FALSE;

  for (guint32 i = 0; i < count; i++, offset += THREAD_BYTES)
    {
      AtlasMinidumpThread thread = {
        .id = atlas_bytes_get_u32 (&reader->bytes, offset),
        .teb_va = atlas_bytes_get_u64 (&reader->bytes, offset + 16u),
        .stack_va = atlas_bytes_get_u64 (&reader->bytes, offset + 24u),
      };
      AtlasMinidumpRange stack = {
        .base_va = thread.stack_va,
        .size_bytes = atlas_bytes_get_u32 (&reader->bytes, offset + 32u),
        .file_offset = atlas_bytes_get_u32 (&reader->bytes, offset + 36u),
      };

      /* With full memory the stack's bytes are in Memory64List, and no offset stands here. */
      if (stack.file_offset != 0 && !add_range (reader, stream, file, offset, &stack, error))
        return FALSE;
      g_array_append_val (file->threads, thread);
    }
  return TRUE;
}

/* MINIDUMP_EXCEPTION_STREAM: which thread raised what. */
static gboolean
read_exception (AtlasMinidumpReader *reader,
                const AtlasMinidumpStream *stream,
                AtlasMinidumpFile *file,
                GError **error)
{
  const guint64 offset = stream->offset;

  if (!atlas_minidump_check_size (reader, stream, EXCEPTION_BYTES, error))
    return FALSE;

  file->has_exception = TRUE;
  file->exception = (AtlasMinidumpException){
    .thread_id = atlas_bytes_get_u32 (&reader->bytes, offset),
    .code = atlas_bytes_get_u32 (&reader->bytes, offset + 8u),
    .va = atlas_bytes_get_u64 (&reader->bytes, offset + 24u),
    .n_parameters = atlas_bytes_get_u32 (&reader->bytes, offset + 32u),
    .parameters = { atlas_bytes_get_u64 (&reader->bytes, offset + 40u),
                    atlas_bytes_get_u64 (&reader->bytes, offset + 48u) },
  };
  return TRUE;
}

static gboolean
read_memory (AtlasMinidumpReader *reader,
             const AtlasMinidumpStream *stream,
             AtlasMinidumpFile *file,
             GError **error)
{
  guint32 count;
  guint64 offset;

  if (!begin_list (reader, stream, RANGE_BYTES, &count, &offset, error))
    return FALSE;

  for (guint32 i = 0; i < count; i++, offset += RANGE_BYTES)
    {
      AtlasMinidumpRange range = {
        .base_va = atlas_bytes_get_u64 (&reader->bytes, offset),
        .size_bytes = atlas_bytes_get_u32 (&reader->bytes, offset + 8u),
        .file_offset = atlas_bytes_get_u32 (&reader->bytes, offset + 12u),
      };

      if (!add_range (reader, stream, file, offset, &range, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_memory64 (AtlasMinidumpReader *reader,
               const AtlasMinidumpStream *stream,
               AtlasMinidumpFile *file,
               GError **error)
{
  guint64 count;
  guint64 offset = stream->offset + 16u;
  guint64 file_offset;

  if (!atlas_minidump_check_size (reader, stream, 16, error))
    return FALSE;
  count = atlas_bytes_get_u64 (&reader->bytes, stream->offset);
  file_offset = atlas_bytes_get_u64 (&reader->bytes, stream->offset + 8u);
  if (!atlas_minidump_check_count (reader, stream, 16, count, RANGE_BYTES, error))
    return FALSE;

  for (guint64 i = 0; i < count; i++, offset += RANGE_BYTES)
    {
      AtlasMinidumpRange range = {
        .base_va = atlas_bytes_get_u64 (&reader->bytes, offset),
        .size_bytes = atlas_bytes_get_u64 (&reader->bytes, offset + 8u),
        .file_offset = file_offset,
      };

      if (!add_range (reader, stream, file, offset, &range, error))
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
read_region (const AtlasMinidumpReader *reader,
             const AtlasMinidumpStream *stream,
             guint64 offset,
             AtlasMinidumpFile *file,
             AtlasVa *next_va,
             GError **error)
{
  AtlasVa base_va = atlas_bytes_get_u64 (&reader->bytes, offset);
  AtlasVa allocation_base_va = atlas_bytes_get_u64 (&reader->bytes, offset + 8u);
  guint64 size_bytes = atlas_bytes_get_u64 (&reader->bytes, offset + 24u);
  guint32 state = atlas_bytes_get_u32 (&reader->bytes, offset + 32u);
  guint32 type = atlas_bytes_get_u32 (&reader->bytes, offset + 40u);
  AtlasRegion region = {
    .base_va = base_va,
    .size_bytes = size_bytes,
    .allocation_base_va = allocation_base_va,
    .allocation_protect = atlas_bytes_get_u32 (&reader->bytes, offset + 16u),
    .protect = atlas_bytes_get_u32 (&reader->bytes, offset + 36u),
  };

  if (base_va < *next_va)
    return atlas_minidump_fail (
      reader,
      stream->name,
      offset,
      error,
      _ ("region 0x%llx starts inside or before the one before it, which ends at "
         "0x%llx"),
      (unsigned long long) base_va,
      (unsigned long long) *next_va);
  if (size_bytes == 0 || ((base_va | size_bytes) & ATLAS_PAGE_MASK) != 0 ||
      base_va >= LA57_USER_HALF_END_VA || size_bytes > LA57_USER_HALF_END_VA - base_va)
    return atlas_minidump_fail (
      reader,
      stream->name,
      offset,
      error,
      _ ("region 0x%llx + 0x%llx is not a run of whole pages in the user half"),
      (unsigned long long) base_va,
      (unsigned long long) size_bytes);
  if (!is_state (state))
    return atlas_minidump_fail (reader,
                                stream->name,
                                offset,
                                error,
                                _ ("region state 0x%x is none of commit, reserve and free"),
                                state);
  if (state != ATLAS_STATE_FREE && !is_type (type))
    return atlas_minidump_fail (reader,
                                stream->name,
                                offset,
                                error,
                                _ ("region type 0x%x is none of private, mapped and image"),
                                type);
  if (state != ATLAS_STATE_FREE && allocation_base_va > base_va)
    return atlas_minidump_fail (reader,
                                stream->name,
                                offset,
                                error,
                                _ ("allocation base 0x%llx is above its region 0x%llx"),
                                (unsigned long long) allocation_base_va,
                                (unsigned long long) base_va);

  region.state = (AtlasRegionState) state;
  region.type = state == ATLAS_STATE_FREE ? ATLAS_TYPE_NONE : (AtlasRegionType) type;
  g_array_append_val (file->regions, region);
  *next_va = base_va + size_bytes;
  return TRUE;
}

static gboolean
read_regions (AtlasMinidumpReader *reader,
              const AtlasMinidumpStream *stream,
              AtlasMinidumpFile *file,
              GError **error)
{
  guint32 header_bytes;
  guint32 entry_bytes;
  guint64 count;
  AtlasVa next_va = 0;

  if (!atlas_minidump_check_size (reader, stream, REGION_LIST_HEADER_BYTES, error))
    return FALSE;

  /* The writer's sizes, which a later version may make longer. */
  header_bytes = atlas_bytes_get_u32 (&reader->bytes, stream->offset);
  entry_bytes = atlas_bytes_get_u32 (&reader->bytes, stream->offset + 4u);
  count = atlas_bytes_get_u64 (&reader->bytes, stream->offset + 8u);
  if (header_bytes < REGION_LIST_HEADER_BYTES || entry_bytes < REGION_BYTES)
    return atlas_minidump_fail (
      reader,
      stream->name,
      stream->offset,
      error,
      _ ("expected a header of at least %u bytes and entries of at least %u, found %u and %u"),
      REGION_LIST_HEADER_BYTES,
      REGION_BYTES,
      header_bytes,
      entry_bytes);
  if (!atlas_minidump_check_count (reader, stream, header_bytes, count, entry_bytes, error))
    return FALSE;

  file->has_regions = TRUE;
  for (guint64 i = 0; i < count; i++)
    if (!read_region (
          reader, stream, stream->offset + header_bytes + i * entry_bytes, file, &next_va, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_linux_maps (AtlasMinidumpReader *reader,
                 const AtlasMinidumpStream *stream,
                 AtlasMinidumpFile *file,
                 GError **error)
{
  file->linux_maps = g_bytes_new_from_bytes (file->bytes, stream->offset, stream->size_bytes);
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
  { 6, N_ ("Exception stream"), read_exception },
  { 7, N_ ("SystemInfo stream"), read_system_info },
  { 9, N_ ("Memory64List stream"), read_memory64 },
  { 15, N_ ("MiscInfo stream"), read_misc_info },
  { 16, N_ ("MemoryInfoList stream"), read_regions },
  { 0x47670009, N_ ("LinuxMaps stream"), read_linux_maps },
};

static gboolean
read_directory (AtlasMinidumpReader *reader, AtlasMinidumpFile *file, GError **error)
{
  gboolean is_seen[G_N_ELEMENTS (stream_kinds)] = { FALSE };
  guint32 n_streams;
  guint64 offset;

  if (!atlas_minidump_check_in_file (reader, N_ ("header"), 0, HEADER_BYTES, error))
    return FALSE;
  if (atlas_bytes_get_u32 (&reader->bytes, 0) != SIGNATURE)
    return atlas_minidump_fail (reader, N_ ("header"), 0, error, _ ("expected the signature MDMP"));
  if ((atlas_bytes_get_u32 (&reader->bytes, 4) & 0xffffu) != VERSION)
    return atlas_minidump_fail (reader,
                                "header",
                                4,
                                error,
                                _ ("expected version 0x%x, found 0x%x"),
                                VERSION,
                                atlas_bytes_get_u32 (&reader->bytes, 4) & 0xffffu);

  n_streams = atlas_bytes_get_u32 (&reader->bytes, 8);
  offset = atlas_bytes_get_u32 (&reader->bytes, 12);
  file->written_time = atlas_bytes_get_u32 (&reader->bytes, 20);
  if (!atlas_minidump_check_in_file (reader,
                                     N_ ("stream directory"),
                                     offset,
                                     (guint64) n_streams * DIRECTORY_ENTRY_BYTES,
                                     error))
    return FALSE;

  for (guint32 i = 0; i < n_streams; i++, offset += DIRECTORY_ENTRY_BYTES)
    {
      guint32 type = atlas_bytes_get_u32 (&reader->bytes, offset);
      AtlasMinidumpStream stream = {
        .name = N_ ("stream of a kind not read here"),
        .size_bytes = atlas_bytes_get_u32 (&reader->bytes, offset + 4u),
        .offset = atlas_bytes_get_u32 (&reader->bytes, offset + 8u),
      };
      guint kind = 0;

      while (kind < G_N_ELEMENTS (stream_kinds) && stream_kinds[kind].type != type)
        kind++;
      if (kind < G_N_ELEMENTS (stream_kinds))
        stream.name = stream_kinds[kind].name;
      if (stream.size_bytes > 0 && !atlas_minidump_check_in_file (
                                     reader, stream.name, stream.offset, stream.size_bytes, error))
        return FALSE;
      if (kind == G_N_ELEMENTS (stream_kinds))
        continue;

      if (is_seen[kind])
        return atlas_minidump_fail (
          reader, stream.name, stream.offset, error, _ ("the file has two of them"));
      is_seen[kind] = TRUE;
      if (!stream_kinds[kind].read (reader, &stream, file, error))
        return FALSE;
    }
  return TRUE;
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
  AtlasMinidumpReader reader = { .file_name = name, .bytes = atlas_bytes (bytes) };

  file->bytes = g_bytes_ref (bytes);
  file->regions = g_array_new (FALSE, FALSE, sizeof (AtlasRegion));
  file->modules = g_array_new (FALSE, FALSE, sizeof (AtlasMinidumpModule));
  g_array_set_clear_func (file->modules, module_clear);
  file->threads = g_array_new (FALSE, FALSE, sizeof (AtlasMinidumpThread));
  file->ranges = g_array_new (FALSE, FALSE, sizeof (AtlasMinidumpRange));

  if (!read_directory (&reader, file, error))
    return NULL;

  atlas_minidump_ranges_make_disjoint (file->ranges);
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

const char *
atlas_minidump_get_base_name (const char *path)
{
  const char *last = strrchr (path, '\\');
  const char *last_slash = strrchr (path, '/');

  if (last_slash != NULL && (last == NULL || last_slash > last))
    last = last_slash;
  return last != NULL ? last + 1 : path;
}

gsize
atlas_minidump_file_peek (const AtlasMinidumpFile *file,
                          AtlasVa va,
                          guint8 *bytes,
                          gboolean *is_known,
                          gsize size_bytes)
{
  return atlas_minidump_ranges_peek (
    file->ranges, g_bytes_get_data (file->bytes, NULL), va, bytes, is_known, size_bytes);
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
