/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Large pages: one PDE maps 2 MB, one PDPTE 1 GB, of frames that lie side by side. They are there
 * from the first moment to the last: never paged, in no working set.
 *
 *   VAD    ├───────── 2 MB ─────────┤
 *   PDE     ──► frames n … n + 511, n a multiple of 512
 *
 * Microsoft Learn, "Large-Page Support".
 */

#include "windows/machine-private.h"

G_BEGIN_DECLS

/* Whether there are frames in such runs, frames for the tables, and commitment for those. */
gboolean atlas_large_pages_have_room (AtlasProcess *process,
                                      AtlasVa base_va,
                                      guint64 size_bytes,
                                      guint64 page_bytes);
/* Maps all of @vad, for which there is room. */
void atlas_large_pages_map (AtlasProcess *process, AtlasVad *vad, guint64 page_bytes);
/* Gives back all frames behind @vad. */
void atlas_large_pages_unmap (AtlasProcess *process, AtlasVad *vad);
/* 2 MB or 1 GB. */
guint64 atlas_large_pages_get_bytes (const AtlasProcess *process, const AtlasVad *vad);

G_END_DECLS
