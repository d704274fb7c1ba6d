/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The MTRRs and what they and the PAT come to, against the manual's table and a slow model that
 * asks one rule after the other. Intel SDM vol. 3A §12.5.2.2, §12.11. */

#include "paging/memory-type.h"
#include "session/session.h"
#include "windows/processor.h"
#include "windows/state-hash-private.h"

#include <string.h>

#define M 46u
#define MAX_PA (ATLAS_BIT (M) - 1u)
#define VALID ATLAS_BIT (11)

enum
{
  UC = 0,
  WC = 1,
  WT = 4,
  WP = 5,
  WB = 6,
  UC_ = 7,
};

static const guint types[] = { UC, WC, WT, WP, WB };

/* ---- The table ---- */

/* The manual's rows: MTRR type, PAT type, effective type. */
static const guint8 manual[][3] = {
  { UC, UC, UC }, { UC, UC_, UC }, { UC, WC, WC }, { UC, WT, UC }, { UC, WP, UC }, { UC, WB, UC },
  { WC, UC, UC }, { WC, UC_, WC }, { WC, WC, WC }, { WC, WT, UC }, { WC, WP, UC }, { WC, WB, WC },
  { WT, UC, UC }, { WT, UC_, UC }, { WT, WC, WC }, { WT, WT, WT }, { WT, WP, WP }, { WT, WB, WT },
  { WP, UC, UC }, { WP, UC_, WC }, { WP, WC, WC }, { WP, WT, WT }, { WP, WP, WP }, { WP, WB, WP },
  { WB, UC, UC }, { WB, UC_, UC }, { WB, WC, WC }, { WB, WT, WT }, { WB, WP, WP }, { WB, WB, WB },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (manual); i++)
    g_assert_cmpuint (atlas_memory_type_combine (manual[i][0], manual[i][1]), ==, manual[i][2]);
  for (guint other = 0; other < 8; other++)
    for (guint reserved = 2; reserved < 4; reserved++)
      {
        g_assert_cmpuint (atlas_memory_type_combine (reserved, other), ==, UC);
        g_assert_cmpuint (atlas_memory_type_combine (other, reserved), ==, UC);
      }
}

/* ---- The type of an address ---- */

static gboolean
is_in_pair (const AtlasMtrrPair *pair, AtlasPa pa)
{
  if ((pair->mask & VALID) == 0)
    return FALSE;
  for (guint bit = 12; bit < M; bit++)
    if ((pair->mask >> bit & 1) != 0 && (pair->base >> bit & 1) != (pa >> bit & 1))
      return FALSE;
  return TRUE;
}

static guint
model_fixed (const AtlasMtrrs *mtrrs, AtlasPa pa)
{
  guint8 pieces[88];
  guint n = 0;

  for (guint i = 0; i < 11; i++)
    for (guint k = 0; k < 8; k++)
      pieces[n++] = (guint8) (mtrrs->fixed[i] >> (8 * k));
  if (pa < 0x80000)
    return pieces[pa / 0x10000];
  if (pa < 0xc0000)
    return pieces[8 + (pa - 0x80000) / 0x4000];
  return pieces[24 + (pa - 0xc0000) / 0x1000];
}

static AtlasMtrrAnswer
model_find (const AtlasMtrrs *mtrrs, AtlasPa pa)
{
  guint n_of_type[8] = { 0 };
  guint n_all = 0;

  if ((mtrrs->default_type & ATLAS_BIT (11)) == 0)
    return (AtlasMtrrAnswer){ UC, ATLAS_MTRR_BY_NOTHING };
  if ((mtrrs->default_type & ATLAS_BIT (10)) != 0 && pa < 0x100000)
    return (AtlasMtrrAnswer){ model_fixed (mtrrs, pa), ATLAS_MTRR_BY_FIXED };
  for (guint i = 0; i < 10; i++)
    if (is_in_pair (&mtrrs->variable[i], pa))
      {
        n_of_type[mtrrs->variable[i].base & 0xff]++;
        n_all++;
      }
  if (n_all == 0)
    return (AtlasMtrrAnswer){ (guint) mtrrs->default_type & 0xff, ATLAS_MTRR_BY_DEFAULT };
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (n_of_type[types[i]] == n_all)
      return (AtlasMtrrAnswer){ types[i], ATLAS_MTRR_BY_VARIABLE };
  if (n_of_type[UC] > 0)
    return (AtlasMtrrAnswer){ UC, ATLAS_MTRR_BY_OVERLAP_UC };
  if (n_of_type[WT] + n_of_type[WB] == n_all)
    return (AtlasMtrrAnswer){ WT, ATLAS_MTRR_BY_OVERLAP_WT };
  return (AtlasMtrrAnswer){ UC, ATLAS_MTRR_BY_OVERLAP_UNKNOWN };
}

