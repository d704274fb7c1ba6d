/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* What cannot be paged out is promised frames, and no more than there are. */

#include "session/session.h"
#include "windows/awe.h"
#include "windows/fault.h"
#include "windows/machine-private.h"
#include "windows/section-object.h"
#include "windows/state-hash-private.h"
#include "windows/virtual-lock.h"
#include "windows/virtual.h"
#include "windows/working-set.h"

#include <string.h>

#define BASE G_GUINT64_CONSTANT (0x40000000)
#define LARGE_TYPE (ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT | ATLAS_MEM_LARGE_PAGES)
#define MB2 ATLAS_LARGE_PAGE_BYTES
#define RW ATLAS_PAGE_READWRITE
#define S(name) ATLAS_STATUS_##name
#define OK S (SUCCESS)

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
  guint64 n_at_boot;
} Fixture;

static AtlasProcess *
start (AtlasSystem *system, AtlasStatus *status)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;

  options.is_bare = TRUE;
  options.has_lock_memory_privilege = TRUE;
  return atlas_process_new (system, &options, status);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;

  options.memory_bytes = ATLAS_MB (128);
  fixture->system = atlas_system_new (&options, NULL);
  fixture->n_at_boot = atlas_system_get_resident_available (fixture->system);
  g_assert_cmphex (
    atlas_system_add_page_file (fixture->system, ATLAS_MB (512), ATLAS_MB (512)), ==, OK);
  fixture->process = start (fixture->system, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  atlas_system_free (fixture->system);
}

static guint64
get_available (Fixture *fixture)
{
  return atlas_system_get_resident_available (fixture->system);
}

static AtlasStatus
set_minimum (AtlasProcess *process, guint64 n_pages)
{
  return atlas_process_set_working_set (
    process, n_pages * ATLAS_PAGE_BYTES, (n_pages + 300) * ATLAS_PAGE_BYTES, 0);
}

static void
test_what_pays_and_what_does_not (Fixture *fixture, gconstpointer data)
{
  AtlasProcess *process = fixture->process;
  guint64 n_before = get_available (fixture);
  AtlasVa va = BASE;
  AtlasVa large_va = BASE + ATLAS_GB (2);
  guint64 size_bytes = ATLAS_MB (16);
  AtlasPfn pfns[100];
  guint64 n_pages = 100;
  AtlasSectionObject *object;

  /* All that is available after boot, less what is kept back; and a minimum of 50 pages. */
  g_assert_cmpuint (fixture->n_at_boot, <, ATLAS_MB (128) / ATLAS_PAGE_BYTES - 256);
  g_assert_cmpuint (n_before, ==, fixture->n_at_boot - 50);

  /* What can be paged out pays nothing, touched or locked. */
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     process, &va, 0, &size_bytes, ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT, RW),
                   ==,
                   OK);
  g_assert_cmphex (
    atlas_process_access (process, va, ATLAS_ACCESS_WRITE, FALSE, NULL, 0x10000, NULL, NULL),
    ==,
    OK);
  g_assert_cmpuint (get_available (fixture), ==, n_before);
  size_bytes = 10 * ATLAS_PAGE_BYTES;
  g_assert_cmphex (atlas_virtual_lock (process, va, size_bytes), ==, OK);
  g_assert_cmpuint (get_available (fixture), ==, n_before);
  /* Beyond the minimum, which is what was promised. */
  va = BASE;
  size_bytes = 50 * ATLAS_PAGE_BYTES;
  g_assert_cmphex (atlas_virtual_lock (process, va, size_bytes), ==, S (WORKING_SET_QUOTA));

  g_assert_cmphex (set_minimum (process, 1050), ==, OK);
  g_assert_cmpuint (get_available (fixture), ==, n_before - 1000);
  g_assert_cmphex (set_minimum (process, 550), ==, OK);
  g_assert_cmpuint (get_available (fixture), ==, n_before - 500);
  g_assert_cmphex (set_minimum (process, 50), ==, OK);

  g_assert_cmphex (atlas_nt_allocate_user_physical_pages (process, &n_pages, pfns), ==, OK);
  g_assert_cmpuint (get_available (fixture), ==, n_before - 100);
  n_pages = 40;
  g_assert_cmphex (atlas_nt_free_user_physical_pages (process, &n_pages, pfns), ==, OK);
  g_assert_cmpuint (get_available (fixture), ==, n_before - 60);

  size_bytes = 2 * MB2;
  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (process, &large_va, 0, &size_bytes, LARGE_TYPE, RW), ==, OK);
  g_assert_cmpuint (get_available (fixture), ==, n_before - 60 - 1024);
  size_bytes = 0;
  g_assert_cmphex (
    atlas_nt_free_virtual_memory (process, &large_va, &size_bytes, ATLAS_MEM_RELEASE), ==, OK);
  g_assert_cmpuint (get_available (fixture), ==, n_before - 60);

  g_assert_cmphex (atlas_nt_create_section_by (process,
                                               ATLAS_SECTION_ALL_ACCESS,
                                               MB2,
                                               RW,
                                               ATLAS_SEC_COMMIT | ATLAS_SEC_LARGE_PAGES,
                                               NULL,
                                               &object),
                   ==,
                   OK);
  g_assert_cmpuint (get_available (fixture), ==, n_before - 60 - 512);

  /* The end of a process gives back what it holds; the section is another's too. */
  atlas_process_terminate (process);
  g_assert_cmpuint (get_available (fixture), ==, fixture->n_at_boot - 512);
  atlas_section_object_close (object);
  g_assert_cmpuint (get_available (fixture), ==, fixture->n_at_boot);
}

