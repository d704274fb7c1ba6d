/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/kernel-layout.h"

#include <glib/gi18n-lib.h>

#include "paging/address.h"
#include "windows/aslr.h"

#define CHEN_2022 "Raymond Chen, The Old New Thing, 2022-12-16"
#define INTERNALS "Windows Internals, 7th edition, part 1, chapter 5"
#define SYSTEM_VA_TYPES "MI_SYSTEM_VA_TYPE in the kernel's public symbols"
#define ASSIGNED_REGIONS "MI_ASSIGNED_REGION_TYPES in the kernel's public symbols"
#define MEMORY_LIMITS "Microsoft Learn, Memory Limits for Windows Releases"
#define REACTOS "ReactOS, ntoskrnl/include/internal/amd64/mm.h"
#define MSRC_KVA_SHADOW "Microsoft Security Response Center, “KVA Shadow”, 2018"

#define SLOT_BYTES ATLAS_GB (512)
#define N_SLOTS 256u
#define SLOT_SHARED_DATA (0x1efu - N_SLOTS)
#define SLOT_BOOT_LOADED (0x1f0u - N_SLOTS)
/* A record of the PFN database. */
#define PFN_RECORD_BYTES 48u
#define ENTRY_PAGES 2u
/* Large pages map the kernel. */
#define IMAGE_ALIGNMENT ATLAS_MB (2)

