/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/ticks.h"

#include <math.h>

#include "paging/address.h"

/* Each divides the next, so that minor ticks fall on major ones; 4 KB, 2 MB, 1 GB, 512 GB and 256
 * TB are what one entry spans at each level, 64 KB is the allocation granularity. */
static const guint8 step_shifts[] = {
  0,  /* byte */
  4,  /* 16 bytes */
  8,  /* 256 bytes */
  12, /* 4 KB */
  14, /* 16 KB */
  16, /* 64 KB */
  19, /* 512 KB */
  21, /* 2 MB */
  24, /* 16 MB */
  27, /* 128 MB */
  30, /* 1 GB */
  33, /* 8 GB */
  36, /* 64 GB */
  39, /* 512 GB */
  42, /* 4 TB */
  45, /* 32 TB */
  48, /* 256 TB */
  51, 54, 57, 60, 63,
};

guint
atlas_tick_get_level (AtlasVa va, guint n_levels)
{
  for (guint level = n_levels; level >= ATLAS_LEVEL_PT; level--)
    if ((va & (atlas_level_span_bytes (level) - 1)) == 0)
      return level;
  return 0;
}

void
atlas_tick_format (AtlasVa va, gboolean is_short, char label[ATLAS_TICK_LABEL_CHARS])
{
  guint high = (guint) (va >> 32);

  if (high == 0)
    g_snprintf (label, ATLAS_TICK_LABEL_CHARS, "%x", (guint) va);
  else if (is_short)
    g_snprintf (label, ATLAS_TICK_LABEL_CHARS, "`%08x", (guint) va);
  else
    g_snprintf (label, ATLAS_TICK_LABEL_CHARS, "%x`%08x", high, (guint) va);
}

static guint
find_step_shift (double px_per_byte, double min_px)
{
  for (guint i = 0; i < G_N_ELEMENTS (step_shifts); i++)
    if (ldexp (px_per_byte, step_shifts[i]) >= min_px)
      return step_shifts[i];
  return step_shifts[G_N_ELEMENTS (step_shifts) - 1];
}

void
atlas_ticks_make (GArray *ticks,
                  const AtlasAxis *axis,
                  const AtlasView *view,
                  guint segment_index,
                  double minor_px,
                  double major_px)
{
  const AtlasAxisSegment *segment;
  double px_per_byte;
  guint minor_shift, major_shift;
  AtlasVa first_va, last_va, va;
  guint64 step_bytes;

  g_return_if_fail (ticks != NULL && axis != NULL && view != NULL);
  g_return_if_fail (minor_px >= 1.0 && major_px >= minor_px);

  g_array_set_size (ticks, 0);
  segment = atlas_axis_get_segment (axis, segment_index);
  px_per_byte = ldexp (1.0 / atlas_view_get_units_per_px (view), segment->shift);
  minor_shift = find_step_shift (px_per_byte, minor_px);
  major_shift = find_step_shift (px_per_byte, major_px);
  step_bytes = G_GUINT64_CONSTANT (1) << minor_shift;

  first_va = MAX (segment->first_va, atlas_view_x_to_va (view, axis, 0));
  last_va = MIN (segment->last_va, atlas_view_x_to_va (view, axis, view->width_px));
  if (first_va > last_va)
    return;
  va = (first_va + (step_bytes - 1)) & ~(step_bytes - 1);
  if (va < first_va)
    return; /* the next border would be 2^64 */
  while (va <= last_va)
    {
      AtlasTick tick = {
        .va = va,
        .x_px = atlas_view_va_to_x (view, axis, va),
        .level = atlas_tick_get_level (va, atlas_axis_get_n_levels (axis)),
        .is_major = (va & ((G_GUINT64_CONSTANT (1) << major_shift) - 1)) == 0,
      };

      if (tick.x_px >= 0.0 && tick.x_px <= view->width_px)
        g_array_append_val (ticks, tick);
      if (last_va - va < step_bytes)
        break;
      va += step_bytes;
    }
}
