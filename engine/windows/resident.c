/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/resident.h"

#include "windows/machine-private.h"

guint64
atlas_system_get_resident_available (const AtlasSystem *system)
{
  g_return_val_if_fail (system != NULL, 0);

  return system->resident_available_pages;
}

gboolean
atlas_system_charge_resident (AtlasSystem *system, guint64 n_pages)
{
  if (n_pages > system->resident_available_pages)
    return FALSE;
  system->resident_available_pages -= n_pages;
  return TRUE;
}

void
atlas_system_return_resident (AtlasSystem *system, guint64 n_pages)
{
  system->resident_available_pages += n_pages;
}
