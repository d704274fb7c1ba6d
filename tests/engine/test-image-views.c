/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Views of program files: what the behaviour table tells of images (by row), where they go, what
 * they share, and every byte against an image laid out by hand. */

#include "access-fixture.h"

#include "pe-maker.h"
#include "windows/state-hash-private.h"
#include "windows/view.h"

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
  AtlasProcess *other;
  GBytes *bytes;
  AtlasFile *file;
} Fixture;

static AtlasProcess *
make_machine_process (AtlasSystem *system, guint16 machine)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasProcess *process;

  options.is_bare = TRUE;
  options.machine = machine;
  process = atlas_process_new (system, &options, NULL);
  g_assert_nonnull (process);
  g_assert_cmphex (atlas_process_get_machine (process), ==, machine);
  return process;
}

/* @data: not NULL for an ARM64X file, an x64 process and an ARM64 one. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->system = make_system ();
  fixture->process = make_machine_process (fixture->system, ATLAS_MACHINE_AMD64);
  fixture->other = make_machine_process (fixture->system,
                                         data != NULL ? ATLAS_MACHINE_ARM64 : ATLAS_MACHINE_AMD64);
  fixture->bytes = pe_make_sample (data != NULL);
  fixture->file = atlas_file_new (fixture->system, "sample.dll", fixture->bytes, FALSE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  atlas_system_free (fixture->system);
  g_bytes_unref (fixture->bytes);
}

static AtlasVa
load (AtlasProcess *process, AtlasFile *file, AtlasStatus expected)
{
  AtlasVa va = 0;

  g_assert_cmphex (atlas_process_load_image (process, file, &va), ==, expected);
  return va;
}

static void
check_page (AtlasProcess *process, AtlasVa base_va, guint page, const guint8 *image)
{
  guint8 bytes[PAGE];

  g_assert_cmphex (
    atlas_process_access (
      process, base_va + page * PAGE, ATLAS_ACCESS_READ, FALSE, bytes, sizeof bytes, NULL, NULL),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmpmem (bytes, PAGE, image + page * PAGE, PAGE);
}

static void
check_image (Fixture *fixture, AtlasProcess *process, AtlasVa base_va, gboolean is_x64)
{
  g_autofree guint8 *image = g_malloc (PE_SAMPLE_PAGES * PAGE);

  pe_lay_out_sample (fixture->bytes, base_va, is_x64, image);
  for (guint page = 0; page < PE_SAMPLE_PAGES; page++)
    check_page (process, base_va, page, image);
}

/* @is_own: pages that must not be shared. Both views are resident. */
static void
check_sharing (Fixture *fixture,
               AtlasVa first_va,
               AtlasVa second_va,
               const gboolean is_own[PE_SAMPLE_PAGES])
{
  for (guint page = 0; page < PE_SAMPLE_PAGES; page++)
    {
      AtlasPfn first_pfn = get_pfn (fixture->process, first_va + page * PAGE);
      AtlasPfn second_pfn = get_pfn (fixture->other, second_va + page * PAGE);
      AtlasFrame frame;

      g_assert_cmpint (first_pfn != second_pfn, ==, is_own[page]);
      atlas_frames_get (atlas_system_get_frames (fixture->system), first_pfn, &frame);
      g_assert_cmpuint (frame.share_count, ==, is_own[page] ? 1 : 2);
    }
}

