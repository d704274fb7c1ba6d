/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Whatever bytes come: a whole picture of all addresses, or none and a reason. */

#include "fuzz/fuzz.h"

#include <string.h>

#include "source/minidump.h"

static void
check_space (AtlasSpace *space)
{
  AtlasRegionSet *set = atlas_space_get_regions (space);
  AtlasVa next_va = 0;

  for (guint i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);
      guint8 bytes[16];
      gboolean is_known[16];
      gsize n_known = 0;

      g_assert_cmphex (region->base_va, ==, next_va);
      g_assert_cmpuint (region->size_bytes, >, 0);
      next_va += region->size_bytes;

      n_known = atlas_space_peek (space, next_va - 8u, bytes, is_known, sizeof bytes);
      for (guint k = 0; k < sizeof bytes; k++)
        n_known -= is_known[k] ? 1u : 0u;
      g_assert_cmpuint (n_known, ==, 0);
    }
  g_assert_cmphex (next_va, ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) space = atlas_minidump_open (bytes, "fuzz", &error);

  if (space != NULL)
    {
      g_assert_no_error (error);
      check_space (space);
      return 0;
    }

  g_assert_true (g_error_matches (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE) ||
                 g_error_matches (error, ATLAS_ERROR, ATLAS_ERROR_UNSUPPORTED));
  g_assert_true (g_str_has_prefix (error->message, "fuzz: "));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  return 0;
}
