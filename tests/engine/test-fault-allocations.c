/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* A page fault takes nothing from the host's heap: every call of its allocator is counted here, in
 * place of the C library's own entry. */

#include <stdlib.h>

#include "windows-fixture.h"
#include "windows/fault.h"
#include "windows/virtual.h"
#include "windows/working-set.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define N_PAGES 2000u /* four page tables and more */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CAN_COUNT TRUE

void *__libc_malloc (size_t size_bytes);
void *__libc_calloc (size_t n_items, size_t size_bytes);
void *__libc_realloc (void *data, size_t size_bytes);

static guint n_allocations;

void *
malloc (size_t size_bytes)
{
  n_allocations++;
  return __libc_malloc (size_bytes);
}

void *
calloc (size_t n_items, size_t size_bytes)
{
  n_allocations++;
  return __libc_calloc (n_items, size_bytes);
}

void *
realloc (void *data, size_t size_bytes)
{
  n_allocations++;
  return __libc_realloc (data, size_bytes);
}
#else
#define CAN_COUNT FALSE

static const guint n_allocations = 0;
#endif

/* Allocations during one access of each page. */
static guint
count_allocations (AtlasProcess *process, AtlasAccess access, AtlasTrace *trace)
{
  guint n_before = n_allocations;

  for (guint i = 0; i < N_PAGES; i++)
    {
      if (trace != NULL)
        atlas_trace_clear (trace);
      if (atlas_process_access (
            process, BASE + i * ATLAS_PAGE_BYTES, access, FALSE, NULL, 1, trace, NULL) !=
          ATLAS_STATUS_SUCCESS)
        return G_MAXUINT;
    }
  return n_allocations - n_before;
}

static AtlasProcess *
make_committed (AtlasSystem *system)
{
  AtlasProcess *process = make_process (system, TRUE);
  AtlasVa base_va = BASE;
  guint64 n_bytes = N_PAGES * ATLAS_PAGE_BYTES;

  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (
      process, &base_va, 0, &n_bytes, ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE),
    ==,
    ATLAS_STATUS_SUCCESS);
  return process;
}

static void
check_faults (AtlasTrace *trace)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_committed (system);
  const AtlasFaultCounts *counts = atlas_process_get_fault_counts (process);

  g_assert_cmpuint (count_allocations (process, ATLAS_ACCESS_READ, trace), ==, 0);
  g_assert_cmpuint (counts->n_demand_zero, >=, N_PAGES);
  /* The first write, and one after it. */
  g_assert_cmpuint (count_allocations (process, ATLAS_ACCESS_WRITE, trace), ==, 0);
  g_assert_cmpuint (count_allocations (process, ATLAS_ACCESS_WRITE, trace), ==, 0);
  atlas_process_empty_working_set (process);
  g_assert_cmpuint (count_allocations (process, ATLAS_ACCESS_READ, trace), ==, 0);
  g_assert_cmpuint (counts->n_transition, >=, N_PAGES);
}

static void
test_nothing_without_a_listener (void)
{
  if (CAN_COUNT)
    check_faults (NULL);
  else
    g_test_skip ("this allocator cannot be counted");
}

static void
test_nothing_for_a_listener_with_storage (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();

  if (!CAN_COUNT)
    {
      g_test_skip ("this allocator cannot be counted");
      return;
    }
  /* The first events give the trace its storage, and names their numbers. */
  g_assert_cmpuint (count_allocations (make_committed (system), ATLAS_ACCESS_READ, trace), >, 0);
  check_faults (trace);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fault-allocations/without-a-listener", test_nothing_without_a_listener);
  g_test_add_func ("/fault-allocations/listener-with-storage",
                   test_nothing_for_a_listener_with_storage);
  return g_test_run ();
}
