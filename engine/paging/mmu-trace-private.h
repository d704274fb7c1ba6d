/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* How the MMU tells what it does. All of these are called only when somebody listens. */

#include "paging/mmu.h"
#include "paging/tlb-private.h"

G_BEGIN_DECLS

/* The entries that a walk has read, and whatever ended it. */
void atlas_mmu_trace_steps (AtlasTrace *trace, const AtlasWalkResult *result);
void atlas_mmu_trace_outcome (AtlasTrace *trace,
                              const AtlasWalkQuery *query,
                              const AtlasWalkResult *result,
                              const AtlasControl *control,
                              const AtlasMtrrs *mtrrs);

/* A hit, a filling or an eviction: @kind decides. */
void atlas_mmu_trace_place (AtlasTrace *trace,
                            const AtlasTraceKind *kind,
                            const AtlasTlb *tlb,
                            const AtlasTlbPlace *place,
                            const AtlasTlbEntry *entry);
void atlas_mmu_trace_miss (AtlasTrace *trace,
                           const AtlasTlb *tlb,
                           guint cache_level,
                           gboolean is_code,
                           AtlasVa va);

/* Says so when the tables no longer agree with what is cached of the entry of @level: the page or
 * table at @pa, with @rights folded down to it. Cost: a walk. */
void atlas_mmu_trace_staleness (AtlasTrace *trace,
                                const AtlasMemory *memory,
                                const AtlasControl *control,
                                const AtlasWalkQuery *query,
                                AtlasVa va,
                                guint level,
                                AtlasPa pa,
                                guint64 rights);

G_END_DECLS
