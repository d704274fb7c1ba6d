/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/expression.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "paging/address.h"
#include "session/expression-private.h"

#define EXPECTED_ADDRESS                                                                           \
  N_ ("an address such as 0x20000000, 00007ff9`0f718a3c, $name, ntdll+0x1000 or "                  \
      "pml4[255].pdpt[3]")

/* Digits without a prefix: from this many on they are hexadecimal. Debuggers print an address with
 * eight or sixteen digits, and people count bytes with fewer. */
#define MIN_BARE_HEX_DIGITS 8u

/* A scan over one expression. */
typedef struct
{
  const char *text;
  gsize index;       /* of the next byte */
  gboolean is_check; /* names have no value yet: look at the form alone */
  AtlasAddressResolver resolver;
  gpointer resolver_data;
  gsize error_index;
} AtlasExpression;

static gboolean
expression_fail (AtlasExpression *expression,
                 gsize begin_index,
                 gsize end_index,
                 const char *expected,
                 GError **error)
{
  g_autofree char *found = g_strndup (expression->text + begin_index, end_index - begin_index);
  g_autofree char *shown = atlas_quote_found (found);

  expression->error_index = begin_index;
  if (*shown == '\0')
    g_set_error (
      error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("found the end, expected %s"), _ (expected));
  else
    g_set_error (
      error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("found '%s', expected %s"), shown, _ (expected));
  return FALSE;
}

static void
expression_skip_blanks (AtlasExpression *expression)
{
  while (expression->text[expression->index] == ' ' || expression->text[expression->index] == '\t')
    expression->index++;
}

/* End of what a person would call the word at @index: for messages. */
static gsize
expression_find_word_end (const AtlasExpression *expression, gsize index)
{
  return index + strcspn (expression->text + index, " \t+-");
}

static gboolean
is_word_char (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '.' || c == '`';
}

/* Whether the run of word characters is a number; if so, how its digits are read. */
static gboolean
is_number (const char *run, gboolean *assume_hex)
{
  gsize n_chars = strlen (run);
  gsize n_hex = 0, n_decimal = 0, n_marks = 0;

  *assume_hex = FALSE;
  for (gsize i = 0; i < n_chars; i++)
    {
      n_hex += g_ascii_isxdigit (run[i]) ? 1 : 0;
      n_decimal += g_ascii_isdigit (run[i]) ? 1 : 0;
      n_marks += run[i] == '_' ? 1 : 0;
    }

  if (g_ascii_strncasecmp (run, "0x", 2) == 0 || strchr (run, '`') != NULL)
    return TRUE;
  if (n_hex == n_chars && n_chars >= MIN_BARE_HEX_DIGITS)
    {
      *assume_hex = TRUE;
      return TRUE;
    }
  if (!g_ascii_isdigit (run[0]))
    return FALSE;
  if (n_hex + n_marks == n_chars)
    {
      *assume_hex = n_decimal < n_hex;
      return TRUE;
    }
  return atlas_parse_size (run, &(guint64){ 0 }, NULL);
}

static gboolean
expression_parse_number (AtlasExpression *expression,
                         const char *run,
                         gboolean assume_hex,
                         guint64 *value,
                         GError **error)
{
  gboolean is_hex = assume_hex || strpbrk (run, "`_") != NULL;

  if (is_hex ? atlas_parse_number (run, assume_hex, value, NULL)
             : atlas_parse_size (run, value, NULL))
    return TRUE;
  return expression_fail (expression,
                          expression->index,
                          expression->index + strlen (run),
                          N_ ("a number such as 0x1000 or 64K, below 2^64"),
                          error);
}

