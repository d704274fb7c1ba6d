/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "session-fixture.h"

#include <string.h>

static void
test_empty_session (void)
{
  g_autoptr (AtlasSession) session = atlas_session_new ();
  g_autofree char *text = atlas_session_to_text (session);
  AtlasVa va = 0;

  g_assert_cmpstr (text, ==, "");
  g_assert_null (atlas_session_get_process (session));
  g_assert_null (atlas_session_get_space (session));
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 0);
  g_assert_false (atlas_session_can_undo (session));
  g_assert_false (atlas_session_undo (session));
  g_assert_false (atlas_session_redo (session));
  g_assert_true (atlas_session_parse_address (session, "0x1000+0x10", &va, NULL));
  g_assert_cmphex (va, ==, 0x1010);
  g_assert_false (atlas_session_parse_address (session, "ntdll", &va, NULL));
}

static void
test_words_of_results (void)
{
  static const struct
  {
    const char *command;
    const char *canonical;
    const char *result;
  } cases[] = {
    { "reserve 0x20000123 1",
      "reserve 0x20000123 1",
      "reserved 0x20000000…0x20000fff, 4 KB (asked 0x20000123 + 1 byte)" },
    { "reserve $a = 0x30000000 64K",
      "reserve $a = 0x30000000 64K",
      "reserved 0x30000000…0x3000ffff, 64 KB" },
    { "commit $a 4097",
      "commit $a 0x1001",
      "committed 0x30000000…0x30001fff, 8 KB (asked 0x30000000 + 4,097 bytes)" },
    { "write $a+2 value=0x1234",
      "write $a+2 2 value=0x1234",
      "wrote 2 bytes at 0x30000002: 34 12" },
    { "read $a 8", "read $a 8", "read 8 bytes at 0x30000000: 00 00 34 12 00 00 00 00" },
    { "read $a 1K",
      "read $a 1K",
      "read 1 KB at 0x30000000: 00 00 34 12 00 00 00 00 00 00 00 00 00 00 00 00 …" },
    { "protect $a 1 readonly",
      "protect $a 1 readonly",
      "protected 0x30000000…0x30000fff, 4 KB (asked 0x30000000 + 1 byte): PAGE_READONLY, was "
      "PAGE_READWRITE" },
    { "query $a",
      "query $a",
      "0x30000000…0x30000fff, 4 KB: commit, private, PAGE_READONLY; allocated at 0x30000000 with "
      "PAGE_READWRITE" },
    { "decommit $a 4K", "decommit $a 4K", "decommitted 0x30000000…0x30000fff, 4 KB" },
    { "query $a",
      "query $a",
      "0x30000000…0x30000fff, 4 KB: reserve, private; allocated at 0x30000000 with "
      "PAGE_READWRITE" },
    { "release $a", "release $a", "released 0x30000000…0x3000ffff, 64 KB" },
    { "alloc 0x40000000 8K reserve|commit execute_readwrite",
      "alloc 0x40000000 8K reserve|commit execute_readwrite",
      "reserved and committed 0x40000000…0x40001fff, 8 KB" },
    { "free 0x40000000 release",
      "free 0x40000000 release",
      "released 0x40000000…0x40001fff, 8 KB" },
  };
  g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AtlasCommandResult) result = run (session, cases[i].command);

      g_assert_cmpstr (result->result, ==, cases[i].result);
      g_assert_cmpstr (result->command, ==, cases[i].canonical);
      g_assert_cmphex (result->status, ==, ATLAS_STATUS_SUCCESS);
    }
}

static void
test_values_of_results (void)
{
  static const struct
  {
    const char *command;
    guint64 value;
  } cases[] = {
    { "alloc $a = 0x30000123 64K reserve|commit readwrite", 0x30000000 },
    { "query $a+0x1234", 0x30001000 },
    { "read $a", 0 },
  };
  g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS);
  g_autoptr (AtlasCommandResult) written = NULL, read_back = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AtlasCommandResult) result = run (session, cases[i].command);

      g_assert_true (result->has_value);
      g_assert_cmphex (result->value, ==, cases[i].value);
    }

  written = run (session, "write $a+0xffc 8 value=0x1122334455667788");
  g_assert_nonnull (written->trace);
  g_assert_cmpuint (atlas_trace_get_n_events (written->trace), >, 0);
  read_back = run (session, "read $a+0xffc 8");
  g_assert_cmphex (read_back->value, ==, G_GUINT64_CONSTANT (0x1122334455667788));
}

