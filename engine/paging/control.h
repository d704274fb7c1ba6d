/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The registers that a translation depends on, as one value.
 *
 *   CR3    63      62 61   60     M-1                12 11          5  4   3  2  0
 *         +-------+--+--+--------+---------------------+-------------+---+---+----+
 *         |no-inv | LAM | rsv 0  | root table / 4096   |  (PCID when PCIDE)      |
 *         +-------+--+--+--------+---------------------+-------------+---+---+----+
 *   CR0.WP 16   CR4.PGE 7, LA57 12, PCIDE 17, SMEP 20, SMAP 21, PKE 22, CET 23, PKS 24
 *   EFER.NXE 11
 *
 * Passed by value or const pointer; never shared and changed. Intel SDM vol. 3A §5.1.1.
 */

#include "paging/address.h"

G_BEGIN_DECLS

#define ATLAS_CR0_PE ATLAS_BIT (0)
#define ATLAS_CR0_WP ATLAS_BIT (16)
#define ATLAS_CR0_NW ATLAS_BIT (29)
#define ATLAS_CR0_CD ATLAS_BIT (30)
#define ATLAS_CR0_PG ATLAS_BIT (31)

#define ATLAS_CR4_PSE ATLAS_BIT (4)
#define ATLAS_CR4_PAE ATLAS_BIT (5)
#define ATLAS_CR4_PGE ATLAS_BIT (7)
#define ATLAS_CR4_LA57 ATLAS_BIT (12)
#define ATLAS_CR4_PCIDE ATLAS_BIT (17)
#define ATLAS_CR4_SMEP ATLAS_BIT (20)
#define ATLAS_CR4_SMAP ATLAS_BIT (21)
#define ATLAS_CR4_PKE ATLAS_BIT (22)
#define ATLAS_CR4_CET ATLAS_BIT (23)
#define ATLAS_CR4_PKS ATLAS_BIT (24)
#define ATLAS_CR4_LASS ATLAS_BIT (27)
#define ATLAS_CR4_LAM_SUP ATLAS_BIT (28)

#define ATLAS_EFER_SCE ATLAS_BIT (0)
#define ATLAS_EFER_LME ATLAS_BIT (8)
#define ATLAS_EFER_LMA ATLAS_BIT (10)
#define ATLAS_EFER_NXE ATLAS_BIT (11)

#define ATLAS_CR3_PCID_MASK ATLAS_BITS (11, 0)
#define ATLAS_CR3_LAM_U57 ATLAS_BIT (61)
#define ATLAS_CR3_LAM_U48 ATLAS_BIT (62)
#define ATLAS_CR3_NO_INVALIDATE ATLAS_BIT (63)

typedef struct
{
  guint64 cr0;
  guint64 cr3;
  guint64 cr4;
  guint64 efer;
  guint64 pat;
  guint32 pkru;
  guint32 pkrs;
  guint8 maxphyaddr_bits; /* 36 … 52 */
  gboolean has_page_1gb;
  gboolean is_amd;    /* bit 8 of PML4E and PML5E is reserved there */
  gboolean rflags_ac; /* suspends SMAP for explicit supervisor data accesses */
} AtlasControl;

/* What Windows 11 runs with: PG, WP, PAE, PGE, NXE, SMEP, SMAP; four levels; no PCID, no keys. */
ATLAS_AVAILABLE AtlasControl atlas_control_windows (AtlasPa root_pa);

static inline guint
atlas_control_get_n_levels (const AtlasControl *control)
{
  return (control->cr4 & ATLAS_CR4_LA57) != 0 ? 5u : 4u;
}

/* The table that CR3 names: bits M-1…12, never the PCID or LAM bits. */
static inline AtlasPa
atlas_control_get_root_pa (const AtlasControl *control)
{
  return control->cr3 & (ATLAS_BIT (control->maxphyaddr_bits) - 1u) & ~ATLAS_PAGE_MASK;
}

