/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pager-private.h"

/* Present, writable, accessed, dirty, Write: a kernel table. Not global: it maps no page. */
#define KERNEL_TABLE_FLAGS                                                                         \
  (ATLAS_PTE_VALID | ATLAS_PTE_DIRTY1 | ATLAS_PTE_ACCESSED | ATLAS_PTE_DIRTY | ATLAS_PTE_WRITE)

#define FIRST_KERNEL_INDEX 256u

static AtlasPfn
take_frame (AtlasSystem *system, AtlasFrameUse use, AtlasPa entry_pa)
{
  AtlasPfn pfn = 0;
  gboolean is_taken = atlas_frames_take (system->frames, use, entry_pa, &pfn);

  /* The first few of at least 64 MB. */
  g_assert (is_taken);
  return pfn;
}

/* The address of the PTE of @va below the kernel entries of a root; makes the tables on the way. */
static AtlasPa
make_pte (AtlasSystem *system, guint64 *top_entries, AtlasVa va)
{
  guint64 *top = &top_entries[atlas_va_index (va, ATLAS_LEVEL_PML4) - FIRST_KERNEL_INDEX];
  AtlasPfn table_pfn;

  if (*top == 0)
    *top = take_frame (system, ATLAS_FRAME_USE_TABLE, 0) << ATLAS_PAGE_SHIFT | KERNEL_TABLE_FLAGS;
  table_pfn = atlas_pte_get_pfn (*top);
  for (guint level = ATLAS_LEVEL_PDPT; level > ATLAS_LEVEL_PT; level--)
    {
      AtlasPa entry_pa =
        (table_pfn << ATLAS_PAGE_SHIFT) + atlas_va_index (va, level) * ATLAS_ENTRY_BYTES;
      guint64 entry = 0;

      atlas_memory_read_u64 (system->memory, entry_pa, &entry);
      if (entry == 0)
        {
          atlas_frames_share (system->frames, table_pfn);
          entry = take_frame (system, ATLAS_FRAME_USE_TABLE, entry_pa) << ATLAS_PAGE_SHIFT |
                  KERNEL_TABLE_FLAGS;
          atlas_memory_write_u64 (system->memory, entry_pa, entry);
        }
      table_pfn = atlas_pte_get_pfn (entry);
    }
  atlas_frames_share (system->frames, table_pfn);
  return (table_pfn << ATLAS_PAGE_SHIFT) + atlas_va_index (va, ATLAS_LEVEL_PT) * ATLAS_ENTRY_BYTES;
}

/* @is_global: the translation may outlive a change of CR3. */
static void
write_pte (AtlasSystem *system,
           AtlasPa entry_pa,
           AtlasPfn pfn,
           guint8 protection,
           gboolean is_global)
{
  guint64 pte = atlas_protection_make_pte (protection, pfn, FALSE, TRUE);

  if (!is_global)
    pte &= ~ATLAS_PTE_GLOBAL;
  atlas_memory_write_u64 (system->memory, entry_pa, pte);
}

/* The pages that are there before and after CR3 changes: the same frames below either root. */
static void
map_entry_pages (AtlasSystem *system)
{
  static const guint8 protections[] = {
    ATLAS_PROTECTION_EXECUTE_READ, /* code */
    ATLAS_PROTECTION_READWRITE,    /* descriptor tables, task state and stack of the processor */
  };

  for (guint i = 0; i < G_N_ELEMENTS (protections); i++)
    {
      AtlasVa va = system->kernel_layout.kernel_image_va + i * ATLAS_PAGE_BYTES;
      AtlasPa entry_pa = make_pte (system, system->kernel_entries, va);
      AtlasPfn pfn = take_frame (system, ATLAS_FRAME_USE_KERNEL, entry_pa);

      write_pte (system, entry_pa, pfn, protections[i], TRUE);
      entry_pa = make_pte (system, system->shadow_entries, va);
      atlas_frames_share (system->frames, pfn);
      write_pte (system, entry_pa, pfn, protections[i], TRUE);
    }
}

