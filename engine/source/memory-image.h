/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Images of physical memory.
 *
 *   LiME v1    {"EMiL", 1, first, last, 0} bytes  {…} bytes …      ranges ascending, last inclusive
 *   ELF64      core file: PT_LOAD segments at their physical addresses (QEMU dump-guest-memory);
 *              a note "QEMU" tells the registers
 *   raw        the bytes from physical address 0, nothing else (QEMU pmemsave 0 …)
 *
 * Memory alone is no address space: that takes a CR3.
 */

#include "base/format.h"
#include "paging/control.h"
#include "paging/memory.h"

G_BEGIN_DECLS

/* Whether @bytes begin like a LiME or an ELF64 image. A raw image looks like anything. */
ATLAS_AVAILABLE gboolean atlas_memory_image_is_known (GBytes *bytes);

/* Reads a LiME or ELF64 image; the pages stay in @bytes (ref taken). @control: CR3 and CR4 are set
 * where the file tells them. NULL and ATLAS_ERROR_BAD_FILE, naming the place and what was expected,
 * when the file is cut short or contradicts itself. */
ATLAS_AVAILABLE AtlasMemory *atlas_memory_image_open (GBytes *bytes,
                                                      const char *name,
                                                      AtlasControl *control,
                                                      GError **error);

/* All of @bytes from physical address 0. */
ATLAS_AVAILABLE AtlasMemory *atlas_memory_image_open_raw (GBytes *bytes);

G_END_DECLS
