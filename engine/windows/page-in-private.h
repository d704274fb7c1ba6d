/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Bringing a page that is on disk, or was never anywhere, into a frame. */

#include "windows/machine-private.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_PAGE_IN_DONE,
  ATLAS_PAGE_IN_UNREADABLE, /* no frame was taken */
  ATLAS_PAGE_IN_NO_FRAME,
} AtlasPageIn;

/* Takes a frame for the page of @va, whose PTE is at @entry_pa: of the process itself, or with
 * @entry_pa 0 of no one yet. FALSE when there is none. */
gboolean atlas_page_in_take (AtlasProcess *process,
                             AtlasFrameUse use,
                             AtlasVa va,
                             AtlasPa entry_pa,
                             gboolean is_zero_needed,
                             AtlasTrace *trace,
                             AtlasPfn *pfn);
/* Reads the page that @pte, a page-file entry of the process's own, names. The frame is active; the
 * slot keeps its copy. */
AtlasPageIn atlas_page_in_slot (AtlasProcess *process,
                                AtlasVa va,
                                AtlasPa entry_pa,
                                guint64 pte,
                                AtlasTrace *trace,
                                AtlasPfn *pfn);
/* Brings a page of a section that is in no frame into one; it is active and nobody maps it yet. */
AtlasPageIn atlas_page_in_section (AtlasProcess *process,
                                   AtlasSection *section,
                                   guint64 page,
                                   AtlasTrace *trace,
                                   AtlasPfn *pfn);

G_END_DECLS