static void
test_senseless_commands_change_nothing (void)
{
  static const struct
  {
    const char *command;
    const char *message;
  } cases[] = {
    { "", "column 1: found the end of the command, expected a command: " },
    { "# nothing", "column 1: found the end of the command, expected a command: " },
    { "alloc 64K", "column 10: found the end of the command, expected allocation flags" },
    { "write $nobody", "column 7: found '$nobody', expected a name that an earlier command bound" },
    { "write $p", "column 7: found '$p', expected a name that an earlier command bound" },
    { "write 0x10+$a+$nobody", "column 15: found '$nobody', expected" },
    { "query nosuch.dll+4", "column 7: found 'nosuch.dll', expected the name of a loaded module" },
    { "select $a", "column 8: found '$a', expected the name or the number of a running process" },
    { "terminate $x",
      "column 11: found '$x', expected the name or the number of a running process" },
    { "system", "column 1: found 'system', expected it before every other command" },
    { "tick 1s\ntick 1s", "column 6: found '1s\\u000atick', expected a duration" },
    { "read \xff", "column 6: found '" },
  };
  g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS "reserve $a = 64K\n");
  g_autofree char *before = digest_session (session);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *after = NULL;

      g_assert_null (atlas_session_run (session, cases[i].command, &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
      if (!g_str_has_prefix (error->message, cases[i].message))
        g_assert_cmpstr (error->message, ==, cases[i].message);
      after = digest_session (session);
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 3);
    }
}

