/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/control.h"

#include <glib/gi18n-lib.h>

/* PA0…PA3 = WB, WC, UC-, UC, repeated: Windows gives PWT alone the meaning "write-combining".
 * A choice: read from debugger output, not from documentation. */
#define WINDOWS_PAT G_GUINT64_CONSTANT (0x0007010600070106)

/* A choice: what current client and server processors of both makers reach or exceed. */
#define WINDOWS_MAXPHYADDR_BITS 46

AtlasControl
atlas_control_windows (AtlasPa root_pa)
{
  return (AtlasControl){
    .cr0 = ATLAS_CR0_PE | ATLAS_CR0_WP | ATLAS_CR0_PG,
    .cr3 = root_pa,
    .cr4 = ATLAS_CR4_PAE | ATLAS_CR4_PGE | ATLAS_CR4_SMEP | ATLAS_CR4_SMAP,
    .efer = ATLAS_EFER_LME | ATLAS_EFER_LMA | ATLAS_EFER_NXE,
    .pat = WINDOWS_PAT,
    .maxphyaddr_bits = WINDOWS_MAXPHYADDR_BITS,
    .has_page_1gb = TRUE,
  };
}

/* ---- Legal changes ---- */

/* Intel SDM vol. 3A §2.5: VME…UMIP, LA57, VMXE, SMXE, FSGSBASE…SMAP, PKE, CET, PKS, UINTR, LASS,
 * LAM_SUP. Every processor here has all of them; those of AMD lack the second group. */
#define CR4_DEFINED                                                                                \
  (ATLAS_BITS (14, 0) | ATLAS_BITS (18, 16) | ATLAS_BITS (25, 19) | ATLAS_CR4_LASS |               \
   ATLAS_CR4_LAM_SUP)
#define CR4_INTEL_ONLY                                                                             \
  (ATLAS_BIT (14) | ATLAS_BIT (19) | ATLAS_CR4_PKS | ATLAS_BIT (25) | ATLAS_CR4_LASS |             \
   ATLAS_CR4_LAM_SUP)

#define EFER_DEFINED (ATLAS_EFER_SCE | ATLAS_EFER_LME | ATLAS_EFER_LMA | ATLAS_EFER_NXE)
/* SVME, LMSLE, FFXSR, TCE, MCOMMIT, INTWB, UAIE, AIBRSE. AMD64 manual vol. 2 §3.1.7. */
#define EFER_AMD_ONLY (ATLAS_BITS (15, 12) | ATLAS_BITS (18, 17) | ATLAS_BITS (21, 20))

const char *
atlas_control_rule_get_text (AtlasControlRule rule)
{
  static const char *const texts[] = {
    [ATLAS_RULE_NONE] = N_ ("The change is legal."),
    [ATLAS_RULE_UPPER_HALF] = N_ ("Bits 63–32 must be 0."),
    [ATLAS_RULE_PG_NEEDS_PE] = N_ ("Paging (CR0.PG) needs protected mode (CR0.PE)."),
    [ATLAS_RULE_NW_NEEDS_CD] = N_ ("CR0.NW may be 1 only while CR0.CD is 1."),
    [ATLAS_RULE_PG_NEEDS_PAE] = N_ ("With EFER.LME, paging needs CR4.PAE."),
    [ATLAS_RULE_PG_IN_64_BIT] =
      N_ ("64-bit code cannot switch paging off: it must first go through "
          "compatibility mode."),
    [ATLAS_RULE_PG_WITH_PCIDE] = N_ ("Paging cannot be switched off while CR4.PCIDE is 1."),
    [ATLAS_RULE_WP_WITH_CET] = N_ ("CR4.CET needs CR0.WP."),
    [ATLAS_RULE_PAE_IN_LONG_MODE] = N_ ("CR4.PAE cannot be cleared in long mode."),
    [ATLAS_RULE_LA57_IN_LONG_MODE] =
      N_ ("The number of levels (CR4.LA57) cannot change in long mode."),
    [ATLAS_RULE_PCIDE_NEEDS_LONG_MODE] = N_ ("CR4.PCIDE needs long mode."),
    [ATLAS_RULE_PCIDE_NEEDS_PCID_0] =
      N_ ("CR4.PCIDE can be set only while bits 11–0 of CR3 are 0."),
    [ATLAS_RULE_RESERVED_BIT] =
      N_ ("A reserved bit, or one that this processor does not have, is 1."),
    [ATLAS_RULE_LME_WITH_PG] = N_ ("EFER.LME cannot change while paging is on."),
    [ATLAS_RULE_PAT_ENCODING] = N_ ("Each byte of IA32_PAT must be 0, 1, 4, 5, 6 or 7."),
    [ATLAS_RULE_NO_PKE] = N_ ("WRPKRU needs CR4.PKE."),
    [ATLAS_RULE_MTRR_TYPE] = N_ ("Each memory type of an MTRR must be 0, 1, 4, 5 or 6."),
    [ATLAS_RULE_READ_ONLY] = N_ ("The register can only be read."),
    [ATLAS_RULE_NO_REGISTER] = N_ ("The processor has no such register."),
    [ATLAS_RULE_NOT_MODELLED] =
      N_ ("This would start 32-bit paging, which VM Atlas does not model."),
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (texts) == ATLAS_N_RULES);

  g_return_val_if_fail ((guint) rule < ATLAS_N_RULES, NULL);

  return texts[rule];
}