static guint
pick_type (GRand *random)
{
  return types[g_rand_int_range (random, 0, G_N_ELEMENTS (types))];
}

static guint64
pick_bits (GRand *random)
{
  return (guint64) g_rand_int (random) << 32 | g_rand_int (random);
}

/* Ranges that crowd below 4 GB, a few with gaps in the mask or a base off their size. */
static void
fill_randomly (GRand *random, AtlasMtrrs *mtrrs)
{
  mtrrs->default_type = (g_rand_int_range (random, 0, 8) != 0 ? ATLAS_BIT (11) : 0) |
                        (g_rand_boolean (random) ? ATLAS_BIT (10) : 0) | pick_type (random);
  for (guint i = 0; i < 11; i++)
    {
      mtrrs->fixed[i] = 0;
      for (guint k = 0; k < 8; k++)
        mtrrs->fixed[i] |= (guint64) pick_type (random) << (8 * k);
    }
  for (guint i = 0; i < 10; i++)
    {
      guint shift = (guint) g_rand_int_range (random, 12, 34);

      mtrrs->variable[i].base =
        (pick_bits (random) & (ATLAS_GB (4) - 1) & ~ATLAS_PAGE_MASK) | pick_type (random);
      mtrrs->variable[i].mask = MAX_PA & ~(ATLAS_BIT (shift) - 1);
      if (g_rand_int_range (random, 0, 4) == 0)
        mtrrs->variable[i].mask &= ~(ATLAS_BIT (g_rand_int_range (random, 12, 46)));
      if (g_rand_int_range (random, 0, 3) != 0)
        mtrrs->variable[i].mask |= VALID;
    }
}

static void
test_find_agrees_with_the_model (void)
{
  static const AtlasPa edges[] = { 0,        0x7ffff,          0x80000,      0x9ffff,
                                   0xa0000,  0xbffff,          0xc0000,      0xfffff,
                                   0x100000, ATLAS_GB (4) - 1, 0xc0fff,      0xc1000,
                                   0x10000,  0xffff,           ATLAS_GB (4), MAX_PA };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint n_of_reason[ATLAS_N_MTRR_REASONS] = { 0 };

  for (guint i = 0; i < 2000; i++)
    {
      AtlasMtrrs mtrrs;

      fill_randomly (random, &mtrrs);
      for (guint k = 0; k < 64; k++)
        {
          const AtlasMtrrPair *pair = &mtrrs.variable[k % 10];
          AtlasPa pa = k < G_N_ELEMENTS (edges) ? edges[k]
                       : k % 2 == 0             ? (pair->base + (k % 3) - 1) & MAX_PA
                                                : pick_bits (random) & (ATLAS_GB (8) - 1);
          AtlasMtrrAnswer expected = model_find (&mtrrs, pa);
          AtlasMtrrAnswer answer = atlas_mtrrs_find (&mtrrs, pa);

          g_assert_cmpuint (answer.type, ==, expected.type);
          g_assert_cmpint (answer.reason, ==, expected.reason);
          n_of_reason[answer.reason]++;
        }
    }
  for (guint i = 0; i < ATLAS_N_MTRR_REASONS; i++)
    {
      g_assert_cmpuint (n_of_reason[i], >, 0);
      g_assert_nonnull (atlas_mtrr_reason_get_text ((AtlasMtrrReason) i));
      g_assert_nonnull (atlas_mtrr_reason_get_name ((AtlasMtrrReason) i));
    }
}

