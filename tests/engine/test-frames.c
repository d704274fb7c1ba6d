/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/frames-private.h"

typedef struct
{
  AtlasMemory *memory;
  AtlasFrames *frames;
} Fixture;

#define FIRMWARE_FRAMES 256u

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 n_frames = GPOINTER_TO_SIZE (data);

  fixture->memory = atlas_memory_new_ram (n_frames * ATLAS_PAGE_BYTES, &error);
  g_assert_no_error (error);
  fixture->frames = atlas_frames_new (fixture->memory, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  atlas_frames_free (fixture->frames);
  atlas_memory_unref (fixture->memory);
}

static const AtlasFrameState states[] = { ATLAS_FRAME_ZEROED,
                                          ATLAS_FRAME_FREE,
                                          ATLAS_FRAME_STANDBY,
                                          ATLAS_FRAME_MODIFIED,
                                          ATLAS_FRAME_MODIFIED_NO_WRITE,
                                          ATLAS_FRAME_BAD,
                                          ATLAS_FRAME_ACTIVE };

static AtlasFrameState
get_state_of_list (AtlasFrameList list)
{
  if (list == ATLAS_FRAME_LIST_ZEROED)
    return ATLAS_FRAME_ZEROED;
  if (list == ATLAS_FRAME_LIST_FREE)
    return ATLAS_FRAME_FREE;
  if (list < ATLAS_FRAME_LIST_MODIFIED)
    return ATLAS_FRAME_STANDBY;
  if (list < ATLAS_FRAME_LIST_MODIFIED_NO_WRITE)
    return ATLAS_FRAME_MODIFIED;
  return list == ATLAS_FRAME_LIST_BAD ? ATLAS_FRAME_BAD : ATLAS_FRAME_MODIFIED_NO_WRITE;
}

/* Every frame stands once on the list of its state; active ones stand on none. */
static void
assert_lists (AtlasFrames *frames)
{
  guint64 n_frames = atlas_frames_get_n_frames (frames);
  g_autofree gboolean *is_listed = g_new0 (gboolean, n_frames);
  guint64 n_listed = 0;

  for (AtlasFrameList list = 0; list < ATLAS_N_FRAME_LISTS; list++)
    {
      AtlasFrameIter iter;
      AtlasPfn pfn;
      guint64 n_of_list = 0;

      atlas_frame_iter_init (&iter, frames, list);
      while (atlas_frame_iter_next (&iter, &pfn))
        {
          AtlasFrame frame;

          g_assert_cmpuint (pfn, <, n_frames);
          g_assert_false (is_listed[pfn]);
          is_listed[pfn] = TRUE;
          atlas_frames_get (frames, pfn, &frame);
          g_assert_cmpuint (frame.state, ==, get_state_of_list (list));
          if (frame.state == ATLAS_FRAME_STANDBY)
            g_assert_cmpuint (frame.priority, ==, list - ATLAS_FRAME_LIST_STANDBY);
          if (frame.next != 0)
            {
              AtlasFrame behind;

              atlas_frames_get (frames, frame.next, &behind);
              g_assert_cmpuint (behind.previous, ==, pfn);
            }
          n_of_list++;
        }
      g_assert_cmpuint (atlas_frames_count_list (frames, list), ==, n_of_list);
      n_listed += n_of_list;
    }
  g_assert_cmpuint (n_listed + atlas_frames_count (frames, ATLAS_FRAME_ACTIVE), ==, n_frames);
}

/* Counts told against counts found by looking at every record. */
static void
assert_counts (AtlasFrames *frames)
{
  guint64 found[ATLAS_FRAME_ACTIVE + 1] = { 0 };
  guint64 n_frames = atlas_frames_get_n_frames (frames);

  for (AtlasPfn pfn = 0; pfn < n_frames; pfn++)
    {
      AtlasFrame frame;

      atlas_frames_get (frames, pfn, &frame);
      g_assert_cmpuint (frame.state, <=, ATLAS_FRAME_ACTIVE);
      found[frame.state]++;
    }
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    g_assert_cmpuint (atlas_frames_count (frames, states[i]), ==, found[states[i]]);
  assert_lists (frames);
}

static void
test_each_frame_is_taken_once (Fixture *fixture, gconstpointer data)
{
  guint64 n_frames = atlas_frames_get_n_frames (fixture->frames);
  g_autofree gboolean *is_taken = g_new0 (gboolean, n_frames);
  guint64 n_zeroed = atlas_frames_count (fixture->frames, ATLAS_FRAME_ZEROED);
  guint64 n_taken = 0;
  AtlasPfn pfn;

  assert_counts (fixture->frames);
  while (atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_PRIVATE, 8, &pfn))
    {
      g_assert_cmpuint (pfn, >=, FIRMWARE_FRAMES);
      g_assert_cmpuint (pfn, <, n_frames);
      g_assert_false (is_taken[pfn]);
      is_taken[pfn] = TRUE;
      n_taken++;
    }
  g_assert_cmpuint (n_taken, ==, n_zeroed);
  /* Less than a run of 64 KB is left out. */
  g_assert_cmpuint (n_taken + FIRMWARE_FRAMES + 16, >, n_frames);
  assert_counts (fixture->frames);
}

