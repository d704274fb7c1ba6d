/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/vad-private.h"

#include <glib/gi18n-lib.h>

#define VPN_END ATLAS_BIT (52)

/* ---- Memory and hints ---------------------------------------------------------------------- */

/* A choice: 4 KB for the few VADs of a small process, 64 KB at a time for many. */
#define SLAB_VADS_MIN 31u
#define SLAB_VADS_MAX 511u
#define HINTS_MIN 32u

typedef struct _AtlasVadSlab AtlasVadSlab;
struct _AtlasVadSlab
{
  AtlasVadSlab *next;
  guint n_vads;
  AtlasVad vads[];
};

/* A VAD that holds no page, for hints that still lead to it. */
static void
put_unused (AtlasVadTree *tree, AtlasVad *vad)
{
  *vad = (AtlasVad){ .start_vpn = 1, .end_vpn = 0, .right = tree->unused };
  tree->unused = vad;
}

static void
add_slab (AtlasVadTree *tree)
{
  guint n_vads = CLAMP (tree->n_vads, SLAB_VADS_MIN, SLAB_VADS_MAX);
  AtlasVadSlab *slab =
    g_aligned_alloc (1, sizeof *slab + n_vads * sizeof *slab->vads, G_ALIGNOF (AtlasVad));

  slab->next = tree->slabs;
  slab->n_vads = n_vads;
  tree->slabs = slab;
  for (guint i = n_vads; i-- > 0;)
    put_unused (tree, &slab->vads[i]);
}

static AtlasVad *
take_vad (AtlasVadTree *tree)
{
  AtlasVad *vad;

  if (tree->unused == NULL)
    add_slab (tree);
  vad = tree->unused;
  tree->unused = vad->right;
  *vad = (AtlasVad){ NULL };
  return vad;
}

/* As many hints as VADs, rounded up; with new ones all begin anew. */
static void
make_hints (AtlasVadTree *tree)
{
  if (tree->n_vads <= tree->n_hints)
    return;
  tree->n_hints = MAX (2u * tree->n_hints, HINTS_MIN);
  g_free (tree->hints);
  tree->hints = g_new0 (AtlasVad *, tree->n_hints);
}

static AtlasVad **
get_hint (const AtlasVadTree *tree, guint64 vpn)
{
  return &tree->hints[(vpn / ATLAS_VAD_UNIT_PAGES) & (tree->n_hints - 1u)];
}

/* The VAD that holds @vpn, when the hint leads there. */
static AtlasVad *
find_hinted (const AtlasVadTree *tree, guint64 vpn)
{
  AtlasVad *vad = tree->n_hints > 0 ? *get_hint (tree, vpn) : NULL;

  return vad != NULL && vad->start_vpn <= vpn && vpn <= vad->end_vpn ? vad : NULL;
}

/* ---- Balance ------------------------------------------------------------------------------- */

static void
update_node (AtlasVad *vad)
{
  guint8 left_height = 0;
  guint8 right_height = 0;
  guint64 gap_pages = 0;

  vad->subtree_start_vpn = vad->start_vpn;
  vad->subtree_end_vpn = vad->end_vpn;
  if (vad->left != NULL)
    {
      left_height = vad->left->height;
      vad->subtree_start_vpn = vad->left->subtree_start_vpn;
      gap_pages = MAX (vad->left->subtree_gap_pages,
                       atlas_vad_count_room (vad->left->subtree_end_vpn + 1u, vad->start_vpn));
    }
  if (vad->right != NULL)
    {
      right_height = vad->right->height;
      vad->subtree_end_vpn = vad->right->subtree_end_vpn;
      gap_pages = MAX (gap_pages, vad->right->subtree_gap_pages);
      gap_pages =
        MAX (gap_pages, atlas_vad_count_room (vad->end_vpn + 1u, vad->right->subtree_start_vpn));
    }
  vad->subtree_gap_pages = gap_pages;
  vad->height = MAX (left_height, right_height) + 1u;
}