void
atlas_kernel_map_system (AtlasSystem *system)
{
  AtlasPa entry_pa = make_pte (system, system->kernel_entries, ATLAS_KUSER_KERNEL_VA);

  system->kuser_pfn = take_frame (system, ATLAS_FRAME_USE_KERNEL, entry_pa);
  /* With KVA shadow nothing of the kernel may stay in the TLB while a program runs. */
  write_pte (system,
             entry_pa,
             system->kuser_pfn,
             ATLAS_PROTECTION_READWRITE,
             !system->options.has_kva_shadow);
  if (system->options.has_kva_shadow)
    map_entry_pages (system);
}

static gboolean
take_root (AtlasProcess *process, const guint64 *top_entries, AtlasPfn *root_pfn)
{
  AtlasSystem *system = process->system;

  if (!atlas_system_charge_commit (system, 1))
    return FALSE;
  if (!atlas_pager_take (system, ATLAS_FRAME_USE_TABLE, 0, TRUE, NULL, root_pfn))
    {
      atlas_system_return_commit (system, 1);
      return FALSE;
    }
  atlas_frames_get_record (system->frames, *root_pfn)->owner = process;
  for (guint i = 0; i < G_N_ELEMENTS (system->kernel_entries); i++)
    {
      if (top_entries[i] != 0)
        atlas_memory_write_u64 (system->memory,
                                (*root_pfn << ATLAS_PAGE_SHIFT) +
                                  (FIRST_KERNEL_INDEX + i) * ATLAS_ENTRY_BYTES,
                                top_entries[i]);
    }
  return TRUE;
}

gboolean
atlas_process_make_roots (AtlasProcess *process)
{
  AtlasSystem *system = process->system;
  AtlasPa root_pa;

  if (!take_root (process, system->kernel_entries, &process->root_pfn))
    return FALSE;
  root_pa = process->root_pfn << ATLAS_PAGE_SHIFT;
  process->n_tables = 1;
  process->control = system->control;
  process->control.cr3 = root_pa;
  atlas_memory_write_u64 (system->memory,
                          root_pa + system->kernel_layout.self_map_index * ATLAS_ENTRY_BYTES,
                          root_pa | ATLAS_PTE_NO_EXECUTE | KERNEL_TABLE_FLAGS);
  return !system->options.has_kva_shadow ||
         take_root (process, system->shadow_entries, &process->user_root_pfn);
}

static void
return_root (AtlasProcess *process, AtlasPfn root_pfn)
{
  if (root_pfn == 0)
    return;
  atlas_frames_give_back (process->system->frames, root_pfn);
  atlas_system_return_commit (process->system, 1);
}

void
atlas_process_return_roots (AtlasProcess *process)
{
  return_root (process, process->root_pfn);
  return_root (process, process->user_root_pfn);
}

void
atlas_process_mirror_top_entry (AtlasProcess *process, AtlasPa entry_pa, guint64 entry)
{
  AtlasPa mirror_pa = (process->user_root_pfn << ATLAS_PAGE_SHIFT) | (entry_pa & ATLAS_PAGE_MASK);
  guint64 old_entry = 0;

  if (process->user_root_pfn == 0 || entry_pa >> ATLAS_PAGE_SHIFT != process->root_pfn)
    return;
  atlas_memory_read_u64 (process->system->memory, mirror_pa, &old_entry);
  atlas_memory_write_u64 (process->system->memory, mirror_pa, entry);
  if (old_entry == 0 && entry != 0)
    atlas_frames_share (process->system->frames, process->user_root_pfn);
  else if (old_entry != 0 && entry == 0)
    atlas_frames_unshare (process->system->frames, process->user_root_pfn);
}

guint64
atlas_process_get_user_cr3 (const AtlasProcess *process)
{
  return process->user_root_pfn << ATLAS_PAGE_SHIFT;
}

gboolean
atlas_process_is_loaded (const AtlasProcess *process)
{
  guint64 cr3 = atlas_mmu_get_control (process->system->mmu)->cr3;

  return cr3 == process->control.cr3 ||
         (process->user_root_pfn != 0 && cr3 == atlas_process_get_user_cr3 (process));
}

AtlasControl
atlas_process_get_access_control (const AtlasProcess *process, gboolean is_supervisor)
{
  AtlasControl control = process->control;

  if (!is_supervisor && process->user_root_pfn != 0)
    control.cr3 = atlas_process_get_user_cr3 (process);
  return control;
}
