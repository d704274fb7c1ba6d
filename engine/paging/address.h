/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* How an address splits. Levels are data: 1 = PT … 4 = PML4, 5 = PML5.
 *
 *   level        5       4       3       2       1
 *   entry      PML5E   PML4E   PDPTE    PDE     PTE
 *   index      56:48   47:39   38:30   29:21   20:12
 *   one entry  256 TB  512 GB   1 GB    2 MB    4 KB
 *
 * Intel SDM vol. 3A §5.5 (older editions §4.5).
 */

#include "base/types.h"

G_BEGIN_DECLS

#define ATLAS_LEVEL_PT 1u
#define ATLAS_LEVEL_PD 2u
#define ATLAS_LEVEL_PDPT 3u
#define ATLAS_LEVEL_PML4 4u
#define ATLAS_LEVEL_PML5 5u
#define ATLAS_LEVELS_MAX 5u

#define ATLAS_INDEX_BITS 9u
#define ATLAS_TABLE_ENTRIES 512u
#define ATLAS_ENTRY_BYTES 8u

G_STATIC_ASSERT (ATLAS_TABLE_ENTRIES == 1u << ATLAS_INDEX_BITS);
G_STATIC_ASSERT (ATLAS_TABLE_ENTRIES *ATLAS_ENTRY_BYTES == ATLAS_PAGE_BYTES);

static inline guint
atlas_level_shift (guint level)
{
  return ATLAS_PAGE_SHIFT + ATLAS_INDEX_BITS * (level - 1u);
}

/* Bytes that one entry of @level covers. */
static inline guint64
atlas_level_span_bytes (guint level)
{
  return ATLAS_BIT (atlas_level_shift (level));
}

static inline guint
atlas_va_index (AtlasVa va, guint level)
{
  return (guint) (va >> atlas_level_shift (level)) & (ATLAS_TABLE_ENTRIES - 1u);
}

/* Number of address bits that take part: 48 with four levels, 57 with five. */
static inline guint
atlas_levels_va_bits (guint n_levels)
{
  return ATLAS_PAGE_SHIFT + ATLAS_INDEX_BITS * n_levels;
}

/* Copies bit @va_bits - 1 into all bits above it. */
static inline AtlasVa
atlas_va_sign_extend (AtlasVa va, guint va_bits)
{
  guint unused_bits = 64u - va_bits;

  return (AtlasVa) ((gint64) (va << unused_bits) >> unused_bits);
}

static inline gboolean
atlas_va_is_canonical (AtlasVa va, guint va_bits)
{
  return atlas_va_sign_extend (va, va_bits) == va;
}

/* "PML4", "PDPT", "PD", "PT", "PML5"; and "PML4E", "PDPTE", "PDE", "PTE", "PML5E". */
ATLAS_AVAILABLE const char *atlas_level_get_table_name (guint level);
ATLAS_AVAILABLE const char *atlas_level_get_entry_name (guint level);

G_END_DECLS
