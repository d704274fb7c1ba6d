/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The memory API: Nt forms with exact rounding, validation order and status, and the Win32 forms
 * where those differ (VirtualFree wants size 0 with MEM_RELEASE).
 *
 *   asked   0x12345 + 1 byte, reserve                slot 0x10000…0x1ffff
 *   given   |████████▓▓▓░░░░░░░░░░░░░░░░░░░░░░░|
 *           0x10000 ──► 0x12fff, 3 pages     └ 13 pages of the slot are unusable
 */

#include "windows/process.h"

G_BEGIN_DECLS

#define ATLAS_MEM_COMMIT 0x00001000u
#define ATLAS_MEM_RESERVE 0x00002000u
#define ATLAS_MEM_DECOMMIT 0x00004000u
#define ATLAS_MEM_RELEASE 0x00008000u
#define ATLAS_MEM_FREE 0x00010000u
#define ATLAS_MEM_RESET 0x00080000u
#define ATLAS_MEM_TOP_DOWN 0x00100000u
#define ATLAS_MEM_WRITE_WATCH 0x00200000u
#define ATLAS_MEM_PHYSICAL 0x00400000u
#define ATLAS_MEM_RESET_UNDO 0x01000000u
#define ATLAS_MEM_LARGE_PAGES 0x20000000u
/* Both bits together are a third thing: windows/page-64k.h. */
#define ATLAS_MEM_64K_PAGES (ATLAS_MEM_LARGE_PAGES | ATLAS_MEM_PHYSICAL)

/* To allocate with VirtualAlloc2 alone; the bits have other names elsewhere. */
#define ATLAS_MEM_REPLACE_PLACEHOLDER 0x00004000u
#define ATLAS_MEM_RESERVE_PLACEHOLDER 0x00040000u
/* To free, with RELEASE. */
#define ATLAS_MEM_COALESCE_PLACEHOLDERS 0x00000001u
#define ATLAS_MEM_PRESERVE_PLACEHOLDER 0x00000002u

#define ATLAS_ALLOCATION_GRANULARITY ATLAS_KB (64)
#define ATLAS_LARGE_PAGE_BYTES ATLAS_MB (2)
#define ATLAS_HUGE_PAGE_BYTES ATLAS_GB (1)

/* Every call: STATUS_INVALID_HANDLE for a @process that is NULL or has ended,
 * STATUS_ACCESS_VIOLATION for a NULL where something is to be written. A call that fails changes
 * nothing. */

/* NtAllocateVirtualMemory. @base_va: 0 lets the system choose; both are rewritten on success only.
 */
ATLAS_AVAILABLE AtlasStatus atlas_nt_allocate_virtual_memory (AtlasProcess *process,
                                                              AtlasVa *base_va,
                                                              guint64 zero_bits,
                                                              guint64 *size_bytes,
                                                              guint32 allocation_type,
                                                              guint32 protect);

/* MEM_ADDRESS_REQUIREMENTS. */
typedef struct
{
  AtlasVa lowest_va;       /* a multiple of 64 KB; 0 for none */
  AtlasVa highest_va;      /* the last byte of a page; 0 for none */
  guint64 alignment_bytes; /* a power of two from 64 KB; 0 for 64 KB */
} AtlasAddressRequirements;

/* MEM_EXTENDED_PARAMETER_TYPE. */
typedef enum
{
  ATLAS_EXTENDED_INVALID,
  ATLAS_EXTENDED_ADDRESS_REQUIREMENTS,
  ATLAS_EXTENDED_NUMA_NODE, /* taken, but all memory is on one node */
  ATLAS_EXTENDED_PARTITION_HANDLE,
  ATLAS_EXTENDED_USER_PHYSICAL_HANDLE,
  ATLAS_EXTENDED_ATTRIBUTE_FLAGS,
  ATLAS_EXTENDED_IMAGE_MACHINE, /* of views */
  ATLAS_N_EXTENDED,
} AtlasExtendedType;

