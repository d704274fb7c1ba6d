/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the parts of the strip share: where things stand.
 *
 *   names  │ heap 1      KERNEL32.DLL │
 *   bars   │ ▓▓▓▓▓ ╱ 2GB ╱ ▓▓▓▓▓▓▓▓▓▓ │
 *   ruler  │ ╵ ╵ ╵ ╵ ╵ ╵ ╵ ╵ ╵ ╵ ╵ ╵ │
 */

#include "map/fold.h"
#include "map/lane.h"
#include "map/strip.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasDisplayList *list;
  const AtlasStripInput *input;
  GArray *spans; /* of AtlasFoldSpan */
  float width_px;
  float names_y_px; /* top of the line of names */
  float bars_y_px;
  float bars_height_px;
  float ruler_y_px;
  AtlasLane names;
  AtlasLane ruler;
} AtlasStrip;

static inline const AtlasFoldSpan *
atlas_strip_get_span (const AtlasStrip *strip, guint index)
{
  return &g_array_index (strip->spans, AtlasFoldSpan, index);
}

static inline const AtlasRegion *
atlas_strip_get_first_region (const AtlasStrip *strip, const AtlasFoldSpan *span)
{
  return atlas_region_set_get_region (strip->input->regions, span->summary.first_index);
}

/* The last region that @span stands for. */
static inline const AtlasRegion *
atlas_strip_get_last_region (const AtlasStrip *strip, const AtlasFoldSpan *span)
{
  return atlas_region_set_get_region (strip->input->regions,
                                      span->summary.first_index + span->summary.n_regions - 1);
}

static inline const AtlasRegion *
atlas_strip_get_region_at (const AtlasStrip *strip, AtlasVa va)
{
  return atlas_region_set_get_region (strip->input->regions,
                                      atlas_region_set_find (strip->input->regions, va));
}

/* In less height there is no room for more than bars. */
#define ATLAS_STRIP_LABELLED_MIN_HEIGHT_PX 84u
/* Top of the line of names. */
#define ATLAS_STRIP_NAMES_Y_PX 2.0f

/* From here on pages are told apart. */
#define ATLAS_STRIP_PAGE_MIN_PX 7.0

/* strip-look.c: how one span is painted, and how near it is. */

/* Pixels that a byte at @va takes. */
double atlas_strip_get_byte_px (const AtlasStrip *strip, AtlasVa va);
AtlasPattern atlas_strip_get_pattern (const AtlasStrip *strip, const AtlasFoldSpan *span);
/* TRUE when pages are told apart there. */
gboolean atlas_strip_shows_pages (const AtlasStrip *strip, const AtlasFoldSpan *span);
/* TRUE when bytes are drawn one by one there. */
gboolean atlas_strip_shows_bytes (const AtlasStrip *strip, const AtlasFoldSpan *span);

/* strip-labels.c */
void atlas_strip_draw_names (AtlasStrip *strip);
void atlas_strip_draw_bar_labels (AtlasStrip *strip);

/* strip-break.c, strip-ruler.c */
void atlas_strip_draw_breaks (AtlasStrip *strip);
void atlas_strip_draw_ruler (AtlasStrip *strip);

/* strip-flags.c */
void atlas_strip_draw_flags (AtlasStrip *strip);

/* strip-detail.c */
void atlas_strip_draw_slots (AtlasStrip *strip);
void atlas_strip_draw_pages (AtlasStrip *strip);
void atlas_strip_draw_bytes (AtlasStrip *strip);

G_END_DECLS
