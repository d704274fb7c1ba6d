/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The address strip, its ruler and its minimap, as display lists.
 *
 *   ┌───────┬─╱╲─┬────────────────┬─╱╲─┬───────┐   bars: regions, folded where too small
 *   │▒▒▒▒▒▒▒│ 2GB│▓▓▓░░▓▓▓▓▓▓░░░▓▓│118 │▓▓▓▓▓▓▓│   zigzag: a break in the axis with its size
 *   └───┴───┴────┴──┴───┴───┴───┴─┴────┴──┴────┘   ruler: ticks on table borders
 *   |··|············|··············|··········||   minimap: the true, linear whole
 */

#include "map/flags.h"
#include "map/view.h"

G_BEGIN_DECLS

/* Where the contents of a page are. */
typedef enum
{
  ATLAS_PAGE_PRESENT,     /* mapped */
  ATLAS_PAGE_DEMAND_ZERO, /* nowhere yet: zeros when it is touched */
  ATLAS_PAGE_TRANSITION,  /* still in a frame, no longer mapped */
  ATLAS_PAGE_IN_FILE,     /* in a paging file */
  ATLAS_PAGE_SHARED,      /* a prototype entry tells */
  ATLAS_PAGE_ABSENT,      /* nothing is known of it here */
  ATLAS_N_PAGE_PLACES,
} AtlasPagePlace;

typedef struct
{
  AtlasPagePlace place;
  guint64 entry; /* the last one on its way */
} AtlasPageLook;

typedef struct
{
  const AtlasRegionSet *regions;
  const AtlasAxis *axis;
  AtlasView view;
  guint height_px;
  gboolean has_selection;
  AtlasVa selected_va; /* the one address that all views show */
  gboolean has_hover;
  AtlasVa hover_va;
  gboolean has_range; /* what is being dragged out, or previewed */
  AtlasVa range_first_va;
  AtlasVa range_last_va;
  /* Bytes of a page, for the closest zoom; NULL when there are none. atlas_strip_peek_space() of
   * an AtlasSpace. */
  gsize (*peek) (gpointer data, AtlasVa va, guint8 *bytes, gboolean *is_known, gsize size_bytes);
  gpointer peek_data;
  /* Where a page is, from nearer than regions; FALSE or NULL when nobody knows. */
  gboolean (*get_page) (gpointer data, AtlasVa va, AtlasPageLook *look);
  gpointer page_data;
  const AtlasFlag *flags; /* places with names */
  guint n_flags;
} AtlasStripInput;

/* AtlasStripInput.peek; its data is an AtlasSpace. */
ATLAS_AVAILABLE gsize atlas_strip_peek_space (gpointer space,
                                              AtlasVa va,
                                              guint8 *bytes,
                                              gboolean *is_known,
                                              gsize size_bytes);

/* How strongly the rights of a bar darken it at most, in the text's colour. More, and black words
 * on orange could not be read (WCAG 2.1, 1.4.3). */
#define ATLAS_STRIP_VEIL_MAX 0.2f

/* "present", "demand zero", … */
ATLAS_AVAILABLE const char *atlas_page_place_get_name (AtlasPagePlace place);

/* Replaces what is in @list. Cost follows the width in pixels, not the number of regions; at most
 * about 2,000 marks. */
ATLAS_AVAILABLE void atlas_strip_draw (AtlasDisplayList *list, const AtlasStripInput *input);

/* A hit: which regions stand under a pixel column. */
typedef struct
{
  AtlasVa va;
  guint64 region_index; /* the region that the mark stands for */
  guint64 n_regions;    /* > 1: folded */
  gboolean is_break;
} AtlasStripHit;

/* What atlas_strip_draw() shows at that point; beside the strip, what is nearest. */
ATLAS_AVAILABLE void
atlas_strip_pick (const AtlasStripInput *input, double x_px, double y_px, AtlasStripHit *hit);

/* Where the flags stand. In a strip without room for names there are none. Cost: a step a flag. */
ATLAS_AVAILABLE void atlas_strip_mark_flags (const AtlasStripInput *input, AtlasFlagMarks *marks);

typedef struct
{
  const AtlasRegionSet *regions;
  AtlasVa first_va; /* what the minimap spans, linearly */
  AtlasVa last_va;
  guint width_px;
  guint height_px;
  AtlasVa seen_first_va; /* the bracket */
  AtlasVa seen_last_va;
  gboolean has_selection;
  AtlasVa selected_va;
  const AtlasFlag *flags;
  guint n_flags;
} AtlasMinimapInput;

/* Replaces what is in @list. Cost follows the width. */
ATLAS_AVAILABLE void atlas_minimap_draw (AtlasDisplayList *list, const AtlasMinimapInput *input);
ATLAS_AVAILABLE AtlasVa atlas_minimap_x_to_va (const AtlasMinimapInput *input, double x_px);

ATLAS_AVAILABLE void atlas_minimap_mark_flags (const AtlasMinimapInput *input,
                                               AtlasFlagMarks *marks);

/* What lies under a place of the minimap: the bracket can be moved, and its ends pulled. */
typedef enum
{
  ATLAS_MINIMAP_OUTSIDE,
  ATLAS_MINIMAP_BODY,
  ATLAS_MINIMAP_FIRST, /* the handle at the lower end */
  ATLAS_MINIMAP_LAST,
} AtlasMinimapPart;

ATLAS_AVAILABLE AtlasMinimapPart atlas_minimap_pick (const AtlasMinimapInput *input, double x_px);

G_END_DECLS
