/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Sections of large pages (SEC_LARGE_PAGES): their frames lie side by side, 2 MB at a time, from
 * the section's first moment to its last, and are never paged.
 *
 *   prototype entries ──valid──► 512 frames ◄── one PDE of every large view
 *                                    ▲
 *                                    └───────── PTEs of views with small pages
 *
 * Microsoft Learn, "CreateFileMapping" and "Large-Page Support": a privilege, SEC_COMMIT, no file,
 * and a size that is a multiple of the large page. */

#include "windows/machine-private.h"

G_BEGIN_DECLS

/* Since Windows 10 1703 a view has large pages only when it asks for them, before all views had
 * them. Microsoft Learn, "MapViewOfFile", FILE_MAP_LARGE_PAGES; the build of 1703. */
#define ATLAS_LARGE_VIEW_FIRST_BUILD 15063u

/* Whether there are frames for a section of @size_bytes, a multiple of 2 MB, and for its prototype
 * entries. */
gboolean atlas_large_section_has_room (AtlasSystem *system, guint64 size_bytes);
/* Takes them for a section that is in a system, and for which there is room. */
void atlas_large_section_take_frames (AtlasSection *section);
/* Gives all of them back. */
void atlas_large_section_return_frames (AtlasSection *section);
/* Whether there are frames and commitment for the tables above the PDEs. */
gboolean
atlas_large_section_has_view_room (AtlasProcess *process, AtlasVa base_va, guint64 size_bytes);
/* Maps all of @vad, which begins at multiples of 2 MB here and in its section. */
void atlas_large_section_map_view (AtlasProcess *process, const AtlasVad *vad);
void atlas_large_section_unmap_view (AtlasProcess *process, const AtlasVad *vad);

G_END_DECLS
