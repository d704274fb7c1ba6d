/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Reading and writing other processes (sub-table Q, and K13: what the kernel writes is seen by a
 * watch), and the queries beyond VirtualQuery (O9, O10 for what is no image). */

#include "windows-fixture.h"

#include <string.h>

#include "windows/virtual-copy.h"
#include "windows/virtual-information.h"
#include "windows/virtual.h"
#include "windows/write-watch.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define BOTH (ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT)
#define RW ATLAS_PAGE_READWRITE
#define S(name) ATLAS_STATUS_##name
#define OK S (SUCCESS)

static AtlasProcess *
make_with_memory (AtlasSystem *system, guint64 size_bytes, guint32 type, guint32 protect)
{
  AtlasProcess *process = make_process (system, TRUE);
  AtlasVa base_va = BASE;

  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (process, &base_va, 0, &size_bytes, type, protect), ==, OK);
  return process;
}

static void
protect (AtlasProcess *process, AtlasVa va, guint64 size_bytes, guint32 new_protect)
{
  guint32 old_protect;

  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (process, &va, &size_bytes, new_protect, &old_protect), ==, OK);
}

static guint32
get_protect (AtlasProcess *process, AtlasVa va)
{
  AtlasRegion region;

  g_assert_cmphex (atlas_nt_query_virtual_memory (process, va, &region), ==, OK);
  return region.protect;
}

static void
test_between_processes (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *from = make_with_memory (system, ATLAS_KB (256), BOTH, RW);
  AtlasProcess *to = make_with_memory (system, ATLAS_KB (256), BOTH, RW);
  g_autofree guint8 *bytes = g_malloc (ATLAS_KB (200));
  g_autofree guint8 *read = g_malloc0 (ATLAS_KB (200));
  guint64 n_copied = 0;

  for (gsize i = 0; i < ATLAS_KB (200); i++)
    bytes[i] = (guint8) (i * 7 + i / 251);
  g_assert_cmphex (
    atlas_nt_write_virtual_memory (from, BASE + 3, bytes, ATLAS_KB (200), &n_copied, NULL), ==, OK);
  g_assert_cmpuint (n_copied, ==, ATLAS_KB (200));
  g_assert_cmphex (
    atlas_copy_virtual_memory (from, BASE + 3, to, BASE + 17, ATLAS_KB (200), &n_copied, NULL),
    ==,
    OK);
  g_assert_cmpuint (n_copied, ==, ATLAS_KB (200));
  g_assert_cmphex (
    atlas_nt_read_virtual_memory (to, BASE + 17, read, ATLAS_KB (200), &n_copied, NULL), ==, OK);
  g_assert_cmpmem (read, ATLAS_KB (200), bytes, ATLAS_KB (200));
  atlas_process_terminate (from);
  atlas_process_terminate (to);
}

static void
test_q1 (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_with_memory (system, 0x1000, BOTH, RW);
  guint64 n_copied = 9;
  guint8 byte;

  g_assert_cmphex (atlas_nt_read_virtual_memory (process, BASE, &byte, 0, &n_copied, NULL), ==, OK);
  g_assert_cmpuint (n_copied, ==, 0);
  n_copied = 9;
  g_assert_cmphex (
    atlas_write_process_memory (process, G_MAXUINT64, &byte, 0, &n_copied, NULL), ==, OK);
  g_assert_cmpuint (n_copied, ==, 0);
  atlas_process_terminate (process);
}

static void
test_q2 (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_with_memory (system, 0x20000, BOTH, RW);
  guint8 bytes[0x2000];
  g_autofree guint8 *many = g_malloc (0x20000);
  guint64 n_copied = 9;
  AtlasStatus status;

  protect (process, BASE + 0x1000, 0x1000, ATLAS_PAGE_NOACCESS);
  status = atlas_nt_read_virtual_memory (process, BASE, bytes, sizeof bytes, &n_copied, NULL);
  g_assert_cmpuint (atlas_status_to_win32 (status), ==, 299);
  g_assert_cmpuint (n_copied, ==, 0);
  g_assert_cmphex (
    atlas_nt_read_virtual_memory (process, BASE, bytes, 0x1000, &n_copied, NULL), ==, OK);
  /* Whole pieces before the bad one count. */
  protect (process, BASE + 0x1000, 0x1000, RW);
  protect (process, BASE + 0x1F000, 0x1000, ATLAS_PAGE_NOACCESS);
  g_assert_cmphex (atlas_nt_read_virtual_memory (process, BASE, many, 0x20000, &n_copied, NULL),
                   ==,
                   S (PARTIAL_COPY));
  g_assert_cmpuint (n_copied, ==, 0x10000);
  atlas_process_terminate (process);
}

