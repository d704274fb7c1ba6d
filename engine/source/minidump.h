/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Windows minidumps.
 *
 *   header 32 B ─► directory: n × {type, size, rva} ─► streams
 *     "MDMP"        4 ModuleList · 3 ThreadList · 5 MemoryList · 9 Memory64List
 *                   7 SystemInfo · 16 MemoryInfoList
 *
 * Microsoft Learn, minidumpapiset.h; LLVM, BinaryFormat/Minidump.h. Minidumps hold virtual memory
 * only: the space has regions and bytes, no page tables.
 */

#include "base/format.h"
#include "space/space.h"

G_BEGIN_DECLS

/* Of the bytes of a file called @name. Immutable; keeps @bytes. ATLAS_ERROR_BAD_FILE when it
 * contradicts itself, ATLAS_ERROR_UNSUPPORTED when it is of another processor or tells nothing of
 * what lies where. (transfer full) */
ATLAS_AVAILABLE AtlasSpace *atlas_minidump_open (GBytes *bytes, const char *name, GError **error);

G_END_DECLS