static gboolean
is_long_mode (const AtlasControl *control)
{
  return (control->efer & ATLAS_EFER_LMA) != 0;
}

AtlasControlRule
atlas_control_set_cr0 (AtlasControl *control, guint64 value)
{
  g_return_val_if_fail (control != NULL, ATLAS_RULE_NONE);

  guint64 changed = control->cr0 ^ value;

  if (value >> 32 != 0)
    return ATLAS_RULE_UPPER_HALF;
  if ((value & ATLAS_CR0_PG) != 0 && (value & ATLAS_CR0_PE) == 0)
    return ATLAS_RULE_PG_NEEDS_PE;
  if ((value & ATLAS_CR0_NW) != 0 && (value & ATLAS_CR0_CD) == 0)
    return ATLAS_RULE_NW_NEEDS_CD;
  if ((value & ATLAS_CR0_WP) == 0 && (control->cr4 & ATLAS_CR4_CET) != 0)
    return ATLAS_RULE_WP_WITH_CET;
  if ((changed & ATLAS_CR0_PG) != 0 && (value & ATLAS_CR0_PG) == 0)
    {
      if ((control->cr4 & ATLAS_CR4_PCIDE) != 0)
        return ATLAS_RULE_PG_WITH_PCIDE;
      if (is_long_mode (control))
        return ATLAS_RULE_PG_IN_64_BIT;
    }
  if ((changed & ATLAS_CR0_PG) != 0 && (value & ATLAS_CR0_PG) != 0)
    {
      if ((control->efer & ATLAS_EFER_LME) == 0)
        return ATLAS_RULE_NOT_MODELLED;
      if ((control->cr4 & ATLAS_CR4_PAE) == 0)
        return ATLAS_RULE_PG_NEEDS_PAE;
      control->efer |= ATLAS_EFER_LMA;
    }
  control->cr0 = value;
  return ATLAS_RULE_NONE;
}

AtlasControlRule
atlas_control_set_cr3 (AtlasControl *control, guint64 value)
{
  g_return_val_if_fail (control != NULL, ATLAS_RULE_NONE);

  guint64 reserved = ATLAS_BITS (60, 0) & ~(ATLAS_BIT (control->maxphyaddr_bits) - 1);

  if (control->is_amd)
    reserved |= ATLAS_CR3_LAM_U48 | ATLAS_CR3_LAM_U57;
  if ((control->cr4 & ATLAS_CR4_PCIDE) == 0)
    reserved |= ATLAS_CR3_NO_INVALIDATE;
  if (is_long_mode (control) && (value & reserved) != 0)
    return ATLAS_RULE_RESERVED_BIT;
  control->cr3 = value & ~ATLAS_CR3_NO_INVALIDATE;
  return ATLAS_RULE_NONE;
}

