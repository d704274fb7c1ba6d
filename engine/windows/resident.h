/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Resident-available memory: how many frames have not been promised to anything that cannot be
 * paged out. Commitment may exceed memory, these promises may not.
 *
 *   frames after boot
 *   │ minimum working sets │ AWE │ large pages │ … available … │ kept back │
 *
 * Windows counts it in MmResidentAvailablePages. Sources tell what is held against it (Microsoft
 * Learn: large pages and AWE are always resident; a working-set minimum is guaranteed), not how it
 * is computed. By choice, as the published sources of Server 2003 do it:
 *  - a process pays for its minimum working set, at its start and when the minimum is raised, and
 *    gets STATUS_INSUFFICIENT_RESOURCES when that cannot be promised;
 *  - VirtualLock pays nothing more: what it locks lies within the minimum, and beyond that it gets
 *    STATUS_WORKING_SET_QUOTA;
 *  - AWE pages, large pages and sections of large pages pay for each frame;
 *  - page tables, and the paged pool with its prototype entries, pay nothing: on Windows they can
 * be paged out, though here they stay. The non-paged pool's control areas have no frames here.
 */

#include "windows/system.h"

G_BEGIN_DECLS

/* Frames that are never promised, so that what can be paged has somewhere to be: a choice. */
#define ATLAS_RESIDENT_KEPT_BACK_PAGES 32u

/* In pages. */
ATLAS_AVAILABLE guint64 atlas_system_get_resident_available (const AtlasSystem *system);
/* FALSE, and no change, when so many are not left. */
gboolean atlas_system_charge_resident (AtlasSystem *system, guint64 n_pages);
void atlas_system_return_resident (AtlasSystem *system, guint64 n_pages);

G_END_DECLS