static const AtlasKernelUseInfo kernel_uses[] = {
  [ATLAS_KERNEL_UNUSED] = {
    N_ ("unassigned kernel space"),
    N_ ("The kernel has not given these slots to any use in this boot."),
    INTERNALS,
    0,
    0,
  },
  [ATLAS_KERNEL_PAGE_TABLES] = {
    N_ ("page tables (self-map)"),
    N_ ("One entry of the root table names the root itself, so all page tables appear as one array: "
    "512 GB with four levels, 256 TB with five. Its slot is drawn at every boot."),
    INTERNALS,
    2,
    1,
  },
  [ATLAS_KERNEL_PROCESS_SPACE] = {
    N_ ("process space"),
    N_ ("Working-set list and temporary mappings of the current process: one of the few kernel slots "
    "that differ from process to process."),
    SYSTEM_VA_TYPES,
    2,
    1,
  },
  [ATLAS_KERNEL_SHARED_DATA] = {
    N_ ("shared data slot"),
    N_ ("Starts with the kernel's writable view of KUSER_SHARED_DATA, at the same address in every boot."),
    CHEN_2022,
    -1,
    -1,
  },
  [ATLAS_KERNEL_BOOT_LOADED] = {
    N_ ("kernel, HAL and boot drivers"),
    N_ ("What the boot loader put into memory before the kernel ran."),
    INTERNALS,
    3,
    2,
  },
  [ATLAS_KERNEL_PFN_DATABASE] = {
    N_ ("PFN database"),
    N_ ("One 48-byte record for every 4 KB of physical memory."),
    INTERNALS,
    4,
    3,
  },
  [ATLAS_KERNEL_NONPAGED_POOL] = {
    N_ ("non-paged pool"),
    N_ ("Kernel allocations that must never be paged out; up to 16 TB of addresses."),
    MEMORY_LIMITS,
    5,
    4,
  },
  [ATLAS_KERNEL_PAGED_POOL] = {
    N_ ("paged pool"),
    N_ ("Kernel allocations that may be paged out; up to 15.5 TB of addresses."),
    MEMORY_LIMITS,
    6,
    5,
  },
  [ATLAS_KERNEL_SYSTEM_CACHE] = {
    N_ ("system cache"),
    N_ ("Views of files that the cache manager has open; up to 16 TB of addresses."),
    MEMORY_LIMITS,
    8,
    7,
  },
  [ATLAS_KERNEL_SYSTEM_PTES] = {
    N_ ("system PTEs"),
    N_ ("Mappings made on the fly: I/O buffers, drivers' views; up to 16 TB of addresses."),
    INTERNALS,
    9,
    8,
  },
  [ATLAS_KERNEL_DRIVER_IMAGES] = {
    N_ ("driver images"),
    N_ ("Drivers that were loaded after boot."),
    SYSTEM_VA_TYPES,
    12,
    11,
  },
  [ATLAS_KERNEL_STACKS] = {
    N_ ("kernel stacks"),
    N_ ("One stack for every thread while it runs in the kernel."),
    SYSTEM_VA_TYPES,
    14,
    13,
  },
  [ATLAS_KERNEL_CFG] = {
    N_ ("kernel control flow guard"),
    N_ ("Two bits for every 16 bytes of kernel code tell which addresses indirect calls may reach."),
    SYSTEM_VA_TYPES,
    -1,
    18,
  },
  [ATLAS_KERNEL_SESSION] = {
    N_ ("session space"),
    N_ ("What the window manager and its drivers keep for each session: the same addresses mean another "
    "thing in another session."),
    SYSTEM_VA_TYPES,
    1,
    -1,
  },
  [ATLAS_KERNEL_HAL] = {
    N_ ("HAL heap"),
    N_ ("The hardware abstraction layer's own mappings: interrupt controllers and firmware tables."),
    REACTOS,
    10,
    9,
  },
  [ATLAS_KERNEL_CACHE_WORKING_SET] = {
    N_ ("system cache working set"),
    N_ ("The working-set list of the system cache."),
    REACTOS,
    -1,
    -1,
  },
  [ATLAS_KERNEL_ULTRA_ZERO] = {
    N_ ("zeroing space"),
    N_ ("Where frames are mapped while they are filled with zeros."),
    ASSIGNED_REGIONS,
    -1,
    -1,
  },
  [ATLAS_KERNEL_SPECIAL_POOL_PAGED] = {
    N_ ("special pool (paged)"),
    N_ ("Allocations that Driver Verifier sets between pages without access."),
    SYSTEM_VA_TYPES,
    7,
    -1,
  },
  [ATLAS_KERNEL_SPECIAL_POOL_NONPAGED] = {
    N_ ("special pool (non-paged)"),
    N_ ("Allocations that Driver Verifier sets between pages without access."),
    ASSIGNED_REGIONS,
    -1,
    -1,
  },
  [ATLAS_KERNEL_SECURE_NONPAGED_POOL] = {
    N_ ("secure non-paged pool"),
    N_ ("Pool that the secure kernel guards: the normal kernel cannot write there."),
    SYSTEM_VA_TYPES,
    15,
    14,
  },
  [ATLAS_KERNEL_NONCACHED_MAPPINGS] = {
    N_ ("non-cached mappings"),
    N_ ("Mappings of device memory, which no cache may hold."),
    SYSTEM_VA_TYPES,
    -1,
    6,
  },
  [ATLAS_KERNEL_SHADOW_STACKS] = {
    N_ ("kernel shadow stacks"),
    N_ ("Return addresses once more, written by CALL alone, so that RET can tell forged ones."),
    SYSTEM_VA_TYPES,
    -1,
    15,
  },
  [ATLAS_KERNEL_SOFT_WSLES] = {
    N_ ("working-set list entries"),
    N_ ("Age and state of every page of every working set."),
    SYSTEM_VA_TYPES,
    -1,
    16,
  },
  [ATLAS_KERNEL_SYSTEM_DATA_VIEWS] = {
    N_ ("system data views"),
    N_ ("Views of sections in the kernel half."),
    SYSTEM_VA_TYPES,
    -1,
    17,
  },
  [ATLAS_KERNEL_ENTRY] = {
    N_ ("kernel entry (KVA shadow)"),
    N_ ("The code that every interrupt and system call enters, and the processor's tables and stacks: "
    "all of the kernel half that a program's own page tables map."),
    MSRC_KVA_SHADOW,
    3,
    2,
  },
};

_Static_assert(G_N_ELEMENTS (kernel_uses) == ATLAS_N_KERNEL_USES, "words for each use");

const AtlasKernelUseInfo *
atlas_kernel_use_get_info (AtlasKernelUse use)
{
  g_return_val_if_fail (use < ATLAS_N_KERNEL_USES, NULL);

  return &kernel_uses[use];
}

