/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasMemory: physical memory behind one small interface.
 *
 *      0                              size_bytes
 *      |████·······██···················|          RAM: one sparse host mapping, so that
 *                                                  reading an entry is one load
 *      |--[run]------[run]--[run]-------|          image: runs of a file, holes between them
 *
 * A read outside RAM or in a hole says so; it is never a silent zero.
 */

#include "base/types.h"

G_BEGIN_DECLS

typedef struct _AtlasMemory AtlasMemory;

/* @size_bytes of zeroed RAM from physical address 0. Host memory is taken page by page, on first
 * write. NULL and @error when the host cannot map it. @size_bytes is a multiple of 4096. */
ATLAS_AVAILABLE AtlasMemory *atlas_memory_new_ram (guint64 size_bytes, GError **error);

/* One run of a memory image: @bytes (ref taken) stand at @base_pa. */
typedef struct
{
  AtlasPa base_pa;
  GBytes *bytes;
} AtlasMemoryRun;

/* Read-only memory made of @n_runs runs in ascending order, not overlapping. */
ATLAS_AVAILABLE AtlasMemory *atlas_memory_new_image (const AtlasMemoryRun *runs, guint n_runs);

ATLAS_AVAILABLE AtlasMemory *atlas_memory_ref (AtlasMemory *memory);
ATLAS_AVAILABLE void atlas_memory_unref (AtlasMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasMemory, atlas_memory_unref)

ATLAS_AVAILABLE guint64 atlas_memory_get_size (const AtlasMemory *memory);
ATLAS_AVAILABLE gboolean atlas_memory_is_writable (const AtlasMemory *memory);

/* The first stretch without a hole that reaches beyond @from_pa, cut there; a stretch may go on in
 * the next. FALSE when nothing follows. Usage: from_pa = base_pa + size_bytes, until FALSE. */
ATLAS_AVAILABLE gboolean atlas_memory_find_range (const AtlasMemory *memory,
                                                  AtlasPa from_pa,
                                                  AtlasPa *base_pa,
                                                  guint64 *size_bytes);

/* Reads 8 bytes at @pa (a multiple of 8). FALSE where there is no memory. */
ATLAS_AVAILABLE gboolean atlas_memory_read_u64 (const AtlasMemory *memory,
                                                AtlasPa pa,
                                                guint64 *value);
/* FALSE where there is no memory or it cannot be written. */
ATLAS_AVAILABLE gboolean atlas_memory_write_u64 (AtlasMemory *memory, AtlasPa pa, guint64 value);

/* All or nothing over [pa, pa + size_bytes). */
ATLAS_AVAILABLE gboolean atlas_memory_read (const AtlasMemory *memory,
                                            AtlasPa pa,
                                            void *data,
                                            gsize size_bytes);
ATLAS_AVAILABLE gboolean atlas_memory_write (AtlasMemory *memory,
                                             AtlasPa pa,
                                             const void *data,
                                             gsize size_bytes);
/* Asks the host to back this RAM now: one request for all of it costs less than a fault of the
 * host's own for each page at its first write. Changes no byte; a host may refuse. */
ATLAS_AVAILABLE void atlas_memory_prepare (AtlasMemory *memory, AtlasPa pa, gsize size_bytes);
/* Zeroes a page and gives its host memory back. */
ATLAS_AVAILABLE void atlas_memory_zero_page (AtlasMemory *memory, AtlasPfn pfn);

G_END_DECLS
