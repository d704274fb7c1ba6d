/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/laboratory.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "windows/layout.h"
#include "windows/process-layout-private.h"

typedef struct
{
  const char *id;
  const char *name;
  gboolean is_per_start;
  AtlasKernelUse kernel_use; /* UNUSED: in the user half */
} KindInfo;

static const KindInfo kinds[] = {
  [ATLAS_LABORATORY_ANYWHERE] = { N_ ("anywhere"), N_ ("anywhere in the user half"), TRUE, 0 },
  [ATLAS_LABORATORY_BOTTOM_UP] = { N_ ("bottom-up"), N_ ("bottom-up allocations"), TRUE, 0 },
  [ATLAS_LABORATORY_HEAP] = { "heap", N_ ("process heap"), TRUE, 0 },
  [ATLAS_LABORATORY_STACK] = { "stack", N_ ("stack pointer"), TRUE, 0 },
  [ATLAS_LABORATORY_PEB] = { "peb", "PEB", TRUE, 0 },
  [ATLAS_LABORATORY_TOP_DOWN] = { "top-down", N_ ("top-down allocations"), TRUE, 0 },
  [ATLAS_LABORATORY_EXE] = { "exe", N_ ("program image"), FALSE, 0 },
  [ATLAS_LABORATORY_DLL] = { "dll", "ntdll.dll", FALSE, 0 },
  [ATLAS_LABORATORY_CFG] = { "cfg", N_ ("CFG bitmap"), TRUE, 0 },
  [ATLAS_LABORATORY_HYPERVISOR] = { "hypervisor", N_ ("hypervisor page"), FALSE, 0 },
  [ATLAS_LABORATORY_PAGE_TABLES] = { "page-tables",
                                     N_ ("page tables (self-map)"),
                                     FALSE,
                                     ATLAS_KERNEL_PAGE_TABLES },
  [ATLAS_LABORATORY_NONPAGED_POOL] = { "nonpaged-pool",
                                       N_ ("non-paged pool"),
                                       FALSE,
                                       ATLAS_KERNEL_NONPAGED_POOL },
  [ATLAS_LABORATORY_PAGED_POOL] = { "paged-pool",
                                    N_ ("paged pool"),
                                    FALSE,
                                    ATLAS_KERNEL_PAGED_POOL },
  [ATLAS_LABORATORY_SYSTEM_CACHE] = { "system-cache",
                                      N_ ("system cache"),
                                      FALSE,
                                      ATLAS_KERNEL_SYSTEM_CACHE },
  [ATLAS_LABORATORY_SYSTEM_PTES] = { "system-ptes",
                                     N_ ("system PTEs"),
                                     FALSE,
                                     ATLAS_KERNEL_SYSTEM_PTES },
  [ATLAS_LABORATORY_PFN_DATABASE] = { "pfn-database",
                                      N_ ("PFN database"),
                                      FALSE,
                                      ATLAS_KERNEL_PFN_DATABASE },
  [ATLAS_LABORATORY_KERNEL_STACKS] = { "kernel-stacks",
                                       N_ ("kernel stacks"),
                                       FALSE,
                                       ATLAS_KERNEL_STACKS },
  [ATLAS_LABORATORY_DRIVER_IMAGES] = { "driver-images",
                                       N_ ("driver images"),
                                       FALSE,
                                       ATLAS_KERNEL_DRIVER_IMAGES },
};

_Static_assert(G_N_ELEMENTS (kinds) == ATLAS_N_LABORATORY_KINDS, "a row for each kind");

static const AtlasVa limits_va[ATLAS_N_LABORATORY_LIMITS] = {
  [ATLAS_LABORATORY_BELOW_2GB] = ATLAS_GB (2),
  [ATLAS_LABORATORY_BELOW_4GB] = ATLAS_GB (4),
};

