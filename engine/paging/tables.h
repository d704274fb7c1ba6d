/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Page tables as a data structure: building them, and looking at all of them at once.
 *
 *   map, unmap, get, set      one address, one entry
 *   AtlasTableGraph           every table once, however many parents it has
 *
 *        root            The tables need not be a tree. Here 512 entries of each table name the
 *       ║║║…║            same next one: four pages hold 512⁴ leaves. A graph counts them in four
 *       PDPT             steps; a list of them would not fit into memory.
 *       ║║║…║
 *        PD              A table that names itself (a self-map) appears once for each level
 *       ║║║…║            at which it is reached. Each step goes down one level, so that nothing
 *        PT              runs in circles.
 *
 * Levels: 1 = PT … 5 = PML5; "the entry at level 2" is the PDE.
 */

#include "paging/entry.h"
#include "paging/memory.h"

G_BEGIN_DECLS

/* ---- One address ---- */

/* No physical address: all are below 2^52. */
#define ATLAS_PA_NONE (~G_GUINT64_CONSTANT (0))

typedef struct
{
  /* Returns a zeroed frame for a table of @level, or ATLAS_PA_NONE when there is none. */
  AtlasPa (*allocate) (guint level, gpointer user_data);
  /* Takes back a table that has become all zeros. May be NULL: empty tables stay. */
  void (*release) (AtlasPa table_pa, guint level, gpointer user_data);
  gpointer user_data;
  /* P, R/W, U/S, A and software bits for entries that name a new table. */
  guint64 table_flags;
} AtlasTableAllocator;

typedef enum
{
  ATLAS_TABLES_DONE,
  ATLAS_TABLES_NO_TABLE,   /* the way down ends above the level: an entry is not present */
  ATLAS_TABLES_LARGE_PAGE, /* the way down ends above the level: an entry maps a large page */
  ATLAS_TABLES_OCCUPIED,   /* the entry is present already */
  ATLAS_TABLES_NO_FRAME,   /* the allocator had none */
  ATLAS_TABLES_NO_MEMORY,  /* a table lies outside the memory, or it cannot be written */
} AtlasTablesStatus;

/* Where the entry of @va at @level stands. Creates missing tables when @allocator is not NULL.
 * An entry that names a table is taken for present by its P bit alone. On NO_TABLE and LARGE_PAGE
 * @entry_pa is that of the entry where the way ends, and @level_reached (may be NULL) its level. */
ATLAS_AVAILABLE AtlasTablesStatus atlas_tables_find (AtlasMemory *memory,
                                                     const AtlasControl *control,
                                                     AtlasVa va,
                                                     guint level,
                                                     const AtlasTableAllocator *allocator,
                                                     AtlasPa *entry_pa,
                                                     guint *level_reached);

/* Reads or writes the entry of @va at @level as it is, present or not; no tables are created. */
ATLAS_AVAILABLE AtlasTablesStatus atlas_tables_get_entry (const AtlasMemory *memory,
                                                          const AtlasControl *control,
                                                          AtlasVa va,
                                                          guint level,
                                                          guint64 *entry);
ATLAS_AVAILABLE AtlasTablesStatus atlas_tables_set_entry (AtlasMemory *memory,
                                                          const AtlasControl *control,
                                                          AtlasVa va,
                                                          guint level,
                                                          guint64 entry);

/* Maps the page at @va (4 KB, 2 MB or 1 GB for @level 1, 2 or 3) with @leaf, a complete entry
 * (PS included for a large page), creating tables on the way. OCCUPIED when the entry is present.
 */
ATLAS_AVAILABLE AtlasTablesStatus atlas_tables_map (AtlasMemory *memory,
                                                    const AtlasControl *control,
                                                    AtlasVa va,
                                                    guint level,
                                                    guint64 leaf,
                                                    const AtlasTableAllocator *allocator);

/* Sets the entry of @va at @level to 0 and then, upwards, releases every table but the root that
 * has no entry other than 0. Only for tables with one parent each. The caller invalidates. */
ATLAS_AVAILABLE AtlasTablesStatus atlas_tables_unmap (AtlasMemory *memory,
                                                      const AtlasControl *control,
                                                      AtlasVa va,
                                                      guint level,
                                                      const AtlasTableAllocator *allocator);

/* ---- All tables ---- */

/* One table at one level. */
typedef struct
{
  AtlasPa table_pa;
  guint level;
  guint n_present;      /* entries in use here: tables and leaves */
  guint n_reserved;     /* present entries with reserved bits: they translate nothing */
  guint n_missing;      /* entries that name a table outside the memory */
  guint n_parents;      /* entries that name this table, over the whole graph */
  guint64 n_leaves[3];  /* pages of 4 KB, 2 MB, 1 GB reached from here, by every way */
  guint64 mapped_bytes; /* the same in bytes */
  guint64 any_rights; /* of these pages, from here down: ATLAS_ENTRY_RW and ATLAS_ENTRY_US where any
                         has them, and bit 63 (not XD but its inverse) where any is executable */
  guint64 all_rights; /* the same where all have them; without a page, all bits */
} AtlasTableNode;

typedef struct _AtlasTableGraph AtlasTableGraph;

/* Visits all tables reachable from CR3, each once. Takes a reference on @memory; counts are those
 * of this moment. Cost: 512 entries a table. */
ATLAS_AVAILABLE AtlasTableGraph *atlas_table_graph_new (AtlasMemory *memory,
                                                        const AtlasControl *control);
