/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/protection.h"
#include "windows/pte.h"

#define UNTOUCHED 0xAA

/* The rule as the documentation has it, clause by clause. */
static gboolean
is_legal (guint32 page_protect)
{
  guint32 base = page_protect & 0xFF;
  gboolean has_guard = (page_protect & 0x100) != 0;
  gboolean has_nocache = (page_protect & 0x200) != 0;
  gboolean has_writecombine = (page_protect & 0x400) != 0;
  gboolean has_targets = (page_protect & 0x40000000) != 0;

  if ((page_protect & ~0x400007FFu) != 0)
    return FALSE;
  if (base != 0x01 && base != 0x02 && base != 0x04 && base != 0x08 && base != 0x10 &&
      base != 0x20 && base != 0x40 && base != 0x80)
    return FALSE;
  if (has_guard && base == 0x01)
    return FALSE;
  if (has_nocache && (has_guard || base == 0x01 || has_writecombine))
    return FALSE;
  if (has_writecombine && (base == 0x01 || has_guard || has_nocache))
    return FALSE;
  if (has_targets && base < 0x10)
    return FALSE;
  return TRUE;
}

static void
test_low_bits_are_judged_as_documented (void)
{
  guint n_legal = 0;

  for (guint32 page_protect = 0; page_protect < 0x1000; page_protect++)
    {
      guint8 code = UNTOUCHED;
      AtlasStatus status = atlas_protection_from_win32 (page_protect, &code);

      if (is_legal (page_protect))
        {
          g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
          g_assert_cmphex (code, <=, 0x1F);
          g_assert_cmphex (atlas_protection_to_win32 (code), ==, page_protect);
          n_legal++;
        }
      else
        {
          g_assert_cmphex (status, ==, ATLAS_STATUS_INVALID_PAGE_PROTECTION);
          g_assert_cmphex (code, ==, UNTOUCHED);
        }
    }
  /* NOACCESS, and seven bases with four modifiers. */
  g_assert_cmpuint (n_legal, ==, 1 + 7 * 4);
}

static void
test_high_bits_are_judged_as_documented (void)
{
  for (guint bit = 11; bit < 32; bit++)
    for (guint32 low = 0; low < 0x800; low++)
      {
        guint32 page_protect = low | 1u << bit;
        guint8 code = UNTOUCHED;
        AtlasStatus status = atlas_protection_from_win32 (page_protect, &code);

        g_assert_cmphex (status,
                         ==,
                         is_legal (page_protect) ? ATLAS_STATUS_SUCCESS
                                                 : ATLAS_STATUS_INVALID_PAGE_PROTECTION);
        /* TARGETS_INVALID is not part of the page's protection. */
        if (status == ATLAS_STATUS_SUCCESS)
          g_assert_cmphex (atlas_protection_to_win32 (code), ==, low);
      }
  g_assert_cmphex (atlas_protection_from_win32 (0xFFFFFFFFu, &(guint8){ 0 }),
                   ==,
                   ATLAS_STATUS_INVALID_PAGE_PROTECTION);
}

static void
test_codes_are_those_of_windows (void)
{
  static const struct
  {
    guint32 page_protect;
    guint8 code;
  } cases[] = {
    { ATLAS_PAGE_NOACCESS, 0x18 },
    { ATLAS_PAGE_READONLY, 0x01 },
    { ATLAS_PAGE_EXECUTE, 0x02 },
    { ATLAS_PAGE_EXECUTE_READ, 0x03 },
    { ATLAS_PAGE_READWRITE, 0x04 },
    { ATLAS_PAGE_WRITECOPY, 0x05 },
    { ATLAS_PAGE_EXECUTE_READWRITE, 0x06 },
    { ATLAS_PAGE_EXECUTE_WRITECOPY, 0x07 },
    { ATLAS_PAGE_READWRITE | ATLAS_PAGE_NOCACHE, 0x0C },
    { ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD, 0x14 },
    { ATLAS_PAGE_READWRITE | ATLAS_PAGE_WRITECOMBINE, 0x1C },
    { ATLAS_PAGE_READONLY | ATLAS_PAGE_WRITECOMBINE, 0x19 },
  };
  static const guint8 nothings[] = { 0x00, 0x08, 0x10 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 code = UNTOUCHED;

      g_assert_cmphex (atlas_protection_from_win32 (cases[i].page_protect, &code), ==, 0);
      g_assert_cmphex (code, ==, cases[i].code);
      g_assert_cmphex (atlas_protection_to_win32 (cases[i].code), ==, cases[i].page_protect);
    }
  for (guint i = 0; i < G_N_ELEMENTS (nothings); i++)
    g_assert_cmphex (atlas_protection_to_win32 (nothings[i]), ==, 0);
}

