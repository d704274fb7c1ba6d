/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/section-verbs.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/words.h"
#include "windows/image.h"

/* A file that is made up; more would only take longer. */
#define MAX_MADE_BYTES ATLAS_MB (64)

static const AtlasWord made_words[] = {
  { "x64", ATLAS_MACHINE_AMD64 },
  { "arm64x", ATLAS_MACHINE_ARM64 },
  { NULL },
};

/* What a section can be of, in the order in which it is written. */
static const AtlasWord attribute_words[] = {
  { "commit", ATLAS_SEC_COMMIT },
  { "reserve", ATLAS_SEC_RESERVE },
  { "image", ATLAS_SEC_IMAGE },
  { "nocache", ATLAS_SEC_NOCACHE },
  { "writecombine", ATLAS_SEC_WRITECOMBINE },
  { "large_pages", ATLAS_SEC_LARGE_PAGES },
  { "64k_pages", ATLAS_SEC_64K_PAGES },
  { NULL },
};

static gboolean
parse_size_option (AtlasTokens *tokens, const char *text, guint64 *size_bytes, GError **error)
{
  return atlas_parse_size (text, size_bytes, NULL) ||
         atlas_tokens_fail (tokens, N_ ("a size such as 64K behind the equals sign"), error);
}

static gboolean
parse_file_option (AtlasTokens *tokens, AtlasCommand *command, const char *word, GError **error)
{
  const char *text;

  if (strcmp (word, "readonly") == 0)
    {
      command->is_read_only = TRUE;
      return TRUE;
    }
  if ((text = atlas_token_get_value (word, "size")) != NULL)
    {
      if (!parse_size_option (tokens, text, &command->size_bytes, error))
        return FALSE;
      command->is_made_up = TRUE;
      return command->size_bytes <= MAX_MADE_BYTES ||
             atlas_tokens_fail (tokens, N_ ("at most 64M of a file that is made up"), error);
    }
  if ((text = atlas_token_get_value (word, "made")) != NULL)
    return atlas_words_find (made_words, text, &command->made_machine) ||
           atlas_tokens_fail (tokens, N_ ("made=x64 or made=arm64x"), error);
  return atlas_tokens_fail (tokens, N_ ("size=SIZE, made=x64|arm64x or readonly"), error);
}

static gboolean
parse_section_option (AtlasTokens *tokens, AtlasCommand *command, const char *word, GError **error)
{
  guint32 bits;

  if (atlas_words_parse (attribute_words, word, &bits))
    {
      command->section_attributes |= bits;
      return TRUE;
    }
  if (g_ascii_isdigit (word[0]))
    return atlas_parse_size (word, &command->size_bytes, NULL) ||
           atlas_tokens_fail (tokens, N_ ("a size such as 4096, 0x1000, 64K, 2M or 1G"), error);
  return atlas_words_parse (atlas_protection_words, word, &command->protect) ||
         atlas_tokens_fail (tokens,
                            N_ ("a size, a protection, or commit, reserve, image, nocache, "
                                "writecombine, large_pages, 64k_pages"),
                            error);
}

static gboolean
parse_map_option (AtlasTokens *tokens, AtlasCommand *command, const char *word, GError **error)
{
  const char *text;

  if ((text = atlas_token_get_value (word, "offset")) != NULL)
    return parse_size_option (tokens, text, &command->section_offset, error);
  if ((text = atlas_token_get_value (word, "size")) != NULL)
    return parse_size_option (tokens, text, &command->size_bytes, error);
  if ((text = atlas_token_get_value (word, "commit")) != NULL)
    return parse_size_option (tokens, text, &command->maximum_bytes, error);
  if (strcmp (word, "top_down") == 0)
    {
      command->allocation_type |= ATLAS_MEM_TOP_DOWN;
      return TRUE;
    }
  if (strcmp (word, "reserve") == 0)
    {
      command->allocation_type |= ATLAS_MEM_RESERVE;
      return TRUE;
    }
  if (strcmp (word, "large_pages") == 0)
    {
      command->allocation_type |= ATLAS_MEM_LARGE_PAGES;
      return TRUE;
    }
  if (strcmp (word, "replace_placeholder") == 0)
    {
      command->allocation_type |= ATLAS_MEM_REPLACE_PLACEHOLDER;
      return TRUE;
    }
  return atlas_words_parse (atlas_protection_words, word, &command->protect) ||
         atlas_tokens_fail (
           tokens,
           N_ ("a protection, offset=SIZE, size=SIZE, commit=SIZE, reserve, top_down, "
               "large_pages or replace_placeholder"),
           error);
}

