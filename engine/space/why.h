/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What is at an address, why, and whether something could be allocated there: for any space.
 *
 *   7ffe5000   what      free, slot tail
 *              why       Free but unusable: reservations start at multiples of 64 KB …
 *              allocate  No: VirtualQuery calls it free, but …
 */

#include "space/space.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasVa va;
  AtlasRegion region; /* its words live as long as the space's region set */
  char *what;         /* "commit, private, PAGE_READWRITE: stack of thread 1468" */
  char *reason;       /* why it is there */
  const char *source; /* who says so; NULL when it is the space itself */

  gboolean may_allocate;   /* a new reservation, asked for at this very address */
  AtlasVa allocation_va;   /* where it would start; 0 without */
  guint64 room_bytes;      /* how large it may be; 0 without */
  char *verdict;           /* may it be, and if not, why: sentences */
  const char *rule_source; /* who says so */
} AtlasWhy;

/* O(log n). What is in @why belongs to the caller: atlas_why_clear(). */
ATLAS_AVAILABLE void atlas_why_init (AtlasWhy *why, AtlasSpace *space, AtlasVa va);
ATLAS_AVAILABLE void atlas_why_clear (AtlasWhy *why);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AtlasWhy, atlas_why_clear)

G_END_DECLS
