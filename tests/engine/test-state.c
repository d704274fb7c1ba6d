/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* What Windows refuses leaves no trace in the machine, bit for bit; and what is undone, was never
 * done. */

#include "session/machine.h"
#include "session/session.h"
#include "windows/state-hash-private.h"

#include <string.h>

static AtlasSession *
run_lines (const char *const *lines)
{
  AtlasSession *session = atlas_session_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      AtlasCommandResult *result = atlas_session_run (session, lines[i], &error);

      g_assert_no_error (error);
      g_assert_cmphex (result->status, ==, ATLAS_STATUS_SUCCESS);
      atlas_command_result_unref (result);
    }
  return session;
}

static guint64
hash_session (AtlasSession *session)
{
  return atlas_system_hash_state (atlas_session_get_system (session));
}

/* Runs a command that must be refused; tells how. */
static AtlasStatus
assert_refused_without_trace (AtlasSession *session, const char *command)
{
  g_autoptr (GError) error = NULL;
  guint64 before = hash_session (session);
  AtlasCommandResult *result = atlas_session_run (session, command, &error);
  AtlasStatus status;

  g_assert_no_error (error);
  status = result->status;
  if (atlas_status_is_success (status))
    g_error ("%s: %s", command, result->result);
  if (hash_session (session) != before)
    g_error ("%s left something behind: %s", command, result->result);
  atlas_command_result_unref (result);
  return status;
}

#define MACHINE                                                                                    \
  "system memory=64M seed=3", "process $p a.exe bare",                                             \
    "alloc $a = 0x20000000 64K reserve|commit "                                                    \
    "readwrite",                                                                                   \
    "alloc $b = 0x20010000 1M reserve readwrite",                                                  \
    "alloc $c = 0x30000000 32K reserve|commit "                                                    \
    "readonly",                                                                                    \
    "commit $b+64K 64K", "write $a 8 value=7", "write $b+64K 8 value=9", "read $c 1"

static void
test_refusals_leave_no_trace (void)
{
  static const char *const lines[] = { MACHINE, NULL };
  static const char *const refused[] = {
    /* Addresses that are taken, or nobody's. */
    "alloc 0x20000000 4K reserve readwrite",
    "alloc 0x1fff0000 128K reserve|commit readwrite",
    "alloc 0x7ffe0000 4K reserve readwrite",
    "alloc 0x7fff0000 4K reserve readwrite",
    "alloc 0x7fffffff0000 4K reserve readwrite",
    "alloc 0x1000 4K reserve readwrite",
    "alloc 0xffff800000000000 4K reserve readwrite",
    "alloc 0x40000000 256T reserve readwrite",
    "reserve 200T",
    "commit 0x60000000 4K",
    "commit $a+60K 72K",
    "decommit 0x60000000 4K",
    "decommit $a+60K 8K",
    "release $a+4K",
    "release 0x60000000",
    "free $a 4K release",
    "free $c+4K decommit",
    /* Protections that do not exist, here or at all. */
    "protect $b 4K readonly",
    "protect $b+60K 8K readonly",
    "protect 0x60000000 4K readonly",
    "protect $a+60K 8K readonly",
    "protect $a 4K readonly|readwrite",
    "protect $a 4K noaccess|guard",
    "protect $a 4K nocache|writecombine",
    "alloc 0x50000000 4K reserve|commit writecopy",
    "alloc 0x50000000 4K reserve|commit guard",
    "commit $b 4K execute_writecopy",
    "protect 0x7ffe0000 4K readwrite",
    "release 0x7ffe0000",
    "decommit 0x7ffe0000 4K",
    /* Flags that do not go together. */
    "alloc 0x50000000 4K top_down readwrite",
    "alloc 0x50000000 4K reset|commit readwrite",
    "alloc 0x50000000 4K physical readwrite",
    "alloc 0x50000000 4K reserve|physical readonly",
    "alloc 0x50000000 2M reserve|large_pages readwrite",
    "alloc 0x50000000 4K commit|write_watch readwrite",
    "alloc 0x60000000 4K reset readwrite",
  };
  g_autoptr (AtlasSession) session = run_lines (lines);

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    assert_refused_without_trace (session, refused[i]);
}

