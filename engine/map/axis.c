/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/axis.h"

#include <math.h>

/* How a collapsed axis is made. Neighbouring regions form runs; a run is drawn linearly. In the
 * beginning there is one run. As long as some run would spend more of the picture on its largest
 * stretches (huge regions, or pieces of empty space) than a break would cost, the run is cut at the
 * largest, which becomes a break. Lengths below are in pixels of a nominal picture about 1,200
 * pixels wide, which holds U_PER_PX units each; they were chosen by eye.
 */
#define U_PER_PX (G_GUINT64_CONSTANT (1) << 49)
/* Enough for every process met so far to stand apart, and few enough for 900 pixels. */
#define MAX_RUNS 32u
/* A break must save this many times its own length. */
#define BREAK_GAIN 2.0
/* A stretch is large when it is this part of its run. */
#define WASTE_PART 0.125
#define OVERWHELMING_PART 0.85
#define ALWAYS_BREAK_BYTES ATLAS_GB (1)
/* What is used is only shortened when it is really huge: the 2 TB bitmap of Control Flow Guard, the
 * gigabytes that an allocator reserves and hardly touches. */
#define USED_BREAK_MIN_BYTES ATLAS_MB (64)
/* Scale of a linear axis, and the finest of any break in half of a 48-bit space: 64 units a byte,
 * so that at 32 pixels a byte one unit is half a pixel. */
#define LINEAR_SHIFT 6
#define MAX_SHIFT 40
#define MAX_LENGTH_LOG2 62

/* Longer stretches get longer breaks: room to write how long they are. */
static const struct
{
  guint64 min_bytes;
  double length_px;
} break_lengths[] = {
  { ATLAS_GB (1), 40.0 },
  { ATLAS_MB (16), 18.0 },
  { ATLAS_MB (1), 14.0 },
  { 0, 8.0 },
};

struct _AtlasAxis
{
  guint n_levels;
  guint n_segments;
  guint64 length_u;
  AtlasAxisSegment *segments;
};

/* Regions that are not listed are not looked at one by one; about so many stretches serve for them,
 * and where they stand closest, a stretch is a crowd. */
#define STRETCHES_MAX (G_GUINT64_CONSTANT (1) << 14)

/* One region, neighbouring free ones, or a crowd. */
typedef struct
{
  AtlasVa first_va;
  AtlasVa last_va;
  guint n_used; /* regions that somebody allocated */
  gboolean is_free;
  gboolean is_hole;
} Stretch;

/* stretches[begin, end), drawn at one scale. */
typedef struct
{
  guint begin;
  guint end;
  guint n_used;
  guint largest;
  double excess_px; /* what breaks at the largest stretches would save */
} Run;

static Stretch
make_stretch (const AtlasRegion *region, AtlasVa first_va, AtlasVa last_va)
{
  Stretch stretch = {
    .first_va = MAX (region->base_va, first_va),
    .last_va = MIN (atlas_region_get_last_va (region), last_va),
  };

  switch (region->region_class)
    {
    case ATLAS_CLASS_FREE:
    case ATLAS_CLASS_UNUSABLE:
      stretch.is_free = TRUE;
      return stretch;
    case ATLAS_CLASS_HOLE:
      stretch.is_hole = TRUE;
      return stretch;
    case ATLAS_CLASS_NEVER:
      return stretch;
    case ATLAS_CLASS_KERNEL:
    case ATLAS_CLASS_CFG:
    case ATLAS_CLASS_MAPPED:
    case ATLAS_CLASS_IMAGE:
    case ATLAS_CLASS_PRIVATE:
    case ATLAS_CLASS_HEAP:
    case ATLAS_CLASS_STACK:
    case ATLAS_CLASS_SYSTEM:
    case ATLAS_N_CLASSES:
      stretch.n_used = 1;
      return stretch;
    }
  g_assert_not_reached ();
}

/* Neighbouring free stretches are one, and so are the two parts of a region that was halved. */
static void
append_stretch (GArray *stretches, const Stretch *stretch, gboolean is_same_region)
{
  Stretch *before =
    stretches->len > 0 ? &g_array_index (stretches, Stretch, stretches->len - 1) : NULL;

  if (before != NULL && (is_same_region || (before->is_free && stretch->is_free)))
    before->last_va = stretch->last_va;
  else
    g_array_append_vals (stretches, stretch, 1);
}

