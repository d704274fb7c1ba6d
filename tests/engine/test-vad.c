/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/vad.h"

/* The model: one byte a page over a window of 64 MB; 0 free, otherwise the number of an allocation
 * that the VAD carries in the upper half of section_first_page. */
#define N_PAGES 16384u
#define GRANULARITY_PAGES 16u
#define USER_END_VPN (G_GUINT64_CONSTANT (0x7FFFFFFF0000) >> ATLAS_PAGE_SHIFT)

typedef struct
{
  AtlasVadTree tree;
  guint64 base_vpn;
  guint16 owner[N_PAGES];
  guint16 next_owner;
} Model;

static AtlasVa
page_va (const Model *model, guint page)
{
  return (model->base_vpn + page) << ATLAS_PAGE_SHIFT;
}

static guint
check_node (const AtlasVad *vad, const AtlasVad *parent)
{
  guint64 start_vpn = vad->start_vpn;
  guint64 end_vpn = vad->end_vpn;
  gint left_height = 0;
  gint right_height = 0;
  guint n_vads = 1;

  g_assert_true (vad->parent == parent);
  g_assert_cmpuint (vad->start_vpn, <=, vad->end_vpn);
  if (vad->left != NULL)
    {
      n_vads += check_node (vad->left, vad);
      g_assert_cmpuint (vad->left->subtree_end_vpn, <, vad->start_vpn);
      start_vpn = vad->left->subtree_start_vpn;
      left_height = vad->left->height;
    }
  if (vad->right != NULL)
    {
      n_vads += check_node (vad->right, vad);
      g_assert_cmpuint (vad->right->subtree_start_vpn, >, vad->end_vpn);
      end_vpn = vad->right->subtree_end_vpn;
      right_height = vad->right->height;
    }
  g_assert_cmpuint (vad->subtree_start_vpn, ==, start_vpn);
  g_assert_cmpuint (vad->subtree_end_vpn, ==, end_vpn);
  g_assert_cmpint (vad->height, ==, 1 + MAX (left_height, right_height));
  g_assert_cmpint (atlas_vad_get_balance (vad), ==, right_height - left_height);
  g_assert_cmpint (ABS (right_height - left_height), <=, 1);
  return n_vads;
}

/* Every page of the model against the tree, walked forwards and backwards. */
static void
check_model (const Model *model)
{
  AtlasVad *vad = atlas_vad_tree_get_first (&model->tree);
  AtlasVad *previous = NULL;
  guint n_vads = 0;
  guint page = 0;

  if (model->tree.root != NULL)
    g_assert_cmpuint (check_node (model->tree.root, NULL), ==, model->tree.n_vads);

  for (; vad != NULL; previous = vad, vad = atlas_vad_get_next (vad))
    {
      g_assert_true (atlas_vad_get_previous (vad) == previous);
      for (; page < vad->start_vpn - model->base_vpn; page++)
        g_assert_cmpuint (model->owner[page], ==, 0);
      for (; page <= vad->end_vpn - model->base_vpn; page++)
        g_assert_cmpuint (model->owner[page], ==, vad->section_first_page >> 32);
      n_vads++;
    }
  for (; page < N_PAGES; page++)
    g_assert_cmpuint (model->owner[page], ==, 0);
  g_assert_true (atlas_vad_tree_get_last (&model->tree) == previous);
  g_assert_cmpuint (n_vads, ==, model->tree.n_vads);
}

static void
mark (Model *model, guint first_page, guint last_page, guint16 owner)
{
  for (guint page = first_page; page <= last_page; page++)
    model->owner[page] = owner;
}

/* The owner's number goes where splitting carries it along with the page's place. */
static void
claim (Model *model, AtlasVad *vad, guint first_page, guint last_page)
{
  model->next_owner = model->next_owner == G_MAXUINT16 ? 1 : model->next_owner + 1;
  vad->section_first_page = (guint64) model->next_owner << 32 | first_page;
  mark (model, first_page, last_page, model->next_owner);
}

static gboolean
is_free (const Model *model, guint first_page, guint last_page)
{
  for (guint page = first_page; page <= last_page; page++)
    if (model->owner[page] != 0)
      return FALSE;
  return TRUE;
}

