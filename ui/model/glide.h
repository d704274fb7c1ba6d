/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasGlide: how far a movement has come, by the frame clock.
 *
 *   1 ┤        ╭─────      fast at first, then coming to rest: 1 − (1 − t)³
 *     │    ╭───╯
 *   0 ┼────╯─────────
 *     first frame   + duration_us
 */

#include <glib.h>

G_BEGIN_DECLS

/* A notch must keep up with the wheel; a jump must be followed by the eye. */
#define ATLAS_GLIDE_NOTCH_US (160 * 1000)
#define ATLAS_GLIDE_JUMP_US (450 * 1000)
/* At its start it is this much faster than on average. */
#define ATLAS_GLIDE_START_SPEED 3

/* { FALSE } stands still. */
typedef struct
{
  gboolean is_running;
  gint64 start_us; /* 0: starts with the next frame */
  gint64 duration_us;
} AtlasGlide;

static inline AtlasGlide
atlas_glide_start (gint64 duration_us)
{
  return (AtlasGlide){ .is_running = TRUE, .duration_us = duration_us };
}

/* How much of the way is done, 0 … 1, at @frame_time_us; at 1 it stands still. */
static inline double
atlas_glide_advance (AtlasGlide *glide, gint64 frame_time_us)
{
  double rest;

  if (!glide->is_running)
    return 1;
  if (glide->start_us == 0)
    glide->start_us = frame_time_us;
  rest = 1 - (double) MAX (frame_time_us - glide->start_us, 0) / (double) glide->duration_us;
  glide->is_running = rest > 0;
  return glide->is_running ? 1 - rest * rest * rest : 1;
}

G_END_DECLS