static guint64
count_regions (const AtlasRegionSet *set, AtlasVa first_va, AtlasVa last_va)
{
  AtlasRegionSummary summary;

  atlas_region_set_summarize (set, first_va, last_va, &summary);
  return summary.n_regions;
}

/* Halves the range until its part of @n_max stretches is enough for its regions, or none is left.
 */
static void
collect_stretches (const AtlasRegionSet *set,
                   AtlasVa first_va,
                   AtlasVa last_va,
                   guint64 n_max,
                   GArray *stretches)
{
  AtlasRegionSummary summary;

  atlas_region_set_summarize (set, first_va, last_va, &summary);
  if (summary.n_regions > n_max && n_max > 1)
    {
      AtlasVa middle_va = first_va + (last_va - first_va) / 2;
      guint64 n_below = count_regions (set, first_va, middle_va);
      guint64 n_above = count_regions (set, middle_va + 1, last_va);
      guint64 n_max_below = n_max / 2;

      /* What one half does not need, the other may use. */
      if (n_below < n_max / 2)
        n_max_below = n_below;
      else if (n_above < n_max / 2)
        n_max_below = n_max - n_above;
      collect_stretches (set, first_va, middle_va, n_max_below, stretches);
      collect_stretches (set, middle_va + 1, last_va, n_max - n_max_below, stretches);
      return;
    }
  if (summary.n_regions > n_max)
    {
      const Stretch crowd = { .first_va = first_va,
                              .last_va = last_va,
                              .n_used = (guint) MIN (summary.n_regions, G_MAXUINT) };

      append_stretch (stretches, &crowd, FALSE);
      return;
    }
  for (guint64 i = summary.first_index; i < summary.first_index + summary.n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);
      const Stretch stretch = make_stretch (region, first_va, last_va);

      append_stretch (stretches,
                      &stretch,
                      stretches->len > 0 && region->base_va < first_va &&
                        g_array_index (stretches, Stretch, stretches->len - 1).n_used <= 1);
    }
}

static double
span_bytes (AtlasVa first_va, AtlasVa last_va)
{
  return (double) (last_va - first_va) + 1.0;
}

static double
break_length_px (double size_bytes)
{
  for (guint i = 0; i < G_N_ELEMENTS (break_lengths); i++)
    if (size_bytes >= (double) break_lengths[i].min_bytes)
      return break_lengths[i].length_px;
  g_assert_not_reached ();
}

/* Grows slowly with what is in the run, so that one page is seen beside a thousand. */
static double
run_length_px (double size_bytes, guint n_used)
{
  double pages_log2 = log2 (MAX (size_bytes / (double) ATLAS_PAGE_BYTES, 1.0));

  return MIN (6.0 + 9.0 * sqrt (MAX (n_used, 1.0)), 300.0) + 1.5 * MIN (pages_log2, 32.0);
}

static Run
measure_run (const GArray *stretches, guint begin, guint end)
{
  Run run = { .begin = begin, .end = end, .largest = begin };
  const Stretch *all = (const Stretch *) (gpointer) stretches->data;
  double size_bytes = span_bytes (all[begin].first_va, all[end - 1].last_va);
  double largest_bytes = 0.0;
  double wasted_bytes = 0.0;

  for (guint i = begin; i < end; i++)
    {
      double stretch_bytes = span_bytes (all[i].first_va, all[i].last_va);

      run.n_used += MIN (all[i].n_used, G_MAXUINT - run.n_used);
      /* A crowd is not uniform: it is never shortened. */
      if (all[i].n_used > 1 ||
          (all[i].n_used == 1 && stretch_bytes < (double) USED_BREAK_MIN_BYTES))
        continue;
      if (stretch_bytes >= size_bytes * WASTE_PART)
        wasted_bytes += stretch_bytes;
      if (stretch_bytes > largest_bytes)
        {
          largest_bytes = stretch_bytes;
          run.largest = i;
        }
    }
  if (end - begin == 1 || largest_bytes == 0.0)
    return run;
  run.excess_px = run_length_px (size_bytes, run.n_used) * (wasted_bytes / size_bytes) -
                  BREAK_GAIN * break_length_px (largest_bytes);
  /* Beside these nothing would be seen at all, whatever a break costs; the longest first. */
  if (largest_bytes > size_bytes * OVERWHELMING_PART ||
      (largest_bytes >= (double) ALWAYS_BREAK_BYTES && all[run.largest].n_used == 0))
    run.excess_px = MAX (run.excess_px, 0.0) + 1000.0 + log2 (largest_bytes);
  return run;
}

