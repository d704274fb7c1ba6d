/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A file that is there when all of it was written, and as it was before when not:
 *
 *   bytes ──► buffer ──► file ──end────► takes the place of an older one
 *                          └────error──► goes
 */

#include <gio/gio.h>

#include "base/types.h"

G_BEGIN_DECLS

/* Writes everything to @stream; FALSE and @error when that fails. */
typedef gboolean (*AtlasFileWriter) (GOutputStream *stream, gpointer data, GError **error);

/* Calls @writer once, unless @file cannot be written at all. */
ATLAS_AVAILABLE gboolean atlas_whole_file_write (GFile *file,
                                                 AtlasFileWriter writer,
                                                 gpointer data,
                                                 GError **error);

G_END_DECLS
