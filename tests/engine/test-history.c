/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Each moment of a history is what the session itself shows when it is sent there. */

#include "session/history-measures.h"

#include <string.h>

#include "windows/state-hash-private.h"

static const char scenario[] = "system memory=128M\nprocess $p demo.exe bare\n"
                               "reserve $a = 0x20000000 64K\ncommit $a 4K readwrite\n"
                               "write $a 8\nfree $a release\nreserve 0x30000000 64K\n";

static AtlasSession *
make_session (const char *text)
{
  g_autoptr (GError) error = NULL;
  AtlasSession *session = atlas_session_new_from_text (text, "test", &error);

  g_assert_no_error (error);
  return session;
}

static void
assert_same_regions (const AtlasRegionSet *a, const AtlasRegionSet *b)
{
  g_assert_cmpuint (atlas_region_set_get_n_regions (a), ==, atlas_region_set_get_n_regions (b));
  for (guint i = 0; i < atlas_region_set_get_n_regions (a); i++)
    {
      const AtlasRegion *first = atlas_region_set_get_region (a, i);
      const AtlasRegion *second = atlas_region_set_get_region (b, i);

      g_assert_cmphex (first->base_va, ==, second->base_va);
      g_assert_cmphex (first->size_bytes, ==, second->size_bytes);
      g_assert_cmpint (first->state, ==, second->state);
      g_assert_cmphex (first->protect, ==, second->protect);
      g_assert_cmpstr (first->name, ==, second->name);
    }
}

static void
test_each_moment_is_what_the_session_shows_there (void)
{
  g_autoptr (AtlasSession) session = make_session (scenario);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasHistory) history = NULL;

  /* What is undone belongs to the journal too. */
  atlas_session_seek (session, 4);
  history = atlas_history_new (session, 100, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (atlas_session_get_position (session), ==, 4);
  g_assert_cmpuint (atlas_history_get_n_moments (history), ==, 8);
  for (guint i = 0; i < 8; i++)
    {
      AtlasSpace *space;

      atlas_session_seek (session, i);
      space = atlas_session_get_space (session);
      g_assert_cmpuint (atlas_history_get_position (history, i), ==, i);
      g_assert_cmpuint (atlas_history_find (history, i), ==, i);
      if (space == NULL)
        g_assert_null (atlas_history_get_regions (history, i));
      else
        assert_same_regions (atlas_history_get_regions (history, i),
                             atlas_space_get_regions (space));
    }
}

/* Added up by hand: 64 KB reserved, one page of it committed; gone; another 64 KB reserved. */
static void
test_each_moment_is_added_up (void)
{
  static const struct
  {
    guint64 committed_bytes; /* beyond what the process has by itself */
    guint64 reserved_bytes;
  } moments[] = {
    { 0, 0 }, { 0, 65536 }, { 4096, 61440 }, { 4096, 61440 }, { 0, 0 }, { 0, 65536 }
  };
  g_autoptr (AtlasSession) session = make_session (scenario);
  g_autoptr (AtlasHistory) history = atlas_history_new (session, 100, NULL);
  const AtlasTypeTotals *bare = atlas_history_get_totals (history, 2);

  g_assert_null (atlas_history_get_totals (history, 0));
  g_assert_null (atlas_history_get_totals (history, 1));
  for (guint i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      const AtlasTypeTotals *totals = atlas_history_get_totals (history, 2 + i);

      g_assert_cmpuint (
        totals->all.committed_bytes, ==, bare->all.committed_bytes + moments[i].committed_bytes);
      g_assert_cmpuint (
        totals->all.reserved_bytes, ==, bare->all.reserved_bytes + moments[i].reserved_bytes);
      g_assert_true (totals == atlas_history_get_totals (history, 2 + i));
    }
  /* What begins at 512 MB cuts the low gap, and not the one that is the largest. */
  g_assert_cmpuint (
    atlas_history_get_totals (history, 3)->largest_free_bytes, ==, bare->largest_free_bytes);
  g_assert_cmpfloat (atlas_history_get_totals (history, 3)->fragmentation, <, bare->fragmentation);
}

