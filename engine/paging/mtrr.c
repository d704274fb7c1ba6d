/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/mtrr.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"

const char *
atlas_memory_type_get_name (guint memory_type)
{
  static const char *const names[] = { "UC", "WC", "?", "?", "WT", "WP", "WB", "UC-" };

  return memory_type < G_N_ELEMENTS (names) ? names[memory_type] : "?";
}

#define FIXED_END_PA 0x100000u
/* IA32_MTRRCAP: fixed ranges (bit 8), WC (bit 10), number of pairs. */
#define MTRR_CAP (ATLAS_BIT (10) | ATLAS_BIT (8) | ATLAS_N_VARIABLE_MTRRS)
#define DEFAULT_TYPE_RESERVED (ATLAS_BITS (63, 12) | ATLAS_BITS (9, 8))
#define BASE_RESERVED ATLAS_BITS (11, 8)
#define MASK_RESERVED ATLAS_BITS (10, 0)

/* Each register has the types of eight pieces. Intel SDM vol. 3A, table 12-9. */
static const struct
{
  guint32 msr;
  guint32 base_pa;
  guint32 piece_bytes;
} fixed_registers[] = {
  { 0x250, 0x00000, 0x10000 }, { 0x258, 0x80000, 0x4000 }, { 0x259, 0xa0000, 0x4000 },
  { 0x268, 0xc0000, 0x1000 },  { 0x269, 0xc8000, 0x1000 }, { 0x26a, 0xd0000, 0x1000 },
  { 0x26b, 0xd8000, 0x1000 },  { 0x26c, 0xe0000, 0x1000 }, { 0x26d, 0xe8000, 0x1000 },
  { 0x26e, 0xf0000, 0x1000 },  { 0x26f, 0xf8000, 0x1000 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (fixed_registers) == ATLAS_N_FIXED_MTRRS);

/* ---- The registers ---- */

#define REPEATED(type) ((guint64) (type) *G_GUINT64_CONSTANT (0x0101010101010101))
#define HOLE_STEP_BYTES ATLAS_MB (4)

void
atlas_mtrrs_init (AtlasMtrrs *mtrrs, guint64 memory_bytes, guint maxphyaddr_bits)
{
  guint64 hole_pa = (memory_bytes + HOLE_STEP_BYTES - 1u) & ~(HOLE_STEP_BYTES - 1u);
  guint n_pairs = 0;

  g_return_if_fail (mtrrs != NULL);
  g_return_if_fail (maxphyaddr_bits >= 36 && maxphyaddr_bits <= 52);

  *mtrrs = (AtlasMtrrs){
    .default_type = ATLAS_MTRR_ENABLE | ATLAS_MTRR_FIXED_ENABLE | ATLAS_MEMORY_TYPE_WB,
  };
  for (guint i = 0; i < ATLAS_N_FIXED_MTRRS; i++)
    mtrrs->fixed[i] = REPEATED (fixed_registers[i].base_pa < 0xa0000   ? ATLAS_MEMORY_TYPE_WB
                                : fixed_registers[i].base_pa < 0xc0000 ? ATLAS_MEMORY_TYPE_UC
                                                                       : ATLAS_MEMORY_TYPE_WP);
  /* Each pair doubles the multiple of which the rest begins at one, until that is 4 GB. */
  while (hole_pa < ATLAS_GB (4))
    {
      guint64 size_bytes = hole_pa & (~hole_pa + 1u);

      g_assert (n_pairs < ATLAS_N_VARIABLE_MTRRS);
      mtrrs->variable[n_pairs].base = hole_pa | ATLAS_MEMORY_TYPE_UC;
      mtrrs->variable[n_pairs].mask =
        (~(size_bytes - 1u) & (ATLAS_BIT (maxphyaddr_bits) - 1u)) | ATLAS_MTRR_ENABLE;
      hole_pa += size_bytes;
      n_pairs++;
    }
}
G_STATIC_ASSERT (ATLAS_GB (4) / HOLE_STEP_BYTES == 1u << ATLAS_N_VARIABLE_MTRRS);

/* Where @msr is kept; NULL when it is not one that can be written. */
static guint64 *
find_register (AtlasMtrrs *mtrrs, guint32 msr)
{
  guint32 pair = (msr - ATLAS_MSR_MTRR_BASE) / 2u;

  if (msr == ATLAS_MSR_MTRR_DEF_TYPE)
    return &mtrrs->default_type;
  if (msr >= ATLAS_MSR_MTRR_BASE && pair < ATLAS_N_VARIABLE_MTRRS)
    return msr % 2u == 0 ? &mtrrs->variable[pair].base : &mtrrs->variable[pair].mask;
  for (guint i = 0; i < ATLAS_N_FIXED_MTRRS; i++)
    if (fixed_registers[i].msr == msr)
      return &mtrrs->fixed[i];
  return NULL;
}

gboolean
atlas_mtrrs_read (const AtlasMtrrs *mtrrs, guint32 msr, guint64 *value)
{
  const guint64 *found;

  g_return_val_if_fail (mtrrs != NULL && value != NULL, FALSE);

  if (msr == ATLAS_MSR_MTRR_CAP)
    {
      *value = MTRR_CAP;
      return TRUE;
    }
  found = find_register ((AtlasMtrrs *) mtrrs, msr);
  if (found != NULL)
    *value = *found;
  return found != NULL;
}

static gboolean
is_type (guint64 encoding)
{
  return encoding < ATLAS_MEMORY_TYPE_UC_MINUS && encoding != 2 && encoding != 3;
}

AtlasControlRule
atlas_mtrrs_write (AtlasMtrrs *mtrrs, guint32 msr, guint64 value, guint maxphyaddr_bits)
{
  guint64 beyond = ~(ATLAS_BIT (maxphyaddr_bits) - 1u);
  guint64 *found;

  g_return_val_if_fail (mtrrs != NULL, ATLAS_RULE_NO_REGISTER);
  g_return_val_if_fail (maxphyaddr_bits >= 36 && maxphyaddr_bits <= 52, ATLAS_RULE_NO_REGISTER);

  found = find_register (mtrrs, msr);
  if (found == NULL)
    return msr == ATLAS_MSR_MTRR_CAP ? ATLAS_RULE_READ_ONLY : ATLAS_RULE_NO_REGISTER;

  if (msr == ATLAS_MSR_MTRR_DEF_TYPE)
    {
      if ((value & DEFAULT_TYPE_RESERVED) != 0)
        return ATLAS_RULE_RESERVED_BIT;
      if (!is_type (value & ATLAS_MTRR_TYPE_MASK))
        return ATLAS_RULE_MTRR_TYPE;
    }
  else if (msr - ATLAS_MSR_MTRR_BASE >= 2u * ATLAS_N_VARIABLE_MTRRS)
    {
      for (guint i = 0; i < 8; i++)
        if (!is_type (value >> (8u * i) & 0xffu))
          return ATLAS_RULE_MTRR_TYPE;
    }
  else if (msr % 2u == 0)
    {
      if ((value & (BASE_RESERVED | beyond)) != 0)
        return ATLAS_RULE_RESERVED_BIT;
      if (!is_type (value & ATLAS_MTRR_TYPE_MASK))
        return ATLAS_RULE_MTRR_TYPE;
    }
  else if ((value & (MASK_RESERVED | beyond)) != 0)
    return ATLAS_RULE_RESERVED_BIT;

  *found = value;
  return ATLAS_RULE_NONE;
}

/* ---- What they say of an address ---- */

static gboolean
is_in_use (const AtlasMtrrPair *pair)
{
  return (pair->mask & ATLAS_MTRR_ENABLE) != 0;
}

static gboolean
has_fixed (const AtlasMtrrs *mtrrs, AtlasPa pa)
{
  return pa < FIXED_END_PA && (mtrrs->default_type & ATLAS_MTRR_FIXED_ENABLE) != 0;
}

static guint
find_fixed (const AtlasMtrrs *mtrrs, AtlasPa pa)
{
  guint i = ATLAS_N_FIXED_MTRRS - 1u;

  while (pa < fixed_registers[i].base_pa)
    i--;
  return (guint) (mtrrs->fixed[i] >>
                  (8u * ((pa - fixed_registers[i].base_pa) / fixed_registers[i].piece_bytes)));
}

#define UC_BIT (1u << ATLAS_MEMORY_TYPE_UC)
#define WT_OR_WB_BITS (1u << ATLAS_MEMORY_TYPE_WT | 1u << ATLAS_MEMORY_TYPE_WB)

AtlasMtrrAnswer
atlas_mtrrs_find (const AtlasMtrrs *mtrrs, AtlasPa pa)
{
  guint types = 0; /* a bit for each type that a pair gives */

  g_return_val_if_fail (mtrrs != NULL, (AtlasMtrrAnswer){ 0 });

  if ((mtrrs->default_type & ATLAS_MTRR_ENABLE) == 0)
    return (AtlasMtrrAnswer){ ATLAS_MEMORY_TYPE_UC, ATLAS_MTRR_BY_NOTHING };
  if (has_fixed (mtrrs, pa))
    return (AtlasMtrrAnswer){ find_fixed (mtrrs, pa) & 7u, ATLAS_MTRR_BY_FIXED };

  for (guint i = 0; i < ATLAS_N_VARIABLE_MTRRS; i++)
    {
      const AtlasMtrrPair *pair = &mtrrs->variable[i];

      if (is_in_use (pair) && ((pa ^ pair->base) & pair->mask & ~ATLAS_PAGE_MASK) == 0)
        types |= 1u << (pair->base & 7u);
    }
  if (types == 0)
    return (AtlasMtrrAnswer){ (guint) (mtrrs->default_type & 7u), ATLAS_MTRR_BY_DEFAULT };
  if ((types & (types - 1u)) == 0)
    return (AtlasMtrrAnswer){ (guint) g_bit_nth_lsf (types, -1), ATLAS_MTRR_BY_VARIABLE };
  if ((types & UC_BIT) != 0)
    return (AtlasMtrrAnswer){ ATLAS_MEMORY_TYPE_UC, ATLAS_MTRR_BY_OVERLAP_UC };
  if (types == WT_OR_WB_BITS)
    return (AtlasMtrrAnswer){ ATLAS_MEMORY_TYPE_WT, ATLAS_MTRR_BY_OVERLAP_WT };
  return (AtlasMtrrAnswer){ ATLAS_MEMORY_TYPE_UC, ATLAS_MTRR_BY_OVERLAP_UNKNOWN };
}

/* Whether some pair, or the fixed ranges, may part the page. */
static gboolean
may_be_parted (const AtlasMtrrs *mtrrs, AtlasPa base_pa, guint64 size_bytes)
{
  if (has_fixed (mtrrs, base_pa))
    return TRUE;
  for (guint i = 0; i < ATLAS_N_VARIABLE_MTRRS; i++)
    {
      const AtlasMtrrPair *pair = &mtrrs->variable[i];
      guint64 differing = (base_pa ^ pair->base) & pair->mask;

      if (is_in_use (pair) && (pair->mask & (size_bytes - 1u) & ~ATLAS_PAGE_MASK) != 0 &&
          (differing & ~(size_bytes - 1u)) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_type (const AtlasMtrrs *mtrrs, AtlasPa base_pa, guint64 size_bytes, guint type)
{
  if (atlas_mtrrs_find (mtrrs, base_pa).type != type)
    return FALSE;
  if (size_bytes <= ATLAS_PAGE_BYTES || !may_be_parted (mtrrs, base_pa, size_bytes))
    return TRUE;
  size_bytes /= 2u;
  return has_type (mtrrs, base_pa + size_bytes, size_bytes, type) &&
         has_type (mtrrs, base_pa, size_bytes, type);
}

gboolean
atlas_mtrrs_is_uniform (const AtlasMtrrs *mtrrs, AtlasPa base_pa, guint64 size_bytes)
{
  g_return_val_if_fail (mtrrs != NULL, FALSE);
  g_return_val_if_fail (size_bytes >= ATLAS_PAGE_BYTES && (size_bytes & (size_bytes - 1u)) == 0,
                        FALSE);
  g_return_val_if_fail ((base_pa & (size_bytes - 1u)) == 0, FALSE);

  return (mtrrs->default_type & ATLAS_MTRR_ENABLE) == 0 ||
         has_type (mtrrs, base_pa, size_bytes, atlas_mtrrs_find (mtrrs, base_pa).type);
}

/* ---- Words ---- */

const char *
atlas_mtrr_reason_get_name (AtlasMtrrReason reason)
{
  static const char *const names[] = {
    [ATLAS_MTRR_BY_NOTHING] = "off",
    [ATLAS_MTRR_BY_FIXED] = "fixed",
    [ATLAS_MTRR_BY_VARIABLE] = "variable",
    [ATLAS_MTRR_BY_OVERLAP_UC] = "overlap-uc",
    [ATLAS_MTRR_BY_OVERLAP_WT] = "overlap-wt",
    [ATLAS_MTRR_BY_OVERLAP_UNKNOWN] = "overlap-undefined",
    [ATLAS_MTRR_BY_DEFAULT] = "default",
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (names) == ATLAS_N_MTRR_REASONS);

  g_return_val_if_fail ((guint) reason < ATLAS_N_MTRR_REASONS, NULL);

  return names[reason];
}

const char *
atlas_mtrr_reason_get_text (AtlasMtrrReason reason)
{
  static const char *const texts[] = {
    [ATLAS_MTRR_BY_NOTHING] = N_ ("the MTRRs are off, which makes all memory UC"),
    [ATLAS_MTRR_BY_FIXED] = N_ ("a fixed range MTRR"),
    [ATLAS_MTRR_BY_VARIABLE] = N_ ("a variable range MTRR"),
    [ATLAS_MTRR_BY_OVERLAP_UC] = N_ ("variable ranges overlap, and UC wins"),
    [ATLAS_MTRR_BY_OVERLAP_WT] = N_ ("variable ranges overlap, and WT wins over WB"),
    [ATLAS_MTRR_BY_OVERLAP_UNKNOWN] =
      N_ ("variable ranges overlap in a way that the manual leaves undefined; UC is our choice"),
    [ATLAS_MTRR_BY_DEFAULT] = N_ ("no range, so the default type of the MTRRs"),
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (texts) == ATLAS_N_MTRR_REASONS);

  g_return_val_if_fail ((guint) reason < ATLAS_N_MTRR_REASONS, NULL);

  return texts[reason];
}

static char *
describe_fixed (guint index, guint64 value)
{
  GString *text = g_string_new (NULL);
  g_autofree char *first = atlas_format_hex (fixed_registers[index].base_pa);
  g_autofree char *piece = atlas_format_size (fixed_registers[index].piece_bytes);

  for (guint i = 0; i < 8; i++)
    g_string_append_printf (
      text, "%s%s", i > 0 ? " " : "", atlas_memory_type_get_name (value >> (8u * i) & 0xffu));
  /* Translators: an address, then a size, behind eight types such as "WB". */
  g_string_append_printf (text, _ (", from %s on, %s each"), first, piece);
  return g_string_free (text, FALSE);
}

static char *
describe_pair (const AtlasMtrrPair *pair, guint maxphyaddr_bits)
{
  guint64 mask = pair->mask & (ATLAS_BIT (maxphyaddr_bits) - 1u) & ~ATLAS_PAGE_MASK;
  guint64 size_bytes = mask != 0 ? mask & (~mask + 1u) : ATLAS_BIT (maxphyaddr_bits);
  AtlasPa base_pa = pair->base & mask;
  const char *type = atlas_memory_type_get_name (pair->base & 0xffu);
  g_autofree char *first = atlas_format_hex (base_pa);
  g_autofree char *last = atlas_format_hex (base_pa + size_bytes - 1u);
  g_autofree char *size = atlas_format_size (size_bytes);

  if (!is_in_use (pair))
    return g_strdup (_ ("not in use"));
  /* Without gaps the mask is all ones from its lowest bit up. */
  if (mask + size_bytes == ATLAS_BIT (maxphyaddr_bits) || mask == 0)
    return g_strdup_printf ("%s, %s…%s, %s", type, first, last, size);
  /* Translators: a type such as "UC", a size, an address. */
  return g_strdup_printf (_ ("%s, pieces of %s from %s on: the mask has gaps"), type, size, first);
}

char *
atlas_mtrrs_describe (const AtlasMtrrs *mtrrs, guint32 msr, guint maxphyaddr_bits)
{
  g_return_val_if_fail (mtrrs != NULL, NULL);
  g_return_val_if_fail (maxphyaddr_bits >= 36 && maxphyaddr_bits <= 52, NULL);

  if (msr == ATLAS_MSR_MTRR_CAP)
    return g_strdup_printf (_ ("%u variable ranges, fixed ranges, WC"), ATLAS_N_VARIABLE_MTRRS);
  if (msr == ATLAS_MSR_MTRR_DEF_TYPE)
    {
      if ((mtrrs->default_type & ATLAS_MTRR_ENABLE) == 0)
        return g_strdup (_ ("MTRRs off: all memory is UC"));
      return g_strdup_printf ((mtrrs->default_type & ATLAS_MTRR_FIXED_ENABLE) != 0
                                ? _ ("MTRRs on, fixed ranges on, %s by default")
                                : _ ("MTRRs on, fixed ranges off, %s by default"),
                              atlas_memory_type_get_name (mtrrs->default_type & 0xffu));
    }
  if (msr - ATLAS_MSR_MTRR_BASE < 2u * ATLAS_N_VARIABLE_MTRRS)
    return describe_pair (&mtrrs->variable[(msr - ATLAS_MSR_MTRR_BASE) / 2u], maxphyaddr_bits);
  for (guint i = 0; i < ATLAS_N_FIXED_MTRRS; i++)
    if (fixed_registers[i].msr == msr)
      return describe_fixed (i, mtrrs->fixed[i]);
  return NULL;
}