static gboolean
model_is_uniform (const AtlasMtrrs *mtrrs, AtlasPa base_pa, guint64 size_bytes)
{
  guint type = model_find (mtrrs, base_pa).type;

  for (AtlasPa pa = base_pa; pa < base_pa + size_bytes; pa += ATLAS_PAGE_BYTES)
    if (model_find (mtrrs, pa).type != type)
      return FALSE;
  return TRUE;
}

static void
test_uniform_agrees_with_the_model (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (8);
  guint n_mixed = 0, n_uniform = 0;

  for (guint i = 0; i < 3000; i++)
    {
      AtlasMtrrs mtrrs;
      AtlasPa base_pa;
      gboolean is_uniform;

      fill_randomly (random, &mtrrs);
      base_pa = i % 3 == 0   ? 0
                : i % 3 == 1 ? mtrrs.variable[i % 10].base & ~(ATLAS_MB (2) - 1)
                             : pick_bits (random) & (ATLAS_GB (4) - 1) & ~(ATLAS_MB (2) - 1);
      is_uniform = model_is_uniform (&mtrrs, base_pa, ATLAS_MB (2));
      g_assert_cmpint (atlas_mtrrs_is_uniform (&mtrrs, base_pa, ATLAS_MB (2)), ==, is_uniform);
      n_uniform += is_uniform ? 1 : 0;
      n_mixed += is_uniform ? 0 : 1;
      g_assert_true (atlas_mtrrs_is_uniform (&mtrrs, base_pa, ATLAS_PAGE_BYTES));
    }
  g_assert_cmpuint (n_mixed, >, 100);
  g_assert_cmpuint (n_uniform, >, 100);
}

/* One page of 4 KB among 262,144 that is different. */
static void
test_one_page_parts_a_gigabyte (void)
{
  AtlasMtrrs mtrrs = { .default_type = ATLAS_BIT (11) | WB };

  g_assert_true (atlas_mtrrs_is_uniform (&mtrrs, ATLAS_GB (1), ATLAS_GB (1)));
  mtrrs.variable[9] =
    (AtlasMtrrPair){ (ATLAS_GB (2) - ATLAS_PAGE_BYTES) | WC, (MAX_PA & ~ATLAS_PAGE_MASK) | VALID };
  g_assert_false (atlas_mtrrs_is_uniform (&mtrrs, ATLAS_GB (1), ATLAS_GB (1)));
  g_assert_true (atlas_mtrrs_is_uniform (&mtrrs, ATLAS_GB (2), ATLAS_GB (1)));
  mtrrs.variable[9].base = (ATLAS_GB (2) - ATLAS_PAGE_BYTES) | WB;
  g_assert_true (atlas_mtrrs_is_uniform (&mtrrs, ATLAS_GB (1), ATLAS_GB (1)));
  /* Every other page, of the type that they all have. */
  mtrrs.variable[9] = (AtlasMtrrPair){ WB, ATLAS_PAGE_BYTES | VALID };
  g_assert_true (atlas_mtrrs_is_uniform (&mtrrs, ATLAS_GB (1), ATLAS_GB (1)));
}

/* ---- The registers ---- */

