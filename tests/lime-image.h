/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Memory of a LiME image, read by hand: nothing of engine/source is asked. */

#include <string.h>

#include "paging/memory.h"

/* NULL when there is no such file. LiME v1: {u32 "EMiL", u32 1, u64 first, u64 last, u64 0} and the
 * bytes, repeated. */
static inline AtlasMemory *
load_lime (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);

  if (file == NULL)
    return NULL;

  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (AtlasMemoryRun));
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize at = 0; at < size;)
    {
      guint64 header[4];

      g_assert_cmpuint (size - at, >=, sizeof header);
      memcpy (header, data + at, sizeof header);
      g_assert_cmphex (header[0], ==, G_GUINT64_CONSTANT (0x000000014c694d45));
      at += sizeof header;
      gsize run_bytes = (gsize) (header[2] - header[1] + 1);
      AtlasMemoryRun run = { header[1], g_bytes_new_from_bytes (bytes, at, run_bytes) };
      g_array_append_val (runs, run);
      at += run_bytes;
    }

  AtlasMemory *memory =
    atlas_memory_new_image ((AtlasMemoryRun *) (gpointer) runs->data, runs->len);
  for (guint i = 0; i < runs->len; i++)
    g_bytes_unref (g_array_index (runs, AtlasMemoryRun, i).bytes);
  return memory;
}
