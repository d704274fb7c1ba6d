/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/rehearsal.h"

#include <glib/gi18n.h>

#include "space/difference.h"
#include "windows/working-set.h"

/* Differences that are told one by one. */
#define MAX_LINES 3u
/* More of them are only counted up to here. */
#define MAX_DIFFERENCES 1000u

struct _AtlasRehearsal
{
  AtlasCommandResult *result;
  gboolean has_range;
  AtlasVa base_va;
  guint64 size_bytes;
  char *effects;
};

/* ---- regions ----------------------------------------------------------------------------------
 */

static void
begin_line (GString *text)
{
  if (text->len > 0)
    g_string_append_c (text, '\n');
}

/* @is_told: the addresses are in the answer already. */
static void
append_difference (GString *text, const AtlasDifference *difference, gboolean is_told)
{
  static const char *const words[] = {
    [ATLAS_DIFFERENCE_ADDED] = N_ ("New"),
    [ATLAS_DIFFERENCE_REMOVED] = N_ ("Gone"),
    [ATLAS_DIFFERENCE_CHANGED] = N_ ("Changed"),
  };
  const AtlasRegion *region =
    difference->kind == ATLAS_DIFFERENCE_REMOVED ? &difference->before : &difference->after;
  g_autofree char *first = atlas_format_hex (difference->first_va);
  g_autofree char *last = atlas_format_hex (difference->last_va);
  g_autofree char *size = atlas_format_size (difference->last_va - difference->first_va + 1u);

  begin_line (text);
  g_string_append_printf (text, "%s: ", _ (words[difference->kind]));
  if (!is_told)
    g_string_append_printf (text, "%s–%s, %s, ", first, last, size);
  g_string_append (text, atlas_region_state_get_name (region->state));
  if (region->state == ATLAS_STATE_COMMIT)
    {
      g_autofree char *protect = atlas_protect_format_short (region->protect);

      g_string_append_printf (text, ", %s", protect);
    }
}

static void
append_differences (const AtlasRehearsal *self,
                    GString *text,
                    AtlasRegionSet *before,
                    AtlasRegionSet *after)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AtlasDifference));
  guint n_told;

  atlas_regions_compare (before, after, 0, G_MAXUINT64, MAX_DIFFERENCES, found);
  /* Free is free, whether or not it is still of use. */
  for (guint i = found->len; i-- > 0;)
    {
      const AtlasDifference *difference = &g_array_index (found, AtlasDifference, i);

      if (difference->before.state == ATLAS_STATE_FREE &&
          difference->after.state == ATLAS_STATE_FREE)
        g_array_remove_index (found, i);
    }
  /* One line less than could be said with a count that stands for one alone. */
  n_told = found->len > MAX_LINES ? MAX_LINES - 1u : found->len;
  for (guint i = 0; i < n_told; i++)
    {
      const AtlasDifference *difference = &g_array_index (found, AtlasDifference, i);

      append_difference (text,
                         difference,
                         self->has_range && difference->first_va == self->base_va &&
                           difference->last_va - self->base_va == self->size_bytes - 1u);
    }
  if (n_told < found->len)
    {
      guint n_more = found->len - n_told;

      begin_line (text);
      g_string_append_printf (text, ngettext ("and %u more", "and %u more", n_more), n_more);
    }
}

/* Another process is the current one then: what it has. */
static void
append_process (GString *text, AtlasProcess *process)
{
  AtlasRegionSet *regions = atlas_space_get_regions (atlas_process_get_space (process));
  guint64 n_regions = 0;
  guint64 committed_bytes = 0;
  g_autofree char *committed = NULL, *regions_count = NULL, *pages_count = NULL;
  AtlasWorkingSet set;

  for (guint64 i = 0; i < atlas_region_set_get_n_regions (regions); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (regions, i);

      if (region->state == ATLAS_STATE_FREE)
        continue;
      n_regions++;
      if (region->state == ATLAS_STATE_COMMIT)
        committed_bytes += region->size_bytes;
    }
  committed = atlas_format_size (committed_bytes);
  atlas_process_get_working_set (process, &set);
  regions_count = atlas_format_count (n_regions);
  pages_count = atlas_format_count (set.n_pages);
  begin_line (text);
  /* Translators: a number of regions, a size, and a number of pages. */
  g_string_append_printf (text,
                          _ ("It has %s regions, %s committed, %s pages in its working set."),
                          regions_count,
                          committed,
                          pages_count);
}

/* ---- memory -----------------------------------------------------------------------------------
 */

/* Pages of each sort that can be told. */
typedef struct
{
  guint64 n_pages[5];
} Memory;

static const char *const memory_words[] = {
  N_ ("commit charge"), N_ ("active"), N_ ("standby"), N_ ("modified"), N_ ("free"),
};

_Static_assert(G_N_ELEMENTS (memory_words) == G_N_ELEMENTS (((Memory *) NULL)->n_pages),
               "a word for each");