static void
cut_run (GArray *runs, guint index, const GArray *stretches, guint at)
{
  Run run = g_array_index (runs, Run, index);

  g_array_remove_index (runs, index);
  if (at + 1 < run.end)
    {
      Run above = measure_run (stretches, at + 1, run.end);
      g_array_insert_val (runs, index, above);
    }
  if (run.begin < at)
    {
      Run below = measure_run (stretches, run.begin, at);
      g_array_insert_val (runs, index, below);
    }
}

/* Cost: n for each cut, at most MAX_RUNS cuts. */
static GArray *
make_collapsed_runs (const GArray *stretches)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (Run));
  Run all = measure_run (stretches, 0, stretches->len);

  g_array_append_val (runs, all);
  while (runs->len > 0 && runs->len < MAX_RUNS)
    {
      guint worst = 0;

      for (guint i = 1; i < runs->len; i++)
        if (g_array_index (runs, Run, i).excess_px > g_array_index (runs, Run, worst).excess_px)
          worst = i;
      if (g_array_index (runs, Run, worst).excess_px <= 0.0)
        break;
      cut_run (runs, worst, stretches, g_array_index (runs, Run, worst).largest);
    }
  return runs;
}

/* No address of the hole can be used, and it is 65,535 times as long as the rest: a linear axis
 * over both halves leaves it out too. */
static GArray *
make_linear_runs (const GArray *stretches)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (Run));
  guint begin = 0;

  for (guint i = 0; i < stretches->len; i++)
    {
      Run run;

      if (g_array_index (stretches, Stretch, i).is_hole && stretches->len > 1)
        {
          begin = i + 1;
          continue;
        }
      if (i + 1 < stretches->len && !g_array_index (stretches, Stretch, i + 1).is_hole)
        continue;
      run = measure_run (stretches, begin, i + 1);
      g_array_append_val (runs, run);
      begin = i + 1;
    }
  return runs;
}

static void
append_segment (GArray *segments, AtlasVa first_va, AtlasVa last_va, gint shift, gboolean is_break)
{
  AtlasAxisSegment segment = {
    .first_va = first_va,
    .last_va = last_va,
    .shift = (gint8) shift,
    .is_break = is_break,
  };

  segment.length_u =
    shift >= 0 ? (last_va - first_va + 1) << shift : ((last_va - first_va) >> -shift) + 1;
  if (segments->len > 0)
    {
      const AtlasAxisSegment *before =
        &g_array_index (segments, AtlasAxisSegment, segments->len - 1);
      segment.first_u = before->first_u + before->length_u;
    }
  g_array_append_val (segments, segment);
}

static gint
round_shift (double length_u, double size_bytes)
{
  gint fits = MAX_LENGTH_LOG2 - 4 - (gint) ceil (log2 (size_bytes));

  return MIN (CLAMP ((gint) lround (log2 (length_u / size_bytes)), 0, MAX_SHIFT), fits);
}

/* A break of just that length: two pieces whose scales differ by two. */
static void
append_break (GArray *segments, AtlasVa first_va, AtlasVa last_va, gboolean is_hole)
{
  double size_bytes = span_bytes (first_va, last_va);
  guint64 length_u = (guint64) (break_length_px (size_bytes) * (double) U_PER_PX);
  gint shift = (gint) floor (log2 ((double) length_u / size_bytes));
  guint64 n_finer;

  if (shift < 0)
    {
      append_segment (segments, first_va, last_va, is_hole ? shift : 0, TRUE);
      return;
    }
  shift = MIN (shift, MAX_SHIFT);
  n_finer =
    atlas_page_floor ((length_u >> shift) - MIN (length_u >> shift, last_va - first_va + 1));
  if (n_finer > 0 && n_finer <= last_va - first_va)
    {
      append_segment (segments, first_va, first_va + n_finer - 1, shift + 1, TRUE);
      first_va += n_finer;
    }
  append_segment (segments, first_va, last_va, shift, TRUE);
}