struct _AtlasLaboratory
{
  AtlasSystemOptions system_options; /* of the boot at hand */
  AtlasProcessOptions options;
  char *name;
  guint n_boots;
  guint n_starts;
  guint64 *seeds;
  guint heap_item;
  AtlasVa *samples[ATLAS_N_LABORATORY_KINDS];
  AtlasLaboratoryRegion regions[ATLAS_N_LABORATORY_KINDS];
};

const char *
atlas_laboratory_kind_get_id (AtlasLaboratoryKind kind)
{
  g_return_val_if_fail (kind < ATLAS_N_LABORATORY_KINDS, "");

  return kinds[kind].id;
}

AtlasVa
atlas_laboratory_limit_get_va (AtlasLaboratoryLimit limit)
{
  g_return_val_if_fail (limit < ATLAS_N_LABORATORY_LIMITS, 0);

  return limits_va[limit];
}

/* 0 for what this process has not. */
static AtlasVa
get_user_va (const AtlasLaboratory *laboratory,
             AtlasLaboratoryKind kind,
             const AtlasPlacement *placement,
             const AtlasPlacementDraws *draws)
{
  switch (kind)
    {
    case ATLAS_LABORATORY_BOTTOM_UP:
      return placement->bottom_up_va;
    case ATLAS_LABORATORY_HEAP:
      return placement->item_va[laboratory->heap_item];
    case ATLAS_LABORATORY_STACK:
      return placement->stack_pointer_va;
    case ATLAS_LABORATORY_PEB:
      return placement->peb_va;
    case ATLAS_LABORATORY_TOP_DOWN:
      return placement->top_down_va + 1u - ATLAS_KB (64);
    case ATLAS_LABORATORY_EXE:
      return placement->exe_va;
    case ATLAS_LABORATORY_DLL:
      return placement->module_va[0];
    case ATLAS_LABORATORY_CFG:
      return placement->cfg_va;
    case ATLAS_LABORATORY_HYPERVISOR:
      return draws->hypervisor_slot != 0 ? atlas_layout_get_hypervisor_va (draws->hypervisor_slot)
                                         : 0;
    case ATLAS_LABORATORY_ANYWHERE:
    case ATLAS_LABORATORY_PAGE_TABLES:
    case ATLAS_LABORATORY_NONPAGED_POOL:
    case ATLAS_LABORATORY_PAGED_POOL:
    case ATLAS_LABORATORY_SYSTEM_CACHE:
    case ATLAS_LABORATORY_SYSTEM_PTES:
    case ATLAS_LABORATORY_PFN_DATABASE:
    case ATLAS_LABORATORY_KERNEL_STACKS:
    case ATLAS_LABORATORY_DRIVER_IMAGES:
    case ATLAS_N_LABORATORY_KINDS:
      break;
    }
  g_return_val_if_reached (0);
}

static void
add_sample (AtlasLaboratory *laboratory, AtlasLaboratoryKind kind, AtlasVa va)
{
  if (va != 0)
    laboratory->samples[kind][laboratory->regions[kind].n_samples++] = va;
}

/* The end of what could be had if there were no areas. */
static AtlasVa
get_user_end (const AtlasPlacement *placement)
{
  return placement->max_va + 1u + ATLAS_KB (64);
}

static void
run_boot (AtlasLaboratory *laboratory)
{
  AtlasRandom anywhere = atlas_random_fork (laboratory->system_options.seed, "anywhere");
  AtlasKernelLayout kernel;

  atlas_kernel_layout_draw (&kernel, &laboratory->system_options);
  for (guint start = 0; start < laboratory->n_starts; start++)
    {
      AtlasPlacementDraws draws;
      AtlasPlacement placement;

      atlas_placement_draw (&draws, &laboratory->system_options, &laboratory->options, start);
      /* There is room for the regions of one process in every process. */
      if (!atlas_placement_make (
            &placement, &draws, &laboratory->system_options, &laboratory->options))
        g_assert_not_reached ();
      for (guint kind = 0; kind < ATLAS_N_LABORATORY_KINDS; kind++)
        {
          AtlasVa va;

          if (start > 0 && !laboratory->regions[kind].is_per_start)
            continue;
          if (kinds[kind].kernel_use != ATLAS_KERNEL_UNUSED)
            va = atlas_kernel_layout_get_base_va (&kernel, kinds[kind].kernel_use);
          else if (kind == ATLAS_LABORATORY_ANYWHERE)
            va = atlas_random_below (&anywhere, get_user_end (&placement) / ATLAS_KB (64)) *
                 ATLAS_KB (64);
          else
            va = get_user_va (laboratory, (AtlasLaboratoryKind) kind, &placement, &draws);
          add_sample (laboratory, (AtlasLaboratoryKind) kind, va);
        }
    }
}

