/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Names for all 64 bits of one entry: the processor's, and where the processor looks away,
 * Windows'.
 *
 *   present        63 XD … 11 Write 10 Unused 9 CopyOnWrite … 2 U/S 1 R/W 0 P
 *   not present    the software form that the bits have; bit 0 alone is the processor's
 */

#include "paging/entry.h"

G_BEGIN_DECLS

#define ATLAS_ENTRY_NAMES_MAX 64u

typedef enum
{
  ATLAS_ENTRY_OWNER_PROCESSOR,
  ATLAS_ENTRY_OWNER_SYSTEM,   /* the operating system's */
  ATLAS_ENTRY_OWNER_NOBODY,   /* ignored, and not used */
  ATLAS_ENTRY_OWNER_RESERVED, /* must be 0 */
} AtlasEntryOwner;

typedef struct
{
  guint8 hi;
  guint8 lo;
  AtlasEntryOwner owner;
  gboolean is_frame;      /* names a table or a page */
  const char *short_name; /* "R/W" */
  const char *long_name;  /* "Read/write"; NULL when it says no more than the short one */
  const char *meaning;
} AtlasEntryName;

static inline guint64
atlas_entry_name_get_value (const AtlasEntryName *name, guint64 entry)
{
  return (entry & ATLAS_BITS (name->hi, name->lo)) >> name->lo;
}

/* Names the bits of @entry of @level, from bit 63 down, without gap or overlap; strings are
 * constant. @is_windows: tell what Windows does with the bits that are left to it. Returns how
 * many were written. */
guint atlas_entry_names_make (guint64 entry,
                              guint level,
                              const AtlasControl *control,
                              gboolean is_windows,
                              AtlasEntryName names[ATLAS_ENTRY_NAMES_MAX]);

G_END_DECLS
