/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What Windows keeps for itself, whatever the program does, and why.
 *
 *   0000`00000000   never      64 KB     null pointers
 *   0000`7ffe0000   KUSER_SHARED_DATA    one page, its slot shared with the hypervisor page
 *   0000`7fff0000   never      64 KB     below the 2 GB line
 *   0000`80000000   never      64 KB     above the 2 GB line
 *   7fff`ffff0000   never      64 KB     last of the user half
 *   8000`00000000   hole                 not canonical
 *   ffff8000`…      kernel half          assigned to 512 GB slots in another order at every boot
 *   fffff780`…      KUSER_SHARED_DATA    the kernel's writable view of the same page
 */

#include "windows/kernel-layout.h"

G_BEGIN_DECLS

#define ATLAS_MIN_APPLICATION_VA G_GUINT64_CONSTANT (0x10000)
#define ATLAS_MAX_APPLICATION_VA G_GUINT64_CONSTANT (0x7ffffffeffff)
/* Of a process that is not large-address aware: 2 GB less 64 KB. */
#define ATLAS_MAX_APPLICATION_2GB_VA G_GUINT64_CONSTANT (0x7ffeffff)
#define ATLAS_USER_END_VA G_GUINT64_CONSTANT (0x800000000000)
/* With page tables of five levels. Source: Intel SDM vol. 1 §3.3.7.1 for the halves. A choice: the
 * 64 KB before the hole and all that is placed from the end of the user half move with it. */
#define ATLAS_LA57_USER_END_VA G_GUINT64_CONSTANT (0x100000000000000)

static inline AtlasVa
atlas_layout_get_user_end (guint n_levels)
{
  return n_levels == 5u ? ATLAS_LA57_USER_END_VA : ATLAS_USER_END_VA;
}

#define ATLAS_KUSER_VA G_GUINT64_CONSTANT (0x7ffe0000)
#define ATLAS_HYPERVISOR_SLOTS 15u

/* Address of the hypervisor's page in slot 1 … 15. */
static inline AtlasVa
atlas_layout_get_hypervisor_va (guint slot)
{
  return ATLAS_KUSER_VA + slot * ATLAS_PAGE_BYTES;
}

typedef enum
{
  ATLAS_LAYOUT_NEVER, /* nothing can ever be allocated there */
  ATLAS_LAYOUT_BLOCK, /* holds pages of the system; the rest of it is not to be had either */
  ATLAS_LAYOUT_HOLE,
  ATLAS_LAYOUT_KERNEL,
} AtlasLayoutKind;

typedef struct
{
  AtlasVa base_va;
  guint64 size_bytes;
  AtlasLayoutKind kind;
  gboolean is_64bit_only; /* not in a 2 GB process, whose space ends below it */
  const char *name;
  const char *reason;
  const char *source;
} AtlasLayoutRegion;

/* All fixed regions with page tables of 4 or 5 levels, in ascending order; never freed. */
ATLAS_AVAILABLE const AtlasLayoutRegion *atlas_layout_get_regions (guint n_levels,
                                                                   guint *n_regions);
/* The fixed region that holds @va, or NULL. */
ATLAS_AVAILABLE const AtlasLayoutRegion *atlas_layout_find (AtlasVa va, guint n_levels);
/* The first fixed region of the user half that [base_va, base_va + size_bytes) touches, or NULL. */
ATLAS_AVAILABLE const AtlasLayoutRegion *
atlas_layout_find_reserved (AtlasVa base_va, guint64 size_bytes, guint n_levels);

/* Words for the two pages that every process shares with the kernel. */
ATLAS_AVAILABLE const AtlasLayoutRegion atlas_layout_kuser;
ATLAS_AVAILABLE const AtlasLayoutRegion atlas_layout_hypervisor;

G_END_DECLS