static int
compare_vas (const void *a, const void *b)
{
  AtlasVa first = *(const AtlasVa *) a;
  AtlasVa second = *(const AtlasVa *) b;

  return (first > second) - (first < second);
}

static void
summarize (AtlasLaboratory *laboratory, AtlasLaboratoryKind kind)
{
  AtlasLaboratoryRegion *region = &laboratory->regions[kind];
  g_autofree AtlasVa *sorted =
    g_memdup2 (laboratory->samples[kind], region->n_samples * sizeof (AtlasVa));

  if (region->n_samples == 0)
    return;
  qsort (sorted, region->n_samples, sizeof *sorted, compare_vas);
  region->min_va = sorted[0];
  region->max_va = sorted[region->n_samples - 1u];

  region->bucket_bytes = 16;
  do
    {
      region->bucket_bytes *= 2u;
      region->first_bucket_va = region->min_va & ~(region->bucket_bytes - 1u);
    }
  while ((region->max_va - region->first_bucket_va) / region->bucket_bytes >=
         ATLAS_LABORATORY_BUCKETS);

  for (guint i = 0; i < region->n_samples; i++)
    {
      region->n_distinct += i == 0 || sorted[i] != sorted[i - 1u];
      region->counts[(sorted[i] - region->first_bucket_va) / region->bucket_bytes]++;
      for (guint limit = 0; limit < ATLAS_N_LABORATORY_LIMITS; limit++)
        region->n_below[limit] += sorted[i] < limits_va[limit];
    }
}

/* Upon which draws an address depends, and how many of their bits. Those that place it inside its
 * first pages are left out: they take nothing across a line. */
typedef struct
{
  guint64 *draw;
  guint n_bits;
} Dependence;

#define DEPENDENCES_MAX 2u

