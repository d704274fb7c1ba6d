/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What Windows writes into a page-table entry. The processor looks at bit 0 alone when it is clear;
 * the other 63 bits are then the memory manager's (Windows 11, x64):
 *
 *                 63                32 31     16 15    12 11 10 9        5 4 3 2 1 0
 *                +--------------------+---------+--------+--+--+----------+-+-+-+-+-+
 *   hardware     |NX ...        page frame, 51…12        |W | .|COW  G .  D A . . . |1|
 *   demand zero  |         0          |    0    |   0    |0 |0 |protection|0|0|0|0|0|
 *   page file    | page in the file   | …       |file no.|0 |0 |protection|S|.|A|R|0|
 *   transition   | …     page frame, bits 51…12          |1 |0 |protection|S|.|.|W|0|
 *   prototype    | address of the prototype entry | …    |C |1 |protection|S|.|.|.|0|
 *                +--------------------+---------+--------+--+--+----------+-+-+-+-+-+
 *
 *   0      never touched: the VAD decides          0x80   demand zero, READWRITE
 *   0x200  decommitted in a committed VAD          0x300  committed, NOACCESS
 *
 * Fields: type dumps of the Windows 11 kernel's PDB; decode order: MemProcFS, volatility3.
 */

#include "windows/protection.h"

G_BEGIN_DECLS

#define ATLAS_PTE_VALID ATLAS_BIT (0)
#define ATLAS_PTE_DIRTY1 ATLAS_BIT (1) /* the processor's R/W */
#define ATLAS_PTE_OWNER ATLAS_BIT (2)
#define ATLAS_PTE_WRITE_THROUGH ATLAS_BIT (3)
#define ATLAS_PTE_CACHE_DISABLE ATLAS_BIT (4)
#define ATLAS_PTE_ACCESSED ATLAS_BIT (5)
#define ATLAS_PTE_DIRTY ATLAS_BIT (6)
#define ATLAS_PTE_LARGE_PAGE ATLAS_BIT (7)
#define ATLAS_PTE_GLOBAL ATLAS_BIT (8)
#define ATLAS_PTE_COPY_ON_WRITE ATLAS_BIT (9)
#define ATLAS_PTE_WRITE ATLAS_BIT (11) /* may become writable */
#define ATLAS_PTE_PFN_MASK ATLAS_BITS (51, 12)
#define ATLAS_PTE_NO_EXECUTE ATLAS_BIT (63)

#define ATLAS_PTE_PAGE_FILE_ALLOCATED ATLAS_BIT (2)
#define ATLAS_PTE_SWIZZLE ATLAS_BIT (4)
#define ATLAS_PTE_PROTECTION_SHIFT 5u
#define ATLAS_PTE_PROTECTION_MASK ATLAS_BITS (9, 5)
#define ATLAS_PTE_PROTOTYPE ATLAS_BIT (10)
#define ATLAS_PTE_TRANSITION ATLAS_BIT (11)

#define ATLAS_PTE_DECOMMITTED G_GUINT64_CONSTANT (0x200)
#define ATLAS_PTE_NOACCESS G_GUINT64_CONSTANT (0x300)

/* Flips an address bit in non-present entries, so that speculation past the clear P bit reaches no
 * real memory (L1TF). Windows chooses it from the processor; this is its usual value. */
#define ATLAS_PTE_INVALID_MASK ATLAS_BIT (45)

typedef enum
{
  ATLAS_PTE_KIND_ASK_VAD,       /* 0: reserved, or committed in a VAD whose is_mem_commit is set */
  ATLAS_PTE_KIND_HARDWARE,      /* present */
  ATLAS_PTE_KIND_DEMAND_ZERO,   /* committed, gets a zeroed frame when touched */
  ATLAS_PTE_KIND_NOACCESS,      /* committed, never touched, may not be */
  ATLAS_PTE_KIND_DECOMMITTED,   /* not committed though its VAD is */
  ATLAS_PTE_KIND_PAGE_FILE,     /* contents in a paging file */
  ATLAS_PTE_KIND_TRANSITION,    /* contents still in a frame, not mapped */
  ATLAS_PTE_KIND_PROTOTYPE,     /* shared: the prototype entry tells */
  ATLAS_PTE_KIND_VAD_PROTOTYPE, /* shared: the VAD knows the prototype entry */
  ATLAS_PTE_KIND_UNKNOWN,       /* none of these */
  ATLAS_N_PTE_KINDS,
} AtlasPteKind;

