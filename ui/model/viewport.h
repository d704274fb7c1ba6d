/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasViewport: what is seen of the document's space. Owns the axis, the view, its animation and
 * the history of places; knows no widget. Gestures, actions and tests call the same methods.
 *
 *   wheel, drag, keys ─► target view ─► advance (frame time) ─► view ─► "changed"
 */

#include "map/view.h"
#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_VIEWPORT (atlas_viewport_get_type ())
G_DECLARE_FINAL_TYPE (AtlasViewport, atlas_viewport, ATLAS, VIEWPORT, GObject)

/* How the map lays out addresses; the numbers are the setting's. */
typedef enum
{
  ATLAS_LAYOUT_COLLAPSED, /* a strip, long empty stretches shortened */
  ATLAS_LAYOUT_LINEAR,    /* a strip, true to scale */
  ATLAS_LAYOUT_AREA,      /* a plane along a Hilbert curve; beside it the collapsed strip goes on */
} AtlasLayout;

AtlasViewport *atlas_viewport_new (AtlasDocument *document);

AtlasDocument *atlas_viewport_get_document (AtlasViewport *self);
/* Borrowed until "changed"; NULL while the document is empty. */
AtlasAxis *atlas_viewport_get_axis (AtlasViewport *self);
/* What is drawn now, and where it is heading. */
AtlasView atlas_viewport_get_view (AtlasViewport *self);
AtlasView atlas_viewport_get_target (AtlasViewport *self);
void atlas_viewport_get_seen (AtlasViewport *self, AtlasVa *first_va, AtlasVa *last_va);

/* Bytes that fit into the width at the scale of the middle: what is seen, breaks left out. */
double atlas_viewport_get_scale_bytes (AtlasViewport *self);

/* Bytes a pixel at the selected address where it is seen, else in the middle. */
double atlas_viewport_get_bytes_per_px (AtlasViewport *self);

AtlasLayout atlas_viewport_get_layout (AtlasViewport *self);
void atlas_viewport_set_layout (AtlasViewport *self, AtlasLayout layout);
/* Show all 2^64 addresses, or the user half alone. */
gboolean atlas_viewport_get_whole_space (AtlasViewport *self);
void atlas_viewport_set_whole_space (AtlasViewport *self, gboolean whole_space);

void atlas_viewport_set_width (AtlasViewport *self, guint width_px);
/* How much larger than its own pixels the map is drawn, where text is large; what stands beside it
 * is drawn so too. Default 1. */
void atlas_viewport_set_drawn_scale (AtlasViewport *self, double scale);
double atlas_viewport_get_drawn_scale (AtlasViewport *self);
void atlas_viewport_set_animate (AtlasViewport *self, gboolean animate);

/* What a key does: in by @zoom_steps, or @pan_share of the width to higher addresses. On the strip
 * about the selection, where it is seen; an area knows more than one direction, and whoever shows
 * it goes there: it is told by "stepped" (int, double). */
void atlas_viewport_step (AtlasViewport *self, gint zoom_steps, double pan_share);
/* @steps > 0 goes in, in eighths of an octave; further calls add to the target. */
void atlas_viewport_zoom_at (AtlasViewport *self, gint steps, double x_px);
void atlas_viewport_pan (AtlasViewport *self, double delta_px);
/* Lets go of a pan at @velocity_px_s: it runs on and comes to rest. */
void atlas_viewport_fling (AtlasViewport *self, double velocity_px_s);
/* Brings @va to the middle without changing the scale. */
void atlas_viewport_centre (AtlasViewport *self, AtlasVa va);
void atlas_viewport_fit (AtlasViewport *self, AtlasVa first_va, AtlasVa last_va);
/* At once and without a margin, as part of a movement that a hand makes; a burst of these is one
 * place in the history. */
void atlas_viewport_show (AtlasViewport *self, AtlasVa first_va, AtlasVa last_va);
/* A jump to @view. */
void atlas_viewport_go_to (AtlasViewport *self, AtlasView view);
/* Ends an animation where it is: somebody took hold of the map. */
void atlas_viewport_stop (AtlasViewport *self);
void atlas_viewport_fit_selection (AtlasViewport *self);
void atlas_viewport_whole (AtlasViewport *self);
gboolean atlas_viewport_is_whole (AtlasViewport *self);
/* Scroll @va into view without changing the scale, as little as needed. */
void atlas_viewport_reveal (AtlasViewport *self, AtlasVa va);
/* One table level nearer to or farther from the selected address: 512 GB, 1 GB, 2 MB, 4 KB, bytes.
 */
void atlas_viewport_level_in (AtlasViewport *self);
void atlas_viewport_level_out (AtlasViewport *self);

gboolean atlas_viewport_can_go_back (AtlasViewport *self);
gboolean atlas_viewport_can_go_forward (AtlasViewport *self);
void atlas_viewport_go_back (AtlasViewport *self);
void atlas_viewport_go_forward (AtlasViewport *self);

/* Moves an animation on to @frame_time_us; TRUE while it still runs. Emits "changed" when the view
 * did. */
gboolean atlas_viewport_advance (AtlasViewport *self, gint64 frame_time_us);
gboolean atlas_viewport_is_animating (AtlasViewport *self);

/* The pointer, for the hover line and the status; @has_hover FALSE when it left. */
void atlas_viewport_set_hover (AtlasViewport *self, gboolean has_hover, AtlasVa va);
gboolean atlas_viewport_get_hover (AtlasViewport *self, AtlasVa *va);

G_END_DECLS
