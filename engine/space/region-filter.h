/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasRegionFilter: which regions a typed text means.
 *
 *   "kernel32"       name, class, state, type or protection holds it
 *   "7ffe0123"       or it is an address inside, or how the first one begins
 *   "rwx"            or its protection is what other tools write so
 *   "commit rw heap" all of these words do; or the text does as it stands
 *
 * Letters of either case, in the words of scripts and in those of the reader's language. */

#include "space/region.h"

G_BEGIN_DECLS

typedef struct _AtlasRegionFilter AtlasRegionFilter;

/* NULL or blank @text passes everything. */
ATLAS_AVAILABLE AtlasRegionFilter *atlas_region_filter_new (const char *text);
ATLAS_AVAILABLE void atlas_region_filter_free (AtlasRegionFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasRegionFilter, atlas_region_filter_free)
/* Not const: what was found out about a protection is kept for the next region. */
ATLAS_AVAILABLE gboolean atlas_region_filter_matches (AtlasRegionFilter *filter,
                                                      const AtlasRegion *region);

G_END_DECLS
