/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* NTSTATUS, and the Win32 error it becomes at the edge (RtlNtStatusToDosError).
 *
 *   31 30 29 28 27        16 15         0
 *   +-----+--+--+-----------+------------+
 *   | sev |C |N | facility  | code       |      severity 0, 1: success; 2, 3: failure
 *   +-----+--+--+-----------+------------+
 *
 * A status is data: callers look at it, nothing is thrown.
 */

#include "base/types.h"

G_BEGIN_DECLS

typedef guint32 AtlasStatus;

#define ATLAS_STATUS_SUCCESS 0x00000000u
#define ATLAS_STATUS_WORKING_SET_LIMIT_RANGE 0x40000002u
#define ATLAS_STATUS_IMAGE_NOT_AT_BASE 0x40000003u
#define ATLAS_STATUS_GUARD_PAGE_VIOLATION 0x80000001u
#define ATLAS_STATUS_PARTIAL_COPY 0x8000000Du
#define ATLAS_STATUS_INFO_LENGTH_MISMATCH 0xC0000004u
#define ATLAS_STATUS_ACCESS_VIOLATION 0xC0000005u
#define ATLAS_STATUS_IN_PAGE_ERROR 0xC0000006u
#define ATLAS_STATUS_INVALID_HANDLE 0xC0000008u
#define ATLAS_STATUS_INVALID_PARAMETER 0xC000000Du
#define ATLAS_STATUS_NO_MEMORY 0xC0000017u
#define ATLAS_STATUS_CONFLICTING_ADDRESSES 0xC0000018u
#define ATLAS_STATUS_NOT_MAPPED_VIEW 0xC0000019u
#define ATLAS_STATUS_UNABLE_TO_FREE_VM 0xC000001Au
#define ATLAS_STATUS_UNABLE_TO_DELETE_SECTION 0xC000001Bu
#define ATLAS_STATUS_ALREADY_COMMITTED 0xC0000021u
#define ATLAS_STATUS_ACCESS_DENIED 0xC0000022u
#define ATLAS_STATUS_NOT_COMMITTED 0xC000002Du
#define ATLAS_STATUS_INVALID_PAGE_PROTECTION 0xC0000045u
#define ATLAS_STATUS_SECTION_PROTECTION 0xC000004Eu
#define ATLAS_STATUS_PRIVILEGE_NOT_HELD 0xC0000061u
#define ATLAS_STATUS_INSUFFICIENT_RESOURCES 0xC000009Au
#define ATLAS_STATUS_FREE_VM_NOT_AT_BASE 0xC000009Fu
#define ATLAS_STATUS_MEMORY_NOT_ALLOCATED 0xC00000A0u
#define ATLAS_STATUS_INVALID_PARAMETER_1 0xC00000EFu
#define ATLAS_STATUS_INVALID_PARAMETER_2 0xC00000F0u
#define ATLAS_STATUS_INVALID_PARAMETER_3 0xC00000F1u
#define ATLAS_STATUS_INVALID_PARAMETER_4 0xC00000F2u
#define ATLAS_STATUS_INVALID_PARAMETER_5 0xC00000F3u
#define ATLAS_STATUS_INVALID_PARAMETER_6 0xC00000F4u
#define ATLAS_STATUS_STACK_OVERFLOW 0xC00000FDu
#define ATLAS_STATUS_COMMITMENT_LIMIT 0xC000012Du

static inline gboolean
atlas_status_is_success (AtlasStatus status)
{
  return status < 0x80000000u;
}

/* "STATUS_CONFLICTING_ADDRESSES"; "STATUS_0x…" text for one not in the table. Never freed. */
ATLAS_AVAILABLE const char *atlas_status_get_name (AtlasStatus status);
/* One sentence in words: what the caller did that it cannot do. */
ATLAS_AVAILABLE const char *atlas_status_get_description (AtlasStatus status);
/* GetLastError() after the Win32 form failed: 487, 87, …; 0 for success. */
ATLAS_AVAILABLE guint32 atlas_status_to_win32 (AtlasStatus status);
/* "ERROR_INVALID_ADDRESS". */
ATLAS_AVAILABLE const char *atlas_win32_error_get_name (guint32 error);
/* For trace events: the name. (transfer full) */
ATLAS_AVAILABLE char *atlas_trace_format_status (guint64 value);

G_END_DECLS