static gboolean
scan_gap (const Model *model,
          guint n_pages,
          guint alignment_pages,
          guint first_page,
          guint last_page,
          gboolean is_top_down,
          guint *found_page)
{
  gboolean is_found = FALSE;
  guint free_before = 0;

  /* free_before: free pages that end at this one. */
  for (guint page = first_page; page <= last_page; page++)
    {
      guint start_page;

      free_before = model->owner[page] == 0 ? free_before + 1 : 0;
      if (free_before < n_pages)
        continue;
      start_page = page + 1 - n_pages;
      if ((model->base_vpn + start_page) % alignment_pages != 0)
        continue;
      *found_page = start_page;
      if (!is_top_down)
        return TRUE;
      is_found = TRUE;
    }
  return is_found;
}

static guint
scan_largest (const Model *model, guint first_page, guint last_page)
{
  guint largest_pages = 0;

  for (guint page = first_page; page <= last_page; page++)
    {
      guint end_page = page;

      if ((model->base_vpn + page) % GRANULARITY_PAGES != 0)
        continue;
      while (end_page <= last_page && model->owner[end_page] == 0)
        end_page++;
      largest_pages = MAX (largest_pages, end_page - page);
    }
  return largest_pages;
}

static guint
random_below (guint limit)
{
  return (guint) g_test_rand_int_range (0, (gint32) limit);
}

static void
try_insert (Model *model)
{
  guint first_page = random_below (N_PAGES);
  guint wanted_pages = 1 + random_below (40);
  guint last_page = MIN (first_page + wanted_pages, N_PAGES) - 1;
  gboolean is_room = is_free (model, first_page, last_page);
  AtlasVad *vad;

  g_assert_cmpint (atlas_vad_tree_find_overlap (&model->tree,
                                                page_va (model, first_page),
                                                page_va (model, last_page) + 0xFFF) == NULL,
                   ==,
                   is_room);
  vad =
    atlas_vad_tree_insert (&model->tree, model->base_vpn + first_page, model->base_vpn + last_page);
  g_assert_cmpint (vad != NULL, ==, is_room);
  if (vad != NULL)
    claim (model, vad, first_page, last_page);
}

static void
try_gap (Model *model)
{
  guint n_pages = 1 + random_below (random_below (4) == 0 ? 400 : 40);
  guint alignment_pages = GRANULARITY_PAGES << random_below (4);
  guint first_page = random_below (N_PAGES);
  guint last_page = first_page + random_below (N_PAGES - first_page);
  gboolean is_top_down = random_below (2) != 0;
  /* Neither the window nor the size need be whole pages. */
  AtlasVa first_va = page_va (model, first_page) - random_below (0x1000);
  AtlasVa last_va = page_va (model, last_page) + 0xFFF + random_below (0x1000);
  guint64 size_bytes = ((guint64) n_pages << ATLAS_PAGE_SHIFT) - random_below (0x1000);
  guint expected_page = 0;
  gboolean is_expected =
    scan_gap (model, n_pages, alignment_pages, first_page, last_page, is_top_down, &expected_page);
  AtlasVa base_va = 1;

  g_assert_cmpint (atlas_vad_tree_find_gap (&model->tree,
                                            size_bytes,
                                            (guint64) alignment_pages << ATLAS_PAGE_SHIFT,
                                            first_va,
                                            last_va,
                                            is_top_down,
                                            &base_va),
                   ==,
                   is_expected);
  g_assert_cmphex (base_va, ==, is_expected ? page_va (model, expected_page) : 1);
  if (is_expected && random_below (2) == 0)
    {
      AtlasVad *vad = atlas_vad_tree_insert (&model->tree,
                                             model->base_vpn + expected_page,
                                             model->base_vpn + expected_page + n_pages - 1);

      g_assert_nonnull (vad);
      claim (model, vad, expected_page, expected_page + n_pages - 1);
    }
}

static void
try_largest (const Model *model)
{
  guint first_page = random_below (N_PAGES);
  guint last_page = first_page + random_below (N_PAGES - first_page);
  guint expected_pages = scan_largest (model, first_page, last_page);
  guint expected_page = 0;
  AtlasVa base_va = 1;

  if (expected_pages > 0)
    g_assert_true (scan_gap (
      model, expected_pages, GRANULARITY_PAGES, first_page, last_page, FALSE, &expected_page));
  g_assert_cmpuint (
    atlas_vad_tree_get_largest_gap (
      &model->tree, page_va (model, first_page), page_va (model, last_page) + 0xFFF, &base_va),
    ==,
    (guint64) expected_pages << ATLAS_PAGE_SHIFT);
  g_assert_cmphex (base_va, ==, expected_pages > 0 ? page_va (model, expected_page) : 1);
}

