/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/vad-private.h"

/* Whole pages [from_vpn, until_vpn). */
typedef struct
{
  guint64 from_vpn;
  guint64 until_vpn;
} PageRange;

typedef struct
{
  PageRange window;
  guint64 n_pages;
  guint64 alignment_pages;
  gboolean is_top_down;
} GapQuery;

static PageRange
window_of (AtlasVa first_va, AtlasVa last_va)
{
  PageRange window;

  window.from_vpn = (first_va >> ATLAS_PAGE_SHIFT) + ((first_va & ATLAS_PAGE_MASK) != 0 ? 1u : 0u);
  window.until_vpn =
    (last_va >> ATLAS_PAGE_SHIFT) + ((last_va & ATLAS_PAGE_MASK) == ATLAS_PAGE_MASK ? 1u : 0u);
  return window;
}

static PageRange
clip (PageRange range, PageRange window)
{
  return (PageRange){ MAX (range.from_vpn, window.from_vpn),
                      MIN (range.until_vpn, window.until_vpn) };
}

static gboolean
fit (const GapQuery *query, PageRange gap, guint64 *vpn)
{
  guint64 mask = query->alignment_pages - 1u;
  guint64 candidate_vpn;

  if (gap.from_vpn >= gap.until_vpn || gap.until_vpn - gap.from_vpn < query->n_pages)
    return FALSE;

  candidate_vpn =
    query->is_top_down ? (gap.until_vpn - query->n_pages) & ~mask : (gap.from_vpn + mask) & ~mask;
  if (candidate_vpn < gap.from_vpn || candidate_vpn > gap.until_vpn - query->n_pages)
    return FALSE;
  *vpn = candidate_vpn;
  return TRUE;
}

/* @range: from the end of the VAD before this subtree to the start of the one behind it. */
static gboolean
search (const GapQuery *query, const AtlasVad *vad, PageRange range, guint64 *vpn)
{
  PageRange low;
  PageRange high;
  guint64 best_pages;

  range = clip (range, query->window);
  if (vad == NULL)
    return fit (query, range, vpn);

  best_pages =
    MAX (vad->subtree_gap_pages, atlas_vad_count_room (range.from_vpn, vad->subtree_start_vpn));
  best_pages = MAX (best_pages, atlas_vad_count_room (vad->subtree_end_vpn + 1u, range.until_vpn));
  if (best_pages < query->n_pages || range.from_vpn >= range.until_vpn)
    return FALSE;

  low = (PageRange){ range.from_vpn, vad->start_vpn };
  high = (PageRange){ vad->end_vpn + 1u, range.until_vpn };
  if (query->is_top_down)
    return search (query, vad->right, high, vpn) || search (query, vad->left, low, vpn);
  return search (query, vad->left, low, vpn) || search (query, vad->right, high, vpn);
}

gboolean
atlas_vad_tree_find_gap (const AtlasVadTree *tree,
                         guint64 size_bytes,
                         guint64 alignment_bytes,
                         AtlasVa first_va,
                         AtlasVa last_va,
                         gboolean is_top_down,
                         AtlasVa *base_va)
{
  GapQuery query;
  guint64 vpn;

  g_return_val_if_fail (tree != NULL, FALSE);
  g_return_val_if_fail (size_bytes > 0, FALSE);
  g_return_val_if_fail (alignment_bytes >= ATLAS_VAD_UNIT_PAGES << ATLAS_PAGE_SHIFT &&
                          (alignment_bytes & (alignment_bytes - 1u)) == 0,
                        FALSE);
  g_return_val_if_fail (base_va != NULL, FALSE);

  query.window = window_of (first_va, last_va);
  query.n_pages = ((size_bytes - 1u) >> ATLAS_PAGE_SHIFT) + 1u;
  query.alignment_pages = alignment_bytes >> ATLAS_PAGE_SHIFT;
  query.is_top_down = is_top_down;
  if (!search (&query, tree->root, query.window, &vpn))
    return FALSE;
  *base_va = vpn << ATLAS_PAGE_SHIFT;
  return TRUE;
}

/* Only nodes that the window cuts through are opened: at most two a level. */
static guint64
largest_pages (const AtlasVad *vad, PageRange range, PageRange window)
{
  guint64 low_pages;
  guint64 high_pages;

  range = clip (range, window);
  if (range.from_vpn >= range.until_vpn)
    return 0;
  if (vad == NULL)
    return atlas_vad_count_room (range.from_vpn, range.until_vpn);

  if (vad->subtree_start_vpn >= window.from_vpn && vad->subtree_end_vpn < window.until_vpn)
    {
      low_pages = atlas_vad_count_room (range.from_vpn, vad->subtree_start_vpn);
      high_pages = atlas_vad_count_room (vad->subtree_end_vpn + 1u, range.until_vpn);
      return MAX (vad->subtree_gap_pages, MAX (low_pages, high_pages));
    }

  low_pages = largest_pages (vad->left, (PageRange){ range.from_vpn, vad->start_vpn }, window);
  high_pages =
    largest_pages (vad->right, (PageRange){ vad->end_vpn + 1u, range.until_vpn }, window);
  return MAX (low_pages, high_pages);
}

guint64
atlas_vad_tree_get_largest_gap (const AtlasVadTree *tree,
                                AtlasVa first_va,
                                AtlasVa last_va,
                                AtlasVa *base_va)
{
  PageRange window = window_of (first_va, last_va);
  GapQuery query = { .window = window, .alignment_pages = ATLAS_VAD_UNIT_PAGES };
  guint64 vpn;

  g_return_val_if_fail (tree != NULL, 0);

  query.n_pages = largest_pages (tree->root, window, window);
  if (query.n_pages == 0)
    return 0;
  if (base_va != NULL && search (&query, tree->root, window, &vpn))
    *base_va = vpn << ATLAS_PAGE_SHIFT;
  return query.n_pages << ATLAS_PAGE_SHIFT;
}
