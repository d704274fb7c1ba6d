/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The cases that an emulated processor and the engine both go through.
 *
 *   guest (inside QEMU or Bochs)           host (compare.c)
 *     makes case n from the seed             makes case n from the same seed
 *     writes entries, sets registers         writes entries, fills in AtlasControl
 *     accesses, catches the exception        atlas_mmu_access ()
 *     prints what happened         ────►     compares
 *
 * Only results travel. Compiled by both sides: no library.
 *
 *   physical   0x100000 guest   0x400000 root … 0x404000 PT under test   0x2000000 page under test
 *   test VA    ffff9000`02000000: PDPT 0, PD 16, PT 0; the page holds C3 (ret) throughout
 */

typedef unsigned long long CaseWord;

#define CASE_TABLE_PA(level) (0x400000ull + (5 - (level)) * 0x1000ull)
#define CASE_PAGE_PA 0x2000000ull
#define CASE_VA 0xffff900002000000ull
#define CASE_MAXPHYADDR 40

#define CASE_FEATURE_PKU 1u
#define CASE_FEATURE_PKS 2u

enum
{
  CASE_READ,
  CASE_WRITE,
  CASE_EXECUTE,
  CASE_READ_BY_STACK, /* through RBP, so that the segment is SS */
  CASE_WRITE_BY_STACK,
  CASE_N_ACCESSES,
};

typedef struct
{
  CaseWord entries[6]; /* by level, 1 … 5, complete */
  CaseWord va;
  unsigned leaf_level;
  unsigned access;
  unsigned user;
  unsigned wp, nxe, smep, smap, ac, pke, pks;
  unsigned pkru, pkrs;
} Case;

/* xorshift64* (Vigna, 2016); the state must not be 0. */
static inline CaseWord
case_random (CaseWord *state)
{
  CaseWord x = *state;

  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return x * 0x2545f4914f6cdd1dull;
}

/* One in @n, from a few bits of its own. */
static inline unsigned
case_one_in (CaseWord *state, unsigned n)
{
  return (unsigned) (case_random (state) >> 40) % n == 0;
}

static inline CaseWord
case_make_entry (CaseWord *state, unsigned level, unsigned leaf_level)
{
  static const unsigned char odd_bits[] = { 51, 45, 40, 63, 7, 8, 13, 20, 21, 29, 12, 59, 62, 52 };
  CaseWord noise = case_random (state);
  CaseWord entry = 7;

  entry |= noise & 0x0070000000000e00ull; /* bits that nobody may look at */
  entry |= noise >> 32 & 0x138;           /* PWT, PCD, A, G */
  if (level <= leaf_level || level >= 4)
    entry |= noise >> 33 & 0x40; /* D */
  if (case_one_in (state, 5))
    entry &= ~2ull;
  if (case_one_in (state, 4))
    entry &= ~4ull;
  if (case_one_in (state, 12))
    entry |= 1ull << 63;
  if (level == leaf_level)
    {
      entry |= (noise >> 50 & 3) << 59;
      if (level == 3)
        entry |= 0x80;
      else if (level == 2)
        entry |= CASE_PAGE_PA | 0x80;
      else
        entry |= CASE_PAGE_PA;
      if (level == 1)
        entry |= noise >> 20 & 0x80; /* PAT */
      else
        entry |= noise >> 20 & 0x1000;
    }
  else if (level > 1)
    entry |= CASE_TABLE_PA (level - 1);
  if (case_one_in (state, 16))
    entry &= ~1ull;
  if (case_one_in (state, 20))
    {
      unsigned bit = odd_bits[(case_random (state) >> 30) % sizeof odd_bits];

      unsigned lowest_address_bit = level == leaf_level ? 12 + 9 * (level - 1) : 12;
      int leads_astray = bit >= lowest_address_bit && bit < CASE_MAXPHYADDR;

      /* Never another frame or table than those set aside: a 1 GB page that becomes a table would
       * lie in the loader's memory. */
      if (bit == 7 && level == 3 && level == leaf_level)
        leads_astray = 1;
      if (!leads_astray)
        entry ^= 1ull << bit;
    }
  return entry;
}

static inline void
case_make (Case *c, CaseWord *state, unsigned n_levels, unsigned features)
{
  CaseWord bits;

  c->leaf_level = 1 + (unsigned) (case_random (state) >> 33) % 3;
  for (unsigned level = 1; level <= 5; level++)
    c->entries[level] = case_make_entry (state, level, c->leaf_level);

  bits = case_random (state);
  c->access = (unsigned) (bits >> 8 & 0xff) % 3;
  c->user = bits >> 16 & 1;
  c->wp = bits >> 17 & 1;
  c->nxe = bits >> 18 & 1;
  c->smep = bits >> 19 & 1;
  c->smap = bits >> 20 & 1;
  c->ac = bits >> 21 & 1;
  c->pke = (bits >> 22 & 1) && (features & CASE_FEATURE_PKU);
  c->pks = (bits >> 23 & 1) && (features & CASE_FEATURE_PKS);
  /* Key 0 stays free: the guest itself lives under it. */
  c->pkru = (unsigned) (bits >> 24) & 0xfcu;
  c->pkrs = (unsigned) (bits >> 32) & 0xfcu;
  if ((bits >> 40 & 7) == 0 && c->access != CASE_EXECUTE)
    c->access += CASE_READ_BY_STACK;
  /* With NXE = 0 a set bit 63 is reserved and ends most walks: leave some without. */
  for (unsigned level = 1; level <= 5; level++)
    if (!c->nxe && (bits >> 44 & 3) != 0)
      c->entries[level] &= ~(1ull << 63);

  c->va = CASE_VA;
  if ((bits >> 48 & 63) == 0)
    c->va ^= 1ull << (n_levels == 5 ? 57 + (bits >> 54 & 3) : 48 + (bits >> 54 & 7));
}