static AtlasVad *
check_find (const Model *model, guint page)
{
  AtlasVa va = page_va (model, page) + random_below (0x1000);
  guint n_compared = G_MAXUINT;
  /* First by the hint that there is, whatever has become of its VAD since. */
  AtlasVad *hinted = atlas_vad_tree_find (&model->tree, va, NULL);
  AtlasVad *vad = atlas_vad_tree_find (&model->tree, va, &n_compared);
  AtlasVad *bound = atlas_vad_tree_lower_bound (&model->tree, va);

  g_assert_true (hinted == vad);
  g_assert_cmpint (vad != NULL, ==, model->owner[page] != 0);
  g_assert_cmpuint (n_compared, <=, model->tree.root != NULL ? model->tree.root->height : 0);
  if (vad != NULL)
    {
      g_assert_true (bound == vad);
      g_assert_cmpuint (vad->section_first_page >> 32, ==, model->owner[page]);
      /* The place in what is mapped moves with the start. */
      g_assert_cmpuint ((guint32) vad->section_first_page, ==, vad->start_vpn - model->base_vpn);
    }
  else
    {
      while (page < N_PAGES && model->owner[page] == 0)
        page++;
      if (page == N_PAGES)
        g_assert_null (bound);
      else
        g_assert_cmpuint (bound->start_vpn - model->base_vpn, ==, page);
    }
  return vad;
}

static void
try_remove_or_cut (Model *model)
{
  AtlasVad *vad = check_find (model, random_below (N_PAGES));
  guint start_page;
  guint end_page;
  guint first_page;
  guint last_page;

  if (vad == NULL)
    return;
  start_page = (guint) (vad->start_vpn - model->base_vpn);
  end_page = (guint) (vad->end_vpn - model->base_vpn);
  first_page = start_page + random_below (end_page - start_page + 1);
  last_page = first_page + random_below (end_page - first_page + 1);

  switch (random_below (4))
    {
    case 0:
      atlas_vad_tree_remove (&model->tree, vad);
      mark (model, start_page, end_page, 0);
      break;
    case 1:
      if (first_page > start_page)
        {
          AtlasVad *upper = atlas_vad_tree_split (&model->tree, vad, model->base_vpn + first_page);

          g_assert_cmpuint (vad->end_vpn + 1, ==, upper->start_vpn);
          g_assert_cmpuint (upper->end_vpn, ==, model->base_vpn + end_page);
        }
      break;
    default:
      {
        AtlasVad *upper = atlas_vad_tree_cut (
          &model->tree, vad, model->base_vpn + first_page, model->base_vpn + last_page);

        g_assert_cmpint (upper != NULL, ==, first_page > start_page && last_page < end_page);
        mark (model, first_page, last_page, 0);
      }
      break;
    }
}

static void
run_random_operations (guint64 base_vpn, guint n_operations)
{
  g_autofree Model *model = g_new0 (Model, 1);

  model->base_vpn = base_vpn;
  for (guint i = 0; i < n_operations; i++)
    {
      switch (random_below (10))
        {
        case 0:
        case 1:
        case 2:
          try_insert (model);
          break;
        case 3:
          if (i % 16 == 3)
            try_gap (model);
          break;
        case 4:
          if (i % 16 == 4)
            try_largest (model);
          break;
        case 5:
        case 6:
          check_find (model, random_below (N_PAGES));
          break;
        default:
          try_remove_or_cut (model);
          break;
        }
      if (i % 499 == 0)
        check_model (model);
    }
  check_model (model);
  atlas_vad_tree_clear (&model->tree);
  g_assert_null (model->tree.root);
  g_assert_cmpuint (model->tree.n_vads, ==, 0);
}

static void
test_random_operations_agree_with_a_page_map (void)
{
  run_random_operations (0x10, 50000);
  run_random_operations (USER_END_VPN - N_PAGES, 50000);
}

