/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the memory manager costs with many regions, and a session with many commands. By hand: no
 * machine but yours can say what is slow. Every ratio is of two figures of the same run.
 */

#include <malloc.h>
#include <time.h>

#include "repeat.h"
#include "session/session.h"
#include "windows/fault.h"
#include "windows/laboratory.h"
#include "windows/process.h"
#include "windows/virtual.h"

#define FEW 1000u
#define MANY 1000000u
#define N_TOUCHES 50000u
#define BASE_VA ATLAS_TB (4)
#define REGION_BYTES ATLAS_KB (64)
#define N_COMMANDS 10000u

/* Of this thread alone: what else runs on the machine counts little. */
static gint64
get_cpu_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static double
get_ns (gint64 start_us, guint n)
{
  return (double) (get_cpu_us () - start_us) * 1000.0 / n;
}

typedef struct
{
  double reserve_ns;
  double commit_ns;
  double query_ns;
  double protect_ns;
  double free_ns;
  double random_query_ns;
} Costs;

static AtlasVa
get_region_va (guint i)
{
  return BASE_VA + i * REGION_BYTES;
}

static void
allocate (AtlasProcess *process, AtlasVa va, guint32 type)
{
  guint64 size_bytes = ATLAS_PAGE_BYTES;

  g_assert (atlas_nt_allocate_virtual_memory (
              process, &va, 0, &size_bytes, type, ATLAS_PAGE_READWRITE) == ATLAS_STATUS_SUCCESS);
}

static void
free_region (AtlasProcess *process, AtlasVa va)
{
  guint64 size_bytes = 0;

  g_assert (atlas_nt_free_virtual_memory (process, &va, &size_bytes, ATLAS_MEM_RELEASE) ==
            ATLAS_STATUS_SUCCESS);
}

static void
query (AtlasProcess *process, AtlasVa va)
{
  AtlasRegion region;

  g_assert (atlas_nt_query_virtual_memory (process, va, &region) == ATLAS_STATUS_SUCCESS);
}

static void
protect (AtlasProcess *process, AtlasVa va)
{
  guint64 size_bytes = ATLAS_PAGE_BYTES;
  guint32 old_protect;

  g_assert (atlas_nt_protect_virtual_memory (
              process, &va, &size_bytes, ATLAS_PAGE_READONLY, &old_protect) ==
            ATLAS_STATUS_SUCCESS);
}

static gsize
get_heap_bytes (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

static AtlasProcess *
start_bare (AtlasSystem *system)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;

  options.is_bare = TRUE;
  return atlas_process_new (system, &options, NULL);
}

/* Each operation on each of @n_regions regions, from the first to the last; @n_rounds times. Of
 * different rounds the cheapest counts. @region_bytes: what the host gave for a reservation. */
static Costs
measure (AtlasSystem *system, guint n_regions, guint n_rounds, double *region_bytes)
{
  Costs best = { 0 };

  for (guint round = 0; round < n_rounds; round++)
    {
      AtlasProcess *process = start_bare (system);
      g_autoptr (GRand) rand = g_rand_new_with_seed (1);
      gsize heap_bytes = get_heap_bytes ();
      Costs costs;
      gint64 start_us;

#define MEASURE(field, statement)                                                                  \
  start_us = get_cpu_us ();                                                                        \
  for (guint i = 0; i < n_regions; i++)                                                            \
    statement;                                                                                     \
  costs.field = get_ns (start_us, n_regions);                                                      \
  best.field = round == 0 ? costs.field : MIN (best.field, costs.field)

      MEASURE (reserve_ns, allocate (process, get_region_va (i), ATLAS_MEM_RESERVE));
      *region_bytes = (double) (get_heap_bytes () - heap_bytes) / n_regions;
      MEASURE (commit_ns, allocate (process, get_region_va (i), ATLAS_MEM_COMMIT));
      MEASURE (query_ns, query (process, get_region_va (i)));
      MEASURE (
        random_query_ns,
        query (process, get_region_va ((guint) g_rand_int_range (rand, 0, (gint32) n_regions))));
      MEASURE (protect_ns, protect (process, get_region_va (i)));
      MEASURE (free_ns, free_region (process, get_region_va (i)));
#undef MEASURE
      atlas_process_terminate (process);
    }
  return best;
}

