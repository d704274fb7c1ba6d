/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/process-placement-private.h"

#include "windows/image.h"
#include "windows/layout.h"
#include "windows/machine-private.h"
#include "windows/process-layout-private.h"
#include "windows/section-object-private.h"
#include "windows/virtual.h"

#define EXE_PREFERRED_2GB_VA G_GUINT64_CONSTANT (0x400000)
#define EXE_PREFERRED_VA G_GUINT64_CONSTANT (0x140000000)

/* A choice: with high entropy, bottom-up allocations start in the second terabyte, so that the
 * first one is left to PEB, TEB and stacks, as real processes show it. */
#define HIGH_ENTROPY_START_VA ATLAS_TB (1)
/* Programs are put into the 8 GB from here on, below the end of the user half, and the CFG bitmap
 * below; DLLs into the 32 GB above. They are what 17 and 19 bits of 64 KB come to. */
#define EXE_AREA_BELOW_END ATLAS_GB (40)
#define DLL_AREA_BELOW_END ATLAS_GB (32)
#define LAST_BYTES ATLAS_KB (64)
/* Of a 32-bit process that is large-address aware: 4 GB less 64 KB. */
#define MAX_APPLICATION_4GB_VA G_GUINT64_CONSTANT (0xfffeffff)
/* The stack pointer is a multiple of it: Microsoft Learn, x64 calling convention. */
#define STACK_ALIGNMENT 16u

AtlasVa
atlas_placement_get_preferred_va (const AtlasProcessOptions *options)
{
  return options->is_32bit || !options->is_large_address_aware ? EXE_PREFERRED_2GB_VA
                                                               : EXE_PREFERRED_VA;
}

static guint64
high_bits (guint64 drawn, guint n_bits)
{
  return n_bits == 0 ? 0 : drawn >> (64u - n_bits);
}

AtlasAslrPolicy
atlas_process_options_get_policy (const AtlasProcessOptions *options)
{
  return (AtlasAslrPolicy){
    .is_32bit = options->is_32bit,
    .is_below_2gb = !options->is_large_address_aware,
    .has_dynamic_base = options->has_dynamic_base,
    .has_high_entropy = options->has_high_entropy,
    .is_forced = options->is_forced,
    .has_no_bottom_up = options->has_no_bottom_up,
  };
}

/* Images and the bitmap have to lie below 4 GB, where other areas are used. */
static gboolean
is_small (const AtlasProcessOptions *options)
{
  return options->is_32bit || !options->is_large_address_aware;
}

guint
atlas_placement_draw_hypervisor_slot (const AtlasSystemOptions *system_options)
{
  AtlasRandom random = atlas_random_fork (system_options->seed, "hypervisor slot");

  return system_options->has_hypervisor
           ? 1u + (guint) atlas_random_below (&random, ATLAS_HYPERVISOR_SLOTS)
           : 0;
}

void
atlas_placement_draw (AtlasPlacementDraws *draws,
                      const AtlasSystemOptions *system_options,
                      const AtlasProcessOptions *options,
                      guint number)
{
  guint64 seed = system_options->seed;
  AtlasRandom exe = atlas_random_fork (seed, options->name);
  AtlasRandom dll = atlas_random_fork (seed, is_small (options) ? "DLLs below 2 GB" : "DLLs");
  AtlasRandom start;
  guint n_modules;
  char label[32];

  *draws = (AtlasPlacementDraws){ .hypervisor_slot =
                                    atlas_placement_draw_hypervisor_slot (system_options) };
  draws->exe = atlas_random_next (&exe);
  atlas_image_get_system_modules (&n_modules);
  g_assert (n_modules <= ATLAS_PLACEMENT_MODULES_MAX);
  for (guint i = 0; i < n_modules; i++)
    draws->dll_gaps[i] =
      atlas_random_below (&dll, 3) == 0 ? (guint16) atlas_random_below (&dll, 96) : 0;
  draws->dll = atlas_random_next (&dll);

  g_snprintf (label, sizeof label, "process %u", number);
  start = atlas_random_fork (seed, label);
  draws->bottom_up = atlas_random_next (&start);
  draws->top_down = atlas_random_next (&start);
  draws->peb_block = atlas_random_next (&start);
  draws->peb_page =
    (guint) atlas_random_below (&start,
                                ATLAS_LAYOUT_PEB_BLOCK_BYTES / ATLAS_PAGE_BYTES -
                                  ATLAS_LAYOUT_PEB_PAGES - ATLAS_LAYOUT_TEB_PAGES + 1u);
  draws->cfg = atlas_random_next (&start);
  draws->stack = atlas_random_next (&start);
  draws->heap = atlas_random_next (&start);
  draws->stack_pointer = atlas_random_next (&start);
}

