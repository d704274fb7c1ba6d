/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Two processes and two files, for the tests of sections and their views. */

#include "windows-fixture.h"

#include "windows/fault.h"
#include "windows/view.h"
#include "windows/virtual.h"

#define PAGE G_GUINT64_CONSTANT (0x1000)
#define BASE G_GUINT64_CONSTANT (0x50000000)

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
  AtlasProcess *other;
  AtlasFile *file; /* 5 pages and 36 bytes; may be written */
  AtlasFile *read_only;
} Fixture;

static inline void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = g_malloc (5 * PAGE + 36);
  g_autoptr (GBytes) contents = NULL;

  for (gsize i = 0; i < 5 * PAGE + 36; i++)
    bytes[i] = (guint8) (1 + i % 251);
  contents = g_bytes_new_take (g_steal_pointer (&bytes), 5 * PAGE + 36);
  fixture->system = make_system ();
  fixture->process = make_process (fixture->system, TRUE);
  fixture->other = make_process (fixture->system, TRUE);
  fixture->file = atlas_file_new (fixture->system, "data.bin", contents, TRUE);
  fixture->read_only = atlas_file_new (fixture->system, "fixed.bin", contents, FALSE);
}

static inline void
tear_down (Fixture *fixture, gconstpointer data)
{
  atlas_system_free (fixture->system);
}

static inline AtlasSectionObject *
create (Fixture *fixture, AtlasFile *file, guint64 size, guint32 protect, guint32 attributes)
{
  AtlasSectionObject *object;

  g_assert_cmphex (
    atlas_nt_create_section (
      fixture->system, ATLAS_SECTION_ALL_ACCESS, size, protect, attributes, file, &object),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_nonnull (object);
  return object;
}

static inline AtlasStatus
map (AtlasSectionObject *object,
     AtlasProcess *process,
     AtlasVa *base_va,
     guint64 offset,
     guint64 size,
     guint32 protect)
{
  return atlas_nt_map_view_of_section (
    object, process, base_va, 0, 0, &offset, &size, ATLAS_VIEW_SHARE, 0, protect);
}

static inline AtlasVa
must_map (AtlasSectionObject *object, AtlasProcess *process, guint32 protect)
{
  AtlasVa base_va = 0;

  g_assert_cmphex (map (object, process, &base_va, 0, 0, protect), ==, ATLAS_STATUS_SUCCESS);
  return base_va;
}

static inline AtlasStatus
touch (AtlasProcess *process, AtlasVa va, AtlasAccess access, guint8 *value)
{
  return atlas_process_access (process, va, access, FALSE, value, 1, NULL, NULL);
}

static inline void
check_write (AtlasProcess *process, AtlasVa va, guint8 value)
{
  g_assert_cmphex (touch (process, va, ATLAS_ACCESS_WRITE, &value), ==, ATLAS_STATUS_SUCCESS);
}

static inline guint8
read_byte (AtlasProcess *process, AtlasVa va)
{
  guint8 value = 0;

  g_assert_cmphex (touch (process, va, ATLAS_ACCESS_READ, &value), ==, ATLAS_STATUS_SUCCESS);
  return value;
}

static inline AtlasStatus
protect_page (AtlasProcess *process, AtlasVa va, guint32 protect)
{
  guint64 size = PAGE;
  guint32 old_protect;

  return atlas_nt_protect_virtual_memory (process, &va, &size, protect, &old_protect);
}

static inline AtlasStatus
commit (AtlasProcess *process, AtlasVa va, guint64 size, guint32 protect)
{
  return atlas_nt_allocate_virtual_memory (process, &va, 0, &size, ATLAS_MEM_COMMIT, protect);
}

static inline AtlasRegion
query (AtlasProcess *process, AtlasVa va)
{
  AtlasRegion region;

  g_assert_cmphex (atlas_nt_query_virtual_memory (process, va, &region), ==, ATLAS_STATUS_SUCCESS);
  return region;
}

static inline AtlasPfn
get_pfn (AtlasProcess *process, AtlasVa va)
{
  AtlasWalkQuery walk = { .va = va, .access = ATLAS_ACCESS_READ };
  AtlasWalkResult result;

  atlas_walk (atlas_system_get_memory (atlas_process_get_system (process)),
              atlas_process_get_control (process),
              &walk,
              &result);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  return result.pa >> ATLAS_PAGE_SHIFT;
}

static inline guint
get_share_count (Fixture *fixture, AtlasPfn pfn)
{
  AtlasFrame frame;

  atlas_frames_get (atlas_system_get_frames (fixture->system), pfn, &frame);
  return frame.share_count;
}

static inline guint64
get_commit_pages (const AtlasSystem *system)
{
  AtlasCommit charge;

  atlas_system_get_commit (system, &charge);
  return charge.n_charged;
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
