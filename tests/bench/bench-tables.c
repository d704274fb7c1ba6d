/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What it costs to list everything that tables map, beside a bare scan of them.
 *
 *   bench-tables            all; ATLAS_SAMPLES: the folder of linux61-qemu-pagetables.lime
 *   bench-tables graph      one of them, a fixed number of times: for callgrind, see count
 *
 * Times are the best of several rounds, in one process, on the same tables. */

#include "../lime-image.h"
#include "paging/memory-private.h"
#include "paging/tables.h"
#include "repeat.h"

#include <stdio.h>

static volatile guint64 sink;

static guint64
bare_scan (const AtlasMemory *memory, AtlasPa table_pa, guint level, guint64 base, guint64 *sum)
{
  guint64 n_leaves = 0;
  guint64 entry;

  for (guint i = 0; i < 512; i++)
    {
      if (!atlas_memory_read_u64 (memory, table_pa + i * 8, &entry) || (entry & 1) == 0)
        continue;

      guint64 va = base + ((guint64) i << (12 + 9 * (level - 1)));
      if (level == 1 || (level <= 3 && (entry & 0x80) != 0))
        {
          n_leaves++;
          *sum += va ^ entry;
        }
      else
        n_leaves += bare_scan (memory, entry & ATLAS_ENTRY_FRAME, level - 1, va, sum);
    }
  return n_leaves;
}

/* The same with a pointer to each table: the least that a scan can cost. */
static guint64
bare_pointer_scan (const AtlasMemory *memory,
                   AtlasPa table_pa,
                   guint level,
                   guint64 base,
                   guint64 *sum)
{
  const guint8 *bytes = atlas_memory_peek_table (memory, table_pa);
  guint64 n_leaves = 0;

  for (guint i = 0; bytes != NULL && i < 512; i++)
    {
      guint64 entry = atlas_table_bytes_get (bytes, i);

      if ((entry & 1) == 0)
        continue;

      guint64 va = base + ((guint64) i << (12 + 9 * (level - 1)));
      if (level == 1 || (level <= 3 && (entry & 0x80) != 0))
        {
          n_leaves++;
          *sum += va ^ entry;
        }
      else
        n_leaves += bare_pointer_scan (memory, entry & ATLAS_ENTRY_FRAME, level - 1, va, sum);
    }
  return n_leaves;
}

static guint64
list_leaves (const AtlasTableGraph *graph, gboolean is_merged)
{
  AtlasTableIter iter;
  AtlasMappedRange range;
  guint64 n = 0;

  atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
  while (is_merged ? atlas_table_iter_next_range (&iter, &range)
                   : atlas_table_iter_next_leaf (&iter, &range))
    {
      n++;
      sink += range.first_pa;
    }
  return n;
}

#define BEST_US(best_us, statement)                                                                \
  for (guint round = 0; round < 200; round++)                                                      \
    {                                                                                              \
      gint64 start_us = g_get_monotonic_time ();                                                   \
      for (guint repeat = 0; repeat < 10; repeat++)                                                \
        {                                                                                          \
          statement;                                                                               \
        }                                                                                          \
      best_us = MIN (best_us, (double) (g_get_monotonic_time () - start_us) / 10);                 \
    }

static void
compare_enumerations (void)
{
  const char *folder = g_getenv ("ATLAS_SAMPLES");
  g_autofree char *path =
    g_build_filename (folder != NULL ? folder : ".", "linux61-qemu-pagetables.lime", NULL);
  g_autoptr (AtlasMemory) memory = load_lime (path);
  AtlasControl control = atlas_control_windows (0x554c000);
  double bare_us = G_MAXDOUBLE, pointer_us = G_MAXDOUBLE, graph_us = G_MAXDOUBLE;
  double leaves_us = G_MAXDOUBLE, ranges_us = G_MAXDOUBLE;
  guint64 sum = 0, n_leaves = 0, n_ranges = 0;

  if (memory == NULL)
    {
      printf ("enumeration: set ATLAS_SAMPLES to the folder of linux61-qemu-pagetables.lime\n");
      return;
    }
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  BEST_US (bare_us, bare_scan (memory, 0x554c000, 4, 0, &sum));
  BEST_US (pointer_us, bare_pointer_scan (memory, 0x554c000, 4, 0, &sum));
  BEST_US (graph_us, atlas_table_graph_unref (atlas_table_graph_new (memory, &control)));
  BEST_US (leaves_us, n_leaves = list_leaves (graph, FALSE));
  BEST_US (ranges_us, n_ranges = list_leaves (graph, TRUE));
  sink += sum;
  printf ("Linux image: bare scan %.0f µs, by pointer %.0f µs; graph %.0f µs (%.2f times), "
          "%" G_GUINT64_FORMAT " leaves %.0f µs (%.2f times), %" G_GUINT64_FORMAT
          " ranges %.0f µs (%.2f times)\n",
          bare_us,
          pointer_us,
          graph_us,
          graph_us / pointer_us,
          n_leaves,
          leaves_us,
          leaves_us / pointer_us,
          n_ranges,
          ranges_us,
          ranges_us / pointer_us);
}

static AtlasMemory *
shared_tables (void)
{
  AtlasMemory *memory = atlas_memory_new_ram (ATLAS_KB (64), NULL);

  atlas_memory_write_u64 (memory, 0x1000, 0x2067);
  for (guint level = 3; level >= 1; level--)
    for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
      atlas_memory_write_u64 (memory, (5 - level) * 0x1000 + i * 8, ((6 - level) * 0x1000) | 0x67);
  return memory;
}

static void
count_shared_tables (void)
{
  g_autoptr (AtlasMemory) memory = shared_tables ();
  AtlasControl control = atlas_control_windows (0x1000);
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  double count_us = G_MAXDOUBLE, ranges_us = G_MAXDOUBLE;
  AtlasTableIter iter;
  AtlasMappedRange range;

  BEST_US (count_us, atlas_table_graph_unref (atlas_table_graph_new (memory, &control)));
  BEST_US (ranges_us, {
    atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
    for (guint i = 0; i < 1000; i++)
      atlas_table_iter_next_range (&iter, &range);
  });
  printf ("%" G_GUINT64_FORMAT " leaves in four tables: counted in %.1f µs, first 1,000 ranges "
          "%.1f µs\n",
          atlas_table_graph_get_node (graph, 0)->n_leaves[0],
          count_us,
          ranges_us);
}

/* ---- A fixed amount of one thing, for callgrind ---- */

static void
repeat_graph (void)
{
  g_autoptr (AtlasMemory) memory = shared_tables ();
  AtlasControl control = atlas_control_windows (0x1000);

  for (guint i = 0; i < 100; i++)
    atlas_table_graph_unref (atlas_table_graph_new (memory, &control));
}

static void
repeat_ranges (void)
{
  g_autoptr (AtlasMemory) memory = shared_tables ();
  AtlasControl control = atlas_control_windows (0x1000);
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (memory, &control);
  AtlasTableIter iter;
  AtlasMappedRange range;

  atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
  for (guint i = 0; i < 64000; i++)
    atlas_table_iter_next_range (&iter, &range);
}

static const Repeat repeats[] = {
  { "graph", "atlas_table_graph_new", 100, repeat_graph },
  { "ranges", "atlas_table_iter_next_range", 64000, repeat_ranges },
};

int
main (int argc, char *argv[])
{
  int status;

  if (repeat_main (argc, argv, repeats, G_N_ELEMENTS (repeats), &status))
    return status;
  compare_enumerations ();
  count_shared_tables ();
  return 0;
}
