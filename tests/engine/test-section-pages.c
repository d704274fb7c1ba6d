/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* What a view grants, copies, pays for and shares. Rows L of the behaviour table that programs have
 * shown on Windows. */

#include "section-fixture.h"

#include "windows/kernel-layout.h"
#include "windows/working-set.h"

static void
test_l1_views_grant_what_they_were_mapped_with (Fixture *fixture, gconstpointer data)
{
  static const guint32 protects[] = { 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80 };
  /* Read 1, write 2, execute 4. */
  static const guint rights[] = { 0, 1, 3, 1, 5, 5, 7, 5 };
  AtlasSectionObject *object =
    create (fixture, NULL, PAGE, ATLAS_PAGE_EXECUTE_READWRITE, ATLAS_SEC_COMMIT);

  for (guint view = 0; view < G_N_ELEMENTS (protects); view++)
    {
      AtlasVa va = must_map (object, fixture->process, protects[view]);

      for (guint i = 0; i < G_N_ELEMENTS (protects); i++)
        {
          /* The order of rights in the row that the table gives: EXECUTE counts as X alone. */
          gboolean is_covered = (rights[i] & ~rights[view]) == 0;

          g_assert_cmphex (protect_page (fixture->process, va, protects[i]),
                           ==,
                           is_covered ? ATLAS_STATUS_SUCCESS : ATLAS_STATUS_SECTION_PROTECTION);
        }
    }
}

