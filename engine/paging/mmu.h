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
#include "paging/mtrr.h"
#include "paging/tlb.h"
#include "paging/walk.h"

G_BEGIN_DECLS

typedef struct _AtlasMmu AtlasMmu;

/* A processor before its first access, in the state of atlas_control_windows (0), without a TLB.
 * Takes a reference on @memory. Memory that cannot be written (an image) is translated as it
 * stands: Accessed and Dirty are not noted. */
ATLAS_AVAILABLE AtlasMmu *atlas_mmu_new (AtlasMemory *memory);
ATLAS_AVAILABLE void atlas_mmu_free (AtlasMmu *mmu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasMmu, atlas_mmu_free)

ATLAS_AVAILABLE AtlasMemory *atlas_mmu_get_memory (AtlasMmu *mmu);
ATLAS_AVAILABLE const AtlasControl *atlas_mmu_get_control (const AtlasMmu *mmu);

/* The processor's memory type range registers; NULL, as in the beginning, where they are not known.
 * A change drops nothing that is cached: software must. */
ATLAS_AVAILABLE void atlas_mmu_set_mtrrs (AtlasMmu *mmu, const AtlasMtrrs *mtrrs);
/* Borrowed, until they are set. (nullable) */
ATLAS_AVAILABLE const AtlasMtrrs *atlas_mmu_get_mtrrs (const AtlasMmu *mmu);

/* Gives the processor empty translation caches of this geometry ("none" for none). */
ATLAS_AVAILABLE void atlas_mmu_set_tlb_profile (AtlasMmu *mmu, const AtlasTlbProfile *profile);
/* What it has cached; NULL with profile "none". Borrowed, until the profile is changed. */
ATLAS_AVAILABLE const AtlasTlb *atlas_mmu_get_tlb (const AtlasMmu *mmu);

/* Loads all control registers at once and drops the cached translations that loading them one by
 * one would drop, registers with equal values left alone: CR3 those of the new PCID (none with bit
 * 63 of CR3 and CR4.PCIDE), CR4.PGE changed or CR4.PCIDE or CR0.PG cleared all, CR4.SMEP set those
 * of the current PCID. Whether the state is legal is not asked. Intel SDM vol. 3A §5.10.4.1. */
ATLAS_AVAILABLE void atlas_mmu_set_control (AtlasMmu *mmu, const AtlasControl *control);

/* MOV to CR3, CR4 or CR0: as the atlas_control_set_… of that name, and the invalidation that goes
 * with it. MOV to CR3 invalidates even when the value is the old one. */
ATLAS_AVAILABLE AtlasControlRule atlas_mmu_load_cr3 (AtlasMmu *mmu, guint64 value);
ATLAS_AVAILABLE AtlasControlRule atlas_mmu_load_cr4 (AtlasMmu *mmu, guint64 value);
ATLAS_AVAILABLE AtlasControlRule atlas_mmu_load_cr0 (AtlasMmu *mmu, guint64 value);

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

/* Tells a finished walk under @control as a story, without doing it: no cache is asked and no bit
 * is set. @mtrrs: NULL where they are not known. */
ATLAS_AVAILABLE void atlas_mmu_trace_walk (const AtlasWalkQuery *query,
                                           const AtlasWalkResult *result,
                                           const AtlasControl *control,
                                           const AtlasMtrrs *mtrrs,
                                           AtlasTrace *trace);

/* INVLPG: cached translations of the page at @va, global ones included, and all cached table
 * addresses of the current PCID. A non-canonical @va does nothing. */
ATLAS_AVAILABLE void atlas_mmu_invalidate_va (AtlasMmu *mmu, AtlasVa va);

/* Whether an access of @va would use something cached that the tables no longer say: 1 for the
 * translation, 2 … 5 for the level of a cached entry that named another table, 0 when all agrees.
 * Cost: a walk. */
ATLAS_AVAILABLE guint atlas_mmu_get_stale_level (AtlasMmu *mmu, AtlasVa va);

/* INVPCID, as the processor's manual numbers its types. */
typedef enum
{
  ATLAS_INVPCID_ADDRESS, /* @va in @pcid; not global entries */
  ATLAS_INVPCID_CONTEXT, /* all of @pcid; not global entries */
  ATLAS_INVPCID_ALL_AND_GLOBAL,
  ATLAS_INVPCID_ALL, /* of every PCID; not global entries */
} AtlasInvpcidType;

/* FALSE where the processor raises #GP(0): a type above 3, a PCID above 4095 or not 0 without
 * CR4.PCIDE, a non-canonical address. Intel SDM vol. 2 INVPCID. */
ATLAS_AVAILABLE gboolean atlas_mmu_invpcid (AtlasMmu *mmu,
                                            AtlasInvpcidType type,
                                            guint64 pcid,
                                            AtlasVa va);
/* Everything, global translations and all PCIDs included. */
ATLAS_AVAILABLE void atlas_mmu_invalidate_all (AtlasMmu *mmu);

G_END_DECLS
