/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/minidump-ranges.h"

#include <string.h>

static gint
compare_ranges (gconstpointer a, gconstpointer b)
{
  const AtlasMinidumpRange *range_a = a;
  const AtlasMinidumpRange *range_b = b;

  return (range_a->base_va > range_b->base_va) - (range_a->base_va < range_b->base_va);
}

void
atlas_minidump_ranges_make_disjoint (GArray *ranges)
{
  guint n_kept = 0;

  g_array_sort (ranges, compare_ranges);
  for (guint i = 0; i < ranges->len; i++)
    {
      AtlasMinidumpRange range = g_array_index (ranges, AtlasMinidumpRange, i);

      if (n_kept > 0)
        {
          const AtlasMinidumpRange *before =
            &g_array_index (ranges, AtlasMinidumpRange, n_kept - 1u);
          guint64 distance_bytes = range.base_va - before->base_va;

          if (distance_bytes < before->size_bytes)
            {
              guint64 overlap_bytes = before->size_bytes - distance_bytes;

              if (overlap_bytes >= range.size_bytes)
                continue;
              range.base_va += overlap_bytes;
              range.size_bytes -= overlap_bytes;
              range.file_offset += overlap_bytes;
            }
        }
      g_array_index (ranges, AtlasMinidumpRange, n_kept++) = range;
    }
  g_array_set_size (ranges, n_kept);
}

/* Index of the first range that ends above @va. */
static guint
find_range (const GArray *ranges, AtlasVa va)
{
  guint first = 0;
  guint count = ranges->len;

  while (count > 0)
    {
      guint half = count / 2u;
      const AtlasMinidumpRange *range = &g_array_index (ranges, AtlasMinidumpRange, first + half);

      if (range->base_va + (range->size_bytes - 1u) < va)
        {
          first += half + 1u;
          count -= half + 1u;
        }
      else
        count = half;
    }
  return first;
}

gsize
atlas_minidump_ranges_peek (const GArray *ranges,
                            const guint8 *data,
                            AtlasVa va,
                            guint8 *bytes,
                            gboolean *is_known,
                            gsize size_bytes)
{
  AtlasVa last_va;
  gsize n_known = 0;

  if (size_bytes == 0)
    return 0;
  last_va = size_bytes - 1u <= ~va ? va + (size_bytes - 1u) : ~G_GUINT64_CONSTANT (0);

  for (guint i = find_range (ranges, va); i < ranges->len; i++)
    {
      const AtlasMinidumpRange *range = &g_array_index (ranges, AtlasMinidumpRange, i);
      AtlasVa first_va = MAX (va, range->base_va);
      AtlasVa end_va = MIN (last_va, range->base_va + (range->size_bytes - 1u));
      gsize n_bytes;

      if (range->base_va > last_va)
        break;

      n_bytes = (gsize) (end_va - first_va) + 1u;
      memcpy (
        bytes + (first_va - va), data + range->file_offset + (first_va - range->base_va), n_bytes);
      for (gsize k = 0; k < n_bytes; k++)
        is_known[first_va - va + k] = TRUE;
      n_known += n_bytes;
    }
  return n_known;
}