static void
find_dependences (const AtlasLaboratory *laboratory,
                  AtlasLaboratoryKind kind,
                  AtlasPlacementDraws *draws,
                  Dependence dependences[DEPENDENCES_MAX])
{
  AtlasAslrPolicy policy = atlas_process_options_get_policy (&laboratory->options);
  guint n_bottom_up_bits = atlas_aslr_get_entropy_bits (ATLAS_ASLR_BOTTOM_UP, &policy);
  Dependence bottom_up = { &draws->bottom_up, n_bottom_up_bits };
  Dependence peb = { &draws->peb_block, n_bottom_up_bits };

  switch (kind)
    {
    case ATLAS_LABORATORY_BOTTOM_UP:
      dependences[0] = bottom_up;
      break;
    case ATLAS_LABORATORY_HEAP:
      dependences[0] = bottom_up;
      if (n_bottom_up_bits == 0)
        dependences[1] =
          (Dependence){ &draws->heap, atlas_aslr_get_entropy_bits (ATLAS_ASLR_HEAP, &policy) };
      break;
    case ATLAS_LABORATORY_STACK:
    case ATLAS_LABORATORY_PEB:
      dependences[0] = peb;
      if (!atlas_aslr_policy_is_high_entropy (&policy))
        dependences[1] = bottom_up;
      if (n_bottom_up_bits == 0 && kind == ATLAS_LABORATORY_STACK)
        dependences[1] = (Dependence){ &draws->stack,
                                       atlas_aslr_get_entropy_bits (ATLAS_ASLR_STACK, &policy) -
                                         ATLAS_PLACEMENT_INNER_BITS };
      break;
    case ATLAS_LABORATORY_TOP_DOWN:
      dependences[0] = (Dependence){ &draws->top_down,
                                     atlas_aslr_get_entropy_bits (ATLAS_ASLR_TOP_DOWN, &policy) };
      break;
    case ATLAS_LABORATORY_EXE:
      dependences[0] =
        (Dependence){ &draws->exe, atlas_aslr_get_entropy_bits (ATLAS_ASLR_EXE, &policy) };
      if (policy.is_forced && !policy.has_dynamic_base)
        dependences[0] = bottom_up;
      break;
    case ATLAS_LABORATORY_DLL:
      dependences[0] =
        (Dependence){ &draws->dll, atlas_aslr_get_entropy_bits (ATLAS_ASLR_DLL, &policy) };
      break;
    case ATLAS_LABORATORY_CFG:
      dependences[0] = (Dependence){
        policy.is_32bit || policy.is_below_2gb ? &draws->top_down : &draws->cfg,
        atlas_aslr_get_entropy_bits (ATLAS_ASLR_TOP_DOWN, &policy),
      };
      break;
    case ATLAS_LABORATORY_ANYWHERE:
    case ATLAS_LABORATORY_HYPERVISOR:
    case ATLAS_LABORATORY_PAGE_TABLES:
    case ATLAS_LABORATORY_NONPAGED_POOL:
    case ATLAS_LABORATORY_PAGED_POOL:
    case ATLAS_LABORATORY_SYSTEM_CACHE:
    case ATLAS_LABORATORY_SYSTEM_PTES:
    case ATLAS_LABORATORY_PFN_DATABASE:
    case ATLAS_LABORATORY_KERNEL_STACKS:
    case ATLAS_LABORATORY_DRIVER_IMAGES:
    case ATLAS_N_LABORATORY_KINDS:
      break;
    }
}

static void
set_draw (const Dependence *dependence, guint64 value)
{
  if (dependence->n_bits > 0)
    *dependence->draw = value << (64u - dependence->n_bits);
}

static gboolean
is_below (const AtlasLaboratory *laboratory,
          AtlasLaboratoryKind kind,
          const AtlasPlacementDraws *draws,
          AtlasVa limit_va)
{
  AtlasPlacement placement;

  if (!atlas_placement_make (&placement, draws, &laboratory->system_options, &laboratory->options))
    g_assert_not_reached ();
  return get_user_va (laboratory, kind, &placement, draws) < limit_va;
}

/* How many values of @dependence's draw give an address below @limit_va. The address only grows
 * with the draw, or only falls. (Where images wrap around the end of their area, all of it is above
 * 4 GB.) */
static guint64
count_below (const AtlasLaboratory *laboratory,
             AtlasLaboratoryKind kind,
             AtlasPlacementDraws *draws,
             const Dependence *dependence,
             AtlasVa limit_va)
{
  guint64 n_values = ATLAS_BIT (dependence->n_bits);
  gboolean is_first_below, is_last_below;
  guint64 low = 0, high = n_values - 1u;

  set_draw (dependence, 0);
  is_first_below = is_below (laboratory, kind, draws, limit_va);
  set_draw (dependence, n_values - 1u);
  is_last_below = is_below (laboratory, kind, draws, limit_va);
  if (is_first_below == is_last_below)
    return is_first_below ? n_values : 0;

  /* @low is like the first, @high like the last. */
  while (high - low > 1u)
    {
      guint64 middle = low + (high - low) / 2u;

      set_draw (dependence, middle);
      if (is_below (laboratory, kind, draws, limit_va) == is_first_below)
        low = middle;
      else
        high = middle;
    }
  return is_first_below ? high : n_values - high;
}

