/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* One page fault between the processor, which stopped (fault.c), and Windows' handler, which mends
 * what it can (fault-handler.c).
 *
 *   MMU ─► #PF ─► AtlasFault ─► resolve ─► TRUE: the instruction runs again
 *                                    └───► FALSE: its exception goes to the program
 */

#include "windows/fault.h"
#include "windows/machine-private.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasProcess *process;
  AtlasVa va;
  AtlasAccess access;
  AtlasTrace *trace;         /* NULL when nobody listens */
  AtlasException *exception; /* filled in when it is raised */

  /* What the handler finds out. */
  AtlasVad *vad;
  AtlasPa entry_pa; /* 0 as long as there is no table */
  guint64 pte;
  guint8 protection; /* 5-bit code */
} AtlasFault;

/* Does what the kernel does after #PF. TRUE: try again. */
gboolean atlas_fault_resolve (AtlasFault *fault);
/* Ends the fault with an exception: always FALSE, for "do not try again". */
gboolean
atlas_fault_raise (AtlasFault *fault, AtlasStatus code, guint n_parameters, guint64 last_parameter);
/* The same with an access violation. @reason: constant text, to be translated. */
gboolean atlas_fault_refuse (AtlasFault *fault, const char *reason);

G_END_DECLS
