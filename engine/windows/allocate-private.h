/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* An allocation from its arguments to its effect:
 *
 *   arguments ──atlas_allocation_plan()──► what it comes to ──► done, or shown as a preview
 *
 * Planning changes nothing, so a call that fails has changed nothing. */

#include "windows/machine-private.h"
#include "windows/virtual.h"

G_BEGIN_DECLS

/* The arguments of every form of the call. */
typedef struct
{
  AtlasVa base_va;
  guint64 zero_bits;
  guint64 size_bytes;
  guint32 type;
  guint32 protect;
  gboolean is_extended; /* VirtualAlloc2: placeholders are allowed */
  const AtlasExtendedParameter *parameters;
  guint n_parameters;
} AtlasAllocationRequest;

/* What an allocation comes to. */
typedef struct
{
  AtlasStatus status;
  guint64 first_vpn; /* both 0 when the arguments were refused before any rounding */
  guint64 last_vpn;
  guint64 n_new_pages;   /* to be charged */
  AtlasVad *vad;         /* of a commit or reset: the reservation; else the placeholder replaced */
  const AtlasVad *taken; /* CONFLICTING_ADDRESSES: by whom */
  guint8 protection;
  gboolean is_replacement;
  gboolean has_64k_pages;
  guint64 large_page_bytes; /* 0: ordinary pages */
} AtlasAllocation;

void atlas_allocation_plan (AtlasProcess *process,
                            const AtlasAllocationRequest *request,
                            AtlasAllocation *allocation);

/* refusal.c: what is wrong with the arguments of a plan that was refused; NULL when its status says
 * it all. (transfer full) */
char *atlas_allocation_explain_arguments (AtlasProcess *process,
                                          const AtlasAllocationRequest *request,
                                          const AtlasAllocation *allocation);

/* Lowers @last_va to what @zero_bits leave: up to 21 that many leading zeros of a 32-bit address,
 * from 32 on a mask whose leading zeros count. FALSE for what lies between. */
gboolean atlas_zero_bits_apply (guint64 zero_bits, AtlasVa *last_va);

/* What extended parameters say, with defaults for those that are not there. */
typedef struct
{
  AtlasAddressRequirements requirements; /* all 0: none */
  guint64 attributes;
  guint32 image_machine;
} AtlasExtendedArguments;

/* Types, their values and that each comes once. For allocations and for views. */
AtlasStatus atlas_extended_parameters_read (const AtlasProcess *process,
                                            const AtlasExtendedParameter *parameters,
                                            guint n_parameters,
                                            AtlasExtendedArguments *arguments);

static inline AtlasVa
atlas_allocation_get_base_va (const AtlasAllocation *allocation)
{
  return allocation->first_vpn << ATLAS_PAGE_SHIFT;
}

static inline guint64
atlas_allocation_get_size (const AtlasAllocation *allocation)
{
  return (allocation->last_vpn - allocation->first_vpn + 1u) << ATLAS_PAGE_SHIFT;
}

G_END_DECLS