static const struct
{
  guint32 msr;
  guint64 value;
  AtlasControlRule rule;
} writes[] = {
  { 0x2ff, 0xc06, ATLAS_RULE_NONE },
  { 0x2ff, 0xc02, ATLAS_RULE_MTRR_TYPE },
  { 0x2ff, 0xc03, ATLAS_RULE_MTRR_TYPE },
  { 0x2ff, 0xc07, ATLAS_RULE_MTRR_TYPE },
  { 0x2ff, 0x100, ATLAS_RULE_RESERVED_BIT },
  { 0x2ff, 0x1000, ATLAS_RULE_RESERVED_BIT },
  { 0x2ff, ATLAS_BIT (63), ATLAS_RULE_RESERVED_BIT },
  { 0x250, 0x0605040100060504, ATLAS_RULE_NONE },
  { 0x250, 0x0600000000000002, ATLAS_RULE_MTRR_TYPE },
  { 0x26f, 0x0300000000000000, ATLAS_RULE_MTRR_TYPE },
  { 0x259, 0x0000000700000000, ATLAS_RULE_MTRR_TYPE },
  { 0x259, 0x0000001000000000, ATLAS_RULE_MTRR_TYPE },
  { 0x200, 0xc0000000, ATLAS_RULE_NONE },
  { 0x200, 0xc0000006, ATLAS_RULE_NONE },
  { 0x200, 0xc0000002, ATLAS_RULE_MTRR_TYPE },
  { 0x200, 0xc0000007, ATLAS_RULE_MTRR_TYPE },
  { 0x200, 0xc0000100, ATLAS_RULE_RESERVED_BIT },
  { 0x200, 0xc0000800, ATLAS_RULE_RESERVED_BIT },
  { 0x200, ATLAS_BIT (M), ATLAS_RULE_RESERVED_BIT },
  { 0x200, ATLAS_BIT (M - 1), ATLAS_RULE_NONE },
  { 0x212, 0x123456006, ATLAS_RULE_NONE },
  { 0x201, MAX_PA & ~ATLAS_PAGE_MASK, ATLAS_RULE_NONE },
  { 0x201, 0x800, ATLAS_RULE_NONE },
  { 0x201, 0x55555000 | VALID, ATLAS_RULE_NONE },
  { 0x201, 0x400 | VALID, ATLAS_RULE_RESERVED_BIT },
  { 0x201, 0x1, ATLAS_RULE_RESERVED_BIT },
  { 0x213, ATLAS_BIT (M) | VALID, ATLAS_RULE_RESERVED_BIT },
  { 0x214, 0, ATLAS_RULE_NO_REGISTER },
  { 0x1ff, 0, ATLAS_RULE_NO_REGISTER },
  { 0x251, 0, ATLAS_RULE_NO_REGISTER },
  { 0x25a, 0, ATLAS_RULE_NO_REGISTER },
  { 0x270, 0, ATLAS_RULE_NO_REGISTER },
  { 0, 0, ATLAS_RULE_NO_REGISTER },
  { G_MAXUINT32, 0, ATLAS_RULE_NO_REGISTER },
  { 0xfe, 0x50a, ATLAS_RULE_READ_ONLY },
};

static void
test_writes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      AtlasMtrrs mtrrs, before;
      guint64 value = 0;

      g_test_message ("case %u", i);
      atlas_mtrrs_init (&mtrrs, ATLAS_GB (1), M);
      before = mtrrs;
      g_assert_cmpint (
        atlas_mtrrs_write (&mtrrs, writes[i].msr, writes[i].value, M), ==, writes[i].rule);
      if (writes[i].rule == ATLAS_RULE_NONE)
        {
          g_assert_true (atlas_mtrrs_read (&mtrrs, writes[i].msr, &value));
          g_assert_cmphex (value, ==, writes[i].value);
        }
      else
        g_assert_cmpmem (&mtrrs, sizeof mtrrs, &before, sizeof before);
      g_assert_cmpint (atlas_mtrrs_read (&mtrrs, writes[i].msr, &value),
                       ==,
                       writes[i].rule != ATLAS_RULE_NO_REGISTER);
    }
}

