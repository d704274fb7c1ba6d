/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/layout.h"

#include "paging/address.h"
#include "windows/aslr.h"

#define CHEN_2022 "Raymond Chen, The Old New Thing, 2022-12-16"
#define CHEN_2014 "Raymond Chen, The Old New Thing, 2014-10-09"
#define SDM_CANONICAL "Intel SDM vol. 1 §3.3.7.1"

#define SLOT_BYTES ATLAS_KB (64)

/* That 0x80000000 … 0x8000ffff stays invalid in large-address-aware processes rests on
 * Raymond Chen's word alone. */
static const AtlasLayoutRegion regions[] = {
  {
    .base_va = 0,
    .size_bytes = SLOT_BYTES,
    .kind = ATLAS_LAYOUT_NEVER,
    .name = "null-pointer guard",
    .reason = "Nothing is ever allocated in the first 64 KB, so that a null pointer, with a small "
              "offset added too, faults at once.",
    .source = CHEN_2022,
  },
  {
    .base_va = ATLAS_KUSER_VA,
    .size_bytes = SLOT_BYTES,
    .kind = ATLAS_LAYOUT_BLOCK,
    .name = "shared data block",
    .reason = "VirtualQuery calls it free, but its 64 KB slot belongs to KUSER_SHARED_DATA and the "
              "hypervisor page, and a reservation would have to start at 0x7ffe0000.",
    .source = CHEN_2022,
  },
  {
    .base_va = G_GUINT64_CONSTANT (0x7fff0000),
    .size_bytes = SLOT_BYTES,
    .kind = ATLAS_LAYOUT_NEVER,
    .is_64bit_only = TRUE,
    .name = "no-man's land below 2 GB",
    .reason = "On the Alpha AXP an address in the last 32 KB below 2 GB took three instructions to "
              "load instead of two; the 64 KB that hold it stay invalid on every processor.",
    .source = CHEN_2022,
  },
  {
    .base_va = G_GUINT64_CONSTANT (0x80000000),
    .size_bytes = SLOT_BYTES,
    .kind = ATLAS_LAYOUT_NEVER,
    .is_64bit_only = TRUE,
    .name = "no-man's land above 2 GB",
    .reason = "The 64 KB on the far side of the 2 GB line stay invalid as well, so that no buffer "
              "crosses the line page by page.",
    .source = CHEN_2022,
  },
  {
    .base_va = G_GUINT64_CONSTANT (0x7fffffff0000),
    .size_bytes = SLOT_BYTES,
    .kind = ATLAS_LAYOUT_NEVER,
    .is_64bit_only = TRUE,
    .name = "no-man's land below the hole",
    .reason = "The last 64 KB of the user half stay invalid: the kernel need only check where a "
              "buffer starts, for one that runs on faults here before it leaves the user half.",
    .source = CHEN_2014,
  },
  {
    .base_va = ATLAS_USER_END_VA,
    .size_bytes = ATLAS_KERNEL_START_VA - ATLAS_USER_END_VA,
    .kind = ATLAS_LAYOUT_HOLE,
    .name = "non-canonical hole",
    .reason = "Bits 63…48 must repeat bit 47; the processor refuses every address in between.",
    .source = SDM_CANONICAL,
  },
};

const AtlasLayoutRegion atlas_layout_kuser = {
  .base_va = ATLAS_KUSER_VA,
  .size_bytes = ATLAS_PAGE_BYTES,
  .kind = ATLAS_LAYOUT_BLOCK,
  .name = "KUSER_SHARED_DATA",
  .reason = "One page at the same address in every process, read-only here: programs read the time "
            "without a system call. The kernel writes it through fffff780`00000000.",
  .source = CHEN_2022,
};

const AtlasLayoutRegion atlas_layout_hypervisor = {
  .base_va = 0,
  .size_bytes = ATLAS_PAGE_BYTES,
  .kind = ATLAS_LAYOUT_BLOCK,
  .name = "hypervisor reference TSC page",
  .reason = "The hypervisor's factors for turning the processor's time-stamp counter into time, in "
            "one of 15 pages behind KUSER_SHARED_DATA; the slot is drawn at boot.",
  .source = CHEN_2022 "; Hypervisor Top Level Functional Specification, “Timers”",
};

