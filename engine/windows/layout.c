/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/layout.h"

#include <glib/gi18n-lib.h>

#include "paging/address.h"

#define CHEN_2022 "Raymond Chen, The Old New Thing, 2022-12-16"
#define CHEN_2014 "Raymond Chen, The Old New Thing, 2014-10-09"
#define SDM_CANONICAL "Intel SDM vol. 1 §3.3.7.1"

#define SLOT_BYTES ATLAS_KB (64)

/* That 0x80000000 … 0x8000ffff stays invalid in large-address-aware processes rests on
 * Raymond Chen's word alone. */
/* clang-format off */
#define LOW_REGIONS \
  { \
    .base_va = 0, \
    .size_bytes = SLOT_BYTES, \
    .kind = ATLAS_LAYOUT_NEVER, \
    .name = N_ ("null-pointer guard"), \
    .reason = N_ ("Nothing is ever allocated in the first 64 KB, so that a null pointer, with a small " \
              "offset added too, faults at once."), \
    .source = CHEN_2022, \
  }, \
  { \
    .base_va = ATLAS_KUSER_VA, \
    .size_bytes = SLOT_BYTES, \
    .kind = ATLAS_LAYOUT_BLOCK, \
    .name = N_ ("shared data block"), \
    .reason = N_ ("VirtualQuery calls it free, but its 64 KB slot belongs to KUSER_SHARED_DATA and the " \
              "hypervisor page, and a reservation would have to start at 0x7ffe0000."), \
    .source = CHEN_2022, \
  }, \
  { \
    .base_va = G_GUINT64_CONSTANT (0x7fff0000), \
    .size_bytes = SLOT_BYTES, \
    .kind = ATLAS_LAYOUT_NEVER, \
    .is_64bit_only = TRUE, \
    .name = N_ ("no-man's land below 2 GB"), \
    .reason = N_ ("On the Alpha AXP an address in the last 32 KB below 2 GB took three instructions to " \
              "load instead of two; the 64 KB that hold it stay invalid on every processor."), \
    .source = CHEN_2022, \
  }, \
  { \
    .base_va = G_GUINT64_CONSTANT (0x80000000), \
    .size_bytes = SLOT_BYTES, \
    .kind = ATLAS_LAYOUT_NEVER, \
    .is_64bit_only = TRUE, \
    .name = N_ ("no-man's land above 2 GB"), \
    .reason = N_ ("The 64 KB on the far side of the 2 GB line stay invalid as well, so that no buffer " \
              "crosses the line page by page."), \
    .source = CHEN_2022, \
  }
/* clang-format on */

#define N_REGIONS 6u

static const AtlasLayoutRegion regions_4[N_REGIONS] = {
  LOW_REGIONS,
  {
    .base_va = G_GUINT64_CONSTANT (0x7fffffff0000),
    .size_bytes = SLOT_BYTES,
    .kind = ATLAS_LAYOUT_NEVER,
    .is_64bit_only = TRUE,
    .name = N_ ("no-man's land below the hole"),
    .reason =
      N_ ("The last 64 KB of the user half stay invalid: the kernel need only check where a "
          "buffer starts, for one that runs on faults here before it leaves the user half."),
    .source = CHEN_2014,
  },
  {
    .base_va = ATLAS_USER_END_VA,
    .size_bytes = ATLAS_KERNEL_START_VA - ATLAS_USER_END_VA,
    .kind = ATLAS_LAYOUT_HOLE,
    .name = N_ ("non-canonical hole"),
    .reason = N_ ("Bits 63…48 must repeat bit 47; the processor refuses every address in between."),
    .source = SDM_CANONICAL,
  },
};

static const AtlasLayoutRegion regions_5[N_REGIONS] = {
  LOW_REGIONS,
  {
    .base_va = ATLAS_LA57_USER_END_VA - SLOT_BYTES,
    .size_bytes = SLOT_BYTES,
    .kind = ATLAS_LAYOUT_NEVER,
    .is_64bit_only = TRUE,
    .name = N_ ("no-man's land below the hole"),
    .reason =
      N_ ("The last 64 KB of the user half stay invalid: the kernel need only check where a "
          "buffer starts, for one that runs on faults here before it leaves the user half."),
    .source = CHEN_2014,
  },
  {
    .base_va = ATLAS_LA57_USER_END_VA,
    .size_bytes = ATLAS_LA57_KERNEL_START_VA - ATLAS_LA57_USER_END_VA,
    .kind = ATLAS_LAYOUT_HOLE,
    .name = N_ ("non-canonical hole"),
    .reason = N_ ("Bits 63…57 must repeat bit 56; the processor refuses every address in between."),
    .source = SDM_CANONICAL,
  },
};

const AtlasLayoutRegion atlas_layout_kuser = {
  .base_va = ATLAS_KUSER_VA,
  .size_bytes = ATLAS_PAGE_BYTES,
  .kind = ATLAS_LAYOUT_BLOCK,
  .name = "KUSER_SHARED_DATA",
  .reason =
    N_ ("One page at the same address in every process, read-only here: programs read the time "
        "without a system call. The kernel writes it through fffff780`00000000."),
  .source = CHEN_2022,
};

const AtlasLayoutRegion atlas_layout_hypervisor = {
  .base_va = 0,
  .size_bytes = ATLAS_PAGE_BYTES,
  .kind = ATLAS_LAYOUT_BLOCK,
  .name = N_ ("hypervisor reference TSC page"),
  .reason =
    N_ ("The hypervisor's factors for turning the processor's time-stamp counter into time, in "
        "one of 15 pages behind KUSER_SHARED_DATA; the slot is drawn at boot."),
  .source = CHEN_2022 "; Hypervisor Top Level Functional Specification, “Timers”",
};

const AtlasLayoutRegion *
atlas_layout_get_regions (guint n_levels, guint *n_regions)
{
  *n_regions = N_REGIONS;
  return n_levels == ATLAS_LEVEL_PML5 ? regions_5 : regions_4;
}

const AtlasLayoutRegion *
atlas_layout_find (AtlasVa va, guint n_levels)
{
  guint n_regions;
  const AtlasLayoutRegion *regions = atlas_layout_get_regions (n_levels, &n_regions);

  for (guint i = 0; i < n_regions; i++)
    {
      if (va - regions[i].base_va < regions[i].size_bytes)
        return &regions[i];
    }
  return NULL;
}

const AtlasLayoutRegion *
atlas_layout_find_reserved (AtlasVa base_va, guint64 size_bytes, guint n_levels)
{
  guint n_regions;
  const AtlasLayoutRegion *regions = atlas_layout_get_regions (n_levels, &n_regions);

  for (guint i = 0; i < n_regions; i++)
    {
      if (regions[i].kind != ATLAS_LAYOUT_HOLE &&
          (base_va - regions[i].base_va < regions[i].size_bytes ||
           regions[i].base_va - base_va < size_bytes))
        return &regions[i];
    }
  return NULL;
}
