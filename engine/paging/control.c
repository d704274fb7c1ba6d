/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/control.h"

/* PA0…PA3 = WB, WC, UC-, UC, repeated: Windows gives PWT alone the meaning "write-combining".
 * A choice: read from debugger output, not from documentation. */
#define WINDOWS_PAT G_GUINT64_CONSTANT (0x0007010600070106)

/* A choice: what current client and server processors of both makers reach or exceed. */
#define WINDOWS_MAXPHYADDR_BITS 46

AtlasControl
atlas_control_windows (AtlasPa root_pa)
{
  return (AtlasControl){
    .cr0 = ATLAS_CR0_PE | ATLAS_CR0_WP | ATLAS_CR0_PG,
    .cr3 = root_pa,
    .cr4 = ATLAS_CR4_PAE | ATLAS_CR4_PGE | ATLAS_CR4_SMEP | ATLAS_CR4_SMAP,
    .efer = ATLAS_EFER_LME | ATLAS_EFER_LMA | ATLAS_EFER_NXE,
    .pat = WINDOWS_PAT,
    .maxphyaddr_bits = WINDOWS_MAXPHYADDR_BITS,
    .has_page_1gb = TRUE,
  };
}
