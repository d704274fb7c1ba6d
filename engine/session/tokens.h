/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The words of one command, with their places.
 *
 *   alloc   $a = 64K reserve|commit readwrite   # a comment
 *   │       │  │ │   │              │
 *   1       9  12 14 18             33          columns, in characters, from 1
 *
 * Words part at blanks; a + or - joins what stands on its two sides, so that "$a + 4K" is one word.
 * A $name also ends before an equals sign. A word that begins with a quote ends with the next one.
 * A # at the start of a word begins a comment.
 */

#include "base/format.h"

G_BEGIN_DECLS

#define ATLAS_TOKEN_QUOTE '"'

typedef struct
{
  char *text; /* quotes included */
  guint column;
} AtlasToken;

typedef struct
{
  GArray *words;    /* of AtlasToken */
  guint end_column; /* where the next word would stand */
  guint next;       /* index of the word that is read next */
} AtlasTokens;

void atlas_tokens_init (AtlasTokens *tokens, const char *line);
void atlas_tokens_clear (AtlasTokens *tokens);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AtlasTokens, atlas_tokens_clear)

/* The word @ahead places after the next one, or NULL past the end. Borrowed. */
const char *atlas_tokens_peek (const AtlasTokens *tokens, guint ahead);
/* Column of the next word, or of the end. */
guint atlas_tokens_get_column (const AtlasTokens *tokens);
/* Column of the character that holds byte @byte_index of @text, when @text starts at @column. */
guint atlas_text_get_column (const char *text, gsize byte_index, guint column);
/* Whether @word is a $name: a letter or _ behind the $, then these and digits. */
gboolean atlas_token_is_name (const char *word);
/* The text behind "KEY=" in @word, or NULL. Borrowed. */
const char *atlas_token_get_value (const char *word, const char *key);
/* Sets @error to "found 'NEXT WORD', expected @expected"; returns FALSE. */
gboolean atlas_tokens_fail (const AtlasTokens *tokens, const char *expected, GError **error);

G_END_DECLS