static void
set_words (AtlasVad *vad, AtlasRegionClass region_class, const AtlasLayoutRegion *words)
{
  vad->region_class = (guint8) region_class;
  vad->is_permanent = TRUE;
  atlas_vad_set_name (vad, words->name);
  vad->reason = words->reason;
  vad->source = words->source;
}

static void
add_shared_page (AtlasVadTree *vads, AtlasVa va, const AtlasLayoutRegion *words)
{
  AtlasVad *vad = atlas_vad_tree_insert (vads, va >> ATLAS_PAGE_SHIFT, va >> ATLAS_PAGE_SHIFT);

  vad->kind = ATLAS_VAD_PRIVATE;
  vad->protection = ATLAS_PROTECTION_READONLY;
  vad->is_mem_commit = TRUE;
  set_words (vad, ATLAS_CLASS_SYSTEM, words);
}

void
atlas_placement_add_fixed (AtlasVadTree *vads,
                           AtlasVa max_va,
                           guint hypervisor_slot,
                           guint n_levels)
{
  guint n_regions;
  const AtlasLayoutRegion *regions = atlas_layout_get_regions (n_levels, &n_regions);

  for (guint i = 0; i < n_regions; i++)
    {
      const AtlasLayoutRegion *region = &regions[i];
      AtlasVad *vad;

      if (region->kind != ATLAS_LAYOUT_NEVER || region->base_va < ATLAS_MIN_APPLICATION_VA ||
          region->base_va > max_va)
        continue;
      vad = atlas_vad_tree_insert (vads,
                                   region->base_va >> ATLAS_PAGE_SHIFT,
                                   (region->base_va + region->size_bytes - 1u) >> ATLAS_PAGE_SHIFT);
      vad->kind = ATLAS_VAD_BLOCKED;
      set_words (vad, ATLAS_CLASS_NEVER, region);
    }
  add_shared_page (vads, ATLAS_KUSER_VA, &atlas_layout_kuser);
  if (hypervisor_slot != 0)
    add_shared_page (
      vads, atlas_layout_get_hypervisor_va (hypervisor_slot), &atlas_layout_hypervisor);
}

/* One placement being made: @vads holds what has its place. */
typedef struct
{
  AtlasPlacement *placement;
  const AtlasPlacementDraws *draws;
  const AtlasProcessOptions *options;
  AtlasAslrPolicy policy;
  AtlasVadTree vads;
} Placing;

static guint
get_bits (const Placing *placing, AtlasAslrKind kind)
{
  return atlas_aslr_get_entropy_bits (kind, &placing->policy);
}

static guint64
draw_slots (guint64 drawn, guint n_bits)
{
  return high_bits (drawn, n_bits) * ATLAS_ALLOCATION_GRANULARITY;
}

/* At @base_va when that is free, else in the lowest room above @first_va, else in the lowest. */
static gboolean
place (Placing *placing, AtlasVa *base_va, guint64 size_bytes, guint64 alignment_bytes, AtlasVa va)
{
  const AtlasVa starts_va[] = { va, ATLAS_MIN_APPLICATION_VA };
  guint64 n_pages = (size_bytes + ATLAS_PAGE_MASK) >> ATLAS_PAGE_SHIFT;
  gboolean is_placed =
    *base_va != 0 && atlas_vad_tree_insert (&placing->vads,
                                            *base_va >> ATLAS_PAGE_SHIFT,
                                            (*base_va >> ATLAS_PAGE_SHIFT) + n_pages - 1u) != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (starts_va) && !is_placed; i++)
    {
      if (!atlas_vad_tree_find_gap (&placing->vads,
                                    size_bytes,
                                    alignment_bytes,
                                    starts_va[i],
                                    placing->placement->max_va,
                                    FALSE,
                                    base_va))
        continue;
      atlas_vad_tree_insert (&placing->vads,
                             *base_va >> ATLAS_PAGE_SHIFT,
                             (*base_va >> ATLAS_PAGE_SHIFT) + n_pages - 1u);
      is_placed = TRUE;
    }
  return is_placed;
}

