/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/processor.h"

#include "paging/entry.h"
#include "paging/msr.h"
#include "windows/machine-private.h"

/* A look that no mode, key or flag can forbid. */
static void
look (AtlasProcess *process, AtlasVa va, gboolean is_user_root, AtlasWalkResult *result)
{
  const AtlasWalkQuery query = { .va = va, .is_supervisor = TRUE, .is_implicit = TRUE };
  AtlasControl control = *atlas_process_get_access_control (process, !is_user_root);

  control.cr4 &= ~(ATLAS_CR4_SMAP | ATLAS_CR4_PKE | ATLAS_CR4_PKS | ATLAS_CR4_LASS);
  atlas_walk (process->system->memory, &control, &query, result);
}

/* Where the processor reads the entry of @level; 0 when it does not get there. */
static AtlasPa
find_entry (AtlasProcess *process, AtlasVa va, guint level, gboolean is_user_root)
{
  AtlasPa table_pa =
    atlas_process_get_access_control (process, !is_user_root)->cr3 & ATLAS_PTE_PFN_MASK;

  for (guint upper = atlas_process_get_n_levels (process); upper > level; upper--)
    {
      guint64 entry = 0;

      atlas_memory_read_u64 (
        process->system->memory, table_pa + atlas_va_index (va, upper) * ATLAS_ENTRY_BYTES, &entry);
      if ((entry & ATLAS_ENTRY_P) == 0 || atlas_entry_is_leaf (entry, upper))
        return 0;
      table_pa = atlas_entry_get_table_pa (entry);
    }
  return table_pa + atlas_va_index (va, level) * ATLAS_ENTRY_BYTES;
}

AtlasStatus
atlas_process_edit_entry (AtlasProcess *process,
                          AtlasVa va,
                          guint level,
                          gboolean is_user_root,
                          guint64 value,
                          AtlasEntryEdit *edit)
{
  AtlasMemory *memory;

  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);
  g_return_val_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVELS_MAX,
                        ATLAS_STATUS_INVALID_PARAMETER);
  g_return_val_if_fail (edit != NULL, ATLAS_STATUS_INVALID_PARAMETER);

  memory = process->system->memory;
  *edit = (AtlasEntryEdit){ 0 };
  if (level <= atlas_process_get_n_levels (process))
    edit->entry_pa = find_entry (process, va, level, is_user_root);
  look (process, va, is_user_root, &edit->before);
  edit->after = edit->before;
  if (edit->entry_pa == 0 || !atlas_memory_read_u64 (memory, edit->entry_pa, &edit->old_entry))
    return ATLAS_STATUS_INVALID_ADDRESS;

  if (level == atlas_process_get_n_levels (process) && process->user_root_pfn != 0)
    {
      edit->other_pa = find_entry (process, va, level, !is_user_root);
      atlas_memory_read_u64 (memory, edit->other_pa, &edit->other_entry);
    }
  atlas_memory_write_u64 (memory, edit->entry_pa, value);
  atlas_system_recount_tables (process->system);
  look (process, va, is_user_root, &edit->after);
  /* Another process's translations are gone by the time that this one runs. */
  if (atlas_process_is_loaded (process))
    edit->stale_level = atlas_mmu_get_stale_level (process->system->mmu, va);
  return ATLAS_STATUS_SUCCESS;
}

static guint64
count_invalidated (const AtlasMmu *mmu)
{
  const AtlasTlb *tlb = atlas_mmu_get_tlb (mmu);

  return tlb != NULL ? atlas_tlb_get_counters (tlb)->n_invalidated : 0;
}

guint64
atlas_process_switch_to (AtlasProcess *process)
{
  AtlasMmu *mmu;
  guint64 n_before;

  g_return_val_if_fail (process != NULL && process->system != NULL, 0);

  mmu = process->system->mmu;
  n_before = count_invalidated (mmu);
  if (!atlas_process_is_loaded (process))
    atlas_mmu_set_control (mmu, &process->control);
  return count_invalidated (mmu) - n_before;
}

guint64
atlas_process_invalidate_page (AtlasProcess *process, AtlasVa va)
{
  guint64 n_switched, n_before;

  g_return_val_if_fail (process != NULL && process->system != NULL, 0);

  n_switched = atlas_process_switch_to (process);
  n_before = count_invalidated (process->system->mmu);
  atlas_mmu_invalidate_va (process->system->mmu, va);
  return n_switched + count_invalidated (process->system->mmu) - n_before;
}

guint64
atlas_process_reload_cr3 (AtlasProcess *process)
{
  guint64 n_switched, n_before;

  g_return_val_if_fail (process != NULL && process->system != NULL, 0);

  n_switched = atlas_process_switch_to (process);
  n_before = count_invalidated (process->system->mmu);
  atlas_mmu_load_cr3 (process->system->mmu, atlas_mmu_get_control (process->system->mmu)->cr3);
  return n_switched + count_invalidated (process->system->mmu) - n_before;
}

gboolean
atlas_processor_read_msr (AtlasSystem *system, guint32 msr, guint64 *value)
{
  return atlas_msr_read (&system->control, atlas_mmu_get_mtrrs (system->mmu), msr, value);
}

AtlasControlRule
atlas_system_write_msr (AtlasSystem *system, guint32 msr, guint64 value)
{
  AtlasControl control;
  AtlasMtrrs mtrrs;
  AtlasControlRule rule;

  g_return_val_if_fail (system != NULL, ATLAS_RULE_NO_REGISTER);

  control = system->control;
  mtrrs = *atlas_mmu_get_mtrrs (system->mmu);
  rule = atlas_msr_write (&control, &mtrrs, msr, value);
  if (rule == ATLAS_RULE_NONE)
    rule = atlas_system_set_control (system, &control);
  if (rule == ATLAS_RULE_NONE)
    atlas_mmu_set_mtrrs (system->mmu, &mtrrs);
  return rule;
}

const AtlasControl *
atlas_system_get_control (const AtlasSystem *system)
{
  g_return_val_if_fail (system != NULL, NULL);

  return &system->control;
}

AtlasControlRule
atlas_system_set_control (AtlasSystem *system, const AtlasControl *control)
{
  AtlasControlRule rule;

  g_return_val_if_fail (system != NULL && control != NULL, ATLAS_RULE_NONE);

  rule = atlas_control_load (&system->control, control);
  if (rule != ATLAS_RULE_NONE)
    return rule;

  for (guint i = 0; i < system->processes->len; i++)
    {
      AtlasProcess *process = g_ptr_array_index (system->processes, i);
      guint64 cr3 = process->control.cr3;
      gboolean is_loaded = atlas_process_is_loaded (process);
      gboolean is_user_root = is_loaded && atlas_mmu_get_control (system->mmu)->cr3 != cr3;

      atlas_process_changed (process);
      atlas_process_take_control (process);
      if (is_loaded)
        atlas_mmu_set_control (system->mmu,
                               atlas_process_get_access_control (process, !is_user_root));
    }
  return ATLAS_RULE_NONE;
}
