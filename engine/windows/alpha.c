/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/alpha.h"

#define OPCODE_LDA 0x08u
#define OPCODE_LDAH 0x09u
#define ZERO_REGISTER 31u

static AtlasAlphaInstruction
make (gboolean is_high, gboolean is_from_zero, gint16 displacement)
{
  guint32 word = (is_high ? OPCODE_LDAH : OPCODE_LDA) << 26 |
                 (is_from_zero ? ZERO_REGISTER : 0u) << 16 | (guint16) displacement;

  return (AtlasAlphaInstruction){ is_high, is_from_zero, displacement, word };
}

guint
atlas_alpha_load (guint32 constant,
                  AtlasAlphaInstruction instructions[ATLAS_ALPHA_INSTRUCTIONS_MAX])
{
  gint16 low = (gint16) (constant & 0xffffu);
  /* What LDA will take away has to be put on top. */
  guint32 high = ((constant - (guint32) (gint32) low) >> 16) & 0xffffu;
  guint n = 0;

  if (constant >= ATLAS_ALPHA_PROBLEM_FIRST && constant <= ATLAS_ALPHA_PROBLEM_LAST)
    {
      /* 0x8000 × 65536 in two steps that are both positive. */
      instructions[n++] = make (TRUE, TRUE, 0x4000);
      instructions[n++] = make (TRUE, FALSE, 0x4000);
      instructions[n++] = make (FALSE, FALSE, low);
      return n;
    }
  if (high != 0)
    instructions[n++] = make (TRUE, TRUE, (gint16) high);
  if (low != 0 || high == 0)
    instructions[n++] = make (FALSE, high == 0, low);
  return n;
}

gint64
atlas_alpha_run (const AtlasAlphaInstruction *instructions, guint n_instructions)
{
  gint64 value = 0;

  for (guint i = 0; i < n_instructions; i++)
    {
      gint64 base = instructions[i].is_from_zero ? 0 : value;

      value = base + (gint64) instructions[i].displacement * (instructions[i].is_high ? 65536 : 1);
    }
  return value;
}

char *
atlas_alpha_format (const AtlasAlphaInstruction *instruction)
{
  gint displacement = instruction->displacement;

  return g_strdup_printf ("%s r0, %s0x%x(%s)",
                          instruction->is_high ? "ldah" : "lda",
                          displacement < 0 ? "-" : "",
                          (guint) ABS (displacement),
                          instruction->is_from_zero ? "r31" : "r0");
}
