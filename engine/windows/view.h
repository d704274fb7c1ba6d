/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Views: ranges of a process that show a section.
 *
 *   process A   ▕ view ▏──┐                        section
 *                         ├──► frame of page 3 ◄── prototype entry 3
 *   process B   ▕ view ▏──┘
 *                  └─ written, WRITECOPY ──► a frame of its own
 *
 * A file's base and offset are multiples of 64 KB, and nothing is rounded to them. An image goes to
 * the base that the boot has chosen for it; where that is taken, the pages that its relocations
 * change become the process's own. In an x64 process the same goes for the pages of an ARM64X image
 * that its dynamic values change.
 */

#include "windows/process.h"
#include "windows/section-object.h"
#include "windows/virtual.h"

G_BEGIN_DECLS

#define ATLAS_VIEW_SHARE 1u /* SECTION_INHERIT */
#define ATLAS_VIEW_UNMAP 2u

/* NtMapViewOfSection. @base_va: 0 lets the system choose. @view_bytes: 0 means to the end of the
 * section. All three are rewritten on success only; that includes STATUS_IMAGE_NOT_AT_BASE and
 * STATUS_IMAGE_MACHINE_TYPE_MISMATCH, with which the view is there. @object or @process NULL:
 * STATUS_INVALID_HANDLE. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_map_view_of_section (AtlasSectionObject *object,
                                                          AtlasProcess *process,
                                                          AtlasVa *base_va,
                                                          guint64 zero_bits,
                                                          guint64 commit_bytes,
                                                          guint64 *section_offset,
                                                          guint64 *view_bytes,
                                                          guint32 inherit_disposition,
                                                          guint32 allocation_type,
                                                          guint32 protect);
/* NtMapViewOfSectionEx, MapViewOfFile3: with limits for where it goes, and with
 * MEM_REPLACE_PLACEHOLDER, which wants the exact range of a placeholder and no image. */
ATLAS_AVAILABLE AtlasStatus
atlas_nt_map_view_of_section_ex (AtlasSectionObject *object,
                                 AtlasProcess *process,
                                 AtlasVa *base_va,
                                 guint64 *section_offset,
                                 guint64 *view_bytes,
                                 guint32 allocation_type,
                                 guint32 protect,
                                 const AtlasExtendedParameter *parameters,
                                 guint n_parameters);
/* UnmapViewOfFile2 with MEM_PRESERVE_PLACEHOLDER: a view that replaced a placeholder becomes one
 * again; STATUS_CONFLICTING_ADDRESSES for another view. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_unmap_view_preserving (AtlasProcess *process, AtlasVa va);
/* NtUnmapViewOfSection: @va is any address of the view. */
ATLAS_AVAILABLE AtlasStatus atlas_nt_unmap_view_of_section (AtlasProcess *process, AtlasVa va);

#define ATLAS_FILE_MAP_COPY 0x01u
#define ATLAS_FILE_MAP_WRITE 0x02u
#define ATLAS_FILE_MAP_READ 0x04u
#define ATLAS_FILE_MAP_EXECUTE 0x20u

/* MapViewOfFileEx: @access becomes a protection, @size_bytes 0 means to the end. */
ATLAS_AVAILABLE AtlasStatus atlas_map_view_of_file (AtlasSectionObject *object,
                                                    AtlasProcess *process,
                                                    guint32 access,
                                                    guint64 offset,
                                                    guint64 size_bytes,
                                                    AtlasVa *base_va);

/* What the loader does with a file: an image section, a view of it, the section closed. Another
 * processor's image is refused: STATUS_INVALID_IMAGE_FORMAT. */
ATLAS_AVAILABLE AtlasStatus atlas_process_load_image (AtlasProcess *process,
                                                      AtlasFile *file,
                                                      AtlasVa *base_va);

/* How the pages of a view are had. */
typedef struct
{
  guint64 n_pages;
  guint64 n_own_pages; /* can never be shared: changed for this base, or for this processor */
  guint64 n_shared;    /* present, in the section's frames */
  guint64 n_private;   /* present or parked, in frames of the process's own */
} AtlasViewCounts;

/* Of the view that holds @va; FALSE when none does. O(n) in its pages. */
ATLAS_AVAILABLE gboolean atlas_view_count (AtlasProcess *process,
                                           AtlasVa va,
                                           AtlasViewCounts *counts);

/* Every view of a section. */
typedef struct
{
  AtlasProcess *process; /* borrowed */
  AtlasVa base_va;
  guint64 size_bytes;
  guint64 first_page; /* of the section */
} AtlasSectionView;

/* Array of AtlasSectionView, by process, then address. O(n) in the VADs of all. (transfer full) */
ATLAS_AVAILABLE GArray *atlas_system_list_views (AtlasSystem *system, const AtlasSection *section);

G_END_DECLS
