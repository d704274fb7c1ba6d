/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/step-player.h"

#include <glib/gi18n.h>

/* How long a step is shown while the story plays. */
static const struct
{
  const char *id; /* for step.speed */
  const char *name;
  guint step_ms;
} speeds[] = {
  { "slow", N_ ("Slow"), 1500 },
  { "normal", N_ ("Normal"), 700 },
  { "fast", N_ ("Fast"), 250 },
};
#define SPEED_NORMAL 1u

struct _AtlasStepPlayer
{
  AtlasDocument *document; /* owned */
  void (*changed) (gpointer user_data);
  gpointer user_data;

  guint play_id; /* 0: does not play */
  guint speed;   /* index into speeds */
  gboolean is_backwards;
  gboolean is_looping;
};

AtlasStepPlayer *
atlas_step_player_new (void (*changed) (gpointer user_data), gpointer user_data)
{
  AtlasStepPlayer *player = g_new0 (AtlasStepPlayer, 1);

  player->changed = changed;
  player->user_data = user_data;
  player->speed = SPEED_NORMAL;
  return player;
}

void
atlas_step_player_free (AtlasStepPlayer *player)
{
  g_clear_handle_id (&player->play_id, g_source_remove);
  g_clear_object (&player->document);
  g_free (player);
}

void
atlas_step_player_set_document (AtlasStepPlayer *player, AtlasDocument *document)
{
  g_set_object (&player->document, document);
}

/* ---- steps ------------------------------------------------------------------------------------
 */

guint
atlas_step_player_get_n_steps (AtlasStepPlayer *player)
{
  AtlasTrace *trace = atlas_document_get_trace (player->document);

  return trace != NULL ? atlas_trace_get_n_events (trace) : 0;
}

static void
go_to (AtlasStepPlayer *player, guint step)
{
  if (step < atlas_step_player_get_n_steps (player))
    atlas_document_set_step (player->document, step);
}

static void
move (AtlasStepPlayer *player, AtlasStepMove where)
{
  guint step = atlas_document_get_step (player->document);
  guint n_steps = atlas_step_player_get_n_steps (player);

  switch (where)
    {
    case ATLAS_STEP_FIRST:
      go_to (player, 0);
      return;
    case ATLAS_STEP_BACK:
      go_to (player, step > 0 ? step - 1 : 0);
      return;
    case ATLAS_STEP_FORWARD:
      go_to (player, step + 1);
      return;
    case ATLAS_STEP_LAST:
      go_to (player, n_steps > 0 ? n_steps - 1 : 0);
      return;
    }
  g_assert_not_reached ();
}

void
atlas_step_player_move (AtlasStepPlayer *player, AtlasStepMove where)
{
  atlas_step_player_stop (player);
  move (player, where);
}

void
atlas_step_player_go_to (AtlasStepPlayer *player, guint step)
{
  atlas_step_player_stop (player);
  go_to (player, step);
}

/* ---- playing ----------------------------------------------------------------------------------
 */

static gboolean
is_at_end (AtlasStepPlayer *player)
{
  guint step = atlas_document_get_step (player->document);

  return player->is_backwards ? step == 0 : step + 1 >= atlas_step_player_get_n_steps (player);
}

static void
rewind_story (AtlasStepPlayer *player)
{
  move (player, player->is_backwards ? ATLAS_STEP_LAST : ATLAS_STEP_FIRST);
}

static gboolean
play_cb (gpointer user_data)
{
  AtlasStepPlayer *player = user_data;

  if (!is_at_end (player))
    {
      move (player, player->is_backwards ? ATLAS_STEP_BACK : ATLAS_STEP_FORWARD);
      return G_SOURCE_CONTINUE;
    }
  if (player->is_looping && atlas_step_player_get_n_steps (player) > 1)
    {
      rewind_story (player);
      return G_SOURCE_CONTINUE;
    }
  player->play_id = 0;
  player->changed (player->user_data);
  return G_SOURCE_REMOVE;
}

void
atlas_step_player_toggle (AtlasStepPlayer *player)
{
  if (player->play_id != 0)
    {
      atlas_step_player_stop (player);
      return;
    }
  if (is_at_end (player))
    rewind_story (player);
  player->play_id = g_timeout_add (speeds[player->speed].step_ms, play_cb, player);
  player->changed (player->user_data);
}

void
atlas_step_player_stop (AtlasStepPlayer *player)
{
  if (player->play_id == 0)
    return;
  g_clear_handle_id (&player->play_id, g_source_remove);
  player->changed (player->user_data);
}

gboolean
atlas_step_player_is_playing (AtlasStepPlayer *player)
{
  return player->play_id != 0;
}

/* ---- how it plays -----------------------------------------------------------------------------
 */

const char *
atlas_step_player_get_speed (AtlasStepPlayer *player)
{
  return speeds[player->speed].id;
}

void
atlas_step_player_set_speed (AtlasStepPlayer *player, const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++)
    if (g_str_equal (speeds[i].id, id))
      player->speed = i;
  atlas_step_player_stop (player);
}

gboolean
atlas_step_player_get_backwards (AtlasStepPlayer *player)
{
  return player->is_backwards;
}

void
atlas_step_player_set_backwards (AtlasStepPlayer *player, gboolean is_backwards)
{
  player->is_backwards = is_backwards;
}

gboolean
atlas_step_player_get_looping (AtlasStepPlayer *player)
{
  return player->is_looping;
}

void
atlas_step_player_set_looping (AtlasStepPlayer *player, gboolean is_looping)
{
  player->is_looping = is_looping;
}

GMenuModel *
atlas_step_player_create_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) how_fast = g_menu_new ();
  g_autoptr (GMenu) which_way = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++)
    {
      g_autofree char *action = g_strdup_printf ("step.speed::%s", speeds[i].id);

      g_menu_append (how_fast, _ (speeds[i].name), action);
    }
  g_menu_append (which_way, _ ("Backwards"), "step.backwards");
  g_menu_append (which_way, _ ("Again and Again"), "step.loop");
  g_menu_append_section (menu, _ ("Speed"), G_MENU_MODEL (how_fast));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (which_way));
  return G_MENU_MODEL (menu);
}