static void
test_firmware_leaves_memory_write_back (void)
{
  static const guint64 sizes[] = {
    ATLAS_MB (64),
    ATLAS_MB (64) + ATLAS_PAGE_BYTES,
    ATLAS_GB (1),
    ATLAS_GB (3) + ATLAS_MB (100),
    ATLAS_GB (4) - ATLAS_MB (4),
    ATLAS_GB (4) - ATLAS_PAGE_BYTES,
    ATLAS_GB (4),
    ATLAS_GB (16),
    ATLAS_TB (4),
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint64 hole_pa = (sizes[i] + ATLAS_MB (4) - 1) / ATLAS_MB (4) * ATLAS_MB (4);
      AtlasMtrrs mtrrs, written = { 0 };

      atlas_mtrrs_init (&mtrrs, sizes[i], M);
      g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, 0).type, ==, WB);
      g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, 0x9ffff).type, ==, WB);
      g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, 0xa0000).type, ==, UC);
      g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, 0xbffff).type, ==, UC);
      g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, 0xc0000).type, ==, WP);
      g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, 0xfffff).type, ==, WP);
      for (AtlasPa pa = 0x100000; pa < MIN (ATLAS_GB (5), sizes[i]); pa += ATLAS_MB (1))
        g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, pa).type, ==, WB);
      g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, sizes[i] - 1).type, ==, WB);
      for (AtlasPa pa = hole_pa; pa < ATLAS_GB (4); pa += ATLAS_MB (4))
        g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, pa).type, ==, UC);
      g_assert_cmpuint (atlas_mtrrs_find (&mtrrs, ATLAS_GB (4)).type, ==, WB);

      /* Nothing in it that the processor would not take. */
      for (guint32 msr = 0x200; msr <= 0x2ff; msr++)
        {
          guint64 value;

          if (atlas_mtrrs_read (&mtrrs, msr, &value))
            g_assert_cmpint (atlas_mtrrs_write (&written, msr, value, M), ==, ATLAS_RULE_NONE);
        }
      g_assert_cmpmem (&written, sizeof written, &mtrrs, sizeof mtrrs);
    }
}

static void
test_descriptions (void)
{
  static const struct
  {
    guint32 msr;
    guint64 base;
    guint64 mask;
    const char *text;
  } pairs[] = {
    { 0x200,
      0xc0000000,
      (MAX_PA & ~(ATLAS_GB (1) - 1)) | VALID,
      "UC, 0xc0000000…0xffffffff, 1 GB" },
    /* A base that is off its mask: the bits below it are not compared. */
    { 0x201,
      0xc1234005,
      (MAX_PA & ~(ATLAS_GB (1) - 1)) | VALID,
      "WP, 0xc0000000…0xffffffff, 1 GB" },
    { 0x201, 0x6, VALID, "WB, 0x0…0x3fffffffffff, 64 TB" },
    { 0x200, 0x1001, (MAX_PA & ~ATLAS_PAGE_MASK) | VALID, "WC, 0x1000…0x1fff, 4 KB" },
    { 0x200, 0x1001, MAX_PA & ~ATLAS_PAGE_MASK, "not in use" },
    { 0x200, 0x200001, 0x600000 | VALID, "WC, pieces of 2 MB from 0x200000 on: the mask has gaps" },
  };
  AtlasMtrrs mtrrs = { 0 };
  g_autofree char *off = atlas_mtrrs_describe (&mtrrs, 0x2ff, M);
  g_autofree char *none = atlas_mtrrs_describe (&mtrrs, 0x277, M);
  g_autofree char *on = NULL;
  g_autofree char *fixed = NULL;

  g_assert_cmpstr (off, ==, "MTRRs off: all memory is UC");
  g_assert_null (none);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *text = NULL;

      mtrrs.variable[0] = (AtlasMtrrPair){ pairs[i].base, pairs[i].mask };
      text = atlas_mtrrs_describe (&mtrrs, pairs[i].msr, M);
      g_assert_cmpstr (text, ==, pairs[i].text);
    }
  atlas_mtrrs_init (&mtrrs, ATLAS_GB (16), M);
  on = atlas_mtrrs_describe (&mtrrs, 0x2ff, M);
  g_assert_cmpstr (on, ==, "MTRRs on, fixed ranges on, WB by default");
  fixed = atlas_mtrrs_describe (&mtrrs, 0x259, M);
  g_assert_cmpstr (fixed, ==, "UC UC UC UC UC UC UC UC, from 0xa0000 on, 16 KB each");
}

/* ---- A page ---- */

