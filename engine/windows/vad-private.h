/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the tree keeps sums of, and the search for room reads.
 *
 *   ██▒▒▒▒▒░░░░░░░░░░░░░███     from_vpn … until_vpn is free
 *     │    ╰─── room ───╯       only what begins at a multiple of 64 KB counts
 *   from  64 KB        until
 */

#include "windows/vad.h"

G_BEGIN_DECLS

/* Reservations begin at multiples of 64 KB; Microsoft Learn, SYSTEM_INFO,
 * dwAllocationGranularity. */
#define ATLAS_VAD_UNIT_PAGES G_GUINT64_CONSTANT (16)

/* Pages at hand in [from_vpn, until_vpn) for something that starts at a multiple of 64 KB. */
static inline guint64
atlas_vad_count_room (guint64 from_vpn, guint64 until_vpn)
{
  guint64 aligned_vpn = (from_vpn + ATLAS_VAD_UNIT_PAGES - 1u) & ~(ATLAS_VAD_UNIT_PAGES - 1u);

  return aligned_vpn < until_vpn ? until_vpn - aligned_vpn : 0;
}

G_END_DECLS
