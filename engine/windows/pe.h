/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A program file (PE32, PE32+) and the image that its headers ask for, page by page.
 *
 *   file                       image
 *   ┌──────────────┐           ┌──────────────┐ 0
 *   │ MZ … PE …    │ ────────► │ headers      │ R
 *   ├──────────────┤           ├──────────────┤ section alignment
 *   │ .text        │ ────────► │ .text        │ X·R
 *   ├──────────────┤           │  … zeros     │
 *   │ .data        │ ──┐       ├──────────────┤
 *   └──────────────┘   └─────► │ .data        │ WRITECOPY
 *                              │  … zeros     │
 *                              └──────────────┘ SizeOfImage
 *
 * Two sorts of fix-ups change bytes on the way: base relocations, where the image does not lie at
 * the address that it prefers, and in the view of an x64 process the dynamic value relocations of
 * an ARM64X file, which make an x64 image of an ARM64 one. Microsoft Learn, "PE Format"; the
 * encoding of the latter: LLVM, lld/COFF; System Informer, phnt, ntimage.h.
 *
 * Every field of a file is hostile until it was checked.
 */

#include "windows/status.h"

G_BEGIN_DECLS

#define ATLAS_MACHINE_UNKNOWN 0u
#define ATLAS_MACHINE_I386 0x014cu
#define ATLAS_MACHINE_ARMNT 0x01c4u
#define ATLAS_MACHINE_AMD64 0x8664u
#define ATLAS_MACHINE_ARM64 0xaa64u

#define ATLAS_PE_RELOCS_STRIPPED 0x0001u
#define ATLAS_PE_EXECUTABLE 0x0002u
#define ATLAS_PE_LARGE_ADDRESS_AWARE 0x0020u
#define ATLAS_PE_DLL 0x2000u
#define ATLAS_PE_HIGH_ENTROPY 0x0020u /* DllCharacteristics */
#define ATLAS_PE_DYNAMIC_BASE 0x0040u
#define ATLAS_PE_NX_COMPATIBLE 0x0100u
#define ATLAS_PE_GUARD_CF 0x4000u

#define ATLAS_PE_DIRECTORIES 16u
typedef enum
{
  ATLAS_PE_DIRECTORY_EXPORT = 0,
  ATLAS_PE_DIRECTORY_IMPORT = 1,
  ATLAS_PE_DIRECTORY_RESOURCE = 2,
  ATLAS_PE_DIRECTORY_EXCEPTION = 3,
  ATLAS_PE_DIRECTORY_SECURITY = 4, /* a place in the file, not in the image */
  ATLAS_PE_DIRECTORY_RELOCATION = 5,
  ATLAS_PE_DIRECTORY_LOAD_CONFIG = 10,
} AtlasPeDirectoryIndex;

typedef struct
{
  guint32 rva; /* from the start of the image */
  guint32 size_bytes;
} AtlasPeDirectory;

typedef struct
{
  char name[9];
  guint32 rva;
  guint32 size_bytes; /* VirtualSize, or SizeOfRawData where that is 0 */
  guint32 file_offset;
  guint32 file_bytes; /* the rest is zeros */
  guint32 characteristics;
  guint8 protection; /* 5-bit code that its pages start with */
  gboolean is_shared;
} AtlasPeSection;

/* What the headers say, once for each face that the file has. */
typedef struct
{
  guint16 machine;
  guint32 entry_rva;
  AtlasPeDirectory directories[ATLAS_PE_DIRECTORIES];
} AtlasPeFace;

typedef struct
{
  /* Read only. */
  AtlasPeFace native;
  AtlasPeFace x64; /* of an ARM64X file in an x64 process; else like @native */
  gboolean is_arm64x;
  gboolean is_pe32_plus;
  guint16 characteristics;
  guint16 dll_characteristics;
  guint16 subsystem;
  AtlasVa preferred_va;
  guint32 section_alignment_bytes;
  guint32 file_alignment_bytes;
  guint32 image_bytes; /* a whole number of pages */
  guint32 header_bytes;
  guint n_sections;
  AtlasPeSection *sections; /* ascending */

  /* Private. */
  GBytes *bytes;
  guint32 base_field_rva;  /* ImageBase in the header */
  GArray *relocations;     /* of AtlasPeFixup, by rva; of the native face */
  GArray *x64_relocations; /* of the x64 face; may be the same array */
  GArray *dynamic_values;  /* of AtlasPeFixup, by rva; empty unless is_arm64x */
} AtlasPe;

/* Checks all of @bytes (ref taken) as NtCreateSection does for SEC_IMAGE. On failure the status and
 * @reason, constant text. */
ATLAS_AVAILABLE AtlasStatus atlas_pe_new (GBytes *bytes, AtlasPe **pe, const char **reason);
ATLAS_AVAILABLE void atlas_pe_free (AtlasPe *pe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasPe, atlas_pe_free)

ATLAS_AVAILABLE guint64 atlas_pe_get_n_pages (const AtlasPe *pe);
/* Whether the file says how to move it. */
ATLAS_AVAILABLE gboolean atlas_pe_is_relocatable (const AtlasPe *pe);
/* … and asks for a random base. */
ATLAS_AVAILABLE gboolean atlas_pe_has_dynamic_base (const AtlasPe *pe);
/* A page of the image at @base_va, of the face for x64 processes with @is_x64. O(log n) in the
 * fix-ups of the file. */
ATLAS_AVAILABLE void atlas_pe_read_page (const AtlasPe *pe,
                                         guint64 page,
                                         AtlasVa base_va,
                                         gboolean is_x64,
                                         guint8 bytes[ATLAS_PAGE_BYTES]);
/* Whether @page holds other bytes at another base, or in the other face. */
ATLAS_AVAILABLE gboolean atlas_pe_depends_on_base (const AtlasPe *pe,
                                                   guint64 page,
                                                   gboolean is_x64);
ATLAS_AVAILABLE gboolean atlas_pe_depends_on_face (const AtlasPe *pe, guint64 page);

/* "x64", "ARM64", "x86"…; "unknown machine" for others. */
ATLAS_AVAILABLE const char *atlas_machine_get_name (guint16 machine);

G_END_DECLS
