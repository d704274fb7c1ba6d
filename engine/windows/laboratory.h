/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The laboratory of address space layout randomization: many boots and process starts at once, and
 * how the addresses of every kind of region spread.
 *
 *   seed ─► boot 1 ─► start 1, 2 …      heap   ▁▂▂▁▃▂▂▁▂▃▁▂   1 TB … 2 TB
 *      └──► boot 2 ─► start 1, 2 …      stack  ▂▁▂▂▃▁▂▂▁▂▂▁   0 … 1 TB
 *
 * Addresses come from the code by which a process starts; only the process is not built. Boot i is
 * that of "system seed=" with atlas_laboratory_get_boot_seed (i).
 */

#include "windows/process.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_LABORATORY_ANYWHERE, /* uniform over the user half: what a process would be without areas */
  ATLAS_LABORATORY_BOTTOM_UP,
  ATLAS_LABORATORY_HEAP,
  ATLAS_LABORATORY_STACK, /* the first stack pointer */
  ATLAS_LABORATORY_PEB,
  ATLAS_LABORATORY_TOP_DOWN,
  ATLAS_LABORATORY_EXE,
  ATLAS_LABORATORY_DLL, /* ntdll.dll */
  ATLAS_LABORATORY_CFG,
  ATLAS_LABORATORY_HYPERVISOR, /* no samples without a hypervisor */
  ATLAS_LABORATORY_PAGE_TABLES,
  ATLAS_LABORATORY_NONPAGED_POOL,
  ATLAS_LABORATORY_PAGED_POOL,
  ATLAS_LABORATORY_SYSTEM_CACHE,
  ATLAS_LABORATORY_SYSTEM_PTES,
  ATLAS_LABORATORY_PFN_DATABASE,
  ATLAS_LABORATORY_KERNEL_STACKS,
  ATLAS_LABORATORY_DRIVER_IMAGES,
  ATLAS_N_LABORATORY_KINDS,
} AtlasLaboratoryKind;

/* The lines below which an address is counted: 2 GB and 4 GB. */
typedef enum
{
  ATLAS_LABORATORY_BELOW_2GB,
  ATLAS_LABORATORY_BELOW_4GB,
  ATLAS_N_LABORATORY_LIMITS,
} AtlasLaboratoryLimit;

/* In lowest terms. */
typedef struct
{
  guint64 numerator;
  guint64 denominator;
} AtlasRatio;

#define ATLAS_LABORATORY_BUCKETS 64u
/* Starts in all, boots × starts a boot. */
#define ATLAS_LABORATORY_MAX_STARTS 1000000u

typedef struct
{
  const char *name;
  guint n_bits;          /* entropy by the model; 0 for what is fixed, and in the kernel half */
  gboolean is_per_start; /* else it is drawn once a boot */
  guint n_samples;       /* 0: this process has no such region */
  guint n_distinct;
  AtlasVa min_va;
  AtlasVa max_va;
  AtlasVa first_bucket_va;
  guint64 bucket_bytes; /* a power of two */
  guint counts[ATLAS_LABORATORY_BUCKETS];
  guint n_below[ATLAS_N_LABORATORY_LIMITS];
  /* Exact: how many of the equally likely draws land below. */
  AtlasRatio chances[ATLAS_N_LABORATORY_LIMITS];
} AtlasLaboratoryRegion;

typedef struct _AtlasLaboratory AtlasLaboratory;

/* Boots @n_boots machines like @system_options, whose seed decides all, and starts @n_starts
 * processes in each; both > 0. About 20 µs a start. (transfer full) */
ATLAS_AVAILABLE AtlasLaboratory *atlas_laboratory_run (const AtlasSystemOptions *system_options,
                                                       const AtlasProcessOptions *options,
                                                       guint n_boots,
                                                       guint n_starts);
ATLAS_AVAILABLE void atlas_laboratory_free (AtlasLaboratory *laboratory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasLaboratory, atlas_laboratory_free)

ATLAS_AVAILABLE const AtlasLaboratoryRegion *
atlas_laboratory_get_region (const AtlasLaboratory *laboratory, AtlasLaboratoryKind kind);
/* Every address of @kind in the order drawn; n_samples of the region. */
ATLAS_AVAILABLE const AtlasVa *atlas_laboratory_get_samples (const AtlasLaboratory *laboratory,
                                                             AtlasLaboratoryKind kind);
ATLAS_AVAILABLE guint64 atlas_laboratory_get_boot_seed (const AtlasLaboratory *laboratory,
                                                        guint boot);

/* Where the user half of these machines ends: 128 TB, or 64 PB with five levels. */
ATLAS_AVAILABLE AtlasVa atlas_laboratory_get_user_end (const AtlasLaboratory *laboratory);

/* "heap", "page-tables", … */
ATLAS_AVAILABLE const char *atlas_laboratory_kind_get_id (AtlasLaboratoryKind kind);
ATLAS_AVAILABLE AtlasVa atlas_laboratory_limit_get_va (AtlasLaboratoryLimit limit);

G_END_DECLS
