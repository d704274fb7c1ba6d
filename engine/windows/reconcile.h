/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Two books tell what a process may touch: the VADs, with what frames and sections keep, and the
 * page tables. Windows writes both; what writes tables alone makes them differ.
 *
 *   entry ─► is there a VAD?  does its frame belong here?  does it allow more than was agreed?
 *
 * The reverse is no conflict: a page without an entry comes in when it is touched.
 */

#include "windows/process.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_CONFLICT_NO_VAD,     /* mapped, where nothing was allocated */
  ATLAS_CONFLICT_FRAME,      /* maps a frame that is neither the process's nor its section's */
  ATLAS_CONFLICT_TABLE,      /* leads to a frame that is no table of this process */
  ATLAS_CONFLICT_WRITABLE,   /* R/W is set, and the protection allows no write to this frame */
  ATLAS_CONFLICT_EXECUTABLE, /* XD is clear, and the protection allows no execution */
  ATLAS_CONFLICT_SUPERVISOR, /* U/S is clear in the user half */
  ATLAS_CONFLICT_RESTRICTED, /* an entry above the page takes away what the page's own allows */
  ATLAS_N_CONFLICTS,
} AtlasConflictKind;

/* Of one kind, in neighbouring entries. */
typedef struct
{
  AtlasConflictKind kind;
  guint level; /* ATLAS_LEVEL_PT … */
  AtlasVa base_va;
  guint64 size_bytes;
  AtlasPa entry_pa; /* of the first, and what stands there */
  guint64 entry;
} AtlasConflict;

/* All of the user half, in address order; of one entry only the gravest. Cost: the tables are read
 * once; a foreign table is not entered. (transfer full, of AtlasConflict) */
ATLAS_AVAILABLE GArray *atlas_process_find_conflicts (AtlasProcess *process);

/* "the VADs know nothing of it", …: a clause. */
ATLAS_AVAILABLE const char *atlas_conflict_get_description (AtlasConflictKind kind);
/* "00000000`20000000, 4 KB: PTE 8000000012345867 at 0x…: R/W is set, …" (transfer full) */
ATLAS_AVAILABLE char *atlas_conflict_format (const AtlasConflict *conflict);

G_END_DECLS