#define ATLAS_ATTRIBUTE_GRAPHICS 0x01u
#define ATLAS_ATTRIBUTE_NONPAGED 0x02u
#define ATLAS_ATTRIBUTE_ZERO_PAGES_OPTIONAL 0x04u
#define ATLAS_ATTRIBUTE_NONPAGED_LARGE 0x08u
#define ATLAS_ATTRIBUTE_NONPAGED_HUGE 0x10u /* with MEM_LARGE_PAGES: pages of 1 GB */
#define ATLAS_ATTRIBUTE_SOFT_FAULT_PAGES 0x20u
#define ATLAS_ATTRIBUTE_EC_CODE 0x40u
#define ATLAS_ATTRIBUTE_SECURE_PAGES 0x80u
#define ATLAS_ATTRIBUTE_TAGGED 0x100u

typedef struct
{
  guint32 type; /* AtlasExtendedType */
  union
  {
    guint64 value;
    const AtlasAddressRequirements *requirements;
  };
} AtlasExtendedParameter;

/* NtAllocateVirtualMemoryEx: with placeholders and with @n_parameters of what the plain form cannot
 * say, each type once. */
ATLAS_AVAILABLE AtlasStatus
atlas_nt_allocate_virtual_memory_ex (AtlasProcess *process,
                                     AtlasVa *base_va,
                                     guint64 *size_bytes,
                                     guint32 allocation_type,
                                     guint32 protect,
                                     const AtlasExtendedParameter *parameters,
                                     guint n_parameters);
/* VirtualAlloc2: as the Nt form, but base and size must come rounded. (That NULL means the current
 * process has no place here.) */
ATLAS_AVAILABLE AtlasStatus atlas_virtual_alloc2 (AtlasProcess *process,
                                                  AtlasVa *base_va,
                                                  guint64 size_bytes,
                                                  guint32 allocation_type,
                                                  guint32 protect,
                                                  const AtlasExtendedParameter *parameters,
                                                  guint n_parameters);
/* VirtualAllocFromApp: nothing executable. */
ATLAS_AVAILABLE AtlasStatus atlas_virtual_alloc_from_app (AtlasProcess *process,
                                                          AtlasVa *base_va,
                                                          guint64 *size_bytes,
                                                          guint32 allocation_type,
                                                          guint32 protect);
/* NtFreeVirtualMemory. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_free_virtual_memory (AtlasProcess *process,
                                                          AtlasVa *base_va,
                                                          guint64 *size_bytes,
                                                          guint32 free_type);
/* NtProtectVirtualMemory. @old_protect: of the first page; NULL gives STATUS_ACCESS_VIOLATION and
 * no change. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_protect_virtual_memory (AtlasProcess *process,
                                                             AtlasVa *base_va,
                                                             guint64 *size_bytes,
                                                             guint32 new_protect,
                                                             guint32 *old_protect);
/* NtQueryVirtualMemory (MemoryBasicInformation); the region starts at the page of @va.
 * Above the highest user address: STATUS_INVALID_PARAMETER. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_query_virtual_memory (AtlasProcess *process,
                                                           AtlasVa va,
                                                           AtlasRegion *region);

/* VirtualFree: as the Nt form, but MEM_RELEASE wants size 0. */
ATLAS_AVAILABLE AtlasStatus atlas_virtual_free (AtlasProcess *process,
                                                AtlasVa base_va,
                                                guint64 size_bytes,
                                                guint32 free_type);

/* What a call would do, without doing it. */
typedef struct
{
  AtlasStatus status; /* what the call would return */
  AtlasVa base_va;    /* after rounding */
  guint64 size_bytes;
  guint64 n_pages;
  guint n_unusable_pages; /* left over in the last 64 KB slot */
  const char *reason;     /* why it cannot be had, in sentences; NULL when it can. Valid until the
                           * next preview of this process */
} AtlasAllocationPreview;

ATLAS_AVAILABLE void atlas_virtual_alloc_preview (AtlasProcess *process,
                                                  AtlasVa base_va,
                                                  guint64 size_bytes,
                                                  guint32 allocation_type,
                                                  guint32 protect,
                                                  AtlasAllocationPreview *preview);
/* Likewise for VirtualAlloc2, base and size not yet rounded. */
ATLAS_AVAILABLE void atlas_virtual_alloc2_preview (AtlasProcess *process,
                                                   AtlasVa base_va,
                                                   guint64 size_bytes,
                                                   guint32 allocation_type,
                                                   guint32 protect,
                                                   const AtlasExtendedParameter *parameters,
                                                   guint n_parameters,
                                                   AtlasAllocationPreview *preview);

G_END_DECLS