static void
test_order_repeats (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AtlasFrames) again = atlas_frames_new (fixture->memory, NULL);
  AtlasPfn pfn;
  AtlasPfn pfn_again;

  while (atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_TABLE, 0, &pfn))
    {
      g_assert_true (atlas_frames_take (again, ATLAS_FRAME_USE_TABLE, 0, &pfn_again));
      g_assert_cmpuint (pfn, ==, pfn_again);
    }
}

static void
test_reused_frames_are_zero (Fixture *fixture, gconstpointer data)
{
  AtlasPfn pfn;
  AtlasPfn reused;
  guint64 value;
  gboolean is_zeroed_by_thread = FALSE;

  while (atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_PRIVATE, 0, &pfn))
    ;
  for (guint i = 0; i < 2; i++)
    {
      atlas_memory_write_u64 (fixture->memory, pfn << ATLAS_PAGE_SHIFT, 0xdead);
      atlas_frames_give_back (fixture->frames, pfn);
      g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_FREE), ==, 1);
      if (is_zeroed_by_thread)
        {
          atlas_frames_zero_free (fixture->frames, G_MAXUINT64);
          g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_FREE), ==, 0);
          g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_ZEROED), ==, 1);
        }
      g_assert_true (atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_TABLE, 0x123450, &reused));
      g_assert_cmpuint (reused, ==, pfn);
      g_assert_true (atlas_memory_read_u64 (fixture->memory, pfn << ATLAS_PAGE_SHIFT, &value));
      g_assert_cmpuint (value, ==, 0);
      is_zeroed_by_thread = TRUE;
    }
}

static void
test_record_follows_the_frame (Fixture *fixture, gconstpointer data)
{
  AtlasFrame frame;
  AtlasPfn pfn;

  g_assert_true (atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_SECTION, 0x5008, &pfn));
  atlas_frames_get (fixture->frames, pfn, &frame);
  g_assert_cmpuint (frame.state, ==, ATLAS_FRAME_ACTIVE);
  g_assert_cmpuint (frame.use, ==, ATLAS_FRAME_USE_SECTION);
  g_assert_cmphex (frame.entry_pa, ==, 0x5008);
  g_assert_cmpuint (frame.share_count, ==, 1);

  g_assert_cmpuint (atlas_frames_share (fixture->frames, pfn), ==, 2);
  g_assert_cmpuint (atlas_frames_unshare (fixture->frames, pfn), ==, 1);
  g_assert_cmpuint (atlas_frames_unshare (fixture->frames, pfn), ==, 0);
  atlas_frames_park (fixture->frames, pfn, ATLAS_FRAME_STANDBY);
  assert_counts (fixture->frames);
  atlas_frames_resume (fixture->frames, pfn);
  atlas_frames_park (fixture->frames, pfn, ATLAS_FRAME_MODIFIED);
  assert_counts (fixture->frames);
  atlas_frames_give_back (fixture->frames, pfn);
  assert_counts (fixture->frames);
  atlas_frames_get (fixture->frames, pfn, &frame);
  g_assert_cmpuint (frame.state, ==, ATLAS_FRAME_FREE);
  g_assert_cmpuint (frame.use, ==, ATLAS_FRAME_USE_NONE);
  g_assert_cmphex (frame.entry_pa, ==, 0);
}

