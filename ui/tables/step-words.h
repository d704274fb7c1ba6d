/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the stepper says of a document's story, and of the step it stands at.
 *
 *   Write at 00000000`20000123            title
 *   what would happen                     mode
 *   WP 1 · NXE 1 · SMEP 1 · SMAP 1
 *   ⋮
 *   The PTE is not present: …             explain
 */

#include "model/document.h"

G_BEGIN_DECLS

/* Kinds of access that can be chosen. */
#define ATLAS_N_ACCESS_CHOICES 3u

typedef struct
{
  AtlasAccess access;
  const char *name; /* to be translated */
  const char *verb; /* of the command language */
} AtlasAccessChoice;

extern const AtlasAccessChoice atlas_access_choices[ATLAS_N_ACCESS_CHOICES];

/* (transfer full), all of them. */

/* Of the chosen access, or of the one that ran. */
char *atlas_step_dup_title (AtlasDocument *document);
char *atlas_step_dup_mode (AtlasDocument *document);
/* Of a fault that would come again: the bit, the rule, and what would make the access succeed. NULL
 * without a story. */
char *atlas_step_dup_explain (AtlasDocument *document);

G_END_DECLS
