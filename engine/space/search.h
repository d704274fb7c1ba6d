/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Finding bytes in a space, a slice at a time, so that whoever asks stays awake.
 *
 *   committed regions   [####]   [##][###]     [####]
 *                          ▲ from here up, around the end, back to here
 */

#include "space/space.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_SEARCH_TEXT,  /* as UTF-8 */
  ATLAS_SEARCH_UTF16, /* little-endian, as Windows keeps text */
  ATLAS_SEARCH_BYTES, /* hexadecimal: "4d 5a ?? 00", ?? is any byte */
  ATLAS_SEARCH_NAME,  /* not bytes: a region's name, class, state or type has it in it */
  ATLAS_N_SEARCHES,
} AtlasSearchKind;

typedef struct _AtlasSearch AtlasSearch;

/* From @from_va on; @is_backwards: down from it. ATLAS_ERROR_PARSE for an empty pattern, for bytes
 * that are none, or for more than 256 of them. (transfer full) */
ATLAS_AVAILABLE AtlasSearch *atlas_search_new (AtlasSpace *space,
                                               AtlasSearchKind kind,
                                               const char *pattern,
                                               AtlasVa from_va,
                                               gboolean is_backwards,
                                               GError **error);
ATLAS_AVAILABLE void atlas_search_free (AtlasSearch *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasSearch, atlas_search_free)

typedef enum
{
  ATLAS_SEARCH_GOES_ON,
  ATLAS_SEARCH_FOUND,
  ATLAS_SEARCH_NOTHING, /* it was everywhere once */
} AtlasSearchState;

/* Looks at about @budget_bytes more. FOUND puts the address of the first byte into @va, and the
 * next step goes on behind it. The space must not have changed since atlas_search_new (). */
ATLAS_AVAILABLE AtlasSearchState atlas_search_step (AtlasSearch *search,
                                                    guint64 budget_bytes,
                                                    AtlasVa *va);

G_END_DECLS
