/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/tokens.h"

#include <string.h>

#include <glib/gi18n-lib.h>

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static gboolean
is_sign (char c)
{
  return c == '+' || c == '-';
}

static const char *
skip_blanks (const char *c)
{
  while (is_blank (*c))
    c++;
  return c;
}

static void
token_clear (gpointer data)
{
  AtlasToken *token = data;

  g_free (token->text);
}

/* @begin is no blank and not the end. */
static const char *
find_word_end (const char *begin)
{
  const char *c = begin;

  if (*c == '=')
    return c + 1;
  if (*c == ATLAS_TOKEN_QUOTE)
    {
      c = strchr (begin + 1, ATLAS_TOKEN_QUOTE);
      return c != NULL ? c + 1 : begin + strlen (begin);
    }

  for (;;)
    {
      const char *next;

      while (*c != '\0' && !is_blank (*c) && (*begin != '$' || *c != '='))
        c++;
      next = skip_blanks (c);
      if (next == c || *next == '\0' || *next == '#')
        return c;
      if (!is_sign (c[-1]) && !is_sign (*next))
        return c;
      c = next;
    }
}

guint
atlas_text_get_column (const char *text, gsize byte_index, guint column)
{
  /* The text may be damaged UTF-8: count the bytes that begin a character, and step over nothing.
   */
  for (gsize i = 0; i < byte_index && text[i] != '\0'; i++)
    column += ((guchar) text[i] & 0xc0u) != 0x80u ? 1 : 0;
  return column;
}

void
atlas_tokens_init (AtlasTokens *tokens, const char *line)
{
  const char *c = skip_blanks (line);
  const char *end = line;

  *tokens = (AtlasTokens){ .words = g_array_new (FALSE, FALSE, sizeof (AtlasToken)) };
  g_array_set_clear_func (tokens->words, token_clear);

  while (*c != '\0' && *c != '#')
    {
      AtlasToken token = { .column = atlas_text_get_column (line, (gsize) (c - line), 1) };

      end = find_word_end (c);
      token.text = g_strndup (c, (gsize) (end - c));
      g_array_append_val (tokens->words, token);
      c = skip_blanks (end);
    }
  tokens->end_column = atlas_text_get_column (line, (gsize) (end - line), 1);
}

void
atlas_tokens_clear (AtlasTokens *tokens)
{
  g_clear_pointer (&tokens->words, g_array_unref);
}

const char *
atlas_tokens_peek (const AtlasTokens *tokens, guint ahead)
{
  guint index = tokens->next + ahead;

  return index < tokens->words->len ? g_array_index (tokens->words, AtlasToken, index).text : NULL;
}

guint
atlas_tokens_get_column (const AtlasTokens *tokens)
{
  return tokens->next < tokens->words->len
           ? g_array_index (tokens->words, AtlasToken, tokens->next).column
           : tokens->end_column;
}

gboolean
atlas_token_is_name (const char *word)
{
  if (word[0] != '$' || (!g_ascii_isalpha (word[1]) && word[1] != '_'))
    return FALSE;
  for (const char *c = word + 1; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && *c != '_')
        return FALSE;
    }
  return TRUE;
}

const char *
atlas_token_get_value (const char *word, const char *key)
{
  gsize n_chars = strlen (key);

  return strncmp (word, key, n_chars) == 0 && word[n_chars] == '=' ? word + n_chars + 1 : NULL;
}

gboolean
atlas_tokens_fail (const AtlasTokens *tokens, const char *expected, GError **error)
{
  const char *word = atlas_tokens_peek (tokens, 0);
  g_autofree char *shown = word == NULL ? NULL : atlas_quote_found (word);

  if (word == NULL)
    g_set_error (error,
                 ATLAS_ERROR,
                 ATLAS_ERROR_PARSE,
                 _ ("found the end of the command, expected %s"),
                 _ (expected));
  else
    g_set_error (
      error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("found '%s', expected %s"), shown, _ (expected));
  return FALSE;
}