/* Slots of 512 GB that each use takes, in the kernels of these builds; its place is drawn. The
 * limits above give the sizes of pools, cache and system PTEs; the others are a choice, as is the
 * build at which one list of MI_ASSIGNED_REGION_TYPES gives way to the next. */
static const struct
{
  guint8 use;
  guint8 n_slots;
  guint32 first_build;
  guint32 end_build;
} assignments[] = {
  { ATLAS_KERNEL_NONPAGED_POOL, 32, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_PAGED_POOL, 31, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_SYSTEM_CACHE, 32, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_SYSTEM_PTES, 32, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_CFG, 4, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_PFN_DATABASE, 1, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_STACKS, 1, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_DRIVER_IMAGES, 1, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_PROCESS_SPACE, 1, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_PAGE_TABLES, 1, 0, G_MAXUINT32 },
  { ATLAS_KERNEL_ULTRA_ZERO, 1, 0, 22000 },
  { ATLAS_KERNEL_SESSION, 1, 0, 22000 },
  { ATLAS_KERNEL_SPECIAL_POOL_PAGED, 1, 0, 19042 },
  { ATLAS_KERNEL_SPECIAL_POOL_NONPAGED, 1, 0, 19042 },
  { ATLAS_KERNEL_SECURE_NONPAGED_POOL, 1, 19042, G_MAXUINT32 },
  { ATLAS_KERNEL_SHADOW_STACKS, 1, 20348, G_MAXUINT32 },
  { ATLAS_KERNEL_NONCACHED_MAPPINGS, 1, 22000, G_MAXUINT32 },
  { ATLAS_KERNEL_SOFT_WSLES, 1, 22000, G_MAXUINT32 },
  { ATLAS_KERNEL_SYSTEM_DATA_VIEWS, 1, 22000, G_MAXUINT32 },
};

static void
add_region (AtlasKernelLayout *layout, guint64 size_bytes, AtlasKernelUse use)
{
  AtlasKernelRegion *last = layout->n_regions > 0 ? &layout->regions[layout->n_regions - 1u] : NULL;
  AtlasVa first_va = atlas_kernel_get_start_va (layout->n_levels);
  AtlasVa base_va = last == NULL ? first_va : last->base_va + last->size_bytes;

  if (size_bytes == 0)
    return;
  if (last != NULL && last->use == use)
    {
      last->size_bytes += size_bytes;
      return;
    }
  g_assert (layout->n_regions < ATLAS_KERNEL_REGIONS_MAX);
  layout->regions[layout->n_regions++] =
    (AtlasKernelRegion){ .base_va = base_va, .size_bytes = size_bytes, .use = use };
}

static gboolean
is_run_unused (const AtlasKernelLayout *layout, guint first, guint n_slots)
{
  if (first + n_slots > N_SLOTS)
    return FALSE;
  for (guint slot = first; slot < first + n_slots; slot++)
    {
      if (layout->uses[slot] != ATLAS_KERNEL_UNUSED)
        return FALSE;
    }
  return TRUE;
}

/* Any run that fits is as likely as any other. The large uses come first, so there is one. */
static guint
draw_run (const AtlasKernelLayout *layout, AtlasRandom *random, guint n_slots)
{
  guint n_fitting = 0;
  guint64 chosen;
  guint first = 0;

  for (guint slot = 0; slot < N_SLOTS; slot++)
    n_fitting += is_run_unused (layout, slot, n_slots);
  chosen = atlas_random_below (random, n_fitting);
  while (!is_run_unused (layout, first, n_slots) || chosen-- > 0)
    first++;
  return first;
}

/* The boot loader's slot: the kernel's entry pages are told apart where a program's own tables map
 * them. */
