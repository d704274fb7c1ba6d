/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/entry.h"

#include <string.h>

#define A(hi, lo) ATLAS_BITS (hi, lo)

static const struct
{
  guint level;
  gboolean is_leaf;
  guint maxphyaddr_bits;
  gboolean nxe;
  gboolean page_1gb;
  gboolean amd;
  guint64 reserved;
} reserved_cases[] = {
  { 5, FALSE, 52, TRUE, TRUE, FALSE, 0x80 },
  { 4, FALSE, 52, TRUE, TRUE, FALSE, 0x80 },
  { 4, FALSE, 52, TRUE, TRUE, TRUE, 0x180 },
  { 5, FALSE, 52, TRUE, TRUE, TRUE, 0x180 },
  { 3, FALSE, 52, TRUE, TRUE, TRUE, 0 },
  { 3, FALSE, 40, TRUE, TRUE, FALSE, A (51, 40) },
  { 3, FALSE, 40, FALSE, TRUE, FALSE, A (51, 40) | ATLAS_BIT (63) },
  { 3, TRUE, 40, TRUE, TRUE, FALSE, A (51, 40) | 0x3fffe000 },
  { 3, TRUE, 40, TRUE, FALSE, FALSE, A (51, 40) | 0x3fffe080 },
  { 2, TRUE, 36, TRUE, FALSE, FALSE, A (51, 36) | 0x001fe000 },
  { 2, FALSE, 36, TRUE, FALSE, FALSE, A (51, 36) },
  { 1, TRUE, 51, TRUE, FALSE, TRUE, ATLAS_BIT (51) },
  { 1, TRUE, 52, FALSE, FALSE, FALSE, ATLAS_BIT (63) },
};

static AtlasControl
control_of (guint maxphyaddr_bits, gboolean nxe, gboolean page_1gb, gboolean amd)
{
  AtlasControl control = atlas_control_windows (0);

  control.maxphyaddr_bits = (guint8) maxphyaddr_bits;
  control.efer = nxe ? control.efer | ATLAS_EFER_NXE : control.efer & ~ATLAS_EFER_NXE;
  control.has_page_1gb = page_1gb;
  control.is_amd = amd;
  return control;
}

static void
test_reserved_masks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (reserved_cases); i++)
    {
      AtlasControl control = control_of (reserved_cases[i].maxphyaddr_bits,
                                         reserved_cases[i].nxe,
                                         reserved_cases[i].page_1gb,
                                         reserved_cases[i].amd);

      g_test_message ("case %u", i);
      g_assert_cmphex (
        atlas_entry_reserved_mask (reserved_cases[i].level, reserved_cases[i].is_leaf, &control),
        ==,
        reserved_cases[i].reserved);
    }
}

static void
assert_tiles (const AtlasEntryField *fields, guint n_fields)
{
  gint next = 63;

  g_assert_cmpuint (n_fields, <=, ATLAS_ENTRY_FIELDS_MAX);
  for (guint i = 0; i < n_fields; i++)
    {
      g_assert_cmpint (fields[i].hi, ==, next);
      g_assert_cmpint (fields[i].lo, <=, fields[i].hi);
      g_assert_cmpuint (strlen (fields[i].short_name), >, 0);
      g_assert_cmpuint (strlen (fields[i].long_name), >, 0);
      g_assert_cmpuint (strlen (fields[i].meaning), >, 0);
      next = fields[i].lo - 1;
    }
  g_assert_cmpint (next, ==, -1);
}

/* Every bit is named once, and those named reserved are just the bits that fault. */
static void
test_fields_tile_and_agree_with_masks (void)
{
  for (guint level = 1; level <= 5; level++)
    for (guint leaf = 0; leaf < 2; leaf++)
      for (guint m = 36; m <= 52; m++)
        for (guint flags = 0; flags < 8; flags++)
          {
            AtlasControl control =
              control_of (m, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0);
            gboolean is_leaf = level == 1 || (level <= 3 && leaf != 0);
            AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX];
            guint n_fields = atlas_entry_describe (level, leaf != 0, &control, fields);
            guint64 reserved = 0;

            assert_tiles (fields, n_fields);
            for (guint i = 0; i < n_fields; i++)
              if (fields[i].use == ATLAS_ENTRY_FIELD_RESERVED)
                reserved |= ATLAS_BITS (fields[i].hi, fields[i].lo);
            g_assert_cmphex (reserved, ==, atlas_entry_reserved_mask (level, is_leaf, &control));
          }
}

static const AtlasEntryField *
field_at (const AtlasEntryField *fields, guint n_fields, guint bit)
{
  for (guint i = 0; i < n_fields; i++)
    if (fields[i].lo <= bit && bit <= fields[i].hi)
      return &fields[i];
  g_assert_not_reached ();
}

