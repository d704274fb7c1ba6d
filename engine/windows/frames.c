/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/frames-private.h"

#include <errno.h>
#include <sys/mman.h>

#include <gio/gio.h>

#include <glib/gi18n-lib.h>

/* The fractional part of the golden ratio, as 0.32 fixed point: consecutive runs land far apart. */
#define SCATTER 2654435769u

static guint32
greatest_common_divisor (guint32 a, guint32 b)
{
  while (b != 0)
    {
      guint32 remainder = a % b;

      a = b;
      b = remainder;
    }
  return a;
}

/* The list of a frame that is in its state; ATLAS_N_FRAME_LISTS when it is on none. */
static AtlasFrameList
get_list (const AtlasFrame *record)
{
  switch ((AtlasFrameState) record->state)
    {
    case ATLAS_FRAME_ZEROED:
      return ATLAS_FRAME_LIST_ZEROED;
    case ATLAS_FRAME_FREE:
      return ATLAS_FRAME_LIST_FREE;
    case ATLAS_FRAME_STANDBY:
      return (AtlasFrameList) (ATLAS_FRAME_LIST_STANDBY + record->priority);
    case ATLAS_FRAME_MODIFIED:
      return record->is_file ? ATLAS_FRAME_LIST_MODIFIED_MAPPED : ATLAS_FRAME_LIST_MODIFIED;
    case ATLAS_FRAME_MODIFIED_NO_WRITE:
      return ATLAS_FRAME_LIST_MODIFIED_NO_WRITE;
    case ATLAS_FRAME_BAD:
      return ATLAS_FRAME_LIST_BAD;
    case ATLAS_FRAME_ACTIVE:
    case ATLAS_N_FRAME_STATES:
      break;
    }
  return ATLAS_N_FRAME_LISTS;
}

static void
append (AtlasFrames *frames, guint32 pfn)
{
  AtlasFrame *record = &frames->records[pfn];
  AtlasFrameList which = get_list (record);

  record->next = 0;
  record->previous = 0;
  if (which == ATLAS_N_FRAME_LISTS)
    {
      frames->n_active++;
      return;
    }

  AtlasFrameQueue *list = &frames->lists[which];

  record->previous = list->last;
  if (list->n_frames++ == 0)
    list->first = pfn;
  else
    frames->records[list->last].next = pfn;
  list->last = pfn;
}

static void
unlink_frame (AtlasFrames *frames, guint32 pfn)
{
  AtlasFrame *record = &frames->records[pfn];
  AtlasFrameList which = get_list (record);

  if (which == ATLAS_N_FRAME_LISTS)
    {
      frames->n_active--;
      return;
    }

  AtlasFrameQueue *list = &frames->lists[which];

  if (record->previous != 0)
    frames->records[record->previous].next = record->next;
  else
    list->first = record->next;
  if (record->next != 0)
    frames->records[record->next].previous = record->previous;
  else
    list->last = record->previous;
  list->n_frames--;
  record->next = 0;
  record->previous = 0;
}

static void
move (AtlasFrames *frames, guint32 pfn, AtlasFrameState state)
{
  AtlasFrame *record = &frames->records[pfn];

  unlink_frame (frames, pfn);
  frames->counters.n_moves[record->state][state]++;
  if (state == ATLAS_FRAME_BAD)
    frames->n_failing--;
  record->state = (guint8) state & 7u;
  append (frames, pfn);
}