const AtlasLayoutRegion *
atlas_layout_get_regions (guint *n_regions)
{
  *n_regions = G_N_ELEMENTS (regions);
  return regions;
}

const AtlasLayoutRegion *
atlas_layout_find (AtlasVa va)
{
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      if (va - regions[i].base_va < regions[i].size_bytes)
        return &regions[i];
    }
  return NULL;
}

const AtlasLayoutRegion *
atlas_layout_find_reserved (AtlasVa base_va, guint64 size_bytes)
{
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      if (regions[i].kind != ATLAS_LAYOUT_HOLE &&
          (base_va - regions[i].base_va < regions[i].size_bytes ||
           regions[i].base_va - base_va < size_bytes))
        return &regions[i];
    }
  return NULL;
}

#define INTERNALS "Windows Internals, 7th edition, part 1, chapter 5"
#define SYSTEM_VA_TYPES "MI_SYSTEM_VA_TYPE in the kernel's public symbols"
#define MEMORY_LIMITS "Microsoft Learn, Memory Limits for Windows Releases"

static const AtlasKernelUseInfo kernel_uses[] = {
  [ATLAS_KERNEL_UNUSED] = {
    "unassigned kernel space",
    "The kernel has not given these 512 GB slots to any use in this boot.",
    INTERNALS,
  },
  [ATLAS_KERNEL_PAGE_TABLES] = {
    "page tables (self-map)",
    "One PML4 entry names the PML4 itself, so all page tables appear as one 512 GB array; its slot "
    "is drawn at every boot.",
    INTERNALS,
  },
  [ATLAS_KERNEL_PROCESS_SPACE] = {
    "process space",
    "Working-set list and temporary mappings of the current process: one of the few kernel slots "
    "that differ from process to process.",
    SYSTEM_VA_TYPES,
  },
  [ATLAS_KERNEL_SHARED_DATA] = {
    "shared data slot",
    "Starts with the kernel's writable view of KUSER_SHARED_DATA, at the same address in every boot.",
    CHEN_2022,
  },
  [ATLAS_KERNEL_BOOT_LOADED] = {
    "kernel, HAL and boot drivers",
    "What the boot loader put into memory before the kernel ran.",
    INTERNALS,
  },
  [ATLAS_KERNEL_PFN_DATABASE] = {
    "PFN database",
    "One 48-byte record for every 4 KB of physical memory.",
    INTERNALS,
  },
  [ATLAS_KERNEL_NONPAGED_POOL] = {
    "non-paged pool",
    "Kernel allocations that must never be paged out; up to 16 TB of addresses.",
    MEMORY_LIMITS,
  },
  [ATLAS_KERNEL_PAGED_POOL] = {
    "paged pool",
    "Kernel allocations that may be paged out; up to 15.5 TB of addresses.",
    MEMORY_LIMITS,
  },
  [ATLAS_KERNEL_SYSTEM_CACHE] = {
    "system cache",
    "Views of files that the cache manager has open; up to 16 TB of addresses.",
    MEMORY_LIMITS,
  },
  [ATLAS_KERNEL_SYSTEM_PTES] = {
    "system PTEs",
    "Mappings made on the fly: I/O buffers, drivers' views; up to 16 TB of addresses.",
    INTERNALS,
  },
  [ATLAS_KERNEL_DRIVER_IMAGES] = {
    "driver images",
    "Drivers that were loaded after boot.",
    SYSTEM_VA_TYPES,
  },
  [ATLAS_KERNEL_STACKS] = {
    "kernel stacks",
    "One stack for every thread while it runs in the kernel.",
    SYSTEM_VA_TYPES,
  },
  [ATLAS_KERNEL_CFG] = {
    "kernel control flow guard",
    "Two bits for every 16 bytes of kernel code tell which addresses indirect calls may reach.",
    SYSTEM_VA_TYPES,
  },
};

_Static_assert(G_N_ELEMENTS (kernel_uses) == ATLAS_N_KERNEL_USES, "words for each use");

