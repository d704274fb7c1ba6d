/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Looks for top-level page tables in physical memory of which no CR3 is known.
 *
 *   every page ─► entries fit a root, ─► named tables fit ─► whole graph: few entries lead
 *                 kernel half or         their level         nowhere, many leaves ─► best first
 *                 self-map
 *
 * A guess: what is found looks like a root. Each process has one, and their kernel halves are
 * alike.
 */

#include "base/format.h"
#include "paging/tables.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasPa root_pa;
  guint n_levels;   /* 4 or 5 */
  guint64 n_leaves; /* pages of all sizes */
  guint64 n_tables;
  guint64 n_wrong; /* entries with reserved bits, or that name a table outside the memory */
  gboolean has_self_map;
} AtlasRootCandidate;

/* At most @n_max candidates, the best first, in an array of AtlasRootCandidate; with four and with
 * five levels. @control: MAXPHYADDR, NXE and the like; CR3 and CR4.LA57 do not matter. Cost: a look
 * at each page, seldom at all of it, and a table graph for the 64 likeliest. (transfer full) */
ATLAS_AVAILABLE GArray *
atlas_root_scan (AtlasMemory *memory, const AtlasControl *control, guint n_max);
/* Sets ATLAS_ERROR_NO_ROOT: image @name does not tell CR3, and this is what it could be. */
ATLAS_AVAILABLE void atlas_root_scan_set_error (AtlasMemory *memory,
                                                const AtlasControl *control,
                                                const char *name,
                                                GError **error);

G_END_DECLS
