/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/history.h"

struct _AtlasHistory
{
  GPtrArray *regions; /* of AtlasRegionSet, NULL where there is no process */
  GArray *positions;  /* guint, ascending */
  GPtrArray *totals;  /* of AtlasTypeTotals; NULL where nobody has asked */
};

static void
clear_regions (gpointer data)
{
  if (data != NULL)
    atlas_region_set_unref (data);
}

AtlasHistory *
atlas_history_new (const AtlasSession *session, guint n_moments_max, GError **error)
{
  g_autoptr (AtlasSession) copy = NULL;
  AtlasHistory *history;
  guint n_commands, n_moments;

  g_return_val_if_fail (session != NULL, NULL);
  g_return_val_if_fail (n_moments_max >= 2, NULL);

  n_commands = atlas_session_get_n_commands (session);
  copy = atlas_session_copy (session, n_commands, error);
  if (copy == NULL)
    return NULL;

  history = g_new0 (AtlasHistory, 1);
  history->regions = g_ptr_array_new_with_free_func (clear_regions);
  history->positions = g_array_new (FALSE, FALSE, sizeof (guint));
  n_moments = MIN (n_commands + 1u, n_moments_max);
  history->totals = g_ptr_array_new_full (n_moments, g_free);
  g_ptr_array_set_size (history->totals, (gint) n_moments);
  for (guint i = 0; i < n_moments; i++)
    {
      guint position =
        n_moments > 1 ? (guint) ((guint64) n_commands * i / (n_moments - 1u)) : n_commands;
      AtlasSpace *space;

      atlas_session_seek (copy, position);
      space = atlas_session_get_space (copy);
      g_array_append_val (history->positions, position);
      g_ptr_array_add (history->regions,
                       space != NULL ? atlas_region_set_ref (atlas_space_get_regions (space))
                                     : NULL);
    }
  return history;
}

void
atlas_history_free (AtlasHistory *history)
{
  g_return_if_fail (history != NULL);

  g_ptr_array_unref (history->regions);
  g_array_unref (history->positions);
  g_ptr_array_unref (history->totals);
  g_free (history);
}

guint
atlas_history_get_n_moments (const AtlasHistory *history)
{
  g_return_val_if_fail (history != NULL, 0);

  return history->positions->len;
}

guint
atlas_history_get_position (const AtlasHistory *history, guint moment)
{
  g_return_val_if_fail (history != NULL, 0);
  g_return_val_if_fail (moment < history->positions->len, 0);

  return g_array_index (history->positions, guint, moment);
}

const AtlasRegionSet *
atlas_history_get_regions (const AtlasHistory *history, guint moment)
{
  g_return_val_if_fail (history != NULL, NULL);
  g_return_val_if_fail (moment < history->regions->len, NULL);

  return g_ptr_array_index (history->regions, moment);
}

const AtlasTypeTotals *
atlas_history_get_totals (AtlasHistory *history, guint moment)
{
  const AtlasRegionSet *regions;

  g_return_val_if_fail (history != NULL, NULL);
  g_return_val_if_fail (moment < history->totals->len, NULL);

  regions = g_ptr_array_index (history->regions, moment);
  if (regions != NULL && g_ptr_array_index (history->totals, moment) == NULL)
    {
      AtlasTypeTotals *totals = g_new (AtlasTypeTotals, 1);

      atlas_type_totals_make (regions, totals);
      g_ptr_array_index (history->totals, moment) = totals;
    }
  return g_ptr_array_index (history->totals, moment);
}

const AtlasRegionSet *const *
atlas_history_peek_regions (const AtlasHistory *history)
{
  g_return_val_if_fail (history != NULL, NULL);

  return (const AtlasRegionSet *const *) history->regions->pdata;
}

guint
atlas_history_find (const AtlasHistory *history, guint position)
{
  guint low = 0, high;

  g_return_val_if_fail (history != NULL, 0);

  high = history->positions->len;
  while (high - low > 1u)
    {
      guint middle = low + (high - low) / 2u;

      if (g_array_index (history->positions, guint, middle) <= position)
        low = middle;
      else
        high = middle;
    }
  return low;
}
