/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Sections of large pages: what they ask for, what a view of one is, and what stays when it goes.
 */

#include "paging/address.h"
#include "session/session.h"
#include "windows/awe.h"
#include "windows/fault.h"
#include "windows/machine-private.h"
#include "windows/section-object.h"
#include "windows/section-private.h"
#include "windows/state-hash-private.h"
#include "windows/view.h"
#include "windows/virtual-information.h"
#include "windows/virtual-lock.h"
#include "windows/virtual.h"
#include "windows/working-set.h"

#include "model-invariants.h"

#include <string.h>

#define BASE G_GUINT64_CONSTANT (0x40000000)
#define MB2 ATLAS_LARGE_PAGE_BYTES
#define LARGE (ATLAS_SEC_COMMIT | ATLAS_SEC_LARGE_PAGES)
#define RW ATLAS_PAGE_READWRITE
#define S(name) ATLAS_STATUS_##name
#define OK S (SUCCESS)

typedef struct
{
  AtlasSystem *system;
  AtlasFrames *frames;
  AtlasProcess *process; /* with the privilege */
  AtlasProcess *plain;
} Fixture;

static AtlasProcess *
start (AtlasSystem *system, gboolean has_privilege)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasProcess *process;

  options.is_bare = TRUE;
  options.has_lock_memory_privilege = has_privilege;
  process = atlas_process_new (system, &options, NULL);
  g_assert_nonnull (process);
  return process;
}

/* @data: the build; 0 for the default. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;

  options.memory_bytes = ATLAS_MB (128);
  if (data != NULL)
    options.build = GPOINTER_TO_UINT (data);
  fixture->system = atlas_system_new (&options, NULL);
  fixture->frames = atlas_system_get_frames (fixture->system);
  fixture->process = start (fixture->system, TRUE);
  fixture->plain = start (fixture->system, FALSE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  atlas_system_free (fixture->system);
}

static AtlasStatus
create (AtlasProcess *process, guint64 size_bytes, AtlasSectionObject **object)
{
  return atlas_nt_create_section_by (
    process, ATLAS_SECTION_ALL_ACCESS, size_bytes, RW, LARGE, NULL, object);
}

static AtlasStatus
map (AtlasSectionObject *object,
     AtlasProcess *process,
     AtlasVa *base_va,
     guint64 offset,
     guint64 size_bytes,
     guint32 type,
     guint32 protect)
{
  return atlas_nt_map_view_of_section (
    object, process, base_va, 0, 0, &offset, &size_bytes, ATLAS_VIEW_UNMAP, type, protect);
}

static AtlasStatus
touch (AtlasProcess *process, AtlasVa va, AtlasAccess access, guint64 *value)
{
  return atlas_process_access (process, va, access, FALSE, value, sizeof *value, NULL, NULL);
}

static AtlasWalkResult
walk (AtlasProcess *process, AtlasVa va)
{
  const AtlasWalkQuery query = { .va = va, .access = ATLAS_ACCESS_READ };
  AtlasWalkResult result;

  g_assert_true (atlas_space_walk (atlas_process_get_space (process), &query, &result));
  return result;
}

static void
test_what_they_ask_for (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name;
    gboolean has_privilege;
    guint64 size_bytes;
    guint32 attributes;
    AtlasStatus status;
  } rows[] = {
    { "no privilege", FALSE, MB2, LARGE, S (PRIVILEGE_NOT_HELD) },
    { "no privilege, wrong size", FALSE, MB2 - 1, LARGE, S (PRIVILEGE_NOT_HELD) },
    { "no size", TRUE, 0, LARGE, S (INVALID_PARAMETER_4) },
    { "a byte", TRUE, 1, LARGE, S (INVALID_PARAMETER_4) },
    { "a page less", TRUE, MB2 - 0x1000, LARGE, S (INVALID_PARAMETER_4) },
    { "a page more", TRUE, MB2 + 0x1000, LARGE, S (INVALID_PARAMETER_4) },
    { "not committed",
      TRUE,
      MB2,
      ATLAS_SEC_RESERVE | ATLAS_SEC_LARGE_PAGES,
      S (INVALID_PARAMETER_6) },
    { "alone", TRUE, MB2, ATLAS_SEC_LARGE_PAGES, S (INVALID_PARAMETER_6) },
    { "an image", TRUE, MB2, ATLAS_SEC_IMAGE | ATLAS_SEC_LARGE_PAGES, S (INVALID_PARAMETER_6) },
    { "more than is promised", TRUE, ATLAS_MB (128), LARGE, S (COMMITMENT_LIMIT) },
    { "more than there are runs", TRUE, ATLAS_MB (64), LARGE, S (INSUFFICIENT_RESOURCES) },
    { "as it should be", TRUE, MB2, LARGE, OK },
  };

  AtlasPfn scattered[768];
  guint64 n_scattered = G_N_ELEMENTS (scattered);

  /* Frames are handed out scattered: these few break up most of memory. */
  g_assert_cmphex (
    atlas_nt_allocate_user_physical_pages (fixture->process, &n_scattered, scattered), ==, OK);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasSectionObject *object;
      guint64 hash = atlas_system_hash_state (fixture->system);
      AtlasStatus status =
        atlas_nt_create_section_by (rows[i].has_privilege ? fixture->process : fixture->plain,
                                    ATLAS_SECTION_ALL_ACCESS,
                                    rows[i].size_bytes,
                                    RW,
                                    rows[i].attributes,
                                    NULL,
                                    &object);

      g_test_message ("%s", rows[i].name);
      g_assert_cmpstr (atlas_status_get_name (status), ==, atlas_status_get_name (rows[i].status));
      if (status == OK)
        continue;
      g_assert_null (object);
      g_assert_cmphex (atlas_system_hash_state (fixture->system), ==, hash);
    }
}

