/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "base/format.h"

#include <string.h>

#include <glib/gi18n-lib.h>

G_DEFINE_QUARK (atlas_error, atlas_error)

/* Each is 1,024 of the one before. Commands take the letter alone, people also read the B. */
static const char size_letters[] = "KMGTPE";
#define N_COMMAND_LETTERS 4u

static guint
letter_shift (guint index)
{
  return 10u * (index + 1u);
}

char *
atlas_format_va (AtlasVa va)
{
  return g_strdup_printf ("%08x`%08x", (guint) (va >> 32), (guint) va);
}

char *
atlas_format_hex (guint64 value)
{
  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", value);
}

char *
atlas_format_size (guint64 size_bytes)
{
  guint64 whole, tenths;
  guint index = 0;

  if (size_bytes < ATLAS_KB (1))
    return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u byte", "%u bytes", (gulong) size_bytes),
      (guint) size_bytes);

  while (index + 1 < G_N_ELEMENTS (size_letters) - 1 && size_bytes >> letter_shift (index + 1) != 0)
    index++;

  for (;;)
    {
      guint shift = letter_shift (index);
      guint64 rest = size_bytes & (ATLAS_BIT (shift) - 1u);

      /* rest < 2^60, so that ten times it, with the half that rounds, fits. */
      whole = size_bytes >> shift;
      tenths = (rest * 10u + ATLAS_BIT (shift - 1)) >> shift;
      if (tenths == 10)
        {
          tenths = 0;
          whole++;
        }
      /* 1023.99 KB rounds to what the next unit says better. */
      if (whole < 1024 || index + 1 == G_N_ELEMENTS (size_letters) - 1)
        break;
      index++;
    }

  if (tenths == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " %cB", whole, size_letters[index]);
  /* Translators: 81.7 MB; what stands between the digits is the decimal separator. */
  return g_strdup_printf (_ ("%u.%u %cB"), (guint) whole, (guint) tenths, size_letters[index]);
}

char *
atlas_format_size_exact (guint64 size_bytes)
{
  if (size_bytes < ATLAS_KB (1))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, size_bytes);

  for (guint index = N_COMMAND_LETTERS; index-- > 0;)
    {
      guint shift = letter_shift (index);

      if ((size_bytes & (ATLAS_BIT (shift) - 1u)) == 0)
        return g_strdup_printf (
          "%" G_GUINT64_FORMAT "%c", size_bytes >> shift, size_letters[index]);
    }

  return atlas_format_hex (size_bytes);
}

char *
atlas_format_count (guint64 count)
{
  char digits[32];
  gint n_digits = g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, count);
  const char *separator = C_ ("thousands separator", ",");
  GString *text = g_string_sized_new (32);

  for (gint i = 0; i < n_digits; i++)
    {
      if (i > 0 && (n_digits - i) % 3 == 0)
        g_string_append (text, separator);
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

#define MAX_FOUND_CHARS 48

char *
atlas_quote_found (const char *text)
{
  g_autofree char *valid = NULL;
  GString *shown;
  const char *c;

  g_return_val_if_fail (text != NULL, NULL);

  valid = g_utf8_make_valid (text, -1);
  shown = g_string_new (NULL);
  c = valid;

  for (guint n_chars = 0; *c != '\0' && n_chars < MAX_FOUND_CHARS; n_chars++)
    {
      gunichar character = g_utf8_get_char (c);

      if (g_unichar_isprint (character))
        g_string_append_unichar (shown, character);
      else
        g_string_append_printf (shown, "\\u%04x", character);
      c = g_utf8_next_char (c);
    }
  if (*c != '\0')
    g_string_append (shown, "…");
  return g_string_free (shown, FALSE);
}

static gboolean
is_group_mark (char c)
{
  return c == '`' || c == '_';
}

static gboolean
fail_number (const char *text, const char *expected, GError **error)
{
  g_autofree char *shown = atlas_quote_found (text);

  g_set_error (
    error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("found '%s', expected %s"), shown, expected);
  return FALSE;
}

/* Reads all @n_chars of @text. @whole: what the person typed, for the message. */
static gboolean
parse_digits (const char *text,
              gsize n_chars,
              gboolean assume_hex,
              const char *whole,
              guint64 *value,
              GError **error)
{
  gboolean is_hex = assume_hex;
  guint64 sum = 0;
  guint base;
  gsize first = 0;

  if (n_chars >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    {
      is_hex = TRUE;
      first = 2;
    }
  for (gsize i = first; i < n_chars; i++)
    is_hex |= is_group_mark (text[i]);
  base = is_hex ? 16 : 10;

  if (first == n_chars)
    return fail_number (whole, _ ("a number such as 4096 or 0x1000"), error);

  for (gsize i = first; i < n_chars; i++)
    {
      gint digit;

      /* A mark stands between two digits, never at an end or beside another. */
      if (is_group_mark (text[i]) && i > first && i + 1 < n_chars && !is_group_mark (text[i + 1]))
        continue;

      digit = g_ascii_xdigit_value (text[i]);
      if (digit < 0 || (guint) digit >= base)
        return fail_number (whole,
                            is_hex ? _ ("a hexadecimal number such as 0x1000 or 00007ff9`0f718a3c")
                                   : _ ("a number such as 4096 or 0x1000"),
                            error);
      if (!g_uint64_checked_mul (&sum, sum, base) ||
          !g_uint64_checked_add (&sum, sum, (guint64) digit))
        return fail_number (whole, _ ("a number below 2^64"), error);
    }

  *value = sum;
  return TRUE;
}

gboolean
atlas_parse_number (const char *text, gboolean assume_hex, guint64 *value, GError **error)
{
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  return parse_digits (text, strlen (text), assume_hex, text, value, error);
}

gboolean
atlas_parse_size (const char *text, guint64 *size_bytes, GError **error)
{
  gsize n_chars;
  guint shift = 0;
  guint64 count;
  gboolean is_hex;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (size_bytes != NULL, FALSE);

  n_chars = strlen (text);
  is_hex = g_ascii_strncasecmp (text, "0x", 2) == 0 || strpbrk (text, "`_") != NULL;

  /* B is a digit of a hexadecimal number, so there it is a unit only behind K, M, G or T. */
  if (n_chars > 1 && g_ascii_toupper (text[n_chars - 1]) == 'B' &&
      (!is_hex || strchr ("KMGT", g_ascii_toupper (text[n_chars - 2])) != NULL))
    n_chars--;
  for (guint i = 0; n_chars > 1 && i < N_COMMAND_LETTERS; i++)
    {
      if (g_ascii_toupper (text[n_chars - 1]) == size_letters[i])
        {
          shift = letter_shift (i);
          n_chars--;
          break;
        }
    }

  if (!parse_digits (text, n_chars, FALSE, text, &count, NULL))
    return fail_number (
      text, _ ("a size such as 4096, 0x1000, 64K, 2M or 1G, below 2^64 bytes"), error);
  if (count > G_MAXUINT64 >> shift)
    return fail_number (text, _ ("a size below 2^64 bytes"), error);

  *size_bytes = count << shift;
  return TRUE;
}
