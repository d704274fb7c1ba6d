/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Reads the pieces of a minidump that its streams are made of, each checked against the file and
 * its stream before it is read. What fails is told with file, stream, offset and why, as
 * ATLAS_ERROR_BAD_FILE.
 *
 *   file ─► directory ─► stream [offset, + size_bytes) ─► header │ entry │ entry │ …
 *                                                                  └─► MINIDUMP_STRING anywhere
 */

#include "base/bytes.h"

G_BEGIN_DECLS

typedef struct
{
  const char *file_name; /* borrowed */
  AtlasBytes bytes;
  guint64 names_bytes; /* of all names read; more than the file has means that it repeats one */
} AtlasMinidumpReader;

/* A piece of the file that is known to lie in it. */
typedef struct
{
  const char *name; /* in English; told in the language of the user */
  guint64 offset;
  guint64 size_bytes;
} AtlasMinidumpStream;

/* Always FALSE, for return. */
gboolean atlas_minidump_fail (const AtlasMinidumpReader *reader,
                              const char *stream_name,
                              guint64 offset,
                              GError **error,
                              const char *format,
                              ...) G_GNUC_PRINTF (5, 6);

gboolean atlas_minidump_check_in_file (const AtlasMinidumpReader *reader,
                                       const char *stream_name,
                                       guint64 offset,
                                       guint64 size_bytes,
                                       GError **error);
/* Whether the stream has so many bytes. */
gboolean atlas_minidump_check_size (const AtlasMinidumpReader *reader,
                                    const AtlasMinidumpStream *stream,
                                    guint64 min_bytes,
                                    GError **error);
/* Whether a list of @count entries fits into its stream behind @header_bytes. */
gboolean atlas_minidump_check_count (const AtlasMinidumpReader *reader,
                                     const AtlasMinidumpStream *stream,
                                     guint64 header_bytes,
                                     guint64 count,
                                     guint64 entry_bytes,
                                     GError **error);

/* MINIDUMP_STRING: byte length, then UTF-16. @offset is of the file, any. (transfer full) */
char *atlas_minidump_read_string (AtlasMinidumpReader *reader,
                                  const AtlasMinidumpStream *stream,
                                  guint64 offset,
                                  GError **error);

G_END_DECLS
