/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/place-history.h"

#define BURST_US (900 * 1000)
#define PLACES_MAX 100u

struct _AtlasPlaceHistory
{
  GArray *back;    /* of AtlasPlace, the nearest last */
  GArray *forward; /* of AtlasPlace, the nearest last */
  gint64 last_burst_us;
};

AtlasPlaceHistory *
atlas_place_history_new (void)
{
  AtlasPlaceHistory *history = g_new0 (AtlasPlaceHistory, 1);

  history->back = g_array_new (FALSE, FALSE, sizeof (AtlasPlace));
  history->forward = g_array_new (FALSE, FALSE, sizeof (AtlasPlace));
  return history;
}

void
atlas_place_history_free (AtlasPlaceHistory *history)
{
  g_array_unref (history->back);
  g_array_unref (history->forward);
  g_free (history);
}

void
atlas_place_history_clear (AtlasPlaceHistory *history)
{
  g_array_set_size (history->back, 0);
  g_array_set_size (history->forward, 0);
}

void
atlas_place_history_leave (AtlasPlaceHistory *history, AtlasPlace here, gboolean is_burst)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean is_same_burst = is_burst && now_us - history->last_burst_us < BURST_US;

  history->last_burst_us = is_burst ? now_us : 0;
  if (is_same_burst)
    return;
  g_array_append_val (history->back, here);
  if (history->back->len > PLACES_MAX)
    g_array_remove_index (history->back, 0);
  g_array_set_size (history->forward, 0);
}

gboolean
atlas_place_history_can_go_back (AtlasPlaceHistory *history)
{
  return history->back->len > 0;
}

gboolean
atlas_place_history_can_go_forward (AtlasPlaceHistory *history)
{
  return history->forward->len > 0;
}

static AtlasPlace
travel (AtlasPlaceHistory *history, GArray *from, GArray *to, AtlasPlace here)
{
  AtlasPlace there;

  g_assert (from->len > 0);

  there = g_array_index (from, AtlasPlace, from->len - 1);
  g_array_set_size (from, from->len - 1);
  g_array_append_val (to, here);
  history->last_burst_us = 0;
  return there;
}

AtlasPlace
atlas_place_history_go_back (AtlasPlaceHistory *history, AtlasPlace here)
{
  return travel (history, history->back, history->forward, here);
}

AtlasPlace
atlas_place_history_go_forward (AtlasPlaceHistory *history, AtlasPlace here)
{
  return travel (history, history->forward, history->back, here);
}
