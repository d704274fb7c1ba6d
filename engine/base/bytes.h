/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The bytes of a file that is read by offsets which the file itself tells: little-endian numbers,
 * unaligned. Whoever reads asks first whether what it wants lies in the file.
 *
 *   0           offset                 size_bytes
 *   ├─────────────┼────────┤· · · · · · ·┤
 *                  n_bytes
 */

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/* Borrows @data. */
typedef struct
{
  const guint8 *data;
  guint64 size_bytes;
} AtlasBytes;

/* All of @bytes, which must outlive it. */
static inline AtlasBytes
atlas_bytes (GBytes *bytes)
{
  gsize size_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &size_bytes);

  return (AtlasBytes){ data, size_bytes };
}

/* Any @offset and @n_bytes; nothing overflows. */
static inline gboolean
atlas_bytes_has (const AtlasBytes *bytes, guint64 offset, guint64 n_bytes)
{
  return offset <= bytes->size_bytes && n_bytes <= bytes->size_bytes - offset;
}

static inline guint16
atlas_bytes_get_u16 (const AtlasBytes *bytes, guint64 offset)
{
  guint16 value;

  g_assert (atlas_bytes_has (bytes, offset, sizeof value));
  memcpy (&value, bytes->data + offset, sizeof value);
  return GUINT16_FROM_LE (value);
}

static inline guint32
atlas_bytes_get_u32 (const AtlasBytes *bytes, guint64 offset)
{
  guint32 value;

  g_assert (atlas_bytes_has (bytes, offset, sizeof value));
  memcpy (&value, bytes->data + offset, sizeof value);
  return GUINT32_FROM_LE (value);
}

static inline guint64
atlas_bytes_get_u64 (const AtlasBytes *bytes, guint64 offset)
{
  guint64 value;

  g_assert (atlas_bytes_has (bytes, offset, sizeof value));
  memcpy (&value, bytes->data + offset, sizeof value);
  return GUINT64_FROM_LE (value);
}

G_END_DECLS
