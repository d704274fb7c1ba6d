/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The verbs about files, sections and views, on files of the host. */

#include "session/path.h"
#include "session/session.h"

#include <sys/stat.h>

#include <glib/gstdio.h>
#include <string.h>

#include "pe-maker.h"

typedef struct
{
  char *folder;
  char *path; /* of an ARM64X file in it */
  char *pipe;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pe_make_sample (TRUE);

  fixture->folder = g_dir_make_tmp ("vmatlas-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "sample.dll", NULL);
  fixture->pipe = g_build_filename (fixture->folder, "pipe", NULL);
  g_file_set_contents (
    fixture->path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  g_assert_cmpint (mkfifo (fixture->pipe, 0600), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_unlink (fixture->pipe);
  g_rmdir (fixture->folder);
  g_free (fixture->pipe);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static AtlasSession *
run (Fixture *fixture, const char *text)
{
  g_autoptr (GError) error = NULL;
  AtlasSession *session = atlas_session_new_from_text_in (text, "test", fixture->folder, &error);

  g_assert_no_error (error);
  return session;
}

static void
test_a_file_is_read_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AtlasSession) session = run (fixture,
                                          "system memory=256M\n"
                                          "process $p a.exe bare\n"
                                          "load $x = sample.dll\n"
                                          "read $x+0x84 2\n"
                                          "process $q b.exe machine=arm64 bare\n"
                                          "load $y = sample.dll\n"
                                          "read $y+0x84 2\n");
  g_autoptr (AtlasSession) copy = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint n_commands = atlas_session_get_n_commands (session);

  g_assert_cmphex (atlas_session_get_result (session, 3)->value, ==, 0x8664);
  g_assert_cmphex (atlas_session_get_result (session, 6)->value, ==, 0xaa64);
  g_unlink (fixture->path);
  atlas_session_seek (session, 1);
  atlas_session_seek (session, n_commands);
  g_assert_cmpuint (atlas_session_get_position (session), ==, n_commands);
  g_assert_cmphex (atlas_session_get_result (session, 6)->value, ==, 0xaa64);
  copy = atlas_session_copy (session, n_commands, &error);
  g_assert_no_error (error);
  result = atlas_session_run (copy, "read $y+0x84 2", &error);
  g_assert_no_error (error);
  g_assert_cmphex (result->value, ==, 0xaa64);
}

static void
test_what_is_no_file_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strdup_printf ("process $p a.exe bare\n"
                                           "load none.dll\n"
                                           "load pipe\n"
                                           "load /dev/zero\n"
                                           "load .\n"
                                           "load %s\n",
                                           fixture->path);
  g_autoptr (AtlasSession) session = run (fixture, text);

  for (guint i = 1; i <= 4; i++)
    g_assert_cmpstr (atlas_status_get_name (atlas_session_get_result (session, i)->status),
                     ==,
                     "STATUS_OBJECT_NAME_NOT_FOUND");
  g_assert_cmphex (atlas_session_get_result (session, 5)->status, ==, ATLAS_STATUS_SUCCESS);
}

static void
test_reasons_are_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AtlasSession) session = run (fixture,
                                          "process $p a.exe bare\n"
                                          "file $f = data.bin size=64K\n"
                                          "load $f\n"
                                          "section $s = $f image\n"
                                          "section $s = $f 4K readonly\n"
                                          "map $a = $s\n"
                                          "read $a+4\n"
                                          "view $a\n");

  for (guint i = 2; i < 4; i++)
    {
      const AtlasCommandResult *result = atlas_session_get_result (session, i);

      g_assert_cmpstr (atlas_status_get_name (result->status), ==, "STATUS_INVALID_IMAGE_NOT_MZ");
      g_assert_nonnull (strstr (result->result, "does not begin with MZ"));
    }
  g_assert_cmphex (atlas_session_get_result (session, 6)->value, ==, 2);
}

static void
test_another_processor_is_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AtlasSession) session = run (fixture,
                                          "file $f = x.dll made=x64\n"
                                          "process $p a.exe machine=arm64 bare\n"
                                          "load $f\n");
  const AtlasCommandResult *result = atlas_session_get_result (session, 2);

  g_assert_cmphex (result->status, ==, ATLAS_STATUS_INVALID_IMAGE_FORMAT);
  g_assert_nonnull (strstr (result->result, "It is for x64, and the process runs ARM64."));
}