/* "pml4[255].pdpt[3]": each level once, from the top down. */
static gboolean
expression_parse_entries (AtlasExpression *expression, guint64 *value, GError **error)
{
  const char *text = expression->text;
  guint top_level = 0, expected_level = 0;
  AtlasVa va = 0;

  for (;;)
    {
      gsize begin = expression->index;
      gsize n_name = strcspn (text + begin, "[] \t+-.");
      gsize n_index;
      g_autofree char *name = g_strndup (text + begin, n_name);
      g_autofree char *digits = NULL;
      guint level = 0;
      guint64 index;

      for (guint l = ATLAS_LEVELS_MAX; l >= ATLAS_LEVEL_PT; l--)
        {
          if (g_ascii_strcasecmp (name, atlas_level_get_table_name (l)) == 0)
            level = l;
        }
      if (level == 0 || (top_level == 0 ? level < ATLAS_LEVEL_PML4 : level != expected_level))
        {
          g_autofree char *expected = NULL;

          if (top_level == 0)
            expected = g_strdup (N_ ("pml4[…] or pml5[…] first"));
          else
            {
              g_autofree char *lower =
                g_ascii_strdown (atlas_level_get_table_name (expected_level), -1);

              expected = g_strdup_printf ("%s[…]", lower);
            }
          return expression_fail (
            expression, begin, expression_find_word_end (expression, begin), expected, error);
        }
      if (top_level == 0)
        top_level = level;

      if (text[begin + n_name] != '[')
        return expression_fail (expression,
                                begin,
                                expression_find_word_end (expression, begin),
                                N_ ("an index such as [255] behind the table's name"),
                                error);
      n_index = strcspn (text + begin + n_name + 1, "]");
      digits = g_strndup (text + begin + n_name + 1, n_index);
      if (text[begin + n_name + 1 + n_index] != ']' ||
          !atlas_parse_number (digits, FALSE, &index, NULL) || index >= ATLAS_TABLE_ENTRIES)
        return expression_fail (expression,
                                begin + n_name + 1,
                                begin + n_name + 1 + n_index,
                                N_ ("an index from 0 to 511 and ]"),
                                error);

      va |= index << atlas_level_shift (level);
      expression->index = begin + n_name + 1 + n_index + 1;
      if (text[expression->index] != '.')
        break;
      if (level == ATLAS_LEVEL_PT)
        return expression_fail (expression,
                                expression->index,
                                expression_find_word_end (expression, expression->index),
                                N_ ("nothing below pt[…]"),
                                error);
      expression->index++;
      expected_level = level - 1;
    }

  *value = atlas_va_sign_extend (va, atlas_levels_va_bits (top_level));
  return TRUE;
}

/* A module's name may hold a dash, which is also a minus: the longest name that is known wins. */
static gboolean
expression_resolve_name (AtlasExpression *expression, guint64 *value, GError **error)
{
  const char *begin = expression->text + expression->index;
  gboolean is_bound = begin[0] == '$';
  gsize n_chars = is_bound ? 1 : 0;

  while (is_bound ? g_ascii_isalnum (begin[n_chars]) || begin[n_chars] == '_'
                  : is_word_char (begin[n_chars]) || begin[n_chars] == '-')
    n_chars++;

  if (expression->is_check)
    {
      gboolean is_name;

      n_chars = is_bound ? n_chars : strcspn (begin, " \t+-");
      is_name = is_bound ? n_chars > 1 && !g_ascii_isdigit (begin[1])
                         : g_ascii_isalpha (begin[0]) || begin[0] == '_' ||
                             (g_ascii_isdigit (begin[0]) && memchr (begin, '.', n_chars) != NULL);
      for (gsize i = is_bound ? 1 : 0; i < n_chars; i++)
        is_name &= is_word_char (begin[i]) && begin[i] != '`';
      if (is_name)
        {
          expression->index += n_chars;
          *value = 0;
          return TRUE;
        }
    }
  else if (expression->resolver != NULL)
    {
      gsize n_tried = n_chars;

      while (n_tried > 0)
        {
          g_autofree char *name = g_strndup (begin, n_tried);
          const char *dash;

          if (expression->resolver (name, value, expression->resolver_data))
            {
              expression->index += n_tried;
              return TRUE;
            }
          dash = strrchr (name, '-');
          n_tried = dash == NULL ? 0 : (gsize) (dash - name);
        }
    }

  n_chars = expression_find_word_end (expression, expression->index);
  if (is_bound)
    return expression_fail (expression,
                            expression->index,
                            n_chars,
                            expression->is_check
                              ? N_ ("a name such as $a")
                              : N_ ("a name that an earlier command bound to an address"),
                            error);
  if (!expression->is_check && g_ascii_isalpha (begin[0]))
    return expression_fail (expression,
                            expression->index,
                            n_chars,
                            N_ ("the name of a loaded module, or an address"),
                            error);
  return expression_fail (expression, expression->index, n_chars, EXPECTED_ADDRESS, error);
}

