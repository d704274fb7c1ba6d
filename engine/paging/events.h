/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the processor has to tell of an access: the kinds of event that the MMU appends to an
 * AtlasTrace, in the order in which they may come.
 *
 *   entry-read … entry-read ─┬─► accessed-dirty … ─► translated
 *                            ├─► page-fault
 *                            └─► table-missing
 *   general-protection, stack-fault: before any entry
 */

#include "base/trace.h"

G_BEGIN_DECLS

/* level, index, pa, entry, table, hi, lo, next */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_entry_read;
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_leaf_read;
/* level, index, pa, entry, table */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_entry_not_present;
/* level, index, pa, entry, table, bits */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_entry_reserved;
/* level, index, pa, old, new, flags */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_accessed_dirty;
/* va, pa, size, type, access */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_translated;
/* va, code, reason, level, access, mode */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_page_fault;
/* va, reason, access, mode */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_general_protection;
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_stack_fault;
/* level, index, pa, table */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_table_missing;

/* 4 → "PML4E". (transfer full) */
ATLAS_AVAILABLE char *atlas_trace_format_level (guint64 value);

G_END_DECLS