/* A minimum of nearly all: there are frames in plenty, but they are promised. */
static void
test_promised_frames_are_refused (Fixture *fixture, gconstpointer data)
{
  AtlasProcess *other = start (fixture->system, NULL);
  guint64 n_left = get_available (fixture);
  AtlasVa va = BASE;
  guint64 size_bytes = MB2;
  AtlasPfn pfns[200];
  guint64 n_pages = 200;
  AtlasSectionObject *object;
  AtlasStatus status = OK;
  guint64 hash;

  /* All but 100; the limits count frames that are there as well, so in two halves. */
  g_assert_cmphex (set_minimum (fixture->process, 50 + n_left / 2), ==, OK);
  g_assert_cmphex (set_minimum (other, 50 + (n_left - n_left / 2) - 100), ==, OK);
  g_assert_cmpuint (get_available (fixture), ==, 100);
  g_assert_cmpuint (
    atlas_frames_count_available (atlas_system_get_frames (fixture->system)), >, 30000);

  hash = atlas_system_hash_state (fixture->system);
  g_assert_cmphex (
    set_minimum (other, other->working_set_min_pages + 101), ==, S (INSUFFICIENT_RESOURCES));
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (other, &va, 0, &size_bytes, LARGE_TYPE, RW),
                   ==,
                   S (INSUFFICIENT_RESOURCES));
  g_assert_cmphex (atlas_nt_create_section_by (other,
                                               ATLAS_SECTION_ALL_ACCESS,
                                               MB2,
                                               RW,
                                               ATLAS_SEC_COMMIT | ATLAS_SEC_LARGE_PAGES,
                                               NULL,
                                               &object),
                   ==,
                   S (INSUFFICIENT_RESOURCES));
  g_assert_cmphex (atlas_system_hash_state (fixture->system), ==, hash);
  /* As many as can be promised. */
  g_assert_cmphex (atlas_nt_allocate_user_physical_pages (other, &n_pages, pfns), ==, OK);
  g_assert_cmpuint (n_pages, ==, 100);
  n_pages = 1;
  g_assert_cmphex (
    atlas_nt_allocate_user_physical_pages (other, &n_pages, pfns), ==, S (INSUFFICIENT_RESOURCES));
  hash = atlas_system_hash_state (fixture->system);
  g_assert_null (start (fixture->system, &status));
  g_assert_cmphex (status, ==, S (INSUFFICIENT_RESOURCES));
  g_assert_cmphex (atlas_system_hash_state (fixture->system), ==, hash);
  /* What can be paged out may be had all the same. */
  size_bytes = ATLAS_MB (64);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     other, &va, 0, &size_bytes, ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT, RW),
                   ==,
                   OK);
  atlas_process_terminate (other);
  g_assert_nonnull (start (fixture->system, &status));
}