static void
test_o5_o6_o7_l3_protections (Fixture *fixture, gconstpointer data)
{
  AtlasVa va = load (fixture->process, fixture->file, ATLAS_STATUS_SUCCESS);
  static const struct
  {
    guint page;
    guint n_pages;
    guint32 protect;
  } rows[] = {
    { 0, 1, ATLAS_PAGE_READONLY },
    { 1, 3, ATLAS_PAGE_EXECUTE_READ },
    { 4, 2, ATLAS_PAGE_WRITECOPY },
    { 6, 2, ATLAS_PAGE_READONLY },
  };
  guint8 value = 1;
  guint64 size = PAGE;
  guint32 old_protect;
  AtlasVa text_va = va + PAGE;
  AtlasRegion region;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      region = query (fixture->process, va + rows[i].page * PAGE);
      g_assert_cmphex (region.protect, ==, rows[i].protect);
      g_assert_cmphex (region.size_bytes, ==, rows[i].n_pages * PAGE);
      g_assert_cmphex (region.allocation_protect, ==, ATLAS_PAGE_EXECUTE_WRITECOPY);
      g_assert_cmphex (region.allocation_base_va, ==, va);
      g_assert_cmpint (region.type, ==, ATLAS_TYPE_IMAGE);
      g_assert_cmpint (region.state, ==, ATLAS_STATE_COMMIT);
    }
  /* O7, §9 19 */
  g_assert_cmphex (touch (fixture->process, va + 4 * PAGE, ATLAS_ACCESS_WRITE, &value), ==, 0);
  region = query (fixture->process, va + 4 * PAGE);
  g_assert_cmphex (region.protect, ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (region.size_bytes, ==, PAGE);
  g_assert_cmpint (region.type, ==, ATLAS_TYPE_IMAGE);
  g_assert_cmphex (query (fixture->process, va + 5 * PAGE).protect, ==, ATLAS_PAGE_WRITECOPY);
  /* L3 */
  g_assert_cmphex (atlas_nt_protect_virtual_memory (
                     fixture->process, &text_va, &size, ATLAS_PAGE_EXECUTE_READWRITE, &old_protect),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (query (fixture->process, va + PAGE).protect, ==, ATLAS_PAGE_EXECUTE_WRITECOPY);
}

static void
test_one_base_a_boot_shares_every_page (Fixture *fixture, gconstpointer data)
{
  static const gboolean nothing[PE_SAMPLE_PAGES] = { FALSE };
  AtlasVa first_va = load (fixture->process, fixture->file, ATLAS_STATUS_SUCCESS);
  AtlasVa second_va = load (fixture->other, fixture->file, ATLAS_STATUS_SUCCESS);
  AtlasSection *section = atlas_file_get_image_section (fixture->file);

  g_assert_cmphex (first_va, ==, second_va);
  g_assert_cmphex (first_va, ==, atlas_section_get_image_base (section));
  g_assert_cmphex (first_va, !=, PE_SAMPLE_BASE);
  g_assert_cmphex (first_va, >=, 0x7ff800000000);
  g_assert_cmphex (first_va & 0xffff, ==, 0);
  check_image (fixture, fixture->process, first_va, FALSE);
  check_image (fixture, fixture->other, second_va, FALSE);
  check_sharing (fixture, first_va, second_va, nothing);
  g_assert_cmpuint (atlas_section_count_frames (section), ==, PE_SAMPLE_PAGES);
  g_assert_cmpuint (atlas_section_get_n_views (section), ==, 2);
  /* The handle was closed after mapping. */
  g_assert_cmpuint (atlas_section_get_n_references (section), ==, 0);
}

static void
test_m20_another_base_costs_the_relocated_pages (Fixture *fixture, gconstpointer data)
{
  static const gboolean moved[PE_SAMPLE_PAGES] = { TRUE, TRUE, TRUE, FALSE, TRUE };
  AtlasVa first_va = load (fixture->process, fixture->file, ATLAS_STATUS_SUCCESS);
  AtlasVa taken_va = first_va;
  guint64 size = PAGE;
  guint64 n_commit;
  AtlasVa second_va;
  AtlasViewCounts counts;

  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     fixture->other, &taken_va, 0, &size, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  n_commit = atlas_process_get_commit_pages (fixture->other);
  second_va = load (fixture->other, fixture->file, ATLAS_STATUS_IMAGE_NOT_AT_BASE);
  g_assert_cmphex (second_va, !=, first_va);
  /* Two pages of .data that may be written, and three that must be changed. */
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->other), ==, n_commit + 2 + 3);
  check_image (fixture, fixture->process, first_va, FALSE);
  check_image (fixture, fixture->other, second_va, FALSE);
  check_sharing (fixture, first_va, second_va, moved);
  g_assert_true (atlas_view_count (fixture->other, second_va, &counts));
  g_assert_cmpuint (counts.n_pages, ==, PE_SAMPLE_PAGES);
  g_assert_cmpuint (counts.n_own_pages, ==, 4);
  g_assert_cmpuint (counts.n_private, ==, 4);
  g_assert_cmpuint (counts.n_shared, ==, 4);
  atlas_nt_unmap_view_of_section (fixture->other, second_va);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->other), ==, n_commit);

  /* A second view in the same process. */
  second_va = load (fixture->process, fixture->file, ATLAS_STATUS_IMAGE_NOT_AT_BASE);
  check_image (fixture, fixture->process, second_va, FALSE);
  check_image (fixture, fixture->process, first_va, FALSE);
}

