/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the tests of views do to a process: a byte of it, a page, and what Windows tells of it. */

#include "windows-fixture.h"

#include "windows/fault.h"
#include "windows/virtual.h"

#define PAGE G_GUINT64_CONSTANT (0x1000)

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
