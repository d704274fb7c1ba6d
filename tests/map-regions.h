/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Region sets for tests of the map: a Windows 11 process in small, and made-up ones. */

#include "space/region-set.h"

/* Stands, with fewer modules, where a 64-bit program on Windows 11 22000 stood: addresses and sizes
 * of the shared data page, hypervisor page, stacks, heaps, CFG bitmap and program are its own. */
typedef struct
{
  AtlasVa base_va;
  guint64 size_bytes;
  AtlasVa allocation_base_va;
  AtlasRegionState state;
  guint32 protect;
  AtlasRegionType type;
  AtlasRegionClass region_class;
  const char *name;
} MapRegion;

#define MAP_REGION(base, size, allocation, state, protect, type, class, name)                      \
  { G_GUINT64_CONSTANT (base), G_GUINT64_CONSTANT (size), G_GUINT64_CONSTANT (allocation),         \
    ATLAS_STATE_##state, (protect), ATLAS_TYPE_##type, ATLAS_CLASS_##class, (name) }

static const MapRegion map_regions_low[] = {
  MAP_REGION (0x0, 0x10000, 0x0, FREE, 0x1, NONE, NEVER, "null-pointer guard"),
  MAP_REGION (0x7ffe0000, 0x1000, 0x7ffe0000, COMMIT, 0x2, PRIVATE, SYSTEM, "KUSER_SHARED_DATA"),
  MAP_REGION (0x7ffef000, 0x1000, 0x7ffef000, COMMIT, 0x2, PRIVATE, SYSTEM, "hypervisor page"),
  MAP_REGION (0x7fff0000, 0x20000, 0x7fff0000, FREE, 0x1, NONE, NEVER, "no-man's land"),
  MAP_REGION (0xcbc8000000, 0xb8000, 0xcbc8000000, RESERVE, 0x0, PRIVATE, SYSTEM, "PEB and TEBs"),
  MAP_REGION (0xcbc80b8000, 0x3000, 0xcbc8000000, COMMIT, 0x4, PRIVATE, SYSTEM, "PEB and TEBs"),
  MAP_REGION (0xcbc80bb000, 0x145000, 0xcbc8000000, RESERVE, 0x0, PRIVATE, SYSTEM, "PEB and TEBs"),
  MAP_REGION (0xcbc8200000, 0xf5000, 0xcbc8200000, RESERVE, 0x0, PRIVATE, STACK, "stack of thread 1468"),
  MAP_REGION (0xcbc82f5000, 0x3000, 0xcbc8200000, COMMIT, 0x104, PRIVATE, STACK, "stack of thread 1468"),
  MAP_REGION (0xcbc82f8000, 0x8000, 0xcbc8200000, COMMIT, 0x4, PRIVATE, STACK, "stack of thread 1468"),
  MAP_REGION (0xcbc8300000, 0xfd000, 0xcbc8300000, RESERVE, 0x0, PRIVATE, STACK, NULL),
  MAP_REGION (0xcbc83fd000, 0x1000, 0xcbc8300000, COMMIT, 0x102, PRIVATE, STACK, NULL),
  MAP_REGION (0xcbc83fe000, 0x1000, 0xcbc8300000, COMMIT, 0x2, PRIVATE, STACK, NULL),
  MAP_REGION (0xcbc83ff000, 0x1000, 0xcbc8300000, RESERVE, 0x0, PRIVATE, STACK, NULL),
  MAP_REGION (0xefffff0000, 0x200010000, 0xefffff0000, RESERVE, 0x0, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x2a658330000, 0x10000, 0x2a658330000, COMMIT, 0x4, MAPPED, MAPPED, NULL),
  MAP_REGION (0x2a658340000, 0x3000, 0x2a658340000, COMMIT, 0x2, MAPPED, MAPPED, NULL),
  MAP_REGION (0x2a658350000, 0x1f000, 0x2a658350000, COMMIT, 0x2, MAPPED, MAPPED, NULL),
  MAP_REGION (0x2a65836f000, 0x1000, 0x0, FREE, 0x1, NONE, UNUSABLE, NULL),
  MAP_REGION (0x2a658370000, 0x4000, 0x2a658370000, COMMIT, 0x2, MAPPED, MAPPED, NULL),
  MAP_REGION (0x2a658380000, 0x2000, 0x2a658380000, COMMIT, 0x4, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x2a658390000, 0x11000, 0x2a658390000, COMMIT, 0x2, MAPPED, MAPPED, NULL),
  MAP_REGION (0x2a6583e0000, 0x2000, 0x2a6583e0000, COMMIT, 0x40, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x2a6583e2000, 0x30000, 0x2a6583e0000, RESERVE, 0x0, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x2a658420000, 0xce000, 0x2a658420000, COMMIT, 0x2, MAPPED, MAPPED, "locale.nls"),
  MAP_REGION (0x2a658530000, 0x33000, 0x2a658530000, COMMIT, 0x4, PRIVATE, HEAP, "heap 1"),
  MAP_REGION (0x2a658563000, 0xf000, 0x2a658530000, RESERVE, 0x0, PRIVATE, HEAP, "heap 1"),
  MAP_REGION (0x2a658572000, 0x1000, 0x2a658530000, COMMIT, 0x4, PRIVATE, HEAP, "heap 1"),
  MAP_REGION (0x2a658573000, 0xbd000, 0x2a658530000, RESERVE, 0x0, PRIVATE, HEAP, "heap 1"),
  MAP_REGION (0x2a658630000, 0x2000, 0x2a658630000, COMMIT, 0x2, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x2a658632000, 0xe000, 0x2a658630000, RESERVE, 0x0, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x2a658b20000, 0x9b000, 0x2a658b20000, COMMIT, 0x2, MAPPED, MAPPED, NULL),
  MAP_REGION (0x2a658bbb000, 0x1366000, 0x2a658b20000, RESERVE, 0x0, MAPPED, MAPPED, NULL),
  MAP_REGION (0x2a659f30000, 0x333000, 0x2a659f30000, COMMIT, 0x2, MAPPED, MAPPED, "sortdefault.nls"),
  MAP_REGION (0x6dc00000000, 0x1000, 0x6dc00000000, RESERVE, 0x0, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x6dc00001000, 0x1000, 0x6dc00000000, COMMIT, 0x4, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x6dc00002000, 0xa0000, 0x6dc00000000, COMMIT, 0x4, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x6dc000a9000, 0x1fff57000, 0x6dc00000000, RESERVE, 0x0, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x7df429950000, 0x5000, 0x7df429950000, COMMIT, 0x2, MAPPED, MAPPED, NULL),
  MAP_REGION (0x7df429955000, 0xfb000, 0x7df429950000, RESERVE, 0x0, MAPPED, MAPPED, NULL),
  MAP_REGION (0x7df429a50000, 0x100020000, 0x7df429a50000, RESERVE, 0x0, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x7df529a70000, 0x2000000, 0x7df529a70000, RESERVE, 0x0, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x7df52ba70000, 0x1000, 0x7df529a70000, COMMIT, 0x4, PRIVATE, PRIVATE, NULL),
  MAP_REGION (0x7df52ba80000, 0x1000, 0x7df52ba80000, COMMIT, 0x2, MAPPED, MAPPED, NULL),
  MAP_REGION (0x7df52ba90000, 0x1655000, 0x7df52ba90000, RESERVE, 0x0, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7df52d0e5000, 0x2000, 0x7df52ba90000, COMMIT, 0x1, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7df52d0e7000, 0x1ffa9a3000, 0x7df52ba90000, RESERVE, 0x0, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7e1527a8a000, 0x6000, 0x7df52ba90000, COMMIT, 0x2, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7e1527a90000, 0x1dfe1e2f000, 0x7df52ba90000, RESERVE, 0x0, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7ff5098bf000, 0x4000, 0x7df52ba90000, COMMIT, 0x2, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7ff5098c3000, 0x3865000, 0x7df52ba90000, RESERVE, 0x0, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7ff50d128000, 0x24ac000, 0x7df52ba90000, COMMIT, 0x1, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7ff50f5d4000, 0x6000, 0x7df52ba90000, COMMIT, 0x2, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7ff50f5da000, 0x905000, 0x7df52ba90000, COMMIT, 0x1, MAPPED, CFG, "CFG bitmap"),
  MAP_REGION (0x7ff50fedf000, 0x1bbb1000, 0x7df52ba90000, RESERVE, 0x0, MAPPED, CFG, "CFG bitmap"),
};

/* Sections of a module, as parts of its size in 64ths. */
static const struct
{
  guint parts;
  guint32 protect;
} map_module_sections[] = { { 1, 0x2 }, { 36, 0x20 }, { 16, 0x2 }, { 3, 0x4 }, { 1, 0x8 }, { 7, 0x2 } };

static const struct
{
  AtlasVa base_va;
  guint64 size_bytes;
  const char *name;
} map_modules[] = {
  { G_GUINT64_CONSTANT (0x7ff778bd0000), 0xf0000, "tiny.exe" },
  { G_GUINT64_CONSTANT (0x7ff8ed120000), 0x180000, "epclient64.dll" },
  { G_GUINT64_CONSTANT (0x7ff904e30000), 0x40000, "VERSION.dll" },
  { G_GUINT64_CONSTANT (0x7ff9083a0000), 0x40000, "WINMM.dll" },
  { G_GUINT64_CONSTANT (0x7ff90bc70000), 0x40000, "ntmarta.dll" },
  { G_GUINT64_CONSTANT (0x7ff90dea0000), 0x40000, "CRYPTBASE.DLL" },
  { G_GUINT64_CONSTANT (0x7ff90e000000), 0x40000, "bcrypt.dll" },
  { G_GUINT64_CONSTANT (0x7ff90e6e0000), 0x100000, "ucrtbase.dll" },
  { G_GUINT64_CONSTANT (0x7ff90e800000), 0x80000, "bcryptPrimitives.dll" },
  { G_GUINT64_CONSTANT (0x7ff90e8a0000), 0x280000, "KERNELBASE.dll" },
  { G_GUINT64_CONSTANT (0x7ff90eb80000), 0x100000, "gdi32full.dll" },
  { G_GUINT64_CONSTANT (0x7ff90ed00000), 0x40000, "win32u.dll" },
  { G_GUINT64_CONSTANT (0x7ff90ee00000), 0x80000, "msvcp_win.dll" },
  { G_GUINT64_CONSTANT (0x7ff90f5c0000), 0x100000, "RPCRT4.dll" },
  { G_GUINT64_CONSTANT (0x7ff90f6f0000), 0xc0000, "KERNEL32.DLL" },
  { G_GUINT64_CONSTANT (0x7ff90f800000), 0xc0000, "msvcrt.dll" },
  { G_GUINT64_CONSTANT (0x7ff90f920000), 0x40000, "sechost.dll" },
  { G_GUINT64_CONSTANT (0x7ff90fb00000), 0x340000, "combase.dll" },
  { G_GUINT64_CONSTANT (0x7ff910000000), 0x180000, "USER32.dll" },
  { G_GUINT64_CONSTANT (0x7ff910200000), 0x7c0000, "SHELL32.dll" },
  { G_GUINT64_CONSTANT (0x7ff910f60000), 0x140000, "ole32.dll" },
  { G_GUINT64_CONSTANT (0x7ff911180000), 0x200000, "ntdll.dll" },
};

static inline void
map_regions_add (AtlasRegionSetBuilder *builder, const MapRegion *region)
{
  atlas_region_set_builder_add (builder,
                                &(AtlasRegion){
                                  .base_va = region->base_va,
                                  .size_bytes = region->size_bytes,
                                  .allocation_base_va = region->allocation_base_va,
                                  .allocation_protect = ATLAS_PAGE_READWRITE,
                                  .protect = region->protect,
                                  .state = region->state,
                                  .type = region->type,
                                  .region_class = region->region_class,
                                  .name = region->name,
                                });
}

static inline AtlasRegionSet *
map_regions_new_process (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (map_regions_low); i++)
    map_regions_add (builder, &map_regions_low[i]);
  for (guint i = 0; i < G_N_ELEMENTS (map_modules); i++)
    {
      MapRegion region = { .base_va = map_modules[i].base_va,
                           .allocation_base_va = map_modules[i].base_va,
                           .state = ATLAS_STATE_COMMIT,
                           .type = ATLAS_TYPE_IMAGE,
                           .region_class = ATLAS_CLASS_IMAGE,
                           .name = map_modules[i].name };

      for (guint k = 0; k < G_N_ELEMENTS (map_module_sections); k++)
        {
          region.size_bytes = map_modules[i].size_bytes / 64 * map_module_sections[k].parts;
          region.protect = map_module_sections[k].protect;
          map_regions_add (builder, &region);
          region.base_va += region.size_bytes;
        }
    }
  return atlas_region_set_builder_end (builder);
}

