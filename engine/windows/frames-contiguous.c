/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/frames-private.h"

/* Frames side by side, for large pages. What was never used lies on no list: whole runs of the
 * fixed order, which are struck from it. */

/* A record that was never used looks the same. */
static gboolean
is_free (const AtlasFrame *record)
{
  return record->state <= ATLAS_FRAME_FREE && !record->is_failing;
}

static gboolean
is_available (const AtlasFrame *record)
{
  return record->state <= ATLAS_FRAME_STANDBY && !record->is_failing;
}

/* Whether the fixed order has yet to come to all of this run. Only the run that it is in the middle
 * of has frames that are neither listed nor used. */
static gboolean
is_run_untouched (const AtlasFrames *frames, const guint8 *passed, guint32 run)
{
  return (passed[run / 8u] >> run % 8u & 1u) == 0 && !atlas_frames_is_early (frames, run);
}

/* A bit a run: the fixed order has begun it. (transfer full) */
static guint8 *
find_passed (const AtlasFrames *frames)
{
  guint8 *passed = g_malloc0 (frames->n_runs / 8u + 1u);
  guint32 n_begun = (frames->n_passed + ATLAS_FRAME_RUN - 1u) / ATLAS_FRAME_RUN;

  for (guint32 i = 0; i < n_begun; i++)
    {
      guint32 run = (guint32) (((guint64) i + 1u) * frames->run_stride % frames->n_runs);

      passed[run / 8u] |= (guint8) (1u << run % 8u);
    }
  return passed;
}

/* Frames of the run that the order is in the middle of, which may not be taken at all. */
static gboolean
is_waiting (const AtlasFrames *frames, guint32 run, guint32 index)
{
  guint32 n_begun = frames->n_passed / ATLAS_FRAME_RUN;

  return frames->n_passed % ATLAS_FRAME_RUN != 0 &&
         ((guint64) n_begun + 1u) * frames->run_stride % frames->n_runs == run &&
         index >= frames->n_passed % ATLAS_FRAME_RUN;
}

/* @n_standby: how many of its frames are standby pages. */
static gboolean
is_available_block (const AtlasFrames *frames, guint32 first, guint32 n_frames, guint32 *n_standby)
{
  guint32 first_run = (first - ATLAS_FIRMWARE_FRAMES) / ATLAS_FRAME_RUN;

  *n_standby = 0;

  for (guint32 run = first_run; run < first_run + n_frames / ATLAS_FRAME_RUN; run++)
    {
      for (guint32 i = 0; i < ATLAS_FRAME_RUN; i++)
        {
          const AtlasFrame *record =
            &frames->records[ATLAS_FIRMWARE_FRAMES + run * ATLAS_FRAME_RUN + i];

          if (is_waiting (frames, run, i) || !is_available (record))
            return FALSE;
          *n_standby += is_free (record) ? 0 : 1u;
        }
    }
  return TRUE;
}

/* The highest block that lies wholly below @end and has at most @n_standby_max standby pages among
 * free frames; 0 when there is none. */
static guint32
find_block (const AtlasFrames *frames,
            guint32 n_frames,
            guint32 end,
            guint32 n_standby_max,
            guint32 *n_standby)
{
  for (guint32 block = end / n_frames; block > 0; block--)
    {
      guint32 first = (block - 1u) * n_frames;

      if (first < ATLAS_FIRMWARE_FRAMES)
        break;
      if (is_available_block (frames, first, n_frames, n_standby) && *n_standby <= n_standby_max)
        return first;
    }
  return 0;
}

static guint32
get_end (const AtlasFrames *frames)
{
  return ATLAS_FIRMWARE_FRAMES + frames->n_runs * ATLAS_FRAME_RUN;
}

guint64
atlas_frames_count_contiguous (const AtlasFrames *frames, guint32 n_frames, guint64 n_enough)
{
  guint32 end = get_end (frames);
  guint32 n_standby;
  guint64 n_blocks = 0;

  g_return_val_if_fail (n_frames >= ATLAS_FRAME_RUN && (n_frames & (n_frames - 1u)) == 0, 0);

  while (n_blocks < n_enough &&
         (end = find_block (frames, n_frames, end, n_frames, &n_standby)) != 0)
    n_blocks++;
  return n_blocks;
}

AtlasPfn
atlas_frames_find_repurposable (const AtlasFrames *frames, guint32 n_frames)
{
  guint32 end = get_end (frames);
  guint32 n_standby_max = n_frames;
  guint32 best = 0;
  guint32 n_standby;

  g_return_val_if_fail (n_frames >= ATLAS_FRAME_RUN && (n_frames & (n_frames - 1u)) == 0, 0);

  /* Each next one is lower and costs fewer pages. */
  while ((end = find_block (frames, n_frames, end, n_standby_max, &n_standby)) != 0)
    {
      best = end;
      if (n_standby == 0)
        break;
      n_standby_max = n_standby - 1u;
    }
  return best;
}

static void
take_run (AtlasFrames *frames, const guint8 *passed, guint32 run)
{
  guint32 first = ATLAS_FIRMWARE_FRAMES + run * ATLAS_FRAME_RUN;

  if (!is_run_untouched (frames, passed, run))
    {
      for (guint32 pfn = first; pfn < first + ATLAS_FRAME_RUN; pfn++)
        {
          if (frames->records[pfn].state == ATLAS_FRAME_FREE)
            atlas_memory_zero_page (frames->memory, pfn);
          atlas_frames_move (frames, pfn, ATLAS_FRAME_ACTIVE);
        }
      return;
    }

  if (frames->early_runs == NULL)
    frames->early_runs = g_malloc0 (frames->n_runs / 8u + 1u);
  frames->early_runs[run / 8u] |= (guint8) (1u << run % 8u);
  frames->n_untouched -= ATLAS_FRAME_RUN;
  frames->n_active += ATLAS_FRAME_RUN;
  frames->counters.n_moves[ATLAS_FRAME_ZEROED][ATLAS_FRAME_ACTIVE] += ATLAS_FRAME_RUN;
}

gboolean
atlas_frames_take_contiguous (AtlasFrames *frames,
                              guint32 n_frames,
                              AtlasFrameUse use,
                              AtlasPfn *first_pfn)
{
  g_autofree guint8 *passed = find_passed (frames);
  guint32 n_standby;
  guint32 first;

  g_return_val_if_fail (n_frames >= ATLAS_FRAME_RUN && (n_frames & (n_frames - 1u)) == 0, FALSE);

  first = find_block (frames, n_frames, get_end (frames), 0, &n_standby);
  if (first == 0)
    return FALSE;
  for (guint32 i = 0; i < n_frames / ATLAS_FRAME_RUN; i++)
    take_run (frames, passed, (first - ATLAS_FIRMWARE_FRAMES) / ATLAS_FRAME_RUN + i);
  for (guint32 pfn = first; pfn < first + n_frames; pfn++)
    frames->records[pfn] = (AtlasFrame){ .share_count = 1,
                                         .state = ATLAS_FRAME_ACTIVE,
                                         .priority = ATLAS_FRAME_PRIORITY_NORMAL,
                                         .use = (guint8) use & 7u };
  *first_pfn = first;
  return TRUE;
}
