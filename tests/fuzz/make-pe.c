/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Writes the small images that fuzzing starts from. */

#include "engine/pe-maker.h"

typedef struct
{
  gboolean is_arm64x;
  guint16 characteristics;     /* 0: as they are, those of a DLL */
  guint16 dll_characteristics; /* with them */
} Sample;

int
main (int argc, char *argv[])
{
  static const Sample samples[] = {
    { FALSE },
    { TRUE },
    { FALSE, 0x22, 0x160 }, /* a program that can be moved */
    { FALSE, 0x23, 0x100 }, /* one that cannot */
  };

  g_assert_cmpint (argc, ==, 1 + G_N_ELEMENTS (samples));
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (GBytes) bytes = pe_make_sample (samples[i].is_arm64x);
      gsize n_bytes = g_bytes_get_size (bytes);
      g_autofree guint8 *image = g_memdup2 (g_bytes_get_data (bytes, NULL), n_bytes);

      if (samples[i].characteristics != 0)
        {
          pe_store (image + PE_MAKER_COFF + 18, samples[i].characteristics, 2);
          pe_store (image + PE_MAKER_OPTIONAL + 70, samples[i].dll_characteristics, 2);
        }
      if (!g_file_set_contents (argv[1 + i], (const char *) image, (gssize) n_bytes, NULL))
        return 1;
    }
  return 0;
}
