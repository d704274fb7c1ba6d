/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/frames.h"

#include <errno.h>
#include <sys/mman.h>

#include <gio/gio.h>

/* Below 1 MB lie real-mode vectors, video memory and firmware, which no list ever holds. */
#define FIRMWARE_FRAMES 256u
/* Frames are handed out in runs of 64 KB; the runs are scattered. */
#define RUN_FRAMES 16u
/* The fractional part of the golden ratio, as 0.32 fixed point: consecutive runs land far apart. */
#define SCATTER 2654435769u

typedef struct
{
  guint32 first; /* 0: empty, for frame 0 is never on a list */
  guint32 last;
  guint32 n_frames;
} FrameList;

struct _AtlasFrames
{
  AtlasMemory *memory;
  AtlasFrame *records;
  gsize mapped_bytes;
  guint32 n_frames;
  guint32 n_runs;      /* whole runs above the firmware's frames */
  guint32 run_stride;  /* coprime to n_runs */
  guint32 n_untouched; /* frames of the runs that were never taken: zeroed, on no list */
  FrameList zeroed;
  FrameList free;
  guint32 n_standby;
  guint32 n_modified;
};

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

static void
list_append (AtlasFrames *frames, FrameList *list, guint32 pfn, AtlasFrameState state)
{
  frames->records[pfn] = (AtlasFrame){ .state = (guint8) state };
  if (list->n_frames++ == 0)
    list->first = pfn;
  else
    frames->records[list->last].next = pfn;
  list->last = pfn;
}

static guint32
list_take (AtlasFrames *frames, FrameList *list)
{
  guint32 pfn = list->first;

  g_assert (list->n_frames > 0);
  list->first = frames->records[pfn].next;
  list->n_frames--;
  return pfn;
}