ATLAS_AVAILABLE AtlasTableGraph *atlas_table_graph_ref (AtlasTableGraph *graph);
ATLAS_AVAILABLE void atlas_table_graph_unref (AtlasTableGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasTableGraph, atlas_table_graph_unref)

/* Tables in the graph; node 0 is the root. 0 when the root lies outside the memory. */
ATLAS_AVAILABLE guint atlas_table_graph_get_n_nodes (const AtlasTableGraph *graph);
ATLAS_AVAILABLE const AtlasTableNode *atlas_table_graph_get_node (const AtlasTableGraph *graph,
                                                                  guint index);
/* NULL when no table at @table_pa is reached at @level. */
ATLAS_AVAILABLE const AtlasTableNode *
atlas_table_graph_find (const AtlasTableGraph *graph, AtlasPa table_pa, guint level);

/* A page, or a run of pages of one size whose addresses and frames are contiguous and whose
 * effective rights, key, global bit and memory type are equal. */
typedef struct
{
  AtlasVa first_va;
  AtlasVa last_va; /* inclusive: a range may end at 2^64 - 1 */
  AtlasPa first_pa;
  guint64 page_bytes;
  gboolean is_writable; /* over all levels, as in AtlasWalkResult */
  gboolean is_user;
  gboolean is_executable;
  gboolean is_global;
  guint8 protection_key;
  guint8 memory_type;
} AtlasMappedRange;

/* Goes over a window in address order without listing it first. On the stack; the graph must
 * outlive it. Tables that lead to no leaf are skipped. When tables have changed since the graph was
 * made, leaves may be missed but nothing else goes wrong. */
typedef struct
{
  const AtlasTableGraph *graph;
  guint64 first; /* the window, without the sign extension of its addresses */
  guint64 last;
  guint level; /* of the table being read; 0 when the iteration is over */
  struct
  {
    AtlasPa table_pa;
    const guint8 *bytes; /* the table in host memory; NULL when it does not stand in one piece */
    guint64 rights;      /* folded over the entries above */
    guint64 base;        /* first address that the table serves */
    guint next_index;
    guint last_index;
  } tables[ATLAS_LEVELS_MAX + 1];
  AtlasMappedRange pending; /* the first leaf behind the range last returned */
  gboolean has_pending;
} AtlasTableIter;

/* Window [first_va, last_va], both canonical; 0 and G_MAXUINT64 for everything. Non-canonical
 * bounds are moved to the nearest canonical address inside. */
ATLAS_AVAILABLE void atlas_table_iter_init (AtlasTableIter *iter,
                                            const AtlasTableGraph *graph,
                                            AtlasVa first_va,
                                            AtlasVa last_va);
/* The next leaf that overlaps the window, not cut to it. FALSE at the end. */
ATLAS_AVAILABLE gboolean atlas_table_iter_next_leaf (AtlasTableIter *iter, AtlasMappedRange *leaf);
/* The next merged range. Do not mix with next_leaf on one iterator. */
ATLAS_AVAILABLE gboolean atlas_table_iter_next_range (AtlasTableIter *iter,
                                                      AtlasMappedRange *range);

/* ---- Questions ---- */

/* In how many places the frame that holds @pa is mapped, over all ways through the graph. Does not
 * list them. Cost: 512 entries a table. */
ATLAS_AVAILABLE guint64 atlas_table_graph_count_mappings (const AtlasTableGraph *graph, AtlasPa pa);

/* The first @n_max of these places in address order, each as the leaf that maps @pa. Returns their
 * number. Cost: as above, and 512 entries a level for each place. */
ATLAS_AVAILABLE guint atlas_table_graph_find_mappings (const AtlasTableGraph *graph,
                                                       AtlasPa pa,
                                                       AtlasMappedRange *found,
                                                       guint n_max);

/* What holds of a whole range of addresses. */
typedef struct
{
  guint64 mapped_bytes;
  gboolean any_writable;
  gboolean any_user;
  gboolean any_executable;
  gboolean all_writable; /* all mapped bytes; FALSE when there are none */
  gboolean all_user;
  gboolean all_executable;
} AtlasRangeRights;

/* Rights over all levels of what is mapped in [first_va, last_va]; bounds as for the iterator.
 * Cost: 512 entries a level at each end, however much lies between. */
ATLAS_AVAILABLE void atlas_table_graph_get_rights (const AtlasTableGraph *graph,
                                                   AtlasVa first_va,
                                                   AtlasVa last_va,
                                                   AtlasRangeRights *rights);

/* What it costs to translate a range: the tables that its addresses are looked up in. */
#define ATLAS_TABLE_COST_MAX 1000000u
typedef struct
{
  guint64 n_tables; /* of 4 KB each; a table met in several places counts in each */
  guint64 n_by_level[ATLAS_LEVELS_MAX + 1];
  gboolean is_partial; /* there are more than ATLAS_TABLE_COST_MAX */
} AtlasTableCost;

/* Counts the tables on the way to any address of [first_va, last_va], which lies in one canonical
 * half. Cost: an entry for each that stands before a part of the range. */
ATLAS_AVAILABLE void atlas_tables_get_cost (const AtlasMemory *memory,
                                            const AtlasControl *control,
                                            AtlasVa first_va,
                                            AtlasVa last_va,
                                            AtlasTableCost *cost);

G_END_DECLS