static void
test_frames_are_there_from_the_start (Fixture *fixture, gconstpointer data)
{
  guint64 n_active = atlas_frames_count (fixture->frames, ATLAS_FRAME_ACTIVE);
  guint64 n_commit = fixture->system->commit_pages;
  AtlasSectionObject *object;
  const AtlasSection *section;
  AtlasSectionBasicInformation information;
  guint64 n_pool;

  g_assert_cmphex (create (fixture->process, 3 * MB2, &object), ==, OK);
  section = atlas_section_object_get_section (object);
  g_assert_cmpuint (fixture->system->commit_pages - n_commit, ==, 3 * 512);
  /* Three pages of prototype entries, and the first tables of the paged pool. */
  n_pool = atlas_frames_count (fixture->frames, ATLAS_FRAME_ACTIVE) - n_active - 3 * 512;
  g_assert_cmpuint (n_pool, ==, 3 + 3);
  g_assert_cmphex (atlas_nt_query_section (object, &information), ==, OK);
  g_assert_cmphex (information.attributes, ==, LARGE);
  g_assert_cmphex (information.size_bytes, ==, 3 * MB2);

  for (guint64 page = 0; page < 3 * 512; page++)
    {
      AtlasPfn pfn, first_pfn;
      AtlasFrame frame;

      g_assert_true (atlas_section_get_frame (section, page & ~511ull, &first_pfn));
      g_assert_cmpuint (first_pfn % 512, ==, 0);
      g_assert_true (atlas_section_get_frame (section, page, &pfn));
      g_assert_cmpuint (pfn, ==, first_pfn + page % 512);
      atlas_frames_get (fixture->frames, pfn, &frame);
      g_assert_cmpint (frame.state, ==, ATLAS_FRAME_ACTIVE);
      g_assert_cmpint (frame.use, ==, ATLAS_FRAME_USE_SECTION);
      g_assert_cmpuint (frame.share_count, ==, 1);
      g_assert_cmpuint (frame.owner_page, ==, page);
      g_assert_cmphex (atlas_section_get_prototype_entry (section, page) & 1u, ==, 1);
    }
  /* Nothing can take them away. */
  atlas_system_command_memory_list (fixture->system, ATLAS_MEMORY_LIST_EMPTY_WORKING_SETS);
  atlas_system_command_memory_list (fixture->system, ATLAS_MEMORY_LIST_PURGE_STANDBY);
  g_assert_cmpuint (
    atlas_frames_count (fixture->frames, ATLAS_FRAME_ACTIVE) - n_active, >=, 3 * 512);

  atlas_section_object_close (object);
  g_assert_cmpuint (fixture->system->commit_pages, ==, n_commit);
  /* The pool keeps its tables. */
  g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_ACTIVE), <=, n_active + 3);
}

