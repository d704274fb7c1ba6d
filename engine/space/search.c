/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "space/search.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"

#define PATTERN_MAX 256u
#define CHUNK_BYTES 65536u
/* What passing a region by costs, in bytes looked at. */
#define REGION_COST_BYTES 256u

struct _AtlasSearch
{
  AtlasSpace *space; /* ref */
  AtlasSearchKind kind;
  gboolean is_backwards;
  char *name; /* casefolded; NAME */
  guint8 bytes[PATTERN_MAX];
  gboolean is_any[PATTERN_MAX];
  guint n_bytes;

  AtlasVa start_va;
  AtlasVa at_va; /* the next first byte to try */
  gboolean has_wrapped;
  gboolean is_done;

  guint8 chunk[CHUNK_BYTES + PATTERN_MAX];
  gboolean is_known[CHUNK_BYTES + PATTERN_MAX];
};

static gboolean
fail (const char *pattern, const char *expected, GError **error)
{
  g_autofree char *shown = atlas_quote_found (pattern);

  g_set_error (
    error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("found '%s', expected %s"), shown, expected);
  return FALSE;
}

static gboolean
parse_bytes (AtlasSearch *search, const char *pattern, GError **error)
{
  for (const char *at = pattern;;)
    {
      while (*at == ' ' || *at == ',')
        at++;
      if (*at == '\0')
        break;
      if (search->n_bytes == PATTERN_MAX)
        return fail (pattern, _ ("at most 256 bytes"), error);
      search->is_any[search->n_bytes] = at[0] == '?' && at[1] == '?';
      if (!search->is_any[search->n_bytes])
        {
          if (!g_ascii_isxdigit (at[0]) || !g_ascii_isxdigit (at[1]))
            return fail (at, _ ("two hexadecimal digits a byte, or ??"), error);
          search->bytes[search->n_bytes] =
            (guint8) (g_ascii_xdigit_value (at[0]) << 4 | g_ascii_xdigit_value (at[1]));
        }
      search->n_bytes++;
      at += 2;
    }
  return TRUE;
}

static gboolean
take_text (AtlasSearch *search, gconstpointer bytes, gsize n_bytes, GError **error)
{
  if (n_bytes > PATTERN_MAX)
    return fail (bytes, _ ("at most 256 bytes"), error);
  memcpy (search->bytes, bytes, n_bytes);
  search->n_bytes = (guint) n_bytes;
  return TRUE;
}

static gboolean
parse_pattern (AtlasSearch *search, const char *pattern, GError **error)
{
  glong n_units;
  g_autofree gunichar2 *units = NULL;

  switch (search->kind)
    {
    case ATLAS_SEARCH_TEXT:
      return take_text (search, pattern, strlen (pattern), error);
    case ATLAS_SEARCH_UTF16:
      units = g_utf8_to_utf16 (pattern, -1, NULL, &n_units, error);
      if (units == NULL)
        return FALSE;
      for (glong i = 0; i < n_units; i++)
        units[i] = GUINT16_TO_LE (units[i]);
      return take_text (search, units, (gsize) n_units * sizeof *units, error);
    case ATLAS_SEARCH_BYTES:
      return parse_bytes (search, pattern, error);
    case ATLAS_SEARCH_NAME:
      search->name = g_utf8_casefold (pattern, -1);
      return TRUE;
    case ATLAS_N_SEARCHES:
      break;
    }
  g_return_val_if_reached (FALSE);
}

AtlasSearch *
atlas_search_new (AtlasSpace *space,
                  AtlasSearchKind kind,
                  const char *pattern,
                  AtlasVa from_va,
                  gboolean is_backwards,
                  GError **error)
{
  g_autoptr (AtlasSearch) search = NULL;

  g_return_val_if_fail (space != NULL && pattern != NULL, NULL);

  search = g_new0 (AtlasSearch, 1);
  search->space = atlas_space_ref (space);
  search->kind = kind;
  search->is_backwards = is_backwards;
  search->start_va = search->at_va = from_va;
  if (!parse_pattern (search, pattern, error))
    return NULL;
  if (kind == ATLAS_SEARCH_NAME ? *pattern == '\0' : search->n_bytes == 0)
    {
      fail (pattern, _ ("something to look for"), error);
      return NULL;
    }
  return g_steal_pointer (&search);
}

void
atlas_search_free (AtlasSearch *search)
{
  if (search == NULL)
    return;
  atlas_space_unref (search->space);
  g_free (search->name);
  g_free (search);
}

