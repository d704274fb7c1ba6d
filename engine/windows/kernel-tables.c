/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pager-private.h"
#include "windows/frames-private.h"

/* Present, writable, accessed, dirty, Write: a kernel table. Not global: it maps no page. */
#define KERNEL_TABLE_FLAGS                                                                         \
  (ATLAS_PTE_VALID | ATLAS_PTE_DIRTY1 | ATLAS_PTE_ACCESSED | ATLAS_PTE_DIRTY | ATLAS_PTE_WRITE)

#define FIRST_KERNEL_INDEX 256u

/* 0 when there is none. */
static AtlasPfn
take_frame (AtlasSystem *system, AtlasFrameUse use, AtlasPa entry_pa)
{
  AtlasPfn pfn = 0;

  return atlas_pager_take (system, use, entry_pa, TRUE, NULL, &pfn) ? pfn : 0;
}

/* Entries can be written by hand: whether this one still names a table. */
static gboolean
names_table (const AtlasSystem *system, guint64 entry)
{
  AtlasPfn pfn = atlas_pte_get_pfn (entry);
  AtlasFrame frame;

  if ((entry & ATLAS_PTE_VALID) == 0 || pfn >= atlas_frames_get_n_frames (system->frames))
    return FALSE;
  atlas_frames_get (system->frames, pfn, &frame);
  return frame.state == ATLAS_FRAME_ACTIVE && frame.use == ATLAS_FRAME_USE_TABLE;
}

/* The address of the PTE of @va below the kernel entries of a root; makes the tables on the way.
 * 0 when there is no frame for one. */
static AtlasPa
make_pte (AtlasSystem *system, AtlasKernelTop *top, AtlasVa va)
{
  guint index = atlas_va_index (va, ATLAS_LEVEL_PML4);
  guint64 *top_entry = &top->entries[index - FIRST_KERNEL_INDEX];
  AtlasPfn table_pfn;

  if (*top_entry == 0)
    {
      table_pfn = take_frame (system, ATLAS_FRAME_USE_TABLE, 0);
      if (table_pfn == 0)
        return 0;
      *top_entry = table_pfn << ATLAS_PAGE_SHIFT | KERNEL_TABLE_FLAGS;
      if (top->pml4_pfn != 0)
        {
          atlas_memory_write_u64 (system->memory,
                                  (top->pml4_pfn << ATLAS_PAGE_SHIFT) + index * ATLAS_ENTRY_BYTES,
                                  *top_entry);
          atlas_frames_share (system->frames, top->pml4_pfn);
        }
    }
  table_pfn = atlas_pte_get_pfn (*top_entry);
  for (guint level = ATLAS_LEVEL_PDPT; level > ATLAS_LEVEL_PT; level--)
    {
      AtlasPa entry_pa =
        (table_pfn << ATLAS_PAGE_SHIFT) + atlas_va_index (va, level) * ATLAS_ENTRY_BYTES;
      guint64 entry = 0;

      atlas_memory_read_u64 (system->memory, entry_pa, &entry);
      if (entry == 0)
        {
          AtlasPfn pfn = take_frame (system, ATLAS_FRAME_USE_TABLE, entry_pa);

          if (pfn == 0)
            return 0;
          atlas_frames_share (system->frames, table_pfn);
          entry = pfn << ATLAS_PAGE_SHIFT | KERNEL_TABLE_FLAGS;
          atlas_memory_write_u64 (system->memory, entry_pa, entry);
        }
      else if (!names_table (system, entry))
        {
          return 0;
        }
      table_pfn = atlas_pte_get_pfn (entry);
    }
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
  atlas_frames_share (system->frames, entry_pa >> ATLAS_PAGE_SHIFT);
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
      AtlasPa entry_pa = make_pte (system, &system->kernel_top, va);
      AtlasPfn pfn = take_frame (system, ATLAS_FRAME_USE_KERNEL, entry_pa);

      write_pte (system, entry_pa, pfn, protections[i], TRUE);
      entry_pa = make_pte (system, &system->shadow_top, va);
      atlas_frames_share (system->frames, pfn);
      write_pte (system, entry_pa, pfn, protections[i], TRUE);
    }
}

