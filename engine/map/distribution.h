/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Where many addresses fall.
 *
 *   scatter     │ ·  ··  ·▮·                              ▮▮ │   every address on one linear line
 *   histogram   ▂▃▁▅▆▃▂▇▅▃▁▂▆▃▅▂▃▁▅▆▃▂▇▅▃▁▂▆▃▅▂             counts in equal buckets
 */

#include "map/display-list.h"

G_BEGIN_DECLS

typedef struct
{
  const AtlasVa *samples; /* in any order */
  guint n_samples;
  AtlasVa first_va; /* the line, both ends included */
  AtlasVa last_va;
  gboolean has_limit; /* a line to stay below, drawn as a target */
  AtlasVa limit_va;
  AtlasColor color;
} AtlasScatter;

/* Adds the samples as marks a pixel wide or more into the rectangle from (@x_px, @y_px); the more
 * of them a pixel holds, the stronger it is. Every sample on the line is seen. */
ATLAS_AVAILABLE void atlas_scatter_draw (AtlasDisplayList *list,
                                         const AtlasScatter *scatter,
                                         float x_px,
                                         float y_px,
                                         guint width_px,
                                         float height_px);

/* Adds a bar for each of @n_buckets counts; the highest has the whole height, and one that is not 0
 * at least a pixel. */
ATLAS_AVAILABLE void atlas_histogram_draw (AtlasDisplayList *list,
                                           AtlasColor color,
                                           const guint *counts,
                                           guint n_buckets,
                                           float x_px,
                                           float y_px,
                                           float width_px,
                                           float height_px);

G_END_DECLS
