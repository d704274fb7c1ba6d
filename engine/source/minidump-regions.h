/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What stands in the user half that a Windows minidump tells of: its rows, named and classed by
 * whatever the dump knows of their allocations.
 *
 *   MemoryInfoList   ModuleList · ThreadList · PEB · fixed places · known sizes
 *         │                │  the first to say something of an allocation is believed
 *       rows ───────► labels ─► regions, with the free space between them cut as Windows cuts it
 */

#include "source/minidump-file.h"
#include "space/region-set.h"

G_BEGIN_DECLS

/* O(rows × log rows). (transfer full) */
AtlasRegionSet *atlas_minidump_regions_build (const AtlasMinidumpFile *file);

G_END_DECLS
