/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "windows/section-object.h"
#include "windows/section-private.h"

G_BEGIN_DECLS

struct _AtlasFile
{
  AtlasSystem *system;
  char *name;
  GBytes *bytes;
  guint64 size_bytes; /* may have grown */
  gboolean is_writable;
  AtlasSection *data;
  AtlasSection *image;
  const char *image_reason;
  guint16 image_machine;
};

struct _AtlasSectionObject
{
  AtlasSystem *system;
  AtlasSection *section;
  AtlasFile *file; /* NULL: the paging file */
  guint32 attributes;
  guint32 access;
  guint32 page_protection;
  guint8 protection;  /* the same as a 5-bit code, without caching */
  guint64 size_bytes; /* of a view without a size; at most the section's */
};

void atlas_file_free (AtlasFile *file);
/* Reads its header as that of an image. @pe belongs to the caller. */
AtlasStatus atlas_file_read_image (AtlasFile *file, AtlasPe **pe);
/* Where this boot puts its image, as a section or before there is one. FALSE when it is none. */
gboolean atlas_file_find_image_place (AtlasFile *file,
                                      AtlasVa *base_va,
                                      guint64 *size_bytes,
                                      gboolean *is_relocatable);
/* Ends an image section that was the last to be made, for a call that then failed. */
void atlas_file_forget_image (AtlasFile *file);
/* Frees the record alone. */
void atlas_section_object_free (AtlasSectionObject *object);
/* SECTION_MAP_ rights that a 5-bit code needs: MmMakeSectionAccess. */
guint32 atlas_section_get_needed_access (guint8 protection);
/* Where this boot puts an image: drawn once, apart from all others. */
AtlasVa atlas_system_place_image (AtlasSystem *system, const char *name, const AtlasPe *pe);

G_END_DECLS