typedef struct
{
  AtlasPteKind kind;
  guint8 protection;      /* 5-bit code; of a HARDWARE entry what its bits amount to */
  AtlasPfn pfn;           /* HARDWARE, TRANSITION */
  guint page_file;        /* PAGE_FILE: 0 … 15 */
  guint32 page_file_page; /* PAGE_FILE: in pages from the start of the file */
  AtlasVa prototype_va;   /* PROTOTYPE */
} AtlasPteInfo;

/* Tells what @pte says. Any 64 bits are fine. */
ATLAS_AVAILABLE void atlas_pte_decode (guint64 pte, AtlasPteInfo *info);
/* The kind alone. */
ATLAS_AVAILABLE AtlasPteKind atlas_pte_get_kind (guint64 pte);

/* Constructors. @code: 5-bit protection, at least one bit set. A guarded or NOACCESS page with
 * contents is a transition or page-file entry with that code. */
ATLAS_AVAILABLE guint64 atlas_pte_make_demand_zero (guint8 code);
ATLAS_AVAILABLE guint64 atlas_pte_make_transition (AtlasPfn pfn, guint8 code);
/* @page_file: 0 … 15. @page: 1 … 0xfffffffe, and not 0x2000: those would look like something
 * else. The page number is stored masked (SwizzleBit clear), as Windows does it where the mask is
 * needed. */
ATLAS_AVAILABLE guint64 atlas_pte_make_page_file (guint page_file, guint32 page, guint8 code);
/* @prototype_va: kernel half, a multiple of 8. */
ATLAS_AVAILABLE guint64 atlas_pte_make_prototype (AtlasVa prototype_va, guint8 code);
ATLAS_AVAILABLE guint64 atlas_pte_make_vad_prototype (guint8 code);

/* The protection field of an entry that is not present. */
static inline guint8
atlas_pte_get_protection (guint64 pte)
{
  return (guint8) ((pte & ATLAS_PTE_PROTECTION_MASK) >> ATLAS_PTE_PROTECTION_SHIFT);
}

static inline AtlasPfn
atlas_pte_get_pfn (guint64 pte)
{
  return (pte & ATLAS_PTE_PFN_MASK) >> ATLAS_PAGE_SHIFT;
}

/* Replaces the protection field of an entry that is not present. */
static inline guint64
atlas_pte_with_protection (guint64 pte, guint8 code)
{
  return (pte & ~ATLAS_PTE_PROTECTION_MASK) | (guint64) code << ATLAS_PTE_PROTECTION_SHIFT;
}

/* A run of bits and what Windows calls it. */
typedef struct
{
  guint8 high_bit;
  guint8 low_bit;
  const char *name;    /* "PageFrameNumber" */
  const char *meaning; /* a sentence */
} AtlasPteField;

/* All 64 bits of an entry of @kind, from bit 63 down, without a gap. */
ATLAS_AVAILABLE const AtlasPteField *atlas_pte_get_fields (AtlasPteKind kind, guint *n_fields);

/* "demand zero", "transition"… */
ATLAS_AVAILABLE const char *atlas_pte_kind_get_name (AtlasPteKind kind);
/* What this kind means, one sentence. */
ATLAS_AVAILABLE const char *atlas_pte_kind_get_description (AtlasPteKind kind);
/* "demand zero, READWRITE", "page 0x1234 of paging file 0, READWRITE"; for trace events and views.
 * (transfer full) */
ATLAS_AVAILABLE char *atlas_trace_format_pte (guint64 pte);

G_END_DECLS
