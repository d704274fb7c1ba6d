/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The regions of a set added up by type and state, and how broken the free addresses are.
 *
 *   ██░░░░░░░░░░████░░░░██░░          all free 18, largest 10: fragmentation 1 - 10/18
 */

#include "space/region-set.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_TOTAL_IMAGE,
  ATLAS_TOTAL_MAPPED,
  ATLAS_TOTAL_PRIVATE,
  ATLAS_TOTAL_FREE,
  ATLAS_N_TOTALS,
} AtlasTotalKind;

typedef struct
{
  guint64 n_regions;
  guint64 committed_bytes;
  guint64 reserved_bytes; /* of FREE: all of its bytes */
} AtlasTypeTotal;

typedef struct
{
  AtlasTypeTotal types[ATLAS_N_TOTALS];
  AtlasTypeTotal all; /* of the types but FREE */
  AtlasTypeTotal writable_executable; /* of all */
  guint64 largest_free_bytes;
  /* 1 - largest / all free: 0 when all free addresses are one range. */
  double fragmentation;
} AtlasTypeTotals;

/* Of the user half. What VirtualQuery calls free but nobody can have is not free. O(n). */
ATLAS_AVAILABLE void atlas_type_totals_make (const AtlasRegionSet *set, AtlasTypeTotals *totals);
/* "image", "mapped", "private", "free" */
ATLAS_AVAILABLE const char *atlas_total_kind_get_name (AtlasTotalKind kind);

G_END_DECLS
