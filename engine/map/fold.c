/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/fold.h"

#include <math.h>

typedef struct
{
  GArray *spans;
  const AtlasRegionSet *regions;
  double units_per_px;
  gint64 left_u;
  gint width_px;
  gint next_x_px;
  /* The segment at work, its visible part. */
  const AtlasAxisSegment *segment;
  AtlasVa first_va;
  AtlasVa last_va;
} Folding;

gboolean
atlas_region_class_is_bare (AtlasRegionClass region_class)
{
  switch (region_class)
    {
    case ATLAS_CLASS_FREE:
    case ATLAS_CLASS_HOLE:
    case ATLAS_CLASS_UNUSABLE:
      return TRUE;
    case ATLAS_CLASS_KERNEL:
    case ATLAS_CLASS_CFG:
    case ATLAS_CLASS_MAPPED:
    case ATLAS_CLASS_IMAGE:
    case ATLAS_CLASS_PRIVATE:
    case ATLAS_CLASS_HEAP:
    case ATLAS_CLASS_STACK:
    case ATLAS_CLASS_SYSTEM:
    case ATLAS_CLASS_NEVER:
    case ATLAS_N_CLASSES:
      return FALSE;
    }
  g_assert_not_reached ();
}

gboolean
atlas_fold_span_is_bare (const AtlasFoldSpan *span)
{
  return atlas_region_class_is_bare (span->summary.top_class);
}

/* Where the byte after @va begins, @va inside the segment. */
static double
end_x (const Folding *folding, AtlasVa va)
{
  const AtlasAxisSegment *segment = folding->segment;
  guint64 offset_u;

  if (va == segment->last_va)
    offset_u = segment->length_u;
  else if (segment->shift >= 0)
    offset_u = (va - segment->first_va + 1) << segment->shift;
  else
    offset_u = (va - segment->first_va + 1) >> -segment->shift;
  return (double) ((gint64) (segment->first_u + offset_u) - folding->left_u) /
         folding->units_per_px;
}

static double
start_x (const Folding *folding, AtlasVa va)
{
  if (va == folding->segment->first_va)
    return (double) ((gint64) folding->segment->first_u - folding->left_u) / folding->units_per_px;
  return end_x (folding, va - 1);
}

/* Last address whose byte begins before @x_px, in the visible part. */
static AtlasVa
last_va_before (const Folding *folding, gint x_px)
{
  const AtlasAxisSegment *segment = folding->segment;
  gint64 u =
    folding->left_u + (gint64) ceil (x_px * folding->units_per_px) - 1 - (gint64) segment->first_u;
  AtlasVa va;

  if (u < 0)
    return folding->first_va;
  if ((guint64) u >= segment->length_u)
    return folding->last_va;
  va = segment->first_va +
       (segment->shift >= 0 ? (guint64) u >> segment->shift : (guint64) u << -segment->shift);
  return CLAMP (va, folding->first_va, folding->last_va);
}

static gboolean
is_wide (const Folding *folding, const AtlasRegion *region)
{
  AtlasVa first_va = MAX (region->base_va, folding->segment->first_va);
  AtlasVa last_va = MIN (atlas_region_get_last_va (region), folding->segment->last_va);

  return end_x (folding, last_va) - start_x (folding, first_va) >= ATLAS_FOLD_MIN_PX;
}

/* What is used grows at the expense of what is bare, by less than a pixel at each end. */
static void
add_span (Folding *folding, AtlasVa first_va, AtlasVa last_va)
{
  AtlasFoldSpan span = { .x_px = folding->next_x_px, .first_va = first_va, .last_va = last_va };
  AtlasFoldSpan *before = NULL;
  double x_px = end_x (folding, last_va);

  if (folding->spans->len > 0)
    before = &g_array_index (folding->spans, AtlasFoldSpan, folding->spans->len - 1);
  atlas_region_set_summarize (folding->regions, first_va, last_va, &span.summary);
  x_px = CLAMP (x_px, 0.0, (double) folding->width_px);
  x_px = atlas_fold_span_is_bare (&span) ? floor (x_px) : ceil (x_px);
  span.width_px = MAX ((gint) x_px, span.x_px + 1) - span.x_px;
  if (span.x_px + span.width_px > folding->width_px)
    span.width_px = folding->width_px - span.x_px;

  /* At the right edge, what was pushed out of the picture gets its last pixel all the same. */
  if (span.width_px <= 0 && before != NULL && before->width_px > 1)
    {
      before->width_px--;
      span.x_px--;
      span.width_px = 1;
    }
  /* A region that goes on in the next segment, or no pixel left. */
  if (before != NULL &&
      (span.width_px <= 0 || (before->summary.n_regions == 1 && span.summary.n_regions == 1 &&
                              before->summary.first_index == span.summary.first_index)))
    {
      before->last_va = last_va;
      before->width_px += MAX (span.width_px, 0);
      atlas_region_set_summarize (
        folding->regions, before->first_va, before->last_va, &before->summary);
      folding->next_x_px = before->x_px + before->width_px;
      return;
    }
  if (span.width_px <= 0)
    return;
  g_array_append_val (folding->spans, span);
  folding->next_x_px = span.x_px + span.width_px;
}

/* The last address that shares a span with @va. */
static AtlasVa
find_span_end (const Folding *folding, AtlasVa va)
{
  const AtlasRegion *region =
    atlas_region_set_get_region (folding->regions, atlas_region_set_find (folding->regions, va));
  AtlasVa region_last_va = MIN (atlas_region_get_last_va (region), folding->last_va);
  AtlasVa last_va;

  if (is_wide (folding, region))
    return region_last_va;
  last_va = last_va_before (folding, (gint) floor (start_x (folding, va)) + ATLAS_FOLD_MIN_PX);
  if (last_va <= region_last_va)
    return region_last_va;
  /* Regions are not cut: the one that crosses the border belongs to the next span. */
  region = atlas_region_set_get_region (folding->regions,
                                        atlas_region_set_find (folding->regions, last_va));
  if (atlas_region_get_last_va (region) > last_va || is_wide (folding, region))
    last_va = region->base_va - 1;
  return last_va;
}

static void
fold_segment (Folding *folding)
{
  AtlasVa va = folding->first_va;

  for (;;)
    {
      AtlasVa last_va = find_span_end (folding, va);

      add_span (folding, va, last_va);
      if (last_va >= folding->last_va)
        break;
      va = last_va + 1;
    }
}

void
atlas_fold (GArray *spans,
            const AtlasRegionSet *regions,
            const AtlasAxis *axis,
            const AtlasView *view)
{
  Folding folding = { .spans = spans, .regions = regions };
  AtlasVa first_va, last_va;
  guint last_index;

  g_return_if_fail (spans != NULL && regions != NULL && axis != NULL && view != NULL);

  g_array_set_size (spans, 0);
  folding.units_per_px = atlas_view_get_units_per_px (view);
  folding.left_u = view->left_u;
  folding.width_px = (gint) view->width_px;
  first_va = atlas_view_x_to_va (view, axis, 0);
  last_va = atlas_view_x_to_va (view, axis, view->width_px);
  folding.next_x_px =
    CLAMP ((gint) floor (atlas_view_va_to_x (view, axis, first_va)), 0, folding.width_px - 1);
  last_index = atlas_axis_find_va (axis, last_va);
  for (guint i = atlas_axis_find_va (axis, first_va); i <= last_index; i++)
    {
      folding.segment = atlas_axis_get_segment (axis, i);
      folding.first_va = MAX (first_va, folding.segment->first_va);
      folding.last_va = MIN (last_va, folding.segment->last_va);
      fold_segment (&folding);
    }
}
