/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A virtual address descriptor: one reservation or one view. The tree of them is what a process
 * owns; page tables come later, when pages are touched.
 *
 *                      ┌──────────────┐
 *                      │ 7ffe0…7ffe0  │                 AVL: heights of siblings differ by ≤ 1
 *                      └──────┬───────┘                 key: [start_vpn, end_vpn], both inclusive
 *               ┌─────────────┴────────────┐
 *       ┌───────┴──────┐           ┌───────┴──────┐
 *       │   20…   2f   │           │ 1d0…   1ef   │
 *       └──────────────┘           └──────────────┘
 *
 *   pages  ██░░░░░░██████░░░░░██░░░░
 *            ╰gap─╯      ╰gap╯           each node knows its subtree's first and last page and its
 *                                        largest gap, so a search for room skips whole subtrees
 *
 * State of a page of a private VAD: what its PTE says; where that is 0 or no table exists, the page
 * is committed with the VAD's protection when is_mem_commit is set, otherwise only reserved.
 * Shape and fields: PDB type MMVAD_SHORT; Windows Internals, 7th ed., part 1, ch. 5. (Windows looks
 * for room in a bitmap of 64 KB units; the gaps kept here find the same places.)
 */

#include "space/region.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_VAD_PRIVATE,
  ATLAS_VAD_MAPPED, /* view of a file or of a section without one */
  ATLAS_VAD_IMAGE,
  ATLAS_VAD_AWE, /* window on frames that the program holds */
  ATLAS_VAD_WRITE_WATCH,
  ATLAS_VAD_LARGE_PAGES,
  ATLAS_VAD_LARGE_VIEW, /* of a section of large pages, mapped by such */
  ATLAS_VAD_BLOCKED, /* nothing may be put here, though a query calls it free */
  ATLAS_N_VAD_KINDS,
} AtlasVadKind;

/* Of the host's cache: a choice, right for the processors that this runs on. */
#define ATLAS_VAD_LINE_BYTES 64u

typedef struct _AtlasVad AtlasVad;
struct _AtlasVad
{
  /* The tree's, which fills a line of the host's cache; to be read by who draws it. */
  AtlasVad *left;
  AtlasVad *right;
  AtlasVad *parent;
  guint64 start_vpn; /* address / 4096 */
  guint64 end_vpn;   /* inclusive */
  guint64 subtree_start_vpn;
  guint64 subtree_end_vpn;
  guint64 subtree_gap_pages; /* largest room between two of the subtree, from a 64 KB boundary on */
  guint8 height;             /* of the subtree; 1 for a leaf */

  /* The owner's; all 0 in a new VAD. */
  guint8 kind;                   /* AtlasVadKind */
  guint8 region_class;           /* AtlasRegionClass */
  guint8 protection;             /* 5-bit code; AllocationProtect is made of it */
  guint is_mem_commit : 1;       /* a page with no PTE is committed */
  guint is_permanent : 1;        /* neither freed nor protected anew: the shared data page */
  guint is_placeholder : 1;      /* reserved for what will be put exactly here */
  guint is_from_placeholder : 1; /* can become one again */
  guint has_64k_pages : 1;       /* asked for with MEM_64K_PAGES */
  guint64 commit_pages;          /* charged */
  char *name; /* GRefString or NULL: module, "stack of thread 1"; use atlas_vad_set_name() */
  const char *reason;         /* constant text or NULL */
  const char *source;         /* constant text or NULL */
  gpointer section;           /* what it is a view of; borrowed */
  guint64 section_first_page; /* page of the section at start_vpn */
} __attribute__ ((aligned (ATLAS_VAD_LINE_BYTES)));

/* A million VADs take at most 160 MB, hints included. */
G_STATIC_ASSERT (sizeof (AtlasVad) == 2u * ATLAS_VAD_LINE_BYTES);
G_STATIC_ASSERT (G_STRUCT_OFFSET (AtlasVad, height) == ATLAS_VAD_LINE_BYTES);

/* Owns its VADs. A stack or member value: { NULL } is an empty tree. */
typedef struct
{
  AtlasVad *root;
  guint n_vads;

  /* The tree's own. VADs lie side by side in slabs, which stay until the tree is cleared: where one
   * was there will be none, or another. */
  struct _AtlasVadSlab *slabs;
  AtlasVad *unused; /* chained by their right */
  /* Direct-mapped by units of 64 KB: the VAD that was last found there, so that finding it again is
   * one look and not twenty, each a miss of the host's cache when there are a million. A hint is
   * checked like any node; a wrong one costs a descent and nothing else. */
  AtlasVad **hints;
  guint n_hints; /* 0 or a power of two */
} AtlasVadTree;

/* Frees all VADs; the tree is empty afterwards. */
ATLAS_AVAILABLE void atlas_vad_tree_clear (AtlasVadTree *tree);

/* Adds a VAD for the pages @start_vpn … @end_vpn, start ≤ end < 2^52. NULL, and no change, when any
 * of them is taken. Borrowed. O(log n), as everything below unless it says otherwise. */
ATLAS_AVAILABLE AtlasVad *
atlas_vad_tree_insert (AtlasVadTree *tree, guint64 start_vpn, guint64 end_vpn);
/* Takes @vad out and frees it. */
ATLAS_AVAILABLE void atlas_vad_tree_remove (AtlasVadTree *tree, AtlasVad *vad);