static void
test_orders_of_insertion_stay_balanced (void)
{
  for (guint order = 0; order < 3; order++)
    {
      AtlasVadTree tree = { NULL };
      const guint n_vads = 100000;

      for (guint i = 0; i < n_vads; i++)
        {
          guint place = order == 0   ? i
                        : order == 1 ? n_vads - 1 - i
                                     : i / 2 + (i % 2) * (n_vads / 2);

          g_assert_nonnull (atlas_vad_tree_insert (&tree, place * 32u, place * 32u + 15u));
        }
      g_assert_cmpuint (check_node (tree.root, NULL), ==, n_vads);
      /* 1.44 log2 (100,000). */
      g_assert_cmpuint (tree.root->height, <=, 24);
      atlas_vad_tree_clear (&tree);
    }
}

static void
test_an_empty_tree_is_all_room (void)
{
  AtlasVadTree tree = { NULL };
  guint n_compared = G_MAXUINT;
  AtlasVa base_va = 0;

  g_assert_null (atlas_vad_tree_find (&tree, 0, &n_compared));
  g_assert_cmpuint (n_compared, ==, 0);
  g_assert_null (atlas_vad_tree_lower_bound (&tree, 0));
  g_assert_null (atlas_vad_tree_get_first (&tree));
  g_assert_null (atlas_vad_tree_get_last (&tree));
  g_assert_null (atlas_vad_tree_find_overlap (&tree, 0, G_MAXUINT64));
  g_assert_cmphex (atlas_vad_tree_get_largest_gap (&tree, 0x10000, 0x7FFFFFFEFFFF, &base_va),
                   ==,
                   G_GUINT64_CONSTANT (0x7FFFFFFE0000));
  g_assert_cmphex (base_va, ==, 0x10000);
}

static void
test_windows_end_where_they_say (void)
{
  static const struct
  {
    guint64 size_bytes;
    AtlasVa first_va;
    AtlasVa last_va;
    gboolean is_top_down;
    AtlasVa base_va; /* 1: none */
  } cases[] = {
    { 1, 0x10000, 0x10000, FALSE, 1 },
    { 1, 0x10000, 0x10FFE, FALSE, 1 },
    { 1, 0x10000, 0x10FFF, FALSE, 0x10000 },
    { 1, 0x10001, 0x1FFFF, FALSE, 1 },
    { 1, 0xF001, 0x10FFF, FALSE, 0x10000 },
    { 0x1001, 0x10000, 0x10FFF, FALSE, 1 },
    { 0x10000, 0x10000, 0x2FFFF, TRUE, 0x20000 },
    { 0x10001, 0x10000, 0x2FFFF, TRUE, 0x10000 },
    { 0x1000, 0x20000, 0x10000, FALSE, 1 },
    { 0x1000, 0, 0, FALSE, 1 },
    { 0x1000, 0, 0xFFF, FALSE, 0 },
    { 0x1000, 0, G_MAXUINT64, TRUE, G_GUINT64_CONSTANT (0xFFFFFFFFFFFF0000) },
    { G_MAXUINT64, 0, G_MAXUINT64, FALSE, 0 },
    { 0x10000, G_GUINT64_CONSTANT (0x7FFFFFFE0000), 0x7FFFFFFEFFFF, FALSE, 0x7FFFFFFE0000 },
    { 0x10001, G_GUINT64_CONSTANT (0x7FFFFFFE0000), 0x7FFFFFFEFFFF, FALSE, 1 },
  };
  AtlasVadTree tree = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AtlasVa base_va = 1;

      g_assert_cmpint (atlas_vad_tree_find_gap (&tree,
                                                cases[i].size_bytes,
                                                0x10000,
                                                cases[i].first_va,
                                                cases[i].last_va,
                                                cases[i].is_top_down,
                                                &base_va),
                       ==,
                       cases[i].base_va != 1);
      g_assert_cmphex (base_va, ==, cases[i].base_va);
    }
}

static void
test_the_tail_of_a_slot_is_not_room (void)
{
  AtlasVadTree tree = { NULL };
  AtlasVa base_va = 0;

  /* One page in each of two slots: 15 pages behind each are free and of no use. */
  atlas_vad_tree_insert (&tree, 0x10, 0x10);
  atlas_vad_tree_insert (&tree, 0x20, 0x20);
  g_assert_true (
    atlas_vad_tree_find_gap (&tree, 0x1000, 0x10000, 0x10000, 0x7FFFFFFF, FALSE, &base_va));
  g_assert_cmphex (base_va, ==, 0x30000);
  g_assert_cmphex (atlas_vad_tree_get_largest_gap (&tree, 0x10000, 0x2FFFF, NULL), ==, 0);
  atlas_vad_tree_clear (&tree);
}

