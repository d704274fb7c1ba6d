/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasDocument: what is open, and what is selected in it. Every view follows one document and
 * changes it only through the calls below; no view knows another.
 *
 *        file, click, menu, console
 *                  │ run, open, undo, select, step
 *            AtlasDocument ──► "opened"      something else altogether, "changed" follows
 *                  │            "changed"    regions or tables are different now
 *                  │            "ran"        a command ran: its AtlasCommandResult
 *                  │            "selected"   an address was chosen, the same one included
 *                  │            notify::selected-va, notify::trace, notify::step
 *      map · lens · stepper · bits · lists · inspector
 */

#include <gio/gio.h>

#include "map/lens.h"
#include "model/opened.h"
#include "session/session.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_DOCUMENT (atlas_document_get_type ())
G_DECLARE_FINAL_TYPE (AtlasDocument, atlas_document, ATLAS, DOCUMENT, GObject)

/* Empty until something is opened. */
AtlasDocument *atlas_document_new (void);

/* Replaces what is open; on failure nothing changes. A dump is read in a thread. An image of
 * physical memory that does not tell CR3 fails with ATLAS_ERROR_NO_ROOT. */
void atlas_document_open_async (AtlasDocument *self,
                                GFile *file,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* The same for an image of physical memory, looked at with @control; see atlas_space_open_image().
 * Ends with atlas_document_open_finish() too. */
void atlas_document_open_image_async (AtlasDocument *self,
                                      GFile *file,
                                      const AtlasControl *control,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean atlas_document_open_finish (AtlasDocument *self, GAsyncResult *result, GError **error);
/* What was read elsewhere, in a thread perhaps: takes @opened. */
void atlas_document_take_opened (AtlasDocument *self, AtlasOpened *opened);
/* Opens a scenario's text. @name: for the title and for messages. */
gboolean
atlas_document_open_text (AtlasDocument *self, const char *text, const char *name, GError **error);
/* The same for work that was never saved: it counts as modified, belongs to @file (or NULL), and
 * undo stops at @undo_floor. */
gboolean atlas_document_open_unsaved (AtlasDocument *self,
                                      const char *text,
                                      const char *name,
                                      GFile *file,
                                      guint undo_floor,
                                      GError **error);
/* Writes the journal as a scenario, atomically. Only a simulation can be saved. */
gboolean atlas_document_save (AtlasDocument *self, GFile *file, GError **error);
/* Where it was opened from or saved to; NULL for the default scenario. */
GFile *atlas_document_get_file (AtlasDocument *self);

/* NULL while empty. Borrowed until "changed". */
AtlasSpace *atlas_document_get_space (AtlasDocument *self);
AtlasRegionSet *atlas_document_get_regions (AtlasDocument *self);
/* NULL for a dump. */
AtlasSession *atlas_document_get_session (AtlasDocument *self);
/* The session's selected process; NULL for a dump. Borrowed until "changed". */
AtlasProcess *atlas_document_get_process (AtlasDocument *self);
gboolean atlas_document_is_simulation (AtlasDocument *self);
/* What a view of a process says that has none: that none has been started yet and how to, or, where
 * that is not why, @otherwise. */
const char *atlas_document_explain_nothing (AtlasDocument *self, const char *otherwise);
const char *atlas_document_get_title (AtlasDocument *self);
const char *atlas_document_get_subtitle (AtlasDocument *self);

/* Runs one command of the session's language and emits "ran", then "changed" if something did.
 * NULL and @error when it does not parse or the document is a dump. What it was about is selected;
 * an access also becomes the trace, with the step at the end of the story.
 * (transfer full) */
AtlasCommandResult *atlas_document_run (AtlasDocument *self, const char *command, GError **error);
/* Runs several, a line each, as one step of undo; see atlas_session_run_all(). "ran" is emitted for
 * each, once all have run. The result of the last. (transfer full) */
AtlasCommandResult *
atlas_document_run_all (AtlasDocument *self, const char *commands, GError **error);
/* What the command would give: tried on a copy of the session. Errors as for atlas_document_run().
 * Cost: as one undo. (transfer full) */
AtlasCommandResult *
atlas_document_preview (AtlasDocument *self, const char *command, GError **error);
/* Whether the processor would use something cached of the selected address that the tables no
 * longer say; as atlas_mmu_get_stale_level(). */
guint atlas_document_get_stale_level (AtlasDocument *self);
gboolean atlas_document_can_undo (AtlasDocument *self);
gboolean atlas_document_can_redo (AtlasDocument *self);
void atlas_document_undo (AtlasDocument *self);
void atlas_document_redo (AtlasDocument *self);
/* Anywhere in the journal. Simulations only. */
void atlas_document_seek (AtlasDocument *self, guint position);
/* Something ran, or was undone, since it was opened or saved. */
gboolean atlas_document_is_modified (AtlasDocument *self);

/* The one selected address. */
gboolean atlas_document_has_selection (AtlasDocument *self);
AtlasVa atlas_document_get_selected_va (AtlasDocument *self);
void atlas_document_select (AtlasDocument *self, AtlasVa va);
/* The region that holds it; NULL when nothing is selected. Borrowed until "changed". */
const AtlasRegion *atlas_document_get_selected_region (AtlasDocument *self);

/* How a walk is tried: kind of access and mode. */
AtlasAccess atlas_document_get_access (AtlasDocument *self);
gboolean atlas_document_get_supervisor (AtlasDocument *self);
void atlas_document_set_access (AtlasDocument *self, AtlasAccess access, gboolean is_supervisor);

/* The story being stepped through: of the last access, or of a dry walk of the selected address
 * that changes nothing. NULL when there is nothing to walk. */
AtlasTrace *atlas_document_get_trace (AtlasDocument *self);
/* TRUE when the story is a dry walk: what would happen, told without doing it. */
gboolean atlas_document_is_dry_walk (AtlasDocument *self);
/* Index of the current event, < n_events. */
guint atlas_document_get_step (AtlasDocument *self);
void atlas_document_set_step (AtlasDocument *self, guint step);

/* Everything the lens and the entry bits show for the selected address; kept up to date. */
const AtlasLens *atlas_document_get_lens (AtlasDocument *self);
/* Level whose entry the current step concerns, 0 when none does. The bits view shows it. */
guint atlas_document_get_step_level (AtlasDocument *self);

G_END_DECLS
