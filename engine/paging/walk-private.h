/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The parts of a walk that a cached translation goes through as well: the check of the address
 * before paging, and the judgement of the rights after it. */

#include <string.h>

#include "paging/entry.h"
#include "paging/walk.h"

G_BEGIN_DECLS

/* A walk folds the entries it reads into one word: R/W and U/S as they are, XD inverted, so that
 * one AND keeps all three. */
#define ATLAS_RIGHTS_WRITE ATLAS_ENTRY_RW
#define ATLAS_RIGHTS_USER ATLAS_ENTRY_US
#define ATLAS_RIGHTS_EXECUTE ATLAS_ENTRY_XD
_Static_assert(ATLAS_ENTRY_RW == ATLAS_BIT (1) && ATLAS_ENTRY_US == ATLAS_BIT (2) &&
                 ATLAS_ENTRY_XD == ATLAS_BIT (63) && ATLAS_ENTRY_G == ATLAS_BIT (8) &&
                 ATLAS_CR4_PGE == ATLAS_BIT (7),
               "the record has these bits in the same places");
#define ATLAS_RIGHTS_ALL (ATLAS_RIGHTS_WRITE | ATLAS_RIGHTS_USER | ATLAS_RIGHTS_EXECUTE)

static inline guint64
atlas_rights_of_entry (guint64 entry)
{
  return (entry ^ ATLAS_ENTRY_XD) & ATLAS_RIGHTS_ALL;
}

static inline gboolean
atlas_query_is_supervisor (const AtlasWalkQuery *query)
{
  return query->is_supervisor || query->is_implicit;
}

/* What an access needs of folded rights, so that one AND and one comparison decide it:
 * (rights & care) == value. Where more than R/W, U/S and XD takes part (keys, shadow stacks) a
 * value that no rights have is wanted, and judging it takes the long way. */
typedef struct
{
  guint64 care;
  guint64 value;
} AtlasNeed;

static inline AtlasNeed
atlas_walk_need (const AtlasControl *control,
                 AtlasAccess access,
                 gboolean is_supervisor,
                 gboolean is_implicit)
{
  gboolean is_fetch = access == ATLAS_ACCESS_EXECUTE;
  guint64 required = is_fetch ? ATLAS_RIGHTS_EXECUTE : 0;
  guint64 forbidden = 0;

  if (access > ATLAS_ACCESS_EXECUTE ||
      (!is_fetch && (control->cr4 & (ATLAS_CR4_PKE | ATLAS_CR4_PKS)) != 0))
    return (AtlasNeed){ 0, ATLAS_RIGHTS_WRITE };

  if (access == ATLAS_ACCESS_WRITE && (!is_supervisor || (control->cr0 & ATLAS_CR0_WP) != 0))
    required |= ATLAS_RIGHTS_WRITE;
  if (!is_supervisor)
    required |= ATLAS_RIGHTS_USER;
  else if (is_fetch ? (control->cr4 & ATLAS_CR4_SMEP) != 0
                    : (control->cr4 & ATLAS_CR4_SMAP) != 0 && (is_implicit || !control->rflags_ac))
    forbidden = ATLAS_RIGHTS_USER;
  return (AtlasNeed){ required | forbidden, required };
}

/* Whether an address is what it seems: nothing masked off it, no half of the space forbidden. */
static inline gboolean
atlas_control_has_plain_addresses (const AtlasControl *control)
{
  return (control->cr4 & (ATLAS_CR4_LASS | ATLAS_CR4_LAM_SUP)) == 0 &&
         (control->cr3 & (ATLAS_CR3_LAM_U48 | ATLAS_CR3_LAM_U57)) == 0;
}

/* Everything but @result->va, the outcome and the entries, which whoever ends the access writes. */
void atlas_walk_clear (AtlasWalkResult *result);

/* LAM, LASS and the canonical form, in this order: fills in @result->va, or the #GP or #SS that
 * stops the access before any entry is read. */
gboolean atlas_walk_admit_address (const AtlasControl *control,
                                   const AtlasWalkQuery *query,
                                   AtlasWalkResult *result);

/* Judges a finished walk. @upper_rights: folded over the entries above @leaf. Fills in the rights,
 * key and memory type, and the #PF when they forbid the access (fault_level stays 0: which entry is
 * to blame, only the caller may know). */