void
atlas_kernel_map_system (AtlasSystem *system)
{
  AtlasPa entry_pa;

  if (system->options.has_la57)
    system->kernel_top.pml4_pfn = take_frame (system, ATLAS_FRAME_USE_TABLE, 0);
  if (system->options.has_la57 && system->options.has_kva_shadow)
    system->shadow_top.pml4_pfn = take_frame (system, ATLAS_FRAME_USE_TABLE, 0);
  entry_pa = make_pte (system, &system->kernel_top, ATLAS_KUSER_KERNEL_VA);
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

/* Reads down to the entry of @level that translates @va; 0 when one above it is not there. */
static AtlasPa
find_entry (const AtlasSystem *system, AtlasVa va, guint level)
{
  guint64 entry =
    system->kernel_top.entries[atlas_va_index (va, ATLAS_LEVEL_PML4) - FIRST_KERNEL_INDEX];

  for (guint above = ATLAS_LEVEL_PDPT;; above--)
    {
      AtlasPa entry_pa =
        (entry & ATLAS_PTE_PFN_MASK) + atlas_va_index (va, above) * ATLAS_ENTRY_BYTES;

      if (!names_table (system, entry))
        return 0;
      if (above == level)
        return entry_pa;
      entry = 0;
      atlas_memory_read_u64 (system->memory, entry_pa, &entry);
    }
}

AtlasPa
atlas_kernel_find_page (const AtlasSystem *system, AtlasVa va)
{
  AtlasPa entry_pa = find_entry (system, va, ATLAS_LEVEL_PT);
  guint64 pte = 0;
  AtlasFrame frame;

  if (entry_pa != 0)
    atlas_memory_read_u64 (system->memory, entry_pa, &pte);
  if ((pte & ATLAS_PTE_VALID) == 0 ||
      atlas_pte_get_pfn (pte) >= atlas_frames_get_n_frames (system->frames))
    return 0;
  atlas_frames_get (system->frames, atlas_pte_get_pfn (pte), &frame);
  return frame.use == ATLAS_FRAME_USE_KERNEL && frame.entry_pa == entry_pa
           ? (pte & ATLAS_PTE_PFN_MASK) | (va & ATLAS_PAGE_MASK)
           : 0;
}

AtlasVa
atlas_kernel_next_page (const AtlasSystem *system, AtlasVa va)
{
  guint slot = atlas_va_index (va, ATLAS_LEVEL_PML4);

  va = (va & ~ATLAS_PAGE_MASK) + ATLAS_PAGE_BYTES;
  while (va != 0 && atlas_va_index (va, ATLAS_LEVEL_PML4) == slot)
    {
      guint level = ATLAS_LEVEL_PDPT;

      while (level > ATLAS_LEVEL_PT && find_entry (system, va, level - 1u) != 0)
        level--;
      if (find_entry (system, va, level) == 0)
        return 0;
      if (level == ATLAS_LEVEL_PT && atlas_kernel_find_page (system, va) != 0)
        return va;
      va = (va | (atlas_level_span_bytes (level) - 1u)) + 1u;
    }
  return 0;
}

AtlasPa
atlas_kernel_map_page (AtlasSystem *system, AtlasVa va)
{
  guint index = atlas_va_index (va, ATLAS_LEVEL_PML4);
  guint64 old_top = system->kernel_top.entries[index - FIRST_KERNEL_INDEX];
  AtlasPa entry_pa = make_pte (system, &system->kernel_top, va);
  AtlasPfn pfn;

  /* The first page of a slot: processes that run have their roots already. With five levels they
   * share the table that has the entry. */
  for (guint i = 0; old_top == 0 && system->kernel_top.pml4_pfn == 0 && i < system->processes->len;
       i++)
    {
      const AtlasProcess *process = g_ptr_array_index (system->processes, i);

      if (process->root_pfn != 0)
        atlas_memory_write_u64 (system->memory,
                                (process->root_pfn << ATLAS_PAGE_SHIFT) + index * ATLAS_ENTRY_BYTES,
                                system->kernel_top.entries[index - FIRST_KERNEL_INDEX]);
    }
  if (entry_pa == 0)
    return 0;
  pfn = take_frame (system, ATLAS_FRAME_USE_KERNEL, entry_pa);
  if (pfn == 0)
    return 0;
  write_pte (system, entry_pa, pfn, ATLAS_PROTECTION_READWRITE, !system->options.has_kva_shadow);
  return pfn << ATLAS_PAGE_SHIFT;
}

void
atlas_kernel_unmap_page (AtlasSystem *system, AtlasVa va)
{
  AtlasPa entry_pa = find_entry (system, va, ATLAS_LEVEL_PT);
  AtlasPa page_pa = atlas_kernel_find_page (system, va);

  g_return_if_fail (page_pa != 0);

  atlas_memory_write_u64 (system->memory, entry_pa, 0);
  atlas_frames_unshare (system->frames, entry_pa >> ATLAS_PAGE_SHIFT);
  atlas_frames_give_back (system->frames, page_pa >> ATLAS_PAGE_SHIFT);
  /* It is global: no change of CR3 drops it. */
  atlas_mmu_invalidate_all (system->mmu);
}

static gboolean
take_root (AtlasProcess *process, const AtlasKernelTop *top, AtlasPfn *root_pfn)
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
  if (top->pml4_pfn != 0)
    {
      atlas_memory_write_u64 (system->memory,
                              (*root_pfn << ATLAS_PAGE_SHIFT) +
                                (ATLAS_TABLE_ENTRIES - 1u) * ATLAS_ENTRY_BYTES,
                              top->pml4_pfn << ATLAS_PAGE_SHIFT | KERNEL_TABLE_FLAGS);
      return TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (top->entries); i++)
    {
      if (top->entries[i] != 0)
        atlas_memory_write_u64 (system->memory,
                                (*root_pfn << ATLAS_PAGE_SHIFT) +
                                  (FIRST_KERNEL_INDEX + i) * ATLAS_ENTRY_BYTES,
                                top->entries[i]);
    }
  return TRUE;
}

