/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the regions of a set add up to, in words. */

#include "space/totals.h"

G_BEGIN_DECLS

/* A line each for people, columns parted by tabs. (transfer full) */
char *atlas_type_totals_format (const AtlasTypeTotals *totals);

G_END_DECLS
