/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "windows/status.h"

#include <glib/gi18n-lib.h>

/* RtlNtStatusToDosError for a status that it does not know. General knowledge:
 * ERROR_MR_MID_NOT_FOUND. */
#define WIN32_UNKNOWN_STATUS 317u

typedef struct
{
  AtlasStatus status;
  const char *name;
  guint32 win32_error;
  const char *description;
} StatusRow;

typedef struct
{
  guint32 error;
  const char *name;
} ErrorRow;

#define ROW(name, win32_error, description)                                                        \
  {                                                                                                \
    ATLAS_STATUS_##name, "STATUS_" #name, (win32_error), (description)                             \
  }
#define PARAMETER_ROW(n, description) ROW (INVALID_PARAMETER_##n, 87, description)

/* The map to Win32 errors is Wine's dlls/ntdll/tests/error.c, run on Windows; FREE_VM_NOT_AT_BASE,
 * MEMORY_NOT_ALLOCATED, MAPPED_ALIGNMENT, INVALID_ADDRESS, INSUFFICIENT_RESOURCES,
 * TOO_MANY_PAGING_FILES, DEVICE_DATA_ERROR and DEVICE_BUSY are general
 * knowledge. Ascending. */
static const StatusRow status_rows[] = {
  ROW (SUCCESS, 0, N_ ("The call did what it was asked to do.")),
  ROW (WORKING_SET_LIMIT_RANGE,
       87,
       N_ ("The working-set limits were moved into the range allowed.")),
  ROW (IMAGE_NOT_AT_BASE, 0, N_ ("The image was mapped, but not at the address it prefers.")),
  ROW (IMAGE_MACHINE_TYPE_MISMATCH,
       216,
       N_ ("The image is for another processor than the process.")),
  ROW (GUARD_PAGE_VIOLATION,
       0x80000001u,
       N_ ("A guard page was touched for the first time; its guard is now spent.")),
  ROW (DATATYPE_MISALIGNMENT,
       998,
       N_ ("The address is not a multiple of the alignment that the call needs.")),
  ROW (PARTIAL_COPY, 299, N_ ("Only part of the range could be read or written.")),
  ROW (DEVICE_BUSY, 170, N_ ("Contents that were given up are gone.")),
  ROW (INVALID_INFO_CLASS, 87, N_ ("There is no such class of information.")),
  ROW (INFO_LENGTH_MISMATCH, 24, N_ ("The buffer is too short for the information asked for.")),
  ROW (ACCESS_VIOLATION,
       998,
       N_ ("An address was touched that is not committed or whose protection forbids it.")),
  ROW (IN_PAGE_ERROR, 999, N_ ("The page could not be read from its file.")),
  ROW (PAGEFILE_QUOTA, 1454, N_ ("The process has used up its share of the paging file.")),
  ROW (INVALID_HANDLE, 6, N_ ("The handle does not name a process or section that is open.")),
  ROW (BAD_INITIAL_STACK, 1001, N_ ("The first stack of the thread is not usable.")),
  ROW (INVALID_PARAMETER, 87, N_ ("An argument is not one that the call can take.")),
  ROW (NO_MEMORY, 8, N_ ("No free range of addresses is large enough.")),
  ROW (CONFLICTING_ADDRESSES,
       487,
       N_ ("The range is taken, or does not lie inside one allocation.")),
  ROW (NOT_MAPPED_VIEW, 487, N_ ("No view is mapped at the address.")),
  ROW (UNABLE_TO_FREE_VM, 87, N_ ("The range to be freed reaches beyond one allocation.")),
  ROW (UNABLE_TO_DELETE_SECTION,
       87,
       N_ ("The range is a view of a section, which is unmapped, not freed.")),
  ROW (INVALID_VIEW_SIZE, 5, N_ ("The view would reach beyond the end of the section.")),
  ROW (INVALID_FILE_FOR_SECTION, 193, N_ ("There is no file, or an empty one, for an image.")),
  ROW (ALREADY_COMMITTED, 5, N_ ("The pages are a view of a file and are committed already.")),
  ROW (ACCESS_DENIED, 5, N_ ("The handle does not give the right to do this.")),
  ROW (OBJECT_TYPE_MISMATCH, 6, N_ ("The handle names an object of another type.")),
  ROW (NOT_LOCKED, 158, N_ ("The page to be unlocked is not locked.")),
  ROW (UNABLE_TO_DECOMMIT_VM, 487, N_ ("The pages cannot be decommitted.")),
  ROW (NOT_COMMITTED, 487, N_ ("A page of the range is not committed.")),
  ROW (INVALID_PARAMETER_MIX, 87, N_ ("The arguments contradict each other.")),
  ROW (OBJECT_NAME_NOT_FOUND, 2, N_ ("There is no file of this name, or it cannot be read.")),
  ROW (SECTION_TOO_BIG, 8, N_ ("The section is larger than its file or than the system allows.")),
  ROW (INVALID_PAGE_PROTECTION,
       87,
       N_ ("The protection is not exactly one base value with modifiers that go with it.")),
  ROW (SECTION_NOT_IMAGE, 87, N_ ("The section is not of an image.")),
  ROW (BAD_WORKING_SET_LIMIT, 87, N_ ("The working-set limits are out of range.")),
  ROW (SECTION_PROTECTION, 87, N_ ("The section or its view does not allow the protection.")),
  ROW (PRIVILEGE_NOT_HELD, 1314, N_ ("The program does not hold the privilege that this needs.")),
  ROW (INVALID_IMAGE_FORMAT,
       193,
       N_ ("The file is no program that Windows can lay out in memory.")),
  ROW (SECTION_NOT_EXTENDED, 14, N_ ("The section could not be made larger.")),
  ROW (NOT_MAPPED_DATA, 487, N_ ("The address is not in a view of a data file.")),
  ROW (TOO_MANY_PAGING_FILES, 8, N_ ("There are sixteen paging files already.")),
  ROW (INSUFFICIENT_RESOURCES,
       1450,
       N_ ("The system lacks memory for its own records, or contiguous frames.")),
  ROW (DEVICE_DATA_ERROR, 23, N_ ("The disk could not read the data.")),
  ROW (FREE_VM_NOT_AT_BASE,
       487,
       N_ ("Size 0 means the whole allocation, but the address is not its start.")),
  ROW (MEMORY_NOT_ALLOCATED, 487, N_ ("Nothing is allocated at the address.")),
  ROW (WORKING_SET_QUOTA, 1453, N_ ("More pages would be locked than the working set may hold.")),
  ROW (NOT_SUPPORTED, 50, N_ ("This machine does not offer what was asked for.")),
  PARAMETER_ROW (1, N_ ("The first argument is not one that the call can take.")),
  PARAMETER_ROW (2, N_ ("The second argument is not one that the call can take.")),
  PARAMETER_ROW (3, N_ ("The third argument is not one that the call can take.")),
  PARAMETER_ROW (4, N_ ("The fourth argument is not one that the call can take.")),
  PARAMETER_ROW (5, N_ ("The fifth argument is not one that the call can take.")),
  PARAMETER_ROW (6, N_ ("The sixth argument is not one that the call can take.")),
  PARAMETER_ROW (7, N_ ("The seventh argument is not one that the call can take.")),
  PARAMETER_ROW (8, N_ ("The eighth argument is not one that the call can take.")),
  PARAMETER_ROW (9, N_ ("The ninth argument is not one that the call can take.")),
  PARAMETER_ROW (10, N_ ("The tenth argument is not one that the call can take.")),
  PARAMETER_ROW (11, N_ ("The eleventh argument is not one that the call can take.")),
  PARAMETER_ROW (12, N_ ("The twelfth argument is not one that the call can take.")),
  ROW (STACK_OVERFLOW, 1001, N_ ("The stack has no room left for another guard page.")),
  ROW (PROCESS_IS_TERMINATING, 5, N_ ("The process is ending.")),
  ROW (INVALID_IMAGE_NE_FORMAT, 193, N_ ("The file is a program for 16-bit Windows.")),
  ROW (MAPPED_FILE_SIZE_ZERO, 1006, N_ ("An empty file has no bytes to map.")),
  ROW (COMMITMENT_LIMIT,
       1455,
       N_ ("Memory and paging files together cannot back so many more pages.")),
  ROW (INVALID_IMAGE_LE_FORMAT, 193, N_ ("The file is a driver of an older Windows.")),
  ROW (INVALID_IMAGE_NOT_MZ, 193, N_ ("The file is no program at all.")),
  ROW (INVALID_IMAGE_PROTECT, 193, N_ ("The file is a program, but not one for Windows.")),
  ROW (INVALID_ADDRESS, 59, N_ ("The address is free or beyond the user half.")),
  ROW (MAPPED_ALIGNMENT,
       1132,
       N_ ("The base address or the file offset is not a multiple of 64 KB.")),
};

