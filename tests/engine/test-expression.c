/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "session/expression-private.h"

#include <string.h>

static const struct
{
  const char *name;
  AtlasVa va;
} known_names[] = {
  { "$a", 0x20000000 },
  { "$_b2", 0x10000 },
  { "$top", G_MAXUINT64 },
  { "ntdll", G_GUINT64_CONSTANT (0x7ff90f700000) },
  { "ntdll.dll", G_GUINT64_CONSTANT (0x7ff90f700000) },
  { "demo.exe", G_GUINT64_CONSTANT (0x7ff612340000) },
  { "msvcp140-1.dll", G_GUINT64_CONSTANT (0x7ff800000000) },
  { "msvcp140", G_GUINT64_CONSTANT (0x7ff700000000) },
  { "7z.dll", G_GUINT64_CONSTANT (0x180000000) },
  { "_x", 0x1000 },
};

static gboolean
resolve (const char *name, AtlasVa *va, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_names); i++)
    {
      if (strcmp (name, known_names[i].name) == 0)
        {
          *va = known_names[i].va;
          return TRUE;
        }
    }
  return FALSE;
}

static const struct
{
  const char *text;
  AtlasVa va;
  const char *canonical;
} good[] = {
  { "0", 0, "0x0" },
  { "4096", 4096, "0x1000" },
  { "64K", 65536, "0x10000" },
  { "0x20000000", 0x20000000, "0x20000000" },
  { "0x1G", ATLAS_GB (1), "0x40000000" },
  { "0X2000", 0x2000, "0x2000" },
  { "20000000", 0x20000000, "0x20000000" },
  { "1234567", 1234567, "0x12d687" },
  { "4b", 0x4b, "0x4b" },
  { "11", 11, "0xb" },
  { "0xB", 0xb, "0xb" },
  { "00007ff9`0f718a3c", G_GUINT64_CONSTANT (0x7ff90f718a3c), "0x7ff90f718a3c" },
  { "7ff9_0f71_8a3c", G_GUINT64_CONSTANT (0x7ff90f718a3c), "0x7ff90f718a3c" },
  { "7FF90F718A3C", G_GUINT64_CONSTANT (0x7ff90f718a3c), "0x7ff90f718a3c" },
  { "fffff80012345678", G_GUINT64_CONSTANT (0xfffff80012345678), "0xfffff80012345678" },
  { "ffff8000`00000000", G_GUINT64_CONSTANT (0xffff800000000000), "0xffff800000000000" },
  { "  0x10  ", 0x10, "0x10" },
  { "$a", 0x20000000, "$a" },
  { "$_b2", 0x10000, "$_b2" },
  { "_x", 0x1000, "_x" },
  { "$a+0x123", 0x20000123, "$a+0x123" },
  { "$a + 4K - 1", 0x20000fff, "$a+4K-1" },
  { "$a-$_b2", 0x1fff0000, "$a-$_b2" },
  { "ntdll", G_GUINT64_CONSTANT (0x7ff90f700000), "ntdll" },
  { "ntdll.dll+0x1000", G_GUINT64_CONSTANT (0x7ff90f701000), "ntdll.dll+0x1000" },
  { "demo.exe+0x10", G_GUINT64_CONSTANT (0x7ff612340010), "demo.exe+0x10" },
  { "7z.dll+1", G_GUINT64_CONSTANT (0x180000001), "7z.dll+1" },
  { "msvcp140-1.dll", G_GUINT64_CONSTANT (0x7ff800000000), "msvcp140-1.dll" },
  { "msvcp140-1", G_GUINT64_CONSTANT (0x7ff6ffffffff), "msvcp140-1" },
  { "msvcp140-1.dll-1", G_GUINT64_CONSTANT (0x7ff7ffffffff), "msvcp140-1.dll-1" },
  { "pml4[0]", 0, "pml4[0]" },
  { "pml4[255]", G_GUINT64_CONSTANT (0x7f8000000000), "pml4[255]" },
  { "pml4[256]", G_GUINT64_CONSTANT (0xffff800000000000), "pml4[256]" },
  { "PML4[0x1ff].PDPT[511].pd[511].pt[511]",
    G_GUINT64_CONSTANT (0xfffffffffffff000),
    "PML4[0x1ff].PDPT[511].pd[511].pt[511]" },
  { "pml4[255].pdpt[3].pd[1].pt[7]",
    G_GUINT64_CONSTANT (0x7f80c0207000),
    "pml4[255].pdpt[3].pd[1].pt[7]" },
  { "pml4[0].pdpt[1]", ATLAS_GB (1), "pml4[0].pdpt[1]" },
  { "pml4[0].pdpt[0].pd[1]+1", ATLAS_MB (2) + 1, "pml4[0].pdpt[0].pd[1]+1" },
  { "pml5[1].pml4[256]", G_GUINT64_CONSTANT (0x1800000000000), "pml5[1].pml4[256]" },
  { "pml5[256]", G_GUINT64_CONSTANT (0xff00000000000000), "pml5[256]" },
  { "$top-0", G_MAXUINT64, "$top-0" },
  { "0xfffffffffffffffe+1", G_MAXUINT64, "0xfffffffffffffffe+1" },
};

