/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What can be done with a region, as commands of the session's language. The list's menu and the
 * inspector's buttons both ask here. */

#include "model/document.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_OPERATION_COMMIT,
  ATLAS_OPERATION_DECOMMIT,
  ATLAS_OPERATION_RELEASE, /* the whole allocation */
  ATLAS_OPERATION_PROTECT,
  ATLAS_OPERATION_ALLOCATE,
  ATLAS_OPERATION_READ, /* one byte at the selected address */
  ATLAS_OPERATION_WRITE,
  ATLAS_OPERATION_EXECUTE,
  ATLAS_N_OPERATIONS,
} AtlasRegionOperation;

/* A protection that can be asked for: PAGE_*, and its word in commands. */
typedef struct
{
  guint32 protect;
  const char *word; /* "readwrite" */
  const char *name; /* "PAGE_READWRITE" */
} AtlasProtectionChoice;

#define ATLAS_N_PROTECTION_CHOICES 8u
/* NOACCESS, READONLY, READWRITE, WRITECOPY, and the same with EXECUTE; index < N. */
const AtlasProtectionChoice *atlas_protection_choice_get (guint index);
/* The choice that @protect is, its modifiers aside; READWRITE's index when it is none. */
guint atlas_protection_choice_find (guint32 protect);
/* The choice to propose for @region: what it has, for committed pages; for reserved ones what they
 * were reserved with, or READWRITE where that was NOACCESS and could not be used. */
guint atlas_protection_choice_suggest (const AtlasRegion *region);

/* Button text, with a mnemonic. Translated. */
const char *atlas_region_operation_get_label (AtlasRegionOperation operation);

/* NULL when it makes sense to try @operation on the selected region; else why not, a translated
 * sentence. Reads and writes always make sense in a simulation: that they fault is the lesson. */
const char *atlas_region_operation_refuse (AtlasRegionOperation operation, AtlasDocument *document);

/* The command. @protection: index of a choice, for PROTECT and COMMIT. ALLOCATE has none: it asks
 * first. (transfer full) */
char *atlas_region_operation_format (AtlasRegionOperation operation,
                                     const AtlasRegion *region,
                                     AtlasVa va,
                                     guint protection);

G_END_DECLS
