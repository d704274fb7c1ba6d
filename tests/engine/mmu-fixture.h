/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A small machine with an MMU, its tables and a TLB, for the tests of both. */

#include <string.h>

#include "paging/mmu.h"
#include "paging/tables.h"

#define N_FRAMES 64

typedef struct
{
  AtlasMemory *memory;
  AtlasMmu *mmu;
  AtlasTableAllocator allocator;
  AtlasPa next_frame_pa;
} Machine;

static inline AtlasPa
take_frame (guint level, gpointer user_data)
{
  Machine *machine = user_data;

  machine->next_frame_pa += ATLAS_PAGE_BYTES;
  g_assert_cmphex (machine->next_frame_pa, <, N_FRAMES * ATLAS_PAGE_BYTES);
  return machine->next_frame_pa;
}

/* The root stands at 0x1000. */
static inline void
machine_init (Machine *machine, const char *profile)
{
  g_autoptr (GError) error = NULL;
  AtlasControl control = atlas_control_windows (0x1000);

  *machine = (Machine){ .next_frame_pa = 0x1000 };
  machine->memory = atlas_memory_new_ram (N_FRAMES * ATLAS_PAGE_BYTES, &error);
  g_assert_no_error (error);
  machine->allocator = (AtlasTableAllocator){
    .allocate = take_frame,
    .user_data = machine,
    .table_flags = ATLAS_ENTRY_P | ATLAS_ENTRY_RW | ATLAS_ENTRY_US,
  };
  machine->mmu = atlas_mmu_new (machine->memory);
  atlas_mmu_set_control (machine->mmu, &control);
  atlas_mmu_set_tlb_profile (machine->mmu, atlas_tlb_find_profile (profile));
}

static inline void
machine_clear (Machine *machine)
{
  atlas_mmu_free (machine->mmu);
  atlas_memory_unref (machine->memory);
}

static inline void
map (Machine *machine, AtlasVa va, guint level, guint64 leaf)
{
  g_assert_cmpint (atlas_tables_map (machine->memory,
                                     atlas_mmu_get_control (machine->mmu),
                                     va,
                                     level,
                                     leaf | (level > 1 ? ATLAS_ENTRY_PS : 0),
                                     &machine->allocator),
                   ==,
                   ATLAS_TABLES_DONE);
}

static inline void
set_leaf (Machine *machine, AtlasVa va, guint level, guint64 leaf)
{
  g_assert_cmpint (
    atlas_tables_set_entry (machine->memory, atlas_mmu_get_control (machine->mmu), va, level, leaf),
    ==,
    ATLAS_TABLES_DONE);
}

static inline AtlasWalkResult
touch (Machine *machine, AtlasVa va, AtlasAccess access)
{
  AtlasWalkQuery query = { .va = va, .access = access };
  AtlasWalkResult result;

  memset (&result, 0xaa, sizeof result);
  atlas_mmu_access (machine->mmu, &query, NULL, &result);
  return result;
}

/* TRUE when the access was decided without reading an entry. */
static inline gboolean
is_cached (Machine *machine, AtlasVa va)
{
  AtlasWalkResult result = touch (machine, va, ATLAS_ACCESS_READ);

  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  return result.n_steps == 0;
}

#define LEAF(pa) ((pa) | ATLAS_ENTRY_P | ATLAS_ENTRY_RW | ATLAS_ENTRY_US)
#define GLOBAL_LEAF(pa) (LEAF (pa) | ATLAS_ENTRY_G)
