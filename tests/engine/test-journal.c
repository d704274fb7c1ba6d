/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "session-fixture.h"

static void
test_journal_keeps_changes_and_accesses (void)
{
  static const struct
  {
    const char *command;
    AtlasStatus status;
    gboolean is_kept;
  } cases[] = {
    { "alloc $a = 64K reserve|commit readwrite", ATLAS_STATUS_SUCCESS, TRUE },
    { "query $a", ATLAS_STATUS_SUCCESS, FALSE },
    { "msr 0x40000020", ATLAS_STATUS_SUCCESS, FALSE },
    { "msr 0x12345", ATLAS_STATUS_INVALID_PARAMETER, FALSE },
    { "reserve $b = $a 4K", ATLAS_STATUS_CONFLICTING_ADDRESSES, FALSE },
    { "alloc 64K reserve|commit readonly|readwrite", ATLAS_STATUS_INVALID_PAGE_PROTECTION, FALSE },
    { "read $a", ATLAS_STATUS_SUCCESS, TRUE },
    { "read 0x100", ATLAS_STATUS_ACCESS_VIOLATION, TRUE },
    { "free $a 4K release", ATLAS_STATUS_INVALID_PARAMETER, FALSE },
    { "tick 1s", ATLAS_STATUS_SUCCESS, TRUE },
    { "process $q other.exe bare", ATLAS_STATUS_SUCCESS, TRUE },
    { "select $p", ATLAS_STATUS_SUCCESS, TRUE },
    { "release $a", ATLAS_STATUS_SUCCESS, TRUE },
    { "release $a", ATLAS_STATUS_MEMORY_NOT_ALLOCATED, FALSE },
    { "terminate $q", ATLAS_STATUS_SUCCESS, TRUE },
  };
  g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint n_before = atlas_session_get_n_commands (session);
      g_autofree char *before = digest_session (session);
      g_autofree char *after = NULL;
      g_autoptr (AtlasCommandResult) result = run (session, cases[i].command);

      g_test_message ("%s: %s", cases[i].command, result->result);
      g_assert_cmphex (result->status, ==, cases[i].status);
      g_assert_cmpuint (
        atlas_session_get_n_commands (session), ==, n_before + (cases[i].is_kept ? 1 : 0));
      after = digest_session (session);
      if (!cases[i].is_kept)
        g_assert_cmpstr (before, ==, after);
    }
}

static void
test_names_follow_the_journal (void)
{
  g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS);
  AtlasVa va = 0;

  run_status (session, "reserve $a = 0x20000000 64K");
  run_status (session, "reserve $a = 0x30000000 64K");
  g_assert_true (atlas_session_parse_address (session, "$a", &va, NULL));
  g_assert_cmphex (va, ==, 0x30000000);
  atlas_session_undo (session);
  g_assert_true (atlas_session_parse_address (session, "$a", &va, NULL));
  g_assert_cmphex (va, ==, 0x20000000);
  atlas_session_undo (session);
  g_assert_false (atlas_session_parse_address (session, "$a", &va, NULL));
  atlas_session_redo (session);
  g_assert_true (atlas_session_parse_address (session, "$a", &va, NULL));
  g_assert_cmphex (va, ==, 0x20000000);

  /* A refused call binds nothing. */
  g_assert_cmphex (
    run_status (session, "reserve $b = $a 4K"), ==, ATLAS_STATUS_CONFLICTING_ADDRESSES);
  g_assert_false (atlas_session_parse_address (session, "$b", &va, NULL));
}

static void
test_undo_stops_at_its_floor (void)
{
  g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS);

  atlas_session_set_undo_floor (session, 2);
  g_assert_false (atlas_session_can_undo (session));
  g_assert_false (atlas_session_undo (session));
  run_status (session, "reserve 64K");
  g_assert_true (atlas_session_undo (session));
  g_assert_false (atlas_session_undo (session));
  g_assert_cmpuint (atlas_session_get_position (session), ==, 2);
  g_assert_true (atlas_session_can_redo (session));

  /* The time line is free to go farther back. */
  atlas_session_seek (session, 0);
  g_assert_null (atlas_session_get_process (session));
  atlas_session_seek (session, 3);
  g_assert_nonnull (atlas_session_get_process (session));
}

