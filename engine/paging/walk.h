/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* One translation: a query in, a result out. A fault is a result, not an error.
 *
 *   CR3 ─► PML4[i4] ─► PDPT[i3] ─► PD[i2] ─► PT[i1] ─► page + offset
 *            step 0      step 1      step 2     step 3
 *                          └ PS: 1 GB    └ PS: 2 MB
 *
 * The result keeps every entry that was read; its table, index, address and verdict follow from it
 * (atlas_walk_result_get_step), so a view can go back and forth over a finished walk. The walk
 * itself never writes; Accessed and Dirty are the MMU's (paging/mmu.h).
 */

#include "paging/entry.h"
#include "paging/memory.h"
#include "paging/mtrr.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_ACCESS_READ,
  ATLAS_ACCESS_WRITE,
  ATLAS_ACCESS_EXECUTE,
  ATLAS_ACCESS_SHADOW_STACK_READ,
  ATLAS_ACCESS_SHADOW_STACK_WRITE,
} AtlasAccess;

typedef struct
{
  AtlasVa va;
  AtlasAccess access;
  gboolean is_supervisor; /* CPL < 3, or implicit */
  gboolean is_implicit;   /* descriptor-table and TSS accesses: supervisor at any CPL */
  gboolean is_stack;      /* the segment is SS: a non-canonical address gives #SS instead of #GP */
} AtlasWalkQuery;

typedef enum
{
  ATLAS_OUTCOME_TRANSLATED,
  ATLAS_OUTCOME_PAGE_FAULT,         /* #PF, vector 14 */
  ATLAS_OUTCOME_GENERAL_PROTECTION, /* #GP(0), vector 13 */
  ATLAS_OUTCOME_STACK_FAULT,        /* #SS(0), vector 12 */
  /* A table lies outside the memory at hand (a partial dump). Step n_steps tells which entry could
   * not be read: its level, index, table_pa and entry_pa. */
  ATLAS_OUTCOME_MISSING_MEMORY,
} AtlasOutcome;

/* Bits of the page-fault error code. Intel SDM vol. 3A §5.7. */
#define ATLAS_PF_PRESENT ATLAS_BIT (0)
#define ATLAS_PF_WRITE ATLAS_BIT (1)
#define ATLAS_PF_USER ATLAS_BIT (2)
#define ATLAS_PF_RESERVED ATLAS_BIT (3)
#define ATLAS_PF_FETCH ATLAS_BIT (4)
#define ATLAS_PF_KEY ATLAS_BIT (5)
#define ATLAS_PF_SHADOW_STACK ATLAS_BIT (6)

/* Why a walk ended as it did. Several rights can fail at once; this is the first in the order
 * below, and the error code tells all that the processor tells. */
typedef enum
{
  ATLAS_CAUSE_NONE,
  ATLAS_CAUSE_NON_CANONICAL,
  ATLAS_CAUSE_NOT_PRESENT,
  ATLAS_CAUSE_RESERVED_BIT,
  ATLAS_CAUSE_SUPERVISOR_PAGE, /* user access, U/S = 0 on the way */
  ATLAS_CAUSE_NOT_WRITABLE,    /* R/W = 0 on the way */
  ATLAS_CAUSE_NO_EXECUTE,      /* XD = 1 on the way */
  ATLAS_CAUSE_SMEP,
  ATLAS_CAUSE_SMAP,
  ATLAS_CAUSE_PROTECTION_KEY,
  ATLAS_CAUSE_SHADOW_STACK,
  ATLAS_CAUSE_LASS,
  ATLAS_CAUSE_MISSING_MEMORY,
  ATLAS_N_CAUSES,
} AtlasCause;

/* One entry on the way. */
typedef struct
{
  AtlasPa table_pa;
  AtlasPa entry_pa;
  guint64 entry;
  guint16 index;    /* 0 … 511 */
  guint8 level;     /* 5 … 1 */
  guint8 is_leaf;   /* maps a page, names no further table */
  AtlasCause cause; /* NONE, or why the walk fails at this entry */
} AtlasWalkStep;