static AtlasMemoryType
find_of_leaf (const AtlasMtrrs *mtrrs,
              const AtlasControl *control,
              guint64 leaf,
              guint level,
              guint64 offset)
{
  AtlasWalkResult result = {
    .va = offset,
    .outcome = ATLAS_OUTCOME_TRANSLATED,
    .n_steps = 1,
    .first_level = (guint16) level,
    .page_bytes = atlas_level_span_bytes (level),
    .entries = { leaf },
  };
  AtlasMemoryType type, unpacked;

  result.pa = atlas_entry_get_page_pa (leaf, level) + offset;
  atlas_memory_type_find (mtrrs, control, &result, &type);
  atlas_memory_type_unpack (atlas_memory_type_pack (&type), &unpacked);
  g_assert_cmpuint (unpacked.pat_index, ==, type.pat_index);
  g_assert_cmpuint (unpacked.pat_type, ==, type.pat_type);
  g_assert_cmpint (unpacked.has_mtrrs, ==, type.has_mtrrs);
  g_assert_cmpint (unpacked.is_cache_off, ==, type.is_cache_off);
  g_assert_cmpint (unpacked.is_mixed, ==, type.is_mixed);
  g_assert_cmpint (unpacked.is_broken_up, ==, type.is_broken_up);
  g_assert_cmpuint (unpacked.mtrr.type, ==, type.mtrr.type);
  g_assert_cmpint (unpacked.mtrr.reason, ==, type.mtrr.reason);
  g_assert_cmpuint (unpacked.effective_type, ==, type.effective_type);
  return type;
}

static void
test_leaves_of_every_size (void)
{
  AtlasControl control = atlas_control_windows (0);
  AtlasMtrrs mtrrs;

  control.pat = G_GUINT64_CONSTANT (0x0007040600070406); /* as after reset */
  atlas_mtrrs_init (&mtrrs, ATLAS_GB (16), M);
  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVEL_PDPT; level++)
    for (guint index = 0; index < 8; index++)
      {
        guint64 pat_bit = level == ATLAS_LEVEL_PT ? ATLAS_BIT (7) : ATLAS_BIT (12);
        guint64 leaf = ATLAS_ENTRY_P | ATLAS_GB (4) | (index % 2 * ATLAS_ENTRY_PWT) |
                       (index / 2 % 2 * ATLAS_ENTRY_PCD) | (index / 4 * pat_bit) |
                       (level > ATLAS_LEVEL_PT ? ATLAS_ENTRY_PS : 0);
        AtlasMemoryType type = find_of_leaf (&mtrrs, &control, leaf, level, 0x123);
        static const guint pat[] = { WB, WT, UC_, UC, WB, WT, UC_, UC };
        static const guint with_wb[] = { WB, WT, UC, UC, WB, WT, UC, UC };

        g_assert_cmpuint (type.pat_index, ==, index);
        g_assert_cmpuint (type.pat_type, ==, pat[index]);
        g_assert_cmpuint (type.effective_type, ==, with_wb[index]);
        g_assert_false (type.is_mixed);
        control.cr0 |= ATLAS_CR0_CD;
        type = find_of_leaf (&mtrrs, &control, leaf, level, 0x123);
        g_assert_cmpuint (type.pat_type, ==, pat[index]);
        g_assert_cmpuint (type.effective_type, ==, UC);
        control.cr0 &= ~ATLAS_CR0_CD;
      }
}

