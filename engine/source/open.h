/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Opens anything that can be opened: looks at the first bytes, not at the name.
 *
 *   "MDMP"   minidump              → an immutable AtlasSpace
 *   "EMiL", ELF  physical memory   → with a CR3, an immutable AtlasSpace
 *   "MZ"     program file                  → not a space: a process loads it
 *   text     /proc/PID/maps        → an immutable AtlasSpace
 *            scenario              → not a space: ATLAS_CONTENT_SCENARIO, for session/
 */

#include <gio/gio.h>

#include "base/format.h"
#include "space/space.h"

G_BEGIN_DECLS

/* So many tell what a file is. */
#define ATLAS_CONTENT_GUESS_BYTES 8192u

typedef enum
{
  ATLAS_CONTENT_UNKNOWN,
  ATLAS_CONTENT_SCENARIO,
  ATLAS_CONTENT_MINIDUMP,
  ATLAS_CONTENT_PROGRAM,
  ATLAS_CONTENT_MEMORY_IMAGE, /* LiME or ELF core: a space when CR3 is known */
  ATLAS_CONTENT_LINUX_MAPS,   /* text of /proc/PID/maps */
} AtlasContent;

/* @bytes: a file, or its first ATLAS_CONTENT_GUESS_BYTES. @name only helps to tell text scenarios
 * apart. */
ATLAS_AVAILABLE AtlasContent atlas_content_guess (GBytes *bytes, const char *name);

/* @name: for messages and for the space's name. NULL and @error, naming the thing, the place and
 * what was expected; nothing half-read is ever returned. An image of physical memory that does not
 * tell CR3 gives ATLAS_ERROR_NO_ROOT, which lists what it might be. Safe in any thread. */
ATLAS_AVAILABLE AtlasSpace *
atlas_space_open_bytes (GBytes *bytes, const char *name, GError **error);

/* Opens an image of physical memory, a raw one if it is of no known kind, and looks at it with
 * @control: CR3, levels, MAXPHYADDR and all else are the caller's, whatever the file tells. */
ATLAS_AVAILABLE AtlasSpace *atlas_space_open_image (GBytes *bytes,
                                                    const char *name,
                                                    const AtlasControl *control,
                                                    GError **error);

G_END_DECLS