static void
replace_child (AtlasVadTree *tree, AtlasVad *parent, AtlasVad *old_child, AtlasVad *new_child)
{
  if (parent == NULL)
    tree->root = new_child;
  else if (parent->left == old_child)
    parent->left = new_child;
  else
    parent->right = new_child;
  if (new_child != NULL)
    new_child->parent = parent;
}

/* The right child takes the place of @vad. Returns it. */
static AtlasVad *
rotate_left (AtlasVadTree *tree, AtlasVad *vad)
{
  AtlasVad *top = vad->right;

  replace_child (tree, vad->parent, vad, top);
  vad->right = top->left;
  if (vad->right != NULL)
    vad->right->parent = vad;
  top->left = vad;
  vad->parent = top;
  update_node (vad);
  update_node (top);
  return top;
}

static AtlasVad *
rotate_right (AtlasVadTree *tree, AtlasVad *vad)
{
  AtlasVad *top = vad->left;

  replace_child (tree, vad->parent, vad, top);
  vad->left = top->right;
  if (vad->left != NULL)
    vad->left->parent = vad;
  top->right = vad;
  vad->parent = top;
  update_node (vad);
  update_node (top);
  return top;
}

/* Puts sums and balance right from @vad up to the root. */
static void
retrace (AtlasVadTree *tree, AtlasVad *vad)
{
  while (vad != NULL)
    {
      gint balance = atlas_vad_get_balance (vad);

      update_node (vad);
      if (balance > 1)
        {
          if (atlas_vad_get_balance (vad->right) < 0)
            rotate_right (tree, vad->right);
          vad = rotate_left (tree, vad);
        }
      else if (balance < -1)
        {
          if (atlas_vad_get_balance (vad->left) > 0)
            rotate_left (tree, vad->left);
          vad = rotate_right (tree, vad);
        }
      vad = vad->parent;
    }
}

static AtlasVad *
leftmost (AtlasVad *vad)
{
  while (vad != NULL && vad->left != NULL)
    vad = vad->left;
  return vad;
}

static AtlasVad *
rightmost (AtlasVad *vad)
{
  while (vad != NULL && vad->right != NULL)
    vad = vad->right;
  return vad;
}

/* ---- Insert, remove, cut ------------------------------------------------------------------- */

void
atlas_vad_tree_clear (AtlasVadTree *tree)
{
  g_return_if_fail (tree != NULL);

  for (AtlasVadSlab *slab = tree->slabs, *next; slab != NULL; slab = next)
    {
      next = slab->next;
      for (guint i = 0; i < slab->n_vads; i++)
        atlas_vad_set_name (&slab->vads[i], NULL);
      g_aligned_free (slab);
    }
  g_free (tree->hints);
  *tree = (AtlasVadTree){ NULL };
}

AtlasVad *
atlas_vad_tree_insert (AtlasVadTree *tree, guint64 start_vpn, guint64 end_vpn)
{
  AtlasVad *parent = NULL;
  AtlasVad **link;
  AtlasVad *vad;

  g_return_val_if_fail (tree != NULL, NULL);
  g_return_val_if_fail (start_vpn <= end_vpn && end_vpn < VPN_END, NULL);

  link = &tree->root;
  while (*link != NULL)
    {
      parent = *link;
      if (end_vpn < parent->start_vpn)
        link = &parent->left;
      else if (start_vpn > parent->end_vpn)
        link = &parent->right;
      else
        return NULL;
    }

  vad = take_vad (tree);
  vad->start_vpn = start_vpn;
  vad->end_vpn = end_vpn;
  vad->parent = parent;
  *link = vad;
  tree->n_vads++;
  retrace (tree, vad);
  make_hints (tree);
  *get_hint (tree, start_vpn) = vad;
  return vad;
}

