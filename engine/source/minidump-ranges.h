/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The runs of memory that a minidump holds, and where in the file their bytes stand.
 *
 *   addresses   ──├──a──┤───├────b────┤──
 *   file        │ header … │ b b b b │ a a │
 */

#include "base/types.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasVa base_va;
  guint64 size_bytes; /* not 0; the run ends at the last address or below it */
  guint64 file_offset;
} AtlasMinidumpRange;

/* Sorts @ranges. Writers store a thread's stack twice, and ranges that overlap; the lower one keeps
 * the bytes. */
void atlas_minidump_ranges_make_disjoint (GArray *ranges);

/* As AtlasSpaceOps.peek, of ascending disjoint @ranges of the file's @data. */
gsize atlas_minidump_ranges_peek (const GArray *ranges,
                                  const guint8 *data,
                                  AtlasVa va,
                                  guint8 *bytes,
                                  gboolean *is_known,
                                  gsize size_bytes);

G_END_DECLS