static void
add_boot_loaded (AtlasKernelLayout *layout, guint64 size_bytes, gboolean has_kva_shadow)
{
  AtlasVa base_va = layout->regions[layout->n_regions - 1u].base_va +
                    layout->regions[layout->n_regions - 1u].size_bytes;
  guint64 n_before = layout->kernel_image_va - base_va;

  if (!has_kva_shadow)
    {
      add_region (layout, size_bytes, ATLAS_KERNEL_BOOT_LOADED);
      return;
    }
  add_region (layout, n_before, ATLAS_KERNEL_BOOT_LOADED);
  add_region (layout, ENTRY_PAGES * ATLAS_PAGE_BYTES, ATLAS_KERNEL_ENTRY);
  add_region (
    layout, size_bytes - n_before - ENTRY_PAGES * ATLAS_PAGE_BYTES, ATLAS_KERNEL_BOOT_LOADED);
}

/* All PML5 entries of the half but the last: 256 TB each, of which the page tables have one; and of
 * the last what lies below the slots of four levels. */
static void
add_la57_slots (AtlasKernelLayout *layout, const AtlasSystemOptions *options)
{
  AtlasRandom random = atlas_random_fork (options->seed, "PML5 self-map");
  guint64 slot_bytes = atlas_level_span_bytes (ATLAS_LEVEL_PML5);
  guint slot = (guint) atlas_random_below (&random, N_SLOTS - 1u);

  layout->self_map_index = N_SLOTS + slot;
  add_region (layout, slot * slot_bytes, ATLAS_KERNEL_UNUSED);
  add_region (layout, slot_bytes, ATLAS_KERNEL_PAGE_TABLES);
  add_region (
    layout, (N_SLOTS - 2u - slot) * slot_bytes + N_SLOTS * SLOT_BYTES, ATLAS_KERNEL_UNUSED);
}

/* Alex Ionescu, "Owning the Image Object File Format", 2016; Windows Internals: the order changes
 * at every boot. Fixed are the slots of the shared page and of what the boot loader brought. */
static void
draw_random (AtlasKernelLayout *layout, const AtlasSystemOptions *options)
{
  AtlasRandom random = atlas_random_fork (options->seed, "kernel layout");

  layout->uses[SLOT_SHARED_DATA] = ATLAS_KERNEL_SHARED_DATA;
  layout->uses[SLOT_BOOT_LOADED] = ATLAS_KERNEL_BOOT_LOADED;
  for (guint i = 0; i < G_N_ELEMENTS (assignments); i++)
    {
      guint n_slots = assignments[i].n_slots;
      guint first;

      if (options->build < assignments[i].first_build || options->build >= assignments[i].end_build)
        continue;
      if (assignments[i].use == ATLAS_KERNEL_PAGE_TABLES && options->has_la57)
        continue;
      first = draw_run (layout, &random, n_slots);
      for (guint slot = first; slot < first + n_slots; slot++)
        layout->uses[slot] = assignments[i].use;
      if (assignments[i].use == ATLAS_KERNEL_PAGE_TABLES)
        layout->self_map_index = N_SLOTS + first;
    }
  layout->kernel_image_va =
    ATLAS_KERNEL_START_VA + SLOT_BOOT_LOADED * SLOT_BYTES +
    atlas_random_below (&random, SLOT_BYTES / IMAGE_ALIGNMENT) * IMAGE_ALIGNMENT;

  if (options->has_la57)
    add_la57_slots (layout, options);
  for (guint slot = 0; slot < N_SLOTS; slot++)
    {
      if (slot == SLOT_BOOT_LOADED)
        add_boot_loaded (layout, SLOT_BYTES, options->has_kva_shadow);
      else
        add_region (layout, SLOT_BYTES, (AtlasKernelUse) layout->uses[slot]);
    }
}

/* ReactOS has the starts; the sizes follow the widely published map of Windows 7. That non-paged
 * pool follows the PFN database and takes 128 GB (Memory Limits) is part of it. */