/* What belongs together is done, undone and done again as one, or not at all. */
static void
test_several_commands_are_one_step (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session =
    atlas_session_new_from_text ("process $p a.exe\n", "x", &error);
  g_autoptr (AtlasCommandResult) first = NULL;
  g_autoptr (AtlasCommandResult) refused = NULL;
  g_autoptr (AtlasCommandResult) wrong = NULL;

  g_assert_no_error (error);
  atlas_session_set_undo_floor (session, 1);
  first = atlas_session_run_all (session, "section $s = 64K\nmap $a = $s\nmap $b = $s", &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (first->command, "map $b"));
  g_assert_cmpuint (atlas_session_get_position (session), ==, 4);
  g_assert_cmpuint (atlas_session_get_undo_position (session), ==, 1);
  g_assert_true (atlas_session_undo (session));
  g_assert_cmpuint (atlas_session_get_position (session), ==, 1);
  g_assert_false (atlas_session_can_undo (session));
  g_assert_cmpuint (atlas_session_get_undo_position (session), ==, 1);
  g_assert_true (atlas_session_redo (session));
  g_assert_cmpuint (atlas_session_get_position (session), ==, 4);
  g_assert_false (atlas_session_can_redo (session));

  refused = atlas_session_run_all (session, "section $t = 64K\nmap $t 0x1000", &error);
  g_assert_no_error (error);
  g_assert_false (atlas_status_is_success (refused->status));
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 4);
  wrong = atlas_session_run_all (session, "section $t = 64K\nmap $nobody", &error);
  g_assert_null (wrong);
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 4);

  /* The next one is a step of its own. */
  g_clear_error (&error);
  atlas_command_result_unref (atlas_session_run (session, "unmap $b", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (atlas_session_get_undo_position (session), ==, 4);
}

static void
test_new_command_ends_what_was_undone (void)
{
  g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS);
  g_autofree char *text = NULL;

  run_status (session, "reserve 0x20000000 64K");
  run_status (session, "reserve 0x30000000 64K");
  atlas_session_undo (session);

  /* Looking around keeps the way forward. */
  run_status (session, "query 0x30000000");
  g_assert_true (atlas_session_can_redo (session));
  run_status (session, "reserve 0x40000000 64K");
  g_assert_false (atlas_session_can_redo (session));
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 4);

  text = atlas_session_to_text (session);
  g_assert_cmpstr (text, ==, SMALL_PROCESS "reserve 0x20000000 64K\nreserve 0x40000000 64K\n");
}

static void
test_file_is_saved_as_written (void)
{
  static const char file[] = "# head\r\n\n" SMALL_PROCESS "\n  reserve   $a=64K   # slot\n"
                             "query $a\n# tail, without a line end";
  g_autoptr (AtlasSession) session = new_session (file);
  g_autofree char *same = atlas_session_to_text (session);
  g_autofree char *more = NULL, *less = NULL;
  g_autofree char *expected = g_strconcat (file, "\ntick 1s\n", NULL);

  g_assert_cmpstr (same, ==, file);
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 4);
  g_assert_cmpuint (atlas_session_get_result (session, 3)->line, ==, 7);

  run_status (session, "tick   1000ms");
  more = atlas_session_to_text (session);
  g_assert_cmpstr (more, ==, expected);

  atlas_session_seek (session, 2);
  less = atlas_session_to_text (session);
  g_assert_cmpstr (less, ==, "# head\r\n\n" SMALL_PROCESS);
}

