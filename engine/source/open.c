/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/open.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "source/linux-maps.h"
#include "source/memory-image.h"
#include "source/minidump.h"
#include "source/root-scan.h"
#include "source/table-space.h"

#define MINIDUMP_SIGNATURE "MDMP"
#define PROGRAM_SIGNATURE "MZ"
#define SCENARIO_SUFFIX ".vmatlas"
/* How much of a file says whether it is text. */
#define SNIFF_BYTES 4096u

_Static_assert(SNIFF_BYTES < ATLAS_CONTENT_GUESS_BYTES, "a cut character is one inside the file");

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
  if (is_text (data, size_bytes))
    return atlas_linux_maps_is_known (bytes) ? ATLAS_CONTENT_LINUX_MAPS : ATLAS_CONTENT_SCENARIO;
  return size_bytes >= strlen (PROGRAM_SIGNATURE) &&
             memcmp (data, PROGRAM_SIGNATURE, strlen (PROGRAM_SIGNATURE)) == 0
           ? ATLAS_CONTENT_PROGRAM
           : ATLAS_CONTENT_UNKNOWN;
}

static AtlasSpace *
open_image_with_its_own_root (GBytes *bytes, const char *name, GError **error)
{
  AtlasControl control = atlas_control_windows (0);
  g_autoptr (AtlasMemory) memory = atlas_memory_image_open (bytes, name, &control, error);

  if (memory == NULL)
    return NULL;
  if (control.cr3 == 0)
    {
      atlas_root_scan_set_error (memory, &control, name, error);
      return NULL;
    }
  return atlas_table_space_new (memory, &control, name, error);
}

AtlasSpace *
atlas_space_open_image (GBytes *bytes,
                        const char *name,
                        const AtlasControl *control,
                        GError **error)
{
  g_autoptr (AtlasMemory) memory = NULL;
  AtlasControl told;

  g_return_val_if_fail (bytes != NULL && name != NULL && control != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  told = *control;
  memory = atlas_memory_image_is_known (bytes) ? atlas_memory_image_open (bytes, name, &told, error)
                                               : atlas_memory_image_open_raw (bytes);
  return memory != NULL ? atlas_table_space_new (memory, control, name, error) : NULL;
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
      return open_image_with_its_own_root (bytes, name, error);
    case ATLAS_CONTENT_LINUX_MAPS:
      return atlas_linux_maps_open (bytes, name, error);
    case ATLAS_CONTENT_SCENARIO:
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   _ ("%s: a scenario, which is run and not opened"),
                   name);
      return NULL;
    case ATLAS_CONTENT_PROGRAM:
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   _ ("%s: a program file, which a process loads"),
                   name);
      return NULL;
    case ATLAS_CONTENT_UNKNOWN:
      break;
    }

  g_set_error (
    error,
    ATLAS_ERROR,
    ATLAS_ERROR_UNSUPPORTED,
    _ ("%s: expected a minidump (MDMP), an image of memory (LiME, ELF core) or a scenario "
       "(text), found none of them"),
    name);
  return NULL;
}