gboolean
atlas_process_make_roots (AtlasProcess *process)
{
  AtlasSystem *system = process->system;
  AtlasPa root_pa;

  if (!take_root (process, &system->kernel_top, &process->root_pfn))
    return FALSE;
  root_pa = process->root_pfn << ATLAS_PAGE_SHIFT;
  process->n_tables = 1;
  atlas_memory_write_u64 (system->memory,
                          root_pa + system->kernel_layout.self_map_index * ATLAS_ENTRY_BYTES,
                          root_pa | ATLAS_PTE_NO_EXECUTE | KERNEL_TABLE_FLAGS);
  if (system->options.has_kva_shadow &&
      !take_root (process, &system->shadow_top, &process->user_root_pfn))
    return FALSE;
  atlas_process_take_control (process);
  return TRUE;
}

void
atlas_process_take_control (AtlasProcess *process)
{
  process->control = process->system->control;
  process->control.cr3 = process->root_pfn << ATLAS_PAGE_SHIFT;
  process->user_control = process->control;
  if (process->user_root_pfn != 0)
    process->user_control.cr3 = atlas_process_get_user_cr3 (process);
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

AtlasPa
atlas_process_mirror_top_entry (AtlasProcess *process, AtlasPa entry_pa, guint64 entry)
{
  AtlasPa mirror_pa = (process->user_root_pfn << ATLAS_PAGE_SHIFT) | (entry_pa & ATLAS_PAGE_MASK);
  guint64 old_entry = 0;

  if (process->user_root_pfn == 0 || entry_pa >> ATLAS_PAGE_SHIFT != process->root_pfn)
    return 0;
  atlas_memory_read_u64 (process->system->memory, mirror_pa, &old_entry);
  atlas_memory_write_u64 (process->system->memory, mirror_pa, entry);
  if (old_entry == 0 && entry != 0)
    atlas_frames_share (process->system->frames, process->user_root_pfn);
  else if (old_entry != 0 && entry == 0)
    atlas_frames_unshare (process->system->frames, process->user_root_pfn);
  return mirror_pa;
}

gboolean
atlas_process_has_different_roots (const AtlasProcess *process, AtlasVa va)
{
  AtlasPa offset = atlas_va_index (va, atlas_process_get_n_levels (process)) * ATLAS_ENTRY_BYTES;
  const AtlasMemory *memory = process->system->memory;
  guint64 entry = 0;
  guint64 user_entry = 0;

  if (process->user_root_pfn == 0)
    return FALSE;
  atlas_memory_read_u64 (memory, (process->root_pfn << ATLAS_PAGE_SHIFT) + offset, &entry);
  atlas_memory_read_u64 (
    memory, (process->user_root_pfn << ATLAS_PAGE_SHIFT) + offset, &user_entry);
  /* The processor sets Accessed in the one that it walks. */
  return ((entry ^ user_entry) & ~ATLAS_PTE_ACCESSED) != 0;
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

  return cr3 == process->control.cr3 || cr3 == process->user_control.cr3;
}

const AtlasControl *
atlas_process_get_access_control (const AtlasProcess *process, gboolean is_supervisor)
{
  return is_supervisor ? &process->control : &process->user_control;
}
