/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The verbs for special memory and the questions about it: what each says in its one line. */

#include "session/session.h"

#include <string.h>

static const struct
{
  const char *command;
  const char *words; /* of the result */
} lines[] = {
  { "system memory=1G", "a machine" },
  { "process $q other.exe bare", "started" },
  { "alloc $d = 0x30000000 64K reserve|commit readwrite", "reserved and committed" },
  { "process $p demo.exe bare lock_memory=yes", "started" },

  { "placeholder $h = 0x50000000 64K", "held 0x50000000…0x5000ffff" },
  { "commit $h 4K", "only what replaces it may be committed" },
  { "split $h+16K 16K", "made a placeholder of 0x50004000…0x50007fff" },
  { "replace $x = $h 64K reserve readwrite", "split it first" },
  { "replace $x = $h+16K 16K reserve|commit readwrite", "0x50004000…0x50007fff" },
  { "write $x 4 value=0x11223344", "wrote 4 bytes" },
  { "copy $x $d 4 to=$q", "copied 4 bytes from 0x50004000 to 0x30000000" },
  { "copy $d $x 4", "Copied were 0 bytes" },
  { "copy $d $x+1 4 from=$q", "copied 4 bytes" },
  { "read $x 8", "44 44 33 22 11" },
  { "coalesce $h 64K", "STATUS_CONFLICTING_ADDRESSES" },
  { "split $x 16K", "made a placeholder" },
  { "coalesce $h 64K", "made one placeholder of 0x50000000…0x5000ffff" },
  { "region $h", "private, placeholder" },
  { "why $h", "taken by placeholder" },
  { "free $h 64K release|preserve_placeholder", "STATUS_CONFLICTING_ADDRESSES" },
  { "release $h", "released" },

  { "alloc 2M reserve|commit|large_pages readwrite", "2 MB" },
  { "alloc 1G reserve|commit|large_pages readwrite huge_pages", "refused" },
  { "alloc 1M reserve readonly lowest=0x10000 highest=0x7fffffff align=1M", "0x100000…0x1fffff" },
  { "alloc 1M reserve readonly lowest=0x10000 highest=0x1ffff", "STATUS_NO_MEMORY" },
  { "alloc 64K commit readonly zero_bits=12", "reserved and committed 0x10000…" },
  { "alloc $c = 0x60000000 64K reserve|commit readwrite", "64 KB" },
  { "decommit $c", "decommitted 0x60000000…0x6000ffff, 64 KB" },
  { "release $c", "released 0x60000000…0x6000ffff, 64 KB" },

  { "alloc $w = 64K reserve|commit|write_watch readwrite", "reserved and committed" },
  { "write $w+4K 1", "wrote" },
  { "watch $w 64K reset", "1 page written: 0x" },
  { "watch $w 64K", "0 pages written" },
  { "write $w+8K 1", "wrote" },
  { "reset_watch $w 64K", "unwritten" },
  { "watch $w 64K", "0 pages written" },
  { "watch $w 128K", "STATUS_INVALID_PARAMETER" },

  { "lock $w 0", "STATUS_INVALID_PARAMETER_2" },
  { "copy $w $w 0", "copied 0 bytes" },
  { "probe $w 0", "the kernel may read 0 bytes" },

  { "awe 0", "STATUS_INVALID_PARAMETER_2" },
  { "awe_free 0", "STATUS_INVALID_PARAMETER_2" },
  { "awe 64K", "holds 16 pages" },
  { "alloc $v = 64K reserve|physical readwrite", "reserved" },
  { "awe_map $v 16K first=2", "mapped 4 pages" },
  { "awe_map $v 64K first=2", "holds only 16 pages" },
  { "write $v+12K 1", "wrote" },
  { "write $v+16K 1", "STATUS_ACCESS_VIOLATION" },
  { "awe_unmap $v 16K", "unmapped 4 pages" },
  { "awe_free 64K", "gave back 16 pages" },

  { "write $w 1", "wrote" },
  { "select $q", "; loading its CR3 dropped " },
  { "select $p", "demo.exe, process 1784, is the current one" },
  { "probe $w 64K write align=8", "the kernel may write 64 KB" },
  { "probe $w+1 8 align=8", "STATUS_DATATYPE_MISALIGNMENT" },
  { "probe 0x7fffffff0000 1", "STATUS_ACCESS_VIOLATION" },
  { "room 1G highest=0x7fffffff", "room at 0x200000…" },
  { "room 2G highest=0x7fffffff", "no room: The largest block" },
  { "room 64K near=0x100000000 align=2G", "room at 0x100000000" },
  { "why 0x7fff0000", "no-man's land" },
  { "alpha 0x1234abcd", "ldah r0, 0x1235(r31); lda r0, -0x5433(r0) → 0x1234abcd" },
  { "alpha 0x7fffffff", "three instructions" },
};

static void
test_lines (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new ();

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (AtlasCommandResult) result = atlas_session_run (session, lines[i].command, &error);

      g_assert_no_error (error);
      g_test_message ("%s: %s", lines[i].command, result->result);
      g_assert_nonnull (strstr (result->result, lines[i].words));
      g_assert_null (strchr (result->result, '\n'));
    }
}

static void
test_a_copy_foretells (void)
{
  static const char *const first[] = { "process a.exe bare", "placeholder $h = 0x50000000 64K" };
  static const struct
  {
    const char *command;
    gboolean is_possible;
  } cases[] = {
    { "placeholder $h 64K", FALSE },
    { "placeholder 0x60000000 64K", TRUE },
    { "replace $h 64K reserve readonly", TRUE },
    { "replace $h 32K reserve readonly", FALSE },
    { "alloc 64K reserve readonly lowest=0x50000000 highest=0x5000ffff", FALSE },
    { "alloc 64K reserve readonly lowest=0x50000000 highest=0x5001ffff", TRUE },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new ();

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    {
      g_autoptr (AtlasCommandResult) result = atlas_session_run (session, first[i], &error);

      g_assert_no_error (error);
      g_assert_cmphex (result->status, ==, ATLAS_STATUS_SUCCESS);
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AtlasSession) copy =
        atlas_session_copy (session, atlas_session_get_position (session), &error);
      g_autoptr (AtlasCommandResult) result = atlas_session_run (copy, cases[i].command, &error);

      g_assert_no_error (error);
      g_assert_cmpint (result->status == ATLAS_STATUS_SUCCESS, ==, cases[i].is_possible);
      g_assert_cmpint (strstr (result->result, "refused") == NULL, ==, cases[i].is_possible);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-verbs/lines", test_lines);
  g_test_add_func ("/memory-verbs/copy", test_a_copy_foretells);
  return g_test_run ();
}
