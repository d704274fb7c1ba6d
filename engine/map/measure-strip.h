/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Numbers over time, side by side, each on a scale of its own from the least it was to the most:
 *
 *   committed 12 KB               largest free 125 TB
 *   0 bytes – 16 KB               124 TB – 128 TB          the scale
 *        ▁▁▁▁┃▁▁████              ▔▔▔▔▔▔▔▔┃▁▁▁▁▁▁▁▁        ┃ now
 */

#include "map/display-list.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name;
  const char *value_text; /* of the present moment */
  const char *scale_text; /* "0 bytes – 16 KB" */
  const double *values;   /* one a moment; NAN where there is none */
} AtlasMeasure;

typedef struct
{
  const AtlasMeasure *measures;
  guint n_measures;
  guint n_moments;
  guint now; /* index of the present moment */
  guint width_px;
  guint height_px;
} AtlasMeasureStripInput;

/* Where the measures begin to have room. */
#define ATLAS_MEASURE_STRIP_MIN_HEIGHT_PX 48u

/* Replaces what is in @list. At most two marks a moment and measure. */
ATLAS_AVAILABLE void atlas_measure_strip_draw (AtlasDisplayList *list,
                                               const AtlasMeasureStripInput *input);
/* The moment drawn at @x_px, and of which measure; clamped. */
ATLAS_AVAILABLE guint atlas_measure_strip_pick (const AtlasMeasureStripInput *input,
                                                double x_px,
                                                guint *measure);

G_END_DECLS
