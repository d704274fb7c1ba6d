/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the processor has to tell of an access: the kinds of event that the MMU appends to an
 * AtlasTrace, in the order in which they may come.
 *
 *   tlb-hit ─┬──────────────────────────────────────────────────────────────► translated
 *            └ stale-translation: the tables say something else by now
 *   tlb-miss ─► psc-hit ─► entry-read … ─┬─► accessed-dirty … ─► tlb-filled ─► translated
 *                                        ├─► page-fault ─► tlb-dropped
 *                                        └─► table-missing
 *   general-protection, stack-fault: before anything else
 */

#include "base/trace.h"

G_BEGIN_DECLS

/* Bits of the value "rights": what the entries of all levels allow together. */
#define ATLAS_TRACE_RIGHT_USER    1u
#define ATLAS_TRACE_RIGHT_WRITE   2u
#define ATLAS_TRACE_RIGHT_EXECUTE 4u

/* level, index, pa, entry, table, hi, lo, next */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_entry_read;
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_leaf_read;
/* level, index, pa, entry, table */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_entry_not_present;
/* level, index, pa, entry, table, bits */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_entry_reserved;
/* level, index, pa, old, new, flags */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_accessed_dirty;
/* va, pa, size, type, access, why, rights */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_translated;
/* va, code, reason, level, access, mode */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_page_fault;
/* va, reason, access, mode */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_general_protection;
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_stack_fault;
/* level, index, pa, table */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_table_missing;

/* cache, set, way, va, size, pa */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_tlb_hit;
/* cache, set, va */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_tlb_miss;
/* va, size, reason */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_stale_translation;
/* va */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_tlb_not_dirty;
/* level, va, table, skipped */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_psc_hit;
/* cache, set, way, va, size, page */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_tlb_filled;
/* cache, set, way, va, size, pa */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_tlb_evicted;
/* count, va */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_tlb_dropped;

/* 4 → "PML4E". (transfer full) */
ATLAS_AVAILABLE char *atlas_trace_format_level (guint64 value);

G_END_DECLS
