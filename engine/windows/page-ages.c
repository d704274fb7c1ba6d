/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/page-ages.h"

#include <string.h>

#include "windows/working-set-private.h"

/* An entry with anything below it. */
typedef struct
{
  guint64 number; /* address / what an entry of the level spans */
  guint8 looks;
} Entry;

struct _AtlasPageAges
{
  GArray *entries[ATLAS_LEVELS_MAX + 1]; /* of Entry, ascending; [0] is not used */
};

/* Of four levels and five alike: an address above the canonical ones of four levels is in no
 * process of theirs. */
static guint64
get_number (AtlasVa va, guint level)
{
  return va / atlas_level_span_bytes (level);
}

AtlasPageAges *
atlas_page_ages_new (AtlasProcess *process)
{
  AtlasPageAges *ages = g_new0 (AtlasPageAges, 1);
  AtlasWorkingSetIter iter;
  AtlasWorkingSetEntry page;

  g_return_val_if_fail (process != NULL, NULL);

  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVELS_MAX; level++)
    ages->entries[level] = g_array_new (FALSE, FALSE, sizeof (Entry));
  atlas_working_set_iter_init (&iter, process);
  while (atlas_working_set_iter_next (&iter, &page))
    {
      guint8 looks = (guint8) atlas_pte_get_rank (page.pte);

      for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVELS_MAX; level++)
        {
          GArray *entries = ages->entries[level];
          const Entry entry = { get_number (page.va, level), looks };
          Entry *last =
            entries->len > 0 ? &g_array_index (entries, Entry, entries->len - 1u) : NULL;

          if (last == NULL || last->number != entry.number)
            g_array_append_val (entries, entry);
          else if (last->looks > looks)
            last->looks = looks;
        }
    }
  return ages;
}

void
atlas_page_ages_free (AtlasPageAges *ages)
{
  if (ages == NULL)
    return;
  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVELS_MAX; level++)
    g_array_unref (ages->entries[level]);
  g_free (ages);
}

void
atlas_page_ages_get_table (const AtlasPageAges *ages,
                           guint level,
                           AtlasVa base_va,
                           guint8 looks[ATLAS_TABLE_ENTRIES])
{
  const GArray *entries;
  guint64 first;
  guint low = 0, high;

  g_return_if_fail (ages != NULL && looks != NULL);
  g_return_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVELS_MAX);

  memset (looks, ATLAS_PAGE_AGES_NONE, ATLAS_TABLE_ENTRIES);
  entries = ages->entries[level];
  first = get_number (base_va, level);
  high = entries->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2u;

      if (g_array_index (entries, Entry, middle).number < first)
        low = middle + 1u;
      else
        high = middle;
    }
  for (; low < entries->len; low++)
    {
      const Entry *entry = &g_array_index (entries, Entry, low);

      if (entry->number - first >= ATLAS_TABLE_ENTRIES)
        return;
      looks[entry->number - first] = entry->looks;
    }
}
