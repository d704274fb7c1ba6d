/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/history-measures.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"

typedef enum
{
  MEASURE_COMMITTED,
  MEASURE_RESERVED,
  MEASURE_LARGEST_FREE,
  MEASURE_FRAGMENTATION,
} Measure;

static const char *const names[ATLAS_N_HISTORY_MEASURES] = {
  [MEASURE_COMMITTED] = N_ ("committed"),
  [MEASURE_RESERVED] = N_ ("reserved"),
  [MEASURE_LARGEST_FREE] = N_ ("largest free"),
  [MEASURE_FRAGMENTATION] = N_ ("fragmentation"),
};

/* Sizes below 2^53 are exact in a double: no address space has more bytes than 2^47 pages. */
static double
get_value (AtlasHistory *history, guint measure, guint moment)
{
  const AtlasTypeTotals *totals = atlas_history_get_totals (history, moment);

  if (totals == NULL)
    return NAN;
  switch ((Measure) measure)
    {
    case MEASURE_COMMITTED:
      return (double) totals->all.committed_bytes;
    case MEASURE_RESERVED:
      return (double) totals->all.reserved_bytes;
    case MEASURE_LARGEST_FREE:
      return (double) totals->largest_free_bytes;
    case MEASURE_FRAGMENTATION:
      return totals->fragmentation;
    }
  g_assert_not_reached ();
}

/* (transfer full) */
static char *
format_value (guint measure, double value)
{
  if (isnan (value))
    return g_strdup ("—");
  if (measure == MEASURE_FRAGMENTATION)
    return g_strdup_printf (_ ("%.1f %%"), value * 100.0);
  return atlas_format_size ((guint64) value);
}

/* (transfer full) */
static char *
format_scale (guint measure, const double *values, guint n_values)
{
  double least = NAN, most = NAN;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  for (guint i = 0; i < n_values; i++)
    {
      least = fmin (least, values[i]);
      most = fmax (most, values[i]);
    }
  first = format_value (measure, least);
  last = format_value (measure, most);
  /* What never changes has no scale. */
  return g_str_equal (first, last) ? g_strdup ("") : g_strdup_printf ("%s – %s", first, last);
}

void
atlas_history_measures_draw (AtlasDisplayList *list,
                             AtlasHistory *history,
                             guint now,
                             guint width_px,
                             guint height_px)
{
  guint n_moments;
  g_autofree double *values = NULL;
  char *texts[2][ATLAS_N_HISTORY_MEASURES];
  AtlasMeasure measures[ATLAS_N_HISTORY_MEASURES];
  AtlasMeasureStripInput input;

  g_return_if_fail (list != NULL && history != NULL);

  n_moments = atlas_history_get_n_moments (history);
  g_return_if_fail (now < n_moments);

  values = g_new (double, (gsize) n_moments *ATLAS_N_HISTORY_MEASURES);
  for (guint i = 0; i < ATLAS_N_HISTORY_MEASURES; i++)
    {
      double *row = values + (gsize) i * n_moments;

      for (guint moment = 0; moment < n_moments; moment++)
        row[moment] = get_value (history, i, moment);
      texts[0][i] = format_value (i, row[now]);
      texts[1][i] = format_scale (i, row, n_moments);
      measures[i] = (AtlasMeasure){ _ (names[i]), texts[0][i], texts[1][i], row };
    }
  input = (AtlasMeasureStripInput){
    .measures = measures,
    .n_measures = ATLAS_N_HISTORY_MEASURES,
    .n_moments = n_moments,
    .now = now,
    .width_px = width_px,
    .height_px = height_px,
  };
  atlas_measure_strip_draw (list, &input);
  for (guint i = 0; i < ATLAS_N_HISTORY_MEASURES; i++)
    {
      g_free (texts[0][i]);
      g_free (texts[1][i]);
    }
}

static guint
pick (AtlasHistory *history, guint width_px, double x_px, guint *measure)
{
  AtlasMeasureStripInput input = {
    .n_measures = ATLAS_N_HISTORY_MEASURES,
    .n_moments = atlas_history_get_n_moments (history),
    .width_px = width_px,
  };

  return atlas_measure_strip_pick (&input, x_px, measure);
}

guint
atlas_history_measures_pick (AtlasHistory *history, guint width_px, double x_px)
{
  guint measure;

  g_return_val_if_fail (history != NULL, 0);

  return pick (history, width_px, x_px, &measure);
}

char *
atlas_history_measures_tell (AtlasHistory *history, guint width_px, double x_px)
{
  guint measure, moment, position;
  g_autofree char *value = NULL;

  g_return_val_if_fail (history != NULL, NULL);

  moment = pick (history, width_px, x_px, &measure);
  if (atlas_history_get_totals (history, moment) == NULL)
    return NULL;
  position = atlas_history_get_position (history, moment);
  value = format_value (measure, get_value (history, measure, moment));
  return g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "%u command · %s %s", "%u commands · %s %s", position),
    position,
    _ (names[measure]),
    value);
}

char *
atlas_history_measures_describe (AtlasHistory *history, guint moment)
{
  g_autoptr (GString) text = NULL;

  g_return_val_if_fail (history != NULL, NULL);

  if (atlas_history_get_totals (history, moment) == NULL)
    return NULL;
  text = g_string_new (NULL);
  for (guint i = 0; i < ATLAS_N_HISTORY_MEASURES; i++)
    {
      g_autofree char *value = format_value (i, get_value (history, i, moment));

      g_string_append_printf (text, "%s%s %s", i > 0 ? " · " : "", _ (names[i]), value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