static void
test_one_entry_maps_2mb_for_all (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object;
  AtlasVa va = BASE;
  AtlasVa other_va = BASE + ATLAS_GB (2);
  guint64 n_tables, n_resident, n_commit, n_process_commit;
  guint64 value = 0x1122334455667788;
  guint64 read = 0;
  AtlasRegion region;
  AtlasMemoryRegionInformation information;
  gsize n_bytes;
  AtlasViewCounts counts;
  guint64 block;

  g_assert_cmphex (create (fixture->process, 2 * MB2, &object), ==, OK);
  n_tables = fixture->process->n_tables;
  n_resident = fixture->process->n_resident_pages;
  n_commit = fixture->system->commit_pages;
  n_process_commit = fixture->process->commit_pages;
  g_assert_cmphex (map (object, fixture->process, &va, 0, 0, ATLAS_MEM_LARGE_PAGES, RW), ==, OK);
  g_assert_cmphex (va, ==, BASE);
  /* The PD of the first GB above is there for the shared data page; no page table is needed. */
  g_assert_cmpuint (fixture->process->n_tables, ==, n_tables);
  g_assert_cmpuint (fixture->process->n_resident_pages, ==, n_resident);
  g_assert_cmpuint (fixture->system->commit_pages, ==, n_commit);
  g_assert_cmpuint (fixture->process->commit_pages, ==, n_process_commit);
  g_assert_cmphex (
    map (object, fixture->plain, &other_va, 0, 0, ATLAS_MEM_LARGE_PAGES, ATLAS_PAGE_READONLY),
    ==,
    OK);

  for (guint i = 0; i < 2; i++)
    {
      AtlasWalkResult mine = walk (fixture->process, va + i * MB2);
      AtlasWalkResult theirs = walk (fixture->plain, other_va + i * MB2);
      AtlasPfn pfn;

      g_assert_true (
        atlas_section_get_frame (atlas_section_object_get_section (object), i * 512, &pfn));
      g_assert_cmpint (mine.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmphex (mine.page_bytes, ==, MB2);
      g_assert_cmpuint (mine.n_steps, ==, 3);
      g_assert_cmphex (mine.pa, ==, pfn << ATLAS_PAGE_SHIFT);
      g_assert_cmphex (theirs.pa, ==, mine.pa);
      /* Present, user, accessed, large, Write, no execution; R/W and Dirty for the writer alone. */
      g_assert_cmphex (mine.entries[2] & ~ATLAS_PTE_PFN_MASK, ==, ATLAS_PTE_NO_EXECUTE | 0x8e7);
      g_assert_cmphex (theirs.entries[2] & ~ATLAS_PTE_PFN_MASK, ==, ATLAS_PTE_NO_EXECUTE | 0x0a5);
    }
  g_assert_cmphex (touch (fixture->process, va + 2 * MB2 - 8, ATLAS_ACCESS_WRITE, &value), ==, OK);
  g_assert_cmphex (
    touch (fixture->plain, other_va + 2 * MB2 - 8, ATLAS_ACCESS_READ, &read), ==, OK);
  g_assert_cmphex (read, ==, value);
  g_assert_cmphex (
    touch (fixture->plain, other_va, ATLAS_ACCESS_WRITE, &value), ==, S (ACCESS_VIOLATION));
  g_assert_cmphex (
    touch (fixture->plain, other_va, ATLAS_ACCESS_EXECUTE, &value), ==, S (ACCESS_VIOLATION));
  g_assert_cmphex (walk (fixture->plain, other_va).page_bytes, ==, MB2);

  g_assert_cmphex (atlas_nt_query_virtual_memory (fixture->process, va + 0x5000, &region), ==, OK);
  g_assert_cmphex (region.size_bytes, ==, 2 * MB2 - 0x5000);
  g_assert_cmpint (region.state, ==, ATLAS_STATE_COMMIT);
  g_assert_cmpint (region.type, ==, ATLAS_TYPE_MAPPED);
  g_assert_cmphex (region.protect, ==, RW);
  g_assert_cmphex (atlas_nt_query_virtual_memory_class (fixture->process,
                                                        va,
                                                        ATLAS_MEMORY_REGION_INFORMATION,
                                                        &information,
                                                        sizeof information,
                                                        &n_bytes),
                   ==,
                   OK);
  g_assert_cmphex (
    information.region_type, ==, ATLAS_REGION_MAPPED_PAGE_FILE | ATLAS_REGION_PAGE_SIZE_LARGE);
  g_assert_cmpuint (information.commit_bytes, ==, 0);
  g_assert_true (atlas_view_count (fixture->process, va, &counts));
  g_assert_cmpuint (counts.n_shared, ==, 1024);
  g_assert_cmpuint (counts.n_private, ==, 0);
  /* Valid, shared, of a large page. */
  block = atlas_process_query_working_set_ex (fixture->process, va + 0x3000);
  g_assert_cmphex (block & (ATLAS_BIT (0) | ATLAS_BIT (15) | ATLAS_BIT (23)),
                   ==,
                   ATLAS_BIT (0) | ATLAS_BIT (15) | ATLAS_BIT (23));
  g_assert_cmphex (block >> 4 & 0x7ff, ==, RW);
}

static void
test_what_a_large_view_refuses (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object, *small;
  AtlasVa va = BASE;
  guint64 size_bytes, hash;
  guint32 old_protect;
  static const struct
  {
    const char *name;
    AtlasVa va;
    guint64 offset, size_bytes;
    guint32 protect;
    AtlasStatus status;
  } rows[] = {
    { "64 KB up", BASE + 0x10000, 0, MB2, RW, S (MAPPED_ALIGNMENT) },
    { "64 KB in", BASE, 0x10000, MB2, RW, S (MAPPED_ALIGNMENT) },
    { "half a page", BASE, 0, MB2 / 2, RW, S (INVALID_VIEW_SIZE) },
    { "a page and a half", BASE, 0, MB2 + MB2 / 2, RW, S (INVALID_VIEW_SIZE) },
    { "beyond the end", BASE, 4 * MB2, 0, RW, S (INVALID_VIEW_SIZE) },
    { "no access", BASE, 0, MB2, ATLAS_PAGE_NOACCESS, S (INVALID_PAGE_PROTECTION) },
    { "copied", BASE, 0, MB2, ATLAS_PAGE_WRITECOPY, S (INVALID_PAGE_PROTECTION) },
    { "executable", BASE, 0, MB2, ATLAS_PAGE_EXECUTE_READ, S (SECTION_PROTECTION) },
  };

  g_assert_cmphex (create (fixture->process, 4 * MB2, &object), ==, OK);
  g_assert_cmphex (
    atlas_nt_create_section (
      fixture->system, ATLAS_SECTION_ALL_ACCESS, MB2, RW, ATLAS_SEC_COMMIT, NULL, &small),
    ==,
    OK);
  hash = atlas_system_hash_state (fixture->system);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      va = rows[i].va;
      g_test_message ("%s", rows[i].name);
      g_assert_cmpstr (atlas_status_get_name (map (object,
                                                   fixture->process,
                                                   &va,
                                                   rows[i].offset,
                                                   rows[i].size_bytes,
                                                   ATLAS_MEM_LARGE_PAGES,
                                                   rows[i].protect)),
                       ==,
                       atlas_status_get_name (rows[i].status));
      g_assert_cmphex (atlas_system_hash_state (fixture->system), ==, hash);
    }
  va = BASE;
  g_assert_cmphex (map (small, fixture->process, &va, 0, 0, ATLAS_MEM_LARGE_PAGES, RW),
                   ==,
                   S (INVALID_PARAMETER_9));

  /* Windows chooses multiples of 2 MB, from below and from above. */
  for (guint i = 0; i < 2; i++)
    {
      va = 0;
      g_assert_cmphex (map (object,
                            fixture->process,
                            &va,
                            i * MB2,
                            MB2,
                            ATLAS_MEM_LARGE_PAGES | (i == 1 ? ATLAS_MEM_TOP_DOWN : 0),
                            RW),
                       ==,
                       OK);
      g_assert_cmphex (va % MB2, ==, 0);
      g_assert_cmphex (walk (fixture->process, va).page_bytes, ==, MB2);
      g_assert_cmphex (walk (fixture->process, va + 0x1234).pa % MB2, ==, 0x1234);
    }

  /* Neither cut nor changed, nor part of a working set. */
  size_bytes = MB2;
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (fixture->process, &va, &size_bytes, ATLAS_MEM_DECOMMIT),
    ==,
    S (UNABLE_TO_DELETE_SECTION));
  size_bytes = 0;
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (fixture->process, &va, &size_bytes, ATLAS_MEM_RELEASE),
    ==,
    S (UNABLE_TO_DELETE_SECTION));
  size_bytes = 0x1000;
  g_assert_cmphex (atlas_nt_protect_virtual_memory (
                     fixture->process, &va, &size_bytes, ATLAS_PAGE_READONLY, &old_protect),
                   ==,
                   S (INVALID_PAGE_PROTECTION));
  size_bytes = 0x1000;
  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (fixture->process, &va, 0, &size_bytes, ATLAS_MEM_COMMIT, RW),
    ==,
    S (CONFLICTING_ADDRESSES));
  atlas_process_empty_working_set (fixture->process);
  g_assert_cmphex (walk (fixture->process, va).page_bytes, ==, MB2);
}