typedef struct
{
  AtlasVa va; /* after masking by LAM: what CR2 and the TLB get */
  AtlasOutcome outcome;
  AtlasCause cause;
  guint8 fault_level;  /* level of the entry at fault (of several, the first on the way; where all
                          together do it, as with SMEP, the leaf); 0 where no entry is */
  guint8 n_steps;      /* entries read; of entries[], what follows them is not written */
  guint16 first_level; /* of the table of entries[0]: the root, or one that a cache named */
  guint32 error_code;  /* PAGE_FAULT only */
  guint64 fault_bits; /* in the entry at fault: the bits that are wrong (reserved, or clear P…) */
  AtlasPa pa;         /* TRANSLATED only */
  guint64 page_bytes; /* 4 KB, 2 MB or 1 GB; 0 when no leaf was reached */
  /* Each where an entry has it, so that a walk takes them over together. */
  guint64 : 1;
  guint64 is_writable : 1; /* AND of R/W over the entries read */
  guint64 is_user : 1;     /* AND of U/S */
  guint64 memory_type : 3; /* IA32_PAT encoding: 0 UC, 1 WC, 4 WT, 5 WP, 6 WB, 7 UC- */
  guint64 : 2;
  guint64 is_global : 1;
  guint64 : 50;
  guint64 protection_key : 4;
  guint64 is_executable : 1; /* no XD on the way, or NXE off */
  AtlasPa first_table_pa;
  guint64 entries[ATLAS_LEVELS_MAX];
} AtlasWalkResult;

/* Translates @query->va with the tables in @memory under @control. Never writes.
 * Cost: one load of an entry a level. Intel SDM vol. 3A §5.5–5.7. */
ATLAS_AVAILABLE void atlas_walk (const AtlasMemory *memory,
                                 const AtlasControl *control,
                                 const AtlasWalkQuery *query,
                                 AtlasWalkResult *result);

/* @index < n_steps; n_steps itself for the entry that was not there (MISSING_MEMORY). */
static inline AtlasWalkStep
atlas_walk_result_get_step (const AtlasWalkResult *result, guint index)
{
  guint level = result->first_level - index;
  guint64 entry = result->entries[index];
  AtlasPa table_pa =
    index == 0 ? result->first_table_pa : atlas_entry_get_table_pa (result->entries[index - 1]);
  guint entry_index = atlas_va_index (result->va, level);

  return (AtlasWalkStep){
    .table_pa = table_pa,
    .entry_pa = table_pa + entry_index * ATLAS_ENTRY_BYTES,
    .entry = entry,
    .index = (guint16) entry_index,
    .level = (guint8) level,
    .is_leaf = (guint8) atlas_entry_is_leaf (entry, level),
    .cause = level == result->fault_level ? result->cause : ATLAS_CAUSE_NONE,
  };
}

static inline gboolean
atlas_access_is_shadow_stack (AtlasAccess access)
{
  return access == ATLAS_ACCESS_SHADOW_STACK_READ || access == ATLAS_ACCESS_SHADOW_STACK_WRITE;
}

static inline gboolean
atlas_access_is_write (AtlasAccess access)
{
  return access == ATLAS_ACCESS_WRITE || access == ATLAS_ACCESS_SHADOW_STACK_WRITE;
}

/* "translated", "page-fault", "general-protection", "stack-fault", "missing-memory". */
ATLAS_AVAILABLE const char *atlas_outcome_get_name (AtlasOutcome outcome);
ATLAS_AVAILABLE const char *atlas_access_get_name (AtlasAccess access);
/* "none", "not-present", "smap"…. */
ATLAS_AVAILABLE const char *atlas_cause_get_name (AtlasCause cause);
/* A few words for a person: "the entry is not present". */
ATLAS_AVAILABLE const char *atlas_cause_get_text (AtlasCause cause);
/* Which level, which bit, which rule, and what would make the access succeed; several sentences.
 * For a walk that succeeded, what it found. @mtrrs: NULL where they are not known. (transfer full)
 */
ATLAS_AVAILABLE char *atlas_walk_result_explain (const AtlasWalkResult *result,
                                                 const AtlasControl *control,
                                                 const AtlasMtrrs *mtrrs,
                                                 const AtlasWalkQuery *query);

G_END_DECLS
