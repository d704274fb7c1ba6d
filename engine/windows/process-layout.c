/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/machine-private.h"

gboolean
atlas_process_lay_out (AtlasProcess *process, AtlasRandom *random)
{
  return TRUE;
}