/* Since 1703 a view that does not ask has small pages: of the same frames, which no trim takes. */
static void
test_a_view_that_does_not_ask_has_small_pages (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object;
  AtlasVa large_va = BASE;
  AtlasVa small_va = BASE + MB2;
  guint64 value = 0x5157;
  guint64 read = 0;
  AtlasPfn pfn;
  AtlasFrame frame;
  guint64 n_active;

  g_assert_cmphex (create (fixture->process, MB2, &object), ==, OK);
  g_assert_cmphex (
    map (object, fixture->process, &large_va, 0, 0, ATLAS_MEM_LARGE_PAGES, RW), ==, OK);
  g_assert_cmphex (map (object, fixture->process, &small_va, 0, 0, 0, RW), ==, OK);
  g_assert_cmphex (touch (fixture->process, large_va + 0x3008, ATLAS_ACCESS_WRITE, &value), ==, OK);
  n_active = atlas_frames_count (fixture->frames, ATLAS_FRAME_ACTIVE);
  g_assert_cmphex (touch (fixture->process, small_va + 0x3008, ATLAS_ACCESS_READ, &read), ==, OK);
  g_assert_cmphex (read, ==, value);
  /* A page table. */
  g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_ACTIVE), ==, n_active + 1);
  g_assert_cmphex (walk (fixture->process, small_va + 0x3000).page_bytes, ==, 0x1000);
  g_assert_cmphex (walk (fixture->process, small_va + 0x3000).pa,
                   ==,
                   walk (fixture->process, large_va + 0x3000).pa);
  pfn = walk (fixture->process, small_va + 0x3000).pa >> ATLAS_PAGE_SHIFT;
  atlas_frames_get (fixture->frames, pfn, &frame);
  g_assert_cmpuint (frame.share_count, ==, 2);

  g_assert_cmpuint (atlas_process_empty_working_set (fixture->process), >, 0);
  atlas_frames_get (fixture->frames, pfn, &frame);
  g_assert_cmpuint (frame.share_count, ==, 1);
  g_assert_cmpint (frame.state, ==, ATLAS_FRAME_ACTIVE);
  g_assert_cmphex (touch (fixture->process, small_va + 0x3008, ATLAS_ACCESS_READ, &read), ==, OK);
  g_assert_cmphex (read, ==, value);
}

