/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/pte.h"

#include <string.h>

#define RO ATLAS_PROTECTION_READONLY
#define RX ATLAS_PROTECTION_EXECUTE_READ
#define RW ATLAS_PROTECTION_READWRITE
#define RWX ATLAS_PROTECTION_EXECUTE_READWRITE

/* Values of Windows 11; the field layout is the one in the kernel's type information. */
static const struct
{
  guint64 pte;
  AtlasPteInfo info;
} vectors[] = {
  { 0x0, { .kind = ATLAS_PTE_KIND_ASK_VAD } },
  { 0x80, { .kind = ATLAS_PTE_KIND_DEMAND_ZERO, .protection = RW } },
  { 0x20, { .kind = ATLAS_PTE_KIND_DEMAND_ZERO, .protection = RO } },
  { 0x60, { .kind = ATLAS_PTE_KIND_DEMAND_ZERO, .protection = RX } },
  { 0xC0, { .kind = ATLAS_PTE_KIND_DEMAND_ZERO, .protection = RWX } },
  { 0x280, { .kind = ATLAS_PTE_KIND_DEMAND_ZERO, .protection = RW | ATLAS_PROTECTION_GUARD } },
  { 0x180, { .kind = ATLAS_PTE_KIND_DEMAND_ZERO, .protection = RW | ATLAS_PROTECTION_NOCACHE } },
  { 0x380,
    { .kind = ATLAS_PTE_KIND_DEMAND_ZERO, .protection = RW | ATLAS_PROTECTION_WRITECOMBINE } },
  { 0x300, { .kind = ATLAS_PTE_KIND_NOACCESS, .protection = ATLAS_PROTECTION_NOACCESS } },
  { 0x200, { .kind = ATLAS_PTE_KIND_DECOMMITTED, .protection = ATLAS_PROTECTION_DECOMMITTED } },
  { G_GUINT64_CONSTANT (0xFFFFFFFF00000420),
    { .kind = ATLAS_PTE_KIND_VAD_PROTOTYPE, .protection = RO } },
  { G_GUINT64_CONSTANT (0xFFFFFFFF00000480),
    { .kind = ATLAS_PTE_KIND_VAD_PROTOTYPE, .protection = RW } },
  { G_GUINT64_CONSTANT (0x0000123400000094),
    { .kind = ATLAS_PTE_KIND_PAGE_FILE, .protection = RW, .page_file_page = 0x1234 } },
  { G_GUINT64_CONSTANT (0x0000323400000084),
    { .kind = ATLAS_PTE_KIND_PAGE_FILE, .protection = RW, .page_file_page = 0x1234 } },
  { G_GUINT64_CONSTANT (0x0000123400001094),
    { .kind = ATLAS_PTE_KIND_PAGE_FILE,
      .protection = RW,
      .page_file = 1,
      .page_file_page = 0x1234 } },
  { 0x12345880, { .kind = ATLAS_PTE_KIND_TRANSITION, .protection = RW, .pfn = 0x12345 } },
  { 0x12345882, { .kind = ATLAS_PTE_KIND_TRANSITION, .protection = RW, .pfn = 0x12345 } },
  /* The same with the frame number masked against speculation. */
  { 0x12345880 | ATLAS_PTE_INVALID_MASK,
    { .kind = ATLAS_PTE_KIND_TRANSITION, .protection = RW, .pfn = 0x12345 } },
  { G_GUINT64_CONSTANT (0xA123456789A00420),
    { .kind = ATLAS_PTE_KIND_PROTOTYPE,
      .protection = RO,
      .prototype_va = G_GUINT64_CONSTANT (0xFFFFA123456789A0) } },
  { G_GUINT64_CONSTANT (0x8000000012345867),
    { .kind = ATLAS_PTE_KIND_HARDWARE, .protection = RW, .pfn = 0x12345 } },
  { 0x12345025, { .kind = ATLAS_PTE_KIND_HARDWARE, .protection = RX, .pfn = 0x12345 } },
  /* Bit 0 wins over everything. */
  { G_MAXUINT64,
    { .kind = ATLAS_PTE_KIND_HARDWARE,
      .protection = RW | ATLAS_PROTECTION_NOCACHE,
      .pfn = ATLAS_BITS (39, 0) } },
  /* Nothing that Windows writes: a prototype entry in the user half, at an odd address, no
   * protection at all. */
  { G_GUINT64_CONSTANT (0x2123456789A00420), { .kind = ATLAS_PTE_KIND_UNKNOWN, .protection = RO } },
  { G_GUINT64_CONSTANT (0xA123456789A10420), { .kind = ATLAS_PTE_KIND_UNKNOWN, .protection = RO } },
  { 0x2, { .kind = ATLAS_PTE_KIND_UNKNOWN } },
};