static void
test_addresses_in_every_form (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *canonical = NULL;
      AtlasVa va = 0xdead;

      g_assert_true (atlas_expression_check (good[i].text, NULL, &error));
      g_assert_no_error (error);
      g_assert_true (atlas_address_parse (good[i].text, resolve, NULL, &va, &error));
      g_assert_no_error (error);
      g_assert_cmphex (va, ==, good[i].va);

      canonical = atlas_expression_canonicalize (good[i].text);
      g_assert_cmpstr (canonical, ==, good[i].canonical);
      va = 0xdead;
      g_assert_true (atlas_address_parse (canonical, resolve, NULL, &va, &error));
      g_assert_cmphex (va, ==, good[i].va);
    }
}

static void
test_wrong_addresses_say_where (void)
{
  static const struct
  {
    const char *text;
    gsize error_index;
    const char *message; /* a part */
    gboolean is_well_formed;
  } bad[] = {
    { "", 0, "found the end, expected an address", FALSE },
    { "   ", 3, "found the end, expected an address", FALSE },
    { "+1", 0, "found the end, expected an address", FALSE },
    { "$a+", 3, "found the end, expected an address", FALSE },
    { "$a++1", 3, "found the end, expected an address", FALSE },
    { "$", 0, "found '$', expected a name", FALSE },
    { "$1", 0, "found '$1', expected a name", FALSE },
    { "$zz", 0, "found '$zz', expected a name that an earlier command bound", TRUE },
    { "$a+$zz", 3, "found '$zz', expected a name that an earlier command bound", TRUE },
    { "kernel32+1", 0, "found 'kernel32', expected the name of a loaded module", TRUE },
    { "0x", 0, "found '0x', expected a number", FALSE },
    { "0x1z", 0, "found '0x1z', expected a number", FALSE },
    { "12z", 0, "found '12z', expected an address", FALSE },
    { "0x10000000000000000", 0, "below 2^64", FALSE },
    { "10000000000000000`0", 0, "below 2^64", FALSE },
    { "$a $_b2", 3, "found '$_b2', expected +, - or the end", FALSE },
    { "$a*2", 2, "found '*2', expected +, - or the end", FALSE },
    { "$a.b", 2, "found '.b', expected +, - or the end", FALSE },
    { "0xffffffffffffffff+1", 19, "found '1', expected a sum below 2^64", TRUE },
    { "$top+$a", 5, "found '$a', expected a sum below 2^64", TRUE },
    { "0x10-0x11", 5, "found '0x11', expected a difference that is not below 0", TRUE },
    { "pml4[512]", 5, "found '512', expected an index from 0 to 511", FALSE },
    { "pml4[-1]", 5, "found '-1', expected an index from 0 to 511", FALSE },
    { "pml4[]", 5, "found the end, expected an index", FALSE },
    { "pml4[1", 5, "found '1', expected an index", FALSE },
    { "pml5[512]", 5, "found '512', expected an index from 0 to 511", FALSE },
    { "pml5[1].pdpt[1]", 8, "found 'pdpt[1]', expected pml4[…]", FALSE },
    { "pml4[1].pml5[1]", 8, "found 'pml5[1]', expected pdpt[…]", FALSE },
    { "pml4[1].", 8, "found the end, expected pdpt[…]", FALSE },
    { "pml4[1].pd[1]", 8, "found 'pd[1]', expected pdpt[…]", FALSE },
    { "pml4[1].pdpt", 8, "found 'pdpt', expected an index", FALSE },
    { "pdpt[1]", 0, "found 'pdpt[1]', expected pml4[…] or pml5[…] first", FALSE },
    { "foo[1]", 0, "found 'foo[1]', expected pml4[…] or pml5[…] first", FALSE },
    { "pml4[1].pdpt[1].pd[1].pt[1].x[1]", 27, "expected nothing below pt[…]", FALSE },
    { "pml4[1]x", 7, "found 'x', expected +, - or the end", FALSE },
    { "\xff\xfe", 0, "expected an address", FALSE },
    { "\x01", 0, "found '\\u0001', expected an address", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize error_index = 9999;
      AtlasVa va = 0xdead;

      g_assert_false (
        atlas_expression_evaluate (bad[i].text, resolve, NULL, &va, &error_index, &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
      g_assert_nonnull (strstr (error->message, bad[i].message));
      g_assert_cmpuint (error_index, ==, bad[i].error_index);
      g_assert_cmphex (va, ==, 0xdead);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_cmpint (atlas_expression_check (bad[i].text, NULL, NULL), ==, bad[i].is_well_formed);
    }
}

static void
test_names_need_a_resolver (void)
{
  g_autoptr (GError) error = NULL;
  AtlasVa va = 0xdead;

  g_assert_true (atlas_address_parse ("0x1000", NULL, NULL, &va, &error));
  g_assert_cmphex (va, ==, 0x1000);
  g_assert_false (atlas_address_parse ("ntdll", NULL, NULL, &va, &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
}

static void
test_entry_forms_agree_with_the_split_of_an_address (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (255);

  for (guint i = 0; i < 1000; i++)
    {
      guint index[4];
      g_autofree char *text = NULL;
      AtlasVa va, expected = 0;

      for (guint level = 0; level < 4; level++)
        index[level] = (guint) g_rand_int_range (rand, 0, 512);
      for (guint level = 0; level < 4; level++)
        expected += index[level] * (G_GUINT64_CONSTANT (1) << (39 - 9 * level));
      if (index[0] >= 256)
        expected += G_GUINT64_CONSTANT (0xffff000000000000);

      text =
        g_strdup_printf ("pml4[%u].pdpt[%u].pd[%u].pt[%u]", index[0], index[1], index[2], index[3]);
      g_assert_true (atlas_address_parse (text, NULL, NULL, &va, NULL));
      g_assert_cmphex (va, ==, expected);

      /* The same four below an entry of the PML5. */
      guint top = (guint) g_rand_int_range (rand, 0, 512);
      g_autofree char *longer = g_strdup_printf ("pml5[%u].%s", top, text);

      expected &= G_GUINT64_CONSTANT (0xffffffffffff);
      expected |= (guint64) top << 48;
      if (top >= 256)
        expected |= G_GUINT64_CONSTANT (0xfe00000000000000);
      g_assert_true (atlas_address_parse (longer, NULL, NULL, &va, NULL));
      g_assert_cmphex (va, ==, expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/expression/good", test_addresses_in_every_form);
  g_test_add_func ("/expression/bad", test_wrong_addresses_say_where);
  g_test_add_func ("/expression/no-resolver", test_names_need_a_resolver);
  g_test_add_func ("/expression/entries", test_entry_forms_agree_with_the_split_of_an_address);
  return g_test_run ();
}