gboolean atlas_walk_judge (const AtlasControl *control,
                           const AtlasWalkQuery *query,
                           guint64 upper_rights,
                           guint64 leaf,
                           guint leaf_level,
                           AtlasWalkResult *result);

/* Finds the entry that a rights fault is to be blamed on, and its bits. */
void atlas_walk_blame_entry (AtlasWalkResult *result);

/* What the error code says of the access, whatever went wrong. Intel SDM vol. 3A §5.7. */
guint32 atlas_walk_error_code (const AtlasControl *control, const AtlasWalkQuery *query);

/* Reads entries from the table at @table_pa, of @level, downwards, and judges what it finds.
 * @result is cleared and its va admitted. @upper_rights: folded over the entries above, which a
 * paging-structure cache remembered; ATLAS_RIGHTS_ALL from the root. */
void atlas_walk_from (const AtlasMemory *memory,
                      const AtlasControl *control,
                      const AtlasWalkQuery *query,
                      guint level,
                      AtlasPa table_pa,
                      guint64 upper_rights,
                      AtlasWalkResult *result);

/* PAT, PCD, PWT of @leaf as a number, times 8: PWT and PCD stand at bits 3 and 4 already. */
static inline guint
atlas_walk_pat_shift (guint64 leaf, guint leaf_level)
{
  guint pat_bit = leaf_level == ATLAS_LEVEL_PT ? 7 : 12;

  return (guint) (leaf >> (pat_bit - 5) & ATLAS_BIT (5)) |
         (guint) (leaf & (ATLAS_ENTRY_PCD | ATLAS_ENTRY_PWT));
}

/* Which of the eight entries of IA32_PAT @leaf picks. */
static inline guint
atlas_walk_pat_index (guint64 leaf, guint leaf_level)
{
  return atlas_walk_pat_shift (leaf, leaf_level) / 8u;
}

/* IA32_PAT encoding of the memory type that @leaf gives its page. */
static inline guint
atlas_walk_memory_type (const AtlasControl *control, guint64 leaf, guint leaf_level)
{
  guint shift = atlas_walk_pat_shift (leaf, leaf_level);

  /* CR0.CD makes everything uncacheable. */
  return (control->cr0 & ATLAS_CR0_CD) != 0 ? 0 : (guint) (control->pat >> shift) & 7;
}
_Static_assert(ATLAS_ENTRY_PWT == ATLAS_BIT (3) && ATLAS_ENTRY_PCD == ATLAS_BIT (4),
               "the PAT index is shifted by 3 in an entry");

/* ---- Rights, key and memory type as one word ----
 *
 * A walk whose tables are in the host's cache takes as long as its instructions: the record has
 * these bits where the entries have them. */

#define ATLAS_PROPERTIES_MEMORY_TYPE_SHIFT 3u

/* @rights: folded over all entries. */
static inline guint64
atlas_walk_pack_properties (guint64 rights, guint64 leaf, gboolean is_global, guint memory_type)
{
  return rights | (leaf & ATLAS_ENTRY_KEY) | (is_global ? ATLAS_ENTRY_G : 0) |
         (guint64) memory_type << ATLAS_PROPERTIES_MEMORY_TYPE_SHIFT;
}

static inline gboolean
atlas_walk_is_global (const AtlasControl *control, guint64 leaf)
{
  return (leaf & control->cr4 << 1 & ATLAS_ENTRY_G) != 0;
}

static inline void
atlas_walk_set_properties (AtlasWalkResult *result, guint64 properties)
{
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  /* Bit-fields go from bit 0 up: the System V ABI of x86-64, and those of all other such hosts. */
  memcpy ((guint8 *) result + G_STRUCT_OFFSET (AtlasWalkResult, page_bytes) + sizeof (guint64),
          &properties,
          sizeof properties);
#else
  result->is_writable = properties >> 1 & 1;
  result->is_user = properties >> 2 & 1;
  result->memory_type = properties >> ATLAS_PROPERTIES_MEMORY_TYPE_SHIFT & 7;
  result->is_global = properties >> 8 & 1;
  result->protection_key = properties >> ATLAS_ENTRY_KEY_SHIFT & 15;
  result->is_executable = properties >> 63;
#endif
}
G_STATIC_ASSERT (G_STRUCT_OFFSET (AtlasWalkResult, first_table_pa) ==
                 G_STRUCT_OFFSET (AtlasWalkResult, page_bytes) + 2 * sizeof (guint64));

G_END_DECLS