AtlasControlRule
atlas_control_set_cr4 (AtlasControl *control, guint64 value)
{
  g_return_val_if_fail (control != NULL, ATLAS_RULE_NONE);

  guint64 changed = control->cr4 ^ value;
  guint64 defined = control->is_amd ? CR4_DEFINED & ~CR4_INTEL_ONLY : CR4_DEFINED;

  if ((value & ~defined) != 0)
    return ATLAS_RULE_RESERVED_BIT;
  if (is_long_mode (control) && (value & ATLAS_CR4_PAE) == 0)
    return ATLAS_RULE_PAE_IN_LONG_MODE;
  if (is_long_mode (control) && (changed & ATLAS_CR4_LA57) != 0)
    return ATLAS_RULE_LA57_IN_LONG_MODE;
  if ((changed & value & ATLAS_CR4_PCIDE) != 0)
    {
      if (!is_long_mode (control))
        return ATLAS_RULE_PCIDE_NEEDS_LONG_MODE;
      if ((control->cr3 & ATLAS_CR3_PCID_MASK) != 0)
        return ATLAS_RULE_PCIDE_NEEDS_PCID_0;
    }
  if ((value & ATLAS_CR4_CET) != 0 && (control->cr0 & ATLAS_CR0_WP) == 0)
    return ATLAS_RULE_WP_WITH_CET;
  control->cr4 = value;
  return ATLAS_RULE_NONE;
}

AtlasControlRule
atlas_control_set_efer (AtlasControl *control, guint64 value)
{
  g_return_val_if_fail (control != NULL, ATLAS_RULE_NONE);

  guint64 changed = control->efer ^ value;
  guint64 defined = control->is_amd ? EFER_DEFINED | EFER_AMD_ONLY : EFER_DEFINED;

  if ((value & ~defined) != 0)
    return ATLAS_RULE_RESERVED_BIT;
  if ((changed & ATLAS_EFER_LME) != 0 && (control->cr0 & ATLAS_CR0_PG) != 0)
    return ATLAS_RULE_LME_WITH_PG;
  control->efer = (value & ~ATLAS_EFER_LMA) | (control->efer & ATLAS_EFER_LMA);
  return ATLAS_RULE_NONE;
}

AtlasControlRule
atlas_control_set_pat (AtlasControl *control, guint64 value)
{
  g_return_val_if_fail (control != NULL, ATLAS_RULE_NONE);

  for (guint i = 0; i < 8; i++)
    {
      guint8 encoding = (guint8) (value >> (8 * i));

      if (encoding > 7 || encoding == 2 || encoding == 3)
        return ATLAS_RULE_PAT_ENCODING;
    }
  control->pat = value;
  return ATLAS_RULE_NONE;
}

AtlasControlRule
atlas_control_set_pkrs (AtlasControl *control, guint64 value)
{
  g_return_val_if_fail (control != NULL, ATLAS_RULE_NONE);

  if (value >> 32 != 0)
    return ATLAS_RULE_UPPER_HALF;
  control->pkrs = (guint32) value;
  return ATLAS_RULE_NONE;
}

AtlasControlRule
atlas_control_set_pkru (AtlasControl *control, guint64 value)
{
  g_return_val_if_fail (control != NULL, ATLAS_RULE_NONE);

  if ((control->cr4 & ATLAS_CR4_PKE) == 0)
    return ATLAS_RULE_NO_PKE;
  if (value >> 32 != 0)
    return ATLAS_RULE_UPPER_HALF;
  control->pkru = (guint32) value;
  return ATLAS_RULE_NONE;
}

AtlasControlRule
atlas_control_load (AtlasControl *control, const AtlasControl *wanted)
{
  g_return_val_if_fail (control != NULL && wanted != NULL, ATLAS_RULE_NONE);

  AtlasControl loaded = *control;
  AtlasControlRule rule = atlas_control_set_cr0 (&loaded, wanted->cr0);

  if (rule == ATLAS_RULE_NONE)
    rule = atlas_control_set_cr4 (&loaded, wanted->cr4);
  if (rule == ATLAS_RULE_NONE)
    rule = atlas_control_set_efer (&loaded, wanted->efer);
  if (rule == ATLAS_RULE_NONE)
    rule = atlas_control_set_pat (&loaded, wanted->pat);
  if (rule == ATLAS_RULE_NONE)
    rule = atlas_control_set_pkrs (&loaded, wanted->pkrs);
  if (rule == ATLAS_RULE_NONE && wanted->pkru != loaded.pkru)
    rule = atlas_control_set_pkru (&loaded, wanted->pkru);
  if (rule != ATLAS_RULE_NONE)
    return rule;
  loaded.rflags_ac = wanted->rflags_ac;
  *control = loaded;
  return ATLAS_RULE_NONE;
}
