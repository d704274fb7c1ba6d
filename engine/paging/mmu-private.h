/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "paging/mmu.h"
#include "paging/tlb-private.h"
#include "paging/walk-private.h"

G_BEGIN_DECLS

struct _AtlasMmu
{
  AtlasMemory *memory;
  AtlasControl control;
  AtlasAccessedOrder accessed_order;
  AtlasTlb *tlb; /* NULL: every access walks */
  AtlasMtrrs mtrrs;
  gboolean has_mtrrs;

  /* Derived from control. */
  guint pcid;
  gboolean has_plain_addresses; /* no LAM, no LASS: an address that is cached may be used */
  AtlasNeed needs[ATLAS_ACCESS_EXECUTE + 1][2]; /* by access and supervisor mode */
};

G_END_DECLS
