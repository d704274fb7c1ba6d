/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a page fault costs, from the processor's #PF to the retry that succeeds, with a listener and
 * without: first touch, from the standby list, from a paging file, copy on write. By hand. */

#include <sys/resource.h>

#include "windows/fault.h"
#include "windows/virtual.h"
#include "windows/working-set.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define N_PAGES 20000u

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
} Machine;

static void
make_machine (Machine *machine, guint64 memory_bytes)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasProcessOptions process_options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasVa base_va = BASE;
  guint64 n_bytes = N_PAGES * ATLAS_PAGE_BYTES;

  options.memory_bytes = memory_bytes;
  process_options.is_bare = TRUE;
  machine->system = atlas_system_new (&options, NULL);
  atlas_system_add_page_file (machine->system, ATLAS_GB (1), ATLAS_GB (1));
  machine->process = atlas_process_new (machine->system, &process_options, NULL);
  atlas_nt_allocate_virtual_memory (machine->process,
                                    &base_va,
                                    0,
                                    &n_bytes,
                                    ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                                    ATLAS_PAGE_READWRITE);
}

/* Time of this process outside the host's kernel, which has faults of its own to resolve. */
static gint64
get_user_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec * G_USEC_PER_SEC + usage.ru_utime.tv_usec;
}

/* Nanoseconds an access of each page. */
static double
touch_all (Machine *machine, AtlasAccess access, AtlasTrace *trace)
{
  gint64 start_us = get_user_us ();

  for (guint i = 0; i < N_PAGES; i++)
    {
      if (trace != NULL)
        atlas_trace_clear (trace);
      atlas_process_access (
        machine->process, BASE + i * ATLAS_PAGE_BYTES, access, FALSE, NULL, 1, trace, NULL);
    }
  return (double) (get_user_us () - start_us) * 1000.0 / N_PAGES;
}

static void
measure (guint64 memory_bytes, const char *third_name, AtlasTrace *trace)
{
  Machine machine;
  double first_ns, soft_ns, third_ns;

  make_machine (&machine, memory_bytes);
  first_ns = touch_all (&machine, ATLAS_ACCESS_WRITE, trace);
  atlas_process_empty_working_set (machine.process);
  soft_ns = touch_all (&machine, ATLAS_ACCESS_READ, trace);
  third_ns = touch_all (&machine, ATLAS_ACCESS_WRITE, trace);
  g_print ("%6" G_GUINT64_FORMAT " MB, %-16s first touch %6.0f ns, after a trim %6.0f ns, %s %6.0f "
           "ns; %" G_GUINT64_FORMAT " hard faults\n",
           memory_bytes / ATLAS_MB (1),
           trace != NULL ? "with a trace:" : "without:",
           first_ns,
           soft_ns,
           third_name,
           third_ns,
           atlas_process_get_fault_counts (machine.process)->n_hard);
  atlas_system_free (machine.system);
}

int
main (void)
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();

  for (guint i = 0; i < 2; i++)
    {
      measure (ATLAS_GB (1), "no fault", i == 0 ? NULL : trace);
      measure (ATLAS_MB (64), "paging", i == 0 ? NULL : trace);
    }
  return 0;
}