/* On to @next_va; over the end of the space, and no further than where it began. */
static void
move_on (AtlasSearch *search, AtlasVa next_va, gboolean is_over_end)
{
  gboolean is_past_start =
    search->is_backwards ? next_va <= search->start_va : next_va >= search->start_va;

  search->is_done = is_over_end ? search->has_wrapped || next_va == search->start_va
                                : search->has_wrapped && is_past_start;
  search->has_wrapped |= is_over_end;
  search->at_va = next_va;
}

static gboolean
matches (const AtlasSearch *search, gsize offset)
{
  for (guint i = 0; i < search->n_bytes; i++)
    if (!search->is_known[offset + i] ||
        (!search->is_any[i] && search->chunk[offset + i] != search->bytes[i]))
      return FALSE;
  return TRUE;
}

/* Tries the first bytes in [first_va, first_va + n_starts). */
static gboolean
look_at (AtlasSearch *search, AtlasVa first_va, gsize n_starts, AtlasVa *va)
{
  gsize n_bytes = n_starts + search->n_bytes - 1;

  n_bytes = (gsize) MIN (n_bytes - 1, G_MAXUINT64 - first_va) + 1;
  memset (search->is_known, 0, sizeof search->is_known);
  atlas_space_peek (search->space, first_va, search->chunk, search->is_known, n_bytes);
  for (gsize i = 0; i < n_starts; i++)
    {
      gsize offset = search->is_backwards ? n_starts - 1 - i : i;

      if (!matches (search, offset))
        continue;
      *va = first_va + offset;
      return TRUE;
    }
  return FALSE;
}

static gboolean
has_in_it (const char *text, const char *wanted)
{
  g_autofree char *folded = text != NULL ? g_utf8_casefold (text, -1) : NULL;

  return folded != NULL && strstr (folded, wanted) != NULL;
}

static gboolean
is_called (const AtlasSearch *search, const AtlasRegion *region)
{
  return has_in_it (region->name, search->name) ||
         has_in_it (atlas_region_class_get_name (region->region_class), search->name) ||
         has_in_it (atlas_region_state_get_name (region->state), search->name) ||
         has_in_it (atlas_region_type_get_name (region->type), search->name);
}

/* One region, or one chunk of it. TRUE when something was found. */
static gboolean
step_once (AtlasSearch *search, guint64 *cost_bytes, AtlasVa *va)
{
  AtlasRegionSet *set = atlas_space_get_regions (search->space);
  AtlasRegion region =
    *atlas_region_set_get_region (set, atlas_region_set_find (set, search->at_va));
  AtlasVa last_va = atlas_region_get_last_va (&region);
  AtlasVa tried_va = search->at_va;
  AtlasVa first_va = search->is_backwards ? region.base_va : tried_va;
  gboolean is_found = FALSE;

  *cost_bytes = REGION_COST_BYTES;
  if (search->is_backwards)
    last_va = tried_va;
  /* Nothing is tried twice: around the end, up to where it began. */
  if (search->has_wrapped && search->is_backwards && search->start_va < last_va)
    first_va = MAX (first_va, search->start_va + 1);
  if (search->has_wrapped && !search->is_backwards && search->start_va > first_va)
    last_va = MIN (last_va, search->start_va - 1);
  if (search->kind == ATLAS_SEARCH_NAME)
    {
      is_found = is_called (search, &region);
      *va = region.base_va;
    }
  else if (region.state == ATLAS_STATE_COMMIT)
    {
      gsize n_starts = (gsize) MIN (last_va - first_va, CHUNK_BYTES - 1) + 1;

      if (search->is_backwards)
        first_va = last_va - (n_starts - 1);
      else
        last_va = first_va + (n_starts - 1);
      is_found = look_at (search, first_va, n_starts, va);
      *cost_bytes += n_starts;
      if (is_found)
        first_va = last_va = *va;
    }
  if (search->is_backwards)
    move_on (search, first_va - 1, first_va == 0);
  else
    move_on (search, last_va + 1, last_va == G_MAXUINT64);
  return is_found;
}

AtlasSearchState
atlas_search_step (AtlasSearch *search, guint64 budget_bytes, AtlasVa *va)
{
  g_return_val_if_fail (search != NULL && va != NULL, ATLAS_SEARCH_NOTHING);

  while (!search->is_done)
    {
      guint64 cost_bytes;

      if (step_once (search, &cost_bytes, va))
        return ATLAS_SEARCH_FOUND;
      if (cost_bytes >= budget_bytes)
        return search->is_done ? ATLAS_SEARCH_NOTHING : ATLAS_SEARCH_GOES_ON;
      budget_bytes -= cost_bytes;
    }
  return ATLAS_SEARCH_NOTHING;
}