static gboolean
expression_parse_term (AtlasExpression *expression, guint64 *value, GError **error)
{
  const char *begin = expression->text + expression->index;
  gsize n_chars = 0;
  g_autofree char *run = NULL;
  gboolean assume_hex;

  while (is_word_char (begin[n_chars]))
    n_chars++;
  if (n_chars > 0 && begin[n_chars] == '[')
    return expression_parse_entries (expression, value, error);

  run = g_strndup (begin, n_chars);
  if (n_chars > 0 && is_number (run, &assume_hex))
    {
      if (!expression_parse_number (expression, run, assume_hex, value, error))
        return FALSE;
      expression->index += n_chars;
      return TRUE;
    }
  return expression_resolve_name (expression, value, error);
}

static gboolean
expression_parse (AtlasExpression *expression, AtlasVa *va, GError **error)
{
  guint64 sum = 0;
  char sign = '+';

  for (;;)
    {
      gsize begin_index;
      guint64 term;

      expression_skip_blanks (expression);
      begin_index = expression->index;
      if (!expression_parse_term (expression, &term, error))
        return FALSE;

      if (!expression->is_check)
        {
          if (sign == '+' && !g_uint64_checked_add (&sum, sum, term))
            return expression_fail (
              expression, begin_index, expression->index, N_ ("a sum below 2^64"), error);
          if (sign == '-')
            {
              if (term > sum)
                return expression_fail (expression,
                                        begin_index,
                                        expression->index,
                                        N_ ("a difference that is not below 0"),
                                        error);
              sum -= term;
            }
        }

      expression_skip_blanks (expression);
      sign = expression->text[expression->index];
      if (sign == '\0')
        break;
      if (sign != '+' && sign != '-')
        return expression_fail (expression,
                                expression->index,
                                expression_find_word_end (expression, expression->index),
                                N_ ("+, - or the end of the address"),
                                error);
      expression->index++;
    }

  if (va != NULL)
    *va = sum;
  return TRUE;
}

gboolean
atlas_expression_evaluate (const char *text,
                           AtlasAddressResolver resolver,
                           gpointer data,
                           AtlasVa *va,
                           gsize *error_index,
                           GError **error)
{
  AtlasExpression expression = { .text = text, .resolver = resolver, .resolver_data = data };
  gboolean is_good = expression_parse (&expression, va, error);

  if (!is_good && error_index != NULL)
    *error_index = expression.error_index;
  return is_good;
}

gboolean
atlas_expression_check (const char *text, gsize *error_index, GError **error)
{
  AtlasExpression expression = { .text = text, .is_check = TRUE };
  gboolean is_good = expression_parse (&expression, NULL, error);

  if (!is_good && error_index != NULL)
    *error_index = expression.error_index;
  return is_good;
}

char *
atlas_expression_canonicalize (const char *text)
{
  AtlasVa va;
  GString *packed;

  if (strpbrk (text, "+-[") == NULL &&
      atlas_expression_evaluate (text, NULL, NULL, &va, NULL, NULL))
    return atlas_format_hex (va);

  packed = g_string_new (NULL);
  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c != ' ' && *c != '\t')
        g_string_append_c (packed, *c);
    }
  return g_string_free (packed, FALSE);
}

gboolean
atlas_address_parse (const char *text,
                     AtlasAddressResolver resolver,
                     gpointer data,
                     AtlasVa *va,
                     GError **error)
{
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (va != NULL, FALSE);

  return atlas_expression_evaluate (text, resolver, data, va, NULL, error);
}
