/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* A machine that has nothing left to give: what it refuses leaves no trace, bit for bit, and says
 * the right thing; what needs nothing still works. */

#include "model-invariants.h"
#include "pe-maker.h"
#include "session/machine.h"
#include "session/session.h"
#include "windows/fault.h"
#include "windows/frames-private.h"
#include "windows/pager-private.h"
#include "windows/state-hash-private.h"

#define S(name) ATLAS_STATUS_##name
#define OK S (SUCCESS)

/* Runs a line that must end so. */
static void
run_line (AtlasSession *session, const char *line, AtlasStatus status)
{
  g_autoptr (GError) error = NULL;
  AtlasCommandResult *result = atlas_session_run (session, line, &error);

  g_assert_no_error (error);
  if (result->status != status)
    g_error ("%s: %s, not %s", line, result->result, atlas_status_get_name (status));
  atlas_command_result_unref (result);
}

static gboolean
try_line (AtlasSession *session, const char *line)
{
  g_autoptr (GError) error = NULL;
  AtlasCommandResult *result = atlas_session_run (session, line, &error);
  gboolean is_done;

  g_assert_no_error (error);
  is_done = atlas_status_is_success (result->status);
  atlas_command_result_unref (result);
  return is_done;
}

/* A process that has one of everything. Nothing below 2 MB of $far and $untouched has a table. */
static const char *const worker_lines[] = {
  "process $p worker.exe bare lock_memory=yes",
  "alloc $a = 0x20000000 64K reserve|commit readwrite",
  "write $a 8 value=7",
  "alloc $b = 0x20010000 1M reserve readwrite",
  "alloc $far = 0x40000000000 64K reserve readwrite",
  "alloc $untouched = 0x50000000000 64K reserve|commit readwrite",
  "section $s = 64K readwrite",
  "section $r = 1M readwrite reserve",
  "map $v = $s 0x50000000",
  "write $v 8 value=1",
  "map $w = $r 0x51000000",
  "map $c = $s 0x52000000 writecopy",
  "write $c+60K 8 value=2",
  "placeholder $h = 0x60000000 128K",
  "split $h 64K",
  "placeholder $k = 0x61000000 64K",
  "replace $k 64K reserve|commit readwrite",
  "write $k 8 value=3",
  "placeholder $l = 0x62000000 64K",
  "map $x = $s $l replace_placeholder",
  "file $f = lib.dll made=x64",
  "file $f2 = other.dll made=x64",
  "section $i = $f readonly image",
  "file $g = data.bin size=64K",
  "section $j = $g readwrite",
  "map $y = $j 0x63000000",
  "write $y 8 value=4",
};

static AtlasSession *
start (const char *system_line, const char *page_file_line)
{
  AtlasSession *session = atlas_session_new ();

  run_line (session, system_line, OK);
  if (page_file_line != NULL)
    run_line (session, page_file_line, OK);
  for (guint i = 0; i < G_N_ELEMENTS (worker_lines); i++)
    run_line (session, worker_lines[i], OK);
  return session;
}

/* ---- Pressure ------------------------------------------------------------------------------- */

/* All that is promised is promised to one process, which has touched none of it. */
static void
use_up_commitment (AtlasSession *session)
{
  run_line (session, "process $o other.exe bare", OK);
  for (guint64 size_bytes = ATLAS_MB (32); size_bytes >= ATLAS_PAGE_BYTES; size_bytes /= 2)
    {
      g_autofree char *line =
        g_strdup_printf ("alloc %" G_GUINT64_FORMAT " reserve|commit readwrite", size_bytes);

      while (try_line (session, line))
        ;
    }
}

static void
let_pages_go (AtlasSession *session)
{
  run_line (session, "memlist empty", OK);
  run_line (session, "memlist flush", OK);
  run_line (session, "memlist purge", OK);
}

/* Whatever can leave has left, and one process holds all frames then that may be promised to it;
 * the few that are kept back, or belong to a minimum working set that is not full, go to nobody. */
static void
hold_the_rest (AtlasSession *session)
{
  AtlasSystem *system = atlas_session_get_system (session);
  AtlasPfn pfn;

  run_line (session, "process $o other.exe bare lock_memory=yes", OK);
  let_pages_go (session);
  run_line (session, "awe 64M", OK);
  while (atlas_frames_take (atlas_system_get_frames (system), ATLAS_FRAME_USE_KERNEL, 0, &pfn))
    ;
  g_assert_cmpuint (atlas_pager_count_obtainable (system), ==, 0);
}

static void
lock_frames (AtlasSession *session)
{
  run_line (session, "process $locker locker.exe bare", OK);
  run_line (session, "workingset 40M 42M", OK);
  run_line (session, "alloc $locked = 38M reserve|commit readwrite", OK);
  run_line (session, "lock $locked 38M", OK);
  hold_the_rest (session);
}

static void
take_large_pages (AtlasSession *session)
{
  run_line (session, "process $large large.exe bare lock_memory=yes", OK);
  while (try_line (session, "alloc 2M reserve|commit|large_pages readwrite"))
    ;
  hold_the_rest (session);
}