static void
test_measures_are_told_where_they_are_drawn (void)
{
  g_autoptr (AtlasSession) session = make_session (scenario);
  g_autoptr (AtlasHistory) history = atlas_history_new (session, 100, NULL);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autofree char *before = atlas_history_measures_tell (history, 800, 0.0);
  g_autofree char *committed = atlas_history_measures_tell (history, 800, 180.0);
  g_autofree char *broken = atlas_history_measures_tell (history, 800, 799.0);
  g_autofree char *all = atlas_history_measures_describe (history, 4);

  atlas_history_measures_draw (list, history, 7, 800, 60);
  g_assert_cmpuint (atlas_display_list_get_n_marks (list), >, 20);
  g_assert_null (before);
  g_assert_true (g_str_has_prefix (committed, "7 commands · committed "));
  g_assert_true (g_str_has_prefix (broken, "7 commands · fragmentation "));
  g_assert_nonnull (strstr (all, " · largest free 1"));
  g_assert_cmpuint (atlas_history_measures_pick (history, 800, 799.0), ==, 7);
  g_assert_cmpuint (atlas_history_measures_pick (history, 800, 0.0), ==, 0);
}

static void
test_a_long_journal_is_spread_evenly (void)
{
  g_autoptr (GString) text = g_string_new (scenario);
  g_autoptr (AtlasSession) session = NULL;
  g_autoptr (AtlasHistory) history = NULL;
  guint n_commands;

  for (guint i = 0; i < 200; i++)
    g_string_append (text, "reserve 64K\n");
  session = make_session (text->str);
  n_commands = atlas_session_get_n_commands (session);
  history = atlas_history_new (session, 10, NULL);
  g_assert_cmpuint (atlas_history_get_n_moments (history), ==, 10);
  g_assert_cmpuint (atlas_history_get_position (history, 0), ==, 0);
  g_assert_cmpuint (atlas_history_get_position (history, 9), ==, n_commands);
  for (guint i = 0; i < 10; i++)
    {
      guint position = atlas_history_get_position (history, i);

      g_assert_cmpuint (atlas_history_find (history, position), ==, i);
      if (i < 9)
        g_assert_cmpuint (
          atlas_history_find (history, atlas_history_get_position (history, i + 1u) - 1u), ==, i);
    }
}

static void
test_a_copy_stands_for_itself (void)
{
  g_autoptr (AtlasSession) session = make_session (scenario);
  g_autoptr (AtlasSession) copy = atlas_session_copy (session, 5, NULL);
  AtlasVa va;

  g_assert_cmpuint (atlas_session_get_n_commands (copy), ==, 5);
  atlas_session_seek (session, 5);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpstr (atlas_session_get_result (copy, i)->command,
                     ==,
                     atlas_session_get_result (session, i)->command);
  g_assert_cmphex (atlas_system_hash_state (atlas_session_get_system (copy)),
                   ==,
                   atlas_system_hash_state (atlas_session_get_system (session)));
  assert_same_regions (atlas_space_get_regions (atlas_session_get_space (copy)),
                       atlas_space_get_regions (atlas_session_get_space (session)));
  g_clear_pointer (&session, atlas_session_free);
  g_assert_true (atlas_session_parse_address (copy, "$a", &va, NULL));
  g_assert_cmphex (va, ==, 0x20000000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/each-moment-is-what-the-session-shows-there",
                   test_each_moment_is_what_the_session_shows_there);
  g_test_add_func ("/history/a-long-journal-is-spread-evenly",
                   test_a_long_journal_is_spread_evenly);
  g_test_add_func ("/history/a-copy-stands-for-itself", test_a_copy_stands_for_itself);
  g_test_add_func ("/history/totals", test_each_moment_is_added_up);
  g_test_add_func ("/history/measures", test_measures_are_told_where_they_are_drawn);
  return g_test_run ();
}