static void
draw_classic (AtlasKernelLayout *layout, const AtlasSystemOptions *options)
{
  guint64 pfn_bytes = options->memory_bytes / ATLAS_PAGE_BYTES * PFN_RECORD_BYTES;
  guint64 used_bytes = ATLAS_GB (128);

  pfn_bytes = (pfn_bytes + ATLAS_MB (2) - 1u) & ~(ATLAS_MB (2) - 1u);
  used_bytes += pfn_bytes;
  layout->kernel_image_va = ATLAS_KERNEL_START_VA + SLOT_BOOT_LOADED * SLOT_BYTES;
  layout->self_map_index = 0x1ed;
  add_region (layout, (0x1edu - N_SLOTS) * SLOT_BYTES, ATLAS_KERNEL_UNUSED);
  add_region (layout, SLOT_BYTES, ATLAS_KERNEL_PAGE_TABLES);
  add_region (layout, SLOT_BYTES, ATLAS_KERNEL_PROCESS_SPACE);
  add_region (layout, ATLAS_PAGE_BYTES, ATLAS_KERNEL_SHARED_DATA);
  add_region (layout, SLOT_BYTES - ATLAS_PAGE_BYTES, ATLAS_KERNEL_CACHE_WORKING_SET);
  add_boot_loaded (layout, SLOT_BYTES, options->has_kva_shadow);
  add_region (layout, ATLAS_GB (128), ATLAS_KERNEL_SYSTEM_PTES);
  add_region (layout, ATLAS_GB (128), ATLAS_KERNEL_PAGED_POOL);
  add_region (layout, ATLAS_GB (256), ATLAS_KERNEL_UNUSED);
  add_region (layout, SLOT_BYTES, ATLAS_KERNEL_SESSION);
  add_region (layout, 2u * SLOT_BYTES, ATLAS_KERNEL_SYSTEM_CACHE);
  add_region (layout, pfn_bytes, ATLAS_KERNEL_PFN_DATABASE);
  add_region (layout, ATLAS_GB (128), ATLAS_KERNEL_NONPAGED_POOL);
  add_region (layout,
              (N_SLOTS - (0x1f5u - N_SLOTS)) * SLOT_BYTES - used_bytes - ATLAS_MB (4),
              ATLAS_KERNEL_UNUSED);
  add_region (layout, ATLAS_MB (4), ATLAS_KERNEL_HAL);

  for (guint slot = 0; slot < N_SLOTS; slot++)
    layout->uses[slot] =
      (guint8) atlas_kernel_layout_find (layout, ATLAS_KERNEL_START_VA + slot * SLOT_BYTES)->use;
}

void
atlas_kernel_layout_draw (AtlasKernelLayout *layout, const AtlasSystemOptions *options)
{
  g_return_if_fail (layout != NULL && options != NULL);

  *layout = (AtlasKernelLayout){ .n_levels = atlas_system_options_get_n_levels (options) };
  if (options->has_classic_layout)
    draw_classic (layout, options);
  else
    draw_random (layout, options);
}

AtlasVa
atlas_kernel_layout_get_base_va (const AtlasKernelLayout *layout, AtlasKernelUse use)
{
  for (guint i = 0; i < layout->n_regions; i++)
    {
      if (layout->regions[i].use == use)
        return layout->regions[i].base_va;
    }
  return 0;
}

const AtlasKernelRegion *
atlas_kernel_layout_find (const AtlasKernelLayout *layout, AtlasVa va)
{
  guint i = 0;

  g_return_val_if_fail (va >= layout->regions[0].base_va, NULL);

  while (va - layout->regions[i].base_va >= layout->regions[i].size_bytes)
    i++;
  return &layout->regions[i];
}

AtlasVa
atlas_self_map_get_entry_va (guint self_map_index, AtlasVa va, guint level, guint n_levels)
{
  g_return_val_if_fail (self_map_index >= 256 && self_map_index < 512, 0);
  g_return_val_if_fail (n_levels == ATLAS_LEVEL_PML4 || n_levels == ATLAS_LEVEL_PML5, 0);
  g_return_val_if_fail (level >= ATLAS_LEVEL_PT && level <= n_levels, 0);

  /* Every level up goes through the self entry once more. */
  guint va_bits = atlas_levels_va_bits (n_levels);
  AtlasVa table_va = ATLAS_BITS (63, va_bits);

  for (guint l = n_levels; l > n_levels - level; l--)
    table_va |= (guint64) self_map_index << atlas_level_shift (l);
  return table_va |
         ((va & ATLAS_BITS (va_bits - 1u, 0)) >> atlas_level_shift (level)) * ATLAS_ENTRY_BYTES;
}
