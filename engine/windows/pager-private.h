/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Where frames come from when the zeroed and the free list are empty, and where pages go.
 *
 *   zeroed, free ──► standby, lowest priority first ──► modified: written, then standby
 *                      the entry that still names the frame gets its      ──► working sets: oldest
 *                      other form: paging file, demand zero, or the file      pages trimmed
 */

#include "windows/frames-private.h"
#include "windows/machine-private.h"

G_BEGIN_DECLS

/* Takes a frame; entries of pages that lose theirs are rewritten. Valid entries stay. FALSE when
 * every frame is in use, or modified with no room to write it to. */
gboolean atlas_pager_take (AtlasSystem *system,
                           AtlasFrameUse use,
                           AtlasPa entry_pa,
                           gboolean is_zero_needed,
                           AtlasTrace *trace,
                           AtlasPfn *pfn);
/* Likewise zeroed, but only what is available: zeroed, free and standby frames. */
gboolean atlas_pager_take_available (AtlasSystem *system, AtlasFrameUse use, AtlasPfn *pfn);
/* Takes frames side by side, as atlas_frames_take_contiguous() does; when no block is free, one of
 * whose frames the fewest are standby pages, which are repurposed. That neither modified pages are
 * written nor working sets trimmed for it, is a choice: what Windows does then is not documented.
 */
gboolean atlas_pager_take_contiguous (AtlasSystem *system,
                                      guint32 n_frames,
                                      AtlasFrameUse use,
                                      AtlasPfn *first_pfn);
/* Frames that can be had without trimming anyone. */
guint64 atlas_pager_count_obtainable (const AtlasSystem *system);
/* Slots of paging files that are neither in use nor needed by the modified list. */
guint64 atlas_pager_count_spare_slots (const AtlasSystem *system);
/* Trims the oldest pages of all working sets when @n_frames cannot be had otherwise: before entries
 * are looked at, for those that were valid change. Returns whether any did. */
gboolean atlas_pager_make_room (AtlasSystem *system, guint n_frames, AtlasTrace *trace);
/* Writes at most @n_pages of a modified list to where they belong; they become standby pages.
 * Returns how many were written. */
guint64 atlas_pager_write (AtlasSystem *system, AtlasFrameList list, guint64 n_pages);

/* A frame that no working set has any more goes to standby or modified. */
void atlas_pager_park (AtlasSystem *system, AtlasPfn pfn);
/* One valid PTE fewer maps the page of a section; the last one parks it. @is_dirty: that PTE says
 * so.
 */
void atlas_pager_unshare (AtlasSystem *system, AtlasPfn pfn, gboolean is_dirty);
/* Makes standby pages of the first @n_priorities lists free. Returns how many. */
guint64 atlas_pager_purge (AtlasSystem *system, guint n_priorities);
/* From now on only the frame holds the contents: a copy in a paging file is given up. */
void atlas_pager_note_dirty (AtlasSystem *system, AtlasPfn pfn);
/* Takes a frame out of use together with its copy in a paging file. */
void atlas_pager_give_back (AtlasSystem *system, AtlasPfn pfn);
/* Holds writes to the file of @section back, or lets them go: its modified pages change lists. */
void atlas_pager_hold (AtlasSystem *system, AtlasSection *section, gboolean is_held);
/* Whether the slot that the PTE at @entry_pa names holds this PTE's page. */
gboolean atlas_pager_owns_slot (const AtlasSystem *system, AtlasPa entry_pa, guint64 pte);
/* Gives the slot back that an entry names, when it names one. */
void atlas_pager_free_slot (AtlasSystem *system, guint64 pte);
/* Makes the disk fail where a page-file entry names, or work again. FALSE for another entry. */
gboolean atlas_pager_set_unreadable (AtlasSystem *system, guint64 pte, gboolean is_unreadable);
/* Reads the page that a page-file entry names. FALSE when it cannot be read. */
gboolean atlas_pager_read_slot (const AtlasSystem *system,
                                guint64 pte,
                                gsize offset,
                                void *bytes,
                                gsize size_bytes);

G_END_DECLS
