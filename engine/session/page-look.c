/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "session/page-look.h"

#include "paging/entry.h"
#include "windows/pte.h"

static AtlasPagePlace
get_place (guint64 pte)
{
  switch (atlas_pte_get_kind (pte))
    {
    case ATLAS_PTE_KIND_HARDWARE:
      return ATLAS_PAGE_PRESENT;
    case ATLAS_PTE_KIND_DEMAND_ZERO:
      return ATLAS_PAGE_DEMAND_ZERO;
    case ATLAS_PTE_KIND_TRANSITION:
      return ATLAS_PAGE_TRANSITION;
    case ATLAS_PTE_KIND_PAGE_FILE:
      return ATLAS_PAGE_IN_FILE;
    case ATLAS_PTE_KIND_PROTOTYPE:
    case ATLAS_PTE_KIND_VAD_PROTOTYPE:
      return ATLAS_PAGE_SHARED;
    case ATLAS_PTE_KIND_ASK_VAD:
    case ATLAS_PTE_KIND_NOACCESS:
    case ATLAS_PTE_KIND_DECOMMITTED:
    case ATLAS_PTE_KIND_UNKNOWN:
    case ATLAS_N_PTE_KINDS:
      return ATLAS_PAGE_ABSENT;
    }
  g_assert_not_reached ();
}

/* Since 1607 at a random index. Windows Internals, 7th ed., part 1, "Page table mapping". */
static gboolean
maps_itself (AtlasSpace *space)
{
  const AtlasControl *control = atlas_space_get_control (space);
  guint64 entries[ATLAS_TABLE_ENTRIES];
  AtlasPa root_pa;

  if (control == NULL)
    return FALSE;
  root_pa = atlas_control_get_root_pa (control);
  if (!atlas_space_read_table (space, root_pa, entries))
    return FALSE;
  for (guint i = ATLAS_TABLE_ENTRIES / 2; i < ATLAS_TABLE_ENTRIES; i++)
    if ((entries[i] & ATLAS_ENTRY_P) != 0 && atlas_entry_get_table_pa (entries[i]) == root_pa)
      return TRUE;
  return FALSE;
}

AtlasPageLooker
atlas_page_looker (AtlasSpace *space, gboolean is_simulation)
{
  return (AtlasPageLooker){ space, is_simulation || (space != NULL && maps_itself (space)) };
}

gboolean
atlas_page_look (gpointer data, AtlasVa va, AtlasPageLook *look)
{
  const AtlasPageLooker *looker = data;
  AtlasWalkQuery query = { .va = va, .is_supervisor = TRUE, .is_implicit = TRUE };
  AtlasWalkResult result;
  AtlasWalkStep last;

  g_return_val_if_fail (looker != NULL && look != NULL, FALSE);

  if (!atlas_space_walk (looker->space, &query, &result) || result.n_steps == 0)
    return FALSE;
  last = atlas_walk_result_get_step (&result, result.n_steps - 1u);
  *look = (AtlasPageLook){ .place = ATLAS_PAGE_ABSENT, .entry = last.entry };
  if ((last.entry & ATLAS_ENTRY_P) != 0)
    look->place = last.is_leaf ? ATLAS_PAGE_PRESENT : ATLAS_PAGE_ABSENT;
  else if (looker->is_windows && last.level == ATLAS_LEVEL_PT)
    look->place = get_place (last.entry);
  return TRUE;
}

_Static_assert(ATLAS_PAGE_AGES_NONE == ATLAS_HEAT_NONE, "no age is no heat");

void
atlas_page_ages_look (const AtlasPageAges *ages, const AtlasLens *lens, AtlasLensHeat *heat)
{
  g_return_if_fail (ages != NULL && lens != NULL && heat != NULL);

  heat->has_ages = TRUE;
  for (guint i = 0; i < lens->n_levels; i++)
    atlas_page_ages_get_table (
      ages, lens->tables[i].level, lens->tables[i].base_va, heat->cells[i]);
}
