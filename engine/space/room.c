/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "space/room.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "space/region-set-private.h"

#define REACH_BYTES ATLAS_GB (2)

typedef struct
{
  AtlasVa base_va; /* where an allocation may start */
  AtlasVa last_va;
} Gap;

struct _AtlasRoom
{
  AtlasRegionSet *set;
  guint64 granularity_bytes;
  GArray *gaps;     /* of Gap, ascending */
  guint n_leaves;   /* a power of two, at least the gaps */
  guint64 *largest; /* [1]: of all; [2i], [2i + 1]: of the halves of [i]; leaves from n_leaves on */
};

static AtlasVa
align_up (AtlasVa va, guint64 alignment_bytes)
{
  AtlasVa raised;

  /* Past the end there is no place. */
  if (!g_uint64_checked_add (&raised, va, alignment_bytes - 1u))
    return G_MAXUINT64;
  return raised & ~(alignment_bytes - 1u);
}

static guint64
get_gap_bytes (const Gap *gap)
{
  return gap->last_va - gap->base_va + 1u;
}

static const Gap *
get_gap (const AtlasRoom *room, guint index)
{
  return &g_array_index (room->gaps, Gap, index);
}

static void
add_gap (AtlasRoom *room, AtlasVa base_va, AtlasVa last_va)
{
  const Gap gap = { .base_va = align_up (base_va, room->granularity_bytes), .last_va = last_va };

  if (gap.base_va <= gap.last_va)
    g_array_append_val (room->gaps, gap);
}

static void
find_gaps (AtlasRoom *room)
{
  guint64 n_regions = atlas_region_set_get_n_regions (room->set);
  AtlasVa base_va = 0, last_va = 0;
  gboolean is_open = FALSE;

  for (guint64 i = 0; i < n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (room->set, i);
      gboolean is_free =
        region->state == ATLAS_STATE_FREE && region->region_class == ATLAS_CLASS_FREE;

      if (!is_free && is_open)
        add_gap (room, base_va, last_va);
      if (is_free && !is_open)
        base_va = region->base_va;
      is_open = is_free;
      last_va = atlas_region_get_last_va (region);
    }
  if (is_open)
    add_gap (room, base_va, last_va);
}

AtlasRoom *
atlas_room_new (AtlasRegionSet *set)
{
  AtlasRoom *room;

  g_return_val_if_fail (set != NULL, NULL);

  if (!atlas_region_set_is_listed (set))
    return NULL;

  room = g_new0 (AtlasRoom, 1);
  room->set = atlas_region_set_ref (set);
  room->granularity_bytes = atlas_region_set_has_slots (set) ? ATLAS_KB (64) : ATLAS_PAGE_BYTES;
  room->gaps = g_array_new (FALSE, FALSE, sizeof (Gap));
  find_gaps (room);

  room->n_leaves = 1;
  while (room->n_leaves < room->gaps->len)
    room->n_leaves *= 2u;
  room->largest = g_new0 (guint64, 2u * room->n_leaves);
  for (guint i = 0; i < room->gaps->len; i++)
    room->largest[room->n_leaves + i] = get_gap_bytes (get_gap (room, i));
  for (guint i = room->n_leaves - 1u; i > 0; i--)
    room->largest[i] = MAX (room->largest[2u * i], room->largest[2u * i + 1u]);
  return room;
}

void
atlas_room_free (AtlasRoom *room)
{
  if (room == NULL)
    return;
  atlas_region_set_unref (room->set);
  g_array_unref (room->gaps);
  g_free (room->largest);
  g_free (room);
}

/* The first gap that ends at or above @va. */
static guint
find_gap (const AtlasRoom *room, AtlasVa va)
{
  guint low = 0, high = room->gaps->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2u;

      if (get_gap (room, middle)->last_va < va)
        low = middle + 1u;
      else
        high = middle;
    }
  return low;
}

/* The first gap from @first on with at least @n_bytes; the number of gaps when there is none. */
static guint
find_large (const AtlasRoom *room, guint first, guint64 n_bytes)
{
  guint node = room->n_leaves + first;

  if (first >= room->gaps->len)
    return room->gaps->len;
  while (room->largest[node] < n_bytes)
    {
      /* Up while this is a right half, then over to the right. */
      while ((node & 1u) != 0)
        node /= 2u;
      if (node == 0)
        return room->gaps->len;
      node++;
    }
  while (node < room->n_leaves)
    node = room->largest[2u * node] >= n_bytes ? 2u * node : 2u * node + 1u;
  return node - room->n_leaves;
}

