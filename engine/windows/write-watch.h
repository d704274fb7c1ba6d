/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Which pages of a MEM_WRITE_WATCH allocation have been written.
 *
 *   PTE   R/W (Dirty1) ──┐              set by the fault that the first write takes
 *                        ├─► written?
 *   kept by the process ─┘              what a PTE said when it lost its Dirty1: protected, trimmed
 *
 * A reset takes Dirty1 away again, so that the next write is seen. Decommitting a page forgets what
 * its PTE says, not what the process keeps: that is why a page protected in between is still
 * reported, as Windows does. Microsoft Learn, GetWriteWatch; Wine, dlls/kernel32/tests/virtual.c.
 */

#include "windows/process.h"

G_BEGIN_DECLS

#define ATLAS_WRITE_WATCH_FLAG_RESET 1u

/* NtGetWriteWatch: stores the addresses of at most *@n_pages written pages in ascending order and
 * their number; with the flag, these and no others count as unwritten afterwards. @page_bytes
 * becomes 4096. GetWriteWatch turns any failure into -1. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_get_write_watch (AtlasProcess *process,
                                                      guint32 flags,
                                                      AtlasVa base_va,
                                                      guint64 size_bytes,
                                                      AtlasVa *pages,
                                                      guint64 *n_pages,
                                                      guint64 *page_bytes);
/* NtResetWriteWatch. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_reset_write_watch (AtlasProcess *process,
                                                        AtlasVa base_va,
                                                        guint64 size_bytes);

G_END_DECLS
