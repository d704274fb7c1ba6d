/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasMmu: one logical processor's way to memory.
 *
 *   query ─► address check ─► caches ─► walk ─► rights ─► Accessed, Dirty ─► caches filled ─► PA
 *               │                         │        │
 *              #GP, #SS                  #PF      #PF
 *
 * Everything it does goes into the trace when one is given. Not for use by several threads at once.
 */

#include "base/trace.h"
#include "paging/walk.h"

G_BEGIN_DECLS

typedef struct _AtlasMmu AtlasMmu;

/* A processor before its first access, in the state of atlas_control_windows (0). Takes a
 * reference on @memory. Memory that cannot be written (an image) is translated as it stands:
 * Accessed and Dirty are not noted. */
ATLAS_AVAILABLE AtlasMmu *atlas_mmu_new (AtlasMemory *memory);
ATLAS_AVAILABLE AtlasMmu *atlas_mmu_ref (AtlasMmu *mmu);
ATLAS_AVAILABLE void atlas_mmu_unref (AtlasMmu *mmu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasMmu, atlas_mmu_unref)

ATLAS_AVAILABLE AtlasMemory *atlas_mmu_get_memory (AtlasMmu *mmu);
ATLAS_AVAILABLE const AtlasControl *atlas_mmu_get_control (const AtlasMmu *mmu);

/* Loads all control registers at once and drops the cached translations that loading them one by
 * one would drop: a changed CR3 those of its PCID, bit 63 of CR3 (with CR4.PCIDE) none, changes of
 * CR4.PGE all. Intel SDM vol. 3A §5.10.4.1. */
ATLAS_AVAILABLE void atlas_mmu_set_control (AtlasMmu *mmu, const AtlasControl *control);

/* When the Accessed bits of upper entries are set. Both orders are legal and only differ when the
 * access faults. */
typedef enum
{
  ATLAS_ACCESSED_ON_SUCCESS, /* with the rest, after all checks (Bochs, KVM) */
  ATLAS_ACCESSED_EAGERLY,    /* level by level while descending (QEMU) */
} AtlasAccessedOrder;
ATLAS_AVAILABLE void atlas_mmu_set_accessed_order (AtlasMmu *mmu, AtlasAccessedOrder order);

/* One access: translates @query->va, sets Accessed and Dirty, or faults. Returns result->outcome.
 * result->n_steps is the number of entries read. @trace: NULL when nobody listens. */
ATLAS_AVAILABLE AtlasOutcome atlas_mmu_access (AtlasMmu *mmu,
                                               const AtlasWalkQuery *query,
                                               AtlasTrace *trace,
                                               AtlasWalkResult *result);

/* Tells a finished walk as a story, without doing it: no cache is asked and no bit is set. */
ATLAS_AVAILABLE void atlas_mmu_trace_walk (const AtlasWalkQuery *query,
                                           const AtlasWalkResult *result,
                                           AtlasTrace *trace);

/* INVLPG: cached translations of the page at @va, global ones included, and all cached table
 * addresses of the current PCID. A non-canonical @va does nothing. */
ATLAS_AVAILABLE void atlas_mmu_invalidate_va (AtlasMmu *mmu, AtlasVa va);
/* Everything, global translations and all PCIDs included. */
ATLAS_AVAILABLE void atlas_mmu_invalidate_all (AtlasMmu *mmu);

G_END_DECLS
