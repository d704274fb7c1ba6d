/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The file in which named places are kept: a key file as desktop entries are, a group each,
 * whatever the groups are called. Addresses are written as in commands; the comment may be missing.
 *
 *     [1]
 *     first=0x7ffe0000
 *     last=0x7ffe0fff
 *     comment=where the clocks are
 */

#include "map/flags.h"

G_BEGIN_DECLS

/* Of AtlasFlag, ascending; the array owns their names. A group that makes no sense is left out, or
 * with @is_strict an error. NULL and @error for what is no such file. (transfer full) */
ATLAS_AVAILABLE GArray *
atlas_flags_parse (const char *text, gsize size_bytes, gboolean is_strict, GError **error);
/* (transfer full) */
ATLAS_AVAILABLE char *atlas_flags_format (const AtlasFlag *flags, guint n_flags);

G_END_DECLS
