/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/path.h"

#include <string.h>

#include "session/tokens.h"

static gboolean
is_printable (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    {
      if (g_ascii_iscntrl (*c))
        return FALSE;
    }
  return text[0] != '\0' && g_utf8_validate (text, -1, NULL);
}

/* One word that does not look like something else; plus and minus at an end would join the words on
 * both sides. */
static gboolean
is_plain (const char *text)
{
  return strchr (text, ' ') == NULL && strchr (text, '#') == NULL &&
         strchr ("$=+-", text[0]) == NULL && text[0] != ATLAS_TOKEN_QUOTE &&
         strchr ("+-", text[strlen (text) - 1u]) == NULL;
}

char *
atlas_path_parse (const char *word)
{
  g_autofree char *path = NULL;
  const char *closing;

  if (!is_printable (word))
    return NULL;
  if (word[0] != ATLAS_TOKEN_QUOTE)
    return is_plain (word) ? g_strdup (word) : NULL;

  closing = strchr (word + 1, ATLAS_TOKEN_QUOTE);
  if (closing == NULL || closing[1] != '\0' || closing == word + 1)
    return NULL;
  return g_strndup (word + 1, (gsize) (closing - word - 1));
}

char *
atlas_path_format (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);

  if (!is_printable (path))
    return NULL;
  if (is_plain (path))
    return g_strdup (path);
  return strchr (path, ATLAS_TOKEN_QUOTE) == NULL
           ? g_strdup_printf ("%c%s%c", ATLAS_TOKEN_QUOTE, path, ATLAS_TOKEN_QUOTE)
           : NULL;
}
