/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "source/open.h"

#include "dump-maker.h"

static void
test_looks_at_the_bytes (void)
{
  g_autofree char *long_text = g_strnfill (4095, 'x');
  g_autofree char *cut_text = g_strconcat (long_text, "ü and more", NULL);
  const struct
  {
    const char *bytes;
    gssize size_bytes;
    const char *name;
    AtlasContent content;
  } rows[] = {
    { "MDMP", 4, "x.vmatlas", ATLAS_CONTENT_MINIDUMP },
    { "MDM", 3, "x.dmp", ATLAS_CONTENT_SCENARIO },
    { "", 0, "x.vmatlas", ATLAS_CONTENT_SCENARIO },
    { "", 0, "x.dmp", ATLAS_CONTENT_UNKNOWN },
    { "", 0, NULL, ATLAS_CONTENT_UNKNOWN },
    { "system memory=16G\r\n\talloc 64K\n", -1, "-", ATLAS_CONTENT_SCENARIO },
    { "00400000-00452000 r-xp 00000000 08:02 173521 /usr/bin/a\n",
      -1,
      "-",
      ATLAS_CONTENT_LINUX_MAPS },
    { "00400000-00452000 r-xp 00000000 08:02 173521", -1, "-", ATLAS_CONTENT_SCENARIO },
    { "00400001-00452000 r-xp 00000000 08:02 173521\n", -1, "-", ATLAS_CONTENT_SCENARIO },
    { "\n00400000-00452000 r-xp 00000000 08:02 173521\n", -1, "-", ATLAS_CONTENT_SCENARIO },
    { "# größer\n", -1, "-", ATLAS_CONTENT_SCENARIO },
    { "a\0b", 3, "x.vmatlas", ATLAS_CONTENT_UNKNOWN },
    { "a\001b", 3, "x.vmatlas", ATLAS_CONTENT_UNKNOWN },
    { "\xff\xfe", 2, "x.vmatlas", ATLAS_CONTENT_UNKNOWN },
    { "MZ\x90\0", 4, "x.dll", ATLAS_CONTENT_PROGRAM },
    { "MZ\0", 3, "x.vmatlas", ATLAS_CONTENT_PROGRAM },
    { "M\0", 2, "x.exe", ATLAS_CONTENT_UNKNOWN },
    { "MZ is text", -1, "x.exe", ATLAS_CONTENT_SCENARIO },
    { "ab\xc3", 3, "x.vmatlas", ATLAS_CONTENT_UNKNOWN },
    { cut_text, -1, "-", ATLAS_CONTENT_SCENARIO },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gsize size_bytes =
        rows[i].size_bytes < 0 ? strlen (rows[i].bytes) : (gsize) rows[i].size_bytes;
      g_autoptr (GBytes) bytes = g_bytes_new (rows[i].bytes, size_bytes);

      g_assert_cmpint (atlas_content_guess (bytes, rows[i].name), ==, rows[i].content);
    }
}

static void
test_opens_a_minidump (void)
{
  g_autoptr (GBytes) bytes = dump_make_typical (FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSpace) space = atlas_space_open_bytes (bytes, "a.dmp", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (atlas_space_get_name (space), ==, "demo.exe");
}

static void
test_refuses_the_rest_by_name (void)
{
  static const struct
  {
    const char *text;
    gsize size_bytes;
    gint code;
  } rows[] = {
    { "alloc 64K", 9, ATLAS_ERROR_UNSUPPORTED },
    { "\x7f"
      "ELF\0",
      5,
      ATLAS_ERROR_BAD_FILE },
    { "MDMP", 4, ATLAS_ERROR_BAD_FILE },
    { "", 0, ATLAS_ERROR_UNSUPPORTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (rows[i].text, rows[i].size_bytes);
      g_autoptr (GError) error = NULL;

      g_assert_null (atlas_space_open_bytes (bytes, "thing", &error));
      g_assert_error (error, ATLAS_ERROR, rows[i].code);
      g_assert_true (g_str_has_prefix (error->message, "thing: "));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/open/looks-at-the-bytes", test_looks_at_the_bytes);
  g_test_add_func ("/open/opens-a-minidump", test_opens_a_minidump);
  g_test_add_func ("/open/refuses-the-rest-by-name", test_refuses_the_rest_by_name);
  return g_test_run ();
}