static void
test_before_1703_every_view_has_large_pages (Fixture *fixture, gconstpointer data)
{
  AtlasSectionObject *object;
  AtlasVa va = BASE;

  g_assert_cmphex (create (fixture->process, MB2, &object), ==, OK);
  g_assert_cmphex (map (object, fixture->plain, &va, 0, 0, 0, RW), ==, OK);
  g_assert_cmphex (walk (fixture->plain, va).page_bytes, ==, MB2);
  va = BASE + MB2 + 0x10000;
  g_assert_cmphex (map (object, fixture->plain, &va, 0, 0, 0, RW), ==, S (MAPPED_ALIGNMENT));
}

static void
test_the_last_one_gives_all_back (Fixture *fixture, gconstpointer data)
{
  guint64 n_active = 0, n_commit = 0, n_repetitions = 3;

  /* The first round leaves the pool's tables. */
  for (guint round = 0; round < n_repetitions; round++)
    {
      AtlasProcess *guest = start (fixture->system, FALSE);
      AtlasSectionObject *object;
      AtlasVa va = BASE;
      AtlasVa guest_va = BASE + ATLAS_GB (2);
      guint64 value = 1;

      g_assert_cmphex (create (fixture->process, 4 * MB2, &object), ==, OK);
      g_assert_cmphex (
        map (object, fixture->process, &va, 0, 0, ATLAS_MEM_LARGE_PAGES, RW), ==, OK);
      g_assert_cmphex (
        map (object, guest, &guest_va, MB2, 2 * MB2, ATLAS_MEM_LARGE_PAGES, RW), ==, OK);
      /* Handed out zeroed, whoever had it before. */
      for (AtlasVa at = va; at < va + 4 * MB2; at += 0x1000)
        {
          g_assert_cmphex (touch (fixture->process, at, ATLAS_ACCESS_READ, &value), ==, OK);
          g_assert_cmphex (value, ==, 0);
          value = at;
          g_assert_cmphex (touch (fixture->process, at, ATLAS_ACCESS_WRITE, &value), ==, OK);
        }
      atlas_section_object_close (object);
      g_assert_cmphex (atlas_nt_unmap_view_of_section (fixture->process, va + 0x1000), ==, OK);
      g_assert_cmphex (
        touch (fixture->process, va, ATLAS_ACCESS_READ, &value), ==, S (ACCESS_VIOLATION));
      g_assert_cmphex (touch (guest, guest_va, ATLAS_ACCESS_READ, &value), ==, OK);
      g_assert_cmphex (value, ==, BASE + MB2);
      atlas_process_terminate (guest);
      if (round == 0)
        {
          n_active = atlas_frames_count (fixture->frames, ATLAS_FRAME_ACTIVE);
          n_commit = fixture->system->commit_pages;
        }
      g_assert_cmpuint (atlas_frames_count (fixture->frames, ATLAS_FRAME_ACTIVE), ==, n_active);
      g_assert_cmpuint (fixture->system->commit_pages, ==, n_commit);
    }
}