/* What one look at a region costs the host at least, in no order: a load from memory as large as
 * the VADs, whose address the load before it gave. */
static double
measure_loads (guint n_regions)
{
  const guint n_words = sizeof (AtlasVad) / sizeof (guint64);
  g_autofree guint64 *words = g_new (guint64, (gsize) n_regions * n_words);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint64 at = 0;
  gint64 start_us;

  /* Sattolo's shuffle: one circle through all of them. */
  for (guint i = 0; i < n_regions; i++)
    words[(gsize) i * n_words] = i;
  for (guint i = n_regions - 1u; i > 0; i--)
    {
      guint64 *a = &words[(gsize) i * n_words];
      guint64 *b = &words[(gsize) g_rand_int_range (rand, 0, (gint32) i) * n_words];
      guint64 swapped = *a;

      *a = *b;
      *b = swapped;
    }
  start_us = get_cpu_us ();
  for (guint i = 0; i < MANY; i++)
    at = words[at * n_words];
  g_assert (MANY % n_regions != 0 || at == 0);
  return get_ns (start_us, MANY);
}

static void
print_row (const char *name, double few_ns, double many_ns)
{
  g_print ("%12s %10.0f %10.0f %8.2f\n", name, few_ns, many_ns, many_ns / few_ns);
}

static void
bench_regions (AtlasSystem *system)
{
  double bytes;
  Costs few = measure (system, FEW, 200, &bytes);
  Costs many = measure (system, MANY, 3, &bytes);

  g_print ("%u regions, %.1f bytes each (at most 160)\n", MANY, bytes);
  g_print ("%12s %10s %10s %8s\n", "ns each", "1,000", "1,000,000", "ratio");
  print_row ("reserve", few.reserve_ns, many.reserve_ns);
  print_row ("commit", few.commit_ns, many.commit_ns);
  print_row ("query", few.query_ns, many.query_ns);
  print_row ("protect", few.protect_ns, many.protect_ns);
  print_row ("free", few.free_ns, many.free_ns);
  print_row ("query, any", few.random_query_ns, many.random_query_ns);
  print_row ("load, any", measure_loads (FEW), measure_loads (MANY));
}

static void
bench_touches (AtlasSystem *system)
{
  AtlasProcess *process = start_bare (system);
  AtlasVa base_va = BASE_VA;
  guint64 size_bytes = (guint64) N_TOUCHES * ATLAS_PAGE_BYTES;
  gint64 start_us;
  guint8 byte = 1;

  g_assert (atlas_nt_allocate_virtual_memory (process,
                                              &base_va,
                                              0,
                                              &size_bytes,
                                              ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                                              ATLAS_PAGE_READWRITE) == ATLAS_STATUS_SUCCESS);
  for (guint round = 0; round < 2; round++)
    {
      start_us = get_cpu_us ();
      for (guint i = 0; i < N_TOUCHES; i++)
        g_assert (atlas_process_access (process,
                                        base_va + (guint64) i * ATLAS_PAGE_BYTES,
                                        ATLAS_ACCESS_WRITE,
                                        FALSE,
                                        &byte,
                                        1,
                                        NULL,
                                        NULL) == ATLAS_STATUS_SUCCESS);
      g_print ("%s touch %.0f ns\n", round == 0 ? "first" : "second", get_ns (start_us, N_TOUCHES));
    }
  atlas_process_terminate (process);
}

static void
bench_laboratory (void)
{
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  gint64 start_us = get_cpu_us ();
  g_autoptr (AtlasLaboratory) laboratory =
    atlas_laboratory_run (&system_options, &options, 10000, 1);

  g_print ("%.0f boots a second\n", 1e9 / get_ns (start_us, 10000));
}