static AtlasRatio
reduce (guint64 numerator, guint64 denominator)
{
  guint64 a = numerator, b = denominator;

  while (b != 0)
    {
      guint64 rest = a % b;

      a = b;
      b = rest;
    }
  return (AtlasRatio){ numerator / a, denominator / a };
}

static AtlasRatio
get_chance (const AtlasLaboratory *laboratory, AtlasLaboratoryKind kind, AtlasVa limit_va)
{
  AtlasPlacementDraws draws;
  Dependence dependences[DEPENDENCES_MAX] = { { NULL } };
  guint64 n_below = 0;
  guint64 n_outer;

  if (kind == ATLAS_LABORATORY_ANYWHERE)
    {
      AtlasPlacement placement;

      atlas_placement_draw (&draws, &laboratory->system_options, &laboratory->options, 0);
      atlas_placement_make (&placement, &draws, &laboratory->system_options, &laboratory->options);
      return reduce (MIN (limit_va, get_user_end (&placement)), get_user_end (&placement));
    }
  if (kinds[kind].kernel_use != ATLAS_KERNEL_UNUSED)
    return (AtlasRatio){ 0, 1 };

  atlas_placement_draw (&draws, &laboratory->system_options, &laboratory->options, 0);
  find_dependences (laboratory, kind, &draws, dependences);
  n_outer = ATLAS_BIT (dependences[1].n_bits);
  for (guint64 i = 0; i < n_outer; i++)
    {
      set_draw (&dependences[1], i);
      n_below += count_below (laboratory, kind, &draws, &dependences[0], limit_va);
    }
  return reduce (n_below, n_outer << dependences[0].n_bits);
}

/* Moved like a bottom-up allocation of the process. */
static gboolean
is_forced_exe (const AtlasProcessOptions *options)
{
  return options->is_forced && !options->has_dynamic_base;
}

static guint
get_bits (const AtlasLaboratory *laboratory, AtlasLaboratoryKind kind)
{
  static const guint8 aslr_kinds[] = {
    [ATLAS_LABORATORY_BOTTOM_UP] = ATLAS_ASLR_BOTTOM_UP,
    [ATLAS_LABORATORY_HEAP] = ATLAS_ASLR_HEAP,
    [ATLAS_LABORATORY_STACK] = ATLAS_ASLR_STACK,
    [ATLAS_LABORATORY_PEB] = ATLAS_ASLR_PEB,
    [ATLAS_LABORATORY_TOP_DOWN] = ATLAS_ASLR_TOP_DOWN,
    [ATLAS_LABORATORY_EXE] = ATLAS_ASLR_EXE,
    [ATLAS_LABORATORY_DLL] = ATLAS_ASLR_DLL,
    [ATLAS_LABORATORY_CFG] = ATLAS_ASLR_TOP_DOWN,
  };
  AtlasAslrPolicy policy = atlas_process_options_get_policy (&laboratory->options);

  if (kind < ATLAS_LABORATORY_BOTTOM_UP || kind > ATLAS_LABORATORY_CFG)
    return 0;
  if (kind == ATLAS_LABORATORY_EXE && is_forced_exe (&laboratory->options))
    return atlas_aslr_get_entropy_bits (ATLAS_ASLR_FORCED_EXE, &policy);
  /* Taken up from 64 KB to 2 MB, and then one of 510 pages: see process-placement.c. */
  if (kind == ATLAS_LABORATORY_PEB && atlas_aslr_policy_is_high_entropy (&policy))
    return atlas_aslr_get_entropy_bits (ATLAS_ASLR_BOTTOM_UP, &policy) - 5u +
           ATLAS_PLACEMENT_INNER_BITS;
  return atlas_aslr_get_entropy_bits ((AtlasAslrKind) aslr_kinds[kind], &policy);
}

