/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "space/region-filter.h"

#include <string.h>

#include "base/format.h"
#include "base/translation.h"

/* Shortest run of digits without 0x that is a whole address and not just how one begins; and
 * shortest one that may begin with a letter. */
#define MIN_ADDRESS_DIGITS 5u
#define WORDS_MAX 16u

/* A word, or all of them. */
typedef struct
{
  const char *text; /* folded; borrowed */
  gboolean has_digits;
  char digits[17]; /* of an address as typed, lower case */
  gboolean has_va; /* enough of them for an address */
  AtlasVa va;
  GHashTable *protections; /* PAGE_* → whether its text matches */
  gboolean class_matches[ATLAS_N_CLASSES];
} Needle;

static gboolean
text_contains (const char *haystack, const char *folded_needle)
{
  g_autofree char *folded = g_utf8_casefold (haystack, -1);

  return strstr (folded, folded_needle) != NULL;
}

static void
needle_init_address (Needle *needle)
{
  gboolean has_prefix = g_str_has_prefix (needle->text, "0x");
  const char *digits = has_prefix ? needle->text + 2 : needle->text;
  guint n_digits = 0;

  for (const char *c = digits; *c != '\0'; c++)
    {
      if (*c == '`' || *c == '_')
        continue;
      if (!g_ascii_isxdigit (*c) || n_digits == G_N_ELEMENTS (needle->digits) - 1u)
        return;
      needle->digits[n_digits++] = *c;
    }
  needle->digits[n_digits] = '\0';

  /* "dead" is more likely part of a name than an address; "7ff" is the reverse. */
  if (n_digits == 0 || (!g_ascii_isdigit (*needle->text) && n_digits < MIN_ADDRESS_DIGITS))
    return;

  needle->has_digits = TRUE;
  needle->has_va = (has_prefix || n_digits >= MIN_ADDRESS_DIGITS) &&
                   atlas_parse_number (needle->digits, TRUE, &needle->va, NULL);
}

static void
needle_init (Needle *needle, const char *folded_text)
{
  *needle = (Needle){ .text = folded_text };
  needle_init_address (needle);
  needle->protections = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < ATLAS_N_CLASSES; i++)
    needle->class_matches[i] =
      text_contains (atlas_region_class_get_name ((AtlasRegionClass) i), folded_text) ||
      text_contains (atlas_translate (atlas_region_class_get_name ((AtlasRegionClass) i)),
                     folded_text);
}

static void
needle_clear (Needle *needle)
{
  g_clear_pointer (&needle->protections, g_hash_table_unref);
}

/* As other tools write rights: "rwx" and "w+x" are not in what is shown. */
static gboolean
is_called (guint32 protect, const char *word)
{
  static const struct
  {
    const char *word;
    guint32 protects;
  } words[] = {
    { "r--", ATLAS_PAGE_READONLY },
    { "rw-", ATLAS_PAGE_READWRITE | ATLAS_PAGE_WRITECOPY },
    { "rx", ATLAS_PAGE_EXECUTE_READ },
    { "r-x", ATLAS_PAGE_EXECUTE_READ },
    { "rwx", ATLAS_PAGE_EXECUTE_READWRITE | ATLAS_PAGE_EXECUTE_WRITECOPY },
    { "wx", ATLAS_PAGE_EXECUTE_READWRITE | ATLAS_PAGE_EXECUTE_WRITECOPY },
    { "w+x", ATLAS_PAGE_EXECUTE_READWRITE | ATLAS_PAGE_EXECUTE_WRITECOPY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].word, word))
      return (words[i].protects & protect) != 0;
  return FALSE;
}

static gboolean
needle_matches_protection (Needle *needle, guint32 protect)
{
  gpointer known;
  gboolean matches;

  if (g_hash_table_lookup_extended (needle->protections, GUINT_TO_POINTER (protect), NULL, &known))
    return GPOINTER_TO_INT (known);

  {
    g_autofree char *short_text = atlas_protect_format_short (protect);
    g_autofree char *long_text = atlas_protect_format (protect);

    matches = protect != 0 &&
              (text_contains (short_text, needle->text) ||
               text_contains (long_text, needle->text) || is_called (protect, needle->text));
  }
  g_hash_table_insert (needle->protections, GUINT_TO_POINTER (protect), GINT_TO_POINTER (matches));
  return matches;
}

static gboolean
needle_matches_address (const Needle *needle, const AtlasRegion *region)
{
  char base[17];

  if (!needle->has_digits)
    return FALSE;
  if (needle->has_va && atlas_region_contains (region, needle->va))
    return TRUE;

  /* With the zeros that WinDbg shows or without them. */
  g_snprintf (base, sizeof base, "%016" G_GINT64_MODIFIER "x", region->base_va);
  return g_str_has_prefix (base + strspn (base, "0"), needle->digits) ||
         g_str_has_prefix (base, needle->digits);
}

/* By the word that scripts see and by the one that is shown. */
static gboolean
word_contains (const char *word, const char *text)
{
  const char *shown = atlas_translate (word);

  return strstr (word, text) != NULL || (shown != word && text_contains (shown, text));
}

static gboolean
needle_matches (Needle *needle, const AtlasRegion *region)
{
  if (region->name != NULL)
    {
      g_autofree char *shown = atlas_translate_kept (region->name);

      /* By what is shown and by what scripts see. */
      if (text_contains (region->name, needle->text) || text_contains (shown, needle->text))
        return TRUE;
    }

  return needle->class_matches[region->region_class] ||
         word_contains (atlas_region_state_get_name (region->state), needle->text) ||
         word_contains (atlas_region_type_get_name (region->type), needle->text) ||
         needle_matches_protection (needle, region->protect) ||
         needle_matches_address (needle, region);
}

struct _AtlasRegionFilter
{
  char *text;   /* folded; NULL passes everything */
  char **words; /* of it, NULL-terminated */
  Needle whole;
  Needle needles[WORDS_MAX];
  guint n_needles; /* 0: the text is one word */
};

AtlasRegionFilter *
atlas_region_filter_new (const char *text)
{
  AtlasRegionFilter *filter = g_new0 (AtlasRegionFilter, 1);
  g_autofree char *stripped = g_strstrip (g_strdup (text != NULL ? text : ""));
  guint n_words = 0;

  if (*stripped == '\0')
    return filter;

  filter->text = g_utf8_casefold (stripped, -1);
  needle_init (&filter->whole, filter->text);
  filter->words = g_strsplit_set (filter->text, " \t", -1);
  for (char **word = filter->words; *word != NULL; word++)
    n_words += **word != '\0';
  if (n_words < 2u || n_words > WORDS_MAX)
    return filter;
  for (char **word = filter->words; *word != NULL; word++)
    if (**word != '\0')
      needle_init (&filter->needles[filter->n_needles++], *word);
  return filter;
}

void
atlas_region_filter_free (AtlasRegionFilter *filter)
{
  if (filter == NULL)
    return;
  needle_clear (&filter->whole);
  for (guint i = 0; i < filter->n_needles; i++)
    needle_clear (&filter->needles[i]);
  g_strfreev (filter->words);
  g_free (filter->text);
  g_free (filter);
}

gboolean
atlas_region_filter_matches (AtlasRegionFilter *filter, const AtlasRegion *region)
{
  guint i = 0;

  g_return_val_if_fail (filter != NULL && region != NULL, FALSE);

  if (filter->text == NULL || needle_matches (&filter->whole, region))
    return TRUE;
  while (i < filter->n_needles && needle_matches (&filter->needles[i], region))
    i++;
  return i > 0 && i == filter->n_needles;
}
