/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What can be told of a region and of one address in it, each with its name.
 *
 *   First address   00007ff9`0f710000
 *   Size            756 KB · 189 pages
 *   Page tables     3 tables, 12 KB
 */

#include "model/document.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_FACT_ADDRESS,
  ATLAS_FACT_FIRST,
  ATLAS_FACT_LAST,
  ATLAS_FACT_SIZE,
  ATLAS_FACT_STATE,
  ATLAS_FACT_PROTECTION,
  ATLAS_FACT_TYPE,
  ATLAS_FACT_PE_SECTIONS,
  ATLAS_FACT_CERTIFICATES,
  ATLAS_FACT_GUARD,
  ATLAS_FACT_CALL_TARGET,
  ATLAS_FACT_ALLOCATION,
  ATLAS_FACT_OFFSET,
  ATLAS_FACT_ALLOCATION_PROTECTION,
  ATLAS_FACT_TABLES,
  ATLAS_N_FACTS,
} AtlasRegionFact;

/* In the language of the user. */
const char *atlas_region_fact_get_name (AtlasRegionFact fact);
gboolean atlas_region_fact_is_address (AtlasRegionFact fact);
/* Of @region, which is the document's, and of @va in it: "—" for what it does not have, NULL for
 * what means nothing here. (transfer full) */
char *atlas_region_fact_format (AtlasDocument *document,
                                const AtlasRegion *region,
                                AtlasVa va,
                                AtlasRegionFact fact);

G_END_DECLS