void
atlas_vad_tree_remove (AtlasVadTree *tree, AtlasVad *vad)
{
  AtlasVad *deepest_changed;

  g_return_if_fail (tree != NULL);
  g_return_if_fail (vad != NULL);

  if (vad->left != NULL && vad->right != NULL)
    {
      AtlasVad *heir = leftmost (vad->right);

      if (heir->parent == vad)
        {
          deepest_changed = heir;
        }
      else
        {
          deepest_changed = heir->parent;
          replace_child (tree, heir->parent, heir, heir->right);
          heir->right = vad->right;
          heir->right->parent = heir;
        }
      heir->left = vad->left;
      heir->left->parent = heir;
      replace_child (tree, vad->parent, vad, heir);
    }
  else
    {
      deepest_changed = vad->parent;
      replace_child (tree, vad->parent, vad, vad->left != NULL ? vad->left : vad->right);
    }

  tree->n_vads--;
  retrace (tree, deepest_changed);
  atlas_vad_set_name (vad, NULL);
  put_unused (tree, vad);
}

AtlasVad *
atlas_vad_tree_split (AtlasVadTree *tree, AtlasVad *vad, guint64 vpn)
{
  guint64 end_vpn;
  AtlasVad *upper;

  g_return_val_if_fail (tree != NULL, NULL);
  g_return_val_if_fail (vad != NULL, NULL);
  g_return_val_if_fail (vpn > vad->start_vpn && vpn <= vad->end_vpn, NULL);

  end_vpn = vad->end_vpn;
  vad->end_vpn = vpn - 1u;
  retrace (tree, vad);

  upper = atlas_vad_tree_insert (tree, vpn, end_vpn);
  upper->kind = vad->kind;
  upper->region_class = vad->region_class;
  upper->protection = vad->protection;
  upper->is_mem_commit = vad->is_mem_commit;
  upper->is_permanent = vad->is_permanent;
  upper->is_placeholder = vad->is_placeholder;
  upper->is_from_placeholder = vad->is_from_placeholder;
  upper->has_64k_pages = vad->has_64k_pages;
  upper->name = vad->name != NULL ? g_ref_string_acquire (vad->name) : NULL;
  upper->reason = vad->reason;
  upper->source = vad->source;
  upper->section = vad->section;
  upper->section_first_page = vad->section_first_page + (vpn - vad->start_vpn);
  return upper;
}

AtlasVad *
atlas_vad_tree_cut (AtlasVadTree *tree, AtlasVad *vad, guint64 first_vpn, guint64 last_vpn)
{
  AtlasVad *upper = NULL;

  g_return_val_if_fail (tree != NULL, NULL);
  g_return_val_if_fail (vad != NULL, NULL);
  g_return_val_if_fail (
    first_vpn >= vad->start_vpn && first_vpn <= last_vpn && last_vpn <= vad->end_vpn, NULL);

  if (first_vpn == vad->start_vpn && last_vpn == vad->end_vpn)
    {
      atlas_vad_tree_remove (tree, vad);
      return NULL;
    }

  if (first_vpn == vad->start_vpn)
    {
      vad->section_first_page += last_vpn + 1u - vad->start_vpn;
      vad->start_vpn = last_vpn + 1u;
    }
  else
    {
      if (last_vpn < vad->end_vpn)
        upper = atlas_vad_tree_split (tree, vad, last_vpn + 1u);
      vad->end_vpn = first_vpn - 1u;
    }
  retrace (tree, vad);
  return upper;
}

/* ---- Find ---------------------------------------------------------------------------------- */

AtlasVad *
atlas_vad_tree_find (const AtlasVadTree *tree, AtlasVa va, guint *n_compared)
{
  guint64 vpn = va >> ATLAS_PAGE_SHIFT;
  guint n_nodes = 0;
  AtlasVad *vad;

  g_return_val_if_fail (tree != NULL, NULL);

  vad = find_hinted (tree, vpn);
  if (vad != NULL && n_compared == NULL)
    return vad;
  vad = tree->root;
  while (vad != NULL)
    {
      n_nodes++;
      if (vpn < vad->start_vpn)
        vad = vad->left;
      else if (vpn > vad->end_vpn)
        vad = vad->right;
      else
        break;
    }
  if (n_compared != NULL)
    *n_compared = n_nodes;
  if (vad != NULL)
    *get_hint (tree, vpn) = vad;
  return vad;
}