static gboolean
parse_unmap_option (AtlasTokens *tokens, AtlasCommand *command, const char *word, GError **error)
{
  command->allocation_type = ATLAS_MEM_PRESERVE_PLACEHOLDER;
  return strcmp (word, "preserve_placeholder") == 0 ||
         atlas_tokens_fail (tokens, N_ ("preserve_placeholder or nothing"), error);
}

gboolean
atlas_section_option_parse (AtlasTokens *tokens, AtlasCommand *command, GError **error)
{
  const char *word = atlas_tokens_peek (tokens, 0);

  if (command->verb == ATLAS_VERB_FILE)
    return parse_file_option (tokens, command, word, error);
  if (command->verb == ATLAS_VERB_SECTION)
    return parse_section_option (tokens, command, word, error);
  if (command->verb == ATLAS_VERB_UNMAP)
    return parse_unmap_option (tokens, command, word, error);
  return parse_map_option (tokens, command, word, error);
}

static void
append_size_option (GString *text, const char *key, guint64 size_bytes)
{
  g_autofree char *size = atlas_format_size_exact (size_bytes);

  g_string_append_printf (text, " %s%s", key, size);
}

static void
append_words (GString *text, const AtlasWord *words, guint32 bits)
{
  g_autofree char *joined = atlas_words_format (words, bits);

  if (bits != 0)
    g_string_append_printf (text, " %s", joined);
}

void
atlas_section_options_format (const AtlasCommand *command, GString *text)
{
  if (command->verb == ATLAS_VERB_FILE)
    {
      if (command->is_made_up)
        append_size_option (text, "size=", command->size_bytes);
      if (command->made_machine != 0)
        g_string_append_printf (
          text, " made=%s", atlas_words_get (made_words, command->made_machine));
      if (command->is_read_only)
        g_string_append (text, " readonly");
      return;
    }
  if (command->verb == ATLAS_VERB_SECTION)
    {
      if (command->size_bytes != 0)
        append_size_option (text, "", command->size_bytes);
      append_words (text, atlas_protection_words, command->protect);
      append_words (text, attribute_words, command->section_attributes);
      return;
    }
  if (command->verb == ATLAS_VERB_UNMAP)
    {
      if (command->allocation_type != 0)
        g_string_append (text, " preserve_placeholder");
      return;
    }
  append_words (text, atlas_protection_words, command->protect);
  if (command->section_offset != 0)
    append_size_option (text, "offset=", command->section_offset);
  if (command->size_bytes != 0)
    append_size_option (text, "size=", command->size_bytes);
  if (command->maximum_bytes != 0)
    append_size_option (text, "commit=", command->maximum_bytes);
  if ((command->allocation_type & ATLAS_MEM_RESERVE) != 0)
    g_string_append (text, " reserve");
  if ((command->allocation_type & ATLAS_MEM_TOP_DOWN) != 0)
    g_string_append (text, " top_down");
  if ((command->allocation_type & ATLAS_MEM_LARGE_PAGES) != 0)
    g_string_append (text, " large_pages");
  if ((command->allocation_type & ATLAS_MEM_REPLACE_PLACEHOLDER) != 0)
    g_string_append (text, " replace_placeholder");
}

const char *const *
atlas_section_options_get_words (AtlasVerbId verb)
{
  static const char *const file_words[] = { "size=", "made=x64", "made=arm64x", "readonly", NULL };
  static const char *const section_words[] = {
    "readonly",  "readwrite", "writecopy", "execute_read", "execute_readwrite", "execute_writecopy",
    "commit",    "reserve",   "image",     "nocache",      "writecombine",      "large_pages",
    "64k_pages", NULL
  };
  static const char *const map_words[] = { "noaccess",
                                           "readonly",
                                           "readwrite",
                                           "writecopy",
                                           "execute_read",
                                           "execute_readwrite",
                                           "execute_writecopy",
                                           "offset=",
                                           "size=",
                                           "commit=",
                                           "reserve",
                                           "top_down",
                                           "large_pages",
                                           "replace_placeholder",
                                           NULL };
  static const char *const unmap_words[] = { "preserve_placeholder", NULL };

  if (verb == ATLAS_VERB_FILE)
    return file_words;
  if (verb == ATLAS_VERB_UNMAP)
    return unmap_words;
  return verb == ATLAS_VERB_SECTION ? section_words : map_words;
}