static void
test_q3_q4 (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_with_memory (system, 0x3000, BOTH, RW);
  const guint8 bytes[4] = { 1, 2, 3, 4 };
  guint8 read[4] = { 0 };
  guint64 n_copied = 9;
  AtlasStatus status;

  protect (process, BASE, 0x1000, ATLAS_PAGE_READONLY);
  protect (process, BASE + 0x1000, 0x1000, ATLAS_PAGE_EXECUTE_READ);
  status = atlas_write_process_memory (process, BASE, bytes, 4, &n_copied, NULL);
  g_assert_cmpuint (atlas_status_to_win32 (status), ==, 998);
  g_assert_cmpuint (n_copied, ==, 9);

  g_assert_cmphex (
    atlas_write_process_memory (process, BASE + 0x1000, bytes, 4, &n_copied, NULL), ==, OK);
  g_assert_cmpuint (n_copied, ==, 4);
  g_assert_cmphex (get_protect (process, BASE + 0x1000), ==, ATLAS_PAGE_EXECUTE_READ);
  g_assert_cmphex (
    atlas_nt_read_virtual_memory (process, BASE + 0x1000, read, 4, &n_copied, NULL), ==, OK);
  g_assert_cmpmem (read, 4, bytes, 4);
  g_assert_cmphex (
    atlas_nt_write_virtual_memory (process, BASE + 0x1000, bytes, 4, &n_copied, NULL),
    ==,
    S (PARTIAL_COPY));
  g_assert_cmpuint (n_copied, ==, 0);
  atlas_process_terminate (process);
}

static void
test_addresses_of_others (void)
{
  static const struct
  {
    AtlasVa va;
    guint64 size_bytes;
    AtlasStatus status;
  } cases[] = {
    { G_GUINT64_CONSTANT (0x7FFFFFFEFFFF), 1, S (PARTIAL_COPY) },
    { G_GUINT64_CONSTANT (0x7FFFFFFEFFFF), 2, S (ACCESS_VIOLATION) },
    { G_GUINT64_CONSTANT (0x7FFFFFFF0000), 1, S (ACCESS_VIOLATION) },
    { G_GUINT64_CONSTANT (0xFFFF800000000000), 8, S (ACCESS_VIOLATION) },
    { G_MAXUINT64, 2, S (ACCESS_VIOLATION) },
    { BASE, G_MAXUINT64, S (ACCESS_VIOLATION) },
    { BASE + 0x1000, 1, S (PARTIAL_COPY) },
    { 0, 1, S (PARTIAL_COPY) },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_with_memory (system, 0x1000, BOTH, RW);
  guint8 bytes[8] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 n_copied = 9;

      g_assert_cmphex (atlas_nt_read_virtual_memory (
                         process, cases[i].va, bytes, cases[i].size_bytes, &n_copied, NULL),
                       ==,
                       cases[i].status);
      g_assert_cmpuint (n_copied, ==, 0);
    }
  g_assert_cmphex (
    atlas_nt_read_virtual_memory (NULL, BASE, bytes, 1, NULL, NULL), ==, S (INVALID_HANDLE));
  atlas_process_terminate (process);
}

static void
test_k13 (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_with_memory (system, 0x10000, BOTH | ATLAS_MEM_WRITE_WATCH, RW);
  const guint8 bytes[16] = { 1 };
  AtlasVa pages[4];
  guint64 n_pages = 4;
  guint64 page_bytes;

  g_assert_cmphex (
    atlas_nt_write_virtual_memory (process, BASE + 0x1FF8, bytes, 16, NULL, NULL), ==, OK);
  g_assert_cmphex (
    atlas_nt_get_write_watch (process, 0, BASE, 0x10000, pages, &n_pages, &page_bytes), ==, OK);
  g_assert_cmpuint (n_pages, ==, 2);
  g_assert_cmphex (pages[0], ==, BASE + 0x1000);
  g_assert_cmphex (pages[1], ==, BASE + 0x2000);
  atlas_process_terminate (process);
}

static AtlasStatus
query (AtlasProcess *process,
       AtlasVa va,
       guint class,
       void *buffer,
       gsize n_bytes,
       gsize *n_returned)
{
  return atlas_nt_query_virtual_memory_class (
    process, va, (AtlasMemoryInformationClass) class, buffer, n_bytes, n_returned);
}