static void
test_l4_l5_writing_makes_a_copy (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object =
    create (fixture, fixture->read_only, 0, ATLAS_PAGE_WRITECOPY, ATLAS_SEC_COMMIT);
  AtlasVa first_va = must_map (object, fixture->process, ATLAS_PAGE_WRITECOPY);
  AtlasVa second_va = must_map (object, fixture->other, ATLAS_PAGE_READONLY);
  guint8 before = read_byte (fixture->process, first_va + PAGE);
  AtlasPfn pfn = get_pfn (fixture->process, first_va + PAGE);
  AtlasRegion region;

  g_assert_cmpuint (before, ==, 1 + PAGE % 251);
  g_assert_cmpuint (get_share_count (fixture, pfn), ==, 1);
  g_assert_cmpuint (read_byte (fixture->other, second_va + PAGE), ==, before);
  g_assert_cmpuint (get_pfn (fixture->other, second_va + PAGE), ==, pfn);
  g_assert_cmpuint (get_share_count (fixture, pfn), ==, 2);

  check_write (fixture->process, first_va + PAGE, (guint8) (before + 1));
  g_assert_cmpuint (get_pfn (fixture->process, first_va + PAGE), !=, pfn);
  g_assert_cmpuint (get_share_count (fixture, pfn), ==, 1);
  g_assert_cmpuint (read_byte (fixture->process, first_va + PAGE), ==, before + 1u);
  g_assert_cmpuint (read_byte (fixture->process, first_va + PAGE + 1), ==, before + 1u);
  g_assert_cmpuint (read_byte (fixture->other, second_va + PAGE), ==, before);

  region = query (fixture->process, first_va);
  g_assert_cmphex (region.protect, ==, ATLAS_PAGE_WRITECOPY);
  g_assert_cmphex (region.size_bytes, ==, PAGE);
  region = query (fixture->process, first_va + PAGE);
  g_assert_cmphex (region.protect, ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (region.allocation_protect, ==, ATLAS_PAGE_WRITECOPY);
  g_assert_cmphex (region.size_bytes, ==, PAGE);
  g_assert_cmpint (region.type, ==, ATLAS_TYPE_MAPPED);
  g_assert_cmphex (protect_page (fixture->process, first_va + PAGE, ATLAS_PAGE_WRITECOPY), ==, 0);
  g_assert_cmphex (query (fixture->process, first_va + PAGE).protect, ==, ATLAS_PAGE_READWRITE);
}

static void
test_l6_l7_a_view_without_access (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object = create (fixture, NULL, PAGE, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);
  AtlasVa va = must_map (object, fixture->process, ATLAS_PAGE_NOACCESS);

  g_assert_cmphex (
    protect_page (fixture->process, va, ATLAS_PAGE_READWRITE), ==, ATLAS_STATUS_SECTION_PROTECTION);
  g_assert_cmphex (
    protect_page (fixture->process, va, ATLAS_PAGE_READONLY), ==, ATLAS_STATUS_SECTION_PROTECTION);
  g_assert_cmphex (
    touch (fixture->process, va, ATLAS_ACCESS_READ, NULL), ==, ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (commit (fixture->process, va, PAGE, ATLAS_PAGE_READONLY), ==, 0);
  g_assert_cmpuint (read_byte (fixture->process, va), ==, 0);
  g_assert_cmphex (commit (fixture->process, va, PAGE, ATLAS_PAGE_READWRITE), ==, 0);
  check_write (fixture->process, va, 7);
  g_assert_cmphex (commit (fixture->process, va, PAGE, ATLAS_PAGE_EXECUTE_READWRITE), ==, 0);
  g_assert_cmphex (touch (fixture->process, va, ATLAS_ACCESS_EXECUTE, NULL), ==, 0);
  g_assert_cmpuint (read_byte (fixture->process, va), ==, 7);
}

static void
test_l8_l9_l11_l12_l13_commitment (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *reserved =
    create (fixture, NULL, 0x20000, ATLAS_PAGE_READWRITE, ATLAS_SEC_RESERVE);
  AtlasSectionObject *uncached =
    create (fixture, NULL, 2 * PAGE, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT | ATLAS_SEC_NOCACHE);
  AtlasSectionObject *file =
    create (fixture, fixture->file, 0, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);
  guint64 n_commit = get_commit_pages (fixture->system);
  AtlasVa first_va = must_map (reserved, fixture->process, ATLAS_PAGE_READWRITE);
  AtlasVa second_va = must_map (reserved, fixture->other, ATLAS_PAGE_READWRITE);
  AtlasVa read_va = must_map (reserved, fixture->other, ATLAS_PAGE_READONLY);
  AtlasVa uncached_va = must_map (uncached, fixture->process, ATLAS_PAGE_READWRITE);
  AtlasVa file_va = must_map (file, fixture->process, ATLAS_PAGE_READWRITE);
  AtlasRegion region = query (fixture->process, first_va);

  /* L11 */
  g_assert_cmpint (region.state, ==, ATLAS_STATE_RESERVE);
  g_assert_cmphex (region.protect, ==, 0);
  g_assert_cmpint (region.type, ==, ATLAS_TYPE_MAPPED);
  g_assert_cmphex (region.allocation_protect, ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (region.size_bytes, ==, 0x20000);
  /* L8 */
  g_assert_cmphex (
    commit (fixture->process, first_va, PAGE, 0x40), ==, ATLAS_STATUS_SECTION_PROTECTION);
  g_assert_cmphex (commit (fixture->other, read_va, PAGE, 4), ==, ATLAS_STATUS_SECTION_PROTECTION);
  /* L12: paid for once, whoever sees it. */
  g_assert_cmphex (commit (fixture->process, first_va, 0x10000, ATLAS_PAGE_READONLY), ==, 0);
  region = query (fixture->process, first_va);
  g_assert_cmpint (region.state, ==, ATLAS_STATE_COMMIT);
  g_assert_cmphex (region.protect, ==, ATLAS_PAGE_READONLY);
  g_assert_cmphex (region.size_bytes, ==, 0x10000);
  region = query (fixture->other, second_va);
  g_assert_cmpint (region.state, ==, ATLAS_STATE_COMMIT);
  g_assert_cmphex (region.protect, ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (region.size_bytes, ==, 0x10000);
  g_assert_cmphex (commit (fixture->other, second_va, 0x10000, ATLAS_PAGE_READWRITE), ==, 0);
  /* Three tables a process come with the entries. */
  g_assert_cmpuint (get_commit_pages (fixture->system) - n_commit, >=, 16);
  g_assert_cmpuint (get_commit_pages (fixture->system) - n_commit, <=, 16 + 6);
  /* L9 */
  g_assert_cmphex (commit (fixture->process, file_va, PAGE, 4), ==, ATLAS_STATUS_ALREADY_COMMITTED);
  /* L13 */
  region = query (fixture->process, uncached_va);
  g_assert_cmphex (region.allocation_protect, ==, 0x204);
  g_assert_cmphex (region.protect, ==, 0x204);
  g_assert_cmphex (
    commit (fixture->process, uncached_va, PAGE, 0x202), ==, ATLAS_STATUS_INVALID_PAGE_PROTECTION);
  g_assert_cmphex (commit (fixture->process, uncached_va, PAGE, ATLAS_PAGE_READONLY), ==, 0);
  g_assert_cmphex (query (fixture->process, uncached_va).protect, ==, 0x202);
  read_byte (fixture->process, uncached_va);
  g_assert_cmphex (query (fixture->process, uncached_va).protect, ==, 0x202);
}

static void
test_sharing_and_its_end (Fixture *fixture, gconstpointer data)
{
  AtlasFrames *frames = atlas_system_get_frames (fixture->system);
  guint64 n_commit = get_commit_pages (fixture->system);
  AtlasSectionObject *object =
    create (fixture, NULL, 8 * PAGE, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);
  AtlasSection *section = atlas_section_object_get_section (object);
  AtlasVa first_va = must_map (object, fixture->process, ATLAS_PAGE_READWRITE);
  AtlasVa second_va = must_map (object, fixture->other, ATLAS_PAGE_READWRITE);
  AtlasVa third_va = must_map (object, fixture->other, ATLAS_PAGE_READONLY);
  guint64 n_free = atlas_frames_count (frames, ATLAS_FRAME_FREE);
  g_autoptr (GArray) views = atlas_system_list_views (fixture->system, section);
  AtlasPfn pfn;

  g_assert_cmpuint (atlas_section_get_n_views (section), ==, 3);
  g_assert_cmpuint (atlas_section_get_n_references (section), ==, 1);
  g_assert_cmpuint (views->len, ==, 3);
  g_assert_cmphex (g_array_index (views, AtlasSectionView, 0).base_va, ==, first_va);

  for (guint page = 0; page < 8; page++)
    {
      check_write (fixture->process, first_va + page * PAGE, (guint8) (page + 1));
      g_assert_cmpuint (read_byte (fixture->other, second_va + page * PAGE), ==, page + 1);
      g_assert_cmpuint (read_byte (fixture->other, third_va + page * PAGE), ==, page + 1);
      pfn = get_pfn (fixture->process, first_va + page * PAGE);
      g_assert_cmpuint (get_pfn (fixture->other, second_va + page * PAGE), ==, pfn);
      g_assert_cmpuint (get_pfn (fixture->other, third_va + page * PAGE), ==, pfn);
      g_assert_cmpuint (get_share_count (fixture, pfn), ==, 3);
      g_assert_cmpuint (atlas_section_count_frames (section), ==, page + 1);
    }

  /* Views go; the pages wait, dirty, for the next one. */
  atlas_nt_unmap_view_of_section (fixture->process, first_va);
  atlas_process_terminate (fixture->other);
  g_assert_cmpuint (atlas_section_get_n_views (section), ==, 0);
  g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_MODIFIED), ==, 8);
  first_va = must_map (object, fixture->process, ATLAS_PAGE_READONLY);
  for (guint page = 0; page < 8; page++)
    g_assert_cmpuint (read_byte (fixture->process, first_va + page * PAGE), ==, page + 1);

  /* The last handle and view: all goes back. */
  atlas_section_object_close (object);
  g_assert_cmpuint (read_byte (fixture->process, first_va), ==, 1);
  atlas_nt_unmap_view_of_section (fixture->process, first_va + 5 * PAGE);
  g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_MODIFIED), ==, 0);
  g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_STANDBY), ==, 0);
  g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_FREE), >=, n_free + 8);
  /* The other process's tables went as well. */
  g_assert_cmpuint (get_commit_pages (fixture->system), <, n_commit);
}

