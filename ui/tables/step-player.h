/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasStepPlayer: moves a document through its story, by hand or as time goes by.
 *
 *   |◀  ◀  [step]  ▶  ▶|      a move by hand ends what is being played
 *   ▷ ── step_ms ── step …    forwards or backwards, once or again and again
 */

#include <gio/gio.h>

#include "model/document.h"

G_BEGIN_DECLS

typedef struct _AtlasStepPlayer AtlasStepPlayer;

typedef enum
{
  ATLAS_STEP_FIRST,
  ATLAS_STEP_BACK,
  ATLAS_STEP_FORWARD,
  ATLAS_STEP_LAST,
} AtlasStepMove;

/* @changed tells that playing began or ended. */
AtlasStepPlayer *atlas_step_player_new (void (*changed) (gpointer user_data), gpointer user_data);
void atlas_step_player_free (AtlasStepPlayer *player);
/* Before anything moves. Owned from then on. */
void atlas_step_player_set_document (AtlasStepPlayer *player, AtlasDocument *document);

guint atlas_step_player_get_n_steps (AtlasStepPlayer *player);
/* Nothing happens at either end, or where there is no such step. */
void atlas_step_player_move (AtlasStepPlayer *player, AtlasStepMove where);
void atlas_step_player_go_to (AtlasStepPlayer *player, guint step);

/* Plays, from the other end where it stands at one, or stops. */
void atlas_step_player_toggle (AtlasStepPlayer *player);
void atlas_step_player_stop (AtlasStepPlayer *player);
gboolean atlas_step_player_is_playing (AtlasStepPlayer *player);

/* "slow", "normal" or "fast"; another stays without effect. What is being played stops. */
const char *atlas_step_player_get_speed (AtlasStepPlayer *player);
void atlas_step_player_set_speed (AtlasStepPlayer *player, const char *id);
gboolean atlas_step_player_get_backwards (AtlasStepPlayer *player);
void atlas_step_player_set_backwards (AtlasStepPlayer *player, gboolean is_backwards);
gboolean atlas_step_player_get_looping (AtlasStepPlayer *player);
void atlas_step_player_set_looping (AtlasStepPlayer *player, gboolean is_looping);

/* How it plays: how fast, which way, once or again and again, as actions step.speed,
 * step.backwards and step.loop. (transfer full) */
GMenuModel *atlas_step_player_create_menu (void);

G_END_DECLS
