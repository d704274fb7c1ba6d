/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/probe.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "windows/fault.h"
#include "windows/machine-private.h"

#define MAX_TOUCHES (1u << 20)

static const AtlasTraceKind event_probe = {
  .id = "probe",
  .role = ATLAS_TRACE_ROLE_START,
  .title = N_ ("probe {va}"),
  .detail = N_ ("{size} must end at or below {limit}"),
  .explain =
    N_ ("The kernel is handed the address {va} and must not believe that it is the program's. "
        "It checks both ends of {size} against MmUserProbeAddress, {limit}."),
  .fields = { { "va", atlas_trace_format_va },
              { "size", atlas_trace_format_size },
              { "limit", atlas_trace_format_va } },
};

static const AtlasTraceKind event_verdict = {
  .id = "probe-verdict",
  .role = ATLAS_TRACE_ROLE_EXCEPTION,
  .title = N_ ("probe ends"),
  .detail = "{status}: {reason}",
  .explain = N_ ("The probe ends with {status}: {reason}."),
  .fields = { { "status", atlas_trace_format_status }, { "reason", atlas_trace_format_literal } },
};

static const AtlasTraceKind event_touch = {
  .id = "probe-touch",
  .role = ATLAS_TRACE_ROLE_VAD,
  .title = N_ ("touch {va}"),
  .detail = "{owner}",
  .explain = N_ ("The kernel touches {va}: {owner}."),
  .fields = { { "va", atlas_trace_format_va }, { "owner", atlas_trace_format_literal } },
};

static AtlasStatus
conclude (AtlasTrace *trace, AtlasStatus status, const char *reason)
{
  ATLAS_TRACE (trace, &event_verdict, status, (guint64) (guintptr) reason);
  return status;
}

AtlasStatus
atlas_probe_for_read (AtlasVa va,
                      guint64 n_bytes,
                      guint64 alignment_bytes,
                      guint n_levels,
                      AtlasTrace *trace)
{
  AtlasVa limit_va = atlas_layout_get_user_end (n_levels) - ATLAS_KB (64);
  AtlasVa end_va = va + n_bytes;

  g_return_val_if_fail (alignment_bytes != 0 && (alignment_bytes & (alignment_bytes - 1u)) == 0,
                        ATLAS_STATUS_INVALID_PARAMETER);

  ATLAS_TRACE (trace, &event_probe, va, n_bytes, limit_va);
  if (n_bytes == 0)
    return conclude (trace, ATLAS_STATUS_SUCCESS, N_ ("nothing of size 0 is ever looked at"));
  if ((va & (alignment_bytes - 1u)) != 0)
    return conclude (trace, ATLAS_STATUS_DATATYPE_MISALIGNMENT, N_ ("the address is not aligned"));
  if (end_va < va)
    return conclude (
      trace, ATLAS_STATUS_ACCESS_VIOLATION, N_ ("the buffer runs around the end of memory"));
  if (end_va > limit_va)
    return conclude (
      trace, ATLAS_STATUS_ACCESS_VIOLATION, N_ ("the buffer reaches beyond the user half"));
  return conclude (trace, ATLAS_STATUS_SUCCESS, N_ ("both ends are the program's"));
}

AtlasStatus
atlas_probe_for_write (AtlasProcess *process,
                       AtlasVa va,
                       guint64 n_bytes,
                       guint64 alignment_bytes,
                       AtlasTrace *trace)
{
  AtlasStatus status;

  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  status = atlas_probe_for_read (
    va, n_bytes, alignment_bytes, atlas_process_get_n_levels (process), trace);
  for (AtlasVa touched_va = va; status == ATLAS_STATUS_SUCCESS && touched_va < va + n_bytes;
       touched_va = atlas_page_floor (touched_va) + ATLAS_PAGE_BYTES)
    {
      guint8 byte;

      status =
        atlas_process_access (process, touched_va, ATLAS_ACCESS_READ, FALSE, &byte, 1, trace, NULL);
      if (status == ATLAS_STATUS_SUCCESS)
        status = atlas_process_access (
          process, touched_va, ATLAS_ACCESS_WRITE, FALSE, &byte, 1, trace, NULL);
    }
  return status;
}

AtlasProbeOutcome
atlas_probe_start_and_touch (AtlasVa start_va,
                             guint64 n_bytes,
                             AtlasVa kernel_va,
                             guint64 gap_bytes,
                             guint64 step_bytes,
                             AtlasTrace *trace,
                             AtlasVa *stop_va)
{
  AtlasVa end_va = n_bytes > G_MAXUINT64 - start_va ? G_MAXUINT64 : start_va + n_bytes;
  AtlasVa touched_va = start_va;
  AtlasProbeOutcome outcome = ATLAS_PROBE_PASSED;

  g_return_val_if_fail (gap_bytes <= kernel_va && step_bytes > 0, ATLAS_PROBE_REFUSED);

  if (start_va >= kernel_va - gap_bytes)
    outcome = ATLAS_PROBE_REFUSED;
  for (guint i = 0; outcome == ATLAS_PROBE_PASSED && touched_va < end_va && i < MAX_TOUCHES; i++)
    {
      const char *owner = N_ ("a page of the program, as every page before it");

      if (touched_va >= kernel_va)
        {
          owner =
            N_ ("the kernel's own memory, which the kernel may touch: the program has made it");
          outcome = ATLAS_PROBE_BREACHED;
        }
      else if (touched_va >= kernel_va - gap_bytes)
        {
          owner = N_ ("nobody's, which faults, and the probe ends");
          outcome = ATLAS_PROBE_STOPPED;
        }
      /* The pages before are all the same story: the first and the last tell it. */
      if (i == 0 || outcome != ATLAS_PROBE_PASSED || touched_va + step_bytes >= end_va)
        ATLAS_TRACE (trace, &event_touch, touched_va, (guint64) (guintptr) owner);
      if (outcome == ATLAS_PROBE_PASSED &&
          g_uint64_checked_add (&touched_va, touched_va, step_bytes) == FALSE)
        break;
    }
  if (stop_va != NULL)
    *stop_va = touched_va;
  return outcome;
}
