/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The text of Linux's /proc/PID/maps.
 *
 *   7f692ed96000-7f692ef4f000 r-xp 00000000 fc:01 4458626    /lib/x86_64-linux-gnu/libc-2.19.so
 *   first        end          │ │  offset   device inode     path, or [stack], [heap], [vdso] …
 *                             │ └ private or shared
 *                             └ read, write, execute
 *
 * A line is one region and one allocation; Linux has no reserved pages, but pages without any right
 * serve for them and are told as such. proc(5).
 */

#include "base/format.h"
#include "space/space.h"

G_BEGIN_DECLS

/* NULL and ATLAS_ERROR_BAD_FILE, naming @name and the line, for a line that is none or out of
 * order. (transfer full) */
AtlasRegionSet *atlas_linux_maps_read (GBytes *text, const char *name, GError **error);

/* Whether a file that begins with @bytes is such a text: its first line is one. */
gboolean atlas_linux_maps_is_known (GBytes *bytes);
/* The text as a space: no page tables, and no byte is known. As atlas_linux_maps_read(). */
AtlasSpace *atlas_linux_maps_open (GBytes *text, const char *name, GError **error);

G_END_DECLS
