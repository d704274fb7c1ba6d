/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A paging file: where private pages and pages of sections without a file go when their frames are
 * needed for others. It is divided into slots of a page.
 *
 *   slot   0  1  2  3  …            n_slots …            maximum
 *         |▒▒|██|  |██|  |  |  |  |  |┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄|
 *          │  └ in use: named by the page's PTE, bits 63…32
 *          └ the file's header: never handed out
 *
 * The file grows from its size to its maximum when memory is promised that it could not hold
 * otherwise, and does not shrink.
 */

#include "paging/memory.h"
#include "windows/pte.h"

G_BEGIN_DECLS

/* Numbers 0 … 15 fit into a PTE, bits 15…12. */
#define ATLAS_PAGE_FILES_MAX 16u
/* A choice; Windows allows 16 TB. */
#define ATLAS_PAGE_FILE_BYTES_MAX ATLAS_TB (1)
/* As NtCreatePagingFile; from memory. */
#define ATLAS_PAGE_FILE_BYTES_MIN ATLAS_MB (1)

typedef enum
{
  ATLAS_SLOT_FREE,
  ATLAS_SLOT_USED,
  ATLAS_SLOT_RESERVED,   /* never handed out: a PTE could not name it */
  ATLAS_SLOT_UNREADABLE, /* in use, but the disk fails there */
} AtlasSlotState;

/* Whose page a slot holds; the terms are those of AtlasFrame. */
typedef struct
{
  AtlasPa entry_pa; /* the entry that names the slot, or will when its frame goes; 0: a section's */
  gpointer owner;   /* AtlasProcess, or AtlasSection when entry_pa is 0 */
  guint64 owner_page;
} AtlasSlotOwner;

typedef struct _AtlasPageFile AtlasPageFile;

/* Slots at present, at most, and in use; reserved ones are among all three but the last. */
ATLAS_AVAILABLE guint32 atlas_page_file_get_n_slots (const AtlasPageFile *file);
ATLAS_AVAILABLE guint32 atlas_page_file_get_max_slots (const AtlasPageFile *file);
ATLAS_AVAILABLE guint32 atlas_page_file_get_n_used (const AtlasPageFile *file);
/* How many could be taken. */
ATLAS_AVAILABLE guint32 atlas_page_file_count_free (const AtlasPageFile *file);
/* What @slot < n_slots is. */
ATLAS_AVAILABLE AtlasSlotState atlas_page_file_get_slot (const AtlasPageFile *file, guint32 slot);
/* FALSE when @slot is not in use. */
ATLAS_AVAILABLE gboolean atlas_page_file_get_owner (const AtlasPageFile *file,
                                                    guint32 slot,
                                                    AtlasSlotOwner *owner);

G_END_DECLS