static void
test_vectors_decode (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      const AtlasPteInfo *expected = &vectors[i].info;
      AtlasPteInfo info;

      atlas_pte_decode (vectors[i].pte, &info);
      g_test_message ("%016" G_GINT64_MODIFIER "x", vectors[i].pte);
      g_assert_cmpint (info.kind, ==, expected->kind);
      g_assert_cmpint (atlas_pte_get_kind (vectors[i].pte), ==, expected->kind);
      g_assert_cmphex (info.protection, ==, expected->protection);
      g_assert_cmphex (info.pfn, ==, expected->pfn);
      g_assert_cmpuint (info.page_file, ==, expected->page_file);
      g_assert_cmphex (info.page_file_page, ==, expected->page_file_page);
      g_assert_cmphex (info.prototype_va, ==, expected->prototype_va);
    }
}

static void
test_constructors_give_the_vectors (void)
{
  g_assert_cmphex (atlas_pte_make_demand_zero (RW), ==, 0x80);
  g_assert_cmphex (atlas_pte_make_demand_zero (RO), ==, 0x20);
  g_assert_cmphex (atlas_pte_make_demand_zero (RX), ==, 0x60);
  g_assert_cmphex (atlas_pte_make_demand_zero (RWX), ==, 0xC0);
  g_assert_cmphex (atlas_pte_make_demand_zero (RW | ATLAS_PROTECTION_GUARD), ==, 0x280);
  g_assert_cmphex (atlas_pte_make_demand_zero (RW | ATLAS_PROTECTION_NOCACHE), ==, 0x180);
  g_assert_cmphex (atlas_pte_make_demand_zero (RW | ATLAS_PROTECTION_WRITECOMBINE), ==, 0x380);
  g_assert_cmphex (atlas_pte_make_demand_zero (ATLAS_PROTECTION_NOACCESS), ==, ATLAS_PTE_NOACCESS);
  g_assert_cmphex (
    atlas_pte_make_demand_zero (ATLAS_PROTECTION_DECOMMITTED), ==, ATLAS_PTE_DECOMMITTED);
  g_assert_cmphex (atlas_pte_make_vad_prototype (RO), ==, G_GUINT64_CONSTANT (0xFFFFFFFF00000420));
  g_assert_cmphex (atlas_pte_make_vad_prototype (RW), ==, G_GUINT64_CONSTANT (0xFFFFFFFF00000480));
  g_assert_cmphex (
    atlas_pte_make_page_file (0, 0x1234, RW), ==, G_GUINT64_CONSTANT (0x0000323400000084));
  g_assert_cmphex (atlas_pte_make_transition (0x12345, RW), ==, 0x12345880);
  g_assert_cmphex (atlas_pte_make_prototype (G_GUINT64_CONSTANT (0xFFFFA123456789A0), RO),
                   ==,
                   G_GUINT64_CONSTANT (0xA123456789A00420));
}

static void
test_what_is_made_decodes_to_the_same (void)
{
  static const guint32 pages[] = { 1, 0x1234, 0x1FFF, 0x2001, 0xFFFFFFFEu };
  static const AtlasPfn pfns[] = { 0, 1, 0x12345, ATLAS_BITS (32, 0) };
  AtlasPteInfo info;

  for (guint8 code = 1; code <= 0x1F; code++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
        for (guint file = 0; file < 16; file++)
          {
            atlas_pte_decode (atlas_pte_make_page_file (file, pages[i], code), &info);
            g_assert_cmpint (info.kind, ==, ATLAS_PTE_KIND_PAGE_FILE);
            g_assert_cmpuint (info.page_file, ==, file);
            g_assert_cmphex (info.page_file_page, ==, pages[i]);
            g_assert_cmphex (info.protection, ==, code);
          }
      for (guint i = 0; i < G_N_ELEMENTS (pfns); i++)
        {
          atlas_pte_decode (atlas_pte_make_transition (pfns[i], code), &info);
          g_assert_cmpint (info.kind, ==, ATLAS_PTE_KIND_TRANSITION);
          g_assert_cmphex (info.pfn, ==, pfns[i]);
          g_assert_cmphex (info.protection, ==, code);
        }
      atlas_pte_decode (atlas_pte_with_protection (atlas_pte_make_transition (7, RW), code), &info);
      g_assert_cmpint (info.kind, ==, ATLAS_PTE_KIND_TRANSITION);
      g_assert_cmphex (info.pfn, ==, 7);
      g_assert_cmphex (info.protection, ==, code);
    }
}

