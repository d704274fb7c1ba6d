/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Win32's flag names without their prefixes, in lower case, joined by bars:
 *
 *   MEM_RESERVE | MEM_COMMIT        reserve|commit
 *   PAGE_READWRITE | PAGE_GUARD     readwrite|guard
 *
 * and durations: 10ms, 1s.
 */

#include "base/format.h"
#include "paging/address.h"

G_BEGIN_DECLS

typedef struct
{
  const char *word;
  guint32 bits;
} AtlasWord;

/* Each ends with a NULL word. */
extern const AtlasWord atlas_allocation_words[];
extern const AtlasWord atlas_free_words[];
extern const AtlasWord atlas_protection_words[];
/* One of them alone: "pte" is 1 … "pml5e" is 5. */
extern const AtlasWord atlas_level_words[];

/* One of them alone. */
extern const AtlasWord atlas_offer_words[];
extern const AtlasWord atlas_memory_list_words[];

/* What the processor enforces. */
enum
{
  ATLAS_SWITCH_WP = 1 << 0,
  ATLAS_SWITCH_NXE = 1 << 1,
  ATLAS_SWITCH_SMEP = 1 << 2,
  ATLAS_SWITCH_SMAP = 1 << 3,
  ATLAS_SWITCH_PGE = 1 << 4,
  ATLAS_SWITCH_PKE = 1 << 5,
  ATLAS_SWITCH_AC = 1 << 6,
};
extern const AtlasWord atlas_control_words[];

/* Reads all of @text; FALSE when a part of it is not in @words. */
gboolean atlas_words_parse (const AtlasWord *words, const char *text, guint32 *bits);
/* Reads one word; FALSE when it is not in @words. */
gboolean atlas_words_find (const AtlasWord *words, const char *text, guint32 *bits);
/* The word for exactly @bits, or NULL. */
const char *atlas_words_get (const AtlasWord *words, guint32 bits);
/* All of @bits are in @words. (transfer full) */
char *atlas_words_format (const AtlasWord *words, guint32 bits);
/* "reserve, commit, …". (transfer full) */
char *atlas_words_list (const AtlasWord *words);

/* No simulated wait is longer. A choice: it keeps every clock far from its end. */
#define ATLAS_DURATION_MAX_100NS (G_GUINT64_CONSTANT (3650) * 24 * 3600 * 10000000)

/* A whole number of ns, us, ms, s, m or h; a multiple of 100 ns, above 0. */
gboolean atlas_duration_parse (const char *text, guint64 *duration_100ns);
/* Exact, in the largest unit that divides it. (transfer full) */
char *atlas_duration_format (guint64 duration_100ns);

G_END_DECLS
