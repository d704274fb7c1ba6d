/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The parts of a walk that a cached translation goes through as well: the check of the address
 * before paging, and the judgement of the rights after it. */

#include "paging/entry.h"
#include "paging/walk.h"

G_BEGIN_DECLS

/* A walk folds the entries it reads into one word: R/W and U/S as they are, XD inverted, so that
 * one AND keeps all three. */
#define ATLAS_RIGHTS_WRITE ATLAS_ENTRY_RW
#define ATLAS_RIGHTS_USER ATLAS_ENTRY_US
#define ATLAS_RIGHTS_EXECUTE ATLAS_ENTRY_XD
#define ATLAS_RIGHTS_ALL (ATLAS_RIGHTS_WRITE | ATLAS_RIGHTS_USER | ATLAS_RIGHTS_EXECUTE)

static inline guint64
atlas_rights_of_entry (guint64 entry)
{
  return (entry ^ ATLAS_ENTRY_XD) & ATLAS_RIGHTS_ALL;
}

static inline gboolean
atlas_query_is_supervisor (const AtlasWalkQuery *query)
{
  return query->is_supervisor || query->is_implicit;
}

/* Everything but @result->va, the outcome and the steps, which whoever ends the access writes. */
void atlas_walk_clear (AtlasWalkResult *result);

/* LAM, LASS and the canonical form, in this order: fills in @result->va, or the #GP or #SS that
 * stops the access before any entry is read. */
gboolean atlas_walk_admit_address (const AtlasControl *control,
                                   const AtlasWalkQuery *query,
                                   AtlasWalkResult *result);

/* Judges a finished walk. @upper_rights: folded over the entries above @leaf. Fills in the rights,
 * key and memory type, and the #PF when they forbid the access (fault_level stays 0: which entry is
 * to blame, only the caller may know). */
gboolean atlas_walk_judge (const AtlasControl *control,
                           const AtlasWalkQuery *query,
                           guint64 upper_rights,
                           guint64 leaf,
                           guint leaf_level,
                           AtlasWalkResult *result);

/* Reads entries from the table at @table_pa, of @level, downwards, and judges what it finds.
 * @result is cleared and its va admitted. @upper_rights: folded over the entries above, which a
 * paging-structure cache remembered; ATLAS_RIGHTS_ALL from the root. */
void atlas_walk_from (const AtlasMemory *memory,
                      const AtlasControl *control,
                      const AtlasWalkQuery *query,
                      guint level,
                      AtlasPa table_pa,
                      guint64 upper_rights,
                      AtlasWalkResult *result);

/* IA32_PAT encoding of the memory type that @leaf gives its page. */
guint atlas_walk_memory_type (const AtlasControl *control, guint64 leaf, guint leaf_level);

G_END_DECLS
