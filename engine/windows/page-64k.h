/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* MEM_64K_PAGES: a wish that x64 has no entry for.
 *
 *   one page of 64 KB, virtual       PTE 16 … 31            sixteen frames side by side, the first
 *   ┌──────────────────────────┐     16 entries of 4 KB     a multiple of 16
 *   │ first touch of any byte  │ ──► ████████████████  ──►  ████████████████
 *   └──────────────────────────┘     or, when there are none such: the one entry, any frame
 *
 * The pages are pageable, come one block at a time when they are first touched, and size and base
 * must be multiples of 64 KB. Microsoft Learn, VirtualAlloc2. (Server 2003, which had no such flag,
 * refused its two bits together.) Choices, where it is silent: VirtualAlloc takes it too; the flag
 * belongs to a reservation and goes with no write watch; refusals have the statuses of large pages;
 * a block comes whole only where all of it is committed alike and untouched, and pages that were
 * trimmed come back one by one; only the page that was touched is Accessed; with NONPAGED it is
 * STATUS_NOT_SUPPORTED here. Since which build Windows takes the flag is not documented.
 */

#include "windows/process.h"

G_BEGIN_DECLS

#define ATLAS_PAGE_64K_BYTES ATLAS_KB (64)
#define ATLAS_PAGE_64K_PAGES 16u

typedef enum
{
  ATLAS_PAGE_64K_ABSENT, /* no page of it is present */
  ATLAS_PAGE_64K_WHOLE,  /* sixteen entries, frames side by side */
  ATLAS_PAGE_64K_SMALL,  /* what is present is anywhere */
  ATLAS_N_PAGE_64K_STATES,
} AtlasPage64kState;

typedef struct
{
  AtlasVa base_va;
  AtlasPage64kState state;
  guint n_present;
  AtlasPfn first_pfn; /* WHOLE */
} AtlasPage64k;

/* How the 64 KB around @va are mapped. FALSE when they were not asked for as such. Cost: 16
 * entries. */
ATLAS_AVAILABLE gboolean atlas_process_find_page_64k (AtlasProcess *process,
                                                      AtlasVa va,
                                                      AtlasPage64k *page);
/* How many of each state the allocation around @va has; FALSE likewise. */
ATLAS_AVAILABLE gboolean atlas_process_count_pages_64k (AtlasProcess *process,
                                                        AtlasVa va,
                                                        guint64 counts[ATLAS_N_PAGE_64K_STATES]);
/* A sentence for a person. (transfer full) */
ATLAS_AVAILABLE char *atlas_page_64k_describe (const AtlasPage64k *page);

G_END_DECLS
