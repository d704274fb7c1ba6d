/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a translation costs beside the least that it could cost, four loads with their bounds check,
 * and beside libaddrxlat.
 *
 *   bench-paging            all
 *   bench-paging walk       one of them, a fixed number of times: for callgrind, see count
 *
 * Times are the best of several rounds, in one process, on the same tables. */

#include "paging/memory-private.h"
#include "paging/mmu.h"
#include "paging/tables.h"
#include "repeat.h"

#include <stdio.h>
#ifdef HAVE_ADDRXLAT
#include "addrxlat-peer.h"
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
  atlas_mmu_free (bench->mmu);
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
  { "hot", N_HOT, FALSE, 400, 500 },
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

typedef struct
{
  Bench bench; /* first: what is measured gets this */
  AddrxlatPeer *peer;
} PeerBench;

static guint64
run_peer_by_steps (Bench *bench)
{
  return addrxlat_peer_sum_by_steps (((PeerBench *) bench)->peer, bench->vas, bench->n_vas);
}

static guint64
run_peer_by_system (Bench *bench)
{
  return addrxlat_peer_sum_by_system (((PeerBench *) bench)->peer, bench->vas, bench->n_vas);
}

static void
compare_addrxlat (void)
{
  static const struct
  {
    const char *name;
    Run run;
  } routes[] = {
    { "addrxlat_step: page tables alone", run_peer_by_steps },
    { "addrxlat_fulladdr_conv: its system", run_peer_by_system },
  };
  static const struct
  {
    const char *name;
    guint64 bytes;
  } buffers[] = {
    { "RAM in pieces of 1 GB", ATLAS_GB (1) },
    { "RAM in pages", ATLAS_PAGE_BYTES },
  };
  PeerBench peer_bench;
  Bench *bench = &peer_bench.bench;

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      bench_init (bench, places[i].n_vas, places[i].is_scattered, ATLAS_LEVEL_PT);
      for (guint j = 0; j < G_N_ELEMENTS (buffers); j++)
        {
          peer_bench.peer = addrxlat_peer_new (bench->memory, bench->control.cr3, buffers[j].bytes);
          for (guint route = 0; route < G_N_ELEMENTS (routes); route++)
            {
              double ns[2];

              if (routes[route].run (bench) != run_walk_overlapping (bench))
                g_error ("libaddrxlat translates differently");
              measure_in_turn (bench,
                               (Run[2]){ routes[route].run, run_walk_overlapping },
                               places[i].n_rounds,
                               places[i].n_repeats,
                               ns);
              printf ("%-9s libaddrxlat, %-34s %-22s %6.1f ns  walk %6.1f ns  "
                      "%.1f times the walk\n",
                      places[i].name,
                      routes[route].name,
                      buffers[j].name,
                      ns[0],
                      ns[1],
                      ns[0] / ns[1]);
            }
          addrxlat_peer_free (peer_bench.peer);
        }
      bench_clear (bench);
    }
}

#endif

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

static const Repeat repeats[] = {
  { "walk", "atlas_walk", 1000u * N_HOT, repeat_walk },
  { "walk-2mb", "atlas_walk", 1000u * N_HOT, repeat_walk_2mb },
  { "walk-1gb", "atlas_walk", 1000u * N_HOT, repeat_walk_1gb },
  { "tlb-hit", "atlas_mmu_access", 2000u * 32u, repeat_tlb_hit },
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
  return 0;
}