/* The PDE is written by hand: Windows maps the page anew, small, and loses no frame over it. */
static void
test_an_edited_entry_does_no_harm (Fixture *fixture, gconstpointer data)
{
  static const char text[] = "system memory=64M\nprocess $p a.exe lock_memory=yes bare\n"
                             "section $s = 4M large_pages\n"
                             "map $v = $s 0x40000000 large_pages\n"
                             "write $v+0x2000 8 value=0x77\n"
                             "entry $v pde 0x0\n"
                             "cr3\n"
                             "read $v+0x2000 8\n"
                             "unmap $v\n"
                             "close $s\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (text, "edited", &error);
  guint64 n_active;
  AtlasSystem *system;

  g_assert_no_error (error);
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 10);
  for (guint i = 0; i < 10; i++)
    g_assert_cmphex (atlas_session_get_result (session, i)->status, ==, OK);
  g_assert_nonnull (strstr (atlas_session_get_result (session, 2)->result, "2 large pages"));
  g_assert_cmpstr (
    atlas_session_get_result (session, 2)->command, ==, "section $s = 4M large_pages");
  g_assert_cmpstr (
    atlas_session_get_result (session, 3)->command, ==, "map $v = $s 0x40000000 large_pages");
  g_assert_nonnull (strstr (atlas_session_get_result (session, 7)->result, ": 77"));
  n_active = atlas_frames_count (atlas_system_get_frames (atlas_session_get_system (session)),
                                 ATLAS_FRAME_ACTIVE);
  atlas_session_seek (session, 2);
  system = atlas_session_get_system (session);
  /* But for the pool's tables. */
  g_assert_cmpuint (
    n_active - atlas_frames_count (atlas_system_get_frames (system), ATLAS_FRAME_ACTIVE), ==, 3);
}

