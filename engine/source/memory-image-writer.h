/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The machine's physical memory as a file, in the formats that memory-image.h reads.
 *
 *   LiME v1    {"EMiL", 1, first, last, 0} bytes  {…} bytes …
 *   ELF64      core file: a note "QEMU" with CR0, CR3 and CR4, then one PT_LOAD segment a run
 *
 * An active memory dump: frames on the zeroed and the free lists are left out, and are holes.
 */

#include <gio/gio.h>

#include "windows/process.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_IMAGE_LIME,
  ATLAS_IMAGE_ELF,
} AtlasImageFormat;

/* The memory of the system of @process, whose page tables are those that the registers tell. FALSE
 * and @error when @stream cannot be written, which may then hold a part. Looks at every frame. */
ATLAS_AVAILABLE gboolean atlas_memory_image_write (AtlasProcess *process,
                                                   AtlasImageFormat format,
                                                   GOutputStream *stream,
                                                   GError **error);

G_END_DECLS