AtlasFrames *
atlas_frames_new (AtlasMemory *memory, GError **error)
{
  guint64 n_frames = atlas_memory_get_size (memory) / ATLAS_PAGE_BYTES;
  gsize mapped_bytes = n_frames * sizeof (AtlasFrame);
  AtlasFrames *frames;
  void *records;

  g_return_val_if_fail (
    n_frames >= ATLAS_FIRMWARE_FRAMES + ATLAS_FRAME_RUN && n_frames <= G_MAXUINT32, NULL);

  records = mmap (
    NULL, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (records == MAP_FAILED)
    {
      g_set_error (error,
                   G_IO_ERROR,
                   g_io_error_from_errno (errno),
                   _ ("No room for a frame database of %llu frames: %s"),
                   (unsigned long long) n_frames,
                   g_strerror (errno));
      return NULL;
    }

  frames = g_new0 (AtlasFrames, 1);
  frames->memory = memory;
  frames->records = records;
  frames->mapped_bytes = mapped_bytes;
  frames->n_frames = (guint32) n_frames;
  frames->n_runs = (guint32) (n_frames - ATLAS_FIRMWARE_FRAMES) / ATLAS_FRAME_RUN;
  frames->n_untouched = frames->n_runs * ATLAS_FRAME_RUN;
  frames->run_stride = (guint32) (((guint64) frames->n_runs * SCATTER) >> 32);
  while (greatest_common_divisor (frames->run_stride, frames->n_runs) != 1)
    frames->run_stride++;

  for (guint32 pfn = 0; pfn < n_frames; pfn++)
    {
      if (pfn == ATLAS_FIRMWARE_FRAMES)
        pfn += frames->n_untouched;
      if (pfn == n_frames)
        break;
      frames->records[pfn] = (AtlasFrame){ .state = ATLAS_FRAME_ACTIVE,
                                           .use = ATLAS_FRAME_USE_KERNEL,
                                           .share_count = 1 };
      frames->n_active++;
    }
  return frames;
}

void
atlas_frames_free (AtlasFrames *frames)
{
  if (frames == NULL)
    return;
  g_free (frames->early_runs);
  munmap (frames->records, frames->mapped_bytes);
  g_free (frames);
}

/* The fixed order: where the frame stands that is taken after @n_taken others. */
static guint32
find_untouched (const AtlasFrames *frames, guint32 n_taken)
{
  guint64 run = ((guint64) (n_taken / ATLAS_FRAME_RUN) + 1u) * frames->run_stride % frames->n_runs;

  return ATLAS_FIRMWARE_FRAMES + (guint32) run * ATLAS_FRAME_RUN + n_taken % ATLAS_FRAME_RUN;
}

/* The next place of the fixed order at or after @n_passed that no one has taken before its turn. */
static guint32
skip_early (const AtlasFrames *frames, guint32 n_passed)
{
  while (n_passed < frames->n_runs * ATLAS_FRAME_RUN &&
         atlas_frames_is_early (
           frames, (find_untouched (frames, n_passed) - ATLAS_FIRMWARE_FRAMES) / ATLAS_FRAME_RUN))
    n_passed += ATLAS_FRAME_RUN;
  return n_passed;
}

/* Makes the next frame of a list active; 0 when it is empty. */
static guint32
take_from (AtlasFrames *frames, AtlasFrameList list)
{
  guint32 pfn = frames->lists[list].first;

  if (list == ATLAS_FRAME_LIST_ZEROED && frames->n_untouched > 0)
    {
      frames->n_passed = skip_early (frames, frames->n_passed);
      pfn = find_untouched (frames, frames->n_passed++);
      if (pfn % ATLAS_FRAME_RUN == 0)
        atlas_memory_prepare (frames->memory,
                              (AtlasPa) pfn << ATLAS_PAGE_SHIFT,
                              (gsize) ATLAS_FRAME_RUN << ATLAS_PAGE_SHIFT);
      frames->n_untouched--;
      frames->records[pfn].state = ATLAS_FRAME_ACTIVE;
      frames->counters.n_moves[ATLAS_FRAME_ZEROED][ATLAS_FRAME_ACTIVE]++;
      append (frames, pfn);
    }
  else if (pfn != 0)
    {
      move (frames, pfn, ATLAS_FRAME_ACTIVE);
    }
  return pfn;
}

static gboolean
take (AtlasFrames *frames,
      AtlasFrameUse use,
      AtlasPa entry_pa,
      gboolean is_zero_needed,
      AtlasPfn *pfn)
{
  static const AtlasFrameList orders[2][2] = {
    { ATLAS_FRAME_LIST_FREE, ATLAS_FRAME_LIST_ZEROED },
    { ATLAS_FRAME_LIST_ZEROED, ATLAS_FRAME_LIST_FREE },
  };
  guint32 taken = 0;

  for (guint i = 0; taken == 0 && i < G_N_ELEMENTS (orders[0]);)
    {
      AtlasFrameList list = orders[is_zero_needed ? 1 : 0][i];

      taken = take_from (frames, list);
      if (taken == 0)
        {
          i++;
        }
      else if (frames->records[taken].is_failing)
        {
          move (frames, taken, ATLAS_FRAME_BAD);
          taken = 0;
        }
      else if (is_zero_needed && list == ATLAS_FRAME_LIST_FREE)
        {
          atlas_memory_zero_page (frames->memory, taken);
        }
    }
  if (taken == 0)
    return FALSE;

  frames->records[taken] = (AtlasFrame){ .entry_pa = entry_pa,
                                         .share_count = 1,
                                         .state = ATLAS_FRAME_ACTIVE,
                                         .priority = ATLAS_FRAME_PRIORITY_NORMAL,
                                         .use = (guint8) use & 7u };
  *pfn = taken;
  return TRUE;
}

gboolean
atlas_frames_take (AtlasFrames *frames, AtlasFrameUse use, AtlasPa entry_pa, AtlasPfn *pfn)
{
  g_return_val_if_fail (use != ATLAS_FRAME_USE_NONE, FALSE);

  return take (frames, use, entry_pa, TRUE, pfn);
}

gboolean
atlas_frames_take_unzeroed (AtlasFrames *frames, AtlasFrameUse use, AtlasPa entry_pa, AtlasPfn *pfn)
{
  g_return_val_if_fail (use != ATLAS_FRAME_USE_NONE, FALSE);

  return take (frames, use, entry_pa, FALSE, pfn);
}

/* Bits of the states that parking goes to. */
#define PARKED_STATES                                                                              \
  (1u << ATLAS_FRAME_STANDBY | 1u << ATLAS_FRAME_MODIFIED | 1u << ATLAS_FRAME_MODIFIED_NO_WRITE)
#define USED_STATES (PARKED_STATES | 1u << ATLAS_FRAME_ACTIVE)

static gboolean
is_in_use (const AtlasFrames *frames, AtlasPfn pfn)
{
  return pfn < frames->n_frames && (USED_STATES >> frames->records[pfn].state & 1u) != 0;
}

void
atlas_frames_park (AtlasFrames *frames, AtlasPfn pfn, AtlasFrameState state)
{
  g_return_if_fail (is_in_use (frames, pfn));
  g_return_if_fail ((PARKED_STATES >> state & 1u) != 0);

  frames->records[pfn].share_count = 0;
  move (frames, (guint32) pfn, state);
}

void
atlas_frames_resume (AtlasFrames *frames, AtlasPfn pfn)
{
  g_return_if_fail (is_in_use (frames, pfn));

  move (frames, (guint32) pfn, ATLAS_FRAME_ACTIVE);
  frames->records[pfn].share_count = 1;
}

void
atlas_frames_give_back (AtlasFrames *frames, AtlasPfn pfn)
{
  g_return_if_fail (is_in_use (frames, pfn));

  AtlasFrame *record = &frames->records[pfn];

  move (frames, (guint32) pfn, record->is_failing ? ATLAS_FRAME_BAD : ATLAS_FRAME_FREE);
  *record = (AtlasFrame){ .next = record->next,
                          .previous = record->previous,
                          .state = record->state,
                          .is_failing = record->is_failing };
}

void
atlas_frames_count_repurposed (AtlasFrames *frames, AtlasPfn pfn)
{
  frames->counters.n_repurposed[frames->records[pfn].priority]++;
}

void
atlas_frames_move (AtlasFrames *frames, AtlasPfn pfn, AtlasFrameState state)
{
  move (frames, (guint32) pfn, state);
}

AtlasFrame *
atlas_frames_get_record (AtlasFrames *frames, AtlasPfn pfn)
{
  g_assert (pfn < frames->n_frames);
  return &frames->records[pfn];
}

AtlasPfn
atlas_frames_get_first (const AtlasFrames *frames, AtlasFrameList list)
{
  return frames->lists[list].first;
}

guint
atlas_frames_share (AtlasFrames *frames, AtlasPfn pfn)
{
  g_return_val_if_fail (pfn < frames->n_frames, 0);
  g_return_val_if_fail (frames->records[pfn].state == ATLAS_FRAME_ACTIVE, 0);

  return ++frames->records[pfn].share_count;
}

guint
atlas_frames_unshare (AtlasFrames *frames, AtlasPfn pfn)
{
  g_return_val_if_fail (pfn < frames->n_frames, 0);
  g_return_val_if_fail (frames->records[pfn].share_count > 0, 0);

  return --frames->records[pfn].share_count;
}

void
atlas_frames_set_protection (AtlasFrames *frames, AtlasPfn pfn, guint8 protection)
{
  g_return_if_fail (pfn < frames->n_frames);

  frames->records[pfn].original_pte =
    atlas_pte_with_protection (frames->records[pfn].original_pte, protection);
}

void
atlas_frames_set_priority (AtlasFrames *frames, AtlasPfn pfn, guint priority)
{
  g_return_if_fail (is_in_use (frames, pfn));
  g_return_if_fail (priority < ATLAS_FRAME_PRIORITIES);

  unlink_frame (frames, (guint32) pfn);
  frames->records[pfn].priority = (guint8) priority & 7u;
  append (frames, (guint32) pfn);
}

void
atlas_frames_set_failing (AtlasFrames *frames, AtlasPfn pfn)
{
  g_return_if_fail (pfn < frames->n_frames);

  if (!frames->records[pfn].is_failing)
    frames->n_failing++;
  frames->records[pfn].is_failing = TRUE;
}

guint64
atlas_frames_zero_free (AtlasFrames *frames, guint64 n_frames)
{
  AtlasFrameQueue *list = &frames->lists[ATLAS_FRAME_LIST_FREE];
  guint64 n_done = 0;

  for (; n_done < n_frames && list->n_frames > 0; n_done++)
    {
      guint32 pfn = list->first;

      atlas_memory_zero_page (frames->memory, pfn);
      move (frames, pfn, frames->records[pfn].is_failing ? ATLAS_FRAME_BAD : ATLAS_FRAME_ZEROED);
    }
  return n_done;
}

guint64
atlas_frames_get_n_frames (const AtlasFrames *frames)
{
  return frames->n_frames;
}

guint64
atlas_frames_count_list (const AtlasFrames *frames, AtlasFrameList list)
{
  g_return_val_if_fail (list < ATLAS_N_FRAME_LISTS, 0);

  return frames->lists[list].n_frames +
         (list == ATLAS_FRAME_LIST_ZEROED ? (guint64) frames->n_untouched : 0);
}

guint64
atlas_frames_count (const AtlasFrames *frames, AtlasFrameState state)
{
  guint64 n_frames = 0;

  switch (state)
    {
    case ATLAS_FRAME_ZEROED:
      return atlas_frames_count_list (frames, ATLAS_FRAME_LIST_ZEROED);
    case ATLAS_FRAME_FREE:
      return frames->lists[ATLAS_FRAME_LIST_FREE].n_frames;
    case ATLAS_FRAME_STANDBY:
      for (guint i = 0; i < ATLAS_FRAME_PRIORITIES; i++)
        n_frames += frames->lists[ATLAS_FRAME_LIST_STANDBY + i].n_frames;
      return n_frames;
    case ATLAS_FRAME_MODIFIED:
      return (guint64) frames->lists[ATLAS_FRAME_LIST_MODIFIED].n_frames +
             frames->lists[ATLAS_FRAME_LIST_MODIFIED_MAPPED].n_frames;
    case ATLAS_FRAME_MODIFIED_NO_WRITE:
      return frames->lists[ATLAS_FRAME_LIST_MODIFIED_NO_WRITE].n_frames;
    case ATLAS_FRAME_BAD:
      return frames->lists[ATLAS_FRAME_LIST_BAD].n_frames;
    case ATLAS_FRAME_ACTIVE:
      return frames->n_active;
    case ATLAS_N_FRAME_STATES:
      break;
    }
  g_return_val_if_reached (0);
}

guint64
atlas_frames_count_available (const AtlasFrames *frames)
{
  guint64 n_frames = atlas_frames_count (frames, ATLAS_FRAME_ZEROED) +
                     atlas_frames_count (frames, ATLAS_FRAME_FREE) +
                     atlas_frames_count (frames, ATLAS_FRAME_STANDBY);

  return n_frames - MIN (n_frames, frames->n_failing);
}

const AtlasFrameCounters *
atlas_frames_get_counters (const AtlasFrames *frames)
{
  return &frames->counters;
}

void
atlas_frames_get (const AtlasFrames *frames, AtlasPfn pfn, AtlasFrame *frame)
{
  g_return_if_fail (pfn < frames->n_frames);

  *frame = frames->records[pfn];
}

void
atlas_frame_iter_init (AtlasFrameIter *iter, const AtlasFrames *frames, AtlasFrameList list)
{
  g_return_if_fail (list < ATLAS_N_FRAME_LISTS);

  *iter = (AtlasFrameIter){ .frames = frames, .list = list, .next = frames->lists[list].first };
  iter->n_taken =
    list == ATLAS_FRAME_LIST_ZEROED ? frames->n_passed : frames->n_runs * ATLAS_FRAME_RUN;
}

gboolean
atlas_frame_iter_next (AtlasFrameIter *iter, AtlasPfn *pfn)
{
  const AtlasFrames *frames = iter->frames;

  iter->n_taken = skip_early (frames, iter->n_taken);
  if (iter->n_taken < frames->n_runs * ATLAS_FRAME_RUN)
    {
      *pfn = find_untouched (frames, iter->n_taken++);
      return TRUE;
    }
  if (iter->next == 0)
    return FALSE;
  *pfn = iter->next;
  iter->next = frames->records[iter->next].next;
  return TRUE;
}

const char *
atlas_frame_list_get_name (AtlasFrameList list)
{
  static const char *const names[ATLAS_N_FRAME_LISTS] = {
    [ATLAS_FRAME_LIST_ZEROED] = N_ ("zeroed"),
    [ATLAS_FRAME_LIST_FREE] = N_ ("free"),
    [ATLAS_FRAME_LIST_STANDBY] = N_ ("standby 0"),
    [ATLAS_FRAME_LIST_STANDBY + 1] = N_ ("standby 1"),
    [ATLAS_FRAME_LIST_STANDBY + 2] = N_ ("standby 2"),
    [ATLAS_FRAME_LIST_STANDBY + 3] = N_ ("standby 3"),
    [ATLAS_FRAME_LIST_STANDBY + 4] = N_ ("standby 4"),
    [ATLAS_FRAME_LIST_STANDBY + 5] = N_ ("standby 5"),
    [ATLAS_FRAME_LIST_STANDBY + 6] = N_ ("standby 6"),
    [ATLAS_FRAME_LIST_STANDBY + 7] = N_ ("standby 7"),
    [ATLAS_FRAME_LIST_MODIFIED] = N_ ("modified"),
    [ATLAS_FRAME_LIST_MODIFIED_MAPPED] = N_ ("modified, mapped"),
    [ATLAS_FRAME_LIST_MODIFIED_NO_WRITE] = N_ ("modified, no write"),
    [ATLAS_FRAME_LIST_BAD] = N_ ("bad"),
  };

  g_return_val_if_fail (list < ATLAS_N_FRAME_LISTS, "");
  return names[list];
}

const char *
atlas_frame_state_get_name (AtlasFrameState state)
{
  switch (state)
    {
    case ATLAS_FRAME_ZEROED:
      return N_ ("zeroed");
    case ATLAS_FRAME_FREE:
      return N_ ("free");
    case ATLAS_FRAME_STANDBY:
      return N_ ("standby");
    case ATLAS_FRAME_MODIFIED:
      return N_ ("modified");
    case ATLAS_FRAME_MODIFIED_NO_WRITE:
      return N_ ("modified, no write");
    case ATLAS_FRAME_BAD:
      return N_ ("bad");
    case ATLAS_FRAME_ACTIVE:
      return N_ ("active");
    case ATLAS_N_FRAME_STATES:
      break;
    }
  g_return_val_if_reached ("");
}

const char *
atlas_frame_use_get_name (AtlasFrameUse use)
{
  switch (use)
    {
    case ATLAS_FRAME_USE_NONE:
      return N_ ("none");
    case ATLAS_FRAME_USE_PRIVATE:
      return N_ ("private page");
    case ATLAS_FRAME_USE_TABLE:
      return N_ ("page table");
    case ATLAS_FRAME_USE_SECTION:
      return N_ ("section page");
    case ATLAS_FRAME_USE_KERNEL:
      return N_ ("kernel");
    case ATLAS_FRAME_USE_AWE:
      return N_ ("page of a program's own (AWE)");
    }
  g_return_val_if_reached ("");
}
