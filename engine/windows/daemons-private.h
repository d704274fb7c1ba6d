/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The kernel's threads that work while time passes, and only then. */

#include "windows/machine-private.h"

G_BEGIN_DECLS

/* What they do between @from_100ns and @from_100ns + @duration_100ns. */
void atlas_daemons_run (AtlasSystem *system, guint64 from_100ns, guint64 duration_100ns);

G_END_DECLS