static const struct
{
  guint level;
  gboolean is_leaf;
  guint bit;
  const char *short_name;
} name_cases[] = {
  { 1, TRUE, 0, "P" },      { 1, TRUE, 1, "R/W" },     { 1, TRUE, 7, "PAT" },
  { 2, TRUE, 7, "PS" },     { 2, TRUE, 12, "PAT" },    { 2, FALSE, 6, "Ign" },
  { 2, TRUE, 6, "D" },      { 2, FALSE, 12, "Table" }, { 3, TRUE, 30, "Frame" },
  { 3, TRUE, 29, "0" },     { 4, FALSE, 7, "0" },      { 1, TRUE, 60, "Key" },
  { 4, FALSE, 60, "Ign" },  { 5, FALSE, 63, "XD" },    { 1, TRUE, 46, "0" },
  { 1, TRUE, 45, "Frame" }, { 1, TRUE, 8, "G" },       { 3, FALSE, 8, "Ign" },
};

static void
test_names (void)
{
  AtlasControl control = control_of (46, TRUE, TRUE, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (name_cases); i++)
    {
      AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX];
      guint n_fields =
        atlas_entry_describe (name_cases[i].level, name_cases[i].is_leaf, &control, fields);

      g_assert_cmpstr (
        field_at (fields, n_fields, name_cases[i].bit)->short_name, ==, name_cases[i].short_name);
    }
}

static void
test_keys_count_only_when_enabled (void)
{
  AtlasControl control = atlas_control_windows (0);
  AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX];
  guint n_fields = atlas_entry_describe (1, TRUE, &control, fields);

  g_assert_cmpint (field_at (fields, n_fields, 59)->use, ==, ATLAS_ENTRY_FIELD_IGNORED);
  control.cr4 |= ATLAS_CR4_PKS;
  n_fields = atlas_entry_describe (1, TRUE, &control, fields);
  g_assert_cmpint (field_at (fields, n_fields, 59)->use, ==, ATLAS_ENTRY_FIELD_USED);
}

static void
test_cr3 (void)
{
  AtlasControl control = control_of (46, TRUE, TRUE, FALSE);
  AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX];
  guint n_fields = atlas_cr3_describe (&control, fields);

  assert_tiles (fields, n_fields);
  g_assert_cmpstr (field_at (fields, n_fields, 3)->short_name, ==, "PWT");
  g_assert_cmpstr (field_at (fields, n_fields, 45)->short_name, ==, "Root");
  g_assert_cmpstr (field_at (fields, n_fields, 46)->short_name, ==, "0");

  control.cr4 |= ATLAS_CR4_PCIDE;
  n_fields = atlas_cr3_describe (&control, fields);
  assert_tiles (fields, n_fields);
  g_assert_cmpstr (field_at (fields, n_fields, 3)->short_name, ==, "PCID");
}

static void
test_page_address_leaves_pat_out (void)
{
  guint64 entry = ATLAS_BITS (51, 12) | 0xe7;

  g_assert_cmphex (atlas_entry_get_page_pa (entry, 1), ==, ATLAS_BITS (51, 12));
  g_assert_cmphex (atlas_entry_get_page_pa (entry, 2), ==, ATLAS_BITS (51, 21));
  g_assert_cmphex (atlas_entry_get_page_pa (entry, 3), ==, ATLAS_BITS (51, 30));
  g_assert_false (atlas_entry_is_leaf (entry, 4));
  g_assert_false (atlas_entry_is_leaf (entry, 5));
  g_assert_true (atlas_entry_is_leaf (entry, 3));
  g_assert_true (atlas_entry_is_leaf (0, 1));
}

static void
test_level_names (void)
{
  g_assert_cmpstr (atlas_level_get_table_name (1), ==, "PT");
  g_assert_cmpstr (atlas_level_get_entry_name (1), ==, "PTE");
  g_assert_cmpstr (atlas_level_get_table_name (3), ==, "PDPT");
  g_assert_cmpstr (atlas_level_get_entry_name (3), ==, "PDPTE");
  g_assert_cmpstr (atlas_level_get_entry_name (5), ==, "PML5E");
  for (guint level = 1; level <= 5; level++)
    {
      g_assert_cmphex (
        atlas_level_span_bytes (level), ==, G_GUINT64_CONSTANT (1) << (3 + 9 * level));
      g_assert_cmpuint (atlas_va_index (G_MAXUINT64, level), ==, 511);
      g_assert_cmpuint (atlas_va_index (atlas_level_span_bytes (level) - 1, level), ==, 0);
      g_assert_cmpuint (atlas_va_index (atlas_level_span_bytes (level), level), ==, 1);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/entry/reserved-masks", test_reserved_masks);
  g_test_add_func ("/entry/fields-tile-and-agree-with-masks",
                   test_fields_tile_and_agree_with_masks);
  g_test_add_func ("/entry/names", test_names);
  g_test_add_func ("/entry/keys-count-only-when-enabled", test_keys_count_only_when_enabled);
  g_test_add_func ("/entry/cr3", test_cr3);
  g_test_add_func ("/entry/page-address-leaves-pat-out", test_page_address_leaves_pat_out);
  g_test_add_func ("/entry/level-names", test_level_names);
  return g_test_run ();
}
