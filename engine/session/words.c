/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/words.h"

#include <string.h>

#include "space/region.h"
#include "windows/offer.h"
#include "windows/protection.h"
#include "windows/virtual.h"

const AtlasWord atlas_allocation_words[] = {
  { "reserve", ATLAS_MEM_RESERVE },
  { "commit", ATLAS_MEM_COMMIT },
  { "top_down", ATLAS_MEM_TOP_DOWN },
  { "write_watch", ATLAS_MEM_WRITE_WATCH },
  { "64k_pages", ATLAS_MEM_64K_PAGES }, /* before its two bits */
  { "physical", ATLAS_MEM_PHYSICAL },
  { "large_pages", ATLAS_MEM_LARGE_PAGES },
  { "reset", ATLAS_MEM_RESET },
  { "reset_undo", ATLAS_MEM_RESET_UNDO },
  { NULL },
};

const AtlasWord atlas_free_words[] = {
  { "release", ATLAS_MEM_RELEASE },
  { "decommit", ATLAS_MEM_DECOMMIT },
  { "preserve_placeholder", ATLAS_MEM_PRESERVE_PLACEHOLDER },
  { "coalesce_placeholders", ATLAS_MEM_COALESCE_PLACEHOLDERS },
  { NULL },
};

const AtlasWord atlas_protection_words[] = {
  { "noaccess", ATLAS_PAGE_NOACCESS },
  { "readonly", ATLAS_PAGE_READONLY },
  { "readwrite", ATLAS_PAGE_READWRITE },
  { "writecopy", ATLAS_PAGE_WRITECOPY },
  { "execute", ATLAS_PAGE_EXECUTE },
  { "execute_read", ATLAS_PAGE_EXECUTE_READ },
  { "execute_readwrite", ATLAS_PAGE_EXECUTE_READWRITE },
  { "execute_writecopy", ATLAS_PAGE_EXECUTE_WRITECOPY },
  { "guard", ATLAS_PAGE_GUARD },
  { "nocache", ATLAS_PAGE_NOCACHE },
  { "writecombine", ATLAS_PAGE_WRITECOMBINE },
  { "targets_invalid", ATLAS_PAGE_TARGETS_INVALID },
  { NULL },
};

const AtlasWord atlas_level_words[] = {
  { "pte", ATLAS_LEVEL_PT },     { "pde", ATLAS_LEVEL_PD },     { "pdpte", ATLAS_LEVEL_PDPT },
  { "pml4e", ATLAS_LEVEL_PML4 }, { "pml5e", ATLAS_LEVEL_PML5 }, { NULL },
};

const AtlasWord atlas_offer_words[] = {
  { "very_low", ATLAS_OFFER_VERY_LOW },
  { "low", ATLAS_OFFER_LOW },
  { "below_normal", ATLAS_OFFER_BELOW_NORMAL },
  { "normal", ATLAS_OFFER_NORMAL },
  { NULL },
};

const AtlasWord atlas_memory_list_words[] = {
  { "empty", ATLAS_MEMORY_LIST_EMPTY_WORKING_SETS },
  { "flush", ATLAS_MEMORY_LIST_FLUSH_MODIFIED },
  { "purge", ATLAS_MEMORY_LIST_PURGE_STANDBY },
  { "purge_low", ATLAS_MEMORY_LIST_PURGE_LOW_PRIORITY },
  { NULL },
};

const AtlasWord atlas_control_words[] = {
  { "wp", ATLAS_SWITCH_WP },     { "nxe", ATLAS_SWITCH_NXE },
  { "smep", ATLAS_SWITCH_SMEP }, { "smap", ATLAS_SWITCH_SMAP },
  { "pge", ATLAS_SWITCH_PGE },   { "pke", ATLAS_SWITCH_PKE },
  { "ac", ATLAS_SWITCH_AC },     { NULL },
};

static const struct
{
  const char *unit;
  guint64 length_100ns;
} duration_units[] = {
  { "h", G_GUINT64_CONSTANT (36000000000) },
  { "m", G_GUINT64_CONSTANT (600000000) },
  { "s", 10000000 },
  { "ms", 10000 },
  { "us", 10 },
};

gboolean
atlas_words_parse (const AtlasWord *words, const char *text, guint32 *bits)
{
  g_auto (GStrv) parts = g_strsplit (text, "|", -1);
  guint32 sum = 0;

  if (parts[0] == NULL)
    return FALSE;

  for (char **part = parts; *part != NULL; part++)
    {
      const AtlasWord *word = words;

      while (word->word != NULL && strcmp (word->word, *part) != 0)
        word++;
      if (word->word == NULL)
        return FALSE;
      sum |= word->bits;
    }

  *bits = sum;
  return TRUE;
}

gboolean
atlas_words_find (const AtlasWord *words, const char *text, guint32 *bits)
{
  for (const AtlasWord *word = words; word->word != NULL; word++)
    {
      if (strcmp (word->word, text) == 0)
        {
          *bits = word->bits;
          return TRUE;
        }
    }
  return FALSE;
}

const char *
atlas_words_get (const AtlasWord *words, guint32 bits)
{
  for (const AtlasWord *word = words; word->word != NULL; word++)
    {
      if (word->bits == bits)
        return word->word;
    }
  return NULL;
}

char *
atlas_words_format (const AtlasWord *words, guint32 bits)
{
  GString *text = g_string_new (NULL);

  for (const AtlasWord *word = words; word->word != NULL; word++)
    {
      if (word->bits == 0 || (bits & word->bits) != word->bits)
        continue;
      g_string_append_printf (text, "%s%s", text->len > 0 ? "|" : "", word->word);
      bits &= ~word->bits;
    }
  return g_string_free (text, FALSE);
}

char *
atlas_words_list (const AtlasWord *words)
{
  GString *text = g_string_new (NULL);

  for (const AtlasWord *word = words; word->word != NULL; word++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", word->word);
  return g_string_free (text, FALSE);
}

gboolean
atlas_duration_parse (const char *text, guint64 *duration_100ns)
{
  gsize n_digits = strspn (text, "0123456789");
  g_autofree char *digits = g_strndup (text, n_digits);
  const char *unit = text + n_digits;
  guint64 count, length = 0;

  if (!atlas_parse_number (digits, FALSE, &count, NULL))
    return FALSE;

  if (strcmp (unit, "ns") == 0)
    {
      if (count % 100 != 0)
        return FALSE;
      length = count / 100;
    }
  else
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (duration_units) && strcmp (unit, duration_units[i].unit) != 0)
        i++;
      if (i == G_N_ELEMENTS (duration_units) ||
          !g_uint64_checked_mul (&length, count, duration_units[i].length_100ns))
        return FALSE;
    }

  if (length == 0 || length > ATLAS_DURATION_MAX_100NS)
    return FALSE;
  *duration_100ns = length;
  return TRUE;
}

char *
atlas_duration_format (guint64 duration_100ns)
{
  for (guint i = 0; i < G_N_ELEMENTS (duration_units); i++)
    {
      if (duration_100ns % duration_units[i].length_100ns == 0)
        return g_strdup_printf ("%" G_GUINT64_FORMAT "%s",
                                duration_100ns / duration_units[i].length_100ns,
                                duration_units[i].unit);
    }
  return g_strdup_printf ("%" G_GUINT64_FORMAT "ns", duration_100ns * 100);
}
