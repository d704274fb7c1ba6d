/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Rows of the behaviour table that programs have shown on Windows, by their numbers: M mapping,
 * N creation, O queries. */

#include "section-fixture.h"

#include "pe-maker.h"
#include "windows/state-hash-private.h"

static void
test_m_argument_rows (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *row;
    AtlasVa base_va;
    guint64 zero_bits;
    guint64 commit;
    guint64 offset;
    guint64 size;
    guint32 inherit;
    guint32 type;
    guint32 protect;
    AtlasStatus status;
  } rows[] = {
    { "M2", 0, 0, 0, 1, 0, 1, 0, 4, ATLAS_STATUS_MAPPED_ALIGNMENT },
    { "M2", 0, 0, 0, 0x40211, 0, 1, 0, 4, ATLAS_STATUS_MAPPED_ALIGNMENT },
    { "M2", 0, 0, 0, G_MAXUINT64, 0, 1, 0, 4, ATLAS_STATUS_MAPPED_ALIGNMENT },
    { "§9 18", 0, 0, 0, 0x1000, 0, 1, 0, 4, ATLAS_STATUS_MAPPED_ALIGNMENT },
    { "M3", BASE + 42, 0, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_MAPPED_ALIGNMENT },
    { "M3", BASE + 0x1000, 0, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_MAPPED_ALIGNMENT },
    { "M5", 0xffff800000000000, 0, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_3 },
    { "M5", 0x7fffffff0000, 0, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_3 },
    { "M6", 0, 0, 0, 0, G_MAXUINT64, 1, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_3 },
    { "M7", 0, 0, 0, 0, 0x20001, 1, 0, 4, ATLAS_STATUS_INVALID_VIEW_SIZE },
    { "past the end", 0, 0, 0, 0x20000, 0, 1, 0, 4, ATLAS_STATUS_INVALID_VIEW_SIZE },
    { "last slot", 0, 0, 0, 0x10000, 0x10001, 1, 0, 4, ATLAS_STATUS_INVALID_VIEW_SIZE },
    { "M9", 0, 0, 0, 0, 0, 1, 0x40000000, 4, ATLAS_STATUS_INVALID_PARAMETER_9 },
    { "M10", 0, 0, 0, 0, 0, 1, ATLAS_MEM_COMMIT, 4, ATLAS_STATUS_INVALID_PARAMETER_9 },
    { "M10", 0, 0, 0, 0, 0, 1, ATLAS_MEM_RESERVE, 4, ATLAS_STATUS_INVALID_PARAMETER_9 },
    { "M10", 0, 0, 0, 0, 0, 1, 0x3000, 4, ATLAS_STATUS_INVALID_PARAMETER_9 },
    { "M11", 0, 0, 0x20001, 0, 0, 1, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_5 },
    { "M11", 0, 0, G_MAXUINT64, 0, 0, 1, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_5 },
    { "M13", 0, 0, 0, 0, 0, 1, 0, 0x10, ATLAS_STATUS_SECTION_PROTECTION },
    { "M13", 0, 0, 0, 0, 0, 1, 0, 0x20, ATLAS_STATUS_SECTION_PROTECTION },
    { "M13", 0, 0, 0, 0, 0, 1, 0, 0x40, ATLAS_STATUS_SECTION_PROTECTION },
    { "M13", 0, 0, 0, 0, 0, 1, 0, 0x80, ATLAS_STATUS_SECTION_PROTECTION },
    { "M15", 0, 0, 0, 0, 0, 1, 0, 6, ATLAS_STATUS_INVALID_PAGE_PROTECTION },
    { "0", 0, 0, 0, 0, 0, 1, 0, 0, ATLAS_STATUS_INVALID_PAGE_PROTECTION },
    { "inherit", 0, 0, 0, 0, 0, 0, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_8 },
    { "inherit", 0, 0, 0, 0, 0, 3, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_8 },
    { "D3", 0, 22, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_4 },
    { "D3", 0, 31, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_4 },
    { "D5", 0x30000000, 3, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_4 },
    { "D5", 0x30000000, 2, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_SUCCESS },
    { "D4", 0, 0x1aaaaaaa, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_SUCCESS },
    { "M8", 0, 0, 0, 0, 0, 1, 0, 4, ATLAS_STATUS_SUCCESS },
    { "a part", BASE, 0, 0, 0x10000, 0x1001, 1, 0, 4, ATLAS_STATUS_SUCCESS },
    { "top down", 0, 0, 0, 0, 0, 2, ATLAS_MEM_TOP_DOWN, 4, ATLAS_STATUS_SUCCESS },
  };
  AtlasSectionObject *object =
    create (fixture, NULL, 0x20000, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasVa base_va = rows[i].base_va;
      guint64 offset = rows[i].offset;
      guint64 size = rows[i].size;
      guint64 state = atlas_system_hash_state (fixture->system);
      AtlasStatus status = atlas_nt_map_view_of_section (object,
                                                         fixture->process,
                                                         &base_va,
                                                         rows[i].zero_bits,
                                                         rows[i].commit,
                                                         &offset,
                                                         &size,
                                                         rows[i].inherit,
                                                         rows[i].type,
                                                         rows[i].protect);

      g_test_message ("%u, %s: %s", i, rows[i].row, atlas_status_get_name (status));
      g_assert_cmphex (status, ==, rows[i].status);
      if (status == ATLAS_STATUS_SUCCESS)
        {
          guint64 asked = rows[i].size != 0 ? rows[i].size : 0x20000 - rows[i].offset;

          g_assert_cmphex (size, ==, atlas_page_ceil (asked));
          g_assert_cmphex (base_va & 0xffff, ==, 0);
          if (rows[i].base_va != 0)
            g_assert_cmphex (base_va, ==, rows[i].base_va);
          if (rows[i].zero_bits > 32)
            g_assert_cmphex (base_va + size, <=, 0x20000000);
          g_assert_cmphex (
            atlas_nt_unmap_view_of_section (fixture->process, base_va), ==, ATLAS_STATUS_SUCCESS);
        }
      else
        {
          g_assert_cmphex (base_va, ==, rows[i].base_va);
          g_assert_cmphex (size, ==, rows[i].size);
        }
      /* Refused, or mapped and unmapped: nothing has changed. */
      g_assert_cmphex (atlas_system_hash_state (fixture->system), ==, state);
      g_assert_cmpuint (
        atlas_section_get_n_views (atlas_section_object_get_section (object)), ==, 0);
    }
}

