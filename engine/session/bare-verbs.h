/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "session/run-private.h"

G_BEGIN_DECLS

/* machine, which begins one, and every verb on a machine without an operating system. FALSE and
 * @error for those that only Windows understands. */
gboolean atlas_bare_run (const AtlasRun *run, GError **error);
/* The verbs that only such a machine has, on another. */
gboolean atlas_bare_refuse (const AtlasRun *run, GError **error);

G_END_DECLS