static void
test_priority_picks_the_standby_list (Fixture *fixture, gconstpointer data)
{
  AtlasPfn pfns[ATLAS_FRAME_PRIORITIES];
  AtlasFrame frame;

  for (guint i = 0; i < G_N_ELEMENTS (pfns); i++)
    {
      g_assert_true (
        atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_PRIVATE, 0x5008, &pfns[i]));
      atlas_frames_get (fixture->frames, pfns[i], &frame);
      g_assert_cmpuint (frame.priority, ==, ATLAS_FRAME_PRIORITY_NORMAL);
      atlas_frames_set_priority (fixture->frames, pfns[i], i);
      atlas_frames_park (fixture->frames, pfns[i], ATLAS_FRAME_STANDBY);
      g_assert_cmpuint (
        atlas_frames_count_list (fixture->frames, ATLAS_FRAME_LIST_STANDBY + i), ==, 1);
    }
  assert_counts (fixture->frames);

  /* Out of the middle, the head and the tail of one list. */
  for (guint i = 0; i < G_N_ELEMENTS (pfns); i++)
    atlas_frames_set_priority (fixture->frames, pfns[i], 3);
  assert_counts (fixture->frames);
  atlas_frames_resume (fixture->frames, pfns[4]);
  assert_counts (fixture->frames);
  atlas_frames_park (fixture->frames, pfns[0], ATLAS_FRAME_MODIFIED_NO_WRITE);
  assert_counts (fixture->frames);
  atlas_frames_give_back (fixture->frames, pfns[7]);
  assert_counts (fixture->frames);
  g_assert_cmpuint (atlas_frames_count_list (fixture->frames, ATLAS_FRAME_LIST_STANDBY + 3), ==, 5);
  g_assert_cmpuint (
    atlas_frames_get_counters (fixture->frames)->n_moves[ATLAS_FRAME_ACTIVE][ATLAS_FRAME_STANDBY],
    ==,
    ATLAS_FRAME_PRIORITIES);
}

static void
test_failing_frames_end_on_the_bad_list (Fixture *fixture, gconstpointer data)
{
  AtlasFrameIter iter;
  AtlasPfn used, zeroed, pfn;

  g_assert_true (atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_PRIVATE, 0, &used));
  atlas_frames_set_failing (fixture->frames, used);
  g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_BAD), ==, 0);
  atlas_frames_give_back (fixture->frames, used);
  g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_BAD), ==, 1);

  /* One that waits to be taken is passed over. */
  atlas_frame_iter_init (&iter, fixture->frames, ATLAS_FRAME_LIST_ZEROED);
  g_assert_true (atlas_frame_iter_next (&iter, &zeroed));
  atlas_frames_set_failing (fixture->frames, zeroed);
  while (atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_PRIVATE, 0, &pfn))
    g_assert_true (pfn != used && pfn != zeroed);
  g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_BAD), ==, 2);
  assert_counts (fixture->frames);
}

static void
test_page_that_is_filled_takes_a_free_frame_first (Fixture *fixture, gconstpointer data)
{
  AtlasPfn pfn, again;
  guint64 value;

  g_assert_true (atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_PRIVATE, 0, &pfn));
  atlas_memory_write_u64 (fixture->memory, pfn << ATLAS_PAGE_SHIFT, 0xdead);
  atlas_frames_give_back (fixture->frames, pfn);
  g_assert_true (atlas_frames_take_unzeroed (fixture->frames, ATLAS_FRAME_USE_SECTION, 0, &again));
  g_assert_cmpuint (again, ==, pfn);
  g_assert_true (atlas_memory_read_u64 (fixture->memory, pfn << ATLAS_PAGE_SHIFT, &value));
  g_assert_cmpuint (value, ==, 0xdead);
  assert_counts (fixture->frames);
}

static void
test_zero_thread_takes_its_time (Fixture *fixture, gconstpointer data)
{
  AtlasPfn pfns[5];

  for (guint i = 0; i < G_N_ELEMENTS (pfns); i++)
    g_assert_true (atlas_frames_take (fixture->frames, ATLAS_FRAME_USE_PRIVATE, 0, &pfns[i]));
  for (guint i = 0; i < G_N_ELEMENTS (pfns); i++)
    atlas_frames_give_back (fixture->frames, pfns[i]);
  g_assert_cmpuint (atlas_frames_zero_free (fixture->frames, 3), ==, 3);
  assert_counts (fixture->frames);
  g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_FREE), ==, 2);
  g_assert_cmpuint (atlas_frames_zero_free (fixture->frames, 3), ==, 2);
  g_assert_cmpuint (atlas_frames_zero_free (fixture->frames, 3), ==, 0);
}

#define ADD(path, n_frames, function)                                                              \
  g_test_add ("/frames/" path, Fixture, GSIZE_TO_POINTER (n_frames), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("each-is-taken-once/one-run", FIRMWARE_FRAMES + 16, test_each_frame_is_taken_once);
  ADD ("each-is-taken-once/odd-size", 1007, test_each_frame_is_taken_once);
  ADD ("each-is-taken-once/64-mb", 16384, test_each_frame_is_taken_once);
  ADD ("order-repeats", 4096, test_order_repeats);
  ADD ("reused-are-zero", 400, test_reused_frames_are_zero);
  ADD ("record-follows", 400, test_record_follows_the_frame);
  ADD ("standby-priorities", 400, test_priority_picks_the_standby_list);
  ADD ("failing-go-bad", 400, test_failing_frames_end_on_the_bad_list);
  ADD ("filled-take-free", 400, test_page_that_is_filled_takes_a_free_frame_first);
  ADD ("zero-thread", 400, test_zero_thread_takes_its_time);
  return g_test_run ();
}
