/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* One access by the program: processor, then kernel after #PF, then processor again.
 *
 *   access ─► MMU ─► translated ──────────────────────────────► done
 *              └─► #PF ─► VAD ─► demand zero: frame, PTE ─► retry ┘
 *                          ├─► transition: from standby or modified ─► retry
 *                          ├─► paging file, file: read ─► retry, or STATUS_IN_PAGE_ERROR
 *                          ├─► guard: cleared ─► STATUS_GUARD_PAGE_VIOLATION
 *                          └─► none, or not allowed ─► STATUS_ACCESS_VIOLATION
 */

#include "base/trace.h"
#include "windows/process.h"

G_BEGIN_DECLS

/* What the program gets instead of its data. */
typedef struct
{
  AtlasStatus code;
  guint n_parameters;
  guint64 parameters[3]; /* [0]: 0 read, 1 write, 8 execute; [1]: the address; [2]: I/O status */
} AtlasException;

/* Reads, writes or executes [va, va + size_bytes), page by page, 1 ≤ size_bytes ≤ 64 KB.
 * @data: what a write stores (NULL: zeros) or where a read goes (NULL: nowhere).
 * @trace: NULL when nobody listens.
 * Returns STATUS_SUCCESS, or the exception's code with @exception filled in; pages before the one
 * that failed have been accessed, as on hardware. */
ATLAS_AVAILABLE AtlasStatus atlas_process_access (AtlasProcess *process,
                                                  AtlasVa va,
                                                  AtlasAccess access,
                                                  gboolean is_supervisor,
                                                  void *data,
                                                  gsize size_bytes,
                                                  AtlasTrace *trace,
                                                  AtlasException *exception);

/* The file system holds writes to the file that is viewed at @va back, as it does with data that
 * may only follow its log, or lets them go. FALSE when there is no data file. */
ATLAS_AVAILABLE gboolean atlas_process_hold_file (AtlasProcess *process,
                                                  AtlasVa va,
                                                  gboolean is_held);
/* Makes the disk fail, or work again, where the page of @va is or has its copy: in a paging file or
 * in the file of its section. The next read from there raises STATUS_IN_PAGE_ERROR. FALSE when the
 * page is on no disk. */
ATLAS_AVAILABLE gboolean atlas_process_set_unreadable (AtlasProcess *process,
                                                       AtlasVa va,
                                                       gboolean is_unreadable);

G_END_DECLS