static void
test_a_view_that_may_copy_is_paid_for (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object =
    create (fixture, fixture->file, 0, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);
  guint64 n_commit = atlas_process_get_commit_pages (fixture->process);
  AtlasVa va = must_map (object, fixture->process, ATLAS_PAGE_READWRITE);

  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit);
  must_map (object, fixture->process, ATLAS_PAGE_READONLY);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit);
  va = must_map (object, fixture->process, ATLAS_PAGE_WRITECOPY);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit + 6);
  atlas_nt_unmap_view_of_section (fixture->process, va);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit);
}

static void
test_file_pages_read_and_written (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object =
    create (fixture, fixture->file, 0, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);
  AtlasVa va = must_map (object, fixture->process, ATLAS_PAGE_READWRITE);

  g_assert_cmpuint (
    read_byte (fixture->process, va + 5 * PAGE + 35), ==, 1 + (5 * PAGE + 35) % 251);
  /* Beyond the end of the file the last page is zeros. */
  g_assert_cmpuint (read_byte (fixture->process, va + 5 * PAGE + 36), ==, 0);
  g_assert_cmpuint (read_byte (fixture->process, va + 6 * PAGE - 1), ==, 0);
  check_write (fixture->process, va + 2 * PAGE, 200);
  atlas_nt_unmap_view_of_section (fixture->process, va);
  g_assert_cmpuint (
    atlas_frames_count (atlas_system_get_frames (fixture->system), ATLAS_FRAME_MODIFIED), ==, 1);
  g_assert_cmpuint (
    atlas_frames_count (atlas_system_get_frames (fixture->system), ATLAS_FRAME_STANDBY), ==, 1);
  va = must_map (object, fixture->process, ATLAS_PAGE_READONLY);
  g_assert_cmpuint (read_byte (fixture->process, va + 2 * PAGE), ==, 200);
}

