/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/minidump-reader.h"

#include <stdarg.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"

gboolean
atlas_minidump_fail (const AtlasMinidumpReader *reader,
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

gboolean
atlas_minidump_check_in_file (const AtlasMinidumpReader *reader,
                              const char *stream_name,
                              guint64 offset,
                              guint64 size_bytes,
                              GError **error)
{
  if (atlas_bytes_has (&reader->bytes, offset, size_bytes))
    return TRUE;
  return atlas_minidump_fail (reader,
                              stream_name,
                              offset,
                              error,
                              _ ("expected 0x%llx bytes, but the file has 0x%llx bytes in all"),
                              (unsigned long long) size_bytes,
                              (unsigned long long) reader->bytes.size_bytes);
}

gboolean
atlas_minidump_check_count (const AtlasMinidumpReader *reader,
                            const AtlasMinidumpStream *stream,
                            guint64 header_bytes,
                            guint64 count,
                            guint64 entry_bytes,
                            GError **error)
{
  if (header_bytes <= stream->size_bytes &&
      count <= (stream->size_bytes - header_bytes) / entry_bytes)
    return TRUE;
  return atlas_minidump_fail (
    reader,
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

gboolean
atlas_minidump_check_size (const AtlasMinidumpReader *reader,
                           const AtlasMinidumpStream *stream,
                           guint64 min_bytes,
                           GError **error)
{
  if (stream->size_bytes >= min_bytes)
    return TRUE;
  return atlas_minidump_fail (reader,
                              stream->name,
                              stream->offset,
                              error,
                              _ ("expected at least %llu bytes, found %llu"),
                              (unsigned long long) min_bytes,
                              (unsigned long long) stream->size_bytes);
}

/* MINIDUMP_STRING: byte length, then UTF-16. */
char *
atlas_minidump_read_string (AtlasMinidumpReader *reader,
                            const AtlasMinidumpStream *stream,
                            guint64 offset,
                            GError **error)
{
  g_autofree gunichar2 *units = NULL;
  char *text;
  guint32 size_bytes;

  if (!atlas_minidump_check_in_file (reader, stream->name, offset, 4, error))
    return NULL;
  size_bytes = atlas_bytes_get_u32 (&reader->bytes, offset);
  if (!atlas_minidump_check_in_file (reader, stream->name, offset + 4u, size_bytes, error))
    return NULL;
  reader->names_bytes += size_bytes;
  if (reader->names_bytes > reader->bytes.size_bytes)
    {
      atlas_minidump_fail (
        reader, stream->name, offset, error, _ ("the names are longer than the file"));
      return NULL;
    }

  units = g_new (gunichar2, size_bytes / 2u + 1u);
  for (guint32 i = 0; i < size_bytes / 2u; i++)
    units[i] = atlas_bytes_get_u16 (&reader->bytes, offset + 4u + 2u * (guint64) i);
  text = g_utf16_to_utf8 (units, (glong) (size_bytes / 2u), NULL, NULL, NULL);
  if (text == NULL || size_bytes % 2u != 0)
    {
      g_free (text);
      atlas_minidump_fail (reader, stream->name, offset, error, _ ("expected a name in UTF-16"));
      return NULL;
    }
  return text;
}
