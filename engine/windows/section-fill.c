/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/section-private.h"

#include <string.h>

#include "windows/aslr.h"

#define IDIOM_BYTES 16u

typedef struct
{
  guint8 bytes[IDIOM_BYTES];
  guint8 operand; /* index of a byte that differs from place to place */
} Idiom;

/* What compilers emit most, in runs of 16 bytes: a page of them looks like code, disassembles, and
 * is made quickly. */
static const Idiom idioms[] = {
  /* mov [rsp+8], rbx; push rdi; sub rsp, 20h; mov rbx, rcx; mov rdi, rdx */
  { { 0x48,
      0x89,
      0x5c,
      0x24,
      0x08,
      0x57,
      0x48,
      0x83,
      0xec,
      0x20,
      0x48,
      0x8b,
      0xd9,
      0x48,
      0x8b,
      0xfa },
    9 },
  /* mov rbx, [rsp+30h]; add rsp, 20h; pop rdi; ret; int3… */
  { { 0x48,
      0x8b,
      0x5c,
      0x24,
      0x30,
      0x48,
      0x83,
      0xc4,
      0x20,
      0x5f,
      0xc3,
      0xcc,
      0xcc,
      0xcc,
      0xcc,
      0xcc },
    8 },
  /* mov rax, [rbx+18h]; test rax, rax; je +1ah; call; xor eax, eax */
  { { 0x48,
      0x8b,
      0x43,
      0x18,
      0x48,
      0x85,
      0xc0,
      0x74,
      0x1a,
      0xe8,
      0x34,
      0x12,
      0x00,
      0x00,
      0x33,
      0xc0 },
    11 },
  /* lea rcx, [rdi+10h]; call [rip+…]; nop… */
  { { 0x48,
      0x8d,
      0x4f,
      0x10,
      0xff,
      0x15,
      0x00,
      0x20,
      0x01,
      0x00,
      0x0f,
      0x1f,
      0x44,
      0x00,
      0x00,
      0x90 },
    6 },
  /* mov r8, [rdi+20h]; mov rdx, [rdi+8]; mov rcx, rbx; call */
  { { 0x4c,
      0x8b,
      0x47,
      0x20,
      0x48,
      0x8b,
      0x57,
      0x08,
      0x48,
      0x8b,
      0xcb,
      0xe8,
      0x00,
      0x01,
      0x00,
      0x00 },
    13 },
  /* test eax, eax; js +0eh; mov rax, [rbx]; mov rax, [rax+28h]; mov rcx, rbx; call rax */
  { { 0x85,
      0xc0,
      0x78,
      0x0e,
      0x48,
      0x8b,
      0x03,
      0x48,
      0x8b,
      0x40,
      0x28,
      0x48,
      0x8b,
      0xcb,
      0xff,
      0xd0 },
    10 },
  /* cmp dword [rbx+10h], 0; jne +8; mov eax, STATUS_INVALID_PARAMETER; jmp +4; xor eax, eax; nop */
  { { 0x83,
      0x7b,
      0x10,
      0x00,
      0x75,
      0x08,
      0xb8,
      0x0d,
      0x00,
      0x00,
      0xc0,
      0xeb,
      0x04,
      0x33,
      0xc0,
      0x90 },
    2 },
  /* movzx ecx, word [rbx+2]; mov [rsp+40h], cx; mov eax, [rbx+4]; mov [rsp+44h], eax */
  { { 0x0f,
      0xb7,
      0x4b,
      0x02,
      0x66,
      0x89,
      0x4c,
      0x24,
      0x40,
      0x8b,
      0x43,
      0x04,
      0x89,
      0x44,
      0x24,
      0x44 },
    3 },
};

_Static_assert(ATLAS_PAGE_BYTES % IDIOM_BYTES == 0, "idioms fill a page");

static void
fill_code (AtlasRandom *random, guint8 *bytes)
{
  for (gsize position = 0; position < ATLAS_PAGE_BYTES; position += IDIOM_BYTES)
    {
      guint64 drawn = atlas_random_next (random);
      const Idiom *idiom = &idioms[drawn % G_N_ELEMENTS (idioms)];

      memcpy (bytes + position, idiom->bytes, IDIOM_BYTES);
      /* Small multiples of 8, as offsets are. */
      bytes[position + idiom->operand] ^= drawn >> 32 & 0x38u;
    }
}

static void
fill_data (AtlasRandom *random, guint8 *bytes)
{
  for (gsize position = 0; position < ATLAS_PAGE_BYTES; position += sizeof (guint64))
    {
      guint64 drawn = atlas_random_next (random);
      guint64 value = 0;

      if ((drawn & 3u) == 0)
        value = drawn >> 56;
      else if ((drawn & 3u) == 1)
        value = G_GUINT64_CONSTANT (0x180000000) | (drawn >> 44 << 3);
      value = GUINT64_TO_LE (value);
      memcpy (bytes + position, &value, sizeof value);
    }
}

static void
fill_table (guint64 page, guint8 *bytes)
{
  for (gsize i = 0; i < ATLAS_PAGE_BYTES / sizeof (guint16); i++)
    {
      guint16 value = GUINT16_TO_LE ((guint16) (page * (ATLAS_PAGE_BYTES / sizeof (guint16)) + i));

      memcpy (bytes + i * sizeof value, &value, sizeof value);
    }
}

static void
fill_bitmap (AtlasRandom *random, guint8 *bytes)
{
  for (gsize position = 0; position < ATLAS_PAGE_BYTES; position += sizeof (guint64))
    {
      /* One pair of bits in eight, and of the pair the bit for an aligned target. */
      guint64 value = atlas_random_next (random) & atlas_random_next (random) &
                      atlas_random_next (random) & G_GUINT64_CONSTANT (0x5555555555555555);

      value = GUINT64_TO_LE (value);
      memcpy (bytes + position, &value, sizeof value);
    }
}

void
atlas_fill_page (AtlasFill fill, guint64 seed, guint64 page, guint8 bytes[ATLAS_PAGE_BYTES])
{
  AtlasRandom random = atlas_random_seed (seed ^ (page << 32));

  memset (bytes, 0, ATLAS_PAGE_BYTES);
  switch (fill)
    {
    case ATLAS_FILL_ZERO:
      break;
    case ATLAS_FILL_CODE:
      fill_code (&random, bytes);
      break;
    case ATLAS_FILL_DATA:
      fill_data (&random, bytes);
      break;
    case ATLAS_FILL_TABLE:
      fill_table (page, bytes);
      break;
    case ATLAS_FILL_BITMAP:
      fill_bitmap (&random, bytes);
      break;
    }
}