static void
test_rights_follow_the_base (void)
{
  static const struct
  {
    guint32 page_protect;
    const char *rights;
  } cases[] = {
    { ATLAS_PAGE_NOACCESS, "---" },
    { ATLAS_PAGE_READONLY, "r--" },
    { ATLAS_PAGE_READWRITE, "rw-" },
    { ATLAS_PAGE_WRITECOPY, "rw-" },
    { ATLAS_PAGE_EXECUTE, "r-x" },
    { ATLAS_PAGE_EXECUTE_READ, "r-x" },
    { ATLAS_PAGE_EXECUTE_READWRITE, "rwx" },
    { ATLAS_PAGE_EXECUTE_WRITECOPY, "rwx" },
    { ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD, "rw-" },
    { ATLAS_PAGE_READONLY | ATLAS_PAGE_NOCACHE, "r--" },
    { ATLAS_PAGE_READONLY | ATLAS_PAGE_WRITECOMBINE, "r--" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *rights = cases[i].rights;
      guint8 code = UNTOUCHED;

      g_assert_cmphex (atlas_protection_from_win32 (cases[i].page_protect, &code), ==, 0);
      g_assert_cmpint (atlas_protection_allows (code, ATLAS_ACCESS_READ), ==, rights[0] == 'r');
      g_assert_cmpint (atlas_protection_allows (code, ATLAS_ACCESS_WRITE), ==, rights[1] == 'w');
      g_assert_cmpint (atlas_protection_allows (code, ATLAS_ACCESS_EXECUTE), ==, rights[2] == 'x');
      g_assert_cmpint (atlas_protection_is_executable (code), ==, rights[2] == 'x');
      g_assert_cmpint (
        atlas_protection_is_writable (code), ==, (cases[i].page_protect & 0x44) != 0);
      g_assert_cmpint (
        atlas_protection_is_copy_on_write (code), ==, (cases[i].page_protect & 0x88) != 0);
      g_assert_cmpint (
        atlas_protection_is_guard (code), ==, (cases[i].page_protect & ATLAS_PAGE_GUARD) != 0);
      g_assert_cmpint (
        atlas_protection_is_nocache (code), ==, (cases[i].page_protect & ATLAS_PAGE_NOCACHE) != 0);
      g_assert_cmpint (atlas_protection_is_writecombine (code),
                       ==,
                       (cases[i].page_protect & ATLAS_PAGE_WRITECOMBINE) != 0);
      g_assert_cmpint (atlas_protection_is_mappable (code),
                       ==,
                       (cases[i].page_protect & (ATLAS_PAGE_NOACCESS | ATLAS_PAGE_GUARD)) == 0);
      g_assert_cmphex (atlas_protection_to_win32 (atlas_protection_without_guard (code)),
                       ==,
                       cases[i].page_protect & ~ATLAS_PAGE_GUARD);
    }
  g_assert_false (atlas_protection_is_guard (ATLAS_PROTECTION_DECOMMITTED));
  g_assert_false (atlas_protection_is_mappable (ATLAS_PROTECTION_DECOMMITTED));
}

static void
test_entries_are_those_of_windows (void)
{
  static const struct
  {
    guint8 code;
    gboolean is_user;
    gboolean is_dirty;
    guint64 pte;
  } cases[] = {
    { ATLAS_PROTECTION_READONLY, TRUE, FALSE, G_GUINT64_CONSTANT (0x8000000012345025) },
    { ATLAS_PROTECTION_READONLY, TRUE, TRUE, G_GUINT64_CONSTANT (0x8000000012345025) },
    { ATLAS_PROTECTION_EXECUTE, TRUE, FALSE, G_GUINT64_CONSTANT (0x2000000012345025) },
    { ATLAS_PROTECTION_EXECUTE_READ, TRUE, FALSE, G_GUINT64_CONSTANT (0x12345025) },
    { ATLAS_PROTECTION_READWRITE, TRUE, FALSE, G_GUINT64_CONSTANT (0x8000000012345825) },
    { ATLAS_PROTECTION_READWRITE, TRUE, TRUE, G_GUINT64_CONSTANT (0x8000000012345867) },
    { ATLAS_PROTECTION_EXECUTE_READWRITE, TRUE, FALSE, G_GUINT64_CONSTANT (0x12345825) },
    { ATLAS_PROTECTION_EXECUTE_READWRITE, TRUE, TRUE, G_GUINT64_CONSTANT (0x12345867) },
    { ATLAS_PROTECTION_WRITECOPY, TRUE, FALSE, G_GUINT64_CONSTANT (0x8000000012345225) },
    { ATLAS_PROTECTION_WRITECOPY, TRUE, TRUE, G_GUINT64_CONSTANT (0x8000000012345225) },
    { ATLAS_PROTECTION_EXECUTE_WRITECOPY, TRUE, FALSE, G_GUINT64_CONSTANT (0x12345225) },
    { ATLAS_PROTECTION_READWRITE, FALSE, TRUE, G_GUINT64_CONSTANT (0x8000000012345963) },
    { ATLAS_PROTECTION_READWRITE | ATLAS_PROTECTION_NOCACHE,
      TRUE,
      FALSE,
      G_GUINT64_CONSTANT (0x8000000012345835) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmphex (
        atlas_protection_make_pte (cases[i].code, 0x12345, cases[i].is_user, cases[i].is_dirty),
        ==,
        cases[i].pte);
      g_assert_cmphex (atlas_protection_from_pte (cases[i].pte), ==, cases[i].code);
    }
}

static void
test_entries_keep_every_mappable_code_and_frame (void)
{
  static const AtlasPfn pfns[] = { 0, 1, 0x12345, ATLAS_BITS (39, 0) };

  for (guint8 code = 0; code <= 0x1F; code++)
    {
      if (!atlas_protection_is_mappable (code))
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (pfns); i++)
        for (guint dirty = 0; dirty < 2; dirty++)
          {
            guint64 pte = atlas_protection_make_pte (code, pfns[i], TRUE, dirty != 0);

            g_assert_cmphex (atlas_pte_get_pfn (pte), ==, pfns[i]);
            g_assert_cmphex (atlas_protection_from_pte (pte), ==, code);
            /* The processor may write only what may be written and is known to be dirty. */
            g_assert_cmpint (
              (pte & ATLAS_PTE_DIRTY1) != 0, ==, dirty != 0 && atlas_protection_is_writable (code));
            g_assert_cmpint ((pte & ATLAS_PTE_NO_EXECUTE) == 0,
                             ==,
                             atlas_protection_allows (code, ATLAS_ACCESS_EXECUTE));
          }
    }
}

static void
test_codes_read_well (void)
{
  static const struct
  {
    guint8 code;
    const char *text;
  } cases[] = {
    { 0x18, "NOACCESS" },
    { 0x10, "DECOMMITTED" },
    { 0x04, "READWRITE" },
    { 0x14, "READWRITE | GUARD" },
    { 0x0C, "READWRITE | NOCACHE" },
    { 0x19, "READONLY | WRITECOMBINE" },
    { 0x07, "EXECUTE_WRITECOPY" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = atlas_trace_format_protection (cases[i].code);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/protection/low-bits-are-judged-as-documented",
                   test_low_bits_are_judged_as_documented);
  g_test_add_func ("/protection/high-bits-are-judged-as-documented",
                   test_high_bits_are_judged_as_documented);
  g_test_add_func ("/protection/codes-are-those-of-windows", test_codes_are_those_of_windows);
  g_test_add_func ("/protection/rights-follow-the-base", test_rights_follow_the_base);
  g_test_add_func ("/protection/entries-are-those-of-windows", test_entries_are_those_of_windows);
  g_test_add_func ("/protection/entries-keep-every-mappable-code-and-frame",
                   test_entries_keep_every_mappable_code_and_frame);
  g_test_add_func ("/protection/codes-read-well", test_codes_read_well);
  return g_test_run ();
}
