/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/distribution.h"

#include <math.h>

#define FAINTEST 0.35f
#define LIMIT_WIDTH_PX 2.0f

static guint
get_column (const AtlasScatter *scatter, guint width_px, AtlasVa va)
{
  double part =
    (double) (va - scatter->first_va) / ((double) (scatter->last_va - scatter->first_va) + 1.0);

  return MIN ((guint) (part * width_px), width_px - 1u);
}

void
atlas_scatter_draw (AtlasDisplayList *list,
                    const AtlasScatter *scatter,
                    float x_px,
                    float y_px,
                    guint width_px,
                    float height_px)
{
  g_autofree guint *counts = NULL;
  guint highest = 0;

  g_return_if_fail (list != NULL);
  g_return_if_fail (scatter != NULL && scatter->first_va <= scatter->last_va);

  if (width_px == 0)
    return;
  counts = g_new0 (guint, width_px + 1u);
  for (guint i = 0; i < scatter->n_samples; i++)
    if (scatter->samples[i] >= scatter->first_va && scatter->samples[i] <= scatter->last_va)
      {
        guint column = get_column (scatter, width_px, scatter->samples[i]);

        highest = MAX (highest, ++counts[column]);
      }

  /* Equal neighbours are one mark. */
  for (guint start = 0, x = 1; x <= width_px; x++)
    {
      if (x < width_px && counts[x] == counts[start])
        continue;
      if (counts[start] > 0)
        atlas_display_list_add_rect (list,
                                     scatter->color,
                                     FAINTEST + (1.0f - FAINTEST) *
                                                  sqrtf ((float) counts[start] / (float) highest),
                                     ATLAS_PATTERN_SOLID,
                                     x_px + (float) start,
                                     y_px,
                                     (float) (x - start),
                                     height_px,
                                     0.0f);
      start = x;
    }
  if (scatter->has_limit && scatter->limit_va >= scatter->first_va &&
      scatter->limit_va <= scatter->last_va)
    atlas_display_list_add_rect (list,
                                 ATLAS_COLOR_ERROR,
                                 1.0f,
                                 ATLAS_PATTERN_SOLID,
                                 x_px + (float) get_column (scatter, width_px, scatter->limit_va),
                                 y_px,
                                 LIMIT_WIDTH_PX,
                                 height_px,
                                 0.0f);
}

void
atlas_histogram_draw (AtlasDisplayList *list,
                      AtlasColor color,
                      const guint *counts,
                      guint n_buckets,
                      float x_px,
                      float y_px,
                      float width_px,
                      float height_px)
{
  float bucket_px = width_px / (float) n_buckets;
  float gap_px = bucket_px >= 4.0f ? 1.0f : 0.0f;
  guint highest = 0;

  g_return_if_fail (list != NULL);
  g_return_if_fail (counts != NULL && n_buckets > 0);

  for (guint i = 0; i < n_buckets; i++)
    highest = MAX (highest, counts[i]);
  for (guint i = 0; i < n_buckets; i++)
    {
      float bar_px =
        counts[i] > 0 ? MAX (height_px * (float) counts[i] / (float) highest, 1.0f) : 0.0f;

      if (counts[i] > 0)
        atlas_display_list_add_rect (list,
                                     color,
                                     1.0f,
                                     ATLAS_PATTERN_SOLID,
                                     x_px + (float) i * bucket_px,
                                     y_px + height_px - bar_px,
                                     bucket_px - gap_px,
                                     bar_px,
                                     0.0f);
    }
}