static Memory
measure (AtlasSession *session)
{
  AtlasSystem *system = atlas_session_get_system (session);
  const AtlasFrames *frames;
  AtlasCommit commit;

  if (system == NULL)
    return (Memory){ 0 };
  frames = atlas_system_get_frames (system);
  atlas_system_get_commit (system, &commit);
  return (Memory){ {
    commit.n_charged,
    atlas_frames_count (frames, ATLAS_FRAME_ACTIVE),
    atlas_frames_count (frames, ATLAS_FRAME_STANDBY),
    atlas_frames_count (frames, ATLAS_FRAME_MODIFIED),
    atlas_frames_count (frames, ATLAS_FRAME_FREE),
  } };
}

static void
append_memory (GString *text, const Memory *before, const Memory *after)
{
  gboolean is_first = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (memory_words); i++)
    {
      gboolean is_more = after->n_pages[i] > before->n_pages[i];
      guint64 n_pages =
        is_more ? after->n_pages[i] - before->n_pages[i] : before->n_pages[i] - after->n_pages[i];
      g_autofree char *size = atlas_format_size (n_pages * ATLAS_PAGE_BYTES);
      g_autofree char *change = g_strconcat (is_more ? "+" : "−", size, NULL);

      if (n_pages == 0)
        continue;
      if (is_first)
        {
          begin_line (text);
          g_string_append (text, _ ("Memory: "));
        }
      else
        g_string_append (text, " · ");
      g_string_append_printf (text, "%s %s", _ (memory_words[i]), change);
      is_first = FALSE;
    }
}

/* ---- a rehearsal ------------------------------------------------------------------------------
 */

static void
find_range (AtlasRehearsal *self, AtlasSession *session)
{
  AtlasSpace *space = atlas_session_get_space (session);
  AtlasRegionSet *regions;
  guint64 index;
  AtlasVa base_va;

  if (space == NULL || !self->result->has_va || !atlas_status_is_success (self->result->status))
    return;
  regions = atlas_space_get_regions (space);
  index = atlas_region_set_find (regions, self->result->va);
  base_va = atlas_region_set_get_region (regions, index)->allocation_base_va;
  if (base_va != self->result->va)
    return;
  self->has_range = TRUE;
  self->base_va = base_va;
  for (; index < atlas_region_set_get_n_regions (regions); index++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (regions, index);

      if (region->state == ATLAS_STATE_FREE || region->allocation_base_va != base_va)
        break;
      self->size_bytes += region->size_bytes;
    }
  self->has_range = self->size_bytes > 0;
}

static guint
get_process_id (AtlasSession *session)
{
  AtlasProcess *process = atlas_session_get_process (session);

  return process != NULL ? atlas_process_get_id (process) : 0;
}

AtlasRehearsal *
atlas_rehearsal_new (AtlasDocument *document, const char *commands, GError **error)
{
  AtlasSession *session;
  g_autoptr (AtlasSession) copy = NULL;
  g_autoptr (AtlasRehearsal) self = NULL;
  GString *effects;
  Memory before, after;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);
  g_return_val_if_fail (commands != NULL, NULL);

  session = atlas_document_get_session (document);
  if (session == NULL)
    {
      g_set_error_literal (
        error, ATLAS_ERROR, ATLAS_ERROR_UNSUPPORTED, _ ("Only a simulation can be changed."));
      return NULL;
    }
  copy = atlas_session_copy (session, atlas_session_get_position (session), error);
  if (copy == NULL)
    return NULL;
  self = g_new0 (AtlasRehearsal, 1);
  self->result = atlas_session_run_all (copy, commands, error);
  if (self->result == NULL)
    return NULL;

  effects = g_string_new (NULL);
  if (atlas_status_is_success (self->result->status))
    {
      find_range (self, copy);
      if (get_process_id (copy) != get_process_id (session))
        append_process (effects, atlas_session_get_process (copy));
      else if (get_process_id (copy) != 0)
        append_differences (self,
                            effects,
                            atlas_document_get_regions (document),
                            atlas_space_get_regions (atlas_session_get_space (copy)));
      before = measure (session);
      after = measure (copy);
      append_memory (effects, &before, &after);
    }
  self->effects = g_string_free (effects, FALSE);
  return g_steal_pointer (&self);
}

void
atlas_rehearsal_free (AtlasRehearsal *rehearsal)
{
  g_clear_pointer (&rehearsal->result, atlas_command_result_unref);
  g_free (rehearsal->effects);
  g_free (rehearsal);
}

const AtlasCommandResult *
atlas_rehearsal_get_result (const AtlasRehearsal *rehearsal)
{
  return rehearsal->result;
}

gboolean
atlas_rehearsal_get_range (const AtlasRehearsal *rehearsal, AtlasVa *base_va, guint64 *size_bytes)
{
  *base_va = rehearsal->base_va;
  *size_bytes = rehearsal->size_bytes;
  return rehearsal->has_range;
}

const char *
atlas_rehearsal_get_effects (const AtlasRehearsal *rehearsal)
{
  return rehearsal->effects;
}
