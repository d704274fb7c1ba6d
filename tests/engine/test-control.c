/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/control.h"

#include <string.h>

/* Long mode with paging, as Windows runs; then before paging is switched on; then with PCIDs. */
static AtlasControl
running (void)
{
  return atlas_control_windows (0x1000);
}

static AtlasControl
starting (void)
{
  AtlasControl control = atlas_control_windows (0x1000);

  control.cr0 = ATLAS_CR0_PE | ATLAS_CR0_WP;
  control.efer = ATLAS_EFER_LME;
  return control;
}

static AtlasControl
with_pcid (void)
{
  AtlasControl control = atlas_control_windows (0x1005);

  control.cr4 |= ATLAS_CR4_PCIDE;
  return control;
}

static AtlasControl
with_cet (void)
{
  AtlasControl control = running ();

  control.cr4 |= ATLAS_CR4_CET;
  return control;
}

static AtlasControl
on_amd (void)
{
  AtlasControl control = running ();

  control.is_amd = TRUE;
  return control;
}

#define CR0 (ATLAS_CR0_PE | ATLAS_CR0_WP | ATLAS_CR0_PG)
#define CR4 (ATLAS_CR4_PAE | ATLAS_CR4_PGE | ATLAS_CR4_SMEP | ATLAS_CR4_SMAP)

/* Intel SDM vol. 2 MOV to CR, WRMSR, WRPKRU. */
static const struct
{
  AtlasControl (*before) (void);
  AtlasControlRule (*set) (AtlasControl *control, guint64 value);
  guint64 value;
  AtlasControlRule rule;
} cases[] = {
  /* clang-format off */
  { running, atlas_control_set_cr0, CR0, ATLAS_RULE_NONE },
  { running, atlas_control_set_cr0, CR0 & ~ATLAS_CR0_WP, ATLAS_RULE_NONE },
  { running, atlas_control_set_cr0, CR0 | ATLAS_BIT (32), ATLAS_RULE_UPPER_HALF },
  { running, atlas_control_set_cr0, CR0 & ~ATLAS_CR0_PE, ATLAS_RULE_PG_NEEDS_PE },
  { running, atlas_control_set_cr0, CR0 | ATLAS_CR0_NW, ATLAS_RULE_NW_NEEDS_CD },
  { running, atlas_control_set_cr0, CR0 | ATLAS_CR0_NW | ATLAS_CR0_CD, ATLAS_RULE_NONE },
  { running, atlas_control_set_cr0, CR0 & ~ATLAS_CR0_PG, ATLAS_RULE_PG_IN_64_BIT },
  { with_pcid, atlas_control_set_cr0, CR0 & ~ATLAS_CR0_PG, ATLAS_RULE_PG_WITH_PCIDE },
  { with_cet, atlas_control_set_cr0, CR0 & ~ATLAS_CR0_WP, ATLAS_RULE_WP_WITH_CET },
  { starting, atlas_control_set_cr0, CR0, ATLAS_RULE_NONE },

  { running, atlas_control_set_cr3, 0x2000, ATLAS_RULE_NONE },
  { running, atlas_control_set_cr3, ATLAS_BIT (45), ATLAS_RULE_NONE },
  { running, atlas_control_set_cr3, ATLAS_BIT (46), ATLAS_RULE_RESERVED_BIT },
  { running, atlas_control_set_cr3, ATLAS_BIT (60), ATLAS_RULE_RESERVED_BIT },
  { running, atlas_control_set_cr3, ATLAS_BIT (61) | ATLAS_BIT (62), ATLAS_RULE_NONE },
  { on_amd, atlas_control_set_cr3, ATLAS_BIT (61), ATLAS_RULE_RESERVED_BIT },
  { running, atlas_control_set_cr3, ATLAS_BIT (63) | 0x2000, ATLAS_RULE_RESERVED_BIT },
  { with_pcid, atlas_control_set_cr3, ATLAS_BIT (63) | 0x2000, ATLAS_RULE_NONE },

  { running, atlas_control_set_cr4, CR4 ^ ATLAS_CR4_PGE, ATLAS_RULE_NONE },
  { running, atlas_control_set_cr4, CR4 & ~ATLAS_CR4_PAE, ATLAS_RULE_PAE_IN_LONG_MODE },
  { starting, atlas_control_set_cr4, CR4 & ~ATLAS_CR4_PAE, ATLAS_RULE_NONE },
  { running, atlas_control_set_cr4, CR4 | ATLAS_CR4_LA57, ATLAS_RULE_LA57_IN_LONG_MODE },
  { starting, atlas_control_set_cr4, CR4 | ATLAS_CR4_LA57, ATLAS_RULE_NONE },
  { running, atlas_control_set_cr4, CR4 | ATLAS_CR4_PCIDE, ATLAS_RULE_NONE },
  { starting, atlas_control_set_cr4, CR4 | ATLAS_CR4_PCIDE, ATLAS_RULE_PCIDE_NEEDS_LONG_MODE },
  { with_pcid, atlas_control_set_cr4, CR4 | ATLAS_CR4_PCIDE, ATLAS_RULE_NONE },
  { with_pcid, atlas_control_set_cr4, CR4, ATLAS_RULE_NONE },
  { running, atlas_control_set_cr4, CR4 | ATLAS_CR4_CET, ATLAS_RULE_NONE },
  { running, atlas_control_set_cr4, CR4 | ATLAS_BIT (15), ATLAS_RULE_RESERVED_BIT },
  { running, atlas_control_set_cr4, CR4 | ATLAS_BIT (63), ATLAS_RULE_RESERVED_BIT },
  { running, atlas_control_set_cr4, CR4 | ATLAS_CR4_LAM_SUP | ATLAS_CR4_LASS, ATLAS_RULE_NONE },
  { on_amd, atlas_control_set_cr4, CR4 | ATLAS_CR4_PKS, ATLAS_RULE_RESERVED_BIT },
  { on_amd, atlas_control_set_cr4, CR4 | ATLAS_CR4_PKE, ATLAS_RULE_NONE },

  { running, atlas_control_set_efer, ATLAS_EFER_LME | ATLAS_EFER_SCE, ATLAS_RULE_NONE },
  { running, atlas_control_set_efer, ATLAS_EFER_NXE, ATLAS_RULE_LME_WITH_PG },
  { starting, atlas_control_set_efer, 0, ATLAS_RULE_NONE },
  { running, atlas_control_set_efer, ATLAS_EFER_LME | ATLAS_BIT (15), ATLAS_RULE_RESERVED_BIT },
  { on_amd, atlas_control_set_efer, ATLAS_EFER_LME | ATLAS_BIT (15), ATLAS_RULE_NONE },

  { running, atlas_control_set_pat, 0x0007040600070406, ATLAS_RULE_NONE },
  { running, atlas_control_set_pat, 0x0007040600070402, ATLAS_RULE_PAT_ENCODING },
  { running, atlas_control_set_pat, 0x0307040600070406, ATLAS_RULE_PAT_ENCODING },
  { running, atlas_control_set_pat, 0x0007040608070406, ATLAS_RULE_PAT_ENCODING },

  { running, atlas_control_set_pkrs, 0xffffffff, ATLAS_RULE_NONE },
  { running, atlas_control_set_pkrs, ATLAS_BIT (32), ATLAS_RULE_UPPER_HALF },
  { running, atlas_control_set_pkru, 0, ATLAS_RULE_NO_PKE },
  /* clang-format on */
};

