/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* One process's memory read and written by another. The kernel goes into the other process and
 * touches its pages there with that program's rights, 64 KB at a time.
 *
 *   caller                     kernel                       target
 *   NtReadVirtualMemory ─► attach, read a piece ──────────► faults as the target's own access
 *   buffer ◄────────────── detach, store the piece
 *
 * A piece that cannot be had in full ends the copy: STATUS_PARTIAL_COPY, and the count is that of
 * the pieces before it (Wine, dlls/kernel32/tests/virtual.c: a second page without access, and no
 * byte counts as copied; the size of the piece is WRK's and a choice here).
 *
 * Common: STATUS_ACCESS_VIOLATION, with *@n_copied 0, for addresses that are not the program's.
 * @n_copied may be NULL. */

#include "base/trace.h"
#include "windows/process.h"

G_BEGIN_DECLS

/* NtReadVirtualMemory, NtWriteVirtualMemory. @trace (or NULL) gets the target's accesses. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_read_virtual_memory (AtlasProcess *process,
                                                          AtlasVa va,
                                                          void *bytes,
                                                          guint64 size_bytes,
                                                          guint64 *n_copied,
                                                          AtlasTrace *trace);
ATLAS_AVAILABLE AtlasStatus atlas_nt_write_virtual_memory (AtlasProcess *process,
                                                           AtlasVa va,
                                                           const void *bytes,
                                                           guint64 size_bytes,
                                                           guint64 *n_copied,
                                                           AtlasTrace *trace);
/* WriteProcessMemory: makes executable pages that are read-only writable for the while, and refuses
 * other read-only ones itself: STATUS_ACCESS_VIOLATION, with @n_copied untouched.
 * (ReadProcessMemory is the Nt form.) */
ATLAS_AVAILABLE AtlasStatus atlas_write_process_memory (AtlasProcess *process,
                                                        AtlasVa va,
                                                        const void *bytes,
                                                        guint64 size_bytes,
                                                        guint64 *n_copied,
                                                        AtlasTrace *trace);
/* MmCopyVirtualMemory: from one process to another, or within one. */
ATLAS_AVAILABLE AtlasStatus atlas_copy_virtual_memory (AtlasProcess *from,
                                                       AtlasVa from_va,
                                                       AtlasProcess *to,
                                                       AtlasVa to_va,
                                                       guint64 size_bytes,
                                                       guint64 *n_copied,
                                                       AtlasTrace *trace);

G_END_DECLS