static char *
make_random_command (GRand *rand)
{
  static const char *const protections[] = { "noaccess",        "readonly",  "readwrite",
                                             "readwrite|guard", "writecopy", "execute_read" };
  char name = (char) g_rand_int_range (rand, 'a', 'f');
  const char *protection = protections[g_rand_int_range (rand, 0, G_N_ELEMENTS (protections))];
  guint size = (guint) g_rand_int_range (rand, 1, 0x20000);
  guint offset = (guint) g_rand_int_range (rand, 0, 0x18000);
  guint base = 0x20000000u + (guint) g_rand_int_range (rand, 0, 0x80000);

  switch (g_rand_int_range (rand, 0, 12))
    {
    case 0:
    case 1:
      return g_strdup_printf ("alloc $%c = %u reserve|commit readwrite", name, size);
    case 2:
      return g_strdup_printf (
        "alloc $%c = 0x%x %u reserve|commit %s", name, base, size, protection);
    case 3:
      return g_strdup_printf ("alloc $%c = %u reserve|top_down %s", name, size, protection);
    case 4:
      return g_strdup_printf ("commit $%c+0x%x %u %s", name, offset, size, protection);
    case 5:
      return g_strdup_printf ("protect $%c+0x%x %u %s", name, offset, size, protection);
    case 6:
      return g_strdup_printf ("release $%c", name);
    case 7:
      return g_strdup_printf ("decommit $%c+0x%x 4K", name, offset);
    case 8:
      return g_strdup_printf ("tick %ums", size);
    case 9:
      return g_strdup_printf ("read $%c+0x%x 16", name, offset);
    default:
      return g_strdup_printf ("write $%c+0x%x 8 value=0x%x", name, offset, size);
    }
}

/* The machine repeats exactly, so a session at any position is what a new one is after the same
 * commands, whatever way it came there. */
static void
test_every_position_is_what_a_fresh_run_gives (void)
{
  for (guint seed = 1; seed <= 4; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS);
      g_autoptr (GPtrArray) digests = g_ptr_array_new_with_free_func (g_free);
      guint n_commands;

      for (guint position = 0; position <= 2; position++)
        {
          atlas_session_seek (session, position);
          g_ptr_array_add (digests, digest_session (session));
        }

      for (guint i = 0; i < 60; i++)
        {
          g_autofree char *command = make_random_command (rand);
          g_autoptr (GError) error = NULL;
          g_autoptr (AtlasCommandResult) result = atlas_session_run (session, command, &error);
          g_autofree char *digest = digest_session (session);

          /* Names that are not bound yet are errors; nothing may come of those. */
          if (result == NULL)
            g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
          if (atlas_session_get_n_commands (session) + 1 > digests->len)
            g_ptr_array_add (digests, g_steal_pointer (&digest));
          else
            g_assert_cmpstr (digest, ==, g_ptr_array_index (digests, digests->len - 1));
        }

      n_commands = atlas_session_get_n_commands (session);
      g_assert_cmpuint (n_commands, >, 10);
      g_assert_cmpuint (digests->len, ==, n_commands + 1);

      for (guint i = 0; i < 24; i++)
        {
          guint position = (guint) g_rand_int_range (rand, 0, (gint) n_commands + 1);
          g_autofree char *digest = NULL;
          g_autofree char *text = NULL;
          g_autofree char *fresh_digest = NULL;
          g_autoptr (AtlasSession) fresh = NULL;

          atlas_session_seek (session, position);
          g_assert_cmpuint (atlas_session_get_position (session), ==, position);
          digest = digest_session (session);
          g_assert_cmpstr (digest, ==, g_ptr_array_index (digests, position));

          text = atlas_session_to_text (session);
          fresh = new_session (text);
          g_assert_cmpuint (atlas_session_get_n_commands (fresh), ==, position);
          fresh_digest = digest_session (fresh);
          g_assert_cmpstr (fresh_digest, ==, digest);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/changes-and-accesses", test_journal_keeps_changes_and_accesses);
  g_test_add_func ("/journal/names", test_names_follow_the_journal);
  g_test_add_func ("/journal/undo-floor", test_undo_stops_at_its_floor);
  g_test_add_func ("/journal/several", test_several_commands_are_one_step);
  g_test_add_func ("/journal/branch", test_new_command_ends_what_was_undone);
  g_test_add_func ("/journal/saved-as-written", test_file_is_saved_as_written);
  g_test_add_func ("/journal/seek", test_every_position_is_what_a_fresh_run_gives);
  return g_test_run ();
}
