/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasOpened: what was read from a file or a text, ready to replace what is open.
 *
 *   scenario ──run──► session
 *   dump, image, maps ──► space
 */

#include <gio/gio.h>

#include "paging/walk.h"
#include "session/session.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasSpace *space;     /* NULL for a scenario … */
  AtlasSession *session; /* … and this for everything else */
  char *title;
} AtlasOpened;

/* From any thread. @control: of an image of physical memory; NULL when the file tells all by
 * itself. NULL and @error when it cannot be read or understood. (transfer full) */
AtlasOpened *atlas_opened_read (GFile *file,
                                const AtlasControl *control,
                                GCancellable *cancellable,
                                GError **error);
/* Runs the scenario @text; undo stops at its @undo_floor, or at its end where that is before.
 * @name: for the title and for messages. @folder: where its files are; NULL for none.
 * (transfer full) */
AtlasOpened *atlas_opened_parse (const char *text,
                                 const char *name,
                                 const char *folder,
                                 guint undo_floor,
                                 GError **error);
void atlas_opened_free (AtlasOpened *opened);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasOpened, atlas_opened_free)

G_END_DECLS
