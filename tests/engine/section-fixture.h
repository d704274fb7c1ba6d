/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Two processes and two files, for the tests of sections and their views. */

#include "access-fixture.h"

#include "windows/view.h"

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
