/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "model/bookmarks.h"

#include <glib/gstdio.h>

#define SCENARIO "system memory=1G seed=7\nprocess $p demo.exe bare\n"

static AtlasDocument *
open_document (void)
{
  AtlasDocument *document = atlas_document_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (atlas_document_open_text (document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  return document;
}

static void
assert_bookmark (AtlasBookmarks *bookmarks, guint position, AtlasVa first_va, const char *comment)
{
  g_autoptr (AtlasBookmark) bookmark = g_list_model_get_item (G_LIST_MODEL (bookmarks), position);

  g_assert_nonnull (bookmark);
  g_assert_cmphex (atlas_bookmark_get_first_va (bookmark), ==, first_va);
  g_assert_cmpstr (atlas_bookmark_get_comment (bookmark), ==, comment);
}

static void
test_they_are_there_again (void)
{
  g_autoptr (AtlasDocument) document = open_document ();
  g_autoptr (AtlasBookmarks) bookmarks = atlas_bookmarks_new (document);
  g_autoptr (GError) error = NULL;

  g_assert_true (
    atlas_bookmarks_add (bookmarks, G_MAXUINT64 - 4095, G_MAXUINT64, "the last page", &error));
  g_assert_true (atlas_bookmarks_add (bookmarks, 0x7ffe0000, 0x7ffe0fff, "clocks", &error));
  g_assert_true (atlas_bookmarks_add (bookmarks, 0, 0xffff, "[not] a = group\nor line", &error));
  /* The same range again: another comment. */
  g_assert_true (atlas_bookmarks_add (bookmarks, 0x7ffe0000, 0x7ffe0fff, "Zeit", &error));
  g_assert_no_error (error);
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (AtlasBookmarks) again = atlas_bookmarks_new (document);

      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (again)), ==, 3);
      assert_bookmark (again, 0, 0, "[not] a = group\nor line");
      assert_bookmark (again, 1, 0x7ffe0000, "Zeit");
      assert_bookmark (again, 2, G_MAXUINT64 - 4095, "the last page");
    }
  {
    g_autoptr (AtlasBookmark) middle = g_list_model_get_item (G_LIST_MODEL (bookmarks), 1);

    g_assert_true (atlas_bookmarks_remove (bookmarks, middle, &error));
    g_assert_true (atlas_bookmarks_remove (bookmarks, middle, &error));
  }
  {
    g_autoptr (AtlasBookmarks) again = atlas_bookmarks_new (document);

    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (again)), ==, 2);
  }
}

/* Another file has others, and saving under another name takes to those of that name. */
static void
test_each_file_has_its_own (void)
{
  g_autoptr (AtlasDocument) document = open_document ();
  g_autoptr (AtlasBookmarks) bookmarks = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "one.vmatlas", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (AtlasBookmarks) saved = NULL;

  bookmarks = atlas_bookmarks_new (document);
  g_assert_true (atlas_bookmarks_add (bookmarks, 0x1000, 0x1fff, "unnamed", &error));
  g_assert_true (atlas_document_save (document, file, &error));
  g_assert_no_error (error);
  saved = atlas_bookmarks_new (document);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (saved)), ==, 0);
  g_assert_true (atlas_bookmarks_add (saved, 0x2000, 0x2fff, "named", &error));
  /* Something unnamed is opened in its place. */
  g_assert_true (atlas_document_open_text (document, SCENARIO, "test", &error));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (saved)), >=, 1);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (saved)); i++)
    {
      g_autoptr (AtlasBookmark) bookmark = g_list_model_get_item (G_LIST_MODEL (saved), i);

      g_assert_cmpstr (atlas_bookmark_get_comment (bookmark), !=, "named");
    }
}

/* What somebody edited by hand is read as far as it makes sense. */
static void
test_a_broken_file_is_read_as_far_as_it_goes (void)
{
  g_autoptr (AtlasDocument) document = open_document ();
  g_autoptr (AtlasBookmarks) bookmarks = NULL;
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "default", -1);
  g_autofree char *name = g_strconcat (hash, ".ini", NULL);
  g_autofree char *path =
    g_build_filename (g_get_user_data_dir (), "vmatlas", "bookmarks", name, NULL);

  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path,
                                      "[1]\nfirst=0x5000\nlast=0x4000\n"
                                      "[2]\nfirst=nonsense\nlast=0x1\n"
                                      "[3]\nfirst=0x1000\nlast=0x1fff\n"
                                      "[4]\ncomment=nowhere\n"
                                      "[5]\nfirst=0xffffffffffffffffff\nlast=0x1\n",
                                      -1,
                                      NULL));
  bookmarks = atlas_bookmarks_new (document);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (bookmarks)), ==, 1);
  assert_bookmark (bookmarks, 0, 0x1000, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/bookmarks/again", test_they_are_there_again);
  g_test_add_func ("/bookmarks/each-file", test_each_file_has_its_own);
  g_test_add_func ("/bookmarks/broken", test_a_broken_file_is_read_as_far_as_it_goes);
  return g_test_run ();
}
