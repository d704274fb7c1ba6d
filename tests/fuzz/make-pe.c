/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Writes the small program files that fuzzing starts from. */

#include "engine/pe-maker.h"

int
main (int argc, char *argv[])
{
  g_assert_cmpint (argc, ==, 3);
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GBytes) bytes = pe_make_sample (i == 2);

      if (!g_file_set_contents (
            argv[i], g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL))
        return 1;
    }
  return 0;
}