/* How much of the break beside a run is shown at the run's scale. */
static guint64
margin_bytes (const Run *run, const GArray *stretches, const Stretch *break_stretch)
{
  AtlasVa first_va = g_array_index (stretches, Stretch, run->begin).first_va;
  AtlasVa last_va = g_array_index (stretches, Stretch, run->end - 1).last_va;
  guint64 granularity = last_va - first_va < ATLAS_MB (1) ? ATLAS_PAGE_BYTES : ATLAS_KB (64);
  guint64 wanted = ((last_va - first_va) / 16 / granularity + 1) * granularity;

  return atlas_page_floor (MIN (wanted, (break_stretch->last_va - break_stretch->first_va) / 4));
}

static void
append_run (GArray *segments,
            const Run *run,
            const GArray *stretches,
            AtlasAxisKind kind,
            gboolean is_after_break,
            gboolean is_before_break)
{
  AtlasVa first_va = g_array_index (stretches, Stretch, run->begin).first_va;
  AtlasVa last_va = g_array_index (stretches, Stretch, run->end - 1).last_va;
  double size_bytes;

  if (kind == ATLAS_AXIS_LINEAR)
    {
      size_bytes = span_bytes (first_va, last_va);
      append_segment (segments,
                      first_va,
                      last_va,
                      round_shift (size_bytes * (1 << LINEAR_SHIFT), size_bytes),
                      FALSE);
      return;
    }
  if (is_after_break)
    first_va -= margin_bytes (run, stretches, &g_array_index (stretches, Stretch, run->begin - 1));
  if (is_before_break)
    last_va += margin_bytes (run, stretches, &g_array_index (stretches, Stretch, run->end));
  size_bytes = span_bytes (first_va, last_va);
  append_segment (
    segments,
    first_va,
    last_va,
    round_shift (run_length_px (size_bytes, run->n_used) * (double) U_PER_PX, size_bytes),
    FALSE);
}

static GArray *
make_segments (AtlasAxisKind kind, const GArray *stretches, const GArray *runs)
{
  GArray *segments = g_array_new (FALSE, FALSE, sizeof (AtlasAxisSegment));
  guint next_run = 0;
  guint i = 0;

  while (i < stretches->len)
    {
      const Stretch *stretch = &g_array_index (stretches, Stretch, i);
      const Run *run = next_run < runs->len ? &g_array_index (runs, Run, next_run) : NULL;
      AtlasVa last_va = stretch->last_va;
      AtlasVa first_va = stretch->first_va;

      if (run != NULL && run->begin == i)
        {
          append_run (segments, run, stretches, kind, i > 0, run->end < stretches->len);
          i = run->end;
          next_run++;
          continue;
        }
      if (segments->len > 0)
        first_va = g_array_index (segments, AtlasAxisSegment, segments->len - 1).last_va + 1;
      if (kind == ATLAS_AXIS_COLLAPSED && run != NULL && run->begin == i + 1)
        last_va -= margin_bytes (run, stretches, stretch);
      append_break (segments, first_va, last_va, stretch->is_hole);
      i++;
    }
  return segments;
}

