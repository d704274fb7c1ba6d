/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/daemons-private.h"

#include "windows/frames-private.h"
#include "windows/pager-private.h"
#include "windows/working-set-private.h"

/* No source gives rates or thresholds: all of these are choices, made so that each step can be
 * watched. The zero page thread: a page in 1 µs, 4 GB/s. */
#define ZERO_PAGE_100NS 10u
/* The balance set manager and both page writers look once a second. */
#define PERIOD_100NS G_GUINT64_CONSTANT (10000000)
/* Each page writer: 16 MB/s. They do not wait until memory is short. */
#define WRITER_PAGES 4096u
/* Working sets are trimmed when less than 1/32 of all frames is available, until 1/16 is. */
#define LOW_SHARE 32u
#define ENOUGH_SHARE 16u

/* Returns whether there was anything to do. */
static gboolean
run_period (AtlasSystem *system)
{
  guint64 n_frames = atlas_frames_get_n_frames (system->frames);
  gboolean has_worked = atlas_working_sets_age (system) > 0;
  guint64 n_available = atlas_frames_count_available (system->frames);

  if (n_available < n_frames / LOW_SHARE)
    has_worked |= atlas_working_sets_trim (system, n_frames / ENOUGH_SHARE - n_available, NULL) > 0;
  has_worked |= atlas_pager_write (system, ATLAS_FRAME_LIST_MODIFIED, WRITER_PAGES) > 0;
  has_worked |= atlas_pager_write (system, ATLAS_FRAME_LIST_MODIFIED_MAPPED, WRITER_PAGES) > 0;
  return has_worked;
}

guint64
atlas_system_command_memory_list (AtlasSystem *system, AtlasMemoryListCommand command)
{
  guint64 n_pages = 0;

  for (guint i = 0; i < system->processes->len; i++)
    atlas_process_changed (g_ptr_array_index (system->processes, i));
  switch (command)
    {
    case ATLAS_MEMORY_LIST_EMPTY_WORKING_SETS:
      for (guint i = 0; i < system->processes->len; i++)
        n_pages += atlas_process_empty_working_set (g_ptr_array_index (system->processes, i));
      return n_pages;
    case ATLAS_MEMORY_LIST_FLUSH_MODIFIED:
      return atlas_pager_write (system, ATLAS_FRAME_LIST_MODIFIED, G_MAXUINT64) +
             atlas_pager_write (system, ATLAS_FRAME_LIST_MODIFIED_MAPPED, G_MAXUINT64);
    case ATLAS_MEMORY_LIST_PURGE_STANDBY:
      return atlas_pager_purge (system, ATLAS_FRAME_PRIORITIES);
    case ATLAS_MEMORY_LIST_PURGE_LOW_PRIORITY:
      return atlas_pager_purge (system, 1);
    }
  g_return_val_if_reached (0);
}

void
atlas_daemons_run (AtlasSystem *system, guint64 from_100ns, guint64 duration_100ns)
{
  guint64 to_100ns = from_100ns + duration_100ns;
  guint64 n_periods = to_100ns / PERIOD_100NS - from_100ns / PERIOD_100NS;

  atlas_frames_zero_free (system->frames,
                          to_100ns / ZERO_PAGE_100NS - from_100ns / ZERO_PAGE_100NS);
  /* Once there is nothing to do, there will be nothing to do later. */
  while (n_periods > 0 && run_period (system))
    n_periods--;
  for (guint i = 0; i < system->processes->len; i++)
    atlas_process_changed (g_ptr_array_index (system->processes, i));
}