static void
test_transitions (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AtlasControl before = cases[i].before ();
      AtlasControl control = before;
      AtlasControlRule rule = cases[i].set (&control, cases[i].value);

      g_test_message ("case %u", i);
      g_assert_cmpint (rule, ==, cases[i].rule);
      if (rule != ATLAS_RULE_NONE)
        g_assert_cmpmem (&control, sizeof control, &before, sizeof before);
    }
}

static void
test_what_is_kept (void)
{
  AtlasControl control = with_pcid ();

  atlas_control_set_cr3 (&control, ATLAS_BIT (63) | 0x2007);
  g_assert_cmphex (control.cr3, ==, 0x2007);

  /* LMA follows LME and PG; writing it does nothing. */
  control = starting ();
  g_assert_cmpint (atlas_control_set_cr0 (&control, CR0), ==, ATLAS_RULE_NONE);
  g_assert_cmphex (control.efer, ==, ATLAS_EFER_LME | ATLAS_EFER_LMA);
  atlas_control_set_efer (&control, ATLAS_EFER_LME | ATLAS_EFER_NXE);
  g_assert_cmphex (control.efer, ==, ATLAS_EFER_LME | ATLAS_EFER_LMA | ATLAS_EFER_NXE);

  control = starting ();
  control.efer = 0;
  g_assert_cmpint (atlas_control_set_cr0 (&control, CR0), ==, ATLAS_RULE_NOT_MODELLED);
  control = starting ();
  control.cr4 = 0;
  g_assert_cmpint (atlas_control_set_cr0 (&control, CR0), ==, ATLAS_RULE_PG_NEEDS_PAE);
  control = starting ();
  control.cr0 &= ~ATLAS_CR0_WP;
  g_assert_cmpint (
    atlas_control_set_cr4 (&control, CR4 | ATLAS_CR4_CET), ==, ATLAS_RULE_WP_WITH_CET);
  control = with_pcid ();
  control.cr4 &= ~ATLAS_CR4_PCIDE;
  g_assert_cmpint (
    atlas_control_set_cr4 (&control, CR4 | ATLAS_CR4_PCIDE), ==, ATLAS_RULE_PCIDE_NEEDS_PCID_0);
  control = running ();
  control.cr4 |= ATLAS_CR4_PKE;
  g_assert_cmpint (atlas_control_set_pkru (&control, 0x55555554), ==, ATLAS_RULE_NONE);
  g_assert_cmphex (control.pkru, ==, 0x55555554);
  g_assert_cmpint (atlas_control_set_pkru (&control, ATLAS_BIT (40)), ==, ATLAS_RULE_UPPER_HALF);
}

static void
test_every_rule_has_words (void)
{
  for (guint i = 0; i < ATLAS_N_RULES; i++)
    g_assert_cmpuint (strlen (atlas_control_rule_get_text ((AtlasControlRule) i)), >, 10);
}

static void
test_root_is_never_pcid_nor_lam (void)
{
  AtlasControl control = running ();

  control.cr3 = ATLAS_CR3_LAM_U57 | ATLAS_CR3_LAM_U48 | 0x123456789fff;
  g_assert_cmphex (atlas_control_get_root_pa (&control), ==, 0x123456789000);
  control.maxphyaddr_bits = 52;
  control.cr3 = G_MAXUINT64;
  g_assert_cmphex (atlas_control_get_root_pa (&control), ==, ATLAS_BITS (51, 12));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control/transitions", test_transitions);
  g_test_add_func ("/control/what-is-kept", test_what_is_kept);
  g_test_add_func ("/control/every-rule-has-words", test_every_rule_has_words);
  g_test_add_func ("/control/root-is-never-pcid-nor-lam", test_root_is_never_pcid_nor_lam);
  return g_test_run ();
}