static AtlasSession *
make_session (void)
{
  static const char *const protections[] = { "readonly", "readwrite", "execute_read", "noaccess" };
  AtlasSession *session = atlas_session_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (guint i = 0; atlas_session_get_n_commands (session) < N_COMMANDS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *command = NULL;
      AtlasVa va = BASE_VA + (guint64) g_rand_int_range (rand, 0, 500) * ATLAS_MB (1);
      guint page = (guint) g_rand_int_range (rand, 0, 60);

      switch (i < 2 ? i : 2u + i % 6u)
        {
        case 0:
          command = g_strdup ("system memory=4G seed=7");
          break;
        case 1:
          command = g_strdup ("process demo.exe");
          break;
        case 2:
        case 3:
          command =
            g_strdup_printf ("alloc 0x%" G_GINT64_MODIFIER "x 256K reserve|commit readwrite", va);
          break;
        case 4:
        case 5:
          command = g_strdup_printf (
            "write 0x%" G_GINT64_MODIFIER "x 8 value=0x%x", va + page * ATLAS_PAGE_BYTES, i);
          break;
        case 6:
          command = g_strdup_printf ("protect 0x%" G_GINT64_MODIFIER "x 4K %s",
                                     va + page * ATLAS_PAGE_BYTES,
                                     protections[i / 6u % G_N_ELEMENTS (protections)]);
          break;
        default:
          command = i % 12 == 5 ? g_strdup_printf ("release 0x%" G_GINT64_MODIFIER "x", va)
                                : g_strdup ("tick 10ms");
          break;
        }
      atlas_command_result_unref (atlas_session_run (session, command, &error));
      g_assert_no_error (error);
    }
  return session;
}

static void
bench_session (void)
{
  gint64 start_us = get_cpu_us ();
  g_autoptr (AtlasSession) session = make_session ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  gint64 longest_us[4] = { 0 };

  g_print (
    "%u commands run in %.0f ms\n", N_COMMANDS, (double) (get_cpu_us () - start_us) / 1000.0);
  for (guint i = 0; i < 40; i++)
    {
      start_us = get_cpu_us ();
      atlas_session_undo (session);
      longest_us[0] = MAX (longest_us[0], get_cpu_us () - start_us);
    }
  for (guint i = 0; i < 40; i++)
    {
      start_us = get_cpu_us ();
      atlas_session_redo (session);
      longest_us[1] = MAX (longest_us[1], get_cpu_us () - start_us);
    }
  for (guint i = 0; i < 40; i++)
    {
      guint position = (guint) g_rand_int_range (rand, 2, (gint32) N_COMMANDS);

      start_us = get_cpu_us ();
      atlas_session_seek (session, position);
      longest_us[2] = MAX (longest_us[2], get_cpu_us () - start_us);
    }
  for (guint i = 0; i < 10; i++)
    {
      start_us = get_cpu_us ();
      atlas_session_free (atlas_session_copy (session, N_COMMANDS, NULL));
      longest_us[3] = MAX (longest_us[3], get_cpu_us () - start_us);
    }
  g_print ("longest undo %.1f ms, redo %.1f ms, seek %.1f ms, copy %.1f ms (at most 50)\n",
           (double) longest_us[0] / 1000.0,
           (double) longest_us[1] / 1000.0,
           (double) longest_us[2] / 1000.0,
           (double) longest_us[3] / 1000.0);
}

/* ---- A fixed amount of one thing, for callgrind ---- */

#define N_COUNTED 100000u

static void
repeat_regions (void)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasSystem *system = atlas_system_new (&options, NULL);
  double bytes;

  measure (system, N_COUNTED, 1, &bytes);
  atlas_system_free (system);
}

static void
repeat_undo (void)
{
  g_autoptr (AtlasSession) session = make_session ();

  atlas_session_undo (session);
}

/* Regions are reserved, then committed, and queried in order and without. */
static const Repeat repeats[] = {
  { "allocate", "atlas_nt_allocate_virtual_memory", 2u * N_COUNTED, repeat_regions },
  { "query", "atlas_nt_query_virtual_memory", 2u * N_COUNTED, repeat_regions },
  { "protect", "atlas_nt_protect_virtual_memory", N_COUNTED, repeat_regions },
  { "free", "atlas_nt_free_virtual_memory", N_COUNTED, repeat_regions },
  { "replay", "atlas_session_undo", N_COMMANDS, repeat_undo },
};

int
main (int argc, char *argv[])
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasSystem *system;
  int status;

  if (repeat_main (argc, argv, repeats, G_N_ELEMENTS (repeats), &status))
    return status;
  system = atlas_system_new (&options, NULL);
  bench_regions (system);
  bench_touches (system);
  atlas_system_free (system);
  bench_laboratory ();
  bench_session ();
  return 0;
}