/* Numbers: winerror.h, as the Windows documentation "System Error Codes" prints them. */
static const ErrorRow error_rows[] = {
  { 0, "ERROR_SUCCESS" },
  { 2, "ERROR_FILE_NOT_FOUND" },
  { 5, "ERROR_ACCESS_DENIED" },
  { 6, "ERROR_INVALID_HANDLE" },
  { 8, "ERROR_NOT_ENOUGH_MEMORY" },
  { 14, "ERROR_OUTOFMEMORY" },
  { 23, "ERROR_CRC" },
  { 24, "ERROR_BAD_LENGTH" },
  { 50, "ERROR_NOT_SUPPORTED" },
  { 59, "ERROR_UNEXP_NET_ERR" },
  { 87, "ERROR_INVALID_PARAMETER" },
  { 158, "ERROR_NOT_LOCKED" },
  { 170, "ERROR_BUSY" },
  { 193, "ERROR_BAD_EXE_FORMAT" },
  { 216, "ERROR_EXE_MACHINE_TYPE_MISMATCH" },
  { 299, "ERROR_PARTIAL_COPY" },
  { WIN32_UNKNOWN_STATUS, "ERROR_MR_MID_NOT_FOUND" },
  { 487, "ERROR_INVALID_ADDRESS" },
  { 998, "ERROR_NOACCESS" },
  { 999, "ERROR_SWAPERROR" },
  { 1001, "ERROR_STACK_OVERFLOW" },
  { 1006, "ERROR_FILE_INVALID" },
  { 1132, "ERROR_MAPPED_ALIGNMENT" },
  { 1314, "ERROR_PRIVILEGE_NOT_HELD" },
  { 1450, "ERROR_NO_SYSTEM_RESOURCES" },
  { 1453, "ERROR_WORKING_SET_QUOTA" },
  { 1454, "ERROR_PAGEFILE_QUOTA" },
  { 1455, "ERROR_COMMITMENT_LIMIT" },
  { 0x80000001u, "STATUS_GUARD_PAGE_VIOLATION" },
};