/* Whatever is done with such views, with five levels and two roots as well: the books are right. */
static void
test_the_books_are_right (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = {
    "system memory=128M levels=5 kvashadow=on",
    "pagefile 64M",
    "process $p a.exe lock_memory=yes bare",
    "section $s = 6M large_pages",
    "map $v = $s 0x00fe000000000000 large_pages",
    "map $w = $s 0x00fd000000000000",
    "write $v+4M-8 16 value=0x1234",
    "read $w+4M-8 16",
    "write $w 64K",
    "process $q b.exe bare",
    "map $x = $s readonly offset=2M size=2M large_pages top_down",
    "read $x+0x1000 8",
    "alloc $a = 16M reserve|commit readwrite",
    "write $a 64K value=5",
    "memlist empty",
    "memlist flush",
    "memlist purge",
    "select $p",
    "read $w 64K",
    "alloc $l = 4M reserve|commit|large_pages readwrite",
    "awe 1M",
    "unmap $v",
    "read $w+4M-8 8",
    "unmap $w",
    "close $s",
    "terminate $p",
    "read $x+0x1000 8",
    "terminate $q",
  };
  g_autoptr (AtlasSession) session = atlas_session_new ();

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasCommandResult) result = atlas_session_run (session, lines[i], &error);
      g_autofree char *broken = NULL;

      g_assert_no_error (error);
      g_test_message ("%s: %s", lines[i], result->result);
      g_assert_cmphex (result->status, ==, OK);
      if (i > 1)
        broken = find_broken_invariant (atlas_session_get_system (session));
      g_assert_cmpstr (broken, ==, NULL);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    guint build;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/large-section/what-they-ask-for", 0, test_what_they_ask_for },
    { "/large-section/frames-from-the-start", 0, test_frames_are_there_from_the_start },
    { "/large-section/one-entry-maps-2mb", 0, test_one_entry_maps_2mb_for_all },
    { "/large-section/what-a-view-refuses", 0, test_what_a_large_view_refuses },
    { "/large-section/small-pages", 0, test_a_view_that_does_not_ask_has_small_pages },
    { "/large-section/before-1703", 14393, test_before_1703_every_view_has_large_pages },
    { "/large-section/gives-all-back", 0, test_the_last_one_gives_all_back },
    { "/large-section/books", 0, test_the_books_are_right },
    { "/large-section/edited-entry", 0, test_an_edited_entry_does_no_harm },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (
      tests[i].path, Fixture, GUINT_TO_POINTER (tests[i].build), set_up, tests[i].test, tear_down);
  return g_test_run ();
}