/* ---- Legal changes ---- */

/* What forbids a change of a control register. On hardware each raises #GP(0) unless noted. */
typedef enum
{
  ATLAS_RULE_NONE,       /* the change is legal */
  ATLAS_RULE_UPPER_HALF, /* CR0 bits 63…32, IA32_PKRS and PKRU bits 63…32 */
  ATLAS_RULE_PG_NEEDS_PE,
  ATLAS_RULE_NW_NEEDS_CD,
  ATLAS_RULE_PG_NEEDS_PAE,  /* with EFER.LME */
  ATLAS_RULE_PG_IN_64_BIT,  /* clearing CR0.PG: only from compatibility mode */
  ATLAS_RULE_PG_WITH_PCIDE, /* clearing CR0.PG while CR4.PCIDE is 1 */
  ATLAS_RULE_WP_WITH_CET,   /* CR0.WP = 0 and CR4.CET = 1 exclude each other */
  ATLAS_RULE_PAE_IN_LONG_MODE,
  ATLAS_RULE_LA57_IN_LONG_MODE,
  ATLAS_RULE_PCIDE_NEEDS_LONG_MODE,
  ATLAS_RULE_PCIDE_NEEDS_PCID_0, /* setting CR4.PCIDE while CR3 bits 11…0 are not 0 */
  ATLAS_RULE_RESERVED_BIT,
  ATLAS_RULE_LME_WITH_PG,
  ATLAS_RULE_PAT_ENCODING,
  ATLAS_RULE_NO_PKE,       /* WRPKRU without CR4.PKE: #UD */
  ATLAS_RULE_MTRR_TYPE,
  ATLAS_RULE_READ_ONLY,
  ATLAS_RULE_NO_REGISTER,
  ATLAS_RULE_NOT_MODELLED, /* legal, but leads to paging of 32-bit kind, which is not here */
  ATLAS_N_RULES,
} AtlasControlRule;

/* A sentence for a person. */
ATLAS_AVAILABLE const char *atlas_control_rule_get_text (AtlasControlRule rule);

/* What MOV to CR0, CR3 and CR4, WRMSR to IA32_EFER, IA32_PAT and IA32_PKRS, and WRPKRU do: change
 * @control and return ATLAS_RULE_NONE, or leave it alone and return the rule that is broken.
 * 64-bit code is taken to run whenever EFER.LMA is 1. Bit 63 of CR3 is not kept (with CR4.PCIDE it
 * asks for no invalidation, which is the MMU's business); EFER.LMA is not written but follows.
 * Intel SDM vol. 2 MOV to CR, vol. 3A §5.1.2; AMD64 manual vol. 2 §3.1. */
ATLAS_AVAILABLE AtlasControlRule atlas_control_set_cr0 (AtlasControl *control, guint64 value);
ATLAS_AVAILABLE AtlasControlRule atlas_control_set_cr3 (AtlasControl *control, guint64 value);
ATLAS_AVAILABLE AtlasControlRule atlas_control_set_cr4 (AtlasControl *control, guint64 value);
ATLAS_AVAILABLE AtlasControlRule atlas_control_set_efer (AtlasControl *control, guint64 value);
ATLAS_AVAILABLE AtlasControlRule atlas_control_set_pat (AtlasControl *control, guint64 value);
ATLAS_AVAILABLE AtlasControlRule atlas_control_set_pkrs (AtlasControl *control, guint64 value);
ATLAS_AVAILABLE AtlasControlRule atlas_control_set_pkru (AtlasControl *control, guint64 value);
/* All of these but CR3, one after the other, and RFLAGS.AC: @control becomes like @wanted, or stays as
 * it is and the first rule that is broken is returned. */
ATLAS_AVAILABLE AtlasControlRule atlas_control_load (AtlasControl *control,
                                                     const AtlasControl *wanted);

G_END_DECLS
