/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows-fixture.h"

#include "windows/frames-private.h"
#include "windows/pager-private.h"
#include "windows/section-private.h"

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

/* A frame that holds @page, as a fault would have left it. */
static AtlasPfn
give_frame (AtlasSystem *system, AtlasSection *section, guint64 page)
{
  AtlasFrames *frames = atlas_system_get_frames (system);
  AtlasFrame *record;
  AtlasPfn pfn;

  g_assert_true (atlas_section_need_prototype (section, page));
  g_assert_true (atlas_frames_take (
    frames, ATLAS_FRAME_USE_SECTION, atlas_section_find_prototype_pa (section, page), &pfn));
  record = atlas_frames_get_record (frames, pfn);
  record->owner = section;
  record->owner_page = page;
  atlas_section_set_frame (section, page, pfn);
  return pfn;
}

static guint64
read_pool (AtlasSystem *system, AtlasVa va)
{
  guint64 entry = 0;
  AtlasPa pa = atlas_kernel_find_page (system, va);

  g_assert_cmphex (pa, !=, 0);
  g_assert_true (atlas_memory_read_u64 (atlas_system_get_memory (system), pa, &entry));
  return entry;
}

static void
test_frames_are_remembered (void)
{
  AtlasSubsection whole = { .n_pages = G_GUINT64_CONSTANT (1) << 29,
                            .protection = ATLAS_PROTECTION_READWRITE };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasSection *section = atlas_section_new (ATLAS_SECTION_PAGE_FILE, "2 TB", &whole, 1, NULL, 1);
  guint64 last = whole.n_pages - 1;
  guint64 page = 0;
  guint64 entry;
  AtlasPfn pfn, first_pfn, last_pfn;

  atlas_system_keep_section (system, section);
  g_assert_false (atlas_section_get_frame (section, 0, &pfn));
  first_pfn = give_frame (system, section, 0);
  last_pfn = give_frame (system, section, last);
  g_assert_true (atlas_section_get_frame (section, 0, &pfn));
  g_assert_cmpuint (pfn, ==, first_pfn);
  g_assert_true (atlas_section_get_frame (section, last, &pfn));
  g_assert_cmpuint (pfn, ==, last_pfn);
  g_assert_false (atlas_section_get_frame (section, 1, &pfn));
  g_assert_cmpuint (atlas_section_count_frames (section), ==, 2);

  /* What lies between is passed over, not walked. */
  g_assert_true (atlas_section_next_prototype (section, &page, &entry));
  g_assert_cmpuint (page, ==, 0);
  page++;
  g_assert_true (atlas_section_next_prototype (section, &page, &entry));
  g_assert_cmpuint (page, ==, last);
  page++;
  g_assert_false (atlas_section_next_prototype (section, &page, &entry));
}