static void
test_m_handles_conflicts_and_unmapping (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object =
    create (fixture, NULL, 0x2000, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);
  AtlasVa odd_va = BASE + 42;
  AtlasVa base_va = BASE;
  AtlasVa private_va = 0;
  guint64 size = PAGE;

  /* M4, M19 */
  g_assert_cmphex (map (NULL, fixture->process, &odd_va, 0, 0, 4), ==, ATLAS_STATUS_INVALID_HANDLE);
  g_assert_cmphex (map (object, NULL, &odd_va, 0, 0, 4), ==, ATLAS_STATUS_INVALID_HANDLE);
  /* M1, A27, A28 */
  g_assert_cmphex (map (object, fixture->process, &base_va, 0, 0, 4), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (
    map (object, fixture->process, &base_va, 0, 0, 4), ==, ATLAS_STATUS_CONFLICTING_ADDRESSES);
  private_va = BASE + 0x2000;
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     fixture->process, &private_va, 0, &size, 0x3000, ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_CONFLICTING_ADDRESSES);
  private_va = BASE + 0x10000;
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     fixture->process, &private_va, 0, &size, 0x3000, ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  /* F30, L10 */
  for (guint i = 0; i < 2; i++)
    {
      AtlasVa va = BASE;
      guint64 n_bytes = i * PAGE;

      g_assert_cmphex (
        atlas_nt_free_virtual_memory (
          fixture->process, &va, &n_bytes, i == 0 ? ATLAS_MEM_RELEASE : ATLAS_MEM_DECOMMIT),
        ==,
        ATLAS_STATUS_UNABLE_TO_DELETE_SECTION);
    }
  /* M17 */
  g_assert_cmphex (atlas_nt_unmap_view_of_section (fixture->process, private_va),
                   ==,
                   ATLAS_STATUS_NOT_MAPPED_VIEW);
  g_assert_cmphex (atlas_nt_unmap_view_of_section (fixture->process, 0xdeadbeef),
                   ==,
                   ATLAS_STATUS_NOT_MAPPED_VIEW);
  g_assert_cmphex (atlas_nt_unmap_view_of_section (NULL, BASE), ==, ATLAS_STATUS_INVALID_HANDLE);
  /* M16, O1 */
  for (guint i = 0; i < 3; i++)
    {
      static const guint offsets[] = { 100, 4096, 4196 };
      AtlasRegion region;

      if (i > 0)
        g_assert_cmphex (
          map (object, fixture->process, &base_va, 0, 0, 4), ==, ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (atlas_nt_unmap_view_of_section (fixture->process, BASE + offsets[i]),
                       ==,
                       ATLAS_STATUS_SUCCESS);
      region = query (fixture->process, BASE);
      g_assert_cmpint (region.state, ==, ATLAS_STATE_FREE);
      g_assert_cmphex (region.protect, ==, ATLAS_PAGE_NOACCESS);
      g_assert_cmphex (region.allocation_base_va, ==, 0);
      g_assert_cmphex (region.allocation_protect, ==, 0);
      g_assert_cmpint (region.type, ==, ATLAS_TYPE_NONE);
    }
}

static void
test_m7_m11_m14_files (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *writable =
    create (fixture, fixture->file, 0, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);
  AtlasSectionObject *read_only =
    create (fixture, fixture->read_only, 0, ATLAS_PAGE_READONLY, ATLAS_SEC_COMMIT);
  AtlasVa base_va = 0;
  guint64 offset = 0;
  guint64 size = 0x10000;
  guint64 n_bytes = 0x8000;
  AtlasRegion region;

  g_assert_cmphex (map (read_only, fixture->process, &base_va, 0, 5 * PAGE + 37, 2),
                   ==,
                   ATLAS_STATUS_INVALID_VIEW_SIZE);
  g_assert_cmphex (
    map (read_only, fixture->process, &base_va, 0, 0, 4), ==, ATLAS_STATUS_SECTION_PROTECTION);
  g_assert_cmphex (atlas_nt_map_view_of_section (
                     writable, fixture->process, &base_va, 0, 1, &offset, &size, 1, 0, 4),
                   ==,
                   ATLAS_STATUS_INVALID_VIEW_SIZE);
  size = PAGE;
  g_assert_cmphex (atlas_nt_map_view_of_section (
                     writable, fixture->process, &base_va, 0, 1, &offset, &size, 1, 0, 4),
                   ==,
                   ATLAS_STATUS_INVALID_PARAMETER_5);
  /* M14: what is less than the section allows. */
  must_map (read_only, fixture->process, ATLAS_PAGE_WRITECOPY);
  base_va = must_map (read_only, fixture->process, ATLAS_PAGE_NOACCESS);
  g_assert_cmphex (
    touch (fixture->process, base_va, ATLAS_ACCESS_READ, NULL), ==, ATLAS_STATUS_ACCESS_VIOLATION);

  /* M7: a view may wait for the file to grow. */
  base_va = 0;
  size = 0x10000;
  g_assert_cmphex (
    atlas_nt_map_view_of_section (
      writable, fixture->process, &base_va, 0, 0, &offset, &size, 1, ATLAS_MEM_RESERVE, 4),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (size, ==, 0x10000);
  region = query (fixture->process, base_va);
  g_assert_cmphex (region.size_bytes, ==, 6 * PAGE);
  g_assert_cmpint (region.state, ==, ATLAS_STATE_COMMIT);
  region = query (fixture->process, base_va + 6 * PAGE);
  g_assert_cmphex (region.size_bytes, ==, 10 * PAGE);
  g_assert_cmpint (region.state, ==, ATLAS_STATE_RESERVE);
  g_assert_cmphex (touch (fixture->process, base_va + 6 * PAGE, ATLAS_ACCESS_READ, NULL),
                   ==,
                   ATLAS_STATUS_ACCESS_VIOLATION);
  check_write (fixture->process, base_va + 5 * PAGE, 9);
  g_assert_cmphex (atlas_nt_extend_section (writable, &n_bytes), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_file_get_size (fixture->file), ==, 0x8000);
  region = query (fixture->process, base_va);
  g_assert_cmphex (region.size_bytes, ==, 8 * PAGE);
  g_assert_cmpuint (read_byte (fixture->process, base_va + 7 * PAGE), ==, 0);
  g_assert_cmpuint (read_byte (fixture->process, base_va + 5 * PAGE), ==, 9);
  /* Nothing shrinks. */
  n_bytes = PAGE;
  g_assert_cmphex (atlas_nt_extend_section (writable, &n_bytes), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (n_bytes, ==, 0x8000);
  n_bytes = 0x10000;
  g_assert_cmphex (
    atlas_nt_extend_section (read_only, &n_bytes), ==, ATLAS_STATUS_SECTION_NOT_EXTENDED);
}

static void
test_m12_a_part_is_committed (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object =
    create (fixture, NULL, 0x2000, ATLAS_PAGE_READWRITE, ATLAS_SEC_RESERVE);
  AtlasVa first_va = 0;
  AtlasVa second_va = 0;
  guint64 offset = 0;
  guint64 size = 0;

  g_assert_cmphex (atlas_nt_map_view_of_section (
                     object, fixture->process, &first_va, 0, PAGE, &offset, &size, 1, 0, 4),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  second_va = must_map (object, fixture->other, ATLAS_PAGE_READWRITE);
  check_write (fixture->process, first_va, 1);
  g_assert_cmphex (touch (fixture->process, first_va + PAGE, ATLAS_ACCESS_WRITE, NULL),
                   ==,
                   ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (
    commit (fixture->other, second_va + PAGE, 1, ATLAS_PAGE_READWRITE), ==, ATLAS_STATUS_SUCCESS);
  check_write (fixture->process, first_va + PAGE, 2);
  g_assert_cmpuint (read_byte (fixture->other, second_va + PAGE), ==, 2);
}

static void
test_n_creation (Fixture *fixture, gconstpointer data)
{
  enum
  {
    NOTHING,
    WRITABLE,
    READ_ONLY,
    EMPTY,
  };
  static const struct
  {
    const char *row;
    guint file;
    guint64 size;
    guint32 protect;
    AtlasStatus status;
  } rows[] = {
    { "N1", NOTHING, ATLAS_GB (512), 4, ATLAS_STATUS_COMMITMENT_LIMIT },
    { "N3", NOTHING, ATLAS_TB (8), 4 | ATLAS_SEC_RESERVE, ATLAS_STATUS_INSUFFICIENT_RESOURCES },
    { "N4", NOTHING, ATLAS_TB (128), 4 | ATLAS_SEC_RESERVE, ATLAS_STATUS_SECTION_TOO_BIG },
    { "N5", NOTHING, ATLAS_GB (8), 4 | ATLAS_SEC_RESERVE, ATLAS_STATUS_SUCCESS },
    { "N2", NOTHING, PAGE, 1, ATLAS_STATUS_INVALID_PARAMETER },
    { "execute", NOTHING, PAGE, 0x10, ATLAS_STATUS_INVALID_PARAMETER },
    { "none", NOTHING, PAGE, 0, ATLAS_STATUS_INVALID_PARAMETER },
    { "two", NOTHING, PAGE, 6, ATLAS_STATUS_INVALID_PARAMETER },
    { "guard", NOTHING, PAGE, 0x104, ATLAS_STATUS_INVALID_PARAMETER },
    { "readonly", NOTHING, PAGE, 2, ATLAS_STATUS_SUCCESS },
    { "writecopy", NOTHING, PAGE, 8, ATLAS_STATUS_SUCCESS },
    { "execute read", NOTHING, PAGE, 0x20, ATLAS_STATUS_SUCCESS },
    { "execute write", NOTHING, PAGE, 0x40, ATLAS_STATUS_SUCCESS },
    { "execute copy", NOTHING, PAGE, 0x80, ATLAS_STATUS_SUCCESS },
    { "no size", NOTHING, 0, 4, ATLAS_STATUS_INVALID_PARAMETER_4 },
    { "reserve, nocache", NOTHING, PAGE, 4 | ATLAS_SEC_RESERVE | ATLAS_SEC_NOCACHE, 0 },
    { "commit, combine", NOTHING, PAGE, 4 | ATLAS_SEC_COMMIT | ATLAS_SEC_WRITECOMBINE, 0 },
    { "both",
      NOTHING,
      PAGE,
      4 | ATLAS_SEC_COMMIT | ATLAS_SEC_RESERVE,
      ATLAS_STATUS_INVALID_PARAMETER_6 },
    { "reserve, large",
      NOTHING,
      PAGE,
      4 | ATLAS_SEC_RESERVE | ATLAS_SEC_LARGE_PAGES,
      ATLAS_STATUS_INVALID_PARAMETER_6 },
    { "commit, large",
      NOTHING,
      ATLAS_MB (2),
      4 | ATLAS_SEC_COMMIT | ATLAS_SEC_LARGE_PAGES,
      ATLAS_STATUS_PRIVILEGE_NOT_HELD },
    { "bare nocache", NOTHING, PAGE, 4 | ATLAS_SEC_NOCACHE, ATLAS_STATUS_INVALID_PARAMETER_6 },
    { "bare large", NOTHING, PAGE, 4 | ATLAS_SEC_LARGE_PAGES, ATLAS_STATUS_INVALID_PARAMETER_6 },
    { "bare combine", NOTHING, PAGE, 4 | ATLAS_SEC_WRITECOMBINE, ATLAS_STATUS_INVALID_PARAMETER_6 },
    { "file flag", NOTHING, PAGE, 4 | ATLAS_SEC_FILE, ATLAS_STATUS_INVALID_PARAMETER_6 },
    { "image of nothing",
      NOTHING,
      PAGE,
      2 | ATLAS_SEC_IMAGE,
      ATLAS_STATUS_INVALID_FILE_FOR_SECTION },
    { "file", WRITABLE, 0, 4, ATLAS_STATUS_SUCCESS },
    { "file, reserve", WRITABLE, 0, 4 | ATLAS_SEC_RESERVE, ATLAS_STATUS_SUCCESS },
    { "file, large",
      WRITABLE,
      0,
      4 | ATLAS_SEC_COMMIT | ATLAS_SEC_LARGE_PAGES,
      ATLAS_STATUS_INVALID_PARAMETER_6 },
    { "read-only file, write", READ_ONLY, 0, 4, ATLAS_STATUS_ACCESS_DENIED },
    { "read-only file, copy", READ_ONLY, 0, 8, ATLAS_STATUS_SUCCESS },
    { "read-only file, larger", READ_ONLY, 0x10000, 2, ATLAS_STATUS_SECTION_TOO_BIG },
    { "larger, without writing", WRITABLE, 0x10000, 2, ATLAS_STATUS_SECTION_TOO_BIG },
    { "empty", EMPTY, 0, 2, ATLAS_STATUS_MAPPED_FILE_SIZE_ZERO },
    { "empty image", EMPTY, 0, 2 | ATLAS_SEC_IMAGE, ATLAS_STATUS_INVALID_FILE_FOR_SECTION },
    { "N6", WRITABLE, 0, 2 | ATLAS_SEC_IMAGE, ATLAS_STATUS_INVALID_IMAGE_NOT_MZ },
    { "image, commit",
      WRITABLE,
      0,
      2 | ATLAS_SEC_IMAGE | ATLAS_SEC_COMMIT,
      ATLAS_STATUS_INVALID_PARAMETER_6 },
    { "image, combine",
      WRITABLE,
      0,
      2 | ATLAS_SEC_IMAGE | ATLAS_SEC_WRITECOMBINE,
      ATLAS_STATUS_INVALID_PARAMETER_6 },
    { "image, nocache",
      WRITABLE,
      0,
      2 | ATLAS_SEC_IMAGE_NO_EXECUTE,
      ATLAS_STATUS_INVALID_IMAGE_NOT_MZ },
  };
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  AtlasFile *files[] = { NULL,
                         fixture->file,
                         fixture->read_only,
                         atlas_file_new (fixture->system, "empty", nothing, TRUE) };
  guint64 n_commit = get_commit_pages (fixture->system);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasSectionObject *object;
      guint64 state = atlas_system_hash_state (fixture->system);
      AtlasStatus status = atlas_create_file_mapping (
        fixture->system, files[rows[i].file], rows[i].protect, rows[i].size, &object);

      g_test_message ("%s: %s", rows[i].row, atlas_status_get_name (status));
      g_assert_cmphex (status, ==, rows[i].status);
      g_assert_cmpint (object != NULL, ==, status == ATLAS_STATUS_SUCCESS);
      if (object != NULL)
        atlas_section_object_close (object);
      else
        g_assert_cmphex (atlas_system_hash_state (fixture->system), ==, state);
      g_assert_cmpuint (get_commit_pages (fixture->system), ==, n_commit);
    }
  g_assert_cmphex (
    atlas_nt_create_section (
      fixture->system, 0, PAGE, 1, ATLAS_SEC_COMMIT, NULL, &(AtlasSectionObject *){ NULL }),
    ==,
    ATLAS_STATUS_INVALID_PAGE_PROTECTION);
}

static void
test_sizes_and_attributes_are_told (Fixture *fixture, gconstpointer data)
{
  AtlasSectionBasicInformation basic;
  AtlasSectionImageInformation image;
  AtlasSectionObject *object =
    create (fixture, NULL, 0x3452, ATLAS_PAGE_READWRITE, ATLAS_SEC_COMMIT);

  g_assert_cmphex (atlas_nt_query_section (object, &basic), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (basic.size_bytes, ==, 0x4000);
  g_assert_cmphex (basic.attributes, ==, ATLAS_SEC_COMMIT);
  g_assert_cmphex (
    atlas_nt_query_section_image (object, &image), ==, ATLAS_STATUS_SECTION_NOT_IMAGE);
  object = create (fixture, fixture->file, 0, ATLAS_PAGE_READONLY, ATLAS_SEC_RESERVE);
  g_assert_cmphex (atlas_nt_query_section (object, &basic), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (basic.size_bytes, ==, 5 * PAGE + 36);
  g_assert_cmphex (basic.attributes, ==, ATLAS_SEC_FILE);
}

static void
test_access_masks (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint32 section_access;
    guint32 map_access;
    guint32 protect; /* of the view; 0: refused */
  } rows[] = {
    { ATLAS_SECTION_MAP_READ, ATLAS_FILE_MAP_WRITE, 0 },
    { ATLAS_SECTION_MAP_READ, ATLAS_FILE_MAP_COPY, ATLAS_PAGE_WRITECOPY },
    { ATLAS_SECTION_MAP_READ, ATLAS_FILE_MAP_READ, ATLAS_PAGE_READONLY },
    { ATLAS_SECTION_MAP_READ, ATLAS_FILE_MAP_READ | ATLAS_FILE_MAP_COPY, ATLAS_PAGE_READONLY },
    { ATLAS_SECTION_MAP_READ, 0, ATLAS_PAGE_NOACCESS },
    { ATLAS_SECTION_MAP_READ, ATLAS_FILE_MAP_EXECUTE, ATLAS_PAGE_NOACCESS },
    { ATLAS_SECTION_MAP_READ, ATLAS_FILE_MAP_EXECUTE | ATLAS_FILE_MAP_READ, 0 },
    { ATLAS_SECTION_MAP_WRITE, ATLAS_FILE_MAP_WRITE, ATLAS_PAGE_READWRITE },
    { ATLAS_SECTION_ALL_ACCESS,
      ATLAS_FILE_MAP_WRITE | ATLAS_FILE_MAP_EXECUTE,
      ATLAS_PAGE_EXECUTE_READWRITE },
    { ATLAS_SECTION_ALL_ACCESS,
      ATLAS_FILE_MAP_COPY | ATLAS_FILE_MAP_EXECUTE,
      ATLAS_PAGE_EXECUTE_WRITECOPY },
    { ATLAS_SECTION_QUERY, ATLAS_FILE_MAP_READ, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasSectionObject *object;
      AtlasVa base_va = 0;
      AtlasStatus status;

      g_assert_cmphex (atlas_nt_create_section (fixture->system,
                                                rows[i].section_access,
                                                PAGE,
                                                ATLAS_PAGE_EXECUTE_READWRITE,
                                                ATLAS_SEC_COMMIT,
                                                NULL,
                                                &object),
                       ==,
                       ATLAS_STATUS_SUCCESS);
      status =
        atlas_map_view_of_file (object, fixture->process, rows[i].map_access, 0, 0, &base_va);
      if (rows[i].protect == 0)
        g_assert_cmphex (status, ==, ATLAS_STATUS_ACCESS_DENIED);
      else
        g_assert_cmphex (query (fixture->process, base_va).protect, ==, rows[i].protect);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/section-rows/M/arguments", test_m_argument_rows);
  ADD ("/section-rows/M/handles", test_m_handles_conflicts_and_unmapping);
  ADD ("/section-rows/M/files", test_m7_m11_m14_files);
  ADD ("/section-rows/M12", test_m12_a_part_is_committed);
  ADD ("/section-rows/N", test_n_creation);
  ADD ("/section-rows/query-section", test_sizes_and_attributes_are_told);
  ADD ("/section-rows/access", test_access_masks);
  return g_test_run ();
}
