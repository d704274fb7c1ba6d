/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "tables/entry-fields.h"

#include "windows/pte.h"

#define PRESENT_PTE G_GUINT64_CONSTANT (0x8000000012a45867)
#define LARGE_PDE G_GUINT64_CONSTANT (0x00000000002000e7)

static const AtlasEntryName *
name_of_bit (const AtlasEntryName *names, guint n_names, guint bit)
{
  for (guint i = 0; i < n_names; i++)
    if (names[i].lo <= bit && bit <= names[i].hi)
      return &names[i];

  g_assert_not_reached ();
}

static void
test_every_bit_has_one_name (void)
{
  static const guint64 entries[] = {
    0,         1,    ~G_GUINT64_CONSTANT (0), ~G_GUINT64_CONSTANT (1), PRESENT_PTE,
    LARGE_PDE, 0x80, ATLAS_PTE_DECOMMITTED,   ATLAS_PTE_NOACCESS,
  };
  AtlasControl control = atlas_control_windows (0x1000);

  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVEL_PML5; level++)
    for (guint i = 0; i < 2 * G_N_ELEMENTS (entries); i++)
      {
        AtlasEntryName names[ATLAS_ENTRY_NAMES_MAX];
        guint64 entry = entries[i / 2];
        guint n_names = atlas_entry_names_make (entry, level, &control, i % 2 != 0, names);
        gint next_bit = 63;
        guint64 sum = 0;

        for (guint j = 0; j < n_names; j++)
          {
            g_assert_cmpint (names[j].hi, ==, next_bit);
            g_assert_cmpint (names[j].lo, <=, names[j].hi);
            g_assert_nonnull (names[j].short_name);
            g_assert_nonnull (names[j].meaning);
            next_bit = names[j].lo - 1;
            sum |= atlas_entry_name_get_value (&names[j], entry) << names[j].lo;
          }
        g_assert_cmpint (next_bit, ==, -1);
        g_assert_cmphex (sum, ==, entry);
      }
}

static void
test_names_say_who_looks (void)
{
  static const struct
  {
    guint64 entry;
    guint level;
    gboolean is_windows;
    guint bit;
    AtlasEntryOwner owner;
    const char *short_name;
  } cases[] = {
    { PRESENT_PTE, ATLAS_LEVEL_PT, TRUE, 0, ATLAS_ENTRY_OWNER_PROCESSOR, "P" },
    { PRESENT_PTE, ATLAS_LEVEL_PT, TRUE, 9, ATLAS_ENTRY_OWNER_SYSTEM, "CopyOnWrite" },
    { PRESENT_PTE, ATLAS_LEVEL_PT, TRUE, 11, ATLAS_ENTRY_OWNER_SYSTEM, "Write" },
    { PRESENT_PTE, ATLAS_LEVEL_PT, TRUE, 58, ATLAS_ENTRY_OWNER_SYSTEM, "WsleAge" },
    { PRESENT_PTE, ATLAS_LEVEL_PT, TRUE, 59, ATLAS_ENTRY_OWNER_SYSTEM, "WsleAge" },
    { PRESENT_PTE, ATLAS_LEVEL_PT, FALSE, 9, ATLAS_ENTRY_OWNER_NOBODY, "Ign" },
    { PRESENT_PTE, ATLAS_LEVEL_PT, FALSE, 63, ATLAS_ENTRY_OWNER_PROCESSOR, "XD" },
    { LARGE_PDE, ATLAS_LEVEL_PD, TRUE, 13, ATLAS_ENTRY_OWNER_RESERVED, NULL },
    { LARGE_PDE, ATLAS_LEVEL_PD, TRUE, 7, ATLAS_ENTRY_OWNER_PROCESSOR, "PS" },
    { 0x867, ATLAS_LEVEL_PML4, TRUE, 6, ATLAS_ENTRY_OWNER_NOBODY, NULL },
    { 0x80, ATLAS_LEVEL_PT, TRUE, 7, ATLAS_ENTRY_OWNER_SYSTEM, "Protection" },
    { 0x80, ATLAS_LEVEL_PT, TRUE, 0, ATLAS_ENTRY_OWNER_PROCESSOR, "P" },
    { 0x80, ATLAS_LEVEL_PT, FALSE, 63, ATLAS_ENTRY_OWNER_SYSTEM, "Software" },
  };
  AtlasControl control = atlas_control_windows (0x1000);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AtlasEntryName names[ATLAS_ENTRY_NAMES_MAX];
      guint n_names = atlas_entry_names_make (
        cases[i].entry, cases[i].level, &control, cases[i].is_windows, names);
      const AtlasEntryName *name = name_of_bit (names, n_names, cases[i].bit);

      g_test_message ("case %u: %s", i, name->short_name);
      g_assert_cmpint (name->owner, ==, cases[i].owner);
      if (cases[i].short_name != NULL)
        g_assert_cmpstr (name->short_name, ==, cases[i].short_name);
    }
}

static void
test_the_frame_is_one_field (void)
{
  AtlasControl control = atlas_control_windows (0x1000);
  AtlasEntryName names[ATLAS_ENTRY_NAMES_MAX];
  guint n_names = atlas_entry_names_make (PRESENT_PTE, ATLAS_LEVEL_PT, &control, TRUE, names);
  const AtlasEntryName *frame = name_of_bit (names, n_names, 12);

  g_assert_true (frame->is_frame);
  g_assert_cmphex (atlas_entry_name_get_value (frame, PRESENT_PTE), ==, 0x12a45);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/entry-fields/every-bit-has-one-name", test_every_bit_has_one_name);
  g_test_add_func ("/entry-fields/names-say-who-looks", test_names_say_who_looks);
  g_test_add_func ("/entry-fields/the-frame-is-one-field", test_the_frame_is_one_field);

  return g_test_run ();
}