/* The tests that public memory analysers apply, in their order. */
static AtlasPteKind
naive_kind (guint64 pte)
{
  guint64 high = pte >> 32;
  guint64 protection = pte >> 5 & 0x1F;

  if (pte & 1)
    return ATLAS_PTE_KIND_HARDWARE;
  if ((pte & 0xC01) == 0x800)
    return ATLAS_PTE_KIND_TRANSITION;
  if (pte == 0)
    return ATLAS_PTE_KIND_ASK_VAD;
  if ((pte & 0x400) && high == 0xFFFFFFFF)
    return ATLAS_PTE_KIND_VAD_PROTOTYPE;
  if ((pte & G_GUINT64_CONSTANT (0x8000000000070401)) == G_GUINT64_CONSTANT (0x8000000000000400))
    return ATLAS_PTE_KIND_PROTOTYPE;
  if (pte & 0xC00)
    return ATLAS_PTE_KIND_UNKNOWN;
  if (high != 0)
    return ATLAS_PTE_KIND_PAGE_FILE;
  if (protection == 0x10)
    return ATLAS_PTE_KIND_DECOMMITTED;
  if (protection == 0x18)
    return ATLAS_PTE_KIND_NOACCESS;
  return protection != 0 ? ATLAS_PTE_KIND_DEMAND_ZERO : ATLAS_PTE_KIND_UNKNOWN;
}

static void
test_any_bits_decode (void)
{
  guint seen[ATLAS_N_PTE_KINDS] = { 0 };

  for (guint i = 0; i < 200000; i++)
    {
      guint64 pte = (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
      AtlasPteInfo info;

      /* Sparse words reach the forms that are mostly zero; filled ones the all-ones form. */
      if (i % 3 == 0)
        pte &= (guint64) g_test_rand_int () & 0xFFF;
      if (i % 5 == 0)
        pte |= ATLAS_BITS (63, 32);
      if (i % 2 == 0)
        pte &= ~ATLAS_PTE_VALID;
      atlas_pte_decode (pte, &info);
      g_assert_cmpint (info.kind, ==, naive_kind (pte));
      seen[info.kind]++;
    }
  for (guint kind = 0; kind < ATLAS_N_PTE_KINDS; kind++)
    g_assert_cmpuint (seen[kind], >, 0);
}

static void
test_fields_cover_each_bit_once (void)
{
  for (guint kind = 0; kind < ATLAS_N_PTE_KINDS; kind++)
    {
      guint n_fields;
      const AtlasPteField *fields = atlas_pte_get_fields (kind, &n_fields);
      gint expected_bit = 63;

      for (guint i = 0; i < n_fields; i++)
        {
          g_assert_cmpint (fields[i].high_bit, ==, expected_bit);
          g_assert_cmpint (fields[i].low_bit, <=, fields[i].high_bit);
          g_assert_cmpuint (strlen (fields[i].name), >, 0);
          g_assert_true (g_str_has_suffix (fields[i].meaning, "."));
          expected_bit = fields[i].low_bit - 1;
        }
      g_assert_cmpint (expected_bit, ==, -1);
      g_assert_true (g_str_has_suffix (atlas_pte_kind_get_description (kind), "."));
    }
}

static void
test_entries_read_well (void)
{
  static const struct
  {
    guint64 pte;
    const char *text;
  } cases[] = {
    { 0, "never touched" },
    { 0x80, "demand zero, READWRITE" },
    { 0x200, "decommitted" },
    { 0x300, "no access" },
    { 0x12345880, "transition, frame 0x12345, READWRITE" },
    { G_GUINT64_CONSTANT (0x8000000012345867), "present, frame 0x12345, READWRITE" },
    { G_GUINT64_CONSTANT (0x0000323400001084), "page 0x1234 of paging file 1, READWRITE" },
    { G_GUINT64_CONSTANT (0xA123456789A00420), "prototype at 0xffffa123456789a0, READONLY" },
    { G_GUINT64_CONSTANT (0xFFFFFFFF00000480), "prototype, by VAD, READWRITE" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = atlas_trace_format_pte (cases[i].pte);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pte/vectors-decode", test_vectors_decode);
  g_test_add_func ("/pte/constructors-give-the-vectors", test_constructors_give_the_vectors);
  g_test_add_func ("/pte/what-is-made-decodes-to-the-same", test_what_is_made_decodes_to_the_same);
  g_test_add_func ("/pte/any-bits-decode", test_any_bits_decode);
  g_test_add_func ("/pte/fields-cover-each-bit-once", test_fields_cover_each_bit_once);
  g_test_add_func ("/pte/entries-read-well", test_entries_read_well);
  return g_test_run ();
}