static guint64
read_entry (AtlasProcess *process, AtlasVa va)
{
  guint64 entry = 0;

  g_assert_cmphex (
    atlas_process_access (process, va, ATLAS_ACCESS_READ, TRUE, &entry, sizeof entry, NULL, NULL),
    ==,
    ATLAS_STATUS_SUCCESS);
  return GUINT64_FROM_LE (entry);
}

/* §4.4, §5.1: what every form of the entries leads to, read as the kernel reads it. */
static void
test_entries_lead_from_the_process_to_the_frame (Fixture *fixture, gconstpointer data)
{
  const AtlasKernelLayout *layout = atlas_system_get_kernel_layout (fixture->system);
  AtlasSectionObject *object =
    create (fixture, NULL, 2 * PAGE, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);
  AtlasSection *section = atlas_section_object_get_section (object);
  AtlasVa va = must_map (object, fixture->process, ATLAS_PAGE_READWRITE);
  AtlasVa prototype_va = atlas_section_get_prototype_va (section, 1);
  AtlasVa pte_va = atlas_self_map_get_entry_va (
    layout->self_map_index, va + PAGE, ATLAS_LEVEL_PT, layout->n_levels);
  AtlasPteInfo info;
  AtlasFrame frame;
  AtlasPfn pfn;

  g_assert_cmphex (atlas_section_get_prototype_entry (section, 1), ==, 0x80);
  check_write (fixture->process, va + PAGE, 5);
  pfn = get_pfn (fixture->process, va + PAGE);
  atlas_pte_decode (read_entry (fixture->process, prototype_va), &info);
  g_assert_cmpint (info.kind, ==, ATLAS_PTE_KIND_HARDWARE);
  g_assert_cmpuint (info.pfn, ==, pfn);
  g_assert_cmphex (atlas_section_get_prototype_entry (section, 1),
                   ==,
                   read_entry (fixture->process, prototype_va));
  g_assert_cmphex (read_entry (fixture->process, prototype_va - 8), ==, 0x80);
  /* The frame's record names the prototype entry, not a process's. */
  atlas_frames_get (atlas_system_get_frames (fixture->system), pfn, &frame);
  g_assert_cmphex (frame.entry_pa & 0xfff, ==, prototype_va & 0xfff);
  g_assert_true (frame.owner == section);

  /* Trimmed: the process's entry names the prototype entry, which is in transition. */
  g_assert_cmpuint (atlas_process_empty_working_set (fixture->process), >, 0);
  atlas_pte_decode (read_entry (fixture->process, pte_va), &info);
  g_assert_cmpint (info.kind, ==, ATLAS_PTE_KIND_PROTOTYPE);
  g_assert_cmphex (info.prototype_va, ==, prototype_va);
  atlas_pte_decode (read_entry (fixture->process, prototype_va), &info);
  g_assert_cmpint (info.kind, ==, ATLAS_PTE_KIND_TRANSITION);
  g_assert_cmpuint (info.pfn, ==, pfn);

  g_assert_cmpuint (read_byte (fixture->process, va + PAGE), ==, 5);
  g_assert_cmpuint (get_pfn (fixture->process, va + PAGE), ==, pfn);
  atlas_pte_decode (read_entry (fixture->process, prototype_va), &info);
  g_assert_cmpint (info.kind, ==, ATLAS_PTE_KIND_HARDWARE);
  /* Another process sees the same address of the pool. */
  g_assert_cmphex (
    read_entry (fixture->other, prototype_va), ==, read_entry (fixture->process, prototype_va));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/section-pages/L1", test_l1_views_grant_what_they_were_mapped_with);
  ADD ("/section-pages/L4", test_l4_l5_writing_makes_a_copy);
  ADD ("/section-pages/L6", test_l6_l7_a_view_without_access);
  ADD ("/section-pages/L8", test_l8_l9_l11_l12_l13_commitment);
  ADD ("/section-pages/sharing", test_sharing_and_its_end);
  ADD ("/section-pages/copies", test_a_view_that_may_copy_is_paid_for);
  ADD ("/section-pages/file", test_file_pages_read_and_written);
  ADD ("/section-pages/entries", test_entries_lead_from_the_process_to_the_frame);
  return g_test_run ();
}