static const StatusRow *
find_status (AtlasStatus status)
{
  for (guint i = 0; i < G_N_ELEMENTS (status_rows); i++)
    if (status_rows[i].status == status)
      return &status_rows[i];
  return NULL;
}

static const char *
intern_number (const char *prefix, guint32 number)
{
  g_autofree char *text = g_strdup_printf ("%s0x%08X", prefix, number);

  return g_intern_string (text);
}

const char *
atlas_status_get_name (AtlasStatus status)
{
  const StatusRow *row = find_status (status);

  return row != NULL ? row->name : intern_number ("STATUS_", status);
}

const char *
atlas_status_get_description (AtlasStatus status)
{
  const StatusRow *row = find_status (status);

  return row != NULL ? row->description : N_ ("No call of the memory manager returns this.");
}

guint32
atlas_status_to_win32 (AtlasStatus status)
{
  const StatusRow *row = find_status (status);

  return row != NULL ? row->win32_error : WIN32_UNKNOWN_STATUS;
}

const char *
atlas_win32_error_get_name (guint32 error)
{
  for (guint i = 0; i < G_N_ELEMENTS (error_rows); i++)
    if (error_rows[i].error == error)
      return error_rows[i].name;
  return intern_number ("ERROR_", error);
}

char *
atlas_trace_format_status (guint64 value)
{
  return g_strdup (atlas_status_get_name ((AtlasStatus) value));
}
