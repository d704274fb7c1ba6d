/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include <string.h>

#include "source/memory-image-writer.h"
#include "source/memory-image.h"
#include "source/minidump-writer.h"
#include "source/minidump.h"
#include "windows-fixture.h"
#include "windows/frames-private.h"
#include "windows/state-hash-private.h"

static GBytes *
end (GOutputStream *stream)
{
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
}

static GBytes *
dump_process (AtlasProcess *process)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;

  g_assert_true (atlas_minidump_write (process, 1700000000, stream, &error));
  g_assert_no_error (error);
  return end (stream);
}

static AtlasMemory *
dump_memory (AtlasProcess *process, AtlasImageFormat format, AtlasControl *control)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  AtlasMemory *memory;

  g_assert_true (atlas_memory_image_write (process, format, stream, &error));
  g_assert_no_error (error);
  bytes = end (stream);
  memory = atlas_memory_image_open (bytes, "image", control, &error);
  g_assert_no_error (error);
  return memory;
}

/* Every region as VirtualQuery tells it, and every byte that is at hand on one side is on the
 * other. */
static void
test_a_minidump_tells_what_the_process_is (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasSpace *live = atlas_process_get_space (process);
  guint64 hash = atlas_system_hash_state (system);
  g_autoptr (GBytes) bytes = dump_process (process);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) read = atlas_minidump_open (bytes, "p.dmp", &error);
  AtlasQueryIter live_iter, read_iter;
  AtlasRegion a, b;
  guint n_regions = 0, n_pages = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (atlas_system_hash_state (system), ==, hash);
  atlas_query_iter_init (&live_iter, atlas_space_get_regions (live));
  atlas_query_iter_init (&read_iter, atlas_space_get_regions (read));
  while (atlas_query_iter_next (&live_iter, &a))
    {
      g_assert_true (atlas_query_iter_next (&read_iter, &b));
      g_assert_cmphex (a.base_va, ==, b.base_va);
      g_assert_cmphex (a.size_bytes, ==, b.size_bytes);
      g_assert_cmphex (a.state, ==, b.state);
      g_assert_cmphex (a.type, ==, b.type);
      g_assert_cmphex (a.allocation_protect, ==, b.allocation_protect);
      if (a.state != ATLAS_STATE_FREE)
        {
          g_assert_cmphex (a.allocation_base_va, ==, b.allocation_base_va);
          g_assert_cmphex (a.protect, ==, b.protect);
        }
      n_regions++;
      if (a.state != ATLAS_STATE_COMMIT)
        continue;
      for (guint64 at = 0; at < a.size_bytes; at += ATLAS_PAGE_BYTES)
        {
          guint8 live_page[ATLAS_PAGE_BYTES], read_page[ATLAS_PAGE_BYTES];
          gboolean is_known[ATLAS_PAGE_BYTES];
          gsize n_known =
            atlas_space_peek (live, a.base_va + at, live_page, is_known, ATLAS_PAGE_BYTES);

          g_assert_cmpuint (
            atlas_space_peek (read, a.base_va + at, read_page, is_known, ATLAS_PAGE_BYTES),
            ==,
            n_known);
          if (n_known == 0)
            continue;
          g_assert_cmpmem (live_page, sizeof live_page, read_page, sizeof read_page);
          n_pages++;
        }
    }
  g_assert_false (atlas_query_iter_next (&read_iter, &b));
  g_test_message ("%u regions, %u pages", n_regions, n_pages);
  g_assert_cmpuint (n_regions, >, 100);
  g_assert_cmpuint (n_pages, >, 200);
}

/* Every frame in use, and no other. */
static void
test_images_hold_the_memory (void)
{
  for (guint format = ATLAS_IMAGE_LIME; format <= ATLAS_IMAGE_ELF; format++)
    {
      g_autoptr (AtlasSystem) system = make_system ();
      AtlasProcess *process = make_process (system, FALSE);
      const AtlasMemory *live = atlas_system_get_memory (system);
      const AtlasFrames *frames = atlas_system_get_frames (system);
      AtlasControl control = *atlas_process_get_control (process);
      AtlasControl told = { .cr3 = 0 };
      guint64 hash = atlas_system_hash_state (system);
      g_autoptr (AtlasMemory) read = dump_memory (process, (AtlasImageFormat) format, &told);
      guint64 n_held = 0;

      g_assert_cmpuint (atlas_system_hash_state (system), ==, hash);
      if (format == ATLAS_IMAGE_ELF)
        {
          g_assert_cmphex (told.cr3, ==, control.cr3);
          g_assert_cmphex (told.cr4, ==, control.cr4);
        }
      for (AtlasPfn pfn = 0; pfn < atlas_frames_get_n_frames (frames); pfn++)
        {
          guint8 live_page[ATLAS_PAGE_BYTES], read_page[ATLAS_PAGE_BYTES];
          AtlasPa pa = pfn * ATLAS_PAGE_BYTES;
          gboolean is_held = atlas_memory_read (read, pa, read_page, sizeof read_page);
          AtlasFrame frame;

          atlas_frames_get (frames, pfn, &frame);
          g_assert_cmpint (
            is_held, ==, frame.state != ATLAS_FRAME_ZEROED && frame.state != ATLAS_FRAME_FREE);
          if (!is_held)
            continue;
          n_held++;
          g_assert_true (atlas_memory_read (live, pa, live_page, sizeof live_page));
          g_assert_cmpmem (live_page, sizeof live_page, read_page, sizeof read_page);
        }
      g_test_message ("%" G_GUINT64_FORMAT " frames", n_held);
      g_assert_cmpuint (n_held, >, 500);
    }
}

/* The count of segments has 16 bits in an ELF header. */
static void
test_more_runs_than_an_elf_header_counts (void)
{
  const AtlasSystemOptions options = { .memory_bytes = ATLAS_GB (1), .build = 22000 };
  g_autoptr (AtlasSystem) system = atlas_system_new (&options, NULL);
  AtlasProcess *process = make_process (system, TRUE);
  AtlasFrames *frames = atlas_system_get_frames (system);
  AtlasControl told = { .cr3 = 0 };
  g_autoptr (AtlasMemory) read = NULL;
  g_autoptr (GArray) pfns = g_array_new (FALSE, FALSE, sizeof (AtlasPfn));
  AtlasPfn pfn;
  guint64 n_ranges = 0, size_bytes;
  AtlasPa base_pa, from_pa = 0;

  for (guint i = 0; i < 150000; i++)
    {
      g_assert_true (atlas_frames_take (frames, ATLAS_FRAME_USE_KERNEL, 0, &pfn));
      g_array_append_val (pfns, pfn);
    }
  for (guint i = 0; i < pfns->len; i++)
    if (g_array_index (pfns, AtlasPfn, i) % 2 == 0)
      atlas_frames_give_back (frames, g_array_index (pfns, AtlasPfn, i));
  read = dump_memory (process, ATLAS_IMAGE_ELF, &told);
  for (; atlas_memory_find_range (read, from_pa, &base_pa, &size_bytes); n_ranges++)
    from_pa = base_pa + size_bytes;
  g_assert_cmpuint (n_ranges, >, 70000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/dump-writer/a-minidump-tells-what-the-process-is",
                   test_a_minidump_tells_what_the_process_is);
  g_test_add_func ("/dump-writer/images-hold-the-memory", test_images_hold_the_memory);
  g_test_add_func ("/dump-writer/more-runs-than-an-elf-header-counts",
                   test_more_runs_than_an_elf_header_counts);

  return g_test_run ();
}
