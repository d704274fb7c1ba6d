/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "windows/machine-private.h"
#include "windows/page-64k.h"

G_BEGIN_DECLS

/* Why a map says what it says of such an allocation, and whose word it is. Not translated. */
extern const char atlas_page_64k_reason[];
extern const char atlas_page_64k_source[];

/* A demand-zero fault at @va, whose table exists: maps all sixteen pages around it, the one at @va
 * dirty when @is_write. FALSE, and no change, when the block is not untouched and alike, or there
 * are no such frames: then one page has to do. */
gboolean atlas_page_64k_map (AtlasProcess *process,
                             const AtlasVad *vad,
                             AtlasVa va,
                             AtlasPa entry_pa,
                             guint8 protection,
                             gboolean is_write,
                             AtlasTrace *trace);

G_END_DECLS