/* The largest of the gaps @first … @end - 1. */
static guint64
get_largest (const AtlasRoom *room, guint first, guint end)
{
  guint64 largest_bytes = 0;
  guint low = room->n_leaves + first, high = room->n_leaves + end;

  for (; low < high; low /= 2u, high /= 2u)
    {
      if ((low & 1u) != 0)
        {
          largest_bytes = MAX (largest_bytes, room->largest[low]);
          low++;
        }
      if ((high & 1u) != 0)
        {
          high--;
          largest_bytes = MAX (largest_bytes, room->largest[high]);
        }
    }
  return largest_bytes;
}

/* The part of a gap inside the window. */
static guint64
clip (const AtlasRoom *room, guint index, AtlasVa first_va, AtlasVa last_va, AtlasVa *base_va)
{
  const Gap *gap = get_gap (room, index);
  AtlasVa end_va = MIN (gap->last_va, last_va);

  *base_va = align_up (MAX (gap->base_va, first_va), room->granularity_bytes);
  return *base_va <= end_va ? end_va - *base_va + 1u : 0;
}

guint64
atlas_room_find_largest (const AtlasRoom *room, AtlasVa first_va, AtlasVa last_va, AtlasVa *base_va)
{
  guint first, end;
  guint64 best_bytes = 0;
  AtlasVa best_va = 0;

  g_return_val_if_fail (room != NULL && first_va <= last_va, 0);

  first = find_gap (room, first_va);
  end = find_gap (room, last_va);
  if (end < room->gaps->len && get_gap (room, end)->base_va <= last_va)
    end++;
  if (first < end)
    {
      best_bytes = clip (room, first, first_va, last_va, &best_va);
      if (end - first > 2u)
        {
          guint64 inner_bytes = get_largest (room, first + 1u, end - 1u);

          if (inner_bytes > best_bytes)
            {
              best_bytes = inner_bytes;
              best_va = get_gap (room, find_large (room, first + 1u, inner_bytes))->base_va;
            }
        }
      if (end - first > 1u)
        {
          AtlasVa last_base_va;
          guint64 last_bytes = clip (room, end - 1u, first_va, last_va, &last_base_va);

          if (last_bytes > best_bytes)
            {
              best_bytes = last_bytes;
              best_va = last_base_va;
            }
        }
    }
  if (best_bytes > 0 && base_va != NULL)
    *base_va = best_va;
  return best_bytes;
}

void
atlas_room_iter_init (AtlasRoomIter *iter, const AtlasRoom *room, const AtlasRoomQuery *query)
{
  g_return_if_fail (iter != NULL && room != NULL && query != NULL);
  g_return_if_fail (query->size_bytes > 0 && query->first_va <= query->last_va);
  g_return_if_fail ((query->alignment_bytes & (query->alignment_bytes - 1u)) == 0);

  *iter = (AtlasRoomIter){ .room = room, .query = *query };
  iter->query.alignment_bytes = MAX (query->alignment_bytes, room->granularity_bytes);
  iter->query.size_bytes = query->size_bytes > G_MAXUINT64 - ATLAS_PAGE_MASK
                             ? G_MAXUINT64
                             : atlas_page_ceil (query->size_bytes);
  iter->next_gap = find_gap (room, query->first_va);
}

gboolean
atlas_room_iter_next (AtlasRoomIter *iter, AtlasRoomPlaces *places)
{
  const AtlasRoom *room = iter->room;
  const AtlasRoomQuery *query = &iter->query;

  for (;;)
    {
      guint index = find_large (room, iter->next_gap, query->size_bytes);
      const Gap *gap;
      AtlasVa base_va, last_va, last_base_va;

      if (index >= room->gaps->len || get_gap (room, index)->base_va > query->last_va)
        {
          iter->next_gap = room->gaps->len;
          return FALSE;
        }
      iter->next_gap = index + 1u;
      gap = get_gap (room, index);
      base_va = align_up (MAX (gap->base_va, query->first_va), query->alignment_bytes);
      last_va = MIN (gap->last_va, query->last_va);
      if (base_va > last_va || last_va - base_va < query->size_bytes - 1u)
        continue;
      last_base_va = (last_va - (query->size_bytes - 1u)) & ~(query->alignment_bytes - 1u);
      *places =
        (AtlasRoomPlaces){ .base_va = base_va,
                           .last_base_va = last_base_va,
                           .n_places = (last_base_va - base_va) / query->alignment_bytes + 1u };
      return TRUE;
    }
}

