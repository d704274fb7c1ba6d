/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the walk and the table scans see of AtlasMemory: an entry in RAM is one load away. */

#include "paging/address.h"
#include "paging/memory.h"

#include <string.h>

G_BEGIN_DECLS

struct _AtlasMemory
{
  guint8 *ram;       /* the host mapping; NULL for an image */
  guint64 ram_bytes; /* a multiple of 4096; 0 for an image, so that every read takes the long way */
  guint64 size_bytes;
  AtlasMemoryRun *runs; /* ascending; NULL for RAM */
  guint n_runs;
};

/* Reads 8 bytes at @pa, a multiple of 8. FALSE where there is no memory. @ram and @ram_bytes are
 * those of @memory: a loop that also writes elsewhere keeps them in registers. */
static inline gboolean
atlas_memory_load_from (const AtlasMemory *memory,
                        const guint8 *ram,
                        guint64 ram_bytes,
                        AtlasPa pa,
                        guint64 *value)
{
  if (G_LIKELY (pa < ram_bytes))
    {
      *value = GUINT64_FROM_LE (*(const guint64 *) (gconstpointer) (ram + pa));
      return TRUE;
    }

  /* A variable of its own keeps the caller's in a register. */
  guint64 read_slowly;
  if (!atlas_memory_read_u64 (memory, pa, &read_slowly))
    return FALSE;
  *value = read_slowly;
  return TRUE;
}

static inline gboolean
atlas_memory_load_entry (const AtlasMemory *memory, AtlasPa pa, guint64 *value)
{
  return atlas_memory_load_from (memory, memory->ram, memory->ram_bytes, pa, value);
}

/* The 4096 bytes at @table_pa (a multiple of 4096) where they stand in host memory, which need not
 * be aligned; NULL when not all of them are there in one piece. Valid while the memory lives. */
const guint8 *atlas_memory_peek_table (const AtlasMemory *memory, AtlasPa table_pa);

/* Entry @index of a table that atlas_memory_peek_table() returned. */
static inline guint64
atlas_table_bytes_get (const guint8 *bytes, guint index)
{
  guint64 entry;

  memcpy (&entry, bytes + index * ATLAS_ENTRY_BYTES, sizeof entry);
  return GUINT64_FROM_LE (entry);
}

G_END_DECLS