static gboolean
place_below (Placing *placing, AtlasVa *base_va, guint64 size_bytes, AtlasVa last_va)
{
  if (!atlas_vad_tree_find_gap (&placing->vads,
                                size_bytes,
                                ATLAS_ALLOCATION_GRANULARITY,
                                ATLAS_MIN_APPLICATION_VA,
                                last_va,
                                TRUE,
                                base_va))
    return FALSE;
  atlas_vad_tree_insert (
    &placing->vads, *base_va >> ATLAS_PAGE_SHIFT, (*base_va + size_bytes - 1u) >> ATLAS_PAGE_SHIFT);
  return TRUE;
}

/* From the top down, with room between some for images that this process does not load. */
static gboolean
place_modules (Placing *placing)
{
  AtlasPlacement *placement = placing->placement;
  guint n_bits = get_bits (placing, ATLAS_ASLR_DLL);
  guint n_modules;
  const AtlasModule *modules = atlas_image_get_system_modules (&n_modules);
  guint64 n_slots = 0;
  AtlasVa end_va;

  for (guint i = 0; i < n_modules; i++)
    n_slots += placing->draws->dll_gaps[i] + (atlas_module_get_n_pages (&modules[i]) + 15u) / 16u;

  if (is_small (placing->options))
    end_va = ATLAS_KUSER_VA - draw_slots (placing->draws->dll, n_bits);
  else
    {
      AtlasVa last_end_va = placement->user_end_va - LAST_BYTES;

      /* Around the end of the area and on from its start. */
      end_va = placement->user_end_va - DLL_AREA_BELOW_END + n_slots * ATLAS_ALLOCATION_GRANULARITY;
      end_va += draw_slots (placing->draws->dll, n_bits) % (last_end_va - end_va);
    }

  for (guint i = 0; i < n_modules; i++)
    {
      guint64 n_bytes = atlas_module_get_n_pages (&modules[i]) * ATLAS_PAGE_BYTES;

      end_va -=
        (n_bytes + ATLAS_ALLOCATION_GRANULARITY - 1u) & ~(ATLAS_ALLOCATION_GRANULARITY - 1u);
      placement->module_va[i] = end_va;
      if (!place (placing,
                  &placement->module_va[i],
                  n_bytes,
                  ATLAS_ALLOCATION_GRANULARITY,
                  placement->bottom_up_va))
        return FALSE;
      end_va -= placing->draws->dll_gaps[i] * ATLAS_ALLOCATION_GRANULARITY;
    }
  return TRUE;
}

/* Where a view of it will be: at the base that the boot has chosen, elsewhere only when it can be
 * moved. */
static gboolean
place_file (Placing *placing, AtlasFile *file)
{
  AtlasPlacement *placement = placing->placement;
  gboolean is_relocatable;
  guint64 n_bytes;
  AtlasVa base_va;

  if (!atlas_file_find_image_place (file, &base_va, &n_bytes, &is_relocatable))
    return FALSE;
  if (base_va < ATLAS_MIN_APPLICATION_VA || base_va > placement->max_va ||
      n_bytes - 1u > placement->max_va - base_va)
    base_va = 0;
  placement->exe_va = base_va;
  if (base_va != 0 && atlas_vad_tree_insert (&placing->vads,
                                             base_va >> ATLAS_PAGE_SHIFT,
                                             (base_va + n_bytes - 1u) >> ATLAS_PAGE_SHIFT) != NULL)
    return TRUE;
  placement->exe_va = 0;
  return is_relocatable && place (placing,
                                  &placement->exe_va,
                                  n_bytes,
                                  ATLAS_ALLOCATION_GRANULARITY,
                                  placement->bottom_up_va);
}

