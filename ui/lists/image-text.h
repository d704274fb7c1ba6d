/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a region is of its image. */

#include "model/document.h"
#include "windows/vad.h"

G_BEGIN_DECLS

/* The view of a section that the region is a part of; NULL when it is of none, or in a dump. */
const AtlasVad *atlas_image_find_view (AtlasDocument *document, const AtlasRegion *region);
/* ".rdata, .pdata": neighbours of equal rights are one region. NULL unless it is of an image.
 * (transfer full) */
char *atlas_image_format_sections (AtlasDocument *document, const AtlasRegion *region);

G_END_DECLS
