/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Files and section objects: what a program holds a handle to before it maps anything.
 *
 *   AtlasFile ─┬─ data ───► AtlasSection (control area, subsections, prototype entries)
 *              └─ image ──► AtlasSection
 *   AtlasSectionObject ───► AtlasSection        protection, access, size
 *
 * The data and the image section of one file are different: what is written through a view of the
 * data is not seen in a view of the image that exists already.
 */

#include "windows/section.h"
#include "windows/system.h"

G_BEGIN_DECLS

#define ATLAS_SEC_64K_PAGES 0x00080000u /* refused: what it would do is not documented */
#define ATLAS_SEC_FILE 0x00800000u /* reported only */
#define ATLAS_SEC_IMAGE 0x01000000u
#define ATLAS_SEC_RESERVE 0x04000000u
#define ATLAS_SEC_COMMIT 0x08000000u
#define ATLAS_SEC_NOCACHE 0x10000000u
#define ATLAS_SEC_IMAGE_NO_EXECUTE 0x11000000u
#define ATLAS_SEC_WRITECOMBINE 0x40000000u
#define ATLAS_SEC_LARGE_PAGES 0x80000000u

#define ATLAS_SECTION_QUERY 0x01u
#define ATLAS_SECTION_MAP_WRITE 0x02u
#define ATLAS_SECTION_MAP_READ 0x04u
#define ATLAS_SECTION_MAP_EXECUTE 0x08u
#define ATLAS_SECTION_EXTEND_SIZE 0x10u
#define ATLAS_SECTION_ALL_ACCESS 0x1fu

typedef struct _AtlasSectionObject AtlasSectionObject;

/* An open file with @bytes (ref taken), which belongs to the system until that ends. @name: without
 * folders. */
ATLAS_AVAILABLE AtlasFile *
atlas_file_new (AtlasSystem *system, const char *name, GBytes *bytes, gboolean is_writable);
ATLAS_AVAILABLE const char *atlas_file_get_name (const AtlasFile *file);
ATLAS_AVAILABLE gboolean atlas_file_is_writable (const AtlasFile *file);
ATLAS_AVAILABLE guint64 atlas_file_get_size (const AtlasFile *file);
/* The control areas that it has so far, or NULL. */
ATLAS_AVAILABLE AtlasSection *atlas_file_get_data_section (const AtlasFile *file);
ATLAS_AVAILABLE AtlasSection *atlas_file_get_image_section (const AtlasFile *file);
/* Why it cannot be an image, after STATUS_INVALID_IMAGE_…; NULL before. Constant text. */
ATLAS_AVAILABLE const char *atlas_file_get_image_reason (const AtlasFile *file);
/* The machine that its header names, once it has been read as an image; 0 before. */
ATLAS_AVAILABLE guint16 atlas_file_get_image_machine (const AtlasFile *file);

/* NtCreateSection. @size_bytes: 0 means all of @file, which NULL means the paging file. @object
 * belongs to the system and is closed by the caller, or with it. Order of checks: the published
 * sources of Server 2003; ReactOS. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_create_section (AtlasSystem *system,
                                                     guint32 desired_access,
                                                     guint64 size_bytes,
                                                     guint32 page_protection,
                                                     guint32 attributes,
                                                     AtlasFile *file,
                                                     AtlasSectionObject **object);
/* Likewise, called by a thread of @process: with its SeLockMemoryPrivilege SEC_LARGE_PAGES can be
 * had for the paging file, of a size that is a multiple of 2 MB. STATUS_PRIVILEGE_NOT_HELD without
 * it; STATUS_INSUFFICIENT_RESOURCES when there are not enough runs of 2 MB of available frames. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_create_section_by (AtlasProcess *process,
                                                        guint32 desired_access,
                                                        guint64 size_bytes,
                                                        guint32 page_protection,
                                                        guint32 attributes,
                                                        AtlasFile *file,
                                                        AtlasSectionObject **object);
/* CreateFileMapping: @protect is a PAGE_ and SEC_ constants together; without any of those
 * SEC_COMMIT. The object has the access that Win32 gives it. */
ATLAS_AVAILABLE AtlasStatus atlas_create_file_mapping (AtlasSystem *system,
                                                       AtlasFile *file,
                                                       guint32 protect,
                                                       guint64 size_bytes,
                                                       AtlasSectionObject **object);
/* NtClose. */
ATLAS_AVAILABLE void atlas_section_object_close (AtlasSectionObject *object);
/* NtExtendSection: only the data of a file that may be written. @size_bytes: the new size; the
 * present one comes back where that is larger. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_extend_section (AtlasSectionObject *object,
                                                     guint64 *size_bytes);

/* NtQuerySection: SectionBasicInformation, and of an image SectionImageInformation. */
typedef struct
{
  guint32 attributes;
  guint64 size_bytes;
} AtlasSectionBasicInformation;

typedef struct
{
  AtlasVa entry_va;
  guint16 machine;
  guint16 characteristics;
  guint16 dll_characteristics;
  guint16 subsystem;
  guint64 file_bytes;
} AtlasSectionImageInformation;

ATLAS_AVAILABLE AtlasStatus atlas_nt_query_section (const AtlasSectionObject *object,
                                                    AtlasSectionBasicInformation *information);
/* STATUS_SECTION_NOT_IMAGE for others. */
ATLAS_AVAILABLE AtlasStatus
atlas_nt_query_section_image (const AtlasSectionObject *object,
                              AtlasSectionImageInformation *information);

ATLAS_AVAILABLE AtlasSection *atlas_section_object_get_section (const AtlasSectionObject *object);
/* PAGE_ constant that it was made with. */
ATLAS_AVAILABLE guint32 atlas_section_object_get_protection (const AtlasSectionObject *object);

G_END_DECLS
