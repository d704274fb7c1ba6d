/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/viewport.h"

/* The rungs that PgUp and PgDn go up and down: a line of bytes, then what one entry of each level
 * covers, then the whole. */
#define BYTES_RUNG_BYTES 64
#define RUNG_MARGIN 0.1
/* Less than this is no other rung: a place that is gone back to is rounded to steps of the zoom. */
#define ZOOM_SLOP 1.5

static guint
get_whole_rung (AtlasViewport *self)
{
  return atlas_axis_get_n_levels (atlas_viewport_get_axis (self)) + 1u;
}

static guint64
get_rung_bytes (guint rung)
{
  return rung == 0 ? BYTES_RUNG_BYTES : atlas_level_span_bytes (rung);
}

static AtlasView
get_rung_view (AtlasViewport *self, guint rung)
{
  AtlasDocument *document = atlas_viewport_get_document (self);
  AtlasAxis *axis = atlas_viewport_get_axis (self);
  AtlasView target = atlas_viewport_get_target (self);
  guint64 span_bytes;
  AtlasVa va;

  if (rung == get_whole_rung (self))
    return atlas_view_whole (axis, target.width_px);
  span_bytes = get_rung_bytes (rung);
  va = atlas_document_has_selection (document)
         ? atlas_document_get_selected_va (document)
         : atlas_view_x_to_va (&target, axis, target.width_px / 2.0);
  va &= ~(span_bytes - 1);
  return atlas_view_fit (axis, target.width_px, va, va + (span_bytes - 1), RUNG_MARGIN);
}

/* The next rung that shows clearly more, or less, than what is seen. A collapsed axis has no one
 * scale, but every rung's view has a zoom. */
static guint
find_rung (AtlasViewport *self, gboolean is_up)
{
  AtlasView target = atlas_viewport_get_target (self);
  guint whole_rung = get_whole_rung (self);

  for (guint i = 0; i < whole_rung; i++)
    {
      guint rung = is_up ? i : whole_rung - i;
      double zoom = get_rung_view (self, rung).zoom;

      if (is_up ? zoom > target.zoom + ZOOM_SLOP : zoom < target.zoom - ZOOM_SLOP)
        return rung;
    }
  return is_up ? whole_rung : 0;
}

static void
go_to_rung (AtlasViewport *self, gboolean is_up)
{
  if (atlas_viewport_get_axis (self) != NULL)
    atlas_viewport_go_to (self, get_rung_view (self, find_rung (self, is_up)));
}

void
atlas_viewport_level_in (AtlasViewport *self)
{
  go_to_rung (self, FALSE);
}

void
atlas_viewport_level_out (AtlasViewport *self)
{
  go_to_rung (self, TRUE);
}
