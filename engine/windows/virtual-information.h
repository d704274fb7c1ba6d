/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What NtQueryVirtualMemory tells beyond VirtualQuery, in the bytes that a 64-bit program gets.
 *
 *   class │ 0 basic      48 B   the run of like pages at an address
 *         │ 3, 7 region  48 B   its whole allocation, and what kind it is
 *         │ 6 image      24 B   the program file behind it
 *
 * Structures and classes: System Informer, phnt/include/ntmmapi.h.
 */

#include "windows/process.h"

G_BEGIN_DECLS

/* MEMORY_INFORMATION_CLASS; the others are not answered. */
typedef enum
{
  ATLAS_MEMORY_BASIC_INFORMATION = 0,
  ATLAS_MEMORY_REGION_INFORMATION = 3,
  ATLAS_MEMORY_IMAGE_INFORMATION = 6,
  ATLAS_MEMORY_REGION_INFORMATION_EX = 7,
} AtlasMemoryInformationClass;

typedef struct
{
  guint64 base_va;
  guint64 allocation_base_va;
  guint32 allocation_protect;
  guint16 partition_id;
  guint16 padding;
  guint64 region_bytes;
  guint32 state;
  guint32 protect;
  guint32 type;
  guint32 end_padding;
} AtlasMemoryBasicInformation;

G_STATIC_ASSERT (sizeof (AtlasMemoryBasicInformation) == 48);

/* Bits of region_type. */
enum
{
  ATLAS_REGION_PRIVATE = 1 << 0,
  ATLAS_REGION_MAPPED_DATA_FILE = 1 << 1,
  ATLAS_REGION_MAPPED_IMAGE = 1 << 2,
  ATLAS_REGION_MAPPED_PAGE_FILE = 1 << 3,
  ATLAS_REGION_MAPPED_PHYSICAL = 1 << 4,
  ATLAS_REGION_DIRECT_MAPPED = 1 << 5,
  ATLAS_REGION_SOFTWARE_ENCLAVE = 1 << 6,
  ATLAS_REGION_PAGE_SIZE_64K = 1 << 7,
  ATLAS_REGION_PLACEHOLDER = 1 << 8,
  ATLAS_REGION_MAPPED_AWE = 1 << 9,
  ATLAS_REGION_WRITE_WATCH = 1 << 10,
  ATLAS_REGION_PAGE_SIZE_LARGE = 1 << 11,
  ATLAS_REGION_PAGE_SIZE_HUGE = 1 << 12,
};

/* Of the whole allocation. */
typedef struct
{
  guint64 allocation_base_va;
  guint32 allocation_protect;
  guint32 region_type;
  guint64 region_bytes;
  guint64 commit_bytes; /* private memory: committed; views: what has become private */
  guint64 partition_id;
  guint64 node_preference;
} AtlasMemoryRegionInformation;

G_STATIC_ASSERT (sizeof (AtlasMemoryRegionInformation) == 48);

enum
{
  ATLAS_IMAGE_PARTIAL_MAP = 1 << 0,
};

typedef struct
{
  guint64 image_base_va; /* all 0 where no image is */
  guint64 image_bytes;   /* SizeOfImage, however much is mapped */
  guint32 flags;
  guint32 padding;
} AtlasMemoryImageInformation;

G_STATIC_ASSERT (sizeof (AtlasMemoryImageInformation) == 24);

/* Fills @buffer, of @buffer_bytes; @n_returned (or NULL): how much of it. A longer structure is cut
 * off behind the fields that older Windows knew. STATUS_INVALID_INFO_CLASS;
 * STATUS_INFO_LENGTH_MISMATCH; above the highest user address STATUS_INVALID_PARAMETER; nothing is
 * allocated there, and the class is not basic: STATUS_INVALID_ADDRESS. */
ATLAS_AVAILABLE AtlasStatus
atlas_nt_query_virtual_memory_class (AtlasProcess *process,
                                     AtlasVa va,
                                     AtlasMemoryInformationClass information_class,
                                     void *buffer,
                                     gsize buffer_bytes,
                                     gsize *n_returned);

/* "private, placeholder"; the bits in words. (transfer full) */
ATLAS_AVAILABLE char *atlas_region_type_bits_format (guint32 region_type);

G_END_DECLS