AtlasAxis *
atlas_axis_new (AtlasAxisKind kind, const AtlasRegionSet *set, AtlasVa first_va, AtlasVa last_va)
{
  g_autoptr (GArray) stretches = NULL;
  g_autoptr (GArray) runs = NULL;
  g_autoptr (GArray) segments = NULL;
  AtlasAxis *axis;
  const AtlasAxisSegment *last;

  g_return_val_if_fail (set != NULL, NULL);
  g_return_val_if_fail (first_va <= last_va, NULL);

  stretches = g_array_new (FALSE, FALSE, sizeof (Stretch));
  collect_stretches (set,
                     first_va,
                     last_va,
                     atlas_region_set_is_listed (set) ? G_MAXUINT : STRETCHES_MAX,
                     stretches);
  runs = kind == ATLAS_AXIS_LINEAR ? make_linear_runs (stretches) : make_collapsed_runs (stretches);
  segments = make_segments (kind, stretches, runs);

  last = &g_array_index (segments, AtlasAxisSegment, segments->len - 1);
  axis = g_atomic_rc_box_new0 (AtlasAxis);
  axis->n_levels = atlas_region_set_get_n_levels (set);
  axis->length_u = last->first_u + last->length_u;
  axis->n_segments = segments->len;
  axis->segments = (AtlasAxisSegment *) (gpointer) g_array_steal (segments, NULL);
  return axis;
}

AtlasAxis *
atlas_axis_ref (AtlasAxis *axis)
{
  g_return_val_if_fail (axis != NULL, NULL);
  return g_atomic_rc_box_acquire (axis);
}

static void
axis_clear (gpointer data)
{
  AtlasAxis *axis = data;

  g_free (axis->segments);
}

void
atlas_axis_unref (AtlasAxis *axis)
{
  g_return_if_fail (axis != NULL);
  g_atomic_rc_box_release_full (axis, axis_clear);
}

AtlasVa
atlas_axis_get_first_va (const AtlasAxis *axis)
{
  g_return_val_if_fail (axis != NULL, 0);
  return axis->segments[0].first_va;
}

AtlasVa
atlas_axis_get_last_va (const AtlasAxis *axis)
{
  g_return_val_if_fail (axis != NULL, 0);
  return axis->segments[axis->n_segments - 1].last_va;
}

guint
atlas_axis_get_n_levels (const AtlasAxis *axis)
{
  g_return_val_if_fail (axis != NULL, 0);
  return axis->n_levels;
}

guint64
atlas_axis_get_length (const AtlasAxis *axis)
{
  g_return_val_if_fail (axis != NULL, 0);
  return axis->length_u;
}

guint
atlas_axis_get_n_segments (const AtlasAxis *axis)
{
  g_return_val_if_fail (axis != NULL, 0);
  return axis->n_segments;
}

const AtlasAxisSegment *
atlas_axis_get_segment (const AtlasAxis *axis, guint index)
{
  g_return_val_if_fail (axis != NULL && index < axis->n_segments, NULL);
  return &axis->segments[index];
}

guint
atlas_axis_find_u (const AtlasAxis *axis, guint64 u)
{
  guint low = 0;
  guint high;

  g_return_val_if_fail (axis != NULL, 0);

  high = axis->n_segments;
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (axis->segments[middle].first_u <= u)
        low = middle;
      else
        high = middle;
    }
  return low;
}

guint
atlas_axis_find_va (const AtlasAxis *axis, AtlasVa va)
{
  guint low = 0;
  guint high;

  g_return_val_if_fail (axis != NULL, 0);

  high = axis->n_segments;
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (axis->segments[middle].first_va <= va)
        low = middle;
      else
        high = middle;
    }
  return low;
}

guint64
atlas_axis_va_to_u (const AtlasAxis *axis, AtlasVa va)
{
  const AtlasAxisSegment *segment;
  guint64 offset_bytes;

  g_return_val_if_fail (axis != NULL, 0);

  segment = &axis->segments[atlas_axis_find_va (axis, va)];
  offset_bytes = CLAMP (va, segment->first_va, segment->last_va) - segment->first_va;
  return segment->first_u +
         (segment->shift >= 0 ? offset_bytes << segment->shift : offset_bytes >> -segment->shift);
}

AtlasVa
atlas_axis_u_to_va (const AtlasAxis *axis, guint64 u)
{
  const AtlasAxisSegment *segment;
  guint64 offset_u;

  g_return_val_if_fail (axis != NULL, 0);

  segment = &axis->segments[atlas_axis_find_u (axis, u)];
  offset_u = MIN (u - segment->first_u, segment->length_u - 1);
  return segment->first_va +
         (segment->shift >= 0 ? offset_u >> segment->shift : offset_u << -segment->shift);
}
