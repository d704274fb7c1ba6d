/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasTableRuns: what a table graph makes of all 2^64 addresses, as runs that are alike.
 *
 *   run 0      1          2      3        …    4 hole  5 unmapped          6
 *   ├─────────┬──────────┬──────┬─ … ──────┬──────────┬───────────────────┬─────────┐
 *   │unmapped │4 KB  R X │4 KB R│ unmapped │          │                   │2 MB RWX │
 *   └─────────┴──────────┴──────┴──────────┴──────────┴───────────────────┴─────────┘
 *
 * A run is as long as size of page, effective rights and memory type stay the same, wherever its
 * frames lie. Runs are never listed: every table is summed up once for each set of rights that it
 * is reached with, and its place in the row follows from the sums. 512⁴ pages in four tables cost
 * four tables; any question costs some dozen entries a level.
 */

#include "paging/tables.h"

G_BEGIN_DECLS

/* In ascending order of how much a summary must not hide it. */
typedef enum
{
  ATLAS_RUN_UNMAPPED,
  ATLAS_RUN_HOLE, /* not canonical */
  ATLAS_RUN_SUPERVISOR,
  ATLAS_RUN_USER,
} AtlasRunKind;

typedef struct
{
  AtlasVa first_va;
  AtlasVa last_va; /* inclusive */
  AtlasRunKind kind;
  /* Of what is mapped: */
  guint level;          /* of the entries that map the pages: 1 for 4 KB, 2 for 2 MB, 3 for 1 GB */
  gboolean is_writable; /* over all levels, as in AtlasWalkResult */
  gboolean is_executable;
  guint8 memory_type;
} AtlasTableRun;

/* What lies in a range; bytes are clipped to it. */
typedef struct
{
  guint64 n_runs;
  guint64 first_run;
  AtlasRunKind top_kind;
  guint64 top_run; /* the lowest run of that kind */
  guint64 mapped_bytes;
  guint64 unmapped_bytes; /* canonical */
  gboolean has_writable_executable;
} AtlasTableRunSummary;

typedef struct _AtlasTableRuns AtlasTableRuns;

/* Takes a reference on @graph. The tables must not change afterwards. Cost: 512 entries for each
 * table and each set of rights that it is reached with, at most 8; 1.4 KB likewise. */
ATLAS_AVAILABLE AtlasTableRuns *atlas_table_runs_new (AtlasTableGraph *graph);
ATLAS_AVAILABLE void atlas_table_runs_free (AtlasTableRuns *runs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasTableRuns, atlas_table_runs_free)

/* At least 3: each half, and the hole between them. */
ATLAS_AVAILABLE guint64 atlas_table_runs_get_n_runs (const AtlasTableRuns *runs);
/* First address after the lower half: 2^47, or 2^56 with five levels. */
ATLAS_AVAILABLE AtlasVa atlas_table_runs_get_lower_end_va (const AtlasTableRuns *runs);
/* The run that holds @va; there always is one. */
ATLAS_AVAILABLE guint64 atlas_table_runs_find (const AtlasTableRuns *runs, AtlasVa va);
ATLAS_AVAILABLE void
atlas_table_runs_get (const AtlasTableRuns *runs, guint64 index, AtlasTableRun *run);
/* Sums up [first_va, last_va], first_va ≤ last_va. */
ATLAS_AVAILABLE void atlas_table_runs_summarize (const AtlasTableRuns *runs,
                                                 AtlasVa first_va,
                                                 AtlasVa last_va,
                                                 AtlasTableRunSummary *summary);

G_END_DECLS