static void
write_pages (AtlasSession *session, const char *name, guint64 size_bytes)
{
  for (guint64 offset = 0; offset < size_bytes; offset += ATLAS_KB (64))
    {
      g_autofree char *line =
        g_strdup_printf ("write %s+%" G_GUINT64_FORMAT "K 64K value=5", name, offset / 1024);

      if (!try_line (session, line))
        break;
    }
}

/* As many private pages as the paging file holds, and in memory those of a file that may not be
 * written, and private ones for which there is no more room on disk. */
static void
fill_page_file (AtlasSession *session)
{
  AtlasSystem *system = atlas_session_get_system (session);
  AtlasFrames *frames = atlas_system_get_frames (system);

  run_line (session, "process $big big.exe bare", OK);
  run_line (session, "alloc $out = 16M reserve|commit readwrite", OK);
  write_pages (session, "$out", ATLAS_MB (16));
  let_pages_go (session);
  g_assert_cmpuint (atlas_page_file_count_free (atlas_system_get_page_file (system, 0)), ==, 0);

  run_line (session, "file $held = held.bin size=24M", OK);
  run_line (session, "section $hs = $held readwrite", OK);
  run_line (session, "map $hv = $hs", OK);
  run_line (session, "hold $hv", OK);
  write_pages (session, "$hv", ATLAS_MB (24));
  run_line (session, "alloc $in = 34M reserve|commit readwrite", OK);
  write_pages (session, "$in", ATLAS_MB (34));
  hold_the_rest (session);
  g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_MODIFIED), >, 1000);
  g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_MODIFIED_NO_WRITE), >, 1000);
}

/* ---- Rows ----------------------------------------------------------------------------------- */

typedef struct
{
  const char *line;
  AtlasStatus without_commitment;
  AtlasStatus without_frames;
} Row;

#define LIMIT S (COMMITMENT_LIMIT)
#define NO_FRAMES S (INSUFFICIENT_RESOURCES)

/* In this order: what works takes nothing that a later row could use, and what gives back comes
 * last. */
static const Row rows[] = {
  { "alloc 0x70000000 64K reserve readwrite", OK, OK },
  { "alloc 0x71000000 4K reserve|commit readwrite", LIMIT, OK },
  { "alloc 0x90000000 128K reserve|commit readwrite", LIMIT, OK },
  { "alloc 0x80000000000 2M reserve|commit|large_pages readwrite", LIMIT, NO_FRAMES },
  { "commit $far 4K", LIMIT, NO_FRAMES },
  { "commit $untouched 4K readonly", LIMIT, NO_FRAMES },
  { "decommit $untouched+4K 4K", LIMIT, NO_FRAMES },
  { "protect $untouched 4K readonly", LIMIT, NO_FRAMES },
  { "protect $a 4K readonly", OK, OK },
  { "protect $a 4K readwrite", OK, OK },
  { "commit $a 4K", OK, OK },
  { "protect $v 4K writecopy", LIMIT, OK },
  { "protect $v 4K readwrite", OK, OK },
  { "section $z = 64K readwrite", LIMIT, OK },
  { "section $z2 = 64K readwrite reserve", OK, OK },
  { "map $s 0x72000000", OK, OK },
  { "map $s 0x73000000 writecopy", LIMIT, OK },
  { "map $r 0x74000000 commit=4K", LIMIT, OK },
  { "commit $w 4K", LIMIT, NO_FRAMES },
  { "placeholder $n = 0x75000000 64K", OK, OK },
  { "split $n+16K 4K", OK, OK },
  { "coalesce $n 64K", OK, OK },
  { "replace $h 64K reserve|commit readwrite", LIMIT, OK },
  { "map $s $h+64K writecopy replace_placeholder", LIMIT, OK },
  { "replace $n 64K reserve readwrite", OK, OK },
  { "map $i", LIMIT, OK },
  { "load $f2", LIMIT, OK },
  { "process $q new.exe bare", LIMIT, S (NO_MEMORY) },
  { "process $q new.exe", LIMIT, S (NO_MEMORY) },
  { "awe 4K", LIMIT, NO_FRAMES },
  { "reset $a 4K", OK, OK },
  { "unmap $x preserve_placeholder", OK, OK },
  { "split $k 64K", OK, OK },
};

static void
check_rows (AtlasSession *session, gboolean has_commitment)
{
  AtlasSystem *system = atlas_session_get_system (session);

  run_line (session, "select $p", OK);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasStatus expected = has_commitment ? rows[i].without_frames : rows[i].without_commitment;
      guint64 before = atlas_system_hash_state (system);

      g_test_message ("%s", rows[i].line);
      run_line (session, rows[i].line, expected);
      if (expected != OK && atlas_system_hash_state (system) != before)
        g_error ("%s left something behind", rows[i].line);
    }
}

