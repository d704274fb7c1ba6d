/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The files of the host that a scenario names. Each is read once: what a session does again, after
 * undo or in a copy, it does with the same bytes.
 *
 *   "app.exe" ─► folder of the scenario ─► bytes, kept ─► the same for every run and every copy
 */

#include "base/format.h"

G_BEGIN_DECLS

typedef struct _AtlasFiles AtlasFiles;

/* @folder: where relative paths begin; NULL means the current one. */
AtlasFiles *atlas_files_new (const char *folder);
AtlasFiles *atlas_files_ref (AtlasFiles *files);
void atlas_files_unref (AtlasFiles *files);
/* All bytes of an ordinary file of at most 256 MB. NULL and @error otherwise. (transfer full) */
GBytes *atlas_files_read (AtlasFiles *files, const char *path, GError **error);

G_END_DECLS