static void
test_refused_sections_and_views_leave_no_trace (void)
{
  static const char *const lines[] = { MACHINE,
                                       "section $s = 64K readwrite",
                                       "section $r = 1M readwrite reserve",
                                       "section $o = 64K readonly",
                                       "file $f = lib.dll made=x64",
                                       "section $i = $f readonly image",
                                       "map $v = $s 0x50000000",
                                       "map $w = $r 0x51000000",
                                       "map $x = $i",
                                       "write $v 8 value=1",
                                       NULL };
  static const char *const refused[] = {
    "map $s 0x20000000",
    "map $s 0x50008000",
    "map $s 0x7fff0000",
    "map $s 0x52000000 offset=4K",
    "map $s 0x52000000 size=1M",
    "map $o 0x52000000 readwrite",
    "map $o 0x52000000 execute_read",
    "map $s 0x52000000 execute_readwrite",
    "section $t = 64K readwrite image",
    "section $t = 512M readwrite",
    "unmap 0x60000000",
    "unmap $a",
    "release $v",
    "decommit $v 4K",
    "decommit $w 4K",
    "commit $w+1020K 8K",
    "protect $w 4K readonly",
    "protect $v 4K execute_readwrite",
    "protect $v+60K 8K readonly",
    "release $x",
    "extend $s 1M",
  };
  g_autoptr (AtlasSession) session = run_lines (lines);

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    assert_refused_without_trace (session, refused[i]);
}

/* 63 MB of commitment: the rest of it, and one page more, in every way there is. */
static void
test_out_of_commitment_leaves_no_trace (void)
{
  static const char *const lines[] = { MACHINE,
                                       "alloc $d = 0x100000000 1G reserve readwrite",
                                       NULL };
  static const char *const refused[] = {
    "commit $d 64M",
    "commit $d+1M 512M",
    "alloc 0x200000000 64M reserve|commit readwrite",
    "alloc 1G reserve|commit readwrite",
    "alloc 0x200000000 100T commit|reserve noaccess",
  };
  g_autoptr (AtlasSession) session = run_lines (lines);
  guint n_short = 0;

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    n_short += assert_refused_without_trace (session, refused[i]) == ATLAS_STATUS_COMMITMENT_LIMIT;
  g_assert_cmpuint (n_short, ==, G_N_ELEMENTS (refused));

  /* To the last page, then one by one. */
  for (guint64 size_bytes = ATLAS_MB (32); size_bytes >= ATLAS_PAGE_BYTES; size_bytes /= 2)
    {
      for (guint tries = 0; tries < 2; tries++)
        {
          g_autofree char *command =
            g_strdup_printf ("alloc %" G_GUINT64_FORMAT " reserve|commit readwrite", size_bytes);
          guint64 before = hash_session (session);
          AtlasCommandResult *result = atlas_session_run (session, command, NULL);

          if (!atlas_status_is_success (result->status))
            g_assert_cmphex (hash_session (session), ==, before);
          atlas_command_result_unref (result);
        }
    }
  g_assert_cmphex (assert_refused_without_trace (session, "alloc 4K reserve|commit readwrite"),
                   ==,
                   ATLAS_STATUS_COMMITMENT_LIMIT);
  g_assert_cmphex (
    assert_refused_without_trace (session, "commit $d 4K"), ==, ATLAS_STATUS_COMMITMENT_LIMIT);
  assert_refused_without_trace (session, "process $q b.exe bare");
  assert_refused_without_trace (session, "process $q b.exe");
}

/* Any command that does something only when it succeeds. */
static gboolean
is_all_or_nothing (const char *text)
{
  guint column;
  g_autoptr (AtlasCommand) command = atlas_command_parse (text, &column, NULL);

  return atlas_verb_get_effect (command->verb) == ATLAS_EFFECT_CHANGE;
}

/* Promises are kept by a paging file, but process after process is promised frames for good and
 * locks them, until there are none for another one. */
