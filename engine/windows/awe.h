/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Address Windowing Extensions: a program holds frames and decides itself which of them stands
 * behind which page of a window.
 *
 *   AllocateUserPhysicalPages ──► frames 1a2b, 0c44, …      held until freed, never paged
 *   VirtualAlloc (RESERVE | PHYSICAL) ──► ░░░░░░░░          a window, reserved
 *   MapUserPhysicalPages ──► ░▓▓░░░▓░                       a frame is behind one page at most
 *
 * Microsoft Learn, "Address Windowing Extensions". The statuses of calls that fail are from memory.
 * A window's page with no frame behind it is told as reserved, one with a frame as committed: a
 * choice. */

#include "windows/process.h"

G_BEGIN_DECLS

/* NtAllocateUserPhysicalPages: as many of *@n_pages as there are frames, at least one; stores their
 * numbers and how many. STATUS_PRIVILEGE_NOT_HELD without SeLockMemoryPrivilege,
 * STATUS_INSUFFICIENT_RESOURCES, STATUS_COMMITMENT_LIMIT. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_allocate_user_physical_pages (AtlasProcess *process,
                                                                   guint64 *n_pages,
                                                                   AtlasPfn *pfns);
/* NtFreeUserPhysicalPages: pages that are mapped are unmapped first. Stops at the first that the
 * program does not hold: STATUS_CONFLICTING_ADDRESSES, with *@n_pages what was freed. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_free_user_physical_pages (AtlasProcess *process,
                                                               guint64 *n_pages,
                                                               const AtlasPfn *pfns);
/* NtMapUserPhysicalPages: @n_pages from @va on, all inside one window; what is mapped there goes.
 * @pfns: NULL unmaps. All or nothing. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_map_user_physical_pages (AtlasProcess *process,
                                                              AtlasVa va,
                                                              guint64 n_pages,
                                                              const AtlasPfn *pfns);
/* NtMapUserPhysicalPagesScatter: likewise, each page at an address of its own. A frame 0 in @pfns
 * unmaps just that page. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_map_user_physical_pages_scatter (AtlasProcess *process,
                                                                      const AtlasVa *vas,
                                                                      guint64 n_pages,
                                                                      const AtlasPfn *pfns);
/* Frames that the program holds. */
ATLAS_AVAILABLE guint64 atlas_process_count_user_physical_pages (const AtlasProcess *process);
/* The held frames in ascending order, at most @n_max; returns how many were stored. */
ATLAS_AVAILABLE guint64 atlas_process_list_user_physical_pages (const AtlasProcess *process,
                                                                AtlasPfn *pfns,
                                                                guint64 n_max);

G_END_DECLS