static gboolean
place_program (Placing *placing)
{
  AtlasPlacement *placement = placing->placement;
  AtlasModule module = atlas_image_get_program (placing->options->name);
  guint64 n_bytes = atlas_module_get_n_pages (&module) * ATLAS_PAGE_BYTES;
  guint64 offset = draw_slots (placing->draws->exe, get_bits (placing, ATLAS_ASLR_EXE));

  if (placing->options->image_file != NULL)
    return place_file (placing, placing->options->image_file);
  placement->exe_va = atlas_placement_get_preferred_va (placing->options);
  if (!placing->policy.has_dynamic_base)
    {
      /* What is forced goes where any allocation would: at the same address each time when
       * bottom-up randomization is off (CERT/CC, VU#817544). */
      if (placing->policy.is_forced)
        placement->exe_va = 0;
    }
  else if (is_small (placing->options))
    placement->exe_va += offset;
  else
    placement->exe_va =
      placement->user_end_va - EXE_AREA_BELOW_END +
      offset % (EXE_AREA_BELOW_END - DLL_AREA_BELOW_END -
                (n_bytes / ATLAS_ALLOCATION_GRANULARITY + 1u) * ATLAS_ALLOCATION_GRANULARITY);
  return place (
    placing, &placement->exe_va, n_bytes, ATLAS_ALLOCATION_GRANULARITY, placement->bottom_up_va);
}

/* PEB and TEBs have 17 bits in the table of 2012. Since Windows 10 (1703) they share a block of 2
 * MB, in processes of Windows 11 somewhere in the first terabyte: with high entropy the block goes
 * where a bottom-up allocation would, otherwise it has what the table leaves to it. */
static AtlasVa
get_peb_start (const Placing *placing, guint *page)
{
  guint n_bits = get_bits (placing, ATLAS_ASLR_PEB);

  *page = placing->draws->peb_page;
  if (atlas_aslr_policy_is_high_entropy (&placing->policy))
    return draw_slots (placing->draws->peb_block, get_bits (placing, ATLAS_ASLR_BOTTOM_UP));
  if (n_bits <= ATLAS_PLACEMENT_INNER_BITS)
    {
      *page %= 1u << n_bits;
      return placing->placement->bottom_up_va;
    }
  return placing->placement->bottom_up_va +
         high_bits (placing->draws->peb_block, n_bits - ATLAS_PLACEMENT_INNER_BITS) *
           ATLAS_LAYOUT_PEB_BLOCK_BYTES;
}

static gboolean
place_peb_and_stack (Placing *placing)
{
  AtlasPlacement *placement = placing->placement;
  guint bottom_up_bits = get_bits (placing, ATLAS_ASLR_BOTTOM_UP);
  guint stack_bits = get_bits (placing, ATLAS_ASLR_STACK) - ATLAS_PLACEMENT_INNER_BITS;
  guint page;
  AtlasVa start_va = get_peb_start (placing, &page);

  /* A stack's bits beyond those that it shares with all bottom-up allocations are its own. */
  stack_bits = MAX (stack_bits, bottom_up_bits) - bottom_up_bits;
  placement->peb_block_va = 0;
  placement->stack_va = 0;
  if (!place (placing,
              &placement->peb_block_va,
              ATLAS_LAYOUT_PEB_BLOCK_BYTES,
              ATLAS_LAYOUT_PEB_BLOCK_BYTES,
              MAX (start_va, ATLAS_MIN_APPLICATION_VA)) ||
      !place (placing,
              &placement->stack_va,
              ATLAS_LAYOUT_STACK_BYTES,
              ATLAS_ALLOCATION_GRANULARITY,
              placement->peb_block_va + ATLAS_LAYOUT_PEB_BLOCK_BYTES +
                draw_slots (placing->draws->stack, stack_bits)))
    return FALSE;
  placement->peb_va = placement->peb_block_va + page * ATLAS_PAGE_BYTES;
  placement->stack_pointer_va =
    placement->stack_va + ATLAS_LAYOUT_STACK_BYTES -
    (1u + high_bits (placing->draws->stack_pointer, ATLAS_PLACEMENT_INNER_BITS)) * STACK_ALIGNMENT;
  return TRUE;
}