static void
test_out_of_frames_leaves_no_trace (void)
{
  static const char *const lines[] = { "system memory=64M seed=3", "pagefile 1G", NULL };
  static const char *const round[] = {
    "process b.exe bare",
    "workingset 6M 8M",
    "alloc $a = 0x20000000 8M reserve|commit readwrite",
    "lock $a 5M",
    "process c.exe bare",
    "workingset 1M 2M",
    "alloc $b = 0x20000000 1M reserve|commit readwrite",
    "lock $b 600K",
  };
  g_autoptr (AtlasSession) session = run_lines (lines);
  guint n_refused = 0;

  for (guint i = 0; i < 16; i++)
    {
      for (guint step = 0; step < G_N_ELEMENTS (round); step++)
        {
          guint64 before = hash_session (session);
          AtlasCommandResult *result = atlas_session_run (session, round[step], NULL);

          g_assert_nonnull (result);
          if (!atlas_status_is_success (result->status))
            {
              n_refused++;
              if (is_all_or_nothing (round[step]))
                g_assert_cmphex (hash_session (session), ==, before);
            }
          atlas_command_result_unref (result);
        }
    }
  g_assert_cmpuint (n_refused, >, 4);
  g_assert_cmphex (assert_refused_without_trace (session, "process d.exe"),
                   ==,
                   ATLAS_STATUS_INSUFFICIENT_RESOURCES);
}

static char *
draw_command (GRand *rand)
{
  static const char *const templates[] = {
    "alloc 0x%1$" G_GINT64_MODIFIER "x %2$u reserve|commit readwrite",
    "alloc 0x%1$" G_GINT64_MODIFIER "x %2$u reserve readwrite",
    "commit 0x%1$" G_GINT64_MODIFIER "x %2$u",
    "decommit 0x%1$" G_GINT64_MODIFIER "x %2$u",
    "release 0x%1$" G_GINT64_MODIFIER "x",
    "free 0x%1$" G_GINT64_MODIFIER "x %2$u decommit",
    "protect 0x%1$" G_GINT64_MODIFIER "x %2$u readonly",
    "protect 0x%1$" G_GINT64_MODIFIER "x %2$u readwrite|guard",
    "reset 0x%1$" G_GINT64_MODIFIER "x %2$u",
    "offer 0x%1$" G_GINT64_MODIFIER "x %2$u normal",
    "discard 0x%1$" G_GINT64_MODIFIER "x %2$u",
    "write 0x%1$" G_GINT64_MODIFIER "x 4 value=%2$u",
    "read 0x%1$" G_GINT64_MODIFIER "x 4",
    "lock 0x%1$" G_GINT64_MODIFIER "x 4096",
    "trim",
    "tick 1s",
    "placeholder 0x%1$" G_GINT64_MODIFIER "x %2$u",
    "split 0x%1$" G_GINT64_MODIFIER "x %2$u",
    "coalesce 0x%1$" G_GINT64_MODIFIER "x %2$u",
    "replace 0x%1$" G_GINT64_MODIFIER "x %2$u reserve|commit readwrite",
    "map $s 0x%1$" G_GINT64_MODIFIER "x size=%2$u",
    "map $s 0x%1$" G_GINT64_MODIFIER "x writecopy size=%2$u",
    "map $s 0x%1$" G_GINT64_MODIFIER "x size=%2$u replace_placeholder",
    "unmap 0x%1$" G_GINT64_MODIFIER "x",
    "unmap 0x%1$" G_GINT64_MODIFIER "x preserve_placeholder",
    "protect 0x%1$" G_GINT64_MODIFIER "x %2$u writecopy",
    "memlist flush",
    "memlist purge",
  };
  AtlasVa va = 0x20000000 + (guint64) g_rand_int_range (rand, 0, 96) *
                              (g_rand_boolean (rand) ? 0x1000 : 0x10000);
  guint size_bytes = (guint) g_rand_int_range (rand, 1, 24) * 0x800;
  guint template = (guint) g_rand_int_range (rand, 0, G_N_ELEMENTS (templates));

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (templates[template], va, size_bytes);
#pragma GCC diagnostic pop
}