const char *
atlas_room_strategy_get_name (AtlasRoomStrategy strategy)
{
  static const char *const names[ATLAS_ROOM_N_STRATEGIES] = {
    [ATLAS_ROOM_FIRST_FIT] = N_ ("first fit"),
    [ATLAS_ROOM_BEST_FIT] = N_ ("best fit"),
    [ATLAS_ROOM_WORST_FIT] = N_ ("worst fit"),
    [ATLAS_ROOM_TOP_DOWN] = N_ ("top down"),
  };

  g_return_val_if_fail ((guint) strategy < ATLAS_ROOM_N_STRATEGIES, "");

  return names[strategy];
}

gboolean
atlas_room_choose (const AtlasRoom *room,
                   const AtlasRoomQuery *query,
                   AtlasVa base_vas[ATLAS_ROOM_N_STRATEGIES])
{
  guint64 smallest_bytes = G_MAXUINT64, largest_bytes = 0;
  AtlasRoomIter iter;
  AtlasRoomPlaces places;
  gboolean is_found = FALSE;

  g_return_val_if_fail (room != NULL && query != NULL && base_vas != NULL, FALSE);

  atlas_room_iter_init (&iter, room, query);
  while (atlas_room_iter_next (&iter, &places))
    {
      /* The gap as a whole, whatever of it the window or the alignment leaves. */
      const Gap *gap = get_gap (room, iter.next_gap - 1u);
      guint64 gap_bytes = gap->last_va - gap->base_va;

      if (!is_found)
        base_vas[ATLAS_ROOM_FIRST_FIT] = places.base_va;
      if (!is_found || gap_bytes < smallest_bytes)
        {
          smallest_bytes = gap_bytes;
          base_vas[ATLAS_ROOM_BEST_FIT] = places.base_va;
        }
      if (!is_found || gap_bytes > largest_bytes)
        {
          largest_bytes = gap_bytes;
          base_vas[ATLAS_ROOM_WORST_FIT] = places.base_va;
        }
      base_vas[ATLAS_ROOM_TOP_DOWN] = places.last_base_va;
      is_found = TRUE;
    }
  return is_found;
}

char *
atlas_room_explain (const AtlasRoom *room, const AtlasRoomQuery *query)
{
  AtlasRoomIter iter;
  AtlasRoomPlaces places;
  AtlasRegionSummary summary;
  AtlasVa user_last_va, last_va, base_va;
  guint64 largest_bytes;

  g_return_val_if_fail (room != NULL && query != NULL, NULL);

  atlas_room_iter_init (&iter, room, query);
  if (atlas_room_iter_next (&iter, &places))
    return NULL;

  g_autofree char *asked = atlas_format_size_exact (query->size_bytes);

  user_last_va = atlas_region_set_get_user_end_va (room->set) - 1u;
  if (query->first_va > user_last_va)
    return g_strdup (_ ("The window lies above the last address that this program may use."));
  last_va = MIN (query->last_va, user_last_va);
  if (last_va - query->first_va < query->size_bytes - 1u)
    return g_strdup_printf (_ ("The window is smaller than the %s that are asked for."), asked);

  atlas_region_set_summarize (room->set, query->first_va, last_va, &summary);
  g_autofree char *free_size = atlas_format_size (summary.free_bytes);

  largest_bytes = atlas_room_find_largest (room, query->first_va, last_va, &base_va);
  if (largest_bytes == 0)
    return summary.free_bytes == 0
             ? g_strdup (_ ("Nothing in the window is free."))
             : g_strdup_printf (_ ("Of the window %s are free, but none of it can be had: slots of "
                                   "64 KB that begin with something else, and what is never "
                                   "allocated."),
                                free_size);

  g_autofree char *largest = atlas_format_size_exact (largest_bytes);
  g_autofree char *base = atlas_format_va (base_va);

  if (largest_bytes >= query->size_bytes)
    {
      g_autofree char *alignment = atlas_format_size (query->alignment_bytes);

      return g_strdup_printf (_ ("There are blocks that are large enough (%s at %s), but none at a "
                                 "multiple of %s."),
                              largest,
                              base,
                              alignment);
    }
  return g_strdup_printf (
    _ ("The largest block that can be had is %s at %s, of %s free; %s are asked for in one piece."),
    largest,
    base,
    free_size,
    asked);
}

void
atlas_room_get_reach (AtlasVa va, AtlasVa *first_va, AtlasVa *last_va)
{
  g_return_if_fail (first_va != NULL && last_va != NULL);

  *first_va = va >= REACH_BYTES ? va - REACH_BYTES : 0;
  *last_va = va <= G_MAXUINT64 - (REACH_BYTES - 1u) ? va + (REACH_BYTES - 1u) : G_MAXUINT64;
}