const AtlasKernelUseInfo *
atlas_kernel_use_get_info (AtlasKernelUse use)
{
  g_return_val_if_fail (use < ATLAS_N_KERNEL_USES, NULL);

  return &kernel_uses[use];
}

#define SLOT_SHARED_DATA (0x1efu - 256u)
#define SLOT_BOOT_LOADED (0x1f0u - 256u)

/* Slots of 512 GB that each use takes; its place is drawn. The limits above give the sizes of
 * pools, cache and system PTEs; the others are a choice. */
static const struct
{
  guint8 use;
  guint8 n_slots;
} assignments[] = {
  { ATLAS_KERNEL_NONPAGED_POOL, 32 },
  { ATLAS_KERNEL_PAGED_POOL, 31 },
  { ATLAS_KERNEL_SYSTEM_CACHE, 32 },
  { ATLAS_KERNEL_SYSTEM_PTES, 32 },
  { ATLAS_KERNEL_CFG, 4 },
  { ATLAS_KERNEL_PFN_DATABASE, 1 },
  { ATLAS_KERNEL_STACKS, 1 },
  { ATLAS_KERNEL_DRIVER_IMAGES, 1 },
  { ATLAS_KERNEL_PROCESS_SPACE, 1 },
  { ATLAS_KERNEL_PAGE_TABLES, 1 },
};

static gboolean
is_run_unused (const AtlasKernelLayout *layout, guint first, guint n_slots)
{
  if (first + n_slots > G_N_ELEMENTS (layout->uses))
    return FALSE;
  for (guint slot = first; slot < first + n_slots; slot++)
    {
      if (layout->uses[slot] != ATLAS_KERNEL_UNUSED)
        return FALSE;
    }
  return TRUE;
}

void
atlas_kernel_layout_draw (AtlasKernelLayout *layout, guint64 seed)
{
  AtlasRandom random = atlas_random_fork (seed, "kernel layout");

  *layout = (AtlasKernelLayout){ 0 };
  layout->uses[SLOT_SHARED_DATA] = ATLAS_KERNEL_SHARED_DATA;
  layout->uses[SLOT_BOOT_LOADED] = ATLAS_KERNEL_BOOT_LOADED;

  for (guint i = 0; i < G_N_ELEMENTS (assignments); i++)
    {
      guint n_slots = assignments[i].n_slots;
      guint first = (guint) atlas_random_below (&random, G_N_ELEMENTS (layout->uses));

      /* The next run that fits, around the end: the large uses come first, so there is one. */
      while (!is_run_unused (layout, first, n_slots))
        first = (first + 1u) % G_N_ELEMENTS (layout->uses);
      for (guint slot = first; slot < first + n_slots; slot++)
        layout->uses[slot] = assignments[i].use;
      if (assignments[i].use == ATLAS_KERNEL_PAGE_TABLES)
        layout->self_map_index = 256u + first;
    }
}

AtlasVa
atlas_kernel_layout_get_base_va (const AtlasKernelLayout *layout, AtlasKernelUse use)
{
  for (guint slot = 0; slot < G_N_ELEMENTS (layout->uses); slot++)
    {
      if (layout->uses[slot] == use)
        return ATLAS_KERNEL_START_VA + slot * atlas_level_span_bytes (ATLAS_LEVEL_PML4);
    }
  return 0;
}

AtlasVa
atlas_self_map_get_entry_va (guint self_map_index, AtlasVa va, guint level)
{
  g_return_val_if_fail (self_map_index >= 256 && self_map_index < 512, 0);
  g_return_val_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVEL_PML4, 0);

  /* Every level up goes through the self entry once more. */
  AtlasVa table_va = ATLAS_BITS (63, 48);

  for (guint l = ATLAS_LEVEL_PML4; l > ATLAS_LEVEL_PML4 - level; l--)
    table_va |= (guint64) self_map_index << atlas_level_shift (l);
  return table_va | ((va & ATLAS_BITS (47, 0)) >> atlas_level_shift (level)) * ATLAS_ENTRY_BYTES;
}
