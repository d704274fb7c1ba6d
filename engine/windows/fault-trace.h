/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What Windows has to tell of an access: the kinds of event that follow the processor's #PF.
 *
 *   access-start, (processor), vad-found ─┬─► frame-taken, pte-written ─► retry, (processor)
 *                 ▲                       ├─► guard-cleared ─► exception
 *                 └── stack-grown ◄───────┤
 *                                         └─► refused ─► exception
 */

#include "base/trace.h"

G_BEGIN_DECLS

/* access, va, size, mode */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_access_start;
/* va, n_compared, first, last, kind, protection, name, n_nodes */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_vad_found;
/* va, n_compared, n_nodes */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_vad_missing;
/* va, pte, protection */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_demand_zero;
/* page, section, subsection, protection */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_prototype;
/* pfn, list, n_left */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_frame_taken;
/* first, last, va */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_block_taken;
/* pfn, list, share_count */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_frame_shared;
/* page, section, pfn */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_page_read;
/* page, section, pfn */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_page_fixed_up;
/* pfn, list */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_frame_resumed;
/* slot, file, pfn */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_slot_read;
/* va, status */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_read_failed;
/* pfn, priority, use */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_frame_repurposed;
/* pfn, slot, file */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_page_written;
/* va, pfn, age */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_page_trimmed;
/* old, new */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_page_copied;
/* level, index, pa, entry, table */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_table_made;
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_root_mirrored;
/* va, pa, old, new, protection */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_pte_written;
/* va, pa, old, new */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_dirty_noted;
/* va, pa, old, new, protection */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_guard_cleared;
/* first, last, limit */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_stack_grown;
/* va, limit */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_stack_exhausted;
/* access, va, protection, reason */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_refused;
/* va */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_no_frame;
/* va */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_retry;
/* status, n_parameters, parameter_0, parameter_1, parameter_2 */
ATLAS_AVAILABLE const AtlasTraceKind atlas_event_exception;

G_END_DECLS