/* A file with changed header bytes. */
static AtlasFile *
make_variant (Fixture *fixture, const char *name, gsize offset, guint64 value, guint n_bytes)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) changed = NULL;

  g_byte_array_append (
    bytes, g_bytes_get_data (fixture->bytes, NULL), (guint) g_bytes_get_size (fixture->bytes));
  pe_store (bytes->data + offset, value, n_bytes);
  changed = g_bytes_new (bytes->data, bytes->len);
  return atlas_file_new (fixture->system, name, changed, FALSE);
}

static void
test_linker_switches_decide_the_base (Fixture *fixture, gconstpointer data)
{
  /* DllCharacteristics without 0x40; Characteristics with 1. */
  AtlasFile *fixed = make_variant (fixture, "fixed.dll", PE_MAKER_OPTIONAL + 70, 0x120, 2);
  AtlasFile *stripped = make_variant (fixture, "stripped.dll", PE_MAKER_COFF + 18, 0x2023, 2);
  AtlasFile *program = make_variant (fixture, "program.exe", PE_MAKER_COFF + 18, 0x22, 2);
  guint64 n_commit = atlas_process_get_commit_pages (fixture->process);
  guint n_vads = atlas_process_get_vads (fixture->process)->n_vads;
  AtlasVa va;

  g_assert_cmphex (load (fixture->process, fixed, ATLAS_STATUS_SUCCESS), ==, PE_SAMPLE_BASE);
  /* Taken: without relocations there is nowhere else to go, and nothing changes. */
  n_vads++;
  n_commit += 2;
  load (fixture->process, stripped, ATLAS_STATUS_CONFLICTING_ADDRESSES);
  g_assert_cmpuint (atlas_process_get_vads (fixture->process)->n_vads, ==, n_vads);
  g_assert_cmpuint (atlas_process_get_commit_pages (fixture->process), ==, n_commit);
  g_assert_cmphex (load (fixture->other, stripped, ATLAS_STATUS_SUCCESS), ==, PE_SAMPLE_BASE);
  va = load (fixture->process, program, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (va, >=, 0x7ff600000000);
  g_assert_cmphex (va, <, 0x7ff800000000);
  /* With relocations but no wish to be moved it still can be. */
  atlas_nt_unmap_view_of_section (fixture->other, PE_SAMPLE_BASE);
  load (fixture->other, stripped, ATLAS_STATUS_SUCCESS);
  va = load (fixture->other, fixed, ATLAS_STATUS_IMAGE_NOT_AT_BASE);
  g_assert_cmphex (va, !=, PE_SAMPLE_BASE);
}

static void
test_n8_another_processor (Fixture *fixture, gconstpointer data)
{
  PeMaker maker = pe_begin (TRUE, 0x14c, 0x10000000);
  g_autoptr (GBytes) bytes = NULL;
  AtlasFile *file;
  AtlasSectionObject *object;
  guint64 offset = 0;
  guint64 size = 0;
  AtlasVa va = 0;
  guint n_vads = atlas_process_get_vads (fixture->process)->n_vads;
  AtlasSectionImageInformation information;

  pe_add (&maker, ".text", PE_MAKER_TEXT, 0x1000, NULL, 0);
  bytes = pe_end (&maker);
  file = atlas_file_new (fixture->system, "x86.dll", bytes, FALSE);
  g_assert_cmphex (
    atlas_create_file_mapping (fixture->system, file, 2 | ATLAS_SEC_IMAGE, 0, &object), ==, 0);
  g_assert_cmphex (
    atlas_nt_map_view_of_section (object, fixture->process, &va, 0, 0, &offset, &size, 1, 0, 2),
    ==,
    ATLAS_STATUS_IMAGE_MACHINE_TYPE_MISMATCH);
  g_assert_cmphex (va, <, 0x80000000);
  g_assert_cmphex (atlas_nt_query_section_image (object, &information), ==, 0);
  g_assert_cmphex (information.machine, ==, ATLAS_MACHINE_I386);
  g_assert_cmphex (information.entry_va, ==, va + 0x1000);
  g_assert_cmphex (atlas_nt_unmap_view_of_section (fixture->process, va), ==, 0);
  load (fixture->process, file, ATLAS_STATUS_INVALID_IMAGE_FORMAT);
  g_assert_cmpuint (atlas_process_get_vads (fixture->process)->n_vads, ==, n_vads);
}

static void
test_n7_data_and_image_are_apart (Fixture *fixture, gconstpointer data)
{
  AtlasFile *file = atlas_file_new (fixture->system, "both.dll", fixture->bytes, TRUE);
  AtlasVa image_va = load (fixture->process, file, ATLAS_STATUS_SUCCESS);
  AtlasSectionObject *object;
  AtlasVa data_va = 0;
  guint8 value = 0xee;

  g_assert_cmphex (
    atlas_create_file_mapping (fixture->system, file, ATLAS_PAGE_READWRITE, 0, &object), ==, 0);
  g_assert_true (atlas_file_get_data_section (file) != atlas_file_get_image_section (file));
  g_assert_cmphex (
    atlas_map_view_of_file (object, fixture->process, ATLAS_FILE_MAP_WRITE, 0, 0, &data_va), ==, 0);
  /* Not laid out: .text is at 0x400 of the file. */
  g_assert_cmphex (touch (fixture->process, data_va + 0x400, ATLAS_ACCESS_WRITE, &value), ==, 0);
  check_image (fixture, fixture->process, image_va, FALSE);
}

static void
test_o11_a_part_of_an_image (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object;
  guint64 offset = 0;
  guint64 size = 0x5000;
  AtlasVa va = 0;

  g_assert_cmphex (
    atlas_create_file_mapping (fixture->system, fixture->file, 2 | ATLAS_SEC_IMAGE, 0, &object),
    ==,
    0);
  g_assert_cmphex (
    atlas_nt_map_view_of_section (object, fixture->process, &va, 0, 0, &offset, &size, 1, 0, 2),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (size, ==, 0x5000);
  g_assert_cmphex (query (fixture->process, va + 0x5000).allocation_base_va, !=, va);
  g_assert_cmphex (atlas_section_get_size (atlas_file_get_image_section (fixture->file)),
                   ==,
                   PE_SAMPLE_PAGES * PAGE);
}

static void
test_shared_sections_and_holes (Fixture *fixture, gconstpointer data)
{
  PeMaker maker = pe_begin (FALSE, 0x8664, PE_SAMPLE_BASE);
  g_autoptr (GBytes) bytes = NULL;
  AtlasFile *file;
  AtlasVa first_va;
  AtlasVa second_va;
  guint8 value = 0x42;
  AtlasRegion region;

  /* Sections 64 KB apart, of a page each. */
  pe_set (&maker, PE_MAKER_OPTIONAL + 32, 0x10000, 4);
  maker.next_rva = 0x10000;
  pe_add (&maker, ".shared", 0xd0000040, 0x1000, NULL, 0);
  maker.next_rva = 0x20000;
  pe_add (&maker, ".text", PE_MAKER_TEXT, 0x1000, NULL, 0);
  pe_set (&maker, PE_MAKER_OPTIONAL + 56, 0x30000, 4);
  bytes = pe_end (&maker);
  file = atlas_file_new (fixture->system, "wide.dll", bytes, FALSE);
  first_va = load (fixture->process, file, ATLAS_STATUS_SUCCESS);
  second_va = load (fixture->other, file, ATLAS_STATUS_SUCCESS);

  g_assert_cmphex (query (fixture->process, first_va + 0x10000).protect, ==, ATLAS_PAGE_READWRITE);
  g_assert_cmphex (touch (fixture->process, first_va + 0x10000, ATLAS_ACCESS_WRITE, &value), ==, 0);
  value = 0;
  g_assert_cmphex (touch (fixture->other, second_va + 0x10000, ATLAS_ACCESS_READ, &value), ==, 0);
  g_assert_cmphex (value, ==, 0x42);
  g_assert_cmpuint (get_pfn (fixture->process, first_va + 0x10000),
                    ==,
                    get_pfn (fixture->other, second_va + 0x10000));

  region = query (fixture->process, first_va + 0x11000);
  g_assert_cmpint (region.state, ==, ATLAS_STATE_RESERVE);
  g_assert_cmphex (region.size_bytes, ==, 0xf000);
  g_assert_cmphex (touch (fixture->process, first_va + 0x11000, ATLAS_ACCESS_READ, NULL),
                   ==,
                   ATLAS_STATUS_ACCESS_VIOLATION);
  region = query (fixture->process, first_va + 0x21000);
  g_assert_cmpint (region.state, ==, ATLAS_STATE_RESERVE);
  g_assert_cmphex (region.size_bytes, ==, 0xf000);
}

static void
test_a_bad_file_changes_nothing (Fixture *fixture, gconstpointer data)
{
  AtlasFile *file = make_variant (fixture, "bad.dll", PE_MAKER_OPTIONAL + 56, 0x7000, 4);
  guint64 state = atlas_system_hash_state (fixture->system);

  g_assert_null (atlas_file_get_image_reason (file));
  load (fixture->process, file, ATLAS_STATUS_INVALID_IMAGE_FORMAT);
  g_assert_nonnull (atlas_file_get_image_reason (file));
  g_assert_null (atlas_file_get_image_section (file));
  g_assert_cmphex (atlas_system_hash_state (fixture->system), ==, state);
}

/* The header of a program decides what its process is like. */
static void
test_a_program_file_makes_its_process (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint16 characteristics;
    guint16 dll_characteristics;
    AtlasVa max_va;
    AtlasVa first_va;
    AtlasVa last_va;
    gboolean is_bare;
  } rows[] = {
    { 0x22, 0x160, 0x7ffffffeffff, 0x7ff600000000, 0x7ff7ffffffff, TRUE },
    { 0x22, 0x160, 0x7ffffffeffff, 0x7ff600000000, 0x7ff7ffffffff, FALSE },
    { 0x22, 0x100, 0x7ffffffeffff, PE_SAMPLE_BASE, PE_SAMPLE_BASE, FALSE },
    { 0x23, 0x160, 0x7ffffffeffff, PE_SAMPLE_BASE, PE_SAMPLE_BASE, TRUE },
    /* 2 GB, in which the base that the header prefers does not lie. */
    { 0x02, 0x140, 0x7ffeffff, 0x10000, 0x7ffeffff, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasFile *file =
        make_variant (fixture, "program.exe", PE_MAKER_COFF + 18, rows[i].characteristics, 2);
      AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
      AtlasStatus status;
      AtlasProcess *process;
      AtlasVa va = 0;

      if (rows[i].dll_characteristics != 0x160)
        {
          g_autoptr (GByteArray) bytes = g_byte_array_new ();
          g_autoptr (GBytes) changed = NULL;

          g_byte_array_append (bytes,
                               g_bytes_get_data (fixture->bytes, NULL),
                               (guint) g_bytes_get_size (fixture->bytes));
          pe_store (bytes->data + PE_MAKER_COFF + 18, rows[i].characteristics, 2);
          pe_store (bytes->data + PE_MAKER_OPTIONAL + 70, rows[i].dll_characteristics, 2);
          changed = g_bytes_new (bytes->data, bytes->len);
          file = atlas_file_new (fixture->system, "program.exe", changed, FALSE);
        }
      options.name = "program.exe";
      options.image_file = file;
      options.is_bare = rows[i].is_bare;
      process = atlas_process_new (fixture->system, &options, &status);
      g_test_message ("%u: %s", i, atlas_status_get_name (status));
      g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (atlas_process_get_max_va (process), ==, rows[i].max_va);
      g_assert_true (atlas_process_find_module (process, "program.exe", &va));
      g_assert_cmphex (va, >=, rows[i].first_va);
      g_assert_cmphex (va, <=, rows[i].last_va);
      atlas_process_terminate (process);
    }
}

/* The lowest base of the process's VADs of a class; of images that of ntdll. */
static AtlasVa
find_class (AtlasProcess *process, AtlasRegionClass region_class)
{
  AtlasVa base_va;

  if (region_class == ATLAS_CLASS_IMAGE && atlas_process_find_module (process, "ntdll", &base_va))
    return base_va;
  for (const AtlasVad *vad = atlas_vad_tree_get_first (atlas_process_get_vads (process));
       vad != NULL;
       vad = atlas_vad_get_next (vad))
    {
      if (vad->region_class == region_class)
        return atlas_vad_get_base_va (vad);
    }
  g_assert_not_reached ();
}

/* A program that cannot be moved, at an address that something else would have had: what came first
 * stays, what comes later gives way. */
static void
test_a_program_sits_where_others_would_go (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    AtlasRegionClass region_class;
    gboolean is_first;
  } rows[] = {
    { ATLAS_CLASS_STACK, FALSE }, { ATLAS_CLASS_HEAP, FALSE },  { ATLAS_CLASS_CFG, FALSE },
    { ATLAS_CLASS_IMAGE, TRUE },  { ATLAS_CLASS_SYSTEM, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint has_relocations = 0; has_relocations < 2; has_relocations++)
      {
        AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
        g_autoptr (AtlasSystem) system = make_system ();
        g_autoptr (AtlasSystem) again = make_system ();
        g_autoptr (GByteArray) bytes = g_byte_array_new ();
        g_autoptr (GBytes) program = NULL;
        AtlasVa base_va = find_class (make_process (system, FALSE), rows[i].region_class);
        AtlasVa program_va = 0;
        AtlasStatus status;
        AtlasProcess *process;
        guint64 state;

        g_byte_array_append (bytes,
                             g_bytes_get_data (fixture->bytes, NULL),
                             (guint) g_bytes_get_size (fixture->bytes));
        pe_store (bytes->data + PE_MAKER_COFF + 18, has_relocations ? 0x22 : 0x23, 2);
        pe_store (bytes->data + PE_MAKER_OPTIONAL + 24, base_va, 8);
        pe_store (bytes->data + PE_MAKER_OPTIONAL + 70, 0x120, 2); /* no DYNAMIC_BASE */
        program = g_bytes_new (bytes->data, bytes->len);
        options.image_file = atlas_file_new (again, "program.exe", program, FALSE);
        state = atlas_system_hash_state (again);
        process = atlas_process_new (again, &options, &status);
        g_test_message ("%u, %u at 0x%" G_GINT64_MODIFIER "x: %s",
                        i,
                        has_relocations,
                        base_va,
                        atlas_status_get_name (status));
        if (rows[i].is_first && !has_relocations)
          {
            g_assert_null (process);
            g_assert_cmphex (status, ==, ATLAS_STATUS_CONFLICTING_ADDRESSES);
            g_assert_cmphex (atlas_system_hash_state (again), ==, state);
            continue;
          }
        g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
        g_assert_true (atlas_process_find_module (process, "program.exe", &program_va));
        g_assert_cmpint (program_va == base_va, ==, !rows[i].is_first);
      }
}

static void
test_a_dll_is_no_program (Fixture *fixture, gconstpointer data)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasStatus status;
  guint n_processes = atlas_system_get_n_processes (fixture->system);

  options.image_file = fixture->file;
  g_assert_null (atlas_process_new (fixture->system, &options, &status));
  g_assert_cmphex (status, ==, ATLAS_STATUS_INVALID_IMAGE_FORMAT);
  g_assert_cmpuint (atlas_system_get_n_processes (fixture->system), ==, n_processes);
}

/* An own page that is trimmed comes back as it was, and a copied one too. */
static void
test_own_pages_survive_pressure (Fixture *fixture, gconstpointer data)
{
  AtlasVa first_va = load (fixture->process, fixture->file, ATLAS_STATUS_SUCCESS);
  AtlasVa second_va = load (fixture->process, fixture->file, ATLAS_STATUS_IMAGE_NOT_AT_BASE);
  AtlasVa va = 0;
  guint64 size = ATLAS_MB (240);

  check_image (fixture, fixture->process, second_va, FALSE);
  g_assert_cmphex (atlas_system_add_page_file (fixture->system, ATLAS_MB (256), ATLAS_MB (256)),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     fixture->process, &va, 0, &size, 0x3000, ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  for (guint64 offset = 0; offset < size; offset += PAGE)
    g_assert_cmphex (touch (fixture->process, va + offset, ATLAS_ACCESS_WRITE, NULL), ==, 0);
  check_image (fixture, fixture->process, second_va, FALSE);
  check_image (fixture, fixture->process, first_va, FALSE);
}

/* §5.4, §9 20: an x64 process and an ARM64 one view the same file. */
static void
test_arm64x_shares_what_has_no_fixup (Fixture *fixture, gconstpointer data)
{
  static const gboolean changed[PE_SAMPLE_PAGES] = { TRUE, FALSE, FALSE, FALSE, TRUE, FALSE, TRUE };
  AtlasVa x64_va = load (fixture->process, fixture->file, ATLAS_STATUS_SUCCESS);
  AtlasVa arm64_va = load (fixture->other, fixture->file, ATLAS_STATUS_SUCCESS);
  AtlasViewCounts counts;

  g_assert_cmphex (x64_va, ==, arm64_va);
  check_image (fixture, fixture->process, x64_va, TRUE);
  check_image (fixture, fixture->other, arm64_va, FALSE);
  check_sharing (fixture, x64_va, arm64_va, changed);
  g_assert_true (atlas_view_count (fixture->process, x64_va, &counts));
  g_assert_cmpuint (counts.n_own_pages, ==, 3);
  g_assert_cmpuint (counts.n_private, ==, 3);
  g_assert_cmpuint (counts.n_shared, ==, 5);
  g_assert_true (atlas_view_count (fixture->other, arm64_va, &counts));
  g_assert_cmpuint (counts.n_own_pages, ==, 0);
  g_assert_cmpuint (counts.n_shared, ==, 8);
  /* Eleven frames in place of sixteen. */
  g_assert_cmpuint (
    atlas_section_count_frames (atlas_file_get_image_section (fixture->file)), ==, 8);
}

static void
test_a_real_arm64x_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (g_getenv ("ATLAS_SAMPLES"), "arm64x-dvrt-v1.dll", NULL);
  g_autofree char *contents = NULL;
  gsize n_bytes;
  g_autoptr (GBytes) bytes = NULL;
  AtlasFile *file;
  AtlasVa x64_va;
  AtlasVa arm64_va;
  guint8 machine[2];
  guint n_same = 0;

  if (!g_file_get_contents (path, &contents, &n_bytes, NULL))
    {
      g_test_skip ("the sample is not here");
      return;
    }
  bytes = g_bytes_new_take (g_steal_pointer (&contents), n_bytes);
  file = atlas_file_new (fixture->system, "arm64x-dvrt-v1.dll", bytes, FALSE);
  x64_va = load (fixture->process, file, ATLAS_STATUS_SUCCESS);
  arm64_va = load (fixture->other, file, ATLAS_STATUS_SUCCESS);
  /* Its DllCharacteristics are 0: it stays where it prefers. */
  g_assert_cmphex (x64_va, ==, 0x180000000);
  g_assert_cmphex (arm64_va, ==, 0x180000000);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmphex (atlas_process_access (i == 0 ? fixture->process : fixture->other,
                                             x64_va + 0x84,
                                             ATLAS_ACCESS_READ,
                                             FALSE,
                                             machine,
                                             sizeof machine,
                                             NULL,
                                             NULL),
                       ==,
                       ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (pe_load (machine, 2), ==, i == 0 ? 0x8664 : 0xaa64);
    }
  for (guint page = 0; page < 8; page++)
    {
      g_assert_cmphex (
        touch (fixture->process, x64_va + page * PAGE, ATLAS_ACCESS_READ, NULL), ==, 0);
      g_assert_cmphex (
        touch (fixture->other, arm64_va + page * PAGE, ATLAS_ACCESS_READ, NULL), ==, 0);
      n_same += get_pfn (fixture->process, x64_va + page * PAGE) ==
                    get_pfn (fixture->other, arm64_va + page * PAGE)
                  ? 1
                  : 0;
    }
  g_assert_cmpuint (n_same, ==, 6);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
#define ADD_ARM64X(path, function) g_test_add (path, Fixture, "", set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/image-views/O5-O7", test_o5_o6_o7_l3_protections);
  ADD ("/image-views/one-base", test_one_base_a_boot_shares_every_page);
  ADD ("/image-views/M20", test_m20_another_base_costs_the_relocated_pages);
  ADD ("/image-views/switches", test_linker_switches_decide_the_base);
  ADD ("/image-views/N8", test_n8_another_processor);
  ADD ("/image-views/N7", test_n7_data_and_image_are_apart);
  ADD ("/image-views/O11", test_o11_a_part_of_an_image);
  ADD ("/image-views/holes", test_shared_sections_and_holes);
  ADD ("/image-views/bad-file", test_a_bad_file_changes_nothing);
  ADD ("/image-views/program", test_a_program_file_makes_its_process);
  ADD ("/image-views/no-program", test_a_dll_is_no_program);
  ADD ("/image-views/program-where-others-go", test_a_program_sits_where_others_would_go);
  ADD ("/image-views/pressure", test_own_pages_survive_pressure);
  ADD_ARM64X ("/image-views/arm64x", test_arm64x_shares_what_has_no_fixup);
  ADD_ARM64X ("/image-views/arm64x-sample", test_a_real_arm64x_file);
  return g_test_run ();
}