AtlasFrames *
atlas_frames_new (AtlasMemory *memory, GError **error)
{
  guint64 n_frames = atlas_memory_get_size (memory) / ATLAS_PAGE_BYTES;
  gsize mapped_bytes = n_frames * sizeof (AtlasFrame);
  AtlasFrames *frames;
  void *records;

  g_return_val_if_fail (n_frames >= FIRMWARE_FRAMES + RUN_FRAMES && n_frames <= G_MAXUINT32, NULL);

  records = mmap (
    NULL, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (records == MAP_FAILED)
    {
      g_set_error (error,
                   G_IO_ERROR,
                   g_io_error_from_errno (errno),
                   "No room for a frame database of %" G_GUINT64_FORMAT " frames: %s",
                   n_frames,
                   g_strerror (errno));
      return NULL;
    }

  frames = g_new0 (AtlasFrames, 1);
  frames->memory = memory;
  frames->records = records;
  frames->mapped_bytes = mapped_bytes;
  frames->n_frames = (guint32) n_frames;
  frames->n_runs = (guint32) (n_frames - FIRMWARE_FRAMES) / RUN_FRAMES;
  frames->n_untouched = frames->n_runs * RUN_FRAMES;
  frames->run_stride = (guint32) (((guint64) frames->n_runs * SCATTER) >> 32);
  while (greatest_common_divisor (frames->run_stride, frames->n_runs) != 1)
    frames->run_stride++;

  for (guint32 pfn = 0; pfn < n_frames; pfn++)
    {
      if (pfn == FIRMWARE_FRAMES)
        pfn += frames->n_untouched;
      if (pfn == n_frames)
        break;
      frames->records[pfn] = (AtlasFrame){ .state = ATLAS_FRAME_ACTIVE,
                                           .use = ATLAS_FRAME_USE_KERNEL,
                                           .share_count = 1 };
    }
  return frames;
}

void
atlas_frames_free (AtlasFrames *frames)
{
  if (frames == NULL)
    return;
  munmap (frames->records, frames->mapped_bytes);
  g_free (frames);
}

static guint32
take_untouched (AtlasFrames *frames)
{
  guint32 n_taken = frames->n_runs * RUN_FRAMES - frames->n_untouched;
  guint64 run = ((guint64) (n_taken / RUN_FRAMES) + 1u) * frames->run_stride % frames->n_runs;

  frames->n_untouched--;
  return FIRMWARE_FRAMES + (guint32) run * RUN_FRAMES + n_taken % RUN_FRAMES;
}

gboolean
atlas_frames_take (AtlasFrames *frames, AtlasFrameUse use, AtlasPa entry_pa, AtlasPfn *pfn)
{
  guint32 taken;

  g_return_val_if_fail (use != ATLAS_FRAME_USE_NONE, FALSE);

  if (frames->n_untouched > 0)
    {
      taken = take_untouched (frames);
    }
  else if (frames->zeroed.n_frames > 0)
    {
      taken = list_take (frames, &frames->zeroed);
    }
  else if (frames->free.n_frames > 0)
    {
      taken = list_take (frames, &frames->free);
      atlas_memory_zero_page (frames->memory, taken);
    }
  else
    {
      return FALSE;
    }

  frames->records[taken] = (AtlasFrame){
    .entry_pa = entry_pa, .share_count = 1, .state = ATLAS_FRAME_ACTIVE, .use = (guint8) use
  };
  *pfn = taken;
  return TRUE;
}

static void
leave_parking (AtlasFrames *frames, AtlasFrameState state)
{
  switch (state)
    {
    case ATLAS_FRAME_STANDBY:
      frames->n_standby--;
      break;
    case ATLAS_FRAME_MODIFIED:
      frames->n_modified--;
      break;
    case ATLAS_FRAME_ACTIVE:
      break;
    case ATLAS_FRAME_ZEROED:
    case ATLAS_FRAME_FREE:
      g_assert_not_reached ();
    }
}

void
atlas_frames_park (AtlasFrames *frames, AtlasPfn pfn, AtlasFrameState state)
{
  g_return_if_fail (pfn < frames->n_frames);
  g_return_if_fail (frames->records[pfn].state == ATLAS_FRAME_ACTIVE);
  g_return_if_fail (state == ATLAS_FRAME_STANDBY || state == ATLAS_FRAME_MODIFIED);

  frames->records[pfn].state = (guint8) state;
  frames->records[pfn].share_count = 0;
  if (state == ATLAS_FRAME_STANDBY)
    frames->n_standby++;
  else
    frames->n_modified++;
}

void
atlas_frames_resume (AtlasFrames *frames, AtlasPfn pfn)
{
  g_return_if_fail (pfn < frames->n_frames);

  leave_parking (frames, frames->records[pfn].state);
  frames->records[pfn].state = ATLAS_FRAME_ACTIVE;
  frames->records[pfn].share_count = 1;
}

void
atlas_frames_give_back (AtlasFrames *frames, AtlasPfn pfn)
{
  g_return_if_fail (pfn < frames->n_frames);

  leave_parking (frames, frames->records[pfn].state);
  list_append (frames, &frames->free, (guint32) pfn, ATLAS_FRAME_FREE);
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

  frames->records[pfn].protection = protection;
}

void
atlas_frames_zero_free (AtlasFrames *frames)
{
  while (frames->free.n_frames > 0)
    {
      guint32 pfn = list_take (frames, &frames->free);

      atlas_memory_zero_page (frames->memory, pfn);
      list_append (frames, &frames->zeroed, pfn, ATLAS_FRAME_ZEROED);
    }
}

guint64
atlas_frames_get_n_frames (const AtlasFrames *frames)
{
  return frames->n_frames;
}

guint64
atlas_frames_count (const AtlasFrames *frames, AtlasFrameState state)
{
  switch (state)
    {
    case ATLAS_FRAME_ZEROED:
      return (guint64) frames->n_untouched + frames->zeroed.n_frames;
    case ATLAS_FRAME_FREE:
      return frames->free.n_frames;
    case ATLAS_FRAME_STANDBY:
      return frames->n_standby;
    case ATLAS_FRAME_MODIFIED:
      return frames->n_modified;
    case ATLAS_FRAME_ACTIVE:
      return (guint64) frames->n_frames - frames->n_untouched - frames->zeroed.n_frames -
             frames->free.n_frames - frames->n_standby - frames->n_modified;
    }
  g_return_val_if_reached (0);
}

void
atlas_frames_get (const AtlasFrames *frames, AtlasPfn pfn, AtlasFrame *frame)
{
  g_return_if_fail (pfn < frames->n_frames);

  *frame = frames->records[pfn];
}

const char *
atlas_frame_state_get_name (AtlasFrameState state)
{
  switch (state)
    {
    case ATLAS_FRAME_ZEROED:
      return "zeroed";
    case ATLAS_FRAME_FREE:
      return "free";
    case ATLAS_FRAME_STANDBY:
      return "standby";
    case ATLAS_FRAME_MODIFIED:
      return "modified";
    case ATLAS_FRAME_ACTIVE:
      return "active";
    }
  g_return_val_if_reached ("");
}

const char *
atlas_frame_use_get_name (AtlasFrameUse use)
{
  switch (use)
    {
    case ATLAS_FRAME_USE_NONE:
      return "none";
    case ATLAS_FRAME_USE_PRIVATE:
      return "private page";
    case ATLAS_FRAME_USE_TABLE:
      return "page table";
    case ATLAS_FRAME_USE_SECTION:
      return "section page";
    case ATLAS_FRAME_USE_KERNEL:
      return "kernel";
    }
  g_return_val_if_reached ("");
}
