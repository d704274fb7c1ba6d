/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "base/translation.h"

#include <locale.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#define HOLE "{}"
#define MAX_HOLES 2u
/* What is put into a text may be composed itself, once. */
#define MAX_DEPTH 2u

struct _AtlasDataLocale
{
  locale_t c;
  locale_t before;
};

/* Translators: what stands in the first pair of braces comes first in the translation too. */
static const char *const templates[] = {
  [ATLAS_TEXT_STACK] = N_ ("stack of thread {}"),
  [ATLAS_TEXT_PEB_AND_TEB] = N_ ("PEB, TEB of thread {}"),
  [ATLAS_TEXT_HEAP] = N_ ("heap {}"),
  [ATLAS_TEXT_CFG_BITMAP] = N_ ("CFG bitmap, {} GB"),
  [ATLAS_TEXT_IMAGE] = N_ ("image of {}"),
  [ATLAS_TEXT_SLOT_TAIL] = N_ ("Free but unusable: reservations start at multiples of 64 KB, and "
                               "this 64 KB slot is taken by {} at {}."),
};
_Static_assert(G_N_ELEMENTS (templates) == ATLAS_N_TEXTS, "a template for each text");

static char *
fill (const char *template_text, const char *const *values)
{
  GString *filled = g_string_new (NULL);
  guint n_values = 0;

  for (;;)
    {
      const char *hole = strstr (template_text, HOLE);

      if (hole == NULL || n_values == MAX_HOLES || values[n_values] == NULL)
        break;
      g_string_append_len (filled, template_text, hole - template_text);
      g_string_append (filled, values[n_values++]);
      template_text = hole + strlen (HOLE);
    }
  g_string_append (filled, template_text);
  return g_string_free (filled, FALSE);
}

/* Whether @text is @template_text filled in. What was put in is then in @values, each the
 * caller's. */
static gboolean
match (const char *template_text, const char *text, char **values)
{
  const char *hole = strstr (template_text, HOLE);
  guint n_values = 0;

  if (strncmp (text, template_text, (gsize) (hole - template_text)) != 0)
    return FALSE;
  text += hole - template_text;
  while (hole != NULL)
    {
      const char *rest = hole + strlen (HOLE);
      const char *next = strstr (rest, HOLE);
      g_autofree char *between =
        next != NULL ? g_strndup (rest, (gsize) (next - rest)) : g_strdup (rest);
      const char *end;

      /* A name may hold what stands between: the last one counts. */
      end = *between != '\0' ? g_strrstr (text, between) : text + strlen (text);
      if (end == NULL || end == text || (next == NULL && end[strlen (between)] != '\0'))
        return FALSE;
      values[n_values++] = g_strndup (text, (gsize) (end - text));
      text = end + strlen (between);
      hole = next;
    }
  return TRUE;
}

static char *
translate (const char *text, guint depth)
{
  const char *whole = atlas_translate (text);

  if (whole != text || depth == MAX_DEPTH)
    return g_strdup (whole);
  for (guint i = 0; i < ATLAS_N_TEXTS; i++)
    {
      char *values[MAX_HOLES] = { NULL };
      char *shown[MAX_HOLES] = { NULL };
      char *result = NULL;

      if (match (templates[i], text, values))
        {
          for (guint v = 0; v < MAX_HOLES; v++)
            shown[v] = values[v] != NULL ? translate (values[v], depth + 1u) : NULL;
          result = fill (atlas_translate (templates[i]), (const char *const *) shown);
        }
      for (guint v = 0; v < MAX_HOLES; v++)
        {
          g_free (values[v]);
          g_free (shown[v]);
        }
      if (result != NULL)
        return result;
    }
  return g_strdup (text);
}

char *
atlas_text_compose (AtlasText text, const char *first, const char *second)
{
  const char *values[MAX_HOLES] = { first, second };

  g_return_val_if_fail ((guint) text < ATLAS_N_TEXTS, NULL);
  g_return_val_if_fail (first != NULL, NULL);

  return fill (templates[text], values);
}

char *
atlas_text_compose_number (AtlasText text, guint number)
{
  char digits[16];

  g_snprintf (digits, sizeof digits, "%u", number);
  return atlas_text_compose (text, digits, NULL);
}

const char *
atlas_translate (const char *text)
{
  /* gettext answers "" with the catalogue's header. */
  return text == NULL || *text == '\0' ? text : g_dgettext (GETTEXT_PACKAGE, text);
}

char *
atlas_translate_kept (const char *text)
{
  return text == NULL ? NULL : translate (text, 0);
}

AtlasDataLocale *
atlas_data_locale_push (void)
{
  AtlasDataLocale *data_locale = g_new (AtlasDataLocale, 1);

  data_locale->c = newlocale (LC_ALL_MASK, "C", (locale_t) 0);
  data_locale->before = uselocale (data_locale->c);
  return data_locale;
}

void
atlas_data_locale_pop (AtlasDataLocale *data_locale)
{
  g_return_if_fail (data_locale != NULL);

  uselocale (data_locale->before);
  freelocale (data_locale->c);
  g_free (data_locale);
}
