/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasAxis: a monotone, exact, invertible map from addresses to a line.
 *
 *   va  0 ──────── 7ffe0000 ─ 7fff0000 ─────────── 7ff6`… ── 7ff6`… ─────────── 7fff`ffffffff
 *       │  gap 2 GB  │ cluster │      gap 128 TB     │ cluster │       gap …
 *   u   0 ──┤⋯├──────┼─────────┼───────┤⋯├───────────┼─────────┼───┤⋯├──────────── length_u
 *
 * The line is cut into segments; inside each, one byte is 2^shift units of u, so that every
 * address has an exact integer place and comes back exactly:
 *
 *   va = first_va + ((u - first_u) >> shift)
 *
 * A linear axis is a single segment. In a collapsed axis the middle of a long uniform stretch
 * (empty space, or one huge region) has a smaller shift (a break); its two ends keep the scale of
 * their neighbours, so that the room beside a module is seen at the module's scale.
 *
 * One stretch is too long for a 64-bit line, and useless: the hole between the canonical halves. It
 * is a break on either kind of axis, its shift is negative (2^-shift bytes a unit), and there alone
 * an address comes back rounded down.
 */

#include "space/region-set.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_AXIS_COLLAPSED,
  ATLAS_AXIS_LINEAR,
} AtlasAxisKind;

typedef struct
{
  AtlasVa first_va;
  AtlasVa last_va;    /* inclusive */
  guint64 first_u;
  guint64 length_u;   /* (last_va - first_va + 1) << shift */
  gint8 shift;        /* < 0 only in the hole */
  gboolean is_break;  /* a uniform stretch shown shorter than its neighbours */
} AtlasAxisSegment;

typedef struct _AtlasAxis AtlasAxis;

/* An axis over [first_va, last_va] of @set (ref not kept). length_u < 2^63. */
ATLAS_AVAILABLE AtlasAxis *
atlas_axis_new (AtlasAxisKind kind, const AtlasRegionSet *set, AtlasVa first_va, AtlasVa last_va);
ATLAS_AVAILABLE AtlasAxis *atlas_axis_ref (AtlasAxis *axis);
ATLAS_AVAILABLE void atlas_axis_unref (AtlasAxis *axis);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasAxis, atlas_axis_unref)

ATLAS_AVAILABLE AtlasVa atlas_axis_get_first_va (const AtlasAxis *axis);
ATLAS_AVAILABLE AtlasVa atlas_axis_get_last_va (const AtlasAxis *axis);
/* Of the page tables below, 4 or 5. */
ATLAS_AVAILABLE guint atlas_axis_get_n_levels (const AtlasAxis *axis);
ATLAS_AVAILABLE guint64 atlas_axis_get_length (const AtlasAxis *axis);
ATLAS_AVAILABLE guint atlas_axis_get_n_segments (const AtlasAxis *axis);
ATLAS_AVAILABLE const AtlasAxisSegment *atlas_axis_get_segment (const AtlasAxis *axis, guint index);
/* Index of the segment at @u (clamped to the axis), or with that address (clamped). O(log n). */
ATLAS_AVAILABLE guint atlas_axis_find_u (const AtlasAxis *axis, guint64 u);
ATLAS_AVAILABLE guint atlas_axis_find_va (const AtlasAxis *axis, AtlasVa va);
/* Both clamp to the axis. */
ATLAS_AVAILABLE guint64 atlas_axis_va_to_u (const AtlasAxis *axis, AtlasVa va);
ATLAS_AVAILABLE AtlasVa atlas_axis_u_to_va (const AtlasAxis *axis, guint64 u);

G_END_DECLS