/* Random regions of whole pages, most of them small and close, some huge, some far apart; now and
 * then one whose edges lie on no page, as a broken file may have them. */
static inline AtlasRegionSet *
map_regions_new_random (GRand *rand, guint n_regions)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  AtlasVa next_va = 0;

  for (guint i = 0; i < n_regions; i++)
    {
      guint64 gap_bytes = ((guint64) g_rand_int (rand) & 3) * ATLAS_PAGE_BYTES;
      MapRegion region = { .state = ATLAS_STATE_COMMIT,
                           .type = ATLAS_TYPE_PRIVATE,
                           .protect = ATLAS_PAGE_READWRITE };

      if (g_rand_int_range (rand, 0, 12) == 0)
        gap_bytes = (G_GUINT64_CONSTANT (1) << g_rand_int_range (rand, 12, 44)) & ~ATLAS_PAGE_MASK;
      region.base_va = next_va + gap_bytes;
      region.size_bytes = (guint64) g_rand_int_range (rand, 1, 20) * ATLAS_PAGE_BYTES;
      if (g_rand_int_range (rand, 0, 20) == 0)
        region.size_bytes = G_GUINT64_CONSTANT (1) << g_rand_int_range (rand, 12, 42);
      if (g_rand_int_range (rand, 0, 30) == 0)
        region.size_bytes += 17;
      if (region.base_va + region.size_bytes > G_GUINT64_CONSTANT (0x7fffffff0000))
        break;
      if (g_rand_int_range (rand, 0, 3) == 0)
        region.state = ATLAS_STATE_RESERVE;
      else if (g_rand_int_range (rand, 0, 40) == 0)
        region.protect = ATLAS_PAGE_EXECUTE_READWRITE;
      region.region_class = (AtlasRegionClass) g_rand_int_range (rand, ATLAS_CLASS_CFG, ATLAS_N_CLASSES);
      region.allocation_base_va = region.base_va;
      map_regions_add (builder, &region);
      next_va = region.base_va + region.size_bytes;
    }
  return atlas_region_set_builder_end (builder);
}
