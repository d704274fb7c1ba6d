/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* How the Alpha AXP makes a 32-bit constant, which is why Windows leaves 64 KB below 2 GB alone.
 *
 *   LDAH  r, high(r31)     r = high × 65536        both halves are signed 16-bit numbers
 *   LDA   r, low(r)        r = r + low             and the register has 64 bits
 *
 *   1234abcd = 1235 × 65536 - 5433                 two instructions
 *   7fff8000 = 8000 × 65536 - 8000                 but 8000 is -8000: 2^32 too little, so three
 *
 * A loader that relocates code could not patch three instructions into two: no address from
 * 7fff8000 to 7fffffff may ever be needed. Raymond Chen, The Old New Thing, 2022-12-16; instruction
 * formats: Alpha Architecture Handbook, 4.2 "Memory Integer Load/Store Instructions". */

#include "base/types.h"

G_BEGIN_DECLS

#define ATLAS_ALPHA_INSTRUCTIONS_MAX 3u
#define ATLAS_ALPHA_PROBLEM_FIRST 0x7fff8000u
#define ATLAS_ALPHA_PROBLEM_LAST 0x7fffffffu

typedef struct
{
  gboolean is_high;      /* LDAH, else LDA */
  gboolean is_from_zero; /* from R31, which is always 0, else from the register itself */
  gint16 displacement;
  guint32 word; /* encoded, for register R0 */
} AtlasAlphaInstruction;

/* The shortest way to load @constant, sign-extended to 64 bits as Windows' 32-bit pointers on this
 * processor were. Returns the number of instructions, 1 … 3. */
ATLAS_AVAILABLE guint
atlas_alpha_load (guint32 constant,
                  AtlasAlphaInstruction instructions[ATLAS_ALPHA_INSTRUCTIONS_MAX]);
/* What the register holds after them. */
ATLAS_AVAILABLE gint64 atlas_alpha_run (const AtlasAlphaInstruction *instructions,
                                        guint n_instructions);
/* "ldah r0, 0x1235(r31)". (transfer full) */
ATLAS_AVAILABLE char *atlas_alpha_format (const AtlasAlphaInstruction *instruction);

G_END_DECLS
