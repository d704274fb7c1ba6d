/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A pool of frames to make page tables of, for the tests of tables and of their graph. */

#include "paging/tables.h"
#include "paging/walk.h"

typedef struct
{
  AtlasMemory *memory;
  AtlasControl control;
  AtlasTableAllocator allocator;
  GQueue free_frames; /* of PFN as pointers */
  guint n_used;
  guint n_frames;
} Pool;

static inline AtlasPa
pool_allocate (guint level, gpointer user_data)
{
  Pool *pool = user_data;

  g_assert_cmpuint (level, >=, 1);
  if (g_queue_is_empty (&pool->free_frames))
    return ATLAS_PA_NONE;
  pool->n_used++;
  return (AtlasPa) GPOINTER_TO_SIZE (g_queue_pop_head (&pool->free_frames)) << ATLAS_PAGE_SHIFT;
}

static inline void
pool_release (AtlasPa table_pa, guint level, gpointer user_data)
{
  Pool *pool = user_data;

  pool->n_used--;
  g_queue_push_head (&pool->free_frames, GSIZE_TO_POINTER (table_pa >> ATLAS_PAGE_SHIFT));
}

/* Frame 1 is the root. */
static inline void
pool_init (Pool *pool, guint n_frames, guint n_levels)
{
  g_autoptr (GError) error = NULL;

  *pool = (Pool){ .n_frames = n_frames };
  pool->memory = atlas_memory_new_ram ((n_frames + 2) * ATLAS_PAGE_BYTES, &error);
  g_assert_no_error (error);
  pool->control = atlas_control_windows (ATLAS_PAGE_BYTES);
  if (n_levels == 5)
    pool->control.cr4 |= ATLAS_CR4_LA57;
  pool->allocator = (AtlasTableAllocator){
    .allocate = pool_allocate,
    .release = pool_release,
    .user_data = pool,
    .table_flags = ATLAS_ENTRY_P | ATLAS_ENTRY_RW | ATLAS_ENTRY_US,
  };
  g_queue_init (&pool->free_frames);
  for (guint i = 0; i < n_frames; i++)
    g_queue_push_tail (&pool->free_frames, GSIZE_TO_POINTER (i + 2));
}

static inline void
pool_clear (Pool *pool)
{
  g_queue_clear (&pool->free_frames);
  atlas_memory_unref (pool->memory);
}
