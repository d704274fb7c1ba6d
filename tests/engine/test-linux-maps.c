/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "source/linux-maps.h"

#include <string.h>

static AtlasRegionSet *
read_text (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));

  return atlas_linux_maps_read (bytes, "maps", error);
}

static void
test_lines_become_regions (void)
{
  static const struct
  {
    AtlasVa va;
    AtlasRegionState state;
    AtlasRegionType type;
    guint32 protect;
    AtlasRegionClass region_class;
    const char *name;
  } rows[] = {
    { 0x400000, ATLAS_STATE_COMMIT, ATLAS_TYPE_IMAGE, 0x20, ATLAS_CLASS_IMAGE, "a b" },
    { 0x401000, ATLAS_STATE_RESERVE, ATLAS_TYPE_IMAGE, 0, ATLAS_CLASS_IMAGE, "a b" },
    { 0x402000, ATLAS_STATE_COMMIT, ATLAS_TYPE_MAPPED, 2, ATLAS_CLASS_MAPPED, "data" },
    { 0x403000, ATLAS_STATE_COMMIT, ATLAS_TYPE_PRIVATE, 4, ATLAS_CLASS_HEAP, "[heap]" },
    { 0x404000, ATLAS_STATE_COMMIT, ATLAS_TYPE_PRIVATE, 0x40, ATLAS_CLASS_PRIVATE, NULL },
    { 0x405000, ATLAS_STATE_COMMIT, ATLAS_TYPE_MAPPED, 4, ATLAS_CLASS_MAPPED, NULL },
    { 0x406000, ATLAS_STATE_FREE, ATLAS_TYPE_NONE, 1, ATLAS_CLASS_FREE, NULL },
    { 0x7ffffffde000, ATLAS_STATE_COMMIT, ATLAS_TYPE_PRIVATE, 4, ATLAS_CLASS_STACK, "[stack]" },
    { 0xffffffffff600000,
      ATLAS_STATE_COMMIT,
      ATLAS_TYPE_PRIVATE,
      0x10,
      ATLAS_CLASS_SYSTEM,
      "[vsyscall]" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasRegionSet) set =
    read_text ("00400000-00401000 r-xp 00000000 fc:01 42      /opt/a b\n"
               "00401000-00402000 ---p 00001000 fc:01 42      /opt/a b\n"
               "00402000-00403000 r--p 00000000 fc:01 43      /opt/data\n"
               "00403000-00404000 rw-p 00000000 00:00 0       [heap]\n"
               "00404000-00405000 rwxp 00000000 00:00 0 \n"
               "00405000-00406000 rw-s 00000000 00:05 7\n"
               "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0   [stack]\n"
               "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]",
               &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const AtlasRegion *region =
        atlas_region_set_get_region (set, atlas_region_set_find (set, rows[i].va));

      g_assert_cmphex (region->base_va, ==, rows[i].va);
      g_assert_cmpint (region->state, ==, rows[i].state);
      g_assert_cmpint (region->type, ==, rows[i].type);
      g_assert_cmphex (region->protect, ==, rows[i].protect);
      g_assert_cmpint (region->region_class, ==, rows[i].region_class);
      g_assert_cmpstr (region->name, ==, rows[i].name);
    }
  g_assert_cmphex (atlas_region_set_get_user_end_va (set), ==, 0x7ffffffff000);
}

static void
test_other_lines_are_refused (void)
{
  static const char *const texts[] = {
    "nonsense",
    "400000",
    "400000-",
    "400000-401000",
    "400000-401000 r-xp",
    "400000-401000 r-xp 0 0:0",
    "401000-400000 r-xp 0 0:0 0",
    "400000-400000 r-xp 0 0:0 0",
    "400000-401001 r-xp 0 0:0 0",
    "400001-402000 r-xp 0 0:0 0",
    "400000-401000 r-x 0 0:0 0",
    "400000-401000 r-xpp 0 0:0 0",
    "00000000000400000-401000 r-xp 0 0:0 0",
    "400000-fffffffffffffffff000 r-xp 0 0:0 0",
    " 400000-401000 r-xp 0 0:0 0",
    "400000-401000 r-xp 0 0:0 0 \xff",
    "402000-403000 r-xp 0 0:0 0\n401000-402000 r-xp 0 0:0 0",
    "402000-404000 r-xp 0 0:0 0\n403000-405000 r-xp 0 0:0 0",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (texts[i], &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE);
      g_assert_true (g_str_has_prefix (error->message, "maps: line "));
    }
}

/* What was asked for above 2^47 tells of five levels; the kernel's page does not. */
static void
test_five_levels (void)
{
  static const struct
  {
    const char *line;
    guint n_levels;
    AtlasVa user_end_va;
  } rows[] = {
    { "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0\n", 4, 0x7ffffffff000 },
    { "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n", 4, 0x7ffffffff000 },
    { "800000000000-800000001000 rw-p 00000000 00:00 0\n", 5, 0xfffffffffff000 },
    { "ffffffffffe000-fffffffffff000 rw-p 00000000 00:00 0\n", 5, 0xfffffffffff000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasRegionSet) set = read_text (rows[i].line, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (atlas_region_set_get_n_levels (set), ==, rows[i].n_levels);
      g_assert_cmphex (atlas_region_set_get_user_end_va (set), ==, rows[i].user_end_va);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/linux-maps/lines-become-regions", test_lines_become_regions);
  g_test_add_func ("/linux-maps/five-levels", test_five_levels);
  g_test_add_func ("/linux-maps/other-lines-are-refused", test_other_lines_are_refused);
  return g_test_run ();
}