/* Accesses that need a frame: only the number of faults changes. */
static void
check_faults (AtlasSession *session)
{
  static const char *const lines[] = {
    "read $a 1", /* its page is in the paging file */
    "write $a 1 value=9",
    "write $untouched 1 value=9",
    "read $untouched 1",
    "write $b+1M-4K 1 value=9",
    "read $y 1", /* in the file */
    "write $y 1 value=9",
    "read $c+60K 1",
    "write $c+60K 1 value=9",
  };
  AtlasSystem *system = atlas_session_get_system (session);
  AtlasProcess *process;

  run_line (session, "select $p", OK);
  process = atlas_session_get_process (session);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      guint64 n_faults = process->n_faults;
      guint64 before = atlas_system_hash_state (system);
      gboolean is_reserved = strstr (lines[i], "$b") != NULL;

      g_test_message ("%s", lines[i]);
      run_line (session, lines[i], is_reserved ? S (ACCESS_VIOLATION) : S (IN_PAGE_ERROR));
      g_assert_cmpuint (process->n_faults, >, n_faults);
      process->n_faults = n_faults;
      if (atlas_system_hash_state (system) != before)
        g_error ("%s left something behind", lines[i]);
    }
}

static guint8
read_byte (AtlasSession *session, AtlasVa va)
{
  guint8 byte = 0;

  g_assert_cmphex (
    atlas_process_access (
      atlas_session_get_process (session), va, ATLAS_ACCESS_READ, FALSE, &byte, 1, NULL, NULL),
    ==,
    OK);
  return byte;
}

/* The same program as a file: what its header says must not have been taken in. */
static void
check_start_from_file (AtlasSession *session, AtlasStatus expected)
{
  AtlasSystem *system = atlas_session_get_system (session);
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  g_autoptr (GBytes) sample = pe_make_sample (FALSE);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) program = NULL;

  g_byte_array_append (bytes, g_bytes_get_data (sample, NULL), (guint) g_bytes_get_size (sample));
  pe_store (bytes->data + PE_MAKER_COFF + 18, 0x22, 2); /* no DLL */
  program = g_bytes_new (bytes->data, bytes->len);
  options.image_file = atlas_file_new (system, "program.exe", program, FALSE);
  for (guint is_bare = 0; is_bare < 2; is_bare++)
    {
      guint64 before = atlas_system_hash_state (system);
      AtlasStatus status = OK;

      options.is_bare = is_bare != 0;
      g_assert_null (atlas_process_new (system, &options, &status));
      g_assert_cmphex (status, ==, expected);
      g_assert_cmphex (atlas_system_hash_state (system), ==, before);
    }
}

typedef struct
{
  const char *path;
  const char *page_file;
  void (*press) (AtlasSession *session);
  gboolean has_commitment;
} Situation;

static const Situation situations[] = {
  { "/state/pressure/no-commitment-left", NULL, use_up_commitment, FALSE },
  { "/state/pressure/frames-held-by-locks", "pagefile 1G", lock_frames, TRUE },
  { "/state/pressure/frames-held-by-awe", "pagefile 1G", hold_the_rest, TRUE },
  { "/state/pressure/frames-held-by-large-pages", "pagefile 1G", take_large_pages, TRUE },
  { "/state/pressure/paging-file-full", "pagefile 16M", fill_page_file, TRUE },
};

static void
test_situation (gconstpointer data)
{
  const Situation *situation = data;
  g_autoptr (AtlasSession) session = start ("system memory=64M seed=3", situation->page_file);

  situation->press (session);
  if (situation->has_commitment)
    check_faults (session);
  check_rows (session, situation->has_commitment);
  g_assert_cmpstr (find_broken_invariant (atlas_session_get_system (session)), ==, NULL);
  check_start_from_file (session, situation->has_commitment ? S (NO_MEMORY) : LIMIT);
}

/* What could not be read for want of a frame is there when there is one. */
static void
test_contents_come_back_when_there_is_room (gconstpointer data)
{
  const Situation *situation = data;
  g_autoptr (AtlasSession) session = start ("system memory=64M seed=3", situation->page_file);

  situation->press (session);
  check_faults (session);
  run_line (session, "terminate $o", OK);
  run_line (session, "select $p", OK);
  g_assert_cmpuint (read_byte (session, 0x20000000), ==, 7);
  g_assert_cmpuint (read_byte (session, 0x50000000), ==, 1);
  g_assert_cmpuint (read_byte (session, 0x52000000 + 0xF000), ==, 2);
  g_assert_cmpuint (read_byte (session, 0x61000000), ==, 3);
  g_assert_cmpuint (read_byte (session, 0x63000000), ==, 4);
  g_assert_cmpstr (find_broken_invariant (atlas_session_get_system (session)), ==, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (situations); i++)
    {
      g_test_add_data_func (situations[i].path, &situations[i], test_situation);
      if (situations[i].press == lock_frames || situations[i].press == fill_page_file)
        {
          g_autofree char *path = g_strconcat (situations[i].path, "/contents-come-back", NULL);

          g_test_add_data_func (path, &situations[i], test_contents_come_back_when_there_is_room);
        }
    }
  return g_test_run ();
}
