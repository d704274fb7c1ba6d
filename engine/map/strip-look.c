/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/strip-private.h"

#define BYTE_MIN_PX 20.0

AtlasPattern
atlas_strip_get_pattern (const AtlasStrip *strip, const AtlasFoldSpan *span)
{
  const AtlasRegion *region = atlas_strip_get_first_region (strip, span);

  if (span->summary.top_class == ATLAS_CLASS_NEVER)
    return ATLAS_PATTERN_NEVER;
  if (span->summary.n_regions > 1 && span->summary.committed_bytes > 0)
    return ATLAS_PATTERN_FOLD;
  if (span->summary.n_regions > 1)
    return ATLAS_PATTERN_HATCH;
  switch (region->state)
    {
    case ATLAS_STATE_COMMIT:
      return (region->protect & ATLAS_PAGE_GUARD) != 0 ? ATLAS_PATTERN_CROSS_HATCH
                                                       : ATLAS_PATTERN_SOLID;
    case ATLAS_STATE_RESERVE:
    case ATLAS_STATE_OUTSIDE:
    case ATLAS_STATE_FREE:
      return ATLAS_PATTERN_HATCH;
    }
  g_assert_not_reached ();
}

double
atlas_strip_get_byte_px (const AtlasStrip *strip, AtlasVa va)
{
  return 1.0 / atlas_view_get_bytes_per_px (&strip->input->view, strip->input->axis, va);
}

gboolean
atlas_strip_shows_bytes (const AtlasStrip *strip, const AtlasFoldSpan *span)
{
  return span->summary.n_regions == 1 && strip->bars_height_px >= 40.0f &&
         atlas_strip_get_byte_px (strip, span->first_va) >= BYTE_MIN_PX;
}

gboolean
atlas_strip_shows_pages (const AtlasStrip *strip, const AtlasFoldSpan *span)
{
  return span->summary.n_regions == 1 && !atlas_strip_shows_bytes (strip, span) &&
         atlas_strip_get_byte_px (strip, span->first_va) * (double) ATLAS_PAGE_BYTES >=
           ATLAS_STRIP_PAGE_MIN_PX;
}