/* Cuts the pages @first_vpn … @last_vpn, all inside @vad, out of it:
 *   all of them      @vad is removed and freed
 *   the front, tail  @vad shrinks
 *   the middle       @vad keeps what lies below, a new VAD gets what lies above
 * Returns the new VAD in the last case, otherwise NULL. It is like @vad in everything but its
 * pages; commit_pages stays with @vad and is 0 in the new one: only the caller, who sees the PTEs,
 * can divide it. */
ATLAS_AVAILABLE AtlasVad *
atlas_vad_tree_cut (AtlasVadTree *tree, AtlasVad *vad, guint64 first_vpn, guint64 last_vpn);
/* Divides @vad before @vpn, start_vpn < @vpn ≤ end_vpn. Returns the upper part, on the terms of
 * atlas_vad_tree_cut(). */
ATLAS_AVAILABLE AtlasVad *atlas_vad_tree_split (AtlasVadTree *tree, AtlasVad *vad, guint64 vpn);

/* The VAD that holds @va, or NULL. @n_compared (or NULL): nodes looked at on the way from the root;
 * who does not ask is spared the way where a hint leads there. To look, here and in the two below,
 * leaves a hint: not from two threads at once. */
ATLAS_AVAILABLE AtlasVad *
atlas_vad_tree_find (const AtlasVadTree *tree, AtlasVa va, guint *n_compared);
/* The first VAD that ends at or above @va, or NULL. */
ATLAS_AVAILABLE AtlasVad *atlas_vad_tree_lower_bound (const AtlasVadTree *tree, AtlasVa va);
/* The first VAD with a page in [first_va, last_va], or NULL. */
ATLAS_AVAILABLE AtlasVad *
atlas_vad_tree_find_overlap (const AtlasVadTree *tree, AtlasVa first_va, AtlasVa last_va);

/* In ascending order; NULL at the ends. */
ATLAS_AVAILABLE AtlasVad *atlas_vad_tree_get_first (const AtlasVadTree *tree);
ATLAS_AVAILABLE AtlasVad *atlas_vad_tree_get_last (const AtlasVadTree *tree);
ATLAS_AVAILABLE AtlasVad *atlas_vad_get_next (const AtlasVad *vad);
ATLAS_AVAILABLE AtlasVad *atlas_vad_get_previous (const AtlasVad *vad);

/* Looks for @size_bytes (> 0, taken up to whole pages) of free addresses inside
 * [first_va, last_va], starting at a multiple of @alignment_bytes (a power of two ≥ 64 KB): the
 * lowest such place, or with @is_top_down the highest. FALSE, and @base_va untouched, when there is
 * none. O(log n) for 64 KB; a larger alignment may look at gaps that turn out too small. */
ATLAS_AVAILABLE gboolean atlas_vad_tree_find_gap (const AtlasVadTree *tree,
                                                  guint64 size_bytes,
                                                  guint64 alignment_bytes,
                                                  AtlasVa first_va,
                                                  AtlasVa last_va,
                                                  gboolean is_top_down,
                                                  AtlasVa *base_va);
/* The size of the largest single reservation that fits into [first_va, last_va], which starts at a
 * multiple of 64 KB; 0 when none does. @base_va (or NULL): the lowest place for it. */
ATLAS_AVAILABLE guint64 atlas_vad_tree_get_largest_gap (const AtlasVadTree *tree,
                                                        AtlasVa first_va,
                                                        AtlasVa last_va,
                                                        AtlasVa *base_va);

/* Copies @name; NULL for none. */
ATLAS_AVAILABLE void atlas_vad_set_name (AtlasVad *vad, const char *name);
/* MEM_PRIVATE, MEM_MAPPED, MEM_IMAGE; none for BLOCKED. */
ATLAS_AVAILABLE AtlasRegionType atlas_vad_kind_get_type (AtlasVadKind kind);
/* "private", "image", … */
ATLAS_AVAILABLE const char *atlas_vad_kind_get_name (AtlasVadKind kind);

/* Whether one entry maps 2 MB or more of it. */
static inline gboolean
atlas_vad_has_large_pages (const AtlasVad *vad)
{
  return vad->kind == ATLAS_VAD_LARGE_PAGES || vad->kind == ATLAS_VAD_LARGE_VIEW;
}

static inline AtlasVa
atlas_vad_get_base_va (const AtlasVad *vad)
{
  return vad->start_vpn << ATLAS_PAGE_SHIFT;
}

/* The last byte. */
static inline AtlasVa
atlas_vad_get_last_va (const AtlasVad *vad)
{
  return (vad->end_vpn << ATLAS_PAGE_SHIFT) | ATLAS_PAGE_MASK;
}

static inline guint64
atlas_vad_get_n_pages (const AtlasVad *vad)
{
  return vad->end_vpn - vad->start_vpn + 1u;
}

/* Height of the right subtree less that of the left: -1, 0 or 1. */
static inline gint
atlas_vad_get_balance (const AtlasVad *vad)
{
  gint left_height = vad->left != NULL ? vad->left->height : 0;
  gint right_height = vad->right != NULL ? vad->right->height : 0;

  return right_height - left_height;
}

G_END_DECLS
