/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The kernel half: what the kernel uses its addresses for.
 *
 *   classic, before Windows 10 1607          random, since
 *   fffff680`…  page tables                  512 GB slots in another order at every boot; only the
 *   fffff700`…  process space                shared data (fffff780`…) and what the boot loader
 *   fffff780`…  shared data                  brought (fffff800`…) stay
 *   fffff800`…  kernel, HAL, boot drivers
 *   fffff880`…  system PTEs
 *   fffff8a0`…  paged pool
 *   fffff900`…  session space
 *   fffff980`…  system cache
 *   fffffa80`…  PFN database, non-paged pool
 *   ffffffff`ffc00000  HAL
 */

#include "space/region.h"
#include "windows/system.h"

G_BEGIN_DECLS

#define ATLAS_KERNEL_START_VA G_GUINT64_CONSTANT (0xffff800000000000)
/* With page tables of five levels the kernel half has 64 PB. A choice, for no source tells: all
 * that is known of four levels stays where it is, under the last entry of the PML5; the page tables
 * have a PML5 entry of their own, drawn at every boot, and the rest is not assigned. That KVA
 * shadow goes with it is a choice too: no processor with five levels is open to Meltdown, but
 * nothing in the tables speaks against it. The roots that programs run on then have a PML4 of their
 * own below that last entry. */
#define ATLAS_LA57_KERNEL_START_VA G_GUINT64_CONSTANT (0xff00000000000000)

/* Where the kernel half begins. */
static inline AtlasVa
atlas_kernel_get_start_va (guint n_levels)
{
  return n_levels == 5u ? ATLAS_LA57_KERNEL_START_VA : ATLAS_KERNEL_START_VA;
}

#define ATLAS_KUSER_KERNEL_VA G_GUINT64_CONSTANT (0xfffff78000000000)

typedef enum
{
  ATLAS_KERNEL_UNUSED,
  ATLAS_KERNEL_PAGE_TABLES,
  ATLAS_KERNEL_PROCESS_SPACE,
  ATLAS_KERNEL_SHARED_DATA,
  ATLAS_KERNEL_BOOT_LOADED,
  ATLAS_KERNEL_PFN_DATABASE,
  ATLAS_KERNEL_NONPAGED_POOL,
  ATLAS_KERNEL_PAGED_POOL,
  ATLAS_KERNEL_SYSTEM_CACHE,
  ATLAS_KERNEL_SYSTEM_PTES,
  ATLAS_KERNEL_DRIVER_IMAGES,
  ATLAS_KERNEL_STACKS,
  ATLAS_KERNEL_CFG,
  ATLAS_KERNEL_SESSION,
  ATLAS_KERNEL_HAL,
  ATLAS_KERNEL_CACHE_WORKING_SET,
  ATLAS_KERNEL_ULTRA_ZERO,
  ATLAS_KERNEL_SPECIAL_POOL_PAGED,
  ATLAS_KERNEL_SPECIAL_POOL_NONPAGED,
  ATLAS_KERNEL_SECURE_NONPAGED_POOL,
  ATLAS_KERNEL_NONCACHED_MAPPINGS,
  ATLAS_KERNEL_SHADOW_STACKS,
  ATLAS_KERNEL_SOFT_WSLES,
  ATLAS_KERNEL_SYSTEM_DATA_VIEWS,
  ATLAS_KERNEL_ENTRY, /* what both roots of a process map */
  ATLAS_N_KERNEL_USES,
} AtlasKernelUse;

typedef struct
{
  const char *name;
  const char *reason;
  const char *source;
  /* MI_SYSTEM_VA_TYPE of Windows 10 1607 … 1803 and of Windows 11; -1: it has none. */
  gint8 va_type_1607;
  gint8 va_type_11;
} AtlasKernelUseInfo;

ATLAS_AVAILABLE const AtlasKernelUseInfo *atlas_kernel_use_get_info (AtlasKernelUse use);

typedef struct
{
  AtlasVa base_va;
  guint64 size_bytes;
  AtlasKernelUse use;
} AtlasKernelRegion;

#define ATLAS_KERNEL_REGIONS_MAX 60u

/* The kernel half of one boot. */
typedef struct
{
  AtlasKernelRegion regions[ATLAS_KERNEL_REGIONS_MAX]; /* from its start to its end, without gaps */
  guint n_regions;
  guint n_levels;   /* 4, 5 */
  guint8 uses[256]; /* of each 512 GB slot PML4[256] … PML4[511]: AtlasKernelUse of most of it */
  guint self_map_index; /* 256 … 511, of the root */
  AtlasVa kernel_image_va;
} AtlasKernelLayout;

/* The layout of a machine with these options: classic, or drawn from the seed. */
ATLAS_AVAILABLE void atlas_kernel_layout_draw (AtlasKernelLayout *layout,
                                               const AtlasSystemOptions *options);
/* Where the first region of @use begins; 0 when this boot has none. */
ATLAS_AVAILABLE AtlasVa atlas_kernel_layout_get_base_va (const AtlasKernelLayout *layout,
                                                         AtlasKernelUse use);
/* The region that holds @va of the kernel half. */
ATLAS_AVAILABLE const AtlasKernelRegion *atlas_kernel_layout_find (const AtlasKernelLayout *layout,
                                                                   AtlasVa va);
ATLAS_AVAILABLE const AtlasKernelLayout *atlas_system_get_kernel_layout (const AtlasSystem *system);

/* Where the self-map of tables of 4 or 5 levels shows the entry of @level that translates @va:
 * PTE_BASE + (va >> 12) × 8 and so on. */
ATLAS_AVAILABLE AtlasVa atlas_self_map_get_entry_va (guint self_map_index,
                                                     AtlasVa va,
                                                     guint level,
                                                     guint n_levels);

G_END_DECLS
