/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a page fault costs, from the processor's #PF to the retry that succeeds, with a listener and
 * without: first touch, from the standby list, from a paging file, and an access that does not
 * fault. By hand.
 *
 * The host gives simulated RAM and the frame database their own pages beforehand: what its kernel
 * does at first use is not our work, and takes a different time on every host. What it costs
 * without this is the line "cold".
 */

#include <time.h>

#include "repeat.h"
#include "windows/fault.h"
#include "windows/frames-private.h"
#include "windows/machine-private.h"
#include "windows/virtual.h"
#include "windows/working-set.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define N_PAGES 20000u
#define N_ROUNDS 5u

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
} Machine;

/* Makes the host back every page: writes what is there. */
static void
warm_up (AtlasSystem *system)
{
  guint64 n_frames = atlas_frames_get_n_frames (system->frames);

  for (AtlasPfn pfn = 0; pfn < n_frames; pfn++)
    {
      volatile AtlasFrame *record = &system->frames->records[pfn];
      guint64 word = 0;

      atlas_memory_read_u64 (system->memory, pfn << ATLAS_PAGE_SHIFT, &word);
      atlas_memory_write_u64 (system->memory, pfn << ATLAS_PAGE_SHIFT, word);
      record->n_locks = record->n_locks;
    }
}

static void
make_machine (Machine *machine, guint64 memory_bytes, gboolean is_warm)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasProcessOptions process_options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasVa base_va = BASE;
  guint64 n_bytes = N_PAGES * ATLAS_PAGE_BYTES;

  options.memory_bytes = memory_bytes;
  process_options.is_bare = TRUE;
  machine->system = atlas_system_new (&options, NULL);
  if (is_warm)
    warm_up (machine->system);
  atlas_system_add_page_file (machine->system, ATLAS_GB (1), ATLAS_GB (1));
  machine->process = atlas_process_new (machine->system, &process_options, NULL);
  atlas_nt_allocate_virtual_memory (machine->process,
                                    &base_va,
                                    0,
                                    &n_bytes,
                                    ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                                    ATLAS_PAGE_READWRITE);
}

/* Of this thread, the host's kernel included. */
static gint64
get_cpu_ns (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

/* Nanoseconds an access of each page. */
static double
touch_all (Machine *machine, AtlasAccess access, AtlasTrace *trace)
{
  gint64 start_ns = get_cpu_ns ();

  for (guint i = 0; i < N_PAGES; i++)
    {
      if (trace != NULL)
        atlas_trace_clear (trace);
      atlas_process_access (
        machine->process, BASE + i * ATLAS_PAGE_BYTES, access, FALSE, NULL, 1, trace, NULL);
    }
  return (double) (get_cpu_ns () - start_ns) / N_PAGES;
}

/* Of different rounds the cheapest counts. */
static void
measure (const char *name, guint64 memory_bytes, gboolean is_warm, AtlasTrace *trace)
{
  double best_ns[3] = { G_MAXDOUBLE, G_MAXDOUBLE, G_MAXDOUBLE };
  guint64 n_hard = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      Machine machine;
      double ns[G_N_ELEMENTS (best_ns)];

      make_machine (&machine, memory_bytes, is_warm);
      ns[0] = touch_all (&machine, ATLAS_ACCESS_WRITE, trace);
      atlas_process_empty_working_set (machine.process);
      ns[1] = touch_all (&machine, ATLAS_ACCESS_READ, trace);
      ns[2] = touch_all (&machine, ATLAS_ACCESS_WRITE, trace);
      n_hard = atlas_process_get_fault_counts (machine.process)->n_hard;
      atlas_system_free (machine.system);
      for (guint i = 0; i < G_N_ELEMENTS (ns); i++)
        best_ns[i] = MIN (best_ns[i], ns[i]);
    }
  g_print ("%-8s %-7s %8.0f %12.0f %8.0f %12" G_GUINT64_FORMAT "\n",
           name,
           trace != NULL ? "yes" : "no",
           best_ns[0],
           best_ns[1],
           best_ns[2],
           n_hard);
}

/* ---- A fixed amount of one thing, for callgrind ---- */

static void
repeat_first_touch (void)
{
  Machine machine;

  make_machine (&machine, ATLAS_GB (1), FALSE);
  touch_all (&machine, ATLAS_ACCESS_WRITE, NULL);
  atlas_system_free (machine.system);
}

static void
repeat_first_touch_traced (void)
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  Machine machine;

  make_machine (&machine, ATLAS_GB (1), FALSE);
  touch_all (&machine, ATLAS_ACCESS_WRITE, trace);
  atlas_system_free (machine.system);
}

/* Everything twice: touched, trimmed, and taken back. */
static void
repeat_transition (void)
{
  Machine machine;

  make_machine (&machine, ATLAS_GB (1), FALSE);
  touch_all (&machine, ATLAS_ACCESS_WRITE, NULL);
  atlas_process_empty_working_set (machine.process);
  touch_all (&machine, ATLAS_ACCESS_READ, NULL);
  atlas_system_free (machine.system);
}

/* Four fifths of the pages fit, so most come from the paging file the second time. */
static void
repeat_paging (void)
{
  Machine machine;

  make_machine (&machine, ATLAS_MB (64), FALSE);
  touch_all (&machine, ATLAS_ACCESS_WRITE, NULL);
  touch_all (&machine, ATLAS_ACCESS_WRITE, NULL);
  atlas_system_free (machine.system);
}

static const Repeat repeats[] = {
  { "first-touch", "atlas_process_access", N_PAGES, repeat_first_touch },
  { "first-traced", "atlas_process_access", N_PAGES, repeat_first_touch_traced },
  { "transition", "atlas_process_access", 2u * N_PAGES, repeat_transition },
  { "paging", "atlas_process_access", 2u * N_PAGES, repeat_paging },
};

int
main (int argc, char *argv[])
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  int status;

  if (repeat_main (argc, argv, repeats, G_N_ELEMENTS (repeats), &status))
    return status;
  g_print ("ns each  traced     first after a trim    again  hard faults\n");
  for (guint i = 0; i < 2; i++)
    {
      measure ("1 GB", ATLAS_GB (1), TRUE, i == 0 ? NULL : trace);
      measure ("64 MB", ATLAS_MB (64), TRUE, i == 0 ? NULL : trace);
      measure ("cold", ATLAS_GB (1), FALSE, i == 0 ? NULL : trace);
    }
  return 0;
}
