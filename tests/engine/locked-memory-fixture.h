/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Programs with SeLockMemoryPrivilege, and memory that is full, for the tests of large pages and of
 * AWE. */

#include "windows-fixture.h"

#include "windows/awe.h"
#include "windows/fault.h"
#include "windows/frames-private.h"
#include "windows/virtual.h"

#define BASE G_GUINT64_CONSTANT (0x40000000)
#define RW ATLAS_PAGE_READWRITE
#define S(name) ATLAS_STATUS_##name
#define OK S (SUCCESS)

static inline AtlasSystem *
make_large_system (guint64 memory_bytes)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasSystem *system;

  options.memory_bytes = memory_bytes;
  system = atlas_system_new (&options, NULL);
  g_assert_nonnull (system);
  return system;
}

static inline AtlasProcess *
make_privileged (AtlasSystem *system)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;

  options.is_bare = TRUE;
  options.has_lock_memory_privilege = TRUE;
  return atlas_process_new (system, &options, NULL);
}

static inline AtlasStatus
allocate (AtlasProcess *process,
          AtlasVa *base_va,
          guint64 size_bytes,
          guint32 type,
          guint32 protect)
{
  return atlas_nt_allocate_virtual_memory (process, base_va, 0, &size_bytes, type, protect);
}

static inline guint64
count_free (AtlasSystem *system)
{
  AtlasFrames *frames = atlas_system_get_frames (system);

  return atlas_frames_count (frames, ATLAS_FRAME_ZEROED) +
         atlas_frames_count (frames, ATLAS_FRAME_FREE);
}

static inline AtlasWalkResult
walk (AtlasProcess *process, AtlasVa va)
{
  const AtlasWalkQuery query = { .va = va, .access = ATLAS_ACCESS_READ };
  AtlasWalkResult result;

  g_assert_true (atlas_space_walk (atlas_process_get_space (process), &query, &result));
  return result;
}

static inline guint64
count_repurposed (AtlasFrames *frames)
{
  guint64 n_repurposed = 0;

  for (guint i = 0; i < ATLAS_FRAME_PRIORITIES; i++)
    n_repurposed += atlas_frames_get_counters (frames)->n_repurposed[i];
  return n_repurposed;
}

/* Memory full of pages that a paging file holds too: a program's, which has been away. */
typedef struct
{
  AtlasSystem *system;
  AtlasFrames *frames;
  AtlasProcess *sleeper;
  AtlasProcess *process;
  guint64 n_pages; /* of the sleeper, from BASE on */
} FullMemory;

static inline void
fill_memory (FullMemory *full, gconstpointer unused)
{
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (AtlasPfn));
  AtlasVa base_va = BASE;
  AtlasPfn pfn;

  full->system = make_large_system (ATLAS_MB (256));
  full->frames = atlas_system_get_frames (full->system);
  g_assert_cmphex (
    atlas_system_add_page_file (full->system, ATLAS_MB (512), ATLAS_MB (512)), ==, OK);
  full->sleeper = make_process (full->system, TRUE);
  full->process = make_privileged (full->system);
  full->n_pages = count_free (full->system) - 200;
  g_assert_cmphex (allocate (full->sleeper,
                             &base_va,
                             full->n_pages * ATLAS_PAGE_BYTES,
                             ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                             RW),
                   ==,
                   OK);
  for (guint64 i = 0; i < full->n_pages; i++)
    g_assert_cmphex (atlas_process_access (full->sleeper,
                                           BASE + i * ATLAS_PAGE_BYTES,
                                           ATLAS_ACCESS_WRITE,
                                           FALSE,
                                           &i,
                                           sizeof i,
                                           NULL,
                                           NULL),
                     ==,
                     OK);
  atlas_system_command_memory_list (full->system, ATLAS_MEMORY_LIST_EMPTY_WORKING_SETS);
  /* No run of the fixed order is left half taken. */
  while (atlas_frames_count (full->frames, ATLAS_FRAME_ZEROED) > 0)
    {
      g_assert_true (atlas_frames_take (full->frames, ATLAS_FRAME_USE_KERNEL, 0, &pfn));
      g_array_append_val (taken, pfn);
    }
  for (guint i = 0; i < taken->len; i++)
    atlas_frames_give_back (full->frames, g_array_index (taken, AtlasPfn, i));
}

static inline void
empty_memory (FullMemory *full, gconstpointer unused)
{
  atlas_system_free (full->system);
}

static inline void
assert_sleeper_has_its_pages (FullMemory *full)
{
  for (guint64 i = 0; i < full->n_pages; i++)
    {
      guint64 value = 0;

      g_assert_cmphex (atlas_process_access (full->sleeper,
                                             BASE + i * ATLAS_PAGE_BYTES,
                                             ATLAS_ACCESS_READ,
                                             FALSE,
                                             &value,
                                             sizeof value,
                                             NULL,
                                             NULL),
                       ==,
                       OK);
      g_assert_cmpuint (value, ==, i);
    }
}
