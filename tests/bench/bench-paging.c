/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a translation costs beside the least that it could cost: four loads with their bounds check.
 *
 *   bench-paging            all
 *   bench-paging walk       one of them, a fixed number of times: for callgrind, see count-paging
 *
 * Times are the best of several rounds, in one process, on the same tables. */

#include "paging/memory-private.h"
#include "paging/mmu.h"
#include "paging/tables.h"
#include "repeat.h"

#include <stdio.h>
#include <string.h>
#ifdef HAVE_ADDRXLAT
#include <libkdumpfile/addrxlat.h>
#endif

#define N_HOT 64
#define N_SCATTERED 1000000u
#define CLUSTER 16 /* neighbouring pages, as programs have them: 62,500 page tables */

typedef struct
{
  AtlasMemory *memory;
  AtlasControl control;
  AtlasMmu *mmu;
  AtlasTableAllocator allocator;
  AtlasPa next_pa;
  AtlasVa *vas;
  guint n_vas;
} Bench;

static volatile guint64 sink;

static AtlasPa
allocate (guint level, gpointer user_data)
{
  Bench *bench = user_data;

  bench->next_pa += ATLAS_PAGE_BYTES;
  return bench->next_pa;
}

static guint64
next_random (guint64 *state)
{
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * G_GUINT64_CONSTANT (0x2545f4914f6cdd1d);
}

/* @level: of the entries that map the pages. */
static void
bench_init (Bench *bench, guint n_vas, gboolean is_scattered, guint level)
{
  const guint64 page_bytes = atlas_level_span_bytes (level);
  const guint64 flags = level == ATLAS_LEVEL_PT ? 0x67 : 0x67 | ATLAS_ENTRY_PS;
  guint64 seed = 7;

  *bench = (Bench){ .next_pa = 0x1000, .n_vas = n_vas };
  bench->memory = atlas_memory_new_ram (ATLAS_GB (4), NULL);
  bench->control = atlas_control_windows (0x1000);
  bench->mmu = atlas_mmu_new (bench->memory);
  bench->vas = g_new (AtlasVa, n_vas);
  bench->allocator = (AtlasTableAllocator){
    .allocate = allocate,
    .user_data = bench,
    .table_flags = 0x67,
  };
  for (guint i = 0; i < n_vas; i++)
    {
      if (!is_scattered)
        bench->vas[i] = ATLAS_GB (3) + i * page_bytes;
      else if (i % CLUSTER == 0)
        bench->vas[i] = next_random (&seed) & ATLAS_BITS (46, 16);
      else
        bench->vas[i] = bench->vas[i - 1] + page_bytes;
      atlas_tables_map (bench->memory,
                        &bench->control,
                        bench->vas[i],
                        level,
                        i * page_bytes | flags,
                        &bench->allocator);
      bench->vas[i] |= i * 8 & 0xfff;
    }
  if (is_scattered)
    for (guint i = n_vas - 1; i > 0; i--)
      {
        guint other = (guint) (next_random (&seed) % (i + 1));
        AtlasVa va = bench->vas[i];

        bench->vas[i] = bench->vas[other];
        bench->vas[other] = va;
      }
  atlas_mmu_set_control (bench->mmu, &bench->control);
}

static void
bench_clear (Bench *bench)
{
  g_free (bench->vas);
  atlas_mmu_unref (bench->mmu);
  atlas_memory_unref (bench->memory);
}

/* Each address waits for the result before it, through bits that are 0 though the compiler cannot
 * know: what is measured is the time to the answer, not how many can be under way at once. */
static volatile guint64 no_bits = 0;

#define DEPENDENT(bench, i, previous) ((bench)->vas[(i)] + ((previous) &zero))

/* ---- What is compared ---- */