static void
test_random_refusals_leave_no_trace (void)
{
  static const char *const lines[] = {
    MACHINE, "pagefile 16M", "section $s = 96K readwrite", NULL
  };
  g_autoptr (AtlasSession) session = run_lines (lines);
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);
  guint n_refused = 0;

  for (guint i = 0; i < 1500; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *command = draw_command (rand);
      guint64 before = hash_session (session);
      AtlasCommandResult *result = atlas_session_run (session, command, &error);

      g_assert_no_error (error);
      if (!atlas_status_is_success (result->status) && is_all_or_nothing (command))
        {
          n_refused++;
          if (hash_session (session) != before)
            g_error ("%s left something behind: %s", command, result->result);
        }
      atlas_command_result_unref (result);
    }
  g_assert_cmpuint (n_refused, >, 200);
}

static void
test_undo_restores_every_bit (void)
{
  static const char *const lines[] = {
    MACHINE, "pagefile 16M", "section $s = 96K readwrite", NULL
  };
  g_autoptr (AtlasSession) session = run_lines (lines);
  g_autoptr (GRand) rand = g_rand_new_with_seed (23);
  g_autoptr (GArray) hashes = g_array_new (FALSE, FALSE, sizeof (guint64));
  const guint n_first = atlas_session_get_position (session);

  while (hashes->len < 400)
    {
      g_autofree char *command = draw_command (rand);
      guint64 hash;

      atlas_command_result_unref (atlas_session_run (session, command, NULL));
      hash = hash_session (session);
      if (atlas_session_get_position (session) == n_first + hashes->len + 1)
        g_array_append_val (hashes, hash);
    }
  for (guint i = 0; i < 60; i++)
    {
      guint index = (guint) g_rand_int_range (rand, 0, (gint32) hashes->len);

      atlas_session_seek (session, n_first + 1 + index);
      g_assert_cmphex (hash_session (session), ==, g_array_index (hashes, guint64, index));
    }
  atlas_session_seek (session, n_first + hashes->len);
  for (guint i = hashes->len - 1; i > hashes->len - 20; i--)
    {
      g_assert_true (atlas_session_undo (session));
      g_assert_cmphex (hash_session (session), ==, g_array_index (hashes, guint64, i - 1));
    }
  g_assert_true (atlas_session_redo (session));
}

/* The number notices what it is there for. */
static void
test_each_change_changes_the_number (void)
{
  static const char *const lines[] = { MACHINE, "pagefile 16M", NULL };
  static const char *const changes[] = {
    "alloc $x = 0x40000000 4K reserve readwrite",
    "commit $x 4K",
    "write $x 1 value=1",
    "write $x 1 value=2",
    "protect $x 4K readonly",
    "lock $x 4K",
    "unlock $x 4K",
    "offer $a 4K low",
    "trim",
    "decommit $x 4K",
    "release $x",
    "tick 1ms",
    "process $q b.exe bare",
  };
  g_autoptr (AtlasSession) session = run_lines (lines);

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 before = hash_session (session);
      AtlasCommandResult *result = atlas_session_run (session, changes[i], &error);

      g_assert_no_error (error);
      if (!atlas_status_is_success (result->status))
        g_error ("%s: %s", changes[i], result->result);
      if (hash_session (session) == before)
        g_error ("%s goes unnoticed", changes[i]);
      atlas_command_result_unref (result);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/state/each-change-changes-the-number", test_each_change_changes_the_number);
  g_test_add_func ("/state/refusals-leave-no-trace", test_refusals_leave_no_trace);
  g_test_add_func ("/state/refused-sections-and-views-leave-no-trace",
                   test_refused_sections_and_views_leave_no_trace);
  g_test_add_func ("/state/out-of-commitment-leaves-no-trace",
                   test_out_of_commitment_leaves_no_trace);
  g_test_add_func ("/state/out-of-frames-leaves-no-trace", test_out_of_frames_leaves_no_trace);
  g_test_add_func ("/state/random-refusals-leave-no-trace", test_random_refusals_leave_no_trace);
  g_test_add_func ("/state/undo-restores-every-bit", test_undo_restores_every_bit);
  return g_test_run ();
}