/* The sum of what the processes hold, after each of many commands. */
static guint64
count_promised (AtlasSystem *system)
{
  guint64 n_promised = 0;

  for (guint i = 0; i < system->processes->len; i++)
    {
      AtlasProcess *process = g_ptr_array_index (system->processes, i);

      n_promised += process->working_set_min_pages;
      n_promised += atlas_process_count_user_physical_pages (process);
      for (const AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
           vad = atlas_vad_get_next (vad))
        n_promised += vad->kind == ATLAS_VAD_LARGE_PAGES ? atlas_vad_get_n_pages (vad) : 0;
    }
  return n_promised;
}

static void
test_the_sum_is_always_right (void)
{
  static const char *const templates[] = {
    "alloc $l%u = 2M reserve|commit|large_pages readwrite",
    "alloc $l%u = 6M reserve|commit|large_pages readwrite",
    "release $l%u",
    "awe %u00K",
    "awe_free %u0K",
    "workingset %uM 16M",
    "process $p%u x.exe lock_memory=yes bare",
    "select $p%u",
    "terminate $p%u",
    "alloc 1M reserve|commit readwrite",
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (57);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (
    "system memory=64M\npagefile 64M\nprocess $p0 x.exe lock_memory=yes bare\n", "sum", &error);
  guint64 n_all;
  guint n_done = 0;

  g_assert_no_error (error);
  n_all = atlas_system_get_resident_available (atlas_session_get_system (session)) +
          count_promised (atlas_session_get_system (session));
  for (guint i = 0; i < 400; i++)
    {
      guint index = (guint) g_rand_int_range (rand, 0, G_N_ELEMENTS (templates));
      guint number = (guint) g_rand_int_range (rand, 1, 9);
      g_autofree char *digit = g_strdup_printf ("%u", number);
      g_autoptr (GString) command = g_string_new (templates[index]);
      AtlasCommandResult *result;

      g_string_replace (command, "%u", digit, 0);
      /* A name that is not bound is no command. */
      result = atlas_session_run (session, command->str, NULL);
      n_done += result != NULL && atlas_status_is_success (result->status);
      if (result != NULL)
        atlas_command_result_unref (result);
      g_assert_cmpuint (atlas_system_get_resident_available (atlas_session_get_system (session)) +
                          count_promised (atlas_session_get_system (session)),
                        ==,
                        n_all);
      if (i % 50 == 49)
        {
          atlas_session_undo (session);
          g_assert_cmpuint (
            atlas_system_get_resident_available (atlas_session_get_system (session)) +
              count_promised (atlas_session_get_system (session)),
            ==,
            n_all);
        }
    }
  g_test_message ("%u commands", n_done);
  g_assert_cmpuint (n_done, >, 100);
}

static void
test_the_verb_tells (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (
    "system memory=64M\nprocess $p x.exe lock_memory=yes bare\n", "verb", &error);
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *size = NULL;

  g_assert_no_error (error);
  size = atlas_format_size (
    atlas_system_get_resident_available (atlas_session_get_system (session)) * ATLAS_PAGE_BYTES);
  expected = g_strdup_printf ("; resident available %s", size);
  result = atlas_session_run (session, "memory", &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (result->result, expected));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add (
    "/resident/what-pays", Fixture, NULL, set_up, test_what_pays_and_what_does_not, tear_down);
  g_test_add ("/resident/promised-frames-are-refused",
              Fixture,
              NULL,
              set_up,
              test_promised_frames_are_refused,
              tear_down);
  g_test_add_func ("/resident/the-sum-is-always-right", test_the_sum_is_always_right);
  g_test_add_func ("/resident/verb", test_the_verb_tells);
  return g_test_run ();
}