static guint64
bare_walk (const guint8 *ram, guint64 ram_bytes, AtlasPa root_pa, AtlasVa va)
{
  guint64 table_pa = root_pa;

  for (gint shift = 39; shift >= 12; shift -= 9)
    {
      guint64 entry_pa = table_pa + (va >> shift & 511) * 8;

      if (entry_pa >= ram_bytes)
        return 0;
      guint64 entry = *(const guint64 *) (gconstpointer) (ram + entry_pa);
      if ((entry & 1) == 0)
        return 0;
      table_pa = entry & ATLAS_ENTRY_FRAME;
    }
  return table_pa | (va & 0xfff);
}

static inline guint64 __attribute__ ((always_inline)) run_bare (Bench *bench, gboolean is_dependent)
{
  const guint64 zero = no_bits;
  const guint8 *ram = bench->memory->ram;
  guint64 size = bench->memory->ram_bytes;
  guint64 pa = 0, sum = 0;

  for (guint i = 0; i < bench->n_vas; i++)
    {
      pa = bare_walk (ram, size, 0x1000, is_dependent ? DEPENDENT (bench, i, pa) : bench->vas[i]);
      sum += pa;
    }
  return sum;
}

static inline guint64 __attribute__ ((always_inline)) run_walk (Bench *bench, gboolean is_dependent)
{
  const guint64 zero = no_bits;
  guint64 sum = 0;
  AtlasWalkResult result = { 0 };

  for (guint i = 0; i < bench->n_vas; i++)
    {
      AtlasWalkQuery query = { .va =
                                 is_dependent ? DEPENDENT (bench, i, result.pa) : bench->vas[i] };

      atlas_walk (bench->memory, &bench->control, &query, &result);
      sum += result.pa;
    }
  return sum;
}

static inline guint64 __attribute__ ((always_inline)) run_load (Bench *bench, gboolean is_dependent)
{
  const guint64 zero = no_bits;
  const guint8 *ram = bench->memory->ram;
  guint64 value = 0, sum = 0;

  for (guint i = 0; i < bench->n_vas; i++)
    {
      guint64 va = is_dependent ? DEPENDENT (bench, i, value) : bench->vas[i];

      value = *(const volatile guint64 *) (gconstpointer) (ram + (va & 0xff8));
      sum += value + va;
    }
  return sum;
}

static inline guint64 __attribute__ ((always_inline)) run_mmu (Bench *bench, gboolean is_dependent)
{
  const guint64 zero = no_bits;
  guint64 sum = 0;
  AtlasWalkResult result = { 0 };

  for (guint i = 0; i < bench->n_vas; i++)
    {
      AtlasWalkQuery query = { .va =
                                 is_dependent ? DEPENDENT (bench, i, result.pa) : bench->vas[i] };

      atlas_mmu_access (bench->mmu, &query, NULL, &result);
      sum += result.pa;
    }
  return sum;
}

/* Two programs of each, so that the compiler does not make the independent one wait as well. */
#define BOTH_KINDS(name)                                                                           \
  static guint64 name##_overlapping (Bench *bench) { return name (bench, FALSE); }                 \
  static guint64 name##_one_by_one (Bench *bench) { return name (bench, TRUE); }                   \
  static guint64 (*const name##_kinds[2]) (Bench * bench) = { name##_overlapping,                  \
                                                              name##_one_by_one };

BOTH_KINDS (run_bare)
BOTH_KINDS (run_walk)
BOTH_KINDS (run_load)
BOTH_KINDS (run_mmu)

typedef guint64 (*Run) (Bench *bench);

/* ns for one address, best of several rounds, in which the two take turns: what else the machine
 * does meets both. */
static void
measure_in_turn (Bench *bench,
                 const Run runs[2],
                 guint n_rounds,
                 guint n_repeats,
                 double best_ns[2])
{
  best_ns[0] = best_ns[1] = G_MAXDOUBLE;

  for (guint round = 0; round < 2 * n_rounds; round++)
    {
      gint64 start_us = g_get_monotonic_time ();
      double ns;

      for (guint i = 0; i < n_repeats; i++)
        sink += runs[round % 2](bench);
      ns = (double) (g_get_monotonic_time () - start_us) * 1000.0 / n_repeats / bench->n_vas;
      best_ns[round % 2] = MIN (best_ns[round % 2], ns);
    }
}

/* Where the tables are: in the caches of the host, or all over its memory. */
static const struct
{
  const char *name;
  guint n_vas;
  gboolean is_scattered;
  guint n_rounds;
  guint n_repeats;
} places[] = {
  { "hot", N_HOT, FALSE, 100, 2000 },
  { "scattered", N_SCATTERED, TRUE, 7, 1 },
};

static const char *const kinds[2] = { "overlapping", "one by one" };

static void
compare_walks (void)
{
  Bench bench;

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      bench_init (&bench, places[i].n_vas, places[i].is_scattered, ATLAS_LEVEL_PT);
      for (guint kind = 0; kind < 2; kind++)
        {
          double ns[2];

          measure_in_turn (&bench,
                           (Run[2]){ run_bare_kinds[kind], run_walk_kinds[kind] },
                           places[i].n_rounds,
                           places[i].n_repeats,
                           ns);
          printf ("%-9s %-11s  bare %6.1f ns  walk %6.1f ns  %.2f times\n",
                  places[i].name,
                  kinds[kind],
                  ns[0],
                  ns[1],
                  ns[1] / ns[0]);
        }
      bench_clear (&bench);
    }
}

