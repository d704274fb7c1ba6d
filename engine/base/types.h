/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The numbers that everything else speaks of.
 *
 *    63            48 47     39 38     30 29     21 20     12 11          0
 *   +----------------+---------+---------+---------+---------+-------------+
 *   |  sign (bit 47) | PML4    | PDPT    | PD      | PT      | byte offset |
 *   +----------------+---------+---------+---------+---------+-------------+
 *                      512 GB    1 GB      2 MB      4 KB      1 byte        reach of one step
 *
 * Numbers that mean different things have different names, and the unit ends
 * the name of every scalar: base_va, entry_pa, size_bytes, width_px.
 */

#include <glib.h>

G_BEGIN_DECLS

#if defined(__GNUC__)
#define ATLAS_AVAILABLE __attribute__ ((visibility ("default"))) extern
#else
#define ATLAS_AVAILABLE extern
#endif

/* A linear (virtual) address; any 64-bit value, canonical or not. */
typedef guint64 AtlasVa;
/* A physical address, in bytes. */
typedef guint64 AtlasPa;
/* A page frame number: physical address / 4096. */
typedef guint64 AtlasPfn;

#define ATLAS_BIT(n) (G_GUINT64_CONSTANT (1) << (n))
/* Bits hi…lo inclusive, 63 ≥ hi ≥ lo ≥ 0. */
#define ATLAS_BITS(hi, lo)                                                                         \
  ((~G_GUINT64_CONSTANT (0) >> (63 - (hi))) & (~G_GUINT64_CONSTANT (0) << (lo)))

#define ATLAS_KB(n) (G_GUINT64_CONSTANT (n) << 10)
#define ATLAS_MB(n) (G_GUINT64_CONSTANT (n) << 20)
#define ATLAS_GB(n) (G_GUINT64_CONSTANT (n) << 30)
#define ATLAS_TB(n) (G_GUINT64_CONSTANT (n) << 40)

#define ATLAS_PAGE_SHIFT 12u
#define ATLAS_PAGE_BYTES ATLAS_KB (4)
#define ATLAS_PAGE_MASK (ATLAS_PAGE_BYTES - 1)

static inline guint64
atlas_page_floor (guint64 address)
{
  return address & ~ATLAS_PAGE_MASK;
}

/* Wraps to 0 above the last page; check the input where that matters. */
static inline guint64
atlas_page_ceil (guint64 address)
{
  return (address + ATLAS_PAGE_MASK) & ~ATLAS_PAGE_MASK;
}

G_END_DECLS