static gboolean
place_items (Placing *placing)
{
  AtlasPlacement *placement = placing->placement;
  guint bottom_up_bits = get_bits (placing, ATLAS_ASLR_BOTTOM_UP);
  guint heap_bits = MAX (get_bits (placing, ATLAS_ASLR_HEAP), bottom_up_bits) - bottom_up_bits;
  AtlasVa heap_start_va = placement->bottom_up_va + draw_slots (placing->draws->heap, heap_bits);
  guint n_items;
  const AtlasLayoutItem *items = atlas_layout_get_items (&n_items);

  for (guint i = 0; i < n_items; i++)
    {
      gboolean is_heap = items[i].words.region_class == ATLAS_CLASS_HEAP;

      placement->item_va[i] = 0;
      if (!place (placing,
                  &placement->item_va[i],
                  items[i].n_pages * ATLAS_PAGE_BYTES,
                  ATLAS_ALLOCATION_GRANULARITY,
                  is_heap ? heap_start_va : placement->bottom_up_va))
        return FALSE;
    }
  return TRUE;
}

guint64
atlas_placement_get_cfg_bytes (const AtlasPlacement *placement)
{
  guint64 all_bytes = (placement->max_va + 1u + LAST_BYTES);

  return all_bytes / ATLAS_LAYOUT_CFG_BYTES_PER_BYTE;
}

static gboolean
place_cfg (Placing *placing)
{
  AtlasPlacement *placement = placing->placement;
  guint n_bits = get_bits (placing, ATLAS_ASLR_TOP_DOWN);
  AtlasVa last_va = is_small (placing->options) ? placement->top_down_va
                                                : placement->user_end_va - EXE_AREA_BELOW_END - 1u -
                                                    draw_slots (placing->draws->cfg, n_bits);

  return place_below (
           placing, &placement->cfg_va, atlas_placement_get_cfg_bytes (placement), last_va) &&
         place_below (placing,
                      &placement->shared_va,
                      ATLAS_LAYOUT_SHARED_PAGES * ATLAS_PAGE_BYTES,
                      placement->cfg_va);
}

static AtlasVa
get_max_va (const AtlasProcessOptions *options, AtlasVa user_end_va)
{
  if (!options->is_large_address_aware)
    return ATLAS_MAX_APPLICATION_2GB_VA;
  return options->is_32bit ? MAX_APPLICATION_4GB_VA : user_end_va - LAST_BYTES - 1u;
}

gboolean
atlas_placement_make (AtlasPlacement *placement,
                      const AtlasPlacementDraws *draws,
                      const AtlasSystemOptions *system_options,
                      const AtlasProcessOptions *options)
{
  Placing placing = { .placement = placement,
                      .draws = draws,
                      .options = options,
                      .policy = atlas_process_options_get_policy (options) };
  guint n_levels = atlas_system_options_get_n_levels (system_options);
  gboolean is_high = atlas_aslr_policy_is_high_entropy (&placing.policy);
  gboolean is_placed;

  *placement = (AtlasPlacement){ .user_end_va = atlas_layout_get_user_end (n_levels) };
  placement->max_va = get_max_va (options, placement->user_end_va);
  placement->bottom_up_va =
    (is_high ? HIGH_ENTROPY_START_VA : ATLAS_MIN_APPLICATION_VA) +
    draw_slots (draws->bottom_up, get_bits (&placing, ATLAS_ASLR_BOTTOM_UP));
  placement->top_down_va =
    placement->max_va - draw_slots (draws->top_down, get_bits (&placing, ATLAS_ASLR_TOP_DOWN));
  if (options->is_bare && options->image_file == NULL)
    return TRUE;

  atlas_placement_add_fixed (&placing.vads, placement->max_va, draws->hypervisor_slot, n_levels);
  if (options->is_bare)
    is_placed = place_program (&placing);
  else
    is_placed = place_modules (&placing) && place_program (&placing) &&
                place_peb_and_stack (&placing) && place_items (&placing) && place_cfg (&placing);
  atlas_vad_tree_clear (&placing.vads);
  return is_placed;
}