static void
test_o9 (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_with_memory (system, 0x5000, ATLAS_MEM_RESERVE, RW);
  AtlasMemoryRegionInformation region;
  AtlasVa page_va = BASE + 0x2000;
  guint64 page_bytes = 0x1000;
  gsize n_returned = 0;

  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (process, &page_va, 0, &page_bytes, ATLAS_MEM_COMMIT, RW),
    ==,
    OK);
  for (gsize n_bytes = 0; n_bytes <= sizeof region; n_bytes++)
    g_assert_cmphex (query (process, BASE + 0x1234, 3, &region, n_bytes, &n_returned),
                     ==,
                     n_bytes < 0x18 ? S (INFO_LENGTH_MISMATCH) : OK);
  g_assert_cmpuint (n_returned, ==, sizeof region);
  g_assert_cmphex (region.allocation_base_va, ==, BASE);
  g_assert_cmphex (region.allocation_protect, ==, RW);
  g_assert_cmphex (region.region_bytes, ==, 0x5000);
  g_assert_cmphex (region.commit_bytes, ==, 0x1000);
  g_assert_cmphex (region.region_type, ==, ATLAS_REGION_PRIVATE);
  g_assert_cmphex (
    query (process, BASE - 1, 3, &region, sizeof region, NULL), ==, S (INVALID_ADDRESS));
  g_assert_cmphex (
    query (process, BASE, 99, &region, sizeof region, NULL), ==, S (INVALID_INFO_CLASS));
  g_assert_cmphex (
    query (process, ATLAS_BIT (47), 3, &region, sizeof region, NULL), ==, S (INVALID_PARAMETER));
  atlas_process_terminate (process);
}

static void
test_o10 (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_with_memory (system, 0x1000, ATLAS_MEM_RESERVE, RW);
  static const AtlasMemoryImageInformation zeros = { 0 };
  AtlasMemoryImageInformation image;

  memset (&image, 0xEE, sizeof image);
  g_assert_cmphex (query (process, BASE, 6, &image, sizeof image, NULL), ==, OK);
  g_assert_cmpmem (&image, sizeof image, &zeros, sizeof zeros);
  g_assert_cmphex (
    query (process, BASE + 0x1000, 6, &image, sizeof image, NULL), ==, S (INVALID_ADDRESS));
  atlas_process_terminate (process);
}

static void
test_images_and_kinds (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasMemoryImageInformation image;
  AtlasMemoryRegionInformation region;
  AtlasMemoryBasicInformation basic;
  AtlasVa base_va;
  AtlasVa placeholder_va = 0;
  guint64 size_bytes = 0x10000;
  g_autofree char *words = NULL;

  g_assert_true (atlas_process_find_module (process, "ntdll", &base_va));
  g_assert_cmphex (query (process, base_va + 0x1000, 6, &image, sizeof image, NULL), ==, OK);
  g_assert_cmphex (image.image_base_va, ==, base_va);
  g_assert_cmphex (image.image_bytes, >, 0x1000);
  g_assert_cmphex (image.flags, ==, 0);
  g_assert_cmphex (query (process, base_va, 3, &region, sizeof region, NULL), ==, OK);
  g_assert_cmphex (region.region_type, ==, ATLAS_REGION_MAPPED_IMAGE);
  g_assert_cmphex (region.region_bytes, ==, image.image_bytes);
  g_assert_cmphex (
    query (process, base_va, 0, &basic, sizeof basic - 1, NULL), ==, S (INFO_LENGTH_MISMATCH));
  g_assert_cmphex (query (process, base_va, 0, &basic, sizeof basic, NULL), ==, OK);
  g_assert_cmphex (basic.type, ==, ATLAS_TYPE_IMAGE);
  g_assert_cmphex (basic.base_va, ==, base_va);

  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory_ex (process,
                                         &placeholder_va,
                                         &size_bytes,
                                         ATLAS_MEM_RESERVE | ATLAS_MEM_RESERVE_PLACEHOLDER,
                                         ATLAS_PAGE_NOACCESS,
                                         NULL,
                                         0),
    ==,
    OK);
  g_assert_cmphex (query (process, placeholder_va, 3, &region, sizeof region, NULL), ==, OK);
  words = atlas_region_type_bits_format (region.region_type);
  g_assert_cmpstr (words, ==, "private, placeholder");
  atlas_process_terminate (process);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/windows/rows/Q1", test_q1);
  g_test_add_func ("/windows/rows/Q2", test_q2);
  g_test_add_func ("/windows/rows/Q3-Q4", test_q3_q4);
  g_test_add_func ("/windows/rows/K13", test_k13);
  g_test_add_func ("/windows/rows/O9", test_o9);
  g_test_add_func ("/windows/rows/O10", test_o10);
  g_test_add_func ("/windows/copy/between-processes", test_between_processes);
  g_test_add_func ("/windows/copy/addresses-of-others", test_addresses_of_others);
  g_test_add_func ("/windows/information/images-and-kinds", test_images_and_kinds);
  return g_test_run ();
}