/* The 64 bits of the entry in memory, in each of its forms. */
static void
test_prototype_entries_lie_in_the_pool (void)
{
  static const AtlasSubsection parts[] = {
    { 0, 1, ATLAS_PROTECTION_READONLY, ATLAS_FILL_ZERO, "", 0 },
    { 1, 600, ATLAS_PROTECTION_EXECUTE_READ, ATLAS_FILL_CODE, ".text", 0 },
    { 601, 15, 0, ATLAS_FILL_ZERO, "", 0 },
    { 616, 1, ATLAS_PROTECTION_WRITECOPY, ATLAS_FILL_DATA, ".data", 0 },
  };
  AtlasSubsection whole = { .n_pages = 3, .protection = ATLAS_PROTECTION_READWRITE };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasSection *image =
    atlas_section_new (ATLAS_SECTION_IMAGE, "a.dll", parts, G_N_ELEMENTS (parts), NULL, 1);
  AtlasSection *memory = atlas_section_new (ATLAS_SECTION_PAGE_FILE, "memory", &whole, 1, NULL, 1);
  const AtlasKernelLayout *layout = atlas_system_get_kernel_layout (system);
  AtlasVa va;
  AtlasPteInfo info;
  guint64 entry;
  AtlasPfn pfn;

  atlas_system_keep_section (system, image);
  atlas_system_keep_section (system, memory);
  va = atlas_section_get_prototype_va (image, 0);
  g_assert_cmphex (va & 0xfff, ==, 0);
  g_assert_cmpint (atlas_kernel_layout_find (layout, va)->use, ==, ATLAS_KERNEL_PAGED_POOL);
  g_assert_cmpint (
    atlas_kernel_layout_find (layout, atlas_section_get_control_area_va (image))->use,
    ==,
    ATLAS_KERNEL_NONPAGED_POOL);
  g_assert_cmphex (atlas_section_get_prototype_va (image, 616), ==, va + 616 * 8);
  g_assert_cmphex (atlas_section_get_prototype_va (memory, 0), >=, va + 617 * 8);
  g_assert_cmphex (atlas_kernel_find_page (system, va), ==, 0);

  /* Before its page of the pool is there and after, the same is told. */
  for (guint round = 0; round < 2; round++)
    {
      atlas_pte_decode (atlas_section_get_prototype_entry (image, 600), &info);
      g_assert_cmpint (info.kind, ==, ATLAS_PTE_KIND_PROTOTYPE);
      g_assert_cmphex (info.prototype_va, ==, atlas_section_get_subsection_va (image, 1));
      g_assert_cmphex (info.protection, ==, ATLAS_PROTECTION_EXECUTE_READ);
      g_assert_cmphex (atlas_section_get_prototype_entry (image, 605), ==, 0);
      g_assert_cmphex (atlas_section_get_prototype_entry (memory, 0), ==, 0x80);
      g_assert_cmphex (atlas_section_get_prototype (image, 600), ==, 0);
      g_assert_cmphex (atlas_section_get_prototype (memory, 0), ==, 0);
      g_assert_true (atlas_section_need_prototype (image, 601));
      g_assert_true (atlas_section_need_prototype (memory, 2));
    }
  g_assert_cmphex (
    read_pool (system, va + 600 * 8), ==, atlas_section_get_prototype_entry (image, 600));
  /* The first 512 entries are in another page. */
  g_assert_cmphex (atlas_kernel_find_page (system, va), ==, 0);

  pfn = give_frame (system, image, 600);
  entry = read_pool (system, va + 600 * 8);
  g_assert_cmphex (entry & ATLAS_PTE_VALID, ==, 1);
  g_assert_cmphex (atlas_pte_get_pfn (entry), ==, pfn);
  atlas_section_note_parked (image, 600);
  entry = read_pool (system, va + 600 * 8);
  g_assert_cmphex (entry, ==, atlas_pte_make_transition (pfn, ATLAS_PROTECTION_EXECUTE_READ));
  g_assert_cmphex (atlas_section_get_prototype (image, 600), ==, entry);
  g_assert_cmpuint (atlas_section_count_frames (image), ==, 1);
  atlas_section_set_prototype (image, 600, 0);
  g_assert_cmpuint (atlas_section_count_frames (image), ==, 0);
  atlas_pte_decode (read_pool (system, va + 600 * 8), &info);
  g_assert_cmphex (info.prototype_va, ==, atlas_section_get_subsection_va (image, 1));

  /* Whatever is stored there by hand, no frame of another's is taken for the page. */
  for (guint i = 0; i < 64; i++)
    {
      AtlasPfn other_pfn;

      atlas_memory_write_u64 (atlas_system_get_memory (system),
                              atlas_section_find_prototype_pa (image, 600),
                              G_GUINT64_CONSTANT (0x8000000000000401) ^ ATLAS_BIT (i));
      g_assert_false (atlas_section_get_frame (image, 600, &other_pfn));
    }
}

static void
test_written_pages (void)
{
  AtlasSubsection whole = { .n_pages = 4,
                            .protection = ATLAS_PROTECTION_READWRITE,
                            .fill = ATLAS_FILL_DATA };
  g_autoptr (AtlasSection) section =
    atlas_section_new (ATLAS_SECTION_FILE, "a.dat", &whole, 1, NULL, 1);
  guint8 first[ATLAS_PAGE_BYTES], written[ATLAS_PAGE_BYTES], bytes[ATLAS_PAGE_BYTES];

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
  g_test_add_func ("/section/pool", test_prototype_entries_lie_in_the_pool);
  g_test_add_func ("/section/prototypes", test_written_pages);
  return g_test_run ();
}
