/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Why a call was refused, in sentences: beyond what its status says, which is the same for a dozen
 * reasons.
 *
 *   STATUS_INVALID_PARAMETER_5 ──► "MEM_LARGE_PAGES needs MEM_COMMIT with MEM_RESERVE …"
 */

#include "windows/process.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_CALL_FREE,    /* every kind of VirtualFree */
  ATLAS_CALL_PROTECT, /* VirtualProtect */
} AtlasCall;

/* @status: what the call on that range has just come to, which changed nothing. @flags: of the
 * call: MEM_… or PAGE_…. NULL when the status says it all. (transfer full) */
ATLAS_AVAILABLE char *atlas_call_explain_refusal (AtlasProcess *process,
                                                  AtlasCall call,
                                                  AtlasVa base_va,
                                                  guint64 size_bytes,
                                                  guint32 flags,
                                                  AtlasStatus status);

G_END_DECLS