static void
test_both_parts_of_a_split_keep_what_they_are (void)
{
  AtlasVadTree tree = { NULL };
  AtlasVad *lower = atlas_vad_tree_insert (&tree, 0x100, 0x1FF);
  AtlasVad *upper;

  lower->kind = ATLAS_VAD_MAPPED;
  lower->region_class = ATLAS_CLASS_HEAP;
  lower->protection = 4;
  lower->is_mem_commit = TRUE;
  lower->commit_pages = 256;
  lower->reason = "because";
  lower->source = "somebody";
  lower->section = &tree;
  lower->section_first_page = 7;
  atlas_vad_set_name (lower, "heap");

  upper = atlas_vad_tree_cut (&tree, lower, 0x110, 0x11F);
  g_assert_cmphex (atlas_vad_get_base_va (lower), ==, 0x100000);
  g_assert_cmphex (atlas_vad_get_last_va (lower), ==, 0x10FFFF);
  g_assert_cmphex (atlas_vad_get_base_va (upper), ==, 0x120000);
  g_assert_cmphex (atlas_vad_get_last_va (upper), ==, 0x1FFFFF);
  g_assert_cmpuint (atlas_vad_get_n_pages (upper), ==, 0xE0);
  g_assert_cmpuint (lower->section_first_page, ==, 7);
  g_assert_cmpuint (upper->section_first_page, ==, 0x27);
  g_assert_cmpuint (lower->commit_pages, ==, 256);
  g_assert_cmpuint (upper->commit_pages, ==, 0);
  g_assert_cmpuint (upper->kind, ==, ATLAS_VAD_MAPPED);
  g_assert_cmpuint (upper->region_class, ==, ATLAS_CLASS_HEAP);
  g_assert_cmpuint (upper->protection, ==, 4);
  g_assert_true (upper->is_mem_commit);
  g_assert_cmpstr (upper->reason, ==, "because");
  g_assert_cmpstr (upper->source, ==, "somebody");
  g_assert_true (upper->section == &tree);

  /* The name outlives either part. */
  atlas_vad_tree_remove (&tree, lower);
  g_assert_cmpstr (upper->name, ==, "heap");
  atlas_vad_set_name (upper, NULL);
  g_assert_null (upper->name);
  atlas_vad_tree_clear (&tree);
}

static void
test_the_largest_tree_is_searched_at_once (void)
{
  AtlasVadTree tree = { NULL };
  const guint n_vads = 200000;
  AtlasVa base_va = 0;

  /* Gaps of one slot everywhere, one of two slots far inside. */
  for (guint i = 0; i < n_vads; i++)
    atlas_vad_tree_insert (
      &tree, i * 32u + (i > 150000 ? 16u : 0), i * 32u + 15u + (i > 150000 ? 16u : 0));
  for (guint i = 0; i < 100000; i++)
    {
      g_assert_true (atlas_vad_tree_find_gap (
        &tree, 0x20000, 0x10000, 0, ((guint64) n_vads << 17) - 1, i % 2 == 0, &base_va));
      g_assert_cmphex (base_va, ==, (G_GUINT64_CONSTANT (150000) * 32u + 16u) << 12);
    }
  atlas_vad_tree_clear (&tree);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vad/random-operations-agree-with-a-page-map",
                   test_random_operations_agree_with_a_page_map);
  g_test_add_func ("/vad/orders-of-insertion-stay-balanced",
                   test_orders_of_insertion_stay_balanced);
  g_test_add_func ("/vad/an-empty-tree-is-all-room", test_an_empty_tree_is_all_room);
  g_test_add_func ("/vad/windows-end-where-they-say", test_windows_end_where_they_say);
  g_test_add_func ("/vad/the-tail-of-a-slot-is-not-room", test_the_tail_of_a_slot_is_not_room);
  g_test_add_func ("/vad/both-parts-of-a-split-keep-what-they-are",
                   test_both_parts_of_a_split_keep_what_they_are);
  g_test_add_func ("/vad/the-largest-tree-is-searched-at-once",
                   test_the_largest_tree_is_searched_at_once);
  return g_test_run ();
}
