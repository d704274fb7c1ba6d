/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Regions as other programs read them: a row of CSV (RFC 4180, CR LF) or an object of JSON a line.
 *
 *   0x20000000,0x20000000,0x4,0x10000,reserve,0x0,private,
 *   {"base":"0x20000000","state":"reserve",…}
 */

#include "space/region.h"

G_BEGIN_DECLS

/* With its line end. */
#define ATLAS_REGION_CSV_HEADER                                                                    \
  "base,allocation_base,allocation_protect,size,state,protect,type,module\r\n"

/* A row with its line end. */
ATLAS_AVAILABLE void atlas_region_append_csv (const AtlasRegion *region, GString *text);
/* Names and reasons too. */
ATLAS_AVAILABLE void atlas_region_append_json (const AtlasRegion *region, GString *text);

/* What a person calls it: its name, or that of its class, in their language. (transfer full) */
ATLAS_AVAILABLE char *atlas_region_dup_title (const AtlasRegion *region);

G_END_DECLS