static void
compare_tlbs (void)
{
  for (guint i = 1; i < atlas_tlb_get_n_profiles (); i++)
    {
      const AtlasTlbProfile *profile = atlas_tlb_get_profile (i);
      Bench bench;

      bench_init (&bench, 32, FALSE, ATLAS_LEVEL_PT);
      atlas_mmu_set_tlb_profile (bench.mmu, profile);
      for (guint kind = 0; kind < 2; kind++)
        {
          double ns[2];

          measure_in_turn (
            &bench, (Run[2]){ run_load_kinds[kind], run_mmu_kinds[kind] }, 100, 4000, ns);
          printf ("%-12s %-11s  load %5.1f ns  TLB hit %5.1f ns  %+.1f ns\n",
                  profile->id,
                  kinds[kind],
                  ns[0],
                  ns[1],
                  ns[1] - ns[0]);
        }
      bench_clear (&bench);
    }
}

#ifdef HAVE_ADDRXLAT

static void
keep_ram (const addrxlat_buffer_t *buffer)
{
}

/* The library that crash and drgn translate with. It is given RAM in buffers of 1 GB, so that it
 * nearly always has the right one. */
static addrxlat_status
get_ram (const addrxlat_cb_t *cb, addrxlat_buffer_t *buffer)
{
  const AtlasMemory *memory = cb->priv;

  buffer->addr.addr &= ~(ATLAS_GB (1) - 1);
  buffer->ptr = memory->ram + buffer->addr.addr;
  buffer->size = ATLAS_GB (1);
  buffer->byte_order = ADDRXLAT_LITTLE_ENDIAN;
  buffer->put_page = keep_ram;
  return ADDRXLAT_OK;
}

static unsigned long
read_caps (const addrxlat_cb_t *cb)
{
  return ADDRXLAT_CAPS (ADDRXLAT_MACHPHYSADDR);
}

static const addrxlat_meth_t addrxlat_method = {
  .kind = ADDRXLAT_PGT,
  .target_as = ADDRXLAT_MACHPHYSADDR,
  .param.pgt = {
    .root = { 0x1000, ADDRXLAT_MACHPHYSADDR },
    .pf = { ADDRXLAT_PTE_X86_64, 5, { 12, 9, 9, 9, 9 } },
  },
};
static addrxlat_ctx_t *addrxlat_context;

static guint64
run_addrxlat (Bench *bench)
{
  guint64 sum = 0;

  for (guint i = 0; i < bench->n_vas; i++)
    {
      addrxlat_step_t step = { .ctx = addrxlat_context, .meth = &addrxlat_method };

      addrxlat_status status = addrxlat_launch (&step, bench->vas[i]);

      while (status == ADDRXLAT_OK && step.remain > 0)
        status = addrxlat_step (&step);
      if (status != ADDRXLAT_OK)
        g_error ("%s", addrxlat_ctx_get_err (addrxlat_context));
      sum += step.base.addr;
    }
  return sum;
}