/* The verb is given an address and no file: it tells what stands there. */
static void
test_where_no_image_is_mapped_is_told (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *command;
    AtlasStatus status;
    const char *there;
  } rows[] = {
    { "image 0x20003000",
      ATLAS_STATUS_NOT_MAPPED_VIEW,
      "0x20003000. There is: private, 64 KB from 0x20000000." },
    { "image 0x30000000", ATLAS_STATUS_NOT_MAPPED_VIEW, "free, 1.5 GB from 0x20010000." },
    { "image 0x7ffe0000", ATLAS_STATUS_NOT_MAPPED_VIEW, "KUSER_SHARED_DATA, 4 KB" },
    { "image 0x7fff0000", ATLAS_STATUS_NOT_MAPPED_VIEW, "no-man's land below 2 GB, 64 KB" },
    { "image 0x800000000000", ATLAS_STATUS_NOT_MAPPED_VIEW, "non-canonical hole" },
    { "image 0xffff800000000000", ATLAS_STATUS_NOT_MAPPED_VIEW, "kernel space" },
    { "image $a", ATLAS_STATUS_SECTION_NOT_IMAGE, "data.bin, 64 KB from " },
    { "image $x", ATLAS_STATUS_SUCCESS, NULL },
  };
  g_autoptr (AtlasSession) session = run (fixture,
                                          "process $p a.exe bare\n"
                                          "alloc 0x20000000 64K reserve|commit readwrite\n"
                                          "file $f = data.bin size=64K\n"
                                          "section $s = $f readonly\n"
                                          "map $a = $s\n"
                                          "file $g = x.dll made=x64\n"
                                          "load $x = $g\n");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasCommandResult) result = atlas_session_run (session, rows[i].command, &error);

      g_assert_no_error (error);
      g_test_message ("%s: %s", rows[i].command, result->result);
      g_assert_cmphex (result->status, ==, rows[i].status);
      if (rows[i].there != NULL)
        g_assert_nonnull (strstr (result->result, rows[i].there));
      g_assert_null (strstr (result->result, "(null)"));
    }
}

static void
test_names_are_of_the_right_kind (Fixture *fixture, gconstpointer data)
{
  static const char *const commands[] = {
    "map $f",   "map $a",       "section $t = $s", "load $s",
    "close $f", "extend $p 1M", "read $s",         "map $none"
  };
  g_autoptr (AtlasSession) session = run (fixture,
                                          "process $p a.exe bare\n"
                                          "file $f = data.bin size=64K\n"
                                          "section $s = 64K\n"
                                          "map $a = $s\n");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasCommandResult) result = atlas_session_run (session, commands[i], &error);

      g_assert_null (result);
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
    }
}

static void
test_paths_are_words (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *path;
    const char *word; /* NULL: there is none */
  } rows[] = {
    { "data.bin", "data.bin" },
    { "/a b/c", "\"/a b/c\"" },
    { "#1", "\"#1\"" },
    { "a#1", "\"a#1\"" },
    { "$f", "\"$f\"" },
    { "=", "\"=\"" },
    { "-x", "\"-x\"" },
    { "x+", "\"x+\"" },
    { "a\"b", "a\"b" },
    { "a \"b", NULL },
    { "\"b", NULL },
    { "", NULL },
    { "a\tb", NULL },
    { "a\nb", NULL },
    { "\xff", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *word = atlas_path_format (rows[i].path);
      g_autofree char *back = NULL;

      g_assert_cmpstr (word, ==, rows[i].word);
      back = word != NULL ? atlas_path_parse (word) : NULL;
      g_assert_cmpstr (back, ==, word != NULL ? rows[i].path : NULL);
    }
  g_assert_null (atlas_path_parse ("\"open"));
  g_assert_null (atlas_path_parse ("\"\""));
  g_assert_null (atlas_path_parse ("\"a\"b"));
}

static void
test_a_path_with_blanks_is_kept (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "my #1 file-", NULL);
  g_autoptr (AtlasSession) session = NULL;
  g_autoptr (AtlasSession) copy = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, "hello", -1, &error);
  g_assert_no_error (error);
  session = run (fixture,
                 "process $p a.exe bare\n"
                 "file $f = \"my #1 file-\" readonly # mine\n"
                 "section $s = $f\n"
                 "map $a = $s\n");
  g_assert_cmpstr (
    atlas_session_get_result (session, 1)->command, ==, "file $f = \"my #1 file-\" readonly");
  g_assert_cmphex (atlas_session_get_result (session, 3)->status, ==, ATLAS_STATUS_SUCCESS);
  copy = atlas_session_copy (session, 4, &error);
  g_assert_no_error (error);
  g_unlink (path);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/section-verbs/once", test_a_file_is_read_once);
  ADD ("/section-verbs/no-file", test_what_is_no_file_is_refused);
  ADD ("/section-verbs/reasons", test_reasons_are_told);
  ADD ("/section-verbs/processor", test_another_processor_is_told);
  ADD ("/section-verbs/no-image", test_where_no_image_is_mapped_is_told);
  ADD ("/section-verbs/names", test_names_are_of_the_right_kind);
  ADD ("/section-verbs/paths", test_paths_are_words);
  ADD ("/section-verbs/blanks", test_a_path_with_blanks_is_kept);
  return g_test_run ();
}
