/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/mmu.h"

#include "paging/entry.h"

/* What the tables say, whoever asks: no access is made, so neither SMAP nor a key forbids it. */
static void
walk_tables (AtlasMmu *mmu, AtlasVa va, AtlasWalkResult *result)
{
  const AtlasWalkQuery query = { .va = va, .is_supervisor = TRUE, .is_implicit = TRUE };
  AtlasControl control = *atlas_mmu_get_control (mmu);

  control.cr4 &= ~(ATLAS_CR4_SMAP | ATLAS_CR4_PKE | ATLAS_CR4_PKS | ATLAS_CR4_LASS);
  atlas_walk (atlas_mmu_get_memory (mmu), &control, &query, result);
}

static gboolean
is_translation_stale (const AtlasTlbEntryInfo *info, AtlasVa va, const AtlasWalkResult *result)
{
  return result->outcome != ATLAS_OUTCOME_TRANSLATED || info->pa + (va - info->va) != result->pa ||
         info->is_writable != result->is_writable || info->is_user != result->is_user ||
         info->is_executable != result->is_executable ||
         info->protection_key != result->protection_key;
}

/* The table that the entry of @level leads to; 0 when it leads to none. */
static AtlasPa
get_table_pa (const AtlasWalkResult *result, guint level)
{
  for (guint i = 0; i < result->n_steps; i++)
    {
      AtlasWalkStep step = atlas_walk_result_get_step (result, i);

      if (step.level == level && !step.is_leaf && (step.entry & ATLAS_ENTRY_P) != 0)
        return atlas_entry_get_table_pa (step.entry);
    }
  return 0;
}

guint
atlas_mmu_get_stale_level (AtlasMmu *mmu, AtlasVa va)
{
  const AtlasTlb *tlb;
  AtlasWalkResult result;
  AtlasTlbEntryInfo info;
  guint pcid;

  g_return_val_if_fail (mmu != NULL, 0);

  tlb = atlas_mmu_get_tlb (mmu);
  if (tlb == NULL)
    return 0;
  walk_tables (mmu, va, &result);
  pcid = (guint) (atlas_mmu_get_control (mmu)->cr3 & ATLAS_CR3_PCID_MASK);
  for (guint is_code = 0; is_code < 2; is_code++)
    {
      if (atlas_tlb_lookup (tlb, va, pcid, is_code != 0, &info) &&
          is_translation_stale (&info, va, &result))
        return ATLAS_LEVEL_PT;
    }

  for (guint level = ATLAS_LEVEL_PD; level <= ATLAS_LEVELS_MAX; level++)
    for (guint i = 0; i < atlas_tlb_get_own_profile (tlb)->n_psc_entries[level]; i++)
      {
        AtlasPscEntryInfo psc;

        if (atlas_tlb_get_psc_entry (tlb, level, i, &psc) && psc.pcid == pcid &&
            psc.va >> atlas_level_shift (level) == va >> atlas_level_shift (level) &&
            psc.table_pa != get_table_pa (&result, level))
          return level;
      }
  return 0;
}
