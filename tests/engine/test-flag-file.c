/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The file of named places: what is written is read, and what somebody edited as far as it goes. */

#include "map/flag-file.h"

#include <string.h>

static void
assert_flag (const GArray *flags, guint index, AtlasVa first_va, AtlasVa last_va, const char *name)
{
  const AtlasFlag *flag = &g_array_index (flags, AtlasFlag, index);

  g_assert_cmphex (flag->first_va, ==, first_va);
  g_assert_cmphex (flag->last_va, ==, last_va);
  g_assert_cmpstr (flag->name, ==, name);
}

static void
test_what_is_written_is_read (void)
{
  static const AtlasFlag flags[] = {
    { 0, 0, "" },
    { 0, 0xffff, "[not] a = group\nor a line; or \\escaped" },
    { 0x7ffe0000, 0x7ffe0fff, " wo die Uhren stehen — größer " },
    { G_MAXUINT64, G_MAXUINT64, "the last byte" },
  };
  g_autofree char *text = atlas_flags_format (flags, G_N_ELEMENTS (flags));
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) read = atlas_flags_parse (text, strlen (text), TRUE, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (read->len, ==, G_N_ELEMENTS (flags));
  for (guint i = 0; i < read->len; i++)
    assert_flag (read, i, flags[i].first_va, flags[i].last_va, flags[i].name);
}

static void
test_none_is_none (void)
{
  g_autofree char *text = atlas_flags_format (NULL, 0);
  g_autoptr (GArray) read = atlas_flags_parse (text, strlen (text), TRUE, NULL);
  g_autoptr (GArray) nothing = atlas_flags_parse (NULL, 0, TRUE, NULL);

  g_assert_cmpuint (read->len, ==, 0);
  g_assert_cmpuint (nothing->len, ==, 0);
}

static void
test_they_ascend_in_whatever_order_they_stand (void)
{
  static const char text[] = "# by hand\n"
                             "[zebra]\nfirst=0x3000\nlast=0x3fff\n"
                             "[1]\nlast=0x1fff\nfirst=0x1000\ncomment=long\n"
                             "[again]\nfirst=0x1000\nlast=0x1000\ncomment=short\n";
  g_autoptr (GArray) read = atlas_flags_parse (text, strlen (text), TRUE, NULL);

  g_assert_cmpuint (read->len, ==, 3);
  assert_flag (read, 0, 0x1000, 0x1000, "short");
  assert_flag (read, 1, 0x1000, 0x1fff, "long");
  assert_flag (read, 2, 0x3000, 0x3fff, "");
}

static void
test_what_makes_no_sense_is_left_out_or_told (void)
{
  static const struct
  {
    const char *group;
    const char *told;
  } rows[] = {
    { "[a]\nfirst=0x5000\nlast=0x4fff\n", "[a] its last address is below its first" },
    { "[b]\nfirst=nonsense\nlast=0x1\n", "[b] first: " },
    { "[c]\nfirst=0x1\nlast=\n", "[c] last: " },
    { "[d]\nfirst=0xffffffffffffffffff\nlast=0x1\n", "[d] first: " },
    { "[e]\nfirst=0\nlast=-1\n", "[e] last: " },
    { "[f]\ncomment=nowhere\n", "first" },
    { "[g]\n", "first" },
    { "[h]\nfirst=\xff\xfe\nlast=0x1\n", "first" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text =
        g_strconcat ("[ok]\nfirst=0x1000\nlast=0x1fff\n", rows[i].group, NULL);
      g_autoptr (GArray) read = atlas_flags_parse (text, strlen (text), FALSE, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (read->len, ==, 1);
      assert_flag (read, 0, 0x1000, 0x1fff, "");
      g_assert_null (atlas_flags_parse (text, strlen (text), TRUE, &error));
      g_assert_nonnull (error);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, rows[i].told));
    }
}

static void
test_what_is_no_such_file_is_refused (void)
{
  static const char *const texts[] = { "nonsense", "first=0x1\n", "[open\n", "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (atlas_flags_parse (texts[i], strlen (texts[i]), FALSE, &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flag-file/written", test_what_is_written_is_read);
  g_test_add_func ("/flag-file/none", test_none_is_none);
  g_test_add_func ("/flag-file/order", test_they_ascend_in_whatever_order_they_stand);
  g_test_add_func ("/flag-file/nonsense", test_what_makes_no_sense_is_left_out_or_told);
  g_test_add_func ("/flag-file/refused", test_what_is_no_such_file_is_refused);
  return g_test_run ();
}