AtlasLaboratory *
atlas_laboratory_run (const AtlasSystemOptions *system_options,
                      const AtlasProcessOptions *options,
                      guint n_boots,
                      guint n_starts)
{
  AtlasLaboratory *laboratory;
  AtlasRandom boots;
  guint n_items;
  const AtlasLayoutItem *items = atlas_layout_get_items (&n_items);

  g_return_val_if_fail (system_options != NULL && options != NULL, NULL);
  g_return_val_if_fail (n_boots > 0 && n_starts > 0, NULL);
  g_return_val_if_fail ((guint64) n_boots * n_starts <= ATLAS_LABORATORY_MAX_STARTS, NULL);

  laboratory = g_new0 (AtlasLaboratory, 1);
  laboratory->system_options = *system_options;
  laboratory->options = *options;
  laboratory->options.is_bare = FALSE;
  laboratory->name = g_strdup (options->name);
  laboratory->options.name = laboratory->name;
  laboratory->n_boots = n_boots;
  laboratory->n_starts = n_starts;
  laboratory->seeds = g_new (guint64, n_boots);
  while (items[laboratory->heap_item].words.name != atlas_layout_process_heap_name)
    laboratory->heap_item++;
  for (guint kind = 0; kind < ATLAS_N_LABORATORY_KINDS; kind++)
    {
      laboratory->samples[kind] = g_new (AtlasVa, (gsize) n_boots * n_starts);
      laboratory->regions[kind].name = kinds[kind].name;
      laboratory->regions[kind].is_per_start =
        kinds[kind].is_per_start ||
        (kind == ATLAS_LABORATORY_EXE && is_forced_exe (&laboratory->options));
      laboratory->regions[kind].n_bits = get_bits (laboratory, (AtlasLaboratoryKind) kind);
    }

  boots = atlas_random_fork (system_options->seed, "laboratory");
  for (guint boot = 0; boot < n_boots; boot++)
    {
      laboratory->seeds[boot] = atlas_random_next (&boots);
      laboratory->system_options.seed = laboratory->seeds[boot];
      run_boot (laboratory);
    }

  for (guint kind = 0; kind < ATLAS_N_LABORATORY_KINDS; kind++)
    {
      summarize (laboratory, (AtlasLaboratoryKind) kind);
      for (guint limit = 0; limit < ATLAS_N_LABORATORY_LIMITS; limit++)
        laboratory->regions[kind].chances[limit] =
          get_chance (laboratory, (AtlasLaboratoryKind) kind, limits_va[limit]);
    }
  return laboratory;
}

void
atlas_laboratory_free (AtlasLaboratory *laboratory)
{
  g_return_if_fail (laboratory != NULL);

  for (guint kind = 0; kind < ATLAS_N_LABORATORY_KINDS; kind++)
    g_free (laboratory->samples[kind]);
  g_free (laboratory->seeds);
  g_free (laboratory->name);
  g_free (laboratory);
}

const AtlasLaboratoryRegion *
atlas_laboratory_get_region (const AtlasLaboratory *laboratory, AtlasLaboratoryKind kind)
{
  g_return_val_if_fail (laboratory != NULL && kind < ATLAS_N_LABORATORY_KINDS, NULL);

  return &laboratory->regions[kind];
}

const AtlasVa *
atlas_laboratory_get_samples (const AtlasLaboratory *laboratory, AtlasLaboratoryKind kind)
{
  g_return_val_if_fail (laboratory != NULL && kind < ATLAS_N_LABORATORY_KINDS, NULL);

  return laboratory->samples[kind];
}

guint64
atlas_laboratory_get_boot_seed (const AtlasLaboratory *laboratory, guint boot)
{
  g_return_val_if_fail (laboratory != NULL && boot < laboratory->n_boots, 0);

  return laboratory->seeds[boot];
}

AtlasVa
atlas_laboratory_get_user_end (const AtlasLaboratory *laboratory)
{
  g_return_val_if_fail (laboratory != NULL, 0);

  return atlas_layout_get_user_end (
    atlas_system_options_get_n_levels (&laboratory->system_options));
}