static void
compare_addrxlat (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      Bench bench;
      double ns[2];

      bench_init (&bench, places[i].n_vas, places[i].is_scattered, ATLAS_LEVEL_PT);
      addrxlat_context = addrxlat_ctx_new ();
      addrxlat_cb_t *callbacks = addrxlat_ctx_add_cb (addrxlat_context);
      callbacks->priv = bench.memory;
      callbacks->get_page = get_ram;
      callbacks->read_caps = read_caps;
      if (run_addrxlat (&bench) != run_walk_overlapping (&bench))
        g_error ("libaddrxlat translates differently");

      measure_in_turn (&bench,
                       (Run[2]){ run_addrxlat, run_walk_overlapping },
                       places[i].n_rounds,
                       places[i].n_repeats,
                       ns);
      printf ("%-9s libaddrxlat %6.1f ns  walk %6.1f ns  %.2f times\n",
              places[i].name,
              ns[0],
              ns[1],
              ns[1] / ns[0]);
      addrxlat_ctx_decref (addrxlat_context);
      bench_clear (&bench);
    }
}

#endif

/* ---- All tables ---- */

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

static AtlasMemory *
load_lime (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  if (file == NULL)
    return NULL;
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (AtlasMemoryRun));
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize at = 0; at + 32 <= size;)
    {
      guint64 header[4];

      memcpy (header, data + at, sizeof header);
      gsize run_bytes = (gsize) (header[2] - header[1] + 1);
      AtlasMemoryRun run = { header[1], g_bytes_new_from_bytes (bytes, at + 32, run_bytes) };
      g_array_append_val (runs, run);
      at += 32 + run_bytes;
    }

  AtlasMemory *memory =
    atlas_memory_new_image ((AtlasMemoryRun *) (gpointer) runs->data, runs->len);
  for (guint i = 0; i < runs->len; i++)
    g_bytes_unref (g_array_index (runs, AtlasMemoryRun, i).bytes);
  return memory;
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
repeat_walk_of (guint level)
{
  Bench bench;

  bench_init (&bench, N_HOT, FALSE, level);
  for (guint i = 0; i < 1000; i++)
    sink += run_walk_overlapping (&bench);
  bench_clear (&bench);
}

static void
repeat_walk (void)
{
  repeat_walk_of (ATLAS_LEVEL_PT);
}

static void
repeat_walk_2mb (void)
{
  repeat_walk_of (ATLAS_LEVEL_PD);
}

static void
repeat_walk_1gb (void)
{
  repeat_walk_of (ATLAS_LEVEL_PDPT);
}

static void
repeat_tlb_hit (void)
{
  Bench bench;

  bench_init (&bench, 32, FALSE, ATLAS_LEVEL_PT);
  atlas_mmu_set_tlb_profile (bench.mmu, atlas_tlb_find_profile ("skylake"));
  for (guint i = 0; i < 2000; i++)
    sink += run_mmu_overlapping (&bench);
  bench_clear (&bench);
}

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
  { "walk", "atlas_walk", 1000u * N_HOT, repeat_walk },
  { "walk-2mb", "atlas_walk", 1000u * N_HOT, repeat_walk_2mb },
  { "walk-1gb", "atlas_walk", 1000u * N_HOT, repeat_walk_1gb },
  { "tlb-hit", "atlas_mmu_access", 2000u * 32u, repeat_tlb_hit },
  { "graph", "atlas_table_graph_new", 100, repeat_graph },
  { "ranges", "atlas_table_iter_next_range", 64000, repeat_ranges },
};

int
main (int argc, char *argv[])
{
  int status;

  if (repeat_main (argc, argv, repeats, G_N_ELEMENTS (repeats), &status))
    return status;
  compare_walks ();
  compare_tlbs ();
#ifdef HAVE_ADDRXLAT
  compare_addrxlat ();
#endif
  compare_enumerations ();
  count_shared_tables ();
  return 0;
}
