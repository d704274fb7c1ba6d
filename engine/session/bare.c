/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/bare.h"

#include <glib/gi18n-lib.h>

#include "source/table-space.h"

/* As after reset. Intel SDM vol. 3A §12.12.4. */
#define RESET_PAT G_GUINT64_CONSTANT (0x0007040600070406)

AtlasBare *
atlas_bare_new (guint64 memory_bytes, guint n_levels, GError **error)
{
  AtlasMemory *memory = atlas_memory_new_ram (memory_bytes, error);
  AtlasControl control = atlas_control_windows (0);
  AtlasMtrrs mtrrs;
  AtlasBare *bare;

  if (memory == NULL)
    return NULL;

  control.pat = RESET_PAT;
  control.cr4 &= ~(ATLAS_CR4_SMEP | ATLAS_CR4_SMAP);
  if (n_levels == ATLAS_LEVEL_PML5)
    control.cr4 |= ATLAS_CR4_LA57;
  atlas_mtrrs_init (&mtrrs, memory_bytes, control.maxphyaddr_bits);

  bare = g_new0 (AtlasBare, 1);
  bare->memory = memory;
  bare->mmu = atlas_mmu_new (memory);
  atlas_mmu_set_control (bare->mmu, &control);
  atlas_mmu_set_mtrrs (bare->mmu, &mtrrs);
  atlas_mmu_set_tlb_profile (bare->mmu, atlas_tlb_find_profile ("skylake"));
  return bare;
}

void
atlas_bare_free (AtlasBare *bare)
{
  if (bare == NULL)
    return;
  g_clear_pointer (&bare->space, atlas_space_unref);
  atlas_mmu_free (bare->mmu);
  atlas_memory_unref (bare->memory);
  g_free (bare);
}

void
atlas_bare_changed (AtlasBare *bare)
{
  g_clear_pointer (&bare->space, atlas_space_unref);
}

AtlasSpace *
atlas_bare_get_space (AtlasBare *bare)
{
  if (bare->space == NULL)
    {
      g_autoptr (GError) error = NULL;

      bare->space = atlas_table_space_new (
        bare->memory, atlas_mmu_get_control (bare->mmu), _ ("bare machine"), &error);
      /* CR3 is only ever loaded with a page that is there. */
      g_assert_no_error (error);
      atlas_table_space_set_mtrrs (bare->space, atlas_mmu_get_mtrrs (bare->mmu));
    }
  return bare->space;
}
