/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasSpace: one address space, whoever stands behind it.
 *
 *        simulated process        minidump        memory image + CR3       live guest
 *               └───────────────────┴──── AtlasSpace ────┴────────────────────┘
 *                     regions · walk · tables · bytes
 *
 * Every view and the command line see this and cannot tell them apart. A reader or a process
 * embeds AtlasSpace as its first member and fills in AtlasSpaceOps.
 */

#include "paging/mtrr.h"
#include "paging/tables.h"
#include "paging/walk.h"
#include "space/region-set.h"

G_BEGIN_DECLS

typedef struct _AtlasSpace AtlasSpace;

typedef struct
{
  /* Frees what stands behind the space, the structure included. */
  void (*free) (AtlasSpace *space);
  /* Borrowed until the space next changes; a reader of a file always returns the same set. */
  AtlasRegionSet *(*get_regions) (AtlasSpace *space);
  /* The processor's registers; NULL when the space has no page tables. */
  const AtlasControl *(*get_control) (AtlasSpace *space);
  /* The processor's memory type range registers; NULL where they are not known. May be left out. */
  const AtlasMtrrs *(*get_mtrrs) (AtlasSpace *space);
  /* The physical memory with the tables; NULL when the space has none. */
  const AtlasMemory *(*get_memory) (AtlasSpace *space);
  /* Copies the bytes at hand of [va, va + size_bytes); is_known[i] tells which. Never faults, never
   * changes anything. Returns the number of bytes known. */
  gsize (*peek) (
    AtlasSpace *space, AtlasVa va, guint8 *bytes, gboolean *is_known, gsize size_bytes);
  /* All its tables as a graph, where they never change; may be left out. Borrowed. */
  const AtlasTableGraph *(*get_table_graph) (AtlasSpace *space);
} AtlasSpaceOps;

struct _AtlasSpace
{
  const AtlasSpaceOps *ops;
  gint ref_count;
  char *name;     /* "demo.exe", "tiny.exe" */
  char *subtitle; /* "Windows 11 (22000) · 137 allocations · 81.7 MB committed"; may be NULL */
  GPtrArray *facts; /* of AtlasSpaceFact */
};

/* One line about the space: "process ID", "1468". */
typedef struct
{
  char *key;
  char *value;
} AtlasSpaceFact;

/* For those who stand behind a space. */
ATLAS_AVAILABLE void
atlas_space_init (AtlasSpace *space, const AtlasSpaceOps *ops, const char *name);
ATLAS_AVAILABLE void atlas_space_clear (AtlasSpace *space);
ATLAS_AVAILABLE void atlas_space_set_subtitle (AtlasSpace *space, const char *subtitle);
ATLAS_AVAILABLE void atlas_space_add_fact (AtlasSpace *space, const char *key, const char *value);

ATLAS_AVAILABLE AtlasSpace *atlas_space_ref (AtlasSpace *space);
ATLAS_AVAILABLE void atlas_space_unref (AtlasSpace *space);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasSpace, atlas_space_unref)

ATLAS_AVAILABLE const char *atlas_space_get_name (const AtlasSpace *space);
ATLAS_AVAILABLE const char *atlas_space_get_subtitle (const AtlasSpace *space);
ATLAS_AVAILABLE guint atlas_space_get_n_facts (const AtlasSpace *space);
ATLAS_AVAILABLE const AtlasSpaceFact *atlas_space_get_fact (const AtlasSpace *space, guint index);

ATLAS_AVAILABLE AtlasRegionSet *atlas_space_get_regions (AtlasSpace *space);
ATLAS_AVAILABLE gboolean atlas_space_has_tables (AtlasSpace *space);
ATLAS_AVAILABLE const AtlasControl *atlas_space_get_control (AtlasSpace *space);
ATLAS_AVAILABLE const AtlasMtrrs *atlas_space_get_mtrrs (AtlasSpace *space);
ATLAS_AVAILABLE const AtlasMemory *atlas_space_get_memory (AtlasSpace *space);
/* All its tables, each once; NULL where they change, or there are none. Borrowed. */
ATLAS_AVAILABLE const AtlasTableGraph *atlas_space_get_table_graph (AtlasSpace *space);
/* Walks without writing anything. FALSE when the space has no tables. */
ATLAS_AVAILABLE gboolean
atlas_space_walk (AtlasSpace *space, const AtlasWalkQuery *query, AtlasWalkResult *result);
/* The 512 entries of the table at @table_pa. FALSE where there is no memory. */
ATLAS_AVAILABLE gboolean
atlas_space_read_table (AtlasSpace *space, AtlasPa table_pa, guint64 entries[ATLAS_TABLE_ENTRIES]);
ATLAS_AVAILABLE gsize atlas_space_peek (AtlasSpace *space,
                                        AtlasVa va,
                                        guint8 *bytes,
                                        gboolean *is_known,
                                        gsize size_bytes);

/* VirtualQuery's view: like the region set, but neighbouring free regions are one, nothing beyond
 * the user end is told, and slot tails and never-allocatable stretches are plain FREE.
 * Usage: AtlasQueryIter iter; atlas_query_iter_init (&iter, set);
 *        while (atlas_query_iter_next (&iter, &region)) … */
typedef struct
{
  const AtlasRegionSet *set;
  guint64 index;
} AtlasQueryIter;

ATLAS_AVAILABLE void atlas_query_iter_init (AtlasQueryIter *iter, const AtlasRegionSet *set);
ATLAS_AVAILABLE gboolean atlas_query_iter_next (AtlasQueryIter *iter, AtlasRegion *region);

G_END_DECLS