static void
test_large_page_across_ranges (void)
{
  static const struct
  {
    guint64 leaf_pa;
    guint level;
    guint64 offset;
    guint type;
    gboolean is_mixed;
    gboolean is_broken_up;
  } cases[] = {
    { 0, ATLAS_LEVEL_PD, 0, WB, TRUE, TRUE },
    { 0, ATLAS_LEVEL_PD, 0xa0000, UC, TRUE, TRUE },
    { 0, ATLAS_LEVEL_PD, 0xfffff, WP, TRUE, TRUE },
    { 0, ATLAS_LEVEL_PD, 0x100000, WB, TRUE, TRUE },
    { 0xa0000, ATLAS_LEVEL_PT, 0xfff, UC, FALSE, FALSE },
    { ATLAS_MB (2), ATLAS_LEVEL_PD, 0, WB, FALSE, FALSE },
    { 0, ATLAS_LEVEL_PDPT, ATLAS_MB (4) - 1, WB, TRUE, TRUE },
    { 0, ATLAS_LEVEL_PDPT, ATLAS_MB (4), WB, TRUE, FALSE },
    /* Memory ends at 3.5 GB. */
    { ATLAS_GB (3), ATLAS_LEVEL_PDPT, ATLAS_MB (512) - 1, WB, TRUE, FALSE },
    { ATLAS_GB (3), ATLAS_LEVEL_PDPT, ATLAS_MB (512), UC, TRUE, FALSE },
    { ATLAS_GB (3) + ATLAS_MB (512), ATLAS_LEVEL_PD, 0, UC, FALSE, FALSE },
    { ATLAS_GB (4), ATLAS_LEVEL_PDPT, 0, WB, FALSE, FALSE },
  };
  AtlasControl control = atlas_control_windows (0);
  AtlasMtrrs mtrrs;

  atlas_mtrrs_init (&mtrrs, ATLAS_GB (3) + ATLAS_MB (512), M);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 leaf =
        ATLAS_ENTRY_P | cases[i].leaf_pa | (cases[i].level > ATLAS_LEVEL_PT ? ATLAS_ENTRY_PS : 0);
      AtlasMemoryType type = find_of_leaf (&mtrrs, &control, leaf, cases[i].level, cases[i].offset);
      g_autofree char *text = atlas_memory_type_explain (&type);

      g_test_message ("case %u: %s", i, text);
      g_assert_cmpuint (type.effective_type, ==, cases[i].type);
      g_assert_cmpint (type.is_mixed, ==, cases[i].is_mixed);
      g_assert_cmpint (type.is_broken_up, ==, cases[i].is_broken_up);
      g_assert_cmpint (strstr (text, "pieces of 4 KB") != NULL, ==, cases[i].is_broken_up);
      g_assert_cmpint (strstr (text, "leaves undefined how") != NULL,
                       ==,
                       cases[i].is_mixed && !cases[i].is_broken_up);
    }
}

static void
test_unknown_mtrrs_are_not_made_up (void)
{
  AtlasControl control = atlas_control_windows (0);
  AtlasMemoryType type = find_of_leaf (NULL, &control, ATLAS_ENTRY_P, ATLAS_LEVEL_PT, 0);
  g_autofree char *text = atlas_memory_type_explain (&type);

  g_assert_false (type.has_mtrrs);
  g_assert_nonnull (strstr (text, "PAT entry 0 says WB"));
  g_assert_nonnull (strstr (text, "is not known"));
}

/* ---- A machine ---- */

static char *
run (AtlasSession *session, const char *command, AtlasStatus status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = atlas_session_run (session, command, &error);

  g_assert_no_error (error);
  g_test_message ("%s: %s", command, result->result);
  g_assert_cmphex (result->status, ==, status);
  if (result->trace == NULL)
    return g_strdup (result->result);
  return atlas_trace_event_dup_explain (
    atlas_trace_get_event (result->trace, atlas_trace_get_n_events (result->trace) - 1));
}

static void
assert_says (AtlasSession *session, const char *command, AtlasStatus status, const char *words)
{
  g_autofree char *text = run (session, command, status);

  if (strstr (text, words) == NULL)
    g_error ("%s says \"%s\", not \"%s\"", command, text, words);
}

