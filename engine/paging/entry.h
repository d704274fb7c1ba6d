/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the 64 bits of a table entry mean to the processor (M = MAXPHYADDR).
 *
 *        63 62   59 58  52 51   M M-1           30 29   21 20   13 12 11  9 8 7 6 5 4 3 2 1 0
 *   T    XD|ignored ignored| rsv | next table / 4096                |  ign |i|0|i|A|C|T|U|W|P
 *   1G   XD|  key  |ignored| rsv | page / 1 GB    | reserved 0 |PAT |  ign |G|1|D|A|C|T|U|W|P
 *   2M   XD|  key  |ignored| rsv | page / 2 MB            | rsv|PAT |  ign |G|1|D|A|C|T|U|W|P
 *   4K   XD|  key  |ignored| rsv | page / 4096                      |  ign |G|PAT|D|A|C|T|U|W|P
 *
 * T: an entry that names a table, of any level. Where P = 0 the processor ignores the other 63
 * bits and the operating system may use them. Intel SDM vol. 3A §5.5.4.
 */

#include "paging/control.h"

G_BEGIN_DECLS

#define ATLAS_ENTRY_P ATLAS_BIT (0)
#define ATLAS_ENTRY_RW ATLAS_BIT (1)
#define ATLAS_ENTRY_US ATLAS_BIT (2)
#define ATLAS_ENTRY_PWT ATLAS_BIT (3)
#define ATLAS_ENTRY_PCD ATLAS_BIT (4)
#define ATLAS_ENTRY_A ATLAS_BIT (5)
#define ATLAS_ENTRY_D ATLAS_BIT (6)          /* leaves only */
#define ATLAS_ENTRY_PS ATLAS_BIT (7)         /* PDPTE and PDE: maps a page */
#define ATLAS_ENTRY_PAT ATLAS_BIT (7)        /* PTE */
#define ATLAS_ENTRY_G ATLAS_BIT (8)          /* leaves only */
#define ATLAS_ENTRY_PAT_LARGE ATLAS_BIT (12) /* leaves of 2 MB and 1 GB */
#define ATLAS_ENTRY_FRAME ATLAS_BITS (51, 12)
#define ATLAS_ENTRY_KEY ATLAS_BITS (62, 59) /* leaves only */
#define ATLAS_ENTRY_XD ATLAS_BIT (63)

#define ATLAS_ENTRY_KEY_SHIFT 59u

/* Whether @entry of @level, if present, maps a page and names no table. Bit 7 of a PML4E or PML5E
 * is not a page size but reserved. */
static inline gboolean
atlas_entry_is_leaf (guint64 entry, guint level)
{
  return level == ATLAS_LEVEL_PT || (level <= ATLAS_LEVEL_PDPT && (entry & ATLAS_ENTRY_PS) != 0);
}

/* The table that a non-leaf @entry names. */
static inline AtlasPa
atlas_entry_get_table_pa (guint64 entry)
{
  return entry & ATLAS_ENTRY_FRAME;
}

/* First byte of the page that a leaf @entry of @level maps: never with the PAT bit of a large one.
 */
static inline AtlasPa
atlas_entry_get_page_pa (guint64 entry, guint level)
{
  return entry & ATLAS_ENTRY_FRAME & ~(atlas_level_span_bytes (level) - 1u);
}

static inline guint
atlas_entry_get_key (guint64 entry)
{
  return (guint) ((entry & ATLAS_ENTRY_KEY) >> ATLAS_ENTRY_KEY_SHIFT);
}

/* The bits that must be 0 in present entries of every level. */
static inline guint64
atlas_entry_reserved_everywhere (const AtlasControl *control)
{
  guint64 mask = ATLAS_BITS (51, 0) & ~(ATLAS_BIT (control->maxphyaddr_bits) - 1u);

  return (control->efer & ATLAS_EFER_NXE) != 0 ? mask : mask | ATLAS_ENTRY_XD;
}

/* Those that must be 0 at @level besides. */
static inline guint64
atlas_entry_reserved_at (guint level, gboolean is_leaf, const AtlasControl *control)
{
  switch (level)
    {
    case ATLAS_LEVEL_PD:
      return is_leaf ? ATLAS_BITS (20, 13) : 0;
    case ATLAS_LEVEL_PDPT:
      return (is_leaf ? ATLAS_BITS (29, 13) : 0) | (control->has_page_1gb ? 0 : ATLAS_ENTRY_PS);
    case ATLAS_LEVEL_PML4:
    case ATLAS_LEVEL_PML5:
      /* AMD64 manual vol. 2 §5.3: bit 8 must be zero in the two upper tables only. */
      return ATLAS_ENTRY_PS | (control->is_amd ? ATLAS_ENTRY_G : 0);
    default:
      return 0;
    }
}

/* The bits that must be 0 in a present entry of @level. */
static inline guint64
atlas_entry_reserved_mask (guint level, gboolean is_leaf, const AtlasControl *control)
{
  return atlas_entry_reserved_everywhere (control) |
         atlas_entry_reserved_at (level, is_leaf, control);
}

typedef enum
{
  ATLAS_ENTRY_FIELD_USED,
  ATLAS_ENTRY_FIELD_IGNORED,  /* the processor looks away; software may use it */
  ATLAS_ENTRY_FIELD_RESERVED, /* must be 0, or #PF with RSVD */
} AtlasEntryFieldUse;

typedef struct
{
  guint8 hi; /* bits hi…lo inclusive */
  guint8 lo;
  AtlasEntryFieldUse use;
  const char *short_name; /* "P", "R/W"; fits over one bit */
  const char *long_name;  /* "Present" */
  const char *meaning;    /* what it does here, one or two sentences */
} AtlasEntryField;

#define ATLAS_ENTRY_FIELDS_MAX 24

/* Names all 64 bits of a present entry of @level (1 … 5) under @control, from bit 63 down, without
 * gap or overlap. @is_leaf tells the two forms of PDPTE and PDE apart; a PTE is always a leaf, a
 * PML4E or PML5E never. Strings are constant. Returns the number of fields written. */
ATLAS_AVAILABLE guint atlas_entry_describe (guint level,
                                            gboolean is_leaf,
                                            const AtlasControl *control,
                                            AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX]);

/* The same for CR3, which has no entry's P, R/W or U/S: root table, PCID or PWT and PCD, LAM. */
ATLAS_AVAILABLE guint atlas_cr3_describe (const AtlasControl *control,
                                          AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX]);

G_END_DECLS
