/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Rows of the behaviour table that programs have shown on Windows, by their numbers: L views and
 * protection, M mapping, N creation, O queries. */

#include "windows-fixture.h"

#include "pe-maker.h"
#include "windows/fault.h"
#include "windows/kernel-layout.h"
#include "windows/state-hash-private.h"
#include "windows/view.h"
#include "windows/working-set.h"
#include "windows/virtual.h"

#define PAGE G_GUINT64_CONSTANT (0x1000)
#define BASE G_GUINT64_CONSTANT (0x50000000)

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
  AtlasProcess *other;
  AtlasFile *file; /* 5 pages and 36 bytes; may be written */
  AtlasFile *read_only;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = g_malloc (5 * PAGE + 36);
  g_autoptr (GBytes) contents = NULL;

  for (gsize i = 0; i < 5 * PAGE + 36; i++)
    bytes[i] = (guint8) (1 + i % 251);
  contents = g_bytes_new_take (g_steal_pointer (&bytes), 5 * PAGE + 36);
  fixture->system = make_system ();
  fixture->process = make_process (fixture->system, TRUE);
  fixture->other = make_process (fixture->system, TRUE);
  fixture->file = atlas_file_new (fixture->system, "data.bin", contents, TRUE);
  fixture->read_only = atlas_file_new (fixture->system, "fixed.bin", contents, FALSE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  atlas_system_free (fixture->system);
}

static AtlasSectionObject *
create (Fixture *fixture, AtlasFile *file, guint64 size, guint32 protect, guint32 attributes)
{
  AtlasSectionObject *object;

  g_assert_cmphex (
    atlas_nt_create_section (
      fixture->system, ATLAS_SECTION_ALL_ACCESS, size, protect, attributes, file, &object),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_nonnull (object);
  return object;
}

static AtlasStatus
map (AtlasSectionObject *object,
     AtlasProcess *process,
     AtlasVa *base_va,
     guint64 offset,
     guint64 size,
     guint32 protect)
{
  return atlas_nt_map_view_of_section (
    object, process, base_va, 0, 0, &offset, &size, ATLAS_VIEW_SHARE, 0, protect);
}

static AtlasVa
must_map (AtlasSectionObject *object, AtlasProcess *process, guint32 protect)
{
  AtlasVa base_va = 0;

  g_assert_cmphex (map (object, process, &base_va, 0, 0, protect), ==, ATLAS_STATUS_SUCCESS);
  return base_va;
}

static AtlasStatus
touch (AtlasProcess *process, AtlasVa va, AtlasAccess access, guint8 *value)
{
  return atlas_process_access (process, va, access, FALSE, value, 1, NULL, NULL);
}

static void
check_write (AtlasProcess *process, AtlasVa va, guint8 value)
{
  g_assert_cmphex (touch (process, va, ATLAS_ACCESS_WRITE, &value), ==, ATLAS_STATUS_SUCCESS);
}

static guint8
read_byte (AtlasProcess *process, AtlasVa va)
{
  guint8 value = 0;

  g_assert_cmphex (touch (process, va, ATLAS_ACCESS_READ, &value), ==, ATLAS_STATUS_SUCCESS);
  return value;
}

static AtlasStatus
protect_page (AtlasProcess *process, AtlasVa va, guint32 protect)
{
  guint64 size = PAGE;
  guint32 old_protect;

  return atlas_nt_protect_virtual_memory (process, &va, &size, protect, &old_protect);
}

static AtlasStatus
commit (AtlasProcess *process, AtlasVa va, guint64 size, guint32 protect)
{
  return atlas_nt_allocate_virtual_memory (process, &va, 0, &size, ATLAS_MEM_COMMIT, protect);
}

static AtlasRegion
query (AtlasProcess *process, AtlasVa va)
{
  AtlasRegion region;

  g_assert_cmphex (atlas_nt_query_virtual_memory (process, va, &region), ==, ATLAS_STATUS_SUCCESS);
  return region;
}

static AtlasPfn
get_pfn (AtlasProcess *process, AtlasVa va)
{
  AtlasWalkQuery walk = { .va = va, .access = ATLAS_ACCESS_READ };
  AtlasWalkResult result;

  atlas_walk (atlas_system_get_memory (atlas_process_get_system (process)),
              atlas_process_get_control (process),
              &walk,
              &result);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
  return result.pa >> ATLAS_PAGE_SHIFT;
}

static guint
get_share_count (Fixture *fixture, AtlasPfn pfn)
{
  AtlasFrame frame;

  atlas_frames_get (atlas_system_get_frames (fixture->system), pfn, &frame);
  return frame.share_count;
}

static guint64
get_commit_pages (const AtlasSystem *system)
{
  AtlasCommit charge;

  atlas_system_get_commit (system, &charge);
  return charge.n_charged;
}

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

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

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
  ADD ("/section-rows/L1", test_l1_views_grant_what_they_were_mapped_with);
  ADD ("/section-rows/L4", test_l4_l5_writing_makes_a_copy);
  ADD ("/section-rows/L6", test_l6_l7_a_view_without_access);
  ADD ("/section-rows/L8", test_l8_l9_l11_l12_l13_commitment);
  ADD ("/section-rows/sharing", test_sharing_and_its_end);
  ADD ("/section-rows/copies", test_a_view_that_may_copy_is_paid_for);
  ADD ("/section-rows/file", test_file_pages_read_and_written);
  ADD ("/section-rows/entries", test_entries_lead_from_the_process_to_the_frame);
  return g_test_run ();
}
