/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasRoom: where something fits into a space, and why not where it does not.
 *
 *   space    ██░░░░░░██████░░▒▒██░░░░░░░░░░░░██        ░ free   ▒ free, but its slot is taken
 *   window        [──────────────────────]
 *   asked         ▒▒▒▒ aligned to ┆   ┆   ┆   ┆
 *   places                            ▲   ▲            bases at which it fits, a run a gap
 *
 * Gaps are found once, with the largest of every subtree over them; every question after that is
 * O(log n), and O(1) more an answer. It sees regions only, so it works for dumps as well. */

#include "space/space.h"

G_BEGIN_DECLS

typedef struct _AtlasRoom AtlasRoom;

/* O(regions). NULL for a set that is not listed (page tables may map more than any list holds).
 * Keeps @set. */
ATLAS_AVAILABLE AtlasRoom *atlas_room_new (AtlasRegionSet *set);
ATLAS_AVAILABLE void atlas_room_free (AtlasRoom *room);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasRoom, atlas_room_free)

/* The largest block inside [first_va, last_va], from a place where an allocation may start; the
 * lowest of several. 0, and @base_va (or NULL) untouched, when there is none. */
ATLAS_AVAILABLE guint64 atlas_room_find_largest (const AtlasRoom *room,
                                                 AtlasVa first_va,
                                                 AtlasVa last_va,
                                                 AtlasVa *base_va);

/* What is looked for. */
typedef struct
{
  guint64 size_bytes;      /* > 0, taken up to whole pages */
  guint64 alignment_bytes; /* a power of two; less than the granularity, and that counts */
  AtlasVa first_va;        /* all of it inside these */
  AtlasVa last_va;
} AtlasRoomQuery;

/* Bases in one gap: base_va, base_va + alignment, … last_base_va. */
typedef struct
{
  AtlasVa base_va;
  AtlasVa last_base_va;
  guint64 n_places;
} AtlasRoomPlaces;

typedef struct
{
  const AtlasRoom *room;
  AtlasRoomQuery query;
  guint next_gap;
} AtlasRoomIter;

ATLAS_AVAILABLE void
atlas_room_iter_init (AtlasRoomIter *iter, const AtlasRoom *room, const AtlasRoomQuery *query);
/* In ascending order. With an alignment above the granularity gaps may be looked at in vain. */
ATLAS_AVAILABLE gboolean atlas_room_iter_next (AtlasRoomIter *iter, AtlasRoomPlaces *places);

/* What the textbooks know for choosing one of them. Windows looks from below, or with MEM_TOP_DOWN
 * from above, but from where its layout lets a search begin. */
typedef enum
{
  ATLAS_ROOM_FIRST_FIT, /* the lowest place */
  ATLAS_ROOM_BEST_FIT,  /* in the smallest gap that takes it; the lowest of several */
  ATLAS_ROOM_WORST_FIT, /* in the largest */
  ATLAS_ROOM_TOP_DOWN,  /* the highest place */
  ATLAS_ROOM_N_STRATEGIES,
} AtlasRoomStrategy;

/* "first fit", in English. */
ATLAS_AVAILABLE const char *atlas_room_strategy_get_name (AtlasRoomStrategy strategy);
/* Where each would put it. FALSE when there is no place. O(gaps). */
ATLAS_AVAILABLE gboolean atlas_room_choose (const AtlasRoom *room,
                                            const AtlasRoomQuery *query,
                                            AtlasVa base_vas[ATLAS_ROOM_N_STRATEGIES]);

/* Why there is no place, in sentences; NULL when there is one. (transfer full) */
ATLAS_AVAILABLE char *atlas_room_explain (const AtlasRoom *room, const AtlasRoomQuery *query);

/* The addresses that an instruction at @va can reach with a signed 32-bit
 * displacement: ±2 GB, cut off at the ends of the space. */
ATLAS_AVAILABLE void atlas_room_get_reach (AtlasVa va, AtlasVa *first_va, AtlasVa *last_va);

G_END_DECLS
