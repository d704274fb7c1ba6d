/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/open.h"

#include <string.h>

#include "source/memory-image.h"
#include "source/minidump.h"

#define MINIDUMP_SIGNATURE "MDMP"
#define SCENARIO_SUFFIX ".vmatlas"
/* How much of a file says whether it is text. */
#define SNIFF_BYTES 4096u

/* UTF-8 without control characters, apart from a character cut at the end of the sample. */
static gboolean
is_text (const char *data, gsize size_bytes)
{
  gsize n_sniffed = MIN (size_bytes, SNIFF_BYTES);
  const char *end;

  if (!g_utf8_validate_len (data, n_sniffed, &end) &&
      (n_sniffed == size_bytes || (gsize) (end - data) + 4u <= n_sniffed))
    return FALSE;

  for (const char *c = data; c < end; c++)
    if (g_ascii_iscntrl (*c) && !g_ascii_isspace (*c))
      return FALSE;
  return TRUE;
}

AtlasContent
atlas_content_guess (GBytes *bytes, const char *name)
{
  gsize size_bytes;
  const char *data;

  g_return_val_if_fail (bytes != NULL, ATLAS_CONTENT_UNKNOWN);

  data = g_bytes_get_data (bytes, &size_bytes);
  if (size_bytes >= strlen (MINIDUMP_SIGNATURE) &&
      memcmp (data, MINIDUMP_SIGNATURE, strlen (MINIDUMP_SIGNATURE)) == 0)
    return ATLAS_CONTENT_MINIDUMP;
  if (atlas_memory_image_is_known (bytes))
    return ATLAS_CONTENT_MEMORY_IMAGE;
  /* An empty file is an empty scenario, if its name says so. */
  if (size_bytes == 0)
    return name != NULL && g_str_has_suffix (name, SCENARIO_SUFFIX) ? ATLAS_CONTENT_SCENARIO
                                                                    : ATLAS_CONTENT_UNKNOWN;
  return is_text (data, size_bytes) ? ATLAS_CONTENT_SCENARIO : ATLAS_CONTENT_UNKNOWN;
}

AtlasSpace *
atlas_space_open_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  switch (atlas_content_guess (bytes, name))
    {
    case ATLAS_CONTENT_MINIDUMP:
      return atlas_minidump_open (bytes, name, error);
    case ATLAS_CONTENT_MEMORY_IMAGE:
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   "%s: an image of physical memory, which is no address space without a CR3; "
                   "“vmatlas-cli walk” and “vmatlas-cli tables” take one",
                   name);
      return NULL;
    case ATLAS_CONTENT_SCENARIO:
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   "%s: a scenario, which is run and not opened",
                   name);
      return NULL;
    case ATLAS_CONTENT_UNKNOWN:
      break;
    }

  g_set_error (error,
               ATLAS_ERROR,
               ATLAS_ERROR_UNSUPPORTED,
               "%s: expected a minidump (MDMP) or a scenario (text), found neither",
               name);
  return NULL;
}