static void
test_machine_has_them (void)
{
  g_autoptr (AtlasSession) session = atlas_session_new ();
  guint64 first, changed;

  assert_says (session, "system memory=1G", ATLAS_STATUS_SUCCESS, "");
  assert_says (session, "process $p demo.exe bare", ATLAS_STATUS_SUCCESS, "");
  assert_says (session, "alloc $a = 64K reserve|commit readwrite", ATLAS_STATUS_SUCCESS, "");
  assert_says (session, "msr 0xfe", ATLAS_STATUS_SUCCESS, "0x50a: 10 variable ranges");
  assert_says (session, "msr 0x200", ATLAS_STATUS_SUCCESS, "UC, 0x40000000…0x7fffffff, 1 GB");
  assert_says (
    session,
    "write $a 8",
    ATLAS_STATUS_SUCCESS,
    "PAT entry 0 says WB, the MTRRs say WB (no range, so the default type of the MTRRs): "
    "together WB.");

  first = atlas_system_hash_state (atlas_process_get_system (atlas_session_get_process (session)));
  assert_says (session, "wrmsr 0x2ff 0xc04", ATLAS_STATUS_SUCCESS, "WT by default");
  changed =
    atlas_system_hash_state (atlas_process_get_system (atlas_session_get_process (session)));
  g_assert_cmphex (first, !=, changed);
  assert_says (session, "read $a 8", ATLAS_STATUS_SUCCESS, "together WT.");
  /* PAT 0 = UC: the TLB remembers WB until it is told. */
  assert_says (session, "wrmsr 0x277 0x0007010600070100", ATLAS_STATUS_SUCCESS, "0x277 holds");
  assert_says (session, "read $a 8", ATLAS_STATUS_SUCCESS, "The TLB remembers WB");
  assert_says (session, "cr3", ATLAS_STATUS_SUCCESS, "");
  assert_says (session, "read $a 8", ATLAS_STATUS_SUCCESS, "PAT entry 0 says UC");
  assert_says (session, "msr 0x277", ATLAS_STATUS_SUCCESS, "0x7010600070100");
  assert_says (session, "wrmsr 0x277 0x2", ATLAS_STATUS_INVALID_PARAMETER, "#GP(0): Each byte");
  assert_says (session, "wrmsr 0x2ff 0xc03", ATLAS_STATUS_INVALID_PARAMETER, "#GP(0): Each memory");
  assert_says (session, "wrmsr 0xfe 0", ATLAS_STATUS_INVALID_PARAMETER, "only be read");
  assert_says (session, "wrmsr 0x12345 0", ATLAS_STATUS_INVALID_PARAMETER, "no such register");
  assert_says (session, "wrmsr 0x6e1 0x100000000", ATLAS_STATUS_INVALID_PARAMETER, "Bits 63–32");
  assert_says (session, "wrmsr 0x6e1 0x4", ATLAS_STATUS_SUCCESS, "0x6e1 holds 0x4");
  assert_says (session, "wrmsr 0xc0000080 0", ATLAS_STATUS_INVALID_PARAMETER, "EFER.LME");

  for (guint n = atlas_session_get_n_commands (session); n > 4; n--)
    g_assert_true (atlas_session_undo (session));
  g_assert_cmphex (
    atlas_system_hash_state (atlas_process_get_system (atlas_session_get_process (session))),
    ==,
    first);
  assert_says (session, "msr 0x2ff", ATLAS_STATUS_SUCCESS, "WB by default");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-type/table", test_table);
  g_test_add_func ("/mtrrs/find-agrees-with-the-model", test_find_agrees_with_the_model);
  g_test_add_func ("/mtrrs/uniform-agrees-with-the-model", test_uniform_agrees_with_the_model);
  g_test_add_func ("/mtrrs/one-page-parts-a-gigabyte", test_one_page_parts_a_gigabyte);
  g_test_add_func ("/mtrrs/writes", test_writes);
  g_test_add_func ("/mtrrs/firmware-leaves-memory-write-back",
                   test_firmware_leaves_memory_write_back);
  g_test_add_func ("/mtrrs/descriptions", test_descriptions);
  g_test_add_func ("/memory-type/leaves-of-every-size", test_leaves_of_every_size);
  g_test_add_func ("/memory-type/large-page-across-ranges", test_large_page_across_ranges);
  g_test_add_func ("/memory-type/unknown-mtrrs-are-not-made-up",
                   test_unknown_mtrrs_are_not_made_up);
  g_test_add_func ("/memory-type/machine-has-them", test_machine_has_them);
  return g_test_run ();
}
