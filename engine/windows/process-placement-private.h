/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Where a boot and the start of a process put things, without building any of it: a process that
 * starts and the laboratory that starts thousands take their addresses from here.
 *
 *   seed ─► draws ─► placement ─► reserve, map, touch     a process
 *                        └──────► counted                 the laboratory
 */

#include "windows/process.h"

G_BEGIN_DECLS

#define ATLAS_PLACEMENT_MODULES_MAX 32u
#define ATLAS_PLACEMENT_ITEMS_MAX 16u
/* The bits of a stack's and of a PEB's address that lie inside their first pages. */
#define ATLAS_PLACEMENT_INNER_BITS 9u

/* Every random number behind one process's addresses. Of a number for a region, as many of the
 * highest bits are used as the region has entropy: another switch moves no other draw. */
typedef struct
{
  /* Drawn once a boot. */
  guint hypervisor_slot; /* 1 … 15; 0 without a hypervisor */
  guint64 exe;
  guint64 dll;
  guint16 dll_gaps[ATLAS_PLACEMENT_MODULES_MAX]; /* room below each DLL, in 64 KB */
  /* Drawn at each start. */
  guint64 bottom_up;
  guint64 top_down;
  guint64 peb_block;
  guint peb_page;
  guint64 cfg;
  guint64 stack;
  guint64 heap;
  guint64 stack_pointer;
} AtlasPlacementDraws;

/* @number: processes that this boot started before. */
void atlas_placement_draw (AtlasPlacementDraws *draws,
                           const AtlasSystemOptions *system_options,
                           const AtlasProcessOptions *options,
                           guint number);
/* The slot alone, which belongs to the boot; 0 without a hypervisor. */
guint atlas_placement_draw_hypervisor_slot (const AtlasSystemOptions *system_options);

typedef struct
{
  AtlasVa user_end_va; /* of the user half */
  AtlasVa max_va;
  AtlasVa bottom_up_va;
  AtlasVa top_down_va; /* the last byte */
  AtlasVa exe_va;      /* also of a bare process with an image file */
  /* Of a process that is not bare. */
  AtlasVa module_va[ATLAS_PLACEMENT_MODULES_MAX];
  AtlasVa peb_block_va;
  AtlasVa peb_va;
  AtlasVa stack_va;
  AtlasVa stack_pointer_va; /* of the first instruction */
  AtlasVa item_va[ATLAS_PLACEMENT_ITEMS_MAX];
  AtlasVa cfg_va;
  AtlasVa shared_va;
} AtlasPlacement;

/* FALSE when there is no room for all of it; exe_va is 0 then when that is for want of the address
 * of an image file that cannot be moved. */
gboolean atlas_placement_make (AtlasPlacement *placement,
                               const AtlasPlacementDraws *draws,
                               const AtlasSystemOptions *system_options,
                               const AtlasProcessOptions *options);

/* Of the bitmap that tells of all addresses of the process. */
guint64 atlas_placement_get_cfg_bytes (const AtlasPlacement *placement);
/* Where the header of a program file like this wants it. */
AtlasVa atlas_placement_get_preferred_va (const AtlasProcessOptions *options);

/* VADs for what lies at fixed addresses in every process: what nobody may have, KUSER_SHARED_DATA,
 * and the hypervisor's page unless @hypervisor_slot is 0. */
void atlas_placement_add_fixed (AtlasVadTree *vads,
                                AtlasVa max_va,
                                guint hypervisor_slot,
                                guint n_levels);

G_END_DECLS
