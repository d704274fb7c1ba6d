/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/pte.h"
#include "windows/section.h"

#define N_PAGES 200u

/* Runs against one flag a page. */
static void
test_commitment_matches_a_flag_a_page (void)
{
  AtlasSubsection whole = { .n_pages = N_PAGES, .protection = ATLAS_PROTECTION_READWRITE };

  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (AtlasSection) section =
        atlas_section_new (ATLAS_SECTION_PAGE_FILE, "reserve", &whole, 1, NULL, 1);
      gboolean is_committed[N_PAGES] = { FALSE };

      atlas_section_set_reserved (section);
      for (guint step = 0; step < 20; step++)
        {
          guint first = (guint) g_test_rand_int_range (0, N_PAGES);
          guint n_pages = (guint) g_test_rand_int_range (1, (gint32) MIN (30, N_PAGES - first) + 1);

          atlas_section_commit (section, first, n_pages);
          for (guint i = first; i < first + n_pages; i++)
            is_committed[i] = TRUE;
          for (guint page = 0; page < N_PAGES; page++)
            {
              guint last_alike = page;
              guint64 last_page;

              while (last_alike + 1 < N_PAGES && is_committed[last_alike + 1] == is_committed[page])
                last_alike++;
              g_assert_cmpint (
                atlas_section_is_committed (section, page, &last_page), ==, is_committed[page]);
              g_assert_cmpuint (last_page, ==, last_alike);
            }
        }
    }
}

static void
test_contents_repeat_and_differ (void)
{
  static const AtlasSubsection parts[] = {
    { 0, 1, ATLAS_PROTECTION_READONLY, ATLAS_FILL_ZERO, "" },
    { 1, 4, ATLAS_PROTECTION_EXECUTE_READ, ATLAS_FILL_CODE, ".text" },
    { 5, 2, ATLAS_PROTECTION_READONLY, ATLAS_FILL_TABLE, ".pdata" },
    { 7, 2, ATLAS_PROTECTION_WRITECOPY, ATLAS_FILL_DATA, ".data" },
    { 9, 2, ATLAS_PROTECTION_READONLY, ATLAS_FILL_BITMAP, ".bits" },
  };
  g_autoptr (GBytes) header = g_bytes_new_static ("MZ", 2);
  g_autoptr (AtlasSection) section =
    atlas_section_new (ATLAS_SECTION_IMAGE, "a.dll", parts, G_N_ELEMENTS (parts), header, 1);
  g_autoptr (AtlasSection) same =
    atlas_section_new (ATLAS_SECTION_IMAGE, "a.dll", parts, G_N_ELEMENTS (parts), header, 1);
  guint8 before[ATLAS_PAGE_BYTES] = { 0 };
  guint8 bytes[ATLAS_PAGE_BYTES];
  guint8 again[ATLAS_PAGE_BYTES];

  g_assert_cmpuint (atlas_section_get_n_pages (section), ==, 11);
  for (guint page = 0; page < 11; page++)
    {
      atlas_section_read_page (section, page, bytes);
      atlas_section_read_page (same, page, again);
      g_assert_cmpmem (bytes, sizeof bytes, again, sizeof again);
      g_assert_true (memcmp (bytes, before, sizeof bytes) != 0);
      memcpy (before, bytes, sizeof bytes);
    }
  atlas_section_read_page (section, 0, bytes);
  g_assert_cmpmem (bytes, 3, "MZ\0", 3);
  g_assert_cmpstr (atlas_section_find_subsection (section, 4)->name, ==, ".text");
  g_assert_cmpstr (atlas_section_find_subsection (section, 5)->name, ==, ".pdata");
}

static void
test_frames_are_remembered (void)
{
  AtlasSubsection whole = { .n_pages = G_GUINT64_CONSTANT (1) << 29,
                            .protection = ATLAS_PROTECTION_READWRITE };
  g_autoptr (AtlasSection) section =
    atlas_section_new (ATLAS_SECTION_PAGE_FILE, "2 TB", &whole, 1, NULL, 1);
  AtlasPfn pfn;

  g_assert_false (atlas_section_get_frame (section, 0, &pfn));
  atlas_section_set_frame (section, 0, 300);
  atlas_section_set_frame (section, whole.n_pages - 1, 301);
  g_assert_true (atlas_section_get_frame (section, 0, &pfn));
  g_assert_cmpuint (pfn, ==, 300);
  g_assert_true (atlas_section_get_frame (section, whole.n_pages - 1, &pfn));
  g_assert_cmpuint (pfn, ==, 301);
  g_assert_false (atlas_section_get_frame (section, 1, &pfn));
}

static void
test_prototypes_and_written_pages (void)
{
  AtlasSubsection whole = { .n_pages = 4,
                            .protection = ATLAS_PROTECTION_READWRITE,
                            .fill = ATLAS_FILL_DATA };
  g_autoptr (AtlasSection) section =
    atlas_section_new (ATLAS_SECTION_FILE, "a.dat", &whole, 1, NULL, 1);
  guint64 slot = atlas_pte_make_page_file (1, 77, ATLAS_PROTECTION_READWRITE);
  guint8 first[ATLAS_PAGE_BYTES], written[ATLAS_PAGE_BYTES], bytes[ATLAS_PAGE_BYTES];
  AtlasPfn pfn;

  g_assert_cmphex (atlas_section_get_prototype (section, 2), ==, 0);
  atlas_section_set_frame (section, 2, 0x12345);
  g_assert_cmphex (atlas_section_get_prototype (section, 2), ==, 0x12345880);
  atlas_section_set_prototype (section, 2, slot);
  g_assert_false (atlas_section_get_frame (section, 2, &pfn));
  g_assert_cmphex (atlas_section_get_prototype (section, 2), ==, slot);
  atlas_section_set_prototype (section, 2, 0);
  g_assert_cmphex (atlas_section_get_prototype (section, 2), ==, 0);

  atlas_section_read_page (section, 1, first);
  memset (written, 0x5a, sizeof written);
  atlas_section_write_page (section, 0, written);
  atlas_section_read_page (section, 0, bytes);
  g_assert_cmpmem (bytes, sizeof bytes, written, sizeof written);
  atlas_section_read_page (section, 1, bytes);
  g_assert_cmpmem (bytes, sizeof bytes, first, sizeof first);

  atlas_section_set_unreadable (section, 0, TRUE);
  g_assert_true (atlas_section_is_unreadable (section, 0));
  g_assert_false (atlas_section_is_unreadable (section, 1));
  atlas_section_set_unreadable (section, 0, FALSE);
  g_assert_false (atlas_section_is_unreadable (section, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/section/commitment", test_commitment_matches_a_flag_a_page);
  g_test_add_func ("/section/contents", test_contents_repeat_and_differ);
  g_test_add_func ("/section/frames", test_frames_are_remembered);
  g_test_add_func ("/section/prototypes", test_prototypes_and_written_pages);
  return g_test_run ();
}