AtlasVad *
atlas_vad_tree_lower_bound (const AtlasVadTree *tree, AtlasVa va)
{
  guint64 vpn = va >> ATLAS_PAGE_SHIFT;
  AtlasVad *best;
  AtlasVad *vad;

  g_return_val_if_fail (tree != NULL, NULL);

  best = find_hinted (tree, vpn);
  vad = best == NULL ? tree->root : NULL;
  while (vad != NULL)
    {
      if (vad->end_vpn >= vpn)
        {
          best = vad;
          vad = vad->left;
        }
      else
        {
          vad = vad->right;
        }
    }
  if (best != NULL && best->start_vpn <= vpn)
    *get_hint (tree, vpn) = best;
  return best;
}

AtlasVad *
atlas_vad_tree_find_overlap (const AtlasVadTree *tree, AtlasVa first_va, AtlasVa last_va)
{
  AtlasVad *vad = atlas_vad_tree_lower_bound (tree, first_va);

  return vad != NULL && vad->start_vpn <= last_va >> ATLAS_PAGE_SHIFT ? vad : NULL;
}

AtlasVad *
atlas_vad_tree_get_first (const AtlasVadTree *tree)
{
  g_return_val_if_fail (tree != NULL, NULL);

  return leftmost (tree->root);
}

AtlasVad *
atlas_vad_tree_get_last (const AtlasVadTree *tree)
{
  g_return_val_if_fail (tree != NULL, NULL);

  return rightmost (tree->root);
}

AtlasVad *
atlas_vad_get_next (const AtlasVad *vad)
{
  g_return_val_if_fail (vad != NULL, NULL);

  if (vad->right != NULL)
    return leftmost (vad->right);
  while (vad->parent != NULL && vad == vad->parent->right)
    vad = vad->parent;
  return vad->parent;
}

AtlasVad *
atlas_vad_get_previous (const AtlasVad *vad)
{
  g_return_val_if_fail (vad != NULL, NULL);

  if (vad->left != NULL)
    return rightmost (vad->left);
  while (vad->parent != NULL && vad == vad->parent->left)
    vad = vad->parent;
  return vad->parent;
}

/* ---- Words --------------------------------------------------------------------------------- */

void
atlas_vad_set_name (AtlasVad *vad, const char *name)
{
  char *new_name = name != NULL ? g_ref_string_new (name) : NULL;

  g_return_if_fail (vad != NULL);

  g_clear_pointer (&vad->name, g_ref_string_release);
  vad->name = new_name;
}

static const struct
{
  AtlasRegionType type;
  const char *name;
} vad_kinds[ATLAS_N_VAD_KINDS] = {
  [ATLAS_VAD_PRIVATE] = { ATLAS_TYPE_PRIVATE, N_ ("private") },
  [ATLAS_VAD_MAPPED] = { ATLAS_TYPE_MAPPED, N_ ("mapped") },
  [ATLAS_VAD_IMAGE] = { ATLAS_TYPE_IMAGE, N_ ("image") },
  [ATLAS_VAD_AWE] = { ATLAS_TYPE_PRIVATE, N_ ("AWE") },
  [ATLAS_VAD_WRITE_WATCH] = { ATLAS_TYPE_PRIVATE, N_ ("write watch") },
  [ATLAS_VAD_LARGE_PAGES] = { ATLAS_TYPE_PRIVATE, N_ ("large pages") },
  [ATLAS_VAD_LARGE_VIEW] = { ATLAS_TYPE_MAPPED, N_ ("view with large pages") },
  [ATLAS_VAD_BLOCKED] = { ATLAS_TYPE_NONE, N_ ("blocked") },
};

AtlasRegionType
atlas_vad_kind_get_type (AtlasVadKind kind)
{
  g_return_val_if_fail ((guint) kind < ATLAS_N_VAD_KINDS, ATLAS_TYPE_NONE);

  return vad_kinds[kind].type;
}

const char *
atlas_vad_kind_get_name (AtlasVadKind kind)
{
  g_return_val_if_fail ((guint) kind < ATLAS_N_VAD_KINDS, NULL);

  return vad_kinds[kind].name;
}