static void
test_scenario_that_cannot_run_says_where (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "# one\nalloc 64K reserve readwrite\n",
      "f:2:1: found 'alloc', expected a running process first" },
    { SMALL_PROCESS "\nwrite $a\n", "f:4:7: found '$a', expected a name" },
    { SMALL_PROCESS "terminate\nread 0x1000\n", "f:4:1: found 'read', expected a running process" },
    { "process a.exe bare\nsystem\n", "f:2:1: found 'system', expected it before" },
    { SMALL_PROCESS "read $p\n", "f:3:6: found '$p', expected" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (atlas_session_new_from_text (cases[i].text, "f", &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
      if (!g_str_has_prefix (error->message, cases[i].message))
        g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_nothing_runs_before_all_is_read (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (
    atlas_session_new_from_text ("write $unknown\nprocess a.exe bare\nbroken\n", "f", &error));
  g_assert_true (g_str_has_prefix (error->message, "f:3:1: found 'broken'"));
}

static void
test_names_are_listed_with_their_kinds (void)
{
  static const struct
  {
    const char *name;
    AtlasNameKind kind;
    const char *of;
  } rows[] = {
    { "$a", ATLAS_NAME_ADDRESS, NULL },
    { "$f", ATLAS_NAME_FILE, "data.bin" },
    { "$p", ATLAS_NAME_PROCESS, "a.exe" },
    { "$s", ATLAS_NAME_SECTION, "data.bin" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text ("process $p a.exe bare\n"
                                                                  "file $f = data.bin size=64K\n"
                                                                  "section $s = $f\n"
                                                                  "map $a = $s\n",
                                                                  "x",
                                                                  &error);
  g_autoptr (GArray) names = NULL;

  g_assert_no_error (error);
  names = atlas_session_list_names (session);
  g_assert_cmpuint (names->len, ==, G_N_ELEMENTS (rows));
  for (guint i = 0; i < names->len; i++)
    {
      const AtlasName *name = &g_array_index (names, AtlasName, i);

      g_assert_cmpstr (name->name, ==, rows[i].name);
      g_assert_cmpint (name->kind, ==, rows[i].kind);
      g_assert_cmpstr (name->of, ==, rows[i].of);
      g_assert_true ((name->process != NULL) == (name->kind == ATLAS_NAME_PROCESS));
    }
}

static void
test_a_process_without_a_name_has_a_number (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session =
    atlas_session_new_from_text ("process a.exe bare\nprocess b.exe bare\n", "x", &error);
  g_autoptr (AtlasCommandResult) selected = NULL;
  guint64 id = atlas_session_get_result (session, 0)->value;
  g_autofree char *select = g_strdup_printf ("select %" G_GUINT64_FORMAT, id);

  selected = atlas_session_run (session, select, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (selected->command, ==, select);
  g_assert_cmpuint (atlas_process_get_id (atlas_session_get_process (session)), ==, id);
  g_assert_null (atlas_session_run (session, "select 4000000", &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
}

/* A page that was written is aged, and with a paging file written out once it was trimmed. */
static void
test_a_tick_tells_what_it_did (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session =
    atlas_session_new_from_text ("process a.exe bare\n"
                                 "pagefile 64M\n"
                                 "tick 1s\n"
                                 "alloc $a = 12K commit readwrite\n"
                                 "write $a 8192\n"
                                 "trim\n"
                                 "tick 999ms\n"
                                 "tick 1ms\n",
                                 "x",
                                 &error);
  const AtlasCommandResult *result;

  g_assert_no_error (error);
  result = atlas_session_get_result (session, 7);
  g_assert_nonnull (strstr (result->result, "it is 2s after the start; "));
  g_assert_nonnull (strstr (result->result, "2 pages written"));
  g_assert_null (strstr (atlas_session_get_result (session, 6)->result, "written"));
}

static void
test_preview_foretells_the_result (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS "reserve $a = 0x20000000 1M\n");
  AtlasAllocationPreview preview;

  for (guint i = 0; i < 200; i++)
    {
      gboolean is_commit = !g_rand_boolean (rand);
      AtlasVa va = 0x1ff00000u + (guint) g_rand_int_range (rand, 0, 0x400000);
      guint size_bytes = (guint) g_rand_int_range (rand, 0, 0x40000);
      g_autofree char *command = g_strdup_printf (
        "%s 0x%" G_GINT64_MODIFIER "x %u", is_commit ? "commit" : "reserve", va, size_bytes);
      g_autofree char *before = digest_session (session);
      g_autofree char *after = NULL;
      g_autoptr (AtlasCommandResult) result = NULL;

      atlas_virtual_alloc_preview (atlas_session_get_process (session),
                                   va,
                                   size_bytes,
                                   is_commit ? ATLAS_MEM_COMMIT : ATLAS_MEM_RESERVE,
                                   ATLAS_PAGE_READWRITE,
                                   &preview);
      after = digest_session (session);
      g_assert_cmpstr (before, ==, after);

      result = run (session, command);
      g_assert_cmphex (preview.status, ==, result->status);
      if (result->status == ATLAS_STATUS_SUCCESS)
        {
          g_assert_cmphex (preview.base_va, ==, result->value);
          g_assert_null (preview.reason);
        }
    }
}

static void
test_completion_knows_the_names (void)
{
  g_autoptr (AtlasSession) session = new_session (SMALL_PROCESS "reserve $buffer = 64K\n");
  g_auto (GStrv) words = atlas_session_complete (session, "write $");

  g_assert_cmpuint (g_strv_length (words), ==, 2);
  g_assert_cmpstr (words[0], ==, "$buffer");
  g_assert_cmpstr (words[1], ==, "$p");
}

static void
test_processes_side_by_side (void)
{
  g_autoptr (AtlasSession) session =
    new_session (SMALL_PROCESS "reserve $a = 0x20000000 64K\nprocess $q other.exe bare\n");
  AtlasProcess *other = atlas_session_get_process (session);

  g_assert_cmpstr (atlas_process_get_name (other), ==, "other.exe");
  g_assert_cmphex (run_status (session, "reserve 0x20000000 64K"), ==, ATLAS_STATUS_SUCCESS);
  run_status (session, "select $p");
  g_assert_cmpstr (atlas_process_get_name (atlas_session_get_process (session)), ==, "demo.exe");
  g_assert_cmphex (
    run_status (session, "reserve 0x20000000 64K"), ==, ATLAS_STATUS_CONFLICTING_ADDRESSES);
  run_status (session, "terminate");
  g_assert_cmpstr (atlas_process_get_name (atlas_session_get_process (session)), ==, "other.exe");
  run_status (session, "terminate $q");
  g_assert_null (atlas_session_get_process (session));
  atlas_session_undo (session);
  g_assert_cmpstr (atlas_process_get_name (atlas_session_get_process (session)), ==, "other.exe");
}

static void
test_whole_process_repeats (void)
{
  static const char *const modules[] = { "ntdll", "NTDLL.dll", "demo.exe", "demo" };
  g_autoptr (AtlasSession) session = new_session (SMALL_MACHINE "process demo.exe\n"
                                                                "execute ntdll+0x1000\n"
                                                                "process other.exe\n"
                                                                "execute ntdll+0x1000\n");
  g_autofree char *before = digest_session (session);
  g_autofree char *after = NULL;

  for (guint i = 0; i < atlas_session_get_n_commands (session); i++)
    g_assert_cmphex (atlas_session_get_result (session, i)->status, ==, ATLAS_STATUS_SUCCESS);
  atlas_session_seek (session, 2);
  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      AtlasVa va = 0, beyond = 0;
      g_autofree char *sum = g_strconcat (modules[i], "+0x1000", NULL);

      g_assert_true (atlas_session_parse_address (session, modules[i], &va, NULL));
      g_assert_true (atlas_session_parse_address (session, sum, &beyond, NULL));
      g_assert_cmphex (va & 0xffff, ==, 0);
      g_assert_cmphex (beyond, ==, va + 0x1000);
    }
  atlas_session_seek (session, 5);
  after = digest_session (session);
  g_assert_cmpstr (before, ==, after);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/empty", test_empty_session);
  g_test_add_func ("/session/words", test_words_of_results);
  g_test_add_func ("/session/values", test_values_of_results);
  g_test_add_func ("/session/senseless", test_senseless_commands_change_nothing);
  g_test_add_func ("/session/scenario-where", test_scenario_that_cannot_run_says_where);
  g_test_add_func ("/session/read-before-run", test_nothing_runs_before_all_is_read);
  g_test_add_func ("/session/names-and-kinds", test_names_are_listed_with_their_kinds);
  g_test_add_func ("/session/numbers", test_a_process_without_a_name_has_a_number);
  g_test_add_func ("/session/tick", test_a_tick_tells_what_it_did);
  g_test_add_func ("/session/preview", test_preview_foretells_the_result);
  g_test_add_func ("/session/completion", test_completion_knows_the_names);
  g_test_add_func ("/session/processes", test_processes_side_by_side);
  g_test_add_func ("/session/whole-process", test_whole_process_repeats);
  return g_test_run ();
}
