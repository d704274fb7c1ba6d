/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* How the kernel convinces itself that a buffer is the program's before it uses it.
 *
 *   ProbeForRead    aligned?  end beyond the user half, or around the end of memory?
 *   ProbeForWrite   likewise, then each page is read and written back
 *
 * A quicker probe looks at the start alone and then touches every page in order. That is enough as
 * long as no page can be touched on the way from the last user page to the first of the kernel
 * without a fault: what the 64 KB that nobody can allocate are there for.
 *
 *   start ▼
 *   ██████████████████████░░░░ no-man's land ░░░░▒▒▒▒ kernel
 *         ▲   ▲   ▲   ▲   ✕ faults here
 *
 * Microsoft Learn, ProbeForRead and ProbeForWrite; Raymond Chen, The Old New Thing, 2014-10-09. */

#include "base/trace.h"
#include "windows/process.h"

G_BEGIN_DECLS

/* MmUserProbeAddress with page tables of four levels; with five it is the same 64 KB below the end
 * of the user half. */
#define ATLAS_USER_PROBE_VA G_GUINT64_CONSTANT (0x7fffffff0000)

/* @alignment_bytes: a power of two; @n_levels: of the page tables, 4 or 5. STATUS_SUCCESS,
 * STATUS_DATATYPE_MISALIGNMENT or STATUS_ACCESS_VIOLATION; nothing is looked at when @size_bytes is
 * 0. ProbeForRead touches no page.
 */
ATLAS_AVAILABLE AtlasStatus atlas_probe_for_read (AtlasVa va,
                                                  guint64 size_bytes,
                                                  guint64 alignment_bytes,
                                                  guint n_levels,
                                                  AtlasTrace *trace);
/* Also what touching the pages raises, with everything that it makes present. O(pages). */
ATLAS_AVAILABLE AtlasStatus atlas_probe_for_write (AtlasProcess *process,
                                                   AtlasVa va,
                                                   guint64 size_bytes,
                                                   guint64 alignment_bytes,
                                                   AtlasTrace *trace);

typedef enum
{
  ATLAS_PROBE_REFUSED,  /* the start is the kernel's already */
  ATLAS_PROBE_PASSED,   /* all of the buffer is the program's */
  ATLAS_PROBE_STOPPED,  /* a touch in the no-man's land faulted */
  ATLAS_PROBE_BREACHED, /* the kernel touched its own memory for the program */
} AtlasProbeOutcome;

/* The quicker probe in the worst case: the program has mapped every page that it can have. It may
 * have those below @kernel_va - @gap_bytes; the kernel's begin at @kernel_va. @step_bytes apart
 * are the touches: 4 KB for every page. @stop_va (or NULL): where it ended. At most
 * 2^20 touches are made; a longer buffer is cut off there. */
ATLAS_AVAILABLE AtlasProbeOutcome atlas_probe_start_and_touch (AtlasVa start_va,
                                                               guint64 size_bytes,
                                                               AtlasVa kernel_va,
                                                               guint64 gap_bytes,
                                                               guint64 step_bytes,
                                                               AtlasTrace *trace,
                                                               AtlasVa *stop_va);

G_END_DECLS
