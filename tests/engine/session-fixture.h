/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Sessions of a small machine, and all of one in a string. */

#include "session/session.h"

#define SMALL_MACHINE "system memory=256M seed=11 build=22000 hypervisor=yes\n"
#define SMALL_PROCESS SMALL_MACHINE "process $p demo.exe bare\n"

/* A string that names every field of every region and the bytes at the start of each: two sessions
 * with equal digests cannot be told apart through a space. */
static inline char *
digest_space (AtlasSpace *space)
{
  AtlasRegionSet *set = atlas_space_get_regions (space);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);
      guint8 bytes[64] = { 0 };
      gboolean is_known[64] = { 0 };

      g_string_append_printf (text,
                              "%" G_GINT64_MODIFIER "x+%" G_GINT64_MODIFIER "x@%" G_GINT64_MODIFIER
                              "x %x %x %x %x %x %s %s\n",
                              region->base_va,
                              region->size_bytes,
                              region->allocation_base_va,
                              region->allocation_protect,
                              region->protect,
                              region->state,
                              region->type,
                              region->region_class,
                              region->name,
                              region->reason);
      if (region->state != ATLAS_STATE_COMMIT)
        continue;
      for (guint page = 0; page < 4 && page * ATLAS_PAGE_BYTES < region->size_bytes; page++)
        {
          AtlasWalkQuery query = { .va = region->base_va + page * ATLAS_PAGE_BYTES };
          AtlasWalkResult result;

          atlas_space_peek (space, query.va, bytes, is_known, sizeof bytes);
          for (guint b = 0; b < sizeof bytes; b++)
            g_string_append_printf (text, "%02x", is_known[b] ? bytes[b] : 0);
          if (atlas_space_walk (space, &query, &result))
            g_string_append_printf (text,
                                    " %d %" G_GINT64_MODIFIER "x %" G_GINT64_MODIFIER "x\n",
                                    result.outcome,
                                    result.pa,
                                    result.n_steps == 0 ? 0 : result.entries[result.n_steps - 1]);
        }
    }
  return g_string_free (text, FALSE);
}

static inline char *
digest_session (AtlasSession *session)
{
  AtlasSystem *system = atlas_session_get_system (session);
  AtlasSpace *space = atlas_session_get_space (session);
  AtlasProcess *process = atlas_session_get_process (session);
  g_autofree char *regions = space == NULL ? g_strdup ("no space") : digest_space (space);
  GString *text = g_string_new (NULL);

  for (char c = 'a'; c <= 'e'; c++)
    {
      const char name[] = { '$', c, '\0' };
      AtlasVa va = 0;

      g_string_append_printf (text,
                              "%s %d %" G_GINT64_MODIFIER "x\n",
                              name,
                              atlas_session_parse_address (session, name, &va, NULL),
                              va);
    }
  if (system != NULL)
    g_string_append_printf (text,
                            "%u processes, time %" G_GUINT64_FORMAT "\n",
                            atlas_system_get_n_processes (system),
                            atlas_system_get_time (system));
  if (process != NULL)
    g_string_append_printf (text,
                            "%s %u commit %" G_GUINT64_FORMAT "\n",
                            atlas_process_get_name (process),
                            atlas_process_get_id (process),
                            atlas_process_get_commit_pages (process));
  g_string_append (text, regions);
  return g_string_free (text, FALSE);
}

static inline AtlasSession *
new_session (const char *text)
{
  g_autoptr (GError) error = NULL;
  AtlasSession *session = atlas_session_new_from_text (text, "test", &error);

  g_assert_no_error (error);
  g_assert_nonnull (session);
  return session;
}

static inline AtlasCommandResult *
run (AtlasSession *session, const char *command)
{
  g_autoptr (GError) error = NULL;
  AtlasCommandResult *result = atlas_session_run (session, command, &error);

  g_assert_no_error (error);
  g_assert_nonnull (result);
  g_assert_nonnull (result->result);
  g_assert_cmpuint (result->line, ==, 0);
  return result;
}

static inline AtlasStatus
run_status (AtlasSession *session, const char *command)
{
  g_autoptr (AtlasCommandResult) result = run (session, command);

  return result->status;
}
