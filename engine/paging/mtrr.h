/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasMtrrs: the memory type range registers, which say of physical addresses how they are cached.
 *
 *   0         80000     a0000      c0000           100000                              2^M
 *   ├─ 8×64K ──┼─ 8×16K ─┼─ 8×16K ──┼─ 8×8×4K ───────┼───────────────────────────────────┤
 *   │             fixed ranges, first where they are on │   variable: (pa & mask) = (base & mask)
 *   └───────────────────────────────────────────────────┘   and the default type elsewhere
 *
 * Firmware sets them once; an entry's PAT type is then combined with what they say
 * (paging/memory-type.h). Intel SDM vol. 3A §12.11; AMD64 manual vol. 2 §7.7.
 */

#include "paging/control.h"

G_BEGIN_DECLS

/* As the MTRRs and IA32_PAT encode them; 2 and 3 are reserved, and 7 is no type of an MTRR. */
enum
{
  ATLAS_MEMORY_TYPE_UC = 0,
  ATLAS_MEMORY_TYPE_WC = 1,
  ATLAS_MEMORY_TYPE_WT = 4,
  ATLAS_MEMORY_TYPE_WP = 5,
  ATLAS_MEMORY_TYPE_WB = 6,
  ATLAS_MEMORY_TYPE_UC_MINUS = 7,
};

/* "UC", "WC", "WT", "WP", "WB", "UC-"; "?" for those that are reserved. */
ATLAS_AVAILABLE const char *atlas_memory_type_get_name (guint memory_type);

#define ATLAS_N_FIXED_MTRRS 11u
/* A choice: what processors of Intel have since Nehalem; the architecture allows up to 255. */
#define ATLAS_N_VARIABLE_MTRRS 10u

#define ATLAS_MSR_MTRR_CAP 0xfeu
#define ATLAS_MSR_MTRR_BASE 0x200u /* of pair 0; its mask follows, then pair 1 … */
#define ATLAS_MSR_MTRR_DEF_TYPE 0x2ffu

#define ATLAS_MTRR_TYPE_MASK ATLAS_BITS (7, 0) /* of a base and of the default type */
#define ATLAS_MTRR_FIXED_ENABLE ATLAS_BIT (10) /* FE of the default type … */
#define ATLAS_MTRR_ENABLE ATLAS_BIT (11)       /* … E of it, and V of a mask */

typedef struct
{
  guint64 base;
  guint64 mask;
} AtlasMtrrPair;

/* The registers as software writes them. All 0 is the state after reset: off, everything UC. */
typedef struct
{
  guint64 default_type; /* IA32_MTRR_DEF_TYPE */
  guint64 fixed[ATLAS_N_FIXED_MTRRS];
  AtlasMtrrPair variable[ATLAS_N_VARIABLE_MTRRS];
} AtlasMtrrs;

/* As the firmware of a PC leaves them: write-back by default; the window of the graphics adapter at
 * a0000 UC and the option ROMs and firmware from c0000 WP, by fixed ranges; UC from the end of
 * memory to 4 GB, where devices are, when memory ends below. A choice: so SeaBIOS does
 * (src/fw/mtrr.c), whose one UC range is adapted to memory that, unlike a PC's, has no hole below 4
 * GB. The UC range begins at a multiple of 4 MB, for there are ten pairs. */
ATLAS_AVAILABLE void
atlas_mtrrs_init (AtlasMtrrs *mtrrs, guint64 memory_bytes, guint maxphyaddr_bits);

/* RDMSR. FALSE when @msr is none of these registers. IA32_MTRRCAP tells of ten pairs, fixed ranges
 * and WC. */
ATLAS_AVAILABLE gboolean atlas_mtrrs_read (const AtlasMtrrs *mtrrs, guint32 msr, guint64 *value);
/* WRMSR: changes the register, or leaves it alone and returns the rule that is broken, #GP(0) on
 * hardware: a type other than 0, 1, 4, 5 and 6, a reserved bit, an address beyond @maxphyaddr_bits,
 * IA32_MTRRCAP, or no such register. A mask with gaps is legal. */
ATLAS_AVAILABLE AtlasControlRule atlas_mtrrs_write (AtlasMtrrs *mtrrs,
                                                    guint32 msr,
                                                    guint64 value,
                                                    guint maxphyaddr_bits);
/* "UC, 0xc0000000…0xffffffff, 1 GB": what the register says, for a person; NULL for another. A base
 * and its mask say the same. (transfer full) (nullable) */
ATLAS_AVAILABLE char *
atlas_mtrrs_describe (const AtlasMtrrs *mtrrs, guint32 msr, guint maxphyaddr_bits);

/* What decided the type of an address. */
typedef enum
{
  ATLAS_MTRR_BY_NOTHING, /* E = 0: all memory is UC */
  ATLAS_MTRR_BY_FIXED,
  ATLAS_MTRR_BY_VARIABLE,        /* one pair, or several of one type */
  ATLAS_MTRR_BY_OVERLAP_UC,      /* several pairs, one of them UC */
  ATLAS_MTRR_BY_OVERLAP_WT,      /* several pairs, WT and WB alone */
  ATLAS_MTRR_BY_OVERLAP_UNKNOWN, /* several pairs of other types: undefined by the manual */
  ATLAS_MTRR_BY_DEFAULT,
  ATLAS_N_MTRR_REASONS,
} AtlasMtrrReason;

typedef struct
{
  guint type; /* as IA32_PAT encodes it, never UC- */
  AtlasMtrrReason reason;
} AtlasMtrrAnswer;

/* The type of @pa. Where the manual leaves it undefined the answer is UC, by choice: the type that
 * is wrong for nobody. Intel SDM vol. 3A §12.11.4.1, "MTRR Precedences". */
ATLAS_AVAILABLE AtlasMtrrAnswer atlas_mtrrs_find (const AtlasMtrrs *mtrrs, AtlasPa pa);
/* Whether all of the page at @base_pa, of @size_bytes, a power of two from 4 KB of which @base_pa
 * is a multiple, has one type. Cost: a few looks; with masks that have gaps up to one a 4 KB. */
ATLAS_AVAILABLE gboolean atlas_mtrrs_is_uniform (const AtlasMtrrs *mtrrs,
                                                 AtlasPa base_pa,
                                                 guint64 size_bytes);
/* "fixed", "overlap-uc": stable, for scripts. */
ATLAS_AVAILABLE const char *atlas_mtrr_reason_get_name (AtlasMtrrReason reason);
/* "a fixed range MTRR", "the default of the MTRRs": as the source says it, to be translated. */
ATLAS_AVAILABLE const char *atlas_mtrr_reason_get_text (AtlasMtrrReason reason);

G_END_DECLS
